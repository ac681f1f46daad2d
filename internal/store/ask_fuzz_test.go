// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"greenroom/internal/ask"
	"greenroom/internal/store"
)

// FuzzGuard lets anything ask two record stores that differ only in what no question may see: passwords, tokens, settings,
// what was sent, people who are hidden, and rows in every table that no view reads. Whatever gets through has to say the same of
// both, so that nothing of the difference comes out, by a value, a number, an order or an error; and their files must not change.
//
// In a statement, each $ stands for a query that is made of plan: any table, any column, any function.
func FuzzGuard(f *testing.F) {
	one, other := twins(f)
	before := filesOf(f, one.path) + filesOf(f, other.path)
	for _, sql := range hostile {
		f.Add(sql, []byte{})
	}
	for _, e := range ask.Examples() {
		f.Add(e.SQL, []byte{})
	}
	for i, text := range []string{"$", "SELECT * FROM ($) x", "WITH x AS ($) $", "$ UNION ALL $", "SELECT ($), * FROM members", "SELECT * FROM members WHERE EXISTS ($)", "$; $", "EXPLAIN $", "CREATE TABLE x AS $", "INSERT INTO account $", "SELECT (SELECT count(*) FROM account) + ($)"} {
		f.Add(text, []byte{0, byte(i), 3, 17, 200, 41, byte(7 * i), 99, 4, 250, 13, 5, 5, 1})
	}
	f.Fuzz(func(t *testing.T, text string, plan []byte) {
		m := &maker{plan: plan, names: one.names}
		text = dollar.ReplaceAllStringFunc(text, func(string) string { return m.query(3) })
		first := one.asked(t, text)
		if first != "" && first != refused { // nor was it stopped for its time
			if second, third := other.asked(t, text), one.asked(t, text); second != "" && first == third && first != second {
				t.Errorf("%s\nsays of two stores that differ in what is secret\n%s\n%s", text, first, second)
			}
		}
		if filesOf(t, one.path)+filesOf(t, other.path) != before {
			t.Fatalf("%s changes the files", text)
		}
	})
}

const refused = "error: the question uses something that is not among the views, or a function that questions cannot call"

var dollar = regexp.MustCompile(`\$`)

// twin is a store with its file and the names that are in it.
type twin struct {
	store *store.Store
	path  string
	names []string
}

// asked is what a store answers, as a text; "" where it took too long.
func (w *twin) asked(t *testing.T, text string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	a, err := w.store.AskViews(ctx, &ask.Statement{SQL: text}, nil, ask.Limits{Rows: 50, Size: 1 << 16})
	if ctx.Err() != nil {
		return ""
	}
	if err != nil {
		return "error: " + err.Error()
	}
	said, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	return string(said)
}

// twins makes two stores with the same community and other secrets.
func twins(f *testing.F) (one, other *twin) {
	f.Helper()
	path := emptyFile(f)
	s, err := store.Open(f.Context(), path, slog.New(slog.DiscardHandler), clock)
	if err != nil {
		f.Fatal(err)
	}
	community(f, s)
	secret(f, s)
	if err := s.Close(); err != nil {
		f.Fatal(err)
	}
	plant(f, path, "common", "outbox")
	data, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	second := filepath.Join(f.TempDir(), "greenroom.db")
	if err := os.WriteFile(second, data, 0o600); err != nil {
		f.Fatal(err)
	}
	hidden := hiddenTables(f, path)
	if len(hidden) < 60 || slices.Contains(hidden, "member") || !slices.Contains(hidden, "account") {
		f.Fatalf("no view reads %v", hidden)
	}
	plant(f, path, "first", hidden...)
	for _, value := range []string{"second", "third"} {
		plant(f, second, value, hidden...)
	}
	change(f, second,
		"UPDATE account SET password_hash = 'other', email = 'other' || email", "UPDATE session SET token_hash = 'other' || token_hash", "UPDATE outbox SET body = 'other', subject = 'other', recipient = 'other', html = 'other', data = 'other'",
		"UPDATE identity SET profile = 'other', hash = 'other'", "UPDATE source SET config = 'other', next = 'other'", "UPDATE member SET title = 'other', location = 'other', name = 'other' WHERE hidden = 1",
		"UPDATE activity SET body = 'other', title = 'other', url = 'other' WHERE identity_id IN (SELECT i.id FROM identity i JOIN member m ON m.id = i.member_id WHERE m.hidden = 1)")
	names := append(tablesOf(f, path), "sqlite_master", "sqlite_temp_schema", "sqlite_sequence", "pragma_table_list", "dbstat", "json_each((SELECT name FROM members LIMIT 1))", "pragma_table_info('account')", "generate_series(1, 3)")
	for _, v := range ask.Views() {
		names = append(names, v.Name)
	}
	open := func(path string) *twin {
		s, err := store.Open(f.Context(), path, slog.New(slog.DiscardHandler), clock)
		if err != nil {
			f.Fatal(err)
		}
		f.Cleanup(func() { _ = s.Close() })
		return &twin{s, path, names}
	}
	return open(path), open(second)
}

// beside opens the file of a store without the store, and without its constraints.
func beside(tb testing.TB, path string) *sql.DB {
	tb.Helper()
	db, err := sql.Open("sqlite3", "file:"+path)
	if err != nil {
		tb.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	for _, q := range []string{"PRAGMA foreign_keys = 0", "PRAGMA ignore_check_constraints = 1"} {
		if _, err := db.ExecContext(tb.Context(), q); err != nil {
			tb.Fatal(err)
		}
	}
	return db
}

func change(tb testing.TB, path string, statements ...string) {
	tb.Helper()
	db := beside(tb, path)
	defer func() {
		if err := db.Close(); err != nil {
			tb.Error(err)
		}
	}()
	for _, q := range statements {
		res, err := db.ExecContext(tb.Context(), q)
		if err != nil {
			tb.Fatalf("%s: %v", q, err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			tb.Errorf("%s changes nothing, %v", q, err)
		}
	}
}

func tablesOf(tb testing.TB, path string) []string {
	tb.Helper()
	return column(tb, path, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name")
}

func column(tb testing.TB, path, q string, args ...any) (all []string) {
	tb.Helper()
	db := beside(tb, path)
	defer func() {
		if err := db.Close(); err != nil {
			tb.Error(err)
		}
	}()
	rows, err := db.QueryContext(tb.Context(), q, args...)
	if err != nil {
		tb.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			tb.Fatal(err)
		}
		all = append(all, text)
	}
	if err := rows.Err(); err != nil {
		tb.Fatal(err)
	}
	return all
}

var viewTable = regexp.MustCompile(`\{([a-z_]+)\}`)

// hiddenTables are those that no view reads; not the parts of the full-text indexes, which say nothing by themselves.
func hiddenTables(tb testing.TB, path string) (all []string) {
	tb.Helper()
	bodies, err := os.ReadFile("ask_views.go")
	if err != nil {
		tb.Fatal(err)
	}
	read := []string{"migration"}
	for _, m := range viewTable.FindAllStringSubmatch(string(bodies), -1) {
		read = append(read, m[1])
	}
	for _, name := range tablesOf(tb, path) {
		if !slices.Contains(read, name) && !strings.Contains(name, "_search") {
			all = append(all, name)
		}
	}
	return all
}

// plant puts a row of a value into each of some tables.
func plant(tb testing.TB, path, value string, tables ...string) {
	tb.Helper()
	var statements []string
	for _, table := range tables {
		var names, values []string
		for _, c := range column(tb, path, "SELECT name || ' ' || type FROM pragma_table_info(?)", table) {
			name, kind, _ := strings.Cut(c, " ")
			names = append(names, `"`+name+`"`)
			if kind == "INTEGER" || kind == "REAL" {
				values = append(values, strconv.Itoa(1_000_000+len(value)))
			} else {
				values = append(values, "'"+value+"'")
			}
		}
		statements = append(statements, fmt.Sprintf("INSERT INTO %q (%s) VALUES (%s)", table, strings.Join(names, ", "), strings.Join(values, ", ")))
	}
	change(tb, path, statements...)
}

// filesOf is a sum of what is in a store's files, and which files there are.
func filesOf(tb testing.TB, path string) string {
	tb.Helper()
	sum := sha256.New()
	for _, name := range []string{path, path + "-wal"} {
		data, err := os.ReadFile(name)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			tb.Fatal(err)
		}
		sum.Write(data)
	}
	files, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		tb.Fatal(err)
	}
	return fmt.Sprintf("%x %v ", sum.Sum(nil), files)
}

// maker makes queries of a plan: bytes that say which way to go.
type maker struct {
	plan  []byte
	names []string
}

func (m *maker) next(n int) int {
	if len(m.plan) == 0 {
		return 0
	}
	b := int(m.plan[0])
	m.plan = m.plan[1:]
	if n > 256 && len(m.plan) > 0 {
		b, m.plan = b<<8|int(m.plan[0]), m.plan[1:]
	}
	return b % n
}

func (m *maker) of(all ...string) string { return all[m.next(len(all))] }

func (m *maker) query(deep int) string {
	from := m.of("", "", "", "", "main.", "temp.", "r.") + m.names[m.next(len(m.names))]
	if deep > 0 && m.next(8) == 7 {
		from = "(" + m.query(deep-1) + ") y"
	}
	q := m.of("SELECT ", "SELECT ", "SELECT DISTINCT ") + m.value(deep) + m.of("", ", "+m.value(deep)) + " FROM " + from
	if m.next(4) == 3 {
		q += m.of(" JOIN ", " LEFT JOIN ", " NATURAL JOIN ", ", ") + m.names[m.next(len(m.names))]
	}
	return q + m.of("", "", " WHERE "+m.value(deep), " ORDER BY "+m.value(deep), " GROUP BY "+m.value(deep), " LIMIT 3", " WHERE "+m.value(deep)+" ORDER BY 1")
}

func (m *maker) value(deep int) string {
	column := m.of("*", "id", "name", "rowid", "body", "value", "password_hash", "token_hash", "config", "title", "key", "profile", "hidden", "recipient", "sql", "1", "'x'", "NULL", "count(*)", "members", "account")
	if deep == 0 {
		return column
	}
	inner := func() string { return m.value(deep - 1) }
	switch m.next(12) {
	case 0:
		return m.of("hex", "lower", "length", "typeof", "sum", "max", "group_concat", "json_extract", "quote", "instr", "unhex", "load_extension", "readfile", "fts3_tokenizer", "snippet", "matchinfo", "sqlite_source_id", "changes", "last_insert_rowid", "total_changes", "random", "zeroblob", "sqlite_offset", "likelihood") + "(" + inner() + ")"
	case 1:
		return "(" + m.query(deep-1) + ")"
	case 2:
		return "EXISTS (" + m.query(deep-1) + ")"
	case 3:
		return inner() + m.of(" = ", " LIKE ", " || ", " + ", " IN ", " MATCH ", " -> ", " < ") + "(" + inner() + ")"
	case 4:
		return "CASE WHEN " + inner() + " THEN " + inner() + " ELSE " + inner() + " END"
	case 5:
		return "count(*) FILTER (WHERE " + inner() + ")"
	case 6:
		return "row_number() OVER (ORDER BY " + inner() + ")"
	default:
		return column
	}
}
