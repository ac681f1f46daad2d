// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package meetup_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"greenroom/connector/connectortest"
)

type object = map[string]any

// fake is Meetup with one group, which has n members, two events that have taken place, one that was canceled and one
// that is to come. To each of the first two six people said something.
type fake struct {
	n       int
	mu      sync.Mutex
	changed bool
	token   string // that is good; "" = any
}

func newFake(n int) http.Handler { return &fake{n: n} }

func day(days int) string {
	return connectortest.Now().In(time.FixedZone("", 3600)).AddDate(0, 0, days).Format(time.RFC3339)
}

func member(i int) object {
	return object{
		"id": strconv.Itoa(1000 + i), "name": "Person " + strconv.Itoa(i), "bio": nil, "city": "Lagos", "country": "ng", "memberUrl": fmt.Sprintf("https://www.meetup.com/members/%d/", 1000+i),
		"memberPhoto": object{"baseUrl": "https://photos.example/", "standardUrl": fmt.Sprintf("https://photos.example/%d.jpeg", i)},
	}
}

func (f *fake) membership(i int) object {
	role := "MEMBER"
	if i == 0 {
		role = "ORGANIZER"
	}
	joined := connectortest.Now().Add(-time.Duration(f.n-i) * 3 * time.Hour)
	return object{"node": member(i), "metadata": object{"status": "ACTIVE", "role": role, "joinTime": joined.Format(time.RFC3339), "bio": "I use it"}}
}

func (f *fake) event(i int) object {
	at := []int{-200, -3, -2, 5}[i]
	e := object{
		"id": "9" + strconv.Itoa(i), "title": "Evening " + strconv.Itoa(i), "description": "We *talk*.", "eventUrl": "https://www.meetup.com/acme-users/events/9" + strconv.Itoa(i) + "/", "eventType": "PHYSICAL",
		"status": []string{"PAST", "PAST", "CANCELLED", "ACTIVE"}[i], "createdTime": day(at - 20), "dateTime": day(at), "endTime": day(at), "eventHosts": []object{{"memberId": "1000", "name": "Person 0"}}, //nolint:misspell // Meetup spells it so
		"venues": []object{{"name": "Hall, ", "city": "Lagos", "country": "ng", "venueType": ""}},
	}
	if f.changed && i == 1 {
		e["title"] = "Evening one"
	}
	return e
}

func (f *fake) rsvp(e, i int) object {
	status := []string{"YES", "ATTENDED", "NO", "WAITLIST", "NO_SHOW", "YES"}[i]
	if f.changed && e == 1 && i == 5 {
		status = "NO_SHOW"
	}
	return object{"id": fmt.Sprintf("7%d%d", e, i), "status": status, "updated": day(-210), "guestsCount": i / 5, "isHost": i == 0, "member": member(i)}
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if r.URL.Path == "/oauth2/access" {
		f.token = "new"
		give(w, object{"access_token": "new", "refresh_token": "next", "expires_in": 3600})
		return
	}
	if f.token != "" && r.Header.Get("Authorization") != "Bearer "+f.token {
		unauthenticated(w, r)
		return
	}
	var q struct {
		Query     string         `json:"query"`
		Variables map[string]any `json:"variables"`
	}
	if err := json.NewDecoder(r.Body).Decode(&q); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	group := object{"id": "42", "name": "Acme Users", "urlname": "acme-users", "link": "https://www.meetup.com/acme-users"}
	name := strings.FieldsFunc(q.Query, func(r rune) bool { return r == ' ' || r == '(' })[1]
	if q.Variables["urlname"] != nil && q.Variables["urlname"] != "acme-users" {
		give(w, object{"data": object{"groupByUrlname": nil}})
		return
	}
	switch name {
	case "self":
		give(w, object{"data": object{"self": object{"id": "1", "name": "Ana", "isProOrganizer": true, "adminProNetworks": []object{{"id": "5", "name": "Acme"}}}}})
		return
	case "group":
		group["stats"], group["past"], group["coming"] = object{"memberCounts": object{"all": f.n}}, object{"totalCount": 2}, object{"totalCount": 1}
	case "members":
		group["memberships"] = f.page(q.Variables, f.n, func(i int) object { return f.membership(f.n - 1 - i) })
	case "events":
		var all []object
		for i := range 4 {
			if from, ok := q.Variables["from"].(string); !ok || f.event(i)["dateTime"].(string) >= from { //nolint:errcheck,forcetypeassert // made above
				all = append(all, f.event(i))
			}
		}
		group["events"] = f.page(q.Variables, len(all), func(i int) object { return object{"cursor": "c", "node": all[i]} })
	case "rsvps":
		i, _ := strconv.Atoi(q.Variables["id"].(string)[1:]) //nolint:errcheck,forcetypeassert // of this kind
		e := f.event(i)
		e["group"], e["rsvps"] = group, f.page(q.Variables, 6, func(j int) object { return object{"cursor": "c", "node": f.rsvp(i, j)} })
		give(w, object{"data": object{"event": e}})
		return
	}
	give(w, object{"data": object{"groupByUrlname": group}})
}

// page gives a part of a list, four entries at most unless there are many.
func (f *fake) page(variables map[string]any, n int, make func(int) object) object {
	size := int(variables["first"].(float64)) //nolint:errcheck,forcetypeassert // of this kind
	if f.n < 1000 {
		size = min(size, 4)
	}
	skip := 0
	if after, ok := variables["after"].(string); ok {
		skip, _ = strconv.Atoi(after)
	}
	edges := []object{}
	for i := skip; i < min(n, skip+size); i++ {
		edges = append(edges, make(i))
	}
	return object{"totalCount": n, "pageInfo": object{"hasNextPage": skip+size < n, "endCursor": strconv.Itoa(skip + size)}, "edges": edges}
}

func unauthenticated(w http.ResponseWriter, _ *http.Request) {
	give(w, object{"errors": []object{{"message": "Authentication is required", "extensions": object{"code": "UNAUTHENTICATED"}}}, "data": nil})
}

func limited(w http.ResponseWriter, _ *http.Request) {
	give(w, object{"errors": []object{{"message": "Too many requests, please try again shortly.", "extensions": object{"code": "RATE_LIMITED", "consumedPoints": 500, "resetAt": connectortest.Now().Add(20 * time.Second)}}}, "data": nil})
}

func give(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}
