// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package stackoverflow_test

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// fake is a site with n questions, which answers as the API 2.3 does: packed, with what is left of the day in each answer,
// and now and then with a pause that it asks for. Every second question has an answer, every fourth an accepted one, and
// every fifth a comment on the question and one on the answer. Questions 11 to 13 were active in the same second.
type fake struct {
	fewer    bool // questions say that they have more comments than they bring
	n        int
	mu       sync.Mutex
	edited   map[int]string // question → new title
	asked    int
	left     int // requests of the day; 0 = plenty
	commentd map[int]bool
}

func newFake(n int) http.Handler {
	return &fake{n: n, edited: map[int]string{}, commentd: map[int]bool{}}
}

var day0 = time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)

func at(i int) int64 { return day0.Add(time.Duration(i) * time.Minute).Unix() }

type object = map[string]any

func user(i int) object {
	number := i%7 + 1
	return object{
		"user_id": number, "account_id": 500 + number, "user_type": "registered", "display_name": fmt.Sprintf("Person &amp; %d", number),
		"profile_image": "https://i.example.org/1.png", "link": fmt.Sprintf("https://coffee.stackexchange.com/users/%d/person", number),
	}
}

func comment(number, i int) object {
	return object{"comment_id": number, "owner": user(i), "body_markdown": "Which &quot;version&quot;?", "creation_date": at(i + 2), "post_id": i}
}

func (f *fake) question(i int) object {
	active := i
	if i == 11 || i == 12 {
		active = 13
	}
	q := object{
		"question_id": 10 * i, "owner": user(i), "title": fmt.Sprintf("Question &#39;%d&#39;", i), "body": "<p>How do I <b>grind</b> it?</p>",
		"tags": []string{"grinding", "beans"}, "creation_date": at(i), "last_activity_date": at(active),
		"answer_count": 0, "comment_count": 0,
	}
	if i%2 == 0 {
		a := object{"comment_count": 0, "answer_id": 10*i + 1, "owner": user(i + 1), "body": "<p>Finely.</p>", "creation_date": at(i + 3), "is_accepted": i%4 == 0, "last_edit_date": at(i + 4)}
		if i%5 == 0 {
			a["comments"], a["comment_count"] = []object{comment(10*i+3, i+2)}, 1
		}
		if i%4 == 0 {
			q["accepted_answer_id"] = 10*i + 1
		}
		q["answers"], q["answer_count"] = []object{a}, 1
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if i%5 == 0 || f.commentd[i] {
		q["comments"], q["comment_count"] = []object{comment(10*i+2, i+1)}, 1
	}
	if f.fewer {
		q["comment_count"] = 9
	}
	if i == 3 {
		q["closed_date"] = at(9)
		q["owner"] = object{"user_type": "does_not_exist", "display_name": "user3"}
	}
	if title, ok := f.edited[i]; ok {
		q["title"], q["last_edit_date"], q["last_activity_date"] = title, day0.AddDate(0, 11, 0).Unix(), day0.AddDate(0, 11, 0).Unix()
	}
	return q
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if q.Has("key") || q.Has("access_token") {
		fail(w, 400, "bad_parameter", "`key` is no longer a parameter; use the Authorization header")
		return
	}
	if key := r.Header.Get("Authorization"); key != "" && key != "Bearer k" {
		fail(w, 402, "invalid_access_token", "the token is not one")
		return
	}
	switch path := r.URL.Path; {
	case path == "/2.3/filters/create":
		f.give(w, []object{{"filter": "!abc", "included_fields": strings.Split(q.Get("include"), ";")}}, false)
	case q.Get("site") != "coffee.stackexchange.com":
		fail(w, 400, "bad_parameter", "No site found for name `"+q.Get("site")+"`")
	case path == "/2.3/info":
		f.give(w, []object{{"total_questions": f.n, "total_answers": f.n / 2, "total_accepted": f.n / 4, "total_comments": f.n/5 + f.n/10}}, false)
	case path == "/2.3/tags/grinding/info" || path == "/2.3/tags/grinding;none/info":
		f.give(w, []object{{"name": "grinding", "count": f.n}}, false)
	case strings.HasPrefix(path, "/2.3/users/"):
		var people []object
		for number := range strings.SplitSeq(strings.TrimPrefix(path, "/2.3/users/"), ";") {
			i, _ := strconv.Atoi(number)
			u := user(i - 1)
			u["location"], u["website_url"], u["about_me"], u["creation_date"] = "Lisbon, Portugal", "https://person.example.org", "<p>Drinks coffee.</p>", at(-9000)
			people = append(people, u)
		}
		f.give(w, people, false)
	case path == "/2.3/questions" && q.Get("filter") == "!abc" && q.Get("sort") == "activity" && q.Get("order") == "asc":
		f.page(w, q.Get("min"), q.Get("page"))
	default:
		fail(w, 404, "no_method", "this method cannot be found")
	}
}

// page gives ten questions, or a hundred of many, in the order of their activity.
func (f *fake) page(w http.ResponseWriter, min, page string) {
	from, _ := strconv.ParseInt(min, 10, 64)
	number, _ := strconv.Atoi(page)
	size := 10
	if f.n > 1000 {
		size = 100
	}
	first := 1
	if from > day0.Unix() {
		first = max(1, int((from-day0.Unix())/60)-2)
	}
	var found []object
	more := false
	skip := (number - 1) * size
	take := func(i int) {
		q := f.question(i)
		switch {
		case q["last_activity_date"].(int64) < from: //nolint:errcheck // of this file
		case skip > 0:
			skip--
		case len(found) == size:
			more = true
		default:
			found = append(found, q)
		}
	}
	for i := first; i <= f.n && !more; i++ {
		if _, moved := f.edited[i]; !moved {
			take(i)
		}
	}
	for i := range f.edited {
		take(i)
	}
	f.give(w, found, more)
}

func (f *fake) give(w http.ResponseWriter, items []object, more bool) {
	f.mu.Lock()
	f.asked++
	left := 10_000 - f.asked
	if f.left > 0 {
		left = max(0, f.left-f.asked)
	}
	body := object{"items": items, "has_more": more, "quota_max": 10_000, "quota_remaining": left}
	if f.asked%3 == 0 {
		body["backoff"] = 0.01
	}
	f.mu.Unlock()
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Content-Encoding", "gzip")
	zip := gzip.NewWriter(w)
	_ = json.NewEncoder(zip).Encode(body)
	_ = zip.Close()
}

func fail(w http.ResponseWriter, id int, name, message string) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(http.StatusBadRequest)
	_ = json.NewEncoder(w).Encode(object{"error_id": id, "error_name": name, "error_message": message})
}
