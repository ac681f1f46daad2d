// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/internal/list"
	"greenroom/internal/member"
	"greenroom/internal/query"
	"greenroom/internal/server"
)

// TestCounting counts lists, sources and members' days from the tables and from memory, and wants the same, also after
// somebody was hidden, and a channel's activities were counted with him.
func TestCounting(t *testing.T) {
	var ticks atomic.Int64
	base := time.Now().UTC().Truncate(time.Hour).Add(time.Hour)
	app, err := server.Open(t.Context(), server.Options{
		Data: t.TempDir(), Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return base.Add(time.Duration(ticks.Add(1)) * time.Microsecond) },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := app.Close(); err != nil {
			t.Error(err)
		}
	})
	imported(t, app, community(t), [3]string{"slack-export", "slack", "slack"}, [3]string{"discourse", "forum", "discourse"}, [3]string{"gharchive", "github", "gharchive"}, [3]string{"csv", "crm", "business/members.csv"})
	engine, err := app.Analytics(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	app.Store.CountWith(engine)
	follow := func() {
		t.Helper()
		app.Store.CacheAnswers(time.Second, func(do func()) { do() })
		if err := app.Projector.CatchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	follow()
	countsAgree(t, app)
	p, err := app.Store.ListMembers(t.Context(), list.Request{Query: askedOf(t, query.Members, "sort:-activities"), Limit: 3})
	if err != nil {
		t.Fatal(err)
	}
	yes := true
	if err := app.Store.EditMember(t.Context(), p.Items[0].ID, member.Edit{Hidden: &yes}); err != nil {
		t.Fatal(err)
	}
	countsAgree(t, app) // when the figures have not heard of it
	follow()
	countsAgree(t, app)
	decision, err := app.Store.MergeMembers(t.Context(), p.Items[1].ID, p.Items[2].ID, "", "ana")
	if err != nil {
		t.Fatal(err)
	}
	countsAgree(t, app)
	follow()
	countsAgree(t, app)
	if _, err := app.Store.UndoDecision(t.Context(), decision, "ana"); err != nil {
		t.Fatal(err)
	}
	countsAgree(t, app)
	follow()
	countsAgree(t, app)
}

func askedOf(t *testing.T, e query.Entity, text string) *query.Query {
	t.Helper()
	var kinds []string
	for _, k := range greenroom.Kinds() {
		kinds = append(kinds, k.String())
	}
	q, err := query.Parse(query.NewSchema(e, kinds), text)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func countsAgree(t *testing.T, app *server.App) {
	t.Helper()
	s := app.Store
	agree := func(what string, ask func() (any, error)) {
		t.Helper()
		s.CacheAnswers(0, nil)
		tables, err := ask()
		if err != nil {
			t.Fatal(err)
		}
		s.CacheAnswers(time.Second, func(func()) {})
		memory, err := ask()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tables, memory); diff != "" {
			t.Errorf("%s (-tables +memory):\n%s", what, diff)
		}
	}
	for _, text := range []string{
		"", "kind:message", "is:question", "-is:question kind:message,reply", "is:edited", "is:reply since:90d", "occurred:*", "channel:#help", "source:slack or kind:issue",
		"by:a", "member.is:new", "-member.is:staff", "is:staff", "org.lifecycle:customer kind:message", "-org:*", "occurred:<30d -channel:#help", "is:deleted", "body:how",
	} {
		agree("activities "+text, func() (any, error) {
			p, err := s.ListActivities(t.Context(), list.Request{Query: askedOf(t, query.Activities, text), Limit: 20, Count: true})
			return p, err
		})
	}
	for _, text := range []string{"", "is:waiting", "is:answered", "-is:resolved", "state:open,answered opened:<60d", "kind:issue", "org.lifecycle:customer", "-by:a", "is:waiting member.is:new", "replies:>3", "channel:#help is:question"} {
		agree("conversations "+text, func() (any, error) {
			p, err := s.ListConversations(t.Context(), list.Request{Query: askedOf(t, query.Conversations, text), Limit: 20, Count: true})
			return p, err
		})
	}
	for _, text := range []string{"did:message", "did:question since:90d count:>=2", "did:message in:#help count:0", "did:issue source:github count:1..2", "-did:reply since:60d", "channel:#help"} {
		agree("members "+text, func() (any, error) {
			p, err := s.ListMembers(t.Context(), list.Request{Query: askedOf(t, query.Members, text), Limit: 20, Count: true})
			return p, err
		})
	}
	sources, err := s.Sources(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i := range sources {
		agree("the source "+sources[i].Name, func() (any, error) {
			kinds, err := s.SourceKinds(t.Context(), sources[i].ID)
			if err != nil {
				return nil, err
			}
			channels, counts, err := s.SourceChannels(t.Context(), sources[i].ID, 4)
			if err != nil {
				return nil, err
			}
			l, err := s.Ledger(t.Context(), sources[i].ID)
			return []any{kinds, channels, counts, l}, err
		})
	}
	agree("the ledger", func() (any, error) { return s.Ledger(t.Context(), 0) })
	p, err := s.ListMembers(t.Context(), list.Request{Query: askedOf(t, query.Members, "sort:-activities"), Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	for i := range p.Items {
		agree("days of "+p.Items[i].Name, func() (any, error) {
			return s.MemberDays(t.Context(), p.Items[i].ID, app.Now().AddDate(-1, 0, 0).Truncate(time.Hour), time.UTC)
		})
	}
}
