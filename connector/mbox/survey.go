// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package mbox

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Bounds of what the first run keeps.
const (
	maxPeople = 300_000 // addresses with their names
	maxLists  = 1000    // lists of one file
)

// survey is what the first run over the archive found.
type survey struct {
	threads *threads
	counts  []int32           // messages by file
	lists   []listID          // the list of most messages, by file
	names   map[string]string // the name used last, by address
	shown   map[string]string // the address behind a hidden one; "" where several could be
}

// listID is a mailing list as its messages name it.
type listID struct{ id, name string }

// run reads the headers of all files.
func (s *source) survey(ctx context.Context, files []file) (*survey, error) {
	v := &survey{threads: newThreads(), names: make(map[string]string), shown: make(map[string]string)}
	ordinal := int32(0)
	for i := range files {
		lists := make(map[listID]int)
		n, err := s.eachMessage(ctx, &files[i], func(m *message) error {
			h, body := parseHeader(m.data)
			v.see(ordinal, m, h, body)
			if l := messageList(h); l.id != "" && (len(lists) < maxLists || lists[l] > 0) {
				lists[l]++
			}
			ordinal++
			return nil
		})
		if ctx.Err() != nil {
			return nil, fmt.Errorf("reading was stopped: %w", ctx.Err())
		}
		_ = err // the second run meets the same error at the same place and lists it
		v.counts = append(v.counts, n)
		v.lists = append(v.lists, mostOf(lists, int(n)))
	}
	v.threads.settle()
	return v, nil
}

// eachMessage calls fn for each message of a file, stray text left out, and returns how many there were.
func (s *source) eachMessage(ctx context.Context, f *file, fn func(*message) error) (n int32, err error) {
	o, err := f.open()
	if err != nil {
		return 0, err
	}
	defer o.close()
	split := newSplitter(o, s.limit)
	for {
		m, err := split.read()
		switch {
		case errors.Is(err, io.EOF) && m == nil:
			return n, nil
		case m == nil:
			return n, err
		case m.stray:
			continue
		}
		if fnErr := fn(m); fnErr != nil {
			return n, fnErr
		}
		if n++; n%256 == 0 && ctx.Err() != nil {
			return n, ctx.Err() //nolint:wrapcheck // the caller asks ctx itself
		}
		if err != nil {
			return n, err
		}
	}
}

// see takes in one message.
func (v *survey) see(ordinal int32, m *message, h header, body []byte) {
	id, refs := identify(h, body)
	at, _ := messageTime(h, m.from)
	re, isReply := subjectKey(h.text("subject"))
	v.threads.see(ordinal, id, refs, re, isReply && len(refs) == 0, at)
	from := author(h)
	if from.id == "" {
		return
	}
	if _, known := v.names[from.id]; known || len(v.names) < maxPeople {
		if from.name != "" || !known {
			v.names[from.id] = from.name
		}
		if from.email == "" || known {
			return
		}
		for _, hidden := range []string{veiled1.hide(from.email), veiled2.hide(from.email)} {
			if have, ok := v.shown[hidden]; ok && have != from.email {
				v.shown[hidden] = "" // two addresses look the same when they are hidden
				continue
			}
			v.shown[hidden] = from.email
		}
	}
}

// reveal replaces a hidden address by the one that the archive shows elsewhere, where that is certain.
func (v *survey) reveal(m mailbox) mailbox {
	if m.veil != veiled1 && m.veil != veiled2 {
		return m
	}
	if address := v.shown[m.id]; address != "" {
		m.id, m.email, m.veil = address, address, plain
	}
	return m
}

// identify gives a message's id and those it refers to, the one that it answers directly last. A message without an id
// gets one from its contents.
func identify(h header, body []byte) (id string, refs []string) {
	if ids := messageIDs(h.get("message-id")); len(ids) > 0 {
		id = ids[0]
	} else {
		id = contentID(h, body)
	}
	for _, ref := range messageIDs(h.get("references")) {
		if ref != id {
			refs = append(refs, ref)
		}
	}
	if len(refs) == 0 {
		for _, ref := range messageIDs(h.get("in-reply-to")) {
			if ref != id {
				return id, []string{ref}
			}
		}
	}
	return id, refs
}

// contentID makes an id out of what a copy of the message in another archive has too.
func contentID(h header, body []byte) string {
	sum := sha256.New()
	for _, name := range []string{"from", "date", "subject"} {
		_, _ = io.WriteString(sum, h.get(name)+"\x00") // a hash does not fail
	}
	_, _ = sum.Write(body)
	return "content:" + hex.EncodeToString(sum.Sum(nil)[:12])
}

// subjectKey is a subject without what replies and lists put in front of it.
func subjectKey(s string) (key string, isReply bool) {
	for {
		s = strings.TrimSpace(s)
		if strings.HasPrefix(s, "[") {
			if i := strings.IndexByte(s, ']'); i > 0 && i < 50 {
				s = s[i+1:]
				continue
			}
		}
		word, rest, ok := strings.Cut(s, ":")
		if !ok || !isReplyWord(word) {
			return strings.ToLower(s), isReply
		}
		s, isReply = rest, true
	}
}

// isReplyWord knows the words for "reply" in the languages of mail programs, also numbered as in "Re[2]".
func isReplyWord(w string) bool {
	w = strings.ToLower(strings.TrimSpace(w))
	if i := strings.IndexAny(w, "[(^"); i > 0 {
		w = w[:i]
	}
	switch w {
	case "re", "aw", "antw", "antwort", "sv", "vs", "rv", "res", "ref", "odp", "ynt", "回复", "答复", "回覆":
		return true
	}
	return false
}

// messageList reads a List-Id: "Users of widgets <users.example.org>".
func messageList(h header) listID {
	v := h.get("list-id")
	if v == "" {
		return listID{}
	}
	id := v
	if i := strings.LastIndexByte(v, '<'); i >= 0 {
		id = strings.TrimRight(v[i+1:], "> \t")
	}
	id = strings.ToLower(oneLine(validText(id)))
	if id == "" || len(id) > 200 {
		return listID{}
	}
	name, _, _ := strings.Cut(id, ".")
	return listID{id: id, name: name}
}

// mostOf is the list of at least half of the messages, if there is one.
func mostOf(lists map[listID]int, n int) listID {
	for l, c := range lists {
		if c*2 > n {
			return l
		}
	}
	return listID{}
}
