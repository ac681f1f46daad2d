// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package gitlab

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"slices"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/rest"
	"greenroom/connector/internal/walk"
)

// Read goes through the projects.
func (s *source) Read(ctx context.Context, from connector.Cursor, out *connector.Sink) error {
	projects, err := s.projects(ctx)
	if err != nil {
		return err
	}
	var sections []walk.Section
	for i := range projects {
		sections = append(sections, s.sections(&projects[i], out)...)
	}
	return walk.Sections(ctx, sections, from, s.env.Now(), out)
}

// projects lists what is wanted, by id.
func (s *source) projects(ctx context.Context) ([]wireProject, error) {
	var all []wireProject
	add := func(path string, q url.Values) error {
		return s.every(ctx, path, q, func(item jsontext.Value) error {
			var p wireProject
			if err := rest.Unmarshal(item, &p); err == nil && p.ID != 0 {
				all = append(all, p)
			}
			return nil
		})
	}
	wanted := s.set.List(optProjects)
	if len(wanted) == 0 {
		if err := add("/projects", query("membership", "true", "order_by", "id", "sort", "asc", "pagination", "keyset")); err != nil {
			return nil, err
		}
	}
	for _, name := range wanted {
		if err := s.named(ctx, name, add, &all); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(all, func(a, b wireProject) int { return cmp.Compare(a.ID, b.ID) })
	return slices.CompactFunc(all, func(a, b wireProject) bool { return a.ID == b.ID }), nil
}

// named finds out what a path names: a project, a group or a user.
func (s *source) named(ctx context.Context, name string, add func(string, url.Values) error, all *[]wireProject) error {
	var p wireProject
	_, err := s.client.Into(ctx, "/projects/"+url.PathEscape(name), nil, &p)
	if err == nil && p.ID != 0 {
		*all = append(*all, p)
		return nil
	}
	if err != nil && !s.unseen(err) {
		return err
	}
	err = add("/groups/"+url.PathEscape(name)+"/projects", query("include_subgroups", "true", "with_shared", "false", "order_by", "id", "sort", "asc"))
	if !s.unseen(err) {
		return err
	}
	err = add("/users/"+url.PathEscape(name)+"/projects", query("order_by", "id", "sort", "asc"))
	if !s.unseen(err) {
		return err
	}
	return greenroom.Errorf(greenroom.CodeNotFound, "%s has no project, group or user %q that this token may see; check the name, and that the token's account is a member", title, name)
}

// each passes on one entry of a list.
type each func(ctx context.Context, item []byte) error

// errOlder says that an entry and all that follow are older than what is wanted.
var errOlder = errors.New("older than what is wanted")

// sections are the lists of one project.
func (s *source) sections(p *wireProject, out *connector.Sink) []walk.Section {
	section := func(name, path string, always bool, q url.Values, pass each) walk.Section {
		return walk.Section{
			Name: name + "/" + p.key(), Title: p.PathWithNamespace + ": " + name, Always: always,
			Read: func(ctx context.Context, at *walk.At) (string, error) {
				out.Channel(channel(p))
				if since := later(s.since, at.Since); !always && !since.IsZero() {
					q.Set("updated_after", since.UTC().Format(time.RFC3339))
				}
				next, err := s.page(ctx, p, name, "/projects/"+p.key()+path, q, at.Page, pass, out)
				if err != nil {
					return "", err
				}
				return next, s.profiles(ctx, out)
			},
		}
	}
	off := func(on *bool) bool { return on != nil && !*on }
	// By creation: a place in this order does not move when something is touched while it is read.
	items := func() url.Values {
		return query("scope", "all", "state", "all", "order_by", "created_at", "sort", "asc")
	}
	var all []walk.Section
	if s.set.Text(optToken) != "" && s.level > 0 { // nobody else is shown who the members are
		all = append(all, section("members", "/members/all", true, query(), s.member(out)))
	}
	if !off(p.IssuesEnabled) {
		q := items()
		q.Set("pagination", "keyset") // servers that cannot do so give numbered pages
		all = append(all, section("issues", "/issues", false, q, s.one(p, false, out)), s.gone(p, false, out))
	}
	if !off(p.RequestsEnabled) {
		all = append(all, section("merge requests", "/merge_requests", false, items(), s.one(p, true, out)), s.gone(p, true, out))
	}
	return append(all,
		section("releases", "/releases", true, query("order_by", "released_at", "sort", "desc"), s.oneRelease(p, out)),
		section("stars", "/starrers", true, query(), s.oneStar(p, out)),
		section("forks", "/forks", true, query("order_by", "id", "sort", "desc"), s.oneFork(p, out)),
	)
}

// page reads one page of a list.
func (s *source) page(ctx context.Context, p *wireProject, name, path string, q url.Values, page string, pass each, out *connector.Sink) (next string, err error) {
	items, next, err := s.list(ctx, path, q, page)
	if s.unseen(err) { // turned off in this project, or for members only
		where := "of " + p.PathWithNamespace
		if rest.Gone(err) && path == "/projects/"+p.key()+"/starrers" {
			where = "of projects; newer versions do" // who sees a project may see them, where there is such a list
		}
		s.env.Meter.Warn("GitLab does not show the " + name + " " + where + ".")
		return "", nil
	}
	if err != nil {
		return "", err
	}
	for i, item := range items {
		out.Read(1)
		switch err := pass(ctx, item); {
		case errors.Is(err, errOlder):
			return "", nil
		case errors.Is(err, errRecord):
			reject(out, p.PathWithNamespace+": "+name, int64(i)+1, item, err)
		case err != nil:
			return "", err
		}
	}
	return next, nil
}

func (s *source) member(out *connector.Sink) each {
	return func(_ context.Context, item []byte) error {
		var u wireUser
		if err := read(item, &u, func() bool { return u.ID != 0 }); err != nil {
			return err
		}
		s.person(&u, out)
		return nil
	}
}

func (s *source) one(p *wireProject, pull bool, out *connector.Sink) each {
	return func(ctx context.Context, item []byte) error {
		var it wireItem
		if err := read(item, &it, it.good); err != nil {
			return err
		}
		return s.item(ctx, &place{project: p, pull: pull, item: &it}, item, out)
	}
}

func (s *source) oneRelease(p *wireProject, out *connector.Sink) each {
	return func(_ context.Context, item []byte) error {
		var v wireRelease
		if err := read(item, &v, func() bool { return !v.CreatedAt.IsZero() }); err != nil {
			return err
		}
		if v.Tag == "" { // the code of the project is for other roles, and the tag belongs to it
			out.LeftOut("releases whose tag GitLab does not show", 1)
			return nil
		}
		if later(v.ReleasedAt.Time, v.CreatedAt.Time).Before(s.since) {
			return nil
		}
		s.release(p, &v, out.Raw(item), out)
		return nil
	}
}

func (s *source) oneStar(p *wireProject, out *connector.Sink) each {
	return func(_ context.Context, item []byte) error {
		var v wireStar
		if err := read(item, &v, func() bool { return v.User != nil && v.User.ID != 0 && !v.Since.IsZero() }); err != nil {
			return err
		}
		if !v.Since.Before(s.since) {
			s.star(p, &v, out.Raw(item), out)
		}
		return nil
	}
}

// oneFork reads a fork. The list stands by id, the newest first.
func (s *source) oneFork(p *wireProject, out *connector.Sink) each {
	return func(_ context.Context, item []byte) error {
		var f wireProject
		if err := read(item, &f, func() bool { return f.ID != 0 && !f.CreatedAt.IsZero() }); err != nil {
			return err
		}
		if f.CreatedAt.Before(s.since) {
			return errOlder
		}
		s.fork(p, &f, out.Raw(item), out)
		return nil
	}
}
