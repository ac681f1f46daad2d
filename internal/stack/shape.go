// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package stack

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"greenroom"
)

// Change is a change of what a platform's answers look like.
type Change struct {
	Record string    `json:"record"` // what carries the field, e.g. "message"
	Path   string    `json:"path"`
	Kind   string    `json:"kind"` // gone, type, new
	Text   string    `json:"text"`
	At     time.Time `json:"at"` // when it was first noticed, or last seen where it is gone
}

// How changes are told from what is rare. A field is missing when it was in nearly all payloads and is in none of the last
// ones; it is new when a thousand payloads had come without it. What is rare is never told to be missing.
const (
	knownWell  = 1000 // samples after which what was never seen is new
	missedFor  = 200  // samples without a field that was always there
	nearlyAll  = 0.95
	toldForMax = 30 * 24 * time.Hour // a new field is no news after a month
)

// changes finds what has changed in the payloads of a source, what stops things from coming in first.
func changes(fields []greenroom.PayloadField, now time.Time) []Change {
	var gone, types, fresh []Change
	for from := 0; from < len(fields); {
		to := from + 1
		for to < len(fields) && fields[to].Record == fields[from].Record && fields[to].Path == fields[from].Path {
			to++
		}
		group := fields[from:to]
		from = to
		first, last, seen, oldest, newest := over(group)
		f := &group[0]
		switch {
		case last-first >= missedFor && float64(seen) >= nearlyAll*float64(last-first+1) && f.Samples-last >= missedFor:
			gone = append(gone, Change{Record: f.Record, Path: f.Path, Kind: "gone", At: newest, Text: fmt.Sprintf(
				"The field %q of a %s was always there and is missing in the last %d that were looked at.", f.Path, recordName(f.Record), f.Samples-last)})
		case first > knownWell && now.Sub(oldest) < toldForMax && !below(fresh, f):
			fresh = append(fresh, Change{Record: f.Record, Path: f.Path, Kind: "new", At: oldest, Text: fmt.Sprintf(
				"A %s carries a new field %q. It is kept in the raw payload and not used.", recordName(f.Record), f.Path)})
		default:
			types = append(types, newTypes(group, now)...)
		}
	}
	return slices.Concat(gone, types, fresh)
}

// newTypes finds the types that a field has got beside those it had.
func newTypes(group []greenroom.PayloadField, now time.Time) []Change {
	var all []Change
	usual := slices.IndexFunc(group, func(f greenroom.PayloadField) bool { return f.Type != "nothing" && f.FirstSample <= knownWell })
	for i := range group {
		f := &group[i]
		if usual < 0 || i == usual || f.Type == "nothing" || f.FirstSample <= knownWell || now.Sub(f.FirstAt) >= toldForMax {
			continue
		}
		all = append(all, Change{Record: f.Record, Path: f.Path, Kind: "type", At: f.FirstAt, Text: fmt.Sprintf(
			"The field %q of a %s is now %s; it was %s.", f.Path, recordName(f.Record), f.Type, group[usual].Type)})
	}
	return all
}

// below reports whether a field is inside of one that was told to be new.
func below(told []Change, f *greenroom.PayloadField) bool {
	return slices.ContainsFunc(told, func(c Change) bool {
		return c.Record == f.Record && (strings.HasPrefix(f.Path, c.Path+".") || strings.HasPrefix(f.Path, c.Path+"["))
	})
}

// over sums a field up over its types.
func over(group []greenroom.PayloadField) (first, last, seen int64, oldest, newest time.Time) {
	first, oldest = group[0].FirstSample, group[0].FirstAt
	for i := range group {
		f := &group[i]
		first, last, seen = min(first, f.FirstSample), max(last, f.LastSample), seen+f.Seen
		if f.FirstAt.Before(oldest) {
			oldest = f.FirstAt
		}
		if f.LastAt.After(newest) {
			newest = f.LastAt
		}
	}
	return first, last, seen, oldest, newest
}

func recordName(record string) string { return strings.ReplaceAll(record, "_", " ") }
