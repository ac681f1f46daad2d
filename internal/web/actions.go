// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"greenroom/internal/action"
	"greenroom/internal/web/ui"
	"greenroom/internal/writeback"
)

// Actions is the log of what Greenroom does to the outside world.
type Actions interface {
	// Actions lists the newest first, below an id unless that is 0; source "" = all.
	Actions(ctx context.Context, source string, below int64, limit int) ([]action.Action, error)
	Action(ctx context.Context, id int64) (action.Action, error)
	ActionItems(ctx context.Context, id int64, state action.ItemState, after int64, limit int) ([]action.Item, error)
	ApproveAction(ctx context.Context, id int64, by string) error
	CancelAction(ctx context.Context, id int64) error
}

// actionsBody is what actions.html shows.
type actionsBody struct {
	Head     ui.Head
	List     ui.Table
	Repeated ui.Rows
	Dialogs  []ui.Dialog
}

// actionBody is what action.html shows.
type actionBody struct {
	Head     ui.Head
	Here     string // address of the page, where it is still to change; "" = it has ended
	Progress *ui.Progress
	Facts    []ui.Fact
	Filter   ui.Segments
	Items    ui.Table
}

type actionPages struct {
	*Site
	list  *ui.View[actionsBody]
	one   *ui.View[actionBody]
	write *ui.View[writeBackBody]
	push  *ui.View[pushOutBody]
}

func mayConnect(p Person) bool { return p.MayConnect }

func (s *Site) addActions() error {
	if s.cfg.Actions == nil || s.cfg.WriteBack == nil || s.cfg.Pushes == nil {
		return nil
	}
	p := &actionPages{Site: s}
	var err error
	if p.list, err = ui.Parse[actionsBody](s.kit, templates, "templates/actions.html"); err != nil {
		return err
	}
	if p.one, err = ui.Parse[actionBody](s.kit, templates, "templates/action.html"); err != nil {
		return err
	}
	if p.write, err = ui.Parse[writeBackBody](s.kit, templates, "templates/writeback.html"); err != nil {
		return err
	}
	if p.push, err = ui.Parse[pushOutBody](s.kit, templates, "templates/pushout.html"); err != nil {
		return err
	}
	s.change("GET /actions", mayConnect, p.showList)
	s.change("GET /actions/{id}", mayConnect, p.show)
	s.change("POST /actions/{id}/approve", mayConnect, p.approve)
	s.change("POST /actions/{id}/cancel", mayConnect, p.cancel)
	s.change("GET /sources/{name}/write-back", mayConnect, p.writeBack)
	s.change("POST /sources/{name}/write-back", mayConnect, p.previewOrSend)
	s.change("GET /sources/{name}/write-back/accounts", mayConnect, p.writeBackAccounts)
	s.change("POST /sources/{name}/write-back/accounts", mayConnect, p.previewOrSendAccounts)
	s.change("GET /sources/{name}/write-back/tasks", mayConnect, p.accountTasks)
	s.change("POST /sources/{name}/write-back/tasks", mayConnect, p.previewOrSendTasks)
	s.change("GET /sources/{name}/push-out", mayConnect, p.pushOut)
	s.change("POST /sources/{name}/push-out", mayConnect, p.doPush)
	s.change("POST /repeated-actions/{id}/stop", mayConnect, p.stopRepeated)
	s.change("POST /repeated-actions/{id}/resume", mayConnect, p.resumeRepeated)
	s.change("POST /repeated-actions/{id}/drop", mayConnect, p.dropRepeated)
	return nil
}

func actionHref(id int64) string { return "/actions/" + idText(id) }

const shownActions = 50

func (p *actionPages) showList(w http.ResponseWriter, r *http.Request) error {
	source := r.URL.Query().Get("source")
	below, err := strconv.ParseInt(r.URL.Query().Get("below"), 10, 64)
	if err != nil {
		below = 0 // the first page
	}
	all, err := p.cfg.Actions.Actions(r.Context(), source, below, shownActions+1)
	if err != nil {
		return err
	}
	body := actionsBody{Head: ui.Head{Title: "Actions", Subtitle: "What Greenroom did, or is to do, on other systems: who wanted it, what became of it"}}
	body.List = ui.Table{
		Caption: "Actions", Columns: []ui.Column{{Label: "Action"}, {Label: "State"}, {Label: "Done", Number: true}, {Label: "Unchanged", Number: true}, {Label: "Failed", Number: true}, {Label: "By"}, {Label: "When"}},
		Empty: &ui.Empty{Title: "No action yet", Text: "Open a source that can be written to, such as a CRM, and choose “Write back” or “Push out”: you see what would change before anything is sent.", Actions: []ui.Action{{Label: "Sources", Href: "/sources", Style: ui.StylePrimary}}},
	}
	for i := range all[:min(len(all), shownActions)] {
		a := &all[i]
		body.List.Rows = append(body.List.Rows, ui.TableRow{ID: idText(a.ID), Cells: []ui.Cell{
			{Text: a.Title, Href: actionHref(a.ID), Sub: a.Error},
			{Pills: []ui.Pill{actionPill(a)}},
			{Text: ui.Number(int(a.Done))},
			{Text: ui.Number(int(a.Unchanged))},
			{Text: ui.Number(int(a.Failed))},
			{Text: a.CreatedBy},
			{Time: a.CreatedAt},
		}})
	}
	if len(all) > shownActions || below > 0 {
		body.List.Foot = &ui.Pager{Text: "The newest first"}
		q := url.Values{}
		if source != "" {
			q.Set("source", source)
		}
		if below > 0 {
			body.List.Foot.Newer = "/actions?" + q.Encode()
		}
		if len(all) > shownActions {
			q.Set("below", idText(all[shownActions-1].ID))
			body.List.Foot.Older = "/actions?" + q.Encode()
		}
	}
	if body.Repeated, body.Dialogs, err = p.repeated(r.Context(), source, "/actions"); err != nil {
		return err
	}
	return render(p.Site, w, r, p.list, "Actions", body)
}

func actionPill(a *action.Action) ui.Pill {
	switch a.State {
	case action.Proposed:
		return ui.Pill{Text: "waits for approval", Tone: ui.ToneIdea}
	case action.Approved:
		return ui.Pill{Text: "about to begin", Tone: ui.ToneInfo}
	case action.Running:
		if a.Error != "" {
			return ui.Pill{Text: "goes on later", Tone: ui.ToneWarn, Title: a.Error}
		}
		return ui.Pill{Text: "running", Tone: ui.ToneInfo}
	case action.Done:
		if a.Failed > 0 {
			return ui.Pill{Text: "done, some failed", Tone: ui.ToneWarn}
		}
		return ui.Pill{Text: "done", Tone: ui.ToneGood}
	case action.Failed:
		return ui.Pill{Text: "failed", Tone: ui.ToneBad, Title: a.Error}
	case action.Canceled:
	}
	return ui.Pill{Text: "canceled"}
}

const shownItems = 100

func (p *actionPages) show(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	a, err := p.cfg.Actions.Action(r.Context(), id)
	if err != nil {
		return err
	}
	body := actionBody{Head: ui.Head{Title: a.Title, Subtitle: "Action " + idText(a.ID), Back: &ui.Action{Label: "Actions", Href: "/actions"}, Pills: []ui.Pill{actionPill(&a)}}}
	here := actionHref(a.ID)
	switch a.State {
	case action.Proposed:
		body.Head.Actions = []ui.Action{{Label: "Cancel", Post: here + "/cancel"}, {Label: "Approve", Post: here + "/approve", Style: ui.StylePrimary}}
	case action.Failed:
		body.Head.Actions = []ui.Action{{Label: "Go on", Post: here + "/approve", Style: ui.StylePrimary}}
	case action.Approved, action.Running:
		body.Here = here
		body.Head.Actions = []ui.Action{{Label: "Stop", Post: here + "/cancel"}}
	case action.Done, action.Canceled:
	}
	if !a.Over() || a.State == action.Failed {
		body.Progress = &ui.Progress{ID: "action-progress", Label: title(a.Kind), Done: int(a.Items - a.Waiting()), Total: int(a.Items), Unit: "items", Note: sentence(a.Error), Failed: a.State == action.Failed, Next: "It goes on when this page is left. What was sent stays when it is stopped."}
	}
	if a.Source != "" { // what goes to people goes to no source
		body.Facts = []ui.Fact{{Label: "Source", Value: a.Source, Href: sourceHref(a.Source)}}
	}
	body.Facts = append(body.Facts, []ui.Fact{
		{Label: "Items", Value: ui.Number(int(a.Items))},
		{Label: "Done", Value: ui.Number(int(a.Done))},
		{Label: "Unchanged", Value: ui.Number(int(a.Unchanged))},
		{Label: "Failed", Value: ui.Number(int(a.Failed))},
		{Label: "Wanted by", Value: a.CreatedBy + ", " + ui.DateTime(a.CreatedAt)},
	}...)
	if a.ApprovedBy != "" {
		body.Facts = append(body.Facts, ui.Fact{Label: "Approved by", Value: a.ApprovedBy + ", " + ui.DateTime(a.ApprovedAt)})
	}
	if !a.FinishedAt.IsZero() {
		body.Facts = append(body.Facts, ui.Fact{Label: "Ended", Value: ui.DateTime(a.FinishedAt)})
	}
	if !a.RetryAt.IsZero() {
		body.Facts = append(body.Facts, ui.Fact{Label: "Goes on", Value: ui.DateTime(a.RetryAt)})
	}
	if err := p.items(r, &a, &body); err != nil {
		return err
	}
	return render(p.Site, w, r, p.one, a.Title, body)
}

// items fills in a page of the action's items.
func (p *actionPages) items(r *http.Request, a *action.Action, body *actionBody) error {
	q := r.URL.Query()
	state := action.ItemState(q.Get("state"))
	after, err := strconv.ParseInt(q.Get("after"), 10, 64)
	if err != nil {
		after = 0 // the first page
	}
	items, err := p.cfg.Actions.ActionItems(r.Context(), a.ID, state, after, shownItems+1)
	if err != nil {
		return err
	}
	body.Filter.Label = "Which items"
	for _, s := range []struct {
		state action.ItemState
		label string
	}{{"", "All"}, {action.ItemDone, "Done"}, {action.ItemUnchanged, "Unchanged"}, {action.ItemFailed, "Failed"}, {action.ItemWaits, "Waiting"}} {
		href := actionHref(a.ID)
		if s.state != "" {
			href += "?state=" + string(s.state)
		}
		body.Filter.Items = append(body.Filter.Items, ui.Segment{Label: s.label, Href: href, Active: s.state == state})
	}
	body.Items = ui.Table{Caption: "Items of the action", Columns: []ui.Column{{Label: "Who"}, {Label: "Outcome"}, {Label: "What"}, {Label: "When"}}, Empty: &ui.Empty{Title: "None of these", Text: "No item of this action is in that state."}}
	for i := range items[:min(len(items), shownItems)] {
		it := &items[i]
		who := ui.Cell{Text: firstText(it.Name, "(erased)"), Sub: it.Target}
		if it.MemberID > 0 {
			who.Href = "/members/" + idText(it.MemberID)
		} else if it.Account > 0 {
			who.Href = accountHref(it.Account)
		}
		what := ui.Cell{Text: differences(it.Before, it.After, it.State == action.ItemWaits), Sub: it.Note}
		if a.Kind == writeback.TasksKind {
			what = ui.Cell{Text: taskTitle(it), Sub: dueWords(it.After[writeback.TaskDue], it.After[writeback.TaskOwner])}
		}
		what.Href = it.Result
		body.Items.Rows = append(body.Items.Rows, ui.TableRow{ID: idText(it.Seq), Cells: []ui.Cell{who, {Pills: []ui.Pill{itemPill(it)}, Sub: it.Reason}, what, {Time: it.At}}})
	}
	if len(items) > shownItems || after > 0 {
		body.Items.Foot = &ui.Pager{Text: countText(a.Items, "item", "items") + " in all"}
		if after > 0 {
			body.Items.Foot.Newer = actionHref(a.ID) + "?state=" + url.QueryEscape(string(state))
		}
		if len(items) > shownItems {
			body.Items.Foot.Older = actionHref(a.ID) + "?" + url.Values{"state": {string(state)}, "after": {idText(items[shownItems-1].Seq)}}.Encode()
		}
	}
	return nil
}

func itemPill(it *action.Item) ui.Pill {
	switch it.State {
	case action.ItemDone:
		return ui.Pill{Text: "done", Tone: ui.ToneGood}
	case action.ItemUnchanged:
		return ui.Pill{Text: "unchanged"}
	case action.ItemFailed:
		return ui.Pill{Text: "failed", Tone: ui.ToneBad}
	case action.ItemSent:
		return ui.Pill{Text: "sent", Tone: ui.ToneInfo, Title: "What became of it is not known yet"}
	case action.ItemWaits:
	}
	return ui.Pill{Text: "waits", Tone: ui.ToneInfo}
}

// differences writes values as old → new, by name. What stands for nothing is a dash.
func differences(before, after map[string]string, unknown bool) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(after)) {
		now := firstText(excerpt(after[name], 60), ui.None)
		switch was := before[name]; {
		case unknown:
			parts = append(parts, name+": "+now)
		case was != after[name]:
			parts = append(parts, name+": "+firstText(excerpt(was, 60), ui.None)+" → "+now)
		}
	}
	return strings.Join(parts, "; ")
}

func (p *actionPages) approve(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	if err := p.cfg.Actions.ApproveAction(r.Context(), id, person(r).Actor); err != nil {
		return err
	}
	return p.back(w, r, actionHref(id), "Approved. It is carried out now.", "")
}

func (p *actionPages) cancel(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	if err := p.cfg.Actions.CancelAction(r.Context(), id); err != nil {
		return err
	}
	return p.back(w, r, actionHref(id), "Stopped. What was sent before stays; nothing more is sent.", "")
}
