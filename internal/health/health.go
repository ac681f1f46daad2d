// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package health

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/list"
	"greenroom/internal/priority"
	"greenroom/internal/query"
)

// Figures computes metrics; analytics.Engine does.
type Figures interface {
	Compute(ctx context.Context, r analytics.Request) (*analytics.Result, error)
	// Records gives the list, and the query, of what a point of a result counted.
	Records(r analytics.Request, res *analytics.Result, point int) (query.Entity, string, error)
	// Crowd is who did what, as it is known by now.
	Crowd() *analytics.Crowd
}

// Store is what the package needs of the record store.
type Store interface {
	ListMembers(ctx context.Context, req list.Request) (list.Page[greenroom.Member], error)
}

// Service answers questions about the health of a community. Its methods may be called by several goroutines.
type Service struct {
	figures Figures
	store   Store
	scores  Scores
	ties    Ties
	log     *slog.Logger
	now     func() time.Time
	zone    func() *time.Location
	schemas map[query.Entity]*query.Schema
	orbits  kept[*Orbit]
	graphs  kept[*graph]
	changes kept[*Changes]
	recent  kept[*Changes] // by granularity: the last ones, whatever came since

	Turn *priority.Turn // of long background work; nil = it waits for nothing

	background func(func()) // nil = pages wait
	mu         sync.Mutex
	looked     map[analytics.Granularity]time.Time // until when what changed is not looked at again for pages

	cuts     func(ctx context.Context) ([]Cut, error)     // nil = none
	programs func(ctx context.Context) ([]Program, error) // nil = none
}

// New makes the service. Zone is the time zone in which the community's days begin.
func New(figures Figures, store Store, scores Scores, ties Ties, log *slog.Logger, now func() time.Time, zone func() *time.Location) *Service {
	s := &Service{figures: figures, store: store, scores: scores, ties: ties, log: log, now: now, zone: zone, schemas: make(map[query.Entity]*query.Schema)}
	var kinds []string
	for _, k := range greenroom.Kinds() {
		kinds = append(kinds, k.String())
	}
	for _, e := range query.Entities() {
		s.schemas[e] = query.NewSchema(e, kinds)
	}
	return s
}

// here is the present moment in the community's time zone.
func (s *Service) here() time.Time { return s.now().In(s.zone()) }

// parse reads a query; nil for none.
func (s *Service) parse(e query.Entity, text string) (*query.Query, error) {
	if text == "" {
		return nil, nil //nolint:nilnil // no query is everything
	}
	q, err := query.Parse(s.schemas[e], text)
	if err != nil {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "the query %q cannot be read: %s", text, err)
	}
	return q, nil
}
