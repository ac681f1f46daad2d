// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package github

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"greenroom"
	"greenroom/connector/internal/rest"
)

// app signs in as a GitHub App: with its private key it signs a text that says who it is (a JWT by RS256), for which GitHub
// gives a token of the installation that holds for an hour.
type app struct {
	id     string
	key    *rsa.PrivateKey
	owners []target
	now    func() time.Time
	client *rest.Client // asks as the app itself

	mu           sync.Mutex
	installation int64 // 0 = not known yet
	token        string
	until        time.Time
}

// early is how long before its end a token is renewed.
const early = 5 * time.Minute

func newApplication(s *Source, c rest.Config) (*app, error) {
	key, err := privateKey(s.set.Text(optionKey))
	if err != nil {
		return nil, err
	}
	a := &app{id: s.set.Text(optionApp), key: key, owners: s.targets, now: s.env.Now}
	if n := s.set.Text(optionInstallation); n != "" {
		if a.installation, err = strconv.ParseInt(n, 10, 64); err != nil {
			return nil, greenroom.Errorf(greenroom.CodeInvalid, "%q is not the number of an installation", n)
		}
	}
	c.Token = "App ID or the private key"
	c.Authorize = func(_ context.Context, r *http.Request) error {
		text, err := a.sign()
		r.Header.Set("Authorization", "Bearer "+text)
		return err
	}
	a.client, err = rest.New(c)
	return a, err
}

const keyExpected = "the whole text of the .pem file that GitHub gave for the app, from -----BEGIN to the end, was expected"

// privateKey reads an RSA key. A form with one line turns the ends of lines into spaces, and an environment variable has
// them as \n: both are put right.
func privateKey(text string) (*rsa.PrivateKey, error) {
	text = strings.ReplaceAll(text, `\n`, "\n")
	_, text, _ = strings.Cut(text, "-----BEGIN ")
	_, text, _ = strings.Cut(text, "-----")
	text, _, _ = strings.Cut(text, "-----END ")
	der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil || len(der) == 0 {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "the private key of the app cannot be read; %s", keyExpected)
	}
	if key, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return key, nil
	}
	parsed, err := x509.ParsePKCS8PrivateKey(der)
	key, ok := parsed.(*rsa.PrivateKey)
	if err != nil || !ok {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "the private key of the app is not an RSA key; %s", keyExpected)
	}
	return key, nil
}

// sign makes the text by which the app shows who it is. It begins a minute ago, because clocks differ, and holds for less
// than the ten minutes that GitHub allows.
func (a *app) sign() (string, error) {
	now := a.now()
	claims, err := json.Marshal(map[string]any{"iat": now.Add(-time.Minute).Unix(), "exp": now.Add(8 * time.Minute).Unix(), "iss": a.id})
	if err != nil {
		return "", fmt.Errorf("signing in as a GitHub App: %w", err)
	}
	enc := base64.RawURLEncoding
	text := enc.EncodeToString([]byte(`{"alg":"RS256","typ":"JWT"}`)) + "." + enc.EncodeToString(claims)
	digest := sha256.Sum256([]byte(text))
	signed, err := rsa.SignPKCS1v15(rand.Reader, a.key, crypto.SHA256, digest[:])
	if err != nil {
		return "", fmt.Errorf("signing in as a GitHub App: %w", err)
	}
	return text + "." + enc.EncodeToString(signed), nil
}

// authorize puts the installation's token on a request.
func (a *app) authorize(ctx context.Context, r *http.Request) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.token == "" || a.now().After(a.until.Add(-early)) {
		if err := a.mint(ctx); err != nil {
			return err
		}
	}
	r.Header.Set("Authorization", "Bearer "+a.token)
	return nil
}

// renew drops a token that GitHub refuses, so that the next request gets another one.
func (a *app) renew(context.Context) (bool, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.token = ""
	return true, nil
}

func (a *app) mint(ctx context.Context) error {
	id, err := a.find(ctx)
	if err != nil {
		return err
	}
	var made struct {
		Token     string    `json:"token"`
		ExpiresAt time.Time `json:"expires_at"`
	}
	ans, err := a.client.Do(ctx, rest.Request{Method: http.MethodPost, Path: "/app/installations/" + strconv.FormatInt(id, 10) + "/access_tokens"})
	if rest.Gone(err) {
		return greenroom.Errorf(greenroom.CodeInvalid, "the GitHub App has no installation %d; check the number, or leave it empty", id)
	}
	if err != nil {
		return err
	}
	if err := a.client.Decode(ans, &made); err != nil {
		return err
	}
	a.token, a.until = made.Token, made.ExpiresAt
	return nil
}

// installed is an installation of the app.
type installed struct {
	ID      int64 `json:"id"`
	Account struct {
		Login string `json:"login"`
	} `json:"account"`
	AppSlug     string            `json:"app_slug"`
	Permissions map[string]string `json:"permissions"`
	Events      []string          `json:"events"`
	SuspendedAt *time.Time        `json:"suspended_at"`
	Selection   string            `json:"repository_selection"` // "all", "selected"
}

// find finds the installation: the one that was given, that of the wanted owner, or the only one.
func (a *app) find(ctx context.Context) (int64, error) {
	if a.installation != 0 {
		return a.installation, nil
	}
	var found []installed
	var names []string
	for address := "/app/installations?per_page=100"; address != ""; {
		var page []installed
		ans, err := a.client.Into(ctx, address, nil, &page)
		if err != nil {
			return 0, err
		}
		for i := range page {
			if len(a.owners) == 0 || strings.EqualFold(a.owners[0].owner, page[i].Account.Login) {
				found = append(found, page[i])
			}
			names = append(names, page[i].Account.Login)
		}
		address = ans.Link("next")
	}
	if len(found) != 1 {
		return 0, greenroom.Errorf(greenroom.CodeInvalid, "the GitHub App is installed on %s; install it on the owner of the repositories, or say which installation is meant", orNothing(names))
	}
	a.installation = found[0].ID
	return a.installation, nil
}

func orNothing(names []string) string {
	if len(names) == 0 {
		return "nothing yet"
	}
	return strings.Join(names, ", ")
}

// about asks what the installation may do.
func (a *app) about(ctx context.Context) (installed, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	var me installed
	id, err := a.find(ctx)
	if err != nil {
		return me, err
	}
	_, err = a.client.Into(ctx, "/app/installations/"+strconv.FormatInt(id, 10), nil, &me)
	return me, err
}
