// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/goal"
	"greenroom/internal/web/ui"
)

// Goals are what the organization aims at; goal.Service keeps them.
type Goals interface {
	Tree(ctx context.Context, closed bool) ([]goal.Standing, error)
	List(ctx context.Context) ([]goal.Goal, error)
	Get(ctx context.Context, id int64) (goal.Standing, error)
	GoalWork
	GoalSteps
}

// GoalWork changes goals.
type GoalWork interface {
	Add(ctx context.Context, d goal.Draft, by string, mayApprove bool) (goal.Goal, error)
	Edit(ctx context.Context, id, version int64, d goal.Draft, by string, mayApprove bool) (goal.Goal, error)
	Propose(ctx context.Context, a goal.Answers) (*goal.Proposal, error)
	Make(ctx context.Context, p *goal.Proposal, by string, mayApprove bool) (goal.Goal, error)
}

// GoalSteps are what happens to a goal on its way.
type GoalSteps interface {
	CheckIns(ctx context.Context, id int64) ([]goal.CheckIn, error)
	CheckIn(ctx context.Context, id int64, confidence int, text, by string) (goal.CheckIn, error)
	Decide(ctx context.Context, id int64, approve bool, reason, by string) (goal.Goal, error)
	Close(ctx context.Context, id int64, r goal.Retro, by string) (goal.Goal, error)
	Reopen(ctx context.Context, id int64, by string) (goal.Goal, error)
}

// goalsBody is what goals.html shows.
type goalsBody struct {
	Head  ui.Head
	Shown ui.Segments
	Rows  []goalRow
	Gaps  ui.Rows
	Empty *ui.Empty
}

// goalRow is a line of the tree.
type goalRow struct {
	Depth        int
	Kind         string // as people write it
	Title, Href  string
	Pills        []ui.Pill
	Owner        ui.Cell
	Time         string
	Done         int // percent of the way, 0 to 100; -1 = not measured
	Share        string
	Now, NowHref string
	Target       string
	Forecast     string
	Status       *ui.Pill
	Confidence   string
	Problem      string
}

type goalPages struct {
	*Site
	list  *ui.View[goalsBody]
	one   *ui.View[goalBody]
	edit  *ui.View[goalEditBody]
	guide *ui.View[goalGuideBody]
}

func (s *Site) addGoals() error {
	if s.cfg.Goals == nil {
		return nil
	}
	p := &goalPages{Site: s}
	var err error
	if p.list, err = ui.Parse[goalsBody](s.kit, templates, "templates/goals.html"); err != nil {
		return err
	}
	if p.one, err = ui.Parse[goalBody](s.kit, templates, "templates/goal.html"); err != nil {
		return err
	}
	if p.edit, err = ui.Parse[goalEditBody](s.kit, templates, "templates/goaledit.html"); err != nil {
		return err
	}
	if p.guide, err = ui.Parse[goalGuideBody](s.kit, templates, "templates/goalguide.html"); err != nil {
		return err
	}
	s.handle("GET /goals", p.showList)
	s.change("GET /goals/new", mayWrite, p.showNew)
	s.change("POST /goals/new", mayWrite, p.save)
	s.change("GET /goals/guide", mayWrite, p.showGuide)
	s.change("POST /goals/guide", mayWrite, p.makeGuided)
	s.handle("GET /goals/{id}", p.show)
	s.change("GET /goals/{id}/edit", mayWrite, p.showEdit)
	s.change("POST /goals/{id}/edit", mayWrite, p.save)
	s.change("POST /goals/{id}/check-in", mayWrite, p.checkIn)
	s.change("POST /goals/{id}/decide", mayApprove, p.decide)
	s.change("POST /goals/{id}/close", mayWrite, p.close)
	s.change("POST /goals/{id}/reopen", mayApprove, p.reopen)
	return nil
}

// mayApprove reports whether somebody decides on proposals: managers and owners do.
func mayApprove(p Person) bool { return p.MayConnect }

func goalHref(id int64) string { return "/goals/" + idText(id) }

// recordsHref is the list of what a figure counts; nothing where no query says it.
func recordsHref(entity, query string) string {
	if entity == "" {
		return ""
	}
	return "/" + entity + "?q=" + url.QueryEscape(query)
}

func trackTone(s goal.Status) ui.Tone {
	switch s {
	case goal.OnTrack, goal.Met:
		return ui.ToneGood
	case goal.AtRisk:
		return ui.ToneWarn
	case goal.OffTrack, goal.Missed:
		return ui.ToneBad
	default:
		return ui.ToneNone
	}
}

func statusPill(st *goal.Standing) ui.Pill {
	pill := ui.Pill{Text: st.Status.Label(), Tone: trackTone(st.Status)}
	if st.Progress != nil {
		pill.Title = st.Progress.Says
	}
	if st.Status == goal.Unknown && st.Measure == nil {
		pill.Text = "not measured"
	}
	return pill
}

func (p *goalPages) showList(w http.ResponseWriter, r *http.Request) error {
	closed := r.URL.Query().Get("closed") != ""
	team, err := p.teamNames(r)
	if err != nil {
		return err
	}
	tree, err := p.cfg.Goals.Tree(r.Context(), closed)
	if err != nil {
		return err
	}
	body := goalsBody{Head: ui.Head{Title: "Goals", Subtitle: "What the organization needs, what the community does for it, and how far that is: computed, never typed in", Find: true}}
	may := person(r).MayWrite
	if may {
		body.Head.Actions = []ui.Action{{Label: "New goal", Href: "/goals/new"}, {Label: "From a business aim…", Href: "/goals/guide", Style: ui.StylePrimary}}
	}
	body.Shown = ui.Segments{Label: "Which goals", Items: []ui.Segment{{Label: "Open", Href: "/goals", Active: !closed}, {Label: "With closed ones", Href: "/goals?closed=1", Active: closed}}}
	for i := range tree {
		body.Rows = addGoalRows(body.Rows, &tree[i], team, 0)
	}
	if len(tree) == 0 {
		body.Empty = &ui.Empty{Title: "No goals yet", Text: "Begin with what the business wants, in its own words, such as “trials leave after 30 days”. A few questions make goals of it, key results with baselines from your data, and a draft of a plan."}
		if may {
			body.Empty.Actions = []ui.Action{{Label: "From a business aim…", Href: "/goals/guide", Style: ui.StylePrimary}, {Label: "New goal", Href: "/goals/new"}}
		}
	}
	plans, err := p.planRefs(r)
	if err != nil {
		return err
	}
	body.Gaps.Label = "What does not fit together"
	for _, g := range goal.Gaps(tree, plans) {
		row := ui.Row{Title: g.Name, Href: goalHref(g.Goal), Meta: []ui.Meta{{Text: g.Says}}}
		if g.Plan > 0 {
			row.Href = planHref(g.Plan)
			row.Lead = &ui.Pill{Text: "plan"}
		}
		body.Gaps.Items = append(body.Gaps.Items, row)
	}
	return render(p.Site, w, r, p.list, "Goals", body)
}

func addGoalRows(rows []goalRow, st *goal.Standing, team teamNames, depth int) []goalRow {
	row := goalRow{
		Depth: min(depth, 4), Kind: st.Kind.Label(), Title: st.Title, Href: goalHref(st.ID), Owner: team.cell(st.Owner), Time: daysOf(st.From, st.To), Done: -1, Problem: st.Problem,
	}
	pill := statusPill(st)
	row.Status = &pill
	if st.Confidence > 0 {
		row.Confidence = strconv.Itoa(st.Confidence) + " %"
	}
	if st.Kind != goal.KeyResult {
		row.Pills = append(row.Pills, audiencePill(st.Audience))
	}
	if st.State != goal.Active {
		row.Pills = append(row.Pills, ui.Pill{Text: string(st.State), Tone: ui.ToneInfo})
	}
	if st.Owner == "" && st.State == goal.Active && st.Kind != goal.KeyResult {
		row.Pills = append(row.Pills, ui.Pill{Text: "no owner", Tone: ui.ToneWarn})
	}
	if m, p := st.Measure, st.Progress; m != nil && p != nil {
		u := chartUnit(p.Unit)
		row.Target = u.Format(m.Target)
		if p.Value != nil {
			row.Now, row.NowHref = u.Format(*p.Value), recordsHref(p.Entity, p.Query)
		}
		if p.Share != nil {
			row.Done = int(min(max(*p.Share, 0), 1) * 100)
			row.Share = ui.Percent(*p.Share) + " of the way"
		}
		row.Forecast = forecastText(u, p)
	}
	rows = append(rows, row)
	for i := range st.Serving {
		rows = addGoalRows(rows, &st.Serving[i], team, depth+1)
	}
	return rows
}

func audiencePill(a goal.Audience) ui.Pill {
	if a == goal.Internal {
		return ui.Pill{Text: "internal", Title: "The team's own work"}
	}
	return ui.Pill{Text: "external", Tone: ui.ToneGood, Title: "Members feel it"}
}

func forecastText(u ui.Unit, p *goal.Progress) string {
	if p.Forecast == nil {
		return ""
	}
	return roundly(u, *p.Forecast) + " (" + roundly(u, *p.Least) + " to " + roundly(u, *p.Most) + ")"
}

// roundly writes an estimate: counts without decimals, which would only look exact.
func roundly(u ui.Unit, v float64) string {
	if u == ui.UnitCount {
		return ui.Decimal(v, 0)
	}
	return u.Format(v)
}

// daysOf writes days from first to last.
func daysOf(from, to string) string { return dayText(from) + " – " + dayText(to) }

// dayText writes a day such as 2026-11-22 as 22 Nov 2026.
func dayText(day string) string {
	t, err := parseDay(day)
	if err != nil {
		return day
	}
	return t.Format("2 Jan 2006")
}

func (p *goalPages) checkIn(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	confidence, err := percentIn(r.FormValue("confidence"))
	if err != nil {
		return err
	}
	if _, err := p.cfg.Goals.CheckIn(r.Context(), id, confidence, r.FormValue("note"), person(r).Actor); err != nil {
		return err
	}
	return p.back(w, r, goalHref(id), "Checked in, with the figure of now.", "")
}

func (p *goalPages) decide(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	g, err := p.cfg.Goals.Decide(r.Context(), id, r.FormValue("do") == "approve", r.FormValue("reason"), person(r).Actor)
	if err != nil {
		return err
	}
	said := "is approved."
	if g.State == goal.Declined {
		said = "is declined. It can be opened again."
	}
	return p.back(w, r, goalHref(id), g.Title+" "+said, "")
}

func (p *goalPages) close(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	g, err := p.cfg.Goals.Close(r.Context(), id, goal.Retro{Outcome: r.FormValue("outcome"), Learned: r.FormValue("learned"), Next: r.FormValue("next")}, person(r).Actor)
	if err != nil {
		return err
	}
	return p.back(w, r, goalHref(id), g.Title+" is closed: "+g.Retro.Status.Label()+".", "")
}

func (p *goalPages) reopen(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	g, err := p.cfg.Goals.Reopen(r.Context(), id, person(r).Actor)
	if err != nil {
		return err
	}
	return p.back(w, r, goalHref(id), g.Title+" is open again.", "")
}

// percentIn reads a percentage of a form; "" = 0.
func percentIn(text string) (int, error) {
	text = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(text), "%"))
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > 100 {
		return 0, greenroom.Errorf(greenroom.CodeInvalid, "%q is no percentage from 0 to 100", text)
	}
	return n, nil
}

// measurable lists the metrics that a key result can go by.
func measurable() []ui.Option {
	var all []ui.Option
	for _, m := range analytics.Catalog() {
		if goal.Measurable(&m) {
			all = append(all, ui.Option{Value: m.Name, Label: m.Label})
		}
	}
	return all
}
