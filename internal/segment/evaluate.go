// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package segment

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"greenroom"
	"greenroom/internal/query"
)

// Evaluator finds members and stores who is in a segment.
type Evaluator interface {
	// Signal says what the store has, so that it shows whether something has changed.
	Signal(ctx context.Context) (Signal, error)
	// Importing reports whether facts come in all along.
	Importing() bool
	// SegmentFits gives the ids of the members whom a query fits at a time, in order, in one statement.
	SegmentFits(ctx context.Context, root query.Node, now time.Time) ([]int64, error)
	// SegmentMembers gives who is in a segment, and since when.
	SegmentMembers(ctx context.Context, id int64) (map[int64]time.Time, error)
	Witness
	// ApplySegment stores the difference as events, where the segment still has the revision that it was computed for;
	// else it returns CodeConflict and changes nothing.
	ApplySegment(ctx context.Context, d *Difference) error
}

// Witness says why members entered or left.
type Witness interface {
	// Became gives, of some members, those who are part of another member now, with which.
	Became(ctx context.Context, ids []int64) (map[int64]int64, error)
	// SplitOff gives, of some members, those who were split off since a time, with from which member.
	SplitOff(ctx context.Context, ids []int64, since time.Time) (map[int64]int64, error)
	// Holds says which of some conditions hold for members at a time, in the order of the conditions.
	Holds(ctx context.Context, conditions []query.Node, ids []int64, now time.Time) (map[int64][]bool, error)
	// Traces says what members had done up to an activity, and what came after it.
	Traces(ctx context.Context, ids []int64, activity int64) (map[int64]Trace, error)
}

// Signal is how far the store has come. Two that are equal mean that no member has changed, as far as that is known
// without looking.
type Signal struct{ Activity, Version, Run, Erased int64 }

// Difference is what an evaluation found.
type Difference struct {
	Segment  int64
	Revision int64     // that it was computed for
	At       time.Time // of the evaluation
	Position int64     // Signal.Activity then
	Version  int64     // of the query
	Enter    []Entry
	Leave    []Entry
	Problem  string
}

// Entry is somebody who enters or leaves.
type Entry struct {
	Member int64
	Since  time.Time // entering: since when the person counts as being in; zero = since the evaluation
	Cause  Cause
	Reason string
}

// hourly is how old members of a segment get at most, since queries mention ages.
const hourly = time.Hour

// whileImporting is how long after an evaluation the next one comes at the soonest while an import brings facts all along.
const whileImporting = 30 * time.Second

// rest is how many times as long as an evaluation took nothing is evaluated after it: so segments take a twentieth of a
// processor at most, however many there are.
const rest = 20

// Follow evaluates the segments if members may have changed, or time has gone by. It is called often, and mostly finds
// that it has nothing to do. What goes wrong with a segment is kept with it and shown, and the others go on.
func (s *Service) Follow(ctx context.Context) error {
	s.evaluating.Lock()
	defer s.evaluating.Unlock()
	now := s.now()
	wait := s.pace
	if s.store.Importing() {
		wait = max(wait, whileImporting)
	}
	if wait > 0 {
		wait = max(wait, rest*s.took)
	}
	if age := now.Sub(s.last); age >= 0 && age < wait && !s.last.IsZero() {
		return nil
	}
	signal, err := s.store.Signal(ctx)
	if err != nil {
		return fmt.Errorf("asking whether members changed: %w", err)
	}
	if signal == s.seen && now.Sub(s.last) < hourly {
		return nil
	}
	return s.evaluate(ctx, signal)
}

// Evaluate evaluates all segments now.
func (s *Service) Evaluate(ctx context.Context) error {
	s.evaluating.Lock()
	defer s.evaluating.Unlock()
	signal, err := s.store.Signal(ctx)
	if err != nil {
		return fmt.Errorf("asking whether members changed: %w", err)
	}
	return s.evaluate(ctx, signal)
}

// evaluate evaluates all segments. The caller holds the lock.
func (s *Service) evaluate(ctx context.Context, signal Signal) error {
	begun := s.now()
	all, err := s.store.Segments(ctx, false)
	if err != nil {
		return fmt.Errorf("listing segments: %w", err)
	}
	for _, g := range s.inOrder(all) {
		if signal.Activity < g.Position {
			continue // derived state is being built anew
		}
		if err := s.one(ctx, g, signal, ""); err != nil {
			if ctx.Err() != nil {
				return err
			}
			s.log.Warn("a segment could not be evaluated; it stays as it was", "segment", g.Key, "error", err)
		}
	}
	s.seen, s.last, s.took = signal, begun, s.now().Sub(begun)
	return nil
}

// evaluateNow evaluates one segment, and those that name it.
func (s *Service) evaluateNow(ctx context.Context, g *Segment, cause Cause) error {
	s.evaluating.Lock()
	defer s.evaluating.Unlock()
	signal, err := s.store.Signal(ctx)
	if err != nil {
		return fmt.Errorf("asking whether members changed: %w", err)
	}
	fresh, err := s.store.Segment(ctx, g.Key)
	if err != nil {
		return err
	}
	if err := s.one(ctx, &fresh, signal, cause); err != nil {
		return err
	}
	if cause == CauseMade && fresh.EvaluatedAt.IsZero() {
		if err := s.past(ctx, fresh.Key); err != nil {
			return err
		}
	}
	all, err := s.store.Segments(ctx, false)
	if err != nil {
		return fmt.Errorf("listing segments: %w", err)
	}
	behind := map[string]bool{g.Key: true}
	for _, other := range s.inOrder(all) {
		q, err := query.Parse(s.schema, other.Query)
		if err != nil || other.ID == g.ID || !slices.ContainsFunc(names(q.Root), func(n string) bool { return behind[n] }) {
			continue
		}
		behind[other.Key] = true
		if err := s.one(ctx, other, signal, CauseSegment); err != nil {
			return err
		}
	}
	return nil
}

// inOrder sorts segments so that each comes after those that its query names.
func (s *Service) inOrder(all []Segment) []*Segment {
	var sorted []*Segment
	done := make(map[int64]bool)
	var add func(g *Segment)
	add = func(g *Segment) {
		if done[g.ID] {
			return
		}
		done[g.ID] = true
		if q, err := query.Parse(s.schema, g.Query); err == nil {
			for _, n := range names(q.Root) {
				if named := find(all, n); named != nil {
					add(named)
				}
			}
		}
		sorted = append(sorted, g)
	}
	for i := range all {
		add(&all[i])
	}
	return sorted
}

// one evaluates a segment. Cause is of everything that is found; "" = it is looked for.
func (s *Service) one(ctx context.Context, g *Segment, signal Signal, cause Cause) error {
	now := s.now()
	d := &Difference{Segment: g.ID, Revision: g.Revision, At: now, Position: signal.Activity, Version: g.Version}
	q, err := query.Parse(s.schema, g.Query)
	var fits []int64
	if err == nil {
		fits, err = s.store.SegmentFits(ctx, q.Root, now)
	}
	if err != nil {
		if ctx.Err() != nil {
			return fmt.Errorf("evaluating segment %s: %w", g.Key, err)
		}
		d.Problem = greenroom.ErrorMessage(err)
		return errors.Join(fmt.Errorf("evaluating segment %s: %w", g.Key, err), s.store.ApplySegment(ctx, d))
	}
	have, err := s.store.SegmentMembers(ctx, g.ID)
	if err != nil {
		return fmt.Errorf("reading the members of segment %s: %w", g.Key, err)
	}
	enter, leave := differ(fits, have)
	if len(enter)+len(leave) == 0 && g.Problem == "" && now.Sub(g.EvaluatedAt) < hourly {
		return nil
	}
	c := &comparison{Service: s, segment: g, root: q.Root, now: now, have: have, fits: fits}
	if err := c.explain(ctx, d, enter, leave, cause); err != nil {
		return fmt.Errorf("saying why members of segment %s changed: %w", g.Key, err)
	}
	err = s.store.ApplySegment(ctx, d)
	if greenroom.ErrorCode(err) == greenroom.CodeConflict {
		return nil // another process has just evaluated it
	}
	if err != nil {
		return fmt.Errorf("storing who is in segment %s: %w", g.Key, err)
	}
	return nil
}

// differ compares whom a query fits, in order, with who is in a segment.
func differ(fits []int64, have map[int64]time.Time) (enter, leave []int64) {
	in := 0
	for _, id := range fits {
		if _, ok := have[id]; ok {
			in++
		} else {
			enter = append(enter, id)
		}
	}
	if in == len(have) {
		return enter, nil
	}
	for id := range have {
		if _, ok := slices.BinarySearch(fits, id); !ok {
			leave = append(leave, id)
		}
	}
	slices.Sort(leave)
	return enter, leave
}
