// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package hackernews

import (
	"context"
	"html"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/htmltext"
	"greenroom/connector/internal/jsonfile"
	"greenroom/connector/internal/rest"
	"greenroom/connector/internal/walk"
)

const (
	site      = "https://news.ycombinator.com/"
	channelID = "news"
	pageSize  = 100
	open      = 15 * 24 * time.Hour // how long a discussion goes on, with a day to spare
	edits     = 3 * time.Hour       // how long a comment may change, with an hour to spare
)

type rawHit = jsontext.Value

// wireHit is what a search finds.
type wireHit struct {
	ID       string   `json:"objectID"`
	Created  int64    `json:"created_at_i"`
	Author   string   `json:"author"`
	Title    string   `json:"title"`
	URL      string   `json:"url"`
	Text     string   `json:"story_text"`
	Comment  string   `json:"comment_text"`
	Comments int64    `json:"num_comments"`
	Story    int64    `json:"story_id"`
	Above    string   `json:"story_title"`
	Parent   int64    `json:"parent_id"`
	Tags     []string `json:"_tags"`
}

// wireItem is a story or a comment with what stands below it.
type wireItem struct {
	ID       int64      `json:"id"`
	Created  int64      `json:"created_at_i"`
	Type     string     `json:"type"` // story, comment, job, poll, pollopt
	Author   string     `json:"author"`
	Title    string     `json:"title"`
	URL      string     `json:"url"`
	Text     string     `json:"text"`
	Parent   int64      `json:"parent_id"`
	Children []wireItem `json:"children"`
}

// gone reports whether an item was taken away by its author or by a moderator: then only its number and what stands below
// it are given.
func (it *wireItem) gone() bool { return it.Author == "" && it.Text == "" && it.Title == "" }

// Read goes through the searches.
func (s *source) Read(ctx context.Context, from connector.Cursor, out *connector.Sink) error {
	var sections []walk.Section
	for _, t := range s.terms {
		for _, kind := range t.kinds() {
			name := kind + "/" + t.text
			if t.domain {
				name = "site/" + t.text
			}
			sections = append(sections, walk.Section{Name: name, Title: t.text + ": " + kind, Read: func(ctx context.Context, at *walk.At) (string, error) {
				since := at.Since
				switch {
				case since.IsZero():
				case kind == "story":
					since = since.Add(-open)
				default:
					since = since.Add(-edits)
				}
				return s.page(ctx, t, kind, at.Page, s.after(since), out)
			}})
		}
	}
	return walk.Sections(ctx, sections, from, s.now(), out)
}

// page reads one page of a search. Its name is the time from which it goes back, and what the page before has told of that
// second: "1767603600,17;18".
func (s *source) page(ctx context.Context, t term, kind, page string, after int64, out *connector.Sink) (next string, err error) {
	out.Channel(connector.Channel{ExternalID: channelID, Name: title, URL: site})
	start, told := int64(0), []string(nil)
	if at, ids, ok := strings.Cut(page, ","); ok {
		if start, err = strconv.ParseInt(at, 10, 64); err == nil {
			told = strings.Split(ids, ";")
		}
	}
	f, err := s.find(ctx, t, kind, start, after, pageSize)
	if err != nil {
		return "", err
	}
	last, same, fresh := start, told, false
	for i, raw := range f.Hits {
		var h wireHit
		err := rest.Unmarshal(raw, &h)
		if number, bad := strconv.ParseInt(h.ID, 10, 64); err != nil || bad != nil || number <= 0 || h.Created <= 0 {
			out.Read(1)
			out.Reject(greenroom.Reject{File: "search for " + t.text, Line: int64(i) + 1, Reason: "it has no number or no time", Expected: "a hit of the Hacker News search", Excerpt: string(raw)})
			continue
		}
		if last == 0 || h.Created < last {
			last, same = h.Created, nil
		}
		if slices.Contains(same, h.ID) {
			continue
		}
		same, fresh = append(same, h.ID), true
		out.Read(1)
		if err := s.hit(ctx, t, kind, &h, raw, out); err != nil {
			return "", err
		}
	}
	if len(f.Hits) < pageSize || !fresh { // no more, or more than a page in one second
		return "", nil
	}
	return strconv.FormatInt(last, 10) + "," + strings.Join(same, ";"), nil
}

// hit passes on what a search found, if it is what was searched for, with the discussion below a story.
func (s *source) hit(ctx context.Context, t term, kind string, h *wireHit, raw []byte, out *connector.Sink) error {
	if !t.in(h) {
		out.LeftOut("found by the search without the word", 1)
		return nil
	}
	number, err := strconv.ParseInt(h.ID, 10, 64)
	if err != nil { // it was read before
		return nil //nolint:nilerr // see there
	}
	it := wireItem{ID: number, Created: h.Created, Type: kind, Author: h.Author, Title: h.Title, URL: h.URL, Text: h.Text, Parent: h.Parent}
	for _, other := range []string{"job", "poll"} {
		if slices.Contains(h.Tags, other) {
			it.Type = other
		}
	}
	if kind == "comment" {
		it.Text, it.Title = h.Comment, ""
		if err := s.one(ctx, &it, h.Story, out.Raw(raw), out); err != nil {
			return err
		}
		if h.Story != 0 {
			out.Conversation(connector.Conversation{Thread: id(h.Story), Title: html.UnescapeString(clean(h.Above)), URL: link(h.Story)})
		}
		return nil
	}
	if h.Comments == 0 {
		return s.tree(ctx, &it, number, out.Raw(raw), out)
	}
	ans, err := s.search.Get(ctx, "/items/"+url.PathEscape(h.ID), nil)
	if rest.Gone(err) {
		return s.tree(ctx, &it, number, out.Raw(raw), out)
	}
	if err != nil {
		return err
	}
	var whole wireItem
	if rest.Unmarshal(ans.Body, &whole) != nil || whole.ID != number || whole.Created <= 0 && !whole.gone() {
		out.Reject(greenroom.Reject{File: "item " + h.ID, Reason: "the discussion cannot be read", Expected: "an item of the Hacker News search", Excerpt: string(ans.Body)})
		return nil //nolint:nilerr // it is rejected
	}
	return s.tree(ctx, &whole, number, out.Raw(ans.Body), out)
}

// in reports whether a hit is what was searched for: the search also finds words that only begin so.
func (t term) in(h *wireHit) bool {
	if !t.domain {
		all, word := clean(h.Title+"\n"+h.URL+"\n"+h.Text+"\n"+h.Comment), strings.ToLower(t.text)
		return strings.Contains(strings.ToLower(all), word) || strings.Contains(strings.ToLower(htmltext.Text(all)), word)
	}
	u, err := url.Parse(h.URL)
	if err != nil {
		return false
	}
	host := strings.ToLower(u.Hostname())
	return host == t.text || strings.HasSuffix(host, "."+t.text)
}

// tree passes on an item and what stands below it.
func (s *source) tree(ctx context.Context, it *wireItem, story int64, ref connector.RawRef, out *connector.Sink) error {
	if err := s.one(ctx, it, story, ref, out); err != nil {
		return err
	}
	for i := range it.Children {
		if err := s.tree(ctx, &it.Children[i], story, ref, out); err != nil {
			return err
		}
	}
	return nil
}

func id(number int64) string { return strconv.FormatInt(number, 10) }

func link(number int64) string { return site + "item?id=" + id(number) }

func clean(s string) string { return strings.TrimSpace(jsonfile.Clean(s)) }

// one passes on a story or a comment.
func (s *source) one(ctx context.Context, it *wireItem, story int64, ref connector.RawRef, out *connector.Sink) error {
	if it.Type == "pollopt" {
		out.LeftOut("choices of polls", 1)
		return nil
	}
	if it.gone() {
		out.Activity(connector.Activity{ExternalID: id(it.ID), Deleted: true, EditedAt: s.now(), Raw: ref})
		return nil
	}
	author, err := s.person(ctx, it.Author, out)
	if err != nil {
		return err
	}
	a := connector.Activity{
		ExternalID: id(it.ID), Kind: greenroom.KindReply, Channel: channelID, Author: author, OccurredAt: time.Unix(it.Created, 0).UTC(),
		Title: html.UnescapeString(clean(it.Title)), Body: htmltext.Convert(clean(it.Text), site).Text, URL: link(it.ID), Raw: ref,
	}
	if story != 0 { // the search may not know yet where a new comment belongs
		a.Thread = id(story)
	}
	switch it.Type {
	case "comment":
		if it.Parent != 0 {
			a.ReplyTo = id(it.Parent)
		}
	case "job":
		a.Kind = greenroom.KindAnnouncement
	default:
		a.Kind, a.Question = greenroom.KindMessage, strings.HasPrefix(strings.ToLower(a.Title), "ask hn")
	}
	if it.URL != "" {
		a.Body = strings.TrimSpace(a.Body + "\n\n" + clean(it.URL))
	}
	out.Activity(a)
	return nil
}

// person passes on an account, with what it tells of itself where that is wanted.
func (s *source) person(ctx context.Context, name string, out *connector.Sink) (string, error) {
	if name == "" {
		return "", nil
	}
	who := connector.Identity{ExternalID: name, Handle: name, ProfileURL: site + "user?id=" + url.QueryEscape(name), Staff: s.staff[name]}
	if !s.known[name] && s.set.On(optProfiles) {
		s.known[name] = true
		var u struct {
			Created int64  `json:"created"`
			About   string `json:"about"`
		}
		if _, err := s.items.Into(ctx, "/user/"+url.PathEscape(name)+".json", nil, &u); err != nil && !rest.Gone(err) {
			return "", err
		}
		if u.Created > 0 {
			who.JoinedAt = time.Unix(u.Created, 0).UTC()
		}
		about := htmltext.Convert(clean(u.About), site)
		who.Bio = about.Text
	}
	out.Identity(who)
	return name, nil
}
