// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package deliver

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"greenroom"
	"greenroom/internal/outbox"
)

// Credentials opens what a source's platform is asked with: the options of its connector, secrets included.
type Credentials interface {
	Credentials(ctx context.Context, source string) (map[string]string, error)
}

// Split sends what goes to a destination of the team by one sender, and what goes to members by another.
type Split struct{ Team, Member outbox.Sender }

func (s Split) of(m *outbox.Message) outbox.Sender {
	if m.Destination > 0 {
		return s.Team
	}
	return s.Member
}

// Send sends one message.
func (s Split) Send(ctx context.Context, m *outbox.Message) (outbox.Receipt, error) {
	return s.of(m).Send(ctx, m) //nolint:wrapcheck // the senders say what they did
}

// Repeatable asks the sender.
func (s Split) Repeatable(m *outbox.Message) bool { return s.of(m).Repeatable(m) }

// platform asks the API of a platform with a source's credential.
type platform struct {
	name        string
	credentials Credentials
	poster      Poster
}

// open gives the options of the source that sends a message; the first must not be empty.
func (p *platform) open(ctx context.Context, m *outbox.Message, secret string) (map[string]string, error) {
	if m.Source == "" {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "the message names no source by which it could go out on %s", p.name)
	}
	set, err := p.credentials.Credentials(ctx, m.Source)
	if err != nil {
		return nil, err //nolint:wrapcheck // it says which source
	}
	if set[secret] == "" {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "the source %s has no credential that may write", m.Source)
	}
	return set, nil
}

// ask posts JSON and reads JSON.
func (p *platform) ask(ctx context.Context, address string, header map[string]string, body, into any) error {
	data, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("writing a request to %s: %w", p.name, err)
	}
	return p.post(ctx, address, header, "application/json", data, into)
}

// fill posts a form and reads JSON.
func (p *platform) fill(ctx context.Context, address string, header map[string]string, form url.Values, into any) error {
	return p.post(ctx, address, header, "application/x-www-form-urlencoded", []byte(form.Encode()), into)
}

func (p *platform) post(ctx context.Context, address string, header map[string]string, kind string, data []byte, into any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(data))
	if err != nil {
		return greenroom.Errorf(greenroom.CodeInvalid, "the address of %s is none", p.name)
	}
	r.Header.Set("Content-Type", kind)
	r.Header.Set("User-Agent", "Greenroom")
	for k, v := range header {
		r.Header.Set(k, v)
	}
	a, err := post(ctx, p.poster, r, p.name)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(a.body, into); err != nil {
		return &outbox.UncertainError{Err: fmt.Errorf("reading what %s answered: %w", p.name, err)}
	}
	return nil
}

// Repeatable reports that people would see a message twice.
func (*platform) Repeatable(*outbox.Message) bool { return false }

func base(set map[string]string, option, usual string) string {
	if v := strings.TrimRight(set[option], "/"); v != "" {
		return v
	}
	return usual
}
