// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package zendesk_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// fake is an account that answers as Zendesk's API does: n tickets with the comment that opened each, a reply and a note
// to every third, a rating of every fourth; and for every five tickets a user and an organization.
type fake struct {
	n       int
	role    string
	mu      sync.Mutex
	renamed map[int]string
	gone    map[int]bool
	changed []int // tickets in the order of their changes
}

func newFake(n int) http.Handler {
	return &fake{n: n, role: "admin", renamed: map[int]string{}, gone: map[int]bool{}}
}

func (f *fake) rename(i int, name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.renamed[i], f.changed = name, append(f.changed, i)
}

func (f *fake) remove(i int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.gone[i], f.changed = true, append(f.changed, i)
}

var (
	day0  = time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
	today = time.Date(2026, 11, 22, 11, 58, 0, 0, time.UTC)
)

func at(i int) time.Time { return day0.Add(time.Duration(i) * 10 * time.Second) }

type object = map[string]any

const (
	api        = "https://acme.zendesk.com/api/v2/"
	firstUser  = 100
	agent      = 7
	firstEvent = 1_000_000
)

func (f *fake) few() int { return max(1, (f.n+4)/5) }

func (f *fake) user(i int) object {
	return object{
		"id": firstUser + i, "url": fmt.Sprintf("%susers/%d.json", api, firstUser+i), "name": fmt.Sprintf("Person %d", i), "email": fmt.Sprintf("P%d@c%d.example", i, i), "role": "end-user",
		"verified": i%2 == 0, "active": true, "organization_id": 1 + i, "iana_time_zone": "Europe/Berlin", "created_at": at(i), "updated_at": at(i), "tags": []string{"vip"},
		"user_fields": object{"plan": "team", "other": nil}, "photo": nil,
	}
}

func staff() object {
	return object{"id": agent, "url": api + "users/7.json", "name": "Ana Agent", "email": "ana@acme.example", "role": "agent", "verified": true, "active": true, "created_at": day0, "updated_at": day0}
}

func (f *fake) ticket(i int) (ticket, metrics object) {
	f.mu.Lock()
	defer f.mu.Unlock()
	o := object{
		"id": i + 1, "url": fmt.Sprintf("%stickets/%d.json", api, i+1), "subject": fmt.Sprintf("Ticket %d", i), "status": "open", "priority": "high", "type": nil, "via": object{"channel": "email"},
		"requester_id": firstUser + i%f.few(), "assignee_id": agent, "organization_id": 1 + i%f.few(), "tags": []string{"a", "b"}, "created_at": at(i), "updated_at": at(i + 1),
		"satisfaction_rating": object{"score": "unoffered"},
	}
	m := object{"ticket_id": i + 1, "solved_at": nil, "status_updated_at": at(i + 1), "reopens": 0, "reply_time_in_minutes": object{"calendar": 3, "business": 1}}
	if i%4 == 1 {
		o["status"], m["solved_at"], m["status_updated_at"], o["updated_at"] = "closed", at(i+20), at(i+30), at(i+30)
	}
	if name, ok := f.renamed[i]; ok {
		o["subject"], o["updated_at"] = name, today
	}
	if f.gone[i] {
		o["status"], o["updated_at"] = "deleted", today
	}
	return o, m
}

// comments are those of a ticket: the one that opened it, and of some a reply and an internal note.
func (f *fake) comments(i int) []object {
	all := []object{{"id": firstEvent + 10*i, "type": "Comment", "author_id": firstUser + i%f.few(), "public": true, "body": "It does not work.", "html_body": "<p>It does not work.</p>", "created_at": at(i)}}
	if i%3 == 0 {
		all = append(all,
			object{"id": firstEvent + 10*i + 1, "type": "Comment", "author_id": agent, "public": true, "body": "Which version?", "created_at": at(i + 2)},
			object{"id": firstEvent + 10*i + 2, "type": "Comment", "author_id": agent, "public": false, "body": "Strange person.", "created_at": at(i + 3)})
	}
	return all
}

func (f *fake) size() int {
	if f.n <= 1000 {
		return 10
	}
	return 1000
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Ratelimit-Limit", "700")
	w.Header().Set("Ratelimit-Remaining", "695")
	w.Header().Set("Ratelimit-Reset", "9")
	q := r.URL.Query()
	if strings.Contains(r.URL.Path, "/incremental/") {
		w.Header().Set("Zendesk-Ratelimit-Incremental-Exports", "total=10; remaining=9; resets=41")
		if f.role != "admin" {
			w.WriteHeader(http.StatusForbidden)
			give(w, object{"error": object{"title": "Forbidden", "message": "You do not have access to this page."}})
			return
		}
	}
	switch path := strings.TrimPrefix(r.URL.Path, "/api/v2/"); path {
	case "users/me":
		give(w, object{"user": object{"id": 1, "name": "Root", "email": "root@acme.example", "role": f.role}})
	case "users":
		give(w, object{"users": []object{staff()}, "meta": object{"has_more": false}})
	case "users/count", "organizations/count":
		give(w, object{"count": object{"value": f.few(), "refreshed_at": day0}})
	case "search/count":
		give(w, object{"count": f.n})
	case "incremental/organizations":
		f.timed(w, q.Get("start_time"), "organizations", f.few(), func(i int) []object {
			return []object{{"id": 1 + i, "name": fmt.Sprintf("Company %d", i), "domain_names": []string{fmt.Sprintf("C%d.example", i)}, "created_at": at(i), "tags": []string{}}}
		})
	case "incremental/users/cursor":
		f.cursored(w, q.Get("cursor"), f.few()+1, func(i int, page object) {
			list, _ := page["users"].([]object)
			if i == 0 {
				page["users"] = append(list, staff())
			} else {
				page["users"] = append(list, f.user(i-1))
			}
		})
	case "incremental/tickets/cursor":
		f.cursored(w, q.Get("cursor"), f.n+len(f.changed), func(i int, page object) {
			if i >= f.n {
				i = f.changed[i-f.n]
			}
			t, m := f.ticket(i)
			list, _ := page["tickets"].([]object)
			sets, _ := page["metric_sets"].([]object)
			page["tickets"], page["metric_sets"] = append(list, t), append(sets, m)
		})
	case "incremental/ticket_events":
		f.timed(w, q.Get("start_time"), "ticket_events", f.n, f.events)
	case "satisfaction_ratings":
		f.ratings(w, q.Get("page[after]"), q.Get("start_time"))
	case "tickets/show_many":
		f.showTickets(w, q.Get("ids"))
	case "users/show_many":
		users := []object{}
		for _, n := range numbers(q.Get("ids")) {
			if n == agent {
				users = append(users, staff())
			} else if n >= firstUser && n < firstUser+f.few() {
				users = append(users, f.user(n-firstUser))
			}
		}
		give(w, object{"users": users})
	case "organizations/show_many":
		n, _ := strconv.Atoi(q.Get("ids"))
		give(w, object{"organizations": []object{{"id": n, "name": fmt.Sprintf("Company %d", n-1), "domain_names": []string{}}}})
	default:
		f.ticketComments(w, path)
	}
}

func (f *fake) showTickets(w http.ResponseWriter, ids string) {
	tickets := []object{}
	for _, n := range numbers(ids) {
		if n >= 1 && n <= f.n && !f.gone[n-1] {
			t, m := f.ticket(n - 1)
			t["metric_set"] = m
			tickets = append(tickets, t)
		}
	}
	give(w, object{"tickets": tickets})
}

func (f *fake) ticketComments(w http.ResponseWriter, path string) {
	var n int
	if _, err := fmt.Sscanf(path, "tickets/%d/comments", &n); err != nil || n < 1 || n > f.n {
		w.WriteHeader(http.StatusNotFound)
		give(w, object{"error": "RecordNotFound", "description": "Not found"})
		return
	}
	give(w, object{"comments": f.comments(n - 1), "meta": object{"has_more": false}})
}

func numbers(list string) []int {
	var all []int
	for _, text := range strings.Split(list, ",") {
		if n, err := strconv.Atoi(text); err == nil {
			all = append(all, n)
		}
	}
	return all
}

// events are the changes of a ticket: that it was made, and the comments later.
func (f *fake) events(i int) []object {
	var all []object
	for j, c := range f.comments(i) {
		c["event_type"] = "Comment"
		delete(c, "type")
		children := []object{c}
		if j == 0 {
			children = append(children, object{"id": 5, "event_type": "Create", "subject": "Ticket", "status": "new"})
		}
		all = append(all, object{"id": firstEvent*2 + 10*i + j, "ticket_id": i + 1, "created_at": c["created_at"], "event_type": "Audit", "child_events": children})
	}
	return all
}

func (f *fake) cursored(w http.ResponseWriter, cursor string, n int, add func(i int, page object)) {
	first, _ := strconv.Atoi(strings.TrimPrefix(cursor, "c"))
	last := min(n, first+f.size())
	page := object{"after_cursor": "c" + strconv.Itoa(last), "after_url": "https://acme.zendesk.com/x", "end_of_stream": last >= n}
	for i := first; i < last; i++ {
		add(i, page)
	}
	give(w, page)
}

// timed gives what happened from a second on; all of one thing have the same.
func (f *fake) timed(w http.ResponseWriter, start, name string, n int, make func(i int) []object) {
	from, err := strconv.ParseInt(start, 10, 64)
	if err != nil {
		http.Error(w, `{"error":"StartTimeMissing"}`, http.StatusBadRequest)
		return
	}
	first := 0
	if s := from - day0.Unix(); s > 0 {
		first = int((s + 9) / 10)
	}
	last := min(n, first+f.size())
	items := []object{}
	for i := first; i < last; i++ {
		items = append(items, make(i)...)
	}
	end := from
	if last > first {
		end = at(last-1).Unix() + 1
	}
	give(w, object{name: items, "count": len(items), "end_time": end, "next_page": "https://acme.zendesk.com/x", "end_of_stream": last >= n})
}

func (f *fake) ratings(w http.ResponseWriter, after, start string) {
	first, _ := strconv.Atoi(after)
	n := (f.n + 3) / 4
	if start != "" {
		n = 0
	}
	items := []object{}
	last := min(n, first+f.size())
	for i := first; i < last; i++ {
		items = append(items, object{"id": 900_000_000 + i, "score": "good", "comment": "Thank you!", "requester_id": firstUser + i%f.few(), "ticket_id": 4*i + 1, "created_at": at(4*i + 40), "updated_at": at(4*i + 40)})
	}
	page := object{"satisfaction_ratings": items, "meta": object{"has_more": last < n}}
	if last < n {
		page["links"] = object{"next": fmt.Sprintf("https://acme.zendesk.com/api/v2/satisfaction_ratings?page%%5Bafter%%5D=%d&page%%5Bsize%%5D=100&score=received", last)}
	}
	give(w, page)
}

func give(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(v)
}
