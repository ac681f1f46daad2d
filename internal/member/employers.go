// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package member

import (
	"context"
	"fmt"
	"time"

	"greenroom"
)

// Places is what the record store does for where members work.
type Places interface {
	// PlaceMember keeps what somebody says of where a member works, and returns its id.
	PlaceMember(ctx context.Context, p greenroom.Placement) (int64, error)
	// UndoPlacement takes that back.
	UndoPlacement(ctx context.Context, id int64) (greenroom.Placement, error)
	// Placements lists what was said, the newest first, also what was taken back.
	Placements(ctx context.Context, member int64) ([]greenroom.Placement, error)
	// Stints lists where a member who has moved was, the newest first; FormerMembers who was with an organization and is no more.
	Stints(ctx context.Context, member int64) ([]greenroom.Stint, error)
	FormerMembers(ctx context.Context, organization int64) ([]greenroom.Stint, error)
	// OrganizationCalled finds the one organization that has a number, a name or a domain.
	OrganizationCalled(ctx context.Context, text string) (int64, error)
}

// Employers is what people say of where members work and worked: a move, which leaves what was before as it was, or a
// correction, which does not.
type Employers struct {
	Places
	audit Auditor
	wake  func()
	now   func() time.Time
}

// NewEmployers returns the service. wake is called after each change, so that figures follow at once.
func NewEmployers(places Places, audit Auditor, wake func(), now func() time.Time) *Employers {
	return &Employers{Places: places, audit: audit, wake: wake, now: now}
}

// Place keeps what somebody says of where a member works, and returns it with its id.
func (e *Employers) Place(ctx context.Context, p greenroom.Placement, by string) (greenroom.Placement, error) {
	p.By, p.At = by, e.now()
	if err := p.Validate(); err != nil {
		return p, err
	}
	if p.Since.After(p.At) {
		return p, greenroom.Errorf(greenroom.CodeInvalid, "%s lies ahead; enter the move when it has happened", p.Since.Format(time.DateOnly))
	}
	id, err := e.PlaceMember(ctx, p)
	if err != nil {
		return p, fmt.Errorf("placing member %d: %w", p.MemberID, err)
	}
	p.ID = id
	return p, e.changed(ctx, by, p)
}

// Undo takes back what somebody said.
func (e *Employers) Undo(ctx context.Context, id int64, by string) (greenroom.Placement, error) {
	p, err := e.UndoPlacement(ctx, id)
	if err != nil {
		return p, fmt.Errorf("undoing where a member works: %w", err)
	}
	return p, e.changed(ctx, by, p)
}

func (e *Employers) changed(ctx context.Context, by string, p greenroom.Placement) error {
	e.wake()
	what := fmt.Sprintf("%s, organization %d", p.Kind, p.OrganizationID)
	if !p.UndoneAt.IsZero() {
		what += ", undone"
	}
	if err := e.audit.Audit(ctx, by, "member.organization", fmt.Sprintf("member %d", p.MemberID), what); err != nil {
		return fmt.Errorf("writing the audit log: %w", err)
	}
	return nil
}
