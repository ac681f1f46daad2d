// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package topic

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"greenroom"
)

// Change is what somebody wants of a topic. What is nil stays.
type Change struct {
	Name   *string `json:"name,omitempty"` // "" = as it was found
	Rule   *string `json:"rule,omitempty"` // "" = none
	Parent *int64  `json:"parent,omitempty"`
	Hidden *bool   `json:"hidden,omitempty"`
	Into   *int64  `json:"merged_into,omitempty"` // 0 = apart again
}

// Topic returns a topic by its id or its name.
func (s *Service) Topic(ctx context.Context, key string) (Topic, error) {
	all, err := s.store.Topics(ctx)
	if err != nil {
		return Topic{}, fmt.Errorf("reading the topics: %w", err)
	}
	id, _ := strconv.ParseInt(key, 10, 64) // a name is none
	for i := range all {
		if all[i].ID == id || strings.EqualFold(all[i].Name, strings.TrimSpace(key)) {
			return all[i], nil
		}
	}
	return Topic{}, greenroom.Errorf(greenroom.CodeNotFound, "there is no topic %q", key)
}

// byID finds a topic among all.
func byID(all []Topic, id int64) *Topic {
	for i := range all {
		if all[i].ID == id {
			return &all[i]
		}
	}
	return nil
}

// Add makes a topic of a person's own: by a rule, by examples (ids of activities), or to put others under.
func (s *Service) Add(ctx context.Context, name, rule string, examples []int64) (Topic, error) {
	t := Topic{Name: strings.TrimSpace(name), Rule: strings.TrimSpace(rule)}
	if err := s.named(ctx, 0, t.Name); err != nil {
		return t, err
	}
	if t.Rule != "" {
		if _, err := s.parse(t.Rule); err != nil {
			return t, err
		}
	}
	t, err := s.store.SaveTopic(ctx, t)
	if err != nil {
		return t, err //nolint:wrapcheck // the store says what it stored
	}
	for _, id := range examples {
		if err := s.store.PlaceByHand(ctx, t.ID, id, true); err != nil {
			return t, err //nolint:wrapcheck // the store says what it stored
		}
	}
	if len(examples) > 0 {
		s.learn()
	}
	return t, s.applyRules(ctx, t.ID)
}

// named checks a name for a topic: not empty, and no other's.
func (s *Service) named(ctx context.Context, id int64, name string) error {
	switch {
	case name == "":
		return greenroom.Errorf(greenroom.CodeInvalid, "a topic needs a name")
	case len(name) > 100:
		return greenroom.Errorf(greenroom.CodeInvalid, "the name has more than 100 letters")
	}
	if other, err := s.Topic(ctx, name); err == nil && other.ID != id && other.MergedInto == 0 && strings.EqualFold(other.Name, name) {
		return greenroom.Errorf(greenroom.CodeConflict, "there is a topic %q already; merge the two instead", other.Name)
	}
	return nil
}

// Edit changes what people decided of a topic, and returns it as it was before, for an undo.
func (s *Service) Edit(ctx context.Context, id int64, c Change) (before Topic, err error) {
	all, err := s.store.Topics(ctx)
	if err != nil {
		return before, fmt.Errorf("reading the topics: %w", err)
	}
	t := byID(all, id)
	if t == nil {
		return before, greenroom.Errorf(greenroom.CodeNotFound, "there is no topic %d", id)
	}
	before = *t
	if err := s.change(ctx, all, t, c); err != nil {
		return before, err
	}
	if _, err := s.store.SaveTopic(ctx, *t); err != nil {
		return before, err //nolint:wrapcheck // the store says what it stored
	}
	s.forgetCounts()
	if c.Rule != nil {
		return before, s.applyRules(ctx, id)
	}
	return before, nil
}

func (s *Service) change(ctx context.Context, all []Topic, t *Topic, c Change) error {
	if c.Name != nil {
		if err := s.rename(ctx, t, strings.TrimSpace(*c.Name)); err != nil {
			return err
		}
	}
	if c.Rule != nil {
		if t.Rule = strings.TrimSpace(*c.Rule); t.Rule != "" {
			if _, err := s.parse(t.Rule); err != nil {
				return err
			}
		}
	}
	if c.Hidden != nil {
		t.Hidden = *c.Hidden
	}
	if c.Parent != nil {
		if p := byID(all, *c.Parent); *c.Parent != 0 && (p == nil || p.ID == t.ID || p.Parent != 0 || p.MergedInto != 0) {
			return greenroom.Errorf(greenroom.CodeInvalid, "a topic can be put under another one that is under none itself")
		}
		t.Parent = *c.Parent
	}
	if c.Into == nil {
		return nil
	}
	if into := byID(all, *c.Into); *c.Into != 0 && (into == nil || into.ID == t.ID || into.MergedInto != 0) {
		return greenroom.Errorf(greenroom.CodeInvalid, "a topic can be merged into another one that is not merged itself")
	}
	for i := range all { // those merged into it go along, so that one step leads to what a topic is now
		if all[i].MergedInto == t.ID && *c.Into != 0 {
			return greenroom.Errorf(greenroom.CodeConflict, "%q was merged into this topic; take it apart first", all[i].Name)
		}
	}
	t.MergedInto = *c.Into
	return nil
}

func (s *Service) rename(ctx context.Context, t *Topic, name string) error {
	found := t.Name
	if t.FoundName != "" {
		found = t.FoundName
	}
	if name == "" && t.Origin == Found {
		t.Name, t.FoundName = found, ""
		return nil
	}
	if err := s.named(ctx, t.ID, name); err != nil {
		return err
	}
	t.Name, t.FoundName = name, found
	return nil
}

// Put puts a message into a topic as an example, or takes it out.
func (s *Service) Put(ctx context.Context, id, activity int64, in bool) error {
	if err := s.store.PlaceByHand(ctx, id, activity, in); err != nil {
		return err //nolint:wrapcheck // the store says what it stored
	}
	s.learn()
	return nil
}

// learn has the model loaded anew with its examples; what comes from now on is placed by it.
func (s *Service) learn() {
	s.mu.Lock()
	s.model, s.counted = nil, nil
	s.mu.Unlock()
	s.Wake()
}

// Annotations returns what happened in a time.
func (s *Service) Annotations(ctx context.Context, from, to time.Time) ([]Annotation, error) {
	return s.store.Annotations(ctx, from, to) //nolint:wrapcheck // the store says what it read
}

// Annotate notes that something happened, or changes what was noted.
func (s *Service) Annotate(ctx context.Context, a Annotation) (Annotation, error) {
	if err := a.Validate(); err != nil {
		return a, err
	}
	if a.ID < 0 {
		return a, greenroom.Errorf(greenroom.CodeInvalid, "this is what a source says; it can be taken off, not changed")
	}
	return s.store.SaveAnnotation(ctx, a) //nolint:wrapcheck // the store says what it stored
}

// RemoveAnnotation takes one off the charts, or puts it back.
func (s *Service) RemoveAnnotation(ctx context.Context, id int64, removed bool) error {
	return s.store.RemoveAnnotation(ctx, id, removed) //nolint:wrapcheck // the store says what it stored
}
