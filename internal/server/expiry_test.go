// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/linkedin"
	"greenroom/internal/ingest"
	"greenroom/internal/list"
)

// spoken is a source that says what a function says.
type spoken func(*connector.Sink)

func (s spoken) Read(_ context.Context, _ connector.Cursor, out *connector.Sink) error {
	s(out)
	return out.Checkpoint("end", connector.Progress{Done: 1, Total: 1, Unit: "posts"})
}

// freshDatabase makes a database on the PostgreSQL server of the tests.
func freshDatabase(t *testing.T) string {
	t.Helper()
	address := os.Getenv("GREENROOM_TEST_POSTGRES")
	if address == "" {
		t.Skip("no PostgreSQL server: run under tools/with-postgres")
	}
	db, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("greenroom_expiry_%d", os.Getpid())
	if _, err := db.Exec(t.Context(), "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := db.Exec(context.WithoutCancel(t.Context()), "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)"); err != nil {
			t.Error(err)
		}
		_ = db.Close(context.WithoutCancel(t.Context()))
	})
	return strings.Replace(address, "/greenroom?", "/"+name+"?", 1)
}

// TestLinkedInExpires moves the clock over what LinkedIn's terms say: names go within a day of being told, and what members did
// within two days of being done, both half an hour early. The page's own post stays, and so does everything of a source whose
// owner has an agreement.
func TestLinkedInExpires(t *testing.T) {
	told := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	for store, database := range map[string]func(*testing.T) string{"sqlite": func(*testing.T) string { return "" }, "postgres": freshDatabase} {
		t.Run(store, func(t *testing.T) {
			now := told
			a, err := Open(t.Context(), Options{Data: t.TempDir(), Database: database(t), Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return now }})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = a.Close() })
			spec := linkedin.Spec()
			for _, name := range []string{"page", "agreed"} {
				spec.New = func(connector.Env, connector.Values) (connector.Source, error) {
					return spoken(func(out *connector.Sink) {
						out.Identity(connector.Identity{ExternalID: "urn:li:organization:1", Name: "Acme " + name})
						out.Activity(connector.Activity{ExternalID: "post", Kind: greenroom.KindMessage, Author: "urn:li:organization:1", Thread: "post", OccurredAt: told.AddDate(0, -1, 0), Body: "Our release", Title: name + " post"})
						out.Identity(connector.Identity{ExternalID: "urn:li:person:ana", Name: "Ana of " + name, Raw: out.Raw([]byte(`{"name":"Ana"}`))})
						out.Activity(connector.Activity{ExternalID: "comment", Kind: greenroom.KindReply, Author: "urn:li:person:ana", Thread: "post", OccurredAt: told, Body: "Nice", Title: name + " comment"})
					}), nil
				}
				values := connector.Values{"access-token": "t"}
				if name == "agreed" {
					values["agreement"] = "true"
				}
				if _, _, err := a.Importer.Import(t.Context(), ingest.Request{Spec: spec, Name: name, Values: values}); err != nil {
					t.Fatal(err)
				}
			}
			const kept = "Acme agreed|Ana of agreed|agreed comment|agreed post"
			for _, step := range []struct {
				after time.Duration
				want  string
			}{
				{23*time.Hour + 29*time.Minute, kept + "|Acme page|Ana of page|page comment|page post"},
				{23*time.Hour + 31*time.Minute, kept + "|Acme page|urn:li:person:ana|page comment|page post"},
				{47*time.Hour + 29*time.Minute, kept + "|Acme page|urn:li:person:ana|page comment|page post"},
				{47*time.Hour + 31*time.Minute, kept + "|Acme page|page post"},
			} {
				now = told.Add(step.after)
				a.expireOnce(t.Context())
				if diff := cmp.Diff(step.want, a.everything(t)); diff != "" {
					t.Errorf("%v later (-want +got):\n%s", step.after, diff)
				}
			}
		})
	}
}

// everything names members and activities: first those of the source that was agreed on.
func (a *App) everything(t *testing.T) string {
	t.Helper()
	if err := a.Projector.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	members, err := a.Store.ListMembers(t.Context(), list.Request{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	acts, err := a.Store.ListActivities(t.Context(), list.Request{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	var agreed, rest [2][]string
	for i := range members.Items {
		if n := members.Items[i].Name; strings.Contains(n, "agreed") {
			agreed[0] = append(agreed[0], n)
		} else {
			rest[0] = append(rest[0], n)
		}
	}
	for i := range acts.Items {
		if n := acts.Items[i].Title; strings.Contains(n, "agreed") {
			agreed[1] = append(agreed[1], n)
		} else {
			rest[1] = append(rest[1], n)
		}
	}
	var all []string
	for _, part := range [][]string{agreed[0], agreed[1], rest[0], rest[1]} {
		slices.Sort(part)
		all = append(all, part...)
	}
	return strings.Join(all, "|")
}
