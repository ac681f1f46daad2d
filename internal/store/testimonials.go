// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/outbox"
	"greenroom/internal/recognition"
	"greenroom/internal/text"
)

// testimonialColumns are those of a testimonial (t) of a member (p, or what it is part of now), as it holds at a time.
const testimonialColumns = `t.id, t.activity_id, coalesce(h.id, m.id, 0), coalesce(h.name, m.name, ''), coalesce(o.name, ''), t.original, t.quote, t.naming,
	CASE WHEN t.state = 'asked' AND t.expires_at <= ? THEN 'expired' ELSE t.state END, t.products, t.url, t.written_at, t.asked_at, t.asked_by, t.asks, t.expires_at, t.answered_at, t.message_id`

const testimonialTables = ` FROM testimonial t LEFT JOIN member m ON m.id = t.member_id LEFT JOIN member h ON h.id = m.merged_into AND m.merged_into > 0
	LEFT JOIN organization o ON o.id = coalesce(h.organization_id, m.organization_id)`

func scanTestimonial(row rowScanner) (recognition.Testimonial, error) {
	var t recognition.Testimonial
	var products string
	var written, asked, expires, answered int64
	if err := row.Scan(&t.ID, &t.ActivityID, &t.Member.ID, &t.Member.Name, &t.Member.Organization, &t.Original, &t.Quote, &t.Naming,
		&t.State, &products, &t.URL, &written, &asked, &t.AskedBy, &t.Asks, &expires, &answered, &t.MessageID); err != nil {
		return t, err //nolint:wrapcheck // whoever scans says what
	}
	t.WrittenAt, t.AskedAt, t.ExpiresAt, t.AnsweredAt = fromMicros(written), fromMicros(asked), fromMicros(expires), fromMicros(answered)
	t.Topics, t.Segments, t.Uses = []string{}, []string{}, []recognition.Use{}
	if err := json.Unmarshal([]byte(products), &t.Products); err != nil {
		return t, fmt.Errorf("decoding the products of testimonial %d: %w", t.ID, err)
	}
	return t, nil
}

// topicCondition is a condition on the topics of the activity in a column, by name.
func topicCondition(column, topic string) (cond string, arg any) {
	return `EXISTS (SELECT 1 FROM topic_activity ta JOIN topic tp ON tp.id = ta.topic_id LEFT JOIN topic tr ON tr.id = tp.merged_into AND tp.merged_into > 0 WHERE ta.activity_id = ` + column + `
		AND lower(CASE WHEN coalesce(tr.name_set, tp.name_set) <> '' THEN coalesce(tr.name_set, tp.name_set) ELSE coalesce(tr.name, tp.name) END) = ?)`, strings.ToLower(strings.TrimSpace(topic))
}

// testimonialConditions adds the conditions of a filter that are about who wrote something, by the expression for their id and name, and
// about what it says.
func testimonialConditions(f *recognition.Filter, member, name, quote, activity string) (parts []string, args []any) {
	if f.Member > 0 {
		parts, args = append(parts, member+" = ?"), append(args, f.Member)
	}
	if t := strings.ToLower(strings.TrimSpace(f.Text)); t != "" {
		like := "%" + likeEscape.Replace(t) + "%"
		parts, args = append(parts, "(lower("+quote+`) LIKE ? ESCAPE '\' OR lower(`+name+`) LIKE ? ESCAPE '\')`), append(args, like, like)
	}
	if f.Topic != "" {
		cond, arg := topicCondition(activity, f.Topic)
		parts, args = append(parts, cond), append(args, arg)
	}
	if g := strings.ToLower(strings.TrimSpace(f.Segment)); g != "" {
		parts = append(parts, member+" IN (SELECT sm.member_id FROM segment_member sm JOIN segment g ON g.id = sm.segment_id WHERE g.archived_at = 0 AND (g.key = ? OR lower(g.name) = ?))")
		args = append(args, g, g)
	}
	return parts, args
}

// leastQuote is how many characters appreciation has that is worth quoting.
const leastQuote = 40

// Appreciation lists positive praise by members since a time that nothing was decided about.
func (s *Store) Appreciation(ctx context.Context, f recognition.Filter, since time.Time, limit int) ([]recognition.Testimonial, error) {
	parts, args := testimonialConditions(&f, "m.id", "m.name", "a.body", "a.id")
	parts = append(parts, "rd.category BETWEEN 1 AND 7", "rd.category = "+strconv.Itoa(int(text.CategoryPraise)), "rd.sentiment = "+strconv.Itoa(int(text.SentimentPositive)), "a.occurred_at >= ?",
		"length(a.body) >= ?", "NOT EXISTS (SELECT 1 FROM testimonial t WHERE t.activity_id = a.id AND t.state <> 'candidate')")
	args = append(args, micros(since), leastQuote)
	return s.praise(ctx, " JOIN reading rd ON rd.activity_id = a.id", strings.Join(parts, " AND ")+" ORDER BY a.occurred_at DESC, a.id DESC LIMIT ?", append(args, limit)...)
}

// praise reads messages of members as candidates.
func (s *Store) praise(ctx context.Context, joins, cond string, args ...any) ([]recognition.Testimonial, error) {
	rows, err := s.query(ctx, `SELECT coalesce(k.id, 0), a.id, m.id, m.name, coalesce(o.name, ''), a.body, a.url, a.occurred_at, coalesce(k.asks, 0)
		FROM activity a JOIN identity i ON i.id = a.identity_id JOIN member m ON m.id = i.member_id AND m.staff = 0 AND m.bot = 0 AND m.hidden = 0 LEFT JOIN organization o ON o.id = m.organization_id
		LEFT JOIN testimonial k ON k.activity_id = a.id AND k.activity_id > 0`+joins+" WHERE a.deleted = 0 AND "+cond, args...)
	if err != nil {
		return nil, err
	}
	all := []recognition.Testimonial{}
	if err := scan(rows, func() error {
		t := recognition.Testimonial{State: recognition.Candidate, Products: []string{}, Topics: []string{}, Segments: []string{}, Uses: []recognition.Use{}}
		var at int64
		err := rows.Scan(&t.ID, &t.ActivityID, &t.Member.ID, &t.Member.Name, &t.Member.Organization, &t.Original, &t.URL, &at, &t.Asks)
		t.WrittenAt = fromMicros(at)
		all = append(all, t)
		return err
	}); err != nil {
		return nil, err
	}
	return all, s.around(ctx, all)
}

// TestimonialList lists what was decided about, the newest first.
func (s *Store) TestimonialList(ctx context.Context, f recognition.Filter) ([]recognition.Testimonial, error) {
	now := micros(s.now())
	parts, args := testimonialConditions(&f, "coalesce(h.id, m.id)", "coalesce(h.name, m.name)", "t.quote", "t.activity_id")
	switch f.State {
	case "":
		parts = append(parts, "t.state NOT IN ('candidate', 'dismissed')")
	case recognition.Asked:
		parts, args = append(parts, "t.state = 'asked' AND t.expires_at > ?"), append(args, now)
	case recognition.Expired:
		parts, args = append(parts, "t.state = 'asked' AND t.expires_at <= ?"), append(args, now)
	default:
		parts, args = append(parts, "t.state = ?"), append(args, string(f.State))
	}
	if f.Product != "" {
		name, err := json.Marshal(f.Product)
		if err != nil {
			return nil, fmt.Errorf("encoding the name of a product: %w", err)
		}
		parts, args = append(parts, `lower(t.products) LIKE ? ESCAPE '\'`), append(args, "%"+likeEscape.Replace(strings.ToLower(string(name)))+"%")
	}
	if f.Below > 0 {
		parts, args = append(parts, "t.id < ?"), append(args, f.Below)
	}
	return s.testimonials(ctx, now, strings.Join(parts, " AND ")+" ORDER BY t.id DESC LIMIT ?", append(args, f.Limit)...)
}

func (s *Store) testimonials(ctx context.Context, now int64, cond string, args ...any) ([]recognition.Testimonial, error) {
	rows, err := s.query(ctx, "SELECT "+testimonialColumns+testimonialTables+" WHERE "+cond, append([]any{now}, args...)...)
	if err != nil {
		return nil, err
	}
	all := []recognition.Testimonial{}
	if err := scan(rows, func() error {
		t, err := scanTestimonial(rows)
		all = append(all, t)
		return err
	}); err != nil {
		return nil, err
	}
	return all, s.around(ctx, all)
}

// around adds topics, segments and uses.
func (s *Store) around(ctx context.Context, all []recognition.Testimonial) error {
	byActivity, byID := make(map[int64]int), make(map[int64]int)
	var activities, members, ids []int64
	for i := range all {
		t := &all[i]
		byActivity[t.ActivityID] = i
		activities, members = append(activities, t.ActivityID), append(members, t.Member.ID)
		if t.ID > 0 {
			byID[t.ID], ids = i, append(ids, t.ID)
		}
	}
	if err := inLists(ctx, s, `SELECT DISTINCT ta.activity_id, CASE WHEN coalesce(tr.name_set, tp.name_set) <> '' THEN coalesce(tr.name_set, tp.name_set) ELSE coalesce(tr.name, tp.name) END AS called
		FROM topic_activity ta JOIN topic tp ON tp.id = ta.topic_id AND tp.hidden = 0 LEFT JOIN topic tr ON tr.id = tp.merged_into AND tp.merged_into > 0 WHERE ta.activity_id > 0 AND ta.activity_id IN (%IN%) ORDER BY 1, 2`, activities, func(row rowScanner) error {
		var id int64
		var name string
		err := row.Scan(&id, &name)
		all[byActivity[id]].Topics = append(all[byActivity[id]].Topics, name)
		return err
	}); err != nil {
		return fmt.Errorf("reading the topics of testimonials: %w", err)
	}
	segments, err := s.SegmentsOf(ctx, members)
	if err != nil {
		return fmt.Errorf("reading the segments of members: %w", err)
	}
	for i := range all {
		if names := segments[all[i].Member.ID]; names != nil {
			all[i].Segments = names
		}
	}
	return inLists(ctx, s, "SELECT id, testimonial_id, link, note, used_at, actor, removed_at FROM testimonial_use WHERE testimonial_id IN (%IN%) ORDER BY id", ids, func(row rowScanner) error {
		var u recognition.Use
		var used, removed int64
		err := row.Scan(&u.ID, &u.TestimonialID, &u.Link, &u.Note, &used, &u.By, &removed)
		u.UsedAt, u.RemovedAt = fromMicros(used), fromMicros(removed)
		all[byID[u.TestimonialID]].Uses = append(all[byID[u.TestimonialID]].Uses, u)
		return err
	})
}

// TestimonialOf finds one by its id, with its proof, or by its activity where id is 0.
func (s *Store) TestimonialOf(ctx context.Context, id, activity int64) (recognition.Testimonial, error) {
	cond, arg := "t.id = ?", id
	if id == 0 {
		cond, arg = "t.activity_id > 0 AND t.activity_id = ?", activity
	}
	all, err := s.testimonials(ctx, micros(s.now()), cond, arg)
	if err != nil {
		return recognition.Testimonial{}, err
	}
	if len(all) == 0 && id > 0 {
		return recognition.Testimonial{}, greenroom.Errorf(greenroom.CodeNotFound, "there is no testimonial %d", id)
	}
	if len(all) == 0 {
		if all, err = s.praise(ctx, "", "a.id = ?", activity); err != nil {
			return recognition.Testimonial{}, err
		}
		if len(all) == 0 {
			return recognition.Testimonial{}, greenroom.Errorf(greenroom.CodeNotFound, "activity %d is no message of a member", activity)
		}
		return all[0], nil
	}
	t := all[0]
	rows, err := s.query(ctx, "SELECT id, what, at, actor, link, quote, naming, statement FROM testimonial_event WHERE testimonial_id = ? ORDER BY id", t.ID)
	if err != nil {
		return t, err
	}
	return t, scan(rows, func() error {
		var e recognition.Event
		var at int64
		err := rows.Scan(&e.ID, &e.What, &at, &e.By, &e.Link, &e.Quote, &e.Naming, &e.Statement)
		e.At = fromMicros(at)
		t.Proof = append(t.Proof, e)
		return err
	})
}

// KeepTestimonial gives an activity's testimonial its row, unless it has one, and returns its id.
func (s *Store) KeepTestimonial(ctx context.Context, t *recognition.Testimonial) (id int64, err error) {
	products, err := json.Marshal(t.Products)
	if err != nil {
		return 0, fmt.Errorf("encoding the products of a testimonial: %w", err)
	}
	err = s.write(ctx, func(w *writer) error {
		err := w.row("SELECT id FROM testimonial WHERE activity_id = ? AND activity_id > 0", []any{t.ActivityID}, &id)
		if greenroom.ErrorCode(err) != greenroom.CodeNotFound {
			return err
		}
		last, err := w.lastID("testimonial")
		if err != nil {
			return err
		}
		id = last + 1
		_, err = w.exec("INSERT INTO testimonial (id, activity_id, member_id, original, quote, state, products, url, written_at, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
			id, t.ActivityID, t.Member.ID, t.Original, t.Quote, string(recognition.Candidate), string(products), t.URL, micros(t.WrittenAt), micros(s.now()))
		return err
	})
	return id, err
}

// StepTestimonial brings a testimonial to another state, with the event that did it, and what follows from it.
func (s *Store) StepTestimonial(ctx context.Context, id int64, from []recognition.State, step recognition.Step) error {
	return s.write(ctx, func(w *writer) error {
		now := s.now()
		var state recognition.State
		var expires int64
		err := w.row("SELECT state, expires_at FROM testimonial WHERE id = ?", []any{id}, &state, &expires)
		if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
			return greenroom.Errorf(greenroom.CodeNotFound, "there is no testimonial %d", id)
		}
		if err != nil {
			return err
		}
		if state == recognition.Asked && expires <= micros(now) {
			state = recognition.Expired
		}
		if !slices.Contains(from, state) {
			return greenroom.Errorf(greenroom.CodeConflict, "testimonial %d is %s", id, state)
		}
		if err := w.stepped(id, &step, now); err != nil {
			return err
		}
		last, err := w.lastID("testimonial_event")
		if err != nil {
			return err
		}
		e := &step.Event
		if _, err := w.exec("INSERT INTO testimonial_event (id, testimonial_id, what, at, actor, link, quote, naming, statement) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
			last+1, id, e.What, micros(e.At), e.By, e.Link, e.Quote, e.Naming, e.Statement); err != nil {
			return err
		}
		_, err = w.addTasks(step.Tasks, now)
		return err
	})
}

// stepped writes what a step makes of a testimonial itself.
func (w *writer) stepped(id int64, step *recognition.Step, now time.Time) error {
	e := &step.Event
	var err error
	switch step.To {
	case recognition.Asked:
		all := []outbox.Message{*step.Message}
		added, aerr := w.addMessages(all, now)
		if aerr != nil {
			return aerr
		}
		if added == 0 {
			return errors.New("the message that asks for a testimonial is there already")
		}
		_, err = w.exec("UPDATE testimonial SET state = ?, asked_at = ?, asked_by = ?, asks = asks + 1, expires_at = ?, message_id = ? WHERE id = ?", string(step.To), micros(e.At), e.By, micros(step.ExpiresAt), all[0].ID, id)
	case recognition.Granted:
		_, err = w.exec("UPDATE testimonial SET state = ?, answered_at = ?, quote = ?, naming = ? WHERE id = ?", string(step.To), micros(e.At), e.Quote, e.Naming, id)
	case recognition.Declined, recognition.Withdrawn:
		_, err = w.exec("UPDATE testimonial SET state = ?, answered_at = ? WHERE id = ?", string(step.To), micros(e.At), id)
	default:
		_, err = w.exec("UPDATE testimonial SET state = ? WHERE id = ?", string(step.To), id)
	}
	return err
}

// UseTestimonial notes where a testimonial is used, while it is granted.
func (s *Store) UseTestimonial(ctx context.Context, u recognition.Use) (recognition.Use, error) {
	err := s.write(ctx, func(w *writer) error {
		var granted int64
		if err := w.row("SELECT count(*) FROM testimonial WHERE id = ? AND state = ?", []any{u.TestimonialID, string(recognition.Granted)}, &granted); err != nil {
			return err
		}
		if granted == 0 {
			return greenroom.Errorf(greenroom.CodeConflict, "testimonial %d is not granted any more", u.TestimonialID)
		}
		last, err := w.lastID("testimonial_use")
		if err != nil {
			return err
		}
		u.ID = last + 1
		_, err = w.exec("INSERT INTO testimonial_use (id, testimonial_id, link, note, used_at, actor, at) VALUES (?, ?, ?, ?, ?, ?, ?)", u.ID, u.TestimonialID, u.Link, u.Note, micros(u.UsedAt), u.By, micros(s.now()))
		return err
	})
	return u, err
}

// EndUse notes that a testimonial is not used any more in a place.
func (s *Store) EndUse(ctx context.Context, testimonial, use int64) error {
	return s.write(ctx, func(w *writer) error {
		n, err := w.exec("UPDATE testimonial_use SET removed_at = ? WHERE id = ? AND testimonial_id = ? AND removed_at = 0", micros(s.now()), use, testimonial)
		if err == nil && n == 0 {
			err = greenroom.Errorf(greenroom.CodeNotFound, "testimonial %d is not used there", testimonial)
		}
		return err
	})
}
