// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package duckdb

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

// The files of the projection.
const (
	fileName = "analytics.duckdb"
	lockName = "analytics.lock"
	tempName = "analytics.tmp"
)

// What DuckDB may take. It appends and reads in passing, so it needs little, and less where only the file is kept.
const (
	memoryLimit     = "256MB"
	memoryLimitBare = "128MB"
)

// Projection is the open projection, with the columns that it keeps filled.
type Projection struct {
	dir  string
	feed analytics.Feed
	cols *analytics.Columns
	bare bool // only the file is kept: cols has the places and nothing else
	log  *slog.Logger
	now  func() time.Time
	lock *flock.Flock

	reading sync.Mutex // guards reader; taken after mu
	reader  *database  // answers requests while db is writing

	mu        sync.Mutex // guards all below: the file has one writer at a time
	db        *database  // nil after Close, and after opening it again has failed
	closed    bool
	at        position
	channel   int64     // the last channel known
	maxID     [2]int64  // the greatest id of identities and conversations: what is greater need not be deleted first
	placesDue time.Time // when all channels are read again, for renamed and hidden ones
}

// Open opens the projection in a folder, makes it where there is none, and fills cols from it. While another process
// has it open, the error has CodeUnavailable and says which. A file that cannot be read, or is of another version, is
// put aside: everything in it can be had again.
func Open(ctx context.Context, dir string, feed analytics.Feed, cols *analytics.Columns, log *slog.Logger, now func() time.Time) (*Projection, error) {
	return open(ctx, &Projection{dir: dir, feed: feed, cols: cols, log: log, now: now})
}

// OpenFile is Open without columns: it keeps the file current, for somebody else to compute from, in memory that does not
// grow with it.
func OpenFile(ctx context.Context, dir string, feed analytics.Feed, log *slog.Logger, now func() time.Time) (*Projection, error) {
	return open(ctx, &Projection{dir: dir, feed: feed, cols: analytics.NewColumns(), bare: true, log: log, now: now})
}

func open(ctx context.Context, p *Projection) (*Projection, error) {
	p.lock = flock.New(filepath.Join(p.dir, lockName))
	got, err := p.lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("locking the analytics file: %w", err)
	}
	if !got {
		return nil, inUse(readHolder(p.lock.Path()), nil)
	}
	if err := os.WriteFile(p.lock.Path(), []byte(strconv.Itoa(os.Getpid())), 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("writing the analytics lock: %w", err), p.lock.Unlock())
	}
	if err := p.open(ctx); err != nil {
		return nil, errors.Join(err, p.lock.Unlock())
	}
	return p, nil
}

// inUse is the error for a file that another process has open.
func inUse(holder string, cause error) error {
	if holder == "" {
		holder = "another process"
	}
	return &greenroom.Error{
		Code:    greenroom.CodeUnavailable,
		Message: "the analytics file is in use by " + holder + "; only one Greenroom at a time can use a data folder: ask the running one, or stop it first",
		Err:     cause,
	}
}

// readHolder says which process wrote its id into the lock file.
func readHolder(path string) string {
	text, err := os.ReadFile(path)
	if pid := strings.TrimSpace(string(text)); err == nil && pid != "" {
		return "process " + pid
	}
	return ""
}

// holder reads from DuckDB's message which process has the file locked.
func holder(message string) (string, bool) {
	if !strings.Contains(message, "lock") {
		return "", false
	}
	_, rest, ok := strings.Cut(message, "(PID ")
	pid, _, closed := strings.Cut(rest, ")")
	if !ok || !closed {
		return "", true
	}
	return "process " + pid, true
}

func (p *Projection) open(ctx context.Context) error {
	err := p.openFile(ctx)
	if err == nil || ctx.Err() != nil || greenroom.ErrorCode(err) == greenroom.CodeUnavailable {
		return err
	}
	path := filepath.Join(p.dir, fileName)
	p.log.Warn("the analytics file cannot be used; it is put aside and made anew", "file", path, "error", err)
	if err := errors.Join(moveAway(path), moveAway(path+".wal")); err != nil {
		return fmt.Errorf("putting the analytics file aside: %w", err)
	}
	return p.openFile(ctx)
}

// moveAway renames a file so that it can still be looked at.
func moveAway(path string) error {
	err := os.Rename(path, path+".unreadable")
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

// openFile opens the file, makes its tables where it is new, and fills the columns.
func (p *Projection) openFile(ctx context.Context) error {
	path := filepath.Join(p.dir, fileName)
	_, err := os.Stat(path)
	isNew := errors.Is(err, os.ErrNotExist)
	limit := memoryLimit
	if p.bare {
		limit = memoryLimitBare
	}
	db, err := openDatabase(path, []option{
		{"threads", "2"},
		{"memory_limit", limit},
		{"temp_directory", filepath.Join(p.dir, tempName)},
		{"autoinstall_known_extensions", "false"},
		{"autoload_known_extensions", "false"},
	})
	if err != nil {
		if who, locked := holder(err.Error()); locked {
			return inUse(who, err)
		}
		return fmt.Errorf("opening %s: %w", path, err)
	}
	p.db = db
	if isNew {
		err = db.create(ctx)
	}
	if err == nil {
		err = p.openReader()
	}
	if err == nil {
		err = p.load(ctx)
	}
	if err != nil {
		p.closeFile()
		return fmt.Errorf("reading %s: %w", path, err)
	}
	return nil
}

func (p *Projection) openReader() (err error) {
	p.reading.Lock()
	defer p.reading.Unlock()
	p.reader, err = p.db.another()
	return err
}

// closeFile closes both connections; whoever is reading is waited for.
func (p *Projection) closeFile() {
	p.reading.Lock()
	defer p.reading.Unlock()
	if p.reader != nil {
		p.reader.close()
		p.reader = nil
	}
	if p.db != nil {
		p.db.close()
		p.db = nil
	}
}

// Close closes the file. What was projected stays.
func (p *Projection) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closeFile()
	p.closed = true
	return p.lock.Unlock()
}

// Rebuild throws the projection away and fills it again from the record store. Until it is done, figures are computed
// from what there is so far.
func (p *Projection) Rebuild(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.restart(ctx); err != nil {
		return err
	}
	return p.update(ctx)
}

// restart empties the projection.
func (p *Projection) restart(ctx context.Context) error {
	if p.closed {
		return notOpen()
	}
	p.closeFile()
	path := filepath.Join(p.dir, fileName)
	for _, name := range []string{path, path + ".wal"} {
		if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("removing the analytics file: %w", err)
		}
	}
	return p.openFile(ctx)
}

// pageSize is how many rows are read at a time.
const pageSize = 1 << 20

// load fills the columns, and what is remembered beside them, from the file.
func (p *Projection) load(ctx context.Context) error {
	at, err := p.db.position(ctx)
	if err != nil {
		return err
	}
	p.cols.Reset()
	p.at, p.channel, p.maxID, p.placesDue = at, 0, [2]int64{}, time.Time{}
	var d analytics.Delta
	if err := p.db.query(ctx, "SELECT id, source_id, name, hidden FROM channel", func(c chunk) error {
		d.Channels = append(d.Channels, readChannels(c)...)
		return nil
	}); err != nil {
		return err
	}
	for i := range d.Channels {
		p.channel = max(p.channel, d.Channels[i].ID)
	}
	if err := p.db.query(ctx, "SELECT id, name, platform FROM source", func(c chunk) error {
		d.Sources = append(d.Sources, readSources(c)...)
		return nil
	}); err != nil {
		return err
	}
	if err := p.apply(&d); err != nil {
		return err
	}
	if !p.bare {
		return p.loadPages(ctx)
	}
	for i, table := range []string{"identity", "conversation"} {
		if p.maxID[i], err = p.db.value(ctx, "SELECT coalesce(max(id), 0) FROM "+table); err != nil {
			return err
		}
	}
	return nil
}

// apply brings the columns up to date, or as much of them as there is.
func (p *Projection) apply(d *analytics.Delta) error {
	if p.bare {
		d = &analytics.Delta{Sources: d.Sources, Channels: d.Channels}
	}
	return p.cols.Apply(d)
}

// loadPages reads the large tables a page at a time.
func (p *Projection) loadPages(ctx context.Context) error {
	if err := p.pages(ctx, "identity", identityColumns, func(d *analytics.Delta, c chunk) error {
		all, err := readIdentities(c)
		d.Identities = append(d.Identities, all...)
		return err
	}, func(d *analytics.Delta) {
		for i := range d.Identities {
			p.maxID[0] = max(p.maxID[0], d.Identities[i].ID)
		}
	}); err != nil {
		return err
	}
	if err := p.pages(ctx, "conversation", conversationColumns, func(d *analytics.Delta, c chunk) error {
		d.Conversations = append(d.Conversations, readConversations(c)...)
		return nil
	}, func(d *analytics.Delta) {
		for i := range d.Conversations {
			p.maxID[1] = max(p.maxID[1], d.Conversations[i].ID)
		}
	}); err != nil {
		return err
	}
	return p.pages(ctx, "fact", factColumns, func(d *analytics.Delta, c chunk) error {
		readFacts(d.Added, c)
		return nil
	}, func(*analytics.Delta) {})
}

// pages reads a table in pages, and applies each.
func (p *Projection) pages(ctx context.Context, table, columns string, read func(*analytics.Delta, chunk) error, after func(*analytics.Delta)) error {
	last, err := p.db.value(ctx, "SELECT coalesce(max(rowid), -1) FROM "+table)
	if err != nil {
		return err
	}
	d := &analytics.Delta{Added: &analytics.Facts{}}
	for from := int64(0); from <= last; from += pageSize {
		d.Added.Reset()
		d.Identities, d.Conversations = d.Identities[:0], d.Conversations[:0]
		q := fmt.Sprintf("SELECT %s FROM %s WHERE rowid >= %d AND rowid < %d", columns, table, from, from+pageSize)
		if err := p.db.query(ctx, q, func(c chunk) error {
			return read(d, c)
		}); err != nil {
			return err
		}
		if err := p.apply(d); err != nil {
			return err
		}
		after(d)
	}
	return nil
}

// FactsByID implements analytics.FactReader.
func (p *Projection) FactsByID(ctx context.Context, ids []int64) (*analytics.Facts, error) {
	p.reading.Lock()
	defer p.reading.Unlock()
	db := p.reader
	if db == nil {
		return nil, notOpen()
	}
	facts := &analytics.Facts{}
	err := db.transaction(ctx, func() error {
		return db.wanted(ctx, ids, func() error { return db.readWanted(ctx, facts) })
	})
	if err != nil {
		return nil, fmt.Errorf("reading facts by id: %w", err)
	}
	return facts, nil
}

// readWanted reads the facts whose ids are wanted.
func (d *database) readWanted(ctx context.Context, into *analytics.Facts) error {
	return d.query(ctx, "SELECT "+factColumns+" FROM fact WHERE id IN (SELECT id FROM wanted)", func(c chunk) error {
		readFacts(into, c)
		return nil
	})
}

// wanted runs f while the ids stand in the table wanted.
func (d *database) wanted(ctx context.Context, ids []int64, f func() error) error {
	if err := d.exec(ctx, "CREATE OR REPLACE TEMP TABLE wanted (id BIGINT NOT NULL)"); err != nil {
		return err
	}
	if err := d.add("temp", "wanted", len(ids), values(i64, ids)); err != nil {
		return err
	}
	if err := f(); err != nil {
		return err
	}
	return d.exec(ctx, "DROP TABLE wanted")
}
