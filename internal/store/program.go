// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"greenroom"
	"greenroom/internal/program"
)

// programPerson is the member that a member is now, alias m.
const programPerson = "CASE WHEN m.merged_into > 0 THEN m.merged_into ELSE m.id END"

const programColumns = `SELECT p.id, p.key, p.name, p.kind, p.state, p.owner, p.sponsor, p.approved_by, p.approved_at, p.plan, p.created_by, p.created_at, p.changed_at, p.started_at, p.closed_at,
	(SELECT count(DISTINCT ` + programPerson + `) FROM program_enrollment e JOIN member m ON m.id = e.member_id WHERE e.program_id = p.id AND e.until = 0),
	(SELECT count(*) FROM program_application a WHERE a.program_id = p.id AND a.verdict = 'open') FROM program p`

func (s *Store) programs(ctx context.Context, q string, args ...any) ([]program.Program, error) {
	rows, err := s.query(ctx, programColumns+" "+q, args...)
	if err != nil {
		return nil, err
	}
	all := []program.Program{}
	err = scan(rows, func() error {
		var p program.Program
		var plan string
		var approved, created, changed, started, closed int64
		if err := rows.Scan(&p.ID, &p.Key, &p.Name, &p.Kind, &p.State, &p.Owner, &p.Sponsor, &p.ApprovedBy, &approved, &plan, &p.CreatedBy, &created, &changed, &started, &closed, &p.Enrolled, &p.Waiting); err != nil {
			return err
		}
		p.ApprovedAt, p.CreatedAt, p.ChangedAt, p.StartedAt, p.ClosedAt = fromMicros(approved), fromMicros(created), fromMicros(changed), fromMicros(started), fromMicros(closed)
		if err := json.Unmarshal([]byte(plan), &p.Plan); err != nil {
			return fmt.Errorf("decoding the plan of program %s: %w", p.Key, err)
		}
		all = append(all, p)
		return nil
	})
	return all, err
}

// Programs lists the programs that are not closed, or those that are, by name.
func (s *Store) Programs(ctx context.Context, closed bool) ([]program.Program, error) {
	return s.programs(ctx, "WHERE p.state "+pick(closed, "=", "<>")+" 'closed' ORDER BY lower(p.name)"+s.d.collate+", p.id")
}

// Program finds a program by its key, or by its name.
func (s *Store) Program(ctx context.Context, ref string) (program.Program, error) {
	low := strings.ToLower(strings.TrimSpace(ref))
	all, err := s.programs(ctx, "WHERE p.key = ? OR lower(p.name) = ? ORDER BY CASE WHEN p.key = ? THEN 0 ELSE 1 END", low, low, low)
	if err == nil && len(all) == 0 {
		err = greenroom.Errorf(greenroom.CodeNotFound, "there is no program %q", ref)
	}
	if err != nil {
		return program.Program{}, err
	}
	return all[0], nil
}

// AddProgram stores a new program.
func (s *Store) AddProgram(ctx context.Context, p program.Program) (program.Program, error) {
	plan, err := json.Marshal(p.Plan)
	if err != nil {
		return p, fmt.Errorf("encoding a plan: %w", err)
	}
	err = s.write(ctx, func(w *writer) error {
		if err := w.freeProgram(&p); err != nil {
			return err
		}
		last, err := w.lastID("program")
		if err != nil {
			return err
		}
		p.ID, p.CreatedAt = last+1, s.now()
		p.ChangedAt = p.CreatedAt
		if _, err = w.exec("INSERT INTO program (id, key, name, kind, state, owner, sponsor, plan, created_by, created_at, changed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
			p.ID, p.Key, p.Name, string(p.Kind), string(p.State), p.Owner, p.Sponsor, string(plan), p.CreatedBy, micros(p.CreatedAt), micros(p.CreatedAt)); err != nil {
			return err
		}
		return w.programEvent(&program.Happening{ProgramID: p.ID, What: "made", By: p.CreatedBy}, micros(p.CreatedAt))
	})
	return p, err
}

// freeProgram makes sure that no other program has the name or the key of one.
func (w *writer) freeProgram(p *program.Program) error {
	var name string
	err := w.row("SELECT name FROM program WHERE id <> ? AND (key = ? OR lower(name) = ?) LIMIT 1", []any{p.ID, p.Key, strings.ToLower(p.Name)}, &name)
	switch {
	case greenroom.ErrorCode(err) == greenroom.CodeNotFound:
		return nil
	case err != nil:
		return err
	}
	return greenroom.Errorf(greenroom.CodeConflict, "there is a program %q already; choose another name", name)
}

// ChangeProgram stores all of a program but its key.
func (s *Store) ChangeProgram(ctx context.Context, p program.Program) error {
	plan, err := json.Marshal(p.Plan)
	if err != nil {
		return fmt.Errorf("encoding a plan: %w", err)
	}
	return s.write(ctx, func(w *writer) error {
		if err := w.freeProgram(&p); err != nil {
			return err
		}
		if err := w.keepStages(&p); err != nil {
			return err
		}
		n, err := w.exec("UPDATE program SET name = ?, kind = ?, state = ?, owner = ?, sponsor = ?, approved_by = ?, approved_at = ?, plan = ?, changed_at = ?, started_at = ?, closed_at = ? WHERE id = ?",
			p.Name, string(p.Kind), string(p.State), p.Owner, p.Sponsor, p.ApprovedBy, micros(p.ApprovedAt), string(plan), micros(s.now()), micros(p.StartedAt), micros(p.ClosedAt), p.ID)
		if err == nil && n == 0 {
			err = greenroom.Errorf(greenroom.CodeNotFound, "there is no program %d", p.ID)
		}
		return err
	})
}

// keepStages makes sure that the plan still has every stage that somebody is in.
func (w *writer) keepStages(p *program.Program) error {
	rows, err := w.query("SELECT stage, count(*) FROM program_enrollment WHERE program_id = ? AND until = 0 GROUP BY stage ORDER BY stage", p.ID)
	if err != nil {
		return err
	}
	var missing error
	if err := scan(rows, func() error {
		var stage string
		var n int64
		if err := rows.Scan(&stage, &n); err != nil {
			return err
		}
		if _, ok := p.Plan.Stage(stage); !ok && missing == nil {
			missing = greenroom.Errorf(greenroom.CodeConflict, "%d members are in the stage %q, which the plan no longer has; move them first, or keep its name", n, stage)
		}
		return nil
	}); err != nil {
		return err
	}
	return missing
}

func (w *writer) programEvent(h *program.Happening, at int64) error {
	last, err := w.lastID("program_event")
	if err != nil {
		return err
	}
	_, err = w.exec("INSERT INTO program_event (id, program_id, member_id, at, what, detail, reason, actor) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", last+1, h.ProgramID, h.MemberID, at, h.What, h.Detail, h.Reason, h.By)
	return err
}

// ofPerson is the condition for rows of a member or of those that are part of it; its two arguments are the member.
func ofPerson(column string) string {
	return column + " > 0 AND " + column + " IN (SELECT y.id FROM member y WHERE y.id = ? OR y.merged_into = ? AND y.merged_into > 0)"
}

// ProgramHistory lists what happened, the newest first.
func (s *Store) ProgramHistory(ctx context.Context, programID, member, below int64, limit int) ([]program.Happening, error) {
	cond, args := []string{"1 = 1"}, []any{}
	if programID > 0 {
		cond, args = append(cond, "e.program_id = ?"), append(args, programID)
	}
	if member > 0 {
		cond, args = append(cond, ofPerson("e.member_id")), append(args, member, member)
	}
	if below > 0 {
		cond, args = append(cond, "e.id < ?"), append(args, below)
	}
	rows, err := s.query(ctx, `SELECT e.id, e.program_id, p.key, e.member_id, coalesce(h.name, m.name, ''), e.at, e.what, e.detail, e.reason, e.actor FROM program_event e JOIN program p ON p.id = e.program_id
		LEFT JOIN member m ON m.id = e.member_id LEFT JOIN member h ON h.id = m.merged_into AND m.merged_into > 0 WHERE `+strings.Join(cond, " AND ")+" ORDER BY e.id DESC LIMIT ?", append(args, limit)...)
	if err != nil {
		return nil, err
	}
	all := []program.Happening{}
	err = scan(rows, func() error {
		var h program.Happening
		var at int64
		err := rows.Scan(&h.ID, &h.ProgramID, &h.Program, &h.MemberID, &h.Member, &at, &h.What, &h.Detail, &h.Reason, &h.By)
		h.At = fromMicros(at)
		all = append(all, h)
		return err
	})
	return all, err
}

// programsOf takes a member out of all programs. What was spent on them stays as a sum that names nobody.
func (e *eraser) programsOf(member int64) error {
	for _, table := range []string{"program_enrollment", "program_stay", "program_application", "program_event"} {
		if err := e.mark(table); err != nil {
			return err
		}
	}
	theirs := ofPerson("member_id")
	for _, q := range []string{
		"DELETE FROM program_step WHERE enrollment_id IN (SELECT id FROM program_enrollment WHERE " + theirs + ")",
		"DELETE FROM program_stay WHERE " + theirs, "DELETE FROM program_enrollment WHERE " + theirs, "DELETE FROM program_application WHERE " + theirs, "DELETE FROM program_event WHERE " + theirs,
		"UPDATE program_spend SET member_id = 0, note = '' WHERE " + theirs,
	} {
		if _, err := e.exec(q, member, member); err != nil {
			return err
		}
	}
	return nil
}

// personalPrograms is what is stored about a member in programs.
type personalPrograms struct {
	Enrollments  []program.Enrollment  `json:"enrollments"`
	Applications []program.Application `json:"applications"`
	History      []program.Happening   `json:"history"`
	Spends       []program.Spend       `json:"spends"`
}

func (s *Store) personalPrograms(ctx context.Context, member int64) (p personalPrograms, err error) {
	const most = 1 << 30
	if p.Enrollments, err = s.Enrollments(ctx, program.PeopleFilter{Member: member, All: true, Limit: most}); err != nil {
		return p, err
	}
	if p.Applications, err = s.Applications(ctx, program.ApplicationFilter{Member: member, Limit: most}); err != nil {
		return p, err
	}
	if p.History, err = s.ProgramHistory(ctx, 0, member, 0, most); err != nil {
		return p, err
	}
	p.Spends, err = s.spends(ctx, ofPerson("x.member_id")+" ORDER BY x.id DESC", member, member)
	return p, err
}

// programsCalled finds the program of a key or name, or those whose keys begin like it.
func (c *compiler) programsCalled(name string, prefix bool) ([]int64, error) {
	low := strings.ToLower(strings.TrimSpace(name))
	q, args := "SELECT id FROM program WHERE key = ? OR lower(name) = ?", []any{low, low}
	if prefix {
		like := likeEscape.Replace(low) + "%"
		q, args = `SELECT id FROM program WHERE key LIKE ? ESCAPE '\' OR lower(name) LIKE ? ESCAPE '\'`, []any{like, like}
	}
	ids, _ := c.ask(q, args, fewFound)
	if len(ids) == 0 && c.err == nil && !prefix {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "there is no program %q", name)
	}
	return ids, c.err
}

// inPrograms compiles program:, alias m: KEY, KEY/STAGE, and either with @ and a day for who was in it at its end.
func (c *compiler) inPrograms(values []programValue, has bool) (string, error) {
	const people = "m.id IN (SELECT CASE WHEN z.merged_into > 0 THEN z.merged_into ELSE z.id END FROM program_stay x JOIN member z ON z.id = x.member_id WHERE "
	if has {
		return people + "x.until = 0)", nil
	}
	var parts []string
	for _, v := range values {
		ids, err := c.programsCalled(v.key, v.prefix)
		if err != nil {
			return "", err
		}
		cond := among("x.program_id", ids)
		if v.day == "" {
			cond += " AND x.until = 0"
		} else {
			end, err := c.endOf(v.day)
			if err != nil {
				return "", err
			}
			cond += " AND x.since <= " + c.arg(end) + " AND (x.until = 0 OR x.until > " + c.arg(end) + ")"
		}
		if v.stage != "" {
			cond += " AND x.stage = " + c.arg(v.stage)
		}
		parts = append(parts, people+cond+")")
	}
	return "(" + strings.Join(parts, " OR ") + ")", nil
}

// programValue is a value of program: taken apart.
type programValue struct {
	key, stage, day string
	prefix          bool
}

// programValueOf takes KEY/STAGE@DAY apart. A star stands at the end of a key only.
func programValueOf(text string, prefix bool) programValue {
	v := programValue{prefix: prefix}
	rest, d, dated := strings.Cut(text, "@")
	v.key, v.stage, _ = strings.Cut(rest, "/")
	v.stage = strings.ToLower(strings.TrimSpace(v.stage))
	if dated {
		v.day = d
	}
	if v.stage != "" || dated {
		v.prefix = false
	}
	return v
}

// personsOf gives the members that some members are now, each once, in order.
func (s *Store) personsOf(ctx context.Context, q string, args ...any) ([]int64, error) {
	rows, err := s.query(ctx, q, args...)
	if err != nil {
		return nil, err
	}
	var ids []int64
	err = scan(rows, func() error {
		var id int64
		err := rows.Scan(&id)
		ids = append(ids, id)
		return err
	})
	slices.Sort(ids)
	return slices.Compact(ids), err
}
