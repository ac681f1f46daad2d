// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"greenroom/internal/alert"
	"greenroom/internal/store"
)

// A preview over conversations tells what the alert itself told, hour by hour, when it had been there: also of those that
// were answered since. Where the query asks for what changes in another way, it says who fits now, and why.
func TestAlertPreviewConversations(t *testing.T) {
	onBothAt(t, func(t *testing.T, s *store.Store, clock *time.Time) {
		b := ringing(t, s, clock)
		b.says("ana - Why is this old?")
		*clock = clock.Add(40 * day)
		const waits = "is:question waiting:>4h"
		real := b.add(alert.Draft{Name: "Waits", Watch: alert.Conversations, Query: waits})
		begun := *clock
		for hour := range 60 {
			switch hour {
			case 1:
				b.says("ben - How do I do it?") // m2
			case 7:
				b.says("cay m2 Like this.") // too late
			case 24:
				b.says("dan - What is that?") // m4
			case 25:
				b.says("cay m4 A thing.")
			case 48:
				b.says("eve - Where is it?")
			case 57:
				b.says("fay - Who knows?")
			}
			if err := b.Look(t.Context()); err != nil {
				t.Fatal(err)
			}
			*clock = clock.Add(time.Hour)
		}
		fired, err := b.Firings(t.Context(), alert.Filter{Alert: real.ID})
		if err != nil {
			t.Fatal(err)
		}
		list := func(all []alert.Firing) string {
			var text []string
			for i := range slices.Backward(all) {
				text = append(text, all[i].Title)
			}
			return strings.Join(text, "; ")
		}
		preview := func(q, basis, says string) *alert.Preview {
			t.Helper()
			p, err := b.Preview(t.Context(), alert.Draft{Watch: alert.Conversations, Query: q})
			if err != nil {
				t.Fatal(err)
			}
			if p.Basis != basis || !strings.Contains(p.Says, says) {
				t.Errorf("%s rests on %s and says %q, want %s, %q", q, p.Basis, p.Says, basis, says)
			}
			return p
		}
		p := preview(waits, alert.BasisTimes, "It would have fired 2 times in the last 30 days, going by when conversations were opened, answered and resolved; what else the query asks for is taken as it is today. 2 conversations fit now")
		expect(t, "what it tells", list(p.Firings), list(fired))
		var at []string
		for i := range slices.Backward(p.Firings) {
			at = append(at, fmt.Sprint(p.Firings[i].At.Sub(begun)))
		}
		expect(t, "when", strings.Join(at, " "), "5h0m0s 52h0m0s")
		expect(t, "as soon as they are asked", strconv.FormatInt(preview("is:waiting", alert.BasisTimes, "4 times").Times, 10), "4")
		preview("is:question waiting:>4h channel:nowhere", alert.BasisTimes, "It would not have fired in the last 30 days")
		preview("waiting:>4h replies:>1", alert.BasisNow, "when replies:>1 came to hold is not kept")
		preview("waiting:>4h -is:resolved", alert.BasisNow, "when is:resolved came to hold is not kept")
		preview("waiting:>4h thing", alert.BasisNow, "words may have come in with a reply")
		preview("waiting:<4h", alert.BasisTimes, "4 times")
	})
}
