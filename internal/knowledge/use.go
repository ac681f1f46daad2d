// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package knowledge

import (
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"

	"greenroom"
)

// Day is how often a document was read on one day, as one witness tells it.
type Day struct {
	Document  int64  `json:"-"`
	Day       string `json:"day" doc:"The day, such as 2026-11-22."`
	Origin    string `json:"origin" doc:"Who counted: counter, or the name of a log."`
	Views     int64  `json:"views" doc:"How often it was read."`
	Helpful   int64  `json:"helpful" doc:"Readers who said that it helped."`
	Unhelpful int64  `json:"unhelpful" doc:"Readers who said that it did not."`
}

// Counter is the origin of what the picture on pages counts.
const Counter = "counter"

// Entry is a line of a web server's log, as far as it is looked at. The reader's address is not among it.
type Entry struct {
	At     time.Time
	Method string
	Target string // path with query, or a whole address
	Status int
	Agent  string
}

// ParseEntry reads a line in common or combined log format, with or without the host in front.
func ParseEntry(line string) (Entry, error) {
	var e Entry
	open := strings.IndexByte(line, '[')
	if open < 0 {
		return e, errors.New("there is no [time] in it")
	}
	end := strings.IndexByte(line[open:], ']')
	if end < 0 {
		return e, errors.New("its [time] does not end")
	}
	at, err := time.Parse("02/Jan/2006:15:04:05 -0700", line[open+1:open+end])
	if err != nil {
		return e, errors.New("its time is not one such as 22/Nov/2026:18:00:00 +0000")
	}
	e.At = at
	request, rest, err := quotedIn(line[open+end+1:])
	if err != nil {
		return e, errors.New("there is no request in quotes after the time")
	}
	parts := strings.Fields(request)
	if len(parts) < 2 || len(parts) > 3 {
		return e, errors.New("its request is not METHOD ADDRESS PROTOCOL")
	}
	e.Method, e.Target = parts[0], parts[1]
	numbers := strings.Fields(rest)
	if len(numbers) < 1 {
		return e, errors.New("there is no status after the request")
	}
	if e.Status, err = strconv.Atoi(numbers[0]); err != nil || e.Status < 100 || e.Status > 999 {
		return e, errors.New("its status is no number from 100 to 999")
	}
	if _, more, err := quotedIn(rest); err == nil { // the referrer, then the browser
		e.Agent, _, _ = quotedIn(more)
	}
	return e, nil
}

// quotedIn gives the next text in quotes, and what stands behind it.
func quotedIn(s string) (text, rest string, err error) {
	open := strings.IndexByte(s, '"')
	if open < 0 {
		return "", s, errors.New("no quote")
	}
	s = s[open+1:]
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return s[:i], s[i+1:], nil
		}
	}
	return "", "", errors.New("no closing quote")
}

// robot reports whether a browser says of itself that it is none.
func robot(agent string) bool {
	a := strings.ToLower(agent)
	for _, word := range []string{"bot", "crawl", "spider", "slurp", "curl/", "wget/", "python-", "go-http-client", "headless", "monitor", "preview", "facebookexternalhit", "linkchecker"} {
		if strings.Contains(a, word) {
			return true
		}
	}
	return agent == "" || agent == "-"
}

// counts reports whether an entry is somebody reading a page.
func (e *Entry) counts(combined bool) bool {
	if e.Method != http.MethodGet || e.Status != 200 && e.Status != 304 || combined && robot(e.Agent) {
		return false
	}
	target, _, _ := strings.Cut(e.Target, "?")
	switch strings.ToLower(path.Ext(target)) {
	case "", ".html", ".htm", ".php", ".md", ".aspx":
		return true
	}
	return !strings.Contains(path.Base(target), ".") || strings.HasSuffix(target, "/")
}

// LogRead is what came of reading a log.
type LogRead struct {
	Lines     int      `json:"lines" doc:"Lines that were there."`
	Views     int64    `json:"views" doc:"Views of documents of the register."`
	Elsewhere int64    `json:"elsewhere" doc:"Views of pages that are not in the register."`
	Left      int64    `json:"left_out" doc:"Lines that are no reader looking at a page: robots, pictures, errors."`
	Rejected  int      `json:"rejected" doc:"Lines that could not be read."`
	Rejects   []Reject `json:"rejects,omitempty" doc:"The first of them."`
}

// ReadLog counts the views in a web server's log (packed with gzip or not). find gives the document at an address; host stands before
// paths. Days are those of zone.
func ReadLog(ctx context.Context, in io.Reader, host string, zone *time.Location, find func(key string) int64) (map[int64]map[string]int64, LogRead, error) {
	var read LogRead
	views := make(map[int64]map[string]int64)
	buffered := bufio.NewReader(in)
	var r io.Reader = buffered
	if magic, err := buffered.Peek(2); err == nil && magic[0] == 0x1f && magic[1] == 0x8b {
		unpacked, err := gzip.NewReader(buffered)
		if err != nil {
			return nil, read, greenroom.Errorf(greenroom.CodeInvalid, "the log is packed in a way that cannot be read")
		}
		r = unpacked
	}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if read.Lines++; read.Lines%10_000 == 0 && ctx.Err() != nil {
			return nil, read, ctx.Err()
		}
		line := lines.Text()
		if strings.TrimSpace(line) == "" {
			continue
		}
		e, err := ParseEntry(line)
		if err != nil {
			if read.Rejected++; len(read.Rejects) < keptRejects {
				read.Rejects = append(read.Rejects, Reject{"line " + strconv.Itoa(read.Lines), err.Error()})
			}
			continue
		}
		if !e.counts(e.Agent != "") {
			read.Left++
			continue
		}
		address := e.Target
		if strings.HasPrefix(address, "/") {
			address = "https://" + host + address
		}
		id := find(AddressKey(address))
		if id == 0 {
			if u, err := url.Parse(address); err == nil { // parameters may only say how it is shown
				u.RawQuery = ""
				id = find(AddressKey(u.String()))
			}
		}
		if id == 0 {
			read.Elsewhere++
			continue
		}
		day := e.At.In(zone).Format(time.DateOnly)
		if views[id] == nil {
			views[id] = make(map[string]int64)
		}
		views[id][day]++
		read.Views++
	}
	if err := lines.Err(); err != nil {
		return nil, read, greenroom.Errorf(greenroom.CodeInvalid, "line %d of the log is longer than 1 MiB or cannot be unpacked", read.Lines+1)
	}
	return views, read, nil
}

// tally adds views up in memory, so that a page that many read does not cost a transaction each.
type tally struct {
	mu  sync.Mutex
	all map[tallied]int64
}

type tallied struct {
	document int64
	day      string
}

// maxTallied bounds the memory: documents of the register times a few days.
const maxTallied = 200_000

func (t *tally) add(document int64, day string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.all == nil {
		t.all = make(map[tallied]int64)
	}
	if k := (tallied{document, day}); len(t.all) < maxTallied || t.all[k] > 0 {
		t.all[k]++
	}
}

// take empties it.
func (t *tally) take() []Day {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := make([]Day, 0, len(t.all))
	for k, n := range t.all {
		all = append(all, Day{Document: k.document, Day: k.day, Origin: Counter, Views: n})
	}
	t.all = nil
	return all
}
