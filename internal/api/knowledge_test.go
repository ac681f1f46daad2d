// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"context"
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
	c := newClient(t, f.handler(t), user(auth.RoleManager))
	for _, x := range []struct {
		method, path, body string
		want               int
	}{
		{"GET", "/documents?q=is%3Astale", "", 200},
		{"GET", "/documents?q=is%3Anew", "", 400},
		{"GET", "/documents/12", "", 200},
		{"GET", "/document-gaps", "", 200},
		{"GET", "/document-outline?topic=7", "", 200},
		{"GET", "/document-links?verdict=broken", "", 200},
		{"POST", "/documents", `{"title":"x","address":"https://d.example/x","kind":"how-to","audience":"external","review_days":30,"state":"active"}`, 201},
		{"PUT", "/documents/12", `{"title":"x","kind":"how-to","audience":"external","review_days":30,"state":"active","version":2}`, 200},
		{"POST", "/documents/12/verify", "", 200},
		{"POST", "/document-events/1/undo", "", 200},
		{"POST", "/document-links/check", "", 202},
		{"GET", "/document-collections", "", 200},
		{"POST", "/document-collections", `{"way":"sitemap","place":"https://d.example/s.xml"}`, 201},
		{"POST", "/document-collections", `{"way":"folder","place":"/etc"}`, 400},
		{"POST", "/document-collections/1/read", "", 200},
		{"GET", "/document-settings", "", 200},
		{"PUT", "/document-settings", `{"check_days":7,"delay_ms":1000,"anchors":true,"remind":true}`, 403},
	} {
		if w := c.do(t, x.method, base+x.path, x.body); w.Code != x.want {
			t.Errorf("%s %s: %d, want %d; %s", x.method, x.path, w.Code, x.want, w.Body)
		}
	}
}
