// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/event"
)

// ContentList lists content: by when it is to be published, what has no time last.
func (s *Store) ContentList(ctx context.Context, f event.ContentFilter) ([]event.Content, error) {
	cond, args := []string{"1 = 1"}, []any{}
	add := func(c string, arg ...any) { cond, args = append(cond, c), append(args, arg...) }
	const when = "CASE WHEN c.at > 0 THEN c.at ELSE c.published_at END"
	if !f.From.IsZero() {
		add(when+" >= ?", micros(f.From))
	}
	if !f.To.IsZero() {
		add(when+" > 0 AND "+when+" < ?", micros(f.To))
	}
	if len(f.Statuses) > 0 {
		var all []any
		for _, st := range f.Statuses {
			all = append(all, string(st))
		}
		add("c.status IN ("+placeholders(len(all))+")", all...)
	}
	if f.Owner != "" {
		add("c.owner = ?", f.Owner)
	}
	if f.Channel != "" {
		add("lower(c.channel) = ?", strings.ToLower(f.Channel))
	}
	if f.Event > 0 {
		add("c.event_id = ?", f.Event)
	}
	if f.Limit <= 0 {
		f.Limit = 500
	}
	return s.contents(ctx, strings.Join(cond, " AND ")+" ORDER BY CASE c.at WHEN 0 THEN 1 ELSE 0 END, c.at, c.id LIMIT ?", append(args, f.Limit)...)
}

func (s *Store) contents(ctx context.Context, q string, args ...any) ([]event.Content, error) {
	rows, err := s.query(ctx, "SELECT c.id, c.title, c.text, c.channel, c.status, c.owner, c.at, c.link, c.event_id, c.program, c.published_at, c.sequence, c.created_by, c.created_at, c.changed_at FROM content c WHERE "+q, args...)
	if err != nil {
		return nil, err
	}
	all := []event.Content{}
	err = scan(rows, func() error {
		var c event.Content
		var at, published, created, changed int64
		err := rows.Scan(&c.ID, &c.Title, &c.Text, &c.Channel, &c.Status, &c.Owner, &at, &c.Link, &c.EventID, &c.Program, &published, &c.Sequence, &c.CreatedBy, &created, &changed)
		c.At, c.PublishedAt, c.CreatedAt, c.ChangedAt = fromMicros(at), fromMicros(published), fromMicros(created), fromMicros(changed)
		all = append(all, c)
		return err
	})
	return all, err
}

// ContentByID finds a piece of content.
func (s *Store) ContentByID(ctx context.Context, id int64) (event.Content, error) {
	all, err := s.contents(ctx, "c.id = ?", id)
	if err == nil && len(all) == 0 {
		err = greenroom.Errorf(greenroom.CodeNotFound, "there is no content %d", id)
	}
	if err != nil {
		return event.Content{}, err
	}
	return all[0], nil
}

// AddContent stores new content.
func (s *Store) AddContent(ctx context.Context, c event.Content) (event.Content, error) {
	err := s.write(ctx, func(w *writer) error {
		last, err := w.lastID("content")
		if err != nil {
			return err
		}
		c.ID, c.CreatedAt = last+1, s.now()
		c.ChangedAt = c.CreatedAt
		if _, err := w.exec("INSERT INTO content (id, title, text, channel, status, owner, at, link, event_id, program, created_by, created_at, changed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
			c.ID, c.Title, c.Text, c.Channel, string(c.Status), c.Owner, micros(c.At), c.Link, c.EventID, c.Program, c.CreatedBy, micros(c.CreatedAt), micros(c.CreatedAt)); err != nil {
			return err
		}
		return w.contentMove(c.ID, "", c.Status, c.CreatedBy, micros(c.CreatedAt))
	})
	return c, err
}

func (w *writer) contentMove(id int64, was, to event.Status, by string, now int64) error {
	last, err := w.lastID("content_move")
	if err != nil {
		return err
	}
	_, err = w.exec("INSERT INTO content_move (id, content_id, was, status, actor, at) VALUES (?, ?, ?, ?, ?, ?)", last+1, id, string(was), string(to), by, now)
	return err
}

// ChangeContent stores all of content but its status.
func (s *Store) ChangeContent(ctx context.Context, c event.Content) error {
	return s.write(ctx, func(w *writer) error {
		n, err := w.exec("UPDATE content SET title = ?, text = ?, channel = ?, owner = ?, at = ?, link = ?, event_id = ?, program = ?, sequence = sequence + 1, changed_at = ? WHERE id = ?",
			c.Title, c.Text, c.Channel, c.Owner, micros(c.At), c.Link, c.EventID, c.Program, micros(s.now()), c.ID)
		if err == nil && n == 0 {
			err = greenroom.Errorf(greenroom.CodeNotFound, "there is no content %d", c.ID)
		}
		return err
	})
}

// MoveContent sets a status that may follow the one that there is.
func (s *Store) MoveContent(ctx context.Context, id int64, to event.Status, by string) error {
	return s.write(ctx, func(w *writer) error {
		var was event.Status
		err := w.row("SELECT status FROM content WHERE id = ?", []any{id}, &was)
		if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
			return greenroom.Errorf(greenroom.CodeNotFound, "there is no content %d", id)
		}
		if err != nil {
			return err
		}
		if !was.May(to) {
			return greenroom.Errorf(greenroom.CodeConflict, "it is %s, and cannot become %s", statusWords(was), statusWords(to))
		}
		now := micros(s.now())
		if _, err := w.exec("UPDATE content SET status = ?, sequence = sequence + 1, changed_at = ?, published_at = CASE ? WHEN 'published' THEN ? ELSE published_at END WHERE id = ?", string(to), now, string(to), now, id); err != nil {
			return err
		}
		return w.contentMove(id, was, to, by, now)
	})
}

func statusWords(s event.Status) string {
	switch s {
	case event.Idea:
		return "an idea"
	case event.Drafted:
		return "a draft"
	case event.InReview:
		return "in review"
	case event.Scheduled, event.Published:
	}
	return string(s)
}

// ContentMoves lists how content came to its status, the newest first.
func (s *Store) ContentMoves(ctx context.Context, id int64) ([]event.Move, error) {
	rows, err := s.query(ctx, "SELECT was, status, actor, at FROM content_move WHERE content_id = ? ORDER BY id DESC", id)
	if err != nil {
		return nil, err
	}
	all := []event.Move{}
	err = scan(rows, func() error {
		var m event.Move
		var at int64
		err := rows.Scan(&m.From, &m.To, &m.By, &at)
		m.At = fromMicros(at)
		all = append(all, m)
		return err
	})
	return all, err
}

// OutsideCalendars lists calendars of others, by name.
func (s *Store) OutsideCalendars(ctx context.Context) ([]event.Outside, error) {
	rows, err := s.query(ctx, "SELECT o.id, o.name, o.address, o.shown, (SELECT count(*) FROM outside_entry x WHERE x.calendar_id = o.id), o.fetched_at, o.problem, o.created_by, o.created_at FROM outside_calendar o ORDER BY lower(o.name)"+s.d.collate+", o.id")
	if err != nil {
		return nil, err
	}
	all := []event.Outside{}
	err = scan(rows, func() error {
		var o event.Outside
		var fetched, created int64
		err := rows.Scan(&o.ID, &o.Name, &o.Address, &o.Shown, &o.Entries, &fetched, &o.Problem, &o.CreatedBy, &created)
		o.FetchedAt, o.CreatedAt = fromMicros(fetched), fromMicros(created)
		all = append(all, o)
		return err
	})
	return all, err
}

// AddOutsideCalendar stores a calendar of others.
func (s *Store) AddOutsideCalendar(ctx context.Context, o event.Outside) (event.Outside, error) {
	err := s.write(ctx, func(w *writer) error {
		var have int64
		if err := w.row("SELECT count(*) FROM outside_calendar WHERE lower(name) = ?", []any{strings.ToLower(o.Name)}, &have); err != nil {
			return err
		}
		if have > 0 {
			return greenroom.Errorf(greenroom.CodeConflict, "there is a calendar %q already; choose another name", o.Name)
		}
		last, err := w.lastID("outside_calendar")
		if err != nil {
			return err
		}
		o.ID = last + 1
		_, err = w.exec("INSERT INTO outside_calendar (id, name, address, shown, created_by, created_at) VALUES (?, ?, ?, ?, ?, ?)", o.ID, o.Name, o.Address, o.Shown, o.CreatedBy, micros(o.CreatedAt))
		return err
	})
	return o, err
}

// RemoveOutsideCalendar removes a calendar of others with its entries.
func (s *Store) RemoveOutsideCalendar(ctx context.Context, id int64) error {
	return s.write(ctx, func(w *writer) error {
		if err := (&eraser{writer: w}).mark("outside_calendar"); err != nil {
			return err
		}
		if _, err := w.exec("DELETE FROM outside_entry WHERE calendar_id = ?", id); err != nil {
			return err
		}
		n, err := w.exec("DELETE FROM outside_calendar WHERE id = ?", id)
		if err == nil && n == 0 {
			err = greenroom.Errorf(greenroom.CodeNotFound, "there is no calendar %d", id)
		}
		return err
	})
}

// SaveOutside stores what was read of a calendar of others, or why it could not be.
func (s *Store) SaveOutside(ctx context.Context, id int64, entries []event.Entry, problem string) error {
	texts := make([]string, len(entries))
	for i := range entries {
		data, err := json.Marshal(entries[i])
		if err != nil {
			return fmt.Errorf("encoding an entry: %w", err)
		}
		texts[i] = string(data)
	}
	return s.write(ctx, func(w *writer) error {
		if _, err := w.exec("UPDATE outside_calendar SET fetched_at = ?, problem = ? WHERE id = ?", micros(s.now()), problem, id); err != nil || problem != "" {
			return err
		}
		if _, err := w.exec("DELETE FROM outside_entry WHERE calendar_id = ?", id); err != nil {
			return err
		}
		return w.bulk("INSERT INTO outside_entry (calendar_id, position, starts_at, ends_at, entry) VALUES (?, ?, ?, ?, ?)", len(entries), func(i int) []any {
			return []any{id, int64(i), micros(entries[i].From), micros(entries[i].To), texts[i]}
		})
	})
}

// OutsideEntries lists entries of calendars of others between two times.
func (s *Store) OutsideEntries(ctx context.Context, from, to time.Time) ([]event.Entry, error) {
	rows, err := s.query(ctx, "SELECT entry FROM outside_entry WHERE starts_at < ? AND ends_at > ? ORDER BY starts_at, calendar_id, position", micros(to), micros(from))
	if err != nil {
		return nil, err
	}
	all := []event.Entry{}
	err = scan(rows, func() error {
		var text string
		if err := rows.Scan(&text); err != nil {
			return err
		}
		var e event.Entry
		err := decodeJSON(text, &e, "an entry")
		all = append(all, e)
		return err
	})
	return all, err
}

const settingCalendarEpoch = "calendar_epoch"

// CalendarEpoch is the number of the calendar addresses that hold now.
func (s *Store) CalendarEpoch(ctx context.Context) (int64, error) {
	var text string
	err := s.queryRow(ctx, "SELECT value FROM setting WHERE key = ?", []any{settingCalendarEpoch}, &text)
	if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
		return 1, nil
	}
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("decoding the number of calendar addresses: %w", err)
	}
	return n, nil
}

// RenewCalendars makes calendar addresses of the next number hold.
func (s *Store) RenewCalendars(ctx context.Context) error {
	n, err := s.CalendarEpoch(ctx)
	if err != nil {
		return err
	}
	return s.write(ctx, func(w *writer) error {
		_, err := w.exec("INSERT INTO setting (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", settingCalendarEpoch, strconv.FormatInt(n+1, 10))
		return err
	})
}
