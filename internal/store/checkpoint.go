// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"database/sql"
	"log/slog"
	"os"

	"greenroom/internal/priority"
)

// checkpointer moves pages from SQLite's log to the database while the writer goes on. Left to the writer, which would
// wait for the disk each time, this takes a sixth of an import.
type checkpointer struct {
	db   *sql.DB
	wal  string
	log  *slog.Logger
	wake chan struct{}
	stop context.CancelFunc
	done chan struct{}
}

// worthwhile is how long the log has to be to be worth moving, in bytes.
const worthwhile = 32 << 20

// newCheckpointer starts a checkpointer for the database at path.
func newCheckpointer(ctx context.Context, db *sql.DB, path string, log *slog.Logger) *checkpointer {
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	c := &checkpointer{db: db, wal: path + "-wal", log: log, wake: make(chan struct{}, 1), stop: stop, done: make(chan struct{})}
	go c.run(ctx)
	return c
}

// committed says that there may be something to move. It never blocks.
func (c *checkpointer) committed() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

func (c *checkpointer) run(ctx context.Context) {
	priority.Lower()
	defer close(c.done)
	for {
		select {
		case <-ctx.Done():
			return
		case <-c.wake:
		}
		st, err := os.Stat(c.wal)
		if err != nil || st.Size() < worthwhile {
			continue // no log yet, or a short one
		}
		// Without the context: the driver would interrupt it half way, and it is never long.
		if _, err := c.db.ExecContext(context.WithoutCancel(ctx), "PRAGMA wal_checkpoint(PASSIVE)"); err != nil {
			c.log.Warn("the log could not be moved to the database; the writer will do it", "error", err)
		}
	}
}

// close stops the checkpointer and waits for it.
func (c *checkpointer) close() {
	c.stop()
	<-c.done
}
