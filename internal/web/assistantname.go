// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/http"

	"greenroom/internal/assistant"
	"greenroom/internal/list"
	"greenroom/internal/query"
	"greenroom/internal/web/ui"
)

// name suggests a name for a topic, which a person accepts by the form that changes topics.
func (p *assistantPages) name(ask bool) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := pathID(r)
		if err != nil {
			return err
		}
		rep, err := p.cfg.Topics.Report(r.Context(), idText(id))
		if err != nil {
			return err
		}
		q, err := query.Parse(p.schemas[query.Activities], "topic:"+idText(rep.ID))
		if err != nil {
			return err
		}
		page, err := p.cfg.Lists.ListActivities(r.Context(), list.Request{Query: q, Limit: 8})
		if err != nil {
			return err
		}
		n, err := p.cfg.Assistant.SuggestName(r.Context(), assistant.Subject{Terms: rep.Terms, Messages: page.Items}, person(r).Actor, ask)
		if err != nil {
			return err
		}
		here := topicHref(rep.ID) + "/name"
		if ask {
			http.Redirect(w, r, here, http.StatusSeeOther)
			return nil
		}
		body := assistantBody{
			Head:   ui.Head{Title: "A name for a topic", Subtitle: "Now it is called " + rep.Name, Back: &ui.Action{Label: rep.Name, Href: topicHref(rep.ID)}},
			Leaves: assistant.Name.Leaves(), Preview: n.Preview, Ask: &ui.Action{Label: "Suggest a name", Post: here, Style: ui.StylePrimary},
		}
		if n.Name != "" {
			body.Ask = nil
			body.Search = &ui.Form{
				Post: topicHref(rep.ID), Hidden: []ui.Hidden{{Name: "do", Value: "change"}, {Name: "rule", Value: rep.Rule}, {Name: "parent", Value: idText(rep.Parent)}},
				Fields:  []ui.Field{{Name: "name", Label: "Suggested by a language model", Value: n.Name, Required: true, Help: "The topic keeps its name until you accept another one."}},
				Actions: []ui.Action{{Label: "Accept this name", Submit: true, Style: ui.StylePrimary}},
			}
		}
		return render(p.Site, w, r, p.view, "A name for a topic", body)
	}
}
