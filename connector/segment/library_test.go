// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package segment_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/connectortest"
	"greenroom/connector/segment"
)

// TestLibraries sends events with the real libraries, while the server goes away and comes back twice. It needs the
// folder tools/segmentcheck after npm install there.
func TestLibraries(t *testing.T) {
	script, err := filepath.Abs("../../tools/segmentcheck/send.mjs")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(filepath.Dir(script), "node_modules", "@segment", "analytics-node")); err != nil {
		t.Skip("the libraries are not installed: run npm install in tools/segmentcheck")
	}
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("there is no node")
	}
	for _, library := range []string{"segment", "rudderstack"} {
		t.Run(library, func(t *testing.T) {
			door := newDoor(t)
			ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
			defer cancel()
			go door.flap(ctx)
			out, err := exec.CommandContext(ctx, node, script, "--host", "http://"+door.address, "--key", key, "--run", library, "--library", library).CombinedOutput()
			door.stop()
			if err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			t.Logf("%s in %d requests, %d of them not answered", strings.TrimSpace(string(out)), door.requests, door.cut)
			if len(door.rejects) > 0 {
				t.Errorf("rejected: %+v", door.rejects[0])
			}
			if got, want := len(door.activities), 9700; got != want {
				t.Errorf("%d different activities came of 10,000 events, want %d", got, want)
			}
			if len(door.people) != 100+100 || len(door.groups) != 10 {
				t.Errorf("%d people and %d groups, want 200 and 10", len(door.people), len(door.groups))
			}
		})
	}
}

// door is the part of a server that takes deliveries: it verifies and stores them, and maps what it stored.
type door struct {
	t        *testing.T
	receiver connector.Receiver
	address  string

	mu         sync.Mutex
	server     *http.Server
	known      map[string]bool
	activities map[string]int
	people     map[string]bool
	groups     map[string]bool
	rejects    []greenroom.Reject
	requests   int
	cut        int
}

func newDoor(t *testing.T) *door {
	t.Helper()
	src, err := segment.New(connectortest.LiveEnv(t), connector.Values{"write-key": key})
	if err != nil {
		t.Fatal(err)
	}
	d := &door{t: t, receiver: src.(connector.Receiver), known: map[string]bool{}, activities: map[string]int{}, people: map[string]bool{}, groups: map[string]bool{}} //nolint:errcheck // the compiler has checked it
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d.address = l.Addr().String()
	d.start(l)
	return d
}

func (d *door) start(l net.Listener) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.server = &http.Server{Handler: d, ReadHeaderTimeout: time.Minute}
	go func(s *http.Server) { _ = s.Serve(l) }(d.server)
}

func (d *door) stop() {
	d.mu.Lock()
	defer d.mu.Unlock()
	_ = d.server.Close()
}

// flap takes the server away as soon as it has something, twice for a second.
func (d *door) flap(ctx context.Context) {
	for i := range 2 {
		for d.came() < 15*(i+1) && ctx.Err() == nil {
			time.Sleep(time.Millisecond)
		}
		d.stop()
		time.Sleep(time.Second)
		l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", d.address)
		if err != nil {
			return
		}
		d.start(l)
	}
}

func (d *door) came() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.requests
}

// ServeHTTP stores a delivery. Every tenth is stored and not acknowledged, as by a server that is killed just then.
func (d *door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	del := connector.Delivery{Method: r.Method, Path: strings.TrimPrefix(r.URL.Path, "/v1/"), Query: r.URL.Query(), Header: r.Header, Body: body, ReceivedAt: time.Now()}
	reply, err := d.receiver.Verify(&del)
	if err != nil {
		d.t.Errorf("refused: %v", err)
		http.Error(w, greenroom.ErrorMessage(err), http.StatusBadRequest)
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.requests++
	if reply.ID == "" || !d.known[reply.ID] {
		d.known[reply.ID] = true
		d.receive(context.WithoutCancel(r.Context()), &del)
	}
	if d.requests%10 == 0 {
		d.cut++
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("Content-Type", reply.ContentType)
	_, _ = w.Write(reply.Body)
}

func (d *door) receive(ctx context.Context, del *connector.Delivery) {
	out := connector.NewSink(ctx, 0, func(_ context.Context, b *connector.Batch) error {
		for i := range b.Activities {
			if a := &b.Activities[i]; a.Kind != greenroom.KindUsage {
				return errors.New("not product usage")
			}
			d.activities[b.Activities[i].ExternalID]++
		}
		for i := range b.Identities {
			d.people[b.Identities[i].ExternalID] = true
		}
		for i := range b.Organizations {
			d.groups[b.Organizations[i].ExternalID] = true
		}
		d.rejects = append(d.rejects, b.Rejects...)
		return nil
	})
	if err := d.receiver.Receive(ctx, del, out); err != nil {
		d.t.Error(err)
	}
	if err := out.Flush(); err != nil {
		d.t.Error(err)
	}
}
