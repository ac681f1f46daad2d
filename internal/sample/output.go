// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package sample

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// folder is a place to write files to.
type folder struct{ dir, name string }

// create makes a file below the folder and lets fill write it.
func (f folder) create(name string, fill func(io.Writer) error) (err error) {
	full := filepath.Join(f.dir, f.name, name)
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		return err
	}
	file, err := os.Create(full)
	if err != nil {
		return err
	}
	defer func() {
		if e := file.Close(); err == nil {
			err = e
		}
	}()
	b := bufio.NewWriterSize(file, 1<<16)
	if err := fill(b); err != nil {
		return fmt.Errorf("%s: %w", full, err)
	}
	return b.Flush()
}

// json writes one value as a file.
func (f folder) json(name string, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	full := filepath.Join(f.dir, f.name, name)
	if err := os.WriteFile(full, data, 0o644); err == nil {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		return err
	}
	return os.WriteFile(full, data, 0o644)
}

// ledger is what a platform's writer keeps about what it has written: the counts of the summary and the truth.
type ledger struct {
	platform      platform
	out           folder
	sum           PlatformSummary
	conversations []conversationTruth
}

// conversationTruth tells what a conversation was meant to be.
type conversationTruth struct {
	Platform      string     `json:"platform"`
	Channel       string     `json:"channel"`
	ID            string     `json:"id"`
	Intent        string     `json:"intent"`
	Topic         string     `json:"topic"`
	Language      string     `json:"language"`
	Person        string     `json:"person"`
	OpenedAt      time.Time  `json:"opened_at"`
	FirstResponse *time.Time `json:"first_response_at"` // by another person; null while unanswered
	Accepted      bool       `json:"accepted"`
	Posts         int        `json:"posts"` // with the opening
}

// wrote counts a thread that was written under an external id.
func (l *ledger) wrote(t *thread, id string) {
	truth := conversationTruth{
		Platform: folderName(l.platform), Channel: t.channel.key, ID: id, Intent: t.intent.String(), Topic: t.topic.name,
		Language: t.lang, Person: t.author.key(), OpenedAt: t.at, Accepted: t.accepted > 0, Posts: len(t.posts),
	}
	switch t.intent {
	case question, bug, complaint, idea, pull:
	default:
		truth.Topic = "" // what is said there is about anything
	}
	first, answered := t.answered()
	if answered {
		truth.FirstResponse = &first
	}
	l.conversations = append(l.conversations, truth)
	l.sum.Conversations++
	for i := range t.posts {
		p := &t.posts[i]
		p.author.accounts[l.platform].listed = true
		if p.author.kind == bot {
			l.sum.BotMessages++
		} else {
			l.sum.Messages++
		}
	}
	if t.intent == question {
		l.sum.Questions++
		if !answered {
			l.sum.Unanswered++
		}
		if t.accepted > 0 {
			l.sum.Accepted++
		}
	}
}

// reacted counts the reactions of a post.
func (l *ledger) reacted(p *post) (n int) {
	for _, r := range p.reactions {
		n += len(r.by)
	}
	l.sum.Reactions += n
	return n
}

// threads plays all conversations of a platform, one channel after the other or all in order of time.
func (w *world) threads(at platform, only *channel, each func(*thread) error) error {
	c := w.newCast(at)
	return w.playAll(w.plan(at, c), c, at, only, each)
}

// playAll plays those seeds that belong to a channel, or all of them if only is nil.
func (w *world) playAll(plan []seed, c *cast, at platform, only *channel, each func(*thread) error) error {
	d := director{w: w, cast: c, at: at}
	for i, s := range plan {
		if only != nil && s.channel != only {
			continue
		}
		if err := each(d.play(s, i)); err != nil {
			return err
		}
	}
	return nil
}
