// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package mastodon_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"greenroom/connector/connectortest"
)

type object = map[string]any

// fake is a server with the account @acme, id 1: it has three posts, of which one is answered twice, was mentioned in a
// thread that others began, favourited, boosted and followed; and n posts carry #acme.
type fake struct {
	n       int
	mu      sync.Mutex
	changed bool
}

func newFake(n int) http.Handler { return &fake{n: n} }

// at is the time of the ith post with the hashtag, the last one an hour ago.
func (f *fake) at(i int) time.Time {
	return connectortest.Now().Add(-time.Hour - time.Duration(f.n-i)*4*time.Minute)
}

func account(id int) object {
	name := "person" + strconv.Itoa(id)
	a := object{
		"id": strconv.Itoa(id), "username": name, "acct": name + "@other.example", "display_name": "Person " + strconv.Itoa(id), "url": "https://other.example/@" + name,
		"note": "<p>I build <b>things</b></p>", "created_at": "2022-11-05T00:00:00.000Z", "bot": id == 9,
		"fields": []object{{"name": "Site", "value": `<a href="https://person.example/` + name + `" rel="me">site</a>`}},
	}
	if id == 1 {
		a["acct"], a["url"], a["statuses_count"], a["followers_count"] = "acme", "https://social.example/@acme", 3, 7
	}
	return a
}

func status(id string, who int, at time.Time, text, to string, replies int) object {
	s := object{
		"id": id, "created_at": at.Format("2006-01-02T15:04:05.000Z"), "edited_at": nil, "in_reply_to_id": nil, "visibility": "public", "spoiler_text": "", "content": "<p>" + text + "</p>",
		"url": "https://social.example/@x/" + id, "replies_count": replies, "account": account(who), "mentions": []object{}, "tags": []object{}, "reblog": nil,
	}
	if to != "" {
		s["in_reply_to_id"] = to
	}
	if strings.Contains(text, "@acme") {
		s["mentions"] = []object{{"id": "1", "acct": "acme", "username": "acme", "url": "https://social.example/@acme"}}
	}
	return s
}

func tagged(i int) string { return strconv.Itoa(5_000_000 + i) }

func (f *fake) tagged(i int) object {
	s := status(tagged(i), i%5+4, f.at(i), "I like #acme "+strconv.Itoa(i), "", 0)
	s["tags"] = []object{{"name": "acme"}}
	if f.changed && i == 3 {
		s["content"], s["edited_at"] = "<p>Edited</p>", connectortest.Now()
	}
	return s
}

// threads are the posts that are no lone ones, by id.
func (f *fake) thread(id string) (object, bool) {
	at := func(m int) time.Time { return connectortest.Now().Add(-20*time.Hour + time.Duration(m)*time.Minute) }
	all := map[string]object{
		"101": status("101", 1, at(0), "Release day", "", 0), "102": status("102", 1, at(10), "Ask us anything", "", 2), "103": status("103", 2, at(11), "@acme when?", "102", 1),
		"104": status("104", 1, at(12), "Soon", "103", 0), "201": status("201", 3, at(20), "Which database?", "", 1), "202": status("202", 2, at(21), "Try @acme", "201", 0),
	}
	if f.changed {
		delete(all, "101")
	}
	s, ok := all[id]
	return s, ok
}

func (f *fake) one(id string) (object, bool) {
	if n, err := strconv.Atoi(id); err == nil && n >= 5_000_000 {
		return f.tagged(n - 5_000_000), !f.changed || n != 5_000_005
	}
	return f.thread(id)
}

func (f *fake) some(ids ...string) []object {
	all := []object{}
	for _, id := range ids {
		if s, ok := f.one(id); ok {
			all = append(all, s)
		}
	}
	return all
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	q := r.URL.Query()
	w.Header().Set("X-RateLimit-Limit", "300")
	w.Header().Set("X-RateLimit-Remaining", "299")
	w.Header().Set("X-RateLimit-Reset", connectortest.Now().Add(5*time.Minute).Format("2006-01-02T15:04:05.000000Z"))
	notice := func(id, kind string, who int, on string) object {
		o := object{"id": id, "type": kind, "created_at": connectortest.Now().Add(-3 * time.Hour), "account": account(who)}
		if s, ok := f.one(on); ok {
			o["status"] = s
		}
		return o
	}
	contexts := map[string][2][]string{
		"101": {}, "102": {{}, {"103", "104"}}, "103": {{"102"}, {"104"}}, "104": {{"102", "103"}, {}}, "201": {{}, {"202"}}, "202": {{"201"}, {}},
	}
	path := strings.TrimPrefix(r.URL.Path, "/api/v1/")
	switch {
	case refused(w, r):
	case path == "accounts/verify_credentials":
		give(w, account(1))
	case path == "accounts/1/statuses":
		f.list(w, r, f.some("104", "102", "101"))
	case path == "notifications":
		all := []object{notice("34", "follow", 2, ""), notice("33", "reblog", 3, "102"), notice("32", "favourite", 2, "102"), notice("31", "mention", 2, "202"), notice("30", "mention", 2, "103")} //nolint:misspell // Mastodon spells it so
		since := q.Get("since_id")
		f.list(w, r, slices.DeleteFunc(all, func(o object) bool { return since != "" && o["id"].(string) <= since })) //nolint:errcheck,forcetypeassert // made above
	case path == "timelines/tag/acme":
		f.tag(w, r)
	case path == "statuses":
		give(w, f.some(q["id[]"]...))
	case strings.HasSuffix(path, "/context"):
		c := contexts[strings.Split(path, "/")[1]]
		give(w, object{"ancestors": f.some(c[0]...), "descendants": f.some(c[1]...)})
	case strings.HasPrefix(path, "statuses/"):
		if s, ok := f.one(strings.TrimPrefix(path, "statuses/")); ok {
			give(w, s)
			return
		}
		fallthrough
	default:
		http.Error(w, `{"error":"Record not found"}`, http.StatusNotFound)
	}
}

func (f *fake) list(w http.ResponseWriter, r *http.Request, all []object) {
	below := r.URL.Query().Get("max_id")
	page := []object{}
	for _, o := range all {
		if id := o["id"].(string); (below == "" || id < below) && len(page) < 2 { //nolint:errcheck,forcetypeassert // of this file
			page = append(page, o)
		}
	}
	give(w, page)
}

func (f *fake) tag(w http.ResponseWriter, r *http.Request) {
	last, size := f.n, 40
	if f.n < 1000 {
		size = 8
	}
	if below := r.URL.Query().Get("max_id"); below != "" {
		n, _ := strconv.Atoi(below)
		last = n - 5_000_001
	}
	page := []object{}
	for i := last; i >= 1 && len(page) < size; i-- {
		if s, ok := f.one(tagged(i)); ok {
			page = append(page, s)
		}
	}
	give(w, page)
}

func give(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		panic(fmt.Sprint("the fake: ", err))
	}
}
