// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package postgres reads members, organizations, activities or business records from a PostgreSQL database by a query.
//
// The query runs in a transaction that may only read and sees one state of the database. Its answer is fetched through a
// cursor of the server, a portion at a time, so that memory does not grow and each portion has a time limit of its own.
// Greenroom puts the query into one of its own, which orders the rows by the watermark column and, the next time, leaves
// out what was read (query.go). Which column holds what is told by the columns' names, with the fields and words of the
// CSV connector (package rowmap).
//
// A database stands in a private network as a rule, so connections to private addresses are not refused here. Who may
// connect a source may ask any database that the server reaches: that is why only owners should.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/rowmap"
)

// Kind is what the connector is called.
const Kind = "postgres"

const title = "PostgreSQL query"

// The names of the options that are this connector's own.
const (
	optConnection = "connection"
	optTimeout    = "timeout"
	optWrite      = "write"
	optSchema     = "schema"
)

const help = `Only owners should connect a database: whoever does may ask any database that this server reaches.

1. Have your database's administrator make a role that may only read what is to come in:

       CREATE ROLE greenroom LOGIN PASSWORD '…';
       GRANT CONNECT ON DATABASE app TO greenroom;
       GRANT USAGE ON SCHEMA public TO greenroom;
       GRANT SELECT ON users, accounts TO greenroom;

2. Enter the address of the database as the connection: ` + "`postgres://greenroom:PASSWORD@db.example.org:5432/app?sslmode=verify-full`" + `.
   Use a replica where there is one.
3. Write the query so that its columns have the names of fields:
   - members: ` + "`SELECT id, email, full_name AS name, company AS organization, created_at AS joined, updated_at FROM users`" + `
   - product usage: ` + "`SELECT id, user_id AS member, event AS title, happened_at AS \"when\", happened_at FROM events`" + `, with *Kind of the activities* set to usage
   - organizations: ` + "`SELECT id, name, domain, plan AS lifecycle, employees AS size FROM accounts`" + `
   - deals, cases, subscriptions: ` + "`SELECT id, account_domain AS domain, plan AS name, status AS stage, mrr AS amount, started_at AS opened FROM subscriptions`" + `
4. Name the column that grows with every change as the watermark, e.g. ` + "`updated_at`" + `; an index on it makes reads quick.
5. *Test connection* shows which column is taken for what.`

// Spec describes the connector.
func Spec() connector.Spec {
	return connector.Spec{
		Kind: Kind, Title: title, Platform: "postgresql", Primary: optConnection, Help: help, Group: connector.GroupBusiness, Business: true, Owners: true,
		Summary:  "Members, organizations, product usage or business records from a PostgreSQL database, by a query on a schedule.",
		Keywords: []string{"postgresql", "sql", "database", "warehouse", "redshift", "timescale", "supabase", "neon"},
		Options:  options(), New: New, Incremental: true, Rhythm: time.Hour,
		Scopes: []connector.Scope{{Name: "SELECT", Why: "On the tables that the query reads. Nothing else is needed to read."}, {Name: "CREATE", Why: "On the schema that members are pushed to, where the option for writing is on.", Optional: true}},
		Limits: "The query runs in a transaction that may only read, with a time limit for each portion of 2,000 rows. A read of everything holds one connection open until it ends.",
	}
}

func options() []connector.Option {
	own := []connector.Option{
		{Name: optConnection, Label: "Connection", Type: connector.Secret, Required: true, Example: "postgres://greenroom:secret@db.example.org:5432/app?sslmode=verify-full", Help: "The address of the database, with a role that may only read."},
		{Name: optTimeout, Label: "Time limit", Type: connector.Number, Default: "300", Help: "How many seconds the database may take for the first rows, and for each further portion."},
	}
	query := rowmap.QueryOptions()
	write := []connector.Option{
		{Name: optWrite, Label: "May be written to", Type: connector.Bool, Help: "Lets members be pushed into tables of this database, when somebody does so. The role then needs more than reading."},
		{Name: optSchema, Label: "Schema for what is written", Type: connector.Text, Default: "greenroom", Help: "Tables are made in it. It is made, too, where the role may: GRANT CREATE ON DATABASE app TO greenroom."},
	}
	return slices.Concat(own[:1], query[:2], own[1:], query[2:], write)
}

// source is one query on one database.
type source struct {
	query   *rowmap.Query
	config  *pgx.ConnConfig
	timeout time.Duration
	env     connector.Env
	loads   string // the schema that is written to; "" = none
}

// New opens a source; nothing is asked yet.
func New(env connector.Env, v connector.Values) (connector.Source, error) {
	set, err := connector.ReadSettings(title, options(), v, env.Now())
	if err != nil {
		return nil, err
	}
	s := &source{env: env, timeout: time.Duration(set.Number(optTimeout) * float64(time.Second))}
	if s.timeout < time.Second || s.timeout > 6*time.Hour {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "the time limit of %s is between 1 second and 6 hours", title)
	}
	if s.query, err = rowmap.ReadQuery(set, v); err != nil {
		return nil, err //nolint:wrapcheck // it says which option is wrong
	}
	if set.On(optWrite) {
		if s.loads = set.Text(optSchema); !tableName.MatchString(s.loads) || strings.HasPrefix(s.loads, "pg_") {
			return nil, greenroom.Errorf(greenroom.CodeInvalid, "%q cannot be the schema that is written to; expected lower case letters, digits and underscores", s.loads)
		}
	}
	s.config, err = parseConnection(set.Text(optConnection))
	return s, err
}

// parseConnection reads the address of a database. What the process's own environment says of databases (PGPASSWORD and
// its relatives, .pgpass, service files) is the server's business and goes nowhere else.
func parseConnection(text string) (*pgx.ConnConfig, error) {
	wrong := func(why string) error {
		return greenroom.Errorf(greenroom.CodeInvalid, "the connection of %s cannot be used: %s; expected postgres://ROLE:PASSWORD@HOST:5432/DATABASE", title, why)
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		return nil, wrong("it is not an address that begins with postgres://")
	}
	q := u.Query()
	for name := range q {
		switch name {
		case "host", "port", "sslmode", "sslrootcert", "connect_timeout", "application_name", "target_session_attrs":
		default:
			return nil, wrong(name + " is not taken in it")
		}
	}
	if u.Hostname() == "" && q.Get("host") == "" || u.User.Username() == "" || strings.Trim(u.Path, "/") == "" {
		return nil, wrong("host, role or database is missing")
	}
	config, err := pgx.ParseConfig(text)
	if err != nil {
		return nil, wrong("it cannot be read")
	}
	password, _ := u.User.Password()
	config.Password = password
	config.RuntimeParams = map[string]string{"application_name": "greenroom", "datestyle": "ISO, YMD", "timezone": "UTC", "intervalstyle": "iso_8601"}
	if name := q.Get("application_name"); name != "" {
		config.RuntimeParams["application_name"] = name
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = 20 * time.Second
	}
	config.DefaultQueryExecMode = pgx.QueryExecModeDescribeExec
	return config, nil
}

// within runs something inside a transaction that may only read.
func (s *source) within(ctx context.Context, do func(context.Context, pgx.Tx) error) error {
	return s.transact(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, do)
}

// transact runs something inside a transaction, on a connection of its own.
func (s *source) transact(ctx context.Context, options pgx.TxOptions, do func(context.Context, pgx.Tx) error) error {
	s.env.Meter.Request(false)
	conn, err := pgx.ConnectConfig(ctx, s.config.Copy())
	if err != nil {
		return s.explain(ctx, err)
	}
	defer func() {
		bye, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_ = conn.Close(bye)
	}()
	tx, err := conn.BeginTx(ctx, options)
	if err != nil {
		return s.explain(ctx, err)
	}
	limit := s.timeout.Milliseconds()
	if _, err = tx.Exec(ctx, fmt.Sprintf("SET LOCAL statement_timeout = %d", limit)); err == nil {
		_, err = tx.Exec(ctx, "SET LOCAL lock_timeout = '30s'")
	}
	if err == nil {
		err = do(ctx, tx)
	}
	if err != nil {
		return s.explain(ctx, err)
	}
	return s.explain(ctx, tx.Commit(ctx))
}

// explain words an error of the database for a person.
func (s *source) explain(ctx context.Context, err error) error {
	var known *greenroom.Error
	var pg *pgconn.PgError
	var connect *pgconn.ConnectError
	switch {
	case err == nil || errors.As(err, &known):
		return err
	case ctx.Err() != nil:
		return fmt.Errorf("asking the database was stopped: %w", ctx.Err())
	case errors.As(err, &pg):
		code, message := greenroom.CodeInvalid, "the database refuses the query: "+pg.Message
		switch {
		case pg.Code == "28P01" || strings.HasPrefix(pg.Code, "28"):
			code, message = greenroom.CodeUnauthorized, title+": the database refuses the role or its password"
		case pg.Code == "3D000":
			message = "there is no such database: " + pg.Message
		case pg.Code == "42501":
			code, message = greenroom.CodeForbidden, "the role may not read everything that the query asks for ("+pg.Message+"); GRANT SELECT to it"
		case pg.Code == "25006":
			message = "the query wants to change something (" + pg.Message + "); only reading is allowed"
		case pg.Code == "57014":
			code, message = greenroom.CodeUnavailable, fmt.Sprintf("the database took longer than %s; an index on the watermark column helps, or a greater time limit", s.timeout)
		case pg.Code == "40001" || strings.HasPrefix(pg.Code, "08") || strings.HasPrefix(pg.Code, "53") || strings.HasPrefix(pg.Code, "57") || strings.HasPrefix(pg.Code, "58"):
			code, message = greenroom.CodeUnavailable, "the database cannot answer now: "+pg.Message
		case pg.Hint != "":
			message += " (" + pg.Hint + ")"
		}
		return &greenroom.Error{Code: code, Message: message, Err: err}
	case errors.As(err, &connect):
		return &greenroom.Error{Code: greenroom.CodeUnavailable, Err: err, Message: "the database cannot be reached; check host, port and sslmode, and whether it lets this server in"}
	}
	return &greenroom.Error{Code: greenroom.CodeUnavailable, Err: err, Message: "the connection to the database broke off; nothing was lost, the next sync goes on from here"}
}
