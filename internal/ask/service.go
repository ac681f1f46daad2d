// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package ask

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"greenroom"
)

// Store answers questions and keeps them.
type Store interface {
	// AskViews runs a statement that can see the views and nothing else, with values for its parameters in their order. An
	// error of CodeInvalid says what is wrong with the statement, one of CodeUnavailable why nothing can be asked here.
	AskViews(ctx context.Context, st *Statement, values []string, l Limits) (*Answer, error)
	Questions(ctx context.Context) ([]Saved, error)
	Question(ctx context.Context, id int64) (Saved, error)
	AddQuestion(ctx context.Context, q Saved) (Saved, error)
	// ChangeQuestion stores the next version; CodeConflict where somebody else was first.
	ChangeQuestion(ctx context.Context, q Saved) (Saved, error)
	RemoveQuestion(ctx context.Context, id int64) error
	History
}

// History keeps what was asked.
type History interface {
	KeepAsked(ctx context.Context, a Asked) error
	// AskedBy lists what somebody asked, the newest first.
	AskedBy(ctx context.Context, by string, limit int) ([]Asked, error)
}

// Auditor keeps the log of who did what.
type Auditor interface {
	Audit(ctx context.Context, actor, action, target, detail string) error
}

// Query is a question with what goes with it.
type Query struct {
	SQL    string
	Values map[string]string // of parameters
	Limits Limits            // zero = Usual
	By     string
}

// Running is a question that is being answered.
type Running struct {
	ID    int64     `json:"id" doc:"By which it can be stopped."`
	By    string    `json:"by" doc:"Who asked."`
	SQL   string    `json:"sql" doc:"What."`
	Since time.Time `json:"since" doc:"Since when."`
}

// AtOnce is how many questions are answered at a time; others wait.
const AtOnce = 2

// Service answers questions.
type Service struct {
	store Store
	audit Auditor
	log   *slog.Logger
	now   func() time.Time
	turn  chan struct{}

	mu      sync.Mutex
	last    int64
	running map[int64]running
}

type running struct {
	Running

	stop context.CancelCauseFunc
}

// New returns the service.
func New(store Store, audit Auditor, log *slog.Logger, now func() time.Time) *Service {
	return &Service{store: store, audit: audit, log: log, now: now, turn: make(chan struct{}, AtOnce), running: make(map[int64]running)}
}

// Views lists what can be asked about.
func (s *Service) Views() []View { return Views() }

var errStopped = errors.New("stopped by a person")

// Ask answers a question. It ends when ctx does, when its time is over, or when somebody stops it.
func (s *Service) Ask(ctx context.Context, q Query) (*Answer, error) {
	st, err := Parse(q.SQL)
	if err != nil {
		return nil, err
	}
	if err := st.check(q.Values); err != nil {
		return nil, err
	}
	values := make([]string, len(st.Params))
	for i, name := range st.Params {
		v, given := q.Values[name]
		if !given {
			return nil, bad("say what :%s is", name)
		}
		values[i] = v
	}
	limits := q.Limits.within()
	stoppable, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	defer s.enter(q.By, st.SQL, stop)()
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-stoppable.Done():
		return nil, s.ended(ctx, stoppable, limits)
	}
	timed, cancel := context.WithTimeout(stoppable, limits.Time)
	defer cancel()
	start := s.now()
	a, err := s.store.AskViews(timed, st, values, limits)
	took := s.now().Sub(start).Seconds()
	if err != nil && timed.Err() != nil {
		err = s.ended(ctx, timed, limits)
	}
	s.remember(ctx, q.By, st.SQL, a, took, err)
	if err != nil {
		return nil, err
	}
	a.Took = took
	for i := range a.Columns {
		a.Columns[i].Link = LinkOf(a.Columns[i].Name)
	}
	return a, nil
}

// ended says why a question was not answered to its end.
func (s *Service) ended(asker, ctx context.Context, l Limits) error {
	switch {
	case errors.Is(context.Cause(ctx), errStopped):
		return greenroom.Errorf(greenroom.CodeConflict, "the question was stopped")
	case asker.Err() != nil:
		return fmt.Errorf("answering a question: %w", asker.Err())
	default:
		return bad("the question took more than %s and was stopped; ask about less, such as a shorter time", l.Time)
	}
}

// enter notes that a question is being answered, until the function that it returns is called.
func (s *Service) enter(by, sql string, stop context.CancelCauseFunc) (leave func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last++
	id := s.last
	s.running[id] = running{Running{id, by, sql, s.now()}, stop}
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.running, id)
	}
}

// remember keeps a question in the asker's history. An answer is not lost over it.
func (s *Service) remember(ctx context.Context, by, sql string, a *Answer, took float64, problem error) {
	asked := Asked{By: by, At: s.now(), SQL: sql, Took: took}
	if a != nil {
		asked.Rows = len(a.Rows)
	}
	if problem != nil {
		asked.Problem = greenroom.ErrorMessage(problem)
	}
	if err := s.store.KeepAsked(context.WithoutCancel(ctx), asked); err != nil {
		s.log.Warn("keeping what was asked", "error", err)
	}
}

// Running lists what somebody's questions are being answered; with "" everybody's.
func (s *Service) Running(by string) []Running {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := []Running{}
	for _, id := range slices.Sorted(maps.Keys(s.running)) {
		if r := s.running[id]; by == "" || r.By == by {
			all = append(all, r.Running)
		}
	}
	return all
}

// Stop stops a question; with a name only one of theirs.
func (s *Service) Stop(id int64, by string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, there := s.running[id]
	if !there || by != "" && r.By != by {
		return greenroom.Errorf(greenroom.CodeNotFound, "question %d is not being answered any more", id)
	}
	r.stop(errStopped)
	return nil
}

// Asked lists what somebody asked, the newest first.
func (s *Service) Asked(ctx context.Context, by string, limit int) ([]Asked, error) {
	return s.store.AskedBy(ctx, by, limit)
}

// Saved lists the questions that are kept.
func (s *Service) Saved(ctx context.Context) ([]Saved, error) {
	all, err := s.store.Questions(ctx)
	for i := range all {
		all[i].complete()
	}
	return all, err
}

// Get finds a question that is kept.
func (s *Service) Get(ctx context.Context, id int64) (Saved, error) {
	q, err := s.store.Question(ctx, id)
	q.complete()
	return q, err
}

func (q *Saved) complete() {
	if st, err := Parse(q.SQL); err == nil {
		q.Params = st.Params
	}
}

// Answer answers a question that is kept, with values for some of its parameters.
func (s *Service) Answer(ctx context.Context, id int64, values map[string]string, l Limits, by string) (*Answer, error) {
	q, err := s.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	all := maps.Clone(q.Values)
	if all == nil {
		all = make(map[string]string, len(values))
	}
	maps.Copy(all, values)
	return s.Ask(ctx, Query{SQL: q.SQL, Values: all, Limits: l, By: by})
}

// Keep keeps a question.
func (s *Service) Keep(ctx context.Context, d Draft, by string) (Saved, error) {
	if err := d.Validate(); err != nil {
		return Saved{}, err
	}
	q, err := s.store.AddQuestion(ctx, Saved{Draft: d, CreatedBy: by, CreatedAt: s.now()})
	if err != nil {
		return q, fmt.Errorf("keeping a question: %w", err)
	}
	q.complete()
	return q, s.note(ctx, by, "question.add", &q)
}

// Edit changes a question that is kept, from the version that it was looked at in.
func (s *Service) Edit(ctx context.Context, id, version int64, d Draft, by string) (Saved, error) {
	if err := d.Validate(); err != nil {
		return Saved{}, err
	}
	q, err := s.store.Question(ctx, id)
	if err != nil {
		return q, err
	}
	q.Version, q.Draft, q.ChangedBy, q.ChangedAt = version, d, by, s.now()
	if q, err = s.store.ChangeQuestion(ctx, q); err != nil {
		return q, fmt.Errorf("changing a question: %w", err)
	}
	q.complete()
	return q, s.note(ctx, by, "question.change", &q)
}

// Remove takes a question away.
func (s *Service) Remove(ctx context.Context, id int64, by string) error {
	q, err := s.store.Question(ctx, id)
	if err != nil {
		return err
	}
	if err := s.store.RemoveQuestion(ctx, id); err != nil {
		return fmt.Errorf("removing a question: %w", err)
	}
	return s.note(ctx, by, "question.remove", &q)
}

func (s *Service) note(ctx context.Context, by, what string, q *Saved) error {
	if err := s.audit.Audit(ctx, by, what, fmt.Sprintf("question %d", q.ID), q.Title); err != nil {
		return fmt.Errorf("writing the audit log: %w", err)
	}
	return nil
}
