// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/internal/auth"
	"greenroom/internal/inbox"
)

func posted(t *testing.T, form url.Values) *http.Request {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/inbox/settings", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

func TestReadInboxSettings(t *testing.T) {
	form := url.Values{
		"waits": {"is:waiting\n\n is:open category:bug \n"}, "days": {"14"}, "usual": {"12,5"}, "answers": {"5"}, "pause": {"7"}, "zone": {" Europe/Lisbon "}, "holidays": {"2026-12-25"}, "turn": {"ana@example.org", "ben@example.org"},
		"rule-0": {"channel:help"}, "hours-0": {"4"}, "business-0": {"on"}, "rule-1": {""}, "hours-1": {"8"}, "rule-2": {" "}, "hours-2": {""},
		"from-monday": {"09:30"}, "to-monday": {"17:00"}, "from-sunday": {"18:00"}, "to-sunday": {"00:00"},
		"escalation-0": {"52"}, "after-0": {"2"}, "which-0": {"channel:help"}, "notify-0": {"ana@example.org, ben@example.org"}, "give-0": {"rotation"}, "place-0": {"3"}, "after-1": {""},
	}
	old := inbox.Usual()
	got, err := readInboxSettings(posted(t, form), &old)
	if err != nil {
		t.Fatal(err)
	}
	want := inbox.Settings{
		Waits: []string{"is:waiting", "is:open category:bug"}, Days: 14, Usual: 12.5, AnswersWeek: 5, AskPause: 7, Rotation: []string{"ana@example.org", "ben@example.org"},
		Rules:       []inbox.Rule{{Query: "channel:help", Hours: 4, Business: true}, {Hours: 8}},
		Hours:       inbox.Hours{Zone: "Europe/Lisbon", Holidays: []string{"2026-12-25"}},
		Escalations: []inbox.Escalation{{ID: 52, After: 2, Query: "channel:help", Notify: []string{"ana@example.org", "ben@example.org"}, Assign: "rotation", DestinationID: 3}},
	}
	want.Hours.Days[time.Monday], want.Hours.Days[time.Sunday] = inbox.Span{From: 570, To: 1020}, inbox.Span{From: 1080, To: 1440}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	form.Set("do", "up-1")
	if got, err = readInboxSettings(posted(t, form), &old); err != nil || got.Rules[0].Hours != 8 {
		t.Errorf("%+v %v", got.Rules, err)
	}
	form.Set("do", "drop-0")
	if got, err = readInboxSettings(posted(t, form), &old); err != nil || len(got.Rules) != 1 || got.Rules[0].Hours != 8 {
		t.Errorf("%+v %v", got.Rules, err)
	}
	form.Set("do", "calm-0")
	if got, err = readInboxSettings(posted(t, form), &old); err != nil || len(got.Escalations) != 0 {
		t.Errorf("%+v %v", got.Escalations, err)
	}
	for field, value := range map[string]string{"days": "many", "hours-0": "NaN", "to-monday": "25:00"} {
		wrong := url.Values{}
		for k, v := range form {
			wrong[k] = v
		}
		wrong.Set(field, value)
		wrong.Del("do")
		if _, err := readInboxSettings(posted(t, wrong), &old); greenroom.ErrorCode(err) != greenroom.CodeInvalid || !strings.Contains(err.Error(), value) {
			t.Errorf("%s=%s: %v", field, value, err)
		}
	}
}

type oneZone struct{ Zones }

func (oneZone) Zone() *time.Location { return time.UTC }

// The clock of the tests stands on a Saturday.
func TestSnoozeUntil(t *testing.T) {
	p := inboxPages{Site: &Site{cfg: Config{Now: func() time.Time { return now }, Zones: oneZone{}}}}
	for choice, want := range map[string]string{"1h": "2026-11-21T17:12", "4h": "2026-11-21T20:12", "tomorrow": "2026-11-22T09:00", "monday": "2026-11-23T09:00", "reply": "0001-01-01T00:00"} {
		got, reply, err := p.until(posted(t, url.Values{"for": {choice}}))
		if err != nil || got.Format("2006-01-02T15:04") != want || reply != (choice == "reply") {
			t.Errorf("%s: %s %v %v, want %s", choice, got, reply, err, want)
		}
	}
	if got, reply, err := p.until(posted(t, url.Values{"for": {"1h"}, "at": {"2026-12-01T08:30"}, "reply": {"on"}})); err != nil || !reply || !got.Equal(time.Date(2026, 12, 1, 8, 30, 0, 0, time.UTC)) {
		t.Errorf("%s %v %v", got, reply, err)
	}
	if _, _, err := p.until(posted(t, url.Values{"for": {"at"}})); greenroom.ErrorCode(err) != greenroom.CodeInvalid {
		t.Errorf("no time: %v", err)
	}
}

func TestNumberIn(t *testing.T) {
	for text, want := range map[string]int64{"1203": 1203, " #7 ": 7, "https://greenroom.example/inbox/42?view=mine": 42, "/conversations/9": 9, "": 0, "x": 0, "-3": 0, "/inbox/": 0} {
		if got, err := numberIn(text); got != max(want, 0) && want > 0 || (err != nil) != (want == 0) {
			t.Errorf("%q: %d %v, want %d", text, got, err, want)
		}
	}
}

// counted is an inbox that is only counted.
type counted struct {
	Inbox
	times int
}

func (c *counted) Badge(context.Context, string) (inbox.Counts, error) {
	c.times++
	return inbox.Counts{OnMe: 3}, nil
}

// TestInboxIsCountedWhereItIsShown asks for a page and, letter by letter, in the search.
func TestInboxIsCountedWhereItIsShown(t *testing.T) {
	c := &counted{}
	s := full(t).site()
	s.cfg.Inbox = c
	fresh, err := New(s.cfg)
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]int{"/members": 1, "/search?q=i": 0, "/search?q=inb": 0} {
		c.times = 0
		w := visit(t, fresh, auth.RoleManager, "GET", path, nil)
		if body := w.Body.String(); w.Code != 200 || c.times != want || !strings.Contains(body, "Inbox") {
			t.Errorf("%s answers %d and counts the inbox %d times, want %d:\n%.300s", path, w.Code, c.times, want, body)
		}
	}
}
