// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"context"
	"net/http"
	"testing"

	"greenroom/internal/auth"
	"greenroom/internal/knowledge"
)

// shelfFake is a fake of the register with one document in it.
type shelfFake struct{ *fake }

func (s shelfFake) one() knowledge.Document {
	return knowledge.Document{ID: 12, Key: "k", Fields: knowledge.Fields{Title: "Keys", Address: "https://d.example/keys", Kind: knowledge.HowTo, Audience: knowledge.External, ReviewDays: 90, State: knowledge.Active}, CreatedBy: "ana", CreatedAt: now, Version: 2}
}

func (s shelfFake) standing() knowledge.Standing {
	d := s.one()
	return knowledge.Stand(&d, &knowledge.Evidence{Views: 3}, now)
}

func (s shelfFake) List(_ context.Context, search string) ([]knowledge.Standing, error) {
	if _, err := knowledge.ParseSearch(search); err != nil {
		return nil, err
	}
	return []knowledge.Standing{s.standing()}, s.err
}

func (s shelfFake) Get(context.Context, int64) (knowledge.Detail, error) {
	return knowledge.Detail{Standing: s.standing(), Asked: []knowledge.Question{}, Links: []knowledge.Link{}, Days: []knowledge.Day{}, Events: []knowledge.Event{}}, s.err
}

func (s shelfFake) Gaps(context.Context) ([]knowledge.Gap, error) {
	return []knowledge.Gap{{Topic: 7, Name: "Keys", Terms: []string{"key"}, Questions: 4}}, s.err
}

func (s shelfFake) Outline(context.Context, int64) (knowledge.Outline, error) {
	return knowledge.Outline{Title: "Keys", Sections: []knowledge.Section{}, Markdown: "# Keys\n"}, s.err
}

func (s shelfFake) Add(_ context.Context, _ knowledge.Fields, by string) (knowledge.Document, error) {
	s.did = append(s.did, "document by "+by)
	return s.one(), s.err
}

func (s shelfFake) Edit(context.Context, int64, int64, knowledge.Fields, string) (knowledge.Document, error) {
	return s.one(), s.err
}

func (s shelfFake) Verify(_ context.Context, id int64, by string) (knowledge.Event, error) {
	return knowledge.Event{ID: 1, Document: id, What: knowledge.WhatVerify, By: by, At: now}, s.err
}

func (s shelfFake) Undo(context.Context, int64, string) (knowledge.Document, error) {
	return s.one(), s.err
}

func (s shelfFake) Collections(context.Context) ([]knowledge.Collection, error) {
	return []knowledge.Collection{{ID: 1, Name: "Docs", Way: knowledge.Sitemap, Place: "https://d.example/s.xml", CreatedBy: "ana", CreatedAt: now}}, s.err
}

func (s shelfFake) Import(_ context.Context, c knowledge.Collection, _ knowledge.Content, by string) (knowledge.Collection, error) {
	c.ID, c.Name, c.CreatedBy, c.CreatedAt = 1, "Docs", by, now
	return c, s.err
}

func (s shelfFake) ReadAgain(ctx context.Context, _ int64, _ string) (knowledge.Collection, error) {
	all, err := s.Collections(ctx)
	return all[0], err
}

func (s shelfFake) Settings(context.Context) (knowledge.Settings, error) {
	return knowledge.UsualSettings(), s.err
}

func (s shelfFake) SetSettings(context.Context, knowledge.Settings, string) error { return s.err }

func (s shelfFake) LinkReport(context.Context, knowledge.LinkFilter) (knowledge.LinkReport, error) {
	return knowledge.LinkReport{Counts: map[knowledge.Verdict]int64{knowledge.Good: 1}, Run: knowledge.Run{StartedAt: now, By: "ana"}, Links: []knowledge.Link{}}, s.err
}

func (s shelfFake) AskCheck(by string) { s.did = append(s.did, "check by "+by) }

func TestDocuments(t *testing.T) {
	f := newFake(t)
	h := f.handler(t)
	for _, c := range []struct {
		method, path, body string
		want               int
	}{
		{http.MethodGet, "/api/v1/documents?q=is%3Astale", "", 200}, {http.MethodGet, "/api/v1/documents?q=is%3Anew", "", 400}, {http.MethodGet, "/api/v1/documents/12", "", 200}, {http.MethodGet, "/api/v1/documents/gaps", "", 200},
		{http.MethodPost, "/api/v1/documents", `{"title":"x","address":"https://d.example/x","kind":"how-to","audience":"external","review_days":30,"state":"active"}`, 201},
		{http.MethodPost, "/api/v1/documents/12/verify", "", 200}, {http.MethodPost, "/api/v1/documents/links/check", "", 202},
		{http.MethodPost, "/api/v1/documents/collections", `{"way":"folder","place":"/etc"}`, 400},
	} {
		if got := request(t, h, auth.RoleOwner, c.method, c.path, c.body); got.Code != c.want {
			t.Errorf("%s %s: %d %s", c.method, c.path, got.Code, got.Body)
		}
	}
}
