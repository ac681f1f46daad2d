// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package rss_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/connectortest"
	"greenroom/connector/rss"
)

// fake is a blog with n articles as WordPress serves it, in pages that link to each other; the newest has a comment.
type fake struct {
	n     int
	title string // of the newest
	asked int
	same  int // how often it was answered that nothing has changed
}

func newFake(n int) http.Handler { return &fake{n: n, title: "Article"} }

var day0 = time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/comments/") {
		_, _ = fmt.Fprintf(w, `<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Comments</title><link>https://blog.example.org</link>
<item><title>By: Ben</title><link>https://blog.example.org/c1</link><dc:creator>Ben</dc:creator><pubDate>%s</pubDate><guid isPermaLink="false">https://blog.example.org/?c=1</guid><description>Well &lt;b&gt;said&lt;/b&gt;.</description></item>
</channel></rss>`, day0.Add(900*time.Hour).Format(time.RFC1123Z))
		return
	}
	f.asked++
	tag := `"` + f.title + `"`
	if r.Header.Get("If-None-Match") == tag {
		f.same++
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.Header().Set("ETag", tag)
	page, _ := strconv.Atoi(r.URL.Query().Get("paged"))
	page = max(1, page)
	size := 10
	if f.n > 1000 {
		size = 500
	}
	var b strings.Builder
	b.WriteString(`<?xml version="1.0"?><rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:wfw="http://wellformedweb.org/CommentAPI/" xmlns:slash="http://purl.org/rss/1.0/modules/slash/"><channel><title>The Blog</title><link>https://blog.example.org</link>`)
	if page*size < f.n {
		_, _ = fmt.Fprintf(&b, `<atom:link rel="next" href="http://%s/feed/?paged=%d" />`, r.Host, page+1)
	}
	for i := f.n - (page-1)*size; i > max(0, f.n-page*size); i-- {
		title, comments := "Article", 0
		if i == f.n {
			title, comments = f.title, 1
		}
		_, _ = fmt.Fprintf(&b, `<item><title>%s &amp;#38; %d</title><link>https://blog.example.org/%d</link><dc:creator>Ana A.</dc:creator><pubDate>%s</pubDate><guid isPermaLink="false">%d</guid><description>Short.</description><content:encoded><![CDATA[<p>Long <b>text</b> %d.</p>]]></content:encoded><slash:comments>%d</slash:comments><wfw:commentRss>http://%s/comments/%d</wfw:commentRss></item>`,
			title, i, i, day0.Add(time.Duration(i)*time.Hour/50).Format(time.RFC1123Z), i, i, comments, r.Host, i)
	}
	b.WriteString("</channel></rss>\n<!-- cached -->\n")
	_, _ = w.Write([]byte(b.String()))
}

func values(url string) connector.Values { return connector.Values{"feeds": url + "/feed/"} }

func live() connectortest.Live {
	return connectortest.Live{
		Spec: rss.Spec(), Serve: newFake, Values: values, Items: 25, Activities: 25 + 1,
		NoToken:  "feeds are open to everyone",
		PushesAt: pushes, Ignores: true,
		Change: func(h http.Handler) { h.(*fake).title = "Edited" }, //nolint:errcheck // newFake's
		Changed: func(t *testing.T, next *connectortest.Facts) {
			t.Helper()
			if len(next.Activities) == 0 || next.Activities[0].Title != "Edited & 25" {
				t.Errorf("the next read tells %+v, want the edited article", next.Activities)
			}
			if n := next.Kinds()["announcement"]; n != 10 {
				t.Errorf("the next read brings %d articles, want those of the first page", n)
			}
		},
	}
}

func TestLive(t *testing.T) { connectortest.RunLive(t, live()) }

func BenchmarkRead(b *testing.B) { connectortest.BenchmarkLive(b, live()) }

// serve answers with one document.
func serve(t *testing.T, body string) (address string, client *http.Client) {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) }))
	t.Cleanup(srv.Close)
	return srv.URL, srv.Client()
}

// TestForms reads one entry in each form of feed.
func TestForms(t *testing.T) {
	want := connector.Activity{
		Kind: greenroom.KindAnnouncement, OccurredAt: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC), Title: "One", Body: "Text.",
		ExternalID: "https://blog.example.org/1", Thread: "https://blog.example.org/1", URL: "https://blog.example.org/1", Author: "name:ana",
	}
	for name, body := range map[string]string{
		"RSS 2.0":   `<rss version="2.0"><channel><title>B</title><item><title>One</title><link>https://blog.example.org/1</link><author>Ana</author><pubDate>Wed, 04 Mar 2026 05:06:07 GMT</pubDate><description>&lt;p&gt;Text.</description></item></channel></rss>`,
		"RSS 1.0":   `<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="x"><title>B</title></channel><item rdf:about="https://blog.example.org/1"><title>One</title><link>https://blog.example.org/1</link><dc:creator>Ana</dc:creator><dc:date>2026-03-04T05:06:07Z</dc:date><description>Text.</description></item></rdf:RDF>`,
		"Atom":      `<feed xmlns="http://www.w3.org/2005/Atom"><title>B</title><entry><id>https://blog.example.org/1</id><title type="html">One</title><link href="https://blog.example.org/1"/><author><name>Ana</name></author><published>2026-03-04T06:06:07+01:00</published><content type="html">&lt;p&gt;Text.&lt;/p&gt;</content></entry></feed>`,
		"JSON Feed": `{"version":"https://jsonfeed.org/version/1.1","title":"B","items":[{"id":"https://blog.example.org/1","url":"https://blog.example.org/1","title":"One","content_html":"<p>Text.</p>","date_published":"2026-03-04T05:06:07Z","authors":[{"name":"Ana"}]}]}`,
		"podcast":   `<rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"><channel><title>B</title><item><title>One</title><guid>https://blog.example.org/1</guid><itunes:author>Ana</itunes:author><enclosure url="https://blog.example.org/1" type="audio/mpeg" length="1"/><pubDate>Wed, 04 Mar 2026 05:06:07 GMT</pubDate><description>Text.</description></item></channel></rss>`,
	} {
		address, client := serve(t, body)
		f := connectortest.Collect(t, rss.Spec(), connector.Values{"feeds": address}, client, "", 0)
		if len(f.Activities) != 1 {
			t.Errorf("%s: %d activities, %+v", name, len(f.Activities), f.Rejects)
			continue
		}
		one := want
		one.Channel = address
		if diff := cmp.Diff(one, f.Activities[0]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if f.Channels[0].Name != "B" || !f.Identities["name:ana"].Staff {
			t.Errorf("%s: channel %+v, people %+v", name, f.Channels, f.Identities)
		}
	}
}

// TestUnchanged asks again only whether a feed has changed.
func TestUnchanged(t *testing.T) {
	h := newFake(25)
	srv := httptest.NewServer(h)
	defer srv.Close()
	first := connectortest.Collect(t, rss.Spec(), values(srv.URL), srv.Client(), "", 1)
	next := connectortest.Collect(t, rss.Spec(), values(srv.URL), srv.Client(), first.Cursors[len(first.Cursors)-1], 1)
	if f := h.(*fake); f.same != 1 || f.asked != 4 || len(next.Activities) != 0 { //nolint:errcheck // newFake's
		t.Errorf("the server was asked %d times and said %d times that nothing has changed; %d activities came", f.asked, f.same, len(next.Activities))
	}
}

// TestBroken leaves out a feed that cannot be read, and fails when none can.
func TestBroken(t *testing.T) {
	page, client := serve(t, `<html><head><link rel="alternate" type="application/rss+xml" href="/feed?a=1&amp;b=2"></head></html>`)
	good, _ := serve(t, `<rss version="2.0"><channel><item><title>No date</title><pubDate>soon</pubDate></item><item><title>One</title><pubDate>Wed, 04 Mar 2026 05:06:07 GMT</pubDate></item></channel></rss>`)
	f := connectortest.Collect(t, rss.Spec(), connector.Values{"feeds": page + "," + good}, client, "", 0)
	if len(f.Activities) != 1 || len(f.Rejects) != 1 {
		t.Errorf("%d activities and %d rejects, want one of each", len(f.Activities), len(f.Rejects))
	}
	env := connectortest.LiveEnv(t)
	src, err := rss.New(env, connector.Values{"feeds": page})
	if err != nil {
		t.Fatal(err)
	}
	err = src.Read(t.Context(), "", connector.NewSink(t.Context(), 0, func(context.Context, *connector.Batch) error { return nil }))
	if want := page + "/feed?a=1&b=2"; greenroom.ErrorCode(err) != greenroom.CodeInvalid || !strings.Contains(greenroom.ErrorMessage(err), want) {
		t.Errorf("reading a web page gives %v, want an error that names %s", err, want)
	}
	check, err := src.(connector.Tester).Test(t.Context()) //nolint:errcheck // the compiler has checked it
	if err != nil || len(check.Missing) != 1 || !check.Missing[0].Must {
		t.Errorf("the test says %+v, %v", check, err)
	}
	v, err := src.(connector.Surveyor).Survey(t.Context()) //nolint:errcheck // the compiler has checked it
	if err != nil || len(v.Places) != 1 || v.Places[0].Covered || v.Places[0].Why == "" {
		t.Errorf("the survey says %+v, %v", v, err)
	}
}

// TestRecording reads a feed that others recorded.
func TestRecording(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(connectortest.Recordings(t), "perceval", "rss", "rss_entries.xml"))
	if err != nil {
		t.Skip("the recording is not here: ", err)
	}
	address, client := serve(t, string(data))
	f := connectortest.Collect(t, rss.Spec(), connector.Values{"feeds": address}, client, "", 0)
	if n := strings.Count(string(data), "<item>"); len(f.Activities) != n || len(f.Rejects) > 0 {
		t.Errorf("%d activities of %d entries; rejected: %+v", len(f.Activities), n, f.Rejects)
	}
}

// FuzzRead checks that no document makes a read panic.
func FuzzRead(f *testing.F) {
	f.Add(`<rss version="2.0"><channel><item><title>One</title><pubDate>Wed, 04 Mar 2026 05:06:07 GMT</pubDate></item></channel></rss>`)
	f.Add(`<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>x</id><updated>2026-03-04T06:06:07Z</updated></entry></feed>`)
	f.Add(`{"version":"https://jsonfeed.org/version/1.1","items":[{"id":"1","date_published":"2026-03-04T05:06:07Z","authors":[null]}]}`)
	f.Add(`<html><link type="application/atom+xml" href="%"></html>`)
	var body string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) }))
	f.Cleanup(srv.Close)
	f.Fuzz(func(t *testing.T, text string) {
		body = text
		src, err := rss.New(connectortest.LiveEnv(t), connector.Values{"feeds": srv.URL})
		if err != nil {
			t.Fatal(err)
		}
		_ = src.Read(t.Context(), "", connector.NewSink(t.Context(), 0, func(context.Context, *connector.Batch) error { return nil }))
	})
}
