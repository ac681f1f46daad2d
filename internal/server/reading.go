// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"greenroom/internal/text"
	"greenroom/internal/text/judge"
	"greenroom/internal/understand"
)

// Understanding is the service that reads messages.
func (a *App) Understanding() *understand.Service {
	a.reading.Do(func() {
		school := a.School
		if school == nil {
			school = &modelSchool{base: sync.OnceValues(judge.Default)}
		}
		a.reader = understand.New(a.Store, school, a.Log, a.Now)
	})
	return a.reader
}

// keepReading reads what is new until ctx ends.
func (a *App) keepReading(ctx context.Context) {
	a.Understanding().Run(ctx)
	a.Understanding().Wait() // a training that runs is stored
}

// Readings is what people do with readings, noted in the audit log.
func (a *App) Readings() Readings {
	return Readings{Service: a.Understanding(), audit: auditor{a.Auth}, wake: a.Projector.Wake}
}

// Readings is the service as pages, API and command line ask for it: what people do is noted in the audit log.
type Readings struct {
	*understand.Service
	audit auditor
	wake  func() // those who follow what was read
}

// Correct is [understand.Service.Correct].
func (r Readings) Correct(ctx context.Context, activity int64, c text.Category, f text.Sentiment, by string) (int64, error) {
	id, err := r.Service.Correct(ctx, activity, c, f, by)
	if err != nil {
		return 0, err
	}
	r.wake()
	var said []string
	if c != 0 {
		said = append(said, c.String())
	}
	if f != 0 {
		said = append(said, f.String())
	}
	return id, r.audit.Audit(ctx, by, "reading.correct", "activity "+strconv.FormatInt(activity, 10), strings.Join(said, ", "))
}

// UndoCorrection is [understand.Service.Undo].
func (r Readings) UndoCorrection(ctx context.Context, correction int64, by string) (understand.Correction, error) {
	c, err := r.Undo(ctx, correction)
	if err != nil {
		return c, err
	}
	r.wake()
	return c, r.audit.Audit(ctx, by, "reading.undo", "activity "+strconv.FormatInt(c.ActivityID, 10), fmt.Sprintf("correction %d", correction))
}

// Retrain is [understand.Service.Retrain].
func (r Readings) Retrain(ctx context.Context, by string) error {
	if err := r.Service.Retrain(ctx, by); err != nil {
		return err
	}
	return r.audit.Audit(ctx, by, "reading.retrain", "text model", "")
}

// Activate is [understand.Service.Activate].
func (r Readings) Activate(ctx context.Context, model int64, by string) error {
	if err := r.Service.Activate(ctx, model); err != nil {
		return err
	}
	return r.audit.Audit(ctx, by, "reading.activate", "text model "+strconv.FormatInt(model, 10), "")
}
