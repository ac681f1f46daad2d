// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"io"
	"net/url"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/connect"
	"greenroom/internal/enrichment"
	"greenroom/internal/list"
	"greenroom/internal/member"
	"greenroom/internal/query"
)

// Lists reads the four lists.
type Lists interface {
	ListMembers(ctx context.Context, req list.Request) (list.Page[greenroom.Member], error)
	ListOrganizations(ctx context.Context, req list.Request) (list.Page[greenroom.Organization], error)
	ListActivities(ctx context.Context, req list.Request) (list.Page[greenroom.Activity], error)
	ListConversations(ctx context.Context, req list.Request) (list.Page[greenroom.Conversation], error)
}

// Objects reads one object.
type Objects interface {
	MemberObjects
	Organization(ctx context.Context, id int64) (greenroom.Organization, error)
	OrganizationRecords(ctx context.Context, id int64) ([]greenroom.BusinessRecord, error)
	Activity(ctx context.Context, id int64) (greenroom.Activity, error)
	Conversation(ctx context.Context, id int64) (greenroom.Conversation, error)
	ConversationActivities(ctx context.Context, id int64, limit int) ([]greenroom.Activity, error)
}

// MemberObjects reads a member, and what is known of the member's accounts.
type MemberObjects interface {
	Member(ctx context.Context, id int64) (greenroom.Member, error)
	MemberIdentities(ctx context.Context, member int64) ([]greenroom.Identity, error)
	// OutsideOf is what outside services said of the member's accounts.
	OutsideOf(ctx context.Context, member int64) ([]enrichment.Outside, error)
}

// Calendar counts a member's activities by day.
type Calendar interface {
	MemberDays(ctx context.Context, member int64, since time.Time, zone *time.Location) (map[string]int, error)
}

// Finder searches everything and completes queries.
type Finder interface {
	Find(ctx context.Context, text string, limit int) ([]greenroom.Member, []greenroom.Organization, []greenroom.Conversation, error)
	Lookup(ctx context.Context, f *query.Field, prefix string, limit int) ([]string, error)
}

// MemberWork changes members.
type MemberWork interface {
	Merge(ctx context.Context, into, from int64, reason, by string) (int64, error)
	Split(ctx context.Context, member int64, identities []int64, reason, by string) (decision, newMember int64, err error)
	Undo(ctx context.Context, decision int64, by string) (greenroom.Decision, error)
	History(ctx context.Context, member int64) ([]greenroom.Decision, error)
	Edit(ctx context.Context, member int64, e member.Edit, by string) error
}

// Privacy gives a member's data out, erases them, and says how long raw payloads are kept.
type Privacy interface {
	ExportMember(ctx context.Context, id int64, w io.Writer) error
	EraseMember(ctx context.Context, id int64, by string) error
	RawRetention(ctx context.Context) (days int, err error)
	SetRawRetention(ctx context.Context, days int, by string) error
	// AlertRetention is for how many days is kept what alerts told; 0 = for good.
	AlertRetention(ctx context.Context) (days int, err error)
	SetAlertRetention(ctx context.Context, days int, by string) error
}

// ConversationWork changes conversations.
type ConversationWork interface {
	IgnoreConversation(ctx context.Context, id int64, ignored bool) error
}

// Sources tells of sources.
type Sources interface {
	Sources(ctx context.Context) ([]greenroom.Source, error)
	Source(ctx context.Context, name string) (greenroom.Source, error)
	LastRuns(ctx context.Context) (map[int64]greenroom.Run, error)
	Runs(ctx context.Context, sourceID int64, limit int) ([]greenroom.Run, error)
	Rejects(ctx context.Context, runID int64, offset, limit int) ([]greenroom.Reject, error)
	LeftOut(ctx context.Context, runID int64) (map[string]int64, error)
	SourceFacts
}

// SourceFacts tells what was stored of a source.
type SourceFacts interface {
	Ledger(ctx context.Context, source int64) (greenroom.Ledger, error)
	SourceKinds(ctx context.Context, source int64) (map[greenroom.Kind]int64, error)
	SourceChannels(ctx context.Context, source int64, limit int) ([]greenroom.Channel, []int64, error)
}

// Imports starts and stops imports, which run on when the page is left.
type Imports interface {
	Specs() []connector.Spec
	Start(ctx context.Context, kind, source string, values connector.Values, by string) (greenroom.Source, error)
	Stop(ctx context.Context, source, by string) error
	// Running are the imports that run, by source.
	Running() map[string]Work
	Upload(name string) (file Upload, err error)
	// Preview says how the first rows of a table would be read, of a connector that maps columns. Where the error is in
	// how columns are taken, the sheet comes with it.
	Preview(ctx context.Context, kind string, values connector.Values, rows int) (Sheet, error)
}

// Connections connects sources and changes how they are connected.
type Connections interface {
	Trials
	Change(ctx context.Context, name string, c connect.Change) (greenroom.Source, error)
	// RenewSecret makes a new secret that signs pushes, and returns it: the only time that it can be seen.
	RenewSecret(ctx context.Context, name string) (string, error)
	Ends
	Consents
}

// Trials ask a platform before anything is stored or changed.
type Trials interface {
	// Test asks a platform whether a source that is not stored yet would work; TestSource one that is, with changed options.
	Test(ctx context.Context, kind string, values connector.Values) (connect.Tested, error)
	TestSource(ctx context.Context, name string, options map[string]string) (connect.Tested, error)
	// Survey asks what there is, before a source is stored; SurveySource of one that is.
	Survey(ctx context.Context, kind string, values connector.Values) (connect.Surveyed, error)
	SurveySource(ctx context.Context, name string, options map[string]string) (connect.Surveyed, error)
}

// Consents has platforms give tokens by consent in the browser.
type Consents interface {
	// Authorize begins a consent, and Redeem ends it with the query of the address that the person came back to. Where it was
	// not granted, Redeem tells with the error whose it was.
	Authorize(ctx context.Context, a connect.Asking) (connect.Consent, error)
	Redeem(ctx context.Context, back url.Values, by string) (connect.Granted, error)
}

// Ends are the ends of a source, and of its name.
type Ends interface {
	// Disconnect stops reading a source and forgets its secrets. What came in stays.
	Disconnect(ctx context.Context, name string) error
	// Remove has a source removed with all that came in from it, in the background; confirm is its name.
	Remove(ctx context.Context, name, confirm, by string) error
	Removals(ctx context.Context) ([]greenroom.Removal, error)
	Rename(ctx context.Context, name, to string) (greenroom.Source, error)
}

// Work is an import that runs: as far as it has come, and how fast.
type Work struct {
	Run  greenroom.Run
	Rate float64       // records a second of late; 0 = not known yet
	Left time.Duration // until it ends if it goes on like that; 0 = not known
}

// Sheet is how a table would be read.
type Sheet struct {
	Type     string // what its rows are; "auto" while that is not known
	Fields   []SheetField
	Columns  []SheetColumn
	Rows     []SheetRow
	Problems []string // of the file as a whole
}

// SheetField is something that a column can be read as.
type SheetField struct{ Name, Label string }

// SheetColumn is a column of the file, and the field that it is read as; "" = none.
type SheetColumn struct {
	Name, Field string
	Custom      bool // it becomes a custom field of its own name
	Samples     []string
}

// SheetRow is a row as it would be stored, by field, or why it would not.
type SheetRow struct {
	Line              int64
	Values            map[string]string
	Problem, Expected string
}

// Upload takes a file that a browser sends.
type Upload interface {
	Write(p []byte) (int, error)
	// Close keeps the file and returns its path on the server.
	Close() (path string, err error)
	// Discard throws it away.
	Discard()
}
