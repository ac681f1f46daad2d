// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package roadmap

import (
	"context"
	"fmt"
	"slices"

	"greenroom/internal/outbox"
)

// Following is how a request of members follows its plan. It is stored in the transaction of the plan's step: both, or neither.
type Following struct {
	Request  int64
	State    string           // as package request writes it
	Answer   string           // what the team answers
	Changes  int64            // how often it was changed when it was looked at; CodeConflict where it was changed since
	Messages []outbox.Message // to those who asked
}

// Askers are those who asked for what a plan does.
type Askers interface {
	// Follow says how requests follow a plan that is in a state now; those who asked hear when it is done or dropped. Of
	// requests that joined the plan only now, those that the team answered before stay as they are.
	Follow(ctx context.Context, requests []int64, state State, joined bool) ([]Following, error)
}

// Telling is the service that has requests follow their plans.
func (s *Service) Telling(a Askers) *Service {
	with := *s
	with.askers = a
	return &with
}

// follow says how requests follow a plan that is changed; was is nil where it is made.
func (s *Service) follow(ctx context.Context, was, is *Plan) ([]Following, error) {
	if s.askers == nil {
		return nil, nil
	}
	requests, joined := is.Requests, was == nil
	if was != nil && was.State == is.State {
		joined = true
		requests = slices.DeleteFunc(slices.Clone(requests), func(id int64) bool { return slices.Contains(was.Requests, id) })
	}
	if len(requests) == 0 {
		return nil, nil
	}
	all, err := s.askers.Follow(ctx, requests, is.State, joined)
	if err != nil {
		return nil, fmt.Errorf("having requests follow a plan: %w", err)
	}
	return all, nil
}
