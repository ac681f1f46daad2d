// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"greenroom"
	"greenroom/internal/ask"
)

// Questions in SQL come from people, so what keeps them inside of the views must not depend on understanding them.
//
// On SQLite a question gets a connection of its own to an empty database in memory. The record store is attached to it, for
// reading alone, under a name of 128 random bits, and the views are temporary ones of that connection. Three things hold
// together. (1) SQLite's authorizer lets a statement do nothing but select, call functions of a list, read the views, and
// read those columns of tables that the views themselves read: no secret is among them. (2) A table under its bare name is
// not there: the temporary schema, which SQLite looks into first, has an empty view of each table's name. (3) A table under
// its full name needs the random name, letter by letter, in the statement, and a statement that has it is refused. So
// tables are read through the views only, also as to which rows.
//
// On PostgreSQL a question gets a connection of a login role of its own, which owns nothing and may select from the views
// in a schema of theirs. It is a login role and not SET ROLE, because any statement can call set_config, and so take SET
// ROLE back. The transaction is read-only, and the connection is closed after the question.

// asking is what questions need.
type asking struct {
	dsn string
}

// AskViews answers a question from the views.
func (s *Store) AskViews(ctx context.Context, st *ask.Statement, values []string, l ask.Limits) (*ask.Answer, error) {
	if s.d.postgres {
		return s.askPostgres(ctx, st, values, l)
	}
	return s.askSQLite(ctx, st, values, l)
}

// askRows reads rows up to the limits. stop ends the question where there are more: closing rows would wait for all of them.
func askRows(rows *sql.Rows, l ask.Limits, stop func()) (a *ask.Answer, err error) {
	defer func() {
		if a != nil && a.Cut != "" {
			stop()
			_ = rows.Close() // says that it was stopped
			return
		}
		err = errors.Join(err, rows.Close())
	}()
	types, err := rows.ColumnTypes()
	if err != nil {
		return nil, fmt.Errorf("reading the columns of an answer: %w", err)
	}
	a = &ask.Answer{Columns: make([]ask.Field, len(types)), Rows: [][]any{}}
	numeric := make([]bool, len(types))
	for i, t := range types {
		a.Columns[i].Name, numeric[i] = strings.ToValidUTF8(t.Name(), "?"), t.DatabaseTypeName() == "NUMERIC"
	}
	into := make([]any, len(types))
	size := 0
	for rows.Next() {
		if len(a.Rows) == l.Rows {
			a.Cut = fmt.Sprintf("These are the first %d rows.", l.Rows)
			return a, nil
		}
		row := make([]any, len(types))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, fmt.Errorf("reading a row of an answer: %w", err)
		}
		for i := range row {
			row[i] = askValue(row[i], numeric[i])
			if text, ok := row[i].(string); ok {
				size += len(text)
			}
			size += 8
		}
		if size > l.Size {
			a.Cut = fmt.Sprintf("These are the first %d rows: the answer is larger than %d MB.", len(a.Rows), l.Size>>20)
			return a, nil
		}
		a.Rows = append(a.Rows, row)
	}
	return a, rows.Err()
}

// askValue makes a value a text, a number or nil.
func askValue(v any, numeric bool) any {
	switch v := v.(type) {
	case nil, int64:
		return v
	case string:
		if !numeric {
			return strings.ToValidUTF8(v, "?")
		}
		if n, err := strconv.ParseInt(v, 10, 64); err == nil {
			return n
		}
		if f, err := strconv.ParseFloat(v, 64); err == nil && !math.IsInf(f, 0) && !math.IsNaN(f) {
			return f
		}
		return v
	case float64:
		if math.IsInf(v, 0) || math.IsNaN(v) {
			return nil
		}
		return v
	case bool:
		return flag(v)
	case []byte:
		if utf8.Valid(v) {
			return string(v)
		}
		return fmt.Sprintf("(%d bytes)", len(v))
	case time.Time:
		return v.UTC().Format(time.DateTime)
	default:
		return fmt.Sprint(v)
	}
}

// askRefused is the error of a question that the engine refuses.
func askRefused(message string, err error) error {
	return &greenroom.Error{Code: greenroom.CodeInvalid, Message: strings.TrimSpace(message), Err: err}
}

const askOutside = "the question uses something that is not among the views, or a function that questions cannot call"
