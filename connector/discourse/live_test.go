// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package discourse_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/connectortest"
	"greenroom/connector/connectortest/contract"
	"greenroom/connector/discourse"
	"greenroom/connector/internal/signature"
)

const secret = "a secret of the webhook"

type object = map[string]any

var day0 = time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)

func at(minutes int) string {
	return day0.Add(time.Duration(minutes) * time.Minute).Format("2006-01-02T15:04:05.000Z")
}

// board answers as a Discourse forum does to an administrator's key: n posts in topics of five (of 25 where there are many),
// the second posts of which have a like; topic 2 is solved by its third post. Posts and accounts are made when they are
// asked for.
type board struct {
	n       int
	mu      sync.Mutex
	edited  map[int]string // post → new text
	deleted map[int]bool
	bumped  map[int]bool // topics with new activity
	asked   []string
}

func newBoard(n int) http.Handler {
	return &board{n: n, edited: map[int]string{}, deleted: map[int]bool{}, bumped: map[int]bool{}}
}

// size is how many posts a topic has, how many of them come with it, and how many topics a page of the list has.
func (b *board) size() (posts, first, page int) {
	if b.n > 1000 {
		return 25, 20, 30
	}
	return 5, 3, 2
}

func person(i int) object {
	i = i%7 + 1
	name := "person" + strconv.Itoa(i)
	return object{"id": i, "username": name, "name": "Person " + strconv.Itoa(i), "avatar_template": "/user_avatar/f/" + name + "/{size}/1_2.png", "trust_level": 1, "admin": i == 1, "moderator": false}
}

// post is post number of a topic, 1 and up.
func (b *board) post(topic, number int) object {
	posts, _, _ := b.size()
	id := (topic-1)*posts + number
	who := person(id)
	text := fmt.Sprintf("<p>Post %d, <a class=\"mention\" href=\"/u/person2\">@person2</a></p>", id)
	o := object{
		"id": id, "topic_id": topic, "post_number": number, "post_type": 1, "user_id": who["id"], "username": who["username"], "name": who["name"], "avatar_template": who["avatar_template"],
		"admin": who["admin"], "moderator": false, "staff": who["admin"], "trust_level": 1, "created_at": at(id), "updated_at": at(id), "version": 1, "cooked": text,
		"topic_slug": "a-topic", "reply_to_post_number": nil, "hidden": false, "user_deleted": false, "deleted_at": nil,
		"accepted_answer": topic == 2 && number == 3,
	}
	if number == 4 {
		o["reply_to_post_number"] = 2
	}
	if number == 2 {
		o["actions_summary"] = []object{{"id": 2, "count": 1}}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if text, ok := b.edited[id]; ok {
		o["cooked"], o["version"], o["updated_at"] = text, 2, "2026-11-25T00:00:00.000Z"
	}
	if b.deleted[id] {
		o["deleted_at"] = "2026-11-25T00:00:00.000Z"
	}
	return o
}

func (b *board) topic(id int) object {
	posts, first, _ := b.size()
	var stream []int
	for n := range posts {
		stream = append(stream, (id-1)*posts+n+1)
	}
	var some []object
	for n := range first {
		some = append(some, b.post(id, n+1))
	}
	o := object{
		"id": id, "title": fmt.Sprintf("Topic %d", id), "slug": "a-topic", "category_id": 5, "archetype": "regular",
		"post_stream": object{"posts": some, "stream": stream},
		"details":     object{"created_by": person(id), "participants": []object{person(0), person(1), person(2), person(3), person(4), person(5), person(6)}},
	}
	if id == 2 {
		o["accepted_answer"] = object{"post_number": 3}
	}
	return o
}

// order is topic number i of those with the newest activity.
func (b *board) order(i int) int {
	posts, _, _ := b.size()
	topics := b.n / posts
	b.mu.Lock()
	defer b.mu.Unlock()
	var front []int
	for id := range b.bumped {
		front = append(front, id)
	}
	if i <= len(front) {
		return front[i-1]
	}
	for id := topics; id > 0; id-- {
		if len(front) == 0 {
			return topics - i + 1
		}
		if !b.bumped[id] {
			if i--; i == len(front) {
				return id
			}
		}
	}
	return 0
}

func (b *board) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Api-Key") != "k" || r.Header.Get("Api-Username") != "system" {
		invalid(w, r)
		return
	}
	b.mu.Lock()
	b.asked = append(b.asked[:min(len(b.asked), 1000)], r.URL.RequestURI())
	b.mu.Unlock()
	posts, _, size := b.size()
	parts := strings.Split(strings.TrimSuffix(strings.Trim(r.URL.Path, "/"), ".json"), "/")
	number := func(i int) int {
		n, _ := strconv.Atoi(parts[min(i, len(parts)-1)])
		return n
	}
	page, _ := strconv.Atoi(r.URL.Query().Get("page"))
	switch {
	case parts[0] == "site":
		give(w, object{"categories": []object{
			{"id": 7, "name": "Install", "slug": "install", "parent_category_id": 5, "topic_count": 0, "post_count": 0},
			{"id": 5, "name": "Support", "slug": "support", "topic_count": b.n / posts, "post_count": b.n, "custom_fields": object{"enable_accepted_answers": "false"}},
			{"id": 9, "name": "Staff", "slug": "staff", "read_restricted": true, "topic_count": 2, "post_count": 4},
		}})
	case parts[0] == "about":
		give(w, object{"about": object{"admins": []object{person(0)}, "moderators": []object{}, "stats": object{"topics_count": b.n / posts, "posts_count": b.n, "users_count": 10, "likes_count": b.n / posts}}})
	case parts[0] == "latest":
		var list []object
		for i := page*size + 1; i <= min((page+1)*size, b.n/posts); i++ {
			id := b.order(i)
			bump := at(id * posts)
			if b.bumped[id] {
				bump = "2026-11-25T00:00:00.000Z"
			}
			list = append(list, object{"id": id, "bumped_at": bump, "category_id": 5})
		}
		answer := object{"topics": list}
		if (page+1)*size < b.n/posts {
			answer["more_topics_url"] = "/latest?page=" + strconv.Itoa(page+1)
		}
		give(w, object{"topic_list": answer})
	case parts[0] == "admin":
		var list []object
		if page <= 1 {
			for i := range 10 {
				u := person(i)
				u["id"], u["username"] = i+1, "person"+strconv.Itoa(i+1)
				list = append(list, merge(u, object{"email": fmt.Sprintf("Person%d@example.org", i+1), "secondary_emails": []string{}, "created_at": at(-i), "admin": i == 0}))
			}
		}
		give(w, append([]object{}, list...))
	case parts[0] == "u" && parts[1] == "system":
		give(w, object{"user": object{"id": -1, "username": "system", "admin": true}})
	case parts[0] == "t" && number(1) > 0 && number(1) <= b.n/posts && len(parts) == 2:
		give(w, b.topic(number(1)))
	case parts[0] == "t" && len(parts) == 3:
		var some []object
		for _, id := range r.URL.Query()["post_ids[]"] {
			n, _ := strconv.Atoi(id)
			some = append(some, b.post(number(1), n-(number(1)-1)*posts))
		}
		give(w, object{"id": number(1), "post_stream": object{"posts": some}})
	case parts[0] == "posts" && parts[1] == "by_number":
		give(w, b.post(number(2), number(3)))
	case parts[0] == "posts" && number(1) > 0:
		give(w, b.post((number(1)-1)/posts+1, (number(1)-1)%posts+1))
	default:
		http.Error(w, `{"errors":["The requested URL or resource could not be found."],"error_type":"not_found"}`, http.StatusNotFound)
	}
}

func give(w http.ResponseWriter, v any) { _ = json.NewEncoder(w).Encode(v) }

func merge(a, b object) object {
	c := maps.Clone(a)
	maps.Copy(c, b)
	return c
}

func invalid(w http.ResponseWriter, _ *http.Request) {
	http.Error(w, `{"errors":["You are not permitted to view the requested resource. The API username or key is invalid."],"error_type":"invalid_access"}`, http.StatusForbidden)
}

func live(tb testing.TB) connectortest.Live {
	tb.Helper()
	return connectortest.Live{
		Spec:  discourse.Spec(),
		Serve: newBoard,
		Values: func(url string) connector.Values {
			return connector.Values{"forum": url, "forum-address": "https://forum.example.com", "api-key": "k", "webhook-secret": secret, "requests-per-second": "10000"}
		},
		Activities: 25 + 5, // posts and likes
		Expired:    invalid,
		Limited: func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusTooManyRequests)
			give(w, object{"errors": []string{"You've performed this action too many times."}, "error_type": "rate_limit", "extras": object{"wait_seconds": 12}})
		},
		Change: func(h http.Handler) {
			b := h.(*board) //nolint:errcheck,forcetypeassert // newBoard's
			b.edited[3], b.deleted[5], b.bumped[1] = "<p>Better</p>", true, true
		},
		Changed: func(t *testing.T, next *connectortest.Facts) {
			t.Helper()
			var lines []string
			for i := range next.Activities {
				a := &next.Activities[i]
				lines = append(lines, fmt.Sprint(a.ExternalID, " ", a.Body, " ", a.Deleted, " ", a.EditedAt.IsZero()))
			}
			want := []string{"post:1 Post 1, @person2 false true", "post:2 Post 2, @person2 false true", "post:2:like:1 like false true", "post:3 Better false false", "post:4 Post 4, @person2 false true", "post:5  true false"}
			if diff := gocmp.Diff(want, lines); diff != "" {
				t.Errorf("the next read (-want +got):\n%s", diff)
			}
		},
		Pushes: pushes(tb),
	}
}

func TestLive(t *testing.T) { connectortest.RunLive(t, live(t)) }

func BenchmarkRead(b *testing.B) { connectortest.BenchmarkLive(b, live(b)) }

// delivery is a webhook as a forum sends it.
func delivery(tb testing.TB, n int, kind, event string, value any) connector.Delivery {
	tb.Helper()
	body, err := json.Marshal(object{kind: value})
	if err != nil {
		tb.Fatal(err)
	}
	return connector.Delivery{
		Method: http.MethodPost, ReceivedAt: time.Date(2026, 11, 26, 0, n, 0, 0, time.UTC), Body: body,
		Header: http.Header{
			"X-Discourse-Event-Type": {kind}, "X-Discourse-Event": {event}, "X-Discourse-Event-Id": {strconv.Itoa(n)},
			"X-Discourse-Event-Signature": {"sha256=" + signature.Hex256(secret, body)},
		},
	}
}

// hook is a post as a webhook has it: without its likes, with what is known of its topic.
func hook(o object) object {
	c := maps.Clone(o)
	delete(c, "actions_summary")
	c["topic_title"], c["topic_archetype"], c["category_id"], c["category_slug"] = fmt.Sprint("Topic ", o["topic_id"]), "regular", 5, "support"
	return c
}

func pushes(tb testing.TB) []connector.Delivery {
	tb.Helper()
	b := newBoard(25).(*board) //nolint:errcheck,forcetypeassert // its own
	edited := merge(hook(b.post(1, 3)), object{"cooked": "<p>Better</p>", "version": 2, "updated_at": at(500)})
	gone := merge(hook(b.post(1, 5)), object{"deleted_at": "2026-11-26T00:03:00.000Z"})
	again := merge(hook(b.post(3, 2)), object{"deleted_at": "2026-11-26T00:04:00.000Z"})
	topic := object{"id": 1, "title": "Topic 1", "slug": "a-topic", "category_id": 5, "archetype": "regular", "created_by": person(1)}
	var all []connector.Delivery
	for _, d := range []struct {
		kind, event string
		value       any
	}{
		{"topic", "topic_created", topic},
		{"post", "post_created", hook(b.post(1, 1))},
		{"post", "post_created", hook(b.post(1, 3))},
		{"post", "post_edited", edited},
		{"post", "post_created", hook(b.post(1, 4))},
		{"post", "post_created", hook(b.post(1, 5))},
		{"post", "post_destroyed", gone},
		{"post", "post_destroyed", again},
		{"post", "post_recovered", hook(b.post(3, 2))},
		{"like", "post_liked", object{"post": hook(b.post(1, 2)), "user": person(5)}},
		{"post", "post_created", hook(b.post(2, 3))},
		{"solved", "accepted_solution", hook(b.post(2, 3))},
		{"solved", "unaccepted_solution", merge(hook(b.post(2, 3)), object{"accepted_answer": false})},
		{"user", "user_created", merge(person(3), object{"email": "Person4@example.org", "created_at": at(1)})},
		{"user", "user_destroyed", merge(person(6), object{"created_at": at(1)})},
		{"user", "user_logged_in", person(3)},
		{"user_badge", "user_badge_granted", object{"id": 31, "granted_at": at(70), "badge": object{"id": 2, "name": "Regular"}, "user": person(2)}},
		{"user_badge", "user_badge_granted", object{"id": 32, "granted_at": at(71), "badge": object{"id": 2, "name": "Regular"}, "user": person(3)}},
		{"user_badge", "user_badge_revoked", object{"id": 32, "granted_at": at(71), "badge": object{"id": 2, "name": "Regular"}, "user": person(3)}},
		{"category", "category_updated", object{"id": 7, "name": "Install", "slug": "install"}},
		{"topic", "topic_closed_status_updated", topic},
		{"topic", "topic_destroyed", merge(topic, object{"id": 4})},
		{"topic", "topic_destroyed", merge(topic, object{"id": 5})},
		{"topic", "topic_recovered", merge(topic, object{"id": 5})},
		{"post", "post_created", merge(hook(b.post(1, 2)), object{"topic_archetype": "private_message"})},
		{"notification", "notification_created", object{"id": 1}},
	} {
		all = append(all, delivery(tb, len(all), d.kind, d.event, d.value))
	}
	return all
}

func open(tb testing.TB, values connector.Values) connector.Source {
	tb.Helper()
	src, err := discourse.Spec().New(connectortest.LiveEnv(tb), values)
	if err != nil {
		tb.Fatal(err)
	}
	return src
}

func receive(tb testing.TB, values connector.Values, all ...connector.Delivery) *connectortest.Facts {
	tb.Helper()
	return connectortest.Receive(tb, open(tb, values).(connector.Receiver), all...) //nolint:errcheck,forcetypeassert // the compiler has checked it
}

// TestReadAndPushAgree holds that a post is the same activity whichever way it came in.
func TestReadAndPushAgree(t *testing.T) {
	srv := httptest.NewServer(newBoard(25))
	defer srv.Close()
	values := live(t).Values(srv.URL)
	read := map[string]connector.Activity{}
	for _, a := range connectortest.Collect(t, discourse.Spec(), values, srv.Client(), "", 0).Activities {
		read[a.ExternalID] = a
	}
	b := newBoard(25).(*board) //nolint:errcheck,forcetypeassert // its own
	var all []connector.Delivery
	for topic := 1; topic <= 5; topic++ {
		for number := 1; number <= 5; number++ {
			all = append(all, delivery(t, len(all), "post", "post_created", hook(b.post(topic, number))))
		}
		all = append(all, delivery(t, len(all), "like", "post_liked", object{"post": hook(b.post(topic, 2)), "user": person(5)}))
	}
	pushed := receive(t, values, all...)
	seen := map[string]bool{}
	for _, a := range pushed.Activities {
		seen[a.ExternalID] = true
		if diff := gocmp.Diff(read[a.ExternalID], a); diff != "" {
			t.Errorf("%s (-read +pushed):\n%s", a.ExternalID, diff)
		}
	}
	if len(seen) != len(read) || len(pushed.Rejects) > 0 {
		t.Errorf("%d of %d activities came by webhooks; rejects: %v", len(seen), len(read), pushed.Rejects)
	}
}

// TestPushes looks at what becomes of deliveries.
func TestPushes(t *testing.T) {
	srv := httptest.NewServer(newBoard(25))
	defer srv.Close()
	values := live(t).Values(srv.URL)
	all := pushes(t)
	f := receive(t, values, all...)
	left := map[string]int64{"event notification_created": 1, "event user_logged_in": 1, "posts in private messages": 1}
	if diff := gocmp.Diff(left, f.LeftOut); diff != "" {
		t.Errorf("left out (-want +got):\n%s", diff)
	}
	if id := f.Identities["user:4"]; len(id.Emails) != 1 || id.Emails[0] != (greenroom.Email{Address: "person4@example.org", Verified: true}) {
		t.Errorf("the new account is %+v", id)
	}
	if !f.Identities["user:7"].Deleted {
		t.Error("the account that was deleted is not marked")
	}
	last := map[string]connector.Activity{}
	for _, a := range f.Activities {
		last[a.ExternalID] = a
	}
	for id, deleted := range map[string]bool{"post:5": true, "post:12": false, "post:16": true, "post:20": true, "post:21": false, "post:25": false, "badge:31": false, "badge:32": true} {
		if a, ok := last[id]; !ok || a.Deleted != deleted {
			t.Errorf("%s is deleted: %v, want %v", id, a.Deleted, deleted)
		}
	}
	if a := last["post:8"]; a.Kind != greenroom.KindReply || a.EditedAt != all[12].ReceivedAt {
		t.Errorf("the solution that was taken back is %+v", a)
	}
	if a := last["post:4"]; a.ReplyTo != "post:2" || len(a.Mentions) != 1 || a.Mentions[0] != "user:2" {
		t.Errorf("a reply is %+v", a)
	}
	var open connector.Conversation
	for _, c := range f.Conversations {
		if c.Thread == "topic:2" {
			open = c
		}
	}
	if open.State != greenroom.StateOpen {
		t.Errorf("the topic whose solution was taken back is %+v", open)
	}
	values["categories"] = "install"
	if f := receive(t, values, all[1]); f.LeftOut["posts in categories that are not chosen"] != 1 || len(f.Activities) > 0 {
		t.Errorf("a post of a category that is not chosen: %+v", f)
	}
}

// TestCategories brings in the chosen categories only.
func TestCategories(t *testing.T) {
	srv := httptest.NewServer(newBoard(25))
	defer srv.Close()
	for chosen, want := range map[string][2]int{"support": {25, 2}, "5": {25, 2}, "Install, Staff": {0, 2}, "": {25, 3}} {
		values := live(t).Values(srv.URL)
		values["categories"] = chosen
		f := connectortest.Collect(t, discourse.Spec(), values, srv.Client(), "", 0)
		if n := len(f.Activities) - f.Kinds()["reaction"]; n != want[0] || len(f.Channels) != want[1] {
			t.Errorf("%q brings %d posts and %d channels, want %v", chosen, n, len(f.Channels), want)
		}
	}
}

// TestSince begins where it is told to.
func TestSince(t *testing.T) {
	srv := httptest.NewServer(newBoard(25))
	defer srv.Close()
	values := live(t).Values(srv.URL)
	values["since"] = "2026-01-06"
	f := connectortest.Collect(t, discourse.Spec(), values, srv.Client(), "", 0)
	if len(f.Activities) != 0 || len(f.Identities) != 10 {
		t.Errorf("%d activities of before and %d accounts came", len(f.Activities), len(f.Identities))
	}
}

// TestPeople tells accounts with their addresses once; later passes ask for one page.
func TestPeople(t *testing.T) {
	b := newBoard(25)
	srv := httptest.NewServer(b)
	defer srv.Close()
	values := live(t).Values(srv.URL)
	first := connectortest.Collect(t, discourse.Spec(), values, srv.Client(), "", 0)
	if id := first.Identities["user:9"]; id.Handle != "person9" || len(id.Emails) != 1 || id.JoinedAt.IsZero() {
		t.Errorf("an account that never wrote is %+v", id)
	}
	b.(*board).asked = nil //nolint:errcheck,forcetypeassert // newBoard's
	again := connectortest.Collect(t, discourse.Spec(), values, srv.Client(), first.Cursors[len(first.Cursors)-1], 0)
	if again.Read != 0 || len(b.(*board).asked) != 4 { //nolint:errcheck,forcetypeassert // newBoard's
		t.Errorf("%d records came again by %q", again.Read, b.(*board).asked) //nolint:errcheck,forcetypeassert // newBoard's
	}
}

// TestTestConnection says as whom the forum is read and what is missing.
func TestTestConnection(t *testing.T) {
	b := newBoard(25)
	admin := true
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !admin && strings.HasPrefix(r.URL.Path, "/admin") {
			http.NotFound(w, r)
			return
		}
		b.ServeHTTP(w, r)
	}))
	defer srv.Close()
	test := func(pairs ...string) (connector.Check, error) {
		values := live(t).Values(srv.URL)
		for i := 0; i+1 < len(pairs); i += 2 {
			values[pairs[i]] = pairs[i+1]
		}
		return open(t, values).(connector.Tester).Test(t.Context()) //nolint:errcheck,forcetypeassert // the compiler has checked it
	}
	check, err := test()
	if err != nil || check.Account != "system on "+srv.URL || len(check.Missing) != 0 {
		t.Errorf("got %+v and %v", check, err)
	}
	admin = false
	if check, err = test("categories", "support, nowhere"); err != nil || len(check.Missing) != 2 || check.Missing[0].Name != "category nowhere" || check.Missing[1].Name != "administrator" {
		t.Errorf("without an administrator's key: %+v and %v", check, err)
	}
	if f := connectortest.Collect(t, discourse.Spec(), live(t).Values(srv.URL), srv.Client(), "", 0); len(f.Activities) != 30 {
		t.Errorf("without an administrator's key %d activities came", len(f.Activities))
	}
	if _, err = test("api-key", "wrong"); greenroom.ErrorCode(err) != greenroom.CodeUnauthorized {
		t.Errorf("a wrong key: %v", err)
	}
	if check, err = open(t, connector.Values{"forum": sample}).(connector.Tester).Test(t.Context()); err != nil || len(check.Notes) != 1 { //nolint:errcheck,forcetypeassert // the compiler has checked it
		t.Errorf("a folder: %+v and %v", check, err)
	}
}

// TestSurvey compares the forum's counts.
func TestSurvey(t *testing.T) {
	srv := httptest.NewServer(newBoard(25))
	defer srv.Close()
	values := live(t).Values(srv.URL)
	values["categories"] = "support"
	v, err := open(t, values).(connector.Surveyor).Survey(t.Context()) //nolint:errcheck,forcetypeassert // the compiler has checked it
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int64{}
	for _, c := range v.Counts {
		got[c.Place+c.What] = c.Platform
	}
	want := map[string]int64{"topics": 5, "posts": 25, "likes": 5, "accounts": 10, "category:5topics": 5, "category:7topics": 0}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	if len(v.Places) != 3 || v.Places[2].Covered || v.Places[2].Why == "" || v.Items != 25 || v.Requests == 0 {
		t.Errorf("the survey says %+v", v)
	}
}

// TestContract checks each request against Discourse's own description. It lacks /about.json and posts by their number.
func TestContract(t *testing.T) {
	spec := contract.Open(t, "discourse/openapi.json", contract.Options{
		// of the application's own pages; the description has the ids of posts as the body of a GET
		Extra: []string{"page", "no_definitions", "show_deleted", "post_ids[]"},
	})
	b := newBoard(25)
	checked := spec.Wrap(t, b)
	var asked []string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.Path)
		if r.URL.Path == "/about.json" || strings.HasPrefix(r.URL.Path, "/posts/by_number/") {
			b.ServeHTTP(w, r)
			return
		}
		checked.ServeHTTP(w, r)
	}))
	defer srv.Close()
	values := live(t).Values(srv.URL)
	connectortest.Collect(t, discourse.Spec(), values, srv.Client(), "", 0)
	receive(t, values, pushes(t)...)
	src := open(t, values)
	if _, err := src.(connector.Tester).Test(t.Context()); err != nil { //nolint:errcheck,forcetypeassert // the compiler has checked it
		t.Error(err)
	}
	if _, err := src.(connector.Surveyor).Survey(t.Context()); err != nil { //nolint:errcheck,forcetypeassert // the compiler has checked it
		t.Error(err)
	}
	for _, path := range []string{"/site.json", "/latest.json", "/t/2.json", "/t/2/posts.json", "/posts/2.json", "/u/system.json", "/admin/users/list/active.json"} {
		if !slices.Contains(asked, path) {
			t.Errorf("%s was not asked for", path)
		}
	}
}

// FuzzReceive holds that no delivery stops the source.
func FuzzReceive(f *testing.F) {
	for _, d := range pushes(f) {
		f.Add(d.Header.Get("X-Discourse-Event-Type"), d.Header.Get("X-Discourse-Event"), d.Body)
	}
	f.Add("post", "post_created", []byte(`{"post":null}`))
	f.Add("like", "post_liked", []byte(`{"like":{"post":[]}}`))
	srv := httptest.NewServer(newBoard(25))
	f.Cleanup(srv.Close)
	f.Fuzz(func(t *testing.T, kind, event string, body []byte) {
		d := connector.Delivery{ReceivedAt: connectortest.Now(), Body: body, Header: http.Header{"X-Discourse-Event-Type": {kind}, "X-Discourse-Event": {event}}}
		facts := receive(t, live(t).Values(srv.URL), d)
		for i := range facts.Activities {
			if a := &facts.Activities[i]; a.ExternalID == "" || !a.Deleted && (a.OccurredAt.IsZero() || a.Kind == 0) {
				t.Errorf("not whole: %+v", a)
			}
		}
	})
}
