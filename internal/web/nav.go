// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/http"
	"strings"

	"greenroom"
	"greenroom/internal/inbox"
	"greenroom/internal/web/ui"
)

// place is an entry of the navigation: a page that appears when its part works, with the pages that belong to it.
type place struct {
	shown bool
	label string
	href  string
	count string
	hot   bool
	note  string
	more  []place
}

// nav is the navigation. What a team opens every day stands in it; what belongs to one of these pages is folded away
// below it until somebody is there. The search (Ctrl-K) finds all of them. Without an overview nothing is counted.
func (s *Site) nav(r *http.Request, o *greenroom.Overview) []ui.NavSection {
	return []ui.NavSection{
		{Items: items(r, s.ownPlaces(r))},
		{Title: "Front of house", Items: items(r, s.frontPlaces(r, o))},
		{Title: "Back of house", Items: items(r, s.backPlaces(r, o))},
		{Title: "Proof", Items: items(r, s.proofPlaces())},
	}
}

func (s *Site) ownPlaces(r *http.Request) []place {
	asks, askHref := s.sqlNav(r)
	return []place{
		{shown: true, label: "Today", href: "/"},
		{shown: s.cfg.Crew != nil, label: "My day", href: myDayPath, more: []place{
			{shown: s.cfg.Tasks != nil, label: "My work", href: tasksPath},
		}},
		{shown: asks, label: "Ask", href: askHref},
	}
}

func (s *Site) frontPlaces(r *http.Request, o *greenroom.Overview) []place {
	c := &s.cfg
	counts := o != nil
	if !counts {
		o = &greenroom.Overview{}
	}
	first := []place{{shown: true, label: "Conversations", href: "/conversations", count: some(o.Waiting), hot: o.Waiting > 0, note: "questions waiting for an answer"}}
	if c.Inbox != nil {
		var n inbox.Counts
		if counts {
			var err error
			if n, err = c.Inbox.Badge(r.Context(), person(r).Seed); err != nil && r.Context().Err() == nil {
				c.Log.Warn("counting the inbox", "error", err)
			}
		}
		first[0].hot = false // the inbox asks for attention, conversations are there to look things up
		first = []place{{
			shown: true, label: "Inbox", href: inboxPath, count: some(int64(n.OnMe)), hot: n.OnMe > 0, note: "wait on you, or are past their target and nobody's", more: first,
		}}
	}
	return append(first,
		place{shown: true, label: "Members", href: "/members", count: some(o.Members), more: []place{
			{shown: c.Studies != nil, label: "Finder", href: finderPath},
			{shown: true, label: "Activities", href: "/activities"},
		}},
		place{shown: true, label: "Organizations", href: "/organizations", count: some(o.Organizations)},
		place{shown: c.Segments != nil, label: "Segments", href: "/segments"},
		place{shown: c.Programs != nil, label: "Programs", href: "/programs", more: []place{
			{shown: c.Recognition != nil, label: "Recognition", href: recognitionPath},
		}},
		place{shown: c.Events != nil, label: "Events", href: "/events", more: []place{
			{shown: true, label: "Calendar", href: "/calendar"},
		}},
		place{shown: c.Surveys != nil, label: "Surveys", href: "/surveys"},
		place{shown: c.Alerts != nil, label: "Alerts", href: alertsPath},
	)
}

func (s *Site) backPlaces(r *http.Request, o *greenroom.Overview) []place {
	c := &s.cfg
	if o == nil {
		o = &greenroom.Overview{}
	}
	return []place{
		{shown: c.Goals != nil, label: "Goals", href: "/goals", more: []place{
			{shown: c.Maturity != nil, label: "Maturity", href: "/maturity"},
		}},
		{shown: c.Plans != nil, label: "Roadmap", href: "/roadmap"},
		{shown: c.Requests != nil, label: "Requests", href: requestsPath},
		{shown: true, label: "Insights", href: "/insights", more: []place{
			{shown: c.Health != nil, label: "Health", href: "/health"},
			{shown: true, label: "Topics", href: "/topics"},
			{shown: c.Reading != nil, label: "Reading", href: readingPath},
			{shown: c.Digests != nil, label: "Digest", href: "/digest"},
		}},
		{shown: c.Workflows != nil, label: "Workflows", href: "/workflows", more: []place{
			{shown: c.Outbox != nil, label: "Outbox", href: "/outbox"},
		}},
		{shown: c.Knowledge != nil, label: "Knowledge", href: knowledgePath},
		{shown: c.Processes != nil, label: "Processes", href: processesPath, more: []place{
			{shown: c.Crew != nil, label: "Team", href: crewPath},
		}},
		{shown: c.Tools != nil, label: "Stack", href: "/tools"},
		{shown: true, label: "Sources", href: "/sources", count: some(o.Sources), more: []place{
			{shown: c.Actions != nil && person(r).MayConnect, label: "Actions", href: "/actions"},
		}},
	}
}

func (s *Site) proofPlaces() []place {
	c := &s.cfg
	return []place{
		{shown: c.Proof != nil, label: "Impact", href: impactPath},
		{shown: c.Accounts != nil, label: "Accounts", href: accountsPath},
		{shown: c.Reports != nil, label: "Reports", href: reportsPath},
	}
}

// bell leads to what the person was told. A count that cannot be had leaves it without.
func (s *Site) bell(r *http.Request) *ui.Bell {
	if s.cfg.Tasks == nil {
		return nil
	}
	n, err := s.cfg.Tasks.Unseen(r.Context(), person(r).Seed)
	if err != nil && r.Context().Err() == nil {
		s.cfg.Log.Warn("counting notices", "error", err)
	}
	return &ui.Bell{Href: noticesPath, Count: some(n), Active: r.URL.Path == noticesPath}
}

// nothingYet is what a list of conversations says while nothing has come in; nil once something has. That nobody waits is
// good news only where somebody could.
func (s *Site) nothingYet(r *http.Request) *ui.Empty {
	if o := s.counts.get(r.Context()); o.Conversations > 0 || o.Activities > 0 {
		return nil
	}
	return &ui.Empty{
		Title: "No conversations yet", Text: "Bring in an export of a place where your community meets, or connect it, and what waits for an answer appears here.",
		Actions: []ui.Action{{Label: "Import your data", Href: "/start", Style: ui.StylePrimary}},
	}
}

// items are the places that are shown, as the page has them.
func items(r *http.Request, all []place) []ui.NavItem {
	var out []ui.NavItem
	for _, p := range all {
		if !p.shown {
			continue
		}
		it := ui.NavItem{Label: p.label, Href: p.href, Active: within(r, p.href), Count: p.count, Hot: p.hot, Note: p.note, More: items(r, p.more)}
		it.Open = it.Active
		for _, m := range it.More {
			it.Open = it.Open || m.Active
		}
		out = append(out, it)
	}
	return out
}

// within says whether a request is for a place or for what lies below it.
func within(r *http.Request, href string) bool {
	return r.URL.Path == href || href != "/" && strings.HasPrefix(r.URL.Path, href+"/")
}
