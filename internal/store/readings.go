// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"
	"slices"

	"greenroom"
	"greenroom/internal/understand"
)

// The positions of reading among the followers.
const (
	followReading = "reading"         // the last activity that was read
	followChanges = "reading:change"  // the last change that was looked at
	followAgain   = "reading:again"   // activities up to this one are to be read again
	followJudge   = "reading:judge"   // who reads: a number of reading_judge
	followWritten = "reading:changed" // the last number given to written readings
)

const readingPosition = `SELECT coalesce((SELECT value FROM follower WHERE name = '` + followReading + `'), 0),
	coalesce((SELECT value FROM follower WHERE name = '` + followChanges + `'), 0), coalesce((SELECT value FROM follower WHERE name = '` + followAgain + `'), 0),
	coalesce((SELECT version FROM reading_judge WHERE id = (SELECT value FROM follower WHERE name = '` + followJudge + `')), ''),
	coalesce((SELECT value FROM follower WHERE name = '` + followDerive + `'), 0)`

// ReadingPosition says how far reading has come. It goes as far as derived state does.
func (s *Store) ReadingPosition(ctx context.Context) (p understand.Position, err error) {
	err = s.queryRow(ctx, readingPosition, nil, &p.Last, &p.Change, &p.Again, &p.Judge, &p.Until)
	return p, err
}

const textColumns = "a.id, a.kind, a.reply_to, a.title, a.body, a.deleted"

func scanText(rows rowScanner, t *understand.Text, more ...any) error {
	var kind, deleted int64
	err := rows.Scan(append([]any{&t.ID, &kind, &t.ReplyTo, &t.Title, &t.Body, &deleted}, more...)...)
	t.Kind, t.Deleted = greenroom.Kind(kind), deleted != 0
	return err
}

func (s *Store) texts(ctx context.Context, q string, args ...any) ([]understand.Text, error) {
	rows, err := s.query(ctx, q, args...)
	if err != nil {
		return nil, err
	}
	var all []understand.Text
	err = scan(rows, func() error {
		var t understand.Text
		err := scanText(rows, &t)
		all = append(all, t)
		return err
	})
	return all, err
}

// hasText is the condition on what may say something.
const hasText = "a.deleted = 0 AND (a.title <> '' OR a.body <> '')"

// lookedAt is over how many activities one portion of reading goes at most: most may have no text.
const lookedAt = 200_000

// TextsAfter gives activities with a text and ids above after, the lowest first, and the id up to which there are no
// others.
func (s *Store) TextsAfter(ctx context.Context, after int64, limit int) ([]understand.Text, int64, error) {
	p, err := s.ReadingPosition(ctx)
	if err != nil {
		return nil, after, err
	}
	end := min(p.Until, after+lookedAt)
	all, err := s.texts(ctx, "SELECT "+textColumns+" FROM activity a WHERE a.id > ? AND a.id <= ? AND "+hasText+" ORDER BY a.id LIMIT ?", after, end, limit)
	if len(all) == limit {
		end = all[limit-1].ID
	}
	return all, max(after, end), err
}

// TextsUpTo gives activities with a text from an id down, and the id up to which more may follow.
func (s *Store) TextsUpTo(ctx context.Context, from int64, limit int) ([]understand.Text, int64, error) {
	rest := max(0, from-lookedAt)
	all, err := s.texts(ctx, "SELECT "+textColumns+" FROM activity a WHERE a.id <= ? AND a.id > ? AND "+hasText+" ORDER BY a.id DESC LIMIT ?", from, rest, limit)
	if len(all) == limit {
		rest = all[limit-1].ID - 1
	}
	return all, rest, err
}

// ChangedTexts gives the activities that changed after a sequence number, as they are now, those up to an id. One that is
// no more is given as deleted.
func (s *Store) ChangedTexts(ctx context.Context, after, upTo int64, limit int) (all []understand.Text, last int64, err error) {
	last = after
	rows, err := s.query(ctx, "SELECT seq, activity_id FROM activity_change WHERE seq > ? ORDER BY seq LIMIT ?", after, limit)
	if err != nil {
		return nil, after, err
	}
	changed := make(map[int64]bool)
	var ids []any
	if err := scan(rows, func() error {
		var id int64
		err := rows.Scan(&last, &id)
		if id <= upTo && !changed[id] {
			changed[id] = true
			ids = append(ids, id)
		}
		return err
	}); err != nil {
		return nil, after, err
	}
	if err := s.eachOf(ctx, "SELECT "+textColumns+" FROM activity a WHERE a.id IN (%s)", ids, func(rows rowScanner) error {
		var t understand.Text
		err := scanText(rows, &t)
		all = append(all, t)
		delete(changed, t.ID)
		return err
	}); err != nil {
		return nil, after, err
	}
	for id := range changed {
		all = append(all, understand.Text{ID: id, Deleted: true})
	}
	slices.SortFunc(all, func(a, b understand.Text) int { return int(a.ID - b.ID) })
	return all, last, nil
}

const putReading = `INSERT INTO reading (activity_id, category, sentiment, urgency, question, language, strength, read_category, category_p, read_sentiment,
	sentiment_p, judge, changed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
	ON CONFLICT (activity_id) DO UPDATE SET category = excluded.category, sentiment = excluded.sentiment, urgency = excluded.urgency, question = excluded.question,
		language = excluded.language, strength = excluded.strength, read_category = excluded.read_category, category_p = excluded.category_p,
		read_sentiment = excluded.read_sentiment, sentiment_p = excluded.sentiment_p, judge = excluded.judge, changed = excluded.changed`

// PutReadings writes readings with the position after them. What was corrected holds in them.
func (s *Store) PutReadings(ctx context.Context, b *understand.Batch) error {
	return s.writeAlong(ctx, func(w *writer) error {
		var at understand.Position
		if err := w.row(readingPosition, nil, &at.Last, &at.Change, &at.Again, &at.Judge, &at.Until); err != nil {
			return err
		}
		if at.Until = b.From.Until; at != b.From {
			return understand.ErrMoved
		}
		if err := w.putReadings(b.Readings); err != nil {
			return err
		}
		if err := w.dropReadings(b.Gone); err != nil {
			return err
		}
		judge, err := w.judgeID(b.To.Judge)
		if err != nil {
			return err
		}
		for name, v := range map[string]int64{followReading: b.To.Last, followChanges: b.To.Change, followAgain: b.To.Again, followJudge: judge} {
			if err := w.setFollowed(name, v); err != nil {
				return err
			}
		}
		return nil
	})
}

// judgeID is the number of a judge, given when it reads for the first time.
func (w *writer) judgeID(version string) (int64, error) {
	if version == "" {
		return 0, nil
	}
	var id int64
	err := w.row("SELECT id FROM reading_judge WHERE version = ?", []any{version}, &id)
	if greenroom.ErrorCode(err) != greenroom.CodeNotFound {
		return id, err
	}
	last, err := w.lastID("reading_judge")
	if err != nil {
		return 0, err
	}
	_, err = w.exec("INSERT INTO reading_judge (id, version) VALUES (?, ?)", last+1, version)
	return last + 1, err
}

// putReadings writes readings, and has conversations follow whose opening is among them.
func (w *writer) putReadings(all []understand.Reading) error {
	if len(all) == 0 {
		return nil
	}
	ids := make([]any, len(all))
	for i := range all {
		ids[i] = all[i].ActivityID
	}
	held := make(map[int64]understand.Correction)
	if err := w.eachIn("SELECT activity_id, category, sentiment FROM reading_set WHERE undone_at = 0 AND activity_id IN (%IN%) ORDER BY id", nil, ids, func(rows rowScanner) error {
		var id int64
		var c understand.Correction
		err := rows.Scan(&id, &c.Category, &c.Sentiment)
		held[id] = c
		return err
	}); err != nil {
		return err
	}
	judge, err := w.judgeID(all[0].Read.Judge)
	if err != nil {
		return err
	}
	changed, err := w.nextReading()
	if err != nil {
		return err
	}
	if err := w.bulk(putReading, len(all), func(i int) []any {
		r := all[i]
		if c, ok := held[r.ActivityID]; ok {
			r.Category, r.Sentiment = holds(c.Category, r.Category), holds(c.Sentiment, r.Sentiment)
		}
		return []any{
			r.ActivityID, int64(r.Category), int64(r.Sentiment), int64(r.Urgency), flag(r.Question), r.Language, r.Strength, int64(r.Read.Category), r.Read.CategoryP,
			int64(r.Read.Sentiment), r.Read.SentimentP, judge, changed,
		}
	}); err != nil {
		return err
	}
	return w.bumpConversations(ids)
}

// holds is a correction where there is one, else what was read.
func holds[T ~uint8](corrected, read T) T {
	if corrected != 0 {
		return corrected
	}
	return read
}

// nextReading gives the next number of written readings.
func (w *writer) nextReading() (int64, error) {
	v, err := w.followed(followWritten)
	if err != nil {
		return 0, err
	}
	return v + 1, w.setFollowed(followWritten, v+1)
}

// bumpConversations gives a new version to the conversations that some activities open, for those who follow.
func (w *writer) bumpConversations(openings []any) error {
	version, err := w.nextVersion()
	if err != nil {
		return err
	}
	if err := w.bulk("UPDATE conversation SET version = ? WHERE opening_id = ? AND opening_id > 0", len(openings), func(i int) []any {
		return []any{version, openings[i]}
	}); err != nil {
		return err
	}
	return w.setFollowed(followVersion, version)
}

// dropReadings removes the readings of messages that say nothing any more. Those who copy facts learn of it as of a change.
func (w *writer) dropReadings(ids []int64) error {
	for _, id := range ids {
		n, err := w.exec("DELETE FROM reading WHERE activity_id = ?", id)
		if err != nil {
			return err
		}
		if n == 0 {
			continue
		}
		if err := w.bumpConversations([]any{id}); err != nil {
			return err
		}
		last, err := w.lastID2("activity_change", "seq")
		if err != nil {
			return err
		}
		if _, err := w.exec("INSERT INTO activity_change (seq, activity_id) VALUES (?, ?)", last+1, id); err != nil {
			return err
		}
	}
	return nil
}

// forgetMessage removes what was read of a message and what people said of it: it was deleted or erased.
func (w *writer) forgetMessage(id int64) error {
	for _, q := range []string{"DELETE FROM reading WHERE activity_id = ?", "DELETE FROM reading_set WHERE activity_id = ?"} {
		if _, err := w.exec(q, id); err != nil {
			return fmt.Errorf("forgetting what was read: %w", err)
		}
	}
	return nil
}

const readingColumns = `rd.activity_id, rd.category, rd.sentiment, rd.urgency, rd.question, rd.language, rd.strength, rd.read_category, rd.category_p, rd.read_sentiment,
	rd.sentiment_p, coalesce((SELECT rj.version FROM reading_judge rj WHERE rj.id = rd.judge), '')`

func scanReading(rows rowScanner) (r understand.Reading, err error) {
	var question int64
	err = rows.Scan(&r.ActivityID, &r.Category, &r.Sentiment, &r.Urgency, &question, &r.Language, &r.Strength, &r.Read.Category, &r.Read.CategoryP, &r.Read.Sentiment,
		&r.Read.SentimentP, &r.Read.Judge)
	r.Question = question != 0
	return r, err
}

// Readings gives those of some activities, by id; what was not read has none.
func (s *Store) Readings(ctx context.Context, ids []int64) (map[int64]understand.Reading, error) {
	all := make(map[int64]understand.Reading, len(ids))
	values := make([]any, len(ids))
	for i, id := range ids {
		values[i] = id
	}
	if err := s.eachOf(ctx, "SELECT "+readingColumns+" FROM reading rd WHERE rd.activity_id IN (%s)", values, func(rows rowScanner) error {
		r, err := scanReading(rows)
		all[r.ActivityID] = r
		return err
	}); err != nil {
		return nil, fmt.Errorf("reading readings: %w", err)
	}
	err := s.eachOf(ctx, "SELECT "+correctionColumns+" FROM reading_set WHERE undone_at = 0 AND activity_id IN (%s) ORDER BY id", values, func(rows rowScanner) error {
		c, err := scanCorrection(rows)
		if r, ok := all[c.ActivityID]; ok {
			r.Correction = &c
			all[c.ActivityID] = r
		}
		return err
	})
	return all, err
}
