// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"log/slog"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/ingest"
	"greenroom/internal/list"
	"greenroom/internal/query"
	"greenroom/internal/store"
)

// pushed is a source whose deliveries name a message in their body; "fail" cannot be taken in yet.
type pushed struct{}

func (pushed) Read(context.Context, connector.Cursor, *connector.Sink) error { return nil }

func (pushed) Verify(*connector.Delivery) (connector.Reply, error) { return connector.Reply{}, nil }

func (pushed) Receive(_ context.Context, d *connector.Delivery, out *connector.Sink) error {
	out.Read(1)
	if string(d.Body) == "fail" {
		return greenroom.Errorf(greenroom.CodeUnavailable, "the platform cannot be asked")
	}
	out.Identity(connector.Identity{ExternalID: "ana"})
	out.Activity(connector.Activity{ExternalID: string(d.Body), Kind: greenroom.KindMessage, Author: "ana", OccurredAt: d.ReceivedAt, Raw: out.Raw([]byte(`{"text":"` + string(d.Body) + `"}`))})
	return nil
}

// TestDeliveries stores what is pushed, takes it in once, tries again what failed, and keeps no credential.
func TestDeliveries(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		spec := connector.Spec{Kind: "feed", Title: "Feed", Platform: "feed", Push: &connector.Push{}, New: func(connector.Env, connector.Values) (connector.Source, error) { return pushed{}, nil }}
		im := ingest.New(s, slog.New(slog.DiscardHandler), clock, nil, nil)
		src, _, err := im.Import(t.Context(), ingest.Request{Spec: spec, Name: "s"})
		if err != nil {
			t.Fatal(err)
		}
		for _, body := range []string{"one", "fail", "two"} {
			d := connector.Delivery{
				ReceivedAt: clock(), Method: http.MethodPost, Body: []byte(body), Query: map[string][]string{"key": {"s3cret"}, "page": {"1"}},
				Header: http.Header{"Authorization": {"Bearer s3cret"}, "X-Hub-Signature-256": {"s3cret"}, "X-Event": {"said"}},
			}
			if err := s.KeepDelivery(t.Context(), src.ID, &d); err != nil {
				t.Fatal(err)
			}
		}
		due, _, err := s.DueDeliveries(t.Context())
		if err != nil || !cmp.Equal(due, []int64{src.ID}) {
			t.Fatalf("due are %v, %v", due, err)
		}
		run, err := im.Receive(t.Context(), src, pushed{}, nil)
		if err != nil || run.Lane != greenroom.LanePush || run.Stored != 2 || run.Read != 3 {
			t.Fatalf("the run is %+v, %v; want one of pushes that read 3 and stored 2", run, err)
		}
		all, err := s.LastDeliveries(t.Context(), src.ID, 10)
		if err != nil {
			t.Fatal(err)
		}
		var states []string
		for _, d := range all {
			states = append(states, string(d.Body)+" "+string(d.State))
			if _, ok := d.Header["Authorization"]; ok || len(d.Header) != 1 || len(d.Query) != 1 {
				t.Errorf("a delivery keeps %v %v, want neither credential nor signature", d.Header, d.Query)
			}
		}
		if diff := cmp.Diff([]string{"two done", "fail waits", "one done"}, states); diff != "" {
			t.Errorf("deliveries (-want +got):\n%s", diff)
		}
		if waiting, lost, err := s.DeliveryCounts(t.Context(), src.ID); err != nil || waiting != 1 || lost != 0 {
			t.Errorf("%d wait and %d are lost, %v", waiting, lost, err)
		}
		again, err := im.Receive(t.Context(), src, pushed{}, nil)
		if err != nil || again.ID != run.ID || again.Stored != 2 {
			t.Errorf("on the same day the run is %+v, %v; want the same one with nothing more", again, err)
		}
		if n, err := s.RepeatDeliveries(t.Context(), src.ID); err != nil || n != 3 {
			t.Errorf("%d are repeated, %v; want 3", n, err)
		}
		if run, err = im.Receive(t.Context(), src, pushed{}, nil); err != nil || run.Stored != 2 || run.Unchanged != 2 {
			t.Errorf("after repeating, the run is %+v, %v; want 2 unchanged", run, err)
		}
		fields, err := s.Fields(t.Context(), src.ID)
		if err != nil || len(fields) != 1 || fields[0].Path != "text" || fields[0].Record != "message" {
			t.Errorf("the shape is %+v, %v; want a text field of messages", fields, err)
		}
	})
}

// deals is a source that tells of a deal in several states.
type deals []connector.Record

func (all deals) Read(_ context.Context, _ connector.Cursor, out *connector.Sink) error {
	for _, r := range all {
		out.Record(r)
		if err := out.Checkpoint("", connector.Progress{}); err != nil {
			return err
		}
	}
	return nil
}

// TestRecordsInAnyOrder keeps the newest telling of a deal, and every stage that it went through.
func TestRecordsInAnyOrder(t *testing.T) {
	day := func(d int) time.Time { return time.Date(2026, 5, d, 0, 0, 0, 0, time.UTC) }
	onBoth(t, func(t *testing.T, s *store.Store) {
		all := deals{
			{ExternalID: "1", Type: "deal", Name: "Acme", Organization: "Acme Inc", Stage: "open", UpdatedAt: day(1)},
			{ExternalID: "1", Type: "deal", Name: "Acme", Organization: "Acme Inc", Stage: "won", UpdatedAt: day(9)},
			{ExternalID: "1", Type: "deal", Name: "Acme", Organization: "Acme Inc", Stage: "offer", UpdatedAt: day(4)}, // late
			{ExternalID: "2", Type: "deal", Name: "Birch", Organization: "Acme Inc", Stage: "lost", UpdatedAt: day(3), Stages: []connector.StageChange{{Stage: "open", At: day(1)}, {Stage: "lost", At: day(3)}}},
			{ExternalID: "2", Type: "deal", Deleted: true, UpdatedAt: day(5)},
		}
		spec := connector.Spec{Kind: "crm", Title: "CRM", Platform: "crm", Business: true, New: func(connector.Env, connector.Values) (connector.Source, error) { return all, nil }}
		src, _, err := ingest.New(s, slog.New(slog.DiscardHandler), clock, nil, nil).Import(t.Context(), ingest.Request{Spec: spec, Name: "crm", Batch: 1})
		if err != nil {
			t.Fatal(err)
		}
		if n, err := s.CountRecords(t.Context(), src.ID, "deal"); err != nil || n != 1 {
			t.Errorf("%d deals, %v; want the one that is not deleted", n, err)
		}
		derive(t, s, 100)
		orgs, err := s.ListOrganizations(t.Context(), list.Request{})
		if err != nil || len(orgs.Items) != 1 {
			t.Fatalf("%d organizations, %v", len(orgs.Items), err)
		}
		records, err := s.OrganizationRecords(t.Context(), orgs.Items[0].ID)
		if err != nil || len(records) != 1 {
			t.Fatalf("%d records, %v; want the one that is not deleted", len(records), err)
		}
		if want := []greenroom.Stage{{Name: "open", At: day(1)}, {Name: "offer", At: day(4)}, {Name: "won", At: day(9)}}; records[0].Stage != "won" || !cmp.Equal(records[0].Stages, want) {
			t.Errorf("the deal is %q after %v, want won after %v", records[0].Stage, records[0].Stages, want)
		}
		if n, err := s.CountAll(t.Context(), query.Activities, &query.Query{}); err != nil || n != 0 {
			t.Errorf("%d activities, %v", n, err)
		}
		if _, err := s.ListActivities(t.Context(), list.Request{}); err != nil {
			t.Error(err)
		}
	})
}

// slow is a source that gives little at a time, and stops for a reason of its own after the third page.
type slow struct {
	now  func() time.Time
	from []connector.Cursor
}

func (s *slow) Read(_ context.Context, from connector.Cursor, out *connector.Sink) error {
	s.from = append(s.from, from)
	for page := 1; page <= 3; page++ {
		name := connector.Cursor(strconv.Itoa(page))
		if name <= from {
			continue
		}
		s.now() // a page takes a while
		out.Activity(connector.Activity{ExternalID: string(name), Kind: greenroom.KindMessage, Author: "ana", Thread: "t", OccurredAt: clock(), Body: "hello"})
		if page == 3 && len(s.from) == 1 {
			return greenroom.Errorf(greenroom.CodeUnavailable, "the token has expired")
		}
		if err := out.Checkpoint(name, connector.Progress{Done: int64(page), Total: 3}); err != nil {
			return err
		}
	}
	return nil
}

// TestSlowSource reads a source that takes long for a few facts: they are stored while it goes on, and a read that ends for
// whatever reason goes on behind them.
func TestSlowSource(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		at := clock()
		src := &slow{now: func() time.Time { at = at.Add(7 * time.Second); return at }}
		spec := connector.Spec{Kind: "desk", Title: "Desk", Platform: "desk", Incremental: true, New: func(connector.Env, connector.Values) (connector.Source, error) { return src, nil }}
		read := func() greenroom.Run {
			_, run, _ := ingest.New(s, slog.New(slog.DiscardHandler), func() time.Time { return at }, nil, nil).Import(t.Context(), ingest.Request{Spec: spec, Name: "desk"})
			return run
		}
		if run := read(); run.State != greenroom.RunFailed || run.Stored != 2 || run.Done != 2 {
			t.Errorf("the first read is %s and has stored %d at page %d, want what came before it failed", run.State, run.Stored, run.Done)
		}
		if run := read(); run.State != greenroom.RunDone || run.Stored != 3 {
			t.Errorf("the second read is %s and both have stored %d, want all", run.State, run.Stored)
		}
		if diff := cmp.Diff([]connector.Cursor{"", "2"}, src.from); diff != "" {
			t.Errorf("read from (-want +got):\n%s", diff)
		}
	})
}
