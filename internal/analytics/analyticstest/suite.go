// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package analyticstest

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/internal/analytics"
)

// Run checks that an engine computes what is right, also while what it follows changes.
func (e Engine) Run(t *testing.T) {
	t.Helper()
	t.Run("metrics worked out by hand", e.testMetricsByHand)
	t.Run("who is left out", e.testLeftOut)
	t.Run("merge and split", e.testMergeAndSplit)
	t.Run("edit and delete", e.testEditAndDelete)
	t.Run("readings", e.testReadings)
	t.Run("a conversation is removed", e.testRemovedConversation)
	t.Run("erase", e.testErase)
	t.Run("reopen", e.testReopen)
	t.Run("other store", e.testOtherStore)
	t.Run("places are renamed and hidden", e.testPlacesAreRenamedAndHidden)
}

func (e Engine) testMetricsByHand(t *testing.T) {
	f := TableFeed(t)
	c := e.Community(t, f, e.Place(t))
	c.Update(t)
	open := analytics.Request{From: at(t, berlin(t), "2026-03-02"), To: at(t, berlin(t), "2026-04-20")}
	for _, tc := range []struct {
		metric string
		query  string
		req    analytics.Request
		want   string
	}{
		// fay before; W1 ana ben joe, kim's account; W2 cleo, ida's account.
		{"members", "", analytics.Request{}, "5 7 7 7 7"},
		{"members", "channel:#help", analytics.Request{}, "4 5 5 5 6"}, // fay ana ben joe, cleo, kim by writing
		{"new_members", "", analytics.Request{}, "3 1 0 0 1"},
		{"new_members", "source:github", analytics.Request{}, "0 2 2 0 0"}, // ana joe, ben fay: new to GitHub
		{"active_members", "", analytics.Request{}, "3 3 3 2 2"},
		{"active_members", "channel:#help", analytics.Request{}, "3 1 1 1 1"},
		{"active_members", "channel:#help or kind:pull_request", analytics.Request{}, "4 2 1 1 1"}, // naming kinds lets kim's joining count
		{"active_members", "-channel:#help", analytics.Request{}, "0 2 3 1 1"},
		{"active_members", "tag:champion", analytics.Request{}, "2 1 1 1 1"},
		{"active_members", "-tag:champion", analytics.Request{}, "1 2 2 1 1"},
		{"active_members", `org:"Blue Harbor" or country:FR`, analytics.Request{}, "2 2 2 2 1"},
		{"active_members", "occurred:2026-03-05..2026-03-17", analytics.Request{}, "2 3 2 0 0"},
		{"active_members", "kind:join", analytics.Request{}, "1 0 0 0 0"},
		{"active_members", "webhook", analytics.Request{}, "2 1 0 0 0"},                               // activities 2 ana, 9 ben, 8 ana, and 21 of dan
		{"active_members", "(webhook or kind:star) -channel:#help", analytics.Request{}, "0 1 1 0 0"}, // the store finds, the columns narrow
		{"active_members", "", analytics.Request{Options: analytics.Options{Staff: true, Bots: true}}, "5 5 4 3 3"},
		{"returning_members", "", analytics.Request{}, "0 2 1 1 1"},
		{"resurrected_members", "", analytics.Request{}, "0 0 2 1 0"},
		{"gone_quiet", "", analytics.Request{}, "0 1 2 2 1"},
		{"retention", "", analytics.Request{}, "2.3./3: 1 0.6667 0.3333 0.3333 0.3333 9.3./1: 1 1 1 0 16.3./0: - - - 23.3./0: - - 30.3./1: 1"},
		{"daily_active", "", analytics.Request{}, "1 0 1 1 0"},
		{"weekly_active", "", analytics.Request{}, "3 3 3 2 2"},
		{"monthly_active", "", analytics.Request{}, "4 5 5 5 6"},
		// W1: 1/2 0 1/2 1/3 0 0 1/4. W2: 9. cleo 1/5, 10. 1/5, 11. 1/5. W3: 16. fay 1/5, 17. 1/5, 18. 1/5 and 22. 1/5.
		// W4: 25. 1/5, 29. 1/5. W5: 30. ana: Mar 3 to 30 has ana ben joe cleo fay, 1/5; 2.4.: Mar 6 on: ana ben cleo fay joe kim, 1/6.
		{"stickiness", "", analytics.Request{}, "0.2262 0.0857 0.1143 0.0571 0.0524"},
		{"activities", "", analytics.Request{}, "6 4 4 3 2"},
		{"activities", "kind:join", analytics.Request{}, "1 0 0 0 0"},
		{"activities", "-kind:message", analytics.Request{}, "4 3 4 1 1"}, // kinds named: kim's joining too
		{"contributor_concentration", "", analytics.Request{}, "1 1 1 1 1"},
		{"top_share", "", analytics.Request{}, "1 1 1 1 1"},
		// Contributions: W1 ana's reply and ben's, W2 ana's issue and joe's pull request and commit, W3 ben's comment and cleo's two replies.
		{"contributors", "", analytics.Request{}, "2 2 2 0 0"},
		{"contributors", "kind:reply,message", analytics.Request{}, "2 0 1 0 0"},
		{"new_contributors", "", analytics.Request{}, "2 1 1 0 0"}, // ana ben, joe, cleo
		{"occasional_contributors", "", analytics.Request{}, "2 2 2 0 0"},
		{"helpers", "", analytics.Request{}, "2 0 2 0 0"},
		// W1 Blue Harbor 1 (ana), Night Train 1 (ben): either has half. W2 1 and 2, W3 cleo 2 and ben 1.
		{"elephant_factor", "", analytics.Request{}, "1 1 1 - -"},
		// W1 ana 3, ben 1, joe 1 of these and dan's one. W2 ana's issue, cleo, joe's pull request, and dan. W3 ben's comment, cleo 2, and dan.
		// W4 ana 2 and dan. W5 kim and dan.
		{"member_share", "", analytics.Request{}, "0.8333 0.75 0.75 0.6667 0.5"},
		{"member_share", `org:"Blue Harbor"`, analytics.Request{}, "1 1 1 1 -"},
		{"answered_by_members", "", analytics.Request{}, "0.5 0 - 0 -"},
		// W1: 1 h is resolved, three are not. W2: the one after 24 h.
		{"time_to_resolution", "", analytics.Request{}, "- 86400 - - -"},
		{"conversations", "", analytics.Request{}, "6 1 0 1 0"},
		{"questions", "", analytics.Request{}, "5 1 0 1 0"},
		{"questions", "channel:#help", analytics.Request{}, "4 0 0 1 0"},
		{"unanswered", "", analytics.Request{}, "1 0 0 0 0"},
		{"unanswered", "", open, "1 0 0 0 0 1~"},
		{"answered_share", "", analytics.Request{}, "0.5 1 - 1 -"},
		{"answered_share", "", analytics.Request{Options: analytics.Options{By: analytics.ByMember}}, "0.5 0 - 1 -"},
		{"resolved_share", "", analytics.Request{}, "0.25 1 - 0 -"},
		// 1 h left, 2 h, 30 h, one waits. S = 2/3 after 2 h (three at risk), 1/3 after 30 h.
		{"time_to_first_response", "", analytics.Request{}, "108000 1800 - 7200 -"},
		{"time_to_first_response", "", open, "108000 1800 - 7200 - -~"},
		{"time_to_first_response_p90", "", analytics.Request{}, "- 1800 - 7200 -"},
		{"time_to_first_response", "", analytics.Request{Options: analytics.Options{By: analytics.ByStaff}}, "- 1800 - 7200 -"},
		{"time_to_first_response", "", analytics.Request{Options: analytics.Options{By: analytics.ByMember}}, "172800 - - 10800 -"},
		{"response_within_target", "", analytics.Request{}, "0.25 1 - 1 -"},
		{"response_within_target", "", open, "0.25 1 - 1 - -~"}, // the last one is not due yet
		{"response_within_target", "", analytics.Request{Options: analytics.Options{Target: time.Hour}}, "0 1 - 0 -"},
		{"active_members", "", analytics.Request{Granularity: analytics.Month}, "5~ 1~"}, // the range cuts both
		{"new_members", "", analytics.Request{Granularity: analytics.Month}, "4 1~"},
		{"active_members", "", analytics.Request{Granularity: analytics.Quarter}, "5~ 1~"},
		{"active_members", "", analytics.Request{Granularity: analytics.Total}, "6"},
		{"active_members", "", analytics.Request{Breakdown: analytics.BySource}, "slack-acme: 3 1 1 2 2 hub: 0 2 2 0 0"},
		{"active_members", "", analytics.Request{Breakdown: analytics.ByOrganization}, "Blue Harbor: 1 2 1 2 1 Night Train: 2 1 1 0 0 other: 0 0 1 0 1"},
		{"active_members", "", analytics.Request{Breakdown: analytics.ByTag}, "champion: 2 1 1 1 1 speaker: 1 1 0 1 1"},
		{"activities", "", analytics.Request{Breakdown: analytics.ByChannel, Options: analytics.Options{Groups: 1}}, "help: 5 1 1 1 1 other: 1 3 3 2 1"},
		{"activities", "", analytics.Request{Breakdown: analytics.ByCountry}, "DE: 3 2 2 3 1 FR: 1 0 1 0 0 other: 2 2 1 0 1"},
		{"questions", "", analytics.Request{Breakdown: analytics.ByChannel}, "help: 4 0 0 1 0 Random: 1 0 0 0 0 acme/app: 0 1 0 0 0"},
	} {
		t.Run(strings.TrimSpace(tc.metric+" "+tc.query), func(t *testing.T) {
			tc.req.Metric = tc.metric
			if got := Row(c.Ask(t, tc.req, tc.query)); got != tc.want {
				t.Errorf("%+v:\ngot  %s\nwant %s", tc.req.Options, got, tc.want)
			}
		})
	}
}

func (e Engine) testLeftOut(t *testing.T) {
	c := e.Community(t, TableFeed(t), e.Place(t))
	c.Update(t)
	want := analytics.LeftOut{Staff: 1, Bots: 1, Hidden: 1, Contacts: 1}
	if diff := cmp.Diff(want, c.Ask(t, analytics.Request{Metric: "active_members"}, "").LeftOut); diff != "" {
		t.Error(diff)
	}
	want = analytics.LeftOut{Staff: 1}
	if diff := cmp.Diff(want, c.Ask(t, analytics.Request{Metric: "questions"}, "").LeftOut); diff != "" {
		t.Error(diff)
	}
}

// testMergeAndSplit changes who is who; no activity is touched.
func (e Engine) testMergeAndSplit(t *testing.T) {
	f := TableFeed(t)
	c := e.Community(t, f, e.Place(t))
	c.Update(t)
	rows := func() []string {
		var got []string
		for _, m := range []string{"active_members", "new_members", "returning_members", "resurrected_members", "gone_quiet", "members"} {
			got = append(got, Row(c.Ask(t, analytics.Request{Metric: m}, "")))
		}
		return got
	}
	before := rows()
	// joe's second account becomes a member of its own: new in W2, gone quiet in W3, and joe in W2.
	f.Put([]analytics.Identity{{ID: 12, Member: 12}})
	c.Update(t)
	if diff := cmp.Diff([]string{"3 3 3 2 2", "3 2 0 0 1", "0 1 1 1 1", "0 0 2 1 0", "0 2 2 2 1", "5 8 8 8 8"}, rows()); diff != "" {
		t.Error("split:", diff)
	}
	// ben turns out to be cleo.
	f.Put([]analytics.Identity{{ID: 12, Member: 11, Organization: 2}, {ID: 3, Member: 4}})
	c.Update(t)
	if diff := cmp.Diff([]string{"3 3 2 2 2", "3 0 0 0 1", "0 3 1 1 1", "0 0 1 1 0", "0 0 2 1 1", "5 6 6 6 6"}, rows()); diff != "" {
		t.Error("merge:", diff)
	}
	f.Put([]analytics.Identity{{ID: 3, Member: 3, Organization: 2, Country: "FR"}})
	c.Update(t)
	if diff := cmp.Diff(before, rows()); diff != "" {
		t.Error("undone:", diff)
	}
}

// testEditAndDelete changes activities after they were projected.
func (e Engine) testEditAndDelete(t *testing.T) {
	f := TableFeed(t)
	c := e.Community(t, f, e.Place(t))
	c.Update(t)
	var ben int64
	for _, a := range f.Facts {
		if a.Identity == 3 && ben == 0 {
			ben = a.ID
		}
	}
	fact := f.Facts[ben-1]
	f.ChangeFact(ben, analytics.Fact{}) // ben's only one of W1
	fact.Identity = 7
	f.AddFact(fact) // and fay's instead
	c.Update(t)
	if got := Row(c.Ask(t, analytics.Request{Metric: "active_members"}, "tag:champion")); got != "1 1 1 1 1" {
		t.Errorf("after the deletion: %s", got)
	}
	if got := Row(c.Ask(t, analytics.Request{Metric: "resurrected_members"}, "")); got != "1 0 1 1 0" {
		t.Errorf("after the deletion: %s", got) // fay in W1 and in W3; ben is new in W3
	}
	fact.Identity = 3
	f.ChangeFact(ben, fact)
	f.ChangeFact(ben, fact)
	c.Update(t)
	if got := Row(c.Ask(t, analytics.Request{Metric: "active_members"}, "tag:champion")); got != "2 1 1 1 1" {
		t.Errorf("after it came back: %s", got)
	}
}

// testErase takes ida, who never did anything but join, and ben out of the record store.
func (e Engine) testErase(t *testing.T) {
	f, dir := TableFeed(t), e.Place(t)
	c := e.Community(t, f, dir)
	c.Update(t)
	for i, a := range f.Facts {
		if a.Identity == 3 {
			f.ChangeFact(int64(i+1), analytics.Fact{})
		}
	}
	delete(f.Identities, 3)
	delete(f.Identities, 10)
	f.Gone = []int64{3, 10}
	c.Update(t)
	const want = "4 5 5 5 5"
	if got := Row(c.Ask(t, analytics.Request{Metric: "members"}, "")); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	c.Close(t)
	c = e.Community(t, f, dir)
	if got := Row(c.Ask(t, analytics.Request{Metric: "members"}, "")); got != want {
		t.Errorf("opened again: got %s, want %s", got, want)
	}
}

// testReopen opens a projection again, and builds it again.
func (e Engine) testReopen(t *testing.T) {
	f, dir := TableFeed(t), e.Place(t)
	c := e.Community(t, f, dir)
	c.Update(t)
	want := c.All(t)
	c.Close(t)

	c = e.Community(t, f, dir) // filled from what was kept
	if got := c.All(t); got != want {
		t.Errorf("reopened: %s, want %s", got, want)
	}
	if err := c.Proj.Rebuild(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := c.All(t); got != want {
		t.Errorf("rebuilt: %s, want %s", got, want)
	}
	if !c.Cols.AsOf().Equal(c.Now) {
		t.Errorf("as of %s, want %s", c.Cols.AsOf(), c.Now)
	}
	c.Close(t)
}

// testOtherStore opens the projection beside a record store that it does not belong to.
func (e Engine) testOtherStore(t *testing.T) {
	dir := e.Place(t)
	c := e.Community(t, TableFeed(t), dir)
	c.Update(t)
	c.Close(t)
	other := NewFeed()
	other.Sources = []analytics.Source{{ID: 1, Name: "new"}}
	other.AddFact(analytics.Fact{At: 1e15, Identity: 1, Source: 1, Kind: greenroom.KindMessage})
	other.Put([]analytics.Identity{{ID: 1, Member: 1}})
	c = e.Community(t, other, dir)
	c.Update(t)
	all := analytics.Request{Metric: "activities", From: time.Unix(0, 0), To: c.Now, Granularity: analytics.Total}
	if got := Row(c.Ask(t, all, "")); got != "1" {
		t.Errorf("%s activities, want those of the other store: 1", got)
	}
}

// testPlacesAreRenamedAndHidden changes channels, which leaves no trace in the feed.
func (e Engine) testPlacesAreRenamedAndHidden(t *testing.T) {
	f := TableFeed(t)
	c := e.Community(t, f, e.Place(t))
	c.Update(t)
	f.Channels[1].Name = "watercooler"
	f.Channels[0].Hidden = true
	c.Now = c.Now.Add(2 * time.Minute)
	c.Update(t)
	if got, want := Row(c.Ask(t, analytics.Request{Metric: "activities", Breakdown: analytics.ByChannel}, "")),
		"acme/app: 0 3 2 0 0 watercooler: 1 0 1 2 1"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
