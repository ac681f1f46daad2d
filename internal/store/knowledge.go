// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/knowledge"
)

const documentColumns = "SELECT id, version, public_key, collection_id, conversation_id, body FROM document"

// scanDocument reads a row of documentColumns.
func scanDocument(row rowScanner) (knowledge.Document, error) {
	var d knowledge.Document
	var id, version, collection, conversation int64
	var key, body string
	if err := row.Scan(&id, &version, &key, &collection, &conversation, &body); err != nil {
		return d, err
	}
	if err := json.Unmarshal([]byte(body), &d); err != nil {
		return d, fmt.Errorf("decoding document %d: %w", id, err)
	}
	d.ID, d.Version, d.Key, d.Collection, d.Conversation = id, version, key, collection, conversation
	return d, nil
}

func (s *Store) documents(ctx context.Context, where string, args ...any) ([]knowledge.Document, error) {
	rows, err := s.query(ctx, documentColumns+" WHERE "+where+" ORDER BY id", args...)
	if err != nil {
		return nil, err
	}
	all := []knowledge.Document{}
	err = scan(rows, func() error {
		d, err := scanDocument(rows)
		all = append(all, d)
		return err
	})
	return all, err
}

// Documents lists the register, the oldest entry first.
func (s *Store) Documents(ctx context.Context) ([]knowledge.Document, error) {
	return s.documents(ctx, "1 = 1")
}

// Document finds a document.
func (s *Store) Document(ctx context.Context, id int64) (knowledge.Document, error) {
	all, err := s.documents(ctx, "id = ?", id)
	if err == nil && len(all) == 0 {
		err = noDocument(id)
	}
	if err != nil {
		return knowledge.Document{}, err
	}
	return all[0], nil
}

func noDocument(id int64) error {
	return greenroom.Errorf(greenroom.CodeNotFound, "there is no document %d", id)
}

// documentOf reads a document in a transaction.
func (w *writer) documentOf(id int64) (d knowledge.Document, err error) {
	rows, err := w.query(documentColumns+" WHERE id = ?", id)
	if err != nil {
		return d, err
	}
	found := false
	err = scan(rows, func() error {
		found = true
		var err error
		d, err = scanDocument(rows)
		return err
	})
	if err == nil && !found {
		err = noDocument(id)
	}
	return d, err
}

// newDocument is a document that is to be stored.
type newDocument struct {
	knowledge.Document
	found, hash, text string
	given             bool
}

// addDocument stores a new one with its first event. Its id is the next after last.
func (w *writer) addDocument(d *newDocument, last int64, by string, at time.Time) error {
	d.ID, d.Version, d.Key = last+1, 1, strings.ToLower(rand.Text()[:16])
	key := knowledge.AddressKey(d.Address)
	if key == "" {
		key = fmt.Sprintf("document %d", d.ID)
	}
	body, err := json.Marshal(d.Document)
	if err != nil {
		return fmt.Errorf("encoding a document: %w", err)
	}
	n, err := w.exec(`INSERT INTO document (id, address_key, public_key, collection_id, conversation_id, version, body, found, hash, text, text_given, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (address_key) DO NOTHING`,
		d.ID, key, d.Key, d.Collection, d.Conversation, d.Version, string(body), d.found, d.hash, d.text, flag(d.given), micros(d.CreatedAt))
	if err != nil {
		return err
	}
	if n == 0 {
		return greenroom.Errorf(greenroom.CodeConflict, "there is a document at %s already", d.Address)
	}
	_, err = w.documentEvent(knowledge.Event{Document: d.ID, What: knowledge.WhatAdd, By: by, At: at})
	return err
}

// documentEvent stores what happened.
func (w *writer) documentEvent(e knowledge.Event) (knowledge.Event, error) {
	last, err := w.lastID("document_event")
	if err != nil {
		return e, err
	}
	e.ID = last + 1
	_, err = w.exec("INSERT INTO document_event (id, document_id, what, detail, actor, at, before) VALUES (?, ?, ?, ?, ?, ?, ?)", e.ID, e.Document, e.What, e.Detail, e.By, micros(e.At), e.Before)
	return e, err
}

// setDocument stores a document under the next version, unless it was changed since.
func (w *writer) setDocument(d *knowledge.Document) error {
	before := d.Version
	d.Version++
	body, err := json.Marshal(d)
	if err != nil {
		return fmt.Errorf("encoding a document: %w", err)
	}
	n, err := w.exec("UPDATE document SET version = ?, body = ?, collection_id = ?, conversation_id = ? WHERE id = ? AND version = ?", d.Version, string(body), d.Collection, d.Conversation, d.ID, before)
	if err == nil && n == 0 {
		err = greenroom.Errorf(greenroom.CodeConflict, "%q was changed meanwhile; look at it again before you change it. Nothing was overwritten", d.Title)
	}
	return err
}

// AddDocument stores a new document that somebody adds.
func (s *Store) AddDocument(ctx context.Context, d knowledge.Document) (knowledge.Document, error) {
	x := newDocument{Document: d}
	err := s.write(ctx, func(w *writer) error {
		last, err := w.lastID("document")
		if err != nil {
			return err
		}
		if err := w.addDocument(&x, last, d.CreatedBy, d.CreatedAt); err != nil {
			return err
		}
		return w.documentLinks(x.ID, x.Address, nil)
	})
	if err != nil {
		return x.Document, fmt.Errorf("storing a document: %w", err)
	}
	return x.Document, nil
}

// ChangeDocument stores a document unless it was changed since it was read; that is CodeConflict.
func (s *Store) ChangeDocument(ctx context.Context, d knowledge.Document, detail, by string, at time.Time) (knowledge.Document, error) {
	err := s.write(ctx, func(w *writer) error {
		was, err := w.documentOf(d.ID)
		if err != nil {
			return err
		}
		before, err := json.Marshal(was)
		if err != nil {
			return fmt.Errorf("encoding a document: %w", err)
		}
		if err := w.setDocument(&d); err != nil {
			return err
		}
		_, err = w.documentEvent(knowledge.Event{Document: d.ID, What: knowledge.WhatChange, Detail: detail, By: by, At: at, Before: string(before)})
		return err
	})
	if err != nil {
		return d, fmt.Errorf("storing a document: %w", err)
	}
	return d, nil
}

// VerifyDocument notes that somebody found a document right, and ends the tasks that ask for it.
func (s *Store) VerifyDocument(ctx context.Context, id int64, by string, at time.Time) (e knowledge.Event, err error) {
	err = s.write(ctx, func(w *writer) error {
		d, err := w.documentOf(id)
		if err != nil {
			return err
		}
		before, err := json.Marshal(d)
		if err != nil {
			return fmt.Errorf("encoding a document: %w", err)
		}
		d.VerifiedAt, d.VerifiedBy = at, by
		if err := w.setDocument(&d); err != nil {
			return err
		}
		if _, err := w.exec("UPDATE task SET done_at = ?, done_by = ? WHERE origin = 'document' AND origin_id = ? AND done_at = 0", micros(at), by, id); err != nil {
			return err
		}
		e, err = w.documentEvent(knowledge.Event{Document: id, What: knowledge.WhatVerify, By: by, At: at, Before: string(before)})
		return err
	})
	if err != nil {
		return e, fmt.Errorf("verifying document %d: %w", id, err)
	}
	return e, nil
}

// UndoDocument takes the last change or verification of a document back: what it was before is its next version.
func (s *Store) UndoDocument(ctx context.Context, event int64, by string, at time.Time) (d knowledge.Document, err error) {
	err = s.write(ctx, func(w *writer) error {
		var id, undone, when, later int64
		var what, before string
		if err := w.row("SELECT document_id, what, before, undone_at, at FROM document_event WHERE id = ?", []any{event}, &id, &what, &before, &undone, &when); err != nil {
			return err
		}
		if err := w.row("SELECT count(*) FROM document_event WHERE document_id = ? AND id > ? AND undone_at = 0", []any{id, event}, &later); err != nil {
			return err
		}
		if before == "" || undone > 0 || later > 0 {
			return greenroom.Errorf(greenroom.CodeConflict, "it cannot be taken back any more: something came after it")
		}
		now, err := w.documentOf(id)
		if err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(before), &d); err != nil {
			return fmt.Errorf("decoding document %d: %w", id, err)
		}
		d.ID, d.Version, d.Collection, d.Conversation, d.GoneAt = id, now.Version, now.Collection, now.Conversation, now.GoneAt
		if err := w.setDocument(&d); err != nil {
			return err
		}
		if what == knowledge.WhatVerify {
			if _, err := w.exec("UPDATE task SET done_at = 0, done_by = '' WHERE origin = 'document' AND origin_id = ? AND done_at = ?", id, when); err != nil {
				return err
			}
		}
		_, err = w.exec("UPDATE document_event SET undone_by = ?, undone_at = ? WHERE id = ?", by, micros(at), event)
		return err
	})
	if err != nil {
		return d, fmt.Errorf("taking back what happened to a document: %w", err)
	}
	return d, nil
}

// DocumentEvents lists what happened to a document, the latest first.
func (s *Store) DocumentEvents(ctx context.Context, id int64, limit int) ([]knowledge.Event, error) {
	rows, err := s.query(ctx, "SELECT id, what, detail, actor, at, undone_by, undone_at, before FROM document_event WHERE document_id = ? ORDER BY id DESC LIMIT ?", id, limit)
	if err != nil {
		return nil, err
	}
	all := []knowledge.Event{}
	err = scan(rows, func() error {
		e := knowledge.Event{Document: id}
		var at, undone int64
		err := rows.Scan(&e.ID, &e.What, &e.Detail, &e.By, &at, &e.UndoneBy, &undone, &e.Before)
		e.At, e.UndoneAt = fromMicros(at), fromMicros(undone)
		all = append(all, e)
		return err
	})
	return all, err
}

// settingKnowledge is the key of the team's settings.
const settingKnowledge = "knowledge"

// KnowledgeSettings are the team's settings, or the usual ones.
func (s *Store) KnowledgeSettings(ctx context.Context) (knowledge.Settings, error) {
	set := knowledge.UsualSettings()
	var text string
	err := s.queryRow(ctx, "SELECT value FROM setting WHERE key = ?", []any{settingKnowledge}, &text)
	if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
		return set, nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(text), &set)
	}
	if err != nil {
		return set, fmt.Errorf("reading the settings of documents: %w", err)
	}
	return set, nil
}

// SetKnowledgeSettings stores them.
func (s *Store) SetKnowledgeSettings(ctx context.Context, set knowledge.Settings) error {
	text, err := json.Marshal(set)
	if err != nil {
		return fmt.Errorf("encoding settings: %w", err)
	}
	return s.write(ctx, func(w *writer) error {
		_, err := w.exec("INSERT INTO setting (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", settingKnowledge, string(text))
		return err
	})
}

// documentsOf are the documents that a member wrote: topics of a forum that they opened.
func (s *Store) documentsOf(ctx context.Context, member int64) ([]knowledge.Document, error) {
	return s.documents(ctx, "conversation_id > 0 AND conversation_id IN (SELECT c.id FROM conversation c JOIN identity i ON i.id = c.author_id WHERE i.member_id = ?)", member)
}

// documentsBy erases the documents that an account wrote, with everything that is kept of them.
func (e *eraser) documentsBy(identity int64) error {
	ids, err := e.ints("SELECT d.id FROM document d WHERE d.conversation_id IN (SELECT id FROM conversation WHERE author_id = ?)", identity)
	if err != nil || len(ids) == 0 {
		return err
	}
	for _, table := range []string{"document", "document_event", "task"} {
		if err := e.mark(table); err != nil {
			return err
		}
	}
	for _, id := range ids {
		for _, q := range []string{
			"DELETE FROM document_event WHERE document_id = ?", "DELETE FROM document_use WHERE document_id = ?", "DELETE FROM task WHERE origin = 'document' AND origin_id = ?",
			"DELETE FROM document_link WHERE document_id = ?", "DELETE FROM document WHERE id = ?",
		} {
			if _, err := e.exec(q, id); err != nil {
				return err
			}
		}
	}
	return e.strayLinks()
}

// strayLinks removes links that no document has any more.
func (w *writer) strayLinks() error {
	_, err := w.exec("DELETE FROM link WHERE NOT EXISTS (SELECT 1 FROM document_link x WHERE x.link_id = link.id)")
	return err
}
