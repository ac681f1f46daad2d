// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package imap_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	goimap "github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/connectortest"
	"greenroom/connector/imap"
	"greenroom/connector/internal/mailmessage"
	"greenroom/connector/mbox"
)

// mailbox is a server with one mailbox.
type mailbox struct {
	conns

	user    *imapmemserver.User
	address string
	cut     atomic.Int64 // connections break off after so many bytes; 0 = never
	fault   func(*imapserver.FetchWriter, goimap.NumSet) error
}

func serve(tb testing.TB) *mailbox {
	tb.Helper()
	m := &mailbox{user: imapmemserver.NewUser("reader", "a password")}
	if err := m.user.Create("INBOX", nil); err != nil {
		tb.Fatal(err)
	}
	mem := imapmemserver.New()
	mem.AddUser(m.user)
	srv := imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return session{mem.NewSession(), m}, nil, nil
		},
		Caps: goimap.CapSet{goimap.CapIMAP4rev1: {}}, InsecureAuth: true, Logger: silent{},
	})
	l, err := (&net.ListenConfig{}).Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	go func() { _ = srv.Serve(&cutter{l, m}) }()
	tb.Cleanup(func() { _ = srv.Close() })
	m.address = l.Addr().String()
	return m
}

// session is the library's, with an IDLE that tells of what came just before it, too, as a mail server's does: the
// library's keeps a message that arrives between its answer and its listening until the next one comes.
type session struct {
	imapserver.Session

	m *mailbox
}

func (s session) Fetch(w *imapserver.FetchWriter, set goimap.NumSet, o *goimap.FetchOptions) error {
	if s.m.fault != nil {
		if err := s.m.fault(w, set); err != nil {
			return err
		}
	}
	return s.Session.Fetch(w, set, o)
}

func (s session) Idle(w *imapserver.UpdateWriter, stop <-chan struct{}) error {
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for {
		if err := s.Poll(w, true); err != nil {
			return err
		}
		select {
		case <-look.C:
		case <-stop:
			return nil
		}
	}
}

// silent is a server's log that nobody reads.
type silent struct{}

func (silent) Printf(string, ...any) {}

// cutter breaks connections off after a number of bytes.
type cutter struct {
	net.Listener

	m *mailbox
}

func (c *cutter) Accept() (net.Conn, error) {
	conn, err := c.Listener.Accept()
	if err != nil {
		return nil, err
	}
	c.m.conns.add(conn)
	return &short{Conn: conn, left: c.m.cut.Load(), cut: c.m.cut.Load() > 0}, nil
}

type short struct {
	net.Conn

	left int64
	cut  bool
}

func (s *short) Write(p []byte) (int, error) {
	if s.cut && s.left < int64(len(p)) {
		_, _ = s.Conn.Write(p[:max(s.left, 0)]) // in the middle of a message
		_ = s.Close()
		return 0, io.ErrClosedPipe
	}
	s.left -= int64(len(p))
	return s.Conn.Write(p)
}

func (m *mailbox) add(tb testing.TB, folder string, texts ...string) {
	tb.Helper()
	for _, text := range texts {
		text = strings.ReplaceAll(text, "\n", "\r\n")
		if _, err := m.user.Append(folder, literal{strings.NewReader(text), int64(len(text))}, &goimap.AppendOptions{Time: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}); err != nil {
			tb.Fatal(err)
		}
	}
}

type literal struct {
	io.Reader

	size int64
}

func (l literal) Size() int64 { return l.size }

func (m *mailbox) values() connector.Values {
	return connector.Values{"server": m.address, "user": "reader", "password": "a password", "security": "none"}
}

// letter is the ith message of a list; every third one opens a thread.
func letter(i int) string {
	re := ""
	if i%3 != 0 {
		re = fmt.Sprintf("In-Reply-To: <%d@example.org>\n", i-1)
	}
	return fmt.Sprintf("From: Person %d <person%d@example.org>\nDate: %s\nSubject: About %d\nMessage-ID: <%d@example.org>\nList-Id: Users <users.example.org>\n%s\nHello %d.\n",
		i%5, i%5, time.Date(2026, 2, 1, 0, i, 0, 0, time.UTC).Format(time.RFC1123Z), i/3, i, re, i)
}

func letters(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = letter(i)
	}
	return all
}

func client() *http.Client { return &http.Client{} }

func TestConformance(t *testing.T) {
	m := serve(t)
	m.add(t, "INBOX", letters(250)...)
	m.add(t, "INBOX", letter(3), "From: ada@example.org\nSubject: No date and no id\n\nHello.\n", "Subject: nobody\nDate: Sun, 1 Feb 2026 10:00:00 +0000\n\nHello.\n")
	if err := m.user.Create("Lists/Other", nil); err != nil {
		t.Fatal(err)
	}
	m.add(t, "Lists/Other", "From: ada@example.org\nDate: Sun, 1 Feb 2026 10:00:00 +0000\nMessage-ID: <other@x>\n\nHello.\n")
	v := m.values()
	v["folders"] = "INBOX, Lists/Other"
	connectortest.Run(t, imap.Spec(), v, client())
	f := connectortest.Collect(t, imap.Spec(), v, client(), "", 0)
	if len(f.Activities) != 253 || f.LeftOut["messages that the folder holds twice"] != 1 {
		t.Errorf("%d activities, left out %v", len(f.Activities), f.LeftOut)
	}
}

// TestSameAsArchive tells a list's archive and a mailbox that holds the same: ids, threads and people are the same.
func TestSameAsArchive(t *testing.T) {
	path := filepath.Join(t.TempDir(), "users.mbox")
	var archive bytes.Buffer
	m := serve(t)
	for _, text := range letters(60) {
		archive.WriteString("From x@example.org Thu Jan  2 10:00:00 2025\n" + text + "\n")
		m.add(t, "INBOX", text)
	}
	if err := os.WriteFile(path, archive.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	want := connectortest.Collect(t, mbox.Spec(), connector.Values{"path": path}, nil, "", 0)
	got := connectortest.Collect(t, imap.Spec(), m.values(), client(), "", 0)
	if diff := cmp.Diff(want.Activities, got.Activities); diff != "" {
		t.Errorf("activities (-archive +mailbox):\n%s", diff)
	}
	if diff := cmp.Diff(want.Identities, got.Identities); diff != "" {
		t.Errorf("identities (-archive +mailbox):\n%s", diff)
	}
}

// TestIncremental reads on: only what is new comes, in the threads of what came before; and a folder that is numbered
// anew is read again.
func TestIncremental(t *testing.T) {
	m := serve(t)
	m.add(t, "INBOX", letters(10)...)
	first := connectortest.Collect(t, imap.Spec(), m.values(), client(), "", 0)
	last := first.Cursors[len(first.Cursors)-1]
	m.add(t, "INBOX", letter(10), letter(11))
	next := connectortest.Collect(t, imap.Spec(), m.values(), client(), last, 0)
	if len(next.Activities) != 2 || next.Activities[1].Thread != "9@example.org" || next.Activities[1].ReplyTo != "10@example.org" {
		t.Errorf("the next read brings %+v", next.Activities)
	}
	none := connectortest.Collect(t, imap.Spec(), m.values(), client(), next.Cursors[len(next.Cursors)-1], 0)
	if len(none.Activities) != 0 {
		t.Errorf("without anything new come %d messages", len(none.Activities))
	}
	anew := connector.Cursor(strings.Replace(string(last), `"validity":`, `"validity":9`, 1))
	if all := connectortest.Collect(t, imap.Spec(), m.values(), client(), anew, 0); len(all.Activities) != 12 {
		t.Errorf("of a folder that is numbered anew come %d messages, want all 12", len(all.Activities))
	}
	v := m.values()
	v["since"] = "2026-11-01"
	if f := connectortest.Collect(t, imap.Spec(), v, client(), "", 0); len(f.Activities) != 0 {
		t.Errorf("of what is older than wanted come %d messages", len(f.Activities))
	}
}

// TestBreaksOff lets the connection break off again and again: each read goes on, and in the end all is there once.
func TestBreaksOff(t *testing.T) {
	m := serve(t)
	m.add(t, "INBOX", letters(600)...)
	m.cut.Store(20_000)
	seen := make(map[string]int)
	var from connector.Cursor
	for range 50 {
		src, err := imap.New(connectortest.LiveEnv(t), m.values())
		if err != nil {
			t.Fatal(err)
		}
		out := connector.NewSink(t.Context(), 1, func(_ context.Context, b *connector.Batch) error {
			for i := range b.Activities {
				seen[b.Activities[i].ExternalID]++
			}
			from = b.Cursor
			return nil
		})
		err = src.Read(t.Context(), from, out)
		if err == nil {
			break
		}
		if greenroom.ErrorCode(err) != greenroom.CodeUnavailable {
			t.Fatal(err)
		}
		m.cut.Add(20_000)
	}
	if n := m.count(); len(seen) != 600 || n < 2 {
		t.Errorf("over %d connections came %d messages", n, len(seen))
	}
	for i := range 600 {
		if id := fmt.Sprintf("%d@example.org", i); seen[id] != 1 {
			t.Errorf("%s was told %d times", id, seen[id])
		}
	}
}

// TestBadMessage reads a folder one of whose messages the server cannot give: as Dovecot does, which ends the connection,
// and as others do, which refuse the whole command. All others come in, and it is listed, once.
func TestBadMessage(t *testing.T) {
	for name, tt := range map[string]struct {
		fault  error
		code   greenroom.Code
		come   int
		reject string
	}{
		"ends the connection": {io.ErrUnexpectedEOF, "", 149, "the mail server does not give the message"},
		"refuses": {
			&goimap.Error{Type: goimap.StatusResponseTypeNo, Code: goimap.ResponseCodeServerBug, Text: "Internal error"}, "", 149,
			"the mail server does not give the message: Internal error",
		},
		"refuses for now": {&goimap.Error{Type: goimap.StatusResponseTypeNo, Code: goimap.ResponseCodeLimit, Text: "Later"}, greenroom.CodeLimited, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			m := serve(t)
			m.add(t, "INBOX", letters(150)...)
			m.fault = func(_ *imapserver.FetchWriter, set goimap.NumSet) error {
				uids, ok := set.(goimap.UIDSet)
				if !ok || !uids.Contains(70) {
					return nil
				}
				if errors.Is(tt.fault, io.ErrUnexpectedEOF) {
					m.breakOff()
				}
				return tt.fault
			}
			come, rejects, last, err := readAll(t, m.values(), "")
			if greenroom.ErrorCode(err) != tt.code || come != tt.come {
				t.Fatalf("%d messages and the error %v, want %d and the code %q", come, err, tt.come, tt.code)
			}
			if tt.code == "" {
				if len(rejects) != 1 || rejects[0].Reason != tt.reject || rejects[0].Line != 70 {
					t.Errorf("rejected: %+v", rejects)
				}
				before := m.count()
				m.add(t, "INBOX", letter(150))
				come, rejects, _, err := readAll(t, m.values(), last)
				if err != nil || come != 1 || len(rejects) != 0 || m.count() != before+1 {
					t.Errorf("the next read: %v, %d messages, %d rejects, over %d connections", err, come, len(rejects), m.count()-before)
				}
				return
			}
			m.fault = nil
			if come, rejects, _, err := readAll(t, m.values(), last); err != nil || come != 150 || len(rejects) != 0 {
				t.Errorf("once the server gives them: %v, %d messages, %d rejects", err, come, len(rejects))
			}
		})
	}
}

// TestFlagsFirst lets the server tell that a message was read by somebody else, before it answers what was asked: that
// is no answer (RFC 3501, 7.4.2), and the message comes in.
func TestFlagsFirst(t *testing.T) {
	m := serve(t)
	m.add(t, "INBOX", letters(10)...)
	var told atomic.Int64
	m.fault = func(w *imapserver.FetchWriter, _ goimap.NumSet) error {
		if n := told.Add(1); n != 1 && n != 3 { // for the headers, and for the messages
			return nil
		}
		r := w.CreateMessage(5)
		r.WriteUID(5)
		r.WriteFlags([]goimap.Flag{goimap.FlagSeen})
		return r.Close()
	}
	if f := connectortest.Collect(t, imap.Spec(), m.values(), client(), "", 0); len(f.Activities) != 10 {
		t.Errorf("%d of 10 messages came", len(f.Activities))
	}
}

// TestNoPassword says what to do where a server wants no password in the clear, and that one which is busy is not one
// that refuses the password: nobody is to make a new one then. The answers are those of Dovecot (RFC 5530) and of Gmail.
func TestNoPassword(t *testing.T) {
	for answer, want := range map[string]greenroom.Code{
		"disabled": greenroom.CodeInvalid,
		"NO [PRIVACYREQUIRED] Plaintext authentication disallowed on non-secure (SSL/TLS) connections.": greenroom.CodeInvalid,
		"NO [UNAVAILABLE] Temporary authentication failure.":                                            greenroom.CodeUnavailable,
		"NO [LIMIT] Maximum number of connections from user+IP exceeded":                                greenroom.CodeLimited,
		"NO [ALERT] Too many simultaneous connections. (Failure)":                                       greenroom.CodeLimited,
		"NO [AUTHENTICATIONFAILED] Authentication failed.":                                              greenroom.CodeUnauthorized,
	} {
		l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		asked := make(chan bool, 1)
		go func() {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			capability := "IMAP4rev1"
			if answer == "disabled" {
				capability += " LOGINDISABLED"
			}
			_, _ = fmt.Fprint(conn, "* OK [CAPABILITY "+capability+"] ready\r\n")
			login := false
			for lines := bufio.NewScanner(conn); lines.Scan(); {
				tag, _, _ := strings.Cut(lines.Text(), " ")
				login = login || strings.Contains(lines.Text(), "LOGIN")
				_, _ = fmt.Fprint(conn, tag+" "+answer+"\r\n")
			}
			asked <- login
		}()
		_, _, _, err = readAll(t, (&mailbox{address: l.Addr().String()}).values(), "")
		if login := <-asked; greenroom.ErrorCode(err) != want || login != (answer != "disabled") {
			t.Errorf("%s: %v, want the code %q; the password was sent: %t", answer, err, want, login)
		}
		_ = l.Close()
	}
}

// readAll reads with a batch for each checkpoint.
func readAll(t *testing.T, values connector.Values, from connector.Cursor) (come int, rejects []greenroom.Reject, last connector.Cursor, err error) {
	t.Helper()
	src, err := imap.New(connectortest.LiveEnv(t), values)
	if err != nil {
		t.Fatal(err)
	}
	out := connector.NewSink(t.Context(), 1, func(_ context.Context, b *connector.Batch) error {
		come, rejects, last = come+len(b.Activities), append(rejects, b.Rejects...), b.Cursor
		return nil
	})
	err = errors.Join(src.Read(t.Context(), from, out), out.Flush())
	return come, rejects, last, err
}

func TestRefused(t *testing.T) {
	m := serve(t)
	m.add(t, "INBOX", letter(0))
	for name, tt := range map[string]struct {
		change connector.Values
		client *http.Client
		code   greenroom.Code
	}{
		"password":       {connector.Values{"password": "another"}, client(), greenroom.CodeUnauthorized},
		"folder":         {connector.Values{"folders": "Nowhere, INBOX"}, client(), greenroom.CodeNotFound},
		"server":         {connector.Values{"server": "127.0.0.1:1"}, client(), greenroom.CodeUnavailable},
		"no TLS there":   {connector.Values{"security": "tls"}, client(), greenroom.CodeUnavailable},
		"in the clear":   {connector.Values{"server": "imap.example.org"}, client(), greenroom.CodeInvalid},
		"no name":        {connector.Values{"server": "a b"}, client(), greenroom.CodeInvalid},
		"no network":     {nil, nil, greenroom.CodeUnavailable},
		"guarded":        {nil, &http.Client{Transport: &http.Transport{DialContext: refuse}}, greenroom.CodeForbidden},
		"message's page": {connector.Values{"message-url": "https://example.org"}, client(), greenroom.CodeInvalid},
	} {
		v := m.values()
		for k, x := range tt.change {
			v[k] = x
		}
		env := connectortest.LiveEnv(t)
		env.HTTP = tt.client
		src, err := imap.New(env, v)
		come := 0
		if err == nil {
			err = src.Read(t.Context(), "", connector.NewSink(t.Context(), 1, func(_ context.Context, b *connector.Batch) error { come += len(b.Activities); return nil }))
		}
		if come > 0 != (name == "folder") { // one that is not there does not keep back the others
			t.Errorf("%s: %d messages came", name, come)
		}
		if greenroom.ErrorCode(err) != tt.code {
			t.Errorf("%s: got %q %v, want %q", name, greenroom.ErrorCode(err), err, tt.code)
		}
	}
}

func refuse(context.Context, string, string) (net.Conn, error) {
	return nil, greenroom.Errorf(greenroom.CodeForbidden, "inside this server's own network")
}

func TestTestAndSurvey(t *testing.T) {
	m := serve(t)
	m.add(t, "INBOX", letters(7)...)
	if err := m.user.Create("Other", nil); err != nil {
		t.Fatal(err)
	}
	v := m.values()
	v["folders"] = "inbox\nGone"
	src, err := imap.New(connectortest.LiveEnv(t), v)
	if err != nil {
		t.Fatal(err)
	}
	check, err := src.(connector.Tester).Test(t.Context()) //nolint:errcheck // the compiler has checked it
	if err != nil || len(check.Missing) != 1 || check.Missing[0].Name != "Gone" || len(check.Notes) != 1 || check.Notes[0] != "INBOX holds 7 messages." {
		t.Errorf("the test says %+v %v", check, err)
	}
	s, err := src.(connector.Surveyor).Survey(t.Context()) //nolint:errcheck // the compiler has checked it
	if err != nil || s.Items != 7 || len(s.Places) != 2 || !s.Places[0].Covered || s.Places[1].Covered {
		t.Errorf("the survey says %+v %v", s, err)
	}
}

// TestRecording puts a real list's messages into a mailbox.
func TestRecording(t *testing.T) {
	rec := connectortest.Recordings(t)
	files, err := filepath.Glob(filepath.Join(rec, "mail", "r-package-devel", "*"))
	if err != nil || len(files) == 0 {
		t.Skip("the recording of a mailing list is not here")
	}
	m := serve(t)
	n := 0
	for _, path := range files {
		data, err := os.ReadFile(path)
		if err != nil || !bytes.HasPrefix(data, []byte("From ")) {
			continue
		}
		for _, text := range strings.Split("\n"+string(data), "\nFrom ")[1:] {
			if _, text, ok := strings.Cut(text, "\n"); ok && mailHeader(text) {
				m.add(t, "INBOX", text)
				n++
			}
		}
	}
	f := connectortest.Collect(t, imap.Spec(), m.values(), client(), "", 0)
	if len(f.Activities)+int(f.LeftOut["messages that the folder holds twice"])+len(f.Rejects) != n || len(f.Activities) == 0 {
		t.Errorf("of %d messages came %d activities", n, len(f.Activities))
	}
	t.Logf("%d messages, %d activities", n, len(f.Activities))
}

func mailHeader(text string) bool {
	h, _ := mailmessage.ParseHeader([]byte(text))
	return h.Get("message-id") != ""
}

// TestMemory reads a large mailbox while the memory in use stays small; the server's is in it and does not change.
func TestMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds")
	}
	m := serve(t)
	m.add(t, "INBOX", letters(20_000)...)
	n, growth := pour(t, m)
	if n != 20_000 || growth > 48<<20 {
		t.Errorf("%d messages, %d MB more at the end", n, growth>>20)
	}
}

func BenchmarkRead(b *testing.B) {
	m := serve(b)
	m.add(b, "INBOX", letters(20_000)...)
	n := 0
	for b.Loop() {
		k, _ := pour(b, m)
		n += k
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "facts/s")
}

func pour(tb testing.TB, m *mailbox) (n int, growth uint64) {
	tb.Helper()
	src, err := imap.New(connectortest.LiveEnv(tb), m.values())
	if err != nil {
		tb.Fatal(err)
	}
	var first, worst uint64
	out := connector.NewSink(tb.Context(), 2000, func(_ context.Context, b *connector.Batch) error {
		n += len(b.Activities)
		runtime.GC()
		var s runtime.MemStats
		runtime.ReadMemStats(&s)
		if first == 0 {
			first = s.HeapAlloc
		}
		worst = max(worst, s.HeapAlloc)
		return nil
	})
	if err := src.Read(tb.Context(), "", out); err != nil {
		tb.Fatal(err)
	}
	if err := out.Flush(); err != nil {
		tb.Fatal(err)
	}
	return n, worst - min(first, worst)
}
