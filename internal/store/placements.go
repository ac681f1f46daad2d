// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"greenroom"
)

// PlaceMember keeps what somebody says of where a member works, and returns its id, by which it can be undone.
func (s *Store) PlaceMember(ctx context.Context, p greenroom.Placement) (id int64, err error) {
	err = s.write(ctx, func(w *writer) error {
		if err := w.wholeMember(p.MemberID); err != nil {
			return err
		}
		identities, err := w.identitiesOf(p.MemberID)
		if err != nil {
			return err
		}
		if _, err := w.standFor(p.MemberID, identities); err != nil {
			return err
		}
		if id, err = w.keepPlacement(p, micros(s.now())); err != nil {
			return err
		}
		return w.placedAgain(p.MemberID)
	})
	return id, err
}

// keepPlacement writes a placement.
func (w *writer) keepPlacement(p greenroom.Placement, now int64) (int64, error) {
	root, told, err := w.stands(p.OrganizationID)
	if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
		return 0, greenroom.Errorf(greenroom.CodeInvalid, "there is no organization %d", p.OrganizationID)
	}
	if err != nil {
		return 0, err
	}
	last, err := w.lastID("member_organization_set")
	if err != nil {
		return 0, err
	}
	since := int64(0)
	if !p.Since.IsZero() {
		since = dayOf(micros(p.Since))
	}
	_, err = w.exec("INSERT INTO member_organization_set (id, member_id, kind, organization_id, organization_told, since, actor, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		last+1, p.MemberID, string(p.Kind), root, told, since, p.By, now)
	return last + 1, err
}

// correctOrganization says how it always was; -1 = as the sources say.
func (w *writer) correctOrganization(member, organization int64, by string, now int64) error {
	p := greenroom.Placement{MemberID: member, Kind: greenroom.PlacedAlways, OrganizationID: organization, By: by}
	if organization < 0 {
		p.Kind, p.OrganizationID = greenroom.PlacedSources, 0
	}
	_, err := w.keepPlacement(p, now)
	return err
}

// placedAgain computes a member again after what is said of it has changed.
func (w *writer) placedAgain(member int64) error {
	version, err := w.newVersion()
	if err != nil {
		return err
	}
	return w.refreshMember(member, version)
}

// UndoPlacement takes back what somebody said of where a member works, and returns it.
func (s *Store) UndoPlacement(ctx context.Context, id int64) (greenroom.Placement, error) {
	var p greenroom.Placement
	err := s.write(ctx, func(w *writer) error {
		var kind string
		var head, undone int64
		err := w.row(`SELECT s.id, m.id, CASE WHEN m.merged_into > 0 THEN m.merged_into ELSE m.id END, s.kind, s.organization_id, s.undone_at
			FROM member_organization_set s JOIN member m ON m.id = s.member_id WHERE s.id = ?`, []any{id}, &p.ID, &p.MemberID, &head, &kind, &p.OrganizationID, &undone)
		if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
			return greenroom.Errorf(greenroom.CodeNotFound, "nothing that was said of where a member works has the id %d", id)
		}
		if err != nil {
			return err
		}
		if undone != 0 {
			return greenroom.Errorf(greenroom.CodeConflict, "that was undone already")
		}
		p.Kind, p.UndoneAt, p.MemberID = greenroom.PlacementKind(kind), s.now(), head
		if _, err := w.exec("UPDATE member_organization_set SET undone_at = ? WHERE id = ?", micros(p.UndoneAt), id); err != nil {
			return err
		}
		return w.placedAgain(head)
	})
	return p, err
}

// Placements lists what people said of where a member works, the newest first.
func (s *Store) Placements(ctx context.Context, member int64) ([]greenroom.Placement, error) {
	rows, err := s.query(ctx, `SELECT x.id, x.kind, x.organization_id, coalesce(o.name, ''), x.since, x.actor, x.at, x.undone_at
		FROM member_organization_set x JOIN member m ON m.id = x.member_id LEFT JOIN organization o ON o.id = x.organization_id
		WHERE m.id = ? OR (m.merged_into > 0 AND m.merged_into = ?) ORDER BY x.at DESC, x.id DESC`, member, member)
	if err != nil {
		return nil, fmt.Errorf("reading what is said of where member %d works: %w", member, err)
	}
	all := []greenroom.Placement{}
	err = scan(rows, func() error {
		p := greenroom.Placement{MemberID: member}
		var kind string
		var since, at, undone int64
		err := rows.Scan(&p.ID, &kind, &p.OrganizationID, &p.Organization, &since, &p.By, &at, &undone)
		p.Kind, p.Since, p.At, p.UndoneAt = greenroom.PlacementKind(kind), fromMicros(since), fromMicros(at), fromMicros(undone)
		all = append(all, p)
		return err
	})
	return all, err
}

const stintColumns = `SELECT w.member_id, m.name, w.organization_id, coalesce(o.name, ''), w.since, w.until, w.seen, w.origin, w.dated, w.decision_id
	FROM member_stint w JOIN member m ON m.id = w.member_id LEFT JOIN organization o ON o.id = w.organization_id`

// Stints lists where a member who has moved was, the newest first; nobody else has any.
func (s *Store) Stints(ctx context.Context, member int64) ([]greenroom.Stint, error) {
	return s.stintsWhere(ctx, "w.member_id = ? ORDER BY w.since DESC", member)
}

// mostFormer is how many former members of an organization are listed.
const mostFormer = 500

// FormerMembers lists the times that members were with an organization who are with it no more, those who left last first. Bots
// and hidden members are left out.
func (s *Store) FormerMembers(ctx context.Context, organization int64) ([]greenroom.Stint, error) {
	return s.stintsWhere(ctx, fmt.Sprintf("w.organization_id = ? AND m.organization_id <> w.organization_id AND m.bot = 0 AND m.hidden = 0 ORDER BY w.until DESC, w.member_id LIMIT %d", mostFormer), organization)
}

func (s *Store) stintsWhere(ctx context.Context, where string, args ...any) ([]greenroom.Stint, error) {
	rows, err := s.query(ctx, stintColumns+" WHERE "+where, args...)
	if err != nil {
		return nil, fmt.Errorf("reading who was where: %w", err)
	}
	all := []greenroom.Stint{}
	err = scan(rows, func() error {
		var x greenroom.Stint
		var since, until, seen int64
		var origin, dated string
		err := rows.Scan(&x.MemberID, &x.Member, &x.OrganizationID, &x.Organization, &since, &until, &seen, &origin, &dated, &x.DecisionID)
		x.Since, x.Seen, x.Origin, x.Dated = fromMicros(since), fromMicros(seen), greenroom.StintOrigin(origin), greenroom.StintDating(dated)
		if until != forever {
			x.Until = fromMicros(until)
		}
		all = append(all, x)
		return err
	})
	return all, err
}

// OrganizationCalled finds the one organization that has a number, a name or a domain, without regard to case.
func (s *Store) OrganizationCalled(ctx context.Context, text string) (int64, error) {
	text = strings.ToLower(strings.TrimSpace(text))
	number, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		number = 0
	}
	rows, err := s.query(ctx, `SELECT o.id, o.name FROM organization o WHERE o.hidden = 0 AND o.merged_into = 0 AND (o.id = ? OR lower(o.name) = ? OR o.id IN (SELECT x.organization_id FROM organization_domain x WHERE x.domain = ?))
		ORDER BY o.id LIMIT 5`, number, text, strings.TrimPrefix(text, "@"))
	if err != nil {
		return 0, fmt.Errorf("looking for an organization: %w", err)
	}
	var found []int64
	var names []string
	if err := scan(rows, func() error {
		var id int64
		var name string
		err := rows.Scan(&id, &name)
		found, names = append(found, id), append(names, fmt.Sprintf("%d %s", id, name))
		return err
	}); err != nil {
		return 0, err
	}
	switch {
	case number > 0 && slices.Contains(found, number):
		return number, nil
	case len(found) == 1:
		return found[0], nil
	case len(found) == 0:
		return 0, greenroom.Errorf(greenroom.CodeInvalid, "no organization is called %q; give its name, one of its domains or its number, as the list of organizations has them", text)
	}
	return 0, greenroom.Errorf(greenroom.CodeInvalid, "%q is more than one organization (%s); give the number", text, strings.Join(names, ", "))
}
