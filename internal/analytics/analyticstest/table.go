// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package analyticstest

import (
	"context"
	"fmt"
	"iter"
	"testing"
	"time"

	"greenroom"
	"greenroom/internal/analytics"
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

func berlin(tb testing.TB) *time.Location {
	tb.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		tb.Fatal(err)
	}
	return zone
}

func at(tb testing.TB, zone *time.Location, s string) time.Time {
	tb.Helper()
	if s == "" {
		return time.Time{}
	}
	layout := "2006-01-02 15:04"
	if len(s) == len(time.DateOnly) {
		layout = time.DateOnly
	}
	v, err := time.ParseInLocation(layout, s, zone)
	if err != nil {
		tb.Fatal(err)
	}
	return v
}

func micros(v time.Time) int64 {
	if v.IsZero() {
		return 0
	}
	return v.UnixMicro()
}

// TableFeed is the record store that holds the tables above.
func TableFeed(tb testing.TB) *Feed {
	tb.Helper()
	zone := berlin(tb)
	f := NewFeed()
	f.Sources = []analytics.Source{{ID: 1, Name: "slack-acme", Platform: "slack"}, {ID: 2, Name: "hub", Platform: "github"}}
	f.Channels = []analytics.Channel{
		{ID: 1, Source: 1, Name: "help"}, {ID: 2, Source: 1, Name: "Random"}, {ID: 3, Source: 2, Name: "acme/app"}, {ID: 4, Source: 1, Name: "secret", Hidden: true},
	}
	source := []int64{0, 1, 1, 2, 1}
	for _, a := range activityTable {
		f.AddFact(analytics.Fact{At: micros(at(tb, zone, a.at)), Identity: a.identity, Channel: a.channel, Source: source[a.channel], Kind: a.kind})
	}
	var convs []analytics.Conversation
	for i, c := range conversationTable {
		convs = append(convs, analytics.Conversation{
			ID: int64(i + 1), Source: source[c.channel], Channel: c.channel, Author: c.author, Kind: greenroom.KindMessage, State: c.state,
			Question: c.question, OpenedAt: micros(at(tb, zone, c.opened)), FirstResponse: micros(at(tb, zone, c.first)),
			FirstStaff: micros(at(tb, zone, c.staff)), FirstMember: micros(at(tb, zone, c.member)), ResolvedAt: micros(at(tb, zone, c.resolved)),
		})
	}
	convs = append(convs, analytics.Conversation{ID: 99, Source: 1, Channel: 1, Question: true}) // its opening is not known: does not count
	joined := func(s string) int64 { return micros(at(tb, zone, s)) }
	f.Put([]analytics.Identity{
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

// OrganizationSet implements analytics.Organizations.
func (a answers) OrganizationSet(_ context.Context, node query.Node) ([]int64, error) {
	if text := query.Format(node); text != `org:"Blue Harbor"` {
		return nil, fmt.Errorf("asked for the organizations of %s", text)
	}
	return []int64{1}, nil
}
