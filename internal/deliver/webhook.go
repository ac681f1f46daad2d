// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package deliver

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"greenroom"
	"greenroom/internal/outbox"
)

// Addresses opens the addresses of destinations; outbox.Service does.
type Addresses interface {
	Address(ctx context.Context, id int64) (outbox.Destination, string, error)
}

// Webhook posts messages as JSON to another system. The receiver is given the message's key in the header
// Idempotency-Key, so that it can tell a repetition from a new message; therefore a message of which it is not known
// whether it arrived is sent again.
type Webhook struct {
	addresses Addresses
	poster    Poster
}

// NewWebhook returns the sender.
func NewWebhook(addresses Addresses, poster Poster) *Webhook { return &Webhook{addresses, poster} }

// Repeatable reports that the receiver knows a message by its key.
func (*Webhook) Repeatable(*outbox.Message) bool { return true }

// envelope is what is posted where a message brings no body of its own.
type envelope struct {
	Key     string        `json:"key"`
	Subject string        `json:"subject,omitempty"`
	Text    string        `json:"text"`
	Origin  outbox.Origin `json:"origin"`
}

// Send posts a message.
func (s *Webhook) Send(ctx context.Context, m *outbox.Message) (outbox.Receipt, error) {
	name, address := m.To, m.To
	if m.Destination > 0 {
		d, secret, err := s.addresses.Address(ctx, m.Destination)
		if err != nil {
			return outbox.Receipt{}, err
		}
		name, address = d.Name, secret
	}
	body := []byte(m.Data)
	if len(body) == 0 {
		var err error
		if body, err = json.Marshal(envelope{m.Key, m.Subject, m.Text, m.Origin}); err != nil {
			return outbox.Receipt{}, fmt.Errorf("writing message %d: %w", m.ID, err)
		}
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return outbox.Receipt{}, greenroom.Errorf(greenroom.CodeInvalid, "%s is no web address", name)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "Greenroom")
	r.Header.Set("Idempotency-Key", m.Key)
	a, err := post(ctx, s.poster, r, name)
	if err != nil {
		return outbox.Receipt{}, err
	}
	return outbox.Receipt{ID: a.header.Get("X-Request-Id")}, nil
}
