// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package inbox

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"greenroom"
	"greenroom/internal/outbox"
)

// Waits says how long questions of the last weeks waited, by hour of the week, and within the usual target.
func (s *Service) Waits(ctx context.Context, weeks int) (Waits, error) {
	w, _, err := s.waits(ctx, weeks)
	return w, err
}

// WaitsOf lists the questions behind an hour of the week; the day counts from Monday = 0.
func (s *Service) WaitsOf(ctx context.Context, weeks, day, hour int) ([]greenroom.Conversation, error) {
	_, all, err := s.waits(ctx, weeks)
	if err != nil {
		return nil, err
	}
	var ids []int64
	for _, q := range all {
		if at := q.Opened.In(s.zone()); (int(at.Weekday())+6)%7 == day && at.Hour() == hour {
			ids = append(ids, q.ID)
		}
	}
	found, err := s.store.ConversationsByID(ctx, ids)
	list := []greenroom.Conversation{}
	for _, c := range found {
		list = append(list, c)
	}
	slices.SortFunc(list, func(a, b greenroom.Conversation) int {
		return cmp.Or(b.OpenedAt.Compare(a.OpenedAt), cmp.Compare(b.ID, a.ID))
	})
	return list, err
}

func (s *Service) waits(ctx context.Context, weeks int) (Waits, []Wait, error) {
	if weeks < 1 || weeks > 104 {
		return Waits{}, nil, greenroom.Errorf(greenroom.CodeInvalid, "waits are known of 1 to 104 weeks")
	}
	set, err := s.Settings(ctx)
	if err != nil {
		return Waits{}, nil, err
	}
	now := s.now()
	since := now.AddDate(0, 0, -7*weeks)
	all, err := s.store.InboxWaits(ctx, since)
	if err != nil {
		return Waits{}, nil, fmt.Errorf("reading how long questions waited: %w", err)
	}
	return Summarize(all, since, now, time.Duration(set.Usual*float64(time.Hour)), s.zone()), all, nil
}

// lateEvery is how often a page that stays open learns what has become late.
const lateEvery = 5 * time.Minute

// Version names the state of the inbox: while it is the same, nothing has changed that a page shows.
func (s *Service) Version(ctx context.Context) (string, error) {
	g, err := s.store.InboxSignal(ctx)
	if err != nil {
		return "", fmt.Errorf("asking how far the store is: %w", err)
	}
	return fmt.Sprintf("%d.%d.%d.%d.%d", g.Activity, g.Version, g.Reading, g.Event, s.now().Unix()/int64(lateEvery.Seconds())), nil
}

// Look notes that somebody looks at an item and lists who else does, by mail address.
func (s *Service) Look(id int64, person string) []string { return s.seen.look(id, person, s.now()) }

// Leave notes that somebody looks at an item no more.
func (s *Service) Leave(id int64, person string) { s.seen.leave(id, person) }

// Destinations lists where escalations can write to.
func (s *Service) Destinations(ctx context.Context) ([]outbox.Destination, error) {
	return s.store.Destinations(ctx)
}

// Sent lists what was written in a conversation, or to helpers, from the inbox, the latest first.
func (s *Service) Sent(ctx context.Context, id int64) ([]outbox.Message, error) {
	return s.store.MessageList(ctx, outbox.Filter{Origin: "inbox", ID: id})
}
