// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"greenroom"
	"greenroom/internal/outbox"
	"greenroom/internal/workflow"
)

const workflowColumns = `w.id, w.key, w.name, w.state, w.version, w.draft, w.steps, w.revision, w.created_by, w.created_at, w.changed_at, w.on_since, w.next_at, w.hook, w.activity, w.event,
	CASE WHEN w.draft = coalesce(v.definition, '') THEN 0 ELSE 1 END`

const workflowTables = ` FROM workflow w LEFT JOIN workflow_version v ON v.workflow_id = w.id AND v.version = w.version`

func scanWorkflow(row rowScanner) (workflow.Workflow, error) {
	var w workflow.Workflow
	var draft string
	var created, changed, on, next, differs int64
	if err := row.Scan(&w.ID, &w.Key, &w.Name, &w.State, &w.Version, &draft, &w.Steps, &w.Revision, &w.CreatedBy, &created, &changed, &on, &next, &w.Hook, &w.Activity, &w.Event, &differs); err != nil {
		return w, err
	}
	w.CreatedAt, w.ChangedAt, w.OnSince, w.NextAt, w.Changed = fromMicros(created), fromMicros(changed), fromMicros(on), fromMicros(next), differs != 0
	if err := json.Unmarshal([]byte(draft), &w.Draft); err != nil {
		return w, fmt.Errorf("decoding the workflow %s: %w", w.Key, err)
	}
	return w, nil
}

func (s *Store) workflows(ctx context.Context, q string, args ...any) ([]workflow.Workflow, error) {
	rows, err := s.query(ctx, q, args...)
	if err != nil {
		return nil, err
	}
	all := []workflow.Workflow{}
	err = scan(rows, func() error {
		w, err := scanWorkflow(rows)
		all = append(all, w)
		return err
	})
	return all, err
}

// Workflows lists the workflows that are not archived, by name.
func (s *Store) Workflows(ctx context.Context) ([]workflow.Workflow, error) {
	return s.workflows(ctx, "SELECT "+workflowColumns+workflowTables+" WHERE w.state <> 'archived' ORDER BY lower(w.name)"+s.d.collate+", w.id")
}

// ArchivedWorkflows lists those that are, the last first.
func (s *Store) ArchivedWorkflows(ctx context.Context) ([]workflow.Workflow, error) {
	return s.workflows(ctx, "SELECT "+workflowColumns+workflowTables+" WHERE w.state = 'archived' ORDER BY w.changed_at DESC, w.id DESC")
}

// Workflow finds a workflow by its key, its name or its id.
func (s *Store) Workflow(ctx context.Context, ref string) (workflow.Workflow, error) {
	low := strings.ToLower(strings.TrimSpace(ref))
	id, _ := strconv.ParseInt(low, 10, 64)
	all, err := s.workflows(ctx, "SELECT "+workflowColumns+workflowTables+" WHERE w.key = ? OR lower(w.name) = ? OR w.id = ? ORDER BY CASE WHEN w.key = ? THEN 0 ELSE 1 END, w.id", low, low, id, low)
	if err == nil && len(all) == 0 {
		err = greenroom.Errorf(greenroom.CodeNotFound, "there is no workflow %q", ref)
	}
	if err != nil {
		return workflow.Workflow{}, err
	}
	return all[0], nil
}

func encodeDraft(d *workflow.Definition) (string, error) {
	text, err := json.Marshal(d)
	if err != nil {
		return "", fmt.Errorf("encoding a workflow: %w", err)
	}
	return string(text), nil
}

// AddWorkflow stores a new workflow, with a key of its own that begins like the one that it has.
func (s *Store) AddWorkflow(ctx context.Context, f workflow.Workflow) (workflow.Workflow, error) {
	draft, err := encodeDraft(&f.Draft)
	if err != nil {
		return f, err
	}
	err = s.write(ctx, func(w *writer) error {
		base := f.Key
		for n := 2; ; n++ {
			var taken int64
			if err := w.row("SELECT count(*) FROM workflow WHERE key = ?", []any{f.Key}, &taken); err != nil {
				return err
			}
			if taken == 0 {
				break
			}
			f.Key = base + "-" + strconv.Itoa(n)
		}
		last, err := w.lastID("workflow")
		if err != nil {
			return err
		}
		now := s.now()
		f.ID, f.State, f.Revision, f.CreatedAt, f.ChangedAt = last+1, workflow.Draft, 1, now, now
		_, err = w.exec("INSERT INTO workflow (id, key, name, state, draft, steps, created_by, created_at, changed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
			f.ID, f.Key, f.Name, string(f.State), draft, f.Steps, f.CreatedBy, micros(now), micros(now))
		return err
	})
	return f, err
}

// ChangeWorkflow stores name, draft and hook, where the workflow still has its revision; else CodeConflict.
func (s *Store) ChangeWorkflow(ctx context.Context, f workflow.Workflow) error {
	draft, err := encodeDraft(&f.Draft)
	if err != nil {
		return err
	}
	return s.write(ctx, func(w *writer) error {
		n, err := w.exec("UPDATE workflow SET name = ?, draft = ?, steps = ?, hook = ?, changed_at = ?, revision = revision + 1 WHERE id = ? AND revision = ?",
			f.Name, draft, f.Steps, f.Hook, micros(s.now()), f.ID, f.Revision)
		if err == nil && n == 0 {
			err = greenroom.Errorf(greenroom.CodeConflict, "somebody else has changed the workflow; look at it again")
		}
		return err
	})
}

// PublishWorkflow makes the draft the version that members enter.
func (s *Store) PublishWorkflow(ctx context.Context, f workflow.Workflow, by string) (version int64, err error) {
	draft, err := encodeDraft(&f.Draft)
	if err != nil {
		return 0, err
	}
	err = s.write(ctx, func(w *writer) error {
		if err := w.row("SELECT coalesce(max(version), 0) + 1 FROM workflow_version WHERE workflow_id = ?", []any{f.ID}, &version); err != nil {
			return err
		}
		n, err := w.exec("UPDATE workflow SET version = ?, next_at = ?, revision = revision + 1 WHERE id = ? AND revision = ?", version, micros(f.NextAt), f.ID, f.Revision)
		if err == nil && n == 0 {
			err = greenroom.Errorf(greenroom.CodeConflict, "somebody else has changed the workflow; look at it again")
		}
		if err != nil {
			return err
		}
		_, err = w.exec("INSERT INTO workflow_version (workflow_id, version, definition, actor, at) VALUES (?, ?, ?, ?, ?)", f.ID, version, draft, by, micros(s.now()))
		return err
	})
	return version, err
}

// TurnWorkflow sets the state. One that is turned on sees what happens from now on; of one that is archived all runs end.
func (s *Store) TurnWorkflow(ctx context.Context, f workflow.Workflow, to workflow.State) error {
	return s.write(ctx, func(w *writer) error {
		now := micros(s.now())
		on, activity, event := micros(f.OnSince), f.Activity, f.Event
		if to == workflow.On {
			var err error
			if activity, event, err = w.followFromNow(); err != nil {
				return err
			}
			on = now
		}
		n, err := w.exec("UPDATE workflow SET state = ?, on_since = ?, activity = ?, event = ?, next_at = ?, changed_at = ?, revision = revision + 1 WHERE id = ? AND state = ?",
			string(to), on, activity, event, micros(f.NextAt), now, f.ID, string(f.State))
		if err == nil && n == 0 {
			err = greenroom.Errorf(greenroom.CodeConflict, "somebody else has changed the workflow; look at it again")
		}
		if err != nil || to != workflow.Archived {
			return err
		}
		if _, err := w.exec("UPDATE outbox SET state = 'skipped', reason = 'the workflow was archived' WHERE origin = 'workflow' AND origin_id = ? AND state IN ('draft', 'queued')", f.ID); err != nil {
			return err
		}
		_, err = w.exec(`UPDATE workflow_run SET state = 'stopped', reason = 'the workflow was archived', ended_at = ?, message = '', listens = 0, holder = '', lease_until = 0, seq = seq + 1
			WHERE workflow_id = ? AND state IN ('waiting', 'failed')`, now, f.ID)
		return err
	})
}

// followFromNow is how far activities and segment events are known. Where nothing follows them, that goes on from there.
func (w *writer) followFromNow() (activity, event int64, err error) {
	if activity, err = w.followed(followDerive); err != nil {
		return 0, 0, err
	}
	if event, err = w.lastID("segment_event"); err != nil {
		return 0, 0, err
	}
	var others int64
	if err := w.row("SELECT (SELECT count(*) FROM workflow WHERE state = 'on') + (SELECT count(*) FROM (SELECT 1 FROM workflow_run WHERE state = 'waiting' AND listens = 1 LIMIT 1) q)", nil, &others); err != nil || others > 0 {
		return activity, event, err
	}
	if err := w.setFollowed(followFlowActivity, activity); err != nil {
		return 0, 0, err
	}
	return activity, event, w.setFollowed(followFlowEvent, event)
}

// Definition gives a version of a workflow.
func (s *Store) Definition(ctx context.Context, id, version int64) (workflow.Version, error) {
	all, err := s.workflowVersions(ctx, "SELECT version, definition, actor, at FROM workflow_version WHERE workflow_id = ? AND version = ?", id, version)
	if err == nil && len(all) == 0 {
		err = greenroom.Errorf(greenroom.CodeNotFound, "the workflow has no version %d", version)
	}
	if err != nil {
		return workflow.Version{}, err
	}
	return all[0], nil
}

// WorkflowVersions lists the versions of a workflow, the newest first.
func (s *Store) WorkflowVersions(ctx context.Context, id int64) ([]workflow.Version, error) {
	return s.workflowVersions(ctx, "SELECT version, definition, actor, at FROM workflow_version WHERE workflow_id = ? ORDER BY version DESC", id)
}

func (s *Store) workflowVersions(ctx context.Context, q string, args ...any) ([]workflow.Version, error) {
	rows, err := s.query(ctx, q, args...)
	if err != nil {
		return nil, err
	}
	all := []workflow.Version{}
	err = scan(rows, func() error {
		var v workflow.Version
		var text string
		var at int64
		if err := rows.Scan(&v.Version, &text, &v.By, &at); err != nil {
			return err
		}
		v.At = fromMicros(at)
		all = append(all, v)
		if err := json.Unmarshal([]byte(text), &all[len(all)-1].Definition); err != nil {
			return fmt.Errorf("decoding version %d of a workflow: %w", v.Version, err)
		}
		return nil
	})
	return all, err
}

// WorkflowRuns lists runs, the newest first.
func (s *Store) WorkflowRuns(ctx context.Context, f workflow.Filter) ([]workflow.Run, error) {
	cond, args := []string{"1 = 1"}, []any{}
	add := func(c string, arg ...any) { cond, args = append(cond, c), append(args, arg...) }
	if f.Workflow > 0 {
		add("r.workflow_id = ?", f.Workflow)
	}
	if f.State != "" {
		add("r.state = ?", string(f.State))
	}
	if f.Version > 0 {
		add("r.version = ?", f.Version)
	}
	if f.Step != "" {
		add("r.id IN (SELECT l.run_id FROM workflow_log l WHERE l.workflow_id = r.workflow_id AND l.step = ?)", f.Step)
	}
	if f.At != "" {
		add("r.state IN ('waiting', 'failed') AND r.step = ?", f.At)
	}
	if f.Member > 0 {
		add("r.member_id > 0 AND r.member_id IN (SELECT x.id FROM member x WHERE x.id = ? OR x.merged_into = ? AND x.merged_into > 0)", f.Member, f.Member)
	}
	if f.Outcome != nil {
		add("r.outcome = ?", flag(*f.Outcome))
	}
	if f.Below > 0 {
		add("r.id < ?", f.Below)
	}
	if f.Limit <= 0 {
		f.Limit = 100
	}
	return s.workflowRuns(ctx, "SELECT "+flowRunColumns+flowRunTables+" WHERE "+strings.Join(cond, " AND ")+" ORDER BY r.id DESC LIMIT ?", append(args, f.Limit)...)
}

// WorkflowRun finds a run.
func (s *Store) WorkflowRun(ctx context.Context, id int64) (workflow.Run, error) {
	all, err := s.workflowRuns(ctx, "SELECT "+flowRunColumns+flowRunTables+" WHERE r.id = ?", id)
	if err == nil && len(all) == 0 {
		err = greenroom.Errorf(greenroom.CodeNotFound, "there is no run %d", id)
	}
	if err != nil {
		return workflow.Run{}, err
	}
	return all[0], nil
}

// RunLog is what a run did, in order.
func (s *Store) RunLog(ctx context.Context, id int64) ([]workflow.Entry, error) {
	rows, err := s.query(ctx, "SELECT seq, step, kind, text, at, key FROM workflow_log WHERE run_id = ? ORDER BY seq", id)
	if err != nil {
		return nil, err
	}
	all := []workflow.Entry{}
	err = scan(rows, func() error {
		var e workflow.Entry
		var at int64
		err := rows.Scan(&e.Seq, &e.Step, &e.Kind, &e.Text, &at, &e.Key)
		e.At = fromMicros(at)
		all = append(all, e)
		return err
	})
	return all, err
}

// MoveRun has a run go on, where it is stuck or waits: at its step again, at another one, or to its end where stop says why.
// CodeConflict where it is over.
func (s *Store) MoveRun(ctx context.Context, r workflow.Run, note workflow.Entry) error {
	return s.write(ctx, func(w *writer) error {
		n, err := w.exec(`UPDATE workflow_run SET state = ?, step = ?, since = ?, due_at = ?, message = ?, attempts = 0, reason = ?, ended_at = ?, wrote_at = ?, listens = ?, holder = '', lease_until = 0, seq = seq + 1
			WHERE id = ? AND seq = ? AND state IN ('waiting', 'failed')`, string(r.State), r.Step, micros(r.Since), micros(r.DueAt), r.Message, r.Reason, micros(r.EndedAt), micros(r.WroteAt), flag(r.Listens), r.ID, r.Seq)
		if err == nil && n == 0 {
			err = greenroom.Errorf(greenroom.CodeConflict, "the run has gone on meanwhile; look at it again")
		}
		if err != nil {
			return err
		}
		if r.State == workflow.Stopped {
			if _, err := w.exec("UPDATE outbox SET state = 'skipped', reason = ? WHERE run_id = ? AND origin = 'workflow' AND state IN ('draft', 'queued')", r.Reason, r.ID); err != nil {
				return err
			}
		}
		return w.logRun(&workflow.Advance{Run: r, Log: []workflow.Entry{note}})
	})
}

// WorkflowTallies sums up runs of a workflow, or of all where it is 0.
func (s *Store) WorkflowTallies(ctx context.Context, id int64) (map[int64]*workflow.Tally, error) {
	all := make(map[int64]*workflow.Tally)
	of := func(workflowID int64) *workflow.Tally {
		if all[workflowID] == nil {
			all[workflowID] = &workflow.Tally{States: make(map[workflow.RunState]int64), Passed: make(map[string]int64), At: make(map[string]int64), Messages: make(outbox.Counts)}
		}
		return all[workflowID]
	}
	read := func(q string, f func(rowScanner) error) error {
		rows, err := s.query(ctx, q, id, id)
		if err != nil {
			return err
		}
		return scan(rows, func() error { return f(rows) })
	}
	for _, err := range []error{
		read("SELECT workflow_id, state, count(*) FROM workflow_run WHERE ? = 0 OR workflow_id = ? GROUP BY workflow_id, state", func(row rowScanner) error {
			var w, n int64
			var st workflow.RunState
			err := row.Scan(&w, &st, &n)
			of(w).States[st] = n
			return err
		}),
		read("SELECT workflow_id, step, count(*) FROM workflow_run WHERE (? = 0 OR workflow_id = ?) AND state IN ('waiting', 'failed') GROUP BY workflow_id, step", func(row rowScanner) error {
			var w, n int64
			var step string
			err := row.Scan(&w, &step, &n)
			of(w).At[step] = n
			return err
		}),
		read("SELECT origin_id, state, count(*) FROM outbox WHERE origin = 'workflow' AND (? = 0 OR origin_id = ?) AND member_id > 0 GROUP BY origin_id, state", func(row rowScanner) error {
			var w, n int64
			var st outbox.State
			err := row.Scan(&w, &st, &n)
			of(w).Messages[st] = n
			return err
		}),
		read(`SELECT workflow_id, CASE state WHEN 'held' THEN 1 ELSE 0 END AS arm, outcome, count(*) FROM workflow_run r WHERE (? = 0 OR workflow_id = ?) AND member_id > 0
			AND NOT EXISTS (SELECT 1 FROM workflow_run e WHERE e.workflow_id = r.workflow_id AND e.member_id = r.member_id AND e.id < r.id) GROUP BY workflow_id, CASE state WHEN 'held' THEN 1 ELSE 0 END, outcome`, func(row rowScanner) error {
			var w, held, outcome, n int64
			err := row.Scan(&w, &held, &outcome, &n)
			t := of(w)
			arm := &t.With
			if held == 1 {
				arm = &t.Without
			}
			if outcome < 0 {
				t.Open += n
				return err
			}
			arm.Members += n
			arm.Did += n * outcome
			return err
		}),
	} {
		if err != nil {
			return nil, err
		}
	}
	if id == 0 {
		return all, nil
	}
	return all, read("SELECT workflow_id, step, count(DISTINCT run_id) FROM workflow_log WHERE (? = 0 OR workflow_id = ?) AND step <> '' GROUP BY workflow_id, step", func(row rowScanner) error {
		var w, n int64
		var step string
		err := row.Scan(&w, &step, &n)
		of(w).Passed[step] = n
		return err
	})
}

// workflowsOf takes a member out of workflows: what is counted stays, what says who it was goes.
func (e *eraser) workflowsOf(id int64) error {
	const theirs = "member_id > 0 AND member_id IN (SELECT id FROM member WHERE id = ? OR merged_into = ?)"
	if _, err := e.exec("DELETE FROM workflow_log WHERE run_id IN (SELECT r.id FROM workflow_run r WHERE r."+theirs+")", id, id); err != nil {
		return err
	}
	_, err := e.exec(`UPDATE workflow_run SET state = CASE WHEN state IN ('waiting', 'failed') THEN 'stopped' ELSE state END, reason = CASE WHEN state IN ('waiting', 'failed') THEN 'the member was erased' ELSE '' END,
		entry = 'erased ' || id, cause = '', message = '', listens = 0, activity_id = 0, conversation_id = 0, holder = '', lease_until = 0, seq = seq + 1, outcome = CASE outcome WHEN -1 THEN -2 ELSE outcome END, member_id = 0 WHERE `+theirs, id, id)
	return err
}

// memberRuns is what is kept of a member in workflows, for their own data.
func (s *Store) memberRuns(ctx context.Context, id int64) ([]workflow.Run, error) {
	return s.WorkflowRuns(ctx, workflow.Filter{Member: id, Limit: 10_000})
}
