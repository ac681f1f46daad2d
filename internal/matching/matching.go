// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package matching finds out which members are one person, beyond what is certain.
//
// What is certain (the same verified address, profiles that point at each other) joins identities while facts are stored.
// This package looks at everybody at once with the model of internal/identity: what the model is sure of becomes a link,
// what it is not sure of a suggestion for a person to judge. Links are derived: each look writes them anew, so that more
// facts, a correction or another model take back what holds no longer. What people say is kept for good, and binds the
// model: "the same" is never separated, "not the same" never joined, also after a re-import.
//
// A look takes the time that it takes for everybody (2 s for 100,000 identities on one core), so in a server it waits until
// nothing else is to be derived, and then for as long as keeps it below a twentieth of the time. Accounts that come in the
// meantime are placed one by one among those of the last look (place.go); the next look has the last word.
package matching

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"greenroom"
	"greenroom/internal/avatar"
	"greenroom/internal/identity"
	"greenroom/internal/priority"
)

// Evidence is one reason for or against two identities being one person.
type Evidence struct {
	Kind   string  `json:"kind"`
	Weight float64 `json:"weight"` // bits: each doubles the odds, a negative one halves them
	Text   string  `json:"text"`
}

// Pair is two identities and what speaks for their being one person. A is the smaller id.
type Pair struct {
	A, B        int64
	Probability float64 // in thousandths, so that it changes only when it says something else
	Evidence    []Evidence
	Reason      string  // of a link: in words, for the member's page
	Value       float64 // of a suggestion: what it is worth to be judged
}

// Settings are what the team lets the model decide.
type Settings struct {
	Auto    float64 `json:"auto"`    // from this probability on it joins by itself
	Suggest float64 `json:"suggest"` // from this one on it asks
	Model   int     `json:"model"`   // the version of the model that is in use; 0 = none has looked yet
}

// State is what the last look found.
type State struct {
	Signature     string    `json:"signature"` // of what it looked at
	At            time.Time `json:"at"`
	Identities    int       `json:"identities"`
	Links         int       `json:"links"`
	Suggestions   int       `json:"suggestions"` // also those that are too many to be kept
	ExpectedWrong float64   `json:"expected_wrong"`
}

// Known is what binds the model.
type Known struct {
	Same  [][]int64 // identities that are one person, by keys that make it certain or because people said so
	Apart []Apart
}

// Apart is two identities that people said are not one person.
type Apart struct {
	A, B int64
	At   time.Time
}

// Found is the outcome of a look.
type Found struct {
	Model       string // "model 2"
	Links       []Pair
	Suggestions []Pair
	State       State
}

// Store keeps what is found.
type Store interface {
	// MatchSignature changes whenever a look may come out differently. Identities is about how many there are.
	MatchSignature(ctx context.Context) (signature string, identities int64, err error)
	// MatchRecords gives every identity, in order of their ids.
	MatchRecords(ctx context.Context, each func(id int64, r identity.Record) error) error
	Newcomers
	MatchKnown(ctx context.Context) (Known, error)
	// SetMatches makes the links and suggestions those that were found, members included, and reports whether any member
	// changed. It does so in portions, each in one transaction, and calls rest after each.
	SetMatches(ctx context.Context, f Found, rest func() error) (changed bool, err error)
	MatchSettings(ctx context.Context) (Settings, State, error)
	SetMatchSettings(ctx context.Context, s Settings) error
}

// Newcomers keeps what is found of accounts that come between two looks.
type Newcomers interface {
	// MatchNewcomers gives at most so many identities that came after one, in order of their ids, up to the first that
	// belongs to no member yet. Joined says that it is one person with others by what is certain, or by what was decided.
	MatchNewcomers(ctx context.Context, after int64, limit int, each func(id int64, joined bool, r identity.Record) error) error
	// AddMatches adds links and suggestions to those that there are, leaves out what is about identities that are gone, and
	// reports whether any member changed.
	AddMatches(ctx context.Context, f Found) (changed bool, err error)
}

// The pace of a server: how long after a look the next one begins at the earliest, and how much longer than the look
// itself took.
const (
	pause = 5 * time.Second
	share = 20
)

// ease is how many times as long as a portion of links took to store nothing is stored after it, where nobody waits.
const ease = 4

const (
	inline   = 100_000
	remember = 250_000
)

// MaxSuggestions is how many suggestions are kept, those that are worth most.
const MaxSuggestions = 10_000

// Matcher looks at everybody when something has changed.
type Matcher struct {
	store Store
	log   *slog.Logger
	now   func() time.Time

	// Inline is how many accounts are looked at in a hurry at most: a command that imports into a large community leaves
	// them to the server, or to Apply, so that it needs no more memory than its import.
	Inline int64

	// Remember is of how many accounts at most the last look is kept in memory, about a kilobyte each, so that newcomers
	// are placed at once. Where there are more, newcomers wait for the next look.
	Remember int64

	Turn *priority.Turn // of long background work, which a look that nobody waits for takes; nil = it waits for nothing

	mu   sync.Mutex // one look at a time
	next time.Time  // no look before this, unless asked for
	last *memory    // of the last look; nil = there is none
}

// New returns a matcher over the store. Now is the clock.
func New(store Store, log *slog.Logger, now func() time.Time) *Matcher {
	return &Matcher{store: store, log: log, now: now, Inline: inline, Remember: remember}
}

// Match looks at everybody if something has changed since the last look, and reports whether members changed by it. Unless
// hurry is set it does so no more often than a server can bear, and between looks places newcomers one by one. After an
// upgrade that brings another model it does nothing until somebody agrees (Apply).
func (m *Matcher) Match(ctx context.Context, hurry bool) (changed bool, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !hurry && m.now().Before(m.next) {
		return m.place(ctx)
	}
	settings, state, err := m.store.MatchSettings(ctx)
	if err != nil {
		return false, fmt.Errorf("reading how members are matched: %w", err)
	}
	if settings.Model != 0 && settings.Model != identity.ModelVersion {
		return false, nil
	}
	if settings.Model == 0 {
		settings.Model = identity.ModelVersion
		if err := m.store.SetMatchSettings(ctx, settings); err != nil {
			return false, fmt.Errorf("keeping which model is in use: %w", err)
		}
	}
	signature, identities, err := m.store.MatchSignature(ctx)
	if err != nil {
		return false, fmt.Errorf("reading how members are matched: %w", err)
	}
	if signature == state.Signature || hurry && identities > m.Inline {
		return false, nil
	}
	if !hurry {
		give, ok := m.Turn.Try()
		if !ok {
			return false, nil
		}
		defer give()
	}
	return m.look(ctx, settings, signature, !hurry)
}

// look finds links and suggestions and stores them, at ease where nobody waits for it.
func (m *Matcher) look(ctx context.Context, settings Settings, signature string, atEase bool) (changed bool, err error) {
	start := m.now()
	m.last = nil // two of them need too much memory
	found, seen, err := m.find(ctx, settings)
	if err != nil {
		return false, err
	}
	found.State.Signature, found.State.At = signature, start
	looked := m.now().Sub(start)
	rest := func() error { return nil }
	if atEase {
		rest = m.resting(ctx)
	}
	if changed, err = m.store.SetMatches(ctx, *found, rest); err != nil {
		return false, fmt.Errorf("keeping who is one person: %w", err)
	}
	if atEase {
		m.keep(seen)
	}
	end := m.now()
	m.next = end.Add(max(pause, share*looked))
	m.log.Info("members matched", "identities", found.State.Identities, "links", len(found.Links), "suggestions", found.State.Suggestions,
		"took", end.Sub(start).Round(time.Millisecond))
	return changed, nil
}

// resting returns what waits after a portion: a large import is followed by many of them, and pages come between.
func (m *Matcher) resting(ctx context.Context) func() error {
	last := m.now()
	return func() error {
		t := time.NewTimer(min(ease*m.now().Sub(last), pause))
		defer t.Stop()
		select {
		case <-ctx.Done():
			return ctx.Err() //nolint:wrapcheck // it says that the work was told to end
		case <-t.C:
		}
		last = m.now()
		return nil
	}
}

// find looks at everybody.
func (m *Matcher) find(ctx context.Context, settings Settings) (*Found, *sight, error) {
	config := identity.Config{Auto: settings.Auto, Suggest: settings.Suggest}
	if priority.InBackground(ctx) {
		config.Workers = 1 // others would not be lowered
	}
	engine, err := identity.New(config)
	if err != nil {
		return nil, nil, &greenroom.Error{Code: greenroom.CodeInvalid, Message: err.Error(), Err: err}
	}
	var records []identity.Record
	ids, names := make(map[string]int64), make(map[int64]string)
	activities := make(map[int64]int)
	seen := &sight{ids: ids, activities: activities}
	if err := m.store.MatchRecords(ctx, func(id int64, r identity.Record) error {
		records = append(records, r)
		ids[r.ID], names[id], activities[id], seen.upTo = id, r.ID, r.Activities, id
		return nil
	}); err != nil {
		return nil, nil, fmt.Errorf("reading accounts: %w", err)
	}
	known, err := m.store.MatchKnown(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("reading decisions: %w", err)
	}
	hashAddresses(records)
	result := engine.Resolve(records, known.decisions(names))
	seen.result = result
	f := &Found{Model: ModelName(identity.ModelVersion), State: State{Identities: len(records), ExpectedWrong: result.ExpectedWrong}}
	pair := func(a, b string, p float64) Pair {
		x := Pair{A: min(ids[a], ids[b]), B: max(ids[a], ids[b]), Probability: math.Round(p*1000) / 1000}
		if e, ok := result.Explain(a, b); ok {
			x.Evidence = evidence(e)
		}
		return x
	}
	for _, l := range result.Merges {
		if !l.Decided {
			x := pair(l.A, l.B, l.Probability)
			x.Reason = reason(x.Evidence)
			f.Links = append(f.Links, x)
		}
	}
	f.State.Links = len(f.Links)
	for _, s := range result.Suggestions {
		x := pair(s.A, s.B, s.Probability)
		x.Value = worth(activities[x.A], activities[x.B], x.Probability)
		f.Suggestions = append(f.Suggestions, x)
	}
	f.State.Suggestions = len(f.Suggestions)
	slices.SortStableFunc(f.Suggestions, func(x, y Pair) int { return compareFloat(y.Value, x.Value) })
	f.Suggestions = f.Suggestions[:min(len(f.Suggestions), MaxSuggestions)]
	return f, seen, nil
}

// hashAddresses puts the hashes of addresses to them, where a picture is named after one.
func hashAddresses(records []identity.Record) {
	named := make(map[string]bool)
	for i := range records {
		for _, h := range records[i].AddressHashes {
			named[h] = true
		}
	}
	if len(named) == 0 {
		return
	}
	for i := range records {
		for _, e := range records[i].Emails {
			for _, h := range avatar.Names(e.Address) {
				if named[h] {
					records[i].AddressHashes = append(records[i].AddressHashes, h)
				}
			}
		}
	}
}

// decisions puts what is known into pairs. They teach the model, too, so that the pairs of a group have to be the same ones
// whatever numbers the identities have.
func (k *Known) decisions(names map[int64]string) []identity.Decision {
	var all []identity.Decision
	for _, group := range k.Same {
		var in []string
		for _, id := range group {
			if names[id] != "" {
				in = append(in, names[id])
			}
		}
		slices.Sort(in)
		for i := 1; i < len(in); i++ {
			all = append(all, identity.Decision{A: in[0], B: in[i], Same: true})
		}
	}
	for _, x := range k.Apart {
		if names[x.A] != "" && names[x.B] != "" {
			all = append(all, identity.Decision{A: names[x.A], B: names[x.B], Time: x.At})
		}
	}
	return all
}

func compareFloat(x, y float64) int {
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

// worth is what judging a pair is worth: what is at stake, by the activities of whom fewer are known of, times how unsure
// it is, which is greatest at one half.
func worth(a, b int, p float64) float64 {
	return math.Round(1000*float64(1+min(a, b))*4*p*(1-p)) / 1000
}

func evidence(x identity.Explanation) []Evidence {
	all := make([]Evidence, 0, len(x.Evidence))
	for _, e := range x.Evidence {
		all = append(all, Evidence{Kind: e.Kind.String(), Weight: math.Round(e.Weight*10) / 10, Text: e.Text})
	}
	return all
}

// reason says in words what spoke most for a link.
func reason(all []Evidence) string {
	var parts []string
	for _, e := range all {
		if e.Weight > 0 && len(parts) < 2 {
			parts = append(parts, e.Text)
		}
	}
	return strings.Join(parts, "; ")
}

// ModelName is how a version of the model signs what it decides.
func ModelName(version int) string { return fmt.Sprintf("model %d", version) }

// Try looks at everybody with other thresholds, or with the model of this version after an upgrade, and keeps nothing.
func (m *Matcher) Try(ctx context.Context, auto, suggest float64) (*Found, error) {
	s, err := checked(auto, suggest)
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	found, _, err := m.find(ctx, s)
	return found, err
}

// Apply sets the thresholds, agrees to the model of this version, and looks at everybody.
func (m *Matcher) Apply(ctx context.Context, auto, suggest float64) error {
	s, err := checked(auto, suggest)
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.store.SetMatchSettings(ctx, s); err != nil {
		return fmt.Errorf("keeping the thresholds: %w", err)
	}
	signature, _, err := m.store.MatchSignature(ctx)
	if err != nil {
		return fmt.Errorf("reading how members are matched: %w", err)
	}
	_, err = m.look(ctx, s, signature, false)
	return err
}

// CheckThresholds reports thresholds that make no sense, with CodeInvalid.
func CheckThresholds(auto, suggest float64) error {
	_, err := checked(auto, suggest)
	return err
}

func checked(auto, suggest float64) (Settings, error) {
	switch {
	case auto < 0.5 || auto > 1:
		return Settings{}, greenroom.Errorf(greenroom.CodeInvalid, "the probability from which members are joined has to lie between 50 and 100 %%, not at %g %%", 100*auto)
	case suggest <= 0 || suggest > auto:
		return Settings{}, greenroom.Errorf(greenroom.CodeInvalid, "the probability from which pairs are suggested has to lie above 0 and at most at that for joining, not at %g %%", 100*suggest)
	}
	return Settings{Auto: auto, Suggest: suggest, Model: identity.ModelVersion}, nil
}
