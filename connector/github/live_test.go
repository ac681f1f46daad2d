// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package github

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom/connector"
	"greenroom/connector/connectortest"
	"greenroom/connector/internal/signature"
)

const secret = "a secret of the webhook"

// platform answers as GitHub does for one repository, acme/site, with n issues: every fourth is closed, every fifth has a
// comment, two are pull requests with a review; 12 stars, a fork, a release, two discussions, a sponsor. It makes what it
// is asked for, lists the last touched first, and knows whether a page has changed.
type platform struct {
	n      int
	mu     sync.Mutex
	edited map[int]string // issue → new title
	full   int            // answers that GitHub counts
}

func newPlatform(n int) http.Handler { return &platform{n: n, edited: map[int]string{}} }

type object = map[string]any

var day0 = time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)

func at(i int) string { return day0.Add(time.Duration(i) * time.Minute).Format(time.RFC3339) }

const site = "https://github.com/acme/site"

func person(i int) object {
	i = i%7 + 1
	name := "person" + strconv.Itoa(i)
	return object{"id": i, "login": name, "type": "User", "html_url": "https://github.com/" + name, "avatar_url": fmt.Sprintf("https://avatars.githubusercontent.com/u/%d?v=4", i)}
}

func node(i int) object {
	u := person(i)
	return object{"__typename": "User", "login": u["login"], "databaseId": u["id"], "avatarUrl": u["avatar_url"]}
}

var repo = object{
	"id": 3, "full_name": "acme/site", "html_url": site, "private": false, "owner": object{"id": 90, "login": "acme"}, "created_at": at(0), "stargazers_count": 12,
	"forks_count": 1, "open_issues_count": 19,
}

func isPull(i int) bool { return i == 10 || i == 20 }

// issue is entry i of the list of issues.
func (p *platform) issue(i int) object {
	o := object{
		"id": 9000 + i, "number": i, "title": fmt.Sprintf("Issue %d", i), "body": "It does not work.", "state": "open", "user": person(i),
		"html_url": fmt.Sprintf("%s/issues/%d", site, i), "created_at": at(i), "updated_at": at(i), "closed_at": nil,
	}
	switch {
	case isPull(i):
		o["html_url"], o["pull_request"] = fmt.Sprintf("%s/pull/%d", site, i), object{"merged_at": nil}
	case i%4 == 0:
		o["state"], o["closed_at"], o["closed_by"] = "closed", at(i), person(i+1)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if title, ok := p.edited[i]; ok {
		o["title"], o["updated_at"] = title, "2026-11-25T00:00:00Z"
	}
	return o
}

func comment(i int) object {
	return object{
		"id": 5000 + i, "body": "Which version?", "user": person(i + 1), "created_at": at(i + 5), "updated_at": at(i + 5),
		"html_url":  fmt.Sprintf("%s/issues/%d#issuecomment-%d", site, i, 5000+i),
		"issue_url": fmt.Sprintf("https://api.github.com/repos/acme/site/issues/%d", i),
	}
}

func lineComment() object {
	return object{
		"id": 6001, "body": "Why here?", "user": person(2), "created_at": at(31), "updated_at": at(32),
		"html_url": site + "/pull/10#discussion_r6001", "pull_request_url": "https://api.github.com/repos/acme/site/pulls/10",
	}
}

func review(number int, state string) object {
	return object{
		"id": 7000 + number, "body": "Good.", "state": state, "user": person(3), "submitted_at": at(40),
		"html_url": fmt.Sprintf("%s/pull/%d#pullrequestreview-%d", site, number, 7000+number),
	}
}

func release() object {
	return object{
		"id": 1201, "name": "", "tag_name": "v1", "body": "* faster", "html_url": site + "/releases/tag/v1", "created_at": at(50), "published_at": at(51),
		"updated_at": at(51), "author": person(1), "draft": false,
	}
}

func fork() object {
	return object{"id": 71, "full_name": "person2/site", "html_url": "https://github.com/person2/site", "owner": person(1), "created_at": at(55)}
}

// discussion is a discussion as a webhook has it; the second one has an answer.
func discussion(i int) object {
	o := object{
		"number": 500 + i, "title": "How?", "body": "Is there a way?", "html_url": fmt.Sprintf("%s/discussions/%d", site, 500+i), "state": "open", "user": person(4),
		"created_at": at(60 + i), "updated_at": at(70 + i), "category": object{"name": "Q&A", "is_answerable": true}, "answer_chosen_at": nil, "answer_html_url": nil,
	}
	if i == 2 {
		o["answer_chosen_at"], o["answer_html_url"] = at(72), fmt.Sprintf("%s/discussions/%d#discussioncomment-%d", site, 502, 8002)
	}
	return o
}

func talk(i int) object {
	return object{
		"id": 8000 + i, "body": "Like this.", "user": person(5), "created_at": at(65), "updated_at": at(65), "parent_id": nil,
		"html_url": fmt.Sprintf("%s/discussions/%d#discussioncomment-%d", site, 500+i, 8000+i),
	}
}

// graph is a discussion with its comment as GraphQL has it.
func graph(i int) object {
	d, c := discussion(i), talk(i)
	o := object{
		"number": d["number"], "title": d["title"], "body": d["body"], "url": d["html_url"], "createdAt": d["created_at"], "updatedAt": d["updated_at"], "closed": false,
		"author": node(4), "category": object{"name": "Q&A", "isAnswerable": true}, "answerChosenAt": d["answer_chosen_at"],
		"comments": object{"nodes": []object{{
			"databaseId": c["id"], "body": c["body"], "url": c["html_url"], "createdAt": c["created_at"], "updatedAt": c["updated_at"], "isAnswer": i == 2, "author": node(5),
			"replies": object{"totalCount": 0},
		}}},
	}
	if i == 2 {
		o["answer"] = object{"url": d["answer_html_url"]}
	}
	return o
}

func (p *platform) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	const base = "/repos/acme/site"
	switch r.URL.Path {
	case "/user":
		w.Header().Set("Github-Authentication-Token-Expiration", "2026-11-30 00:00:00 UTC")
		w.Header().Set("X-Oauth-Scopes", "public_repo, admin:org")
		p.give(w, r, object{"id": 91, "login": "greenroom"})
	case "/orgs/acme/repos":
		p.give(w, r, []object{repo})
	case "/orgs/team/members":
		p.give(w, r, []object{person(0)})
	case base + "/issues":
		p.list(w, r, p.n, p.touched)
	case base + "/issues/comments":
		p.list(w, r, p.n/5, func(i int) object { return comment(5 * (p.n/5 - i + 1)) })
	case base + "/pulls/comments":
		p.list(w, r, 1, func(int) object { return lineComment() })
	case base + "/pulls":
		p.list(w, r, min(2, p.n/10), func(i int) object { return object{"number": 30 - 10*i, "updated_at": at(30 - 10*i)} })
	case base + "/pulls/10/reviews", base + "/pulls/20/reviews":
		number, _ := strconv.Atoi(strings.Split(r.URL.Path, "/")[5])
		p.give(w, r, []object{review(number, "APPROVED"), {"id": 1, "state": "PENDING", "user": person(3)}})
	case base + "/releases":
		p.list(w, r, 1, func(int) object { return release() })
	case base + "/stargazers":
		p.list(w, r, 12, func(i int) object {
			return object{"starred_at": at(100 + i), "user": object{"id": 200 + i, "login": fmt.Sprintf("fan%d", i)}}
		})
	case base + "/forks":
		p.list(w, r, 1, func(int) object { return fork() })
	case base + "/contributors":
		w.Header().Set("Link", `<https://api.github.com/x?per_page=1&page=2>; rel="next", <https://api.github.com/x?per_page=1&page=14>; rel="last"`)
		p.give(w, r, []object{person(1)})
	case "/graphql":
		p.graphql(w, r)
	default:
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write([]byte(`{"message":"Not Found"}`))
	}
}

// touched is issue number i of those that were touched last: edited ones stand first.
func (p *platform) touched(i int) object {
	p.mu.Lock()
	edited := -1
	for n := range p.edited {
		edited = n
	}
	p.mu.Unlock()
	if edited < 0 {
		return p.issue(p.n - i + 1)
	}
	if i == 1 {
		return p.issue(edited)
	}
	if number := p.n - i + 2; number > edited {
		return p.issue(number)
	}
	return p.issue(p.n - i + 1)
}

func (p *platform) list(w http.ResponseWriter, r *http.Request, n int, entry func(i int) object) {
	size := 10
	if n > 1000 {
		size = 100
	}
	page, err := strconv.Atoi(r.URL.Query().Get("page"))
	if err != nil {
		page = 1
	}
	last := max(1, (n+size-1)/size)
	link := func(rel string, number int) string {
		q := r.URL.Query()
		q.Set("page", strconv.Itoa(number))
		return fmt.Sprintf(`<https://api.github.com%s?%s>; rel="%s"`, r.URL.Path, q.Encode(), rel)
	}
	var links []string
	if page > 1 {
		links = append(links, link("prev", page-1))
	}
	if page < last {
		links = append(links, link("next", page+1), link("last", last))
	}
	w.Header().Set("Link", strings.Join(links, ", "))
	entries := []object{}
	for i := (page-1)*size + 1; i <= min(page*size, n); i++ {
		entries = append(entries, entry(i))
	}
	p.give(w, r, entries)
}

func (p *platform) give(w http.ResponseWriter, r *http.Request, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	sum := sha256.Sum256(body)
	tag := `W/"` + hex.EncodeToString(sum[:8]) + `"`
	w.Header().Set("ETag", tag)
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	p.mu.Lock()
	p.full++
	p.mu.Unlock()
	_, _ = w.Write(body)
}

func (p *platform) graphql(w http.ResponseWriter, r *http.Request) {
	var q struct {
		Query     string
		Variables object
	}
	if err := json.NewDecoder(r.Body).Decode(&q); err != nil {
		http.Error(w, `{"message":"Problems parsing JSON"}`, http.StatusBadRequest)
		return
	}
	count := func(n int) object { return object{"totalCount": n} }
	var data object
	switch {
	case strings.Contains(q.Query, "sponsorshipsAsMaintainer"):
		data = object{"repositoryOwner": object{"sponsorshipsAsMaintainer": object{"nodes": []object{{"createdAt": at(80), "sponsorEntity": node(6)}}}}}
	case strings.Contains(q.Query, "r0:"):
		data = object{"r0": object{
			"stargazers": count(12), "forkCount": 1, "issues": count(p.n - 2), "open": count(p.n - 2 - p.n/4), "pulls": count(2), "openPulls": count(2),
			"discussions": count(2), "releases": count(1),
		}}
	case strings.Contains(q.Query, "totalCount}}}"):
		data = object{"repository": object{"discussions": count(2)}}
	case q.Variables["after"] == nil:
		data = object{"repository": object{"discussions": object{"nodes": []object{graph(2)}, "pageInfo": object{"hasNextPage": true, "endCursor": "two"}}}}
	default:
		data = object{"repository": object{"discussions": object{"nodes": []object{graph(1)}, "pageInfo": object{"hasNextPage": false}}}}
	}
	_ = json.NewEncoder(w).Encode(object{"data": data})
}

func live(tb testing.TB) connectortest.Live {
	tb.Helper()
	return connectortest.Live{
		Spec:  Spec(),
		Serve: newPlatform,
		Values: func(url string) connector.Values {
			return connector.Values{
				optionRepository: "acme", optionToken: "t", optionReviews: "true", optionStaff: "team", optionSecret: secret, optionBase: url,
			}
		},
		// issues, closed (20 is a pull request), comments, on lines, reviews, release, stars, fork, discussions, comments there, sponsor
		Activities: 25 + 5 + 5 + 1 + 2 + 1 + 12 + 1 + 2 + 2 + 1,
		Change:     func(h http.Handler) { h.(*platform).edited[3] = "Issue 3, edited" }, //nolint:errcheck,forcetypeassert // newPlatform's
		Changed: func(t *testing.T, next *connectortest.Facts) {
			t.Helper()
			if len(next.Activities) != 1 || next.Activities[0].ExternalID != "issue:3:3" || next.Activities[0].Title != "Issue 3, edited" {
				t.Errorf("the next read brings %+v, want the edited issue alone", next.Activities)
			}
		},
		Limited: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "3")
			http.Error(w, `{"message":"You have exceeded a secondary rate limit."}`, http.StatusForbidden)
		},
		Pushes: pushes(tb),
	}
}

func TestLive(t *testing.T) { connectortest.RunLive(t, live(t)) }

func BenchmarkRead(b *testing.B) { connectortest.BenchmarkLive(b, live(b)) }

// delivery is a webhook as GitHub sends it.
func delivery(tb testing.TB, n int, event string, body object) connector.Delivery {
	tb.Helper()
	if body["repository"] == nil && body["organization"] == nil && body["sponsorship"] == nil {
		body["repository"] = repo
	}
	if body["sender"] == nil {
		body["sender"] = person(1)
	}
	text, err := json.Marshal(body)
	if err != nil {
		tb.Fatal(err)
	}
	return connector.Delivery{
		Method: http.MethodPost, ReceivedAt: day0.Add(time.Duration(200+n) * time.Minute), Body: text,
		Header: http.Header{
			"X-Github-Event": {event}, "X-Github-Delivery": {fmt.Sprintf("d-%d", n)}, "Content-Type": {"application/json"},
			"X-Hub-Signature-256": {"sha256=" + signature.Hex256(secret, text)},
		},
	}
}

// with returns an object with other fields.
func with(o object, pairs ...any) object {
	c := object{}
	for k, v := range o {
		c[k] = v
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		c[pairs[i].(string)] = pairs[i+1] //nolint:errcheck,forcetypeassert // of this file
	}
	return c
}

// pushes are what happens on GitHub in the course of an hour.
func pushes(tb testing.TB) []connector.Delivery {
	tb.Helper()
	p := &platform{n: 30, edited: map[int]string{}}
	issue := p.issue(2)
	talked := with(issue, "updated_at", at(7))
	edited := with(issue, "title", "Issue 2, edited", "updated_at", at(70))
	closed := with(edited, "state", "closed", "state_reason", "completed", "closed_at", at(80), "updated_at", at(80))
	reopened := with(edited, "state", "open", "state_reason", "reopened", "updated_at", at(81))
	pr := with(p.issue(10), "merged", false, "merged_at", nil, "updated_at", at(41))
	delete(pr, "pull_request")
	merged := with(pr, "state", "closed", "merged", true, "merged_at", at(90), "closed_at", at(90), "updated_at", at(90), "merged_by", person(3))
	asked := with(discussion(2), "answer_chosen_at", nil, "answer_html_url", nil, "updated_at", at(66))
	unanswered := with(asked, "updated_at", at(95))
	var all []connector.Delivery
	for _, d := range []struct {
		event string
		body  object
	}{
		{"issues", object{"action": "opened", "issue": issue}},
		{"issue_comment", object{"action": "created", "issue": talked, "comment": comment(2)}},
		{"issue_comment", object{"action": "edited", "issue": with(talked, "updated_at", at(9)), "comment": with(comment(2), "body", "Which?", "updated_at", at(9))}},
		{"issues", object{"action": "edited", "issue": edited}},
		{"issues", object{"action": "labeled", "issue": with(edited, "updated_at", at(75)), "label": object{"name": "bug"}}},
		{"issues", object{"action": "closed", "issue": closed}},
		{"issues", object{"action": "reopened", "issue": reopened}},
		{"issue_comment", object{"action": "deleted", "issue": with(reopened, "updated_at", at(82)), "comment": comment(2)}},
		{"issues", object{"action": "opened", "issue": p.issue(5)}},
		{"issues", object{"action": "transferred", "issue": p.issue(5)}},
		{"pull_request", object{"action": "opened", "number": 10, "pull_request": with(pr, "updated_at", at(10))}},
		{"pull_request_review", object{"action": "submitted", "pull_request": pr, "review": review(10, "approved")}},
		{"pull_request_review_comment", object{"action": "created", "pull_request": pr, "comment": lineComment()}},
		{"pull_request_review", object{"action": "dismissed", "pull_request": with(pr, "updated_at", at(43)), "review": review(10, "dismissed")}},
		{"pull_request", object{"action": "closed", "number": 10, "pull_request": merged}},
		{"discussion", object{"action": "created", "discussion": asked}},
		{"discussion_comment", object{"action": "created", "discussion": asked, "comment": talk(2)}},
		{"discussion", object{"action": "answered", "discussion": discussion(2), "answer": talk(2)}},
		{"discussion", object{"action": "unanswered", "discussion": unanswered, "old_answer": talk(2)}},
		{"star", object{"action": "created", "starred_at": at(101)}},
		{"star", object{"action": "created", "starred_at": at(102), "sender": person(2)}},
		{"watch", object{"action": "started"}},
		{"star", object{"action": "deleted", "starred_at": nil}},
		{"fork", object{"forkee": fork()}},
		{"release", object{"action": "published", "release": release()}},
		{"release", object{"action": "edited", "release": with(release(), "body", "* faster\n* smaller", "updated_at", at(99))}},
		{"push", object{"ref": "refs/heads/main", "after": "0123456789", "commits": []object{{"id": "0123456789", "message": "Repair it"}}}},
		{"sponsorship", object{"action": "created", "sponsorship": object{"created_at": at(80), "sponsor": person(6), "sponsorable": object{"id": 90, "login": "acme"}}}},
		{"membership", object{"action": "added", "organization": object{"id": 90, "login": "acme"}, "member": person(4), "team": object{"name": "Docs"}}},
		{"organization", object{"action": "member_added", "organization": object{"id": 95, "login": "team"}, "membership": object{"user": person(5)}}},
		{"workflow_run", object{"action": "completed"}},
	} {
		all = append(all, delivery(tb, len(all), d.event, d.body))
	}
	return all
}

func receive(tb testing.TB, values connector.Values, all ...connector.Delivery) *connectortest.Facts {
	tb.Helper()
	src, err := New(connectortest.LiveEnv(tb), values)
	if err != nil {
		tb.Fatal(err)
	}
	return connectortest.Receive(tb, src.(connector.Receiver), all...) //nolint:errcheck,forcetypeassert // the compiler has checked it
}

// TestReadAndPushAgree holds that an object is the same activity whichever way it came in.
func TestReadAndPushAgree(t *testing.T) {
	srv := httptest.NewServer(newPlatform(25))
	defer srv.Close()
	values := live(t).Values(srv.URL)
	whole := connectortest.Collect(t, Spec(), values, srv.Client(), "", 0)
	read := map[string]connector.Activity{}
	for _, a := range whole.Activities {
		read[a.ExternalID] = a
	}
	p := &platform{n: 25, edited: map[int]string{}}
	pr := p.issue(10)
	delete(pr, "pull_request")
	pushed := receive(t, values,
		delivery(t, 1, "issues", object{"action": "opened", "issue": p.issue(3)}),
		delivery(t, 2, "issues", object{"action": "closed", "issue": p.issue(4), "sender": person(5)}),
		delivery(t, 3, "issue_comment", object{"action": "created", "issue": p.issue(5), "comment": comment(5)}),
		delivery(t, 4, "pull_request", object{"action": "opened", "pull_request": pr}),
		delivery(t, 5, "pull_request_review_comment", object{"action": "created", "pull_request": pr, "comment": lineComment()}),
		delivery(t, 6, "pull_request_review", object{"action": "submitted", "pull_request": pr, "review": review(10, "approved")}),
		delivery(t, 7, "release", object{"action": "published", "release": release()}),
		delivery(t, 8, "star", object{"action": "created", "starred_at": at(101), "sender": object{"id": 201, "login": "fan1"}}),
		delivery(t, 9, "fork", object{"forkee": fork()}),
		delivery(t, 10, "discussion", object{"action": "answered", "discussion": discussion(2), "answer": talk(2)}),
		delivery(t, 11, "discussion_comment", object{"action": "created", "discussion": discussion(1), "comment": talk(1)}),
		delivery(t, 12, "sponsorship", object{"action": "created", "sponsorship": object{"created_at": at(80), "sponsor": person(6), "sponsorable": object{"id": 90, "login": "acme"}}}),
	)
	if len(pushed.Activities) != 14 || len(pushed.Rejects) > 0 {
		t.Errorf("%d activities and the rejects %v came of the deliveries", len(pushed.Activities), pushed.Rejects)
	}
	for _, a := range pushed.Activities {
		if diff := cmp.Diff(read[a.ExternalID], a); diff != "" {
			t.Errorf("%s (-read +pushed):\n%s", a.ExternalID, diff)
		}
	}
	told := map[string]connector.Conversation{}
	for _, c := range whole.Conversations {
		told[c.Thread] = c
	}
	for _, c := range pushed.Conversations {
		if diff := cmp.Diff(told[c.Thread], c); diff != "" {
			t.Errorf("%s (-read +pushed):\n%s", c.Thread, diff)
		}
	}
}

// TestUnchangedCostsNothing reads again where nothing has changed: GitHub counts what cannot be asked conditionally only.
func TestUnchangedCostsNothing(t *testing.T) {
	p := &platform{n: 25, edited: map[int]string{}}
	srv := httptest.NewServer(p)
	defer srv.Close()
	values := live(t).Values(srv.URL)
	values[optionStaff] = ""
	first := connectortest.Collect(t, Spec(), values, srv.Client(), "", 0)
	second := connectortest.Collect(t, Spec(), values, srv.Client(), first.Cursors[len(first.Cursors)-1], 0)
	p.full = 0
	third := connectortest.Collect(t, Spec(), values, srv.Client(), second.Cursors[len(second.Cursors)-1], 0)
	if p.full != 3 || len(second.Activities)+len(third.Activities) != 0 { // the repository, the first and the last page of the stars
		t.Errorf("%d requests counted; %d and %d activities came", p.full, len(second.Activities), len(third.Activities))
	}
}

// TestSince begins where it is told to.
func TestSince(t *testing.T) {
	srv := httptest.NewServer(newPlatform(25))
	defer srv.Close()
	values := live(t).Values(srv.URL)
	values[optionSince] = "2026-01-06"
	facts := connectortest.Collect(t, Spec(), values, srv.Client(), "", 0)
	if len(facts.Activities) != 0 {
		t.Errorf("%d activities came from before", len(facts.Activities))
	}
}
