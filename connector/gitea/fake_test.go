// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package gitea_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// fake is a server with one repository, acme/site, that answers as Gitea's API does: n issues, of which every fourth is
// closed and every fifth has a comment, two pull requests with a review that has a remark on a line, a release and a fork.
type fake struct {
	n      int
	mu     sync.Mutex
	edited map[int]string // issue number → new title

	gone     map[int]bool // issues that were deleted
	pullsOff int          // status of the list of pull requests, where the token may not see it
}

func newFake(n int) http.Handler { return &fake{n: n, edited: map[int]string{}} }

var day0 = time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)

func at(i int) time.Time { return day0.Add(time.Duration(i) * time.Minute) }

type object = map[string]any

func user(i int) object {
	name := fmt.Sprintf("person%d", i%7+1)
	return object{"id": i%7 + 1, "login": name, "full_name": "Person " + strconv.Itoa(i%7+1), "email": name + "@noreply.example.org", "html_url": "https://git.example.org/" + name}
}

func (f *fake) repo() object {
	return object{
		"id": 7, "full_name": "acme/site", "html_url": "https://git.example.org/acme/site", "owner": object{"id": 90, "login": "acme"},
		"forks_count": 1, "stars_count": 3, "open_issues_count": f.n - f.n/4, "open_pr_counter": 1, "release_counter": 1, "created_at": day0, "has_issues": true, "has_pull_requests": f.pullsOff == 0,
	}
}

func (f *fake) issue(i int) object {
	o := object{
		"id": 1000 + i, "number": i, "user": user(i), "title": fmt.Sprintf("Issue %d", i), "body": "It does not work.", "state": "open",
		"html_url": fmt.Sprintf("https://git.example.org/acme/site/issues/%d", i), "created_at": at(i), "updated_at": at(i),
	}
	if f.closed(i) {
		o["state"], o["closed_at"], o["updated_at"] = "closed", at(i+60), at(i+60)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if title, ok := f.edited[i]; ok {
		o["title"], o["updated_at"] = title, day0.AddDate(0, 11, 0)
	}
	return o
}

// closed reports whether issue i is. In a large fake that is rare, so that it is the reading of lists which is measured.
func (f *fake) closed(i int) bool { return i%4 == 0 && (f.n <= 1000 || i%500 == 0) }

// timeline is what happened to issue i: the eighth was closed twice, and the twelfth before servers kept a timeline.
func (f *fake) timeline(i int) []object {
	event := func(n int, kind string, minute int, more object) object {
		o := object{"id": 20*i + n, "type": kind, "user": user(2), "created_at": at(i + minute), "html_url": fmt.Sprintf("https://git.example.org/acme/site/issues/%d#event-%d", i, n)}
		for name, v := range more {
			o[name] = v
		}
		return o
	}
	switch {
	case !f.closed(i), i == 12:
		return nil
	case i == 8:
		return []object{
			event(0, "close", 20, nil), event(1, "reopen", 30, nil), event(2, "label", 40, object{"body": "1", "label": object{"name": "bug"}}),
			event(3, "comment", 41, nil), event(4, "commit_ref", 42, nil), event(5, "close", 60, nil),
		}
	}
	return []object{event(0, "close", 60, nil)}
}

func release() object {
	return object{"id": 1, "tag_name": "v1", "author": user(1), "created_at": at(50), "published_at": at(51), "html_url": "https://git.example.org/acme/site/releases/tag/v1"}
}

func comment(i int) object {
	return object{
		"id": 5000 + i, "user": user(i + 1), "body": "Which version?", "issue_url": fmt.Sprintf("https://git.example.org/acme/site/issues/%d", i),
		"html_url": fmt.Sprintf("https://git.example.org/acme/site/issues/%d#issuecomment-%d", i, 5000+i), "created_at": at(i + 5), "updated_at": at(i + 5),
	}
}

func pull(number int, merged bool) object {
	o := object{
		"id": 9000 + number, "number": number, "user": user(number), "title": "Repair it", "state": "open", "created_at": at(3), "updated_at": at(number),
		"html_url": fmt.Sprintf("https://git.example.org/acme/site/pulls/%d", number),
	}
	if merged {
		o["state"], o["merged"], o["merged_at"], o["closed_at"], o["merged_by"], o["updated_at"] = "closed", true, at(90), at(90), user(2), at(90)
	}
	return o
}

func review(i int) object {
	return object{
		"id": i, "user": user(3), "state": "APPROVED", "body": "Good.", "submitted_at": at(40), "updated_at": at(40),
		"html_url": fmt.Sprintf("https://git.example.org/acme/site/pulls/1#issuecomment-%d", i),
	}
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	base := "/api/v1/repos/acme/site"
	if rest, ok := strings.CutPrefix(r.URL.Path, base+"/issues/"); ok && rest != "comments" {
		f.one(w, r, rest)
		return
	}
	switch r.URL.Path {
	case "/api/v1/version":
		give(w, object{"version": "1.25.0"})
	case "/api/v1/user":
		give(w, object{"id": 90, "login": "greenroom"})
	case "/api/v1/users/acme/repos":
		list(w, r, 1, func(int) object { return f.repo() })
	case "/api/v1/orgs/team/members":
		list(w, r, 1, func(int) object { return user(1) })
	case base + "/issues":
		if r.URL.Query().Get("type") == "" { // both kinds, the newest first
			numbers := []int{}
			for i := f.n; i > 0; i-- {
				if !f.gone[i] {
					numbers = append(numbers, i)
				}
			}
			list(w, r, len(numbers), func(i int) object { return f.issue(numbers[i-1]) })
			return
		}
		f.since(w, r, f.n, f.issue, "updated_at")
	case base + "/issues/comments":
		f.since(w, r, f.n/5, func(i int) object { return comment(5 * i) }, "updated_at")
	case base + "/pulls":
		if f.pullsOff != 0 {
			http.Error(w, `{"message":"token does not have at least one of required scope(s)"}`, f.pullsOff)
			return
		}
		list(w, r, 2, func(i int) object { return pull(100_000_000+i, i == 1) })
	case base + "/pulls/100000001/reviews":
		list(w, r, 2, func(i int) object {
			o := review(i)
			o["comments_count"] = 2 - i
			if i == 2 {
				o["state"] = "PENDING"
			}
			return o
		})
	case base + "/pulls/100000001":
		give(w, pull(100_000_001, true))
	case base + "/pulls/100000001/reviews/1/comments":
		remark := comment(100_000_001)
		delete(remark, "issue_url")
		remark["id"], remark["pull_request_url"] = 7000, "https://git.example.org/acme/site/pulls/100000001"
		give(w, []object{remark})
	case base + "/pulls/100000002/reviews":
		list(w, r, 0, nil)
	case base + "/releases":
		list(w, r, 1, func(int) object { return release() })
	case base + "/releases/1":
		give(w, release())
	case base + "/forks":
		list(w, r, 1, func(i int) object {
			return object{"id": 70 + i, "full_name": "person2/site", "html_url": "https://git.example.org/person2/site", "owner": user(1), "created_at": at(55)}
		})
	default:
		http.Error(w, `{"message":"not found"}`, http.StatusNotFound)
	}
}

// one answers what belongs to one issue.
func (f *fake) one(w http.ResponseWriter, r *http.Request, rest string) {
	number, part, _ := strings.Cut(rest, "/")
	i, err := strconv.Atoi(number)
	switch {
	case f.gone[i]:
		http.Error(w, `{"message":"issue does not exist"}`, http.StatusNotFound)
	case err != nil || i > f.n:
		give(w, []object{})
	case part == "":
		give(w, f.issue(i))
	case part == "timeline":
		all := f.timeline(i)
		list(w, r, len(all), func(i int) object { return all[i-1] })
	case part == "reactions" && i == 2:
		list(w, r, 1, func(int) object { return object{"user": user(3), "content": "heart", "created_at": at(33)} })
	default:
		give(w, []object{})
	}
}

// since gives those entries that were updated since the time that the request names; all without one, as long lists are.
func (f *fake) since(w http.ResponseWriter, r *http.Request, n int, make func(int) object, field string) {
	from, err := time.Parse(time.RFC3339, r.URL.Query().Get("since"))
	if err != nil {
		list(w, r, n, make)
		return
	}
	var kept []object
	for i := 1; i <= n; i++ {
		if o := make(i); !o[field].(time.Time).Before(from) { //nolint:errcheck // of this file
			kept = append(kept, o)
		}
	}
	list(w, r, len(kept), func(i int) object { return kept[i-1] })
}

// list gives a page of n entries, ten at most, with a link to the next as most of Gitea's lists have it.
func list(w http.ResponseWriter, r *http.Request, n int, make func(int) object) {
	page, err := strconv.Atoi(r.URL.Query().Get("page"))
	if err != nil {
		page = 1
	}
	size := 10
	if n > 1000 {
		size = 50
	}
	entries := []object{}
	for i := (page-1)*size + 1; i <= min(page*size, n); i++ {
		entries = append(entries, make(i))
	}
	w.Header().Set("X-Total-Count", strconv.Itoa(n))
	if page*size < n {
		w.Header().Set("Link", fmt.Sprintf(`<http://%s%s?page=%d>; rel="next",<http://x/y?page=9>; rel="last"`, r.Host, r.URL.Path, page+1))
	}
	give(w, entries)
}

func give(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}
