// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package team

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"greenroom"
)

// Span is when a day's work begins and ends, in minutes after midnight by the clock on the wall. Equal = a day off.
type Span struct {
	From int `json:"from" doc:"Minutes after midnight."`
	To   int `json:"to" doc:"Minutes after midnight."`
}

const minutesOfDay = 24 * 60

// Profile is what is said of somebody of the team.
type Profile struct {
	Email    string   `json:"email" doc:"Who; they may sign in."`
	Version  int64    `json:"version" doc:"Grows with every change; 0 = nothing was said yet."`
	Role     string   `json:"role,omitempty" doc:"Their role in the community team, such as Community manager."`
	Also     []string `json:"also,omitempty" doc:"Other roles that they fill."`
	MemberID int64    `json:"member_id,omitempty" doc:"The member that they are."`
	Zone     string   `json:"zone,omitempty" doc:"Their time zone, such as Europe/Lisbon; empty = that of the community."`
	Days     [7]Span  `json:"days" doc:"When they work, from Sunday on."`
	Muted    []string `json:"muted,omitempty" doc:"Kinds of notices that they do not want to be told; they stand under all notices all the same."`
}

// Person is somebody of the team.
type Person struct {
	Profile
	Name   string  `json:"name,omitempty" doc:"Their name."`
	Access string  `json:"access" doc:"What they may do here: the role under Settings."`
	Member string  `json:"member,omitempty" doc:"The name of the member that they are."`
	Away   string  `json:"away,omitempty" doc:"While they are away: the last day of it."`
	Weekly float64 `json:"weekly" doc:"Hours that they work in a week; 40 while nobody said."`
}

// Label is the name to show.
func (p *Person) Label() string { return cmp.Or(p.Name, p.Email) }

// NoticeKinds lists the kinds of notices that can be muted.
func NoticeKinds() []string { return []string{"mention", "assigned", "alert", "task", "workflow"} }

// The most that texts hold, in characters, and lists, in entries.
const (
	maxTitle = 200
	maxText  = 5000
	maxList  = 100
)

func bad(format string, args ...any) error {
	return greenroom.Errorf(greenroom.CodeInvalid, format, args...)
}

// OfficeHours are Monday to Friday, nine to five.
func OfficeHours() [7]Span {
	var d [7]Span
	for day := time.Monday; day <= time.Friday; day++ {
		d[day] = Span{9 * 60, 17 * 60}
	}
	return d
}

// Validate says what is wrong with a profile, as an error of CodeInvalid.
func (p *Profile) Validate() error {
	p.Role, p.Zone = strings.TrimSpace(p.Role), strings.TrimSpace(p.Zone)
	if utf8.RuneCountInString(p.Role) > maxTitle || len(p.Also) > maxList || slices.ContainsFunc(p.Also, func(r string) bool { return r == "" || utf8.RuneCountInString(r) > maxTitle }) {
		return bad("a role has at most %d characters", maxTitle)
	}
	if p.Zone != "" {
		if _, err := time.LoadLocation(p.Zone); err != nil || p.Zone == "Local" {
			return bad("there is no time zone %q; they are called like Europe/Lisbon", p.Zone)
		}
	}
	for i, s := range p.Days {
		if s.From < 0 || s.To > minutesOfDay || s.To < s.From {
			return bad("the hours of %s end before they begin, or are no hours of a day", time.Weekday(i))
		}
	}
	for _, k := range p.Muted {
		if !slices.Contains(NoticeKinds(), k) {
			return bad("there are no notices of kind %q; choose %s", k, greenroom.AnyOf(NoticeKinds()))
		}
	}
	return nil
}

// Said reports whether hours were said.
func (p *Profile) Said() bool { return p.Days != [7]Span{} }

// days are the hours, or the usual ones.
func (p *Profile) days() [7]Span {
	if p.Said() {
		return p.Days
	}
	return OfficeHours()
}

// WeekHours are the hours of a week.
func (p *Profile) WeekHours() float64 {
	sum := 0
	for _, s := range p.days() {
		sum += s.To - s.From
	}
	return float64(sum) / 60
}

// In is the zone of somebody's days.
func (p *Profile) In(or *time.Location) *time.Location {
	if p.Zone != "" {
		if z, err := time.LoadLocation(p.Zone); err == nil {
			return z
		}
	}
	return or
}

// Work are the hours that somebody works from one time to another, by the clock on the wall, and how many of them their
// absences take.
func (p *Profile) Work(from, to time.Time, away []Absence, zone *time.Location) (hours, lost float64) {
	zone, days := p.In(zone), p.days()
	day := from.In(zone)
	for day = time.Date(day.Year(), day.Month(), day.Day(), 12, 0, 0, 0, zone); ; day = time.Date(day.Year(), day.Month(), day.Day()+1, 12, 0, 0, 0, zone) {
		at := func(minute int) time.Time {
			return time.Date(day.Year(), day.Month(), day.Day(), 0, minute, 0, 0, zone)
		}
		if !at(0).Before(to) {
			return hours, lost
		}
		s := days[day.Weekday()]
		begin, end := later(at(s.From), from), earlier(at(s.To), to)
		if !begin.Before(end) {
			continue
		}
		h := end.Sub(begin).Hours()
		if slices.ContainsFunc(away, func(a Absence) bool {
			return a.Person == p.Email && !begin.Before(a.BeginsAt) && begin.Before(a.EndsAt)
		}) {
			lost += h
		} else {
			hours += h
		}
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// Absence is a time in which somebody is away.
type Absence struct {
	ID        int64     `json:"id" doc:"The absence's number."`
	Person    string    `json:"person" doc:"Who is away."`
	From      string    `json:"from" doc:"The first day, as 2026-12-24."`
	To        string    `json:"to" doc:"The last day."`
	StandIn   string    `json:"stand_in,omitempty" doc:"Who takes over; empty = nobody, and everything stays."`
	Note      string    `json:"note,omitempty" doc:"What the stand-in should know."`
	BeginsAt  time.Time `json:"begins_at" doc:"The first moment of the first day, in the person's zone."`
	EndsAt    time.Time `json:"ends_at" doc:"The first moment after the last day, or when it was ended before."`
	HandedAt  time.Time `json:"handed_at,omitzero" doc:"When things were handed over."`
	BackAt    time.Time `json:"back_at,omitzero" doc:"When things came back."`
	CreatedBy string    `json:"created_by" doc:"Who wrote it down."`
	CreatedAt time.Time `json:"created_at" doc:"When."`
	Moved     int64     `json:"moved" doc:"How many tasks and conversations went to the stand-in."`
	Returned  int64     `json:"returned" doc:"How many of them came back; the others were done or given to somebody else."`
}

// Now reports whether somebody is away at a moment.
func (a *Absence) Now(at time.Time) bool { return !at.Before(a.BeginsAt) && at.Before(a.EndsAt) }

// StandIn is who takes over from somebody, by the absences of now of each person: themselves where they are there, or where
// nobody who is there stands in.
func StandIn(away map[string]Absence, person string) string {
	at := person
	for range len(away) {
		a, gone := away[at]
		if !gone {
			return at
		}
		if a.StandIn == "" {
			return person
		}
		at = a.StandIn
	}
	if _, gone := away[at]; gone {
		return person
	}
	return at
}

// Kind is what a responsibility is for.
type Kind string

// The kinds.
const (
	OfProcess Kind = "process"
	OfProgram Kind = "program"
	OfPlan    Kind = "plan"
	OfChannel Kind = "channel"
	OfOther   Kind = "other"
)

// Kinds lists them.
func Kinds() []Kind { return []Kind{OfProcess, OfProgram, OfPlan, OfChannel, OfOther} }

// DutyDraft says who answers for something, as somebody writes it. People are named by mail address or, where a role or somebody
// outside is meant, in words.
type DutyDraft struct {
	Kind        Kind     `json:"kind" doc:"What it is for."`
	Subject     string   `json:"subject" doc:"What it is for, by name."`
	Link        string   `json:"link,omitempty" doc:"Its page: a path in Greenroom, or an address."`
	Accountable string   `json:"accountable,omitempty" doc:"Who answers for it: one, by mail address or in words."`
	Responsible []string `json:"responsible,omitempty" doc:"Who does it."`
	Consulted   []string `json:"consulted,omitempty" doc:"Who is asked before."`
	Informed    []string `json:"informed,omitempty" doc:"Who is told afterwards."`
}

// Duty is a responsibility.
type Duty struct {
	DutyDraft
	ID      int64 `json:"id" doc:"Its number."`
	Version int64 `json:"version" doc:"Grows with every change."`
}

// Validate trims a responsibility and says what is wrong with it, as an error of CodeInvalid.
func (d *DutyDraft) Validate() error {
	d.Subject, d.Link, d.Accountable = strings.TrimSpace(d.Subject), strings.TrimSpace(d.Link), strings.TrimSpace(d.Accountable)
	if d.Kind == "" {
		d.Kind = OfOther
	}
	switch {
	case d.Subject == "" || utf8.RuneCountInString(d.Subject) > maxTitle:
		return bad("say what is answered for, in at most %d characters", maxTitle)
	case !slices.Contains(Kinds(), d.Kind):
		return bad("nobody is responsible for a %q; choose %s", d.Kind, greenroom.AnyOf(Kinds()))
	case utf8.RuneCountInString(d.Accountable) > maxTitle || strings.ContainsAny(d.Accountable, ",;\n"):
		return bad("one is accountable; name the others as responsible")
	case d.Link != "" && !strings.HasPrefix(d.Link, "https://") && !strings.HasPrefix(d.Link, "http://") && (!strings.HasPrefix(d.Link, "/") || strings.HasPrefix(d.Link, "//")):
		return bad("the link is an address that begins with https://, or a path in Greenroom")
	}
	for _, list := range [][]string{d.Responsible, d.Consulted, d.Informed} {
		if len(list) > maxList || slices.ContainsFunc(list, func(x string) bool { return x == "" || utf8.RuneCountInString(x) > maxTitle }) {
			return bad("name at most %d people, each in at most %d characters", maxList, maxTitle)
		}
	}
	return nil
}

// Gap says what is missing of a responsibility; "" = nothing.
func (d *DutyDraft) Gap() string {
	switch {
	case d.Accountable == "" && len(d.Responsible) == 0:
		return "nobody does it and nobody answers for it"
	case d.Accountable == "":
		return "nobody answers for it"
	case len(d.Responsible) == 0:
		return "nobody does it"
	}
	return ""
}
