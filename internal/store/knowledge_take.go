// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/knowledge"
)

// Collections lists where documents come from, the oldest first.
func (s *Store) Collections(ctx context.Context) ([]knowledge.Collection, error) {
	rows, err := s.query(ctx, "SELECT id, body FROM document_collection ORDER BY id")
	if err != nil {
		return nil, err
	}
	all := []knowledge.Collection{}
	err = scan(rows, func() error {
		var c knowledge.Collection
		var id int64
		var body string
		if err := rows.Scan(&id, &body); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(body), &c); err != nil {
			return fmt.Errorf("decoding collection %d: %w", id, err)
		}
		c.ID = id
		all = append(all, c)
		return nil
	})
	return all, err
}

// SaveCollection stores a collection; one without id is new, or the one that reads the same place in the same way.
func (s *Store) SaveCollection(ctx context.Context, c knowledge.Collection) (knowledge.Collection, error) {
	err := s.write(ctx, func(w *writer) error {
		if c.ID == 0 {
			err := w.row("SELECT id FROM document_collection WHERE way = ? AND place = ?", []any{string(c.Way), c.Place}, &c.ID)
			if err != nil && greenroom.ErrorCode(err) != greenroom.CodeNotFound {
				return err
			}
		}
		if c.ID == 0 {
			last, err := w.lastID("document_collection")
			if err != nil {
				return err
			}
			c.ID = last + 1
		}
		body, err := json.Marshal(c)
		if err != nil {
			return fmt.Errorf("encoding a collection: %w", err)
		}
		_, err = w.exec("INSERT INTO document_collection (id, way, place, body) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body", c.ID, string(c.Way), c.Place, string(body))
		return err
	})
	if err != nil {
		return c, fmt.Errorf("storing a collection: %w", err)
	}
	return c, nil
}

// takenAtOnce is how many documents are stored in one transaction.
const takenAtOnce = 500

// TakeItems stores what a collection has, all of it. What is as it was costs one look; what the collection does not name any more is
// marked as gone, and what is back is not.
func (s *Store) TakeItems(ctx context.Context, c *knowledge.Collection, items []knowledge.Item, at time.Time) (knowledge.Taken, error) {
	var t knowledge.Taken
	seen := make(map[int64]bool, len(items))
	for start := 0; start < len(items); start += takenAtOnce {
		part := items[start:min(start+takenAtOnce, len(items))]
		err := s.write(ctx, func(w *writer) error {
			k := &documentTaker{writer: w, of: c, at: at, seen: seen}
			for i := range part {
				if err := k.take(&part[i]); err != nil {
					return err
				}
			}
			t.Added, t.Changed, t.Unchanged = t.Added+k.Added, t.Changed+k.Changed, t.Unchanged+k.Unchanged
			return nil
		})
		if err != nil {
			return t, fmt.Errorf("storing documents of %s: %w", c.Name, err)
		}
	}
	err := s.write(ctx, func(w *writer) error {
		ids, err := w.ints("SELECT id FROM document WHERE collection_id = ? ORDER BY id", c.ID)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if seen[id] {
				continue
			}
			d, err := w.documentOf(id)
			if err != nil {
				return err
			}
			if t.Gone++; !d.GoneAt.IsZero() {
				continue
			}
			d.GoneAt = at
			if err := w.setDocument(&d); err != nil {
				return err
			}
			if _, err := w.documentEvent(knowledge.Event{Document: id, What: knowledge.WhatRead, Detail: "its collection does not have it any more", By: c.Name, At: at}); err != nil {
				return err
			}
		}
		return w.strayLinks()
	})
	if err != nil {
		return t, fmt.Errorf("marking what is gone from %s: %w", c.Name, err)
	}
	return t, nil
}

// documentTaker stores items in one transaction.
type documentTaker struct {
	*writer
	knowledge.Taken
	of   *knowledge.Collection
	at   time.Time
	seen map[int64]bool
}

func (k *documentTaker) take(it *knowledge.Item) error {
	found, err := json.Marshal(it)
	if err != nil {
		return fmt.Errorf("encoding an entry: %w", err)
	}
	var id, collection int64
	var hash, before string
	err = k.row("SELECT id, collection_id, hash, found FROM document WHERE address_key = ?", []any{knowledge.AddressKey(it.Address)}, &id, &collection, &hash, &before)
	if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
		return k.add(it, string(found))
	}
	if err != nil {
		return err
	}
	k.seen[id] = true
	if collection != k.of.ID && collection > 0 { // another collection has it, and speaks for it
		k.Unchanged++
		return nil
	}
	d, err := k.documentOf(id)
	if err != nil {
		return err
	}
	if hash == it.Hash() && d.GoneAt.IsZero() && collection == k.of.ID {
		k.Unchanged++
		return nil
	}
	was := *it // of a document that somebody added by hand, nothing follows yet
	if before != "" {
		if err := json.Unmarshal([]byte(before), &was); err != nil {
			return fmt.Errorf("decoding an entry: %w", err)
		}
	}
	said := d.Follow(&was, it)
	d.Collection, d.Conversation = k.of.ID, it.Conversation
	if err := k.setDocument(&d); err != nil {
		return err
	}
	if err := k.keep(id, it, string(found)); err != nil {
		return err
	}
	k.Changed++
	if said == "" {
		return nil
	}
	_, err = k.documentEvent(knowledge.Event{Document: id, What: knowledge.WhatRead, Detail: said, By: k.of.Name, At: k.at})
	return err
}

func (k *documentTaker) add(it *knowledge.Item, found string) error {
	last, err := k.lastID("document")
	if err != nil {
		return err
	}
	x := newDocument{Document: knowledge.Document{
		Fields: it.Fields(), Collection: k.of.ID, Conversation: it.Conversation, ChangedAt: it.ChangedAt, VerifiedAt: it.VerifiedAt, CreatedBy: k.of.Name, CreatedAt: k.at,
	}}
	if err := x.Validate(); err != nil {
		return err
	}
	if !it.VerifiedAt.IsZero() {
		x.VerifiedBy = "its collection"
	}
	if err := k.addDocument(&x, last, k.of.Name, k.at); err != nil {
		return err
	}
	k.Added++
	k.seen[x.ID] = true
	return k.keep(x.ID, it, found)
}

// keep stores what was found, with its text and links.
func (k *documentTaker) keep(id int64, it *knowledge.Item, found string) error {
	if _, err := k.exec("UPDATE document SET found = ?, hash = ? WHERE id = ?", found, it.Hash(), id); err != nil {
		return err
	}
	if it.Page == nil {
		return k.ownLink(id, it.Address)
	}
	if _, err := k.exec("UPDATE document SET text = ?, text_given = 1 WHERE id = ?", it.Page.Text, id); err != nil {
		return err
	}
	return k.documentLinks(id, it.Address, it.Page.Links)
}

// linkID finds a link, or makes it; 0 for what is no address of the web.
func (w *writer) linkID(address string) (id int64, err error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return 0, nil //nolint:nilerr // it is no link
	}
	u.Fragment, u.RawFragment = "", ""
	host := strings.ToLower(u.Host)
	u.Host = host
	err = w.row("SELECT id FROM link WHERE address = ?", []any{u.String()}, &id)
	if greenroom.ErrorCode(err) != greenroom.CodeNotFound {
		return id, err
	}
	last, err := w.lastID("link")
	if err != nil {
		return 0, err
	}
	_, err = w.exec("INSERT INTO link (id, address, host) VALUES (?, ?, ?)", last+1, u.String(), host)
	return last + 1, err
}

// ownLink notes a document's own address.
func (w *writer) ownLink(document int64, address string) error {
	id, err := w.linkID(address)
	if err != nil || id == 0 {
		return err
	}
	_, err = w.exec("INSERT INTO document_link (document_id, link_id, anchor, own) VALUES (?, ?, '', 1) ON CONFLICT (document_id, link_id, anchor) DO UPDATE SET own = 1", document, id)
	return err
}

// documentLinks replaces the links of a document. A place in a page that was not looked for before has the page read again.
func (w *writer) documentLinks(document int64, own string, refs []knowledge.Ref) error {
	type entry struct {
		link   int64
		anchor string
	}
	had := make(map[entry]bool)
	rows, err := w.query("SELECT link_id, anchor FROM document_link WHERE document_id = ?", document)
	if err != nil {
		return err
	}
	if err := scan(rows, func() error {
		var x entry
		err := rows.Scan(&x.link, &x.anchor)
		had[x] = true
		return err
	}); err != nil {
		return err
	}
	if _, err := w.exec("DELETE FROM document_link WHERE document_id = ?", document); err != nil {
		return err
	}
	for _, r := range refs {
		id, err := w.linkID(r.Address)
		if err != nil || id == 0 {
			return err
		}
		if _, err := w.exec("INSERT INTO document_link (document_id, link_id, anchor) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", document, id, r.Anchor); err != nil {
			return err
		}
		if r.Anchor != "" && !had[entry{id, r.Anchor}] {
			if _, err := w.exec("UPDATE link SET etag = '', modified = '' WHERE id = ?", id); err != nil {
				return err
			}
		}
	}
	return w.ownLink(document, own)
}
