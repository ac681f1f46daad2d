// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package gharchive

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"runtime"
	"strconv"
	"sync/atomic"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/githubevent"
)

const expectedLine = "one GitHub event as a JSON object on the line"

// cursor is the place after a line of a file.
type cursor struct {
	File string `json:"file"`
	Line int64  `json:"line"` // the last line that was read; 0 = none yet
}

// result is what a line gave.
type result struct {
	start, end int // of the line in its block
	number     int64
	facts      githubevent.Facts
	eventID    string // the external id that the event has as an event
	unwanted   bool   // of another repository
	empty      bool   // no record
}

// Read pushes the events of all files after the cursor into the sink.
func (s *Source) Read(ctx context.Context, from connector.Cursor, out *connector.Sink) error {
	var at cursor
	if from != "" {
		if err := json.Unmarshal([]byte(from), &at); err != nil || at.Line < 0 {
			return greenroom.Errorf(greenroom.CodeInvalid, "the place to go on from, %q, is not one of this connector's", string(from))
		}
	}
	var before, total int64
	for _, f := range s.files {
		total += f.size
	}
	for _, f := range s.files {
		order := compareNames(f.name, at.File)
		if at.File == "" || order >= 0 {
			line := int64(0)
			if order == 0 {
				line = at.Line
			}
			if err := s.readFile(ctx, f, line, connector.Progress{Done: before, Total: total, Unit: "bytes", Phase: f.name}, out); err != nil {
				return err
			}
		}
		before += f.size
	}
	return nil
}

// endOfFile is the line of a cursor whose file was read to its end.
const endOfFile = int64(1) << 62

// readFile reads one file after a line. What is wrong with the file as a whole is a reject; the next file is read then.
func (s *Source) readFile(ctx context.Context, f file, after int64, p connector.Progress, out *connector.Sink) error {
	if after == endOfFile {
		return nil
	}
	r := reading{file: f, after: after, window: newWindow(windowLines), progress: p, out: out, line: after, stem: stem(f.name)}
	if err := s.stream(ctx, &r); err != nil {
		return err
	}
	r.progress.Done = p.Done + f.size
	return r.checkpoint(endOfFile)
}

func (s *Source) stream(ctx context.Context, r *reading) error {
	var taken atomic.Int64
	in, closer, err := open(r.file.path, &taken)
	if err != nil {
		r.reject(0, "the file cannot be read: "+err.Error(), expected, nil)
		return nil // it is listed, and the next file is read
	}
	defer closer.Close() //nolint:errcheck // nothing was written
	l := start(ctx, in, &taken, r.after-windowLines, min(runtime.GOMAXPROCS(0), runtime.NumCPU()), s.decode)
	defer l.stop()
	base := r.progress.Done
	for b := range l.ordered {
		<-b.done
		r.progress.Done = base + b.offset
		if err := r.emit(b); err != nil {
			return err
		}
		l.recycle(b)
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("reading was stopped: %w", err)
	}
	if l.err != nil {
		r.reject(r.line+1, "the file ends in the middle or is damaged: "+l.err.Error(), "a whole file; download it again", nil)
	}
	return nil
}

// decode reads the lines of a block; it runs on the goroutines of the pipeline.
func (s *Source) decode(b *block) {
	if b.tooLong {
		b.results = append(b.results, result{number: b.first, end: 200, facts: githubevent.Facts{
			Problem:  "the line is longer than " + strconv.Itoa(maxLineBytes>>20) + " MB",
			Expected: expectedLine,
		}})
		return
	}
	var e githubevent.Event // one for all lines
	for at, number := 0, b.first; at < len(b.data); number++ {
		end, next := len(b.data), len(b.data)
		if i := bytes.IndexByte(b.data[at:], '\n'); i >= 0 {
			end, next = at+i, at+i+1
		}
		b.results = append(b.results, result{start: at, end: end, number: number})
		s.line(b.data[at:end], &e, &b.results[len(b.results)-1])
		at = next
	}
}

// line decodes and maps one line.
func (s *Source) line(line []byte, e *githubevent.Event, r *result) {
	line = bytes.TrimSpace(bytes.TrimPrefix(line, []byte("\xef\xbb\xbf")))
	if len(line) == 0 {
		r.empty = true
		return
	}
	if err := githubevent.ReadEvent(line, e); err != nil {
		r.facts.Problem, r.facts.Expected = "the line is not a JSON object: "+err.Error(), expectedLine
		return
	}
	if !s.filter.wants(e.Repo.Name) {
		r.unwanted = true
		return
	}
	if e.ID == "" { // the years before 2015: the line itself is all that tells one event from another
		sum := sha256.Sum256(line)
		e.ID = hex.EncodeToString(sum[:12])
	}
	githubevent.Map(e, &r.facts)
	r.eventID = githubevent.EventID(e.ID)
}

// reading is one file on its way into the sink.
type reading struct {
	file     file
	stem     string // the cursor's text up to the line number
	after    int64  // lines up to here were passed on before
	line     int64  // the last line that was passed on
	window   *window
	progress connector.Progress
	out      *connector.Sink
}

func stem(name string) string {
	text, err := json.Marshal(name)
	if err != nil { // a string always marshals
		text = []byte(`""`)
	}
	return `{"file":` + string(text) + `,"line":`
}

func (r *reading) checkpoint(line int64) error {
	return r.out.Checkpoint(connector.Cursor(r.stem+strconv.FormatInt(line, 10)+"}"), r.progress)
}

func (r *reading) reject(line int64, reason, expected string, excerpt []byte) {
	r.out.Reject(greenroom.Reject{
		File: r.file.name, Line: line, Reason: reason, Expected: expected,
		Excerpt: string(bytes.ToValidUTF8(excerpt[:min(len(excerpt), 200)], []byte("\uFFFD"))),
	})
}

// emit passes on what the lines of a block gave, in their order.
func (r *reading) emit(b *block) error {
	for i := range b.results {
		res := &b.results[i]
		known := res.number <= r.after
		duplicate := r.duplicate(res)
		if known {
			continue
		}
		r.line = res.number
		if res.empty {
			continue
		}
		line := b.data[res.start:min(res.end, len(b.data))]
		r.out.Read(1)
		switch f := &res.facts; {
		case res.unwanted:
			r.out.LeftOut("events of other repositories", 1)
		case f.LeftOut != "":
			r.out.LeftOut(f.LeftOut, 1)
		case f.Problem != "":
			r.reject(res.number, f.Problem, f.Expected, line)
		case duplicate:
			r.out.LeftOut("events that stand twice in a file", 1)
		case f.Activity.ExternalID != "":
			f.Emit(r.out, r.out.Raw(bytes.TrimSpace(line)))
		}
		if err := r.checkpoint(res.number); err != nil {
			return err
		}
	}
	return nil
}

// duplicate reports whether the event stood on a line shortly before. Two different events about one object, such as a
// release that was published again, are two activities: the second goes by the id of its event.
func (r *reading) duplicate(res *result) bool {
	a := &res.facts.Activity
	if a.ExternalID == "" {
		return false
	}
	object := ""
	if a.ExternalID != res.eventID {
		object = a.ExternalID
	}
	sameEvent, sameObject := r.window.add(res.number, res.eventID, object)
	if sameObject && !sameEvent {
		a.ExternalID = res.eventID
	}
	return sameEvent
}
