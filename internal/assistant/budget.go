// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package assistant

import (
	"context"
	"strconv"
	"time"

	"greenroom"
)

// Budget is how a month stands.
type Budget struct {
	Since    time.Time `json:"since"` // when the month began
	Used     Total     `json:"used"`
	Forecast Total     `json:"forecast"` // by the end of the month, if it goes on like that
}

// month is the calendar month of a time, in the team's time zone.
func (s *Service) month(now time.Time) (from, to time.Time) {
	t := now.In(s.zone())
	from = time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, t.Location())
	return from, from.AddDate(0, 1, 0)
}

// Budget says what this month has used, and will have used at its end if the rest is like what was.
func (s *Service) Budget(ctx context.Context) (Budget, error) {
	now := s.now()
	from, to := s.month(now)
	used, err := s.keep.UsedSince(ctx, from)
	if err != nil {
		return Budget{}, err
	}
	// The first day counts as a whole one: an hour tells little of a month.
	times := float64(to.Sub(from)) / float64(max(now.Sub(from), 24*time.Hour))
	return Budget{Since: from, Used: used, Forecast: Total{
		Requests: int64(float64(used.Requests) * times), Tokens: int64(float64(used.Tokens) * times), Micros: int64(float64(used.Micros) * times),
	}}, nil
}

// Uses lists the last requests, the newest first.
func (s *Service) Uses(ctx context.Context, limit int) ([]Use, error) { return s.keep.Uses(ctx, limit) }

// reserve sets aside what a request can use at most, or says that the month has not that much left.
func (s *Service) reserve(ctx context.Context, set *Settings, most Total) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	from, to := s.month(s.now())
	used, err := s.keep.UsedSince(ctx, from)
	if err != nil {
		return err
	}
	again := "It begins again on " + to.Format("2 January") + ", and an owner can change it under Settings, Language model"
	if left := set.MonthTokens - used.Tokens - s.under.Tokens; most.Tokens > left {
		return greenroom.Errorf(greenroom.CodeLimited, "the language model's budget of this month is used up: this may take %d tokens, and %d of %d are left. %s", most.Tokens, max(0, left), set.MonthTokens, again)
	}
	if left := int64(set.MonthCost*1e6) - used.Micros - s.under.Micros; set.MonthCost > 0 && most.Micros > left {
		return greenroom.Errorf(greenroom.CodeLimited, "the language model's budget of this month is used up: this may cost %s, and %s of %s are left. %s", Money(most.Micros), Money(max(0, left)), Money(int64(set.MonthCost*1e6)), again)
	}
	s.under.Tokens += most.Tokens
	s.under.Micros += most.Micros
	return nil
}

func (s *Service) release(most Total) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.under.Tokens -= most.Tokens
	s.under.Micros -= most.Micros
}

// Money is a number of millionths of the currency, as people write it.
func Money(micros int64) string {
	decimals := 2
	if micros%1e4 != 0 && micros < 1e6 {
		decimals = 4
	}
	return strconv.FormatFloat(float64(micros)/1e6, 'f', decimals, 64)
}
