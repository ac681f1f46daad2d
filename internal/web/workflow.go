// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"greenroom"
	"greenroom/internal/outbox"
	"greenroom/internal/web/ui"
	"greenroom/internal/workflow"
)

// workflowBody is what workflow.html shows.
type workflowBody struct {
	Head     ui.Head
	Problems []string
	Lines    []flowLine
	Helps    *flowEffect
	Saved    string // hours
	SavedBy  string
	Approve  ui.Rows
	All      *ui.Action // to the outbox
	Stuck    ui.Rows
	Facts    []ui.Fact
	Versions []ui.Fact
	Older    string     // who goes on in another version
	MoveRuns *ui.Action // to where they can be moved
	Hook     string     // how other systems let somebody in
	NewHook  ui.Action
	Enter    *ui.Form
	Dialogs  []ui.Dialog
}

// flowEffect is what is known of whether it helps, with what the drawing needs: places from 0 to 300.
type flowEffect struct {
	Value, Outcome, Words, Shares string
	Clear                         bool
	Zero, Low, High, At, Wide     int
	Ticks                         []flowTick
}

type flowTick struct {
	X     int
	Label string
}

func effectOf(d *workflow.Definition, t *workflow.Tally) *flowEffect {
	h := &d.HoldOut
	if h.Percent == 0 {
		return nil
	}
	e := t.Effect()
	v := &flowEffect{Words: e.Words(), Clear: e.Clear(), Outcome: "do " + h.Outcome + " within " + countText(int64(h.Days), "day", "days")}
	if e.Open > 0 {
		v.Words += " Of " + countText(e.Open, "member", "members") + " it is not known yet."
	}
	if !e.Known {
		return v
	}
	v.Value = points(e.Difference)
	v.Shares = fmt.Sprintf("%.1f %% of %s who entered, %.1f %% of %s held out · 95 %% interval from %s to %s · all who entered count, whatever became of their run", 100*e.With.Share(), ui.Number(int(e.With.Members)), 100*e.Without.Share(), ui.Number(int(e.Without.Members)), points(e.Low), points(e.High))
	from, to := min(e.Low, 0)-0.05, max(e.High, 0)+0.05
	place := func(x float64) int { return int(300 * (x - from) / (to - from)) }
	v.Zero, v.Low, v.High, v.At = place(0), place(e.Low), place(e.High), place(e.Difference)
	v.Wide = v.High - v.Low
	for _, x := range []float64{e.Low, 0, e.High} {
		v.Ticks = append(v.Ticks, flowTick{place(x), fmt.Sprintf("%+.0f", 100*x)})
	}
	return v
}

// mostApprove is how many drafts a workflow's page shows.
const mostApprove = 5

func (p *workflowPages) show(w http.ResponseWriter, r *http.Request) error {
	f, err := p.cfg.Workflows.Get(r.Context(), r.PathValue("key"))
	if err != nil {
		return err
	}
	tallies, err := p.cfg.Workflows.Tallies(r.Context(), f.ID)
	if err != nil {
		return err
	}
	versions, err := p.cfg.Workflows.Versions(r.Context(), f.Key)
	if err != nil {
		return err
	}
	known, err := p.cfg.Workflows.Known(r.Context())
	if err != nil {
		return err
	}
	t := tallies[f.ID]
	if t == nil {
		t = &workflow.Tally{}
	}
	d := &f.Draft
	for i := range versions {
		if versions[i].Version == f.Version {
			d = &versions[i].Definition
		}
	}
	href, may := workflowHref(f.Key), person(r).MayWrite
	body := workflowBody{Head: ui.Head{Title: f.Name, Back: &ui.Action{Label: "Workflows", Href: "/workflows"}, Pills: []ui.Pill{flowState(&f)}}}
	body.Head.Subtitle = fmt.Sprintf("%s entered · %s in it now", ui.Number(int(t.Entered())), ui.Number(int(t.States[workflow.Waiting])))
	if d.HoldOut.Percent > 0 {
		body.Head.Subtitle += fmt.Sprintf(" · %d %% held out at random", d.HoldOut.Percent)
	}
	if f.Version > 0 {
		body.Head.Pills = append(body.Head.Pills, ui.Pill{Text: "version " + idText(f.Version)})
	}
	body.Head.Actions = []ui.Action{{Label: "Runs", Href: href + "/runs"}, {Label: "Dry run", Href: href + "/dry-run"}}
	if may {
		p.mayChange(&f, &body)
	}
	body.Lines = viewLines(&f, d, t, known)
	body.Helps = effectOf(d, t)
	if d.Minutes > 0 {
		body.Saved = fmt.Sprintf("%.1f h", d.Minutes*float64(t.States[workflow.Done])/60)
		body.SavedBy = fmt.Sprintf("%s that came to their end × %s min by hand", countText(t.States[workflow.Done], "run", "runs"), strconv.FormatFloat(d.Minutes, 'f', -1, 64))
	}
	body.Facts = flowFacts(&f, d, t)
	for i := range versions {
		v := &versions[i]
		body.Versions = append(body.Versions, ui.Fact{Label: "Version " + idText(v.Version), Value: v.At.Format("2 Jan 2006") + " by " + v.By})
	}
	moving, err := p.cfg.Workflows.Moving(r.Context(), f.Key)
	if err != nil {
		return err
	}
	body.Older, body.MoveRuns = olderRuns(href, &moving, may)
	if err := p.lists(r, &f, &body); err != nil {
		return err
	}
	return render(p.Site, w, r, p.oneView, f.Name, body)
}

func (p *workflowPages) mayChange(f *workflow.Workflow, body *workflowBody) {
	href := workflowHref(f.Key)
	act := func(a ...ui.Action) { body.Head.Actions = append(body.Head.Actions, a...) }
	switch f.State {
	case workflow.On:
		act(ui.Action{Label: "Turn off", Post: href + "/turn/off"}, ui.Action{Label: either(f.Changed, "Go on editing", "Edit as version "+idText(f.Version+1)), Href: href + "/edit", Style: ui.StylePrimary})
		body.Enter = &ui.Form{Post: href + "/enter", Fields: []ui.Field{{Name: "q", Label: "Let in the members who fit", Value: "", Placeholder: "tag:pilot", Required: true}}, Actions: []ui.Action{{Label: "Let them in", Submit: true}}}
	case workflow.Off, workflow.Draft:
		act(ui.Action{Label: "Edit", Href: href + "/edit"}, ui.Action{Label: "Turn on", Post: href + "/turn/on", Style: ui.StylePrimary})
	case workflow.Archived:
		return
	}
	if f.State != workflow.On {
		act(ui.Action{Label: "Archive", Dialog: "archive", Style: ui.StyleQuiet})
		body.Dialogs = []ui.Dialog{{ID: "archive", Title: "Archive " + f.Name, Text: "Everybody who is in it stops where they are, and drafts are not sent. Its history stays. This cannot be taken back.", Form: ui.Form{Post: href + "/turn/archived", Actions: []ui.Action{{Label: "Archive it", Submit: true, Style: ui.StyleDanger}}}}}
	}
	if f.Draft.Trigger.Kind == workflow.OnWebhook {
		body.NewHook = ui.Action{Label: "Make an address", Post: href + "/hook", Small: true}
		body.Hook = "No other system lets anybody in yet."
		if f.Hook != "" {
			body.Hook = "An address was made. It is not shown again; a new one takes its place."
		}
	}
}

func flowFacts(f *workflow.Workflow, d *workflow.Definition, t *workflow.Tally) []ui.Fact {
	href := workflowHref(f.Key)
	facts := []ui.Fact{
		{Label: "Done", Value: ui.Number(int(t.States[workflow.Done])), Href: href + "/runs?state=done"},
		{Label: "Ended early", Value: ui.Number(int(t.States[workflow.Stopped])), Href: href + "/runs?state=stopped"},
		{Label: "Stuck", Value: ui.Number(int(t.States[workflow.Stuck])), Href: href + "/runs?state=failed"},
		{Label: "Messages sent", Value: ui.Number(int(t.Messages[outbox.Sent])), Href: "/outbox?show=sent&workflow=" + idText(f.ID)},
		{Label: "Not sent", Value: ui.Number(int(t.Messages[outbox.Skipped])), Href: "/outbox?show=skipped&workflow=" + idText(f.ID)},
	}
	if d.Sender != "" {
		facts = append(facts, ui.Fact{Label: "Writes in the name of", Value: d.Sender})
	}
	if !f.OnSince.IsZero() && f.State == workflow.On {
		facts = append(facts, ui.Fact{Label: "On since", Value: f.OnSince.Format("2 Jan 2006, 15:04")})
	}
	if !f.NextAt.IsZero() && f.State == workflow.On {
		facts = append(facts, ui.Fact{Label: "Next turn", Value: f.NextAt.Format("2 Jan 2006, 15:04")})
	}
	return append(facts, ui.Fact{Label: "Made by", Value: f.CreatedBy})
}

// viewLines draws a definition with how many came by.
func viewLines(f *workflow.Workflow, d *workflow.Definition, t *workflow.Tally, known *workflow.Known) []flowLine {
	href := workflowHref(f.Key)
	lines := []flowLine{{Card: &flowCard{ID: "trigger", Lead: "When", Title: d.Trigger.Words(), Sub: triggerSub(d), Count: some(t.Entered() + t.States[workflow.Held]), CountTo: href + "/runs"}}}
	if h := &d.HoldOut; h.Percent > 0 {
		lines = append(lines, flowLine{Card: &flowCard{ID: "holdout", Lead: "Hold out", Title: fmt.Sprintf("%d in 100 get nothing, so that the effect can be known", h.Percent), Sub: "outcome: " + h.Outcome + " within " + countText(int64(h.Days), "day", "days"), Count: some(t.States[workflow.Held]), CountTo: href + "/runs?state=held"}})
	}
	draw := &drawing{key: f.Key, card: func(s *workflow.Step, _, _ int) *flowCard {
		c := &flowCard{ID: s.ID, Lead: lead(s), Title: s.Words(), Count: some(t.Passed[s.ID]), CountTo: href + "/runs?step=" + s.ID}
		if n := t.At[s.ID]; n > 0 {
			c.Count, c.CountTo, c.CountNote = ui.Number(int(n)), href+"/runs?at="+s.ID, "here now"
		}
		c.Sub, c.Quote = sub(s, known)
		return c
	}}
	draw.steps(d.Steps, "", 0)
	lines = append(lines, draw.lines...)
	if stop := stopWords(d); stop != "" {
		lines = append(lines, flowLine{Card: &flowCard{ID: "stop", Lead: "Ends", Title: "Early, " + stop}})
	}
	return lines
}

func stopWords(d *workflow.Definition) string {
	var parts []string
	if d.Stop.Reply {
		parts = append(parts, "when they write back")
	}
	if d.Stop.Left {
		parts = append(parts, "when they leave the segment")
	}
	if d.Stop.Did != "" {
		parts = append(parts, "when they do "+d.Stop.Did)
	}
	return strings.Join(parts, ", or ")
}

// lists shows what waits for somebody.
func (p *workflowPages) lists(r *http.Request, f *workflow.Workflow, body *workflowBody) error {
	if p.cfg.Outbox != nil {
		drafts, err := p.cfg.Outbox.List(r.Context(), outbox.Filter{Origin: "workflow", ID: f.ID, States: []outbox.State{outbox.Draft}, Limit: mostApprove})
		if err != nil {
			return err
		}
		body.Approve.Label = "To approve"
		for i := range drafts {
			body.Approve.Items = append(body.Approve.Items, messageRow(&drafts[i], person(r).MayWrite, r.URL.Path))
		}
		if len(drafts) == mostApprove {
			body.All = &ui.Action{Label: "All of them", Href: "/outbox?workflow=" + idText(f.ID)}
		}
	}
	stuck, err := p.cfg.Workflows.Runs(r.Context(), workflow.Filter{Workflow: f.ID, State: workflow.Stuck, Limit: mostApprove})
	if err != nil {
		return err
	}
	body.Stuck.Label = "Stuck"
	for i := range stuck {
		x := &stuck[i]
		body.Stuck.Items = append(body.Stuck.Items, ui.Row{Title: x.Member, Href: runHref(f.Key, x.ID), Meta: []ui.Meta{{Text: x.Reason}}})
	}
	return nil
}

func (p *workflowPages) publish(w http.ResponseWriter, r *http.Request) error {
	f, err := p.cfg.Workflows.Publish(r.Context(), r.PathValue("key"), r.FormValue("moved") != "", person(r).Actor)
	if err != nil {
		return err
	}
	return p.back(w, r, workflowHref(f.Key), "Version "+idText(f.Version)+" is what members enter from now on. Those who are in it go on as they began; under Versions you can move them.", "")
}

func (p *workflowPages) discard(w http.ResponseWriter, r *http.Request) error {
	f, err := p.cfg.Workflows.Discard(r.Context(), r.PathValue("key"), person(r).Actor)
	if err != nil {
		return err
	}
	return p.back(w, r, workflowHref(f.Key), "It is as in version "+idText(f.Version)+" again.", "")
}

func (p *workflowPages) turn(w http.ResponseWriter, r *http.Request) error {
	to := workflow.State(r.PathValue("to"))
	if to != workflow.On && to != workflow.Off && to != workflow.Archived {
		return greenroom.Errorf(greenroom.CodeNotFound, "there is no page at this address")
	}
	f, err := p.cfg.Workflows.Turn(r.Context(), r.PathValue("key"), to, person(r).Actor)
	if err != nil {
		return err
	}
	switch to {
	case workflow.On:
		return p.back(w, r, workflowHref(f.Key), f.Name+" is on. Who does what lets them in from now on enters; what was before does not count.", workflowHref(f.Key)+"/turn/off")
	case workflow.Off:
		return p.back(w, r, workflowHref(f.Key), f.Name+" is off: nobody enters, and who is in it stands still.", workflowHref(f.Key)+"/turn/on")
	case workflow.Draft, workflow.Archived:
	}
	return p.back(w, r, "/workflows", f.Name+" is archived.", "")
}

func (p *workflowPages) enter(w http.ResponseWriter, r *http.Request) error {
	text := strings.TrimSpace(r.FormValue("q"))
	if text == "" {
		return greenroom.Errorf(greenroom.CodeInvalid, "say who, such as tag:pilot; all members at once are rarely meant")
	}
	n, err := p.cfg.Workflows.EnterQuery(r.Context(), r.PathValue("key"), text, "hand "+p.cfg.Now().UTC().Format("2006-01-02T15:04"), person(r).Actor)
	if err != nil {
		return err
	}
	return p.back(w, r, workflowHref(r.PathValue("key")), countText(int64(n), "member", "members")+" entered. Who is in it, was in it, or is not whom it is for was left out.", "")
}

func (p *workflowPages) hook(w http.ResponseWriter, r *http.Request) error {
	token, err := p.cfg.Workflows.NewHook(r.Context(), r.PathValue("key"), person(r).Actor)
	if err != nil {
		return err
	}
	return p.back(w, r, workflowHref(r.PathValue("key")), "The address, shown this once: "+workflow.HookPath+r.PathValue("key")+"/"+token, "")
}
