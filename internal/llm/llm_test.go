// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package llm

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"greenroom"
	"greenroom/internal/assistant"
	"greenroom/internal/llm/llmtest"
)

func TestComplete(t *testing.T) {
	for name, tt := range map[string]struct {
		refuse []llmtest.Refusal
		key    string
		waits  []time.Duration
		code   greenroom.Code
		says   string
	}{
		"answered":          {},
		"busy, then not":    {refuse: []llmtest.Refusal{{Status: 429, RetryAfter: "3", Body: ""}, {Status: 503, RetryAfter: "", Body: ""}}, waits: []time.Duration{3 * time.Second, time.Second}},
		"busy for long":     {refuse: []llmtest.Refusal{{Status: 429, RetryAfter: "3600", Body: `{"error":{"message":"Rate limit reached."}}`}}, code: greenroom.CodeUnavailable, says: "try again later: Rate limit reached"},
		"busy for good":     {refuse: []llmtest.Refusal{{Status: 500, RetryAfter: "0", Body: ""}, {Status: 500, RetryAfter: "0", Body: ""}, {Status: 500, RetryAfter: "0", Body: ""}}, waits: []time.Duration{0, 0}, code: greenroom.CodeUnavailable, says: "busy"},
		"a wrong key":       {key: "other", code: greenroom.CodeUnavailable, says: "does not take the key: Incorrect API key provided"},
		"no such model":     {refuse: []llmtest.Refusal{{Status: 404, RetryAfter: "", Body: `{"error":"model 'm' not found"}`}}, code: greenroom.CodeUnavailable, says: "model 'm' not found"},
		"moved":             {refuse: []llmtest.Refusal{{Status: 302, RetryAfter: "", Body: ""}}, code: greenroom.CodeUnavailable, says: "refuses the request (302)"},
		"something else":    {refuse: []llmtest.Refusal{{Status: 200, RetryAfter: "", Body: "<html>"}}, code: greenroom.CodeUnavailable, says: "usually ends in /v1"},
		"cut off by length": {refuse: []llmtest.Refusal{{Status: 200, RetryAfter: "", Body: `{"choices":[{"message":{"content":"x"},"finish_reason":"length"}]}`}}, code: greenroom.CodeUnavailable, says: "longer than"},
	} {
		t.Run(name, func(t *testing.T) {
			s := llmtest.Start(t, "ready")
			s.Key = "right"
			s.Refuse(tt.refuse...)
			var waits []time.Duration
			c := New(&http.Client{Timeout: time.Minute}, time.Now)
			c.sleep = func(_ context.Context, d time.Duration) error {
				waits = append(waits, d)
				return nil
			}
			key := "right"
			if tt.key != "" {
				key = tt.key
			}
			got, err := c.Complete(t.Context(), assistant.Endpoint{Address: s.Address(), Key: key}, &assistant.Request{Model: "m", MaxTokens: 5, Messages: []assistant.Message{{Role: "user", Content: "x"}}})
			if greenroom.ErrorCode(err) != tt.code || err != nil && !strings.Contains(greenroom.ErrorMessage(err), tt.says) {
				t.Errorf("got %v, want %q %q", err, tt.code, tt.says)
			}
			if err == nil && (got.Text != "ready" || got.Input == 0 || got.Output == 0) {
				t.Errorf("got %+v", got)
			}
			if !slices.Equal(waits, tt.waits) {
				t.Errorf("waited %v, want %v", waits, tt.waits)
			}
		})
	}
}
