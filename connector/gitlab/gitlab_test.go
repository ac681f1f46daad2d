// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package gitlab_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/connectortest"
	"greenroom/connector/gitlab"
	"greenroom/connector/internal/signature"
)

const secret = "a secret of the webhook"

func values(url string) connector.Values {
	return connector.Values{"address": url, "projects": "acme", "token": "t", "reactions": "none", "webhook-secret": secret}
}

func live(tb testing.TB) connectortest.Live {
	tb.Helper()
	return connectortest.Live{
		Spec:       gitlab.Spec(),
		Serve:      newFake,
		Values:     values,
		Activities: 25 + 6 + 2 + 5*4 + 2 + 1 + 1 + 1 + 1 + 1 + 2 + 1,                 // issues, closed, closed and reopened before, notes, merge requests, merge, approval, one taken back, remark, release, stars, fork
		Change:     func(h http.Handler) { h.(*fake).edited[3] = "Issue 3, edited" }, //nolint:errcheck // newFake's
		Changed: func(t *testing.T, next *connectortest.Facts) {
			t.Helper()
			for i := range next.Activities {
				if a := &next.Activities[i]; a.Kind == greenroom.KindIssue && (a.ExternalID != "issue/1003" || a.Title != "Issue 3, edited") {
					t.Errorf("the next read tells of %q %q, want the edited issue alone", a.ExternalID, a.Title)
				}
			}
			if next.Kinds()["issue"] != 1 || next.Kinds()["close"] != 0 {
				t.Errorf("the next read brings %v, want one issue and nothing that was closed", next.Kinds())
			}
		},
		Pushes: pushes(tb),
	}
}

func TestLive(t *testing.T) { connectortest.RunLive(t, live(t)) }

func BenchmarkRead(b *testing.B) { connectortest.BenchmarkLive(b, live(b)) }

// hookIssue is an issue as webhooks have it.
func hookIssue(i int, title string, updated int) object {
	return object{
		"id": 1000 + i, "iid": i, "project_id": 7, "author_id": i%7 + 1, "title": title, "description": "It does not work.\r\nWhy?", "state": "opened",
		"created_at": hook(i), "updated_at": hook(updated), "url": fmt.Sprintf("%s/acme/web/site/-/issues/%d", site, i), "action": "update", "confidential": false,
	}
}

func hookNote(number, i, updated int, text string) object {
	return object{
		"id": number, "note": text, "author_id": (i+1)%7 + 1, "created_at": hook(i + 6), "updated_at": hook(updated), "system": false,
		"url": fmt.Sprintf("%s/acme/web/site/-/issues/%d#note_%d", site, i, number), "action": "create", "type": nil, "internal": false,
	}
}

// pushes are deliveries as GitLab makes them: an issue is opened, edited and commented on, the comment is edited; another is
// closed; a merge request is approved and merged; there are a reaction that is taken back, a release that is deleted, and a
// confidential issue.
func pushes(tb testing.TB) []connector.Delivery {
	tb.Helper()
	site := object{"id": 7, "path_with_namespace": "acme/web/site", "web_url": site + "/acme/web/site"}
	opened := hookIssue(2, "Issue 2", 2)
	opened["action"] = "open"
	closed := hookIssue(4, "Issue 4", 64)
	closed["state"], closed["action"], closed["closed_at"] = "closed", "close", hook(64)
	hidden := hookIssue(7, "Issue 7", 7)
	hidden["confidential"] = true
	mr := object{"id": 9001, "iid": 1, "title": "Repair it", "description": "", "state": "opened", "author_id": 2, "created_at": hook(3), "updated_at": hook(41), "action": "approved"}
	merged := maps.Clone(mr)
	merged["state"], merged["action"], merged["updated_at"] = "merged", "merge", hook(91)
	emoji := object{"id": 300, "name": "tada", "user_id": 4, "awardable_type": "Issue", "awardable_id": 1005, "created_at": hook(30), "updated_at": hook(30), "action": "award"}
	revoked := maps.Clone(emoji)
	revoked["action"] = "revoke"
	reply := hookNote(5051, 5, 13, "The newest.")
	reply["type"], reply["discussion_id"], reply["author_id"], reply["created_at"] = "DiscussionNote", "d5", 1, hook(12)
	return sign(tb, []object{
		{"object_kind": "issue", "user": user(2), "project": site, "object_attributes": opened},
		{"object_kind": "note", "user": user(3), "project": site, "object_attributes": hookNote(5020, 2, 8, "Which version?"), "issue": hookIssue(2, "Issue 2", 8)},
		{"object_kind": "issue", "user": user(2), "project": site, "object_attributes": hookIssue(2, "Issue 2, edited", 20)},
		{"object_kind": "note", "user": user(3), "project": site, "object_attributes": hookNote(5020, 2, 21, "Which version, please?"), "issue": hookIssue(2, "Issue 2, edited", 20)},
		{"object_kind": "note", "user": user(0), "project": site, "object_attributes": reply, "issue": hookIssue(5, "Issue 5", 13)},
		{"object_kind": "issue", "user": user(2), "project": site, "object_attributes": closed},
		{"object_kind": "issue", "user": user(2), "project": site, "object_attributes": hidden},
		{"object_kind": "merge_request", "user": user(3), "project": site, "object_attributes": mr},
		{"object_kind": "merge_request", "user": user(2), "project": site, "object_attributes": merged},
		{"object_kind": "emoji", "event_type": "award", "user": user(3), "project": site, "object_attributes": emoji, "issue": hookIssue(5, "Issue 5", 13)},
		{"object_kind": "emoji", "event_type": "revoke", "user": user(3), "project": site, "object_attributes": revoked, "issue": hookIssue(5, "Issue 5", 13)},
		{"object_kind": "release", "project": site, "tag": "v1/0", "action": "create", "created_at": hook(50), "released_at": hook(51)},
		{"object_kind": "release", "project": site, "tag": "v0", "action": "delete"},
		{"event_name": "user_add_to_group", "user_id": 5, "user_name": "Person 5", "user_username": "person5", "group_access": "Maintainer"},
		{"object_kind": "pipeline", "project": site, "object_attributes": object{"id": 1}},
	})
}

func sign(tb testing.TB, bodies []object) []connector.Delivery {
	tb.Helper()
	all := make([]connector.Delivery, len(bodies))
	for i, b := range bodies {
		body, err := json.Marshal(b)
		if err != nil {
			tb.Fatal(err)
		}
		all[i] = connector.Delivery{
			Method: http.MethodPost, ReceivedAt: day0.Add(time.Duration(100+i) * time.Minute), Body: body,
			Header: http.Header{"X-Gitlab-Event": {"Some Hook"}, "X-Gitlab-Token": {secret}, "Idempotency-Key": {strconv.Itoa(i)}},
		}
	}
	return all
}

// TestFacts looks at what a person would look at: who did what, where and when.
func TestFacts(t *testing.T) {
	srv := httptest.NewServer(newFake(8))
	defer srv.Close()
	v := values(srv.URL)
	v["reactions"] = "comments too"
	f := connectortest.Collect(t, gitlab.Spec(), v, srv.Client(), "", 0)
	var lines []string
	for i := range f.Activities {
		a := &f.Activities[i]
		at := a.OccurredAt
		if a.Deleted {
			lines = append(lines, a.EditedAt.Format("15:04")+" deleted "+a.ExternalID)
			continue
		}
		lines = append(lines, strings.Join([]string{at.Format("15:04"), a.Kind.String(), f.Identities[a.Author].Handle, a.ExternalID, "in", a.Thread, "to", a.ReplyTo, strings.TrimSpace(a.Title)}, " "))
	}
	want := []string{
		"09:01 issue person2 issue/1001 in issue/1001 to  Issue 1", "09:02 issue person3 issue/1002 in issue/1002 to  Issue 2",
		"09:03 issue person4 issue/1003 in issue/1003 to  Issue 3", "09:04 issue person5 issue/1004 in issue/1004 to  Issue 4",
		"10:04 close person3 state/12 in issue/1004 to issue/1004 Issue 4",
		"09:05 issue person6 issue/1005 in issue/1005 to  Issue 5",
		"09:11 comment person7 note/5050 in issue/1005 to  ", "09:12 comment person1 note/5051 in issue/1005 to note/5050 ",
		"09:10 moderation person6 note/5052 in issue/1005 to issue/1005 assigned to @person1",
		"09:13 deleted note/5054",
		"09:30 reaction person4 emoji/300 in issue/1005 to issue/1005 ",
		"09:06 issue person7 issue/1006 in issue/1006 to  Issue 6",
		"09:07 deleted issue/1007",
		"09:08 issue person2 issue/1008 in issue/1008 to  Issue 8",
		"09:28 close person3 state/24 in issue/1008 to issue/1008 Issue 8", "09:38 reopen person3 state/25 in issue/1008 to issue/1008 Issue 8",
		"10:08 close person3 state/26 in issue/1008 to issue/1008 Issue 8",
		"09:03 pull_request person2 merge_request/9001 in merge_request/9001 to  Repair it",
		"10:30 merge person3 merge_request/9001/merged in merge_request/9001 to merge_request/9001 Repair it",
		"09:10 comment person6 note/8005 in merge_request/9001 to  ",
		"09:40 review person4 approval/9001/4 in merge_request/9001 to merge_request/9001 approved", "09:42 deleted approval/9001/5",
		"09:03 pull_request person3 merge_request/9002 in merge_request/9002 to  Repair it",
		"09:51 release person2 release/7/v1/0 in  to  One", "09:52 star person2 star/7/2 in  to  ", "09:53 star person3 star/7/3 in  to  ",
		"09:55 fork person2 fork/71 in  to  person2/site",
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("activities (-want +got):\n%s", diff)
	}
	who := f.Identities["1"]
	if !who.Staff || f.Identities["2"].Staff {
		t.Error("the maintainers of the project are not the staff")
	}
	if diff := cmp.Diff([]greenroom.Email{{Address: "person1@example.org", Verified: true}}, who.Emails); diff != "" || who.Company != "Acme" || who.JoinedAt.IsZero() || len(who.Links) != 1 {
		t.Errorf("the profile is %+v", who)
	}
	if c := f.Conversations[len(f.Conversations)-2]; c.State != greenroom.StateResolved || c.ResolvedBy != "merge_request/9001/merged" {
		t.Errorf("the merged request's conversation is %+v", c)
	}
	if got := f.LeftOut["confidential issues"]; got != 1 {
		t.Errorf("%d confidential issues are left out, want 1", got)
	}
}

// TestSame checks that what comes by webhook is what the next read says, so that nothing is stored twice or goes back and
// forth.
func TestSame(t *testing.T) {
	srv := httptest.NewServer(newFake(8))
	defer srv.Close()
	spec := gitlab.Spec()
	read := map[string]connector.Activity{}
	f := connectortest.Collect(t, spec, values(srv.URL), srv.Client(), "", 0)
	for i := range f.Activities {
		read[f.Activities[i].ExternalID] = f.Activities[i]
	}
	src, err := spec.New(connectortest.LiveEnv(t), values(srv.URL))
	if err != nil {
		t.Fatal(err)
	}
	got := 0
	for i, d := range pushes(t) {
		if i == 1 || i == 2 || i == 3 { // what the fake's API does not have
			continue
		}
		sink := connector.NewSink(t.Context(), 0, func(_ context.Context, b *connector.Batch) error {
			for j := range b.Activities {
				a := b.Activities[j]
				a.Raw = 0
				want, known := read[a.ExternalID]
				if !known && !a.Deleted {
					t.Errorf("delivery %d tells of %s, which the read does not", i, a.ExternalID)
				}
				if diff := cmp.Diff(want, a); known && diff != "" {
					t.Errorf("delivery %d differs from the read (-read +delivery):\n%s", i, diff)
				}
				got++
			}
			return nil
		})
		if err := src.(connector.Receiver).Receive(t.Context(), &d, sink); err != nil { //nolint:errcheck // the compiler has checked it
			t.Fatal(err)
		}
		if err := sink.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	if got < 15 {
		t.Errorf("%d activities came by webhook, want 15 or more", got)
	}
}

// TestSigningToken checks the newer way in which GitLab signs deliveries.
func TestSigningToken(t *testing.T) {
	key := []byte("thirty-two bytes of a secret key")
	v := values("https://gitlab.example.org")
	v["webhook-secret"] = "whsec_" + base64.StdEncoding.EncodeToString(key)
	src, err := gitlab.New(connectortest.LiveEnv(t), v)
	if err != nil {
		t.Fatal(err)
	}
	r := src.(connector.Receiver) //nolint:errcheck // the compiler has checked it
	d := connector.Delivery{ReceivedAt: day0.Add(time.Minute), Body: []byte(`{"object_kind":"issue"}`), Header: http.Header{}}
	unix := strconv.FormatInt(day0.Unix(), 10)
	d.Header.Set("Webhook-Id", "one")
	d.Header.Set("Webhook-Timestamp", unix)
	d.Header.Set("Webhook-Signature", "v1,bm8= v1,"+signature.Base256(string(key), []byte("one."+unix+`.{"object_kind":"issue"}`)))
	if reply, err := r.Verify(&d); err != nil || reply.ID != "one" {
		t.Errorf("a good signature gives %+v, %v", reply, err)
	}
	late := d
	late.ReceivedAt = day0.Add(time.Hour)
	changed := d
	changed.Body = []byte(`{}`)
	for name, bad := range map[string]*connector.Delivery{"an old delivery": &late, "a changed one": &changed} {
		if _, err := r.Verify(bad); greenroom.ErrorCode(err) != greenroom.CodeForbidden {
			t.Errorf("%s gives %v, want it refused", name, err)
		}
	}
}

// TestTestConnection says who the token is and what it lacks.
func TestTestConnection(t *testing.T) {
	h := newFake(3)
	scope := "read_user"
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/self"):
			give(w, object{"name": "x", "scopes": []string{scope}})
		case strings.HasSuffix(r.URL.Path, "/merge_requests"):
			http.Error(w, `{"message":"403 Forbidden"}`, http.StatusForbidden)
		default:
			h.ServeHTTP(w, r)
		}
	}))
	defer srv.Close()
	src, err := gitlab.New(connectortest.LiveEnv(t), values(srv.URL))
	if err != nil {
		t.Fatal(err)
	}
	for want, now := range map[string]string{"read_api": "read_user", "acme/web/site: merge requests": "read_api"} {
		scope = now
		check, err := src.(connector.Tester).Test(t.Context()) //nolint:errcheck // the compiler has checked it
		if err != nil {
			t.Fatal(err)
		}
		if check.Account != "greenroom" || len(check.Missing) != 1 || check.Missing[0].Name != want {
			t.Errorf("with scope %s the test says %+v, want %s missing", now, check, want)
		}
	}
}

// TestSurvey compares the server's own counts with what a read brings.
func TestSurvey(t *testing.T) {
	srv := httptest.NewServer(newFake(8))
	defer srv.Close()
	f := connectortest.Collect(t, gitlab.Spec(), values(srv.URL), srv.Client(), "", 0)
	src, err := gitlab.New(connectortest.LiveEnv(t), values(srv.URL))
	if err != nil {
		t.Fatal(err)
	}
	v, err := src.(connector.Surveyor).Survey(t.Context()) //nolint:errcheck // the compiler has checked it
	if err != nil {
		t.Fatal(err)
	}
	kinds := f.Kinds()
	for _, c := range v.Counts {
		if c.What == "issue" || c.Of != "activities" || c.What == "merge" { // the fake does not filter
			continue
		}
		if int(c.Platform) != kinds[c.What] {
			t.Errorf("the server says %d of %q, the read brought %d", c.Platform, c.What, kinds[c.What])
		}
	}
	if len(v.Places) != 1 || v.Places[0].Members != 2 || len(v.Counts) != 7 {
		t.Errorf("the survey says %+v", v)
	}
}

// TestRecordings maps answers of gitlab.com that others recorded.
func TestRecordings(t *testing.T) {
	dir := filepath.Join(connectortest.Recordings(t), "perceval", "gitlab")
	file := func(w http.ResponseWriter, name string) {
		data, err := os.ReadFile(filepath.Join(dir, name)) //nolint:gosec // a name of this test
		if err != nil {
			t.Skip("the recording is not here: ", err)
		}
		_, _ = w.Write(data)
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		base := "/api/v4/projects/36528"
		switch path := r.URL.EscapedPath(); {
		case path == "/api/v4/projects/fdroid%2Ffdroiddata":
			file(w, "project")
		case path == base+"/issues" && r.URL.Query().Get("page") == "2":
			file(w, "issue_page_2")
		case path == base+"/issues":
			w.Header().Set("Link", "<https://gitlab.com"+base+`/issues?page=2>; rel="next"`)
			file(w, "issue_page_1")
		case path == base+"/merge_requests" && r.URL.Query().Get("page") == "2":
			file(w, "merge_page_2")
		case path == base+"/merge_requests":
			w.Header().Set("Link", "<https://gitlab.com"+base+`/merge_requests?page=2>; rel="next"`)
			file(w, "merge_page_1")
		case strings.HasSuffix(path, "/award_emoji"):
			file(w, "empty_emoji")
		case path == base+"/issues/1/discussions": // recorded as notes: each is a discussion of its own here
			data, err := os.ReadFile(filepath.Join(dir, "notes_1"))
			if err != nil {
				t.Error(err)
			}
			var all []json.RawMessage
			if err := json.Unmarshal(data, &all); err != nil {
				t.Error(err)
			}
			var threads []object
			for _, n := range all {
				threads = append(threads, object{"id": "x", "notes": []json.RawMessage{n}})
			}
			give(w, threads)
		default:
			http.Error(w, `{"message":"404 Not found"}`, http.StatusNotFound)
		}
	}))
	defer srv.Close()
	v := connector.Values{"address": srv.URL, "projects": "fdroid/fdroiddata"}
	f := connectortest.Collect(t, gitlab.Spec(), v, srv.Client(), "", 0)
	if len(f.Rejects) > 0 {
		t.Errorf("rejected: %+v", f.Rejects)
	}
	want := map[string]int{"issue": 4, "pull_request": 3, "merge": 3, "comment": 1, "moderation": 1, "close": 4}
	if diff := cmp.Diff(want, f.Kinds()); diff != "" {
		t.Errorf("kinds (-want +got):\n%s", diff)
	}
}

func FuzzReceive(f *testing.F) {
	for _, d := range pushes(f) {
		f.Add(d.Body)
	}
	srv := httptest.NewServer(newFake(8))
	f.Cleanup(srv.Close)
	f.Fuzz(func(t *testing.T, body []byte) {
		src, err := gitlab.New(connectortest.LiveEnv(t), values(srv.URL))
		if err != nil {
			t.Fatal(err)
		}
		sink := connector.NewSink(t.Context(), 0, func(context.Context, *connector.Batch) error { return nil })
		_ = src.(connector.Receiver).Receive(t.Context(), &connector.Delivery{Body: body, ReceivedAt: day0}, sink) //nolint:errcheck // the compiler has checked it
	})
}
