// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"embed"
	"fmt"
	"path"
	"sort"
	"strconv"
	"strings"

	"greenroom"
)

//go:embed migrations
var migrations embed.FS

// migrate brings the schema up to date, one numbered file after the other, each in its own transaction.
func (s *Store) migrate(ctx context.Context) error {
	if _, err := s.w.conn.ExecContext(ctx, "CREATE TABLE IF NOT EXISTS migration (number BIGINT PRIMARY KEY)"); err != nil {
		return &greenroom.Error{Code: greenroom.CodeUnavailable, Message: "the record store cannot be written to", Err: err}
	}
	files, err := migrations.ReadDir(path.Join("migrations", s.d.name))
	if err != nil {
		return fmt.Errorf("listing migrations: %w", err)
	}
	sort.Slice(files, func(i, j int) bool { return files[i].Name() < files[j].Name() })
	newest := 0
	for _, f := range files {
		number, err := strconv.Atoi(strings.SplitN(f.Name(), "_", 2)[0])
		if err != nil {
			return fmt.Errorf("migration %s has no number: %w", f.Name(), err)
		}
		newest = max(newest, number)
		text, err := migrations.ReadFile(path.Join("migrations", s.d.name, f.Name()))
		if err != nil {
			return fmt.Errorf("reading migration %s: %w", f.Name(), err)
		}
		if err := s.write(ctx, func(w *writer) error { return w.migrateOne(number, string(text)) }); err != nil {
			return fmt.Errorf("migration %s: %w", f.Name(), err)
		}
	}
	var have int
	if err := s.w.conn.QueryRowContext(ctx, "SELECT coalesce(max(number), 0) FROM migration").Scan(&have); err != nil {
		return fmt.Errorf("reading the schema's number: %w", err)
	}
	if have > newest {
		return greenroom.Errorf(greenroom.CodeConflict,
			"this data was written by a newer Greenroom (schema %d, this one knows %d); start that version or a newer one", have, newest)
	}
	return nil
}

func (w *writer) migrateOne(number int, text string) error {
	var n int
	if err := w.conn.QueryRowContext(w.ctx, w.d.rebind("SELECT count(*) FROM migration WHERE number = ?"), number).Scan(&n); err != nil {
		return fmt.Errorf("looking for the migration: %w", err)
	}
	if n > 0 {
		return nil
	}
	if err := w.forgetAskViews(); err != nil { // they would keep tables from being changed
		return err
	}
	for _, q := range splitStatements(text) {
		if err := w.execOnce(q); err != nil {
			return err
		}
	}
	return w.execOnce("INSERT INTO migration (number) VALUES (?)", number)
}

// splitStatements cuts a migration at semicolons that end a line; comments are dropped.
func splitStatements(text string) []string {
	var statements []string
	var sb strings.Builder
	for line := range strings.Lines(text) {
		if i := strings.Index(line, "--"); i >= 0 {
			line = line[:i] + "\n"
		}
		if strings.TrimSpace(line) == "" {
			continue
		}
		sb.WriteString(line)
		if strings.HasSuffix(strings.TrimSpace(line), ";") {
			statements = append(statements, strings.TrimSuffix(strings.TrimSpace(sb.String()), ";"))
			sb.Reset()
		}
	}
	return statements
}
