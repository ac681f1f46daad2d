// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"greenroom/internal/ingest"
	"greenroom/internal/outbox"
	"greenroom/internal/survey"
)

// Surveys asks members, and has what they answer become activities.
type Surveys struct {
	*survey.Service

	app  *App
	told chan struct{}
}

// Surveys makes the service. box is nil where nothing is sent from here: what is asked then waits for the server.
func (a *App) Surveys(box *Outbox, community string) *Surveys {
	s := &Surveys{app: a, told: make(chan struct{}, 1)}
	links, sent := a.Links(), func() {}
	sender := outbox.New(a.Store, auditor{a.Auth}, a.keys, sent, a.Log, a.Now, a.Zone)
	if box != nil {
		sender, sent = box.Service, func() { box.runner.Wake() }
	}
	s.Service = survey.NewService(survey.Config{
		Store: a.Store, Sender: sender, Links: links, Audit: auditor{a.Auth}, Sent: sent, Told: s.wake, Log: a.Log, Now: a.Now, More: a.segmentGroups,
		Name: func(ctx context.Context) string {
			b, err := a.Store.Brand(ctx)
			if err != nil {
				a.Log.Warn("reading the community's name", "error", err)
			}
			return cmp.Or(b.Name, community, "Our community")
		},
	})
	return s
}

// mostSegments is how many segments make groups of a breakdown.
const mostSegments = 40

// segmentGroups gives the segments as groups.
func (a *App) segmentGroups(ctx context.Context) ([]survey.Dimension, error) {
	all, err := a.Store.Segments(ctx, false)
	if err != nil {
		return nil, fmt.Errorf("listing segments: %w", err)
	}
	d := survey.Dimension{Name: "segment", Label: "Segment"}
	for i := range all[:min(len(all), mostSegments)] {
		d.Groups = append(d.Groups, survey.Group{Label: all[i].Name, Query: "segment:" + all[i].Key})
	}
	if len(d.Groups) == 0 {
		return nil, nil
	}
	return []survey.Dimension{d}, nil
}

func (s *Surveys) wake() {
	select {
	case s.told <- struct{}{}:
	default:
	}
}

// together is how long answers are waited for that become activities along with the first one.
const together = 500 * time.Millisecond

// retryTelling is how long it takes until what could not become activities is tried again.
const retryTelling = time.Minute

// Run looks after surveys, and has answers become activities, until ctx ends.
func (s *Surveys) Run(ctx context.Context) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.Service.Run(ctx)
	}()
	defer func() { <-done }()
	s.wake() // what was answered while no server ran
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.told:
		}
		pause := together
		for {
			select {
			case <-ctx.Done():
				return
			case <-time.After(pause):
			}
			err := s.Tell(ctx)
			if err == nil || ctx.Err() != nil {
				break
			}
			s.app.Log.Error("making activities of answers", "error", err)
			pause = retryTelling
		}
	}
}

// Tell makes activities of what was answered, by the way of everything that comes in.
func (s *Surveys) Tell(ctx context.Context) error {
	some, err := s.app.Store.ResponsesAfter(ctx, 0, 1)
	if err != nil || len(some) == 0 {
		return err
	}
	sources, err := s.app.Store.Sources(ctx)
	if err != nil {
		return err
	}
	name := survey.SourceName
	for i := range sources {
		switch {
		case sources[i].Kind == survey.SourceKind: // which may have been renamed
			name = sources[i].Name
		case sources[i].Name == name: // somebody's own
			name = "greenroom-" + survey.SourceName
		}
	}
	if _, _, err := s.app.Importer.Import(ctx, ingest.Request{Spec: survey.Facts(s.app.Store), Name: name}); err != nil {
		return fmt.Errorf("reading answers: %w", err)
	}
	s.app.Projector.Wake()
	return nil
}
