// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"log/slog"
	"slices"
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

// talk is a source that tells of what was said, and of conversations, in steps.
type talk []func(out *connector.Sink)

func (all talk) Read(_ context.Context, _ connector.Cursor, out *connector.Sink) error {
	for _, step := range all {
		step(out)
		if err := out.Checkpoint("", connector.Progress{}); err != nil {
			return err
		}
	}
	return nil
}

// into imports the steps and derives what follows from them.
func (all talk) into(t *testing.T, s *store.Store) greenroom.Run {
	t.Helper()
	spec := connector.Spec{Kind: "desk", Title: "Desk", Platform: "desk", New: func(connector.Env, connector.Values) (connector.Source, error) { return all, nil }}
	_, run, err := ingest.New(s, slog.New(slog.DiscardHandler), clock, nil, nil).Import(t.Context(), ingest.Request{Spec: spec, Name: "desk", Batch: 1})
	if err != nil {
		t.Fatal(err)
	}
	derive(t, s, 100)
	return run
}

// stands checks which activities there are, by their external ids and titles.
func stands(t *testing.T, s *store.Store, when, want string) {
	t.Helper()
	page, err := s.ListActivities(t.Context(), list.Request{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for i := range page.Items {
		got = append(got, strings.TrimSpace(page.Items[i].ExternalID+" "+page.Items[i].Title))
	}
	slices.Sort(got)
	if strings.Join(got, ", ") != want {
		t.Errorf("%s: there are %s, want %s", when, strings.Join(got, ", "), want)
	}
}

// TestTakenAway deletes a conversation as a whole: what was said in it until then is gone, what was said later stays, and a
// newer telling brings something back, one of the conversation all of it.
func TestTakenAway(t *testing.T) {
	at := func(h int) time.Time { return time.Date(2026, 5, 4, h, 0, 0, 0, time.UTC) }
	say := func(id, thread, text string, said, edited time.Time) func(*connector.Sink) {
		return func(out *connector.Sink) {
			out.Channel(connector.Channel{ExternalID: "desk", Name: "desk"})
			out.Activity(connector.Activity{
				ExternalID: id, Kind: greenroom.KindMessage, Channel: "desk", Author: "ana", Thread: thread, OccurredAt: said, EditedAt: edited, Title: "T " + text, Body: text,
			})
		}
	}
	tell := func(c connector.Conversation) func(*connector.Sink) {
		return func(out *connector.Sink) { out.Conversation(c) }
	}
	gone := tell(connector.Conversation{Thread: "t1", Deleted: true, UpdatedAt: at(5)})
	onBoth(t, func(t *testing.T, s *store.Store) {
		read := func(all talk) greenroom.Run { t.Helper(); return all.into(t, s) }
		is := func(when, want string) { t.Helper(); stands(t, s, when, want) }
		said := talk{
			say("1", "t1", "printer broken", at(1), time.Time{}), say("2", "t1", "which printer", at(2), at(3)), say("3", "t1", "late", at(6), time.Time{}),
			say("4", "t2", "other printer", at(1), time.Time{}), tell(connector.Conversation{Thread: "t1", Title: "Printer of Ana", UpdatedAt: at(3)}),
		}
		read(said)
		is("at first", "1 T printer broken, 2 T which printer, 3 T late, 4 T other printer")
		if run := read(talk{gone}); run.Stored != 2 {
			t.Errorf("taking the conversation away changed %d activities, want 2", run.Stored)
		}
		is("taken away", "3 T late, 4 T other printer")
		found, err := query.Parse(query.NewSchema(query.Activities, nil), "printer")
		if err != nil {
			t.Fatal(err)
		}
		if n, err := s.CountAll(t.Context(), query.Activities, found); err != nil || n != 1 {
			t.Errorf("a search finds %d, %v; want what was said elsewhere", n, err)
		}
		talks, err := s.ListConversations(t.Context(), list.Request{Limit: 10})
		if err != nil {
			t.Fatal(err)
		}
		for i := range talks.Items {
			if strings.Contains(talks.Items[i].Title, "Ana") {
				t.Errorf("a conversation is still called %q", talks.Items[i].Title)
			}
		}
		if run := read(talk{gone}); run.Stored != 0 {
			t.Errorf("telling it twice changed %d activities", run.Stored)
		}
		read(said)
		is("told again as it was", "3 T late, 4 T other printer")
		read(talk{say("5", "t1", "from before, told late", at(4), time.Time{})})
		is("told late", "3 T late, 4 T other printer")
		read(talk{say("2", "t1", "edited", at(2), at(8))})
		is("edited later", "2 T edited, 3 T late, 4 T other printer")
		read(append(talk{tell(connector.Conversation{Thread: "t1", Title: "Printer of Ana", UpdatedAt: at(9)})}, said...))
		is("restored", "1 T printer broken, 2 T edited, 3 T late, 4 T other printer")
		read(talk{tell(connector.Conversation{Thread: "t2", URL: "https://desk.example/2", UpdatedAt: at(2)})})
		read(talk{tell(connector.Conversation{URL: "https://desk.example/3", Deleted: true, UpdatedAt: at(9)}), tell(connector.Conversation{URL: "https://desk.example/2", Deleted: true, UpdatedAt: at(9)})})
		is("taken away by its address", "1 T printer broken, 2 T edited, 3 T late")
	})
}

// TestListed lists what a source has in a conversation: what is stored as of then and is not in the list was deleted, of the
// kinds that were listed alone, and comes back when it is told of again.
func TestListed(t *testing.T) {
	at := func(h int) time.Time { return time.Date(2026, 5, 4, h, 0, 0, 0, time.UTC) }
	say := func(id, thread string, kind greenroom.Kind, hour int) func(*connector.Sink) {
		return func(out *connector.Sink) {
			out.Channel(connector.Channel{ExternalID: "desk", Name: "desk"})
			out.Activity(connector.Activity{ExternalID: id, Kind: kind, Channel: "desk", Author: "ana", Thread: thread, OccurredAt: at(hour), Body: "printer " + id})
		}
	}
	holds := func(hour int, ids ...string) func(*connector.Sink) {
		return func(out *connector.Sink) {
			out.Conversation(connector.Conversation{Thread: "t1", UpdatedAt: at(hour), Listed: &connector.Listing{Kinds: []greenroom.Kind{greenroom.KindComment}, IDs: ids, At: at(hour)}})
		}
	}
	onBoth(t, func(t *testing.T, s *store.Store) {
		read := func(all talk) greenroom.Run { t.Helper(); return all.into(t, s) }
		is := func(when, want string) { t.Helper(); stands(t, s, when, want) }
		comment := greenroom.KindComment
		read(talk{
			say("issue", "t1", greenroom.KindIssue, 1), say("a", "t1", comment, 2), say("b", "t1", comment, 3), say("c", "t1", comment, 4), say("late", "t1", comment, 6),
			say("close", "t1", greenroom.KindClose, 3), say("other", "t2", comment, 2), holds(4, "a", "b", "c"),
		})
		is("at first", "a, b, c, close, issue, late, other")
		if run := read(talk{holds(5, "a", "c")}); run.Stored != 1 {
			t.Errorf("a list without one changed %d activities, want 1", run.Stored)
		}
		is("one deleted", "a, c, close, issue, late, other")
		if run := read(talk{holds(5, "a", "c")}); run.Stored != 0 {
			t.Errorf("the same list again changed %d activities", run.Stored)
		}
		read(talk{holds(4, "a", "b", "c")})
		is("an older list", "a, c, close, issue, late, other")
		read(talk{holds(5)})
		is("an empty list", "close, issue, late, other")
		read(talk{say("a", "t1", comment, 2), holds(5, "a")})
		is("told of again", "a, close, issue, late, other")
		found, err := query.Parse(query.NewSchema(query.Activities, nil), "printer")
		if err != nil {
			t.Fatal(err)
		}
		if n, err := s.CountAll(t.Context(), query.Activities, found); err != nil || n != 5 {
			t.Errorf("a search finds %d, %v; want what is there", n, err)
		}
	})
}
