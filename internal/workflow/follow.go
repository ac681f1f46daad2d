// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package workflow

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"greenroom/internal/query"
)

// portion is how many activities or events are looked at at once.
const portion = 500

// follow lets in whom new activities and segment events let in, and wakes those whom they may concern.
func (e *Engine) follow(ctx context.Context, live []running) (int, error) {
	readings := slices.ContainsFunc(live, func(r running) bool { return e.asksReadings(r.plan.Definition) })
	p, err := e.store.Positions(ctx, readings)
	if err != nil {
		return 0, fmt.Errorf("reading how far workflows have followed: %w", err)
	}
	if !p.Derived || len(live) == 0 && !p.Listening {
		return 0, nil // derived state is being built anew, and queries would not fit; or nobody cares
	}
	entered := 0
	stored := p
	for ctx.Err() == nil && p.Activity < p.Known {
		out, err := e.newActivities(ctx, live, p)
		if err != nil {
			return entered, err
		}
		p.Activity = out.To.Activity
		if len(out.Runs) == 0 && !p.Listening && p.Activity < p.Known && p.Activity-stored.Activity < manyPortions*portion {
			continue // a long import is gone through without writing each time
		}
		out.From = stored
		n, err := e.store.Enter(ctx, out)
		if err != nil {
			return entered, fmt.Errorf("storing who enters: %w", err)
		}
		entered, stored = entered+n, p
	}
	for ctx.Err() == nil {
		to, n, err := e.followTurns(ctx, live, p)
		if entered += n; err != nil || to == p.Event {
			return entered, err
		}
		p.Event = to
	}
	return entered, ctx.Err()
}

// manyPortions is after how many portions the position is stored, should nobody have entered.
const manyPortions = 40

// asksReadings reports whether a trigger asks what a message says.
func (e *Engine) asksReadings(d *Definition) bool {
	if d.Trigger.Kind != OnActivity && d.Trigger.Kind != OnSurvey {
		return false
	}
	q, err := e.queries.parse(query.Activities, d.Trigger.Query)
	if err != nil {
		return false
	}
	asks := false
	query.Walk(q.Root, func(n query.Node) bool {
		if t, ok := n.(*query.Term); ok {
			switch t.Field.Attr {
			case "category", "sentiment", "urgency", "language":
				asks = true
			}
		}
		return true
	})
	return asks
}

// newActivities looks at the next activities: who enters, and whom they may concern.
func (e *Engine) newActivities(ctx context.Context, live []running, p Positions) (*Portion, error) {
	out := &Portion{From: p, To: p, Again: again(live)}
	ids, last, err := e.store.NewActivities(ctx, p.Activity, portion)
	if err != nil {
		return nil, fmt.Errorf("reading new activities: %w", err)
	}
	if last >= p.Known || len(ids) == 0 && last == p.Activity {
		last = p.Known
		ids = slices.DeleteFunc(ids, func(id int64) bool { return id > last })
	}
	out.To.Activity = last
	doers, err := e.store.Doers(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("reading who did new activities: %w", err)
	}
	for _, d := range doers {
		out.Members = append(out.Members, d.Member)
		if d.Conversation > 0 {
			out.Conversations = append(out.Conversations, d.Conversation)
		}
	}
	for _, r := range live {
		if k := r.plan.Trigger.Kind; k != OnActivity && k != OnSurvey {
			continue
		}
		runs, err := e.begun(ctx, r, doers)
		if err != nil {
			e.log.Warn("nobody enters a workflow: its trigger cannot be asked", "workflow", r.Key, "error", err)
			continue
		}
		out.Runs = append(out.Runs, runs...)
	}
	return out, nil
}

func again(live []running) map[int64]time.Duration {
	all := make(map[int64]time.Duration, len(live))
	for _, r := range live {
		all[r.ID] = time.Duration(r.plan.Again) * day
	}
	return all
}

// activityQuery is what a trigger asks of activities.
func (t *Trigger) activityQuery() string {
	if t.Kind != OnSurvey {
		return t.Query
	}
	q := "kind:survey_answer"
	if t.Survey != "" {
		q += ` title:"` + strings.ReplaceAll(t.Survey, `"`, "") + `"`
	}
	return strings.TrimSpace(q + " " + t.Query)
}

// begun are the runs that begin with activities.
func (e *Engine) begun(ctx context.Context, r running, doers []Doer) ([]Run, error) {
	now := e.now()
	var ids []int64
	by := make(map[int64]*Doer)
	for i := range doers {
		d := &doers[i]
		if d.Activity > r.Activity && !d.Out && !d.At.Before(r.OnSince) && now.Sub(d.At) < maxLate {
			ids = append(ids, d.Activity)
			by[d.Activity] = d
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	q, err := e.queries.parse(query.Activities, r.plan.Trigger.activityQuery())
	if err != nil {
		return nil, err
	}
	if ids, err = e.store.WhichFit(ctx, query.Activities, q, ids); err != nil {
		return nil, fmt.Errorf("asking which activities fit: %w", err)
	}
	var runs []Run
	for _, id := range ids {
		d := by[id]
		if r.plan.Trigger.First {
			before, err := e.did(ctx, d.Member, r.plan.Trigger.activityQuery(), time.Time{}, d.At.Add(-time.Microsecond))
			if err != nil {
				return nil, err
			}
			if !before.IsZero() {
				continue
			}
		}
		runs = append(runs, e.entry(r, d.Member, fmt.Sprintf("activity %d", id), r.plan.Trigger.Words(), d))
	}
	return e.where(ctx, r, runs)
}

// entry is a run that begins.
func (e *Engine) entry(r running, member int64, key, cause string, d *Doer) Run {
	now := e.now()
	run := Run{
		WorkflowID: r.ID, Version: r.Version, MemberID: member, State: Waiting, Step: r.plan.first, Since: now, DueAt: now, EnteredAt: now, Cause: cause, Key: key, Outcome: -1,
	}
	if d != nil {
		run.ActivityID, run.ConversationID = d.Activity, d.Conversation
	}
	return run
}

// where leaves those out whom the workflow is not for, and holds some out of the others.
func (e *Engine) where(ctx context.Context, r running, runs []Run) ([]Run, error) {
	if len(runs) == 0 {
		return nil, nil
	}
	if r.plan.Where != "" {
		q, err := e.queries.parse(query.Members, r.plan.Where)
		if err != nil {
			return nil, err
		}
		ids := make([]int64, len(runs))
		for i := range runs {
			ids[i] = runs[i].MemberID
		}
		slices.Sort(ids)
		fit, err := e.store.WhichFit(ctx, query.Members, q, slices.Compact(ids))
		if err != nil {
			return nil, fmt.Errorf("asking whom the workflow is for: %w", err)
		}
		runs = slices.DeleteFunc(runs, func(run Run) bool {
			_, ok := slices.BinarySearch(fit, run.MemberID)
			return !ok
		})
	}
	for i := range runs {
		e.assign(r, &runs[i])
	}
	return runs, nil
}

// assign holds a run out, or does not.
func (e *Engine) assign(r running, run *Run) {
	if HeldOut(r.ID, run.MemberID, r.plan.HoldOut.Percent) {
		run.State, run.Step, run.EndedAt = Held, "", run.EnteredAt
	}
}

func (e *Engine) followTurns(ctx context.Context, live []running, p Positions) (to int64, entered int, err error) {
	turns, err := e.store.NewTurns(ctx, p.Event, portion)
	if err != nil {
		return p.Event, 0, fmt.Errorf("reading who entered and left segments: %w", err)
	}
	if len(turns) == 0 {
		return p.Event, 0, nil
	}
	to = turns[len(turns)-1].ID
	out := &Portion{From: p, To: p, Again: again(live)}
	out.To.Event = to
	for _, t := range turns {
		out.Members = append(out.Members, t.Member)
	}
	for _, r := range live {
		k := r.plan.Trigger.Kind
		if k != OnEntered && k != OnLeft {
			continue
		}
		var runs []Run
		for _, t := range turns {
			if t.Person && t.ID > r.Event && t.Segment == r.plan.Trigger.Segment && t.Entered == (k == OnEntered) && !t.At.Before(r.OnSince) {
				runs = append(runs, e.entry(r, t.Member, fmt.Sprintf("turn %d", t.ID), r.plan.Trigger.Words(), nil))
			}
		}
		if runs, err = e.members(ctx, r, runs); err != nil {
			e.log.Warn("nobody enters a workflow: whom it is for cannot be asked", "workflow", r.Key, "error", err)
			continue
		}
		out.Runs = append(out.Runs, runs...)
	}
	if entered, err = e.store.Enter(ctx, out); err != nil {
		return p.Event, 0, fmt.Errorf("storing who enters: %w", err)
	}
	return to, entered, nil
}

// members leaves out who is not a member, and whom the workflow is not for.
func (e *Engine) members(ctx context.Context, r running, runs []Run) ([]Run, error) {
	if len(runs) == 0 {
		return nil, nil
	}
	ids := make([]int64, len(runs))
	for i := range runs {
		ids[i] = runs[i].MemberID
	}
	people, err := e.store.WorkflowPeople(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("reading members: %w", err)
	}
	var kept []Run
	for _, run := range runs {
		if p, ok := people[run.MemberID]; ok && !p.Out {
			run.MemberID = p.ID
			kept = append(kept, run)
		}
	}
	return e.where(ctx, r, kept)
}

// maxMissed is how late a turn of a schedule is still taken, such as when the server was not running.
const maxMissed = day

// turns lets members in whose schedule or date has come.
func (e *Engine) turns(ctx context.Context, live []running) (int, error) {
	now := e.now()
	total := 0
	for _, r := range live {
		k := r.plan.Trigger.Kind
		if k != OnSchedule && k != OnDate || r.NextAt.IsZero() || r.NextAt.After(now) {
			continue
		}
		out := &Portion{Workflow: r.ID, Turn: r.NextAt, Next: r.plan.Trigger.NextTurn(now.In(e.zone())), Again: again([]running{r})}
		var runs []Run
		var err error
		switch {
		case k == OnDate:
			runs, err = e.dated(ctx, r, now)
		case now.Sub(r.NextAt) < maxMissed:
			runs, err = e.scheduled(ctx, r)
		}
		if err != nil {
			e.log.Warn("nobody enters a workflow: whom it is for cannot be asked", "workflow", r.Key, "error", err)
			continue
		}
		out.Runs = runs
		n, err := e.store.Enter(ctx, out)
		if err != nil {
			return total, fmt.Errorf("storing who enters: %w", err)
		}
		total += n
	}
	return total, nil
}

func (e *Engine) scheduled(ctx context.Context, r running) ([]Run, error) {
	var q *query.Query
	if r.plan.Where != "" {
		var err error
		if q, err = e.queries.parse(query.Members, r.plan.Where); err != nil {
			return nil, err
		}
	}
	ids, err := e.store.FitMembers(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("asking whom the workflow is for: %w", err)
	}
	var runs []Run
	for _, id := range ids {
		runs = append(runs, e.entry(r, id, fmt.Sprintf("turn %d %d", r.NextAt.Unix(), id), r.plan.Trigger.Words(), nil))
	}
	for i := range runs {
		e.assign(r, &runs[i])
	}
	return runs, nil
}

// lateDates is how long after its day a date still lets somebody in that was heard of late.
const lateDates = 3 * day

func (e *Engine) dated(ctx context.Context, r running, now time.Time) ([]Run, error) {
	t := &r.plan.Trigger
	all, err := e.store.Dates(ctx, t.Of, t.Field)
	if err != nil {
		return nil, fmt.Errorf("reading dates: %w", err)
	}
	var runs []Run
	for _, d := range all {
		at, ok := t.turnOf(d.Value, e.zone())
		if !ok || at.After(now) || now.Sub(at) > lateDates || at.Before(r.OnSince.Add(-day)) {
			continue
		}
		runs = append(runs, e.entry(r, d.Member, fmt.Sprintf("date %s %d", d.Value, d.Member), t.Words(), nil))
	}
	return e.members(ctx, r, runs)
}

// turnOf is when a date lets somebody in; false where the value is none.
func (t *Trigger) turnOf(value string, zone *time.Location) (time.Time, bool) {
	value = strings.TrimSpace(value)
	for _, layout := range []string{time.DateOnly, time.RFC3339, "2006-01-02T15:04:05.000-0700", "2006-01-02 15:04:05", "2006/01/02", "02.01.2006"} {
		d, err := time.ParseInLocation(layout, value, zone)
		if err != nil {
			continue
		}
		d = d.In(zone)
		return time.Date(d.Year(), d.Month(), d.Day()+t.Days, t.Hour, 0, 0, 0, zone), true
	}
	return time.Time{}, false
}
