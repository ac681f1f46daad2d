// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"greenroom"
)

// overviews counts one member more each time.
type overviews struct{ asked, sources int64 }

func (o *overviews) Overview(context.Context) (greenroom.Overview, error) {
	o.asked++
	return greenroom.Overview{Members: o.asked, Sources: o.sources}, nil
}

// TestCountsInTheBackground shows old counts while new ones are asked for.
func TestCountsInTheBackground(t *testing.T) {
	at, from := now, &overviews{sources: 1}
	c := newCounter(&Config{Overview: from, Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return at }})
	see := func(want int64, asks int) {
		t.Helper()
		if got := c.get(t.Context()); got.Members != want || len(c.ask) != asks {
			t.Errorf("shows %d and asks %d times, want %d and %d", got.Members, len(c.ask), want, asks)
		}
	}
	see(1, 0) // there were none
	at = at.Add(countsFresh - 1)
	see(1, 0)
	at = at.Add(1)
	see(1, 1)
	see(1, 1) // once is enough
	<-c.ask
	c.count(t.Context())
	see(2, 0)
	from.sources = 0
	c.count(t.Context())
	see(4, 0) // without a source, each page counts
}
