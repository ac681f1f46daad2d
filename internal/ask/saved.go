// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package ask

import (
	"strings"
	"time"
	"unicode/utf8"
)

// Draft is all that people say of a question that is kept.
type Draft struct {
	Title  string            `json:"title" doc:"One line."`
	Text   string            `json:"text,omitempty" doc:"What it is for."`
	SQL    string            `json:"sql" doc:"The statement, with parameters such as :country."`
	Values map[string]string `json:"values,omitempty" doc:"What parameters are where nothing else is said."`
	Shape  Shape             `json:"shape,omitempty" doc:"How it is drawn: table, bar, line or number."`
}

// Saved is a question that is kept.
type Saved struct {
	ID      int64 `json:"id" doc:"The question's number."`
	Version int64 `json:"version" doc:"Grows with every change; a change names the one that it was made from."`
	Draft

	Params    []string  `json:"params,omitempty" doc:"The parameters that it has."`
	CreatedBy string    `json:"created_by" doc:"Who made it."`
	CreatedAt time.Time `json:"created_at" doc:"When."`
	ChangedBy string    `json:"changed_by,omitempty" doc:"Who changed it last."`
	ChangedAt time.Time `json:"changed_at,omitzero" doc:"When."`
}

// Asked is a question that somebody asked.
type Asked struct {
	ID      int64     `json:"id" doc:"Its number."`
	By      string    `json:"by" doc:"Who asked."`
	At      time.Time `json:"at" doc:"When."`
	SQL     string    `json:"sql" doc:"What."`
	Rows    int       `json:"rows" doc:"How many rows there were."`
	Took    float64   `json:"took" doc:"How long it took, in seconds."`
	Problem string    `json:"problem,omitempty" doc:"Why there was no answer."`
}

const (
	maxTitle = 200
	maxText  = 5000
	maxValue = 1000
)

// Validate says what is wrong with a draft, as an error of CodeInvalid.
func (d *Draft) Validate() error {
	d.Title, d.Text = strings.TrimSpace(d.Title), strings.TrimSpace(d.Text)
	if d.Title == "" || utf8.RuneCountInString(d.Title) > maxTitle {
		return bad("a question that is kept needs a title of at most %d characters", maxTitle)
	}
	if utf8.RuneCountInString(d.Text) > maxText {
		return bad("what a question is for has at most %d characters", maxText)
	}
	switch d.Shape {
	case "":
		d.Shape = Table
	case Table, Bar, Line, Figure:
	default:
		return bad("an answer is drawn as table, bar, line or number, not as %q", d.Shape)
	}
	st, err := Parse(d.SQL)
	if err != nil {
		return err
	}
	d.SQL = st.SQL
	return st.check(d.Values)
}

// check makes sure that values are for parameters that there are.
func (st *Statement) check(values map[string]string) error {
	for name, v := range values {
		known := false
		for _, p := range st.Params {
			known = known || p == name
		}
		if !known {
			return bad("the question has no parameter :%s", name)
		}
		if len(v) > maxValue {
			return bad("the value of :%s has at most %d bytes", name, maxValue)
		}
	}
	return nil
}
