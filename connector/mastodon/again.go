// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package mastodon

import (
	"cmp"
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"greenroom/connector"
	"greenroom/connector/internal/rest"
	"greenroom/connector/internal/walk"
)

// again is the last section of a read: it asks for the posts of the last days by their ids. One that has changed is told
// again, one that has other replies is read with its thread, and one that is not there any more was deleted. Servers before Mastodon 4.3 and GoToSocial cannot be asked that
// way; there, edits show only when a thread is read again. A page's name is the id behind which to go on, and behind "|" the
// posts whose threads are still to be read.
func (s *source) again(out *connector.Sink) walk.Section {
	return walk.Section{Name: "again", Title: "edits and deletions", Read: func(ctx context.Context, at *walk.At) (string, error) {
		above, threads, inside := strings.Cut(at.Page, "|")
		if inside {
			id, _, _ := strings.Cut(threads, ",")
			return s.inside(ctx, above, threads, cmp.Or(s.note.Recent[id].Channel, s.place(out)), out)
		}
		day := s.env.Now().AddDate(0, 0, -int(s.set.Number(optAgain)))
		var ids []string
		for _, id := range slices.SortedFunc(maps.Keys(s.note.Recent), func(a, b string) int {
			if newer(a, b) {
				return 1
			}
			return -1
		}) {
			if at.Page == "" || newer(id, at.Page) {
				ids = append(ids, id)
			}
		}
		ids = ids[:min(len(ids), pageByID)]
		if at.Mark == "" || len(ids) == 0 { // the first read has just seen them
			s.end()
			return "", nil
		}
		var items []jsontext.Value
		_, err := s.client.Into(ctx, "/api/v1/statuses", url.Values{"id[]": ids, "ids[]": ids}, &items) // Mastodon's name, and Pleroma's and Akkoma's
		if slices.Contains(cannot(), rest.Status(err)) {
			s.end()
			return "", nil
		}
		if err != nil {
			return "", err
		}
		var open []string
		there := map[string]bool{}
		for _, raw := range items {
			var p status
			if rest.Unmarshal(raw, &p.wireStatus) != nil {
				continue
			}
			p.raw = raw
			there[p.ID] = true
			w, known := s.note.Recent[p.ID]
			var edited int64
			if at := p.edited(); !at.IsZero() {
				edited = at.UnixMilli()
			}
			if known && w.Edited != edited {
				out.Read(1)
				s.push(&p, w.Channel, w.Root, out)
			}
			switch {
			case p.CreatedAt.Before(day):
				delete(s.note.Recent, p.ID)
			case known && w.Replies != p.Replies && s.set.On(optThreads):
				open = append(open, p.ID)
			}
		}
		for _, id := range ids {
			if !there[id] {
				if err := s.missing(ctx, id, out); err != nil {
					return "", err
				}
				delete(s.note.Recent, id)
			}
		}
		s.keep()
		return following(ids[len(ids)-1], open), nil
	}}
}

// cannot are the answers of servers that have no list of posts by their ids.
func cannot() []int {
	return []int{http.StatusBadRequest, http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusUnprocessableEntity}
}

// missing finds out what became of a post that the list leaves out: it leaves out, too, those of accounts that this one
// mutes or blocks, and of those that the server limits. Only one that is gone was deleted.
func (s *source) missing(ctx context.Context, id string, out *connector.Sink) error {
	_, err := s.client.Get(ctx, "/api/v1/statuses/"+url.PathEscape(id), nil)
	switch {
	case rest.Gone(err):
		out.Activity(connector.Activity{ExternalID: id, Deleted: true, EditedAt: s.env.Now()})
	case err != nil && !rest.Refused(err):
		return err
	}
	return nil
}

// end forgets which threads were told: the next read tells them again where they have changed.
func (s *source) end() {
	s.note.Roots = nil
	s.keep()
}
