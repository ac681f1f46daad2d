// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package sample

import (
	"cmp"
	"compress/gzip"
	"encoding/json"
	"io"
	"slices"
	"strconv"
	"time"
)

// hubEvent is one line of GH Archive, before its payload is made. Payloads are large, so they are made one by one while writing.
type hubEvent struct {
	at    time.Time
	kind  string // such as "IssuesEvent"
	by    *account
	repo  *channel
	order int // of events at the same second
	load  func() any
}

type hubLine struct {
	ID        string   `json:"id"`
	Type      string   `json:"type"`
	Actor     hubActor `json:"actor"`
	Repo      hubRepo  `json:"repo"`
	Payload   any      `json:"payload"`
	Public    bool     `json:"public"`
	CreatedAt string   `json:"created_at"`
	Org       hubActor `json:"org"`
}

type hubActor struct {
	ID           int    `json:"id"`
	Login        string `json:"login"`
	DisplayLogin string `json:"display_login,omitempty"`
	GravatarID   string `json:"gravatar_id"`
	URL          string `json:"url"`
	AvatarURL    string `json:"avatar_url"`
}

type hubRepo struct {
	ID   int    `json:"id"`
	Name string `json:"name"`
	URL  string `json:"url"`
}

// hubWriter turns threads into events.
type hubWriter struct {
	w      *world
	log    *ledger
	events []hubEvent
	counts map[*channel]int // issues and pull requests so far; both count in one sequence
	repos  map[*channel]int // repository ids
}

func (w *world) writeGitHub(l *ledger) error {
	h := &hubWriter{w: w, log: l, counts: map[*channel]int{}, repos: map[*channel]int{}}
	for i := range w.channels {
		if ch := &w.channels[i]; ch.platform == github {
			h.repos[ch] = 990_000_100 + i
		}
	}
	c := w.newCast(github)
	if err := w.playAll(w.plan(github, c), c, github, nil, h.thread); err != nil {
		return err
	}
	h.starsAndForks()
	h.releases()
	slices.SortStableFunc(h.events, func(a, b hubEvent) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.order, b.order)) })
	for from := 0; from < len(h.events); {
		month := h.events[from].at.Format("2006-01")
		to := from
		for to < len(h.events) && h.events[to].at.Format("2006-01") == month {
			to++
		}
		if err := l.out.create(month+".json.gz", func(out io.Writer) error { return h.month(out, from, to) }); err != nil {
			return err
		}
		from = to
	}
	return nil
}

// month writes the events from index from to index to, compressed.
func (h *hubWriter) month(out io.Writer, from, to int) error {
	z, err := gzip.NewWriterLevel(out, gzip.BestSpeed)
	if err != nil {
		return err
	}
	enc := json.NewEncoder(z)
	for i := from; i < to; i++ {
		e := &h.events[i]
		line := hubLine{
			ID: strconv.Itoa(90_000_000_000 + i*13), Type: e.kind, Actor: hubActorOf(e.by), Repo: h.repo(e.repo), Payload: e.load(), Public: true,
			CreatedAt: e.at.Format(time.RFC3339),
			Org:       hubActor{ID: 990_000_001, Login: "lumen-labs-example", URL: "https://api.github.com/orgs/lumen-labs-example"},
		}
		if err := enc.Encode(line); err != nil {
			return err
		}
	}
	return z.Close()
}

func hubActorOf(a *account) hubActor {
	return hubActor{ID: number(a.id), Login: a.handle, DisplayLogin: a.handle, URL: "https://api.github.com/users/" + a.handle}
}

func (h *hubWriter) repo(ch *channel) hubRepo {
	return hubRepo{h.repos[ch], ch.key, "https://api.github.com/repos/" + ch.key}
}

// add keeps an event for later; times have whole seconds, as GitHub's do.
func (h *hubWriter) add(at time.Time, kind string, by *person, repo *channel, load func() any) {
	a := by.accounts[github]
	a.listed = true
	h.events = append(h.events, hubEvent{at.Truncate(time.Second), kind, a, repo, len(h.events), load})
}

// starsAndForks adds stars of nearly everybody who came, and some forks.
func (h *hubWriter) starsAndForks() {
	for _, p := range h.w.people {
		a := p.accounts[github]
		if a == nil || p.kind == bot {
			continue
		}
		d := h.w.origin.stream("star", p.id)
		for i := range h.w.channels {
			ch := &h.w.channels[i]
			likely := map[string]float64{repository: 0.75, repository + "-connectors": 0.2, repository + "-docs": 0.04}[ch.key]
			at := a.since.Add(d.around(6*time.Hour, 2))
			if p.temper == lurker && ch.key == repository {
				likely, at = 1, a.since.Add(time.Minute)
			}
			if ch.platform != github || !d.chance(likely) || at.Before(h.w.start) || !at.Before(h.w.end) {
				continue
			}
			h.add(at, "WatchEvent", p, ch, func() any { return map[string]string{"action": "started"} })
			h.log.sum.Other++
			if fork := at.Add(d.around(2*day, 2)); d.chance(0.2) && fork.Before(h.w.end) {
				h.add(fork, "ForkEvent", p, ch, func() any { return map[string]any{"forkee": h.fork(a, ch)} })
				h.log.sum.Other++
			}
		}
	}
}

func (h *hubWriter) fork(a *account, ch *channel) map[string]any {
	full := a.handle + "/" + ch.title
	return map[string]any{
		"id": 991_000_000 + a.owner.id*8 + h.repos[ch]%8, "name": ch.title, "full_name": full, "private": false, "fork": true, "owner": hubUserOf(a),
		"html_url": "https://github.com/" + full, "url": "https://api.github.com/repos/" + full, "description": ch.purpose, "default_branch": "main",
	}
}

// releases adds the releases of the product, and a discussion about each.
func (h *hubWriter) releases() {
	engineer := h.w.people[6]
	for n, r := range h.w.releases {
		if r.at.Before(h.w.start) || !r.at.Before(h.w.end) {
			continue
		}
		for i := range h.w.channels {
			ch := &h.w.channels[i]
			if ch.key != repository {
				continue
			}
			h.add(r.at, "ReleaseEvent", engineer, ch, func() any { return h.release(n, r, engineer, ch) })
			h.log.sum.Other++
			d := h.w.origin.stream("discussion", n)
			h.add(r.at.Add(d.span(5*time.Minute, time.Hour)), "DiscussionEvent", h.w.people[0], ch, func() any { return h.discussion(n, r, ch) })
			h.log.sum.Messages++
			h.log.sum.Conversations++
		}
	}
}

func (h *hubWriter) release(n int, r release, by *person, ch *channel) any {
	tag := "v" + r.version
	at := r.at.Format(time.RFC3339)
	return map[string]any{"action": "published", "release": map[string]any{
		"id": 991_500_000 + n, "tag_name": tag, "name": "Lumen " + r.version, "target_commitish": "main", "draft": false, "prerelease": false,
		"author": hubUserOf(by.accounts[github]), "created_at": at, "published_at": at, "assets": []any{},
		"html_url": "https://github.com/" + ch.key + "/releases/tag/" + tag, "url": "https://api.github.com/repos/" + ch.key + "/releases/" + strconv.Itoa(991_500_000+n),
		"body": "Release notes: https://docs.lumen.example/releases/" + r.version,
	}}
}

func (h *hubWriter) discussion(n int, r release, ch *channel) any {
	at := r.at.Format(time.RFC3339)
	return map[string]any{"action": "created", "discussion": map[string]any{
		"id": 991_600_000 + n, "number": 100_000 + n, "title": "Lumen " + r.version + ": your impressions", "state": "open", "locked": false, "comments": 0,
		"user": hubUserOf(h.w.people[0].accounts[github]), "html_url": "https://github.com/" + ch.key + "/discussions/" + strconv.Itoa(100_000+n),
		"repository_url": "https://api.github.com/repos/" + ch.key, "created_at": at, "updated_at": at, "author_association": "MEMBER",
		"category": map[string]any{"id": 991_700_000, "name": "General", "slug": "general", "emoji": ":speech_balloon:", "is_answerable": false},
		"body":     "What works well in " + r.version + ", and what does not? Tell us here, short or long.", "answer_html_url": nil, "answer_chosen_at": nil,
	}}
}
