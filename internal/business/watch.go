// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package business

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"greenroom/internal/task"
)

// lookEvery is how often the watcher asks whether a week has begun.
const lookEvery = 10 * time.Minute

// lookHour is the hour of Monday from which on owners are told.
const lookHour = 8

// Run looks at all accounts once a week, from Monday morning on, and tells owners which of theirs have come to be at risk. It may
// be stopped anywhere and may run twice: what was told is stored with whom it was told of.
func (s *Service) Run(ctx context.Context, log *slog.Logger) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		if _, err := s.Watch(ctx); err != nil && ctx.Err() == nil {
			log.ErrorContext(ctx, "accounts were not looked at", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Watch looks at all accounts if that was not done this week, and reports whether it did.
func (s *Service) Watch(ctx context.Context) (bool, error) {
	now := s.now().In(s.zone())
	year, number := now.Add(-lookHour * time.Hour).ISOWeek()
	this := fmt.Sprintf("%d-W%02d", year, number)
	last, err := s.store.RisksLooked(ctx)
	if err != nil {
		return false, fmt.Errorf("asking when accounts were last looked at: %w", err)
	}
	if last >= this {
		return false, nil
	}
	all, err := s.views(ctx, nil)
	if err != nil {
		return false, err
	}
	set, err := s.store.BusinessSettings(ctx)
	if err != nil {
		return false, fmt.Errorf("reading settings: %w", err)
	}
	var risks []Risk
	byID := make(map[int64]*View)
	for i := range all {
		v := &all[i]
		if !v.suggested() {
			continue
		}
		byID[v.Organization] = v
		var why []string
		for _, r := range v.Health.Reasons {
			why = append(why, r.Text)
		}
		// An account has recovered when it is clearly below the limit; else it would be told again and again.
		risks = append(risks, Risk{Organization: v.Organization, Points: v.Health.Points, Reasons: strings.Join(why, "\n"), Since: s.now(), Left: v.Health.Points < set.AtRisk-10})
	}
	at := risks[:0]
	for _, r := range risks {
		if r.Left || byID[r.Organization].Health.Level == AtRisk {
			at = append(at, r)
		}
	}
	err = s.store.NoteRisk(ctx, this, at, func(entered []Risk) []task.Notice {
		var notices []task.Notice
		for _, r := range entered {
			v := byID[r.Organization]
			if v == nil || v.Owner == "" {
				continue
			}
			notices = append(notices, task.Notice{
				Key: fmt.Sprintf("account %d at risk %d", r.Organization, r.Since.UnixMicro()), Person: v.Owner, Kind: "account", Title: v.Name + " is at risk",
				Text: r.Reasons, Link: fmt.Sprintf("/accounts/%d", r.Organization),
			})
		}
		return notices
	})
	if err != nil {
		return false, fmt.Errorf("noting who is at risk: %w", err)
	}
	return true, nil
}
