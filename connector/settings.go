// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"greenroom"
)

// Settings are the values of a connector's options, checked and with defaults filled in.
type Settings struct {
	values Values
	now    time.Time
}

// ReadSettings checks values against the options and fills in defaults. The error, with CodeInvalid, names the option and
// says what was expected.
func ReadSettings(title string, options []Option, values Values, now time.Time) (Settings, error) {
	s := Settings{values: make(Values, len(options)), now: now}
	for i := range options {
		o := &options[i]
		v := strings.TrimSpace(values[o.Name])
		if v == "" {
			v = o.Default
		}
		if v == "" {
			if o.Required {
				return s, greenroom.Errorf(greenroom.CodeInvalid, "%s needs %s: %s", title, o.Label, o.Help)
			}
			continue
		}
		clean, expected := s.check(o, v)
		if expected != "" {
			shown := strconv.Quote(v)
			if o.Type == Secret {
				shown = "the given text"
			}
			return s, greenroom.Errorf(greenroom.CodeInvalid, "%s of %s is %s; expected %s", o.Label, title, shown, expected)
		}
		s.values[o.Name] = clean
	}
	return s, nil
}

// check returns the value in its canonical form, or what was expected instead.
func (s *Settings) check(o *Option, v string) (clean, expected string) {
	switch o.Type {
	case Bool:
		on, ok := parseBool(v)
		if !ok {
			return "", "yes or no"
		}
		return strconv.FormatBool(on), ""
	case Number:
		if n, err := strconv.ParseFloat(v, 64); err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
			return "", "a number such as " + firstOf(o.Example, o.Default, "100")
		}
	case Address:
		u, err := url.Parse(v)
		if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
			return "", "a web address such as " + firstOf(o.Example, o.Default, "https://example.org")
		}
		return strings.TrimSuffix(v, "/"), ""
	case Choice:
		if !slices.Contains(o.Choices, v) {
			return "", "one of " + strings.Join(o.Choices, ", ")
		}
	case Since:
		if _, ok := parseSince(v, s.now); !ok {
			return "", `a day such as 2025-01-31, a span such as 90d, 12w, 6m or 2y, or "all"`
		}
	case Text, Path, Secret, Mapping, List, Long:
	}
	return v, ""
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

func parseBool(v string) (on, ok bool) {
	switch strings.ToLower(v) {
	case "true", "1", "yes", "on":
		return true, true
	case "false", "0", "no", "off":
		return false, true
	}
	return false, false
}

// parseSince reads a day, or a span before now; "all" and what lies before 1970 is the zero time.
func parseSince(v string, now time.Time) (time.Time, bool) {
	at, ok := parseDay(strings.ToLower(v), now.UTC().Truncate(24*time.Hour))
	if at.Year() < 1970 {
		at = time.Time{}
	}
	return at, ok
}

func parseDay(v string, today time.Time) (time.Time, bool) {
	if v == "" || v == "all" {
		return time.Time{}, v == "all"
	}
	if at, err := time.Parse(time.DateOnly, v); err == nil {
		return at, true
	}
	n, err := strconv.Atoi(v[:len(v)-1])
	if err != nil || n <= 0 || n > 10_000 {
		return time.Time{}, false
	}
	switch v[len(v)-1] {
	case 'd':
		return today.AddDate(0, 0, -n), true
	case 'w':
		return today.AddDate(0, 0, -7*n), true
	case 'm':
		return monthsBefore(today, n), true
	case 'y':
		return monthsBefore(today, 12*n), true
	}
	return time.Time{}, false
}

// monthsBefore goes back to the same day of a month, or to its last one where it is shorter.
func monthsBefore(day time.Time, n int) time.Time {
	at := day.AddDate(0, -n, 0)
	if at.Day() != day.Day() {
		at = at.AddDate(0, 0, -at.Day())
	}
	return at
}

// Text returns an option's text, "" where it was left empty and has no default.
func (s Settings) Text(name string) string { return s.values[name] }

// On reports whether a yes-or-no option is on.
func (s Settings) On(name string) bool { return s.values[name] == "true" }

// Number returns a number, 0 where none was given.
func (s Settings) Number(name string) float64 {
	n, err := strconv.ParseFloat(s.values[name], 64)
	if err != nil {
		return 0
	}
	return n
}

// List returns the entries of a list, which commas and line ends part; nil where none was given.
func (s Settings) List(name string) []string {
	var all []string
	for _, part := range strings.FieldsFunc(s.values[name], func(r rune) bool { return r == ',' || r == '\n' || r == '\r' }) {
		if part = strings.TrimSpace(part); part != "" && !slices.Contains(all, part) {
			all = append(all, part)
		}
	}
	return all
}

// Since returns from when on things are wanted; zero = from the beginning.
func (s Settings) Since(name string) time.Time {
	if s.values[name] == "" {
		return time.Time{}
	}
	at, _ := parseSince(s.values[name], s.now)
	return at
}
