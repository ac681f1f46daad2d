// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/http"
	"net/http/httptest"
	netmail "net/mail"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"greenroom/connector"
	"greenroom/connector/csv"
	"greenroom/internal/bounce"
	"greenroom/internal/browsertest"
	"greenroom/internal/consent"
	"greenroom/internal/digest"
	"greenroom/internal/ingest"
	"greenroom/internal/list"
	"greenroom/internal/outbox"
	"greenroom/internal/query"
	"greenroom/internal/server"
)

// exim is a real mail server: it delivers mail to people of example.test into folders, refuses mail to nobody@example.test
// at the door, and sends back what it has taken for late@example.test.
type exim struct {
	dir  string
	port int
}

const eximConfig = `
exim_user = USER
exim_group = GROUP
spool_directory = DIR/spool
log_file_path = DIR/log/%s
pid_file_path = DIR/exim.pid
primary_hostname = mx.example.test
qualify_domain = example.test
local_interfaces = 127.0.0.1
daemon_smtp_ports = PORT
disable_ipv6
tls_advertise_hosts =
host_lookup =
keep_environment =
never_users =
acl_smtp_rcpt = door
acl_smtp_data = accept

begin acl
door:
  deny local_parts = nobody
       message = 5.1.1 there is no such mailbox
  accept

begin routers
late:
  driver = redirect
  local_parts = late
  allow_fail
  data = :fail: 5.1.1 this mailbox is gone
people:
  driver = accept
  domains = example.test
  local_parts = team : ana : ben : cleo
  transport = folder

begin transports
folder:
  driver = appendfile
  directory = DIR/mail/$local_part_data
  maildir_format
  create_directory
  user = USER
  group = GROUP
`

func startExim(t *testing.T) *exim {
	t.Helper()
	binary, err := exec.LookPath("exim4")
	if err != nil {
		for _, binary = range []string{"/usr/sbin/exim4", "/usr/sbin/exim"} {
			if _, err = os.Stat(binary); err == nil {
				break
			}
		}
	}
	if err != nil {
		t.Skip("no mail server found: install the package exim4-daemon-light")
	}
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	owner, group := me.Uid, me.Gid
	if me.Uid == "0" {
		owner, group = "mail", "mail"
	}
	dir, err := os.MkdirTemp("", "greenroom-mail-") //nolint:usetesting // the mail server's user may not enter the test's own folder
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	for _, sub := range []string{"", "spool", "log", "mail"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o755); err != nil { //nolint:gosec // the mail server has a user of its own
			t.Fatal(err)
		}
		if err := os.Chmod(filepath.Join(dir, sub), 0o777); err != nil { //nolint:gosec // the same
			t.Fatal(err)
		}
	}
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	e := &exim{dir: dir}
	if e.port, err = strconv.Atoi(port); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(dir, "exim.conf")
	text := strings.NewReplacer("DIR", dir, "PORT", port, "USER", owner, "GROUP", group).Replace(eximConfig)
	if err := os.WriteFile(config, []byte(text), 0o644); err != nil { //nolint:gosec // the same
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	server := exec.CommandContext(ctx, binary, "-C", config, "-bdf", "-q1m")
	var said bytes.Buffer
	server.Stdout, server.Stderr = &said, &said
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop()
		_ = server.Wait() // it was stopped
		if t.Failed() {
			log, _ := os.ReadFile(filepath.Join(dir, "log", "main"))
			t.Logf("the mail server said %s\n%s", said.String(), log)
		}
	})
	eventually(t, "the mail server answers", func() bool {
		c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", net.JoinHostPort("127.0.0.1", port))
		if err != nil {
			return false
		}
		defer func() { _ = c.Close() }()
		hello := make([]byte, 3)
		_ = c.SetReadDeadline(time.Now().Add(5 * time.Second))
		_, err = io.ReadFull(c, hello)
		return err == nil && string(hello) == "220"
	})
	return e
}

// mails are the messages in somebody's mailbox.
func (e *exim) mails(t *testing.T, who string) [][]byte {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(e.dir, "mail", who, "new", "*"))
	if err != nil {
		t.Fatal(err)
	}
	var all [][]byte
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, text)
	}
	return all
}

// waitMail waits until somebody has n messages.
func (e *exim) waitMail(t *testing.T, who string, n int) [][]byte {
	t.Helper()
	eventually(t, fmt.Sprintf("%s has %d mails", who, n), func() bool { return len(e.mails(t, who)) >= n })
	return e.mails(t, who)
}

// letter is a mail, taken apart.
type letter struct {
	netmail.Header
	text, html string
}

func readLetter(t *testing.T, message []byte) *letter {
	t.Helper()
	m, err := netmail.ReadMessage(bytes.NewReader(message))
	if err != nil {
		t.Fatal(err)
	}
	l := &letter{Header: m.Header}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("the mail is %s (%v), want multipart/alternative", kind, err)
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	for {
		p, err := parts.NextRawPart()
		if err != nil {
			return l
		}
		var body io.Reader = p
		switch strings.ToLower(p.Header.Get("Content-Transfer-Encoding")) {
		case "quoted-printable":
			body = quotedprintable.NewReader(p)
		case "base64":
			body = base64.NewDecoder(base64.StdEncoding, p)
		}
		content, err := io.ReadAll(body)
		if err != nil {
			t.Fatal(err)
		}
		switch kind, _, _ := mime.ParseMediaType(p.Header.Get("Content-Type")); kind {
		case "text/plain":
			l.text = string(content)
		case "text/html":
			l.html = string(content)
		}
	}
}

// TestMail sends mail through a real mail server: what arrives is what mail programs and people expect, and what comes
// back is read and believed.
func TestMail(t *testing.T) {
	ctx := t.Context()
	post := startExim(t)
	w := openMailing(t, post)
	leave := "https://greenroom.example.test/c/unsubscribe?t=abc"
	for who, to := range map[string]string{"Ana": "ana@example.test", "Late": "late@example.test", "Nobody": "nobody@example.test"} {
		if _, err := w.box.Queue(ctx, outbox.Message{
			Key: "welcome " + who, Channel: outbox.Email, Purpose: consent.Care, Origin: outbox.Origin{Kind: "workflow", ID: 1, Run: 1}, MemberID: w.member(who), To: to,
			Sender: "Ida Berg", ReplyTo: "ida@example.test", Subject: "Welcome to Harbor, " + who + " — schön!",
			Text: "Hello **" + who + "**,\n\nread the [first steps](https://docs.example.test/start) or just ask.\n\n- in the forum\n- in #help\n\n<script>alert(1)</script>\n\nIda", Unsubscribe: leave,
		}); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := w.box.Drain(ctx); n != 3 || err != nil {
		t.Fatal(n, err)
	}
	l := readLetter(t, post.waitMail(t, "ana", 1)[0])
	dec := new(mime.WordDecoder)
	subject, _ := dec.DecodeHeader(l.Get("Subject"))
	from, err := netmail.ParseAddress(l.Get("From"))
	if err != nil || from.Name != "Ida Berg" || from.Address != "team@example.test" || subject != "Welcome to Harbor, Ana — schön!" {
		t.Errorf("from %v, subject %q, %v", from, subject, err)
	}
	for header, want := range map[string]string{
		"Reply-To": "<ida@example.test>", "List-Unsubscribe": "<" + leave + ">", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click", "Auto-Submitted": "", "To": "<ana@example.test>",
	} {
		if got := l.Get(header); got != want {
			t.Errorf("%s: %q, want %q", header, got, want)
		}
	}
	if !strings.Contains(l.text, "Hello **Ana**") || !strings.Contains(l.text, "Unsubscribe: "+leave) {
		t.Errorf("the plain text is %q", l.text)
	}
	if !strings.Contains(l.html, "<strong>Ana</strong>") || !strings.Contains(l.html, `href="https://docs.example.test/start"`) || strings.Contains(l.html, "<script") || strings.Contains(l.html, "src=") {
		t.Errorf("the HTML is %s", l.html)
	}
	looks(t, l.html)

	// Refused at the door: a dead letter at once. Taken, and sent back later: found out from the report.
	if m := w.message("welcome Nobody"); m.State != outbox.Failed || !strings.Contains(m.Reason, "no such mailbox") {
		t.Errorf("the mail to nobody is %s: %s", m.State, m.Reason)
	}
	if m := w.message("welcome Late"); m.State != outbox.Sent {
		t.Errorf("the mail that comes back is first %s: %s", m.State, m.Reason)
	}
	back := post.waitMail(t, "team", 1)[0]
	for range 2 {
		if err := w.bounces.Read(ctx); err != nil { // there is no mailbox yet
			t.Fatal(err)
		}
	}
	report, err := w.bounces.Take(ctx, bytes.NewReader(back))
	if err != nil || len(report.Recipients) != 1 || report.Recipients[0].Address != "late@example.test" || !report.Recipients[0].Permanent {
		t.Fatalf("the report says %+v, %v:\n%s", report, err, back)
	}
	if m := w.message("welcome Late"); m.State != outbox.Failed || !strings.Contains(m.Reason, "came back") {
		t.Errorf("the mail that came back is %s: %s", m.State, m.Reason)
	}
	if _, err := w.box.Queue(ctx, outbox.Message{Key: "again", Channel: outbox.Email, Purpose: consent.Answer, MemberID: w.member("Late"), To: "late@example.test", Subject: "And", Text: "hello"}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.box.Drain(ctx); err != nil {
		t.Fatal(err)
	}
	if m := w.message("again"); m.State != outbox.Skipped {
		t.Errorf("the next mail to an address that refused is %s: %s", m.State, m.Reason)
	}

	// A mail server that is gone holds mail up; it goes out when the server is back.
	if err := w.digests.SetServer(ctx, digest.Server{Host: "127.0.0.1", Port: 1, From: "team@example.test", Security: digest.Plain}, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := w.box.Queue(ctx, outbox.Message{Key: "later", Channel: outbox.Email, Purpose: consent.Answer, MemberID: w.member("Ana"), To: "ana@example.test", Subject: "Later", Text: "hello"}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.box.Drain(ctx); err != nil {
		t.Fatal(err)
	}
	if m := w.message("later"); m.State != outbox.Queued || m.Reason == "" {
		t.Errorf("while the server is gone the mail is %s: %s", m.State, m.Reason)
	}
	w.use(post)
	*w.now = w.now.Add(time.Hour)
	if _, err := w.box.Drain(ctx); err != nil {
		t.Fatal(err)
	}
	post.waitMail(t, "ana", 2)
}

// mailing is a community of four with a mail server.
type mailing struct {
	t       *testing.T
	app     *server.App
	now     *time.Time
	box     *server.Outbox
	digests *server.Digests
	bounces *bounce.Service
}

func openMailing(t *testing.T, post *exim) *mailing {
	t.Helper()
	ctx := t.Context()
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	w := &mailing{t: t, now: &now}
	var err error
	if w.app, err = server.Open(ctx, server.Options{Data: t.TempDir(), Log: slog.New(slog.NewTextHandler(t.Output(), nil)), Now: func() time.Time { return now }}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.app.Close() })
	var rows strings.Builder
	rows.WriteString("Id,Kind,Author,E-mail,Time,Channel,Text\n")
	for i, who := range []string{"Ana", "Ben", "Late", "Nobody"} {
		fmt.Fprintf(&rows, "%d,message,%s,%s@example.test,2026-11-20T10:00:00Z,help,Hello\n", i+1, who, strings.ToLower(who))
	}
	file := filepath.Join(t.TempDir(), "talk.csv")
	if err := os.WriteFile(file, []byte(rows.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, run, err := w.app.Importer.Import(ctx, ingest.Request{Spec: csv.Spec(), Name: "talk", Values: connector.Values{"path": file, "type": "activities"}}); err != nil || run.Rejected > 0 {
		t.Fatal(run, err)
	}
	if err := w.app.Projector.CatchUp(ctx); err != nil {
		t.Fatal(err)
	}
	acts, err := w.app.Acts(w.app.Importer, nil)
	if err != nil {
		t.Fatal(err)
	}
	w.digests = w.app.Digests(nil, acts, server.ServeOptions{})
	w.bounces = w.app.Bounces()
	if w.box, err = w.app.Outbox(w.digests.Service, nil); err != nil {
		t.Fatal(err)
	}
	w.use(post)
	return w
}

func (w *mailing) use(post *exim) {
	w.t.Helper()
	if err := w.digests.SetServer(w.t.Context(), digest.Server{Host: "127.0.0.1", Port: post.port, From: "Harbor team <team@example.test>", Security: digest.Plain}, nil); err != nil {
		w.t.Fatal(err)
	}
}

func (w *mailing) member(name string) int64 {
	w.t.Helper()
	q, err := query.Parse(query.NewSchema(query.Members, nil), "name:"+name)
	if err != nil {
		w.t.Fatal(err)
	}
	page, err := w.app.Store.ListMembers(w.t.Context(), list.Request{Query: q, Limit: 10})
	if err != nil || len(page.Items) != 1 {
		w.t.Fatal(name, page, err)
	}
	return page.Items[0].ID
}

func (w *mailing) message(key string) outbox.Message {
	w.t.Helper()
	all, err := w.box.List(w.t.Context(), outbox.Filter{})
	if err != nil {
		w.t.Fatal(err)
	}
	for i := range all {
		if all[i].Key == key {
			return all[i]
		}
	}
	w.t.Fatalf("there is no message %q", key)
	return outbox.Message{}
}

// looks opens a mail's HTML in a browser, as a mail program would show it.
func looks(t *testing.T, html string) {
	t.Helper()
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, html)
	}))
	t.Cleanup(page.Close) // after the tabs, which may still ask for something
	browser := browsertest.Start(t)
	for name, v := range map[string]browsertest.Viewport{"1440": browsertest.Desktop(false), "390": browsertest.Phone(false)} {
		tab := browsertest.Open(t, browser, v, page.URL)
		if wide := browsertest.Eval[float64](t, tab, "document.documentElement.scrollWidth - document.documentElement.clientWidth"); wide > 0 {
			t.Errorf("at %s px the mail is %v px too wide", name, wide)
		}
		shot(t, tab, "mail-"+name)
	}
}
