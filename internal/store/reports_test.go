// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/internal/outbox"
	"greenroom/internal/report"
	"greenroom/internal/store"
	"greenroom/internal/task"
)

// TestReports keeps a report and its edition: changes from old versions are refused, an edition is delivered once, and what its
// mail carries comes back as it was.
func TestReports(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		want := report.Report{Draft: report.Draft{Title: "Für alle", For: report.Executive, Rhythm: report.Monthly, Blocks: []report.Block{{ID: "b1", Kind: report.Text, Text: "x"}}}, CreatedBy: "ana", CreatedAt: clock().UTC()}
		r, err := s.AddReport(ctx, want)
		if err != nil {
			t.Fatal(err)
		}
		want.ID, want.Version = 1, 1
		got, err := s.Report(ctx, 1)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		r.Title = "Other"
		if _, err := s.ChangeReport(ctx, r); err != nil {
			t.Fatal(err)
		}
		if _, err := s.ChangeReport(ctx, r); greenroom.ErrorCode(err) != greenroom.CodeConflict {
			t.Errorf("a change from an old version: %v", err)
		}
		from := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
		draft := report.Edition{ReportID: 1, State: report.Drafted, Period: report.Period{Key: "2026-10", From: from, To: from.AddDate(0, 1, 0)}, CreatedBy: "ana", CreatedAt: clock().UTC(), Content: report.Content{Title: "Für alle", Blocks: []report.Filled{{
			Block: report.Block{ID: "b1", Kind: report.Quotes}, Quotes: []report.Quote{{Testimonial: 3, Member: 5, Text: "Great", Naming: "Ana"}},
		}}}}
		e, added, err := s.AddEdition(ctx, draft, []task.Task{{Key: "look", Title: "Look", CreatedBy: "x"}})
		if err != nil || !added {
			t.Fatal(added, err)
		}
		again, added, err := s.AddEdition(ctx, draft, nil)
		if err != nil || added || again.ID != e.ID {
			t.Errorf("the same period twice: %v, %d, %v", added, again.ID, err)
		}
		pdf := bytes.Repeat([]byte{0, 1, 0xff}, 1000)
		mail := func(to string) outbox.Message {
			return outbox.Message{Key: "report/1/2026-10/" + to, Channel: outbox.Email, To: to, Subject: "S", Text: "t", Origin: outbox.Origin{Kind: "report", ID: 1, Run: e.ID}, Files: []outbox.File{{Name: "r.pdf", Type: "application/pdf", Data: pdf}, {Name: "c.png", Type: "image/png", Inline: "chart", Data: []byte("png")}}}
		}
		done, err := s.DeliverEdition(ctx, e, []outbox.Message{mail("a@example.test"), mail("b@example.test")})
		if err != nil || done.State != report.Delivered {
			t.Fatal(done.State, err)
		}
		for _, old := range []report.Edition{e, done} {
			if _, err := s.DeliverEdition(ctx, old, []outbox.Message{mail("c@example.test")}); greenroom.ErrorCode(err) != greenroom.CodeConflict {
				t.Errorf("delivered twice: %v", err)
			}
		}
		if _, err := s.ChangeEdition(ctx, done); greenroom.ErrorCode(err) != greenroom.CodeConflict {
			t.Errorf("a frozen edition was changed: %v", err)
		}
		sent, err := s.MessageList(ctx, outbox.Filter{Origin: "report"})
		if err != nil || len(sent) != 2 {
			t.Fatal(len(sent), err)
		}
		for i := range sent {
			files, err := s.MessageFiles(ctx, sent[i].ID)
			if diff := cmp.Diff(mail("").Files, files); diff != "" || err != nil {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		}
	})
}

// TestReportShares keeps a link once for a key, takes it back, and notes who looked.
func TestReportShares(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		var first report.Share
		for i := range 2 {
			x, err := s.AddShare(ctx, report.Share{Key: "k", EditionID: 1, Label: fmt.Sprint("for ", i), Hash: "h", ExpiresAt: clock().Add(time.Hour).UTC(), CreatedBy: "ana", CreatedAt: clock().UTC()})
			if err != nil || x.Label != "for 0" || !x.Locked {
				t.Fatal(x, err)
			}
			first = x
		}
		for range 2 {
			if err := s.RevokeShare(ctx, first.ID, clock()); err != nil {
				t.Fatal(err)
			}
		}
		got, err := s.Share(ctx, first.ID)
		if err != nil || !got.RevokedAt.Equal(clock()) {
			t.Error(got, err)
		}
		for _, what := range []string{"page", "pdf"} {
			if err := s.NoteOpening(ctx, report.Opening{EditionID: 1, ShareID: 1, Who: "board", What: what, At: clock()}); err != nil {
				t.Fatal(err)
			}
		}
		all, err := s.Openings(ctx, 1)
		if err != nil || len(all) != 2 || all[0].What != "pdf" {
			t.Error(all, err)
		}
	})
}
