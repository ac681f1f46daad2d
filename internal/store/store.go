// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package store is the record store: the truth that everything else is computed from. It runs on SQLite, embedded, or
// on a team's PostgreSQL, from one SQL text; each difference between the two has a name in dialect.go.
//
// All writing goes through one writer at a time, also over processes (SQLite's immediate transactions, an advisory lock
// on PostgreSQL). So ids can be given by the program: the next id is the greatest one plus one, read inside the writing
// transaction, and a process that is killed and started again gives the same ids as one that was not. Readers never
// wait for the writer.
//
// The methods are grouped in files by the feature that declares them: ingest.go for internal/ingest, derive*.go for
// internal/projection, members.go for internal/member, list*.go for the lists that take a query, and so on.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/mattn/go-sqlite3"

	"greenroom"
	"greenroom/internal/employer"
	"greenroom/internal/maildomain"
	"greenroom/internal/priority"
)

// Store is an open record store. Its methods may be called by several goroutines.
type Store struct {
	d           *dialect
	path        string // of the SQLite file; "" on PostgreSQL
	asking      asking // see AskViews
	log         *slog.Logger
	now         func() time.Time
	read        *sql.DB
	readBehind  *sql.DB // read for background work, so that no request waits for what lowered threads hold
	locks       *sql.DB // connections that hold locks on sources, one for each that is read; nil on SQLite
	wdb         *sql.DB
	wmu         sync.Mutex
	w           *writer
	known       knownSources
	checkpoints *checkpointer // nil on PostgreSQL
	held        held
	lost        []greenroom.Run // see wasLost
	names       names
	cache       answerCache
	crowd       crowd
	figures     Figures // nil = there are none
}

// Open opens the record store at dsn: a file path for SQLite (made when absent) or a postgres:// URL, and brings its
// schema up to date.
func Open(ctx context.Context, dsn string, log *slog.Logger, now func() time.Time) (*Store, error) {
	d := sqliteDialect()
	if strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://") {
		d = postgresDialect()
	}
	s := &Store{d: d, log: log, now: now}
	if !d.postgres {
		s.path = dsn
	}
	s.asking.dsn = dsn
	var err error
	if s.wdb, err = sql.Open(d.driver, d.writeDSN(dsn)); err != nil {
		return nil, fmt.Errorf("opening the record store: %w", err)
	}
	s.wdb.SetMaxOpenConns(1)
	conn, err := s.wdb.Conn(ctx)
	if err != nil {
		return nil, errors.Join(&greenroom.Error{
			Code: greenroom.CodeUnavailable, Message: "the record store cannot be opened; is the folder writable, or the server running?", Err: err,
		}, s.wdb.Close())
	}
	s.w = &writer{conn: conn, d: d, stmts: make(map[string]*sql.Stmt), raw: make(map[string]*sqlite3.SQLiteStmt), schools: maildomain.NewSchools(), firms: employer.NewCompanies()}
	for _, q := range d.opened {
		if _, err := conn.ExecContext(ctx, q); err != nil {
			return nil, errors.Join(fmt.Errorf("setting the record store up: %w", err), s.Close())
		}
	}
	if err := s.migrate(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if s.read, err = sql.Open(d.driver, d.readDSN(dsn)); err != nil {
		return nil, errors.Join(fmt.Errorf("opening the record store for reading: %w", err), s.Close())
	}
	s.read.SetMaxOpenConns(d.readers)
	s.read.SetMaxIdleConns(d.readers)
	if s.readBehind, err = sql.Open(d.driver, d.behindDSN(dsn)); err != nil {
		return nil, errors.Join(fmt.Errorf("opening the record store for background work: %w", err), s.Close())
	}
	s.readBehind.SetMaxOpenConns(d.readers)
	s.readBehind.SetMaxIdleConns(d.readers)
	if d.postgres {
		if s.locks, err = sql.Open(d.driver, d.readDSN(dsn)); err != nil {
			return nil, errors.Join(fmt.Errorf("opening the record store for locks: %w", err), s.Close())
		}
	} else {
		s.checkpoints = newCheckpointer(ctx, s.readBehind, s.path, log)
	}
	return s, nil
}

// Close closes the store.
func (s *Store) Close() error {
	s.wmu.Lock()
	defer s.wmu.Unlock()
	var errs []error
	if s.w != nil {
		errs = append(errs, s.release(), s.w.close())
	}
	if s.checkpoints != nil {
		s.checkpoints.close()
	}
	if s.read != nil {
		errs = append(errs, s.read.Close())
	}
	if s.readBehind != nil {
		errs = append(errs, s.readBehind.Close())
	}
	if s.locks != nil {
		errs = append(errs, s.locks.Close())
	}
	if s.wdb != nil {
		errs = append(errs, s.wdb.Close())
	}
	return errors.Join(errs...)
}

// Path is the SQLite file; "" on PostgreSQL.
func (s *Store) Path() string { return s.path }

// Postgres reports whether the store runs on PostgreSQL.
func (s *Store) Postgres() bool { return s.d.postgres }

// reader is what queries with a context go to.
func (s *Store) reader(ctx context.Context) *sql.DB {
	if priority.InBackground(ctx) {
		return s.readBehind
	}
	return s.read
}

// query runs a read-only query.
func (s *Store) query(ctx context.Context, q string, args ...any) (*sql.Rows, error) {
	rows, err := s.reader(ctx).QueryContext(ctx, s.d.rebind(q), args...)
	if err != nil {
		return nil, fmt.Errorf("query %s: %w", firstLine(q), err)
	}
	return rows, nil
}

// queryRow runs a read-only query for one row. sql.ErrNoRows comes back as a greenroom error with CodeNotFound.
func (s *Store) queryRow(ctx context.Context, q string, args []any, dest ...any) error {
	return notFound(s.reader(ctx).QueryRowContext(ctx, s.d.rebind(q), args...).Scan(dest...), q)
}

func notFound(err error, q string) error {
	if errors.Is(err, sql.ErrNoRows) {
		return &greenroom.Error{Code: greenroom.CodeNotFound, Message: "there is no such record"}
	}
	if err != nil {
		return fmt.Errorf("query %s: %w", firstLine(q), err)
	}
	return nil
}

// scan calls f for each row and closes rows.
func scan(rows *sql.Rows, f func() error) error {
	for rows.Next() {
		if err := f(); err != nil {
			return errors.Join(fmt.Errorf("reading a row: %w", err), rows.Close())
		}
	}
	return errors.Join(rows.Err(), rows.Close())
}

func firstLine(q string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(q), "\n")
	if len(line) > 80 {
		return line[:80] + "…"
	}
	return line
}

// micros is a time as it is stored.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// fromMicros is the time that micros stored.
func fromMicros(v int64) time.Time {
	if v == 0 {
		return time.Time{}
	}
	return time.UnixMicro(v).UTC()
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
