// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package imap_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/connectortest"
	"greenroom/connector/imap"
)

// watched is a source that is watched, and what it tells.
type watched struct {
	news  chan struct{}
	ended chan error
	stop  context.CancelFunc
}

func watch(t *testing.T, values connector.Values) *watched {
	t.Helper()
	env := connectortest.LiveEnv(t)
	env.HTTP = client()
	src, err := imap.New(env, values)
	if err != nil {
		t.Fatal(err)
	}
	w := &watched{news: make(chan struct{}, 100), ended: make(chan error, 1)}
	var ctx context.Context
	ctx, w.stop = context.WithCancel(t.Context())
	t.Cleanup(w.stop)
	go func() {
		w.ended <- src.(connector.Watcher).Watch(ctx, func() { w.news <- struct{}{} }) //nolint:errcheck,forcetypeassert // the compiler has checked it
	}()
	return w
}

func (w *watched) wait(t *testing.T, what string) {
	t.Helper()
	select {
	case <-w.news:
	case err := <-w.ended:
		t.Fatalf("%s: watching ended with %v", what, err)
	case <-time.After(3 * time.Minute):
		t.Fatalf("%s: nothing was told", what)
	}
}

// TestWatch tells of each message as it arrives. Over connections that break off while messages arrive, reading at each
// news brings every message, and each once.
func TestWatch(t *testing.T) {
	m := serve(t)
	m.add(t, "INBOX", letters(2)...)
	var cursor connector.Cursor
	var ids []string
	read := func() {
		f := connectortest.Collect(t, imap.Spec(), m.values(), client(), cursor, 0)
		for i := range f.Activities {
			ids = append(ids, f.Activities[i].ExternalID)
		}
		cursor = f.Cursors[len(f.Cursors)-1]
	}
	w := watch(t, m.values())
	w.wait(t, "at the beginning")
	read()
	m.add(t, "INBOX", letter(2))
	w.wait(t, "a message")
	read()
	m.breakOff()
	if err := <-w.ended; greenroom.ErrorCode(err) != greenroom.CodeUnavailable {
		t.Errorf("a connection that breaks off ends with %v", err)
	}
	m.add(t, "INBOX", letter(3)) // while nobody listens
	w = watch(t, m.values())
	w.wait(t, "after a break")
	read()
	m.add(t, "INBOX", letter(4), letter(5))
	w.wait(t, "two messages")
	w.wait(t, "two messages")
	read()
	if all := slices.Compact(slices.Sorted(slices.Values(ids))); len(ids) != 6 || len(all) != 6 {
		t.Errorf("%d messages came in, %d of them different: %v", len(ids), len(all), ids)
	}
	w.stop()
	if err := <-w.ended; err == nil {
		t.Error("what is stopped ends without a reason")
	}
}

// TestWatchNothing says that a server without IDLE cannot be watched, so that nobody tries again and again.
func TestWatchNothing(t *testing.T) {
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		_, _ = fmt.Fprint(conn, "* OK [CAPABILITY IMAP4rev1] old\r\n")
		for lines := bufio.NewScanner(conn); lines.Scan(); {
			tag, command, _ := strings.Cut(lines.Text(), " ")
			if strings.HasPrefix(command, "CAPABILITY") {
				_, _ = fmt.Fprint(conn, "* CAPABILITY IMAP4rev1\r\n")
			}
			_, _ = fmt.Fprint(conn, tag+" OK done\r\n")
		}
	}()
	w := watch(t, (&mailbox{address: l.Addr().String()}).values())
	if err := <-w.ended; greenroom.ErrorCode(err) != greenroom.CodeInvalid {
		t.Errorf("without IDLE: %v", err)
	}
}

// conns are the connections of a server.
type conns struct {
	mu  sync.Mutex
	all []net.Conn
}

func (c *conns) add(conn net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all = append(c.all, conn)
}

func (c *conns) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.all)
}

func (c *conns) breakOff() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, conn := range c.all {
		_ = conn.Close()
	}
	c.all = nil
}
