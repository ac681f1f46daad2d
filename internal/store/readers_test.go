// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/identity"
	"greenroom/internal/priority"
	"greenroom/internal/store"
)

// Who opens a page waits neither for connections that background work holds, nor for those that hold locks on sources that are read.
func TestReadersAreApart(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // for a test that would wait forever
		defer cancel()
		newWorkplace(t, s).in("a", connector.Identity{ExternalID: "1", Name: "Ana"})
		most := s.Readers()
		for id := range int64(2 * most) {
			unlock, err := s.LockSource(ctx, id+1, greenroom.LaneRead)
			if err != nil {
				t.Fatal(err)
			}
			defer unlock()
		}
		reached := errors.New("every connection of background work is in use")
		var hold func(depth int) error
		hold = func(depth int) error {
			return s.MatchRecords(priority.Background(ctx), func(int64, identity.Record) error {
				if depth < most {
					return hold(depth + 1)
				}
				if _, err := s.Sources(ctx); err != nil {
					t.Errorf("a request got %v", err)
				}
				return reached
			})
		}
		if err := hold(1); !errors.Is(err, reached) {
			t.Errorf("got %v, want %v", err, reached)
		}
	})
}
