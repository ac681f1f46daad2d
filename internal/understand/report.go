// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package understand

import (
	"context"
	"fmt"
	"slices"

	"greenroom/internal/text"
)

// Report says how well Greenroom reads the community.
type Report struct {
	Judge string `json:"judge"` // the version of who reads; "" = nothing was read yet
	Left  int64  `json:"left"`  // activities that are still to be looked at
	// Again tells that what is left was read before, by another model.
	Again       bool `json:"again"`
	Corrections int  `json:"corrections"` // messages for which corrections hold
	// Base says how the base model reads the corrected messages, none of which it has seen.
	Base Tasks `json:"base"`
	// Model is the team's model where one reads, with what it gained when it was trained.
	Model    *Model   `json:"model,omitempty"`
	Coverage Coverage `json:"coverage"`
	Job      Job      `json:"job"`
}

// Tasks has the figures of both tasks.
type Tasks struct {
	Category  Figures `json:"category"`
	Sentiment Figures `json:"sentiment"`
}

// CategoryLabels and SentimentLabels are the labels of figures, in their order.
func CategoryLabels() []string { return labels(text.Categories()) }

// SentimentLabels see CategoryLabels.
func SentimentLabels() []string { return labels(text.Sentiments()) }

func labels[T fmt.Stringer](all []T) []string {
	names := make([]string, len(all))
	for i, v := range all {
		names[i] = v.String()
	}
	return names
}

// Report computes the report.
func (s *Service) Report(ctx context.Context) (*Report, error) {
	at, err := s.store.ReadingPosition(ctx)
	if err != nil {
		return nil, fmt.Errorf("asking how far reading has come: %w", err)
	}
	r := &Report{Judge: at.Judge, Left: at.Left(), Again: at.Last >= at.Until && at.Again > 0, Job: s.Job()}
	all, err := s.store.CorrectedTexts(ctx, MaxCorrections)
	if err != nil {
		return nil, fmt.Errorf("reading corrections: %w", err)
	}
	r.Corrections = len(all)
	if r.Base, err = s.measure(all); err != nil {
		return nil, err
	}
	models, err := s.store.TextModels(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing models: %w", err)
	}
	if i := slices.IndexFunc(models, func(m Model) bool { return m.Active }); i >= 0 {
		r.Model = &models[i]
	}
	r.Coverage, err = s.store.ReadingCoverage(ctx)
	return r, err
}

// measure says how the base model reads corrected messages.
func (s *Service) measure(all []Corrected) (f Tasks, err error) {
	base, err := s.school.Base()
	if err != nil {
		return f, fmt.Errorf("loading the base model: %w", err)
	}
	var categories, sentiments []Judged
	for i := range all {
		c := &all[i]
		read := c.Read
		if read.Judge != base.Version() {
			r := readOne(base, &c.Text)
			if r == nil {
				continue
			}
			read = r.Read
		}
		if c.Category != text.CategoryUnsure {
			categories = append(categories, Judged{int(c.Category) - 1, int(read.Category) - 1})
		}
		if c.Sentiment != text.SentimentUnsure {
			sentiments = append(sentiments, Judged{int(c.Sentiment) - 1, int(read.Sentiment) - 1})
		}
	}
	return Tasks{Measure(CategoryLabels(), categories), Measure(SentimentLabels(), sentiments)}, nil
}

// Readings gives the readings of some activities, by id.
func (s *Service) Readings(ctx context.Context, ids []int64) (map[int64]Reading, error) {
	return s.store.Readings(ctx, ids)
}

// Uncertain gives the activities that are best corrected next: the least certain ones among the newest.
func (s *Service) Uncertain(ctx context.Context, limit int) ([]int64, error) {
	return s.store.UncertainReadings(ctx, limit)
}
