// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"greenroom/internal/proof"
	"greenroom/internal/web/ui"
)

func studyHref(id int64) string { return impactPath + "/studies/" + idText(id) }

func (p *impactPages) studies(w http.ResponseWriter, r *http.Request) error {
	all, err := p.cfg.Proof.List(r.Context())
	if err != nil {
		return err
	}
	body := impactBody{Head: ui.Head{Title: "Studies", Subtitle: "What would have happened without? Each is answered in the strongest way that its question allows, and says how far to believe it.", Find: true}, Tabs: p.tabs(impactPath + "/studies")}
	may := person(r).MayWrite
	if may {
		body.Head.Actions = []ui.Action{{Label: "New study", Href: impactPath + "/studies/new", Style: ui.StylePrimary}}
	}
	t := &ui.Table{Caption: "Studies", Columns: []ui.Column{{Label: "Study"}, {Label: "What was found"}, {Label: "Light"}, {Label: "Data up to"}}}
	for i := range all {
		x := &all[i]
		row := ui.TableRow{Cells: []ui.Cell{{Text: x.Title, Href: studyHref(x.ID), Sub: x.Exposure.Kind.Label() + " → " + x.Outcome.Kind.Label()}, {Text: "not run yet"}, {}, {}}}
		if run := x.Latest; run != nil {
			row.Cells[1].Text = firstText(run.Problem, string(run.State))
			if f := run.Result; f != nil {
				row.Cells[1].Text = f.Says
				row.Cells[2].Pills = []ui.Pill{lightPill(f.Light, f.Verdict)}
				row.Cells[3].Text = ui.Date(f.AsOf.In(p.cfg.Zones.Zone()))
			}
		}
		t.Rows = append(t.Rows, row)
	}
	card := impactCard{Table: t}
	if len(all) == 0 {
		card = impactCard{Empty: &ui.Empty{Title: "No studies yet", Text: "Ask of a workflow, a program, an event, answers in time or a launch what would have happened without. A workflow that holds some out by chance gives the strongest answer: set it up there first."}}
		if may {
			card.Empty.Actions = []ui.Action{{Label: "New study", Href: impactPath + "/studies/new", Style: ui.StylePrimary}, {Label: "Workflows", Href: "/workflows"}}
		}
	}
	body.Main = []impactCard{card}
	return p.show(w, r, body)
}

// shownRun is the run that a page is about: the one in the address, or the newest with a result, and one that is under way.
func (p *impactPages) shownRun(r *http.Request, runs []proof.Run) (shown, open *proof.Run) {
	for i := range runs {
		x := &runs[i]
		if !x.State.Over() && open == nil && i == 0 {
			open = x
		}
		if want := r.PathValue("run"); want != "" && want == idText(x.ID) || want == "" && shown == nil && x.Result != nil {
			shown = x
		}
	}
	return shown, open
}

func (p *impactPages) study(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	x, err := p.cfg.Proof.Get(r.Context(), id)
	if err != nil {
		return err
	}
	runs, err := p.cfg.Proof.Runs(r.Context(), id)
	if err != nil {
		return err
	}
	here := studyHref(id)
	body := impactBody{Head: ui.Head{Title: x.Title, Subtitle: x.Question(), Back: &ui.Action{Label: "Studies", Href: impactPath + "/studies"}}}
	shown, open := p.shownRun(r, runs)
	if open != nil {
		body.Busy = here
		body.Progress = &ui.Progress{ID: "study-progress", Label: firstText(open.Phase, "Waiting in line"), Done: open.Done, Total: open.Total, Unit: "steps", Next: "It goes on when this page is left. Stopped, nothing of it is kept."}
		if person(r).MayWrite {
			body.Progress.Actions = []ui.Action{{Label: "Stop", Post: here + "/cancel", Hidden: []ui.Hidden{{Name: "run", Value: idText(open.ID)}}}}
		}
	} else if len(runs) > 0 && runs[0].State == proof.Failed && r.PathValue("run") == "" {
		body.Failed = sentence(runs[0].Problem)
	}
	p.studyActions(r, &x, open != nil, &body)
	if shown != nil && shown.Result != nil {
		p.found(shown, &body)
	} else if open == nil && body.Failed == "" {
		body.Main = append(body.Main, impactCard{Empty: &ui.Empty{Title: "Not run yet", Text: "It takes seconds. The result is kept with the day up to which the data went; running it again adds another."}})
	}
	body.Side = append(body.Side, p.asked(&x))
	if len(runs) > 0 {
		body.Side = append(body.Side, p.runRows(&x, runs))
	}
	return p.show(w, r, body)
}

// studyActions are what somebody may do with a study.
func (p *impactPages) studyActions(r *http.Request, x *proof.Study, busy bool, body *impactBody) {
	if !person(r).MayWrite {
		return
	}
	here, version := studyHref(x.ID), []ui.Hidden{{Name: "version", Value: idText(x.Version)}}
	if x.State == proof.Removed {
		body.Head.Pills = append(body.Head.Pills, ui.Pill{Text: "removed", Tone: ui.ToneWarn})
		body.Head.Actions = []ui.Action{{Label: "Put back", Post: here + "/remove", Hidden: append(version, ui.Hidden{Name: "back", Value: "1"})}}
		return
	}
	body.Head.Actions = []ui.Action{{Label: "Remove", Post: here + "/remove", Hidden: version}, {Label: "Edit", Href: here + "/edit"}}
	if !busy {
		label := "Run"
		if x.Latest != nil {
			label = "Run again"
		}
		body.Head.Actions = append(body.Head.Actions, ui.Action{Label: label, Post: here + "/run", Style: ui.StylePrimary})
	}
}

// asked says what the study asks.
func (p *impactPages) asked(x *proof.Study) impactCard {
	facts := []ui.Fact{{Label: "Of", Value: x.Exposure.Kind.Label()}}
	add := func(label, value string) {
		if value != "" {
			facts = append(facts, ui.Fact{Label: label, Value: value})
		}
	}
	add("Which", x.Exposure.Name)
	add("What", x.Exposure.Query)
	if x.Exposure.Hours > 0 {
		add("Within", strconv.Itoa(x.Exposure.Hours)+" hours")
	}
	if x.Exposure.Kind == proof.ByCommunity {
		add("In the days before", strconv.Itoa(x.Exposure.Days))
	}
	add("On", x.Exposure.Day)
	add("Outcome", x.Outcome.Kind.Label())
	if x.Outcome.Days > 0 {
		add("Days", strconv.Itoa(x.Outcome.Days))
	}
	add("Metric", metricLabel(x.Outcome.Metric))
	everybody := "all but the team and bots"
	if x.Exposure.Kind == proof.ByCommunity {
		everybody = "all accounts with deals or subscriptions"
	}
	add("Among", firstText(x.Population, everybody))
	if x.Likes == proof.ByBands {
		add("Likes", "by bands (coarsened exact matching)")
	}
	add("Control", x.Control)
	add("Time", daysOf(x.From, x.To))
	add("Decides", x.Decides)
	for _, key := range x.Measures {
		if m, err := proof.FindMeasure(key); err == nil {
			facts = append(facts, ui.Fact{Label: "Stands beside", Value: m.Label, Href: impactPath + "/measures/" + url.PathEscape(key)})
		}
	}
	return impactCard{Title: "What is asked", Facts: facts}
}

func (p *impactPages) runRows(x *proof.Study, runs []proof.Run) impactCard {
	rows := &ui.Rows{Label: "Runs"}
	for i := range runs {
		run := &runs[i]
		row := ui.Row{Title: ui.DateTime(run.AskedAt.In(p.cfg.Zones.Zone())), Href: studyHref(x.ID) + "/runs/" + idText(run.ID), Meta: []ui.Meta{{Text: run.By}}}
		pill := ui.Pill{Text: string(run.State)}
		if f := run.Result; f != nil {
			pill = lightPill(f.Light, f.Verdict)
			row.Meta = append(row.Meta, ui.Meta{Text: f.Says})
		} else if run.Problem != "" {
			row.Meta = append(row.Meta, ui.Meta{Text: run.Problem})
		}
		row.Badge = &pill
		rows.Items = append(rows.Items, row)
	}
	return impactCard{Title: "Runs", Note: "none is changed later", Rows: rows}
}

// mostPeople is how many people a page lists.
const mostPeople = 1000

func (p *impactPages) people(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	run, err := strconv.ParseInt(r.PathValue("run"), 10, 64)
	if err != nil {
		return err
	}
	all, err := p.cfg.Proof.Compared(r.Context(), run, mostPeople)
	if err != nil {
		return err
	}
	body := impactBody{Head: ui.Head{Title: "Who was compared", Back: &ui.Action{Label: "The study", Href: studyHref(id) + "/runs/" + idText(run)}}}
	t := &ui.Table{Caption: "Who was compared", Columns: []ui.Column{{Label: "Member"}, {Label: "Side"}, {Label: "Counts from"}, {Label: "Outcome", Number: true}}}
	for i := range all {
		u := &all[i]
		side, used := "other", "has no like"
		if u.Exposed {
			side = "exposed"
		}
		if u.Compared {
			used = "compared"
		}
		name := ui.Cell{Text: firstText(u.Name, "Member "+idText(u.MemberID)), Href: memberHref(u.MemberID)}
		if u.Organization > 0 {
			name = ui.Cell{Text: firstText(u.Name, "Account "+idText(u.Organization)), Href: accountHref(u.Organization)}
			t.Columns[0].Label = "Account"
		}
		t.Rows = append(t.Rows, ui.TableRow{Cells: []ui.Cell{name, {Text: side, Sub: used}, {Text: ui.Date(u.At.In(p.cfg.Zones.Zone()))}, {Text: ui.Decimal(u.Outcome, decimalsOf(u.Outcome))}}})
	}
	card := impactCard{Title: t.Columns[0].Label + "s", Note: countText(int64(len(all)), "row", "rows"), Table: t}
	if len(all) == mostPeople {
		card.Note = "the first " + ui.Number(mostPeople)
	}
	if len(all) == 0 {
		card = impactCard{Empty: &ui.Empty{Title: "Nobody is listed", Text: "Who was compared is kept for the last three runs of a study. A launch read by a metric compares periods, not people."}}
	}
	body.Main = []impactCard{card}
	return p.show(w, r, body)
}

func (p *impactPages) runStudy(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	if _, err := p.cfg.Proof.Ask(r.Context(), id, person(r).Actor); err != nil {
		return err
	}
	return p.back(w, r, studyHref(id), "It is being computed.", "")
}

func (p *impactPages) cancelStudy(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	run, err := formID(r, "run")
	if err != nil {
		return err
	}
	if _, err := p.cfg.Proof.Cancel(r.Context(), run); err != nil {
		return err
	}
	return p.back(w, r, studyHref(id), "It is stopped.", "")
}

func (p *impactPages) removeStudy(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	version, err := formID(r, "version")
	if err != nil {
		return err
	}
	x, err := p.cfg.Proof.Remove(r.Context(), id, version, r.FormValue("back") != "", person(r).Actor)
	if err != nil {
		return err
	}
	said := " is removed; its results are kept. It can be put back here."
	if x.State == proof.Open {
		said = " is back."
	}
	return p.back(w, r, studyHref(id), strings.TrimSpace(x.Title)+said, "")
}
