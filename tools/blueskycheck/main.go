// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Blueskycheck holds what Greenroom stored of a Bluesky account against the records in all accounts' repositories on one
// PDS, item by item, and prints the differences. It reads the repositories, not the AppView that the connector reads, and
// shares no code with it. It is for a network of one's own on this machine, where every account is on that PDS:
//
//	tools/blueskycheck/network /tmp/blueskycheck    # prints the handle and an app password, then "filled"
//	greenroom import bluesky --source sky --handle acmedb.test --app-password PASSWORD --service http://localhost:2583 \
//	  --searches greenroomdb --since all
//	greenroom list activities --query source:sky --format jsonl > stored.jsonl
//	go run -C tools ./blueskycheck -service http://localhost:2583 -handle acmedb.test -searches greenroomdb -stored stored.jsonl
//
// Enter in the network's terminal changes it: import again, and hold it against the repositories again.
//
// Compared are posts of every conversation that the account is part of, or that a search finds, likes, reposts and follows:
// each has to be there once, with its kind, its time to the second, what it answers, and in one conversation with all that
// name the same first post. A like or follow that was taken back is not judged, and neither are posts that the account is
// not shown: of those whom it blocks or who block it, and those below a post that is gone that do not concern it. The exit
// code is 1 where something differs.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"
)

// fact is an activity: as the repositories have it, or as Greenroom stored it.
type fact struct {
	ID           string    `json:"external_id"`
	Kind         string    `json:"kind"`
	At           time.Time `json:"occurred_at"`
	ReplyTo      string    `json:"reply_to"`
	Title        string    `json:"title"`
	Conversation int64     `json:"conversation_id"`
}

func main() {
	service := flag.String("service", "http://localhost:2583", "the PDS with all accounts")
	handle := flag.String("handle", "", "the account whose activities are stored")
	searches := flag.String("searches", "", "the source's searches, words with commas between")
	stored := flag.String("stored", "", "what `greenroom list activities --format jsonl` printed")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	differences, err := run(ctx, *service, *handle, *searches, *stored, os.Stdout)
	stop()
	switch {
	case err != nil:
		_, _ = fmt.Fprintln(os.Stderr, "blueskycheck:", err)
		os.Exit(2)
	case differences > 0:
		os.Exit(1)
	}
}

func run(ctx context.Context, service, handle, searches, stored string, out io.Writer) (differences int, err error) {
	if handle == "" || stored == "" {
		return 0, errors.New("-handle and -stored are needed; see -help")
	}
	n := &network{base: strings.TrimSuffix(service, "/") + "/xrpc/", records: map[string]record{}, searches: strings.Split(searches, ",")}
	if err := n.load(ctx, handle); err != nil {
		return 0, err
	}
	ours, err := read(stored)
	if err != nil {
		return 0, fmt.Errorf("reading what is stored: %w", err)
	}
	return compare(n, ours, out), nil
}

// read reads what is stored, one JSON object a line.
func read(file string) ([]fact, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	var all []fact
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var a fact
		if err := json.Unmarshal(lines.Bytes(), &a); err != nil {
			return nil, fmt.Errorf("line %d is no JSON object: %w", len(all)+1, err)
		}
		all = append(all, a)
	}
	return all, lines.Err()
}

// compare prints the counts and each difference, and returns how many there are.
func compare(n *network, stored []fact, out io.Writer) int {
	want := n.wanted()
	theirs, ours, got := map[string]int{}, map[string]int{}, map[string]fact{}
	for _, w := range want {
		theirs[w.Kind+" "+w.Title]++
	}
	var lines []string
	for _, a := range stored {
		r, exists := n.records[a.ID]
		if r.collection() == "post" {
			a.Title = "" // of a link
		}
		ours[a.Kind+" "+a.Title]++
		_, twice := got[a.ID]
		got[a.ID] = a
		w, known := want[a.ID]
		switch {
		case twice:
			lines = append(lines, "stored twice: "+describe(a))
		case !known && !exists && a.Kind != "reaction" && a.Kind != "follow":
			lines = append(lines, "was deleted:  "+describe(a))
		case !known && exists && !n.unseen(a.ID):
			lines = append(lines, "too much:     "+describe(a))
		case known && (w.Kind != a.Kind || w.ReplyTo != a.ReplyTo || w.Title != a.Title || !w.At.IsZero() && w.At.Unix() != a.At.Unix()):
			lines = append(lines, "differs:      "+describe(a)+", the repository says "+describe(w))
		}
	}
	for _, id := range slices.Sorted(maps.Keys(want)) {
		if _, there := got[id]; !there {
			lines = append(lines, "missing:      "+describe(want[id])+" "+n.records[id].Value.Text)
		}
	}
	talks := map[string]int64{}
	for id, a := range got {
		r, exists := n.records[id]
		if !exists || r.collection() != "post" {
			continue
		}
		if c, known := talks[n.root(id)]; known && c != a.Conversation {
			lines = append(lines, fmt.Sprintf("apart:        %s is in conversation %d, others of it in %d", describe(a), a.Conversation, c))
		}
		talks[n.root(id)] = a.Conversation
	}
	_, _ = fmt.Fprintf(out, "%-20s %8s %8s\n", "kind", "network", "stored")
	for _, kind := range slices.Compact(slices.Sorted(slices.Values(append(slices.Collect(maps.Keys(theirs)), slices.Collect(maps.Keys(ours))...)))) {
		_, _ = fmt.Fprintf(out, "%-20s %8d %8d\n", kind, theirs[kind], ours[kind])
	}
	slices.Sort(lines)
	for _, line := range lines {
		_, _ = fmt.Fprintln(out, line)
	}
	_, _ = fmt.Fprintf(out, "%d differences\n", len(lines))
	return len(lines)
}

func describe(a fact) string {
	return strings.TrimSpace(fmt.Sprintf("%s %s %s %s to %q", a.Kind, a.ID, a.At.UTC().Format(time.DateTime), a.Title, a.ReplyTo))
}

// get asks the PDS.
func (n *network) get(ctx context.Context, method string, q url.Values, v any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, n.base+method+"?"+q.Encode(), http.NoBody)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answered %s: %.200s", method, res.Status, body)
	}
	return json.Unmarshal(body, v)
}
