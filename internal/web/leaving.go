// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/http"

	"greenroom"
	"greenroom/internal/web/ui"
)

// leave offers to rename a source, to disconnect it, and to remove it with its data.
func (p *startPage) leave(r *http.Request, src *greenroom.Source, body *sourceSettingsBody) error {
	removal, err := p.removal(r, src.Name)
	if err != nil {
		return err
	}
	if removal != nil {
		body.Head.Pills = []ui.Pill{{Text: "being removed", Tone: ui.ToneWarn}}
		body.Note = "This source is being removed with all that came in from it. That cannot be undone."
		return nil
	}
	body.Leave = []leaveCard{{
		Title: "Rename", Text: "Queries that name the source, such as those behind a segment, have to be changed by hand. What is pushed to its former address still arrives.",
		Action: ui.Action{Label: "Rename…", Dialog: "rename"},
	}}
	body.Dialogs = []ui.Dialog{{
		ID: "rename", Title: "Rename " + src.Name, Text: "It is called so in queries, lists and links.",
		Form: ui.Form{Post: sourceHref(src.Name) + "/rename", Fields: []ui.Field{{Name: "to", Label: "New name", Value: src.Name, Required: true}}, Actions: []ui.Action{{Label: "Rename", Submit: true, Style: ui.StylePrimary}}},
	}}
	if src.DisconnectedAt.IsZero() {
		body.Leave = append(body.Leave, leaveCard{
			Title:  "Disconnect",
			Text:   "Greenroom stops reading it and taking what it pushes, and forgets its secrets. Members, activities and figures stay as they are. It can be connected again, with its secrets typed anew.",
			Action: ui.Action{Label: "Disconnect…", Dialog: "disconnect", Style: ui.StyleDanger},
		})
		body.Dialogs = append(body.Dialogs, ui.Dialog{
			ID: "disconnect", Title: "Disconnect " + src.Name, Text: "It is not read any more and its secrets are forgotten here. What came in stays. Take back the token on the platform, too.",
			Form: ui.Form{Post: sourceHref(src.Name) + "/disconnect", Actions: []ui.Action{{Label: "Disconnect", Submit: true, Style: ui.StyleDanger}}},
		})
	} else {
		body.Head.Pills = []ui.Pill{{Text: "disconnected", Tone: ui.ToneWarn}}
		body.Note = "This source is disconnected. Type its secrets again and save, then read it again on its page."
	}
	body.Leave = append(body.Leave, leaveCard{
		Title:  "Remove with its data",
		Text:   "All that came in from it goes, too: activities, accounts, members who have no other account, conversations, business records, raw payloads. Figures change back through all the time that it was connected. Nothing brings it back but connecting it anew and reading everything again.",
		Action: ui.Action{Label: "Remove…", Dialog: "remove", Style: ui.StyleDanger},
	})
	body.Dialogs = append(body.Dialogs, ui.Dialog{
		ID: "remove", Title: "Remove " + src.Name + " with its data", Text: "This cannot be undone. It takes a while, in the background; you can leave the page.",
		Form: ui.Form{
			Post: sourceHref(src.Name) + "/remove", Fields: []ui.Field{{Name: "confirm", Label: "Type " + src.Name + " to confirm", Required: true, Autocomplete: "off"}},
			Actions: []ui.Action{{Label: "Remove it all", Submit: true, Style: ui.StyleDanger}},
		},
	})
	return nil
}

func (p *startPage) disconnect(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("name")
	if err := p.cfg.Connect.Disconnect(r.Context(), name); err != nil {
		return err
	}
	return p.back(w, r, sourceHref(name), "Disconnected. What came in stays.", "")
}

func (p *startPage) remove(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("name")
	if err := p.cfg.Connect.Remove(r.Context(), name, r.PostFormValue("confirm"), person(r).Actor); err != nil {
		if !forPeople(err) {
			return err
		}
		return p.back(w, r, sourceHref(name)+"/settings", "", sentence(greenroom.ErrorMessage(err)))
	}
	return p.back(w, r, sourceHref(name), "It is disconnected, and being removed with all that came in from it.", "")
}

func (p *startPage) rename(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("name")
	src, err := p.cfg.Connect.Rename(r.Context(), name, r.PostFormValue("to"))
	if err != nil {
		if !forPeople(err) {
			return err
		}
		return p.back(w, r, sourceHref(name)+"/settings", "", sentence(greenroom.ErrorMessage(err)))
	}
	return p.back(w, r, sourceHref(src.Name), "Renamed. What is pushed to the former address still arrives.", "")
}

// removal is how far the removal of a source is; nil = it is not being removed.
func (s *Site) removal(r *http.Request, source string) (*greenroom.Removal, error) {
	if s.cfg.Connect == nil {
		return nil, nil //nolint:nilnil // nothing can be removed
	}
	all, err := s.cfg.Connect.Removals(r.Context())
	if err != nil {
		return nil, err
	}
	for i := range all {
		if all[i].Source == source {
			return &all[i], nil
		}
	}
	return nil, nil //nolint:nilnil // it stays
}

// removing shows how far the removal of a source is.
func removing(x *greenroom.Removal) *ui.Progress {
	return &ui.Progress{ID: "removal", Label: "Removing " + x.Source, Done: int(x.Done), Total: int(x.Total), Unit: "rows", Next: "It goes on when this page is left, and after a restart of the server."}
}
