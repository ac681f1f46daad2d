// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"database/sql/driver"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/mattn/go-sqlite3"

	"greenroom/internal/ask"
)

// askFunctions are what a question on SQLite may call.
const askFunctions = `abs avg ceil ceiling char coalesce concat concat_ws count cume_dist date datetime dense_rank first_value floor format glob group_concat
	hex ifnull iif if instr json_array_length json_each json_extract json_type julianday lag last_value lead length like ln log log10 log2 lower ltrim max
	min mod nth_value ntile nullif octet_length percent_rank pi pow power printf quote rank replace round row_number rtrim sign sqrt strftime
	string_agg substr substring subtype sum time timediff total trim trunc typeof unhex unicode unixepoch upper -> ->>`

// The most that one value and one statement of a question can take on SQLite.
const (
	askValueSize   = 4 << 20
	askVariables   = 100
	askDepth       = 200
	askCompound    = 50
	askOps         = 250_000
	askCacheKBytes = "-16384"
)

// askConnector makes one connection for one question.
type askConnector struct {
	path   string
	schema string
}

// Driver is part of driver.Connector.
func (c *askConnector) Driver() driver.Driver { return &sqlite3.SQLiteDriver{} }

// Connect makes a connection that sees the views and nothing else.
func (c *askConnector) Connect(ctx context.Context) (driver.Conn, error) {
	opened, err := c.Driver().Open("file::memory:?_busy_timeout=10000")
	if err != nil {
		return nil, fmt.Errorf("opening a connection for a question: %w", err)
	}
	conn, ok := opened.(*sqlite3.SQLiteConn)
	if !ok {
		return nil, errors.Join(fmt.Errorf("a connection of type %T", opened), opened.Close())
	}
	if err := c.prepare(ctx, conn); err != nil {
		return nil, errors.Join(fmt.Errorf("preparing a connection for a question: %w", err), conn.Close())
	}
	return conn, nil
}

func (c *askConnector) prepare(ctx context.Context, conn *sqlite3.SQLiteConn) error {
	file := "file:" + (&url.URL{Path: c.path}).EscapedPath() + "?mode=ro"
	if _, err := conn.ExecContext(ctx, `ATTACH DATABASE ? AS "`+c.schema+`"`, []driver.NamedValue{{Ordinal: 1, Value: file}}); err != nil {
		return fmt.Errorf("attaching the record store: %w", err)
	}
	tables, err := askTables(ctx, conn, c.schema)
	if err != nil {
		return err
	}
	views := make(map[string]bool)
	d := sqliteDialect()
	statements := []string{}
	for _, v := range ask.Views() {
		q, err := d.askView(&v, `"`+v.Name+`"`, `"`+c.schema+`"`)
		if err != nil {
			return err
		}
		views[v.Name] = true
		statements = append(statements, q)
	}
	for _, t := range tables {
		if !views[t] {
			statements = append(statements, `CREATE TEMP VIEW "`+t+`" AS SELECT NULL AS empty WHERE 0`)
		}
	}
	statements = append(statements, "PRAGMA cache_size = "+askCacheKBytes, "PRAGMA query_only = 1")
	for _, q := range statements {
		if _, err := conn.ExecContext(ctx, q, nil); err != nil {
			return fmt.Errorf("%s: %w", firstLine(q), err)
		}
	}
	for id, most := range map[int]int{
		sqlite3.SQLITE_LIMIT_LENGTH: askValueSize, sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER: askVariables, sqlite3.SQLITE_LIMIT_EXPR_DEPTH: askDepth,
		sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: askCompound, sqlite3.SQLITE_LIMIT_VDBE_OP: askOps, sqlite3.SQLITE_LIMIT_ATTACHED: 1,
	} {
		conn.SetLimit(id, most)
	}
	return c.guard(ctx, conn, views)
}

// askTables lists the names that the record store has.
func askTables(ctx context.Context, conn *sqlite3.SQLiteConn, schema string) (names []string, err error) {
	rows, err := conn.QueryContext(ctx, `SELECT name FROM "`+schema+`".sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite%' ORDER BY name`, nil)
	if err != nil {
		return nil, fmt.Errorf("listing the tables: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	row := make([]driver.Value, 1)
	for rows.Next(row) == nil {
		switch name := row[0].(type) {
		case string:
			names = append(names, name)
		case []byte:
			names = append(names, string(name))
		}
	}
	return names, nil
}

// guard notes which columns the views read, and refuses everything else from then on.
func (c *askConnector) guard(ctx context.Context, conn *sqlite3.SQLiteConn, views map[string]bool) error {
	type column struct{ table, name string }
	read := make(map[column]bool)
	conn.RegisterAuthorizer(func(op int, table, name, schema string) int {
		if op == sqlite3.SQLITE_READ && schema == c.schema {
			read[column{table, name}], read[column{table, ""}] = true, true
		}
		return sqlite3.SQLITE_OK
	})
	for v := range views {
		stmt, err := conn.PrepareContext(ctx, `SELECT * FROM temp."`+v+`"`)
		if err != nil {
			return fmt.Errorf("the view %s: %w", v, err)
		}
		if err := stmt.Close(); err != nil {
			return fmt.Errorf("the view %s: %w", v, err)
		}
	}
	functions := make(map[string]bool)
	for _, f := range strings.Fields(askFunctions) {
		functions[f] = true
	}
	conn.RegisterAuthorizer(func(op int, first, second, schema string) int {
		may := false
		switch op {
		case sqlite3.SQLITE_SELECT, askRecursive:
			may = true
		case sqlite3.SQLITE_READ:
			switch schema {
			case c.schema:
				may = read[column{first, second}]
			case "temp":
				may = views[first]
			case "": // which rows there are, and no column: of a table as the statement names it, or of a part of the statement
				may = second == "" && !strings.HasPrefix(first, "sqlite_") && !strings.HasPrefix(first, "pragma_")
			default:
				may = first == "json_each"
			}
		case sqlite3.SQLITE_FUNCTION:
			may = functions[strings.ToLower(second)]
		}
		if may {
			return sqlite3.SQLITE_OK
		}
		return sqlite3.SQLITE_DENY
	})
	return nil
}

// askRecursive is SQLITE_RECURSIVE, which the driver has no name for.
const askRecursive = 33

func (s *Store) askSQLite(ctx context.Context, st *ask.Statement, values []string, l ask.Limits) (a *ask.Answer, err error) {
	var name [16]byte
	_, _ = rand.Read(name[:]) // never fails
	c := &askConnector{path: s.path, schema: "r" + hex.EncodeToString(name[:])}
	q := st.Bound(func(n int) string { return "?" + strconv.Itoa(n) })
	if strings.Contains(strings.ToLower(q), c.schema) {
		return nil, askRefused(askOutside, nil)
	}
	db := sql.OpenDB(c)
	defer func() { err = errors.Join(err, db.Close()) }()
	args := make([]any, len(values))
	for i, v := range values {
		args[i] = askArgument(v)
	}
	if err := db.PingContext(ctx); err != nil {
		return nil, fmt.Errorf("answering a question: %w", err)
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	rows, err := db.QueryContext(ctx, q, args...)
	if err != nil {
		return nil, c.explain(err)
	}
	if a, err = askRows(rows, l, stop); err != nil {
		return nil, c.explain(err)
	}
	return a, nil
}

// askArgument is the value of a parameter: a number where it reads as one.
func askArgument(v string) any {
	if n, err := strconv.ParseInt(v, 10, 64); err == nil && strconv.FormatInt(n, 10) == v {
		return n
	}
	if f, err := strconv.ParseFloat(v, 64); err == nil && strings.Trim(v, "0123456789.-") == "" {
		return f
	}
	return v
}

// explain says what SQLite did not like. The name of the record store never leaves.
func (c *askConnector) explain(err error) error {
	var e sqlite3.Error
	if !errors.As(err, &e) {
		return fmt.Errorf("answering a question: %w", err)
	}
	said := strings.ReplaceAll(strings.ReplaceAll(e.Error(), c.schema+".", ""), c.schema, "the record store")
	switch e.Code {
	case sqlite3.ErrAuth:
		return askRefused(askOutside, nil)
	case sqlite3.ErrError, sqlite3.ErrTooBig, sqlite3.ErrMismatch, sqlite3.ErrRange, sqlite3.ErrReadonly, sqlite3.ErrConstraint:
		if strings.Contains(said, "not authorized") || strings.Contains(said, "prohibited") {
			return askRefused(askOutside, nil)
		}
		return askRefused(said, nil)
	default:
		return fmt.Errorf("answering a question: %w", errors.New(said))
	}
}
