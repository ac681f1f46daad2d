// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package telegramexport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/jsonfile"
)

const wantExport = "the file result.json of an export by Telegram Desktop in the format Machine-readable JSON, or a folder with such files, was expected"

var errNoExport = errors.New("the file holds no chat")

func opener(e *jsonfile.Found) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) {
		f, err := os.Open(e.Path)
		if err != nil {
			return nil, err //nolint:wrapcheck // jsonfile wraps it
		}
		return &repaired{file: f}, nil
	}
}

// reader is one read of an export.
type reader struct {
	mapper

	ctx         context.Context //nolint:containedctx // a reader lives exactly as long as one read
	out         *connector.Sink
	direct      bool
	done, total int64
	facts       facts

	// Of the file that is being read:
	e    *jsonfile.Found
	f    *jsonfile.File
	n    int // records: chats and messages
	skip int // so many of them were told before
	last string
}

// Read pushes the export's facts after the cursor into the sink.
func (s *source) Read(ctx context.Context, from connector.Cursor, out *connector.Sink) error {
	at, err := jsonfile.ParsePlace(string(from))
	if err != nil {
		return err //nolint:wrapcheck // it says all
	}
	files, other, err := list(s.path)
	if err != nil {
		return err
	}
	r := newReader(ctx, s.zone, s.direct, out)
	for i := range files {
		r.total += files[i].Size
	}
	if at.File == "" && other > 0 {
		out.Read(other)
		out.LeftOut(leftFiles, other)
	}
	return jsonfile.From(files, at, func(f *jsonfile.Found, skip int) error {
		err := r.file(f, skip)
		r.done += f.Size
		return err
	})
}

func newReader(ctx context.Context, zone *time.Location, direct bool, out *connector.Sink) *reader {
	return &reader{mapper: mapper{zone: zone, known: map[string]bool{}, topics: map[string]bool{}}, ctx: ctx, out: out, direct: direct}
}

// list finds the files: the one that was given, or those called result.json in the folder and below, sorted by name.
func list(root string) (files []jsonfile.Found, other int, err error) {
	files, other, err = jsonfile.Find(root, func(p string, d fs.DirEntry) jsonfile.Choice {
		if !d.IsDir() && p != root && (!strings.HasPrefix(d.Name(), "result") || !strings.EqualFold(filepath.Ext(p), ".json")) {
			return jsonfile.Other
		}
		return jsonfile.Wanted
	})
	switch {
	case err != nil:
		return nil, 0, &greenroom.Error{Code: greenroom.CodeInvalid, Message: root + " cannot be read; " + wantExport, Err: err}
	case len(files) == 0:
		return nil, 0, greenroom.Errorf(greenroom.CodeInvalid, "%s holds no result.json; %s", root, wantExport)
	}
	return files, other, nil
}

// file reads one file. Each chat is a record and each message another one; the first skip records were told before, and
// only teach the mapper who is known.
func (r *reader) file(e *jsonfile.Found, skip int) error {
	r.e, r.n, r.skip = e, 0, skip
	f, err := jsonfile.Open(opener(e))
	if err != nil {
		return r.broken(greenroom.Reject{File: e.Name, Reason: err.Error(), Expected: "a readable file"})
	}
	defer func() { _ = f.Close() }()
	r.f = f
	if f.Kind() != '{' {
		return r.broken(f.Reject(e.Name, nil, errNoExport, wantExport))
	}
	err = r.object(true)
	if err == nil && r.n == 0 {
		err = errNoExport
	}
	var stop *stopError
	switch {
	case errors.As(err, &stop):
		return stop.err
	case errors.Is(err, errNoExport):
		return r.broken(f.Reject(e.Name, nil, err, wantExport))
	case err != nil:
		return r.broken(f.Reject(e.Name, nil, err, "a list of messages; what stands before this place was read, the rest of the file was not. Export the chat anew"))
	}
	return nil
}

// stopError carries what the sink or the context said through the reading of a file, whose own errors are rejects.
type stopError struct{ err error }

func (e *stopError) Error() string { return e.err.Error() }

// object reads a chat, or the whole of an export of an account, which holds chats in lists.
func (r *reader) object(root bool) error {
	if _, err := r.f.Token(); err != nil {
		return err
	}
	var c chat
	for r.f.More() {
		key, err := r.f.Token()
		if err != nil {
			return err
		}
		switch name := key.String(); {
		case name == "name" || name == "type" || name == "id":
			err = r.head(&c, name)
		case name == "messages" && r.f.Kind() == '[':
			err = r.messages(&c)
		case root && (name == "chats" || name == "left_chats") && r.f.Kind() == '{':
			err = r.chats()
		default: // contacts, sessions and the like
			err = r.f.Skip()
		}
		if err != nil {
			return err
		}
	}
	_, err := r.f.Token()
	return err
}

// head reads a field of a chat's head.
func (r *reader) head(c *chat, name string) error {
	v, err := r.f.Value()
	if err != nil {
		return err
	}
	switch {
	case name == "id" && v.Kind() == '0':
		var id struct {
			ID int64 `json:"id"`
		}
		if jsonfile.Unmarshal([]byte(`{"id":`+string(v)+`}`), &id) == nil {
			c.ID = id.ID
		}
	case name == "name" && v.Kind() == '"':
		c.Name = unquote(v)
	case name == "type" && v.Kind() == '"':
		c.Type = unquote(v)
	}
	return nil
}

// chats reads a list of chats.
func (r *reader) chats() error {
	if _, err := r.f.Token(); err != nil {
		return err
	}
	for r.f.More() {
		key, err := r.f.Token()
		if err != nil {
			return err
		}
		if key.String() != "list" || r.f.Kind() != '[' {
			if err := r.f.Skip(); err != nil {
				return err
			}
			continue
		}
		if _, err := r.f.Token(); err != nil {
			return err
		}
		for r.f.More() {
			if r.f.Kind() != '{' {
				if err := r.f.Skip(); err != nil {
					return err
				}
				continue
			}
			if err := r.object(false); err != nil {
				return err
			}
		}
		if _, err := r.f.Token(); err != nil {
			return err
		}
	}
	_, err := r.f.Token()
	return err
}

// messages reads the messages of a chat.
func (r *reader) messages(c *chat) error {
	p := newPlace(*c)
	if c.ID == 0 && p.id != "user0" {
		return fmt.Errorf("%w that says which it is", errNoExport)
	}
	left := p.direct && !r.direct
	r.last = ""
	told := r.record()
	switch {
	case told:
	case left:
		r.out.LeftOut(leftChats, 1)
	default:
		r.out.Channel(p.channel)
	}
	if err := r.checkpoint(p, told); err != nil {
		return err
	}
	if err := r.f.Array(); err != nil {
		return err
	}
	for r.f.More() {
		raw, err := r.f.Value()
		if err != nil {
			return err
		}
		told := r.record()
		if left {
			if !told {
				r.out.LeftOut(leftDirect, 1)
			}
		} else {
			r.one(raw, p, told)
		}
		if err := r.checkpoint(p, told); err != nil {
			return err
		}
	}
	_, err := r.f.Token()
	return err
}

// record counts a record and reports whether it was told before.
func (r *reader) record() (told bool) {
	r.n++
	if r.n <= r.skip {
		return true
	}
	r.out.Read(1)
	return false
}

// one maps a message and tells what it gives.
func (r *reader) one(raw []byte, p *place, told bool) {
	r.facts = facts{identities: r.facts.identities[:0], activities: r.facts.activities[:0], leftOut: r.facts.leftOut[:0]}
	err := r.message(raw, p, &r.facts)
	twice := false
	if len(r.facts.activities) > 0 {
		id := r.facts.activities[0].ExternalID
		twice, r.last = id == r.last, id
	}
	switch {
	case told:
	case err != nil:
		r.out.Reject(r.f.Reject(r.e.Name, raw, err, "a message with id, type, date and text"))
	case twice:
		r.out.LeftOut(leftTwice, 1)
	default:
		r.tell(raw)
	}
}

func (r *reader) tell(raw []byte) {
	var ref connector.RawRef
	if len(r.facts.identities)+len(r.facts.activities) > 0 {
		ref = r.out.Raw(raw)
	}
	for _, id := range r.facts.identities {
		id.Raw = ref
		r.out.Identity(id)
	}
	for _, a := range r.facts.activities {
		a.Raw = ref
		r.out.Activity(a)
	}
	for _, reason := range r.facts.leftOut {
		r.out.LeftOut(reason, 1)
	}
}

// broken lists a file, or the rest of one, that cannot be read, as one more record.
func (r *reader) broken(reject greenroom.Reject) error {
	told := r.record()
	if !told {
		r.out.Reject(reject)
	}
	var stop *stopError
	if err := r.checkpoint(nil, told); errors.As(err, &stop) {
		return stop.err
	}
	return nil
}

func (r *reader) checkpoint(p *place, told bool) error {
	if told {
		if r.n%1024 == 0 && r.ctx.Err() != nil {
			return &stopError{fmt.Errorf("finding the place to go on from was stopped: %w", r.ctx.Err())}
		}
		return nil
	}
	phase, offset := r.e.Name, r.e.Size
	if p != nil {
		phase, offset = p.channel.Name, min(r.f.Offset(), r.e.Size)
	}
	err := r.out.Checkpoint(connector.Cursor(jsonfile.Place{File: r.e.Name, Record: r.n}.String()),
		connector.Progress{Done: r.done + offset, Total: r.total, Unit: "bytes", Phase: phase})
	if err != nil {
		return &stopError{err}
	}
	return nil
}
