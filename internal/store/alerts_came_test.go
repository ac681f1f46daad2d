// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"greenroom/internal/alert"
	"greenroom/internal/member"
	"greenroom/internal/segment"
)

// A preview over members shows who came to fit where a segment's history says so, each at their time; where none does, it
// says that it shows who fits now, and why.
func TestAlertPreviewComings(t *testing.T) {
	inClub(t, func(c *club) {
		b := ringing(t, c.s, &c.now, func(cfg *alert.Config) { cfg.Comings = c.s })
		preview := func(watch alert.Watch, q, basis string, parts ...string) *alert.Preview {
			t.Helper()
			p, err := b.Preview(t.Context(), alert.Draft{Watch: watch, Query: q})
			if err != nil {
				t.Fatal(err)
			}
			if p.Basis != basis {
				t.Errorf("%s rests on %s, want %s: %s", q, p.Basis, basis, p.Says)
			}
			for _, part := range parts {
				if !strings.Contains(p.Says, part) {
					t.Errorf("%s says %q, want %q", q, p.Says, part)
				}
			}
			return p
		}
		came := func(p *alert.Preview) string {
			var all []string
			for _, f := range slices.Backward(p.Firings) {
				all = append(all, fmt.Sprintf("%s %s", f.Member, f.At.Format("2 Jan")))
			}
			return strings.Join(all, ", ")
		}
		c.says("ana", "ben", "cay", "dan")
		c.later(time.Hour)
		c.says("ana")
		p := preview(alert.Members, "activities:>=2", alert.BasisNow, "1 member fits now, and would not be told of", "no segment has this one")
		if p.FitNow != 1 || p.Times != 0 || p.Exact || came(p) == "" {
			t.Errorf("%+v", p)
		}
		preview(alert.Organizations, "members:>0", alert.BasisNow, "that is not kept for organizations")

		g := c.add("Busy", "activities:>=2 -is:bot")
		c.later(50 * day)
		c.says("dan") // comes in, and belongs to the team: the alert leaves them out
		c.later(time.Hour)
		yes := true
		if err := c.s.EditMember(t.Context(), c.id("Dan"), member.Edit{Staff: &yes}); err != nil {
			t.Fatal(err)
		}
		c.says("ben")
		c.later(day)
		c.says("cay")
		c.later(day)
		const says = "It would have fired 2 times in the last 30 days, as the history of the segment Busy says. 3 members fit now"
		for _, q := range []string{"activities:>=2", "-is:staff -is:bot activities:>=2", "segment:" + g.Key} {
			p = preview(alert.Members, q, alert.BasisHistory, says)
			if !p.Exact || p.Segment != g.Key || p.FitNow != 3 || came(p) != "Ben 22 Jul, Cay 23 Jul" {
				t.Errorf("%s: %s, %+v", q, came(p), p)
			}
		}
		// The segment leaves bots out, so it does not say when one came; and this is another query.
		preview(alert.Members, "is:staff activities:>=2", alert.BasisNow, "no segment has this one")
		preview(alert.Members, "activities:>=2 -is:staff", alert.BasisNow, "no segment has this one")

		// Of a query that was changed the history begins anew.
		q := "activities:>=3 -is:bot"
		if _, err := c.g.Edit(t.Context(), g.Key, segment.Change{Query: &q}, "ana"); err != nil {
			t.Fatal(err)
		}
		c.later(10 * day)
		c.says("ben")
		c.later(time.Hour)
		p = preview(alert.Members, "activities:>=3", alert.BasisHistory, "It would have fired once in the last 10 days, which is as far back as this is known")
		if p.Exact || p.Times != 1 {
			t.Errorf("%+v", p)
		}
		// A segment that was just made has its last weeks worked out, and the preview says so.
		c.add("Thrice", "activities:>=2 last_active:<90d -is:bot")
		p = preview(alert.Members, "last_active:<90d activities:>=2", alert.BasisHistory, "was worked out from what is known today, to the week")
		if p.Exact || p.Times != 2 {
			t.Errorf("worked out: %s, %+v", came(p), p)
		}
	})
}
