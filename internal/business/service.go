// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package business

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/task"
)

// Store is what the package needs of the record store.
type Store interface {
	Records
	Decisions
	AccountStore
}

// Records are what business systems told.
type Records interface {
	Deals(ctx context.Context, f greenroom.BusinessFilter) ([]greenroom.Deal, error)
	Tickets(ctx context.Context, f greenroom.BusinessFilter) ([]greenroom.Ticket, error)
	Subscriptions(ctx context.Context, f greenroom.BusinessFilter) ([]greenroom.Subscription, error)
	Lifecycles(ctx context.Context, f greenroom.BusinessFilter) ([]greenroom.Lifecycle, error)
	// AccountEvidence says what people of organizations did up to a time; nil = of all organizations.
	AccountEvidence(ctx context.Context, organizations []int64, now time.Time) (map[int64]*Evidence, error)
	Source(ctx context.Context, name string) (greenroom.Source, error)
}

// Decisions are what people said of business data.
type Decisions interface {
	StageRules(ctx context.Context) ([]StageRule, error)
	SetStageRules(ctx context.Context, rules []StageRule) error
	CurrencyRates(ctx context.Context) ([]greenroom.Rate, error)
	SetCurrencyRates(ctx context.Context, rates []greenroom.Rate) error
	RemoveCurrencyRate(ctx context.Context, base, currency, day string) error
	BusinessSettings(ctx context.Context) (Settings, error)
	SetBusinessSettings(ctx context.Context, set Settings) error
}

// AccountStore keeps what was decided of accounts.
type AccountStore interface {
	// Accounts lists what was decided; nil = of all.
	Accounts(ctx context.Context, organizations []int64) ([]Account, error)
	// SetAccounts stores decisions, each unless its account was changed since its version; that is CodeConflict, and then none is
	// stored. Tasks and notices that follow are stored with them.
	SetAccounts(ctx context.Context, all []Account, tasks []task.Task, notices []task.Notice) ([]Account, error)
	AccountNotes(ctx context.Context, organization int64) ([]Note, error)
	AddAccountNote(ctx context.Context, n Note) (Note, error)
	RemoveAccountNote(ctx context.Context, organization, id int64) error
	// NoteRisk stores who is at risk at a look and tells it, once for each time that an account enters; week is that of the look.
	NoteRisk(ctx context.Context, week string, at []Risk, notices func(entered []Risk) []task.Notice) error
	RisksLooked(ctx context.Context) (week string, err error)
}

// Risk is an account at risk.
type Risk struct {
	Organization int64
	Points       int
	Reasons      string // one a line
	Since        time.Time
	Left         bool // it has recovered
}

// Auditor keeps the log of who did what.
type Auditor interface {
	Audit(ctx context.Context, actor, action, target, detail string) error
}

// Service is business data and accounts.
type Service struct {
	store Store
	audit Auditor
	now   func() time.Time
	zone  func() *time.Location
}

// New returns the service. zone is the community's time zone, in which days of follow-up are meant.
func New(store Store, audit Auditor, now func() time.Time, zone func() *time.Location) *Service {
	return &Service{store: store, audit: audit, now: now, zone: zone}
}

// Settings are what people decided of business data.
func (s *Service) Settings(ctx context.Context) (Settings, error) {
	return s.store.BusinessSettings(ctx)
}

// SetSettings changes them.
func (s *Service) SetSettings(ctx context.Context, set Settings, by string) error {
	set.Reporting = strings.ToUpper(strings.TrimSpace(set.Reporting))
	if err := set.Validate(); err != nil {
		return err
	}
	if err := s.store.SetBusinessSettings(ctx, set); err != nil {
		return fmt.Errorf("storing settings of business data: %w", err)
	}
	return s.audit.Audit(ctx, by, "business.settings", "business data", "reporting currency "+set.Reporting)
}

// StageLine is a stage of a pipeline with what it means, who says so, and what is in it.
type StageLine struct {
	StageRule

	Source    string              `json:"source"`
	From      string              `json:"from"` // greenroom.StateByRule, ...
	Suggested greenroom.DealState `json:"suggested"`
	Deals     int                 `json:"deals"`
	IDs       []int64             `json:"ids,omitempty"`
	Seen      int                 `json:"seen"` // deals that were in it at some time
}

// Stages lists the stages that deals are or were in, in the order of their pipelines.
func (s *Service) Stages(ctx context.Context) ([]StageLine, error) {
	deals, err := s.store.Deals(ctx, greenroom.BusinessFilter{})
	if err != nil {
		return nil, fmt.Errorf("listing stages: %w", err)
	}
	rules, err := s.store.StageRules(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing stages: %w", err)
	}
	return stageLines(deals, NewStages(rules)), nil
}

func stageLines(deals []greenroom.Deal, rules Stages) []StageLine {
	lines := make(map[StageKey]*StageLine)
	order := make(map[StageKey]float64)
	line := func(d *greenroom.Deal, stage string, probability *float64) *StageLine {
		k := StageKey{d.SourceID, d.Pipeline, strings.ToLower(stage)}
		l := lines[k]
		if l == nil {
			m := rules.meaning(d.SourceID, d.Pipeline, stage, probability)
			l = &StageLine{StageRule: m.StageRule, Source: d.Source, From: m.from}
			l.SourceID, l.Pipeline, l.Stage = d.SourceID, d.Pipeline, stage
			l.Suggested, _, _ = Suggest(stage, probability)
			lines[k], order[k] = l, place(stage, probability)
		}
		return l
	}
	for i := range deals {
		d := &deals[i]
		if d.Stage == "" {
			continue
		}
		l := line(d, d.Stage, d.Probability)
		l.Deals, l.IDs, l.Seen = l.Deals+1, append(l.IDs, d.ID), l.Seen+1
		if l.From != greenroom.StateByRule && d.StateFrom == greenroom.StateBySource {
			l.State, l.From = d.State, d.StateFrom
		}
		for _, h := range d.History {
			if !strings.EqualFold(h.Stage, d.Stage) {
				line(d, h.Stage, nil).Seen++
			}
		}
	}
	all := make([]StageLine, 0, len(lines))
	for _, l := range lines {
		all = append(all, *l)
	}
	slices.SortFunc(all, func(a, b StageLine) int {
		ka, kb := StageKey{a.SourceID, a.Pipeline, strings.ToLower(a.Stage)}, StageKey{b.SourceID, b.Pipeline, strings.ToLower(b.Stage)}
		set := func(l *StageLine) int {
			if l.Position == 0 {
				return 1 << 20
			}
			return l.Position
		}
		return cmp.Or(cmp.Compare(a.SourceID, b.SourceID), cmp.Compare(a.Pipeline, b.Pipeline), cmp.Compare(set(&a), set(&b)), cmp.Compare(order[ka], order[kb]), cmp.Compare(a.Stage, b.Stage))
	})
	n := 0
	for i := range all {
		if i > 0 && (all[i].SourceID != all[i-1].SourceID || all[i].Pipeline != all[i-1].Pipeline) {
			n = 0
		}
		if n++; all[i].Position == 0 {
			all[i].Position = n
		} else {
			n = all[i].Position
		}
	}
	return all
}

// SetStages says what stages mean. A rule without a state takes back what was said.
func (s *Service) SetStages(ctx context.Context, rules []StageRule, by string) error {
	for i := range rules {
		if rules[i].State == "" && rules[i].Stage != "" {
			continue
		}
		if err := rules[i].Validate(); err != nil {
			return err
		}
	}
	if err := s.store.SetStageRules(ctx, rules); err != nil {
		return err //nolint:wrapcheck // the store says what it stored
	}
	return s.audit.Audit(ctx, by, "business.stages", "business data", plural(len(rules), "stage", "stages"))
}

// Rates lists the rates that are known, the newest day first.
func (s *Service) Rates(ctx context.Context) ([]greenroom.Rate, error) {
	return s.store.CurrencyRates(ctx)
}

// AddRate stores a rate that somebody types.
func (s *Service) AddRate(ctx context.Context, r greenroom.Rate, by string) error {
	r.Base, r.Currency, r.Origin = strings.ToUpper(strings.TrimSpace(r.Base)), strings.ToUpper(strings.TrimSpace(r.Currency)), "typed by "+by
	if err := r.Validate(); err != nil {
		return err
	}
	if err := s.store.SetCurrencyRates(ctx, []greenroom.Rate{r}); err != nil {
		return err //nolint:wrapcheck // the store says what it stored
	}
	return s.audit.Audit(ctx, by, "business.rate", "business data", fmt.Sprintf("1 %s = %v %s on %s", r.Base, r.Value, r.Currency, r.Day))
}

// RemoveRate forgets a rate.
func (s *Service) RemoveRate(ctx context.Context, base, currency, day, by string) error {
	if err := s.store.RemoveCurrencyRate(ctx, base, currency, day); err != nil {
		return err //nolint:wrapcheck // the store says which
	}
	return s.audit.Audit(ctx, by, "business.rate-removed", "business data", base+" "+currency+" "+day)
}

// ImportRates stores the rates of a file, see ReadRates. What cannot be read is returned, and the rest stored.
func (s *Service) ImportRates(ctx context.Context, in io.Reader, name, by string) (stored int, problems []Problem, err error) {
	rates, problems, err := ReadRates(in, name)
	if err != nil {
		return 0, problems, err
	}
	if len(rates) == 0 {
		return 0, problems, greenroom.Errorf(greenroom.CodeInvalid, "%s has no rate that can be read", name)
	}
	if err := s.store.SetCurrencyRates(ctx, rates); err != nil {
		return 0, problems, err //nolint:wrapcheck // the store says what it stored
	}
	return len(rates), problems, s.audit.Audit(ctx, by, "business.rates", "business data", fmt.Sprintf("%d rates of %s", len(rates), name))
}

// Missing lists the currencies of deals and subscriptions that cannot be converted on some day, each with the first such day.
func (s *Service) Missing(ctx context.Context) ([]greenroom.MissingRateError, error) {
	deals, err := s.store.Deals(ctx, greenroom.BusinessFilter{})
	if err != nil {
		return nil, fmt.Errorf("looking for missing rates: %w", err)
	}
	subs, err := s.store.Subscriptions(ctx, greenroom.BusinessFilter{})
	if err != nil {
		return nil, fmt.Errorf("looking for missing rates: %w", err)
	}
	rates, _, err := s.rates(ctx)
	if err != nil {
		return nil, err
	}
	missing := make(map[string]greenroom.MissingRateError)
	look := func(m greenroom.Money, at time.Time) {
		var e *greenroom.MissingRateError
		if _, err := rates.Convert(m, at); asMissing(err, &e) && (missing[e.From].Day == "" || e.Day < missing[e.From].Day) {
			missing[e.From] = *e
		}
	}
	for i := range deals {
		look(deals[i].Money(), dealDay(&deals[i], s.now()))
	}
	for i := range subs {
		if subs[i].Known && subs[i].State.Pays() {
			look(greenroom.Money{Amount: subs[i].MRR, Currency: subs[i].Currency}, s.now())
		}
	}
	all := make([]greenroom.MissingRateError, 0, len(missing))
	for _, e := range missing {
		all = append(all, e)
	}
	slices.SortFunc(all, func(a, b greenroom.MissingRateError) int { return cmp.Compare(a.From, b.From) })
	return all, nil
}

func (s *Service) rates(ctx context.Context) (*greenroom.Rates, *Settings, error) {
	set, err := s.store.BusinessSettings(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("reading settings of business data: %w", err)
	}
	all, err := s.store.CurrencyRates(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("reading rates: %w", err)
	}
	return greenroom.NewRates(set.Reporting, all), &set, nil
}

// Reconcile sets the deals of a source against the source's own export; a nil export only counts what is here.
func (s *Service) Reconcile(ctx context.Context, source string, export io.Reader) (*Reconciliation, error) {
	src, err := s.store.Source(ctx, source)
	if err != nil {
		return nil, err //nolint:wrapcheck // the store says which source
	}
	deals, err := s.store.Deals(ctx, greenroom.BusinessFilter{Source: src.ID})
	if err != nil {
		return nil, fmt.Errorf("reading the deals of %s: %w", source, err)
	}
	var told []Told
	var problems []Problem
	if export != nil {
		if told, problems, err = ReadExport(export); err != nil {
			return nil, err
		}
		if told == nil {
			told = []Told{}
		}
	}
	r := Compare(src.Name, deals, told)
	r.Problems = problems
	return r, nil
}
