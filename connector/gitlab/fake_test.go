// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package gitlab_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// fake is a server with the group acme and in its subgroup web the project acme/web/site, that answers as GitLab's API does:
// n issues, of which every fourth is closed, every fifth was commented on and the seventh is confidential, two merge
// requests, a release, two stars and a fork.
type fake struct {
	n      int
	mu     sync.Mutex
	edited map[int]string // issue number → new title
}

func newFake(n int) http.Handler { return &fake{n: n, edited: map[int]string{}} }

var day0 = time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)

// at is a time as the API writes it, with milliseconds; hook is the same time as webhooks write it.
func at(i int) string {
	return day0.Add(time.Duration(i)*time.Minute + 482*time.Millisecond).Format("2006-01-02T15:04:05.000Z")
}

func hook(i int) string {
	return day0.Add(time.Duration(i) * time.Minute).Format("2006-01-02 15:04:05 UTC")
}

type object = map[string]any

const (
	site    = "https://gitlab.example.org"
	project = "/api/v4/projects/7"
)

func user(i int) object {
	name := fmt.Sprintf("person%d", i%7+1)
	return object{"id": i%7 + 1, "username": name, "name": "Person " + strconv.Itoa(i%7+1), "state": "active", "avatar_url": site + "/avatar.png", "web_url": site + "/" + name}
}

func repo() object {
	return object{
		"id": 7, "path_with_namespace": "acme/web/site", "web_url": site + "/acme/web/site", "created_at": at(0), "issues_enabled": true,
		"merge_requests_enabled": true, "star_count": 2, "forks_count": 1,
	}
}

// touched reports whether something happened to issue i. In a large fake that is rare, so that it is the reading of lists
// which is measured.
func (f *fake) touched(i, nth int) bool { return i%nth == 0 && (f.n <= 1000 || i%500 == 0) }

func (f *fake) issue(i int) object {
	o := object{
		"id": 1000 + i, "iid": i, "project_id": 7, "author": user(i), "title": fmt.Sprintf("Issue %d", i), "description": "It does not work.\r\nWhy?",
		"state": "opened", "web_url": fmt.Sprintf("%s/acme/web/site/-/issues/%d", site, i), "created_at": at(i), "updated_at": at(i),
		"user_notes_count": 0, "confidential": i == 7, "closed_at": nil, "closed_by": nil,
	}
	if f.touched(i, 5) {
		o["user_notes_count"], o["updated_at"] = 2, at(i+8)
	}
	if f.touched(i, 4) {
		o["state"], o["closed_at"], o["closed_by"], o["updated_at"] = "closed", at(i+60), user(2), at(i+60)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if title, ok := f.edited[i]; ok {
		o["title"], o["updated_at"] = title, day0.AddDate(0, 11, 0).Format(time.RFC3339)
	}
	return o
}

func (f *fake) closings(i int) []object {
	event := func(n int, state string, when string) object {
		return object{"id": 3*i + n, "user": user(2), "created_at": when, "resource_type": "Issue", "resource_id": 1000 + i, "state": state}
	}
	switch {
	case !f.touched(i, 4), i == 12: // the twelfth was closed when it was imported, of which there is no history
		return nil
	case i == 8:
		return []object{event(0, "closed", at(i+20)), event(1, "reopened", at(i+30)), event(2, "closed", at(i+60))}
	}
	return []object{event(0, "closed", at(i+60))}
}

func note(number, i int, more object) object {
	o := object{
		"id": number, "type": nil, "body": "Which version?", "author": user(i), "system": false,
		"created_at": at(i + 5), "updated_at": at(i + 5), "internal": false,
	}
	for name, v := range more {
		o[name] = v
	}
	return o
}

// thread are the two discussions of a commented issue: a question with its answer, and what GitLab noted itself.
func (f *fake) thread(i int) []object {
	if !f.touched(i, 5) {
		return nil
	}
	return []object{
		{"id": fmt.Sprintf("d%d", i), "individual_note": false, "notes": []object{
			note(5000+10*i, i+1, object{"type": "DiscussionNote"}),
			note(5001+10*i, i+2, object{"type": "DiscussionNote", "body": "The newest.", "updated_at": at(i + 8)}),
		}},
		{"id": fmt.Sprintf("e%d", i), "individual_note": true, "notes": []object{note(5002+10*i, i, object{"system": true, "body": "assigned to @person1"})}},
		{"id": fmt.Sprintf("f%d", i), "individual_note": true, "notes": []object{note(5003+10*i, i, object{"system": true, "body": "mentioned in merge request !1"})}},
		{"id": fmt.Sprintf("g%d", i), "individual_note": true, "notes": []object{note(5004+10*i, i, object{"internal": true, "body": "A secret."})}},
	}
}

func merge(i int) object {
	o := object{
		"id": 9000 + i, "iid": i, "project_id": 7, "author": user(i), "title": "Repair it", "description": "", "state": "opened", "draft": false,
		"web_url": fmt.Sprintf("%s/acme/web/site/-/merge_requests/%d", site, i), "created_at": at(3), "updated_at": at(3), "user_notes_count": 0,
	}
	if i == 1 {
		o["state"], o["merged_at"], o["merge_user"], o["merged_by"], o["updated_at"], o["user_notes_count"] = "merged", at(90), user(2), user(2), at(91), 1
	}
	return o
}

// reviews is what was said about the first merge request: two approvals, of which one was taken back, and a remark on a line.
func reviews() []object {
	said := func(number, who, when int, text string) object {
		return object{"id": fmt.Sprintf("r%d", number), "individual_note": true, "notes": []object{
			note(number, who, object{"system": true, "body": text, "created_at": at(when), "updated_at": at(when)}),
		}}
	}
	return []object{
		said(8001, 3, 40, "approved this merge request"),
		said(8002, 4, 41, "approved this merge request"),
		said(8003, 4, 42, "unapproved this merge request"),
		said(8004, 1, 43, "added 2 commits\n\n* abc - More"),
		{"id": "line", "individual_note": false, "notes": []object{note(8005, 5, object{"type": "DiffNote", "body": "Why this line?"})}},
	}
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := r.URL.EscapedPath()
	w.Header().Set("Date", day0.AddDate(0, 1, 0).Format(http.TimeFormat))
	if rest, ok := strings.CutPrefix(path, project+"/issues/"); ok {
		number, part, _ := strings.Cut(rest, "/")
		i, _ := strconv.Atoi(number)
		f.item(w, r, i, part)
		return
	}
	switch path {
	case "/api/graphql":
		f.people(w, r)
	case "/api/v4/personal_access_tokens/self":
		give(w, object{"name": "Greenroom", "scopes": []string{"read_api"}, "expires_at": "2027-01-31"})
	case "/api/v4/user":
		give(w, object{"id": 90, "username": "greenroom"})
	case "/api/v4/groups/acme/projects":
		list(w, r, []object{repo()})
	case project + "/members/all":
		boss := user(0)
		boss["access_level"] = 40
		guest := user(1)
		guest["access_level"] = 10
		list(w, r, []object{boss, guest})
	case project + "/issues":
		f.since(w, r)
	case project + "/merge_requests":
		list(w, r, []object{merge(1), merge(2)})
	case project + "/merge_requests/1":
		give(w, merge(1))
	case project + "/merge_requests/1/discussions":
		list(w, r, reviews())
	case project + "/merge_requests/1/approvals":
		give(w, object{"approved_by": []object{{"user": user(3)}}})
	case project + "/merge_requests/1/resource_state_events":
		list(w, r, []object{{"id": 1, "user": user(2), "created_at": at(90), "state": "merged"}})
	case project + "/merge_requests/1/award_emoji", project + "/merge_requests/2/award_emoji":
		list(w, r, nil)
	case project + "/releases":
		list(w, r, []object{release()})
	case project + "/releases/v1%2F0":
		give(w, release())
	case project + "/starrers":
		list(w, r, []object{{"starred_since": at(52), "user": user(1)}, {"starred_since": at(53), "user": user(2)}})
	case project + "/forks":
		list(w, r, []object{{"id": 71, "path_with_namespace": "person2/site", "web_url": site + "/person2/site", "creator_id": 2, "owner": user(1), "created_at": at(55)}})
	default:
		http.Error(w, `{"message":"404 Not Found"}`, http.StatusNotFound)
	}
}

func release() object {
	return object{
		"tag_name": "v1/0", "name": "One", "description": "The first.", "author": user(1), "created_at": at(50), "released_at": at(51),
		"_links": object{"self": site + "/acme/web/site/-/releases/v1%2F0"},
	}
}

// item answers what belongs to one issue.
func (f *fake) item(w http.ResponseWriter, r *http.Request, i int, part string) {
	part, number, _ := strings.Cut(part, "/")
	switch {
	case i < 1 || i > f.n || part == "notes":
		list(w, r, nil)
	case part == "":
		give(w, f.issue(i))
	case part == "discussions" && number != "":
		give(w, f.thread(i)[0])
	case part == "discussions":
		list(w, r, f.thread(i))
	case part == "resource_state_events":
		list(w, r, f.closings(i))
	case part == "award_emoji" && i == 5:
		list(w, r, []object{{"id": 300, "name": "tada", "user": user(3), "created_at": at(30), "awardable_type": "Issue"}})
	default:
		list(w, r, nil)
	}
}

// people answers the one query in GraphQL: the profiles of those who are named.
func (f *fake) people(w http.ResponseWriter, r *http.Request) {
	var q struct {
		Query string `json:"query"`
	}
	_ = json.NewDecoder(r.Body).Decode(&q)
	var nodes []object
	for i := range 7 {
		u := user(i)
		gid := fmt.Sprintf("gid://gitlab/User/%d", u["id"])
		if strings.Contains(q.Query, `"`+gid+`"`) {
			nodes = append(nodes, object{
				"id": gid, "username": u["username"], "name": u["name"], "bot": i == 6, "publicEmail": fmt.Sprintf("%s@example.org", u["username"]), "location": "Lisbon",
				"webUrl": u["web_url"], "avatarUrl": u["avatar_url"], "bio": "Builds things.", "organization": "Acme", "linkedin": "somebody", "createdAt": "2020-02-03T04:05:06Z",
			})
		}
	}
	give(w, object{"data": object{"users": object{"nodes": nodes}}})
}

// since gives those issues that were updated since the time that the request names.
func (f *fake) since(w http.ResponseWriter, r *http.Request) {
	from, err := time.Parse(time.RFC3339, r.URL.Query().Get("updated_after"))
	if err != nil {
		pages(w, r, f.n, func(i int) object { return f.issue(i + 1) })
		return
	}
	var kept []object
	for i := 1; i <= f.n; i++ {
		o := f.issue(i)
		if updated, _ := time.Parse(time.RFC3339, o["updated_at"].(string)); !updated.Before(from) { //nolint:errcheck // of this file
			kept = append(kept, o)
		}
	}
	list(w, r, kept)
}

func list(w http.ResponseWriter, r *http.Request, all []object) {
	pages(w, r, len(all), func(i int) object { return all[i] })
}

// pages gives a page of n entries, ten at most, with a link to the next.
func pages(w http.ResponseWriter, r *http.Request, n int, entry func(int) object) {
	q := r.URL.Query()
	page, err := strconv.Atoi(q.Get("page"))
	if err != nil {
		page = 1
	}
	size := 10
	if n > 1000 {
		size = 100
	}
	entries := []object{}
	for i := (page - 1) * size; i < min(page*size, n); i++ {
		entries = append(entries, entry(i))
	}
	w.Header().Set("X-Total", strconv.Itoa(n))
	w.Header().Set("Ratelimit-Limit", "2000")
	w.Header().Set("Ratelimit-Remaining", "1999")
	if page*size < n {
		q.Set("page", strconv.Itoa(page+1))
		w.Header().Set("Link", fmt.Sprintf(`<http://elsewhere.example%s?%s>; rel="next", <http://x/y?page=9>; rel="last"`, r.URL.EscapedPath(), q.Encode()))
	}
	give(w, entries)
}

func give(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}
