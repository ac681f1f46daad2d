// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package github

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/connectortest"
)

var made = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

// key is a private key as GitHub gives it.
func key(tb testing.TB) string {
	tb.Helper()
	k, err := made()
	if err != nil {
		tb.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(k)}))
}

// host answers as GitHub does to an app that is installed on acme and on globex, with tokens that hold for a while.
type host struct {
	t        *testing.T
	tokens   int
	valid    string // the token that holds
	next     http.Handler
	accounts []string
}

func (h *host) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	given := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	if strings.HasPrefix(r.URL.Path, "/app/") {
		h.signed(given)
	} else if given != h.valid {
		http.Error(w, `{"message":"Bad credentials"}`, http.StatusUnauthorized)
		return
	}
	switch r.URL.Path {
	case "/app/installations":
		var all []map[string]any
		for i, name := range h.accounts {
			all = append(all, map[string]any{"id": 70 + i, "account": map[string]any{"login": name}})
		}
		_ = json.NewEncoder(w).Encode(all)
	case "/app/installations/70":
		_, _ = w.Write([]byte(`{"id":70,"app_slug":"greenroom","account":{"login":"acme"},"permissions":{"metadata":"read","issues":"read"},"events":["issues"],"repository_selection":"selected"}`))
	case "/app/installations/70/access_tokens":
		h.tokens++
		h.valid = fmt.Sprintf("ghs_%d", h.tokens)
		w.WriteHeader(http.StatusCreated)
		_, _ = fmt.Fprintf(w, `{"token":%q,"expires_at":%q}`, h.valid, connectortest.Now().Add(time.Hour).Format(time.RFC3339))
	case "/installation/repositories":
		_, _ = w.Write([]byte(`{"total_count":1,"repositories":[{"id":3,"full_name":"acme/website","html_url":"https://github.com/acme/website"}]}`))
	default:
		h.next.ServeHTTP(w, r)
	}
}

// signed checks the text by which the app shows who it is.
func (h *host) signed(text string) {
	h.t.Helper()
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		h.t.Fatalf("the app signed in with %q", text)
	}
	k, err := made()
	if err != nil {
		h.t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	sig, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err == nil {
		err = rsa.VerifyPKCS1v15(&k.PublicKey, crypto.SHA256, sum[:], sig)
	}
	if err != nil {
		h.t.Errorf("the signature does not hold: %v", err)
	}
	head, _ := base64.RawURLEncoding.DecodeString(parts[0])
	body, _ := base64.RawURLEncoding.DecodeString(parts[1])
	var claims struct {
		Iat, Exp int64
		Iss      string
	}
	if err := json.Unmarshal(body, &claims); err != nil {
		h.t.Error(err)
	}
	now := connectortest.Now().Unix()
	if string(head) != `{"alg":"RS256","typ":"JWT"}` || claims.Iss != "42" || claims.Iat >= now || claims.Exp <= now || claims.Exp-claims.Iat > 600 {
		h.t.Errorf("the app says %s %s", head, body)
	}
}

// TestApp reads as an app: all that it is installed on, and on with a new token when the last one is refused.
func TestApp(t *testing.T) {
	f := newFake(t)
	h := &host{t: t, next: f, accounts: []string{"acme"}}
	srv := httptest.NewServer(h)
	defer srv.Close()
	values := connector.Values{optionApp: "42", optionKey: strings.ReplaceAll(key(t), "\n", " "), optionBase: srv.URL}
	src, err := New(connectortest.Env(t, srv.Client()), values)
	if err != nil {
		t.Fatal(err)
	}
	facts := connectortest.Collect(t, Spec(), values, srv.Client(), "", 0)
	if facts.Kinds()["issue"] != 3 || h.tokens != 1 {
		t.Errorf("got %v by %d tokens", facts.Kinds(), h.tokens)
	}
	check, err := src.(*Source).Test(t.Context()) //nolint:errcheck,forcetypeassert // New's
	if err != nil {
		t.Fatal(err)
	}
	h.valid = ""                                                                // GitHub has taken it back
	if _, err := src.(*Source).Test(t.Context()); err != nil || h.tokens != 3 { //nolint:errcheck,forcetypeassert // New's
		t.Errorf("after the token was taken back: %v by %d tokens", err, h.tokens)
	}
	var missing []string
	for _, m := range check.Missing {
		missing = append(missing, m.Name)
	}
	if check.Account != "greenroom[bot] on acme" || strings.Join(missing, " ") != "pull_requests discussions contents members" || len(check.Notes) != 3 {
		t.Errorf("the test says %+v", check)
	}
}

// TestWhichInstallation says what to do where it cannot be told.
func TestWhichInstallation(t *testing.T) {
	for _, tt := range []struct {
		accounts []string
		values   connector.Values
		says     string
	}{
		{nil, connector.Values{}, "installed on nothing yet"},
		{[]string{"acme", "globex"}, connector.Values{}, "installed on acme, globex"},
		{[]string{"globex"}, connector.Values{optionRepository: "acme"}, "installed on globex"},
		{[]string{"Acme", "globex"}, connector.Values{optionRepository: "acme"}, ""},
		{nil, connector.Values{optionInstallation: "70"}, ""},
	} {
		h := &host{t: t, next: newFake(t), accounts: tt.accounts}
		srv := httptest.NewServer(h)
		tt.values[optionApp], tt.values[optionKey], tt.values[optionBase] = "42", key(t), srv.URL
		src, err := New(connectortest.Env(t, srv.Client()), tt.values)
		if err != nil {
			t.Fatal(err)
		}
		err = src.Read(t.Context(), "", connector.NewSink(t.Context(), 0, nil))
		if tt.says == "" && err != nil && greenroom.ErrorCode(err) == greenroom.CodeInvalid || tt.says != "" && !strings.Contains(fmt.Sprint(err), tt.says) {
			t.Errorf("installed on %v, wanted %v: got %v", tt.accounts, tt.values[optionRepository], err)
		}
		srv.Close()
	}
}

// TestPrivateKey takes a key as it comes out of forms and environments.
func TestPrivateKey(t *testing.T) {
	text := key(t)
	k, err := made()
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	other := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	for _, form := range []string{text, other, strings.ReplaceAll(text, "\n", " "), strings.ReplaceAll(text, "\n", `\n`), strings.ReplaceAll(text, "\n", "\r\n"), "x\n" + text} {
		if got, err := privateKey(form); err != nil || !got.Equal(k) {
			t.Errorf("%q: %v", form[:40], err)
		}
	}
	for _, form := range []string{"", "-----BEGIN RSA PRIVATE KEY-----", text[:200], strings.ReplaceAll(text, "A", "B")} {
		if _, err := privateKey(form); greenroom.ErrorCode(err) != greenroom.CodeInvalid || strings.Contains(err.Error(), "MII") {
			t.Errorf("%.40q: got %v", form, err)
		}
	}
}

func FuzzPrivateKey(f *testing.F) {
	f.Add("-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----")
	f.Add("-----BEGIN -----END -----BEGIN ----------")
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := privateKey(text); err != nil && greenroom.ErrorCode(err) != greenroom.CodeInvalid {
			t.Error(err)
		}
	})
}
