// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/csv"
	"greenroom/connector/postgres"
	"greenroom/internal/action"
	"greenroom/internal/analytics"
	"greenroom/internal/ingest"
	"greenroom/internal/server"
	"greenroom/internal/writeback"
)

// warehouse is a community of 700 people and a PostgreSQL database that it can be pushed to.
type warehouse struct {
	t    *testing.T
	app  *server.App
	acts *server.Acts
	db   *pgx.Conn
	now  time.Time
}

func openWarehouse(t *testing.T, schema string) *warehouse {
	t.Helper()
	address := os.Getenv("GREENROOM_TEST_POSTGRES")
	if address == "" {
		t.Skip("no PostgreSQL server: run under tools/with-postgres")
	}
	ctx := t.Context()
	w := &warehouse{t: t, now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
	var err error
	if w.app, err = server.Open(ctx, server.Options{Data: t.TempDir(), Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return w.now }}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.app.Close() })
	text := []byte("Id,Kind,Author,E-mail,Time,Channel,Text\n")
	for i := range 700 {
		text = fmt.Appendf(text, "%d,message,Person %d,p%d@c.example,2026-11-%02dT10:00:00Z,help,Hello\n", i, i, i, 1+i%20)
	}
	file := filepath.Join(t.TempDir(), "talk.csv")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, req := range []ingest.Request{
		{Spec: csv.Spec(), Name: "people", Values: connector.Values{"path": file, "type": "activities"}},
		{Spec: postgres.Spec(), Name: "warehouse", Values: connector.Values{"connection": address, "query": "SELECT 'w' AS id, 'W' AS name", "type": "members", "write": "true", "schema": schema}},
	} {
		if _, run, err := w.app.Importer.Import(ctx, req); err != nil || run.Rejected > 0 {
			t.Fatal(req.Name, run, err)
		}
	}
	engine, err := w.app.Analytics(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.app.Projector.CatchUp(ctx); err != nil {
		t.Fatal(err)
	}
	if w.acts, err = w.app.Acts(w.app.Importer, engine); err != nil {
		t.Fatal(err)
	}
	if w.db, err = pgx.Connect(ctx, address); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.db.Close(ctx) })
	return w
}

// finish carries out what there is, and returns an action.
func (w *warehouse) finish(id int64) action.Action {
	w.t.Helper()
	for more := true; more; {
		var err error
		if more, err = w.acts.Next(w.t.Context()); err != nil {
			w.t.Fatal(err)
		}
	}
	a, err := w.acts.Action(w.t.Context(), id)
	if err != nil || a.State != action.Done || a.Failed > 0 {
		w.t.Fatalf("%+v, %v; want it done", a, err)
	}
	return a
}

func (w *warehouse) count(q string) int {
	w.t.Helper()
	var n int
	if err := w.db.QueryRow(w.t.Context(), q).Scan(&n); err != nil {
		w.t.Fatal(err)
	}
	return n
}

// TestPushMembers pushes a community's members into a PostgreSQL database, twice; then one is erased and two become one,
// and the next push takes their rows away.
func TestPushMembers(t *testing.T) {
	w := openWarehouse(t, "pushed")
	ctx := t.Context()
	push := func(key string) action.Action {
		t.Helper()
		a, err := w.acts.Push(ctx, &writeback.PushRequest{Source: "warehouse", Query: "source:people"}, key, "ana")
		if err != nil {
			t.Fatal(err)
		}
		return w.finish(a.ID)
	}
	for i, want := range []string{"done 2 unchanged 0", "done 0 unchanged 2"} {
		if a := push(fmt.Sprint("push ", i)); fmt.Sprintf("done %d unchanged %d", a.Done, a.Unchanged) != want {
			t.Errorf("push %d: %+v; want %s", i+1, a, want)
		}
	}
	if n := w.count("SELECT count(*) FROM pushed.members WHERE emails LIKE 'p%@c.example' AND identities LIKE 'people:%'"); n != 700 {
		t.Errorf("%d members are in the warehouse; want 700", n)
	}
	if err := w.app.Store.EraseMember(ctx, 3); err != nil {
		t.Fatal(err)
	}
	if _, err := w.app.Store.MergeMembers(ctx, 5, 6, "same", "ana"); err != nil {
		t.Fatal(err)
	}
	if gone, err := w.acts.PushedGone(ctx, "warehouse"); err != nil || fmt.Sprint(gone) != "[3 6]" {
		t.Errorf("gone are %v, %v; want 3 and 6", gone, err)
	}
	if a := push("after"); a.Items != 3 {
		t.Errorf("%+v; want an item more, that deletes", a)
	}
	if n, all := w.count("SELECT count(*) FROM pushed.members WHERE id IN (3, 6)"), w.count("SELECT count(*) FROM pushed.members"); n != 0 || all != 698 {
		t.Errorf("%d of those who are gone stand among %d; want none of 698", n, all)
	}
	if gone, err := w.acts.PushedGone(ctx, "warehouse"); err != nil || len(gone) > 0 {
		t.Errorf("gone are still %v, %v", gone, err)
	}
	if _, err := w.acts.Push(ctx, &writeback.PushRequest{Source: "people"}, "not there", "ana"); greenroom.ErrorCode(err) != greenroom.CodeInvalid {
		t.Errorf("pushing to a file: %v; want CodeInvalid", err)
	}
}

// TestPushMetrics pushes figures: what is pushed is what the engine computes, again changes nothing but the time, and what
// makes no sense is refused before anything happens.
func TestPushMetrics(t *testing.T) {
	w := openWarehouse(t, "figures")
	ctx := t.Context()
	r := &writeback.MetricsRequest{Source: "warehouse", Metrics: []string{"active_members", "messages"}, By: analytics.Day, Periods: 30, Breakdown: analytics.BySource}
	for key, bad := range map[string]*writeback.MetricsRequest{
		"no such metric": {Source: "warehouse", Metrics: []string{"happiness"}}, "no such period": {Source: "warehouse", By: "hour"},
		"no such field": {Source: "warehouse", Query: "shoe:42"}, "no such breakdown": {Source: "warehouse", Breakdown: "shoe"}, "too far": {Source: "warehouse", Periods: 100_000},
	} {
		if _, err := w.acts.PushMetrics(ctx, bad, key, "ana"); greenroom.ErrorCode(err) != greenroom.CodeInvalid && greenroom.ErrorCode(err) != greenroom.CodeNotFound {
			t.Errorf("%s: %v; want CodeInvalid", key, err)
		}
	}
	r.Metrics = []string{"active_members"}
	for i := range 2 {
		a, err := w.acts.PushMetrics(ctx, r, strconv.Itoa(i), "ana")
		if err != nil {
			t.Fatal(err)
		}
		w.finish(a.ID)
	}
	if n := w.count("SELECT count(*) FROM figures.metrics WHERE metric = 'active_members' AND period = 'day' AND breakdown = 'source' AND group_value = 'people' AND as_of IS NOT NULL"); n != 30 {
		t.Errorf("%d days are in the warehouse; want 30", n)
	}
	if n := w.count("SELECT sum(value)::int FROM figures.metrics WHERE group_value = 'people'"); n != 700 {
		t.Errorf("the days sum up to %d; want 700", n)
	}
	a, err := w.acts.PushMetrics(ctx, &writeback.MetricsRequest{Source: "warehouse"}, "all", "ana")
	if err != nil {
		t.Fatal(err)
	}
	if a = w.finish(a.ID); int(a.Items) != len(analytics.Catalog()) {
		t.Errorf("%d metrics were pushed; want all %d", a.Items, len(analytics.Catalog()))
	}
}

// TestRepeat has a push repeated: at once, at its turns, never twice for one, and not while it is stopped. What cannot be
// done is told as trouble, and what cannot be done from the beginning is not repeated at all.
func TestRepeat(t *testing.T) {
	w := openWarehouse(t, "repeated")
	ctx := t.Context()
	if _, err := w.acts.Repeat(ctx, writeback.Repeated{Members: &writeback.PushRequest{Source: "people"}}, 24*time.Hour, "ana"); greenroom.ErrorCode(err) != greenroom.CodeInvalid {
		t.Errorf("repeating what cannot be done: %v; want CodeInvalid", err)
	}
	s, err := w.acts.Repeat(ctx, writeback.Repeated{Members: &writeback.PushRequest{Source: "warehouse"}}, 24*time.Hour, "ana")
	if err != nil {
		t.Fatal(err)
	}
	w.finish(s.LastAction)
	if again, err := w.acts.Repeat(ctx, writeback.Repeated{Members: &writeback.PushRequest{Source: "warehouse"}}, 24*time.Hour, "ana"); err != nil || again.ID != s.ID || again.Times != 1 {
		t.Errorf("a second click: %+v, %v; want the first", again, err)
	}
	due := func() string {
		t.Helper()
		for range 2 { // the second time is another process
			if err := w.acts.MakeDue(ctx); err != nil {
				t.Fatal(err)
			}
		}
		got, err := w.acts.ActionSchedule(ctx, s.ID)
		if err != nil {
			t.Fatal(err)
		}
		if got.LastAction > 0 {
			w.finish(got.LastAction)
		}
		all, err := w.acts.Actions(ctx, "warehouse", 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("%d times, %d actions, next %s, %d failures", got.Times, len(all), got.NextAt.Format("02 15:04"), got.Failures)
	}
	if got, want := due(), "1 times, 1 actions, next 23 12:00, 0 failures"; got != want {
		t.Errorf("before it is due: %s; want %s", got, want)
	}
	w.now = w.now.Add(49*time.Hour + time.Minute) // a turn was missed
	if got, want := due(), "2 times, 2 actions, next 25 12:00, 0 failures"; got != want {
		t.Errorf("when it is due: %s; want %s", got, want)
	}
	if err := w.acts.StopSchedule(ctx, s.ID, true); err != nil {
		t.Fatal(err)
	}
	w.now = w.now.Add(48 * time.Hour)
	if got, want := due(), "2 times, 2 actions, next 01 00:00, 0 failures"; got != want {
		t.Errorf("while it is stopped: %s; want %s", got, want)
	}
	if err := w.acts.StopSchedule(ctx, s.ID, false); err != nil {
		t.Fatal(err)
	}
	src, err := w.app.Store.Source(ctx, "warehouse")
	if err != nil {
		t.Fatal(err)
	}
	src.Config["write"] = "false"
	if err := w.app.Store.SetOptions(ctx, src.ID, src.Config, false); err != nil {
		t.Fatal(err)
	}
	if got, want := due(), "2 times, 2 actions, next 26 13:06, 1 failures"; got != want {
		t.Errorf("when it may not write: %s; want %s", got, want)
	}
	if troubles, err := w.app.Store.ScheduleTroubles(ctx); err != nil || len(troubles) != 1 || troubles[0].Source != "warehouse" || troubles[0].Text == "" {
		t.Errorf("the troubles are %+v, %v; want one of the warehouse", troubles, err)
	}
	if err := w.acts.DropSchedule(ctx, s.ID); err != nil {
		t.Fatal(err)
	}
	if all, err := w.acts.Schedules(ctx, ""); err != nil || len(all) > 0 {
		t.Errorf("dropped, and there are %v, %v", all, err)
	}
}
