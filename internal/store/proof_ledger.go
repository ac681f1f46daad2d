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
	"greenroom/internal/program"
	"greenroom/internal/proof"
)

// Costs lists the ledger, the newest first.
func (s *Store) Costs(ctx context.Context) ([]proof.Cost, error) {
	return s.proofCosts(ctx, "removed = 0")
}

func (s *Store) proofCosts(ctx context.Context, where string, args ...any) ([]proof.Cost, error) {
	rows, err := s.query(ctx, "SELECT id, version, body FROM proof_cost WHERE "+where+" ORDER BY id DESC", args...)
	if err != nil {
		return nil, err
	}
	all := []proof.Cost{}
	err = scan(rows, func() error {
		var id, version int64
		var body string
		if err := rows.Scan(&id, &version, &body); err != nil {
			return err
		}
		var c proof.Cost
		if err := json.Unmarshal([]byte(body), &c); err != nil {
			return fmt.Errorf("decoding cost %d: %w", id, err)
		}
		c.ID, c.Version = id, version
		all = append(all, c)
		return nil
	})
	return all, err
}

// AddCosts stores lines of the ledger.
func (s *Store) AddCosts(ctx context.Context, all []proof.Cost) ([]proof.Cost, error) {
	out := append([]proof.Cost(nil), all...)
	err := s.write(ctx, func(w *writer) error {
		last, err := w.lastID("proof_cost")
		if err != nil {
			return err
		}
		for i := range out {
			last++
			out[i].ID, out[i].Version = last, 1
			body, err := json.Marshal(out[i])
			if err != nil {
				return fmt.Errorf("encoding a cost: %w", err)
			}
			if _, err := w.exec("INSERT INTO proof_cost (id, version, body) VALUES (?, 1, ?)", last, string(body)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("storing costs: %w", err)
	}
	return out, nil
}

// ChangeCost stores a line unless it was changed since it was read; that is CodeConflict. With remove it is taken away.
func (s *Store) ChangeCost(ctx context.Context, c proof.Cost, remove bool) (proof.Cost, error) {
	have, err := s.proofCosts(ctx, "removed = 0 AND id = ?", c.ID)
	if err != nil {
		return c, err
	}
	if len(have) == 0 {
		return c, greenroom.Errorf(greenroom.CodeNotFound, "there is no cost %d", c.ID)
	}
	before := c.Version
	if remove {
		c = have[0]
	}
	c.Version = before + 1
	body, err := json.Marshal(c)
	if err != nil {
		return c, fmt.Errorf("encoding a cost: %w", err)
	}
	err = s.write(ctx, func(w *writer) error {
		n, err := w.exec("UPDATE proof_cost SET removed = ?, version = ?, body = ? WHERE id = ? AND version = ? AND removed = 0", flag(remove), c.Version, string(body), c.ID, before)
		if err == nil && n == 0 {
			err = greenroom.Errorf(greenroom.CodeConflict, "%q was changed meanwhile; look at it again before you change it. Nothing was overwritten", have[0].Name)
		}
		return err
	})
	if err != nil {
		return c, fmt.Errorf("storing a cost: %w", err)
	}
	return c, nil
}

// ProofInputs are the assumptions that people set, by key.
func (s *Store) ProofInputs(ctx context.Context) (map[string]proof.Input, error) {
	rows, err := s.query(ctx, "SELECT key, version, body FROM proof_input ORDER BY key")
	if err != nil {
		return nil, err
	}
	all := make(map[string]proof.Input)
	err = scan(rows, func() error {
		var key, body string
		var version int64
		if err := rows.Scan(&key, &version, &body); err != nil {
			return err
		}
		var in proof.Input
		if err := json.Unmarshal([]byte(body), &in); err != nil {
			return fmt.Errorf("decoding the assumption %s: %w", key, err)
		}
		in.Key, in.Version = key, version
		all[key] = in
		return nil
	})
	return all, err
}

// SetProofInput stores an assumption unless it was changed since it was read; that is CodeConflict.
func (s *Store) SetProofInput(ctx context.Context, in proof.Input) (proof.Input, error) {
	before := in.Version
	in.Version++
	body, err := json.Marshal(in)
	if err != nil {
		return in, fmt.Errorf("encoding an assumption: %w", err)
	}
	err = s.write(ctx, func(w *writer) error {
		var n int64
		var err error
		if before == 0 {
			n, err = w.exec("INSERT INTO proof_input (key, version, body) VALUES (?, 1, ?) ON CONFLICT DO NOTHING", in.Key, string(body))
		} else {
			n, err = w.exec("UPDATE proof_input SET version = ?, body = ? WHERE key = ? AND version = ?", in.Version, string(body), in.Key, before)
		}
		if err == nil && n == 0 {
			err = greenroom.Errorf(greenroom.CodeConflict, "“%s” was set meanwhile; look at it again. Nothing was overwritten", in.Name)
		}
		return err
	})
	if err != nil {
		return in, fmt.Errorf("storing an assumption: %w", err)
	}
	return in, nil
}

// dealOriginFields are how connectors call where a deal comes from, the best first.
var dealOriginFields = []string{"how_did_you_hear", "heard_from", "community_source", "lead_source", "leadsource", "original_source", "hs_analytics_source", "source"}

// DealOrigins gives by deal what the CRM has as its origin.
func (s *Store) DealOrigins(ctx context.Context) (map[int64]string, error) {
	rows, err := s.query(ctx, "SELECT id, fields FROM business_record WHERE type = 'deal' AND fields <> '{}' ORDER BY id")
	if err != nil {
		return nil, err
	}
	all := make(map[int64]string)
	err = scan(rows, func() error {
		var id int64
		var text string
		if err := rows.Scan(&id, &text); err != nil {
			return err
		}
		var fields map[string]any
		if err := json.Unmarshal([]byte(text), &fields); err != nil {
			return nil //nolint:nilerr // fields that cannot be read tell no origin
		}
		low := make(map[string]string, len(fields))
		for k, v := range fields {
			if v, is := v.(string); is {
				low[strings.ReplaceAll(strings.ToLower(k), " ", "_")] = v
			}
		}
		for _, name := range dealOriginFields {
			if v := strings.TrimSpace(low[name]); v != "" {
				all[id] = v
				break
			}
		}
		return nil
	})
	return all, err
}

// DealTouches gives what members of organizations did before a time: the first of each day and source.
func (s *Store) DealTouches(ctx context.Context, organizations []int64, until time.Time) ([]proof.Touch, error) {
	var all []proof.Touch
	err := inLists(ctx, s, fmt.Sprintf(`SELECT m.id, m.organization_id, min(a.occurred_at), s.name, s.business FROM %s JOIN identity i ON i.member_id = m.id JOIN activity a ON a.identity_id = i.id JOIN source s ON s.id = a.source_id
		WHERE m.staff = 0 AND m.bot = 0 AND m.hidden = 0 AND a.deleted = 0 AND a.kind IN (%s) AND a.occurred_at < %d%s AND m.organization_id IN (%%IN%%)
		GROUP BY m.id, m.organization_id, s.name, s.business, a.occurred_at / %d ORDER BY 3, 1`, employed("m.organization_id > 0"), proofKinds(false), micros(until), then("a.occurred_at"), microsADay), organizations, func(row rowScanner) error {
		var t proof.Touch
		var at, business int64
		err := row.Scan(&t.Contact, &t.Organization, &at, &t.Channel, &business)
		t.At, t.Community = fromMicros(at), business == 0
		all = append(all, t)
		return err
	})
	return all, err
}

// ProofCrowd counts the community in a time.
func (s *Store) ProofCrowd(ctx context.Context, from, to time.Time, own, others []string) (proof.Crowd, error) {
	c := proof.Crowd{Users: make(map[int64]bool)}
	span := []any{micros(from), micros(to)}
	if err := s.queryRow(ctx, `SELECT count(*) FROM conversation c JOIN identity i ON i.id = c.author_id JOIN member m ON m.id = i.member_id
		WHERE c.question = 1 AND c.state = 'resolved' AND c.first_member > 0 AND c.ignored = 0 AND m.staff = 0 AND m.bot = 0 AND c.opened_at >= ? AND c.opened_at < ?`, span, &c.Accepted); err != nil {
		return c, err
	}
	if err := s.queryRow(ctx, `SELECT count(DISTINCT m.id) FROM activity a JOIN identity i ON i.id = a.identity_id JOIN member m ON m.id = i.member_id
		WHERE a.deleted = 0 AND m.staff = 0 AND m.bot = 0 AND m.hidden = 0 AND a.kind IN (`+proofKinds(false)+`) AND a.occurred_at >= ? AND a.occurred_at < ?`, span, &c.Active); err != nil {
		return c, err
	}
	if err := s.proofUse(ctx, &c, span); err != nil {
		return c, err
	}
	if err := s.proofPrograms(ctx, &c, from, to); err != nil {
		return c, err
	}
	if err := s.proofReach(ctx, &c, span); err != nil {
		return c, err
	}
	return c, s.proofMentions(ctx, &c, span, own, others)
}

// proofUse notes which organizations used the product.
func (s *Store) proofUse(ctx context.Context, c *proof.Crowd, span []any) error {
	rows, err := s.query(ctx, fmt.Sprintf(`SELECT DISTINCT %s FROM activity a JOIN identity i ON i.id = a.identity_id JOIN member m ON m.id = i.member_id
		WHERE a.deleted = 0 AND a.kind = %d AND a.occurred_at >= ? AND a.occurred_at < ?`, workedAt("a.occurred_at"), greenroom.KindUsage), span...)
	if err != nil {
		return err
	}
	return scan(rows, func() error {
		var id int64
		c.TellsUse = true
		err := rows.Scan(&id)
		c.Users[id] = id > 0
		return err
	})
}

// proofPrograms counts champions at the end, and what programs spent in the time.
func (s *Store) proofPrograms(ctx context.Context, c *proof.Crowd, from, to time.Time) error {
	rows, err := s.query(ctx, `SELECT DISTINCT `+proofMember+` FROM program_enrollment e JOIN program p ON p.id = e.program_id JOIN member m ON m.id = e.member_id
		WHERE p.kind = 'champions' AND e.since < ? AND (e.until = 0 OR e.until >= ?) ORDER BY 1`, micros(to), micros(to))
	if err != nil {
		return err
	}
	if err := scan(rows, func() error {
		var id int64
		err := rows.Scan(&id)
		c.ChampionIDs = append(c.ChampionIDs, id)
		return err
	}); err != nil {
		return err
	}
	c.Champions = len(c.ChampionIDs)
	if rows, err = s.query(ctx, "SELECT p.name, p.plan, sum(x.amount) FROM program_spend x JOIN program p ON p.id = x.program_id WHERE x.at >= ? AND x.at < ? GROUP BY p.id, p.name, p.plan ORDER BY p.id", micros(from), micros(to)); err != nil {
		return err
	}
	return scan(rows, func() error {
		var x proof.Spend
		var text string
		var cents int64
		if err := rows.Scan(&x.Program, &text, &cents); err != nil {
			return err
		}
		var plan program.Plan
		if err := json.Unmarshal([]byte(text), &plan); err != nil {
			return fmt.Errorf("decoding the plan of %s: %w", x.Program, err)
		}
		x.Amount, x.Currency = float64(cents)/100, plan.Currency
		c.Spent = append(c.Spent, x)
		return nil
	})
}

// proofReach lists who took part in what releases and announcements of the time opened, within 14 days.
func (s *Store) proofReach(ctx context.Context, c *proof.Crowd, span []any) error {
	rows, err := s.query(ctx, fmt.Sprintf(`SELECT m.id, m.name, m.organization_id, min(x.occurred_at), min(a.title) FROM activity a JOIN activity x ON x.conversation_id = a.conversation_id AND x.id <> a.id AND x.occurred_at >= a.occurred_at AND x.occurred_at < a.occurred_at + 14 * %d
		JOIN identity i ON i.id = x.identity_id JOIN member m ON m.id = i.member_id
		WHERE a.kind IN (%d, %d) AND a.conversation_id > 0 AND a.deleted = 0 AND x.deleted = 0 AND m.staff = 0 AND m.bot = 0 AND m.hidden = 0 AND a.occurred_at >= ? AND a.occurred_at < ?
		GROUP BY m.id, m.name, m.organization_id ORDER BY 4, 1`, microsADay, greenroom.KindRelease, greenroom.KindAnnouncement), span...)
	if err != nil {
		return err
	}
	return scan(rows, func() error {
		r := proof.Record{Value: 1}
		var at int64
		err := rows.Scan(&r.Member, &r.Name, &r.Organization, &at, &r.Note)
		r.At = fromMicros(at)
		c.Reach = append(c.Reach, r)
		return err
	})
}

// mostMentions is how many mentions of a word are listed.
const mostMentions = 20_000

// proofMentions lists messages of people outside the team that have a word.
func (s *Store) proofMentions(ctx context.Context, c *proof.Crowd, span []any, own, others []string) error {
	seen := make(map[int64]bool)
	for i, w := range append(append([]string(nil), own...), others...) {
		like := "%" + strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(strings.ToLower(w)) + "%"
		rows, err := s.query(ctx, fmt.Sprintf(`SELECT a.id, m.id, a.occurred_at, a.title, substr(a.body, 1, 120), lower(a.title || ' ' || a.body) FROM activity a JOIN identity i ON i.id = a.identity_id JOIN member m ON m.id = i.member_id
			WHERE a.deleted = 0 AND m.staff = 0 AND m.bot = 0 AND m.hidden = 0 AND a.kind IN (%s) AND a.occurred_at >= ? AND a.occurred_at < ? AND lower(a.title || ' ' || a.body) LIKE ? ESCAPE '!' ORDER BY a.occurred_at DESC, a.id LIMIT %d`, proofKinds(true), mostMentions),
			append(append([]any(nil), span...), like)...)
		if err != nil {
			return err
		}
		if err := scan(rows, func() error {
			m := proof.Mention{Word: w, Own: i < len(own)}
			var at int64
			var body, text string
			if err := rows.Scan(&m.Activity, &m.Member, &at, &m.Title, &body, &text); err != nil {
				return err
			}
			if seen[m.Activity] && m.Own || !proof.HasWord(text, strings.ToLower(w)) {
				return nil
			}
			seen[m.Activity] = seen[m.Activity] || m.Own
			if m.Title == "" {
				m.Title = body
			}
			m.At = fromMicros(at)
			c.Mentions = append(c.Mentions, m)
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}
