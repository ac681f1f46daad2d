// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Forgecheck holds what Greenroom stored of a Gitea, Forgejo or GitLab server against what that server's API says, item by
// item, and prints the differences. It reads the API by itself and shares no code with the connectors.
//
//	greenroom import gitea --source forge --address https://git.example.org --repositories acme/site --token TOKEN
//	greenroom list activities --query source:forge --format jsonl > stored.jsonl
//	go run -C tools ./forgecheck -kind gitea -server https://git.example.org -server-token TOKEN -projects acme/site -stored stored.jsonl
//
// Instead of a file, it can ask a running Greenroom: -greenroom http://127.0.0.1:8080 -greenroom-token TOKEN -source forge.
//
// Compared are the kinds that both sides know in full: issues, pull or merge requests, merges, closings and reopenings,
// comments, reviews or approvals, releases, forks and, on GitLab, stars. Each has to be there once, with the same kind and
// the same time to the second; whatever else is stored of these kinds is printed as too much. Housekeeping and reactions
// are counted and not judged. The exit code is 1 where something differs.
package main

import (
	"bufio"
	"cmp"
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
	"strconv"
	"strings"
	"time"
)

// fact is an activity: as the server has it, or as Greenroom stored it.
type fact struct {
	ID      string    `json:"external_id"`
	Kind    string    `json:"kind"`
	Channel string    `json:"channel"`
	At      time.Time `json:"occurred_at"`
	Title   string    `json:"title"`
}

// settings are the flags.
type settings struct {
	kind, server, serverToken, projects       string
	stored, greenroom, greenroomToken, source string
	confidential                              bool
	now                                       time.Time
}

func main() {
	var s settings
	flag.StringVar(&s.kind, "kind", "gitea", "gitea (Forgejo too) or gitlab")
	flag.StringVar(&s.server, "server", "", "the forge's address")
	flag.StringVar(&s.serverToken, "server-token", os.Getenv("FORGE_TOKEN"), "a token of the forge; FORGE_TOKEN if not given")
	flag.StringVar(&s.projects, "projects", "", "repositories or projects, by their paths with commas between")
	flag.StringVar(&s.stored, "stored", "", "what `greenroom list activities --format jsonl` printed; - = standard input")
	flag.StringVar(&s.greenroom, "greenroom", "", "or the address of a Greenroom that runs")
	flag.StringVar(&s.greenroomToken, "greenroom-token", os.Getenv("GREENROOM_TOKEN"), "an API token of it; GREENROOM_TOKEN if not given")
	flag.StringVar(&s.source, "source", "", "the source's name there")
	flag.BoolVar(&s.confidential, "confidential", false, "the source brings in GitLab's confidential issues and internal comments")
	flag.Parse()
	s.now = time.Now() //nolint:forbidigo // this is the wiring
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	differences, err := run(ctx, s, os.Stdout)
	stop()
	switch {
	case err != nil:
		_, _ = fmt.Fprintln(os.Stderr, "forgecheck:", err)
		os.Exit(2)
	case differences > 0:
		os.Exit(1)
	}
}

func run(ctx context.Context, s settings, out io.Writer) (differences int, err error) {
	if s.server == "" || s.projects == "" || s.stored == "" && (s.greenroom == "" || s.source == "") {
		return 0, errors.New("-server, -projects and -stored, or -greenroom with -source, are needed; see -help")
	}
	stored, err := s.read(ctx)
	if err != nil {
		return 0, fmt.Errorf("reading what is stored: %w", err)
	}
	f := &forge{client: client{base: strings.TrimSuffix(s.server, "/"), token: s.serverToken}, confidential: s.confidential, now: s.now}
	if s.kind == "gitlab" {
		f.header = "PRIVATE-TOKEN" // servers before 12.2 refuse access tokens as bearer tokens
	}
	for _, project := range strings.Split(s.projects, ",") {
		f.facts = map[string]fact{}
		switch s.kind {
		case "gitea":
			err = f.gitea(ctx, project)
		case "gitlab":
			err = f.gitlab(ctx, project)
		default:
			return 0, fmt.Errorf("there is no kind %q; expected gitea or gitlab", s.kind)
		}
		if err != nil {
			return differences, fmt.Errorf("asking for %s: %w", project, err)
		}
		var mine []fact
		for _, a := range stored {
			if strings.EqualFold(a.Channel, project) {
				mine = append(mine, a)
			}
		}
		differences += compare(project, f.facts, mine, s.kind == "gitlab", out)
	}
	return differences, nil
}

// read reads what is stored, one JSON object a line.
func (s settings) read(ctx context.Context) ([]fact, error) {
	in := io.Reader(os.Stdin)
	switch {
	case s.greenroom != "":
		c := client{base: strings.TrimSuffix(s.greenroom, "/") + "/api/v1", token: s.greenroomToken}
		body, err := c.get(ctx, "/export/activities.jsonl?q="+url.QueryEscape("source:"+s.source))
		if err != nil {
			return nil, err
		}
		in = strings.NewReader(string(body))
	case s.stored != "-":
		file, err := os.Open(s.stored)
		if err != nil {
			return nil, err
		}
		defer func() { _ = file.Close() }()
		in = file
	}
	var all []fact
	lines := bufio.NewScanner(in)
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

// compare prints the counts of a project and each difference, and returns how many there are.
func compare(project string, want map[string]fact, stored []fact, stars bool, out io.Writer) (differences int) {
	judged := []string{"issue", "pull_request", "merge", "close", "reopen", "comment", "review", "release", "fork"}
	if stars {
		judged = append(judged, "star")
	}
	theirs, ours, got := map[string]int{}, map[string]int{}, map[string]fact{}
	for _, w := range want {
		theirs[w.Kind]++
	}
	var lines []string
	for _, a := range stored {
		ours[a.Kind]++
		_, twice := got[a.ID]
		got[a.ID] = a
		w, known := want[a.ID]
		switch {
		case twice:
			lines = append(lines, "stored twice: "+describe(a))
		case !known && slices.Contains(judged, a.Kind):
			lines = append(lines, "too much:     "+describe(a))
		case known && (w.Kind != a.Kind || w.At.Unix() != a.At.Unix()):
			lines = append(lines, "differs:      "+describe(a)+", the server says "+describe(w))
		}
	}
	for _, id := range slices.Sorted(maps.Keys(want)) {
		if _, there := got[id]; !there {
			lines = append(lines, "missing:      "+describe(want[id]))
		}
	}
	_, _ = fmt.Fprintf(out, "%s\n  %-14s %8s %8s\n", project, "kind", "server", "stored")
	for _, kind := range judged {
		_, _ = fmt.Fprintf(out, "  %-14s %8d %8d\n", kind, theirs[kind], ours[kind])
		delete(ours, kind)
	}
	for _, kind := range slices.Sorted(maps.Keys(ours)) {
		_, _ = fmt.Fprintf(out, "  %-14s %8s %8d\n", kind, "-", ours[kind])
	}
	slices.Sort(lines)
	for _, line := range lines {
		_, _ = fmt.Fprintln(out, "  "+line)
	}
	_, _ = fmt.Fprintf(out, "  %d differences\n", len(lines))
	return len(lines)
}

func describe(a fact) string {
	return strings.TrimSpace(fmt.Sprintf("%s %s %s %s", a.Kind, a.ID, a.At.UTC().Format(time.DateTime), a.Title))
}

// forge collects what a server says of one project.
type forge struct {
	client

	facts        map[string]fact
	confidential bool
	now          time.Time
}

func (f *forge) add(kind, id string, at time.Time, title string) {
	f.facts[id] = fact{ID: id, Kind: kind, At: at, Title: title}
}

// client asks an API.
type client struct {
	base, token string
	header      string // in which the token goes; "" = as a bearer token
}

// errAbsent is what get returns for what is not there or not shown.
var errAbsent = errors.New("not there")

func (c client) get(ctx context.Context, path string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+path, http.NoBody)
	if err != nil {
		return nil, err
	}
	if c.token != "" {
		if c.header != "" {
			req.Header.Set(c.header, c.token)
		} else {
			req.Header.Set("Authorization", "Bearer "+c.token)
		}
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	switch {
	case res.StatusCode == http.StatusNotFound || res.StatusCode == http.StatusForbidden:
		return nil, errAbsent
	case res.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("%s answered %s: %.200s", path, res.Status, body)
	}
	return body, nil
}

// list reads all numbered pages of a list; a list that is not shown is empty. It goes on until a page brings nothing new.
func list[T any](ctx context.Context, c client, path string) ([]T, error) {
	sign := "?"
	if strings.Contains(path, "?") {
		sign = "&"
	}
	var all []T
	before := ""
	for page := 1; ; page++ {
		body, err := c.get(ctx, path+sign+"limit=50&per_page=50&page="+strconv.Itoa(page))
		if errors.Is(err, errAbsent) {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		var some []T
		if err := json.Unmarshal(body, &some); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		if len(some) == 0 || string(body) == before {
			return all, nil
		}
		before = string(body)
		all = append(all, some...)
	}
}

func firstTime(times ...*time.Time) time.Time {
	return *cmp.Or(append(times, &time.Time{})...)
}
