// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/alert"
)

// AlertPositions says how far activities go for each lane of alerts, and how far each has come.
func (s *Store) AlertPositions(ctx context.Context) (alert.Positions, error) {
	p := alert.Positions{Until: make(map[string]int64), At: make(map[string]int64)}
	rows, err := s.query(ctx, "SELECT name, value FROM follower WHERE name IN (?, ?, ?, ?, ?, ?, 'last:alert_firing') UNION ALL SELECT '', coalesce(max(id), 0) FROM alert_firing",
		followDerive, followReading, followTopics, alert.FollowName(alert.LanePlain), alert.FollowName(alert.LaneRead), alert.FollowName(alert.LaneTopics))
	if err != nil {
		return p, err
	}
	at := make(map[string]int64)
	if err := scan(rows, func() error {
		var name string
		var v int64
		err := rows.Scan(&name, &v)
		at[name] = v
		return err
	}); err != nil {
		return p, err
	}
	for lane, follows := range map[string]string{alert.LanePlain: followDerive, alert.LaneRead: followReading, alert.LaneTopics: followTopics} {
		p.Until[lane], p.At[lane] = min(at[follows], at[followDerive]), at[alert.FollowName(lane)]
	}
	p.Next = max(at[""], at["last:alert_firing"]) + 1
	return p, nil
}

// RecentActivities gives activities after one id up to another that happened since a time.
func (s *Store) RecentActivities(ctx context.Context, after, upTo int64, since time.Time, limit int) (ids []int64, last int64, err error) {
	rows, err := s.query(ctx, "SELECT id FROM activity WHERE id > ? AND id <= ? AND occurred_at >= ? AND deleted = 0 ORDER BY id LIMIT ?", after, upTo, micros(since), limit)
	if err != nil {
		return nil, after, err
	}
	last = upTo
	err = scan(rows, func() error {
		var id int64
		err := rows.Scan(&id)
		ids = append(ids, id)
		return err
	})
	if len(ids) == limit {
		last = ids[limit-1]
	}
	return ids, last, err
}

// AlertPast tells what deciding about objects and groups of an alert needs.
func (s *Store) AlertPast(ctx context.Context, a *alert.Alert, objects []alert.Object, groups []string, now time.Time) (alert.Past, error) {
	p := alert.Past{Open: make(map[string]alert.Firing), Last: make(map[string]time.Time)}
	id := a.ID
	if a.PerHour > 0 {
		if err := s.queryRow(ctx, "SELECT count(*) FROM (SELECT 1 FROM alert_firing WHERE alert_id = ? AND at > ? AND state = 'sent' LIMIT ?) x", []any{id, micros(now.Add(-time.Hour)), a.PerHour}, &p.Hour); err != nil {
			return p, err
		}
	}
	if len(objects) == 0 {
		return p, nil
	}
	kind := objects[0].Kind
	ids := idsOf(objects, func(o *alert.Object) int64 { return o.ID })
	for _, table := range []string{"alert_firing", "alert_told"} { // what was told of, and what was so long ago that its firing is gone
		if err := s.eachOf(ctx, fmt.Sprintf("SELECT object_id, max(at) FROM %s WHERE alert_id = %d AND object_kind = '%s' AND object_id IN (%%s) GROUP BY object_id", table, id, kind), ids, func(row rowScanner) error {
			var object, at int64
			err := row.Scan(&object, &at)
			key := fmt.Sprintf("alert %d %s %d", id, kind, object)
			if t := fromMicros(at); t.After(p.Last[key]) {
				p.Last[key] = t
			}
			return err
		}); err != nil {
			return p, err
		}
	}
	slices.Sort(groups)
	groups = slices.Compact(groups)
	names := make([]any, len(groups))
	for i, g := range groups {
		names[i] = g
	}
	err := s.eachOf(ctx, fmt.Sprintf("SELECT id, grouped, at FROM alert_firing f WHERE alert_id = %d AND grouped <> '' AND at > %d AND grouped IN (%%s) ORDER BY at, id", id, micros(now.Add(-time.Duration(a.GroupMinutes)*time.Minute))), names, func(row rowScanner) error {
		var f alert.Firing
		var at int64
		err := row.Scan(&f.ID, &f.Group, &at)
		f.At = fromMicros(at)
		p.Open[f.Group] = f // the newest one comes last
		return err
	})
	return p, err
}

// CommitAlerts stores what follows from a look in one transaction: alert.ErrMoved where somebody else was faster.
func (s *Store) CommitAlerts(ctx context.Context, c *alert.Commit) error {
	return s.writeAlong(ctx, func(w *writer) error {
		if c.Follow != "" && c.From != c.To {
			at, err := w.followed(c.Follow)
			if err != nil {
				return err
			}
			if at != c.From {
				return alert.ErrMoved
			}
			if err := w.setFollowed(c.Follow, c.To); err != nil {
				return err
			}
		}
		if err := w.alertFirings(c); err != nil {
			return err
		}
		if err := w.alertObjects(c); err != nil {
			return err
		}
		if _, err := w.addMessages(c.Messages, s.now()); err != nil {
			return err
		}
		return w.addNotices(c.Notices, s.now())
	})
}

// alertFirings stores firings, what joins earlier ones, and which were told.
func (w *writer) alertFirings(c *alert.Commit) error {
	last, err := w.lastID("alert_firing")
	if err != nil {
		return err
	}
	if len(c.Firings) > 0 && last+1 != c.First {
		return alert.ErrMoved
	}
	if err := w.bulk(`INSERT INTO alert_firing (id, alert_id, object_kind, object_id, key, grouped, at, last_at, matches, activity_id, conversation_id, member_id, organization_id, title, excerpt, state, due_at, message)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, len(c.Firings), func(i int) []any {
		f := &c.Firings[i]
		return []any{
			f.ID, f.AlertID, f.Object.Kind, f.Object.ID, f.Key, f.Group, micros(f.At), micros(f.LastAt), f.Count, f.ActivityID, f.ConversationID, f.MemberID, f.OrganizationID,
			f.Title, f.Excerpt, f.State, micros(f.DueAt), f.Message,
		}
	}); err != nil {
		return err
	}
	for _, b := range c.Bumps {
		if _, err := w.exec("UPDATE alert_firing SET matches = matches + ?, last_at = ? WHERE id = ?", b.Count, micros(b.At), b.Firing); err != nil {
			return err
		}
	}
	for _, id := range c.Told {
		n, err := w.exec("UPDATE alert_firing SET state = 'sent', message = ? WHERE id = ? AND state = 'held'", c.Digest, id)
		if err != nil {
			return err
		}
		if n == 0 {
			return alert.ErrMoved
		}
	}
	return nil
}

// alertObjects stores who comes to fit, who does no more, and what was looked at.
func (w *writer) alertObjects(c *alert.Commit) error {
	for id, all := range c.Leave {
		if err := w.bulk("DELETE FROM alert_object WHERE alert_id = ? AND object_id = ?", len(all), func(i int) []any { return []any{id, all[i]} }); err != nil {
			return err
		}
	}
	for id, all := range c.Enter {
		// Two processes that do the same at once must not both fire: the second one finds what the first one stored.
		var there int64
		if err := w.eachIn("SELECT count(*) FROM alert_object WHERE alert_id = ? AND object_id IN (%IN%)", []any{id}, anyOf(all), func(row rowScanner) error {
			var n int64
			err := row.Scan(&n)
			there += n
			return err
		}); err != nil {
			return err
		}
		if there > 0 {
			return alert.ErrMoved
		}
		if err := w.bulk("INSERT INTO alert_object (alert_id, object_id) VALUES (?, ?)", len(all), func(i int) []any { return []any{id, all[i]} }); err != nil {
			return err
		}
	}
	for id, looked := range c.Looked {
		if _, err := w.exec("UPDATE alert SET looked = ? WHERE id = ?", looked, id); err != nil {
			return err
		}
	}
	for id, problem := range c.Problems {
		if _, err := w.exec("UPDATE alert SET problem = ? WHERE id = ?", problem, id); err != nil {
			return err
		}
	}
	return nil
}

func anyOf(ids []int64) []any { return idsOf(ids, func(id *int64) int64 { return *id }) }

const firingColumns = `SELECT f.id, f.alert_id, f.object_kind, f.object_id, f.at, f.last_at, f.matches, f.activity_id, f.conversation_id, coalesce(h.id, f.member_id), coalesce(h.name, m.name, ''),
	f.organization_id, coalesce(o.name, ''), f.title, f.excerpt, f.state, f.due_at, f.useful, f.judged_at, f.judged_by, f.key, f.grouped, f.message
	FROM alert_firing f LEFT JOIN member m ON m.id = f.member_id LEFT JOIN member h ON h.id = m.merged_into AND m.merged_into > 0 LEFT JOIN organization o ON o.id = f.organization_id`

func (s *Store) firings(ctx context.Context, q string, args ...any) ([]alert.Firing, error) {
	rows, err := s.query(ctx, firingColumns+" WHERE "+q, args...)
	if err != nil {
		return nil, err
	}
	all := []alert.Firing{}
	err = scan(rows, func() error {
		var f alert.Firing
		var at, last, due, useful, judged int64
		err := rows.Scan(&f.ID, &f.AlertID, &f.Object.Kind, &f.Object.ID, &at, &last, &f.Count, &f.ActivityID, &f.ConversationID, &f.MemberID, &f.Member, &f.OrganizationID, &f.Organization,
			&f.Title, &f.Excerpt, &f.State, &due, &useful, &judged, &f.JudgedBy, &f.Key, &f.Group, &f.Message)
		f.At, f.LastAt, f.DueAt, f.JudgedAt = fromMicros(at), fromMicros(last), fromMicros(due), fromMicros(judged)
		if useful != 0 {
			yes := useful > 0
			f.Useful = &yes
		}
		all = append(all, f)
		return err
	})
	return all, err
}

// HeldFirings are those whose time has come, by alert and id.
func (s *Store) HeldFirings(ctx context.Context, due time.Time) ([]alert.Firing, error) {
	return s.firings(ctx, "f.state = 'held' AND f.due_at <= ? ORDER BY f.alert_id, f.id", micros(due))
}

// AlertFirings lists firings, the newest first.
func (s *Store) AlertFirings(ctx context.Context, f alert.Filter) ([]alert.Firing, error) {
	cond, args := []string{"1 = 1"}, []any{}
	if f.Alert > 0 {
		cond, args = append(cond, "f.alert_id = ?"), append(args, f.Alert)
	}
	if f.Judged {
		cond = append(cond, "f.useful <> 0")
	}
	if f.Below > 0 {
		cond, args = append(cond, "f.id < ?"), append(args, f.Below)
	}
	if f.Limit <= 0 {
		f.Limit = 100
	}
	return s.firings(ctx, strings.Join(cond, " AND ")+" ORDER BY f.id DESC LIMIT ?", append(args, f.Limit)...)
}

// JudgeFiring notes whether a firing was useful; nil = nobody said.
func (s *Store) JudgeFiring(ctx context.Context, id int64, useful *bool, by string) (alert.Firing, error) {
	v, at := int64(0), int64(0)
	if useful != nil {
		v, at = pick[int64](*useful, 1, -1), micros(s.now())
	} else {
		by = ""
	}
	if err := s.write(ctx, func(w *writer) error {
		n, err := w.exec("UPDATE alert_firing SET useful = ?, judged_at = ?, judged_by = ? WHERE id = ?", v, at, by, id)
		if err == nil && n == 0 {
			err = greenroom.Errorf(greenroom.CodeNotFound, "this alert's message is not known any more")
		}
		return err
	}); err != nil {
		return alert.Firing{}, err
	}
	all, err := s.firings(ctx, "f.id = ?", id)
	if err != nil || len(all) == 0 {
		return alert.Firing{}, err
	}
	return all[0], nil
}

const theirFirings = "member_id > 0 AND member_id IN (SELECT x.id FROM member x WHERE x.id = ? OR x.merged_into = ? AND x.merged_into > 0)"

// alertFiringsOf are those of which a member was the reason.
func (s *Store) alertFiringsOf(ctx context.Context, member int64) ([]alert.Firing, error) {
	return s.firings(ctx, "f."+theirFirings+" ORDER BY f.id", member, member)
}

// alertsOf takes a member out of what alerts told: the firings stay as numbers, and their messages lose what they said. Digests
// that name them do, too.
func (e *eraser) alertsOf(member int64) error {
	keys := "SELECT f.message FROM alert_firing f WHERE f.message <> '' AND f." + theirFirings
	for _, q := range []string{
		`UPDATE outbox SET subject = '', body = '', html = '', data = '', reason = CASE WHEN state IN ('draft', 'queued', 'sending') THEN 'the member was erased' ELSE reason END,
			state = CASE WHEN state IN ('draft', 'queued') THEN 'skipped' WHEN state = 'sending' THEN 'uncertain' ELSE state END
			WHERE origin = 'alert' AND EXISTS (` + keys + ` AND outbox.key LIKE f.message || ' to %')`,
		"DELETE FROM notice WHERE kind = 'alert' AND key IN (" + keys + ")",
		"DELETE FROM alert_told WHERE object_kind = 'member' AND object_id IN (SELECT x.id FROM member x WHERE x.id = ? OR x.merged_into = ? AND x.merged_into > 0)",
		"UPDATE alert_firing SET title = '', excerpt = '', member_id = 0, activity_id = 0 WHERE " + theirFirings,
	} {
		if _, err := e.exec(q, member, member); err != nil {
			return err
		}
	}
	return nil
}
