// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"greenroom"
	"greenroom/internal/auth"
	"greenroom/internal/bounce"
)

// Bounces reads mail that comes back; bounce.Service does.
type Bounces interface {
	Take(ctx context.Context, message io.Reader) (*bounce.Report, error)
	Settings(ctx context.Context) (bounce.Settings, error)
	SetBox(ctx context.Context, b bounce.Box, password *string) error
	Refused(ctx context.Context) (int64, error)
}

// BounceMailbox is the mailbox that mail comes back to, and how reading it goes.
type BounceMailbox struct {
	Server  string    `json:"server" doc:"IMAP server, by TLS; empty = no mailbox is read."`
	User    string    `json:"user" doc:"As a mail program would sign in."`
	Folder  string    `json:"folder" doc:"Empty = INBOX."`
	ReadAt  time.Time `json:"read_at,omitzero" doc:"When it was last read."`
	Reports int64     `json:"reports" doc:"Reports that were read."`
	Replies int64     `json:"replies" doc:"Answers to mail that was sent from here."`
	Others  int64     `json:"others" doc:"Messages that were neither, and were left alone."`
	Problem string    `json:"problem,omitempty" doc:"Why it cannot be read."`
	Refused int64     `json:"refused" doc:"Addresses that refuse mail for good."`
}

// BounceMailboxDraft names a mailbox.
type BounceMailboxDraft struct {
	Server   string  `json:"server" doc:"HOST or HOST:PORT; empty = no mailbox is read any more."`
	User     string  `json:"user,omitempty" doc:"As a mail program would sign in."`
	Password *string `json:"password,omitempty" doc:"Left out, it stays."`
	Folder   string  `json:"folder,omitempty" doc:"Empty = INBOX."`
}

// BounceReport is what a mail server said of mail that it could not deliver.
type BounceReport struct {
	MessageID  string            `json:"message_id" doc:"Of the mail that came back; empty where the report does not say."`
	Recipients []BounceRecipient `json:"recipients" doc:"The addresses that it did not reach."`
}

// BounceRecipient is one address that mail did not reach.
type BounceRecipient struct {
	Address   string `json:"address" doc:"The address, in lower case."`
	Permanent bool   `json:"permanent" doc:"It refuses mail for good, and is not written to any more."`
	Status    string `json:"status,omitempty" doc:"RFC 3463, such as 5.1.1."`
	Reason    string `json:"reason" doc:"In the mail server's words."`
}

func (a *api) bounceOps() []op {
	if a.Bounces == nil {
		return nil
	}
	box := content{of: BounceMailbox{}, example: BounceMailbox{Server: "imap.example.com", User: "bounces@example.com", ReadAt: exampleTime(20), Reports: 12, Others: 3, Refused: 9}}
	read := func(c *call) (answer, error) {
		set, err := a.Bounces.Settings(c.ctx())
		if err != nil {
			return answer{}, err
		}
		refused, err := a.Bounces.Refused(c.ctx())
		return given(BounceMailbox{set.Box.Server, set.Box.User, set.Box.Folder, set.ReadAt, set.Reports, set.Replies, set.Others, set.Problem, refused}, err)
	}
	password := "app password"
	return []op{
		{
			method: http.MethodGet, path: "/mail/bounces", id: "getBounces", tag: "Settings", need: auth.Administer, summary: "Mail that comes back", text: "The mailbox that is read for reports of mail that could not be delivered, and how many addresses refuse mail.", reply: box, do: read,
		},
		{
			method: http.MethodPut, path: "/mail/bounces", id: "setBounceMailbox", tag: "Settings", need: auth.Administer, summary: "Set the mailbox that mail comes back to", text: "It is read every five minutes.",
			body: &content{of: BounceMailboxDraft{}, text: "The mailbox.", example: BounceMailboxDraft{Server: "imap.example.com", User: "bounces@example.com", Password: &password}}, reply: box,
			do: func(c *call) (answer, error) {
				d, err := decode[BounceMailboxDraft](c)
				if err != nil {
					return answer{}, err
				}
				if err := a.Bounces.SetBox(c.ctx(), bounce.Box{Server: d.Server, User: d.User, Folder: d.Folder}, d.Password); err != nil {
					return answer{}, err
				}
				return read(c)
			},
		},
		{
			method: http.MethodPost, path: "/mail/bounces", id: "reportBounce", tag: "Settings", need: auth.Administer, summary: "Hand over a report", text: "For mail servers that hand over what comes back: the body is the report as it came (RFC 3464). Sending the same one again changes nothing.",
			body:  &content{of: "", media: "message/rfc822", text: "The message as it came.", example: "From: mailer-daemon@mx.example.net\r\nX-Failed-Recipients: ana@example.com\r\n\r\nIt could not be delivered.\r\n"},
			reply: content{of: BounceReport{}, example: BounceReport{Recipients: []BounceRecipient{{Address: "ana@example.com", Permanent: true, Reason: "the mail server says that it could not be delivered"}}}},
			do: func(c *call) (answer, error) {
				report, err := a.Bounces.Take(c.ctx(), bytes.NewReader(c.body))
				if errors.Is(err, bounce.ErrNoReport) {
					err = greenroom.Errorf(greenroom.CodeInvalid, "the message reports no mail that could not be delivered; expected a report of a mail server (RFC 3464)")
				}
				if err != nil {
					return answer{}, err
				}
				told := BounceReport{MessageID: report.MessageID, Recipients: []BounceRecipient{}}
				for _, to := range report.Recipients {
					told.Recipients = append(told.Recipients, BounceRecipient(to))
				}
				return ok(told)
			},
		},
	}
}
