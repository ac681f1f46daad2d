// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package understand

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"greenroom/internal/text"
)

// Store keeps readings and gives what is to be read.
type Store interface {
	ReadingPosition(ctx context.Context) (Position, error)
	// PutReadings writes a batch; ErrMoved where its From does not hold.
	PutReadings(ctx context.Context, b *Batch) error
	// Importing reports whether this process runs an import.
	Importing() bool
	Texts
	Decisions
	Models
	Counts
}

// Texts gives what is to be read.
type Texts interface {
	// TextsAfter gives activities that may say something with ids above after, the lowest first, and the id up to which
	// there are no others; TextsUpTo those from an id down, and the id up to which more may follow, 0 = none.
	TextsAfter(ctx context.Context, after int64, limit int) (texts []Text, last int64, err error)
	TextsUpTo(ctx context.Context, from int64, limit int) (texts []Text, rest int64, err error)
	// ChangedTexts gives the activities that changed after a sequence number, as they are now, those up to an id. One that
	// is no more is given as deleted.
	ChangedTexts(ctx context.Context, after, upTo int64, limit int) (texts []Text, last int64, err error)
}

// Decisions keeps what people decided.
type Decisions interface {
	// CorrectReading stores a correction, which holds at once. CodeNotFound where there is no such activity.
	CorrectReading(ctx context.Context, c Correction) (id int64, err error)
	// UndoCorrection takes a correction back and returns it; CodeConflict where that was done before.
	UndoCorrection(ctx context.Context, id int64) (Correction, error)
	// CorrectedTexts gives the messages for which corrections hold, the latest correction first.
	CorrectedTexts(ctx context.Context, limit int) ([]Corrected, error)
}

// Models keeps what was trained.
type Models interface {
	AddTextModel(ctx context.Context, m Model, data []byte) (Model, error)
	// ActivateTextModel lets a model read; 0 is the base model.
	ActivateTextModel(ctx context.Context, id int64) error
	// TextModels lists them, the newest first.
	TextModels(ctx context.Context) ([]Model, error)
	// ActiveTextModel is the number of the one that reads; 0 = the base model.
	ActiveTextModel(ctx context.Context) (int64, error)
	TextModelData(ctx context.Context, id int64) ([]byte, error)
}

// Counts looks at what was read.
type Counts interface {
	// Readings gives those of some activities, by id; what was not read has none.
	Readings(ctx context.Context, ids []int64) (map[int64]Reading, error)
	// UncertainReadings gives the activities among the newest that were read with the least certainty and not corrected.
	UncertainReadings(ctx context.Context, limit int) ([]int64, error)
	ReadingCoverage(ctx context.Context) (Coverage, error)
}

// MaxCorrections is how many corrections training takes, the latest ones.
const MaxCorrections = 5000

// Service reads, corrects and trains.
type Service struct {
	store  Store
	school School
	log    *slog.Logger
	now    func() time.Time
	wake   chan struct{}

	stepping sync.Mutex // one portion at a time

	mu     sync.Mutex
	loaded Judge // the one that reads
	model  int64 // whose it is; 0 = the base model
	job    Job
	jobs   sync.WaitGroup
}

// New returns the service. Now is the clock.
func New(store Store, school School, log *slog.Logger, now func() time.Time) *Service {
	return &Service{store: store, school: school, log: log, now: now, wake: make(chan struct{}, 1), model: -1}
}

// judge is who reads now: the active model, or the base model where there is none, or where that one was made for
// another base.
func (s *Service) judge(ctx context.Context) (Judge, error) {
	id, err := s.store.ActiveTextModel(ctx)
	if err != nil {
		return nil, fmt.Errorf("asking for the active model: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.loaded != nil && s.model == id {
		return s.loaded, nil
	}
	judge, err := s.school.Base()
	if err != nil {
		return nil, fmt.Errorf("loading the base model: %w", err)
	}
	if id != 0 {
		data, err := s.store.TextModelData(ctx, id)
		if err != nil {
			return nil, err
		}
		own, err := s.school.Load(data)
		if err != nil { // after an update, until somebody trains again
			s.log.Warn("the team's model cannot be used; the base model reads until it is trained again", "model", id, "error", err)
		} else {
			judge = own
		}
	}
	s.loaded, s.model = judge, id
	return judge, nil
}

// Correct says what a message is. What is unsure stays as it is. The number is what Undo takes. CodeNotFound where there is
// no such activity, CodeInvalid where it says nothing or nothing is said of it.
func (s *Service) Correct(ctx context.Context, activity int64, c text.Category, f text.Sentiment, by string) (id int64, err error) {
	return s.store.CorrectReading(ctx, Correction{ActivityID: activity, Category: c, Sentiment: f, By: by, At: s.now()})
}

// Undo takes a correction back. What held before it holds again.
func (s *Service) Undo(ctx context.Context, id int64) (Correction, error) {
	return s.store.UndoCorrection(ctx, id)
}

// Position says how far reading has come.
func (s *Service) Position(ctx context.Context) (Position, error) {
	return s.store.ReadingPosition(ctx)
}
