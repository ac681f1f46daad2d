// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package walk_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/walk"
)

var now = time.Date(2026, 1, 5, 12, 0, 0, 123, time.UTC)

// journal is sections with pages "", "1", "2" ..., and what was asked of them.
type journal struct {
	asked   []string
	cursors []connector.Cursor
	fail    string // the page at which a read breaks off
}

var errBroken = errors.New("broken")

func (j *journal) section(name string, pages int, edit func(*walk.Section)) walk.Section {
	s := walk.Section{Name: name, Read: func(_ context.Context, at *walk.At) (string, error) {
		line := name + "/" + at.Page
		if j.fail == line {
			return "", errBroken
		}
		if at.Mark != "" {
			line += " from " + at.Mark
		}
		if !at.Since.IsZero() {
			line += " since " + at.Since.Format(time.RFC3339)
		}
		j.asked = append(j.asked, line)
		n, _ := strconv.Atoi(at.Page) // the first page is ""
		if n+1 == pages {
			return "", nil
		}
		return strconv.Itoa(n + 1), nil
	}}
	if edit != nil {
		edit(&s)
	}
	return s
}

// read reads from a cursor and returns the last one.
func (j *journal) read(t *testing.T, from connector.Cursor, at time.Time, sections ...walk.Section) (connector.Cursor, error) {
	t.Helper()
	j.asked = nil
	last := from
	sink := connector.NewSink(t.Context(), 1, func(_ context.Context, b *connector.Batch) error {
		j.cursors = append(j.cursors, b.Cursor)
		last = b.Cursor
		return nil
	})
	err := walk.Sections(t.Context(), sections, from, at, sink)
	if flush := sink.Flush(); err == nil {
		err = flush
	}
	return last, err
}

// TestFirstAndNext reads everything, and the next time asks for what is new.
func TestFirstAndNext(t *testing.T) {
	j := &journal{}
	sections := []walk.Section{
		j.section("a", 3, nil),
		j.section("always", 1, func(s *walk.Section) { s.Always = true }),
		j.section("ids", 2, func(s *walk.Section) {
			read := s.Read
			s.Read = func(ctx context.Context, at *walk.At) (string, error) {
				if at.Page == "" {
					at.Leave("id-9") // the newest stands on the first page
				} else if at.Left() != "id-9" {
					t.Errorf("the mark of the first page is %q on the second", at.Left())
				}
				return read(ctx, at)
			}
		}),
	}
	end, err := j.read(t, "", now, sections...)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a/", "a/1", "a/2", "always/", "ids/", "ids/1"}, j.asked); diff != "" {
		t.Errorf("the first read (-want +got):\n%s", diff)
	}
	if want := connector.Cursor(`{"marks":{"a":"2026-01-05T12:00:00Z","always":"2026-01-05T12:00:00Z","ids":"id-9"}}`); end != want {
		t.Errorf("the last cursor is %s, want %s", end, want)
	}
	sections = append(sections, j.section("new", 1, nil))
	if _, err := j.read(t, end, now.Add(time.Hour), sections...); err != nil {
		t.Fatal(err)
	}
	since := " from 2026-01-05T12:00:00Z since 2026-01-05T11:50:00Z"
	want := []string{"a/" + since, "a/1" + since, "a/2" + since, "always/", "ids/ from id-9", "ids/1 from id-9", "new/"}
	if diff := cmp.Diff(want, j.asked); diff != "" {
		t.Errorf("the next read (-want +got):\n%s", diff)
	}
}

// TestGoesOn stops at every page and goes on there, hours later; marks are of the time at which the read began.
func TestGoesOn(t *testing.T) {
	whole := []string{"a/", "a/1", "b/", "c/", "c/1", "c/2"}
	for i, page := range whole {
		j := &journal{fail: page}
		sections := []walk.Section{j.section("a", 2, nil), j.section("b", 1, nil), j.section("c", 3, nil)}
		at, err := j.read(t, "", now, sections...)
		if !errors.Is(err, errBroken) {
			t.Fatalf("%s: got %v", page, err)
		}
		if diff := cmp.Diff(whole[:i], j.asked, nilIsEmpty); diff != "" {
			t.Errorf("%s: before (-want +got):\n%s", page, diff)
		}
		j.fail = ""
		end, err := j.read(t, at, now.Add(5*time.Hour), sections...)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(whole[i:], j.asked); diff != "" {
			t.Errorf("%s: after (-want +got):\n%s", page, diff)
		}
		hour := "2026-01-05T12:00:00Z"
		if i == 0 { // no page was read, so the read had not begun
			hour = "2026-01-05T17:00:00Z"
		}
		if n := strings.Count(string(end), hour); n != 3 {
			t.Errorf("%s: the last cursor is %s", page, end)
		}
	}
}

var nilIsEmpty = cmp.Transformer("nil", func(s []string) []string { return append([]string{}, s...) })

// TestSectionsThatChange goes on where a section was added, or the one that was read is gone.
func TestSectionsThatChange(t *testing.T) {
	j := &journal{fail: "b/1"}
	a, b, c := j.section("a", 1, nil), j.section("b", 2, nil), j.section("c", 1, nil)
	at, err := j.read(t, "", now, a, b, c)
	if !errors.Is(err, errBroken) {
		t.Fatal(err)
	}
	j.fail = ""
	if _, err := j.read(t, at, now, a, j.section("aa", 1, nil), b, c); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"b/1", "c/"}, j.asked); diff != "" {
		t.Errorf("with one more (-want +got):\n%s", diff)
	}
	end, err := j.read(t, at, now, a, c)
	if err != nil {
		t.Fatal(err)
	}
	if len(j.asked) != 2 || j.asked[1] != "c/" {
		t.Errorf("without the one that was read: %q", j.asked)
	}
	if _, err := j.read(t, end, now); err != nil || len(j.asked) != 0 {
		t.Errorf("without any: %v", err)
	}
	if _, err := j.read(t, "nonsense", now, a); greenroom.ErrorCode(err) != greenroom.CodeInvalid {
		t.Errorf("a cursor of another kind: got %v", err)
	}
}

// TestProgress says how many sections are read, and what is read now.
func TestProgress(t *testing.T) {
	j := &journal{}
	var got []string
	sink := connector.NewSink(t.Context(), 1, func(_ context.Context, b *connector.Batch) error {
		got = append(got, b.Progress.Phase+" "+strconv.FormatInt(b.Progress.Done, 10)+"/"+strconv.FormatInt(b.Progress.Total, 10))
		return nil
	})
	sections := []walk.Section{j.section("a", 2, func(s *walk.Section) {
		read := s.Read
		s.Title = "the first"
		s.Read = func(ctx context.Context, at *walk.At) (string, error) {
			sink.Activity(connector.Activity{ExternalID: at.Page + "x", OccurredAt: now, Kind: greenroom.KindMessage})
			return read(ctx, at)
		}
	})}
	if err := walk.Sections(t.Context(), sections, "", now, sink); err != nil {
		t.Fatal(err)
	}
	if err := sink.Flush(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"the first 0/1", "the first 1/1", " 1/1"}, got); diff != "" {
		t.Errorf("progress (-want +got):\n%s", diff)
	}
}

// FuzzCursor goes on from any text.
func FuzzCursor(f *testing.F) {
	f.Add(`{"started":"2026-01-05T12:00:00Z","section":"b","page":"1","marks":{"a":"x"}}`)
	f.Add(`{"section":"b","ended":true}`)
	f.Add(`[]`)
	f.Fuzz(func(t *testing.T, text string) {
		sections := []walk.Section{
			{Name: "a", Read: func(context.Context, *walk.At) (string, error) { return "", nil }},
			{Name: "b", Read: func(context.Context, *walk.At) (string, error) { return "", nil }},
		}
		sink := connector.NewSink(t.Context(), 1, func(context.Context, *connector.Batch) error { return nil })
		if err := walk.Sections(t.Context(), sections, connector.Cursor(text), now, sink); err != nil && greenroom.ErrorCode(err) != greenroom.CodeInvalid {
			t.Error(err)
		}
	})
}
