// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/http"
	"net/url"

	"greenroom"
	"greenroom/internal/health"
	"greenroom/internal/orbit"
	"greenroom/internal/web/ui"
)

// standingCard says how committed a member is, and why it says so.
type standingCard struct {
	Head  ui.CardHead
	Says  string // their rhythm
	Facts []ui.Fact
	Why   []standingWhy
}

type standingWhy struct {
	Title, Text string
	Facts       []ui.Fact
}

func (p *memberPage) standing(r *http.Request, m *greenroom.Member, body *memberBody) error {
	if p.cfg.Health == nil {
		return nil
	}
	all, err := p.cfg.Health.Explain(r.Context(), m.ID)
	if _, ok := invalid(err); ok {
		return nil // it cannot be computed here
	}
	if err != nil {
		return err
	}
	card := &standingCard{Head: ui.CardHead{Title: "Standing", Actions: []ui.Action{{Label: "Orbit", Href: "/health/orbit", Small: true, Style: ui.StyleQuiet}}}}
	for i := range all {
		w := &all[i]
		if w.Score.Level == 0 {
			continue
		}
		value := ui.Decimal(w.Score.Value, 1)
		if w.Model.Rule == orbit.RuleV2 {
			value = w.Level
		} else {
			value += " · " + w.Level
		}
		card.Facts = append(card.Facts, ui.Fact{Label: scoreTitle(w.Model.Name), Value: value, Href: "/health/scores/" + w.Model.Name})
		card.Why = append(card.Why, whyOf(m.ID, w))
	}
	silence, err := p.cfg.Health.Silence(r.Context(), m.ID)
	if err != nil {
		return err
	}
	if silence != nil {
		card.Says = silence.Says
	}
	if len(card.Facts) > 0 || card.Says != "" {
		body.Standing = card
	}
	return nil
}

// whyOf says which activities made a score; each kind opens to them.
func whyOf(member int64, w *health.Why) standingWhy {
	why := standingWhy{Title: "Why " + scoreTitle(w.Model.Name), Text: "Activities since " + ui.Date(w.From) + ", " + versionText(w.Model.Version) + "."}
	if w.Model.Rule == orbit.RuleV2 {
		why.Text = "The weightiest activity since " + ui.Date(w.From) + " gives " + w.Weight + ", presence gives " + w.Presence + " (" +
			countText(int64(w.Days.Weeks), "week", "weeks") + " with 2 active days, " + countText(int64(w.Days.Months), "month", "months") + " with 7, " +
			countText(int64(w.Days.Quarters), "quarter", "quarters") + " with 30); the greater one holds. " + title(versionText(w.Model.Version)) + "."
	}
	for i := range w.Kinds {
		k := &w.Kinds[i]
		q := "member.id:" + idText(member) + " kind:" + k.Kind.String() + " since:" + w.From.Format("2006-01-02")
		worth := ui.Decimal(k.Worth, 1)
		if w.Model.Rule == orbit.RuleV2 {
			worth = "weight " + worth
		}
		why.Facts = append(why.Facts, ui.Fact{Label: k.Kind.Info().Label + " × " + ui.Number(k.Count), Value: worth, Href: "/activities?q=" + url.QueryEscape(q)})
	}
	return why
}
