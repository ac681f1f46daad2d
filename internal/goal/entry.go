// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package goal

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/asof"
	"greenroom/internal/query"
)

// Entries knows when organizations came into a state of their lifecycle.
type Entries interface {
	// Entered lists the organizations that were ever in a state, each once with its first day there, in any order.
	Entered(ctx context.Context, state greenroom.LifecycleState) ([]Entered, error)
}

// Entered is an organization that came into a state.
type Entered struct {
	Organization int64
	At           time.Time
}

// Entering returns the service with somebody who knows when organizations came into a state. Without, no key result can go by
// entry.
func (s *Service) Entering(e Entries) *Service {
	with := *s
	with.entries = e
	return &with
}

// EntryStates lists the states by whose entry a key result can go.
func EntryStates() []greenroom.LifecycleState {
	return []greenroom.LifecycleState{greenroom.Trial, greenroom.Customer}
}

// entryVerb is what organizations do that enter a state.
func entryVerb(state greenroom.LifecycleState) string {
	if state == greenroom.Trial {
		return "whose trial began"
	}
	return "that became customers"
}

// looksBack reports whether a metric is about those who were active in the period before. A cohort is looked at one period
// later then: in its first one nobody of it could have gone or come back.
func looksBack(metric string) bool { return metric == "gone_quiet" || metric == "returning_members" }

// EntryWords says of whom a key result by entry is, "" of others: the same sentence on pages, in reports and in answers.
func (m *Measure) EntryWords() string {
	if m.Entry == "" {
		return ""
	}
	in := "in that " + m.Every
	if looksBack(m.Metric) {
		in = "in the " + m.Every + " before"
	}
	if m.How == Total {
		in = "since the first day"
	}
	return "Each figure is of the organizations " + entryVerb(greenroom.LifecycleState(m.Entry)) + " " + in + ", whatever became of them since."
}

// Whom is the query over members that says whom a key result is about today; "" = everybody. Of one by entry it is who is in that
// state now, since what is done next is done for them.
func (m *Measure) Whom() string {
	if m.Entry == "" {
		return m.Segment
	}
	return strings.TrimSpace("org.lifecycle:" + m.Entry + " " + m.Segment)
}

// checkEntry says what is wrong with going by entry.
func (s *Service) checkEntry(of *Measure) error {
	of.Entry = strings.TrimSpace(of.Entry)
	switch {
	case of.Entry == "":
		return nil
	case !slices.Contains(EntryStates(), greenroom.LifecycleState(of.Entry)):
		return greenroom.Errorf(greenroom.CodeInvalid, "a key result goes by the entry as trial or customer, not as %q", of.Entry)
	case s.entries == nil:
		return greenroom.Errorf(greenroom.CodeInvalid, "it is not known here when organizations came in; leave the entry out")
	}
	return nil
}

// cohorts are organizations by when they came in.
type cohorts struct {
	all    []Entered
	schema *query.Schema
}

// cohorts reads them; nil for a key result that does not go by entry.
func (x *meter) cohorts(ctx context.Context) (*cohorts, error) {
	if x.of.Entry == "" {
		return nil, nil //nolint:nilnil // there are none to go by
	}
	all, err := x.entries.Entered(ctx, greenroom.LifecycleState(x.of.Entry))
	if err != nil {
		return nil, fmt.Errorf("asking when organizations came in: %w", err)
	}
	if len(all) == 0 {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "no organization is known %s: a CRM's stages, subscriptions or an organization's field trial_started tell; or leave the entry out", entryVerb(greenroom.LifecycleState(x.of.Entry)))
	}
	slices.SortFunc(all, func(a, b Entered) int { return a.At.Compare(b.At) })
	return &cohorts{all: all, schema: x.members}, nil
}

// of narrows a segment to members of those who came in from from up to, but not including, to. Nobody is organization 0.
func (c *cohorts) of(segment *query.Query, from, to time.Time) (*query.Query, error) {
	ids := []string{}
	for _, e := range c.all {
		if !e.At.Before(from) && e.At.Before(to) {
			ids = append(ids, strconv.FormatInt(e.Organization, 10))
		}
	}
	if len(ids) == 0 {
		ids = []string{"0"}
	}
	q, err := query.Parse(c.schema, "org.id:"+strings.Join(ids, ","))
	if err != nil {
		return nil, fmt.Errorf("narrowing to who came in: %w", err)
	}
	if segment != nil {
		q.Root = query.AllOf(segment.Root, q.Root)
	}
	return q, nil
}

// byEntry reads the figures of periods one by one, each of those who came in then. Periods before the first entry that is known
// have no figure: nobody can tell whether there was none.
func (x *meter) byEntry(ctx context.Context, c *cohorts, r analytics.Request) ([]Period, time.Time, error) {
	all, asOf, every := []Period{}, time.Time{}, r.Granularity
	for at := r.From; at.Before(r.To); at = every.Step(at, 1) {
		one := r
		one.From, one.To = at, every.Step(at, 1)
		from, to := one.From, one.To
		if looksBack(x.metric.Name) {
			from, to = every.Step(at, -1), at
		}
		if !c.all[0].At.Before(to) {
			continue
		}
		var err error
		if one.Segment, err = c.of(r.Segment, from, to); err != nil {
			return nil, asOf, err
		}
		periods, as, err := x.read(ctx, one)
		if err != nil {
			return nil, asOf, err
		}
		all, asOf = append(all, periods...), as
	}
	return all, asOf, nil
}

// note says what of the figures would mislead who takes them for a history.
func (x *meter) note(from time.Time) string {
	return strings.TrimSpace(x.of.EntryWords() + " " + asof.Note(from, x.now, "", x.request.Query, x.request.Segment))
}

// goByEntry has a measure of who is in a state today go by when they came in, where that is known: who is on trial today was not in
// months past.
func (s *Service) goByEntry(ctx context.Context, m *Measure, state greenroom.LifecycleState) error {
	rest, ok := s.atEntry(m.Segment, state)
	if !ok {
		return nil
	}
	known, err := s.entries.Entered(ctx, state)
	if err != nil {
		return fmt.Errorf("asking when organizations came in: %w", err)
	}
	if len(known) > 0 {
		m.Segment, m.Entry = rest, string(state)
	}
	return nil
}

// atEntry makes of a query about who is in a state today one that goes by when they came in: what remains of the query, and true
// where it asked for just that state beside other things.
func (s *Service) atEntry(text string, state greenroom.LifecycleState) (rest string, ok bool) {
	q, err := query.Parse(s.schemas[query.Members], text)
	if err != nil || q.Root == nil || s.entries == nil || state == "" {
		return text, false
	}
	nodes := []query.Node{q.Root}
	if and, is := q.Root.(*query.And); is {
		nodes = and.Nodes
	}
	var kept []query.Node
	for _, n := range nodes {
		t, is := n.(*query.Term)
		if is && t.Field.Owner == query.Organizations && t.Field.Attr == "lifecycle" && t.Op == query.Equal && len(t.Values) == 1 && t.Values[0].Text == string(state) {
			ok = true
			continue
		}
		kept = append(kept, n)
	}
	if root := query.AllOf(kept...); ok && root != nil {
		return query.Format(root), true
	} else if ok {
		return "", true
	}
	return text, false
}
