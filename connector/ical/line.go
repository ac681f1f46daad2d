// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package ical

import (
	"fmt"
	"path"
	"strings"
	"time"
)

// prop is a line of a calendar: a name, parameters and a value.
type prop struct {
	name   string            // in upper case
	params map[string]string // by name in upper case; the first value of those that have several
	value  string
}

// caret is RFC 6868's escaping of parameters.
var caret = strings.NewReplacer("^n", "\n", "^'", `"`, "^^", "^")

// parse reads an unfolded line; ok is false where it is none.
func parse(line string) (p prop, ok bool) {
	i := strings.IndexAny(line, ";:")
	if i <= 0 {
		return p, false
	}
	p.name = strings.ToUpper(strings.TrimSpace(line[:i]))
	for line[i] == ';' {
		line = line[i+1:]
		name, rest, found := strings.Cut(line, "=")
		if !found {
			return p, false
		}
		value, end := paramValue(rest)
		for end < len(rest) && rest[end] == ',' { // more values
			rest = rest[end+1:]
			_, end = paramValue(rest)
		}
		if end >= len(rest) || rest[end] != ';' && rest[end] != ':' {
			return p, false
		}
		if p.params == nil {
			p.params = map[string]string{}
		}
		p.params[strings.ToUpper(strings.TrimSpace(name))] = caret.Replace(value)
		line, i = rest, end
	}
	p.value = line[i+1:]
	return p, true
}

// paramValue reads a value up to what ends it; end is where that stands.
func paramValue(s string) (value string, end int) {
	if strings.HasPrefix(s, `"`) {
		if i := strings.IndexByte(s[1:], '"'); i >= 0 {
			return s[1 : i+1], i + 2
		}
		return s, len(s)
	}
	if i := strings.IndexAny(s, ",;:"); i >= 0 {
		return s[:i], i
	}
	return s, len(s)
}

var escapes = strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\N`, "\n", `\,`, ",", `\;`, ";")

// text is a value of type TEXT.
func text(value string) string {
	return strings.TrimSpace(strings.ToValidUTF8(strings.ReplaceAll(escapes.Replace(value), "\x00", ""), "\uFFFD"))
}

// when reads a time or a day. Times without a zone are of the calendar's own.
func (c *calendar) when(value string, params map[string]string) (time.Time, error) {
	value = strings.TrimSpace(value)
	zone := c.zone
	if id := params["TZID"]; id != "" {
		zone = c.location(id)
	}
	switch {
	case len(value) == len("20060102"):
		return time.ParseInLocation("20060102", value, zone) //nolint:wrapcheck // the caller says what it is of
	case strings.HasSuffix(value, "Z"):
		return time.Parse("20060102T150405Z", value) //nolint:wrapcheck // the caller says what it is of
	case len(value) == len("20060102T150405"):
		return time.ParseInLocation("20060102T150405", value, zone) //nolint:wrapcheck // the caller says what it is of
	}
	return time.Time{}, fmt.Errorf("%q is not a time", value)
}

// location finds a time zone by its name in the calendar: an IANA name, one at the end of a path, or one of Windows.
func (c *calendar) location(id string) *time.Location {
	if known, ok := c.zones[id]; ok {
		return known
	}
	zone := c.zone
	tail := path.Join(path.Base(path.Dir(id)), path.Base(id))
	for _, name := range []string{id, tail, windows[strings.ToLower(id)]} {
		if name == "" || name == "Local" || strings.HasPrefix(name, ".") {
			continue
		}
		if found, err := time.LoadLocation(name); err == nil {
			zone = found
			break
		}
	}
	if zone == c.zone && id != zone.String() {
		c.warn("The calendar names a time zone that is not known, " + id + "; its times are read as " + zone.String() + ".")
	}
	if len(c.zones) < maxZones {
		c.zones[id] = zone
	}
	return zone
}

// maxZones bounds how many zones are remembered.
const maxZones = 500

// windows are the time zones of Windows that Outlook writes, in lower case, by Unicode's table.
var windows = map[string]string{
	"w. europe standard time": "Europe/Berlin", "central europe standard time": "Europe/Budapest", "romance standard time": "Europe/Paris", "gmt standard time": "Europe/London",
	"greenwich standard time": "Atlantic/Reykjavik", "e. europe standard time": "Europe/Chisinau", "fle standard time": "Europe/Kyiv", "gtb standard time": "Europe/Bucharest",
	"central european standard time": "Europe/Warsaw", "russian standard time": "Europe/Moscow", "turkey standard time": "Europe/Istanbul", "israel standard time": "Asia/Jerusalem",
	"south africa standard time": "Africa/Johannesburg", "w. central africa standard time": "Africa/Lagos", "e. africa standard time": "Africa/Nairobi", "egypt standard time": "Africa/Cairo",
	"eastern standard time": "America/New_York", "central standard time": "America/Chicago", "mountain standard time": "America/Denver", "pacific standard time": "America/Los_Angeles",
	"us mountain standard time": "America/Phoenix", "alaskan standard time": "America/Anchorage", "hawaiian standard time": "Pacific/Honolulu", "atlantic standard time": "America/Halifax",
	"e. south america standard time": "America/Sao_Paulo", "argentina standard time": "America/Argentina/Buenos_Aires", "sa pacific standard time": "America/Bogota",
	"central standard time (mexico)": "America/Mexico_City", "pacific sa standard time": "America/Santiago", "arabian standard time": "Asia/Dubai", "arab standard time": "Asia/Riyadh",
	"india standard time": "Asia/Kolkata", "pakistan standard time": "Asia/Karachi", "bangladesh standard time": "Asia/Dhaka", "se asia standard time": "Asia/Bangkok",
	"singapore standard time": "Asia/Singapore", "china standard time": "Asia/Shanghai", "taipei standard time": "Asia/Taipei", "tokyo standard time": "Asia/Tokyo", "korea standard time": "Asia/Seoul",
	"aus eastern standard time": "Australia/Sydney", "e. australia standard time": "Australia/Brisbane", "w. australia standard time": "Australia/Perth", "cen. australia standard time": "Australia/Adelaide",
	"new zealand standard time": "Pacific/Auckland", "utc": "UTC",
}
