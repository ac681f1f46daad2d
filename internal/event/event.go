// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package event

import (
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"greenroom"
)

// Kind says what sort of event something is.
type Kind string

// The kinds.
const (
	Webinar    Kind = "webinar"
	Meetup     Kind = "meetup"
	Workshop   Kind = "workshop"
	Call       Kind = "call"
	Conference Kind = "conference"
	Other      Kind = "other"
)

// Kinds lists them.
func Kinds() []Kind { return []Kind{Webinar, Meetup, Workshop, Call, Conference, Other} }

// State says how far an event is.
type State string

// The states. Members see announced ones only.
const (
	Planned   State = "planned"
	Announced State = "announced"
	Canceled  State = "canceled"
)

// States lists them.
func States() []State { return []State{Planned, Announced, Canceled} }

// Event is something that takes place, and that people come to.
type Event struct {
	ID        int64     `json:"id"`
	Title     string    `json:"title"`
	Text      string    `json:"text,omitempty"` // Markdown
	Kind      Kind      `json:"kind"`
	State     State     `json:"state"`
	Start     time.Time `json:"start"`
	End       time.Time `json:"end"`
	Zone      string    `json:"zone"`               // IANA name, in which its times are told
	Place     string    `json:"place,omitempty"`    // an address, or the name of a room
	Link      string    `json:"link,omitempty"`     // where it is online, or its page
	Capacity  int64     `json:"capacity,omitempty"` // 0 = any number
	Owner     string    `json:"owner,omitempty"`    // mail address of a user
	Program   string    `json:"program,omitempty"`  // key of the program that it belongs to
	Speakers  []Speaker `json:"speakers,omitempty"`
	Sequence  int64     `json:"sequence"` // grows with each change that calendars have to hear of
	CreatedBy string    `json:"created_by"`
	CreatedAt time.Time `json:"created_at"`
	ChangedAt time.Time `json:"changed_at"`

	Counts Counts `json:"counts"`
}

// Speaker is a member who speaks at an event.
type Speaker struct {
	MemberID int64  `json:"member_id"`
	Member   string `json:"member"` // by name
	Talk     string `json:"talk,omitempty"`
}

// Counts is how many people an event has in each state.
type Counts struct {
	Registered int64 `json:"registered"` // mean to come
	Waiting    int64 `json:"waiting"`    // would, if there were room
	Attended   int64 `json:"attended"`
	Missed     int64 `json:"missed"` // registered and did not come
	Canceled   int64 `json:"canceled"`
	Members    int64 `json:"members"` // of those who attended: who are known members
}

// Location is where the event takes place, in one line.
func (e *Event) Location() string {
	if e.Place != "" {
		return e.Place
	}
	return e.Link
}

// Draft is what people say about an event. Times without a zone of their own are in Zone.
type Draft struct {
	Title    string    `json:"title"`
	Text     string    `json:"text,omitempty"`
	Kind     Kind      `json:"kind,omitempty"`  // "" = other
	State    State     `json:"state,omitempty"` // "" = planned, or as it was
	Start    time.Time `json:"start"`
	End      time.Time `json:"end,omitzero"`   // zero = an hour later
	Zone     string    `json:"zone,omitempty"` // "" = the team's
	Place    string    `json:"place,omitempty"`
	Link     string    `json:"link,omitempty"`
	Capacity int64     `json:"capacity,omitempty"`
	Owner    string    `json:"owner,omitempty"` // "" = who makes it
	Program  string    `json:"program,omitempty"`
	Speakers []Speaker `json:"speakers,omitempty"` // Member is not read
}

// Limits of what people write.
const (
	maxTitle = 200
	maxText  = 20_000
	maxLong  = 60 * 24 * time.Hour
)

func invalid(format string, args ...any) error {
	return greenroom.Errorf(greenroom.CodeInvalid, format, args...)
}

// check says what is wrong with a draft, and fills in what was left out.
func (d *Draft) check(zone *time.Location) error {
	d.Title, d.Place, d.Link, d.Owner, d.Program = strings.TrimSpace(d.Title), strings.TrimSpace(d.Place), strings.TrimSpace(d.Link), strings.TrimSpace(d.Owner), strings.TrimSpace(d.Program)
	if d.Kind == "" {
		d.Kind = Other
	}
	if d.Zone == "" {
		d.Zone = zone.String()
	}
	if d.End.IsZero() && !d.Start.IsZero() {
		d.End = d.Start.Add(time.Hour)
	}
	switch {
	case d.Title == "" || utf8.RuneCountInString(d.Title) > maxTitle || strings.ContainsAny(d.Title, "\r\n"):
		return invalid("an event needs a title of at most %d characters in one line", maxTitle)
	case len(d.Text) > maxText:
		return invalid("the text of an event has at most %d characters", maxText)
	case !slices.Contains(Kinds(), d.Kind):
		return invalid("there is no kind of event %q", d.Kind)
	case d.State != "" && !slices.Contains(States(), d.State):
		return invalid("there is no state %q of events; expected planned, announced or canceled", d.State)
	case d.Start.IsZero():
		return invalid("an event needs a beginning")
	case !d.End.After(d.Start) || d.End.Sub(d.Start) > maxLong:
		return invalid("an event ends after it begins, and within 60 days")
	case d.Capacity < 0:
		return invalid("the places are 0 (any number) or more, not %d", d.Capacity)
	}
	if _, err := time.LoadLocation(d.Zone); err != nil || d.Zone == "Local" {
		return invalid("%q is no time zone; expected a name such as Europe/Berlin", d.Zone)
	}
	return checkLink(d.Link)
}

func checkLink(link string) error {
	if link == "" {
		return nil
	}
	if u, err := url.Parse(link); err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return invalid("%q is no link; expected an address that begins with https://", link)
	}
	return nil
}

// Presence says whether somebody comes.
type Presence string

// The presences.
const (
	Registered Presence = "registered"
	Waiting    Presence = "waiting"
	Attended   Presence = "attended"
	Missed     Presence = "missed"
	Gone       Presence = "canceled" // they canceled
)

// Presences lists them.
func Presences() []Presence { return []Presence{Registered, Waiting, Attended, Missed, Gone} }

// moves are the presences that may follow each.
var moves = map[Presence][]Presence{
	Registered: {Attended, Missed, Gone},
	Waiting:    {Registered, Attended, Gone},
	Attended:   {Missed},
	Missed:     {Attended},
	Gone:       {Registered, Attended},
}

// May reports whether a presence may follow another.
func (p Presence) May(to Presence) bool { return slices.Contains(moves[p], to) }

// Registration is that somebody means to come to an event, came, or did not.
type Registration struct {
	ID       int64     `json:"id"`
	EventID  int64     `json:"event_id"`
	MemberID int64     `json:"member_id,omitempty"` // 0 = it is not known who this is
	Member   string    `json:"member,omitempty"`
	Name     string    `json:"name,omitempty"`    // as it was told
	Address  string    `json:"address,omitempty"` // mail address, in lower case
	State    Presence  `json:"state"`
	Origin   string    `json:"origin"` // "page", "team", "import"
	At       time.Time `json:"at"`     // when they registered
	Came     time.Time `json:"came,omitzero"`
	Went     time.Time `json:"went,omitzero"`
	New      bool      `json:"new,omitempty"` // was not seen in the community before the event

	Changed time.Time `json:"-"`
}

// Called is how to call who registered.
func (r *Registration) Called() string {
	switch {
	case r.Member != "":
		return r.Member
	case r.Name != "":
		return r.Name
	}
	return r.Address
}

// Came is somebody on a list of attendance.
type Came struct {
	Address string
	Name    string
	Came    time.Time
	Went    time.Time
	Missed  bool // the list says that they did not come
}

// Import is an attendance list that was read.
type Import struct {
	ID      int64     `json:"id"`
	EventID int64     `json:"event_id"`
	File    string    `json:"file"`
	At      time.Time `json:"at"`
	By      string    `json:"by"`
	Lines   int64     `json:"lines"`  // below the header
	People  int64     `json:"people"` // on it, each once
	Came    int64     `json:"came"`
	Fresh   int64     `json:"fresh"`         // who had not registered
	Bad     []BadLine `json:"bad,omitempty"` // at most 100
	BadAll  int64     `json:"bad_all"`
}

// BadLine is a line that cannot be read.
type BadLine struct {
	Line   int64  `json:"line"`
	Reason string `json:"reason"`
	Text   string `json:"text"`
}

// Filter chooses events.
type Filter struct {
	From, To time.Time // those that overlap; zero = any
	Program  string
	Below    int64
	Limit    int  // 0 = 200
	Newest   bool // the last to begin first
}

// PeopleFilter chooses registrations of an event.
type PeopleFilter struct {
	Event  int64
	States []Presence // none = all
	New    bool       // only those who were not seen before
	Member int64      // with Event 0: of a member
	Limit  int        // 0 = 500
}

// Figures are what an event got.
type Figures struct {
	Counts
	Share      *float64 `json:"share"`         // of those who registered or came without: who came; nil = nobody did, or it is to come
	New        int64    `json:"new"`           // who came and was not seen before
	Talk       *int64   `json:"talk"`          // activities after it that name it; nil = it is to come
	TalkQuery  string   `json:"talk_query"`    // over activities
	SignUps    *int64   `json:"sign_ups"`      // members first seen in the two weeks after it; nil = it is to come
	SignQuery  string   `json:"sign_up_query"` // over members
	Days       int      `json:"days"`          // after the event that are looked at
	StillToRun bool     `json:"still_to_run"`  // these days are not over
}
