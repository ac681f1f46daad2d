// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package knowledge

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"greenroom"
	"greenroom/internal/retryafter"
)

// Pace is how politely links are checked.
type Pace struct {
	Hosts   int           // how many hosts are asked at a time
	Delay   time.Duration // between two requests to a host, from the end of one to the start of the next
	Timeout time.Duration // of a request
	Patient time.Duration // how long a host that asks to wait is waited for; beyond that it is left for a later run
	Anchors bool          // whether places in pages are looked for
}

// UsualPace is one request a second for each host.
func UsualPace() Pace {
	return Pace{Hosts: 8, Delay: time.Second, Timeout: 20 * time.Second, Patient: 30 * time.Second, Anchors: true}
}

// Limits of the checker.
const (
	maxBody   = 2 << 20 // bytes of a page that are read
	maxHops   = 5
	linksRead = 50 // links of a host that are in memory at a time
	maxDelay  = 30 * time.Second
	shaky     = 2 // failures in a row that make a link broken
)

// LinkStore keeps links and what checks say of them.
type LinkStore interface {
	// LinkHosts lists hosts with links that were last checked before a time, those with most first.
	LinkHosts(ctx context.Context, before, now time.Time) ([]Host, error)
	// DueLinks are links of a host with greater ids that were last checked before a time.
	DueLinks(ctx context.Context, host string, before time.Time, after int64, limit int) ([]Link, error)
	// SaveChecked stores what was found, with the pages that were read.
	SaveChecked(ctx context.Context, run Run, all []Checked) error
	// DeferHost leaves the links of a host alone until a time.
	DeferHost(ctx context.Context, host string, until time.Time, reason string) error
	// StartLinkRun begins a run, or gives the one that goes on.
	StartLinkRun(ctx context.Context, by string, now time.Time) (Run, error)
	EndLinkRun(ctx context.Context, run Run, now time.Time) error
	LastLinkRun(ctx context.Context) (Run, error)
}

// Checker walks over links. All it asks of a host goes through that host's gate: one request at a time, with a pause.
type Checker struct {
	client *http.Client
	now    func() time.Time
	pace   Pace

	mu       sync.Mutex
	gates    map[string]*gate
	requests atomic.Int64
}

// gate is the way to one host.
type gate struct {
	turn   chan struct{} // holds one: whose turn it is
	free   time.Time     // when the next request may begin
	robots *rules        // nil = not asked yet
	asked  bool
}

// NewChecker returns a checker. The client must refuse addresses that the server's own network has (package fetch); redirects are
// followed by the checker itself.
func NewChecker(client *http.Client, now func() time.Time, pace Pace) *Checker {
	own := *client
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Checker{client: &own, now: now, pace: pace, gates: make(map[string]*gate)}
}

func (c *Checker) gate(host string) *gate {
	c.mu.Lock()
	defer c.mu.Unlock()
	g := c.gates[host]
	if g == nil {
		g = &gate{turn: make(chan struct{}, 1)}
		c.gates[host] = g
	}
	return g
}

// Run checks everything that was due when the run began, until that is done or ctx ends. What was checked is stored host by host in
// small pages, so that the next call goes on where this one ended.
func (c *Checker) Run(ctx context.Context, store LinkStore, run *Run) error {
	c.mu.Lock()
	c.gates = make(map[string]*gate) // robots.txt is asked anew with every run
	c.mu.Unlock()
	c.requests.Store(run.Requests)
	hosts, err := store.LinkHosts(ctx, run.StartedAt, c.now())
	if err != nil {
		return fmt.Errorf("listing hosts: %w", err)
	}
	var mu sync.Mutex // of run
	work, until := errgroup.WithContext(ctx)
	work.SetLimit(max(1, c.pace.Hosts))
	for _, h := range hosts {
		if until.Err() != nil {
			break
		}
		work.Go(func() error { return c.host(until, store, h.Name, run, &mu) })
	}
	if err := errors.Join(work.Wait(), ctx.Err()); err != nil {
		return fmt.Errorf("checking links: %w", err)
	}
	return nil
}

// host checks the links of one host, a page at a time.
func (c *Checker) host(ctx context.Context, store LinkStore, host string, run *Run, mu *sync.Mutex) error {
	for after := int64(0); ; {
		due, err := store.DueLinks(ctx, host, run.StartedAt, after, linksRead)
		if err != nil || len(due) == 0 {
			return err
		}
		var found []Checked
		var wait *waitError
		for i := range due {
			after = due[i].ID
			x, unchanged, err := c.link(ctx, &due[i])
			if errors.As(err, &wait) {
				break
			}
			if err != nil {
				return err // the run was stopped
			}
			found = append(found, x)
			mu.Lock()
			run.Done++
			if x.Verdict == Broken {
				run.Broken++
			}
			if unchanged {
				run.Unchanged++
			}
			mu.Unlock()
		}
		mu.Lock()
		run.Requests = c.requests.Load()
		now := *run
		mu.Unlock()
		if err := store.SaveChecked(ctx, now, found); err != nil {
			return err
		}
		if wait != nil {
			return store.DeferHost(ctx, host, c.now().Add(wait.wait), wait.Error())
		}
	}
}

// waitError says that a host wants to be left alone for longer than we wait.
type waitError struct {
	status int
	wait   time.Duration
}

func (e *waitError) Error() string {
	return fmt.Sprintf("the host answers %d and asks to come back in %s", e.status, e.wait.Round(time.Second))
}

// link checks one link. An error means that nothing can be said of it now: the host wants to wait, or the run ends.
func (c *Checker) link(ctx context.Context, l *Link) (x Checked, unchanged bool, err error) {
	x.Link = *l
	x.CheckedAt = c.now()
	whole := l.Page || c.pace.Anchors && len(l.Anchors) > 0
	method := http.MethodHead
	if whole {
		method = http.MethodGet
	}
	a, err := c.ask(ctx, method, l.Address, l.ETag, l.LastModified)
	if err == nil && method == http.MethodHead && a.status >= http.StatusBadRequest && a.status != http.StatusTooManyRequests && a.status != http.StatusServiceUnavailable {
		a, err = c.ask(ctx, http.MethodGet, l.Address, "", "") // many servers know HEAD badly
	}
	var wait *waitError
	if ctx.Err() != nil || errors.As(err, &wait) {
		return x, false, errors.Join(err, ctx.Err())
	}
	if err != nil {
		x.fail(0, plainly(err), c.now())
		return x, false, nil
	}
	if a.status == http.StatusNotModified {
		x.Verdict, x.Status, x.Reason, x.Failures, x.BrokenAt = Good, a.status, "", 0, time.Time{}
		return x, true, nil
	}
	x.judge(a, c.now())
	if x.Verdict == Good && whole {
		x.look(a, l)
	}
	return x, false, nil
}

// look reads what was sent: a document's own page, or a page that links name a place in.
func (x *Checked) look(a *answered, l *Link) {
	if a.page == nil {
		return
	}
	for _, anchor := range l.Anchors {
		if !a.page.IDs[anchor] && !strings.HasPrefix(anchor, ":~:") && !a.cut {
			x.Missing = append(x.Missing, anchor)
		}
	}
	if l.Page {
		x.Read = a.page
		if t, err := http.ParseTime(a.modified); err == nil && x.Read.Changed.IsZero() {
			x.Read.Changed = t
		}
	}
}

// judge says what an answer means.
func (x *Checked) judge(a *answered, now time.Time) {
	x.Status, x.LeadsTo, x.Moved, x.Missing = a.status, a.leadsTo, a.moved, nil
	x.ETag, x.LastModified = a.etag, a.modified
	switch s := a.status; {
	case a.refused != "":
		x.Verdict, x.Reason, x.Failures, x.BrokenAt = Closed, a.refused, 0, time.Time{}
	case s >= 200 && s < 300:
		x.Verdict, x.Reason, x.Failures, x.BrokenAt = Good, "", 0, time.Time{}
	case s == http.StatusUnauthorized || s == http.StatusForbidden || s == http.StatusUnavailableForLegalReasons || s == 999:
		x.Verdict, x.Reason, x.Failures, x.BrokenAt = Closed, "the host shows it to those only who sign in", 0, time.Time{}
	case s == http.StatusNotFound || s == http.StatusGone:
		x.Failures = shaky
		x.fail(s, "there is nothing at this address", now)
	case s >= 300 && s < 400:
		x.fail(s, "it is redirected in a circle, or to nowhere", now)
	default:
		x.fail(s, "the host answers "+strconv.Itoa(s)+" "+http.StatusText(s), now)
	}
}

// fail notes that a link does not work. Once may be chance, twice in a row is not.
func (x *Checked) fail(status int, reason string, now time.Time) {
	x.Status, x.Reason, x.ETag, x.LastModified = status, reason, "", ""
	if x.Failures++; x.Failures >= shaky {
		x.Verdict = Broken
	} else {
		x.Verdict = Shaky
	}
	if x.BrokenAt.IsZero() {
		x.BrokenAt = now
	}
}

// plainly says in a sentence why there was no answer.
func plainly(err error) string {
	if greenroom.ErrorCode(err) == greenroom.CodeForbidden {
		return "the address is inside this server's own network, which is not looked at"
	}
	var u *url.Error
	if errors.As(err, &u) {
		if u.Timeout() {
			return "the host does not answer in time"
		}
		err = u.Err
	}
	text := err.Error()
	switch {
	case strings.Contains(text, "no such host"):
		return "there is no host of this name"
	case strings.Contains(text, "connection refused"):
		return "the host refuses the connection"
	case strings.Contains(text, "certificate"):
		return "the host's certificate is not valid"
	default:
		return cut(text, 200)
	}
}

// answered is what a host said in the end.
type answered struct {
	status         int
	etag, modified string
	leadsTo        string
	moved          bool
	refused        string // why we did not ask
	page           *Page  // what was sent, where it is a page and was asked for
	cut            bool   // it is longer than what is read
}

// ask asks for an address and follows redirects, each through the gate of its host.
func (c *Checker) ask(ctx context.Context, method, address, etag, modified string) (*answered, error) {
	at, err := url.Parse(address)
	if err != nil {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "it is not an address")
	}
	a, moved := &answered{}, true
	seen := []string{at.String()}
	for {
		var next string
		if next, err = c.once(ctx, a, method, at, etag, modified); err != nil || next == "" {
			return a, err
		}
		to, err := at.Parse(next)
		if err != nil || to.Scheme != "https" && to.Scheme != "http" || to.Host == "" || slices.Contains(seen, to.String()) || len(seen) > maxHops {
			return a, nil //nolint:nilerr // the status says that it leads nowhere
		}
		moved = moved && (a.status == http.StatusMovedPermanently || a.status == http.StatusPermanentRedirect)
		a.leadsTo, a.moved = cut(to.String(), maxAddress), moved
		at, seen = to, append(seen, to.String())
	}
}

// once makes one request, with its host's robots.txt asked first. It gives where the answer redirects to.
func (c *Checker) once(ctx context.Context, a *answered, method string, at *url.URL, etag, modified string) (next string, err error) {
	g := c.gate(at.Scheme + "://" + at.Host)
	select {
	case g.turn <- struct{}{}:
		defer func() { <-g.turn }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	if !g.asked {
		if err := c.askRobots(ctx, g, at); err != nil {
			return "", err
		}
	}
	if !g.robots.allows(at.RequestURI()) {
		a.refused = "the host's robots.txt asks not to look at it"
		if g.robots.closed {
			a.refused = "the host's robots.txt could not be read, so nothing was asked"
		}
		return "", nil
	}
	for try := 0; ; try++ {
		resp, err := c.send(ctx, g, method, at, etag, modified)
		if err != nil {
			return "", err
		}
		wait, asked := leftAlone(resp, c.now())
		if !asked {
			return c.take(a, resp, at, method)
		}
		closeBody(resp)
		if wait > c.pace.Patient || try > 0 {
			return "", &waitError{resp.StatusCode, max(wait, time.Minute)}
		}
		g.free = c.now().Add(wait)
	}
}

// send makes a request when the host's pause is over.
func (c *Checker) send(ctx context.Context, g *gate, method string, at *url.URL, etag, modified string) (*http.Response, error) {
	if err := sleep(ctx, g.free.Sub(c.now())); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, c.pace.Timeout)
	req, err := http.NewRequestWithContext(ctx, method, at.String(), http.NoBody)
	if err != nil {
		cancel()
		return nil, fmt.Errorf("making a request: %w", err)
	}
	req.Header.Set("User-Agent", userAgent)
	req.Header.Set("Accept", "text/html,application/xhtml+xml,*/*;q=0.5")
	if etag != "" {
		req.Header.Set("If-None-Match", etag)
	}
	if modified != "" {
		req.Header.Set("If-Modified-Since", modified)
	}
	c.requests.Add(1)
	resp, err := c.client.Do(req)
	pause := c.pace.Delay
	if g.robots != nil {
		pause = max(pause, min(g.robots.delay, maxDelay))
	}
	g.free = c.now().Add(pause)
	if err != nil {
		cancel()
		return nil, fmt.Errorf("asking %s: %w", at.Host, err)
	}
	resp.Body = &endingBody{resp.Body, cancel}
	return resp, nil
}

// endingBody ends the request's context with the body.
type endingBody struct {
	io.ReadCloser
	cancel context.CancelFunc
}

func (b *endingBody) Close() error {
	defer b.cancel()
	return b.ReadCloser.Close()
}

func closeBody(resp *http.Response) {
	_, _ = io.CopyN(io.Discard, resp.Body, 16<<10) // so that the connection can be used again
	_ = resp.Body.Close()
}

func (c *Checker) askRobots(ctx context.Context, g *gate, at *url.URL) error {
	resp, err := c.send(ctx, g, http.MethodGet, &url.URL{Scheme: at.Scheme, Host: at.Host, Path: "/robots.txt"}, "", "")
	if err != nil {
		return err // the host does not answer; so it does for the link
	}
	defer closeBody(resp)
	if wait, asked := leftAlone(resp, c.now()); asked {
		return &waitError{resp.StatusCode, max(wait, time.Minute)}
	}
	g.asked = true
	switch {
	case resp.StatusCode >= 500:
		g.robots = &rules{closed: true}
	case resp.StatusCode >= 200 && resp.StatusCode < 300:
		g.robots = readRobots(resp.Body)
	default:
		g.robots = &rules{} // there is none
	}
	if g.robots.delay > 0 {
		g.free = c.now().Add(max(c.pace.Delay, min(g.robots.delay, maxDelay)))
	}
	return nil
}

// longestWait is the longest that a host is left alone at its word.
const longestWait = 7 * 24 * time.Hour

// leftAlone is how long a host asks to be left alone.
func leftAlone(resp *http.Response, now time.Time) (time.Duration, bool) {
	if resp.StatusCode != http.StatusTooManyRequests && resp.StatusCode != http.StatusServiceUnavailable {
		return 0, false
	}
	if wait, said := retryafter.Read(resp.Header, now); said {
		return min(wait, longestWait), true
	}
	return time.Hour, resp.StatusCode == http.StatusTooManyRequests
}

// take reads an answer, and gives where it redirects to.
func (c *Checker) take(a *answered, resp *http.Response, at *url.URL, method string) (string, error) {
	defer closeBody(resp)
	a.status, a.etag, a.modified = resp.StatusCode, cut(resp.Header.Get("ETag"), 500), cut(resp.Header.Get("Last-Modified"), 100)
	if s := resp.StatusCode; s >= 300 && s < 400 && s != http.StatusNotModified {
		return resp.Header.Get("Location"), nil
	}
	kind := resp.Header.Get("Content-Type")
	if method != http.MethodGet || resp.StatusCode != http.StatusOK || !strings.Contains(kind, "html") {
		return "", nil
	}
	body := &io.LimitedReader{R: resp.Body, N: maxBody}
	page, err := ReadHTML(body, at)
	if err != nil {
		return "", fmt.Errorf("reading the answer of %s: %w", at.Host, err)
	}
	a.page, a.cut = page, body.N == 0
	return "", nil
}

// Open opens an address for reading, as politely as links are checked.
func (c *Checker) Open(ctx context.Context, address string) (io.ReadCloser, error) {
	at, err := url.Parse(address)
	if err != nil || at.Host == "" {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "%q is not an address", address)
	}
	for range maxHops {
		g := c.gate(at.Scheme + "://" + at.Host)
		g.turn <- struct{}{}
		resp, err := c.send(ctx, g, http.MethodGet, at, "", "")
		<-g.turn
		if err != nil {
			return nil, &greenroom.Error{Code: greenroom.CodeUnavailable, Message: address + " cannot be read: " + plainly(err), Err: err}
		}
		if to := resp.Header.Get("Location"); resp.StatusCode >= 300 && resp.StatusCode < 400 && to != "" {
			closeBody(resp)
			if at, err = at.Parse(to); err != nil || at.Scheme != "https" && at.Scheme != "http" {
				return nil, greenroom.Errorf(greenroom.CodeUnavailable, "%s leads to an address that is none of the web", address)
			}
			continue
		}
		if resp.StatusCode != http.StatusOK {
			closeBody(resp)
			return nil, greenroom.Errorf(greenroom.CodeUnavailable, "%s cannot be read: the host answers %d %s", address, resp.StatusCode, http.StatusText(resp.StatusCode))
		}
		return resp.Body, nil
	}
	return nil, greenroom.Errorf(greenroom.CodeUnavailable, "%s is redirected too often", address)
}

func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
