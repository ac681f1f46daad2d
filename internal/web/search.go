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
	if places := p.places(text); len(places.Items) > 0 {
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

// places are the pages whose name fits.
func (p *searchPage) places(text string) ui.SearchGroup {
	g := ui.SearchGroup{Label: "Go to"}
	for _, place := range [][2]string{
		{"Today", "/"},
		{"Conversations that wait", "/conversations"},
		{"Members", "/members"},
		{"Organizations", "/organizations"},
		{"Activities", "/activities"},
		{"Insights", "/insights"},
		{"Sources", "/sources"},
		{"Import data", "/start"},
		{"Settings", "/settings"},
	} {
		if strings.Contains(strings.ToLower(place[0]), strings.ToLower(text)) {
			g.Items = append(g.Items, ui.SearchItem{Label: place[0], Href: place[1]})
		}
	}
	return g
}

// withItems adds a group that is not empty.
func withItems(groups []ui.SearchGroup, g ui.SearchGroup) []ui.SearchGroup {
	if len(g.Items) == 0 {
		return groups
	}
	return append(groups, g)
}
