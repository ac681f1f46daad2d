// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package imap reads a mailing list from a mailbox that is subscribed to it, by IMAP.
//
// A message becomes the same facts as in the mbox connector, with the same ids and threads (package mailmessage), so that
// an archive can be imported for the past and the mailbox followed from then on.
//
// The place in a folder is the last UID that was told, for one UIDVALIDITY: where the server gives the folder another
// one, its UIDs mean nothing any more, and the folder is read from its beginning, which changes nothing in what is stored.
// Threads are worked out over the headers of what is read and of the messages before it, as many as replies may reach
// back to. The folder is opened for reading only and nothing in it is marked as seen. What is deleted from the mailbox is
// not deleted from the list, so it stays.
package imap

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/mailmessage"
)

// Kind is what the connector is called.
const Kind = "imap"

const title = "Mailing list by IMAP"

// The names of the options.
const (
	optServer   = "server"
	optUser     = "user"
	optPassword = "password"
	optFolders  = "folders"
	optList     = "list"
	optURL      = "message-url"
	optSince    = "since"
	optSecurity = "security"

	secureTLS   = "tls"
	secureStart = "starttls"
	secureNone  = "none"
)

const help = `1. Make a mailbox for this, e.g. ` + "`greenroom@example.org`" + `, and subscribe it to the list. Do not use somebody's own mailbox.
2. In the mailbox's settings, make a filter that moves the list's mails into a folder of their own, unless nothing else comes there.
3. Turn IMAP on where the provider asks for it, and make an *app password*:
   - **Google Workspace, Gmail:** account → **Security → 2-Step Verification → App passwords**; server ` + "`imap.gmail.com`" + `.
   - **Fastmail:** **Settings → Privacy & Security → App passwords**; server ` + "`imap.fastmail.com`" + `.
   - **Own server:** the mailbox's password; ask your administrator for the server's name.
   Microsoft 365 takes no passwords for IMAP any more; have the list forwarded to a mailbox elsewhere.
4. Enter server, user, password and the folder.

For the list's past, import its archive with **Mailing-list archive (mbox)** into the same source: messages that are in both are told once.`

// Spec describes the connector.
func Spec() connector.Spec {
	return connector.Spec{
		Kind: Kind, Title: title, Platform: "mail", Primary: optServer, Help: help, Group: connector.GroupCommunity,
		Summary:  "Messages and threads of a mailing list or group, from a mailbox that is subscribed to it.",
		Keywords: []string{"mail", "e-mail", "mailing list", "mailman", "google groups", "groups.io", "listserv"},
		Options:  options(), New: New, Incremental: true, Rhythm: 15 * time.Minute, Watches: true,
		Limits: "Providers limit how many connections a mailbox has and how much is fetched a day; Gmail allows 2.5 GB a day. A read holds one connection and asks for 100 messages at a time. " +
			"Where the server has IDLE, a connection for each of the first three folders stays open, and a message comes in as it arrives; further folders come in every 15 minutes.",
	}
}

func options() []connector.Option {
	return []connector.Option{
		{Name: optServer, Label: "Server", Type: connector.Text, Required: true, Example: "imap.example.org", Help: "The name of the IMAP server, with its port where it is not the usual one."},
		{Name: optUser, Label: "User", Type: connector.Text, Required: true, Example: "greenroom@example.org", Help: "The mailbox, as a mail program would sign in."},
		{Name: optPassword, Label: "Password", Type: connector.Secret, Required: true, Help: "The mailbox's password, or the app password made for this."},
		{Name: optFolders, Label: "Folders", Type: connector.List, Default: "INBOX", Example: "INBOX, Lists/users", Help: "The folders that hold the list's mails."},
		{Name: optList, Label: "Name of the list", Type: connector.Text, Example: "users", Help: "Puts all messages into one channel of this name. Without it, the channel is the list named in the messages, else the folder."},
		{Name: optURL, Label: "Address of a message", Type: connector.Text, Example: "https://lists.example.org/message-id/{id}", Help: "Where a message can be seen, with {id} for its Message-ID. Without it, messages link where their Archived-At header says."},
		{Name: optSince, Label: "How far back", Type: connector.Since, Default: "all", Help: "From when on messages are wanted."},
		{Name: optSecurity, Label: "Connection", Type: connector.Choice, Default: secureTLS, Choices: []string{secureTLS, secureStart, secureNone}, Help: "How the connection is kept secret; none is for servers on this machine only."},
	}
}

// source is the folders of one mailbox.
type source struct {
	set     connector.Settings
	env     connector.Env
	host    string
	address string
	limit   int64 // bytes of a message
	window  int   // messages before the place whose headers are looked at for threads
}

// New opens a source; nothing is asked yet.
func New(env connector.Env, v connector.Values) (connector.Source, error) {
	set, err := connector.ReadSettings(title, options(), v, env.Now())
	if err != nil {
		return nil, err
	}
	s := &source{set: set, env: env, limit: 32 << 20, window: 5000}
	server := set.Text(optServer)
	server = strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(server, "imaps://"), "imap://"), "/")
	host, port, err := net.SplitHostPort(server)
	if err != nil {
		host, port = server, "993"
		if set.Text(optSecurity) != secureTLS {
			port = "143"
		}
	}
	if host == "" || strings.ContainsAny(host, " /@?#") {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "%q is not the name of a server; expected one such as imap.example.org", set.Text(optServer))
	}
	if address := set.Text(optURL); address != "" && (mailmessage.WebAddress(strings.ReplaceAll(address, "{id}", "x")) == "" || !strings.Contains(address, "{id}")) {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "the address of a message %q is not one like https://lists.example.org/message-id/{id}", address)
	}
	if ip := net.ParseIP(host); set.Text(optSecurity) == secureNone && host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "the password would go to %s in the clear; expected tls or starttls as the connection", host)
	}
	s.host, s.address = host, net.JoinHostPort(host, port)
	return s, nil
}

// dial connects by the guard that the client for web addresses has: a user enters the server's name.
func (s *source) dial(ctx context.Context) (net.Conn, error) {
	if s.env.HTTP == nil {
		return nil, greenroom.Errorf(greenroom.CodeUnavailable, "the mail server cannot be reached: this process has no access to the network")
	}
	dial := (&net.Dialer{Timeout: 30 * time.Second}).DialContext
	if t, ok := s.env.HTTP.Transport.(*http.Transport); ok && t.DialContext != nil {
		dial = t.DialContext
	}
	conn, err := dial(ctx, "tcp", s.address)
	if err != nil || s.set.Text(optSecurity) != secureTLS {
		return conn, err
	}
	secured := tls.Client(conn, &tls.Config{ServerName: s.host, NextProtos: []string{"imap"}, MinVersion: tls.VersionTLS12})
	if err := secured.HandshakeContext(ctx); err != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("agreeing on a secure connection: %w", err)
	}
	return secured, nil
}

// within signs in, does something and signs out. A canceled ctx breaks the connection off.
func (s *source) within(ctx context.Context, do func(*imapclient.Client) error) error {
	return s.hearing(ctx, nil, do)
}

// hearing is within, where what the server tells by itself is heard.
func (s *source) hearing(ctx context.Context, told *imapclient.UnilateralDataHandler, do func(*imapclient.Client) error) error {
	c, end, err := s.open(ctx, told)
	if err != nil {
		return err
	}
	defer end()
	if err := do(c); err != nil {
		return s.explain(ctx, err)
	}
	_ = c.Logout().Wait() // what was read is read
	return nil
}

// open connects and signs in; end breaks the connection off, as a canceled ctx does.
func (s *source) open(ctx context.Context, told *imapclient.UnilateralDataHandler) (c *imapclient.Client, end func(), err error) {
	s.env.Meter.Request(false)
	conn, err := s.dial(ctx)
	if err != nil {
		return nil, nil, s.explain(ctx, err)
	}
	if s.set.Text(optSecurity) == secureStart {
		c, err = imapclient.NewStartTLS(conn, &imapclient.Options{UnilateralDataHandler: told, TLSConfig: &tls.Config{ServerName: s.host, MinVersion: tls.VersionTLS12}})
		if err != nil {
			_ = conn.Close()
			return nil, nil, s.explain(ctx, err)
		}
	} else {
		c = imapclient.New(conn, &imapclient.Options{UnilateralDataHandler: told})
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	end = func() {
		stop()
		_ = c.Close()
	}
	if err := s.login(ctx, c); err != nil {
		end()
		return nil, nil, err
	}
	return c, end, nil
}

// login signs in. A refusal that the server says will pass (RFC 5530) is none of the password.
func (s *source) login(ctx context.Context, c *imapclient.Client) error {
	if s.set.Text(optSecurity) == secureNone && c.Caps().Has(goimap.CapLoginDisabled) {
		return s.disabled(nil)
	}
	err := c.Login(s.set.Text(optUser), s.set.Text(optPassword)).Wait()
	var refused *goimap.Error
	if err == nil || !errors.As(err, &refused) || ctx.Err() != nil {
		if err != nil {
			err = s.explain(ctx, err)
		}
		return err
	}
	switch refused.Code { //nolint:exhaustive // all others are about the user or the password
	case goimap.ResponseCodeUnavailable, goimap.ResponseCodeInUse, goimap.ResponseCodeServerBug, goimap.ResponseCodeLimit, goimap.ResponseCodeOverQuota:
		return s.explain(ctx, err)
	case goimap.ResponseCodePrivacyRequired:
		return s.disabled(err)
	}
	if strings.Contains(strings.ToLower(refused.Text), "too many") { // Gmail's word for more than 15 connections has no code
		return &greenroom.Error{Code: greenroom.CodeLimited, Err: err, Message: "the mail server answers: " + says(refused)}
	}
	return &greenroom.Error{
		Code: greenroom.CodeUnauthorized, Err: err,
		Message: fmt.Sprintf("%s: the server refuses the user or the password (%s); make a new app password and enter it here", title, says(refused)),
	}
}

func (s *source) disabled(err error) error {
	return &greenroom.Error{
		Code: greenroom.CodeInvalid, Err: err,
		Message: "the mail server takes no password over a connection that is not encrypted; choose starttls or tls as the connection",
	}
}

func says(e *goimap.Error) string {
	text := mailmessage.ValidText(e.Text)
	if len(text) > 200 {
		text = mailmessage.ValidText(text[:200])
	}
	return text
}

// explain words an error of the server or of the way to it.
func (s *source) explain(ctx context.Context, err error) error {
	var known *greenroom.Error
	var refused *goimap.Error
	switch {
	case errors.As(err, &known):
		return err
	case ctx.Err() != nil:
		return fmt.Errorf("reading the mailbox was stopped: %w", ctx.Err())
	case errors.As(err, &refused):
		code := greenroom.CodeUnavailable
		if refused.Code == goimap.ResponseCodeLimit || refused.Code == goimap.ResponseCodeOverQuota {
			code = greenroom.CodeLimited
		}
		return &greenroom.Error{Code: code, Err: err, Message: "the mail server answers: " + says(refused)}
	}
	s.log().InfoContext(ctx, "the connection to a mail server failed", "error", err)
	var untrusted *tls.CertificateVerificationError
	if errors.As(err, &untrusted) {
		return &greenroom.Error{
			Code: greenroom.CodeUnavailable, Err: err,
			Message: fmt.Sprintf("the certificate of the mail server %s is not one that this machine trusts (%s); enter the name that stands in it, or add the authority that made it to this machine's (SSL_CERT_FILE)", s.host, mailmessage.ValidText(untrusted.Err.Error())),
		}
	}
	return &greenroom.Error{
		Code: greenroom.CodeUnavailable, Err: err,
		Message: "the mail server " + s.address + " cannot be reached or broke off; nothing was lost, the next sync goes on from here",
	}
}

func (s *source) log() *slog.Logger {
	if s.env.Log != nil {
		return s.env.Log
	}
	return slog.New(slog.DiscardHandler)
}

// Test signs in and looks at the folders.
func (s *source) Test(ctx context.Context) (connector.Check, error) {
	check := connector.Check{Account: s.set.Text(optUser) + " on " + s.host}
	err := s.within(ctx, func(c *imapclient.Client) error {
		all, err := folders(c)
		if err != nil {
			return err
		}
		for _, wanted := range s.set.List(optFolders) {
			at := slices.IndexFunc(all, func(have string) bool { return same(have, wanted) })
			if at < 0 {
				check.Missing = append(check.Missing, connector.Missing{
					Name: wanted, Then: "Nothing of this folder comes in.", Do: "Choose among the folders that there are: " + strings.Join(all[:min(len(all), 30)], ", ") + ".", Must: true,
				})
				continue
			}
			n, err := count(c, all[at])
			if err != nil {
				return err
			}
			check.Notes = append(check.Notes, fmt.Sprintf("%s holds %d messages.", all[at], n))
		}
		return nil
	})
	return check, err
}

// folders lists the names of the folders that can hold messages.
func folders(c *imapclient.Client) ([]string, error) {
	list, err := c.List("", "*", nil).Collect()
	if err != nil {
		return nil, err //nolint:wrapcheck // explain words it
	}
	var names []string
	for _, f := range list {
		if !slices.Contains(f.Attrs, goimap.MailboxAttrNoSelect) && !slices.Contains(f.Attrs, goimap.MailboxAttrNonExistent) {
			names = append(names, f.Mailbox)
		}
	}
	slices.Sort(names)
	return names, nil
}

// count is how many messages a folder holds, by the name that the server gives it.
func count(c *imapclient.Client, name string) (int64, error) {
	st, err := c.Status(name, &goimap.StatusOptions{NumMessages: true}).Wait()
	if err != nil || st.NumMessages == nil {
		return 0, err //nolint:wrapcheck // explain words it
	}
	return int64(*st.NumMessages), nil
}

// same compares the names of folders: INBOX is one however it is written.
func same(a, b string) bool {
	return a == b || strings.EqualFold(a, "INBOX") && strings.EqualFold(b, "INBOX")
}

// Survey tells the server's own counts.
func (s *source) Survey(ctx context.Context) (connector.Survey, error) {
	var v connector.Survey
	err := s.within(ctx, func(c *imapclient.Client) error {
		all, err := folders(c)
		if err != nil {
			return err
		}
		wanted := s.set.List(optFolders)
		for _, name := range all {
			p := connector.Place{ExternalID: "folder:" + name, Name: name, Members: -1, Items: -1}
			if p.Covered = slices.ContainsFunc(wanted, func(w string) bool { return same(w, name) }); p.Covered {
				if p.Items, err = count(c, name); err != nil {
					return err
				}
				v.Items += p.Items
			} else {
				p.Why = "not among the chosen folders"
			}
			v.Places = append(v.Places, p)
		}
		v.Requests = v.Items/portion + int64(len(wanted))*3
		v.Counts = []connector.Count{{What: "messages", Platform: v.Items, Query: "kind:message OR kind:reply", Of: "activities"}}
		return nil
	})
	return v, err
}

var _ interface {
	connector.Source
	connector.Tester
	connector.Surveyor
	connector.Watcher
} = (*source)(nil)
