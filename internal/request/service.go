// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package request

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"greenroom"
	"greenroom/internal/outbox"
)

// Store keeps requests.
type Store interface {
	Requests
	Messages
	Votes
	RequestSettings(ctx context.Context) (Settings, error)
	SetRequestSettings(ctx context.Context, set Settings) error
}

// Requests keeps requests themselves.
type Requests interface {
	// Requests lists requests with their votes and weight, those that were merged or not confirmed left out.
	Requests(ctx context.Context, f Filter) ([]Request, error)
	// Request finds one, also one that was merged. CodeNotFound where there is none.
	Request(ctx context.Context, id int64) (Request, error)
	// AddRequest gives it an id and stores it with the message that asks for it and the message that is to be sent, whose text
	// made of the id; those that nobody confirmed before a time are dropped.
	AddRequest(ctx context.Context, r Request, activity int64, by string, before time.Time) (Request, error)
	// ChangeRequest stores title, text, and whether it is shown and was reviewed.
	ChangeRequest(ctx context.Context, r Request) error
	// MoveRequest stores state and answer, and counts the change where it was changes-th, together with what people are told.
	// CodeConflict where it has changed meanwhile.
	MoveRequest(ctx context.Context, id int64, to State, answer string, changes int64, messages []outbox.Message) error
	// MergeRequest makes a request and all that were merged into it part of another; into 0 takes that back for this one.
	MergeRequest(ctx context.Context, id, into int64) error
}

// Messages keeps which messages ask for what.
type Messages interface {
	// Wishes lists messages since a time that were read as the wish for something and that nothing was decided about, the latest
	// first.
	Wishes(ctx context.Context, since time.Time, limit int) ([]Message, error)
	// RequestMessage is one message, and the request that it asks for; 0 = none.
	RequestMessage(ctx context.Context, activity int64) (Message, int64, error)
	RequestMessages(ctx context.Context, id int64) ([]Message, error)
	// LinkMessage says that a message asks for a request, whatever was said before; 0 = for none.
	LinkMessage(ctx context.Context, activity, id int64, by string) error
	// UnlinkMessage forgets what was said of it.
	UnlinkMessage(ctx context.Context, activity int64) error
}

// Votes keeps who wants what.
type Votes interface {
	// Supporters are all who ask for a request or voted for it, staff and bots left out.
	Supporters(ctx context.Context, id int64) ([]Supporter, error)
	// Vote adds a vote, of a member or else of an address; that of a member whom the address belongs to is theirs. A second one
	// changes nothing. confirm says that a request that waits for its proposer is confirmed by it.
	Vote(ctx context.Context, id, member int64, address, how string, confirm bool) error
	Unvote(ctx context.Context, id, member int64, address string) error
	// Voted lists the requests that a member voted for.
	Voted(ctx context.Context, member int64) ([]int64, error)
	// MayMail reports whether mail to an address is neither refused by who reads it nor by its server.
	MayMail(ctx context.Context, address string) (bool, error)
	// ReachableBy gives the mail addresses of members by which they can be reached; those who have none are left out.
	ReachableBy(ctx context.Context, members []int64) (map[int64]string, error)
	AddMessages(ctx context.Context, all []outbox.Message) (added int, err error)
}

// Links makes links to the public board; front.Links does.
type Links interface {
	// Requests is the board, or a request on it, as a member opens it; member 0 = anybody. "" where it is not known at which
	// address members reach public pages.
	Requests(ctx context.Context, member, id int64) (string, error)
	// ConfirmVote is the link that confirms that an address wants a request.
	ConfirmVote(ctx context.Context, id int64, address string) (string, error)
}

// Auditor keeps the log of who did what.
type Auditor interface {
	Audit(ctx context.Context, actor, action, target, detail string) error
}

// Service is what the team and members do with requests.
type Service struct {
	store Store
	links Links
	audit Auditor
	now   func() time.Time
}

// New returns the service.
func New(store Store, links Links, audit Auditor, now func() time.Time) *Service {
	return &Service{store: store, links: links, audit: audit, now: now}
}

// Settings say what is public.
func (s *Service) Settings(ctx context.Context) (Settings, error) {
	return s.store.RequestSettings(ctx)
}

// SetSettings sets them.
func (s *Service) SetSettings(ctx context.Context, set Settings, by string) error {
	if set.Intro = strings.TrimSpace(set.Intro); utf8.RuneCountInString(set.Intro) > maxIntro {
		return greenroom.Errorf(greenroom.CodeInvalid, "the introduction has at most %d characters", maxIntro)
	}
	if err := s.store.SetRequestSettings(ctx, set); err != nil {
		return fmt.Errorf("storing the settings of requests: %w", err)
	}
	return s.audit.Audit(ctx, by, "request.settings", "requests", "")
}

// List lists requests: those with most votes first, of two with as many the later one.
func (s *Service) List(ctx context.Context, f Filter) ([]Request, error) {
	if f.State != "" && !slices.Contains(States(), f.State) {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "there is no state %q; there are open, planned, doing, done and declined", f.State)
	}
	all, err := s.store.Requests(ctx, f)
	if err != nil {
		return nil, fmt.Errorf("listing requests: %w", err)
	}
	slices.SortStableFunc(all, func(a, b Request) int {
		return cmp.Or(cmp.Compare(b.Votes, a.Votes), b.ChangedAt.Compare(a.ChangedAt), cmp.Compare(b.ID, a.ID))
	})
	return all, nil
}

// Get finds a request.
func (s *Service) Get(ctx context.Context, id int64) (Request, error) {
	r, err := s.store.Request(ctx, id)
	if err == nil && r.Unconfirmed {
		err = greenroom.Errorf(greenroom.CodeNotFound, "there is no request %d", id)
	}
	return r, err
}

// Supporters are all who ask for a request or voted for it.
func (s *Service) Supporters(ctx context.Context, id int64) ([]Supporter, error) {
	return s.store.Supporters(ctx, id)
}

// Messages are those that ask for a request, the latest first.
func (s *Service) Messages(ctx context.Context, id int64) ([]Message, error) {
	return s.store.RequestMessages(ctx, id)
}

// Add makes a request, of a message where the draft names one.
func (s *Service) Add(ctx context.Context, d Draft, by string) (Request, error) {
	if d.ActivityID > 0 {
		m, request, err := s.store.RequestMessage(ctx, d.ActivityID)
		if err != nil {
			return Request{}, err
		}
		if request > 0 {
			return Request{}, greenroom.Errorf(greenroom.CodeConflict, "this message asks for request %d already", request)
		}
		if strings.TrimSpace(d.Title) == "" {
			d.Title = titleOf(&m)
		}
	}
	if err := d.Validate(); err != nil {
		return Request{}, err
	}
	now := s.now()
	r, err := s.store.AddRequest(ctx, Request{Title: d.Title, Text: d.Text, State: Open, Shown: !d.Hidden, CreatedBy: by, CreatedAt: now, ChangedAt: now}, d.ActivityID, by, now.Add(-unconfirmedLife))
	if err != nil {
		return r, fmt.Errorf("making a request: %w", err)
	}
	return r, s.audit.Audit(ctx, by, "request.add", fmt.Sprintf("request %d", r.ID), r.Title)
}

// Edit changes title, text, and whether it is on the public board.
func (s *Service) Edit(ctx context.Context, id int64, c Change, by string) (Request, error) {
	r, err := s.Get(ctx, id)
	if err != nil {
		return r, err
	}
	d := Draft{Title: r.Title, Text: r.Text}
	if c.Title != nil {
		d.Title = *c.Title
	}
	if c.Text != nil {
		d.Text = *c.Text
	}
	if err := d.Validate(); err != nil {
		return r, err
	}
	r.Title, r.Text = d.Title, d.Text
	if c.Shown != nil {
		r.Shown, r.Review = *c.Shown, false
	}
	if err := s.store.ChangeRequest(ctx, r); err != nil {
		return r, fmt.Errorf("changing request %d: %w", id, err)
	}
	return r, s.audit.Audit(ctx, by, "request.edit", fmt.Sprintf("request %d", id), r.Title)
}

// Link says that a message asks for a request; id 0 says that it asks for nothing.
func (s *Service) Link(ctx context.Context, activity, id int64, by string) error {
	if id > 0 {
		r, err := s.Get(ctx, id)
		if err != nil {
			return err
		}
		if r.MergedInto > 0 {
			id = r.MergedInto
		}
	}
	if _, _, err := s.store.RequestMessage(ctx, activity); err != nil {
		return err
	}
	if err := s.store.LinkMessage(ctx, activity, id, by); err != nil {
		return fmt.Errorf("saying what message %d asks for: %w", activity, err)
	}
	return s.audit.Audit(ctx, by, "request.link", fmt.Sprintf("request %d", id), fmt.Sprintf("activity %d", activity))
}

// Unlink takes back what was said of a message.
func (s *Service) Unlink(ctx context.Context, activity int64, by string) error {
	if err := s.store.UnlinkMessage(ctx, activity); err != nil {
		return fmt.Errorf("taking back what message %d asks for: %w", activity, err)
	}
	return s.audit.Audit(ctx, by, "request.unlink", fmt.Sprintf("activity %d", activity), "")
}

// Merge makes a duplicate part of another request. Its id stays and leads to that one.
func (s *Service) Merge(ctx context.Context, id, into int64, by string) (Request, error) {
	r, err := s.Get(ctx, id)
	if err != nil {
		return r, err
	}
	to, err := s.Get(ctx, into)
	if err != nil {
		return r, err
	}
	if to.MergedInto > 0 {
		into = to.MergedInto
	}
	if id == into {
		return r, greenroom.Errorf(greenroom.CodeInvalid, "a request cannot be merged into itself")
	}
	if err := s.store.MergeRequest(ctx, id, into); err != nil {
		return r, fmt.Errorf("merging request %d: %w", id, err)
	}
	if err := s.audit.Audit(ctx, by, "request.merge", fmt.Sprintf("request %d", id), fmt.Sprintf("into request %d", into)); err != nil {
		return r, err
	}
	return s.Get(ctx, into)
}

// Unmerge takes back that a request was merged.
func (s *Service) Unmerge(ctx context.Context, id int64, by string) (Request, error) {
	r, err := s.Get(ctx, id)
	if err != nil {
		return r, err
	}
	if r.MergedInto == 0 {
		return r, greenroom.Errorf(greenroom.CodeConflict, "request %d is not merged", id)
	}
	if err := s.store.MergeRequest(ctx, id, 0); err != nil {
		return r, fmt.Errorf("taking back the merge of request %d: %w", id, err)
	}
	if err := s.audit.Audit(ctx, by, "request.unmerge", fmt.Sprintf("request %d", id), ""); err != nil {
		return r, err
	}
	return s.Get(ctx, id)
}

// How candidates are looked for.
const (
	wishDays   = 180
	mostWishes = 100
)

// Candidates lists messages that may ask for something, with the requests that say something alike.
func (s *Service) Candidates(ctx context.Context) ([]Candidate, error) {
	wishes, err := s.store.Wishes(ctx, s.now().AddDate(0, 0, -wishDays), mostWishes)
	if err != nil {
		return nil, fmt.Errorf("looking for wishes: %w", err)
	}
	known, err := s.store.Requests(ctx, Filter{})
	if err != nil {
		return nil, fmt.Errorf("listing requests: %w", err)
	}
	all := make([]Candidate, len(wishes))
	for i := range wishes {
		all[i] = Candidate{wishes[i], alike(wishes[i].Title+" "+wishes[i].Text, known)}
	}
	return all, nil
}
