// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package request

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"greenroom"
	"greenroom/internal/consent"
	"greenroom/internal/outbox"
)

// Told says who hears of a change.
type Told struct {
	Messages    int `json:"messages"`    // stored in the outbox
	Unreachable int `json:"unreachable"` // who ask for it, and of whom no mail address is known that takes mail
}

// Moving is a change of a request that is not stored yet.
type Moving struct {
	Request  Request // as it will be, but for Changes: how often it was changed before
	Messages []outbox.Message
	Told     Told
	Same     bool // there is nothing to change
}

// Prepare is Move without storing anything, for those who store the change together with something else.
func (s *Service) Prepare(ctx context.Context, id int64, to State, answer string, tell bool) (Moving, error) {
	answer = strings.TrimSpace(answer)
	switch {
	case !slices.Contains(States(), to):
		return Moving{}, greenroom.Errorf(greenroom.CodeInvalid, "there is no state %q; there are open, planned, doing, done and declined", to)
	case utf8.RuneCountInString(answer) > maxAnswer:
		return Moving{}, greenroom.Errorf(greenroom.CodeInvalid, "an answer has at most %d characters", maxAnswer)
	}
	r, err := s.Get(ctx, id)
	m := Moving{Request: r, Same: r.State == to && r.Answer == answer}
	if err != nil {
		return m, err
	}
	if r.MergedInto > 0 {
		return m, greenroom.Errorf(greenroom.CodeConflict, "request %d was merged into request %d; change that one", id, r.MergedInto)
	}
	m.Request.State, m.Request.Answer = to, answer
	if tell && !m.Same {
		m.Messages, m.Told, err = s.tell(ctx, &m.Request, r.Changes+1)
	}
	return m, err
}

// Move sets what the team does about a request and what it answers. Everybody who asked or voted hears of it, unless tell is
// false or nothing changed.
func (s *Service) Move(ctx context.Context, id int64, to State, answer string, tell bool, by string) (Request, Told, error) {
	m, err := s.Prepare(ctx, id, to, answer, tell)
	if err != nil || m.Same {
		return m.Request, m.Told, err
	}
	r, told := m.Request, m.Told
	if err := s.store.MoveRequest(ctx, id, to, r.Answer, r.Changes, m.Messages); err != nil {
		return r, told, fmt.Errorf("changing the state of request %d: %w", id, err)
	}
	if err := s.audit.Audit(ctx, by, "request.status", fmt.Sprintf("request %d", id), string(to)); err != nil {
		return r, told, err
	}
	r, err = s.Get(ctx, id)
	return r, told, err
}

// tell writes the messages to all who ask for a request.
func (s *Service) tell(ctx context.Context, r *Request, change int64) ([]outbox.Message, Told, error) {
	var told Told
	set, err := s.store.RequestSettings(ctx)
	if err != nil {
		return nil, told, err
	}
	all, err := s.store.Supporters(ctx, r.ID)
	if err != nil {
		return nil, told, fmt.Errorf("listing who asks for request %d: %w", r.ID, err)
	}
	var members []int64
	for i := range all {
		if all[i].MemberID > 0 {
			members = append(members, all[i].MemberID)
		}
	}
	addresses, err := s.store.ReachableBy(ctx, members)
	if err != nil {
		return nil, told, fmt.Errorf("looking for the addresses of members: %w", err)
	}
	var messages []outbox.Message
	for i := range all {
		p := &all[i]
		to := p.Address // by which they voted, and so want to hear
		if to == "" {
			to = addresses[p.MemberID]
		}
		if to != "" && p.MemberID == 0 {
			may, err := s.store.MayMail(ctx, to)
			if err != nil {
				return nil, told, err
			}
			if !may {
				to = ""
			}
		}
		if to == "" {
			told.Unreachable++
			continue
		}
		m, err := s.news(ctx, r, p, to, change, &set)
		if err != nil {
			return nil, told, err
		}
		messages = append(messages, m)
	}
	told.Messages = len(messages)
	return messages, told, nil
}

// news is what one person hears of a change.
func (s *Service) news(ctx context.Context, r *Request, p *Supporter, to string, change int64, set *Settings) (outbox.Message, error) {
	var text strings.Builder
	if first, _, _ := strings.Cut(p.Member, " "); p.MemberID > 0 && first != "" {
		text.WriteString("Hi " + first + ",\n\n")
	} else {
		text.WriteString("Hello,\n\n")
	}
	asked := "you voted for"
	if p.ActivityID > 0 || p.Proposed {
		asked = "you asked for"
	}
	text.WriteString(asked + " “" + r.Title + "”. " + r.State.news())
	if r.Answer != "" {
		text.WriteString("\n\n" + r.Answer)
	}
	if set.Board && r.Shown {
		link, err := s.links.Requests(ctx, p.MemberID, r.ID)
		if err != nil && greenroom.ErrorCode(err) != greenroom.CodeUnavailable { // where members reach public pages is not known
			return outbox.Message{}, err
		}
		if link != "" {
			text.WriteString("\n\n" + link)
		}
	}
	state := outbox.Draft
	if set.AtOnce {
		state = outbox.Queued
	}
	who := "m" + strconv.FormatInt(p.MemberID, 10)
	if p.MemberID == 0 {
		who = "a" + short(to)
	}
	m := outbox.Message{
		Key: fmt.Sprintf("request %d change %d %s", r.ID, change, who), Channel: outbox.Email, Purpose: consent.Answer, Origin: outbox.Origin{Kind: origin, ID: r.ID, Step: "status"},
		MemberID: p.MemberID, To: to, Subject: r.State.Label() + ": " + r.Title, Text: text.String(), State: state, CreatedAt: s.now(),
	}
	return m, m.Validate()
}

// origin is what requests are called in the outbox.
const origin = "request"

// news says in a sentence what became of a request.
func (s State) news() string {
	switch s {
	case Planned:
		return "It is planned now."
	case Doing:
		return "We are working on it now."
	case Done:
		return "It is there now. Thank you for asking!"
	case Declined:
		return "We looked at it closely, and will not do it."
	case Open:
	}
	return "There is news about it."
}

// short stands for an address in a key, without saying it.
func short(address string) string {
	sum := sha256.Sum256([]byte(address))
	return hex.EncodeToString(sum[:8])
}

// unconfirmedLife is how long a proposal waits for its proposer to open the link.
const unconfirmedLife = 7 * 24 * time.Hour

// board makes sure that there is a public board.
func (s *Service) board(ctx context.Context) (Settings, error) {
	set, err := s.store.RequestSettings(ctx)
	if err == nil && !set.Board {
		err = greenroom.Errorf(greenroom.CodeNotFound, "there is no page at this address")
	}
	return set, err
}

// Board lists what the public board shows. CodeNotFound while the team has not turned it on.
func (s *Service) Board(ctx context.Context, state State) (Settings, []Request, error) {
	set, err := s.board(ctx)
	if err != nil {
		return set, nil, err
	}
	all, err := s.List(ctx, Filter{State: state, Public: true})
	return set, all, err
}

// OnBoard is a request that the public board shows; of one that was merged, the one that it is part of.
func (s *Service) OnBoard(ctx context.Context, id int64) (Settings, Request, error) {
	set, err := s.board(ctx)
	if err != nil {
		return set, Request{}, err
	}
	r, err := s.Get(ctx, id)
	if err == nil && r.MergedInto > 0 {
		r, err = s.Get(ctx, r.MergedInto)
	}
	if err == nil && !r.Shown {
		err = greenroom.Errorf(greenroom.CodeNotFound, "there is no request at this address")
	}
	return set, r, err
}

// Voted lists what a member voted for.
func (s *Service) Voted(ctx context.Context, member int64) ([]int64, error) {
	return s.store.Voted(ctx, member)
}

// VoteAs adds or takes back the vote of a member who came by a link of their own.
func (s *Service) VoteAs(ctx context.Context, id, member int64, want bool) error {
	_, r, err := s.OnBoard(ctx, id)
	if err != nil {
		return err
	}
	if !want {
		return s.store.Unvote(ctx, r.ID, member, "")
	}
	return s.store.Vote(ctx, r.ID, member, "", "link", false)
}

// AskVote sends somebody who is not known a link that confirms their vote. The answer is the same whether or not the
// address is known, or takes mail. One address gets one such mail for a request in a day.
func (s *Service) AskVote(ctx context.Context, id int64, address string) error {
	address, err := Address(address)
	if err != nil {
		return err
	}
	_, r, err := s.OnBoard(ctx, id)
	if err != nil {
		return err
	}
	return s.confirm(ctx, &r, address, "Confirm your vote", "you want to vote for “"+r.Title+"”. Please confirm that by this link:")
}

// Propose keeps a proposal until its proposer confirms it by the link that they are sent. The mail does not repeat the
// proposal, so that nobody can have a text of theirs sent to somebody else.
func (s *Service) Propose(ctx context.Context, d Draft, address string) error {
	set, err := s.board(ctx)
	if err != nil {
		return err
	}
	if set.Closed {
		return greenroom.Errorf(greenroom.CodeForbidden, "proposals are closed at the moment; you can still vote")
	}
	if err := d.Validate(); err != nil {
		return err
	}
	if address, err = Address(address); err != nil {
		return err
	}
	now := s.now()
	r, err := s.store.AddRequest(ctx, Request{Title: d.Title, Text: d.Text, State: Open, Unconfirmed: true, Review: true, CreatedBy: byMember, CreatedAt: now, ChangedAt: now}, 0, byMember, now.Add(-unconfirmedLife))
	if err != nil {
		return fmt.Errorf("keeping a proposal: %w", err)
	}
	return s.confirm(ctx, &r, address, "Confirm your proposal", "you propose something on our board. Please confirm that by this link; then we look at it:")
}

// byMember is who votes and proposes on the public page.
const byMember = "a member, on the public board"

// confirm sends the link that confirms a vote.
func (s *Service) confirm(ctx context.Context, r *Request, address, subject, text string) error {
	may, err := s.store.MayMail(ctx, address)
	if err != nil || !may {
		return err
	}
	link, err := s.links.ConfirmVote(ctx, r.ID, address)
	if err != nil {
		return err
	}
	now := s.now()
	m := outbox.Message{
		Key:     fmt.Sprintf("request %d confirm %s %s", r.ID, short(address), now.UTC().Format(time.DateOnly)),
		Channel: outbox.Email, Purpose: consent.Answer, Origin: outbox.Origin{Kind: origin, ID: r.ID, Step: "confirm"}, To: address, Subject: subject, State: outbox.Queued, CreatedAt: now, NotAfter: now.Add(unconfirmedLife),
		Text: "Hello,\n\n" + text + "\n\n" + link + "\n\nWas it not you? Then do nothing: without the link, nothing happens.",
	}
	if err := m.Validate(); err != nil {
		return err
	}
	if _, err := s.store.AddMessages(ctx, []outbox.Message{m}); err != nil {
		return fmt.Errorf("sending a link that confirms a vote: %w", err)
	}
	return nil
}

// Confirming is the request that a link confirms a vote for.
func (s *Service) Confirming(ctx context.Context, id int64) (Request, error) {
	if _, err := s.board(ctx); err != nil {
		return Request{}, err
	}
	r, err := s.store.Request(ctx, id)
	if err == nil && r.MergedInto > 0 {
		r, err = s.store.Request(ctx, r.MergedInto)
	}
	if err == nil && !r.Shown && !r.Review {
		err = greenroom.Errorf(greenroom.CodeNotFound, "there is no request at this address")
	}
	return r, err
}

// Confirm adds the vote of an address whose owner opened the link, or takes it back.
func (s *Service) Confirm(ctx context.Context, id int64, address string, want bool) (Request, error) {
	r, err := s.Confirming(ctx, id)
	if err != nil {
		return r, err
	}
	if !want {
		return r, s.store.Unvote(ctx, r.ID, 0, address)
	}
	if err := s.store.Vote(ctx, r.ID, 0, address, "confirmed by mail", r.Unconfirmed); err != nil {
		return r, fmt.Errorf("voting for request %d: %w", id, err)
	}
	return s.store.Request(ctx, r.ID)
}
