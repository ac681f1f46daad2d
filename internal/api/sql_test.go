// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"context"

	"greenroom"
	"greenroom/internal/ask"
)

// sqlFake answers every question with the example.
type sqlFake struct{}

func (sqlFake) Views() []ask.View { return ask.Views() }

func (sqlFake) Ask(_ context.Context, q ask.Query) (*ask.Answer, error) {
	if _, err := ask.Parse(q.SQL); err != nil {
		return nil, err
	}
	a := ask.Answer{Columns: []ask.Field{{Name: "member_id", Link: "/members/"}, {Name: "name"}}, Rows: [][]any{{42, "Ana Torres"}}}
	return &a, nil
}

func (sqlFake) Asked(context.Context, string, int) ([]ask.Asked, error) { return []ask.Asked{}, nil }

func (sqlFake) Running(string) []ask.Running { return []ask.Running{} }

func (sqlFake) Stop(id int64, _ string) error { return sqlFound(id) }

func (sqlFake) Saved(context.Context) ([]ask.Saved, error) { return []ask.Saved{keptSQL()}, nil }

func (sqlFake) Get(_ context.Context, id int64) (ask.Saved, error) { return keptSQL(), sqlFound(id) }

func (sqlFake) Keep(_ context.Context, d ask.Draft, _ string) (ask.Saved, error) {
	return keptSQL(), d.Validate()
}

func (sqlFake) Edit(_ context.Context, id, _ int64, d ask.Draft, _ string) (ask.Saved, error) {
	if err := d.Validate(); err != nil {
		return ask.Saved{}, err
	}
	return keptSQL(), sqlFound(id)
}

func (sqlFake) Remove(_ context.Context, id int64, _ string) error { return sqlFound(id) }

func (f sqlFake) Answer(ctx context.Context, id int64, _ map[string]string, _ ask.Limits, _ string) (*ask.Answer, error) {
	if err := sqlFound(id); err != nil {
		return nil, err
	}
	return f.Ask(ctx, ask.Query{SQL: keptSQL().SQL})
}

func keptSQL() ask.Saved {
	return ask.Saved{ID: 1, Version: 1, Draft: ask.Draft{Title: "Members", SQL: "SELECT 1", Shape: ask.Table}, CreatedBy: "ana@acme.example"}
}

// sqlFound finds number 1 only.
func sqlFound(id int64) error {
	if id != keptSQL().ID {
		return greenroom.Errorf(greenroom.CodeNotFound, "there is no question %d", id)
	}
	return nil
}

// sqlRequests are one request to each operation.
func sqlRequests() []string {
	return []string{
		"GET /sql/views", `POST /sql {"sql":"SELECT 1","values":{},"rows":5,"seconds":1}`, "GET /sql/asked?limit=5", "GET /sql/running", "DELETE /sql/running/1", "GET /sql/questions", `POST /sql/questions {"title":"x","sql":"SELECT 1"}`,
		"GET /sql/questions/1", `PUT /sql/questions/1 {"title":"x","sql":"SELECT 1","version":1}`, "DELETE /sql/questions/1", `POST /sql/questions/1/answer {"values":{}}`,
	}
}
