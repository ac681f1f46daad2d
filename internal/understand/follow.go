// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package understand

import (
	"context"
	"errors"
	"fmt"
	"time"

	"greenroom/internal/priority"
)

// Portion is how many messages are read in one transaction, and Workers how many are read at once.
const (
	Portion = 2000
	workers = 2
)

// How reading keeps out of the way. While an import runs, each portion is followed by a rest: at least leastRest, since a
// portion ends the import's open transaction, and restShare times as long as the portion took.
const (
	interval  = time.Second
	leastRest = 3 * time.Second
	restShare = 10
)

// Run reads what is new until ctx ends. An error is logged and tried again: nothing is lost by it. It is called in a
// goroutine of low priority, and so are those that it starts.
func (s *Service) Run(ctx context.Context) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		start := s.now()
		did, err := s.step(ctx)
		if err != nil && ctx.Err() == nil {
			s.log.Error("reading messages", "error", err)
		}
		rest := time.Duration(0)
		if did && s.store.Importing() {
			rest = max(leastRest, restShare*s.now().Sub(start))
		}
		switch {
		case did && rest > 0:
			if !sleep(ctx, rest) {
				return
			}
			continue
		case did && err == nil:
			if ctx.Err() != nil {
				return
			}
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-s.wake:
		case <-tick.C:
		}
	}
}

func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

// CatchUp reads until nothing is left to read.
func (s *Service) CatchUp(ctx context.Context) error {
	for {
		did, err := s.step(ctx)
		if err != nil || !did {
			return err
		}
	}
}

// Wake says that there is something new to read. It never blocks.
func (s *Service) Wake() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// step reads one portion, and reports whether there was one.
func (s *Service) step(ctx context.Context) (bool, error) {
	s.stepping.Lock()
	defer s.stepping.Unlock()
	at, err := s.store.ReadingPosition(ctx)
	if err != nil {
		return false, fmt.Errorf("asking how far reading has come: %w", err)
	}
	judge, err := s.judge(ctx)
	if err != nil {
		return false, err
	}
	b := &Batch{From: at, To: at}
	if at.Judge != judge.Version() { // another one reads from now on, and what was read before again
		b.To.Judge, b.To.Again = judge.Version(), at.Last
		return true, s.put(ctx, b)
	}
	texts, err := s.next(ctx, b)
	if err != nil {
		return false, fmt.Errorf("fetching messages to read: %w", err)
	}
	if len(texts) == 0 && b.From == b.To {
		return false, nil
	}
	s.read(ctx, judge, texts, b)
	return true, s.put(ctx, b)
}

// put writes a batch. That the positions have moved meanwhile, by a rebuild for instance, is no error: the next step
// begins from where they are.
func (s *Service) put(ctx context.Context, b *Batch) error {
	if err := s.store.PutReadings(ctx, b); err != nil && !errors.Is(err, ErrMoved) {
		return fmt.Errorf("storing readings: %w", err)
	}
	return nil
}

// ErrMoved says that a batch does not go on from where reading is.
var ErrMoved = errors.New("reading has moved on meanwhile")

// next fetches the next portion, and moves the position over it.
func (s *Service) next(ctx context.Context, b *Batch) (texts []Text, err error) {
	at := b.From
	if at.Last < at.Until {
		texts, b.To.Last, err = s.store.TextsAfter(ctx, at.Last, Portion)
		return texts, err
	}
	if texts, b.To.Change, err = s.store.ChangedTexts(ctx, at.Change, at.Last, Portion); err != nil || b.To.Change != at.Change {
		return texts, err
	}
	if at.Again > 0 {
		texts, b.To.Again, err = s.store.TextsUpTo(ctx, at.Again, Portion)
	}
	return texts, err
}

// read reads texts into the batch, on several processors.
func (s *Service) read(ctx context.Context, judge Judge, texts []Text, b *Batch) {
	readings := make([]*Reading, len(texts))
	done := make(chan struct{})
	part := (len(texts) + workers - 1) / workers
	started := 0
	for lo := 0; lo < len(texts); lo += part {
		hi := min(len(texts), lo+part)
		started++
		go func() {
			priority.Lower()
			for i := lo; i < hi; i++ {
				priority.Breathe(ctx)
				readings[i] = readOne(judge, &texts[i])
			}
			done <- struct{}{}
		}()
	}
	for range started {
		<-done
	}
	for i, r := range readings {
		if r == nil {
			b.Gone = append(b.Gone, texts[i].ID)
			continue
		}
		b.Readings = append(b.Readings, *r)
	}
}

// readOne is the reading of one text; nil where it says nothing.
func readOne(judge Judge, t *Text) *Reading {
	m, ok := t.Says()
	if !ok {
		return nil
	}
	r := judge.Read(m)
	return &Reading{
		ActivityID: t.ID, Category: r.Category, Sentiment: r.Sentiment, Urgency: r.Urgency, Question: r.Question, Language: r.Language, Strength: float64(r.Strength),
		Read: Read{Category: r.Category, CategoryP: float64(r.CategoryP), Sentiment: r.Sentiment, SentimentP: float64(r.SentimentP), Judge: judge.Version()},
	}
}
