// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"greenroom"
	"greenroom/internal/alert"
	"greenroom/internal/analytics"
	"greenroom/internal/outbox"
	"greenroom/internal/query"
	"greenroom/internal/web/ui"
)

// alertEditBody is what alertedit.html shows.
type alertEditBody struct {
	Head                 ui.Head
	Problem              string
	Action, Here, Cancel string
	Save                 string
	Watches              ui.Segments
	Watch                string
	Name                 ui.Field
	Query                *ui.QueryBox
	What                 []ui.Field // metric, source
	Places               []ui.Field
	People               []ui.Field
	NoPlace              bool
	How                  []ui.Field
	Quiet                []ui.Field
	Last                 []ui.Field
	Preview              previewBody
}

// previewBody says what an alert would have done.
type previewBody struct {
	Title   string
	Only    string // what it is not
	From    *ui.Action
	Text    string
	Problem string
	Rows    ui.Rows
	More    string
}

func urlQuery(text string) string { return url.QueryEscape(text) }

func (p *alertPages) build(w http.ResponseWriter, r *http.Request) error {
	return p.showForm(w, r, r.URL.Query(), nil)
}

func (p *alertPages) save(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return greenroom.Errorf(greenroom.CodeInvalid, "the form did not arrive whole; send it again")
	}
	d, err := alertDraft(r.PostForm, person(r).Seed)
	var a alert.Alert
	said := " is made. It fires on what happens from now on."
	if err == nil {
		if r.PathValue("id") == "" {
			a, err = p.cfg.Alerts.Add(r.Context(), d, person(r).Actor)
		} else {
			var id int64
			if id, err = pathID(r); err != nil {
				return err
			}
			said = " is changed."
			a, err = p.cfg.Alerts.Edit(r.Context(), id, d, person(r).Actor)
		}
	}
	if err != nil {
		if !forPeople(err) {
			return err
		}
		return p.showForm(w, r, r.PostForm, err)
	}
	return p.back(w, r, alertHref(a.ID), a.Name+said, "")
}

// alertDraft reads the form. me is the mail address of who sends it.
func alertDraft(v url.Values, me string) (alert.Draft, error) {
	d := alert.Draft{Name: v.Get("name"), Watch: alert.Watch(v.Get("watch")), Query: v.Get("q"), Group: alert.Group(v.Get("group")), Rhythm: alert.Rhythm(v.Get("rhythm")), Severity: alert.Severity(v.Get("severity")), Do: v.Get("do"), Owner: v.Get("owner")}
	var problem error
	number := func(name, label string) int64 {
		n, err := wholeNumber(v.Get(name), name, label)
		if err != nil && problem == nil {
			problem = err
		}
		return int64(n)
	}
	switch d.Watch {
	case alert.Metric:
		d.Condition = &alert.Condition{Metric: v.Get("metric"), By: analytics.Granularity(v.Get("by")), When: v.Get("when")}
		if text := strings.TrimSpace(v.Get("value")); text != "" && d.Condition.When != alert.WhenChanged {
			var err error
			if d.Condition.Value, err = strconv.ParseFloat(text, 64); err != nil {
				problem = greenroom.Errorf(greenroom.CodeInvalid, "the value: expected a number, such as 12 or 0.8, not %q", text)
			}
		}
	case alert.Source:
		d.Source, d.Query = v.Get("source"), ""
	case alert.Activities, alert.Conversations, alert.Members, alert.Organizations:
	}
	for _, text := range v["to"] {
		if id, err := strconv.ParseInt(text, 10, 64); err == nil {
			d.Destinations = append(d.Destinations, id)
		}
	}
	switch v.Get("people") {
	case "all":
		d.People = []string{"*"}
	case "me":
		d.People = []string{me}
	case "keep":
		d.People = strings.Fields(v.Get("kept"))
	}
	d.GroupMinutes, d.AgainHours, d.PerHour, d.Hour = number("group_minutes", "The minutes within which it is told together"), number("again", "The hours until the same one is told again"), number("per_hour", "The messages an hour"), int(number("hour", "The hour of the daily digest"))
	d.Quiet = alert.Quiet{From: int(number("quiet_from", "The hour from which it is quiet")), To: int(number("quiet_to", "The hour until which it is quiet")), Weekends: v.Get("weekends") != "", Zone: strings.TrimSpace(v.Get("zone")), Drop: v.Get("drop") != ""}
	return d, problem
}

// formOf is the form that a draft fills.
func formOf(d *alert.Draft, me string) url.Values {
	number := func(n int64) string {
		if n == 0 {
			return ""
		}
		return strconv.FormatInt(n, 10)
	}
	v := url.Values{
		"name": {d.Name}, "watch": {string(d.Watch)}, "q": {d.Query}, "group": {string(d.Group)}, "rhythm": {string(d.Rhythm)}, "severity": {string(d.Severity)}, "do": {d.Do}, "owner": {d.Owner}, "source": {d.Source},
		"group_minutes": {number(d.GroupMinutes)}, "again": {number(d.AgainHours)}, "per_hour": {number(d.PerHour)}, "hour": {strconv.Itoa(d.Hour)}, "quiet_from": {strconv.Itoa(d.Quiet.From)}, "quiet_to": {strconv.Itoa(d.Quiet.To)}, "zone": {d.Quiet.Zone},
	}
	if d.Quiet.Weekends {
		v.Set("weekends", "on")
	}
	if d.Quiet.Drop {
		v.Set("drop", "on")
	}
	for _, id := range d.Destinations {
		v.Add("to", idText(id))
	}
	switch {
	case slices.Contains(d.People, "*"):
		v.Set("people", "all")
	case len(d.People) == 1 && d.People[0] == me:
		v.Set("people", "me")
	case len(d.People) > 0:
		v.Set("people", "keep")
		v.Set("kept", strings.Join(d.People, " "))
	}
	if c := d.Condition; c != nil {
		v.Set("metric", c.Metric)
		v.Set("by", string(c.By))
		v.Set("when", c.When)
		v.Set("value", strconv.FormatFloat(c.Value, 'f', -1, 64))
	}
	return v
}

// showForm draws the form: anew, after a change, or with what stood in the way of saving it.
func (p *alertPages) showForm(w http.ResponseWriter, r *http.Request, v url.Values, problem error) error {
	body := alertEditBody{Head: ui.Head{Title: "New alert", Subtitle: "Say what to look for; beside it you see what it would have told you", Back: &ui.Action{Label: "Alerts", Href: alertsPath}}, Action: "/alerts/new", Cancel: alertsPath, Save: "Make the alert"}
	me := person(r).Seed
	first := !v.Has("name") // not a form that was sent
	usual := alert.Draft{Watch: alert.Activities, Rhythm: alert.AtOnce, Group: alert.GroupConversation, GroupMinutes: 60, PerHour: 30, Owner: person(r).Actor, People: []string{"*"}}
	if r.PathValue("id") != "" {
		id, err := pathID(r)
		if err != nil {
			return err
		}
		a, err := p.cfg.Alerts.Get(r.Context(), id)
		if err != nil {
			return err
		}
		usual = a.Draft
		body.Head.Title, body.Head.Back = "Edit "+a.Name, &ui.Action{Label: a.Name, Href: alertHref(id)}
		body.Action, body.Cancel, body.Save = alertHref(id)+"/edit", alertHref(id), "Save"
		if q := v.Get("suggested"); q != "" {
			usual.Query = q
		}
	}
	if name := v.Get("template"); name != "" {
		if i := slices.IndexFunc(alert.Templates(), func(d alert.Draft) bool { return d.Name == name }); i >= 0 {
			t := alert.Templates()[i]
			t.Owner, t.People = usual.Owner, usual.People
			usual = t
		}
	}
	if first {
		watch, q := v.Get("watch"), v.Get("q")
		v = formOf(&usual, me)
		if watch != "" && watch != v.Get("watch") {
			v.Set("watch", watch)
			v.Set("q", "")
		}
		if q != "" { // as the address says
			v.Set("q", q)
		}
	}
	body.Here = body.Action
	if watch := v.Get("watch"); !slices.Contains(alert.Watches(), alert.Watch(watch)) {
		if watch != "" {
			body.Problem = "Nothing is watched by the name “" + watch + "”. Choose what to watch below."
		}
		v.Set("watch", string(alert.Activities))
	}
	if err := p.fields(r, &body, v, me); err != nil {
		return err
	}
	p.preview(r, &body, v, me)
	code := http.StatusOK
	if problem != nil {
		body.Problem, code = sentence(greenroom.ErrorMessage(problem)), http.StatusUnprocessableEntity
	}
	return send(w, code, func(to io.Writer) error { return p.edit.Render(to, p.shell(r, body.Head.Title), body) })
}

func optionsOf[T ~string](all []T, labels map[T]string) []ui.Option {
	var options []ui.Option
	for _, v := range all {
		options = append(options, ui.Option{Value: string(v), Label: firstText(labels[v], title(string(v)))})
	}
	return options
}

func (p *alertPages) fields(r *http.Request, body *alertEditBody, v url.Values, me string) error {
	body.Watch = v.Get("watch")
	watch := alert.Watch(body.Watch)
	labels := watchLabels()
	body.Watches.Label = "What it watches"
	for _, w := range alert.Watches() {
		to := url.Values{"watch": {string(w)}}
		body.Watches.Items = append(body.Watches.Items, ui.Segment{Label: firstText(labels[w], title(string(w))), Href: body.Here + "?" + to.Encode(), Active: w == watch})
	}
	body.Name = ui.Field{Name: "name", Label: "Name", Value: v.Get("name"), Required: true, Placeholder: "A trial customer asks"}
	switch watch {
	case alert.Metric:
		body.What = metricFields(v)
	case alert.Source:
		sources, err := p.cfg.Sources.Sources(r.Context())
		if err != nil {
			return err
		}
		f := ui.Field{Name: "source", Label: "Source", Type: "select", Value: v.Get("source"), Options: []ui.Option{{Label: "Any of them"}}, Help: "It fires when the source is late or fails."}
		for i := range sources {
			f.Options = append(f.Options, ui.Option{Value: sources[i].Name, Label: sources[i].Name})
		}
		body.What = []ui.Field{f}
	case alert.Activities, alert.Conversations, alert.Members, alert.Organizations:
		hints := map[alert.Watch]string{
			alert.Activities: "It fires on each new message that fits. The team and bots are left out unless the query says is:staff or is:bot.", alert.Conversations: "It fires when a conversation comes to fit, such as by waiting too long.",
			alert.Members: "It fires when a member comes to fit.", alert.Organizations: "It fires when an organization comes to fit.",
		}
		places := map[alert.Watch]string{alert.Activities: "is:question org.lifecycle:trial", alert.Conversations: "is:question waiting:>4h", alert.Members: "is:quiet activities:>=10", alert.Organizations: "lifecycle:customer last_active:>30d"}
		body.Query = &ui.QueryBox{ID: "query", Name: "q", Label: "Query", Value: v.Get("q"), Suggest: "/suggest/" + string(watch.Entity()), Placeholder: places[watch], Hint: hints[watch]}
		if text := v.Get("q"); text != "" {
			if _, err := query.Parse(p.schemas[watch.Entity()], text); err != nil {
				body.Query.Error = queryError(text, err)
			}
		}
	}
	places, err := p.destinations(r)
	if err != nil {
		return err
	}
	for i := range places {
		d := &places[i]
		f := ui.Field{Name: "to", Prefix: idText(d.ID) + "-", Type: "checkbox", Value: idText(d.ID), Label: d.Name + " · " + d.Channel.Label(), Checked: slices.Contains(v["to"], idText(d.ID))}
		if d.Problem != "" {
			f.Error = sentence("The last message did not arrive: " + d.Problem)
		}
		body.Places = append(body.Places, f)
	}
	body.NoPlace = len(places) == 0
	people := ui.Field{Name: "people", Label: "In Greenroom", Type: "select", Value: v.Get("people"), Options: []ui.Option{{Value: "all", Label: "Everybody who can sign in"}, {Value: "me", Label: "Me: " + me}, {Value: "none", Label: "Nobody"}}, Help: "They see a notice here, whatever else is sent."}
	if v.Get("kept") != "" {
		people.Options = append(people.Options, ui.Option{Value: "keep", Label: strings.ReplaceAll(v.Get("kept"), " ", ", ")})
	}
	body.People = []ui.Field{people}
	body.how(v)
	return nil
}

func (p *alertPages) destinations(r *http.Request) ([]outbox.Destination, error) {
	if p.cfg.Sending == nil {
		return nil, nil
	}
	return p.cfg.Sending.Destinations(r.Context())
}

// how makes the fields that say when and how often it is told.
func (b *alertEditBody) how(v url.Values) {
	hours := make([]ui.Option, 0, 24)
	for h := range 24 {
		hours = append(hours, ui.Option{Value: strconv.Itoa(h), Label: strconv.Itoa(h) + ":00"})
	}
	b.How = []ui.Field{
		{Name: "rhythm", Label: "Told", Type: "select", Value: v.Get("rhythm"), Options: optionsOf(alert.Rhythms(), map[alert.Rhythm]string{alert.AtOnce: "At once", alert.Hourly: "Each hour, together", alert.Daily: "Once a day, together"})},
		{Name: "hour", Label: "Daily at", Type: "select", Value: firstText(v.Get("hour"), "0"), Options: hours, Help: "Of a daily digest only"},
	}
	if w := alert.Watch(b.Watch); w != alert.Metric && w != alert.Source {
		b.How = append(b.How,
			ui.Field{Name: "group", Label: "One message for each", Type: "select", Value: v.Get("group"), Options: optionsOf(alert.Groups(), map[alert.Group]string{alert.GroupNone: "Match"})},
			ui.Field{Name: "group_minutes", Label: "Within minutes", Type: "number", Value: v.Get("group_minutes"), Placeholder: "60", Help: "What follows in that time is counted, not sent."},
		)
	}
	b.How = append(b.How,
		ui.Field{Name: "again", Label: "The same one again after hours", Type: "number", Value: v.Get("again"), Placeholder: "never"},
		ui.Field{Name: "per_hour", Label: "Messages an hour at most", Type: "number", Value: v.Get("per_hour"), Placeholder: "any number", Help: "The rest is told together."},
	)
	b.Quiet = []ui.Field{
		{Name: "quiet_from", Label: "Quiet from", Type: "select", Value: firstText(v.Get("quiet_from"), "0"), Options: hours},
		{Name: "quiet_to", Label: "Quiet until", Type: "select", Value: firstText(v.Get("quiet_to"), "0"), Options: hours, Help: "The same hour: no quiet hours."},
		{Name: "zone", Label: "Time zone", Value: v.Get("zone"), Placeholder: "the team's", Zones: true},
		{Name: "weekends", Label: "Weekends are quiet, too", Type: "checkbox", Checked: v.Get("weekends") != ""},
		{Name: "drop", Label: "What happens in quiet time is not told later either", Type: "checkbox", Checked: v.Get("drop") != ""},
	}
	b.Last = []ui.Field{
		{Name: "severity", Label: "How much it matters", Type: "select", Value: v.Get("severity"), Options: optionsOf(alert.Severities(), map[alert.Severity]string{alert.Info: "Good to know"})},
		{Name: "do", Label: "What to do about it", Type: "textarea", Value: v.Get("do"), Placeholder: "Answer today, or hand it to whoever knows best."},
		{Name: "owner", Label: "Owner", Value: v.Get("owner")},
	}
}

func metricFields(v url.Values) []ui.Field {
	var metrics []ui.Option
	for _, m := range analytics.Catalog() {
		metrics = append(metrics, ui.Option{Value: m.Name, Label: m.Label})
	}
	return []ui.Field{
		{Name: "metric", Label: "Figure", Type: "select", Value: firstText(v.Get("metric"), "active_members"), Options: metrics},
		{Name: "by", Label: "Each", Type: "select", Value: firstText(v.Get("by"), string(analytics.Week)), Options: []ui.Option{{Value: "day", Label: "Day"}, {Value: "week", Label: "Week"}, {Value: "month", Label: "Month"}}, Help: "It is looked at when one is over."},
		{Name: "when", Label: "Fires when it", Type: "select", Value: firstText(v.Get("when"), alert.WhenChanged), Options: []ui.Option{{Value: alert.WhenChanged, Label: "changes by more than noise"}, {Value: alert.WhenAbove, Label: "is above"}, {Value: alert.WhenBelow, Label: "is below"}}},
		{Name: "value", Label: "Value", Value: v.Get("value"), Help: "For above and below; a share as 0.8"},
		{Name: "q", Label: "Narrowed by a query", Value: v.Get("q"), Placeholder: "channel:help"},
	}
}

// preview says what the alert would have done.
func (p *alertPages) preview(r *http.Request, body *alertEditBody, v url.Values, me string) {
	d, err := alertDraft(v, me)
	if d.Watch == alert.Metric && d.Condition.Metric == "" {
		d.Condition = &alert.Condition{Metric: "active_members", By: analytics.Week, When: alert.WhenChanged}
	}
	var found *alert.Preview
	if err == nil && (d.Query != "" || d.Watch == alert.Metric || d.Watch == alert.Source) {
		found, err = p.cfg.Alerts.Preview(r.Context(), d)
	}
	b := &body.Preview
	b.Title = "What it would have done"
	switch {
	case err != nil && forPeople(err):
		b.Problem = sentence(greenroom.ErrorMessage(err))
		return
	case err != nil:
		p.cfg.Log.Error("looking what an alert would have done", "error", err)
		b.Problem = "It cannot be said now what it would have done."
		return
	case found == nil:
		b.Text = "Say what to look for, and you see here what it would have told you."
		return
	}
	b.Text, b.Rows.Label = found.Says, "What it would have told"
	if found.Basis == alert.BasisNow && len(found.Firings) > 0 {
		b.Title, b.Only = either(d.Watch == alert.Conversations, "What fits now", "Who fits now"), "not what it would have told"
		b.Rows.Label = b.Title + ", " + b.Only
	}
	if found.Basis == alert.BasisHistory && p.cfg.Segments != nil {
		b.From = &ui.Action{Label: "History of the segment", Href: "/segments/" + url.PathEscape(found.Segment)}
	}
	for i := range found.Firings {
		f := &found.Firings[i]
		row := ui.Row{Title: f.Title, Href: f.Path(), Text: f.Excerpt, Meta: []ui.Meta{{Time: f.At}}}
		if f.At.IsZero() {
			row.Meta = nil
		}
		if f.Organization != "" {
			row.Meta = append(row.Meta, ui.Meta{Text: f.Organization})
		}
		if f.State == alert.Held {
			row.Pills = []ui.Pill{{Text: "later, " + f.DueAt.In(p.cfg.Zones.Zone()).Format("Mon 15:04"), Tone: ui.ToneInfo}}
		}
		b.Rows.Items = append(b.Rows.Items, row)
	}
	if n := found.FitNow - int64(len(found.Firings)); found.Basis == alert.BasisNow && n > 0 {
		b.More = ui.Number(len(found.Firings)) + " of the " + ui.Number(int(found.FitNow)) + " who fit now are shown."
	}
	if n := found.Times - int64(len(found.Firings)); found.Basis != alert.BasisNow && n > 0 {
		b.More = "The newest " + ui.Number(len(found.Firings)) + " are shown."
		if found.Basis != alert.BasisHistory {
			b.More += " " + countText(found.Matches, "match", "matches") + " in " + strconv.Itoa(found.Days) + " days."
		}
	}
}
