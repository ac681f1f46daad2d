// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package recognition

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
)

func TestRank(t *testing.T) {
	at := func(day int) time.Time { return time.Date(2026, 11, day, 0, 0, 0, 0, time.UTC) }
	all := []Help{
		{ActivityID: 1, Helper: Person{ID: 1}, At: at(9)},
		{ActivityID: 2, Helper: Person{ID: 2}, At: at(1), Accepted: true, Resolved: true},
		{ActivityID: 3, Helper: Person{ID: 3}, At: at(2), Resolved: true},
		{ActivityID: 4, Helper: Person{ID: 3}, At: at(3)},
	}
	Rank(all)
	var got [][2]int64
	for _, h := range all {
		got = append(got, [2]int64{h.ActivityID, h.Score})
	}
	// Of the two that count 3, the later one comes first.
	if diff := cmp.Diff([][2]int64{{3, 3}, {2, 3}, {4, 2}, {1, 1}}, got); diff != "" {
		t.Errorf("activity and score (-want +got):\n%s", diff)
	}
}

// What is filled in is never taken for a name in braces itself.
func TestFill(t *testing.T) {
	if got := fill("Hi {name}: {title} {other}", map[string]string{"name": "{title}", "title": "x"}); got != "Hi {title}: x {other}" {
		t.Errorf("became %q", got)
	}
}

func TestSettings(t *testing.T) {
	set := Usual()
	set.Products, set.Thanks, set.Levels[Answers] = []string{" Lumen ", "", "Lumen"}, " ", []int64{10, 1, 10}
	if err := set.Validate(); err != nil || !cmp.Equal(set.Products, []string{"Lumen"}) || set.Thanks != usualThanks || !cmp.Equal(set.Levels[Answers], []int64{1, 10}) {
		t.Errorf("became %+v, %v", set, err)
	}
	for what, change := range map[string]func(*Settings){
		"no link": func(s *Settings) { s.Ask = "May we?" }, "no days": func(s *Settings) { s.Days = 0 }, "a kind": func(s *Settings) { s.Levels["stars"] = []int64{1} }, "a level": func(s *Settings) { s.Levels[Years] = []int64{0} },
	} {
		set := Usual()
		change(&set)
		if err := set.Validate(); greenroom.ErrorCode(err) != greenroom.CodeInvalid {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestNamings(t *testing.T) {
	for _, c := range []struct {
		who  Person
		want []string
	}{
		{Person{Name: "Ana Torres", Organization: "Acme"}, []string{"Ana Torres, Acme", "Ana Torres", "Ana T.", "A member of the community, Acme", "A member of the community"}},
		{Person{Name: "kim"}, []string{"kim", "A member of the community"}},
	} {
		if diff := cmp.Diff(c.want, Namings(&c.who)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.who.Name, diff)
		}
	}
}
