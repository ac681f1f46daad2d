// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/http"
	"strings"

	"greenroom/internal/web/ui"
)

// zoneText says in which time zone days are counted, for whoever wonders about a day more or less.
func (s *Site) zoneText() string { return "days in " + s.cfg.Zones.Zone().String() }

// zoneCard says where the community's days begin, and lets who may change it.
func (p *settingsPages) zoneCard(r *http.Request) settingsCard {
	now, usual := p.cfg.Zones.Zone().String(), p.cfg.Zones.UsualZone().String()
	card := settingsCard{Title: "Days", Text: "Days begin at midnight in " + now + ", where it is " + p.cfg.Now().In(p.cfg.Zones.Zone()).Format("15:04") + " now. Calendars, figures and queries such as last_active:<30d count by it."}
	if person(r).MayAdminister {
		value := now
		if now == usual {
			value = ""
		}
		card.Form = &ui.Form{Post: "/settings/zone", Fields: []ui.Field{{
			Name: "zone", Label: "Time zone of the community", Value: value, Placeholder: usual, Autocomplete: "off", Zones: true,
			Help: "By its name, such as Europe/Lisbon or America/New_York. Left empty, it is the one that Greenroom was started with: " + usual + ".",
		}}, Actions: []ui.Action{{Label: "Save", Submit: true}}}
	}
	return card
}

func (p *settingsPages) setZone(w http.ResponseWriter, r *http.Request) error {
	if err := p.cfg.Zones.SetZone(r.Context(), strings.TrimSpace(r.FormValue("zone"))); err != nil {
		return err
	}
	return p.back(w, r, "/settings", "Saved. Days begin in "+p.cfg.Zones.Zone().String()+" now.", "")
}
