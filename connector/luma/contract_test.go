// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package luma_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// What Luma publishes of its API: the OpenAPI description at https://public-api.luma.com/openapi.json and the changelog at
// https://docs.luma.com/reference/changelog. The fake of luma_test.go refuses what they do not have.

// known are the parameters of each route.
var known = map[string][]string{
	"/v1/users/get-self":        nil,
	"/v1/calendars/get":         nil,
	"/v1/calendars/events/list": {"before", "after", "pagination_cursor", "pagination_limit", "platforms", "sort_column", "sort_direction", "status"},
	"/v1/events/get":            {"event_id"},
	"/v1/events/guests/list":    {"event_id", "approval_status", "pagination_cursor", "pagination_limit", "sort_column", "sort_direction"},
}

// enums are the parameters that take certain values only.
var enums = map[string][]string{
	"/v1/calendars/events/list sort_column":    {"start_at"},
	"/v1/calendars/events/list sort_direction": {"asc", "desc", "asc nulls last", "desc nulls last"},
	"/v1/calendars/events/list platforms":      {"luma", "external"},
	"/v1/calendars/events/list status":         {"approved", "pending"},
	"/v1/events/guests/list sort_column":       {"name", "email", "created_at", "registered_at", "checked_in_at"},
	"/v1/events/guests/list sort_direction":    {"asc", "desc", "asc nulls last", "desc nulls last"},
}

// refused answers what Luma's description does not have.
func refused(w http.ResponseWriter, r *http.Request) bool {
	names, is := known[r.URL.Path]
	if !is {
		http.Error(w, `{"message":"Not found"}`, http.StatusNotFound)
		return true
	}
	for name, values := range r.URL.Query() {
		some := enums[r.URL.Path+" "+name]
		if !slices.Contains(names, name) || some != nil && !slices.Contains(some, values[0]) {
			http.Error(w, `{"message":"`+name+` is not valid"}`, http.StatusBadRequest)
			return true
		}
	}
	return false
}

// summary is an event as lists have it: without description, since July 2026, and without hosts.
func summary(event object) object {
	o := object{}
	for name, v := range event {
		if name != "description" && name != "description_md" && name != "hosts" {
			o[name] = v
		}
	}
	return o
}

// TestWholeEvents holds that an event's description and hosts come in although the list has neither, and that an event
// which the key may not see alone comes in as the list has it.
func TestWholeEvents(t *testing.T) {
	h := &fake{n: 2, hidden: "evt-1"}
	f := collect(t, h, nil)
	for i := range f.Activities {
		a := &f.Activities[i]
		if !strings.HasPrefix(a.ExternalID, "event:") {
			continue
		}
		hidden := a.ExternalID == "event:evt-1"
		if whole := strings.HasSuffix(a.Body, "We *talk*.") && a.Author == "usr-host"; whole == hidden {
			t.Errorf("%s is by %q: %q", a.ExternalID, a.Author, a.Body)
		}
	}
	if n := f.Kinds()["announcement"]; n != 3 || len(f.Rejects) != 0 {
		t.Errorf("%d events came in, and %v was rejected", n, f.Rejects)
	}
}

// TestOnline holds that who opened the link to an event online came to it: nobody is checked in there.
func TestOnline(t *testing.T) {
	h := &fake{n: 1, more: func(event, i int, g object) {
		if event == 1 && i == 3 {
			g["joined_at"] = at(-2)
		}
	}}
	f := collect(t, h, nil)
	var came []string
	for i := range f.Activities {
		if a := &f.Activities[i]; a.Thread == "event:evt-1" && a.Author != "usr-host" {
			came = append(came, a.Author+" "+a.OccurredAt.Format(time.RFC3339))
		}
	}
	if d := cmp.Diff([]string{"usr-0 " + at(-2), "usr-1 " + at(-2), "usr-3 " + at(-2)}, came); d != "" {
		t.Errorf("who came (-want +got):\n%s", d)
	}
}

// TestWork reads the answers to the question for the company in the forms that Luma gives, and names in parts.
func TestWork(t *testing.T) {
	for name, answer := range map[string]object{
		"in fields":       {"answer": "Acme", "answer_company": "Acme", "answer_job_title": "Chef", "value": object{}},
		"in an object":    {"value": object{"company": "Acme", "job_title": "Chef"}},
		"without a title": {"answer": "Acme", "answer_company": nil, "answer_job_title": nil, "value": object{"company": nil, "job_title": nil}},
	} {
		answer["question_type"], answer["label"], answer["question_id"] = "company", "Where do you work?", "q1"
		h := &fake{n: 1, more: func(_, _ int, g object) {
			g["registration_answers"], g["user_name"], g["user_first_name"], g["user_last_name"] = []object{answer}, nil, "Ada", "Lee"
		}}
		who := collect(t, h, nil).Identities["usr-0"]
		if who.Company != "Acme" || who.Name != "Ada Lee" || (who.JobTitle == "Chef") != (name != "without a title") {
			t.Errorf("%s: the guest is %+v", name, who)
		}
	}
}
