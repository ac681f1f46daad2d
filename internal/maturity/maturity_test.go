// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package maturity

import (
	"slices"
	"strings"
	"testing"
)

func fact(values map[string]float64) map[string]Fact {
	all := make(map[string]Fact)
	for key, v := range values {
		all[key] = Fact{Value: v, Href: "/" + key}
	}
	return all
}

// Every question, check and competency names what is there, and each competency is asked about.
func TestTablesFit(t *testing.T) {
	asked := make(map[string]int)
	keys := make(map[string]bool)
	for _, q := range Questions() {
		asked[q.Competency]++
		if keys[q.Key] {
			t.Errorf("two questions %q", q.Key)
		}
		keys[q.Key] = true
		if _, is := rule(q.Fact); q.Fact != "" && !is {
			t.Errorf("question %q: no rule %q", q.Key, q.Fact)
		}
	}
	for _, c := range Competencies() {
		if asked[c.Key] != 3 {
			t.Errorf("%s has %d questions", c.Name, asked[c.Key])
		}
		if _, is := idea(c.idea); !is {
			t.Errorf("%s: no idea %q", c.Name, c.idea)
		}
	}
	for _, c := range checks() {
		if _, is := rule(c.Fact); !is {
			t.Errorf("check %q: no rule %q", c.Needs, c.Fact)
		}
		if _, is := idea(c.idea); !is {
			t.Errorf("check %q: no idea %q", c.Needs, c.idea)
		}
	}
	for _, i := range ideas() {
		if (i.Template == "") == (len(i.Steps) == 0) {
			t.Errorf("idea %q has to have a template or steps", i.Key)
		}
	}
}

func TestStage(t *testing.T) {
	grown := map[string]float64{"active": 60, "returning": .5, "answered": .6, "helpers": 6, "key_results": 1}
	for _, x := range []struct {
		name string
		with map[string]float64
		want Stage
	}{
		{"nothing is known", nil, Seed},
		{"all of grow holds", grown, Grow},
		{"all but one of grow", map[string]float64{"active": 60, "returning": .5, "answered": .6, "helpers": 6}, Grow},
		{"two of grow are missing", map[string]float64{"active": 60, "returning": .5, "answered": .6, "helpers": 4}, Seed},
		{"impact without grow", map[string]float64{"answered_by_members": .5, "accounts": 100, "key_results": 9, "enrolled": 50, "workflows": 9, "surveys": 4}, Seed},
		{"impact", map[string]float64{"active": 60, "returning": .5, "answered": .6, "helpers": 6, "answered_by_members": .5, "accounts": 100, "key_results": 9, "enrolled": 50, "workflows": 3}, Impact},
	} {
		r := weigh(nil, fact(x.with), "")
		if r.Measured != x.want || r.Stage != x.want {
			t.Errorf("%s: %s, want %s", x.name, r.Measured, x.want)
		}
	}
	if r := weigh(nil, fact(grown), Seed); r.Stage != Seed || r.Measured != Grow || r.Next != Grow {
		t.Errorf("set by hand: %s, measured %s, next %s", r.Stage, r.Measured, r.Next)
	}
}

func TestLevels(t *testing.T) {
	for _, x := range []struct {
		rule  string
		value float64
		want  int
	}{{"active", 49, 1}, {"active", 50, 2}, {"active", 5000, 4}, {"response", 90000, 1}, {"response", 86400, 2}, {"response", 60, 4}, {"sources", 1, 4}} {
		r, _ := rule(x.rule)
		if got := r.level(x.value); got != x.want {
			t.Errorf("%s of %v is level %d, want %d", x.rule, x.value, got, x.want)
		}
	}
}

// Strategy by hand: "why" has 4 and 2, so 3, and people disagree; "goals" is said to be 3 while data say 1; of "follow" only
// data tell, 2. The mean is 8/3; Ana's mean is 3.5, Ben's 2, and that of the data 1.5.
func TestWeigh(t *testing.T) {
	r := weigh([]Answer{
		{Question: "why", Person: "ana", Level: 4}, {Question: "why", Person: "ben", Level: 2}, {Question: "goals", Person: "ana", Level: 3},
	}, fact(map[string]float64{"key_results": 0, "plans": 1}), "")
	s := r.Standing[0]
	if s.Key != "strategy" || s.Level == nil || *s.Level < 2.66 || *s.Level > 2.67 || s.Low != 1.5 || s.High != 3.5 || s.Known != 3 || s.Disagree != 1 {
		t.Fatalf("%+v", s)
	}
	if !s.Questions[0].Disagree || s.Questions[1].Disagree || !s.Questions[1].Against || s.Questions[2].Against {
		t.Errorf("%+v", s.Questions)
	}
	if r.People != 2 || r.Standing[2].Level != nil {
		t.Errorf("%d people, culture at %v", r.People, r.Standing[2].Level)
	}
	first := r.Ideas[0]
	if first.Key != "goals" || len(first.Because) != 2 {
		t.Errorf("the first idea is %+v", first)
	}
	if !slices.ContainsFunc(r.Ideas, func(i Idea) bool { return i.Key == "champions" && strings.Contains(i.Because[0], "cannot be told yet") }) {
		t.Errorf("ideas %+v", r.Ideas)
	}
}
