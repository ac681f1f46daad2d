// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package ical

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/teambition/rrule-go"
)

// calendar is what holds for all events of a text.
type calendar struct {
	name      string
	zone      *time.Location
	zones     map[string]*time.Location
	warn      func(string)
	overrides map[string]bool // occurrences that were changed one by one: uid and Unix time
	events    int64
	idle      int // rules that gave no occurrence
}

// person is the organizer or an attendee.
type person struct {
	address string // of mail, in lower case
	name    string
	status  string // ACCEPTED, DECLINED, TENTATIVE, NEEDS-ACTION
	kind    string // INDIVIDUAL, ROOM, RESOURCE, GROUP
	guests  int
}

// event is a VEVENT.
type event struct {
	uid           string
	summary       string
	description   string
	location      string
	url           string
	status        string
	created       time.Time
	modified      time.Time
	start         time.Time
	end           time.Time // zero = not said
	length        span      // instead of an end; the zero value = not said
	day           bool      // it begins on a day, not at a time
	recurrence    time.Time // of an occurrence that was changed: when it would have begun
	organizer     person
	attendees     []person
	rule          string
	except, extra []time.Time
}

func key(uid string, at time.Time) string { return uid + "\x00" + strconv.FormatInt(at.Unix(), 10) }

// read reads an event. The error says what is wrong with it.
func (c *calendar) read(lines [][]byte) (*event, error) {
	e := &event{}
	for _, line := range lines {
		p, ok := parse(string(line))
		if !ok {
			continue // it may be any property; those that are needed are looked at below
		}
		if err := c.set(e, &p); err != nil {
			return nil, err
		}
	}
	switch {
	case e.start.IsZero():
		return nil, fmt.Errorf("the event %q does not say when it begins", e.summary)
	case e.uid == "":
		return nil, fmt.Errorf("the event %q has no UID", e.summary)
	}
	return e, nil
}

// set takes a property over.
func (c *calendar) set(e *event, p *prop) (err error) {
	at := func(to *time.Time) {
		if *to, err = c.when(p.value, p.params); err != nil {
			err = fmt.Errorf("%s: %w", p.name, err)
		}
	}
	switch p.name {
	case "UID":
		e.uid = text(p.value)
	case "SUMMARY":
		e.summary = text(p.value)
	case "DESCRIPTION":
		e.description = text(p.value)
	case "LOCATION":
		e.location = text(p.value)
	case "URL":
		e.url = strings.TrimSpace(p.value)
	case "STATUS":
		e.status = strings.ToUpper(strings.TrimSpace(p.value))
	case "CREATED":
		at(&e.created)
		err = nil                     // some programs write nonsense here, which is not needed
		if e.created.Year() <= 1970 { // Google writes 1900 where it does not know, and wrote the year 0; others write 1970
			e.created = time.Time{}
		}
	case "LAST-MODIFIED":
		at(&e.modified)
		err = nil
	case "DTSTART":
		at(&e.start)
		e.day = len(strings.TrimSpace(p.value)) == len("20060102")
	case "DTEND":
		at(&e.end)
		err = nil // not needed for what has happened
	case "DURATION":
		e.length = duration(p.value)
	case "RECURRENCE-ID":
		at(&e.recurrence)
	case "RRULE":
		e.rule = strings.Trim(strings.ToUpper(p.value), "; ") // upper and lower case are one
	case "EXDATE":
		e.except = append(e.except, c.times(p)...)
	case "RDATE":
		e.extra = append(e.extra, c.times(p)...)
	case "ORGANIZER":
		e.organizer = who(p)
	case "ATTENDEE":
		e.attendees = append(e.attendees, who(p))
	}
	return err
}

// times are those of a list; of periods, their beginnings.
func (c *calendar) times(p *prop) []time.Time {
	var all []time.Time
	for part := range strings.SplitSeq(p.value, ",") {
		begin, _, _ := strings.Cut(part, "/")
		if at, err := c.when(begin, p.params); err == nil {
			all = append(all, at)
		}
	}
	return all
}

func who(p *prop) person {
	address := strings.TrimSpace(p.value)
	if len(address) > len("mailto:") && strings.EqualFold(address[:len("mailto:")], "mailto:") {
		address = address[len("mailto:"):]
	} else if mail := p.params["EMAIL"]; mail != "" {
		address = mail
	}
	w := person{address: strings.ToLower(text(address)), name: text(p.params["CN"]), status: strings.ToUpper(p.params["PARTSTAT"]), kind: strings.ToUpper(p.params["CUTYPE"])}
	if n, err := strconv.Atoi(p.params["X-NUM-GUESTS"]); err == nil && n > 0 && n <= 100 {
		w.guests = n
	}
	if strings.EqualFold(w.name, w.address) {
		w.name = ""
	}
	return w
}

// maxSteps bounds how many occurrences of a rule are computed, and maxIdle how many rules of a calendar may give none: to
// find that out, every day of the coming millennia is tried.
const (
	maxSteps = 20_000
	maxIdle  = 20
)

// whole is the rule with an end that is a day meaning that whole day, also for events that begin at a time.
func (e *event) whole() string {
	parts := strings.Split(e.rule, ";")
	for i, part := range parts {
		if !e.day && strings.HasPrefix(part, "UNTIL=") && len(part) == len("UNTIL=20060102") {
			parts[i] += "T235959"
		}
	}
	return strings.Join(parts, ";")
}

// occurrences are when an event takes place, up to a time: once, or as often as its rule says.
func (e *event) occurrences(c *calendar, until time.Time) ([]time.Time, error) {
	if e.rule == "" && len(e.extra) == 0 {
		return []time.Time{e.start}, nil
	}
	var all []time.Time
	seen := map[int64]bool{}
	for _, at := range e.except {
		seen[at.Unix()] = true
	}
	add := func(at time.Time) {
		if !seen[at.Unix()] && !c.overrides[key(e.uid, at)] && !at.After(until) {
			seen[at.Unix()] = true
			all = append(all, at)
		}
	}
	if e.rule == "" {
		add(e.start)
	} else {
		option, err := rrule.StrToROptionInLocation(e.whole(), e.start.Location())
		if err != nil {
			return nil, fmt.Errorf("the rule %q: %w", e.rule, err)
		}
		if option.Freq > rrule.DAILY || len(option.Byhour) > 24 || len(option.Byminute)+len(option.Bysecond) > 1 { // these are no meetings, and keep a computer busy for long
			return nil, fmt.Errorf("the rule %q: events more often than daily are not followed", e.rule)
		}
		option.Dtstart = e.start
		if option.Until.IsZero() || option.Until.After(until) {
			option.Until = until
		}
		rule, err := rrule.NewRRule(*option)
		if err != nil {
			return nil, fmt.Errorf("the rule %q: %w", e.rule, err)
		}
		if c.idle >= maxIdle {
			return nil, fmt.Errorf("the rule %q: this calendar has too many rules that never come true", e.rule)
		}
		next, given := rule.Iterator(), len(all)
		for range maxSteps {
			at, more := next()
			if !more || at.After(until) {
				break
			}
			add(at)
		}
		if len(all) == given {
			c.idle++
		}
	}
	for _, at := range e.extra {
		add(at)
	}
	return all, nil
}
