// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package deliver

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"greenroom/internal/digest"
	"greenroom/internal/outbox"
)

// Postmaster sends mail by the team's mail server; digest.Service does.
type Postmaster interface {
	Mail(ctx context.Context, m *digest.Mail) error
	MailID(key string) string
}

// Letters writes a message as HTML for mail. unsubscribe is the address that leaves; "" = none.
type Letters func(m *outbox.Message) (html string, err error)

// Email sends messages as mail, in plain text and HTML.
type Email struct {
	// Leave gives the link of one click by which whom a message goes to ends messages of its kind; "" = none. Nil: the one
	// that the message came with.
	Leave func(ctx context.Context, m *outbox.Message) string
	// Files reads what a message carries. Nil: messages carry nothing.
	Files func(ctx context.Context, message int64) ([]outbox.File, error)

	addresses Addresses
	post      Postmaster
	letters   Letters
}

// NewEmail returns the sender.
func NewEmail(addresses Addresses, post Postmaster, letters Letters) *Email {
	return &Email{addresses: addresses, post: post, letters: letters}
}

// Repeatable reports that people would get a mail twice.
func (*Email) Repeatable(*outbox.Message) bool { return false }

// Send sends one mail. To several addresses of a destination it goes as one mail to all.
func (s *Email) Send(ctx context.Context, m *outbox.Message) (outbox.Receipt, error) {
	if s.Leave != nil {
		with := *m
		with.Unsubscribe = s.Leave(ctx, m)
		m = &with
	}
	to := m.To
	if m.Destination > 0 {
		_, address, err := s.addresses.Address(ctx, m.Destination)
		if err != nil {
			return outbox.Receipt{}, err
		}
		to = address
	}
	html, err := s.letters(m)
	if err != nil {
		return outbox.Receipt{}, err
	}
	text := m.Text
	if m.Unsubscribe != "" {
		text = strings.TrimRight(text, "\n") + "\n\n-- \nUnsubscribe: " + m.Unsubscribe + "\n"
	}
	files, err := s.carried(ctx, m)
	if err != nil {
		return outbox.Receipt{}, err
	}
	id := s.post.MailID(m.Key)
	err = s.post.Mail(ctx, &digest.Mail{Files: files, ID: id, To: to, Subject: m.Subject, Text: text, HTML: html, Leave: m.Unsubscribe, FromName: m.Sender, ReplyTo: m.ReplyTo, At: m.CreatedAt, Personal: m.MemberID > 0})
	var u *digest.UncertainError
	if errors.As(err, &u) {
		return outbox.Receipt{}, &outbox.UncertainError{Err: err}
	}
	return outbox.Receipt{ID: id}, err
}

// carried reads the files of a message.
func (s *Email) carried(ctx context.Context, m *outbox.Message) ([]digest.File, error) {
	if s.Files == nil {
		return nil, nil
	}
	all, err := s.Files(ctx, m.ID)
	if err != nil {
		return nil, fmt.Errorf("reading what message %d carries: %w", m.ID, err)
	}
	files := make([]digest.File, len(all))
	for i, f := range all {
		files[i] = digest.File(f)
	}
	return files, nil
}
