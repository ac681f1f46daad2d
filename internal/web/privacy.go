// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"greenroom"
	"greenroom/internal/web/ui"
)

func privacyActions(m *greenroom.Member) []ui.Action {
	return []ui.Action{
		{Label: "Export this member's data", Post: memberHref(m.ID) + "/data", Small: true},
		{Label: "Erase this member…", Dialog: "erase", Small: true, Style: ui.StyleDanger},
	}
}

// eraseDialog says what erasing does and asks for the member's name.
func eraseDialog(m *greenroom.Member) ui.Dialog {
	return ui.Dialog{
		ID: "erase", Title: "Erase " + m.Name,
		Text: "This removes " + countText(int64(len(m.Identities)), "account", "accounts") + " and " + countText(m.Activities, "activity", "activities") +
			" with their texts and raw payloads, and the tags, fields and decisions about this member. A later import does not bring them back. What others wrote stays, also where it mentions them. It cannot be undone: export the data first if somebody may ask for them.",
		Form: ui.Form{
			Post: memberHref(m.ID) + "/erase", Fields: []ui.Field{{Name: "name", Label: "To confirm, write the name", Help: "Exactly: " + m.Name, Required: true, Autocomplete: "off", Prefix: "erase-"}},
			Actions: []ui.Action{{Label: "Erase for good", Submit: true, Style: ui.StyleDanger}},
		},
	}
}

// export sends everything that is stored about a member as a file. It is a form that is sent and no link, because it is
// written into the audit log.
func (p *memberPage) export(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	m, err := p.cfg.Objects.Member(r.Context(), id)
	if err != nil {
		return err
	}
	out := &download{w: w, name: fmt.Sprintf("member-%d.json", m.ID)}
	if err := p.cfg.Privacy.ExportMember(r.Context(), m.ID, out); err != nil {
		if !out.begun {
			return err
		}
		p.cfg.Log.Error("sending a member's data", "member", m.ID, "error", err)
		panic(http.ErrAbortHandler) // so that the browser does not take half of it for the whole
	}
	return nil
}

// download is a file that is sent as it is written; until then another answer can still be given.
type download struct {
	w     http.ResponseWriter
	name  string
	begun bool
}

// Write sends a piece.
func (d *download) Write(b []byte) (int, error) {
	if !d.begun {
		d.begun = true
		d.w.Header().Set("Content-Type", "application/json")
		d.w.Header().Set("Content-Disposition", `attachment; filename="`+d.name+`"`)
	}
	return d.w.Write(b)
}

func (p *memberPage) erase(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	m, err := p.cfg.Objects.Member(r.Context(), id)
	if err != nil {
		return err
	}
	if plain(r.FormValue("name")) != plain(m.Name) {
		return greenroom.Errorf(greenroom.CodeInvalid, "the name that was written is not %q. Nothing was erased", m.Name)
	}
	if err := p.cfg.Privacy.EraseMember(r.Context(), m.ID, person(r).Actor); err != nil {
		return err
	}
	return p.back(w, r, "/members", "The member is erased, with all that was stored of them. Figures follow in a moment.", "")
}

// plain is a name without what cannot be seen: more than one space, and spaces around it.
func plain(name string) string { return strings.Join(strings.Fields(name), " ") }

// retentionCard says how long raw payloads are kept.
func (p *settingsPages) retentionCard(r *http.Request) (settingsCard, error) {
	days, err := p.cfg.Privacy.RawRetention(r.Context())
	if err != nil {
		return settingsCard{}, err
	}
	kept := "for good"
	if days > 0 {
		kept = "for " + countText(int64(days), "day", "days")
	}
	card := settingsCard{Title: "Raw payloads", Text: "With every activity, the record is kept as its source gave it: " + kept + ". Members, conversations and figures do not need it; it shows where a value came from, and lets later versions of Greenroom read more out of it."}
	if person(r).MayAdminister {
		card.Form = &ui.Form{Post: "/settings/retention", Fields: []ui.Field{{
			Name: "days", Label: "Keep them for this many days", Type: "number", Value: strconv.Itoa(days), Required: true,
			Help: "0 keeps them for good. A smaller number removes older ones at once, which cannot be undone.",
		}}, Actions: []ui.Action{{Label: "Save", Submit: true}}}
	}
	return card, nil
}

// alertsKeptCard says how long is kept what alerts told.
func (p *settingsPages) alertsKeptCard(r *http.Request) (settingsCard, error) {
	days, err := p.cfg.Privacy.AlertRetention(r.Context())
	if err != nil {
		return settingsCard{}, err
	}
	kept := "for good"
	if days > 0 {
		kept = "for " + countText(int64(days), "day", "days")
	}
	card := settingsCard{Title: "What alerts told", Text: "What fired is kept " + kept + ", with the messages that were sent of it. What is still to be told, could not be sent, was not seen, or was judged as useful or not stays longer."}
	if person(r).MayAdminister {
		card.Form = &ui.Form{Post: "/settings/retention/alerts", Fields: []ui.Field{{
			Name: "days", Prefix: "alerts-", Label: "Keep it for this many days", Type: "number", Value: strconv.Itoa(days), Required: true,
			Help: "0 keeps it for good. With a smaller number older ones are removed within the hour, which cannot be undone.",
		}}, Actions: []ui.Action{{Label: "Save", Submit: true}}}
	}
	return card, nil
}

// daysKept reads for how many days something is to be kept.
func daysKept(r *http.Request) (int, error) {
	days, err := strconv.Atoi(strings.TrimSpace(r.FormValue("days")))
	if err != nil || days < 0 || days > 36500 {
		return 0, greenroom.Errorf(greenroom.CodeInvalid, "%q is not a number of days from 0 to 36500. Nothing was changed", r.FormValue("days"))
	}
	return days, nil
}

func (p *settingsPages) setAlertsKept(w http.ResponseWriter, r *http.Request) error {
	days, err := daysKept(r)
	if err != nil {
		return err
	}
	if err := p.cfg.Privacy.SetAlertRetention(r.Context(), days, person(r).Actor); err != nil {
		return err
	}
	return p.back(w, r, "/settings", "Saved.", "")
}

func (p *settingsPages) setRetention(w http.ResponseWriter, r *http.Request) error {
	days, err := daysKept(r)
	if err != nil {
		return err
	}
	if err := p.cfg.Privacy.SetRawRetention(r.Context(), days, person(r).Actor); err != nil {
		return err
	}
	return p.back(w, r, "/settings", "Saved.", "")
}
