// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package rowmap

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"greenroom"
	"greenroom/connector"
)

// The names of the options that connectors of databases have beside the shared ones.
const (
	OptQuery     = "query"
	OptWatermark = "watermark"
)

// Since is what a query may hold where the time or number from which rows are wanted belongs.
const Since = "$since"

// QueryOptions are the options that say what a database is asked.
func QueryOptions() []connector.Option {
	own := []connector.Option{
		{
			Name: OptQuery, Label: "Query", Type: connector.Long, Required: true, Example: "SELECT id, email, full_name AS name, company AS organization, updated_at FROM users",
			Help: "A SELECT whose columns have the names of the fields, or are mapped to them below. It may hold " + Since + " where the database should begin; without it Greenroom filters by the watermark itself.",
		},
		{
			Name: OptWatermark, Label: "Watermark column", Type: connector.Text, Example: "updated_at",
			Help: "The column of the answer that grows when a row is new or changed: a time of the last change, or an ascending number. With it a read asks only for what is new; without it everything is read each time.",
		},
	}
	for _, o := range Options() {
		if o.Name != OptBusiness {
			own = append(own, o)
		}
	}
	return own
}

// Query is what a database is asked, and how its answer is taken.
type Query struct {
	*Settings

	Text      string // without a semicolon at its end
	Watermark string // as it was entered; "" = none
}

// ReadQuery checks the options of a query.
func ReadQuery(set connector.Settings, v connector.Values) (*Query, error) {
	s, err := ReadSettings(v)
	if err != nil {
		return nil, err
	}
	q := &Query{Settings: s, Text: strings.TrimRight(set.Text(OptQuery), "; \t\r\n"), Watermark: strings.Trim(set.Text(OptWatermark), `"`)}
	if first := strings.ToLower(firstWord(q.Text)); first != "select" && first != "with" && first != "values" && first != "table" {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "the query begins with %q; expected a SELECT, which changes nothing", firstWord(q.Text))
	}
	if q.Watermark == "" && strings.Contains(q.Text, Since) {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "the query holds %s, but no watermark column is named: say which column of the answer it is compared with", Since)
	}
	return q, nil
}

var comments = regexp.MustCompile(`(?s)\A(\s|\(|--[^\n]*\n|/\*.*?\*/)*`)

// firstWord is the query's first word, behind comments and parentheses.
func firstWord(s string) string {
	s = s[len(comments.FindString(s)):]
	if i := strings.IndexFunc(s, func(r rune) bool { return r != '_' && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') }); i >= 0 {
		s = s[:i]
	}
	return s
}

// Place is where the reading of a query's answer stands. Rows come in the order of the watermark, and rows of one mark
// always in the same order.
type Place struct {
	Mark  string `json:"mark,omitzero"` // the watermark of the last row told; "" = none yet, or a row without one
	Rows  int64  `json:"rows,omitzero"` // how many rows of this mark were told
	Ended bool   `json:"ended,omitzero"`
}

// ParsePlace reads a cursor.
func ParsePlace(from connector.Cursor) (p Place, err error) {
	if from == "" {
		return p, nil
	}
	if err := json.Unmarshal([]byte(from), &p); err != nil {
		return p, &greenroom.Error{Code: greenroom.CodeInvalid, Err: err, Message: "the place to go on from is not one of a query's answer; read it from the start"}
	}
	return p, nil
}

// Cursor writes the place down.
func (p Place) Cursor() connector.Cursor {
	c := append(make([]byte, 0, 80), `{"mark":`...)
	if quoted, err := jsontext.AppendQuote(c, p.Mark); err == nil {
		c = quoted
	} else {
		c = append(c, `""`...)
	}
	c = strconv.AppendInt(append(c, `,"rows":`...), p.Rows, 10)
	c = strconv.AppendBool(append(c, `,"ended":`...), p.Ended)
	return connector.Cursor(append(c, '}'))
}

// overlap is how far a new read reaches back behind the last mark, where that is a time: a transaction that was open
// then can have written an earlier one since.
const overlap = 10 * time.Minute

// From is the mark at and behind which rows are wanted; "" = all.
func (p Place) From() string {
	if !p.Ended {
		return p.Mark
	}
	if t, err := time.Parse(time.RFC3339Nano, p.Mark); err == nil {
		return t.Add(-overlap).Format(time.RFC3339Nano)
	}
	return p.Mark
}

// Teller turns the rows of a query's answer into facts, one after the other.
type Teller struct {
	Mapper *Mapper

	out   *connector.Sink
	name  string // of the source, for rejects
	mark  int    // column of the watermark, -1 = none
	begun Place
	place Place
	skip  int64 // rows of place.Mark that were told before
	rows  int64 // read now
	total int64
	raw   []byte
}

// NewTeller begins to tell an answer with these columns from a place. total is how many rows there are, 0 = not known.
func (q *Query) NewTeller(name string, header []string, at Place, total int64, out *connector.Sink) (*Teller, error) {
	t := &Teller{out: out, name: name, mark: -1, begun: at, place: at, total: total}
	var err error
	if t.Mapper, err = q.NewMapper(header, false); err != nil {
		return nil, err
	}
	if q.Watermark != "" {
		if t.mark = q.Column(header); t.mark < 0 {
			return nil, greenroom.Errorf(greenroom.CodeInvalid, "the answer has no column %q for the watermark; it has %s", q.Watermark, strings.Join(quoteSome(header), ", "))
		}
	}
	if t.skip = at.Rows; at.Ended {
		t.place, t.skip = Place{}, 0
	}
	return t, nil
}

// Column finds the watermark among the columns of an answer, -1 where it is not there.
func (q *Query) Column(header []string) int {
	if i := slices.Index(header, q.Watermark); i >= 0 {
		return i
	}
	return slices.IndexFunc(header, func(h string) bool { return strings.EqualFold(h, q.Watermark) })
}

// Row tells one row. Values are texts, "" for NULL; times are in RFC 3339 where they are a watermark.
func (t *Teller) Row(values []string) error {
	t.rows++
	mark := ""
	if t.mark >= 0 {
		mark = values[t.mark]
	}
	if t.skip > 0 && mark == t.place.Mark {
		t.skip--
		return nil
	}
	t.skip = 0
	if mark != t.place.Mark {
		t.place = Place{Mark: mark}
	}
	t.place.Rows++
	t.out.Read(1)
	f, p := t.Mapper.Row(values)
	if p != nil {
		t.out.Reject(greenroom.Reject{File: t.name, Line: t.rows, Reason: p.Reason, Expected: p.Expected, Excerpt: string(t.payload(values))})
	} else {
		t.push(&f, values, mark)
	}
	return t.checkpoint()
}

// push passes on the facts of a row. The watermark says which telling of an activity or record is the newer one.
func (t *Teller) push(f *Facts, values []string, mark string) {
	if at, err := time.Parse(time.RFC3339Nano, mark); err == nil {
		at = at.UTC().Truncate(time.Microsecond)
		if f.Activity != nil {
			f.Activity.EditedAt = at
		}
		if f.Record != nil {
			f.Record.UpdatedAt = at
		}
	}
	f.Push(t.out, t.out.Raw(t.payload(values)))
}

// End says that the answer has come to its end: the next read begins at the last mark, and from the start where there is
// none.
func (t *Teller) End() error {
	if t.rows == 0 {
		t.place = t.begun // nothing is new
	}
	t.place.Rows, t.place.Ended = 0, true
	return t.checkpoint()
}

func (t *Teller) checkpoint() error {
	return t.out.Checkpoint(t.place.Cursor(), connector.Progress{Done: t.rows, Total: t.total, Unit: "rows"}) //nolint:wrapcheck // the sink's own words
}

// payload is a row as it is kept: a JSON object.
func (t *Teller) payload(values []string) []byte {
	t.raw = AppendObject(t.raw[:0], t.Mapper.Header, values)
	return t.raw
}
