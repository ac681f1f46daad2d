// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package stackoverflow

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/rest"
	"greenroom/connector/internal/walk"
)

// How often questions are read again for comments, which are no activity for the site, and how far that reaches back.
const (
	daily    = 20 * time.Hour
	lookBack = 7 * 24 * time.Hour
)

// Read goes through the questions, by tag where some are given.
func (s *source) Read(ctx context.Context, from connector.Cursor, out *connector.Sink) error {
	return walk.Noted(ctx, from, s.now(), out, &s.note, func() ([]walk.Section, error) {
		if err := s.makeFilter(ctx); err != nil {
			return nil, err
		}
		return s.sections(out), nil
	})
}

// sections are two for each tag: its questions, and again those of the last week for their comments.
func (s *source) sections(out *connector.Sink) []walk.Section {
	tags := s.set.List(optTags)
	if len(tags) == 0 {
		tags = []string{""}
	}
	var sections []walk.Section
	for _, tag := range tags {
		name := s.domain
		if tag != "" {
			name = tag + " on " + s.domain
		}
		sections = append(sections,
			walk.Section{Name: "questions/" + tag, Title: "questions: " + name, Read: func(ctx context.Context, at *walk.At) (string, error) {
				since := at.Since
				if limit := s.set.Since(optSince); since.Before(limit) {
					since = limit
				}
				return s.page(ctx, tag, since, at.Page, out)
			}},
			walk.Section{Name: "comments/" + tag, Title: "comments: " + name, Read: func(ctx context.Context, at *walk.At) (string, error) {
				last, err := time.Parse(time.RFC3339, at.Mark)
				switch {
				case err != nil: // the first read: the questions have brought their comments
					return "", nil //nolint:nilerr // there is no mark
				case s.now().Sub(last) < daily && at.Page == "":
					at.Leave(at.Mark)
					return "", nil
				}
				return s.page(ctx, tag, last.Add(-lookBack), at.Page, out)
			}})
	}
	return sections
}

// page reads one page of questions. Its name is the time of activity that it begins at, its number among the pages that
// begin there, and the questions of that second which the page before has told: "1767603600,1,17;18".
func (s *source) page(ctx context.Context, tag string, since time.Time, page string, out *connector.Sink) (next string, err error) {
	out.Channel(connector.Channel{ExternalID: channelID, Name: s.domain, URL: s.site})
	start, number, told := parsePage(page, since)
	q := url.Values{
		"filter": {s.filter}, "sort": {"activity"}, "order": {"asc"}, "pagesize": {strconv.Itoa(pageSize)}, "page": {strconv.FormatInt(number, 10)},
	}
	if start > 0 {
		q.Set("min", strconv.FormatInt(start, 10))
	}
	if tag != "" {
		q.Set("tagged", tag)
	}
	a, err := s.ask(ctx, "/questions", q)
	if err != nil {
		return "", err
	}
	last, same := start, told
	for i, item := range a.Items {
		var v wireQuestion
		err := rest.Unmarshal(item, &v)
		if err == nil && (v.ID == 0 || v.Created == 0) {
			err = errRecord
		}
		if err != nil {
			out.Read(1)
			out.Reject(greenroom.Reject{File: "questions of " + s.domain, Line: int64(i) + 1, Reason: err.Error(), Expected: "a question as the Stack Exchange API 2.3 describes it", Excerpt: string(item)})
			continue
		}
		if int64(v.Activity) > last {
			last, same = int64(v.Activity), nil
		}
		id := strconv.FormatInt(v.ID, 10)
		if slices.Contains(same, id) {
			continue
		}
		same = append(same, id)
		out.Read(1)
		s.question(&v, item, out)
	}
	if err := s.profiles(ctx, out); err != nil {
		return "", err
	}
	switch {
	case !a.HasMore || len(a.Items) == 0:
		return "", nil
	case last > start:
		number = 1
	default: // more questions were active in one second than a page holds
		number++
	}
	return strconv.FormatInt(last, 10) + "," + strconv.FormatInt(number, 10) + "," + strings.Join(same, ";"), nil
}

func parsePage(page string, since time.Time) (start, number int64, told []string) {
	parts := strings.SplitN(page, ",", 3)
	if len(parts) == 3 {
		at, err1 := strconv.ParseInt(parts[0], 10, 64)
		n, err2 := strconv.ParseInt(parts[1], 10, 64)
		if err1 == nil && err2 == nil {
			return at, n, strings.Split(parts[2], ";")
		}
	}
	if since.IsZero() {
		return 0, 1, nil
	}
	return since.Unix(), 1, nil
}

// profiles reads the profiles of those who were first seen since it was last called, a hundred at once.
func (s *source) profiles(ctx context.Context, out *connector.Sink) error {
	open := s.open
	s.open = nil
	for s.set.On(optProfiles) && len(open) > 0 {
		n := min(len(open), pageSize)
		ids := make([]string, n)
		for i, number := range open[:n] {
			ids[i] = strconv.FormatInt(number, 10)
		}
		open = open[n:]
		a, err := s.ask(ctx, "/users/"+strings.Join(ids, ";"), url.Values{"filter": {s.filter}, "pagesize": {strconv.Itoa(pageSize)}})
		if err != nil {
			return err
		}
		for _, item := range a.Items {
			var u wireUser
			if rest.Unmarshal(item, &u) == nil && u.ID != 0 {
				s.known[u.ID] = true
				s.profile(&u, out)
			}
		}
	}
	s.open = nil
	return nil
}
