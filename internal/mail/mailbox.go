// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"greenroom"
	"greenroom/internal/bounce"
)

// Mailbox reads a mailbox by IMAP. Like the mail server, its server is named by an owner and may be inside the own
// network. The folder is opened for reading only, and nothing in it is marked as seen.
type Mailbox struct{}

const (
	imapPort   = "993"
	imapFolder = "INBOX"
	atATime    = 50       // messages
	mostBytes  = 32 << 20 // of one message, as it is read; more is cut off, and what is then no report is none
)

// Read gives the messages behind a place to each, in order, and returns the place behind the last one.
func (Mailbox) Read(ctx context.Context, b *bounce.Box, password string, after bounce.Place, each func(message []byte) error) (bounce.Place, error) {
	c, stop, err := open(ctx, b, password)
	if err != nil {
		return after, err
	}
	defer stop()
	folder := b.Folder
	if folder == "" {
		folder = imapFolder
	}
	state, err := c.Select(folder, &goimap.SelectOptions{ReadOnly: true}).Wait()
	if err != nil {
		return after, &greenroom.Error{Code: greenroom.CodeInvalid, Message: "the mailbox has no folder " + folder, Err: err}
	}
	at := after
	if at.Validity != state.UIDValidity { // its numbers mean nothing any more
		at = bounce.Place{Validity: state.UIDValidity}
	}
	if state.NumMessages == 0 {
		return at, nil
	}
	found, err := c.UIDSearch(&goimap.SearchCriteria{UID: []goimap.UIDSet{{goimap.UIDRange{Start: goimap.UID(at.Last + 1), Stop: 0}}}}, nil).Wait()
	if err != nil {
		return at, fmt.Errorf("asking for new mail: %w", err)
	}
	uids := found.AllUIDs()
	for len(uids) > 0 {
		n := min(atATime, len(uids))
		if at, err = fetchSome(c, uids[:n], at, each); err != nil {
			return at, err
		}
		uids = uids[n:]
	}
	return at, nil
}

// fetchSome reads some messages, in the order in which the server gives them; a server that gives them in another than
// that of their numbers is read from the least again.
func fetchSome(c *imapclient.Client, uids []goimap.UID, at bounce.Place, each func([]byte) error) (bounce.Place, error) {
	section := &goimap.FetchItemBodySection{Peek: true, Partial: &goimap.SectionPartial{Size: mostBytes}}
	got, err := c.Fetch(goimap.UIDSetNum(uids...), &goimap.FetchOptions{UID: true, BodySection: []*goimap.FetchItemBodySection{section}}).Collect()
	if err != nil {
		return at, fmt.Errorf("fetching mail: %w", err)
	}
	for _, m := range got {
		if uint32(m.UID) <= at.Last { // "5:*" gives the last message where there is none from 5 on
			continue
		}
		for _, s := range m.BodySection {
			if err := each(s.Bytes); err != nil {
				return at, err
			}
		}
		at.Last = uint32(m.UID)
	}
	return at, nil
}

// open connects and signs in. A canceled ctx breaks the connection off.
func open(ctx context.Context, b *bounce.Box, password string) (*imapclient.Client, func(), error) {
	host, port, err := net.SplitHostPort(b.Server)
	if err != nil {
		host, port = b.Server, imapPort
	}
	unreachable := func(err error) error {
		return &greenroom.Error{Code: greenroom.CodeUnavailable, Message: "the mailbox's server " + host + " cannot be reached", Err: err}
	}
	conn, err := (&net.Dialer{Timeout: timeout}).DialContext(ctx, "tcp", net.JoinHostPort(host, port))
	if err != nil {
		return nil, nil, unreachable(err)
	}
	if ip := net.ParseIP(host); port == imapPort || ip == nil || !ip.IsLoopback() {
		secured := tls.Client(conn, &tls.Config{ServerName: host, NextProtos: []string{"imap"}, MinVersion: tls.VersionTLS12})
		if err := secured.HandshakeContext(ctx); err != nil {
			return nil, nil, errors.Join(unreachable(err), conn.Close())
		}
		conn = secured
	}
	stopped := context.AfterFunc(ctx, func() { _ = conn.Close() })
	c := imapclient.New(conn, nil)
	stop := func() {
		stopped()
		_ = c.Logout().Wait() // what was read is read
		_ = c.Close()
	}
	if err := c.Login(b.User, password).Wait(); err != nil {
		stop()
		return nil, nil, &greenroom.Error{Code: greenroom.CodeUnauthorized, Message: "the mailbox's server refuses the user or the password", Err: err}
	}
	return c, stop, nil
}
