// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package event

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Status says how far a piece of content is.
type Status string

// The statuses, in their order.
const (
	Idea      Status = "idea"
	Drafted   Status = "draft"
	InReview  Status = "review"
	Scheduled Status = "scheduled"
	Published Status = "published"
)

// Statuses lists them in their order.
func Statuses() []Status { return []Status{Idea, Drafted, InReview, Scheduled, Published} }

// flow are the statuses that may follow each: one on, or back to where it is worked on. What was published stays so.
var flow = map[Status][]Status{
	Idea:      {Drafted},
	Drafted:   {InReview, Idea},
	InReview:  {Scheduled, Drafted, Published},
	Scheduled: {Published, InReview, Drafted},
}

// May reports whether a status may follow another.
func (s Status) May(to Status) bool { return slices.Contains(flow[s], to) }

// Next are the statuses that may follow, the way on first.
func (s Status) Next() []Status { return slices.Clone(flow[s]) }

// Content is something that is to be published.
type Content struct {
	ID          int64     `json:"id"`
	Title       string    `json:"title"`
	Text        string    `json:"text,omitempty"`
	Channel     string    `json:"channel"` // where it is to appear, such as "Blog" or "#announcements"
	Status      Status    `json:"status"`
	Owner       string    `json:"owner,omitempty"` // mail address of a user
	At          time.Time `json:"at,omitzero"`     // when it is to be published; zero = not known yet
	Link        string    `json:"link,omitempty"`
	EventID     int64     `json:"event_id,omitempty"`
	Program     string    `json:"program,omitempty"` // key
	PublishedAt time.Time `json:"published_at,omitzero"`
	Sequence    int64     `json:"sequence"`
	CreatedBy   string    `json:"created_by"`
	CreatedAt   time.Time `json:"created_at"`
	ChangedAt   time.Time `json:"changed_at"`
}

// Piece is what people say about content.
type Piece struct {
	Title   string    `json:"title"`
	Text    string    `json:"text,omitempty"`
	Channel string    `json:"channel,omitempty"`
	Owner   string    `json:"owner,omitempty"` // "" = who makes it
	At      time.Time `json:"at,omitzero"`
	Link    string    `json:"link,omitempty"`
	EventID int64     `json:"event_id,omitempty"`
	Program string    `json:"program,omitempty"`
}

// Move is a change of status, for the history.
type Move struct {
	From Status    `json:"from,omitempty"`
	To   Status    `json:"to"`
	By   string    `json:"by"`
	At   time.Time `json:"at"`
}

func (p *Piece) check() error {
	p.Title, p.Channel, p.Owner, p.Link, p.Program = strings.TrimSpace(p.Title), strings.TrimSpace(p.Channel), strings.TrimSpace(p.Owner), strings.TrimSpace(p.Link), strings.TrimSpace(p.Program)
	switch {
	case p.Title == "" || utf8.RuneCountInString(p.Title) > maxTitle || strings.ContainsAny(p.Title, "\r\n"):
		return invalid("content needs a title of at most %d characters in one line", maxTitle)
	case len(p.Text) > maxText:
		return invalid("the text has at most %d characters", maxText)
	case utf8.RuneCountInString(p.Channel) > maxTitle:
		return invalid("the channel has at most %d characters", maxTitle)
	}
	return checkLink(p.Link)
}

// ContentFilter chooses content.
type ContentFilter struct {
	From, To time.Time // by when it is to be published; zero = any
	Statuses []Status  // none = all
	Owner    string
	Channel  string
	Event    int64
	Limit    int // 0 = 500
}

// Entry is one thing in the calendar.
type Entry struct {
	UID      string    `json:"uid"`  // stable, and unique over all calendars
	Kind     string    `json:"kind"` // "event", "content", "program", "outside"
	Title    string    `json:"title"`
	Text     string    `json:"text,omitempty"`
	From     time.Time `json:"from"`
	To       time.Time `json:"to"`                // not in it any more
	AllDay   bool      `json:"all_day,omitempty"` // From is the first moment of a day
	Place    string    `json:"place,omitempty"`
	Link     string    `json:"link,omitempty"`
	Path     string    `json:"path,omitempty"` // in Greenroom
	State    string    `json:"state,omitempty"`
	Owner    string    `json:"owner,omitempty"`
	Calendar string    `json:"calendar,omitempty"` // of outside entries: its name

	Sequence  int64     `json:"-"`
	ChangedAt time.Time `json:"-"`
}

// Outside is a calendar of others that is shown beside ours.
type Outside struct {
	ID        int64     `json:"id"`
	Name      string    `json:"name"`
	Address   string    `json:"-"`     // sealed: whoever has it can read the calendar
	Shown     string    `json:"shown"` // its host
	Entries   int64     `json:"entries"`
	FetchedAt time.Time `json:"fetched_at,omitzero"`
	Problem   string    `json:"problem,omitempty"`
	CreatedBy string    `json:"created_by"`
	CreatedAt time.Time `json:"created_at"`
}
