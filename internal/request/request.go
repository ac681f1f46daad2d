// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package request

import (
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"greenroom"
)

// State says what the team does about a request.
type State string

// The states.
const (
	Open     State = "open"
	Planned  State = "planned"
	Doing    State = "doing"
	Done     State = "done"
	Declined State = "declined"
)

// States lists all, in the order of a board.
func States() []State { return []State{Open, Planned, Doing, Done, Declined} }

// Label is the state for people.
func (s State) Label() string {
	switch s {
	case Open:
		return "Open"
	case Planned:
		return "Planned"
	case Doing:
		return "In progress"
	case Done:
		return "Done"
	case Declined:
		return "Declined"
	}
	return string(s)
}

// Request is something that members ask for.
type Request struct {
	ID         int64     `json:"id"` // for good
	Title      string    `json:"title"`
	Text       string    `json:"text,omitempty"`
	State      State     `json:"state"`
	Answer     string    `json:"answer,omitempty"` // of the team; public where the request is
	Shown      bool      `json:"shown"`            // on the public board
	Review     bool      `json:"review"`           // a member proposed it, and the team has not decided whether to show it
	MergedInto int64     `json:"merged_into,omitempty"`
	MemberID   int64     `json:"member_id,omitempty"` // who proposed it
	Member     string    `json:"member,omitempty"`
	CreatedBy  string    `json:"created_by"`
	CreatedAt  time.Time `json:"created_at"`
	ChangedAt  time.Time `json:"changed_at"` // of its state
	Votes      int64     `json:"votes"`      // members and addresses that voted or asked, each once
	Messages   int64     `json:"messages"`   // that ask for it
	Weight     Weight    `json:"weight"`

	Unconfirmed bool  `json:"-"` // its proposer has not opened the link in the mail yet: shown to nobody
	Changes     int64 `json:"-"` // of its state
}

// Weight is what the organizations of those who ask are to the business.
type Weight struct {
	Organizations int64            `json:"organizations"`
	Lifecycles    map[string]int64 `json:"lifecycles"` // organizations by lifecycle
	Deals         []Amount         `json:"deals"`      // open ones of these organizations, by currency
}

// Amount is a sum of money.
type Amount struct {
	Currency string  `json:"currency"`
	Amount   float64 `json:"amount"`
}

// Supporter is somebody who asks for a request.
type Supporter struct {
	MemberID       int64     `json:"member_id,omitempty"` // 0 = an address by which no member is known
	Member         string    `json:"member,omitempty"`
	OrganizationID int64     `json:"organization_id,omitempty"`
	Organization   string    `json:"organization,omitempty"`
	Lifecycle      string    `json:"lifecycle,omitempty"`
	Deals          []Amount  `json:"deals"` // open ones of the organization
	VotedAt        time.Time `json:"voted_at,omitzero"`
	ActivityID     int64     `json:"activity_id,omitempty"` // the first message in which they ask for it
	ConversationID int64     `json:"conversation_id,omitempty"`
	Proposed       bool      `json:"proposed"`

	Address string `json:"-"` // by which they voted
}

// Message is a message that asks for something.
type Message struct {
	ActivityID     int64     `json:"activity_id"`
	ConversationID int64     `json:"conversation_id,omitempty"`
	MemberID       int64     `json:"member_id,omitempty"`
	Member         string    `json:"member,omitempty"`
	Organization   string    `json:"organization,omitempty"`
	Lifecycle      string    `json:"lifecycle,omitempty"`
	Title          string    `json:"title,omitempty"`
	Text           string    `json:"text"`
	URL            string    `json:"url,omitempty"`
	Source         string    `json:"source,omitempty"`
	Channel        string    `json:"channel,omitempty"`
	At             time.Time `json:"at"`
}

// Candidate is a message that may ask for something, with the requests that say something alike, the closest first.
type Candidate struct {
	Message

	Like []Alike `json:"like"`
}

// Alike is a request that shares words with a message.
type Alike struct {
	ID    int64   `json:"id"`
	Title string  `json:"title"`
	Score float64 `json:"score"` // 0 to 1
}

// Draft is a request that is to be made.
type Draft struct {
	Title      string `json:"title"` // "" with an activity: made of its message
	Text       string `json:"text"`
	ActivityID int64  `json:"activity_id"` // the message that asks for it; 0 = none
	Hidden     bool   `json:"hidden"`      // kept off the public board
}

// Change is what is to be changed of a request; nil stays.
type Change struct {
	Title *string `json:"title"`
	Text  *string `json:"text"`
	Shown *bool   `json:"shown"`
}

// Filter says which requests are listed. The zero Filter is all that the team has.
type Filter struct {
	State  State
	Text   string // that title or text contains
	Public bool   // as the public board shows them
	Review bool   // that wait for the team's look
	Member int64  // that a member supports
}

// Settings say what is public and how people hear back.
type Settings struct {
	Board  bool   `json:"board"`   // members see the public board
	Intro  string `json:"intro"`   // a sentence or two above it
	AtOnce bool   `json:"at_once"` // messages about a change go out without waiting for approval
	Closed bool   `json:"closed"`  // members vote, and propose nothing
}

// The most that texts hold, in characters.
const (
	MaxTitle  = 140
	MaxText   = 4000
	maxAnswer = 2000
	maxIntro  = 1000
)

// Validate trims, and says what is wrong, as an error of CodeInvalid.
func (d *Draft) Validate() error {
	d.Title, d.Text = strings.Join(strings.Fields(d.Title), " "), strings.TrimSpace(d.Text)
	switch {
	case d.Title == "" || utf8.RuneCountInString(d.Title) > MaxTitle:
		return greenroom.Errorf(greenroom.CodeInvalid, "a request needs a title of at most %d characters that says what is missing", MaxTitle)
	case utf8.RuneCountInString(d.Text) > MaxText:
		return greenroom.Errorf(greenroom.CodeInvalid, "a request has at most %d characters", MaxText)
	}
	return nil
}

// Address reads a mail address that somebody typed, in lower case.
func Address(text string) (string, error) {
	text = strings.TrimSpace(text)
	a, err := mail.ParseAddress(text)
	if err != nil || a.Address != text || len(text) > 254 || !strings.Contains(text[strings.LastIndexByte(text, '@')+1:], ".") {
		return "", greenroom.Errorf(greenroom.CodeInvalid, "this is no mail address; one looks like ana@example.com")
	}
	return strings.ToLower(text), nil
}

// titleOf makes a title of a message: its own, or its first sentence.
func titleOf(m *Message) string {
	text := strings.TrimSpace(m.Title)
	if text == "" {
		text = strings.Join(strings.Fields(m.Text), " ")
		for _, end := range []string{". ", "? ", "! "} {
			if i := strings.Index(text, end); i > 20 {
				text = text[:i+1]
			}
		}
	}
	if r := []rune(text); len(r) > MaxTitle {
		text = strings.TrimSpace(string(r[:MaxTitle-1])) + "…"
	}
	return strings.TrimSuffix(text, ".")
}

// words are what a text can be compared by: its longer words, each once, without their endings of number and time.
func words(text string) map[string]bool {
	all := make(map[string]bool)
	for _, w := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return r != '\'' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && r < 0x80
	}) {
		if utf8.RuneCountInString(w) < 4 || slices.Contains(empty(), w) {
			continue
		}
		for _, ending := range []string{"ing", "ed", "es", "s"} {
			if cut, ok := strings.CutSuffix(w, ending); ok && len(cut) > 3 {
				w = cut
				break
			}
		}
		all[strings.TrimSuffix(w, "e")] = true
	}
	return all
}

// empty are longer words that say nothing of what is asked for.
func empty() []string {
	return []string{
		"about", "able", "also", "anyone", "because", "been", "being", "could", "does", "feature", "from", "great", "have", "help", "idea", "just", "like", "love", "make", "maybe", "more",
		"need", "nice", "please", "possible", "request", "should", "some", "somebody", "that", "their", "them", "there", "they", "this", "thanks", "using", "want", "what", "when", "where", "which", "will", "wish", "with", "would", "your", "it's", "there's", "i'd",
	}
}

// leastAlike is how much of the shorter text's words the other one has to share to be offered.
const (
	leastAlike = 0.34
	mostAlike  = 3
)

// alike gives the requests that share words with a text, the closest first. What is compared is the share of the request's
// title in the text: messages are long and titles are short.
func alike(text string, all []Request) []Alike {
	in := words(text)
	found := []Alike{}
	for i := range all {
		r := &all[i]
		title := words(r.Title)
		if r.MergedInto > 0 || len(title) == 0 {
			continue
		}
		both := 0
		for w := range title {
			if in[w] {
				both++
			}
		}
		if score := float64(both) / float64(len(title)); both > 1 && score >= leastAlike || both == 1 && len(title) == 1 {
			found = append(found, Alike{r.ID, r.Title, score})
		}
	}
	slices.SortStableFunc(found, func(a, b Alike) int {
		switch {
		case a.Score > b.Score:
			return -1
		case a.Score < b.Score:
			return 1
		}
		return int(a.ID - b.ID)
	})
	return found[:min(len(found), mostAlike)]
}
