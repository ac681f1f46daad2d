// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"

	"greenroom/connector"
	"greenroom/connector/imap"
	"greenroom/internal/ingest"
	"greenroom/internal/server"
)

// TestWatched has mails come in as they arrive, though the source is read every 15 minutes only: what arrived before the
// server listened, and what arrives then, each once.
func TestWatched(t *testing.T) {
	user, mem := imapmemserver.NewUser("reader", "pw"), imapmemserver.New()
	if err := user.Create("INBOX", nil); err != nil {
		t.Fatal(err)
	}
	mem.AddUser(user)
	srv := imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return mem.NewSession(), nil, nil
		},
		Caps: goimap.CapSet{goimap.CapIMAP4rev1: {}, goimap.CapIdle: {}}, InsecureAuth: true, Logger: slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug),
	})
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = srv.Serve(l) }()
	t.Cleanup(func() { _ = srv.Close() })
	mail := func(subject string) {
		text := "From: ana@harbor.example\r\nDate: " + time.Now().Format(time.RFC1123Z) + "\r\nMessage-ID: <" + subject + "@harbor.example>\r\nSubject: " + subject + "\r\n\r\nHello.\r\n"
		if _, err := user.Append("INBOX", strings.NewReader(text), &goimap.AppendOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	mail("first")
	var later atomic.Int64 // by how much the server's clock is ahead
	clock := func() time.Time { return time.Now().Add(time.Duration(later.Load())) }
	live := startAt(t, clock, server.ServeOptions{Allowed: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}, func(app *server.App) {
		if _, _, err := app.Importer.Import(t.Context(), ingest.Request{
			Spec: imap.Spec(), Name: "list", Values: connector.Values{"server": l.Addr().String(), "user": "reader", "password": "pw", "security": "none"},
		}); err != nil {
			t.Fatal(err)
		}
		mail("meanwhile")
	})
	for _, want := range [][]string{{"first", "meanwhile"}, {"first", "later", "meanwhile"}} {
		eventually(t, strings.Join(want, " and "), func() bool { return slices.Equal(slices.Sorted(slices.Values(titles(t, live.app))), want) })
		if len(want) == 2 {
			later.Store(int64(31 * time.Second)) // reads for news are half a minute apart
			mail("later")
		}
	}
}
