// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/mattn/go-sqlite3"

	"greenroom/internal/employer"
	"greenroom/internal/maildomain"
)

// writer is the one connection that writes, with its prepared statements.
type writer struct {
	ctx     context.Context //nolint:containedctx // of the transaction that runs now
	stop    <-chan struct{} // closed when that transaction is to stop
	conn    *sql.Conn
	d       *dialect
	stmts   map[string]*sql.Stmt
	raw     map[string]*sqlite3.SQLiteStmt // of bulk, on SQLite
	schools *maildomain.Schools
	firms   *employer.Companies
}

func (w *writer) close() error {
	var errs []error
	for _, st := range w.raw {
		errs = append(errs, st.Close())
	}
	for _, st := range w.stmts {
		errs = append(errs, st.Close())
	}
	return errors.Join(append(errs, w.conn.Close())...)
}

func (w *writer) stmt(q string) (*sql.Stmt, error) {
	if st, ok := w.stmts[q]; ok {
		return st, nil
	}
	st, err := w.conn.PrepareContext(w.ctx, w.d.rebind(q))
	if err != nil {
		return nil, fmt.Errorf("preparing %s: %w", firstLine(q), err)
	}
	w.stmts[q] = st
	return st, nil
}

// exec runs a statement, prepared once, and returns how many rows it changed.
func (w *writer) exec(q string, args ...any) (int64, error) {
	st, err := w.stmt(q)
	if err != nil {
		return 0, err
	}
	res, err := st.ExecContext(w.ctx, args...)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", firstLine(q), err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return 0, fmt.Errorf("%s: %w", firstLine(q), err)
	}
	return n, nil
}

// execOnce runs a statement that is not worth preparing.
func (w *writer) execOnce(q string, args ...any) error {
	if _, err := w.conn.ExecContext(w.ctx, w.d.rebind(q), args...); err != nil {
		return fmt.Errorf("%s: %w", firstLine(q), err)
	}
	return nil
}

// pipelined is how many rows go to PostgreSQL in one round trip.
const pipelined = 500

// stopped returns an error when the transaction is to stop.
func (w *writer) stopped() error {
	select {
	case <-w.stop:
		return fmt.Errorf("storing was stopped: %w", context.Canceled)
	default:
		return nil
	}
}

// bulk runs one statement for n rows. SQLite takes them one by one through a prepared statement, which is what it is
// fastest at; PostgreSQL takes them in pipelines, since each round trip costs more than the row.
func (w *writer) bulk(q string, n int, row func(i int) []any) error {
	if n == 0 {
		return nil
	}
	if !w.d.postgres {
		return w.bulkSQLite(q, n, row)
	}
	bound := w.d.rebind(q)
	return w.conn.Raw(func(dc any) error {
		std, ok := dc.(*stdlib.Conn)
		if !ok {
			return fmt.Errorf("the connection is a %T, not pgx's", dc)
		}
		for start := 0; start < n; start += pipelined {
			batch := &pgx.Batch{}
			for i := start; i < min(n, start+pipelined); i++ {
				batch.Queue(bound, row(i)...)
			}
			if err := std.Conn().SendBatch(w.ctx, batch).Close(); err != nil {
				return fmt.Errorf("%s: %w", firstLine(q), err)
			}
		}
		return nil
	})
}

// bulkSQLite gives the rows to the driver itself: database/sql checks and copies each argument once more, which for a
// narrow row costs as much as inserting it.
func (w *writer) bulkSQLite(q string, n int, row func(i int) []any) error {
	return w.conn.Raw(func(dc any) error {
		st, err := w.rawStmt(dc, q)
		if err != nil {
			return err
		}
		var args []driver.Value
		for i := range n {
			if i%pipelined == 0 {
				if err := w.stopped(); err != nil {
					return err
				}
			}
			args = args[:0]
			for _, v := range row(i) {
				switch v.(type) {
				case int64, string, []byte:
				default:
					if v, err = driver.DefaultParameterConverter.ConvertValue(v); err != nil {
						return fmt.Errorf("%s: %w", firstLine(q), err)
					}
				}
				args = append(args, v)
			}
			if _, err := st.Exec(args); err != nil {
				return fmt.Errorf("%s: %w", firstLine(q), err)
			}
		}
		return nil
	})
}

// rawStmt is the driver's prepared statement, prepared once.
func (w *writer) rawStmt(dc any, q string) (*sqlite3.SQLiteStmt, error) {
	if st, ok := w.raw[q]; ok {
		return st, nil
	}
	conn, ok := dc.(*sqlite3.SQLiteConn)
	if !ok {
		return nil, fmt.Errorf("the connection is a %T, not SQLite's", dc)
	}
	prepared, err := conn.Prepare(q)
	if err != nil {
		return nil, fmt.Errorf("preparing %s: %w", firstLine(q), err)
	}
	st, ok := prepared.(*sqlite3.SQLiteStmt)
	if !ok {
		return nil, fmt.Errorf("the statement is a %T, not SQLite's", prepared)
	}
	w.raw[q] = st
	return st, nil
}

// query runs a query inside the transaction.
func (w *writer) query(q string, args ...any) (*sql.Rows, error) {
	st, err := w.stmt(q)
	if err != nil {
		return nil, err
	}
	rows, err := st.QueryContext(w.ctx, args...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", firstLine(q), err)
	}
	return rows, nil
}

// row runs a query for one row inside the transaction; sql.ErrNoRows comes back as CodeNotFound.
func (w *writer) row(q string, args []any, dest ...any) error {
	st, err := w.stmt(q)
	if err != nil {
		return err
	}
	return notFound(st.QueryRowContext(w.ctx, args...).Scan(dest...), q)
}

// rowScanner is a row being read.
type rowScanner interface{ Scan(dest ...any) error }

// inChunk is how many values one IN list takes. Lists are padded to a few sizes so that few statements are prepared.
const inChunk = 400

// eachIn runs q, in which the mark %IN% stands for a list of placeholders, over chunks of values.
func (w *writer) eachIn(q string, before, values []any, each func(rowScanner) error) error {
	for start := 0; start < len(values); start += inChunk {
		part := values[start:min(len(values), start+inChunk)]
		size := paddedSize(len(part))
		args := make([]any, 0, len(before)+size)
		args = append(append(args, before...), part...)
		for len(args) < len(before)+size {
			args = append(args, part[len(part)-1])
		}
		rows, err := w.query(strings.Replace(q, "%IN%", placeholders(size), 1), args...)
		if err != nil {
			return err
		}
		if err := scan(rows, func() error { return each(rows) }); err != nil {
			return fmt.Errorf("%s: %w", firstLine(q), err)
		}
	}
	return nil
}

func paddedSize(n int) int {
	for _, size := range []int{1, 8, 64} {
		if n <= size {
			return size
		}
	}
	return inChunk
}

func placeholders(n int) string {
	return strings.Repeat("?,", n-1) + "?"
}

// lastID is the greatest id that a table has ever given, 0 for none. Ids of erased rows are not given again: what is
// erased leaves its mark in the follower table.
func (w *writer) lastID(table string) (int64, error) { return w.lastID2(table, "id") }

func (w *writer) lastID2(table, column string) (int64, error) {
	var have, erased int64
	err := w.row("SELECT coalesce((SELECT max("+column+") FROM "+table+"), 0), coalesce((SELECT value FROM follower WHERE name = ?), 0)",
		[]any{"last:" + table}, &have, &erased)
	return max(have, erased), err
}

// The followers of the facts.
const (
	followDerive  = "derive"  // the last activity id that derived state covers
	followMembers = "members" // the last identity id that was matched
	followVersion = "version" // the last version number given to identities and conversations
)

func (w *writer) followed(name string) (int64, error) {
	var v int64
	err := w.row("SELECT coalesce((SELECT value FROM follower WHERE name = ?), 0)", []any{name}, &v)
	return v, err
}

func (w *writer) setFollowed(name string, v int64) error {
	_, err := w.exec("INSERT INTO follower (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", name, v)
	return err
}
