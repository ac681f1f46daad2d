// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package folder

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"greenroom"
	"greenroom/connector"
)

// Reasons for leaving files out.
const leftKnown = "files with contents that came before"

// Bounds of what is remembered and of what is handed on at once.
const (
	maxFiles = 5000
	portion  = 2000 // facts
)

// place is what is known of the folder's files.
type place struct {
	Files map[string]known `json:"files,omitzero"` // that were read, by name
	Sums  []string         `json:"sums,omitzero"`  // of contents whose file has gone or changed, the newest last
	Now   *current         `json:"now,omitzero"`   // the file that is being read
}

// known is a file that was read.
type known struct {
	Size int64  `json:"size"`
	At   int64  `json:"at"` // nanoseconds since 1970
	Sum  string `json:"sum"`
}

// current is how far a file was read.
type current struct {
	Name   string           `json:"name"`
	Sum    string           `json:"sum"`
	Cursor connector.Cursor `json:"cursor"`
}

// Read reads the files that are new.
func (s *source) Read(ctx context.Context, from connector.Cursor, out *connector.Sink) error {
	var at place
	if from != "" {
		if err := json.Unmarshal([]byte(from), &at); err != nil {
			return &greenroom.Error{Code: greenroom.CodeInvalid, Err: err, Message: "the place to go on from is not one of a watched folder; read it from the start"}
		}
	}
	if at.Files == nil {
		at.Files = make(map[string]known)
	}
	files, _, err := s.list()
	if err != nil {
		return err
	}
	for i, f := range files {
		if ctx.Err() != nil {
			return fmt.Errorf("reading was stopped: %w", ctx.Err())
		}
		progress := connector.Progress{Done: int64(i), Total: int64(len(files)), Unit: "files", Phase: f.name}
		if k, ok := at.Files[f.name]; ok && k.Size == f.size && k.At == f.at.UnixNano() {
			continue
		}
		if err := s.file(ctx, f, &at, out, progress); err != nil {
			return err
		}
	}
	at.forget(files)
	return at.checkpoint(out, connector.Progress{Done: int64(len(files)), Total: int64(len(files)), Unit: "files"})
}

// file reads one file, unless its contents came before.
func (s *source) file(ctx context.Context, f found, at *place, out *connector.Sink, progress connector.Progress) error {
	sum, err := s.sum(f.name)
	if gone(err) {
		return nil
	}
	if err != nil {
		out.Reject(greenroom.Reject{File: f.name, Reason: "the file cannot be read: " + err.Error(), Expected: "a file that Greenroom may read"})
		return nil //nolint:nilerr // it is listed, and the others go on
	}
	if at.has(sum) {
		out.LeftOut(leftKnown, 1)
	} else if err := s.inside(ctx, f.name, sum, at, out, progress); err != nil {
		return err
	}
	if old, ok := at.Files[f.name]; ok && old.Sum != sum {
		at.Sums = append(at.Sums, old.Sum)
	}
	at.Files[f.name], at.Now = known{f.size, f.at.UnixNano(), sum}, nil
	return at.checkpoint(out, progress)
}

// inside reads a file by its connector, from where an interrupted read stood. A file that cannot be read at all is
// listed, and not tried again until it changes.
func (s *source) inside(ctx context.Context, name, sum string, at *place, out *connector.Sink, progress connector.Progress) error {
	values := maps.Clone(s.values)
	values[s.inner.Primary] = filepath.Join(s.path, name)
	src, err := s.inner.New(s.env, values)
	if err == nil {
		var from connector.Cursor
		if at.Now != nil && at.Now.Name == name && at.Now.Sum == sum {
			from = at.Now.Cursor
		}
		var stopped error // by the outer sink
		sink := connector.NewSink(ctx, portion, func(_ context.Context, b *connector.Batch) error {
			pass(b, name, out)
			at.Now = &current{Name: name, Sum: sum, Cursor: b.Cursor}
			stopped = at.checkpoint(out, progress)
			return stopped
		})
		if err = src.Read(ctx, from, sink); err == nil {
			err = sink.Flush()
		}
		if stopped != nil {
			return stopped
		}
	}
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("reading was stopped: %w", ctx.Err())
	}
	if err != nil {
		out.Reject(greenroom.Reject{File: name, Reason: greenroom.ErrorMessage(err), Expected: "a file that " + s.inner.Title + " reads with the given options"})
	}
	return nil
}

// pass hands on a batch.
func pass(b *connector.Batch, name string, out *connector.Sink) {
	refs := make([]connector.RawRef, b.Payloads.Len()+1)
	for i := range b.Payloads.Len() {
		refs[i+1] = out.Raw(b.Payloads.At(connector.RawRef(i + 1))) //nolint:gosec // as many as the batch's own references count
	}
	out.Read(int(b.Read))
	for _, f := range b.Channels {
		f.Raw = refs[f.Raw]
		out.Channel(f)
	}
	for i := range b.Identities {
		f := b.Identities[i]
		f.Raw = refs[f.Raw]
		out.Identity(f)
	}
	for i := range b.Activities {
		f := b.Activities[i]
		f.Raw = refs[f.Raw]
		out.Activity(f)
	}
	for _, f := range b.Conversations {
		out.Conversation(f)
	}
	for i := range b.Organizations {
		f := b.Organizations[i]
		f.Raw = refs[f.Raw]
		out.Organization(f)
	}
	for i := range b.Records {
		f := b.Records[i]
		f.Raw = refs[f.Raw]
		out.Record(f)
	}
	for _, f := range b.Memberships {
		out.Membership(f)
	}
	for _, f := range b.Sames {
		out.Same(f)
	}
	for _, f := range b.Rejects {
		if f.File != name && !strings.HasPrefix(f.File, name+"/") {
			f.File = strings.TrimSuffix(name+"/"+f.File, "/")
		}
		out.Reject(f)
	}
	for reason, n := range b.LeftOut {
		out.LeftOut(reason, int(n))
	}
}

// has reports whether contents were read before.
func (p *place) has(sum string) bool {
	if slices.Contains(p.Sums, sum) {
		return true
	}
	for _, k := range p.Files {
		if k.Sum == sum {
			return true
		}
	}
	return false
}

// forget keeps of files that have gone their contents only, and not more than there is room for.
func (p *place) forget(files []found) {
	there := make(map[string]bool, len(files))
	for _, f := range files {
		there[f.name] = true
	}
	for _, name := range slices.Sorted(maps.Keys(p.Files)) {
		if !there[name] {
			p.Sums = append(p.Sums, p.Files[name].Sum)
			delete(p.Files, name)
		}
	}
	if n := len(p.Sums) - maxFiles; n > 0 {
		p.Sums = slices.Clone(p.Sums[n:])
	}
}

func (p *place) checkpoint(out *connector.Sink, progress connector.Progress) error {
	text, err := json.Marshal(p, json.Deterministic(true))
	if err != nil {
		return fmt.Errorf("writing down the place: %w", err)
	}
	return out.Checkpoint(connector.Cursor(text), progress) //nolint:wrapcheck // the sink's own words
}
