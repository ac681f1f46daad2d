// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package gitea_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/connectortest"
	"greenroom/connector/gitea"
	"greenroom/connector/internal/signature"
)

const secret = "a secret of the webhook"

func live(tb testing.TB) connectortest.Live {
	tb.Helper()
	return connectortest.Live{
		Spec:  gitea.Spec(),
		Serve: newFake,
		Values: func(url string) connector.Values {
			return connector.Values{"address": url, "repositories": "acme", "token": "t", "staff-org": "team", "webhook-secret": secret}
		},
		Activities: 25 + 6 + 3 + 5 + 2 + 1 + 1 + 1 + 1 + 1,                           // issues, closed, what happened to the eighth, comments, pull requests, merge, review, remark, release, fork
		Change:     func(h http.Handler) { h.(*fake).edited[3] = "Issue 3, edited" }, //nolint:errcheck // newFake's
		Changed: func(t *testing.T, next *connectortest.Facts) {
			t.Helper()
			for i := range next.Activities {
				if a := &next.Activities[i]; a.Kind == greenroom.KindIssue && (a.ExternalID != "issue/1003" || a.Title != "Issue 3, edited") {
					t.Errorf("the next read tells of %q %q, want the edited issue alone", a.ExternalID, a.Title)
				}
			}
			if next.Kinds()["issue"] != 1 || next.Kinds()["comment"] != 0 {
				t.Errorf("the next read brings %v, want one issue and no comment", next.Kinds())
			}
		},
		Pushes: pushes(tb),
	}
}

func TestLive(t *testing.T) { connectortest.RunLive(t, live(t)) }

func BenchmarkRead(b *testing.B) { connectortest.BenchmarkLive(b, live(b)) }

// pushes are deliveries as Gitea makes them: an issue is opened, edited, commented on, and the comment is deleted; another is
// closed; a pull request is reviewed and merged; a release is published and another deleted.
func pushes(tb testing.TB) []connector.Delivery {
	tb.Helper()
	f := &fake{n: 10, edited: map[int]string{}}
	repo := f.repo()
	edited := f.issue(2)
	edited["title"], edited["updated_at"] = "Issue 2, edited", at(70)
	bodies := []struct {
		event string
		body  object
	}{
		{"issues", object{"action": "opened", "issue": f.issue(2), "repository": repo}},
		{"issue_comment", object{"action": "created", "issue": f.issue(2), "comment": comment(2), "repository": repo}},
		{"issues", object{"action": "edited", "issue": edited, "repository": repo}},
		{"issues", object{"action": "closed", "issue": f.issue(4), "repository": repo}},
		{"issue_comment", object{"action": "deleted", "issue": edited, "comment": comment(2), "repository": repo}},
		{"pull_request", object{"action": "opened", "pull_request": pull(100_000_002, false), "repository": repo}},
		{"pull_request_approved", object{"action": "reviewed", "pull_request": pull(100_000_001, false), "repository": repo, "review": object{"type": "pull_request_review_approved", "content": "Good."}}},
		{"pull_request", object{"action": "closed", "pull_request": pull(100_000_001, true), "repository": repo}},
		{"issues", object{"action": "deleted", "issue": f.issue(6), "repository": repo}},
		{"release", object{"action": "published", "release": release(), "repository": repo}},
		{"release", object{"action": "deleted", "release": object{"id": 9}, "repository": repo}},
		{"fork", object{"forkee": repo, "repository": object{"id": 71, "full_name": "person2/site", "html_url": "https://git.example.org/person2/site", "owner": user(1), "created_at": at(55)}}},
		{"push", object{"repository": repo}},
	}
	all := make([]connector.Delivery, len(bodies))
	for i, b := range bodies {
		body, err := json.Marshal(b.body)
		if err != nil {
			tb.Fatal(err)
		}
		all[i] = connector.Delivery{
			Method: http.MethodPost, ReceivedAt: at(100 + i), Body: body,
			Header: http.Header{"X-Gitea-Event": {b.event}, "X-Gitea-Signature": {signature.Hex256(secret, body)}},
		}
	}
	return all
}

// TestFacts looks at what a person would look at: who did what, where and when.
func TestFacts(t *testing.T) {
	srv := httptest.NewServer(newFake(4))
	defer srv.Close()
	v := live(t).Values(srv.URL)
	v["reactions"] = "true"
	f := connectortest.Collect(t, gitea.Spec(), v, srv.Client(), "", 0)
	var lines []string
	for i := range f.Activities {
		a := &f.Activities[i]
		lines = append(lines, strings.Join([]string{a.OccurredAt.Format("15:04"), a.Kind.String(), f.Identities[a.Author].Handle, a.Thread, a.Title}, " "))
	}
	want := []string{
		"09:01 issue person2 7#1 Issue 1", "09:02 issue person3 7#2 Issue 2", "09:33 reaction person4 7#2 ", "09:03 issue person4 7#3 Issue 3",
		"09:04 issue person5 7#4 Issue 4", "10:04 close person3 7#4 Issue 4",
		"09:03 pull_request person4 7#100000001 Repair it", "09:40 review person4 7#100000001 approved",
		"19:46 comment person5 7#100000001 ", "10:30 merge person3 7#100000001 Repair it", "09:03 pull_request person5 7#100000002 Repair it",
		"09:51 release person2  v1", "09:55 fork person2  person2/site",
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("activities (-want +got):\n%s", diff)
	}
	if !f.Identities["2"].Staff || f.Identities["3"].Staff {
		t.Error("the members of the team's organization are not the staff")
	}
	if got := f.LeftOut["reviews that are not handed in"]; got != 1 {
		t.Errorf("%d reviews are left out as not handed in, want 1", got)
	}
}

// TestSame checks that what comes by webhook is what the next read says, so that nothing is stored twice or goes back and
// forth.
func TestSame(t *testing.T) {
	srv := httptest.NewServer(newFake(10))
	defer srv.Close()
	values := live(t).Values(srv.URL)
	read := map[string]connector.Activity{}
	f := connectortest.Collect(t, gitea.Spec(), values, srv.Client(), "", 0)
	for i := range f.Activities {
		read[f.Activities[i].ExternalID] = f.Activities[i]
	}
	src, err := gitea.New(connectortest.LiveEnv(t), values)
	if err != nil {
		t.Fatal(err)
	}
	got := 0
	for i, d := range pushes(t) {
		if strings.Contains(string(d.Body), "edited") || d.Header.Get("X-Gitea-Event") == "issue_comment" { // what the fake's API does not have
			continue
		}
		sink := connector.NewSink(t.Context(), 0, func(_ context.Context, b *connector.Batch) error {
			for j := range b.Activities {
				a := b.Activities[j]
				a.Raw = 0
				if diff := cmp.Diff(read[a.ExternalID], a); !a.Deleted && diff != "" {
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
	if got < 10 {
		t.Errorf("%d activities came by webhook, want 10 or more", got)
	}
}

func FuzzReceive(f *testing.F) {
	for _, d := range pushes(f) {
		f.Add(d.Header.Get("X-Gitea-Event"), d.Body)
	}
	srv := httptest.NewServer(newFake(8))
	f.Cleanup(srv.Close)
	f.Fuzz(func(t *testing.T, event string, body []byte) {
		src, err := gitea.New(connectortest.LiveEnv(t), live(t).Values(srv.URL))
		if err != nil {
			t.Fatal(err)
		}
		sink := connector.NewSink(t.Context(), 0, func(context.Context, *connector.Batch) error { return nil })
		d := connector.Delivery{Header: http.Header{"X-Gitea-Event": {event}}, Body: body, ReceivedAt: at(1)}
		_ = src.(connector.Receiver).Receive(t.Context(), &d, sink) //nolint:errcheck // the compiler has checked it
	})
}

// TestTestConnection says who the token is and what it lacks.
func TestTestConnection(t *testing.T) {
	h := newFake(3)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/issues") {
			http.Error(w, `{"message":"token does not have at least one of required scope(s): [read:issue]"}`, http.StatusForbidden)
			return
		}
		h.ServeHTTP(w, r)
	}))
	defer srv.Close()
	src, err := gitea.New(connectortest.LiveEnv(t), live(t).Values(srv.URL))
	if err != nil {
		t.Fatal(err)
	}
	check, err := src.(connector.Tester).Test(t.Context()) //nolint:errcheck // the compiler has checked it
	if err != nil {
		t.Fatal(err)
	}
	if check.Account != "greenroom" || len(check.Missing) != 1 || check.Missing[0].Name != "read:issue" || !check.Missing[0].Must {
		t.Errorf("the test says %+v, want account greenroom and read:issue missing", check)
	}
}

// TestSurvey compares the server's own counts.
func TestSurvey(t *testing.T) {
	srv := httptest.NewServer(newFake(8))
	defer srv.Close()
	src, err := gitea.New(connectortest.LiveEnv(t), live(t).Values(srv.URL))
	if err != nil {
		t.Fatal(err)
	}
	v, err := src.(connector.Surveyor).Survey(t.Context()) //nolint:errcheck // the compiler has checked it
	if err != nil {
		t.Fatal(err)
	}
	if len(v.Places) != 1 || !v.Places[0].Covered || len(v.Counts) != 5 || v.Counts[0].Platform != 1 {
		t.Errorf("the survey says %+v", v)
	}
}
