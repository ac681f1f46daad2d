// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package postgres_test

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/connectortest"
	"greenroom/connector/postgres"
)

// database is a schema of its own on the tests' server: how to connect as a role that may only read, and as the owner.
type database struct {
	owner    *pgx.Conn
	role     string // address of the reading role
	superman string
}

func open(tb testing.TB) *database {
	tb.Helper()
	address := os.Getenv("GREENROOM_TEST_POSTGRES")
	if address == "" {
		tb.Skip("no PostgreSQL server: run under tools/with-postgres")
	}
	ctx := tb.Context()
	owner, err := pgx.Connect(ctx, address)
	if err != nil {
		tb.Fatal(err)
	}
	name := fmt.Sprintf("door_%d", time.Now().UnixNano())
	if _, err := owner.Exec(ctx, "CREATE DATABASE "+name); err != nil {
		tb.Fatal(err)
	}
	_ = owner.Close(ctx)
	u, err := url.Parse(address)
	if err != nil {
		tb.Fatal(err)
	}
	u.Path = "/" + name
	if owner, err = pgx.Connect(ctx, u.String()); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = owner.Close(context.Background()) })
	d := &database{owner: owner, superman: u.String()}
	reader := *u
	reader.User = url.UserPassword(name, "a password")
	d.role = reader.String()
	d.exec(tb, "CREATE ROLE "+name+" LOGIN PASSWORD 'a password'")
	d.exec(tb, `CREATE TABLE users (id bigint PRIMARY KEY, email text, full_name text, company text, domain text, tags text[], vip boolean, born date, joined_at timestamptz, updated_at timestamptz)`)
	d.exec(tb, `CREATE TABLE events (id bigint, user_id bigint, name text, at timestamp, seq bigint)`)
	d.exec(tb, `CREATE TABLE secrets (x text)`)
	d.exec(tb, "GRANT SELECT ON users, events TO "+name)
	return d
}

func (d *database) exec(tb testing.TB, sql string) {
	tb.Helper()
	if _, err := d.owner.Exec(tb.Context(), sql); err != nil {
		tb.Fatal(err)
	}
}

func (d *database) fill(tb testing.TB, users, events int) {
	tb.Helper()
	d.exec(tb, fmt.Sprintf(`INSERT INTO users SELECT i, 'person' || i || '@example.org', 'Person ' || i, 'Company ' || i %% 5, 'company' || i %% 5 || '.example',
		ARRAY['a b', 'c,d', NULL], i %% 2 = 0, '1990-01-02', '2025-01-01 10:00:00+02'::timestamptz + i * interval '1 minute',
		CASE WHEN i > 3 THEN '2026-01-01 10:00:00.123456+00'::timestamptz + (i / 3) * interval '1 hour' END FROM generate_series(1, %d) i`, users))
	d.exec(tb, fmt.Sprintf(`INSERT INTO events SELECT i, i %% 50 + 1, 'Event ' || i %% 7, '2026-02-01'::timestamp + i * interval '1 second', i FROM generate_series(1, %d) i`, events))
}

const (
	members = `SELECT id, email, full_name AS name, company, domain, tags, vip, born, joined_at AS joined, updated_at FROM users -- all of them`
	usage   = `SELECT id, user_id AS member, name AS title, at AS "when", seq FROM events;`
)

func TestConformance(t *testing.T) {
	d := open(t)
	d.fill(t, 25, 60)
	for name, v := range map[string]connector.Values{
		"members by time":         {"query": members, "watermark": "updated_at"},
		"members without":         {"query": members},
		"usage by number":         {"query": usage, "watermark": "SEQ", "type": "activities", "kind": "usage"},
		"usage with $since":       {"query": `SELECT id, user_id AS member, name AS title, at AS "when" FROM events WHERE at >= $since`, "watermark": "when", "kind": "usage", "type": "activities"},
		"records, a common table": {"query": `WITH x AS (SELECT * FROM users) SELECT id, full_name AS name, domain, 'won' AS stage, 12.5::numeric AS amount, joined_at AS opened, updated_at FROM x`, "watermark": "updated_at", "type": "records"},
	} {
		t.Run(name, func(t *testing.T) {
			v["connection"] = d.role
			connectortest.Run(t, postgres.Spec(), v, nil)
		})
	}
}

func TestFacts(t *testing.T) {
	d := open(t)
	d.fill(t, 4, 3)
	f := connectortest.Collect(t, postgres.Spec(), connector.Values{"connection": d.role, "query": members, "watermark": "updated_at", "verified": "true"}, nil, "", 0)
	want := connector.Identity{
		ExternalID: "2", Name: "Person 2", Emails: []greenroom.Email{{Address: "person2@example.org", Verified: true}}, Company: "Company 2", Tags: []string{"a b", "c,d"},
		JoinedAt: time.Date(2025, 1, 1, 8, 2, 0, 0, time.UTC), Fields: map[string]string{"vip": "true", "born": "1990-01-02T00:00:00Z"},
	}
	if diff := cmp.Diff(want, f.Identities["2"]); diff != "" {
		t.Errorf("identity (-want +got):\n%s", diff)
	}
	if len(f.Identities) != 4 || len(f.Memberships) != 4 || f.Organizations[0].Domains[0] != "company1.example" {
		t.Errorf("%d people in %d organizations", len(f.Identities), len(f.Organizations))
	}
	f = connectortest.Collect(t, postgres.Spec(), connector.Values{"connection": d.role, "query": usage, "watermark": "when", "kind": "usage", "type": "activities"}, nil, "", 0)
	event := connector.Activity{
		ExternalID: "2", Kind: greenroom.KindUsage, Author: "3", Title: "Event 2", OccurredAt: time.Date(2026, 2, 1, 0, 0, 2, 0, time.UTC), EditedAt: time.Date(2026, 2, 1, 0, 0, 2, 0, time.UTC),
	}
	if diff := cmp.Diff(event, f.Activities[1]); diff != "" {
		t.Errorf("activity (-want +got):\n%s", diff)
	}
}

// TestIncremental changes a row, adds one and reads again: only they come, and what was written shortly before.
func TestIncremental(t *testing.T) {
	d := open(t)
	d.fill(t, 2500, 0)
	v := connector.Values{"connection": d.role, "query": members, "watermark": "updated_at"}
	first := connectortest.Collect(t, postgres.Spec(), v, nil, "", 0)
	if len(first.Identities) != 2500 {
		t.Fatalf("%d people", len(first.Identities))
	}
	last := first.Cursors[len(first.Cursors)-1]
	again := connectortest.Collect(t, postgres.Spec(), v, nil, last, 0)
	if n := len(again.Identities); n == 0 || n > 3 {
		t.Errorf("a second read tells %d people again, want those of the last mark", n)
	}
	d.exec(t, `UPDATE users SET full_name = 'Somebody', updated_at = '2027-01-01' WHERE id = 7`)
	d.exec(t, `INSERT INTO users (id, email, updated_at) VALUES (9999, 'new@example.org', '2027-01-02')`)
	next := connectortest.Collect(t, postgres.Spec(), v, nil, again.Cursors[len(again.Cursors)-1], 0)
	if next.Identities["7"].Name != "Somebody" || next.Identities["9999"].ExternalID == "" || len(next.Identities) > 5 {
		t.Errorf("the next read tells %d people: %v", len(next.Identities), next.Identities)
	}
}

// TestRefused says in words what does not work.
func TestRefused(t *testing.T) {
	d := open(t)
	d.fill(t, 3, 3)
	wrong := strings.Replace(d.role, "door_", "nobody_", 1)
	for _, tt := range []struct {
		name string
		v    connector.Values
		code greenroom.Code
		says string
	}{
		{"no such table", connector.Values{"query": "SELECT * FROM nothing"}, greenroom.CodeInvalid, `relation "nothing" does not exist`},
		{"no right", connector.Values{"query": "SELECT x AS name FROM secrets", "type": "members"}, greenroom.CodeForbidden, "GRANT SELECT"},
		{"a change", connector.Values{"query": "WITH x AS (DELETE FROM users RETURNING *) SELECT id, email FROM x"}, greenroom.CodeInvalid, "refuses"},
		{"a function that changes", connector.Values{"query": "SELECT setval('s', 1) AS id, 'a' AS name", "type": "members"}, greenroom.CodeInvalid, "does not exist"},
		{"two statements", connector.Values{"query": "SELECT 1) x; DELETE FROM users; SELECT * FROM (SELECT 1 AS id"}, greenroom.CodeInvalid, "multiple"},
		{"no watermark", connector.Values{"query": members, "watermark": "changed"}, greenroom.CodeInvalid, `no column "changed"`},
		{"unknown columns", connector.Values{"query": "SELECT 1 AS zig"}, greenroom.CodeInvalid, "zig"},
		{"another role", connector.Values{"query": members, "connection": wrong}, greenroom.CodeUnauthorized, "role"},
		{"nobody there", connector.Values{"query": members, "connection": "postgres://a:b@127.0.0.1:1/x?sslmode=disable"}, greenroom.CodeUnavailable, "cannot be reached"},
		{"slow", connector.Values{"query": "SELECT pg_sleep(5), 1 AS id, 'a' AS name", "type": "members", "timeout": "1"}, greenroom.CodeUnavailable, "longer than 1s"},
		{"not a query", connector.Values{"query": "DELETE FROM users"}, greenroom.CodeInvalid, "DELETE"},
		{"$since alone", connector.Values{"query": "SELECT * FROM users WHERE id > $since"}, greenroom.CodeInvalid, "watermark"},
		{"a file", connector.Values{"query": members, "connection": d.role + "&passfile=/etc/passwd"}, greenroom.CodeInvalid, "passfile"},
		{"no address", connector.Values{"query": members, "connection": "host=/tmp user=x"}, greenroom.CodeInvalid, "postgres://"},
	} {
		if tt.v["connection"] == "" {
			tt.v["connection"] = d.role
		}
		src, err := postgres.New(connectortest.LiveEnv(t), tt.v)
		if err == nil {
			err = src.Read(t.Context(), "", connector.NewSink(t.Context(), 0, func(context.Context, *connector.Batch) error { return nil }))
		}
		if greenroom.ErrorCode(err) != tt.code || !strings.Contains(greenroom.ErrorMessage(err), tt.says) {
			t.Errorf("%s: got %q %v, want %q with %q", tt.name, greenroom.ErrorCode(err), err, tt.code, tt.says)
		}
		if err != nil && strings.Contains(err.Error(), "a password") {
			t.Errorf("%s: the error tells the password", tt.name)
		}
	}
}

func TestTestAndSurvey(t *testing.T) {
	d := open(t)
	d.fill(t, 12, 0)
	for _, tt := range []struct {
		connection, watermark string
		missing, notes        int
	}{{d.role, "updated_at", 0, 2}, {d.superman, "", 1, 3}} {
		src, err := postgres.New(connectortest.LiveEnv(t), connector.Values{"connection": tt.connection, "query": members, "watermark": tt.watermark})
		if err != nil {
			t.Fatal(err)
		}
		check, err := src.(connector.Tester).Test(t.Context()) //nolint:errcheck // the compiler has checked it
		if err != nil || len(check.Missing) != tt.missing || len(check.Notes) != tt.notes || check.Account == "" {
			t.Errorf("the test says %+v %v", check, err)
		}
		v, err := src.(connector.Surveyor).Survey(t.Context()) //nolint:errcheck // the compiler has checked it
		if err != nil || v.Items != 12 || len(v.Counts) != 1 || v.Counts[0].Of != "identities" {
			t.Errorf("the survey says %+v %v", v, err)
		}
	}
}

// TestMemory reads 100,000 rows while the memory in use stays small.
func TestMemory(t *testing.T) {
	d := open(t)
	d.fill(t, 50, 100_000)
	n, growth := pour(t, d)
	if n != 100_000 || growth > 32<<20 {
		t.Errorf("%d activities, %d MB more at the end", n, growth>>20)
	}
}

func BenchmarkRead(b *testing.B) {
	d := open(b)
	d.fill(b, 50, 100_000)
	n := 0
	for b.Loop() {
		k, _ := pour(b, d)
		n += k
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "facts/s")
}

func pour(tb testing.TB, d *database) (n int, growth uint64) {
	tb.Helper()
	src, err := postgres.New(connectortest.LiveEnv(tb), connector.Values{"connection": d.role, "query": usage, "watermark": "seq", "type": "activities", "kind": "usage"})
	if err != nil {
		tb.Fatal(err)
	}
	var first, worst uint64
	batches := 0
	out := connector.NewSink(tb.Context(), 8000, func(_ context.Context, b *connector.Batch) error {
		n += len(b.Activities)
		if batches++; batches%4 == 0 {
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			if first == 0 {
				first = m.HeapAlloc
			}
			worst = max(worst, m.HeapAlloc)
		}
		return nil
	})
	if err := src.Read(tb.Context(), "", out); err != nil {
		tb.Fatal(err)
	}
	if err := out.Flush(); err != nil {
		tb.Fatal(err)
	}
	return n, worst - first
}
