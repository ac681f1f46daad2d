// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package discordexport

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/discordwire"
	"greenroom/connector/internal/jsonfile"
)

// What is left out, as it is counted.
const (
	leftTwice = "messages that the file holds twice"
	leftFiles = "files that are not JSON, such as pictures"
)

const wantExport = "a JSON file that DiscordChatExporter wrote (format Json), or a folder with such files, was expected"

var errNoExport = errors.New("the file is no export of a Discord channel")

func opener(e *jsonfile.Found) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) { return os.Open(e.Path) }
}

// reader is one read of an export.
type reader struct {
	*discordwire.Mapper
	ctx         context.Context //nolint:containedctx // a reader lives exactly as long as one read
	out         *connector.Sink
	done, total int64
	facts       discordwire.Facts
}

// Read pushes the export's facts after the cursor into the sink.
func (s *source) Read(ctx context.Context, from connector.Cursor, out *connector.Sink) error {
	at, err := jsonfile.ParsePlace(string(from))
	if err != nil {
		return err
	}
	files, other, err := list(s.path)
	if err != nil {
		return err
	}
	r := &reader{Mapper: discordwire.New(s.staff), ctx: ctx, out: out}
	for i := range files {
		r.total += files[i].Size
		r.findThread(&files[i])
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

// list finds the JSON files, sorted by name. The exporter puts downloaded pictures into folders that end in "_Files".
func list(root string) (files []jsonfile.Found, other int, err error) {
	files, other, err = jsonfile.Find(root, func(p string, d fs.DirEntry) jsonfile.Choice {
		switch {
		case d.IsDir() && strings.HasSuffix(d.Name(), "_Files"):
			return jsonfile.PassOver
		case !d.IsDir() && !strings.EqualFold(filepath.Ext(p), ".json") && p != root:
			return jsonfile.Other
		}
		return jsonfile.Wanted
	})
	switch {
	case err != nil:
		return nil, 0, &greenroom.Error{Code: greenroom.CodeInvalid, Message: root + " cannot be read; " + wantExport, Err: err}
	case len(files) == 0:
		return nil, 0, greenroom.Errorf(greenroom.CodeInvalid, "%s holds no JSON file; %s", root, wantExport)
	}
	return files, other, nil
}

// findThread notes the thread of a file, so that the message it was started from, which may be read before or after it,
// is found to belong to the thread. Only the head of the file is read.
func (r *reader) findThread(e *jsonfile.Found) {
	f, err := jsonfile.Open(opener(e))
	if err != nil {
		return // reported when the file is read
	}
	defer func() { _ = f.Close() }()
	if p, err := head(f, e.Name); err == nil && p.Thread != "" {
		r.Threads[p.Thread] = true
	}
}

// file reads one file. Its head is its first record and each message another one; the first skip records were told
// before, and only teach the mapper who is known.
func (r *reader) file(e *jsonfile.Found, skip int) error {
	f, err := jsonfile.Open(opener(e))
	if err != nil {
		return r.broken(e, 1, skip, greenroom.Reject{File: e.Name, Reason: err.Error(), Expected: "a readable file"})
	}
	defer func() { _ = f.Close() }()
	p, err := head(f, e.Name)
	if err != nil {
		return r.broken(e, 1, skip, f.Reject(e.Name, nil, err, wantExport))
	}
	if skip < 1 {
		r.begin(p)
	}
	last := ""
	for n := 2; ; n++ {
		if !f.More() {
			return r.end(f, e, n, skip, p)
		}
		raw, err := f.Value()
		if err != nil {
			reject := f.Reject(e.Name, nil, err, "a list of messages; what stands before this place was read, the rest of the file was not. Export the channel anew")
			return r.broken(e, n, skip, reject)
		}
		last = r.one(e, f, p, raw, last, n <= skip)
		if err := r.checkpoint(e, n, f.Offset(), n <= skip, p); err != nil {
			return err
		}
	}
}

// head reads up to the first message.
func head(f *jsonfile.File, name string) (*discordwire.Place, error) {
	if f.Kind() != '{' {
		return nil, errNoExport
	}
	if _, err := f.Token(); err != nil {
		return nil, err
	}
	var g guild
	var c channel
	for f.More() {
		key, err := f.Token()
		if err != nil {
			return nil, err
		}
		switch key.String() {
		case "guild":
			err = part(f, &g)
		case "channel":
			err = part(f, &c)
		case "messages":
			if c.ID == "" {
				c.ID = idInName(name)
			}
			if c.ID == "" {
				return nil, fmt.Errorf("%w: it does not say which", errNoExport)
			}
			return newPlace(&g, &c), f.Array()
		default:
			err = f.Skip()
		}
		if err != nil {
			return nil, err
		}
	}
	return nil, errNoExport
}

func part(f *jsonfile.File, v any) error {
	raw, err := f.Value()
	if err != nil {
		return err
	}
	return jsonfile.Unmarshal(raw, v)
}

// idInName finds the channel's id in the name that the exporter gives its files, "Server - Channel [123456].json".
func idInName(name string) string {
	base := path.Base(name)
	for {
		open := strings.IndexByte(base, '[')
		if open < 0 {
			return ""
		}
		base = base[open+1:]
		if id, _, ok := strings.Cut(base, "]"); ok && discordwire.Digits(id) {
			return id
		}
	}
}

// begin tells of the channel, and of the thread as a conversation.
func (r *reader) begin(p *discordwire.Place) {
	r.out.Read(1)
	r.out.Channel(p.Channel)
	if p.Thread != "" {
		r.out.Conversation(connector.Conversation{Thread: p.Thread, Title: p.Title, URL: p.Address(p.ID)})
	}
}

// one reads one message and returns its id.
func (r *reader) one(e *jsonfile.Found, f *jsonfile.File, p *discordwire.Place, raw []byte, last string, told bool) string {
	r.facts.Reset()
	err := r.Decode(raw, p, &r.facts)
	id := last
	if len(r.facts.Activities) > 0 {
		id = r.facts.Activities[0].ExternalID
	}
	if told {
		return id
	}
	r.out.Read(1)
	switch {
	case err != nil:
		r.out.Reject(f.Reject(e.Name, raw, err, "a message with id, type, timestamp and author"))
	case id == last && len(r.facts.Activities) > 0:
		r.out.LeftOut(leftTwice, 1)
	default:
		r.facts.Push(raw, r.out)
	}
	return id
}

// end reads over what follows the messages; a file that breaks off after its last message is still noticed.
func (r *reader) end(f *jsonfile.File, e *jsonfile.Found, n, skip int, p *discordwire.Place) error {
	for {
		if _, err := f.Token(); errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return r.checkpoint(e, n, e.Size, n <= skip, p)
		} else if err != nil {
			return r.broken(e, n, skip, f.Reject(e.Name, nil, err, "the end of the export; all messages before this place were read"))
		}
	}
}

func (r *reader) broken(e *jsonfile.Found, n, skip int, reject greenroom.Reject) error {
	if n > skip {
		r.out.Read(1)
		r.out.Reject(reject)
	}
	return r.checkpoint(e, n, e.Size, n <= skip, nil)
}

func (r *reader) checkpoint(e *jsonfile.Found, n int, offset int64, told bool, p *discordwire.Place) error {
	if told {
		if n%1024 == 0 && r.ctx.Err() != nil {
			return fmt.Errorf("finding the place to go on from was stopped: %w", r.ctx.Err())
		}
		return nil
	}
	phase := e.Name
	if p != nil {
		phase = "#" + cmp.Or(p.Title, p.Channel.Name, p.ID)
	}
	return r.out.Checkpoint(connector.Cursor(jsonfile.Place{File: e.Name, Record: n}.String()),
		connector.Progress{Done: r.done + min(offset, e.Size), Total: r.total, Unit: "bytes", Phase: phase})
}
