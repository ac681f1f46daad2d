// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/outbox"
	"greenroom/internal/task"
	"greenroom/internal/workflow"
)

const flowRunColumns = `r.id, r.workflow_id, r.version, coalesce(h.id, r.member_id), coalesce(h.name, m.name, ''), r.entry, r.cause, r.state, r.step, r.since, r.due_at, r.message, r.listens, r.entered_at,
	r.activity_id, r.conversation_id, r.wrote_at, r.attempts, r.reason, r.ended_at, r.outcome, r.seq`

const flowRunTables = ` FROM workflow_run r LEFT JOIN member m ON m.id = r.member_id LEFT JOIN member h ON h.id = m.merged_into AND m.merged_into > 0`

func scanWorkflowRun(row rowScanner) (workflow.Run, error) {
	var r workflow.Run
	var since, due, listens, entered, wrote, ended int64
	err := row.Scan(&r.ID, &r.WorkflowID, &r.Version, &r.MemberID, &r.Member, &r.Key, &r.Cause, &r.State, &r.Step, &since, &due, &r.Message, &listens, &entered,
		&r.ActivityID, &r.ConversationID, &wrote, &r.Attempts, &r.Reason, &ended, &r.Outcome, &r.Seq)
	r.Since, r.DueAt, r.EnteredAt, r.WroteAt, r.EndedAt, r.Listens = fromMicros(since), fromMicros(due), fromMicros(entered), fromMicros(wrote), fromMicros(ended), listens != 0
	return r, err
}

func (s *Store) workflowRuns(ctx context.Context, q string, args ...any) ([]workflow.Run, error) {
	rows, err := s.query(ctx, q, args...)
	if err != nil {
		return nil, err
	}
	all := []workflow.Run{}
	err = scan(rows, func() error {
		r, err := scanWorkflowRun(rows)
		all = append(all, r)
		return err
	})
	return all, err
}

// dueRuns is the condition on runs that can be taken on.
const dueRuns = `r.state = 'waiting' AND r.due_at <= ? AND r.lease_until <= ? AND r.workflow_id IN (SELECT f.id FROM workflow f WHERE f.state = 'on')`

// TakeRuns gives the lease of runs that are due, of workflows that are on, to holder until a time, the longest due first.
func (s *Store) TakeRuns(ctx context.Context, holder string, until time.Time, limit int) ([]workflow.Run, error) {
	now := micros(s.now())
	// Looked at without the writer first, since there mostly is nothing.
	var open int64
	if err := s.queryRow(ctx, "SELECT count(*) FROM (SELECT 1 FROM workflow_run r WHERE "+dueRuns+" LIMIT 1) q", []any{now, now}, &open); err != nil || open == 0 {
		return nil, err
	}
	var all []workflow.Run
	err := s.writeAlong(ctx, func(w *writer) error {
		all = all[:0]
		rows, err := w.query("SELECT "+flowRunColumns+flowRunTables+" WHERE "+dueRuns+" ORDER BY r.due_at, r.id LIMIT ?", now, now, limit)
		if err != nil {
			return err
		}
		if err := scan(rows, func() error {
			r, err := scanWorkflowRun(rows)
			all = append(all, r)
			return err
		}); err != nil {
			return err
		}
		return w.bulk("UPDATE workflow_run SET holder = ?, lease_until = ? WHERE id = ?", len(all), func(i int) []any {
			return []any{holder, micros(until), all[i].ID}
		})
	})
	return all, err
}

// logRoom is more than the lines that one advance puts into a run's log.
const logRoom = 1000

// AdvanceRuns stores what runs do. One that is not as it was when that was computed, or that holder has lost, is left as
// it is, with all of its effects.
func (s *Store) AdvanceRuns(ctx context.Context, holder string, all []workflow.Advance) error {
	return s.write(ctx, func(w *writer) error {
		var messages []outbox.Message
		var tasks []task.Task
		var notices []task.Notice
		for i := range all {
			a := &all[i]
			r := &a.Run
			n, err := w.exec(`UPDATE workflow_run SET member_id = ?, state = ?, step = ?, since = ?, due_at = ?, message = ?, listens = ?, conversation_id = ?, wrote_at = ?,
				attempts = ?, reason = ?, ended_at = ?, seq = seq + 1, holder = '', lease_until = 0 WHERE id = ? AND seq = ? AND holder = ?`,
				r.MemberID, string(r.State), r.Step, micros(r.Since), micros(r.DueAt), r.Message, flag(r.Listens), r.ConversationID, micros(r.WroteAt),
				r.Attempts, r.Reason, micros(r.EndedAt), r.ID, r.Seq, holder)
			if err != nil {
				return err
			}
			if n == 0 {
				continue
			}
			if err := w.logRun(a); err != nil {
				return err
			}
			for _, x := range a.Edits {
				if err := w.editByRun(r.MemberID, &x, micros(s.now())); err != nil {
					return err
				}
			}
			messages, tasks, notices = append(messages, a.Messages...), append(tasks, a.Tasks...), append(notices, a.Notices...)
		}
		now := s.now()
		if len(messages) > 0 {
			if _, err := w.addMessages(messages, now); err != nil {
				return err
			}
		}
		if len(tasks) > 0 {
			if _, err := w.addTasks(tasks, now); err != nil {
				return err
			}
		}
		if len(notices) > 0 {
			return w.addNotices(notices, now)
		}
		return nil
	})
}

func (w *writer) logRun(a *workflow.Advance) error {
	if len(a.Log) > logRoom {
		return greenroom.Errorf(greenroom.CodeInvalid, "a run did %d things at once", len(a.Log))
	}
	return w.bulk("INSERT INTO workflow_log (run_id, seq, workflow_id, step, kind, text, at, key) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", len(a.Log), func(i int) []any {
		e := &a.Log[i]
		return []any{a.Run.ID, a.Run.Seq*logRoom + int64(i), a.Run.WorkflowID, e.Step, string(e.Kind), e.Text, micros(e.At), e.Key}
	})
}

// editByRun changes a member as a step says. One who is gone meanwhile is not changed.
func (w *writer) editByRun(id int64, x *workflow.Edit, now int64) error {
	var merged int64
	if err := w.row("SELECT merged_into FROM member WHERE id = ?", []any{id}, &merged); err != nil {
		if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
			return nil
		}
		return err
	}
	if merged > 0 {
		id = merged
	}
	return w.editMember(id, editOf(x), now)
}

// wakeForMessages wakes the runs that wait to hear what became of messages. It is called in the transaction that says so.
func (w *writer) wakeForMessages(all []outbox.Message, now int64) error {
	for i := range all {
		m := &all[i]
		if m.Origin.Kind != "workflow" || m.Origin.Run == 0 || !m.State.Over() {
			continue
		}
		if _, err := w.exec(`UPDATE workflow_run SET state = 'waiting', due_at = ?, reason = '', holder = '', lease_until = 0, seq = seq + 1
			WHERE id = ? AND message = ? AND state IN ('waiting', 'failed')`, now, m.Origin.Run, m.Key); err != nil {
			return err
		}
	}
	return nil
}

// wakeMoved is wakeForMessages of messages that a person moved.
func (w *writer) wakeMoved(ids []int64, now int64) error {
	for _, id := range ids {
		if _, err := w.exec(`UPDATE workflow_run SET state = 'waiting', due_at = ?, reason = '', holder = '', lease_until = 0, seq = seq + 1 WHERE state IN ('waiting', 'failed')
			AND id = (SELECT o.run_id FROM outbox o WHERE o.id = ? AND o.origin = 'workflow') AND message = (SELECT o.key FROM outbox o WHERE o.id = ?)`, now, id, id); err != nil {
			return err
		}
	}
	return nil
}

// MessagesByKey knows what became of messages.
func (s *Store) MessagesByKey(ctx context.Context, keys []string) (map[string]outbox.Message, error) {
	all := make(map[string]outbox.Message, len(keys))
	err := inLists(ctx, s, "SELECT "+messageColumns+messageTables+" WHERE o.key IN (%IN%)", keys, func(row rowScanner) error {
		m, err := scanMessage(row)
		all[m.Key] = m
		return err
	})
	return all, err
}

// Positions are how far workflows have followed activities and segment events, and how far they can.
func (s *Store) Positions(ctx context.Context, readings bool) (workflow.Positions, error) {
	var p workflow.Positions
	var derived, read, listening int64
	err := s.queryRow(ctx, `SELECT coalesce((SELECT value FROM follower WHERE name = ?), 0), coalesce((SELECT value FROM follower WHERE name = ?), 0),
		coalesce((SELECT value FROM follower WHERE name = '`+followDerive+`'), 0), coalesce((SELECT value FROM follower WHERE name = '`+followReading+`'), 0),
		(SELECT count(*) FROM (SELECT 1 FROM workflow_run WHERE state = 'waiting' AND listens = 1 LIMIT 1) q)`, []any{followFlowActivity, followFlowEvent},
		&p.Activity, &p.Event, &derived, &read, &listening)
	p.Known, p.Derived, p.Listening = derived, derived >= p.Activity, listening > 0
	if readings {
		p.Known = max(p.Activity, min(derived, read))
	}
	return p, err
}

// The positions of workflows among the followers.
const (
	followFlowActivity = "workflow:activity"
	followFlowEvent    = "workflow:event"
)

// Enter stores who enters, wakes runs, and moves the positions, if they are still as they were.
func (s *Store) Enter(ctx context.Context, p *workflow.Portion) (entered int, err error) {
	err = s.write(ctx, func(w *writer) error {
		entered = 0
		if err := w.follow(p); err != nil {
			return err
		}
		now := micros(s.now())
		if p.From.Listening {
			if err := w.wakeRuns(p, now); err != nil {
				return err
			}
		}
		last, err := w.lastID("workflow_run")
		if err != nil {
			return err
		}
		for i := range p.Runs {
			n, err := w.enter(&p.Runs[i], last+1, p.Again[p.Runs[i].WorkflowID])
			if err != nil {
				return err
			}
			last, entered = last+n, entered+int(n)
		}
		return nil
	})
	return entered, err
}

// follow moves what was followed, or a schedule; CodeConflict where somebody else has.
func (w *writer) follow(p *workflow.Portion) error {
	for name, v := range map[string][2]int64{followFlowActivity: {p.From.Activity, p.To.Activity}, followFlowEvent: {p.From.Event, p.To.Event}} {
		if v[0] == v[1] {
			continue
		}
		at, err := w.followed(name)
		if err != nil {
			return err
		}
		if at != v[0] {
			return greenroom.Errorf(greenroom.CodeConflict, "another process follows for workflows")
		}
		if err := w.setFollowed(name, v[1]); err != nil {
			return err
		}
	}
	if p.Workflow == 0 {
		return nil
	}
	n, err := w.exec("UPDATE workflow SET next_at = ? WHERE id = ? AND next_at = ? AND state = 'on'", micros(p.Next), p.Workflow, micros(p.Turn))
	if err == nil && n == 0 {
		err = greenroom.Errorf(greenroom.CodeConflict, "the turn was taken already")
	}
	return err
}

// wakeRuns has runs look again whom what happened may concern.
func (w *writer) wakeRuns(p *workflow.Portion, now int64) error {
	const wake = "UPDATE workflow_run SET due_at = ?, holder = '', lease_until = 0, seq = seq + 1 WHERE state = 'waiting' AND listens = 1 AND due_at > ? AND "
	of := func(cond string, ids []int64) error {
		slices.Sort(ids)
		for part := range slices.Chunk(slices.Compact(ids), inChunk) {
			if err := w.execOnce(wake+strings.ReplaceAll(cond, "%IN%", joinIDs(part)), now, now); err != nil {
				return err
			}
		}
		return nil
	}
	if err := of("member_id IN (%IN%)", p.Members); err != nil {
		return err
	}
	// Runs of who became part of these members.
	if err := of("member_id IN (SELECT x.id FROM member x WHERE x.merged_into > 0 AND x.merged_into IN (%IN%))", p.Members); err != nil {
		return err
	}
	return of("conversation_id > 0 AND conversation_id IN (%IN%)", p.Conversations)
}

func joinIDs(ids []int64) string {
	parts := make([]string, len(ids))
	for i, id := range ids {
		parts[i] = strconv.FormatInt(id, 10)
	}
	return strings.Join(parts, ",")
}

// enter stores a run, unless its member is in the workflow, or was too lately, or is not for workflows.
func (w *writer) enter(r *workflow.Run, id int64, again time.Duration) (int64, error) {
	var merged, staff, bot, hidden int64
	err := w.row("SELECT merged_into, staff, bot, hidden FROM member WHERE id = ?", []any{r.MemberID}, &merged, &staff, &bot, &hidden)
	if merged > 0 {
		r.MemberID = merged
		err = w.row("SELECT staff, bot, hidden FROM member WHERE id = ?", []any{merged}, &staff, &bot, &hidden)
	}
	if greenroom.ErrorCode(err) == greenroom.CodeNotFound || staff+bot+hidden > 0 {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	var open, last int64
	if err := w.row(`SELECT coalesce(sum(CASE WHEN state IN ('waiting', 'failed') THEN 1 ELSE 0 END), 0), coalesce(max(entered_at), 0) FROM workflow_run
		WHERE workflow_id = ? AND member_id IN (SELECT x.id FROM member x WHERE x.id = ? OR x.merged_into = ? AND x.merged_into > 0)`, []any{r.WorkflowID, r.MemberID, r.MemberID}, &open, &last); err != nil {
		return 0, err
	}
	if open > 0 || last > 0 && (again <= 0 || fromMicros(last).Add(again).After(r.EnteredAt)) {
		return 0, nil
	}
	r.ID = id
	return w.exec(`INSERT INTO workflow_run (id, workflow_id, version, member_id, entry, cause, state, step, since, due_at, entered_at, activity_id, conversation_id, ended_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (workflow_id, entry) DO NOTHING`,
		id, r.WorkflowID, r.Version, r.MemberID, r.Key, r.Cause, string(r.State), r.Step, micros(r.Since), micros(r.DueAt), micros(r.EnteredAt), r.ActivityID, r.ConversationID, micros(r.EndedAt))
}

// Unmeasured gives runs whose outcome can be told, because their days ended before a time. Of a member who entered more
// than once the first entry counts.
func (s *Store) Unmeasured(ctx context.Context, id int64, before time.Time, limit int) ([]workflow.Run, error) {
	return s.workflowRuns(ctx, "SELECT "+flowRunColumns+flowRunTables+` WHERE r.workflow_id = ? AND r.outcome = -1 AND r.entered_at <= ? AND r.member_id > 0
		AND NOT EXISTS (SELECT 1 FROM workflow_run e WHERE e.workflow_id = r.workflow_id AND e.member_id = r.member_id AND e.id < r.id) ORDER BY r.id LIMIT ?`, id, micros(before), limit)
}

// SetOutcomes notes for runs whether their members did what was hoped for.
func (s *Store) SetOutcomes(ctx context.Context, outcomes map[int64]bool) error {
	return s.writeAlong(ctx, func(w *writer) error {
		for id, did := range outcomes {
			if _, err := w.exec("UPDATE workflow_run SET outcome = ? WHERE id = ?", flag(did), id); err != nil {
				return err
			}
		}
		return nil
	})
}
