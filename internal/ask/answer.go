// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package ask

import (
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"
)

// Limits are what a question may take.
type Limits struct {
	Time time.Duration // how long it may run
	Rows int           // that are given
	Size int           // bytes of all values together
}

// Usual are the limits of a question that names none. What is more than they say is cut off, and said.
func Usual() Limits { return Limits{Time: 30 * time.Second, Rows: 1000, Size: 8 << 20} }

// Most are the limits that a question may name.
func Most() Limits { return Limits{Time: 2 * time.Minute, Rows: 50_000, Size: 64 << 20} }

// within makes limits whole and no wider than they may be.
func (l Limits) within() Limits {
	usual, most := Usual(), Most()
	if l.Time <= 0 {
		l.Time = usual.Time
	}
	if l.Rows <= 0 {
		l.Rows = usual.Rows
	}
	if l.Size <= 0 {
		l.Size = usual.Size
	}
	return Limits{min(l.Time, most.Time), min(l.Rows, most.Rows), min(l.Size, most.Size)}
}

// Answer is what a question found.
type Answer struct {
	Columns []Field `json:"columns" doc:"The columns, in order."`
	Rows    [][]any `json:"rows" doc:"The rows: texts, numbers and nulls, in the order of the columns."`
	Cut     string  `json:"cut,omitempty" doc:"Why there are not all rows; left out where there are."`
	Took    float64 `json:"took" doc:"How long it took, in seconds."`
}

// Field is a column of an answer.
type Field struct {
	Name string `json:"name" doc:"Its name."`
	Link string `json:"link,omitempty" doc:"The path in Greenroom that the number of a record is added to, such as /members/; left out where a column leads nowhere."`
}

// links are the paths of records by the name of the column that holds their number.
var links = map[string]string{
	"member_id": "/members/", "conversation_id": "/conversations/", "organization_id": "/organizations/", "segment_id": "/segments/",
	"program_id": "/programs/", "event_id": "/events/", "goal_id": "/goals/", "plan_id": "/plans/", "topic_id": "/topics/",
	"request_id": "/requests/", "workflow_id": "/workflows/", "activity_id": "/activities/", "study_id": "/finder/",
}

// LinkOf is the path that a number in a column of this name is added to; "" = it leads nowhere.
func LinkOf(column string) string { return links[strings.ToLower(column)] }

// TextOf is a value as people read it.
func TextOf(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1e15 {
			return strconv.FormatFloat(v, 'f', -1, 64)
		}
		return strconv.FormatFloat(v, 'g', 10, 64)
	default:
		return fmt.Sprint(v)
	}
}

// NumberOf is a value as a number.
func NumberOf(v any) (float64, bool) {
	switch v := v.(type) {
	case int64:
		return float64(v), true
	case float64:
		return v, true
	default:
		return 0, false
	}
}

// WriteCSV writes an answer as CSV with a line of names. What a spreadsheet would take for a formula is given as text.
func (a *Answer) WriteCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	line := make([]string, len(a.Columns))
	for i := range a.Columns {
		line[i] = a.Columns[i].Name
	}
	if err := out.Write(line); err != nil {
		return fmt.Errorf("writing CSV: %w", err)
	}
	for _, row := range a.Rows {
		for i, v := range row {
			line[i] = TextOf(v)
			if _, isText := v.(string); isText && line[i] != "" && strings.ContainsRune("=+-@\t\r", rune(line[i][0])) {
				line[i] = "'" + line[i]
			}
		}
		if err := out.Write(line); err != nil {
			return fmt.Errorf("writing CSV: %w", err)
		}
	}
	out.Flush()
	return out.Error()
}

// Shape is how an answer is drawn.
type Shape string

// The shapes.
const (
	Table  Shape = "table"
	Bar    Shape = "bar"
	Line   Shape = "line"
	Figure Shape = "number"
)

// Shapes lists them.
func Shapes() []Shape { return []Shape{Table, Bar, Line, Figure} }

// Drawing is an answer as a chart: the first column names the points, each column of numbers after it is a line or a set of bars.
type Drawing struct {
	Shape  Shape
	Labels []string
	Series []Series
}

// Series is one line, or the bars of one color.
type Series struct {
	Name   string
	Values []*float64 // nil = nothing there
}

// maxPoints is how many points a chart shows.
const maxPoints = 500

// Draw makes a chart of an answer; nil and the reason where it cannot be drawn like this.
func (a *Answer) Draw(as Shape) (*Drawing, string) {
	d := &Drawing{Shape: as}
	if len(a.Rows) == 0 {
		return nil, "There are no rows to draw."
	}
	if as == Figure {
		v, ok := NumberOf(a.Rows[0][0])
		if !ok {
			return nil, "The first value is no number."
		}
		d.Series = []Series{{Name: a.Columns[0].Name, Values: []*float64{&v}}}
		return d, ""
	}
	rows := a.Rows[:min(len(a.Rows), maxPoints)]
	for _, row := range rows {
		d.Labels = append(d.Labels, TextOf(row[0]))
	}
	for c := 1; c < len(a.Columns); c++ {
		s, numbers := Series{Name: a.Columns[c].Name}, false
		for _, row := range rows {
			v, ok := NumberOf(row[c])
			if !ok && row[c] != nil {
				numbers = false
				break
			}
			if ok {
				numbers = true
				s.Values = append(s.Values, &v)
			} else {
				s.Values = append(s.Values, nil)
			}
		}
		if numbers && len(s.Values) == len(rows) {
			d.Series = append(d.Series, s)
		}
	}
	if len(d.Series) == 0 {
		return nil, "A chart needs a first column with names or dates, and a column of numbers after it."
	}
	return d, ""
}
