// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package hubspot_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// fake is an account that answers as HubSpot's API does: n deals and, for every five of them, a ticket, a contact and a
// company. Its searches end where HubSpot's do.
type fake struct {
	n        int
	mu       sync.Mutex
	edited   map[string]string // "deals/1003" → new name
	archived map[string]bool

	searched []string
	scopes   map[string]bool // kinds that are refused
}

func newFake(n int) http.Handler {
	return &fake{n: n, edited: map[string]string{}, archived: map[string]bool{}, scopes: map[string]bool{}}
}

var (
	day0   = time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
	today  = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	firsts = map[string]int{"companies": 1, "contacts": 500_001, "deals": 1_000_001, "tickets": 2_000_001}
)

func at(i int) time.Time { return day0.Add(time.Duration(i%10_000) * time.Minute) }

type object = map[string]any

func iso(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// ids are the numbers of a kind's objects: the first, and how many.
func (f *fake) ids(kind string) (first, n int) {
	if kind == "deals" {
		return firsts[kind], f.n
	}
	return firsts[kind], (f.n + 4) / 5
}

// object is one object as HubSpot writes it, with everything that can be asked for.
func (f *fake) object(kind string, number int) object {
	i := number - firsts[kind]
	key := kind + "/" + strconv.Itoa(number)
	modified := at(i + 1)
	f.mu.Lock()
	name, edited := f.edited[key]
	gone := f.archived[key]
	f.mu.Unlock()
	if edited || gone {
		modified = today
	}
	o := object{"id": strconv.Itoa(number), "createdAt": iso(at(i)), "updatedAt": iso(modified), "archived": gone}
	if gone {
		o["archivedAt"] = iso(today)
	}
	p := object{"hs_object_id": strconv.Itoa(number), "createdate": iso(at(i)), "hs_lastmodifieddate": iso(modified), "hubspot_owner_id": "77"}
	switch kind {
	case "companies":
		p["name"], p["domain"], p["lifecyclestage"], p["numberofemployees"], p["country"] = fmt.Sprintf("Company %d", i), fmt.Sprintf("c%d.example", i), "customer", "40", "Germany"
		p["hs_parent_company_id"] = nil
		if i == 1 {
			p["hs_parent_company_id"] = "1" // as "Parent Company" is written: the id of a company
		}
	case "contacts":
		p["email"], p["firstname"], p["lastname"], p["associatedcompanyid"] = fmt.Sprintf("P%d@c%d.example", i, i), "Person", strconv.Itoa(i), strconv.Itoa(1+i)
		p["lastmodifieddate"], p["jobtitle"], p["hs_timezone"], p["city"], p["twitterhandle"], p["state"] = iso(modified), "Engineer", "europe_slash_berlin", "Berlin", nil, nil
		if i == 1 {
			p["hs_merged_object_ids"] = "499999"
		}
	case "deals", "tickets":
		f.stages(kind, i, p, o)
		if edited {
			p["dealname"] = name
		}
	}
	o["properties"] = p
	return o
}

func (f *fake) stages(kind string, i int, p, o object) {
	was := func(value string, at time.Time) object {
		return object{"value": value, "timestamp": iso(at), "sourceType": "CRM_UI"}
	}
	if kind == "deals" {
		p["dealname"], p["pipeline"], p["dealstage"], p["amount"] = fmt.Sprintf("Deal %d", i), "default", "qualified", "1200.50"
		history := []object{was("qualified", at(i+1)), was("qualified", at(i+1)), was("new", at(i))}
		if i%4 == 1 {
			p["dealstage"], p["hs_is_closed"], p["hs_is_closed_won"], p["closedate"] = "won", "true", "true", iso(at(i+9))
			history = append([]object{was("won", at(i+9))}, history...)
		}
		o["propertiesWithHistory"] = object{"dealstage": history}
	} else {
		p["subject"], p["hs_pipeline"], p["hs_pipeline_stage"], p["hs_ticket_priority"] = fmt.Sprintf("Ticket %d", i), "0", "4", "HIGH"
		p["closed_date"] = iso(at(i + 7))
		o["propertiesWithHistory"] = object{"hs_pipeline_stage": []object{was("4", at(i+7)), was("1", at(i))}}
	}
	company, contact := strconv.Itoa(1+i%f.few()), strconv.Itoa(firsts["contacts"]+i%f.few())
	one := strings.TrimSuffix(kind, "s")
	o["associations"] = object{
		"companies": object{"results": []object{{"id": "2", "type": one + "_to_company_unlabeled"}, {"id": company, "type": one + "_to_company"}, {"id": company, "type": one + "_to_company_unlabeled"}}},
		"contacts":  object{"results": []object{{"id": contact, "type": one + "_to_contact"}}},
	}
}

func (f *fake) few() int { return (f.n + 4) / 5 }

func (f *fake) gone(kind string, number int) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.archived[kind+"/"+strconv.Itoa(number)]
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	w.Header().Set("X-Hubspot-Ratelimit-Max", "100")
	w.Header().Set("X-Hubspot-Ratelimit-Remaining", "42")
	w.Header().Set("X-Hubspot-Ratelimit-Interval-Milliseconds", "10000")
	w.Header().Set("X-Hubspot-Ratelimit-Daily", "250000")
	w.Header().Set("X-Hubspot-Ratelimit-Daily-Remaining", "249000")
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	if len(parts) > 3 && parts[3] == "0-3" {
		parts[3] = "deals"
	}
	switch path := r.URL.Path; {
	case path == "/account-info/v3/details":
		give(w, object{"portalId": 4242, "timeZone": "Europe/Berlin", "companyCurrency": "EUR", "uiDomain": "app-eu1.hubspot.com"})
	case path == "/oauth/v2/private-apps/get/access-token-info":
		http.Error(w, `{"status":"error","message":"not a private app's"}`, http.StatusNotFound)
	case path == "/crm/v3/owners":
		give(w, object{"results": []object{{"id": "77", "email": "Ana@acme.example", "firstName": "Ana", "lastName": "Sales", "type": "PERSON", "userId": 9, "archived": false, "createdAt": iso(day0), "updatedAt": iso(day0)}}})
	case strings.HasPrefix(path, "/crm/v3/pipelines/"):
		give(w, object{"results": pipelines(parts[3])})
	case strings.HasPrefix(path, "/crm/v3/properties/"):
		give(w, object{"results": []object{{"name": "email"}, {"name": "plan"}}})
	case strings.HasPrefix(path, "/crm/v4/associations/"):
		f.linked(w, parts[3], parts[4], body)
	case f.refuses(parts):
		w.WriteHeader(http.StatusForbidden)
		give(w, object{"status": "error", "message": "This app hasn't been granted all required scopes to make this call.", "category": "MISSING_SCOPES"})
	case strings.HasSuffix(path, "/search"):
		f.search(w, parts[3], body)
	case strings.HasSuffix(path, "/batch/read"):
		f.batch(w, parts[3], body)
	case strings.HasPrefix(path, "/crm/v3/objects/"):
		f.list(w, r, parts[3])
	default:
		http.Error(w, `{"status":"error","message":"resource not found"}`, http.StatusNotFound)
	}
}

func (f *fake) refuses(parts []string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(parts) > 3 && f.scopes[parts[3]]
}

func pipelines(kind string) []object {
	if kind == "deals" {
		return []object{{"id": "default", "label": "Sales", "stages": []object{
			{"id": "new", "label": "New", "metadata": object{"isClosed": "false"}},
			{"id": "qualified", "label": "Qualified", "metadata": object{"isClosed": "false"}},
			{"id": "won", "label": "Closed won", "metadata": object{"isClosed": "true"}},
		}}}
	}
	return []object{{"id": "0", "label": "Support", "stages": []object{
		{"id": "1", "label": "Received", "metadata": object{"ticketState": "OPEN"}}, {"id": "4", "label": "Closed", "metadata": object{"ticketState": "CLOSED"}},
	}}}
}

// size is how many entries a page of the fake holds: ten of few, so that there are pages.
func (f *fake) size(asked int) int {
	if f.n <= 1000 {
		return min(asked, 10)
	}
	return asked
}

func (f *fake) list(w http.ResponseWriter, r *http.Request, kind string) {
	first, n := f.ids(kind)
	q := r.URL.Query()
	asked, _ := strconv.Atoi(q.Get("limit"))
	if limit := 100; asked > limit || q.Get("propertiesWithHistory") != "" && asked > 50 {
		http.Error(w, `{"status":"error","message":"limit too large"}`, http.StatusBadRequest)
		return
	}
	number := first
	if after, err := strconv.Atoi(q.Get("after")); err == nil {
		number = after
	}
	results := []object{}
	for ; number < first+n && len(results) < f.size(asked); number++ {
		if f.gone(kind, number) != (q.Get("archived") == "true") {
			continue
		}
		results = append(results, f.object(kind, number))
	}
	answer := object{"results": results}
	if number < first+n {
		answer["paging"] = object{"next": object{"after": strconv.Itoa(number), "link": "https://api.hubapi.com/x"}}
	}
	give(w, answer)
}

func (f *fake) search(w http.ResponseWriter, kind string, body []byte) {
	var q struct {
		FilterGroups []struct {
			Filters []struct{ PropertyName, Operator, Value string }
		}
		Sorts []string
		Limit int
		After string
	}
	if err := json.Unmarshal(body, &q); err != nil || !slices.Equal(q.Sorts, []string{"hs_object_id"}) {
		http.Error(w, `{"status":"error","message":"invalid search"}`, http.StatusBadRequest)
		return
	}
	since, behind := time.Time{}, 0
	for _, g := range q.FilterGroups {
		for _, c := range g.Filters {
			switch v, _ := strconv.ParseInt(c.Value, 10, 64); c.PropertyName + c.Operator {
			case "hs_lastmodifieddateGTE", "lastmodifieddateGTE":
				since = time.UnixMilli(v)
			case "hs_object_idGT":
				behind = int(v)
			}
		}
	}
	first, n := f.ids(kind)
	results, total := []object{}, 0
	for number := max(first, behind+1); number < first+n; number++ {
		if f.gone(kind, number) {
			continue
		}
		o := f.object(kind, number)
		if updated, err := time.Parse(time.RFC3339, o["updatedAt"].(string)); err != nil || updated.Before(since) { //nolint:errcheck,forcetypeassert // of this file
			continue
		}
		if total++; len(results) < f.size(q.Limit) {
			delete(o, "propertiesWithHistory") // which searches do not tell
			delete(o, "associations")
			results = append(results, o)
		}
	}
	f.mu.Lock()
	f.searched = append(f.searched, kind)
	f.mu.Unlock()
	give(w, object{"total": total, "results": results})
}

func (f *fake) batch(w http.ResponseWriter, kind string, body []byte) {
	first, n := f.ids(kind)
	results := []object{}
	for _, number := range asked(body) {
		if number >= first && number < first+n && !f.gone(kind, number) {
			o := f.object(kind, number)
			delete(o, "associations")
			results = append(results, o)
		}
	}
	if len(results) == 0 {
		w.WriteHeader(http.StatusMultiStatus)
	}
	give(w, object{"status": "COMPLETE", "results": results})
}

func (f *fake) linked(w http.ResponseWriter, kind, to string, body []byte) {
	first, n := f.ids(kind)
	results := []object{}
	for _, number := range asked(body) {
		if number < first || number >= first+n || f.gone(kind, number) {
			continue
		}
		i := (number - first) % f.few()
		ends := []object{{"toObjectId": firsts["contacts"] + i, "associationTypes": []object{{"category": "HUBSPOT_DEFINED", "typeId": 3, "label": nil}}}}
		if to == "companies" {
			ends = []object{
				{"toObjectId": 2, "associationTypes": []object{{"category": "HUBSPOT_DEFINED", "typeId": 341, "label": nil}}},
				{"toObjectId": 1 + i, "associationTypes": []object{{"category": "HUBSPOT_DEFINED", "typeId": 341, "label": nil}, {"category": "HUBSPOT_DEFINED", "typeId": 5, "label": "Primary"}}},
			}
		}
		results = append(results, object{"from": object{"id": strconv.Itoa(number)}, "to": ends})
	}
	give(w, object{"status": "COMPLETE", "results": results})
}

func asked(body []byte) []int {
	var q struct{ Inputs []struct{ ID string } }
	if json.Unmarshal(body, &q) != nil || len(q.Inputs) > 100 {
		return nil
	}
	var ids []int
	for _, in := range q.Inputs {
		if id, err := strconv.Atoi(in.ID); err == nil {
			ids = append(ids, id)
		}
	}
	return ids
}

func give(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json;charset=utf-8")
	_ = json.NewEncoder(w).Encode(v)
}
