// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package jsonfile reads large JSON files record by record: the elements of an array, or values one after the other.
//
// Exports of chat platforms and forums are arrays of records, sometimes gigabytes long, sometimes cut off in the middle,
// sometimes with a record of an odd shape in between. A File holds one record at a time, is lenient where the vendors
// are (double names, invalid UTF-8, a byte order mark) and can say on which line a record stands, which is what a person
// needs to look at a record that was rejected. Lines are counted only when they are asked for, in a second pass.
package jsonfile

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"greenroom"
)

// maxRecord is the size in bytes above which a record is taken for broken rather than read into memory.
const maxRecord = 256 << 20

// Opener opens the file; it may be called more than once.
type Opener func() (io.ReadCloser, error)

// Place is where reading can go on: after the first Record records of File. It is the cursor of connectors that read a
// sorted list of files.
type Place struct {
	File   string `json:"file"`
	Record int    `json:"record"`
}

// ParsePlace reads a cursor that Place.String wrote. An empty one is the start.
func ParsePlace(cursor string) (Place, error) {
	var p Place
	if cursor == "" {
		return p, nil
	}
	if err := json.Unmarshal([]byte(cursor), &p); err != nil || p.Record < 0 {
		return Place{}, greenroom.Errorf(greenroom.CodeInvalid, "the place to go on from, %q, is not one of this connector; start the import anew", cursor)
	}
	return p, nil
}

// String writes the place as a small JSON text.
func (p Place) String() string {
	b := make([]byte, 0, len(p.File)+32)
	b = append(b, `{"file":`...)
	b, err := jsontext.AppendQuote(b, p.File)
	if err != nil { // the name is not valid UTF-8: the source sees to it that it is
		return ""
	}
	b = append(b, `,"record":`...)
	b = strconv.AppendInt(b, int64(p.Record), 10)
	return string(append(b, '}'))
}

// File is an open JSON file. It is used by one goroutine.
type File struct {
	open  Opener
	src   io.ReadCloser
	limit *limiter
	dec   *jsontext.Decoder
	start int64 // bytes of the byte order mark
	begun bool
	array bool
	last  int64 // where the last record begins
	lines lineCounter
}

// Open opens a file. The caller closes it.
func Open(open Opener) (*File, error) {
	src, err := open()
	if err != nil {
		return nil, fmt.Errorf("opening: %w", err)
	}
	f := &File{open: open, src: src}
	buffered := bufio.NewReaderSize(src, 64<<10)
	if bom, err := buffered.Peek(3); err == nil && bytes.Equal(bom, []byte("\xef\xbb\xbf")) {
		f.start = 3
		_, _ = buffered.Discard(3)
	}
	f.limit = &limiter{src: buffered, left: maxRecord}
	f.dec = jsontext.NewDecoder(f.limit, jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
	return f, nil
}

// Close closes the file.
func (f *File) Close() error {
	f.lines.close()
	return f.src.Close()
}

// Next returns the next record: the next element where the file is an array, else the next value of the file. The bytes
// are valid until the next call. It returns io.EOF after the last one.
func (f *File) Next() (jsontext.Value, error) {
	if !f.begun {
		f.begun = true
		if f.dec.PeekKind() == '[' {
			f.array = true
			if _, err := f.dec.ReadToken(); err != nil {
				return nil, err
			}
		}
	}
	if f.array && f.dec.PeekKind() == ']' {
		f.array = false
		if _, err := f.dec.ReadToken(); err != nil {
			return nil, err
		}
		return f.Next()
	}
	return f.Value()
}

// Array makes Next return the elements of the array that begins here, after the caller has read tokens up to it. It
// returns an error where something else stands here.
func (f *File) Array() error {
	if kind := f.dec.PeekKind(); kind != '[' {
		return fmt.Errorf("%s stands where a list was expected", kindName(kind))
	}
	_, err := f.dec.ReadToken()
	f.begun = true
	return err
}

// More reports whether another element or name follows before the array or object that is being read ends.
func (f *File) More() bool {
	kind := f.dec.PeekKind()
	return kind != ']' && kind != '}'
}

// Token reads one token: a delimiter, a name or a simple value.
func (f *File) Token() (jsontext.Token, error) {
	f.limit.left = maxRecord
	return f.dec.ReadToken()
}

// Kind says what comes next without reading it.
func (f *File) Kind() jsontext.Kind { return f.dec.PeekKind() }

// Value reads the next whole value. The bytes are valid until the next call.
func (f *File) Value() (jsontext.Value, error) {
	f.limit.left = maxRecord
	v, err := f.dec.ReadValue()
	f.last = f.dec.InputOffset() - int64(len(v))
	return v, err
}

// Skip reads over the next value without holding it.
func (f *File) Skip() error {
	depth := f.dec.StackDepth()
	for {
		if _, err := f.Token(); err != nil {
			return err
		}
		if f.dec.StackDepth() <= depth {
			return nil
		}
	}
}

// Offset is the number of bytes that were read.
func (f *File) Offset() int64 { return f.start + f.dec.InputOffset() }

// Reject describes a record that could not be read: the last one that Next returned, or the place where err occurred.
func (f *File) Reject(name string, record []byte, err error, expected string) greenroom.Reject {
	at := f.start + f.last
	if record == nil {
		at = f.Offset()
	}
	if len(record) > 200 {
		record = record[:200]
	}
	return greenroom.Reject{
		File: name, Line: f.lines.at(f.open, at), Reason: Reason(err), Expected: expected,
		Excerpt: strings.ToValidUTF8(string(record), ""),
	}
}

// RejectPart describes a part of the last record that could not be read, such as one post of a topic.
func (f *File) RejectPart(name string, record, part []byte, err error, expected string) greenroom.Reject {
	r := f.Reject(name, part, err, expected)
	if at := bytes.Index(record, part); at > 0 {
		r.Line = f.lines.at(f.open, f.start+f.last+int64(at))
	}
	return r
}

// Unmarshal reads a record, which has to be an object or a list, into v as leniently as the file is read.
func Unmarshal(record []byte, v any) error {
	if kind := jsontext.Value(record).Kind(); kind != '{' && kind != '[' {
		return fmt.Errorf("it is %s", kindName(kind))
	}
	return json.Unmarshal(record, v, jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
}

// Reason says in plain words what is wrong with a record or file.
func Reason(err error) string {
	var semantic *json.SemanticError
	var syntactic *jsontext.SyntacticError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return "the file ends in the middle of a record"
	case errors.As(err, &semantic) && semantic.JSONPointer != "":
		return fmt.Sprintf("the field %q holds %s", strings.TrimPrefix(string(semantic.JSONPointer), "/"), kindName(semantic.JSONKind))
	case errors.As(err, &semantic):
		return "it is " + kindName(semantic.JSONKind)
	case errors.As(err, &syntactic):
		return "not valid JSON: " + strings.TrimPrefix(syntactic.Err.Error(), "jsontext: ")
	default:
		return err.Error()
	}
}

func kindName(k jsontext.Kind) string {
	switch k {
	case 'n':
		return "null"
	case 't', 'f':
		return "true or false"
	case '"':
		return "a text"
	case '0':
		return "a number"
	case '{':
		return "an object"
	case '[':
		return "a list"
	default:
		return "something unreadable"
	}
}

// Clean takes NUL characters out of a decoded text; invalid UTF-8 was replaced when it was decoded.
func Clean(s string) string {
	if strings.IndexByte(s, 0) < 0 {
		return s
	}
	return strings.ReplaceAll(s, "\x00", "")
}

// limiter ends reading when one record takes more than its share of memory.
type limiter struct {
	src  io.Reader
	left int64
}

func (l *limiter) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, fmt.Errorf("a single record is larger than %d MB", maxRecord>>20)
	}
	n, err := l.src.Read(p)
	l.left -= int64(n)
	return n, err
}

// lineCounter finds the line of an offset by reading the file a second time, onwards only.
type lineCounter struct {
	src  io.ReadCloser
	buf  *bufio.Reader
	off  int64
	line int64
}

func (l *lineCounter) at(open Opener, offset int64) int64 {
	if l.src == nil || offset < l.off {
		l.close()
		src, err := open()
		if err != nil {
			return 0
		}
		*l = lineCounter{src: src, buf: bufio.NewReaderSize(src, 64<<10), line: 1}
	}
	for l.off < offset {
		chunk, err := l.buf.Peek(int(min(offset-l.off, 32<<10)))
		l.line += int64(bytes.Count(chunk, []byte{'\n'}))
		l.off += int64(len(chunk))
		_, _ = l.buf.Discard(len(chunk))
		if err != nil {
			break
		}
	}
	return l.line
}

func (l *lineCounter) close() {
	if l.src != nil {
		_ = l.src.Close()
		l.src = nil
	}
}
