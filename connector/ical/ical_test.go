// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package ical_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom/connector"
	"greenroom/connector/connectortest"
	"greenroom/connector/ical"
)

// fake is a server with one calendar of n events that have taken place, with one guest each, and one that is to come.
type fake struct {
	n      int
	mu     sync.Mutex
	edited bool
	whole  int // how often the whole calendar was given
}

func newFake(n int) http.Handler { return &fake{n: n} }

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	tag := fmt.Sprintf(`"%d-%v"`, f.n, f.edited)
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	f.whole++
	w.Header().Set("Content-Type", "text/calendar; charset=utf-8")
	w.Header().Set("ETag", tag)
	var b strings.Builder
	b.WriteString("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nX-WR-CALNAME:Meetings\r\nX-WR-TIMEZONE:Europe/Berlin\r\n")
	for i := range f.n + 1 {
		start := connectortest.Now().Add(time.Duration(i-f.n)*10*time.Minute - time.Hour)
		if i == f.n {
			start = connectortest.Now().AddDate(0, 0, 3)
		}
		name := fmt.Sprint("Meeting ", i)
		if f.edited && i == 3 {
			name = "Edited"
		}
		fmt.Fprintf(&b, "BEGIN:VEVENT\r\nUID:%d@acme\r\nDTSTART:%s\r\nCREATED:20200101T000000Z\r\nSUMMARY:%s\r\nORGANIZER;CN=Ana:mailto:ana@acme.example\r\nATTENDEE;CN=\"Ben, of\r\n  Acme\";PARTSTAT=ACCEPTED:mailto:Ben%d@example.org\r\nEND:VEVENT\r\n",
			i, start.UTC().Format("20060102T150405Z"), name, i%9)
	}
	b.WriteString("END:VCALENDAR\r\n")
	_, _ = w.Write([]byte(b.String()))
}

func live() connectortest.Live {
	return connectortest.Live{
		Spec:  ical.Spec(),
		Serve: newFake,
		Values: func(url string) connector.Values {
			return connector.Values{"address": url, "team-domains": "acme.example"}
		},
		Items:      450,
		Activities: 451 + 450,
		Change:     func(h http.Handler) { h.(*fake).edited = true }, //nolint:errcheck,forcetypeassert // newFake's
		Changed: func(t *testing.T, next *connectortest.Facts) {
			t.Helper()
			for i := range next.Activities {
				if a := &next.Activities[i]; (a.ExternalID == "event:3@acme") != (a.Title == "Edited") {
					t.Errorf("the next read tells %+v", a)
				}
			}
		},
		NoToken: "the address itself is the secret",
	}
}

func TestLive(t *testing.T) { connectortest.RunLive(t, live()) }

func BenchmarkRead(b *testing.B) { connectortest.BenchmarkLive(b, live()) }

// TestUnchanged asks again on the same day: the server says that nothing has changed, and nothing is read.
func TestUnchanged(t *testing.T) {
	f := &fake{n: 3}
	srv := httptest.NewServer(f)
	defer srv.Close()
	first := connectortest.Collect(t, ical.Spec(), live().Values(srv.URL), srv.Client(), "", 0)
	next := connectortest.Collect(t, ical.Spec(), live().Values(srv.URL), srv.Client(), first.Cursors[len(first.Cursors)-1], 0)
	if f.whole != 1 || next.Read != 0 {
		t.Errorf("the calendar was given %d times, and %d records were read again", f.whole, next.Read)
	}
}

// TestFiles reads the samples: recurring events with exceptions, zones of several kinds, people of all answers, and
// events that are broken.
func TestFiles(t *testing.T) {
	connectortest.Run(t, ical.Spec(), connector.Values{"path": "testdata"}, nil)
	f := connectortest.Collect(t, ical.Spec(), connector.Values{"path": "testdata", "team-domains": "acme.example"}, nil, "", 0)
	var lines []string
	for i := range f.Activities {
		a := &f.Activities[i]
		lines = append(lines, strings.Join([]string{a.ExternalID, a.OccurredAt.Format("2006-01-02 15:04"), a.Kind.String(), f.Identities[a.Author].Name, strings.ReplaceAll(a.Title+" "+a.Body, "\n", "/")}, "|"))
	}
	want, err := os.ReadFile(filepath.Join("testdata", "facts.golden"))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(strings.Split(strings.TrimSpace(string(want)), "\n"), lines); d != "" {
		t.Errorf("activities (-want +got):\n%s", d)
	}
	var rejects []string
	for _, r := range f.Rejects {
		rejects = append(rejects, fmt.Sprintf("%s:%d %s", r.File, r.Line, r.Reason))
	}
	wantRejects := []string{
		`team.ics:70 DTSTART: parsing time "20260230T100000": day out of range`, `team.ics:75 the event "No time" does not say when it begins`, `team.ics:79 the rule "FREQ=SECONDLY": events more often than daily are not followed`,
		`team.ics:88 the calendar ends in the middle of this`,
	}
	if d := cmp.Diff(wantRejects, rejects); d != "" {
		t.Errorf("rejects (-want +got):\n%s", d)
	}
	wantLeft := map[string]int64{
		"components VTODO": 1, "events that are to come and do not say when they were announced": 1, "people invited with the answer declined": 1, "people invited with the answer tentative": 1, "rooms, resources and groups that were invited": 1,
	}
	if d := cmp.Diff(wantLeft, f.LeftOut); d != "" {
		t.Errorf("left out (-want +got):\n%s", d)
	}
	if who := f.Identities["mailto:ana@acme.example"]; !who.Staff || who.Name != "Ana Lee; of Acme" {
		t.Errorf("the organizer is %+v", who)
	}
}

// TestNoCalendar says what is wrong with an address that is not a calendar's.
func TestNoCalendar(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>Sign in</html>")) }))
	defer srv.Close()
	src, err := ical.New(connectortest.LiveEnv(t), live().Values(srv.URL))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := src.(connector.Tester).Test(t.Context()); err == nil || !strings.Contains(err.Error(), "not a calendar") { //nolint:errcheck,forcetypeassert // the compiler has checked it
		t.Errorf("the test says %v", err)
	}
	good := httptest.NewServer(newFake(4))
	defer good.Close()
	if src, err = ical.New(connectortest.LiveEnv(t), live().Values(good.URL)); err != nil {
		t.Fatal(err)
	}
	v, err := src.(connector.Surveyor).Survey(t.Context()) //nolint:errcheck,forcetypeassert // the compiler has checked it
	if err != nil || v.Places[0].Name != "Meetings" || v.Items != 5 {
		t.Errorf("the survey says %+v, %v", v, err)
	}
}
