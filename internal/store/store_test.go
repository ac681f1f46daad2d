// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"

	"greenroom/connector"
	"greenroom/connector/connectortest"
	"greenroom/connector/slackexport"
	"greenroom/internal/ingest"
	"greenroom/internal/store"
)

// clock is the tests' time.
func clock() time.Time { return connectortest.Now() }

var databases atomic.Int64

// onBoth runs a test on SQLite and on PostgreSQL.
func onBoth(t *testing.T, f func(t *testing.T, s *store.Store)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { f(t, openSQLite(t)) })
	t.Run("postgres", func(t *testing.T) { f(t, openPostgres(t)) })
}

func openSQLite(t *testing.T) *store.Store {
	t.Helper()
	return open(t, sqliteFile(t))
}

// migrated is an empty store as a file: most tests begin with one, and the migrations take longer than many of them.
var migrated = sync.OnceValues(func() (data []byte, err error) {
	dir, err := os.MkdirTemp("", "greenroom-store-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	path := filepath.Join(dir, "greenroom.db")
	s, err := store.Open(context.Background(), path, slog.New(slog.DiscardHandler), clock)
	if err != nil {
		return nil, err
	}
	if err := s.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

// sqliteFile makes the file of an empty store.
func sqliteFile(t *testing.T) string {
	t.Helper()
	return emptyFile(t)
}

func emptyFile(tb testing.TB) string {
	tb.Helper()
	data, err := migrated()
	if err != nil {
		tb.Fatal(err)
	}
	path := filepath.Join(tb.TempDir(), "greenroom.db")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		tb.Fatal(err)
	}
	return path
}

func openPostgres(t *testing.T) *store.Store {
	t.Helper()
	return open(t, postgresDSN(t))
}

// postgresDSN makes a database for a test.
func postgresDSN(t *testing.T) string {
	t.Helper()
	server := os.Getenv("GREENROOM_TEST_POSTGRES")
	if server == "" {
		t.Skip("GREENROOM_TEST_POSTGRES names no server; `make check-all` starts one")
	}
	admin, err := sql.Open("pgx", server)
	if err != nil {
		t.Fatal(err)
	}
	name := "greenroom_store_" + time.Now().Format("150405") + "_" + string(rune('a'+databases.Add(1)%26)) + "_" + strings.ToLower(strings.Map(letters, t.Name()))
	if len(name) > 60 {
		name = name[:60]
	}
	if _, err := admin.ExecContext(t.Context(), "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := admin.ExecContext(context.Background(), "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)"); err != nil {
			t.Error(err)
		}
		if err := admin.Close(); err != nil {
			t.Error(err)
		}
	})
	return strings.Replace(server, "/greenroom?", "/"+name+"?", 1)
}

func letters(r rune) rune {
	if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
		return r
	}
	return '_'
}

func open(t *testing.T, dsn string) *store.Store {
	t.Helper()
	return openAt(t, dsn, clock)
}

func openAt(t *testing.T, dsn string, now func() time.Time) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), dsn, slog.New(slog.NewTextHandler(t.Output(), nil)), now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestImportSlackRecording(t *testing.T) {
	dir := filepath.Join(connectortest.Recordings(t), "slack", "r-contributors-slice")
	onBoth(t, func(t *testing.T, s *store.Store) {
		im := ingest.New(s, slog.New(slog.NewTextHandler(t.Output(), nil)), clock, nil, nil)
		req := ingest.Request{Spec: slackexport.Spec(), Name: "slack", Values: connector.Values{"path": dir}}
		_, run, err := im.Import(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%+v", run)
		for more := true; more; {
			if _, more, err = s.Derive(t.Context(), 300); err != nil {
				t.Fatal(err)
			}
		}
		_, again, err := im.Import(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%+v", again)
		if again.Stored != 0 || again.Unchanged != run.Stored {
			t.Errorf("importing again stored %d and found %d unchanged; want 0 and %d", again.Stored, again.Unchanged, run.Stored)
		}
	})
}
