// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package connectortest is the one conformance suite that every connector passes, and the small tools its own tests use.
//
// Run reads a source whole, then again in the smallest batches, then again from each of its checkpoints as a process
// that was killed there would, and checks that all give the same facts, that each fact is well-formed and that a bad
// record does not stop the rest.
package connectortest

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/connector"
)

// Now is the time of the tests.
func Now() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }

// Env returns the environment a connector is tested in: waits are over at once. client may be nil for connectors without a
// network.
func Env(t *testing.T, client *http.Client) connector.Env {
	t.Helper()
	return connector.Env{
		Log:   slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})),
		Now:   Now,
		HTTP:  client,
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	}
}

// Facts is everything a read gave, batches joined, with payloads taken out of their arenas.
type Facts struct {
	Channels      []connector.Channel
	Identities    map[string]connector.Identity
	Activities    []connector.Activity
	Conversations []connector.Conversation
	Organizations []connector.Organization
	Records       []connector.Record
	Memberships   []connector.Membership
	Sames         []connector.Same
	Rejects       []greenroom.Reject
	LeftOut       map[string]int64
	Read          int64
	Cursors       []connector.Cursor
	Payloads      map[string]string // activity external id → its raw payload
}

// Collect reads the source from the cursor with batches of limit facts (0 = the default) and fails the test on an error.
func Collect(t *testing.T, spec connector.Spec, values connector.Values, client *http.Client, from connector.Cursor, limit int) *Facts {
	t.Helper()
	f, err := collect(t, spec, values, client, from, limit, 0)
	if err != nil {
		t.Fatalf("%s: reading from cursor %q: %v", spec.Kind, from, err)
	}
	return f
}

// stopError ends a read as a killed process would, after a number of batches.
type stopError struct{}

func (stopError) Error() string { return "stopped by the test" }

func collect(t *testing.T, spec connector.Spec, values connector.Values, client *http.Client, from connector.Cursor, limit, stopAfter int) (*Facts, error) {
	t.Helper()
	src, err := spec.New(Env(t, client), values)
	if err != nil {
		return nil, fmt.Errorf("opening: %w", err)
	}
	f := newFacts()
	batches := 0
	sink := connector.NewSink(t.Context(), limit, func(_ context.Context, b *connector.Batch) error {
		f.add(b)
		batches++
		if stopAfter > 0 && batches >= stopAfter {
			return stopError{}
		}
		return nil
	})
	if err := src.Read(t.Context(), from, sink); err != nil {
		return f, err
	}
	return f, sink.Flush()
}

func newFacts() *Facts {
	return &Facts{Identities: map[string]connector.Identity{}, LeftOut: map[string]int64{}, Payloads: map[string]string{}}
}

func (f *Facts) add(b *connector.Batch) {
	for i := range b.Channels {
		c := b.Channels[i]
		c.Raw = 0
		f.Channels = append(f.Channels, c)
	}
	for i := range b.Identities {
		id := b.Identities[i]
		id.Raw = 0
		have, ok := f.Identities[id.ExternalID]
		if ok {
			have.Merge(id)
			id = have
		}
		f.Identities[id.ExternalID] = id
	}
	for i := range b.Activities {
		a := b.Activities[i]
		if a.Raw != 0 {
			f.Payloads[a.ExternalID] = string(b.Payloads.At(a.Raw))
		}
		a.Raw = 0
		f.Activities = append(f.Activities, a)
	}
	f.Conversations = append(f.Conversations, b.Conversations...)
	for i := range b.Organizations {
		o := b.Organizations[i]
		o.Raw = 0
		f.Organizations = append(f.Organizations, o)
	}
	for i := range b.Records {
		r := b.Records[i]
		r.Raw = 0
		f.Records = append(f.Records, r)
	}
	f.Memberships = append(f.Memberships, b.Memberships...)
	f.Sames = append(f.Sames, b.Sames...)
	f.Rejects = append(f.Rejects, b.Rejects...)
	for k, n := range b.LeftOut {
		f.LeftOut[k] += n
	}
	f.Read += b.Read
	f.Cursors = append(f.Cursors, b.Cursor)
}

// Kinds counts the activities by kind name.
func (f *Facts) Kinds() map[string]int {
	n := make(map[string]int)
	for i := range f.Activities {
		n[f.Activities[i].Kind.String()]++
	}
	return n
}

// Run runs the conformance suite over a source that holds a small sample.
func Run(t *testing.T, spec connector.Spec, values connector.Values, client *http.Client) {
	t.Helper()
	t.Run("spec", func(t *testing.T) { checkSpec(t, spec) })
	whole := Collect(t, spec, values, client, "", 0)
	t.Run("well-formed", func(t *testing.T) { checkFacts(t, whole) })
	t.Run("same result twice", func(t *testing.T) {
		if diff := cmp.Diff(whole, Collect(t, spec, values, client, "", 0)); diff != "" {
			t.Errorf("a second read differs (-first +second):\n%s", diff)
		}
	})
	small := Collect(t, spec, values, client, "", 1)
	t.Run("same facts in small batches", func(t *testing.T) { sameFacts(t, whole, small) })
	t.Run("goes on from every checkpoint", func(t *testing.T) {
		for n := 1; n <= len(small.Cursors); n++ {
			if n > 40 && n%17 != 0 { // enough of a large sample
				continue
			}
			part, err := collect(t, spec, values, client, "", 1, n)
			if err == nil {
				continue // the source ended in fewer batches
			}
			last := part.Cursors[len(part.Cursors)-1]
			if spec.Incremental && last == whole.Cursors[len(whole.Cursors)-1] {
				continue // the read came to its end: what begins there is the next one, which may tell some things again
			}
			rest := Collect(t, spec, values, client, last, 1)
			sameFacts(t, whole, join(part, rest))
			if t.Failed() {
				t.Fatalf("after going on from checkpoint %d, cursor %q", n, part.Cursors[len(part.Cursors)-1])
			}
		}
	})
}

func join(a, b *Facts) *Facts {
	j := &Facts{Identities: map[string]connector.Identity{}, LeftOut: map[string]int64{}}
	for _, f := range []*Facts{a, b} {
		for k := range f.Identities {
			id := f.Identities[k]
			have, ok := j.Identities[k]
			if ok {
				have.Merge(id)
				id = have
			}
			j.Identities[k] = id
		}
		j.Activities = append(j.Activities, f.Activities...)
		j.Conversations = append(j.Conversations, f.Conversations...)
		j.Records = append(j.Records, f.Records...)
		j.Organizations = append(j.Organizations, f.Organizations...)
		j.Memberships = append(j.Memberships, f.Memberships...)
		j.Sames = append(j.Sames, f.Sames...)
		j.Rejects = append(j.Rejects, f.Rejects...)
		for k, n := range f.LeftOut {
			j.LeftOut[k] += n
		}
		j.Read += f.Read
	}
	return j
}

func sameFacts(t *testing.T, want, got *Facts) {
	t.Helper()
	compare := func(name string, a, b any) {
		t.Helper()
		if diff := cmp.Diff(a, b); diff != "" {
			t.Errorf("%s differ (-whole +parts):\n%s", name, diff)
		}
	}
	compare("activities", want.Activities, got.Activities)
	compare("identities", want.Identities, got.Identities)
	compare("conversations", want.Conversations, got.Conversations)
	compare("organizations", want.Organizations, got.Organizations)
	compare("records", want.Records, got.Records)
	compare("memberships", want.Memberships, got.Memberships)
	compare("sames", want.Sames, got.Sames)
	compare("rejects", want.Rejects, got.Rejects)
	compare("left out", want.LeftOut, got.LeftOut)
	compare("records read", want.Read, got.Read)
}

func checkSpec(t *testing.T, spec connector.Spec) {
	t.Helper()
	if spec.Kind == "" || spec.Title == "" || spec.Platform == "" || spec.Summary == "" || spec.Help == "" || spec.New == nil {
		t.Errorf("the spec is not complete: %+v", spec)
	}
	found := false
	for _, o := range spec.Options {
		if o.Name != strings.ToLower(o.Name) || strings.ContainsAny(o.Name, " _") || o.Label == "" || o.Help == "" || o.Type == "" {
			t.Errorf("option %q is not complete: lower-case name with dashes, label, help and type are needed", o.Name)
		}
		found = found || o.Name == spec.Primary
	}
	if !found {
		t.Errorf("the primary option %q is not among the options", spec.Primary)
	}
	if _, err := spec.New(Env(t, nil), connector.Values{}); greenroom.ErrorCode(err) != greenroom.CodeInvalid {
		t.Errorf("without any option: got %v, want an error with code %q that says what is missing", err, greenroom.CodeInvalid)
	}
}

func checkFacts(t *testing.T, f *Facts) {
	t.Helper()
	ids := make(map[string]bool, len(f.Activities))
	channels := make(map[string]bool)
	for i := range f.Channels {
		channels[f.Channels[i].ExternalID] = true
	}
	for i := range f.Activities {
		checkActivity(t, f, &f.Activities[i], ids, channels)
	}
	for _, id := range f.Identities {
		for _, e := range id.Emails {
			if e.Address != strings.ToLower(e.Address) || strings.Count(e.Address, "@") != 1 {
				t.Errorf("identity %q: e-mail %q is not a lower-case address", id.ExternalID, e.Address)
			}
		}
		checkText(t, "identity "+id.ExternalID, id.Name, id.Handle, id.Bio)
	}
	for i := range f.Rejects {
		if f.Rejects[i].Reason == "" || f.Rejects[i].File == "" {
			t.Errorf("a reject does not say where and why: %+v", f.Rejects[i])
		}
	}
	if len(f.Cursors) == 0 {
		t.Error("the source never reached a checkpoint")
	}
}

func checkActivity(t *testing.T, f *Facts, a *connector.Activity, ids, channels map[string]bool) {
	t.Helper()
	if ids[a.ExternalID] {
		t.Errorf("activity %q was given twice in one read", a.ExternalID)
	}
	ids[a.ExternalID] = true
	if a.Channel != "" && !channels[a.Channel] {
		t.Errorf("activity %q is in channel %q, which was not given", a.ExternalID, a.Channel)
	}
	if _, ok := f.Identities[a.Author]; a.Author != "" && !ok {
		t.Errorf("activity %q is by identity %q, which was not given", a.ExternalID, a.Author)
	}
	if a.URL != "" {
		if u, err := url.Parse(a.URL); err != nil || u.Scheme == "" || u.Host == "" {
			t.Errorf("activity %q: the URL %q is not absolute", a.ExternalID, a.URL)
		}
	}
	if f.Payloads[a.ExternalID] == "" {
		t.Errorf("activity %q has no raw payload", a.ExternalID)
	}
	checkText(t, "activity "+a.ExternalID, a.Title, a.Body)
}

func checkText(t *testing.T, what string, texts ...string) {
	t.Helper()
	for _, s := range texts {
		if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
			t.Errorf("%s: text is not valid UTF-8 without NUL: %q", what, s)
		}
	}
}

// Recordings returns the folder ../shared/data/recordings beside the module, and skips the test where it is absent.
func Recordings(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Skip("no go.mod above the test")
		}
		dir = parent
	}
	rec := filepath.Join(dir, "..", "shared", "data", "recordings")
	if _, err := os.Stat(rec); err != nil {
		t.Skip("the recordings in ../shared/data are not here")
	}
	return rec
}
