// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package alert

import (
	"fmt"
	"strconv"
	"time"
)

// awake is the first time from now on that is not quiet. zone is the team's.
func (q *Quiet) awake(now time.Time, zone *time.Location) time.Time {
	if q.Zone != "" {
		if z, err := time.LoadLocation(q.Zone); err == nil {
			zone = z
		}
	}
	at := now.In(zone)
	for range 8 { // a weekend and the nights around it take fewer steps
		next := at
		switch {
		case q.quietHour(at.Hour()):
			next = time.Date(at.Year(), at.Month(), at.Day(), q.To, 0, 0, 0, zone)
			if !next.After(at) {
				next = time.Date(at.Year(), at.Month(), at.Day()+1, q.To, 0, 0, 0, zone)
			}
		case q.Weekends && (at.Weekday() == time.Saturday || at.Weekday() == time.Sunday):
			hour := 0
			if q.From != q.To {
				hour = q.To
			}
			next = time.Date(at.Year(), at.Month(), at.Day()+1, hour, 0, 0, 0, zone)
		}
		if !next.After(at) {
			break
		}
		at = next
	}
	return at
}

func (q *Quiet) quietHour(hour int) bool {
	switch {
	case q.From == q.To:
		return false
	case q.From < q.To:
		return hour >= q.From && hour < q.To
	default:
		return hour >= q.From || hour < q.To
	}
}

// due is when a match is told: now, at the end of the hour, at the hour of the day, and never in quiet hours. dropped says
// that it is not told at all.
func (d *Draft) due(now time.Time, zone *time.Location) (at time.Time, dropped bool) {
	here := now.In(zone)
	at = here
	switch d.Rhythm {
	case Hourly:
		at = time.Date(here.Year(), here.Month(), here.Day(), here.Hour()+1, 0, 0, 0, zone)
	case Daily:
		at = time.Date(here.Year(), here.Month(), here.Day(), d.Hour, 0, 0, 0, zone)
		if !at.After(here) {
			at = time.Date(here.Year(), here.Month(), here.Day()+1, d.Hour, 0, 0, 0, zone)
		}
	case AtOnce:
	}
	end := d.Quiet.awake(at, zone)
	return end, end.After(at) && d.Quiet.Drop
}

// plan is what deciding comes to.
type plan struct {
	firings []Firing
	matches []*Match // of each firing, the one that began it
	bumps   []Bump
}

// decide makes firings of what matched an alert: in their order, grouped, without what fired already, sent or put off. It
// changes nothing but past, so that what comes later in the same look knows of what came before.
func decide(a *Alert, all []Match, past *Past, now time.Time, zone *time.Location) plan {
	var p plan
	fresh := make(map[string]int) // by group: which of the plan's firings it is
	for i := range all {
		m := &all[i]
		key := firingKey(a.ID, m.Object)
		if last, ok := past.Last[key]; ok && (a.AgainHours == 0 || now.Sub(last) < time.Duration(a.AgainHours)*time.Hour) {
			continue
		}
		_, again := past.Last[key]
		past.Last[key] = now
		group := a.groupOf(&m.Subject)
		if group != "" {
			if at, ok := fresh[group]; ok {
				p.firings[at].Count++
				continue
			}
			if f, ok := past.Open[group]; ok && now.Sub(f.At) < time.Duration(a.GroupMinutes)*time.Minute {
				p.bumps = append(p.bumps, Bump{Firing: f.ID, Count: 1, At: now})
				continue
			}
			fresh[group] = len(p.firings)
		}
		f := Firing{AlertID: a.ID, Object: m.Object, At: now, LastAt: now, Count: 1, Title: m.title(), State: Sent, Key: key, Group: group}
		if again { // the same object, another time
			f.Key += " " + strconv.FormatInt(now.UnixMicro(), 10)
		}
		f.about(&m.Subject)
		due, dropped := a.due(now, zone)
		switch {
		case dropped:
			f.State = Dropped
		case due.After(now):
			f.State, f.DueAt = Held, due
		case a.PerHour > 0 && past.Hour >= a.PerHour:
			f.State, f.DueAt = Held, a.Quiet.awake(now.Add(time.Hour).Truncate(time.Hour), zone)
		default:
			past.Hour++
		}
		p.firings, p.matches = append(p.firings, f), append(p.matches, m)
	}
	return p
}

// about notes whom and what a firing is about.
func (f *Firing) about(s *Subject) {
	f.ActivityID = s.ActivityID
	f.Excerpt = clip(oneLine(firstOf(s.Title, s.Text)), maxExcerpt)
	if s.Object.Kind == "conversation" {
		f.Excerpt = clip(oneLine(s.Text), maxExcerpt)
	}
	if s.Conversation != nil {
		f.ConversationID = s.Conversation.ID
	}
	if s.Member != nil {
		f.MemberID, f.Member = s.Member.ID, s.Member.Name
	}
	if s.Organization != nil {
		f.OrganizationID, f.Organization = s.Organization.ID, s.Organization.Name
	}
}

// firingKey is what makes a firing unique: the alert and the object.
func firingKey(alert int64, o Object) string {
	return fmt.Sprintf("alert %d %s %d", alert, o.Kind, o.ID)
}

// maxExcerpt is how much of what was said a firing keeps, in characters.
const maxExcerpt = 160

func firstOf(one, other string) string {
	if one != "" {
		return one
	}
	return other
}

// groupOf is what a match is told together with; "" = nothing.
func (d *Draft) groupOf(s *Subject) string {
	id := int64(0)
	switch {
	case d.Group == GroupConversation && s.Conversation != nil:
		id = s.Conversation.ID
	case d.Group == GroupMember && s.Member != nil:
		id = s.Member.ID
	case d.Group == GroupOrganization && s.Organization != nil:
		id = s.Organization.ID
	}
	if id == 0 {
		return ""
	}
	return string(d.Group) + " " + strconv.FormatInt(id, 10)
}
