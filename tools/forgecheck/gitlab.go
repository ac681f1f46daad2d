// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// gitlabUser is a person of GitLab.
type gitlabUser struct {
	ID int64 `json:"id"`
}

// gitlabItem is an issue, a merge request or a fork of GitLab.
type gitlabItem struct {
	ID           int64      `json:"id"`
	IID          int64      `json:"iid"`
	Title        string     `json:"title"`
	State        string     `json:"state"`
	Confidential bool       `json:"confidential"`
	Created      time.Time  `json:"created_at"`
	Updated      time.Time  `json:"updated_at"`
	ClosedAt     *time.Time `json:"closed_at"`
	MergedAt     *time.Time `json:"merged_at"`
	Path         string     `json:"path_with_namespace"`
}

// gitlabNote is a comment, a change of state, a release or a star of GitLab.
type gitlabNote struct {
	ID       int64       `json:"id"`
	State    string      `json:"state"`
	Body     string      `json:"body"`
	System   bool        `json:"system"`
	Internal bool        `json:"internal"`
	Secret   bool        `json:"confidential"`
	Created  time.Time   `json:"created_at"`
	Tag      string      `json:"tag_name"`
	Released time.Time   `json:"released_at"`
	Since    time.Time   `json:"starred_since"`
	User     *gitlabUser `json:"user"`
	Author   *gitlabUser `json:"author"`
}

// gitlab collects what a GitLab server says of a project.
func (f *forge) gitlab(ctx context.Context, project string) error {
	body, err := f.get(ctx, "/api/v4/projects/"+url.PathEscape(project))
	if err != nil {
		return err
	}
	var p gitlabItem
	if err := json.Unmarshal(body, &p); err != nil {
		return fmt.Errorf("the project: %w", err)
	}
	base := fmt.Sprintf("/api/v4/projects/%d", p.ID)
	for _, part := range []struct{ kind, path, id string }{{"issue", "issues", "issue/"}, {"pull_request", "merge_requests", "merge_request/"}} {
		items, err := list[gitlabItem](ctx, f.client, base+"/"+part.path+"?scope=all&state=all&order_by=created_at&sort=asc")
		if err != nil {
			return err
		}
		for i := range items {
			it := &items[i]
			if it.Confidential && !f.confidential {
				continue
			}
			root := part.id + strconv.FormatInt(it.ID, 10)
			f.add(part.kind, root, it.Created, it.Title)
			if it.State == "merged" {
				f.add("merge", root+"/merged", firstTime(it.MergedAt, &it.Updated), it.Title)
			}
			if err := f.gitlabHistory(ctx, fmt.Sprintf("%s/%s/%d", base, part.path, it.IID), root, it); err != nil {
				return err
			}
		}
	}
	return f.gitlabRest(ctx, base, p.ID)
}

// gitlabHistory collects comments, changes of state and approvals.
func (f *forge) gitlabHistory(ctx context.Context, path, root string, it *gitlabItem) error {
	notes, err := list[gitlabNote](ctx, f.client, path+"/notes?sort=asc&order_by=created_at")
	if err != nil {
		return err
	}
	closed := false
	approved := map[int64]time.Time{}
	for i := range notes {
		n := &notes[i]
		id := fmt.Sprintf("note/%d", n.ID)
		switch {
		case !n.System && (f.confidential || !n.Internal && !n.Secret):
			f.add("comment", id, n.Created, "")
		case !n.System:
		case n.Body == "closed" || strings.HasPrefix(n.Body, "closed via"):
			f.add("close", id, n.Created, it.Title)
			closed = true
		case n.Body == "reopened":
			f.add("reopen", id, n.Created, it.Title)
		case strings.HasPrefix(n.Body, "requested changes"):
			f.add("review", id, n.Created, "requested changes")
		case strings.HasPrefix(n.Body, "approved this merge request") && n.Author != nil:
			approved[n.Author.ID] = n.Created
		}
	}
	states, err := list[gitlabNote](ctx, f.client, path+"/resource_state_events")
	if err != nil {
		return err
	}
	for i := range states {
		e := &states[i]
		switch e.State {
		case "closed":
			f.add("close", fmt.Sprintf("state/%d", e.ID), e.Created, it.Title)
			closed = true
		case "reopened", "opened":
			f.add("reopen", fmt.Sprintf("state/%d", e.ID), e.Created, it.Title)
		}
	}
	if it.State == "closed" && !closed {
		f.add("close", root+"/closed", firstTime(it.ClosedAt, &it.Updated), it.Title)
	}
	if len(approved) == 0 {
		return nil
	}
	return f.gitlabApprovals(ctx, path, it.ID, approved)
}

func (f *forge) gitlabApprovals(ctx context.Context, path string, item int64, at map[int64]time.Time) error {
	body, err := f.get(ctx, path+"/approvals")
	if errors.Is(err, errAbsent) {
		return nil
	}
	if err != nil {
		return err
	}
	var now struct {
		By []struct {
			User gitlabUser `json:"user"`
		} `json:"approved_by"`
	}
	if err := json.Unmarshal(body, &now); err != nil {
		return fmt.Errorf("approvals: %w", err)
	}
	for _, a := range now.By {
		f.add("review", fmt.Sprintf("approval/%d/%d", item, a.User.ID), at[a.User.ID], "approved")
	}
	return nil
}

// gitlabRest collects releases, stars and forks.
func (f *forge) gitlabRest(ctx context.Context, base string, project int64) error {
	releases, err := list[gitlabNote](ctx, f.client, base+"/releases")
	if err != nil {
		return err
	}
	for i := range releases {
		at := releases[i].Released
		if at.IsZero() || at.After(f.now) {
			at = releases[i].Created
		}
		f.add("release", fmt.Sprintf("release/%d/%s", project, releases[i].Tag), at, releases[i].Tag)
	}
	stars, err := list[gitlabNote](ctx, f.client, base+"/starrers")
	if err != nil {
		return err
	}
	for i := range stars {
		if u := stars[i].User; u != nil {
			f.add("star", fmt.Sprintf("star/%d/%d", project, u.ID), stars[i].Since, "")
		}
	}
	forks, err := list[gitlabItem](ctx, f.client, base+"/forks")
	if err != nil {
		return err
	}
	for i := range forks {
		f.add("fork", fmt.Sprintf("fork/%d", forks[i].ID), forks[i].Created, forks[i].Path)
	}
	return nil
}
