// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package gitlab_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/connectortest"
	"greenroom/connector/gitlab"
)

// desk is a project with issues by number, of which each has as many comments as it says, newest first as the list of what
// is to be looked at again is asked for.
type desk struct {
	issues map[int]int
	asked  []string // the issues that were asked for one by one
}

func (d *desk) one(i int) object {
	f := &fake{n: 100}
	o := f.issue(i)
	o["state"], o["user_notes_count"], o["updated_at"], o["confidential"] = "opened", d.issues[i], at(i+20), false
	return o
}

func (d *desk) serve(w http.ResponseWriter, r *http.Request) bool {
	rest, ours := strings.CutPrefix(r.URL.Path, project+"/issues")
	w.Header().Set("Date", day0.AddDate(0, 1, 0).Format(http.TimeFormat))
	switch number, part, _ := strings.Cut(strings.TrimPrefix(rest, "/"), "/"); {
	case !ours:
		return false
	case rest == "":
		var all []object
		for _, i := range slices.Backward(slices.Sorted(maps.Keys(d.issues))) {
			all = append(all, d.one(i))
		}
		if r.URL.Query().Get("sort") == "asc" {
			slices.Reverse(all)
		}
		list(w, r, all)
	case part == "discussions":
		var all []object
		for n := range d.issues[atoi(number)] {
			all = append(all, object{"id": number, "notes": []object{note(100*atoi(number)+n, 1, nil)}})
		}
		list(w, r, all)
	case part != "":
		list(w, r, nil)
	default:
		d.asked = append(d.asked, number)
		if _, there := d.issues[atoi(number)]; !there {
			http.Error(w, `{"message":"404 Not found"}`, http.StatusNotFound)
		} else {
			give(w, d.one(atoi(number)))
		}
	}
	return true
}

func atoi(s string) (n int) {
	for _, c := range s {
		n = 10*n + int(c-'0')
	}
	return n
}

// TestGone deletes issues and comments between two reads. GitLab tells of none of that: what is missing among the newest is
// asked for, once, and where there are fewer comments they are listed anew.
func TestGone(t *testing.T) {
	d := &desk{issues: map[int]int{1: 0, 2: 3, 4: 2, 5: 0}} // the third was deleted before
	address, _ := serve(t, 1, d.serve)
	first := connectortest.Collect(t, gitlab.Spec(), values(address), http.DefaultClient, "", 0)
	told := func(f *connectortest.Facts) (gone []string, listed map[string][]string) {
		listed = map[string][]string{}
		for i := range f.Conversations {
			switch c := &f.Conversations[i]; {
			case c.Deleted && c.Thread == "":
				gone = append(gone, c.URL)
			case c.Deleted:
				gone = append(gone, c.Thread)
			case c.Listed != nil:
				if diff := cmp.Diff([]greenroom.Kind{greenroom.KindComment}, c.Listed.Kinds); diff != "" {
					t.Errorf("kinds of the list (-want +got):\n%s", diff)
				}
				listed[c.Thread] = c.Listed.IDs
				if want := day0.AddDate(0, 1, 0).Add(-10 * time.Second); !c.Listed.At.Equal(want) {
					t.Errorf("%s is listed as of %s, want %s, by the server's clock and shortly before it answered", c.Thread, c.Listed.At, want)
				}
			}
		}
		return gone, listed
	}
	gone, listed := told(first)
	want := map[string][]string{
		"issue/1001": nil, "issue/1002": {"note/200", "note/201", "note/202"}, "issue/1004": {"note/400", "note/401"}, "issue/1005": nil, "merge_request/9001": {"note/8005"},
	}
	if diff := cmp.Diff(want, listed); diff != "" || len(gone) != 0 || len(d.asked) != 0 {
		t.Errorf("the first read says that %v are deleted, asks for %v and lists (-want +got):\n%s", gone, d.asked, diff)
	}
	delete(d.issues, 1)
	d.issues[2], d.issues[7] = 1, 0 // two comments less; the sixth came and went without a read
	again := func(from connector.Cursor) *connectortest.Facts {
		return connectortest.Collect(t, gitlab.Spec(), values(address), http.DefaultClient, from, 0)
	}
	second := again(first.Cursors[len(first.Cursors)-1])
	gone, listed = told(second)
	if diff := cmp.Diff([]string{"issue/1001", site + "/acme/web/site/-/issues/6"}, gone); diff != "" {
		t.Errorf("deleted (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"note/200"}, listed["issue/1002"]); diff != "" {
		t.Errorf("comments of the second issue (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"1", "6"}, d.asked); diff != "" {
		t.Errorf("asked for (-want +got):\n%s", diff)
	}
	d.asked = nil
	if gone, _ = told(again(second.Cursors[len(second.Cursors)-1])); len(gone) != 0 || len(d.asked) != 0 {
		t.Errorf("the third read says that %v are deleted and asks for %v", gone, d.asked)
	}
}

// TestGoneOlder leaves alone what newer issues have pushed off the page that is looked at.
func TestGoneOlder(t *testing.T) {
	d := &desk{issues: map[int]int{}}
	for i := range 12 { // the fake's page holds ten
		d.issues[i+1] = 0
	}
	address, _ := serve(t, 1, d.serve)
	first := connectortest.Collect(t, gitlab.Spec(), values(address), http.DefaultClient, "", 0)
	delete(d.issues, 1) // too old to be noticed
	delete(d.issues, 11)
	d.issues[13], d.issues[14] = 0, 0
	next := connectortest.Collect(t, gitlab.Spec(), values(address), http.DefaultClient, first.Cursors[len(first.Cursors)-1], 0)
	var gone []string
	for i := range next.Conversations {
		if next.Conversations[i].Deleted {
			gone = append(gone, next.Conversations[i].Thread)
		}
	}
	if diff := cmp.Diff([]string{"issue/1011"}, gone); diff != "" || !slices.Equal(d.asked, []string{"11"}) {
		t.Errorf("asked for %v; deleted (-want +got):\n%s", d.asked, diff)
	}
}

// TestOldServer reads a server as GitLab was before 12.2, 11.10 to be exact: it takes access tokens in its own header alone,
// knows no users in GraphQL, has no list of those who starred a project, no histories of states and no approvals.
func TestOldServer(t *testing.T) {
	refuse := func(w http.ResponseWriter, code int, text string) bool {
		http.Error(w, text, code)
		return true
	}
	address, asked := serve(t, 8, func(w http.ResponseWriter, r *http.Request) bool {
		switch path := r.URL.Path; {
		case r.Header.Get("PRIVATE-TOKEN") != "t":
			return refuse(w, http.StatusUnauthorized, `{"message":"401 Unauthorized"}`)
		case path == "/api/graphql":
			give(w, object{"errors": []object{{"message": "Field 'users' doesn't exist on type 'Query'"}}})
			return true
		case strings.HasPrefix(path, "/api/v4/users/"):
			i := atoi(strings.TrimPrefix(path, "/api/v4/users/"))
			if i == 4 {
				return refuse(w, http.StatusNotFound, `{"message":"404 User Not Found"}`)
			}
			u := user(i - 1)
			maps.Copy(u, object{"public_email": fmt.Sprintf("person%d@example.org", i), "created_at": at(1), "organization": "Acme", "linkedin": "", "twitter": "", "location": nil, "bio": nil})
			give(w, u)
			return true
		case path == project+"/starrers", strings.HasSuffix(path, "/resource_state_events"), strings.HasSuffix(path, "/approvals"):
			return refuse(w, http.StatusNotFound, `{"error":"404 Not Found"}`)
		}
		return false
	})
	env := connectortest.LiveEnv(t)
	src, err := gitlab.New(env, values(address))
	if err != nil {
		t.Fatal(err)
	}
	f := connectortest.Collect(t, connector.Spec{Kind: "gitlab", New: func(connector.Env, connector.Values) (connector.Source, error) { return src, nil }}, values(address), http.DefaultClient, "", 0)
	if k := f.Kinds(); k["issue"] != 7 || k["pull_request"] != 2 || k["star"] != 0 || k["close"] != 2 {
		t.Errorf("kinds %v", k)
	}
	who := f.Identities["1"]
	if who.Company != "Acme" || who.JoinedAt.IsZero() || len(who.Emails) != 1 || !who.Emails[0].Verified || who.Handle != "person1" || who.ProfileURL == "" {
		t.Errorf("a profile is %+v", who)
	}
	if n := asked.count("/graphql"); n != 1 {
		t.Errorf("GraphQL was asked %d times, want once", n)
	}
	if n := asked.count("/users/1"); n != 1 {
		t.Errorf("a profile was asked for %d times, want once", n)
	}
	if got := slices.Sorted(maps.Keys(env.Meter.Metered().Warnings)); !slices.Equal(got, []string{"GitLab does not show the stars of projects; newer versions do."}) {
		t.Errorf("warnings %q", got)
	}
}

// TestTokens sends access tokens as every server takes them, and those of applications as OAuth has it.
func TestTokens(t *testing.T) {
	for token, want := range map[string]string{
		"glpat-x": " / glpat-x", strings.Repeat("0a", 32): "Bearer " + strings.Repeat("0a", 32) + " / ",
	} {
		var got string
		address, _ := serve(t, 1, func(_ http.ResponseWriter, r *http.Request) bool {
			got = r.Header.Get("Authorization") + " / " + r.Header.Get("PRIVATE-TOKEN")
			return false
		})
		v := values(address)
		v["token"] = token
		connectortest.Collect(t, gitlab.Spec(), v, http.DefaultClient, "", 0)
		if got != want {
			t.Errorf("%s goes as %q, want %q", token, got, want)
		}
	}
}
