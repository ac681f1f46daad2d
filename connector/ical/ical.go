// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package ical reads calendars in the iCalendar format (RFC 5545): a feed at an address, such as Google Calendar, Outlook
// and conference sites give, or .ics files. Events come in with those who accepted the invitation.
//
// # How it reads
//
// A calendar is one text, so a read goes through all of it, unless its ETag or the file's time says that nothing has
// changed. It is scanned event by event (scan.go) and not held as a tree; lines are parsed here (line.go), because a line
// that breaks the rules costs its own event only and a calendar of any size is read in constant memory. A first pass notes
// which occurrences of recurring events were changed one by one; they replace those that the rule gives. Rules are
// computed by rrule-go.
//
// # What comes in
//
// An event without recurrence is told when it was put into the calendar, where the calendar says so, else when it has
// begun. An occurrence of a recurring one is told when it has begun. Attendance follows when the event has begun. What
// has left the calendar is not told: feeds drop past events by themselves.
package ical

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/rest"
)

// Kind is what the connector is called.
const Kind = "ical"

const title = "Calendar (iCal)"

// The names of the options.
const (
	optAddress   = "address"
	optPath      = "path"
	optTentative = "tentative"
	optTeam      = "team-domains"
	optSince     = "since"
	optZone      = "time-zone"
)

const help = `1. Find the calendar's address:
   - **Google Calendar**: *Settings → the calendar → Integrate calendar → Secret address in iCal format*. Feeds of Google carry guests only for
     calendars of your own organization.
   - **Outlook**: *Settings → Calendar → Shared calendars → Publish a calendar*, then copy the *ICS* link.
   - Others: look for *Subscribe*, *iCal* or *.ics*. An address that begins with webcal:// is the same with https://.
2. Or export .ics files and put them into a folder on the server.
3. Enter the address, or the folder or file.

Who has the secret address can read the calendar: treat it like a password.`

const limits = `A feed has no limit of its own; servers ask not to be read more often than every few minutes. Feeds often hold the last months only,
so events that have left the feed are kept here. An occurrence of a recurring event comes in when it has begun; rules are followed for 20,000
occurrences.`

// Spec describes the connector.
func Spec() connector.Spec {
	return connector.Spec{
		Kind: Kind, Title: title, Platform: "ical", Primary: optAddress, Help: help, Group: connector.GroupCommunity, Limits: limits,
		Summary:  "Events of a calendar feed or of .ics files, and who accepted the invitation.",
		Keywords: []string{"calendar", "ics", "events", "google calendar", "outlook", "webcal", "attendance"},
		Options:  options(), New: New, Incremental: true, Rhythm: 6 * time.Hour,
	}
}

func options() []connector.Option {
	return []connector.Option{
		{Name: optAddress, Label: "Address of the feed", Type: connector.Address, Example: "https://calendar.google.com/calendar/ical/…/basic.ics", Help: "With https:// in front. Leave it empty for files."},
		{Name: optPath, Label: "File or folder", Type: connector.Path, Example: "/data/events", Help: "A file that ends in .ics, or a folder with such files. Leave it empty for a feed."},
		{Name: optTentative, Label: "Tentative counts as coming", Type: connector.Bool, Default: "false", Help: "Count people who answered maybe as having come."},
		{Name: optTeam, Label: "The team's domains", Type: connector.List, Example: "acme.example", Help: "Whose mail is at one of these domains is of the team."},
		{Name: optSince, Label: "How far back", Type: connector.Since, Default: "all", Help: "From when on events are wanted, by when they begin."},
		{Name: optZone, Label: "Time zone", Type: connector.Text, Default: "UTC", Example: "Europe/Berlin", Help: "For events that name none, and for those whose zone is not known."},
	}
}

// source is a feed, or files.
type source struct {
	set    connector.Settings
	env    connector.Env
	zone   *time.Location
	client *rest.Client // nil for files
	files  []string
}

// New opens a source; nothing is asked yet.
func New(env connector.Env, values connector.Values) (connector.Source, error) {
	set, err := connector.ReadSettings(title, options(), values, env.Now())
	if err != nil {
		return nil, err
	}
	s := &source{set: set, env: env}
	if s.zone, err = time.LoadLocation(set.Text(optZone)); err != nil {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "%q is not a time zone; expected a name such as Europe/Berlin", set.Text(optZone))
	}
	switch address, path := set.Text(optAddress), set.Text(optPath); {
	case address != "" && path == "":
		s.client, err = rest.New(rest.Config{Name: title, Base: address, Env: env, PlainText: true, Refuse: refuse, Header: http.Header{"Accept": {"text/calendar, */*;q=0.5"}}})
	case path != "" && address == "":
		s.files, err = list(path)
	default:
		err = greenroom.Errorf(greenroom.CodeInvalid, "%s needs either the address of a feed or a file or folder with calendars", title)
	}
	return s, err
}

// list are the calendars of a folder by name, or the one file.
func list(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, &greenroom.Error{Code: greenroom.CodeInvalid, Message: path + " cannot be read; expected a file that ends in .ics, or a folder with such files", Err: err}
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	all, err := filepath.Glob(filepath.Join(path, "*.[iI][cC][sS]"))
	if err != nil || len(all) == 0 {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "there is no file that ends in .ics in %s", path)
	}
	slices.Sort(all)
	return all, nil
}

// refuse looks whether an answer is a whole calendar.
func refuse(ans *rest.Answer) error {
	if ans.Status != http.StatusOK {
		return nil
	}
	const ends = 64
	head, tail := strings.ToUpper(string(ans.Body[:min(len(ans.Body), ends)])), strings.ToUpper(string(ans.Body[max(0, len(ans.Body)-ends):]))
	switch {
	case !strings.Contains(head, "BEGIN:VCALENDAR"):
		return greenroom.Errorf(greenroom.CodeInvalid, "what is at the address is not a calendar; expected a text that begins with BEGIN:VCALENDAR, check the address")
	case !strings.Contains(tail, "END:VCALENDAR"):
		return rest.ErrAgain // it was cut short
	}
	return nil
}

var _ interface {
	connector.Tester
	connector.Surveyor
} = (*source)(nil)
