// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package hubspot

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/rest"
	"greenroom/connector/internal/walk"
)

// Read goes through the kinds of objects.
func (s *source) Read(ctx context.Context, from connector.Cursor, out *connector.Sink) error {
	know, err := s.ask(ctx)
	if err != nil {
		return err
	}
	sections := []walk.Section{{
		Name: "owners", Always: true,
		Read: func(context.Context, *walk.At) (string, error) {
			s.owners(know, out)
			return "", nil
		},
	}}
	for _, k := range s.kinds {
		sections = append(sections, s.current(k, know, out))
	}
	for _, k := range s.kinds {
		if k.name != "companies" {
			sections = append(sections, s.gone(k, out))
		}
	}
	return walk.Sections(ctx, sections, from, s.env.Now(), out)
}

// current is the section of a kind's objects: listed the first time, searched for what was modified later.
func (s *source) current(k *objectKind, know *knowledge, out *connector.Sink) walk.Section {
	return walk.Section{Name: k.name, Title: k.name, Read: func(ctx context.Context, at *walk.At) (string, error) {
		since := at.Since
		if since.IsZero() && k.history != "" {
			since = s.set.Since(optSince)
		}
		var next string
		var err error
		if since.IsZero() {
			next, err = s.list(ctx, k, at.Page, know, out)
		} else {
			next, err = s.modified(ctx, k, since, at.Page, know, out)
		}
		if rest.Refused(err) {
			s.refuseKind(k)
			return "", nil
		}
		return next, err
	}}
}

func (s *source) refuseKind(k *objectKind) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refused[k.name] = true
	s.env.Meter.Warn("HubSpot does not let this token read " + k.name + "; it lacks the scope " + k.scope + ".")
}

// reads reports whether a kind comes in, so that others may name its objects.
func (s *source) reads(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.refused[name] && slices.ContainsFunc(s.kinds, func(k *objectKind) bool { return k.name == name })
}

// list reads a page of a list.
func (s *source) list(ctx context.Context, k *objectKind, after string, know *knowledge, out *connector.Sink) (string, error) {
	q := url.Values{"limit": {strconv.Itoa(k.pageSize())}, "properties": {strings.Join(k.properties(), ",")}}
	if k.history != "" {
		q.Set("propertiesWithHistory", k.history)
		q.Set("associations", "companies,contacts")
	}
	return s.page(ctx, k, after, q, out, func(o *wireObject, item []byte) { s.object(k, o, know, item, out) })
}

// gone is the section of a kind's archived objects.
func (s *source) gone(k *objectKind, out *connector.Sink) walk.Section {
	return walk.Section{Name: "archived " + k.name, Always: true, Read: func(ctx context.Context, at *walk.At) (string, error) {
		q := url.Values{"limit": {strconv.Itoa(pageSize)}, "archived": {"true"}, "properties": {k.modified}}
		next, err := s.page(ctx, k, at.Page, q, out, func(o *wireObject, _ []byte) {
			gone := o.ArchivedAt
			if gone.IsZero() {
				gone = o.UpdatedAt
			}
			s.archived(k, o.ID, gone, out)
		})
		if without(err) {
			return "", nil
		}
		return next, err
	}}
}

func (s *source) page(ctx context.Context, k *objectKind, after string, q url.Values, out *connector.Sink, pass func(*wireObject, []byte)) (string, error) {
	if after != "" {
		q.Set("after", after)
	}
	var b struct {
		Results []jsontext.Value `json:"results"`
		Paging  paging           `json:"paging"`
	}
	if _, err := s.client.Into(ctx, k.path(), q, &b); err != nil {
		return "", err
	}
	each(k.name, b.Results, out, pass)
	next := b.Paging.Next.After
	if next == after { // which would never end
		return "", nil
	}
	return next, nil
}

// each decodes objects and rejects what is none.
func each(file string, items []jsontext.Value, out *connector.Sink, pass func(*wireObject, []byte)) {
	for i, item := range items {
		out.Read(1)
		var o wireObject
		err := rest.Unmarshal(item, &o)
		if err == nil && (o.ID == "" || o.UpdatedAt.IsZero()) {
			err = errRecord
		}
		if err != nil {
			out.Reject(greenroom.Reject{File: file, Line: int64(i) + 1, Reason: err.Error(), Expected: "an object as HubSpot's CRM API describes it", Excerpt: string(item)})
			continue
		}
		pass(&o, item)
	}
}

var errRecord = errors.New("the id or the time of the last change is missing")

// found is a page of a search.
type found struct {
	Total   int64            `json:"total"`
	Results []jsontext.Value `json:"results"`
}

// find searches for objects that were modified since a time, behind an id, in the order of ids. Each page is a search of
// its own, because none goes further than its first 10,000 results, and because what is modified meanwhile moves nothing.
func (s *source) find(ctx context.Context, k *objectKind, since time.Time, behind string, limit int) (*found, error) {
	q := search{Groups: []filterGroup{}, Sorts: []string{"hs_object_id"}, Properties: k.properties(), Limit: limit, After: "0"}
	var filters []filter
	if !since.IsZero() {
		filters = append(filters, filter{Property: k.modified, Operator: "GTE", Value: strconv.FormatInt(since.UnixMilli(), 10)})
	}
	if behind != "" {
		filters = append(filters, filter{Property: "hs_object_id", Operator: "GT", Value: behind})
	}
	if len(filters) > 0 {
		q.Groups = append(q.Groups, filterGroup{Filters: filters})
	}
	var b found
	_, err := s.search.Post(ctx, k.path()+"/search", q, &b)
	return &b, err
}

// modified reads a page of what was modified since.
func (s *source) modified(ctx context.Context, k *objectKind, since time.Time, behind string, know *knowledge, out *connector.Sink) (string, error) {
	page, err := s.find(ctx, k, since, behind, pageSize)
	if err != nil {
		return "", err
	}
	if k.history == "" {
		each(k.name, page.Results, out, func(o *wireObject, item []byte) { s.object(k, o, know, item, out) })
	}
	ids := make([]string, 0, len(page.Results))
	for _, item := range page.Results {
		var o input
		if rest.Unmarshal(item, &o) == nil && o.ID != "" {
			ids = append(ids, o.ID)
		}
	}
	if k.history != "" {
		if err := s.fetch(ctx, k, ids, know, out); err != nil {
			return "", err
		}
	}
	if page.Total <= int64(len(page.Results)) || len(ids) == 0 || behind != "" && !older(behind, ids[len(ids)-1]) {
		return "", nil
	}
	return ids[len(ids)-1], nil
}

// fetch asks for objects by their ids, with stages and associations. Those that are gone do not come.
func (s *source) fetch(ctx context.Context, k *objectKind, ids []string, know *knowledge, out *connector.Sink) error {
	for some := range slices.Chunk(ids, k.pageSize()) {
		items, linked, err := s.load(ctx, k, some)
		if err != nil {
			return err
		}
		each(k.name, items, out, func(o *wireObject, item []byte) {
			if linked != nil {
				o.Associations = linked[o.ID]
			}
			s.object(k, o, know, item, out)
		})
	}
	return nil
}

// associations are an object's, by the kind they lead to.
type associations = map[string]struct {
	Results []struct {
		ID   string `json:"id"`
		Type string `json:"type"`
	} `json:"results"`
}

// load asks for objects and, of deals and tickets, for their associations by id.
func (s *source) load(ctx context.Context, k *objectKind, ids []string) ([]jsontext.Value, map[string]associations, error) {
	var b struct {
		Results []jsontext.Value `json:"results"`
	}
	q := batch{Inputs: inputs(ids), Properties: k.properties(), History: k.histories()}
	if _, err := s.client.Post(ctx, k.path()+"/batch/read", q, &b); err != nil && !rest.Gone(err) {
		return nil, nil, err
	}
	if k.history == "" {
		return b.Results, nil, nil
	}
	linked := map[string]associations{}
	for _, to := range []string{"companies", "contacts"} {
		if err := s.linked(ctx, k, ids, to, linked); err != nil {
			return nil, nil, err
		}
	}
	return b.Results, linked, nil
}

// linked asks which objects of another kind the given ones are associated with, and writes it as lists tell it.
func (s *source) linked(ctx context.Context, k *objectKind, ids []string, to string, all map[string]associations) error {
	if !s.reads(to) {
		return nil
	}
	var b links
	_, err := s.client.Post(ctx, fmt.Sprintf("/crm/v4/associations/%s/%s/batch/read", k.name, to), map[string]any{"inputs": inputs(ids)}, &b)
	if without(err) {
		return nil
	}
	if err != nil {
		return err
	}
	for i := range b.Results {
		from := &b.Results[i]
		if all[from.From.ID] == nil {
			all[from.From.ID] = associations{}
		}
		list := all[from.From.ID][to]
		for j := range from.To {
			kind := "unlabeled"
			for _, t := range from.To[j].Types {
				if t.Label == "Primary" {
					kind = k.one + "_to_company"
				}
			}
			list.Results = append(list.Results, struct {
				ID   string `json:"id"`
				Type string `json:"type"`
			}{string(from.To[j].ID), kind})
		}
		all[from.From.ID][to] = list
	}
	return nil
}
