// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package rss_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/connectortest"
	"greenroom/connector/rss"
)

// These tests hold what the formats themselves say: RFC 4287 (Atom), RFC 5005 (paging and archives), the RSS 2.0
// specification, JSON Feed 1.1, and WordPress's source for the feeds it serves.

// TestSpecified reads entries that the formats allow, each in a feed of its own.
func TestSpecified(t *testing.T) {
	atom := func(head, entry string) string {
		return `<feed xmlns="http://www.w3.org/2005/Atom"><title>B</title>` + head + `<entry><id>urn:1</id><updated>2026-03-04T05:06:07Z</updated>` + entry + `</entry></feed>`
	}
	item := func(s string) string {
		return `<rss version="2.0"><channel><title>B</title><item><pubDate>Wed, 04 Mar 2026 05:06:07 GMT</pubDate>` + s + `</item></channel></rss>`
	}
	for name, c := range map[string]struct{ body, want string }{
		"Atom: an entry without an author is by the feed's (RFC 4287, 4.2.1)": {
			atom(`<author><name>Ana</name></author>`, `<title>One</title>`), "One||name:ana|",
		},
		"Atom: or by that of the feed that it comes from": {
			atom(`<author><name>Planet</name></author>`, `<title>One</title><source><author><name>Ana</name></author></source>`), "One||name:ana|",
		},
		"Atom: a title is text unless its type says otherwise (3.1.1)": {
			atom("", `<title>Sort []T by func(T) &lt;T&gt;</title><content>a &lt; b &amp;&amp; c &gt; d</content>`), "Sort []T by func(T) <T>|a < b && c > d||",
		},
		"Atom: an HTML title": {
			atom("", `<title type="html">Fish &amp;amp; &lt;b>chips&lt;/b></title><summary type="html">&lt;p>Text.</summary>`), "Fish & chips|Text.||",
		},
		"Atom: an XHTML title": {
			atom("", `<title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">Fish &amp; <b>chips</b></div></title><summary>1 &lt; 2</summary>`), "Fish & chips|1 < 2||",
		},
		"Atom: elements with a prefix": {
			`<a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:title>B</a:title><a:entry><a:id>urn:1</a:id><a:title>One</a:title><a:updated>2026-03-04T05:06:07Z</a:updated></a:entry></a:feed >`, "One|||",
		},
		"Atom: a link without xml:base belongs to the feed's address":   {atom("", `<title>One</title><link href="/posts/1"/>`), "One|||HERE/posts/1"},
		"RSS: a guid is the permanent address unless it says otherwise": {item(`<title>One</title><guid>https://blog.example.org/1</guid>`), "One|||https://blog.example.org/1"},
		"RSS: one that says otherwise is none":                          {item(`<title>One</title><guid isPermaLink="false">https://blog.example.org/1</guid>`), "One|||"},
		"JSON Feed: authors of the feed": {
			`{"version":"https://jsonfeed.org/version/1.1","title":"B","authors":[{"name":"Ana"}],"items":[{"id":"1","title":"<T> & x","content_text":"a <b> c","date_published":"2026-03-04T05:06:07Z"}]}`,
			"<T> & x|a <b> c|name:ana|",
		},
		"JSON Feed: an id that is a number": {
			`{"version":"https://jsonfeed.org/version/1.1","title":"B","items":[{"id":17,"title":"One","content_html":"<p>Text.</p>","date_published":"2026-03-04T05:06:07Z"}]}`, "One|Text.||",
		},
		"RFC 822: a zone by its name": {
			`<rss version="2.0"><channel><title>B</title><item><title>One</title><pubDate>Tue, 03 Mar 2026 21:06:07 PST</pubDate></item></channel></rss>`, "One|||",
		},
	} {
		t.Run(name, func(t *testing.T) {
			address, client := serve(t, c.body)
			f := connectortest.Collect(t, rss.Spec(), connector.Values{"feeds": address}, client, "", 0)
			if len(f.Activities) != 1 {
				t.Fatalf("%d activities, %+v", len(f.Activities), f.Rejects)
			}
			a := f.Activities[0]
			got := strings.Join([]string{a.Title, a.Body, a.Author, a.URL}, "|")
			if diff := cmp.Diff(strings.ReplaceAll(c.want, "HERE", address), got); diff != "" || a.OccurredAt.Format("2006-01-02T15:04:05") != "2026-03-04T05:06:07" {
				t.Errorf("%s, at %s", diff, a.OccurredAt)
			}
		})
	}
}

// TestArchive follows an archived feed from its newest document to the archives before it (RFC 5005, section 4).
func TestArchive(t *testing.T) {
	for form, page := range map[string]string{
		"Atom": `<feed xmlns="http://www.w3.org/2005/Atom"><title>B</title><link rel="alternate" href="https://blog.example.org"/>%[1]s<entry><id>urn:%[2]d</id><title>One</title><updated>2026-03-0%[2]dT05:06:07Z</updated></entry></feed>`,
		"RSS":  `<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>B</title><link>https://blog.example.org</link>%[1]s<item><title>One</title><guid>urn:%[2]d</guid><pubDate>0%[2]d Mar 2026 05:06:07 GMT</pubDate></item></channel></rss>`,
	} {
		asked := 0
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked++
			n, link, element := 3, "", map[string]string{"Atom": "link", "RSS": "atom:link"}[form]
			if _, err := fmt.Sscanf(r.URL.Path, "/archive/%d", &n); err == nil {
				link = fmt.Sprintf(`<%s rel="next-archive" href="/archive/%d"/>`, element, n+1)
			}
			if n > 1 {
				link += fmt.Sprintf(`<%s rel="prev-archive" href="/archive/%d"/>`, element, n-1)
			}
			_, _ = fmt.Fprintf(w, page, link, n)
		}))
		f := connectortest.Collect(t, rss.Spec(), connector.Values{"feeds": srv.URL}, srv.Client(), "", 0)
		if len(f.Activities) != 3 || asked != 3 {
			t.Errorf("%s: %d entries came of %d documents, want 3 of each", form, len(f.Activities), asked)
		}
		srv.Close()
	}
}

// TestLateComment reads a comment on an article that was known without: WordPress's validators are of the newest article
// alone (class-wp.php, send_headers), so that it says that nothing has changed.
func TestLateComment(t *testing.T) {
	now, count, whole, comments := time.Date(2026, 3, 5, 0, 0, 0, 0, time.UTC), 0, 0, 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/1/feed/" {
			comments++
			_, _ = w.Write([]byte(`<rss version="2.0"><channel><title>C</title><item><title>By: Ben</title><guid isPermaLink="false">https://blog.example.org/?c=1</guid><pubDate>Wed, 04 Mar 2026 12:00:00 +0000</pubDate><description>Well said.</description></item></channel></rss>`))
			return
		}
		if r.Header.Get("If-None-Match") == `"post1"` && r.Header.Get("If-Modified-Since") != "" {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		whole++
		w.Header().Set("ETag", `"post1"`)
		w.Header().Set("Last-Modified", "Wed, 04 Mar 2026 05:06:07 GMT")
		_, _ = fmt.Fprintf(w, `<rss version="2.0" xmlns:wfw="http://wellformedweb.org/CommentAPI/" xmlns:slash="http://purl.org/rss/1.0/modules/slash/"><channel><title>B</title><link>https://blog.example.org</link>
<item><title>One</title><guid>https://blog.example.org/1</guid><pubDate>Wed, 04 Mar 2026 05:06:07 +0000</pubDate><wfw:commentRss>http://%s/1/feed/</wfw:commentRss><slash:comments>%d</slash:comments></item></channel></rss>`, r.Host, count)
	}))
	defer srv.Close()
	var cursor connector.Cursor
	read := func() (n int) {
		env := connectortest.LiveEnv(t)
		env.Now = func() time.Time { return now }
		src, err := rss.New(env, connector.Values{"feeds": srv.URL})
		if err != nil {
			t.Fatal(err)
		}
		sink := connector.NewSink(t.Context(), 0, func(_ context.Context, b *connector.Batch) error {
			for i := range b.Activities {
				if b.Activities[i].Kind == greenroom.KindComment {
					n++
				}
			}
			cursor = b.Cursor
			return nil
		})
		if err := errors.Join(src.Read(t.Context(), cursor, sink), sink.Flush()); err != nil {
			t.Fatal(err)
		}
		return n
	}
	first := read()
	count, now = 1, now.Add(time.Hour)
	soon := read()
	now = now.Add(3 * time.Hour)
	later := read()
	now = now.Add(4 * time.Hour)
	again := read()
	if first != 0 || soon != 0 || later != 1 || again != 0 || whole != 3 || comments != 1 {
		t.Errorf("comments came %d at first, %d an hour later, %d after four and %d after eight, by %d whole feeds and %d of comments; want 0, 0, 1, 0, 3 and 1",
			first, soon, later, again, whole, comments)
	}
	now = now.AddDate(0, 0, 60)
	if read(); whole != 3 {
		t.Error("after two months the feed is still read whole")
	}
}

// TestUndated reads entries without a date, as RSS 2.0 allows ("all elements of an item are optional"): they are of the time
// at which the feed was changed when they were first seen, and stay so.
func TestUndated(t *testing.T) {
	items, changed := `<item><title>One</title><guid isPermaLink="false">1</guid></item>`, "Wed, 04 Mar 2026 05:06:07 GMT"
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Last-Modified", changed)
		_, _ = w.Write([]byte(`<rss version="2.0"><channel><title>B</title>` + items + `</channel></rss>`))
	}))
	defer srv.Close()
	read := func(from connector.Cursor) (map[string]string, connector.Cursor) {
		f := connectortest.Collect(t, rss.Spec(), connector.Values{"feeds": srv.URL}, srv.Client(), from, 0)
		times := map[string]string{}
		for i := range f.Activities {
			times[f.Activities[i].Title] = f.Activities[i].OccurredAt.Format("2006-01-02")
		}
		return times, f.Cursors[len(f.Cursors)-1]
	}
	first, cursor := read("")
	items, changed = `<item><title>Two</title><guid isPermaLink="false">2</guid></item>`+items, "Thu, 05 Mar 2026 05:06:07 GMT"
	second, cursor := read(cursor)
	changed = "Fri, 06 Mar 2026 05:06:07 GMT"
	third, _ := read(cursor)
	both := map[string]string{"One": "2026-03-04", "Two": "2026-03-05"}
	if d := cmp.Diff([]map[string]string{{"One": "2026-03-04"}, both, both}, []map[string]string{first, second, third}); d != "" {
		t.Errorf("times (-want +got):\n%s", d)
	}
}

// TestCharset reads a document of which only the header says that it is in Latin 1, and one that says so itself.
func TestCharset(t *testing.T) {
	const item = `<rss version="2.0"><channel><title>B</title><item><title>Caf` + "\xe9" + `</title><pubDate>Wed, 04 Mar 2026 05:06:07 GMT</pubDate></item></channel></rss>`
	for kind, body := range map[string]string{"text/xml; charset=ISO-8859-1": item, "text/xml": `<?xml version="1.0" encoding="ISO-8859-1"?>` + item} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind)
			_, _ = w.Write([]byte(body))
		}))
		f := connectortest.Collect(t, rss.Spec(), connector.Values{"feeds": srv.URL}, srv.Client(), "", 0)
		if len(f.Activities) != 1 || f.Activities[0].Title != "Café" {
			t.Errorf("%s: %+v, rejected %+v", kind, f.Activities, f.Rejects)
		}
		srv.Close()
	}
}
