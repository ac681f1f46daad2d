// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package bluesky

import (
	"context"
	"net/http"
	"sync"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/rest"
)

// session is one that the app password opens. Its token lasts some hours; another token renews it without the password,
// since sessions are limited in number.
type session struct {
	client           *rest.Client
	handle, password string
	mu               sync.Mutex
	got              wireSession
}

type wireSession struct {
	Access  string `json:"accessJwt"`
	Refresh string `json:"refreshJwt"`
	Handle  string `json:"handle"`
	DID     string `json:"did"`
}

func newSession(set connector.Settings, env connector.Env, handle string) (*session, error) {
	s := &session{handle: handle, password: set.Text(optPassword)}
	var err error
	s.client, err = rest.New(rest.Config{Name: title, Base: set.Text(optService) + "/xrpc", Env: env, Token: "app password", Refuse: refuse})
	return s, err
}

func (s *session) authorize(ctx context.Context, r *http.Request) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.open(ctx); err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+s.got.Access)
	return nil
}

// open opens a session where there is none.
func (s *session) open(ctx context.Context) error {
	if s.got.Access != "" {
		return nil
	}
	var got wireSession
	if _, err := s.client.Post(ctx, "/com.atproto.server.createSession", map[string]string{"identifier": s.handle, "password": s.password}, &got); err != nil {
		return err
	}
	if got.Access == "" || got.DID == "" {
		return greenroom.Errorf(greenroom.CodeUnauthorized, "%s opens no session with this app password; make a new one and enter it in the settings of the source", title)
	}
	s.got = got
	return nil
}

// renew gets a new token by the one that renews, or else by the password.
func (s *session) renew(ctx context.Context) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	refresh := s.got.Refresh
	s.got.Access = ""
	if refresh != "" {
		s.got.Refresh = "" // it is good for once
		ans, err := s.client.Do(ctx, rest.Request{
			Method: http.MethodPost, Path: "/com.atproto.server.refreshSession", Header: http.Header{"Authorization": {"Bearer " + refresh}},
		})
		var got wireSession
		if err == nil && s.client.Decode(ans, &got) == nil && got.Access != "" {
			s.got = got
			return true, nil
		}
	}
	return true, s.open(ctx)
}

// me is the account's DID and handle.
func (s *session) me(ctx context.Context) (did, handle string, _ error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.open(ctx)
	return s.got.DID, s.got.Handle, err
}

// did is the account's, once a session is open.
func (s *session) did() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.got.DID
}
