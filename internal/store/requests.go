// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/outbox"
	"greenroom/internal/request"
	"greenroom/internal/text"
)

const settingRequests = "requests"

// RequestSettings say what of requests is public, and how people hear back.
func (s *Store) RequestSettings(ctx context.Context) (request.Settings, error) {
	var set request.Settings
	return set, s.settingOver(ctx, settingRequests, &set)
}

// SetRequestSettings sets them.
func (s *Store) SetRequestSettings(ctx context.Context, set request.Settings) error {
	return s.write(ctx, func(w *writer) error { return w.setSetting(settingRequests, set) })
}

// What a request's column review says.
const (
	reviewDone        = 0
	reviewWaits       = 1 // for the team
	reviewUnconfirmed = 2 // for its proposer
)

const requestColumns = `r.id, r.title, r.body, r.state, r.answer, r.shown, r.review, r.merged_into, coalesce(h.id, m.id, 0), coalesce(h.name, m.name, ''), r.created_by, r.created_at, r.changed_at, r.changes
	FROM request r LEFT JOIN member m ON m.id = r.member_id LEFT JOIN member h ON h.id = m.merged_into AND m.merged_into > 0`

func (s *Store) requests(ctx context.Context, cond string, args ...any) ([]request.Request, error) {
	rows, err := s.query(ctx, "SELECT "+requestColumns+" WHERE "+cond+" ORDER BY r.id", args...)
	if err != nil {
		return nil, err
	}
	all := []request.Request{}
	err = scan(rows, func() error {
		var r request.Request
		var shown, review, created, changed int64
		err := rows.Scan(&r.ID, &r.Title, &r.Text, &r.State, &r.Answer, &shown, &review, &r.MergedInto, &r.MemberID, &r.Member, &r.CreatedBy, &created, &changed, &r.Changes)
		r.Shown, r.Review, r.Unconfirmed = shown != 0, review != reviewDone, review == reviewUnconfirmed
		r.CreatedAt, r.ChangedAt = fromMicros(created), fromMicros(changed)
		all = append(all, r)
		return err
	})
	return all, err
}

// Requests lists requests with their votes and weight, those that were merged or not confirmed left out.
func (s *Store) Requests(ctx context.Context, f request.Filter) ([]request.Request, error) {
	parts, args := []string{"r.merged_into = 0", "r.review <> " + strconv.Itoa(reviewUnconfirmed)}, []any{}
	add := func(c string, arg ...any) { parts, args = append(parts, c), append(args, arg...) }
	if f.State != "" {
		add("r.state = ?", string(f.State))
	}
	if t := strings.ToLower(strings.TrimSpace(f.Text)); t != "" {
		like := "%" + likeEscape.Replace(t) + "%"
		add(`(lower(r.title) LIKE ? ESCAPE '\' OR lower(r.body) LIKE ? ESCAPE '\')`, like, like)
	}
	if f.Public {
		add("r.shown = 1")
	}
	if f.Review {
		add("r.review = " + strconv.Itoa(reviewWaits))
	}
	all, err := s.requests(ctx, strings.Join(parts, " AND "), args...)
	if err != nil || len(all) == 0 {
		return all, err
	}
	return s.backed(ctx, all, f.Member)
}

// backed adds who is behind requests, and leaves out those that a member is not, unless that is 0.
func (s *Store) backed(ctx context.Context, all []request.Request, member int64) ([]request.Request, error) {
	root := int64(0)
	if len(all) == 1 {
		root = all[0].ID
	}
	behind, err := s.behind(ctx, root)
	if err != nil {
		return nil, err
	}
	kept := all[:0]
	for i := range all {
		r := &all[i]
		b := behind[r.ID]
		if b == nil {
			b = &backing{}
		}
		if member > 0 && b.byMember[member] == 0 {
			continue
		}
		r.Votes, r.Messages, r.Weight = int64(len(b.all)), b.messages, b.weight()
		kept = append(kept, *r)
	}
	return kept, nil
}

// Request finds one, also one that was merged or not confirmed.
func (s *Store) Request(ctx context.Context, id int64) (request.Request, error) {
	all, err := s.requests(ctx, "r.id = ?", id)
	if err == nil && len(all) == 0 {
		err = greenroom.Errorf(greenroom.CodeNotFound, "there is no request %d", id)
	}
	if err != nil {
		return request.Request{}, err
	}
	if all, err = s.backed(ctx, all, 0); err != nil {
		return request.Request{}, err
	}
	return all[0], nil
}

// AddRequest gives a request an id and stores it with the message that asks for it. Those that nobody confirmed before a
// time are dropped; their ids are not given again.
func (s *Store) AddRequest(ctx context.Context, r request.Request, activity int64, by string, before time.Time) (request.Request, error) {
	err := s.write(ctx, func(w *writer) error {
		last, err := w.lastID("request")
		if err != nil {
			return err
		}
		r.ID = last + 1
		if err := w.setFollowed("last:request", r.ID); err != nil {
			return err
		}
		if _, err := w.exec("DELETE FROM request WHERE review = ? AND created_at < ?", reviewUnconfirmed, micros(before)); err != nil {
			return err
		}
		review := reviewDone
		switch {
		case r.Unconfirmed:
			review = reviewUnconfirmed
		case r.Review:
			review = reviewWaits
		}
		if _, err := w.exec("INSERT INTO request (id, title, body, state, answer, shown, review, member_id, created_by, created_at, changed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
			r.ID, r.Title, r.Text, string(r.State), r.Answer, flag(r.Shown), review, r.MemberID, r.CreatedBy, micros(r.CreatedAt), micros(r.ChangedAt)); err != nil || activity == 0 {
			return err
		}
		return w.linkMessage(activity, r.ID, by, s.now())
	})
	if err != nil {
		return r, err
	}
	return s.Request(ctx, r.ID)
}

// ChangeRequest stores title, text, and whether it is shown and was reviewed.
func (s *Store) ChangeRequest(ctx context.Context, r request.Request) error {
	return s.write(ctx, func(w *writer) error {
		_, err := w.exec("UPDATE request SET title = ?, body = ?, shown = ?, review = ? WHERE id = ?", r.Title, r.Text, flag(r.Shown), flag(r.Review), r.ID)
		return err
	})
}

// MoveRequest stores state and answer together with what people are told.
func (s *Store) MoveRequest(ctx context.Context, id int64, to request.State, answer string, changes int64, messages []outbox.Message) error {
	return s.write(ctx, func(w *writer) error { return w.moveRequest(id, to, answer, changes, messages, s.now()) })
}

func (w *writer) moveRequest(id int64, to request.State, answer string, changes int64, messages []outbox.Message, now time.Time) error {
	n, err := w.exec("UPDATE request SET state = ?, answer = ?, changes = changes + 1, changed_at = ? WHERE id = ? AND changes = ?", string(to), answer, micros(now), id, changes)
	if err == nil && n == 0 {
		err = greenroom.Errorf(greenroom.CodeConflict, "somebody else changed request %d meanwhile; look at it and try again", id)
	}
	if err != nil {
		return err
	}
	_, err = w.addMessages(messages, now)
	return err
}

// MergeRequest makes a request and all that were merged into it part of another; into 0 takes that back for this one.
func (s *Store) MergeRequest(ctx context.Context, id, into int64) error {
	return s.write(ctx, func(w *writer) error {
		if into > 0 {
			// Where the other one was merged meanwhile, this one would hang from something that is no root.
			var open int64
			if err := w.row("SELECT count(*) FROM request WHERE id = ? AND merged_into = 0", []any{into}, &open); err != nil {
				return err
			}
			if open == 0 {
				return greenroom.Errorf(greenroom.CodeConflict, "request %d was merged meanwhile; merge into the one that it is part of", into)
			}
			if _, err := w.exec("UPDATE request SET merged_into = ? WHERE merged_into = ?", into, id); err != nil {
				return err
			}
		}
		_, err := w.exec("UPDATE request SET merged_into = ? WHERE id = ?", into, id)
		return err
	})
}

// messageOfRequest are the columns of a message that may ask for something.
const requestMessageColumns = `SELECT a.id, a.conversation_id, coalesce(m.id, 0), coalesce(m.name, ''), coalesce(o.name, ''), coalesce(o.lifecycle, ''), a.title, a.body, a.url, s.name, coalesce(c.name, ''), a.occurred_at
	FROM activity a JOIN source s ON s.id = a.source_id LEFT JOIN channel c ON c.id = a.channel_id LEFT JOIN identity i ON i.id = a.identity_id LEFT JOIN member m ON m.id = i.member_id LEFT JOIN organization o ON o.id = m.organization_id`

func (s *Store) requestMessages(ctx context.Context, cond string, args ...any) ([]request.Message, error) {
	rows, err := s.query(ctx, requestMessageColumns+cond, args...)
	if err != nil {
		return nil, err
	}
	all := []request.Message{}
	err = scan(rows, func() error {
		var m request.Message
		var at int64
		err := rows.Scan(&m.ActivityID, &m.ConversationID, &m.MemberID, &m.Member, &m.Organization, &m.Lifecycle, &m.Title, &m.Text, &m.URL, &m.Source, &m.Channel, &at)
		m.At = fromMicros(at)
		all = append(all, m)
		return err
	})
	return all, err
}

// Wishes lists messages since a time that were read as the wish for something and that nothing was decided about.
func (s *Store) Wishes(ctx context.Context, since time.Time, limit int) ([]request.Message, error) {
	return s.requestMessages(ctx, ` JOIN reading rd ON rd.activity_id = a.id AND rd.category BETWEEN 1 AND 7 AND rd.category = `+strconv.Itoa(int(text.CategoryFeature))+`
		WHERE a.occurred_at >= ? AND a.deleted = 0 AND coalesce(m.staff, 0) = 0 AND coalesce(m.bot, 0) = 0 AND coalesce(m.hidden, 0) = 0
		AND NOT EXISTS (SELECT 1 FROM request_activity x WHERE x.activity_id = a.id) ORDER BY a.occurred_at DESC, a.id DESC LIMIT ?`, micros(since), limit)
}

// RequestMessage is one message, and the request that it asks for; 0 = none.
func (s *Store) RequestMessage(ctx context.Context, activity int64) (request.Message, int64, error) {
	all, err := s.requestMessages(ctx, " WHERE a.id = ? AND a.deleted = 0 AND (a.title <> '' OR a.body <> '')", activity)
	if err == nil && len(all) == 0 {
		err = greenroom.Errorf(greenroom.CodeNotFound, "activity %d is no message with a text", activity)
	}
	if err != nil {
		return request.Message{}, 0, err
	}
	var id int64
	err = s.queryRow(ctx, "SELECT coalesce((SELECT request_id FROM request_activity WHERE activity_id = ?), 0)", []any{activity}, &id)
	return all[0], id, err
}

// RequestMessages lists the messages that ask for a request, or for one that was merged into it, the latest first.
func (s *Store) RequestMessages(ctx context.Context, id int64) ([]request.Message, error) {
	return s.requestMessages(ctx, ` JOIN request_activity x ON x.activity_id = a.id
		WHERE x.request_id > 0 AND x.request_id IN (SELECT r.id FROM request r WHERE r.id = ? OR r.merged_into = ?) AND a.deleted = 0 ORDER BY a.occurred_at DESC, a.id DESC`, id, id)
}

// LinkMessage says that a message asks for a request, whatever was said before; 0 = for none.
func (s *Store) LinkMessage(ctx context.Context, activity, id int64, by string) error {
	return s.write(ctx, func(w *writer) error { return w.linkMessage(activity, id, by, s.now()) })
}

func (w *writer) linkMessage(activity, id int64, by string, now time.Time) error {
	if _, err := w.exec("INSERT INTO request_activity (activity_id, request_id, actor, at) VALUES (?, ?, ?, ?) ON CONFLICT (activity_id) DO UPDATE SET request_id = excluded.request_id, actor = excluded.actor, at = excluded.at",
		activity, id, by, micros(now)); err != nil {
		return fmt.Errorf("saying what a message asks for: %w", err)
	}
	return nil
}

// UnlinkMessage forgets what was said of a message.
func (s *Store) UnlinkMessage(ctx context.Context, activity int64) error {
	return s.write(ctx, func(w *writer) error {
		_, err := w.exec("DELETE FROM request_activity WHERE activity_id = ?", activity)
		return err
	})
}
