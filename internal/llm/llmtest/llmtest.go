// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package llmtest is a server for tests that answers as an OpenAI-compatible API does, and holds requests to the part of
// its contract that we use.
package llmtest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync"
	"testing"
)

// Server answers with what it was given. Its fields may be set before a request.
type Server struct {
	*httptest.Server

	mu      sync.Mutex
	answers []string
	bodies  []string
	refuse  []Refusal
	Key     string // that is asked for; "" = any
}

// Refusal is an answer that is none.
type Refusal struct {
	Status     int
	RetryAfter string
	Body       string
}

// Start starts a server, until the test ends. Address is its URL with /v1.
func Start(tb testing.TB, answers ...string) *Server {
	tb.Helper()
	s := &Server{answers: answers}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/chat/completions", func(w http.ResponseWriter, r *http.Request) { s.answer(tb, w, r) })
	s.Server = httptest.NewServer(mux)
	tb.Cleanup(s.Close)
	return s
}

// Address is what is set as the model's address.
func (s *Server) Address() string { return s.URL + "/v1" }

// Say sets the next answers; the last one is given again and again.
func (s *Server) Say(answers ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers = answers
}

// Refuse has the next requests refused.
func (s *Server) Refuse(all ...Refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse = append(s.refuse, all...)
}

// Bodies are what was asked so far, to the letter.
func (s *Server) Bodies() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.bodies)
}

func (s *Server) answer(tb testing.TB, w http.ResponseWriter, r *http.Request) {
	tb.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = contract(r, body)
	}
	if err != nil {
		tb.Errorf("the request breaks the contract: %v", err)
	}
	s.bodies = append(s.bodies, string(body))
	w.Header().Set("Content-Type", "application/json")
	if len(s.refuse) > 0 {
		v := s.refuse[0]
		s.refuse = s.refuse[1:]
		if v.RetryAfter != "" {
			w.Header().Set("Retry-After", v.RetryAfter)
		}
		w.WriteHeader(v.Status)
		_, _ = w.Write([]byte(v.Body))
		return
	}
	if s.Key != "" && r.Header.Get("Authorization") != "Bearer "+s.Key {
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = w.Write([]byte(`{"error":{"message":"Incorrect API key provided.","type":"invalid_request_error"}}`))
		return
	}
	text := ""
	if len(s.answers) > 0 {
		text = s.answers[0]
	}
	if len(s.answers) > 1 {
		s.answers = s.answers[1:]
	}
	content, err := json.Marshal(text)
	if err != nil {
		tb.Error(err)
	}
	_, _ = w.Write([]byte(`{"id":"c1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":` + string(content) +
		`},"finish_reason":"stop"}],"usage":{"prompt_tokens":` + strconv.Itoa(len(body)/4) + `,"completion_tokens":` + strconv.Itoa(len(text)/4+1) + `,"total_tokens":` + strconv.Itoa(len(body)/4+len(text)/4+1) + `}}`))
}

// contract checks a request against the part of the API's description that we use.
func contract(r *http.Request, body []byte) error {
	if got := r.Header.Get("Content-Type"); got != "application/json" {
		return fmt.Errorf("the content type is %q", got)
	}
	var req map[string]any
	if err := json.Unmarshal(body, &req); err != nil {
		return fmt.Errorf("the body is no JSON: %w", err)
	}
	for name := range req {
		if !slices.Contains([]string{"model", "messages", "max_tokens", "temperature"}, name) {
			return fmt.Errorf("there is a field %q", name)
		}
	}
	if v, ok := req["model"].(string); !ok || v == "" {
		return fmt.Errorf("model is %v", req["model"])
	}
	if v, ok := req["max_tokens"].(float64); !ok || v < 1 {
		return fmt.Errorf("max_tokens is %v", req["max_tokens"])
	}
	if v, ok := req["temperature"].(float64); !ok || v < 0 || v > 2 {
		return fmt.Errorf("temperature is %v", req["temperature"])
	}
	all, ok := req["messages"].([]any)
	if !ok || len(all) == 0 {
		return fmt.Errorf("messages are %v", req["messages"])
	}
	for _, v := range all {
		m, ok := v.(map[string]any)
		role, isText := m["role"].(string)
		content, hasText := m["content"].(string)
		if !ok || len(m) != 2 || !isText || !hasText || content == "" || !slices.Contains([]string{"system", "user", "assistant"}, role) {
			return fmt.Errorf("a message is %v", v)
		}
	}
	return nil
}
