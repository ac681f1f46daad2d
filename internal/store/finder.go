// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"encoding/json"
	"fmt"

	"greenroom"
	"greenroom/internal/finder"
	"greenroom/internal/outbox"
)

func studyNumbers(v *finder.Study, id, version int64) { v.ID, v.Version = id, version }

// ResearchStudies lists studies, the oldest first.
func (s *Store) ResearchStudies(ctx context.Context) ([]finder.Study, error) {
	return bodies(ctx, s, studyNumbers, "SELECT id, version, body FROM study ORDER BY id")
}

// ResearchStudy finds one.
func (s *Store) ResearchStudy(ctx context.Context, id int64) (finder.Study, error) {
	all, err := bodies(ctx, s, studyNumbers, "SELECT id, version, body FROM study WHERE id = ?", id)
	if err == nil && len(all) == 0 {
		err = greenroom.Errorf(greenroom.CodeNotFound, "there is no study %d", id)
	}
	if err != nil {
		return finder.Study{}, err
	}
	return all[0], nil
}

// AddResearchStudy stores a new study.
func (s *Store) AddResearchStudy(ctx context.Context, st finder.Study) (finder.Study, error) {
	err := s.write(ctx, func(w *writer) error {
		last, err := w.lastID("study")
		if err != nil {
			return err
		}
		st.ID, st.Version = last+1, 1
		body, err := json.Marshal(st)
		if err != nil {
			return fmt.Errorf("encoding a study: %w", err)
		}
		_, err = w.exec("INSERT INTO study (id, version, body) VALUES (?, ?, ?)", st.ID, st.Version, string(body))
		return err
	})
	if err != nil {
		return st, fmt.Errorf("storing a study: %w", err)
	}
	return st, nil
}

// ChangeResearchStudy stores a study unless it was changed since it was read; that is CodeConflict.
func (s *Store) ChangeResearchStudy(ctx context.Context, st finder.Study) (finder.Study, error) {
	err := s.write(ctx, func(w *writer) error {
		before := st.Version
		st.Version++
		body, err := json.Marshal(st)
		if err != nil {
			return fmt.Errorf("encoding a study: %w", err)
		}
		n, err := w.exec("UPDATE study SET version = ?, body = ? WHERE id = ? AND version = ?", st.Version, string(body), st.ID, before)
		if err == nil && n == 0 {
			err = greenroom.Errorf(greenroom.CodeConflict, "%q was changed meanwhile; look at it again before you change it. Nothing was overwritten", st.Title)
		}
		return err
	})
	if err != nil {
		return st, fmt.Errorf("storing a study: %w", err)
	}
	return st, nil
}

// Asks lists who was asked for a study, or for what a member was asked; 0 = any. The newest first. Members who became one
// person are that person.
func (s *Store) Asks(ctx context.Context, study, member int64) ([]finder.Ask, error) {
	rows, err := s.query(ctx, `SELECT k.id, k.study_id, st.body, m.id, m.name, k.state, k.note, k.incentive, k.message_id, k.actor, k.at, k.changed_at
		FROM study_ask k JOIN study st ON st.id = k.study_id JOIN member o ON o.id = k.member_id
		JOIN member m ON m.id = CASE WHEN o.merged_into > 0 THEN o.merged_into ELSE o.id END
		WHERE (? = 0 OR k.study_id = ?) AND (? = 0 OR m.id = ?) ORDER BY k.at DESC, k.id DESC`, study, study, member, member)
	if err != nil {
		return nil, err
	}
	all := []finder.Ask{}
	err = scan(rows, func() error {
		var a finder.Ask
		var body string
		var at, changed int64
		if err := rows.Scan(&a.ID, &a.Study, &body, &a.Member, &a.Name, &a.State, &a.Note, &a.Incentive, &a.Message, &a.By, &at, &changed); err != nil {
			return err
		}
		var st finder.Study
		if err := json.Unmarshal([]byte(body), &st); err != nil {
			return fmt.Errorf("decoding study %d: %w", a.Study, err)
		}
		a.Title, a.At, a.ChangedAt = st.Title, fromMicros(at), fromMicros(changed)
		all = append(all, a)
		return nil
	})
	return all, err
}

// Invite notes who is asked and stores the drafts of invitations, once for each member of a study.
func (s *Store) Invite(ctx context.Context, asks []finder.Ask, drafts map[int64]outbox.Message) (invited int, err error) {
	err = s.write(ctx, func(w *writer) error {
		invited = 0
		last, err := w.lastID("study_ask")
		if err != nil {
			return err
		}
		for i := range asks {
			a := &asks[i]
			var n int64
			if err := w.row("SELECT count(*) FROM study_ask WHERE study_id = ? AND member_id = ?", []any{a.Study, a.Member}, &n); err != nil {
				return err
			}
			if n > 0 {
				continue
			}
			if m, there := drafts[a.Member]; there {
				one := []outbox.Message{m}
				if _, err := w.addMessages(one, s.now()); err != nil {
					return err
				}
				a.Message = one[0].ID
			}
			last++
			if _, err := w.exec("INSERT INTO study_ask (id, study_id, member_id, state, note, incentive, message_id, actor, at, changed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
				last, a.Study, a.Member, string(a.State), a.Note, a.Incentive, a.Message, a.By, micros(a.At), micros(a.ChangedAt)); err != nil {
				return err
			}
			invited++
		}
		return nil
	})
	return invited, err
}

// ChangeAsk stores what became of an ask.
func (s *Store) ChangeAsk(ctx context.Context, a finder.Ask) error {
	return s.write(ctx, func(w *writer) error {
		_, err := w.exec("UPDATE study_ask SET state = ?, note = ?, incentive = ?, changed_at = ? WHERE id = ?", string(a.State), a.Note, a.Incentive, micros(a.ChangedAt), a.ID)
		return err
	})
}

// studiesOf erases for what a member was asked.
func (e *eraser) studiesOf(id int64) error {
	_, err := e.exec("DELETE FROM study_ask WHERE member_id = ? OR member_id IN (SELECT id FROM member WHERE merged_into = ?)", id, id)
	return err
}
