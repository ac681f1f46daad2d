// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package tool

import (
	"math"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

// A review worked out by hand: A has 20·4 + 10·2 = 100 of 150, B 20·3 + 10·5 = 110. B leads by 10 in points; in the first
// criterion it is behind by 1, so A overtakes at a weight of 20 + 10 = 30, and in the second at 10 − 10/3.
func TestCard(t *testing.T) {
	r := Review{ReviewDraft: ReviewDraft{Criteria: []Criterion{{Key: "x", Name: "X", Weight: 20}, {Key: "y", Name: "Y", Weight: 10}, {Key: "z", Name: "Z", Weight: 20}}, Candidates: []Candidate{{Key: "a", Name: "A"}, {Key: "b", Name: "B"}, {Key: "c", Name: "C"}}}}
	card := Card(r, []Score{
		{Candidate: "a", Criterion: "x", Person: "ana", Score: 5},
		{Candidate: "a", Criterion: "x", Person: "ben", Score: 3},
		{Candidate: "a", Criterion: "y", Person: "ana", Score: 2},
		{Candidate: "b", Criterion: "x", Person: "ana", Score: 3},
		{Candidate: "b", Criterion: "y", Person: "ana", Score: 5},
		{Candidate: "b", Criterion: "gone", Person: "ana", Score: 5},
	})
	if card.Winner != "b" || card.Persons != 2 || card.Lines[2].Total != nil {
		t.Fatalf("%+v", card)
	}
	near := func(what string, got, want float64) {
		t.Helper()
		if math.Abs(got-want) > 1e-9 {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	near("B", *card.Lines[0].Total, 110./150*100)
	near("A", *card.Lines[1].Total, 100./150*100)
	near("at least", card.Lines[0].Least, 110./250*100)
	near("at most", card.Lines[0].Most, 210./250*100)
	if m := card.Lines[1].Means[0]; m.Low != 3 || m.High != 5 || m.People != 2 {
		t.Errorf("disagreement %+v", m)
	}
	if len(card.Swings) != 2 || card.Swings[0].Criterion != "y" || card.Swings[1].By != "a" {
		t.Fatalf("swings %+v", card.Swings)
	}
	near("weight of y", card.Swings[0].At, 10-10./3)
	near("weight of x", card.Swings[1].At, 30)
}

// What is said to change the winner does, just beyond the weight, and what is nearer does not.
func TestSwings(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var r Review
		var scores []Score
		for k := range rapid.IntRange(1, 5).Draw(t, "criteria") {
			r.Criteria = append(r.Criteria, Criterion{Key: "k" + strconv.Itoa(k), Weight: float64(rapid.IntRange(0, 100).Draw(t, "weight"))})
		}
		for i := range rapid.IntRange(2, 4).Draw(t, "candidates") {
			r.Candidates = append(r.Candidates, Candidate{Key: "c" + strconv.Itoa(i)})
			for _, k := range r.Criteria {
				scores = append(scores, Score{Candidate: r.Candidates[i].Key, Criterion: k.Key, Score: rapid.IntRange(0, 5).Draw(t, "score")})
			}
		}
		card := Card(r, scores)
		if card.Winner == "" {
			return
		}
		with := func(key string, weight float64) string {
			other := r
			other.Criteria = nil
			for _, c := range r.Criteria {
				if c.Key == key {
					c.Weight = weight
				}
				other.Criteria = append(other.Criteria, c)
			}
			return Card(other, scores).Winner
		}
		for _, s := range card.Swings {
			step := math.Copysign(.01, s.At-s.Weight)
			if with(s.Criterion, s.At-step) != card.Winner {
				t.Fatalf("%s: it is overtaken before %v", s.Criterion, s.At)
			}
			if beyond := s.At + step; beyond >= 0 && with(s.Criterion, beyond) == card.Winner {
				t.Fatalf("%s: it still leads at %v", s.Criterion, beyond)
			}
		}
	})
}

func TestTemplates(t *testing.T) {
	for _, x := range Templates() {
		d := ReviewDraft{Title: x.Title, Category: x.Category, Criteria: x.Criteria()}
		if err := d.Validate(); err != nil || len(d.Criteria) < 6 {
			t.Errorf("%s: %d criteria, %v", x.Key, len(d.Criteria), err)
		}
	}
	if _, err := ReadCriteria("20 | A\nmany | B"); err == nil {
		t.Error("a weight that is no number is taken")
	}
}

// A criterion that keeps its name keeps its scores; a new one gets a key of its own.
func TestKeep(t *testing.T) {
	old := ReviewDraft{Title: "T", Criteria: []Criterion{{Name: "Search!", Weight: 1}, {Name: "Search?", Weight: 1}}}
	if err := old.Validate(); err != nil || old.Criteria[0].Key != "search" || old.Criteria[1].Key != "search-2" {
		t.Fatalf("%+v, %v", old.Criteria, err)
	}
	next := ReviewDraft{Title: "T", Criteria: []Criterion{{Name: "New", Weight: 1}, {Name: "Search?", Weight: 5}}}
	next.Keep(&old)
	if err := next.Validate(); err != nil || next.Criteria[1].Key != "search-2" || next.Criteria[0].Key != "new" {
		t.Errorf("%+v, %v", next.Criteria, err)
	}
	double := ReviewDraft{Title: "T", Criteria: []Criterion{{Name: "A", Weight: 1}, {Name: "A", Weight: 1}}}
	if double.Validate() == nil {
		t.Error("two of the same name are taken")
	}
}
