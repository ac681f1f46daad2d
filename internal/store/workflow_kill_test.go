// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/outbox"
	"greenroom/internal/store"
	"greenroom/internal/workflow"
)

// faster is how much faster time goes by in TestWorkflowsKilled.
const faster = 60

// fast is a clock that goes faster since a moment.
func fast(since time.Time) func() time.Time {
	return func() time.Time { return since.Add(faster * time.Since(since)).UTC() }
}

// poster posts messages to a receiver, which knows them by their keys.
type poster struct{ address string }

func (poster) Repeatable(*outbox.Message) bool { return true }

func (p poster) Send(ctx context.Context, m *outbox.Message) (outbox.Receipt, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, p.address, strings.NewReader(m.Text))
	if err != nil {
		return outbox.Receipt{}, err
	}
	r.Header.Set("Idempotency-Key", m.Key)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return outbox.Receipt{}, &outbox.UncertainError{Err: greenroom.Errorf(greenroom.CodeUnavailable, "cut off")}
	}
	if res.StatusCode >= 500 {
		return outbox.Receipt{}, errors.Join(greenroom.Errorf(greenroom.CodeUnavailable, "nobody there"), res.Body.Close())
	}
	return outbox.Receipt{}, res.Body.Close()
}

// TestWorkflowChild is the process that TestWorkflowsKilled kills.
func TestWorkflowChild(t *testing.T) {
	path := os.Getenv("GREENROOM_WORKFLOW_STORE")
	if path == "" {
		return // it is started by TestWorkflowsKilled
	}
	since, err := time.Parse(time.RFC3339Nano, os.Getenv("GREENROOM_WORKFLOW_SINCE"))
	if err != nil {
		t.Fatal(err)
	}
	now := fast(since)
	s, err := store.Open(t.Context(), path, slog.New(slog.DiscardHandler), now)
	if err != nil {
		t.Fatal(err)
	}
	holder := fmt.Sprint("process ", os.Getpid())
	box := outbox.NewRunner(s, map[outbox.Channel]outbox.Sender{outbox.Webhook: poster{os.Getenv("GREENROOM_WORKFLOW_RECEIVER")}}, holder, slog.New(slog.DiscardHandler), now, inUTC)
	engine := workflow.NewEngine(s, workflow.Parts{}, holder, slog.New(slog.DiscardHandler), now, inUTC, box.Wake)
	go box.Run(t.Context())
	for {
		if _, err := engine.Step(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// TestWorkflowsKilled carries workflows out in a process that is killed by SIGKILL again and again. By the receiver's own
// record each step happened, and once.
func TestWorkflowsKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	const runs, kills = 300, 6
	path, since := sqliteFile(t), time.Now()
	s, err := store.Open(t.Context(), path, slog.New(slog.DiscardHandler), fast(since))
	if err != nil {
		t.Fatal(err)
	}
	clock := fast(since)()
	f := newFlows(t, s, &clock)
	hook, err := s.AddDestination(t.Context(), outbox.Destination{Name: "crm", Channel: outbox.Webhook, Secret: "sealed", Shown: "crm.example", CreatedBy: "ana", CreatedAt: clock})
	if err != nil {
		t.Fatal(err)
	}
	w := f.start("Killed", workflow.Definition{Trigger: workflow.Trigger{Kind: workflow.OnActivity, Query: "kind:message"}, Steps: []workflow.Step{
		{Kind: workflow.StepWebhook, Destination: hook.ID, Text: "first"},
		{Kind: workflow.StepWait, Until: workflow.UntilTime, Amount: 2, Unit: "minutes"},
		{Kind: workflow.StepTag, Tag: "waited"},
		{Kind: workflow.StepWebhook, Destination: hook.ID, Text: "second"},
	}})
	tell(t, s, "chat", func(out *connector.Sink) {
		for i := range runs {
			id := fmt.Sprintf("m%d", i)
			person(out, id, "Member "+id)
			out.Activity(connector.Activity{ExternalID: id, Kind: greenroom.KindMessage, Author: id, Thread: id, OccurredAt: fast(since)(), Body: "Hello"})
		}
	})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	done, calls := map[string]int{}, 0
	receiver := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if calls++; calls%17 == 0 {
			rw.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		if key := r.Header.Get("Idempotency-Key"); done[key] == 0 { // it does what it is asked for once for each key
			done[key]++
		}
	}))
	defer receiver.Close()
	dice := rand.New(rand.NewPCG(3, 4))
	for life := range kills + 1 {
		child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestWorkflowChild$")
		child.Env = append(os.Environ(), "GREENROOM_WORKFLOW_STORE="+path, "GREENROOM_WORKFLOW_SINCE="+since.Format(time.RFC3339Nano), "GREENROOM_WORKFLOW_RECEIVER="+receiver.URL)
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		if life < kills {
			time.Sleep(time.Duration(400+dice.IntN(1500)) * time.Millisecond)
		}
		if life == kills {
			carriedOut(t, path, runs)
		}
		if err := child.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = child.Wait() // it was killed
	}
	if len(done) != 2*runs {
		t.Errorf("%d of %d steps reached the receiver", len(done), 2*runs)
	}
	s = openAt(t, path, fast(since))
	tallies, err := s.WorkflowTallies(t.Context(), w.ID)
	if err != nil {
		t.Fatal(err)
	}
	if got := tallies[w.ID].States; got[workflow.Done] != runs || len(got) != 1 {
		t.Errorf("states %v, want all done", got)
	}
	counts, err := s.MessageCounts(t.Context(), outbox.Filter{})
	if err != nil || counts[outbox.Sent] != 2*runs || len(counts) != 1 {
		t.Errorf("messages %v, %v; want %d sent", counts, err, 2*runs)
	}
	t.Logf("%d calls for %d steps over %d lives", calls, len(done), kills+1)
}

// carriedOut waits until the store says that all runs are done and both messages of each sent, as long as that takes, and at
// most minutes. It only reads, beside the process that writes.
func carriedOut(t *testing.T, path string, runs int) {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+path+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for end := time.Now().Add(5 * time.Minute); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		var done, sent int
		err := db.QueryRowContext(t.Context(), "SELECT (SELECT count(*) FROM workflow_run WHERE state = 'done'), (SELECT count(*) FROM outbox WHERE state = 'sent')").Scan(&done, &sent)
		if err == nil && done == runs && sent == 2*runs {
			return
		}
	}
}
