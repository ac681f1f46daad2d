// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package ical

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/rest"
	"greenroom/connector/internal/walk"
)

// pageEvents is how many events are read between two checkpoints.
const pageEvents = 200

// Read goes through the calendars.
func (s *source) Read(ctx context.Context, from connector.Cursor, out *connector.Sink) error {
	var all []walk.Section
	var open []*calendarFile
	if s.client != nil {
		f := &calendarFile{name: "feed", title: "the feed"}
		open, all = append(open, f), append(all, s.section(f, func(ctx context.Context, mark string) error { return s.fetch(ctx, f, mark) }, out))
	}
	for _, path := range s.files {
		f := &calendarFile{name: filepath.Base(path), title: filepath.Base(path)}
		open, all = append(open, f), append(all, s.section(f, func(_ context.Context, mark string) error { return f.open(path, mark) }, out))
	}
	defer func() {
		for _, f := range open {
			f.close()
		}
	}()
	return walk.Sections(ctx, all, from, s.env.Now(), out)
}

// calendarFile is a calendar while it is read.
type calendarFile struct {
	name, title string
	mark        string // that says whether it has changed
	same        bool
	text        io.ReadSeekCloser
	cal         *calendar
	scan        *scanner
}

func (f *calendarFile) close() {
	if f.text != nil {
		_ = f.text.Close()
		f.text = nil
	}
}

// nopSeekCloser is a text in memory.
type nopSeekCloser struct{ *bytes.Reader }

func (nopSeekCloser) Close() error { return nil }

// fetch asks for the feed, unless it is the one that the mark, its ETag, is of.
func (s *source) fetch(ctx context.Context, f *calendarFile, mark string) error {
	ans, err := s.client.Do(ctx, rest.Request{ETag: mark})
	if err != nil {
		return err
	}
	if f.same = ans.NotModified(); f.same {
		f.mark = mark
		return nil
	}
	f.mark, f.text = ans.Header.Get("ETag"), nopSeekCloser{bytes.NewReader(ans.Body)}
	return nil
}

// open opens a file, unless it has the size and the time that the mark says.
func (f *calendarFile) open(path, mark string) error {
	file, err := os.Open(path)
	if err != nil {
		return &greenroom.Error{Code: greenroom.CodeInvalid, Message: path + " cannot be read", Err: err}
	}
	info, err := file.Stat()
	if err != nil {
		_ = file.Close()
		return fmt.Errorf("looking at %s: %w", path, err)
	}
	f.mark = strconv.FormatInt(info.Size(), 10) + " " + info.ModTime().UTC().Format("20060102T150405.000000")
	if f.same = f.mark == mark; f.same {
		return file.Close() //nolint:wrapcheck // nothing was written
	}
	f.text = file
	return nil
}

// section is the reading of a calendar. A page's name is the place in the text from which to go on: how many bytes and
// lines lie before it. Events take place as time passes, so a calendar is read again each day though it has not changed:
// the day stands in front of its mark.
func (s *source) section(f *calendarFile, open func(context.Context, string) error, out *connector.Sink) walk.Section {
	return walk.Section{Name: "calendar/" + f.name, Title: f.title, Read: func(ctx context.Context, at *walk.At) (string, error) {
		if f.text == nil {
			known, today := "", s.env.Now().UTC().Format(time.DateOnly)
			if day, mark, _ := strings.Cut(at.Mark, " "); at.Page == "" && day == today {
				known = mark
			}
			if err := open(ctx, known); err != nil {
				return "", err
			}
			if f.same {
				at.Leave(at.Mark)
				return "", nil
			}
			if err := s.survey(f); err != nil {
				return "", err
			}
			at.Leave(today + " " + f.mark)
		}
		before, lines, _ := strings.Cut(at.Page, "|")
		offset, err := strconv.ParseInt("0"+before, 10, 64)
		line, err2 := strconv.ParseInt("0"+lines, 10, 64)
		if err != nil || err2 != nil {
			return "", greenroom.Errorf(greenroom.CodeInvalid, "the place to go on from, %q, is not one of this connector's", at.Page)
		}
		if f.scan == nil || f.scan.offset != offset {
			if _, err := f.text.Seek(offset, io.SeekStart); err != nil {
				return "", fmt.Errorf("going on in %s: %w", f.title, err)
			}
			f.scan = newScanner(f.text, offset, func(string) {})
			f.scan.line = line
		}
		return s.page(f, out)
	}}
}

// page reads some events and returns where to go on.
func (s *source) page(f *calendarFile, out *connector.Sink) (string, error) {
	out.Channel(connector.Channel{ExternalID: f.name, Name: f.cal.name})
	for range pageEvents {
		c, err := f.scan.next()
		if errors.Is(err, io.EOF) {
			f.close()
			f.scan = nil
			return "", nil
		}
		if errors.Is(err, io.ErrUnexpectedEOF) {
			out.Read(1)
			reject(out, f.title, c, "the calendar ends in the middle of this")
			continue
		}
		if err != nil {
			return "", fmt.Errorf("reading %s: %w", f.title, err)
		}
		s.component(f, c, out)
	}
	return strconv.FormatInt(f.scan.offset, 10) + "|" + strconv.FormatInt(f.scan.line, 10), nil
}

func (s *source) component(f *calendarFile, c *component, out *connector.Sink) {
	switch c.name {
	case "VEVENT":
	case "VTIMEZONE":
		return
	default:
		out.Read(1)
		out.LeftOut("components "+c.name, 1)
		return
	}
	out.Read(1)
	if c.tooLong {
		reject(out, f.title, c, "this event is larger than 4 MB")
		return
	}
	e, err := f.cal.read(c.lines)
	if err != nil {
		reject(out, f.title, c, err.Error())
		return
	}
	starts, err := e.occurrences(f.cal, s.env.Now())
	if err != nil {
		reject(out, f.title, c, err.Error())
		return
	}
	since, ref := s.set.Since(optSince), connector.RawRef(0)
	for _, start := range starts {
		if start.Before(since) {
			continue
		}
		if ref == 0 {
			ref = out.Raw(bytes.ToValidUTF8(c.raw, []byte("\uFFFD")))
		}
		s.push(e, start, f.name, ref, out)
	}
}

// maxOverrides bounds how many changed occurrences are remembered.
const maxOverrides = 100_000

// survey is the first pass over a calendar: its name and zone, how many events there are, and which occurrences were
// changed one by one.
func (s *source) survey(f *calendarFile) error {
	f.cal = &calendar{name: f.title, zone: s.zone, zones: map[string]*time.Location{}, warn: s.env.Meter.Warn, overrides: map[string]bool{}}
	if _, err := f.text.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("going through %s: %w", f.title, err)
	}
	scan := newScanner(f.text, 0, func(line string) {
		switch p, _ := parse(line); p.name {
		case "X-WR-CALNAME", "NAME":
			f.cal.name = text(p.value)
		case "X-WR-TIMEZONE":
			f.cal.zone = f.cal.location(text(p.value))
		}
	})
	for {
		c, err := scan.next()
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("going through %s: %w", f.title, err)
		}
		if c.name == "VTIMEZONE" && !c.tooLong {
			f.cal.define(c.raw)
		}
		if c.name != "VEVENT" || c.tooLong {
			continue
		}
		f.cal.events++
		if !bytes.Contains(c.raw, []byte("RECURRENCE-ID")) || len(f.cal.overrides) >= maxOverrides {
			continue
		}
		if e, err := f.cal.read(c.lines); err == nil && !e.recurrence.IsZero() {
			f.cal.overrides[key(e.uid, e.recurrence)] = true
		}
	}
}
