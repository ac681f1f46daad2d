// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package gitea

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/rest"
	"greenroom/connector/internal/walk"
)

// Read goes through the repositories.
func (s *source) Read(ctx context.Context, from connector.Cursor, out *connector.Sink) error {
	if err := s.team(ctx); err != nil {
		return err
	}
	repos, err := s.repositories(ctx)
	if err != nil {
		return err
	}
	var sections []walk.Section
	for i := range repos {
		sections = append(sections, s.sections(&repos[i], out)...)
	}
	return walk.Sections(ctx, sections, from, s.now(), out)
}

// team asks who belongs to the team's organization.
func (s *source) team(ctx context.Context) error {
	s.staff = map[string]bool{}
	org := s.set.Text(optStaff)
	for n := ""; org != ""; {
		var some []wireUser
		ans, err := s.client.Get(ctx, "/orgs/"+url.PathEscape(org)+"/members", page(n))
		if err == nil {
			err = s.client.Decode(ans, &some)
		}
		if err != nil {
			return err
		}
		for i := range some {
			s.staff[strings.ToLower(some[i].Login)] = true
		}
		if n = following(ans, n, len(some)); n == "" {
			break
		}
	}
	return nil
}

// each passes on one entry of a list, and reports whether it and what follows is older than what is wanted.
type each func(ctx context.Context, item []byte, at *walk.At) (old bool, err error)

// sections are the lists of one repository.
func (s *source) sections(r *wireRepo, out *connector.Sink) []walk.Section {
	base := "/repos/" + r.FullName
	section := func(name, path string, always bool, query []string, pass each) walk.Section {
		return walk.Section{
			Name: name + "/" + r.key(), Title: r.FullName + ": " + name, Always: always,
			Read: func(ctx context.Context, at *walk.At) (string, error) {
				out.Channel(channel(r))
				q := page(at.Page, query...)
				if !at.Since.IsZero() {
					q.Set("since", at.Since.UTC().Format(time.RFC3339))
				}
				ans, err := s.client.Get(ctx, base+path, q)
				if rest.Gone(err) || rest.Refused(err) {
					// The repository's issues, pull requests or releases are turned off, or the token may not see them. Where they
					// were never read, they are read from their beginning once the server shows them.
					at.Leave(cmp.Or(at.Mark, "not shown"))
					if rest.Refused(err) {
						out.LeftOut("lists that the token may not see: "+name, 1)
					}
					return "", nil
				}
				if err != nil {
					return "", err
				}
				var items []jsontext.Value
				if err := s.client.Decode(ans, &items); err != nil {
					return "", err
				}
				for i, item := range items {
					out.Read(1)
					old, err := pass(ctx, item, at)
					switch {
					case old:
						return "", nil
					case errors.Is(err, errRecord):
						reject(out, r.FullName+": "+name, int64(i)+1, item, err)
					case err != nil:
						return "", err
					}
				}
				return following(ans, at.Page, len(items)), nil
			},
		}
	}
	return []walk.Section{
		section("issues", "/issues", false, []string{"state", "all", "type", "issues"}, s.one(r, false, out)),
		section("pull requests", "/pulls", false, []string{"state", "all", "sort", "recentupdate"}, s.one(r, true, out)),
		section("comments", "/issues/comments", false, nil, func(_ context.Context, item []byte, _ *walk.At) (bool, error) {
			var c wireComment
			return false, read(item, &c, func() bool { return c.ID != 0 && !c.CreatedAt.IsZero() && s.comment(r, &c, "", item, out) })
		}),
		section("releases", "/releases", true, nil, func(_ context.Context, item []byte, _ *walk.At) (bool, error) {
			var v wireRelease
			err := read(item, &v, func() bool { return v.ID != 0 && (v.Draft || !v.CreatedAt.IsZero()) })
			if err == nil {
				s.release(r, &v, item, out)
			}
			return false, err
		}),
		section("forks", "/forks", true, nil, func(_ context.Context, item []byte, _ *walk.At) (bool, error) {
			var f wireRepo
			err := read(item, &f, func() bool { return f.ID != 0 && !f.CreatedAt.IsZero() })
			if err == nil {
				s.fork(r, &f, item, out)
			}
			return false, err
		}),
		s.gone(r, out),
	}
}

// one reads an issue or a pull request. The list of pull requests stands in the order of updates, the newest first, so that
// the first one which is older than the last read is the end: what is touched meanwhile moves to the front, and a page
// repeats things rather than missing some.
func (s *source) one(r *wireRepo, pull bool, out *connector.Sink) each {
	return func(ctx context.Context, item []byte, at *walk.At) (bool, error) {
		var it wireIssue
		if err := read(item, &it, it.good); err != nil {
			return false, err
		}
		if pull && it.UpdatedAt.Before(at.Since) {
			return true, nil
		}
		return false, s.item(ctx, &place{repo: r, item: &it, pull: pull}, item, out)
	}
}

// errRecord is a record that cannot be read; reading goes on behind it.
var errRecord = errors.New("not an object of this list")

// read decodes an object and checks that it is what was asked for.
func read(data []byte, v any, good func() bool) error {
	if err := rest.Unmarshal(data, v); err != nil {
		return fmt.Errorf("%w: %w", errRecord, err)
	}
	if !good() {
		return fmt.Errorf("%w: an id, a time or what it belongs to is missing", errRecord)
	}
	return nil
}

func reject(out *connector.Sink, file string, line int64, item []byte, err error) {
	out.Reject(greenroom.Reject{File: file, Line: line, Reason: err.Error(), Expected: "an object as Gitea's API describes it", Excerpt: string(item)})
}
