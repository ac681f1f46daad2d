// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package digest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"

	"greenroom"
	"greenroom/internal/action"
)

// UncertainError is an error after which nobody knows whether something was sent.
type UncertainError struct{ Err error }

// Error says what happened.
func (u *UncertainError) Error() string { return u.Err.Error() }

// Unwrap gives what happened.
func (u *UncertainError) Unwrap() error { return u.Err }

const notKnown = "whether it arrived is not known, and it is not sent twice by itself; “Send now” on the digest's page sends it again"

// Perform sends one digest. Errors that it returns mean that nothing was sent.
func (s *Service) Perform(ctx context.Context, a *action.Action, items []action.Item) error {
	var p plan
	if err := json.Unmarshal(a.Plan, &p); err != nil {
		return fmt.Errorf("decoding the plan of action %d: %w", a.ID, err)
	}
	for i := range items {
		it := &items[i]
		switch {
		case it.Again && a.Error == "": // the last try was cut off
			it.State, it.Reason = action.ItemFailed, "Greenroom was stopped while it was being sent: "+notKnown
			continue
		case p.Week != s.week(s.now()):
			it.State, it.Reason = action.ItemFailed, "its week is over"
			continue
		}
		err := s.deliver(ctx, a, p.To)
		var u *UncertainError
		switch {
		case err == nil:
			it.State = action.ItemDone
		case errors.As(err, &u):
			s.log.Warn("a digest may not have arrived", "action", a.ID, "error", err)
			it.State, it.Reason = action.ItemFailed, "The connection broke: "+notKnown
		case greenroom.ErrorCode(err) == greenroom.CodeUnavailable || greenroom.ErrorCode(err) == greenroom.CodeLimited:
			return err
		default:
			s.log.Warn("a digest could not be sent", "action", a.ID, "error", err)
			it.State, it.Reason = action.ItemFailed, greenroom.ErrorMessage(err)
		}
	}
	return nil
}

func (s *Service) deliver(ctx context.Context, a *action.Action, to string) error {
	set, err := s.Settings(ctx)
	if err != nil {
		return err
	}
	d, err := s.Show(ctx)
	if err != nil {
		return err
	}
	if to == toSlack {
		return s.post(ctx, &set, d)
	}
	if slices.Contains(set.Left, to) {
		return greenroom.Errorf(greenroom.CodeInvalid, "they unsubscribed")
	}
	m := &Mail{ID: s.mailID(a.Key), To: to, Subject: d.Subject, Text: d.Text, HTML: d.HTML, At: s.now()}
	if s.base != "" {
		token, err := s.seal.Seal([]byte(to), placeLeave)
		if err != nil {
			return fmt.Errorf("making a link to unsubscribe: %w", err)
		}
		m.Leave = s.base + LeavePath + "?t=" + url.QueryEscape(token)
		m.Text += "\nUnsubscribe: " + m.Leave + "\n"
	}
	return s.mail(ctx, &set, m)
}

// LeavePath is where links of unsubscribing lead.
const LeavePath = "/digest/unsubscribe"

func (s *Service) mail(ctx context.Context, set *Settings, m *Mail) error {
	server := set.Server
	if server.Host == "" {
		return greenroom.Errorf(greenroom.CodeInvalid, "there is no mail server; set one under Settings, Mail")
	}
	if server.Password != "" {
		password, err := s.seal.Open(server.Password, placePassword)
		if err != nil {
			return &greenroom.Error{Code: greenroom.CodeInvalid, Message: "the password of the mail server cannot be opened; type it in again", Err: err}
		}
		server.Password = string(password)
	}
	return s.mailer.Send(ctx, server, m) //nolint:wrapcheck // its words are for people
}

// Test sends a mail that says that mail works.
func (s *Service) Test(ctx context.Context, to string) error {
	set, err := s.Settings(ctx)
	if err != nil {
		return err
	}
	const text = "This is a test: the mail server of your Greenroom works.\n"
	return s.mail(ctx, &set, &Mail{ID: s.mailID("test " + to + s.now().String()), To: to, Subject: s.community + ": mail works", Text: text, HTML: "<p>" + text + "</p>", At: s.now()})
}

// post sends a digest to Slack.
func (s *Service) post(ctx context.Context, set *Settings, d *Digest) error {
	if set.Hook == "" {
		return greenroom.Errorf(greenroom.CodeInvalid, "there is no Slack webhook any more")
	}
	hook, err := s.seal.Open(set.Hook, placeHook)
	if err != nil {
		return &greenroom.Error{Code: greenroom.CodeInvalid, Message: "the Slack webhook cannot be opened; type it in again", Err: err}
	}
	body, err := d.slack()
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, string(hook), bytes.NewReader(body))
	if err != nil {
		return greenroom.Errorf(greenroom.CodeInvalid, "the Slack webhook is no address") // the address is secret
	}
	r.Header.Set("Content-Type", "application/json")
	res, err := s.poster.Do(r)
	if err != nil {
		return posting(err)
	}
	defer res.Body.Close()
	said, _ := io.ReadAll(io.LimitReader(res.Body, 200))
	switch {
	case res.StatusCode == http.StatusOK:
		return nil
	case res.StatusCode == http.StatusTooManyRequests:
		return greenroom.Errorf(greenroom.CodeLimited, "Slack asks to be left alone for a while")
	case res.StatusCode >= http.StatusInternalServerError:
		return &UncertainError{greenroom.Errorf(greenroom.CodeUnavailable, "Slack answered %d", res.StatusCode)}
	default:
		return greenroom.Errorf(greenroom.CodeInvalid, "Slack refused the webhook (%d %s)", res.StatusCode, bytes.TrimSpace(said))
	}
}

// posting tells failures to connect, after which nothing was sent, from others. The address is secret and is in neither.
func posting(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	var dial *net.OpError
	switch {
	case greenroom.ErrorCode(err) == greenroom.CodeForbidden:
		return err
	case errors.As(err, &dial) && dial.Op == "dial":
		return &greenroom.Error{Code: greenroom.CodeUnavailable, Message: "Slack cannot be reached", Err: err}
	default:
		return &UncertainError{err}
	}
}
