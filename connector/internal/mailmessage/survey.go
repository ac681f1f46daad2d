// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package mailmessage

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"strings"
	"time"
)

// MaxPeople bounds how many addresses with their names are remembered.
const MaxPeople = 300_000

// Survey is what a first run over messages found: how they hang together, how people are called, and which hidden
// addresses are ones that are shown elsewhere.
type Survey struct {
	threads *threads
	names   map[string]string // the name used last, by address
	shown   map[string]string // the address behind a hidden one; "" where several could be
}

// NewSurvey begins a survey.
func NewSurvey() *Survey {
	return &Survey{threads: newThreads(), names: make(map[string]string), shown: make(map[string]string)}
}

// Settle ends a survey: no message is seen any more.
func (v *Survey) Settle() { v.threads.settle() }

// List is a mailing list as its messages name it.
type List struct{ ID, Name string }

// See takes in one message, of which the header is enough. ordinal tells it from others; noted is when the archive or
// the server noted it, for one without a date, and may be nil.
func (v *Survey) See(ordinal int32, h Header, body []byte, noted func() time.Time) {
	id, refs := identify(h, body)
	at, _ := messageTime(h, noted)
	re, isReply := subjectKey(h.text("subject"))
	v.threads.see(ordinal, id, refs, re, isReply && len(refs) == 0, at)
	from := author(h)
	if from.id == "" {
		return
	}
	if _, known := v.names[from.id]; known || len(v.names) < MaxPeople {
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
func (v *Survey) reveal(m mailbox) mailbox {
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
func identify(h Header, body []byte) (id string, refs []string) {
	if ids := messageIDs(h.Get("message-id")); len(ids) > 0 {
		id = ids[0]
	} else {
		id = contentID(h, body)
	}
	for _, ref := range messageIDs(h.Get("references")) {
		if ref != id {
			refs = append(refs, ref)
		}
	}
	if len(refs) == 0 {
		for _, ref := range messageIDs(h.Get("in-reply-to")) {
			if ref != id {
				return id, []string{ref}
			}
		}
	}
	return id, refs
}

// contentID makes an id out of what a copy of the message in another archive has too.
func contentID(h Header, body []byte) string {
	sum := sha256.New()
	for _, name := range []string{"from", "date", "subject"} {
		_, _ = io.WriteString(sum, h.Get(name)+"\x00") // a hash does not fail
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

// List reads the List-Id: "Users of widgets <users.example.org>". Its ID is empty where there is none.
func (h Header) List() List {
	v := h.Get("list-id")
	if v == "" {
		return List{}
	}
	id := v
	if i := strings.LastIndexByte(v, '<'); i >= 0 {
		id = strings.TrimRight(v[i+1:], "> \t")
	}
	id = strings.ToLower(oneLine(ValidText(id)))
	if id == "" || len(id) > 200 {
		return List{}
	}
	name, _, _ := strings.Cut(id, ".")
	return List{ID: id, Name: name}
}
