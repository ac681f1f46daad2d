// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package bluesky_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom/connector"
	"greenroom/connector/bluesky"
	"greenroom/connector/connectortest"
)

// These tests hold what the AT Protocol's published lexicons and the source of Bluesky's AppView say. Above all this stands
// tools/blueskycheck, which reads a network of Bluesky's own servers on this machine; what it found stands here, too.

// parameters are those of the methods' lexicons; a number is the most that is allowed, of a list how many entries.
func parameters(method string) map[string]int {
	return map[string]map[string]int{
		"app.bsky.actor.getProfile":               {"actor": 0},
		"app.bsky.feed.getAuthorFeed":             {"actor": 0, "limit": 100, "cursor": 0, "filter": 0, "includePins": 0},
		"app.bsky.feed.searchPosts":               {"q": 0, "sort": 0, "since": 0, "until": 0, "mentions": 0, "author": 0, "lang": 0, "domain": 0, "url": 0, "tag": 0, "limit": 100, "cursor": 0},
		"app.bsky.feed.getPostThread":             {"uri": 0, "depth": 1000, "parentHeight": 1000},
		"app.bsky.feed.getPosts":                  {"uris": 25},
		"app.bsky.notification.listNotifications": {"reasons": 0, "limit": 100, "priority": 0, "cursor": 0},
	}[method]
}

// refused answers 400 to what a lexicon does not allow.
func refused(w http.ResponseWriter, r *http.Request) bool {
	known := parameters(strings.TrimPrefix(r.URL.Path, "/xrpc/"))
	for name, values := range r.URL.Query() {
		most, ok := known[name]
		n, err := strconv.Atoi(values[0])
		least := map[string]int{"limit": 1}[name]
		switch {
		case !ok, most > 0 && name == "uris" && len(values) > most, most > 0 && name != "uris" && (err != nil || n > most || n < least),
			name == "filter" && !slices.Contains([]string{"posts_with_replies", "posts_no_replies", "posts_with_media", "posts_and_author_threads", "posts_with_video"}, values[0]),
			name == "sort" && values[0] != "top" && values[0] != "latest":
			http.Error(w, fmt.Sprintf(`{"error":"InvalidRequest","message":"Error: %s must not be %s"}`, name, values[0]), http.StatusBadRequest)
			return true
		}
	}
	return false
}

// network is an AppView that shows the account what stands in it.
type network struct {
	posts   map[string]object
	walled  map[string]bool // posts of those who block the account, or whom it blocks
	feed    []string
	found   []string
	notices []object
	asked   map[string]int
}

func (n *network) add(p object) { n.posts[p["uri"].(string)] = p } //nolint:errcheck,forcetypeassert // post's

func notice(reason, who, uri string, of object, at time.Time) object {
	o := object{"uri": uri, "author": profile(who), "reason": reason, "record": object{}, "indexedAt": at.Format(time.RFC3339)}
	if of != nil {
		o["record"] = of["record"]
	}
	return o
}

// thread is a post with what is below it: what is gone or blocked cuts off what is below.
func (n *network) thread(uri string) object {
	if n.walled[uri] {
		return object{"$type": "app.bsky.feed.defs#blockedPost", "uri": uri, "blocked": true, "author": object{"did": strings.Split(uri, "/")[2]}}
	}
	replies := []object{}
	for _, below := range slices.Sorted(maps.Keys(n.posts)) {
		if reply, ok := n.posts[below]["record"].(object)["reply"].(object); ok && reply["parent"].(object)["uri"] == uri { //nolint:errcheck,forcetypeassert // post's
			replies = append(replies, n.thread(below))
		}
	}
	return object{"$type": "app.bsky.feed.defs#threadViewPost", "post": n.posts[uri], "replies": replies}
}

func (n *network) some(uris []string) []object {
	all := []object{}
	for _, u := range uris {
		if p, ok := n.posts[u]; ok && !n.walled[u] {
			all = append(all, p)
		}
	}
	return all
}

func (n *network) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	method := strings.TrimPrefix(r.URL.Path, "/xrpc/")
	n.asked[method+" "+q.Get("uri")]++
	switch {
	case method == "com.atproto.server.createSession":
		give(w, object{"accessJwt": "a", "refreshJwt": "r", "handle": "acme.example", "did": me})
	case refused(w, r):
	case method == "app.bsky.feed.getAuthorFeed":
		feed := []object{}
		for _, p := range n.some(n.feed) {
			feed = append(feed, object{"post": p})
		}
		give(w, object{"feed": feed})
	case method == "app.bsky.feed.searchPosts":
		give(w, object{"posts": n.some(n.found)})
	case method == "app.bsky.feed.getPosts":
		give(w, object{"posts": n.some(q["uris"])})
	case method == "app.bsky.notification.listNotifications":
		notices := n.notices
		if q.Get("priority") != "false" { // the account wants to hear of those alone whom it follows
			notices = nil
		}
		give(w, object{"notifications": notices})
	case method == "app.bsky.feed.getPostThread" && n.posts[q.Get("uri")] != nil:
		give(w, object{"thread": n.thread(q.Get("uri"))})
	default:
		http.Error(w, `{"error":"NotFound","message":"Post not found"}`, http.StatusBadRequest)
	}
}

// open is a network with a reader of it, which goes on from where the last read came to.
func open(t *testing.T) (*network, func() *connectortest.Facts) {
	t.Helper()
	n := &network{posts: map[string]object{}, walled: map[string]bool{}, asked: map[string]int{}}
	srv := httptest.NewServer(n)
	t.Cleanup(srv.Close)
	var from connector.Cursor
	return n, func() *connectortest.Facts {
		t.Helper()
		clear(n.asked)
		f := connectortest.Collect(t, bluesky.Spec(), live().Values(srv.URL), srv.Client(), from, 0)
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
		line := a.Kind.String() + " " + a.ExternalID[strings.LastIndexByte(a.ExternalID, '/')+1:]
		if a.Deleted {
			line = "deleted" + line[strings.IndexByte(line, ' '):]
		}
		all = append(all, line)
	}
	slices.Sort(all)
	return slices.Compact(all) // what is told twice is kept once
}

func hours(h int) time.Time { return connectortest.Now().Add(-time.Duration(h) * time.Hour) }

// TestBelowBlocked brings in posts that concern the account below one that is gone, and below one whose author blocks it:
// the conversation as it is shown from its first post, or from what is above, ends there.
func TestBelowBlocked(t *testing.T) {
	n, read := open(t)
	walled, gone, middle := uri("did:plc:mal", "3w"), uri("did:plc:ben", "3g"), uri("did:plc:ben", "3m")
	own := uri(me, "3o")
	n.add(post("did:plc:mal", "3w", "I do not like them", hours(9), "", "", 1))
	n.walled[walled] = true
	n.add(post(me, "3o", "Ask us", hours(9), "", "", 0))
	n.feed = []string{own}
	for _, p := range []object{
		post("did:plc:eva", "3x", "But @acme is nice", hours(8), walled, walled, 1),
		post("did:plc:eva", "3y", "@acme should see this", hours(7), gone, gone, 0),
		post("did:plc:eva", "3z", "And @acme?", hours(6), own, middle, 0), // below a post that was deleted
	} {
		n.add(p)
		n.notices = append(n.notices, notice("mention", "did:plc:eva", p["uri"].(string), p, hours(6))) //nolint:errcheck,forcetypeassert // post's
	}
	n.add(post("did:plc:ana", "3xx", "It is", hours(5), walled, uri("did:plc:eva", "3x"), 0))
	if d := cmp.Diff([]string{"announcement 3o", "reply 3x", "reply 3xx", "reply 3y", "reply 3z"}, told(read())); d != "" {
		t.Errorf("told (-want +got):\n%s", d)
	}
}

// TestOnce asks for a conversation once, however many of its posts concern the account.
func TestOnce(t *testing.T) {
	n, read := open(t)
	q := uri("did:plc:ben", "3q")
	n.add(post("did:plc:ben", "3q", "Which?", hours(90*24), "", "", 30))
	for i := range 30 {
		p := post("did:plc:ana", "3r"+strconv.Itoa(i), "@acme", hours(89*24), q, q, 0)
		n.add(p)
		n.notices = append(n.notices, notice("mention", "did:plc:ana", p["uri"].(string), p, hours(89*24))) //nolint:errcheck,forcetypeassert // post's
	}
	f := read()
	requests := 0
	for what, times := range n.asked {
		if strings.HasPrefix(what, "app.bsky.feed.getPostThread") {
			requests += times
		}
	}
	if len(f.Activities) != 31 || requests != 1 {
		t.Errorf("%d activities by %d requests for conversations, want 31 by 1", len(f.Activities), requests)
	}
}

// TestLate takes in a like whose author's clock is behind: notifications are ordered by what it says.
func TestLate(t *testing.T) {
	n, read := open(t)
	n.notices = []object{notice("follow", "did:plc:ana", "at://did:plc:ana/app.bsky.graph.follow/1", nil, hours(200))}
	read()
	n.notices = append([]object{notice("follow", "did:plc:eva", "at://did:plc:eva/app.bsky.graph.follow/2", nil, hours(20))}, n.notices...)
	if d := cmp.Diff([]string{"follow 2"}, told(read())); d != "" {
		t.Errorf("the next read tells (-want +got):\n%s", d)
	}
}

// TestBlockedLater keeps posts of somebody whom the account blocks: lists leave them out as if they were deleted.
func TestBlockedLater(t *testing.T) {
	n, read := open(t)
	for _, key := range []string{"3a", "3b"} {
		n.add(post("did:plc:eva", key, "I like acme", hours(5), "", "", 0))
		n.found = append(n.found, uri("did:plc:eva", key))
	}
	read()
	n.walled[uri("did:plc:eva", "3a")] = true
	delete(n.posts, uri("did:plc:eva", "3b"))
	if d := cmp.Diff([]string{"deleted 3b"}, told(read())); d != "" {
		t.Errorf("the next read tells (-want +got):\n%s", d)
	}
}

// TestGrown finds an answer to an answer in a conversation that a search has found, though neither names what is searched
// for, and tells it in the channel of that search.
func TestGrown(t *testing.T) {
	n, read := open(t)
	q, a := uri("did:plc:ben", "3q"), uri("did:plc:ana", "3r")
	n.add(post("did:plc:ben", "3q", "acme or not?", hours(5), "", "", 1))
	n.add(post("did:plc:ana", "3r", "Yes", hours(4), q, q, 0))
	n.found = []string{q}
	read()
	n.add(post("did:plc:ana", "3r", "Yes", hours(4), q, q, 1))
	n.add(post("did:plc:eva", "3s", "Of course", hours(3), q, a, 0))
	f := read()
	if d := cmp.Diff([]string{"message 3q", "reply 3r", "reply 3s"}, told(f)); d != "" {
		t.Errorf("the next read tells (-want +got):\n%s", d)
	}
	for i := range f.Activities {
		if f.Activities[i].Channel != "search:acme" {
			t.Errorf("%s is in %s", f.Activities[i].ExternalID, f.Activities[i].Channel)
		}
	}
	if f := read(); len(f.Activities) != 0 {
		t.Errorf("and the one after it %v", told(f))
	}
}

// TestMedia reads what stands beside the text in each of the embeds that app.bsky.feed.post has.
func TestMedia(t *testing.T) {
	link := object{"uri": "https://acme.example/r", "title": "Release"}
	quoted := object{"record": object{"uri": "at://did:plc:ben/app.bsky.feed.post/3q"}}
	for name, c := range map[string]struct {
		text  string
		embed object
		want  string // title|body
	}{
		"external":             {"Out now", object{"external": link}, "Release|Out now\nhttps://acme.example/r"},
		"images":               {"", object{"images": []object{{"alt": "A cat"}, {"alt": "A dog"}}}, "|A cat\nA dog"},
		"gallery":              {"", object{"items": []object{{"alt": "A cat"}, {"alt": ""}}}, "|A cat"},
		"video":                {"", object{"video": object{}, "alt": "A cat walks"}, "|A cat walks"},
		"record":               {"See", object{"record": object{"uri": "at://x"}}, "|See"},
		"recordWithMedia":      {"See", object{"record": quoted, "media": object{"external": link}}, "Release|See\nhttps://acme.example/r"},
		"recordWithMedia alts": {"", object{"record": quoted, "media": object{"images": []object{{"alt": "A cat"}}}}, "|A cat"},
	} {
		n, read := open(t)
		p := post(me, "3a", c.text, hours(5), "", "", 0)
		p["record"].(object)["embed"] = c.embed //nolint:errcheck,forcetypeassert // post's
		n.add(p)
		n.feed = []string{uri(me, "3a")}
		if f := read(); len(f.Activities) != 1 || f.Activities[0].Title+"|"+f.Activities[0].Body != c.want {
			t.Errorf("%s: %+v", name, f.Activities)
		}
	}
}
