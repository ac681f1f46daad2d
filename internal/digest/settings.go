// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package digest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/mail"
	"net/url"
	"slices"
	"strings"
	"time"

	"greenroom"
)

// Settings say to whom a digest goes, when, and how.
type Settings struct {
	On         bool         `json:"on"`
	Weekday    time.Weekday `json:"weekday"` // 0 is Sunday
	Hour       int          `json:"hour"`    // from 0 to 23, in the community's time zone
	Team       bool         `json:"team"`    // to everybody who can sign in
	Recipients []string     `json:"recipients,omitempty"`
	Left       []string     `json:"left,omitempty"`        // who unsubscribed
	Since      time.Time    `json:"since,omitzero"`        // since when it is on
	Hook       string       `json:"slack_hook,omitempty"`  // Slack's incoming webhook, sealed
	Server     Server       `json:"mail_server,omitempty"` // its password is sealed
	Base       string       `json:"base,omitempty"`        // where people reach Greenroom, as a server was told last
}

// Server is a mail server.
type Server struct {
	Host     string   `json:"host,omitempty"`
	Port     int      `json:"port,omitempty"`
	User     string   `json:"user,omitempty"` // "" = without signing in
	Password string   `json:"password,omitempty"`
	From     string   `json:"from,omitempty"` // an address, perhaps with a name
	Security Security `json:"security,omitempty"`
}

// Security is how the way to a mail server is protected.
type Security string

// The ways.
const (
	StartTLS Security = "starttls" // encrypted once connected, or nothing is sent
	TLS      Security = "tls"      // encrypted from the start
	Plain    Security = "none"     // not at all: for a server on the same machine
)

// The places that secrets are sealed for, and that links of unsubscribing are.
const (
	placePassword = "digest/mail/password"
	placeHook     = "digest/slack/hook"
	placeLeave    = "digest/leave"
)

// mostRecipients bounds to how many a digest goes.
const mostRecipients = 200

// Settings reads how digests are sent; its secrets are sealed.
func (s *Service) Settings(ctx context.Context) (Settings, error) {
	set, _, err := s.read(ctx)
	return set, err
}

func (s *Service) read(ctx context.Context) (set Settings, text string, err error) {
	set = Settings{Weekday: time.Monday, Hour: 8, Server: Server{Port: 587, Security: StartTLS}}
	if text, err = s.store.DigestSettings(ctx); err != nil || text == "" {
		return set, text, err
	}
	if err := json.Unmarshal([]byte(text), &set); err != nil {
		return set, text, fmt.Errorf("decoding the digest's settings: %w", err)
	}
	return set, text, nil
}

// change stores settings that alter has changed.
func (s *Service) change(ctx context.Context, alter func(set *Settings) error) error {
	set, before, err := s.read(ctx)
	if err != nil {
		return err
	}
	if err := alter(&set); err != nil {
		return err
	}
	text, err := json.Marshal(set)
	if err != nil {
		return fmt.Errorf("encoding the digest's settings: %w", err)
	}
	return s.store.SetDigestSettings(ctx, before, string(text))
}

// NoteReach keeps where people reach Greenroom, so that a digest that the command line sends has links that open, too.
func (s *Service) NoteReach(ctx context.Context) error {
	set, err := s.Settings(ctx)
	if err != nil || s.base == "" || set.Base == s.base {
		return err
	}
	return s.change(ctx, func(set *Settings) error {
		set.Base = s.base
		return nil
	})
}

// SetRhythm says when a digest goes to whom. Slack is the address of an incoming webhook; nil leaves it as it is, "" takes
// it away.
func (s *Service) SetRhythm(ctx context.Context, r Settings, slack *string) error {
	var all []string
	for _, text := range r.Recipients {
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		a, err := mail.ParseAddress(text)
		if err != nil {
			return greenroom.Errorf(greenroom.CodeInvalid, "%q is not a mail address; one looks like ana@example.com", text)
		}
		all = append(all, strings.ToLower(a.Address))
	}
	slices.Sort(all)
	all = slices.Compact(all)
	switch {
	case len(all) > mostRecipients:
		return greenroom.Errorf(greenroom.CodeInvalid, "a digest goes to %d addresses at most; use a mailing list for more", mostRecipients)
	case r.Weekday < time.Sunday || r.Weekday > time.Saturday:
		return greenroom.Errorf(greenroom.CodeInvalid, "%d is not a weekday; expected 0 (Sunday) to 6", r.Weekday)
	case r.Hour < 0 || r.Hour > 23:
		return greenroom.Errorf(greenroom.CodeInvalid, "%d is not an hour; expected 0 to 23", r.Hour)
	}
	hook := ""
	if slack != nil && *slack != "" {
		u, err := url.Parse(strings.TrimSpace(*slack))
		if err != nil || u.Scheme != "https" || u.Host == "" {
			return greenroom.Errorf(greenroom.CodeInvalid, "that is not the address of an incoming webhook; one begins with https://hooks.slack.com/services/")
		}
		if hook, err = s.seal.Seal([]byte(u.String()), placeHook); err != nil {
			return fmt.Errorf("sealing the webhook: %w", err)
		}
	}
	return s.change(ctx, func(set *Settings) error {
		if r.On && (!set.On || set.Weekday != r.Weekday || set.Hour != r.Hour) {
			set.Since = s.now()
		}
		set.On, set.Weekday, set.Hour, set.Team = r.On, r.Weekday, r.Hour, r.Team
		// Who is written down anew wants it again.
		set.Left = slices.DeleteFunc(set.Left, func(a string) bool { return slices.Contains(all, a) && !slices.Contains(set.Recipients, a) })
		if set.Recipients = all; slack != nil {
			set.Hook = hook
		}
		return nil
	})
}

// SetServer sets the mail server. A nil password leaves the one that is there, unless the server is another one: a
// password goes to the server only that it was typed for.
func (s *Service) SetServer(ctx context.Context, v Server, password *string) error {
	v.Host, v.User = strings.TrimSpace(v.Host), strings.TrimSpace(v.User)
	if v.Host != "" {
		if strings.ContainsAny(v.Host, " /@") {
			return greenroom.Errorf(greenroom.CodeInvalid, "%q is not the name of a mail server; one looks like smtp.example.com", v.Host)
		}
		if v.Port < 1 || v.Port > 65535 {
			return greenroom.Errorf(greenroom.CodeInvalid, "%d is not a port; mail servers mostly listen at 587 or 465", v.Port)
		}
		if _, err := mail.ParseAddress(v.From); err != nil {
			return greenroom.Errorf(greenroom.CodeInvalid, "%q is not an address that mail can come from; one looks like Greenroom <greenroom@example.com>", v.From)
		}
		if v.Security != StartTLS && v.Security != TLS && v.Security != Plain {
			return greenroom.Errorf(greenroom.CodeInvalid, "there is no security %q; choose starttls, tls or none", v.Security)
		}
		if v.Security == Plain && v.User != "" && !local(v.Host) {
			return greenroom.Errorf(greenroom.CodeInvalid, "a password is not sent unprotected; choose starttls or tls")
		}
	}
	v.Password = ""
	if password != nil && *password != "" {
		sealed, err := s.seal.Seal([]byte(*password), placePassword)
		if err != nil {
			return fmt.Errorf("sealing the password: %w", err)
		}
		v.Password = sealed
	}
	return s.change(ctx, func(set *Settings) error {
		if old := &set.Server; password == nil && old.Host == v.Host && old.Port == v.Port && old.User == v.User && (old.Security == v.Security || v.Security != Plain) {
			v.Password = old.Password
		}
		set.Server = v
		return nil
	})
}

func local(host string) bool { return host == "localhost" || host == "127.0.0.1" || host == "::1" }

// Reseal seals the secrets with the newest key, and reports how many were sealed anew. Again says of a sealed text what
// it is under that key, and whether it was stale.
func (s *Service) Reseal(ctx context.Context, again func(sealed, place string) (string, bool, error)) (int, error) {
	set, _, err := s.read(ctx)
	if err != nil || set.Hook == "" && set.Server.Password == "" {
		return 0, err
	}
	n := 0
	hook, password := set.Hook, set.Server.Password
	for _, x := range []struct {
		text  *string
		place string
	}{{&hook, placeHook}, {&password, placePassword}} {
		if *x.text == "" {
			continue
		}
		fresh, stale, err := again(*x.text, x.place)
		if err != nil {
			return 0, fmt.Errorf("sealing a secret of the digest anew: %w", err)
		}
		if stale {
			*x.text, n = fresh, n+1
		}
	}
	if n == 0 {
		return 0, nil
	}
	return n, s.change(ctx, func(set *Settings) error {
		set.Hook, set.Server.Password = hook, password
		return nil
	})
}

// Leave takes the address out that a link of unsubscribing was made for, and returns it.
func (s *Service) Leave(ctx context.Context, token string) (string, error) {
	address, err := s.Leaver(token)
	if err != nil {
		return "", err
	}
	return address, s.change(ctx, func(set *Settings) error {
		if !slices.Contains(set.Left, address) {
			set.Left = append(set.Left, address)
		}
		return nil
	})
}

// Leaver is the address that a link of unsubscribing was made for.
func (s *Service) Leaver(token string) (string, error) {
	address, err := s.seal.Open(token, placeLeave)
	if err != nil {
		return "", &greenroom.Error{Code: greenroom.CodeInvalid, Message: "this link does not open; ask whoever runs this Greenroom to take you off the list", Err: err}
	}
	return string(address), nil
}

// addresses are the mail addresses that a digest goes to.
func (s *Service) addresses(ctx context.Context, set *Settings) ([]string, error) {
	all := slices.Clone(set.Recipients)
	if set.Team {
		team, err := s.team(ctx)
		if err != nil {
			return nil, fmt.Errorf("listing the team: %w", err)
		}
		for _, a := range team {
			all = append(all, strings.ToLower(a))
		}
	}
	slices.Sort(all)
	return slices.DeleteFunc(slices.Compact(all), func(a string) bool { return slices.Contains(set.Left, a) }), nil
}
