// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package event

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// WriteICal writes a calendar as RFC 5545 wants it: lines end with CR LF and are folded at 75 bytes, never within a letter;
// texts are escaped; times are in UTC, so that no calendar has to be told what a zone is. now stands in DTSTAMP only where
// an entry does not say when it was changed.
func WriteICal(w io.Writer, name string, all []Entry, now time.Time) error {
	c := &calendarWriter{out: bufio.NewWriter(w)}
	c.line("BEGIN", "VCALENDAR")
	c.line("VERSION", "2.0")
	c.line("PRODID", "-//Greenroom//Calendar//EN")
	c.line("CALSCALE", "GREGORIAN")
	c.line("METHOD", "PUBLISH")
	c.text("X-WR-CALNAME", name)
	c.text("NAME", name)
	c.line("REFRESH-INTERVAL;VALUE=DURATION", "PT1H")
	c.line("X-PUBLISHED-TTL", "PT1H")
	for i := range all {
		c.entry(&all[i], now)
	}
	c.line("END", "VCALENDAR")
	if c.err != nil {
		return fmt.Errorf("writing a calendar: %w", c.err)
	}
	if err := c.out.Flush(); err != nil {
		return fmt.Errorf("writing a calendar: %w", err)
	}
	return nil
}

// calendarWriter remembers the first error.
type calendarWriter struct {
	out *bufio.Writer
	err error
}

const (
	utcForm  = "20060102T150405Z"
	dayForm  = "20060102"
	lineSize = 75 // bytes, without the line's end
)

func (c *calendarWriter) entry(e *Entry, now time.Time) {
	changed := e.ChangedAt
	if changed.IsZero() {
		changed = now
	}
	c.line("BEGIN", "VEVENT")
	c.text("UID", e.UID)
	c.line("DTSTAMP", changed.UTC().Format(utcForm))
	c.line("LAST-MODIFIED", changed.UTC().Format(utcForm))
	c.line("SEQUENCE", strconv.FormatInt(e.Sequence, 10))
	if e.AllDay {
		c.line("DTSTART;VALUE=DATE", e.From.Format(dayForm))
		c.line("DTEND;VALUE=DATE", e.To.Format(dayForm))
		c.line("TRANSP", "TRANSPARENT")
	} else {
		c.line("DTSTART", e.From.UTC().Format(utcForm))
		c.line("DTEND", e.To.UTC().Format(utcForm))
	}
	c.text("SUMMARY", e.Title)
	if e.Text != "" {
		c.text("DESCRIPTION", e.Text)
	}
	if e.Place != "" {
		c.text("LOCATION", e.Place)
	}
	if e.Link != "" {
		c.line("URL", e.Link)
	}
	c.line("CATEGORIES", strings.ToUpper(e.Kind))
	c.line("STATUS", statusOf(e))
	c.line("END", "VEVENT")
}

// statusOf is what RFC 5545 calls how far an entry is.
func statusOf(e *Entry) string {
	switch e.State {
	case string(Canceled):
		return "CANCELLED" //nolint:misspell // RFC 5545 spells it so
	case string(Planned), string(Idea), string(Drafted), string(InReview):
		return "TENTATIVE"
	}
	return "CONFIRMED"
}

// text writes a property whose value is text.
func (c *calendarWriter) text(name, value string) {
	c.line(name, strings.NewReplacer("\\", "\\\\", ";", "\\;", ",", "\\,", "\r\n", "\\n", "\n", "\\n", "\r", "\\n").Replace(printable(value)))
}

// printable leaves out what no text of a calendar may hold.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\r' && r != '\t' || r == 0x7F {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
}

// line writes a property, folded.
func (c *calendarWriter) line(name, value string) {
	if c.err != nil {
		return
	}
	rest := name + ":" + strings.NewReplacer("\r", "", "\n", "").Replace(value)
	for room := lineSize; ; room = lineSize - 1 { // the space that goes on counts
		if len(rest) <= room {
			_, c.err = c.out.WriteString(rest + "\r\n")
			return
		}
		cut := room
		for cut > 1 && !utf8.RuneStart(rest[cut]) {
			cut--
		}
		if _, c.err = c.out.WriteString(rest[:cut] + "\r\n "); c.err != nil {
			return
		}
		rest = rest[cut:]
	}
}
