// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package knowledge

import (
	"bufio"
	"io"
	"strconv"
	"strings"
	"time"
)

// Agent is how the checker calls itself.
const Agent = "greenroom"

// userAgent is what hosts are told.
const userAgent = "Greenroom-LinkChecker/1.0 (checks links of a community's documents; robots: " + Agent + ")"

// maxRobots is how much of a robots.txt is read, in bytes (RFC 9309 asks for 500 KiB at least).
const maxRobots = 512 << 10

// rules is what a host's robots.txt says to us.
type rules struct {
	closed bool // it could not be read because the host failed: nothing is asked (RFC 9309, 2.3.1.4)
	lines  []rule
	delay  time.Duration
}

type rule struct {
	allow   bool
	pattern string
}

// readRobots reads a robots.txt: the group for our agent, or else that for everybody. What it does not understand says nothing.
func readRobots(r io.Reader) *rules {
	in := bufio.NewScanner(io.LimitReader(r, maxRobots))
	in.Buffer(nil, 64<<10)
	ours, all := &rules{}, &rules{}
	var into []*rules
	open, named := false, false // between the names of a group and its rules; a group names us
	for in.Scan() {
		line, _, _ := strings.Cut(in.Text(), "#")
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			continue
		}
		value = strings.TrimSpace(value)
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "user-agent":
			if !open {
				into, open = nil, true
			}
			switch agent := strings.ToLower(value); {
			case agent == "*":
				into = append(into, all)
			case strings.HasPrefix(agent, Agent):
				into, named = append(into, ours), true
			}
		case "allow", "disallow":
			open = false
			if value == "" {
				continue
			}
			for _, g := range into {
				g.lines = append(g.lines, rule{allow: strings.EqualFold(strings.TrimSpace(name), "allow"), pattern: value})
			}
		case "crawl-delay":
			open = false
			if s, err := strconv.ParseFloat(value, 64); err == nil && s > 0 && s < 3600 {
				for _, g := range into {
					g.delay = time.Duration(s * float64(time.Second))
				}
			}
		}
	}
	if named {
		return ours
	}
	return all
}

// allows reports whether a path with its query may be asked for: the longest rule that fits decides, and allowing wins.
func (r *rules) allows(path string) bool {
	if r == nil || path == "/robots.txt" {
		return true
	}
	if r.closed {
		return false
	}
	best, allow := -1, true
	for _, l := range r.lines {
		if n := len(l.pattern); fits(l.pattern, path) && (n > best || n == best && l.allow) {
			best, allow = n, l.allow
		}
	}
	return allow
}

// fits reports whether a path begins as a pattern says; * stands for anything, $ at the end for the end.
func fits(pattern, path string) bool {
	pattern, end := strings.CutSuffix(pattern, "$")
	parts := strings.Split(pattern, "*")
	if !strings.HasPrefix(path, parts[0]) {
		return false
	}
	rest := path[len(parts[0]):]
	for i, p := range parts[1:] {
		if end && i == len(parts)-2 {
			return strings.HasSuffix(rest, p)
		}
		at := strings.Index(rest, p)
		if at < 0 {
			return false
		}
		rest = rest[at+len(p):]
	}
	return !end || rest == ""
}
