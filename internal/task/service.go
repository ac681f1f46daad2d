// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package task

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"greenroom"
)

// Store keeps tasks and notices.
type Store interface {
	Tasks(ctx context.Context, f Filter) ([]Task, error)
	Task(ctx context.Context, id int64) (Task, error)
	// AddTasks stores tasks; those whose key is known are left as they are.
	AddTasks(ctx context.Context, all ...Task) (added int, err error)
	ChangeTask(ctx context.Context, t Task) error
	FinishTask(ctx context.Context, id int64, done bool, by string) error
	// InboxTeam lists who can be given a task.
	InboxTeam(ctx context.Context) ([]Person, error)
	Notices
}

// Notices keeps what people are told.
type Notices interface {
	AddNotices(ctx context.Context, all ...Notice) error
	// Notices lists what a person was told, the newest first, below an id unless that is 0.
	Notices(ctx context.Context, person string, unseen bool, below int64, limit int) ([]Notice, error)
	SeeNotices(ctx context.Context, person string, upTo int64) error
	SeeNotice(ctx context.Context, person string, id int64) error
	UnseenNotices(ctx context.Context, person string) (int64, error)
}

// Auditor keeps the log of who did what.
type Auditor interface {
	Audit(ctx context.Context, actor, action, target, detail string) error
}

// Service is what people do with tasks and notices.
type Service struct {
	store Store
	audit Auditor
	now   func() time.Time
}

// New returns the service.
func New(store Store, audit Auditor, now func() time.Time) *Service {
	return &Service{store: store, audit: audit, now: now}
}

// Draft is a task that somebody makes.
type Draft struct {
	Title    string    `json:"title"`
	Note     string    `json:"note,omitempty"`
	Link     string    `json:"link,omitempty"`
	Owner    string    `json:"owner,omitempty"`
	MemberID int64     `json:"member_id,omitempty"`
	DueAt    time.Time `json:"due_at,omitzero"`
}

// Patch says what to change of a task; what is nil stays.
type Patch struct {
	Title *string    `json:"title,omitempty"`
	Note  *string    `json:"note,omitempty"`
	Link  *string    `json:"link,omitempty"`
	Owner *string    `json:"owner,omitempty"`
	DueAt *time.Time `json:"due_at,omitempty"` // the zero time takes the date away
}

// List lists tasks: what is due first, then what has no date.
func (s *Service) List(ctx context.Context, f Filter) ([]Task, error) { return s.store.Tasks(ctx, f) }

// Get finds a task.
func (s *Service) Get(ctx context.Context, id int64) (Task, error) { return s.store.Task(ctx, id) }

// Add makes a task and tells its owner, unless that is who makes it. CodeInvalid where nobody of the team is that owner.
func (s *Service) Add(ctx context.Context, d Draft, by string) (Task, error) {
	t := Task{Key: "person " + rand.Text(), Title: d.Title, Note: d.Note, Link: d.Link, Origin: "person", MemberID: d.MemberID, Owner: d.Owner, DueAt: d.DueAt, CreatedBy: by, CreatedAt: s.now()}
	if err := check(&t); err != nil {
		return t, err
	}
	if err := s.own(ctx, &t); err != nil {
		return t, err
	}
	all := []Task{t}
	if _, err := s.store.AddTasks(ctx, all...); err != nil {
		return t, fmt.Errorf("making a task: %w", err)
	}
	t = all[0]
	if err := s.tell(ctx, &t, by); err != nil {
		return t, err
	}
	return t, s.audit.Audit(ctx, by, "task.add", fmt.Sprintf("task %d", t.ID), t.Title)
}

// check makes sure that a task is whole, and that its link leads somewhere.
func check(t *Task) error {
	if err := t.Validate(); err != nil {
		return err
	}
	if l := t.Link; l != "" && !strings.HasPrefix(l, "https://") && !strings.HasPrefix(l, "http://") && (!strings.HasPrefix(l, "/") || strings.HasPrefix(l, "//")) {
		return greenroom.Errorf(greenroom.CodeInvalid, "the link of a task is an address that begins with https://, or a path in Greenroom, not %q", l)
	}
	return nil
}

// own makes sure that the owner of a task is somebody of the team, and writes their address as they have it.
func (s *Service) own(ctx context.Context, t *Task) error {
	if t.Owner = strings.TrimSpace(t.Owner); t.Owner == "" {
		return nil
	}
	team, err := s.store.InboxTeam(ctx)
	if err != nil {
		return fmt.Errorf("listing the team: %w", err)
	}
	p, ok := Find(team, t.Owner)
	if !ok {
		return Nobody(team, "owner", t.Owner)
	}
	t.Owner = p.Email
	return nil
}

// tell tells a task's owner of it, unless that is who gave it to them.
func (s *Service) tell(ctx context.Context, t *Task, by string) error {
	if t.Owner == "" || t.Owner == by || !t.DoneAt.IsZero() {
		return nil
	}
	n := Notice{Key: fmt.Sprintf("task %d %d", t.ID, s.now().UnixMicro()), Person: t.Owner, Kind: "task", Title: by + " gave you a task", Text: t.Title, Link: "/tasks"}
	if err := s.store.AddNotices(ctx, n); err != nil {
		return fmt.Errorf("telling the owner of task %d: %w", t.ID, err)
	}
	return nil
}

// Edit changes a task. A new owner is told, and has to be somebody of the team; one who has left since keeps what is theirs.
func (s *Service) Edit(ctx context.Context, id int64, p Patch, by string) (Task, error) {
	t, err := s.store.Task(ctx, id)
	if err != nil {
		return t, err
	}
	owner := t.Owner
	for _, f := range []struct{ from, to *string }{{p.Title, &t.Title}, {p.Note, &t.Note}, {p.Link, &t.Link}, {p.Owner, &t.Owner}} {
		if f.from != nil {
			*f.to = *f.from
		}
	}
	if p.DueAt != nil {
		t.DueAt = *p.DueAt
	}
	if err := check(&t); err != nil {
		return t, err
	}
	if t.Owner != owner {
		if err := s.own(ctx, &t); err != nil {
			return t, err
		}
	}
	if err := s.store.ChangeTask(ctx, t); err != nil {
		return t, fmt.Errorf("changing task %d: %w", id, err)
	}
	if t.Owner != owner {
		if err := s.tell(ctx, &t, by); err != nil {
			return t, err
		}
	}
	return t, s.audit.Audit(ctx, by, "task.edit", fmt.Sprintf("task %d", id), t.Title)
}

// Finish says that a task is done, or takes that back.
func (s *Service) Finish(ctx context.Context, id int64, done bool, by string) (Task, error) {
	if err := s.store.FinishTask(ctx, id, done, by); err != nil {
		return Task{}, fmt.Errorf("finishing task %d: %w", id, err)
	}
	what := "task.done"
	if !done {
		what = "task.reopen"
	}
	if err := s.audit.Audit(ctx, by, what, fmt.Sprintf("task %d", id), ""); err != nil {
		return Task{}, err
	}
	return s.store.Task(ctx, id)
}

// Told lists what a person was told, the newest first, below an id unless that is 0.
func (s *Service) Told(ctx context.Context, person string, unseen bool, below int64, limit int) ([]Notice, error) {
	return s.store.Notices(ctx, person, unseen, below, limit)
}

// See notes that a person has seen what they were told up to an id.
func (s *Service) See(ctx context.Context, person string, upTo int64) error {
	return s.store.SeeNotices(ctx, person, upTo)
}

// SeeOne notes that a person has seen one thing that they were told.
func (s *Service) SeeOne(ctx context.Context, person string, id int64) error {
	return s.store.SeeNotice(ctx, person, id)
}

// Unseen counts what a person was told and has not seen.
func (s *Service) Unseen(ctx context.Context, person string) (int64, error) {
	return s.store.UnseenNotices(ctx, person)
}
