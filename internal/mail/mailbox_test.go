// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package mail_test

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/internal/bounce"
	"greenroom/internal/mail"
)

type silent struct{}

func (silent) Printf(string, ...any) {}

type literal struct {
	*strings.Reader

	size int64
}

func (l literal) Size() int64 { return l.size }

// TestMailbox reads what is new in a mailbox, once, in order, and from the beginning where the server numbers it anew.
func TestMailbox(t *testing.T) {
	user := imapmemserver.NewUser("bounces", "a password")
	if err := user.Create("INBOX", nil); err != nil {
		t.Fatal(err)
	}
	mem := imapmemserver.New()
	mem.AddUser(user)
	srv := imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return mem.NewSession(), nil, nil
		},
		Caps: goimap.CapSet{goimap.CapIMAP4rev1: {}}, InsecureAuth: true, Logger: silent{},
	})
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = srv.Serve(l) }()
	t.Cleanup(func() { _ = srv.Close() })
	add := func(n int) {
		text := fmt.Sprintf("Subject: %d\r\n\r\nhello\r\n", n)
		if _, err := user.Append("INBOX", literal{strings.NewReader(text), int64(len(text))}, &goimap.AppendOptions{Time: time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)}); err != nil {
			t.Fatal(err)
		}
	}
	box := bounce.Box{Server: l.Addr().String(), User: "bounces"}
	read := func(from bounce.Place) (subjects []string, to bounce.Place) {
		t.Helper()
		to, err := mail.Mailbox{}.Read(t.Context(), &box, "a password", from, func(message []byte) error {
			line, _, _ := strings.Cut(string(message), "\r\n")
			subjects = append(subjects, strings.TrimPrefix(line, "Subject: "))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return subjects, to
	}
	if got, _ := read(bounce.Place{}); got != nil {
		t.Errorf("an empty mailbox gives %v", got)
	}
	for n := range 60 {
		add(n)
	}
	got, at := read(bounce.Place{})
	if len(got) != 60 || got[0] != "0" || got[59] != "59" {
		t.Errorf("the first read gives %v", got)
	}
	if got, _ := read(at); got != nil {
		t.Errorf("with nothing new it gives %v", got)
	}
	add(60)
	got, at = read(at)
	if diff := cmp.Diff([]string{"60"}, got); diff != "" {
		t.Error("with one new: ", diff)
	}
	at.Validity++
	if got, _ := read(at); len(got) != 61 {
		t.Errorf("numbered anew it gives %d messages, want all 61", len(got))
	}
	if _, err := (mail.Mailbox{}).Read(t.Context(), &box, "wrong", at, nil); greenroom.ErrorCode(err) != greenroom.CodeUnauthorized {
		t.Errorf("with a wrong password: %v", err)
	}
}
