// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/topic"
)

// mostMarks is how many releases and announcements a chart is given.
const mostMarks = 200

// Annotations returns those that touch a time, the oldest first, with releases and announcements that are activities.
func (s *Store) Annotations(ctx context.Context, from, to time.Time) ([]topic.Annotation, error) {
	rows, err := s.query(ctx, "SELECT id, at, until, title, kind, url, created_by FROM annotation WHERE removed_at = 0 AND at < ? AND (at >= ? OR until >= ?) ORDER BY at, id", micros(to), micros(from), micros(from))
	if err != nil {
		return nil, err
	}
	all := []topic.Annotation{}
	if err := scan(rows, func() error {
		var a topic.Annotation
		var at, until int64
		err := rows.Scan(&a.ID, &at, &until, &a.Title, &a.Kind, &a.URL, &a.By)
		a.At, a.Until = fromMicros(at), fromMicros(until)
		all = append(all, a)
		return err
	}); err != nil {
		return nil, err
	}
	kinds := strconv.Itoa(int(greenroom.KindRelease)) + ", " + strconv.Itoa(int(greenroom.KindAnnouncement))
	rows, err = s.query(ctx, `SELECT a.id, a.occurred_at, a.title, substr(a.body, 1, 200), a.url, a.kind, s.name FROM activity a JOIN source s ON s.id = a.source_id
		WHERE a.kind IN (`+kinds+`) AND a.deleted = 0 AND a.occurred_at >= ? AND a.occurred_at < ? AND a.id NOT IN (SELECT activity_id FROM annotation_hidden)
		ORDER BY a.occurred_at DESC LIMIT ?`, micros(from), micros(to), mostMarks)
	if err != nil {
		return nil, err
	}
	if err := scan(rows, func() error {
		var a topic.Annotation
		var id, at, kind int64
		var body string
		err := rows.Scan(&id, &at, &a.Title, &body, &a.URL, &kind, &a.By)
		a.ID, a.At, a.Kind = -id, fromMicros(at), "release"
		if greenroom.Kind(kind) == greenroom.KindAnnouncement {
			a.Kind = "announcement"
		}
		if line, _, _ := strings.Cut(strings.TrimSpace(body), "\n"); a.Title == "" {
			a.Title = line
		}
		if a.Title != "" {
			all = append(all, a)
		}
		return err
	}); err != nil {
		return nil, err
	}
	slices.SortStableFunc(all, func(a, b topic.Annotation) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) })
	return all, nil
}

// SaveAnnotation stores one; one without id is new.
func (s *Store) SaveAnnotation(ctx context.Context, a topic.Annotation) (topic.Annotation, error) {
	err := s.write(ctx, func(w *writer) error {
		if a.ID == 0 {
			last, err := w.lastID("annotation")
			if err != nil {
				return err
			}
			a.ID = last + 1
			_, err = w.exec("INSERT INTO annotation (id, at, until, title, kind, url, created_by, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", a.ID, micros(a.At), micros(a.Until), a.Title, a.Kind, a.URL, a.By, micros(s.now()))
			return err
		}
		n, err := w.exec("UPDATE annotation SET at = ?, until = ?, title = ?, kind = ?, url = ? WHERE id = ?", micros(a.At), micros(a.Until), a.Title, a.Kind, a.URL, a.ID)
		if err == nil && n == 0 {
			err = greenroom.Errorf(greenroom.CodeNotFound, "there is no annotation %d", a.ID)
		}
		return err
	})
	if err != nil {
		return a, fmt.Errorf("storing an annotation: %w", err)
	}
	return a, nil
}

// RemoveAnnotation takes one off, or puts it back. One below 0 is an activity, which only stops showing.
func (s *Store) RemoveAnnotation(ctx context.Context, id int64, removed bool) error {
	err := s.write(ctx, func(w *writer) error {
		var n int64
		var err error
		switch {
		case id < 0 && removed:
			n, err = w.exec("INSERT INTO annotation_hidden (activity_id) SELECT id FROM activity WHERE id = ? ON CONFLICT DO NOTHING", -id)
		case id < 0:
			n, err = w.exec("DELETE FROM annotation_hidden WHERE activity_id = ?", -id)
		default:
			at := int64(0)
			if removed {
				at = micros(s.now())
			}
			n, err = w.exec("UPDATE annotation SET removed_at = ? WHERE id = ?", at, id)
		}
		if err == nil && n == 0 {
			err = greenroom.Errorf(greenroom.CodeNotFound, "there is no annotation %d", id)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("removing an annotation: %w", err)
	}
	return nil
}
