// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package intercom_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// fake is a workspace that answers as Intercom's API does: n conversations, of which every third has a reply, a note and
// an assignment and every fourth is closed and rated; and for every five a contact and a company.
type fake struct {
	n      int
	mu     sync.Mutex
	edited map[int]string // conversation → new title
	refuse map[string]bool
}

func newFake(n int) http.Handler {
	return &fake{n: n, edited: map[int]string{}, refuse: map[string]bool{}}
}

var (
	day0  = time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
	today = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
)

func at(i int) time.Time { return day0.Add(time.Duration(i%10_000) * time.Minute) }

type dict = map[string]any

func (f *fake) few() int { return max(1, (f.n+4)/5) }

func contact(i int) dict {
	return dict{
		"type": "contact", "id": fmt.Sprintf("6%023d", i), "role": "user", "external_id": strconv.Itoa(i), "email": fmt.Sprintf("P%d@c%d.example", i, i), "name": fmt.Sprintf("Person %d", i),
		"created_at": at(i).Unix(), "signed_up_at": nil, "updated_at": at(i).Unix(), "owner_id": 7, "custom_attributes": dict{"plan": "team", "seats": 3}, "avatar": "https://img.example/1.png",
		"location": dict{"type": "location", "city": "Berlin", "region": nil, "country": "Germany"}, "companies": dict{"data": []dict{{"id": fmt.Sprintf("company-%d", i)}}},
		"social_profiles": dict{"data": []dict{{"type": "social_profile", "name": "Twitter", "url": "http://twitter.com/p"}}},
	}
}

func company(i int) dict {
	return dict{
		"type": "company", "id": fmt.Sprintf("company-%d", i), "company_id": fmt.Sprintf("own-%d", i), "name": fmt.Sprintf("Company %d", i), "size": 40, "website": "https://www.C1.example/x",
		"plan": dict{"name": "Team"}, "monthly_spend": 12, "custom_attributes": dict{}, "tags": dict{"tags": []dict{{"name": "vip"}}}, "updated_at": at(i).Unix(),
	}
}

// conversation is one as searches tell it; parts are told where it is asked for by itself.
func (f *fake) conversation(i int, parts bool) dict {
	f.mu.Lock()
	title, edited := f.edited[i]
	f.mu.Unlock()
	who := fmt.Sprintf("6%023d", i%f.few())
	o := dict{
		"type": "conversation", "id": strconv.Itoa(1000 + i), "title": nil, "state": "open", "priority": "not_priority", "created_at": at(i).Unix(), "updated_at": at(i + 1).Unix(), "admin_assignee_id": 7,
		"source":   dict{"type": "email", "subject": "", "body": "<p>It does <b>not</b> work.</p>", "author": dict{"type": "user", "id": who, "name": "Person", "email": "p@c.example"}},
		"contacts": dict{"contacts": []dict{{"type": "contact", "id": who}}}, "tags": dict{"tags": []dict{}}, "custom_attributes": dict{},
		"statistics": dict{"first_admin_reply_at": at(i + 2).Unix(), "first_close_at": nil, "last_close_at": nil, "count_reopens": 0},
	}
	if i%4 == 1 {
		o["state"] = "closed"
		o["statistics"] = dict{"first_close_at": at(i + 20).Unix(), "last_close_at": at(i + 30).Unix(), "count_reopens": 1}
		o["conversation_rating"] = dict{"rating": 5, "remark": "Thank you!", "created_at": at(i + 40).Unix(), "updated_at": at(i + 40).Unix(), "contact": dict{"id": who}}
	}
	if edited {
		o["title"], o["updated_at"] = title, today.Unix()
	}
	if parts {
		list := []dict{}
		if i%3 == 0 {
			list = []dict{
				part(10*i, "comment", "<p>Which version?</p>", dict{"type": "admin", "id": "7", "name": "Ana"}, i+2), part(10*i+1, "note", "<p>Strange.</p>", dict{"type": "admin", "id": 7}, i+3),
				part(10*i+2, "assignment", "", dict{"type": "bot", "id": "9", "name": "Fin"}, i+4),
			}
		}
		o["conversation_parts"] = dict{"conversation_parts": list, "total_count": len(list)}
	}
	return o
}

func part(id int, kind, body string, author dict, i int) dict {
	return dict{"type": "conversation_part", "id": strconv.Itoa(id), "part_type": kind, "body": body, "author": author, "created_at": at(i).Unix(), "updated_at": at(i).Unix(), "redacted": false}
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	w.Header().Set("X-Ratelimit-Limit", "1666")
	w.Header().Set("X-Ratelimit-Remaining", "1600")
	w.Header().Set("X-Ratelimit-Reset", strconv.FormatInt(today.Unix()+10, 10))
	kind, id, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if f.refuse[kind] {
		w.WriteHeader(http.StatusForbidden)
		give(w, dict{"type": "error.list", "errors": []dict{{"code": "token_not_allowed", "message": "Access denied"}}})
		return
	}
	switch {
	case kind == "me":
		give(w, dict{"type": "admin", "email": "ana@acme.example", "name": "Ana", "app": dict{"name": "Acme", "id_code": "abc"}})
	case kind == "admins":
		give(w, dict{"admins": []dict{{"id": "7", "name": "Ana", "email": "Ana@acme.example", "job_title": "Support", "avatar": dict{"image_url": "https://img.example/a.png"}}}})
	case r.URL.Path == "/companies/list":
		f.companies(w, r.URL.Query().Get("page"))
	case id == "search":
		f.search(w, kind, body)
	default:
		f.one(w, kind, id)
	}
}

func (f *fake) one(w http.ResponseWriter, kind, id string) {
	i, err := strconv.Atoi(strings.TrimPrefix(id, "company-"))
	switch {
	case err == nil && kind == "conversations" && i >= 1000 && i < 1000+f.n:
		give(w, f.conversation(i-1000, true))
	case strings.HasPrefix(id, "6") && kind == "contacts":
		n, _ := strconv.Atoi(id[1:])
		give(w, contact(n))
	case err == nil && kind == "companies":
		give(w, company(i))
	default:
		w.WriteHeader(http.StatusNotFound)
		give(w, dict{"type": "error.list", "errors": []dict{{"code": "not_found", "message": "Resource Not Found"}}})
	}
}

func (f *fake) size(asked int) int {
	if f.n <= 1000 {
		return min(asked, 10)
	}
	return asked
}

func (f *fake) companies(w http.ResponseWriter, page string) {
	n, _ := strconv.Atoi(page)
	size := f.size(60)
	data := []dict{}
	for i := (n - 1) * size; i < min(n*size, f.few()); i++ {
		data = append(data, company(i))
	}
	give(w, dict{"type": "list", "data": data, "total_count": f.few(), "pages": dict{"page": n, "total_pages": (f.few() + size - 1) / size, "next": nil}})
}

// search reads the time of a search as Intercom does: after the day of that time.
func (f *fake) search(w http.ResponseWriter, kind string, body []byte) {
	var q struct {
		Query struct {
			Value []struct{ Field, Operator, Value string }
		}
		Pagination struct {
			Size  int    `json:"per_page"`
			After string `json:"starting_after"`
		}
	}
	if err := json.Unmarshal(body, &q); err != nil || len(q.Query.Value) != 1 || q.Query.Value[0].Operator != ">" {
		w.WriteHeader(http.StatusBadRequest)
		give(w, dict{"errors": []dict{{"message": "bad query"}}})
		return
	}
	since, _ := strconv.ParseInt(q.Query.Value[0].Value, 10, 64)
	from := time.Unix(since, 0).UTC().Truncate(24*time.Hour).AddDate(0, 0, 1)
	n, make := f.few(), contact
	if kind == "conversations" {
		n, make = f.n, func(i int) dict { return f.conversation(i, false) }
	}
	first, _ := strconv.Atoi(q.Pagination.After)
	items, total, next := []dict{}, n, any(nil)
	i := first
	for ; i < n && len(items) < f.size(q.Pagination.Size); i++ {
		if o := make(i); since == 0 || o["updated_at"].(int64) >= from.Unix() { //nolint:errcheck,forcetypeassert // of this file
			items = append(items, o)
		}
	}
	if i < n {
		next = dict{"page": 2, "starting_after": strconv.Itoa(i)}
	}
	name := "data"
	if kind == "conversations" {
		name = kind
	}
	give(w, dict{"type": "list", name: items, "total_count": total, "pages": dict{"type": "pages", "next": next, "page": 1, "per_page": q.Pagination.Size}})
}

func give(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}
