// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"greenroom"
	"greenroom/internal/action"
	"greenroom/internal/writeback"
)

const actionColumns = `id, key, kind, source, title, plan, state, error, created_by, approved_by, created_at, approved_at, started_at, finished_at, retry_at,
	items, done, unchanged, failed`

func scanAction(row rowScanner) (action.Action, error) {
	var a action.Action
	var plan string
	var created, approved, started, finished, retry int64
	err := row.Scan(&a.ID, &a.Key, &a.Kind, &a.Source, &a.Title, &plan, &a.State, &a.Error, &a.CreatedBy, &a.ApprovedBy, &created, &approved, &started, &finished, &retry,
		&a.Items, &a.Done, &a.Unchanged, &a.Failed)
	a.Plan = json.RawMessage(plan)
	a.CreatedAt, a.ApprovedAt, a.StartedAt, a.FinishedAt, a.RetryAt = fromMicros(created), fromMicros(approved), fromMicros(started), fromMicros(finished), fromMicros(retry)
	return a, err
}

// AddAction stores an action with its items. Where its key is known, the action that has it is returned instead, with
// added false. Items whose claims are taken are left out; where that leaves none of them, nothing is stored and the id is 0.
func (s *Store) AddAction(ctx context.Context, a action.Action, items []action.Item) (stored action.Action, added bool, err error) {
	err = s.write(ctx, func(w *writer) error {
		stored, added = action.Action{}, false
		row, err := w.query("SELECT "+actionColumns+" FROM action WHERE key = ?", a.Key)
		if err != nil {
			return err
		}
		if err := scan(row, func() error {
			stored, err = scanAction(row)
			return err
		}); err != nil || stored.ID > 0 {
			return err
		}
		left, err := w.claimed(items)
		if err != nil || len(left) == 0 && len(items) > 0 {
			return err
		}
		stored, added = a, true
		return w.addAction(&stored, left, s.now())
	})
	if err != nil {
		return stored, false, fmt.Errorf("storing an action: %w", err)
	}
	return stored, added, nil
}

// addAction stores an action that is new, with its items.
func (w *writer) addAction(a *action.Action, items []action.Item, now time.Time) error {
	last, err := w.lastID("action")
	if err != nil {
		return err
	}
	a.ID, a.Items, a.CreatedAt = last+1, int64(len(items)), now
	if _, err := w.exec("INSERT INTO action (id, key, kind, source, title, plan, state, created_by, approved_by, created_at, approved_at, items) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		a.ID, a.Key, a.Kind, a.Source, a.Title, string(a.Plan), string(a.State), a.CreatedBy, a.ApprovedBy, micros(a.CreatedAt), micros(a.ApprovedAt), a.Items); err != nil {
		return err
	}
	after := make([]string, len(items))
	for i := range items {
		if after[i], err = encodeValues(items[i].After); err != nil {
			return err
		}
	}
	return w.bulk("INSERT INTO action_item (action_id, seq, target, member_id, account_id, name, after, note, link, claim) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", len(items), func(i int) []any {
		x := &items[i]
		return []any{a.ID, int64(i) + 1, x.Target, x.MemberID, x.Account, x.Name, after[i], x.Note, x.Link, x.Claim}
	})
}

func encodeValues(values map[string]string) (string, error) {
	if len(values) == 0 {
		return "", nil
	}
	text, err := json.Marshal(values)
	if err != nil {
		return "", fmt.Errorf("encoding values: %w", err)
	}
	return string(text), nil
}

// Action returns an action.
func (s *Store) Action(ctx context.Context, id int64) (action.Action, error) {
	all, err := s.actions(ctx, "SELECT "+actionColumns+" FROM action WHERE id = ?", id)
	if err == nil && len(all) == 0 {
		err = greenroom.Errorf(greenroom.CodeNotFound, "there is no action %d", id)
	}
	if err != nil {
		return action.Action{}, err
	}
	return all[0], nil
}

// KeyedAction finds the action that has a key; its id is 0 where there is none.
func (s *Store) KeyedAction(ctx context.Context, key string) (action.Action, error) {
	all, err := s.actions(ctx, "SELECT "+actionColumns+" FROM action WHERE key = ?", key)
	if err != nil || len(all) == 0 {
		return action.Action{}, err
	}
	return all[0], nil
}

// Actions lists actions, the newest first: of one source, or of all where it is "", below an id unless that is 0.
func (s *Store) Actions(ctx context.Context, source string, below int64, limit int) ([]action.Action, error) {
	return s.actions(ctx, "SELECT "+actionColumns+" FROM action WHERE (? = '' OR source = ?) AND (? = 0 OR id < ?) ORDER BY id DESC LIMIT ?", source, source, below, below, limit)
}

func (s *Store) actions(ctx context.Context, q string, args ...any) ([]action.Action, error) {
	rows, err := s.query(ctx, q, args...)
	if err != nil {
		return nil, err
	}
	all := []action.Action{}
	err = scan(rows, func() error {
		a, err := scanAction(rows)
		all = append(all, a)
		return err
	})
	return all, err
}

// ActionItems lists items of an action behind a number, those of one state where that is not "".
func (s *Store) ActionItems(ctx context.Context, id int64, state action.ItemState, after int64, limit int) ([]action.Item, error) {
	rows, err := s.query(ctx, "SELECT "+itemColumns+" FROM action_item WHERE action_id = ? AND seq > ? AND (? = '' OR state = ?) ORDER BY seq LIMIT ?", id, after, string(state), string(state), limit)
	if err != nil {
		return nil, err
	}
	items := []action.Item{}
	err = scan(rows, func() error {
		it, err := scanItem(rows)
		items = append(items, it)
		return err
	})
	return items, err
}

const itemColumns = "seq, target, member_id, account_id, name, before, after, note, link, claim, result, state, reason, at"

func scanItem(row rowScanner) (action.Item, error) {
	var it action.Item
	var before, after string
	var at int64
	if err := row.Scan(&it.Seq, &it.Target, &it.MemberID, &it.Account, &it.Name, &before, &after, &it.Note, &it.Link, &it.Claim, &it.Result, &it.State, &it.Reason, &at); err != nil {
		return it, err
	}
	it.At = fromMicros(at)
	for _, v := range []struct {
		text string
		to   *map[string]string
	}{{before, &it.Before}, {after, &it.After}} {
		if v.text == "" {
			continue
		}
		if err := json.Unmarshal([]byte(v.text), v.to); err != nil {
			return it, fmt.Errorf("decoding the values of item %d: %w", it.Seq, err)
		}
	}
	return it, nil
}

// ApproveAction makes a proposed or failed action go on.
func (s *Store) ApproveAction(ctx context.Context, id int64, by string) error {
	return s.write(ctx, func(w *writer) error {
		n, err := w.exec("UPDATE action SET state = 'approved', error = '', approved_by = ?, approved_at = ?, retry_at = 0, finished_at = 0 WHERE id = ? AND state IN ('proposed', 'failed')", by, micros(s.now()), id)
		return w.changedAction(id, n, err, "only an action that is proposed or failed can be approved")
	})
}

// CancelAction ends an action; what was done stays.
func (s *Store) CancelAction(ctx context.Context, id int64) error {
	return s.write(ctx, func(w *writer) error {
		n, err := w.exec("UPDATE action SET state = 'canceled', finished_at = ?, holder = '', lease_until = 0 WHERE id = ? AND state IN ('proposed', 'approved', 'running', 'failed')", micros(s.now()), id)
		return w.changedAction(id, n, err, "the action has ended")
	})
}

// changedAction explains why an action was not changed.
func (w *writer) changedAction(id, changed int64, err error, why string) error {
	if err != nil || changed > 0 {
		return err
	}
	var n int64
	if err := w.row("SELECT count(*) FROM action WHERE id = ?", []any{id}, &n); err != nil {
		return err
	}
	if n == 0 {
		return greenroom.Errorf(greenroom.CodeNotFound, "there is no action %d", id)
	}
	return greenroom.Errorf(greenroom.CodeConflict, "action %d cannot be changed like this: %s", id, why)
}

// TakeAction gives the lease of the oldest action that can go on to holder.
func (s *Store) TakeAction(ctx context.Context, holder string, until time.Time) (action.Action, error) {
	now := micros(s.now())
	var open int64 // looked at without the writer first, since there mostly is nothing
	if err := s.queryRow(ctx, "SELECT count(*) FROM action WHERE state IN ('approved', 'running') AND retry_at <= ?", []any{now}, &open); err != nil || open == 0 {
		if err == nil {
			err = greenroom.Errorf(greenroom.CodeNotFound, "there is no action to carry out")
		}
		return action.Action{}, err
	}
	var a action.Action
	err := s.write(ctx, func(w *writer) error {
		var id int64
		if err := w.row(`SELECT id FROM action WHERE state IN ('approved', 'running') AND retry_at <= ? AND (holder IN ('', ?) OR lease_until <= ?)
			ORDER BY approved_at, id LIMIT 1`, []any{now, holder, now}, &id); err != nil {
			return err
		}
		var why string // the last try ended with it; while one goes on there is none
		if err := w.row("SELECT error FROM action WHERE id = ?", []any{id}, &why); err != nil {
			return err
		}
		if _, err := w.exec("UPDATE action SET state = 'running', error = '', holder = ?, lease_until = ?, retry_at = 0, started_at = CASE started_at WHEN 0 THEN ? ELSE started_at END WHERE id = ?",
			holder, micros(until), now, id); err != nil {
			return err
		}
		rows, err := w.query("SELECT "+actionColumns+" FROM action WHERE id = ?", id)
		if err != nil {
			return err
		}
		return scan(rows, func() error {
			a, err = scanAction(rows)
			a.Error = why
			return err
		})
	})
	return a, err
}

// holds renews a lease, or says that it is lost.
func (w *writer) holds(id int64, holder string, until time.Time) error {
	n, err := w.exec("UPDATE action SET lease_until = ? WHERE id = ? AND holder = ? AND state = 'running'", micros(until), id, holder)
	if err == nil && n == 0 {
		return greenroom.Errorf(greenroom.CodeConflict, "action %d was ended, or another process carries it out", id)
	}
	return err
}

// SendItems marks the next items as sent and returns them.
func (s *Store) SendItems(ctx context.Context, id int64, holder string, limit int, until time.Time) ([]action.Item, error) {
	var items []action.Item
	err := s.write(ctx, func(w *writer) error {
		items = nil
		if err := w.holds(id, holder, until); err != nil {
			return err
		}
		rows, err := w.query("SELECT "+itemColumns+" FROM action_item WHERE action_id = ? AND state IN ('waits', 'sent') ORDER BY seq LIMIT ?", id, limit)
		if err != nil {
			return err
		}
		if err := scan(rows, func() error {
			it, err := scanItem(rows)
			it.Again = it.State == action.ItemSent
			items = append(items, it)
			return err
		}); err != nil || len(items) == 0 {
			return err
		}
		_, err = w.exec("UPDATE action_item SET state = 'sent', at = ? WHERE action_id = ? AND seq BETWEEN ? AND ? AND state = 'waits'", micros(s.now()), id, items[0].Seq, items[len(items)-1].Seq)
		return err
	})
	return items, err
}

// MarkItems stores what became of items, with the action's counts.
func (s *Store) MarkItems(ctx context.Context, id int64, holder string, items []action.Item, until time.Time) error {
	return s.write(ctx, func(w *writer) error {
		if err := w.holds(id, holder, until); err != nil {
			return err
		}
		var count [3]int64
		for i := range items {
			it := &items[i]
			before, err := encodeValues(it.Before)
			if err != nil {
				return err
			}
			n, err := w.exec("UPDATE action_item SET state = ?, reason = ?, before = ?, result = ?, at = ? WHERE action_id = ? AND seq = ? AND state IN ('waits', 'sent')", string(it.State), it.Reason, before, it.Result, micros(it.At), id, it.Seq)
			if err != nil {
				return err
			}
			switch it.State { //nolint:exhaustive // the others have no outcome
			case action.ItemDone:
				count[0] += n
			case action.ItemUnchanged:
				count[1] += n
			case action.ItemFailed:
				count[2] += n
			}
		}
		_, err := w.exec("UPDATE action SET done = done + ?, unchanged = unchanged + ?, failed = failed + ? WHERE id = ?", count[0], count[1], count[2], id)
		return err
	})
}

// EndAction gives up the lease and sets a state.
func (s *Store) EndAction(ctx context.Context, id int64, holder string, state action.State, reason string, retry time.Time) error {
	finished := int64(0)
	if state != action.Running {
		finished = micros(s.now())
	}
	return s.write(ctx, func(w *writer) error {
		_, err := w.exec("UPDATE action SET state = ?, error = ?, retry_at = ?, finished_at = ?, holder = '', lease_until = 0 WHERE id = ? AND holder = ? AND state = 'running'",
			string(state), reason, micros(retry), finished, id, holder)
		return err
	})
}

// MemberTallies counts what members did since a time, and names the channels that they used most.
func (s *Store) MemberTallies(ctx context.Context, members []int64, since time.Time, channels int) (map[int64]writeback.Tally, error) {
	ids := make([]any, len(members))
	for i, id := range members {
		ids[i] = id
	}
	tallies := make(map[int64]writeback.Tally, len(members))
	active := "a.deleted = 0 AND a.kind NOT IN (" + inactiveKinds() + ")"
	err := s.eachOf(ctx, fmt.Sprintf("SELECT i.member_id, count(*) FROM identity i JOIN activity a ON a.identity_id = i.id WHERE a.occurred_at >= %d AND %s AND i.member_id IN (%%s) GROUP BY i.member_id", micros(since), active), ids, func(rows rowScanner) error {
		var id int64
		var t writeback.Tally
		err := rows.Scan(&id, &t.Recent)
		tallies[id] = t
		return err
	})
	if err != nil {
		return nil, err
	}
	err = s.eachOf(ctx, "SELECT i.member_id, c.name, count(*) AS n FROM identity i JOIN activity a ON a.identity_id = i.id JOIN channel c ON c.id = a.channel_id WHERE c.hidden = 0 AND "+active+
		" AND i.member_id IN (%s) GROUP BY i.member_id, c.name ORDER BY i.member_id, n DESC, c.name", ids, func(rows rowScanner) error {
		var id, n int64
		var name string
		err := rows.Scan(&id, &name, &n)
		if t := tallies[id]; err == nil && len(t.Channels) < channels {
			t.Channels = append(t.Channels, name)
			tallies[id] = t
		}
		return err
	})
	return tallies, err
}

// actionItems takes a member out of actions: what was sent keeps its outcome only, and what waits is not sent.
func (e *eraser) actionItems(member int64) error {
	members := "member_id IN (SELECT id FROM member WHERE id = ? OR merged_into = ?)"
	if _, err := e.exec("UPDATE action SET failed = failed + (SELECT count(*) FROM action_item x WHERE x.action_id = action.id AND x.state IN ('waits', 'sent') AND x."+members+
		") WHERE id IN (SELECT action_id FROM action_item WHERE "+members+")", member, member, member, member); err != nil {
		return err
	}
	_, err := e.exec(`UPDATE action_item SET name = '', target = '', before = '', after = '', note = '', link = '', member_id = 0,
		reason = CASE WHEN state IN ('waits', 'sent') THEN 'the member was erased' ELSE '' END,
		state = CASE WHEN state IN ('waits', 'sent') THEN 'failed' ELSE state END WHERE `+members, member, member)
	return err
}
