// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package linkedin

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/rest"
	"greenroom/connector/internal/walk"
)

// note is what the cursor keeps: the numbers of comments and reactions of the newest posts, as they were read.
type note struct {
	Counts map[string]string `json:"counts,omitempty"` // "comments/reactions" by post
	Pushes *subscription     `json:"pushes,omitempty"` // nil = never asked for
}

// maxCounts bounds how many posts are remembered.
const maxCounts = 150

// Read goes through the pages.
func (s *source) Read(ctx context.Context, from connector.Cursor, out *connector.Sink) error {
	s.ages()
	return walk.Noted(ctx, from, s.env.Now(), out, &s.text, func() ([]walk.Section, error) {
		s.note = note{}
		if s.text != "" && json.Unmarshal([]byte(s.text), &s.note) != nil {
			s.note = note{}
		}
		if s.note.Counts == nil {
			s.note.Counts = map[string]string{}
		}
		pages, err := s.pages(ctx)
		if err != nil {
			return nil, err
		}
		if err := s.subscribe(ctx, pages); err != nil {
			return nil, err
		}
		var all []walk.Section
		for i := range pages {
			all = append(all, s.posts(&pages[i], out))
			if s.set.On(optNotices) {
				all = append(all, s.notices(&pages[i], out))
			}
			if s.set.On(optFollows) {
				all = append(all, s.gains(&pages[i], out))
			}
		}
		return all, nil
	})
}

// pages asks for the pages that are wanted, by id.
func (s *source) pages(ctx context.Context) ([]wireOrganization, error) {
	ids := s.set.List(optPages)
	for start := 0; len(s.set.List(optPages)) == 0; start += pageComments {
		var l wireList
		if err := s.ask(ctx, "FINDER", fmt.Sprintf("/organizationAcls?q=roleAssignee&role=ADMINISTRATOR&state=APPROVED&start=%d&count=%d", start, pageComments), &l); err != nil {
			return nil, err
		}
		for _, e := range l.Elements {
			var acl struct {
				Organization string `json:"organization"`
			}
			if rest.Unmarshal(e, &acl) == nil && strings.HasPrefix(acl.Organization, organizationURN) && !slices.Contains(ids, last(acl.Organization)) {
				ids = append(ids, last(acl.Organization))
			}
		}
		if !l.more() {
			break
		}
	}
	slices.Sort(ids)
	all := make([]wireOrganization, 0, len(ids))
	for _, id := range ids {
		var o wireOrganization
		if err := s.ask(ctx, "GET", "/organizations/"+id, &o); err != nil {
			return nil, err
		}
		if o.ID == 0 {
			n, err := strconv.ParseInt(id, 10, 64)
			if err != nil {
				return nil, greenroom.Errorf(greenroom.CodeInvalid, "%q is not the id of a page on %s", id, title)
			}
			o.ID = n
		}
		all = append(all, o)
	}
	return all, nil
}

// look is a post whose comments and reactions are to be read, and the numbers that are kept once they are.
type look struct{ urn, counts string }

// reading is where the section of a page's posts stands. Its pages are "50" for posts from the fiftieth on, and
// "50|urn|c|100" for the comments, or r the reactions, of one of these posts from the hundredth on.
type reading struct {
	s     *source
	o     *wireOrganization
	out   *connector.Sink
	start string // of the page of posts that is held
	looks []look
	more  bool
}

// posts is the section of a page's posts.
func (s *source) posts(o *wireOrganization, out *connector.Sink) walk.Section {
	r := &reading{s: s, o: o, out: out, start: "none"}
	return walk.Section{Name: "posts/" + strconv.FormatInt(o.ID, 10), Title: o.Name + ": posts", Always: true, Read: func(ctx context.Context, at *walk.At) (string, error) {
		page(o, out)
		start, rest, inPost := strings.Cut(at.Page, "|")
		if start == "" {
			start = "0"
		}
		if !inPost {
			if err := r.list(ctx, start, true); err != nil {
				return "", err
			}
			return r.next(""), nil
		}
		if r.start != start {
			if err := r.list(ctx, start, false); err != nil {
				return "", err
			}
		}
		parts := strings.Split(rest, "|")
		i := slices.IndexFunc(r.looks, func(l look) bool { return l.urn == parts[0] })
		if i < 0 || len(parts) < 3 {
			return r.next(""), nil
		}
		return r.inside(ctx, &r.looks[i], parts[1], parts[2])
	}}
}

func (r *reading) urn() string { return organizationURN + strconv.FormatInt(r.o.ID, 10) }

// list reads a page of posts and finds out which of them have something new.
func (r *reading) list(ctx context.Context, start string, push bool) error {
	var l wireList
	if err := r.s.ask(ctx, "FINDER", fmt.Sprintf("/posts?q=author&author=%s&sortBy=CREATED&start=%s&count=%d", enc(r.urn()), start, pagePosts), &l); err != nil {
		return err
	}
	r.start, r.looks, r.more = start, nil, l.more()
	since := r.s.set.Since(optSince)
	var kept []wirePost
	for i, raw := range l.Elements {
		var p wirePost
		err := rest.Unmarshal(raw, &p)
		good := err == nil && p.ID != "" && p.at() != 0
		if good && when(p.at()).Before(since) {
			r.more = false
			continue
		}
		if good && (p.State == "" || p.State == "PUBLISHED") {
			kept = append(kept, p)
		}
		if !push {
			continue
		}
		r.out.Read(1)
		switch {
		case !good:
			reject(r.out, r.o.Name+": posts", i+1, raw, "this is not a post with an id and a time")
		case p.State != "" && p.State != "PUBLISHED":
			r.out.LeftOut("posts that are not published", 1)
		default:
			post(&p, r.urn(), raw, r.s.from.IsZero(), r.out)
		}
	}
	return r.changed(ctx, kept)
}

// changed asks for the numbers of posts, and keeps those posts whose comments and reactions have to be read.
func (r *reading) changed(ctx context.Context, posts []wirePost) error {
	if len(posts) == 0 {
		return nil
	}
	ids := make([]string, len(posts))
	for i := range posts {
		ids[i] = posts[i].ID
	}
	var batch struct {
		Results map[string]wireMetadata `json:"results"`
	}
	err := r.s.ask(ctx, "BATCH_GET", "/socialMetadata?ids="+list(ids), &batch)
	if err != nil && !rest.Refused(err) && !rest.Gone(err) {
		return err
	}
	again := r.s.env.Now().AddDate(0, 0, -int(r.s.set.Number(optAgain)))
	for i := range posts {
		m, known := batch.Results[posts[i].ID]
		var reactions int64
		for _, n := range m.Reactions {
			reactions += n.Count
		}
		counts := fmt.Sprintf("%d/%d", m.Comments.Count, reactions)
		switch {
		case known && counts == "0/0":
		case !known, when(posts[i].at()).After(again), r.s.note.Counts[posts[i].ID] != counts:
			r.looks = append(r.looks, look{urn: posts[i].ID, counts: counts})
		}
	}
	return nil
}

// next is the page that follows the reading of a post; "" = of none.
func (r *reading) next(urn string) string {
	i := 0
	if urn != "" {
		i = slices.IndexFunc(r.looks, func(l look) bool { return l.urn == urn }) + 1
		if i == 0 {
			i = len(r.looks)
		}
	}
	if i < len(r.looks) {
		return r.start + "|" + r.looks[i].urn + "|c|0"
	}
	if !r.more {
		return ""
	}
	at, err := strconv.Atoi(r.start)
	if err != nil {
		return ""
	}
	return strconv.Itoa(at + pagePosts)
}

// inside reads a page of the comments or the reactions of a post.
func (r *reading) inside(ctx context.Context, l *look, what, start string) (string, error) {
	var more bool
	var err error
	if what == "c" {
		more, err = r.s.comments(ctx, r, l.urn, l.urn, start)
	} else {
		more, err = r.s.reactions(ctx, r, l.urn, start)
	}
	if err != nil {
		return "", err
	}
	switch {
	case more:
		at, err := strconv.Atoi(start)
		if err != nil {
			return "", greenroom.Errorf(greenroom.CodeInvalid, "the place to go on from, %q, is not one of this connector's", start)
		}
		return r.start + "|" + l.urn + "|" + what + "|" + strconv.Itoa(at+pageComments), nil
	case what == "c" && r.s.set.On(optReactions):
		return r.start + "|" + l.urn + "|r|0", nil
	}
	r.s.remember(l)
	return r.next(l.urn), nil
}

// remember keeps the numbers of a post that was read. The ids of posts grow with time, so the smallest go first.
func (s *source) remember(l *look) {
	s.note.Counts[l.urn] = l.counts
	if len(s.note.Counts) > maxCounts {
		oldest := ""
		for urn := range s.note.Counts {
			if oldest == "" || len(last(urn)) < len(last(oldest)) || len(last(urn)) == len(last(oldest)) && last(urn) < last(oldest) {
				oldest = urn
			}
		}
		delete(s.note.Counts, oldest)
	}
	s.keep()
}

// keep writes the note for the cursor.
func (s *source) keep() {
	text, err := json.Marshal(s.note, json.Deterministic(true))
	if err == nil { // texts and times always marshal
		s.text = string(text)
	}
}

// gains is the section of the followers gained by day. LinkedIn knows the last twelve months, up to the day before
// yesterday.
func (s *source) gains(o *wireOrganization, out *connector.Sink) walk.Section {
	urn := organizationURN + strconv.FormatInt(o.ID, 10)
	return walk.Section{Name: "followers/" + strconv.FormatInt(o.ID, 10), Title: o.Name + ": followers", Read: func(ctx context.Context, at *walk.At) (string, error) {
		page(o, out)
		until := s.env.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, -1)
		from := until.AddDate(-1, 0, 0)
		for _, later := range []time.Time{s.set.Since(optSince), at.Since.AddDate(0, 0, -3).UTC().Truncate(24 * time.Hour)} {
			if later.After(from) && later.Before(until) {
				from = later
			}
		}
		var l wireList
		err := s.ask(ctx, "FINDER", fmt.Sprintf("/organizationalEntityFollowerStatistics?q=organizationalEntity&organizationalEntity=%s&timeIntervals=(timeRange:(start:%d,end:%d),timeGranularityType:DAY)",
			enc(urn), from.UnixMilli(), until.UnixMilli()), &l)
		if rest.Refused(err) {
			s.env.Meter.Warn("LinkedIn does not show the followers of " + o.Name + " to this token; it needs rw_organization_admin and an administrator of the page.")
			return "", nil
		}
		if err != nil {
			return "", err
		}
		for i, raw := range l.Elements {
			out.Read(1)
			var g wireGain
			if err := rest.Unmarshal(raw, &g); err != nil || g.Range.Start == 0 {
				reject(out, o.Name+": followers", i+1, raw, "this is not a number of followers with its day")
				continue
			}
			gained(&g, urn, raw, out)
		}
		return "", nil
	}}
}
