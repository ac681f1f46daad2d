// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"time"

	"greenroom"
	"greenroom/internal/analytics"
)

// The sizes of a batch: what is read from the feed, written and made visible at once.
const (
	factBatch  = 100_000
	otherBatch = 50_000
)

// Update brings the projection up to date with the record store. While a part of the cluster does not answer, the error has
// CodeUnavailable, and Waiting says who.
func (p *Projection) Update(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.settled(p.update(ctx))
}

// Follow is Update for whoever asks again and again: that somebody is waited for is no error to it.
func (p *Projection) Follow(ctx context.Context) error {
	err := p.Update(ctx)
	if _, since := p.Waiting(); err != nil && !since.IsZero() {
		return nil
	}
	return err
}

// settled notes whether somebody does not answer, and says so in words.
func (p *Projection) settled(err error) error {
	if p.noted(err) {
		return p.waiting(err)
	}
	return err
}

// Rebuild throws the projection away and fills it again from the record store.
func (p *Projection) Rebuild(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.settled(p.rebuild(ctx))
}

func (p *Projection) rebuild(ctx context.Context) error {
	if err := p.ready(ctx); err != nil {
		return err
	}
	if err := p.restart(ctx); err != nil {
		return err
	}
	return p.update(ctx)
}

// ready finishes what opening could not do while somebody did not answer.
func (p *Projection) ready(ctx context.Context) error {
	if p.closed {
		return greenroom.Errorf(greenroom.CodeUnavailable, "the analytics are not open")
	}
	if p.filled {
		return nil
	}
	return p.begin(ctx)
}

func (p *Projection) update(ctx context.Context) error {
	if p.lock == nil { // it reads what another process writes
		p.filled = false
	}
	if err := p.ready(ctx); err != nil {
		return err
	}
	if p.lock == nil {
		return p.apply(&analytics.Delta{AsOf: p.now()})
	}
	activity, version, err := p.feed.End(ctx)
	if err != nil {
		return fmt.Errorf("asking the record store what is new: %w", err)
	}
	to := p.hist.to
	if p.hist.first == 0 || activity < to.fact || version < max(p.people.Version, to.conversation.Version) {
		if p.hist.first != 0 {
			p.log.InfoContext(ctx, "the record store is not the one that was projected, or was built again; starting from its beginning")
		}
		if err := p.restart(ctx); err != nil {
			return err
		}
	}
	for {
		asOf := p.now()
		b, err := p.read(ctx)
		if err != nil {
			return fmt.Errorf("reading from the record store: %w", err)
		}
		if b.empty() {
			if _, since := p.Waiting(); !since.IsZero() { // nothing was asked of it, so it is not known that it is back
				if err := p.client.answering(ctx); err != nil {
					return err
				}
			}
			return p.apply(&analytics.Delta{AsOf: asOf})
		}
		if err := p.put(ctx, b); err != nil {
			return fmt.Errorf("projecting: %w", err)
		}
	}
}

func (p *Projection) apply(d *analytics.Delta) error {
	if err := p.cols.Apply(d); err != nil {
		return fmt.Errorf("making the batch visible: %w", err)
	}
	return nil
}

// restart begins a new chain; the rows of the old one are seen no more, and are deleted.
func (p *Projection) restart(ctx context.Context) error {
	if err := p.client.answering(ctx); err != nil {
		return err
	}
	s := step{batch: p.hist.taken + 1, done: true}
	if err := p.client.announce(ctx, &s, seconds(p.now())); err != nil {
		p.filled = false // whether it has begun is found in the table
		return fmt.Errorf("beginning anew: %w", err)
	}
	if p.hist.first != 0 {
		if err := p.client.sweep(ctx); err != nil {
			p.log.WarnContext(ctx, "rows of an earlier projection stay in ClickHouse; figures do not see them", "error", err)
		}
	}
	p.cols.Reset()
	p.people, p.erased, p.channel, p.filled = analytics.Mark{}, 0, 0, false
	return p.ready(ctx)
}

func seconds(t time.Time) uint32 { return analytics.Seconds(t.UnixMicro()) }

// readPeople reads all identities.
func (p *Projection) readPeople(ctx context.Context) error {
	for {
		b := &batch{}
		if err := p.readWho(ctx, b); err != nil {
			return fmt.Errorf("reading who is who: %w", err)
		}
		if len(b.identities) == 0 {
			return nil
		}
		if err := p.apply(&analytics.Delta{Identities: b.identities}); err != nil {
			return err
		}
		p.people, p.erased = b.people, b.erased
	}
}

// batch is what was read from the feed, with the position after it.
type batch struct {
	from, to      position
	facts         *analytics.Facts
	changed       []int64
	now           *analytics.Facts // the changed ones as they are now
	conversations []analytics.Conversation
	readings      []analytics.Reading
	identities    []analytics.Identity
	people        analytics.Mark
	erased        int64
	sources       []analytics.Source
	channels      []analytics.Channel
}

func (b *batch) empty() bool {
	return b.from == b.to && len(b.identities) == 0 && len(b.channels) == 0 && len(b.sources) == 0
}

// read asks the feed for the next batch. Facts come first, so that who acted is at least as new as what was done.
func (p *Projection) read(ctx context.Context) (*batch, error) {
	from := p.hist.to
	var err error
	if from.fact == 0 { // facts come with what they say now, so only what is read from now on is news
		if _, from.reading, err = p.feed.ReadingsAfter(ctx, from.reading, 0); err != nil {
			return nil, err //nolint:wrapcheck // the caller says what was read
		}
	}
	b := &batch{from: from, to: from, facts: &analytics.Facts{}}
	if b.to.fact, err = p.feed.FactsAfter(ctx, from.fact, factBatch, b.facts); err != nil {
		return nil, err //nolint:wrapcheck // the caller says what was read
	}
	if b.changed, b.now, b.to.change, err = p.feed.ChangesAfter(ctx, from.change, otherBatch); err != nil {
		return nil, err //nolint:wrapcheck // as above
	}
	if b.conversations, b.to.conversation, err = p.feed.ConversationsAfter(ctx, from.conversation, otherBatch); err != nil {
		return nil, err //nolint:wrapcheck // as above
	}
	if b.readings, b.to.reading, err = p.feed.ReadingsAfter(ctx, from.reading, otherBatch); err != nil {
		return nil, err //nolint:wrapcheck // as above
	}
	if err := p.readWho(ctx, b); err != nil {
		return nil, err
	}
	return b, p.readPlaces(ctx, b)
}

// readWho reads the next identities, and which are no more.
func (p *Projection) readWho(ctx context.Context, b *batch) error {
	var gone []int64
	var err error
	if b.identities, b.people, err = p.feed.IdentitiesAfter(ctx, p.people, otherBatch); err != nil {
		return err //nolint:wrapcheck // the caller says what was read
	}
	if b.erased, gone, err = p.feed.Erased(ctx, p.erased); err != nil {
		return err //nolint:wrapcheck // as above
	}
	for _, id := range gone {
		b.identities = append(b.identities, analytics.Identity{ID: id})
	}
	return nil
}

// readPlaces reads new channels and, once in a while, all of them: channels are renamed and hidden without a trace. It
// spends a fiftieth of the time on that at most.
func (p *Projection) readPlaces(ctx context.Context, b *batch) error {
	const share, least = 50, time.Minute
	start := p.now()
	after, all := p.channel, !start.Before(p.placesDue)
	if all {
		after = 0
	}
	var err error
	if b.sources, b.channels, err = p.feed.Places(ctx, after); err != nil {
		return err //nolint:wrapcheck // the caller says what was read
	}
	if all {
		p.placesDue = start.Add(max(least, share*p.now().Sub(start)))
	}
	if p.cols.Knows(b.sources, nil) {
		b.sources = nil
	}
	for i := range b.channels {
		p.channel = max(p.channel, b.channels[i].ID)
	}
	if p.cols.Knows(nil, b.channels) {
		b.channels = nil
	}
	return nil
}

// put writes a batch, and then makes it visible.
func (p *Projection) put(ctx context.Context, b *batch) error {
	d := &analytics.Delta{Identities: b.identities, Sources: b.sources, Channels: b.channels}
	if b.from != b.to {
		if err := p.write(ctx, b, d); err != nil {
			return err
		}
	}
	p.people, p.erased = b.people, b.erased
	return p.apply(d)
}

// write writes the facts of a batch, and says in d what has changed for questions.
func (p *Projection) write(ctx context.Context, b *batch, d *analytics.Delta) error {
	// A batch that is begun while a shard is away stays behind in halves; so it is not begun.
	if err := p.client.answering(ctx); err != nil {
		return err
	}
	s := step{batch: p.hist.taken + 1, after: p.hist.last, to: b.to}
	w, err := p.writing(ctx, b, s.batch)
	if err != nil {
		return err
	}
	next := p.hist
	next.taken = s.batch
	if err := p.client.announce(ctx, &s, seconds(p.now())); err != nil {
		p.abandon(&next)
		return fmt.Errorf("announcing batch %d: %w", s.batch, err)
	}
	if err := w.insert(ctx, p.client); err != nil {
		p.abandon(&next)
		return fmt.Errorf("writing batch %d: %w", s.batch, err)
	}
	if err := p.alone(ctx, s.batch); err != nil {
		p.filled = false // the batch is there and was not concluded: its number is not to be given again
		return err
	}
	s.done = true
	if err := p.client.announce(ctx, &s, seconds(p.now())); err != nil {
		p.filled = false // whether it is done is found in the table
		return fmt.Errorf("concluding batch %d: %w", s.batch, err)
	}
	next.last, next.to = s.batch, b.to
	p.setHistory(&next)
	d.Snapshot, d.Reach, d.Places = s.batch, w.reach, w.places()
	return nil
}

// abandon leaves a batch behind that may be written in part.
func (p *Projection) abandon(next *history) {
	next.dead = append(next.dead[:len(next.dead):len(next.dead)], next.taken)
	p.setHistory(next)
}

// alone fails where another process has announced a batch since this one did.
func (p *Projection) alone(ctx context.Context, batch uint64) error {
	return p.client.query(ctx, fmt.Sprintf("SELECT max(batch) FROM %s FORMAT RowBinary", stepTable), func(r *rows) error {
		if !r.next(8) {
			return errors.Join(errors.New("ClickHouse gave an empty answer"), r.err)
		}
		if last := r.u64(); last != batch {
			p.filled = false
			return greenroom.Errorf(greenroom.CodeUnavailable, "another Greenroom writes into the analytics database %s; give each one of its own", p.client.c)
		}
		return nil
	})
}
