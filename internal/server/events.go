// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"greenroom"
	"greenroom/connector/ical"
	"greenroom/internal/event"
	"greenroom/internal/fetch"
	"greenroom/internal/ingest"
)

// events makes the service that keeps events and content. Calendars of others are read from public addresses, and from
// those of allowed networks.
func (a *App) events(allowed []netip.Prefix) *event.Service {
	client := fetch.Guarded(requestTimeout, allowed)
	return event.New(event.Config{
		Store: a.Store, Audit: auditor{a.Auth}, Seal: a.keys, Log: a.Log, Now: a.Now, Zone: a.Zone,
		Sender: func() event.Sender { return a.letterbox() }, Sync: a.tellEvents, Dates: a.programDates, Team: a.team,
		Fetch: func(ctx context.Context, address string, from, to time.Time) ([]event.Entry, error) {
			return readCalendar(ctx, client, address, from, to, a.Zone())
		},
	})
}

// tellEvents reads the source of events, so that attendance becomes activities.
func (a *App) tellEvents(ctx context.Context) error {
	sources, err := a.Store.Sources(ctx)
	if err != nil {
		return err
	}
	name := event.SourceName
	for i := range sources { // somebody may have called it something else
		if sources[i].Kind == event.SourceKind && sources[i].DisconnectedAt.IsZero() {
			name = sources[i].Name
		}
	}
	if _, _, err := a.Importer.Import(ctx, ingest.Request{Spec: event.Spec(a.Store), Name: name}); err != nil {
		return err
	}
	a.Projector.Wake()
	return nil
}

// programDates are the dates of programs that are not closed.
func (a *App) programDates(ctx context.Context) ([]event.Entry, error) {
	all, err := a.Store.Programs(ctx, false)
	if err != nil {
		return nil, err
	}
	var entries []event.Entry
	for i := range all {
		p := &all[i]
		for n, d := range p.Plan.Dates {
			entries = append(entries, event.Entry{
				UID: fmt.Sprintf("program-%d-%d-%d@greenroom", p.ID, n, d.At.Unix()), Kind: "program", Title: p.Name + ": " + d.Title, From: d.At.In(a.Zone()), To: d.At.In(a.Zone()).AddDate(0, 0, 1), AllDay: true, Link: d.Link,
				Path: "/programs/" + p.Key, Owner: p.Owner, State: string(p.State), ChangedAt: p.ChangedAt,
			})
		}
	}
	return entries, nil
}

// calendarBytes is the most that is read of a calendar.
const calendarBytes = 20 << 20

func readCalendar(ctx context.Context, client *http.Client, address string, from, to time.Time, zone *time.Location) ([]event.Entry, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, &greenroom.Error{Code: greenroom.CodeInvalid, Message: "the address of the calendar cannot be read", Err: errors.New("malformed address")} // the address may be secret
	}
	r.Header.Set("Accept", "text/calendar, */*;q=0.5")
	res, err := client.Do(r)
	if err != nil {
		var u *url.Error
		if errors.As(err, &u) { // its text has the address in it
			err = u.Err
		}
		return nil, &greenroom.Error{Code: greenroom.CodeUnavailable, Message: "the calendar did not answer", Err: err}
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, greenroom.Errorf(greenroom.CodeUnavailable, "the calendar's server answered %d; check the address", res.StatusCode)
	}
	var text bytes.Buffer
	if _, err := io.Copy(&text, io.LimitReader(res.Body, calendarBytes)); err != nil {
		return nil, &greenroom.Error{Code: greenroom.CodeUnavailable, Message: "the calendar was cut short", Err: err}
	}
	ahead, err := ical.ReadAhead(text.Bytes(), from, to, zone)
	if err != nil {
		return nil, err
	}
	all := make([]event.Entry, 0, len(ahead))
	for i := range ahead {
		x := &ahead[i]
		e := event.Entry{UID: x.UID, Title: x.Title, Text: x.Text, From: x.Start, To: x.End, AllDay: x.AllDay, Place: x.Place, Link: x.Link}
		if x.Canceled {
			e.State = string(event.Canceled)
		}
		all = append(all, e)
	}
	return all, nil
}

// calendarFeed answers calendar programs, which have nothing but the address.
func calendarFeed(feed func(ctx context.Context, token string, to io.Writer) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var out bytes.Buffer
		switch err := feed(r.Context(), r.URL.Query().Get("t"), &out); {
		case greenroom.ErrorCode(err) == greenroom.CodeNotFound:
			http.Error(w, greenroom.ErrorMessage(err), http.StatusNotFound)
			return
		case err != nil:
			http.Error(w, "that did not work; try again in a moment", http.StatusServiceUnavailable)
			return
		}
		w.Header().Set("Content-Type", "text/calendar; charset=utf-8")
		w.Header().Set("Content-Disposition", `inline; filename="greenroom.ics"`)
		w.Header().Set("Referrer-Policy", "no-referrer")
		w.Header().Set("Cache-Control", "private, max-age=300")
		_, _ = out.WriteTo(w) // who has left needs no answer
	}
}
