// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package program

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"

	"greenroom"
	"greenroom/internal/consent"
	"greenroom/internal/outbox"
	"greenroom/internal/task"
)

// origin is what tasks and messages of programs say they are from.
const origin = "program"

// StartRun makes a task of every step of the runbook, due from now on. Name tells runs apart, such as "2026 autumn".
func (s *Service) StartRun(ctx context.Context, ref, name, by string) (Run, error) {
	p, err := s.Store.Program(ctx, ref)
	if err != nil {
		return Run{}, err
	}
	name = strings.TrimSpace(name)
	switch {
	case name == "" || len(name) > maxName:
		return Run{}, invalid("a run needs a name of at most %d characters, such as 2026 autumn", maxName)
	case len(p.Plan.Runbook) == 0:
		return Run{}, invalid("the runbook of %s is empty; write down what the team does first", p.Name)
	}
	now := s.Now()
	r, err := s.Store.StartProgramRun(ctx, Run{ProgramID: p.ID, Name: name, At: now, By: by}, func(id int64) []task.Task {
		var all []task.Task
		for i, step := range p.Plan.Runbook {
			owner := step.Owner
			if owner == "" {
				owner = p.Owner
			}
			all = append(all, task.Task{
				Key: fmt.Sprintf("program/%d/run/%d/%d", p.ID, id, i), Title: step.Title, Note: fmt.Sprintf("Step %d of the runbook of %s, run %s.", i+1, p.Name, name), Link: "/programs/" + p.Key,
				Origin: origin, OriginID: p.ID, Owner: owner, DueAt: now.AddDate(0, 0, step.Days), CreatedBy: by,
			})
		}
		return all
	})
	if err != nil {
		return r, fmt.Errorf("starting a run of %s: %w", p.Key, err)
	}
	_, err = s.audited(ctx, p.Key, by, "program.run", name)
	return r, err
}

// Runs lists the runs of a program, the newest first.
func (s *Service) Runs(ctx context.Context, ref string) ([]Run, error) {
	p, err := s.Store.Program(ctx, ref)
	if err != nil {
		return nil, err
	}
	return s.Store.ProgramRuns(ctx, p.ID)
}

// Spend notes money that was spent: on a member, or on the program where Member is 0.
func (s *Service) Spend(ctx context.Context, ref string, x Spend, by string) (Spend, error) {
	p, err := s.Store.Program(ctx, ref)
	if err != nil {
		return x, err
	}
	if x.Amount == 0 || abs(x.Amount) > maxMoney {
		return x, invalid("say how much was spent; what came back is negative")
	}
	if x.Perk != "" && !slices.ContainsFunc(p.Plan.Perks, func(k Perk) bool { return k.Key == x.Perk }) {
		return x, invalid("%s has no perk %q", p.Name, x.Perk)
	}
	if x.Note, err = reasonable(x.Note); err != nil {
		return x, err
	}
	x.ProgramID, x.By, x.At = p.ID, by, s.Now()
	if x, err = s.Store.AddProgramSpend(ctx, x); err != nil {
		return x, fmt.Errorf("noting what was spent on %s: %w", p.Key, err)
	}
	return x, s.note(ctx, by, "program.spend", &p, x.MemberID, Money(x.Amount)+" "+p.Plan.Currency)
}

// Spends lists what was spent, the newest first.
func (s *Service) Spends(ctx context.Context, ref string) ([]Spend, error) {
	p, err := s.Store.Program(ctx, ref)
	if err != nil {
		return nil, err
	}
	return s.Store.ProgramSpends(ctx, p.ID, 500)
}

// Note is a message to the members of a program. {name} in its text is who reads it, {link} the link of their own page of
// the program.
type Note struct {
	Stage   string `json:"stage,omitempty"` // key or name; "" = everybody
	Cohort  string `json:"cohort,omitempty"`
	Subject string `json:"subject"`
	Text    string `json:"text"`            // Markdown
	Now     bool   `json:"now,omitempty"`   // sent at once; otherwise drafts wait in the outbox
	Reply   string `json:"reply,omitempty"` // mail address that answers go to; "" = the owner's
}

// Sent says what became of a message to many.
type Sent struct {
	Queued  int     `json:"queued"`
	Drafts  bool    `json:"drafts"`            // they wait for approval
	Missing []int64 `json:"missing,omitempty"` // members of whom no mail address is known
}

// Write writes a mail to the members of a program, through the outbox: whether somebody may be written to is decided there.
func (s *Service) Write(ctx context.Context, ref string, n Note, by string) (Sent, error) {
	p, err := s.Store.Program(ctx, ref)
	if err != nil {
		return Sent{}, err
	}
	if strings.TrimSpace(n.Subject) == "" || strings.TrimSpace(n.Text) == "" {
		return Sent{}, invalid("a message needs a subject and a text")
	}
	f := PeopleFilter{Program: p.ID, Cohort: n.Cohort, Limit: noLimit}
	if n.Stage != "" {
		stage, err := p.stageOf(n.Stage)
		if err != nil {
			return Sent{}, err
		}
		f.Stage = stage.Key
	}
	people, err := s.Store.Enrollments(ctx, f)
	if err != nil {
		return Sent{}, fmt.Errorf("reading who is in %s: %w", p.Key, err)
	}
	ids := make([]int64, 0, len(people))
	for i := range people {
		ids = append(ids, people[i].MemberID)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	return s.write(ctx, &p, n, ids, by)
}

func (s *Service) write(ctx context.Context, p *Program, n Note, ids []int64, by string) (Sent, error) {
	out := Sent{Drafts: !n.Now}
	reach, err := s.Store.MailReach(ctx, ids)
	if err != nil {
		return out, fmt.Errorf("reading mail addresses: %w", err)
	}
	state, sender := outbox.Draft, s.sender()
	if n.Now {
		state = outbox.Queued
	}
	if sender == nil {
		return out, greenroom.Errorf(greenroom.CodeUnavailable, "messages are sent by the server; write this one on its page")
	}
	if n.Reply == "" && strings.Contains(p.Owner, "@") {
		n.Reply = p.Owner
	}
	batch := rand.Text()
	var all []outbox.Message
	for _, id := range ids {
		to, ok := reach[id]
		if !ok {
			out.Missing = append(out.Missing, id)
			continue
		}
		text := personal(n.Text, to.Name)
		if strings.Contains(text, "{link}") {
			if s.Link == nil {
				return out, greenroom.Errorf(greenroom.CodeUnavailable, "links to members' own pages are made by the server; write this message on its page")
			}
			link, err := s.Link(ctx, p.Key, p.ID, id)
			if err != nil {
				return out, fmt.Errorf("making a link: %w", err)
			}
			text = strings.ReplaceAll(text, "{link}", link)
		}
		all = append(all, outbox.Message{
			Key: fmt.Sprintf("program/%d/%s/%d", p.ID, batch, id), Channel: outbox.Email, Purpose: consent.Program, Origin: outbox.Origin{Kind: origin, ID: p.ID, Step: n.Stage},
			MemberID: id, To: to.Address, ReplyTo: n.Reply, Subject: personal(n.Subject, to.Name), Text: text, State: state,
		})
	}
	if len(all) == 0 {
		return out, nil
	}
	if out.Queued, err = sender.Queue(ctx, all...); err != nil {
		return out, fmt.Errorf("writing to the members of %s: %w", p.Key, err)
	}
	_, err = s.audited(ctx, p.Key, by, "program.write", fmt.Sprintf("%d messages", out.Queued))
	return out, err
}

func (s *Service) sender() Sender {
	if s.Sender == nil {
		return nil
	}
	return s.Sender()
}

// personal puts a name into a text.
func personal(text, name string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(name), " ")
	if first == "" {
		first = "there"
	}
	return strings.ReplaceAll(text, "{name}", first)
}

// Review records a decision about a program with the figures as they are now.
func (s *Service) Review(ctx context.Context, ref string, d Decision, reason, by string) (Review, error) {
	p, err := s.Store.Program(ctx, ref)
	if err != nil {
		return Review{}, err
	}
	if !slices.Contains(Decisions(), d) {
		return Review{}, invalid("there is no decision %q; expected scale, keep, fix or retire", d)
	}
	if reason, err = reasonable(reason); err != nil {
		return Review{}, err
	}
	if reason == "" {
		return Review{}, invalid("a decision needs its reasons: what the figures say, and what they do not")
	}
	f, err := s.figures(ctx, &p)
	if err != nil && greenroom.ErrorCode(err) != greenroom.CodeUnavailable {
		return Review{}, err
	}
	f.Members = nil // of single people nothing has to be kept
	r, err := s.Store.AddProgramReview(ctx, Review{ProgramID: p.ID, Decision: d, Reason: reason, Evidence: f, By: by, At: s.Now()})
	if err != nil {
		return r, fmt.Errorf("recording a decision about %s: %w", p.Key, err)
	}
	_, err = s.audited(ctx, p.Key, by, "program.review", string(d))
	return r, err
}

// Reviews lists the decisions about a program, the newest first.
func (s *Service) Reviews(ctx context.Context, ref string) ([]Review, error) {
	p, err := s.Store.Program(ctx, ref)
	if err != nil {
		return nil, err
	}
	return s.Store.ProgramReviews(ctx, p.ID)
}
