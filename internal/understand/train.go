// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package understand

import (
	"context"
	"fmt"
	"time"

	"greenroom"
	"greenroom/internal/text"
)

// Job is a training in the background.
type Job struct {
	Running   bool      `json:"running"`
	StartedAt time.Time `json:"started_at,omitzero"` // of the last one
	EndedAt   time.Time `json:"ended_at,omitzero"`
	By        string    `json:"by,omitempty"`
	Error     string    `json:"error,omitempty"` // why the last one failed
}

// Job is the training that runs, or the last one of this process.
func (s *Service) Job() Job {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.job
}

// Retrain starts a training that goes on when the caller has left. CodeConflict where one runs, CodeInvalid where there is
// nothing to learn from.
func (s *Service) Retrain(ctx context.Context, by string) error {
	if err := s.begin(by); err != nil {
		return err
	}
	all, err := s.lessons(ctx)
	if err != nil {
		s.end(err)
		return err
	}
	s.jobs.Go(func() {
		_, err := s.learn(context.WithoutCancel(ctx), all, by)
		if err != nil {
			s.log.Error("training on corrections", "error", err)
		}
		s.end(err)
	})
	return nil
}

// Train is Retrain that waits.
func (s *Service) Train(ctx context.Context, by string) (Model, error) {
	if err := s.begin(by); err != nil {
		return Model{}, err
	}
	all, err := s.lessons(ctx)
	if err != nil {
		s.end(err)
		return Model{}, err
	}
	m, err := s.learn(ctx, all, by)
	s.end(err)
	return m, err
}

// Wait waits for a training to end.
func (s *Service) Wait() { s.jobs.Wait() }

func (s *Service) begin(by string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.job.Running {
		return greenroom.Errorf(greenroom.CodeConflict, "a training is running already; it takes a few seconds")
	}
	s.job = Job{Running: true, StartedAt: s.now(), By: by}
	return nil
}

func (s *Service) end(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.job.Running, s.job.EndedAt = false, s.now()
	if err != nil {
		s.job.Error = greenroom.ErrorMessage(err)
	}
}

// lessons are the corrections to learn from.
func (s *Service) lessons(ctx context.Context) ([]text.Correction, error) {
	all, err := s.store.CorrectedTexts(ctx, MaxCorrections)
	if err != nil {
		return nil, fmt.Errorf("reading corrections: %w", err)
	}
	var lessons []text.Correction
	for i := len(all) - 1; i >= 0; i-- { // the oldest first, so that a new one changes the order of none
		if m, ok := all[i].Says(); ok {
			lessons = append(lessons, text.Correction{Message: m, Category: all[i].Category, Sentiment: all[i].Sentiment})
		}
	}
	if len(lessons) == 0 {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "there are no corrections to learn from; correct some messages first")
	}
	return lessons, nil
}

// learn trains a model, stores it and lets it read.
func (s *Service) learn(ctx context.Context, lessons []text.Correction, by string) (Model, error) {
	base, err := s.school.Base()
	if err != nil {
		return Model{}, fmt.Errorf("loading the base model: %w", err)
	}
	judge, data, gain, err := s.school.Learn(lessons)
	if err != nil {
		return Model{}, fmt.Errorf("training: %w", err)
	}
	m, err := s.store.AddTextModel(ctx, Model{
		Version: judge.Version(), Base: base.Version(), TrainedAt: s.now(), By: by, Corrections: len(lessons), Gain: gain, Size: len(data), Active: true,
	}, data)
	if err != nil {
		return Model{}, fmt.Errorf("storing the model: %w", err)
	}
	s.Wake()
	return m, nil
}

// Activate lets a model read that was trained before; 0 is the base model. Everything is read again in the background.
func (s *Service) Activate(ctx context.Context, model int64) error {
	if err := s.store.ActivateTextModel(ctx, model); err != nil {
		return err
	}
	s.Wake()
	return nil
}

// Models lists the models that were trained, the newest first.
func (s *Service) Models(ctx context.Context) ([]Model, error) { return s.store.TextModels(ctx) }
