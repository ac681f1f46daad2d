// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"greenroom"
	"greenroom/internal/auth"
	"greenroom/internal/request"
	"greenroom/internal/roadmap"
)

// bodies reads rows of id, version and JSON.
func bodies[T any](ctx context.Context, s *Store, set func(v *T, id, version int64), q string, args ...any) ([]T, error) {
	rows, err := s.query(ctx, q, args...)
	if err != nil {
		return nil, err
	}
	all := []T{}
	err = scan(rows, func() error {
		var id, version int64
		var body string
		if err := rows.Scan(&id, &version, &body); err != nil {
			return err
		}
		var v T
		if err := json.Unmarshal([]byte(body), &v); err != nil {
			return fmt.Errorf("decoding %T %d: %w", v, id, err)
		}
		set(&v, id, version)
		all = append(all, v)
		return nil
	})
	return all, err
}

func planNumbers(p *roadmap.Plan, id, version int64) { p.ID, p.Version = id, version }
func taskNumbers(t *roadmap.Task, id, version int64) { t.ID, t.Version = id, version }

// Plans lists plans, the oldest first.
func (s *Store) Plans(ctx context.Context) ([]roadmap.Plan, error) {
	return bodies(ctx, s, planNumbers, "SELECT id, version, body FROM plan ORDER BY id")
}

// Plan finds a plan.
func (s *Store) Plan(ctx context.Context, id int64) (roadmap.Plan, error) {
	all, err := bodies(ctx, s, planNumbers, "SELECT id, version, body FROM plan WHERE id = ?", id)
	if err == nil && len(all) == 0 {
		err = greenroom.Errorf(greenroom.CodeNotFound, "there is no plan %d", id)
	}
	if err != nil {
		return roadmap.Plan{}, err
	}
	return all[0], nil
}

// PlanTasks lists the tasks of a plan by place, also those that were removed; with 0 of all plans.
func (s *Store) PlanTasks(ctx context.Context, plan int64) ([]roadmap.Task, error) {
	return bodies(ctx, s, taskNumbers, "SELECT id, version, body FROM plan_task WHERE ? = 0 OR plan_id = ? ORDER BY plan_id, place, id", plan, plan)
}

// KeepStep stores the next versions of a plan and of its tasks, and how requests follow it, in one transaction. CodeConflict
// where one of them is not in the version any more that it was changed from; then nothing is stored.
func (s *Store) KeepStep(ctx context.Context, step roadmap.Step) (int64, error) {
	err := s.write(ctx, func(w *writer) error {
		id, err := w.lastID("plan_step")
		if err != nil {
			return err
		}
		id++
		for _, p := range step.Plans {
			if step.Plan, err = w.keepPlan(id, p); err != nil {
				return err
			}
		}
		if _, err := w.exec("INSERT INTO plan_step (id, plan_id, what, actor, at, undoes, undone) VALUES (?, ?, ?, ?, ?, ?, ?)", id, step.Plan, step.What, step.By, micros(s.now()), step.Undoes, flag(step.Undoes > 0)); err != nil {
			return err
		}
		if step.Undoes > 0 {
			if _, err := w.exec("UPDATE plan_step SET undone = 1 WHERE id = ? AND plan_id = ?", step.Undoes, step.Plan); err != nil {
				return err
			}
		}
		if err := w.keepTasks(id, step.Plan, step.Tasks); err != nil {
			return err
		}
		return w.followPlan(step.Follows, step.By, s.now())
	})
	if err != nil {
		return 0, fmt.Errorf("storing a step of a plan: %w", err)
	}
	return step.Plan, nil
}

// followPlan moves requests on with their plan, with what those hear who asked.
func (w *writer) followPlan(all []roadmap.Following, by string, now time.Time) error {
	for i := range all {
		f := &all[i]
		if err := w.moveRequest(f.Request, request.State(f.State), f.Answer, f.Changes, f.Messages, now); err != nil {
			return err
		}
		if err := w.audit(auth.Entry{At: now, Actor: by, Action: "request.status", Target: fmt.Sprintf("request %d", f.Request), Detail: f.State}); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) keepVersion(step, plan, task, version int64, body string) error {
	_, err := w.exec("INSERT INTO plan_version (step_id, plan_id, task_id, version, body) VALUES (?, ?, ?, ?, ?)", step, plan, task, version, body)
	return err
}

func (w *writer) keepPlan(step int64, p roadmap.Plan) (int64, error) {
	isNew := p.ID == 0
	if isNew {
		last, err := w.lastID("plan")
		if err != nil {
			return 0, err
		}
		p.ID, p.Version = last+1, 0
	}
	p.Version++
	body, err := json.Marshal(p)
	if err != nil {
		return 0, fmt.Errorf("encoding a plan: %w", err)
	}
	n := int64(1)
	if isNew {
		_, err = w.exec("INSERT INTO plan (id, version, body) VALUES (?, ?, ?)", p.ID, p.Version, string(body))
	} else {
		n, err = w.exec("UPDATE plan SET version = ?, body = ? WHERE id = ? AND version = ?", p.Version, string(body), p.ID, p.Version-1)
	}
	if err == nil && n == 0 {
		err = greenroom.Errorf(greenroom.CodeConflict, "%q was changed in this moment; do it again. Nothing was overwritten", p.Title)
	}
	if err != nil {
		return 0, err
	}
	return p.ID, w.keepVersion(step, p.ID, 0, p.Version, string(body))
}

// keepTasks stores tasks. New ones, which have no id or one below 0, get theirs first, so that others can wait for them.
func (w *writer) keepTasks(step, plan int64, tasks []roadmap.Task) error {
	last, err := w.lastID("plan_task")
	if err != nil {
		return err
	}
	given := make(map[int64]int64)
	isNew := make([]bool, len(tasks))
	for i := range tasks {
		if tasks[i].ID <= 0 {
			last++
			given[tasks[i].ID], isNew[i] = last, true
		}
	}
	for i := range tasks {
		t := tasks[i]
		t.Plan = plan
		if isNew[i] {
			t.ID, t.Version = given[t.ID], 0
		}
		for j, d := range t.After {
			if to, ok := given[d.On]; ok {
				if j == 0 {
					t.After = append(t.After[:0:0], t.After...)
				}
				t.After[j].On = to
			}
		}
		t.Version++
		body, err := json.Marshal(t)
		if err != nil {
			return fmt.Errorf("encoding a task: %w", err)
		}
		n := int64(1)
		if isNew[i] {
			_, err = w.exec("INSERT INTO plan_task (id, plan_id, place, version, body) VALUES (?, ?, ?, ?, ?)", t.ID, plan, t.Place, t.Version, string(body))
		} else {
			n, err = w.exec("UPDATE plan_task SET place = ?, version = ?, body = ? WHERE id = ? AND plan_id = ? AND version = ?", t.Place, t.Version, string(body), t.ID, plan, t.Version-1)
		}
		if err == nil && n == 0 {
			err = greenroom.Errorf(greenroom.CodeConflict, "%q was changed in this moment; do it again. Nothing was overwritten", t.Title)
		}
		if err != nil {
			return err
		}
		if err := w.keepVersion(step, plan, t.ID, t.Version, string(body)); err != nil {
			return err
		}
	}
	return nil
}

// PlanVersion gives a plan as it was in a version, and who made it so.
func (s *Store) PlanVersion(ctx context.Context, id, version int64) (roadmap.Plan, string, error) {
	var body, by string
	var p roadmap.Plan
	err := s.planVersion(ctx, id, 0, version, &body, &by)
	if err == nil {
		err = json.Unmarshal([]byte(body), &p)
	}
	return p, by, err
}

// TaskVersion gives a task as it was in a version, and who made it so.
func (s *Store) TaskVersion(ctx context.Context, id, version int64) (roadmap.Task, string, error) {
	var body, by string
	var t roadmap.Task
	var plan int64
	err := s.queryRow(ctx, "SELECT plan_id FROM plan_task WHERE id = ?", []any{id}, &plan)
	if err == nil {
		err = s.planVersion(ctx, plan, id, version, &body, &by)
	}
	if err == nil {
		err = json.Unmarshal([]byte(body), &t)
	}
	return t, by, err
}

func (s *Store) planVersion(ctx context.Context, plan, task, version int64, body, by *string) error {
	err := s.queryRow(ctx, "SELECT v.body, s.actor FROM plan_version v JOIN plan_step s ON s.id = v.step_id WHERE v.plan_id = ? AND v.task_id = ? AND v.version = ?", []any{plan, task, version}, body, by)
	if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
		err = greenroom.Errorf(greenroom.CodeInvalid, "there is no version %d of this; look at it again before you change it", version)
	}
	return err
}

// PlanChanges lists the steps of a plan's history, the newest first.
func (s *Store) PlanChanges(ctx context.Context, plan int64, limit int) ([]roadmap.Change, error) {
	rows, err := s.query(ctx, "SELECT id, what, actor, at, undone FROM plan_step WHERE plan_id = ? ORDER BY id DESC LIMIT ?", plan, limit)
	if err != nil {
		return nil, err
	}
	all := []roadmap.Change{}
	err = scan(rows, func() error {
		var c roadmap.Change
		var at, undone int64
		err := rows.Scan(&c.Step, &c.What, &c.By, &at, &undone)
		c.At, c.Undone = fromMicros(at), undone == 1
		all = append(all, c)
		return err
	})
	return all, err
}

// beforeStep finds the last version before a step of what it changed; of what it made, the version that it made.
const beforeStep = `FROM plan_version n JOIN plan_version v ON v.plan_id = n.plan_id AND v.task_id = n.task_id
	AND v.version = CASE WHEN n.version > 1 THEN n.version - 1 ELSE 1 END WHERE n.step_id = ? AND n.task_id `

// StepBefore gives what a step changed as it was before. What it made comes as removed.
func (s *Store) StepBefore(ctx context.Context, step int64) (roadmap.Before, error) {
	var b roadmap.Before
	var err error
	if b.Plans, err = bodies(ctx, s, planNumbers, "SELECT v.plan_id, n.version, v.body "+beforeStep+"= 0", step); err != nil {
		return b, err
	}
	b.Tasks, err = bodies(ctx, s, taskNumbers, "SELECT v.task_id, n.version, v.body "+beforeStep+"> 0 ORDER BY v.task_id", step)
	for i := range b.Tasks {
		if b.Tasks[i].Version == 1 {
			b.Tasks[i].Removed = true
		}
	}
	return b, err
}

const settingWorkingDays = "roadmap_days"

// WorkingDays is the team's working calendar; the usual one while none is set.
func (s *Store) WorkingDays(ctx context.Context) (roadmap.Days, error) {
	var text string
	err := s.queryRow(ctx, "SELECT value FROM setting WHERE key = ?", []any{settingWorkingDays}, &text)
	if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
		return roadmap.UsualDays(), nil
	}
	var d roadmap.Days
	if err == nil {
		err = json.Unmarshal([]byte(text), &d)
	}
	return d, err
}

// SetWorkingDays sets the team's working calendar.
func (s *Store) SetWorkingDays(ctx context.Context, d roadmap.Days) error {
	text, err := json.Marshal(d)
	if err != nil {
		return fmt.Errorf("encoding the working calendar: %w", err)
	}
	return s.write(ctx, func(w *writer) error {
		_, err := w.exec("INSERT INTO setting (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", settingWorkingDays, string(text))
		return err
	})
}
