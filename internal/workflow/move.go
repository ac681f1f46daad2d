// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package workflow

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/consent"
	"greenroom/internal/outbox"
	"greenroom/internal/query"
	"greenroom/internal/task"
)

// world is what a run sees: of now, or of a time in the past.
type world interface {
	// fits reports whether a query fits an object.
	fits(ctx context.Context, e query.Entity, text string, id int64) (bool, error)
	// did is when a member first did something in a span of time; the zero time = they did not.
	did(ctx context.Context, member int64, text string, after, until time.Time) (time.Time, error)
	// said is when somebody first wrote in a conversation: the member, or anybody else.
	said(ctx context.Context, conversation, member int64, by bool, after, until time.Time) (time.Time, error)
	// mailed is when the run's member first wrote back to one of its mails; the zero time = they did not.
	mailed(ctx context.Context, run int64, after, until time.Time) (time.Time, error)
	turned(ctx context.Context, member int64, segment string, entered bool, after, until time.Time) (time.Time, error)
	// became says what became of a message; nil = it is not known yet.
	became(key string) *outbox.Message
}

// mover moves one run as far as it goes at a time.
type mover struct {
	workflow *Workflow
	plan     *plan
	run      Run
	who      *Person
	contact  *outbox.Contact
	rules    *consent.Rules
	begun    *Begun // nil = it began with no activity
	now      time.Time
	zone     *time.Location // of the member
	world    world
	ways     map[outbox.Channel][]string
	parts    *Parts
	team     *Team

	out Advance
}

// maxSteps is more than any workflow has.
const maxSteps = 500

// recheck is when a run looks again what became of its message, should nobody have told it.
const recheck = time.Hour

// move takes the run on until it waits or ends, and fills out.
func (m *mover) move(ctx context.Context) error {
	m.out = Advance{}
	reason, err := m.stopped(ctx)
	if err != nil {
		return err
	}
	if reason != "" {
		m.end(Stopped, reason)
		return nil
	}
	for range maxSteps {
		if m.run.Step == "" {
			m.end(Done, "")
			return nil
		}
		at, ok := m.plan.at[m.run.Step]
		if !ok {
			m.end(Stopped, "the step at which it was is gone from the workflow")
			return nil
		}
		d, err := m.do(ctx, at.step)
		if err != nil {
			return err
		}
		if d.text != "" {
			m.note(at.step, d.text, d.key)
		}
		switch d.turn {
		case stay:
			m.run.DueAt, m.run.State = d.at, Waiting
			m.run.Listens = m.listens(at.step)
			m.out.Run = m.run
			return nil
		case stuck:
			m.run.State, m.run.Reason = Stuck, d.text
			m.out.Run = m.run
			return nil
		case over:
			m.end(Done, "")
			return nil
		case onYes:
			m.to(at.branch(true), d.at)
		case onNo:
			m.to(at.branch(false), d.at)
		case on:
			m.to(at.next, d.at)
		}
	}
	return greenroom.Errorf(greenroom.CodeInvalid, "the workflow has more than %d steps", maxSteps)
}

// to goes to a step, as of a time; the zero time = now.
func (m *mover) to(step string, since time.Time) {
	m.run.Step, m.run.Since, m.run.Message, m.run.Attempts, m.run.Reason = step, since, "", 0, ""
	if since.IsZero() {
		m.run.Since = m.now
	}
}

func (m *mover) end(s RunState, reason string) {
	m.run.State, m.run.Reason, m.run.EndedAt, m.run.Message, m.run.Listens = s, reason, m.now, "", false
	if s == Stopped {
		m.out.Log = append(m.out.Log, Entry{Step: m.run.Step, Text: "Ended: " + reason, At: m.now})
	}
	m.out.Run = m.run
}

func (m *mover) note(s *Step, text, key string) {
	m.out.Log = append(m.out.Log, Entry{Step: s.ID, Kind: s.Kind, Text: text, At: m.now, Key: key})
}

// listens reports whether what happens may concern the run before it is due.
func (m *mover) listens(s *Step) bool {
	stop := &m.plan.Stop
	return s.Kind == StepWait && s.Until == UntilEvent || stop.Did != "" || stop.Left || stop.Reply && !m.run.WroteAt.IsZero()
}

// stopped says why a run ends here; "" = it goes on.
func (m *mover) stopped(ctx context.Context) (string, error) {
	if m.who.Out {
		return "they belong to the team, or are a bot or hidden", nil
	}
	all := consent.Case{Purpose: consent.Answer, Choices: m.contact.Choices, Now: m.now}
	if v := m.rules.Judge(&all); !v.May && v.At.IsZero() {
		return v.Reason, nil
	}
	stop := &m.plan.Stop
	if stop.Reply && !m.run.WroteAt.IsZero() {
		at, err := m.replied(ctx)
		if err != nil || !at.IsZero() {
			return "they replied", err
		}
	}
	if stop.Left && m.plan.Trigger.Kind == OnEntered {
		at, err := m.world.turned(ctx, m.who.ID, m.plan.Trigger.Segment, false, m.run.EnteredAt, m.now)
		if err != nil || !at.IsZero() {
			return "they left the segment", err
		}
	}
	if stop.Did != "" {
		at, err := m.world.did(ctx, m.who.ID, stop.Did, m.run.EnteredAt, m.now)
		if err != nil || !at.IsZero() {
			return "they did what ends it", err
		}
	}
	return "", nil
}

// replied is when they wrote back after the first message: in the conversation with which it began, or anywhere where
// there was none.
func (m *mover) replied(ctx context.Context) (time.Time, error) {
	since := m.run.WroteAt
	if since.IsZero() {
		since = m.run.EnteredAt
	}
	return m.wroteBack(ctx, since, m.now)
}

// wroteBack is when they first wrote in the conversation with which it began, or anywhere where there was none, or answered
// a mail.
func (m *mover) wroteBack(ctx context.Context, since, until time.Time) (at time.Time, err error) {
	if m.run.ConversationID > 0 {
		at, err = m.world.said(ctx, m.run.ConversationID, m.who.ID, true, since, until)
	} else {
		at, err = m.world.did(ctx, m.who.ID, said, since, until)
	}
	if err != nil {
		return at, err
	}
	mail, err := m.world.mailed(ctx, m.run.ID, since, until)
	if err != nil || mail.IsZero() || !at.IsZero() && at.Before(mail) {
		return at, err
	}
	return mail, nil
}

// turn is where a step leads.
type turn int

const (
	on    turn = iota // to the step behind it
	onYes             // into its branches
	onNo
	stay  // here, until a time
	over  // to the end
	stuck // nowhere until a person decides
)

// done is what became of a step.
type done struct {
	turn turn
	at   time.Time // stay: until then; else: as of when it is done, the zero time = now
	text string    // for the log; "" = nothing is noted
	key  string
}

func (m *mover) do(ctx context.Context, s *Step) (done, error) {
	switch s.Kind {
	case StepMessage:
		return m.message(s)
	case StepWait:
		return m.wait(ctx, s)
	case StepBranch:
		return m.branch(ctx, s)
	case StepWebhook:
		return m.webhook(s)
	case StepTask, StepAlert:
		return m.tell(s)
	case StepTag:
		m.out.Edits = append(m.out.Edits, Edit{Tag: s.Tag})
		return done{text: "Tagged " + s.Tag}, nil
	case StepUntag:
		m.out.Edits = append(m.out.Edits, Edit{Untag: s.Tag})
		return done{text: "Tag " + s.Tag + " taken away"}, nil
	case StepField:
		v, err := m.texts(s).Fill(s.Value)
		if err != nil {
			return done{turn: stuck, text: greenroom.ErrorMessage(err)}, nil
		}
		m.out.Edits = append(m.out.Edits, Edit{Field: s.Field, Value: v})
		return done{text: "Set " + s.Field + " to " + v}, nil
	case StepAssign, StepEnroll, StepSurvey:
		return m.hand(ctx, s)
	case StepCRM:
		return m.crm(ctx, s)
	case StepEnd:
		return done{turn: over, text: "Ended here"}, nil
	}
	return done{}, greenroom.Errorf(greenroom.CodeInvalid, "there is no step %q", s.Kind)
}

// key is what tells an effect of the run from all others.
func (m *mover) key(s *Step) string {
	return fmt.Sprintf("workflow/%d/run/%d/%s", m.run.WorkflowID, m.run.ID, s.ID)
}

func (m *mover) texts(s *Step) *Texts {
	sender := cmp.Or(s.Sender, m.plan.Sender)
	return &Texts{Person: m.who, Begun: m.begun, Sender: m.team.Names[strings.ToLower(sender)], Base: m.parts.Base}
}

// hand has another feature do something. It may be done again, by the same key, where the process dies before the advance
// is stored.
func (m *mover) hand(ctx context.Context, s *Step) (done, error) {
	const by = "workflow"
	var err error
	var text string
	switch {
	case s.Kind == StepEnroll && m.parts.Programs != nil:
		err, text = m.parts.Programs.Enroll(ctx, m.key(s), s.Program, m.who.ID, by), "Enrolled in "+s.Program
	case s.Kind == StepSurvey && m.parts.Surveys != nil:
		err, text = m.parts.Surveys.Invite(ctx, m.key(s), s.Survey, m.who.ID, by), "Invited to the survey "+s.Survey
	case s.Kind == StepAssign && m.parts.Desk != nil && m.run.ConversationID > 0:
		err, text = m.parts.Desk.Assign(ctx, m.run.ConversationID, s.Owner, by), "Conversation given to "+s.Owner
	case s.Kind == StepAssign && m.run.ConversationID == 0:
		return done{text: "Nothing to assign: it began with no conversation"}, nil
	default:
		return done{turn: stuck, text: "this Greenroom has nothing that does it"}, nil
	}
	if err != nil {
		return done{}, err
	}
	return done{text: text}, nil
}

// crm has a value written to the member's contact. It may be asked for again by the same key, as in hand.
func (m *mover) crm(ctx context.Context, s *Step) (done, error) {
	if m.parts.CRM == nil {
		return done{turn: stuck, text: "this Greenroom has nothing that does it"}, nil
	}
	v, err := m.texts(s).Fill(s.Value)
	if err != nil {
		return done{turn: stuck, text: greenroom.ErrorMessage(err)}, nil
	}
	written, err := m.parts.CRM.Set(ctx, m.key(s), s, v, m.who.ID)
	switch {
	case greenroom.ErrorCode(err) == greenroom.CodeInvalid || greenroom.ErrorCode(err) == greenroom.CodeConflict:
		return done{turn: stuck, text: greenroom.ErrorMessage(err)}, nil
	case err != nil:
		return done{}, err
	case !written:
		return done{text: "Nothing to write: they have no contact in " + s.Source}, nil
	case s.Approve:
		return done{text: s.Property + " in " + s.Source + " is to become " + v + ", once somebody approves it"}, nil
	}
	return done{text: s.Property + " in " + s.Source + " becomes " + v}, nil
}

func (m *mover) wait(ctx context.Context, s *Step) (done, error) {
	limit := s.until(m.run.Since.In(m.zone))
	if s.Until == UntilEvent {
		at, err := m.happened(ctx, s, earlier(limit, m.now))
		if err != nil {
			return done{}, err
		}
		if !at.IsZero() {
			return done{turn: onYes, text: "It happened: " + s.eventWords()}, nil
		}
		if !m.now.Before(limit) {
			return done{turn: onNo, text: "It did not happen in time: " + s.eventWords()}, nil
		}
		return done{turn: stay, at: limit}, nil
	}
	if m.now.Before(limit) {
		return done{turn: stay, at: limit}, nil
	}
	return done{text: "Waited " + s.waitWords()}, nil
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// happened is when that happened for which a step waits, up to a time.
func (m *mover) happened(ctx context.Context, s *Step, until time.Time) (time.Time, error) {
	switch s.Event {
	case EventReply:
		since := m.run.WroteAt
		if since.IsZero() {
			since = m.run.Since
		}
		return m.wroteBack(ctx, since, until)
	case EventAnswer:
		return m.answered(ctx, until)
	case EventActivity:
		return m.world.did(ctx, m.who.ID, s.Query, m.run.Since, until)
	case EventEntered:
		return m.world.turned(ctx, m.who.ID, s.Segment, true, m.run.Since, until)
	}
	return time.Time{}, greenroom.Errorf(greenroom.CodeInvalid, "nothing can wait for %q", s.Event)
}

// answered is when somebody else first wrote in the conversation with which it began, behind that.
func (m *mover) answered(ctx context.Context, until time.Time) (time.Time, error) {
	if m.run.ConversationID == 0 {
		return time.Time{}, nil
	}
	since := m.run.EnteredAt
	if m.begun != nil {
		since = m.begun.At
	}
	return m.world.said(ctx, m.run.ConversationID, m.who.ID, false, since, until)
}

func (m *mover) branch(ctx context.Context, s *Step) (done, error) {
	holds := false
	var err error
	var at time.Time
	switch s.If {
	case IfUnanswered:
		at, err = m.answered(ctx, m.now)
		holds = at.IsZero()
	case IfSilent:
		at, err = m.replied(ctx)
		holds = at.IsZero()
	case IfMember:
		holds, err = m.world.fits(ctx, query.Members, s.Query, m.who.ID)
	case IfActivity:
		if m.run.ActivityID > 0 {
			holds, err = m.world.fits(ctx, query.Activities, s.Query, m.run.ActivityID)
		}
	case IfConversation:
		if m.run.ConversationID > 0 {
			holds, err = m.world.fits(ctx, query.Conversations, s.Query, m.run.ConversationID)
		}
	default:
		err = greenroom.Errorf(greenroom.CodeInvalid, "there is no condition %q", s.If)
	}
	if err != nil {
		return done{}, err
	}
	if holds {
		return done{turn: onYes, text: "Yes: " + s.conditionWords()}, nil
	}
	return done{turn: onNo, text: "No: " + s.conditionWords()}, nil
}

// tell makes a task, or tells the team.
func (m *mover) tell(s *Step) (done, error) {
	t := m.texts(s)
	title, err1 := t.Fill(s.Title)
	text, err2 := t.Fill(s.Text)
	if err := errors.Join(err1, err2); err != nil {
		return done{turn: stuck, text: greenroom.ErrorMessage(err)}, nil
	}
	title = clip(title, 300)
	link := fmt.Sprintf("/members/%d", m.who.ID)
	if m.run.ConversationID > 0 {
		link = fmt.Sprintf("/conversations/%d", m.run.ConversationID)
	}
	key := m.key(s)
	if s.Kind == StepTask {
		x := task.Task{Key: key, Title: title, Note: text, Link: link, Origin: "workflow", OriginID: m.run.WorkflowID, MemberID: m.who.ID, Owner: s.Owner, CreatedBy: "workflow " + m.workflow.Name, CreatedAt: m.now}
		if s.Days > 0 {
			x.DueAt = m.now.AddDate(0, 0, s.Days)
		}
		m.out.Tasks = append(m.out.Tasks, x)
		return done{text: "Task made: " + title, key: key}, nil
	}
	if s.Destination == 0 {
		m.out.Notices = append(m.out.Notices, task.Notice{Key: key, Person: s.Owner, Kind: "workflow", Title: title, Text: text, Link: link})
		return done{text: "Told " + s.Owner, key: key}, nil
	}
	to, ok := m.team.Destinations[s.Destination]
	if !ok {
		return done{turn: stuck, text: "the place where the team is told was removed"}, nil
	}
	if m.parts.Base != "" {
		text = strings.TrimSpace(text + "\n\n" + m.parts.Base + link)
	}
	m.out.Messages = append(m.out.Messages, outbox.Message{
		Key: key, Channel: to.Channel, Destination: s.Destination, Origin: m.origin(s), Subject: title, Text: cmp.Or(text, title), State: outbox.Queued, CreatedAt: m.now,
	})
	return done{text: "Told " + to.Name, key: key}, nil
}

func (m *mover) origin(s *Step) outbox.Origin {
	return outbox.Origin{Kind: "workflow", ID: m.run.WorkflowID, Run: m.run.ID, Step: s.ID}
}

// call is the body of a webhook.
type call struct {
	Key      string            `json:"key"`
	Workflow string            `json:"workflow"`
	Step     string            `json:"step"`
	Text     string            `json:"text,omitempty"`
	Member   calledMember      `json:"member"`
	Activity int64             `json:"activity_id,omitempty"`
	Fields   map[string]string `json:"fields,omitempty"`
}

type calledMember struct {
	ID           int64    `json:"id"`
	Name         string   `json:"name"`
	Emails       []string `json:"emails,omitempty"`
	Organization string   `json:"organization,omitempty"`
}

// webhook tells another system, and waits until it has heard.
func (m *mover) webhook(s *Step) (done, error) {
	if m.run.Message != "" {
		return m.heard(s)
	}
	text, err := m.texts(s).Fill(s.Text)
	if err != nil {
		return done{turn: stuck, text: greenroom.ErrorMessage(err)}, nil
	}
	key := m.key(s)
	body, err := json.Marshal(call{
		Key: key, Workflow: m.workflow.Key, Step: s.ID, Text: text, Activity: m.run.ActivityID, Fields: m.who.Fields,
		Member: calledMember{m.who.ID, m.who.Name, m.who.Emails, m.who.Organization},
	})
	if err != nil {
		return done{}, fmt.Errorf("writing what a webhook is told: %w", err)
	}
	m.out.Messages = append(m.out.Messages, outbox.Message{
		Key: key, Channel: outbox.Webhook, Destination: s.Destination, Origin: m.origin(s), Text: text, Data: body, State: outbox.Queued, CreatedAt: m.now,
	})
	m.run.Message = key
	return done{turn: stay, at: m.now.Add(recheck)}, nil
}

func clip(text string, most int) string {
	runes := []rune(strings.Join(strings.Fields(text), " "))
	if len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return string(runes)
}
