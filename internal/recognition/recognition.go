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

// Person is a member as lists name one.
type Person struct {
	ID           int64  `json:"id"`
	Name         string `json:"name"`
	Organization string `json:"organization,omitempty"`
}

// First is the name by which somebody is greeted.
func (p *Person) First() string {
	name, _, _ := strings.Cut(strings.TrimSpace(p.Name), " ")
	return name
}

// Help is an answer that somebody gave.
type Help struct {
	ActivityID     int64     `json:"activity_id"`
	ConversationID int64     `json:"conversation_id"`
	Title          string    `json:"title"` // of the conversation
	Text           string    `json:"text"`  // of the answer
	URL            string    `json:"url,omitempty"`
	At             time.Time `json:"at"`
	Accepted       bool      `json:"accepted"` // as the solution
	Resolved       bool      `json:"resolved"` // the conversation is
	Helper         Person    `json:"helper"`
	Asker          Person    `json:"asker"`
	Others         int64     `json:"others"` // answers of the helper in the same time that went without thanks, too
	Score          int64     `json:"score"`  // by which they are ranked, see Rank
}

// What an answer counts in the ranking.
const (
	scoreAccepted = 3
	scoreResolved = 2
	scoreAnswer   = 1
	mostOthers    = 3
)

// Rank orders answers by how much they deserve thanks: an accepted answer counts 3, one in a conversation that was resolved
// 2, any other 1, and each other answer of the same helper that went without thanks 1 more, up to 3. Of two that count the
// same, the later one comes first.
func Rank(all []Help) {
	by := make(map[int64]int64)
	for i := range all {
		by[all[i].Helper.ID]++
	}
	for i := range all {
		h := &all[i]
		h.Others = by[h.Helper.ID] - 1
		h.Score = scoreAnswer
		switch {
		case h.Accepted:
			h.Score = scoreAccepted
		case h.Resolved:
			h.Score = scoreResolved
		}
		h.Score += min(h.Others, mostOthers)
	}
	slices.SortStableFunc(all, func(a, b Help) int {
		switch {
		case a.Score != b.Score:
			return int(b.Score - a.Score)
		case !a.At.Equal(b.At):
			return b.At.Compare(a.At)
		}
		return int(a.ActivityID - b.ActivityID)
	})
}

// Outcome is what somebody of the team did about help or a milestone.
type Outcome string

// The outcomes.
const (
	Drafted Outcome = "drafted" // a message to the member waits for approval in the outbox
	Marked  Outcome = "marked"  // somebody saw to it in another way
)

// Valid reports whether there is such an outcome.
func (o Outcome) Valid() bool { return o == Drafted || o == Marked }

// Kind is what a milestone is about.
type Kind string

// The kinds of milestones.
const (
	Answers       Kind = "answers"       // answers to questions of others
	Contributions Kind = "contributions" // messages, answers, issues, changes: what a person gives
	Events        Kind = "events"        // events that they came to
	Years         Kind = "years"         // since they joined, of those who were active in the last 90 days
)

// Kinds lists all, in the order in which they are shown.
func Kinds() []Kind { return []Kind{Contributions, Answers, Events, Years} }

// Milestone is something that a member has reached.
type Milestone struct {
	Member     Person    `json:"member"`
	Kind       Kind      `json:"kind"`
	Level      int64     `json:"level"`
	At         time.Time `json:"at"`
	ActivityID int64     `json:"activity_id,omitempty"` // by which it was reached; 0 with Years
	Outcome    Outcome   `json:"outcome,omitempty"`     // "" = nobody has seen to it
	By         string    `json:"by,omitempty"`
	SeenAt     time.Time `json:"seen_at,omitzero"`
}

// Text says what was reached.
func (m *Milestone) Text() string {
	first := m.Level == 1
	switch m.Kind {
	case Answers:
		if first {
			return "First answer"
		}
		return number(m.Level) + " answers"
	case Contributions:
		if first {
			return "First contribution"
		}
		return number(m.Level) + " contributions"
	case Events:
		if first {
			return "First event"
		}
		return number(m.Level) + " events"
	case Years:
		if first {
			return "One year with us"
		}
		return number(m.Level) + " years with us"
	}
	return string(m.Kind)
}

// Settings say what counts, and how the team writes.
type Settings struct {
	Days       int              `json:"days"`        // for how long help without thanks is listed
	Levels     map[Kind][]int64 `json:"levels"`      // at which milestones are; none = the kind is left out
	Products   []string         `json:"products"`    // names of what is sold: appreciation that names one is a candidate
	Thanks     string           `json:"thanks"`      // draft to a helper
	Congrats   string           `json:"congrats"`    // draft to whoever reached a milestone
	Ask        string           `json:"ask"`         // to the author of a testimonial; has to hold {link}
	AskAtOnce  bool             `json:"ask_at_once"` // asks go out without waiting for approval
	ExpireDays int              `json:"expire_days"` // after how many days an ask that is not answered is over
}

// The texts while the team has set none.
const (
	usualThanks   = "Hi {first_name},\n\nthank you for your answer to {asker} in “{title}”. It helped, and it is people like you who make this a place where one gets an answer.\n\n{url}"
	usualCongrats = "Hi {first_name},\n\n{milestone}! Thank you for being part of this community."
	usualAsk      = "Hi {first_name},\n\nyou wrote:\n\n> {quote}\n\nThat made our day. May we quote you, for example on our website? You decide whether, in which words and under which name, and you can take it back at any time by the same link:\n\n{link}"
)

// Usual are the settings while the team has made none.
func Usual() Settings {
	return Settings{
		Days: 30, ExpireDays: 60, Products: []string{},
		Levels: map[Kind][]int64{Contributions: {1, 100}, Answers: {1, 10, 50, 100}, Events: {1, 10}, Years: {1, 2, 3, 5, 10}},
		Thanks: usualThanks, Congrats: usualCongrats, Ask: usualAsk,
	}
}

// The most that settings hold.
const (
	maxDays     = 365
	maxLevels   = 12
	maxLevel    = 1_000_000
	maxProducts = 50
	maxTemplate = 5_000
)

// Validate makes lists uniform and says what is wrong, as an error of CodeInvalid.
func (s *Settings) Validate() error {
	if s.Days < 1 || s.Days > maxDays {
		return greenroom.FieldErrorf("days", "the days that are looked back for help without thanks are from 1 to %d, not %d", maxDays, s.Days)
	}
	if s.ExpireDays < 1 || s.ExpireDays > maxDays {
		return greenroom.FieldErrorf("expire_days", "the days after which a question for a quote expires are from 1 to %d, not %d", maxDays, s.ExpireDays)
	}
	for k, levels := range s.Levels {
		if !slices.Contains(Kinds(), k) {
			return greenroom.Errorf(greenroom.CodeInvalid, "there are no milestones of the kind %q; there are contributions, answers, events and years", k)
		}
		slices.Sort(levels)
		levels = slices.Compact(levels)
		if len(levels) > maxLevels || len(levels) > 0 && (levels[0] < 1 || levels[len(levels)-1] > maxLevel) {
			return greenroom.Errorf(greenroom.CodeInvalid, "the milestones of %s are at most %d whole numbers from 1 to %d", k, maxLevels, maxLevel)
		}
		s.Levels[k] = levels
	}
	products := []string{}
	for _, p := range s.Products {
		if p = strings.TrimSpace(p); p != "" && !slices.Contains(products, p) {
			products = append(products, p)
		}
	}
	if s.Products = products; len(products) > maxProducts {
		return greenroom.Errorf(greenroom.CodeInvalid, "there can be %d products at most", maxProducts)
	}
	for _, t := range []struct {
		text  *string
		usual string
	}{{&s.Thanks, usualThanks}, {&s.Congrats, usualCongrats}, {&s.Ask, usualAsk}} {
		if strings.TrimSpace(*t.text) == "" {
			*t.text = t.usual
		}
		if utf8.RuneCountInString(*t.text) > maxTemplate {
			return greenroom.Errorf(greenroom.CodeInvalid, "a text has at most %d characters", maxTemplate)
		}
	}
	if !strings.Contains(s.Ask, "{link}") {
		return greenroom.Errorf(greenroom.CodeInvalid, "the text that asks for permission needs {link}: without it nobody can answer")
	}
	return nil
}

// fill puts values in the place of their names in braces. A value is never looked into again.
func fill(template string, values map[string]string) string {
	pairs := make([]string, 0, 2*len(values))
	for name, v := range values {
		pairs = append(pairs, "{"+name+"}", v)
	}
	return strings.NewReplacer(pairs...).Replace(template)
}
