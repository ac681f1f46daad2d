// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package outbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"greenroom"
	"greenroom/internal/consent"
)

// Queue keeps what the runner needs. Each method is one transaction.
type Queue interface {
	// TakeMessages marks messages that are due as sending, the longest due first, and returns them: no two to one member, none
	// to a member to whom one is being sent, and none of the lanes in busy. Those that another holder has had until its lease ended come
	// with Again. None is no error.
	TakeMessages(ctx context.Context, holder string, until time.Time, limit int, busy []string) ([]Message, error)
	// MarkMessages stores what became of messages: State, Reason, Attempts, NextAt, SentAt, Receipt and URL. One that holder has
	// lost is left alone.
	MarkMessages(ctx context.Context, holder string, all []Message) error
	// HoldMessages renews the lease of all that holder has.
	HoldMessages(ctx context.Context, holder string, until time.Time) error
	// Contacts tells what is known of members that matters to whether they may be written to: messages that were sent to them
	// since a time, choices, and whether the address bounced.
	Contacts(ctx context.Context, members []int64, since time.Time) (map[int64]Contact, error)
	// ContactRules are the team's rules.
	ContactRules(ctx context.Context) (consent.Rules, error)
}

// Contact is what is known of a member that matters to whether they may be written to.
type Contact struct {
	Choices []consent.Choice
	Sent    []time.Time
	Bounced map[string]bool // mail addresses of theirs that refuse mail for good
	Zone    *time.Location  // nil = not known

	Addresses []string // their mail addresses, in order
}

// Sender sends messages on one channel.
type Sender interface {
	// Send hands one message over. Codes say what follows an error: CodeUnavailable and CodeLimited pass and are tried again
	// (after WaitFor, where the error has that method); an *UncertainError may have arrived; others are for good.
	Send(ctx context.Context, m *Message) (Receipt, error)
	// Repeatable reports whether sending the same message again is harmless, because the receiver knows its key.
	Repeatable(m *Message) bool
}

// UncertainError is an error after which nobody knows whether a message arrived.
type UncertainError struct{ Err error }

// Error says what happened.
func (u *UncertainError) Error() string { return u.Err.Error() }

// Unwrap gives what happened.
func (u *UncertainError) Unwrap() error { return u.Err }

// How messages are sent.
const (
	leaseFor   = 30 * time.Second
	lookEvery  = time.Second
	atOnce     = 32 // messages being sent
	laneAtOnce = 8  // of them in one lane
	sendFor    = time.Minute
	firstPause = 5 * time.Second
	maxPause   = time.Hour
	maxTries   = 30 // at growing pauses, about a day
)

// Runner sends messages.
type Runner struct {
	queue   Queue
	senders map[Channel]Sender
	holder  string
	log     *slog.Logger
	now     func() time.Time
	zone    func() *time.Location // of members of whom it is not known
	wake    chan struct{}

	done   chan landed
	flying int
	lanes  map[string]*lane
}

// landed is a message of which is known what became of it.
type landed struct {
	Message

	err error // of the place it was sent to, which passes; nil = none
}

// lane is a place to which messages go.
type lane struct {
	flying int
	shut   time.Time // until when it is left alone
	tries  int64     // failures in a row
}

// NewRunner returns a runner. holder is what this process is called among all that share the store.
func NewRunner(queue Queue, senders map[Channel]Sender, holder string, log *slog.Logger, now func() time.Time, zone func() *time.Location) *Runner {
	return &Runner{
		queue: queue, senders: senders, holder: holder, log: log, now: now, zone: zone, wake: make(chan struct{}, 1),
		done: make(chan landed, atOnce), lanes: make(map[string]*lane),
	}
}

// Wake makes Run look at once. It never blocks.
func (r *Runner) Wake() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// Run sends messages until ctx ends; those that are being sent then are waited for.
func (r *Runner) Run(ctx context.Context) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	held := r.now()
	for {
		if err := r.take(ctx); err != nil && ctx.Err() == nil {
			r.log.Error("sending messages", "error", err)
		}
		select {
		case <-ctx.Done():
			for r.flying > 0 {
				r.land(context.WithoutCancel(ctx), <-r.done)
			}
			return
		case m := <-r.done:
			r.land(ctx, m)
		case <-r.wake:
		case <-tick.C:
			if now := r.now(); r.flying > 0 && now.Sub(held) > leaseFor/3 {
				held = now
				if err := r.queue.HoldMessages(ctx, r.holder, now.Add(leaseFor)); err != nil && ctx.Err() == nil {
					r.log.Error("holding messages that are being sent", "error", err)
				}
			}
		}
	}
}

// Drain sends what is due now, waits until it is sent, and reports how many there were: for commands and tests.
func (r *Runner) Drain(ctx context.Context) (sent int, err error) {
	for {
		if err := r.take(ctx); err != nil {
			return sent, err
		}
		if r.flying == 0 {
			return sent, nil
		}
		for r.flying > 0 {
			sent += r.land(ctx, <-r.done)
		}
	}
}

// land marks what became of a message and of all others that have ended by now, and reports how many they were.
func (r *Runner) land(ctx context.Context, first landed) int {
	all := []Message{r.down(&first)}
	for more := true; more; {
		select {
		case m := <-r.done:
			all = append(all, r.down(&m))
		default:
			more = false
		}
	}
	if err := r.queue.MarkMessages(context.WithoutCancel(ctx), r.holder, all); err != nil {
		// They stand as sending; when the lease has ended they are looked at again.
		r.log.Error("marking messages as sent", "error", err)
	}
	return len(all)
}

// down takes a message off its lane, which is left alone for a while where the place did not take it.
func (r *Runner) down(m *landed) Message {
	l := r.lanes[m.Lane()]
	l.flying--
	r.flying--
	if m.err == nil {
		l.tries = 0
		return m.Message
	}
	now := r.now()
	if l.shut.After(now) { // others that flew with it said so
		m.NextAt = later(m.NextAt, l.shut)
		return m.Message
	}
	l.tries++
	l.shut = now.Add(pauseAfter(l.tries))
	var w waiter
	if errors.As(m.err, &w) && w.WaitFor() > 0 {
		l.shut = now.Add(w.WaitFor())
	}
	if m.State == Queued {
		m.NextAt = later(m.NextAt, l.shut)
	}
	return m.Message
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// busy are the lanes that take nothing now.
func (r *Runner) busy(now time.Time) []string {
	var all []string
	for name, l := range r.lanes {
		switch {
		case l.flying >= laneAtOnce || l.shut.After(now):
			all = append(all, name)
		case l.flying == 0 && l.tries == 0:
			delete(r.lanes, name)
		}
	}
	return all
}

// take hands messages that are due to their channels, as many as can be sent at once.
func (r *Runner) take(ctx context.Context) error {
	for r.flying < atOnce {
		now := r.now()
		all, err := r.queue.TakeMessages(ctx, r.holder, now.Add(leaseFor), atOnce-r.flying, r.busy(now))
		if err != nil {
			return fmt.Errorf("looking for messages: %w", err)
		}
		if len(all) == 0 {
			return nil
		}
		verdicts, err := r.judge(ctx, all)
		if err != nil {
			return err
		}
		over := make([]Message, 0, len(all))
		for i := range all {
			m := &all[i]
			if r.settle(m, verdicts[m.ID]) {
				over = append(over, *m)
				continue
			}
			r.fly(ctx, *m)
		}
		if len(over) > 0 {
			if err := r.queue.MarkMessages(ctx, r.holder, over); err != nil {
				return fmt.Errorf("marking messages that are not sent: %w", err)
			}
		}
	}
	return nil
}

// judge asks whether the members among the receivers may be written to.
func (r *Runner) judge(ctx context.Context, all []Message) (map[int64]consent.Verdict, error) {
	var members []int64
	for i := range all {
		if all[i].MemberID > 0 {
			members = append(members, all[i].MemberID)
		}
	}
	if len(members) == 0 {
		return nil, nil
	}
	rules, err := r.queue.ContactRules(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the rules on writing to members: %w", err)
	}
	now := r.now()
	contacts, err := r.queue.Contacts(ctx, members, now.Add(-rules.Window()))
	if err != nil {
		return nil, fmt.Errorf("reading whether members may be written to: %w", err)
	}
	verdicts := make(map[int64]consent.Verdict, len(members))
	for i := range all {
		m := &all[i]
		if m.MemberID == 0 {
			continue
		}
		c := contacts[m.MemberID]
		verdicts[m.ID] = Judge(&rules, &c, m, now, r.zone())
	}
	return verdicts, nil
}

// Judge says whether a message may go to a member now. usual is the zone of members of whom it is not known.
func Judge(rules *consent.Rules, c *Contact, m *Message, now time.Time, usual *time.Location) consent.Verdict {
	zone := c.Zone
	if zone == nil {
		zone = usual
	}
	return rules.Judge(&consent.Case{Purpose: m.Purpose, Choices: c.Choices, Sent: c.Sent, Bounced: m.Channel == Email && c.Bounced[m.To], Now: now.In(zone)})
}

// settle decides about a message that was taken without sending it, and reports whether it did.
func (r *Runner) settle(m *Message, v consent.Verdict) bool {
	now := r.now()
	sender := r.senders[m.Channel]
	switch {
	case m.Again && (sender == nil || !sender.Repeatable(m)):
		m.State, m.Reason = Uncertain, "Greenroom was stopped while it was being sent; whether it arrived is not known"
	case !m.NotAfter.IsZero() && now.After(m.NotAfter):
		m.State, m.Reason = Skipped, "its time was over before it could be sent"
	case m.MemberID > 0 && !v.May && !m.Again && v.At.IsZero():
		m.State, m.Reason = Skipped, v.Reason
	case m.MemberID > 0 && !v.May && !m.Again:
		m.State, m.Reason, m.NextAt = Queued, v.Reason, v.At
	case sender == nil:
		m.State, m.Reason = Failed, "this Greenroom cannot send on "+m.Channel.Label()
	default:
		return false
	}
	return true
}

// fly sends a message in the background.
func (r *Runner) fly(ctx context.Context, m Message) {
	l := r.lanes[m.Lane()]
	if l == nil {
		l = &lane{}
		r.lanes[m.Lane()] = l
	}
	l.flying++
	r.flying++
	sender := r.senders[m.Channel]
	go func() {
		// What has begun is ended: whether half a message arrived, nobody knows.
		sending, cancel := context.WithTimeout(context.WithoutCancel(ctx), sendFor)
		defer cancel()
		receipt, err := sender.Send(sending, &m)
		m.Attempts++
		passes := r.note(&m, receipt, err)
		r.done <- landed{m, passes}
	}()
}

// waiter is an error that says how long to wait.
type waiter interface{ WaitFor() time.Duration }

// note writes into a message what became of it, and returns an error that is the place's and passes.
func (r *Runner) note(m *Message, receipt Receipt, err error) error {
	var unsure *UncertainError
	code := greenroom.ErrorCode(err)
	switch {
	case err == nil:
		m.State, m.Reason, m.SentAt, m.Receipt, m.URL = Sent, "", r.now(), receipt.ID, receipt.URL
	case errors.As(err, &unsure) && !r.senders[m.Channel].Repeatable(m):
		m.State, m.Reason = Uncertain, "the connection broke: whether it arrived is not known"
	case (code == greenroom.CodeUnavailable || code == greenroom.CodeLimited || unsure != nil) && m.Attempts < maxTries:
		m.State, m.Reason, m.NextAt = Queued, greenroom.ErrorMessage(err), r.now().Add(pauseAfter(m.Attempts))
	default:
		m.State, m.Reason = Failed, greenroom.ErrorMessage(err)
	}
	if m.State != Sent {
		r.log.Info("a message was not sent", "message", m.ID, "channel", m.Channel, "state", m.State, "error", err)
	}
	if code == greenroom.CodeUnavailable || code == greenroom.CodeLimited || unsure != nil {
		return err
	}
	return nil
}

// pauseAfter is how long a message waits after so many tries.
func pauseAfter(tries int64) time.Duration {
	pause := firstPause
	for i := int64(1); i < tries && pause < maxPause; i++ {
		pause *= 2
	}
	return min(pause, maxPause)
}
