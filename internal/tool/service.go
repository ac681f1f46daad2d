// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package tool

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/schedule"
	"greenroom/internal/task"
)

// Store keeps tools, what happened to them, and what money is worth.
type Store interface {
	Shelf
	// Rates are the dated rates of business data, with the currency that everything is reported in.
	Rates(ctx context.Context) (*greenroom.Rates, error)
	// SetToolMoney sets the reporting currency, and adds rates to those of business data; one of the same day is replaced.
	SetToolMoney(ctx context.Context, reporting string, rates []greenroom.Rate) error
	// RemindTools stores tasks and notices, those with a known key not again, and says how many tasks are new.
	RemindTools(ctx context.Context, tasks []task.Task, notices []task.Notice) (int, error)
	Incidents
	ReviewStore
}

// Incidents keeps what happened to tools, and which suggestions nobody wants.
type Incidents interface {
	// ToolIncidents lists those of a tool, or with 0 of all, the newest first.
	ToolIncidents(ctx context.Context, tool int64) ([]Incident, error)
	AddToolIncident(ctx context.Context, i Incident) (Incident, error)
	// SourceIncidents opens an incident for each given one whose tool has none open of that source, and ends those that are
	// open and are not among them, in one transaction.
	SourceIncidents(ctx context.Context, open []Incident, now time.Time) error
	EndToolIncident(ctx context.Context, id int64, at time.Time) error
	DeclinedTools(ctx context.Context) (map[string]bool, error)
	DeclineTool(ctx context.Context, source, by string) error
}

// Shelf keeps the tools themselves.
type Shelf interface {
	// Tools lists all tools by name.
	Tools(ctx context.Context) ([]Tool, error)
	// KeepTools stores tools with the next version, those without id as new ones, all or none. One whose version is not the
	// one that is there, or whose name another one has, is CodeConflict.
	KeepTools(ctx context.Context, all []Tool) ([]Tool, error)
	// RemoveTool removes a tool whose version is the one that is there; with another one, or with an incident, it is CodeConflict.
	RemoveTool(ctx context.Context, id, version int64) error
}

// ReviewStore keeps reviews and their scores.
type ReviewStore interface {
	ToolReviews(ctx context.Context) ([]Review, error)
	ToolReview(ctx context.Context, id int64) (Review, error)
	KeepToolReview(ctx context.Context, r Review) (Review, error)
	ToolScores(ctx context.Context, review int64) ([]Score, error)
	// KeepToolScores stores what one person gave; a score below 0 takes one back.
	KeepToolScores(ctx context.Context, review int64, all []Score) error
}

// Auditor keeps the log of who did what.
type Auditor interface {
	Audit(ctx context.Context, actor, action, target, detail string) error
}

// Service keeps the stack.
type Service struct {
	store   Store
	sources Sources
	audit   Auditor
	log     *slog.Logger
	now     func() time.Time // in the team's zone
}

// New returns the service. The clock's location is where days begin.
func New(store Store, sources Sources, audit Auditor, log *slog.Logger, now func() time.Time) *Service {
	return &Service{store: store, sources: sources, audit: audit, log: log, now: now}
}

func (s *Service) today() schedule.Date { return schedule.DateOf(s.now()) }

// View is a tool with what is computed of it.
type View struct {
	Tool
	Health  Health         `json:"health,omitempty" doc:"Of its sources: good, or trouble; left out where it has none."`
	Watched []SourceHealth `json:"watched,omitempty" doc:"Its sources, each with how it is."`
	Year    *float64       `json:"year,omitempty" doc:"What it costs a year in the reporting currency; left out where it costs nothing, or its currency has no rate."`
	Next    *Renewal       `json:"next_renewal,omitempty" doc:"When it renews next, and until when notice can be given."`
	Open    int            `json:"open_incidents" doc:"Incidents that are not over."`
}

// Filter narrows a list of tools.
type Filter struct {
	Text     string // in name, purpose, owner or note; "" = any
	State    State
	Category string
	Owner    string
}

func (f *Filter) fits(t *Tool) bool {
	if f.State != "" && t.State != f.State || f.State == "" && t.State == Retired {
		return false
	}
	if f.Category != "" && t.Category != f.Category || f.Owner != "" && t.Owner != f.Owner {
		return false
	}
	text := strings.ToLower(strings.Join([]string{t.Name, t.Purpose, t.Owner, t.Note, CategoryLabel(t.Category)}, " "))
	return strings.Contains(text, strings.ToLower(strings.TrimSpace(f.Text)))
}

// List gives tools by name with what is computed of them; without a state, those that are not retired.
func (s *Service) List(ctx context.Context, f Filter) ([]View, error) {
	all, err := s.store.Tools(ctx)
	if err != nil {
		return nil, err
	}
	health, err := s.health(ctx)
	if err != nil {
		return nil, err
	}
	rates, err := s.store.Rates(ctx)
	if err != nil {
		return nil, err
	}
	incidents, err := s.store.ToolIncidents(ctx, 0)
	if err != nil {
		return nil, err
	}
	open := make(map[int64]int)
	for i := range incidents {
		if incidents[i].To.IsZero() {
			open[incidents[i].ToolID]++
		}
	}
	views := []View{}
	for i := range all {
		t := &all[i]
		if !f.fits(t) {
			continue
		}
		v := View{Tool: *t, Health: t.health(health), Next: t.next(s.today()), Open: open[t.ID]}
		for _, name := range t.Sources {
			if h, is := health[name]; is {
				v.Watched = append(v.Watched, h)
			} else {
				v.Watched = append(v.Watched, SourceHealth{Name: name, Health: Trouble, Says: "There is no source of this name any more."})
			}
		}
		if used, known := worth(rates, t.Currency, s.now()); known && t.yearly() > 0 {
			year := t.yearly() * used.Value
			v.Year = &year
		}
		views = append(views, v)
	}
	return views, nil
}

func (s *Service) health(ctx context.Context) (map[string]SourceHealth, error) {
	all, err := s.sources.SourceHealth(ctx)
	if err != nil {
		return nil, fmt.Errorf("asking how the sources are: %w", err)
	}
	health := make(map[string]SourceHealth, len(all))
	for _, h := range all {
		health[h.Name] = h
	}
	return health, nil
}

// Get finds a tool, retired or not.
func (s *Service) Get(ctx context.Context, id int64) (View, error) {
	for _, state := range []State{"", Retired} {
		all, err := s.List(ctx, Filter{State: state})
		if err != nil {
			return View{}, err
		}
		for i := range all {
			if all[i].ID == id {
				return all[i], nil
			}
		}
	}
	return View{}, greenroom.Errorf(greenroom.CodeNotFound, "there is no tool %d", id)
}

// Add enters a tool.
func (s *Service) Add(ctx context.Context, d Draft, by string) (Tool, error) {
	if err := s.check(ctx, 0, &d); err != nil {
		return Tool{}, err
	}
	kept, err := s.store.KeepTools(ctx, []Tool{{Draft: d, CreatedBy: by, CreatedAt: s.now()}})
	if err != nil {
		return Tool{}, err
	}
	return kept[0], s.audit.Audit(ctx, by, "tool.add", "tool "+strconv.FormatInt(kept[0].ID, 10), d.Name)
}

// Edit changes a tool from the version that was looked at; with another one it is CodeConflict.
func (s *Service) Edit(ctx context.Context, id, version int64, d Draft, by string) (Tool, error) {
	v, err := s.Get(ctx, id)
	if err != nil {
		return Tool{}, err
	}
	if err := s.check(ctx, id, &d); err != nil {
		return Tool{}, err
	}
	t := v.Tool
	t.Version = version
	t.change(d, by, s.now())
	kept, err := s.store.KeepTools(ctx, []Tool{t})
	if err != nil {
		return Tool{}, err
	}
	return kept[0], s.audit.Audit(ctx, by, "tool.edit", "tool "+strconv.FormatInt(id, 10), d.Name)
}

// Undo takes the last change of a tool back, its retirement, too, from the version that was looked at; with another one it is
// CodeConflict, and so it is where nothing is left to take back. Of a tool that was entered and not changed since, that it was
// entered is taken back: it goes, and comes with the version 0. It stays where something builds on it.
func (s *Service) Undo(ctx context.Context, id, version int64, by string) (Tool, error) {
	v, err := s.Get(ctx, id)
	if err != nil {
		return Tool{}, err
	}
	t, before := v.Tool, v.Before
	if t.EnteredOnly() {
		return s.takeBack(ctx, t, version, by)
	}
	if before == nil {
		return Tool{}, greenroom.Errorf(greenroom.CodeConflict, "there is nothing of %q to take back", t.Name)
	}
	if err := s.check(ctx, id, &before.Draft); err != nil {
		return Tool{}, err
	}
	t.Version, t.Draft, t.ChangedBy, t.ChangedAt, t.Before = version, before.Draft, before.ChangedBy, before.ChangedAt, nil
	kept, err := s.store.KeepTools(ctx, []Tool{t})
	if err != nil {
		return Tool{}, err
	}
	return kept[0], s.audit.Audit(ctx, by, "tool.undo", "tool "+strconv.FormatInt(id, 10), t.Name)
}

// takeBack removes a tool that was entered and not changed since.
func (s *Service) takeBack(ctx context.Context, t Tool, version int64, by string) (Tool, error) {
	all, err := s.store.Tools(ctx)
	if err != nil {
		return Tool{}, err
	}
	for i := range all {
		if slices.ContainsFunc(all[i].Feeds, func(f Feed) bool { return f.To == t.ID }) {
			return Tool{}, greenroom.Errorf(greenroom.CodeConflict, "%q is said to feed %q; change that first, or retire this one", all[i].Name, t.Name)
		}
	}
	if err := s.store.RemoveTool(ctx, t.ID, version); err != nil {
		return Tool{}, err
	}
	t.Version = 0
	return t, s.audit.Audit(ctx, by, "tool.undo", "tool "+strconv.FormatInt(t.ID, 10), t.Name)
}

// check validates a draft, and that what it feeds is there.
func (s *Service) check(ctx context.Context, id int64, d *Draft) error {
	if err := d.Validate(); err != nil || len(d.Feeds) == 0 {
		return err
	}
	all, err := s.store.Tools(ctx)
	if err != nil {
		return err
	}
	there := make(map[int64]bool, len(all))
	for i := range all {
		there[all[i].ID] = true
	}
	for _, f := range d.Feeds {
		if f.To == id && id != 0 {
			return bad("a tool does not feed itself")
		}
		if !there[f.To] {
			return bad("it is said to feed tool %d, which is not there", f.To)
		}
	}
	return nil
}

// Import enters the tools of a table, all or none. One whose name is known is changed: what the table has no column for stays.
func (s *Service) Import(ctx context.Context, table []Named, by string) (added, changed int, err error) {
	all, err := s.store.Tools(ctx)
	if err != nil {
		return 0, 0, err
	}
	byName := make(map[string]*Tool, len(all))
	for i := range all {
		byName[strings.ToLower(all[i].Name)] = &all[i]
	}
	seen := make(map[string]int)
	keep := make([]Tool, len(table))
	for i := range table {
		n := &table[i]
		key := strings.ToLower(n.Name)
		if before := seen[key]; before > 0 {
			return 0, 0, bad("line %d: %q is in line %d already", n.Line, n.Name, before)
		}
		seen[key] = n.Line
		t := Tool{CreatedBy: by, CreatedAt: s.now()}
		if old := byName[key]; old != nil {
			t = *old
			d := old.Draft
			n.onto(&d)
			t.change(d, by, s.now())
			changed++
		} else {
			n.onto(&t.Draft)
			added++
		}
		if err := t.Validate(); err != nil {
			return 0, 0, bad("line %d: %s", n.Line, greenroom.ErrorMessage(err))
		}
		keep[i] = t
	}
	for i := range table {
		for _, text := range table[i].Feeds {
			name, _, _ := strings.Cut(text, ":")
			key := strings.ToLower(strings.TrimSpace(name))
			if seen[key] == 0 && byName[key] == nil || key == strings.ToLower(table[i].Name) {
				return 0, 0, bad("line %d: it is said to feed %q, which is no other tool of the table or the stack", table[i].Line, name)
			}
		}
	}
	kept, err := s.store.KeepTools(ctx, keep)
	if err != nil {
		return 0, 0, err
	}
	if err := s.importFeeds(ctx, table, kept, all); err != nil {
		return 0, 0, err
	}
	return added, changed, s.audit.Audit(ctx, by, "tool.import", "tools", fmt.Sprintf("%d added, %d changed", added, changed))
}

// importFeeds stores what tools of a table feed, by name, once all of them have a number.
func (s *Service) importFeeds(ctx context.Context, table []Named, kept, before []Tool) error {
	ids := make(map[string]int64)
	for i := range before {
		ids[strings.ToLower(before[i].Name)] = before[i].ID
	}
	for i := range kept {
		ids[strings.ToLower(kept[i].Name)] = kept[i].ID
	}
	var again []Tool
	for i := range table {
		if !table[i].Has["feeds"] {
			continue
		}
		t := kept[i]
		t.Feeds = nil
		for _, text := range table[i].Feeds {
			name, what, _ := strings.Cut(text, ":")
			t.Feeds = append(t.Feeds, Feed{To: ids[strings.ToLower(strings.TrimSpace(name))], What: strings.TrimSpace(what)})
		}
		if len(t.Feeds) > 0 || len(kept[i].Feeds) > 0 {
			again = append(again, t)
		}
	}
	if len(again) == 0 {
		return nil
	}
	_, err := s.store.KeepTools(ctx, again)
	return err
}

// Costs adds up what the stack costs today.
func (s *Service) Costs(ctx context.Context) (*Costs, error) {
	all, err := s.store.Tools(ctx)
	if err != nil {
		return nil, err
	}
	rates, err := s.store.Rates(ctx)
	if err != nil {
		return nil, err
	}
	return total(all, rates, s.now()), nil
}

// Money is the reporting currency of business data, and the rates that count for the currencies of the tools today.
func (s *Service) Money(ctx context.Context) (Money, error) {
	all, err := s.store.Tools(ctx)
	if err != nil {
		return Money{}, err
	}
	rates, err := s.store.Rates(ctx)
	if err != nil {
		return Money{}, err
	}
	return money(all, rates, s.now()), nil
}

// SetMoney sets the reporting currency of business data and adds rates to it.
func (s *Service) SetMoney(ctx context.Context, m Money, by string) error {
	m.Currency = strings.ToUpper(strings.TrimSpace(m.Currency))
	for i := range m.Rates {
		m.Rates[i].Currency = strings.ToUpper(strings.TrimSpace(m.Rates[i].Currency))
	}
	if err := m.validate(); err != nil {
		return err
	}
	rates := make([]greenroom.Rate, len(m.Rates))
	for i, r := range m.Rates {
		rates[i] = greenroom.Rate{Base: r.Currency, Currency: m.Currency, Day: r.Day, Value: r.Rate, Origin: "typed by " + by}
		if err := rates[i].Validate(); err != nil {
			return err
		}
	}
	if err := s.store.SetToolMoney(ctx, m.Currency, rates); err != nil {
		return err
	}
	return s.audit.Audit(ctx, by, "tool.money", m.Currency, "")
}

// Map lays out what feeds what.
func (s *Service) Map(ctx context.Context) (*Map, error) {
	all, err := s.store.Tools(ctx)
	if err != nil {
		return nil, err
	}
	health, err := s.health(ctx)
	if err != nil {
		return nil, err
	}
	return draw(all, health), nil
}

// Needs says what a stage needs, and by which tools it is there.
func (s *Service) Needs(ctx context.Context, stage Stage) ([]Need, error) {
	known := false
	for _, st := range Stages() {
		known = known || st == stage
	}
	if !known {
		return nil, bad("%q is no phase of maturity; they are seed, grow and impact", stage)
	}
	all, err := s.store.Tools(ctx)
	if err != nil {
		return nil, err
	}
	return missing(stage, all), nil
}

// Suggestions are tools that the sources speak of and the inventory lacks.
func (s *Service) Suggestions(ctx context.Context) ([]Suggestion, error) {
	all, err := s.store.Tools(ctx)
	if err != nil {
		return nil, err
	}
	sources, err := s.sources.SourceHealth(ctx)
	if err != nil {
		return nil, fmt.Errorf("asking how the sources are: %w", err)
	}
	no, err := s.store.DeclinedTools(ctx)
	if err != nil {
		return nil, err
	}
	return suggest(all, sources, no), nil
}

// Accept enters the tool that is suggested for a source; where there is a tool of its name, the source is added to that.
func (s *Service) Accept(ctx context.Context, source, by string) (Tool, error) {
	suggested, err := s.Suggestions(ctx)
	if err != nil {
		return Tool{}, err
	}
	for i := range suggested {
		if suggested[i].Source.Name != source {
			continue
		}
		d := suggested[i].Draft
		all, err := s.store.Tools(ctx)
		if err != nil {
			return Tool{}, err
		}
		for j := range all {
			if strings.EqualFold(all[j].Name, d.Name) {
				merged := all[j].Draft
				merged.Sources = append(append([]string{}, merged.Sources...), source)
				return s.Edit(ctx, all[j].ID, all[j].Version, merged, by)
			}
		}
		return s.Add(ctx, d, by)
	}
	return Tool{}, greenroom.Errorf(greenroom.CodeNotFound, "no tool is suggested for the source %q", source)
}

// Decline says that a source is to be suggested no more.
func (s *Service) Decline(ctx context.Context, source, by string) error {
	return s.store.DeclineTool(ctx, source, by)
}
