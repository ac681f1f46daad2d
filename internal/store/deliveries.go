// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"greenroom"
	"greenroom/connector"
)

// The states of a delivery.
const (
	deliveryWaits = 0
	deliveryDone  = 1
	deliveryLost  = 2 // given up after too many tries
)

// keptDeliveries is how many of a source's deliveries are kept after they became facts.
const keptDeliveries = 20

// deliveryRequest is what is kept of a delivery beside its body.
type deliveryRequest struct {
	Method string      `json:"method,omitempty"`
	Path   string      `json:"path,omitempty"`
	Query  url.Values  `json:"query,omitempty"`
	Header http.Header `json:"header,omitempty"`
}

// isCredential reports whether a header or a query parameter may carry a secret by its name. These are not stored.
func isCredential(name string) bool {
	name = strings.ToLower(name)
	for _, part := range []string{"authorization", "cookie", "signature", "token", "secret", "key", "password"} {
		if strings.Contains(name, part) {
			return true
		}
	}
	return false
}

// KeepDelivery stores a delivery; when it returns, the delivery survives the process.
func (s *Store) KeepDelivery(ctx context.Context, sourceID int64, d *connector.Delivery) error {
	r := deliveryRequest{Method: d.Method, Path: d.Path, Query: make(url.Values), Header: make(http.Header)}
	for name, values := range d.Query {
		if !isCredential(name) {
			r.Query[name] = values
		}
	}
	for name, values := range d.Header {
		if !isCredential(name) {
			r.Header[name] = values
		}
	}
	text, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("encoding a delivery: %w", err)
	}
	return s.write(ctx, func(w *writer) error {
		last, err := w.lastID("delivery")
		if err != nil {
			return err
		}
		_, err = w.exec("INSERT INTO delivery (id, source_id, external_id, received_at, request, body) VALUES (?, ?, ?, ?, ?, ?)",
			last+1, sourceID, d.ID, micros(d.ReceivedAt), string(text), nonNil(d.Body))
		return err
	})
}

func nonNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

const deliveryColumns = "id, external_id, received_at, state, tries, retry_at, error, request, body"

// deliveries reads stored deliveries.
func (s *Store) deliveries(ctx context.Context, where string, args ...any) ([]greenroom.Delivery, error) {
	rows, err := s.query(ctx, "SELECT "+deliveryColumns+" FROM delivery WHERE "+where, args...)
	if err != nil {
		return nil, err
	}
	var all []greenroom.Delivery
	err = scan(rows, func() error {
		var d greenroom.Delivery
		var received, state, retry int64
		var text string
		if err := rows.Scan(&d.ID, &d.ExternalID, &received, &state, &d.Tries, &retry, &d.Error, &text, &d.Body); err != nil {
			return err
		}
		var r deliveryRequest
		if err := json.Unmarshal([]byte(text), &r); err != nil {
			return fmt.Errorf("decoding delivery %d: %w", d.ID, err)
		}
		d.ReceivedAt, d.RetryAt = fromMicros(received), fromMicros(retry)
		d.Method, d.Path, d.Query, d.Header = r.Method, r.Path, r.Query, r.Header
		d.State = [...]greenroom.DeliveryState{greenroom.DeliveryWaits, greenroom.DeliveryDone, greenroom.DeliveryLost}[state]
		all = append(all, d)
		return nil
	})
	return all, err
}

// WaitingDeliveries returns deliveries of a source that are due, after the given id, the oldest first.
func (s *Store) WaitingDeliveries(ctx context.Context, sourceID, after int64, limit int) ([]greenroom.Delivery, error) {
	return s.deliveries(ctx, "source_id = ? AND state = 0 AND retry_at <= ? AND id > ? ORDER BY id LIMIT ?", sourceID, micros(s.now()), after, limit)
}

// LastDeliveries returns the newest deliveries of a source, whatever became of them.
func (s *Store) LastDeliveries(ctx context.Context, sourceID int64, limit int) ([]greenroom.Delivery, error) {
	return s.deliveries(ctx, "source_id = ? ORDER BY id DESC LIMIT ?", sourceID, limit)
}

// DeliveryCounts says how many deliveries of a source wait and how many were given up.
func (s *Store) DeliveryCounts(ctx context.Context, sourceID int64) (waiting, lost int64, err error) {
	rows, err := s.query(ctx, "SELECT state, count(*) FROM delivery WHERE source_id = ? AND state IN (0, 2) GROUP BY state", sourceID)
	if err != nil {
		return 0, 0, err
	}
	err = scan(rows, func() error {
		var state, n int64
		err := rows.Scan(&state, &n)
		if state == deliveryWaits {
			waiting = n
		} else {
			lost = n
		}
		return err
	})
	return waiting, lost, err
}

// DueDeliveries lists the sources that have deliveries which are due, and says when the next one will be where none is.
func (s *Store) DueDeliveries(ctx context.Context) (sources []int64, next time.Time, err error) {
	rows, err := s.query(ctx, "SELECT source_id, min(retry_at) FROM delivery WHERE state = 0 GROUP BY source_id ORDER BY source_id")
	if err != nil {
		return nil, next, err
	}
	now := micros(s.now())
	err = scan(rows, func() error {
		var id, at int64
		if err := rows.Scan(&id, &at); err != nil {
			return err
		}
		if at <= now {
			sources = append(sources, id)
		} else if t := fromMicros(at); next.IsZero() || t.Before(next) {
			next = t
		}
		return nil
	})
	return sources, next, err
}

// PostponeDelivery notes why a delivery could not become facts and when it is tried again; the zero time gives it up.
func (s *Store) PostponeDelivery(ctx context.Context, id int64, reason string, retry time.Time) error {
	state := deliveryWaits
	if retry.IsZero() {
		state = deliveryLost
	}
	return s.writeAlong(ctx, func(w *writer) error {
		_, err := w.exec("UPDATE delivery SET tries = tries + 1, state = ?, retry_at = ?, error = ? WHERE id = ?", state, micros(retry), reason, id)
		return err
	})
}

// RetryDeliveries makes those that were given up wait again, and says how many there were.
func (s *Store) RetryDeliveries(ctx context.Context, sourceID int64) (n int64, err error) {
	err = s.write(ctx, func(w *writer) error {
		n, err = w.exec("UPDATE delivery SET state = 0, tries = 0, retry_at = 0 WHERE source_id = ? AND state = 2", sourceID)
		return err
	})
	return n, err
}

// RepeatDeliveries has the deliveries that are kept of a source taken in once more, for a mapping that has changed, and
// says how many there are.
func (s *Store) RepeatDeliveries(ctx context.Context, sourceID int64) (n int64, err error) {
	err = s.write(ctx, func(w *writer) error {
		n, err = w.exec("UPDATE delivery SET state = 0, tries = 0, retry_at = 0 WHERE source_id = ?", sourceID)
		return err
	})
	return n, err
}

// delivered marks the deliveries that the batch's facts came from as done, and drops older ones.
func (a *appender) delivered() error {
	if len(a.p.Delivered) == 0 {
		return nil
	}
	for _, id := range a.p.Delivered {
		if _, err := a.exec("UPDATE delivery SET state = 1, error = '' WHERE id = ?", id); err != nil {
			return err
		}
	}
	_, err := a.exec(`DELETE FROM delivery WHERE source_id = ? AND state = 1 AND id <
		(SELECT min(id) FROM (SELECT id FROM delivery WHERE source_id = ? AND state = 1 ORDER BY id DESC LIMIT ?) kept)`,
		a.run.SourceID, a.run.SourceID, keptDeliveries)
	return err
}
