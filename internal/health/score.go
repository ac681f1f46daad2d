// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package health

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"time"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/orbit"
)

// Scores is what the package needs of the record store for scores.
type Scores interface {
	ScoreVersions(ctx context.Context, name string) ([]greenroom.ScoreVersion, error)
	SaveScore(ctx context.Context, v greenroom.ScoreVersion) error
	MemberScores(ctx context.Context, member int64) ([]greenroom.Score, error)
	PutScores(ctx context.Context, model string, scores []greenroom.Score) (int, error)
}

// Rhythm is the name under which rhythms are stored beside the scores.
const Rhythm = "rhythm"

// Models are the models of scores as they hold now: the newest that the team has saved, else as Greenroom comes.
func (s *Service) Models(ctx context.Context) ([]orbit.Model, error) {
	all := orbit.Defaults()
	for i := range all {
		m, err := s.Model(ctx, all[i].Name, 0)
		if err != nil {
			return nil, err
		}
		all[i] = m
	}
	return all, nil
}

// Model is one version of a model of scores; version 0 is the one that holds now.
func (s *Service) Model(ctx context.Context, name string, version int) (orbit.Model, error) {
	base, ok := orbit.Default(name)
	if !ok {
		return base, greenroom.Errorf(greenroom.CodeNotFound, "there is no score %q; there are orbit, love and points", name)
	}
	saved, err := s.scores.ScoreVersions(ctx, name)
	if err != nil {
		return base, err
	}
	for i := range saved {
		if version == 0 || saved[i].Version == version {
			return decodeModel(&saved[i])
		}
	}
	if version > 0 {
		return base, greenroom.Errorf(greenroom.CodeNotFound, "%s has no version %d", name, version)
	}
	return base, nil
}

func decodeModel(v *greenroom.ScoreVersion) (orbit.Model, error) {
	var m orbit.Model
	if err := json.Unmarshal([]byte(v.Spec), &m); err != nil {
		return m, fmt.Errorf("decoding version %d of the score %s: %w", v.Version, v.Name, err)
	}
	m.Name, m.Version = v.Name, v.Version
	return m, nil
}

// History lists the versions of a model that the team has saved, the newest first.
func (s *Service) History(ctx context.Context, name string) ([]greenroom.ScoreVersion, error) {
	return s.scores.ScoreVersions(ctx, name)
}

// Save makes a changed model the one that holds. Its Version is the one that it was made from; where somebody has saved
// another since, it fails with CodeConflict. Members' scores follow in a moment.
func (s *Service) Save(ctx context.Context, m orbit.Model, note, by string) (orbit.Model, error) {
	if err := m.Validate(); err != nil {
		return m, err
	}
	spec, err := json.Marshal(m)
	if err != nil {
		return m, fmt.Errorf("encoding a score: %w", err)
	}
	if err := s.scores.SaveScore(ctx, greenroom.ScoreVersion{Name: m.Name, Version: m.Version, Spec: string(spec), Note: note, By: by}); err != nil {
		return m, err
	}
	m.Version++
	return m, s.Refresh(ctx)
}

// Undo takes the newest version of a model back, by saving the one before it, or the one Greenroom comes with, anew.
func (s *Service) Undo(ctx context.Context, name, by string) (orbit.Model, error) {
	saved, err := s.scores.ScoreVersions(ctx, name)
	if err != nil {
		return orbit.Model{}, err
	}
	if len(saved) == 0 {
		return orbit.Model{}, greenroom.Errorf(greenroom.CodeConflict, "nothing has been changed that could be undone")
	}
	before, ok := orbit.Default(name)
	if len(saved) > 1 {
		before, err = decodeModel(&saved[1])
	}
	if err != nil || !ok {
		return before, err
	}
	before.Version = saved[0].Version
	return s.Save(ctx, before, fmt.Sprintf("takes version %d back", saved[0].Version), by)
}

// tally scores everybody by a model at a moment.
func (s *Service) tally(ctx context.Context, crowd *analytics.Crowd, m *orbit.Model, at time.Time) (*orbit.Tally, error) {
	first, ok, err := crowd.First(ctx)
	if err != nil {
		return nil, err //nolint:wrapcheck // the engine's words are for people
	}
	if !ok {
		first = at
	}
	t := orbit.NewTally(m, at, first, s.zone())
	factors := placeFactors(crowd, t)
	err = crowd.Each(ctx, t.From(), at.Add(time.Second), false, func(a analytics.Act) {
		t.Add(a.Member, a.Kind, a.At, factors(a.Place))
	})
	return t, err
}

// placeFactors says by how much a model multiplies what is done in a place; each is looked up once.
func placeFactors(crowd *analytics.Crowd, t *orbit.Tally) func(place uint32) float64 {
	known := make(map[uint32]float64)
	return func(place uint32) float64 {
		f, ok := known[place]
		if !ok {
			_, channel := crowd.Place(place)
			f = t.Factor(channel)
			known[place] = f
		}
		return f
	}
}

// Refresh computes everybody's scores and rhythms and stores what has changed.
func (s *Service) Refresh(ctx context.Context) error {
	models, err := s.Models(ctx)
	if err != nil {
		return err
	}
	crowd := s.figures.Crowd()
	for i := range models {
		t, err := s.tally(ctx, crowd, &models[i], s.here())
		if err != nil {
			return err
		}
		var all []greenroom.Score
		t.Each(func(id int64, sc orbit.Score) {
			if sc.Level > 0 {
				all = append(all, greenroom.Score{Model: models[i].Name, Member: id, Value: sc.Value, Level: sc.Level, Step: sc.Step})
			}
		})
		if _, err := s.scores.PutScores(ctx, models[i].Name, all); err != nil {
			return err
		}
	}
	rhythms, err := s.rhythms(ctx, crowd, 0)
	if err != nil {
		return err
	}
	var all []greenroom.Score
	for id, r := range rhythms {
		all = append(all, greenroom.Score{Model: Rhythm, Member: id, Value: r.usual, Due: r.until})
	}
	_, err = s.scores.PutScores(ctx, Rhythm, all)
	return err
}

// refreshEvery is how often scores follow what has happened, and look at the clock.
const refreshEvery = 10 * time.Minute

// Run keeps scores current until ctx ends. It gives way: scores that are ten minutes old mislead nobody.
func (s *Service) Run(ctx context.Context) {
	tick := time.NewTicker(refreshEvery)
	defer tick.Stop()
	const soon = 2 * time.Second // what the process begins with is read by then, or somewhat later
	wait := time.NewTimer(soon)
	defer wait.Stop()
	var seen uint64
	var day time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-wait.C:
		case <-tick.C:
		}
		crowd, today := s.figures.Crowd(), analytics.Day.Start(s.here())
		if crowd.AsOf().IsZero() {
			wait.Reset(soon)
			continue
		}
		if crowd.Version() == seen && today.Equal(day) {
			continue
		}
		if err := s.refreshInTurn(ctx); err != nil {
			if ctx.Err() == nil {
				s.log.Warn("computing scores", "error", err)
			}
			continue
		}
		seen, day = crowd.Version(), today
	}
}

// refreshInTurn computes scores, and what changed for the pages, when no other long work is done.
func (s *Service) refreshInTurn(ctx context.Context) error {
	give, err := s.Turn.Take(ctx)
	if err != nil {
		return err //nolint:wrapcheck // it was told to end
	}
	defer give()
	if err := s.Refresh(ctx); err != nil {
		return err
	}
	if s.background != nil {
		s.lookForChanges(ctx)
	}
	return nil
}

// Move is a member whose score would change.
type Move struct {
	Member      int64   `json:"member"`
	Name        string  `json:"name"`
	Before      float64 `json:"before"`
	After       float64 `json:"after"`
	LevelBefore int     `json:"level_before"` // 0 = none
	LevelAfter  int     `json:"level_after"`
	StepBefore  int     `json:"step_before,omitempty"`
	StepAfter   int     `json:"step_after,omitempty"`
}

// Inward reports whether the member moves up.
func (m *Move) Inward() bool {
	return cmp.Or(cmp.Compare(rank(m.LevelAfter, m.StepAfter), rank(m.LevelBefore, m.StepBefore)), 0) < 0
}

// rank orders levels from the innermost, which is the smallest; nobody comes last.
func rank(level, step int) int {
	if level == 0 {
		return 99
	}
	return level*10 + step
}

// Preview is what a changed model would do.
type Preview struct {
	Model  orbit.Model `json:"model"`
	Before orbit.Count `json:"before"` // members on each level; index 0 is unused
	After  orbit.Count `json:"after"`
	Up     int         `json:"up"`
	Down   int         `json:"down"`
	Same   int         `json:"same"`
	Moves  []Move      `json:"moves"` // those whose level or step changes: the greatest moves first, previewMoves at most
}

const previewMoves = 200

// Preview says who would move up or down if a model held instead of the one that does. It changes nothing. The team is
// left out.
func (s *Service) Preview(ctx context.Context, m orbit.Model) (*Preview, error) {
	if err := m.Validate(); err != nil {
		return nil, err
	}
	now, err := s.Model(ctx, m.Name, 0)
	if err != nil {
		return nil, err
	}
	crowd, at := s.figures.Crowd(), s.here()
	before, err := s.tally(ctx, crowd, &now, at)
	if err != nil {
		return nil, err
	}
	after, err := s.tally(ctx, crowd, &m, at)
	if err != nil {
		return nil, err
	}
	p := &Preview{Model: m, Moves: []Move{}}
	one := func(id int64) {
		if crowd.Staff(id) {
			return
		}
		a, b := before.Score(id), after.Score(id)
		p.Before[a.Level]++
		p.After[b.Level]++
		move := Move{Member: id, Before: a.Value, After: b.Value, LevelBefore: a.Level, LevelAfter: b.Level, StepBefore: a.Step, StepAfter: b.Step}
		switch {
		case a.Level == b.Level && a.Step == b.Step:
			p.Same++
			return
		case move.Inward():
			p.Up++
		default:
			p.Down++
		}
		p.Moves = append(p.Moves, move)
	}
	seen := make(map[int64]bool)
	for _, t := range []*orbit.Tally{before, after} { // a longer look-back knows more members
		t.Each(func(id int64, _ orbit.Score) {
			if !seen[id] {
				seen[id] = true
				one(id)
			}
		})
	}
	p.Before[0], p.After[0] = 0, 0
	sort.Slice(p.Moves, func(i, j int) bool {
		a, b := &p.Moves[i], &p.Moves[j]
		far := func(m *Move) int { return abs(rank(m.LevelAfter, m.StepAfter) - rank(m.LevelBefore, m.StepBefore)) }
		return cmp.Or(cmp.Compare(far(b), far(a)), cmp.Compare(b.After, a.After), cmp.Compare(a.Member, b.Member)) < 0
	})
	p.Moves = p.Moves[:min(len(p.Moves), previewMoves)]
	return p, s.nameMoves(ctx, p.Moves)
}

func abs(n int) int { return max(n, -n) }

func (s *Service) nameMoves(ctx context.Context, moves []Move) error {
	ids := make([]int64, len(moves))
	for i := range moves {
		ids[i] = moves[i].Member
	}
	names, err := s.names(ctx, ids)
	for i := range moves {
		moves[i].Name = names[moves[i].Member]
	}
	return err
}

// Why is what made a member's score.
type Why struct {
	Model    orbit.Model     `json:"model"`
	Score    greenroom.Score `json:"score"`
	Level    string          `json:"level"` // its name
	Weight   string          `json:"weight,omitempty"`
	Presence string          `json:"presence,omitempty"`
	From     time.Time       `json:"from"` // since when activities count
	Kinds    []KindWorth     `json:"kinds"`
	Days     orbit.Presence  `json:"days"`
}

// KindWorth is what the activities of a kind add to a score.
type KindWorth struct {
	Kind  greenroom.Kind `json:"kind"`
	Count int            `json:"count"`
	Worth float64        `json:"worth"` // together; under Orbit's version 2 the weight of one
	Last  time.Time      `json:"last"`
}

// Explain says of each model what a member's score is made of, from the activities themselves.
func (s *Service) Explain(ctx context.Context, member int64) ([]Why, error) {
	models, err := s.Models(ctx)
	if err != nil {
		return nil, err
	}
	crowd, at := s.figures.Crowd(), s.here()
	var acts []analytics.Act
	if err := crowd.Of(ctx, member, time.Time{}, func(a analytics.Act) { acts = append(acts, a) }); err != nil {
		return nil, err
	}
	var all []Why
	for i := range models {
		m := &models[i]
		first := at
		for _, a := range acts {
			if t := time.Unix(a.At, 0); t.Before(first) {
				first = t
			}
		}
		t := orbit.NewTally(m, at, first, s.zone())
		factors, kinds := placeFactors(crowd, t), make(map[greenroom.Kind]*KindWorth)
		for _, a := range acts {
			worth := t.Worth(a.Kind, a.At, factors(a.Place))
			if worth == 0 {
				continue
			}
			t.Add(a.Member, a.Kind, a.At, factors(a.Place))
			k := kinds[a.Kind]
			if k == nil {
				k = &KindWorth{Kind: a.Kind}
				kinds[a.Kind] = k
			}
			k.Count++
			if m.Rule == orbit.RuleV2 {
				k.Worth = worth
			} else {
				k.Worth += worth
			}
			if when := time.Unix(a.At, 0).In(s.zone()); when.After(k.Last) {
				k.Last = when
			}
		}
		sc := t.Score(member)
		w := Why{
			Model: *m, Level: m.LevelNames()[sc.Level], From: t.From(), Days: sc.Days, Kinds: []KindWorth{},
			Score: greenroom.Score{Model: m.Name, Member: member, Value: sc.Value, Level: sc.Level, Step: sc.Step},
		}
		if m.Rule == orbit.RuleV2 {
			w.Level, w.Weight, w.Presence = sc.Position().String(), sc.Weight.String(), sc.Presence.String()
		}
		for _, k := range kinds {
			w.Kinds = append(w.Kinds, *k)
		}
		slices.SortFunc(w.Kinds, func(a, b KindWorth) int {
			return cmp.Or(cmp.Compare(b.Worth, a.Worth), cmp.Compare(a.Kind, b.Kind))
		})
		all = append(all, w)
	}
	return all, nil
}
