// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package stripe

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"greenroom/connector"
	"greenroom/connector/internal/rest"
	"greenroom/connector/internal/walk"
)

// eventMark is the mark of the events: the newest one, and when it was seen, "evt_1@2026-01-05T09:00:00Z". Once Stripe has
// thrown that event away, the time says from where to go on. Marks that are older than this code have no time.
type eventMark struct {
	id string
	at time.Time
}

func (m eventMark) String() string {
	if m.id == "" { // walk's own mark is the time
		return ""
	}
	return m.id + "@" + m.at.UTC().Format(time.RFC3339)
}

func readMark(text string) eventMark {
	id, when, _ := strings.Cut(text, "@")
	at, err := time.Parse(time.RFC3339, when)
	if err != nil {
		at = time.Time{}
	}
	return eventMark{id, at}
}

// events reads what happened behind the last event that was seen. The first time there is none: the newest one is noted.
func (s *source) events(ctx context.Context, at *walk.At, out *connector.Sink) (string, error) {
	if since, before, ok := readBack(at.Page); ok {
		return s.back(ctx, at, since, before, out)
	}
	seen := eventMark{id: at.Page}
	if at.Since.IsZero() {
		if seen = readMark(at.Mark); at.Page != "" {
			seen.id = at.Page
		}
	} else if at.Page == "" { // there was no event at all then
		return s.back(ctx, at, at.Since, "", out)
	}
	if seen.id == "" {
		return "", s.newest(ctx, at)
	}
	p, err := s.page(ctx, "/v1/events", url.Values{"types[]": wantedEvents(), "limit": {strconv.Itoa(pageSize)}, "ending_before": {seen.id}})
	if forgotten(err) { // it is older than thirty days
		if !seen.at.IsZero() && s.env.Now().Sub(seen.at) >= eventAge { // everything is listed again
			return "", s.newest(ctx, at)
		}
		if !seen.at.IsZero() {
			seen.at = seen.at.Add(-walk.Overlap)
		}
		return s.back(ctx, at, seen.at, "", out)
	}
	if err != nil {
		return "", err
	}
	newest := eventMark{seen.id, s.env.Now()}
	if id := firstID(p); id != "" {
		newest.id = id
	}
	at.Leave(newest.String())
	if err := s.told(ctx, p, out); err != nil || !p.More || newest.id == seen.id {
		return "", err
	}
	return newest.id, nil
}

// newest notes the newest event.
func (s *source) newest(ctx context.Context, at *walk.At) error {
	p, err := s.page(ctx, "/v1/events", url.Values{"types[]": wantedEvents(), "limit": {"1"}})
	if err == nil {
		at.Leave(eventMark{firstID(p), s.env.Now()}.String())
	}
	return err
}

// back reads the events since a time (zero = all that Stripe has), the newest first, from behind the one that is named.
func (s *source) back(ctx context.Context, at *walk.At, since time.Time, before string, out *connector.Sink) (string, error) {
	q := url.Values{"types[]": wantedEvents(), "limit": {strconv.Itoa(pageSize)}}
	if !since.IsZero() {
		q.Set("created[gte]", strconv.FormatInt(since.Unix(), 10))
	}
	if before != "" {
		q.Set("starting_after", before)
	}
	p, err := s.page(ctx, "/v1/events", q)
	if before != "" && forgotten(err) { // and with it all that is older
		return "", nil
	}
	if err != nil {
		return "", err
	}
	if before == "" {
		at.Leave(eventMark{firstID(p), s.env.Now()}.String())
	}
	if err := s.told(ctx, p, out); err != nil || !p.More {
		return "", err
	}
	last := p.last().ID
	if last == "" || last == before {
		return "", nil
	}
	return backPage + q.Get("created[gte]") + "/" + last, nil
}

// backPage begins the names of pages that go back: behind it stand the Unix time from which on, or nothing, and an event.
const backPage = "back/"

func readBack(page string) (since time.Time, before string, ok bool) {
	page, ok = strings.CutPrefix(page, backPage)
	stamp, before, _ := strings.Cut(page, "/")
	if unix, err := strconv.ParseInt(stamp, 10, 64); err == nil {
		since = time.Unix(unix, 0)
	}
	return since, before, ok
}

// told passes on a page of events.
func (s *source) told(ctx context.Context, p *page, out *connector.Sink) error {
	var all []event
	if err := each(ctx, "events", p.Data, out, func(_ context.Context, item []byte) (bad, _ error) {
		var e event
		if bad = rest.Unmarshal(item, &e); bad == nil && (e.ID == "" || e.Created == 0) {
			bad = errRecord
		}
		if bad == nil {
			all = append(all, e)
		}
		return bad, nil
	}); err != nil {
		return err
	}
	slices.Reverse(all) // the oldest first
	return s.touch(ctx, all, out)
}

func firstID(p *page) string {
	if len(p.Data) == 0 {
		return ""
	}
	return idOf(p.Data[0])
}

func idOf(item jsontext.Value) string {
	var o object
	if rest.Unmarshal(item, &o) != nil {
		return ""
	}
	return o.ID
}
