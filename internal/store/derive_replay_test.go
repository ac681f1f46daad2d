// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"testing"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/store"
)

// TestTagsStayWithWhomTheyWereGiven is a world that was once drawn. A tag is given to a member of several accounts, one of
// them is parted from it into a member that has no account to be called by, and facts come that join and part the others.
// Who has the tag has to follow from what was decided, so that a rebuild finds the same.
func TestTagsStayWithWhomTheyWereGiven(t *testing.T) {
	a, b := "https://github.com/a", "https://github.com/b"
	says := func(account, name, profile, link string, emails ...string) connector.Identity {
		id := connector.Identity{ExternalID: account, Name: name, ProfileURL: profile, Tags: []string{"beta"}}
		if link != "" {
			id.Links = []string{link}
		}
		for _, e := range emails {
			id.Emails = append(id.Emails, greenroom.Email{Address: e, Verified: true})
		}
		return id
	}
	w := world{
		Feeds: []feed{
			{
				{Identity: says("u1", "Bob Stone", "", "", "y@acme.io"), Post: "0-0", Thread: "0-0"},
				{Identity: says("u1", "Bob Stone", a, "")},
				{Identity: says("u3", "Carl Moss", a, a)},
				{Identity: says("u4", "Carl Moss", a, "")},
				{Identity: says("u2", "Ann Lee", b, "https://gitlab.com/c", "y@acme.io", "x@acme.io")},
				{Identity: says("u2", "Ann Lee", "", a, "x@acme.io")},
				{Identity: says("u4", "ann", b, "", "x@acme.io"), Post: "0-6", Thread: "0-5", Hour: 6},
				{Identity: says("u5", "Lee Ann", b, a, "z@gmail.com", "x@acme.io")},
			},
			{
				{Identity: says("u1", "Dana Reed", "", b, "z@gmail.com"), Post: "1-0", Thread: "1-0", Hour: 100},
				{Identity: says("u3", "ann", "", a), Post: "1-1", Thread: "1-0", Hour: 101},
				{Identity: says("u1", "", "", ""), Post: "1-2", Thread: "1-1", Hour: 102},
				{Identity: says("u5", "Lee Ann", "", "", "x@acme.io"), Post: "1-3", Thread: "1-2", Hour: 103},
			},
		},
		Deeds: []deed{
			{After: 0, What: "tag", X: "u5", Y: "u5"},
			{After: 0, What: "join or part", X: "u2", Y: "u1"},
			{After: 0, What: "domain", X: "u1", Y: "u2"},
			{After: 1, What: "join or part", XSource: 1, X: "u3", YFrom: 1, Y: "u1"},
		},
	}
	for name, open := range map[string]func(*testing.T) *store.Store{"sqlite": openSQLite, "postgres": openPostgres} {
		t.Run(name, func(t *testing.T) {
			whole, cut := open(t), open(t)
			live(t, t, whole, w, life{window: 1_000_000}, w.order())
			live(t, t, cut, w, life{batch: 3, window: 1}, w.order())
			differ(t, everything(t, whole), everything(t, cut))
			if err := whole.ForgetDerived(t.Context()); err != nil {
				t.Fatal(err)
			}
			derive(t, whole, 1)
			differ(t, everything(t, cut), everything(t, whole))
		})
	}
}
