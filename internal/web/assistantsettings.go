// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"greenroom"
	"greenroom/internal/assistant"
	"greenroom/internal/web/ui"
)

// usesShown is how many requests the log shows.
const usesShown = 50

func (p *assistantPages) showSettings(w http.ResponseWriter, r *http.Request) error {
	set, hasKey, err := p.cfg.Assistant.Settings(r.Context())
	if err != nil {
		return err
	}
	b, err := p.cfg.Assistant.Budget(r.Context())
	if err != nil {
		return err
	}
	uses, err := p.cfg.Assistant.Uses(r.Context(), usesShown)
	if err != nil {
		return err
	}
	cards := []settingsCard{modelCard(&set, hasKey)}
	if set.On {
		cards = append(cards, settingsCard{Title: "Test", Text: "Asks the model for one word, and uses a few tokens.", Form: &ui.Form{Post: assistantSettings + "/test", Actions: []ui.Action{{Label: "Test the model", Submit: true}}}})
	}
	cards = append(cards, monthCard(&set, &b), usesCard(uses))
	return p.settings.show(w, r, settingsBody{Cards: cards})
}

func modelCard(set *assistant.Settings, hasKey bool) settingsCard {
	number := func(x float64) string {
		if x == 0 {
			return ""
		}
		return strconv.FormatFloat(x, 'f', -1, 64)
	}
	keyHelp := "Sealed before it is stored. Servers on your own machine often need none."
	if hasKey {
		keyHelp = "One is stored. Left empty, it stays; another address forgets it."
	}
	if set.MonthTokens == 0 {
		set.MonthTokens = 1_000_000
	}
	fields := []ui.Field{
		{Name: "on", Label: "Use a language model", Type: "checkbox", Checked: set.On, Help: "Everything else in Greenroom works without one."},
		{Name: "address", Label: "Address of its API", Value: set.Address, Placeholder: "https://api.openai.com/v1", Help: "OpenAI's or one that is compatible with it, such as http://localhost:11434/v1 for Ollama. For an address inside your network, start Greenroom with --allow-network."},
		{Name: "model", Label: "Model", Value: set.Model, Placeholder: "gpt-4o-mini", Autocomplete: "off"},
		{Name: "key", Label: "Key", Type: "password", Autocomplete: "off", Help: keyHelp},
	}
	for _, v := range assistant.Purposes() {
		fields = append(fields, ui.Field{Name: "may-" + string(v), Label: v.Label(), Type: "checkbox", Checked: slices.Contains(set.Allowed, v), Help: "What leaves this machine: " + v.Leaves()})
	}
	fields = append(fields,
		ui.Field{Name: "tokens", Label: "Tokens a month", Value: strconv.FormatInt(set.MonthTokens, 10), Help: "When they are used up, nothing is sent until the next month."},
		ui.Field{Name: "cost", Label: "Cost a month", Value: number(set.MonthCost), Help: "In the currency of the prices. Left empty, only tokens count."},
		ui.Field{Name: "input", Label: "Price of a million tokens sent", Value: number(set.InputPrice)},
		ui.Field{Name: "output", Label: "Price of a million tokens answered", Value: number(set.OutputPrice)},
	)
	return settingsCard{Title: "Language model", Text: "Off unless you switch it on, each purpose by itself. Before something is sent, its page shows the request to the letter.", Form: &ui.Form{Post: assistantSettings, Fields: fields, Actions: []ui.Action{{Label: "Save", Submit: true, Style: ui.StylePrimary}}}}
}

func monthCard(set *assistant.Settings, b *assistant.Budget) settingsCard {
	row := func(name string, t assistant.Total) ui.TableRow {
		return ui.TableRow{Cells: []ui.Cell{{Text: name}, {Text: ui.Number(int(t.Requests))}, {Text: ui.Number(int(t.Tokens))}, {Text: assistant.Money(t.Micros)}}}
	}
	limit := ui.TableRow{Cells: []ui.Cell{{Text: "Limit"}, {Text: "none"}, {Text: ui.Number(int(set.MonthTokens))}, {Text: "none"}}}
	if set.MonthCost > 0 {
		limit.Cells[3].Text = assistant.Money(int64(set.MonthCost * 1e6))
	}
	return settingsCard{Title: "This month", Table: &ui.Table{
		Caption: "What the language model used since " + ui.Date(b.Since), Columns: []ui.Column{{Label: "What"}, {Label: "Requests"}, {Label: "Tokens"}, {Label: "Cost"}},
		Rows: []ui.TableRow{row("Used", b.Used), row("By its end, at this rate", b.Forecast), limit},
	}}
}

func usesCard(uses []assistant.Use) settingsCard {
	t := &ui.Table{
		Caption: "Requests to the language model", Columns: []ui.Column{{Label: "When"}, {Label: "Who"}, {Label: "What for"}, {Label: "Model"}, {Label: "Tokens"}, {Label: "Cost"}, {Label: "Outcome"}},
		Empty: &ui.Empty{Title: "Nothing was asked yet", Text: "Every request is noted here with who made it and what it used."},
	}
	for i := range uses {
		u := &uses[i]
		t.Empty = nil
		t.Rows = append(t.Rows, ui.TableRow{ID: idText(u.ID), Cells: []ui.Cell{{Text: ui.DateTime(u.At)}, {Text: u.By}, {Text: u.Purpose.Label()}, {Text: u.Model}, {Text: ui.Number(int(u.Input + u.Output))}, {Text: assistant.Money(u.Micros)}, {Text: string(u.Outcome)}}})
	}
	return settingsCard{Title: "Log", Table: t}
}

func (p *assistantPages) save(w http.ResponseWriter, r *http.Request) error {
	set := assistant.Settings{On: r.FormValue("on") != "", Address: r.FormValue("address"), Model: r.FormValue("model")}
	for _, v := range assistant.Purposes() {
		if r.FormValue("may-"+string(v)) != "" {
			set.Allowed = append(set.Allowed, v)
		}
	}
	var err error
	if text := strings.TrimSpace(r.FormValue("tokens")); text != "" {
		if set.MonthTokens, err = strconv.ParseInt(strings.ReplaceAll(text, ",", ""), 10, 64); err != nil {
			return greenroom.Errorf(greenroom.CodeInvalid, "%q is not a number of tokens", text)
		}
	}
	for name, to := range map[string]*float64{"cost": &set.MonthCost, "input": &set.InputPrice, "output": &set.OutputPrice} {
		if text := strings.TrimSpace(r.FormValue(name)); text != "" {
			if *to, err = strconv.ParseFloat(text, 64); err != nil {
				return greenroom.Errorf(greenroom.CodeInvalid, "%q is not a price such as 0.15", text)
			}
		}
	}
	var key *string
	if v := r.FormValue("key"); v != "" {
		key = &v
	}
	if err := p.cfg.Assistant.Save(r.Context(), set, key); err != nil {
		return err
	}
	message := "Saved. The language model is off."
	if set.On {
		message = "Saved. The language model is on; test it below."
	}
	return p.back(w, r, assistantSettings, message, "")
}

func (p *assistantPages) try(w http.ResponseWriter, r *http.Request) error {
	said, err := p.cfg.Assistant.Try(r.Context(), person(r).Actor)
	if err != nil {
		return err
	}
	return p.back(w, r, assistantSettings, "The model answers: "+said, "")
}
