// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package connectortest

import (
	"bytes"
	"context"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"greenroom"
	"greenroom/connector"
)

// state is what a store would hold after being told facts: the rules of Activity.EditedAt, Conversation.UpdatedAt and
// Record.UpdatedAt, in their simplest form.
type state struct {
	Activities    map[string]connector.Activity
	Conversations map[string]connector.Conversation
	Records       map[string]connector.Record
	Identities    map[string]bool
	Sames         map[connector.Same]bool
	deleted       map[string]time.Time
}

func newState() *state {
	return &state{
		Activities: map[string]connector.Activity{}, Conversations: map[string]connector.Conversation{}, Records: map[string]connector.Record{},
		Identities: map[string]bool{}, Sames: map[connector.Same]bool{}, deleted: map[string]time.Time{},
	}
}

// away reports whether an activity is of a conversation that was taken away later.
func (s *state) away(a *connector.Activity) bool {
	c := s.Conversations[a.Thread]
	return a.Thread != "" && c.Deleted && !a.ToldAt().After(c.UpdatedAt)
}

func (s *state) tell(f *Facts) {
	for i := range f.Activities {
		a := f.Activities[i]
		have, known := s.Activities[a.ExternalID]
		gone, deleted := s.deleted[a.ExternalID]
		switch {
		case a.Deleted:
			if at := a.ToldAt(); !known || !have.ToldAt().After(at) {
				s.deleted[a.ExternalID] = at
				delete(s.Activities, a.ExternalID)
			}
		case deleted && !a.ToldAt().After(gone), known && a.ToldAt().Before(have.ToldAt()), s.away(&a):
		default:
			delete(s.deleted, a.ExternalID)
			s.Activities[a.ExternalID] = a
		}
	}
	for i := range f.Conversations {
		c := f.Conversations[i]
		for thread, t := range s.Conversations {
			if c.Thread == "" && t.URL == c.URL {
				c.Thread = thread
			}
		}
		have, known := s.Conversations[c.Thread]
		if known && c.UpdatedAt.Before(have.UpdatedAt) {
			continue
		}
		if c.Deleted {
			s.Conversations[c.Thread] = connector.Conversation{Thread: c.Thread, UpdatedAt: c.UpdatedAt, Deleted: true}
			maps.DeleteFunc(s.Activities, func(_ string, a connector.Activity) bool { return s.away(&a) })
			continue
		}
		if l := c.Listed; l != nil {
			maps.DeleteFunc(s.Activities, func(id string, a connector.Activity) bool {
				return a.Thread == c.Thread && slices.Contains(l.Kinds, a.Kind) && !slices.Contains(l.IDs, id) && !a.ToldAt().After(l.At)
			})
			c.Listed = nil
		}
		if c.Title == "" {
			c.Title = have.Title
		}
		if c.URL == "" {
			c.URL = have.URL
		}
		if c.State == "" {
			c.State, c.ResolvedAt, c.ResolvedBy = have.State, have.ResolvedAt, have.ResolvedBy
		}
		s.Conversations[c.Thread] = c
	}
	for i := range f.Records {
		r := f.Records[i]
		key := r.Type + "/" + r.ExternalID
		if have, known := s.Records[key]; !known || !r.UpdatedAt.Before(have.UpdatedAt) {
			r.Stages = nil
			s.Records[key] = r
		}
	}
	for id := range f.Identities {
		s.Identities[id] = true
	}
	for _, same := range f.Sames {
		s.Sames[same] = true
	}
}

// RunReceiver runs what of the conformance suite holds for a connector that is only pushed to and has nothing to read:
// its spec, a read that brings nothing and comes to its end at once, facts that are well-formed, and pushes in any order.
// Of the case it takes Spec, Values and Pushes; Serve where the connector asks something while it receives.
func RunReceiver(t *testing.T, c Live) {
	t.Helper()
	if c.Serve == nil {
		c.Serve = func(int) http.Handler { return http.NotFoundHandler() }
	}
	t.Run("spec", func(t *testing.T) {
		checkSpec(t, c.Spec)
		if c.Spec.Push == nil || c.Spec.Rhythm != 0 {
			t.Error("a connector that is only pushed to has a Push and no rhythm")
		}
	})
	t.Run("nothing to read", func(t *testing.T) {
		f, err := c.from(t, "http://127.0.0.1:1", "")
		if err != nil || len(f.Activities)+len(f.Identities)+len(f.Records) > 0 {
			t.Errorf("a read gives %d activities and %v", len(f.Activities), err)
		}
	})
	t.Run("well-formed", func(t *testing.T) {
		r := c.receiver(t, "http://127.0.0.1:1")
		for i := range c.Pushes {
			d := c.Pushes[i]
			if reply, err := r.Verify(&d); err != nil || reply.Drop {
				continue // what is refused is looked at below
			}
			f, err := pour(t, "", func(out *connector.Sink) error {
				if err := r.Receive(t.Context(), &d, out); err != nil {
					return err
				}
				return out.Checkpoint("end", connector.Progress{})
			})
			if err != nil {
				t.Fatal(err)
			}
			checkFacts(t, f)
		}
	})
	t.Run("pushes in any order", func(t *testing.T) { c.pushes(t) })
}

// pushes gives the deliveries to the connector in order, doubled, backwards and shuffled, and checks that all end in the
// same; and that a delivery whose body was changed on the way is refused.
func (c *Live) pushes(t *testing.T) {
	t.Helper()
	if c.PushesAt != nil {
		srv := httptest.NewServer(c.Serve(c.Items))
		defer srv.Close()
		one := *c
		one.Serve, one.Pushes, one.PushesAt = func(int) http.Handler { return srv.Config.Handler }, c.PushesAt(srv.URL), nil
		one.Values = func(string) connector.Values { return c.Values(srv.URL) }
		one.pushes(t)
		return
	}
	if c.Spec.Push == nil && !c.Stream {
		if len(c.Pushes) > 0 {
			t.Error("there are deliveries, but the spec has no Push")
		}
		return
	}
	if len(c.Pushes) < 3 {
		t.Fatalf("%d deliveries are too few", len(c.Pushes))
	}
	want := c.receive(t, c.Pushes)
	if len(want.Activities)+len(want.Records) == 0 {
		t.Fatal("nothing came of the deliveries")
	}
	orders := map[string][]connector.Delivery{}
	orders["doubled"] = append(slices.Clone(c.Pushes), c.Pushes...)
	back := slices.Clone(c.Pushes)
	slices.Reverse(back)
	orders["backwards"] = back
	shuffled := slices.Clone(c.Pushes)
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] }) //nolint:gosec // a test's order
	orders["shuffled"] = shuffled
	for _, name := range slices.Sorted(maps.Keys(orders)) {
		got := c.receive(t, orders[name])
		for _, part := range []struct {
			name      string
			want, got any
		}{
			{"activities", want.Activities, got.Activities},
			{"conversations", want.Conversations, got.Conversations},
			{"records", want.Records, got.Records},
			{"identities", want.Identities, got.Identities},
			{"sames", want.Sames, got.Sames},
		} {
			if d := diff(part.want, part.got); d != "" {
				t.Errorf("%s: %s differ (-in order +%s):\n%s", name, part.name, name, d)
			}
		}
	}
	c.forged(t)
}

func (c *Live) receiver(t *testing.T, address string) connector.Receiver {
	t.Helper()
	src, err := c.Spec.New(LiveEnv(t), c.Values(address))
	if err != nil {
		t.Fatal(err)
	}
	r, ok := src.(connector.Receiver)
	if !ok {
		t.Fatal("the spec has a Push, but the source is no connector.Receiver")
	}
	return r
}

// receive verifies and maps deliveries. Raw payloads are part of what an activity must have.
func (c *Live) receive(t *testing.T, all []connector.Delivery) *state {
	t.Helper()
	srv := httptest.NewServer(c.Serve(c.Items))
	defer srv.Close()
	r := c.receiver(t, srv.URL)
	s := newState()
	for i := range all {
		d := all[i]
		if !c.Stream {
			reply, err := r.Verify(&d)
			if err != nil {
				t.Fatalf("delivery %d is refused: %v", i, err)
			}
			if reply.Drop {
				continue
			}
		}
		f, err := pour(t, "", func(out *connector.Sink) error { return r.Receive(context.WithoutCancel(t.Context()), &d, out) })
		if err != nil {
			t.Fatalf("delivery %d: %v", i, err)
		}
		if len(f.Rejects) > 0 {
			t.Errorf("delivery %d: rejected: %+v", i, f.Rejects)
		}
		for j := range f.Activities {
			if a := &f.Activities[j]; !a.Deleted && f.Payloads[a.ExternalID] == "" {
				t.Errorf("activity %q of a delivery has no raw payload", a.ExternalID)
			}
		}
		s.tell(f)
	}
	return s
}

// forged changes a body on its way.
func (c *Live) forged(t *testing.T) {
	t.Helper()
	srv := httptest.NewServer(c.Serve(c.Items))
	defer srv.Close()
	r := c.receiver(t, srv.URL)
	d := c.Pushes[0]
	d.Body = append(bytes.TrimRight(slices.Clone(d.Body), " \n"), ' ')
	d.Header = d.Header.Clone()
	bad := connector.Delivery{Method: d.Method, Path: d.Path, Header: map[string][]string{"Content-Type": {"application/json"}}, Body: d.Body, ReceivedAt: d.ReceivedAt}
	reply, err := r.Verify(&bad)
	if c.Ignores {
		if err != nil || len(bad.Body) > 0 {
			t.Errorf("a delivery without any signature or key: got %v and kept %q, want it acknowledged and nothing kept", err, bad.Body)
		} else if f := Receive(t, r, bad); len(f.Activities)+len(f.Identities) > 0 || !reply.Drop && len(f.LeftOut) != 1 {
			t.Errorf("a delivery without any signature or key: got %+v, want it left out", f)
		}
		return
	}
	if greenroom.ErrorCode(err) != greenroom.CodeForbidden {
		t.Errorf("a delivery without any signature or key: got %v, want code %q", err, greenroom.CodeForbidden)
	}
}

// Receive gives deliveries to a source, in order, and returns the facts that come of them.
func Receive(tb testing.TB, r connector.Receiver, all ...connector.Delivery) *Facts {
	tb.Helper()
	f := newFacts()
	sink := connector.NewSink(tb.Context(), 0, func(_ context.Context, b *connector.Batch) error {
		f.add(b)
		return nil
	})
	for i := range all {
		if err := r.Receive(tb.Context(), &all[i], sink); err != nil {
			tb.Fatalf("delivery %d: %v", i, err)
		}
	}
	if err := sink.Flush(); err != nil {
		tb.Fatal(err)
	}
	return f
}
