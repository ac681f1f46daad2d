// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/outbox"
	"greenroom/internal/survey"
	"greenroom/internal/web/ui"
)

// surveyAskBody is what surveyask.html shows.
type surveyAskBody struct {
	Head    ui.Head
	Tabs    ui.Segments
	Send    *surveySend
	Link    *ui.Copy
	NoLink  string
	Form    ui.Form
	Remove  ui.Action
	Dialogs []ui.Dialog
}

// surveySend says whom sending asks.
type surveySend struct {
	Says   string
	Rows   []ui.Row
	Action *ui.Action
}

func (p *surveyPages) showAsk(w http.ResponseWriter, r *http.Request) error {
	v, err := p.cfg.Surveys.Get(r.Context(), r.PathValue("key"))
	if err != nil {
		return err
	}
	set := &v.Settings
	body := surveyAskBody{Head: surveyHead(r, &v), Tabs: surveyTabs(r, &v, true), Form: askForm(&v, p.cfg.Zones.Zone())}
	if set.Query != "" {
		round, err := p.cfg.Surveys.Preview(r.Context(), v.Key)
		if err != nil {
			return err
		}
		body.Send = sendCard(&v, &round)
	}
	if set.Open {
		link, err := p.cfg.Surveys.OpenLink(r.Context(), v.Key)
		if err == nil {
			body.Link = &ui.Copy{Label: "the survey's link", Value: link}
		} else {
			body.NoLink = sentence(greenroom.ErrorMessage(err))
		}
	}
	body.Remove = ui.Action{Label: "Remove this survey…", Dialog: "remove", Style: ui.StyleDanger, Small: true}
	body.Dialogs = []ui.Dialog{{ID: "remove", Title: "Remove " + v.Name, Text: "This removes the survey with " + countText(v.Answered+v.Partial, "answer", "answers") + ". The activities that they became go, too. It cannot be undone: download the answers first.", Form: ui.Form{
		Post: surveyHref(v.Key) + "/remove", Fields: []ui.Field{{Name: "name", Label: "To confirm, write the name", Help: "Exactly: " + v.Name, Required: true, Autocomplete: "off", Prefix: "remove-"}}, Actions: []ui.Action{{Label: "Remove for good", Submit: true, Style: ui.StyleDanger}},
	}}}
	return render(p.Site, w, r, p.ask, v.Name, body)
}

func sendCard(v *survey.Survey, round *survey.Round) *surveySend {
	c := &surveySend{Says: countText(round.Fit, "member fits", "members fit") + " the query; " + countText(round.Drawn, "is", "are") + " in the random share of " + strconv.Itoa(v.Settings.Share) + " %. " + countText(round.Invited, "would be asked", "would be asked") + " now, as far as consent, their address and your limits on messages let them."}
	if round.Already > 0 {
		c.Rows = append(c.Rows, ui.Row{Title: "Asked by this survey before", Value: ui.Number(int(round.Already))})
	}
	for _, reason := range slices.Sorted(maps.Keys(round.Left)) {
		c.Rows = append(c.Rows, ui.Row{Title: "Left alone: " + reason, Value: ui.Number(int(round.Left[reason]))})
	}
	a := ui.Action{Label: "Ask " + countText(round.Invited, "member", "members") + " now", Post: surveyHref(v.Key) + "/send", Style: ui.StylePrimary}
	if v.State != survey.Opened {
		a.Disabled = "Open the survey first"
	}
	if round.Invited > 0 {
		c.Action = &a
	}
	return c
}

func askForm(v *survey.Survey, zone *time.Location) ui.Form {
	set := &v.Settings
	whole := func(n int) string {
		if n == 0 {
			return ""
		}
		return strconv.Itoa(n)
	}
	fixed := ""
	if v.Asked+v.Answered+v.Partial > 0 {
		fixed = " It was promised to those who were asked, and cannot be changed any more."
	}
	return ui.Form{
		Post: surveyHref(v.Key) + "/ask", Hidden: []ui.Hidden{{Name: "revision", Value: v.Revision}}, Fields: []ui.Field{
			{Name: "name", Label: "Name", Value: v.Name, Required: true},
			{Name: "who", Label: "Who answers", Type: "select", Value: string(set.Who), Options: []ui.Option{{Value: "known", Label: "Known: by personal links only"}, {Value: "ask", Label: "Known by personal links, others are asked who they are"}, {Value: "anonymous", Label: "Anonymous: no name, address or time of day is stored"}}, Help: "Members are told." + fixed},
			{Name: "open", Label: "An open link, for everybody who has it", Type: "checkbox", Checked: set.Open, Help: "Not with personal links only."},
			{Name: "q", Label: "Whom to ask", Value: set.Query, Placeholder: "is:active -is:staff", Help: "A query over members. Left empty, nobody is asked but those whom a workflow or a person invites."},
			{Name: "share", Label: "Random share in percent", Type: "number", Value: strconv.Itoa(set.Share), Help: "Asking fewer each time keeps everybody from being asked too often. Asking in rounds draws the same members."},
			{Name: "recontact", Label: "Leave alone for days", Type: "number", Value: strconv.Itoa(set.Recontact), Help: "Nobody is asked who was asked by any survey in these days."},
			{Name: "channel", Label: "By", Type: "select", Value: string(set.Channel), Options: []ui.Option{{Value: "email", Label: "E-mail, with the first question in it"}, {Value: "slack", Label: "Slack, as a direct message"}}},
		},
		More: []ui.Field{
			{Name: "subject", Label: "Subject", Value: set.Subject, Placeholder: v.Definition.Title.In(v.Definition.Language, "")},
			{Name: "message", Label: "Message above the question", Type: "textarea", Value: set.Message},
			{Name: "sender", Label: "From", Value: set.Sender, Placeholder: "Ana of Acme", Help: "The name that members see."},
			{Name: "reply_to", Label: "Answers to the mail go to", Type: "email", Value: set.ReplyTo},
			{Name: "quota", Label: "Close after answers", Type: "number", Value: whole(set.Quota)},
			{Name: "close", Label: "Close after the day", Type: "date", Value: surveyDay(lastDay(set.CloseAt), zone)},
			{Name: "approve", Label: "Messages wait for a person to approve them", Type: "checkbox", Checked: set.Approve},
			{Name: "rolling", Label: "Go on asking whoever comes to fit the query", Type: "checkbox", Checked: set.Rolling},
		},
		Actions: []ui.Action{{Label: "Save", Submit: true, Style: ui.StylePrimary}},
	}
}

// lastDay is the last moment that a survey takes answers in: it closes at the end of a day.
func lastDay(closes time.Time) time.Time {
	if closes.IsZero() {
		return closes
	}
	return closes.Add(-time.Second)
}

func (p *surveyPages) saveAsk(w http.ResponseWriter, r *http.Request) error {
	v, err := p.cfg.Surveys.Get(r.Context(), r.PathValue("key"))
	if err != nil {
		return err
	}
	set := survey.Settings{
		Who: survey.Who(r.FormValue("who")), Open: r.FormValue("open") != "", Query: r.FormValue("q"), Channel: outbox.Channel(r.FormValue("channel")), Subject: strings.TrimSpace(r.FormValue("subject")), Message: strings.TrimSpace(r.FormValue("message")),
		Sender: strings.TrimSpace(r.FormValue("sender")), ReplyTo: strings.TrimSpace(r.FormValue("reply_to")), Approve: r.FormValue("approve") != "", Rolling: r.FormValue("rolling") != "",
	}
	for _, n := range []struct {
		field, label string
		to           *int
	}{{"share", "the random share in percent", &set.Share}, {"recontact", "the days that members are left alone", &set.Recontact}, {"quota", "the answers after which it closes", &set.Quota}} {
		if *n.to, err = wholeNumber(r.FormValue(n.field), n.field, n.label); err != nil {
			return err
		}
	}
	if text := r.FormValue("close"); text != "" {
		day, err := time.ParseInLocation(time.DateOnly, text, p.cfg.Zones.Zone())
		if err != nil {
			return greenroom.FieldErrorf("close", "the day after which it closes is written as 2026-03-31, not %q", text)
		}
		set.CloseAt = day.AddDate(0, 0, 1)
	}
	name := r.FormValue("name")
	_, err = p.cfg.Surveys.Edit(r.Context(), v.Key, survey.Change{Revision: r.FormValue("revision"), Name: &name, Settings: &set}, person(r).Actor)
	if survey.HasMoved(err) {
		w.Header().Set(placeFrom, v.Revision)
		return greenroom.Errorf(greenroom.CodeConflict, "%s", surveyMoved(&v))
	}
	if err != nil {
		return err
	}
	return p.back(w, r, surveyHref(v.Key)+"/ask", "Saved.", "")
}

func (p *surveyPages) send(w http.ResponseWriter, r *http.Request) error {
	key := r.PathValue("key")
	round, err := p.cfg.Surveys.Send(r.Context(), key, person(r).Actor)
	if err != nil {
		return err
	}
	message := "Asked " + countText(round.Invited, "member", "members") + "."
	var left int64
	for _, n := range round.Left {
		left += n
	}
	if left > 0 {
		reason := ""
		for why, n := range round.Left {
			if reason == "" || n > round.Left[reason] || n == round.Left[reason] && why < reason {
				reason = why
			}
		}
		message += " " + countText(left, "was", "were") + " left alone, mostly because " + reason + "."
	}
	return p.back(w, r, surveyHref(key)+"/ask", message, "")
}
