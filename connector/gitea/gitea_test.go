// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package gitea_test

import (
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

func live(t testing.TB) connectortest.Live {
	return connectortest.Live{
		Spec:  gitea.Spec(),
		Serve: newFake,
		Values: func(url string) connector.Values {
			return connector.Values{"address": url, "repositories": "acme", "token": "t", "staff-org": "team", "webhook-secret": secret}
		},
		Activities: 25 + 6 + 5 + 2 + 1 + 1 + 1 + 1,                                   // issues, closed, comments, pull requests, merge, review, release, fork
		Change:     func(h http.Handler) { h.(*fake).edited[3] = "Issue 3, edited" }, //nolint:forcetypeassert // newFake's
		Changed: func(t *testing.T, next *connectortest.Facts) {
			for i := range next.Activities {
				if a := &next.Activities[i]; a.Kind == greenroom.KindIssue && (a.ExternalID != "issue/1003" || a.Title != "Issue 3, edited") {
					t.Errorf("the next read tells of %q %q, want the edited issue alone", a.ExternalID, a.Title)
				}
			}
			if next.Kinds()["issue"] != 1 || next.Kinds()["comment"] != 0 {
				t.Errorf("the next read brings %v, want one issue and no comment", next.Kinds())
			}
		},
		Pushes: pushes(t),
	}
}

func TestLive(t *testing.T) { connectortest.RunLive(t, live(t)) }

func BenchmarkRead(b *testing.B) { connectortest.BenchmarkLive(b, live(b)) }

// pushes are deliveries as Gitea makes them: an issue is opened, edited, commented on and closed; the comment is deleted.
func pushes(t testing.TB) []connector.Delivery {
	f := &fake{n: 10, edited: map[int]string{}}
	repo := f.repo()
	edited := f.issue(2)
	edited["title"], edited["updated_at"] = "Issue 2, edited", at(70)
	closed := f.issue(2)
	closed["title"], closed["state"], closed["closed_at"], closed["updated_at"] = "Issue 2, edited", "closed", at(80), at(80)
	bodies := []struct {
		event string
		body  object
	}{
		{"issues", object{"action": "opened", "issue": f.issue(2), "repository": repo}},
		{"issue_comment", object{"action": "created", "issue": f.issue(2), "comment": comment(2), "repository": repo}},
		{"issues", object{"action": "edited", "issue": edited, "repository": repo}},
		{"issues", object{"action": "closed", "issue": closed, "repository": repo}},
		{"issue_comment", object{"action": "deleted", "issue": closed, "comment": comment(2), "repository": repo}},
		{"pull_request", object{"action": "closed", "pull_request": pull(4, true), "repository": repo}},
		{"fork", object{"forkee": repo, "repository": object{"id": 71, "full_name": "person2/site", "html_url": "https://git.example.org/person2/site", "owner": user(1), "created_at": at(55)}}},
		{"push", object{"repository": repo}},
	}
	all := make([]connector.Delivery, len(bodies))
	for i, b := range bodies {
		body, err := json.Marshal(b.body)
		if err != nil {
			t.Fatal(err)
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
	f := connectortest.Collect(t, gitea.Spec(), live(t).Values(srv.URL), srv.Client(), "", 0)
	var lines []string
	for i := range f.Activities {
		a := &f.Activities[i]
		lines = append(lines, strings.Join([]string{a.OccurredAt.Format("15:04"), a.Kind.String(), f.Identities[a.Author].Handle, a.Thread, a.Title}, " "))
	}
	want := []string{
		"09:01 issue person2 7#1 Issue 1", "09:02 issue person3 7#2 Issue 2", "09:03 issue person4 7#3 Issue 3", "09:04 issue person5 7#4 Issue 4",
		"10:04 close  7#4 Issue 4",
		"09:03 pull_request " + f.Identities[f.Activities[5].Author].Handle + " 7#100000001 Repair it", "10:30 merge person3 7#100000001 Repair it",
		"09:40 review person4 7#100000001 approved", "09:03 pull_request " + f.Identities[f.Activities[8].Author].Handle + " 7#100000002 Repair it",
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
	check, err := src.(connector.Tester).Test(t.Context()) //nolint:forcetypeassert // the compiler has checked it
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
	v, err := src.(connector.Surveyor).Survey(t.Context()) //nolint:forcetypeassert // the compiler has checked it
	if err != nil {
		t.Fatal(err)
	}
	if len(v.Places) != 1 || !v.Places[0].Covered || len(v.Counts) != 5 || v.Counts[0].Platform != 1 {
		t.Errorf("the survey says %+v", v)
	}
}
