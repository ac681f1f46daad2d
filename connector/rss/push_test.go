// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package rss_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/connectortest"
	"greenroom/connector/internal/signature"
	"greenroom/connector/internal/websub"
	"greenroom/connector/rss"
	"greenroom/internal/fetch"
)

// entry is an entry of a feed in Atom, by its number, as it was changed a number of times.
func entry(n, edits int) string {
	at := day0.Add(time.Duration(n) * time.Hour)
	return fmt.Sprintf(`<entry><id>tag:blog,%d</id><title>Entry %d.%d</title><link href="https://blog.example.org/%d"/><author><name>Ana</name></author><published>%s</published><updated>%s</updated><content>Text.</content></entry>`,
		n, n, edits, n, at.Format(time.RFC3339), at.Add(time.Duration(edits)*time.Minute).Format(time.RFC3339))
}

// atom is a feed of the blog.
func atom(links string, entries ...string) string {
	return `<feed xmlns="http://www.w3.org/2005/Atom"><id>x</id><title>The Blog</title><link href="https://blog.example.org"/>` + links + strings.Join(entries, "") + `</feed>`
}

// publisher is a blog with its hub, at /hub, on one server.
type publisher struct {
	*httptest.Server

	link  string // header
	body  string // of the feed; HOST in it is the server
	asked []url.Values
	reads int
	full  int // reads that were answered with the feed
	down  bool
}

func publish(t *testing.T) *publisher {
	t.Helper()
	p := &publisher{}
	p.Server = httptest.NewServer(p)
	t.Cleanup(p.Close)
	return p
}

func (p *publisher) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/hub" {
		_ = r.ParseForm()
		p.asked = append(p.asked, r.PostForm)
		if p.down {
			http.Error(w, "later", http.StatusServiceUnavailable)
			return
		}
		w.WriteHeader(http.StatusAccepted)
		return
	}
	p.reads++
	tag := `"` + signature.Hex256("", []byte(p.body)) + `"`
	w.Header().Set("ETag", tag)
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	p.full++
	if p.link != "" {
		w.Header().Set("Link", p.link)
	}
	_, _ = io.WriteString(w, strings.ReplaceAll(p.body, "HOST", p.URL))
}

// reader is a source that a server keeps, which can be reached.
func reader(t *testing.T, p *publisher, edits ...func(*connector.Env)) (connector.Receiver, *connector.Meter) {
	t.Helper()
	env := connectortest.LiveEnv(t)
	env.Hook = "https://greenroom.example/hooks/blog"
	for _, edit := range edits {
		edit(&env)
	}
	src, err := rss.New(env, connector.Values{"feeds": p.URL + "/feed"})
	if err != nil {
		t.Fatal(err)
	}
	return src.(connector.Receiver), env.Meter //nolint:errcheck,forcetypeassert // the compiler has checked it
}

// read reads from a cursor, and returns the last one and what came.
func read(t *testing.T, src connector.Source, from connector.Cursor) (connector.Cursor, []connector.Activity) {
	t.Helper()
	var all []connector.Activity
	out := connector.NewSink(t.Context(), 1, func(_ context.Context, b *connector.Batch) error {
		from, all = b.Cursor, append(all, b.Activities...)
		return nil
	})
	if err := src.Read(t.Context(), from, out); err != nil {
		t.Fatal(err)
	}
	if err := out.Flush(); err != nil {
		t.Fatal(err)
	}
	return from, all
}

// told is what the hub sends for a subscription that it was asked for.
func told(t *testing.T, form url.Values, body string) connector.Delivery {
	t.Helper()
	path, ok := strings.CutPrefix(form.Get("hub.callback"), "https://greenroom.example/hooks/blog/")
	if !ok {
		t.Fatalf("the hub was asked to tell %q", form.Get("hub.callback"))
	}
	return connector.Delivery{Method: http.MethodPost, Path: path, Body: []byte(body), ReceivedAt: connectortest.Now(), Header: http.Header{
		"X-Hub-Signature": {"sha256=" + signature.Hex(sha256.New, form.Get("hub.secret"), []byte(body))},
	}}
}

// TestSubscribes asks the hub that a feed names, in each of the ways, and answers it.
func TestSubscribes(t *testing.T) {
	rss2 := func(channel string) string {
		return `<rss version="2.0" ` + channel + `<title>B</title><item><title>One</title><pubDate>Wed, 04 Mar 2026 05:06:07 GMT</pubDate></item></channel></rss>`
	}
	for name, c := range map[string]struct{ link, body, topic string }{
		"Atom":       {"", atom(`<link rel="hub" href="HOST/hub"/><link rel="self" href="HOST/atom"/>`, entry(1, 0)), "/atom"},
		"RSS":        {"", rss2(`xmlns:a10="http://www.w3.org/2005/Atom"><channel><a10:link rel="self" href="HOST/rss"/><a10:link rel="hub" href="HOST/hub"/>`), "/rss"},
		"no self":    {"", rss2(`xmlns:atom="http://www.w3.org/2005/Atom"><channel><atom:link rel="hub" href="/hub"/>`), "/feed"},
		"by headers": {`</hub>; rel="hub", </topic>; rel="self"`, atom(`<link rel="hub" href="https://other.example/"/>`, entry(1, 0)), "/topic"},
		"JSON":       {`</hub>; rel="hub"`, `{"version":"https://jsonfeed.org/version/1.1","title":"B","items":[{"id":"1","date_published":"2026-03-04T05:06:07Z"}]}`, "/feed"},
		"none":       {"", atom("", entry(1, 0)), ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := publish(t)
			p.link, p.body = c.link, c.body
			src, _ := reader(t, p)
			read(t, src, "")
			check, err := src.(connector.Tester).Test(t.Context()) //nolint:errcheck,forcetypeassert // the compiler has checked it
			if err != nil || len(check.Notes) != 2 || strings.Contains(check.Notes[1], "names no hub") != (c.topic == "") {
				t.Errorf("the test says %+v, %v", check, err)
			}
			if c.topic == "" {
				if len(p.asked) > 0 {
					t.Errorf("somebody was asked %v", p.asked)
				}
				return
			}
			if len(p.asked) != 1 || p.asked[0].Get("hub.topic") != p.URL+c.topic {
				t.Fatalf("the hub was asked %v, want once for %s", p.asked, c.topic)
			}
			d := told(t, p.asked[0], "")
			d.Method, d.Query = http.MethodGet, url.Values{"hub.mode": {"subscribe"}, "hub.topic": {p.URL + c.topic}, "hub.challenge": {"yes"}, "hub.lease_seconds": {"864000"}}
			if reply, err := src.Verify(&d); err != nil || string(reply.Body) != "yes" {
				t.Errorf("the hub's question is answered %+v, %v", reply, err)
			}
			d.Query.Set("hub.topic", p.URL+"/other")
			if _, err := src.Verify(&d); greenroom.ErrorCode(err) != greenroom.CodeNotFound {
				t.Errorf("a question for another topic is answered %v", err)
			}
			unreached, _ := reader(t, p, func(e *connector.Env) { e.Hook = "" })
			if read(t, unreached, ""); len(p.asked) != 1 {
				t.Error("a server that cannot be reached asks the hub")
			}
		})
	}
}

// TestRenews asks again each day, also where the feed has not changed, after a process died, and where a cursor is from before
// hubs were asked; a hub that is down fails no read.
func TestRenews(t *testing.T) {
	p := publish(t)
	p.body = atom(`<link rel="hub" href="HOST/hub"/>`, entry(1, 0))
	now := connectortest.Now()
	clock := func(e *connector.Env) { e.Now = func() time.Time { return now } }
	deaf, _ := reader(t, p, clock, func(e *connector.Env) { e.Hook = "" })
	old, _ := read(t, deaf, "")
	src, meter := reader(t, p, clock)
	at, _ := read(t, src, old)
	if len(p.asked) != 1 || p.full != 2 {
		t.Fatalf("after the update the hub was asked %d times and the feed was read %d times, want once and twice", len(p.asked), p.full)
	}
	again, _ := reader(t, p, clock) // as if it had died before anything was kept
	read(t, again, old)
	if len(p.asked) != 2 || p.asked[0].Encode() != p.asked[1].Encode() {
		t.Errorf("the hub was asked %v, want the same again", p.asked)
	}
	for _, step := range []struct {
		after time.Duration
		down  bool
		asked int
	}{{time.Hour, false, 2}, {23 * time.Hour, true, 3}, {time.Hour, true, 3}, {3 * time.Hour, true, 4}, {4 * time.Hour, false, 5}, {time.Hour, false, 5}} {
		now, p.down = now.Add(step.after), step.down
		if at, _ = read(t, src, at); len(p.asked) != step.asked {
			t.Fatalf("after %v more the hub was asked %d times, want %d", step.after, len(p.asked), step.asked)
		}
	}
	if p.full != 3 {
		t.Errorf("the feed, which has not changed, was read %d times, want 3", p.full)
	}
	if w := meter.Metered().Warnings; len(w) != 1 {
		t.Errorf("the warnings are %v, want one about the hub", w)
	}
	deaf, _ = reader(t, p, clock, func(e *connector.Env) { e.Hook = "" })
	if next, _ := read(t, deaf, at); next != at {
		t.Errorf("a read that cannot ask changes what is kept:\n%s\n%s", at, next)
	}
}

// TestReceive takes in what hubs tell as reading the feed does: from what they send where that is the feed in order, and by
// reading it where it is not.
func TestReceive(t *testing.T) {
	newest := atom("", entry(3, 1), entry(2, 0))
	for name, c := range map[string]struct {
		pushed string
		reads  int // of the feed
		want   []string
	}{
		"the feed":              {newest, 0, []string{"Entry 3.1", "Entry 2.0"}},
		"what is new of it":     {atom("", entry(3, 0)), 0, []string{"Entry 3.0"}},
		"of another site":       {strings.Replace(newest, "https://blog.example.org", "https://hub.example/copy", 1), 1, []string{"Entry 4.0"}},
		"RSS":                   {`<rss version="2.0"><channel><link>https://blog.example.org</link><item><guid>1</guid><pubDate>Wed, 04 Mar 2026 05:06:07 GMT</pubDate></item></channel></rss>`, 1, []string{"Entry 4.0"}},
		"without times":         {strings.ReplaceAll(newest, "updated>", "other>"), 1, []string{"Entry 4.0"}},
		"nothing":               {"", 1, []string{"Entry 4.0"}},
		"something else":        {"<html>Hello</html>", 1, []string{"Entry 4.0"}},
		"JSON Feed of the site": {`{"version":"https://jsonfeed.org/version/1.1","home_page_url":"https://blog.example.org","items":[{"id":"tag:blog,9","title":"Nine","date_published":"2026-03-04T05:06:07Z","date_modified":"2026-03-04T05:06:07Z"}]}`, 0, []string{"Nine"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := publish(t)
			p.body = atom(`<link rel="hub" href="HOST/hub"/>`, entry(4, 0))
			src, _ := reader(t, p)
			_, first := read(t, src, "")
			p.reads = 0
			d := told(t, p.asked[0], c.pushed)
			if reply, err := src.Verify(&d); err != nil || reply.Drop {
				t.Fatalf("the push is answered %+v, %v", reply, err)
			}
			d.Header.Del("X-Hub-Signature") // which is not stored
			f := connectortest.Receive(t, src, d, d)
			if diff := cmp.Diff(append(slices.Clone(c.want), c.want...), titles(f.Activities)); diff != "" || p.reads != 2*c.reads {
				t.Errorf("the feed was read %d times, want %d; the titles (-want +got):\n%s", p.reads, 2*c.reads, diff)
			}
			p.body = c.pushed
			if c.reads > 0 {
				p.body = atom("", entry(4, 0))
			}
			_, same := read(t, src, "")
			if diff := cmp.Diff(same, f.Activities[:len(c.want)], ignoreRaw()); diff != "" {
				t.Errorf("reading the same (-read +pushed):\n%s", diff)
			}
			if f.Channels[0].ExternalID != first[0].Channel {
				t.Errorf("the channel is %q, want %q", f.Channels[0].ExternalID, first[0].Channel)
			}
		})
	}
}

func titles(all []connector.Activity) (names []string) {
	for i := range all {
		names = append(names, all[i].Title)
	}
	return names
}

func ignoreRaw() cmp.Option {
	return cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".Raw" }, cmp.Ignore())
}

// pushes are what a hub tells of a blog: three entries, and one that was changed. The fake names no hub, so what it would be
// asked for is made here.
func pushes(address string) []connector.Delivery {
	env := connector.Env{HookKey: connectortest.HookKey}
	s := websub.New(env, []string{address + "/feed/"})
	path := s.Path(address+"/feed/", s.Tag("https://blog.example.org"), address+"/feed/")
	var all []connector.Delivery
	for _, body := range []string{atom("", entry(1, 0)), atom("", entry(2, 0), entry(1, 0)), atom("", entry(3, 0)), atom("", entry(2, 5))} {
		all = append(all, connector.Delivery{Method: http.MethodPost, Path: path, Body: []byte(body), ReceivedAt: connectortest.Now(), Header: http.Header{
			"X-Hub-Signature": {"sha256=" + signature.Hex256(s.Secret(path), []byte(body))},
		}})
	}
	return all
}

// TestHubInside has a feed name a hub inside the server's own network: the guard refuses it, the read goes on and says so.
func TestHubInside(t *testing.T) {
	inside, feeds := publish(t), publish(t)
	feeds.body = atom(`<link rel="hub" href="`+inside.URL+`/hub"/>`, entry(1, 0))
	guarded := func(e *connector.Env) {
		e.HTTP = &http.Client{Transport: outside{host: strings.TrimPrefix(feeds.URL, "http://"), guarded: fetch.Guarded(time.Second, nil).Transport}}
	}
	src, meter := reader(t, feeds, guarded)
	if _, all := read(t, src, ""); len(all) != 1 || len(inside.asked) > 0 {
		t.Errorf("%d entries came, and the hub was asked %d times", len(all), len(inside.asked))
	}
	if said := fmt.Sprint(meter.Metered().Warnings); !strings.Contains(said, "inside this server's own network") {
		t.Errorf("the warnings are %s", said)
	}
}

// outside lets one host be, and guards everything else.
type outside struct {
	host    string
	guarded http.RoundTripper
}

func (o outside) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Host == o.host {
		return http.DefaultTransport.RoundTrip(r)
	}
	return o.guarded.RoundTrip(r)
}

// TestPushedUndated leaves to reads what they remember the time of.
func TestPushedUndated(t *testing.T) {
	p := publish(t)
	p.body = `<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>B</title><link>https://blog.example.org</link><atom:link rel="hub" href="HOST/hub"/><item><title>One</title><guid>https://blog.example.org/1</guid></item></channel></rss>`
	src, _ := reader(t, p)
	if _, all := read(t, src, ""); len(all) != 1 {
		t.Fatalf("a read brings %+v", all)
	}
	f := connectortest.Receive(t, src, told(t, p.asked[0], p.body))
	if diff := cmp.Diff(map[string]int64{"entries without a date, which are left to the next read": 1}, f.LeftOut); diff != "" || len(f.Activities) > 0 {
		t.Errorf("a push brings %+v and leaves out (-want +got):\n%s", f.Activities, diff)
	}
}

// TestPushedComments asks for no comments of what is pushed: they come with the next read.
func TestPushedComments(t *testing.T) {
	p := publish(t)
	p.body = atom(`<link rel="hub" href="HOST/hub"/>`, entry(1, 0))
	src, _ := reader(t, p)
	read(t, src, "")
	p.reads = 0
	body := atom("", strings.Replace(entry(2, 0), "</entry>", `<wfw:commentRss xmlns:wfw="http://wellformedweb.org/CommentAPI/">`+p.URL+`/comments</wfw:commentRss></entry>`, 1))
	if f := connectortest.Receive(t, src, told(t, p.asked[0], body)); len(f.Activities) != 1 || p.reads > 0 {
		t.Errorf("%d activities came, and %d requests went out", len(f.Activities), p.reads)
	}
}
