// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package lookup asks an outside service about a person: one POST with JSON, one answer. It is small on purpose, so that a team
// can put a few lines in front of whatever service they use.
//
//	POST ADDRESS
//	Authorization: Bearer KEY
//	{"addresses": ["ana@example.com"], "links": ["https://example.com/ana"]}
//
//	200 {"known_at": "2026-03-01T00:00:00Z", "findings": [{"field": "country", "value": "PT", "words": "Lisboa"}]}
//	404, or no findings: it knows nobody
package lookup

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"greenroom"
	"greenroom/internal/enrich"
)

const mostAnswer = 1 << 18 // bytes

// Hook is an outside service. It is an enrich.Provider.
type Hook struct {
	http               *http.Client
	name, address, key string
}

// New returns a service at an address. What it may reach, and how long a lookup may take, is up to the HTTP client.
func New(client *http.Client, name, address, key string) *Hook {
	own := *client
	// A key is for the address that was set, and so are members' addresses.
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Hook{http: &own, name: name, address: address, key: key}
}

// Name is how the team calls the service.
func (h *Hook) Name() string { return h.name }

type question struct {
	Addresses []string `json:"addresses"`
	Links     []string `json:"links"`
}

type reply struct {
	KnownAt  time.Time `json:"known_at"`
	Findings []struct {
		Field string `json:"field"`
		Value string `json:"value"`
		Words string `json:"words"`
	} `json:"findings"`
}

// Lookup asks about one person. CodeUnavailable where the service does not answer as it should, CodeLimited where it is busy.
func (h *Hook) Lookup(ctx context.Context, addresses, links []string) ([]enrich.Finding, time.Time, error) {
	var never time.Time
	body, err := json.Marshal(question{append([]string{}, addresses...), append([]string{}, links...)})
	if err != nil {
		return nil, never, fmt.Errorf("encoding a lookup: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.address, bytes.NewReader(body))
	if err != nil {
		return nil, never, &greenroom.Error{Code: greenroom.CodeInvalid, Message: "the address of the outside service is not one of the web", Err: err}
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	if h.key != "" {
		req.Header.Set("Authorization", "Bearer "+h.key)
	}
	res, err := h.http.Do(req)
	if err != nil {
		if known, ok := errors.AsType[*greenroom.Error](err); ok {
			return nil, never, known // the guard says what to do
		}
		return nil, never, &greenroom.Error{Code: greenroom.CodeUnavailable, Message: "the outside service cannot be reached; is its address right, and does it run?", Err: err}
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, mostAnswer+1))
	switch {
	case err != nil || len(text) > mostAnswer:
		return nil, never, &greenroom.Error{Code: greenroom.CodeUnavailable, Message: "the outside service's answer was cut off or too long", Err: err}
	case res.StatusCode == http.StatusNotFound || res.StatusCode == http.StatusNoContent:
		return nil, never, nil
	case res.StatusCode == http.StatusTooManyRequests:
		return nil, never, greenroom.Errorf(greenroom.CodeLimited, "the outside service takes no more lookups now")
	case res.StatusCode == http.StatusUnauthorized || res.StatusCode == http.StatusForbidden:
		return nil, never, greenroom.Errorf(greenroom.CodeUnavailable, "the outside service does not take the key (%s)", res.Status)
	case res.StatusCode != http.StatusOK:
		return nil, never, greenroom.Errorf(greenroom.CodeUnavailable, "the outside service answers %s", res.Status)
	}
	var got reply
	if err := json.Unmarshal(text, &got); err != nil {
		return nil, never, &greenroom.Error{Code: greenroom.CodeUnavailable, Message: "the outside service does not answer as documented (docs/identity.md): its answer is no JSON of that shape", Err: err}
	}
	findings := make([]enrich.Finding, 0, len(got.Findings))
	for _, f := range got.Findings {
		findings = append(findings, enrich.Finding{Field: f.Field, Value: f.Value, From: h.name, Words: f.Words})
	}
	return findings, got.KnownAt, nil
}
