// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"greenroom"
	"greenroom/internal/list"
	"greenroom/internal/query"
	"greenroom/internal/web/ui"
)

// Organizations says of organizations that they are one; organization.Service does it.
type Organizations interface {
	Merge(ctx context.Context, kept, gone int64, reason, by string) (greenroom.OrganizationMerge, error)
	Undo(ctx context.Context, merge int64, by string) (greenroom.OrganizationMerge, error)
	History(ctx context.Context, organization int64) ([]greenroom.OrganizationMerge, error)
	OrganizationFamily
}

// OrganizationFamily says which organizations are below which; organization.Service does it.
type OrganizationFamily interface {
	SetParent(ctx context.Context, organization, parent int64, by string) (greenroom.Organization, error)
	UndoParent(ctx context.Context, organization int64, by string) (greenroom.Organization, error)
	Parents(ctx context.Context, organization int64) ([]greenroom.OrganizationParent, error)
	Subsidiaries(ctx context.Context, organization int64) ([]greenroom.Organization, error)
}

func organizationHref(id int64) string { return "/organizations/" + idText(id) }

// addMerging adds what merges organizations and takes that back.
func (p *organizationPages) addMerging() {
	p.handle("GET /organizations/choose", p.offer)
	if p.cfg.Organizations == nil {
		return
	}
	p.change("POST /organizations/{id}/merge", mayWrite, p.merge)
	p.change("POST /organization-merges/{id}/undo", mayWrite, p.undo)
	p.change("POST /organizations/{id}/parent", mayWrite, p.parent)
	p.change("POST /organizations/{id}/parent/undo", mayWrite, p.undoParent)
}

// merges shows the merges of an organization, and the form to make another a part of it.
func (p *organizationPages) merges(r *http.Request, o *greenroom.Organization, body *organizationBody) error {
	if p.cfg.Organizations == nil {
		return nil
	}
	all, err := p.cfg.Organizations.History(r.Context(), o.ID)
	if err != nil {
		return err
	}
	for i := range all {
		m := &all[i]
		title := m.GoneName + " was merged into this one"
		if m.Kept != o.ID {
			title = m.GoneName + " was merged into " + m.KeptName
		}
		row := ui.Row{Title: title, Meta: []ui.Meta{{Text: "No. " + idText(m.Gone)}, {Text: "by " + m.By}, {Text: m.Reason}, {Time: m.At}}}
		switch {
		case !m.UndoneAt.IsZero():
			row.Badge = &ui.Pill{Text: "undone"}
		case person(r).MayWrite:
			row.Actions = []ui.Action{{Label: "Undo", Label2: "Undo: " + row.Title, Post: mergeUndoHref(m.ID), Small: true}}
		}
		body.Merges = append(body.Merges, row)
	}
	if person(r).MayWrite {
		body.Head.Actions = append(body.Head.Actions, ui.Action{Label: "Merge…", Dialog: "merge", Key: "m"})
		body.Dialogs = append(body.Dialogs, ui.Dialog{
			ID: "merge", Title: "Merge another organization into " + o.Name,
			Text: "Both become one: people, records and figures of either count for this one, also those that come later. Nothing is lost, and it can be undone.",
			Form: ui.Form{Post: organizationHref(o.ID) + "/merge", Fields: []ui.Field{
				{Name: "other", Label: "The other organization", Required: true, Placeholder: "Name, domain or number", Help: "What is written has to fit exactly one organization; its number always does.", Autocomplete: "off", Choose: "/organizations/choose?not=" + idText(o.ID), Prefix: "merge-"},
				{Name: "reason", Label: "Why", Help: "Kept with the merge, for whoever asks later", Prefix: "merge-"},
			}, Actions: []ui.Action{{Label: "Merge", Submit: true, Style: ui.StylePrimary}}},
		})
	}
	return nil
}

// group shows what is below an organization, and the form to put it below another.
func (p *organizationPages) group(r *http.Request, o *greenroom.Organization, body *organizationBody) error {
	if o.ParentID > 0 {
		body.Facts = append(body.Facts, ui.Fact{Label: "Part of", Value: o.Parent, Href: organizationHref(o.ParentID)})
	}
	if p.cfg.Organizations == nil {
		return nil
	}
	said, err := p.cfg.Organizations.Parents(r.Context(), o.ID)
	if err != nil {
		return err
	}
	for i := range said {
		body.Parents = append(body.Parents, parentRow(o, &said[i], person(r).MayWrite))
	}
	all, err := p.cfg.Organizations.Subsidiaries(r.Context(), o.ID)
	if err != nil {
		return err
	}
	for i := range all {
		x := &all[i]
		body.Subsidiaries = append(body.Subsidiaries, ui.Row{Title: x.Name, Href: organizationHref(x.ID), Meta: []ui.Meta{{Text: countText(x.Members, "person", "people")}, {Text: countText(x.Activities, "activity", "activities")}}})
	}
	if person(r).MayWrite {
		body.Head.Actions = append(body.Head.Actions, ui.Action{Label: "Part of…", Dialog: "parent"})
		body.Dialogs = append(body.Dialogs, ui.Dialog{
			ID: "parent", Title: "Which organization " + o.Name + " is part of", Text: "It stays an organization of its own; “group:” in queries means an organization and all below it.",
			Form: ui.Form{Post: organizationHref(o.ID) + "/parent", Fields: []ui.Field{
				{Name: "parent", Label: "The organization above", Value: o.Parent, Placeholder: "Name, domain or number", Help: "Empty = none.", Autocomplete: "off", Choose: "/organizations/choose?not=" + idText(o.ID), Prefix: "parent-"},
			}, Actions: []ui.Action{{Label: "Save", Submit: true, Style: ui.StylePrimary}}},
		})
	}
	return nil
}

// parentRow is what somebody, or a source, says of what an organization is part of.
func parentRow(o *greenroom.Organization, said *greenroom.OrganizationParent, mayWrite bool) ui.Row {
	row := ui.Row{Title: said.Parent}
	switch {
	case said.ParentID > 0:
		row.Href = organizationHref(said.ParentID)
	case said.Source != "":
		row.Title = "One that was not read, " + said.ExternalID
	default:
		row.Title = "No other"
	}
	if said.Source != "" {
		row.Meta = []ui.Meta{{Text: said.Source + " says", Href: sourceHref(said.Source)}}
	} else {
		row.Meta = []ui.Meta{{Text: "by " + said.By}}
		if mayWrite {
			row.Actions = []ui.Action{{Label: "Undo", Label2: "Undo what was said by hand", Post: organizationHref(o.ID) + "/parent/undo", Small: true}}
		}
	}
	if !said.At.IsZero() {
		row.Meta = append(row.Meta, ui.Meta{Time: said.At})
	}
	if said.Counts {
		row.Badge = &ui.Pill{Text: "counts", Tone: ui.ToneGood}
	}
	return row
}

// undoParent has what sources tell count again.
func (p *organizationPages) undoParent(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	o, err := p.cfg.Organizations.UndoParent(r.Context(), id, person(r).Actor)
	if err != nil {
		return err
	}
	return p.back(w, r, organizationHref(id), partOf(&o), "")
}

func partOf(o *greenroom.Organization) string {
	if o.ParentID > 0 {
		return o.Name + " is part of " + strings.TrimRight(o.Parent, ".") + "."
	}
	return o.Name + " is part of no other."
}

// parent puts this organization below another, or below none.
func (p *organizationPages) parent(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	var above greenroom.Organization
	if text := strings.TrimSpace(r.FormValue("parent")); text != "" {
		if above, err = p.called(r, text, id); err != nil {
			return err
		}
	}
	o, err := p.cfg.Organizations.SetParent(r.Context(), id, above.ID, person(r).Actor)
	if err != nil {
		return err
	}
	return p.back(w, r, organizationHref(id), partOf(&o), organizationHref(id)+"/parent/undo")
}

func mergeUndoHref(id int64) string { return "/organization-merges/" + idText(id) + "/undo" }

// offer gives the organizations whose names or domains fit what is being written.
func (p *organizationPages) offer(w http.ResponseWriter, r *http.Request) error {
	const most = 8
	out := ui.Choices{Items: []ui.Choice{}}
	text := strings.TrimSpace(r.URL.Query().Get("q"))
	if len(text) < 2 || len(text) > 200 {
		return writeJSON(w, out)
	}
	found, err := p.fitting(r, text, most)
	if err != nil {
		return err
	}
	not := r.URL.Query().Get("not")
	for i := range found {
		o := &found[i]
		if idText(o.ID) == not {
			continue
		}
		note := []string{"No. " + idText(o.ID)}
		if domains := otherDomains(o); domains != "" {
			note = append(note, domains)
		}
		out.Items = append(out.Items, ui.Choice{Value: idText(o.ID), Label: o.Name, Note: strings.Join(append(note, countText(o.Members, "person", "people")), " · ")})
	}
	return writeJSON(w, out)
}

// fitting lists organizations whose names or domains have a text in them.
func (p *organizationPages) fitting(r *http.Request, text string, most int) ([]greenroom.Organization, error) {
	page, err := p.cfg.Lists.ListOrganizations(r.Context(), list.Request{Query: &query.Query{Root: &query.Text{Words: text}}, Limit: most})
	return page.Items, err
}

// called finds the one organization, other than another, that somebody means.
func (p *organizationPages) called(r *http.Request, text string, not int64) (greenroom.Organization, error) {
	if id, err := strconv.ParseInt(strings.TrimPrefix(text, "#"), 10, 64); err == nil {
		return p.cfg.Objects.Organization(r.Context(), id)
	}
	all, err := p.fitting(r, text, 50)
	if err != nil {
		return greenroom.Organization{}, err
	}
	var fit, exact []greenroom.Organization
	for i := range all {
		o := &all[i]
		if o.ID == not {
			continue
		}
		fit = append(fit, *o)
		if strings.EqualFold(o.Name, text) {
			exact = append(exact, *o)
		}
	}
	if len(exact) == 1 {
		fit = exact
	}
	switch len(fit) {
	case 1:
		return fit[0], nil
	case 0:
		return greenroom.Organization{}, greenroom.Errorf(greenroom.CodeNotFound, "no other organization fits %q; nothing was changed", text)
	}
	return greenroom.Organization{}, greenroom.Errorf(greenroom.CodeConflict, "several organizations fit %q (%s, number %d; %s, number %d …); write the number of the one you mean. Nothing was changed",
		text, fit[0].Name, fit[0].ID, fit[1].Name, fit[1].ID)
}

// merge makes another organization, found by number, name or domain, a part of this one.
func (p *organizationPages) merge(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	text := strings.TrimSpace(r.FormValue("other"))
	if text == "" {
		return greenroom.Errorf(greenroom.CodeInvalid, "write which to merge: a name, a domain or an organization's number. Nothing was merged")
	}
	other, err := p.called(r, text, id)
	if err != nil {
		return err
	}
	m, err := p.cfg.Organizations.Merge(r.Context(), id, other.ID, r.FormValue("reason"), person(r).Actor)
	if err != nil {
		return err
	}
	return p.back(w, r, organizationHref(id), other.Name+" is now part of this organization.", mergeUndoHref(m.ID))
}

func (p *organizationPages) undo(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	m, err := p.cfg.Organizations.Undo(r.Context(), id, person(r).Actor)
	if err != nil {
		return err
	}
	return p.back(w, r, organizationHref(m.Kept), m.GoneName+" stands for itself again.", "")
}
