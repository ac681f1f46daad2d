// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/program"
)

const enrollmentColumns = `SELECT e.id, e.program_id, p.key, coalesce(h.id, e.member_id), coalesce(h.name, m.name, ''), e.stage,
	coalesce((SELECT max(y.since) FROM program_stay y WHERE y.enrollment_id = e.id), e.since), e.cohort, e.since, e.until, e.reason, e.actor, e.left_reason, e.left_by,
	coalesce((SELECT sum(x.amount) FROM program_spend x WHERE x.program_id = e.program_id AND x.member_id > 0 AND x.member_id IN (e.member_id, coalesce(h.id, 0))), 0)
	FROM program_enrollment e JOIN program p ON p.id = e.program_id LEFT JOIN member m ON m.id = e.member_id LEFT JOIN member h ON h.id = m.merged_into AND m.merged_into > 0`

func (s *Store) enrollments(ctx context.Context, q string, args ...any) ([]program.Enrollment, error) {
	rows, err := s.query(ctx, enrollmentColumns+" WHERE "+q, args...)
	if err != nil {
		return nil, err
	}
	all := []program.Enrollment{}
	if err := scan(rows, func() error {
		var e program.Enrollment
		var staged, since, until int64
		err := rows.Scan(&e.ID, &e.ProgramID, &e.Program, &e.MemberID, &e.Member, &e.Stage, &staged, &e.Cohort, &since, &until, &e.Reason, &e.By, &e.LeftReason, &e.LeftBy, &e.Spent)
		e.StageSince, e.Since, e.Until = fromMicros(staged), fromMicros(since), fromMicros(until)
		all = append(all, e)
		return err
	}); err != nil {
		return nil, err
	}
	index, ids := make(map[int64]int, len(all)), make([]int64, len(all))
	for i := range all {
		index[all[i].ID], ids[i] = i, all[i].ID
	}
	err = inLists(ctx, s, "SELECT enrollment_id, stage, step FROM program_step WHERE enrollment_id IN (%IN%) ORDER BY enrollment_id, stage, step", ids, func(row rowScanner) error {
		var id int64
		var stage, step string
		err := row.Scan(&id, &stage, &step)
		e := &all[index[id]]
		e.Done = append(e.Done, stage+"/"+step)
		return err
	})
	return all, err
}

// Enrollments lists who is in programs, or was: who came last first. Of two members that are one person by now, and are
// both in the same program, the one who came first is listed.
func (s *Store) Enrollments(ctx context.Context, f program.PeopleFilter) ([]program.Enrollment, error) {
	cond, args := []string{}, []any{}
	add := func(c string, arg ...any) { cond, args = append(cond, c), append(args, arg...) }
	switch {
	case f.All:
		add("1 = 1")
	case f.Ended:
		add("e.until > 0")
	default:
		add(`e.until = 0 AND NOT EXISTS (SELECT 1 FROM program_enrollment o JOIN member om ON om.id = o.member_id WHERE o.program_id = e.program_id AND o.until = 0 AND o.id < e.id
			AND CASE WHEN om.merged_into > 0 THEN om.merged_into ELSE om.id END = CASE WHEN m.merged_into > 0 THEN m.merged_into ELSE m.id END)`)
	}
	if f.Program > 0 {
		add("e.program_id = ?", f.Program)
	}
	if f.Member > 0 {
		add(ofPerson("e.member_id"), f.Member, f.Member)
	}
	if f.Stage != "" {
		add("e.stage = ?", f.Stage)
	}
	if f.Cohort != "" {
		add("e.cohort = ?", f.Cohort)
	}
	if f.Below > 0 {
		add("e.id < ?", f.Below)
	}
	if f.Limit <= 0 {
		f.Limit = 200
	}
	return s.enrollments(ctx, strings.Join(cond, " AND ")+" ORDER BY e.id DESC LIMIT ?", append(args, f.Limit)...)
}

// Enrollment finds one.
func (s *Store) Enrollment(ctx context.Context, id int64) (program.Enrollment, error) {
	all, err := s.enrollments(ctx, "e.id = ?", id)
	if err == nil && len(all) == 0 {
		err = greenroom.Errorf(greenroom.CodeNotFound, "there is no enrollment %d", id)
	}
	if err != nil {
		return program.Enrollment{}, err
	}
	return all[0], nil
}

// EnrollMember enrolls somebody who is not in the program.
func (s *Store) EnrollMember(ctx context.Context, e program.Enrollment) (have program.Enrollment, added bool, err error) {
	var id int64
	err = s.write(ctx, func(w *writer) error {
		id, added, err = w.enroll(&e, micros(s.now()))
		return err
	})
	if err != nil {
		return e, false, err
	}
	have, err = s.Enrollment(ctx, id)
	return have, added, err
}

// enroll is EnrollMember in the transaction of what decides it; it gives the enrollment that there is then.
func (w *writer) enroll(e *program.Enrollment, now int64) (id int64, added bool, err error) {
	var name, state string
	var places, in int64
	if err := w.row("SELECT name, state FROM program WHERE id = ?", []any{e.ProgramID}, &name, &state); err != nil {
		return 0, false, err
	}
	person, err := w.personOf(e.MemberID)
	if err != nil {
		return 0, false, err
	}
	if id, err = w.openEnrollment(e.ProgramID, person); err != nil || id > 0 {
		return id, false, err
	}
	if state != string(program.Running) {
		return 0, false, greenroom.Errorf(greenroom.CodeConflict, "%s is %s: nobody is enrolled before it runs", name, state)
	}
	if places, err = w.places(e.ProgramID); err != nil {
		return 0, false, err
	}
	if places > 0 {
		if err := w.row("SELECT count(DISTINCT "+programPerson+") FROM program_enrollment e JOIN member m ON m.id = e.member_id WHERE e.program_id = ? AND e.until = 0", []any{e.ProgramID}, &in); err != nil {
			return 0, false, err
		}
		if in >= places {
			return 0, false, greenroom.Errorf(greenroom.CodeConflict, "all %d places of %s are taken; let somebody wait, or add places", places, name)
		}
	}
	// Time in a program is a row of intervals, also where the clock was set back.
	since, err := w.afterLast(e.ProgramID, person, now)
	if err != nil {
		return 0, false, err
	}
	last, err := w.lastID("program_enrollment")
	if err != nil {
		return 0, false, err
	}
	id = last + 1
	if _, err := w.exec("INSERT INTO program_enrollment (id, program_id, member_id, stage, cohort, since, reason, actor) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", id, e.ProgramID, person, e.Stage, e.Cohort, since, e.Reason, e.By); err != nil {
		return 0, false, err
	}
	if err := w.stay(id, e.ProgramID, person, e.Stage, since); err != nil {
		return 0, false, err
	}
	return id, true, w.programEvent(&program.Happening{ProgramID: e.ProgramID, MemberID: person, What: "enrolled", Detail: e.Stage, Reason: e.Reason, By: e.By}, now)
}

// personOf is the member that a member is now.
func (w *writer) personOf(member int64) (person int64, err error) {
	err = w.row("SELECT "+programPerson+" FROM member m WHERE m.id = ?", []any{member}, &person)
	if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
		err = greenroom.Errorf(greenroom.CodeNotFound, "there is no member %d", member)
	}
	return person, err
}

// openEnrollment finds the enrollment of a person that has not ended, 0 for none. Where two members turned out to be one
// person, the later of two enrollments is ended, so that what follows concerns one.
func (w *writer) openEnrollment(programID, person int64) (int64, error) {
	rows, err := w.query("SELECT e.id FROM program_enrollment e WHERE e.program_id = ? AND e.until = 0 AND "+ofPerson("e.member_id")+" ORDER BY e.since, e.id", programID, person, person)
	if err != nil {
		return 0, err
	}
	var ids []int64
	if err := scan(rows, func() error {
		var id int64
		err := rows.Scan(&id)
		ids = append(ids, id)
		return err
	}); err != nil || len(ids) == 0 {
		return 0, err
	}
	for _, id := range ids[1:] {
		if err := w.endEnrollment(id, "the same person as another member of the program", "Greenroom", 0); err != nil {
			return 0, err
		}
	}
	return ids[0], nil
}

func (w *writer) places(programID int64) (int64, error) {
	var text string
	if err := w.row("SELECT plan FROM program WHERE id = ?", []any{programID}, &text); err != nil {
		return 0, err
	}
	var plan struct {
		Places int64 `json:"places"`
	}
	err := decodeJSON(text, &plan, "a plan")
	return plan.Places, err
}

// afterLast is now, or the end of the person's last time in the program where that is later.
func (w *writer) afterLast(programID, person, now int64) (int64, error) {
	var last int64
	err := w.row("SELECT coalesce(max(e.until), 0) FROM program_enrollment e WHERE e.program_id = ? AND "+ofPerson("e.member_id"), []any{programID, person, person}, &last)
	return max(now, last), err
}

func (w *writer) stay(enrollment, programID, person int64, stage string, since int64) error {
	last, err := w.lastID("program_stay")
	if err != nil {
		return err
	}
	_, err = w.exec("INSERT INTO program_stay (id, enrollment_id, program_id, member_id, stage, since) VALUES (?, ?, ?, ?, ?, ?)", last+1, enrollment, programID, person, stage, since)
	return err
}

// openEnrollmentByID reads an enrollment that has not ended.
func (w *writer) openEnrollmentByID(id int64) (e program.Enrollment, since int64, err error) {
	var until int64
	err = w.row(`SELECT e.program_id, e.member_id, e.stage, e.until, (SELECT max(y.since) FROM program_stay y WHERE y.enrollment_id = e.id) FROM program_enrollment e WHERE e.id = ?`, []any{id},
		&e.ProgramID, &e.MemberID, &e.Stage, &until, &since)
	switch {
	case greenroom.ErrorCode(err) == greenroom.CodeNotFound:
		err = greenroom.Errorf(greenroom.CodeNotFound, "there is no enrollment %d", id)
	case err == nil && until > 0:
		err = greenroom.Errorf(greenroom.CodeConflict, "this enrollment has ended")
	}
	e.ID = id
	return e, since, err
}

// MoveProgramStage puts somebody into another stage.
func (s *Store) MoveProgramStage(ctx context.Context, id int64, stage, reason, by string) error {
	return s.write(ctx, func(w *writer) error {
		e, since, err := w.openEnrollmentByID(id)
		if err != nil || e.Stage == stage {
			return err
		}
		now := micros(s.now())
		begin := max(now, since)
		if _, err := w.exec("UPDATE program_stay SET until = ? WHERE enrollment_id = ? AND until = 0", begin, id); err != nil {
			return err
		}
		if _, err := w.exec("UPDATE program_enrollment SET stage = ? WHERE id = ?", stage, id); err != nil {
			return err
		}
		if err := w.stay(id, e.ProgramID, e.MemberID, stage, begin); err != nil {
			return err
		}
		return w.programEvent(&program.Happening{ProgramID: e.ProgramID, MemberID: e.MemberID, What: "stage", Detail: stage, Reason: reason, By: by}, now)
	})
}

// LeaveProgram ends an enrollment.
func (s *Store) LeaveProgram(ctx context.Context, id int64, reason, by string) error {
	return s.write(ctx, func(w *writer) error {
		e, _, err := w.openEnrollmentByID(id)
		if err != nil {
			return err
		}
		person, err := w.personOf(e.MemberID)
		if err != nil {
			return err
		}
		if id, err = w.openEnrollment(e.ProgramID, person); err != nil {
			return err
		}
		return w.endEnrollment(id, reason, by, micros(s.now()))
	})
}

// endEnrollment ends an enrollment that has not ended, at a time, or where that is 0 as soon as it began.
func (w *writer) endEnrollment(id int64, reason, by string, now int64) error {
	e, since, err := w.openEnrollmentByID(id)
	if err != nil {
		return err
	}
	end := max(now, since)
	if _, err := w.exec("UPDATE program_stay SET until = ? WHERE enrollment_id = ? AND until = 0", end, id); err != nil {
		return err
	}
	if _, err := w.exec("UPDATE program_enrollment SET until = ?, left_reason = ?, left_by = ? WHERE id = ?", end, reason, by, id); err != nil {
		return err
	}
	return w.programEvent(&program.Happening{ProgramID: e.ProgramID, MemberID: e.MemberID, What: "left", Detail: e.Stage, Reason: reason, By: by}, end)
}

// MarkProgramStep says that a step is done, or takes that back.
func (s *Store) MarkProgramStep(ctx context.Context, id int64, stage, step string, done bool, by string) error {
	return s.write(ctx, func(w *writer) error {
		e, _, err := w.openEnrollmentByID(id)
		if err != nil {
			return err
		}
		now, what := micros(s.now()), "step"
		var n int64
		if done {
			n, err = w.exec("INSERT INTO program_step (enrollment_id, stage, step, at, actor) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", id, stage, step, now, by)
		} else {
			what = "unstep"
			n, err = w.exec("DELETE FROM program_step WHERE enrollment_id = ? AND stage = ? AND step = ?", id, stage, step)
		}
		if err != nil || n == 0 {
			return err
		}
		return w.programEvent(&program.Happening{ProgramID: e.ProgramID, MemberID: e.MemberID, What: what, Detail: stage + "/" + step, By: by}, now)
	})
}

// ProgramSpans gives all enrollments of a program, with the members that they are now.
func (s *Store) ProgramSpans(ctx context.Context, programID int64) ([]program.Span, error) {
	rows, err := s.query(ctx, "SELECT "+programPerson+", e.since, e.until FROM program_enrollment e JOIN member m ON m.id = e.member_id WHERE e.program_id = ? ORDER BY e.since, e.id", programID)
	if err != nil {
		return nil, err
	}
	var all []program.Span
	err = scan(rows, func() error {
		var x program.Span
		var since, until int64
		err := rows.Scan(&x.Member, &since, &until)
		x.Since, x.Until = fromMicros(since), fromMicros(until)
		all = append(all, x)
		return err
	})
	return all, err
}

// programReplies are the kinds that speak for somebody who helps, for SQL.
func programReplies() string {
	return fmt.Sprintf("%d, %d, %d", greenroom.KindReply, greenroom.KindAnswer, greenroom.KindAcceptedAnswer)
}

// daysBefore is the stored time of so many days before a time.
func daysBefore(now time.Time, days int) int64 { return micros(now.AddDate(0, 0, -days)) }
