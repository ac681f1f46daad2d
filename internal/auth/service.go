// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package auth

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"
)

// Service is the way to everything in this package. Its methods may be called by several goroutines.
type Service struct {
	store   Store
	log     *slog.Logger
	now     func() time.Time
	random  io.Reader
	hasher  *hasher
	limiter *limiter
	failed  *failureNotes
	decoy   func() (Secret, error)

	seenMu sync.Mutex
	seen   map[string]time.Time // when a session or a token was last passed to sightings
	queue  chan Sighting
}

// sightingQueue is how many sightings wait at most. More are dropped: the next request of the same session tries again.
const sightingQueue = 256

// New returns a service. random has to be cryptographically strong (crypto/rand.Reader) and safe for use by several
// goroutines. Run Run beside it in a process that serves requests.
func New(store Store, log *slog.Logger, now func() time.Time, random io.Reader) *Service {
	h := newHasher(random)
	return &Service{
		store: store, log: log, now: now, random: random,
		hasher: h, limiter: newLimiter(now), failed: newFailureNotes(now), decoy: sync.OnceValues(h.decoy),
		seen: make(map[string]time.Time), queue: make(chan Sighting, sightingQueue),
	}
}

// Run writes down when sessions and tokens were last used, until the context ends. Without it sessions end 30 days after
// sign-in, however much they are used. It returns nil; close the store after it has returned.
func (s *Service) Run(ctx context.Context) error {
	for {
		select {
		case first := <-s.queue:
			s.writeSightings(ctx, s.waiting(first))
		case <-ctx.Done():
			// What is waiting takes one transaction more.
			s.writeSightings(ctx, s.waiting())
			return nil
		}
	}
}

// waiting takes all sightings out of the queue, behind those given.
func (s *Service) waiting(all ...Sighting) []Sighting {
	for {
		select {
		case next := <-s.queue:
			all = append(all, next)
		default:
			return all
		}
	}
}

func (s *Service) writeSightings(ctx context.Context, all []Sighting) {
	if len(all) == 0 {
		return
	}
	// What was taken out of the queue is written even when the server is stopping.
	if err := s.store.Seen(context.WithoutCancel(ctx), all); err != nil {
		s.log.WarnContext(ctx, "noting when sessions were last used", "error", err)
	}
}

// sighted passes a sighting to Run unless that was done within the interval, and reports whether it did.
func (s *Service) sighted(key string, every time.Duration, sighting Sighting) bool {
	s.seenMu.Lock()
	defer s.seenMu.Unlock()
	if last, ok := s.seen[key]; ok && sighting.At.Sub(last) < every {
		return false
	}
	select {
	case s.queue <- sighting:
	default:
		return false
	}
	if len(s.seen) >= maxTracked {
		clear(s.seen) // costs one write more for each
	}
	s.seen[key] = sighting.At
	return true
}

// Users lists everybody who may sign in, by e-mail address.
func (s *Service) Users(ctx context.Context, c Caller) ([]User, error) {
	if err := c.Need(Read); err != nil {
		return nil, err
	}
	users, err := s.store.Users(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing users: %w", err)
	}
	return users, nil
}
