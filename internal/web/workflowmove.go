// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/http"
	"strconv"

	"greenroom"
	"greenroom/internal/web/ui"
	"greenroom/internal/workflow"
)

// workflowMoveBody is what workflowmove.html shows.
type workflowMoveBody struct {
	Head  ui.Head
	Moves ui.Table
	Stays ui.Table
	Form  *ui.Form
}

// moveWhere says at which step runs are, as the card of the step does.
func moveWhere(x *workflow.MovingStep) string {
	if x.Kind == "" {
		return x.Words
	}
	return lead(&workflow.Step{Kind: x.Kind}) + ": " + x.Words
}

func moveLabel(m *workflow.Moving) string {
	return "Move " + countText(m.Moves, "run", "runs") + " to version " + idText(m.To)
}

// olderRuns says on a workflow's page who goes on in another version than the one that members enter.
func olderRuns(href string, m *workflow.Moving, may bool) (note string, act *ui.Action) {
	if m.Moves+m.Stays == 0 {
		return "", nil
	}
	note = countText(m.Moves+m.Stays, "run goes", "runs go") + " on in an older version."
	switch {
	case m.Moves == 0:
		act = &ui.Action{Label: "See why none can move", Href: href + "/move-runs", Small: true}
	case may:
		act = &ui.Action{Label: moveLabel(m) + "…", Href: href + "/move-runs", Small: true}
	default:
		act = &ui.Action{Label: "See where they are", Href: href + "/move-runs", Small: true}
	}
	return note, act
}

func (p *workflowPages) showMoving(w http.ResponseWriter, r *http.Request) error {
	f, err := p.cfg.Workflows.Get(r.Context(), r.PathValue("key"))
	if err != nil {
		return err
	}
	m, err := p.cfg.Workflows.Moving(r.Context(), f.Key)
	if err != nil {
		return err
	}
	href := workflowHref(f.Key)
	body := workflowMoveBody{Head: ui.Head{Title: "Runs in older versions of " + f.Name, Back: &ui.Action{Label: f.Name, Href: href}, Subtitle: "Members enter version " + idText(m.To) + " now. Who entered before goes on as they began, unless you move them here."}}
	columns := []ui.Column{{Label: "They are at"}, {Label: "Version"}, {Label: "Runs"}}
	body.Moves = ui.Table{Caption: "Runs that can move", Columns: columns, Empty: &ui.Empty{Title: "No run can move", Text: "All who are in it go on in the version that members enter now, or can not change to it."}}
	body.Stays = ui.Table{Caption: "Runs that can not move", Columns: append(columns[:3:3], ui.Column{Label: "Why they stay"})}
	for i := range m.Steps {
		x := &m.Steps[i]
		runs := href + "/runs?state=" + string(x.State) + "&version=" + idText(x.Version) + "&at=" + x.Step
		row := ui.TableRow{ID: strconv.Itoa(i), Cells: []ui.Cell{{Text: moveWhere(x)}, {Text: idText(x.Version)}, {Text: ui.Number(int(x.Runs)), Href: runs}}}
		if x.Why == "" {
			body.Moves.Rows = append(body.Moves.Rows, row)
			continue
		}
		row.Cells = append(row.Cells, ui.Cell{Text: sentence(x.Why)})
		body.Stays.Rows = append(body.Stays.Rows, row)
	}
	if m.Moves > 0 && person(r).MayWrite {
		body.Form = &ui.Form{Post: href + "/move-runs", Hidden: []ui.Hidden{{Name: "version", Value: idText(m.To)}}, Actions: []ui.Action{{Label: moveLabel(&m), Submit: true, Style: ui.StylePrimary}}}
	}
	return render(p.Site, w, r, p.moveView, body.Head.Title, body)
}

func (p *workflowPages) moveRuns(w http.ResponseWriter, r *http.Request) error {
	version, err := strconv.ParseInt(r.FormValue("version"), 10, 64)
	if err != nil {
		return greenroom.Errorf(greenroom.CodeInvalid, "the form does not say to which version")
	}
	n, err := p.cfg.Workflows.MoveRuns(r.Context(), r.PathValue("key"), version, person(r).Actor)
	if err != nil {
		return err
	}
	return p.back(w, r, workflowHref(r.PathValue("key")), countText(n, "run goes", "runs go")+" on in version "+idText(version)+".", "")
}
