// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package mail sends mail by SMTP. The address of the mail server is set by an owner and may be inside the own network,
// where mail servers mostly are; it is told nothing but mail.
package mail

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	netmail "net/mail"
	"time"

	gomail "github.com/wneessen/go-mail"

	"greenroom"
	"greenroom/internal/digest"
)

// timeout bounds each step of talking to a mail server.
const timeout = 30 * time.Second

// Sender sends mail.
type Sender struct{}

// Send sends one mail.
func (Sender) Send(ctx context.Context, server digest.Server, m *digest.Mail) error {
	msg := gomail.NewMsg()
	if err := sender(msg, server.From, m); err != nil {
		return err
	}
	if err := msg.ToFromString(m.To); err != nil {
		return &greenroom.Error{Code: greenroom.CodeInvalid, Message: m.To + " is not a mail address", Err: err}
	}
	msg.Subject(m.Subject)
	msg.SetMessageIDWithValue(m.ID)
	msg.SetDateWithValue(m.At)
	if !m.Personal {
		msg.SetGenHeader("Auto-Submitted", "auto-generated") // nobody's vacation answers it
	}
	if m.Leave != "" {
		msg.SetGenHeaderPreformatted("List-Unsubscribe", "<"+m.Leave+">")
		msg.SetGenHeaderPreformatted("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
	}
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	if err := carry(msg, m.Files); err != nil {
		return err
	}
	options := []gomail.Option{gomail.WithPort(server.Port), gomail.WithTimeout(timeout), gomail.WithTLSPolicy(gomail.TLSMandatory)}
	switch server.Security {
	case digest.TLS:
		options = append(options, gomail.WithSSL())
	case digest.Plain:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	case digest.StartTLS:
	}
	if server.User != "" {
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(server.User), gomail.WithPassword(server.Password))
		if server.Security == digest.Plain { // only to this machine, see digest.SetServer
			options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthPlainNoEnc))
		}
	}
	c, err := gomail.NewClient(server.Host, options...)
	if err != nil {
		return &greenroom.Error{Code: greenroom.CodeInvalid, Message: "the mail server " + server.Host + " cannot be used", Err: err}
	}
	if err := c.DialWithContext(ctx); err != nil {
		return &greenroom.Error{Code: greenroom.CodeUnavailable, Message: "the mail server " + server.Host + " cannot be reached, or does not let Greenroom in: " + err.Error(), Err: err}
	}
	defer c.Close() //nolint:errcheck // what was sent is sent
	return outcome(c.Send(msg))
}

// carry attaches files, and pictures that the HTML shows.
func carry(msg *gomail.Msg, files []digest.File) error {
	for i := range files {
		f := &files[i]
		add, options := msg.AttachReader, []gomail.FileOption{gomail.WithFileContentType(gomail.ContentType(f.Type))}
		if f.Inline != "" {
			add, options = msg.EmbedReader, append(options, gomail.WithFileContentID(f.Inline))
		}
		if err := add(f.Name, bytes.NewReader(f.Data), options...); err != nil {
			return fmt.Errorf("attaching %s: %w", f.Name, err)
		}
	}
	return nil
}

// sender writes who a mail is from: the server's address, in the name of a person where the mail has one.
func sender(msg *gomail.Msg, from string, m *digest.Mail) error {
	a, err := netmail.ParseAddress(from)
	if err != nil {
		return &greenroom.Error{Code: greenroom.CodeInvalid, Message: "mail cannot come from " + from, Err: err}
	}
	if m.FromName != "" {
		a.Name = m.FromName
	}
	if err := msg.FromFormat(a.Name, a.Address); err != nil {
		return &greenroom.Error{Code: greenroom.CodeInvalid, Message: "mail cannot come from " + from, Err: err}
	}
	if m.ReplyTo == "" {
		return nil
	}
	if err := msg.ReplyTo(m.ReplyTo); err != nil {
		return &greenroom.Error{Code: greenroom.CodeInvalid, Message: "answers cannot go to " + m.ReplyTo, Err: err}
	}
	return nil
}

// outcome tells what was refused from what nobody knows. Once the server has said that it takes the mail, nothing that
// comes after changes that.
func outcome(err error) error {
	if err == nil {
		return nil
	}
	var s *gomail.SendError
	if !errors.As(err, &s) {
		return &digest.UncertainError{Err: err}
	}
	switch {
	case s.Reason == gomail.ErrSMTPReset:
		return nil
	case (s.Reason == gomail.ErrSMTPDataClose || s.Reason == gomail.ErrWriteContent || s.Reason == gomail.ErrAmbiguous) && s.ErrorCode() == 0:
		return &digest.UncertainError{Err: err}
	case s.IsTemp() || s.ErrorCode() == 0:
		return &greenroom.Error{Code: greenroom.CodeUnavailable, Message: "the mail server does not take it now: " + err.Error(), Err: err}
	default:
		return &greenroom.Error{Code: greenroom.CodeInvalid, Message: "the mail server refused it: " + err.Error(), Err: err}
	}
}
