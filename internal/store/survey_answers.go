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
	"greenroom/internal/query"
	"greenroom/internal/survey"
)

const responseColumns = `SELECT r.id, r.survey_id, r.version, r.invitation_id, coalesce(h.id, r.member_id), coalesce(h.name, m.name, ''), r.name, r.email, r.language, r.state, r.answers,
	r.started_at, r.updated_at, r.completed_at, r.external, r.seq, r.deleted, coalesce((SELECT min(a.id) FROM identity a WHERE a.member_id = coalesce(h.id, m.id)), 0)
	FROM survey_response r LEFT JOIN member m ON m.id = r.member_id LEFT JOIN member h ON h.id = m.merged_into AND m.merged_into > 0`

func (s *Store) responses(ctx context.Context, where string, args ...any) ([]survey.Response, error) {
	rows, err := s.query(ctx, responseColumns+where, args...)
	if err != nil {
		return nil, err
	}
	all := []survey.Response{}
	err = scan(rows, func() error {
		var r survey.Response
		var answers string
		var started, updated, completed, deleted int64
		if err := rows.Scan(&r.ID, &r.SurveyID, &r.Version, &r.Invitation, &r.MemberID, &r.Member, &r.Name, &r.Email, &r.Language, &r.State, &answers,
			&started, &updated, &completed, &r.External, &r.Seq, &deleted, &r.Anchor); err != nil {
			return err
		}
		r.StartedAt, r.UpdatedAt, r.CompletedAt, r.Deleted = fromMicros(started), fromMicros(updated), fromMicros(completed), deleted != 0
		if err := json.Unmarshal([]byte(answers), &r.Answers); err != nil {
			return fmt.Errorf("decoding answer %d: %w", r.ID, err)
		}
		all = append(all, r)
		return nil
	})
	return all, err
}

func (s *Store) oneResponse(ctx context.Context, where string, arg int64) (survey.Response, error) {
	all, err := s.responses(ctx, where, arg)
	if err == nil && len(all) == 0 {
		err = greenroom.Errorf(greenroom.CodeNotFound, "there is no such answer")
	}
	if err != nil {
		return survey.Response{}, err
	}
	return all[0], nil
}

// Response finds an answer to a survey.
func (s *Store) Response(ctx context.Context, id int64) (survey.Response, error) {
	return s.oneResponse(ctx, " WHERE r.id = ?", id)
}

// ResponseBy finds the answer to an invitation.
func (s *Store) ResponseBy(ctx context.Context, invitation int64) (survey.Response, error) {
	return s.oneResponse(ctx, " WHERE r.invitation_id = ? AND r.deleted = 0", invitation)
}

// SurveyResponses lists the answers to a survey in the order in which they began.
func (s *Store) SurveyResponses(ctx context.Context, id int64) ([]survey.Response, error) {
	return s.responses(ctx, " WHERE r.survey_id = ? AND r.deleted = 0 ORDER BY r.id", id)
}

// ResponsesAfter lists complete answers, and those that are no more, by the number of their telling.
func (s *Store) ResponsesAfter(ctx context.Context, seq int64, limit int) ([]survey.Response, error) {
	return s.responses(ctx, " WHERE r.seq > ? ORDER BY r.seq LIMIT ?", seq, limit)
}

// SaveResponse stores an answer. A new one gets its id, a complete one the number of its telling.
func (s *Store) SaveResponse(ctx context.Context, r *survey.Response, used int64, flat []survey.Flat) error {
	text, err := json.Marshal(r.Answers)
	if err != nil {
		return fmt.Errorf("encoding an answer: %w", err)
	}
	return s.write(ctx, func(w *writer) error {
		id := r.ID
		if id == 0 && r.Invitation > 0 { // sent twice at once
			err := w.row("SELECT id FROM survey_response WHERE invitation_id = ?", []any{r.Invitation}, &id)
			if err != nil && greenroom.ErrorCode(err) != greenroom.CodeNotFound {
				return err
			}
		}
		if id == 0 {
			last, err := w.lastID("survey_response")
			if err != nil {
				return err
			}
			id = last + 1
		}
		seq := r.Seq
		if r.State == survey.Complete && !r.Held {
			last, err := w.lastID2("survey_response", "seq")
			if err != nil {
				return err
			}
			seq = last + 1
		}
		if _, err := w.exec(`INSERT INTO survey_response (id, survey_id, version, invitation_id, member_id, name, email, language, state, answers, started_at, updated_at, completed_at, external, seq)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET version = excluded.version, name = excluded.name, email = excluded.email, language = excluded.language,
			state = excluded.state, answers = excluded.answers, updated_at = excluded.updated_at, completed_at = excluded.completed_at, seq = excluded.seq`,
			id, r.SurveyID, r.Version, r.Invitation, r.MemberID, r.Name, r.Email, r.Language, string(r.State), string(text), micros(r.StartedAt), micros(r.UpdatedAt), micros(r.CompletedAt), r.External, seq); err != nil {
			return err
		}
		if used > 0 {
			if _, err := w.exec("UPDATE survey_invitation SET answered = 1 WHERE id = ?", used); err != nil {
				return err
			}
		}
		r.ID, r.Seq = id, seq
		return w.flatAnswers(r, flat)
	})
}

// ReleaseResponses has complete answers told that were held back on days before a time, in an order that says nothing of
// when on these days they were given. It returns how many there were.
func (s *Store) ReleaseResponses(ctx context.Context, before time.Time) (released int64, err error) {
	err = s.write(ctx, func(w *writer) error {
		ids, err := w.ints("SELECT id FROM survey_response WHERE state = 'complete' AND seq = 0 AND deleted = 0 AND completed_at < ? ORDER BY answers, id", micros(before))
		if err != nil {
			return err
		}
		last, err := w.lastID2("survey_response", "seq")
		if err != nil {
			return err
		}
		released = int64(len(ids))
		return w.bulk("UPDATE survey_response SET seq = ? WHERE id = ?", len(ids), func(i int) []any { return []any{last + 1 + int64(i), ids[i]} })
	})
	return released, err
}

// flatAnswers stores what queries look for, and by which account the member is known to be whose answer it is.
func (w *writer) flatAnswers(r *survey.Response, flat []survey.Flat) error {
	if _, err := w.exec("DELETE FROM survey_answer WHERE response_id = ?", r.ID); err != nil {
		return err
	}
	if r.State != survey.Complete || r.MemberID == 0 {
		return nil
	}
	var key string
	if err := w.row("SELECT key FROM survey WHERE id = ?", []any{r.SurveyID}, &key); err != nil {
		return err
	}
	// The row without a question says that they answered.
	if err := w.bulk("INSERT INTO survey_answer (response_id, member_id, survey_key, value, scale, number, at) VALUES (?, ?, ?, ?, ?, ?, ?)", len(flat)+1, func(i int) []any {
		if i == len(flat) {
			return []any{r.ID, r.MemberID, key, "", "", int64(0), micros(r.UpdatedAt)}
		}
		f := &flat[i]
		return []any{r.ID, r.MemberID, key, key + "/" + f.Question + "/" + f.Value, string(f.Scale), f.Number, micros(r.UpdatedAt)}
	}); err != nil {
		return err
	}
	return w.surveyAccount(r.MemberID)
}

// surveyAccount gives the account that a member is known by the key that their account among the answers gets, so that both
// are certainly one person: the link was sent to them.
func (w *writer) surveyAccount(member int64) error {
	var anchor int64
	if err := w.row(`SELECT coalesce(min(i.id), 0) FROM identity i WHERE i.member_id = (SELECT CASE WHEN m.merged_into > 0 THEN m.merged_into ELSE m.id END FROM member m WHERE m.id = ?)`,
		[]any{member}, &anchor); err != nil || anchor == 0 {
		return err
	}
	_, err := w.exec(insertKey, "same", survey.AccountKey(anchor), anchor, survey.AccountReason)
	return err
}

// DropResponse removes what somebody answered; that there was an answer stays, until it is taken back where it was told.
func (s *Store) DropResponse(ctx context.Context, id int64) error {
	return s.write(ctx, func(w *writer) error {
		var have int64
		if err := w.row("SELECT count(*) FROM survey_response WHERE id = ? AND deleted = 0", []any{id}, &have); err != nil {
			return err
		}
		if have == 0 {
			return greenroom.Errorf(greenroom.CodeNotFound, "there is no answer %d", id)
		}
		return w.buryResponse(id, s.now())
	})
}

func (w *writer) buryResponse(id int64, now time.Time) error {
	last, err := w.lastID2("survey_response", "seq")
	if err != nil {
		return err
	}
	if _, err := w.exec("DELETE FROM survey_answer WHERE response_id = ?", id); err != nil {
		return err
	}
	_, err = w.exec(`UPDATE survey_response SET deleted = 1, answers = '{}', name = '', email = '', external = '', invitation_id = 0, updated_at = ?, seq = CASE WHEN state = 'complete' THEN ? ELSE 0 END WHERE id = ?`,
		micros(now), last+1, id)
	return err
}

// surveysOf erases what a member was asked and answered.
func (e *eraser) surveysOf(id int64) error {
	for _, table := range []string{"survey_response", "survey_invitation"} {
		if err := e.mark(table); err != nil {
			return err
		}
	}
	last, err := e.lastID2("survey_response", "seq")
	if err != nil {
		return err
	}
	if err := e.setFollowed("last:survey_response", last); err != nil { // neither an id nor the number of a telling comes again
		return err
	}
	for _, table := range []string{"survey_answer", "survey_response", "survey_invitation"} {
		for _, q := range []string{" WHERE member_id = ?", " WHERE member_id IN (SELECT id FROM member WHERE merged_into = ? AND merged_into > 0)"} {
			if _, err := e.exec("DELETE FROM "+table+q, id); err != nil {
				return err
			}
		}
	}
	return nil
}

// personalSurvey is what a member was asked and answered, as they get it.
type personalSurvey struct {
	Survey     string           `json:"survey"`
	Invitation any              `json:"invitation,omitempty"`
	Response   *survey.Response `json:"response,omitempty"`
}

// surveysFor lists what a member was asked and answered.
func (s *Store) surveysFor(ctx context.Context, member int64) ([]personalSurvey, error) {
	const theirs = ".member_id IN (SELECT x.id FROM member x WHERE x.id = ? OR x.merged_into = ? AND x.merged_into > 0)"
	asked, err := s.surveyInvitations(ctx, " WHERE i"+theirs+" ORDER BY i.id", member, member)
	if err != nil {
		return nil, err
	}
	answered, err := s.responses(ctx, " WHERE r.deleted = 0 AND r"+theirs+" ORDER BY r.id", member, member)
	if err != nil || len(asked)+len(answered) == 0 {
		return nil, err
	}
	surveys, err := s.SurveyList(ctx)
	if err != nil {
		return nil, err
	}
	names := make(map[int64]string)
	for i := range surveys {
		names[surveys[i].ID] = surveys[i].Name
	}
	var all []personalSurvey
	for i := range asked {
		all = append(all, personalSurvey{Survey: names[asked[i].SurveyID], Invitation: asked[i]})
	}
	for i := range answered {
		all = append(all, personalSurvey{Survey: names[answered[i].SurveyID], Response: &answered[i]})
	}
	return all, nil
}

// nowMember is the member that the one of a row is part of now; q begins with the table and its alias x.
func nowMember(q string) string {
	return "m.id IN (SELECT CASE WHEN h.merged_into > 0 THEN h.merged_into ELSE h.id END FROM " + q + ")"
}

// surveyTerm compiles a term on what a member was asked and answered.
func (c *compiler) surveyTerm(t *query.Term) string {
	const answers = "survey_answer x JOIN member h ON h.id = x.member_id WHERE "
	switch t.Field.Attr {
	case "asked":
		from := "survey_invitation x JOIN member h ON h.id = x.member_id"
		if t.Op == query.Has {
			return nowMember(from)
		}
		return nowMember(from + " JOIN survey s ON s.id = x.survey_id WHERE " + c.keyword(t, "s.key"))
	case "answered":
		if t.Op == query.Has {
			return nowMember(answers + "x.value = ''")
		}
		return nowMember(answers + "x.value = '' AND " + c.keyword(t, "x.survey_key"))
	case "answer":
		if t.Op == query.Has {
			return nowMember(answers + "x.value <> ''")
		}
		var parts []string
		for _, v := range t.Values { // stored in lower case
			low := strings.ToLower(v.Text)
			if v.Prefix {
				parts = append(parts, "x.value LIKE "+c.arg(likeEscape.Replace(low)+"%")+` ESCAPE '\'`)
				continue
			}
			parts = append(parts, "x.value = "+c.arg(low))
		}
		return nowMember(answers + "(" + strings.Join(parts, " OR ") + ")")
	}
	// nps, csat, ces: what they said last
	cond := "x.scale = '" + t.Field.Attr + "'"
	if t.Op != query.Has {
		cond += " AND " + c.number(t, "x.number")
	}
	return nowMember(answers + cond + " AND x.at = (SELECT max(y.at) FROM survey_answer y WHERE y.member_id = x.member_id AND y.scale = x.scale)")
}
