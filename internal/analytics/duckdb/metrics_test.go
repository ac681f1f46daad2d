// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package duckdb_test

import (
	"context"
	"fmt"
	"iter"
	"log/slog"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/analytics/duckdb"
	"greenroom/internal/query"
)

// The little community. All times are Berlin's, where the clock is put forward on Sunday, 29 March 2026, at 02:00. The
// weeks begin on 2, 9, 16, 23 and 30 March; now is Wednesday of the week that begins on 6 April.
//
// Activities, by identity (ana has 1 and 2, joe has 11 and 12):
//
//	           before   W1 2.3.-8.3.         W2 9.3.-15.3.     W3 16.3.-22.3.   W4 23.3.-29.3.        W5 30.3.-5.4.
//	1  ana              2. 10:00 11:00, 4.                                      29. 01:30, 29. 23:30  30. 00:10
//	2  ana                                   10.
//	3  ben              8. 23:30                               18.
//	4  cleo                                  9. 00:15          17., 22.         25.
//	7  fay     20.2.                                           16.
//	11 joe              5.
//	12 joe                                   11. 11:00 12:00
//	13 kim              (3. joined)                                                                   2.4.
//	10 ida                                   (10. account made)
//	5  dan, of the team, and 6, a bot: every Monday. 8, hidden: 3.3. 9, a contact: 4.3. Somebody unknown: 6.3.
var activityTable = []struct {
	identity int64
	at       string
	kind     greenroom.Kind
	channel  int64 // 1 help, 2 random, 3 the repository, 4 hidden
}{
	{7, "2026-02-20 09:00", greenroom.KindMessage, 1},
	{1, "2026-03-02 10:00", greenroom.KindMessage, 1},
	{1, "2026-03-02 11:00", greenroom.KindReply, 1},
	{1, "2026-03-04 09:00", greenroom.KindMessage, 1},
	{1, "2026-03-29 01:30", greenroom.KindMessage, 2},
	{1, "2026-03-29 23:30", greenroom.KindMessage, 2},
	{1, "2026-03-30 00:10", greenroom.KindReaction, 2},
	{2, "2026-03-10 12:00", greenroom.KindIssue, 3},
	{3, "2026-03-08 23:30", greenroom.KindReply, 1},
	{3, "2026-03-18 08:00", greenroom.KindComment, 3},
	{4, "2026-03-09 00:15", greenroom.KindMessage, 1},
	{4, "2026-03-17 10:00", greenroom.KindReply, 2},
	{4, "2026-03-22 10:00", greenroom.KindReply, 1},
	{4, "2026-03-25 10:00", greenroom.KindReaction, 1},
	{7, "2026-03-16 00:00", greenroom.KindStar, 3},
	{11, "2026-03-05 10:00", greenroom.KindMessage, 1},
	{12, "2026-03-11 11:00", greenroom.KindPullRequest, 3},
	{12, "2026-03-11 12:00", greenroom.KindCommit, 3},
	{13, "2026-03-03 10:00", greenroom.KindJoin, 1},
	{13, "2026-04-02 10:00", greenroom.KindMessage, 1},
	{5, "2026-03-02 09:00", greenroom.KindMessage, 1},
	{5, "2026-03-09 09:00", greenroom.KindMessage, 1},
	{5, "2026-03-16 09:00", greenroom.KindMessage, 1},
	{5, "2026-03-23 09:00", greenroom.KindMessage, 1},
	{5, "2026-03-30 09:00", greenroom.KindMessage, 1},
	{6, "2026-03-02 09:30", greenroom.KindReply, 1},
	{6, "2026-03-09 09:30", greenroom.KindReply, 1},
	{8, "2026-03-03 09:00", greenroom.KindMessage, 1},
	{9, "2026-03-04 09:00", greenroom.KindMessage, 1},
	{0, "2026-03-06 09:00", greenroom.KindReaction, 2},
	{3, "2026-03-12 09:00", greenroom.KindMessage, 4}, // in a hidden channel: counts nowhere
}

// Conversations. The first five are questions of W1 and the ones to work the waiting times out with.
var conversationTable = []struct {
	author                                 int64
	opened, first, staff, member, resolved string
	question                               bool
	state                                  greenroom.State
	channel                                int64
}{
	{1, "2026-03-02 10:00", "2026-03-02 12:00", "", "2026-03-02 12:00", "", true, greenroom.StateAnswered, 1},                 // after 2 h
	{1, "2026-03-04 09:00", "2026-03-05 15:00", "2026-03-05 15:00", "2026-03-06 09:00", "", true, greenroom.StateAnswered, 1}, // after 30 h
	{11, "2026-03-05 10:00", "", "", "", "", true, greenroom.StateOpen, 1},                                                    // waits
	{3, "2026-03-06 10:00", "", "", "", "2026-03-06 11:00", true, greenroom.StateResolved, 2},                                 // closed by ben himself after 1 h
	{4, "2026-03-06 10:00", "", "", "", "", true, greenroom.StateIgnored, 1},                                                  // ignored
	{5, "2026-03-02 09:00", "2026-03-02 09:05", "", "2026-03-02 09:05", "", true, greenroom.StateAnswered, 1},                 // by staff: left out
	{7, "2026-03-03 09:00", "", "", "", "", false, greenroom.StateOpen, 1},                                                    // no question
	{2, "2026-03-10 12:00", "2026-03-10 12:30", "2026-03-10 12:30", "", "2026-03-11 12:00", true, greenroom.StateResolved, 3}, // after 30 min
	{4, "2026-04-08 06:00", "", "", "", "", true, greenroom.StateOpen, 1},                                                     // 6 h before now
	{4, "2026-03-29 01:00", "2026-03-29 04:00", "2026-03-29 04:00", "2026-03-29 05:00", "", true, greenroom.StateAnswered, 1}, // over the change of the clock: 2 h
	{3, "2026-03-12 09:00", "", "", "", "", true, greenroom.StateOpen, 4},                                                     // in a hidden channel
}

func berlin(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func at(t *testing.T, zone *time.Location, s string) time.Time {
	t.Helper()
	if s == "" {
		return time.Time{}
	}
	layout := "2006-01-02 15:04"
	if len(s) == len(time.DateOnly) {
		layout = time.DateOnly
	}
	v, err := time.ParseInLocation(layout, s, zone)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func micros(v time.Time) int64 {
	if v.IsZero() {
		return 0
	}
	return v.UnixMicro()
}

// tableFeed is the record store that holds the tables above.
func tableFeed(t *testing.T) *feed {
	t.Helper()
	zone := berlin(t)
	f := newFeed()
	f.sources = []analytics.Source{{ID: 1, Name: "slack-acme", Platform: "slack"}, {ID: 2, Name: "hub", Platform: "github"}}
	f.channels = []analytics.Channel{
		{ID: 1, Source: 1, Name: "help"}, {ID: 2, Source: 1, Name: "Random"}, {ID: 3, Source: 2, Name: "acme/app"}, {ID: 4, Source: 1, Name: "secret", Hidden: true},
	}
	source := []int64{0, 1, 1, 2, 1}
	for _, a := range activityTable {
		f.addFact(analytics.Fact{At: micros(at(t, zone, a.at)), Identity: a.identity, Channel: a.channel, Source: source[a.channel], Kind: a.kind})
	}
	var convs []analytics.Conversation
	for i, c := range conversationTable {
		convs = append(convs, analytics.Conversation{
			ID: int64(i + 1), Source: source[c.channel], Channel: c.channel, Author: c.author, Kind: greenroom.KindMessage, State: c.state,
			Question: c.question, OpenedAt: micros(at(t, zone, c.opened)), FirstResponse: micros(at(t, zone, c.first)),
			FirstStaff: micros(at(t, zone, c.staff)), FirstMember: micros(at(t, zone, c.member)), ResolvedAt: micros(at(t, zone, c.resolved)),
		})
	}
	convs = append(convs, analytics.Conversation{ID: 99, Source: 1, Channel: 1, Question: true}) // its opening is not known: does not count
	joined := func(s string) int64 { return micros(at(t, zone, s)) }
	f.put([]analytics.Identity{
		{ID: 1, Member: 1, Organization: 1, Country: "DE"},
		{ID: 2, Member: 1, Organization: 1, Country: "DE"},
		{ID: 3, Member: 3, Organization: 2, Country: "FR"},
		{ID: 4, Member: 4, Organization: 1, Country: "DE"},
		{ID: 5, Member: 5, Staff: true},
		{ID: 6, Member: 6, Bot: true},
		{ID: 7, Member: 7},
		{ID: 8, Member: 8, Hidden: true},
		{ID: 9, Member: 9, Contact: true},
		{ID: 10, Member: 10, JoinedAt: joined("2026-03-10 10:00")},
		{ID: 11, Member: 11, Organization: 2},
		{ID: 12, Member: 11, Organization: 2},
		{ID: 13, Member: 13, JoinedAt: joined("2026-03-03 10:00")},
	}, convs...)
	return f
}

// answers stands in for the record store's part in queries: it knows tags, and words in activities.
type answers struct {
	members map[string][]int64 // identities, by the text of the condition
	found   map[string][]int64 // activities, by the text of the condition
}

func (a answers) IdentitySet(_ context.Context, node query.Node) ([]int64, error) {
	ids, ok := a.members[query.Format(node)]
	if !ok {
		return nil, fmt.Errorf("asked for %s", query.Format(node))
	}
	return ids, nil
}

func (a answers) ActivityIDs(_ context.Context, node query.Node) iter.Seq2[int64, error] {
	return a.seq(node)
}

func (a answers) ConversationIDs(_ context.Context, node query.Node) iter.Seq2[int64, error] {
	return a.seq(node)
}

func (a answers) seq(node query.Node) iter.Seq2[int64, error] {
	return func(yield func(int64, error) bool) {
		ids, ok := a.found[query.Format(node)]
		if !ok {
			yield(0, fmt.Errorf("asked for %s", query.Format(node)))
			return
		}
		for _, id := range ids {
			if !yield(id, nil) {
				return
			}
		}
	}
}

func (a answers) OrganizationNames(_ context.Context, ids []int64) (map[int64]string, error) {
	return map[int64]string{1: "Blue Harbor", 2: "Night Train"}, nil
}

func (a answers) MemberTags(context.Context) ([]analytics.Tag, error) {
	return []analytics.Tag{{Name: "champion", Member: 1}, {Name: "speaker", Member: 1}, {Name: "champion", Member: 3}}, nil
}

// community is the little community, projected.
type community struct {
	*feed
	dir  string
	cols *analytics.Columns
	proj *duckdb.Projection
	eng  *analytics.Engine
	now  time.Time
}

func openCommunity(t *testing.T, f *feed, dir string) *community {
	t.Helper()
	c := &community{feed: f, dir: dir, cols: analytics.NewColumns(), now: at(t, berlin(t), "2026-04-08 12:00")}
	clock := func() time.Time { return c.now }
	var err error
	if c.proj, err = duckdb.Open(t.Context(), dir, f, c.cols, slog.New(slog.NewTextHandler(t.Output(), nil)), clock); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.close(t) })
	from := answers{
		members: map[string][]int64{"tag:champion": {1, 2, 3}, `org:"Blue Harbor"`: {1, 2, 4}},
		found:   map[string][]int64{"webhook": {2, 8, 9, 21}, "webhook or kind:star": {2, 8, 9, 15, 21}},
	}
	c.eng = analytics.NewEngine(c.cols, analytics.Answers{Members: from, Finder: from, Facts: c.proj, Names: from}, clock)
	return c
}

func (c *community) close(t *testing.T) {
	t.Helper()
	if c.proj == nil {
		return
	}
	if err := c.proj.Close(); err != nil {
		t.Error(err)
	}
	c.proj = nil
}

func (c *community) update(t *testing.T) {
	t.Helper()
	if err := c.proj.Update(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// ask computes a metric over the five weeks.
func (c *community) ask(t *testing.T, r analytics.Request, text string) *analytics.Result {
	t.Helper()
	zone := berlin(t)
	if r.From.IsZero() {
		r.From, r.To = at(t, zone, "2026-03-02"), at(t, zone, "2026-04-06")
	}
	if r.Granularity == "" {
		r.Granularity = analytics.Week
	}
	r.Zone = zone
	if text != "" {
		m, err := analytics.Lookup(r.Metric)
		if err != nil {
			t.Fatal(err)
		}
		var kinds []string
		for _, k := range greenroom.Kinds() {
			kinds = append(kinds, k.String())
		}
		if r.Query, err = query.Parse(query.NewSchema(m.Entity, kinds), text); err != nil {
			t.Fatal(err)
		}
	}
	res, err := c.eng.Compute(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// row prints a series on one line: the values, - for none, with the group or the offset before them.
func row(res *analytics.Result) string {
	var parts []string
	group := ""
	for _, p := range res.Series {
		if p.Group != group {
			group = p.Group
			parts = append(parts, group+":")
		}
		if p.Offset != nil && *p.Offset == 0 {
			parts = append(parts, p.From.Format("2.1.")+"/"+strconv.FormatInt(p.N, 10)+":")
		}
		v := "-"
		if p.Value != nil {
			v = strconv.FormatFloat(math.Round(*p.Value*10000)/10000, 'f', -1, 64)
		}
		if p.Partial {
			v += "~"
		}
		parts = append(parts, v)
	}
	return strings.Join(parts, " ")
}

func TestMetricsByHand(t *testing.T) {
	f := tableFeed(t)
	c := openCommunity(t, f, t.TempDir())
	c.update(t)
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
			if got := row(c.ask(t, tc.req, tc.query)); got != tc.want {
				t.Errorf("%+v:\ngot  %s\nwant %s", tc.req.Options, got, tc.want)
			}
		})
	}
}

func TestLeftOut(t *testing.T) {
	c := openCommunity(t, tableFeed(t), t.TempDir())
	c.update(t)
	want := analytics.LeftOut{Staff: 1, Bots: 1, Hidden: 1, Contacts: 1}
	if diff := cmp.Diff(want, c.ask(t, analytics.Request{Metric: "active_members"}, "").LeftOut); diff != "" {
		t.Error(diff)
	}
	want = analytics.LeftOut{Staff: 1}
	if diff := cmp.Diff(want, c.ask(t, analytics.Request{Metric: "questions"}, "").LeftOut); diff != "" {
		t.Error(diff)
	}
}

// TestMergeAndSplit changes who is who; no activity is touched.
func TestMergeAndSplit(t *testing.T) {
	f := tableFeed(t)
	c := openCommunity(t, f, t.TempDir())
	c.update(t)
	rows := func() []string {
		var got []string
		for _, m := range []string{"active_members", "new_members", "returning_members", "resurrected_members", "gone_quiet", "members"} {
			got = append(got, row(c.ask(t, analytics.Request{Metric: m}, "")))
		}
		return got
	}
	before := rows()
	// joe's second account becomes a member of its own: new in W2, gone quiet in W3, and joe in W2.
	f.put([]analytics.Identity{{ID: 12, Member: 12}})
	c.update(t)
	if diff := cmp.Diff([]string{"3 3 3 2 2", "3 2 0 0 1", "0 1 1 1 1", "0 0 2 1 0", "0 2 2 2 1", "5 8 8 8 8"}, rows()); diff != "" {
		t.Error("split:", diff)
	}
	// ben turns out to be cleo.
	f.put([]analytics.Identity{{ID: 12, Member: 11, Organization: 2}, {ID: 3, Member: 4}})
	c.update(t)
	if diff := cmp.Diff([]string{"3 3 2 2 2", "3 0 0 0 1", "0 3 1 1 1", "0 0 1 1 0", "0 0 2 1 1", "5 6 6 6 6"}, rows()); diff != "" {
		t.Error("merge:", diff)
	}
	f.put([]analytics.Identity{{ID: 3, Member: 3, Organization: 2, Country: "FR"}})
	c.update(t)
	if diff := cmp.Diff(before, rows()); diff != "" {
		t.Error("undone:", diff)
	}
}

// TestEditAndDelete changes activities after they were projected.
func TestEditAndDelete(t *testing.T) {
	f := tableFeed(t)
	c := openCommunity(t, f, t.TempDir())
	c.update(t)
	var ben int64
	for _, a := range f.facts {
		if a.Identity == 3 && ben == 0 {
			ben = a.ID
		}
	}
	fact := f.facts[ben-1]
	f.changeFact(ben, analytics.Fact{}) // ben's only one of W1
	fact.Identity = 7
	f.addFact(fact) // and fay's instead
	c.update(t)
	if got := row(c.ask(t, analytics.Request{Metric: "active_members"}, "tag:champion")); got != "1 1 1 1 1" {
		t.Errorf("after the deletion: %s", got)
	}
	if got := row(c.ask(t, analytics.Request{Metric: "resurrected_members"}, "")); got != "1 0 1 1 0" {
		t.Errorf("after the deletion: %s", got) // fay in W1 and in W3; ben is new in W3
	}
	fact.Identity = 3
	f.changeFact(ben, fact)
	f.changeFact(ben, fact)
	c.update(t)
	if got := row(c.ask(t, analytics.Request{Metric: "active_members"}, "tag:champion")); got != "2 1 1 1 1" {
		t.Errorf("after it came back: %s", got)
	}
	if got, want := c.cols.Facts(), len(slices.DeleteFunc(slices.Clone(f.facts), func(a analytics.Fact) bool { return a.Source == 0 })); got < want {
		t.Errorf("%d facts, want %d or, with those taken out, more", got, want)
	}
}

// TestErase takes ida, who never did anything but join, and ben out of the record store.
func TestErase(t *testing.T) {
	f, dir := tableFeed(t), t.TempDir()
	c := openCommunity(t, f, dir)
	c.update(t)
	for i, a := range f.facts {
		if a.Identity == 3 {
			f.changeFact(int64(i+1), analytics.Fact{})
		}
	}
	delete(f.identities, 3)
	delete(f.identities, 10)
	f.erased = []int64{3, 10}
	c.update(t)
	const want = "4 5 5 5 5"
	if got := row(c.ask(t, analytics.Request{Metric: "members"}, "")); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	c.close(t)
	c = openCommunity(t, f, dir)
	if got := row(c.ask(t, analytics.Request{Metric: "members"}, "")); got != want {
		t.Errorf("opened again: got %s, want %s", got, want)
	}
}
