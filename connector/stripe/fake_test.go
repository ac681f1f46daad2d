// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package stripe_test

import (
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

// fake is an account that answers as Stripe's API does: n subscriptions and, for every five of them, a customer.
type fake struct {
	n      int
	mu     sync.Mutex
	status map[int]string
	gone   map[int]bool
	events []dict          // in the order in which they happened
	forget int             // of these, how many Stripe has thrown away
	refuse map[string]bool // lists that the key may not read
}

func newFake(n int) http.Handler {
	f := &fake{n: n, status: map[int]string{}, gone: map[int]bool{}, refuse: map[string]bool{}}
	f.happen("customer.created", day0, dict{"id": "cus_0", "object": "customer"}, nil)
	return f
}

var (
	day0  = time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
	today = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
)

func at(i int) time.Time { return day0.Add(time.Duration(i%10_000) * time.Hour) }

type dict = map[string]any

func (f *fake) happen(kind string, when time.Time, o, previous dict) dict {
	e := dict{"id": fmt.Sprintf("evt_%d", len(f.events)), "object": "event", "type": kind, "created": when.Unix(), "data": dict{"object": o, "previous_attributes": previous}}
	f.events = append(f.events, e)
	return e
}

func (f *fake) few() int { return max(1, (f.n+4)/5) }

func (f *fake) customer(i int) dict {
	if f.gone[i] {
		return dict{"id": fmt.Sprintf("cus_%d", i), "object": "customer", "deleted": true}
	}
	return dict{
		"id": fmt.Sprintf("cus_%d", i), "object": "customer", "name": fmt.Sprintf("Person %d", i), "email": fmt.Sprintf("P%d@c%d.example", i, i), "created": at(i).Unix(),
		"metadata": dict{"company": fmt.Sprintf("Company %d", i), "user_id": strconv.Itoa(i)}, "address": dict{"city": "Berlin", "country": "DE", "state": nil}, "delinquent": false,
	}
}

func (f *fake) subscription(i int) dict {
	o := dict{
		"id": fmt.Sprintf("sub_%d", i), "object": "subscription", "customer": f.customer(i % f.few()), "status": "active", "currency": "eur", "created": at(i).Unix(), "start_date": at(i).Unix(),
		"trial_start": at(i).Unix(), "trial_end": at(i + 24).Unix(), "canceled_at": nil, "ended_at": nil, "metadata": dict{}, "current_period_end": at(i + 8000).Unix(),
		"latest_invoice": dict{"id": "in_1", "status": "paid", "amount_due": 14400, "amount_paid": 14400, "created": at(i).Unix()},
		"items": dict{"data": []dict{
			{"quantity": 3, "price": dict{"id": "price_1", "nickname": "Team", "unit_amount": 4800, "unit_amount_decimal": "4800", "recurring": dict{"interval": "year", "interval_count": 1}}},
		}},
	}
	if i%4 == 1 {
		o["status"], o["ended_at"], o["canceled_at"] = "canceled", at(i+100).Unix(), at(i+90).Unix()
		o["cancellation_details"] = dict{"feedback": "too_expensive", "reason": "cancellation_requested"}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if s, ok := f.status[i]; ok {
		o["status"] = s
	}
	return o
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if why := breach(r); why != "" {
		w.WriteHeader(http.StatusBadRequest)
		give(w, dict{"error": dict{"type": "invalid_request_error", "message": why}})
		return
	}
	path := strings.TrimPrefix(r.URL.Path, "/v1/")
	kind, id, _ := strings.Cut(path, "/")
	if f.refuse[kind] || slices.Contains(q["expand[]"], "data.latest_invoice") && f.refuse["invoices"] || r.Header.Get("Stripe-Version") == "" {
		w.WriteHeader(http.StatusForbidden)
		give(w, dict{"error": dict{"type": "invalid_request_error", "message": "The provided key does not have the required permissions for this endpoint."}})
		return
	}
	switch {
	case id == "search":
		n := f.few()
		if kind == "subscriptions" {
			n = f.n
		}
		give(w, dict{"object": "search_result", "total_count": min(n, 10_000), "data": []dict{}})
	case kind == "account":
		w.WriteHeader(http.StatusForbidden)
		give(w, dict{"error": dict{"message": "rak_account_read is missing"}})
	case kind == "events":
		f.listEvents(w, q)
	case id != "":
		f.one(w, kind, id)
	case kind == "customers":
		f.list(w, q.Get("starting_after"), f.few(), f.customer)
	case kind == "subscriptions":
		f.list(w, q.Get("starting_after"), f.n, f.subscription)
	default:
		give(w, dict{"object": "list", "data": []dict{}, "has_more": false})
	}
}

func (f *fake) one(w http.ResponseWriter, kind, id string) {
	_, number, _ := strings.Cut(id, "_")
	i, err := strconv.Atoi(number)
	switch {
	case err == nil && kind == "customers" && i < f.few():
		give(w, f.customer(i))
	case err == nil && kind == "subscriptions" && i < f.n:
		give(w, f.subscription(i))
	default:
		w.WriteHeader(http.StatusNotFound)
		give(w, dict{"error": dict{"code": "resource_missing", "message": "No such object"}})
	}
}

func (f *fake) list(w http.ResponseWriter, after string, n int, make func(int) dict) {
	first := 0
	if _, number, ok := strings.Cut(after, "_"); ok {
		first, _ = strconv.Atoi(number)
		first++
	}
	size := 10
	if f.n > 1000 {
		size = 100
	}
	data := []dict{}
	for i := first; i < min(n, first+size); i++ {
		data = append(data, make(i))
	}
	give(w, dict{"object": "list", "data": data, "has_more": first+size < n})
}

// listEvents gives the newest first; in front of an event it gives those that come next after it, the newest of these first.
func (f *fake) listEvents(w http.ResponseWriter, q url.Values) {
	size, _ := strconv.Atoi(q.Get("limit"))
	size = min(size, 2)
	since, _ := strconv.ParseInt(q.Get("created[gte]"), 10, 64)
	var all []dict                                                                              // the newest first
	for i := len(f.events) - 1; i >= f.forget && f.events[i]["created"].(int64) >= since; i-- { //nolint:errcheck,forcetypeassert // of this file
		all = append(all, f.events[i])
	}
	find := func(id string) int {
		i := slices.IndexFunc(all, func(e dict) bool { return e["id"] == id })
		if i < 0 {
			w.WriteHeader(http.StatusBadRequest)
			give(w, dict{"error": dict{"code": "resource_missing", "message": "No such notification: " + id}})
		}
		return i
	}
	first, end := 0, min(size, len(all))
	more := end < len(all)
	if id := q.Get("ending_before"); id != "" {
		if end = find(id); end < 0 {
			return
		}
		first, more = max(0, end-size), end > size
	} else if id := q.Get("starting_after"); id != "" {
		if first = find(id) + 1; first == 0 {
			return
		}
		end = min(len(all), first+size)
		more = end < len(all)
	}
	give(w, dict{"object": "list", "data": append([]dict{}, all[first:end]...), "has_more": more})
}

func give(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}
