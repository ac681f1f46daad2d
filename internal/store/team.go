// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/team"
)

// TeamPeople lists who may sign in, with what is said of them, by mail address.
func (s *Store) TeamPeople(ctx context.Context) ([]team.Person, error) {
	users, err := s.Users(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := s.query(ctx, "SELECT p.email, p.version, coalesce(h.id, m.id, 0), coalesce(h.name, m.name, ''), p.body FROM team_profile p LEFT JOIN member m ON m.id = p.member_id AND p.member_id > 0 LEFT JOIN member h ON h.id = m.merged_into AND m.merged_into > 0")
	if err != nil {
		return nil, err
	}
	said := make(map[string]team.Person)
	err = scan(rows, func() error {
		var p team.Person
		var email, body string
		var version, member int64
		if err := rows.Scan(&email, &version, &member, &p.Member, &body); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(body), &p.Profile); err != nil {
			return fmt.Errorf("decoding the profile of %s: %w", email, err)
		}
		p.Version, p.MemberID = version, member
		said[email] = p
		return nil
	})
	if err != nil {
		return nil, err
	}
	all := []team.Person{}
	for i := range users {
		u := &users[i]
		if u.Disabled {
			continue
		}
		p := said[u.Email]
		p.Email, p.Name, p.Access = u.Email, u.Name, string(u.Role)
		all = append(all, p)
	}
	return all, nil
}

// SetTeamProfile stores a profile unless it was changed since it was read; that is CodeConflict.
func (s *Store) SetTeamProfile(ctx context.Context, p team.Profile) (team.Profile, error) {
	err := s.write(ctx, func(w *writer) error {
		if p.MemberID > 0 {
			var there int64
			if err := w.row("SELECT count(*) FROM member WHERE id = ? AND merged_into = 0", []any{p.MemberID}, &there); err != nil {
				return err
			}
			if there == 0 {
				return greenroom.Errorf(greenroom.CodeInvalid, "there is no member %d", p.MemberID)
			}
		}
		before := p.Version
		p.Version++
		body, err := json.Marshal(p)
		if err != nil {
			return fmt.Errorf("encoding a profile: %w", err)
		}
		muted := ""
		if len(p.Muted) > 0 {
			muted = "," + strings.Join(p.Muted, ",") + ","
		}
		var n int64
		if before == 0 {
			n, err = w.exec("INSERT INTO team_profile (email, version, member_id, muted, body) VALUES (?, ?, ?, ?, ?) ON CONFLICT (email) DO NOTHING", p.Email, p.Version, p.MemberID, muted, string(body))
		} else {
			n, err = w.exec("UPDATE team_profile SET version = ?, member_id = ?, muted = ?, body = ? WHERE email = ? AND version = ?", p.Version, p.MemberID, muted, string(body), p.Email, before)
		}
		if err == nil && n == 0 {
			err = greenroom.Errorf(greenroom.CodeConflict, "what is said of %s was changed meanwhile; look at it again before you change it. Nothing was overwritten", p.Email)
		}
		return err
	})
	return p, err
}

// forgetTeamMember takes an erased member out of the team's profiles.
func (w *writer) forgetTeamMember(id int64) error {
	_, err := w.exec("UPDATE team_profile SET member_id = 0 WHERE member_id > 0 AND member_id IN (SELECT x.id FROM member x WHERE x.id = ? OR x.merged_into = ? AND x.merged_into > 0)", id, id)
	return err
}

// personalTeam is what the team's page says of a member who is one of the team.
type personalTeam struct {
	team.Profile
	Absences []team.Absence `json:"absences"`
}

// teamOf is what the team's page says of a member.
func (s *Store) teamOf(ctx context.Context, id int64) ([]personalTeam, error) {
	people, err := s.TeamPeople(ctx)
	if err != nil {
		return nil, err
	}
	var all []personalTeam
	for i := range people {
		if people[i].MemberID != id {
			continue
		}
		x := personalTeam{Profile: people[i].Profile}
		away, err := s.TeamAbsences(ctx, time.Unix(0, 0))
		if err != nil {
			return nil, err
		}
		x.Absences = slices.DeleteFunc(away, func(a team.Absence) bool { return a.Person != x.Email })
		all = append(all, x)
	}
	return all, nil
}

// TeamDuties lists responsibilities, by kind and subject.
func (s *Store) TeamDuties(ctx context.Context) ([]team.Duty, error) {
	rows, err := s.query(ctx, "SELECT id, version, body FROM team_duty ORDER BY kind, subject, id")
	if err != nil {
		return nil, err
	}
	all := []team.Duty{}
	err = scan(rows, func() error {
		d, err := scanDuty(rows)
		all = append(all, d)
		return err
	})
	return all, err
}

func scanDuty(row rowScanner) (d team.Duty, err error) {
	var body string
	var id, version int64
	if err := row.Scan(&id, &version, &body); err != nil {
		return d, err
	}
	if err := json.Unmarshal([]byte(body), &d.DutyDraft); err != nil {
		return d, fmt.Errorf("decoding responsibility %d: %w", id, err)
	}
	d.ID, d.Version = id, version
	return d, nil
}

// SaveTeamDuty stores a responsibility: a new one where its number is 0.
func (s *Store) SaveTeamDuty(ctx context.Context, d team.Duty) (team.Duty, error) {
	body, err := json.Marshal(d.DutyDraft)
	if err != nil {
		return d, fmt.Errorf("encoding a responsibility: %w", err)
	}
	err = s.write(ctx, func(w *writer) error {
		if d.ID == 0 {
			last, err := w.lastID("team_duty")
			if err != nil {
				return err
			}
			d.ID, d.Version = last+1, 1
			_, err = w.exec("INSERT INTO team_duty (id, version, kind, subject, body) VALUES (?, ?, ?, ?, ?)", d.ID, d.Version, string(d.Kind), d.Subject, string(body))
			return err
		}
		before := d.Version
		d.Version++
		n, err := w.exec("UPDATE team_duty SET version = ?, kind = ?, subject = ?, body = ? WHERE id = ? AND version = ?", d.Version, string(d.Kind), d.Subject, string(body), d.ID, before)
		if err == nil && n == 0 {
			err = greenroom.Errorf(greenroom.CodeConflict, "who answers for %s was changed or taken away meanwhile; look at it again. Nothing was overwritten", d.Subject)
		}
		return err
	})
	return d, err
}

// RemoveTeamDuty takes a responsibility away.
func (s *Store) RemoveTeamDuty(ctx context.Context, id int64) (d team.Duty, err error) {
	err = s.write(ctx, func(w *writer) error {
		rows, err := w.query("SELECT id, version, body FROM team_duty WHERE id = ?", id)
		if err != nil {
			return err
		}
		if err := scan(rows, func() error { d, err = scanDuty(rows); return err }); err != nil {
			return err
		}
		if d.ID == 0 {
			return greenroom.Errorf(greenroom.CodeNotFound, "there is no responsibility %d", id)
		}
		return w.removeKeepingID("team_duty", id)
	})
	return d, err
}
