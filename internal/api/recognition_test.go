// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"context"
	"io"
	"time"

	"greenroom/internal/recognition"
	"greenroom/internal/request"
)

// thankful is a fake of recognition with one of each in it.
type thankful struct{ *fake }

func (thankful) help() recognition.Help {
	return recognition.Help{ActivityID: 1, ConversationID: 1, At: now, Helper: recognition.Person{ID: 42, Name: "Ana"}, Asker: recognition.Person{ID: 7, Name: "Ben"}}
}

func (thankful) milestone() recognition.Milestone {
	return recognition.Milestone{Member: recognition.Person{ID: 42, Name: "Ana"}, Kind: recognition.Answers, Level: 1, At: now}
}

func (thankful) quote() recognition.Testimonial {
	return recognition.Testimonial{ID: 3, State: recognition.Granted, WrittenAt: now, Products: []string{}, Topics: []string{}, Segments: []string{}, Uses: []recognition.Use{{ID: 1, TestimonialID: 3, UsedAt: now}}, Proof: []recognition.Event{{ID: 1, What: "granted", At: now}}}
}

func (f thankful) Unthanked(context.Context, int) ([]recognition.Help, error) {
	return []recognition.Help{f.help()}, f.err
}

func (f thankful) Thank(context.Context, int64, recognition.Outcome, string) (recognition.Help, error) {
	return f.help(), f.err
}

func (f thankful) Milestones(context.Context, int) ([]recognition.Week, error) {
	return []recognition.Week{{From: now, Until: now, Items: []recognition.Milestone{f.milestone()}}}, f.err
}

func (f thankful) SeeTo(context.Context, int64, recognition.Kind, int64, recognition.Outcome, string) (recognition.Milestone, error) {
	return f.milestone(), f.err
}

func (f thankful) Settings(context.Context) (recognition.Settings, error) {
	return recognition.Usual(), f.err
}

func (f thankful) SetSettings(context.Context, recognition.Settings, string) error { return f.err }

func (f thankful) Testimonials(context.Context, recognition.Filter) ([]recognition.Testimonial, error) {
	return []recognition.Testimonial{f.quote()}, f.err
}

func (f thankful) Testimonial(context.Context, int64) (recognition.Testimonial, error) {
	return f.quote(), f.err
}

func (f thankful) Ask(context.Context, int64, string) (recognition.Testimonial, error) {
	return f.quote(), f.err
}

func (f thankful) Dismiss(context.Context, int64, string) (recognition.Testimonial, error) {
	return f.quote(), f.err
}

func (f thankful) Use(context.Context, int64, string, string, time.Time, string) (recognition.Use, error) {
	return f.quote().Uses[0], f.err
}

func (f thankful) EndUse(context.Context, int64, int64, string) error { return f.err }

func (f thankful) WriteCSV(_ context.Context, w io.Writer, _ recognition.Filter) error {
	if _, err := io.WriteString(w, "id\n"); err != nil {
		return err //nolint:wrapcheck // a fake
	}
	return f.err
}

// wishful is a fake of requests with one in it.
type wishful struct{ *fake }

func (wishful) one() request.Request {
	return request.Request{ID: 7, Title: "Dark mode", State: request.Open, CreatedAt: now, ChangedAt: now, Weight: request.Weight{Lifecycles: map[string]int64{"customer": 1}, Deals: []request.Amount{{Currency: "EUR", Amount: 1}}}}
}

func (f wishful) List(context.Context, request.Filter) ([]request.Request, error) {
	return []request.Request{f.one()}, f.err
}

func (f wishful) Candidates(context.Context) ([]request.Candidate, error) {
	return []request.Candidate{{Message: request.Message{ActivityID: 1, At: now}, Like: []request.Alike{{ID: 7, Title: "Dark mode", Score: 1}}}}, f.err
}

func (f wishful) Get(context.Context, int64) (request.Request, error) { return f.one(), f.err }

func (f wishful) Supporters(context.Context, int64) ([]request.Supporter, error) {
	return []request.Supporter{{MemberID: 42, Member: "Ana", Deals: []request.Amount{}}}, f.err
}

func (f wishful) Messages(context.Context, int64) ([]request.Message, error) {
	return []request.Message{{ActivityID: 1, At: now}}, f.err
}

func (f wishful) Settings(context.Context) (request.Settings, error) {
	return request.Settings{}, f.err
}

func (f wishful) SetSettings(context.Context, request.Settings, string) error { return f.err }

func (f wishful) Add(context.Context, request.Draft, string) (request.Request, error) {
	return f.one(), f.err
}

func (f wishful) Edit(context.Context, int64, request.Change, string) (request.Request, error) {
	return f.one(), f.err
}

func (f wishful) Move(context.Context, int64, request.State, string, bool, string) (request.Request, request.Told, error) {
	return f.one(), request.Told{Messages: 1}, f.err
}

func (f wishful) Link(context.Context, int64, int64, string) error { return f.err }

func (f wishful) Unlink(context.Context, int64, string) error { return f.err }

func (f wishful) Merge(context.Context, int64, int64, string) (request.Request, error) {
	return f.one(), f.err
}

func (f wishful) Unmerge(context.Context, int64, string) (request.Request, error) {
	return f.one(), f.err
}
