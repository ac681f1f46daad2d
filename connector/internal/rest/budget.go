// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package rest

import (
	"context"
	"math"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/retryafter"
)

// emptied remembers until when budgets are used up, by what Config.Route says.
type emptied struct {
	mu    sync.Mutex
	until map[string]time.Time
}

// route is what the budget of a request is kept by.
func (c *Client) route(path string) string {
	if c.Route == nil {
		return ""
	}
	return c.Route(path)
}

// budgets reads what an answer says of the platform's budgets.
func (c *Client) budgets(ans *Answer) {
	now := c.Env.Now()
	all := readBudgets(ans.Header, now)
	if c.Budgets != nil {
		all = append(all, c.Budgets(ans.Header, now)...)
	}
	var until time.Time
	for _, b := range all {
		b.At = now
		c.Env.Meter.Budget(b)
		if b.Remaining <= 0 && b.ResetAt.After(until) {
			until = b.ResetAt
		}
	}
	if len(all) == 0 {
		return
	}
	route := c.route(ans.Path)
	c.empty.mu.Lock()
	defer c.empty.mu.Unlock()
	if c.empty.until == nil {
		c.empty.until = make(map[string]time.Time)
	}
	if until.IsZero() {
		delete(c.empty.until, route)
	} else {
		c.empty.until[route] = until
	}
}

// await waits until a request may be sent: for the pace, and for a budget that is used up.
func (c *Client) await(ctx context.Context, path string) error {
	now := c.Env.Now()
	if c.pace != nil {
		r := c.pace.ReserveN(now, 1)
		if d := r.DelayFrom(now); d > 0 {
			if err := c.sleep(ctx, d); err != nil {
				r.CancelAt(now)
				return err
			}
		}
	}
	route := c.route(path)
	c.empty.mu.Lock()
	until := c.empty.until[route] // stays until it has passed: others that ask at the same time wait, too
	c.empty.mu.Unlock()
	d := until.Sub(c.Env.Now())
	switch {
	case d <= 0:
		return nil
	case d > c.MaxWait:
		return &greenroom.Error{
			Code:    greenroom.CodeLimited,
			Message: c.Name + ": the limit of requests is used up until " + until.UTC().Format("2006-01-02 15:04 UTC") + "; " + keptSafe,
			Err:     &Limit{Wait: d},
		}
	}
	if c.Route == nil { // clocks differ; who tells routes apart tells seconds from now
		d += time.Second
	}
	return c.sleep(ctx, d)
}

// longAgo is where a number in a reset header stops being seconds from now and is a time: no platform asks anybody to
// wait for thirty years.
const longAgo = 1_000_000_000

// readBudgets reads the headers that most platforms agree on: RateLimit-Limit, -Remaining and -Reset as the IETF's draft
// has them, with and without X- in front and in the spellings that are met.
func readBudgets(h http.Header, now time.Time) []connector.Budget {
	for _, prefix := range []string{"X-Ratelimit-", "Ratelimit-", "X-Rate-Limit-"} {
		left := h.Get(prefix + "Remaining")
		if left == "" {
			continue
		}
		remaining, err := strconv.ParseFloat(left, 64)
		if err != nil || math.IsNaN(remaining) || math.Abs(remaining) > 1e15 {
			continue
		}
		b := connector.Budget{Name: "requests", Remaining: int64(remaining), ResetAt: reset(h.Get(prefix+"Reset"), now)}
		if after := h.Get(prefix + "Reset-After"); after != "" { // Discord's, to the millisecond
			b.ResetAt = reset(after, now)
		}
		if resource := h.Get(prefix + "Resource"); resource != "" { // GitHub's parts
			b.Name += " of " + resource
		}
		if limit, _, _ := strings.Cut(h.Get(prefix+"Limit"), ","); limit != "" {
			if n, err := strconv.ParseFloat(strings.TrimSpace(limit), 64); err == nil && n >= 0 && n <= 1e15 {
				b.Limit = int64(n)
			}
		}
		return []connector.Budget{b}
	}
	return nil
}

// reset reads when a budget is full again: a Unix time in seconds or milliseconds, seconds from now, or a date.
func reset(text string, now time.Time) time.Time {
	if n, err := strconv.ParseFloat(text, 64); err == nil && n >= longAgo {
		switch {
		case n >= longAgo*10_000: // beyond all sense
			return now.Add(retryafter.Longest)
		case n >= longAgo*100:
			return time.UnixMilli(int64(n)).UTC()
		}
		return time.Unix(int64(n), 0).UTC()
	}
	if d, ok := retryafter.Seconds(text); ok {
		return now.Add(d)
	}
	for _, layout := range []string{time.RFC3339, http.TimeFormat} {
		if at, err := time.Parse(layout, text); err == nil {
			return at
		}
	}
	return time.Time{}
}
