// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package recognition

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"greenroom"
	"greenroom/internal/outbox"
)

// Week is the milestones of a week.
type Week struct {
	From  time.Time   `json:"from"` // Monday, 0:00 in the team's zone
	Until time.Time   `json:"until"`
	Items []Milestone `json:"items"`
}

// maxWeeks is how many weeks are listed at once.
const maxWeeks = 26

// Milestones lists what was reached in the last weeks, the week that runs included, the latest week first.
func (s *Service) Milestones(ctx context.Context, weeks int) ([]Week, error) {
	if weeks < 1 || weeks > maxWeeks {
		return nil, greenroom.FieldErrorf("weeks", "the weeks that are looked back are from 1 to %d, not %d", maxWeeks, weeks)
	}
	set, err := s.store.RecognitionSettings(ctx)
	if err != nil {
		return nil, err
	}
	now := s.now().In(s.zone())
	monday := time.Date(now.Year(), now.Month(), now.Day()-(int(now.Weekday())+6)%7, 0, 0, 0, 0, now.Location())
	all := make([]Week, weeks)
	for i := range all {
		from := monday.AddDate(0, 0, -7*i)
		all[i] = Week{From: from, Until: from.AddDate(0, 0, 7), Items: []Milestone{}}
	}
	since := all[weeks-1].From
	for _, k := range Kinds() {
		if len(set.Levels[k]) == 0 {
			continue
		}
		reached, err := s.store.Reached(ctx, k, set.Levels[k], since, now)
		if err != nil {
			return nil, fmt.Errorf("looking for milestones of the kind %s: %w", k, err)
		}
		for _, m := range reached {
			if i := slices.IndexFunc(all, func(w Week) bool { return !m.At.Before(w.From) && m.At.Before(w.Until) }); i >= 0 {
				all[i].Items = append(all[i].Items, m)
			}
		}
	}
	for i := range all {
		slices.SortStableFunc(all[i].Items, func(a, b Milestone) int {
			switch {
			case a.Level != b.Level: // what takes longest first
				return int(b.Level - a.Level)
			case !a.At.Equal(b.At):
				return b.At.Compare(a.At)
			}
			return int(a.Member.ID - b.Member.ID)
		})
	}
	return all, nil
}

// SeeTo drafts a message to whoever reached a milestone, or marks it as seen to. It has to be one of the last half year.
func (s *Service) SeeTo(ctx context.Context, member int64, k Kind, level int64, o Outcome, by string) (Milestone, error) {
	if !o.Valid() {
		return Milestone{}, greenroom.Errorf(greenroom.CodeInvalid, "expected %q or %q", Drafted, Marked)
	}
	now := s.now()
	reached, err := s.store.Reached(ctx, k, []int64{level}, now.AddDate(0, 0, -7*(maxWeeks+1)), now)
	if err != nil {
		return Milestone{}, fmt.Errorf("looking for milestones of the kind %s: %w", k, err)
	}
	i := slices.IndexFunc(reached, func(m Milestone) bool { return m.Member.ID == member })
	if i < 0 {
		return Milestone{}, greenroom.Errorf(greenroom.CodeNotFound, "member %d has not reached %d %s of late", member, level, k)
	}
	m := reached[i]
	var draft *outbox.Message
	if o == Drafted {
		set, err := s.store.RecognitionSettings(ctx)
		if err != nil {
			return m, err
		}
		draft = &outbox.Message{
			Key: fmt.Sprintf("milestone %d %s %d", member, k, level), Origin: outbox.Origin{Kind: origin, ID: member, Step: "milestone"}, Subject: m.Text(),
			Text: fill(set.Congrats, map[string]string{"first_name": m.Member.First(), "name": m.Member.Name, "milestone": m.Text()}),
		}
		if err := s.address(ctx, draft, &m.Member); err != nil {
			return m, err
		}
	}
	if err := s.store.SeeTo(ctx, &m, o, draft, by); err != nil {
		return m, fmt.Errorf("seeing to a milestone: %w", err)
	}
	m.Outcome, m.By, m.SeenAt = o, by, now
	return m, s.audit.Audit(ctx, by, "recognition.milestone", fmt.Sprintf("member %d", member), m.Text()+": "+string(o))
}

// Unsee takes back that a milestone was marked.
func (s *Service) Unsee(ctx context.Context, member int64, k Kind, level int64, by string) error {
	if err := s.store.Unsee(ctx, member, k, level); err != nil {
		return fmt.Errorf("taking back that a milestone was seen to: %w", err)
	}
	return s.audit.Audit(ctx, by, "recognition.milestone.undo", fmt.Sprintf("member %d", member), fmt.Sprintf("%d %s", level, k))
}

func number(n int64) string { return strconv.FormatInt(n, 10) }
