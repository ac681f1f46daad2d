// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"io"
	"log/slog"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/analytics"
	"greenroom/internal/auth"
	"greenroom/internal/list"
	"greenroom/internal/member"
	"greenroom/internal/query"
	"greenroom/internal/stack"
)

// Deps is what the API stands on. Everything is required unless its comment says otherwise. Who makes a request is not
// among it: that comes with the request's context, see auth.With.
type Deps struct {
	Log     *slog.Logger
	Now     func() time.Time
	Version string // of the program, shown to those who are signed in

	Lists         Lists
	Objects       Objects
	Sources       Sources
	Counts        Counts
	Search        func(ctx context.Context, text string, limit int) (Found, error)
	Lookup        func(ctx context.Context, f *query.Field, prefix string, limit int) ([]string, error)
	Members       Members
	Employers     Employers
	Conversations Conversations
	Connectors    []connector.Spec
	Imports       Imports
	Connect       Connections
	Metrics       Metrics
	Rebuild       func(ctx context.Context) error // throws derived state away and has it computed again, in the background
	People        People
	Tokens        Tokens
	Audit         AuditLog
	Privacy       Privacy  // nil = the operations on one member's data are left out
	Settings      Settings // nil = the operations on settings are left out
	Stack         Stack    // nil = the operations on how sources are, are left out
	Deliveries    Deliveries
	// TryMapping says what would come of deliveries by a mapping, and what is wrong with the mapping itself; CodeInvalid where
	// the connector takes none. Nil = the operation is left out.
	TryMapping          func(kind, mapping string, deliveries []greenroom.Delivery) ([]Tried, []string, error)
	Health              Health              // nil = the operations on health and scores are left out
	Actions             Actions             // nil = the operations on other systems are left out
	Readings            Readings            // nil = the operations on what messages say are left out
	Matches             Matches             // nil = what the identity model finds is left out
	Organizations       Organizations       // nil = organizations are not merged
	OrganizationMatches OrganizationMatches // nil = it is not said which organizations may be one
	Origins             Origins             // nil = it is not said which source counts for an organization
	Enrichment          Enrichment          // nil = nobody is looked up at an outside service
	Pictures            Pictures            // nil = profile pictures are not looked at
	Segments            Segments
	Programs            Programs  // nil = the operations on programs are left out
	Events              Events    // nil = the operations on events and content are left out
	SQL                 SQL       // nil = nothing is asked in SQL
	Studies             Studies   // nil = nobody is looked for
	Topics              Topics    // nil = the operations on topics are left out
	Assistant           Assistant // nil = the operations that ask a language model are left out
	Reported            Reported  // nil = figures are given as they are today only
	Writing             Writing   // nil = the operations on writing to members are left out
	Bounces             Bounces   // nil = the operations on mail that comes back are left out
	Digests             Digests   // nil = the operations on the digest are left out
	Inbox               Inbox     // nil = the operations on the inbox are left out
	Tasks               Tasks     // nil = those on tasks and notices are
	Workflows           Workflows // nil = the operations on workflows are left out
	Outbox              Outbox    // nil = the operations on what is sent are left out
	Alerts              Alerts    // nil = the operations on alerts are left out
	Sending             Sending   // nil = the operations on destinations and on the rules of writing to members are left out
	// PublicPages: nil = the operations on the pages that members see are left out
	PublicPages PublicPages
	Recognition Recognition // nil = the operations on recognition are left out
	Requests    Requests    // nil = the operations on requests are left out
	Surveys     Surveys     // nil = the operations on surveys are left out
	Pushes      Pushes      // nil = the operations that push into warehouses and repeat actions are left out
	Goals       Goals       // nil = the operations on goals are left out
	Plans       Plans       // nil = the operations on the roadmap are left out
	Accounts    Accounts    // nil = the operations on accounts and business data are left out
	Proof       Proof       // nil = the operations on impact are left out
	Knowledge   Knowledge   // nil = the operations on documents are left out
	Tools       Tools       // nil = the operations on the tech stack are left out
	Maturity    Maturity    // nil = the operations on maturity are left out
	Processes   Processes   // nil = the operations on processes are left out
	Crew        Crew        // nil = the operations on the team are left out
	Reports     Reports     // nil = the operations on reports are left out
}

// Stack says how the sources are; stack.Service does.
type Stack interface {
	Report(ctx context.Context, source string) (*stack.Report, error)
	Reports(ctx context.Context) ([]stack.Report, error)
}

// Deliveries are what platforms pushed.
type Deliveries interface {
	LastDeliveries(ctx context.Context, sourceID int64, limit int) ([]greenroom.Delivery, error)
	RetryDeliveries(ctx context.Context, sourceID int64) (int64, error)
}

// Lists reads the lists that take a query.
type Lists interface {
	ListMembers(ctx context.Context, req list.Request) (list.Page[greenroom.Member], error)
	ListOrganizations(ctx context.Context, req list.Request) (list.Page[greenroom.Organization], error)
	ListActivities(ctx context.Context, req list.Request) (list.Page[greenroom.Activity], error)
	ListConversations(ctx context.Context, req list.Request) (list.Page[greenroom.Conversation], error)
}

// Objects reads single objects. What is not there is an error of CodeNotFound.
type Objects interface {
	// Member of one that was merged gives the member that it is part of now.
	Member(ctx context.Context, id int64) (greenroom.Member, error)
	MemberIdentities(ctx context.Context, member int64) ([]greenroom.Identity, error)
	Organization(ctx context.Context, id int64) (greenroom.Organization, error)
	Activity(ctx context.Context, id int64) (greenroom.Activity, error)
	ActivityPayload(ctx context.Context, id int64) ([]byte, error)
	Conversation(ctx context.Context, id int64) (greenroom.Conversation, error)
	// ConversationActivities gives the first of them, in order of time.
	ConversationActivities(ctx context.Context, id int64, limit int) ([]greenroom.Activity, error)
}

// Sources reads what is connected and how reading it went.
type Sources interface {
	Sources(ctx context.Context) ([]greenroom.Source, error)
	Source(ctx context.Context, name string) (greenroom.Source, error)
	LastRuns(ctx context.Context) (map[int64]greenroom.Run, error)
	Runs(ctx context.Context, source int64, limit int) ([]greenroom.Run, error)
	Rejects(ctx context.Context, run int64, offset, limit int) ([]greenroom.Reject, error)
	LeftOut(ctx context.Context, run int64) (map[string]int64, error)
}

// Counts counts what is stored. Source 0 is all of them.
type Counts interface {
	Overview(ctx context.Context) (greenroom.Overview, error)
	Ledger(ctx context.Context, source int64) (greenroom.Ledger, error)
	SourceKinds(ctx context.Context, source int64) (map[greenroom.Kind]int64, error)
	SourceChannels(ctx context.Context, source int64, limit int) ([]greenroom.Channel, []int64, error)
}

// Members changes members; member.Service does.
type Members interface {
	Merge(ctx context.Context, into, from int64, reason, by string) (decision int64, err error)
	Split(ctx context.Context, member int64, identities []int64, reason, by string) (decision, newMember int64, err error)
	Undo(ctx context.Context, decision int64, by string) (greenroom.Decision, error)
	History(ctx context.Context, member int64) ([]greenroom.Decision, error)
	Edit(ctx context.Context, member int64, e member.Edit, by string) error
}

// Conversations changes conversations.
type Conversations interface {
	IgnoreConversation(ctx context.Context, id int64, ignored bool) error
}

// Import is a request to read a source in the background.
type Import struct {
	Spec   connector.Spec
	Source string // its name
	Values connector.Values
}

// Imports reads sources in the background.
type Imports interface {
	// StartImport returns as soon as the run is recorded. CodeInvalid when the connector refuses the options,
	// CodeConflict when the source is being read already or is of another kind.
	StartImport(ctx context.Context, i Import) (greenroom.Source, greenroom.Run, error)
	// RunningImport returns the run of the source that goes on in this process, with its counts of now.
	RunningImport(source string) (greenroom.Run, bool)
	// StopImport stops it and waits until it has ended. CodeNotFound when none is running.
	StopImport(ctx context.Context, source string) error
}

// Metrics computes figures; analytics.Engine does.
type Metrics interface {
	Compute(ctx context.Context, r analytics.Request) (*analytics.Result, error)
	// Records gives the query that lists what a point of the result counted. CodeInvalid where no query says it.
	Records(r analytics.Request, res *analytics.Result, point int) (query.Entity, string, error)
}

// People manages who may sign in; auth.Service does.
type People interface {
	Users(ctx context.Context, c auth.Caller) ([]auth.User, error)
	SetRole(ctx context.Context, c auth.Caller, id int64, role auth.Role) (auth.User, error)
	SetDisabled(ctx context.Context, c auth.Caller, id int64, disabled bool) (auth.User, error)
	LinkFor(ctx context.Context, c auth.Caller, id int64) (auth.Link, error)
	Invite(ctx context.Context, c auth.Caller, email string, role auth.Role) (auth.Link, error)
	Invitations(ctx context.Context, c auth.Caller) ([]auth.Invitation, error)
	RevokeInvitation(ctx context.Context, c auth.Caller, id string) error
}

// Tokens manages API tokens; auth.Service does.
type Tokens interface {
	CreateToken(ctx context.Context, c auth.Caller, n auth.NewToken) (auth.Secret, auth.Token, error)
	Tokens(ctx context.Context, c auth.Caller, user int64) ([]auth.Token, error)
	RevokeToken(ctx context.Context, c auth.Caller, id int64) error
}

// AuditLog keeps who did what; auth.Service does.
type AuditLog interface {
	Audit(ctx context.Context, c auth.Caller, action, target, detail string) error
	AuditPage(ctx context.Context, c auth.Caller, f auth.Filter) (entries []auth.Entry, next int64, err error)
}

// Settings are for everybody. Changes are noted in the audit log.
type Settings interface {
	// Zone is the time zone in which days begin.
	Zone() *time.Location
	// SetZone sets it by its name; "" is the one that the server was started with.
	SetZone(ctx context.Context, name string) error
	// RawRetention is for how many days raw payloads are kept; 0 = for good.
	RawRetention(ctx context.Context) (days int, err error)
	// SetRawRetention sets it, and removes at once what is older.
	SetRawRetention(ctx context.Context, days int, by string) error
	// AlertRetention is for how many days is kept what alerts told; 0 = for good.
	AlertRetention(ctx context.Context) (days int, err error)
	SetAlertRetention(ctx context.Context, days int, by string) error
}

// Privacy answers requests of people about their own data.
type Privacy interface {
	// ExportMember writes everything that is stored about a member as one JSON object. It writes nothing when it returns
	// CodeNotFound.
	ExportMember(ctx context.Context, member int64, w io.Writer) error
	// EraseMember removes a member's data for good.
	EraseMember(ctx context.Context, member int64, by string) error
}
