// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package ingest

import (
	"bytes"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"greenroom/connector"
)

// A platform's API changes without telling. So the shape of its payloads is learned as they come in: which fields the
// records of a sort have, and of which type. From what was learned follows what a person is told (package stack): a field
// that is new, one that is gone, one whose type is another. Only a sample is looked at, so that this costs nothing.

// Shape is what was seen of the payloads of one sort of record.
type Shape struct {
	Record  string          // what the records are: a kind of activity, "account", "organization", a type of business record
	Samples int64           // payloads that were looked at
	Fields  map[Field]int64 // how many of them have it
}

// Field is a field of a payload with its type.
type Field struct {
	Path string // names joined by dots; [] is an entry of a list, * any name where names are data
	Type string // text, number, yes or no, list, object, nothing
}

// Limits of learning.
const (
	samplesPerBatch = 16 // of a sort of record
	shapeDepth      = 4
	shapeFields     = 400 // of a sort of record, in a batch
	nameLength      = 40  // a longer name is data
)

// shapes looks at payloads of a batch.
func shapes(b *connector.Batch) []Shape {
	l := learner{batch: b, at: make(map[string]int)}
	for i := range b.Activities {
		l.look(b.Activities[i].Kind.String(), b.Activities[i].Raw)
	}
	for i := range b.Identities {
		l.look("account", b.Identities[i].Raw)
	}
	for i := range b.Organizations {
		l.look("organization", b.Organizations[i].Raw)
	}
	for i := range b.Records {
		l.look(b.Records[i].Type, b.Records[i].Raw)
	}
	return l.all
}

type learner struct {
	batch *connector.Batch
	all   []Shape
	at    map[string]int
	last  connector.RawRef
}

func (l *learner) look(record string, ref connector.RawRef) {
	if ref == 0 || ref == l.last {
		return // several facts of one payload
	}
	l.last = ref
	i, known := l.at[record]
	if !known {
		i = len(l.all)
		l.at[record] = i
		l.all = append(l.all, Shape{Record: record, Fields: make(map[Field]int64)})
	}
	s := &l.all[i]
	if s.Samples >= samplesPerBatch {
		return
	}
	payload := l.batch.Payloads.At(ref)
	if len(payload) == 0 || bytes.TrimLeft(payload, " \r\n\t")[0] != '{' {
		return
	}
	seen := make(map[Field]bool)
	dec := jsontext.NewDecoder(bytes.NewReader(payload), jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
	if fieldsOf(dec, "", 0, seen) != nil {
		return
	}
	s.Samples++
	for f := range seen {
		if _, ok := s.Fields[f]; ok || len(s.Fields) < shapeFields {
			s.Fields[f]++
		}
	}
}

// fieldsOf collects the fields of the value that comes next.
func fieldsOf(dec *jsontext.Decoder, path string, depth int, seen map[Field]bool) error {
	kind := dec.PeekKind()
	if path != "" {
		seen[Field{Path: path, Type: typeName(kind)}] = true
	}
	if depth >= shapeDepth || kind != '{' && kind != '[' {
		return dec.SkipValue()
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for {
		child := path + "[]"
		switch dec.PeekKind() { //nolint:exhaustive // what else there is, is an entry
		case '}', ']':
			_, err := dec.ReadToken()
			return err
		case '"':
			if kind == '{' {
				name, err := dec.ReadToken()
				if err != nil {
					return err
				}
				child = strings.TrimPrefix(path+"."+fieldName(name.String()), ".")
			}
		}
		if err := fieldsOf(dec, child, depth+1, seen); err != nil {
			return err
		}
	}
}

// fieldName is a name as it is learned: names that are data, such as ids and addresses as keys of a map, are all one.
func fieldName(name string) string {
	if len(name) > nameLength || name == "" {
		return "*"
	}
	digits := 0
	for _, c := range name {
		switch {
		case c >= '0' && c <= '9':
			digits++
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '_', c == '-', c == '$':
		default:
			return "*"
		}
	}
	if digits > 3 || digits == len(name) {
		return "*"
	}
	return name
}

func typeName(k jsontext.Kind) string {
	switch k { //nolint:exhaustive // an end is no value; the rest is nothing
	case '"':
		return "text"
	case '0':
		return "number"
	case 't', 'f':
		return "yes or no"
	case '{':
		return "object"
	case '[':
		return "list"
	}
	return "nothing"
}
