// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package llm asks language models by the subset of OpenAI's chat completions that every server speaks: OpenAI and those
// who are compatible with it, and on one's own machine Ollama, llama.cpp, vLLM and LM Studio. One request, one answer;
// nothing is streamed, and no tools are offered to the model.
package llm

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/assistant"
	"greenroom/internal/retryafter"
)

// Limits of a request.
const (
	attempts    = 3
	longestWait = 20 * time.Second // that a person is kept waiting for another attempt
	mostAnswer  = 1 << 20          // bytes
)

// Client asks models.
type Client struct {
	http  *http.Client
	sleep func(ctx context.Context, d time.Duration) error
	now   func() time.Time
}

// New returns a client. What it may reach, and how long a request may take, is up to the HTTP client.
func New(client *http.Client, now func() time.Time) *Client {
	own := *client
	// A key is for the address that was set, and a question that was moved is no question any more.
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Client{http: &own, sleep: sleep, now: now}
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// completion is what comes back, as far as we read it.
type completion struct {
	Choices []struct {
		Message struct {
			Content string `json:"content"`
		} `json:"message"`
		FinishReason string `json:"finish_reason"`
	} `json:"choices"`
	Usage struct {
		Prompt     int64 `json:"prompt_tokens"`
		Completion int64 `json:"completion_tokens"`
	} `json:"usage"`
}

// again is a refusal that may be better later.
type again struct {
	after time.Duration
	err   error
}

func (a *again) Error() string { return a.err.Error() }
func (a *again) Unwrap() error { return a.err }

// Complete asks a model. What may be better later is tried again, after as long as the server asks for.
func (c *Client) Complete(ctx context.Context, to assistant.Endpoint, req *assistant.Request) (assistant.Reply, error) {
	body, err := json.Marshal(req)
	if err != nil {
		return assistant.Reply{}, fmt.Errorf("encoding a request: %w", err)
	}
	for n := 1; ; n++ {
		reply, err := c.once(ctx, to, body)
		var later *again
		if err == nil || !errors.As(err, &later) || n == attempts || later.after > longestWait {
			return reply, err
		}
		if err := c.sleep(ctx, later.after); err != nil {
			return reply, fmt.Errorf("waiting for the language model: %w", err)
		}
	}
}

func (c *Client) once(ctx context.Context, to assistant.Endpoint, body []byte) (assistant.Reply, error) {
	var none assistant.Reply
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to.Address+"/chat/completions", bytes.NewReader(body))
	if err != nil {
		return none, &greenroom.Error{Code: greenroom.CodeInvalid, Message: "the address of the language model is not one of the web", Err: err}
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	if to.Key != "" {
		req.Header.Set("Authorization", "Bearer "+to.Key)
	}
	res, err := c.http.Do(req)
	if err != nil {
		var known *greenroom.Error
		if errors.As(err, &known) { // the guard says what to do
			return none, err
		}
		return none, &greenroom.Error{Code: greenroom.CodeUnavailable, Message: "the language model cannot be reached; is its address right, and does it run?", Err: err}
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, mostAnswer+1))
	if err != nil || len(text) > mostAnswer {
		return none, &greenroom.Error{Code: greenroom.CodeUnavailable, Message: "the language model's answer was cut off or too long", Err: err}
	}
	if res.StatusCode != http.StatusOK {
		return none, c.refusal(res, text)
	}
	return read(text)
}

// read takes the answer out of what came back.
func read(text []byte) (assistant.Reply, error) {
	var got completion
	if err := json.Unmarshal(text, &got); err != nil || len(got.Choices) == 0 {
		return assistant.Reply{}, &greenroom.Error{Code: greenroom.CodeUnavailable, Message: "the server does not answer as an OpenAI-compatible API does; the address usually ends in /v1", Err: err}
	}
	reply := assistant.Reply{Text: got.Choices[0].Message.Content, Input: max(0, got.Usage.Prompt), Output: max(0, got.Usage.Completion)}
	if got.Choices[0].FinishReason == "length" {
		return reply, greenroom.Errorf(greenroom.CodeUnavailable, "the language model's answer was longer than it may be; it was not used")
	}
	return reply, nil
}

// refusal says what a status means.
func (c *Client) refusal(res *http.Response, text []byte) error {
	said := message(text)
	switch code := res.StatusCode; {
	case code == http.StatusUnauthorized, code == http.StatusForbidden:
		return greenroom.Errorf(greenroom.CodeUnavailable, "the language model's server does not take the key%s", said)
	case code == http.StatusNotFound:
		return greenroom.Errorf(greenroom.CodeUnavailable, "the language model's server knows no such model or address%s", said)
	case code == http.StatusTooManyRequests, code >= 500, code == http.StatusRequestTimeout:
		return &again{c.after(res.Header), greenroom.Errorf(greenroom.CodeUnavailable, "the language model is busy; try again later%s", said)}
	default:
		return greenroom.Errorf(greenroom.CodeUnavailable, "the language model's server refuses the request (%s)%s", strconv.Itoa(code), said)
	}
}

// after is how long to wait, a second where the server does not say.
func (c *Client) after(h http.Header) time.Duration {
	if wait, said := retryafter.Read(h, c.now()); said {
		return wait
	}
	return time.Second
}

// message is what the server said of a refusal, for people, and short.
func message(text []byte) string {
	var got struct {
		Error json.RawMessage `json:"error"`
	}
	if json.Unmarshal(text, &got) != nil {
		return ""
	}
	var deep struct {
		Message string `json:"message"`
	}
	var said string
	if json.Unmarshal(got.Error, &deep) == nil {
		said = deep.Message
	} else if json.Unmarshal(got.Error, &said) != nil {
		return ""
	}
	if said = strings.Join(strings.Fields(said), " "); said == "" {
		return ""
	}
	if r := []rune(said); len(r) > 200 {
		said = string(r[:200]) + "…"
	}
	return ": " + strings.TrimRight(said, ".")
}
