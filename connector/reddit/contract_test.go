// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package reddit_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"greenroom/connector"
	"greenroom/connector/connectortest"
	"greenroom/connector/reddit"
)

// These tests hold what Reddit's published source (github.com/reddit-archive/reddit) and its official client for Python
// (PRAW) say of the API, in parts that the server of fake_test.go does not have by itself.

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

// TestNoSubreddit asks for a subreddit that is not there: Reddit redirects to its search for subreddits, which has some
// (reddit_base.py, set_subreddit). None of these are posts.
func TestNoSubreddit(t *testing.T) {
	address := serve(t, 5, func(w http.ResponseWriter, r *http.Request) bool {
		switch r.URL.Path {
		case "/r/acne/new", "/r/acne/comments", "/r/acne/about":
			http.Redirect(w, r, "/subreddits/search?q=acne", http.StatusFound)
		case "/subreddits/search":
			give(w, object{"kind": "Listing", "data": object{"after": nil, "children": []object{thing("t5", "other", 1.5e9, "", object{"title": "Another subreddit", "display_name": "other"})}}})
		default:
			return false
		}
		return true
	})
	values := live().Values(address)
	values["subreddits"], values["searches"] = "acne", ""
	f := connectortest.Collect(t, reddit.Spec(), values, http.DefaultClient, "", 0)
	if len(f.Activities) != 0 {
		t.Errorf("what came in of a subreddit that is not there is %+v", f.Activities)
	}
	src, err := reddit.New(connectortest.LiveEnv(t), values)
	if err != nil {
		t.Fatal(err)
	}
	check, err := src.(connector.Tester).Test(t.Context()) //nolint:errcheck // the compiler has checked it
	if err != nil || len(check.Missing) != 1 || !check.Missing[0].Must {
		t.Errorf("the test says %+v, %v, want that the subreddit is missing", check, err)
	}
}

// TestLevels reads a thread that leaves out comments of two levels: asked for together, only those that stand higher would
// come (models/builder.py, ChildrenCommentOrderer).
func TestLevels(t *testing.T) {
	h := newFake(30)
	h.(*fake).each = 30 //nolint:errcheck,forcetypeassert // newFake's
	together := false
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/comments/p0" && !r.URL.Query().Has("comment") {
			f := h.(*fake) //nolint:errcheck // newFake's
			give(w, []object{
				{"kind": "Listing", "data": object{"children": []object{f.post(0)}}},
				{"kind": "Listing", "data": object{"children": []object{
					under(f.comment(0, 5), f.more("c0x6", "t1_c0x5", 1, "c0x6")), f.more("c0x7", "t3_p0", 0, "c0x7", "c0x8"), under(f.comment(0, 11), f.more("c0x12", "t1_c0x11", 1, "c0x12")),
				}}},
			})
			return
		}
		if ids := r.URL.Query().Get("children"); strings.Contains(ids, "c0x6") && strings.Contains(ids, "c0x12") {
			together = true
		}
		h.ServeHTTP(w, r)
	}))
	defer srv.Close()
	values := live().Values(srv.URL)
	values["searches"] = ""
	f := connectortest.Collect(t, reddit.Spec(), values, http.DefaultClient, "", 0)
	var got []string
	for i := range f.Activities {
		got = append(got, f.Activities[i].ExternalID)
	}
	slices.Sort(got)
	want := []string{"t1_c0x11", "t1_c0x12", "t1_c0x5", "t1_c0x6", "t1_c0x7", "t1_c0x8", "t1_c0x9", "t3_p0"}
	if d := cmp.Diff(want, got); d != "" || !together {
		t.Errorf("what stands equally deep was asked for together: %v; activities (-want +got):\n%s", together, d)
	}
}

// TestVanished removes the last post of a page while the next is about to be asked for: after it Reddit shows nothing
// (models/builder.py, IDBuilder._get_after).
func TestVanished(t *testing.T) {
	h := newFake(25).(*fake) //nolint:errcheck,forcetypeassert // newFake's
	empty := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		after := r.URL.Query().Get("after")
		if r.URL.Path == "/r/acme/new" && strings.HasPrefix(after, "t3_") {
			if len(h.removed) == 0 {
				h.removed[after] = true
			}
			if h.removed[after] {
				empty++
			}
		}
		h.ServeHTTP(w, r)
	}))
	defer srv.Close()
	values := live().Values(srv.URL)
	values["searches"] = ""
	f := connectortest.Collect(t, reddit.Spec(), values, http.DefaultClient, "", 0)
	if kinds := f.Kinds(); kinds["message"] != 5 || kinds["reply"] != 25 || empty != 1 || len(f.Activities) != 30 {
		t.Errorf("%d pages were empty, and what came in is %v in %d, want all 5 posts with 25 comments, once", empty, kinds, len(f.Activities))
	}
}

// TestDeleted removes a post, which leaves the lists, and a comment that nobody answered, which leaves its thread
// (models/builder.py, CommentBuilder.keep_item): asked for by their names (/api/info), both say so.
func TestDeleted(t *testing.T) {
	h := newFake(25).(*fake) //nolint:errcheck,forcetypeassert // newFake's
	srv := httptest.NewServer(h)
	defer srv.Close()
	values := live().Values(srv.URL)
	values["searches"] = ""
	read := func(from connector.Cursor) (deleted []string, last connector.Cursor) {
		f := connectortest.Collect(t, reddit.Spec(), values, http.DefaultClient, from, 0)
		for i := range f.Activities {
			if a := &f.Activities[i]; a.Deleted {
				deleted = append(deleted, a.ExternalID)
			}
		}
		slices.Sort(deleted)
		return slices.Compact(deleted), f.Cursors[len(f.Cursors)-1]
	}
	_, cursor := read("")
	if len(h.infos) != 0 {
		t.Errorf("the first read asked for %v by name", h.infos)
	}
	h.removed["t3_p3"], h.removed["t1_c4x5"] = true, true
	deleted, cursor := read(cursor)
	if d := cmp.Diff([]string{"t1_c4x5", "t3_p3"}, deleted); d != "" {
		t.Errorf("deleted (-want +got):\n%s", d)
	}
	h.infos = nil
	deleted, _ = read(cursor)
	if len(deleted) != 0 || slices.Contains(h.infos, "t3_p3") || slices.Contains(h.infos, "t1_c4x5") {
		t.Errorf("what is known as deleted is told again: %v, asked for %v", deleted, h.infos)
	}
}

// TestProfilesRefused asks once for profiles where Reddit does not show them: what an app without a user may ask of
// /api/user_data_by_account_ids is documented nowhere.
func TestProfilesRefused(t *testing.T) {
	asked := 0
	address := serve(t, 25, func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/api/user_data_by_account_ids" {
			return false
		}
		asked++
		http.Error(w, `{"message":"Forbidden","error":403}`, http.StatusForbidden)
		return true
	})
	f := connectortest.Collect(t, reddit.Spec(), live().Values(address), http.DefaultClient, "", 0)
	if asked != 1 || len(f.Activities) != 32 {
		t.Errorf("profiles were asked for %d times, and %d activities came in, want once and 32", asked, len(f.Activities))
	}
}

// TestGap warns where more was written since the last read than Reddit shows: its lists hold 1,000 (r/redditdev/wiki/api/faq).
func TestGap(t *testing.T) {
	busy := false
	address := serve(t, 5, func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/r/acme/comments" || !busy {
			return false
		}
		var all []object
		for i := range 100 {
			all = append(all, thing("t1", "b"+strconv.Itoa(i), float64(connectortest.Now().Unix()+60), "Person1", object{"body": "Hi", "link_id": "t3_p0", "parent_id": "t3_p0", "replies": ""}))
		}
		after := any("t1_b99")
		if r.URL.Query().Has("after") {
			after = nil
		}
		give(w, object{"kind": "Listing", "data": object{"children": all, "after": after}})
		return true
	})
	warnings := func(from connector.Cursor) map[string]int64 {
		env := connectortest.LiveEnv(t)
		src, err := reddit.New(env, live().Values(address))
		if err != nil {
			t.Fatal(err)
		}
		sink := connector.NewSink(t.Context(), 0, func(context.Context, *connector.Batch) error { return nil })
		if err := src.Read(t.Context(), from, sink); err != nil {
			t.Fatal(err)
		}
		return env.Meter.Metered().Warnings
	}
	f := connectortest.Collect(t, reddit.Spec(), live().Values(address), http.DefaultClient, "", 0)
	cursor := f.Cursors[len(f.Cursors)-1]
	if all := warnings(cursor); len(all) != 0 {
		t.Errorf("with nothing new it warns of %v", all)
	}
	busy = true
	if all := warnings(cursor); len(all) != 1 {
		t.Errorf("with more than Reddit shows it warns of %v", all)
	}
}
