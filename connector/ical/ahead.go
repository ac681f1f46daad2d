// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package ical

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"greenroom"
)

// Ahead is an event as a calendar shows it, whether it has happened or is to come.
type Ahead struct {
	UID      string // with the time of its occurrence, where it recurs
	Title    string
	Text     string
	Place    string
	Link     string
	Start    time.Time
	End      time.Time // not before Start
	AllDay   bool
	Canceled bool
}

// mostAhead bounds how many events and occurrences are given.
const mostAhead = 20_000

// ReadAhead reads the events of a calendar that overlap with a time, recurring ones occurrence by occurrence. Events that
// cannot be read are left out; an error means that the text is no calendar.
func ReadAhead(text []byte, from, to time.Time, zone *time.Location) ([]Ahead, error) {
	if !bytes.Contains(bytes.ToUpper(text[:min(len(text), 200)]), []byte("BEGIN:VCALENDAR")) {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "this is not a calendar; expected a text that begins with BEGIN:VCALENDAR")
	}
	cal := &calendar{zone: zone, zones: make(map[string]*time.Location), warn: func(string) {}, overrides: make(map[string]bool)}
	var events []*event
	scan := newScanner(bytes.NewReader(text), 0, func(line string) {
		if p, ok := parse(line); ok && p.name == "X-WR-TIMEZONE" {
			if z, err := time.LoadLocation(strings.TrimSpace(p.value)); err == nil {
				cal.zone = z
			}
		}
	})
	for {
		c, err := scan.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("reading a calendar: %w", err)
		}
		if c.name == "VTIMEZONE" && !c.tooLong {
			cal.define(c.raw)
		}
		if c.name != "VEVENT" || c.tooLong {
			continue
		}
		if e, err := cal.read(c.lines); err == nil && len(events) < mostAhead {
			if !e.recurrence.IsZero() {
				cal.overrides[key(e.uid, e.recurrence)] = true
			}
			events = append(events, e)
		}
	}
	var all []Ahead
	for _, e := range events {
		times, err := e.occurrences(cal, to)
		if err != nil {
			continue
		}
		for _, at := range times {
			if a := e.ahead(at, len(times) > 1 || e.rule != ""); a.Start.Before(to) && a.End.After(from) && len(all) < mostAhead {
				all = append(all, a)
			}
		}
	}
	return all, nil
}

// ahead is an occurrence of an event.
func (e *event) ahead(at time.Time, recurs bool) Ahead {
	end := at.Add(e.end.Sub(e.start))
	switch {
	case !e.end.IsZero() && e.end.After(e.start):
	case e.length != span{}:
		end = at.AddDate(0, 0, e.length.days).Add(e.length.time)
	case e.day:
		end = at.Add(24 * time.Hour)
	default:
		end = at.Add(time.Hour)
	}
	a := Ahead{UID: e.uid, Title: e.summary, Text: description(e.description), Place: e.location, Start: at, End: end, AllDay: e.day, Canceled: e.status == "CANCELLED"} //nolint:misspell // RFC 5545 spells it so
	switch {
	case !e.recurrence.IsZero():
		a.UID += "/" + e.recurrence.UTC().Format(stamp)
	case recurs:
		a.UID += "/" + at.UTC().Format(stamp)
	}
	if strings.HasPrefix(e.url, "https://") || strings.HasPrefix(e.url, "http://") {
		a.Link = e.url
	}
	return a
}
