// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"greenroom"
	"greenroom/internal/program"
	"greenroom/internal/task"
)

func decodeJSON(text string, to any, what string) error {
	if err := json.Unmarshal([]byte(text), to); err != nil {
		return fmt.Errorf("decoding %s: %w", what, err)
	}
	return nil
}

// Applications lists applications: those that wait for a decision first, then the newest first.
func (s *Store) Applications(ctx context.Context, f program.ApplicationFilter) ([]program.Application, error) {
	cond, args := []string{"1 = 1"}, []any{}
	if f.Program > 0 {
		cond, args = append(cond, "a.program_id = ?"), append(args, f.Program)
	}
	if f.Member > 0 {
		cond, args = append(cond, ofPerson("a.member_id")), append(args, f.Member, f.Member)
	}
	if len(f.Verdicts) > 0 {
		cond = append(cond, "a.verdict IN ("+placeholders(len(f.Verdicts))+")")
		for _, v := range f.Verdicts {
			args = append(args, string(v))
		}
	}
	if f.Limit <= 0 {
		f.Limit = 200
	}
	return s.applications(ctx, strings.Join(cond, " AND ")+" ORDER BY CASE a.verdict WHEN 'open' THEN 0 WHEN 'waiting' THEN 1 ELSE 2 END, a.id DESC LIMIT ?", append(args, f.Limit)...)
}

func (s *Store) applications(ctx context.Context, q string, args ...any) ([]program.Application, error) {
	rows, err := s.query(ctx, `SELECT a.id, a.program_id, p.key, coalesce(h.id, a.member_id), coalesce(h.name, m.name, ''), a.origin, a.answers, a.note, a.actor, a.at, a.verdict, a.reason, a.decided_by, a.decided_at
		FROM program_application a JOIN program p ON p.id = a.program_id LEFT JOIN member m ON m.id = a.member_id LEFT JOIN member h ON h.id = m.merged_into AND m.merged_into > 0 WHERE `+q, args...)
	if err != nil {
		return nil, err
	}
	all := []program.Application{}
	err = scan(rows, func() error {
		var a program.Application
		var answers string
		var at, decided int64
		if err := rows.Scan(&a.ID, &a.ProgramID, &a.Program, &a.MemberID, &a.Member, &a.Origin, &answers, &a.Note, &a.By, &at, &a.Verdict, &a.Reason, &a.DecidedBy, &decided); err != nil {
			return err
		}
		a.At, a.DecidedAt = fromMicros(at), fromMicros(decided)
		all = append(all, a)
		return decodeJSON(answers, &all[len(all)-1].Answers, "answers")
	})
	return all, err
}

// Application finds one.
func (s *Store) Application(ctx context.Context, id int64) (program.Application, error) {
	all, err := s.applications(ctx, "a.id = ?", id)
	if err == nil && len(all) == 0 {
		err = greenroom.Errorf(greenroom.CodeNotFound, "there is no application %d", id)
	}
	if err != nil {
		return program.Application{}, err
	}
	return all[0], nil
}

// ApplyToProgram stores an application.
func (s *Store) ApplyToProgram(ctx context.Context, a program.Application) (program.Application, error) {
	answers, err := json.Marshal(a.Answers)
	if err != nil {
		return a, fmt.Errorf("encoding answers: %w", err)
	}
	err = s.write(ctx, func(w *writer) error {
		person, err := w.personOf(a.MemberID)
		if err != nil {
			return err
		}
		in, err := w.openEnrollment(a.ProgramID, person)
		if err != nil {
			return err
		}
		var open int64
		if err := w.row("SELECT count(*) FROM program_application WHERE program_id = ? AND verdict IN ('open', 'waiting') AND "+ofPerson("member_id"), []any{a.ProgramID, person, person}, &open); err != nil {
			return err
		}
		switch {
		case in > 0:
			return greenroom.Errorf(greenroom.CodeConflict, "they are in the program already")
		case open > 0:
			return greenroom.Errorf(greenroom.CodeConflict, "an application of theirs waits for a decision already")
		}
		last, err := w.lastID("program_application")
		if err != nil {
			return err
		}
		a.ID, a.MemberID = last+1, person
		now := micros(s.now())
		if _, err := w.exec("INSERT INTO program_application (id, program_id, member_id, origin, answers, note, actor, at, verdict) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'open')", a.ID, a.ProgramID, person, a.Origin, string(answers), a.Note, a.By, now); err != nil {
			return err
		}
		return w.programEvent(&program.Happening{ProgramID: a.ProgramID, MemberID: person, What: "applied", Detail: a.Origin, Reason: a.Note, By: a.By}, now)
	})
	if err != nil {
		return a, err
	}
	return s.Application(ctx, a.ID)
}

// DecideApplication stores a verdict; accepting enrolls in the same transaction.
func (s *Store) DecideApplication(ctx context.Context, id int64, v program.Verdict, reason, by string, enroll *program.Enrollment) error {
	return s.write(ctx, func(w *writer) error {
		var have program.Verdict
		var programID, member int64
		err := w.row("SELECT verdict, program_id, member_id FROM program_application WHERE id = ?", []any{id}, &have, &programID, &member)
		if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
			return greenroom.Errorf(greenroom.CodeNotFound, "there is no application %d", id)
		}
		if err != nil {
			return err
		}
		if !have.May(v) {
			return greenroom.Errorf(greenroom.CodeConflict, "the application is %s, and cannot become %s", have, v)
		}
		now := micros(s.now())
		if enroll != nil {
			e := *enroll
			e.ProgramID, e.MemberID = programID, member
			if _, _, err := w.enroll(&e, now); err != nil {
				return err
			}
		}
		if _, err := w.exec("UPDATE program_application SET verdict = ?, reason = ?, decided_by = ?, decided_at = ? WHERE id = ?", string(v), reason, by, now, id); err != nil {
			return err
		}
		return w.programEvent(&program.Happening{ProgramID: programID, MemberID: member, What: string(v), Reason: reason, By: by}, now)
	})
}

// ProgramStandings tells what speaks for members, of at most limit of them: those who do most, and are no candidates' past.
func (s *Store) ProgramStandings(ctx context.Context, programID int64, members []int64, limit int) ([]program.Standing, error) {
	known, err := s.personsOf(ctx, `SELECT `+programPerson+` FROM program_enrollment e JOIN member m ON m.id = e.member_id WHERE e.program_id = ?
		UNION SELECT `+programPerson+` FROM program_application a JOIN member m ON m.id = a.member_id WHERE a.program_id = ?`, programID, programID)
	if err != nil {
		return nil, err
	}
	type one struct{ id, activities int64 }
	var all []one
	for part := range slices.Chunk(members, inChunk) {
		rows, err := s.query(ctx, "SELECT id, activities FROM member WHERE merged_into = 0 AND staff = 0 AND bot = 0 AND hidden = 0 AND "+among("id", part))
		if err != nil {
			return nil, err
		}
		if err := scan(rows, func() error {
			var x one
			err := rows.Scan(&x.id, &x.activities)
			if _, is := slices.BinarySearch(known, x.id); !is {
				all = append(all, x)
			}
			return err
		}); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(all, func(a, b one) int { return cmp.Or(cmp.Compare(b.activities, a.activities), cmp.Compare(a.id, b.id)) })
	ids := make([]int64, 0, limit)
	for _, x := range all[:min(limit, len(all))] {
		ids = append(ids, x.id)
	}
	return s.standings(ctx, ids)
}

func (s *Store) standings(ctx context.Context, ids []int64) ([]program.Standing, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	rows, err := s.query(ctx, `SELECT m.id, m.name, coalesce(o.name, ''), m.last_active, coalesce(l.level, 0), coalesce(q.value, 0) FROM member m LEFT JOIN organization o ON o.id = m.organization_id
		LEFT JOIN member_score l ON l.model = '`+orbitScore+`' AND l.member_id = m.id LEFT JOIN member_score q ON q.model = '`+pointsScore+`' AND q.member_id = m.id WHERE `+among("m.id", ids)+" ORDER BY m.id")
	if err != nil {
		return nil, err
	}
	all, index := make([]program.Standing, 0, len(ids)), make(map[int64]int, len(ids))
	if err := scan(rows, func() error {
		var x program.Standing
		var last, points int64
		err := rows.Scan(&x.MemberID, &x.Member, &x.Organization, &last, &x.Level, &points)
		x.LastActive, x.Points = fromMicros(last), float64(points)/1000
		index[x.MemberID] = len(all)
		all = append(all, x)
		return err
	}); err != nil {
		return nil, err
	}
	now := s.now()
	rows, err = s.query(ctx, fmt.Sprintf(`SELECT i.member_id, sum(CASE WHEN a.kind IN (%s) AND a.occurred_at >= ? THEN 1 ELSE 0 END), sum(CASE WHEN a.kind = %d THEN 1 ELSE 0 END),
		count(DISTINCT CASE WHEN a.occurred_at >= ? THEN a.occurred_at / 86400000000 END)
		FROM identity i JOIN activity a ON a.identity_id = i.id AND a.occurred_at >= ? AND a.deleted = 0 WHERE %s GROUP BY i.member_id`, programReplies(), greenroom.KindAcceptedAnswer, among("i.member_id", ids)),
		daysBefore(now, 90), daysBefore(now, 90), daysBefore(now, 365))
	if err != nil {
		return nil, err
	}
	err = scan(rows, func() error {
		var id, answers, accepted, days int64
		err := rows.Scan(&id, &answers, &accepted, &days)
		x := &all[index[id]]
		x.Answers, x.Accepted, x.Days = answers, accepted, days
		return err
	})
	return all, err
}

// AddProgramSpend notes money that was spent.
func (s *Store) AddProgramSpend(ctx context.Context, x program.Spend) (program.Spend, error) {
	err := s.write(ctx, func(w *writer) error {
		if x.MemberID > 0 {
			person, err := w.personOf(x.MemberID)
			if err != nil {
				return err
			}
			x.MemberID = person
		}
		last, err := w.lastID("program_spend")
		if err != nil {
			return err
		}
		x.ID = last + 1
		if _, err := w.exec("INSERT INTO program_spend (id, program_id, member_id, perk, amount, note, actor, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", x.ID, x.ProgramID, x.MemberID, x.Perk, x.Amount, x.Note, x.By, micros(x.At)); err != nil {
			return err
		}
		return w.programEvent(&program.Happening{ProgramID: x.ProgramID, MemberID: x.MemberID, What: "spent", Detail: program.Money(x.Amount), Reason: x.Note, By: x.By}, micros(x.At))
	})
	return x, err
}

// ProgramSpends lists what was spent on a program, the newest first.
func (s *Store) ProgramSpends(ctx context.Context, programID int64, limit int) ([]program.Spend, error) {
	return s.spends(ctx, "x.program_id = ? ORDER BY x.id DESC LIMIT ?", programID, limit)
}

func (s *Store) spends(ctx context.Context, q string, args ...any) ([]program.Spend, error) {
	rows, err := s.query(ctx, `SELECT x.id, x.program_id, coalesce(h.id, x.member_id), coalesce(h.name, m.name, ''), x.perk, x.amount, x.note, x.actor, x.at FROM program_spend x
		LEFT JOIN member m ON m.id = x.member_id LEFT JOIN member h ON h.id = m.merged_into AND m.merged_into > 0 WHERE `+q, args...)
	if err != nil {
		return nil, err
	}
	all := []program.Spend{}
	err = scan(rows, func() error {
		var x program.Spend
		var at int64
		err := rows.Scan(&x.ID, &x.ProgramID, &x.MemberID, &x.Member, &x.Perk, &x.Amount, &x.Note, &x.By, &at)
		x.At = fromMicros(at)
		all = append(all, x)
		return err
	})
	return all, err
}

// StartProgramRun stores a run with its tasks.
func (s *Store) StartProgramRun(ctx context.Context, r program.Run, tasks func(id int64) []task.Task) (program.Run, error) {
	err := s.write(ctx, func(w *writer) error {
		var have int64
		if err := w.row("SELECT count(*) FROM program_run WHERE program_id = ? AND lower(name) = ?", []any{r.ProgramID, strings.ToLower(r.Name)}, &have); err != nil {
			return err
		}
		if have > 0 {
			return greenroom.Errorf(greenroom.CodeConflict, "there was a run %q already; call this one something else", r.Name)
		}
		last, err := w.lastID("program_run")
		if err != nil {
			return err
		}
		r.ID = last + 1
		if _, err := w.exec("INSERT INTO program_run (id, program_id, name, at, actor) VALUES (?, ?, ?, ?, ?)", r.ID, r.ProgramID, r.Name, micros(r.At), r.By); err != nil {
			return err
		}
		all := tasks(r.ID)
		for i := range all {
			if err := all[i].Validate(); err != nil {
				return err
			}
		}
		n, err := w.addTasks(all, r.At)
		r.Tasks = int64(n)
		if err != nil {
			return err
		}
		return w.programEvent(&program.Happening{ProgramID: r.ProgramID, What: "run", Detail: r.Name, By: r.By}, micros(r.At))
	})
	return r, err
}

// ProgramRuns lists the runs of a program, the newest first.
func (s *Store) ProgramRuns(ctx context.Context, programID int64) ([]program.Run, error) {
	const of = "FROM task t WHERE t.origin = 'program' AND t.origin_id = r.program_id AND t.key LIKE 'program/' || r.program_id || '/run/' || r.id || '/%'"
	rows, err := s.query(ctx, "SELECT r.id, r.program_id, r.name, r.at, r.actor, (SELECT count(*) "+of+"), (SELECT count(*) "+of+" AND t.done_at > 0) FROM program_run r WHERE r.program_id = ? ORDER BY r.id DESC", programID)
	if err != nil {
		return nil, err
	}
	all := []program.Run{}
	err = scan(rows, func() error {
		var r program.Run
		var at int64
		err := rows.Scan(&r.ID, &r.ProgramID, &r.Name, &at, &r.By, &r.Tasks, &r.Done)
		r.At = fromMicros(at)
		all = append(all, r)
		return err
	})
	return all, err
}

// AddProgramReview stores a decision about a program.
func (s *Store) AddProgramReview(ctx context.Context, r program.Review) (program.Review, error) {
	evidence, err := json.Marshal(r.Evidence)
	if err != nil {
		return r, fmt.Errorf("encoding evidence: %w", err)
	}
	err = s.write(ctx, func(w *writer) error {
		last, err := w.lastID("program_review")
		if err != nil {
			return err
		}
		r.ID = last + 1
		if _, err := w.exec("INSERT INTO program_review (id, program_id, decision, reason, evidence, actor, at) VALUES (?, ?, ?, ?, ?, ?, ?)", r.ID, r.ProgramID, string(r.Decision), r.Reason, string(evidence), r.By, micros(r.At)); err != nil {
			return err
		}
		return w.programEvent(&program.Happening{ProgramID: r.ProgramID, What: "reviewed", Detail: string(r.Decision), Reason: r.Reason, By: r.By}, micros(r.At))
	})
	return r, err
}

// ProgramReviews lists the decisions about a program, the newest first.
func (s *Store) ProgramReviews(ctx context.Context, programID int64) ([]program.Review, error) {
	rows, err := s.query(ctx, "SELECT id, program_id, decision, reason, evidence, actor, at FROM program_review WHERE program_id = ? ORDER BY id DESC", programID)
	if err != nil {
		return nil, err
	}
	all := []program.Review{}
	err = scan(rows, func() error {
		var r program.Review
		var evidence string
		var at int64
		if err := rows.Scan(&r.ID, &r.ProgramID, &r.Decision, &r.Reason, &evidence, &r.By, &at); err != nil {
			return err
		}
		r.At = fromMicros(at)
		all = append(all, r)
		return decodeJSON(evidence, &all[len(all)-1].Evidence, "evidence")
	})
	return all, err
}

// MailReach gives the name and a mail address of members: one that the platform vouches for before others.
func (s *Store) MailReach(ctx context.Context, members []int64) (map[int64]program.Reach, error) {
	all := make(map[int64]program.Reach, len(members))
	err := inLists(ctx, s, `SELECT m.id, m.name, k.value FROM member m JOIN identity i ON i.member_id = m.id JOIN identity_key k ON k.identity_id = i.id AND k.kind = 'email'
		WHERE m.id IN (%IN%) ORDER BY m.id, i.id, k.value`, members, func(row rowScanner) error {
		var id int64
		var r program.Reach
		err := row.Scan(&id, &r.Name, &r.Address)
		if _, have := all[id]; !have {
			all[id] = r
		}
		return err
	})
	return all, err
}
