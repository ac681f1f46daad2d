// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package mbox

import (
	"context"
	"encoding/json"
	"errors"
	"io"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/mailmessage"
)

// place is a place in an archive.
type place struct {
	File     string `json:"file"`     // the file that was read last; files are read in the order of their names
	Messages int32  `json:"messages"` // messages of it that were told
	Done     bool   `json:"done,omitempty"`
}

// Reasons for leaving records out.
const (
	leftDoubles = "messages that the archive holds twice"
	leftFiles   = "files that are not mail archives"
)

// reader is one read of an archive.
type reader struct {
	mailmessage.Mapper

	survey  *survey
	ctx     context.Context //nolint:containedctx // a reader lives exactly as long as one read
	out     *connector.Sink
	source  *source
	at      place
	done    int64 // bytes of the files that were read
	total   int64
	ordinal int32
	told    map[string]bool // identities
}

// Read pushes the archive's facts after the cursor into the sink.
func (s *source) Read(ctx context.Context, from connector.Cursor, out *connector.Sink) error {
	var at place
	if from != "" {
		if err := json.Unmarshal([]byte(from), &at); err != nil {
			return &greenroom.Error{Code: greenroom.CodeInvalid, Err: err, Message: "the stored position in the mail archive cannot be read; import it from the start"}
		}
	}
	files, others, err := listFiles(s.path)
	if err != nil {
		return err
	}
	v, err := s.survey(ctx, files)
	if err != nil {
		return err
	}
	r := &reader{
		Mapper: mailmessage.Mapper{Survey: v.Survey, List: s.list, MessageURL: s.messageURL}, survey: v,
		ctx: ctx, out: out, source: s, told: make(map[string]bool),
	}
	for i := range files {
		r.total += files[i].size
	}
	if from == "" && others > 0 {
		out.LeftOut(leftFiles, others)
	}
	for i := range files {
		r.at = place{File: files[i].name}
		skip := int32(0)
		switch {
		case files[i].name < at.File || files[i].name == at.File && at.Done:
			r.ordinal += v.counts[i]
			r.done += files[i].size
			continue
		case files[i].name == at.File:
			skip = at.Messages
		}
		if err := r.file(i, &files[i], skip); err != nil {
			return err
		}
		r.done += files[i].size
	}
	return nil
}

// file reads one file, without telling the first skip messages.
func (r *reader) file(no int, f *file, skip int32) error {
	o, err := f.open()
	if err != nil {
		r.reject(f, 0, "the file cannot be read: "+err.Error(), "an mbox file, compressed with gzip or not", nil)
		return r.checkpoint(0, true, f, 0)
	}
	defer o.close()
	split := newSplitter(o, r.source.limit)
	n := int32(0)
	for {
		m, err := split.read()
		if m != nil && m.stray {
			if skip == 0 {
				r.out.Read(1)
				r.reject(f, 1, "the file does not begin with a message", "an mbox file, whose first line is like: From ada@example.com Thu Jan  2 10:00:00 2025", m.data)
			}
		} else if m != nil {
			n++
			if n > skip {
				r.message(m, no, f)
			}
			r.ordinal++
		}
		switch {
		case errors.Is(err, io.EOF):
			return r.checkpoint(n, true, f, o.read.n)
		case err != nil:
			r.reject(f, split.line, "the rest of the file cannot be read: "+err.Error(), "a whole file; get it again", nil)
			return r.checkpoint(n, true, f, o.read.n)
		}
		if n > skip {
			if err := r.checkpoint(n, false, f, o.read.n); err != nil {
				return err
			}
		}
	}
}

// message tells one message.
func (r *reader) message(m *message, no int, f *file) {
	r.out.Read(1)
	h, body := mailmessage.ParseHeader(m.data)
	name := mailmessage.ValidText(listName(f.path))
	out, double, reason := r.Facts(&mailmessage.Message{
		Header: h, Body: body, Ordinal: r.ordinal, Noted: m.noted, Usual: r.survey.lists[no], Place: connector.Channel{ExternalID: "file:" + name, Name: name},
	})
	switch {
	case double:
		r.out.LeftOut(leftDoubles, 1)
		return
	case m.cut:
		r.reject(f, m.line, "the message is larger than 32 MB", "a message without such attachments", m.data)
		return
	case reason != "":
		r.reject(f, m.line, reason, "a header with a Date such as: Thu, 2 Jan 2025 10:00:00 +0100", m.data)
		return
	}
	r.out.Channel(out.Channel)
	if id := out.Author.ExternalID; id != "" && !r.told[id] {
		if len(r.told) < mailmessage.MaxPeople {
			r.told[id] = true
		}
		out.Author.Raw = r.out.Raw([]byte("From: " + h.Get("from") + "\n"))
		r.out.Identity(out.Author)
	}
	out.Activity.Raw = r.out.Raw(m.data)
	r.out.Activity(out.Activity)
}

func (r *reader) reject(f *file, line int64, reason, expected string, excerpt []byte) {
	r.out.Reject(greenroom.Reject{
		File: f.name, Line: line, Reason: mailmessage.ValidText(reason), Expected: expected, Excerpt: mailmessage.ValidText(string(excerpt[:min(len(excerpt), 200)])),
	})
}

func (r *reader) checkpoint(n int32, done bool, f *file, read int64) error {
	r.at.Messages, r.at.Done = n, done
	cursor, err := json.Marshal(r.at)
	if err != nil {
		return &greenroom.Error{Code: greenroom.CodeInternal, Err: err, Message: "the position in the mail archive cannot be written down"}
	}
	return r.out.Checkpoint(connector.Cursor(cursor), connector.Progress{
		Done: r.done + min(read, f.size), Total: r.total, Unit: "bytes", Phase: f.name,
	})
}
