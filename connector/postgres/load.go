// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package postgres

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5"

	"greenroom"
	"greenroom/connector"
)

// tableName is what schemas, tables and columns that are written can be called.
var tableName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`)

// Loads names the schema that is written to; "" while writing is off.
func (s *source) Loads() string { return s.loads }

// Load adds rows to a table and replaces those with the same key, in one transaction.
func (s *source) Load(ctx context.Context, t connector.Table, rows [][]string) (int64, error) {
	columns := make([]any, len(t.Columns))
	for c := range t.Columns {
		values := make([]string, len(rows))
		for i, row := range rows {
			if len(row) != len(t.Columns) {
				return 0, greenroom.Errorf(greenroom.CodeInternal, "row %d of %s has %d values; expected %d", i+1, t.Name, len(row), len(t.Columns))
			}
			values[i] = strings.ReplaceAll(row[c], "\x00", "") // which PostgreSQL's texts cannot hold
		}
		columns[c] = values
	}
	return s.load(ctx, t, func(q *writing) string { return q.merge }, columns...)
}

// Delete deletes rows by their keys, in one transaction.
func (s *source) Delete(ctx context.Context, t connector.Table, keys []string) (int64, error) {
	return s.load(ctx, t, func(q *writing) string { return q.remove }, keys)
}

// load runs a statement on a table, which it makes first where there is none.
func (s *source) load(ctx context.Context, t connector.Table, statement func(*writing) string, values ...any) (int64, error) {
	if s.loads == "" {
		return 0, greenroom.Errorf(greenroom.CodeForbidden, "nothing may be written to this database; turn on %q in the settings of the source", optWrite)
	}
	q, err := statements(s.loads, t)
	if err != nil {
		return 0, err
	}
	var changed int64
	err = s.transact(ctx, pgx.TxOptions{}, func(ctx context.Context, tx pgx.Tx) error {
		var there bool
		if err := tx.QueryRow(ctx, "SELECT to_regnamespace($1) IS NOT NULL", s.loads).Scan(&there); err != nil {
			return err //nolint:wrapcheck // explain words it
		}
		create := []string{q.create}
		if !there {
			create = []string{"CREATE SCHEMA " + pgx.Identifier{s.loads}.Sanitize(), q.create}
		}
		for _, q := range create {
			if _, err := tx.Exec(ctx, q); err != nil {
				return err //nolint:wrapcheck // explain words it
			}
		}
		tag, err := tx.Exec(ctx, statement(q), values...)
		changed = tag.RowsAffected()
		return err //nolint:wrapcheck // explain words it
	})
	return changed, err
}

// writing is the statements that write a table. Values are arrays of texts: one a column for merge, the keys for remove.
type writing struct{ create, merge, remove string }

func statements(schema string, t connector.Table) (*writing, error) {
	types := map[connector.ColumnType]string{connector.ColumnText: "text", connector.ColumnInteger: "bigint", connector.ColumnNumber: "double precision", connector.ColumnTime: "timestamptz"}
	name := pgx.Identifier{schema, t.Name}.Sanitize()
	var defined, names, values, arrays, sets, mine, theirs []string
	for i, c := range t.Columns {
		kind, ok := types[c.Type]
		if !ok || !tableName.MatchString(c.Name) || !tableName.MatchString(t.Name) {
			return nil, greenroom.Errorf(greenroom.CodeInternal, "%s.%s is no column that can be written", t.Name, c.Name)
		}
		column := pgx.Identifier{c.Name}.Sanitize()
		key := ""
		if i == 0 {
			key = " PRIMARY KEY"
		} else {
			sets, mine, theirs = append(sets, column+" = excluded."+column), append(mine, "t."+column), append(theirs, "excluded."+column)
		}
		defined, names = append(defined, column+" "+kind+key), append(names, column)
		values, arrays = append(values, fmt.Sprintf("NULLIF(v.c%d, '')::%s", i, kind)), append(arrays, fmt.Sprintf("$%d::text[]", i+1))
	}
	var aliases []string
	for i := range t.Columns {
		aliases = append(aliases, fmt.Sprintf("c%d", i))
	}
	merge := "INSERT INTO " + name + " AS t (" + strings.Join(names, ", ") + ") SELECT " + strings.Join(values, ", ") + " FROM unnest(" + strings.Join(arrays, ", ") + ") AS v (" + strings.Join(aliases, ", ") +
		") ON CONFLICT (" + names[0] + ") DO UPDATE SET " + strings.Join(sets, ", ") + " WHERE (" + strings.Join(mine, ", ") + ") IS DISTINCT FROM (" + strings.Join(theirs, ", ") + ")"
	return &writing{
		create: "CREATE TABLE IF NOT EXISTS " + name + " (" + strings.Join(defined, ", ") + ")",
		merge:  merge,
		remove: "DELETE FROM " + name + " WHERE " + names[0] + "::text = ANY($1::text[])",
	}, nil
}

var _ connector.Loader = (*source)(nil)
