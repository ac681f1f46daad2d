// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/stdlib"
)

// gone says that the connection to PostgreSQL was lost, as when the server was started again. A file of SQLite is not lost.
func (w *writer) gone() bool {
	if !w.d.postgres {
		return false
	}
	closed := false
	err := w.conn.Raw(func(dc any) error {
		std, ok := dc.(*stdlib.Conn)
		closed = ok && std.Conn().IsClosed()
		return nil
	})
	return closed || errors.Is(err, sql.ErrConnDone)
}

// revive opens another connection for writing. What was prepared on the old one is prepared again, and what was not
// committed there is gone, as its writers were told.
func (s *Store) revive(ctx context.Context) error {
	s.log.Warn("the connection to PostgreSQL was lost; another one is opened")
	_ = s.w.close() // its statements went with it
	conn, err := s.wdb.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connecting to PostgreSQL again: %w", err)
	}
	s.known.forget()
	s.w.conn = conn
	clear(s.w.stmts)
	for _, q := range s.d.opened {
		if _, err := conn.ExecContext(ctx, q); err != nil {
			return fmt.Errorf("setting the record store up again: %w", err)
		}
	}
	return nil
}
