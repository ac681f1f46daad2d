// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package hackernews_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom/connector"
	"greenroom/connector/connectortest"
	"greenroom/connector/hackernews"
)

// What the search takes and gives stands at https://hn.algolia.com/api, whose source is github.com/algolia/hn-search: items are
// tagged with their type in app/models/item.rb, and what was taken away is given by app/serializers/item_serializer.rb.

// tag is one that can be searched for.
var tag = regexp.MustCompile(`^(story|comment|poll|pollopt|job|show_hn|ask_hn|front_page|author_\w+|story_\d+)$`)

// refused answers a search that the documentation does not have.
func refused(w http.ResponseWriter, r *http.Request) bool {
	q := r.URL.Query()
	wrong := ""
	for _, name := range strings.FieldsFunc(q.Get("tags"), func(c rune) bool { return strings.ContainsRune("(),", c) }) {
		if !tag.MatchString(name) {
			wrong = "tags"
		}
	}
	for limit := range strings.SplitSeq(q.Get("numericFilters"), ",") {
		if limit != "" && !regexp.MustCompile(`^(created_at_i|points|num_comments)(<|<=|=|>|>=)\d+$`).MatchString(limit) {
			wrong = "numericFilters"
		}
	}
	if size, err := strconv.Atoi(q.Get("hitsPerPage")); err != nil || size < 1 || size > 1000 {
		wrong = "hitsPerPage"
	}
	if wrong != "" {
		http.Error(w, `{"message":"invalid `+wrong+`","status":400}`, http.StatusBadRequest)
	}
	return wrong != ""
}

// small is a search with what it is given, which answers like the real one: by type, by time, and newest first.
type small struct {
	hits  []object
	items map[string]object
}

func (s *small) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if number, ok := strings.CutPrefix(r.URL.Path, "/api/v1/items/"); ok {
		if s.items[number] == nil {
			http.Error(w, `{"status":404,"error":"Not Found"}`, http.StatusNotFound)
			return
		}
		give(w, s.items[number])
		return
	}
	if refused(w, r) {
		return
	}
	after := int64(0)
	if m := regexp.MustCompile(`created_at_i>=(\d+)`).FindStringSubmatch(r.URL.Query().Get("numericFilters")); m != nil {
		after, _ = strconv.ParseInt(m[1], 10, 64)
	}
	types := strings.FieldsFunc(r.URL.Query().Get("tags"), func(c rune) bool { return strings.ContainsRune("(),", c) })
	hits := []object{}
	for _, h := range s.hits {
		if slices.Contains(types, h["_tags"].([]string)[0]) && h["created_at_i"].(int64) >= after { //nolint:errcheck // of this file
			hits = append(hits, h)
		}
	}
	give(w, object{"hits": hits, "nbHits": len(hits), "page": 0, "nbPages": 1, "hitsPerPage": 100})
}

func hit(number, minute int, kind string, more object) object {
	o := object{"objectID": strconv.Itoa(number), "created_at_i": at(minute), "author": "ben", "_tags": []string{kind, "author_ben", "story_" + strconv.Itoa(number)}, "story_id": nil, "parent_id": nil}
	for name, v := range more {
		o[name] = v
	}
	return o
}

// read reads once, and tells each activity in a line.
func read(t *testing.T, h http.Handler, from connector.Cursor, now time.Time) (lines []string, to connector.Cursor) {
	t.Helper()
	srv := httptest.NewServer(h)
	defer srv.Close()
	env := connectortest.LiveEnv(t)
	env.Now = func() time.Time { return now }
	src, err := hackernews.New(env, values(srv.URL))
	if err != nil {
		t.Fatal(err)
	}
	sink := connector.NewSink(t.Context(), 0, func(_ context.Context, b *connector.Batch) error {
		to = b.Cursor
		for i := range b.Activities {
			a := &b.Activities[i]
			kind := a.Kind.String()
			if a.Deleted {
				kind = "deleted"
			}
			lines = append(lines, strings.Join([]string{kind, a.ExternalID, a.Thread, a.ReplyTo, a.Title}, "|"))
		}
		return nil
	})
	if err := src.Read(t.Context(), from, sink); err != nil {
		t.Fatal(err)
	}
	if err := sink.Flush(); err != nil {
		t.Fatal(err)
	}
	return lines, to
}

// TestTypes reads what is no story to the search: job posts and polls.
func TestTypes(t *testing.T) {
	h := &small{hits: []object{
		hit(30, 3, "job", object{"title": "AcmeDB (YC W20) is hiring"}), hit(20, 2, "poll", object{"title": "Poll: AcmeDB or not?", "num_comments": 1}), hit(10, 1, "story", object{"title": "ask hn: AcmeDB?"}),
	}, items: map[string]object{"20": {
		"id": 20, "created_at_i": at(2), "type": "poll", "author": "ben", "title": "Poll: AcmeDB or not?", "text": nil, "children": []object{
			{"id": 21, "created_at_i": at(3), "type": "comment", "author": "ana", "text": "<p>Yes</p>", "parent_id": 20, "story_id": 20, "children": []object{}},
		},
		"options": []object{{"id": 22, "type": "pollopt", "text": "Yes", "points": 3}},
	}}}
	lines, _ := read(t, h, "", day0.Add(time.Hour))
	want := []string{
		"announcement|30|30||AcmeDB (YC W20) is hiring", "message|20|20||Poll: AcmeDB or not?", "reply|21|20|20|", "message|10|10||ask hn: AcmeDB?",
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("activities (-want +got):\n%s", diff)
	}
}

// TestDeadStory reads a story that a moderator took away before the search knew: only its number and discussion are given.
func TestDeadStory(t *testing.T) {
	h := &small{hits: []object{hit(10, 1, "story", object{"title": "AcmeDB", "num_comments": 1})}, items: map[string]object{"10": {
		"id": 10, "children": []object{{"id": 11, "created_at_i": at(3), "type": "comment", "author": "ana", "text": "<p>Yes</p>", "parent_id": 10, "children": []object{}}},
	}}}
	lines, _ := read(t, h, "", day0.Add(time.Hour))
	if diff := cmp.Diff([]string{"deleted|10|||", "reply|11|10|10|"}, lines); diff != "" {
		t.Errorf("activities (-want +got):\n%s", diff)
	}
}

// TestLateComments holds that a comment comes in which the search had only after the read that was due, and that one whose
// story it did not know yet is not put together with others of that kind.
func TestLateComments(t *testing.T) {
	h := &small{hits: []object{hit(12, 50, "comment", object{"comment_text": "AcmeDB!", "parent_id": 11})}}
	lines, cursor := read(t, h, "", day0.Add(time.Hour))
	if diff := cmp.Diff([]string{"reply|12||11|"}, lines); diff != "" {
		t.Errorf("the first read (-want +got):\n%s", diff)
	}
	h.hits = []object{
		hit(12, 50, "comment", object{"comment_text": "AcmeDB!", "parent_id": 11, "story_id": 10, "story_title": "Databases"}),
		hit(9, 45, "comment", object{"comment_text": "So does AcmeDB.", "parent_id": 8, "story_id": 7, "story_title": "Others"}),
	}
	lines, cursor = read(t, h, cursor, day0.Add(2*time.Hour))
	if diff := cmp.Diff([]string{"reply|12|10|11|", "reply|9|7|8|"}, lines); diff != "" {
		t.Errorf("the second read (-want +got):\n%s", diff)
	}
	lines, cursor = read(t, h, cursor, day0.Add(6*time.Hour))
	if len(lines) != 2 {
		t.Errorf("the third read goes on from three hours before the second, and tells %v", lines)
	}
	if lines, _ = read(t, h, cursor, day0.Add(7*time.Hour)); len(lines) != 0 {
		t.Errorf("the fourth read tells %v, which nobody can change any more", lines)
	}
}
