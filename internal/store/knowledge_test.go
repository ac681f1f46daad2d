// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/internal/knowledge"
	"greenroom/internal/store"
	"greenroom/internal/task"
)

// TestKnowledge takes a document through its life on both engines: read, changed by hand, read again, verified, taken back, linked, used.
func TestKnowledge(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		ctx, now := t.Context(), clock().UTC()
		c, err := s.SaveCollection(ctx, knowledge.Collection{Name: "Docs", Way: knowledge.Sitemap, Place: "https://docs.example.org/sitemap.xml"})
		if err != nil || c.ID != 1 {
			t.Fatal(c, err)
		}
		item := knowledge.Item{Title: "Keys", Address: "https://docs.example.org/keys", Kind: knowledge.HowTo, Page: &knowledge.Page{Text: "Rotate the keys.", Links: []knowledge.Ref{{Address: "https://a.example/x", Anchor: "top"}, {Address: "https://a.example/x"}, {Address: "https://b.example/"}}}}
		other := knowledge.Item{Title: "More", Address: "https://docs.example.org/more"}
		take := func(want knowledge.Taken, items ...knowledge.Item) {
			t.Helper()
			got, err := s.TakeItems(ctx, &c, items, now)
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		}
		take(knowledge.Taken{Added: 2}, item, other)
		take(knowledge.Taken{Unchanged: 2}, item, other)
		d, err := s.Document(ctx, 1)
		if err != nil || d.Title != "Keys" || d.Version != 1 || d.Key == "" {
			t.Fatalf("%+v, %v", d, err)
		}
		d.Title = "Rotate keys"
		if d, err = s.ChangeDocument(ctx, d, "title", "ana", now); err != nil {
			t.Fatal(err)
		}
		late := d
		late.Version = 1
		if _, err := s.ChangeDocument(ctx, late, "", "ben", now); greenroom.ErrorCode(err) != greenroom.CodeConflict {
			t.Errorf("a change from an old version: %v", err)
		}
		item.Title, item.Kind = "Keys and locks", knowledge.Reference
		take(knowledge.Taken{Changed: 1, Gone: 1}, item)
		if d, err = s.Document(ctx, 1); err != nil || d.Title != "Rotate keys" || d.Kind != knowledge.Reference {
			t.Errorf("what somebody changed has to stay, the rest to follow: %+v, %v", d.Fields, err)
		}
		if gone, err := s.Document(ctx, 2); err != nil || gone.GoneAt.IsZero() {
			t.Errorf("%+v, %v", gone, err)
		}
		if _, err := s.AddTasks(ctx, task.Task{Key: "document/1/verify", Title: "Verify", Origin: "document", OriginID: 1, Owner: "ana", CreatedBy: "greenroom"}); err != nil {
			t.Fatal(err)
		}
		open := func() int {
			all, err := s.Tasks(ctx, task.Filter{Origin: "document"})
			if err != nil {
				t.Fatal(err)
			}
			return len(all)
		}
		e, err := s.VerifyDocument(ctx, 1, "ana", now.Add(time.Hour))
		if d, _ := s.Document(ctx, 1); err != nil || open() != 0 || d.VerifiedBy != "ana" {
			t.Errorf("verified: %+v, %v, %d tasks", d, err, open())
		}
		if d, err = s.UndoDocument(ctx, e.ID, "ben", now); err != nil || open() != 1 || !d.VerifiedAt.IsZero() {
			t.Errorf("taken back: %+v, %v, %d tasks", d, err, open())
		}
		if _, err := s.UndoDocument(ctx, e.ID, "ben", now); greenroom.ErrorCode(err) != greenroom.CodeConflict {
			t.Errorf("taken back twice: %v", err)
		}
		knowledgeLinks(t, s, now)
		knowledgeUse(t, s, now)
	})
}

// knowledgeLinks checks the links of document 1.
func knowledgeLinks(t *testing.T, s *store.Store, now time.Time) {
	ctx := t.Context()
	run, err := s.StartLinkRun(ctx, "ana", now)
	if err != nil || run.Total != 4 {
		t.Fatalf("%+v, %v", run, err)
	}
	if again, err := s.StartLinkRun(ctx, "ben", now.Add(time.Hour)); err != nil || again.By != "ana" {
		t.Errorf("a run that goes on has to be gone on with: %+v, %v", again, err)
	}
	hosts, err := s.LinkHosts(ctx, now, now)
	if diff := cmp.Diff([]knowledge.Host{{Name: "docs.example.org", Due: 2}, {Name: "a.example", Due: 1}, {Name: "b.example", Due: 1}}, hosts); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	due, err := s.DueLinks(ctx, "a.example", now, 0, 10)
	if err != nil || len(due) != 1 || !cmp.Equal(due[0].Anchors, []string{"top"}) || due[0].Page {
		t.Fatalf("%+v, %v", due, err)
	}
	own, err := s.DueLinks(ctx, "docs.example.org", now, 0, 10)
	if err != nil || len(own) != 2 || own[0].Page || !own[1].Page {
		t.Fatalf("the page of what has no text has to be read: %+v, %v", own, err)
	}
	found := []knowledge.Checked{{Link: due[0]}, {Link: own[1], Read: &knowledge.Page{Title: "More of it", Text: "Much more.", Links: []knowledge.Ref{{Address: "https://b.example/"}}}}}
	found[0].Verdict, found[0].Missing, found[0].CheckedAt, found[0].ETag = knowledge.Good, []string{"top"}, now, `"1"`
	found[1].Verdict, found[1].CheckedAt = knowledge.Good, now
	if err := s.SaveChecked(ctx, run, found); err != nil {
		t.Fatal(err)
	}
	if d, err := s.Document(ctx, 2); err != nil || d.Title != "More of it" { // its collection said none, so its page does
		t.Errorf("%+v, %v", d, err)
	}
	if err := s.DeferHost(ctx, "b.example", now.Add(time.Hour), "busy"); err != nil {
		t.Fatal(err)
	}
	if hosts, err = s.LinkHosts(ctx, now, now); err != nil || len(hosts) != 1 || hosts[0].Due != 1 {
		t.Errorf("%+v, %v", hosts, err)
	}
	all, err := s.LinkList(ctx, knowledge.LinkFilter{Problem: true})
	if err != nil || len(all) != 1 || all[0].Documents != 1 {
		t.Errorf("%+v, %v", all, err)
	}
	if ids, err := s.LinkDocuments(ctx, due[0].ID); err != nil || !cmp.Equal(ids, []int64{1}) {
		t.Errorf("%v, %v", ids, err)
	}
	if err := s.EndLinkRun(ctx, run, now); err != nil {
		t.Fatal(err)
	}
	if r, err := s.LastLinkRun(ctx); err != nil || r.Going() {
		t.Errorf("%+v, %v", r, err)
	}
}

// knowledgeUse counts views, once and again.
func knowledgeUse(t *testing.T, s *store.Store, now time.Time) {
	ctx, day := t.Context(), now.Format(time.DateOnly)
	counted := []knowledge.Day{{Document: 1, Day: day, Origin: knowledge.Counter, Views: 3, Unhelpful: 1}}
	logged := []knowledge.Day{{Document: 1, Day: day, Origin: "access.log", Views: 5}}
	for range 2 {
		if err := s.AddUse(ctx, counted); err != nil {
			t.Fatal(err)
		}
		if err := s.KeepViews(ctx, logged); err != nil {
			t.Fatal(err)
		}
	}
	e, err := s.Evidences(ctx, now.AddDate(0, 0, -90))
	if diff := cmp.Diff(knowledge.Evidence{Views: 6, Unhelpful: 2, Missing: 1}, e[1]); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	days, err := s.UseDays(ctx, 1, day)
	if err != nil || len(days) != 2 || days[0].Views != 5 || days[1].Views != 6 {
		t.Errorf("%+v, %v", days, err)
	}
	texts, err := s.DocumentTexts(ctx)
	if err != nil || len(texts) != 2 {
		t.Errorf("%+v, %v", texts, err)
	}
	for name, f := range map[string]func() error{
		"asked": func() error { _, err := s.AskedSince(ctx, now, 9); return err }, "topic": func() error { _, err := s.TopicQuestions(ctx, 1, now, 9); return err },
		"replies": func() error { _, err := s.Replies(ctx, []int64{1, 2}); return err }, "subjects": func() error { _, err := s.Subjects(ctx); return err }, "releases": func() error { _, err := s.ReleasesSince(ctx, now); return err },
	} {
		if err := f(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := s.ForumTopics(ctx, "forum", "docs", 5); greenroom.ErrorCode(err) != greenroom.CodeInvalid {
		t.Errorf("a channel that is not there: %v", err)
	}
}
