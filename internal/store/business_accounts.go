// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/business"
	"greenroom/internal/task"
	"greenroom/internal/text"
)

// accountPeople joins what accounts did with the members of organizations, as they are after all merges.
const accountPeople = ` JOIN identity i ON i.member_id = m.id JOIN activity a ON a.identity_id = i.id `

// accountMembers are the members that count for an organization.
const accountMembers = "m.merged_into = 0 AND m.staff = 0 AND m.bot = 0 AND m.hidden = 0"

// askedOfAccounts is how many questions are looked at for what is paid for, of all accounts together.
const askedOfAccounts = 20000

// AccountEvidence says what people of organizations did up to a time; nil = of all organizations. Staff, bots and hidden members
// are left out. The answer is kept for a moment, as other lists are, and is not to be changed.
func (s *Store) AccountEvidence(ctx context.Context, organizations []int64, now time.Time) (map[int64]*business.Evidence, error) {
	in := "m.organization_id > 0"
	if organizations != nil {
		in = "m.organization_id IN (" + businessIDs(organizations) + ")"
	}
	return cached(ctx, s, "accounts "+in, func(ctx context.Context) (map[int64]*business.Evidence, error) {
		return s.accountEvidence(ctx, in, now)
	})
}

// AccountWeeks says how much people of organizations did by week up to a time, as AccountEvidence does; the last is the seven days before it.
func (s *Store) AccountWeeks(ctx context.Context, organizations []int64, until time.Time) (map[int64][]int, error) {
	all := make(map[int64][]int, len(organizations))
	for part := range slices.Chunk(organizations, inChunk) {
		questions := evidenceQuestions("m.organization_id IN ("+businessIDs(part)+")", until)
		questions = slices.DeleteFunc(questions, func(q evidenceQuestion) bool { return q.what != activityByWeek })
		found, err := s.answered(ctx, questions)
		if err != nil {
			return nil, err
		}
		for id, e := range found {
			all[id] = e.Activity[:]
		}
	}
	return all, nil
}

func (s *Store) accountEvidence(ctx context.Context, in string, now time.Time) (map[int64]*business.Evidence, error) {
	return s.answered(ctx, evidenceQuestions(in, now))
}

// answered asks, and puts together what is told of each account.
func (s *Store) answered(ctx context.Context, questions []evidenceQuestion) (map[int64]*business.Evidence, error) {
	found := make(map[int64]*business.Evidence)
	for _, q := range questions {
		rows, err := s.query(ctx, q.text)
		if err == nil {
			err = scan(rows, func() error {
				var id int64
				var e business.Evidence
				if err := q.into(rows, &e, &id); err != nil {
					return err
				}
				if found[id] == nil {
					found[id] = &business.Evidence{}
				}
				addEvidence(found[id], &e)
				return nil
			})
		}
		if err != nil {
			return nil, fmt.Errorf("counting %s of accounts: %w", q.what, err)
		}
	}
	return found, nil
}

// addEvidence adds what one row tells of an account.
func addEvidence(x, e *business.Evidence) {
	x.Members, x.Contacts, x.New = x.Members+e.Members, x.Contacts+e.Contacts, x.New+e.New
	x.Active, x.Before = x.Active+e.Active, x.Before+e.Before
	x.Messages, x.Negative = x.Messages+e.Messages, x.Negative+e.Negative
	x.Questions, x.Unanswered = x.Questions+e.Questions, x.Unanswered+e.Unanswered
	if e.LastActive.After(x.LastActive) {
		x.LastActive = e.LastActive
	}
	x.Asked = append(x.Asked, e.Asked...)
	for i := range e.Activity {
		x.Activity[i], x.Usage[i] = x.Activity[i]+e.Activity[i], x.Usage[i]+e.Usage[i]
	}
}

// activityByWeek is what counts activity and usage by week.
const activityByWeek = "activity by week"

// evidenceQuestion asks for a part of the evidence of many accounts at once; into reads a row, and whose it is.
type evidenceQuestion struct {
	what, text string
	into       func(rowScanner, *business.Evidence, *int64) error
}

// evidenceQuestions are all that is counted of the accounts that a condition names.
func evidenceQuestions(in string, now time.Time) []evidenceQuestion {
	ago := func(days int) string { return strconv.FormatInt(micros(now.AddDate(0, 0, -days)), 10) }
	at := strconv.FormatInt(micros(now), 10)
	const weekMicros = "604800000000"
	weeks := ago(7 * business.Weeks)
	where := " WHERE " + in + " AND " + accountMembers
	people, did := employed(in), " WHERE "+accountMembers+then("a.occurred_at")
	return []evidenceQuestion{
		{
			"members", "SELECT m.organization_id, sum(1 - m.contact), sum(m.contact), sum(CASE WHEN m.contact = 0 AND m.first_active > " + ago(90) + " THEN 1 ELSE 0 END), max(CASE WHEN m.moved = 0 THEN m.last_active ELSE 0 END) FROM member m" + where + " GROUP BY m.organization_id",
			func(r rowScanner, e *business.Evidence, id *int64) error {
				var last int64
				err := r.Scan(id, &e.Members, &e.Contacts, &e.New, &last)
				e.LastActive = fromMicros(last)
				return err
			},
		},
		{
			"when those were active who have moved", "SELECT w.organization_id, max(a.occurred_at) FROM member_stint w JOIN member m ON m.id = w.member_id" + accountPeople + "WHERE w.organization_id > 0 AND " + strings.ReplaceAll(in, "m.organization_id", "w.organization_id") + " AND " + accountMembers +
				" AND a.occurred_at >= w.since AND a.occurred_at < w.until AND a.deleted = 0 AND a.kind NOT IN (" + inactiveKinds() + ") GROUP BY w.organization_id",
			func(r rowScanner, e *business.Evidence, id *int64) error {
				var last int64
				err := r.Scan(id, &last)
				e.LastActive = fromMicros(last)
				return err
			},
		},
		{
			activityByWeek, "SELECT m.organization_id, (" + at + " - 1 - a.occurred_at) / " + weekMicros + ", CASE WHEN a.kind = " + strconv.Itoa(int(greenroom.KindUsage)) + " THEN 1 ELSE 0 END, count(*) FROM " + people + accountPeople + did +
				" AND a.deleted = 0 AND a.occurred_at >= " + weeks + " AND a.occurred_at < " + at + " AND (a.kind = " + strconv.Itoa(int(greenroom.KindUsage)) + " OR a.kind NOT IN (" + inactiveKinds() + ")) GROUP BY 1, 2, 3",
			func(r rowScanner, e *business.Evidence, id *int64) error {
				var week, usage, n int64
				err := r.Scan(id, &week, &usage, &n)
				if i := business.Weeks - 1 - int(week); i >= 0 && i < business.Weeks {
					if usage == 1 {
						e.Usage[i] = int(n)
					} else {
						e.Activity[i] = int(n)
					}
				}
				return err
			},
		},
		{
			"who was active", "SELECT m.organization_id, count(DISTINCT CASE WHEN a.occurred_at >= " + ago(90) + " THEN m.id END), count(DISTINCT CASE WHEN a.occurred_at < " + ago(90) + " THEN m.id END) FROM " + people + accountPeople + did +
				" AND a.deleted = 0 AND a.occurred_at >= " + ago(180) + " AND a.occurred_at < " + at + " AND a.kind NOT IN (" + inactiveKinds() + ") GROUP BY 1",
			func(r rowScanner, e *business.Evidence, id *int64) error { return r.Scan(id, &e.Active, &e.Before) },
		},
		{
			"sentiment", "SELECT m.organization_id, count(*), sum(CASE WHEN r.sentiment = " + strconv.Itoa(int(text.SentimentNegative)) + " THEN 1 ELSE 0 END) FROM " + people + accountPeople + "JOIN reading r ON r.activity_id = a.id" + did +
				" AND a.deleted = 0 AND a.occurred_at >= " + ago(60) + " AND a.occurred_at < " + at + " GROUP BY 1",
			func(r rowScanner, e *business.Evidence, id *int64) error { return r.Scan(id, &e.Messages, &e.Negative) },
		},
		{
			"open questions", "SELECT m.organization_id, count(*), sum(CASE WHEN c.first_response = 0 AND c.opened_at < " + ago(3) + " THEN 1 ELSE 0 END) FROM " + people + " JOIN identity i ON i.member_id = m.id JOIN conversation c ON c.author_id = i.id WHERE " + accountMembers + then("c.opened_at") +
				" AND c.question = 1 AND c.state = 'open' AND c.ignored = 0 AND c.opened_at > 0 GROUP BY 1",
			func(r rowScanner, e *business.Evidence, id *int64) error {
				return r.Scan(id, &e.Questions, &e.Unanswered)
			},
		},
		{
			"what is asked", "SELECT m.organization_id, a.id, a.conversation_id, a.occurred_at, a.title, a.body FROM " + people + accountPeople + did +
				" AND a.question = 1 AND a.deleted = 0 AND a.occurred_at >= " + ago(90) + " AND a.occurred_at < " + at + " ORDER BY a.occurred_at DESC, a.id DESC LIMIT " + strconv.Itoa(askedOfAccounts),
			func(r rowScanner, e *business.Evidence, id *int64) error {
				var q business.AskedMessage
				var when int64
				err := r.Scan(id, &q.Activity, &q.Conversation, &when, &q.Title, &q.Body)
				q.At = fromMicros(when)
				e.Asked = []business.AskedMessage{q}
				return err
			},
		},
	}
}

// Accounts lists what was decided of accounts; nil = of all. Where nothing was of one that others are part of, it has what was
// decided of the first of these, as version 0: a decision about it is its own then.
func (s *Store) Accounts(ctx context.Context, organizations []int64) ([]business.Account, error) {
	q := `SELECT CASE WHEN o.merged_into > 0 THEN o.merged_into ELSE b.organization_id END AS root, b.owner, b.follow_up, b.snoozed, CASE WHEN o.merged_into > 0 THEN 0 ELSE b.version END AS version, b.body
		FROM business_account b LEFT JOIN organization o ON o.id = b.organization_id`
	if organizations != nil {
		in := "(" + businessIDs(organizations) + ")"
		q += " WHERE b.organization_id IN " + in + " OR o.merged_into IN " + in
	}
	rows, err := s.query(ctx, q+" ORDER BY root, version DESC, b.organization_id")
	if err != nil {
		return nil, err
	}
	all := []business.Account{}
	err = scan(rows, func() error {
		var a business.Account
		var id, version int64
		var owner, follow, snoozed, body string
		if err := rows.Scan(&id, &owner, &follow, &snoozed, &version, &body); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(body), &a); err != nil {
			return fmt.Errorf("decoding account %d: %w", id, err)
		}
		a.Organization, a.Owner, a.FollowUp, a.Snoozed, a.Version = id, owner, follow, snoozed, version
		if len(all) == 0 || all[len(all)-1].Organization != id {
			all = append(all, a)
		}
		return nil
	})
	return all, err
}

// SetAccounts stores decisions, each unless its account was changed since its version; that is CodeConflict, and then none is
// stored. Tasks and notices that follow are stored with them.
func (s *Store) SetAccounts(ctx context.Context, all []business.Account, tasks []task.Task, notices []task.Notice) ([]business.Account, error) {
	stored := make([]business.Account, len(all))
	err := s.write(ctx, func(w *writer) error {
		for i, a := range all {
			var there int64
			if err := w.row("SELECT count(*) FROM organization WHERE id = ? AND hidden = 0 AND merged_into = 0", []any{a.Organization}, &there); err != nil {
				return err
			}
			if there == 0 {
				return greenroom.Errorf(greenroom.CodeNotFound, "there is no organization %d", a.Organization)
			}
			before := a.Version
			a.Version++
			body, err := json.Marshal(a)
			if err != nil {
				return fmt.Errorf("encoding an account: %w", err)
			}
			n, err := w.exec(`INSERT INTO business_account (organization_id, owner, follow_up, snoozed, version, body) VALUES (?, ?, ?, ?, ?, ?)
				ON CONFLICT (organization_id) DO UPDATE SET owner = excluded.owner, follow_up = excluded.follow_up, snoozed = excluded.snoozed, version = excluded.version, body = excluded.body
				WHERE business_account.version = ?`, a.Organization, a.Owner, a.FollowUp, a.Snoozed, a.Version, string(body), before)
			if err != nil {
				return err
			}
			if n == 0 {
				return greenroom.Errorf(greenroom.CodeConflict, "account %d was changed meanwhile; look at it again before you change it. Nothing was overwritten", a.Organization)
			}
			stored[i] = a
		}
		if _, err := w.addTasks(tasks, s.now()); err != nil {
			return err
		}
		return w.addNotices(notices, s.now())
	})
	if err != nil {
		return nil, fmt.Errorf("storing accounts: %w", err)
	}
	return stored, nil
}

// AccountNotes lists what was written down of an account, the newest first.
func (s *Store) AccountNotes(ctx context.Context, organization int64) ([]business.Note, error) {
	rows, err := s.query(ctx, "SELECT id, organization_id, at, author, text FROM business_note WHERE organization_id = ? ORDER BY id DESC LIMIT 500", organization)
	if err != nil {
		return nil, err
	}
	all := []business.Note{}
	err = scan(rows, func() error {
		var n business.Note
		var at int64
		err := rows.Scan(&n.ID, &n.Organization, &at, &n.By, &n.Text)
		n.At = fromMicros(at)
		all = append(all, n)
		return err
	})
	return all, err
}

// AddAccountNote stores a note.
func (s *Store) AddAccountNote(ctx context.Context, n business.Note) (business.Note, error) {
	err := s.write(ctx, func(w *writer) error {
		var there int64
		if err := w.row("SELECT count(*) FROM organization WHERE id = ? AND hidden = 0 AND merged_into = 0", []any{n.Organization}, &there); err != nil {
			return err
		}
		if there == 0 {
			return greenroom.Errorf(greenroom.CodeNotFound, "there is no organization %d", n.Organization)
		}
		last, err := w.lastID("business_note")
		if err != nil {
			return err
		}
		n.ID = last + 1
		_, err = w.exec("INSERT INTO business_note (id, organization_id, at, author, text) VALUES (?, ?, ?, ?, ?)", n.ID, n.Organization, micros(n.At), n.By, n.Text)
		return err
	})
	if err != nil {
		return n, fmt.Errorf("storing a note: %w", err)
	}
	return n, nil
}

// RemoveAccountNote takes a note away.
func (s *Store) RemoveAccountNote(ctx context.Context, organization, id int64) error {
	return s.write(ctx, func(w *writer) error {
		n, err := w.exec("DELETE FROM business_note WHERE organization_id = ? AND id = ?", organization, id)
		if err == nil && n == 0 {
			err = greenroom.Errorf(greenroom.CodeNotFound, "organization %d has no note %d", organization, id)
		}
		return err
	})
}

const settingRiskWeek = "accounts_looked"

// RisksLooked is the week in which accounts were last looked at, such as 2026-W48; "" = never.
func (s *Store) RisksLooked(ctx context.Context) (week string, err error) {
	return week, s.settingOver(ctx, settingRiskWeek, &week)
}

// NoteRisk stores who is at risk at a look and tells it, once for each time that an account enters; week is that of the look. An
// account whose owner was named later is told to them at the next look.
func (s *Store) NoteRisk(ctx context.Context, week string, at []business.Risk, notices func(entered []business.Risk) []task.Notice) error {
	err := s.write(ctx, func(w *writer) error {
		var entered []business.Risk
		for _, r := range at {
			var since, left int64
			err := w.row("SELECT since, left_at FROM business_risk WHERE organization_id = ?", []any{r.Organization}, &since, &left)
			known := err == nil
			switch {
			case err != nil && greenroom.ErrorCode(err) != greenroom.CodeNotFound:
				return err
			case r.Left:
				if _, err := w.exec("UPDATE business_risk SET left_at = ? WHERE organization_id = ? AND left_at = 0", micros(s.now()), r.Organization); err != nil {
					return err
				}
				continue
			case known && left == 0:
				r.Since = fromMicros(since)
			}
			if _, err := w.exec(`INSERT INTO business_risk (organization_id, since, points, reasons, left_at) VALUES (?, ?, ?, ?, 0)
				ON CONFLICT (organization_id) DO UPDATE SET since = excluded.since, points = excluded.points, reasons = excluded.reasons, left_at = 0`,
				r.Organization, micros(r.Since), r.Points, r.Reasons); err != nil {
				return err
			}
			entered = append(entered, r)
		}
		if err := w.addNotices(notices(entered), s.now()); err != nil {
			return err
		}
		return w.setSetting(settingRiskWeek, week)
	})
	if err != nil {
		return fmt.Errorf("storing who is at risk: %w", err)
	}
	return nil
}

// accountTopics is how many topics are named of an account.
const accountTopics = 8

// AccountTopics names what people of an organization talked about in the last days, the most often first, with how many messages.
func (s *Store) AccountTopics(ctx context.Context, organization int64, days int) ([]business.TopicCount, error) {
	rows, err := s.query(ctx, `SELECT t.id, CASE WHEN t.name_set <> '' THEN t.name_set ELSE t.name END, count(DISTINCT x.activity_id) FROM `+employed("m.organization_id = ?")+accountPeople+`JOIN topic_activity x ON x.activity_id = a.id
		JOIN topic p ON p.id = x.topic_id JOIN topic t ON t.id = CASE WHEN p.merged_into > 0 THEN p.merged_into ELSE p.id END
		WHERE `+accountMembers+then("a.occurred_at")+` AND a.deleted = 0 AND a.occurred_at >= ? AND t.hidden = 0 AND t.gone = 0 GROUP BY 1, 2 ORDER BY 3 DESC, 1 LIMIT `+strconv.Itoa(accountTopics),
		organization, organization, micros(s.now().AddDate(0, 0, -days)))
	if err != nil {
		return nil, err
	}
	all := []business.TopicCount{}
	err = scan(rows, func() error {
		var l business.TopicCount
		err := rows.Scan(&l.ID, &l.Name, &l.Messages)
		l.Name = strings.TrimSpace(l.Name)
		all = append(all, l)
		return err
	})
	return all, err
}
