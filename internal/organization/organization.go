// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package organization is what people do with organizations: say that two are one or are not, and take that back, and which is
// below which.
//
// Facts never change by it. A source goes on telling of the organization that it told of; what is told of one that is part of
// another counts for that other, and for itself again once the merge is undone, with all that came meanwhile.
package organization

import (
	"context"
	"fmt"
	"strings"
	"time"

	"greenroom"
)

// Store is what the record store does for organizations.
type Store interface {
	// MergeOrganizations makes gone a part of kept, and returns the number of the decision.
	MergeOrganizations(ctx context.Context, kept, gone int64, reason, by string) (int64, error)
	// UndoOrganizationMerge takes a merge back.
	UndoOrganizationMerge(ctx context.Context, merge int64) (greenroom.OrganizationMerge, error)
	// OrganizationMerges lists the merges that an organization and its parts took part in, the newest first.
	OrganizationMerges(ctx context.Context, organization int64) ([]greenroom.OrganizationMerge, error)
	// Organization returns an organization; the number of a part gives the one that it is part of.
	Organization(ctx context.Context, id int64) (greenroom.Organization, error)
}

// Family is what the record store does for organizations that are below others.
type Family interface {
	// SetOrganizationParent says below which organization another is; 0 = below none. UndoOrganizationParent takes that back.
	SetOrganizationParent(ctx context.Context, organization, parent int64, by string) error
	UndoOrganizationParent(ctx context.Context, organization int64) error
	// OrganizationParents lists who says below which organization one is.
	OrganizationParents(ctx context.Context, organization int64) ([]greenroom.OrganizationParent, error)
	// Subsidiaries lists the organizations right below one.
	Subsidiaries(ctx context.Context, organization int64) ([]greenroom.Organization, error)
}

// Auditor keeps the log of who did what.
type Auditor interface {
	Audit(ctx context.Context, actor, action, target, detail string) error
}

// Service does it, and says who did.
type Service struct {
	store  Store
	pairs  Pairs
	family Family
	audit  Auditor
	wake   func()
	now    func() time.Time
	found  found
}

// New returns the service. wake is called after each change, so that figures follow at once.
func New(store Store, pairs Pairs, family Family, audit Auditor, wake func(), now func() time.Time) *Service {
	return &Service{store: store, pairs: pairs, family: family, audit: audit, wake: wake, now: now}
}

// Merge makes gone a part of kept, and returns the merge. CodeConflict where one of them is part of another already.
func (s *Service) Merge(ctx context.Context, kept, gone int64, reason, by string) (greenroom.OrganizationMerge, error) {
	if reason = strings.TrimSpace(reason); reason == "" {
		reason = "merged by hand"
	}
	id, err := s.store.MergeOrganizations(ctx, kept, gone, reason, by)
	if err != nil {
		return greenroom.OrganizationMerge{}, fmt.Errorf("merging organization %d into %d: %w", gone, kept, err)
	}
	if err := s.changed(ctx, by, "organization.merge", kept, fmt.Sprintf("organization %d was merged into it", gone)); err != nil {
		return greenroom.OrganizationMerge{}, err
	}
	all, err := s.store.OrganizationMerges(ctx, kept)
	if err != nil {
		return greenroom.OrganizationMerge{}, err
	}
	for _, m := range all {
		if m.ID == id {
			return m, nil
		}
	}
	return greenroom.OrganizationMerge{ID: id, Kept: kept, Gone: gone, Reason: reason, By: by}, nil
}

// Undo takes a merge back.
func (s *Service) Undo(ctx context.Context, merge int64, by string) (greenroom.OrganizationMerge, error) {
	m, err := s.store.UndoOrganizationMerge(ctx, merge)
	if err != nil {
		return m, fmt.Errorf("undoing merge %d: %w", merge, err)
	}
	s.found.forget()
	return m, s.changed(ctx, by, "organization.undo", m.Kept, fmt.Sprintf("organization %d stands for itself again", m.Gone))
}

// Split takes a part out of the organization that it is part of, by its own number, keeps that the two are not one, and returns the
// merge that it undid.
func (s *Service) Split(ctx context.Context, part int64, by string) (greenroom.OrganizationMerge, error) {
	all, err := s.History(ctx, part)
	if err != nil {
		return greenroom.OrganizationMerge{}, err
	}
	for _, m := range all {
		if m.Gone == part && m.UndoneAt.IsZero() {
			if m, err = s.Undo(ctx, m.ID, by); err != nil {
				return m, err
			}
			kept, err := s.store.Organization(ctx, m.Kept)
			if err != nil {
				return m, err
			}
			_, err = s.apart(ctx, kept.ID, part, "split by hand", by)
			return m, err
		}
	}
	return greenroom.OrganizationMerge{}, greenroom.Errorf(greenroom.CodeConflict, "organization %d is no part of another; name the part that is to stand for itself", part)
}

// History lists the merges that made an organization what it is, the newest first.
func (s *Service) History(ctx context.Context, organization int64) ([]greenroom.OrganizationMerge, error) {
	o, err := s.store.Organization(ctx, organization)
	if err != nil {
		return nil, err
	}
	return s.store.OrganizationMerges(ctx, o.ID)
}

// SetParent says below which organization another is; 0 = below none. CodeInvalid where it would be below itself.
func (s *Service) SetParent(ctx context.Context, organization, parent int64, by string) (greenroom.Organization, error) {
	if err := s.family.SetOrganizationParent(ctx, organization, parent, by); err != nil {
		return greenroom.Organization{}, fmt.Errorf("putting organization %d below %d: %w", organization, parent, err)
	}
	s.found.forget()
	detail := "it is below none"
	if parent > 0 {
		detail = fmt.Sprintf("it is below organization %d", parent)
	}
	if err := s.changed(ctx, by, "organization.parent", organization, detail); err != nil {
		return greenroom.Organization{}, err
	}
	return s.store.Organization(ctx, organization)
}

// UndoParent takes back what people said of below which organization another is, so that what sources tell counts. CodeConflict
// where nobody said anything.
func (s *Service) UndoParent(ctx context.Context, organization int64, by string) (greenroom.Organization, error) {
	if err := s.family.UndoOrganizationParent(ctx, organization); err != nil {
		return greenroom.Organization{}, fmt.Errorf("taking back what organization %d is below: %w", organization, err)
	}
	s.found.forget()
	if err := s.changed(ctx, by, "organization.parent.undo", organization, "what sources tell counts again"); err != nil {
		return greenroom.Organization{}, err
	}
	return s.store.Organization(ctx, organization)
}

// Parents lists who says of an organization below which it is, what counts among them.
func (s *Service) Parents(ctx context.Context, organization int64) ([]greenroom.OrganizationParent, error) {
	o, err := s.store.Organization(ctx, organization)
	if err != nil {
		return nil, err
	}
	return s.family.OrganizationParents(ctx, o.ID)
}

// Subsidiaries lists the organizations right below one, by name.
func (s *Service) Subsidiaries(ctx context.Context, organization int64) ([]greenroom.Organization, error) {
	o, err := s.store.Organization(ctx, organization)
	if err != nil {
		return nil, err
	}
	return s.family.Subsidiaries(ctx, o.ID)
}

func (s *Service) changed(ctx context.Context, by, action string, organization int64, detail string) error {
	s.wake()
	if err := s.audit.Audit(ctx, by, action, fmt.Sprintf("organization %d", organization), detail); err != nil {
		return fmt.Errorf("writing the audit log: %w", err)
	}
	return nil
}
