// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"greenroom/connector"
	"greenroom/connector/webhook"
	"greenroom/internal/alert"
	"greenroom/internal/digest"
	"greenroom/internal/ingest"
	"greenroom/internal/outbox"
	"greenroom/internal/server"
)

// alertKills is how often the server is killed while events come in.
const alertKills = 4

// TestKilledAlertsTellOnce posts messages to the webhook of a server that is killed by SIGKILL again and again, and wants every
// one of them told once by the record of the server that receives the alerts, which knows messages by their keys. The sender
// sends what was not acknowledged again, as platforms do. GREENROOM_TEST_EVENTS says how many messages there are.
func TestKilledAlertsTellOnce(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	t.Run("sqlite", func(t *testing.T) { killedAlerts(t, sqliteData(t)) })
	t.Run("postgres", func(t *testing.T) { killedAlerts(t, postgresData(t)) })
}

func killedAlerts(t *testing.T, at data) {
	t.Helper()
	n := 2000
	if v, err := strconv.Atoi(os.Getenv("GREENROOM_TEST_EVENTS")); err == nil && v > 0 {
		n = v
	}
	book := &book{keys: make(map[string]int), told: make(map[string]string)}
	receiver := httptest.NewServer(book)
	defer receiver.Close()
	watch(t, at, receiver.URL)
	address := free(t)
	run := &served{t: t, at: at, address: address}
	run.start()
	dice := rand.New(rand.NewPCG(2026, 22)) //nolint:gosec // the same moments in every run
	var sent atomic.Int64
	var wg sync.WaitGroup
	begun := time.Now()
	client := &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 32}}
	defer client.CloseIdleConnections()
	for worker := range 16 {
		wg.Go(func() {
			for i := worker; i < n; i += 16 {
				for tell(t.Context(), client, address, i) != nil && t.Context().Err() == nil {
					time.Sleep(50 * time.Millisecond)
				}
				sent.Add(1)
			}
		})
	}
	for k := range alertKills { // at random moments of each part of the way: of taking messages in, then of telling them
		from, part := int64(n)*int64(k)/(alertKills+1), int64(n)/(alertKills+1)
		moment := from + 1 + dice.Int64N(part)
		for sent.Load() < moment || k >= alertKills/2 && int64(book.count()) < moment {
			time.Sleep(time.Millisecond)
		}
		run.kill()
		t.Logf("killed when %d were acknowledged and %d told", sent.Load(), book.count())
		run.start()
	}
	wg.Wait()
	for end := time.Now().Add(2 * time.Minute); book.count() < n && time.Now().Before(end); {
		time.Sleep(50 * time.Millisecond)
	}
	run.kill()
	counts := settle(t, at)
	book.mu.Lock()
	defer book.mu.Unlock()
	t.Logf("%d messages in %v, %d told, %d of them offered again with the key that was known", n, time.Since(begun).Round(time.Second), len(book.told), book.again)
	if counts[outbox.Sent] != int64(n) || len(counts) != 1 {
		t.Errorf("the outbox has %v; want %d sent", counts, n)
	}
	if len(book.told) != n || len(book.keys) != n || book.doubled > 0 {
		t.Errorf("%d messages were told under %d keys, %d under two; want %d, each under one", len(book.told), len(book.keys), book.doubled, n)
	}
}

// book is the receiving server's record: it takes each key once.
type book struct {
	mu      sync.Mutex
	keys    map[string]int
	told    map[string]string // key by what was told
	again   int
	doubled int
}

func (b *book) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	var e alert.Event
	_ = json.NewDecoder(r.Body).Decode(&e) // a broken one has no key that is known
	b.mu.Lock()
	defer b.mu.Unlock()
	key := r.Header.Get("Idempotency-Key")
	if b.keys[key]++; b.keys[key] > 1 {
		b.again++
		return
	}
	for _, f := range e.Firings {
		text := fmt.Sprint(f.Object)
		if f.Subject != nil {
			text = f.Subject.Text
		}
		if _, ok := b.told[text]; ok {
			b.doubled++
		}
		b.told[text] = key
	}
}

func (b *book) count() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.told)
}

const sendersSecret = "a secret of the sender"

// watch connects a source that takes webhooks, and makes an alert on what it brings.
func watch(t *testing.T, at data, address string) {
	t.Helper()
	ctx := t.Context()
	app, err := server.Open(ctx, server.Options{Data: at.folder, Database: at.database, Log: slog.New(slog.DiscardHandler), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := app.Close(); err != nil {
			t.Error(err)
		}
	}()
	if _, _, err := app.Importer.Import(ctx, ingest.Request{Spec: webhook.Spec(), Name: "events", Values: connector.Values{"secret": sendersSecret}}); err != nil {
		t.Fatal(err)
	}
	box, err := app.Outbox(noMail{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	to, err := box.AddDestination(ctx, outbox.DestinationDraft{Name: "receiver", Channel: outbox.Webhook, Address: address}, "ana")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := app.Alerts(box, nil, nil, server.ServeOptions{}).Add(ctx, alert.Draft{Name: "Asks", Watch: alert.Activities, Query: "is:question", Destinations: []int64{to.ID}}, "ana"); err != nil {
		t.Fatal(err)
	}
}

// settle sends what the dead processes left as being sent, as a server does half a minute later, and says how messages stand.
func settle(t *testing.T, at data) outbox.Counts {
	t.Helper()
	app, err := server.Open(t.Context(), server.Options{Data: at.folder, Database: at.database, Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return time.Now().Add(time.Minute) }})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := app.Close(); err != nil {
			t.Error(err)
		}
	}()
	box, err := app.Outbox(noMail{}, []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := box.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	counts, err := box.Counts(t.Context(), outbox.Filter{Origin: alert.Origin})
	if err != nil {
		t.Fatal(err)
	}
	return counts
}

type noMail struct{}

func (noMail) Mail(context.Context, *digest.Mail) error { return nil }
func (noMail) MailID(key string) string                 { return key }

// tell posts a message.
func tell(ctx context.Context, c *http.Client, address string, i int) error {
	body := fmt.Appendf(nil, `{"id":"m%d","created_at":%q,"body":"How do I rotate key number %d?","email":"p%d@org%d.example","name":"Person %d"}`, i, time.Now().UTC().Format(time.RFC3339Nano), i, i%500, i%40, i%500)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+address+"/hooks/events", bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Greenroom-Secret", sendersSecret)
	res, err := c.Do(r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, res.Body)
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("the webhook answered %d", res.StatusCode)
	}
	return nil
}

// served is a server in a process of its own.
type served struct {
	t       *testing.T
	at      data
	address string
	cmd     *exec.Cmd
	errs    bytes.Buffer
}

func (s *served) start() {
	s.t.Helper()
	s.cmd = command(context.WithoutCancel(s.t.Context()), s.t, s.at, []string{"serve", "--addr", s.address, "--allow-network", "127.0.0.0/8"})
	s.cmd.Stderr = &s.errs
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	for end := time.Now().Add(3 * time.Minute); ; time.Sleep(20 * time.Millisecond) {
		r, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, "http://"+s.address+"/healthz", http.NoBody)
		if err != nil {
			s.t.Fatal(err)
		}
		if res, err := http.DefaultTransport.RoundTrip(r); err == nil {
			_ = res.Body.Close()
			return
		}
		if time.Now().After(end) {
			s.t.Fatalf("the server does not answer: %s", &s.errs)
		}
	}
}

func (s *served) kill() {
	s.t.Helper()
	if err := s.cmd.Process.Kill(); err != nil {
		s.t.Fatal(err)
	}
	_ = s.cmd.Wait() // it was killed
}
