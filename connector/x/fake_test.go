// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package x_test

import (
	"encoding/json"
	"net/http"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"

	"greenroom/connector/connectortest"
)

type object = map[string]any

// start is when the fake's posts begin, within the week that X's search reaches back.
var start = connectortest.Now().Add(-6*24*time.Hour - 12*time.Hour)

// id is a post's id as X makes them: the time, and a number that tells posts of the same millisecond apart.
func id(seconds, number int) string {
	ms := start.Add(time.Duration(seconds)*time.Second).UnixMilli() - 1288834974657
	return strconv.FormatInt(ms<<22+int64(number), 10)
}

// fake is X with the account @acme, id 42: it has four posts, three mentions, two replies among others, three followers,
// and n posts that a search finds.
type fake struct {
	n        int
	mu       sync.Mutex
	edited   bool
	requests int
	paid     int // objects given out
}

func newFake(n int) http.Handler { return &fake{n: n} }

func post(seconds, number, author int, text string, more object) object {
	p := object{
		"id": id(seconds, number), "text": text, "author_id": strconv.Itoa(author), "created_at": start.Add(time.Duration(seconds) * time.Second),
		"conversation_id": id(seconds, number), "edit_history_post_ids": []string{id(seconds, number)},
	}
	for k, v := range more {
		p[k] = v
	}
	return p
}

// found is the ith post that the search finds.
func found(i int) object {
	return post(5*i, 9, 100+i%7, "Trying the acme database &amp; liking it", nil)
}

func (f *fake) own() []object {
	all := []object{
		post(10, 1, 42, "Release day! https://t.co/a", object{"entities": object{"urls": []object{{"url": "https://t.co/a", "expanded_url": "https://acme.example/news"}}}}),
		post(20, 1, 42, "We are hiring", nil),
		post(30, 1, 42, "short…", object{"note_post": object{"text": "A long text about everything"}}),
		post(40, 1, 42, "@ana try 2.1", object{
			"conversation_id": id(15, 2), "referenced_posts": []object{{"type": "replied_to", "id": id(15, 2)}},
			"entities": object{"mentions": []object{{"id": "7", "username": "ana"}}},
		}),
	}
	if f.edited {
		p := post(500_000, 1, 42, "We are hiring two people", nil)
		p["edit_history_post_ids"], p["conversation_id"] = []string{id(20, 1), id(500_000, 1)}, id(20, 1)
		all[1] = p
	}
	return all
}

func mentions() []object {
	to := object{"mentions": []object{{"id": "42", "username": "acme"}}}
	return []object{
		post(15, 2, 7, "@acme how do I rotate keys?", object{"entities": to}),
		post(16, 2, 8, "@acme same here", object{"entities": to, "conversation_id": id(15, 2), "referenced_posts": []object{{"type": "replied_to", "id": id(15, 2)}}}),
		post(50, 2, 9, "Love what @acme builds", object{"entities": to}),
	}
}

func talk() []object {
	var all []object
	for i := 1; i <= 2; i++ {
		all = append(all, post(100+i, 3, 7+i, "me too", object{"conversation_id": id(15, 2), "referenced_posts": []object{{"type": "replied_to", "id": id(15, 2)}}}))
	}
	return all
}

func user(id string) object {
	return object{"id": id, "name": "Person " + id, "username": "person" + id, "created_at": "2015-01-01T00:00:00.000Z", "description": "I build things"}
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.requests++
	q := r.URL.Query()
	switch r.URL.Path {
	case "/2/usage/tweets":
		give(w, object{"data": object{"project_id": "99", "project_cap": "2000000", "project_usage": "120", "cap_reset_day": 5}})
	case "/2/users/by":
		f.paid++
		acme := user("42")
		acme["username"], acme["public_metrics"] = "acme", object{"followers_count": 3, "tweet_count": 4}
		give(w, object{"data": []object{acme}})
	case "/2/tweets/counts/recent":
		give(w, object{"data": []object{}, "meta": object{"total_tweet_count": 70}})
	case "/2/users/42/tweets":
		f.list(w, r, f.own())
	case "/2/users/42/mentions":
		f.list(w, r, mentions())
	case "/2/users/42/followers":
		f.paid += 3
		give(w, object{"data": []object{user("7"), user("300"), user("301")}, "meta": object{"result_count": 3}})
	case "/2/tweets/search/recent":
		if strings.HasPrefix(q.Get("query"), "(conversation_id:") {
			var some []object
			if strings.Contains(q.Get("query"), id(15, 2)) {
				some = talk()
			}
			f.list(w, r, some)
			return
		}
		f.items(w, r, f.n, found)
	default:
		http.Error(w, `{"title":"Not Found Error"}`, http.StatusNotFound)
	}
}

func (f *fake) list(w http.ResponseWriter, r *http.Request, all []object) {
	sort.Slice(all, func(i, j int) bool { return all[i]["id"].(string) < all[j]["id"].(string) }) //nolint:errcheck,forcetypeassert // of this file
	f.items(w, r, len(all), func(i int) object { return all[i] })
}

// items gives a page of n posts, the newest first, ten at most unless there are many; a token is how many were given.
func (f *fake) items(w http.ResponseWriter, r *http.Request, n int, make func(int) object) {
	q := r.URL.Query()
	size, err := strconv.Atoi(q.Get("max_results"))
	if err != nil || size < 5 {
		http.Error(w, `{"title":"Invalid Request"}`, http.StatusBadRequest)
		return
	}
	if n < 1000 {
		size = min(size, 10)
	}
	skip, err := strconv.Atoi(q.Get("pagination_token"))
	if err != nil {
		skip = 0
	}
	least := 0
	if since := q.Get("since_id"); since != "" {
		least = sort.Search(n, func(i int) bool { return make(i)["id"].(string) > since }) //nolint:errcheck,forcetypeassert // of this file
	}
	data, users, meta := []object{}, []object{}, object{}
	seen := map[string]bool{}
	for i := n - 1 - skip; i >= least && len(data) < size; i-- {
		p := make(i)
		data = append(data, p)
		if author := p["author_id"].(string); !seen[author] { //nolint:errcheck,forcetypeassert // of this file
			seen[author] = true
			users = append(users, user(author))
		}
	}
	if len(data) > 0 {
		meta["newest_id"] = data[0]["id"]
	}
	if n-skip-len(data) > least {
		meta["next_token"] = strconv.Itoa(skip + len(data))
	}
	meta["result_count"] = len(data)
	f.paid += len(data) + len(users)
	give(w, object{"data": data, "includes": object{"users": users}, "meta": meta})
}

func give(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Rate-Limit-Limit", "450")
	w.Header().Set("X-Rate-Limit-Remaining", "449")
	w.Header().Set("X-Rate-Limit-Reset", strconv.FormatInt(connectortest.Now().Add(15*time.Minute).Unix(), 10))
	_ = json.NewEncoder(w).Encode(v)
}
