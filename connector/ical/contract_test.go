// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package ical_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom/connector"
	"greenroom/connector/connectortest"
	"greenroom/connector/ical"
)

// calendarOf writes a calendar with these lines into a file, ended as RFC 5545, section 3.1, wants them.
func calendarOf(t *testing.T, lines ...string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "calendar.ics")
	all := append(append([]string{"BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Acme//EN"}, lines...), "END:VCALENDAR", "")
	if err := os.WriteFile(path, []byte(strings.Join(all, "\r\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestPublishedCalendars reads what RFC 5545 allows and platforms write. The activities are given as id, time and title.
func TestPublishedCalendars(t *testing.T) {
	for name, c := range map[string]struct {
		lines []string
		want  []string
	}{
		"a line that is folded before what looks like an end (3.1)": {
			lines: []string{
				"BEGIN:VEVENT", "UID:a", "DTSTART:20260105T090000Z", "DESCRIPTION:Doors open at nine. Where it", "  END: at noon.", " BEGIN: at nine.", "SUMMARY:First", "END:VEVENT",
				"BEGIN:VEVENT", "UID:b", "DTSTART:20260106T090000Z", "SUMMARY:Second", "END:VEVENT",
			},
			want: []string{"event:a 2026-01-05 09:00 First", "event:b 2026-01-06 09:00 Second"},
		},
		"one of the calendar itself": {
			lines: []string{"X-WR-CALDESC:What", " BEGIN:VEVENT", " is", "BEGIN:VEVENT", "UID:a", "DTSTART:20260105T090000Z", "SUMMARY:First", "END:VEVENT"},
			want:  []string{"event:a 2026-01-05 09:00 First"},
		},
		"events of which Google does not know when they were made": {
			lines: []string{
				"BEGIN:VEVENT", "UID:a", "DTSTART:20260105T090000Z", "CREATED:19000101T120000Z", "SUMMARY:First", "END:VEVENT",
				"BEGIN:VEVENT", "UID:b", "DTSTART:20260106T090000Z", "CREATED:00001231T000000Z", "SUMMARY:Second", "END:VEVENT",
			},
			want: []string{"event:a 2026-01-05 09:00 First", "event:b 2026-01-06 09:00 Second"},
		},
		"a rule in lower case (2)": {
			lines: []string{"BEGIN:VEVENT", "UID:a", "DTSTART:20260105T090000Z", "RRULE:freq=weekly;count=2", "SUMMARY:Weekly", "END:VEVENT"},
			want:  []string{"event:a/20260105T090000Z 2026-01-05 09:00 Weekly", "event:a/20260112T090000Z 2026-01-12 09:00 Weekly"},
		},
		"a rule whose end is a day, which belongs to it (3.3.10)": {
			lines: []string{"BEGIN:VEVENT", "UID:a", "DTSTART:20260105T090000Z", "RRULE:FREQ=WEEKLY;UNTIL=20260112", "SUMMARY:Weekly", "END:VEVENT"},
			want:  []string{"event:a/20260105T090000Z 2026-01-05 09:00 Weekly", "event:a/20260112T090000Z 2026-01-12 09:00 Weekly"},
		},
		"the same of whole days": {
			lines: []string{"BEGIN:VEVENT", "UID:a", "DTSTART;VALUE=DATE:20260105", "RRULE:FREQ=WEEKLY;UNTIL=20260112", "SUMMARY:Weekly", "END:VEVENT"},
			want:  []string{"event:a/20260105T000000Z 2026-01-05 00:00 Weekly", "event:a/20260112T000000Z 2026-01-12 00:00 Weekly"},
		},
		"zones by their names in Windows, and at the end of a path": {
			lines: []string{
				"BEGIN:VEVENT", "UID:a", "DTSTART;TZID=Nepal Standard Time:20260105T090000", "SUMMARY:Kathmandu", "END:VEVENT",
				"BEGIN:VEVENT", "UID:b", "DTSTART;TZID=/example.org/2026/America/Argentina/Buenos_Aires:20260105T090000", "SUMMARY:Buenos Aires", "END:VEVENT",
				"BEGIN:VEVENT", "UID:c", "DTSTART;TZID=\"tzone://Microsoft/Utc\":20260105T090000", "SUMMARY:UTC", "END:VEVENT",
			},
			want: []string{"event:a 2026-01-05 03:15 Kathmandu", "event:b 2026-01-05 12:00 Buenos Aires", "event:c 2026-01-05 09:00 UTC"},
		},
		"a zone that only the calendar describes (3.6.5)": {
			lines: []string{
				"BEGIN:VTIMEZONE", "TZID:Customized Time Zone", "BEGIN:STANDARD", "DTSTART:16010101T030000", "TZOFFSETFROM:+0200", "TZOFFSETTO:+0100", "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10", "END:STANDARD",
				"BEGIN:DAYLIGHT", "DTSTART:16010101T020000", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0200", "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3", "END:DAYLIGHT", "END:VTIMEZONE",
				"BEGIN:VTIMEZONE", "TZID:South", "BEGIN:DAYLIGHT", "DTSTART:20071001T020000", "TZOFFSETFROM:+0930", "TZOFFSETTO:+1030", "RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=10", "END:DAYLIGHT",
				"BEGIN:STANDARD", "DTSTART:20080406T030000", "TZOFFSETFROM:+1030", "TZOFFSETTO:+0930", "RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=4", "END:STANDARD", "END:VTIMEZONE",
				"BEGIN:VTIMEZONE", "TZID:Ship", "BEGIN:STANDARD", "DTSTART:16010101T000000", "TZOFFSETFROM:-0330", "TZOFFSETTO:-0330", "END:STANDARD", "END:VTIMEZONE",
				"BEGIN:VEVENT", "UID:a", "DTSTART;TZID=Customized Time Zone:20260326T090000", "RRULE:FREQ=WEEKLY;COUNT=2", "SUMMARY:North", "END:VEVENT",
				"BEGIN:VEVENT", "UID:b", "DTSTART;TZID=South:20260404T090000", "RRULE:FREQ=WEEKLY;COUNT=2", "SUMMARY:South", "END:VEVENT",
				"BEGIN:VEVENT", "UID:c", "DTSTART;TZID=Ship:20260701T090000", "SUMMARY:Ship", "END:VEVENT",
			},
			want: []string{
				"event:a/20260326T080000Z 2026-03-26 08:00 North", "event:a/20260402T070000Z 2026-04-02 07:00 North",
				"event:b/20260403T223000Z 2026-04-03 22:30 South", "event:b/20260410T233000Z 2026-04-10 23:30 South", "event:c 2026-07-01 12:30 Ship",
			},
		},
		"one that the calendar describes in ways that are not followed": {
			lines: []string{
				"BEGIN:VTIMEZONE", "TZID:Odd", "BEGIN:STANDARD", "DTSTART:19700101T000000", "TZOFFSETTO:+0100", "RDATE:19710101T000000", "END:STANDARD", "END:VTIMEZONE",
				"BEGIN:VEVENT", "UID:a", "DTSTART;TZID=Odd:20260105T090000", "SUMMARY:First", "END:VEVENT",
			},
			want: []string{"event:a 2026-01-05 09:00 First"}, // in the zone of the source, with a warning
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := connectortest.Collect(t, ical.Spec(), connector.Values{"path": calendarOf(t, c.lines...)}, nil, "", 0)
			var got []string
			for i := range f.Activities {
				a := &f.Activities[i]
				got = append(got, a.ExternalID+" "+a.OccurredAt.Format("2006-01-02 15:04")+" "+a.Title)
			}
			if d := cmp.Diff(c.want, got); d != "" || len(f.Rejects) > 0 {
				t.Errorf("rejected %+v, activities (-want +got):\n%s", f.Rejects, d)
			}
		})
	}
}

// TestOrganizers holds that an address which a platform writes for all hosts is no person: Luma, Meetup and Google set it
// beside the name of whoever invites.
func TestOrganizers(t *testing.T) {
	event := func(uid, organizer string) []string {
		return []string{"BEGIN:VEVENT", "UID:" + uid, "DTSTART:20260105T090000Z", "SUMMARY:" + uid, organizer, "END:VEVENT"}
	}
	lines := append(event("a", `ORGANIZER;CN="Ana Lee":MAILTO:calendar-invite@lu.ma`), event("b", `ORGANIZER;CN="Ben":MAILTO:calendar-invite@lu.ma`)...)
	lines = append(lines, event("c", "ORGANIZER;CN=Meetup Reminder:MAILTO:info@meetup.com")...)
	lines = append(lines, event("d", "ORGANIZER;CN=Acme events:mailto:c_1f2e@group.calendar.google.com")...)
	lines = append(lines, event("e", "ORGANIZER;CN=Eva:mailto:eva@acme.example")...)
	f := connectortest.Collect(t, ical.Spec(), connector.Values{"path": calendarOf(t, lines...)}, nil, "", 0)
	got := map[string]string{}
	for i := range f.Activities {
		who := f.Identities[f.Activities[i].Author]
		got[f.Activities[i].Title] = who.Name
		if who.Bot == (who.Name == "Eva") || who.Bot && len(who.Emails) > 0 {
			t.Errorf("the organizer is %+v", who)
		}
	}
	if d := cmp.Diff(map[string]string{"a": "Luma", "b": "Luma", "c": "Meetup", "d": "Acme events", "e": "Eva"}, got); d != "" {
		t.Errorf("organizers (-want +got):\n%s", d)
	}
}

// TestLongNames unfolds what stands in the calendar itself, too.
func TestLongNames(t *testing.T) {
	f := connectortest.Collect(t, ical.Spec(), connector.Values{"path": calendarOf(t, "X-WR-CALNAME:Meetings of al", " l who come", "BEGIN:VEVENT", "UID:a", "DTSTART:20260105T090000Z", "END:VEVENT")}, nil, "", 0)
	if len(f.Channels) == 0 || f.Channels[0].Name != "Meetings of all who come" {
		t.Errorf("the channels are %+v", f.Channels)
	}
}

// TestDurations gives events their ends by their durations (RFC 5545, 3.3.6): a day is one of the calendar, an hour one of
// the clock. In Berlin clocks were set forward on 29 March 2026.
func TestDurations(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for value, want := range map[string]string{
		"PT1H30M": "2026-03-28 13:30", "P1D": "2026-03-29 12:00", "PT24H": "2026-03-29 13:00", "P1W": "2026-04-04 12:00", "P1DT2H0M5S": "2026-03-29 14:00", "+PT15M": "2026-03-28 12:15",
		"-PT15M": "2026-03-28 13:00", "PT": "2026-03-28 13:00", "P1H": "2026-03-28 13:00", "soon": "2026-03-28 13:00", // an hour, where it does not say
	} {
		text := "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTART;TZID=Europe/Berlin:20260328T120000\r\nDURATION:" + value + "\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
		all, err := ical.ReadAhead([]byte(text), time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC), time.UTC)
		if err != nil || len(all) != 1 || all[0].End.In(berlin).Format("2006-01-02 15:04") != want {
			t.Errorf("%s: %+v, %v; want the end at %s", value, all, err, want)
		}
	}
}
