// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package goal

import "context"

// Trials knows what came of those parts of a goal's plans from which members were held out by lot.
type Trials interface {
	// Trials lists those of which something can be told, in the order of the plans' tasks.
	Trials(ctx context.Context, goal int64) ([]Trial, error)
}

// Trial is what something made a difference of: how many did what was hoped for with it, and how many without it.
type Trial struct {
	Title      string  `json:"title" doc:"What it is, such as a workflow's name."`
	Path       string  `json:"path" doc:"Its page."`
	With       Group   `json:"with" doc:"Members who were in it."`
	Without    Group   `json:"without" doc:"Members who were held out by lot."`
	Difference float64 `json:"difference" doc:"Of the shares, from -1 to 1."`
	Low        float64 `json:"low" doc:"The difference's 95 % interval."`
	High       float64 `json:"high" doc:"The difference's 95 % interval."`
	Says       string  `json:"says" doc:"What can be said of it, and no more."`
}

// Group is one side of a trial.
type Group struct {
	Members int64 `json:"members" doc:"How many there are of whom it is known."`
	Did     int64 `json:"did" doc:"How many of them did what was hoped for."`
}

// Share is the share of those who did, from 0 to 1.
func (g Group) Share() float64 {
	if g.Members == 0 {
		return 0
	}
	return float64(g.Did) / float64(g.Members)
}

// Trying returns the service with somebody who knows what came of trials. Without, no goal has any.
func (s *Service) Trying(t Trials) *Service {
	with := *s
	with.trials = t
	return &with
}
