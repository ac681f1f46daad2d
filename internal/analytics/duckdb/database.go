// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package duckdb

import (
	"context"
	"errors"
	"fmt"
	"unsafe"

	bindings "github.com/duckdb/duckdb-go-bindings"
)

// database is an open DuckDB file with one connection. One goroutine at a time uses it.
type database struct {
	db   bindings.Database
	conn bindings.Connection
	// shared: the file was opened by another one, which closes it.
	shared bool
}

// option is a setting of DuckDB.
type option struct{ name, value string }

func openDatabase(path string, options []option) (*database, error) {
	var config bindings.Config
	if bindings.CreateConfig(&config) == bindings.StateError {
		return nil, errors.New("configuring DuckDB")
	}
	defer bindings.DestroyConfig(&config)
	for _, o := range options {
		if bindings.SetConfig(config, o.name, o.value) == bindings.StateError {
			return nil, fmt.Errorf("setting %s of DuckDB to %q", o.name, o.value)
		}
	}
	d := &database{}
	var message string
	if bindings.OpenExt(path, &d.db, config, &message) == bindings.StateError {
		bindings.Close(&d.db)
		return nil, errors.New(message)
	}
	if bindings.Connect(d.db, &d.conn) == bindings.StateError {
		bindings.Close(&d.db)
		return nil, errors.New("connecting to DuckDB")
	}
	return d, nil
}

// another opens a second connection to the same file.
func (d *database) another() (*database, error) {
	o := &database{db: d.db, shared: true}
	if bindings.Connect(d.db, &o.conn) == bindings.StateError {
		return nil, errors.New("connecting to DuckDB")
	}
	return o, nil
}

func (d *database) close() {
	bindings.Disconnect(&d.conn)
	if !d.shared {
		bindings.Close(&d.db)
	}
}

// exec runs a statement.
func (d *database) exec(ctx context.Context, sql string) error {
	return d.query(ctx, sql, func(chunk) error { return nil })
}

// query runs a statement and hands on its rows, some 2048 at a time. A chunk is valid until each returns.
func (d *database) query(ctx context.Context, sql string, each func(chunk) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { bindings.Interrupt(d.conn) })
	defer stop()
	var res bindings.Result
	defer bindings.DestroyResult(&res)
	if bindings.Query(d.conn, sql, &res) == bindings.StateError {
		return errors.Join(fmt.Errorf("%s: %s", head(sql), bindings.ResultError(&res)), ctx.Err())
	}
	for {
		part := bindings.FetchChunk(res)
		if part.Ptr == nil {
			return nil
		}
		err := each(chunk{data: part, rows: int(bindings.DataChunkGetSize(part))})
		bindings.DestroyDataChunk(&part)
		if err != nil {
			return err
		}
	}
}

func head(sql string) string {
	if len(sql) > 60 {
		return sql[:60] + "…"
	}
	return sql
}

// transaction runs f in a transaction, which is committed when f returns nil.
func (d *database) transaction(ctx context.Context, f func() error) error {
	if err := d.exec(ctx, "BEGIN TRANSACTION"); err != nil {
		return err
	}
	err := f()
	if err == nil {
		// Not to be interrupted: who is told that a commit failed, although it did not, writes everything a second time.
		err = d.exec(context.WithoutCancel(ctx), "COMMIT")
	}
	if err != nil {
		if rerr := d.exec(context.WithoutCancel(ctx), "ROLLBACK"); rerr != nil {
			err = errors.Join(err, rerr)
		}
	}
	return err
}

// chunk is some rows of a result, column by column.
type chunk struct {
	data bindings.DataChunk
	rows int
}

// column is a column of a chunk as a slice over DuckDB's memory. T must be as wide as the column's type; there must be
// no NULLs in it.
func column[T any](c chunk, n int) []T {
	v := bindings.DataChunkGetVector(c.data, bindings.IdxT(n))
	return unsafe.Slice((*T)(bindings.VectorGetData(v)), c.rows)
}

// value is the one number that a query gives.
func (d *database) value(ctx context.Context, sql string) (int64, error) {
	var v int64
	err := d.query(ctx, sql, func(c chunk) error {
		if c.rows > 0 {
			v = column[int64](c, 0)[0]
		}
		return nil
	})
	return v, err
}

// filler copies rows from up to to of one column into a vector's memory.
type filler struct {
	kind bindings.Type
	fill func(v bindings.Vector, from, to int)
}

// values fills a column from a slice whose elements are as wide as kind.
func values[T any](kind bindings.Type, all []T) filler {
	return filler{kind, func(v bindings.Vector, from, to int) {
		copy(unsafe.Slice((*T)(bindings.VectorGetData(v)), to-from), all[from:to])
	}}
}

// strings fills a column of texts.
func texts(all []string) filler {
	return filler{bindings.TypeVarchar, func(v bindings.Vector, from, to int) {
		for i, s := range all[from:to] {
			bindings.VectorAssignStringElement(v, bindings.IdxT(i), s)
		}
	}}
}

// add appends rows to a table of the catalog "" (the file) or "temp".
func (d *database) add(catalog, table string, rows int, columns ...filler) error {
	if rows == 0 {
		return nil
	}
	var app bindings.Appender
	defer bindings.AppenderDestroy(&app)
	if bindings.AppenderCreateExt(d.conn, catalog, "main", table, &app) == bindings.StateError {
		return fmt.Errorf("appending to %s: %s", table, bindings.AppenderError(app))
	}
	types := make([]bindings.LogicalType, len(columns))
	for i, c := range columns {
		types[i] = bindings.CreateLogicalType(c.kind)
	}
	part := bindings.CreateDataChunk(types)
	defer bindings.DestroyDataChunk(&part)
	for i := range types {
		bindings.DestroyLogicalType(&types[i])
	}
	size := int(bindings.VectorSize())
	for from := 0; from < rows; from += size {
		to := min(rows, from+size)
		bindings.DataChunkReset(part)
		for i, c := range columns {
			c.fill(bindings.DataChunkGetVector(part, bindings.IdxT(i)), from, to)
		}
		bindings.DataChunkSetSize(part, bindings.IdxT(to-from))
		if bindings.AppendDataChunk(app, part) == bindings.StateError {
			return fmt.Errorf("appending to %s: %s", table, bindings.AppenderError(app))
		}
	}
	if bindings.AppenderClose(app) == bindings.StateError {
		return fmt.Errorf("appending to %s: %s", table, bindings.AppenderError(app))
	}
	return nil
}
