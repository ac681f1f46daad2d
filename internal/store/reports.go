// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"greenroom"
	"greenroom/internal/outbox"
	"greenroom/internal/report"
	"greenroom/internal/task"
)

func (s *Store) reports(ctx context.Context, where string, args ...any) ([]report.Report, error) {
	rows, err := s.query(ctx, "SELECT id, version, body FROM report WHERE "+where+" ORDER BY id", args...)
	if err != nil {
		return nil, err
	}
	all := []report.Report{}
	err = scan(rows, func() error {
		var id, version int64
		var body string
		if err := rows.Scan(&id, &version, &body); err != nil {
			return err
		}
		var r report.Report
		if err := json.Unmarshal([]byte(body), &r); err != nil {
			return fmt.Errorf("decoding report %d: %w", id, err)
		}
		r.ID, r.Version = id, version
		all = append(all, r)
		return nil
	})
	return all, err
}

// Reports lists all reports, the oldest first.
func (s *Store) Reports(ctx context.Context) ([]report.Report, error) { return s.reports(ctx, "1 = 1") }

// Report finds a report.
func (s *Store) Report(ctx context.Context, id int64) (report.Report, error) {
	all, err := s.reports(ctx, "id = ?", id)
	if err == nil && len(all) == 0 {
		err = greenroom.Errorf(greenroom.CodeNotFound, "there is no report %d", id)
	}
	if err != nil {
		return report.Report{}, err
	}
	return all[0], nil
}

// AddReport stores a new report.
func (s *Store) AddReport(ctx context.Context, r report.Report) (report.Report, error) {
	err := s.write(ctx, func(w *writer) error {
		last, err := w.lastID("report")
		if err != nil {
			return err
		}
		r.ID, r.Version = last+1, 1
		body, err := json.Marshal(r)
		if err != nil {
			return fmt.Errorf("encoding a report: %w", err)
		}
		_, err = w.exec("INSERT INTO report (id, version, body) VALUES (?, ?, ?)", r.ID, r.Version, string(body))
		return err
	})
	if err != nil {
		return r, fmt.Errorf("storing a report: %w", err)
	}
	return r, nil
}

// ChangeReport stores a report unless it was changed since it was read; that is CodeConflict.
func (s *Store) ChangeReport(ctx context.Context, r report.Report) (report.Report, error) {
	err := s.write(ctx, func(w *writer) error {
		before := r.Version
		r.Version++
		body, err := json.Marshal(r)
		if err != nil {
			return fmt.Errorf("encoding a report: %w", err)
		}
		n, err := w.exec("UPDATE report SET version = ?, body = ? WHERE id = ? AND version = ?", r.Version, string(body), r.ID, before)
		if err == nil && n == 0 {
			err = greenroom.Errorf(greenroom.CodeConflict, "%q was changed meanwhile; look at it again before you change it. Nothing was overwritten", r.Title)
		}
		return err
	})
	if err != nil {
		return r, fmt.Errorf("storing a report: %w", err)
	}
	return r, nil
}

func reportEdition(row rowScanner) (report.Edition, error) {
	var e report.Edition
	var id, of, version int64
	var state, body string
	if err := row.Scan(&id, &of, &state, &version, &body); err != nil {
		return e, err
	}
	if err := json.Unmarshal([]byte(body), &e); err != nil {
		return e, fmt.Errorf("decoding edition %d: %w", id, err)
	}
	e.ID, e.ReportID, e.State, e.Version = id, of, report.State(state), version
	return e, nil
}

func (s *Store) editions(ctx context.Context, where string, args ...any) ([]report.Edition, error) {
	rows, err := s.query(ctx, "SELECT id, report_id, state, version, body FROM report_edition WHERE "+where, args...)
	if err != nil {
		return nil, err
	}
	all := []report.Edition{}
	err = scan(rows, func() error {
		e, err := reportEdition(rows)
		all = append(all, e)
		return err
	})
	return all, err
}

// Editions lists the editions of a report, the newest period first.
func (s *Store) Editions(ctx context.Context, id int64) ([]report.Edition, error) {
	return s.editions(ctx, "report_id = ? ORDER BY period DESC, id DESC", id)
}

// Edition finds an edition.
func (s *Store) Edition(ctx context.Context, id int64) (report.Edition, error) {
	all, err := s.editions(ctx, "id = ?", id)
	if err == nil && len(all) == 0 {
		err = greenroom.Errorf(greenroom.CodeNotFound, "there is no edition %d of a report", id)
	}
	if err != nil {
		return report.Edition{}, err
	}
	return all[0], nil
}

// AddEdition stores a draft with its tasks, unless there is an edition of the period; then that one is given.
func (s *Store) AddEdition(ctx context.Context, e report.Edition, tasks []task.Task) (stored report.Edition, added bool, err error) {
	err = s.write(ctx, func(w *writer) error {
		last, err := w.lastID("report_edition")
		if err != nil {
			return err
		}
		e.ID, e.Version = last+1, 1
		body, err := json.Marshal(e)
		if err != nil {
			return fmt.Errorf("encoding an edition: %w", err)
		}
		n, err := w.exec("INSERT INTO report_edition (id, report_id, period, state, version, body) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", e.ID, e.ReportID, e.Period.Key, string(e.State), e.Version, string(body))
		if err != nil || n == 0 {
			return err
		}
		added = true
		if _, err := w.addTasks(tasks, s.now()); err != nil {
			return err
		}
		return w.noteQuotes(&e)
	})
	if err != nil {
		return e, false, fmt.Errorf("storing an edition: %w", err)
	}
	if added {
		return e, true, nil
	}
	all, err := s.editions(ctx, "report_id = ? AND period = ?", e.ReportID, e.Period.Key)
	if err != nil || len(all) == 0 {
		return e, false, err
	}
	return all[0], false, nil
}

// noteQuotes notes whose words are in an edition.
func (w *writer) noteQuotes(e *report.Edition) error {
	if _, err := w.exec("DELETE FROM report_quote WHERE edition_id = ?", e.ID); err != nil {
		return err
	}
	for i := range e.Content.Blocks {
		for _, q := range e.Content.Blocks[i].Quotes {
			if q.Member == 0 {
				continue
			}
			if _, err := w.exec("INSERT INTO report_quote (edition_id, member_id) VALUES (?, ?) ON CONFLICT DO NOTHING", e.ID, q.Member); err != nil {
				return err
			}
		}
	}
	return nil
}

// ChangeEdition stores a draft unless it was changed or delivered since it was read; that is CodeConflict.
func (s *Store) ChangeEdition(ctx context.Context, e report.Edition) (report.Edition, error) {
	return s.changeEdition(ctx, e, nil)
}

// DeliverEdition freezes a draft and queues its messages, unless it was changed or delivered since it was read.
func (s *Store) DeliverEdition(ctx context.Context, e report.Edition, messages []outbox.Message) (report.Edition, error) {
	e.State = report.Delivered
	return s.changeEdition(ctx, e, messages)
}

func (s *Store) changeEdition(ctx context.Context, e report.Edition, messages []outbox.Message) (report.Edition, error) {
	for i := range messages {
		if err := messages[i].Validate(); err != nil {
			return e, err //nolint:wrapcheck // its words are for people
		}
	}
	err := s.write(ctx, func(w *writer) error {
		before := e.Version
		e.Version++
		body, err := json.Marshal(e)
		if err != nil {
			return fmt.Errorf("encoding an edition: %w", err)
		}
		n, err := w.exec("UPDATE report_edition SET version = ?, state = ?, body = ? WHERE id = ? AND version = ? AND state = 'draft'", e.Version, string(e.State), string(body), e.ID, before)
		if err != nil {
			return err
		}
		if n == 0 {
			return greenroom.Errorf(greenroom.CodeConflict, "this edition was changed or delivered meanwhile; look at it again. Nothing was overwritten")
		}
		if _, err := w.addMessages(messages, s.now()); err != nil {
			return err
		}
		return w.noteQuotes(&e)
	})
	if err != nil {
		return e, fmt.Errorf("storing an edition: %w", err)
	}
	return e, nil
}

func (s *Store) shares(ctx context.Context, where string, args ...any) ([]report.Share, error) {
	rows, err := s.query(ctx, "SELECT id, key, edition_id, label, hash, expires_at, revoked_at, created_by, created_at FROM report_share WHERE "+where+" ORDER BY id", args...)
	if err != nil {
		return nil, err
	}
	all := []report.Share{}
	err = scan(rows, func() error {
		var x report.Share
		var until, revoked, created int64
		err := rows.Scan(&x.ID, &x.Key, &x.EditionID, &x.Label, &x.Hash, &until, &revoked, &x.CreatedBy, &created)
		x.Locked, x.ExpiresAt, x.RevokedAt, x.CreatedAt = x.Hash != "", fromMicros(until), fromMicros(revoked), fromMicros(created)
		all = append(all, x)
		return err
	})
	return all, err
}

// AddShare stores a link; one with the same key is given as it is.
func (s *Store) AddShare(ctx context.Context, x report.Share) (report.Share, error) {
	err := s.write(ctx, func(w *writer) error {
		last, err := w.lastID("report_share")
		if err != nil {
			return err
		}
		_, err = w.exec("INSERT INTO report_share (id, key, edition_id, label, hash, expires_at, created_by, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING",
			last+1, x.Key, x.EditionID, x.Label, x.Hash, micros(x.ExpiresAt), x.CreatedBy, micros(x.CreatedAt))
		return err
	})
	if err != nil {
		return x, fmt.Errorf("storing a link: %w", err)
	}
	all, err := s.shares(ctx, "key = ?", x.Key)
	if err != nil || len(all) == 0 {
		return x, err
	}
	return all[0], nil
}

// Shares lists the links to an edition, the oldest first.
func (s *Store) Shares(ctx context.Context, edition int64) ([]report.Share, error) {
	return s.shares(ctx, "edition_id = ?", edition)
}

// Share finds a link.
func (s *Store) Share(ctx context.Context, id int64) (report.Share, error) {
	all, err := s.shares(ctx, "id = ?", id)
	if err == nil && len(all) == 0 {
		err = greenroom.Errorf(greenroom.CodeNotFound, "there is no such link")
	}
	if err != nil {
		return report.Share{}, err
	}
	return all[0], nil
}

// RevokeShare takes a link back; one that was taken back stays so.
func (s *Store) RevokeShare(ctx context.Context, id int64, at time.Time) error {
	return s.write(ctx, func(w *writer) error {
		_, err := w.exec("UPDATE report_share SET revoked_at = ? WHERE id = ? AND revoked_at = 0", micros(at), id)
		return err
	})
}

// NoteOpening stores that somebody looked at an edition.
func (s *Store) NoteOpening(ctx context.Context, o report.Opening) error {
	return s.write(ctx, func(w *writer) error {
		last, err := w.lastID("report_opening")
		if err != nil {
			return err
		}
		_, err = w.exec("INSERT INTO report_opening (id, edition_id, share_id, who, what, at) VALUES (?, ?, ?, ?, ?, ?)", last+1, o.EditionID, o.ShareID, o.Who, o.What, micros(o.At))
		return err
	})
}

// mostOpenings bounds how many openings are listed.
const mostOpenings = 500

// Openings lists who looked at an edition, the newest first.
func (s *Store) Openings(ctx context.Context, edition int64) ([]report.Opening, error) {
	rows, err := s.query(ctx, "SELECT edition_id, share_id, who, what, at FROM report_opening WHERE edition_id = ? ORDER BY id DESC LIMIT ?", edition, mostOpenings)
	if err != nil {
		return nil, err
	}
	all := []report.Opening{}
	err = scan(rows, func() error {
		var o report.Opening
		var at int64
		err := rows.Scan(&o.EditionID, &o.ShareID, &o.Who, &o.What, &at)
		o.At = fromMicros(at)
		all = append(all, o)
		return err
	})
	return all, err
}

// quotedIn is a report that a member is quoted in.
type quotedIn struct {
	Report string   `json:"report"`
	Period string   `json:"period"`
	Words  []string `json:"words"`
}

// reportsOf lists the reports that a member is quoted in.
func (s *Store) reportsOf(ctx context.Context, member int64) ([]quotedIn, error) {
	all, err := s.editions(ctx, "id IN (SELECT edition_id FROM report_quote WHERE member_id IN (SELECT x.id FROM member x WHERE x.id = ? OR x.merged_into = ? AND x.merged_into > 0)) ORDER BY id", member, member)
	if err != nil {
		return nil, fmt.Errorf("reading the reports that quote member %d: %w", member, err)
	}
	ids, err := s.wholeIDs(ctx, member)
	if err != nil {
		return nil, err
	}
	var out []quotedIn
	for i := range all {
		q := quotedIn{Report: all[i].Content.Title, Period: all[i].Period.Key}
		for j := range all[i].Content.Blocks {
			for _, x := range all[i].Content.Blocks[j].Quotes {
				if ids[x.Member] {
					q.Words = append(q.Words, x.Text)
				}
			}
		}
		out = append(out, q)
	}
	return out, nil
}

// wholeIDs are the numbers of a member and of those that became part of them.
func (s *Store) wholeIDs(ctx context.Context, member int64) (map[int64]bool, error) {
	rows, err := s.query(ctx, "SELECT id FROM member WHERE id = ? OR merged_into = ? AND merged_into > 0", member, member)
	if err != nil {
		return nil, err
	}
	ids := make(map[int64]bool)
	err = scan(rows, func() error {
		var id int64
		err := rows.Scan(&id)
		ids[id] = true
		return err
	})
	return ids, err
}

// unquote takes the words of a member out of all reports, delivered ones too, and out of the mails that they went out with.
func (e *eraser) unquote(member int64) error {
	ids, err := e.ints("SELECT id FROM member WHERE id = ? OR merged_into = ? AND merged_into > 0 ORDER BY id", member, member)
	if err != nil {
		return err
	}
	theirs := make(map[int64]bool)
	for _, id := range ids {
		theirs[id] = true
	}
	rows, err := e.query("SELECT id, report_id, state, version, body FROM report_edition WHERE id IN (SELECT edition_id FROM report_quote WHERE member_id IN (SELECT id FROM member WHERE id = ? OR merged_into = ? AND merged_into > 0)) ORDER BY id", member, member)
	if err != nil {
		return err
	}
	var all []report.Edition
	if err := scan(rows, func() error {
		x, err := reportEdition(rows)
		all = append(all, x)
		return err
	}); err != nil || len(all) == 0 {
		return err
	}
	for i := range all {
		if err := e.unquoteEdition(&all[i], theirs); err != nil {
			return err
		}
	}
	return e.forgetBlobs()
}

func (e *eraser) unquoteEdition(x *report.Edition, theirs map[int64]bool) error {
	for i := range x.Content.Blocks {
		for j := range x.Content.Blocks[i].Quotes {
			if q := &x.Content.Blocks[i].Quotes[j]; theirs[q.Member] {
				*q = report.Quote{Testimonial: q.Testimonial, Withdrawn: true}
			}
		}
	}
	body, err := json.Marshal(x)
	if err != nil {
		return fmt.Errorf("encoding an edition: %w", err)
	}
	const mails = "origin = 'report' AND run_id = ?"
	for _, q := range []string{
		"DELETE FROM outbox_file WHERE message_id IN (SELECT id FROM outbox WHERE " + mails + ")",
		`UPDATE outbox SET body = '', html = '', reason = CASE WHEN state IN ('draft', 'queued', 'sending') THEN 'somebody who is quoted in it was erased' ELSE reason END,
			state = CASE WHEN state IN ('draft', 'queued') THEN 'skipped' WHEN state = 'sending' THEN 'uncertain' ELSE state END WHERE ` + mails,
	} {
		if _, err := e.exec(q, x.ID); err != nil {
			return err
		}
	}
	if _, err := e.exec("UPDATE report_edition SET body = ? WHERE id = ?", string(body), x.ID); err != nil {
		return err
	}
	return e.noteQuotes(x)
}
