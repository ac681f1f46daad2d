// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"greenroom"
	"greenroom/internal/ask"
)

// settingAsk holds the digest of the views that were made, and the password of their role.
const settingAsk = "ask.postgres"

// askSchemaName is where the views are, beside the schema of the tables.
func (w *writer) askSchemaName() (tables, views string, err error) {
	if err := w.conn.QueryRowContext(w.ctx, "SELECT current_schema()").Scan(&tables); err != nil {
		return "", "", fmt.Errorf("asking for the schema: %w", err)
	}
	return tables, tables + "_ask", nil
}

// forgetAskViews takes the views away; the next question makes them again.
func (w *writer) forgetAskViews() error {
	if !w.d.postgres {
		return nil
	}
	_, views, err := w.askSchemaName()
	if err != nil {
		return err
	}
	return w.execOnce("DROP SCHEMA IF EXISTS " + pgx.Identifier{views}.Sanitize() + " CASCADE")
}

// askRole is whom questions connect as.
type askRole struct {
	name, password, schema string
}

// askNotAllowed says how questions can be made possible.
const askNotAllowed = "questions in SQL need a login role of their own in PostgreSQL, which Greenroom's user may not make; let an administrator run ALTER ROLE ... CREATEROLE for it, and see docs/sql.md"

// ensureAsk makes the views and the role where they are not there as they should be.
func (s *Store) ensureAsk(ctx context.Context) (askRole, error) {
	var role askRole
	err := s.write(ctx, func(w *writer) error {
		tables, views, err := w.askSchemaName()
		if err != nil {
			return err
		}
		var database string
		if err := w.conn.QueryRowContext(w.ctx, "SELECT current_database()").Scan(&database); err != nil {
			return fmt.Errorf("asking for the database: %w", err)
		}
		sum := sha256.Sum256([]byte(database + "\x00" + tables))
		role = askRole{name: "greenroom_ask_" + hex.EncodeToString(sum[:6]), schema: views}
		made := append([]string{"2"}, askStatements(w.d, tables, views)...)
		sum = sha256.Sum256([]byte(strings.Join(made, "\x00")))
		digest := hex.EncodeToString(sum[:])
		var kept string
		err = w.row("SELECT value FROM setting WHERE key = ?", []any{settingAsk}, &kept)
		if err != nil && greenroom.ErrorCode(err) != greenroom.CodeNotFound {
			return err
		}
		var there bool
		if err := w.conn.QueryRowContext(w.ctx, "SELECT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = $1) AND EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = $2)", role.name, views).Scan(&there); err != nil {
			return fmt.Errorf("looking for the role of questions: %w", err)
		}
		before, password, _ := strings.Cut(kept, " ")
		if there && before == digest && password != "" {
			role.password = password
			return nil
		}
		role.password = rand.Text()
		if err := w.makeAskRole(&role); err != nil {
			return err
		}
		if err := w.makeAskViews(&role, made[1:]); err != nil {
			return err
		}
		_, err = w.exec("INSERT INTO setting (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", settingAsk, digest+" "+role.password)
		return err
	})
	var refused *pgconn.PgError
	if errors.As(err, &refused) && refused.Code == "42501" {
		return role, &greenroom.Error{Code: greenroom.CodeUnavailable, Message: askNotAllowed, Err: err}
	}
	if err != nil {
		return role, fmt.Errorf("preparing questions: %w", err)
	}
	return role, nil
}

// askStatements make the views.
func askStatements(d *dialect, tables, views string) []string {
	var all []string
	for _, v := range ask.Views() {
		q, err := d.askView(&v, pgx.Identifier{views, v.Name}.Sanitize(), pgx.Identifier{tables}.Sanitize())
		if err != nil {
			q = err.Error() // PostgreSQL refuses it, with this text
		}
		all = append(all, q)
	}
	return all
}

func (w *writer) makeAskRole(role *askRole) error {
	var there bool
	if err := w.conn.QueryRowContext(w.ctx, "SELECT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = $1)", role.name).Scan(&there); err != nil {
		return fmt.Errorf("looking for the role of questions: %w", err)
	}
	verb := "CREATE"
	if there {
		verb = "ALTER"
	}
	// The password is letters and digits. CREATEROLE and the rest are refused by default, and said all the same.
	return w.execOnce(verb + " ROLE " + role.name + " LOGIN NOINHERIT NOCREATEDB NOCREATEROLE CONNECTION LIMIT 8 PASSWORD '" + role.password + "'")
}

func (w *writer) makeAskViews(role *askRole, views []string) error {
	schema := pgx.Identifier{role.schema}.Sanitize()
	statements := append([]string{"DROP SCHEMA IF EXISTS " + schema + " CASCADE", "CREATE SCHEMA " + schema}, views...)
	statements = append(statements, "REVOKE ALL ON SCHEMA "+schema+" FROM PUBLIC", "GRANT USAGE ON SCHEMA "+schema+" TO "+role.name, "GRANT SELECT ON ALL TABLES IN SCHEMA "+schema+" TO "+role.name)
	for _, q := range statements {
		if err := w.execOnce(q); err != nil {
			return err
		}
	}
	return nil
}

// askNuisance finds what a question cannot reach data by, but could disturb others with: locks, sessions, settings, files,
// and what runs statements in texts.
var askNuisance = regexp.MustCompile(`(?i)\b(pg_\w+|lo_\w+|dblink\w*|set_config|setval|nextval|txid_\w+|query_to_\w+|table_to_\w+|cursor_to_\w+|schema_to_\w+|database_to_\w+|current_setting|information_schema)\b|\bU&["']`)

func (s *Store) askPostgres(ctx context.Context, st *ask.Statement, values []string, l ask.Limits) (a *ask.Answer, err error) {
	q := st.Bound(func(n int) string { return "$" + strconv.Itoa(n) })
	if askNuisance.MatchString(q) {
		return nil, askRefused(askOutside, nil)
	}
	role, err := s.ensureAsk(ctx)
	if err != nil {
		return nil, err
	}
	cfg, err := pgx.ParseConfig(s.asking.dsn)
	if err != nil {
		return nil, fmt.Errorf("reading the address of the record store: %w", err)
	}
	cfg.User, cfg.Password = role.name, role.password
	for key, v := range map[string]string{
		"search_path": pgx.Identifier{role.schema}.Sanitize(), "default_transaction_read_only": "on", "work_mem": "16MB", "lock_timeout": "1s",
		"statement_timeout": strconv.FormatInt((l.Time + time.Second).Milliseconds(), 10), "idle_in_transaction_session_timeout": "10s", "application_name": "greenroom question",
		"max_parallel_workers_per_gather": "0",
	} {
		cfg.RuntimeParams[key] = v
	}
	db := stdlib.OpenDB(*cfg)
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	tx, err := db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return nil, &greenroom.Error{Code: greenroom.CodeUnavailable, Message: "the role of questions cannot connect to PostgreSQL; see docs/sql.md on what its pg_hba.conf has to allow", Err: err}
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	args := make([]any, len(values))
	for i, v := range values {
		args[i] = v
	}
	rows, err := tx.QueryContext(ctx, q, args...)
	if err != nil {
		return nil, askPostgresSaid(err)
	}
	if a, err = askRows(rows, l, stop); err != nil {
		return nil, askPostgresSaid(err)
	}
	return a, nil
}

// askPostgresSaid says what PostgreSQL did not like.
func askPostgresSaid(err error) error {
	var e *pgconn.PgError
	switch {
	case !errors.As(err, &e):
		return fmt.Errorf("answering a question: %w", err)
	case e.Code == "42501":
		return askRefused(askOutside, nil)
	case e.Code == "57014":
		return askRefused("the question took too long and was stopped; ask about less, such as a shorter time", err)
	case e.Hint != "":
		return askRefused(e.Message+"; "+e.Hint, nil)
	default:
		return askRefused(e.Message, nil)
	}
}
