// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package alert

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"greenroom/internal/query"
)

// When a term is suggested: enough was judged, it keeps most of the useful ones and drops many of the others.
const (
	judgedLeast  = 8
	uselessLeast = 3
	keepLeast    = 0.85
	dropLeast    = 0.4
	judgedMost   = 500
)

// Suggestion is a term that would make an alert more precise.
type Suggestion struct {
	Term    string `json:"term"`  // to add to the query
	Query   string `json:"query"` // the query with it
	Kept    int64  `json:"useful_kept"`
	Useful  int64  `json:"useful"`
	Dropped int64  `json:"not_useful_dropped"`
	Useless int64  `json:"not_useful"`
	Says    string `json:"says"`
}

// Suggest looks for one term that would have kept most of what was useful and dropped most of what was not; nil where
// there is none, or where too little was judged.
func (s *Service) Suggest(ctx context.Context, id int64) (*Suggestion, error) {
	a, err := s.store.Alert(ctx, id)
	if err != nil {
		return nil, err
	}
	e := a.Watch.Entity()
	if e == "" {
		return nil, nil //nolint:nilnil // there is nothing to add to
	}
	firings, err := s.store.AlertFirings(ctx, Filter{Alert: id, Judged: true, Limit: judgedMost})
	if err != nil {
		return nil, fmt.Errorf("reading what was judged: %w", err)
	}
	useful := make(map[int64]bool)
	var ids []int64
	for i := range firings {
		if f := &firings[i]; f.Useful != nil && f.Object.Kind == kindOf(e) {
			useful[f.Object.ID] = *f.Useful
			ids = append(ids, f.Object.ID)
		}
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	subjects, err := s.store.AlertSubjects(ctx, kindOf(e), ids)
	if err != nil {
		return nil, fmt.Errorf("reading what was judged: %w", err)
	}
	return s.bestTerm(ctx, &a, e, ids, useful, subjects)
}

// bestTerm tries the terms that the subjects offer.
func (s *Service) bestTerm(ctx context.Context, a *Alert, e query.Entity, ids []int64, useful map[int64]bool, subjects []Match) (*Suggestion, error) {
	good := int64(0)
	for _, id := range ids {
		if useful[id] {
			good++
		}
	}
	bad := int64(len(ids)) - good
	if len(ids) < judgedLeast || bad < uselessLeast || good == 0 {
		return nil, nil //nolint:nilnil // too little is known
	}
	var best *Suggestion
	for _, term := range terms(e, subjects) {
		q, err := query.Parse(s.schemas[e], term)
		if err != nil {
			continue // a name that queries cannot say
		}
		fit, err := s.store.WhichFit(ctx, e, q, ids)
		if err != nil {
			return nil, fmt.Errorf("trying %s: %w", term, err)
		}
		v := Suggestion{Term: term, Useful: good, Useless: bad, Dropped: bad}
		for _, id := range fit {
			if useful[id] {
				v.Kept++
			} else {
				v.Dropped--
			}
		}
		if float64(v.Kept) < keepLeast*float64(good) || float64(v.Dropped) < dropLeast*float64(bad) {
			continue
		}
		if best == nil || v.gain() > best.gain() {
			best = &v
		}
	}
	if best == nil {
		return nil, nil //nolint:nilnil // no single term does it
	}
	best.Query = joined(" ", wrapped(a.Query), best.Term)
	best.Says = fmt.Sprintf("With %s it would have kept %d of the %d useful ones and dropped %d of the %d others.", best.Term, best.Kept, good, best.Dropped, bad)
	return best, nil
}

// gain is what a term brings: what it drops, and twice what it loses less.
func (v *Suggestion) gain() float64 {
	return float64(v.Dropped)/float64(v.Useless) - 2*(1-float64(v.Kept)/float64(v.Useful))
}

// wrapped puts a query with "or" in parentheses, so that a term can follow.
func wrapped(q string) string {
	if strings.Contains(strings.ToLower(q), " or ") {
		return "(" + q + ")"
	}
	return q
}

// mostTerms is how many values of a field are tried.
const mostTerms = 8

// terms are conditions that some of the subjects meet and others do not.
func terms(e query.Entity, subjects []Match) []string {
	values := make(map[string]map[string]int)
	count := func(field, value string) {
		if value == "" {
			return
		}
		if values[field] == nil {
			values[field] = make(map[string]int)
		}
		values[field][value]++
	}
	for i := range subjects {
		m := &subjects[i]
		if e == query.Activities || e == query.Conversations {
			count("channel", m.Channel)
			count("source", m.Source)
			count("category", m.Category)
			count("sentiment", m.Sentiment)
			count("urgency", m.Urgency)
			for _, t := range m.Topics {
				count("topic", t)
			}
		}
		if e == query.Activities {
			count("kind", m.Kind)
		}
		if m.Organization != nil {
			field := "org.lifecycle"
			if e == query.Organizations {
				field = "lifecycle"
			}
			count(field, m.Organization.Lifecycle)
		}
	}
	var all []string
	for _, field := range []string{"org.lifecycle", "lifecycle", "category", "channel", "topic", "sentiment", "urgency", "kind", "source"} {
		those := values[field]
		names := make([]string, 0, len(those))
		for name := range those {
			names = append(names, name)
		}
		slices.SortFunc(names, func(a, b string) int { return cmp.Or(those[b]-those[a], strings.Compare(a, b)) })
		for _, name := range names[:min(len(names), mostTerms)] {
			v := name
			if strings.ContainsAny(v, " ,:()\"@#") {
				v = strconv.Quote(v)
			}
			all = append(all, field+":"+v, "-"+field+":"+v)
		}
	}
	return all
}
