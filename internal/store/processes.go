// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"greenroom"
	"greenroom/internal/event"
	"greenroom/internal/process"
)

func (s *Store) processes(ctx context.Context, where string, args ...any) ([]process.Process, error) {
	rows, err := s.query(ctx, "SELECT id, version, archived, body, created_by, created_at FROM process WHERE "+where+" ORDER BY id", args...)
	if err != nil {
		return nil, err
	}
	all := []process.Process{}
	err = scan(rows, func() error {
		var p process.Process
		var archived, created int64
		var body string
		if err := rows.Scan(&p.ID, &p.Version, &archived, &body, &p.CreatedBy, &created); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(body), &p.Draft); err != nil {
			return fmt.Errorf("decoding process %d: %w", p.ID, err)
		}
		p.Archived, p.CreatedAt = archived != 0, fromMicros(created)
		all = append(all, p)
		return nil
	})
	return all, err
}

// Processes lists all processes, archived ones too, the oldest first.
func (s *Store) Processes(ctx context.Context) ([]process.Process, error) {
	return s.processes(ctx, "1 = 1")
}

// Process finds a process.
func (s *Store) Process(ctx context.Context, id int64) (process.Process, error) {
	all, err := s.processes(ctx, "id = ?", id)
	if err == nil && len(all) == 0 {
		err = greenroom.Errorf(greenroom.CodeNotFound, "there is no process %d", id)
	}
	if err != nil {
		return process.Process{}, err
	}
	return all[0], nil
}

// AddProcess stores a new process.
func (s *Store) AddProcess(ctx context.Context, p process.Process) (process.Process, error) {
	body, err := json.Marshal(p.Draft)
	if err != nil {
		return p, fmt.Errorf("encoding a process: %w", err)
	}
	err = s.write(ctx, func(w *writer) error {
		last, err := w.lastID("process")
		if err != nil {
			return err
		}
		p.ID, p.Version = last+1, 1
		_, err = w.exec("INSERT INTO process (id, version, body, created_by, created_at) VALUES (?, ?, ?, ?, ?)", p.ID, p.Version, string(body), p.CreatedBy, micros(p.CreatedAt))
		return err
	})
	return p, err
}

// ChangeProcess stores a process unless it was changed since it was read; that is CodeConflict.
func (s *Store) ChangeProcess(ctx context.Context, p process.Process) (process.Process, error) {
	body, err := json.Marshal(p.Draft)
	if err != nil {
		return p, fmt.Errorf("encoding a process: %w", err)
	}
	err = s.write(ctx, func(w *writer) error {
		before := p.Version
		p.Version++
		n, err := w.exec("UPDATE process SET version = ?, archived = ?, body = ? WHERE id = ? AND version = ?", p.Version, flag(p.Archived), string(body), p.ID, before)
		if err == nil && n == 0 {
			err = greenroom.Errorf(greenroom.CodeConflict, "%q was changed meanwhile; look at it again before you change it. Nothing was overwritten", p.Name)
		}
		return err
	})
	return p, err
}

const timingColumns = "SELECT id, process_id, person, runs, started_at, stopped_at FROM process_timing"

func scanTiming(row rowScanner) (t process.Timing, err error) {
	var started, stopped int64
	err = row.Scan(&t.ID, &t.ProcessID, &t.Person, &t.Runs, &started, &stopped)
	t.StartedAt, t.StoppedAt = fromMicros(started), fromMicros(stopped)
	return t, err
}

// ProcessTimings lists the last timings of a process, or of all for 0, the newest first.
func (s *Store) ProcessTimings(ctx context.Context, id int64, limit int) ([]process.Timing, error) {
	rows, err := s.query(ctx, timingColumns+" WHERE ? = 0 OR process_id = ? ORDER BY id DESC LIMIT ?", id, id, limit)
	if err != nil {
		return nil, err
	}
	all := []process.Timing{}
	err = scan(rows, func() error {
		t, err := scanTiming(rows)
		all = append(all, t)
		return err
	})
	return all, err
}

// AddTiming stores a timing that is over.
func (s *Store) AddTiming(ctx context.Context, t process.Timing) (process.Timing, error) {
	err := s.write(ctx, func(w *writer) error { return w.addTiming(&t) })
	return t, err
}

func (w *writer) addTiming(t *process.Timing) error {
	last, err := w.lastID("process_timing")
	if err != nil {
		return err
	}
	t.ID = last + 1
	_, err = w.exec("INSERT INTO process_timing (id, process_id, person, runs, started_at, stopped_at) VALUES (?, ?, ?, ?, ?, ?)", t.ID, t.ProcessID, t.Person, t.Runs, micros(t.StartedAt), micros(t.StoppedAt))
	return err
}

// StartTiming starts a person's timer. CodeConflict where one of theirs runs.
func (s *Store) StartTiming(ctx context.Context, t process.Timing) (process.Timing, error) {
	err := s.write(ctx, func(w *writer) error {
		var running int64
		if err := w.row("SELECT coalesce(max(process_id), 0) FROM process_timing WHERE person = ? AND stopped_at = 0", []any{t.Person}, &running); err != nil {
			return err
		}
		if running > 0 {
			return greenroom.Errorf(greenroom.CodeConflict, "your timer runs already, for process %d; stop it first", running)
		}
		return w.addTiming(&t)
	})
	return t, err
}

// StopTiming stops a person's timer. CodeNotFound where none of theirs runs for this process.
func (s *Store) StopTiming(ctx context.Context, id int64, person string, runs int, at time.Time) (t process.Timing, err error) {
	err = s.write(ctx, func(w *writer) error {
		n, err := w.exec("UPDATE process_timing SET stopped_at = ?, runs = ? WHERE process_id = ? AND person = ? AND stopped_at = 0", micros(at), runs, id, person)
		if err == nil && n == 0 {
			err = greenroom.Errorf(greenroom.CodeNotFound, "no timer of yours runs for process %d", id)
		}
		if err != nil {
			return err
		}
		var last int64
		if err := w.row("SELECT max(id) FROM process_timing WHERE process_id = ? AND person = ?", []any{id, person}, &last); err != nil {
			return err
		}
		t, err = w.timing(last)
		return err
	})
	return t, err
}

func (w *writer) timing(id int64) (t process.Timing, err error) {
	rows, err := w.query(timingColumns+" WHERE id = ?", id)
	if err != nil {
		return t, err
	}
	found := false
	err = scan(rows, func() error {
		found = true
		t, err = scanTiming(rows)
		return err
	})
	if err == nil && !found {
		err = greenroom.Errorf(greenroom.CodeNotFound, "there is no timing %d", id)
	}
	return t, err
}

// RemoveTiming removes a timing. Its number is not given again.
func (s *Store) RemoveTiming(ctx context.Context, id int64) (t process.Timing, err error) {
	err = s.write(ctx, func(w *writer) error {
		if t, err = w.timing(id); err != nil {
			return err
		}
		return w.removeKeepingID("process_timing", id)
	})
	return t, err
}

// removeKeepingID deletes a row whose number is not given again.
func (w *writer) removeKeepingID(table string, id int64) error {
	last, err := w.lastID(table)
	if err != nil {
		return err
	}
	if _, err := w.exec("DELETE FROM "+table+" WHERE id = ?", id); err != nil {
		return err
	}
	return w.setFollowed("last:"+table, last)
}

// ProcessDocuments lists documents without what stands in them, the newest first.
func (s *Store) ProcessDocuments(ctx context.Context) ([]process.Document, error) {
	rows, err := s.query(ctx, "SELECT id, kind, title, actor, at FROM process_document ORDER BY id DESC")
	if err != nil {
		return nil, err
	}
	all := []process.Document{}
	err = scan(rows, func() error {
		var d process.Document
		var at int64
		err := rows.Scan(&d.ID, &d.Kind, &d.Title, &d.By, &at)
		d.At = fromMicros(at)
		all = append(all, d)
		return err
	})
	return all, err
}

// ProcessDocument reads a document as it was frozen.
func (s *Store) ProcessDocument(ctx context.Context, id int64) (d process.Document, err error) {
	var body string
	err = s.queryRow(ctx, "SELECT body FROM process_document WHERE id = ?", []any{id}, &body)
	if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
		return d, greenroom.Errorf(greenroom.CodeNotFound, "there is no document %d", id)
	}
	if err != nil {
		return d, err
	}
	if err := json.Unmarshal([]byte(body), &d); err != nil {
		return d, fmt.Errorf("decoding document %d: %w", id, err)
	}
	d.ID = id
	return d, nil
}

// AddProcessDocument freezes a document.
func (s *Store) AddProcessDocument(ctx context.Context, d process.Document) (process.Document, error) {
	body, err := json.Marshal(d)
	if err != nil {
		return d, fmt.Errorf("encoding a document: %w", err)
	}
	err = s.write(ctx, func(w *writer) error {
		last, err := w.lastID("process_document")
		if err != nil {
			return err
		}
		d.ID = last + 1
		_, err = w.exec("INSERT INTO process_document (id, kind, title, actor, at, body) VALUES (?, ?, ?, ?, ?, ?)", d.ID, string(d.Kind), d.Title, d.By, micros(d.At), string(body))
		return err
	})
	return d, err
}

// InboxDone counts conversations that were marked as done in the inbox from one time to another, and are still.
func (s *Store) InboxDone(ctx context.Context, from, to time.Time) (n int64, err error) {
	err = s.queryRow(ctx, "SELECT count(*) FROM inbox_item WHERE done_at >= ? AND done_at < ? AND merged_into = 0", []any{micros(from), micros(to)}, &n)
	return n, err
}

// EventsHeld counts our events that began from one time to another and were not canceled.
func (s *Store) EventsHeld(ctx context.Context, from, to time.Time) (n int64, err error) {
	err = s.queryRow(ctx, "SELECT count(*) FROM event WHERE starts_at >= ? AND starts_at < ? AND state <> ?", []any{micros(from), micros(to), string(event.Canceled)}, &n)
	return n, err
}

// WorkflowDone counts a workflow's runs that came to their end from one time to another.
func (s *Store) WorkflowDone(ctx context.Context, id int64, from, to time.Time) (n int64, err error) {
	err = s.queryRow(ctx, "SELECT count(*) FROM workflow_run WHERE workflow_id = ? AND state = 'done' AND ended_at >= ? AND ended_at < ?", []any{id, micros(from), micros(to)}, &n)
	return n, err
}

// WorkflowNames are the names of workflows by number.
func (s *Store) WorkflowNames(ctx context.Context) (map[int64]string, error) {
	rows, err := s.query(ctx, "SELECT id, name FROM workflow")
	if err != nil {
		return nil, err
	}
	all := make(map[int64]string)
	err = scan(rows, func() error {
		var id int64
		var name string
		err := rows.Scan(&id, &name)
		all[id] = name
		return err
	})
	return all, err
}
