// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/task"
	"greenroom/internal/team"
)

// AddTasks stores tasks; those whose key is known are left as they are. It returns how many are new.
func (s *Store) AddTasks(ctx context.Context, all ...task.Task) (added int, err error) {
	err = s.write(ctx, func(w *writer) error {
		added, err = w.addTasks(all, s.now())
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("storing tasks: %w", err)
	}
	return added, nil
}

// addTasks is AddTasks in the transaction of what they are about. It gives all of them the ids that they have.
func (w *writer) addTasks(all []task.Task, now time.Time) (added int, err error) {
	last, err := w.lastID("task")
	if err != nil {
		return 0, err
	}
	away, err := w.standIns(now)
	if err != nil {
		return 0, err
	}
	for i := range all {
		t := &all[i]
		if t.CreatedAt.IsZero() {
			t.CreatedAt = now
		}
		meant := t.Owner
		t.Owner = team.StandIn(away, meant)
		n, err := w.exec(`INSERT INTO task (id, key, title, note, link, origin, origin_id, member_id, owner, due_at, created_by, created_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING`,
			last+1, t.Key, t.Title, t.Note, t.Link, t.Origin, t.OriginID, t.MemberID, t.Owner, micros(t.DueAt), t.CreatedBy, micros(t.CreatedAt))
		if err != nil {
			return added, err
		}
		last, added = last+n, added+int(n)
		if err := w.row("SELECT id FROM task WHERE key = ?", []any{t.Key}, &t.ID); err != nil {
			return added, err
		}
		if t.Owner != meant && n > 0 {
			if err := w.handed(away[meant].ID, handTask, t.ID, meant, t.Owner, now); err != nil {
				return added, err
			}
		}
	}
	return added, nil
}

const taskColumns = `SELECT t.id, t.key, t.title, t.note, t.link, t.origin, t.origin_id, coalesce(h.id, t.member_id), coalesce(h.name, m.name, ''), t.owner, t.due_at, t.created_by, t.created_at, t.done_at, t.done_by
	FROM task t LEFT JOIN member m ON m.id = t.member_id LEFT JOIN member h ON h.id = m.merged_into AND m.merged_into > 0`

func (s *Store) tasks(ctx context.Context, q string, args ...any) ([]task.Task, error) {
	rows, err := s.query(ctx, q, args...)
	if err != nil {
		return nil, err
	}
	all := []task.Task{}
	err = scan(rows, func() error {
		var t task.Task
		var due, created, done int64
		err := rows.Scan(&t.ID, &t.Key, &t.Title, &t.Note, &t.Link, &t.Origin, &t.OriginID, &t.MemberID, &t.Member, &t.Owner, &due, &t.CreatedBy, &created, &done, &t.DoneBy)
		t.DueAt, t.CreatedAt, t.DoneAt = fromMicros(due), fromMicros(created), fromMicros(done)
		all = append(all, t)
		return err
	})
	return all, err
}

// Tasks lists tasks: what is due first, then what has no date; those that are done by when they were, the last first.
func (s *Store) Tasks(ctx context.Context, f task.Filter) ([]task.Task, error) {
	cond, args := []string{"t.done_at = 0"}, []any{}
	order := "CASE t.due_at WHEN 0 THEN 1 ELSE 0 END, t.due_at, t.id"
	if f.Done {
		cond[0], order = "t.done_at > 0", "t.done_at DESC, t.id DESC"
	}
	add := func(c string, arg ...any) { cond, args = append(cond, c), append(args, arg...) }
	switch {
	case f.Unowned:
		add("t.owner = ''")
	case f.Owner != "":
		add("t.owner = ?", f.Owner)
	}
	if f.Member > 0 {
		add("t.member_id > 0 AND t.member_id IN (SELECT x.id FROM member x WHERE x.id = ? OR x.merged_into = ? AND x.merged_into > 0)", f.Member, f.Member)
	}
	if f.Origin != "" {
		add("t.origin = ?", f.Origin)
	}
	if f.OriginID > 0 {
		add("t.origin_id = ?", f.OriginID)
	}
	if f.Limit <= 0 {
		f.Limit = 200
	}
	return s.tasks(ctx, taskColumns+" WHERE "+strings.Join(cond, " AND ")+" ORDER BY "+order+" LIMIT ?", append(args, f.Limit)...)
}

// Task finds a task.
func (s *Store) Task(ctx context.Context, id int64) (task.Task, error) {
	all, err := s.tasks(ctx, taskColumns+" WHERE t.id = ?", id)
	if err == nil && len(all) == 0 {
		err = greenroom.Errorf(greenroom.CodeNotFound, "there is no task %d", id)
	}
	if err != nil {
		return task.Task{}, err
	}
	return all[0], nil
}

// ChangeTask stores title, note, link, owner and due date.
func (s *Store) ChangeTask(ctx context.Context, t task.Task) error {
	return s.write(ctx, func(w *writer) error {
		n, err := w.exec("UPDATE task SET title = ?, note = ?, link = ?, owner = ?, due_at = ? WHERE id = ?", t.Title, t.Note, t.Link, t.Owner, micros(t.DueAt), t.ID)
		if err == nil && n == 0 {
			err = greenroom.Errorf(greenroom.CodeNotFound, "there is no task %d", t.ID)
		}
		if err != nil {
			return err
		}
		return w.ownerAway(handTask, t.ID, t.Owner, s.now())
	})
}

// FinishTask says that a task is done, or takes that back.
func (s *Store) FinishTask(ctx context.Context, id int64, done bool, by string) error {
	return s.write(ctx, func(w *writer) error {
		at := int64(0)
		if done {
			at = micros(s.now())
		} else {
			by = ""
		}
		n, err := w.exec("UPDATE task SET done_at = ?, done_by = ? WHERE id = ?", at, by, id)
		if err == nil && n == 0 {
			err = greenroom.Errorf(greenroom.CodeNotFound, "there is no task %d", id)
		}
		return err
	})
}

// AddNotices tells people of the team something; what they were told by the same key is not told again.
func (s *Store) AddNotices(ctx context.Context, all ...task.Notice) error {
	return s.write(ctx, func(w *writer) error { return w.addNotices(all, s.now()) })
}

// addNotices is AddNotices in the transaction of what they are about.
func (w *writer) addNotices(all []task.Notice, now time.Time) error {
	last, err := w.lastID("notice")
	if err != nil {
		return err
	}
	if all, err = w.noticesForStandIns(all, now); err != nil {
		return err
	}
	for i := range all {
		x := &all[i]
		// Of a kind that somebody muted, it is stored as seen.
		n, err := w.exec(`INSERT INTO notice (id, key, person, kind, title, text, link, at, seen_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, coalesce((SELECT max(CAST(? AS BIGINT)) FROM team_profile p WHERE p.email = ? AND p.muted LIKE ?), 0)) ON CONFLICT (person, key) DO NOTHING`,
			last+1, x.Key, x.Person, x.Kind, x.Title, x.Text, x.Link, micros(now), micros(now), x.Person, "%,"+x.Kind+",%")
		if err != nil {
			return err
		}
		last += n
	}
	return nil
}

// Notices lists what a person was told, the newest first, below an id unless that is 0.
func (s *Store) Notices(ctx context.Context, person string, unseen bool, below int64, limit int) ([]task.Notice, error) {
	rows, err := s.query(ctx, "SELECT id, key, person, kind, title, text, link, at, seen_at FROM notice WHERE person = ? AND (? = 0 OR seen_at = 0) AND (? = 0 OR id < ?) ORDER BY id DESC LIMIT ?",
		person, flag(unseen), below, below, limit)
	if err != nil {
		return nil, err
	}
	all := []task.Notice{}
	err = scan(rows, func() error {
		var x task.Notice
		var at, seen int64
		err := rows.Scan(&x.ID, &x.Key, &x.Person, &x.Kind, &x.Title, &x.Text, &x.Link, &at, &seen)
		x.At, x.SeenAt = fromMicros(at), fromMicros(seen)
		all = append(all, x)
		return err
	})
	return all, err
}

// SeeNotices notes that a person has seen what they were told up to an id.
func (s *Store) SeeNotices(ctx context.Context, person string, upTo int64) error {
	return s.write(ctx, func(w *writer) error {
		_, err := w.exec("UPDATE notice SET seen_at = ? WHERE person = ? AND id <= ? AND seen_at = 0", micros(s.now()), person, upTo)
		return err
	})
}

// SeeNotice notes that a person has seen one thing that they were told.
func (s *Store) SeeNotice(ctx context.Context, person string, id int64) error {
	return s.write(ctx, func(w *writer) error {
		_, err := w.exec("UPDATE notice SET seen_at = ? WHERE person = ? AND id = ? AND seen_at = 0", micros(s.now()), person, id)
		return err
	})
}

// UnseenNotices counts what a person was told and has not seen.
func (s *Store) UnseenNotices(ctx context.Context, person string) (int64, error) {
	var n int64
	err := s.queryRow(ctx, "SELECT count(*) FROM notice WHERE person = ? AND seen_at = 0", []any{person}, &n)
	return n, err
}
