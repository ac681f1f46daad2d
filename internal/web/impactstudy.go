// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"fmt"
	"math"
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
	add("On", x.Exposure.Day)
	add("Outcome", x.Outcome.Kind.Label())
	if x.Outcome.Days > 0 {
		add("Days", strconv.Itoa(x.Outcome.Days))
	}
	add("Metric", metricLabel(x.Outcome.Metric))
	add("Among", firstText(x.Population, "all but the team and bots"))
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

// effectText writes an effect in its unit.
func effectText(u proof.Unit, v *float64) string {
	switch {
	case v == nil:
		return "–"
	case u == proof.UnitShare:
		return strconv.FormatFloat(*v*100, 'f', 1, 64) + " points"
	}
	return strconv.FormatFloat(*v, 'f', 2, 64)
}

func effectRange(u proof.Unit, e *proof.Estimate) string {
	if e.Low == nil || e.High == nil {
		return "the interval has no bounds"
	}
	return "95 % interval " + effectText(u, e.Low) + " to " + effectText(u, e.High)
}

// found shows a result.
func (p *impactPages) found(run *proof.Run, body *impactBody) {
	f := run.Result
	body.Head.Pills = append(body.Head.Pills, lightPill(f.Light, f.Verdict))
	body.KPIs = []ui.KPI{{Label: "Effect", Value: effectText(f.Unit, f.Effect.Value), Note: effectRange(f.Unit, &f.Effect)}}
	if f.Plain != nil {
		body.KPIs = append(body.KPIs, ui.KPI{Label: "Plain difference (no effect)", Value: effectText(f.Unit, f.Plain.Value), Note: "nothing done about who takes part"})
	}
	if f.Placebo != nil {
		body.KPIs = append(body.KPIs, ui.KPI{Label: "Placebo (should be nothing)", Value: effectText(f.Unit, f.Placebo.Value), Note: effectRange(f.Unit, f.Placebo)})
	}
	people := studyHref(run.StudyID) + "/runs/" + idText(run.ID) + "/people"
	count := ui.KPI{Label: "Compared", Value: ui.Number(f.Compared) + " of " + ui.Number(f.Exposed), Note: ui.Number(f.Others) + " others", Href: people}
	if f.Asked.Outcome.Kind == proof.ByMetric {
		count = ui.KPI{Label: "Periods", Value: ui.Number(f.Exposed), Note: ui.Number(f.Others) + " before", Href: insightHref(f.Asked.Outcome.Metric, nil)}
	}
	body.KPIs = append(body.KPIs, count)
	main := impactCard{Title: "What was found", Note: "data up to " + ui.Date(f.AsOf.In(p.cfg.Zones.Zone())), Says: []string{f.Says}, Interval: intervalOf(f)}
	if f.Effect.Value != nil { // else there is no method, and what was found says the verdict already
		main.Note += " · " + f.Method
		main.Says = append(main.Says, f.Verdict)
	}
	if f.Power != "" {
		main.Says = append(main.Says, f.Power)
	}
	main.Says = append(main.Says, f.Why)
	main.Chart = stepsOf(f)
	body.Main = append(body.Main, main, reasonCard(f))
	if len(f.Balance) > 0 {
		body.Main = append(body.Main, balanceCard(f))
	}
	body.Main = append(body.Main, impactCard{Title: "What has to hold", Rows: sayRows("Assumptions", f.Assumes)}, impactCard{Title: "What is not known", Rows: sayRows("What is not known", f.Unknown)})
	if len(f.LeftOut) > 0 {
		c := impactCard{Title: "Who was not looked at", Rows: &ui.Rows{Label: "Left out"}}
		for _, l := range f.LeftOut {
			c.Rows.Items = append(c.Rows.Items, ui.Row{Title: title(l.Reason), Value: ui.Number(l.Count)})
		}
		body.Main = append(body.Main, c)
	}
}

// intervalOf draws the effect; ratios as percent more or less.
func intervalOf(f *proof.Result) *ui.Interval {
	e := f.Effect
	if e.Value == nil || e.Low == nil || e.High == nil {
		return nil
	}
	scale := func(v float64) float64 { return v }
	switch f.Unit { //nolint:exhaustive // others are drawn as they are
	case proof.UnitShare:
		scale = func(v float64) float64 { return 100 * v }
	case proof.UnitRatio:
		scale = func(v float64) float64 { return 100 * (v - 1) }
	}
	low, value, high := scale(*e.Low), scale(*e.Value), scale(*e.High)
	reach := max(math.Abs(low), math.Abs(high)) * 1.15
	if reach == 0 {
		return nil
	}
	step := math.Pow(10, math.Floor(math.Log10(reach)))
	if reach/step < 2 {
		step /= 2
	} else if reach/step > 5 {
		step *= 2
	}
	i := &ui.Interval{Low: low, Value: value, High: high, From: -reach, To: reach, Label: f.Says}
	for t := -math.Floor(reach/step) * step; t <= reach; t += step {
		i.Ticks = append(i.Ticks, t)
	}
	if low > 0 || high < 0 {
		i.Tone = ui.ToneGood
		if good := value > 0 != (f.Asked.Outcome.Kind == proof.Stays); !good {
			i.Tone = ui.ToneBad
		}
	}
	return i
}

// stepsOf draws curves, months or the metric.
func stepsOf(f *proof.Result) *ui.Chart {
	if len(f.Steps) == 0 {
		return nil
	}
	c := &ui.Chart{Kind: ui.Lines}
	value, other := ui.Series{}, ui.Series{}
	for _, s := range f.Steps {
		c.Labels = append(c.Labels, s.Label)
		value.Values, value.Low, value.High = append(value.Values, impactOrNaN(s.Value)), append(value.Low, impactOrNaN(s.Low)), append(value.High, impactOrNaN(s.High))
		other.Values = append(other.Values, impactOrNaN(s.Other))
	}
	switch f.Asked.Outcome.Kind {
	case proof.Monthly:
		c.Title, c.Axis, value.Name = "By how much more those exposed changed, by month", "Month", "difference"
		c.Series = []ui.Series{value}
		c.Target = &ui.Target{Value: 0, Text: "no effect"}
	case proof.ByMetric:
		c.Title, c.Axis, value.Name, other.Name = "The figure, and the line before carried on", "Period", "as it was", "had it gone on"
		value.Low, value.High = nil, nil
		c.Series = []ui.Series{value, other}
		if f.Unit == proof.UnitShare {
			c.Unit = ui.UnitShare
		}
		c.Marks = launchMark(f)
	default:
		c.Title, c.Axis, c.Unit = "To how many it has not happened yet, by days", "Day", ui.UnitShare
		value.Name, other.Name = "those exposed", "their likes"
		c.Series = []ui.Series{value, other}
	}
	return c
}

func launchMark(f *proof.Result) []ui.Mark {
	for _, s := range f.Steps {
		if s.At == 0 {
			return []ui.Mark{{At: s.Label, Text: firstText(f.Asked.Exposure.Name, "launch")}}
		}
	}
	return nil
}

func impactOrNaN(v *float64) float64 {
	if v == nil {
		return math.NaN()
	}
	return *v
}

func reasonCard(f *proof.Result) impactCard {
	rows := &ui.Rows{Label: "Why this light"}
	for _, x := range f.Reasons {
		pill := lightPill(x.Fits, "the best light that this allows")
		rows.Items = append(rows.Items, ui.Row{Title: x.Says, Badge: &pill})
	}
	c := impactCard{Title: "Why this light", Note: "the light is the worst that any rule allows", Rows: rows}
	if f.EValue != nil {
		c.Note += fmt.Sprintf(" · E-value %.2f", *f.EValue)
		if f.ELimit != nil {
			c.Note += fmt.Sprintf(", of the limit %.2f", *f.ELimit)
		}
	}
	return c
}

func balanceCard(f *proof.Result) impactCard {
	t := &ui.Table{Caption: "Are they alike?", Columns: []ui.Column{{Label: "Before the exposure"}, {Label: "Exposed", Number: true}, {Label: "Others", Number: true}, {Label: "Apart", Number: true}, {Label: "Exposed, matched", Number: true}, {Label: "Likes", Number: true}, {Label: "Apart now", Number: true}}}
	two := func(v float64) string { return strconv.FormatFloat(v, 'f', 2, 64) }
	for _, b := range f.Balance {
		row := ui.TableRow{Cells: []ui.Cell{{Text: b.Covariate}, {Text: two(b.Exposed)}, {Text: two(b.Others)}, {Text: effectText("", b.Difference)}, {Text: two(b.MatchedExposed)}, {Text: two(b.MatchedOthers)}, {Text: effectText("", b.MatchedDifference)}}}
		if d := b.MatchedDifference; d != nil {
			switch {
			case math.Abs(*d) > 0.25:
				row.Cells[6].Tone = ui.ToneBad
			case math.Abs(*d) > 0.1:
				row.Cells[6].Tone = ui.ToneWarn
			default:
				row.Cells[6].Tone = ui.ToneGood
			}
		}
		t.Rows = append(t.Rows, row)
	}
	return impactCard{Title: "Are they alike?", Note: "apart in standard deviations: up to 0.1 is good, above 0.25 is not", Table: t}
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
		t.Rows = append(t.Rows, ui.TableRow{Cells: []ui.Cell{{Text: firstText(u.Name, "Member "+idText(u.MemberID)), Href: memberHref(u.MemberID)}, {Text: side, Sub: used}, {Text: ui.Date(u.At.In(p.cfg.Zones.Zone()))}, {Text: ui.Decimal(u.Outcome, decimalsOf(u.Outcome))}}})
	}
	card := impactCard{Title: "Members", Note: countText(int64(len(all)), "row", "rows"), Table: t}
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
