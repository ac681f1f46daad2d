// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package alert

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/query"
)

// Watch is what an alert looks at.
type Watch string

// What can be watched.
const (
	Activities    Watch = "activities"
	Conversations Watch = "conversations"
	Members       Watch = "members"
	Organizations Watch = "organizations"
	Metric        Watch = "metric"
	Source        Watch = "source"
)

// Watches lists them.
func Watches() []Watch {
	return []Watch{Activities, Conversations, Members, Organizations, Metric, Source}
}

// Entity is what the query of an alert is about; "" = it has none.
func (w Watch) Entity() query.Entity {
	switch w {
	case Activities:
		return query.Activities
	case Conversations:
		return query.Conversations
	case Members:
		return query.Members
	case Organizations:
		return query.Organizations
	case Metric, Source:
	}
	return ""
}

// Condition says when a figure fires.
type Condition struct {
	Metric string                `json:"metric"`
	By     analytics.Granularity `json:"by"`              // day, week or month: the last whole one is looked at
	When   string                `json:"when"`            // "above", "below", or "changed" by more than noise
	Value  float64               `json:"value,omitempty"` // of above and below
}

// When a figure fires.
const (
	WhenAbove   = "above"
	WhenBelow   = "below"
	WhenChanged = "changed"
)

// Group says what is told together.
type Group string

// The groups.
const (
	GroupNone         Group = "none"
	GroupConversation Group = "conversation"
	GroupMember       Group = "member"
	GroupOrganization Group = "organization"
)

// Groups lists them.
func Groups() []Group { return []Group{GroupNone, GroupConversation, GroupMember, GroupOrganization} }

// Rhythm says when it is told.
type Rhythm string

// The rhythms.
const (
	AtOnce Rhythm = "now"
	Hourly Rhythm = "hourly"
	Daily  Rhythm = "daily"
)

// Rhythms lists them.
func Rhythms() []Rhythm { return []Rhythm{AtOnce, Hourly, Daily} }

// Severity is how much an alert asks for attention.
type Severity string

// The severities.
const (
	Info    Severity = "info"
	Warning Severity = "warning"
	Urgent  Severity = "urgent"
)

// Severities lists them.
func Severities() []Severity { return []Severity{Info, Warning, Urgent} }

// Quiet are hours in which nothing is sent.
type Quiet struct {
	From     int    `json:"from"`               // hours of the day, 0 to 23; equal to To = none
	To       int    `json:"to"`                 // the hour at which it ends
	Weekends bool   `json:"weekends,omitempty"` // Saturdays and Sundays are quiet, too
	Zone     string `json:"zone,omitempty"`     // such as Europe/Lisbon; "" = the team's
	Drop     bool   `json:"drop,omitempty"`     // what happens then is not told at all; else it is told in the morning, together
}

// Draft is what people say of an alert.
type Draft struct {
	Name         string     `json:"name"`
	Watch        Watch      `json:"watch"`
	Query        string     `json:"query,omitempty"`        // over what is watched, or what a figure is narrowed to
	Condition    *Condition `json:"condition,omitempty"`    // of a metric
	Source       string     `json:"source,omitempty"`       // of watched sources, one by name; "" = all
	Destinations []int64    `json:"destinations,omitempty"` // ids
	People       []string   `json:"people,omitempty"`       // mail addresses of users who are told in Greenroom; "*" = everybody
	Group        Group      `json:"group,omitempty"`
	GroupMinutes int64      `json:"group_minutes,omitempty"` // for how long after the first one it is told together
	AgainHours   int64      `json:"again_hours,omitempty"`   // an object fires again after so long at the soonest; 0 = only once
	Rhythm       Rhythm     `json:"rhythm,omitempty"`
	Hour         int        `json:"hour,omitempty"`     // of the day at which a daily digest is sent
	PerHour      int64      `json:"per_hour,omitempty"` // at most so many messages an hour, the rest together; 0 = any number
	Quiet        Quiet      `json:"quiet,omitzero"`
	Severity     Severity   `json:"severity,omitempty"`
	Do           string     `json:"do,omitempty"` // what to do about it, in words
	Owner        string     `json:"owner,omitempty"`
}

// Alert is a draft that is kept.
type Alert struct {
	ID int64 `json:"id"`
	Draft
	CreatedAt  time.Time `json:"created_at"`
	ChangedAt  time.Time `json:"changed_at"`
	MutedUntil time.Time `json:"muted_until,omitzero"` // nothing fires before
	Problem    string    `json:"problem,omitempty"`    // why it could not be looked at
	From       int64     `json:"-"`                    // activities up to this one are older than the alert
	Version    int64     `json:"-"`                    // of what it watches; what fitted an older one is forgotten
	Looked     int64     `json:"-"`                    // of a metric: the start of the last period that was looked at, Unix seconds; of others: whether who fits is known
}

// Muted reports whether nothing fires at a time.
func (a *Alert) Muted(now time.Time) bool { return now.Before(a.MutedUntil) }

// Limits.
const (
	maxName    = 100
	maxDo      = 1000
	maxPlaces  = 20
	maxMinutes = 7 * 24 * 60
	maxAgain   = 24 * 365
)

// Validate checks what people said, the query aside, and fills in what they left open. Errors have CodeInvalid.
func (d *Draft) Validate() error {
	d.Name, d.Do, d.Query, d.Owner = strings.TrimSpace(d.Name), strings.TrimSpace(d.Do), strings.TrimSpace(d.Query), strings.TrimSpace(d.Owner)
	d.usual()
	switch {
	case d.Name == "" || utf8.RuneCountInString(d.Name) > maxName || strings.ContainsAny(d.Name, "\n\r\t"):
		return greenroom.Errorf(greenroom.CodeInvalid, "an alert needs a name of one line with at most %d characters", maxName)
	case !slices.Contains(Watches(), d.Watch):
		return greenroom.Errorf(greenroom.CodeInvalid, "%q cannot be watched; expected %s", d.Watch, words(Watches()))
	case !slices.Contains(Groups(), d.Group):
		return greenroom.Errorf(greenroom.CodeInvalid, "there is no group %q; expected %s", d.Group, words(Groups()))
	case !slices.Contains(Rhythms(), d.Rhythm):
		return greenroom.Errorf(greenroom.CodeInvalid, "there is no rhythm %q; expected %s", d.Rhythm, words(Rhythms()))
	case !slices.Contains(Severities(), d.Severity):
		return greenroom.Errorf(greenroom.CodeInvalid, "there is no severity %q; expected %s", d.Severity, words(Severities()))
	case utf8.RuneCountInString(d.Do) > maxDo:
		return greenroom.Errorf(greenroom.CodeInvalid, "what to do has at most %d characters", maxDo)
	case len(d.Destinations) > maxPlaces || len(d.People) > maxPlaces:
		return greenroom.Errorf(greenroom.CodeInvalid, "an alert goes to %d destinations and %d people at most; a team has a channel", maxPlaces, maxPlaces)
	case d.GroupMinutes < 0 || d.GroupMinutes > maxMinutes:
		return greenroom.FieldErrorf("group_minutes", "the minutes in which what fires is told together are from 0 to %d (a week), not %d", maxMinutes, d.GroupMinutes)
	case d.AgainHours < 0 || d.AgainHours > maxAgain:
		return greenroom.FieldErrorf("again_hours", "the hours until it fires again for the same are from 0 (never) to %d (a year), not %d", maxAgain, d.AgainHours)
	case d.PerHour < 0:
		return greenroom.FieldErrorf("per_hour", "the messages an hour are at least 0 (as many as there are), not %d", d.PerHour)
	case badHour(d.Hour) || badHour(d.Quiet.From) || badHour(d.Quiet.To):
		return greenroom.Errorf(greenroom.CodeInvalid, "hours go from 0 to 23")
	}
	if _, err := time.LoadLocation(d.Quiet.Zone); err != nil || strings.EqualFold(d.Quiet.Zone, "local") {
		return greenroom.Errorf(greenroom.CodeInvalid, "there is no time zone %q; they are called like Europe/Lisbon", d.Quiet.Zone)
	}
	return d.condition()
}

// usual fills in what was left open.
func (d *Draft) usual() {
	if d.Group == "" {
		d.Group = GroupNone
	}
	if d.Rhythm == "" {
		d.Rhythm = AtOnce
	}
	if d.Severity == "" {
		d.Severity = Info
	}
	if d.Group != GroupNone && d.GroupMinutes == 0 {
		d.GroupMinutes = 60
	}
	if d.Destinations == nil {
		d.Destinations = []int64{}
	}
	if d.People == nil {
		d.People = []string{}
	}
	slices.Sort(d.Destinations)
	d.Destinations = slices.Compact(d.Destinations)
}

// condition checks what only metrics, sources or lists have.
func (d *Draft) condition() error {
	if d.Watch != Metric {
		if d.Condition != nil {
			return greenroom.Errorf(greenroom.CodeInvalid, "only an alert on a metric has a condition on a figure")
		}
		if d.Watch == Source && d.Query != "" {
			return greenroom.Errorf(greenroom.CodeInvalid, "an alert on sources has no query")
		}
		if d.Watch != Source && d.Query == "" {
			return greenroom.Errorf(greenroom.CodeInvalid, "say by a query what to look for, such as is:question org.lifecycle:trial")
		}
		return nil
	}
	c := d.Condition
	switch {
	case c == nil:
		return greenroom.Errorf(greenroom.CodeInvalid, "say which metric, and when it fires")
	case c.When != WhenAbove && c.When != WhenBelow && c.When != WhenChanged:
		return greenroom.Errorf(greenroom.CodeInvalid, "a figure fires when it is %s, %s or %s, not %q", WhenAbove, WhenBelow, WhenChanged, c.When)
	case c.By != analytics.Day && c.By != analytics.Week && c.By != analytics.Month:
		return greenroom.Errorf(greenroom.CodeInvalid, "a figure is looked at by day, week or month, not %q", c.By)
	}
	_, err := analytics.Lookup(c.Metric)
	return err //nolint:wrapcheck // its words are for people
}

func badHour(h int) bool { return h < 0 || h > 23 }

func words[T ~string](all []T) string {
	texts := make([]string, len(all))
	for i, v := range all {
		texts[i] = string(v)
	}
	return strings.Join(texts, ", ")
}

// Templates are alerts that most communities find useful.
func Templates() []Draft {
	return []Draft{
		{Name: "A trial customer asks", Watch: Activities, Query: "is:question org.lifecycle:trial", Group: GroupConversation, GroupMinutes: 240, Severity: Warning, PerHour: 30, Do: "Answer today, or hand it to whoever knows best: who gets an answer in a trial stays more often."},
		{Name: "An unhappy customer", Watch: Activities, Query: "sentiment:negative org.lifecycle:customer,trial", Group: GroupMember, GroupMinutes: 1440, Severity: Warning, PerHour: 30, Do: "Read the whole conversation, then write to them in person."},
		{Name: "A question waits for a day", Watch: Conversations, Query: "is:question waiting:>24h opened:<14d", PerHour: 30, Do: "Answer, or ask a member who knows."},
		{Name: "Somebody new introduces themselves", Watch: Activities, Query: "category:introduction", Rhythm: Hourly, Do: "Welcome them by name, and point to one thing that fits what they do."},
		{Name: "A source is late or fails", Watch: Source, AgainHours: 24, Severity: Warning, Do: "Look at the source's page: it says what is wrong and how to repair it."},
		{Name: "Active members change by more than noise", Watch: Metric, Condition: &Condition{Metric: "active_members", By: analytics.Week, When: WhenChanged}, Do: "Look at Health, which says what moved it."},
	}
}
