// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package workflow

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"greenroom"
	"greenroom/internal/outbox"
	"greenroom/internal/query"
)

// Definitions keeps workflows.
type Definitions interface {
	ArchivedWorkflows(ctx context.Context) ([]Workflow, error)
	// Workflow finds one by its key, its name or its id. CodeNotFound where there is none.
	Workflow(ctx context.Context, ref string) (Workflow, error)
	AddWorkflow(ctx context.Context, f Workflow) (Workflow, error)
	// ChangeWorkflow stores name, draft and hook. CodeConflict where somebody else has changed it.
	ChangeWorkflow(ctx context.Context, f Workflow) error
	PublishWorkflow(ctx context.Context, f Workflow, by string) (version int64, err error)
	TurnWorkflow(ctx context.Context, f Workflow, to State) error
	WorkflowVersions(ctx context.Context, workflow int64) ([]Version, error)
}

// Ledger tells of runs.
type Ledger interface {
	WorkflowRuns(ctx context.Context, f Filter) ([]Run, error)
	WorkflowRun(ctx context.Context, id int64) (Run, error)
	RunLog(ctx context.Context, id int64) ([]Entry, error)
	// MoveRun stores where a person has a run go on, or that it ends. CodeConflict where it has gone on meanwhile.
	MoveRun(ctx context.Context, r Run, note Entry) error
	// RunStands counts the runs of a workflow that are not over by where they stand, in order of version.
	RunStands(ctx context.Context, workflow int64) ([]Stand, error)
	// MoveRuns has waiting runs go on in a version. CodeConflict where that is not the one that members enter.
	MoveRuns(ctx context.Context, workflow, to int64, all []Shift) (int64, error)
	// WorkflowTallies sums up the runs of a workflow, or of all where it is 0.
	WorkflowTallies(ctx context.Context, workflow int64) (map[int64]*Tally, error)
}

// Keeper is all that the service needs of the record store.
type Keeper interface {
	Past
	Definitions
	Ledger
}

// Auditor keeps the log of who did what.
type Auditor interface {
	Audit(ctx context.Context, actor, action, target, detail string) error
}

// Service is what people do with workflows.
type Service struct {
	store  Keeper
	engine *Engine
	audit  Auditor
	now    func() time.Time
	// lookup says what definitions may name, the store's team aside.
	segments func(ctx context.Context) ([]string, error)
	mail     func(ctx context.Context) bool
}

// New returns the service. segments lists the keys of segments; mail reports whether mail can be sent.
func New(store Keeper, engine *Engine, audit Auditor, now func() time.Time, segments func(ctx context.Context) ([]string, error), mail func(ctx context.Context) bool) *Service {
	return &Service{store: store, engine: engine, audit: audit, now: now, segments: segments, mail: mail}
}

// Known is what definitions may name now.
func (s *Service) Known(ctx context.Context) (*Known, error) {
	k := &Known{Programs: s.engine.parts.Programs != nil, Surveys: s.engine.parts.Surveys != nil, Desk: s.engine.parts.Desk != nil, Mail: s.mail(ctx)}
	team, err := s.store.Team(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading who is in the team: %w", err)
	}
	k.People, k.Destinations = team.Names, team.Destinations
	if k.Segments, err = s.segments(ctx); err != nil {
		return nil, fmt.Errorf("listing segments: %w", err)
	}
	if s.engine.parts.Ways != nil {
		if k.Ways, err = s.engine.parts.Ways.Ways(ctx); err != nil {
			return nil, fmt.Errorf("asking how members can be reached: %w", err)
		}
	}
	if s.engine.parts.CRM != nil {
		if k.CRMs, err = s.engine.parts.CRM.Targets(ctx); err != nil {
			return nil, fmt.Errorf("asking which CRMs can be written to: %w", err)
		}
	}
	return k, nil
}

// List lists the workflows that are not archived, by name, or those that are.
func (s *Service) List(ctx context.Context, archived bool) ([]Workflow, error) {
	if archived {
		return s.store.ArchivedWorkflows(ctx)
	}
	return s.store.Workflows(ctx)
}

// Get finds a workflow by its key, its name or its id.
func (s *Service) Get(ctx context.Context, ref string) (Workflow, error) {
	return s.store.Workflow(ctx, ref)
}

// Tallies sums up the runs of a workflow, or of all where it is 0.
func (s *Service) Tallies(ctx context.Context, id int64) (map[int64]*Tally, error) {
	return s.store.WorkflowTallies(ctx, id)
}

// Versions lists the versions of a workflow, the newest first.
func (s *Service) Versions(ctx context.Context, ref string) ([]Version, error) {
	f, err := s.store.Workflow(ctx, ref)
	if err != nil {
		return nil, err
	}
	return s.store.WorkflowVersions(ctx, f.ID)
}

// Check says what keeps a definition from being turned on.
func (s *Service) Check(ctx context.Context, d *Definition) ([]Problem, error) {
	known, err := s.Known(ctx)
	if err != nil {
		return nil, err
	}
	return newQueries().check(d, known), nil
}

const (
	maxName = 80
	maxKey  = 60
)

func checkName(name string) (string, error) {
	name = strings.TrimSpace(name)
	if name == "" || utf8.RuneCountInString(name) > maxName || strings.ContainsAny(name, "\n\t") {
		return "", greenroom.Errorf(greenroom.CodeInvalid, "a workflow needs a name of at most %d characters", maxName)
	}
	return name, nil
}

// keyOf makes a key of a name.
func keyOf(name string) string {
	var sb strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(name)) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			sb.WriteRune(r)
		case unicode.Is(unicode.Mn, r): // the accent of a letter before
		case sb.Len() > 0 && !strings.HasSuffix(sb.String(), "-"):
			sb.WriteByte('-')
		}
	}
	key := sb.String()
	key = strings.Trim(key[:min(len(key), maxKey)], "-")
	if key == "" || key == "new" || strings.Trim(key, "0123456789") == "" { // what has a page of its own, and ids
		key = "workflow-" + key
	}
	return strings.Trim(key, "-")
}

// Add makes a workflow, which does nothing yet.
func (s *Service) Add(ctx context.Context, name string, d Definition, by string) (Workflow, error) {
	name, err := checkName(name)
	if err != nil {
		return Workflow{}, err
	}
	f := Workflow{Key: keyOf(name), Name: name, Draft: d, CreatedBy: by}
	f.Steps = f.Draft.Name(0)
	if f, err = s.store.AddWorkflow(ctx, f); err != nil {
		return f, fmt.Errorf("making a workflow: %w", err)
	}
	f.Changed = true
	return f, s.audit.Audit(ctx, by, "workflow.add", f.Name, f.Draft.Trigger.Words())
}

// Edit changes name and draft of a workflow. revision says which one was looked at; 0 = any.
func (s *Service) Edit(ctx context.Context, ref string, revision int64, by string, change func(name *string, d *Definition) error) (Workflow, error) {
	f, err := s.store.Workflow(ctx, ref)
	if err != nil {
		return f, err
	}
	if revision > 0 && revision != f.Revision {
		return f, greenroom.Errorf(greenroom.CodeConflict, "somebody else has changed the workflow; look at it again")
	}
	if f.State == Archived {
		return f, greenroom.Errorf(greenroom.CodeConflict, "the workflow is archived")
	}
	if err := change(&f.Name, &f.Draft); err != nil {
		return f, err
	}
	if f.Name, err = checkName(f.Name); err != nil {
		return f, err
	}
	f.Steps = f.Draft.Name(f.Steps)
	if err := s.store.ChangeWorkflow(ctx, f); err != nil {
		return f, fmt.Errorf("changing workflow %s: %w", f.Key, err)
	}
	f.Revision++
	return f, nil
}

// Publish makes the draft the version that members enter. Where moved says so, those who are in it go on with it, as far as
// Moving says that they can.
func (s *Service) Publish(ctx context.Context, ref string, moved bool, by string) (Workflow, error) {
	f, err := s.store.Workflow(ctx, ref)
	if err != nil {
		return f, err
	}
	problems, err := s.Check(ctx, &f.Draft)
	if err != nil {
		return f, err
	}
	if err := Invalid(problems); err != nil {
		return f, err
	}
	if t := &f.Draft.Trigger; t.Kind == OnSchedule || t.Kind == OnDate {
		f.NextAt = t.NextTurn(s.now().In(s.engine.zone()))
	} else {
		f.NextAt = time.Time{}
	}
	if f.Version, err = s.store.PublishWorkflow(ctx, f, by); err != nil {
		return f, fmt.Errorf("publishing workflow %s: %w", f.Key, err)
	}
	f.Revision++
	f.Changed = false
	s.engine.Wake()
	if err := s.audit.Audit(ctx, by, "workflow.publish", f.Name, fmt.Sprintf("version %d", f.Version)); err != nil || !moved {
		return f, err
	}
	_, err = s.moveRuns(ctx, &f, by)
	return f, err
}

// Discard takes the draft back to the version that members enter.
func (s *Service) Discard(ctx context.Context, ref, by string) (Workflow, error) {
	f, err := s.store.Workflow(ctx, ref)
	if err != nil {
		return f, err
	}
	if f.Version == 0 {
		return f, greenroom.Errorf(greenroom.CodeConflict, "there is no version to go back to")
	}
	v, err := s.store.Definition(ctx, f.ID, f.Version)
	if err != nil {
		return f, err
	}
	return s.Edit(ctx, ref, 0, by, func(_ *string, d *Definition) error { *d = v.Definition; return nil })
}

// Turn turns a workflow on or off, or archives it. One that is turned on and was changed is published first.
func (s *Service) Turn(ctx context.Context, ref string, to State, by string) (Workflow, error) {
	f, err := s.store.Workflow(ctx, ref)
	if err != nil {
		return f, err
	}
	if f.State == to {
		return f, nil // a second click
	}
	if f.State == Archived {
		return f, greenroom.Errorf(greenroom.CodeConflict, "the workflow is archived, which is for good; make a copy of it")
	}
	if to == On && (f.Version == 0 || f.Changed) {
		if f, err = s.Publish(ctx, ref, false, by); err != nil {
			return f, err
		}
	}
	if t := &f.Draft.Trigger; to == On && (t.Kind == OnSchedule || t.Kind == OnDate) {
		f.NextAt = t.NextTurn(s.now().In(s.engine.zone()))
	}
	if err := s.store.TurnWorkflow(ctx, f, to); err != nil {
		return f, fmt.Errorf("turning workflow %s: %w", f.Key, err)
	}
	s.engine.Wake()
	if err := s.audit.Audit(ctx, by, "workflow."+string(to), f.Name, ""); err != nil {
		return f, err
	}
	return s.store.Workflow(ctx, f.Key)
}

// DryRun tells what the draft of a workflow would have done in the last days.
func (s *Service) DryRun(ctx context.Context, ref string, days int) (*DryRun, error) {
	f, err := s.store.Workflow(ctx, ref)
	if err != nil {
		return nil, err
	}
	if days < 1 || days > 365 {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "a dry run goes over the last 1 to 365 days")
	}
	return s.engine.DryRun(ctx, s.store, &f, &f.Draft, days)
}

// Preview fills the texts of a message of the draft for a member. why says why it would not go out, or not now; "" = it would.
func (s *Service) Preview(ctx context.Context, ref, step string, member int64) (msg *outbox.Message, why string, err error) {
	f, err := s.store.Workflow(ctx, ref)
	if err != nil {
		return nil, "", err
	}
	return s.engine.Preview(ctx, s.store, &f.Draft, step, member)
}

// Runs lists runs, the newest first.
func (s *Service) Runs(ctx context.Context, f Filter) ([]Run, error) {
	return s.store.WorkflowRuns(ctx, f)
}

// Run finds a run with its log and its definition.
func (s *Service) Run(ctx context.Context, id int64) (Run, []Entry, Version, error) {
	r, err := s.store.WorkflowRun(ctx, id)
	if err != nil {
		return r, nil, Version{}, err
	}
	log, err := s.store.RunLog(ctx, id)
	if err != nil {
		return r, nil, Version{}, err
	}
	v, err := s.store.Definition(ctx, r.WorkflowID, r.Version)
	return r, log, v, err
}

// The ways in which people move runs.
const (
	MoveRetry   = "retry"   // do the step again
	MoveSkip    = "skip"    // go on behind it
	MoveStop    = "stop"    // end it
	MoveReplied = "replied" // they replied where Greenroom does not read
)

// Move moves a run by hand.
func (s *Service) Move(ctx context.Context, id int64, how, by string) (Run, error) {
	r, _, v, err := s.Run(ctx, id)
	if err != nil {
		return r, err
	}
	if r.State != Waiting && r.State != Stuck {
		return r, greenroom.Errorf(greenroom.CodeConflict, "the run is over")
	}
	now := s.now()
	at, ok := v.Definition.plan().at[r.Step]
	note := Entry{Step: r.Step, At: now}
	was := r.State
	r.State, r.DueAt, r.Reason, r.Listens = Waiting, now, "", false
	switch {
	case how == MoveStop || how == MoveReplied && v.Definition.Stop.Reply:
		r.State, r.EndedAt, r.DueAt, r.Message, r.Reason = Stopped, now, time.Time{}, "", "ended by "+by
		if how == MoveReplied {
			r.Reason = "they replied, says " + by
		}
		note.Text = upper(r.Reason)
	case how == MoveReplied && ok && at.step.Kind == StepWait && at.step.Event == EventReply:
		r.Step, r.Since, note.Text = at.branch(true), now, "They replied, says "+by
	case how == MoveReplied:
		return r, greenroom.Errorf(greenroom.CodeConflict, "nothing in this workflow depends on whether they reply")
	case how == MoveSkip && ok:
		r.Step, r.Since, r.Message, note.Text = at.next, now, "", "Skipped by "+by
		if at.step.Forks() {
			r.Step = at.branch(false)
		}
	case how == MoveRetry && was == Stuck:
		note.Text = "Tried again by " + by
		if msg, err := s.store.MessagesByKey(ctx, []string{r.Message}); err == nil && r.Message != "" && msg[r.Message].State == outbox.Failed {
			return r, greenroom.Errorf(greenroom.CodeConflict, "its message failed: send that again in the outbox, and the run goes on by itself")
		}
	default:
		return r, greenroom.Errorf(greenroom.CodeConflict, "a run that waits is not tried again; it goes on by itself")
	}
	if err := s.store.MoveRun(ctx, r, note); err != nil {
		return r, fmt.Errorf("moving run %d: %w", id, err)
	}
	s.engine.Wake()
	return r, s.audit.Audit(ctx, by, "workflow.run."+how, fmt.Sprintf("run %d", id), note.Text)
}

// EnterByHand lets members into a workflow that is on, whatever its trigger; those who are in it, or were too lately, are
// left out, as are those whom it is not for. key makes it harmless to repeat. It returns how many entered or were held out.
func (s *Service) EnterByHand(ctx context.Context, ref string, members []int64, key, cause, by string) (int, error) {
	f, err := s.store.Workflow(ctx, ref)
	if err != nil {
		return 0, err
	}
	if f.State != On {
		return 0, greenroom.Errorf(greenroom.CodeConflict, "the workflow is not on")
	}
	if len(members) == 0 || len(members) > 10_000 {
		return 0, greenroom.Errorf(greenroom.CodeInvalid, "choose 1 to 10,000 members")
	}
	n, err := s.engine.Enter(ctx, &f, members, key, cause)
	if err != nil {
		return 0, fmt.Errorf("letting members into workflow %s: %w", f.Key, err)
	}
	s.engine.Wake()
	return n, s.audit.Audit(ctx, by, "workflow.enter", f.Name, fmt.Sprintf("members: %d", n))
}

// EnterQuery lets the members in whom a query fits.
func (s *Service) EnterQuery(ctx context.Context, ref, text, key, by string) (int, error) {
	q, err := newQueries().parse(query.Members, text)
	if err != nil {
		return 0, err
	}
	ids, err := s.store.FitMembers(ctx, q)
	if err != nil {
		return 0, fmt.Errorf("asking whom the query fits: %w", err)
	}
	return s.EnterByHand(ctx, ref, ids, key, "Chosen by "+by, by)
}

// Enter lets members in.
func (e *Engine) Enter(ctx context.Context, f *Workflow, members []int64, key, cause string) (int, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	p, err := e.version(ctx, f.ID, f.Version)
	if err != nil {
		return 0, err
	}
	r := running{f, p}
	var runs []Run
	slices.Sort(members)
	for _, id := range slices.Compact(members) {
		runs = append(runs, e.entry(r, id, fmt.Sprintf("%s %d", key, id), cause, nil))
	}
	if runs, err = e.members(ctx, r, runs); err != nil {
		return 0, err
	}
	return e.store.Enter(ctx, &Portion{Runs: runs, Again: again([]running{r})})
}

func digestOf(token string) string {
	sum := sha256.Sum256([]byte("workflow hook " + token))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// NewHook makes the secret part of the address at which other systems let members in, and forgets the one before. It is
// not shown again.
func (s *Service) NewHook(ctx context.Context, ref, by string) (token string, err error) {
	f, err := s.store.Workflow(ctx, ref)
	if err != nil {
		return "", err
	}
	token = rand.Text()
	f.Hook = digestOf(token)
	if err := s.store.ChangeWorkflow(ctx, f); err != nil {
		return "", fmt.Errorf("storing the address of workflow %s: %w", f.Key, err)
	}
	return token, s.audit.Audit(ctx, by, "workflow.hook", f.Name, "a new address")
}

// Called is what another system says to let somebody in.
type Called struct {
	Member int64  `json:"member_id,omitempty"`
	Email  string `json:"email,omitempty"`
	Key    string `json:"key,omitempty"` // the same key lets nobody in twice
}

// Hook lets in whom another system names. CodeForbidden where the token is not that of the workflow's address.
func (s *Service) Hook(ctx context.Context, ref, token string, c Called) (int, error) {
	f, err := s.store.Workflow(ctx, ref)
	if err != nil || f.Hook == "" || subtle.ConstantTimeCompare([]byte(digestOf(token)), []byte(f.Hook)) != 1 {
		return 0, errors.Join(greenroom.Errorf(greenroom.CodeForbidden, "this is not the address of a workflow"))
	}
	v, err := s.store.Definition(ctx, f.ID, f.Version)
	if err != nil || v.Definition.Trigger.Kind != OnWebhook {
		return 0, greenroom.Errorf(greenroom.CodeConflict, "other systems let nobody into this workflow")
	}
	if c.Key == "" {
		return 0, greenroom.Errorf(greenroom.CodeInvalid, "say a key that is different for each call, in the header Idempotency-Key or as key, so that a call that is repeated does nothing")
	}
	if c.Member == 0 {
		if c.Email == "" || strings.ContainsAny(c.Email, "\"\n ") {
			return 0, greenroom.Errorf(greenroom.CodeInvalid, "say who: member_id or email")
		}
		q, err := newQueries().parse(query.Members, `email:"`+c.Email+`"`)
		if err != nil {
			return 0, err
		}
		ids, err := s.store.FitMembers(ctx, q)
		if err != nil {
			return 0, fmt.Errorf("looking for a member: %w", err)
		}
		if len(ids) != 1 {
			return 0, greenroom.Errorf(greenroom.CodeNotFound, "there is no one member with this address")
		}
		c.Member = ids[0]
	}
	return s.EnterByHand(ctx, f.Key, []int64{c.Member}, "hook "+c.Key, "Another system said so", "webhook of "+f.Key)
}

// HookPath is where the addresses of workflows begin, at which other systems let members in.
const HookPath = "/in/workflow/"
