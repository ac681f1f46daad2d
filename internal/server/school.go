// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"fmt"
	"slices"

	"greenroom/internal/text"
	"greenroom/internal/text/judge"
	"greenroom/internal/understand"
)

// modelSchool makes judges of the models that are part of the program. The base model is unpacked when it is first needed.
type modelSchool struct {
	base func() (*judge.Model, error) // unpacks once
}

// Base implements understand.School.
func (s *modelSchool) Base() (understand.Judge, error) { return s.base() }

// Learn implements understand.School.
func (s *modelSchool) Learn(corrections []text.Correction) (understand.Judge, []byte, understand.Gain, error) {
	base, err := s.base()
	if err != nil {
		return nil, nil, understand.Gain{}, fmt.Errorf("unpacking the base model: %w", err)
	}
	m, report, err := base.Learn(corrections)
	if err != nil {
		return nil, nil, understand.Gain{}, err
	}
	gain := understand.Gain{
		N: len(corrections), Category: changeOf(&report.Category, understand.CategoryLabels()), Sentiment: changeOf(&report.Sentiment, understand.SentimentLabels()),
	}
	return m, m.Append(nil), gain, nil
}

// Load implements understand.School.
func (s *modelSchool) Load(data []byte) (understand.Judge, error) {
	base, err := s.base()
	if err != nil {
		return nil, fmt.Errorf("unpacking the base model: %w", err)
	}
	return judge.Load(base, data)
}

func changeOf(p *judge.Progress, labels []string) understand.Change {
	return understand.Change{Before: figuresOf(&p.Before, labels), After: figuresOf(&p.After, labels), Used: p.Used}
}

// figuresOf puts a judge's figures, which know only the labels that occur, in the order of all labels.
func figuresOf(f *judge.Figures, labels []string) understand.Figures {
	out := understand.Measure(labels, nil)
	out.Accuracy, out.MacroF1 = f.Accuracy, f.MacroF1
	for i, name := range labels {
		if at := slices.IndexFunc(f.Classes, func(c judge.Class) bool { return c.Label == name }); at >= 0 {
			c := &f.Classes[at]
			out.Classes[i] = understand.Class{Label: name, N: c.N, Precision: c.Precision, Recall: c.Recall, F1: c.F1}
			out.N += c.N
		}
		from := slices.Index(f.Labels, name)
		if from < 0 {
			continue
		}
		for j, other := range labels {
			if to := slices.Index(f.Labels, other); to >= 0 {
				out.Confusion[i][j] = f.Confusion[from][to]
			}
		}
	}
	return out
}
