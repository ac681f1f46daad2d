// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package luma_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom/connector"
	"greenroom/connector/connectortest"
	"greenroom/connector/luma"
)

type object = map[string]any

// fake is Luma with a calendar of three events. To the first came n guests; to the second five registered, of whom two
// were checked in; the third is to come.
type fake struct {
	n       int
	mu      sync.Mutex
	changed bool
	hidden  string                           // an event that the key may not see alone
	more    func(event, i int, guest object) // changes a guest
}

func newFake(n int) http.Handler { return &fake{n: n} }

func at(days int) string { return connectortest.Now().AddDate(0, 0, days).Format(time.RFC3339) }

func (f *fake) event(i int) object {
	e := object{
		"id": "evt-" + strconv.Itoa(i), "name": "Evening " + strconv.Itoa(i), "description_md": "We *talk*.", "url": "https://luma.com/e" + strconv.Itoa(i), "timezone": "Africa/Lagos",
		"created_at": at(i*100 - 300), "start_at": at([]int{-200, -2, 9}[i]), "end_at": at([]int{-200, -2, 9}[i]), "geo_address_json": object{"full_address": "Hall, Lagos"},
		"hosts": []object{{"id": "usr-host", "name": "Ana", "email": "ana@acme.example"}},
	}
	if f.changed && i == 1 {
		e["name"] = "Evening one"
	}
	return e
}

func (f *fake) guest(event, i int) object {
	g := object{
		"id": "gst-" + strconv.Itoa(event) + "-" + strconv.Itoa(i), "user_id": "usr-" + strconv.Itoa(i), "user_name": "Person " + strconv.Itoa(i), "user_email": "Person" + strconv.Itoa(i) + "@Example.org",
		"approval_status": "approved", "registered_at": at(-210), "checked_in_at": nil, "event_tickets": []object{},
	}
	if event == 0 || i < 2 || f.changed && i == 2 {
		g["event_tickets"] = []object{{"checked_in_at": at(-200 + 198*event)}}
	}
	if i == 1 {
		g["registration_answers"] = []object{{"question_type": "linkedin", "label": "LinkedIn", "answer": "/in/one"}, {"question_type": "company", "label": "Company", "answer": "Acme"}, {"question_type": "github", "answer": "@one"}}
	}
	if i == 4 {
		g["approval_status"] = "declined"
	}
	if f.more != nil {
		f.more(event, i, g)
	}
	return g
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	q := r.URL.Query()
	if r.Header.Get("X-Luma-Api-Key") == "" {
		http.Error(w, `{"message":"Invalid API key"}`, http.StatusUnauthorized)
		return
	}
	if refused(w, r) {
		return
	}
	switch r.URL.Path {
	case "/v1/users/get-self":
		give(w, object{"id": "usr-host", "name": "Ana", "email": "ana@acme.example"})
	case "/v1/calendars/events/list":
		var all []object
		for i := range 3 {
			if e := f.event(i); q.Get("after") == "" || e["start_at"].(string) >= q.Get("after") { //nolint:errcheck,forcetypeassert // made above
				all = append(all, e)
			}
		}
		f.list(w, r, len(all), func(i int) object {
			if all[i]["id"] == "evt-0" { // as it was until 2026
				return object{"api_id": "evt-0", "event": summary(all[i])}
			}
			return summary(all[i])
		})
	case "/v1/events/get":
		event, err := strconv.Atoi(strings.TrimPrefix(q.Get("event_id"), "evt-"))
		if err != nil || q.Get("event_id") == f.hidden {
			http.Error(w, `{"message":"You don't have access to this event."}`, http.StatusForbidden)
			return
		}
		give(w, f.event(event))
	case "/v1/events/guests/list":
		event, _ := strconv.Atoi(strings.TrimPrefix(q.Get("event_id"), "evt-"))
		f.list(w, r, []int{f.n, 5}[event], func(i int) object { return f.guest(event, i) })
	default:
		http.Error(w, `{"message":"Not found"}`, http.StatusNotFound)
	}
}

func (f *fake) list(w http.ResponseWriter, r *http.Request, n int, make func(int) object) {
	size, _ := strconv.Atoi(r.URL.Query().Get("pagination_limit"))
	if f.n < 1000 {
		size = min(size, 8)
	}
	skip, _ := strconv.Atoi(r.URL.Query().Get("pagination_cursor"))
	entries := []object{}
	for i := skip; i < min(n, skip+size); i++ {
		entries = append(entries, make(i))
	}
	give(w, object{"entries": entries, "has_more": skip+size < n, "next_cursor": strconv.Itoa(skip + size)})
}

func give(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

func live() connectortest.Live {
	return connectortest.Live{
		Spec:       luma.Spec(),
		Serve:      newFake,
		Values:     func(url string) connector.Values { return connector.Values{"api-key": "k", "api": url} },
		Activities: 3 + 25 + 2,
		Change:     func(h http.Handler) { h.(*fake).changed = true }, //nolint:errcheck,forcetypeassert // newFake's
		Changed: func(t *testing.T, next *connectortest.Facts) {
			t.Helper()
			var lines []string
			for i := range next.Activities {
				lines = append(lines, next.Activities[i].ExternalID+" "+next.Activities[i].Title)
			}
			if d := cmp.Diff([]string{"event:evt-1 Evening one", "event:evt-2 Evening 2", "guest:gst-1-0 ", "guest:gst-1-1 ", "guest:gst-1-2 "}, lines); d != "" {
				t.Errorf("the next read tells (-want +got):\n%s", d)
			}
		},
	}
}

func TestLive(t *testing.T) { connectortest.RunLive(t, live()) }

func BenchmarkRead(b *testing.B) { connectortest.BenchmarkLive(b, live()) }

// collect reads a fake whole.
func collect(t *testing.T, h http.Handler, more connector.Values) *connectortest.Facts {
	t.Helper()
	srv := httptest.NewServer(h)
	defer srv.Close()
	values := live().Values(srv.URL)
	maps.Copy(values, more)
	return connectortest.Collect(t, luma.Spec(), values, srv.Client(), "", 0)
}

// TestFacts looks at what a person would look at.
func TestFacts(t *testing.T) {
	srv := httptest.NewServer(newFake(2))
	defer srv.Close()
	for choice, came := range map[string]int{"checked in": 4, "approved": 6} {
		values := live().Values(srv.URL)
		values["attendance"] = choice
		f := connectortest.Collect(t, luma.Spec(), values, srv.Client(), "", 0)
		if d := cmp.Diff(map[string]int{"announcement": 3, "attendance": came}, f.Kinds()); d != "" {
			t.Errorf("%s: kinds (-want +got):\n%s", choice, d)
		}
		who := f.Identities["usr-1"]
		if d := cmp.Diff([]string{"https://www.linkedin.com/in/one", "https://github.com/one"}, who.Links); d != "" || who.Company != "Acme" || len(who.Emails) != 1 || who.Emails[0].Address != "person1@example.org" || who.Emails[0].Verified {
			t.Errorf("a guest is %+v", who)
		}
		if a := f.Activities[0]; a.Author != "usr-host" || !strings.HasSuffix(a.Body, "13:00 +01:00 Hall, Lagos\n\nWe *talk*.") || !f.Identities["usr-host"].Staff {
			t.Errorf("an event is %+v", a)
		}
	}
}

// TestAccount tests the connection and surveys.
func TestAccount(t *testing.T) {
	srv := httptest.NewServer(newFake(2))
	defer srv.Close()
	src, err := luma.New(connectortest.LiveEnv(t), live().Values(srv.URL))
	if err != nil {
		t.Fatal(err)
	}
	check, err := src.(connector.Tester).Test(t.Context()) //nolint:errcheck,forcetypeassert // the compiler has checked it
	if err != nil || check.Account != "the key of Ana" || len(check.Missing) != 0 {
		t.Errorf("the test says %+v, %v", check, err)
	}
	v, err := src.(connector.Surveyor).Survey(t.Context()) //nolint:errcheck,forcetypeassert // the compiler has checked it
	if err != nil || v.Counts[0].Platform != 3 || v.Requests != 7 {
		t.Errorf("the survey says %+v, %v", v, err)
	}
}
