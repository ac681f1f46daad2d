// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package gitea

import (
	"bytes"
	"context"
	"net/url"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"greenroom/connector"
	"greenroom/connector/internal/rest"
)

// item pushes an issue or a pull request as the API has it, with what happened to it.
func (s *source) item(ctx context.Context, p *place, raw []byte, out *connector.Sink) error {
	it := p.item
	ref := out.Raw(raw)
	s.opened(p, ref, out)
	remarks := int64(0)
	if p.pull && s.set.On(optReviews) {
		var err error
		if remarks, err = s.reviews(ctx, p, out); err != nil {
			return err
		}
	}
	resolved := ""
	if !it.untouched() {
		last, err := s.timeline(ctx, p, remarks, out)
		if err != nil {
			return err
		}
		switch {
		case it.State == "closed" && (it.Merged || last == ""):
			resolved = s.ended(p, ref, out)
		case it.State == "closed":
			resolved = last
		}
	}
	if s.set.On(optReactions) {
		if err := s.reactions(ctx, p, out); err != nil {
			return err
		}
	}
	p.conversation(resolved, out)
	return nil
}

// all passes on each entry of a list that is read in one go: page by page, or, where more is nil, in a single answer. A list
// that the server does not have or show is empty.
func (s *source) all(ctx context.Context, path string, out *connector.Sink, more func(ans *rest.Answer, number string, n int) string, pass func(item []byte) error) error {
	var before []byte
	for n := ""; ; {
		q := page(n)
		if more == nil {
			q = nil
		}
		ans, err := s.client.Get(ctx, path, q)
		if rest.Gone(err) || rest.Refused(err) {
			return nil
		}
		if err != nil {
			return err
		}
		var items []jsontext.Value
		if err := s.client.Decode(ans, &items); err != nil {
			return err
		}
		if len(items) > 0 && bytes.Equal(before, ans.Body) { // a server that knows no pages of this list gives the same again
			return nil
		}
		before = ans.Body
		for i, item := range items {
			out.Read(1)
			if err := pass(item); err != nil {
				reject(out, path, int64(i)+1, item, err)
			}
		}
		if more == nil {
			return nil
		}
		if n = more(ans, n, len(items)); n == "" {
			return nil
		}
	}
}

// timeline reads who closed and reopened something, and the housekeeping. It returns the id of what closed it last. remarks
// is how many remarks on lines the pull request has.
func (s *source) timeline(ctx context.Context, p *place, remarks int64, out *connector.Sink) (closedBy string, err error) {
	if s.most == 0 { // once in the life of this source
		var limits struct {
			Most int `json:"max_response_items"`
		}
		if _, err := s.client.Into(ctx, "/settings/api", nil, &limits); err != nil && !rest.Gone(err) && !rest.Refused(err) {
			return "", err
		}
		s.most = pageSize
		if limits.Most > 0 {
			s.most = min(pageSize, limits.Most)
		}
	}
	err = s.all(ctx, p.path()+"/timeline", out, s.beyond(remarks), func(item []byte) error {
		var e wireEvent
		if err := read(item, &e, func() bool { return e.ID != 0 && !e.CreatedAt.IsZero() }); err != nil {
			return err
		}
		if e.Type == "merge_pull" && p.item.MergedBy == nil { // lists do not say who merged
			p.item.MergedBy = e.User
		}
		if external, closed := s.event(p, &e, item, out); closed {
			closedBy = external
		}
		return nil
	})
	return closedBy, err
}

// beyond goes on to the next page of a timeline until one is empty behind the remarks on lines. The server cuts pages with
// these, leaves them out of what it gives, and counts what is left, so that whole pages are empty in the middle. (Asked
// without a page it gives all at once, but Gitea from 1.26 on the first page.)
func (s *source) beyond(remarks int64) func(*rest.Answer, string, int) string {
	rows := remarks // as far as is known
	return func(_ *rest.Answer, number string, n int) string {
		rows += int64(n)
		at := pageNumber(number)
		if n == 0 && int64(at)*int64(s.most) >= rows {
			return ""
		}
		return strconv.Itoa(at + 1)
	}
}

// reviews reads the reviews of a pull request, and the remarks on lines that belong to each, and returns how many these are.
func (s *source) reviews(ctx context.Context, p *place, out *connector.Sink) (remarks int64, err error) {
	var withRemarks []int64
	err = s.all(ctx, p.pullPath()+"/reviews", out, following, func(item []byte) error {
		var v wireReview
		if err := read(item, &v, func() bool { return v.ID != 0 && (v.State == "PENDING" || !v.SubmittedAt.IsZero()) }); err != nil {
			return err
		}
		remarks += v.Comments
		if s.review(p, &v, item, out) && v.Comments > 0 {
			withRemarks = append(withRemarks, v.ID)
		}
		return nil
	})
	for _, number := range withRemarks {
		if err != nil {
			return 0, err
		}
		err = s.all(ctx, p.pullPath()+"/reviews/"+id(number)+"/comments", out, nil, func(item []byte) error { // this list has no pages
			var c wireComment
			return read(item, &c, func() bool {
				return c.ID != 0 && !c.CreatedAt.IsZero() && s.comment(p.repo, &c, "review/"+id(number), item, out)
			})
		})
	}
	return remarks, err
}

// reactions reads the emoji on an issue or a pull request.
func (s *source) reactions(ctx context.Context, p *place, out *connector.Sink) error {
	return s.all(ctx, p.path()+"/reactions", out, following, func(item []byte) error {
		var v wireReaction
		if err := read(item, &v, func() bool { return v.User != nil && v.Content != "" && !v.CreatedAt.IsZero() }); err != nil {
			return err
		}
		if v.User.ID == 0 { // brought in from another server, and nobody here is known to be that person
			out.LeftOut("reactions of people without an account", 1)
			return nil
		}
		s.reaction(p, &v, item, out)
		return nil
	})
}

// again asks for an issue or a pull request of which a webhook told, and passes it on as a read does.
func (s *source) again(ctx context.Context, p *place, out *connector.Sink) error {
	path := p.path()
	if p.pull {
		path = p.pullPath()
	}
	ans, err := s.client.Get(ctx, path, nil)
	if rest.Gone(err) || rest.Refused(err) {
		out.LeftOut("events of what the server does not show", 1)
		return nil
	}
	if err != nil {
		return err
	}
	var now wireIssue
	if err := read(ans.Body, &now, now.good); err != nil {
		reject(out, path, 0, ans.Body, err)
		return nil
	}
	p.item = &now
	return s.item(ctx, p, ans.Body, out)
}

// releaseAgain asks for a release: a webhook does not say when it was last changed.
func (s *source) releaseAgain(ctx context.Context, r *wireRepo, number int64, out *connector.Sink) (gone bool, err error) {
	path := "/repos/" + r.FullName + "/releases/" + url.PathEscape(id(number))
	ans, err := s.client.Get(ctx, path, nil)
	if rest.Gone(err) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	var v wireRelease
	if err := read(ans.Body, &v, func() bool { return v.ID != 0 && !v.CreatedAt.IsZero() }); err != nil {
		reject(out, path, 0, ans.Body, err)
		return false, nil
	}
	s.release(r, &v, ans.Body, out)
	return false, nil
}
