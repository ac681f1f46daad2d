// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package topic

import (
	"context"
	"fmt"
	"iter"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"greenroom"
	"greenroom/internal/priority"
	"greenroom/internal/query"
	"greenroom/internal/text/topic"
)

// Rules finds the activities that fit a query; the record store does.
type Rules interface {
	ActivityIDs(ctx context.Context, node query.Node) iter.Seq2[int64, error]
}

// Service finds topics and tells of them.
type Service struct {
	store  Store
	rules  Rules
	log    *slog.Logger
	now    func() time.Time
	zone   func() *time.Location
	schema *query.Schema
	wake   chan struct{}

	Turn *priority.Turn // of long background work; nil = it waits for nothing

	mu      sync.Mutex
	fitting bool
	asked   string // who asked for a fit that has not begun
	failed  string // why the last fit failed
	model   *topic.Model
	loaded  time.Time // of which fit model is
	counted *counted
}

// New returns a service. zone is the community's time zone, in which days begin.
func New(store Store, rules Rules, log *slog.Logger, now func() time.Time, zone func() *time.Location) *Service {
	kinds := make([]string, 0, len(greenroom.Kinds()))
	for _, k := range greenroom.Kinds() {
		kinds = append(kinds, k.String())
	}
	return &Service{store: store, rules: rules, log: log, now: now, zone: zone, schema: query.NewSchema(query.Activities, kinds), wake: make(chan struct{}, 1)}
}

// The rhythm.
const (
	follows      = 5 * time.Second
	window       = 4000 // activities
	changes      = 2000
	refitAfter   = 20 * time.Hour
	quietHour    = 4 // of the night, in which a fit by itself runs when nothing calls for one sooner
	grown        = 2 // so many times the activities of the last fit call for another, after a rest
	rest         = time.Minute
	some         = 0.01 // of the messages have to be new for a nightly fit
	sampled      = 40_000
	nearEnough   = 0.45 // for a message to be in a topic
	byItself     = "greenroom"
	exampleShare = 500 // of a topic that are learned from
)

// Run follows the messages until ctx ends: places new ones, and fits when it is time.
func (s *Service) Run(ctx context.Context) {
	tick := time.NewTicker(follows)
	defer tick.Stop()
	for {
		if err := s.Follow(ctx); err != nil && ctx.Err() == nil {
			s.log.Warn("topics are behind", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-s.wake:
		case <-tick.C:
		}
	}
}

// Wake has the messages followed now.
func (s *Service) Wake() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Follow does all that is to do now: a fit, where one was asked for or is due, and placing what is new.
func (s *Service) Follow(ctx context.Context) error {
	if by := s.due(ctx); by != "" {
		give, err := s.Turn.Take(ctx)
		if err != nil {
			return err
		}
		err = s.Fit(ctx, by)
		give()
		if err != nil {
			return err
		}
	}
	return s.Place(ctx)
}

// Place puts what is new into the topics that the last fit found; before the first fit there is nothing to do.
func (s *Service) Place(ctx context.Context) error {
	if err := s.load(ctx); err != nil {
		return err
	}
	return s.place(ctx)
}

// AskFit has topics found anew, in the background.
func (s *Service) AskFit(by string) {
	s.mu.Lock()
	s.asked = by
	s.mu.Unlock()
	s.Wake()
}

// due says who wants a fit now; "" = nobody.
func (s *Service) due(ctx context.Context) string {
	s.mu.Lock()
	asked := s.asked
	s.asked = ""
	s.mu.Unlock()
	if asked != "" {
		return asked
	}
	last, _, err := s.store.LastFit(ctx)
	if err != nil {
		return ""
	}
	_, end, err := s.store.TopicPosition(ctx)
	if err != nil || end == 0 {
		return ""
	}
	age, was := s.now().Sub(last.At), float64(last.Position)
	nightly := age >= refitAfter && s.now().In(s.zone()).Hour() == quietHour && float64(end) >= was*(1+some)
	if last.At.IsZero() || nightly || age >= rest && float64(end) >= was*grown {
		return byItself
	}
	return ""
}

// State is how topics stand.
type State struct {
	Fit     Fit    `json:"fit"`
	Fitting bool   `json:"fitting"` // a fit runs, or was asked for
	Done    int64  `json:"done"`    // activities that were looked at
	Total   int64  `json:"total"`
	Failed  string `json:"failed,omitempty"` // why the last fit failed
}

// Ready reports whether every message is in its topic.
func (s *State) Ready() bool { return !s.Fitting && s.Done >= s.Total && !s.Fit.At.IsZero() }

// State tells how far finding topics is.
func (s *Service) State(ctx context.Context) (State, error) {
	s.mu.Lock()
	st := State{Fitting: s.fitting || s.asked != "", Failed: s.failed}
	s.mu.Unlock()
	var err error
	if st.Fit, _, err = s.store.LastFit(ctx); err != nil {
		return st, fmt.Errorf("reading the last fit: %w", err)
	}
	st.Done, st.Total, err = s.store.TopicPosition(ctx)
	return st, err //nolint:wrapcheck // the store says what it read
}

// Fit finds topics anew, now, and has all messages placed again.
func (s *Service) Fit(ctx context.Context, by string) error {
	s.mu.Lock()
	if s.fitting {
		s.mu.Unlock()
		return greenroom.Errorf(greenroom.CodeConflict, "topics are being found already")
	}
	s.fitting = true
	s.mu.Unlock()
	err := s.fit(ctx, by)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fitting, s.failed, s.counted, s.model = false, "", nil, nil // the new model is loaded by whoever needs it
	if err != nil {
		s.failed = greenroom.ErrorMessage(err)
	}
	return err
}

func (s *Service) fit(ctx context.Context, by string) error {
	_, data, err := s.store.LastFit(ctx)
	if err != nil {
		return fmt.Errorf("reading the last fit: %w", err)
	}
	var before *topic.Model
	if data != nil {
		if before, err = topic.Load(data); err != nil {
			s.log.Warn("topics are found without those before", "error", err)
		}
	}
	known, err := s.store.Topics(ctx)
	if err != nil {
		return fmt.Errorf("reading the topics: %w", err)
	}
	next := int64(1)
	for i := range known {
		next = max(next, known[i].ID+1)
	}
	_, end, err := s.store.TopicPosition(ctx)
	if err != nil {
		return fmt.Errorf("reading how far messages go: %w", err)
	}
	total, texts, err := s.store.SampleTexts(ctx, sampled)
	if err != nil {
		return fmt.Errorf("reading messages: %w", err)
	}
	m := topic.Refit(before.Reserve(next), texts, topic.Options{})
	found := make([]Topic, len(m.Topics))
	for i := range m.Topics {
		t := &m.Topics[i]
		found[i] = Topic{ID: t.ID, Name: t.Name, Terms: []string{}}
		for _, term := range t.Terms[:min(len(t.Terms), 12)] {
			found[i].Terms = append(found[i].Terms, term.Text)
		}
	}
	out, err := m.Append(nil)
	if err != nil {
		return err //nolint:wrapcheck // says what it wrote
	}
	f := Fit{At: s.now(), Messages: total, Position: end, Sampled: int64(len(texts)), Topics: int64(len(found)), Quality: m.Fit, By: by}
	return s.store.SaveFit(ctx, f, out, found) //nolint:wrapcheck // the store says what it stored
}

// load reads the model of the last fit, unless it is here.
func (s *Service) load(ctx context.Context) error {
	f, data, err := s.store.LastFit(ctx)
	if err != nil {
		return fmt.Errorf("reading the topics' model: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if data == nil || s.model != nil && s.loaded.Equal(f.At) {
		return nil
	}
	m, err := topic.Load(data)
	if err != nil {
		s.log.Warn("topics are found anew", "why", err)
		s.asked = byItself
		return nil
	}
	examples, err := s.store.Examples(ctx)
	if err != nil {
		return fmt.Errorf("reading examples: %w", err)
	}
	ids := make([]int64, 0, len(examples))
	for id := range examples {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		all := examples[id]
		m = m.Teach(id, all[max(0, len(all)-exampleShare):])
	}
	s.model, s.loaded = m, f.At
	return nil
}

// place puts what is new into topics.
func (s *Service) place(ctx context.Context) error {
	s.mu.Lock()
	m := s.model
	s.mu.Unlock()
	if m == nil {
		return nil
	}
	r := m.Reader()
	if err := s.placeChanged(ctx, m, r); err != nil {
		return err
	}
	done, end, err := s.store.TopicPosition(ctx)
	if err != nil || done >= end {
		return err //nolint:wrapcheck // the store says what it read
	}
	for done < end && ctx.Err() == nil {
		all, last, err := s.store.TopicTextsAfter(ctx, done, window)
		if err != nil {
			return fmt.Errorf("reading messages: %w", err)
		}
		if last <= done {
			break
		}
		if err := s.store.Place(ctx, done, last, placed(ctx, m, r, all)); err != nil {
			return err //nolint:wrapcheck // the store says what it stored
		}
		done = last
	}
	s.forgetCounts()
	return s.applyRules(ctx, 0)
}

func (s *Service) placeChanged(ctx context.Context, m *topic.Model, r *topic.Reader) error {
	for {
		all, last, err := s.store.TextChanges(ctx, changes)
		if err != nil {
			return fmt.Errorf("reading changed messages: %w", err)
		}
		if last == 0 {
			return nil
		}
		ids := make([]int64, len(all))
		for i := range all {
			ids[i] = all[i].ID
		}
		all = slices.DeleteFunc(all, func(m Said) bool { return m.Deleted })
		if err := s.store.PlaceAgain(ctx, ids, placed(ctx, m, r, all), last); err != nil {
			return err //nolint:wrapcheck // the store says what it stored
		}
		s.forgetCounts()
	}
}

func placed(ctx context.Context, m *topic.Model, r *topic.Reader, all []Said) []Placed {
	var out []Placed
	for i := range all {
		priority.Breathe(ctx)
		if g, near := r.Read(all[i].Text); g >= 0 && near >= nearEnough {
			out = append(out, Placed{Activity: all[i].ID, Topic: m.Topics[g].ID, Weight: near, At: all[i].At})
		}
	}
	return out
}

// applyRules places what fits the rules of topics: of all, or of one.
func (s *Service) applyRules(ctx context.Context, only int64) error {
	topics, err := s.store.Topics(ctx)
	if err != nil {
		return fmt.Errorf("reading the topics: %w", err)
	}
	for i := range topics {
		t := &topics[i]
		if only == 0 && t.Rule == "" || only != 0 && t.ID != only {
			continue
		}
		ids, err := s.fits(ctx, t.Rule)
		if err != nil {
			s.log.Warn("the rule of a topic cannot be applied", "topic", t.Name, "why", greenroom.ErrorMessage(err))
			continue
		}
		if err := s.store.PlaceByRule(ctx, t.ID, ids); err != nil {
			return err //nolint:wrapcheck // the store says what it stored
		}
	}
	s.forgetCounts()
	return nil
}

// fits are the activities that fit a rule, by their ids.
func (s *Service) fits(ctx context.Context, rule string) ([]int64, error) {
	if strings.TrimSpace(rule) == "" {
		return nil, nil
	}
	q, err := s.parse(rule)
	if err != nil {
		return nil, err
	}
	var ids []int64
	for id, err := range s.rules.ActivityIDs(ctx, q.Root) {
		if err != nil {
			return nil, fmt.Errorf("looking for what fits the rule: %w", err)
		}
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids, nil
}

// parse reads a rule. A rule that asks for topics would follow itself.
func (s *Service) parse(rule string) (*query.Query, error) {
	q, err := query.Parse(s.schema, rule)
	if err != nil {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "the rule cannot be read: %s", err.Error())
	}
	if q.Root == nil {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "the rule is empty: it would take every message")
	}
	itself := false
	query.Walk(q.Root, func(n query.Node) bool {
		if t, ok := n.(*query.Term); ok && t.Field.Attr == "topic" {
			itself = true
		}
		return !itself
	})
	if itself {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "a rule cannot ask for topics")
	}
	return q, nil
}
