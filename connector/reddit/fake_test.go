// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package reddit_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"greenroom/connector/connectortest"
)

type object = map[string]any

// fake is Reddit with the subreddit r/acme, whose posts have n comments in all. Every third comment answers the one
// before; the last fifth of a thread has to be asked for, and so has what is below its second comment.
type fake struct {
	n       int
	each    int // comments of a post
	mu      sync.Mutex
	changed bool
	expired bool // the token that was given out is no longer good
	tokens  int
	removed map[string]bool // things that lists and threads have no longer, by their names
	infos   []string        // names that were asked for by themselves
}

func newFake(n int) http.Handler {
	f := &fake{n: n, each: 5, removed: map[string]bool{}}
	if n > 1000 {
		f.each = 100
	}
	return f
}

func (f *fake) posts() int { return (f.n + f.each - 1) / f.each }

// on is how many comments post p has.
func (f *fake) on(p int) int { return min(f.each, f.n-p*f.each) }

// at is when something about post p happened, the last post an hour ago.
func (f *fake) at(p, minute int) float64 {
	return float64(connectortest.Now().Add(-time.Hour-time.Duration(f.posts()-1-p)*5*time.Hour).Unix() + int64(minute))
}

func thing(kind, id string, at float64, author string, more object) object {
	o := object{
		"id": id, "name": kind + "_" + id, "author": author, "author_fullname": "t2_" + author, "created_utc": at, "edited": false, "subreddit": "acme", "subreddit_id": "t5_acme",
		"distinguished": nil,
	}
	if author == "[deleted]" {
		delete(o, "author_fullname")
	}
	for k, v := range more {
		o[k] = v
	}
	return object{"kind": kind, "data": o}
}

func (f *fake) post(p int) object {
	return thing("t3", "p"+strconv.Itoa(p), f.at(p, 0), "Person"+strconv.Itoa(p%5), object{
		"title": "How do I do thing " + strconv.Itoa(p) + "?", "selftext": "u/Ana said to ask here", "is_self": true, "num_comments": f.on(p),
		"permalink": "/r/acme/comments/p" + strconv.Itoa(p) + "/how/",
	})
}

func (f *fake) comment(p, j int) object {
	id := fmt.Sprintf("c%dx%d", p, j)
	parent := "t3_p" + strconv.Itoa(p)
	if j%3 == 0 {
		parent = fmt.Sprintf("t1_c%dx%d", p, j-1)
	}
	more := object{"body": "Answer " + strconv.Itoa(j), "link_id": "t3_p" + strconv.Itoa(p), "parent_id": parent, "replies": ""}
	author := "Person" + strconv.Itoa((p+j)%7)
	if f.changed && p == f.posts()-1 {
		switch j {
		case 1:
			more["body"], more["edited"] = "Edited", f.at(p, 3000)
		case 2:
			more["body"], author = "[removed]", "[deleted]"
		}
	}
	return thing("t1", id, f.at(p, j), author, more)
}

// more names comments that an answer leaves out, as deep as their parent says.
func (f *fake) more(id, parent string, depth int, ids ...string) object {
	return object{"kind": "more", "data": object{"id": id, "name": "t1_" + id, "count": len(ids), "depth": depth, "parent_id": parent, "children": ids}}
}

// under sets what is below a comment.
func under(c object, below ...object) object {
	c["data"].(object)["replies"] = object{"kind": "Listing", "data": object{"children": below}} //nolint:errcheck,forcetypeassert // made by thing
	return c
}

// tree is the thread of a post from its first comment to its last.
func (f *fake) tree(p, first, last int) []object {
	var all []object
	for j := first; j <= last; j++ {
		c := f.comment(p, j)
		if f.removed[fmt.Sprintf("t1_c%dx%d", p, j)] {
			continue
		}
		if j%3 != 0 && (j+1)%3 == 0 && j+1 <= last && j != 2 {
			under(c, f.comment(p, j+1))
			j++
		} else if j%3 == 2 && j == last && j != 2 && j < f.on(p) { // one below the last is left out
			id := fmt.Sprintf("c%dx%d", p, j+1)
			under(c, f.more(id, fmt.Sprintf("t1_c%dx%d", p, j), 1, id))
		} else if j == 2 && last > 2 && first <= 2 { // what is below is too deep
			under(c, f.more("_", fmt.Sprintf("t1_c%dx2", p), 1))
			j++
		}
		all = append(all, c)
	}
	return all
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	q := r.URL.Query()
	if r.URL.Path == "/api/v1/access_token" {
		f.tokens++
		if id, secret, _ := r.BasicAuth(); id != "id" || secret != "s" {
			http.Error(w, `{"message":"Unauthorized","error":401}`, http.StatusUnauthorized)
			return
		}
		f.expired = false
		give(w, object{"access_token": "t" + strconv.Itoa(f.tokens), "token_type": "bearer", "expires_in": 86400, "scope": "*"})
		return
	}
	if f.expired || !strings.HasPrefix(r.Header.Get("User-Agent"), "linux:greenroom:") {
		http.Error(w, `{"message":"Unauthorized","error":401}`, http.StatusUnauthorized)
		return
	}
	w.Header().Set("X-Ratelimit-Remaining", "594.0")
	w.Header().Set("X-Ratelimit-Reset", "291")
	var p int
	switch n, _ := fmt.Sscanf(r.URL.Path, "/comments/p%d", &p); {
	case n == 1:
		shown := f.on(p) - f.on(p)/5
		children := f.tree(p, 1, shown)
		if from := q.Get("comment"); from != "" {
			children = []object{under(f.comment(p, 2), f.comment(p, 3))}
		} else if shown < f.on(p) {
			var ids []string
			for j := shown + 1; j <= f.on(p); j++ {
				if j%3 != 0 {
					ids = append(ids, fmt.Sprintf("c%dx%d", p, j))
				}
			}
			if len(ids) > 0 {
				children = append(children, f.more(ids[0], "t3_p"+strconv.Itoa(p), 0, ids...))
			}
		}
		give(w, []object{{"kind": "Listing", "data": object{"children": []object{f.post(p)}}}, {"kind": "Listing", "data": object{"children": children}}})
	case r.URL.Path == "/api/morechildren":
		give(w, object{"json": object{"errors": []string{}, "data": object{"things": f.children(strings.Split(q.Get("children"), ","))}}})
	case r.URL.Path == "/r/acme/new":
		f.list(w, r, f.posts(), func(i int) object { return f.post(f.posts() - 1 - i) })
	case r.URL.Path == "/r/acme/comments":
		f.list(w, r, 0, nil)
	case r.URL.Path == "/search":
		f.list(w, r, 2, func(i int) object {
			return thing("t3", "s"+strconv.Itoa(i), f.at(0, i), "Other", object{"title": "Acme?", "url": "https://acme.example", "subreddit": "elsewhere", "subreddit_id": "t5_else"})
		})
	case r.URL.Path == "/api/info":
		f.info(w, strings.Split(q.Get("id"), ","))
	case r.URL.Path == "/r/acme/about":
		give(w, object{"kind": "t5", "data": object{"name": "t5_acme", "display_name": "acme", "subscribers": 1234}})
	case r.URL.Path == "/api/user_data_by_account_ids":
		all := object{}
		for _, id := range strings.Split(q.Get("ids"), ",") {
			all[id] = object{"name": strings.TrimPrefix(id, "t2_"), "created_utc": 1500000000.0, "profile_img": "https://styles.example/" + id + ".png?s=1"}
		}
		give(w, all)
	default:
		http.Error(w, `{"reason":"private","message":"Forbidden","error":403}`, http.StatusForbidden)
	}
}

// children are the comments that were asked for and what is below them, in a row. As Reddit has it, of comments that stand
// differently deep only the highest come.
func (f *fake) children(ids []string) (things []object) {
	var p, j int
	deep := slices.IndexFunc(ids, func(id string) bool { _, _ = fmt.Sscanf(id, "c%dx%d", &p, &j); return j%3 != 0 }) < 0
	for _, id := range ids {
		_, _ = fmt.Sscanf(id, "c%dx%d", &p, &j)
		if j%3 == 0 && !deep || f.removed["t1_"+id] {
			continue
		}
		things = append(things, f.comment(p, j))
		if j%3 == 2 && j < f.on(p) {
			things = append(things, f.comment(p, j+1))
		}
	}
	return things
}

// info gives things by their names, a hundred at most, and says of those that were removed no more than that.
func (f *fake) info(w http.ResponseWriter, names []string) {
	f.infos = append(f.infos, names...)
	things := []object{}
	for _, name := range names[:min(len(names), 100)] {
		var p, j int
		var t object
		if n, _ := fmt.Sscanf(name, "t1_c%dx%d", &p, &j); n == 2 {
			t = f.comment(p, j)
		} else if n, _ := fmt.Sscanf(name, "t3_p%d", &p); n == 1 {
			t = f.post(p)
		} else {
			continue
		}
		if f.removed[name] {
			d := t["data"].(object) //nolint:errcheck,forcetypeassert // made by thing
			d["author"] = "[deleted]"
			if j > 0 {
				d["body"] = "[deleted]"
			} else {
				d["selftext"], d["removed_by_category"] = "[removed]", "moderator"
			}
		}
		things = append(things, t)
	}
	give(w, object{"kind": "Listing", "data": object{"children": things, "after": nil}})
}

// list gives a page; the name of a thing is where the next begins.
func (f *fake) list(w http.ResponseWriter, r *http.Request, n int, make func(int) object) {
	size := 100
	if f.n < 1000 {
		size = 2
	}
	children := []object{}
	after, name := any(nil), r.URL.Query().Get("after")
	skip := name != ""
	for i := range n {
		t := make(i)
		id := t["data"].(object)["name"] //nolint:errcheck,forcetypeassert // made by thing
		if f.removed[id.(string)] {      //nolint:errcheck,forcetypeassert // made by thing
			continue
		}
		if skip {
			skip = id != name
			continue
		}
		children = append(children, t)
		if len(children) == size && i+1 < n {
			after = id
			break
		}
	}
	give(w, object{"kind": "Listing", "data": object{"children": children, "after": after}})
}

func give(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}
