// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"greenroom"
	"greenroom/internal/consent"
	"greenroom/internal/outbox"
	"greenroom/internal/web/ui"
)

// Sending is where messages to the team go, and the rules on writing to members; outbox.Service has it.
type Sending interface {
	Destinations(ctx context.Context) ([]outbox.Destination, error)
	AddDestination(ctx context.Context, d outbox.DestinationDraft, by string) (outbox.Destination, error)
	RemoveDestination(ctx context.Context, id int64, by string) error
	TryDestination(ctx context.Context, id int64, by string) (key string, err error)
	List(ctx context.Context, f outbox.Filter) ([]outbox.Message, error)
	Rules(ctx context.Context) (consent.Rules, error)
	SetRules(ctx context.Context, r consent.Rules, by string) error
}

const sendingPath = "/settings/sending"

// addSending adds the pages to those of the settings.
func (p *settingsPages) addSending() {
	if p.cfg.Sending == nil {
		return
	}
	p.handle("GET "+sendingPath, p.sending)
	p.change("POST "+sendingPath+"/destinations", mayAdminister, p.addDestination)
	p.change("POST "+sendingPath+"/destinations/{id}/try", mayAdminister, p.tryDestination)
	p.change("POST "+sendingPath+"/destinations/{id}/remove", mayAdminister, p.removeDestination)
	p.change("POST "+sendingPath+"/rules", mayAdminister, p.setRules)
}

func (p *settingsPages) sending(w http.ResponseWriter, r *http.Request) error {
	all, err := p.cfg.Sending.Destinations(r.Context())
	if err != nil {
		return err
	}
	rules, err := p.cfg.Sending.Rules(r.Context())
	if err != nil {
		return err
	}
	admin := person(r).MayAdminister
	var body settingsBody
	where := settingsCard{Title: "Where the team hears from Greenroom", Text: "Alerts and workflows send there. An address is sealed and not shown again."}
	if len(all) == 0 {
		where.Text = "There is no destination yet. Add the incoming webhook of a channel in Slack, Microsoft Teams or Discord, a webhook of another system, or mail addresses; alerts and workflows can then send there."
	}
	for i := range all {
		row, dialog := destinationRow(&all[i], admin)
		where.Rows = append(where.Rows, row)
		if admin {
			body.Dialogs = append(body.Dialogs, dialog)
		}
	}
	members := settingsCard{Title: "Writing to members", Text: rulesText(&rules)}
	body.Cards = []settingsCard{where}
	if admin {
		body.Cards = append(body.Cards, settingsCard{Title: "Add a destination", Form: destinationForm()})
		members.Form = rulesForm(&rules)
	}
	body.Cards = append(body.Cards, members)
	return p.show(w, r, body)
}

func destinationRow(d *outbox.Destination, admin bool) (ui.Row, ui.Dialog) {
	row := ui.Row{Title: d.Name, Lead: &ui.Pill{Text: d.Channel.Label()}, Meta: []ui.Meta{{Text: d.Shown}}}
	switch {
	case d.Problem != "":
		row.Pills, row.Text = []ui.Pill{{Text: "the last message did not arrive", Tone: ui.ToneBad}}, sentence(d.Problem)
	case d.SentAt.IsZero():
		row.Pills = []ui.Pill{{Text: "not tried yet", Tone: ui.ToneWarn}}
	default:
		row.Pills = []ui.Pill{{Text: "works", Tone: ui.ToneGood}}
	}
	if !d.SentAt.IsZero() {
		row.Meta = append(row.Meta, ui.Meta{Text: "last arrived", Time: d.SentAt})
	}
	if !admin {
		return row, ui.Dialog{}
	}
	base, id := sendingPath+"/destinations/"+idText(d.ID), "remove-"+idText(d.ID)
	row.Actions = []ui.Action{
		{Label: "Send a test", Label2: "Send a test to " + d.Name, Post: base + "/try", Small: true},
		{Label: "Remove…", Label2: "Remove " + d.Name, Dialog: id, Small: true, Style: ui.StyleQuiet},
	}
	return row, ui.Dialog{ID: id, Title: "Remove " + d.Name + "?", Text: "What waits for it is not sent, and its address is forgotten. Alerts and workflows that send there go on without it.", Form: ui.Form{Post: base + "/remove", Actions: []ui.Action{{Label: "Remove", Submit: true, Style: ui.StyleDanger}}}}
}

func destinationForm() *ui.Form {
	var channels []ui.Option
	for _, c := range []outbox.Channel{outbox.Slack, outbox.Teams, outbox.Discord, outbox.Webhook, outbox.Email} {
		channels = append(channels, ui.Option{Value: string(c), Label: c.Label()})
	}
	return &ui.Form{Post: sendingPath + "/destinations", Fields: []ui.Field{
		{Name: "name", Label: "Name", Required: true, Placeholder: "#community-team"},
		{Name: "channel", Label: "Kind", Type: "select", Value: string(outbox.Slack), Options: channels},
		{Name: "address", Label: "Address", Required: true, Autocomplete: "off", Placeholder: "https://hooks.slack.com/services/…", Help: "Slack: an incoming webhook of your app. Teams: a channel's workflow “Post to a channel when a webhook request is received”. Discord: Edit channel, Integrations, Webhooks. Mail: addresses with commas between."},
	}, Actions: []ui.Action{{Label: "Add", Submit: true, Style: ui.StylePrimary}}}
}

// rulesText says the rules in sentences.
func rulesText(r *consent.Rules) string {
	var parts []string
	for _, c := range r.Caps {
		parts = append(parts, fmt.Sprintf("%s in %s", countText(int64(c.Messages), "message", "messages"), countText(int64(c.Days), "day", "days")))
	}
	text := "A member may be written to any number of times."
	if len(parts) > 0 {
		text = "A member gets at most " + strings.Join(parts, ", and ") + ", over all workflows, surveys and programs together."
	}
	if r.GapHours > 0 {
		text += fmt.Sprintf(" Between two messages are at least %s.", countText(int64(r.GapHours), "hour", "hours"))
	}
	switch {
	case r.QuietFrom != r.QuietTo && r.Weekdays:
		text += fmt.Sprintf(" Nothing goes out from %d:00 to %d:00 where they live, nor on Saturdays and Sundays.", r.QuietFrom, r.QuietTo)
	case r.QuietFrom != r.QuietTo:
		text += fmt.Sprintf(" Nothing goes out from %d:00 to %d:00 where they live.", r.QuietFrom, r.QuietTo)
	case r.Weekdays:
		text += " Nothing goes out on Saturdays and Sundays."
	}
	return text + " What is held back goes out when its time has come. Answers to what a member asked for go out at once; who does not want to be written to is never written to."
}

// ruleCaps is how many caps the form has.
const ruleCaps = 3

func rulesForm(r *consent.Rules) *ui.Form {
	f := &ui.Form{Post: sendingPath + "/rules", Actions: []ui.Action{{Label: "Save", Submit: true, Style: ui.StylePrimary}}}
	for i := range max(ruleCaps, len(r.Caps)) {
		n := strconv.Itoa(i + 1)
		messages, days := "", ""
		if i < len(r.Caps) {
			messages, days = strconv.Itoa(r.Caps[i].Messages), strconv.Itoa(r.Caps[i].Days)
		}
		f.Fields = append(f.Fields, ui.Field{Name: "messages", Prefix: n + "-", Label: "Limit " + n + ": messages at most", Type: "number", Value: messages}, ui.Field{Name: "days", Prefix: n + "-", Label: "Limit " + n + ": in so many days", Type: "number", Value: days})
	}
	hours := make([]ui.Option, 0, 24)
	for h := range 24 {
		hours = append(hours, ui.Option{Value: strconv.Itoa(h), Label: strconv.Itoa(h) + ":00"})
	}
	f.Fields = append(f.Fields,
		ui.Field{Name: "gap", Label: "Hours between two messages at least", Type: "number", Value: strconv.Itoa(r.GapHours)},
		ui.Field{Name: "from", Label: "Quiet from, where they live", Type: "select", Value: strconv.Itoa(r.QuietFrom), Options: hours},
		ui.Field{Name: "until", Label: "Quiet until", Type: "select", Value: strconv.Itoa(r.QuietTo), Options: hours, Help: "The same hour: no quiet hours."},
		ui.Field{Name: "weekdays", Label: "Nothing on Saturdays and Sundays", Type: "checkbox", Checked: r.Weekdays},
	)
	return f
}

func (p *settingsPages) setRules(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return greenroom.Errorf(greenroom.CodeInvalid, "the form did not arrive whole; send it again")
	}
	var wrong error
	number := func(text, label string) int {
		n, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil && wrong == nil {
			wrong = greenroom.Errorf(greenroom.CodeInvalid, "%s: expected a whole number, not %q. Nothing was changed", label, text)
		}
		return n
	}
	rules := consent.Rules{Caps: []consent.Cap{}, GapHours: number(firstText(r.PostForm.Get("gap"), "0"), "The hours between two messages"), QuietFrom: number(r.PostForm.Get("from"), "The hour from which it is quiet"), QuietTo: number(r.PostForm.Get("until"), "The hour until which it is quiet"), Weekdays: r.PostForm.Get("weekdays") != ""}
	messages, days := r.PostForm["messages"], r.PostForm["days"]
	for i := range min(len(messages), len(days)) {
		if messages[i] == "" && days[i] == "" {
			continue
		}
		rules.Caps = append(rules.Caps, consent.Cap{Messages: number(messages[i], "The messages of cap "+strconv.Itoa(i+1)), Days: number(days[i], "The days of cap "+strconv.Itoa(i+1))})
	}
	slices.SortFunc(rules.Caps, func(a, b consent.Cap) int { return a.Days - b.Days })
	if wrong != nil {
		return wrong
	}
	if err := p.cfg.Sending.SetRules(r.Context(), rules, person(r).Actor); err != nil {
		return err
	}
	return p.back(w, r, sendingPath, "Saved. The rules hold for everything that has not gone out yet.", "")
}

func (p *settingsPages) addDestination(w http.ResponseWriter, r *http.Request) error {
	d, err := p.cfg.Sending.AddDestination(r.Context(), outbox.DestinationDraft{Name: r.FormValue("name"), Channel: outbox.Channel(r.FormValue("channel")), Address: r.FormValue("address")}, person(r).Actor)
	if err != nil {
		return err
	}
	return p.back(w, r, sendingPath, d.Name+" is added. Send a test to see that it works.", "")
}

func (p *settingsPages) tryDestination(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	if _, err := p.cfg.Sending.TryDestination(r.Context(), id, person(r).Actor); err != nil {
		return err
	}
	return p.back(w, r, sendingPath, "A test is on its way. If it does not arrive, this page says why.", "")
}

func (p *settingsPages) removeDestination(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	if err := p.cfg.Sending.RemoveDestination(r.Context(), id, person(r).Actor); err != nil {
		return err
	}
	return p.back(w, r, sendingPath, "The destination is removed.", "")
}
