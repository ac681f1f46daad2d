// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package ical

import (
	"fmt"
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

// span is a length of time: whole days, which can be longer or shorter where clocks change, and a time.
type span struct {
	days int
	time time.Duration
}

// duration reads a length of time such as P1DT2H30M or P2W; what is none, or leads backwards, is zero.
func duration(value string) (s span) {
	value = strings.ToUpper(strings.TrimPrefix(strings.TrimSpace(value), "+"))
	rest, is := strings.CutPrefix(value, "P")
	const most = 1_000_000
	inTime, n, digits := false, 0, false
	for _, c := range rest {
		switch {
		case c >= '0' && c <= '9' && n < most:
			n, digits = n*10+int(c-'0'), true
			continue
		case c == 'T' && !digits && !inTime:
			inTime = true
			continue
		case !digits:
			return span{}
		case c == 'W' && !inTime:
			s.days += 7 * n
		case c == 'D' && !inTime:
			s.days += n
		case c == 'H' && inTime:
			s.time += time.Duration(n) * time.Hour
		case c == 'M' && inTime:
			s.time += time.Duration(n) * time.Minute
		case c == 'S' && inTime:
			s.time += time.Duration(n) * time.Second
		default:
			return span{}
		}
		n, digits = 0, false
	}
	if !is || digits {
		return span{}
	}
	return s
}

// location finds a time zone by its name in the calendar; where it is not known, it is the calendar's own.
func (c *calendar) location(id string) *time.Location {
	if known, ok := c.zones[id]; ok {
		return known
	}
	zone := find(id)
	if zone == nil {
		zone = c.zone
		c.warn("The calendar names a time zone that is not known, " + id + "; its times are read as " + zone.String() + ".")
	}
	if len(c.zones) < maxZones {
		c.zones[id] = zone
	}
	return zone
}

// find finds a time zone by an IANA name, one at the end of a path, or one of Windows; nil where there is none.
func find(id string) *time.Location {
	names := []string{id, windows[strings.ToLower(id)]}
	for tail, more := id, true; more && len(names) < maxParts; {
		_, tail, more = strings.Cut(tail, "/")
		names = append(names, strings.TrimPrefix(tail, "/"))
	}
	for _, name := range names {
		if name == "" || name == "Local" || strings.HasPrefix(name, ".") {
			continue
		}
		if found, err := time.LoadLocation(name); err == nil {
			return found
		}
	}
	return nil
}

// maxZones bounds how many zones are remembered, and maxParts how much of a name is tried.
const (
	maxZones = 500
	maxParts = 12
)

// windows are the time zones of Windows that Outlook writes, in lower case, by Unicode's table windowsZones.xml.
var windows = map[string]string{
	"afghanistan standard time": "Asia/Kabul", "alaskan standard time": "America/Anchorage", "alberta standard time": "America/Edmonton",
	"aleutian standard time": "America/Adak", "altai standard time": "Asia/Barnaul", "arab standard time": "Asia/Riyadh", "arabian standard time": "Asia/Dubai",
	"arabic standard time": "Asia/Baghdad", "argentina standard time": "America/Argentina/Buenos_Aires", "astrakhan standard time": "Europe/Astrakhan",
	"atlantic standard time": "America/Halifax", "aus central standard time": "Australia/Darwin", "aus central w. standard time": "Australia/Eucla",
	"aus eastern standard time": "Australia/Sydney", "azerbaijan standard time": "Asia/Baku", "azores standard time": "Atlantic/Azores",
	"bahia standard time": "America/Bahia", "bangladesh standard time": "Asia/Dhaka", "belarus standard time": "Europe/Minsk",
	"bougainville standard time": "Pacific/Bougainville", "british columbia standard time": "America/Vancouver", "canada central standard time": "America/Regina",
	"cape verde standard time": "Atlantic/Cape_Verde", "caucasus standard time": "Asia/Yerevan", "cen. australia standard time": "Australia/Adelaide",
	"central america standard time": "America/Guatemala", "central asia standard time": "Asia/Bishkek", "central brazilian standard time": "America/Cuiaba",
	"central europe standard time": "Europe/Budapest", "central european standard time": "Europe/Warsaw", "central pacific standard time": "Pacific/Guadalcanal",
	"central standard time": "America/Chicago", "central standard time (mexico)": "America/Mexico_City", "chatham islands standard time": "Pacific/Chatham",
	"china standard time": "Asia/Shanghai", "cuba standard time": "America/Havana", "dateline standard time": "Etc/GMT+12", "e. africa standard time": "Africa/Nairobi",
	"e. australia standard time": "Australia/Brisbane", "e. europe standard time": "Europe/Chisinau", "e. south america standard time": "America/Sao_Paulo",
	"easter island standard time": "Pacific/Easter", "eastern standard time": "America/New_York", "eastern standard time (mexico)": "America/Cancun",
	"egypt standard time": "Africa/Cairo", "ekaterinburg standard time": "Asia/Yekaterinburg", "fiji standard time": "Pacific/Fiji", "fle standard time": "Europe/Kyiv",
	"georgian standard time": "Asia/Tbilisi", "gmt standard time": "Europe/London", "greenland standard time": "America/Godthab",
	"greenwich standard time": "Atlantic/Reykjavik", "gtb standard time": "Europe/Bucharest", "haiti standard time": "America/Port-au-Prince",
	"hawaiian standard time": "Pacific/Honolulu", "india standard time": "Asia/Kolkata", "iran standard time": "Asia/Tehran", "israel standard time": "Asia/Jerusalem",
	"jordan standard time": "Asia/Amman", "kaliningrad standard time": "Europe/Kaliningrad", "korea standard time": "Asia/Seoul", "libya standard time": "Africa/Tripoli",
	"line islands standard time": "Pacific/Kiritimati", "lord howe standard time": "Australia/Lord_Howe", "magadan standard time": "Asia/Magadan",
	"magallanes standard time": "America/Punta_Arenas", "manitoba standard time": "America/Winnipeg", "marquesas standard time": "Pacific/Marquesas",
	"mauritius standard time": "Indian/Mauritius", "middle east standard time": "Asia/Beirut", "montevideo standard time": "America/Montevideo",
	"morocco standard time": "Africa/Casablanca", "mountain standard time": "America/Denver", "mountain standard time (mexico)": "America/Mazatlan",
	"myanmar standard time": "Asia/Rangoon", "n. central asia standard time": "Asia/Novosibirsk", "namibia standard time": "Africa/Windhoek",
	"nepal standard time": "Asia/Katmandu", "new zealand standard time": "Pacific/Auckland", "newfoundland standard time": "America/St_Johns",
	"norfolk standard time": "Pacific/Norfolk", "north asia east standard time": "Asia/Irkutsk", "north asia standard time": "Asia/Krasnoyarsk",
	"north korea standard time": "Asia/Pyongyang", "omsk standard time": "Asia/Omsk", "pacific sa standard time": "America/Santiago",
	"pacific standard time": "America/Los_Angeles", "pacific standard time (mexico)": "America/Tijuana", "pakistan standard time": "Asia/Karachi",
	"paraguay standard time": "America/Asuncion", "qyzylorda standard time": "Asia/Qyzylorda", "romance standard time": "Europe/Paris",
	"russia time zone 10": "Asia/Srednekolymsk", "russia time zone 11": "Asia/Kamchatka", "russia time zone 3": "Europe/Samara", "russian standard time": "Europe/Moscow",
	"sa eastern standard time": "America/Cayenne", "sa pacific standard time": "America/Bogota", "sa western standard time": "America/La_Paz",
	"saint pierre standard time": "America/Miquelon", "sakhalin standard time": "Asia/Sakhalin", "samoa standard time": "Pacific/Apia",
	"sao tome standard time": "Africa/Sao_Tome", "saratov standard time": "Europe/Saratov", "se asia standard time": "Asia/Bangkok",
	"singapore standard time": "Asia/Singapore", "south africa standard time": "Africa/Johannesburg", "south sudan standard time": "Africa/Juba",
	"sri lanka standard time": "Asia/Colombo", "sudan standard time": "Africa/Khartoum", "syria standard time": "Asia/Damascus", "taipei standard time": "Asia/Taipei",
	"tasmania standard time": "Australia/Hobart", "tocantins standard time": "America/Araguaina", "tokyo standard time": "Asia/Tokyo", "tomsk standard time": "Asia/Tomsk",
	"tonga standard time": "Pacific/Tongatapu", "transbaikal standard time": "Asia/Chita", "turkey standard time": "Europe/Istanbul",
	"turks and caicos standard time": "America/Grand_Turk", "tzone://microsoft/utc": "UTC", "ulaanbaatar standard time": "Asia/Ulaanbaatar",
	"us eastern standard time": "America/Indianapolis", "us mountain standard time": "America/Phoenix", "utc": "UTC", "utc+12": "Etc/GMT-12", "utc+13": "Etc/GMT-13",
	"utc-02": "Etc/GMT+2", "utc-08": "Etc/GMT+8", "utc-09": "Etc/GMT+9", "utc-11": "Etc/GMT+11", "venezuela standard time": "America/Caracas",
	"vladivostok standard time": "Asia/Vladivostok", "volgograd standard time": "Europe/Volgograd", "w. australia standard time": "Australia/Perth",
	"w. central africa standard time": "Africa/Lagos", "w. europe standard time": "Europe/Berlin", "w. mongolia standard time": "Asia/Hovd",
	"west asia standard time": "Asia/Tashkent", "west bank standard time": "Asia/Hebron", "west pacific standard time": "Pacific/Port_Moresby",
	"yakutsk standard time": "Asia/Yakutsk", "yukon standard time": "America/Whitehorse",
}
