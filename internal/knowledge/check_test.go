// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package knowledge

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// shelf is a store of links in memory. Links are made when they are asked for, so that what is measured is the checker's memory.
type shelf struct {
	LinkStore
	hosts int
	each  int64

	mu       sync.Mutex
	checked  map[string]Verdict
	etags    map[string]string
	deferred map[string]time.Duration
	saved    int
	most     int // links that were given at once
	stop     func()
	stopAt   int
	now      func() time.Time
}

func hostName(i int) string { return fmt.Sprintf("h%02d.test", i) }

func (s *shelf) LinkHosts(context.Context, time.Time, time.Time) ([]Host, error) {
	var all []Host
	for i := range s.hosts {
		all = append(all, Host{hostName(i), s.each})
	}
	return all, nil
}

func (s *shelf) DueLinks(_ context.Context, host string, _ time.Time, after int64, limit int) ([]Link, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Link
	for id := after + 1; id <= s.each && len(all) < limit; id++ {
		address := fmt.Sprintf("http://%s/p/%d", host, id)
		if _, done := s.checked[address]; !done {
			all = append(all, Link{ID: id, Host: host, Address: address, ETag: s.etags[address]})
		}
	}
	s.most = max(s.most, len(all))
	return all, nil
}

func (s *shelf) SaveChecked(_ context.Context, _ Run, all []Checked) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range all {
		s.checked[all[i].Address], s.etags[all[i].Address] = all[i].Verdict, all[i].ETag
	}
	if s.saved += len(all); s.stop != nil && s.saved >= s.stopAt {
		s.stop()
	}
	return nil
}

func (s *shelf) DeferHost(_ context.Context, host string, until time.Time, _ string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deferred[host] = until.Sub(s.now())
	return nil
}

// guests is a server that plays many hosts, and notes how they are asked.
type guests struct {
	mu       sync.Mutex
	now      map[string]int // requests under way, by host
	crowded  int            // the most that any host had at a time
	last     map[string]time.Time
	nearest  time.Duration // the shortest pause from the end of a request to the next of the same host
	asked    map[string]int
	refused  []string // what robots.txt forbids and was asked for all the same
	robots   map[string]int
	same     atomic.Int64 // answers of 304
	requests atomic.Int64
}

func (g *guests) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.requests.Add(1)
	g.mu.Lock()
	if at, ok := g.last[r.Host]; ok && g.now[r.Host] == 0 {
		g.nearest = min(g.nearest, time.Since(at))
	}
	g.now[r.Host]++
	g.crowded = max(g.crowded, g.now[r.Host])
	g.asked[r.Method]++
	g.mu.Unlock()
	defer func() {
		g.mu.Lock()
		g.now[r.Host]--
		g.last[r.Host] = time.Now()
		g.mu.Unlock()
	}()
	if r.URL.Path == "/robots.txt" {
		g.mu.Lock()
		g.robots[r.Host]++
		g.mu.Unlock()
		_, _ = fmt.Fprint(w, "User-agent: *\nDisallow: /p/*3$\n\nUser-agent: other\nDisallow: /\n")
		return
	}
	id := strings.TrimPrefix(r.URL.Path, "/p/")
	switch {
	case strings.HasSuffix(id, "3"):
		g.mu.Lock()
		g.refused = append(g.refused, r.Host+r.URL.Path)
		g.mu.Unlock()
	case strings.HasSuffix(id, "17"):
		http.NotFound(w, r)
	case strings.HasSuffix(id, "28") && r.Method == http.MethodHead:
		w.WriteHeader(http.StatusMethodNotAllowed)
	case strings.HasSuffix(id, "49"):
		http.Redirect(w, r, "http://"+hostName(0)+"/p/50", http.StatusMovedPermanently) // to another host, through its gate
	case r.Header.Get("If-None-Match") == `"e`+id+`"`:
		g.same.Add(1)
		w.WriteHeader(http.StatusNotModified)
	default:
		w.Header().Set("ETag", `"e`+id+`"`)
		_, _ = fmt.Fprint(w, "<p>fine")
	}
}

// guestServer is a server for all names, and a client that finds it.
func guestServer(t *testing.T, h http.Handler) *http.Client {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	to := server.Listener.Addr().String()
	tr := &http.Transport{MaxIdleConnsPerHost: 1, DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, to)
	}}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr}
}

// TestCheckIsPolite checks 10,000 links of 20 hosts: never two requests to a host at a time, never without the pause, nothing that
// robots.txt forbids, marks of last time on the second walk, and bounded memory.
func TestCheckIsPolite(t *testing.T) {
	const hosts, each, pause = 20, 500, 2 * time.Millisecond
	g := &guests{now: make(map[string]int), last: make(map[string]time.Time), asked: make(map[string]int), robots: make(map[string]int), nearest: time.Hour}
	client := guestServer(t, g)
	s := &shelf{hosts: hosts, each: each, checked: make(map[string]Verdict), etags: make(map[string]string), deferred: make(map[string]time.Duration), now: time.Now}
	pace := Pace{Hosts: 20, Delay: pause, Timeout: 10 * time.Second, Patient: time.Second}

	ctx, stop := context.WithCancel(t.Context()) // the first walk is stopped on its way
	s.stop, s.stopAt = stop, 4000
	run := Run{ID: 1, StartedAt: time.Now()}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	begin := time.Now()
	if err := NewChecker(client, time.Now, pace).Run(ctx, s, &run); err == nil {
		t.Error("a walk that is stopped says so")
	}
	half := len(s.checked)
	s.stop = nil
	time.Sleep(20 * pause) // a process that begins anew takes longer than that
	if err := NewChecker(client, time.Now, pace).Run(t.Context(), s, &run); err != nil {
		t.Fatal(err)
	}
	first := time.Since(begin)
	runtime.GC()
	runtime.ReadMemStats(&after)
	if half < 4000 || half >= hosts*each || len(s.checked) != hosts*each {
		t.Errorf("%d links were checked before the stop and %d in the end, want all %d", half, len(s.checked), hosts*each)
	}
	counts := make(map[Verdict]int)
	for _, v := range s.checked {
		counts[v]++
	}
	closed, broken := 0, 0
	for id := 1; id <= each; id++ {
		switch text := strconv.Itoa(id); {
		case strings.HasSuffix(text, "3"):
			closed++
		case strings.HasSuffix(text, "17"):
			broken++
		}
	}
	if counts[Closed] != hosts*closed || counts[Broken] != hosts*broken || counts[Good] != hosts*(each-closed-broken) {
		t.Errorf("verdicts %v, want %d closed and %d broken", counts, hosts*closed, hosts*broken)
	}
	if g.crowded != 1 {
		t.Errorf("a host had %d requests at a time", g.crowded)
	}
	if g.nearest < pause/2 { // the server notes the end of a request before the client does
		t.Errorf("a host was asked again after %s, want %s", g.nearest, pause)
	}
	if len(g.refused) > 0 {
		t.Errorf("robots.txt forbids %v", g.refused[:1])
	}
	if n := g.robots[hostName(3)]; n != 2 {
		t.Errorf("robots.txt was asked for %d times in two walks", n)
	}
	if s.most > linksRead {
		t.Errorf("%d links were held at a time", s.most)
	}
	grown := int64(after.HeapAlloc) - int64(before.HeapAlloc) //nolint:gosec // it is far below
	if grown > 16<<20 {
		t.Errorf("the heap grew by %d bytes", grown)
	}
	t.Logf("first: %d requests %v in %s, heap %+d kB, the shortest pause %s", g.requests.Load(), g.asked, first.Round(time.Millisecond), grown>>10, g.nearest)

	s.checked = make(map[string]Verdict)
	time.Sleep(20 * pause)
	run = Run{ID: 2, StartedAt: time.Now()}
	if err := NewChecker(client, time.Now, pace).Run(t.Context(), s, &run); err != nil {
		t.Fatal(err)
	}
	if want := int64(hosts * (each - closed - broken - 20)); g.same.Load() < want || run.Unchanged < want {
		t.Errorf("%d answers said that nothing changed (the run says %d), want at least %d", g.same.Load(), run.Unchanged, want)
	}
	t.Logf("second: %d of %d unchanged", run.Unchanged, run.Done)
}

// TestRetryAfter holds that a host that asks for a short rest gets it and one that asks for a long one is left alone, with all its links.
func TestRetryAfter(t *testing.T) {
	var asked atomic.Int64
	client := guestServer(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/robots.txt":
			http.NotFound(w, r)
		case r.Host == hostName(0):
			asked.Add(1)
			w.Header().Set("Retry-After", "3600")
			w.WriteHeader(http.StatusTooManyRequests)
		case asked.Load() < 3:
			asked.Add(1)
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	s := &shelf{hosts: 2, each: 4, checked: make(map[string]Verdict), etags: make(map[string]string), deferred: make(map[string]time.Duration), now: time.Now}
	if err := NewChecker(client, time.Now, Pace{Hosts: 1, Timeout: time.Second, Patient: time.Second}).Run(t.Context(), s, &Run{StartedAt: time.Now()}); err != nil {
		t.Fatal(err)
	}
	if d := s.deferred[hostName(0)]; d < 59*time.Minute {
		t.Errorf("deferred %v", s.deferred)
	}
	for address, v := range s.checked {
		if strings.Contains(address, hostName(0)) || v != Good {
			t.Errorf("%s is %s", address, v)
		}
	}
}

func TestRobots(t *testing.T) {
	for _, c := range []struct {
		robots, path string
		want         bool
	}{
		{"", "/a", true},
		{"User-agent: *\nDisallow: /a\nAllow: /a/b\n", "/a/c", false},
		{"User-agent: *\nDisallow: /a\nAllow: /a/b\n", "/a/b/c", true},
		{"User-agent: *\nDisallow: /\n\nUser-agent: Greenroom-LinkChecker\nDisallow: /x # not y", "/y", true},
		{"User-agent: a\nUser-agent: *\nDisallow: /*.pdf$", "/x/y.pdf", false},
		{"User-agent: *\nDisallow: /*.pdf$", "/x/y.pdf?z", true},
		{"Disallow: /\nnonsense", "/y", true},
		{"User-agent: *\nDisallow:", "/y", true},
		{"User-agent: *\nDisallow: /a*b*c", "/axxbyyc?d", false},
	} {
		if got := readRobots(strings.NewReader(c.robots)).allows(c.path); got != c.want {
			t.Errorf("%q allows %s: %t", c.robots, c.path, got)
		}
	}
	if r := readRobots(strings.NewReader("User-agent: *\nCrawl-delay: 2.5")); r.delay != 2500*time.Millisecond {
		t.Errorf("delay %s", r.delay)
	}
}

// TestPagesAreRead holds that a document's own page gives text, links and places, and that a place that is missing is named.
func TestPagesAreRead(t *testing.T) {
	client := guestServer(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Last-Modified", "Mon, 05 Jan 2026 10:00:00 GMT")
		_, _ = fmt.Fprint(w, `<title>Keys</title><nav><a href="/skip">no</a></nav><h1 id=one>Keys</h1><p>Rotate <a href="b#two">them</a>. <script>var x="<a href=/no>"</script><a href="javascript:x">x</a><a href="mailto:a@b.c">m</a>`)
	}))
	c := NewChecker(client, time.Now, Pace{Hosts: 1, Timeout: time.Second, Anchors: true})
	x, _, err := c.link(t.Context(), &Link{Address: "http://h.test/a/", Page: true, Anchors: []string{"one", "three"}})
	if err != nil || x.Verdict != Good || !slices.Equal(x.Missing, []string{"three"}) || x.Read == nil {
		t.Fatalf("%+v, %v", x, err)
	}
	if p := x.Read; p.Title != "Keys" || p.Text != "Keys \nRotate them . x m" || len(p.Links) != 1 || p.Links[0] != (Ref{"http://h.test/a/b", "two"}) || p.Changed.Month() != time.January {
		t.Errorf("%+v", p)
	}
}
