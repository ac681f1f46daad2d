// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"greenroom/internal/auth"
	"greenroom/internal/consent"
	"greenroom/internal/outbox"
	"greenroom/internal/workflow"
)

// shop is a fake of workflows with one in it, whose draft can be edited.
type shop struct {
	*house

	flow workflow.Workflow
}

func (s *shop) one() *workflow.Workflow {
	if s.flow.ID == 0 {
		s.flow = workflow.Workflow{ID: 3, Key: "welcome", Name: payload, State: workflow.Off, Version: 2, Changed: true, Revision: 4, CreatedBy: payload, CreatedAt: now, Draft: workflow.Definition{
			Trigger: workflow.Trigger{Kind: workflow.OnActivity, Query: payload}, Where: payload, Sender: payload, Minutes: 5, Stop: workflow.Stop{Reply: true, Did: payload}, HoldOut: workflow.HoldOut{Percent: 20, Outcome: payload, Days: 30},
			Steps: []workflow.Step{
				{ID: "s1", Kind: workflow.StepMessage, Channel: outbox.Email, Purpose: consent.Care, Subject: payload, Text: payload, Approve: true},
				{ID: "s2", Kind: workflow.StepWait, Until: workflow.UntilEvent, Event: workflow.EventActivity, Query: payload, Amount: 3, Unit: "days", No: []workflow.Step{{ID: "s3", Kind: workflow.StepTask, Title: payload, Text: payload}}},
				{ID: "s4", Kind: workflow.StepTag, Tag: payload},
				{ID: "s5", Kind: workflow.StepAlert, Title: payload, Destination: 1},
			},
		}}
	}
	return &s.flow
}

func (s *shop) List(context.Context, bool) ([]workflow.Workflow, error) {
	return []workflow.Workflow{*s.one()}, nil
}

func (s *shop) Get(context.Context, string) (workflow.Workflow, error) { return *s.one(), nil }

func (s *shop) Tallies(context.Context, int64) (map[int64]*workflow.Tally, error) {
	return map[int64]*workflow.Tally{3: {States: map[workflow.RunState]int64{workflow.Done: 12, workflow.Stuck: 1}, Passed: map[string]int64{"s1": 12}, At: map[string]int64{"s2": 3}, Messages: outbox.Counts{outbox.Sent: 9, outbox.Draft: 1}, With: workflow.Arm{Members: 400, Did: 180}, Without: workflow.Arm{Members: 100, Did: 25}, Open: 7}}, nil
}

func (s *shop) Versions(context.Context, string) ([]workflow.Version, error) {
	return []workflow.Version{{Version: 2, Definition: s.one().Draft, By: payload, At: now}}, nil
}

func (s *shop) Known(context.Context) (*workflow.Known, error) {
	return &workflow.Known{Segments: []string{payload}, People: map[string]string{"ana@example.org": payload}, Destinations: map[int64]outbox.Destination{1: {ID: 1, Name: payload, Channel: outbox.Slack}}}, nil
}

func (s *shop) Check(context.Context, *workflow.Definition) ([]workflow.Problem, error) {
	return []workflow.Problem{{Step: "s1", Field: "text", Text: payload}, {Field: "trigger.query", Text: payload}, {Field: "sender", Text: payload}}, nil
}

func (s *shop) Add(_ context.Context, name string, d workflow.Definition, by string) (workflow.Workflow, error) {
	s.note("workflow %s, %s, by %s", name, d.Trigger.Query, by)
	return *s.one(), nil
}

func (s *shop) Edit(_ context.Context, ref string, _ int64, _ string, change func(*string, *workflow.Definition) error) (workflow.Workflow, error) {
	f := s.one()
	err := change(&f.Name, &f.Draft)
	f.Steps = f.Draft.Name(f.Steps)
	s.note("edit %s", ref)
	return *f, err
}

func (s *shop) Publish(_ context.Context, ref string, _ bool, by string) (workflow.Workflow, error) {
	s.note("publish %s by %s", ref, by)
	return *s.one(), nil
}

func (s *shop) Discard(_ context.Context, ref, by string) (workflow.Workflow, error) {
	s.note("discard %s by %s", ref, by)
	return *s.one(), nil
}

func (s *shop) Turn(_ context.Context, ref string, to workflow.State, by string) (workflow.Workflow, error) {
	s.note("turn %s %s by %s", ref, to, by)
	return *s.one(), nil
}

func (s *shop) DryRun(context.Context, string, int) (*workflow.DryRun, error) {
	return &workflow.DryRun{Since: now, Until: now, Entered: 2, Messages: 1, Passed: map[string]int{"s1": 2}, Notes: []string{payload}, Runs: []workflow.DryMember{
		{MemberID: 7, Member: payload, EnteredAt: now, State: workflow.Stopped, Reason: payload, Log: []workflow.Entry{{Step: "s1", Text: payload, At: now}}, Messages: []workflow.DryMessage{{At: now, Channel: outbox.Email, To: payload, Subject: payload, Text: payload, Sent: true, Reason: payload}}}, {MemberID: 8, Member: "Ben", Held: true, EnteredAt: now},
	}}, nil
}

func (s *shop) Preview(context.Context, string, string, int64) (*outbox.Message, string, error) {
	return &outbox.Message{Member: payload, To: payload, Subject: payload, Text: payload}, payload, nil
}

func (s *shop) Runs(context.Context, workflow.Filter) ([]workflow.Run, error) {
	return []workflow.Run{{ID: 12, WorkflowID: 3, MemberID: 7, Member: payload, State: workflow.Stuck, Step: "s1", Cause: payload, Reason: payload, EnteredAt: now, DueAt: now}, {ID: 11, WorkflowID: 3, State: workflow.Waiting, EnteredAt: now}}, nil
}

func (s *shop) Run(_ context.Context, id int64) (workflow.Run, []workflow.Entry, workflow.Version, error) {
	return workflow.Run{ID: id, WorkflowID: 3, MemberID: 7, Member: payload, State: workflow.Stuck, Step: "s1", Message: "k", Cause: payload, Reason: payload, EnteredAt: now, DueAt: now, ConversationID: 5}, []workflow.Entry{{Step: "s1", Kind: workflow.StepMessage, Key: "k", Text: payload, At: now}}, workflow.Version{Definition: s.one().Draft}, nil
}

func (s *shop) Move(_ context.Context, id int64, how, by string) (workflow.Run, error) {
	s.note("move %d %s by %s", id, how, by)
	return workflow.Run{}, nil
}

func (s *shop) EnterQuery(_ context.Context, ref, text, _, by string) (int, error) {
	s.note("enter %s into %s by %s", text, ref, by)
	return 2, nil
}

func (s *shop) Moving(context.Context, string) (workflow.Moving, error) {
	return workflow.Moving{To: 2, Moves: 14, Stays: 3, Steps: []workflow.MovingStep{{Version: 1, Step: "s2", Words: payload, State: workflow.Waiting, Runs: 14}, {Version: 1, Step: "s9", Words: payload, State: workflow.Waiting, Runs: 3, Why: payload}}}, nil
}

func (s *shop) MoveRuns(_ context.Context, ref string, version int64, by string) (int64, error) {
	s.note("move runs of %s to %d by %s", ref, version, by)
	return 14, nil
}

func (s *shop) NewHook(context.Context, string, string) (string, error) { return "TOKEN", nil }

// outbag is a fake of the outbox.
type outbag struct{ *house }

func (p outbag) Message(_ context.Context, id int64) (outbox.Message, error) {
	state := outbox.Draft
	if id == 10 {
		state = outbox.Failed
	}
	return outbox.Message{ID: id, Channel: outbox.Email, State: state, Origin: outbox.Origin{Kind: "workflow", ID: 3, Run: 12}, MemberID: 7, Member: payload, To: payload, Subject: payload, Text: payload, Reason: payload, Sender: payload, CreatedAt: now, Attempts: 2, URL: "javascript:alert(1)"}, nil
}

func (p outbag) List(ctx context.Context, _ outbox.Filter) ([]outbox.Message, error) {
	a, _ := p.Message(ctx, 9)
	b, _ := p.Message(ctx, 10)
	return []outbox.Message{a, b}, nil
}

func (p outbag) Counts(context.Context, outbox.Filter) (outbox.Counts, error) {
	return outbox.Counts{outbox.Draft: 2}, nil
}

func (p outbag) Edit(_ context.Context, id int64, subject, text, by string) error {
	p.note("edit %d to %s %q by %s", id, subject, text, by)
	return nil
}

func (p outbag) Approve(_ context.Context, ids []int64, by string) (int64, error) {
	p.note("approve %v by %s", ids, by)
	return int64(len(ids)), nil
}

func (p outbag) Skip(_ context.Context, ids []int64, _, by string) (int64, error) {
	p.note("skip %v by %s", ids, by)
	return int64(len(ids)), nil
}

func (p outbag) Again(_ context.Context, ids []int64, by string) (int64, error) {
	p.note("again %v by %s", ids, by)
	return int64(len(ids)), nil
}

// What members and sources wrote never becomes mark-up; who may not write is offered and allowed nothing.
func TestWorkflowPages(t *testing.T) {
	h := full(t)
	s := h.site()
	for _, path := range []string{
		"/workflows", "/workflows/new", "/workflows/welcome", "/workflows/welcome/edit", "/workflows/welcome/edit?open=s1&member=7", "/workflows/welcome/edit?open=s2", "/workflows/welcome/edit?open=s3", "/workflows/welcome/edit?open=s4", "/workflows/welcome/edit?open=s5", "/workflows/welcome/edit?open=trigger",
		"/workflows/welcome/dry-run", "/workflows/welcome/move-runs", "/workflows/welcome/runs?at=s1", "/workflows/welcome/runs/12", "/outbox", "/outbox?show=dead", "/outbox?run=12", "/outbox/9", "/outbox/10",
	} {
		w := visit(t, s, auth.RoleOwner, "GET", path, nil)
		if w.Code != 200 || strings.Contains(w.Body.String(), payload) || strings.Contains(w.Body.String(), `href="javascript:`) {
			t.Errorf("%s: %d, or mark-up of others", path, w.Code)
		}
		if w := visit(t, s, auth.RoleViewer, "GET", path, nil); strings.Contains(path, "/new") || strings.Contains(path, "/edit") {
			if w.Code != 403 {
				t.Errorf("%s for a viewer: %d, want 403", path, w.Code)
			}
		} else if body := w.Body.String(); w.Code != 200 || strings.Contains(body, `action="/workflows`) || strings.Contains(body, `action="/outbox`) {
			t.Errorf("%s offers a viewer to change something: %d", path, w.Code)
		}
	}
	for _, path := range []string{"/workflows/new", "/workflows/welcome/edit/add", "/workflows/welcome/turn/on", "/workflows/welcome/runs/12/stop", "/workflows/welcome/move-runs", "/outbox/approve", "/outbox/9/edit"} {
		if w := visit(t, s, auth.RoleViewer, "POST", path, url.Values{}); w.Code != 403 {
			t.Errorf("a viewer posts to %s: %d", path, w.Code)
		}
	}
	if len(h.did) > 0 {
		t.Errorf("a viewer did %q", h.did)
	}
}

// Every change of the editor is a plain form.
func TestWorkflowEditor(t *testing.T) {
	h := full(t)
	flows := &shop{house: h}
	s := h.site(func(c *Config) { c.Workflows = flows })
	post := func(path string, form url.Values) string {
		t.Helper()
		w := visit(t, s, auth.RoleOwner, "POST", path, form)
		if w.Code != 303 {
			t.Fatalf("%s %v: %d %s", path, form, w.Code, w.Body)
		}
		to, _, _ := strings.Cut(w.Header().Get("Location"), "&")
		return to
	}
	const edit = "/workflows/welcome/edit"
	if got := post("/workflows/new", url.Values{"name": {"Hello"}, "kind": {"first"}, "channel": {"#help"}}); !strings.HasPrefix(got, edit) {
		t.Errorf("made, to %s", got)
	}
	if got := post(edit+"/add", url.Values{"kind": {"branch"}, "at": {"s2.no"}}); got != edit+"?open=s6#s6" {
		t.Errorf("added, to %s", got)
	}
	post(edit+"/step/s6", url.Values{"if": {"member"}, "query": {" is:new "}})
	post(edit+"/step/s2", url.Values{"wait": {"reply"}, "amount": {"5"}, "unit": {"hours"}})
	post(edit+"/step/s1", url.Values{"channel": {"slack"}, "place": {"thread"}, "purpose": {"care"}, "text": {"Hi\r\nthere"}})
	post(edit+"/step/s4/up", url.Values{})
	post(edit+"/step/s3/remove", url.Values{})
	post(edit+"/trigger", url.Values{"kind": {"schedule"}, "where": {"is:new"}})
	post(edit+"/trigger", url.Values{"kind": {"schedule"}, "weekday": {"2"}, "hour": {"8"}, "where": {"is:new"}})
	post(edit+"/settings", url.Values{"name": {"Hello"}, "again": {"30"}, "percent": {"10"}, "days": {"14"}, "outcome": {"kind:reply"}, "minutes": {"2.5"}, "stop_reply": {"on"}})
	want := workflow.Definition{
		Trigger: workflow.Trigger{Kind: workflow.OnSchedule, Weekday: 2, Hour: 8}, Where: "is:new", Again: 30, Stop: workflow.Stop{Reply: true}, HoldOut: workflow.HoldOut{Percent: 10, Outcome: "kind:reply", Days: 14}, Minutes: 2.5,
		Steps: []workflow.Step{
			{ID: "s1", Kind: workflow.StepMessage, Channel: outbox.Slack, Place: workflow.Thread, Purpose: consent.Care, Subject: payload, Text: "Hi\nthere"},
			{ID: "s4", Kind: workflow.StepTag, Tag: payload},
			{ID: "s2", Kind: workflow.StepWait, Until: workflow.UntilEvent, Event: workflow.EventReply, Query: payload, Amount: 5, Unit: "hours", No: []workflow.Step{{ID: "s6", Kind: workflow.StepBranch, If: workflow.IfMember, Query: "is:new"}}},
			{ID: "s5", Kind: workflow.StepAlert, Title: payload, Destination: 1},
		},
	}
	if diff := cmp.Diff(want, flows.flow.Draft); diff != "" {
		t.Errorf("draft (-want +got):\n%s", diff)
	}
	if w := visit(t, s, auth.RoleOwner, "POST", edit+"/step/s2", url.Values{"wait": {"time"}, "amount": {"many"}}); w.Code != 400 && w.Code != 422 {
		t.Errorf("a wait of many days: %d", w.Code)
	}
	h.did = nil
	post("/outbox/9/edit", url.Values{"subject": {"S"}, "text": {"T"}, "then": {"send"}})
	post("/outbox/skip", url.Values{"id": {"9", "x"}, "back": {"https://evil.example"}})
	post("/outbox/again", url.Values{"id": {"10"}})
	post("/workflows/welcome/turn/on", url.Values{})
	post("/workflows/welcome/runs/12/retry", url.Values{})
	post("/workflows/welcome/enter", url.Values{"q": {"tag:pilot"}})
	post("/workflows/welcome/move-runs", url.Values{"version": {"2"}})
	if diff := cmp.Diff([]string{`edit 9 to S "T" by ana@example.org`, "approve [9] by ana@example.org", "skip [9] by ana@example.org", "again [10] by ana@example.org", "turn welcome on by ana@example.org", "move 12 retry by ana@example.org", "enter tag:pilot into welcome by ana@example.org", "move runs of welcome to 2 by ana@example.org"}, h.did); diff != "" {
		t.Errorf("done (-want +got):\n%s", diff)
	}
}

// The page says how many go on in an older version, and which of them can not move and why, before anything is moved.
func TestWorkflowMoving(t *testing.T) {
	h := full(t)
	s := h.site(func(c *Config) { c.Workflows = &shop{house: h} })
	body := visit(t, s, auth.RoleOwner, "GET", "/workflows/welcome", nil).Body.String()
	for _, want := range []string{"17 runs go on in an older version.", "Move 14 runs to version 2", `href="/workflows/welcome/move-runs"`} {
		if !strings.Contains(body, want) {
			t.Errorf("the workflow's page lacks %q", want)
		}
	}
	body = visit(t, s, auth.RoleOwner, "GET", "/workflows/welcome/move-runs", nil).Body.String()
	for _, want := range []string{`action="/workflows/welcome/move-runs"`, `name="version" value="2"`, "Move 14 runs to version 2", "Why they stay", "/workflows/welcome/runs?state=waiting&amp;version=1&amp;at=s9"} {
		if !strings.Contains(body, want) {
			t.Errorf("the preview lacks %q", want)
		}
	}
	if w := visit(t, s, auth.RoleOwner, "POST", "/workflows/welcome/move-runs", url.Values{}); w.Code != 400 && w.Code != 422 {
		t.Errorf("moved to no version: %d", w.Code)
	}
	if len(h.did) > 0 {
		t.Errorf("done: %q", h.did)
	}
}
