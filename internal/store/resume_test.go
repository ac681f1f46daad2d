// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/discordexport"
	"greenroom/connector/discourse"
	"greenroom/connector/gharchive"
	"greenroom/connector/mbox"
	"greenroom/connector/slackexport"
	"greenroom/connector/stackexchange"
	"greenroom/internal/ingest"
	"greenroom/internal/list"
	"greenroom/internal/query"
	"greenroom/internal/sample"
	"greenroom/internal/store"
)

// errKilled is what a store answers that stands for a process that dies.
var errKilled = errors.New("killed")

// dying is a store that dies before or after its nth batch.
type dying struct {
	*store.Store
	left  int
	after bool
}

func (d *dying) Append(ctx context.Context, run greenroom.Run, p *ingest.Prepared) (greenroom.Run, error) {
	d.left--
	if d.left == 0 && !d.after {
		d.Die()
		return run, errKilled
	}
	next, err := d.Store.Append(ctx, run, p)
	if d.left == 0 {
		d.Die()
		return run, errors.Join(errKilled, err)
	}
	return next, err
}

// EndRun of a process that died never runs.
func (d *dying) EndRun(ctx context.Context, run greenroom.Run, state greenroom.RunState, message string, incremental bool) (greenroom.Run, error) {
	if d.left <= 0 {
		return run, errKilled
	}
	return d.Store.EndRun(ctx, run, state, message, incremental)
}

// sampleDir writes a small sample community.
func sampleDir(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "sample")
	end := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	if _, err := sample.Write(dir, sample.Options{Seed: 3, End: end, Months: 4, Scale: 0.15}); err != nil {
		t.Fatal(err)
	}
	return dir
}

// sampleImports lists what to import of a sample.
func sampleImports(dir string) []ingest.Request {
	var reqs []ingest.Request
	for _, s := range []struct {
		spec   connector.Spec
		folder string
	}{
		{slackexport.Spec(), "slack"},
		{discourse.Spec(), "discourse"},
		{gharchive.Spec(), "gharchive"},
		{stackexchange.Spec(), "stackexchange"},
		{discordexport.Spec(), "discord"},
		{mbox.Spec(), "mail"},
	} {
		reqs = append(reqs, ingest.Request{Spec: s.spec, Name: s.folder, Values: connector.Values{s.spec.Primary: filepath.Join(dir, s.folder)}})
	}
	return reqs
}

func derive(tb testing.TB, s *store.Store, window int) {
	tb.Helper()
	for more := true; more; {
		var err error
		if _, more, err = s.Derive(tb.Context(), window); err != nil {
			tb.Fatal(err)
		}
	}
}

// everything is the whole content of a store as its exports give it.
func everything(t *testing.T, s *store.Store) string {
	t.Helper()
	var b bytes.Buffer
	b.WriteString(dump(t, "members", query.Members, "is:hidden or -is:hidden or is:contact", s.ListMembers))
	b.WriteString(dump(t, "organizations", query.Organizations, "", s.ListOrganizations))
	b.WriteString(dump(t, "activities", query.Activities, "is:deleted or -is:deleted", s.ListActivities))
	b.WriteString(dump(t, "conversations", query.Conversations, "", s.ListConversations))
	return b.String()
}

func dump[T any](t *testing.T, name string, e query.Entity, text string, read func(context.Context, list.Request) (list.Page[T], error)) string {
	t.Helper()
	q, err := query.Parse(query.NewSchema(e, nil), text)
	if err != nil {
		t.Fatal(err)
	}
	q.Sort = []query.Order{{Field: &query.Field{Attr: list.ByID}}}
	var b bytes.Buffer
	for req := (list.Request{Query: q, Limit: 200}); ; {
		p, err := read(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		for i := range p.Items {
			text, err := json.Marshal(p.Items[i])
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&b, "%s %s\n", name, text)
		}
		if p.Next == "" {
			return b.String()
		}
		req.Cursor = p.Next
	}
}

// TestInterruptedImportsEndTheSame imports the sample with a process that dies at many moments, before and after a
// commit, with derived state computed in other windows, and wants the same store to the byte.
func TestInterruptedImportsEndTheSame(t *testing.T) {
	dir := sampleDir(t)
	log := slog.New(slog.DiscardHandler)
	onBoth(t, func(t *testing.T, whole *store.Store) {
		for _, req := range sampleImports(dir) {
			if _, _, err := ingest.New(whole, log, clock, nil, nil).Import(t.Context(), req); err != nil {
				t.Fatal(err)
			}
		}
		derive(t, whole, 1_000_000)
		want := everything(t, whole)
		for _, after := range []bool{false, true} {
			broken := openSQLite(t)
			for _, req := range sampleImports(dir) {
				deaths := 0
				req.Batch = 40
				for kill := 1; ; kill = kill*3/2 + 1 {
					d := &dying{Store: broken, left: kill, after: after}
					_, _, err := ingest.New(d, log, clock, nil, nil).Import(t.Context(), req)
					if err == nil {
						break
					}
					if !errors.Is(err, errKilled) {
						t.Fatal(err)
					}
					deaths++
					derive(t, broken, 137)
				}
				t.Logf("%s died %d times", req.Name, deaths)
			}
			derive(t, broken, 251)
			if got := everything(t, broken); got != want {
				diffLines(t, want, got)
			}
		}
	})
}

// diffLines shows the first lines in which two exports differ.
func diffLines(t *testing.T, want, got string) {
	t.Helper()
	w, g := bytes.Split([]byte(want), []byte("\n")), bytes.Split([]byte(got), []byte("\n"))
	shown := 0
	for i := range min(len(w), len(g)) {
		if !bytes.Equal(w[i], g[i]) {
			t.Errorf("line %d differs:\n-%s\n+%s", i, w[i], g[i])
			if shown++; shown > 4 {
				break
			}
		}
	}
	if len(w) != len(g) {
		t.Errorf("%d lines, want %d", len(g), len(w))
	}
}
