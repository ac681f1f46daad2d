// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"greenroom/internal/auth"
	"greenroom/internal/server"
)

// TestMCPObeyed is a model that obeys whatever it reads: it calls every tool with every hostile value, with tokens of each
// scope and of people of different roles. Nothing that is secret comes out, nothing changes by a token that reads, and by one
// that writes there are drafts and tasks of nobody and no more.
func TestMCPObeyed(t *testing.T) {
	app, tools := toolsOfMischief(t)
	callers := modelCallers(t, app)
	db := recordsOf(t, app)
	secrets := append(secretsOf(t, db), "argon2id")
	for _, c := range callers {
		who := fmt.Sprintf("a token of a %s that may %s", c.User.Role, c.Token.Scope)
		before := contents(t, db)
		s, end := piped(t, tools, c)
		calls := obey(t, s, func(call, text string) {
			for _, secret := range secrets {
				if strings.Contains(text, secret) {
					t.Errorf("%s by %s reveals %q: %s", call, who, secret, text)
				}
			}
		})
		t.Logf("%s: %d calls", who, calls)
		may := []string{"question_asked"}
		if c.Token.Scope == auth.ScopeWrite {
			may = append(may, "outbox", "task", "audit")
		}
		for table, now := range contents(t, db) {
			if now != before[table] && !slices.Contains(may, table) {
				t.Errorf("the table %s has changed by %s", table, who)
			}
		}
		end()
	}
	for q, want := range map[string]string{
		"SELECT count(*) FROM outbox WHERE state <> 'draft'": "0", "SELECT count(*) > 0 FROM outbox": "1", "SELECT count(*) > 0 FROM task": "1",
		"SELECT count(*) FROM task WHERE owner <> '' OR link NOT LIKE '/%' AND link <> '' OR link LIKE '//%'": "0",
	} {
		var got string
		if err := db.QueryRowContext(t.Context(), q).Scan(&got); err != nil || got != want {
			t.Errorf("%s: %s, want %s; %v", q, got, want, err)
		}
	}
}

// modelCallers are who comes with a token: of each scope, and of an owner and somebody who may only look.
func modelCallers(t *testing.T, app *server.App) (all []auth.Caller) {
	t.Helper()
	for _, role := range []auth.Role{auth.RoleViewer, auth.RoleOwner} {
		if _, err := app.Auth.AddUser(t.Context(), auth.CommandLine(), auth.NewUser{Email: string(role) + "@example.org", Role: role, Password: password}); err != nil {
			t.Fatal(err)
		}
		if _, err := app.Auth.SignIn(t.Context(), string(role)+"@example.org", password, auth.Origin{}); err != nil {
			t.Fatal(err)
		}
		for _, scope := range []auth.Scope{auth.ScopeRead, auth.ScopeWrite} {
			if role == auth.RoleViewer && scope == auth.ScopeWrite {
				continue // it is not given
			}
			c, err := app.Auth.ByToken(t.Context(), modelToken(t, app, role, scope))
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, c)
		}
	}
	return all
}

// evil are what somebody makes a model put into an argument.
func evil(kind any) []any {
	switch kind {
	case "integer":
		return []any{-1, 0, 1, 1 << 62, "1/../../tokens", 1.5}
	case "boolean":
		return []any{true, "true"}
	case "object":
		return []any{map[string]any{"x": "(SELECT password_hash FROM account)"}, map[string]any{"x": map[string]any{"y": 1}}, "x"}
	default:
		return []any{
			"..", "../tokens", "active_members/../../users", "%2e%2e/users", "x?as=owner&scope=admin", "'; DELETE FROM account; --", hostileText, "https://evil.example/", "//evil.example/x", `/\evil.example`, "/\t/evil.example",
			"SELECT password_hash FROM account", "SELECT * FROM session", "DELETE FROM member", "WITH x AS (SELECT token_hash FROM api_token) SELECT * FROM x", "is:hidden", "name:\"' OR 1=1 --\"",
		}
	}
}

// obey calls every tool with every hostile value in each argument, and tools that nobody offered. see gets what they say.
func obey(t *testing.T, s *sdk.ClientSession, see func(call, text string)) (calls int) {
	t.Helper()
	say := func(name string, args map[string]any) {
		t.Helper()
		calls++
		text, _ := toolSays(t, s, name, args)
		see(fmt.Sprint(name, args), text)
	}
	offered, err := s.ListTools(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, tool := range offered.Tools {
		say(tool.Name, usual()[tool.Name])
		schema, _ := tool.InputSchema.(map[string]any)
		properties, _ := schema["properties"].(map[string]any)
		for name, p := range properties {
			fields, _ := p.(map[string]any)
			for _, v := range evil(fields["type"]) {
				args := map[string]any{name: v}
				for k, u := range usual()[tool.Name] {
					if k != name {
						args[k] = u
					}
				}
				say(tool.Name, args)
			}
		}
		for _, more := range []string{"as", "token", "owner", "state", "approve"} { // which none of them has, but the list of tasks
			if properties[more] == nil {
				say(tool.Name, with(usual()[tool.Name], more, "owner"))
			}
		}
	}
	for _, name := range []string{"draft_message", "propose_task"} {
		say(name, usual()[name])
	}
	for _, name := range []string{"send_message", "approve_message", "delete_member", "list_tokens", "audit", "export", "../users", ""} {
		say(name, nil)
	}
	return calls
}

func with(args map[string]any, name string, v any) map[string]any {
	all := map[string]any{name: v}
	for k, u := range args {
		all[k] = u
	}
	return all
}

// recordsOf opens the file of a record store beside it, for reading.
func recordsOf(t *testing.T, app *server.App) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+(&url.URL{Path: filepath.Join(app.Data, "greenroom.db")}).EscapedPath()+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// secretsOf reads what nobody may see, whatever their token.
func secretsOf(t *testing.T, db *sql.DB) []string {
	t.Helper()
	var all []string
	for _, q := range []string{"SELECT password_hash FROM account", "SELECT token_hash FROM session", "SELECT token_hash FROM api_token"} {
		found := texts(t, db, q)
		if len(found) == 0 {
			t.Errorf("%s: nothing", q)
		}
		all = append(all, found...)
	}
	return all
}

func texts(t *testing.T, db *sql.DB, q string) (all []string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
		if text != "" {
			all = append(all, text)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// contents makes a hash of each table. Full-text indexes follow from the others.
func contents(t *testing.T, db *sql.DB) map[string]uint64 {
	t.Helper()
	all := make(map[string]uint64)
	for _, table := range texts(t, db, "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' AND name NOT LIKE 'sqlite%' AND name NOT LIKE '%\\_search%' ESCAPE '\\'") {
		all[table] = contentOf(t, db, table)
	}
	return all
}

func contentOf(t *testing.T, db *sql.DB, table string) uint64 {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), `SELECT * FROM "`+table+`"`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	row, into := make([]any, len(columns)), make([]any, len(columns))
	for i := range row {
		into[i] = &row[i]
	}
	sum := fnv.New64a()
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		if err := json.NewEncoder(sum).Encode(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return sum.Sum64()
}
