// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package matching

import (
	"context"
	"fmt"
	"math"
	"time"

	"greenroom/internal/avatar"
	"greenroom/internal/identity"
)

// placed is how many newcomers are placed at a time. Where more have come, a look at everybody is due that takes less.
const placed = 2000

// sight is what a look has seen.
type sight struct {
	result     *identity.Result
	ids        map[string]int64 // by what the engine calls them
	activities map[int64]int
	upTo       int64 // the last identity
}

// memory is the last look, and the newcomers that were placed since.
type memory struct {
	sight

	live *identity.Live
}

// keep remembers a look, so that newcomers are placed at once.
func (m *Matcher) keep(s *sight) {
	if int64(len(s.ids)) > m.Remember {
		return
	}
	m.last = &memory{sight: *s, live: s.result.Live()}
	m.last.result = nil // the index has taken it over
}

// place finds out who the accounts are that came after the last look, one by one, and reports whether members changed by
// it. What is certain of a newcomer, or was decided, holds: only the index is told of it then. Accounts that changed, and
// what follows for others, wait for the next look.
func (m *Matcher) place(ctx context.Context) (changed bool, err error) {
	if m.last == nil {
		return false, nil
	}
	settings, _, err := m.store.MatchSettings(ctx)
	if err != nil || settings.Model != identity.ModelVersion {
		return false, err
	}
	at := m.now()
	found := Found{Model: ModelName(identity.ModelVersion), State: State{At: at}}
	news := 0
	if err := m.store.MatchNewcomers(ctx, m.last.upTo, placed, func(id int64, joined bool, r identity.Record) error {
		news++
		return m.last.add(&found, id, joined, r)
	}); err != nil {
		m.last = nil // the index may know what was not stored
		return false, fmt.Errorf("placing new accounts: %w", err)
	}
	if len(found.Links)+len(found.Suggestions) == 0 {
		return false, nil
	}
	if changed, err = m.store.AddMatches(ctx, found); err != nil {
		m.last = nil
		return false, fmt.Errorf("keeping who new accounts are: %w", err)
	}
	m.log.Info("new accounts matched", "identities", news, "links", len(found.Links), "suggestions", len(found.Suggestions),
		"took", m.now().Sub(at).Round(time.Millisecond))
	return changed, nil
}

// add places one newcomer.
func (l *memory) add(f *Found, id int64, joined bool, r identity.Record) error {
	l.upTo = id
	if _, known := l.ids[r.ID]; known {
		return nil // it was erased and has come again
	}
	for _, e := range r.Emails {
		names := avatar.Names(e.Address)
		r.AddressHashes = append(r.AddressHashes, names[:]...)
	}
	p, err := l.live.Add(r)
	if err != nil {
		return err //nolint:wrapcheck // it names the account, and the caller says what was attempted
	}
	l.ids[r.ID], l.activities[id] = id, r.Activities
	if joined {
		return nil
	}
	pair := func(a, b string, probability float64) Pair {
		x := Pair{A: min(l.ids[a], l.ids[b]), B: max(l.ids[a], l.ids[b]), Probability: math.Round(probability*1000) / 1000}
		if e, ok := l.live.Explain(a, b); ok {
			x.Evidence = evidence(e)
		}
		return x
	}
	if p.Joined != "" {
		x := pair(p.Joined, r.ID, p.Probability)
		x.Reason = reason(x.Evidence)
		f.Links = append(f.Links, x)
	}
	for _, s := range p.Suggestions {
		x := pair(s.A, s.B, s.Probability)
		x.Value = worth(l.activities[x.A], l.activities[x.B], x.Probability)
		f.Suggestions = append(f.Suggestions, x)
	}
	return nil
}
