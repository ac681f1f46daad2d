// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"context"

	"greenroom/internal/assistant"
	"greenroom/internal/query"
)

// assistantFake answers the same to everything.
type assistantFake struct{ f *fake }

func (a assistantFake) Settings(context.Context) (assistant.Settings, bool, error) {
	return assistant.Settings{On: true, Model: "m", Allowed: assistant.Purposes(), MonthTokens: 1}, true, a.f.err
}

func (a assistantFake) Save(context.Context, assistant.Settings, *string) error { return a.f.err }

func (a assistantFake) Budget(context.Context) (assistant.Budget, error) {
	return assistant.Budget{Since: now}, a.f.err
}

func (a assistantFake) Uses(context.Context, int) ([]assistant.Use, error) {
	return []assistant.Use{{ID: 1, At: now, Purpose: assistant.Draft, Outcome: assistant.Kept}}, a.f.err
}

func (a assistantFake) Summarize(_ context.Context, id int64, _ string, _ bool) (*assistant.Digest, error) {
	return &assistant.Digest{Conversation: id, Lines: []assistant.Line{{Text: "x", Messages: []int64{1}, Numbers: []int{1}}}}, a.f.err
}

func (a assistantFake) DraftReply(_ context.Context, id int64, _ string, _ bool) (*assistant.Digest, error) {
	return &assistant.Digest{Conversation: id, Draft: "x"}, a.f.err
}

func (a assistantFake) Ask(_ context.Context, question, _ string, _ bool) (*assistant.Found, error) {
	return &assistant.Found{Question: question, Entity: query.Members, Query: "is:new"}, a.f.err
}
