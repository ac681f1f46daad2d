// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/business"
)

// businessRecords reads the records of a type that a filter means, the oldest first, with their fields and stages.
func (s *Store) businessRecords(ctx context.Context, kind string, f greenroom.BusinessFilter) ([]greenroom.BusinessRecord, error) {
	if err := f.Validate(); err != nil {
		return nil, err
	}
	cond, args := []string{"r.type = ?", "r.deleted = 0"}, []any{kind}
	add := func(c string, arg any) { cond, args = append(cond, c), append(args, arg) }
	if f.Source > 0 {
		add("r.source_id = ?", f.Source)
	}
	for _, d := range []struct {
		c  string
		at time.Time
	}{
		{"r.opened_at >= ?", f.OpenedFrom}, {"r.opened_at < ?", f.OpenedTo}, {"r.closed_at >= ?", f.ClosedFrom}, {"r.closed_at < ?", f.ClosedTo},
	} {
		if !d.at.IsZero() {
			add(d.c, micros(d.at))
		}
	}
	if !f.ClosedTo.IsZero() {
		cond = append(cond, "r.closed_at > 0")
	}
	if f.IDs != nil {
		cond = append(cond, "r.id IN ("+businessIDs(f.IDs)+")")
	}
	if f.Organizations != nil {
		cond = append(cond, "r.organization_id IN ("+businessIDs(f.Organizations)+")")
	}
	rows, err := s.query(ctx, `SELECT r.id, r.source_id, s.name, r.external_id, r.type, r.name, r.organization_id, coalesce(o.name, ''), coalesce(h.id, m.id, 0), r.stage, r.amount, r.currency,
		r.opened_at, r.closed_at, r.fields FROM business_record r JOIN source s ON s.id = r.source_id LEFT JOIN organization o ON o.id = r.organization_id
		LEFT JOIN identity i ON i.id = r.identity_id AND r.identity_id > 0 LEFT JOIN member m ON m.id = i.member_id LEFT JOIN member h ON h.id = m.merged_into AND m.merged_into > 0
		WHERE `+strings.Join(cond, " AND ")+" ORDER BY r.opened_at, r.id", args...)
	if err != nil {
		return nil, err
	}
	all := []greenroom.BusinessRecord{}
	if err := scan(rows, func() error {
		var r greenroom.BusinessRecord
		var opened, closed int64
		var more string
		if err := rows.Scan(&r.ID, &r.SourceID, &r.Source, &r.ExternalID, &r.Type, &r.Name, &r.OrganizationID, &r.Organization, &r.MemberID, &r.Stage, &r.Amount, &r.Currency, &opened, &closed, &more); err != nil {
			return err
		}
		r.OpenedAt, r.ClosedAt = fromMicros(opened), fromMicros(closed)
		if err := json.Unmarshal([]byte(more), &r.Fields); err != nil {
			return fmt.Errorf("decoding the fields of %s %q: %w", r.Type, r.ExternalID, err)
		}
		all = append(all, r)
		return nil
	}); err != nil {
		return nil, fmt.Errorf("reading business records: %w", err)
	}
	return all, s.fillStages(ctx, all)
}

// businessIDs writes numbers for an IN list, which may be longer than an engine takes arguments.
func businessIDs(ids []int64) string {
	if len(ids) == 0 {
		return "0"
	}
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(ids), " ", ","), "[]")
}

// Deals lists the deals that a filter means, the oldest first, with what their stages mean.
func (s *Store) Deals(ctx context.Context, f greenroom.BusinessFilter) ([]greenroom.Deal, error) {
	rules, err := s.StageRules(ctx)
	if err != nil {
		return nil, err
	}
	records, err := s.businessRecords(ctx, "deal", f)
	if err != nil {
		return nil, err
	}
	stages, all := business.NewStages(rules), make([]greenroom.Deal, len(records))
	for i := range records {
		all[i] = business.Deal(&records[i], stages)
	}
	return all, nil
}

// Tickets lists the support cases that a filter means, the oldest first.
func (s *Store) Tickets(ctx context.Context, f greenroom.BusinessFilter) ([]greenroom.Ticket, error) {
	records, err := s.businessRecords(ctx, "case", f)
	if err != nil {
		return nil, err
	}
	all := make([]greenroom.Ticket, len(records))
	for i := range records {
		all[i] = business.Ticket(&records[i])
	}
	return all, nil
}

// Subscriptions lists the subscriptions that a filter means, the oldest first, as they are now.
func (s *Store) Subscriptions(ctx context.Context, f greenroom.BusinessFilter) ([]greenroom.Subscription, error) {
	records, err := s.businessRecords(ctx, "subscription", f)
	if err != nil {
		return nil, err
	}
	seen := make(map[int64][]greenroom.Recurring)
	if err := s.eachOf(ctx, "SELECT record_id, at, mrr FROM record_revenue WHERE record_id IN (%s) ORDER BY record_id, at",
		idsOf(records, func(r *greenroom.BusinessRecord) int64 { return r.ID }), func(rows rowScanner) error {
			var id, at int64
			var r greenroom.Recurring
			err := rows.Scan(&id, &at, &r.MRR)
			r.At = fromMicros(at)
			seen[id] = append(seen[id], r)
			return err
		}); err != nil {
		return nil, fmt.Errorf("reading what subscriptions brought: %w", err)
	}
	all := make([]greenroom.Subscription, len(records))
	for i := range records {
		all[i] = business.Subscription(&records[i], s.now())
		business.AddRevenue(&all[i], seen[records[i].ID])
	}
	return all, nil
}

// Lifecycles says when organizations were prospects, tried, paid and left. Those that no deal and no subscription and no
// source tells anything of are left out. The dates of a filter are not looked at.
func (s *Store) Lifecycles(ctx context.Context, f greenroom.BusinessFilter) ([]greenroom.Lifecycle, error) {
	f = greenroom.BusinessFilter{Organizations: f.Organizations, Source: f.Source}
	subs, err := s.Subscriptions(ctx, f)
	if err != nil {
		return nil, err
	}
	deals, err := s.Deals(ctx, f)
	if err != nil {
		return nil, err
	}
	subsOf, dealsOf := make(map[int64][]greenroom.Subscription), make(map[int64][]greenroom.Deal)
	for i := range subs {
		subsOf[subs[i].Organization] = append(subsOf[subs[i].Organization], subs[i])
	}
	for i := range deals {
		dealsOf[deals[i].Organization] = append(dealsOf[deals[i].Organization], deals[i])
	}
	cond := "hidden = 0 AND merged_into = 0"
	if f.Organizations != nil {
		cond += " AND id IN (" + businessIDs(f.Organizations) + ")"
	}
	rows, err := s.query(ctx, "SELECT id, name, kind, lifecycle FROM organization WHERE "+cond+" ORDER BY id")
	if err != nil {
		return nil, err
	}
	all := []greenroom.Lifecycle{}
	err = scan(rows, func() error {
		var id int64
		var name, kind, said string
		if err := rows.Scan(&id, &name, &kind, &said); err != nil {
			return err
		}
		if l := business.LifecycleOf(id, name, said, subsOf[id], dealsOf[id], s.now()); l.State != "" {
			l.Kind = greenroom.OrganizationKind(kind)
			all = append(all, l)
		}
		return nil
	})
	return all, err
}

// OrganizationFields gives what organizations have in a custom field, by their number. Hidden ones, and those that have nothing
// there, are left out.
func (s *Store) OrganizationFields(ctx context.Context, name string) (map[int64]string, error) {
	rows, err := s.query(ctx, "SELECT f.organization_id, f.value FROM organization_field f JOIN organization o ON o.id = f.organization_id WHERE f.name = ? AND f.value <> '' AND o.hidden = 0 AND o.merged_into = 0", name)
	if err != nil {
		return nil, err
	}
	all := make(map[int64]string)
	err = scan(rows, func() error {
		var id int64
		var value string
		err := rows.Scan(&id, &value)
		all[id] = value
		return err
	})
	return all, err
}

// StageRules lists what people said of stages, by source, pipeline and order.
func (s *Store) StageRules(ctx context.Context) ([]business.StageRule, error) {
	rows, err := s.query(ctx, "SELECT source_id, pipeline, stage, state, position, qualified FROM business_stage ORDER BY source_id, pipeline, position, stage")
	if err != nil {
		return nil, err
	}
	all := []business.StageRule{}
	err = scan(rows, func() error {
		var r business.StageRule
		err := rows.Scan(&r.SourceID, &r.Pipeline, &r.Stage, &r.State, &r.Position, &r.Qualified)
		all = append(all, r)
		return err
	})
	return all, err
}

// SetStageRules replaces what was said of the stages that rules name; a rule without a state takes back what was said.
func (s *Store) SetStageRules(ctx context.Context, rules []business.StageRule) error {
	err := s.write(ctx, func(w *writer) error {
		for _, r := range rules {
			if _, err := w.exec("DELETE FROM business_stage WHERE source_id = ? AND pipeline = ? AND lower(stage) = ?", r.SourceID, r.Pipeline, strings.ToLower(r.Stage)); err != nil {
				return err
			}
			if r.State == "" {
				continue
			}
			if _, err := w.exec("INSERT INTO business_stage (source_id, pipeline, stage, state, position, qualified) VALUES (?, ?, ?, ?, ?, ?)",
				r.SourceID, r.Pipeline, r.Stage, string(r.State), r.Position, flag(r.Qualified)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("storing what stages mean: %w", err)
	}
	return nil
}

const settingBusiness = "business"

// BusinessSettings are the currency that everything is reported in and what counts in the health of accounts.
func (s *Store) BusinessSettings(ctx context.Context) (business.Settings, error) {
	set := business.Usual()
	err := s.settingOver(ctx, settingBusiness, &set)
	return set, err
}

// SetBusinessSettings sets them.
func (s *Store) SetBusinessSettings(ctx context.Context, set business.Settings) error {
	return s.write(ctx, func(w *writer) error { return w.setSetting(settingBusiness, set) })
}

// Rates are the dated rates with the currency that everything is reported in.
func (s *Store) Rates(ctx context.Context) (*greenroom.Rates, error) {
	set, err := s.BusinessSettings(ctx)
	if err != nil {
		return nil, err
	}
	all, err := s.CurrencyRates(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading rates: %w", err)
	}
	return greenroom.NewRates(set.Reporting, all), nil
}

// CurrencyRates lists the rates that are known, the newest day first.
func (s *Store) CurrencyRates(ctx context.Context) ([]greenroom.Rate, error) {
	rows, err := s.query(ctx, "SELECT base, currency, day, rate, origin FROM currency_rate ORDER BY day DESC, base, currency")
	if err != nil {
		return nil, err
	}
	all := []greenroom.Rate{}
	err = scan(rows, func() error {
		var r greenroom.Rate
		err := rows.Scan(&r.Base, &r.Currency, &r.Day, &r.Value, &r.Origin)
		all = append(all, r)
		return err
	})
	return all, err
}

// SetCurrencyRates stores rates; one of the same pair and day is replaced.
func (s *Store) SetCurrencyRates(ctx context.Context, rates []greenroom.Rate) error {
	rates = slices.Clone(rates)
	key := func(r greenroom.Rate) string { return r.Base + r.Currency + r.Day }
	slices.SortStableFunc(rates, func(a, b greenroom.Rate) int { return cmp.Compare(key(a), key(b)) })
	err := s.write(ctx, func(w *writer) error {
		return w.setRates(rates) // sorted by key, the last of a day counts
	})
	if err != nil {
		return fmt.Errorf("storing rates: %w", err)
	}
	return nil
}

// setRates stores rates; one of the same pair and day is replaced.
func (w *writer) setRates(rates []greenroom.Rate) error {
	for _, r := range rates {
		if _, err := w.exec(`INSERT INTO currency_rate (base, currency, day, rate, origin) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (base, currency, day) DO UPDATE SET rate = excluded.rate, origin = excluded.origin`, r.Base, r.Currency, r.Day, r.Value, r.Origin); err != nil {
			return err
		}
	}
	return nil
}

// RemoveCurrencyRate forgets a rate.
func (s *Store) RemoveCurrencyRate(ctx context.Context, base, currency, day string) error {
	return s.write(ctx, func(w *writer) error {
		n, err := w.exec("DELETE FROM currency_rate WHERE base = ? AND currency = ? AND day = ?", base, currency, day)
		if err == nil && n == 0 {
			err = greenroom.Errorf(greenroom.CodeNotFound, "there is no rate of %s in %s for %s", base, currency, day)
		}
		return err
	})
}
