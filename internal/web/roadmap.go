// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"greenroom"
	"greenroom/internal/goal"
	"greenroom/internal/roadmap"
	"greenroom/internal/web/ui"
)

// Plans are what is done for goals; roadmap.Service keeps them.
type Plans interface {
	Views(ctx context.Context) ([]*roadmap.View, error)
	View(ctx context.Context, id int64) (*roadmap.View, error)
	Changes(ctx context.Context, plan int64) ([]roadmap.Change, error)
	Mine(ctx context.Context, owner string) ([]roadmap.Mine, error)
	Days(ctx context.Context) (roadmap.Days, error)
	PlanWork
	TaskWork
}

// PlanWork changes plans.
type PlanWork interface {
	Add(ctx context.Context, p roadmap.Plan, tasks []roadmap.Task, by string) (*roadmap.View, error)
	EditPlan(ctx context.Context, yours roadmap.Plan, by string) (roadmap.Plan, error)
	Promise(ctx context.Context, plan int64, by string) error
	Undo(ctx context.Context, plan int64, by string) (string, error)
	UndoStep(ctx context.Context, plan, step int64, by string) (string, error)
	SetDays(ctx context.Context, d roadmap.Days) error
	PlanLife
}

// TaskWork changes tasks.
type TaskWork interface {
	Task(ctx context.Context, plan, id int64) (roadmap.Task, error)
	AddTask(ctx context.Context, t roadmap.Task, by string) (roadmap.Task, error)
	EditTask(ctx context.Context, yours roadmap.Task, by string) (roadmap.Task, error)
	Import(ctx context.Context, plan int64, tasks []roadmap.Task, by string) (int, error)
	Make(ctx context.Context, plan, task int64, by string) (roadmap.Task, error)
}

// roadmapBody is what roadmap.html shows.
type roadmapBody struct {
	Head  ui.Head
	Views ui.Segments
	Time  *timelineIsland
	Plans *ui.Table
	Empty *ui.Empty
	Form  *ui.Form
	Late  ui.Rows
}

type roadmapPages struct {
	*Site
	list *ui.View[roadmapBody]
	one  *ui.View[planBody]
	edit *ui.View[planEditBody]
}

func (s *Site) addRoadmap() error {
	if s.cfg.Plans == nil {
		return nil
	}
	p := &roadmapPages{Site: s}
	var err error
	if p.list, err = ui.Parse[roadmapBody](s.kit, templates, "templates/roadmap.html", "templates/timeline.html"); err != nil {
		return err
	}
	if p.one, err = ui.Parse[planBody](s.kit, templates, "templates/plan.html", "templates/timeline.html"); err != nil {
		return err
	}
	if p.edit, err = ui.Parse[planEditBody](s.kit, templates, "templates/planedit.html"); err != nil {
		return err
	}
	s.handle("GET /roadmap", p.showAll)
	s.handle("GET /roadmap/mine", p.showMine)
	s.handle("GET /roadmap/calendar.ics", p.feed)
	s.change("GET /roadmap/days", mayWrite, p.showDays)
	s.change("POST /roadmap/days", mayApprove, p.saveDays)
	s.change("GET /roadmap/new", mayWrite, p.showNew)
	s.change("POST /roadmap/new", mayWrite, p.make)
	s.handle("GET /roadmap/{id}", p.show)
	s.handle("GET /roadmap/{id}/{file}", p.download)
	s.change("GET /roadmap/{id}/edit", mayWrite, p.showEdit)
	s.change("POST /roadmap/{id}/edit", mayWrite, p.savePlan)
	s.change("POST /roadmap/{id}/promise", mayWrite, p.promise)
	s.change("POST /roadmap/{id}/undo", mayWrite, p.undo)
	s.change("POST /roadmap/{id}/import", mayWrite, p.importTasks)
	s.change("GET /roadmap/{id}/tasks/new", mayWrite, p.showTask)
	s.change("POST /roadmap/{id}/tasks/new", mayWrite, p.saveTask)
	s.change("GET /roadmap/{id}/tasks/{task}", mayWrite, p.showTask)
	s.change("POST /roadmap/{id}/tasks/{task}", mayWrite, p.saveTask)
	s.change("POST /roadmap/{id}/tasks/{task}/mark", mayWrite, p.mark)
	s.change("POST /roadmap/{id}/tasks/{task}/make", mayWrite, p.makeFor)
	return nil
}

func roadmapViews(at string) ui.Segments {
	return ui.Segments{Label: "View", Items: []ui.Segment{{Label: "Timeline", Href: "/roadmap", Active: at == "time"}, {Label: "List", Href: "/roadmap?view=list", Active: at == "list"}, {Label: "Calendar", Href: "/roadmap/calendar", Active: at == "calendar"}, {Label: "My work", Href: "/roadmap/mine", Active: at == "mine"}, {Label: "Working days", Href: "/roadmap/days", Active: at == "days"}}}
}

func (p *roadmapPages) showAll(w http.ResponseWriter, r *http.Request) error {
	all, err := p.cfg.Plans.Views(r.Context())
	if err != nil {
		return err
	}
	names, err := p.goalNames(r)
	if err != nil {
		return err
	}
	team, err := p.teamNames(r)
	if err != nil {
		return err
	}
	at := "time"
	if r.URL.Query().Get("view") == "list" {
		at = "list"
	}
	body := roadmapBody{Head: ui.Head{Title: "Roadmap", Subtitle: "Every plan serves a goal; every goal is measured"}, Views: roadmapViews(at), Late: ui.Rows{Label: "Late, at risk or without an owner"}}
	may := person(r).MayWrite
	if may {
		body.Head.Actions = []ui.Action{{Label: "Calendar feed", Href: "/roadmap/calendar.ics"}, {Label: "New plan from a template…", Href: "/roadmap/new", Style: ui.StylePrimary}}
	}
	if len(all) == 0 {
		body.Empty = &ui.Empty{Title: "No plans yet", Text: "A plan says what is done for a goal, by whom and in which order; dates follow from that. Begin with a template, such as a champion program, a meetup series or a launch."}
		if may {
			body.Empty.Actions = []ui.Action{{Label: "New plan from a template…", Href: "/roadmap/new", Style: ui.StylePrimary}}
		}
		return render(p.Site, w, r, p.list, "Roadmap", body)
	}
	t := &ui.Table{Caption: "Plans", Columns: []ui.Column{{Label: "Plan"}, {Label: "For"}, {Label: "Owner"}, {Label: "From"}, {Label: "To"}, {Label: "Done", Number: true}, {Label: "Against what was promised"}}}
	for _, v := range all {
		pills := []ui.Pill{planPill(v.State)}
		if v.Internal {
			pills = append(pills, ui.Pill{Text: "internal"})
		}
		serves := ui.Cell{Text: "no goal yet", Tone: ui.ToneWarn}
		if name, ok := names[v.Goal]; ok {
			serves = ui.Cell{Text: name, Href: goalHref(v.Goal)}
		}
		owner := team.cell(v.Owner)
		owner.Sub = team.covered(v.CoveredBy)
		t.Rows = append(t.Rows, ui.TableRow{ID: idText(v.ID), Cells: []ui.Cell{
			{Text: v.Title, Href: planHref(v.ID), Pills: pills}, serves, owner, {Text: dayText(v.Begin)}, {Text: dayText(v.End)}, {Text: fmt.Sprintf("%d of %d", v.Done, len(v.Tasks))}, {Pills: slipPills(v)},
		}})
		body.Late.Items = append(body.Late.Items, lateRows(v)...)
	}
	if at == "list" {
		body.Plans = t
	} else {
		body.Time = timelineOf(0, "")
	}
	return render(p.Site, w, r, p.list, "Roadmap", body)
}

// goalNames are the titles of goals, by id.
func (s *Site) goalNames(r *http.Request) (map[int64]string, error) {
	names := make(map[int64]string)
	if s.cfg.Goals == nil {
		return names, nil
	}
	all, err := s.cfg.Goals.List(r.Context())
	for i := range all {
		names[all[i].ID] = all[i].Title
	}
	return names, err
}

func planPill(s roadmap.State) ui.Pill {
	tone := map[roadmap.State]ui.Tone{roadmap.Active: ui.ToneGood, roadmap.Draft: ui.ToneInfo, roadmap.Done: ui.ToneNone, roadmap.Dropped: ui.ToneNone}[s]
	return ui.Pill{Text: string(s), Tone: tone}
}

func slipPills(v *roadmap.View) []ui.Pill {
	switch {
	case v.Problem != "":
		return []ui.Pill{{Text: "no dates", Tone: ui.ToneBad, Title: v.Problem}}
	case v.BaseEnd == "":
		return []ui.Pill{{Text: "nothing promised yet"}}
	case v.Slipped > 0:
		return []ui.Pill{{Text: days(v.Slipped) + " late", Tone: ui.ToneBad}}
	case v.Slipped < 0:
		return []ui.Pill{{Text: days(-v.Slipped) + " early", Tone: ui.ToneGood}}
	default:
		return []ui.Pill{{Text: "in time", Tone: ui.ToneGood}}
	}
}

func days(n int) string {
	if n == 1 {
		return "1 working day"
	}
	return strconv.Itoa(n) + " working days"
}

// lateRows are the tasks of a plan that somebody has to look at.
func lateRows(v *roadmap.View) []ui.Row {
	var rows []ui.Row
	if v.State != roadmap.Active && v.State != roadmap.Draft {
		return nil
	}
	for i := range v.Tasks {
		t := &v.Tasks[i]
		row := ui.Row{Title: t.Title, Href: taskHref(v.ID, t.ID), Meta: []ui.Meta{{Text: v.Title, Href: planHref(v.ID)}, {Text: "until " + dayText(t.End)}}}
		switch {
		case t.Late && t.Slipped > 0 && t.Own > 0:
			row.Lead = &ui.Pill{Text: days(t.Slipped) + " late", Tone: ui.ToneBad}
			row.Meta = append(row.Meta, ui.Meta{Text: causeText(v, t)})
		case t.Late && t.Slack < 0:
			row.Lead = &ui.Pill{Text: days(-t.Slack) + " past due", Tone: ui.ToneBad}
		case t.Owner == "" && t.Critical && v.State == roadmap.Active:
			row.Lead = &ui.Pill{Text: "no owner", Tone: ui.ToneWarn}
			row.Meta = append(row.Meta, ui.Meta{Text: "the plan's end hangs on it"})
		default:
			continue
		}
		rows = append(rows, row)
	}
	return rows
}

// causeText says whose delay it is.
func causeText(v *roadmap.View, t *roadmap.Row) string {
	if t.Slipped <= 0 {
		return ""
	}
	if t.Inherited == 0 {
		return "its own delay"
	}
	from := "what it waits for"
	for i := range v.Tasks {
		if v.Tasks[i].ID == t.From {
			from = v.Tasks[i].Title
		}
	}
	text := strconv.Itoa(t.Inherited) + " from " + from
	if t.Own != 0 {
		text += ", " + strconv.Itoa(t.Own) + " its own"
	}
	return text
}

func taskHref(plan, id int64) string { return planHref(plan) + "/tasks/" + idText(id) }

func (p *roadmapPages) showMine(w http.ResponseWriter, r *http.Request) error {
	who := person(r).Seed
	all, err := p.cfg.Plans.Mine(r.Context(), who)
	if err != nil {
		return err
	}
	body := roadmapBody{Head: ui.Head{Title: "My work", Subtitle: "Tasks of plans that are yours: " + who, Back: &ui.Action{Label: "Roadmap", Href: "/roadmap"}}, Views: roadmapViews("mine")}
	t := &ui.Table{Caption: "Your tasks", Columns: []ui.Column{{Label: "Task"}, {Label: "Plan"}, {Label: "From"}, {Label: "To"}, {Label: "Slack", Number: true}}, Empty: &ui.Empty{Title: "Nothing is yours", Text: "Tasks that name your mail address as owner stand here, the most urgent first."}}
	for i := range all {
		m := &all[i]
		var pills []ui.Pill
		if m.Late {
			pills = append(pills, ui.Pill{Text: "late", Tone: ui.ToneBad})
		}
		if m.Critical {
			pills = append(pills, ui.Pill{Text: "critical", Tone: ui.ToneWarn})
		}
		t.Rows = append(t.Rows, ui.TableRow{ID: idText(m.ID), Cells: []ui.Cell{
			{Text: m.Title, Href: taskHref(m.Plan, m.ID), Pills: pills}, {Text: m.PlanTitle, Href: planHref(m.Plan)}, {Text: dayText(m.Start)}, {Text: dayText(m.End)}, {Text: strconv.Itoa(m.Slack)},
		}})
	}
	body.Plans = t
	return render(p.Site, w, r, p.list, "My work", body)
}

func (p *roadmapPages) showDays(w http.ResponseWriter, r *http.Request) error {
	d, err := p.cfg.Plans.Days(r.Context())
	if err != nil {
		return err
	}
	body := roadmapBody{Head: ui.Head{Title: "Working days", Subtitle: "All plans count in working days", Back: &ui.Action{Label: "Roadmap", Href: "/roadmap"}}, Views: roadmapViews("days")}
	form := &ui.Form{Post: "/roadmap/days"}
	for i, name := range []string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"} {
		on := false
		for _, w := range d.Weekdays {
			on = on || w == i
		}
		form.Fields = append(form.Fields, ui.Field{Name: "day" + strconv.Itoa(i), Label: name, Type: "checkbox", Checked: on})
	}
	form.Fields = append(form.Fields, ui.Field{Name: "holidays", Label: "Holidays", Type: "textarea", Rows: 8, Value: strings.Join(d.Holidays, "\n"), Placeholder: "2026-12-25", Help: "A day a line. Nobody works on them."})
	if mayApprove(person(r)) {
		form.Actions = []ui.Action{{Label: "Save", Submit: true, Style: ui.StylePrimary}}
	}
	body.Form = form
	return render(p.Site, w, r, p.list, "Working days", body)
}

func (p *roadmapPages) saveDays(w http.ResponseWriter, r *http.Request) error {
	d := roadmap.Days{Weekdays: []int{}, Holidays: strings.Fields(r.FormValue("holidays"))}
	for i := range 7 {
		if r.FormValue("day"+strconv.Itoa(i)) != "" {
			d.Weekdays = append(d.Weekdays, i)
		}
	}
	if err := p.cfg.Plans.SetDays(r.Context(), d); err != nil {
		return err
	}
	return p.back(w, r, "/roadmap/days", "Saved. All plans count by it.", "")
}

// feed is the calendar of all plans that are not dropped.
func (p *roadmapPages) feed(w http.ResponseWriter, r *http.Request) error {
	all, err := p.cfg.Plans.Views(r.Context())
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/calendar; charset=utf-8")
	return roadmap.WriteICal(w, all, p.cfg.Now())
}

// download gives a plan as a file.
func (p *roadmapPages) download(w http.ResponseWriter, r *http.Request) error {
	v, err := p.view(r)
	if err != nil {
		return err
	}
	name := r.PathValue("file")
	attach := func(kind string) {
		w.Header().Set("Content-Type", kind+"; charset=utf-8")
		w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	}
	switch name {
	case "plan.csv":
		attach("text/csv")
		return v.WriteCSV(w)
	case "plan.md":
		attach("text/markdown")
		return v.WriteMarkdown(w)
	case "plan.ics":
		attach("text/calendar")
		return roadmap.WriteICal(w, []*roadmap.View{v}, p.cfg.Now())
	default:
		return greenroom.Errorf(greenroom.CodeNotFound, "there is no page at this address")
	}
}

func (p *roadmapPages) view(r *http.Request) (*roadmap.View, error) {
	id, err := pathID(r)
	if err != nil {
		return nil, err
	}
	return p.cfg.Plans.View(r.Context(), id)
}

func (p *roadmapPages) showNew(w http.ResponseWriter, r *http.Request) error {
	v := r.URL.Query()
	body := roadmapBody{Head: ui.Head{Title: "New plan", Subtitle: "Begin with a template; everything can be changed", Back: &ui.Action{Label: "Roadmap", Href: "/roadmap"}}, Views: roadmapViews("")}
	goals, err := p.goalOptions(r)
	if err != nil {
		return err
	}
	body.Form = &ui.Form{Post: "/roadmap/new", Fields: []ui.Field{
		{Name: "template", Label: "Template", Type: "select", Value: v.Get("template"), Options: templateOptions()},
		{Name: "title", Label: "Title", Value: v.Get("title"), Help: "Left empty, the template's."},
		{Name: "goal", Label: "For the goal", Type: "select", Value: firstText(v.Get("goal"), "0"), Options: goals},
		{Name: "owner", Label: "Owner", Value: firstText(v.Get("owner"), person(r).Seed)},
		{Name: "start", Label: "Not before", Type: "date", Value: v.Get("start")},
	}, Actions: []ui.Action{{Label: "Cancel", Href: "/roadmap"}, {Label: "Make the plan", Submit: true, Style: ui.StylePrimary}}}
	return render(p.Site, w, r, p.list, "New plan", body)
}

func templateOptions() []ui.Option {
	var all []ui.Option
	for _, t := range roadmap.Templates() {
		label := t.Title
		if t.Stage != "any" {
			label += " (for " + t.Stage + " communities)"
		}
		all = append(all, ui.Option{Value: t.Key, Label: label})
	}
	return all
}

func (p *roadmapPages) goalOptions(r *http.Request) ([]ui.Option, error) {
	out := []ui.Option{{Value: "0", Label: "No goal yet"}}
	if p.cfg.Goals == nil {
		return out, nil
	}
	all, err := p.cfg.Goals.List(r.Context())
	for i := range all {
		if g := &all[i]; g.State == goal.Active || g.State == goal.Proposed {
			out = append(out, ui.Option{Value: idText(g.ID), Label: g.Kind.Label() + ": " + g.Title})
		}
	}
	return out, err
}

func (p *roadmapPages) make(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return greenroom.Errorf(greenroom.CodeInvalid, "the form did not arrive whole; send it again")
	}
	v, err := p.planFrom(r, r.PostForm)
	if err != nil {
		return err
	}
	return p.back(w, r, planHref(v.ID), v.Title+" is made. Its dates follow from its tasks; promise them when they are right.", "")
}

// planFrom makes a plan from a template.
func (s *Site) planFrom(r *http.Request, form url.Values) (*roadmap.View, error) {
	t, err := roadmap.FindTemplate(form.Get("template"))
	if err != nil {
		return nil, err
	}
	served, err := strconv.ParseInt(firstText(form.Get("goal"), "0"), 10, 64)
	if err != nil {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "choose a goal from the list")
	}
	plan := roadmap.Plan{Title: firstText(strings.TrimSpace(form.Get("title")), t.Title), Intent: t.Intent, Goal: served, Owner: form.Get("owner"), Start: form.Get("start"), State: roadmap.Draft}
	return s.cfg.Plans.Add(r.Context(), plan, t.Tasks(), person(r).Actor)
}
