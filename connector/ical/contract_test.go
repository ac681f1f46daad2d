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
