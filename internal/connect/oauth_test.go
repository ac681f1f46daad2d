// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package connect

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/connector"
)

// granter is an authorization server that checks what it is asked, and gives tokens once for each code.
type granter struct {
	t         *testing.T
	challenge string // of the consent
	answer    string // instead of tokens
	used      bool
	redirect  string
}

const back = "https://greenroom.example/oauth/callback"

// consent is a person who consents: the query they are sent back with.
func (g *granter) consent(address string) url.Values {
	g.t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		g.t.Fatal(err)
	}
	q := u.Query()
	if q.Get("response_type") != "code" || q.Get("code_challenge_method") != "S256" || len(q.Get("state")) < 20 {
		g.t.Errorf("the consent is asked for with %v", q)
	}
	g.challenge, g.redirect, g.used = q.Get("code_challenge"), q.Get("redirect_uri"), false
	return url.Values{"code": {"c0de"}, "state": {q.Get("state")}}
}

func (g *granter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	w.Header().Set("Content-Type", "application/json")
	switch {
	case g.answer != "":
		fmt.Fprint(w, g.answer)
	case g.used, r.PostFormValue("code") != "c0de", r.PostFormValue("client_id") != "id", r.PostFormValue("client_secret") != "s3cret",
		r.PostFormValue("redirect_uri") != g.redirect, base64.RawURLEncoding.EncodeToString(sum[:]) != g.challenge:
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"error":"invalid_grant","error_description":"the code holds s3cret things"}`)
	default:
		g.used = true
		fmt.Fprint(w, `{"access_token":"acc","refresh_token":"ref","token_type":"bearer","expires_in":3600}`)
	}
}

// granting is a service with a connector whose platform is a granter.
func granting(t *testing.T) (*Service, *desk, *granter, *time.Time) {
	t.Helper()
	g := &granter{t: t}
	srv := httptest.NewServer(g)
	t.Cleanup(srv.Close)
	spec := connector.Spec{
		Kind: "crm", Title: "CRM", Options: []connector.Option{
			{Name: "client", Label: "Client ID", Type: connector.Text},
			{Name: "secret", Label: "Client secret", Type: connector.Secret},
			{Name: "token", Label: "Token", Type: connector.Secret},
			{Name: "refresh", Label: "Refresh token", Type: connector.Secret},
			{Name: "at", Label: "Address", Type: connector.Address},
		},
		OAuth: &connector.OAuth{
			Consent: "https://crm.example/consent", Token: "https://crm.example/token", Base: "at", Scopes: []string{"read", "list"}, Separator: ",", Params: map[string]string{"prompt": "consent"},
			Client: "client", Secret: "secret", Access: "token", Refresh: "refresh",
		},
	}
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	d := &desk{source: greenroom.Source{ID: 1, Name: "crm", Kind: "crm", Config: map[string]string{"client": "id", "secret": "s3cret", "at": srv.URL}}}
	return New(d, d, func() time.Time { return now }, []connector.Spec{spec, {Kind: "plain", Title: "Plain"}}, func(context.Context, *connector.Spec, connector.Values) error { return nil }), d, g, &now
}

// TestConsent goes through a consent: for a new source, and for one that is stored, whose own secret is used.
func TestConsent(t *testing.T) {
	s, d, g, _ := granting(t)
	typed := map[string]string{"client": " id ", "secret": "s3cret", "at": d.source.Config["at"]}
	c, err := s.Authorize(t.Context(), Asking{Kind: "crm", Source: "sales", Options: typed, Redirect: back, By: "ana"})
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(c.URL)
	if err != nil || u.Path != "/consent" || "http://"+u.Host != d.source.Config["at"] || u.Query().Get("scope") != "read,list" || u.Query().Get("prompt") != "consent" || strings.Contains(c.URL, "s3cret") {
		t.Errorf("people are sent to %s, %v", c.URL, err)
	}
	q := g.consent(c.URL)
	got, err := s.Redeem(t.Context(), q, "ana")
	want := Granted{Kind: "crm", Source: "sales", Options: connector.Values{"client": " id ", "secret": "s3cret", "at": d.source.Config["at"], "token": "acc", "refresh": "ref"}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("granted, %v (-want +got):\n%s", err, diff)
	}
	if _, again := typed["token"]; again {
		t.Error("what was typed was changed")
	}
	if _, err := s.Redeem(t.Context(), q, "ana"); greenroom.ErrorCode(err) != greenroom.CodeInvalid {
		t.Errorf("a state is good twice: %v", err)
	}
	if c, err = s.Authorize(t.Context(), Asking{Source: "crm", Redirect: back, By: "ana"}); err != nil {
		t.Fatal(err)
	}
	got, err = s.Redeem(t.Context(), g.consent(c.URL), "ana")
	if diff := cmp.Diff(Granted{Kind: "crm", Source: "crm", Stored: true, Options: connector.Values{"token": "acc", "refresh": "ref"}}, got); err != nil || diff != "" {
		t.Errorf("granted for a stored source, %v (-want +got):\n%s", err, diff)
	}
}

// TestConsentRefused lets nothing through that was not asked for by the same person a short while ago, and tells nothing
// that a platform's refusal may hold.
func TestConsentRefused(t *testing.T) {
	s, _, g, now := granting(t)
	ask := func() url.Values {
		c, err := s.Authorize(t.Context(), Asking{Source: "crm", Redirect: back, By: "ana"})
		if err != nil {
			t.Fatal(err)
		}
		return g.consent(c.URL)
	}
	for name, tt := range map[string]struct {
		by     string
		change func(url.Values)
		answer string
		code   greenroom.Code
		tells  string
	}{
		"somebody else": {by: "bob", code: greenroom.CodeForbidden, tells: "somebody else"},
		"another state": {by: "ana", change: func(q url.Values) { q.Set("state", "x") }, code: greenroom.CodeInvalid, tells: "not waited for"},
		"too late":      {by: "ana", change: func(url.Values) { *now = now.Add(15 * time.Minute) }, code: greenroom.CodeInvalid, tells: "not waited for"},
		"not consented": {by: "ana", change: func(q url.Values) { q.Set("error", "access_denied") }, code: greenroom.CodeForbidden, tells: "access_denied"},
		"another code":  {by: "ana", change: func(q url.Values) { q.Set("code", "x") }, code: greenroom.CodeInvalid, tells: "invalid_grant"},
		"as Slack does": {by: "ana", answer: `{"ok":false,"error":"bad_redirect_uri"}`, code: greenroom.CodeInvalid, tells: "bad_redirect_uri"},
	} {
		g.answer = tt.answer
		q := ask()
		if tt.change != nil {
			tt.change(q)
		}
		_, err := s.Redeem(t.Context(), q, tt.by)
		if greenroom.ErrorCode(err) != tt.code || !strings.Contains(greenroom.ErrorMessage(err), tt.tells) || strings.Contains(greenroom.ErrorMessage(err), "s3cret") {
			t.Errorf("%s: %v, %q; want %q", name, greenroom.ErrorCode(err), greenroom.ErrorMessage(err), tt.code)
		}
	}
	for name, a := range map[string]Asking{
		"no app":                 {Kind: "crm", Source: "x", Options: map[string]string{"client": "id"}, Redirect: back},
		"no address":             {Source: "crm", Redirect: "greenroom.example"},
		"no consent":             {Kind: "plain", Redirect: back},
		"a secret to a stranger": {Source: "crm", Options: map[string]string{"at": "https://evil.example"}, Redirect: back},
	} {
		if _, err := s.Authorize(t.Context(), a); greenroom.ErrorCode(err) != greenroom.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}
