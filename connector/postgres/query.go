// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package postgres

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"greenroom/connector"
	"greenroom/connector/internal/rowmap"
)

// portion is how many rows are fetched at once.
const portion = 2000

// cursor is the name of the server's cursor.
const cursor = "greenroom"

// shape is what an answer looks like.
type shape struct {
	header  []string
	types   []uint32
	orderBy string
}

// plain is the query as one that can stand in parentheses, with $since as a parameter.
func (s *source) plain() (sql string, since bool) {
	since = strings.Contains(s.query.Text, rowmap.Since)
	return strings.ReplaceAll(s.query.Text, rowmap.Since, "$1"), since
}

// shape asks which columns the answer has, without running the query.
func (s *source) shape(ctx context.Context, tx pgx.Tx) (*shape, error) {
	sql, _ := s.plain()
	d, err := tx.Prepare(ctx, "", "SELECT * FROM (\n"+sql+"\n) AS answer")
	if err != nil {
		return nil, err //nolint:wrapcheck // explain words it
	}
	sh := &shape{}
	for i := range d.Fields {
		sh.header = append(sh.header, d.Fields[i].Name)
		sh.types = append(sh.types, d.Fields[i].DataTypeOID)
	}
	sh.orderBy = "answer::text COLLATE \"C\""
	if at := s.query.Column(sh.header); s.query.Watermark != "" && at >= 0 {
		sh.orderBy = pgx.Identifier{sh.header[at]}.Sanitize() + " NULLS FIRST, " + sh.orderBy
	}
	return sh, nil
}

// ordered is the whole query: all rows at and behind the mark, in an order that is always the same.
func (s *source) ordered(sh *shape, mark string) (sql string, args []any) {
	inner, since := s.plain()
	sql = "SELECT * FROM (\n" + inner + "\n) AS answer"
	switch at := s.query.Column(sh.header); {
	case since:
		if mark == "" {
			mark = "-infinity"
			if at >= 0 && !isTime(sh.types[at]) {
				mark = "0"
				if isText(sh.types[at]) {
					mark = ""
				}
			}
		}
		args = []any{mark}
	case mark != "" && at >= 0:
		sql += " WHERE " + pgx.Identifier{sh.header[at]}.Sanitize() + " >= $1"
		args = []any{mark}
	}
	return sql + " ORDER BY " + sh.orderBy, args
}

func isTime(oid uint32) bool {
	return oid == pgtype.TimestamptzOID || oid == pgtype.TimestampOID || oid == pgtype.DateOID
}

func isText(oid uint32) bool {
	return oid == pgtype.TextOID || oid == pgtype.VarcharOID || oid == pgtype.BPCharOID || oid == pgtype.NameOID || oid == pgtype.UUIDOID
}

// Read tells the answer's rows from where the last read stood.
func (s *source) Read(ctx context.Context, from connector.Cursor, out *connector.Sink) error {
	at, err := rowmap.ParsePlace(from)
	if err != nil {
		return err //nolint:wrapcheck // it says what is wrong
	}
	return s.within(ctx, func(ctx context.Context, tx pgx.Tx) error {
		sh, err := s.shape(ctx, tx)
		if err != nil {
			return err
		}
		tell, err := s.query.NewTeller("the query's answer", sh.header, at, 0, out)
		if err != nil {
			return err //nolint:wrapcheck // it says what is wrong
		}
		s.settle(ctx, tx, sh, tell)
		sql, args := s.ordered(sh, at.From())
		if _, err := tx.Exec(ctx, "DECLARE "+cursor+" NO SCROLL CURSOR FOR "+sql, args...); err != nil {
			return err //nolint:wrapcheck // explain words it
		}
		for {
			n, err := s.fetch(ctx, tx, sh, tell.Row)
			if err != nil {
				return err
			}
			if n < portion {
				return tell.End() //nolint:wrapcheck // the sink's own words
			}
		}
	})
}

// settle looks at some rows for how dates are written, where columns of text hold dates.
func (s *source) settle(ctx context.Context, tx pgx.Tx, sh *shape, tell *rowmap.Teller) {
	if !tell.Mapper.Unordered(func(column int) bool { return isTime(sh.types[column]) }) {
		return
	}
	sql, args := s.ordered(sh, "")
	rows, err := tx.Query(ctx, sql+" LIMIT 1000", append([]any{pgx.QueryResultFormats{pgx.TextFormatCode}}, args...)...)
	if err != nil {
		return
	}
	defer rows.Close()
	tell.Mapper.FindOrder(func(yield func([]string) bool) {
		for rows.Next() {
			if !yield(s.values(sh, rows, make([]string, len(sh.header)))) {
				return
			}
		}
	})
}

// fetch passes on the next portion of rows and returns how many there were.
func (s *source) fetch(ctx context.Context, tx pgx.Tx, sh *shape, row func([]string) error) (n int, err error) {
	s.env.Meter.Request(false)
	rows, err := tx.Query(ctx, fmt.Sprintf("FETCH %d FROM %s", portion, cursor), pgx.QueryResultFormats{pgx.TextFormatCode})
	if err != nil {
		return 0, err //nolint:wrapcheck // explain words it
	}
	defer rows.Close()
	values := make([]string, len(sh.header))
	for rows.Next() {
		n++
		if err := row(s.values(sh, rows, values)); err != nil {
			return n, err
		}
	}
	return n, rows.Err() //nolint:wrapcheck // explain words it
}

// values are a row's values as texts.
func (s *source) values(sh *shape, rows pgx.Rows, into []string) []string {
	for i, v := range rows.RawValues() {
		into[i] = ""
		if v != nil {
			into[i] = written(sh.types[i], string(v))
		}
	}
	return into
}

// written brings the database's way of writing a value to that of texts.
func written(oid uint32, s string) string {
	switch {
	case oid == pgtype.BoolOID:
		if s == "t" {
			return "true"
		}
		return "false"
	case isTime(oid):
		for _, layout := range []string{"2006-01-02 15:04:05.999999999Z07", "2006-01-02 15:04:05.999999999", time.DateOnly} {
			if t, err := time.Parse(layout, s); err == nil {
				return t.UTC().Format(time.RFC3339Nano)
			}
		}
	case strings.HasPrefix(s, "{") && strings.HasSuffix(s, "}") && oid != pgtype.JSONOID && oid != pgtype.JSONBOID && oid != pgtype.TextOID && oid != pgtype.VarcharOID:
		return array(s)
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

// array writes the entries of {a,"b c",NULL} with semicolons between.
func array(s string) string {
	var out []string
	var b strings.Builder
	quoted, wasQuoted := false, false
	end := func() {
		if v := b.String(); wasQuoted || v != "" && v != "NULL" {
			out = append(out, v)
		}
		b.Reset()
		wasQuoted = false
	}
	for i := 1; i < len(s)-1; i++ {
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s)-1:
			i++
			b.WriteByte(s[i])
		case c == '"':
			quoted, wasQuoted = !quoted, true
		case c == ',' && !quoted:
			end()
		case (c == '{' || c == '}') && !quoted:
		default:
			b.WriteByte(c)
		}
	}
	end()
	return strings.Join(out, "; ")
}

// Test connects, and says which column is taken for what.
func (s *source) Test(ctx context.Context) (connector.Check, error) {
	var check connector.Check
	err := s.within(ctx, func(ctx context.Context, tx pgx.Tx) error {
		var role, database, version string
		var super, standby bool
		if err := tx.QueryRow(ctx, `SELECT current_user, current_database(), current_setting('server_version'), pg_is_in_recovery(),
			COALESCE((SELECT rolsuper FROM pg_roles WHERE rolname = current_user), false)`).Scan(&role, &database, &version, &standby, &super); err != nil {
			return err //nolint:wrapcheck // explain words it
		}
		check.Account = role + " in " + database
		where := "the main server"
		if standby {
			where = "a replica"
		}
		check.Notes = append(check.Notes, fmt.Sprintf("PostgreSQL %s, %s.", version, where))
		if super {
			check.Notes = append(check.Notes, "This role may do anything. Make one that may only read the tables of the query.")
		}
		sh, err := s.shape(ctx, tx)
		if err != nil {
			return err
		}
		tell, err := s.query.NewTeller("", sh.header, rowmap.Place{}, 0, connector.NewSink(ctx, 0, nil))
		if err != nil {
			return err //nolint:wrapcheck // it says what is wrong
		}
		check.Notes = append(check.Notes, tell.Mapper.Describe())
		if s.query.Watermark == "" {
			check.Missing = append(check.Missing, connector.Missing{
				Name: "watermark", Then: "Every read asks for all rows.", Do: "Name the column that grows with every change, such as updated_at.",
			})
		}
		return nil
	})
	return check, err
}

// Survey counts the rows of the answer.
func (s *source) Survey(ctx context.Context) (connector.Survey, error) {
	var v connector.Survey
	err := s.within(ctx, func(ctx context.Context, tx pgx.Tx) error {
		sh, err := s.shape(ctx, tx)
		if err != nil {
			return err
		}
		tell, err := s.query.NewTeller("", sh.header, rowmap.Place{}, 0, connector.NewSink(ctx, 0, nil))
		if err != nil {
			return err //nolint:wrapcheck // it says what is wrong
		}
		sql, args := s.ordered(sh, "")
		if err := tx.QueryRow(ctx, "SELECT count(*) FROM ("+sql+") AS counted", args...).Scan(&v.Items); err != nil {
			return err //nolint:wrapcheck // explain words it
		}
		v.Requests = v.Items/portion + 1
		v.Counts = tell.Mapper.Counts(v.Items)
		return nil
	})
	return v, err
}

var _ interface {
	connector.Source
	connector.Tester
	connector.Surveyor
} = (*source)(nil)
