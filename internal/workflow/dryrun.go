// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package workflow

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"greenroom/internal/outbox"
	"greenroom/internal/query"
)

// Past is what a dry run asks beside facts.
type Past interface {
	Store
	// ActivitiesSince gives activities that a query fits and that happened since a time, in order of time.
	ActivitiesSince(ctx context.Context, q *query.Query, since time.Time, limit int) ([]Doer, error)
	// TurnsSince gives comings and goings of people in a segment since a time, in order.
	TurnsSince(ctx context.Context, segment string, since time.Time, limit int) ([]Turn, error)
}

// DryRun is what a workflow would have done in the past.
type DryRun struct {
	Since    time.Time      `json:"since"`
	Until    time.Time      `json:"until"`
	Entered  int            `json:"entered"` // who would have entered
	Held     int            `json:"held"`    // of them, held out
	Messages int            `json:"messages"`
	Unsent   int            `json:"unsent"` // that consent, caps or a missing address would have kept from being sent
	Passed   map[string]int `json:"passed"` // by step: runs that did it
	Runs     []DryMember    `json:"runs"`
	Cut      bool           `json:"cut"`   // more would have entered than are looked at
	Notes    []string       `json:"notes"` // what is not as it would have been
}

// DryMember is a member whom a dry run lets in.
type DryMember struct {
	MemberID  int64        `json:"member_id"`
	Member    string       `json:"member"`
	EnteredAt time.Time    `json:"entered_at"`
	Cause     string       `json:"cause"`
	Held      bool         `json:"held"`
	State     RunState     `json:"state"`
	Reason    string       `json:"reason,omitempty"`
	Step      string       `json:"step,omitempty"` // at which it would be now
	Log       []Entry      `json:"log"`
	Messages  []DryMessage `json:"messages"`
}

// DryMessage is a message that would have been written.
type DryMessage struct {
	At      time.Time      `json:"at"`
	Channel outbox.Channel `json:"channel"`
	To      string         `json:"to"`
	Subject string         `json:"subject,omitempty"`
	Text    string         `json:"text"`
	Sent    bool           `json:"sent"`
	Reason  string         `json:"reason,omitempty"` // why it would not have been sent, or not at once
}

// mostDry is how many members a dry run lets in.
const mostDry = 500

// DryRun tells what a definition would have done in the last days. Nothing is stored, and nothing is sent.
func (e *Engine) DryRun(ctx context.Context, past Past, f *Workflow, d *Definition, days int) (*DryRun, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	now := e.now()
	out := &DryRun{Since: now.AddDate(0, 0, -days), Until: now, Passed: make(map[string]int)}
	r := running{f, d.plan()}
	runs, err := e.pastRuns(ctx, past, r, out)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(runs, func(a, b Run) int { return a.EnteredAt.Compare(b.EnteredAt) })
	runs = once(runs, d.Again)
	if len(runs) > mostDry {
		runs, out.Cut = runs[:mostDry], true
	}
	b, err := e.batch(ctx, runs)
	if err != nil {
		return nil, err
	}
	v := &virtual{batch: b, sent: make(map[int64][]time.Time), messages: make(map[string]outbox.Message)}
	if err := v.history(ctx, out.Since); err != nil {
		return nil, err
	}
	for i := range runs {
		m, err := v.live(ctx, e, r, runs[i], now)
		if err != nil {
			return nil, err
		}
		if m != nil {
			out.add(m)
		}
	}
	out.notes(d)
	return out, nil
}

func (o *DryRun) add(m *DryMember) {
	o.Entered++
	if m.Held {
		o.Held++
	}
	for _, x := range m.Messages {
		if x.Sent {
			o.Messages++
		} else {
			o.Unsent++
		}
	}
	seen := make(map[string]bool)
	for _, l := range m.Log {
		if l.Step != "" && !seen[l.Step] {
			seen[l.Step] = true
			o.Passed[l.Step]++
		}
	}
	o.Runs = append(o.Runs, *m)
}

// notes says what a dry run cannot know.
func (o *DryRun) notes(d *Definition) {
	asks := d.Where != ""
	d.Walk(func(s *Step, _ int) bool {
		asks = asks || s.Kind == StepBranch && s.Query != ""
		return true
	})
	if asks {
		o.Notes = append(o.Notes, "Conditions on members and conversations are asked as they are today.")
	}
	if o.Messages+o.Unsent > 0 {
		o.Notes = append(o.Notes, "Drafts count as approved at once. Members do not react to messages that were not sent, so replies are what they wrote anyway.")
	}
	if o.Cut {
		o.Notes = append(o.Notes, fmt.Sprintf("Only the first %d who would have entered are looked at.", mostDry))
	}
}

// once leaves out those who would have entered again too early.
func once(runs []Run, again int) []Run {
	last := make(map[int64]time.Time)
	return slices.DeleteFunc(runs, func(r Run) bool {
		at, ok := last[r.MemberID]
		if ok && (again <= 0 || r.EnteredAt.Before(at.AddDate(0, 0, again))) {
			return true
		}
		last[r.MemberID] = r.EnteredAt
		return false
	})
}

// pastRuns are the runs that would have begun.
func (e *Engine) pastRuns(ctx context.Context, past Past, r running, out *DryRun) ([]Run, error) {
	t := &r.plan.Trigger
	at := func(run Run, when time.Time) Run {
		run.EnteredAt, run.Since, run.DueAt = when, when, when
		return run
	}
	var runs []Run
	switch t.Kind {
	case OnActivity, OnSurvey:
		q, err := e.queries.parse(query.Activities, t.activityQuery())
		if err != nil {
			return nil, err
		}
		doers, err := past.ActivitiesSince(ctx, q, out.Since, 20*mostDry)
		if err != nil {
			return nil, fmt.Errorf("reading activities: %w", err)
		}
		if doers, err = e.firsts(ctx, r, doers); err != nil {
			return nil, err
		}
		for i := range doers {
			d := &doers[i]
			runs = append(runs, at(e.entry(r, d.Member, fmt.Sprintf("activity %d", d.Activity), t.Words(), d), d.At))
		}
	case OnEntered, OnLeft:
		turns, err := past.TurnsSince(ctx, t.Segment, out.Since, 20*mostDry)
		if err != nil {
			return nil, fmt.Errorf("reading who entered and left: %w", err)
		}
		for _, x := range turns {
			if x.Entered == (t.Kind == OnEntered) && x.Member > 0 {
				runs = append(runs, at(e.entry(r, x.Member, fmt.Sprintf("turn %d", x.ID), t.Words(), nil), x.At))
			}
		}
	case OnSchedule:
		r.NextAt = t.NextTurn(out.Since.In(e.zone()))
		all, err := e.scheduled(ctx, r)
		if err != nil {
			return nil, err
		}
		for turn := r.NextAt; turn.Before(out.Until); turn = t.NextTurn(turn) {
			for _, run := range all {
				runs = append(runs, at(run, turn))
			}
		}
		return runs, nil
	case OnDate:
		dates, err := e.store.Dates(ctx, t.Of, t.Field)
		if err != nil {
			return nil, fmt.Errorf("reading dates: %w", err)
		}
		for _, x := range dates {
			if when, ok := t.turnOf(x.Value, e.zone()); ok && when.After(out.Since) && when.Before(out.Until) {
				runs = append(runs, at(e.entry(r, x.Member, fmt.Sprintf("date %s %d", x.Value, x.Member), t.Words(), nil), when))
			}
		}
	case OnWebhook, OnHand:
		out.Notes = append(out.Notes, "Nobody can say whom somebody would have chosen. Who did the most lately stands in for them.")
		ids, err := e.standIns(ctx, r)
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			runs = append(runs, at(e.entry(r, id, fmt.Sprintf("hand %d", id), t.Words(), nil), out.Since))
		}
	}
	return e.members(ctx, r, runs)
}

// firsts leaves out who is no member, and where only the first time counts, all other times.
func (e *Engine) firsts(ctx context.Context, r running, doers []Doer) ([]Doer, error) {
	t := &r.plan.Trigger
	seen := make(map[int64]bool)
	var kept []Doer
	for i := range doers {
		d := &doers[i]
		if d.Out || t.First && seen[d.Member] {
			continue
		}
		seen[d.Member] = true
		if t.First {
			before, err := e.did(ctx, d.Member, t.activityQuery(), time.Time{}, d.At.Add(-time.Microsecond))
			if err != nil {
				return nil, err
			}
			if !before.IsZero() {
				continue
			}
		}
		kept = append(kept, *d)
	}
	return kept, nil
}

// standIns are a few members whom the workflow is for.
func (e *Engine) standIns(ctx context.Context, r running) ([]int64, error) {
	text := cmp.Or(r.plan.Where, "last_active:<90d")
	q, err := e.queries.parse(query.Members, text)
	if err != nil {
		return nil, err
	}
	ids, err := e.store.FitMembers(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("asking whom the workflow is for: %w", err)
	}
	return ids[:min(len(ids), 20)], nil
}

// virtual is the world of a dry run: what was so, with messages that nobody sent.
type virtual struct {
	*batch

	sent     map[int64][]time.Time
	messages map[string]outbox.Message
}

// history reads what members were sent, for the caps.
func (v *virtual) history(ctx context.Context, since time.Time) error {
	contacts, err := v.e.store.Contacts(ctx, v.ids[query.Members], since.Add(-v.rules.Window()))
	if err != nil {
		return err
	}
	for id, c := range contacts {
		v.sent[id] = c.Sent
	}
	v.contacts = contacts
	return nil
}

// mailed is never: nothing was sent, so nobody wrote back to it.
func (*virtual) mailed(context.Context, int64, time.Time, time.Time) (time.Time, error) {
	return time.Time{}, nil
}

func (v *virtual) became(key string) *outbox.Message {
	if m, ok := v.messages[key]; ok {
		return &m
	}
	return nil
}

// maxLooks is how often a run is looked at in a dry run at most.
const maxLooks = 2000

// live lives a run from when it would have begun until now. Nil where its member is gone.
func (v *virtual) live(ctx context.Context, e *Engine, r running, run Run, now time.Time) (*DryMember, error) {
	who, ok := v.people[run.MemberID]
	if !ok || who.Out {
		return nil, nil //nolint:nilnil // nobody to tell of
	}
	run.MemberID, run.ID = who.ID, int64(len(v.messages))+1 // so that keys of messages differ
	out := &DryMember{MemberID: who.ID, Member: who.Name, EnteredAt: run.EnteredAt, Cause: run.Cause, Held: run.State == Held, State: run.State, Log: []Entry{}, Messages: []DryMessage{}}
	if out.Held {
		return out, nil
	}
	contact := v.contacts[who.ID]
	zone := contact.Zone
	if zone == nil {
		zone = e.zone()
	}
	m := &mover{workflow: r.Workflow, plan: r.plan, run: run, who: &who, contact: &contact, rules: &v.rules, now: run.EnteredAt, zone: zone, world: v, ways: v.ways, parts: &Parts{Base: e.parts.Base, Programs: nothing{}, Surveys: nothing{}, Desk: nothing{}, CRM: nothing{}}, team: &v.team}
	if begun, ok := v.begun[run.ActivityID]; ok {
		m.begun = &begun
	}
	for range maxLooks {
		contact.Sent = before(v.sent[who.ID], m.now)
		if err := m.move(ctx); err != nil {
			return nil, err
		}
		out.Log = append(out.Log, m.out.Log...)
		for i := range m.out.Messages {
			if x := &m.out.Messages[i]; x.MemberID > 0 {
				out.Messages = append(out.Messages, v.send(m, x))
			} else {
				x.State, x.SentAt = outbox.Sent, m.now
				v.messages[x.Key] = *x
			}
		}
		if m.run.State != Waiting {
			break
		}
		next := m.run.DueAt
		if x, ok := v.messages[m.run.Message]; ok {
			next = x.SentAt
		}
		if at, err := v.sooner(ctx, m, next); err != nil {
			return nil, err
		} else if !at.IsZero() {
			next = at
		}
		if next.After(now) {
			break
		}
		m.now = next
	}
	out.State, out.Reason, out.Step = m.run.State, m.run.Reason, m.run.Step
	return out, nil
}

// sooner is when something happens before a time that a run waits for.
func (v *virtual) sooner(ctx context.Context, m *mover, limit time.Time) (time.Time, error) {
	at, ok := m.plan.at[m.run.Step]
	if !ok || at.step.Kind != StepWait || at.step.Until != UntilEvent {
		return time.Time{}, nil
	}
	return m.happened(ctx, at.step, limit)
}

func before(all []time.Time, at time.Time) []time.Time {
	var some []time.Time
	for _, t := range all {
		if t.Before(at) {
			some = append(some, t)
		}
	}
	return some
}

// send says when a message would have gone out, by the rules on writing to members.
func (v *virtual) send(m *mover, x *outbox.Message) DryMessage {
	d := DryMessage{At: m.now, Channel: x.Channel, To: x.To, Subject: x.Subject, Text: x.Text}
	at := m.now
	for range 100 {
		c := outbox.Contact{Choices: m.contact.Choices, Bounced: m.contact.Bounced, Zone: m.contact.Zone, Sent: before(v.sent[m.who.ID], at)}
		verdict := outbox.Judge(m.rules, &c, x, at, m.zone)
		if verdict.May {
			d.At, d.Sent = at, true
			x.State, x.SentAt = outbox.Sent, at
			v.messages[x.Key] = *x
			v.sent[m.who.ID] = append(v.sent[m.who.ID], at)
			return d
		}
		d.Reason = verdict.Reason
		if verdict.At.IsZero() || !verdict.At.After(at) {
			break
		}
		at = verdict.At
	}
	x.State, x.Reason, x.SentAt = outbox.Skipped, d.Reason, m.now
	v.messages[x.Key] = *x
	return d
}

// nothing stands in for other features: it does nothing.
type nothing struct{}

func (nothing) Enroll(context.Context, string, string, int64, string) error     { return nil }
func (nothing) Invite(context.Context, string, string, int64, string) error     { return nil }
func (nothing) Set(context.Context, string, *Step, string, int64) (bool, error) { return true, nil }
func (nothing) Targets(context.Context) ([]string, error)                       { return nil, nil }
func (nothing) Assign(context.Context, int64, string, string) error             { return nil }

// Preview fills the texts of a message for a member, as if they entered now.
func (e *Engine) Preview(ctx context.Context, past Past, d *Definition, step string, member int64) (*outbox.Message, string, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	p := d.plan()
	at, ok := p.at[step]
	if !ok {
		return nil, "", nil
	}
	run := Run{MemberID: member, EnteredAt: e.now()}
	if d.began() {
		q, err := e.queries.parse(query.Activities, fmt.Sprintf("%s member.id:%d", d.Trigger.activityQuery(), member))
		if err == nil {
			if doers, err := past.ActivitiesSince(ctx, q, time.Time{}, 1); err == nil && len(doers) > 0 {
				run.ActivityID, run.ConversationID = doers[0].Activity, doers[0].Conversation
			}
		}
	}
	b, err := e.batch(ctx, []Run{run})
	if err != nil {
		return nil, "", err
	}
	who, ok := b.people[member]
	if !ok {
		return nil, "there is no such member", nil
	}
	contact := b.contacts[who.ID]
	m := &mover{workflow: &Workflow{}, plan: p, run: run, who: &who, contact: &contact, rules: &b.rules, now: e.now(), zone: e.zone(), world: b, ways: b.ways, parts: &Parts{Base: e.parts.Base}, team: &b.team}
	if begun, ok := b.begun[run.ActivityID]; ok {
		m.begun = &begun
	}
	t := m.texts(at.step)
	text, err := t.Fill(at.step.Text)
	if err != nil {
		return nil, err.Error(), nil
	}
	subject, err := t.Fill(at.step.Subject)
	if err != nil {
		return nil, err.Error(), nil
	}
	msg := &outbox.Message{Channel: at.step.Channel, Purpose: at.step.Purpose, MemberID: who.ID, Member: who.Name, Subject: subject, Text: text, Sender: cmp.Or(at.step.Sender, d.Sender)}
	why := m.address(at.step, msg)
	if why == "" {
		if v := outbox.Judge(m.rules, m.contact, msg, m.now, m.zone); !v.May {
			why = v.Reason
			if !v.At.IsZero() {
				why += "; it would go out on " + v.At.Format("Mon 2 Jan, 15:04")
			}
		}
	}
	return msg, why, nil
}
