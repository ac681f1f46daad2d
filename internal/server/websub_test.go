// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"crypto/hmac"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/rss"
	"greenroom/internal/auth"
	"greenroom/internal/ingest"
	"greenroom/internal/server"
)

// blog is a blog with a hub, on one server. The hub tells what it is told to, and not what the feed holds.
type blog struct {
	*httptest.Server

	mu    sync.Mutex
	posts []string
	reads int
	asked []url.Values
}

func newBlog(t *testing.T) *blog {
	t.Helper()
	b := &blog{posts: []string{"First"}}
	b.Server = httptest.NewServer(b)
	t.Cleanup(b.Close)
	return b
}

func (b *blog) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if r.Method == http.MethodPost {
		_ = r.ParseForm()
		b.asked = append(b.asked, r.PostForm)
		w.WriteHeader(http.StatusAccepted)
		return
	}
	b.reads++
	tag := fmt.Sprintf("%q", strings.Join(b.posts, "+"))
	w.Header().Set("ETag", tag)
	w.Header().Set("Link", `</hub>; rel="hub", </feed>; rel="self"`)
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	_, _ = io.WriteString(w, document(b.posts...))
}

func document(posts ...string) string {
	var text strings.Builder
	text.WriteString(`<feed xmlns="http://www.w3.org/2005/Atom"><id>b</id><title>Blog</title><link href="https://blog.example/"/>`)
	for _, p := range posts {
		fmt.Fprintf(&text, `<entry><id>https://blog.example/%s</id><title>%s</title><author><name>Ana</name></author><published>2026-11-20T10:00:00Z</published><updated>2026-11-20T10:00:00Z</updated></entry>`, strings.ToLower(p), p)
	}
	return text.String() + "</feed>"
}

// publish puts a post into the feed.
func (b *blog) publish(post string) {
	b.mu.Lock()
	b.posts = append(b.posts, post)
	b.mu.Unlock()
}

func (b *blog) counts() (reads int, asked []url.Values) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.reads, slices.Clone(b.asked)
}

// hooked is what the server answers at an address that a hub was given.
func hooked(t *testing.T, l *live, method, callback, body, secret string) (code int, text string) {
	t.Helper()
	path, ok := strings.CutPrefix(callback, "https://greenroom.example")
	if !ok {
		t.Fatalf("the hub was given %q", callback)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, l.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha512.New, []byte(secret))
	mac.Write([]byte(body))
	req.Header.Set("X-Hub-Signature", "sha512="+hex.EncodeToString(mac.Sum(nil)))
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(answer)
}

// TestHub has a blog's hub asked by the server, its question answered, and what it tells come in at once and once, also after
// the next read; what is not signed is counted and nothing else. A source that was renamed, or whose key
// was rotated, asks anew; one that was disconnected or is not there answers so that the hub ends.
func TestHub(t *testing.T) {
	b := newBlog(t)
	public, address := &url.URL{Scheme: "https", Host: "greenroom.example"}, port(t)
	l := start(t, server.ServeOptions{Addr: address, Allowed: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, PublicURL: public}, func(app *server.App) {
		if _, _, err := app.Importer.Import(t.Context(), ingest.Request{Spec: rss.Spec(), Name: "blog", Values: connector.Values{"feeds": b.URL + "/feed"}}); err != nil {
			t.Fatal(err)
		}
		if err := app.Store.SetRhythm(t.Context(), 1, 1, time.Now()); err != nil {
			t.Fatal(err)
		}
	})
	l.url = "http://" + address // behind what ends TLS
	eventually(t, "the hub is asked", func() bool {
		_, asked := b.counts()
		return len(asked) == 1
	})
	_, asked := b.counts()
	callback, secret := asked[0].Get("hub.callback"), asked[0].Get("hub.secret")
	question := func(topic string) string {
		return callback + "?" + url.Values{"hub.mode": {"subscribe"}, "hub.topic": {topic}, "hub.challenge": {"why"}, "hub.lease_seconds": {"864000"}}.Encode()
	}
	if code, text := hooked(t, l, http.MethodGet, question(b.URL+"/feed"), "", ""); code != http.StatusOK || text != "why" {
		t.Fatalf("the hub's question is answered %d %q", code, text)
	}
	if code, text := hooked(t, l, http.MethodGet, question(b.URL+"/other"), "", ""); code != http.StatusNotFound || strings.Contains(text, "why") {
		t.Errorf("the question for another topic is answered %d %q", code, text)
	}
	for _, p := range []struct{ post, secret string }{{"Second", secret}, {"Forged", "guessed"}, {"Second", secret}} {
		if code, _ := hooked(t, l, http.MethodPost, callback, document(p.post), p.secret); code != http.StatusOK {
			t.Fatalf("%s is answered %d", p.post, code)
		}
	}
	settled := func() bool {
		waiting, _, err := l.app.Store.DeliveryCounts(t.Context(), 1)
		return err == nil && waiting == 0
	}
	want := []string{"First", "Second"}
	has := func() bool { return slices.Equal(slices.Sorted(slices.Values(titles(t, l.app))), want) }
	eventually(t, "what was pushed is there once", func() bool { return settled() && has() })
	unsigned := int64(0)
	runs, err := l.app.Store.Runs(t.Context(), 1, 100)
	if err != nil {
		t.Fatal(err)
	}
	for i := range runs {
		if runs[i].Lane == greenroom.LanePush {
			left, err := l.app.Store.LeftOut(t.Context(), runs[i].ID)
			if err != nil {
				t.Fatal(err)
			}
			unsigned += left["pushes without the right signature"]
		}
	}
	if unsigned != 1 {
		t.Errorf("%d pushes without the right signature are counted, want 1", unsigned)
	}
	b.publish("Second")
	b.publish("Third")
	want = append(want, "Third")
	eventually(t, "the next read changes nothing of what was pushed", has)
	reads, asked := b.counts()
	eventually(t, "it is read again", func() bool {
		n, _ := b.counts()
		return n >= reads+2
	})
	if !has() || len(asked) != 1 {
		t.Errorf("there are %q, and the hub was asked %d times, want once", titles(t, l.app), len(asked))
	}
	if _, err := l.app.Connections().Rename(t.Context(), "blog", "news"); err != nil {
		t.Fatal(err)
	}
	if code, _ := hooked(t, l, http.MethodPost, callback, document("Fourth"), secret); code != http.StatusGone {
		t.Errorf("under the former name the hub is answered %d, want 410", code)
	}
	eventually(t, "the hub is asked under the new name", func() bool {
		_, asked := b.counts()
		return len(asked) == 2 && strings.Contains(asked[1].Get("hub.callback"), "/hooks/news/")
	})
	_, asked = b.counts()
	callback, secret = asked[1].Get("hub.callback"), asked[1].Get("hub.secret")
	if code, _ := hooked(t, l, http.MethodGet, question(b.URL+"/feed"), "", ""); code != http.StatusOK {
		t.Errorf("the hub's question about the new name is answered %d", code)
	}
	if _, err := l.app.RotateKey(t.Context()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the hub is asked with the new key", func() bool {
		_, asked := b.counts()
		return len(asked) == 3
	})
	_, asked = b.counts()
	if callback == asked[2].Get("hub.callback") || secret == asked[2].Get("hub.secret") {
		t.Error("the hub was asked with what the old key made")
	}
	callback, secret = asked[2].Get("hub.callback"), asked[2].Get("hub.secret")
	if code, _ := hooked(t, l, http.MethodGet, question(b.URL+"/feed"), "", ""); code != http.StatusOK {
		t.Errorf("after the key was rotated the hub's question is answered %d", code)
	}
	if err := l.app.Connections().Disconnect(t.Context(), "news"); err != nil {
		t.Fatal(err)
	}
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		if code, _ := hooked(t, l, method, question(b.URL+"/feed"), document("Fifth"), secret); code != http.StatusNotFound {
			t.Errorf("after it was disconnected %s is answered %d, want 404", method, code)
		}
	}
	if code, _ := hooked(t, l, http.MethodGet, strings.Replace(question(b.URL+"/feed"), "/news/", "/removed/", 1), "", ""); code != http.StatusNotFound {
		t.Errorf("where there is no source the hub is answered %d, want 404", code)
	}
	if !has() {
		t.Errorf("there are %q, want %q", titles(t, l.app), want)
	}
}

// TestConnectFeed connects a feed that names a hub: the test says so, no secret is made, and there is no address to enter.
func TestConnectFeed(t *testing.T) {
	b := newBlog(t)
	l := start(t, server.ServeOptions{Allowed: local()})
	manager := l.as(t, auth.RoleManager)
	typed := []string{"feeds", b.URL + "/feed", "source-name", "blog"}
	if res := l.fill(t, manager, "/start/rss", append(typed, "then", "test")...); res.code != http.StatusOK || !strings.Contains(res.body, "names a hub, which would tell of new entries at once, but this server was not told its public address") {
		t.Errorf("the test is answered %d:\n%s", res.code, res.body)
	}
	if res := l.fill(t, manager, "/start/rss", typed...); res.code != http.StatusSeeOther || !strings.HasPrefix(res.header.Get("Location"), "/sources/blog?") {
		t.Fatalf("connecting is answered %d to %s:\n%s", res.code, res.header.Get("Location"), res.body)
	}
	res := l.send(t, manager, "GET", "/sources/blog/push", nil)
	if got := picked(t, res.body, ".copy button", "data-copy"); res.code != http.StatusOK || len(got) > 0 || !strings.Contains(res.body, "Nothing to enter") {
		t.Errorf("the page of its pushes is answered %d, has %q to copy:\n%s", res.code, got, res.body)
	}
}
