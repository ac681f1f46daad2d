// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"greenroom/internal/alert"
	"greenroom/internal/outbox"
	"greenroom/internal/web/ui"
)

// alertBody is what alert.html shows.
type alertBody struct {
	Head     ui.Head
	Problem  string
	KPIs     []ui.KPI
	Tighten  *tighten
	Firings  ui.Rows
	Empty    *ui.Empty
	Older    *ui.Pager
	Facts    []ui.Fact
	Messages ui.Rows // that did not arrive
	Dialogs  []ui.Dialog
}

// tighten is a suggestion.
type tighten struct {
	Text, Query string
	Use         *ui.Action
}

const shownFirings = 25

func (p *alertPages) show(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	a, err := p.cfg.Alerts.Get(r.Context(), id)
	if err != nil {
		return err
	}
	tallies, err := p.cfg.Alerts.Tallies(r.Context())
	if err != nil {
		return err
	}
	places, err := p.places(r.Context())
	if err != nil {
		return err
	}
	t := tallies[id]
	body := alertBody{Head: p.head(r, &a), Problem: sentence(a.Problem), KPIs: alertKPIs(&t), Facts: alertFacts(&a, places)}
	body.Dialogs = []ui.Dialog{{ID: "remove", Title: "Remove " + a.Name + "?", Text: "It fires no more, and what it would have told later is not told. This cannot be undone; to have it quiet for a while, mute it.", Form: ui.Form{Post: alertHref(id) + "/remove", Actions: []ui.Action{{Label: "Remove", Submit: true, Style: ui.StyleDanger}}}}}
	for _, fill := range []func(*http.Request, *alert.Alert, *alertBody) error{p.firings, p.tighten, p.undelivered} {
		if err := fill(r, &a, &body); err != nil {
			return err
		}
	}
	return render(p.Site, w, r, p.one, a.Name, body)
}

func (p *alertPages) head(r *http.Request, a *alert.Alert) ui.Head {
	h := ui.Head{Title: a.Name, Subtitle: whatWatches(a), Back: &ui.Action{Label: "Alerts", Href: alertsPath}}
	switch a.Severity {
	case alert.Urgent:
		h.Pills = append(h.Pills, ui.Pill{Text: "urgent", Tone: ui.ToneBad})
	case alert.Warning:
		h.Pills = append(h.Pills, ui.Pill{Text: "warning", Tone: ui.ToneWarn})
	case alert.Info:
	}
	muted := a.Muted(p.cfg.Now())
	if muted {
		h.Pills = append(h.Pills, ui.Pill{Text: "muted until " + ui.DateTime(a.MutedUntil.In(p.cfg.Zones.Zone())), Tone: ui.ToneWarn})
	}
	if !person(r).MayWrite {
		return h
	}
	h.Actions = []ui.Action{{Label: "Edit", Href: alertHref(a.ID) + "/edit", Style: ui.StylePrimary}}
	if len(a.Destinations) > 0 {
		h.Actions = append(h.Actions, ui.Action{Label: "Send a test", Post: alertHref(a.ID) + "/test"})
	}
	if muted {
		h.Actions = append(h.Actions, ui.Action{Label: "Unmute", Post: alertHref(a.ID) + "/mute"})
	} else {
		h.Actions = append(h.Actions, ui.Action{Label: "Mute for a day", Post: alertHref(a.ID) + "/mute", Hidden: []ui.Hidden{{Name: "hours", Value: "24"}}})
	}
	h.Actions = append(h.Actions, ui.Action{Label: "Remove…", Dialog: "remove", Style: ui.StyleQuiet})
	return h
}

func alertKPIs(t *alert.Tally) []ui.KPI {
	p := t.Precision()
	useful := ui.KPI{Label: "Useful", Value: "–", Note: "Nobody has judged a message yet. Each asks whether it was useful, and so does this page.", Definition: &ui.Definition{Term: "Useful", Text: "The share of the judged messages that were useful, with its 95 % interval (Wilson). The last answer of a message holds."}}
	if p.Judged > 0 {
		useful.Value, useful.Note = fmt.Sprintf("%.0f %%", p.Share*100), fmt.Sprintf("%d of %d judged; between %s", t.Useful, p.Judged, between(&p))
	}
	sent := ui.KPI{Label: "Messages that arrived", Value: ui.Number(int(t.Arrived)), Note: "all did"}
	if t.Waiting > 0 {
		sent.Note = countText(t.Waiting, "is on its way", "are on their way")
	}
	if t.Failed > 0 {
		sent.Note = countText(t.Failed, "did not arrive", "did not arrive") + ", see below"
	}
	if t.Arrived+t.Waiting+t.Failed == 0 {
		sent.Note = "none was sent yet"
	}
	return []ui.KPI{
		{Label: "Fired in 30 days", Href: "#firings", Value: ui.Number(int(t.Month)), Note: countText(t.Week, "time in 7 days", "times in 7 days")},
		useful, sent,
		{Label: "Told later", Value: ui.Number(int(t.Held)), Note: "wait for quiet hours to end, or for their digest"},
	}
}

func (p *alertPages) firings(r *http.Request, a *alert.Alert, body *alertBody) error {
	below, err := strconv.ParseInt(r.URL.Query().Get("below"), 10, 64)
	if err != nil || below < 0 {
		below = 0
	}
	all, err := p.cfg.Alerts.Firings(r.Context(), alert.Filter{Alert: a.ID, Below: below, Limit: shownFirings + 1})
	if err != nil {
		return err
	}
	more := len(all) > shownFirings
	all = all[:min(len(all), shownFirings)]
	body.Firings.Label = "What fired"
	may := person(r).MayWrite
	for i := range all {
		body.Firings.Items = append(body.Firings.Items, firingRow(&all[i], may))
	}
	if len(all) == 0 {
		body.Empty = &ui.Empty{Title: "It has not fired yet", Text: "It fires on what happens from now on. Send a test to see what a message looks like."}
	}
	if more || below > 0 {
		body.Older = &ui.Pager{Text: ui.Number(len(all)) + " shown"}
		if more {
			body.Older.Older = alertHref(a.ID) + "?below=" + idText(all[len(all)-1].ID) + "#firings"
		}
		if below > 0 {
			body.Older.Newer = alertHref(a.ID) + "#firings"
		}
	}
	return nil
}

func firingRow(f *alert.Firing, may bool) ui.Row {
	row := ui.Row{Title: firstText(f.Title, "Somebody whose data were erased"), Href: f.Path(), Text: f.Excerpt, Meta: []ui.Meta{{Time: f.At}}}
	if f.Title == "" {
		row.Href = ""
	}
	if f.Count > 1 {
		row.Pills = append(row.Pills, ui.Pill{Text: ui.Number(int(f.Count)) + " times"})
	}
	switch f.State {
	case alert.Held:
		row.Pills = append(row.Pills, ui.Pill{Text: "told later", Tone: ui.ToneInfo})
	case alert.Dropped:
		row.Pills = append(row.Pills, ui.Pill{Text: "not told: quiet hours"})
	}
	if f.Organization != "" {
		row.Meta = append(row.Meta, ui.Meta{Text: f.Organization, Href: "/organizations/" + idText(f.OrganizationID)})
	}
	if f.Useful != nil {
		row.Meta = append(row.Meta, ui.Meta{Text: "judged by " + f.JudgedBy})
	}
	if !may {
		if f.Useful != nil {
			row.Badge = &ui.Pill{Text: pick(*f.Useful, "useful", "not useful"), Tone: ui.Tone(pick(*f.Useful, string(ui.ToneGood), string(ui.ToneBad)))}
		}
		return row
	}
	button := func(label, value string, chosen bool) ui.Action {
		b := ui.Action{Label: label, Label2: label + ": " + row.Title, Post: alertHref(f.AlertID) + "/firings/" + idText(f.ID), Small: true, Hidden: []ui.Hidden{{Name: "useful", Value: value}}, Style: ui.StyleQuiet}
		if chosen {
			b.Label, b.Label2, b.Hidden[0].Value, b.Style = "✓ "+label, "Take back: "+label+": "+row.Title, "", ui.StylePlain
		}
		return b
	}
	row.Actions = []ui.Action{button("Useful", "yes", f.Useful != nil && *f.Useful), button("Not useful", "no", f.Useful != nil && !*f.Useful)}
	return row
}

func (p *alertPages) tighten(r *http.Request, a *alert.Alert, body *alertBody) error {
	v, err := p.cfg.Alerts.Suggest(r.Context(), a.ID)
	if err != nil || v == nil {
		return err
	}
	body.Tighten = &tighten{Text: v.Says, Query: v.Query}
	if person(r).MayWrite {
		body.Tighten.Use = &ui.Action{Label: "Look at it", Href: alertHref(a.ID) + "/edit?" + "suggested=" + urlQuery(v.Query), Small: true}
	}
	return nil
}

// undelivered lists the messages that did not arrive.
func (p *alertPages) undelivered(r *http.Request, a *alert.Alert, body *alertBody) error {
	if p.cfg.Sending == nil {
		return nil
	}
	all, err := p.cfg.Sending.List(r.Context(), outbox.Filter{Origin: alert.Origin, ID: a.ID, States: []outbox.State{outbox.Failed, outbox.Uncertain}, Limit: 10})
	if err != nil {
		return err
	}
	places, err := p.places(r.Context())
	if err != nil {
		return err
	}
	body.Messages.Label = "Messages that did not arrive"
	for i := range all {
		m := &all[i]
		body.Messages.Items = append(body.Messages.Items, ui.Row{
			Title: firstText(m.Subject, "Message "+idText(m.ID)), Lead: &ui.Pill{Text: string(m.State), Tone: ui.ToneBad},
			Meta: []ui.Meta{{Text: firstText(places[m.Destination].Name, "a destination that was removed"), Href: sendingPath}, {Time: m.CreatedAt}}, Text: sentence(m.Reason),
		})
	}
	return nil
}

func alertFacts(a *alert.Alert, places map[int64]outbox.Destination) []ui.Fact {
	facts := []ui.Fact{{Label: "Watches", Value: whatWatches(a)}}
	if a.Watch.Entity() != "" {
		facts[0].Href = "/" + string(a.Watch) + "?q=" + urlQuery(a.Query)
	}
	facts = append(facts, ui.Fact{Label: "Goes to", Value: goesTo(a, places)}, ui.Fact{Label: "When", Value: whenTold(a)})
	if a.Group != alert.GroupNone {
		facts = append(facts, ui.Fact{Label: "Together", Value: "one message for each " + string(a.Group) + " within " + minutes(a.GroupMinutes)})
	}
	if a.AgainHours > 0 {
		facts = append(facts, ui.Fact{Label: "Again", Value: "after " + countText(a.AgainHours, "hour", "hours") + " at the soonest"})
	} else {
		facts = append(facts, ui.Fact{Label: "Again", Value: "never for the same one"})
	}
	if a.PerHour > 0 {
		facts = append(facts, ui.Fact{Label: "At most", Value: countText(a.PerHour, "message an hour", "messages an hour") + ", the rest together"})
	}
	if q := quietText(&a.Quiet); q != "" {
		facts = append(facts, ui.Fact{Label: "Quiet", Value: q})
	}
	if a.Do != "" {
		facts = append(facts, ui.Fact{Label: "What to do", Value: a.Do})
	}
	return append(facts, ui.Fact{Label: "Owner", Value: a.Owner})
}

func whenTold(a *alert.Alert) string {
	switch a.Rhythm {
	case alert.Hourly:
		return "together, each full hour"
	case alert.Daily:
		return "together, each day at " + strconv.Itoa(a.Hour) + ":00"
	case alert.AtOnce:
	}
	return "at once"
}

func minutes(n int64) string {
	switch {
	case n%1440 == 0:
		return countText(n/1440, "day", "days")
	case n%60 == 0:
		return countText(n/60, "hour", "hours")
	}
	return countText(n, "minute", "minutes")
}

func quietText(q *alert.Quiet) string {
	var parts []string
	if q.From != q.To {
		parts = append(parts, fmt.Sprintf("%d:00 to %d:00", q.From, q.To))
	}
	if q.Weekends {
		parts = append(parts, "weekends")
	}
	if len(parts) == 0 {
		return ""
	}
	text := strings.Join(parts, " and ")
	if q.Zone != "" {
		text += " in " + q.Zone
	}
	if q.Drop {
		return text + "; what happens then is not told"
	}
	return text + "; what happens then is told together afterwards"
}
