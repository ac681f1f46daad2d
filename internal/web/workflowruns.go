// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"cmp"
	"net/http"
	"strconv"
	"time"

	"greenroom"
	"greenroom/internal/web/ui"
	"greenroom/internal/workflow"
)

// workflowDryBody is what workflowdry.html shows.
type workflowDryBody struct {
	Head     ui.Head
	KPIs     []ui.KPI
	Days     ui.Segments
	Notes    []string
	Lines    []flowLine
	Members  []dryMember
	More     string
	Empty    *ui.Empty
	Problems []string
}

// dryMember is somebody whom a dry run lets in.
type dryMember struct {
	Name, Href, Outcome string
	At                  time.Time
	Held                bool
	Log                 []dryEntry
	Messages            []workflow.DryMessage
}

type dryEntry struct {
	At   string
	Text string
}

// shownDry is how many members a dry run shows one by one.
const shownDry = 100

func (p *workflowPages) dryRun(w http.ResponseWriter, r *http.Request) error {
	f, err := p.cfg.Workflows.Get(r.Context(), r.PathValue("key"))
	if err != nil {
		return err
	}
	days, err := strconv.Atoi(firstText(r.URL.Query().Get("days"), "30"))
	if err != nil {
		return greenroom.Errorf(greenroom.CodeInvalid, "a dry run goes over a number of days")
	}
	href := workflowHref(f.Key)
	body := workflowDryBody{Head: ui.Head{Title: "Dry run of " + f.Name, Subtitle: "Who would have entered, and what each would have received. Nothing is sent or stored.", Back: &ui.Action{Label: f.Name, Href: href}}}
	if person(r).MayWrite && f.State != workflow.Archived {
		body.Head.Actions = []ui.Action{{Label: "Edit", Href: href + "/edit"}}
	}
	body.Days.Label = "How far back"
	for _, d := range []int{7, 30, 90, 365} {
		body.Days.Items = append(body.Days.Items, ui.Segment{Label: countText(int64(d), "day", "days"), Href: href + "/dry-run?days=" + strconv.Itoa(d), Active: d == days})
	}
	problems, err := p.cfg.Workflows.Check(r.Context(), &f.Draft)
	if err != nil {
		return err
	}
	for _, x := range problems {
		body.Problems = append(body.Problems, sentence(x.Text))
	}
	known, err := p.cfg.Workflows.Known(r.Context())
	if err != nil {
		return err
	}
	d, err := p.cfg.Workflows.DryRun(r.Context(), f.Key, days)
	if err != nil {
		return err
	}
	body.Notes = d.Notes
	body.KPIs = []ui.KPI{
		{Label: "Would have entered", Value: ui.Number(d.Entered)}, {Label: "Held out of them", Value: ui.Number(d.Held)}, {Label: "Messages sent", Value: ui.Number(d.Messages)}, {Label: "Messages not sent", Value: ui.Number(d.Unsent), Note: "consent, caps, or no address"},
	}
	draw := &drawing{key: f.Key, card: func(s *workflow.Step, _, _ int) *flowCard {
		c := &flowCard{ID: s.ID, Lead: lead(s), Title: s.Words(), Count: ui.Number(d.Passed[s.ID])}
		c.Sub, _ = sub(s, known)
		return c
	}}
	body.Lines = append(body.Lines, flowLine{Card: &flowCard{ID: "trigger", Lead: "When", Title: f.Draft.Trigger.Words(), Sub: triggerSub(&f.Draft), Count: ui.Number(d.Entered)}})
	draw.steps(f.Draft.Steps, "", 0)
	body.Lines = append(body.Lines, draw.lines...)
	for i := range d.Runs {
		if i == shownDry {
			body.More = "The first " + strconv.Itoa(shownDry) + " are shown; the API gives all."
			break
		}
		body.Members = append(body.Members, dryOf(&d.Runs[i], p.cfg.Zones.Zone()))
	}
	if d.Entered == 0 {
		body.Empty = &ui.Empty{Title: "Nobody would have entered", Text: "In these days nobody did what lets members in. Go back further, or widen the trigger.", Actions: []ui.Action{{Label: "Look at a year", Href: href + "/dry-run?days=365"}}}
	}
	return render(p.Site, w, r, p.dryView, "Dry run of "+f.Name, body)
}

func dryOf(m *workflow.DryMember, zone *time.Location) dryMember {
	v := dryMember{Name: m.Member, Href: "/members/" + idText(m.MemberID), At: m.EnteredAt, Held: m.Held, Outcome: runWords(m.State), Messages: m.Messages}
	if m.Reason != "" {
		v.Outcome += ": " + m.Reason
	}
	for _, e := range m.Log {
		v.Log = append(v.Log, dryEntry{e.At.In(zone).Format("2 Jan 2006, 15:04"), e.Text})
	}
	return v
}

// runWords says how far a run is.
func runWords(s workflow.RunState) string {
	switch s {
	case workflow.Waiting:
		return "still in it"
	case workflow.Stuck:
		return "stuck"
	case workflow.Done:
		return "done"
	case workflow.Stopped:
		return "ended early"
	case workflow.Held:
		return "held out"
	}
	return string(s)
}

func runTone(s workflow.RunState) ui.Tone {
	switch s {
	case workflow.Waiting:
		return ui.ToneInfo
	case workflow.Stuck:
		return ui.ToneBad
	case workflow.Done:
		return ui.ToneGood
	case workflow.Stopped, workflow.Held:
	}
	return ui.ToneNone
}

// workflowRunsBody is what workflowruns.html shows.
type workflowRunsBody struct {
	Head   ui.Head
	States ui.Segments
	List   ui.Table
	Older  *ui.Pager
}

func runHref(key string, id int64) string { return workflowHref(key) + "/runs/" + idText(id) }

const runsPerPage = 50

func (p *workflowPages) showRuns(w http.ResponseWriter, r *http.Request) error {
	f, err := p.cfg.Workflows.Get(r.Context(), r.PathValue("key"))
	if err != nil {
		return err
	}
	v := r.URL.Query()
	below, _ := strconv.ParseInt(v.Get("below"), 10, 64)
	version, err := strconv.ParseInt(cmp.Or(v.Get("version"), "0"), 10, 64)
	if err != nil {
		return greenroom.Errorf(greenroom.CodeInvalid, "version is the number of a version of the workflow, and %q is none", v.Get("version"))
	}
	runs, err := p.cfg.Workflows.Runs(r.Context(), workflow.Filter{Workflow: f.ID, Version: version, State: workflow.RunState(v.Get("state")), Step: v.Get("step"), At: v.Get("at"), Below: below, Limit: runsPerPage})
	if err != nil {
		return err
	}
	href := workflowHref(f.Key)
	body := workflowRunsBody{Head: ui.Head{Title: "Members in " + f.Name, Back: &ui.Action{Label: f.Name, Href: href}}}
	if s := findStep(&f.Draft, firstText(v.Get("step"), v.Get("at"))); s != nil {
		body.Head.Subtitle = either(v.Get("at") != "", "Who is at this step now: ", "Who did this step: ") + s.Words()
	}
	body.States.Label = "Which"
	body.States.Items = append(body.States.Items, ui.Segment{Label: "All", Href: href + "/runs", Active: v.Get("state") == ""})
	for _, s := range workflow.RunStates() {
		body.States.Items = append(body.States.Items, ui.Segment{Label: title(runWords(s)), Href: href + "/runs?state=" + string(s), Active: v.Get("state") == string(s)})
	}
	body.List = ui.Table{Caption: "Members", Columns: []ui.Column{{Label: "Member"}, {Label: "Entered"}, {Label: "How far"}, {Label: "Looks again"}}}
	for i := range runs {
		x := &runs[i]
		where := ""
		if s := findStep(&f.Draft, x.Step); s != nil && (x.State == workflow.Waiting || x.State == workflow.Stuck) {
			where = "at: " + s.Words()
		}
		name := firstText(x.Member, "erased")
		due := ui.Cell{}
		if x.State == workflow.Waiting {
			due.Text = x.DueAt.In(p.cfg.Zones.Zone()).Format("2 Jan 2006, 15:04")
		}
		body.List.Rows = append(body.List.Rows, ui.TableRow{ID: idText(x.ID), Cells: []ui.Cell{
			{Text: name, Href: runHref(f.Key, x.ID), Avatar: &ui.Avatar{Name: name, Seed: idText(x.MemberID)}, Sub: x.Cause}, {Time: x.EnteredAt}, {Pills: []ui.Pill{{Text: runWords(x.State), Tone: runTone(x.State)}}, Sub: firstText(x.Reason, where)}, due,
		}})
	}
	if len(runs) == 0 {
		body.List.Empty = &ui.Empty{Title: "Nobody here", Text: "Members are listed here from when they enter.", Actions: []ui.Action{{Label: "Dry run", Href: href + "/dry-run"}}}
	}
	if len(runs) == runsPerPage {
		v.Set("below", idText(runs[len(runs)-1].ID))
		body.Older = &ui.Pager{Older: href + "/runs?" + v.Encode()}
	}
	return render(p.Site, w, r, p.runsView, body.Head.Title, body)
}

// workflowRunBody is what workflowrun.html shows.
type workflowRunBody struct {
	Head  ui.Head
	Steps []runStep
	Facts []ui.Fact
	Moves []ui.Action
}

// runStep is a line of a run.
type runStep struct {
	At         time.Time
	Title      string
	Text, Href string
	Now        bool
}

func (p *workflowPages) showRun(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	run, log, v, err := p.cfg.Workflows.Run(r.Context(), id)
	if err != nil {
		return err
	}
	f, err := p.cfg.Workflows.Get(r.Context(), r.PathValue("key"))
	if err != nil {
		return err
	}
	if f.ID != run.WorkflowID {
		return greenroom.Errorf(greenroom.CodeNotFound, "there is no page at this address")
	}
	name := firstText(run.Member, "An erased member")
	body := workflowRunBody{Head: ui.Head{Title: name + " in " + f.Name, Back: &ui.Action{Label: "Members in it", Href: workflowHref(f.Key) + "/runs"}, Pills: []ui.Pill{{Text: runWords(run.State), Tone: runTone(run.State)}}}}
	body.Head.Subtitle = run.Reason
	body.Steps = append(body.Steps, runStep{At: run.EnteredAt, Title: "Entered", Text: run.Cause})
	for _, e := range log {
		line := runStep{At: e.At, Title: "Step " + e.Step, Text: e.Text}
		if s := findStep(&v.Definition, e.Step); s != nil {
			line.Title = s.Words()
		}
		if e.Key != "" && (e.Kind == workflow.StepMessage || e.Kind == workflow.StepWebhook || e.Kind == workflow.StepAlert) {
			line.Href = "/outbox?run=" + idText(run.ID)
		}
		body.Steps = append(body.Steps, line)
	}
	if s := findStep(&v.Definition, run.Step); s != nil && (run.State == workflow.Waiting || run.State == workflow.Stuck) {
		text := "until " + run.DueAt.In(p.cfg.Zones.Zone()).Format("2 Jan 2006, 15:04") + ", or sooner if what it waits for happens"
		if run.Message != "" {
			text = "until it is known what became of its message"
		}
		body.Steps = append(body.Steps, runStep{At: run.Since, Title: "Now: " + s.Words(), Text: either(run.State == workflow.Stuck, "Stuck: "+run.Reason, text), Now: true, Href: either(run.Message != "", "/outbox?run="+idText(run.ID), "")})
	}
	body.Facts = []ui.Fact{{Label: "Member", Value: name, Href: "/members/" + idText(run.MemberID)}, {Label: "Version", Value: idText(run.Version)}, {Label: "Entered", Value: run.EnteredAt.In(p.cfg.Zones.Zone()).Format("2 Jan 2006, 15:04")}}
	if run.ConversationID > 0 {
		body.Facts = append(body.Facts, ui.Fact{Label: "Began with", Value: "a conversation", Href: "/conversations/" + idText(run.ConversationID)})
	}
	if run.Outcome >= 0 {
		body.Facts = append(body.Facts, ui.Fact{Label: "Did what was hoped for", Value: either(run.Outcome == 1, "yes", "no")})
	}
	if person(r).MayWrite && (run.State == workflow.Waiting || run.State == workflow.Stuck) {
		to := runHref(f.Key, run.ID) + "/"
		if run.State == workflow.Stuck {
			body.Moves = append(body.Moves, ui.Action{Label: "Try again", Post: to + workflow.MoveRetry, Style: ui.StylePrimary})
		}
		body.Moves = append(body.Moves, ui.Action{Label: "They replied", Post: to + workflow.MoveReplied}, ui.Action{Label: "Skip this step", Post: to + workflow.MoveSkip}, ui.Action{Label: "End it", Post: to + workflow.MoveStop})
	}
	return render(p.Site, w, r, p.runView, body.Head.Title, body)
}

func (p *workflowPages) moveRun(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	if _, err := p.cfg.Workflows.Move(r.Context(), id, r.PathValue("how"), person(r).Actor); err != nil {
		return err
	}
	return p.back(w, r, runHref(r.PathValue("key"), id), "Done.", "")
}
