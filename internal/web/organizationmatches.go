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
	"greenroom/internal/organization"
	"greenroom/internal/web/ui"
)

// OrganizationMatches says which organizations may be one; organization.Service does it.
type OrganizationMatches interface {
	Matches(ctx context.Context, limit int) (organization.PairList, error)
	Apart(ctx context.Context, a, b int64, by string) (greenroom.OrganizationApart, error)
	UndoApart(ctx context.Context, id int64, by string) (greenroom.OrganizationApart, error)
	ListApart(ctx context.Context) ([]greenroom.OrganizationApart, error)
}

// organizationMatchesBody is what organizationmatches.html shows.
type organizationMatchesBody struct {
	Head  ui.Head
	Empty *ui.Empty
	Pair  *pairView
	Queue ui.Rows
	Note  string
	Apart []ui.Row // what is not one
}

const organizationMatchesHref = "/organizations/matches"

type organizationMatchPages struct {
	*Site
	view *ui.View[organizationMatchesBody]
}

func (s *Site) addOrganizationMatches() error {
	if s.cfg.OrganizationMatches == nil || s.cfg.Organizations == nil {
		return nil
	}
	view, err := ui.Parse[organizationMatchesBody](s.kit, templates, "templates/organizationmatches.html")
	if err != nil {
		return err
	}
	p := &organizationMatchPages{Site: s, view: view}
	s.handle("GET "+organizationMatchesHref, p.show)
	s.change("POST "+organizationMatchesHref+"/judge", mayWrite, p.judge)
	s.change("POST "+organizationMatchesHref+"/apart/{id}/undo", mayWrite, p.undo)
	return nil
}

func (p *organizationMatchPages) show(w http.ResponseWriter, r *http.Request) error {
	found, err := p.cfg.OrganizationMatches.Matches(r.Context(), shownMatches)
	if err != nil {
		return err
	}
	body := organizationMatchesBody{Head: ui.Head{
		Title: "One organization?", Subtitle: "Which organizations may be the same, with what speaks for it. Every answer can be undone.", Back: &ui.Action{Label: "Organizations", Href: "/organizations"},
	}}
	if err := p.apart(r, &body); err != nil {
		return err
	}
	body.Note = countText(int64(found.Total), "pair waits", "pairs wait") + ", the most probable first"
	none := "Organizations that share a name, a domain but for its ending, or people appear here, as soon as sources tell of them."
	if found.Passed > 0 {
		passed := countText(int64(found.Passed), "name that more than 25 share was", "names that more than 25 share were") + " left out"
		body.Note += "; " + passed
		none += " " + title(passed) + "."
	}
	if len(found.Items) == 0 {
		body.Empty = &ui.Empty{
			Title: "Nothing waits", Text: none,
			Actions: []ui.Action{{Label: "All organizations", Href: "/organizations", Style: ui.StylePrimary}, {Label: "Connect a CRM", Href: "/start"}},
		}
		return render(p.Site, w, r, p.view, "One organization?", body)
	}
	open := r.URL.Query().Get("pair")
	at := max(0, slices.IndexFunc(found.Items, func(m organization.Pair) bool { return organizationPair(&m) == open }))
	body.Pair = p.pair(&found.Items[at], person(r))
	body.Queue = ui.Rows{Label: "Pairs to judge"}
	for i := range found.Items {
		m := &found.Items[i]
		why := ""
		if len(m.Evidence) > 0 {
			why = title(m.Evidence[0].Text)
		}
		body.Queue.Items = append(body.Queue.Items, ui.Row{
			ID: organizationPair(m), Title: m.A.Name + " · " + m.B.Name, Href: organizationMatchesHref + "?pair=" + organizationPair(m), Current: i == at, Value: percent(m.Probability), Meta: []ui.Meta{{Text: why}},
		})
	}
	return render(p.Site, w, r, p.view, "One organization?", body)
}

func organizationPair(m *organization.Pair) string { return idText(m.A.ID) + "-" + idText(m.B.ID) }

func (p *organizationMatchPages) apart(r *http.Request, body *organizationMatchesBody) error {
	all, err := p.cfg.OrganizationMatches.ListApart(r.Context())
	if err != nil {
		return err
	}
	for i := range all[:min(len(all), shownMatches)] {
		x := &all[i]
		row := ui.Row{Title: x.AName + " · " + x.BName, Meta: []ui.Meta{{Text: "by " + x.By}, {Time: x.At}}}
		if x.Reason != "" {
			row.Meta = append(row.Meta, ui.Meta{Text: x.Reason})
		}
		if person(r).MayWrite {
			row.Actions = []ui.Action{{Label: "Undo", Label2: "Undo: " + row.Title, Post: apartUndoHref(x.ID), Small: true}}
		}
		body.Apart = append(body.Apart, row)
	}
	return nil
}

func apartUndoHref(id int64) string {
	return organizationMatchesHref + "/apart/" + idText(id) + "/undo"
}

func (p *organizationMatchPages) pair(m *organization.Pair, who Person) *pairView {
	v := &pairView{Title: "Are they one organization? " + title(likely(m.Probability)) + ", " + percent(m.Probability), Sides: []sideView{organizationSide(&m.A), organizationSide(&m.B)}}
	for _, e := range m.Evidence {
		pill := ui.Pill{Text: "hint", Title: fmt.Sprintf("%+.1f, natural logarithm of odds", e.Weight)}
		switch {
		case e.Weight >= 3:
			pill.Text, pill.Tone = "strong", ui.ToneGood
		case e.Weight >= 1.5:
			pill.Text, pill.Tone = "good", ui.ToneGood
		case e.Weight < 0:
			pill.Text, pill.Tone = "against", ui.ToneWarn
		}
		v.Evidence = append(v.Evidence, evidenceView{pill, title(e.Text)})
	}
	if who.MayWrite {
		hidden := func(verdict string) []ui.Hidden {
			return []ui.Hidden{{Name: "a", Value: idText(m.A.ID)}, {Name: "b", Value: idText(m.B.ID)}, {Name: "verdict", Value: verdict}}
		}
		post := organizationMatchesHref + "/judge"
		v.Actions = []ui.Action{
			{Label: "One organization", Post: post, Hidden: hidden("same"), Style: ui.StylePrimary, Key: "m"},
			{Label: "Two organizations", Post: post, Hidden: hidden("other"), Key: "n"},
		}
	}
	return v
}

func organizationSide(s *organization.PairSide) sideView {
	v := sideView{Avatar: ui.Avatar{Name: s.Name}, Name: s.Name, Href: organizationHref(s.ID), About: strings.Join(s.Domains, ", ")}
	add := func(label, value, href string) {
		if value != "" {
			v.Facts = append(v.Facts, ui.Fact{Label: label, Value: value, Href: href})
		}
	}
	add("Told by", strings.Join(s.Sources, ", "), "")
	add("Country", s.Country, "")
	if s.Size > 0 {
		add("Employees", ui.Number(int(s.Size)), "")
	}
	add("Activities", ui.Number(int(s.Activities)), organizationHref(s.ID))
	return v
}

// judge takes what a person says of a pair, and shows the next one.
func (p *organizationMatchPages) judge(w http.ResponseWriter, r *http.Request) error {
	a, aerr := strconv.ParseInt(r.FormValue("a"), 10, 64)
	b, berr := strconv.ParseInt(r.FormValue("b"), 10, 64)
	if aerr != nil || berr != nil {
		return greenroom.Errorf(greenroom.CodeInvalid, "name the two organizations; nothing was changed")
	}
	switch r.FormValue("verdict") {
	case "same":
		m, err := p.cfg.Organizations.Merge(r.Context(), a, b, "judged to be one", person(r).Actor)
		if err != nil {
			return err
		}
		return p.back(w, r, organizationMatchesHref, m.GoneName+" is now part of "+strings.TrimRight(m.KeptName, ".")+".", mergeUndoHref(m.ID))
	case "other":
		x, err := p.cfg.OrganizationMatches.Apart(r.Context(), a, b, person(r).Actor)
		if err != nil {
			return err
		}
		return p.back(w, r, organizationMatchesHref, "They are two, and not asked about again.", apartUndoHref(x.ID))
	}
	return greenroom.Errorf(greenroom.CodeInvalid, "say whether they are one organization or two; nothing was changed")
}

func (p *organizationMatchPages) undo(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	if _, err := p.cfg.OrganizationMatches.UndoApart(r.Context(), id, person(r).Actor); err != nil {
		return err
	}
	return p.back(w, r, organizationMatchesHref, "Taken back: they may be one.", "")
}
