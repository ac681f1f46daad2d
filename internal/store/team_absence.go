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
	"greenroom/internal/task"
	"greenroom/internal/team"
)

// What a handover can be of, and what became of it.
const (
	handTask  = "task"
	handInbox = "inbox"
	handDraft = "draft"

	handThere = 0
	handBack  = 1
	handGone  = 2
)

const absenceColumns = `SELECT a.id, a.person, a.stand_in, a.first_day, a.last_day, a.note, a.begins_at, a.ends_at, a.handed_at, a.back_at, a.created_by, a.created_at,
	(SELECT count(*) FROM team_handover h WHERE h.absence_id = a.id), (SELECT count(*) FROM team_handover h WHERE h.absence_id = a.id AND h.state = 1) FROM team_absence a`

func scanAbsence(row rowScanner) (a team.Absence, err error) {
	var begins, ends, handed, back, created int64
	err = row.Scan(&a.ID, &a.Person, &a.StandIn, &a.From, &a.To, &a.Note, &begins, &ends, &handed, &back, &a.CreatedBy, &created, &a.Moved, &a.Returned)
	a.BeginsAt, a.EndsAt, a.HandedAt, a.BackAt, a.CreatedAt = fromMicros(begins), fromMicros(ends), fromMicros(handed), fromMicros(back), fromMicros(created)
	return a, err
}

// TeamAbsences lists absences that end after a time, by their beginning.
func (s *Store) TeamAbsences(ctx context.Context, after time.Time) ([]team.Absence, error) {
	rows, err := s.query(ctx, absenceColumns+" WHERE a.ends_at > ? ORDER BY a.begins_at, a.id", micros(after))
	if err != nil {
		return nil, err
	}
	all := []team.Absence{}
	err = scan(rows, func() error {
		a, err := scanAbsence(rows)
		all = append(all, a)
		return err
	})
	return all, err
}

func (w *writer) absences(where string, args ...any) ([]team.Absence, error) {
	rows, err := w.query(absenceColumns+" WHERE "+where+" ORDER BY a.begins_at, a.id", args...)
	if err != nil {
		return nil, err
	}
	var all []team.Absence
	err = scan(rows, func() error {
		a, err := scanAbsence(rows)
		all = append(all, a)
		return err
	})
	return all, err
}

// AddTeamAbsence stores an absence. CodeConflict where the person is away then already.
func (s *Store) AddTeamAbsence(ctx context.Context, a team.Absence) (team.Absence, error) {
	err := s.write(ctx, func(w *writer) error {
		other, err := w.absences("a.person = ? AND a.begins_at < ? AND a.ends_at > ? AND a.back_at = 0", a.Person, micros(a.EndsAt), micros(a.BeginsAt))
		if err != nil {
			return err
		}
		if len(other) > 0 {
			return greenroom.Errorf(greenroom.CodeConflict, "%s is away from %s to %s already; end that absence first", a.Person, other[0].From, other[0].To)
		}
		last, err := w.lastID("team_absence")
		if err != nil {
			return err
		}
		a.ID = last + 1
		_, err = w.exec("INSERT INTO team_absence (id, person, stand_in, first_day, last_day, note, begins_at, ends_at, created_by, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
			a.ID, a.Person, a.StandIn, a.From, a.To, a.Note, micros(a.BeginsAt), micros(a.EndsAt), a.CreatedBy, micros(a.CreatedAt))
		return err
	})
	return a, err
}

// EndTeamAbsence ends an absence at a time, or calls it off where it has not begun.
func (s *Store) EndTeamAbsence(ctx context.Context, id int64, at time.Time) (a team.Absence, err error) {
	err = s.write(ctx, func(w *writer) error {
		all, err := w.absences("a.id = ?", id)
		if err != nil {
			return err
		}
		if len(all) == 0 {
			return greenroom.Errorf(greenroom.CodeNotFound, "there is no absence %d", id)
		}
		a = all[0]
		if !a.EndsAt.After(at) {
			return greenroom.Errorf(greenroom.CodeConflict, "this absence is over already")
		}
		a.EndsAt = at
		if a.BeginsAt.After(at) {
			a.BeginsAt = at
		}
		_, err = w.exec("UPDATE team_absence SET begins_at = ?, ends_at = ? WHERE id = ?", micros(a.BeginsAt), micros(a.EndsAt), id)
		return err
	})
	return a, err
}

// standIns are the absences of now by person.
func (w *writer) standIns(now time.Time) (map[string]team.Absence, error) {
	all, err := w.absences("a.begins_at <= ? AND a.ends_at > ? AND a.back_at = 0", micros(now), micros(now))
	if err != nil || len(all) == 0 {
		return nil, err
	}
	away := make(map[string]team.Absence, len(all))
	for _, a := range all {
		away[a.Person] = a
	}
	return away, nil
}

// StandIns says who takes over now from whom, by mail address; who is there, and who has nobody, is left out.
func (s *Store) StandIns(ctx context.Context) (map[string]string, error) {
	now := s.now()
	all, err := s.TeamAbsences(ctx, now)
	if err != nil {
		return nil, err
	}
	away := make(map[string]team.Absence, len(all))
	for _, a := range all {
		if a.Now(now) && a.BackAt.IsZero() {
			away[a.Person] = a
		}
	}
	in := make(map[string]string)
	for person := range away {
		if to := team.StandIn(away, person); to != person {
			in[person] = to
		}
	}
	return in, nil
}

// handed notes that something went to a stand-in.
func (w *writer) handed(absence int64, kind string, object int64, from, to string, now time.Time) error {
	_, err := w.exec(`INSERT INTO team_handover (absence_id, kind, object_id, from_whom, to_whom, at, state) VALUES (?, ?, ?, ?, ?, ?, 0)
		ON CONFLICT (absence_id, kind, object_id) DO UPDATE SET to_whom = excluded.to_whom, state = 0`, absence, kind, object, from, to, micros(now))
	return err
}

// ownerAway gives something that is open to its owner's stand-in, where the owner is away.
func (w *writer) ownerAway(kind string, id int64, owner string, now time.Time) error {
	if owner == "" {
		return nil
	}
	away, err := w.standIns(now)
	if err != nil {
		return err
	}
	to := team.StandIn(away, owner)
	if to == owner {
		return nil
	}
	if open, err := w.openOwner(kind, id); err != nil || open != owner {
		return err
	}
	if err := w.giveTo(kind, id, to); err != nil {
		return err
	}
	return w.handed(away[owner].ID, kind, id, owner, to, now)
}

// noticesForStandIns are the notices to people and, of those who are away, to their stand-ins.
func (w *writer) noticesForStandIns(all []task.Notice, now time.Time) ([]task.Notice, error) {
	away, err := w.standIns(now)
	if err != nil || len(away) == 0 {
		return all, err
	}
	out := slices.Clone(all)
	for i := range all {
		n := all[i]
		if to := team.StandIn(away, n.Person); to != n.Person {
			n.Key, n.Title, n.Person = "for "+n.Person+": "+n.Key, "For "+n.Person+": "+n.Title, to
			out = append(out, n)
		}
	}
	return out, nil
}

// HandOver moves what is due to move: to stand-ins, and back.
func (s *Store) HandOver(ctx context.Context) (moved int, err error) {
	due := int64(0)
	now := s.now()
	if err := s.queryRow(ctx, "SELECT count(*) FROM team_absence WHERE back_at = 0 AND (ends_at <= ? OR handed_at = 0 AND begins_at <= ?)", []any{micros(now), micros(now)}, &due); err != nil || due == 0 {
		return 0, err
	}
	err = s.write(ctx, func(w *writer) error {
		moved = 0
		back, err := w.absences("a.ends_at <= ? AND a.back_at = 0", micros(now))
		if err != nil {
			return err
		}
		for i := range back {
			if _, err := w.exec("UPDATE team_absence SET back_at = ? WHERE id = ?", micros(now), back[i].ID); err != nil {
				return err
			}
		}
		away, err := w.standIns(now)
		if err != nil {
			return err
		}
		for i := range back {
			n, err := w.comeBack(&back[i], away, now)
			if err != nil {
				return err
			}
			moved += n
		}
		gone, err := w.absences("a.begins_at <= ? AND a.ends_at > ? AND a.handed_at = 0", micros(now), micros(now))
		if err != nil {
			return err
		}
		for i := range gone {
			n, err := w.handOver(&gone[i], team.StandIn(away, gone[i].Person), now)
			if err != nil {
				return err
			}
			moved += n
		}
		return w.touchInbox()
	})
	return moved, err
}

func (w *writer) handIDs(q string, args ...any) ([]int64, error) {
	rows, err := w.query(q, args...)
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
	return ids, err
}

// handOver gives what is open of somebody who is away now to their stand-in, and tells the stand-in.
func (w *writer) handOver(a *team.Absence, to string, now time.Time) (moved int, err error) {
	if _, err := w.exec("UPDATE team_absence SET handed_at = ? WHERE id = ?", micros(now), a.ID); err != nil || to == a.Person {
		return 0, err
	}
	counts := make(map[string]int)
	for kind, q := range map[string]string{
		handTask:  "SELECT id FROM task WHERE owner = ? AND done_at = 0 ORDER BY id",
		handInbox: "SELECT conversation_id FROM inbox_item WHERE owner = ? AND done_at = 0 ORDER BY conversation_id",
		handDraft: "SELECT id FROM outbox WHERE owner = ? AND state = 'draft' ORDER BY id",
	} {
		ids, err := w.handIDs(q, a.Person)
		if err != nil {
			return moved, err
		}
		for _, id := range ids {
			if err := w.giveTo(kind, id, to); err != nil {
				return moved, err
			}
			if err := w.handed(a.ID, kind, id, a.Person, to, now); err != nil {
				return moved, err
			}
		}
		counts[kind], moved = len(ids), moved+len(ids)
	}
	text := fmt.Sprintf("Until %s. %d tasks and %d conversations are yours meanwhile; what is still open goes back then.", a.To, counts[handTask], counts[handInbox])
	if n := counts[handDraft]; n > 0 {
		text += fmt.Sprintf(" Messages that wait for an approval: %d. They stand in your day.", n)
	}
	return moved, w.addNotices([]task.Notice{{Key: fmt.Sprintf("absence %d", a.ID), Person: to, Kind: "task", Title: "You stand in for " + a.Person, Text: strings.TrimSpace(a.Note + "\n" + text), Link: "/my-day"}}, now)
}

func (w *writer) giveTo(kind string, id int64, owner string) (err error) {
	switch kind {
	case handTask:
		_, err = w.exec("UPDATE task SET owner = ? WHERE id = ?", owner, id)
	case handDraft:
		_, err = w.exec("UPDATE outbox SET owner = ? WHERE id = ?", owner, id)
	default:
		_, err = w.exec("UPDATE inbox_item SET owner = ? WHERE conversation_id = ?", owner, id)
	}
	return err
}

// comeBack gives back what is still open and still with the stand-in, or with whoever stood in for that one, and tells the
// person.
func (w *writer) comeBack(a *team.Absence, away map[string]team.Absence, now time.Time) (moved int, err error) {
	type hand struct {
		kind string
		id   int64
		to   string
	}
	rows, err := w.query("SELECT kind, object_id, to_whom FROM team_handover WHERE absence_id = ? AND state = 0 ORDER BY kind, object_id", a.ID)
	if err != nil {
		return 0, err
	}
	var all []hand
	if err := scan(rows, func() error {
		var h hand
		err := rows.Scan(&h.kind, &h.id, &h.to)
		all = append(all, h)
		return err
	}); err != nil {
		return 0, err
	}
	to := team.StandIn(away, a.Person)
	for _, h := range all {
		state := handGone
		owner, err := w.openOwner(h.kind, h.id)
		if err != nil {
			return moved, err
		}
		with, err := w.passedOn(h.kind, h.id, h.to, owner)
		if err != nil {
			return moved, err
		}
		if owner != "" && with {
			state, moved = handBack, moved+1
			if err := w.giveTo(h.kind, h.id, to); err != nil {
				return moved, err
			}
		}
		if _, err := w.exec("UPDATE team_handover SET state = ? WHERE absence_id = ? AND kind = ? AND object_id = ?", state, a.ID, h.kind, h.id); err != nil {
			return moved, err
		}
		if next, is := away[a.Person]; is && to != a.Person && state == handBack { // away again, at once
			if err := w.handed(next.ID, h.kind, h.id, a.Person, to, now); err != nil {
				return moved, err
			}
		}
	}
	if len(all) == 0 {
		return 0, nil
	}
	return moved, w.addNotices([]task.Notice{{
		Key: fmt.Sprintf("absence %d back", a.ID), Person: a.Person, Kind: "task", Title: "Welcome back",
		Text: fmt.Sprintf("%d tasks, conversations and drafts are yours again. %d were done or given to somebody else while you were away.", moved, len(all)-moved), Link: "/my-day",
	}}, now)
}

// openOwner is whose something is that is not done; "" where it is done, gone or nobody's.
func (w *writer) openOwner(kind string, id int64) (owner string, err error) {
	q := "SELECT coalesce((SELECT owner FROM task WHERE id = ? AND done_at = 0), '')"
	switch kind {
	case handDraft:
		q = "SELECT coalesce((SELECT owner FROM outbox WHERE id = ? AND state = 'draft'), '')"
	case handInbox:
		q = "SELECT coalesce((SELECT owner FROM inbox_item WHERE conversation_id = ? AND done_at = 0), '')"
	}
	err = w.row(q, []any{id}, &owner)
	return owner, err
}

// passedOn reports whether something that went to a stand-in is with its owner of now only because stand-ins were away in turn.
// Those handovers end with it.
func (w *writer) passedOn(kind string, id int64, to, owner string) (bool, error) {
	for range 10 {
		if to == owner {
			return true, nil
		}
		var next string
		if err := w.row("SELECT coalesce(max(to_whom), '') FROM team_handover WHERE kind = ? AND object_id = ? AND from_whom = ? AND state = 0", []any{kind, id, to}, &next); err != nil || next == "" {
			return false, err
		}
		if next == owner {
			if _, err := w.exec("UPDATE team_handover SET state = ? WHERE kind = ? AND object_id = ? AND from_whom = ? AND state = 0", handGone, kind, id, to); err != nil {
				return false, err
			}
		}
		to = next
	}
	return false, nil
}
