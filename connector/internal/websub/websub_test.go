// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package websub_test

import (
	"context"
	"crypto/md5"  //nolint:gosec // an algorithm that is not taken
	"crypto/sha1" //nolint:gosec // what most hubs sign with
	"crypto/sha256"
	"crypto/sha512"
	"errors"
	"hash"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/connectortest"
	"greenroom/connector/internal/rest"
	"greenroom/connector/internal/signature"
	"greenroom/connector/internal/websub"
)

const (
	feed  = "https://blog.example.org/feed"
	topic = "https://blog.example.org/atom"
	mark  = "Mark-1_"
)

func TestDiscover(t *testing.T) {
	for name, c := range map[string]struct {
		header []string
		links  []websub.Link
		want   websub.Topic
	}{
		"nothing":          {nil, nil, websub.Topic{Self: feed}},
		"header":           {[]string{`<https://hub.example/>; rel="hub", </atom>; rel="self"`}, nil, websub.Topic{Hub: "https://hub.example/", Self: topic}},
		"headers":          {[]string{`<https://hub.example/>; rel=hub`, `<https://blog.example.org/atom>; rel=self`}, nil, websub.Topic{Hub: "https://hub.example/", Self: topic}},
		"elements":         {nil, []websub.Link{{Rel: "self", Href: topic}, {Rel: "hub", Href: "https://hub.example/"}}, websub.Topic{Hub: "https://hub.example/", Self: topic}},
		"header first":     {[]string{`<https://hub.example/>; rel="hub"`, `</atom>; rel="self"`}, []websub.Link{{Rel: "hub", Href: "https://other.example/"}, {Rel: "self", Href: feed}}, websub.Topic{Hub: "https://hub.example/", Self: topic}},
		"other header":     {[]string{`<https://blog.example.org/wp-json/>; rel="https://api.w.org/"`}, []websub.Link{{Rel: "hub", Href: "/hub"}}, websub.Topic{Hub: "https://blog.example.org/hub", Self: feed}},
		"the one with TLS": {nil, []websub.Link{{Rel: "hub", Href: "http://hub.example/"}, {Rel: "hub", Href: "https://hub.example/"}, {Rel: "hub", Href: "https://third.example/"}}, websub.Topic{Hub: "https://hub.example/", Self: feed}},
		"no web address":   {nil, []websub.Link{{Rel: "hub", Href: "file:///etc/passwd"}, {Rel: "self", Href: "https://user:pw@blog.example.org/"}}, websub.Topic{Self: feed}},
		"too long":         {nil, []websub.Link{{Rel: "hub", Href: "https://hub.example/" + strings.Repeat("a", 2000)}}, websub.Topic{Self: feed}},
	} {
		got := websub.Discover(feed, &rest.Answer{Header: http.Header{"Link": c.header}}, c.links)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func subscriber(t *testing.T, edits ...func(*connector.Env)) *websub.Subscriber {
	t.Helper()
	env := connectortest.LiveEnv(t)
	env.Hook = "https://greenroom.example/hooks/blog"
	for _, edit := range edits {
		edit(&env)
	}
	return websub.New(env, []string{"https://other.example/feed", feed})
}

func question(path, mode, topic, challenge string) *connector.Delivery {
	return &connector.Delivery{Method: http.MethodGet, Path: path, Header: http.Header{}, Query: url.Values{
		"hub.mode": {mode}, "hub.topic": {topic}, "hub.challenge": {challenge}, "hub.lease_seconds": {"864000"}, "hub.reason": {"no"},
	}}
}

// TestIntent answers what hubs ask: with the challenge where the subscription is one of this source's, and else not.
func TestIntent(t *testing.T) {
	s := subscriber(t)
	other := subscriber(t, func(e *connector.Env) { e.HookKey = "another source's" })
	path := s.Path(feed, mark, topic)
	for name, c := range map[string]struct {
		d    *connector.Delivery
		code greenroom.Code
	}{
		"right":                    {question(path, "subscribe", topic, "c-1"), ""},
		"another topic":            {question(path, "subscribe", feed, "c-1"), greenroom.CodeNotFound},
		"another mark":             {question(strings.Replace(path, mark, "Mark-2_", 1), "subscribe", topic, "c-1"), greenroom.CodeNotFound},
		"a feed that is not read":  {question(s.Path("https://gone.example/feed", mark, topic), "subscribe", topic, "c-1"), greenroom.CodeNotFound},
		"another source":           {question(other.Path(feed, mark, topic), "subscribe", topic, "c-1"), greenroom.CodeNotFound},
		"no subscription":          {question("", "subscribe", topic, "c-1"), greenroom.CodeNotFound},
		"unsubscribe":              {question(path, "unsubscribe", topic, "c-1"), greenroom.CodeNotFound},
		"no challenge":             {question(path, "subscribe", topic, ""), greenroom.CodeInvalid},
		"a challenge that is long": {question(path, "subscribe", topic, strings.Repeat("c", 2000)), greenroom.CodeInvalid},
		"a binary challenge":       {question(path, "subscribe", topic, "c\x00"), greenroom.CodeInvalid},
	} {
		reply, err := s.Verify(c.d)
		if greenroom.ErrorCode(err) != c.code {
			t.Errorf("%s: %v, want code %q", name, err, c.code)
		}
		if c.code == "" && (string(reply.Body) != "c-1" || !reply.Drop || reply.ContentType != "application/octet-stream" || reply.Status != 0) {
			t.Errorf("%s: the reply is %+v", name, reply)
		}
	}
	denied := question(path, "denied", topic, "")
	if reply, err := s.Verify(denied); err != nil || reply.Drop {
		t.Errorf("denied: %+v, %v; want it kept", reply, err)
	}
	leftOut(t, s, denied, websub.Denied)
	if _, err := s.Verify(question(path, "denied", feed, "")); greenroom.ErrorCode(err) != greenroom.CodeNotFound {
		t.Errorf("another topic is denied: %v", err)
	}
}

// leftOut gives a delivery that was verified to the subscriber, and wants it counted and nothing else.
func leftOut(t *testing.T, s *websub.Subscriber, d *connector.Delivery, why string) {
	t.Helper()
	f := connectortest.Receive(t, hearer{s: s}, *d)
	if diff := cmp.Diff(map[string]int64{why: 1}, f.LeftOut); diff != "" || len(d.Body) > 0 {
		t.Errorf("left out (-want +got), with %q kept:\n%s", d.Body, diff)
	}
}

// hearer is a source that does nothing but to hear.
type hearer struct {
	connector.Receiver
	s *websub.Subscriber
}

func (h hearer) Receive(_ context.Context, d *connector.Delivery, out *connector.Sink) error {
	name, m, ok := h.s.Told(d, out)
	if ok {
		out.LeftOut(name+" "+m, 1)
	}
	return nil
}

// TestSigned takes what is signed with each algorithm of the recommendation, acknowledges and leaves out the rest.
func TestSigned(t *testing.T) {
	s := subscriber(t)
	path, body := s.Path(feed, mark, topic), "<feed/>"
	sign := func(h func() hash.Hash, secret string) string { return signature.Hex(h, secret, []byte(body)) }
	secret := s.Secret(path)
	for header, good := range map[string]bool{
		"sha1=" + sign(sha1.New, secret):                      true,
		"sha256=" + sign(sha256.New, secret):                  true,
		"sha384=" + sign(sha512.New384, secret):               true,
		"sha512=" + sign(sha512.New, secret):                  true,
		"SHA256=" + strings.ToUpper(sign(sha256.New, secret)): true,
		"sha256=" + sign(sha1.New, secret):                    false,
		"sha256=" + sign(sha256.New, s.Secret(path+"0")):      false,
		"sha256=" + sign(sha256.New, ""):                      false,
		"md5=" + sign(md5.New, secret):                        false,
		"sha256=" + sign(sha256.New, secret)[:10]:             false,
		"sha256=":                false,
		sign(sha256.New, secret): false,
		"":                       false,
	} {
		d := &connector.Delivery{Method: http.MethodPost, Path: path, Header: http.Header{"X-Hub-Signature": {header}, "Greenroom-Aside": {"x"}}, Body: []byte(body)}
		if reply, err := s.Verify(d); err != nil || reply.Status != 0 || reply.Drop {
			t.Fatalf("%q is answered %+v, %v", header, reply, err)
		}
		if !good {
			leftOut(t, s, d, websub.Unsigned)
			continue
		}
		f := connectortest.Receive(t, hearer{s: s}, *d)
		if diff := cmp.Diff(map[string]int64{feed + " " + mark: 1}, f.LeftOut); diff != "" || string(d.Body) != body {
			t.Errorf("%q: heard (-want +got), with %q kept:\n%s", header, d.Body, diff)
		}
	}
	gone := &connector.Delivery{Method: http.MethodPost, Path: s.Path("https://gone.example/feed", mark, topic), Header: http.Header{}, Body: []byte(body)}
	if reply, err := s.Verify(gone); err != nil || reply.Status != http.StatusGone || !reply.Drop {
		t.Errorf("what is no longer read is answered %+v, %v; want 410", reply, err)
	}
	if _, err := s.Verify(&connector.Delivery{Method: http.MethodPut, Path: path}); greenroom.ErrorCode(err) != greenroom.CodeInvalid {
		t.Errorf("PUT: %v", err)
	}
	if _, err := websub.New(connector.Env{}, []string{feed}).Verify(question(path, "subscribe", topic, "c")); greenroom.ErrorCode(err) != greenroom.CodeNotFound {
		t.Errorf("a source without a key: %v", err)
	}
}

// hub notes what it is asked.
type hub struct {
	asked  []url.Values
	status int
}

func (h *hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	h.asked = append(h.asked, r.PostForm)
	if h.status == http.StatusTemporaryRedirect && r.URL.Path == "/" {
		http.Redirect(w, r, "/elsewhere", h.status)
		return
	}
	if h.status == http.StatusTemporaryRedirect {
		w.WriteHeader(http.StatusAccepted)
		return
	}
	w.WriteHeader(h.status)
}

// TestAsk asks once a day, at once where something has changed, and a hub that fails every four hours.
func TestAsk(t *testing.T) {
	h := &hub{status: http.StatusAccepted}
	srv := httptest.NewServer(h)
	defer srv.Close()
	now := connectortest.Now()
	meter := &connector.Meter{}
	s := subscriber(t, func(e *connector.Env) { e.Now, e.Meter = func() time.Time { return now }, meter })
	to := websub.Topic{Hub: srv.URL, Self: topic}
	var state *websub.State
	steps := []struct {
		name   string
		after  time.Duration
		status int
		topic  websub.Topic
		asks   int
	}{
		{"first", 0, 202, to, 1},
		{"read again", time.Hour, 202, to, 0},
		{"a day later", 23 * time.Hour, 202, to, 1},
		{"another topic", time.Minute, 202, websub.Topic{Hub: srv.URL, Self: feed}, 1},
		{"no hub any more", time.Minute, 202, websub.Topic{Self: feed}, 0},
		{"a hub again", time.Minute, 503, to, 1},
		{"failed", 3 * time.Hour, 202, to, 0},
		{"failed for long", time.Hour, 429, to, 1},
		{"at last", 4 * time.Hour, 307, to, 2},
		{"the clock was wrong", -30 * 24 * time.Hour, 200, to, 1},
	}
	for _, step := range steps {
		now, h.status, h.asked = now.Add(step.after), step.status, nil
		state = s.Ask(t.Context(), feed, step.topic, mark, state)
		if len(h.asked) != step.asks {
			t.Fatalf("%s: the hub was asked %d times, want %d", step.name, len(h.asked), step.asks)
		}
	}
	path := s.Path(feed, mark, topic)
	want := url.Values{
		"hub.callback": {"https://greenroom.example/hooks/blog/" + path}, "hub.mode": {"subscribe"}, "hub.topic": {topic},
		"hub.secret": {s.Secret(path)}, "hub.lease_seconds": {"864000"}, "hub.verify": {"async"},
	}
	if diff := cmp.Diff(want, h.asked[0]); diff != "" {
		t.Errorf("the hub was asked (-want +got):\n%s", diff)
	}
	if n := len(meter.Metered().Warnings); n != 2 {
		t.Errorf("%d warnings, want one for each way in which the hub failed: %v", n, meter.Metered().Warnings)
	}
	h.asked = nil
	for name, edit := range map[string]func(*connector.Env){
		"no address": func(e *connector.Env) { e.Hook = "" }, "no key": func(e *connector.Env) { e.HookKey = "" },
	} {
		if state := subscriber(t, edit).Ask(t.Context(), feed, to, mark, nil); len(h.asked) > 0 || state.Hub != srv.URL || !state.Asked.IsZero() {
			t.Errorf("%s: the hub was asked, or it is kept that it was: %+v", name, state)
		}
	}
	renamed := subscriber(t, func(e *connector.Env) {
		e.Hook, e.Now = "https://greenroom.example/hooks/news", func() time.Time { return now }
	})
	if renamed.Ask(t.Context(), feed, to, mark, state); len(h.asked) != 1 {
		t.Errorf("a source that was renamed asked %d times, want once", len(h.asked))
	}
}

// TestPrefersTLS asks a hub that is named without TLS with it, and without where that cannot be had.
func TestPrefersTLS(t *testing.T) {
	for works, want := range map[string]string{"https": "https", "http": "https http", "neither": "https http"} {
		var asked []string
		meter := &connector.Meter{}
		s := subscriber(t, func(e *connector.Env) {
			e.Meter = meter
			e.HTTP = &http.Client{Transport: unreachable{works, &asked}}
		})
		s.Ask(t.Context(), feed, websub.Topic{Hub: "http://hub.example/", Self: topic}, mark, nil)
		if got := strings.Join(asked, " "); got != want || (len(meter.Metered().Warnings) > 0) != (works == "neither") {
			t.Errorf("where %s works, %q was asked, want %q; %v", works, got, want, meter.Metered().Warnings)
		}
	}
}

// unreachable lets requests through by one scheme.
type unreachable struct {
	works string
	asked *[]string
}

func (u unreachable) RoundTrip(r *http.Request) (*http.Response, error) {
	*u.asked = append(*u.asked, r.URL.Scheme)
	if r.URL.Scheme != u.works {
		return nil, errors.New("connection refused")
	}
	return &http.Response{StatusCode: http.StatusAccepted, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
}
