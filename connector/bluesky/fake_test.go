// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package bluesky_test

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"greenroom/connector/connectortest"
)

type object = map[string]any

const me = "did:plc:acme"

// fake is Bluesky with the account acme.example: it has two posts, of which one is answered twice, was mentioned in a
// conversation that others began, liked, reposted and followed; and n posts are found by a search.
type fake struct {
	n       int
	mu      sync.Mutex
	changed bool
	token   int // of the session that is good
	opened  int
}

func newFake(n int) http.Handler { return &fake{n: n, token: 1} }

func (f *fake) at(i int) time.Time {
	return connectortest.Now().Add(-time.Hour - time.Duration(f.n-i)*4*time.Minute)
}

func profile(did string) object {
	handle := strings.TrimPrefix(did, "did:plc:") + ".bsky.social"
	if did == me {
		handle = "acme.example"
	}
	return object{"did": did, "handle": handle, "displayName": "The " + did[8:], "createdAt": "2023-05-01T00:00:00.000Z"}
}

func uri(did, key string) string { return "at://" + did + "/app.bsky.feed.post/" + key }

func post(did, key, text string, at time.Time, root, parent string, replies int) object {
	record := object{"$type": "app.bsky.feed.post", "text": text, "createdAt": at.Format(time.RFC3339)}
	if root != "" {
		record["reply"] = object{"root": object{"uri": root}, "parent": object{"uri": parent}}
	}
	if i := strings.Index(text, "@acme"); i >= 0 {
		record["facets"] = []object{{"index": object{"byteStart": i, "byteEnd": i + 5}, "features": []object{{"$type": "app.bsky.richtext.facet#mention", "did": me}}}}
	}
	return object{"uri": uri(did, key), "author": profile(did), "record": record, "replyCount": replies, "likeCount": 3, "indexedAt": at.Add(time.Second).Format(time.RFC3339)}
}

func (f *fake) found(i int) object {
	return post("did:plc:p"+strconv.Itoa(i%7), "5k"+strconv.Itoa(1_000_000+i), "I like acme "+strconv.Itoa(i), f.at(i), "", "", 0)
}

// talk are the posts in conversations, by address.
func (f *fake) talk() map[string]object {
	at := func(m int) time.Time { return connectortest.Now().Add(-20*time.Hour + time.Duration(m)*time.Minute) }
	a, q := uri(me, "3a"), uri("did:plc:ben", "3q")
	all := map[string]object{}
	for _, p := range []object{
		post(me, "3a", "Ask us anything", at(0), "", "", 2), post("did:plc:ana", "3b", "@acme when?", at(1), a, a, 1), post(me, "3c", "Soon", at(2), a, uri("did:plc:ana", "3b"), 0),
		post(me, "3d", "Release day", at(3), "", "", 0), post("did:plc:ben", "3q", "Which database?", at(4), "", "", 1), post("did:plc:ana", "3r", "Try @acme", at(5), q, q, 0),
	} {
		all[p["uri"].(string)] = p //nolint:errcheck,forcetypeassert // made above
	}
	if f.changed {
		delete(all, uri(me, "3d"))
	}
	return all
}

func (f *fake) tree(of string) object {
	all := f.talk()
	p, ok := all[of]
	if !ok {
		return object{"uri": of, "notFound": true}
	}
	replies := []object{}
	for _, key := range []string{uri("did:plc:ana", "3b"), uri(me, "3c"), uri("did:plc:ana", "3r")} {
		if r, ok := all[key]["record"].(object)["reply"].(object); ok && r["parent"].(object)["uri"] == of { //nolint:errcheck,forcetypeassert // made above
			replies = append(replies, f.tree(key))
		}
	}
	return object{"post": p, "replies": replies}
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	q := r.URL.Query()
	method := strings.TrimPrefix(r.URL.Path, "/xrpc/")
	session := func() {
		give(w, object{"accessJwt": "a" + strconv.Itoa(f.token), "refreshJwt": "r" + strconv.Itoa(f.token), "handle": "acme.example", "did": me})
	}
	switch method {
	case "com.atproto.server.createSession":
		f.opened++
		session()
		return
	case "com.atproto.server.refreshSession":
		if r.Header.Get("Authorization") == "Bearer r"+strconv.Itoa(f.token-1) {
			session()
			return
		}
	}
	if r.Header.Get("Authorization") != "Bearer a"+strconv.Itoa(f.token) {
		expired(w, r)
		return
	}
	if refused(w, r) {
		return
	}
	all := f.talk()
	switch method {
	case "app.bsky.feed.getAuthorFeed":
		var feed []object
		for _, key := range []string{"3d", "3c", "3a"} {
			if p, ok := all[uri(me, key)]; ok {
				feed = append(feed, object{"post": p})
			}
		}
		f.list(w, r, "feed", len(feed), func(i int) object { return feed[i] })
	case "app.bsky.notification.listNotifications":
		notice := func(who, reason, key string) object {
			o := object{"uri": "at://did:plc:" + who + "/app.bsky.graph." + reason + "/1", "author": profile("did:plc:" + who), "reason": reason, "record": object{}, "indexedAt": connectortest.Now().Add(-19 * time.Hour)}
			if p, ok := all[uri("did:plc:"+who, key)]; ok {
				o["uri"], o["record"] = p["uri"], p["record"]
			} else if key != "" {
				o["reasonSubject"] = uri(me, key)
			}
			return o
		}
		notices := []object{notice("eva", "follow", ""), notice("ana", "mention", "3r"), notice("ben", "repost", "3a"), notice("eva", "like", "3a"), notice("ana", "reply", "3b"), notice("eva", "starterpack-joined", "")}
		f.list(w, r, "notifications", len(notices), func(i int) object { return notices[i] })
	case "app.bsky.feed.searchPosts":
		f.list(w, r, "posts", f.n, func(i int) object {
			if f.changed && f.n-i == 5 {
				return f.found(6)
			}
			return f.found(f.n - i)
		})
	case "app.bsky.feed.getPostThread":
		if _, ok := all[q.Get("uri")]; !ok {
			http.Error(w, `{"error":"NotFound","message":"Post not found: `+q.Get("uri")+`"}`, http.StatusBadRequest)
			return
		}
		give(w, object{"thread": f.tree(q.Get("uri"))})
	case "app.bsky.feed.getPosts":
		var posts []object
		for _, u := range q["uris"] {
			p, ok := all[u]
			if n, err := strconv.Atoi(u[strings.LastIndex(u, "/")+3:]); err == nil && strings.Contains(u, "/5k") && (!f.changed || n != 1_000_005) {
				p, ok = f.found(n-1_000_000), true
			}
			if ok {
				posts = append(posts, p)
			}
		}
		give(w, object{"posts": posts})
	case "app.bsky.actor.getProfile":
		p := profile(me)
		p["followersCount"], p["postsCount"] = 9, 3
		give(w, p)
	default:
		http.Error(w, `{"error":"MethodNotImplemented","message":"no such method"}`, http.StatusNotImplemented)
	}
}

func expired(w http.ResponseWriter, _ *http.Request) {
	http.Error(w, `{"error":"ExpiredToken","message":"Token has expired"}`, http.StatusBadRequest)
}

// list gives a page, ten entries at most unless there are many.
func (f *fake) list(w http.ResponseWriter, r *http.Request, name string, n int, make func(int) object) {
	size := 100
	if f.n < 1000 {
		size = 4
	}
	skip, _ := strconv.Atoi(r.URL.Query().Get("cursor"))
	items := []object{}
	for i := skip; i < min(n, skip+size); i++ {
		items = append(items, make(i))
	}
	o := object{name: items}
	if skip+size < n {
		o["cursor"] = strconv.Itoa(skip + size)
	}
	give(w, o)
}

func give(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}
