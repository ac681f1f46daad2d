// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"encoding/json"
	"fmt"

	"greenroom/internal/identity"
	"greenroom/internal/matching"
)

// newcomer is an identity that came after a look.
type newcomer struct {
	id     int64
	joined bool
	record identity.Record
}

// MatchNewcomers gives at most so many identities that came after one, as the model sees them, in order of their ids and up
// to the first that belongs to no member yet. Joined says that the member has other accounts, too.
func (s *Store) MatchNewcomers(ctx context.Context, after int64, limit int, each func(id int64, joined bool, r identity.Record) error) error {
	rows, err := s.query(ctx, "SELECT "+matchColumns+`, i.member_id,
			CASE WHEN EXISTS (SELECT 1 FROM identity o WHERE o.member_id = i.member_id AND o.id <> i.id) THEN 1 ELSE 0 END
		FROM identity i JOIN source s ON s.id = i.source_id WHERE i.id > ? ORDER BY i.id LIMIT ?`, after, limit)
	if err != nil {
		return err
	}
	var all []newcomer
	waits := false
	if err := scan(rows, func() error {
		var member, joined int64
		id, r, err := scanRecord(rows, &member, &joined)
		if waits = waits || member == 0; !waits {
			all = append(all, newcomer{id, joined != 0, r})
		}
		return err
	}); err != nil {
		return err
	}
	for _, n := range all {
		if err := each(n.id, n.joined, n.record); err != nil {
			return err
		}
	}
	return nil
}

// AddMatches adds links and suggestions to those that there are, and brings members to them. What is about an identity that
// was erased meanwhile, or about two that somebody said are two people, is left out.
func (s *Store) AddMatches(ctx context.Context, f matching.Found) (changed bool, err error) {
	err = s.writeAlong(ctx, func(w *writer) error {
		var edits []edit
		for _, l := range f.Links {
			ok, err := w.mayMatch(l)
			if err != nil {
				return err
			}
			if ok {
				edits = append(edits, edit{Pair: l})
			}
		}
		var expect string // the signature says that there are newcomers, so a look at everybody follows
		if len(edits) > 0 {
			if changed, err = w.editLinks(edits, f.Model, micros(f.State.At), &expect); err != nil {
				return err
			}
		}
		return w.addSuggestions(f.Suggestions)
	})
	return changed, err
}

// mayMatch reports whether both identities of a pair are there and nobody keeps them apart.
func (w *writer) mayMatch(p matching.Pair) (bool, error) {
	var there, apart int64
	err := w.row("SELECT (SELECT count(*) FROM identity WHERE id IN (?, ?)), (SELECT count(*) FROM apart WHERE a = ? AND b = ? AND overruled = 0)",
		[]any{p.A, p.B, p.A, p.B}, &there, &apart)
	return there == 2 && apart == 0, err
}

func (w *writer) addSuggestions(all []matching.Pair) error {
	for _, p := range all {
		ok, err := w.mayMatch(p)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		text, err := json.Marshal(p.Evidence)
		if err != nil {
			return fmt.Errorf("encoding evidence: %w", err)
		}
		if _, err := w.exec(`INSERT INTO match_suggestion (a, b, probability, value, evidence) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (a, b) DO UPDATE SET probability = excluded.probability, value = excluded.value, evidence = excluded.evidence`,
			p.A, p.B, p.Probability, p.Value, string(text)); err != nil {
			return err
		}
	}
	return nil
}
