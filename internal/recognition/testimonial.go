// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package recognition

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"greenroom"
)

// State says how far a testimonial is.
type State string

// The states.
const (
	Candidate State = "candidate" // found; its author was not asked
	Asked     State = "asked"     // a message asks its author
	Granted   State = "granted"   // it may be used
	Declined  State = "declined"  // its author said no
	Withdrawn State = "withdrawn" // its author said yes, and took it back
	Expired   State = "expired"   // its author was asked and did not answer in time
	Dismissed State = "dismissed" // the team does not want it
)

// States lists all.
func States() []State {
	return []State{Candidate, Asked, Granted, Declined, Withdrawn, Expired, Dismissed}
}

// Testimonial is what a member wrote that may be worth quoting.
type Testimonial struct {
	ID         int64     `json:"id"` // 0 = a candidate that nothing was decided about
	ActivityID int64     `json:"activity_id,omitempty"`
	Member     Person    `json:"member"`
	Original   string    `json:"original"`         // as they wrote it
	Quote      string    `json:"quote"`            // as it may be used
	Naming     string    `json:"naming,omitempty"` // how they want to be named
	State      State     `json:"state"`            // what holds now
	Products   []string  `json:"products"`         // that it names
	Topics     []string  `json:"topics"`           // of its message
	Segments   []string  `json:"segments"`         // that its author is in
	URL        string    `json:"url,omitempty"`    // of the message
	WrittenAt  time.Time `json:"written_at"`
	AskedAt    time.Time `json:"asked_at,omitzero"`
	AskedBy    string    `json:"asked_by,omitempty"`
	ExpiresAt  time.Time `json:"expires_at,omitzero"`
	AnsweredAt time.Time `json:"answered_at,omitzero"`
	MessageID  int64     `json:"message_id,omitempty"` // in the outbox, that asked
	Uses       []Use     `json:"uses"`
	Proof      []Event   `json:"proof,omitempty"` // every step with its exact words; only of one that is read by itself

	Asks int64 `json:"-"` // how often they were asked
}

// Event is one step of a testimonial.
type Event struct {
	ID        int64     `json:"id"`
	What      string    `json:"what"` // the state that it led to, or "restored"
	At        time.Time `json:"at"`
	By        string    `json:"by"`
	Link      string    `json:"link,omitempty"` // digest of the link by which it came
	Quote     string    `json:"quote,omitempty"`
	Naming    string    `json:"naming,omitempty"`
	Statement string    `json:"statement,omitempty"` // what was agreed to, as it stood on the page
}

// Use is a place where a testimonial is used.
type Use struct {
	ID            int64     `json:"id"`
	TestimonialID int64     `json:"testimonial_id"`
	Link          string    `json:"link"` // an address, or a place in words
	Note          string    `json:"note,omitempty"`
	UsedAt        time.Time `json:"used_at"`
	By            string    `json:"by"`
	RemovedAt     time.Time `json:"removed_at,omitzero"` // taken down
}

// Filter says which testimonials are listed. The zero Filter is all on which something was decided.
type Filter struct {
	State   State  // "" = all but dismissed ones
	Text    string // that the quote, or its author's name, contains
	Product string
	Topic   string // name of it
	Segment string // key or name of one that the author is in
	Member  int64
	Below   int64 // with a smaller id, for the next page
	Limit   int   // 0 = 100
}

// Grant is what a member says on their page.
type Grant struct {
	Quote     string
	Naming    string
	Statement string // what they agreed to
	Link      string // digest of the link
}

// The most that a testimonial holds, in characters.
const (
	MaxQuote  = 1500
	maxNaming = 200
	maxNote   = 500
	maxLink   = 1000
)

// Validate trims, and says what is wrong, as an error of CodeInvalid.
func (g *Grant) Validate() error {
	g.Quote, g.Naming = strings.TrimSpace(g.Quote), strings.Join(strings.Fields(g.Naming), " ")
	switch {
	case g.Quote == "":
		return greenroom.Errorf(greenroom.CodeInvalid, "the quote is empty; write what may be quoted, or say no")
	case utf8.RuneCountInString(g.Quote) > MaxQuote:
		return greenroom.Errorf(greenroom.CodeInvalid, "a quote has at most %d characters", MaxQuote)
	case g.Naming == "":
		return greenroom.Errorf(greenroom.CodeInvalid, "say how you want to be named")
	case utf8.RuneCountInString(g.Naming) > maxNaming:
		return greenroom.Errorf(greenroom.CodeInvalid, "a name has at most %d characters", maxNaming)
	}
	return nil
}

// validate trims, and says what is wrong.
func (u *Use) validate() error {
	u.Link, u.Note = strings.TrimSpace(u.Link), strings.TrimSpace(u.Note)
	if u.Link == "" || utf8.RuneCountInString(u.Link) > maxLink || utf8.RuneCountInString(u.Note) > maxNote {
		return greenroom.Errorf(greenroom.CodeInvalid, "say where it is used: an address or a place, such as https://example.com/customers, of at most %d characters", maxLink)
	}
	return nil
}

// Namings offers a member ways to be named: from all to nothing.
func Namings(p *Person) []string {
	all := []string{p.Name}
	if p.Organization != "" {
		all = []string{p.Name + ", " + p.Organization, p.Name}
	}
	if words := strings.Fields(p.Name); len(words) > 1 {
		last := []rune(words[len(words)-1])
		all = append(all, words[0]+" "+string(last[:1])+".")
	}
	if p.Organization != "" {
		all = append(all, "A member of the community, "+p.Organization)
	}
	return slices.Compact(append(all, "A member of the community"))
}

// excerpt is a text without line breaks at its ends and short enough to be quoted.
func excerpt(text string) string {
	text = strings.TrimSpace(text)
	if r := []rune(text); len(r) > MaxQuote {
		return strings.TrimSpace(string(r[:MaxQuote-1])) + "…"
	}
	return text
}
