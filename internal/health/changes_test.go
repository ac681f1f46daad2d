// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package health_test

import (
	"strings"
	"testing"
	"time"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/health"
)

// crowdOf makes a service over activities by hand: member, channel 1 (help) or 2 (dev), days ago.
func crowdOf(t *testing.T, acts [][3]int) *health.Service {
	t.Helper()
	cols := analytics.NewColumns()
	d := &analytics.Delta{
		Added: &analytics.Facts{}, Sources: []analytics.Source{{ID: 1, Name: "slack"}}, AsOf: now,
		Channels: []analytics.Channel{{ID: 1, Source: 1, Name: "help"}, {ID: 2, Source: 1, Name: "dev"}},
	}
	for id := int64(1); id <= 200; id++ {
		d.Identities = append(d.Identities, analytics.Identity{ID: id, Member: id})
	}
	for n, a := range acts {
		if err := d.Added.Add(analytics.Fact{ID: int64(n + 1), At: now.AddDate(0, 0, -a[2]).Add(-time.Hour).UnixMicro(), Identity: int64(a[0]), Source: 1, Channel: int64(a[1]), Kind: greenroom.KindReply}); err != nil {
			t.Fatal(err)
		}
	}
	if err := cols.Apply(d); err != nil {
		t.Fatal(err)
	}
	s := &shelf{}
	clock := func() time.Time { return now }
	return health.New(analytics.NewEngine(cols, analytics.Answers{}, clock), s, s, s, nil, clock, func() *time.Location { return time.UTC })
}

// steady is the same in every week: each of 20 members writes twice, once in each channel.
func steady() [][3]int {
	var acts [][3]int
	for week := range 30 {
		for m := 1; m <= 20; m++ {
			acts = append(acts, [3]int{m, 1, 5 + 7*week + m%7}, [3]int{m, 2, 5 + 7*week + (m+3)%7})
		}
	}
	return acts
}

// TestChangesWithinNoise finds nothing where every week is alike, and says what it looked at.
func TestChangesWithinNoise(t *testing.T) {
	c, err := crowdOf(t, steady()).Changes(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Moved) != 0 || !strings.HasPrefix(c.Nothing(), "Nothing beyond noise changed. Looked at: Activities, active members,") {
		t.Errorf("moved %+v\n%s", c.Moved, c.Nothing())
	}
	if c.From.Format(time.DateOnly) != "2026-11-09" || c.To.Format(time.DateOnly) != "2026-11-16" {
		t.Errorf("looked at %s to %s", c.From, c.To)
	}
}

// TestChangesExplained adds 30 newcomers who answer in #help in the last whole week: each figure's change is theirs.
func TestChangesExplained(t *testing.T) {
	acts := steady()
	for m := 101; m <= 130; m++ {
		acts = append(acts, [3]int{m, 1, 5 + m%7}, [3]int{m, 1, 5 + m%7})
	}
	c, err := crowdOf(t, acts).Changes(t.Context(), analytics.Week)
	if err != nil {
		t.Fatal(err)
	}
	says := make(map[string]*health.Moved)
	for i := range c.Moved {
		says[c.Moved[i].Metric] = &c.Moved[i]
	}
	v := says["activities"]
	if v == nil || v.Says != "Activities: 100, up 60 from 40 (+150 %)." || v.Small || len(v.Parts) != 1 {
		t.Fatalf("activities: %+v", v)
	}
	if p := v.Parts[0]; !p.Exact || p.Delta != 60 || p.Share != 1 || p.Says != "Channel help: +60 of the +60 (100 %), from 20 to 80." || !strings.Contains(p.Records, "help") {
		t.Errorf("activities: %+v", p)
	}
	// A member can be in two channels, so that members by channel do not add up: they are told by what would be without.
	if v = says["active_members"]; v == nil || len(v.Parts) != 1 || v.Parts[0].Exact || v.Parts[0].Says != "Channel help: without it, the figure would have stayed at 20." {
		t.Errorf("active members: %+v", v)
	}
	if len(c.People) != 1 || c.People[0].Kind != "new_helpers" || c.People[0].Total != 30 || c.People[0].People[0].Says != "Answered for the first time, 2 times." {
		t.Errorf("people: %+v", c.People)
	}
	if len(c.Next) != 2 || c.Next[0].Says != "Thank m101 and 29 others for their first answers." || !strings.HasPrefix(c.Next[1].Says, "Greet the new members") {
		t.Errorf("next: %+v", c.Next)
	}
	if _, err := crowdOf(t, nil).Changes(t.Context(), "day"); greenroom.ErrorCode(err) != greenroom.CodeInvalid {
		t.Errorf("got %v", err)
	}
}
