// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package finder

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"greenroom"
	"greenroom/internal/consent"
	"greenroom/internal/list"
	"greenroom/internal/outbox"
	"greenroom/internal/query"
)

// Store keeps studies and who was asked.
type Store interface {
	ResearchStudies(ctx context.Context) ([]Study, error)
	ResearchStudy(ctx context.Context, id int64) (Study, error)
	AddResearchStudy(ctx context.Context, s Study) (Study, error)
	// ChangeStudy stores the next version; CodeConflict where somebody else was first.
	ChangeResearchStudy(ctx context.Context, s Study) (Study, error)
	// Asks lists who was asked for a study, or for what a member was asked; 0 = any. The newest first.
	Asks(ctx context.Context, study, member int64) ([]Ask, error)
	// Invite notes who is asked and stores the drafts of invitations, once for each member of a study.
	Invite(ctx context.Context, asks []Ask, drafts map[int64]outbox.Message) (invited int, err error)
	ChangeAsk(ctx context.Context, a Ask) error
}

// People reads members, what they did, and whether they may be written to.
type People interface {
	ListMembers(ctx context.Context, req list.Request) (list.Page[greenroom.Member], error)
	ListActivities(ctx context.Context, req list.Request) (list.Page[greenroom.Activity], error)
	Contacts(ctx context.Context, members []int64, since time.Time) (map[int64]outbox.Contact, error)
}

// Auditor keeps the log of who did what.
type Auditor interface {
	Audit(ctx context.Context, actor, action, target, detail string) error
}

// Service finds members.
type Service struct {
	store   Store
	people  People
	audit   Auditor
	now     func() time.Time
	schemas map[query.Entity]*query.Schema
}

// New returns the service. The clock's location is the zone in which days of queries begin.
func New(store Store, people People, audit Auditor, now func() time.Time) *Service {
	s := &Service{store: store, people: people, audit: audit, now: now, schemas: make(map[query.Entity]*query.Schema)}
	kinds := make([]string, 0, len(greenroom.Kinds()))
	for _, k := range greenroom.Kinds() {
		kinds = append(kinds, k.String())
	}
	for _, e := range query.Entities() {
		s.schemas[e] = query.NewSchema(e, kinds)
	}
	return s
}

// List lists studies, the oldest first.
func (s *Service) List(ctx context.Context) ([]Study, error) { return s.store.ResearchStudies(ctx) }

// Get finds a study.
func (s *Service) Get(ctx context.Context, id int64) (Study, error) {
	return s.store.ResearchStudy(ctx, id)
}

// Asks lists who was asked for a study, or for what a member was asked; 0 = any. The newest first.
func (s *Service) Asks(ctx context.Context, study, member int64) ([]Ask, error) {
	return s.store.Asks(ctx, study, member)
}

func (s *Service) check(d *Draft) error {
	if err := d.Validate(); err != nil {
		return err
	}
	for text, e := range map[string]query.Entity{d.Who: query.Members, d.Uses: query.Activities, d.Said: query.Activities} {
		if _, err := s.parse(e, text); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) parse(e query.Entity, text string) (*query.Query, error) {
	q, err := query.Parse(s.schemas[e], text)
	if err != nil {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "the query %q cannot be read: %s", text, err)
	}
	return q, nil
}

// Add makes a study.
func (s *Service) Add(ctx context.Context, d Draft, by string) (Study, error) {
	if err := s.check(&d); err != nil {
		return Study{}, err
	}
	st, err := s.store.AddResearchStudy(ctx, Study{Draft: d, CreatedBy: by, CreatedAt: s.now()})
	if err != nil {
		return st, fmt.Errorf("making a study: %w", err)
	}
	return st, s.note(ctx, by, "study.add", st.ID, st.Title)
}

// Edit changes a study, or closes it, from the version that it was looked at in.
func (s *Service) Edit(ctx context.Context, id, version int64, d Draft, closed bool, by string) (Study, error) {
	if err := s.check(&d); err != nil {
		return Study{}, err
	}
	st, err := s.store.ResearchStudy(ctx, id)
	if err != nil {
		return st, err
	}
	st.Version, st.Draft, st.Closed = version, d, closed
	if st, err = s.store.ChangeResearchStudy(ctx, st); err != nil {
		return st, fmt.Errorf("changing a study: %w", err)
	}
	return st, s.note(ctx, by, "study.change", id, st.Title)
}

// Invite asks members for a study: those with a mail address by a draft that waits in the outbox, others by hand. Who may not be
// asked by the study's rules is refused, with the reason.
func (s *Service) Invite(ctx context.Context, study int64, members []int64, by string) (invited int, err error) {
	st, err := s.store.ResearchStudy(ctx, study)
	if err != nil {
		return 0, err
	}
	if st.Closed {
		return 0, greenroom.Errorf(greenroom.CodeConflict, "%q is closed", st.Title)
	}
	if len(members) == 0 {
		return 0, bad("choose whom to invite")
	}
	found, err := s.Find(ctx, &st.Draft, study)
	if err != nil {
		return 0, err
	}
	var asks []Ask
	drafts := make(map[int64]outbox.Message)
	for _, id := range members {
		i := slices.IndexFunc(found.Candidates, func(c Candidate) bool { return c.Member == id })
		if i < 0 {
			return 0, greenroom.Errorf(greenroom.CodeConflict, "member %d is not among those who may be asked (any more); look at the list again. Nobody was invited", id)
		}
		c := &found.Candidates[i]
		asks = append(asks, Ask{Study: study, Member: id, State: Invited, By: by, At: s.now(), ChangedAt: s.now()})
		if c.address == "" {
			continue
		}
		if st.Subject == "" || strings.TrimSpace(st.Letter) == "" {
			return 0, bad("write the invitation first: a subject and a text")
		}
		m := outbox.Message{
			Key: "study " + strconv.FormatInt(study, 10) + " m" + strconv.FormatInt(id, 10), Channel: outbox.Email, Purpose: consent.Research, Origin: outbox.Origin{Kind: "study", ID: study}, MemberID: id, To: c.address,
			ReplyTo: st.Owner, Subject: st.Subject, Text: strings.ReplaceAll(st.Letter, "{name}", c.Name), State: outbox.Draft, CreatedAt: s.now(),
		}
		if err := m.Validate(); err != nil {
			return 0, err
		}
		drafts[id] = m
	}
	if invited, err = s.store.Invite(ctx, asks, drafts); err != nil {
		return 0, fmt.Errorf("inviting: %w", err)
	}
	return invited, s.note(ctx, by, "study.invite", study, strconv.Itoa(invited)+" members")
}

// Outcome notes what became of asking somebody.
func (s *Service) Outcome(ctx context.Context, study, ask int64, state State, note, incentive, by string) (Ask, error) {
	note, incentive = strings.TrimSpace(note), strings.TrimSpace(incentive)
	if !slices.Contains(States(), state) || len(note) > maxText || utf8.RuneCountInString(incentive) > maxTitle {
		return Ask{}, bad("an ask is invited, agreed, done, declined or no_show, its note has at most %d bytes, its incentive %d characters", maxText, maxTitle)
	}
	all, err := s.store.Asks(ctx, study, 0)
	if err != nil {
		return Ask{}, err
	}
	i := slices.IndexFunc(all, func(a Ask) bool { return a.ID == ask })
	if i < 0 {
		return Ask{}, greenroom.Errorf(greenroom.CodeNotFound, "study %d has no ask %d", study, ask)
	}
	a := all[i]
	a.State, a.Note, a.Incentive, a.ChangedAt = state, note, incentive, s.now()
	if err := s.store.ChangeAsk(ctx, a); err != nil {
		return a, fmt.Errorf("noting what became of an ask: %w", err)
	}
	return a, s.note(ctx, by, "study."+string(state), study, a.Name)
}

func (s *Service) note(ctx context.Context, by, what string, id int64, detail string) error {
	if err := s.audit.Audit(ctx, by, what, fmt.Sprintf("study %d", id), detail); err != nil {
		return fmt.Errorf("writing the audit log: %w", err)
	}
	return nil
}
