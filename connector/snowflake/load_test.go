// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package snowflake_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/connectortest"
	"greenroom/connector/connectortest/contract"
	"greenroom/connector/snowflake"
)

// taker runs the statements that write: it keeps the rows of each merge, by key, and says how many were new or differed.
type taker struct {
	statements []string
	rows       map[string][]string
}

func (f *taker) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var s struct {
		Statement string
		Bindings  map[string]struct{ Value string }
	}
	if json.NewDecoder(r.Body).Decode(&s) != nil {
		http.Error(w, "{}", http.StatusBadRequest)
		return
	}
	f.statements = append(f.statements, s.Statement)
	columns, data := []any{}, [][]string{}
	if strings.HasPrefix(s.Statement, "DELETE") {
		var keys []string
		if json.Unmarshal([]byte(s.Bindings["1"].Value), &keys) != nil {
			http.Error(w, `{"message":"no keys"}`, http.StatusUnprocessableEntity)
			return
		}
		before := len(f.rows)
		for _, k := range keys {
			delete(f.rows, k)
		}
		columns, data = []any{map[string]any{"name": "number of rows deleted", "type": "fixed"}}, [][]string{{strconv.Itoa(before - len(f.rows))}}
	}
	if strings.HasPrefix(s.Statement, "MERGE") {
		var rows [][]string
		if json.Unmarshal([]byte(s.Bindings["1"].Value), &rows) != nil {
			http.Error(w, `{"message":"no rows"}`, http.StatusUnprocessableEntity)
			return
		}
		added, changed := 0, 0
		for _, row := range rows {
			have, known := f.rows[row[0]]
			switch {
			case !known:
				added++
			case strings.Join(have, "\x00") != strings.Join(row, "\x00"):
				changed++
			}
			f.rows[row[0]] = row
		}
		columns = []any{map[string]any{"name": "number of rows inserted", "type": "fixed"}, map[string]any{"name": "number of rows updated", "type": "fixed"}}
		data = [][]string{{strconv.Itoa(added), strconv.Itoa(changed)}}
	}
	_ = json.NewEncoder(w).Encode(map[string]any{
		"statementHandle": "1", "message": "done", "data": data,
		"resultSetMetaData": map[string]any{"numRows": len(data), "rowType": columns, "partitionInfo": []any{map[string]any{"rowCount": len(data)}}},
	})
}

func loader(t *testing.T, url, write string) connector.Loader {
	t.Helper()
	values := live(t).Values(url)
	values["private-key"], values["token"], values["write"], values["write-schema"] = "", "a token", write, "greenroom"
	src, err := snowflake.New(connectortest.LiveEnv(t), values)
	if err != nil {
		t.Fatal(err)
	}
	l, ok := src.(connector.Loader)
	if !ok {
		t.Fatal("Snowflake cannot be written to")
	}
	return l
}

func membersTable() connector.Table {
	return connector.Table{Name: "members", Columns: []connector.TableColumn{
		{Name: "id", Type: connector.ColumnInteger}, {Name: "name", Type: connector.ColumnText}, {Name: "seen", Type: connector.ColumnTime},
	}}
}

// TestLoadContract sends what writing sends to Snowflake's own description of its API.
func TestLoadContract(t *testing.T) {
	srv := httptest.NewServer(contract.Open(t, "snowflake/sqlapi.yaml", contract.Options{}).Wrap(t, &taker{rows: map[string][]string{}}))
	defer srv.Close()
	if n, err := loader(t, srv.URL, "true").Load(t.Context(), membersTable(), [][]string{{"1", "Ana", ""}}); err != nil || n != 1 {
		t.Errorf("%d rows changed, %v; want 1", n, err)
	}
	if n, err := loader(t, srv.URL, "true").Delete(t.Context(), membersTable(), []string{"1"}); err != nil || n != 1 {
		t.Errorf("%d rows deleted, %v; want 1", n, err)
	}
}

// TestLoad pushes rows twice and changes one: what differs is counted, values are bound and never part of a statement, and
// nothing is written unless somebody has turned it on.
func TestLoad(t *testing.T) {
	f := &taker{rows: map[string][]string{}}
	srv := httptest.NewServer(f)
	defer srv.Close()
	table := membersTable()
	rows := [][]string{{"1", "Ana'; DROP TABLE members; --", "2026-11-20T10:00:00Z"}, {"2", "Ben", ""}}
	if _, err := loader(t, srv.URL, "false").Load(t.Context(), table, rows); greenroom.ErrorCode(err) != greenroom.CodeForbidden || len(f.statements) > 0 {
		t.Errorf("while writing is off: %v after %q", err, f.statements)
	}
	l := loader(t, srv.URL, "true")
	for _, step := range []struct {
		change func()
		want   int64
	}{{func() {}, 2}, {func() {}, 0}, {func() { rows[1][1] = "Benjamin" }, 1}} {
		step.change()
		if n, err := l.Load(t.Context(), table, rows); err != nil || n != step.want {
			t.Errorf("%d rows changed, %v; want %d", n, err, step.want)
		}
	}
	for i, want := range []int64{1, 0} {
		if n, err := l.Delete(t.Context(), table, []string{"2", "3"}); err != nil || n != want || len(f.rows) != 1 {
			t.Errorf("deletion %d: %d rows, %v, %d are left; want %d and 1", i+1, n, err, len(f.rows), want)
		}
	}
	for _, s := range f.statements {
		if strings.Contains(s, "Ana") {
			t.Errorf("a value is part of a statement: %s", s)
		}
	}
	if want := "CREATE TABLE IF NOT EXISTS greenroom.members (id NUMBER(38,0) NOT NULL PRIMARY KEY, name VARCHAR, seen TIMESTAMP_TZ)"; f.statements[0] != want {
		t.Errorf("the table is made by %q, want %q", f.statements[0], want)
	}
	table.Columns[1].Name = "name; DROP"
	if _, err := l.Load(t.Context(), table, rows); greenroom.ErrorCode(err) != greenroom.CodeInternal {
		t.Errorf("a column that is none: %v", err)
	}
}
