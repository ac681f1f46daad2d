// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/event"
)

// EventList lists events: by when they begin, or with Newest the other way round.
func (s *Store) EventList(ctx context.Context, f event.Filter) ([]event.Event, error) {
	cond, args := []string{"1 = 1"}, []any{}
	add := func(c string, arg ...any) { cond, args = append(cond, c), append(args, arg...) }
	if !f.From.IsZero() {
		add("e.ends_at > ?", micros(f.From))
	}
	if !f.To.IsZero() {
		add("e.starts_at < ?", micros(f.To))
	}
	if f.Program != "" {
		add("e.program = ?", f.Program)
	}
	if f.Below > 0 {
		add("e.id < ?", f.Below)
	}
	if f.Limit <= 0 {
		f.Limit = 200
	}
	return s.eventRows(ctx, strings.Join(cond, " AND ")+" ORDER BY e.starts_at"+pick(f.Newest, " DESC", "")+", e.id LIMIT ?", append(args, f.Limit)...)
}

func (s *Store) eventRows(ctx context.Context, q string, args ...any) ([]event.Event, error) {
	rows, err := s.query(ctx, `SELECT e.id, e.title, e.text, e.kind, e.state, e.starts_at, e.ends_at, e.zone, e.place, e.link, e.capacity, e.owner, e.program, e.sequence, e.created_by, e.created_at, e.changed_at FROM event e WHERE `+q, args...)
	if err != nil {
		return nil, err
	}
	all := []event.Event{}
	index := make(map[int64]int)
	var ids []int64
	if err := scan(rows, func() error {
		var e event.Event
		var start, end, created, changed int64
		err := rows.Scan(&e.ID, &e.Title, &e.Text, &e.Kind, &e.State, &start, &end, &e.Zone, &e.Place, &e.Link, &e.Capacity, &e.Owner, &e.Program, &e.Sequence, &e.CreatedBy, &created, &changed)
		e.Start, e.End, e.CreatedAt, e.ChangedAt = fromMicros(start), fromMicros(end), fromMicros(created), fromMicros(changed)
		index[e.ID], ids = len(all), append(ids, e.ID)
		all = append(all, e)
		return err
	}); err != nil {
		return nil, err
	}
	if err := inLists(ctx, s, "SELECT x.event_id, x.state, count(*), "+knownPeople+" FROM event_registration x WHERE x.event_id IN (%IN%) GROUP BY x.event_id, x.state", ids, func(row rowScanner) error {
		var id, n, known int64
		var state event.Presence
		err := row.Scan(&id, &state, &n, &known)
		c := &all[index[id]].Counts
		switch state {
		case event.Registered:
			c.Registered = n
		case event.Waiting:
			c.Waiting = n
		case event.Attended:
			c.Attended, c.Members = n, known
		case event.Missed:
			c.Missed = n
		case event.Gone:
			c.Canceled = n
		}
		return err
	}); err != nil {
		return nil, err
	}
	err = inLists(ctx, s, `SELECT p.event_id, coalesce(h.id, p.member_id), coalesce(h.name, m.name, ''), p.talk FROM event_speaker p LEFT JOIN member m ON m.id = p.member_id
		LEFT JOIN member h ON h.id = m.merged_into AND m.merged_into > 0 WHERE p.event_id IN (%IN%) ORDER BY p.event_id, p.position`, ids, func(row rowScanner) error {
		var id int64
		var sp event.Speaker
		err := row.Scan(&id, &sp.MemberID, &sp.Member, &sp.Talk)
		e := &all[index[id]]
		e.Speakers = append(e.Speakers, sp)
		return err
	})
	return all, err
}

// knownPeople counts, of registrations x, those whose member is known.
const knownPeople = `sum(CASE WHEN x.member_id > 0 OR x.address <> '' AND EXISTS (SELECT 1 FROM identity_key k WHERE k.kind = 'email' AND k.value = x.address) THEN 1 ELSE 0 END)`

// EventByID finds an event.
func (s *Store) EventByID(ctx context.Context, id int64) (event.Event, error) {
	all, err := s.eventRows(ctx, "e.id = ?", id)
	if err == nil && len(all) == 0 {
		err = greenroom.Errorf(greenroom.CodeNotFound, "there is no event %d", id)
	}
	if err != nil {
		return event.Event{}, err
	}
	return all[0], nil
}

// AddEvent stores a new event.
func (s *Store) AddEvent(ctx context.Context, e event.Event) (event.Event, error) {
	err := s.write(ctx, func(w *writer) error {
		last, err := w.lastID("event")
		if err != nil {
			return err
		}
		e.ID, e.CreatedAt = last+1, s.now()
		e.ChangedAt = e.CreatedAt
		if _, err := w.exec(`INSERT INTO event (id, title, text, kind, state, starts_at, ends_at, zone, place, link, capacity, owner, program, created_by, created_at, changed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			e.ID, e.Title, e.Text, string(e.Kind), string(e.State), micros(e.Start), micros(e.End), e.Zone, e.Place, e.Link, e.Capacity, e.Owner, e.Program, e.CreatedBy, micros(e.CreatedAt), micros(e.CreatedAt)); err != nil {
			return err
		}
		return w.speakers(&e)
	})
	return e, err
}

func (w *writer) speakers(e *event.Event) error {
	if _, err := w.exec("DELETE FROM event_speaker WHERE event_id = ?", e.ID); err != nil {
		return err
	}
	for i, sp := range e.Speakers {
		person, err := w.personOf(sp.MemberID)
		if err != nil {
			return err
		}
		if _, err := w.exec("INSERT INTO event_speaker (event_id, member_id, position, talk) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", e.ID, person, i, sp.Talk); err != nil {
			return err
		}
	}
	return nil
}

// ChangeEvent stores all of an event but the id and who made it.
func (s *Store) ChangeEvent(ctx context.Context, e event.Event) error {
	return s.write(ctx, func(w *writer) error {
		n, err := w.exec(`UPDATE event SET title = ?, text = ?, kind = ?, state = ?, starts_at = ?, ends_at = ?, zone = ?, place = ?, link = ?, capacity = ?, owner = ?, program = ?, sequence = sequence + 1, changed_at = ? WHERE id = ?`,
			e.Title, e.Text, string(e.Kind), string(e.State), micros(e.Start), micros(e.End), e.Zone, e.Place, e.Link, e.Capacity, e.Owner, e.Program, micros(s.now()), e.ID)
		if err == nil && n == 0 {
			err = greenroom.Errorf(greenroom.CodeNotFound, "there is no event %d", e.ID)
		}
		if err != nil {
			return err
		}
		return w.speakers(&e)
	})
}

// ImportedEvents lists events that sources told, the newest first.
func (s *Store) ImportedEvents(ctx context.Context, limit int) ([]event.Imported, error) {
	rows, err := s.query(ctx, fmt.Sprintf(`SELECT a.id, a.conversation_id, s.name, a.title, a.url, a.occurred_at,
		CASE WHEN a.conversation_id > 0 THEN (SELECT count(*) FROM activity x WHERE x.conversation_id = a.conversation_id AND x.kind = %d AND x.deleted = 0) ELSE 0 END
		FROM activity a JOIN source s ON s.id = a.source_id WHERE a.kind = %d AND a.deleted = 0 AND s.platform IN ('luma', 'meetup', 'ical') ORDER BY a.occurred_at DESC, a.id DESC LIMIT ?`, greenroom.KindAttendance, greenroom.KindAnnouncement), limit)
	if err != nil {
		return nil, err
	}
	all := []event.Imported{}
	err = scan(rows, func() error {
		var im event.Imported
		var at int64
		err := rows.Scan(&im.ActivityID, &im.Conversation, &im.Source, &im.Title, &im.URL, &at, &im.Attended)
		im.At = fromMicros(at)
		all = append(all, im)
		return err
	})
	return all, err
}

// eventsOf takes a member out of all events: as a speaker, and what they registered for.
func (e *eraser) eventsOf(member int64) error {
	if err := e.mark("event_registration"); err != nil {
		return err
	}
	theirs := ofPerson("member_id")
	for _, q := range []string{"DELETE FROM event_speaker WHERE " + theirs, "DELETE FROM event_registration WHERE " + theirs} {
		if _, err := e.exec(q, member, member); err != nil {
			return err
		}
	}
	return nil
}

// eventsOfAccount takes out what somebody registered for by an address of an account. Attendance lists that could not be
// read in part go too: nobody knows whom the lines were about.
func (e *eraser) eventsOfAccount(identity int64) error {
	if err := e.mark("event_registration"); err != nil {
		return err
	}
	const theirs = "address <> '' AND address IN (SELECT k.value FROM identity_key k WHERE k.identity_id = ? AND k.kind IN ('email', 'address'))"
	for _, q := range []string{
		"UPDATE event_import SET bad = '[]' WHERE event_id IN (SELECT r.event_id FROM event_registration r WHERE " + theirs + ")",
		"DELETE FROM event_registration WHERE " + theirs,
	} {
		if _, err := e.exec(q, identity); err != nil {
			return err
		}
	}
	return nil
}

// personalEvents is what is stored about a member in events.
type personalEvents struct {
	Registrations []event.Registration `json:"registrations"`
	Speaks        []event.Speaker      `json:"speaks"`
}

func (s *Store) personalEvents(ctx context.Context, member int64) (p personalEvents, err error) {
	if p.Registrations, err = s.EventPeople(ctx, event.PeopleFilter{Member: member, Limit: 1 << 30}); err != nil {
		return p, err
	}
	p.Speaks = []event.Speaker{}
	rows, err := s.query(ctx, "SELECT p.member_id, e.title || CASE p.talk WHEN '' THEN '' ELSE ': ' || p.talk END FROM event_speaker p JOIN event e ON e.id = p.event_id WHERE "+ofPerson("p.member_id")+" ORDER BY e.id", member, member)
	if err != nil {
		return p, err
	}
	return p, scan(rows, func() error {
		var sp event.Speaker
		err := rows.Scan(&sp.MemberID, &sp.Talk)
		p.Speaks = append(p.Speaks, sp)
		return err
	})
}

// beforeEvent is from when on somebody who came to an event counts as new: people join a little early.
const beforeEvent = 24 * time.Hour
