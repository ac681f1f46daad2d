// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package roadmap

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"greenroom"
)

// Clash is a field that two people changed to different values.
type Clash struct {
	Field  string          `json:"field" doc:"The field."`
	Before json.RawMessage `json:"before,omitempty" doc:"What it was when both began."`
	Theirs json.RawMessage `json:"theirs,omitempty" doc:"What it is now."`
	Yours  json.RawMessage `json:"yours,omitempty" doc:"What you would have made of it."`
}

// ConflictError is the error that a change and another one do not go together. Nothing was changed. Its code is CodeConflict.
type ConflictError struct {
	What    string // title of what was changed
	By      string // who was first
	Version int64  // that is there now
	Clashes []Clash
	Plan    *Plan // merged, with theirs where it clashes; nil where it is about a task
	Task    *Task // likewise; nil where it is about a plan
}

// Error says what happened.
func (c *ConflictError) Error() string {
	fields := make([]string, len(c.Clashes))
	for i := range c.Clashes {
		fields[i] = strings.ReplaceAll(c.Clashes[i].Field, "_", " ")
	}
	return fmt.Sprintf("%q was changed by %s meanwhile, and so was what you changed: %s. Nothing was overwritten; choose what holds", c.What, c.By, strings.Join(fields, ", "))
}

// As lets the conflict be read as greenroom's error.
func (c *ConflictError) As(target any) bool {
	e, ok := target.(**greenroom.Error)
	if ok {
		*e = &greenroom.Error{Code: greenroom.CodeConflict, Message: c.Error()}
	}
	return ok
}

// fields are the fields of an object, encoded.
type fields = map[string]json.RawMessage

// kept lists the fields that nobody edits.
func kept() []string {
	return []string{"id", "version", "plan", "created_by", "created_at", "from", "repeated", "sign_offs"}
}

// Merge brings together what two people made of the same object: from before, theirs is what is there now and yours what you
// would make of it. What one of the two changed is taken from that one. Where both changed a field and not to the same,
// it is in clashes, and the merged object has theirs.
func Merge(before, theirs, yours map[string]json.RawMessage) (merged map[string]json.RawMessage, clashes []Clash) {
	merged = maps.Clone(theirs)
	names := make(map[string]bool)
	for _, of := range []fields{before, theirs, yours} {
		for name := range of {
			names[name] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		b, t, y := before[name], theirs[name], yours[name]
		switch {
		case slices.Contains(kept(), name) || bytes.Equal(b, y) || bytes.Equal(t, y):
		case bytes.Equal(b, t):
			if y == nil {
				delete(merged, name)
			} else {
				merged[name] = y
			}
		default:
			clashes = append(clashes, Clash{Field: name, Before: b, Theirs: t, Yours: y})
		}
	}
	return merged, clashes
}

// encode gives the fields of an object in one form, so that equal ones are equal bytes.
func encode(v any) (fields, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encoding: %w", err)
	}
	var f fields
	if err := json.Unmarshal(text, &f); err != nil {
		return nil, fmt.Errorf("encoding: %w", err)
	}
	return f, nil
}

// decode makes an object of fields.
func decode(f fields, into any) error {
	text, err := json.Marshal(f)
	if err == nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		return fmt.Errorf("decoding: %w", err)
	}
	return nil
}

// reconcile merges an edit that was made from an old version into what is there.
func reconcile[T any](before, theirs, yours *T) (merged T, clashes []Clash, err error) {
	var f [3]fields
	for i, v := range []*T{before, theirs, yours} {
		if f[i], err = encode(v); err != nil {
			return merged, nil, err
		}
	}
	m, clashes := Merge(f[0], f[1], f[2])
	return merged, clashes, decode(m, &merged)
}

// blame finds who changed a field last, between two versions.
func blame[T any](from, to int64, field string, version func(v int64) (T, string, error)) (string, error) {
	now, who, err := version(to)
	for v := to; err == nil && v > from; v-- {
		var was T
		var by string
		if was, by, err = version(v - 1); err != nil {
			break
		}
		var f [2]fields
		if f[0], err = encode(was); err == nil {
			f[1], err = encode(now)
		}
		if err != nil || !bytes.Equal(f[0][field], f[1][field]) {
			break
		}
		now, who = was, by
	}
	return who, err
}
