// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package postgres_test

import (
	"testing"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/connectortest"
	"greenroom/connector/postgres"
)

// TestLoad writes a table twice: what is equal is left alone, and nothing is written where it is not allowed.
func TestLoad(t *testing.T) {
	d := open(t)
	loader := func(values connector.Values) connector.Loader {
		t.Helper()
		values["connection"], values["query"], values["type"] = d.superman, "SELECT 1 AS id", "members"
		src, err := postgres.New(connectortest.LiveEnv(t), values)
		if err != nil {
			t.Fatal(err)
		}
		l, ok := src.(connector.Loader)
		if !ok {
			t.Fatal("PostgreSQL cannot be written to")
		}
		return l
	}
	members := connector.Table{Name: "members", Columns: []connector.TableColumn{{Name: "id", Type: connector.ColumnInteger}, {Name: "name", Type: connector.ColumnText}, {Name: "last_active", Type: connector.ColumnTime}}}
	rows := [][]string{{"1", `Ana "A" O'Neil`, "2026-11-20T10:00:00Z"}, {"2", "Bo\x00", ""}}
	if _, err := loader(connector.Values{}).Load(t.Context(), members, rows); greenroom.ErrorCode(err) != greenroom.CodeForbidden {
		t.Errorf("writing while it is off: %v; want CodeForbidden", err)
	}
	l := loader(connector.Values{"write": "true", "schema": "community"})
	for i, want := range []int64{2, 0, 1} {
		if i == 2 {
			rows[1][1] = "Bob"
		}
		if n, err := l.Load(t.Context(), members, rows); err != nil || n != want {
			t.Errorf("time %d: %d rows changed, %v; want %d", i+1, n, err, want)
		}
	}
	var n int
	if err := d.owner.QueryRow(t.Context(), `SELECT count(*) FROM community.members WHERE name IN ('Ana "A" O''Neil', 'Bob') AND (last_active IS NULL) = (id = 2)`).Scan(&n); err != nil || n != 2 {
		t.Errorf("%d rows are as they were written, %v; want 2", n, err)
	}
	for i, want := range []int64{1, 0} {
		if n, err := l.Delete(t.Context(), members, []string{"2", "33"}); err != nil || n != want {
			t.Errorf("deletion %d: %d rows, %v; want %d", i+1, n, err, want)
		}
	}
	if _, err := postgres.New(connectortest.LiveEnv(t), connector.Values{"connection": d.superman, "query": "SELECT 1 AS id", "type": "members", "write": "true", "schema": "pg_catalog; DROP"}); greenroom.ErrorCode(err) != greenroom.CodeInvalid {
		t.Errorf("a schema that is none: %v", err)
	}
}
