// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package gitlab_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"greenroom/connector"
	"greenroom/connector/connectortest"
	"greenroom/connector/gitlab"
)

// These tests hold what GitLab's published documentation and source say of its API and webhooks, in parts that the server
// of fake_test.go does not have.

// log remembers the paths that were asked for.
type log struct {
	mu    sync.Mutex
	paths []string
}

func (l *log) count(part string) (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, p := range l.paths {
		if strings.Contains(p, part) {
			n++
		}
	}
	return n
}

// serve answers as the fake does, but first asks other, which reports whether it has answered.
func serve(t *testing.T, n int, other func(w http.ResponseWriter, r *http.Request) bool) (address string, asked *log) {
	t.Helper()
	h, asked := newFake(n), &log{}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.mu.Lock()
		asked.paths = append(asked.paths, r.URL.EscapedPath())
		asked.mu.Unlock()
		if !other(w, r) {
			h.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(srv.Close)
	return srv.URL, asked
}

func receive(t *testing.T, v connector.Values, bodies ...object) *connectortest.Facts {
	t.Helper()
	src, err := gitlab.New(connectortest.LiveEnv(t), v)
	if err != nil {
		t.Fatal(err)
	}
	return connectortest.Receive(t, src.(connector.Receiver), sign(t, bodies)...) //nolint:errcheck // the compiler has checked it
}

// TestStranger reads a public project without a token. GitLab answers 401 to such a request for discussions, histories of
// states and, in older servers, emoji; the rest comes in all the same.
func TestStranger(t *testing.T) {
	address, asked := serve(t, 25, func(w http.ResponseWriter, r *http.Request) bool {
		for _, part := range []string{"/discussions", "/resource_state_events", "/award_emoji", "/members/all", "/graphql"} {
			if strings.Contains(r.URL.Path, part) {
				http.Error(w, `{"message":"401 Unauthorized"}`, http.StatusUnauthorized)
				return true
			}
		}
		return false
	})
	v := connector.Values{"address": address, "projects": "acme", "reactions": "comments too"}
	f := connectortest.Collect(t, gitlab.Spec(), v, http.DefaultClient, "", 0)
	want := map[string]int{"issue": 24, "close": 6, "pull_request": 2, "merge": 1, "release": 1, "star": 2, "fork": 1, "unknown": 1} // the last is the confidential issue, which is taken back
	if diff := cmp.Diff(want, f.Kinds()); diff != "" {
		t.Errorf("kinds (-want +got):\n%s", diff)
	}
	for i := range f.Activities {
		if a := &f.Activities[i]; a.ExternalID == "issue/1004/closed" && a.Author != "3" {
			t.Errorf("the issue was closed by %q, want the one whom the issue names", a.Author)
		}
	}
	for _, part := range []string{"/discussions", "/resource_state_events", "/award_emoji"} {
		if n := asked.count(part); n != 1 {
			t.Errorf("%s was asked for %d times, want once", part, n)
		}
	}
	src, err := gitlab.New(connectortest.LiveEnv(t), v)
	if err != nil {
		t.Fatal(err)
	}
	check, err := src.(connector.Tester).Test(t.Context()) //nolint:errcheck // the compiler has checked it
	if err != nil || !slices.ContainsFunc(check.Notes, func(n string) bool { return strings.Contains(n, "no comments") }) {
		t.Errorf("the test says %+v, %v, and not that comments are missing", check, err)
	}
}

// TestGuestReleases reads releases whose tag the token may not see, because it may not see the code.
func TestGuestReleases(t *testing.T) {
	address, _ := serve(t, 1, func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != project+"/releases" {
			return false
		}
		o := release()
		delete(o, "tag_name")
		list(w, r, []object{o})
		return true
	})
	f := connectortest.Collect(t, gitlab.Spec(), values(address), http.DefaultClient, "", 0)
	if f.Kinds()["release"] != 0 || len(f.Rejects) != 0 || f.LeftOut["releases whose tag GitLab does not show"] != 1 {
		t.Errorf("%d releases, %v rejected, left out %v", f.Kinds()["release"], f.Rejects, f.LeftOut)
	}
}

// TestLargeSurvey counts the issues of a project of which the lists do not say how many there are: above 10,000 GitLab
// leaves X-Total out, and its statistics tell.
func TestLargeSurvey(t *testing.T) {
	address, _ := serve(t, 1, func(w http.ResponseWriter, r *http.Request) bool {
		switch r.URL.Path {
		case project + "/issues":
			if r.URL.Query().Get("confidential") == "true" {
				return false
			}
			give(w, []object{})
		case project + "/issues_statistics":
			if r.URL.Query().Get("scope") != "all" {
				http.Error(w, `{"error":"scope does not have a valid value"}`, http.StatusBadRequest)
				return true
			}
			give(w, object{"statistics": object{"counts": object{"all": 12345, "closed": 12000, "opened": 345}}})
		default:
			return false
		}
		return true
	})
	src, err := gitlab.New(connectortest.LiveEnv(t), values(address))
	if err != nil {
		t.Fatal(err)
	}
	v, err := src.(connector.Surveyor).Survey(t.Context()) //nolint:errcheck // the compiler has checked it
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int64{}
	for _, c := range v.Counts {
		got[c.What] = c.Platform
	}
	if got["issue"] != 12345 || got["open issues"] != 345 || v.Items != 12345+2 {
		t.Errorf("the survey says %v and %d items", got, v.Items)
	}
}

// hookSite is the project of a webhook with all fields that are documented.
func hookSite() object {
	return object{
		"id": 7, "name": "Site", "description": "", "web_url": site + "/acme/web/site", "avatar_url": nil, "git_ssh_url": "git@gitlab.example.org:acme/web/site.git",
		"git_http_url": site + "/acme/web/site.git", "namespace": "Web", "visibility_level": 20, "path_with_namespace": "acme/web/site", "default_branch": "main",
		"ci_config_path": nil, "homepage": site + "/acme/web/site", "url": "git@gitlab.example.org:acme/web/site.git",
	}
}

func hookUser(i int) object {
	return object{"id": i%7 + 1, "name": fmt.Sprintf("Person %d", i%7+1), "username": fmt.Sprintf("person%d", i%7+1), "avatar_url": site + "/avatar.png", "email": "[REDACTED]"}
}

func with(o object, more object) object {
	all := maps.Clone(o)
	maps.Copy(all, more)
	return all
}

// TestDocumentedEvents gives the connector events as GitLab's page about them and its source have them.
func TestDocumentedEvents(t *testing.T) {
	address, asked := serve(t, 25, func(w http.ResponseWriter, r *http.Request) bool {
		switch r.URL.Path {
		case project + "/issues/5/notes/5054":
			give(w, note(5054, 5, object{"internal": true, "body": "A secret."}))
		case project + "/issues/5/notes/5050":
			give(w, note(5050, 6, object{"internal": false}))
		case project + "/issues/5/notes/5099":
			http.Error(w, `{"message":"404 Note Not Found"}`, http.StatusNotFound)
		case project + "/releases/v2":
			http.Error(w, `{"message":"403 Forbidden"}`, http.StatusForbidden)
		default:
			return false
		}
		return true
	})
	base := func(kind, event string, attributes object) object {
		return object{"object_kind": kind, "event_type": event, "user": hookUser(3), "project_id": 7, "project": hookSite(), "object_attributes": attributes}
	}
	five := hookIssue(5, "Issue 5", 13)
	delete(five, "action") // beside a comment or an emoji, an issue has none
	emoji := object{
		"user_id": 4, "created_at": hook(30), "id": 301, "name": "thumbsup", "awardable_type": "Issue", "awardable_id": 1005, "updated_at": hook(30),
		"action": "award", "awarded_on_url": site + "/acme/web/site/-/issues/5",
	}
	onNote := func(number int, more object) object {
		n := hookNote(number, 5, 12, "Which version?")
		delete(n, "internal") // as servers had it when these events were new
		return with(base("emoji", "award", with(emoji, object{"awardable_type": "Note", "awardable_id": number})), object{"issue": five, "note": with(n, more)})
	}
	secret := hookNote(5054, 5, 12, "A secret.")
	delete(secret, "internal")
	pictured := with(hookIssue(2, "Issue 2", 2), object{
		"description": "![plan](" + site + "/docs/plan.png)", "created_at": "2026-01-05T09:02:00Z", "updated_at": "2026-01-05T09:02:00Z", "type": "Issue",
		"assignee_ids": []int{51}, "labels": []object{}, "closed_at": nil, "severity": "unknown", "state_id": 1, "escalation_policy": object{"id": 18},
	})
	for name, c := range map[string]struct {
		body object
		want string // the activities
		left string // what is left out
	}{
		"an internal comment, of which the event alone says so": {
			body: with(base("note", "confidential_note", secret), object{"issue": five}), want: "deleted note/5054", left: "internal comments",
		},
		"an emoji on an issue":                {body: with(base("emoji", "award", emoji), object{"issue": five}), want: "emoji/301 on issue/1005"},
		"one on an issue opened as work item": {body: with(base("emoji", "award", emoji), object{"work_item": five}), want: "emoji/301 on issue/1005"},
		"one that is taken back, by an older server": {
			body: with(base("emoji", "revoke", func() object { o := maps.Clone(emoji); delete(o, "action"); return o }()), object{"issue": five}), want: "deleted emoji/301",
		},
		"one on a comment":                            {body: onNote(5050, object{"internal": false}), want: "emoji/301 on note/5050"},
		"one on an internal comment":                  {body: onNote(5054, object{"internal": true}), want: "deleted emoji/301"},
		"one on a comment, by an older server":        {body: onNote(5050, nil), want: "emoji/301 on note/5050"},
		"one on an internal one, by an older server":  {body: onNote(5054, nil), want: "deleted emoji/301"},
		"one on a comment that is not there any more": {body: onNote(5099, nil), want: "deleted emoji/301"},
		"a job, which has a tag that is no text": {
			body: object{"object_kind": "build", "ref": "main", "tag": false, "build_id": 9, "user": object{"id": nil, "name": "Somebody"}, "project_id": 7, "project": hookSite()},
			left: "event build",
		},
		"a milestone": {body: with(base("milestone", "milestone", object{"id": 61, "iid": 10, "state": "active"}), object{"action": "create"}), left: "event milestone"},
		"somebody who asks to join a group": {
			body: object{"event_name": "user_access_request_to_group", "user_id": 5, "user_name": "Person 5", "user_username": "person5", "group_access": "Guest", "group_id": 100},
			left: "event user_access_request_to_group without a project",
		},
		"a release that this token may not see": {
			body: object{"object_kind": "release", "id": 1, "tag": "v2", "name": "v2", "action": "create", "created_at": hook(50), "released_at": hook(50), "project": hookSite()},
			left: "events of what GitLab does not show",
		},
		"an issue with a picture, whose text is as in the API": {body: base("issue", "issue", pictured), want: "issue/1002: It does not work.\nWhy?"},
	} {
		t.Run(name, func(t *testing.T) {
			v := values(address)
			v["reactions"] = "comments too"
			f := receive(t, v, c.body)
			var got []string
			for i := range f.Activities {
				switch a := &f.Activities[i]; {
				case a.Deleted:
					got = append(got, "deleted "+a.ExternalID)
				case a.ReplyTo != "":
					got = append(got, a.ExternalID+" on "+a.ReplyTo)
				default:
					got = append(got, a.ExternalID+": "+a.Body)
				}
			}
			if diff := cmp.Diff(c.want, strings.Join(got, ", ")); diff != "" {
				t.Errorf("activities (-want +got):\n%s", diff)
			}
			if len(f.Rejects) > 0 || c.left != "" && f.LeftOut[c.left] != 1 {
				t.Errorf("left out %v, rejected %+v; want %q left out", f.LeftOut, f.Rejects, c.left)
			}
		})
	}
	if n := asked.count("/notes/5054") + asked.count("/notes/5050"); n != 2 {
		t.Errorf("comments were asked for %d times, want twice: for events that do not say whether they are internal", n)
	}
}

// TestOldNotes reads what GitLab noted itself when these notes began with a capital letter, as they stand in old projects.
func TestOldNotes(t *testing.T) {
	address, _ := serve(t, 1, func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != project+"/merge_requests/1/discussions" {
			return false
		}
		var all []object
		for i, text := range []string{"Approved this merge request", "Mentioned in commit 54f7727c", "Added 2 commits:\n\n* 54f7727c - More", "Status changed to closed", "Reopened", "Title changed from **A** to **B**"} {
			n := note(8100+i, 3, object{"system": true, "body": text})
			all = append(all, object{"id": fmt.Sprintf("o%d", i), "individual_note": true, "notes": []object{n}})
		}
		list(w, r, all)
		return true
	})
	f := connectortest.Collect(t, gitlab.Spec(), values(address), http.DefaultClient, "", 0)
	got := map[string]string{}
	for i := range f.Activities {
		if a := &f.Activities[i]; a.Thread == "merge_request/9001" && a.ReplyTo != "" {
			got[a.ExternalID] = a.Kind.String()
		}
	}
	want := map[string]string{"merge_request/9001/merged": "merge", "approval/9001/4": "review", "note/8103": "close", "note/8104": "reopen", "note/8105": "moderation"}
	if diff := cmp.Diff(want, got); diff != "" || f.LeftOut["notes of commits and mentions"] != 2 {
		t.Errorf("left out %v, activities (-want +got):\n%s", f.LeftOut, diff)
	}
}

// TestBotName holds that the stars which GitLab gives for the name of a project's bot are no name.
func TestBotName(t *testing.T) {
	address, _ := serve(t, 1, func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != project+"/starrers" {
			return false
		}
		bot := object{"id": 70, "username": "project_9_bot_d1", "name": "****", "state": "active", "avatar_url": nil, "web_url": site + "/project_9_bot_d1", "public_email": nil}
		list(w, r, []object{{"starred_since": at(52), "user": bot}})
		return true
	})
	f := connectortest.Collect(t, gitlab.Spec(), values(address), http.DefaultClient, "", 0)
	if who, known := f.Identities["70"]; !known || who.Name != "" || !who.Bot {
		t.Errorf("the bot is %+v", who)
	}
}
