// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package hackernews_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/connectortest"
	"greenroom/connector/hackernews"
)

// fake answers as the search does: n stories, a minute apart but for two at once, of which every tenth has a discussion of
// two comments and one that was deleted; and, for words, two comments elsewhere.
type fake struct{ n, more int }

func newFake(n int) http.Handler { return &fake{n: n} }

var day0 = time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)

func at(i int) int64 { return day0.Add(time.Duration(i) * time.Minute).Unix() }

type object = map[string]any

func (f *fake) story(i int) object {
	when := i
	if i == 101 {
		when = 100
	}
	o := object{
		"objectID": strconv.Itoa(1000 * i), "created_at_i": at(when), "author": fmt.Sprintf("person%d", i%7), "title": fmt.Sprintf("Ask HN: AcmeDB &gt; %d?", i),
		"url": "https://blog.acme.example/1", "story_text": "<p>Is <i>AcmeDB</i> good?", "num_comments": 0, "_tags": []string{"story"},
	}
	if i%10 == 0 && (f.n < 1000 || i%500 == 0) || f.more == i {
		o["num_comments"] = 2
	}
	if i == 3 {
		o["title"], o["story_text"], o["url"] = "Acme DBs", "", "https://other.example" // what a search finds, too
	}
	return o
}

func (f *fake) tree(i int) object {
	s := f.story(i)
	child := func(n int, parent int, children []object) object {
		return object{
			"id": 1000*i + n, "created_at_i": at(i + n), "type": "comment", "author": "person6", "text": "<p>Yes.", "parent_id": parent, "children": children,
		}
	}
	deleted := child(3, 1000*i, nil)
	deleted["author"], deleted["text"] = nil, nil
	return object{
		"id": 1000 * i, "created_at_i": s["created_at_i"], "type": "story", "author": s["author"], "title": s["title"], "url": s["url"], "text": s["story_text"],
		"children": []object{child(1, 1000*i, []object{child(2, 1000*i+1, nil)}), deleted},
	}
}

var limit = regexp.MustCompile(`created_at_i([<>])=(\d+)`)

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if number, ok := strings.CutPrefix(r.URL.Path, "/api/v1/items/"); ok {
		i, _ := strconv.Atoi(number)
		give(w, f.tree(i/1000))
		return
	}
	if name, ok := strings.CutPrefix(r.URL.Path, "/v0/user/"); ok {
		give(w, object{"id": strings.TrimSuffix(name, ".json"), "created": at(-5000), "about": "Builds <b>things</b>."})
		return
	}
	if refused(w, r) {
		return
	}
	q := r.URL.Query()
	before, after := int64(1<<40), int64(0)
	for _, m := range limit.FindAllStringSubmatch(q.Get("numericFilters"), -1) {
		n, _ := strconv.ParseInt(m[2], 10, 64)
		if m[1] == "<" {
			before = n
		} else {
			after = n
		}
	}
	size, _ := strconv.Atoi(q.Get("hitsPerPage"))
	hits := []object{}
	if q.Get("tags") == "comment" {
		for i := 2; i >= 1; i-- {
			if at(i) <= before && at(i) >= after {
				hits = append(hits, object{"objectID": strconv.Itoa(i), "created_at_i": at(i), "author": "ana", "comment_text": "I like acmedb.", "story_id": 77, "story_title": "Databases", "parent_id": 78})
			}
		}
		give(w, object{"hits": hits, "nbHits": 2})
		return
	}
	top := f.n
	if before < at(f.n) {
		top = int((before-day0.Unix())/60) + 1
	}
	for i := min(top, f.n); i >= 1 && len(hits) < size; i-- {
		if s := f.story(i); s["created_at_i"].(int64) <= before && s["created_at_i"].(int64) >= after { //nolint:errcheck // of this file
			hits = append(hits, s)
		}
	}
	give(w, object{"hits": hits, "nbHits": f.n})
}

func give(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

func values(url string) connector.Values {
	return connector.Values{"words": "AcmeDB", "search-api": url, "item-api": url, "staff": "ana"}
}

func live() connectortest.Live {
	return connectortest.Live{
		Spec: hackernews.Spec(), Serve: newFake, Values: values, Items: 250, Activities: 249 + 25*3 + 2,
		NoToken: "Hacker News takes no credential",
		Change:  func(h http.Handler) { h.(*fake).more = 7 }, //nolint:errcheck // newFake's
		Changed: func(t *testing.T, next *connectortest.Facts) {
			t.Helper()
			if len(next.Activities) != 0 { // the stories are older than two weeks by the tests' clock
				t.Errorf("the next read tells %d activities of closed discussions, want none", len(next.Activities))
			}
		},
	}
}

func TestLive(t *testing.T) { connectortest.RunLive(t, live()) }

func BenchmarkRead(b *testing.B) { connectortest.BenchmarkLive(b, live()) }

// TestFacts looks at what a person would look at.
func TestFacts(t *testing.T) {
	srv := httptest.NewServer(&fake{n: 3, more: 2})
	defer srv.Close()
	v := values(srv.URL)
	v["profiles"] = "true"
	f := connectortest.Collect(t, hackernews.Spec(), v, srv.Client(), "", 0)
	var lines []string
	for i := range f.Activities {
		a := &f.Activities[i]
		if a.Deleted {
			lines = append(lines, "deleted "+a.ExternalID)
			continue
		}
		lines = append(lines, strings.Join([]string{a.OccurredAt.Format("15:04"), a.Kind.String(), a.Author, a.ExternalID, a.Thread, a.ReplyTo, a.Title, a.Body, a.URL}, "|"))
	}
	site := "https://news.ycombinator.com/item?id="
	want := []string{
		"09:02|message|person2|2000|2000||Ask HN: AcmeDB > 2?|Is AcmeDB good?\n\nhttps://blog.acme.example/1|" + site + "2000",
		"09:03|reply|person6|2001|2000|2000||Yes.|" + site + "2001", "09:04|reply|person6|2002|2000|2001||Yes.|" + site + "2002", "deleted 2003",
		"09:01|message|person1|1000|1000||Ask HN: AcmeDB > 1?|Is AcmeDB good?\n\nhttps://blog.acme.example/1|" + site + "1000",
		"09:02|reply|ana|2|77|78||I like acmedb.|" + site + "2", "09:01|reply|ana|1|77|78||I like acmedb.|" + site + "1",
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("activities (-want +got):\n%s", diff)
	}
	if who := f.Identities["ana"]; !who.Staff || who.JoinedAt.IsZero() || who.Bio != "Builds things." {
		t.Errorf("the identity is %+v", who)
	}
	if !f.Activities[0].Question || f.LeftOut["found by the search without the word"] != 1 {
		t.Errorf("the first story is %+v; left out: %v", f.Activities[0], f.LeftOut)
	}
}

// TestDiscussion reads a discussion again while it goes on.
func TestDiscussion(t *testing.T) {
	h := &fake{n: 3}
	srv := httptest.NewServer(h)
	defer srv.Close()
	var cursor connector.Cursor
	var replies []int
	for range 2 {
		env := connectortest.LiveEnv(t)
		env.Now = func() time.Time { return day0.Add(72 * time.Hour) }
		src, err := hackernews.New(env, values(srv.URL))
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		sink := connector.NewSink(t.Context(), 0, func(_ context.Context, b *connector.Batch) error {
			cursor = b.Cursor
			for i := range b.Activities {
				if b.Activities[i].Thread == "2000" && b.Activities[i].Kind == greenroom.KindReply {
					n++
				}
			}
			return nil
		})
		if err := src.Read(t.Context(), cursor, sink); err != nil {
			t.Fatal(err)
		}
		if err := sink.Flush(); err != nil {
			t.Fatal(err)
		}
		replies = append(replies, n)
		h.more = 2
	}
	if !cmp.Equal(replies, []int{0, 2}) {
		t.Errorf("the reads bring %v replies, want none and then two", replies)
	}
}

// TestDomain takes stories that link to a site, and no others.
func TestDomain(t *testing.T) {
	srv := httptest.NewServer(newFake(5))
	defer srv.Close()
	v := values(srv.URL)
	v["words"], v["domains"] = "", "https://www.acme.example/"
	f := connectortest.Collect(t, hackernews.Spec(), v, srv.Client(), "", 0)
	if diff := cmp.Diff(map[string]int{"message": 4}, f.Kinds()); diff != "" {
		t.Errorf("kinds (-want +got):\n%s", diff)
	}
}

// TestSurvey says how much there is, and how it is called.
func TestSurvey(t *testing.T) {
	srv := httptest.NewServer(newFake(5))
	defer srv.Close()
	src, err := hackernews.New(connectortest.LiveEnv(t), values(srv.URL))
	if err != nil {
		t.Fatal(err)
	}
	v, err := src.(connector.Surveyor).Survey(t.Context()) //nolint:errcheck // the compiler has checked it
	if err != nil || v.Items != 7 || len(v.Places) != 1 {
		t.Errorf("the survey says %+v, %v", v, err)
	}
	check, err := src.(connector.Tester).Test(t.Context()) //nolint:errcheck // the compiler has checked it
	if err != nil || len(check.Notes) != 2 {
		t.Errorf("the test says %+v, %v", check, err)
	}
	if _, err := hackernews.New(connectortest.LiveEnv(t), connector.Values{"domains": "nothing"}); greenroom.ErrorCode(err) != greenroom.CodeInvalid {
		t.Errorf("a site without a dot gives %v", err)
	}
}
