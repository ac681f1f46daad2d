// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package snowflake

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/rest"
	"greenroom/connector/internal/rowmap"
)

// statement is what is submitted.
type statement struct {
	Statement  string             `json:"statement"`
	Timeout    int64              `json:"timeout"`
	Database   string             `json:"database,omitempty"`
	Schema     string             `json:"schema,omitempty"`
	Warehouse  string             `json:"warehouse,omitempty"`
	Role       string             `json:"role,omitempty"`
	Bindings   map[string]binding `json:"bindings,omitempty"`
	Parameters map[string]string  `json:"parameters"`
}

type binding struct {
	Type  string `json:"type"`
	Value string `json:"value"`
}

// answer is a partition of an answer; the first one has the description of all.
type answer struct {
	Handle  string      `json:"statementHandle"`
	Message string      `json:"message"`
	Meta    meta        `json:"resultSetMetaData"`
	Data    [][]*string `json:"data"`
}

type meta struct {
	NumRows    int64    `json:"numRows"`
	RowType    []column `json:"rowType"`
	Partitions []struct {
		RowCount int64 `json:"rowCount"`
	} `json:"partitionInfo"`
}

type column struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// header lists the names of the columns.
func (a *answer) header() []string {
	names := make([]string, len(a.Meta.RowType))
	for i := range a.Meta.RowType {
		names[i] = a.Meta.RowType[i].Name
	}
	return names
}

// refuse reads Snowflake's ways of refusing: 422 for a statement that does not work, 408 for one that took too long.
func refuse(ans *rest.Answer) error {
	var status struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	}
	switch ans.Status {
	case http.StatusUnprocessableEntity:
		_ = rest.Unmarshal(ans.Body, &status)
		return greenroom.Errorf(greenroom.CodeInvalid, "Snowflake refuses the query: %s", oneLine(status.Message))
	case http.StatusRequestTimeout:
		return greenroom.Errorf(greenroom.CodeUnavailable, "Snowflake stopped the query because it took too long; give it a greater time limit or a larger warehouse")
	}
	return nil
}

func oneLine(s string) string {
	if s = strings.Join(strings.Fields(s), " "); len(s) > 300 {
		s = strings.ToValidUTF8(s[:300], "") + "…"
	}
	return s
}

// run runs a statement and passes on its rows, one after the other. The row's slice is used again.
func (s *source) run(ctx context.Context, sql string, args []string, row func(*answer, []string) error) error {
	first, err := s.submit(ctx, sql, args)
	if err != nil {
		return err
	}
	values := make([]string, len(first.Meta.RowType))
	part := first
	for i := 0; ; {
		for _, cells := range part.Data {
			if len(cells) != len(values) {
				return greenroom.Errorf(greenroom.CodeInvalid, "Snowflake's answer has rows of %d columns where it names %d", len(cells), len(values))
			}
			for c, v := range cells {
				values[c] = ""
				if v != nil {
					values[c] = written(first.Meta.RowType[c].Type, *v)
				}
			}
			if err := row(first, values); err != nil {
				return err
			}
		}
		if i++; i >= len(first.Meta.Partitions) {
			return nil
		}
		part = &answer{}
		if _, err := s.client.Into(ctx, "/api/v2/statements/"+first.Handle, url.Values{"partition": {strconv.Itoa(i)}}, part); err != nil {
			return err //nolint:wrapcheck // it says what is wrong
		}
	}
}

// submit sends a statement and waits for the first partition of its answer. The request has an id, so that one which is
// sent again because its answer broke off runs once.
func (s *source) submit(ctx context.Context, sql string, args []string) (*answer, error) {
	st := statement{
		Statement: sql, Timeout: s.timeout, Database: s.set.Text(optDatabase), Schema: s.set.Text(optSchema), Warehouse: s.set.Text(optWarehouse), Role: s.set.Text(optRole),
		Parameters: map[string]string{"timezone": "UTC", "query_tag": "greenroom", "binary_output_format": "HEX"},
	}
	for i, v := range args {
		if st.Bindings == nil {
			st.Bindings = make(map[string]binding)
		}
		st.Bindings[strconv.Itoa(i+1)] = binding{Type: "TEXT", Value: v}
	}
	body, err := json.Marshal(st, json.Deterministic(true))
	if err != nil {
		return nil, fmt.Errorf("encoding a statement: %w", err)
	}
	ans, err := s.client.Do(ctx, rest.Request{
		Method: http.MethodPost, Path: "/api/v2/statements", Body: body, Query: url.Values{"requestId": {uuid()}, "nullable": {"true"}},
	})
	for wait := time.Second; ; wait = min(wait*2, 15*time.Second) {
		if err != nil {
			return nil, err //nolint:wrapcheck // it says what is wrong
		}
		a := &answer{}
		if err := s.client.Decode(ans, a); err != nil {
			return nil, err //nolint:wrapcheck // it says what is wrong
		}
		if ans.Status != http.StatusAccepted {
			return a, nil
		}
		if a.Handle == "" || strings.ContainsAny(a.Handle, "/?#") {
			return nil, greenroom.Errorf(greenroom.CodeInvalid, "the answer is not one of Snowflake's: it names no statement; check the address")
		}
		if err := s.client.Env.Sleep(ctx, wait); err != nil {
			s.cancel(ctx, a.Handle)
			return nil, err //nolint:wrapcheck // ctx's own
		}
		if ans, err = s.client.Get(ctx, "/api/v2/statements/"+a.Handle, nil); err != nil && ctx.Err() != nil {
			s.cancel(ctx, a.Handle)
		}
	}
}

// cancel stops a statement that nobody waits for any longer, so that the warehouse can rest.
func (s *source) cancel(ctx context.Context, handle string) {
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer stop()
	_, _ = s.client.Do(ctx, rest.Request{Method: http.MethodPost, Path: "/api/v2/statements/" + handle + "/cancel"})
}

// uuid is a random one.
func uuid() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // it never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// order is a column of Greenroom's that puts rows of one watermark into an order which is always the same.
const order = "GREENROOM_ORDER"

// ordered is the whole query: all rows at and behind the mark.
func (s *source) ordered(mark string) (sql string, args []string) {
	inner := s.query.Text
	where := ""
	if n := strings.Count(inner, rowmap.Since); n > 0 {
		inner = strings.ReplaceAll(inner, rowmap.Since, "?")
		for range n {
			args = append(args, mark)
		}
	} else if mark != "" && s.watermark != "" {
		where, args = " WHERE "+s.watermark+" >= ?", []string{mark}
	}
	by := order
	if s.watermark != "" {
		by = s.watermark + " NULLS FIRST, " + order
	}
	return "SELECT *, HASH(*) AS " + order + " FROM (\n" + inner + "\n)" + where + " ORDER BY " + by, args
}

// columns asks which columns the answer has, without any row.
func (s *source) columns(ctx context.Context) (*answer, error) {
	return s.submit(ctx, "SELECT * FROM (\n"+strings.ReplaceAll(s.query.Text, rowmap.Since, "NULL")+"\n) LIMIT 0", nil)
}

func (s *source) shape(ctx context.Context) (*rowmap.Teller, error) {
	a, err := s.columns(ctx)
	if err != nil {
		return nil, err
	}
	return s.query.NewTeller("", a.header(), rowmap.Place{}, 0, connector.NewSink(ctx, 0, nil)) //nolint:wrapcheck // it says what is wrong
}

// start is the mark from which a first read begins, where the query itself compares with it.
func (s *source) start(ctx context.Context) (string, error) {
	a, err := s.columns(ctx)
	if err != nil {
		return "", err
	}
	switch at := s.query.Column(a.header()); {
	case at < 0:
		return "", greenroom.Errorf(greenroom.CodeInvalid, "the answer has no column %q for the watermark", s.query.Watermark)
	case isTime(a.Meta.RowType[at].Type):
		return "1970-01-01T00:00:00Z", nil
	case isNumber(a.Meta.RowType[at].Type):
		return "0", nil
	}
	return "", nil
}

// Read tells the answer's rows from where the last read stood.
func (s *source) Read(ctx context.Context, from connector.Cursor, out *connector.Sink) error {
	at, err := rowmap.ParsePlace(from)
	if err != nil {
		return err //nolint:wrapcheck // it says what is wrong
	}
	mark := at.From()
	if mark == "" && strings.Contains(s.query.Text, rowmap.Since) {
		if mark, err = s.start(ctx); err != nil {
			return err
		}
	}
	var tell *rowmap.Teller
	sql, args := s.ordered(mark)
	err = s.run(ctx, sql, args, func(a *answer, row []string) (err error) {
		n := len(row) - 1
		if tell == nil {
			if n < 1 || a.Meta.RowType[n].Name != order {
				return greenroom.Errorf(greenroom.CodeInvalid, "the answer is not one of this query's")
			}
			if tell, err = s.query.NewTeller("the query's answer", a.header()[:n], at, a.Meta.NumRows, out); err != nil {
				return err //nolint:wrapcheck // it says what is wrong
			}
		}
		return tell.Row(row[:n]) //nolint:wrapcheck // the sink's own words
	})
	switch {
	case err != nil:
		return err
	case tell != nil:
		return tell.End() //nolint:wrapcheck // the sink's own words
	}
	at.Rows, at.Ended = 0, true                                          // nothing is new
	return out.Checkpoint(at.Cursor(), connector.Progress{Unit: "rows"}) //nolint:wrapcheck // the sink's own words
}
