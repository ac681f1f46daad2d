// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package member is what people do with members: merge two that are one person, split one that is two, take either back,
// and set by hand what sources do not say (name, staff, bot, hidden, tags, organization).
//
// Facts never change by it: they point at identities, and which member an identity belongs to is a view. Every merge and
// split is a decision that is kept with its author and can be undone; a split also keeps the two apart for good, so that
// no later import joins them again.
package member

import (
	"context"
	"fmt"
	"strings"

	"greenroom"
)

// Store is what the record store does for members.
type Store interface {
	MergeMembers(ctx context.Context, into, from int64, reason, by string) (decision int64, err error)
	SplitMember(ctx context.Context, member int64, identities []int64, reason, by string) (decision, newMember int64, err error)
	UndoDecision(ctx context.Context, decision int64, by string) (greenroom.Decision, error)
	Decisions(ctx context.Context, member int64) ([]greenroom.Decision, error)
	EditMember(ctx context.Context, member int64, e Edit) error
}

// Auditor keeps the log of who did what.
type Auditor interface {
	Audit(ctx context.Context, actor, action, target, detail string) error
}

// Edit is what to set by hand; nil leaves a field as it is.
type Edit struct {
	Name           *string // "" = as the sources say
	Staff, Bot     *bool
	Hidden         *bool
	OrganizationID *int64 // -1 = as the sources say, 0 = none
	Country        *string
	AddTags        []string
	RemoveTags     []string
	Fields         map[string]string // custom fields; "" removes one
	By             string            // who sets them
}

// Service does it, and says who did.
type Service struct {
	store Store
	audit Auditor
	wake  func()
}

// New returns the service. wake is called after each change, so that figures follow at once.
func New(store Store, audit Auditor, wake func()) *Service {
	return &Service{store: store, audit: audit, wake: wake}
}

// Merge makes the identities of member from those of into, and returns the decision by which it can be undone.
func (s *Service) Merge(ctx context.Context, into, from int64, reason, by string) (int64, error) {
	if into == from {
		return 0, greenroom.Errorf(greenroom.CodeInvalid, "a member cannot be merged with itself")
	}
	if reason = strings.TrimSpace(reason); reason == "" {
		reason = "merged by hand"
	}
	id, err := s.store.MergeMembers(ctx, into, from, reason, by)
	if err != nil {
		return 0, fmt.Errorf("merging member %d into %d: %w", from, into, err)
	}
	return id, s.changed(ctx, by, "member.merge", into, fmt.Sprintf("member %d was merged into it", from))
}

// Split makes some identities of a member a member of their own, and keeps the two apart from then on.
func (s *Service) Split(ctx context.Context, member int64, identities []int64, reason, by string) (decision, newMember int64, err error) {
	if len(identities) == 0 {
		return 0, 0, greenroom.Errorf(greenroom.CodeInvalid, "name at least one identity to split off")
	}
	if reason = strings.TrimSpace(reason); reason == "" {
		reason = "split by hand"
	}
	decision, newMember, err = s.store.SplitMember(ctx, member, identities, reason, by)
	if err != nil {
		return 0, 0, fmt.Errorf("splitting member %d: %w", member, err)
	}
	return decision, newMember, s.changed(ctx, by, "member.split", member, fmt.Sprintf("member %d was split off", newMember))
}

// Undo takes a merge or a split back.
func (s *Service) Undo(ctx context.Context, decision int64, by string) (greenroom.Decision, error) {
	d, err := s.store.UndoDecision(ctx, decision, by)
	if err != nil {
		return d, fmt.Errorf("undoing decision %d: %w", decision, err)
	}
	return d, s.changed(ctx, by, "member.undo", d.MemberID, fmt.Sprintf("the %s of %d and %d was undone", d.Action, d.MemberID, d.OtherID))
}

// History lists the decisions that made a member what it is, newest first.
func (s *Service) History(ctx context.Context, member int64) ([]greenroom.Decision, error) {
	return s.store.Decisions(ctx, member)
}

// Edit sets fields by hand.
func (s *Service) Edit(ctx context.Context, member int64, e Edit, by string) error {
	for _, tag := range append(append([]string{}, e.AddTags...), e.RemoveTags...) {
		if tag = strings.TrimSpace(tag); tag == "" || len(tag) > 60 || strings.ContainsAny(tag, "\n\t,") {
			return greenroom.Errorf(greenroom.CodeInvalid, "a tag is one to sixty characters without commas")
		}
	}
	if e.Country != nil && *e.Country != "" && len(*e.Country) != 2 {
		return greenroom.Errorf(greenroom.CodeInvalid, "a country is written as its two-letter code, such as PT")
	}
	e.By = by
	if err := s.store.EditMember(ctx, member, e); err != nil {
		return fmt.Errorf("editing member %d: %w", member, err)
	}
	return s.changed(ctx, by, "member.edit", member, "")
}

func (s *Service) changed(ctx context.Context, by, action string, member int64, detail string) error {
	s.wake()
	if err := s.audit.Audit(ctx, by, action, fmt.Sprintf("member %d", member), detail); err != nil {
		return fmt.Errorf("writing the audit log: %w", err)
	}
	return nil
}
