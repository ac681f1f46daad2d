// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"fmt"

	"greenroom"
	"greenroom/internal/outbox"
)

const destinationColumns = "SELECT id, name, channel, secret, shown, created_by, created_at, removed_at, sent_at, problem FROM destination"

func (s *Store) destinations(ctx context.Context, q string, args ...any) ([]outbox.Destination, error) {
	rows, err := s.query(ctx, q, args...)
	if err != nil {
		return nil, err
	}
	all := []outbox.Destination{}
	err = scan(rows, func() error {
		var d outbox.Destination
		var created, removed, sent int64
		err := rows.Scan(&d.ID, &d.Name, &d.Channel, &d.Secret, &d.Shown, &d.CreatedBy, &created, &removed, &sent, &d.Problem)
		d.CreatedAt, d.RemovedAt, d.SentAt = fromMicros(created), fromMicros(removed), fromMicros(sent)
		all = append(all, d)
		return err
	})
	return all, err
}

// Destinations lists those that are not removed, by name.
func (s *Store) Destinations(ctx context.Context) ([]outbox.Destination, error) {
	return s.destinations(ctx, destinationColumns+" WHERE removed_at = 0 ORDER BY lower(name), id")
}

// Destination finds one, removed or not.
func (s *Store) Destination(ctx context.Context, id int64) (outbox.Destination, error) {
	all, err := s.destinations(ctx, destinationColumns+" WHERE id = ?", id)
	if err == nil && len(all) == 0 {
		err = greenroom.Errorf(greenroom.CodeNotFound, "there is no destination %d", id)
	}
	if err != nil {
		return outbox.Destination{}, err
	}
	return all[0], nil
}

// AddDestination gives a destination an id and stores it.
func (s *Store) AddDestination(ctx context.Context, d outbox.Destination) (outbox.Destination, error) {
	err := s.write(ctx, func(w *writer) error {
		var taken int64
		if err := w.row("SELECT count(*) FROM destination WHERE lower(name) = lower(?) AND removed_at = 0", []any{d.Name}, &taken); err != nil {
			return err
		}
		if taken > 0 {
			return greenroom.Errorf(greenroom.CodeConflict, "there is a destination %s already; give this one another name", d.Name)
		}
		last, err := w.lastID("destination")
		if err != nil {
			return err
		}
		d.ID = last + 1
		_, err = w.exec("INSERT INTO destination (id, name, channel, secret, shown, created_by, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)", d.ID, d.Name, string(d.Channel), d.Secret, d.Shown, d.CreatedBy, micros(d.CreatedAt))
		return err
	})
	if err != nil {
		return d, fmt.Errorf("storing a destination: %w", err)
	}
	return d, nil
}

// RemoveDestination takes a destination away. What waits for it is not sent, and its address is forgotten.
func (s *Store) RemoveDestination(ctx context.Context, id int64) error {
	return s.write(ctx, func(w *writer) error {
		n, err := w.exec("UPDATE destination SET removed_at = ?, secret = '' WHERE id = ? AND removed_at = 0", micros(s.now()), id)
		if err != nil {
			return err
		}
		if n == 0 {
			return greenroom.Errorf(greenroom.CodeNotFound, "there is no destination %d", id)
		}
		_, err = w.exec("UPDATE outbox SET state = 'skipped', reason = 'its destination was removed' WHERE destination_id = ? AND state IN ('draft', 'queued')", id)
		return err
	})
}

// ReplaceDestinationSecret stores a destination's secret as it is sealed now, unless it has changed meanwhile.
func (s *Store) ReplaceDestinationSecret(ctx context.Context, id int64, was, now string) error {
	return s.write(ctx, func(w *writer) error {
		_, err := w.exec("UPDATE destination SET secret = ? WHERE id = ? AND secret = ?", now, id, was)
		return err
	})
}
