// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/inbox"
	"greenroom/internal/ingest"
	"greenroom/internal/store"
	"greenroom/internal/task"
)

// TestTasks makes tasks, gives them on, finishes them and takes that back; owners are told, and see one thing at a time.
func TestTasks(t *testing.T) {
	atDesk(t, func(d *desk) {
		ctx := t.Context()
		s := task.New(d.s, noAudit{}, func() time.Time { return d.now })
		add := func(title, owner string, due time.Time) task.Task {
			t.Helper()
			made, err := s.Add(ctx, task.Draft{Title: title, Owner: owner, DueAt: due}, ana)
			if err != nil {
				t.Fatal(err)
			}
			return made
		}
		later := add("Later", ben, at(90))
		add("Some day", ben, time.Time{})
		add("Mine", ana, time.Time{})
		soon := add("Soon", ben, at(20))
		titles := func(f task.Filter) (list []string) {
			t.Helper()
			all, err := s.List(ctx, f)
			if err != nil {
				t.Fatal(err)
			}
			for i := range all {
				list = append(list, all[i].Title)
			}
			return list
		}
		if diff := gocmp.Diff([]string{"Soon", "Later", "Some day"}, titles(task.Filter{Owner: ben})); diff != "" {
			t.Error(diff)
		}
		if got := d.told(ana); len(got) > 0 {
			t.Errorf("%v: who makes a task for themselves is told of it", got)
		}
		me := ana
		d.now = d.now.Add(time.Minute)
		if _, err := s.Edit(ctx, later.ID, task.Patch{Owner: &me}, ben); err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff([]string{"task"}, d.told(ana)); diff != "" {
			t.Error(diff)
		}
		if _, err := s.Finish(ctx, soon.ID, true, ben); err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff([]string{"Soon"}, titles(task.Filter{Done: true})); diff != "" {
			t.Error(diff)
		}
		if back, err := s.Finish(ctx, soon.ID, false, ben); err != nil || !back.DoneAt.IsZero() || back.DoneBy != "" {
			t.Errorf("%+v %v", back, err)
		}
		for _, wrong := range []task.Draft{{Title: " "}, {Title: "x", Link: "javascript:alert(1)"}, {Title: "x", Link: "//evil.example"}} {
			_, err := s.Add(ctx, wrong, ana)
			d.refused(greenroom.CodeInvalid, err)
		}
		_, err := s.Finish(ctx, 99, true, ana)
		d.refused(greenroom.CodeNotFound, err)

		told, err := s.Told(ctx, ben, true, 0, 10)
		if err != nil || len(told) != 3 {
			t.Fatalf("%+v %v", told, err)
		}
		if err := s.SeeOne(ctx, ben, told[0].ID); err != nil {
			t.Fatal(err)
		}
		if n, err := s.Unseen(ctx, ben); err != nil || n != 2 {
			t.Errorf("%d are new, want 2: %v", n, err)
		}
		if err := s.See(ctx, ben, told[0].ID); err != nil {
			t.Fatal(err)
		}
		if n, err := s.Unseen(ctx, ben); err != nil || n != 0 {
			t.Errorf("%d are new, want none: %v", n, err)
		}
	})
}

// askers ask 5,000 questions that nobody answers.
func askers(out *connector.Sink) {
	out.Channel(connector.Channel{ExternalID: "C1", Name: "help"})
	for i := range 5000 {
		id := fmt.Sprintf("q%d", i)
		out.Activity(connector.Activity{ExternalID: id, Kind: greenroom.KindMessage, Author: fmt.Sprintf("u%d", i%700), Channel: "C1", Thread: id, OccurredAt: at(i / 12), Body: fmt.Sprintf("How do I do thing %d?", i)})
	}
}

// BenchmarkInboxBoard computes the board of 5,000 conversations that wait, with four rules, anew for each page.
func BenchmarkInboxBoard(b *testing.B) {
	now := at(24 * 20)
	s, err := store.Open(b.Context(), filepath.Join(b.TempDir(), "greenroom.db"), slog.New(slog.DiscardHandler), func() time.Time { return now })
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	spec := connector.Spec{Kind: "script", Title: "Script", Platform: "script", New: func(connector.Env, connector.Values) (connector.Source, error) {
		return script(askers), nil
	}}
	if _, _, err := ingest.New(s, slog.New(slog.DiscardHandler), func() time.Time { return now }, nil, nil).Import(b.Context(), ingest.Request{Spec: spec, Name: "chat"}); err != nil {
		b.Fatal(err)
	}
	for more := true; more; {
		if _, more, err = s.Derive(b.Context(), 10_000); err != nil {
			b.Fatal(err)
		}
	}
	box := inbox.New(s, noAudit{}, slog.New(slog.DiscardHandler), func() time.Time { now = now.Add(time.Minute); return now }, func() *time.Location { return time.UTC })
	set := inbox.Usual()
	set.Rules = []inbox.Rule{{Query: "title:77", Hours: 2, Business: true}, {Query: "by:u12", Hours: 4}, {Query: "channel:other", Hours: 8}, {Query: "channel:help", Hours: 16, Business: true}}
	if _, err := box.SetSettings(b.Context(), set, "ana"); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		p, err := box.Queue(b.Context(), inbox.Filter{})
		if err != nil || p.Total != 5000 {
			b.Fatalf("%d wait: %v", p.Total, err)
		}
	}
}
