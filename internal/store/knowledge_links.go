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
	"greenroom/internal/knowledge"
)

// dueLink is a link that a document has which is looked at.
const dueLink = "EXISTS (SELECT 1 FROM document_link x WHERE x.link_id = l.id)"

// LinkHosts lists hosts with links that were last checked before a time, those with most first. Hosts that asked to be left alone are
// left out.
func (s *Store) LinkHosts(ctx context.Context, before, now time.Time) ([]knowledge.Host, error) {
	rows, err := s.query(ctx, "SELECT l.host, count(*) FROM link l WHERE l.checked_at < ? AND "+dueLink+" AND l.host NOT IN (SELECT host FROM link_pause WHERE until > ?) GROUP BY l.host ORDER BY 2 DESC, 1", micros(before), micros(now))
	if err != nil {
		return nil, err
	}
	var all []knowledge.Host
	err = scan(rows, func() error {
		var h knowledge.Host
		err := rows.Scan(&h.Name, &h.Due)
		all = append(all, h)
		return err
	})
	return all, err
}

const linkColumns = "l.id, l.address, l.host, l.verdict, l.status, l.reason, l.leads_to, l.moved, l.missing, l.checked_at, l.broken_at, l.failures, l.etag, l.modified, (SELECT count(DISTINCT x.document_id) FROM document_link x WHERE x.link_id = l.id)"

func (s *Store) links(ctx context.Context, q string, args ...any) ([]knowledge.Link, error) {
	rows, err := s.query(ctx, "SELECT "+linkColumns+" FROM link l WHERE "+q, args...)
	if err != nil {
		return nil, err
	}
	all := []knowledge.Link{}
	err = scan(rows, func() error {
		var l knowledge.Link
		var verdict, missing string
		var moved, checked, broken int64
		if err := rows.Scan(&l.ID, &l.Address, &l.Host, &verdict, &l.Status, &l.Reason, &l.LeadsTo, &moved, &missing, &checked, &broken, &l.Failures, &l.ETag, &l.LastModified, &l.Documents); err != nil {
			return err
		}
		l.Verdict, l.Moved, l.CheckedAt, l.BrokenAt = knowledge.Verdict(verdict), moved > 0, fromMicros(checked), fromMicros(broken)
		if missing != "" {
			if err := json.Unmarshal([]byte(missing), &l.Missing); err != nil {
				return fmt.Errorf("decoding link %d: %w", l.ID, err)
			}
		}
		all = append(all, l)
		return nil
	})
	return all, err
}

// DueLinks are links of a host with greater ids that were last checked before a time.
func (s *Store) DueLinks(ctx context.Context, host string, before time.Time, after int64, limit int) ([]knowledge.Link, error) {
	all, err := s.links(ctx, "l.host = ? AND l.id > ? AND l.checked_at < ? AND "+dueLink+" ORDER BY l.id LIMIT ?", host, after, micros(before), limit)
	if err != nil || len(all) == 0 {
		return all, err
	}
	ids, at := make([]int64, len(all)), make(map[int64]*knowledge.Link, len(all))
	for i := range all {
		ids[i], at[all[i].ID] = all[i].ID, &all[i]
	}
	rows, err := s.query(ctx, "SELECT x.link_id, x.anchor, x.own, d.text_given, CASE d.text WHEN '' THEN 1 ELSE 0 END FROM document_link x JOIN document d ON d.id = x.document_id WHERE "+among("x.link_id", ids)+" AND (x.anchor <> '' OR x.own = 1) ORDER BY x.link_id, x.anchor")
	if err != nil {
		return nil, err
	}
	err = scan(rows, func() error {
		var id, own, given, empty int64
		var anchor string
		if err := rows.Scan(&id, &anchor, &own, &given, &empty); err != nil {
			return err
		}
		l := at[id]
		if n := len(l.Anchors); anchor != "" && (n == 0 || l.Anchors[n-1] != anchor) {
			l.Anchors = append(l.Anchors, anchor)
		}
		if own == 1 && given == 0 {
			if l.Page = true; empty == 1 {
				l.ETag, l.LastModified = "", "" // it has to be sent
			}
		}
		return nil
	})
	return all, err
}

// SaveChecked stores what was found and how far the run is, in one transaction.
func (s *Store) SaveChecked(ctx context.Context, run knowledge.Run, all []knowledge.Checked) error {
	err := s.writeAlong(ctx, func(w *writer) error {
		for i := range all {
			x := &all[i]
			missing := ""
			if len(x.Missing) > 0 {
				text, err := json.Marshal(x.Missing)
				if err != nil {
					return fmt.Errorf("encoding places: %w", err)
				}
				missing = string(text)
			}
			if _, err := w.exec(`UPDATE link SET verdict = ?, status = ?, reason = ?, leads_to = ?, moved = ?, missing = ?, checked_at = ?, broken_at = ?, failures = ?, etag = ?, modified = ? WHERE id = ?`,
				string(x.Verdict), x.Status, x.Reason, x.LeadsTo, flag(x.Moved), missing, micros(x.CheckedAt), micros(x.BrokenAt), x.Failures, x.ETag, x.LastModified, x.ID); err != nil {
				return err
			}
			if x.Read != nil {
				if err := w.readDocument(x); err != nil {
					return err
				}
			}
		}
		return w.keepLinkRun(&run)
	})
	if err != nil {
		return fmt.Errorf("storing what links are: %w", err)
	}
	return nil
}

// readDocument gives documents the text and the links of their page.
func (w *writer) readDocument(x *knowledge.Checked) error {
	ids, err := w.ints("SELECT d.id FROM document d JOIN document_link y ON y.document_id = d.id WHERE y.link_id = ? AND y.own = 1 AND d.text_given = 0", x.ID)
	if err != nil {
		return err
	}
	for _, id := range ids {
		d, err := w.documentOf(id)
		if err != nil {
			return err
		}
		var text string
		if err := w.row("SELECT text FROM document WHERE id = ?", []any{id}, &text); err != nil {
			return err
		}
		before := d
		said := d.ReadPage(x.Read, text, x.CheckedAt)
		if said != "" || !d.ChangedAt.Equal(before.ChangedAt) {
			if err := w.setDocument(&d); err != nil {
				return err
			}
		}
		if said != "" && text != "" {
			if _, err := w.documentEvent(knowledge.Event{Document: id, What: knowledge.WhatRead, Detail: said, By: "its page", At: x.CheckedAt}); err != nil {
				return err
			}
		}
		if _, err := w.exec("UPDATE document SET text = ? WHERE id = ?", x.Read.Text, id); err != nil {
			return err
		}
		if err := w.documentLinks(id, d.Address, x.Read.Links); err != nil {
			return err
		}
	}
	return nil
}

// DeferHost leaves a host alone until a time.
func (s *Store) DeferHost(ctx context.Context, host string, until time.Time, reason string) error {
	return s.writeAlong(ctx, func(w *writer) error {
		_, err := w.exec("INSERT INTO link_pause (host, until, reason) VALUES (?, ?, ?) ON CONFLICT (host) DO UPDATE SET until = excluded.until, reason = excluded.reason", host, micros(until), reason)
		return err
	})
}

func (w *writer) keepLinkRun(r *knowledge.Run) error {
	body, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("encoding a run: %w", err)
	}
	_, err = w.exec("INSERT INTO link_run (id, started_at, ended_at, body) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET ended_at = excluded.ended_at, body = excluded.body", r.ID, micros(r.StartedAt), micros(r.EndedAt), string(body))
	return err
}

// LastLinkRun is the last walk over the links; the zero Run where there was none.
func (s *Store) LastLinkRun(ctx context.Context) (r knowledge.Run, err error) {
	var body string
	err = s.queryRow(ctx, "SELECT body FROM link_run ORDER BY id DESC LIMIT 1", nil, &body)
	if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
		return r, nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(body), &r)
	}
	if err != nil {
		return r, fmt.Errorf("reading the last check of links: %w", err)
	}
	return r, nil
}

// StartLinkRun begins a walk over the links, or gives the one that goes on.
func (s *Store) StartLinkRun(ctx context.Context, by string, now time.Time) (knowledge.Run, error) {
	r, err := s.LastLinkRun(ctx)
	if err != nil || r.Going() {
		return r, err
	}
	r = knowledge.Run{ID: r.ID + 1, StartedAt: now, By: by}
	if err := s.queryRow(ctx, "SELECT count(*) FROM link l WHERE "+dueLink, nil, &r.Total); err != nil {
		return r, err
	}
	return r, s.write(ctx, func(w *writer) error { return w.keepLinkRun(&r) })
}

// EndLinkRun ends a walk, and forgets links that no document has any more.
func (s *Store) EndLinkRun(ctx context.Context, r knowledge.Run, now time.Time) error {
	r.EndedAt = now
	return s.write(ctx, func(w *writer) error {
		if err := w.strayLinks(); err != nil {
			return err
		}
		if _, err := w.exec("DELETE FROM link_pause WHERE until <= ?", micros(now)); err != nil {
			return err
		}
		return w.keepLinkRun(&r)
	})
}

// LinkList lists links, those that most documents have first.
func (s *Store) LinkList(ctx context.Context, f knowledge.LinkFilter) ([]knowledge.Link, error) {
	cond, args := []string{dueLink}, []any{}
	if f.Verdict != "" {
		cond, args = append(cond, "l.verdict = ?"), append(args, string(f.Verdict))
	}
	if f.Problem {
		cond = append(cond, "(l.verdict IN ('broken', 'shaky') OR l.moved = 1 OR l.missing <> '')")
	}
	if f.Document > 0 {
		cond, args = append(cond, "l.id IN (SELECT y.link_id FROM document_link y WHERE y.document_id = ?)"), append(args, f.Document)
	}
	if f.Limit <= 0 {
		f.Limit = 200
	}
	order := " ORDER BY CASE l.verdict WHEN 'broken' THEN 0 WHEN 'shaky' THEN 1 ELSE 2 END, (SELECT count(DISTINCT x.document_id) FROM document_link x WHERE x.link_id = l.id) DESC, l.id LIMIT " + strconv.Itoa(f.Limit)
	return s.links(ctx, strings.Join(cond, " AND ")+order, args...)
}

// LinkCounts counts links by what the last check said.
func (s *Store) LinkCounts(ctx context.Context) (map[knowledge.Verdict]int64, error) {
	rows, err := s.query(ctx, "SELECT l.verdict, count(*) FROM link l WHERE "+dueLink+" GROUP BY l.verdict")
	if err != nil {
		return nil, err
	}
	all := make(map[knowledge.Verdict]int64)
	err = scan(rows, func() error {
		var verdict string
		var n int64
		err := rows.Scan(&verdict, &n)
		all[knowledge.Verdict(verdict)] = n
		return err
	})
	return all, err
}

// LinkDocuments are the documents that lead to a link, by their ids.
func (s *Store) LinkDocuments(ctx context.Context, link int64) ([]int64, error) {
	rows, err := s.query(ctx, "SELECT DISTINCT document_id FROM document_link WHERE link_id = ? ORDER BY 1", link)
	if err != nil {
		return nil, err
	}
	all := []int64{}
	err = scan(rows, func() error {
		var id int64
		err := rows.Scan(&id)
		all = append(all, id)
		return err
	})
	return all, err
}
