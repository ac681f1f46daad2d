// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strconv"
	"sync"
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

// receiver is a server that takes what alerts send, and remembers when which came first.
type receiver struct {
	*httptest.Server

	mu     sync.Mutex
	came   map[string]time.Time // by Idempotency-Key
	said   map[string]time.Time // by the text of the message that fired
	again  int
	events []alert.Event
}

func receive(tb testing.TB) *receiver {
	tb.Helper()
	r := &receiver{came: make(map[string]time.Time), said: make(map[string]time.Time)}
	r.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
		now := time.Now()
		var e alert.Event
		if err := json.NewDecoder(req.Body).Decode(&e); err != nil {
			tb.Error(err)
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		key := req.Header.Get("Idempotency-Key")
		if _, ok := r.came[key]; ok || key != e.Key {
			r.again++
			return
		}
		r.came[key] = now
		r.events = append(r.events, e)
		for _, f := range e.Firings {
			if f.Subject != nil {
				r.said[f.Subject.Text] = now
			}
		}
	}))
	tb.Cleanup(r.Close)
	return r
}

func (r *receiver) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.said)
}

// loopback lets what is sent reach this machine.
func loopback() []netip.Prefix { return []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} }

const eventSecret = "a secret of the sender"

// watched connects a source that takes webhooks, and makes an alert on what it brings, to a destination at an address.
func watched(tb testing.TB, app *server.App, address string, d alert.Draft) alert.Alert {
	tb.Helper()
	ctx := context.WithoutCancel(tb.Context())
	if _, _, err := app.Importer.Import(ctx, ingest.Request{Spec: webhook.Spec(), Name: "events", Values: connector.Values{"secret": eventSecret}}); err != nil {
		tb.Fatal(err)
	}
	box, err := app.Outbox(nobody{}, nil)
	if err != nil {
		tb.Fatal(err)
	}
	to, err := box.AddDestination(ctx, outbox.DestinationDraft{Name: "receiver", Channel: outbox.Webhook, Address: address}, "ana")
	if err != nil {
		tb.Fatal(err)
	}
	d.Destinations = []int64{to.ID}
	a, err := app.Alerts(box, nil, nil, server.ServeOptions{}).Add(ctx, d, "ana")
	if err != nil {
		tb.Fatal(err)
	}
	return a
}

// nobody sends no mail.
type nobody struct{}

func (nobody) Mail(context.Context, *digest.Mail) error { return nil }
func (nobody) MailID(key string) string                 { return key }

// happened is a webhook about a message.
func happened(i int, at time.Time) []byte {
	return fmt.Appendf(nil, `{"id":"m%d","created_at":%q,"body":"How do I rotate key number %d?","email":"p%d@org%d.example","name":"Person %d"}`, i, at.UTC().Format(time.RFC3339Nano), i, i%500, i%40, i%500)
}

func textOf(i int) string { return "How do I rotate key number " + strconv.Itoa(i) + "?" }

// TestAlertLatency posts messages to a source's webhook at 200 a second, and looks when each one's alert is at the receiving
// server. GREENROOM_TEST_EVENTS says how many there are.
func TestAlertLatency(t *testing.T) {
	const rate = 200
	n := events(600)
	to := receive(t)
	l := start(t, server.ServeOptions{Allowed: loopback()}, func(app *server.App) {
		watched(t, app, to.URL, alert.Draft{Name: "Asks", Watch: alert.Activities, Query: "is:question"})
	})
	posted := make([]time.Time, n)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	defer client.CloseIdleConnections()
	var wg sync.WaitGroup
	begin := time.Now()
	for i := range n {
		time.Sleep(time.Until(begin.Add(time.Duration(i) * time.Second / rate)))
		posted[i] = time.Now()
		wg.Go(func() {
			if err := post(t.Context(), client, l.url, happened(i, posted[i])); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for end := time.Now().Add(patience); to.count() < n && time.Now().Before(end); {
		time.Sleep(20 * time.Millisecond)
	}
	to.mu.Lock()
	defer to.mu.Unlock()
	var took []time.Duration
	for i := range n {
		at, ok := to.said[textOf(i)]
		if !ok {
			t.Errorf("nothing came of message %d", i)
			continue
		}
		took = append(took, at.Sub(posted[i]))
	}
	if len(to.came) != n || to.again > 0 {
		t.Errorf("%d messages came, %d again; want %d", len(to.came), to.again, n)
	}
	if len(took) > 0 {
		slices.Sort(took)
		t.Logf("%d events at %d/s: p50 %v, p90 %v, p99 %v, longest %v", n, rate, took[len(took)/2], took[len(took)*9/10], took[len(took)*99/100], took[len(took)-1])
	}
}

func post(ctx context.Context, c *http.Client, url string, body []byte) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/hooks/events", bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Greenroom-Secret", eventSecret)
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
