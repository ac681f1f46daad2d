// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/event"
)

// registrationTables joins each registration with the member that it is of now: the one that it names, or whose address it is.
const registrationTables = ` FROM event_registration r JOIN event e ON e.id = r.event_id LEFT JOIN member m ON m.id = CASE WHEN r.member_id > 0 THEN r.member_id WHEN r.address = '' THEN 0
	ELSE coalesce((SELECT min(i.member_id) FROM identity_key k JOIN identity i ON i.id = k.identity_id WHERE k.kind = 'email' AND k.value = r.address), 0) END
	LEFT JOIN member h ON h.id = m.merged_into AND m.merged_into > 0`

func (s *Store) registrations(ctx context.Context, q string, args ...any) ([]event.Registration, error) {
	// Of somebody who is named as a member, an address is looked up.
	rows, err := s.query(ctx, fmt.Sprintf(`SELECT r.id, r.event_id, coalesce(h.id, m.id, 0), coalesce(h.name, m.name, ''), r.name,
		CASE WHEN r.address <> '' THEN r.address ELSE coalesce((SELECT min(k.value) FROM identity_key k JOIN identity i ON i.id = k.identity_id WHERE k.kind = 'email' AND i.member_id = coalesce(h.id, m.id)), '') END,
		r.state, r.origin, r.at, r.came, r.went, r.changed_at,
		CASE WHEN coalesce(h.first_active, m.first_active, 0) >= e.starts_at - %d THEN 1 ELSE 0 END`, beforeEvent.Microseconds())+registrationTables+" WHERE "+q, args...)
	if err != nil {
		return nil, err
	}
	all := []event.Registration{}
	err = scan(rows, func() error {
		var r event.Registration
		var at, came, went, changed, fresh int64
		err := rows.Scan(&r.ID, &r.EventID, &r.MemberID, &r.Member, &r.Name, &r.Address, &r.State, &r.Origin, &at, &came, &went, &changed, &fresh)
		r.At, r.Came, r.Went, r.Changed, r.New = fromMicros(at), fromMicros(came), fromMicros(went), fromMicros(changed), fresh != 0
		all = append(all, r)
		return err
	})
	return all, err
}

// EventPeople lists registrations, in the order in which they were made.
func (s *Store) EventPeople(ctx context.Context, f event.PeopleFilter) ([]event.Registration, error) {
	cond, args := []string{"1 = 1"}, []any{}
	if f.Event > 0 {
		cond, args = append(cond, "r.event_id = ?"), append(args, f.Event)
	}
	if len(f.States) > 0 {
		cond = append(cond, "r.state IN ("+placeholders(len(f.States))+")")
		for _, st := range f.States {
			args = append(args, string(st))
		}
	}
	if f.New {
		cond = append(cond, fmt.Sprintf("coalesce(h.first_active, m.first_active, 0) >= e.starts_at - %d", beforeEvent.Microseconds()))
	}
	if f.Member > 0 {
		cond, args = append(cond, "coalesce(h.id, m.id) = ?"), append(args, f.Member)
	}
	if f.Limit <= 0 {
		f.Limit = 500
	}
	return s.registrations(ctx, strings.Join(cond, " AND ")+" ORDER BY r.id LIMIT ?", append(args, f.Limit)...)
}

// EventPerson finds a registration.
func (s *Store) EventPerson(ctx context.Context, id int64) (event.Registration, error) {
	all, err := s.registrations(ctx, "r.id = ?", id)
	if err == nil && len(all) == 0 {
		err = greenroom.Errorf(greenroom.CodeNotFound, "there is no registration %d", id)
	}
	if err != nil {
		return event.Registration{}, err
	}
	return all[0], nil
}

// ToldRegistrations gives attendance that is told as activities, or was once, after an id.
func (s *Store) ToldRegistrations(ctx context.Context, after int64, limit int) ([]event.Registration, error) {
	return s.registrations(ctx, "r.id > ? AND (r.state = 'attended' OR r.told = 1) ORDER BY r.id LIMIT ?", after, limit)
}

// RegisterForEvent registers somebody, or lets them wait.
func (s *Store) RegisterForEvent(ctx context.Context, r event.Registration, capacity int64) (event.Registration, error) {
	err := s.write(ctx, func(w *writer) error {
		if r.MemberID > 0 {
			person, err := w.personOf(r.MemberID)
			if err != nil {
				return err
			}
			r.MemberID = person
		}
		id, state, err := w.registered(&r)
		if err != nil {
			return err
		}
		to := event.Registered
		if capacity > 0 {
			var taken int64
			if err := w.row("SELECT count(*) FROM event_registration WHERE event_id = ? AND state IN ('registered', 'attended')", []any{r.EventID}, &taken); err != nil {
				return err
			}
			if taken >= capacity {
				to = event.Waiting
			}
		}
		now := micros(s.now())
		switch {
		case id > 0 && state != event.Gone:
			r.ID = id
			return nil
		case id > 0:
			r.ID = id
			_, err := w.exec("UPDATE event_registration SET state = ?, at = ?, changed_at = ? WHERE id = ?", string(to), now, now, id)
			return err
		}
		r.State = to
		r.ID, err = w.addRegistration(&r, now)
		return err
	})
	if err != nil {
		return r, err
	}
	return s.EventPerson(ctx, r.ID)
}

// registered finds the registration of somebody, 0 for none.
func (w *writer) registered(r *event.Registration) (id int64, state event.Presence, err error) {
	err = w.row(`SELECT id, state FROM event_registration WHERE event_id = ? AND (? <> '' AND address = ? OR ? > 0 AND member_id IN (SELECT y.id FROM member y WHERE y.id = ? OR y.merged_into = ? AND y.merged_into > 0)
		OR ? = '' AND ? = 0 AND address = '' AND member_id = 0 AND lower(name) = ?) ORDER BY id LIMIT 1`,
		[]any{r.EventID, r.Address, r.Address, r.MemberID, r.MemberID, r.MemberID, r.Address, r.MemberID, strings.ToLower(r.Name)}, &id, &state)
	if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
		return 0, "", nil
	}
	return id, state, err
}

func (w *writer) addRegistration(r *event.Registration, now int64) (int64, error) {
	last, err := w.lastID("event_registration")
	if err != nil {
		return 0, err
	}
	_, err = w.exec("INSERT INTO event_registration (id, event_id, member_id, name, address, state, origin, at, changed_at, came, went, told) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		last+1, r.EventID, r.MemberID, r.Name, r.Address, string(r.State), r.Origin, now, now, micros(r.Came), micros(r.Went), flag(r.State == event.Attended))
	return last + 1, err
}

// MoveRegistration sets a presence that may follow the one that there is.
func (s *Store) MoveRegistration(ctx context.Context, id int64, to event.Presence, came time.Time) (event.Registration, error) {
	err := s.write(ctx, func(w *writer) error {
		var was event.Presence
		var eventID, capacity int64
		err := w.row("SELECT r.state, r.event_id, e.capacity FROM event_registration r JOIN event e ON e.id = r.event_id WHERE r.id = ?", []any{id}, &was, &eventID, &capacity)
		if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
			return greenroom.Errorf(greenroom.CodeNotFound, "there is no registration %d", id)
		}
		if err != nil {
			return err
		}
		if !was.May(to) {
			return greenroom.Errorf(greenroom.CodeConflict, "the registration is %s, and cannot become %s", was, to)
		}
		now := micros(s.now())
		if _, err := w.exec("UPDATE event_registration SET state = ?, changed_at = ?, came = CASE WHEN ? = 'attended' AND came = 0 THEN ? ELSE came END, told = CASE ? WHEN 'attended' THEN 1 ELSE told END WHERE id = ?", string(to), now, string(to), micros(came), string(to), id); err != nil {
			return err
		}
		if to != event.Gone || was != event.Registered || capacity == 0 {
			return nil
		}
		_, err = w.exec(`UPDATE event_registration SET state = 'registered', changed_at = ? WHERE id = (SELECT x.id FROM event_registration x WHERE x.event_id = ? AND x.state = 'waiting' ORDER BY x.at, x.id LIMIT 1)
			AND ? > (SELECT count(*) FROM event_registration y WHERE y.event_id = ? AND y.state IN ('registered', 'attended'))`, now, eventID, capacity, eventID)
		return err
	})
	if err != nil {
		return event.Registration{}, err
	}
	return s.EventPerson(ctx, id)
}

// ImportAttendance stores who came.
func (s *Store) ImportAttendance(ctx context.Context, im event.Import, people []event.Came, rest bool) (event.Import, error) {
	bad, err := json.Marshal(im.Bad)
	if err != nil {
		return im, fmt.Errorf("encoding lines: %w", err)
	}
	err = s.write(ctx, func(w *writer) error {
		now := micros(s.now())
		im.People, im.Came, im.Fresh = int64(len(people)), 0, 0
		listed := make(map[int64]bool, len(people))
		for i := range people {
			id, err := w.came(&im, &people[i], now)
			if err != nil {
				return err
			}
			listed[id] = true
		}
		if rest {
			if err := w.missedRest(im.EventID, listed, now); err != nil {
				return err
			}
		}
		last, err := w.lastID("event_import")
		if err != nil {
			return err
		}
		im.ID = last + 1
		_, err = w.exec("INSERT INTO event_import (id, event_id, file, at, actor, lines, people, came, fresh, bad, bad_all) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", im.ID, im.EventID, im.File, micros(im.At), im.By, im.Lines, im.People, im.Came, im.Fresh, string(bad), im.BadAll)
		return err
	})
	return im, err
}

// came stores somebody of a list, and counts them.
func (w *writer) came(im *event.Import, c *event.Came, now int64) (int64, error) {
	r := event.Registration{EventID: im.EventID, Name: c.Name, Address: c.Address, State: event.Attended, Origin: "import", Came: c.Came, Went: c.Went}
	if c.Missed {
		r.State, r.Came, r.Went = event.Missed, time.Time{}, time.Time{}
	} else {
		im.Came++
	}
	id, was, err := w.registered(&r)
	if err == nil && id == 0 && c.Address != "" { // somebody of the team may have registered them as a member
		id, was, err = w.registeredMember(im.EventID, c.Address)
	}
	switch {
	case err != nil:
		return 0, err
	case id == 0:
		if !c.Missed {
			im.Fresh++
		}
		return w.addRegistration(&r, now)
	case was != r.State && !was.May(r.State):
		return id, nil
	}
	_, err = w.exec(`UPDATE event_registration SET changed_at = CASE WHEN state = ? AND came = ? AND went = ? THEN changed_at ELSE ? END, state = ?, came = ?, went = ?, name = CASE name WHEN '' THEN ? ELSE name END, told = CASE ? WHEN 'attended' THEN 1 ELSE told END WHERE id = ?`,
		string(r.State), micros(r.Came), micros(r.Went), now, string(r.State), micros(r.Came), micros(r.Went), c.Name, string(r.State), id)
	return id, err
}

// registeredMember finds the registration of the member whose address this is.
func (w *writer) registeredMember(eventID int64, address string) (id int64, state event.Presence, err error) {
	err = w.row(`SELECT r.id, r.state FROM event_registration r JOIN member m ON m.id = r.member_id WHERE r.event_id = ? AND r.member_id > 0 AND r.address = '' AND CASE WHEN m.merged_into > 0 THEN m.merged_into ELSE m.id END IN
		(SELECT i.member_id FROM identity_key k JOIN identity i ON i.id = k.identity_id WHERE k.kind = 'email' AND k.value = ?) ORDER BY r.id LIMIT 1`, []any{eventID, address}, &id, &state)
	if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
		return 0, "", nil
	}
	return id, state, err
}

// missedRest says of those who registered and are not on a list that they did not come.
func (w *writer) missedRest(eventID int64, listed map[int64]bool, now int64) error {
	rows, err := w.query("SELECT id FROM event_registration WHERE event_id = ? AND state = 'registered' ORDER BY id", eventID)
	if err != nil {
		return err
	}
	var ids []int64
	if err := scan(rows, func() error {
		var id int64
		err := rows.Scan(&id)
		if !listed[id] {
			ids = append(ids, id)
		}
		return err
	}); err != nil {
		return err
	}
	return w.bulk("UPDATE event_registration SET state = 'missed', changed_at = ? WHERE id = ?", len(ids), func(i int) []any { return []any{now, ids[i]} })
}

// EventImports lists the attendance lists that were read for an event, the newest first.
func (s *Store) EventImports(ctx context.Context, eventID int64) ([]event.Import, error) {
	rows, err := s.query(ctx, "SELECT id, event_id, file, at, actor, lines, people, came, fresh, bad, bad_all FROM event_import WHERE event_id = ? ORDER BY id DESC", eventID)
	if err != nil {
		return nil, err
	}
	all := []event.Import{}
	err = scan(rows, func() error {
		var im event.Import
		var at int64
		var bad string
		if err := rows.Scan(&im.ID, &im.EventID, &im.File, &at, &im.By, &im.Lines, &im.People, &im.Came, &im.Fresh, &bad, &im.BadAll); err != nil {
			return err
		}
		im.At = fromMicros(at)
		all = append(all, im)
		return decodeJSON(bad, &all[len(all)-1].Bad, "lines")
	})
	return all, err
}
