// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"net/http"
	"reflect"
	"time"

	"greenroom"
	"greenroom/internal/ask"
	"greenroom/internal/auth"
)

// SQL answers questions in SQL; ask.Service does.
type SQL interface {
	Views() []ask.View
	Ask(ctx context.Context, q ask.Query) (*ask.Answer, error)
	Asked(ctx context.Context, by string, limit int) ([]ask.Asked, error)
	Running(by string) []ask.Running
	Stop(id int64, by string) error
	SQLQuestions
}

// SQLQuestions are those that are kept.
type SQLQuestions interface {
	Saved(ctx context.Context) ([]ask.Saved, error)
	Get(ctx context.Context, id int64) (ask.Saved, error)
	Keep(ctx context.Context, d ask.Draft, by string) (ask.Saved, error)
	Edit(ctx context.Context, id, version int64, d ask.Draft, by string) (ask.Saved, error)
	Remove(ctx context.Context, id int64, by string) error
	Answer(ctx context.Context, id int64, values map[string]string, l ask.Limits, by string) (*ask.Answer, error)
}

// SQLQuestion is a question to be answered.
type SQLQuestion struct {
	SQL string `json:"sql" doc:"One statement that begins with SELECT or WITH, over the views."`
	SQLValues
}

// SQLValues go with a question.
type SQLValues struct {
	Values  map[string]string `json:"values,omitempty" doc:"What its parameters are, such as country for :country."`
	Rows    int               `json:"rows,omitempty" doc:"How many rows are given at most: 1,000 unless it is said, 50,000 at most."`
	Seconds int               `json:"seconds,omitempty" doc:"How long it may take: 30 unless it is said, 120 at most."`
}

func (v *SQLValues) limits() ask.Limits {
	return ask.Limits{Rows: v.Rows, Time: time.Duration(v.Seconds) * time.Second, Size: ask.Most().Size}
}

// SQLChange is a question that is kept, with the version that it was made from.
type SQLChange struct {
	ask.Draft
	Version int64 `json:"version" doc:"The version that was looked at. With another one nothing is changed."`
}

// sqlTimeout is a little more than the longest question.
const sqlTimeout = 3 * time.Minute

func exampleSQL() ask.Saved {
	return ask.Saved{ID: 1, Version: 1, Draft: ask.Draft{Title: "Members of a country", SQL: "SELECT id AS member_id, name FROM members WHERE country = :country", Values: map[string]string{"country": "DE"}, Shape: ask.Table}, Params: []string{"country"}, CreatedBy: "ana@acme.example", CreatedAt: exampleTime(2)}
}

func exampleAnswer() ask.Answer {
	return ask.Answer{Columns: []ask.Field{{Name: "member_id", Link: "/members/"}, {Name: "name"}}, Rows: [][]any{{42, "Ana Torres"}}, Took: .01}
}

func (a *api) sqlOps() []op {
	if a.SQL == nil {
		return nil
	}
	reply := content{of: ask.Answer{}, example: exampleAnswer()}
	return append([]op{
		{
			method: http.MethodGet, path: "/sql/views", id: "listSQLViews", tag: "SQL", need: auth.Read,
			summary: "What can be asked about in SQL", text: "The views with their columns and what they mean.",
			reply: content{of: Items[ask.View]{}, example: Items[ask.View]{Items: ask.Views()[2:3]}},
			do:    func(*call) (answer, error) { return itemsOf(a.SQL.Views()) },
		},
		{
			method: http.MethodPost, path: "/sql", id: "askSQL", tag: "SQL", need: auth.Read, timeout: sqlTimeout, reply: reply, codes: []greenroom.Code{greenroom.CodeConflict, greenroom.CodeUnavailable},
			summary: "Answer a question in SQL", text: "Runs one statement that can see the views and nothing else. It ends when the request is given up.",
			body: &content{of: SQLQuestion{}, text: "The question.", example: SQLQuestion{SQL: exampleSQL().SQL, SQLValues: SQLValues{Values: exampleSQL().Values}}},
			do: func(c *call) (answer, error) {
				q, err := decode[SQLQuestion](c)
				if err != nil {
					return answer{}, err
				}
				found, err := a.SQL.Ask(c.ctx(), ask.Query{SQL: q.SQL, Values: q.Values, Limits: q.limits(), By: c.by()})
				if err != nil {
					return answer{}, err
				}
				return ok(found)
			},
		},
		{
			method: http.MethodGet, path: "/sql/asked", id: "listAskedSQL", tag: "SQL", need: auth.Read,
			summary: "What you asked in SQL", text: "The newest first.", reply: content{of: Items[ask.Asked]{}, example: Items[ask.Asked]{Items: []ask.Asked{{ID: 7, By: "ana@acme.example", At: exampleTime(3), SQL: "SELECT count(*) FROM members", Rows: 1, Took: .01}}}},
			params: []param{{name: "limit", form: formInteger, min: 1, max: 100, initial: "20", text: "How many."}},
			do: func(c *call) (answer, error) {
				all, err := a.SQL.Asked(c.ctx(), c.by(), int(c.integer("limit")))
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
		{
			method: http.MethodGet, path: "/sql/running", id: "listRunningSQL", tag: "SQL", need: auth.Read,
			summary: "Questions that are being answered", text: "Yours; an owner's list has everybody's.", reply: content{of: Items[ask.Running]{}, example: Items[ask.Running]{Items: []ask.Running{{ID: 3, By: "ana@acme.example", SQL: "SELECT count(*) FROM activities", Since: exampleTime(3)}}}},
			do: func(c *call) (answer, error) { return itemsOf(a.SQL.Running(sqlWhose(c))) },
		},
		{
			method: http.MethodDelete, path: "/sql/running/{id}", id: "stopSQL", tag: "SQL", need: auth.Read, params: []param{idParam("The question's number among those that are being answered.")}, status: http.StatusNoContent,
			summary: "Stop a question", text: "Whoever asked it is told that it was stopped.",
			do: func(c *call) (answer, error) { return answer{}, a.SQL.Stop(c.id(), sqlWhose(c)) },
		},
	}, a.sqlKept(reply)...)
}

// sqlWhose is whose questions a caller may see and stop: their own, and an owner everybody's ("").
func sqlWhose(c *call) string {
	if c.caller.Can(auth.Administer) {
		return ""
	}
	return c.by()
}

func (a *api) sqlKept(reply content) []op {
	id := idParam("The question's number.")
	one := content{of: ask.Saved{}, example: exampleSQL()}
	give := func(q ask.Saved, err error) (answer, error) {
		if err != nil {
			return answer{}, err
		}
		return ok(q)
	}
	return []op{
		{
			method: http.MethodGet, path: "/sql/questions", id: "listQuestions", tag: "SQL", need: auth.Read, reply: content{of: Items[ask.Saved]{}, example: Items[ask.Saved]{Items: []ask.Saved{exampleSQL()}}},
			summary: "Questions that are kept", text: "The oldest first.",
			do: func(c *call) (answer, error) {
				all, err := a.SQL.Saved(c.ctx())
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
		{
			method: http.MethodPost, path: "/sql/questions", id: "keepQuestion", tag: "SQL", need: auth.Write, status: http.StatusCreated, repeatable: true, reply: one,
			summary: "Keep a question", text: "For everybody of the team.", body: &content{of: ask.Draft{}, text: "The question.", example: exampleSQL().Draft},
			do: func(c *call) (answer, error) {
				d, err := decode[ask.Draft](c)
				if err != nil {
					return answer{}, err
				}
				return give(a.SQL.Keep(c.ctx(), d, c.by()))
			},
		},
		{
			method: http.MethodGet, path: "/sql/questions/{id}", id: "getQuestion", tag: "SQL", need: auth.Read, params: []param{id}, reply: one,
			summary: "A question that is kept", text: "With its parameters.",
			do: func(c *call) (answer, error) { return give(a.SQL.Get(c.ctx(), c.id())) },
		},
		{
			method: http.MethodPut, path: "/sql/questions/{id}", id: "changeQuestion", tag: "SQL", need: auth.Write, params: []param{id}, reply: one, codes: []greenroom.Code{greenroom.CodeConflict},
			summary: "Change a question that is kept", text: "Everything is set as it is sent. With another version than the question has, nothing is changed and the answer is a conflict.",
			body: &content{of: SQLChange{}, text: "The question, and its version.", example: SQLChange{Draft: exampleSQL().Draft, Version: 1}},
			do: func(c *call) (answer, error) {
				d, err := decode[SQLChange](c)
				if err != nil {
					return answer{}, err
				}
				return give(a.SQL.Edit(c.ctx(), c.id(), d.Version, d.Draft, c.by()))
			},
		},
		{
			method: http.MethodDelete, path: "/sql/questions/{id}", id: "removeQuestion", tag: "SQL", need: auth.Write, params: []param{id}, status: http.StatusNoContent,
			summary: "Remove a question", text: "It cannot be brought back.",
			do: func(c *call) (answer, error) { return answer{}, a.SQL.Remove(c.ctx(), c.id(), c.by()) },
		},
		{
			method: http.MethodPost, path: "/sql/questions/{id}/answer", id: "answerQuestion", tag: "SQL", need: auth.Read, params: []param{id}, timeout: sqlTimeout, reply: reply, codes: []greenroom.Code{greenroom.CodeConflict, greenroom.CodeUnavailable},
			summary: "Answer a question that is kept", text: "Parameters that are left out are as they were kept.", body: &content{of: SQLValues{}, text: "What its parameters are.", example: SQLValues{Values: map[string]string{"country": "FR"}}},
			do: func(c *call) (answer, error) {
				v, err := decode[SQLValues](c)
				if err != nil {
					return answer{}, err
				}
				found, err := a.SQL.Answer(c.ctx(), c.id(), v.Values, v.limits(), c.by())
				if err != nil {
					return answer{}, err
				}
				return ok(found)
			},
		},
	}
}

// sqlEnums lists the values of the types of questions.
func sqlEnums(all map[reflect.Type][]string) {
	enum(all, ask.Shapes()...)
	enum(all, ask.Integer, ask.Number, ask.Text, ask.Time, ask.Flag)
}
