// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"greenroom"
	"greenroom/internal/auth"
	"greenroom/internal/workflow"
)

// Workflows are what is done for members one after the other; workflow.Service keeps them.
type Workflows interface {
	List(ctx context.Context, archived bool) ([]workflow.Workflow, error)
	Get(ctx context.Context, ref string) (workflow.Workflow, error)
	Tallies(ctx context.Context, id int64) (map[int64]*workflow.Tally, error)
	WorkflowDrafts
	WorkflowRuns
}

// WorkflowDrafts changes workflows.
type WorkflowDrafts interface {
	Check(ctx context.Context, d *workflow.Definition) ([]workflow.Problem, error)
	Add(ctx context.Context, name string, d workflow.Definition, by string) (workflow.Workflow, error)
	Edit(ctx context.Context, ref string, revision int64, by string, change func(name *string, d *workflow.Definition) error) (workflow.Workflow, error)
	Publish(ctx context.Context, ref string, moved bool, by string) (workflow.Workflow, error)
	Turn(ctx context.Context, ref string, to workflow.State, by string) (workflow.Workflow, error)
}

// WorkflowRuns tells of runs and moves them.
type WorkflowRuns interface {
	DryRun(ctx context.Context, ref string, days int) (*workflow.DryRun, error)
	Runs(ctx context.Context, f workflow.Filter) ([]workflow.Run, error)
	Run(ctx context.Context, id int64) (workflow.Run, []workflow.Entry, workflow.Version, error)
	Move(ctx context.Context, id int64, how, by string) (workflow.Run, error)
	EnterByHand(ctx context.Context, ref string, members []int64, key, cause, by string) (int, error)
	EnterQuery(ctx context.Context, ref, text, key, by string) (int, error)
	WorkflowMoves
}

// WorkflowMoves moves runs to the version that is published.
type WorkflowMoves interface {
	Moving(ctx context.Context, ref string) (workflow.Moving, error)
	MoveRuns(ctx context.Context, ref string, version int64, by string) (int64, error)
}

// Flow is a workflow.
type Flow struct {
	ID         int64           `json:"id" doc:"The workflow's id."`
	Key        string          `json:"key" doc:"How it is called in addresses; never changes."`
	Name       string          `json:"name" doc:"How people call it."`
	State      string          `json:"state" doc:"draft (was never turned on), on, off or archived."`
	Version    int64           `json:"version" doc:"The version that members enter; 0 while there is none."`
	Changed    bool            `json:"changed" doc:"The draft differs from that version."`
	When       string          `json:"when" doc:"What lets members in, in words."`
	Definition json.RawMessage `json:"definition" doc:"The draft: trigger, where, again, stop, hold_out, sender, minutes and steps, as the documentation of workflows describes them."`
	Problems   []string        `json:"problems,omitempty" doc:"What keeps the draft from being turned on; of one workflow only."`
	Runs       *FlowTally      `json:"runs,omitempty" doc:"Who came by."`
	CreatedBy  string          `json:"created_by" doc:"Who made it."`
	CreatedAt  time.Time       `json:"created_at" doc:"When it was made."`
	ChangedAt  time.Time       `json:"changed_at" doc:"When it was changed last."`
}

// FlowTally sums up the runs of a workflow.
type FlowTally struct {
	Waiting  int64            `json:"waiting" doc:"Members who are in it now."`
	Failed   int64            `json:"failed" doc:"Members at a step that failed for good, until a person decides."`
	Done     int64            `json:"done" doc:"Members who came to its end."`
	Stopped  int64            `json:"stopped" doc:"Members who left it early."`
	Held     int64            `json:"held" doc:"Members who were held out at random."`
	Messages map[string]int64 `json:"messages" doc:"Messages to members, by state."`
	Effect   *FlowEffect      `json:"effect,omitempty" doc:"What it brings about; left out while that cannot be told."`
}

// FlowEffect is the difference that a workflow makes.
type FlowEffect struct {
	With       float64 `json:"with" doc:"The share of those who entered that did what was hoped for."`
	Without    float64 `json:"without" doc:"The share of those who were held out."`
	Difference float64 `json:"difference" doc:"With less without."`
	Low        float64 `json:"low" doc:"The lower end of the 95 % interval (Newcombe)."`
	High       float64 `json:"high" doc:"The upper end of it."`
	Smallest   float64 `json:"smallest" doc:"The smallest difference that so many members would mostly show."`
	Members    int64   `json:"members" doc:"Members whose outcome is known."`
	Words      string  `json:"words" doc:"What can be said of it."`
}

// FlowDraft is a workflow to be made, or what to change of one.
type FlowDraft struct {
	Name       string          `json:"name,omitempty" doc:"How people call it."`
	Definition json.RawMessage `json:"definition,omitempty" doc:"What it does."`
}

// FlowEntry lets members in.
type FlowEntry struct {
	Members []int64 `json:"members,omitempty" doc:"Their ids."`
	Query   string  `json:"query,omitempty" doc:"Or a query over members."`
	Key     string  `json:"key" doc:"The same key lets nobody in twice."`
}

// FlowEntered is how many entered.
type FlowEntered struct {
	Entered int `json:"entered" doc:"Members who entered, those held out included."`
}

// FlowRun is a member in a workflow.
type FlowRun struct {
	ID        int64       `json:"id" doc:"The run's id."`
	Workflow  int64       `json:"workflow_id" doc:"The workflow's id."`
	Version   int64       `json:"version" doc:"The version that the run goes through."`
	MemberID  int64       `json:"member_id" doc:"The member; 0 once they are erased."`
	Member    string      `json:"member" doc:"By name."`
	State     string      `json:"state" doc:"waiting, failed (stuck until a person decides), done, stopped or held (held out)."`
	Step      string      `json:"step,omitempty" doc:"The step at which it is."`
	Cause     string      `json:"cause" doc:"What let them in, in words."`
	Reason    string      `json:"reason,omitempty" doc:"Why it is stuck or ended early."`
	EnteredAt time.Time   `json:"entered_at" doc:"When they entered."`
	DueAt     time.Time   `json:"due_at,omitzero" doc:"When it looks again."`
	EndedAt   time.Time   `json:"ended_at,omitzero" doc:"When it ended."`
	Outcome   int64       `json:"outcome" doc:"1: did what was hoped for, 0: did not, below 0: not known."`
	Log       []FlowEvent `json:"log,omitempty" doc:"What happened; of one run only."`
}

// FlowEvent is something that a run did.
type FlowEvent struct {
	At   time.Time `json:"at" doc:"When."`
	Step string    `json:"step,omitempty" doc:"The step."`
	Text string    `json:"text" doc:"What, in words."`
}

// FlowDryRun is what a workflow would have done.
type FlowDryRun struct {
	Since    time.Time       `json:"since" doc:"Where it begins."`
	Until    time.Time       `json:"until" doc:"Where it ends."`
	Entered  int             `json:"entered" doc:"Who would have entered."`
	Held     int             `json:"held" doc:"Of them, held out."`
	Messages int             `json:"messages" doc:"Messages that would have been sent."`
	Unsent   int             `json:"unsent" doc:"Messages that consent or caps would have kept from being sent."`
	Notes    []string        `json:"notes" doc:"What is not as it would have been."`
	Runs     json.RawMessage `json:"runs" doc:"Each member with what would have happened when, and the messages as they would have got them."`
}

func flowOf(f *workflow.Workflow, t *workflow.Tally) (Flow, error) {
	text, err := json.Marshal(f.Draft)
	if err != nil {
		return Flow{}, err //nolint:wrapcheck // it has nothing that cannot be written
	}
	v := Flow{ID: f.ID, Key: f.Key, Name: f.Name, State: string(f.State), Version: f.Version, Changed: f.Changed, When: f.Draft.Trigger.Words(), Definition: text, CreatedBy: f.CreatedBy, CreatedAt: f.CreatedAt, ChangedAt: f.ChangedAt}
	if t == nil {
		return v, nil
	}
	v.Runs = &FlowTally{Waiting: t.States[workflow.Waiting], Failed: t.States[workflow.Stuck], Done: t.States[workflow.Done], Stopped: t.States[workflow.Stopped], Held: t.States[workflow.Held], Messages: make(map[string]int64)}
	for s, n := range t.Messages {
		v.Runs.Messages[string(s)] = n
	}
	if e := t.Effect(); e.Known {
		v.Runs.Effect = &FlowEffect{e.With.Share(), e.Without.Share(), e.Difference, e.Low, e.High, e.Smallest, e.With.Members + e.Without.Members, e.Words()}
	}
	return v, nil
}

func runOf(r *workflow.Run, log []workflow.Entry) FlowRun {
	v := FlowRun{ID: r.ID, Workflow: r.WorkflowID, Version: r.Version, MemberID: r.MemberID, Member: r.Member, State: string(r.State), Step: r.Step, Cause: r.Cause, Reason: r.Reason, EnteredAt: r.EnteredAt, EndedAt: r.EndedAt, Outcome: r.Outcome}
	if r.State == workflow.Waiting {
		v.DueAt = r.DueAt
	}
	for _, e := range log {
		v.Log = append(v.Log, FlowEvent{e.At, e.Step, e.Text})
	}
	return v
}

func exampleFlow() Flow {
	at := exampleTime(2)
	return Flow{ID: 3, Key: "welcome", Name: "Welcome", State: "on", Version: 2, When: "A member writes in #help, for the first time", Definition: json.RawMessage(exampleDefinition), CreatedBy: "ana@acme.example", CreatedAt: at, ChangedAt: at}
}

const exampleDefinition = `{"trigger":{"kind":"activity","query":"channel:#help","first":true},"steps":[{"id":"s1","kind":"wait","until":"time","amount":3,"unit":"days"},{"id":"s2","kind":"task","title":"Look at {{name}}"}]}`

func (a *api) workflowOps() []op {
	if a.Workflows == nil {
		return nil
	}
	ref := nameParam("workflow", "The workflow's key, name or id.", "welcome")
	one := content{of: Flow{}, example: exampleFlow()}
	conflict := []greenroom.Code{greenroom.CodeConflict}
	whole := func(c *call, f workflow.Workflow, err error) (answer, error) {
		if err != nil {
			return answer{}, err
		}
		return a.flow(c, &f)
	}
	turn := func(path, id, summary, text string, to workflow.State) op {
		return op{
			method: http.MethodPost, path: "/workflows/{workflow}/" + path, id: id, tag: "Workflows", need: auth.Write, params: []param{ref}, reply: one, codes: conflict, summary: summary, text: text,
			do: func(c *call) (answer, error) {
				f, err := a.Workflows.Turn(c.ctx(), c.text("workflow"), to, c.by())
				return whole(c, f, err)
			},
		}
	}
	body := &content{of: FlowDraft{}, text: "Its name and what it does.", example: FlowDraft{Name: "Welcome", Definition: json.RawMessage(exampleDefinition)}}
	return append([]op{
		{
			method: http.MethodGet, path: "/workflows", id: "listWorkflows", tag: "Workflows", need: auth.Read,
			summary: "List workflows", text: "All workflows by name, with how many members came by.",
			params: []param{{name: "archived", form: formFlag, initial: "false", text: "Those that were archived instead."}},
			reply:  content{of: Items[Flow]{}, example: Items[Flow]{Items: []Flow{exampleFlow()}}}, do: a.listFlows,
		},
		{
			method: http.MethodPost, path: "/workflows", id: "createWorkflow", tag: "Workflows", need: auth.Write, status: http.StatusCreated, repeatable: true, body: body, reply: one, codes: conflict,
			summary: "Make a workflow", text: "It does nothing until it is turned on. What keeps it from that is in `problems`.",
			do: func(c *call) (answer, error) {
				d, err := decode[FlowDraft](c)
				if err != nil {
					return answer{}, err
				}
				definition, err := workflow.Decode(d.Definition)
				if err != nil {
					return answer{}, err //nolint:wrapcheck // it says what is wrong
				}
				f, err := a.Workflows.Add(c.ctx(), d.Name, definition, c.by())
				return whole(c, f, err)
			},
		},
		{
			method: http.MethodGet, path: "/workflows/{workflow}", id: "getWorkflow", tag: "Workflows", need: auth.Read, params: []param{ref}, reply: one,
			summary: "A workflow", text: "What it does, what keeps it from being turned on, who came by, and whether it helps.",
			do: func(c *call) (answer, error) {
				f, err := a.Workflows.Get(c.ctx(), c.text("workflow"))
				return whole(c, f, err)
			},
		},
		{
			method: http.MethodPatch, path: "/workflows/{workflow}", id: "changeWorkflow", tag: "Workflows", need: auth.Write, params: []param{ref}, body: body, reply: one, codes: conflict,
			summary: "Change a workflow's draft", text: "What is not sent stays. Members notice nothing until it is published. Steps keep their ids; new ones are given one.",
			do: func(c *call) (answer, error) {
				d, err := decode[FlowDraft](c)
				if err != nil {
					return answer{}, err
				}
				f, err := a.Workflows.Edit(c.ctx(), c.text("workflow"), 0, c.by(), func(name *string, to *workflow.Definition) error {
					if d.Name != "" {
						*name = d.Name
					}
					if len(d.Definition) == 0 {
						return nil
					}
					var err error
					*to, err = workflow.Decode(d.Definition)
					return err
				})
				return whole(c, f, err)
			},
		},
		turn("on", "turnWorkflowOn", "Turn a workflow on", "Publishes the draft where it differs. What happened before lets nobody in.", workflow.On),
		turn("off", "turnWorkflowOff", "Turn a workflow off", "Nobody enters, and who is in it stands still.", workflow.Off),
		turn("archive", "archiveWorkflow", "Archive a workflow", "For good: who is in it stops, drafts are not sent, its history stays.", workflow.Archived),
		{
			method: http.MethodPost, path: "/workflows/{workflow}/publish", id: "publishWorkflow", tag: "Workflows", need: auth.Write, reply: one, codes: conflict,
			params:  []param{ref, {name: "move", form: formFlag, initial: "false", text: "Those who are in it go on with the new version, too, as far as they can; see `previewWorkflowMove`."}},
			summary: "Publish the draft", text: "Makes the draft the version that members enter from now on.",
			do: func(c *call) (answer, error) {
				f, err := a.Workflows.Publish(c.ctx(), c.text("workflow"), c.flag("move"), c.by())
				return whole(c, f, err)
			},
		},
	}, append(a.workflowMoveOps(ref), a.workflowRunOps(ref)...)...)
}

func (a *api) listFlows(c *call) (answer, error) {
	all, err := a.Workflows.List(c.ctx(), c.flag("archived"))
	if err != nil {
		return answer{}, err
	}
	tallies, err := a.Workflows.Tallies(c.ctx(), 0)
	if err != nil {
		return answer{}, err
	}
	items := make([]Flow, len(all))
	for i := range all {
		if items[i], err = flowOf(&all[i], tallies[all[i].ID]); err != nil {
			return answer{}, err
		}
	}
	return itemsOf(items)
}

func (a *api) flow(c *call, f *workflow.Workflow) (answer, error) {
	tallies, err := a.Workflows.Tallies(c.ctx(), f.ID)
	if err != nil {
		return answer{}, err
	}
	v, err := flowOf(f, tallies[f.ID])
	if err != nil {
		return answer{}, err
	}
	problems, err := a.Workflows.Check(c.ctx(), &f.Draft)
	if err != nil {
		return answer{}, err
	}
	for _, p := range problems {
		v.Problems = append(v.Problems, p.String())
	}
	return ok(v)
}

func (a *api) workflowRunOps(ref param) []op {
	id := idParam("The run's id.")
	example := FlowRun{ID: 12, Workflow: 3, Version: 2, MemberID: 42, Member: "Ana Torres", State: "waiting", Step: "s1", Cause: "A member writes in #help, for the first time", EnteredAt: exampleTime(3), DueAt: exampleTime(6), Outcome: -1}
	one := content{of: FlowRun{}, example: example}
	return []op{
		{
			method: http.MethodGet, path: "/workflows/{workflow}/dry-run", id: "dryRunWorkflow", tag: "Workflows", need: auth.Read, timeout: actionTimeout,
			summary: "Try a workflow on the past", text: "Who would have entered in the last days, and what each would have received when, with the rules on writing to members. Nothing is stored or sent. At most 500 members are looked at.",
			params: []param{ref, {name: "days", form: formInteger, min: 1, max: 365, initial: "30", text: "How far back.", example: "90"}},
			reply:  content{of: FlowDryRun{}, example: FlowDryRun{Since: exampleTime(1), Until: exampleTime(20), Entered: 12, Messages: 9, Unsent: 3, Notes: []string{}, Runs: json.RawMessage("[]")}},
			do: func(c *call) (answer, error) {
				d, err := a.Workflows.DryRun(c.ctx(), c.text("workflow"), int(c.integer("days")))
				if err != nil {
					return answer{}, err
				}
				runs, err := json.Marshal(append([]workflow.DryMember{}, d.Runs...))
				if err != nil {
					return answer{}, err
				}
				return ok(FlowDryRun{d.Since, d.Until, d.Entered, d.Held, d.Messages, d.Unsent, append([]string{}, d.Notes...), runs})
			},
		},
		{
			method: http.MethodGet, path: "/workflows/{workflow}/runs", id: "listWorkflowRuns", tag: "Workflows", need: auth.Read,
			summary: "Members in a workflow", text: "The newest first. For the next page give the last id as `below`.",
			params: []param{
				ref,
				{name: "state", form: formText, choices: []string{"waiting", "failed", "done", "stopped", "held"}, text: "Only those in this state.", example: "failed"},
				{name: "step", form: formText, text: "Only those who did this step.", example: "s1"},
				{name: "version", form: formInteger, min: 1, text: "Only those in this version.", example: "2"},
				{name: "member", form: formInteger, min: 1, text: "Only those of a member, by id.", example: "42"},
				{name: "below", form: formInteger, min: 1, text: "Only those with a lower id.", example: "120"},
				{name: "limit", form: formInteger, min: 1, max: 500, initial: "100", text: "How many at most.", example: "20"},
			},
			reply: content{of: Items[FlowRun]{}, example: Items[FlowRun]{Items: []FlowRun{example}}},
			do: func(c *call) (answer, error) {
				f, err := a.Workflows.Get(c.ctx(), c.text("workflow"))
				if err != nil {
					return answer{}, err
				}
				all, err := a.Workflows.Runs(c.ctx(), workflow.Filter{Workflow: f.ID, State: workflow.RunState(c.text("state")), Version: c.integer("version"), Step: c.text("step"), Member: c.integer("member"), Below: c.integer("below"), Limit: int(c.integer("limit"))})
				if err != nil {
					return answer{}, err
				}
				items := make([]FlowRun, len(all))
				for i := range all {
					items[i] = runOf(&all[i], nil)
				}
				return itemsOf(items)
			},
		},
		{
			method: http.MethodPost, path: "/workflows/{workflow}/runs", id: "enterWorkflow", tag: "Workflows", need: auth.Write, params: []param{ref}, timeout: actionTimeout, codes: []greenroom.Code{greenroom.CodeConflict},
			summary: "Let members in", text: "Whatever its trigger. Who is in it, was in it too lately, or is not whom it is for is left out.",
			body:  &content{of: FlowEntry{}, text: "Who.", example: FlowEntry{Members: []int64{42}, Key: "pilot 1"}},
			reply: content{of: FlowEntered{}, example: FlowEntered{Entered: 1}},
			do: func(c *call) (answer, error) {
				e, err := decode[FlowEntry](c)
				if err != nil {
					return answer{}, err
				}
				if e.Key == "" {
					return answer{}, wrong("key", "say a key, so that a request that is repeated lets nobody in twice")
				}
				var n int
				if e.Query != "" {
					n, err = a.Workflows.EnterQuery(c.ctx(), c.text("workflow"), e.Query, "api "+e.Key, c.by())
				} else {
					n, err = a.Workflows.EnterByHand(c.ctx(), c.text("workflow"), e.Members, "api "+e.Key, "Chosen by "+c.by(), c.by())
				}
				return given(FlowEntered{n}, err)
			},
		},
		{
			method: http.MethodGet, path: "/workflow-runs/{id}", id: "getWorkflowRun", tag: "Workflows", need: auth.Read, params: []param{id}, reply: one,
			summary: "A member in a workflow", text: "How far they are, and what happened.",
			do: func(c *call) (answer, error) {
				r, log, _, err := a.Workflows.Run(c.ctx(), c.id())
				if err != nil {
					return answer{}, err
				}
				return ok(runOf(&r, log))
			},
		},
		{
			method: http.MethodPost, path: "/workflow-runs/{id}/move", id: "moveWorkflowRun", tag: "Workflows", need: auth.Write, reply: one, codes: []greenroom.Code{greenroom.CodeConflict},
			params:  []param{id, {name: "how", form: formText, required: true, choices: []string{workflow.MoveRetry, workflow.MoveSkip, workflow.MoveStop, workflow.MoveReplied}, text: "retry: do the step again that is stuck; skip: go on behind it; stop: end it; replied: they replied where Greenroom does not read.", example: "skip"}},
			summary: "Move a member on by hand", text: "Notes it in the run's log.",
			do: func(c *call) (answer, error) {
				r, err := a.Workflows.Move(c.ctx(), c.id(), c.text("how"), c.by())
				if err != nil {
					return answer{}, err
				}
				return ok(runOf(&r, nil))
			},
		},
	}
}
