// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/internal/ask"
	"greenroom/internal/auth"
	"greenroom/internal/goal"
	"greenroom/internal/member"
	"greenroom/internal/report"
	"greenroom/internal/store"
	"greenroom/internal/tool"
)

func asker(s *store.Store) *ask.Service {
	return ask.New(s, noAudit{}, slog.New(slog.DiscardHandler), clock)
}

func answered(t *testing.T, s *store.Store, sql string) (*ask.Answer, error) {
	t.Helper()
	return asker(s).Ask(t.Context(), ask.Query{SQL: sql, By: "ana"})
}

// TestAskViews reads every column of every view and compares with what is known.
func TestAskViews(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		community(t, s)
		if _, err := s.AddGoal(t.Context(), goal.Goal{Kind: goal.Company, Title: "Stay", From: "2026-01-01", To: "2026-12-31", State: goal.Active, CreatedAt: clock()}); err != nil {
			t.Fatal(err)
		}
		askTeam(t, s)
		for _, v := range ask.Views() {
			a, err := answered(t, s, "SELECT * FROM "+v.Name)
			if err != nil {
				t.Errorf("%s: %v", v.Name, err)
				continue
			}
			for i, c := range v.Columns {
				if a.Columns[i].Name != c.Name {
					t.Errorf("%s has the column %s, want %s", v.Name, a.Columns[i].Name, c.Name)
				}
				for _, row := range a.Rows {
					_, isText := row[i].(string)
					if _, isNumber := ask.NumberOf(row[i]); row[i] != nil && isText != (c.Type == ask.Text || c.Type == ask.Time) || row[i] != nil && isText == isNumber {
						t.Errorf("%s.%s is %T, of type %s", v.Name, c.Name, row[i], c.Type)
					}
					if text, _ := row[i].(string); c.Type == ask.Time && row[i] != nil {
						if _, err := time.Parse(time.DateTime, text); err != nil {
							t.Errorf("%s.%s is %q", v.Name, c.Name, text)
						}
					}
				}
			}
		}
		a, err := answered(t, s, "SELECT kind, count(*) AS n, min(occurred_at) FROM activities GROUP BY kind ORDER BY n DESC, kind -- a comment; with a semicolon")
		if err != nil || len(a.Rows) == 0 || a.Columns[1].Name != "n" {
			t.Errorf("%+v, %v", a, err)
		}
	})
}

// askTeam stores a tool and a report.
func askTeam(t *testing.T, s *store.Store) {
	t.Helper()
	if _, err := s.KeepTools(t.Context(), []tool.Tool{{Draft: tool.Draft{Name: "Forum", Category: "platform", State: tool.InUse, Cost: 99.5, Currency: "EUR"}, CreatedAt: clock()}}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.AddReport(t.Context(), report.Report{Draft: report.Draft{Title: "October", For: report.Executive, Rhythm: report.Monthly}}); err != nil {
		t.Fatal(err)
	}
	a, err := answered(t, s, "SELECT t.name, t.cost, r.title, r.for_whom FROM tools t CROSS JOIN reports r")
	if err != nil || len(a.Rows) != 1 {
		t.Fatal(a, err)
	}
	if diff := cmp.Diff([]any{"Forum", 99.5, "October", "executive"}, a.Rows[0]); diff != "" {
		t.Error(diff)
	}
}

// TestAskExamples asks the questions to begin with of both stores, and gets the same answers.
func TestAskExamples(t *testing.T) {
	var answers [][]*ask.Answer
	onBoth(t, func(t *testing.T, s *store.Store) {
		community(t, s)
		var all []*ask.Answer
		for _, e := range ask.Examples() {
			values := map[string]string{}
			if strings.Contains(e.SQL, ":country") {
				values["country"] = "DE"
			}
			a, err := asker(s).Ask(t.Context(), ask.Query{SQL: e.SQL, Values: values, By: "ana"})
			if err != nil {
				t.Fatalf("%s: %v", e.Title, err)
			}
			all = append(all, a)
		}
		if len(all[0].Rows) == 0 {
			t.Error("nobody came in any month")
		}
		answers = append(answers, all)
	})
	for _, other := range answers[min(1, len(answers)):] {
		for i, e := range ask.Examples() {
			if diff := cmp.Diff([]any{answers[0][i].Columns, answers[0][i].Rows}, []any{other[i].Columns, other[i].Rows}); diff != "" {
				t.Errorf("%s: %s", e.Title, diff)
			}
		}
	}
}

// TestAskHides hides a member; what they said goes with them.
func TestAskHides(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		community(t, s)
		count := func(sql string) float64 {
			t.Helper()
			a, err := answered(t, s, sql)
			if err != nil {
				t.Fatal(err)
			}
			n, _ := ask.NumberOf(a.Rows[0][0])
			return n
		}
		a, err := answered(t, s, "SELECT member_id FROM activities WHERE member_id IS NOT NULL ORDER BY id LIMIT 1")
		if err != nil || len(a.Rows) != 1 {
			t.Fatal(a, err)
		}
		if a.Columns[0].Link != "/members/" {
			t.Errorf("member_id leads to %q", a.Columns[0].Link)
		}
		id, _ := a.Rows[0][0].(int64)
		members, hidden := count("SELECT count(*) FROM members"), true
		if err := s.EditMember(t.Context(), id, member.Edit{Hidden: &hidden}); err != nil {
			t.Fatal(err)
		}
		if n := count("SELECT count(*) FROM members"); n != members-1 {
			t.Errorf("there are %v of %v members", n, members)
		}
		who := "member_id = " + ask.TextOf(id)
		for _, from := range []string{"activities", "conversations", "identities", "enrollments", "member_scores"} {
			if n := count("SELECT count(*) FROM " + from + " WHERE " + who); n != 0 {
				t.Errorf("%v %s of somebody hidden", n, from)
			}
		}
	})
}

// hostile are statements that want more than the views. Those that are answered must be answered without what is secret.
var hostile = []string{
	"SELECT * FROM account", "SELECT * FROM main.account", "SELECT token_hash FROM session", "SELECT token_hash FROM public.session", "SELECT * FROM setting", "SELECT value FROM public.setting",
	"SELECT * FROM member", "SELECT hidden FROM public.member", "SELECT * FROM temp.member", "SELECT data FROM raw_block", "SELECT * FROM api_token, members",
	"WITH account AS (SELECT * FROM account) SELECT * FROM account", "WITH x AS (SELECT password_hash FROM account) SELECT * FROM x",
	"SELECT (SELECT password_hash FROM account LIMIT 1) FROM members", "SELECT * FROM members UNION ALL SELECT * FROM account", "SELECT * FROM members WHERE EXISTS (SELECT 1 FROM account WHERE password_hash LIKE 'canary%')",
	"SELECT * FROM sqlite_master", "SELECT sql FROM sqlite_schema", "SELECT * FROM sqlite_temp_master", "SELECT * FROM main.sqlite_master", "SELECT * FROM temp.sqlite_master", "SELECT * FROM sqlite_temp_schema",
	"SELECT * FROM pragma_database_list", "SELECT * FROM pragma_table_list", "SELECT * FROM pragma_table_info('members')", "SELECT * FROM dbstat", "SELECT * FROM sqlite_dbpage",
	"SELECT load_extension('/tmp/x.so')", "SELECT readfile('/etc/passwd')", "SELECT writefile('/tmp/x', 'y')", "SELECT fts3_tokenizer('simple')", "SELECT sqlite_compileoption_get(1)", "SELECT edit('x')",
	"SELECT zeroblob(100000000)", "SELECT randomblob(1)",
	"ATTACH DATABASE '/tmp/x.db' AS x", "PRAGMA database_list", "PRAGMA query_only = 0", "VACUUM INTO '/tmp/x.db'", "CREATE TABLE x (a)", "CREATE TEMP VIEW v AS SELECT 1", "DROP VIEW members",
	"INSERT INTO account (id) VALUES (99)", "UPDATE account SET role = 'owner'", "DELETE FROM account", "REPLACE INTO account (id) VALUES (1)", "EXPLAIN SELECT * FROM members", "EXPLAIN QUERY PLAN SELECT * FROM members",
	"WITH x AS (DELETE FROM account RETURNING *) SELECT * FROM x", "WITH x AS (UPDATE account SET role = 'owner' RETURNING password_hash) SELECT * FROM x", "WITH x AS (INSERT INTO account (id) VALUES (98) RETURNING *) SELECT * FROM x", "WITH x AS (SELECT 1) DELETE FROM account", "WITH x AS (SELECT 1) INSERT INTO account (id) SELECT 99 FROM x",
	"SELECT 1; DELETE FROM account", "SELECT 1; SELECT * FROM account", "SELECT 'a;b'; DROP TABLE account", "SELECT 1 /* */; PRAGMA query_only = 0",
	"SELECT * INTO stolen FROM members", "SELECT * FROM members FOR UPDATE",
	"SET ROLE greenroom", "RESET ROLE", "RESET SESSION AUTHORIZATION", "SHOW ALL", "COPY account TO '/tmp/x'", "COPY (SELECT * FROM members) TO PROGRAM 'sh'", "DO $$ BEGIN DELETE FROM account; END $$", "CALL x()", "BEGIN", "COMMIT", "ROLLBACK", "LISTEN x", "LOCK TABLE account",
	"SELECT set_config('role', 'greenroom', false)", `SELECT "set_config"('role', 'greenroom', false)`, `SELECT U&"set\005fconfig"('role', 'greenroom', false)`, "SELECT pg_catalog.set_config('role', 'greenroom', true), (SELECT password_hash FROM public.account)",
	"SELECT query_to_xml('SELECT * FROM public.account', true, true, '')", "SELECT table_to_xml('public.account', true, true, '')", "SELECT database_to_xml(true, true, '')",
	"SELECT pg_read_file('/etc/passwd')", "SELECT pg_ls_dir('/')", "SELECT lo_import('/etc/passwd')", "SELECT pg_advisory_lock(7306086967541)", "SELECT pg_terminate_backend(1)", "SELECT pg_sleep(3600)", "SELECT pg_stat_file('/etc/passwd')",
	"SELECT * FROM pg_authid", "SELECT * FROM pg_shadow", "SELECT * FROM information_schema.tables", "SELECT * FROM pg_stat_activity", "SELECT * FROM pg_largeobject", "SELECT dblink('dbname=x', 'SELECT 1')",
	"VALUES ((SELECT password_hash FROM account))", "TABLE account", "SELECT * FROM ONLY public.account", "SELECT (public.account).* FROM public.account", "SELECT * FROM members, LATERAL (SELECT * FROM public.account) x",
	"SELECT json_each.value FROM json_each((SELECT password_hash FROM account))", "SELECT * FROM members ORDER BY (SELECT password_hash FROM account)", "SELECT count(*) FILTER (WHERE (SELECT password_hash FROM account) > '') FROM members",
	"SELECT activity.body FROM activity", "SELECT * FROM activity_search", "SELECT * FROM activity_search WHERE activity_search MATCH 'canary'", "SELECT * FROM activity_search_content", "SELECT * FROM delivery", "SELECT * FROM destination", "SELECT body FROM outbox", "SELECT * FROM survey_response", "SELECT * FROM contact_choice", "SELECT * FROM identity_key", "SELECT profile FROM identity", "SELECT * FROM audit",
}

const canary = "canary-7f3e"

// TestAskStaysInside runs hostile statements as the store gets them, also those that Parse would refuse.
func TestAskStaysInside(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		community(t, s)
		secret(t, s)
		before := accountsNow(t, s)
		for _, sql := range hostile {
			for _, q := range []string{sql, strings.ToLower(sql), "SELECT * FROM (" + sql + ") x"} {
				st := &ask.Statement{SQL: q}
				a, err := s.AskViews(t.Context(), st, nil, ask.Limits{Time: time.Second, Rows: 1000, Size: 1 << 20})
				leaks(t, q, a, err)
				if a, err = answered(t, s, q); err == nil && len(a.Rows) > 0 && !strings.Contains(q, "a;b") {
					leaks(t, q, a, err)
				}
			}
		}
		if after := accountsNow(t, s); after != before {
			t.Errorf("something changed: %s, was %s", after, before)
		}
	})
}

// secret stores what no question may see.
func secret(tb testing.TB, s *store.Store) {
	tb.Helper()
	u, err := s.AddUser(tb.Context(), auth.Credential{User: auth.User{Email: "owner@acme.example", Role: auth.RoleOwner, CreatedAt: clock()}, PasswordHash: canary}, auth.Entry{At: clock(), Detail: canary})
	if err != nil {
		tb.Fatal(err)
	}
	if err := s.StartSession(tb.Context(), auth.Session{ID: canary, UserID: u.ID, CreatedAt: clock(), ExpiresAt: clock().Add(time.Hour)}, "", auth.Entry{At: clock()}); err != nil {
		tb.Fatal(err)
	}
	if err := s.SetTeamDomains(tb.Context(), []string{canary + ".example"}); err != nil {
		tb.Fatal(err)
	}
	name, hidden := canary, true
	m := members(tb, s, "name:Bob")
	if err := s.EditMember(tb.Context(), m[0].ID, member.Edit{Name: &name, Hidden: &hidden}); err != nil {
		tb.Fatal(err)
	}
}

func leaks(t *testing.T, q string, a *ask.Answer, err error) {
	t.Helper()
	if err != nil && strings.Contains(err.Error(), canary) {
		t.Errorf("%s reveals by its error: %v", q, err)
	}
	if err != nil || a == nil {
		return
	}
	text, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), canary) {
		t.Errorf("%s reveals %s", q, text)
	}
	if len(a.Rows) > 0 && !harmless(q) {
		t.Errorf("%s is answered: %s", q, text)
	}
}

// harmless names statements that may have rows: nothing of a table is in them, and Parse refuses the last two.
func harmless(q string) bool {
	q = strings.ToLower(q)
	return strings.HasPrefix(q, "select count(*) filter") || strings.HasPrefix(q, "explain ") || q == "show all"
}

func accountsNow(t *testing.T, s *store.Store) string {
	t.Helper()
	accounts, err := s.Users(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(accounts)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestAskLimits stops what goes on for ever, and cuts off what is too much.
func TestAskLimits(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		community(t, s)
		const endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
		_, err := asker(s).Ask(t.Context(), ask.Query{SQL: endless + "SELECT count(*) FROM n", Limits: ask.Limits{Time: 300 * time.Millisecond}})
		if greenroom.ErrorCode(err) != greenroom.CodeInvalid || !strings.Contains(err.Error(), "300ms") {
			t.Errorf("an endless question ends with %v", err)
		}
		a, err := asker(s).Ask(t.Context(), ask.Query{SQL: endless + "SELECT i FROM n", Limits: ask.Limits{Rows: 5}})
		if err != nil || len(a.Rows) != 5 || a.Cut == "" {
			t.Errorf("%+v, %v", a, err)
		}
		service := asker(s)
		done := make(chan error)
		go func() {
			_, err := service.Ask(t.Context(), ask.Query{SQL: endless + "SELECT count(*) FROM n", By: "ana"})
			done <- err
		}()
		for len(service.Running("ana")) == 0 {
			time.Sleep(time.Millisecond)
		}
		if err := service.Stop(service.Running("ana")[0].ID, "bo"); greenroom.ErrorCode(err) != greenroom.CodeNotFound {
			t.Errorf("somebody else's question: %v", err)
		}
		if err := service.Stop(service.Running("ana")[0].ID, "ana"); err != nil {
			t.Error(err)
		}
		if err := <-done; greenroom.ErrorCode(err) != greenroom.CodeConflict {
			t.Errorf("a stopped question ends with %v", err)
		}
		asked, err := service.Asked(t.Context(), "ana", 10)
		if err != nil || len(asked) != 1 || asked[0].Problem == "" {
			t.Errorf("the history is %+v, %v", asked, err)
		}
	})
}

// TestAskParameters keeps a question with a parameter, changes it, and answers it.
func TestAskParameters(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		community(t, s)
		service := asker(s)
		q, err := service.Keep(t.Context(), ask.Draft{Title: "By name", SQL: "SELECT name FROM members WHERE name = :name OR id = :id OR name = ':nobody';", Values: map[string]string{"id": "0"}}, "ana")
		if err != nil || len(q.Params) != 2 {
			t.Fatal(q, err)
		}
		a, err := service.Ask(t.Context(), ask.Query{SQL: "SELECT name FROM members ORDER BY id LIMIT 1"})
		if err != nil || len(a.Rows) != 1 {
			t.Fatal(a, err)
		}
		name := ask.TextOf(a.Rows[0][0])
		for value, want := range map[string]int{name: 1, "x' OR '1' = '1": 0} {
			a, err := service.Answer(t.Context(), q.ID, map[string]string{"name": value}, ask.Limits{}, "ana")
			if err != nil || len(a.Rows) != want {
				t.Errorf("%q: %+v, %v", value, a, err)
			}
		}
		if _, err := service.Edit(t.Context(), q.ID, 1, ask.Draft{Title: "Two", SQL: "SELECT 2"}, "bo"); err != nil {
			t.Error(err)
		}
		if _, err := service.Edit(t.Context(), q.ID, 1, ask.Draft{Title: "Three", SQL: "SELECT 3"}, "bo"); greenroom.ErrorCode(err) != greenroom.CodeConflict {
			t.Errorf("a change of an old version: %v", err)
		}
		if err := service.Remove(t.Context(), q.ID, "ana"); err != nil {
			t.Error(err)
		}
	})
}
