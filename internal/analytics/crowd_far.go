// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package analytics

import "context"

// What goes by single activities is asked of a warehouse in windows of time, so that none of its answers is large to make: it
// groups by everything that an act has, with the moment, and orders that. Nothing of it is kept here.
const (
	windowStep = 28 * 86400 // seconds; windows are made of these
	windowActs = 1_000_000  // activities of a window, unless one step has more
)

// moments begins a question about single activities that fit a filter.
func (f *far) moments(img *image, flt *filter) *Tally {
	q := &Tally{Snapshot: f.snapshot, Where: flt.where(img), By: ByIdentity | ByPlace | ByKindByte | ByMoment}
	if choice := flt.who.choice(img.who.len()); choice != nil {
		q.Where.Who = choice
	}
	return q
}

// each calls yield for the activities of a span that fit, in order of time; those of own only, unless it is nil.
func (f *far) each(ctx context.Context, img *image, flt *filter, own []uint32, s span, yield func(r *TallyRow, place uint32)) error {
	q := f.moments(img, flt)
	var err error
	if own != nil {
		q.Where.Who, q.Spans = &Choice[uint32]{Of: own}, []Span{{s.from, s.to}}
	} else if q.Spans, err = f.windows(ctx, q, s); err != nil {
		return err
	}
	index := img.places.index()
	windows := q.Spans
	for i := range windows {
		q.Spans = windows[i : i+1]
		if err := f.w.Tally(ctx, q, func(r *TallyRow) {
			place, ok := index[placeKey(r.Place.Source, r.Place.Channel)]
			if !ok || int(r.Who) >= img.who.len() || !flt.who.has(r.Who) {
				return
			}
			for range r.N {
				yield(r, place)
			}
		}); err != nil {
			return err //nolint:wrapcheck // it says what was asked of whom
		}
	}
	return nil
}

// windows cuts a span into ascending ones in which there is something, each of about windowActs activities at most.
func (f *far) windows(ctx context.Context, q *Tally, s span) ([]Span, error) {
	steps := stretch(s, windowStep)
	counts, err := f.counts(ctx, &Tally{Snapshot: q.Snapshot, Where: q.Where, Spans: steps})
	if err != nil {
		return nil, err
	}
	var all []Span
	var held int64
	for i, n := range counts {
		switch last := len(all) - 1; {
		case n == 0:
		case last >= 0 && held+n <= windowActs:
			all[last].To, held = steps[i].To, held+n
		default:
			all, held = append(all, steps[i]), n
		}
	}
	return all, nil
}

// stretch cuts a span into steps of the same length; the last one may be shorter.
func stretch(s span, step uint32) []Span {
	var all []Span
	for from := uint64(s.from); from < uint64(s.to); from += uint64(step) {
		all = append(all, Span{uint32(from), uint32(min(from+uint64(step), uint64(s.to)))})
	}
	return all
}

// counts is how many activities there are in each span of a question without keys.
func (f *far) counts(ctx context.Context, q *Tally) ([]int64, error) {
	counts := make([]int64, len(q.Spans))
	if len(q.Spans) == 0 {
		return counts, nil
	}
	err := f.w.Tally(ctx, q, func(r *TallyRow) { counts[r.Span] += r.N })
	return counts, err //nolint:wrapcheck // it says what was asked of whom
}

// first is when the first activity happened, whoever did it, as the beginning of its hour; endOfTime where there is none.
func (f *far) first(ctx context.Context) (uint32, error) {
	s, dated := span{0, endOfTime}, []Span{{1, endOfTime}}
	for _, step := range []uint32{windowStep, 86400, 3600} {
		steps := stretch(s, step)
		counts, err := f.counts(ctx, &Tally{Snapshot: f.snapshot, Spans: steps, Where: Where{Times: dated}})
		if err != nil {
			return 0, err
		}
		found := false
		for i, n := range counts {
			if found = n > 0; found {
				s = span{steps[i].From, steps[i].To}
				break
			}
		}
		if !found {
			return endOfTime, nil
		}
	}
	return s.from, nil
}
