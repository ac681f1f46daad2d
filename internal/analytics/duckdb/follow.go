// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package duckdb

import (
	"context"
	"fmt"
	"time"

	"greenroom"
	"greenroom/internal/analytics"
)

// The sizes of a batch: what is read from the feed, written in one transaction and made visible at once.
const (
	factBatch  = 100_000
	otherBatch = 50_000
)

// Follow keeps the projection current until ctx ends: it looks for news every so often, and at once when something is
// sent on wake, which may be nil. What goes wrong is logged and tried again.
func (p *Projection) Follow(ctx context.Context, every time.Duration, wake <-chan struct{}) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		if err := p.Update(ctx); err != nil && ctx.Err() == nil {
			p.log.Error("following the facts", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-wake:
		}
	}
}

// Update brings the projection up to date with the record store.
func (p *Projection) Update(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.update(ctx)
}

func (p *Projection) update(ctx context.Context) error {
	if p.closed {
		return notOpen()
	}
	if p.db == nil {
		if err := p.openFile(ctx); err != nil {
			return err
		}
	}
	activity, version, err := p.feed.End(ctx)
	if err != nil {
		return fmt.Errorf("asking the record store what is new: %w", err)
	}
	if activity < p.at.fact || version < max(p.at.identity.Version, p.at.conversation.Version) {
		p.log.Info("the record store is not the one that was projected, or was built again; starting from its beginning")
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
			return p.apply(&analytics.Delta{AsOf: asOf})
		}
		if err := p.put(ctx, b); err != nil {
			return fmt.Errorf("projecting: %w", err)
		}
	}
}

// batch is what was read from the feed, with the position after it.
type batch struct {
	to            position
	facts         *analytics.Facts
	changed       []int64
	now           *analytics.Facts // the changed ones as they are now
	identities    []analytics.Identity
	conversations []analytics.Conversation
	sources       []analytics.Source
	channels      []analytics.Channel
	readings      []analytics.Reading
	allChannels   bool // channels holds all of them
	from          position
}

func (b *batch) empty() bool { return b.to == b.from && len(b.channels) == 0 && len(b.sources) == 0 }

// read asks the feed for the next batch. Facts come first, so that who acted is at least as new as what was done.
func (p *Projection) read(ctx context.Context) (*batch, error) {
	b := &batch{from: p.at, to: p.at, facts: &analytics.Facts{}}
	var err error
	if p.at.fact == 0 { // facts come with what they say now, so only what is read from now on is news
		if _, p.at.reading, err = p.feed.ReadingsAfter(ctx, p.at.reading, 0); err != nil {
			return nil, err
		}
		b.from.reading, b.to.reading = p.at.reading, p.at.reading
	}
	if b.to.fact, err = p.feed.FactsAfter(ctx, p.at.fact, factBatch, b.facts); err != nil {
		return nil, err
	}
	if b.changed, b.now, b.to.change, err = p.feed.ChangesAfter(ctx, p.at.change, otherBatch); err != nil {
		return nil, err
	}
	if b.identities, b.to.identity, err = p.feed.IdentitiesAfter(ctx, p.at.identity, otherBatch); err != nil {
		return nil, err
	}
	if b.conversations, b.to.conversation, err = p.feed.ConversationsAfter(ctx, p.at.conversation, otherBatch); err != nil {
		return nil, err
	}
	var gone []int64
	if b.to.erased, gone, err = p.feed.Erased(ctx, p.at.erased); err != nil {
		return nil, err
	}
	for _, id := range gone {
		b.identities = append(b.identities, analytics.Identity{ID: id})
	}
	if b.readings, b.to.reading, err = p.feed.ReadingsAfter(ctx, p.at.reading, otherBatch); err != nil {
		return nil, err
	}
	return b, p.readPlaces(ctx, b)
}

// readPlaces reads new channels and, once in a while, all of them: channels are renamed and hidden without a trace. It
// spends a fiftieth of the time on that at most.
func (p *Projection) readPlaces(ctx context.Context, b *batch) error {
	const share, least = 50, time.Minute
	start := p.now()
	after := p.channel
	if !start.Before(p.placesDue) {
		after, b.allChannels = 0, true
	}
	var err error
	if b.sources, b.channels, err = p.feed.Places(ctx, after); err != nil {
		return err
	}
	if p.cols.Knows(b.sources, nil) {
		b.sources = nil
	}
	if b.allChannels {
		p.placesDue = start.Add(max(least, share*p.now().Sub(start)))
		if p.cols.Knows(nil, b.channels) {
			b.channels, b.allChannels = nil, false
		}
	}
	return nil
}

// put writes a batch in one transaction and then makes it visible.
func (p *Projection) put(ctx context.Context, b *batch) error {
	var before *analytics.Facts
	var reread *analytics.Reread
	err := p.db.transaction(ctx, func() error {
		if err := p.db.addFacts(b.facts); err != nil {
			return err
		}
		var err error
		if before, err = p.replaceFacts(ctx, b); err != nil {
			return err
		}
		if reread, err = p.db.reread(ctx, b.readings); err != nil {
			return err
		}
		if err := p.replace(ctx, "identity", ids(b.identities, func(i *analytics.Identity) int64 { return i.ID }), p.maxID[0]); err != nil {
			return err
		}
		if err := p.db.addIdentities(b.identities); err != nil {
			return err
		}
		if err := p.replace(ctx, "conversation", ids(b.conversations, func(c *analytics.Conversation) int64 { return c.ID }), p.maxID[1]); err != nil {
			return err
		}
		if err := p.db.addConversations(b.conversations); err != nil {
			return err
		}
		if err := p.putPlaces(ctx, b); err != nil {
			return err
		}
		return p.db.setPosition(ctx, b.to)
	})
	if err != nil {
		return err
	}
	p.at = b.to
	for i := range b.identities {
		p.maxID[0] = max(p.maxID[0], b.identities[i].ID)
	}
	for i := range b.conversations {
		p.maxID[1] = max(p.maxID[1], b.conversations[i].ID)
	}
	for i := range b.channels {
		p.channel = max(p.channel, b.channels[i].ID)
	}
	return p.show(ctx, b, before, reread)
}

// show makes a batch that is stored visible to figures.
func (p *Projection) show(ctx context.Context, b *batch, before *analytics.Facts, reread *analytics.Reread) error {
	err := p.apply(&analytics.Delta{
		Added: b.facts, Identities: b.identities, Conversations: b.conversations, Sources: b.sources, Channels: b.channels,
	})
	if err == nil && len(b.changed) > 0 {
		err = p.apply(&analytics.Delta{Removed: before, Added: b.now})
	}
	if err == nil && reread != nil {
		err = p.apply(&analytics.Delta{Reread: reread})
	}
	if err == nil {
		return nil
	}
	p.log.Warn("the figures are read again from the analytics file", "error", err)
	return p.load(ctx)
}

// replaceFacts takes out the facts that changed, puts in what they are now, and returns what they were.
func (p *Projection) replaceFacts(ctx context.Context, b *batch) (*analytics.Facts, error) {
	before := &analytics.Facts{}
	if len(b.changed) == 0 {
		return before, nil
	}
	b.now = upTo(b.now, b.to.fact) // later ones come as new ones
	if err := p.db.wanted(ctx, b.changed, func() error {
		if err := p.db.readWanted(ctx, before); err != nil {
			return err
		}
		return p.db.exec(ctx, "DELETE FROM fact WHERE id IN (SELECT id FROM wanted)")
	}); err != nil {
		return nil, err
	}
	return before, p.db.addFacts(b.now)
}

// upTo keeps the facts with ids up to last.
func upTo(f *analytics.Facts, last int64) *analytics.Facts {
	kept := &analytics.Facts{}
	for i, id := range f.ID {
		if id > last {
			continue
		}
		kept.ID, kept.At = append(kept.ID, id), append(kept.At, f.At[i])
		kept.Identity, kept.Channel = append(kept.Identity, f.Identity[i]), append(kept.Channel, f.Channel[i])
		kept.Source = append(kept.Source, f.Source[i])
		kept.Kind, kept.Flags, kept.Said = append(kept.Kind, f.Kind[i]), append(kept.Flags, f.Flags[i]), append(kept.Said, f.Said[i])
	}
	return kept
}

func ids[R any](rows []R, get func(*R) int64) []int64 { return pluck(rows, get) }

// replace deletes the rows that are about to be appended as they are now; none has an id greater than top.
func (p *Projection) replace(ctx context.Context, table string, ids []int64, top int64) error {
	var have []int64
	for _, id := range ids {
		if id <= top {
			have = append(have, id)
		}
	}
	if len(have) == 0 {
		return nil
	}
	return p.db.wanted(ctx, have, func() error {
		return p.db.exec(ctx, "DELETE FROM "+table+" WHERE id IN (SELECT id FROM wanted)")
	})
}

// putPlaces writes the sources, of which there are few, where one has changed, and new channels, or all of them.
func (p *Projection) putPlaces(ctx context.Context, b *batch) error {
	if len(b.sources) > 0 {
		if err := p.db.exec(ctx, "DELETE FROM source"); err != nil {
			return err
		}
		if err := p.db.addSources(b.sources); err != nil {
			return err
		}
	}
	if b.allChannels {
		if err := p.db.exec(ctx, "DELETE FROM channel"); err != nil {
			return err
		}
	}
	return p.db.addChannels(b.channels)
}

// notOpen is the error of a projection that was closed.
func notOpen() error {
	return greenroom.Errorf(greenroom.CodeUnavailable, "the analytics file is not open")
}
