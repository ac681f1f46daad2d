// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package discourse

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/jsonfile"
	"greenroom/connector/internal/rest"
)

// chunk is how many posts one request asks for; a forum gives no more.
const chunk = 20

// forumCursor is where reading a forum can go on. A pass goes through the list of topics from the newest activity down
// to Since. When it is done, Since becomes High and the rest is empty.
type forumCursor struct {
	Since string `json:"since,omitempty"` // activity up to here is known
	High  string `json:"high,omitempty"`  // the newest activity when the pass began
	Page  int    `json:"page,omitempty"`  // the page of the list that is being read
	Topic int    `json:"topic,omitempty"` // topics of the page that were read
	Site  string `json:"site,omitempty"`  // digest of the categories and staff that were told

	Born   string `json:"born,omitempty"`   // accounts up to here are known
	Birth  string `json:"birth,omitempty"`  // the newest account of this pass
	People int    `json:"people,omitempty"` // the page of the list of accounts that is being read; -1 = they were read
}

func (c forumCursor) String() (connector.Cursor, error) {
	b, err := json.Marshal(c)
	return connector.Cursor(b), err
}

// Read pushes what is after the cursor into the sink.
func (s *source) Read(ctx context.Context, from connector.Cursor, out *connector.Sink) error {
	if s.folder != "" {
		return s.readFolder(ctx, from, out)
	}
	var at forumCursor
	if from != "" {
		if err := json.Unmarshal([]byte(from), &at); err != nil || at.Page < 0 || at.Topic < 0 || at.People < -1 {
			return greenroom.Errorf(greenroom.CodeInvalid, "the place to go on from, %q, is not one of this connector; start the import anew", from)
		}
	}
	r := &forumReader{mapper: newMapper(s, out), client: s.client, source: s, at: at}
	r.now = s.env.Now().UTC().Truncate(time.Second)
	r.floor = at.Since
	if from := s.set.Since(optSince); at.Since == "" && !from.IsZero() {
		r.floor = stamp(from)
	}
	return r.read(ctx)
}

// forumReader is one read of a forum.
type forumReader struct {
	*mapper
	client *client
	source *source
	at     forumCursor
	done   int64
	floor  string         // activity up to here is not wanted; "" = all is
	total  int64          // topics of the forum; 0 = not known
	before map[int64]bool // topics of the page before: new activity moves topics from page to page
}

func (r *forumReader) read(ctx context.Context) error {
	if err := r.site(ctx); err != nil {
		return err
	}
	if err := r.people(ctx); err != nil {
		return err
	}
	for ; ; r.at.Page, r.at.Topic = r.at.Page+1, 0 {
		topics, more, err := r.page(ctx)
		if err != nil {
			return err
		}
		if r.at.High == "" {
			r.at.High = newest(topics, r.at.Since)
		}
		if err := r.checkpoint("list of topics"); err != nil {
			return err
		}
		end, err := r.topicsOf(ctx, topics)
		if err != nil {
			return err
		}
		if end || !more || len(topics) == 0 {
			break
		}
	}
	r.at = forumCursor{Since: r.at.High, Site: r.at.Site, Born: max(r.at.Born, r.at.Birth)}
	return r.checkpoint("")
}

func newest(topics []listed, since string) string {
	high := since
	for i := range topics {
		if t := topics[i].activity(); t > high {
			high = t
		}
	}
	return high
}

// activity is when something last happened in the topic, as text that sorts like the time.
func (l *listed) activity() string {
	for _, s := range []string{l.BumpedAt, l.LastPostedAt, l.CreatedAt} {
		if t, err := parseTime(s); err == nil {
			return stamp(t)
		}
	}
	return ""
}

// stamp is a time as text that sorts like the time.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z") }

// site reads the categories, and who is staff. They are told where they have changed since they were told last.
func (r *forumReader) site(ctx context.Context) error {
	list, err := r.source.categoryList(ctx)
	if err != nil {
		return err
	}
	var about document
	if err := r.client.get(ctx, "/about.json", &about); err != nil && !gone(err) { // not every forum shows it
		return err
	}
	r.total = max(about.About.Stats.TopicCount, about.About.Stats.TopicsCount)
	if r.at.Since != "" {
		r.total = 0
	}
	h := fnv.New64a()
	for _, raw := range slices.Concat(list, about.About.Admins, about.About.Moderators) {
		_, _ = h.Write(raw)
	}
	was := r.at.Site
	r.at.Site = strconv.FormatUint(h.Sum64(), 36)
	r.silent = r.at.Site == was
	r.reject = r.refusal("/site.json")
	r.categories(list)
	for _, name := range r.unknown() {
		r.source.env.Meter.Warn("The forum has no category " + name + ", or it is not shown.")
	}
	r.reject = r.refusal("/about.json")
	for _, u := range about.About.Admins {
		r.account(u, false, true)
	}
	for _, u := range about.About.Moderators {
		r.account(u, false, true)
	}
	r.silent = false
	r.newAuthors = nil
	return nil
}

// categoryList asks for the categories.
func (s *source) categoryList(ctx context.Context) ([]jsontext.Value, error) {
	var d document
	err := s.client.get(ctx, "/site.json", &d)
	list := d.Categories
	if gone(err) {
		d = document{}
		err = s.client.get(ctx, "/categories.json?include_subcategories=true", &d)
		list = d.CategoryList.Categories
	}
	if rest.Gone(err) {
		return nil, &greenroom.Error{Code: greenroom.CodeInvalid, Message: s.client.Name + " has no categories; check that the address is that of a Discourse forum", Err: err}
	}
	return list, err
}

// refusal makes a reject of a part of the answer to a request.
func (r *forumReader) refusal(path string) func([]byte, error, string) {
	return func(part []byte, err error, expected string) {
		if len(part) > 200 {
			part = part[:200]
		}
		r.out.Reject(greenroom.Reject{
			File: r.base + path, Reason: jsonfile.Reason(err), Expected: expected, Excerpt: strings.ToValidUTF8(string(part), ""),
		})
	}
}

// page reads a page of the list of topics.
func (r *forumReader) page(ctx context.Context) (topics []listed, more bool, err error) {
	path := "/latest.json?no_definitions=true&page=" + strconv.Itoa(r.at.Page)
	var d document
	if err := r.client.get(ctx, path, &d); err != nil {
		return nil, false, err
	}
	for _, raw := range d.TopicList.Topics {
		var l listed
		if err := jsonfile.Unmarshal(raw, &l); err != nil || l.ID <= 0 {
			l = listed{bad: func() { // keeps its place in the page
				r.out.Read(1)
				r.refusal(path)(raw, orNoID(err), "a topic with id and bumped_at")
			}}
		}
		topics = append(topics, l)
	}
	return topics, d.TopicList.MoreTopicsURL != "", nil
}

func orNoID(err error) error {
	if err == nil {
		return errNoID
	}
	return err
}

// topicsOf reads the topics of a page. It reports whether the pass has met what is known already.
func (r *forumReader) topicsOf(ctx context.Context, topics []listed) (end bool, err error) {
	here := make(map[int64]bool, len(topics))
	for i := range topics {
		l := &topics[i]
		here[l.ID] = true
		if i < r.at.Topic {
			continue
		}
		if l.bad != nil {
			if r.at.Since == "" { // in later passes it is known
				l.bad()
			}
			r.at.Topic = i + 1
			if err := r.checkpoint("list of topics"); err != nil {
				return false, err
			}
			continue
		}
		known := r.floor != "" && l.activity() <= r.floor
		if known && !l.Pinned && !l.PinnedAll { // pinned topics stand at the top whatever their time
			return true, nil
		}
		if !known && !r.before[l.ID] && r.wants(l.CategoryID) {
			if err := r.topic(ctx, l.ID); err != nil {
				return false, err
			}
		}
		r.at.Topic = i + 1
		r.done++
		if err := r.checkpoint("topic " + strconv.FormatInt(l.ID, 10)); err != nil {
			return false, err
		}
	}
	r.before = here
	return false, nil
}

// topic reads a topic with all its posts.
func (r *forumReader) topic(ctx context.Context, id int64) error {
	path := "/t/" + strconv.FormatInt(id, 10)
	var t topic
	err := r.client.get(ctx, path+".json"+r.client.deleted("?"), &t)
	if gone(err) {
		r.out.Read(1)
		r.leave(leftGone, 1)
		return nil
	}
	if err != nil {
		return err
	}
	t.ID = id
	th := r.begin(&t)
	r.reject = r.refusal(path + ".json")
	r.posts(th, t.PostStream.Posts)
	missing := r.missing(&t)
	for from := 0; from < len(missing); from += chunk {
		ids := missing[from:min(from+chunk, len(missing))]
		list, err := r.more(ctx, path, ids)
		if err != nil {
			return err
		}
		r.posts(th, list)
		r.leave(leftNotGiven, max(0, len(ids)-len(list)))
	}
	r.end(th)
	return r.profiles(ctx)
}

// deleted is the part of an address that asks for what was deleted, too, which the staff may see.
func (c *client) deleted(before string) string {
	if !c.key {
		return ""
	}
	return before + "show_deleted=true"
}

// missing is what the topic lists beyond the posts that came with it.
func (r *forumReader) missing(t *topic) []int64 {
	have := make(map[int64]bool, len(t.PostStream.Posts))
	for _, raw := range t.PostStream.Posts {
		var p struct {
			ID int64 `json:"id"`
		}
		if jsonfile.Unmarshal(raw, &p) == nil {
			have[p.ID] = true
		}
	}
	var ids []int64
	for _, id := range t.PostStream.Stream {
		if !have[id] {
			have[id] = true
			ids = append(ids, id)
		}
	}
	return ids
}

func (r *forumReader) more(ctx context.Context, path string, ids []int64) ([]jsontext.Value, error) {
	q := url.Values{}
	for _, id := range ids {
		q.Add("post_ids[]", strconv.FormatInt(id, 10))
	}
	path += "/posts.json?" + q.Encode() + r.client.deleted("&")
	var t topic
	if err := r.client.get(ctx, path, &t); err != nil {
		if gone(err) {
			return nil, nil
		}
		return nil, err
	}
	r.reject = r.refusal(path)
	return t.PostStream.Posts, nil
}

// profiles reads the profiles of authors who were met for the first time. They are not counted as records: a read that
// goes on from a cursor does not know whom it met before, and asks again.
func (r *forumReader) profiles(ctx context.Context) error {
	authors := r.newAuthors
	r.newAuthors = nil
	if !r.source.profiles {
		return nil
	}
	for _, name := range authors {
		path := "/u/" + url.PathEscape(name) + ".json"
		var d document
		err := r.client.get(ctx, path, &d)
		switch {
		case gone(err): // not public
		case err != nil:
			return err
		case d.User.Kind() == '{':
			r.reject = r.refusal(path)
			r.person(d.User, true, false)
		}
	}
	return nil
}

func (r *forumReader) checkpoint(phase string) error {
	cursor, err := r.at.String()
	if err != nil {
		return fmt.Errorf("writing the cursor: %w", err)
	}
	return r.out.Checkpoint(cursor, connector.Progress{Done: r.done, Total: max(r.total, 0), Unit: "records", Phase: phase})
}
