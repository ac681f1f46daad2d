// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"math"
	"net/http"
	"strconv"
	"time"

	"greenroom/internal/analytics"
	"greenroom/internal/goal"
	"greenroom/internal/web/ui"
)

// goalBody is what goal.html shows.
type goalBody struct {
	Head     ui.Head
	Says     string
	Tone     ui.Tone
	Problem  string
	KPIs     []ui.KPI
	Chart    *ui.Chart
	AsOf     string
	Note     string
	Serving  []goalRow
	Plans    ui.Rows
	CheckIns ui.Rows
	NoWord   *ui.Empty
	Why      string
	Facts    []ui.Fact
	Retro    []ui.Fact
	Results  ui.Rows // of a retrospective: what came of the key results
	Effects  ui.Rows // of workflows of its plans that hold members out
	Dialogs  []ui.Dialog
}

func (p *goalPages) show(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	st, err := p.cfg.Goals.Get(r.Context(), id)
	if err != nil {
		return err
	}
	words, err := p.cfg.Goals.CheckIns(r.Context(), id)
	if err != nil {
		return err
	}
	team, err := p.teamNames(r)
	if err != nil {
		return err
	}
	status := statusPill(&st)
	body := goalBody{
		Head:    ui.Head{Title: st.Title, Subtitle: st.Kind.Label() + " · " + daysOf(st.From, st.To), Back: &ui.Action{Label: "Goals", Href: "/goals"}, Pills: []ui.Pill{status, audiencePill(st.Audience)}},
		Problem: st.Problem, Why: st.Why, Tone: status.Tone,
	}
	if st.State != goal.Active {
		body.Head.Pills = append(body.Head.Pills, ui.Pill{Text: string(st.State), Tone: ui.ToneInfo})
	}
	if err := p.goalFacts(r, &st, team, &body); err != nil {
		return err
	}
	if st.Progress != nil {
		p.measured(&st, &body)
	}
	for i := range st.Serving {
		body.Serving = addGoalRows(body.Serving, &st.Serving[i], team, 0)
	}
	if body.Plans, err = p.plansOf(r, id); err != nil {
		return err
	}
	unit := analytics.Unit("")
	if st.Progress != nil {
		unit = st.Progress.Unit
	}
	body.CheckIns = checkInRows(words, unit, team)
	if len(words) == 0 {
		body.NoWord = &ui.Empty{Title: "Nobody has checked in yet", Text: "Say now and then how sure you are, and why. The figure of that day is kept with it."}
	}
	body.Effects = goalEffects(st.Trials)
	p.goalActions(r, &st, &body)
	return render(p.Site, w, r, p.one, st.Title, body)
}

// goalFacts says what a goal is.
func (p *goalPages) goalFacts(r *http.Request, st *goal.Standing, team teamNames, body *goalBody) error {
	body.Facts = []ui.Fact{team.fact("Owner", "nobody yet", st.Owner)}
	if st.Parent > 0 {
		above, err := p.cfg.Goals.Get(r.Context(), st.Parent)
		if err != nil {
			return err
		}
		body.Facts = append(body.Facts, ui.Fact{Label: "Serves", Value: above.Title, Href: goalHref(above.ID)})
	} else if st.Kind != goal.Company {
		body.Facts = append(body.Facts, ui.Fact{Label: "Serves", Value: "no goal yet"})
	}
	if st.Letter != "" {
		body.Facts = append(body.Facts, ui.Fact{Label: "SPACES", Value: st.Letter.Name()})
	}
	if st.Confidence > 0 {
		body.Facts = append(body.Facts, ui.Fact{Label: "Confidence", Value: strconv.Itoa(st.Confidence) + " %"})
	}
	if m := st.Measure; m != nil {
		if metric, err := analytics.Lookup(m.Metric); err == nil {
			body.Facts = append(body.Facts, ui.Fact{Label: "Metric", Value: metric.Label + ", " + string(m.How) + " by " + m.Every, Href: insightHref(m.Metric, nil)})
		}
		if m.Query != "" {
			body.Facts = append(body.Facts, ui.Fact{Label: "What counts", Value: m.Query})
		}
		if m.Segment != "" {
			body.Facts = append(body.Facts, ui.Fact{Label: "Whose activities", Value: m.Segment, Href: recordsHref("members", m.Segment)})
		}
		if m.Entry != "" {
			body.Facts = append(body.Facts, ui.Fact{Label: "Cohorts", Value: entryLabel(m.Entry)})
		}
	}
	body.Facts = append(body.Facts, ui.Fact{Label: "Made by", Value: named(team, st.CreatedBy) + ", " + ui.Date(st.CreatedAt.In(p.cfg.Zones.Zone()))})
	if st.DecidedBy != "" {
		what := "Approved by"
		if st.State == goal.Declined {
			what = "Declined by"
		}
		body.Facts = append(body.Facts, team.fact(what, "", st.DecidedBy))
		if st.Reason != "" {
			body.Facts = append(body.Facts, ui.Fact{Label: "Because", Value: st.Reason})
		}
	}
	if t := st.Retro; t != nil {
		u := ui.UnitCount
		if st.Progress != nil {
			u = chartUnit(st.Progress.Unit)
		}
		body.Retro, body.Results = retroFacts(st, u, team), goalOutcomes(t.Results)
	}
	return nil
}

// retroFacts says what was aimed at, what came out, and what was learned.
func retroFacts(st *goal.Standing, u ui.Unit, team teamNames) []ui.Fact {
	t := st.Retro
	facts := []ui.Fact{{Label: "Aimed at", Value: st.Title}}
	if m := st.Measure; m != nil {
		facts[0].Value = "from " + u.Format(*m.Baseline) + " to " + u.Format(m.Target)
	}
	if t.Value != nil {
		out := u.Format(*t.Value)
		if t.Low != nil && t.High != nil {
			out += " (95 % " + u.Format(*t.Low) + " to " + u.Format(*t.High) + ")"
		}
		facts = append(facts, ui.Fact{Label: "Came out", Value: out + ": " + t.Status.Label()})
	}
	if t.Change != nil {
		facts = append(facts, ui.Fact{Label: "Against before", Value: goalChange(u, t.Change)})
	}
	facts = append(facts, ui.Fact{Label: "In words", Value: t.Outcome})
	if t.Learned != "" {
		facts = append(facts, ui.Fact{Label: "We learned", Value: t.Learned})
	}
	if t.Next != "" {
		facts = append(facts, ui.Fact{Label: "From now on", Value: t.Next})
	}
	return append(facts, team.fact("Closed by", "", t.By))
}

// measured shows the figures of a key result; each opens to its records.
func (p *goalPages) measured(st *goal.Standing, body *goalBody) {
	m, g := st.Measure, st.Progress
	u := chartUnit(g.Unit)
	body.Says = g.Says
	now := ui.KPI{Label: "Now", Value: ui.None, Href: recordsHref(g.Entity, g.Query), Note: "the last whole " + m.Every}
	if m.How == goal.Total {
		now.Note = "since the first day"
	}
	if metric, err := analytics.Lookup(m.Metric); err == nil {
		now.Definition = definition(metric)
	}
	if g.Value != nil {
		now.Value = u.Format(*g.Value)
	}
	target := ui.KPI{Label: "Target", Value: u.Format(m.Target), Note: "from " + u.Format(*m.Baseline)}
	way := ui.KPI{Label: "Progress", Value: ui.None, Note: "of the way from baseline to target"}
	if g.Share != nil {
		way.Value = ui.Percent(*g.Share)
	}
	forecast := ui.KPI{Label: "Forecast for " + dayText(st.To), Value: ui.None, Note: "cannot be told yet"}
	if g.Forecast != nil {
		forecast.Value, forecast.Note = roundly(u, *g.Forecast), "95 %: "+roundly(u, *g.Least)+" to "+roundly(u, *g.Most)
	}
	body.KPIs = []ui.KPI{now, way, target, forecast}
	if g.Change != nil {
		body.Says += " Against before: " + goalChange(u, g.Change) + "."
	}
	body.Chart = p.goalChart(st)
	body.AsOf = g.Note
	body.Note = "Whole periods only; a point opens the records behind it."
	if !g.AsOf.IsZero() {
		body.Note += " As of " + ui.Date(g.AsOf.In(p.cfg.Zones.Zone())) + "."
	}
}

// goalChart draws the periods, some before the first day, and the target where periods can reach it.
func (p *goalPages) goalChart(st *goal.Standing) *ui.Chart {
	m, g := st.Measure, st.Progress
	metric, err := analytics.Lookup(m.Metric)
	if err != nil || len(g.Series) == 0 {
		return nil
	}
	c := &ui.Chart{Title: metric.Label, Kind: ui.Lines, Unit: chartUnit(g.Unit), Axis: "From"}
	if m.How == goal.Level {
		c.Target = &ui.Target{Value: m.Target, Text: "target " + c.Unit.Format(m.Target)}
	}
	s := ui.Series{Name: metric.Label}
	for i := range g.Series {
		at := &g.Series[i]
		label := periodLabel(at.From, analytics.Granularity(m.Every))
		if len(c.Marks) == 0 && !at.Before {
			c.Marks = []ui.Mark{{At: label, Text: "goal begins"}}
		}
		c.Labels = append(c.Labels, label)
		v := math.NaN()
		if at.Value != nil {
			v = *at.Value
		}
		s.Values, s.Hrefs = append(s.Values, v), append(s.Hrefs, recordsHref(at.Entity, at.Query))
	}
	c.Series = []ui.Series{s}
	return c
}

func checkInRows(words []goal.CheckIn, unit analytics.Unit, team teamNames) ui.Rows {
	rows := ui.Rows{Label: "Check-ins"}
	for i := range words {
		c := &words[i]
		row := ui.Row{
			Lead: &ui.Pill{Text: c.Status.Label(), Tone: trackTone(c.Status)}, Title: strconv.Itoa(c.Confidence) + " % sure", Text: c.Note,
			Meta: []ui.Meta{team.meta("", c.By), {Time: c.At}},
		}
		if c.Value != nil {
			row.Value = chartUnit(unit).Format(*c.Value)
		}
		rows.Items = append(rows.Items, row)
	}
	return rows
}

// goalActions are what somebody may do with a goal.
func (p *goalPages) goalActions(r *http.Request, st *goal.Standing, body *goalBody) {
	who, here := person(r), goalHref(st.ID)
	if !who.MayWrite {
		return
	}
	add := func(a ...ui.Action) { body.Head.Actions = append(body.Head.Actions, a...) }
	if st.State == goal.Closed || st.State == goal.Declined {
		if mayApprove(who) {
			add(ui.Action{Label: "Open again", Post: here + "/reopen"})
		}
		return
	}
	if st.State == goal.Proposed && mayApprove(who) {
		add(ui.Action{Label: "Decline…", Dialog: "decline"}, ui.Action{Label: "Approve", Post: here + "/decide", Hidden: []ui.Hidden{{Name: "do", Value: "approve"}}, Style: ui.StylePrimary})
		body.Dialogs = append(body.Dialogs, ui.Dialog{ID: "decline", Title: "Decline the proposal", Form: ui.Form{
			Post: here + "/decide", Hidden: []ui.Hidden{{Name: "do", Value: "decline"}}, Fields: []ui.Field{{Name: "reason", Label: "Because", Type: "textarea", Required: true}}, Actions: []ui.Action{{Label: "Decline", Submit: true, Style: ui.StyleDanger}},
		}})
	}
	if st.State == goal.Proposed || mayApprove(who) {
		add(ui.Action{Label: "Edit", Href: here + "/edit"})
	}
	if st.Kind != goal.KeyResult {
		below := "community"
		if st.Kind == goal.Community {
			below = "key_result"
		}
		label := "Add a community goal"
		if below == "key_result" {
			label = "Add a key result"
		}
		add(ui.Action{Label: label, Href: "/goals/new?kind=" + below + "&parent=" + idText(st.ID)})
	}
	if st.State != goal.Active {
		return
	}
	add(ui.Action{Label: "Close…", Dialog: "close"}, ui.Action{Label: "Check in", Dialog: "check-in", Style: ui.StylePrimary})
	sure := ""
	if st.Confidence > 0 {
		sure = strconv.Itoa(st.Confidence)
	}
	body.Dialogs = append(body.Dialogs,
		ui.Dialog{ID: "check-in", Title: "Check in", Text: "The figure of now is kept with it.", Form: ui.Form{Post: here + "/check-in", Fields: []ui.Field{
			{Name: "confidence", Label: "How sure are you, in percent", Type: "number", Value: sure, Required: true}, {Name: "note", Label: "What happened", Type: "textarea"},
		}, Actions: []ui.Action{{Label: "Check in", Submit: true, Style: ui.StylePrimary}}}},
		ui.Dialog{ID: "close", Title: "Close with a retrospective", Text: "The figure, its interval and whether the target was met are computed. What is behind it is for you to say.", Form: ui.Form{Post: here + "/close", Fields: []ui.Field{
			{Name: "outcome", Label: "What came out", Type: "textarea", Required: true}, {Name: "learned", Label: "What we learned", Type: "textarea"}, {Name: "next", Label: "What we do otherwise from now on", Type: "textarea"},
		}, Actions: []ui.Action{{Label: "Close the goal", Submit: true, Style: ui.StylePrimary}}}},
	)
}

func parseDay(day string) (time.Time, error) { return time.Parse(time.DateOnly, day) }
