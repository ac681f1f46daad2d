// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"greenroom/internal/alert"
	"greenroom/internal/member"
	"greenroom/internal/outbox"
	"greenroom/internal/store"
)

// What alerts told goes when its time is over, in batches, with messages and notices; what is open, unseen or judged stays, and
// what is told only once is not told again.
func TestAlertsTidied(t *testing.T) {
	onBothAt(t, func(t *testing.T, s *store.Store, clock *time.Time) {
		b := ringing(t, s, clock)
		drain := func() {
			t.Helper()
			r := outbox.NewRunner(s, map[outbox.Channel]outbox.Sender{outbox.Webhook: &place{keyed: true, got: make(map[string]int)}}, "me", slog.New(slog.DiscardHandler), func() time.Time { return *clock }, inUTC)
			if _, err := r.Drain(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		tidy := func(days int, want string) {
			t.Helper()
			if days >= 0 {
				if err := s.SetAlertRetention(t.Context(), days); err != nil {
					t.Fatal(err)
				}
			}
			firings, messages, err := s.ForgetOldAlerts(t.Context())
			if got := fmt.Sprint(firings, " firings, ", messages, " messages"); got != want || err != nil {
				t.Errorf("kept for %d days: %s, %v; want %s", days, got, err, want)
			}
		}
		tag := func(name string, add bool) {
			t.Helper()
			*clock = clock.Add(time.Minute) // sets are looked at from time to time
			e := member.Edit{AddTags: []string{"vip"}}
			if !add {
				e = member.Edit{RemoveTags: []string{"vip"}}
			}
			if err := s.EditMember(t.Context(), members(t, s, "name:"+name)[0].ID, e); err != nil {
				t.Fatal(err)
			}
		}
		asks := b.add(alert.Draft{Name: "Asks", Watch: alert.Activities, Query: "is:question", Group: alert.GroupNone})
		vips := b.add(alert.Draft{Name: "Vips", Watch: alert.Members, Query: "tag:vip", Group: alert.GroupNone, People: []string{"ana@example.org"}})
		b.look(vips)
		many := make([]string, 700)
		for i := range many {
			many[i] = fmt.Sprintf("ana - How do I do number %d?", i)
		}
		b.says(append(many, "ben - Hello")...)
		b.look(asks)
		all, err := b.Firings(t.Context(), alert.Filter{Alert: asks.ID, Limit: 1000})
		if err != nil || len(all) != 700 {
			t.Fatalf("%d firings, %v", len(all), err)
		}
		yes := true
		if _, err := b.Judge(t.Context(), all[5].ID, &yes, "ana"); err != nil {
			t.Fatal(err)
		}
		tag("Ana", true)
		expect(t, "vips", b.look(vips), "Ana")
		drain()
		if err := s.SeeNotices(t.Context(), "ana@example.org", 1<<40); err != nil {
			t.Fatal(err)
		}
		tag("Ben", true)
		b.look(vips) // nobody sees it
		drain()
		b.says("cay - Why is this not sent?")
		b.look(asks) // and this is not sent

		*clock = clock.AddDate(0, 0, 399)
		tidy(-1, "0 firings, 0 messages")
		*clock = clock.AddDate(0, 0, 2)
		tidy(0, "0 firings, 0 messages")
		if err := s.SetAlertRetention(t.Context(), 400); err != nil {
			t.Fatal(err)
		}
		if n := s.BesideImport(func() {
			tidy(-1, "700 firings, 702 messages") // 699 and Ana's; the messages of all that were sent
		}); n != 0 {
			t.Errorf("tidying up threw answers away %d times", n)
		}
		tidy(400, "0 firings, 0 messages")
		left, err := b.Firings(t.Context(), alert.Filter{Limit: 1000})
		if err != nil || len(left) != 3 || left[2].ID != all[5].ID || left[1].Member != "Ben" || left[0].Member != "Cay" {
			t.Errorf("left: %+v, %v", left, err)
		}
		if got := b.messages(); len(got) != 1 || got[0].State != outbox.Queued {
			t.Errorf("messages left: %v", keysOf(got))
		}
		if got, err := s.Notices(t.Context(), "ana@example.org", false, 0, 10); err != nil || len(got) != 1 {
			t.Errorf("notices left: %+v, %v", got, err)
		}
		// Ana leaves and comes back: she was told of, though her firing is gone. New firings get new ids.
		tag("Ana", false)
		b.look(vips)
		tag("Ana", true)
		expect(t, "vips again", b.look(vips), "Ben")
		b.says("dan - Which id do I get?")
		b.look(asks)
		if now, err := b.Firings(t.Context(), alert.Filter{Alert: asks.ID, Limit: 1}); err != nil || len(now) != 1 || now[0].ID <= left[0].ID {
			t.Errorf("new: %+v, %v", now, err)
		}
	})
}
