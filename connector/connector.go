// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package connector is the contract between Greenroom and the places a community lives in.
//
// A connector reads one kind of source and tells what it saw as facts: channels, identities, activities, organizations
// and business records, each with the raw payload that it was read from. It knows nothing of ids, stores or members: it
// names things by the source's own external ids, and whoever receives the facts resolves them.
//
// Every connector is a twin of every other: a folder with a Spec function (what it is called, which options it takes), a
// Source that reads, a map.go that turns wire types into facts, and testdata in the platform's format. One conformance
// suite, package connectortest, runs against all of them. Package connector/all holds the explicit list.
//
// # Reading
//
// Source.Read pushes facts into a Sink and calls Sink.Checkpoint wherever it could go on from after a restart. What was
// pushed before a checkpoint is stored together with the checkpoint's cursor in one transaction, or not at all. A source
// is read again from a cursor in the same order with the same result, as long as the source itself has not changed.
// Memory does not grow with the size of the source: a connector streams, and the sink flushes at checkpoints.
//
// # Bad records
//
// A record that cannot be read is passed to Sink.Reject with file, line, reason and what was expected, and reading goes
// on. Read returns an error only when nothing further can be read at all (no such folder, not a zip, access denied).
package connector

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"greenroom"
)

// Spec describes a connector. Settings forms, command-line flags and documentation are made from it.
type Spec struct {
	Kind     string   // how it is called, e.g. "slack-export"
	Title    string   // e.g. "Slack workspace export"
	Platform string   // what is behind it, e.g. "slack"; connectors of one platform share it
	Summary  string   // one sentence: what comes in
	Help     string   // how to get the export or the address, in Markdown, for a community manager
	Business bool     // a business system: its people are contacts until they act in the community
	Primary  string   // the name of the option that a bare path or address fills
	Options  []Option // in the order of the form
	New      func(Env, Values) (Source, error)

	// Incremental says that the last checkpoint of a read that came to its end is where the next read begins. Without it
	// the next read begins at the start, as a file does that may have been replaced.
	Incremental bool

	Group    Group         // where it stands in the gallery
	Keywords []string      // what else people search it by, e.g. "chat"
	Rhythm   time.Duration // how often it is read again by itself, unless the source says otherwise; 0 = only when told to
	Scopes   []Scope       // what the credential needs
	Limits   string        // the platform's published limits and what they mean for a backfill, Markdown; "" = none known
	Push     *Push         // nil = no webhooks: the platform is asked in its rhythm, or Streams
	Streams  bool          // the platform pushes over a connection that the Source opens (Streamer), beside Push or without
	Watches  bool          // the platform tells over a connection that the Source opens that there is something to read (Watcher)
	Manifest []Manifest

	OAuth  *OAuth  // nil = tokens are entered by hand only
	Expiry *Expiry // nil = what came in may be kept

	// Owners says that only owners may connect it: it reaches what stands in the server's own network.
	Owners bool
}

// Every is how often a source is read by itself; 0 = only when told to.
func (s *Spec) Every(src *greenroom.Source) time.Duration {
	switch {
	case src.Rhythm < 0:
		return 0
	case src.Rhythm > 0:
		return time.Duration(src.Rhythm) * time.Second
	}
	return s.Rhythm
}

// OptionType is the type of an option's value.
type OptionType string

// The option types.
const (
	Text    OptionType = "text"
	Path    OptionType = "path"    // a file or folder on the server
	Address OptionType = "address" // a URL that the user enters; requests to it pass the SSRF guard
	Secret  OptionType = "secret"  // sealed at rest, never shown
	Bool    OptionType = "bool"
	Number  OptionType = "number"
	Choice  OptionType = "choice"
	Mapping OptionType = "mapping" // "field=column" pairs, comma-separated
	List    OptionType = "list"    // entries parted by commas or line ends
	Since   OptionType = "since"   // how far back: a day "2025-01-31", a span "90d", "12w", "6m", "2y", or "all"
	Long    OptionType = "long"    // text of several lines, such as a query
)

// Option is one setting of a connector.
type Option struct {
	Name     string // lower case with dashes: the flag's name and the key in Values
	Label    string
	Help     string
	Type     OptionType
	Required bool
	Default  string
	Choices  []string
	Example  string
	// FromSurvey says that the entries of a List name places: once a survey has told what there is, people choose from it
	// instead of typing. What an entry is called there is Place.Entry.
	FromSurvey bool
}

// Values are the settings of one source, by option name.
type Values map[string]string

// Env is what a connector may use of the world.
type Env struct {
	Log  *slog.Logger
	Now  func() time.Time
	HTTP *http.Client // guarded by its owner where the address comes from a user; nil where there is no network

	// Meter counts requests and keeps the platform's budgets; nil counts nothing.
	Meter *Meter
	// Sleep waits, or returns ctx's error when it is canceled before; nil = really wait.
	Sleep func(ctx context.Context, d time.Duration) error
	// Keep stores a new value of one of the source's options, for platforms that give a new refresh token with each use of
	// the last one; nil where the source is not stored.
	Keep func(ctx context.Context, option, value string) error

	// Hook is where what is pushed to this source arrives, for connectors that ask for it themselves (Push.Asks); "" = nothing
	// does, since the server was not told its public address. Of a source that is not stored it only says whether there is one.
	Hook string
	// HookKey is a secret that this source alone has, for what it tells those whom it asks for pushes. It stays the same as
	// long as the source's name and the server's key do; "" = the source is not stored.
	HookKey string
}

// Source reads one configured source.
type Source interface {
	// Read pushes everything after the cursor (from the start where it is empty) into the sink, and returns nil when the
	// source is exhausted, ctx's error when it is canceled, and another error when nothing further can be read.
	Read(ctx context.Context, from Cursor, out *Sink) error
}

// Cursor is a place in a source from which reading can go on: a small JSON text that only its connector understands.
// Empty means the start.
type Cursor string

// Progress says how far a read has come.
type Progress struct {
	Done, Total int64  // Total 0 = not known
	Unit        string // "bytes", "files", "records"
	Phase       string // what is being read now, e.g. "#general 2025-03-01"
}

// RawRef points at a payload of the batch; the zero value means none.
type RawRef int32

// Channel is a place inside the source.
type Channel struct {
	ExternalID string // required, unique within the source
	Name       string // without a leading "#"; ExternalID where empty
	URL        string
	Threadless bool // messages without a Thread are cut into conversations by reply, mention and time
	Raw        RawRef
}

// Identity is an account on the source. Fields left empty say nothing: they never erase what is known.
type Identity struct {
	ExternalID string // required, unique within the source
	Handle     string
	Name       string
	Emails     []greenroom.Email
	AvatarURL  string
	ProfileURL string // the account's own public address on the platform
	Bio        string
	Location   string
	TimeZone   string // IANA name or "+02:00"
	Company    string
	JobTitle   string
	Links      []string // other profiles that this account points at, as whole URLs
	Bot        bool
	Staff      bool
	Deleted    bool
	JoinedAt   time.Time
	Fields     map[string]string // custom fields of the member
	Tags       []string          // tags of the member
	Raw        RawRef
}

// Activity is a dated fact.
type Activity struct {
	ExternalID string // required, unique within the source, stable over re-reads
	Kind       greenroom.Kind
	Channel    string    // external id of the channel; "" = none
	Author     string    // external id of the identity; "" = the source does not say who
	OccurredAt time.Time // required
	// EditedAt is when the source last changed it, by the source's clock; zero = never. It says which of two tellings is
	// the newer one: one whose EditedAt (or OccurredAt, where that is later) lies before that of what is stored changes
	// nothing, so deliveries that arrive in another order do no harm. A deletion carries the time of the deletion here.
	EditedAt time.Time
	Deleted  bool   // the source says that it was deleted; OccurredAt may then be zero
	Thread   string // key of the conversation within the source, by convention the root's external id; "" = none, or cut by time in a threadless channel
	ReplyTo  string // external id of the activity that it directly answers
	Question bool   // the platform itself says that it asks; otherwise the text is judged
	Title    string
	Body     string // plain text or Markdown; HTML is turned into text by the connector
	URL      string
	Mentions []string // external ids of identities that it mentions
	Raw      RawRef
}

// ToldAt is when this telling of the activity was true, by the source's clock: at its last change, or when it happened.
func (a *Activity) ToldAt() time.Time {
	if a.EditedAt.After(a.OccurredAt) {
		return a.EditedAt
	}
	return a.OccurredAt
}

// Conversation is what the source itself says of a conversation. Fields left empty say nothing.
type Conversation struct {
	Thread     string // required, but see Deleted: the key that activities carry
	Title      string
	URL        string
	State      greenroom.State // StateResolved, or StateOpen where the source says that it was opened again
	ResolvedAt time.Time
	UpdatedAt  time.Time // when the source says so: an older telling changes nothing; zero = not told
	ResolvedBy string    // external id of the activity that resolved it, e.g. the accepted answer
	// Deleted says that the platform has taken it away with all that was said in it, at UpdatedAt: what is stored of it until
	// then is deleted, as if that had been told of each activity. A source that does not know the key any more gives the URL
	// alone.
	Deleted bool `json:",omitzero"`
	// Listed says that the source has just listed all that it has of some kinds in the conversation, for platforms that do not
	// tell what was deleted. Nil = nothing was listed.
	Listed *Listing `json:",omitzero"`
}

// Listing is all that a source has of some kinds in one conversation. What is stored of these kinds, was told of until At and
// is not in the list is deleted. It comes back when it is told of again.
type Listing struct {
	Kinds []greenroom.Kind
	IDs   []string  // external ids of the activities
	At    time.Time // all that there was then is in the list; by the platform's clock, or early enough
}

// Organization is a company or group known to the source.
type Organization struct {
	ExternalID string // unique within the source; the domain or name where the source has no id
	Name       string
	Domains    []string
	Lifecycle  string // prospect, trial, customer, churned, partner, other
	Size       int64
	Country    string
	Tags       []string
	Fields     map[string]string
	URL        string // where people see it on the platform; "" = not known
	Parent     string // external id of the organization that it is below; "" = none. It may be told later, or never
	Raw        RawRef
}

// Record is a deal, a support case or a subscription.
type Record struct {
	ExternalID   string // required, unique within the source and Type
	Type         string // "deal", "case", "subscription"
	Name         string
	Organization string // external id, domain or name of the organization; "" = none
	Identity     string // external id of the identity it concerns; "" = none
	Stage        string
	Amount       float64
	Currency     string // ISO 4217
	OpenedAt     time.Time
	ClosedAt     time.Time
	UpdatedAt    time.Time     // when the source last changed it: an older telling changes nothing; zero = not told
	Stages       []StageChange // the stages it went through, as far as the source tells; what is known before is kept
	Deleted      bool          // the source says that it was deleted
	Fields       map[string]string
	Raw          RawRef
}

// StageChange is a step of a business record.
type StageChange struct {
	Stage string
	At    time.Time
}

// Membership says that an identity belongs to an organization.
type Membership struct {
	Identity     string // external id
	Organization string // external id, domain or name
	// Since is the first day on which it belongs to it, where the source tells that. Zero = not told: where a business system
	// told another organization before, it counts from the day on which it is told.
	Since time.Time
}

// Same says that two identities are certainly one person, by the source's own word.
type Same struct {
	A, B   string // external ids; B may be an identity of another source when BKey is set
	BKey   string // "email:a@b.c" or "url:https://github.com/x" instead of B
	Reason string // e.g. "mailmap"
}
