// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package bounce

import (
	"bufio"
	"io"
	"net/mail"
	"strings"
	"time"

	"greenroom"
)

// Reply is a mail that somebody wrote in answer to others.
type Reply struct {
	To []string  // the Message-IDs that it names, without angle brackets
	At time.Time // by its own clock; zero = it does not say
}

// maxReferences is how many messages of a thread are looked at.
const maxReferences = 100

// ParseReply reads a message as an answer by a person (RFC 5322, In-Reply-To and References). ErrNoReport comes back for
// what answers nothing, and for what a machine wrote (RFC 3834): somebody's vacation does not say that they have read it.
func ParseReply(r io.Reader) (*Reply, error) {
	m, err := mail.ReadMessage(bufio.NewReader(r))
	if err != nil {
		return nil, &greenroom.Error{Code: greenroom.CodeInvalid, Message: "expected a mail message, with headers, an empty line and a body", Err: err}
	}
	if byMachine(m.Header) {
		return nil, ErrNoReport
	}
	reply := &Reply{}
	for _, id := range strings.FieldsFunc(m.Header.Get("In-Reply-To")+" "+m.Header.Get("References"), func(r rune) bool { return strings.ContainsRune(" \t\r\n<>,", r) }) {
		if strings.Contains(id, "@") && len(reply.To) < maxReferences {
			reply.To = append(reply.To, id)
		}
	}
	if len(reply.To) == 0 {
		return nil, ErrNoReport
	}
	if at, err := m.Header.Date(); err == nil {
		reply.At = at
	}
	return reply, nil
}

// byMachine reports whether a mail says that no person wrote it.
func byMachine(h mail.Header) bool {
	auto := strings.ToLower(strings.TrimSpace(h.Get("Auto-Submitted")))
	precedence := strings.ToLower(strings.TrimSpace(h.Get("Precedence")))
	return auto != "" && auto != "no" || precedence == "bulk" || precedence == "junk" || precedence == "auto_reply" || precedence == "list" ||
		h.Get("X-Autoreply") != "" || h.Get("X-Autorespond") != "" || h.Get("List-Id") != "" || strings.TrimSpace(h.Get("Return-Path")) == "<>"
}
