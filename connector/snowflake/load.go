// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package snowflake

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"

	"greenroom"
	"greenroom/connector"
)

// tableName is what schemas, tables and columns that are written can be called, in lower case as Greenroom has them;
// Snowflake folds such names to upper case by itself, and so does whoever queries them.
var tableName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`)

// loadedRows is how many rows go into one statement: a bound text may hold 16 MB.
const loadedRows = 2000

// Loads names the schema that is written to; "" while writing is off.
func (s *source) Loads() string { return s.loads }

// Load adds rows to a table and replaces those with the same key. The rows go as one JSON text that the statement takes
// apart, so that nothing of them is ever part of the statement; each statement is a transaction of its own.
func (s *source) Load(ctx context.Context, t connector.Table, rows [][]string) (int64, error) {
	for i, row := range rows {
		if len(row) != len(t.Columns) {
			return 0, greenroom.Errorf(greenroom.CodeInternal, "row %d of %s has %d values; expected %d", i+1, t.Name, len(row), len(t.Columns))
		}
	}
	return inParts(ctx, s, t, rows, func(q *writing) string { return q.merge })
}

// Delete deletes rows by their keys, which go as a JSON text like the rows of Load.
func (s *source) Delete(ctx context.Context, t connector.Table, keys []string) (int64, error) {
	return inParts(ctx, s, t, keys, func(q *writing) string { return q.remove })
}

// inParts runs a statement over a list of values, some at a time, and returns how many rows that changed.
func inParts[T any](ctx context.Context, s *source, t connector.Table, all []T, statement func(*writing) string) (int64, error) {
	if s.loads == "" {
		return 0, greenroom.Errorf(greenroom.CodeForbidden, "nothing may be written to this account; turn on %q in the settings of the source", optWrite)
	}
	q, err := statements(s.loads, t)
	if err != nil {
		return 0, err
	}
	if err := s.run(ctx, q.create, nil, func(*answer, []string) error { return nil }); err != nil {
		return 0, err
	}
	changed := int64(0)
	for part := range slices.Chunk(all, loadedRows) {
		text, err := json.Marshal(part)
		if err != nil {
			return changed, fmt.Errorf("encoding rows: %w", err)
		}
		if err := s.run(ctx, statement(q), []string{string(text)}, func(_ *answer, counts []string) error {
			for _, n := range counts { // "number of rows inserted", "updated" or "deleted"
				if rows, err := strconv.ParseInt(n, 10, 64); err == nil {
					changed += rows
				}
			}
			return nil
		}); err != nil {
			return changed, err
		}
	}
	return changed, nil
}

// writing is the statements that write a table.
type writing struct {
	create string
	merge  string // takes rows as a JSON text
	remove string // takes keys as a JSON text
}

func statements(schema string, t connector.Table) (*writing, error) {
	types := map[connector.ColumnType]string{connector.ColumnText: "VARCHAR", connector.ColumnInteger: "NUMBER(38,0)", connector.ColumnNumber: "FLOAT", connector.ColumnTime: "TIMESTAMP_TZ"}
	var defined, names, taken, given, sets, same []string
	for i, c := range t.Columns {
		kind, ok := types[c.Type]
		if !ok || !tableName.MatchString(c.Name) || !tableName.MatchString(t.Name) {
			return nil, greenroom.Errorf(greenroom.CodeInternal, "%s.%s is no column that can be written", t.Name, c.Name)
		}
		key := ""
		if i == 0 {
			key = " NOT NULL PRIMARY KEY"
		} else {
			sets, same = append(sets, c.Name+" = n."+c.Name), append(same, "t."+c.Name+" IS NOT DISTINCT FROM n."+c.Name)
		}
		defined, names, given = append(defined, c.Name+" "+kind+key), append(names, c.Name), append(given, "n."+c.Name)
		taken = append(taken, fmt.Sprintf("NULLIF(v.value[%d]::VARCHAR, '')::%s AS %s", i, kind, c.Name))
	}
	name := schema + "." + t.Name
	return &writing{
		create: "CREATE TABLE IF NOT EXISTS " + name + " (" + strings.Join(defined, ", ") + ")",
		merge: "MERGE INTO " + name + " AS t USING (SELECT " + strings.Join(taken, ", ") + " FROM TABLE(FLATTEN(INPUT => PARSE_JSON(?))) AS v) AS n ON t." + names[0] + " = n." + names[0] +
			" WHEN MATCHED AND NOT (" + strings.Join(same, " AND ") + ") THEN UPDATE SET " + strings.Join(sets, ", ") +
			" WHEN NOT MATCHED THEN INSERT (" + strings.Join(names, ", ") + ") VALUES (" + strings.Join(given, ", ") + ")",
		remove: "DELETE FROM " + name + " WHERE " + names[0] + "::VARCHAR IN (SELECT v.value::VARCHAR FROM TABLE(FLATTEN(INPUT => PARSE_JSON(?))) AS v)",
	}, nil
}

var _ connector.Loader = (*source)(nil)
