// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package tool

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Criterion is what candidates are judged by.
type Criterion struct {
	Key    string  `json:"key" doc:"Names it for scores; given when it is left out."`
	Name   string  `json:"name" doc:"What is judged."`
	Weight float64 `json:"weight" doc:"How much it counts, from 0 to 100."`
	Help   string  `json:"help,omitempty" doc:"What a good one looks like."`
}

// Candidate is a tool that could be chosen.
type Candidate struct {
	Key  string `json:"key" doc:"Names it for scores; given when it is left out."`
	Name string `json:"name" doc:"What it is called."`
	URL  string `json:"url,omitempty" doc:"Where it is described."`
	Cost string `json:"cost,omitempty" doc:"What it would cost, in words."`
}

// ReviewDraft is all that can be said of a review.
type ReviewDraft struct {
	Title      string      `json:"title" doc:"What is chosen."`
	Why        string      `json:"why,omitempty" doc:"What for."`
	Owner      string      `json:"owner,omitempty" doc:"Who answers for it."`
	Category   string      `json:"category,omitempty" doc:"What kind of tool it is."`
	Criteria   []Criterion `json:"criteria" doc:"What counts, and how much."`
	Candidates []Candidate `json:"candidates" doc:"What could be chosen."`
}

// Verdict is what was decided.
type Verdict struct {
	Candidate  string    `json:"candidate,omitempty" doc:"The key of what was chosen; left out = none of them."`
	Why        string    `json:"why" doc:"In words."`
	Objections string    `json:"objections,omitempty" doc:"What was said against it, and heard."`
	By         string    `json:"by,omitempty" doc:"Who decided."`
	At         time.Time `json:"at,omitzero" doc:"When."`
}

// Review compares candidates.
type Review struct {
	ID      int64 `json:"id" doc:"The review's number."`
	Version int64 `json:"version" doc:"Grows with every change; a change names the one that it was made from."`
	ReviewDraft
	Verdict   *Verdict  `json:"verdict,omitempty" doc:"What was decided; left out while nothing is."`
	CreatedBy string    `json:"created_by" doc:"Who began it."`
	CreatedAt time.Time `json:"created_at" doc:"When."`
}

// Score is what one person gives one candidate by one criterion.
type Score struct {
	Candidate string    `json:"candidate" doc:"The candidate's key."`
	Criterion string    `json:"criterion" doc:"The criterion's key."`
	Person    string    `json:"person,omitempty" doc:"Who gave it."`
	Score     int       `json:"score" doc:"From 0, does not do it, to 5, could not be better; -1 takes it back."`
	Note      string    `json:"note,omitempty" doc:"Why."`
	At        time.Time `json:"at,omitzero" doc:"When."`
}

// The most that a review holds.
const (
	maxScore      = 5
	maxCriteria   = 40
	maxCandidates = 12
	maxWeight     = 100
)

// Validate says what is wrong with a draft, as an error of CodeInvalid, and gives keys where there are none.
func (d *ReviewDraft) Validate() error {
	d.Title, d.Why, d.Owner = strings.TrimSpace(d.Title), strings.TrimSpace(d.Why), strings.TrimSpace(d.Owner)
	switch {
	case d.Title == "" || utf8.RuneCountInString(d.Title) > maxLine:
		return bad("a review needs a title of at most %d characters", maxLine)
	case utf8.RuneCountInString(d.Why) > maxText || utf8.RuneCountInString(d.Owner) > maxLine:
		return bad("a text is longer than %d characters", maxText)
	case d.Category != "" && CategoryLabel(d.Category) == d.Category:
		return bad("%q is no category of tools; %s are", d.Category, words(Categories()))
	case len(d.Criteria) == 0 || len(d.Criteria) > maxCriteria:
		return bad("a review has from 1 to %d criteria", maxCriteria)
	case len(d.Candidates) > maxCandidates:
		return bad("a review has at most %d candidates; leave out first what cannot win", maxCandidates)
	}
	var keys, names []string
	sum := 0.0
	for i := range d.Criteria {
		c := &d.Criteria[i]
		c.Name, c.Help = strings.TrimSpace(c.Name), strings.TrimSpace(c.Help)
		if !(c.Weight >= 0 && c.Weight <= maxWeight) {
			return bad("the weight of %q is from 0 to %d", c.Name, maxWeight)
		}
		sum += c.Weight
		if utf8.RuneCountInString(c.Help) > maxLine {
			return bad("what is said of a criterion has at most %d characters", maxLine)
		}
		keys, names = append(keys, c.Key), append(names, c.Name)
	}
	if sum == 0 {
		return bad("at least one criterion has to count")
	}
	if err := name(keys, names, "criterion", func(i int, key string) { d.Criteria[i].Key = key }); err != nil {
		return err
	}
	return d.checkCandidates()
}

func (d *ReviewDraft) checkCandidates() error {
	var keys, names []string
	for i := range d.Candidates {
		c := &d.Candidates[i]
		c.Name, c.URL, c.Cost = strings.TrimSpace(c.Name), strings.TrimSpace(c.URL), strings.TrimSpace(c.Cost)
		if utf8.RuneCountInString(c.Cost) > maxLine || len(c.URL) > maxText {
			return bad("what is said of a candidate has at most %d characters", maxLine)
		}
		if c.URL != "" {
			if err := webAddress(c.URL); err != nil {
				return err
			}
		}
		keys, names = append(keys, c.Key), append(names, c.Name)
	}
	return name(keys, names, "candidate", func(i int, key string) { d.Candidates[i].Key = key })
}

// name gives a key to whatever has none, from its name, and refuses doubles.
func name(keys, names []string, what string, set func(i int, key string)) error {
	for i, n := range names {
		if n == "" || utf8.RuneCountInString(n) > maxName {
			return bad("a %s needs a name of at most %d characters", what, maxName)
		}
		if slices.Contains(names[:i], n) {
			return bad("there are two of the %s %q", what, n)
		}
	}
	for i := range keys {
		if keys[i] == "" {
			base := slug(names[i])
			keys[i] = base
			for n := 2; slices.Contains(keys[:i], keys[i]) || slices.Contains(keys[i+1:], keys[i]); n++ {
				keys[i] = base + "-" + strconv.Itoa(n)
			}
			set(i, keys[i])
		} else if slices.Contains(keys[:i], keys[i]) || len(keys[i]) > maxName {
			return bad("the key %q of a %s is there twice, or too long", keys[i], what)
		}
	}
	return nil
}

// slug is a name as a key: lower case letters, digits and dashes.
func slug(text string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(text) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	if key := strings.Trim(b.String(), "-"); key != "" {
		return key
	}
	return "x"
}

// Mean is what people gave a candidate by a criterion.
type Mean struct {
	Criterion string   `json:"criterion" doc:"The criterion's key."`
	Mean      *float64 `json:"mean" doc:"The mean of what people gave; nothing where nobody did."`
	Low       int      `json:"low" doc:"The lowest."`
	High      int      `json:"high" doc:"The highest; two apart or more is a disagreement to be talked about."`
	People    int      `json:"people" doc:"How many gave one."`
}

// Line is a candidate of the scorecard.
type Line struct {
	Candidate
	Total    *float64 `json:"total" doc:"The weighted total in percent of the best there could be, over what was scored; nothing where nothing was."`
	Least    float64  `json:"least" doc:"The total if all that nobody scored were 0."`
	Most     float64  `json:"most" doc:"The total if all that nobody scored were 5."`
	Unscored int      `json:"unscored" doc:"Criteria that nobody gave a score."`
	Means    []Mean   `json:"means" doc:"By criterion, in their order."`
}

// Swing is a weight that would change the winner.
type Swing struct {
	Criterion string  `json:"criterion" doc:"The criterion's key."`
	Weight    float64 `json:"weight" doc:"Its weight now."`
	At        float64 `json:"at" doc:"The weight at which the winner is overtaken, the others as they are."`
	By        string  `json:"by" doc:"The key of who would win then."`
}

// Scorecard is a review with everything that was given.
type Scorecard struct {
	Review
	Lines   []Line  `json:"lines" doc:"The candidates, the best first."`
	Winner  string  `json:"winner,omitempty" doc:"The key of who leads; left out without scores, or where two are even."`
	Swings  []Swing `json:"swings" doc:"Which weight would change the winner, the smallest change first; empty = no single weight would."`
	Scores  []Score `json:"scores" doc:"What everybody gave."`
	Persons int     `json:"persons" doc:"How many people gave scores."`
}

// Card computes the scorecard of a review. Scores of criteria and candidates that are not there any more count nowhere.
func Card(r Review, scores []Score) *Scorecard {
	card := &Scorecard{Review: r, Lines: []Line{}, Swings: []Swing{}, Scores: scores}
	people := make(map[string]bool)
	for _, s := range scores {
		people[s.Person] = true
	}
	card.Persons = len(people)
	weights := 0.0
	for _, c := range r.Criteria {
		weights += c.Weight
	}
	for _, c := range r.Candidates {
		card.Lines = append(card.Lines, line(&r, c, scores, weights))
	}
	slices.SortStableFunc(card.Lines, func(a, b Line) int {
		return compare(b.Total, a.Total)
	})
	if len(card.Lines) == 0 || card.Lines[0].Total == nil {
		return card
	}
	if len(card.Lines) > 1 && compare(card.Lines[0].Total, card.Lines[1].Total) == 0 {
		return card
	}
	card.Winner = card.Lines[0].Key
	card.Swings = swings(&r, card.Lines)
	return card
}

// compare puts what there is not below everything.
func compare(a, b *float64) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return -1
	case b == nil:
		return 1
	case math.Abs(*a-*b) < 1e-9:
		return 0
	case *a < *b:
		return -1
	default:
		return 1
	}
}

func line(r *Review, c Candidate, scores []Score, weights float64) Line {
	l := Line{Candidate: c, Means: []Mean{}}
	got, of := 0.0, 0.0
	for _, k := range r.Criteria {
		m := Mean{Criterion: k.Key}
		sum := 0
		for _, s := range scores {
			if s.Candidate != c.Key || s.Criterion != k.Key {
				continue
			}
			if m.People == 0 {
				m.Low, m.High = s.Score, s.Score
			}
			m.Low, m.High, m.People = min(m.Low, s.Score), max(m.High, s.Score), m.People+1
			sum += s.Score
		}
		if m.People > 0 {
			mean := float64(sum) / float64(m.People)
			m.Mean = &mean
			got += k.Weight * mean
			of += k.Weight
		} else {
			l.Unscored++
		}
		l.Means = append(l.Means, m)
	}
	if weights > 0 {
		l.Least = 100 * got / (maxScore * weights)
		l.Most = 100 * (got + maxScore*(weights-of)) / (maxScore * weights)
	}
	if of > 0 {
		total := 100 * got / (maxScore * of)
		l.Total = &total
	}
	return l
}

// swings finds for each criterion the nearest weight at which somebody else overtakes the first of the lines. Only criteria
// that both were scored by count between two.
func swings(r *Review, lines []Line) []Swing {
	var all []Swing
	first := &lines[0]
	for k, c := range r.Criteria {
		nearest := Swing{At: math.Inf(1)}
		for i := 1; i < len(lines); i++ {
			lead, here := 0.0, 0.0
			for j, other := range r.Criteria {
				a, b := first.Means[j].Mean, lines[i].Means[j].Mean
				if a == nil || b == nil {
					continue
				}
				lead += other.Weight * (*a - *b)
				if j == k {
					here = *a - *b
				}
			}
			if here == 0 || lead <= 0 {
				continue
			}
			at := c.Weight - lead/here
			if at >= 0 && at <= maxWeight && math.Abs(at-c.Weight) < math.Abs(nearest.At-c.Weight) {
				nearest = Swing{Criterion: c.Key, Weight: c.Weight, At: at, By: lines[i].Key}
			}
		}
		if nearest.By != "" {
			all = append(all, nearest)
		}
	}
	slices.SortStableFunc(all, func(a, b Swing) int {
		x, y := math.Abs(a.At-a.Weight), math.Abs(b.At-b.Weight)
		return compare(&x, &y)
	})
	if all == nil {
		all = []Swing{}
	}
	return all
}
