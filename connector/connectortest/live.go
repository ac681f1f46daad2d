// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package connectortest

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/connector"
)

// Live is the case of a live connector: a fake of its platform, written from the platform's documentation, and what to
// expect of it. RunLive runs the conformance suite for live connectors over it.
type Live struct {
	Spec connector.Spec
	// Serve returns a fresh fake that holds n items (messages, issues, rows), in pages as the platform would give them.
	// The same n gives the same items. Pages are made when they are asked for, so that 100,000 items cost no memory.
	Serve func(n int) http.Handler
	// Values are the options for the fake at url.
	Values func(url string) connector.Values
	// Items are as many as give at least three pages of the longest list; 0 = 25.
	Items int
	// Activities is how many activities Items items give; 0 = as many as there are items, or more.
	Activities int

	// Change edits one item and deletes another on the fake, as Serve returned it, and Changed checks what the next read
	// tells of it. Nil where the platform cannot tell, which NoChange then explains.
	Change   func(fake http.Handler)
	Changed  func(t *testing.T, next *Facts)
	NoChange string

	// Limited answers a request that is one too many, and Expired one whose credential is no longer good; nil = 429 with
	// Retry-After and 401, as most platforms do.
	Limited http.HandlerFunc
	Expired http.HandlerFunc
	NoToken string // why the platform needs no credential, so that none expires

	// Pushes are deliveries in the order in which things happened, signed as the platform does, among them an edit and a
	// deletion where it pushes those. Nil where Spec.Push is.
	Pushes []connector.Delivery
	// PushesAt stands for Pushes where they name the address of the fake.
	PushesAt func(url string) []connector.Delivery
	// Ignores says that a delivery without the right signature is acknowledged and nothing comes of it, as WebSub has it,
	// instead of being refused.
	Ignores bool
	// Stream says that the pushes come over a connection that the connector opens and by no other way: they carry no
	// signature, the spec has no Push, and Verify refuses everything.
	Stream bool

	// NoBackfill says why 100,000 items cannot be read, e.g. because the platform shows the newest 1,000 only.
	NoBackfill string
}

// backfill is how many items have to go through in constant memory.
const backfill = 100_000

// RunLive runs the conformance suite for live connectors.
func RunLive(t *testing.T, c Live) {
	t.Helper()
	if c.Items == 0 {
		c.Items = 25
	}
	whole := c.read(t, nil)
	if len(whole.Activities)+len(whole.Records)+len(whole.Identities) < c.Items || c.Activities > 0 && len(whole.Activities) != c.Activities {
		t.Errorf("of %d items came %d activities, %d records and %d identities, want %d activities", c.Items, len(whole.Activities), len(whole.Records), len(whole.Identities), c.Activities)
	}
	t.Run("read", func(t *testing.T) {
		srv := httptest.NewServer(c.Serve(c.Items))
		defer srv.Close()
		Run(t, c.Spec, c.Values(srv.URL), client())
	})
	for _, f := range faults(&c) {
		t.Run(f.name, func(t *testing.T) { sameFacts(t, whole, c.read(t, f.wrap)) })
	}
	t.Run("credential expires", func(t *testing.T) { c.expires(t, whole) })
	t.Run("stopped while it waits", c.stops)
	t.Run("edited and deleted", c.changes)
	t.Run("pushes in any order", func(t *testing.T) { c.pushes(t) })
	t.Run("100,000 items in constant memory", c.backfills)
}

// client is one that gives up on slow answers soon.
func client() *http.Client { return &http.Client{Timeout: slow / 2} }

// HookKey is the secret that sources have in the tests for what they ask to be pushed; nothing is asked, as there is no Hook.
const HookKey = "the key of the tests"

// LiveEnv is Env with waits that are over at once and a meter.
func LiveEnv(tb testing.TB) connector.Env {
	tb.Helper()
	return connector.Env{
		Log: slog.New(slog.NewTextHandler(tb.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})), Now: Now, HTTP: client(), Meter: &connector.Meter{},
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }, HookKey: HookKey,
	}
}

// read reads a fresh fake whole through wrap.
func (c *Live) read(t *testing.T, wrap func(http.Handler) http.Handler) *Facts {
	t.Helper()
	h := c.Serve(c.Items)
	if wrap != nil {
		h = wrap(h)
	}
	srv := httptest.NewServer(h)
	defer srv.Close()
	f, err := c.from(t, srv.URL, "")
	if err != nil {
		t.Fatalf("reading: %v", err)
	}
	return f
}

// from reads from a cursor in small batches, so that there is a cursor for each checkpoint.
func (c *Live) from(t *testing.T, address string, from connector.Cursor) (*Facts, error) {
	t.Helper()
	src, err := c.Spec.New(LiveEnv(t), c.Values(address))
	if err != nil {
		t.Fatalf("opening: %v", err)
	}
	return pour(t, from, func(out *connector.Sink) error { return src.Read(t.Context(), from, out) })
}

// pour collects what is pushed into a sink.
func pour(t *testing.T, from connector.Cursor, push func(*connector.Sink) error) (*Facts, error) {
	t.Helper()
	f := &Facts{Identities: map[string]connector.Identity{}, LeftOut: map[string]int64{}, Payloads: map[string]string{}, Cursors: []connector.Cursor{from}}
	sink := connector.NewSink(t.Context(), 1, func(_ context.Context, b *connector.Batch) error {
		f.add(b)
		return nil
	})
	if err := push(sink); err != nil {
		return f, err
	}
	return f, sink.Flush()
}

// fault is something that goes wrong on the way and must not change what comes in.
type fault struct {
	name string
	wrap func(http.Handler) http.Handler
}

// slow is longer than the tests' client waits.
const slow = 3 * time.Second

func faults(c *Live) []fault {
	limited := c.Limited
	if limited == nil {
		limited = func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "7")
			http.Error(w, `{"message":"too many requests"}`, http.StatusTooManyRequests)
		}
	}
	bare := func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, `{"message":"too many requests"}`, http.StatusTooManyRequests)
	}
	burst := func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "<html>502 Bad Gateway</html>", http.StatusBadGateway)
	}
	stall := func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusOK)
		_, _ = w.Write([]byte(`{"ok":`))
		_ = http.NewResponseController(w).Flush()
		select {
		case <-r.Context().Done():
		case <-time.After(slow):
		}
	}
	return []fault{
		{"429 with Retry-After", func(h http.Handler) http.Handler { return everyNth(3, 1, limited, h) }},
		{"429 without Retry-After", func(h http.Handler) http.Handler { return everyNth(3, 2, bare, h) }},
		{"bursts of 5xx", func(h http.Handler) http.Handler { return everyNth(4, 3, burst, h) }},
		{"JSON cut short", func(h http.Handler) http.Handler { return everyNth(2, 1, cut(h, false), h) }},
		{"connection cut short", func(h http.Handler) http.Handler { return everyNth(2, 1, cut(h, true), h) }},
		{"a slow body", func(h http.Handler) http.Handler { return once(2, stall, h) }},
	}
}

// everyNth lets the bad handler answer a run of requests before every nth good one.
func everyNth(n, run int64, bad http.HandlerFunc, good http.Handler) http.Handler {
	var count atomic.Int64
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if at := count.Add(1) % (n + run); at >= 1 && at <= run {
			bad(w, r)
			return
		}
		good.ServeHTTP(w, r)
	})
}

// once lets the bad handler answer the nth request only.
func once(n int64, bad http.HandlerFunc, good http.Handler) http.Handler {
	var count atomic.Int64
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if count.Add(1) == n {
			bad(w, r)
			return
		}
		good.ServeHTTP(w, r)
	})
}

// cut answers with the first half of what h would: as if it were the whole, or breaking the connection.
func cut(h http.Handler, connection bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, r)
		body := rec.Body.Bytes()
		for name, values := range rec.Header() {
			w.Header()[name] = values
		}
		w.Header().Del("Content-Length")
		if connection {
			w.Header().Set("Content-Length", strconv.Itoa(len(body)+1))
		}
		w.WriteHeader(rec.Code)
		_, _ = w.Write(body[:len(body)/2])
	}
}

// expires lets the credential expire in the middle: the read says so in words, and goes on with a good one.
func (c *Live) expires(t *testing.T, whole *Facts) {
	t.Helper()
	if c.NoToken != "" {
		t.Log(c.NoToken)
		return
	}
	expired := c.Expired
	if expired == nil {
		expired = func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, `{"message":"Bad credentials"}`, http.StatusUnauthorized)
		}
	}
	good := c.Serve(c.Items)
	var count, until atomic.Int64
	until.Store(2)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if count.Add(1) > until.Load() {
			expired(w, r)
			return
		}
		good.ServeHTTP(w, r)
	}))
	defer srv.Close()
	part, err := c.from(t, srv.URL, "")
	if code := greenroom.ErrorCode(err); code != greenroom.CodeUnauthorized {
		t.Fatalf("the read ended with %v (code %q), want code %q", err, code, greenroom.CodeUnauthorized)
	}
	if msg := greenroom.ErrorMessage(err); !strings.Contains(msg, c.Spec.Title) && !strings.Contains(strings.ToLower(msg), c.Spec.Platform) {
		t.Errorf("the message %q does not name the platform", msg)
	}
	until.Store(1 << 40)
	rest, err := c.from(t, srv.URL, part.Cursors[len(part.Cursors)-1])
	if err != nil {
		t.Fatalf("going on with a good credential: %v", err)
	}
	sameFacts(t, whole, join(part, rest))
}

// stops cancels a read that waits for a limit.
func (c *Live) stops(t *testing.T) {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "60")
		http.Error(w, `{"message":"too many requests"}`, http.StatusTooManyRequests)
	}))
	defer srv.Close()
	env := LiveEnv(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	waits := 0
	env.Sleep = func(ctx context.Context, _ time.Duration) error {
		waits++
		cancel()
		return ctx.Err()
	}
	src, err := c.Spec.New(env, c.Values(srv.URL))
	if err != nil {
		t.Fatal(err)
	}
	sink := connector.NewSink(ctx, 0, func(context.Context, *connector.Batch) error { return nil })
	if err := src.Read(ctx, "", sink); err == nil || ctx.Err() == nil {
		t.Errorf("the read ended with %v after %d waits, want it to wait and be stopped", err, waits)
	}
}

// changes reads a fake, changes it and reads on from where the first read ended.
func (c *Live) changes(t *testing.T) {
	t.Helper()
	if c.Change == nil {
		if c.NoChange == "" {
			t.Error("neither Change nor NoChange is given")
		}
		t.Log(c.NoChange)
		return
	}
	h := c.Serve(c.Items)
	srv := httptest.NewServer(h)
	defer srv.Close()
	first, err := c.from(t, srv.URL, "")
	if err != nil {
		t.Fatal(err)
	}
	var from connector.Cursor
	if c.Spec.Incremental {
		from = first.Cursors[len(first.Cursors)-1]
	}
	c.Change(h)
	next, err := c.from(t, srv.URL, from)
	if err != nil {
		t.Fatal(err)
	}
	c.Changed(t, next)
}

// backfills reads many items and looks at the memory that is held meanwhile.
func (c *Live) backfills(t *testing.T) {
	t.Helper()
	if c.NoBackfill != "" {
		t.Log(c.NoBackfill)
		return
	}
	n, peak := c.Backfill(t, backfill)
	if n < backfill {
		t.Errorf("%d facts came of %d items", n, backfill)
	}
	if const32MB := uint64(32 << 20); peak > const32MB {
		t.Errorf("the read held %d MB more at its end than at its beginning, want less than 32", peak>>20)
	}
}

// Backfill reads a fake with many items, throws the facts away, and returns how many there were and by how many bytes the
// memory in use grew between an early batch and the worst later one.
func (c *Live) Backfill(tb testing.TB, items int) (facts int, growth uint64) {
	tb.Helper()
	srv := httptest.NewServer(c.Serve(items))
	defer srv.Close()
	src, err := c.Spec.New(LiveEnv(tb), c.Values(srv.URL))
	if err != nil {
		tb.Fatal(err)
	}
	var first, worst uint64
	batches := 0
	sink := connector.NewSink(tb.Context(), 4000, func(_ context.Context, b *connector.Batch) error {
		facts += len(b.Activities) + len(b.Records)
		if batches++; batches%5 != 0 {
			return nil
		}
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		if first == 0 {
			first = m.HeapAlloc
		}
		worst = max(worst, m.HeapAlloc)
		return nil
	})
	if err := src.Read(tb.Context(), "", sink); err != nil {
		tb.Fatal(err)
	}
	if err := sink.Flush(); err != nil {
		tb.Fatal(err)
	}
	return facts, worst - first
}

// BenchmarkLive reports how many items a second a connector reads from a fake without latency.
func BenchmarkLive(b *testing.B, c Live) {
	b.Helper()
	facts := 0
	for b.Loop() {
		n, _ := c.Backfill(b, 20_000)
		facts += n
	}
	b.ReportMetric(float64(facts)/b.Elapsed().Seconds(), "facts/s")
}

// diff is cmp.Diff as a sentence's end.
func diff(want, got any) string { return cmp.Diff(want, got) }
