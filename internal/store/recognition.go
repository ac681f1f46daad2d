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
	"greenroom/internal/outbox"
	"greenroom/internal/recognition"
	"greenroom/internal/text"
)

const settingRecognition = "recognition"

// settingOver reads a setting over what is usual, which stays where nothing was set.
func (s *Store) settingOver(ctx context.Context, key string, to any) error {
	var value string
	err := s.queryRow(ctx, "SELECT value FROM setting WHERE key = ?", []any{key}, &value)
	if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
		return nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(value), to)
	}
	if err != nil {
		return fmt.Errorf("reading the setting %s: %w", key, err)
	}
	return nil
}

// RecognitionSettings are what counts in recognition, and how the team writes.
func (s *Store) RecognitionSettings(ctx context.Context) (recognition.Settings, error) {
	set := recognition.Usual()
	var kept recognition.Settings
	if err := s.settingOver(ctx, settingRecognition, &kept); err != nil || kept.Days == 0 {
		return set, err
	}
	return kept, kept.Validate()
}

// SetRecognitionSettings sets them.
func (s *Store) SetRecognitionSettings(ctx context.Context, set recognition.Settings) error {
	return s.write(ctx, func(w *writer) error { return w.setSetting(settingRecognition, set) })
}

// The kinds that answer somebody, and those by which somebody gives something, as lists for IN.
func helpKinds() string {
	return kindsIn(greenroom.KindReply, greenroom.KindAnswer, greenroom.KindAcceptedAnswer, greenroom.KindComment)
}

func kindsIn(kinds ...greenroom.Kind) string {
	all := make([]string, len(kinds))
	for i, k := range kinds {
		all[i] = strconv.Itoa(int(k))
	}
	return strings.Join(all, ", ")
}

func contributionKinds() string {
	return kindsIn(greenroom.KindMessage, greenroom.KindReply, greenroom.KindQuestion, greenroom.KindAnswer, greenroom.KindAcceptedAnswer, greenroom.KindComment, greenroom.KindIssue,
		greenroom.KindPullRequest, greenroom.KindReview, greenroom.KindCommit, greenroom.KindWiki, greenroom.KindDiscussion, greenroom.KindFile)
}

// helpColumns are those of an answer (a) in a conversation (c) of a helper (h) to an asker (q).
const (
	helpColumns = `a.id, c.id, c.title, a.body, CASE WHEN a.url <> '' THEN a.url ELSE c.url END, a.occurred_at, a.kind, c.state,
	h.id, h.name, coalesce(ho.name, ''), q.id, q.name, coalesce(qo.name, '')`
	helpTables = ` FROM activity a JOIN conversation c ON c.id = a.conversation_id
	JOIN identity hi ON hi.id = a.identity_id JOIN member h ON h.id = hi.member_id LEFT JOIN organization ho ON ho.id = h.organization_id
	JOIN identity qi ON qi.id = c.author_id JOIN member q ON q.id = qi.member_id LEFT JOIN organization qo ON qo.id = q.organization_id`
	// community is whoever is neither of the team nor a program, by the alias of their member.
	communityHelper = "h.staff = 0 AND h.bot = 0 AND h.hidden = 0 AND h.contact = 0"
)

func scanHelp(row rowScanner) (recognition.Help, error) {
	var h recognition.Help
	var at, kind int64
	var state greenroom.State
	err := row.Scan(&h.ActivityID, &h.ConversationID, &h.Title, &h.Text, &h.URL, &at, &kind, &state,
		&h.Helper.ID, &h.Helper.Name, &h.Helper.Organization, &h.Asker.ID, &h.Asker.Name, &h.Asker.Organization)
	h.At, h.Accepted, h.Resolved = fromMicros(at), greenroom.Kind(kind) == greenroom.KindAcceptedAnswer, state == greenroom.StateResolved //nolint:gosec // stored kinds are small
	return h, err
}

// unthankedQuery finds help that nobody thanked for: an accepted answer, or where there is none the first reply of a
// community member that asks nothing. Thanks is a reaction to the answer, praise in the conversation after it, or a positive
// message of whoever asked; the helper's own do not count. Times of reactions are those of what they react to on platforms
// that do not tell better, so theirs is not compared.
func unthankedQuery() string {
	kinds := helpKinds()
	accepted := strconv.Itoa(int(greenroom.KindAcceptedAnswer))
	return "SELECT " + helpColumns + helpTables + ` WHERE a.occurred_at >= ? AND a.occurred_at < ? AND a.deleted = 0 AND a.kind IN (` + kinds + `) AND c.question = 1 AND c.ignored = 0
		AND h.id <> q.id AND ` + communityHelper + ` AND q.bot = 0 AND (a.kind = ` + accepted + ` OR a.question = 0 AND NOT EXISTS (
			SELECT 1 FROM activity f JOIN identity fi ON fi.id = f.identity_id JOIN member fm ON fm.id = fi.member_id
			WHERE f.conversation_id = c.id AND f.conversation_id > 0 AND f.deleted = 0 AND f.kind IN (` + kinds + `) AND f.id <> a.id AND fm.id <> q.id
			AND (f.kind = ` + accepted + ` OR fm.staff = 0 AND fm.bot = 0 AND f.question = 0 AND (f.occurred_at < a.occurred_at OR f.occurred_at = a.occurred_at AND f.id < a.id))))
		AND NOT EXISTS (SELECT 1 FROM thanks t WHERE t.activity_id = a.id)
		AND NOT EXISTS (SELECT 1 FROM activity x LEFT JOIN identity xi ON xi.id = x.identity_id LEFT JOIN reading rd ON rd.activity_id = x.id
			WHERE x.conversation_id = c.id AND x.conversation_id > 0 AND x.deleted = 0 AND coalesce(xi.member_id, 0) <> h.id AND (
				x.kind IN (` + kindsIn(greenroom.KindReaction, greenroom.KindVote) + `) AND x.reply_to = a.external_id
				OR x.id <> a.id AND x.occurred_at >= a.occurred_at AND (rd.category = ` + strconv.Itoa(int(text.CategoryPraise)) + ` OR xi.member_id = q.id AND rd.sentiment = ` + strconv.Itoa(int(text.SentimentPositive)) + `)))
		ORDER BY a.occurred_at DESC, a.id DESC LIMIT ?`
}

// Unthanked lists help from since until until after which nobody thanked, and which nobody has decided about.
func (s *Store) Unthanked(ctx context.Context, since, until time.Time, limit int) ([]recognition.Help, error) {
	return s.help(ctx, unthankedQuery(), micros(since), micros(until), limit)
}

func (s *Store) help(ctx context.Context, q string, args ...any) ([]recognition.Help, error) {
	rows, err := s.query(ctx, q, args...)
	if err != nil {
		return nil, err
	}
	all := []recognition.Help{}
	err = scan(rows, func() error {
		h, err := scanHelp(rows)
		all = append(all, h)
		return err
	})
	return all, err
}

// HelpOf is one answer with who gave it and who had asked.
func (s *Store) HelpOf(ctx context.Context, activity int64) (recognition.Help, error) {
	all, err := s.help(ctx, "SELECT "+helpColumns+helpTables+" WHERE a.id = ? AND a.deleted = 0 AND h.id <> q.id AND "+communityHelper, activity)
	if err == nil && len(all) == 0 {
		err = greenroom.Errorf(greenroom.CodeNotFound, "activity %d is no answer of a member to somebody else", activity)
	}
	if err != nil {
		return recognition.Help{}, err
	}
	return all[0], nil
}

// drafted stores the draft of a decision, if there is one, and returns its id.
func (w *writer) drafted(m *outbox.Message, now time.Time) (int64, error) {
	if m == nil {
		return 0, nil
	}
	all := []outbox.Message{*m}
	if _, err := w.addMessages(all, now); err != nil || all[0].ID > 0 {
		return all[0].ID, err
	}
	var id int64
	err := w.row("SELECT id FROM outbox WHERE key = ?", []any{m.Key}, &id)
	return id, err
}

// Thank notes what was done about an answer, and stores the draft where there is one.
func (s *Store) Thank(ctx context.Context, activity, member int64, o recognition.Outcome, draft *outbox.Message, by string) error {
	return s.write(ctx, func(w *writer) error {
		now := s.now()
		n, err := w.exec("INSERT INTO thanks (activity_id, member_id, outcome, actor, at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", activity, member, string(o), by, micros(now))
		if err != nil {
			return err
		}
		if n == 0 {
			return greenroom.Errorf(greenroom.CodeConflict, "somebody has seen to the thanks for activity %d already", activity)
		}
		id, err := w.drafted(draft, now)
		if err != nil || id == 0 {
			return err
		}
		_, err = w.exec("UPDATE thanks SET message_id = ? WHERE activity_id = ?", id, activity)
		return err
	})
}

// Unthank takes back that an answer was marked as thanked.
func (s *Store) Unthank(ctx context.Context, activity int64) error {
	return s.write(ctx, func(w *writer) error {
		n, err := w.exec("DELETE FROM thanks WHERE activity_id = ? AND outcome = ?", activity, string(recognition.Marked))
		if err == nil && n == 0 {
			err = greenroom.Errorf(greenroom.CodeConflict, "activity %d was not marked as thanked; a draft is taken back in the outbox", activity)
		}
		return err
	})
}

// Reached lists the milestones of a kind that were reached from since until until, the latest first.
func (s *Store) Reached(ctx context.Context, k recognition.Kind, levels []int64, since, until time.Time) ([]recognition.Milestone, error) {
	all := []recognition.Milestone{}
	read := func(q string, args ...any) error {
		rows, err := s.query(ctx, q, args...)
		if err != nil {
			return err
		}
		return scan(rows, func() error {
			m := recognition.Milestone{Kind: k}
			var at int64
			err := rows.Scan(&m.Member.ID, &m.Member.Name, &m.Member.Organization, &m.Level, &at, &m.ActivityID)
			m.At = fromMicros(at)
			all = append(all, m)
			return err
		})
	}
	var err error
	switch k {
	case recognition.Years:
		err = anniversaries(levels, since, until, read)
	case recognition.Answers:
		err = read(countedQuery(helpKinds(), "JOIN conversation c ON c.id = a.conversation_id AND c.question = 1 JOIN identity ai ON ai.id = c.author_id AND ai.member_id <> i.member_id", levels), micros(since), micros(until), micros(since), micros(until))
	case recognition.Contributions:
		err = read(countedQuery(contributionKinds(), "", levels), micros(since), micros(until), micros(since), micros(until))
	case recognition.Events:
		err = read(countedQuery(kindsIn(greenroom.KindAttendance), "", levels), micros(since), micros(until), micros(since), micros(until))
	default:
		err = greenroom.Errorf(greenroom.CodeInvalid, "there are no milestones of the kind %q", k)
	}
	if err != nil {
		return nil, err
	}
	return all, s.seenTo(ctx, k, all)
}

// countedQuery numbers what members did of some kinds, in order of time, and takes those numbers that are levels. Only the
// members who did such a thing in the time that is asked for are looked at.
func countedQuery(kinds, joins string, levels []int64) string {
	numbers := make([]string, len(levels))
	for i, l := range levels {
		numbers[i] = strconv.FormatInt(l, 10)
	}
	return `SELECT m.id, m.name, coalesce(o.name, ''), x.n, x.occurred_at, x.id FROM (
		SELECT i.member_id, a.id, a.occurred_at, row_number() OVER (PARTITION BY i.member_id ORDER BY a.occurred_at, a.id) AS n
		FROM identity i JOIN activity a ON a.identity_id = i.id AND a.deleted = 0 AND a.kind IN (` + kinds + `) ` + joins + `
		WHERE i.member_id IN (SELECT l.member_id FROM activity b JOIN identity l ON l.id = b.identity_id WHERE b.occurred_at >= ? AND b.occurred_at < ? AND b.deleted = 0 AND b.kind IN (` + kinds + `))
	) x JOIN member m ON m.id = x.member_id AND m.staff = 0 AND m.bot = 0 AND m.hidden = 0 AND m.contact = 0 LEFT JOIN organization o ON o.id = m.organization_id
	WHERE x.n IN (` + strings.Join(numbers, ", ") + `) AND x.occurred_at >= ? AND x.occurred_at < ? ORDER BY x.occurred_at DESC, x.id DESC`
}

// livelyFor is how long before their anniversary somebody was seen who is told of it.
const livelyFor = 90 * 24 * time.Hour

// anniversaries are the days on which members have been there for some years.
func anniversaries(levels []int64, since, until time.Time, read func(q string, args ...any) error) error {
	const joined = "CASE WHEN m.joined_at > 0 AND (m.first_active = 0 OR m.joined_at < m.first_active) THEN m.joined_at ELSE m.first_active END"
	for _, years := range levels {
		// The date of the same day is worked out below, since years differ in length.
		if err := read(`SELECT m.id, m.name, coalesce(o.name, ''), CAST(? AS BIGINT), `+joined+`, 0 FROM member m LEFT JOIN organization o ON o.id = m.organization_id
			WHERE m.merged_into = 0 AND m.staff = 0 AND m.bot = 0 AND m.hidden = 0 AND m.contact = 0 AND m.last_active >= ? AND `+joined+` > 0 AND `+joined+` >= ? AND `+joined+` < ? ORDER BY 5 DESC, m.id`,
			years, micros(since.Add(-livelyFor)), micros(since.AddDate(-int(years), 0, 0)), micros(until.AddDate(-int(years), 0, 0))); err != nil {
			return err
		}
	}
	return nil
}

// seenTo adds what was done about milestones, also about those of members that were merged, and the day of anniversaries.
func (s *Store) seenTo(ctx context.Context, k recognition.Kind, all []recognition.Milestone) error {
	type key struct{ member, level int64 }
	at := make(map[key]int, len(all))
	for i := range all {
		m := &all[i]
		if k == recognition.Years {
			m.At = m.At.AddDate(int(m.Level), 0, 0)
		}
		at[key{m.Member.ID, m.Level}] = i
	}
	rows, err := s.query(ctx, `SELECT coalesce(h.id, m.id), x.level, x.outcome, x.actor, x.at FROM milestone_seen x JOIN member m ON m.id = x.member_id
		LEFT JOIN member h ON h.id = m.merged_into AND m.merged_into > 0 WHERE x.kind = ? ORDER BY x.at DESC`, string(k))
	if err != nil {
		return err
	}
	return scan(rows, func() error {
		var who key
		var o recognition.Outcome
		var by string
		var seen int64
		err := rows.Scan(&who.member, &who.level, &o, &by, &seen)
		if i, ok := at[who]; ok {
			all[i].Outcome, all[i].By, all[i].SeenAt = o, by, fromMicros(seen)
		}
		return err
	})
}

// SeeTo notes what was done about a milestone, and stores the draft where there is one.
func (s *Store) SeeTo(ctx context.Context, m *recognition.Milestone, o recognition.Outcome, draft *outbox.Message, by string) error {
	return s.write(ctx, func(w *writer) error {
		var seen int64
		if err := w.row("SELECT count(*) FROM milestone_seen WHERE kind = ? AND level = ? AND member_id IN (SELECT id FROM member WHERE id = ? OR merged_into = ?)", []any{string(m.Kind), m.Level, m.Member.ID, m.Member.ID}, &seen); err != nil {
			return err
		}
		if seen > 0 {
			return greenroom.Errorf(greenroom.CodeConflict, "somebody has seen to %s of %s already", m.Text(), m.Member.Name)
		}
		now := s.now()
		id, err := w.drafted(draft, now)
		if err != nil {
			return err
		}
		_, err = w.exec("INSERT INTO milestone_seen (member_id, kind, level, outcome, message_id, actor, at) VALUES (?, ?, ?, ?, ?, ?, ?)", m.Member.ID, string(m.Kind), m.Level, string(o), id, by, micros(now))
		return err
	})
}

// Unsee takes back that a milestone was marked.
func (s *Store) Unsee(ctx context.Context, member int64, k recognition.Kind, level int64) error {
	return s.write(ctx, func(w *writer) error {
		n, err := w.exec("DELETE FROM milestone_seen WHERE kind = ? AND level = ? AND outcome = ? AND member_id IN (SELECT id FROM member WHERE id = ? OR merged_into = ?)", string(k), level, string(recognition.Marked), member, member)
		if err == nil && n == 0 {
			err = greenroom.Errorf(greenroom.CodeConflict, "this milestone was not marked; a draft is taken back in the outbox")
		}
		return err
	})
}

// ReachableBy gives the mail addresses of members by which they can be reached: of several the first that does not refuse
// mail for good, those that their source has verified before others.
func (s *Store) ReachableBy(ctx context.Context, members []int64) (map[int64]string, error) {
	type known struct {
		member  int64
		address string
	}
	var all []known
	if err := inLists(ctx, s, `SELECT i.member_id, k.value FROM identity i JOIN identity_key k ON k.identity_id = i.id AND k.kind || '' IN ('email', 'address')
		WHERE i.member_id IN (%IN%) ORDER BY CASE k.kind WHEN 'email' THEN 0 ELSE 1 END, i.id, k.value`, members, func(row rowScanner) error {
		var k known
		err := row.Scan(&k.member, &k.address)
		all = append(all, k)
		return err
	}); err != nil {
		return nil, fmt.Errorf("reading the addresses of members: %w", err)
	}
	digests := make([]string, len(all))
	for i := range all {
		digests[i] = addressDigest(all[i].address)
	}
	bounced := make(map[string]bool)
	if err := inLists(ctx, s, "SELECT address FROM mail_bounce WHERE permanent = 1 AND address IN (%IN%)", digests, func(row rowScanner) error {
		var d string
		err := row.Scan(&d)
		bounced[d] = true
		return err
	}); err != nil {
		return nil, fmt.Errorf("reading bounces: %w", err)
	}
	found := make(map[int64]string)
	for i, k := range all {
		if found[k.member] == "" && !bounced[digests[i]] {
			found[k.member] = k.address
		}
	}
	return found, nil
}
