// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package inbox

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"greenroom/internal/task"
)

// Answerer is what somebody has answered that matters to a question.
type Answerer struct {
	MemberID int64
	Name     string
	Emails   []string // of a staff member, to find their user by
	Staff    bool
	Topic    int64     // questions on one of its topics that they answered
	Channel  int64     // questions in its channel that they answered
	Accepted int64     // of all these, answers that were accepted
	Last     time.Time // their last answer of these
	Week     int64     // answers anywhere in the last 7 days
	Asked    time.Time // when the team asked them to help last; zero = never
}

// Candidate is somebody who could answer, with the reasons.
type Candidate struct {
	MemberID int64   `json:"member_id"`
	Name     string  `json:"name"`
	Person   string  `json:"person,omitempty"` // mail address of the user that they are, for the team
	Score    float64 `json:"score"`
	Why      string  `json:"why"`
	Tired    string  `json:"tired,omitempty"` // why they are not asked now; "" = they can be
}

// topicWeight is how much more an answer on the topic says than one in the channel.
const topicWeight = 3

// score grows with what somebody answered, ever more slowly, and fades over half a year.
func (a *Answerer) score(now time.Time) float64 {
	s := topicWeight*math.Log1p(float64(a.Topic)) + math.Log1p(float64(a.Channel)) + math.Log1p(float64(a.Accepted))
	const half = 90 * 24 * time.Hour
	if a.Last.IsZero() || s <= 0 {
		return s
	}
	return s * math.Exp2(-float64(max(0, now.Sub(a.Last)))/float64(half))
}

// why says what somebody answered.
func (a *Answerer) why(topics []string, channel string) string {
	var parts []string
	if a.Topic > 0 {
		parts = append(parts, fmt.Sprintf("%d on %s", a.Topic, strings.Join(topics, ", ")))
	}
	if a.Channel > 0 {
		parts = append(parts, fmt.Sprintf("%d in %s", a.Channel, cmp.Or(channel, "this place")))
	}
	text := "answered " + strings.Join(parts, " and ")
	if a.Accepted > 0 {
		text += fmt.Sprintf(", %d accepted", a.Accepted)
	}
	return text
}

// tired says why somebody is not to be asked now.
func (a *Answerer) tired(s *Settings, now time.Time) string {
	switch {
	case a.Week >= int64(s.AnswersWeek):
		return fmt.Sprintf("%d answers in the last 7 days are enough", a.Week)
	case !a.Asked.IsZero() && now.Sub(a.Asked) < time.Duration(s.AskPause)*24*time.Hour:
		return "was asked " + a.Asked.Format("2 January") + "; let them rest"
	}
	return ""
}

// rank splits those who answered into people of the team and members, best first. Members who are tired come last.
func rank(all []Answerer, s *Settings, team []Person, topics []string, channel string, now time.Time) (staff, members []Candidate) {
	for i := range all {
		a := &all[i]
		c := Candidate{MemberID: a.MemberID, Name: a.Name, Score: a.score(now), Why: a.why(topics, channel)}
		if c.Score <= 0 {
			continue
		}
		if !a.Staff {
			c.Tired = a.tired(s, now)
			members = append(members, c)
			continue
		}
		for _, e := range a.Emails {
			if p, ok := task.Find(team, e); ok {
				c.Person = p.Email
			}
		}
		staff = append(staff, c)
	}
	order := func(a, b Candidate) int {
		rest := func(c *Candidate) int {
			if c.Tired != "" {
				return 1
			}
			return 0
		}
		return cmp.Or(cmp.Compare(rest(&a), rest(&b)), cmp.Compare(b.Score, a.Score), cmp.Compare(a.MemberID, b.MemberID))
	}
	slices.SortFunc(staff, order)
	slices.SortFunc(members, order)
	return staff, members
}

// turn is who of those who take turns is next: who was given something by turn longest ago, in the list's order.
func turn(rotation []string, team []Person, last map[string]time.Time) (Person, bool) {
	var next Person
	found := false
	for _, email := range rotation {
		p, ok := task.Find(team, email)
		if !ok {
			continue // they left
		}
		if !found || last[p.Email].Before(last[next.Email]) {
			next, found = p, true
		}
	}
	return next, found
}
