// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/ingest"
	"greenroom/internal/list"
	"greenroom/internal/query"
	"greenroom/internal/store"
)

// script is a connector that tells what a test says.
type script func(*connector.Sink)

func (s script) Read(_ context.Context, _ connector.Cursor, out *connector.Sink) error {
	s(out)
	return out.Checkpoint("end", connector.Progress{Done: 1, Total: 1, Unit: "files"})
}

// tell imports what a script says into a source.
func tell(tb testing.TB, s *store.Store, source string, f func(*connector.Sink)) greenroom.Run {
	tb.Helper()
	spec := connector.Spec{Kind: "script", Title: "Script", Platform: "script", New: func(connector.Env, connector.Values) (connector.Source, error) {
		return script(f), nil
	}}
	_, run, err := ingest.New(s, slog.New(slog.DiscardHandler), clock, nil, nil).Import(tb.Context(), ingest.Request{Spec: spec, Name: source})
	if err != nil {
		tb.Fatal(err)
	}
	derive(tb, s, 1000)
	return run
}

// at is a moment of the tests, hours after a fixed one.
func at(hours int) time.Time {
	return time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC).Add(time.Duration(hours) * time.Hour)
}

// post is a message of somebody in a thread.
func post(out *connector.Sink, id, who, thread string, hours int, body string) {
	kind := greenroom.KindReply
	if thread == id {
		kind = greenroom.KindMessage
	}
	raw := out.Raw([]byte(`{"id":"` + id + `","secret":"` + body + `"}`))
	out.Activity(connector.Activity{ExternalID: id, Kind: kind, Author: who, Thread: thread, OccurredAt: at(hours), Body: body, Raw: raw})
}

func person(out *connector.Sink, id, name string, emails ...string) {
	p := connector.Identity{ExternalID: id, Handle: id, Name: name}
	for _, e := range emails {
		p.Emails = append(p.Emails, greenroom.Email{Address: e, Verified: true})
	}
	out.Identity(p)
}

func members(tb testing.TB, s *store.Store, text string) []greenroom.Member {
	tb.Helper()
	q, err := query.Parse(query.NewSchema(query.Members, []string{"message", "reply"}), text)
	if err != nil {
		tb.Fatal(err)
	}
	p, err := s.ListMembers(tb.Context(), list.Request{Query: q})
	if err != nil {
		tb.Fatal(err)
	}
	return p.Items
}

func conversations(t *testing.T, s *store.Store, text string) []greenroom.Conversation {
	t.Helper()
	q, err := query.Parse(query.NewSchema(query.Conversations, nil), text)
	if err != nil {
		t.Fatal(err)
	}
	p, err := s.ListConversations(t.Context(), list.Request{Query: q})
	if err != nil {
		t.Fatal(err)
	}
	return p.Items
}

// community is two sources: ana has an account on both, and asks a question that only her other account replies to.
func community(tb testing.TB, s *store.Store) {
	tb.Helper()
	tell(tb, s, "chat", func(out *connector.Sink) {
		person(out, "ana", "Ana Silva", "ana@acme.example")
		person(out, "bob", "Bob Stone", "bob@other.example")
		post(out, "1", "ana", "1", 0, "How do I rotate the walrus key?")
		post(out, "2", "ana2", "1", 2, "Anyone?")
		post(out, "3", "bob", "3", 5, "Released today.")
	})
	tell(tb, s, "forum", func(out *connector.Sink) {
		person(out, "asilva", "Ana S.", "ana@acme.example")
		post(out, "10", "asilva", "10", 9, "Is there a roadmap?")
	})
}

func TestCertainMatchMergeSplitUndo(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		community(t, s)
		ana := members(t, s, `email:ana@acme.example`)
		if len(ana) != 1 || len(ana[0].Identities) != 2 || ana[0].Name != "Ana Silva" || ana[0].Activities != 2 {
			t.Fatalf("same verified e-mail: got %+v, want one member with two identities and two activities", ana)
		}
		if ana[0].Organization != "acme.example" {
			t.Errorf("organization %q, want acme.example", ana[0].Organization)
		}
		if c := conversations(t, s, "is:waiting opened:<1y"); len(c) != 1 || c[0].Title != "Is there a roadmap?" {
			t.Fatalf("before the merge, ana2 counts as somebody else: waiting %+v", c)
		}
		other := members(t, s, "handle:ana2 or name:ana2")
		if len(other) != 1 {
			t.Fatalf("found %d members for ana2", len(other))
		}
		decision, err := s.MergeMembers(t.Context(), ana[0].ID, other[0].ID, "same person", "test")
		if err != nil {
			t.Fatal(err)
		}
		derive(t, s, 1000)
		if c := conversations(t, s, "is:waiting"); len(c) != 2 {
			t.Errorf("after the merge, a reply to oneself is no response: %d wait, want 2", len(c))
		}
		if m, err := s.Member(t.Context(), other[0].ID); err != nil || m.ID != ana[0].ID || m.Activities != 3 {
			t.Errorf("the merged member gives %+v, %v; want ana's with 3 activities", m, err)
		}
		if _, err := s.UndoDecision(t.Context(), decision, "test"); err != nil {
			t.Fatal(err)
		}
		derive(t, s, 1000)
		if c := conversations(t, s, "is:waiting"); len(c) != 1 {
			t.Errorf("after the undo %d wait, want 1 as before", len(c))
		}
		if _, err := s.UndoDecision(t.Context(), decision, "test"); greenroom.ErrorCode(err) != greenroom.CodeConflict {
			t.Errorf("undoing twice: got %v, want a conflict", err)
		}
	})
}

// TestSharedMailboxIsTakenBack tells of an address that looks like one person's until a third name uses it.
func TestSharedMailboxIsTakenBack(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		tell(t, s, "chat", func(out *connector.Sink) {
			person(out, "ana", "Ana Silva", "desk@acme.example")
			person(out, "bob", "Bob Stone", "desk@acme.example")
			post(out, "1", "ana", "1", 0, "How do I rotate the key?")
			post(out, "2", "bob", "1", 1, "With the command.")
		})
		if got := members(t, s, "email:desk@acme.example"); len(got) != 1 || got[0].Activities != 2 {
			t.Fatalf("two names on one address: %+v, want one member", got)
		}
		if got := conversations(t, s, "is:waiting"); len(got) != 1 {
			t.Errorf("while they are one, a reply to oneself is no response: %d wait, want 1", len(got))
		}
		tell(t, s, "forum", func(out *connector.Sink) { person(out, "cem", "Cem Aydin", "desk@acme.example") })
		got := members(t, s, "email:desk@acme.example")
		if len(got) != 3 || got[0].Activities+got[1].Activities+got[2].Activities != 2 {
			t.Errorf("three names on one address: %+v, want three members", got)
		}
		if got := conversations(t, s, "is:waiting"); len(got) != 0 {
			t.Errorf("Bob has answered Ana: %d wait, want 0", len(got))
		}
		history, err := s.Decisions(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		if len(history) != 2 || history[0].Action != "split" || !strings.Contains(history[0].Reason, "desk@acme.example") || history[1].UndoneAt.IsZero() {
			t.Errorf("the history is %+v, want a merge that was undone and a split that says why", history)
		}
	})
}

func TestSplitHoldsAgainstRulesAndReimport(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		community(t, s)
		ana := members(t, s, `email:ana@acme.example`)[0]
		_, created, err := s.SplitMember(t.Context(), ana.ID, []int64{ana.Identities[1].ID}, "two people", "test")
		if err != nil {
			t.Fatal(err)
		}
		community(t, s)
		tell(t, s, "forum", func(out *connector.Sink) { person(out, "asilva", "Ana S. the second", "ana@acme.example") })
		if got := members(t, s, `email:ana@acme.example`); len(got) != 2 {
			t.Errorf("a rule joined again what a person split: %d members, want 2", len(got))
		}
		if m, err := s.Member(t.Context(), created); err != nil || m.Name != "Ana S. the second" {
			t.Errorf("the split member is %+v, %v", m, err)
		}
	})
}

func TestEditAndTeamDomains(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		community(t, s)
		if err := s.SetTeamDomains(t.Context(), []string{"other.example"}); err != nil {
			t.Fatal(err)
		}
		derive(t, s, 1000)
		if got := members(t, s, "is:staff"); len(got) != 1 || got[0].Name != "Bob Stone" {
			t.Errorf("staff by domain: %+v", got)
		}
		if err := s.SetTeamDomains(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		derive(t, s, 1000)
		if got := members(t, s, "is:staff"); len(got) != 0 {
			t.Errorf("staff after the domain was taken away: %+v", got)
		}
	})
}

func TestEraseLeavesNothingAndHoldsAgainstReimport(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		community(t, s)
		ana := members(t, s, `email:ana@acme.example`)[0]
		var out bytes.Buffer
		if err := s.ExportMember(t.Context(), ana.ID, &out); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out.String(), "walrus") || strings.Count(out.String(), `"raw"`) != 2 {
			t.Errorf("the export lacks activities or payloads:\n%s", out.String())
		}
		if err := s.EraseMember(t.Context(), ana.ID); err != nil {
			t.Fatal(err)
		}
		derive(t, s, 1000)
		if !s.Postgres() {
			assertNotInFiles(t, s.Path(), "walrus", "ana@acme.example")
		}
		community(t, s)
		if got := members(t, s, `email:ana@acme.example`); len(got) != 0 {
			t.Errorf("the erased member is back: %+v", got)
		}
		if got := everything(t, s); strings.Contains(got, "walrus") || strings.Contains(got, "Silva") {
			t.Error("the exports still hold what was erased")
		}
		if !s.Postgres() {
			assertNotInFiles(t, s.Path(), "walrus", "ana@acme.example")
		}
	})
}

// assertNotInFiles looks for words in the database's files, as somebody with a hex editor would.
func assertNotInFiles(t *testing.T, path string, words ...string) {
	t.Helper()
	files, err := filepath.Glob(path + "*")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range words {
			if bytes.Contains(data, []byte(w)) {
				t.Errorf("%s still holds %q", filepath.Base(f), w)
			}
		}
	}
}
