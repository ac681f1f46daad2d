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
	a := exampleAnswer()
	return &a, nil
}

func (sqlFake) Asked(context.Context, string, int) ([]ask.Asked, error) { return []ask.Asked{}, nil }

func (sqlFake) Running(string) []ask.Running { return []ask.Running{} }

func (sqlFake) Stop(id int64, _ string) error { return sqlFound(id) }

func (sqlFake) Saved(context.Context) ([]ask.Saved, error) { return []ask.Saved{exampleSQL()}, nil }

func (sqlFake) Get(_ context.Context, id int64) (ask.Saved, error) { return exampleSQL(), sqlFound(id) }

func (sqlFake) Keep(_ context.Context, d ask.Draft, _ string) (ask.Saved, error) {
	return exampleSQL(), d.Validate()
}

func (sqlFake) Edit(_ context.Context, id, _ int64, d ask.Draft, _ string) (ask.Saved, error) {
	if err := d.Validate(); err != nil {
		return ask.Saved{}, err
	}
	return exampleSQL(), sqlFound(id)
}

func (sqlFake) Remove(_ context.Context, id int64, _ string) error { return sqlFound(id) }

func (f sqlFake) Answer(ctx context.Context, id int64, _ map[string]string, _ ask.Limits, _ string) (*ask.Answer, error) {
	if err := sqlFound(id); err != nil {
		return nil, err
	}
	return f.Ask(ctx, ask.Query{SQL: exampleSQL().SQL})
}

// sqlFound finds number 1 only.
func sqlFound(id int64) error {
	if id != exampleSQL().ID {
		return greenroom.Errorf(greenroom.CodeNotFound, "there is no question %d", id)
	}
	return nil
}
