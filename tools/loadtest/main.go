// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Loadtest asks a running Greenroom for pages at a constant rate and prints how long each kind took:
//
//	go run -C tools ./loadtest -url http://127.0.0.1:8080 -token TOKEN -rate 50 -for 60s -import /path/of/gharchive/files
//
// Requests are sent when they are due, whether or not earlier ones have been answered, and a request's time counts from
// when it was due: a server that falls behind is seen to (an open model). With -import, the server reads these files
// into a source of their own meanwhile; that takes a token with the scope admin. docs/performance.md says how the data
// are made.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/signal"
	"slices"
	"sync"
	"time"
)

// client asks the server under test.
type client struct {
	url, token string
	http       *http.Client
}

// request is one of a kind of requests.
type request struct {
	kind, path string
}

// answered is how a request went.
type answered struct {
	kind string
	took time.Duration
	err  error
}

func main() {
	var c client
	var rate float64
	var span time.Duration
	var path, source string
	var seed uint64
	flag.StringVar(&c.url, "url", "http://127.0.0.1:8080", "the server's address")
	flag.StringVar(&c.token, "token", os.Getenv("GREENROOM_TOKEN"), "an API token; GREENROOM_TOKEN if not given")
	flag.Float64Var(&rate, "rate", 50, "requests a second")
	flag.DurationVar(&span, "for", time.Minute, "how long")
	flag.StringVar(&path, "import", "", "GH Archive files for the server to read meanwhile")
	flag.StringVar(&source, "source", "loadtest", "the name of the source that they are read into")
	flag.Uint64Var(&seed, "seed", 1, "of the order of requests")
	flag.Parse()
	c.http = &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, &c, plan{rate: rate, span: span, files: path, source: source, random: rand.New(rand.NewPCG(seed, 1))}, os.Stdout) //nolint:gosec // not a secret
	stop()
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "loadtest:", err)
		os.Exit(1)
	}
}

// plan is what to do.
type plan struct {
	rate          float64
	span          time.Duration
	files, source string
	random        *rand.Rand
}

func run(ctx context.Context, c *client, p plan, out io.Writer) error {
	mix, err := c.mix(ctx)
	if err != nil {
		return err
	}
	if p.files != "" {
		if err := c.post(ctx, "/api/v1/imports", map[string]any{"kind": "gharchive", "source": p.source, "options": map[string]string{"path": p.files}}); err != nil {
			return fmt.Errorf("starting the import: %w", err)
		}
	}
	all := c.fire(ctx, mix, p)
	printTimes(out, all, p)
	if p.files == "" {
		return nil
	}
	var state struct {
		Running bool
		Run     struct{ Read, Stored int64 }
	}
	if err := c.get(ctx, "/api/v1/imports/"+p.source, &state); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "\nimport: %d records read, %d stored, %.0f stored a second, still running at the end: %v\n",
		state.Run.Read, state.Run.Stored, float64(state.Run.Stored)/p.span.Seconds(), state.Running)
	return err
}

// fire sends the requests when they are due and waits for the last answer.
func (c *client) fire(ctx context.Context, mix *mix, p plan) []answered {
	total := int(p.rate * p.span.Seconds())
	results := make(chan answered, total)
	var wait sync.WaitGroup
	began := time.Now()
	for i := range total {
		due := began.Add(time.Duration(float64(i) / p.rate * float64(time.Second)))
		select {
		case <-time.After(time.Until(due)):
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			break
		}
		r := mix.draw(p.random)
		wait.Go(func() {
			err := c.get(ctx, r.path, nil)
			if err != nil {
				err = fmt.Errorf("%s: %w", r.path, err)
			}
			results <- answered{kind: r.kind, took: time.Since(due), err: err}
		})
	}
	wait.Wait()
	close(results)
	all := make([]answered, 0, total)
	for a := range results {
		all = append(all, a)
	}
	return all
}

// get reads an answer whole, into v where that is not nil.
func (c *client) get(ctx context.Context, path string, v any) error {
	return c.send(ctx, http.MethodGet, path, nil, v)
}

func (c *client) post(ctx context.Context, path string, body any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return c.send(ctx, http.MethodPost, path, text, nil)
}

func (c *client) send(ctx context.Context, method, path string, body []byte, v any) (err error) {
	req, err := http.NewRequestWithContext(ctx, method, c.url+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, resp.Body.Close()) }()
	text, err := io.ReadAll(resp.Body)
	switch {
	case err != nil:
		return err
	case resp.StatusCode >= http.StatusBadRequest:
		return fmt.Errorf("%s: %.300s", resp.Status, text)
	case v != nil:
		return json.Unmarshal(text, v)
	}
	return nil
}

// printTimes prints a table of the kinds, the slowest first.
func printTimes(out io.Writer, all []answered, p plan) {
	kinds := make(map[string][]time.Duration)
	failed := make(map[string]int)
	var first error
	for _, a := range all {
		for _, kind := range []string{a.kind, "all"} {
			kinds[kind] = append(kinds[kind], a.took)
			if a.err != nil {
				failed[kind]++
			}
		}
		if a.err != nil && first == nil {
			first = a.err
		}
	}
	names := make([]string, 0, len(kinds))
	for kind, times := range kinds {
		slices.Sort(times)
		names = append(names, kind)
	}
	slices.SortFunc(names, func(a, b string) int { return int(at(kinds[b], 95) - at(kinds[a], 95)) })
	_, _ = fmt.Fprintf(out, "%.0f requests a second for %s; times in ms\n\n%-44s %6s %8s %8s %8s %8s %6s\n", p.rate, p.span, "kind", "number", "p50", "p95", "p99", "most", "failed")
	for _, kind := range names {
		t := kinds[kind]
		_, _ = fmt.Fprintf(out, "%-44s %6d %8.1f %8.1f %8.1f %8.1f %6d\n", kind, len(t), millis(at(t, 50)), millis(at(t, 95)), millis(at(t, 99)), millis(t[len(t)-1]), failed[kind])
	}
	if first != nil {
		_, _ = fmt.Fprintln(out, "\nthe first failure:", first)
	}
}

// at is a percentile of sorted times.
func at(sorted []time.Duration, percent int) time.Duration {
	return sorted[min(len(sorted)*percent/100, len(sorted)-1)]
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
