// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gofrs/flock"

	"greenroom"
	"greenroom/internal/analytics"
)

// lockName is the file in the data folder that says who writes: the same one that the embedded engine uses.
const lockName = "analytics.lock"

// Projection is the projection into ClickHouse, open, with the columns that know who is who.
type Projection struct {
	client *client
	feed   analytics.Feed
	cols   *analytics.Columns
	log    *slog.Logger
	now    func() time.Time
	lock   *flock.Flock // nil = it only reads

	told sync.RWMutex // guards history for questions; taken after mu
	hist history

	waits sync.Mutex // guards wait
	wait  wait

	mu     sync.Mutex // guards all below: there is one writer at a time
	closed bool
	filled bool // the columns know everybody
	people analytics.Mark
	erased int64
	// The last channel known, and when all are read again, for renamed and hidden ones.
	channel   int64
	placesDue time.Time
}

// wait is a state in which a part of the cluster does not answer.
type wait struct {
	who   string
	since time.Time // zero = nobody is waited for
}

// Open opens the projection, makes its tables where there are none, and fills cols, which are made by Columns, with who is
// who. Lock is a folder; while another process of this machine writes for the same folder, the error has CodeUnavailable
// and says which. Where ClickHouse, or a part of it, does not answer, it opens all the same and waits.
func Open(ctx context.Context, c Config, lock string, feed analytics.Feed, log *slog.Logger, now func() time.Time) (*Projection, *analytics.Columns, error) {
	p := newProjection(c, feed, log, now)
	p.lock = flock.New(filepath.Join(lock, lockName))
	got, err := p.lock.TryLock()
	if err != nil {
		return nil, nil, fmt.Errorf("locking the analytics: %w", err)
	}
	if !got {
		return nil, nil, inUse(p.lock.Path())
	}
	if err := os.WriteFile(p.lock.Path(), []byte(strconv.Itoa(os.Getpid())), 0o600); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("writing the analytics lock: %w", err), p.lock.Unlock())
	}
	if err := p.begin(ctx); err != nil && !p.noted(err) {
		return nil, nil, errors.Join(err, p.lock.Unlock())
	}
	return p, p.cols, nil
}

// OpenReader opens the projection to compute figures from, beside the process that writes. It follows what that one
// writes when it is updated.
func OpenReader(ctx context.Context, c Config, feed analytics.Feed, log *slog.Logger, now func() time.Time) (*Projection, *analytics.Columns, error) {
	p := newProjection(c, feed, log, now)
	return p, p.cols, p.Update(ctx)
}

func newProjection(c Config, feed analytics.Feed, log *slog.Logger, now func() time.Time) *Projection {
	p := &Projection{client: newClient(c), feed: feed, log: log, now: now}
	p.cols = analytics.NewColumnsOver(p)
	return p
}

// inUse is the error for a folder for which another process writes; that one has left its id in the lock file.
func inUse(path string) error {
	holder := "another process"
	if text, err := os.ReadFile(path); err == nil && len(text) > 0 {
		holder = "process " + strings.TrimSpace(string(text))
	}
	return greenroom.Errorf(greenroom.CodeUnavailable, "the analytics are in use by %s; only one Greenroom at a time can use a data folder: ask the running one, or stop it first", holder)
}

// begin makes the tables, finds out what is in them, and fills the columns, or brings those that are filled up to date.
func (p *Projection) begin(ctx context.Context) error {
	if p.lock != nil {
		if err := p.client.create(ctx); err != nil {
			return fmt.Errorf("making the tables in ClickHouse: %w", err)
		}
	}
	h, err := p.client.readHistory(ctx)
	if err != nil {
		return err
	}
	p.setHistory(h)
	d := &analytics.Delta{Snapshot: h.last}
	if h.first != 0 {
		if err := p.readExtent(ctx, d); err != nil {
			return err
		}
	}
	if err := p.cols.Apply(d); err != nil {
		return fmt.Errorf("filling the columns: %w", err)
	}
	p.placesDue = time.Time{}
	b := &batch{}
	if err := p.readPlaces(ctx, b); err != nil {
		return fmt.Errorf("reading the channels: %w", err)
	}
	if err := p.apply(&analytics.Delta{Sources: b.sources, Channels: b.channels}); err != nil {
		return err
	}
	if err := p.readPeople(ctx); err != nil {
		return err
	}
	p.filled = true
	return nil
}

// readExtent reads which places facts are in, and the greatest identity that they speak of.
func (p *Projection) readExtent(ctx context.Context, d *analytics.Delta) error {
	visible := p.hist.visible(p.hist.last)
	for _, t := range []struct{ table, who string }{{factTable, "identity"}, {conversationTable, "author"}} {
		sql := fmt.Sprintf("SELECT source, channel, max(%s) FROM %s WHERE %s GROUP BY source, channel FORMAT RowBinary", t.who, t.table, visible)
		if err := p.client.query(ctx, sql, func(r *rows) error {
			for r.next(12) {
				d.Places = append(d.Places, analytics.Place{Source: r.u32(), Channel: r.u32()})
				d.Reach = max(d.Reach, r.u32())
			}
			return nil
		}); err != nil {
			return fmt.Errorf("reading where activities are: %w", err)
		}
	}
	return nil
}

// setHistory says which batches questions see from now on.
func (p *Projection) setHistory(h *history) {
	p.told.Lock()
	defer p.told.Unlock()
	p.hist = *h
}

// Close closes the connections. What was projected stays.
func (p *Projection) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	p.client.close()
	if p.lock == nil {
		return nil
	}
	return p.lock.Unlock()
}

// Waiting says which part of the cluster does not answer, and since when; the time is zero while all do.
func (p *Projection) Waiting() (who string, since time.Time) {
	p.waits.Lock()
	defer p.waits.Unlock()
	return p.wait.who, p.wait.since
}

// noted reports whether an error is that somebody does not answer, and remembers it. Nil is that all do.
func (p *Projection) noted(err error) bool {
	p.waits.Lock()
	defer p.waits.Unlock()
	if err == nil {
		if !p.wait.since.IsZero() {
			p.log.Info("analytics go on", "after", p.now().Sub(p.wait.since).Round(time.Second))
		}
		p.wait = wait{}
		return false
	}
	who, ok := away(err)
	if !ok {
		return false
	}
	if p.wait.since.IsZero() {
		p.wait.since = p.now()
		p.log.Warn("analytics wait for ClickHouse", "who", who, "error", err)
	}
	p.wait.who = who
	return true
}

// waiting is the error while somebody does not answer.
func (p *Projection) waiting(err error) error {
	who, since := p.Waiting()
	return &greenroom.Error{
		Code: greenroom.CodeUnavailable, Err: err,
		Message: fmt.Sprintf("analytics waits for shard %s since %s; figures are back, and complete, when it is", who, since.UTC().Format("2006-01-02 15:04:05 UTC")),
	}
}
