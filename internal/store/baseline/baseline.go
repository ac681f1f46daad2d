// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package baseline is what ingest is measured against: the plainest way to get the rows of a SQLite record store into
// another one of the same schema. It reads the tables of a finished database one after the other and inserts their rows
// through prepared statements, in transactions of a fixed number of rows. There is no looking for what is there already,
// nothing is computed, and each row is written once, in its final form.
//
// The full-text tables count as well: their texts are indexed, as they are in the store.
package baseline

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	_ "github.com/mattn/go-sqlite3" // the driver "sqlite3"
)

// A transaction holds this many rows, or fewer where they are large.
const (
	rowsInTransaction  = 10_000
	bytesInTransaction = 64 << 20
)

// Result says how much was inserted and how long that took. Reading is not in it.
type Result struct {
	Rows     int64
	Elapsed  time.Duration
	FullText time.Duration // the part of Elapsed that went into the full-text tables
}

// copier copies one database.
type copier struct {
	from, to *sql.DB
	work     func() func() // starts measuring, and returns what ends it
	res      Result
}

// Copy puts the rows of the SQLite database at from into a new one at to, which must not exist. working is called when
// inserting begins, and what it returns when inserting ends, many times: reading goes on in between.
func Copy(ctx context.Context, from, to string, working func() func()) (res Result, err error) {
	c := &copier{work: working}
	if c.from, err = open(from, url.Values{"mode": {"ro"}}); err != nil {
		return res, err
	}
	defer func() { err = errors.Join(err, c.from.Close()) }()
	// The store's own settings.
	if c.to, err = open(to, url.Values{"_journal_mode": {"WAL"}, "_synchronous": {"NORMAL"}, "_cache_size": {"-98304"}, "_foreign_keys": {"0"}}); err != nil {
		return res, err
	}
	defer func() { err = errors.Join(err, c.to.Close()) }()
	if _, err := c.to.ExecContext(ctx, "PRAGMA wal_autocheckpoint = 16384"); err != nil {
		return res, fmt.Errorf("setting %s up: %w", to, err)
	}
	tables, err := c.schema(ctx)
	if err != nil {
		return res, err
	}
	for _, t := range tables {
		if err := c.table(ctx, t); err != nil {
			return c.res, fmt.Errorf("copying %s: %w", t.name, err)
		}
	}
	return c.res, nil
}

func open(path string, v url.Values) (*sql.DB, error) {
	db, err := sql.Open("sqlite3", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+v.Encode())
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", path, err)
	}
	db.SetMaxOpenConns(1)
	return db, nil
}

// table is a table to copy.
type table struct {
	name   string
	read   string // selects its rows; "" = all columns of all rows
	insert string // inserts a row; "" = all columns
	text   bool   // a full-text table
}

// schema makes the tables and indexes of the one database in the other and lists the tables that hold rows of their own.
func (c *copier) schema(ctx context.Context) ([]table, error) {
	rows, err := c.from.QueryContext(ctx, `SELECT name, type, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'
		ORDER BY type = 'index', rowid`)
	if err != nil {
		return nil, fmt.Errorf("reading the schema: %w", err)
	}
	defer rows.Close()
	var tables, last []table
	for rows.Next() {
		var name, typ, text string
		if err := rows.Scan(&name, &typ, &text); err != nil {
			return nil, fmt.Errorf("reading the schema: %w", err)
		}
		if strings.Contains(name, "_search_") {
			continue // made with the full-text table that it belongs to
		}
		if _, err := c.to.ExecContext(ctx, text); err != nil {
			return nil, fmt.Errorf("making %s: %w", name, err)
		}
		switch {
		case typ != "table":
		case name == "activity_search":
			last = append(last, table{
				name: name, text: true, insert: "INSERT INTO activity_search (docid, title, body) VALUES (?, ?, ?)",
				read: "SELECT id, title, body FROM activity WHERE deleted = 0 AND (title <> '' OR body <> '') ORDER BY id",
			})
		case name == "member_search":
			last = append(last, table{
				name: name, text: true, read: "SELECT docid, words FROM member_search ORDER BY docid",
				insert: "INSERT INTO member_search (docid, words) VALUES (?, ?)",
			})
		default:
			tables = append(tables, table{name: name, read: "SELECT * FROM " + name})
		}
	}
	return append(tables, last...), rows.Err()
}

// table copies one table, a transaction's rows at a time.
func (c *copier) table(ctx context.Context, t table) (err error) {
	rows, err := c.from.QueryContext(ctx, t.read)
	if err != nil {
		return fmt.Errorf("reading: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	columns, err := rows.Columns()
	if err != nil {
		return fmt.Errorf("reading: %w", err)
	}
	insert := t.insert
	if insert == "" {
		insert = "INSERT INTO " + t.name + " (" + strings.Join(columns, ", ") + ") VALUES (" + strings.Repeat("?, ", len(columns)-1) + "?)"
	}
	// The driver hands what could be canceled to a goroutine, row by row; the loop looks between transactions instead.
	stopped := ctx.Err
	ctx = context.WithoutCancel(ctx)
	for {
		if err := stopped(); err != nil {
			return fmt.Errorf("stopped: %w", err)
		}
		values, err := some(rows, len(columns))
		if err != nil || len(values) == 0 {
			return err
		}
		begin, end := time.Now(), c.work()
		err = c.put(ctx, insert, values, len(columns))
		end()
		took := time.Since(begin)
		if err != nil {
			return err
		}
		c.res.Rows += int64(len(values) / len(columns))
		c.res.Elapsed += took
		if t.text {
			c.res.FullText += took
		}
	}
}

// some reads the values of the next rows, as many as one transaction takes.
func some(rows *sql.Rows, columns int) ([]any, error) {
	values := make([]any, 0, rowsInTransaction*columns)
	dest := make([]any, columns)
	size := 0
	for len(values) < rowsInTransaction*columns && size < bytesInTransaction && rows.Next() {
		at := len(values)
		values = values[:at+columns]
		for i := range dest {
			dest[i] = &values[at+i]
		}
		if err := rows.Scan(dest...); err != nil {
			return nil, fmt.Errorf("reading a row: %w", err)
		}
		for i := range dest {
			if b, ok := values[at+i].([]byte); ok {
				size += len(b)
			}
		}
	}
	return values, rows.Err()
}

func (c *copier) put(ctx context.Context, insert string, values []any, columns int) error {
	tx, err := c.to.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("beginning: %w", err)
	}
	st, err := tx.PrepareContext(ctx, insert)
	if err != nil {
		return errors.Join(fmt.Errorf("preparing: %w", err), tx.Rollback())
	}
	for at := 0; at < len(values); at += columns {
		if _, err := st.ExecContext(ctx, values[at:at+columns]...); err != nil {
			return errors.Join(fmt.Errorf("inserting: %w", err), tx.Rollback())
		}
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("committing: %w", err)
	}
	return nil
}
