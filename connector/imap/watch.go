// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package imap

import (
	"context"
	"fmt"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"golang.org/x/sync/errgroup"

	"greenroom"
)

// maxWatched is how many folders are watched, since each takes a connection, of which mailboxes have few.
const maxWatched = 3

// Watch holds a connection with IDLE (RFC 2177) for each of the first folders, and tells when the server says that one has
// another number of messages. It ends with the first of the connections that ends.
func (s *source) Watch(ctx context.Context, news func()) error {
	names := s.set.List(optFolders)
	var all errgroup.Group
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for _, name := range names[:min(len(names), maxWatched)] {
		all.Go(func() error {
			defer cancel()
			return s.idle(ctx, name, news)
		})
	}
	return all.Wait() //nolint:wrapcheck // idle words it
}

// idle waits at a folder until the connection ends. The folder is opened before what there is is told: what arrives from
// then on the server tells once it is asked to.
func (s *source) idle(ctx context.Context, folder string, news func()) error {
	told := &imapclient.UnilateralDataHandler{Mailbox: func(m *imapclient.UnilateralDataMailbox) {
		if m.NumMessages != nil {
			news()
		}
	}}
	return s.hearing(ctx, told, func(c *imapclient.Client) error {
		if !c.Caps().Has(goimap.CapIdle) {
			return greenroom.Errorf(greenroom.CodeInvalid, "the mail server has no IDLE, so it is asked every 15 minutes")
		}
		if _, err := c.Select(folder, &goimap.SelectOptions{ReadOnly: true}).Wait(); err != nil {
			return err //nolint:wrapcheck // explain words it
		}
		idle, err := c.Idle()
		if err != nil {
			return err //nolint:wrapcheck // explain words it
		}
		news() // what came before
		ended := make(chan error, 1)
		go func() { ended <- idle.Wait() }()
		select {
		case err = <-ended:
		case <-c.Closed():
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			return fmt.Errorf("watching the mailbox was stopped: %w", ctx.Err())
		}
		if err == nil {
			err = errEnded
		}
		return err
	})
}
