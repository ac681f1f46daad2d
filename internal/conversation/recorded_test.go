// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package conversation

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"greenroom/internal/text/question"
)

// recordedChat finds the folder with recorded chat of which people said what answers what.
func recordedChat(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Skip("there is no module root")
		}
		dir = parent
	}
	dir = filepath.Join(dir, "..", "shared", "data", "text")
	if _, err := os.Stat(filepath.Join(dir, "links_gold.tsv")); err != nil {
		t.Skip("no recorded chat in ../shared/data/text")
	}
	return dir
}

// line is a line of recorded chat.
type line struct {
	Stream, Time, User, Text string
	I                        int
	System                   bool
}

func readLines(t *testing.T, path string, each func(text string)) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // only read
	s := bufio.NewScanner(f)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		each(s.Text())
	}
	if err := s.Err(); err != nil {
		t.Fatal(err)
	}
}

type place struct {
	stream string
	i      int
}

// cutRecorded cuts all streams, and returns what each message answers (itself when it starts something), and the first
// message by somebody else in the conversation after it, -1 for none.
func cutRecorded(t *testing.T, dir string) (links map[place]int, answers map[place]int) {
	t.Helper()
	links, answers = make(map[place]int), make(map[place]int)
	streams := make(map[string][]ChatMessage)
	cutters := make(map[string]*Cutter)
	times := make(map[string]time.Time)
	readLines(t, filepath.Join(dir, "links.jsonl"), func(text string) {
		var l line
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			t.Fatal(err)
		}
		if l.System {
			return
		}
		at := times[l.Stream]
		if clock, err := time.Parse("15:04", l.Time); err == nil {
			next := at.Truncate(24 * time.Hour).Add(time.Duration(clock.Hour())*time.Hour + time.Duration(clock.Minute())*time.Minute)
			if next.Before(at.Add(-12 * time.Hour)) {
				next = next.Add(24 * time.Hour)
			}
			at = next
		}
		times[l.Stream] = at
		if cutters[l.Stream] == nil {
			cutters[l.Stream] = newTestCutter(t, nil)
		}
		m := ChatMessage{ID: int64(l.I) + 1, Author: l.User, Handle: l.User, Text: l.Text, At: at, Question: question.Is("", l.Text)}
		var to int64
		m.Conversation, to = cutters[l.Stream].decide(m)
		streams[l.Stream] = append(streams[l.Stream], m)
		links[place{l.Stream, l.I}] = int(to) - 1
		if to == 0 {
			links[place{l.Stream, l.I}] = l.I
		}
	})
	for stream, all := range streams {
		for i := range all {
			answers[place{stream, int(all[i].ID) - 1}] = -1
			for j := i + 1; j < len(all); j++ {
				if all[j].Conversation == all[i].Conversation && all[j].Author != all[i].Author {
					answers[place{stream, int(all[i].ID) - 1}] = int(all[j].ID) - 1
					break
				}
			}
		}
	}
	return links, answers
}

func f1(hit, found, truth float64) float64 { return 2 * hit / (found + truth) }

// TestRecordedChat cuts recorded chat in which people marked what answers what. The linker was trained on it, which is
// worth .036 of the links (docs/text-models.md has the figures of cross-validation); the floors are here to show a change
// that makes the cutting worse.
func TestRecordedChat(t *testing.T) {
	dir := recordedChat(t)
	links, answers := cutRecorded(t, dir)
	var hit, found, truth float64
	readLines(t, filepath.Join(dir, "links_gold.tsv"), func(text string) {
		f := strings.Split(text, "\t")
		i, err := strconv.Atoi(f[1])
		if err != nil {
			t.Fatal(err)
		}
		gold := strings.Split(f[2], ",")
		truth += float64(len(gold))
		to, ok := links[place{f[0], i}]
		if !ok {
			to = i
		}
		found++
		for _, g := range gold {
			if g == strconv.Itoa(to) {
				hit++
			}
		}
	})
	linkF1 := f1(hit, found, truth)
	var tp, said, waits, answered, strict, loose float64
	readLines(t, filepath.Join(dir, "answers_gold.tsv"), func(text string) {
		f := strings.Split(text+"\t\t", "\t")
		i, err := strconv.Atoi(f[1])
		if err != nil {
			t.Fatal(err)
		}
		k := answers[place{f[0], i}]
		if k < 0 {
			said++
		}
		if f[3] == "" {
			waits++
			if k < 0 {
				tp++
			}
			return
		}
		answered++
		in := func(list string) float64 {
			for _, g := range strings.Split(list, ",") {
				if g == strconv.Itoa(k) {
					return 1
				}
			}
			return 0
		}
		strict, loose = strict+in(f[2]), loose+in(f[3])
	})
	unanswered := f1(tp, said, waits)
	t.Logf("links F1 %.4f; unanswered F1 %.4f (precision %.4f, recall %.4f); first answer %.4f, in the same conversation %.4f",
		linkF1, unanswered, tp/said, tp/waits, strict/answered, loose/answered)
	if linkF1 < 0.74 || unanswered < 0.86 || strict/answered < 0.75 {
		t.Error("recorded chat is cut worse than it was")
	}
}
