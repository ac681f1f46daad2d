// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package reddit

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"greenroom/connector"
	"greenroom/connector/internal/rest"
)

// Limits of one thread.
const (
	moreAtOnce  = 100    // comments that may be asked for by their ids at once
	maxRequests = 200    // for one thread; what is beyond is counted as left out
	threadLimit = "500"  // comments in the first answer
	tooDeep     = "_"    // the id of a "more" that only goes on deeper
	t3          = "t3_"  // in front of a post's id
	oldest      = "old"  // the order in which answers to the same question are the same
	apiType     = "json" // of morechildren
)

// thread reads all comments on a post. An answer leaves some out and names them ("more"): these are asked for a hundred at
// once, and where a branch goes too deep, from its last comment on.
func (s *source) thread(ctx context.Context, post, what string, out *connector.Sink) error {
	r := &thread{s: s, post: post, file: what + ": comments on " + t3 + post, out: out, seen: map[string]bool{}}
	if err := r.branch(ctx, ""); err != nil {
		return err
	}
	for r.requests < maxRequests && len(r.more)+len(r.deeper) > 0 {
		var err error
		if len(r.more) > 0 {
			err = r.children(ctx)
		} else {
			from := r.deeper[0]
			r.deeper = r.deeper[1:]
			err = r.branch(ctx, from)
		}
		if err != nil {
			return err
		}
	}
	n := len(r.deeper)
	for _, some := range r.more {
		n += len(some.ids)
	}
	if n > 0 {
		out.LeftOut("comments of very long threads", n)
	}
	return s.profiles(ctx, r.people, out)
}

// thread is a thread while it is read.
type thread struct {
	s        *source
	post     string
	file     string
	out      *connector.Sink
	seen     map[string]bool // comments that were passed on: branches overlap
	more     []level         // ids of comments that are to be asked for
	deeper   []string        // comments from which branches go on
	people   []string
	requests int
	lines    int
}

// level are ids of comments that stand equally deep. Of comments that are asked for together Reddit gives those that stand
// highest in the thread only, and is silent on the others.
type level struct {
	name string // tells it from those that may be deeper or higher
	ids  []string
}

// later notes the ids that an answer names.
func (r *thread) later(m *wireMore) {
	name := m.Parent
	if m.Depth != nil { // which branches count from where they begin
		name = strconv.Itoa(r.requests) + "/" + strconv.Itoa(*m.Depth)
	}
	i := slices.IndexFunc(r.more, func(l level) bool { return l.name == name })
	for _, id := range m.Children {
		switch {
		case r.seen[id]:
		case i < 0:
			i = len(r.more)
			r.more = append(r.more, level{name: name, ids: []string{id}})
		case !slices.Contains(r.more[i].ids, id):
			r.more[i].ids = append(r.more[i].ids, id)
		}
	}
}

// branch asks for the thread, or for what is below one of its comments.
func (r *thread) branch(ctx context.Context, comment string) error {
	r.requests++
	q := url.Values{"limit": {threadLimit}, "sort": {oldest}, "raw_json": {"1"}}
	if comment != "" {
		q.Set("comment", comment)
	}
	var both []wireListing // of the post, and of the comments
	_, err := r.s.client.Into(ctx, "/comments/"+r.post, q, &both)
	if rest.Gone(err) || rest.Refused(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if len(both) > 1 {
		r.tree(both[1].Data.Children)
	}
	return nil
}

// children asks for comments by their ids.
func (r *thread) children(ctx context.Context) error {
	r.requests++
	one := &r.more[0]
	n := min(moreAtOnce, len(one.ids))
	some := one.ids[:n]
	if one.ids = one.ids[n:]; len(one.ids) == 0 {
		r.more = r.more[1:]
	}
	var got struct {
		JSON struct {
			Data struct {
				Things []wireThing `json:"things"`
			} `json:"data"`
		} `json:"json"`
	}
	q := url.Values{"link_id": {t3 + r.post}, "children": {strings.Join(some, ",")}, "api_type": {apiType}, "sort": {oldest}, "limit_children": {"false"}, "raw_json": {"1"}}
	_, err := r.s.client.Into(ctx, "/api/morechildren", q, &got)
	if rest.Gone(err) || rest.Refused(err) {
		return nil
	}
	if err != nil {
		return err
	}
	r.tree(got.JSON.Data.Things)
	return nil
}

// tree passes on comments and what is below them.
func (r *thread) tree(things []wireThing) {
	for i := range things {
		t := &things[i]
		switch t.Kind {
		case kindMore:
			var m wireMore
			if rest.Unmarshal(t.Data, &m) != nil {
				continue
			}
			if parent := strings.TrimPrefix(m.Parent, "t1_"); m.ID == tooDeep && parent != m.Parent && !slices.Contains(r.deeper, parent) {
				r.deeper = append(r.deeper, parent)
			}
			r.later(&m)
		case kindComment:
			r.comment(t)
		default:
			r.out.LeftOut("things of kind "+t.Kind, 1)
		}
	}
}

func (r *thread) comment(t *wireThing) {
	var it wireItem
	err := rest.Unmarshal(t.Data, &it)
	if err == nil && r.seen[it.ID] && it.ID != "" {
		r.tree(it.children())
		return
	}
	r.lines++
	got := r.s.push(t, &it, err, r.file, r.lines, r.out)
	if got == nil {
		return
	}
	r.seen[got.ID] = true
	r.people = append(r.people, got.AuthorID)
	r.tree(got.children())
}
