// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package freshdesk_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// fake is an account that answers as the documentation of Freshdesk's API says and refuses what that does not know: n
// tickets, of which every third has a reply and a note and every
// fourth is resolved; for every five of them a contact and a company; and three ratings. It shows 300 pages of a list.
type fake struct {
	n       int
	same    bool // all tickets were updated in the same second
	mu      sync.Mutex
	renamed map[int]string
	gone    map[int]bool
	refuse  string
	unknown map[string]bool // parameters that an older server does not know
	classic bool            // the ratings are those of a classic survey
	moved   int             // this contact and this company were changed today; 0 = none
}

func newFake(n int) http.Handler {
	return &fake{n: n, renamed: map[int]string{}, gone: map[int]bool{}}
}

var (
	day0  = time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
	today = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
)

func at(i int) time.Time { return day0.Add(time.Duration(i) * 10 * time.Second) }

type dict = map[string]any

const (
	firstTicket  = 1
	firstContact = 5_000_000
	agentID      = 77
)

func (f *fake) few() int { return max(1, (f.n+4)/5) }

func (f *fake) updated(i int) time.Time {
	switch {
	case f.renamed[i] != "" || f.gone[i]:
		return today
	case f.same:
		return at(0)
	}
	return at(i)
}

func (f *fake) ticket(i int) dict {
	f.mu.Lock()
	defer f.mu.Unlock()
	o := dict{
		"id": firstTicket + i, "subject": fmt.Sprintf("Ticket %d", i), "description": "<div>It does not work.</div>", "description_text": "It does not work.",
		"structured_description": dict{"description_contents": []dict{{"type": "text", "data": dict{"content": "It does not work."}}}}, "status": 2, "priority": 3, "source": 1, "type": nil, "requester_id": firstContact + i%f.few(),
		"responder_id": agentID, "company_id": 1 + i%f.few(), "tags": []string{"a"}, "spam": false, "created_at": at(i), "updated_at": f.updated(i), "custom_fields": dict{"cf_plan": "team"},
		"stats": dict{"resolved_at": nil, "closed_at": nil, "first_responded_at": at(i + 30), "status_updated_at": at(i)},
	}
	if i%4 == 1 {
		o["status"], o["stats"] = 4, dict{"resolved_at": at(i + 50), "status_updated_at": at(i + 50), "pending_since": at(i + 20)}
	}
	if name, ok := f.renamed[i]; ok {
		o["subject"] = name
	}
	if f.gone[i] {
		o["deleted"] = true
	}
	return o
}

func (f *fake) contact(i int) dict {
	o := contact(i)
	if i > 0 && i == f.moved {
		o["updated_at"], o["name"] = today, "Somebody else"
	}
	return o
}

func (f *fake) company(i int) dict {
	o := company(i)
	if i > 0 && i == f.moved {
		o["updated_at"], o["name"] = today, "Another name"
	}
	return o
}

func contact(i int) dict {
	return dict{
		"id": firstContact + i, "name": fmt.Sprintf("Person %d", i), "email": fmt.Sprintf("P%d@c%d.example", i, i), "other_emails": []string{fmt.Sprintf("p%d@home.example", i)}, "company_id": 1 + i,
		"active": i%2 == 0, "job_title": "Engineer", "address": "Berlin", "twitter_id": "@p", "tags": []string{"vip"}, "created_at": at(i), "updated_at": at(i), "custom_fields": dict{},
	}
}

func company(i int) dict {
	return dict{"id": 1 + i, "name": fmt.Sprintf("Company %d", i), "domains": []string{fmt.Sprintf("C%d.example", i)}, "industry": "Software", "custom_fields": dict{}, "created_at": at(i), "updated_at": at(i)}
}

func messages(i int) []dict {
	if i%3 != 0 {
		return []dict{}
	}
	return []dict{
		{"id": 10_000_000 + 2*i, "body": "<p>Which version?</p>", "body_text": "Which version?", "private": false, "user_id": agentID, "created_at": at(i + 30), "updated_at": at(i + 30), "ticket_id": firstTicket + i},
		{"id": 10_000_001 + 2*i, "body_text": "Strange.", "private": true, "user_id": agentID, "created_at": at(i + 31), "updated_at": at(i + 31), "ticket_id": firstTicket + i},
	}
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Ratelimit-Total", "100")
	w.Header().Set("X-Ratelimit-Remaining", "90")
	path := strings.TrimPrefix(r.URL.Path, "/api/v2/")
	q := r.URL.Query()
	if f.refuse != "" && strings.HasPrefix(path, f.refuse) {
		w.WriteHeader(http.StatusForbidden)
		give(w, dict{"code": "access_denied", "message": "You are not authorized to perform this action."})
		return
	}
	if field, why := f.wrong(path, q); field != "" {
		w.WriteHeader(http.StatusBadRequest)
		give(w, dict{"description": "Validation failed", "errors": []dict{{"field": field, "message": why, "code": "invalid_field"}}})
		return
	}
	since, _ := time.Parse(time.RFC3339, cmp.Or(q.Get("updated_since"), q.Get("created_since"), q.Get("_updated_since"))) // none is the beginning
	var n int
	switch {
	case path == "agents/me":
		give(w, dict{"id": 1, "ticket_scope": 1, "contact": dict{"name": "Root", "email": "root@acme.example"}})
	case path == "agents":
		give(w, []dict{{"id": agentID, "ticket_scope": 1, "contact": dict{"name": "Ana Agent", "email": "Ana@acme.example", "job_title": "Support"}}})
	case path == "ticket_fields":
		give(w, []dict{{"type": "default_subject"}, {"type": "default_status", "choices": dict{"2": []string{"Open", "Being Processed"}, "4": []string{"Solved", "Solved"}}}})
	case strings.HasPrefix(path, "search/"):
		total := f.few()
		if path == "search/tickets" {
			total = f.n
		}
		give(w, dict{"total": total, "results": []dict{}})
	case path == "companies":
		f.changed(w, r, f.few(), since, f.company)
	case path == "contacts":
		if q.Get("state") == "deleted" {
			f.list(w, r, 0, nil)
			return
		}
		f.changed(w, r, f.few(), since, f.contact)
	case path == "surveys/satisfaction_ratings":
		first := 0
		for first < 3 && at(first+99).Before(since) {
			first++
		}
		f.list(w, r, 3-first, func(i int) dict { return f.rating(first + i) })
	case path == "tickets":
		f.tickets(w, r)
	case scan(path, "tickets/%d/conversations", &n):
		give(w, messages(n-firstTicket))
	case scan(path, "tickets/%d", &n) && n >= firstTicket && n < firstTicket+f.n:
		give(w, f.ticket(n-firstTicket))
	case scan(path, "contacts/%d", &n):
		give(w, contact(n-firstContact))
	case scan(path, "companies/%d", &n):
		give(w, company(n-1))
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

// parameters are those that lists take, by their paths; of "/" take all.
var parameters = map[string][]string{
	"/": {"page", "per_page"}, "agents": {"state", "email", "mobile", "phone"}, "companies": {"updated_since"},
	"contacts":                     {"email", "mobile", "phone", "company_id", "state", "contact_type", "updated_since", "_updated_since"},
	"tickets":                      {"filter", "requester_id", "email", "company_id", "updated_since", "order_by", "order_type", "include"},
	"surveys/satisfaction_ratings": {"created_since", "user_id"}, "search/tickets": {"query"}, "search/contacts": {"query"}, "search/companies": {"query"},
}

// values are those that parameters have.
var values = map[string][]string{
	"filter": {"new_and_my_open", "watching", "spam", "deleted"}, "order_by": {"created_at", "due_by", "updated_at", "status"}, "order_type": {"asc", "desc"},
	"include": {"stats", "requester", "description"}, "state": {"blocked", "deleted", "unverified", "verified", "fulltime", "occasional"},
}

// wrong is the parameter that Freshdesk refuses, and why: one that it does not know, a value that there is not, a page of
// more than a hundred.
func (f *fake) wrong(path string, q url.Values) (name, why string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for name := range q {
		known := slices.Contains(parameters[path], name) || slices.Contains(parameters["/"], name) || strings.HasPrefix(path, "tickets/") && name == "include"
		if !known || f.unknown[name] || name == "_updated_since" && !f.unknown["updated_since"] {
			return name, "Unexpected/invalid field in request"
		}
		for part := range strings.SplitSeq(q.Get(name), ",") {
			if all, ok := values[name]; ok && !slices.Contains(all, part) {
				return name, "It should be one of these values"
			}
		}
	}
	if n, err := strconv.Atoi(cmp.Or(q.Get("per_page"), "30")); err != nil || n < 1 || n > 100 {
		return "per_page", "It should be a positive integer less than or equal to 100"
	}
	return "", ""
}

// changed lists what was changed since a time.
func (f *fake) changed(w http.ResponseWriter, r *http.Request, n int, since time.Time, make func(int) dict) {
	if since.IsZero() {
		f.list(w, r, n, make)
		return
	}
	var all []int
	for i := range n {
		if !make(i)["updated_at"].(time.Time).Before(since) { //nolint:errcheck,forcetypeassert // of this file
			all = append(all, i)
		}
	}
	f.list(w, r, len(all), func(i int) dict { return make(all[i]) })
}

// rating is one of three.
func (f *fake) rating(i int) dict {
	o := dict{
		"id": 900 + i, "survey_id": 1, "user_id": firstContact, "agent_id": agentID, "group_id": nil, "ticket_id": firstTicket, "feedback": "Thank you!", "ratings": dict{"default_question": 103, "question_2": -102},
		"created_at": at(i + 99), "updated_at": at(i + 99),
	}
	if f.classic {
		o["ratings"] = dict{"default_question": 1 + i}
	}
	return o
}

func scan(path, format string, n *int) bool {
	_, err := fmt.Sscanf(path, format, n)
	return err == nil && fmt.Sprintf(format, *n) == path
}

func (f *fake) size() int {
	if f.n <= 1000 {
		return 10
	}
	return 100
}

func (f *fake) list(w http.ResponseWriter, r *http.Request, n int, make func(int) dict) {
	page, _ := strconv.Atoi(r.URL.Query().Get("page"))
	page = max(1, page)
	if page > 300 && r.URL.Path == "/api/v2/tickets" {
		w.WriteHeader(http.StatusBadRequest)
		give(w, dict{"description": "Validation failed", "errors": []dict{{"field": "page", "message": "It should be less than or equal to 300"}}})
		return
	}
	items := []dict{}
	for i := (page - 1) * f.size(); i < min(n, page*f.size()); i++ {
		items = append(items, make(i))
	}
	if page*f.size() < n {
		w.Header().Set("Link", fmt.Sprintf(`<https://acme.freshdesk.com%s?page=%d>; rel="next"`, r.URL.Path, page+1))
	}
	give(w, items)
}

// tickets lists in the order of updates: those that were changed stand at the end.
func (f *fake) tickets(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	since, err := time.Parse(time.RFC3339, q.Get("updated_since"))
	if err != nil {
		f.list(w, r, 1, f.ticket)
		return
	}
	var moved []int
	for i := range f.n {
		if f.gone[i] || f.renamed[i] != "" {
			moved = append(moved, i)
		}
	}
	if filter := q.Get("filter"); filter != "" {
		moved = slices.DeleteFunc(moved, func(i int) bool { return !f.gone[i] || filter != "deleted" })
		f.list(w, r, len(moved), func(i int) dict { return f.ticket(moved[i]) })
		return
	}
	first := 0
	if s := since.Unix() - day0.Unix(); s > 0 && !f.same {
		first = min(f.n, int((s+9)/10))
	}
	if len(moved) == 0 {
		f.list(w, r, f.n-first, func(i int) dict { return f.ticket(first + i) })
		return
	}
	var all []int
	for i := first; i < f.n; i++ {
		if !slices.Contains(moved, i) {
			all = append(all, i)
		}
	}
	for _, i := range moved {
		if !f.gone[i] {
			all = append(all, i)
		}
	}
	f.list(w, r, len(all), func(i int) dict { return f.ticket(all[i]) })
}

func give(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(v)
}
