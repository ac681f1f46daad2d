// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"greenroom/internal/auth"
	"greenroom/internal/request"
	"greenroom/internal/roadmap"
	"greenroom/internal/server"
)

// TestPlansTogether has two people change the same plan and the same task on their pages: what goes together is merged, what
// clashes is shown with both values and stores nothing, and what is chosen then holds.
func TestPlansTogether(t *testing.T) {
	l := start(t, server.ServeOptions{Community: "Lumen"})
	ana, ben := l.as(t, auth.RoleOwner), l.as(t, auth.RoleContributor)
	plans := l.app.Plans()
	v, err := plans.Add(t.Context(), roadmap.Plan{Title: "Launch"}, []roadmap.Task{{Title: "Brief", Days: 2}}, "cli")
	if err != nil {
		t.Fatal(err)
	}
	form := func(edits ...string) url.Values {
		f := url.Values{"version": {"1"}, "title": {"Brief"}, "days": {"2"}}
		for i := 0; i < len(edits); i += 2 {
			f.Set(edits[i], edits[i+1])
		}
		return f
	}
	const task, aBy = "/roadmap/1/tasks/1", "owner@example.org"
	save := func(c *http.Client, path string, f url.Values, want int, has ...string) {
		t.Helper()
		res := l.send(t, c, "POST", path, f)
		if res.code != want {
			t.Errorf("%s: %d %s", path, res.code, res.body)
		}
		for _, text := range has {
			if !strings.Contains(res.body, text) {
				t.Errorf("%s does not say %q", path, text)
			}
		}
	}
	save(ana, task, form("days", "5", "note", "Long"), http.StatusSeeOther)
	save(ben, task, form("owner", "ben@example.org"), http.StatusSeeOther) // another field: merged
	save(ben, task, form("days", "8", "owner", "ben@example.org"), http.StatusOK, "What both of you changed", "Now, by "+aBy, `data-label="You wrote"`, `name="version" value="3"`)
	got, err := plans.Task(t.Context(), v.ID, 1)
	if err != nil || got.Days != 5 || got.Owner != "ben@example.org" || got.Note != "Long" {
		t.Fatalf("after the clash: %+v, %v", got, err)
	}
	save(ben, task, form("version", "3", "days", "8", "owner", "ben@example.org", "note", "Long"), http.StatusSeeOther)
	if got, err = plans.Task(t.Context(), v.ID, 1); err != nil || got.Days != 8 || got.Note != "Long" {
		t.Errorf("after choosing: %+v, %v", got, err)
	}
	plan := func(edits ...string) url.Values {
		f := url.Values{"version": {"1"}, "title": {"Launch"}, "state": {"draft"}, "goal": {"0"}}
		for i := 0; i < len(edits); i += 2 {
			f.Set(edits[i], edits[i+1])
		}
		return f
	}
	save(ana, "/roadmap/1/edit", plan("title", "Big launch", "planned", "900"), http.StatusSeeOther)
	save(ben, "/roadmap/1/edit", plan("title", "Small launch", "owner", "ben@example.org"), http.StatusOK, "What both of you changed", "Big launch", "Small launch")
	if p, err := l.app.Store.Plan(t.Context(), 1); err != nil || p.Title != "Big launch" || p.Planned != 900 || p.Owner != "" {
		t.Errorf("after the clash: %+v, %v", p, err)
	}
	save(ben, "/roadmap/1/sign-off", url.Values{"as": {"sponsor"}}, http.StatusForbidden)
	save(ana, "/roadmap/1/sign-off", url.Values{"as": {"sponsor"}, "comment": {"Go on."}}, http.StatusSeeOther)
	save(ben, "/roadmap/1/edit", plan("version", "3", "title", "Big launch", "planned", "950"), http.StatusSeeOther)
	if page := l.send(t, ben, "GET", "/roadmap/1", nil); !strings.Contains(page.body, "changed since it was signed off") || !strings.Contains(page.body, "Go on.") || !strings.Contains(page.body, "after the sign-off") {
		t.Error("the plan's page does not tell what was changed after the sign-off")
	}
}

// TestRequestBecomesPlan plans what members asked for, and has the request follow.
func TestRequestBecomesPlan(t *testing.T) {
	l := start(t, server.ServeOptions{Community: "Lumen"})
	owner := l.as(t, auth.RoleOwner)
	q, err := l.app.Requests().Add(t.Context(), request.Draft{Title: "Dark mode"}, "cli")
	if err != nil {
		t.Fatal(err)
	}
	state := func(want string) {
		t.Helper()
		if r, err := l.app.Requests().Get(t.Context(), q.ID); err != nil || string(r.State) != want {
			t.Errorf("the request is %s, %v; want %s", r.State, err, want)
		}
	}
	if res := l.send(t, owner, "POST", "/requests/1/plan", url.Values{"plan": {"0"}, "template": {"beta"}}); res.code != http.StatusSeeOther {
		t.Fatalf("planning it: %d %s", res.code, res.body)
	}
	state("planned")
	v, err := l.app.Plans().View(t.Context(), 1)
	if err != nil || v.Title != "Dark mode" || len(v.Tasks) < 5 || len(v.Requests) != 1 {
		t.Fatalf("planned as %+v, %v", v, err)
	}
	if page := l.send(t, owner, "GET", "/requests/1", nil); !strings.Contains(page.body, `href="/roadmap/1"`) {
		t.Error("the request does not lead to its plan")
	}
	if err := l.app.Requests().SetSettings(t.Context(), request.Settings{Board: true}, "cli"); err != nil {
		t.Fatal(err)
	}
	if page := l.send(t, visitor(t), "GET", "/c/requests/1", nil); !strings.Contains(page.body, "On our roadmap") || !strings.Contains(page.body, "Dark mode</b> · planned · expected in") {
		t.Errorf("the public page does not show the plan: %s", page.body)
	}
	p := v.Plan
	for _, x := range []struct {
		to   roadmap.State
		want string
	}{{roadmap.Active, "doing"}, {roadmap.Done, "done"}, {roadmap.Dropped, "declined"}} {
		p.State = x.to
		if p, err = l.app.Plans().EditPlan(t.Context(), p, "ana"); err != nil {
			t.Fatal(err)
		}
		state(x.want)
	}
}

// TestRequestJoinsPlan puts requests into a plan that goes on already: who asked sees that somebody works on it, and what the
// team answered before stays.
func TestRequestJoinsPlan(t *testing.T) {
	l := start(t, server.ServeOptions{Community: "Lumen"})
	owner := l.as(t, auth.RoleOwner)
	for _, title := range []string{"Dark mode", "Night colors"} {
		if _, err := l.app.Requests().Add(t.Context(), request.Draft{Title: title}, "cli"); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := l.app.Requests().Move(t.Context(), 2, request.Declined, "Not now.", false, "cli"); err != nil {
		t.Fatal(err)
	}
	v, err := l.app.Plans().Add(t.Context(), roadmap.Plan{Title: "Looks", State: roadmap.Active}, nil, "cli")
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]request.State{"1": request.Doing, "2": request.Declined} {
		if res := l.send(t, owner, "POST", "/requests/"+id+"/plan", url.Values{"plan": {"1"}}); res.code != http.StatusSeeOther {
			t.Fatalf("planning %s: %d %s", id, res.code, res.body)
		}
		if page := l.send(t, owner, "GET", "/requests/"+id, nil); !strings.Contains(page.body, `href="/roadmap/1"`) {
			t.Errorf("request %s does not lead to its plan", id)
		}
		n, _ := strconv.ParseInt(id, 10, 64)
		if q, err := l.app.Requests().Get(t.Context(), n); err != nil || q.State != want {
			t.Errorf("request %s is %s, %v; want %s", id, q.State, err, want)
		}
	}
	if p, err := l.app.Plans().View(t.Context(), v.ID); err != nil || len(p.Requests) != 2 {
		t.Errorf("the plan serves %v, %v", p.Requests, err)
	}
}

// TestPlanFeed reads somebody's tasks as a calendar by an address alone.
func TestPlanFeed(t *testing.T) {
	l := start(t, server.ServeOptions{Community: "Lumen"})
	l.as(t, auth.RoleContributor)
	plan := roadmap.Plan{Title: "Launch", State: roadmap.Active, Checkpoints: []roadmap.Checkpoint{{Day: "2027-03-01", Title: "Look"}}}
	if _, err := l.app.Plans().Add(t.Context(), plan, []roadmap.Task{{Title: "Mine", Days: 2, Owner: "contributor@example.org"}, {Title: "Theirs", Days: 2, Owner: "ana@example.org"}}, "cli"); err != nil {
		t.Fatal(err)
	}
	read := func(who string) string {
		t.Helper()
		token, err := l.app.Events.FeedToken(t.Context(), who)
		if err != nil {
			t.Fatal(err)
		}
		res := l.send(t, visitor(t), "GET", roadmap.FeedPath+"?t="+url.QueryEscape(token), nil)
		if res.code != http.StatusOK {
			return "none"
		}
		return res.body
	}
	if got := read("contributor@example.org"); !strings.Contains(got, "SUMMARY:Mine") || strings.Contains(got, "Theirs") || strings.Contains(got, "Checkpoint") {
		t.Errorf("mine: %s", got)
	}
	if got := read(""); !strings.Contains(got, "SUMMARY:Mine") || !strings.Contains(got, "SUMMARY:Theirs") || !strings.Contains(got, "Checkpoint: Look") {
		t.Errorf("the team's: %s", got)
	}
	if got := read("gone@example.org"); got != "none" {
		t.Errorf("somebody who is not of the team reads %s", got)
	}
	if res := l.send(t, visitor(t), "GET", roadmap.FeedPath+"?t=x", nil); res.code != http.StatusNotFound {
		t.Errorf("a made-up address: %d", res.code)
	}
}
