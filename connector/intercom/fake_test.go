// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package intercom_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// fake is a workspace that answers as the OpenAPI document of Intercom's API 2.16 says and refuses what that does not
// know: n conversations, of which every third has a reply, a note and an assignment and every fourth is closed and rated;
// and for every five a contact and a company.
type fake struct {
	n       int
	zone    *time.Location // of the workspace, which days of searches are of; nil = UTC
	listed  int            // how many companies are listed at most; 0 = 10,000
	mu      sync.Mutex
	edited  map[int]string // conversation → new title
	updated int64          // when these were updated; 0 = today
	alter   func(i int, conversation dict)
	gone    map[int]int64 // conversation → when it was deleted
	scrolls int           // pages of companies that were scrolled
	broken  map[int]bool  // of these are the ones before which the scroll expires
	refuse  map[string]bool
}

func newFake(n int) http.Handler {
	return &fake{n: n, edited: map[int]string{}, gone: map[int]int64{}, broken: map[int]bool{}, refuse: map[string]bool{}}
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
		"type": "conversation", "id": strconv.Itoa(1000 + i), "title": nil, "state": "open", "priority": "none", "company": nil, "ai_agent": nil, "created_at": at(i).Unix(), "updated_at": at(i + 1).Unix(), "admin_assignee_id": 7,
		"source":   dict{"type": "email", "subject": "", "body": "<p>It does <b>not</b> work.</p>", "author": dict{"type": "user", "id": who, "name": "Person", "email": "p@c.example"}},
		"contacts": dict{"contacts": []dict{{"type": "contact", "id": who}}}, "tags": dict{"tags": []dict{}}, "custom_attributes": dict{},
		"statistics": dict{"first_admin_reply_at": at(i + 2).Unix(), "first_close_at": nil, "last_close_at": nil, "count_reopens": 0},
	}
	if i%4 == 1 {
		o["state"] = "closed"
		o["statistics"] = dict{"first_close_at": at(i + 20).Unix(), "last_close_at": at(i + 30).Unix(), "count_reopens": 1}
		o["conversation_rating"] = dict{"rating": 5, "remark": "Thank you!", "created_at": at(i + 40).Unix(), "updated_at": at(i + 40).Unix(), "contact": dict{"id": who}}
	}
	if i == 2 {
		o["priority"], o["company"] = "urgent", company(0)
	}
	if edited {
		o["title"], o["updated_at"] = title, cmp.Or(f.updated, today.Unix())
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
	if f.alter != nil {
		f.alter(i, o)
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
	if r.Header.Get("Intercom-Version") != "2.16" || r.Header.Get("Authorization") != "Bearer t" {
		refuse(w, http.StatusUnauthorized, "unauthorized", "Access Token Invalid")
		return
	}
	kind, id, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if f.refuse[kind] {
		refuse(w, http.StatusUnauthorized, "token_unauthorized", "Not authorized to access resource")
		return
	}
	known, q := parameters[r.URL.Path], r.URL.Query()
	if kind == "contacts" {
		known = []string{"include_merge_history"}
	}
	for name := range q {
		if !slices.Contains(known, name) {
			refuse(w, http.StatusBadRequest, "parameter_invalid", "no parameter of "+r.URL.Path+" is called "+name)
			return
		}
	}
	switch {
	case kind == "me":
		give(w, dict{"type": "admin", "email": "ana@acme.example", "name": "Ana", "app": dict{"name": "Acme", "id_code": "abc", "region": "EU"}})
	case kind == "admins":
		who := dict{"id": "7", "name": "Ana", "email": "Ana@acme.example", "job_title": "Support"}
		if q.Get("display_avatar") == "true" {
			who["avatar"] = dict{"image_url": "https://img.example/a.png"}
		}
		give(w, dict{"admins": []dict{who}})
	case r.URL.Path == "/companies/list" && r.Method == http.MethodPost:
		f.companies(w, q)
	case r.URL.Path == "/companies/scroll":
		f.scroll(w, q.Get("scroll_param"))
	case r.URL.Path == "/conversations/deleted":
		f.deleted(w, q)
	case id == "search" && r.Method == http.MethodPost:
		f.search(w, kind, body)
	default:
		f.one(w, kind, id)
	}
}

// parameters are those that paths take.
var parameters = map[string][]string{
	"/admins": {"display_avatar"}, "/companies/list": {"page", "per_page", "order"}, "/companies/scroll": {"scroll_param"}, "/conversations/deleted": {"page", "per_page", "order"},
}

func refuse(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	give(w, dict{"type": "error.list", "request_id": "r", "errors": []dict{{"code": code, "message": message}}})
}

func (f *fake) one(w http.ResponseWriter, kind, id string) {
	i, err := strconv.Atoi(strings.TrimPrefix(id, "company-"))
	switch {
	case err == nil && kind == "conversations" && i >= 1000 && i < 1000+f.n && f.gone[i-1000] == 0:
		give(w, f.conversation(i-1000, true))
	case strings.HasPrefix(id, "6") && kind == "contacts":
		n, _ := strconv.Atoi(id[1:])
		give(w, contact(n))
	case err == nil && kind == "companies":
		give(w, company(i))
	default:
		refuse(w, http.StatusNotFound, "not_found", "Resource Not Found")
	}
}

func (f *fake) size(asked int) int {
	if f.n <= 1000 {
		return min(asked, 10)
	}
	return asked
}

func (f *fake) companies(w http.ResponseWriter, q url.Values) {
	n, _ := strconv.Atoi(q.Get("page"))
	asked, _ := strconv.Atoi(q.Get("per_page"))
	size, listed := f.size(asked), f.listed
	if listed == 0 {
		listed = 10_000
	}
	if asked > 60 || n*size > listed {
		refuse(w, http.StatusBadRequest, "bad_request", "page limit reached, please use scroll API")
		return
	}
	data := []dict{}
	for i := (n - 1) * size; i < min(n*size, f.few()); i++ {
		data = append(data, company(i))
	}
	give(w, dict{"type": "list", "data": data, "total_count": f.few(), "pages": dict{"page": n, "total_pages": (f.few() + size - 1) / size, "next": nil}})
}

// scroll tells a hundred companies behind a parameter that it gave with the page before.
func (f *fake) scroll(w http.ResponseWriter, param string) {
	f.mu.Lock()
	f.scrolls++
	broken := f.broken[f.scrolls]
	f.mu.Unlock()
	first, err := strconv.Atoi(strings.TrimPrefix(param, "at-"))
	if param != "" && (err != nil || broken) {
		refuse(w, http.StatusNotFound, "not_found", "scroll parameter not found")
		return
	}
	data := []dict{}
	last := min(first+f.size(100), f.few())
	for i := first; i < last; i++ {
		data = append(data, company(i))
	}
	give(w, dict{"type": "list", "data": data, "total_count": nil, "pages": nil, "scroll_param": "at-" + strconv.Itoa(last)})
}

// deleted lists deleted conversations, the last ones first.
func (f *fake) deleted(w http.ResponseWriter, q url.Values) {
	n, _ := strconv.Atoi(q.Get("page"))
	asked, _ := strconv.Atoi(q.Get("per_page"))
	if asked < 1 || asked > 60 || q.Get("order") != "desc" {
		refuse(w, http.StatusBadRequest, "parameter_invalid", "per_page is 60 at most")
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	ids := slices.SortedFunc(maps.Keys(f.gone), func(a, b int) int { return cmp.Or(cmp.Compare(f.gone[b], f.gone[a]), cmp.Compare(a, b)) })
	size, items := f.size(asked), []dict{}
	for _, i := range ids[min(len(ids), (n-1)*size):min(len(ids), n*size)] {
		items = append(items, dict{"type": "conversation", "id": strconv.Itoa(1000 + i), "metrics_retained": true, "deleted_at": f.gone[i]})
	}
	give(w, dict{"type": "conversations.list", "conversations": items, "total_count": len(ids), "pages": dict{"type": "pages", "page": n, "per_page": size, "total_pages": (len(ids) + size - 1) / size, "next": "https://api.intercom.io/conversations/deleted?page=2"}})
}

// search reads the time of a search as Intercom does: after the day of that time in the workspace's time zone.
func (f *fake) search(w http.ResponseWriter, kind string, body []byte) {
	var q struct {
		Query struct {
			Operator string `json:"operator"`
			Value    []struct {
				Field    string `json:"field"`
				Operator string `json:"operator"`
				Value    string `json:"value"`
			} `json:"value"`
		} `json:"query"`
		Pagination struct {
			Size  int    `json:"per_page"`
			After string `json:"starting_after"`
		} `json:"pagination"`
		Sort struct {
			Field string `json:"field"`
			Order string `json:"order"`
		} `json:"sort"`
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&q); err != nil || q.Query.Operator != "AND" || len(q.Query.Value) != 1 || q.Query.Value[0].Field != "updated_at" || q.Query.Value[0].Operator != ">" ||
		q.Pagination.Size < 1 || q.Pagination.Size > 150 || q.Sort.Field != "updated_at" || q.Sort.Order != "ascending" {
		refuse(w, http.StatusBadRequest, "parameter_invalid", "bad query")
		return
	}
	since, _ := strconv.ParseInt(q.Query.Value[0].Value, 10, 64)
	zone := f.zone
	if zone == nil {
		zone = time.UTC
	}
	year, month, day := time.Unix(since, 0).In(zone).Date()
	from := time.Date(year, month, day+1, 0, 0, 0, 0, zone)
	n, make := f.few(), contact
	if kind == "conversations" {
		n, make = f.n, func(i int) dict { return f.conversation(i, false) }
	}
	first, _ := strconv.Atoi(q.Pagination.After)
	items, total, next := []dict{}, n, any(nil)
	i := first
	for ; i < n && len(items) < f.size(q.Pagination.Size); i++ {
		if _, gone := f.gone[i]; gone && kind == "conversations" {
			continue
		}
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
