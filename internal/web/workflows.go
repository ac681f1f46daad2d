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

	"greenroom/internal/outbox"
	"greenroom/internal/web/ui"
	"greenroom/internal/workflow"
)

// Workflows are what is done for members one after the other; workflow.Service keeps them.
type Workflows interface {
	List(ctx context.Context, archived bool) ([]workflow.Workflow, error)
	Get(ctx context.Context, ref string) (workflow.Workflow, error)
	Tallies(ctx context.Context, id int64) (map[int64]*workflow.Tally, error)
	Versions(ctx context.Context, ref string) ([]workflow.Version, error)
	WorkflowDrafts
	WorkflowRuns
}

// WorkflowDrafts changes workflows.
type WorkflowDrafts interface {
	Known(ctx context.Context) (*workflow.Known, error)
	Check(ctx context.Context, d *workflow.Definition) ([]workflow.Problem, error)
	Add(ctx context.Context, name string, d workflow.Definition, by string) (workflow.Workflow, error)
	Edit(ctx context.Context, ref string, revision int64, by string, change func(name *string, d *workflow.Definition) error) (workflow.Workflow, error)
	Publish(ctx context.Context, ref string, moved bool, by string) (workflow.Workflow, error)
	Discard(ctx context.Context, ref, by string) (workflow.Workflow, error)
	Turn(ctx context.Context, ref string, to workflow.State, by string) (workflow.Workflow, error)
}

// WorkflowRuns tells of runs and moves them.
type WorkflowRuns interface {
	WorkflowTries
	Runs(ctx context.Context, f workflow.Filter) ([]workflow.Run, error)
	Run(ctx context.Context, id int64) (workflow.Run, []workflow.Entry, workflow.Version, error)
	Move(ctx context.Context, id int64, how, by string) (workflow.Run, error)
	EnterQuery(ctx context.Context, ref, text, key, by string) (int, error)
	NewHook(ctx context.Context, ref, by string) (token string, err error)
	WorkflowMoves
}

// WorkflowTries says what a workflow would do.
type WorkflowTries interface {
	DryRun(ctx context.Context, ref string, days int) (*workflow.DryRun, error)
	Preview(ctx context.Context, ref, step string, member int64) (msg *outbox.Message, why string, err error)
}

// WorkflowMoves moves runs to the version that is published.
type WorkflowMoves interface {
	Moving(ctx context.Context, ref string) (workflow.Moving, error)
	MoveRuns(ctx context.Context, ref string, version int64, by string) (int64, error)
}

// workflowsBody is what workflows.html shows.
type workflowsBody struct {
	Head     ui.Head
	List     ui.Table
	Empty    *ui.Empty
	Offers   []flowOffer
	Archived ui.Rows
}

// flowOffer is a template.
type flowOffer struct {
	Name, Text, When string
	Make             ui.Action
}

// workflowNewBody is what workflownew.html shows.
type workflowNewBody struct {
	Head   ui.Head
	Form   ui.Form
	Offers []flowOffer
}

type workflowPages struct {
	*Site
	listView *ui.View[workflowsBody]
	newView  *ui.View[workflowNewBody]
	oneView  *ui.View[workflowBody]
	editView *ui.View[workflowEditBody]
	dryView  *ui.View[workflowDryBody]
	runsView *ui.View[workflowRunsBody]
	runView  *ui.View[workflowRunBody]
	moveView *ui.View[workflowMoveBody]
}

func (s *Site) addWorkflows() error {
	if s.cfg.Workflows == nil {
		return nil
	}
	p := &workflowPages{Site: s}
	var err error
	if p.listView, err = ui.Parse[workflowsBody](s.kit, templates, "templates/workflows.html", "templates/workflowparts.html"); err != nil {
		return err
	}
	if p.newView, err = ui.Parse[workflowNewBody](s.kit, templates, "templates/workflownew.html", "templates/workflowparts.html"); err != nil {
		return err
	}
	if p.oneView, err = ui.Parse[workflowBody](s.kit, templates, "templates/workflow.html", "templates/workflowparts.html"); err != nil {
		return err
	}
	if p.editView, err = ui.Parse[workflowEditBody](s.kit, templates, "templates/workflowedit.html", "templates/workflowparts.html"); err != nil {
		return err
	}
	if p.dryView, err = ui.Parse[workflowDryBody](s.kit, templates, "templates/workflowdry.html", "templates/workflowparts.html"); err != nil {
		return err
	}
	if p.runsView, err = ui.Parse[workflowRunsBody](s.kit, templates, "templates/workflowruns.html"); err != nil {
		return err
	}
	if p.runView, err = ui.Parse[workflowRunBody](s.kit, templates, "templates/workflowrun.html"); err != nil {
		return err
	}
	if p.moveView, err = ui.Parse[workflowMoveBody](s.kit, templates, "templates/workflowmove.html"); err != nil {
		return err
	}
	s.handle("GET /workflows", p.showList)
	s.change("GET /workflows/new", mayWrite, p.showNew)
	s.change("POST /workflows/new", mayWrite, p.make)
	s.handle("GET /workflows/{key}", p.show)
	s.handle("GET /workflows/{key}/dry-run", p.dryRun)
	s.handle("GET /workflows/{key}/runs", p.showRuns)
	s.handle("GET /workflows/{key}/runs/{id}", p.showRun)
	s.change("POST /workflows/{key}/runs/{id}/{how}", mayWrite, p.moveRun)
	s.handle("GET /workflows/{key}/move-runs", p.showMoving)
	s.change("POST /workflows/{key}/move-runs", mayWrite, p.moveRuns)
	s.change("POST /workflows/{key}/publish", mayWrite, p.publish)
	s.change("POST /workflows/{key}/discard", mayWrite, p.discard)
	s.change("POST /workflows/{key}/turn/{to}", mayWrite, p.turn)
	s.change("POST /workflows/{key}/enter", mayWrite, p.enter)
	s.change("POST /workflows/{key}/hook", mayWrite, p.hook)
	s.change("GET /workflows/{key}/edit", mayWrite, p.edit)
	s.change("POST /workflows/{key}/edit/trigger", mayWrite, p.saveTrigger)
	s.change("POST /workflows/{key}/edit/settings", mayWrite, p.saveSettings)
	s.change("POST /workflows/{key}/edit/add", mayWrite, p.addStep)
	s.change("POST /workflows/{key}/edit/step/{step}", mayWrite, p.saveStep)
	s.change("POST /workflows/{key}/edit/step/{step}/{how}", mayWrite, p.arrange)
	return nil
}

func workflowHref(key string) string { return "/workflows/" + url.PathEscape(key) }

func flowState(f *workflow.Workflow) ui.Pill {
	switch f.State {
	case workflow.On:
		return ui.Pill{Text: "on", Tone: ui.ToneGood}
	case workflow.Off:
		return ui.Pill{Text: "off", Tone: ui.ToneWarn}
	case workflow.Draft:
		return ui.Pill{Text: "draft"}
	case workflow.Archived:
	}
	return ui.Pill{Text: "archived"}
}

func (p *workflowPages) showList(w http.ResponseWriter, r *http.Request) error {
	all, err := p.cfg.Workflows.List(r.Context(), false)
	if err != nil {
		return err
	}
	tallies, err := p.cfg.Workflows.Tallies(r.Context(), 0)
	if err != nil {
		return err
	}
	may := person(r).MayWrite
	body := workflowsBody{Head: ui.Head{Title: "Workflows", Subtitle: "What is done for members one after the other, with a person's touch, and whether it helps", Find: true}}
	if may {
		body.Head.Actions = []ui.Action{{Label: "New workflow", Href: "/workflows/new", Style: ui.StylePrimary}}
	}
	body.List = ui.Table{Caption: "Workflows", Columns: []ui.Column{{Label: "Name"}, {Label: "Entered", Number: true}, {Label: "In it now", Number: true}, {Label: "Sent", Number: true}, {Label: "To approve", Number: true}, {Label: "Does it help?"}}}
	for i := range all {
		body.List.Rows = append(body.List.Rows, flowRow(&all[i], tallies[all[i].ID]))
	}
	if len(all) == 0 {
		body.Empty = &ui.Empty{Title: "No workflows yet", Text: "A workflow greets whoever is new, waits, looks whether somebody has answered, and tells the team where nobody has. Nothing is sent until you turn it on, and a dry run shows first what it would have done."}
		if may {
			body.Empty.Actions = []ui.Action{{Label: "New workflow", Href: "/workflows/new", Style: ui.StylePrimary}}
		}
	}
	if may && len(all) < len(workflow.Templates()) {
		body.Offers = p.offers(all)
	}
	archived, err := p.cfg.Workflows.List(r.Context(), true)
	if err != nil {
		return err
	}
	body.Archived.Label = "Archived workflows"
	for i := range archived {
		f := &archived[i]
		body.Archived.Items = append(body.Archived.Items, ui.Row{Title: f.Name, Href: workflowHref(f.Key), Meta: []ui.Meta{{Text: "archived", Time: f.ChangedAt}}})
	}
	return render(p.Site, w, r, p.listView, "Workflows", body)
}

func (p *workflowPages) offers(have []workflow.Workflow) []flowOffer {
	var all []flowOffer
	for _, t := range workflow.Templates() {
		taken := false
		for i := range have {
			taken = taken || strings.EqualFold(have[i].Name, t.Name)
		}
		if !taken {
			all = append(all, flowOffer{Name: t.Name, Text: t.Text, When: t.Definition.Trigger.Words(), Make: ui.Action{Label: "Use it", Label2: "Use the template " + t.Name, Post: "/workflows/new", Small: true, Hidden: []ui.Hidden{{Name: "template", Value: t.Key}}}})
		}
	}
	return all
}

func flowRow(f *workflow.Workflow, t *workflow.Tally) ui.TableRow {
	href := workflowHref(f.Key)
	cell := func(n int64, href string) ui.Cell {
		if n == 0 {
			return ui.Cell{Text: "0"}
		}
		return ui.Cell{Text: ui.Number(int(n)), Href: href}
	}
	pills := []ui.Pill{flowState(f)}
	if f.Changed && f.Version > 0 {
		pills = append(pills, ui.Pill{Text: "changed", Title: "The draft differs from what members enter"})
	}
	first := ui.Cell{Text: f.Name, Href: href, Sub: f.Draft.Trigger.Words(), Pills: pills}
	if t == nil {
		return ui.TableRow{ID: f.Key, Cells: []ui.Cell{first, cell(0, ""), cell(0, ""), cell(0, ""), cell(0, ""), {}}}
	}
	if n := t.States[workflow.Stuck]; n > 0 {
		first.Pills = append(first.Pills, ui.Pill{Text: countText(n, "is", "are") + " stuck", Tone: ui.ToneBad, Href: href + "/runs?state=failed"})
	}
	helps := ui.Cell{}
	if e := t.Effect(); e.Known {
		helps = ui.Cell{Text: points(e.Difference), Sub: "from " + points(e.Low) + " to " + points(e.High)}
	}
	return ui.TableRow{ID: f.Key, Cells: []ui.Cell{
		first, cell(t.Entered(), href+"/runs"), cell(t.States[workflow.Waiting], href+"/runs?state=waiting"), cell(t.Messages[outbox.Sent], "/outbox?show=sent&workflow="+idText(f.ID)), cell(t.Messages[outbox.Draft], "/outbox?workflow="+idText(f.ID)), helps,
	}}
}

// points writes a difference of shares.
func points(d float64) string {
	return fmt.Sprintf("%+.1f points", 100*d)
}

// triggerKinds are the triggers for people, with what they become.
func triggerKinds() []ui.Option {
	return []ui.Option{
		{Value: "first", Label: "A member writes for the first time"},
		{Value: "activity", Label: "A member does something"},
		{Value: "entered", Label: "A member enters a segment"},
		{Value: "left", Label: "A member leaves a segment"},
		{Value: "schedule", Label: "Every day or week"},
		{Value: "date", Label: "A date of theirs, such as the start of a trial"},
		{Value: "survey", Label: "A member answers a survey"},
		{Value: "webhook", Label: "Another system says so"},
		{Value: "hand", Label: "Somebody of the team chooses them"},
	}
}

const written = "kind:message,reply,question,answer,comment,issue,discussion"

func (p *workflowPages) showNew(w http.ResponseWriter, r *http.Request) error {
	return p.newForm(w, r, "", "")
}

func (p *workflowPages) newForm(w http.ResponseWriter, r *http.Request, field, problem string) error {
	body := workflowNewBody{Head: ui.Head{Title: "New workflow", Back: &ui.Action{Label: "Workflows", Href: "/workflows"}}}
	fields := []ui.Field{
		{Name: "name", Label: "Name", Value: r.FormValue("name"), Required: true, Placeholder: "Welcome in #help"},
		{Name: "kind", Label: "Who enters, and when", Type: "select", Value: firstText(r.FormValue("kind"), "first"), Options: triggerKinds()},
		{Name: "channel", Label: "In the channel", Value: r.FormValue("channel"), Placeholder: "#help", Help: "Where they write, or do something. Left empty, everywhere."},
	}
	for i := range fields {
		if fields[i].Name == field {
			fields[i].Error = problem
		}
	}
	body.Form = ui.Form{Post: "/workflows/new", Fields: fields, Actions: []ui.Action{{Label: "Go on to its steps", Submit: true, Style: ui.StylePrimary}}}
	body.Offers = p.offers(nil)
	return render(p.Site, w, r, p.newView, "New workflow", body)
}

func (p *workflowPages) make(w http.ResponseWriter, r *http.Request) error {
	if key := r.FormValue("template"); key != "" {
		for _, t := range workflow.Templates() {
			if t.Key == key {
				return p.made(w, r, t.Name, t.Definition)
			}
		}
	}
	name := strings.TrimSpace(r.FormValue("name"))
	if name == "" {
		return p.newForm(w, r, "name", "Give it a name by which your team knows it.")
	}
	d := workflow.Definition{Steps: []workflow.Step{}}
	d.Trigger = freshTrigger(r.FormValue("kind"), strings.TrimSpace(r.FormValue("channel")))
	if d.Trigger.Kind == "" {
		return p.newForm(w, r, "kind", "Choose who enters.")
	}
	return p.made(w, r, name, d)
}

// freshTrigger is a trigger as it is begun with.
func freshTrigger(kind, channel string) workflow.Trigger {
	in := ""
	if channel != "" {
		name := strings.TrimPrefix(channel, "#")
		if strings.ContainsAny(name, " \"") {
			name = strconv.Quote(name)
		}
		in = "channel:#" + name + " "
	}
	switch k := workflow.TriggerKind(kind); k {
	case "first":
		return workflow.Trigger{Kind: workflow.OnActivity, Query: in + written, First: true}
	case workflow.OnActivity:
		return workflow.Trigger{Kind: k, Query: in + "is:question"}
	case workflow.OnSchedule:
		return workflow.Trigger{Kind: k, Weekday: 1, Hour: 9}
	case workflow.OnDate:
		return workflow.Trigger{Kind: k, Of: "organization", Hour: 9}
	case workflow.OnEntered, workflow.OnLeft, workflow.OnSurvey, workflow.OnWebhook, workflow.OnHand:
		return workflow.Trigger{Kind: k}
	}
	return workflow.Trigger{}
}

func (p *workflowPages) made(w http.ResponseWriter, r *http.Request, name string, d workflow.Definition) error {
	who := person(r)
	if strings.Contains(who.Seed, "@") {
		d.Sender = who.Seed
	}
	known, err := p.cfg.Workflows.Known(r.Context())
	if err != nil {
		return err
	}
	d.Walk(func(s *workflow.Step, _ int) bool {
		if s.Kind == workflow.StepAlert && s.Destination == 0 && s.Owner == "" || s.Kind == workflow.StepTask && s.Owner == "" {
			s.Owner = d.Sender
		}
		if s.Kind == workflow.StepMessage && s.Channel != outbox.Email && len(known.Ways[s.Channel]) == 0 {
			reach(s, &d, known)
		}
		return true
	})
	f, err := p.cfg.Workflows.Add(r.Context(), name, d, who.Actor)
	if err != nil {
		return err
	}
	return p.back(w, r, workflowHref(f.Key)+"/edit", "It does nothing until you turn it on.", "")
}

// reach chooses how a message goes out, of what is there.
func reach(s *workflow.Step, d *workflow.Definition, known *workflow.Known) {
	began := d.Trigger.Kind == workflow.OnActivity
	for _, c := range []outbox.Channel{outbox.Slack, outbox.Discord, outbox.Discourse, outbox.GitHub} {
		if len(known.Ways[c]) > 0 && (began || c != outbox.GitHub) {
			s.Channel, s.Place = c, workflow.Direct
			if began {
				s.Place = workflow.Thread
			}
			return
		}
	}
	s.Channel, s.Place = outbox.Email, ""
	if s.Subject == "" {
		s.Subject = "Hello from the community"
	}
}
