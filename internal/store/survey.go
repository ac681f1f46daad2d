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
	"greenroom/internal/survey"
)

const surveyColumns = `SELECT s.id, s.key, s.name, s.state, s.settings, s.version, s.created_by, s.created_at, s.opened_at, s.closed_at, s.closed_why, v.definition,
	(SELECT count(*) FROM survey_invitation i WHERE i.survey_id = s.id),
	(SELECT count(*) FROM survey_response r WHERE r.survey_id = s.id AND r.deleted = 0 AND r.state = 'complete'),
	(SELECT count(*) FROM survey_response r WHERE r.survey_id = s.id AND r.deleted = 0 AND r.state = 'partial')
	FROM survey s JOIN survey_version v ON v.survey_id = s.id AND v.version = s.version`

func (s *Store) surveys(ctx context.Context, where string, args ...any) ([]survey.Survey, error) {
	rows, err := s.query(ctx, surveyColumns+where, args...)
	if err != nil {
		return nil, err
	}
	all := []survey.Survey{}
	err = scan(rows, func() error {
		var v survey.Survey
		var settings, definition string
		var created, opened, closed int64
		if err := rows.Scan(&v.ID, &v.Key, &v.Name, &v.State, &settings, &v.Version, &v.CreatedBy, &created, &opened, &closed, &v.ClosedWhy, &definition, &v.Asked, &v.Answered, &v.Partial); err != nil {
			return err
		}
		v.Revision = survey.RevisionOf(v.Name, settings, v.Version)
		v.CreatedAt, v.OpenedAt, v.ClosedAt = fromMicros(created), fromMicros(opened), fromMicros(closed)
		if err := json.Unmarshal([]byte(settings), &v.Settings); err != nil {
			return fmt.Errorf("decoding the settings of the survey %s: %w", v.Key, err)
		}
		if err := json.Unmarshal([]byte(definition), &v.Definition); err != nil {
			return fmt.Errorf("decoding the survey %s: %w", v.Key, err)
		}
		all = append(all, v)
		return nil
	})
	return all, err
}

// SurveyList lists surveys, the newest first.
func (s *Store) SurveyList(ctx context.Context) ([]survey.Survey, error) {
	return s.surveys(ctx, " ORDER BY s.id DESC")
}

// FindSurvey finds a survey by its key.
func (s *Store) FindSurvey(ctx context.Context, key string) (survey.Survey, error) {
	all, err := s.surveys(ctx, " WHERE s.key = ?", key)
	if err == nil && len(all) == 0 {
		err = greenroom.Errorf(greenroom.CodeNotFound, "there is no survey %q", key)
	}
	if err != nil {
		return survey.Survey{}, err
	}
	return all[0], nil
}

// AddSurvey stores a new survey. CodeConflict where the key is taken.
func (s *Store) AddSurvey(ctx context.Context, v survey.Survey, by string) (survey.Survey, error) {
	settings, err := json.Marshal(v.Settings)
	if err != nil {
		return v, fmt.Errorf("encoding the settings of a survey: %w", err)
	}
	return v, s.write(ctx, func(w *writer) error {
		var taken int64
		if err := w.row("SELECT count(*) FROM survey WHERE key = ?", []any{v.Key}, &taken); err != nil {
			return err
		}
		if taken > 0 {
			return greenroom.Errorf(greenroom.CodeConflict, "there is a survey %q already; choose another key", v.Key)
		}
		last, err := w.lastID("survey")
		if err != nil {
			return err
		}
		v.ID = last + 1
		if _, err := w.exec("INSERT INTO survey (id, key, name, state, settings, version, created_by, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
			v.ID, v.Key, v.Name, string(v.State), string(settings), v.Version, v.CreatedBy, micros(v.CreatedAt)); err != nil {
			return err
		}
		v.Revision = survey.RevisionOf(v.Name, string(settings), v.Version)
		return w.surveyVersion(&v, by, s.now())
	})
}

// surveyVersion stores the definition of a version that is not stored yet.
func (w *writer) surveyVersion(v *survey.Survey, by string, now time.Time) error {
	text, err := json.Marshal(v.Definition)
	if err != nil {
		return fmt.Errorf("encoding a survey: %w", err)
	}
	_, err = w.exec("INSERT INTO survey_version (survey_id, version, definition, actor, at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", v.ID, v.Version, string(text), by, micros(now))
	return err
}

// ChangeSurvey stores name and settings, and the definition of a new version. survey.Moved where the survey is no longer as it
// was read.
func (s *Store) ChangeSurvey(ctx context.Context, v survey.Survey, by string) error {
	settings, err := json.Marshal(v.Settings)
	if err != nil {
		return fmt.Errorf("encoding the settings of a survey: %w", err)
	}
	return s.write(ctx, func(w *writer) error {
		var name, was string
		var version int64
		err := w.row("SELECT name, settings, version FROM survey WHERE id = ?", []any{v.ID}, &name, &was, &version)
		switch {
		case greenroom.ErrorCode(err) == greenroom.CodeNotFound:
			return greenroom.Errorf(greenroom.CodeNotFound, "there is no survey %q", v.Key)
		case err != nil:
			return err
		case survey.RevisionOf(name, was, version) != v.Revision:
			return survey.Moved(name)
		}
		if _, err := w.exec("UPDATE survey SET name = ?, settings = ?, version = ? WHERE id = ?", v.Name, string(settings), v.Version, v.ID); err != nil {
			return err
		}
		return w.surveyVersion(&v, by, s.now())
	})
}

// SetSurveyState stores state, and when the survey was opened and closed.
func (s *Store) SetSurveyState(ctx context.Context, v survey.Survey) error {
	return s.write(ctx, func(w *writer) error {
		n, err := w.exec("UPDATE survey SET state = ?, opened_at = ?, closed_at = ?, closed_why = ? WHERE id = ?", string(v.State), micros(v.OpenedAt), micros(v.ClosedAt), v.ClosedWhy, v.ID)
		if err == nil && n == 0 {
			err = greenroom.Errorf(greenroom.CodeNotFound, "there is no survey %q", v.Key)
		}
		return err
	})
}

// DropSurvey removes a survey. Its answers stay as tombs, by which the activities that they became are taken back.
func (s *Store) DropSurvey(ctx context.Context, id int64) error {
	return s.write(ctx, func(w *writer) error {
		ids, err := w.ints("SELECT id FROM survey_response WHERE survey_id = ? AND deleted = 0 ORDER BY id", id)
		if err != nil {
			return err
		}
		for _, r := range ids {
			if err := w.buryResponse(r, s.now()); err != nil {
				return err
			}
		}
		e := &eraser{writer: w}
		for _, table := range []string{"survey", "survey_invitation"} {
			if err := e.mark(table); err != nil {
				return err
			}
		}
		if _, err := w.exec("UPDATE outbox SET state = 'skipped', reason = 'the survey was removed' WHERE origin = 'survey' AND origin_id = ? AND state IN ('draft', 'queued')", id); err != nil {
			return err
		}
		for _, q := range []string{"DELETE FROM survey_invitation WHERE survey_id = ?", "DELETE FROM survey_version WHERE survey_id = ?", "DELETE FROM survey WHERE id = ?"} {
			if _, err := w.exec(q, id); err != nil {
				return err
			}
		}
		return nil
	})
}

// AddSurveyInvitation stores an invitation and its message.
func (s *Store) AddSurveyInvitation(ctx context.Context, i survey.Invitation, message func(id int64) (outbox.Message, error)) (survey.Invitation, bool, error) {
	added := false
	err := s.write(ctx, func(w *writer) error {
		err := w.row("SELECT id FROM survey_invitation WHERE survey_id = ? AND key = ?", []any{i.SurveyID, i.Key}, &i.ID)
		if greenroom.ErrorCode(err) != greenroom.CodeNotFound {
			return err
		}
		last, err := w.lastID("survey_invitation")
		if err != nil {
			return err
		}
		i.ID, added = last+1, true
		m, err := message(i.ID)
		if err != nil {
			return err
		}
		if err := m.Validate(); err != nil {
			return err
		}
		if _, err := w.exec("INSERT INTO survey_invitation (id, survey_id, member_id, key, channel, origin, origin_id, run_id, step, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
			i.ID, i.SurveyID, i.MemberID, i.Key, string(i.Channel), i.Origin.Kind, i.Origin.ID, i.Origin.Run, i.Origin.Step, micros(i.At)); err != nil {
			return err
		}
		_, err = w.addMessages([]outbox.Message{m}, s.now())
		return err
	})
	return i, added && err == nil, err
}

const surveyInvitationColumns = `SELECT i.id, i.survey_id, coalesce(h.id, i.member_id), coalesce(h.name, m.name, ''), i.key, i.channel, i.origin, i.origin_id, i.run_id, i.step, i.at, i.answered,
	coalesce((SELECT o.state FROM outbox o WHERE o.origin = 'survey' AND o.origin_id = i.survey_id AND o.run_id = i.id LIMIT 1), '')
	FROM survey_invitation i LEFT JOIN member m ON m.id = i.member_id LEFT JOIN member h ON h.id = m.merged_into AND m.merged_into > 0`

func (s *Store) surveyInvitations(ctx context.Context, where string, args ...any) ([]survey.Invitation, error) {
	rows, err := s.query(ctx, surveyInvitationColumns+where, args...)
	if err != nil {
		return nil, err
	}
	all := []survey.Invitation{}
	err = scan(rows, func() error {
		var i survey.Invitation
		var at, answered int64
		err := rows.Scan(&i.ID, &i.SurveyID, &i.MemberID, &i.Member, &i.Key, &i.Channel, &i.Origin.Kind, &i.Origin.ID, &i.Origin.Run, &i.Origin.Step, &at, &answered, &i.Sent)
		i.At, i.Answered = fromMicros(at), answered != 0
		all = append(all, i)
		return err
	})
	return all, err
}

// SurveyInvitation finds an invitation to a survey.
func (s *Store) SurveyInvitation(ctx context.Context, id int64) (survey.Invitation, error) {
	all, err := s.surveyInvitations(ctx, " WHERE i.id = ?", id)
	if err == nil && len(all) == 0 {
		err = greenroom.Errorf(greenroom.CodeNotFound, "there is no invitation %d", id)
	}
	if err != nil {
		return survey.Invitation{}, err
	}
	return all[0], nil
}

// SurveyInvitations lists who was asked, in that order.
func (s *Store) SurveyInvitations(ctx context.Context, id int64) ([]survey.Invitation, error) {
	return s.surveyInvitations(ctx, " WHERE i.survey_id = ? ORDER BY i.id", id)
}

// LastAsked says when members were asked last by any survey, where that was after since.
func (s *Store) LastAsked(ctx context.Context, members []int64, since time.Time) (map[int64]time.Time, error) {
	all := make(map[int64]time.Time)
	from := micros(since)
	for _, column := range []string{"i.member_id", "m.merged_into"} {
		err := inLists(ctx, s, "SELECT "+column+", max(i.at) FROM survey_invitation i LEFT JOIN member m ON m.id = i.member_id WHERE "+column+" IN (%IN%) GROUP BY "+column, members, func(row rowScanner) error {
			var id, at int64
			err := row.Scan(&id, &at)
			if t := fromMicros(at); at > from && t.After(all[id]) {
				all[id] = t
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

// ActiveBefore says of a survey's invitations when their members did something last before they were asked, other than
// answer surveys.
func (s *Store) ActiveBefore(ctx context.Context, id int64) (map[int64]time.Time, error) {
	rows, err := s.query(ctx, `SELECT v.id, max(a.occurred_at) FROM survey_invitation v JOIN member m ON m.id = v.member_id
		JOIN identity i ON i.member_id = CASE WHEN m.merged_into > 0 THEN m.merged_into ELSE m.id END
		JOIN activity a ON a.identity_id = i.id AND a.deleted = 0 AND a.kind <> ? AND a.occurred_at < v.at WHERE v.survey_id = ? GROUP BY v.id`, int64(greenroom.KindSurveyAnswer), id)
	if err != nil {
		return nil, err
	}
	all := make(map[int64]time.Time)
	err = scan(rows, func() error {
		var invitation, at int64
		err := rows.Scan(&invitation, &at)
		all[invitation] = fromMicros(at)
		return err
	})
	return all, err
}
