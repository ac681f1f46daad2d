// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package gitea_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"greenroom/connector"
	"greenroom/connector/connectortest"
	"greenroom/connector/gitea"
	"greenroom/connector/internal/signature"
)

// These tests hold what Gitea 1.21 to 1.26 and Forgejo 7 to 11 were seen to do, and what their source says of it, in parts
// that the server of fake_test.go does not have.

// serve answers as the fake does, but first asks other, which reports whether it has answered.
func serve(t *testing.T, n int, other func(w http.ResponseWriter, r *http.Request) bool) string {
	t.Helper()
	h := newFake(n)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !other(w, r) {
			h.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(srv.Close)
	return srv.URL
}

const site = "/api/v1/repos/acme/site"

// TestEmptyPages reads a pull request with 17 remarks on lines. The server (ListIssueCommentsAndTimeline) cuts the timeline
// into pages with the remarks and then leaves them out, so that the second and the third page of five are empty.
func TestEmptyPages(t *testing.T) {
	const most, remarks = 5, 17
	address := serve(t, 1, func(w http.ResponseWriter, r *http.Request) bool {
		switch r.URL.Path {
		case "/api/v1/settings/api":
			give(w, object{"max_response_items": most, "default_paging_num": most})
		case site + "/issues/100000001/timeline":
			rows := make([]object, remarks, remarks+1) // nil: a remark
			rows = append(rows, object{"id": 900, "type": "close", "user": user(2), "created_at": at(60)})
			rows[0] = object{"id": 899, "type": "pull_push", "user": user(2), "created_at": at(10)}
			page := max(1, atoi(r.URL.Query().Get("page")))
			var shown []object // null where there is none, as the server has it
			for _, row := range rows[min(len(rows), (page-1)*most):min(len(rows), page*most)] {
				if row != nil {
					shown = append(shown, row)
				}
			}
			w.Header().Set("X-Total-Count", strconv.Itoa(len(shown)))
			give(w, shown)
		case site + "/pulls/100000001/reviews":
			list(w, r, 1, func(i int) object {
				o := review(i)
				o["comments_count"] = remarks - 1
				return o
			})
		case site + "/pulls":
			list(w, r, 1, func(int) object {
				o := pull(100_000_001, true)
				o["merged"], o["merged_by"] = false, nil
				return o
			})
		default:
			return false
		}
		return true
	})
	f := connectortest.Collect(t, gitea.Spec(), connector.Values{"address": address, "repositories": "acme"}, http.DefaultClient, "", 0)
	for i := range f.Activities {
		if a := &f.Activities[i]; a.Kind.String() == "close" && (a.ExternalID != "event/900" || a.Author != "3") {
			t.Errorf("the pull request was closed by %q (%s), want account 3, as the last entry of the timeline says", a.Author, a.ExternalID)
		}
	}
	if f.Kinds()["close"] != 1 {
		t.Errorf("%v, want one closing", f.Kinds())
	}
}

func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}

// TestHiddenRepositories lists an owner's repositories, of which the first page holds none that the token may see: the
// server (listUserRepos) takes them out of the page and links to the next.
func TestHiddenRepositories(t *testing.T) {
	address := serve(t, 3, func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/api/v1/users/acme/repos" {
			return false
		}
		page := atoi(r.URL.Query().Get("page"))
		w.Header().Set("X-Total-Count", "101")
		if page == 3 {
			w.Header().Set("Link", fmt.Sprintf(`<http://%s/api/v1/users/acme/repos?page=2>; rel="prev"`, r.Host))
			give(w, []object{(&fake{}).repo()})
			return true
		}
		w.Header().Set("Link", fmt.Sprintf(`<http://%s/api/v1/users/acme/repos?page=%d>; rel="next"`, r.Host, page+1))
		give(w, []object{})
		return true
	})
	src, err := gitea.New(connectortest.LiveEnv(t), connector.Values{"address": address, "repositories": "acme"})
	if err != nil {
		t.Fatal(err)
	}
	check, err := src.(connector.Tester).Test(t.Context()) //nolint:errcheck // the compiler has checked it
	if err != nil || slices.ContainsFunc(check.Missing, func(m connector.Missing) bool { return m.Name == "repositories" }) {
		t.Errorf("%+v, %v; want the repository of the third page found", check, err)
	}
}

// TestShownLater connects with a token that may not read issues, and gives it that permission later: all issues come in.
func TestShownLater(t *testing.T) {
	refuse := true
	address := serve(t, 3, func(w http.ResponseWriter, r *http.Request) bool {
		if refuse && r.URL.Path == site+"/issues" {
			http.Error(w, `{"message":"token does not have at least one of required scope(s), required=[read:issue]"}`, http.StatusForbidden)
			return true
		}
		return false
	})
	v := connector.Values{"address": address, "repositories": "acme"}
	f := connectortest.Collect(t, gitea.Spec(), v, http.DefaultClient, "", 0)
	if f.Kinds()["issue"] != 0 || f.LeftOut["lists that the token may not see: issues"] != 1 {
		t.Fatalf("%v, left out %v", f.Kinds(), f.LeftOut)
	}
	refuse = false
	if f = connectortest.Collect(t, gitea.Spec(), v, http.DefaultClient, f.Cursors[len(f.Cursors)-1], 0); f.Kinds()["issue"] != 3 {
		t.Errorf("%v after the token may see issues, want 3 of them", f.Kinds())
	}
}

// TestDeliveries gives the connector deliveries as real servers send them.
func TestDeliveries(t *testing.T) {
	address := serve(t, 5, func(w http.ResponseWriter, r *http.Request) bool {
		switch r.URL.Path {
		case site + "/issues/comments/288", site + "/issues/comments/7000": // a review's text, and a remark
			w.WriteHeader(http.StatusNoContent)
		case site + "/issues/comments/5001":
			give(w, comment(1))
		default:
			return false
		}
		return true
	})
	repo := (&fake{}).repo()
	onPull := func(number int) object {
		c := comment(100_000_001)
		delete(c, "issue_url")
		c["id"], c["pull_request_url"] = number, "https://git.example.org/acme/site/pulls/100000001"
		return object{"action": "edited", "is_pull": true, "issue": object{"id": 9, "number": 100_000_001}, "comment": c, "repository": repo}
	}
	other := object{"id": 8, "full_name": "elsewhere/secret", "owner": object{"id": 91, "login": "elsewhere"}}
	for name, c := range map[string]struct {
		header, event string
		body          object
		want          []string
		left          string
	}{
		"a review's text is edited, which comes as a comment": {event: "issue_comment", body: onPull(288), want: []string{"comment/7000 in review/1", "review/1 in pull/100009001"}},
		"a remark on a line is edited":                        {event: "issue_comment", body: onPull(7000), want: []string{"comment/7000 in review/1", "review/1 in pull/100009001"}},
		"a comment on a pull request is edited":               {event: "issue_comment", body: onPull(5001), want: []string{"comment/5001 in "}},
		"a repository that is not chosen":                     {event: "issues", body: object{"action": "opened", "issue": (&fake{}).issue(1), "repository": other}, left: "events of repositories that are not chosen"},
		"a fork without the new repository":                   {event: "fork", body: object{"forkee": repo}, left: "event fork without a repository"},
		"under Forgejo's own header":                          {header: "X-Forgejo-Event", event: "issues", body: object{"action": "deleted", "issue": (&fake{}).issue(1), "repository": repo}, want: []string{"issue/1001 in "}},
	} {
		t.Run(name, func(t *testing.T) {
			body, err := json.Marshal(c.body)
			if err != nil {
				t.Fatal(err)
			}
			src, err := gitea.New(connectortest.LiveEnv(t), connector.Values{"address": address, "repositories": "acme", "webhook-secret": secret})
			if err != nil {
				t.Fatal(err)
			}
			event := "X-Gitea-Event"
			if c.header != "" {
				event = c.header
			}
			got, left := []string{}, map[string]int64{}
			sink := connector.NewSink(t.Context(), 0, func(_ context.Context, b *connector.Batch) error {
				for i := range b.Activities {
					if a := &b.Activities[i]; a.Kind.String() == "comment" || a.Kind.String() == "review" || a.Deleted {
						got = append(got, a.ExternalID+" in "+a.ReplyTo)
					}
				}
				for what, n := range b.LeftOut {
					left[what] += n
				}
				return nil
			})
			d := connector.Delivery{Method: http.MethodPost, ReceivedAt: at(200), Body: body, Header: http.Header{event: {c.event}, "X-Forgejo-Signature": {signature.Hex256(secret, body)}}}
			if err := src.(connector.Receiver).Receive(t.Context(), &d, sink); err != nil { //nolint:errcheck // the compiler has checked it
				t.Fatal(err)
			}
			if err := sink.Flush(); err != nil {
				t.Fatal(err)
			}
			slices.Sort(got)
			if diff := cmp.Diff(strings.Join(c.want, ", "), strings.Join(got, ", ")); diff != "" || c.left != "" && left[c.left] != 1 {
				t.Errorf("left out %v, want %q; activities (-want +got):\n%s", left, c.left, diff)
			}
		})
	}
}

// TestNobody holds that automation is no deleted person, and that a hidden address says nothing whatever its domain.
func TestNobody(t *testing.T) {
	address := serve(t, 2, func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != site+"/issues" {
			return false
		}
		list(w, r, 2, func(i int) object {
			o := (&fake{}).issue(i)
			o["user"] = object{"id": -i, "login": []string{"Ghost", "forgejo-actions"}[i-1], "email": "somebody@users.noreply.example.org"}
			return o
		})
		return true
	})
	f := connectortest.Collect(t, gitea.Spec(), connector.Values{"address": address, "repositories": "acme"}, http.DefaultClient, "", 0)
	if ghost, bot := f.Identities["-1"], f.Identities["-2"]; !ghost.Deleted || ghost.Bot || !bot.Bot || bot.Deleted || len(bot.Emails) > 0 {
		t.Errorf("%+v and %+v", ghost, bot)
	}
}

// TestGone deletes issues of which Forgejo pushes nothing: among the newest ones the next read sees what is missing in the row
// of numbers, once, and takes nothing for deleted where issues or pull requests are turned off or not shown.
func TestGone(t *testing.T) {
	f := &fake{n: 12, edited: map[int]string{}, gone: map[int]bool{5: true}}
	srv := httptest.NewServer(f)
	defer srv.Close()
	values := live(t).Values(srv.URL)
	var cursor connector.Cursor
	read := func(what string, want ...string) {
		t.Helper()
		next := connectortest.Collect(t, gitea.Spec(), values, srv.Client(), cursor, 0)
		cursor = next.Cursors[len(next.Cursors)-1]
		var got []string
		for _, c := range next.Conversations {
			if c.Deleted {
				got = append(got, c.Thread)
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s: taken away are %v, want %v", what, got, want)
		}
	}
	read("at first") // what was gone before was never here
	read("unchanged")
	f.gone[7], f.gone[12] = true, true
	read("two were deleted, the newest among them", "7#12", "7#7")
	read("told already")
	f.gone[8], f.pullsOff = true, http.StatusForbidden
	read("pull requests are not shown")
	f.pullsOff = 0
	read("they are shown again", "7#8")
	for i := range 40 {
		f.gone[i] = i%3 == 0
	}
	f.n = 40
	read("many more, of which some of the last page were deleted", "7#27", "7#30", "7#33", "7#36", "7#39")
}
