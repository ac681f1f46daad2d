// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package workflow

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"greenroom"
	"greenroom/internal/outbox"
	"greenroom/internal/query"
)

// Runs keeps runs. Each method that changes something is one transaction.
type Runs interface {
	// TakeRuns gives the lease of runs that are due, of workflows that are on, to holder until a time, the longest due first.
	TakeRuns(ctx context.Context, holder string, until time.Time, limit int) ([]Run, error)
	// AdvanceRuns stores what runs do. One that is not as it was when that was computed, or that holder has lost, is left as
	// it is, with all of its effects.
	AdvanceRuns(ctx context.Context, holder string, all []Advance) error
	// Definition gives a version of a workflow.
	Definition(ctx context.Context, workflow, version int64) (Version, error)
	// MessagesByKey knows what became of messages.
	MessagesByKey(ctx context.Context, keys []string) (map[string]outbox.Message, error)
	// Unmeasured gives runs whose outcome can be told, because their days ended before a time.
	Unmeasured(ctx context.Context, workflow int64, enteredBefore time.Time, limit int) ([]Run, error)
	SetOutcomes(ctx context.Context, outcomes map[int64]bool) error
	Entries
}

// Entries keeps who enters.
type Entries interface {
	Workflows(ctx context.Context) ([]Workflow, error)
	// Positions are how far activities and segment events were followed, and how far they can be: readings says that what
	// messages say matters, which is known a little later.
	Positions(ctx context.Context, readings bool) (Positions, error)
	NewActivities(ctx context.Context, after int64, limit int) (ids []int64, last int64, err error)
	NewTurns(ctx context.Context, after int64, limit int) ([]Turn, error)
	Team(ctx context.Context) (Team, error)
	Comers
}

// Comers tells who may enter, and stores who does.
type Comers interface {
	// Enter stores who enters, wakes runs, and moves the positions, if they are still as they were. Of those who are in the
	// workflow, or were too lately, nothing is stored. It returns how many entered or were held out.
	Enter(ctx context.Context, p *Portion) (entered int, err error)
	// Doers tells of activities who did them, when, and in which conversation; those of nobody are left out.
	Doers(ctx context.Context, activities []int64) ([]Doer, error)
	// FitMembers gives the members whom a query fits now, in order; nil = all.
	FitMembers(ctx context.Context, q *query.Query) ([]int64, error)
	// Dates gives a date of members, of their organizations, or of their business records.
	Dates(ctx context.Context, of, field string) ([]Dated, error)
}

// Positions are how far was followed.
type Positions struct {
	Activity, Event int64 // followed up to
	Known           int64 // activities are known up to
	Derived         bool  // what was followed is derived: it is not being built anew
	Listening       bool  // there are runs whom what happens may concern
}

// Turn is somebody who entered or left a segment.
type Turn struct {
	ID, Member int64
	Segment    string
	Entered    bool
	At         time.Time
	Person     bool // a person's coming or going
}

// Doer is who did an activity.
type Doer struct {
	Activity, Member, Conversation int64
	At                             time.Time
	Out                            bool // staff, a bot or hidden
}

// Dated is a date of a member's.
type Dated struct {
	Member int64
	Value  string
}

// Portion is what is stored at once of who enters.
type Portion struct {
	From, To      Positions // of what was followed; equal = it was something else
	Runs          []Run
	Again         map[int64]time.Duration // by workflow: how long after entering somebody may enter again; 0 = never
	Members       []int64                 // whose runs are woken
	Conversations []int64
	Workflow      int64     // whose turn of a schedule this is; 0 = of none
	Turn, Next    time.Time // the turn, and the next one
}

// Store is what the engine needs of the record store.
type Store interface {
	Facts
	Runs
}

// How runs are taken on.
const (
	leaseFor   = 2 * time.Minute
	lookEvery  = time.Second
	atOnce     = 200
	firstPause = time.Minute
	maxPause   = 6 * time.Hour
	maxTries   = 10
	maxLate    = 7 * day // what is heard of later lets nobody in
)

// Engine carries workflows out.
type Engine struct {
	store  Store
	parts  Parts
	holder string
	log    *slog.Logger
	now    func() time.Time
	zone   func() *time.Location // of the team, and of members of whom it is not known
	sent   func()                // tells the outbox that there is something to send
	wake   chan struct{}

	mu      sync.Mutex // one step at a time
	queries queries
	plans   map[[2]int64]*plan
	looked  time.Time // when outcomes were last looked at
}

// NewEngine returns an engine. holder is what this process is called among all that share the store; sent is called after
// messages were queued.
func NewEngine(store Store, parts Parts, holder string, log *slog.Logger, now func() time.Time, zone func() *time.Location, sent func()) *Engine {
	return &Engine{
		store: store, parts: parts, holder: holder, log: log, now: now, zone: zone, sent: sent, wake: make(chan struct{}, 1),
		queries: newQueries(), plans: make(map[[2]int64]*plan),
	}
}

// Wake makes Run look at once. It never blocks.
func (e *Engine) Wake() {
	select {
	case e.wake <- struct{}{}:
	default:
	}
}

// Run carries workflows out until ctx ends.
func (e *Engine) Run(ctx context.Context) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		if _, err := e.Step(ctx); err != nil && ctx.Err() == nil {
			e.log.Error("carrying workflows out", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-e.wake:
		}
	}
}

// Work is what a step of the engine did.
type Work struct {
	Entered  int // runs that began, those held out included
	Advanced int // runs that were looked at
}

// Step does all that is to be done now: lets members in, and takes runs on.
func (e *Engine) Step(ctx context.Context) (Work, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	var w Work
	all, err := e.store.Workflows(ctx)
	if err != nil {
		return w, fmt.Errorf("reading workflows: %w", err)
	}
	if len(all) == 0 {
		return w, nil
	}
	live, err := e.live(ctx, all)
	if err != nil {
		return w, err
	}
	if w.Entered, err = e.follow(ctx, live); err != nil {
		return w, err
	}
	n, err := e.turns(ctx, live)
	if w.Entered += n; err != nil {
		return w, err
	}
	if w.Advanced, err = e.advance(ctx, all); err != nil {
		return w, err
	}
	return w, e.measure(ctx, live)
}

// running is a workflow that is on, with the version that members enter.
type running struct {
	*Workflow

	plan *plan
}

func (e *Engine) live(ctx context.Context, all []Workflow) ([]running, error) {
	var live []running
	for i := range all {
		if all[i].State != On {
			continue
		}
		p, err := e.version(ctx, all[i].ID, all[i].Version)
		if err != nil {
			return nil, err
		}
		live = append(live, running{&all[i], p})
	}
	return live, nil
}

// version gives a version of a workflow, which never changes.
func (e *Engine) version(ctx context.Context, workflow, version int64) (*plan, error) {
	key := [2]int64{workflow, version}
	if p := e.plans[key]; p != nil {
		return p, nil
	}
	v, err := e.store.Definition(ctx, workflow, version)
	if err != nil {
		return nil, fmt.Errorf("reading version %d of workflow %d: %w", version, workflow, err)
	}
	p := v.Definition.plan()
	e.plans[key] = p
	return p, nil
}

// advance takes on the runs that are due, until none is.
func (e *Engine) advance(ctx context.Context, all []Workflow) (int, error) {
	by := make(map[int64]*Workflow, len(all))
	for i := range all {
		by[all[i].ID] = &all[i]
	}
	total := 0
	for ctx.Err() == nil {
		runs, err := e.store.TakeRuns(ctx, e.holder, e.now().Add(leaseFor), atOnce)
		if err != nil {
			return total, fmt.Errorf("looking for runs that are due: %w", err)
		}
		if len(runs) == 0 {
			return total, nil
		}
		b, err := e.batch(ctx, runs)
		if err != nil {
			return total, err
		}
		out := make([]Advance, 0, len(runs))
		messages := false
		for i := range runs {
			a := e.one(ctx, b, by[runs[i].WorkflowID], runs[i])
			messages = messages || len(a.Messages) > 0
			out = append(out, a)
		}
		if err := e.store.AdvanceRuns(ctx, e.holder, out); err != nil {
			return total, fmt.Errorf("storing what runs did: %w", err)
		}
		if messages {
			e.sent()
		}
		total += len(runs)
	}
	return total, ctx.Err()
}

// one takes one run on. What goes wrong is noted with the run and tried again later, and in the end it is stuck.
func (e *Engine) one(ctx context.Context, b *batch, w *Workflow, run Run) Advance {
	m, ended := e.mover(ctx, b, w, run)
	if m == nil {
		return ended
	}
	err := m.move(ctx)
	if err == nil {
		return m.out
	}
	run.Attempts++
	run.Reason = greenroom.ErrorMessage(err)
	run.State, run.DueAt = Waiting, e.now().Add(pauseAfter(run.Attempts))
	if run.Attempts >= maxTries {
		run.State = Stuck
	}
	e.log.Warn("a workflow's run does not get on", "workflow", run.WorkflowID, "run", run.ID, "step", run.Step, "attempts", run.Attempts, "error", err)
	return Advance{Run: run}
}

func pauseAfter(tries int64) time.Duration {
	pause := firstPause
	for i := int64(1); i < tries && pause < maxPause; i++ {
		pause *= 2
	}
	return min(pause, maxPause)
}

// mover prepares to move a run; nil with an advance that ends it where that cannot be.
func (e *Engine) mover(ctx context.Context, b *batch, w *Workflow, run Run) (*mover, Advance) {
	now := e.now()
	stop := func(reason string) Advance {
		run.State, run.Reason, run.EndedAt, run.Listens, run.Message = Stopped, reason, now, false, ""
		return Advance{Run: run, Log: []Entry{{Step: run.Step, Text: "Ended: " + reason, At: now}}}
	}
	who, ok := b.people[run.MemberID]
	if !ok {
		return nil, stop("the member is gone")
	}
	p, err := e.version(ctx, run.WorkflowID, run.Version)
	if err != nil {
		return nil, stop(greenroom.ErrorMessage(err))
	}
	run.MemberID = who.ID
	contact := b.contacts[who.ID]
	zone := contact.Zone
	if zone == nil {
		zone = e.zone()
	}
	m := &mover{
		workflow: w, plan: p, run: run, who: &who, contact: &contact, rules: &b.rules, now: now, zone: zone, world: b, ways: b.ways, parts: &e.parts, team: &b.team,
	}
	if begun, ok := b.begun[run.ActivityID]; ok {
		m.begun = &begun
		if run.ConversationID == 0 {
			m.run.ConversationID = begun.Conversation
		}
	}
	return m, Advance{}
}
