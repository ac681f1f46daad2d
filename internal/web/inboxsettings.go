// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/inbox"
	"greenroom/internal/outbox"
	"greenroom/internal/web/ui"
)

// inboxSettingsBody is what inboxsettings.html shows.
type inboxSettingsBody struct {
	Head        ui.Head
	Post        string
	Problem     string
	May         bool
	Waits       ui.Field
	Days        ui.Field
	Rules       []ruleLine
	Usual       ui.Field
	WorkDays    []dayLine
	Zone        ui.Field
	Holidays    ui.Field
	Turns       []ui.Field
	Assign      ui.Field
	Escalations []escalationLine
	Rest        []ui.Field
	Save        ui.Action
}

// ruleLine is a target to be edited; the last one is empty.
type ruleLine struct {
	Query, Hours, Business ui.Field
	Up, Remove             *ui.Action
}

type dayLine struct {
	Name     string
	From, To ui.Field
}

type escalationLine struct {
	ID                                        string
	After, Query, Notify, Assign, Destination ui.Field
	Remove                                    *ui.Action
}

func (p *inboxPages) showSettings(w http.ResponseWriter, r *http.Request) error {
	set, err := p.cfg.Inbox.Settings(r.Context())
	if err != nil {
		return err
	}
	return p.renderSettings(w, r, &set, nil)
}

func (p *inboxPages) renderSettings(w http.ResponseWriter, r *http.Request, set *inbox.Settings, problem error) error {
	team, err := p.cfg.Inbox.Team(r.Context())
	if err != nil {
		return err
	}
	places, err := p.cfg.Inbox.Destinations(r.Context())
	if err != nil {
		return err
	}
	body := inboxSettingsBody{
		Head: ui.Head{Title: "Targets and rules", Subtitle: "What waits for the team, how soon it is to be answered, and what happens when it is not", Back: &ui.Action{Label: "Inbox", Href: inboxPath}},
		Post: inboxPath + "/settings", May: person(r).MayWrite, Save: ui.Action{Label: "Save", Submit: true, Style: ui.StylePrimary},
		Waits:    ui.Field{Name: "waits", Label: "Conversations that wait, one query a line", Type: "textarea", Rows: 5, Required: true, Value: strings.Join(set.Waits, "\n"), Help: "What one of them fits stands in the inbox until it is answered, or somebody says that it is done."},
		Days:     number("days", "How many days back", strconv.Itoa(set.Days), "What began before is left out, unless somebody reopens it."),
		Usual:    number("usual", "Target of everything else, in hours", hoursField(set.Usual), ""),
		Zone:     ui.Field{Name: "zone", Label: "Time zone of work", Value: set.Hours.Zone, Placeholder: p.cfg.Zones.Zone().String(), Zones: true},
		Holidays: ui.Field{Name: "holidays", Label: "Days on which nobody works, one a line", Type: "textarea", Rows: 4, Value: strings.Join(set.Hours.Holidays, "\n"), Placeholder: "2026-12-25"},
		Rest: []ui.Field{
			number("answers", "Members who gave so many answers in 7 days are not asked", strconv.Itoa(set.AnswersWeek), ""),
			number("pause", "Nor those who were asked in so many days", strconv.Itoa(set.AskPause), ""),
		},
	}
	body.Assign = ui.Field{Name: "assign", Label: "What comes in is given to", Type: "select", Value: set.Assign, Options: []ui.Option{{Value: "", Label: "nobody: people take it"}, {Value: inbox.ByTurn, Label: "whoever's turn it is"}, {Value: inbox.ByExpertise, Label: "whoever knows most"}}, Help: "From now on, once for each conversation."}
	if problem != nil {
		body.Problem = sentence(greenroom.ErrorMessage(problem))
	}
	for i := range append(slices.Clone(set.Rules), inbox.Rule{}) {
		body.Rules = append(body.Rules, ruleLineOf(set, i))
	}
	for _, d := range weekdays {
		s, name := set.Hours.Days[d], d.String()
		line := dayLine{Name: name, From: clockField("from", name, s.From, s), To: clockField("to", name, s.To, s)}
		body.WorkDays = append(body.WorkDays, line)
	}
	for _, t := range team {
		body.Turns = append(body.Turns, ui.Field{Name: "turn", Prefix: t.Email, Label: t.Label(), Type: "checkbox", Value: t.Email, Checked: slices.Contains(set.Rotation, t.Email)})
	}
	for i := range append(slices.Clone(set.Escalations), inbox.Escalation{}) {
		body.Escalations = append(body.Escalations, escalationLineOf(set, i, team, places))
	}
	return render(p.Site, w, r, p.settings, "Targets and rules", body)
}

// weekdays are the days in the order of a week of work.
var weekdays = []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday, time.Sunday}

func number(name, label, value, help string) ui.Field {
	return ui.Field{Name: name, Label: label, Type: "text", Required: true, Value: value, Help: help}
}

func hoursField(h float64) string {
	if h == 0 {
		return ""
	}
	return strconv.FormatFloat(h, 'f', -1, 64)
}

func clockField(what, day string, minutes int, s inbox.Span) ui.Field {
	f := ui.Field{Name: what + "-" + strings.ToLower(day), Label: day + " " + what, Type: "time"}
	if s.To > s.From {
		f.Value = fmt.Sprintf("%02d:%02d", minutes/60%24, minutes%60)
	}
	return f
}

func ruleLineOf(set *inbox.Settings, i int) ruleLine {
	n := strconv.Itoa(i)
	l := ruleLine{
		Query: ui.Field{Name: "rule-" + n, Label: "Conversations " + strconv.Itoa(i+1), Placeholder: "org.lifecycle:customer"},
		Hours: ui.Field{Name: "hours-" + n, Label: "Hours " + strconv.Itoa(i+1), Placeholder: "4"}, Business: ui.Field{Name: "business-" + n, Label: "of work", Type: "checkbox"},
	}
	if i == len(set.Rules) {
		return l
	}
	r := &set.Rules[i]
	l.Query.Value, l.Hours.Value, l.Business.Checked = r.Query, hoursField(r.Hours), r.Business
	l.Remove = &ui.Action{Label: "Remove", Label2: "Remove target " + strconv.Itoa(i+1), Submit: true, Name: "do", Value: "drop-" + n, Small: true, Style: ui.StyleQuiet}
	if i > 0 {
		l.Up = &ui.Action{Label: "Up", Label2: "Move target " + strconv.Itoa(i+1) + " up", Submit: true, Name: "do", Value: "up-" + n, Small: true, Style: ui.StyleQuiet}
	}
	return l
}

func escalationLineOf(set *inbox.Settings, i int, team []inbox.Person, places []outbox.Destination) escalationLine {
	n, label := strconv.Itoa(i), func(text string) string { return text + " " + strconv.Itoa(i+1) }
	people := []ui.Option{{Value: "", Label: "nobody"}, {Value: inbox.ByTurn, Label: "whoever's turn it is"}, {Value: inbox.ByExpertise, Label: "whoever knows most"}}
	for _, t := range team {
		people = append(people, ui.Option{Value: t.Email, Label: t.Label()})
	}
	to := []ui.Option{{Value: "0", Label: "nowhere"}}
	for _, d := range places {
		to = append(to, ui.Option{Value: idText(d.ID), Label: d.Name})
	}
	l := escalationLine{
		After: ui.Field{Name: "after-" + n, Label: label("Hours past the target"), Placeholder: "4"}, Query: ui.Field{Name: "which-" + n, Label: label("Only conversations"), Placeholder: "every one"},
		Notify: ui.Field{Name: "notify-" + n, Label: label("Tell, by mail address"), Placeholder: "ana@example.org"}, Assign: ui.Field{Name: "give-" + n, Label: label("Give to"), Type: "select", Options: people},
		Destination: ui.Field{Name: "place-" + n, Label: label("Write to"), Type: "select", Options: to, Value: "0"},
	}
	if i == len(set.Escalations) {
		return l
	}
	e := &set.Escalations[i]
	l.ID, l.After.Value, l.Query.Value, l.Notify.Value, l.Assign.Value, l.Destination.Value = idText(e.ID), strconv.FormatFloat(e.After, 'f', -1, 64), e.Query, strings.Join(e.Notify, ", "), e.Assign, idText(e.DestinationID)
	l.Assign.Options = withOwner(people, e.Assign)
	l.Remove = &ui.Action{Label: "Remove", Label2: label("Remove escalation"), Submit: true, Name: "do", Value: "calm-" + n, Small: true, Style: ui.StyleQuiet}
	return l
}

func (p *inboxPages) saveSettings(w http.ResponseWriter, r *http.Request) error {
	old, err := p.cfg.Inbox.Settings(r.Context())
	if err != nil {
		return err
	}
	set, err := readInboxSettings(r, &old)
	if err == nil {
		_, err = p.cfg.Inbox.SetSettings(r.Context(), set, person(r).Actor)
	}
	if err != nil {
		if !forPeople(err) {
			return err
		}
		return p.renderSettings(w, r, &set, err)
	}
	return p.back(w, r, inboxPath+"/settings", "Saved. The queue is in its new order.", "")
}

// readInboxSettings reads the form.
func readInboxSettings(r *http.Request, old *inbox.Settings) (inbox.Settings, error) {
	set := *old
	if err := r.ParseForm(); err != nil {
		return set, greenroom.Errorf(greenroom.CodeInvalid, "the form did not arrive whole; send it again")
	}
	set.Waits, set.Hours.Holidays = lines(r.FormValue("waits")), lines(r.FormValue("holidays"))
	set.Hours.Zone = strings.TrimSpace(r.FormValue("zone"))
	set.Rotation, set.Assign = r.Form["turn"], r.FormValue("assign")
	form := formReader{r: r}
	set.Days, set.AnswersWeek, set.AskPause = int(form.number("days", "the days that the inbox goes back")), int(form.number("answers", "the answers a week")), int(form.number("pause", "the pause after being asked"))
	set.Usual = form.number("usual", "the target of everything else")
	set.Rules, set.Escalations = form.rules(), form.escalations()
	for _, d := range weekdays {
		name := strings.ToLower(d.String())
		set.Hours.Days[d] = inbox.Span{From: form.clock("from-"+name, d, false), To: form.clock("to-"+name, d, true)}
		if r.FormValue("from-"+name) == "" && r.FormValue("to-"+name) == "" {
			set.Hours.Days[d] = inbox.Span{}
		}
	}
	what, n, _ := strings.Cut(r.FormValue("do"), "-")
	if at, err := strconv.Atoi(n); err == nil && at >= 0 {
		switch {
		case what == "drop" && at < len(set.Rules):
			set.Rules = slices.Delete(set.Rules, at, at+1)
		case what == "up" && at > 0 && at < len(set.Rules):
			set.Rules[at-1], set.Rules[at] = set.Rules[at], set.Rules[at-1]
		case what == "calm" && at < len(set.Escalations):
			set.Escalations = slices.Delete(set.Escalations, at, at+1)
		}
	}
	return set, form.err
}

// formReader reads fields and keeps the first thing that is wrong.
type formReader struct {
	r   *http.Request
	err error
}

func (f *formReader) wrong(format string, args ...any) {
	if f.err == nil {
		f.err = greenroom.Errorf(greenroom.CodeInvalid, format, args...)
	}
}

func (f *formReader) number(name, what string) float64 {
	text := strings.ReplaceAll(strings.TrimSpace(f.r.FormValue(name)), ",", ".")
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || n != n || n < 0 || n > 1e6 { //nolint:gocritic // NaN is no number to work with
		f.wrong("%s: expected a number, not %q", what, text)
		return 0
	}
	return n
}

func (f *formReader) clock(name string, day time.Weekday, end bool) int {
	text := f.r.FormValue(name)
	if text == "" {
		return 0
	}
	t, err := time.Parse("15:04", text)
	if err != nil {
		f.wrong("%s: expected a time such as 09:00, not %q", day, text)
		return 0
	}
	m := t.Hour()*60 + t.Minute()
	if end && m == 0 {
		m = 24 * 60 // midnight ends the day
	}
	return m
}

// mostRuleLines is how many lines of a kind a form has at most.
const mostRuleLines = 60

func (f *formReader) rules() []inbox.Rule {
	all := []inbox.Rule{}
	for i := range mostRuleLines {
		n := strconv.Itoa(i)
		text, hours := strings.TrimSpace(f.r.FormValue("rule-"+n)), strings.TrimSpace(f.r.FormValue("hours-"+n))
		if text == "" && hours == "" {
			continue
		}
		all = append(all, inbox.Rule{Query: text, Hours: f.number("hours-"+n, "target "+strconv.Itoa(i+1)), Business: f.r.FormValue("business-"+n) != ""})
	}
	return all
}

func (f *formReader) escalations() []inbox.Escalation {
	var all []inbox.Escalation
	for i := range mostRuleLines {
		n := strconv.Itoa(i)
		if strings.TrimSpace(f.r.FormValue("after-"+n)) == "" && strings.TrimSpace(f.r.FormValue("notify-"+n)) == "" {
			continue
		}
		id, err := strconv.ParseInt(f.r.FormValue("escalation-"+n), 10, 64)
		if err != nil {
			id = 0 // it is new
		}
		place, err := strconv.ParseInt(f.r.FormValue("place-"+n), 10, 64)
		if err != nil {
			place = 0
		}
		all = append(all, inbox.Escalation{
			ID: id, After: f.number("after-"+n, "escalation "+strconv.Itoa(i+1)), Query: strings.TrimSpace(f.r.FormValue("which-" + n)), Assign: f.r.FormValue("give-" + n), DestinationID: place,
			Notify: strings.FieldsFunc(f.r.FormValue("notify-"+n), func(c rune) bool { return c == ',' || c == ' ' || c == ';' }),
		})
	}
	return all
}

// lines are the lines of a text that say something.
func lines(text string) []string {
	var all []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			all = append(all, line)
		}
	}
	return all
}
