// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package mastodon_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/connectortest"
	"greenroom/connector/mastodon"
)

// These tests hold what Mastodon's published documentation and source say of its API, and where GoToSocial's, Pleroma's and
// Akkoma's sources differ.

// parameters are those that Mastodon documents for the paths that are asked, each with the most that it may be or hold.
func parameters(path string) map[string]int {
	ids := map[string]int{"max_id": 0, "since_id": 0, "min_id": 0, "limit": 40}
	with := func(more map[string]int) map[string]int {
		maps.Copy(ids, more)
		return ids
	}
	switch {
	case path == "notifications":
		return with(map[string]int{"limit": 80, "types[]": 0, "exclude_types[]": 0, "account_id": 0, "include_filtered": 0})
	case path == "statuses":
		return map[string]int{"id[]": 20, "ids[]": 20} // the second is Akkoma's, and Mastodon passes over it
	case strings.HasPrefix(path, "accounts/") && strings.HasSuffix(path, "/statuses"):
		return with(map[string]int{"only_media": 0, "exclude_replies": 0, "exclude_reblogs": 0, "pinned": 0, "tagged": 0})
	case strings.HasPrefix(path, "timelines/tag/"):
		return with(map[string]int{"any[]": 0, "all[]": 0, "none[]": 0, "local": 0, "remote": 0, "only_media": 0})
	}
	return nil
}

// refused answers 422 to what is not documented.
func refused(w http.ResponseWriter, r *http.Request) bool {
	path := strings.TrimPrefix(r.URL.Path, "/api/v1/")
	known := parameters(path)
	types := []string{"mention", "status", "reblog", "follow", "follow_request", "favourite", "poll", "update", "quote", "quoted_update"} //nolint:misspell // Mastodon spells it so
	for name, values := range r.URL.Query() {
		most, ok := known[name]
		n, err := strconv.Atoi(values[0])
		bad := !ok || strings.HasSuffix(name, "[]") && most > 0 && len(values) > most
		switch name {
		case "limit":
			bad = bad || err != nil || n < 1 || n > most
		case "max_id", "since_id", "min_id":
			bad = bad || err != nil
		case "types[]":
			bad = bad || slices.ContainsFunc(values, func(v string) bool { return !slices.Contains(types, v) })
		}
		if bad {
			http.Error(w, `{"error":"Validation failed: `+name+`"}`, http.StatusUnprocessableEntity)
			return true
		}
	}
	return false
}

// server is one with the account of fake_test.go, that shows what stands in it.
type server struct {
	posts    map[string]object
	own, tag []string // in the order of the lists
	notices  []object
	muted    map[string]bool // left out of lists, but shown when asked for
	size     int             // of a page; 0 = whole lists
	links    bool            // pages are filled before what is muted is taken out, and name the next one
	most     int             // descendants of a context; 0 = all
	lists    int             // status with which lists of posts by their ids are refused; 0 = they are given
	shut     int             // status that strangers get
	deaf     bool            // the token lacks read:notifications
	access   object          // that the server says that it gives to hashtags
}

func (s *server) add(o object) string {
	id := o["id"].(string) //nolint:errcheck,forcetypeassert // status's
	s.posts[id] = o
	return id
}

func (s *server) shown(ids []string) []object {
	all := []object{}
	for _, id := range ids {
		if o, ok := s.posts[id]; ok && !s.muted[id] {
			all = append(all, o)
		}
	}
	return all
}

func (s *server) page(w http.ResponseWriter, r *http.Request, ids []string) {
	if below := r.URL.Query().Get("max_id"); below != "" {
		ids = ids[slices.Index(ids, below)+1:]
	}
	if s.size > 0 && len(ids) > s.size {
		ids = ids[:s.size]
	}
	if s.links && len(ids) > 0 {
		w.Header().Set("Link", `<https://social.example`+r.URL.Path+`?limit=40&max_id=`+ids[len(ids)-1]+`>; rel="next"`)
	}
	give(w, s.shown(ids))
}

func (s *server) above(id string) (ids []string) {
	for to, ok := s.posts[id]["in_reply_to_id"].(string); ok; to, ok = s.posts[to]["in_reply_to_id"].(string) {
		ids = append([]string{to}, ids...)
	}
	return ids
}

func (s *server) below(id string) (ids []string) {
	for _, other := range slices.Sorted(maps.Keys(s.posts)) {
		if slices.Contains(s.above(other), id) {
			ids = append(ids, other)
		}
	}
	if s.most > 0 && len(ids) > s.most {
		ids = ids[:s.most]
	}
	return ids
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimPrefix(r.URL.Path, "/api/v1/")
	id, more, _ := strings.Cut(strings.TrimPrefix(path, "statuses/"), "/")
	switch {
	case refused(w, r):
	case s.shut != 0:
		http.Error(w, `{"error":"This method requires an authenticated user"}`, s.shut)
	case path == "accounts/verify_credentials":
		give(w, account(1))
	case path == "accounts/1/statuses":
		s.page(w, r, s.own)
	case path == "timelines/tag/acme":
		s.page(w, r, s.tag)
	case path == "/api/v2/instance" && s.access != nil:
		give(w, object{"configuration": object{"timelines_access": object{"hashtag_feeds": s.access}}})
	case path == "notifications" && s.deaf:
		http.Error(w, `{"error":"This action is outside the authorized scopes"}`, http.StatusForbidden)
	case path == "notifications":
		since := r.URL.Query().Get("since_id")
		give(w, slices.DeleteFunc(slices.Clone(s.notices), func(o object) bool {
			return o["id"].(string) <= since || r.URL.Query().Has("max_id") || !slices.Contains(r.URL.Query()["types[]"], o["type"].(string)) //nolint:errcheck,forcetypeassert // of these tests
		}))
	case path == "statuses" && s.lists != 0:
		http.Error(w, `{"error":"405 method not allowed"}`, s.lists)
	case path == "statuses":
		give(w, s.shown(r.URL.Query()["id[]"]))
	case strings.HasPrefix(path, "statuses/") && s.posts[id] != nil && more == "context":
		give(w, object{"ancestors": s.shown(s.above(id)), "descendants": s.shown(s.below(id))})
	case strings.HasPrefix(path, "statuses/") && s.posts[id] != nil:
		give(w, s.posts[id])
	default:
		http.Error(w, `{"error":"Record not found"}`, http.StatusNotFound)
	}
}

// open is a server with a reader of it, which goes on from where the last read came to.
func open(t *testing.T, more connector.Values) (*server, func() *connectortest.Facts) {
	t.Helper()
	s := &server{posts: map[string]object{}, muted: map[string]bool{}}
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	v := live().Values(srv.URL)
	maps.Copy(v, more)
	var from connector.Cursor
	return s, func() *connectortest.Facts {
		t.Helper()
		f := connectortest.Collect(t, mastodon.Spec(), v, srv.Client(), from, 0)
		from = f.Cursors[len(f.Cursors)-1]
		if len(f.Rejects) > 0 {
			t.Errorf("rejected: %v", f.Rejects)
		}
		return f
	}
}

func told(f *connectortest.Facts) (all []string) {
	for i := range f.Activities {
		a := &f.Activities[i]
		line := a.Kind.String() + " " + a.ExternalID
		if a.Deleted {
			line = "deleted " + a.ExternalID
		}
		all = append(all, line)
	}
	slices.Sort(all)
	return all
}

func hours(h int) time.Time { return connectortest.Now().Add(-time.Duration(h) * time.Hour) }

func notice(id, kind string, who int, on object) object {
	o := object{"id": id, "type": kind, "created_at": hours(3), "account": account(who)}
	if on != nil {
		o["status"] = on
	}
	return o
}

// TestNoticesBegin reads an account that has no notification yet, and then its first: what follows is asked for by an id,
// and never by the time at which nothing was there.
func TestNoticesBegin(t *testing.T) {
	s, read := open(t, nil)
	read()
	for i, want := range [][]string{{"follow follow:2"}, {"follow follow:3"}, nil} {
		if i < 2 {
			s.notices = append([]object{notice(strconv.Itoa(30+i), "follow", 2+i, nil)}, s.notices...)
		}
		if d := cmp.Diff(want, told(read())); d != "" {
			t.Errorf("read %d (-want +got):\n%s", i+2, d)
		}
	}
}

// TestQuoted brings in posts that quote the account's: Mastodon 4.5 tells of them by a type of their own.
func TestQuoted(t *testing.T) {
	s, read := open(t, nil)
	s.notices = []object{notice("30", "quote", 2, s.posts[s.add(status("300", 2, hours(3), "They are right", "", 0))])}
	if d := cmp.Diff([]string{"message 300"}, told(read())); d != "" {
		t.Errorf("told (-want +got):\n%s", d)
	}
}

// TestOldAmongNew goes on behind a post of last year at the head of a hashtag: Mastodon gives posts that it takes from the
// collection of an account that it has met, and Pleroma all posts, the place of the time at which they came.
func TestOldAmongNew(t *testing.T) {
	s, read := open(t, connector.Values{"since": "90d"})
	for i := range 5 {
		at := hours(i + 3)
		if i == 0 || i == 2 {
			at = hours(24 * 400)
		}
		s.tag = append(s.tag, s.add(status(strconv.Itoa(509-i), 4, at, "I like #acme", "", 0)))
	}
	s.size = 2
	if d := cmp.Diff([]string{"message 505", "message 506", "message 508"}, told(read())); d != "" {
		t.Errorf("told (-want +got):\n%s", d)
	}
}

// TestEmptyPage goes on behind a page of which a server has taken everything out, as GoToSocial does with what is muted.
func TestEmptyPage(t *testing.T) {
	s, read := open(t, nil)
	s.links, s.size = true, 2
	for i := range 5 {
		id := s.add(status(strconv.Itoa(509-i), 4, hours(i+3), "I like #acme", "", 0))
		s.tag = append(s.tag, id)
		s.muted[id] = i == 2 || i == 3
	}
	if d := cmp.Diff([]string{"message 505", "message 508", "message 509"}, told(read())); d != "" {
		t.Errorf("told (-want +got):\n%s", d)
	}
}

// TestMutedLater keeps posts of somebody whom the account mutes: lists leave them out as if they were deleted.
func TestMutedLater(t *testing.T) {
	s, read := open(t, nil)
	s.tag = []string{s.add(status("502", 4, hours(3), "I like #acme", "", 0)), s.add(status("501", 4, hours(4), "I like #acme", "", 0))}
	read()
	s.muted["501"] = true
	delete(s.posts, "502")
	if d := cmp.Diff([]string{"deleted 502"}, told(read())); d != "" {
		t.Errorf("the next read tells (-want +got):\n%s", d)
	}
}

// TestGrown finds an answer to an answer in a thread that a hashtag has found, though neither has the hashtag nor mentions
// the account, and tells it in the channel of the hashtag.
func TestGrown(t *testing.T) {
	s, read := open(t, nil)
	s.tag = []string{s.add(status("501", 4, hours(5), "#acme or not?", "", 1))}
	s.add(status("502", 5, hours(4), "Yes", "501", 0))
	read()
	s.add(status("502", 5, hours(4), "Yes", "501", 1))
	s.add(status("503", 6, hours(3), "Of course", "502", 0))
	f := read()
	if d := cmp.Diff([]string{"message 501", "reply 502", "reply 503"}, told(f)); d != "" {
		t.Errorf("the next read tells (-want +got):\n%s", d)
	}
	for i := range f.Activities {
		if a := &f.Activities[i]; a.Channel != "#acme" || a.Thread != "501" {
			t.Errorf("%s is in %s, thread %s", a.ExternalID, a.Channel, a.Thread)
		}
	}
	if f := read(); len(f.Activities) != 0 {
		t.Errorf("and the one after it %v", told(f))
	}
}

// TestNoLists reads servers that have no list of posts by their ids: Mastodon before 4.3 answers 404, GoToSocial 405.
// Nothing is taken for deleted, and what is new comes in.
func TestNoLists(t *testing.T) {
	for _, code := range []int{http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusBadRequest} {
		s, read := open(t, nil)
		s.lists = code
		s.tag = []string{s.add(status("501", 4, hours(4), "I like #acme", "", 0))}
		read()
		s.tag = append([]string{s.add(status("502", 4, hours(3), "I like #acme", "", 0))}, s.tag...)
		if d := cmp.Diff([]string{"message 502"}, told(read())); d != "" {
			t.Errorf("%d: the next read tells (-want +got):\n%s", code, d)
		}
	}
}

// TestNames asks for posts by both names that servers have for their ids.
func TestNames(t *testing.T) {
	s, read := open(t, nil)
	s.tag = []string{s.add(status("501", 4, hours(4), "I like #acme", "", 0))}
	asked := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if q := r.URL.Query(); r.URL.Path == "/api/v1/statuses" && slices.Equal(q["id[]"], []string{"501"}) && slices.Equal(q["ids[]"], q["id[]"]) {
			asked++
		}
		s.ServeHTTP(w, r)
	}))
	defer srv.Close()
	first := read()
	connectortest.Collect(t, mastodon.Spec(), live().Values(srv.URL), srv.Client(), first.Cursors[len(first.Cursors)-1], 0)
	if asked != 1 {
		t.Errorf("asked so %d times, want once", asked)
	}
}

// TestBounds brings in a post with the hashtag that lies beyond what a server shows of its conversation: 60 posts to
// strangers, 4,096 to accounts.
func TestBounds(t *testing.T) {
	s, read := open(t, connector.Values{"token": ""})
	s.most = 3
	s.add(status("100", 2, hours(9), "Which database?", "", 9))
	for i := range 9 {
		s.add(status(strconv.Itoa(101+i), 3, hours(8), "Hm", "100", 0))
	}
	s.tag = []string{s.add(status("120", 4, hours(3), "I like #acme", "109", 0)), s.add(status("119", 4, hours(3), "Or #acme", "108", 0))}
	want := []string{"message 100", "reply 101", "reply 102", "reply 103", "reply 108", "reply 109", "reply 119", "reply 120"}
	if d := cmp.Diff(want, told(read())); d != "" {
		t.Errorf("told (-want +got):\n%s", d)
	}
}

// TestStranger says what to do where a server shows nothing to whom it does not know: 401 is documented for hashtags, and
// 422 for what needs an account.
func TestStranger(t *testing.T) {
	for _, code := range []int{http.StatusUnauthorized, http.StatusUnprocessableEntity} {
		srv := httptest.NewServer(&server{shut: code})
		src, err := mastodon.New(connectortest.LiveEnv(t), connector.Values{"address": srv.URL, "hashtags": "acme"})
		if err != nil {
			t.Fatal(err)
		}
		_, err = src.(connector.Tester).Test(t.Context()) //nolint:errcheck,forcetypeassert // the compiler has checked it
		if greenroom.ErrorCode(err) != greenroom.CodeUnauthorized || !strings.Contains(err.Error(), "enter an access token") {
			t.Errorf("%d: the test says %v", code, err)
		}
		srv.Close()
	}
}

// TestDeaf brings in posts with the hashtag that mention the account with the hashtag, where a token without
// read:notifications, which is optional, does not bring them in with the notifications.
func TestDeaf(t *testing.T) {
	s, read := open(t, nil)
	s.deaf = true
	s.tag = []string{s.add(status("501", 4, hours(4), "I like @acme", "", 0))}
	if d := cmp.Diff([]string{"message 501"}, told(read())); d != "" {
		t.Errorf("told (-want +got):\n%s", d)
	}
}

// TestRestrictions says what Mastodon 4.5 keeps out of hashtags, which then come without it and without an error.
func TestRestrictions(t *testing.T) {
	for token, want := range map[string]int{"": 2, "t": 0} {
		srv := httptest.NewServer(&server{posts: map[string]object{}, access: object{"local": "authenticated", "remote": "authenticated"}})
		src, err := mastodon.New(connectortest.LiveEnv(t), connector.Values{"address": srv.URL, "hashtags": "acme", "token": token})
		if err != nil {
			t.Fatal(err)
		}
		check, err := src.(connector.Tester).Test(t.Context()) //nolint:errcheck,forcetypeassert // the compiler has checked it
		if err != nil || len(check.Notes) != want {
			t.Errorf("with the token %q the test says %+v, %v", token, check, err)
		}
		srv.Close()
	}
	srv := httptest.NewServer(&server{posts: map[string]object{}, access: object{"local": "public", "remote": "disabled"}})
	defer srv.Close()
	src, err := mastodon.New(connectortest.LiveEnv(t), connector.Values{"address": srv.URL, "hashtags": "acme", "token": "t"})
	if err != nil {
		t.Fatal(err)
	}
	check, err := src.(connector.Tester).Test(t.Context()) //nolint:errcheck,forcetypeassert // the compiler has checked it
	if err != nil || len(check.Notes) != 1 || !strings.Contains(check.Notes[0], "other servers") {
		t.Errorf("the test says %+v, %v", check, err)
	}
}

// TestTeam knows the server's own people by their names with the server, too.
func TestTeam(t *testing.T) {
	s := &server{posts: map[string]object{}}
	srv := httptest.NewServer(s)
	defer srv.Close()
	o := status("501", 4, hours(4), "I like #acme", "", 0)
	o["account"].(object)["acct"] = "ana" //nolint:errcheck,forcetypeassert // status's
	s.tag = []string{s.add(o)}
	v := live().Values(srv.URL)
	v["team"] = "@Ana@" + strings.TrimPrefix(srv.URL, "http://")
	f := connectortest.Collect(t, mastodon.Spec(), v, srv.Client(), "", 0)
	if !f.Identities["4"].Staff {
		t.Errorf("one of the team is %+v", f.Identities["4"])
	}
}
