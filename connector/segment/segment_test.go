// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package segment_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/connectortest"
	"greenroom/connector/segment"
)

const key = "a write key"

var received = time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)

func live() connectortest.Live {
	return connectortest.Live{
		Spec:   segment.Spec(),
		Values: func(string) connector.Values { return connector.Values{"write-key": key, "skip": "Debug *"} },
		Pushes: pushes(),
	}
}

func TestReceiver(t *testing.T) { connectortest.RunReceiver(t, live()) }

// call is a delivery with basic authentication, as libraries for servers send it.
func call(path, body string) connector.Delivery {
	return connector.Delivery{
		Method: http.MethodPost, Path: path, Body: []byte(body), ReceivedAt: received,
		Header: http.Header{"Content-Type": {"application/json"}, "Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte(key+":"))}},
	}
}

// pushes are what the libraries of Segment and RudderStack and a browser send.
func pushes() []connector.Delivery {
	node := call("batch", `{"batch":[
		{"timestamp":"2026-11-20T09:59:58.120Z","type":"identify","userId":"u1","traits":{"email":"Ada@Example.com","name":"Ada Lovelace","title":"Engineer","plan":"pro","createdAt":"2025-03-01T00:00:00Z","address":{"city":"London","country":"United Kingdom"},"company":{"id":"c1","name":"Initech","employee_count":42}},"messageId":"node-next-1","context":{"library":{"name":"@segment/analytics-node","version":"3.1.0"}},"integrations":{}},
		{"timestamp":"2026-11-20T09:59:58.500Z","type":"track","userId":"u1","anonymousId":"browser-1","event":"Report exported","properties":{"format":"pdf"},"messageId":"node-next-2","context":{},"integrations":{}},
		{"timestamp":"2026-11-20T09:59:59.000Z","type":"group","userId":"u1","groupId":"c2","traits":{"name":"Hooli","website":"https://www.hooli.example/","employees":420,"plan":"trial"},"messageId":"node-next-3"},
		{"timestamp":"2026-11-20T09:59:59.100Z","type":"page","userId":"u1","name":"Pricing","properties":{"url":"https://app.example.org/pricing"},"messageId":"node-next-4"},
		{"timestamp":"2026-11-20T09:59:59.200Z","type":"track","userId":"u1","event":"Debug heartbeat","messageId":"node-next-5"}
	],"writeKey":"a write key","sentAt":"2026-11-20T09:59:59.900Z"}`)
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, _ = w.Write([]byte(`{"batch":[{"type":"identify","userId":"u2","context":{"traits":{"email":"grace@example.org","firstName":"Grace","lastName":"Hopper"}},"originalTimestamp":"2026-11-20T09:00:00.000Z","sentAt":"2026-11-20T09:00:01.000Z","messageId":"r-1"},{"type":"track","userId":"u2","event":"Signed up","originalTimestamp":"2026-11-20T09:00:00.000Z","sentAt":"2026-11-20T09:00:00.000Z","messageId":"r-2"}],"sentAt":"2026-11-20T09:00:00.000Z"}`))
	_ = w.Close()
	rudder := call("batch", packed.String())
	rudder.Header.Set("Content-Encoding", "gzip")
	browser := call("t", `{"timestamp":"2026-11-20T09:59:00.000Z","type":"track","anonymousId":"browser-9","event":"Visited","messageId":"ajs-next-1","writeKey":"a write key","sentAt":"2026-11-20T09:59:59.000Z"}`)
	browser.Header = http.Header{"Content-Type": {"text/plain"}}
	pixel := connector.Delivery{
		Method: http.MethodGet, Path: "pixel/track", ReceivedAt: received, Header: http.Header{},
		Query: url.Values{"data": {base64.RawURLEncoding.EncodeToString([]byte(`{"writeKey":"a write key","userId":"u1","event":"Email Opened","messageId":"px-1"}`))}},
	}
	plain := connector.Delivery{
		Method: http.MethodGet, Path: "pixel/track", ReceivedAt: received, Header: http.Header{},
		Query: url.Values{"writeKey": {key}, "userId": {"u1"}, "event": {"Email Opened"}, "properties.subject": {"Hello"}, "messageId": {"px-2"}},
	}
	return []connector.Delivery{
		call("track", `{"userId":7,"event":"Counted","messageId":"n-1","timestamp":1763632800}`),
		node, rudder, browser, pixel, plain, node,
		call("alias", `{"userId":"u1","previousId":"old-1","messageId":"al-1"}`),
		call("m", `{"series":[{"type":"Counter","metric":"x","value":1}]}`),
	}
}

// receive gives deliveries to a source and collects what it tells.
func receive(tb testing.TB, values connector.Values, all ...connector.Delivery) *connector.Batch {
	tb.Helper()
	src, err := segment.New(connectortest.LiveEnv(tb), values)
	if err != nil {
		tb.Fatal(err)
	}
	r := src.(connector.Receiver) //nolint:errcheck // the compiler has checked it
	var got *connector.Batch
	out := connector.NewSink(tb.Context(), 1<<30, func(_ context.Context, b *connector.Batch) error { got = b; return nil })
	for i := range all {
		if _, err := r.Verify(&all[i]); err != nil {
			tb.Fatalf("delivery %d: %v", i, err)
		}
		if err := r.Receive(tb.Context(), &all[i], out); err != nil {
			tb.Fatal(err)
		}
	}
	if err := out.Flush(); err != nil {
		tb.Fatal(err)
	}
	return got
}

// TestFacts looks at what a person would look at.
func TestFacts(t *testing.T) {
	b := receive(t, live().Values(""), pushes()...)
	var lines []string
	for i := range b.Activities {
		a := &b.Activities[i]
		lines = append(lines, strings.Join([]string{a.OccurredAt.Format("15:04:05.000"), a.ExternalID, a.Kind.String(), a.Author, a.Title, a.URL}, "|"))
	}
	want := []string{
		"10:00:00.000|n-1|usage|7|Counted|", "09:59:58.500|node-next-2|usage|u1|Report exported|", "09:59:59.100|node-next-4|usage|u1|Viewed Pricing|https://app.example.org/pricing",
		"10:00:00.000|r-2|usage|u2|Signed up|", "09:59:00.000|ajs-next-1|usage||Visited|", "10:00:00.000|px-1|usage|u1|Email Opened|",
		"10:00:00.000|px-2|usage|u1|Email Opened|", "09:59:58.500|node-next-2|usage|u1|Report exported|",
		"09:59:59.100|node-next-4|usage|u1|Viewed Pricing|https://app.example.org/pricing",
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("activities (-want +got):\n%s", diff)
	}
	if strings.Contains(string(b.Payloads.Data), key) {
		t.Error("the write key is kept in a payload")
	}
	for i := range b.Identities {
		b.Identities[i].Raw = 0
	}
	ada := connector.Identity{
		ExternalID: "u1", Name: "Ada Lovelace", Emails: []greenroom.Email{{Address: "ada@example.com"}}, JobTitle: "Engineer", Company: "Initech",
		Location: "London, United Kingdom", JoinedAt: time.Date(2025, 3, 1, 0, 0, 0, 0, time.UTC), Fields: map[string]string{"plan": "pro"},
	}
	if diff := cmp.Diff(ada, b.Identities[1]); diff != "" {
		t.Errorf("identity (-want +got):\n%s", diff)
	}
	if id := b.Identities[2]; id.Name != "Grace Hopper" || id.Emails[0].Address != "grace@example.org" {
		t.Errorf("the traits in a RudderStack context give %+v", id)
	}
	hooli := b.Organizations[1]
	if hooli.Name != "Hooli" || hooli.Size != 420 || hooli.Lifecycle != "trial" || !cmp.Equal(hooli.Domains, []string{"hooli.example"}) {
		t.Errorf("the group is %+v", hooli)
	}
	if diff := cmp.Diff([]connector.Same{{A: "u1", B: "old-1", Reason: "alias"}}, b.Sames); diff != "" {
		t.Errorf("sames (-want +got):\n%s", diff)
	}
	if b.LeftOut["events that are not wanted"] != 2 {
		t.Errorf("left out: %v", b.LeftOut)
	}
}

// TestSharedDevice lets two people use one browser: nothing joins them.
func TestSharedDevice(t *testing.T) {
	event := func(n int, user string) connector.Delivery {
		return call("track", fmt.Sprintf(`{"anonymousId":"shared"%s,"event":"Opened","messageId":"m%d","timestamp":"2026-11-19T0%d:00:00Z"}`, user, n, n))
	}
	all := []connector.Delivery{event(1, ""), event(2, `,"userId":"ada"`), event(3, ""), event(4, `,"userId":"grace"`)}
	for choice, want := range map[string][]string{"without a person": {"", "ada", "", "grace"}, "as contacts": {"anonymous:shared", "ada", "anonymous:shared", "grace"}} {
		b := receive(t, connector.Values{"write-key": key, "anonymous": choice}, all...)
		var who []string
		for i := range b.Activities {
			who = append(who, b.Activities[i].Author)
		}
		if diff := cmp.Diff(want, who); diff != "" || len(b.Sames) > 0 {
			t.Errorf("%s: joined %v; authors (-want +got):\n%s", choice, b.Sames, diff)
		}
	}
}

// TestClock corrects a device's clock, and leaves the way over the network alone.
func TestClock(t *testing.T) {
	for _, tt := range []struct{ name, fields, want string }{
		{"an hour ahead", `"timestamp":"2026-11-20T10:59:30Z","sentAt":"2026-11-20T11:00:00Z"`, "09:59:30"},
		{"a day behind", `"timestamp":"2026-11-19T09:00:00Z","sentAt":"2026-11-19T10:00:00Z"`, "09:00:00"},
		{"right", `"timestamp":"2026-11-20T09:30:00Z","sentAt":"2026-11-20T09:59:57Z"`, "09:30:00"},
		{"history", `"timestamp":"2026-11-20T01:30:00Z"`, "01:30:00"},
		{"in the future", `"timestamp":"2027-11-20T01:30:00Z"`, "10:00:00"},
		{"no time", `"sentAt":"2026-11-20T09:59:57Z"`, "10:00:00"},
		{"nonsense", `"timestamp":"soon"`, "10:00:00"},
	} {
		b := receive(t, live().Values(""), call("track", `{"userId":"1","event":"x","messageId":"m",`+tt.fields+`}`))
		if got := b.Activities[0].OccurredAt.Format("15:04:05"); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

// TestRefused says what is refused and how, and what is listed instead.
func TestRefused(t *testing.T) {
	src, err := segment.New(connectortest.LiveEnv(t), live().Values(""))
	if err != nil {
		t.Fatal(err)
	}
	r := src.(connector.Receiver) //nolint:errcheck // the compiler has checked it
	large := `{"userId":"1","event":"x","properties":{"a":"` + strings.Repeat("a", 32<<10) + `"}}`
	get := call("track", "")
	get.Method = http.MethodGet
	for name, tt := range map[string]struct {
		d    connector.Delivery
		want greenroom.Code
	}{
		"no JSON":              {call("track", "{"), greenroom.CodeInvalid},
		"no object":            {call("track", "[]"), greenroom.CodeInvalid},
		"too large":            {call("track", large), greenroom.CodeInvalid},
		"too large a batch":    {call("batch", `{"batch":[`+strings.Repeat(`{"type":"track","event":"x","userId":"1"},`, 102_400)+`{}]}`), greenroom.CodeInvalid},
		"a batch of Python's":  {call("batch", `{"batch":[`+strings.Repeat(`{"type":"track","event":"x","userId":"1"},`, 90_000)+`{}]}`), ""},
		"another call":         {call("users", "{}"), greenroom.CodeInvalid},
		"no batch":             {call("batch", "{}"), greenroom.CodeInvalid},
		"not sent":             {get, greenroom.CodeInvalid},
		"another key":          {connector.Delivery{Method: http.MethodPost, Path: "track", Body: []byte(`{"writeKey":"another","userId":"1"}`)}, greenroom.CodeForbidden},
		"no key and no body":   {connector.Delivery{Method: http.MethodPost, Path: "track"}, greenroom.CodeForbidden},
		"half a gzip":          {call("batch", "\x1f\x8b\x08"), greenroom.CodeInvalid},
		"one large of a batch": {call("batch", `{"batch":[`+large+`]}`), ""},
		"nobody":               {call("v1/track", `{"event":"x"}`), ""},
	} {
		if _, err := r.Verify(&tt.d); greenroom.ErrorCode(err) != tt.want {
			t.Errorf("%s: got %v, want code %q", name, err, tt.want)
		}
	}
	b := receive(t, live().Values(""), call("batch", `{"batch":[`+large+`,{"type":"track","userId":"1"},{"type":"track","event":"x"},7,{"type":"group","userId":"1"},{"type":"poke","userId":"1"},{"type":"track","userId":"undefined","event":"x","anonymousId":"a","messageId":"1"}]}`))
	if len(b.Rejects) != 5 || b.LeftOut["type poke"] != 1 || len(b.Activities) != 1 || b.Activities[0].Author != "" {
		t.Errorf("%d rejects, left out %v, %d activities; want 5, one type poke, one without a person", len(b.Rejects), b.LeftOut, len(b.Activities))
	}
}

// TestSettings answers a library for browsers that asks what the source is, which it does before it sends anything: with
// what loadCDNSettings of @segment/analytics-next and isValidSourceConfig of @rudderstack/analytics-js look for.
func TestSettings(t *testing.T) {
	src, err := segment.New(connectortest.LiveEnv(t), live().Values(""))
	if err != nil {
		t.Fatal(err)
	}
	r := src.(connector.Receiver) //nolint:errcheck // the compiler has checked it
	ask := func(path, user string) (connector.Reply, error) {
		return r.Verify(&connector.Delivery{
			Method: http.MethodGet, Path: path, Origin: "https://greenroom.example.org",
			Header: http.Header{"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"))}},
		})
	}
	for path, want := range map[string]string{
		"projects/" + key + "/settings": `"apiHost":"greenroom.example.org/v1","apiKey":"a write key"`,
		"sourceConfig/":                 `"destinations":[]`,
		"v1/sourceConfig":               `"statsCollection":{"errors":{"enabled":false}`,
	} {
		if reply, err := ask(path, key); err != nil || !reply.Drop || !strings.Contains(string(reply.Body), want) {
			t.Errorf("%s: %v %s", path, err, reply.Body)
		}
		if _, err := ask(strings.Replace(path, key, "another", 1), "another"); greenroom.ErrorCode(err) != greenroom.CodeForbidden {
			t.Errorf("%s with another key: %v", path, err)
		}
	}
}

// TestBeacon takes what RudderStack's library sends as a page is left: text, with the key in the address.
func TestBeacon(t *testing.T) {
	d := connector.Delivery{
		Method: http.MethodPost, Path: "beacon/v1/batch", ReceivedAt: received, Query: url.Values{"writeKey": {key}}, Header: http.Header{"Content-Type": {"text/plain"}},
		Body: []byte(`{"batch":[{"type":"track","userId":"u1","event":"Left","messageId":"b1","originalTimestamp":"2026-11-20T09:59:58Z"}]}`),
	}
	if b := receive(t, live().Values(""), d); len(b.Activities) != 1 || b.Activities[0].ExternalID != "b1" {
		t.Errorf("%+v", b.Activities)
	}
}

// TestAnyOrder draws batches of events, cuts, doubles and shuffles them, and finds the same in the end.
func TestAnyOrder(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(1, 12).Draw(rt, "events")
		events := make([]string, n)
		for i := range events {
			who := rapid.SampledFrom([]string{`"userId":"u1"`, `"userId":"u2"`, `"anonymousId":"a"`, `"userId":"u1","anonymousId":"a"`, `"userId":"u2","anonymousId":"a"`}).Draw(rt, "who")
			what := rapid.SampledFrom([]string{`"type":"track","event":"x"`, `"type":"identify","traits":{"plan":"a"}`, `"type":"group","groupId":"g"`, `"type":"alias","previousId":"u0"`, `"type":"page"`}).Draw(rt, "what")
			events[i] = fmt.Sprintf(`{"messageId":"m%d","timestamp":"2026-11-19T%02d:00:00Z",%s,%s}`, i, i, who, what)
		}
		want := summary(t, events)
		order := rapid.Permutation(append(append([]string{}, events...), rapid.SliceOf(rapid.SampledFrom(events)).Draw(rt, "again")...)).Draw(rt, "order")
		if diff := cmp.Diff(want, summary(t, order)); diff != "" {
			rt.Fatalf("in another order (-want +got):\n%s", diff)
		}
	})
}

// summary sends each event in a request of its own and returns what a store would hold.
func summary(tb testing.TB, events []string) map[string]string {
	tb.Helper()
	state := make(map[string]string)
	for _, e := range events {
		b := receive(tb, connector.Values{"write-key": key, "anonymous": "as contacts"}, call("batch", `{"batch":[`+e+`]}`))
		for i := range b.Activities {
			a := &b.Activities[i]
			state["activity "+a.ExternalID] = fmt.Sprint(a.OccurredAt, a.Author, a.Title, string(b.Payloads.At(a.Raw)))
		}
		for i := range b.Identities {
			state["identity "+b.Identities[i].ExternalID] = ""
		}
		for _, m := range b.Memberships {
			state["membership "+m.Identity] = m.Organization
		}
		for _, s := range b.Sames {
			state["same "+s.A+" "+s.B] = ""
		}
	}
	return state
}

func FuzzReceive(f *testing.F) {
	for _, d := range pushes() {
		f.Add(d.Path, d.Query.Encode(), d.Body)
	}
	f.Fuzz(func(t *testing.T, path, query string, body []byte) {
		q, _ := url.ParseQuery(query)
		method := http.MethodPost
		if len(body) == 0 {
			method = http.MethodGet
		}
		d := connector.Delivery{Method: method, Path: path, Query: q, Body: body, ReceivedAt: received, Header: call("", "").Header}
		src, err := segment.New(connectortest.LiveEnv(t), connector.Values{"write-key": key, "anonymous": "as contacts"})
		if err != nil {
			t.Fatal(err)
		}
		r := src.(connector.Receiver) //nolint:errcheck // the compiler has checked it
		_, _ = r.Verify(&d)
		out := connector.NewSink(t.Context(), 0, func(_ context.Context, b *connector.Batch) error {
			for i := range b.Activities {
				if a := &b.Activities[i]; a.OccurredAt.After(received) || strings.ContainsRune(a.Title, 0) {
					t.Errorf("not clean: %+v", a)
				}
			}
			return nil
		})
		if err := r.Receive(t.Context(), &d, out); err != nil {
			t.Error(err)
		}
		if err := out.Flush(); err != nil {
			t.Error(err)
		}
	})
}

// BenchmarkReceive verifies and maps batches as the Node library sends them.
func BenchmarkReceive(b *testing.B) {
	var body strings.Builder
	body.WriteString(`{"batch":[`)
	const events = 100
	for i := range events {
		if i > 0 {
			body.WriteByte(',')
		}
		fmt.Fprintf(&body, `{"timestamp":"2026-11-20T09:59:58.500Z","type":"track","userId":"u%d","event":"Report exported","properties":{"format":"pdf","pages":%d},"messageId":"node-next-%d","context":{"library":{"name":"@segment/analytics-node","version":"3.1.0"}},"integrations":{}}`, i%50, i, i)
	}
	body.WriteString(`],"sentAt":"2026-11-20T09:59:59.900Z"}`)
	d := call("batch", body.String())
	src, err := segment.New(connector.Env{Now: connectortest.Now}, connector.Values{"write-key": key})
	if err != nil {
		b.Fatal(err)
	}
	r := src.(connector.Receiver) //nolint:errcheck // the compiler has checked it
	for b.Loop() {
		out := connector.NewSink(b.Context(), 0, func(context.Context, *connector.Batch) error { return nil })
		if _, err := r.Verify(&d); err != nil {
			b.Fatal(err)
		}
		if err := r.Receive(b.Context(), &d, out); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(events*float64(b.N)/b.Elapsed().Seconds(), "facts/s")
}
