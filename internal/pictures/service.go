// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package pictures

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

const (
	rhythm  = 10 * time.Minute // of looking for accounts that are new or were changed
	daily   = 24 * time.Hour   // of looking for pictures that are to be looked at again
	atOnce  = 500              // accounts gone through in one step
	hosts   = 4                // asked at a time
	pace    = 200 * time.Millisecond
	patient = 3 // failures in a row after which a host is left alone
)

// Service looks at pictures.
type Service struct {
	keep Keeper
	http *http.Client
	log  *slog.Logger
	now  func() time.Time

	// Pace is the pause between two pictures of one host.
	Pace time.Duration

	wake chan struct{}

	mu    sync.Mutex // held while pictures are read: for long
	place Place
	anew  time.Time            // when all are gone through again
	alone map[string]time.Time // hosts that are left alone, until when

	keeping   sync.Mutex // held while something is stored or forgotten
	forgotten int        // how many times all was
	stop      func()     // ends the reading that goes on; nil = none does
}

// New returns a service that reads through a client, which says what may be reached.
func New(keep Keeper, client *http.Client, log *slog.Logger, now func() time.Time) *Service {
	return &Service{keep: keep, http: client, log: log, now: now, Pace: pace, wake: make(chan struct{}, 1), alone: make(map[string]time.Time)}
}

// Status says how things stand.
func (s *Service) Status(ctx context.Context) (Status, error) { return s.keep.PictureStatus(ctx) }

// Pictures lists what was seen, by account, after one; of one state, or of all where that is empty.
func (s *Service) Pictures(ctx context.Context, state State, after int64, limit int) ([]Listed, error) {
	return s.keep.Pictures(ctx, state, after, limit)
}

// Save stores settings.
func (s *Service) Save(ctx context.Context, set Settings) error {
	if err := s.keep.SetPictureSettings(ctx, set); err != nil {
		return err
	}
	if !set.On {
		s.keeping.Lock()
		s.halt()
		s.keeping.Unlock()
	}
	select {
	case s.wake <- struct{}{}:
	default:
	}
	return nil
}

// halt ends the reading that goes on.
func (s *Service) halt() {
	if s.stop != nil {
		s.stop()
	}
}

// Forget takes away everything that was seen, also what is being read meanwhile. Unless looking is turned off as well, it
// begins anew.
func (s *Service) Forget(ctx context.Context) (int, error) {
	s.keeping.Lock()
	defer s.keeping.Unlock()
	s.forgotten++
	s.halt()
	return s.keep.ForgetPictures(ctx)
}

// Work goes through all accounts that changed since it did so last, and once a day through all, and looks at the pictures that
// are due. It returns how many it looked at.
func (s *Service) Work(ctx context.Context) (looked int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.now().Before(s.anew) {
		s.place, s.anew = Place{}, s.now().Add(daily)
	}
	for {
		n, more, err := s.step(ctx)
		looked += n
		if err != nil || !more {
			return looked, err
		}
	}
}

// step looks at the pictures of some accounts, and reports whether there are more. Where the reading was halted, what was read
// is kept unless all was forgotten, and the step is to be done again.
func (s *Service) step(ctx context.Context) (looked int, more bool, err error) {
	reading, stop := context.WithCancel(ctx)
	defer stop()
	s.keeping.Lock()
	before := s.forgotten
	s.stop = stop
	s.keeping.Unlock()
	set, err := s.keep.PictureSettings(ctx) // after that: whoever turns it off from here on stops the reading
	if err != nil || !set.On {
		return 0, false, err
	}
	due, end, err := s.keep.PicturesDue(ctx, s.place, atOnce, s.now())
	if err != nil {
		return 0, false, err
	}
	seen, err := s.look(reading, due)
	s.keeping.Lock()
	defer s.keeping.Unlock()
	s.stop = nil
	halted := reading.Err() != nil && ctx.Err() == nil
	switch {
	case s.forgotten != before:
		s.place = Place{}
		return 0, true, nil
	case len(seen) > 0:
		// What was read has been read, also where the process is told to end.
		if err := s.keep.KeepPictures(context.WithoutCancel(ctx), seen); err != nil {
			return 0, false, fmt.Errorf("keeping what pictures look like: %w", err)
		}
	}
	if halted {
		return len(seen), true, nil
	}
	if err != nil || end == s.place {
		return len(seen), false, err
	}
	s.place = end
	return len(seen), true, nil
}

// look reads pictures, a few hosts at a time.
func (s *Service) look(ctx context.Context, due []Due) (all []Seen, err error) {
	var order []string
	of := make(map[string][]Due)
	for _, d := range due {
		if d.Address == "" {
			all = append(all, Seen{Account: d.Account, At: s.now(), State: None, Again: s.now().Add(later)})
			continue
		}
		host := hostOf(d.Address)
		if s.now().Before(s.alone[host]) {
			s.leave(host, s.alone[host])
			continue
		}
		if of[host] == nil {
			order = append(order, host)
		}
		of[host] = append(of[host], d)
	}
	var mu sync.Mutex // of what the hosts give
	work, until := errgroup.WithContext(ctx)
	work.SetLimit(hosts)
	for _, host := range order {
		work.Go(func() error {
			seen, wait, err := s.host(until, of[host])
			mu.Lock()
			defer mu.Unlock()
			all = append(all, seen...)
			if wait > 0 {
				s.leave(host, s.now().Add(wait))
			}
			return err
		})
	}
	return all, work.Wait() //nolint:wrapcheck // it says that the work was told to end
}

// leave leaves a host alone until a time. What it has then is found by going through all again.
func (s *Service) leave(host string, until time.Time) {
	s.alone[host] = until
	if until.Before(s.anew) {
		s.anew = until
	}
}

// host reads the pictures of one host, one after another, until it wants to be left alone for a time.
func (s *Service) host(ctx context.Context, due []Due) (all []Seen, wait time.Duration, err error) {
	failures := 0
	for _, d := range due {
		seen, err := s.read(ctx, d)
		if b, ok := errors.AsType[*busy](err); ok {
			return all, max(b.wait, time.Second), nil
		}
		if err != nil {
			return all, 0, err
		}
		all = append(all, seen)
		if seen.State != Failed {
			failures = 0
		} else if failures++; failures == patient {
			return all, usual, nil
		}
		t := time.NewTimer(s.Pace)
		select {
		case <-ctx.Done():
			t.Stop()
			return all, 0, ctx.Err() //nolint:wrapcheck // as above
		case <-t.C:
		}
	}
	return all, 0, nil
}

// Run works until ctx ends.
func (s *Service) Run(ctx context.Context) {
	ticker := time.NewTicker(rhythm)
	defer ticker.Stop()
	for {
		n, err := s.Work(ctx)
		if err != nil && ctx.Err() == nil {
			s.log.Warn("profile pictures are not looked at", "error", err)
		}
		if n > 0 {
			s.log.Info("profile pictures looked at", "pictures", n)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case <-s.wake:
		}
	}
}
