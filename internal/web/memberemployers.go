// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"net/http"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/web/ui"
)

// Employers is where members work and worked.
type Employers interface {
	Stints(ctx context.Context, member int64) ([]greenroom.Stint, error)
	FormerMembers(ctx context.Context, organization int64) ([]greenroom.Stint, error)
	Placements(ctx context.Context, member int64) ([]greenroom.Placement, error)
	Place(ctx context.Context, p greenroom.Placement, by string) (greenroom.Placement, error)
	Undo(ctx context.Context, id int64, by string) (greenroom.Placement, error)
	OrganizationCalled(ctx context.Context, text string) (int64, error)
}

// employers shows where a member was before, and what the team said of that.
func (p *memberPage) employers(r *http.Request, m *greenroom.Member, body *memberBody) error {
	if p.cfg.Employers == nil {
		return nil
	}
	stints, err := p.cfg.Employers.Stints(r.Context(), m.ID)
	if err != nil {
		return err
	}
	said, err := p.cfg.Employers.Placements(r.Context(), m.ID)
	if err != nil {
		return err
	}
	card := body.Organization
	if card == nil {
		card = &organizationCard{Head: ui.CardHead{Title: "Organization"}}
		body.Organization = card
	}
	if len(stints) > 0 {
		card.Since = stintsText(stints, m.FirstActive)
	}
	for i := range stints {
		card.Stints = append(card.Stints, stintRow(&stints[i]))
	}
	for i := range said {
		x := &said[i]
		row := ui.Row{Title: placementText(x), Meta: []ui.Meta{{Text: "by " + firstText(x.By, "nobody known")}}}
		if x.At.Year() > 1970 {
			row.Meta = append(row.Meta, ui.Meta{Time: x.At})
		}
		switch {
		case !x.UndoneAt.IsZero():
			row.Badge = &ui.Pill{Text: "undone"}
		case person(r).MayWrite:
			row.Actions = []ui.Action{{Label: "Undo", Label2: "Undo: " + row.Title, Post: placementHref(x.ID), Small: true}}
		}
		card.Said = append(card.Said, row)
	}
	if person(r).MayWrite {
		card.Head.Actions = append(card.Head.Actions, ui.Action{Label: "Change", Label2: "Change where " + m.Name + " works", Dialog: "employer", Key: "o", Small: true})
		body.Dialogs = append(body.Dialogs, employerDialog(m))
	}
	return nil
}

func placementHref(id int64) string { return "/placements/" + idText(id) + "/undo" }

func employerDialog(m *greenroom.Member) ui.Dialog {
	return ui.Dialog{ID: "employer", Title: "Where " + m.Name + " works", Text: "A move leaves what they did before with the organization of then. A correction holds for all time. Both can be undone.", Form: ui.Form{
		Post: memberHref(m.ID) + "/organization", Fields: []ui.Field{
			{Name: "kind", Label: "What is so", Type: "select", Prefix: "employer-", Options: []ui.Option{
				{Value: string(greenroom.PlacedMoved), Label: "They moved there on a day"},
				{Value: string(greenroom.PlacedAlways), Label: "They were never with another"},
				{Value: string(greenroom.PlacedNever), Label: "They were never with it"},
				{Value: string(greenroom.PlacedSources), Label: "As the sources say"},
			}},
			{Name: "organization", Label: "Organization", Placeholder: "Name, domain or number", Help: "Empty = with none.", Autocomplete: "off", Prefix: "employer-"},
			{Name: "since", Label: "Since", Type: "date", Help: "The first day of a move.", Prefix: "employer-"},
		}, Actions: []ui.Action{{Label: "Save", Submit: true, Style: ui.StylePrimary}},
	}}
}

// stintsText says in a line where somebody is and was: "Globex since 1 Mar 2026 · before: Acme (2 years)". Of the first stint, of
// which nobody may know since when, the time from their first activity on is told.
func stintsText(all []greenroom.Stint, active time.Time) string {
	text := firstText(all[0].Organization, "With none") + " since " + ui.Date(all[0].Since)
	var before []string
	for _, s := range all[1:] {
		name := firstText(s.Organization, "none")
		if from := firstTime(s.Since, s.Seen, active); !from.IsZero() && from.Before(s.Until) {
			name += " (" + longText(s.Until.Sub(from)) + ")"
		}
		before = append(before, name)
	}
	return text + " · before: " + strings.Join(before, ", ")
}

func firstTime(all ...time.Time) time.Time {
	for _, t := range all {
		if !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}

// longText is a length of time in the largest unit that says it well.
func longText(d time.Duration) string {
	const month = 30.44 * 24
	switch months := int(d.Hours()/month + 0.5); {
	case months >= 24:
		return countText(int64((months+6)/12), "year", "years")
	case months >= 1:
		return countText(int64(months), "month", "months")
	default:
		return countText(int64(d.Hours()/24), "day", "days")
	}
}

func stintRow(s *greenroom.Stint) ui.Row {
	row := ui.Row{ID: "stint-" + idText(s.OrganizationID), Title: firstText(s.Organization, "With none"), Meta: []ui.Meta{{Text: stintSpan(s)}, {Text: s.Dated.Words()}}}
	if s.OrganizationID > 0 {
		row.Href = "/organizations/" + idText(s.OrganizationID)
	}
	return row
}

func stintSpan(s *greenroom.Stint) string {
	switch {
	case s.Until.IsZero():
		return "since " + ui.Date(s.Since)
	case s.Since.IsZero():
		return "until " + ui.Date(s.Until.AddDate(0, 0, -1))
	default:
		return ui.Date(s.Since) + " to " + ui.Date(s.Until.AddDate(0, 0, -1))
	}
}

func placementText(x *greenroom.Placement) string {
	name := firstText(x.Organization, "none")
	switch x.Kind {
	case greenroom.PlacedMoved:
		return "Moved to " + name + " on " + ui.Date(x.Since)
	case greenroom.PlacedAlways:
		return "Always with " + name
	case greenroom.PlacedNever:
		return "Never with " + name
	default:
		return "As the sources say"
	}
}

// place keeps where a member works.
func (p *memberPage) place(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	x := greenroom.Placement{MemberID: id, Kind: greenroom.PlacementKind(r.FormValue("kind"))}
	if text := strings.TrimSpace(r.FormValue("organization")); text != "" && x.Kind != greenroom.PlacedSources {
		if x.OrganizationID, err = p.cfg.Employers.OrganizationCalled(r.Context(), text); err != nil {
			return err
		}
	}
	if day := r.FormValue("since"); day != "" && x.Kind == greenroom.PlacedMoved {
		if x.Since, err = time.Parse(time.DateOnly, day); err != nil {
			return greenroom.Errorf(greenroom.CodeInvalid, "the day of the move is written like 2026-03-01, not %q. Nothing was changed", day)
		}
	}
	if x, err = p.cfg.Employers.Place(r.Context(), x, person(r).Actor); err != nil {
		return err
	}
	return p.back(w, r, memberHref(id), "Saved. Figures follow.", placementHref(x.ID))
}

// displace takes back where a member works.
func (p *memberPage) displace(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	x, err := p.cfg.Employers.Undo(r.Context(), id, person(r).Actor)
	if err != nil {
		return err
	}
	return p.back(w, r, memberHref(x.MemberID), "Where they work was taken back.", "")
}

// former shows who was with an organization.
func (p *organizationPages) former(r *http.Request, o *greenroom.Organization, body *organizationBody) error {
	if p.cfg.Employers == nil {
		return nil
	}
	all, err := p.cfg.Employers.FormerMembers(r.Context(), o.ID)
	if err != nil {
		return err
	}
	for i := range all {
		s := &all[i]
		body.Former = append(body.Former, ui.Row{Title: s.Member, Href: memberHref(s.MemberID), Meta: []ui.Meta{{Text: stintSpan(s)}, {Text: s.Dated.Words()}}})
	}
	return nil
}
