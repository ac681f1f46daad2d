// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/http"
	"strings"

	"greenroom/internal/assistant"
	"greenroom/internal/topic"
	"greenroom/internal/web/ui"
)

func addTopicDialog() *ui.Dialog {
	return &ui.Dialog{
		ID: "add-topic", Title: "Add a topic", Text: "For what you want to follow whether or not it is found by itself. What fits the rule is in the topic at once.",
		Form: ui.Form{Post: "/topics", Fields: []ui.Field{
			{Name: "name", Label: "Name", Required: true, Placeholder: "Billing"},
			{Name: "rule", Label: "Rule, a query over activities", Placeholder: "invoice or billing or refund", Help: "Leave it empty for a topic that others are put under."},
		}, Actions: []ui.Action{{Label: "Add", Submit: true, Style: ui.StylePrimary}}},
	}
}

func (p *topicPages) add(w http.ResponseWriter, r *http.Request) error {
	t, err := p.cfg.Topics.Add(r.Context(), r.FormValue("name"), r.FormValue("rule"), nil)
	if err != nil {
		return err
	}
	return p.back(w, r, topicHref(t.ID), "Added the topic "+t.Name+".", "")
}

func (p *topicPages) fit(w http.ResponseWriter, r *http.Request) error {
	p.cfg.Topics.AskFit(person(r).Actor)
	return p.back(w, r, "/topics", "Topics are being found again. What your team decided of them stays.", "")
}

// editing fills in what can be done with a topic. Whatever is done here can be done the other way round here.
func (p *topicPages) editing(r *http.Request, rep *topic.Report, body *topicBody) error {
	all, err := p.cfg.Topics.Reports(r.Context(), true)
	if err != nil {
		return err
	}
	into, under := []ui.Option{}, []ui.Option{{Value: "0", Label: "No other topic"}}
	for i := range all {
		if o := &all[i]; o.ID != rep.ID {
			into = append(into, ui.Option{Value: idText(o.ID), Label: o.Name})
			if o.Parent == 0 {
				under = append(under, ui.Option{Value: idText(o.ID), Label: o.Name})
			}
		}
	}
	here := topicHref(rep.ID)
	body.Dialogs = append(body.Dialogs, ui.Dialog{
		ID: "edit-topic", Title: "Change the topic", Form: ui.Form{Post: here, Hidden: []ui.Hidden{{Name: "do", Value: "change"}}, Fields: []ui.Field{
			{Name: "name", Label: "Name", Value: rep.Name, Help: "An empty name gives back the one that was found."},
			{Name: "rule", Label: "Rule, a query over activities", Value: rep.Rule, Help: "What fits it is in the topic, beside what is found."},
			{Name: "parent", Label: "Part of", Type: "select", Value: idText(rep.Parent), Options: under},
		}, Actions: []ui.Action{{Label: "Save", Submit: true, Style: ui.StylePrimary}}},
	})
	body.Head.Actions = []ui.Action{{Label: "Change", Dialog: "edit-topic", Key: "e"}}
	if p.helps(r, assistant.Name) {
		body.Head.Actions = append(body.Head.Actions, ui.Action{Label: "Suggest a name", Href: here + "/name"})
	}
	if len(into) > 0 {
		body.Head.Actions = append(body.Head.Actions, ui.Action{Label: "Merge", Dialog: "merge-topic"})
		body.Dialogs = append(body.Dialogs, ui.Dialog{
			ID: "merge-topic", Title: "Merge into another topic", Text: "Its messages count for the other one from now on, also those to come. It can be taken apart again there.",
			Form: ui.Form{Post: here, Hidden: []ui.Hidden{{Name: "do", Value: "merge"}}, Fields: []ui.Field{{Name: "into", Label: "Into", Type: "select", Options: into, Value: into[0].Value}}, Actions: []ui.Action{{Label: "Merge", Submit: true, Style: ui.StylePrimary}}},
		})
	}
	hide := ui.Action{Label: "Hide", Post: here, Hidden: []ui.Hidden{{Name: "do", Value: "hide"}}}
	if rep.Hidden {
		hide = ui.Action{Label: "Show again", Post: here, Hidden: []ui.Hidden{{Name: "do", Value: "unhide"}}}
	}
	body.Head.Actions = append(body.Head.Actions, hide)
	for i := range rep.Merged {
		m := &rep.Merged[i]
		body.Head.Actions = append(body.Head.Actions, ui.Action{Label: "Take out " + m.Name, Post: topicHref(m.ID), Hidden: []ui.Hidden{{Name: "do", Value: "apart"}}})
	}
	return nil
}

func (p *topicPages) edit(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	var c topic.Change
	to, message := topicHref(id), "Changed."
	yes, no, none := true, false, int64(0)
	switch r.FormValue("do") {
	case "hide":
		c.Hidden, message = &yes, "Hidden. It stands under Hidden in the list of topics."
	case "unhide":
		c.Hidden, message = &no, "Shown again."
	case "merge":
		into, err := formID(r, "into")
		if err != nil {
			return err
		}
		c.Into, to, message = &into, topicHref(into), "Merged. It can be taken out again at the top of this page."
	case "apart":
		c.Into, message = &none, "Taken apart again."
	default:
		name, rule := strings.TrimSpace(r.FormValue("name")), strings.TrimSpace(r.FormValue("rule"))
		parent, err := formID(r, "parent")
		if err != nil {
			return err
		}
		c = topic.Change{Name: &name, Rule: &rule, Parent: &parent}
	}
	if _, err := p.cfg.Topics.Edit(r.Context(), id, c); err != nil {
		return err
	}
	return p.back(w, r, to, message, "")
}
