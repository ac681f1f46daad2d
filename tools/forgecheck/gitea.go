// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// giteaIssue is an issue or a pull request of Gitea.
type giteaIssue struct {
	ID       int64      `json:"id"`
	Number   int64      `json:"number"`
	Title    string     `json:"title"`
	State    string     `json:"state"`
	Created  time.Time  `json:"created_at"`
	ClosedAt *time.Time `json:"closed_at"`
	Merged   bool       `json:"merged"`
	MergedAt *time.Time `json:"merged_at"`
}

// giteaNote is a comment, a review, a release, a fork or an entry of a timeline of Gitea.
type giteaNote struct {
	ID        int64      `json:"id"`
	Type      string     `json:"type"`
	State     string     `json:"state"`
	Body      string     `json:"body"`
	Draft     bool       `json:"draft"`
	Name      string     `json:"full_name"`
	Tag       string     `json:"tag_name"`
	Created   time.Time  `json:"created_at"`
	Submitted time.Time  `json:"submitted_at"`
	Published *time.Time `json:"published_at"`
}

// gitea collects what a Gitea or Forgejo server says of a repository.
func (f *forge) gitea(ctx context.Context, project string) error {
	base := "/api/v1/repos/" + project
	if _, err := f.get(ctx, base); err != nil {
		return err
	}
	issues, err := list[giteaIssue](ctx, f.client, base+"/issues?state=all&type=issues")
	if err != nil {
		return err
	}
	pulls, err := list[giteaIssue](ctx, f.client, base+"/pulls?state=all")
	if err != nil {
		return err
	}
	for i := range issues {
		f.add("issue", fmt.Sprintf("issue/%d", issues[i].ID), issues[i].Created, issues[i].Title)
		if err := f.giteaHistory(ctx, base, fmt.Sprintf("issue/%d", issues[i].ID), &issues[i]); err != nil {
			return err
		}
	}
	for i := range pulls {
		p := &pulls[i]
		root := fmt.Sprintf("pull/%d", p.ID)
		f.add("pull_request", root, p.Created, p.Title)
		if p.Merged {
			f.add("merge", root+"/merged", firstTime(p.MergedAt, p.ClosedAt), p.Title)
		}
		if err := f.giteaHistory(ctx, base, root, p); err != nil {
			return err
		}
		if err := f.giteaReviews(ctx, fmt.Sprintf("%s/pulls/%d/reviews", base, p.Number)); err != nil {
			return err
		}
	}
	for _, one := range []struct{ kind, path, id string }{
		{"comment", "/issues/comments", "comment/"}, {"release", "/releases", "release/"}, {"fork", "/forks", "fork/"},
	} {
		all, err := list[giteaNote](ctx, f.client, base+one.path)
		if err != nil {
			return err
		}
		for i := range all {
			if n := &all[i]; !n.Draft {
				at := n.Created
				if one.kind == "release" && n.Published != nil {
					at = *n.Published
				}
				f.add(one.kind, one.id+strconv.FormatInt(n.ID, 10), at, n.Name+n.Tag)
			}
		}
	}
	return nil
}

// giteaEmpty is how many empty pages of a timeline are passed before its end is believed.
const giteaEmpty = 20

// giteaTimeline reads a timeline. Of each page Gitea leaves out remarks on lines, so that one can be empty in the middle.
func (f *forge) giteaTimeline(ctx context.Context, path string) ([]giteaNote, error) {
	var all []giteaNote
	for page, empty := 1, 0; empty < giteaEmpty; page++ {
		body, err := f.get(ctx, fmt.Sprintf("%s?limit=50&page=%d", path, page))
		if errors.Is(err, errAbsent) {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		var some []giteaNote
		if err := json.Unmarshal(body, &some); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		if empty++; len(some) > 0 {
			empty = 0
		}
		all = append(all, some...)
	}
	return all, nil
}

// giteaHistory collects when something was closed and opened again.
func (f *forge) giteaHistory(ctx context.Context, base, root string, it *giteaIssue) error {
	events, err := f.giteaTimeline(ctx, fmt.Sprintf("%s/issues/%d/timeline", base, it.Number))
	if err != nil {
		return err
	}
	closed := false
	for i := range events {
		if e := &events[i]; e.Type == "close" || e.Type == "reopen" {
			f.add(e.Type, fmt.Sprintf("event/%d", e.ID), e.Created, it.Title)
			closed = closed || e.Type == "close"
		}
	}
	if it.State == "closed" && !it.Merged && !closed {
		f.add("close", root+"/closed", firstTime(it.ClosedAt), it.Title)
	}
	return nil
}

func (f *forge) giteaReviews(ctx context.Context, path string) error {
	reviews, err := list[giteaNote](ctx, f.client, path)
	if err != nil {
		return err
	}
	for i := range reviews {
		v := &reviews[i]
		if v.State == "PENDING" || v.State == "REQUEST_REVIEW" {
			continue
		}
		f.add("review", fmt.Sprintf("review/%d", v.ID), v.Submitted, v.State)
		body, err := f.get(ctx, fmt.Sprintf("%s/%d/comments", path, v.ID)) // this list has no pages
		if err != nil {
			return err
		}
		var remarks []giteaNote
		if err := json.Unmarshal(body, &remarks); err != nil {
			return fmt.Errorf("remarks of review %d: %w", v.ID, err)
		}
		for j := range remarks {
			f.add("comment", fmt.Sprintf("comment/%d", remarks[j].ID), remarks[j].Created, remarks[j].Body)
		}
	}
	return nil
}
