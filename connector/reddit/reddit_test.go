// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package reddit_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/connectortest"
	"greenroom/connector/reddit"
)

func live() connectortest.Live {
	return connectortest.Live{
		Spec:  reddit.Spec(),
		Serve: newFake,
		Values: func(url string) connector.Values {
			return connector.Values{
				"client-id": "id", "client-secret": "s", "username": "ana", "subreddits": "r/acme", "searches": "acme", "team": "Person1", "since": "all", "api": url, "sign-in": url,
			}
		},
		Activities: 5 + 25 + 2,
		Change:     func(h http.Handler) { h.(*fake).changed = true }, //nolint:errcheck,forcetypeassert // newFake's
		Changed: func(t *testing.T, next *connectortest.Facts) {
			t.Helper()
			edited, deleted := false, false
			for i := range next.Activities {
				a := &next.Activities[i]
				edited = edited || a.ExternalID == "t1_c4x1" && a.Body == "Edited" && !a.EditedAt.IsZero()
				deleted = deleted || a.ExternalID == "t1_c4x2" && a.Deleted
			}
			if !edited || !deleted {
				t.Errorf("edited %v, deleted %v among %+v", edited, deleted, next.Activities)
			}
		},
	}
}

func TestLive(t *testing.T) { connectortest.RunLive(t, live()) }

func BenchmarkRead(b *testing.B) { connectortest.BenchmarkLive(b, live()) }

// TestFacts looks at what a person would look at.
func TestFacts(t *testing.T) {
	srv := httptest.NewServer(newFake(5))
	defer srv.Close()
	f := connectortest.Collect(t, reddit.Spec(), live().Values(srv.URL), srv.Client(), "", 0)
	var lines []string
	for i := range f.Activities {
		a := &f.Activities[i]
		lines = append(lines, strings.Join([]string{a.ExternalID, a.Kind.String(), a.Author, a.Thread, a.ReplyTo, a.Title + a.Body}, " "))
	}
	want := []string{
		"t3_p0 message person0 t3_p0  How do I do thing 0?u/Ana said to ask here",
		"t1_c0x1 reply person1 t3_p0 t3_p0 Answer 1", "t1_c0x2 reply person2 t3_p0 t3_p0 Answer 2", "t1_c0x4 reply person4 t3_p0 t3_p0 Answer 4",
		"t1_c0x5 reply person5 t3_p0 t3_p0 Answer 5", "t1_c0x3 reply person3 t3_p0 t1_c0x2 Answer 3",
		"t3_s0 message other t3_s0  Acme?https://acme.example", "t3_s1 message other t3_s1  Acme?https://acme.example",
	}
	if d := cmp.Diff(want, lines); d != "" {
		t.Errorf("activities (-want +got):\n%s", d)
	}
	if who := f.Identities["person1"]; !who.Staff || who.AvatarURL != "https://styles.example/t2_Person1.png" || who.JoinedAt.IsZero() {
		t.Errorf("one of the team is %+v", who)
	}
	if d := cmp.Diff([]string{"ana"}, f.Activities[0].Mentions); d != "" {
		t.Errorf("mentions: %s", d)
	}
}

// TestToken gets another token when the one it has is refused, and says so when the app is.
func TestToken(t *testing.T) {
	f := newFake(5)
	srv := httptest.NewServer(f)
	defer srv.Close()
	src, err := reddit.New(connectortest.LiveEnv(t), live().Values(srv.URL))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		check, err := src.(connector.Tester).Test(t.Context()) //nolint:errcheck,forcetypeassert // the compiler has checked it
		if err != nil || check.Account != "app id of u/ana" || len(check.Missing) != 0 {
			t.Errorf("the test says %+v, %v", check, err)
		}
		f.(*fake).expired = true //nolint:errcheck,forcetypeassert // newFake's
	}
	v, err := src.(connector.Surveyor).Survey(t.Context()) //nolint:errcheck,forcetypeassert // the compiler has checked it
	if err != nil || v.Places[0].Members != 1234 || v.Cost == "" {
		t.Errorf("the survey says %+v, %v", v, err)
	}
	values := live().Values(srv.URL)
	values["client-secret"] = "wrong"
	if src, err = reddit.New(connectortest.LiveEnv(t), values); err != nil {
		t.Fatal(err)
	}
	if _, err := src.(connector.Tester).Test(t.Context()); greenroom.ErrorCode(err) != greenroom.CodeUnauthorized { //nolint:errcheck,forcetypeassert // the compiler has checked it
		t.Errorf("a wrong secret gives %v", err)
	}
}

// TestClosed warns of a subreddit that the app may not see and reads the others.
func TestClosed(t *testing.T) {
	srv := httptest.NewServer(newFake(5))
	defer srv.Close()
	values := live().Values(srv.URL)
	values["subreddits"] = "secret, acme"
	f := connectortest.Collect(t, reddit.Spec(), values, srv.Client(), "", 0)
	if len(f.Activities) != 8 {
		t.Errorf("%d activities came in", len(f.Activities))
	}
}

// TestRecordings reads what Reddit answered to another client.
func TestRecordings(t *testing.T) {
	dir := filepath.Join(connectortest.Recordings(t), "reddit", "praw-cassettes")
	for _, c := range []struct {
		file, path string
		kinds      map[string]int
		threads    string
	}{
		{"TestSubredditListings.test_new.json", "/r/askreddit/new", map[string]int{"message": 100}, "no"},
		{"TestSubredditListings.test_comments.json", "/r/askreddit/comments", map[string]int{"reply": 100}, "no"},
		{"TestSubreddit.test_search.json", "/search", map[string]int{"message": 6}, "no"},
		{"TestSubmission.test_comments.json", "/comments/2gmzqe", map[string]int{"message": 1, "reply": 2}, "yes"},
	} {
		answer := recorded(t, filepath.Join(dir, c.file))
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch {
			case r.URL.Path == "/api/v1/access_token":
				give(w, object{"access_token": "t"})
			case r.URL.Query().Has("after"):
				give(w, object{"data": object{"children": []object{}}})
			case r.URL.Path == "/r/askreddit/new" && c.threads == "yes": // the post stands in its thread
				var both []json.RawMessage
				if err := json.Unmarshal(answer, &both); err != nil {
					t.Error(err)
				}
				_, _ = w.Write(both[0])
			case r.URL.Path == c.path:
				_, _ = w.Write(answer)
			default:
				give(w, object{"data": object{"children": []object{}}})
			}
		}))
		values := live().Values(srv.URL)
		values["subreddits"], values["threads"], values["profiles"] = "askreddit", c.threads, "no"
		f := connectortest.Collect(t, reddit.Spec(), values, srv.Client(), "", 0)
		if d := cmp.Diff(c.kinds, f.Kinds()); d != "" || len(f.Rejects) > 0 {
			t.Errorf("%s: kinds (-want +got):\n%s\nrejects %+v", c.file, d, f.Rejects)
		}
		srv.Close()
	}
}

// recorded is the last answer of a recording.
func recorded(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Skip("the recording is not here: ", err)
	}
	var c struct {
		Interactions []struct {
			Response struct {
				Body struct {
					String string `json:"string"`
				} `json:"body"`
			} `json:"response"`
		} `json:"interactions"`
	}
	if err := json.Unmarshal(text, &c); err != nil {
		t.Fatal(err)
	}
	return []byte(c.Interactions[len(c.Interactions)-1].Response.Body.String)
}
