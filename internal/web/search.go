// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/http"
	"strings"

	"greenroom/internal/web/ui"
)

// searchPage answers the search over everything (Ctrl-K).
type searchPage struct{ *Site }

func (s *Site) addSearch() error {
	p := &searchPage{Site: s}
	s.handle("GET /search", p.answer)
	return nil
}

const searchMost = 6

func (p *searchPage) answer(w http.ResponseWriter, r *http.Request) error {
	text := strings.TrimSpace(r.URL.Query().Get("q"))
	out := ui.SearchResults{Groups: []ui.SearchGroup{}}
	if places := p.places(r, text); len(places.Items) > 0 {
		out.Groups = append(out.Groups, places)
	}
	if len(text) < 2 || len(text) > 200 {
		return writeJSON(w, out)
	}
	members, organizations, conversations, err := p.cfg.Finder.Find(r.Context(), text, searchMost)
	if err != nil {
		return err
	}
	group := ui.SearchGroup{Label: "Members"}
	for i := range members {
		m := &members[i]
		group.Items = append(group.Items, ui.SearchItem{Label: m.Name, Note: firstText(m.Organization, strings.Join(m.Emails, " ")), Href: memberHref(m.ID)})
	}
	out.Groups = withItems(out.Groups, group)
	group = ui.SearchGroup{Label: "Organizations"}
	for i := range organizations {
		o := &organizations[i]
		group.Items = append(group.Items, ui.SearchItem{Label: o.Name, Note: countText(o.Members, "member", "members"), Href: "/organizations/" + idText(o.ID)})
	}
	out.Groups = withItems(out.Groups, group)
	group = ui.SearchGroup{Label: "Conversations"}
	for i := range conversations {
		c := &conversations[i]
		group.Items = append(group.Items, ui.SearchItem{Label: excerpt(c.Title, 90), Note: placeText(c.Source, c.Channel), Href: conversationHref(c.ID)})
	}
	out.Groups = withItems(out.Groups, group)
	return writeJSON(w, out)
}

// places are the pages and the things to begin whose name fits.
func (p *searchPage) places(r *http.Request, text string) ui.SearchGroup {
	g := ui.SearchGroup{Label: "Go to"}
	begun := strings.ToLower(text)
	add := func(label, note, href string) {
		if strings.Contains(strings.ToLower(label), begun) {
			g.Items = append(g.Items, ui.SearchItem{Label: label, Note: note, Href: href})
		}
	}
	for _, section := range p.nav(r, nil) {
		for _, it := range section.Items {
			add(it.Label, "", it.Href)
			for _, m := range it.More {
				add(m.Label, it.Label, m.Href)
			}
		}
	}
	me := person(r)
	for _, place := range p.beginnings(me) {
		add(place.label, place.note, place.href)
	}
	add("Settings", "", "/settings")
	add("My account", "Settings", "/settings/account")
	if me.MayAdminister {
		add("People and invitations", "Settings", "/settings/people")
	}
	return g
}

// beginnings are what somebody can begin from anywhere.
func (p *searchPage) beginnings(me Person) []place {
	c := &p.cfg
	var out []place
	if me.MayConnect {
		out = append(out, place{label: "Add a source or import data", href: "/start"})
	}
	if !me.MayWrite {
		return out
	}
	for _, place := range []place{
		{shown: c.Segments != nil, label: "New segment", href: "/segments/new"},
		{shown: c.Workflows != nil, label: "New workflow", href: "/workflows/new"},
		{shown: c.Programs != nil, label: "New program", href: "/programs/new"},
		{shown: c.Events != nil, label: "New event", href: "/events/new"},
		{shown: c.Alerts != nil, label: "New alert", href: "/alerts/new"},
		{shown: c.Goals != nil, label: "New goal", href: "/goals/new"},
		{shown: c.Plans != nil, label: "New plan from a template", href: "/roadmap/new"},
		{shown: c.Knowledge != nil, label: "New document", href: "/knowledge/new"},
		{shown: c.Processes != nil, label: "New process", href: "/processes/new"},
		{shown: c.Proof != nil, label: "New study", href: impactPath + "/studies/new"},
		{shown: c.Reports != nil, label: "New report", href: "/reports/new"},
	} {
		if place.shown {
			out = append(out, place)
		}
	}
	return out
}

// withItems adds a group that is not empty.
func withItems(groups []ui.SearchGroup, g ui.SearchGroup) []ui.SearchGroup {
	if len(g.Items) == 0 {
		return groups
	}
	return append(groups, g)
}
