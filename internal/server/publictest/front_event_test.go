// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package publictest_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"greenroom/internal/event"
	"greenroom/internal/outbox"
	"greenroom/internal/server/servertest"
)

// officeHour is an announced event with one place.
func officeHour(t *testing.T, l *servertest.Live) event.Event {
	t.Helper()
	start := l.App.Now().Add(72 * time.Hour).Truncate(time.Hour)
	e, err := l.App.Events.Add(t.Context(), event.Draft{Title: "Office hour", Text: "Bring your questions.\n\nNo slides.", Kind: event.Call, State: event.Announced, Start: start, Zone: "Europe/Lisbon", Place: "The library", Link: "https://meet.example.com/room", Capacity: 1}, "ana")
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// TestEventPage registers for an event without being known, waits where it is full, and takes it back by the link.
func TestEventPage(t *testing.T) {
	l, member := house.Lumen(t)
	nobody := servertest.Visitor(t)
	e := officeHour(t, l)
	path := fmt.Sprintf("/c/event/%d", e.ID)
	if res := l.Send(t, nobody, "GET", "/c/events", nil); res.Code != 200 || !strings.Contains(res.Body, "Office hour") {
		t.Errorf("the list: %d\n%s", res.Code, res.Body)
	}
	res := l.Send(t, nobody, "GET", path, nil)
	if res.Code != 200 || !strings.Contains(res.Body, "Bring your questions.") || strings.Contains(res.Body, "meet.example.com") {
		t.Errorf("the event, to anybody: %d\n%s", res.Code, res.Body)
	}
	if res = l.Send(t, nobody, "POST", path+"/register", url.Values{"name": {"Zoe"}, "email": {"nonsense"}}); res.Code != 422 || !strings.Contains(res.Body, `value="Zoe"`) {
		t.Errorf("without an address: %d", res.Code)
	}
	for range 2 { // a second click
		if res = l.Send(t, nobody, "POST", path+"/register", url.Values{"name": {"Zoe"}, "email": {"Zoe@Example.org"}}); res.Code != http.StatusSeeOther {
			t.Errorf("registering: %d\n%s", res.Code, res.Body)
		}
	}
	mails, err := l.App.Store.MessageList(t.Context(), outbox.Filter{Origin: "event"})
	if err != nil || len(mails) != 1 || mails[0].To != "zoe@example.org" || !strings.Contains(mails[0].Text, "The library") {
		t.Fatalf("mails %+v, %v", mails, err)
	}
	own := linkIn(mails[0].Text)
	// A member who comes by their own link waits, since the one place is taken.
	link, err := l.App.Links().Event(t.Context(), e.ID, member)
	theirs := url.Values{"t": {tokenOf(t, link, err)}}
	if res = l.Send(t, nobody, "POST", path+"/register", theirs); !strings.Contains(res.Header.Get("Location"), "said=waiting") {
		t.Errorf("where it is full: %d %s", res.Code, res.Header.Get("Location"))
	}
	if res = l.Send(t, nobody, "GET", own, nil); !strings.Contains(res.Body, "You are registered") || !strings.Contains(res.Body, "meet.example.com") {
		t.Errorf("by the link of the registration: %d\n%s", res.Code, res.Body)
	}
	u, err := url.Parse(own)
	if err != nil {
		t.Fatal(err)
	}
	if res = l.Send(t, nobody, "POST", path+"/cancel", u.Query()); !strings.Contains(res.Header.Get("Location"), "said=canceled") {
		t.Errorf("taking it back: %d %s", res.Code, res.Header.Get("Location"))
	}
	if res = l.Send(t, nobody, "GET", path+"?"+theirs.Encode(), nil); !strings.Contains(res.Body, "You are registered") {
		t.Errorf("whoever waited longest: %d\n%s", res.Code, res.Body)
	}
	if res = l.Send(t, nobody, "POST", path+"/cancel", nil); res.Code != 404 {
		t.Errorf("canceling without a link: %d", res.Code)
	}
	// What is only planned, nobody sees.
	plan, err := l.App.Events.Add(t.Context(), event.Draft{Title: "Secret", Start: l.App.Now().Add(time.Hour)}, "ana")
	if err != nil {
		t.Fatal(err)
	}
	if res = l.Send(t, nobody, "GET", fmt.Sprintf("/c/event/%d", plan.ID), nil); res.Code != 404 {
		t.Errorf("a planned event: %d", res.Code)
	}
}

// linkIn is the first link to a public page in a text, without its host.
func linkIn(text string) string {
	_, rest, _ := strings.Cut(text, "http://lumen.example")
	link, _, _ := strings.Cut(rest, "\n")
	return link
}

// TestEventPageLooks looks at the events that members see.
func TestEventPageLooks(t *testing.T) {
	browser := house.Browser(t)
	l, member := house.Lumen(t)
	e := officeHour(t, l)
	link, err := l.App.Links().Event(t.Context(), e.ID, member)
	if err != nil {
		t.Fatal(err)
	}
	lookPublic(t, l, browser, map[string]string{"events": "/c/events", "event": fmt.Sprintf("/c/event/%d", e.ID), "event-mine": strings.TrimPrefix(link, "http://lumen.example")})
}
