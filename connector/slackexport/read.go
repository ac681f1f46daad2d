// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package slackexport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"path"
	"slices"
	"strings"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/jsonfile"
	"greenroom/connector/internal/slackwire"
)

// What is left out, as it is counted.
const (
	leftDouble  = "messages that the file holds twice"
	leftPrivate = "private channels and direct messages, messages (option include-private)"
	leftPlaces  = "private channels and direct messages, places (option include-private)"
	leftLists   = "canvases, integration logs and other lists that hold no messages"
	leftFiles   = "files that are not part of a Slack export"
)

// reader is one read of an export.
type reader struct {
	*slackwire.Mapper
	ctx     context.Context //nolint:containedctx // a reader lives exactly as long as one read
	out     *connector.Sink
	private bool
	places  map[string]*slackwire.Place // by folder
	done    int64                       // bytes of the files that were read
	total   int64
	doubles map[string]bool // the messages of the day that is being read
	facts   slackwire.Facts
}

// Read pushes the export's facts after the cursor into the sink.
func (s *source) Read(ctx context.Context, from connector.Cursor, out *connector.Sink) error {
	at, err := jsonfile.ParsePlace(string(from))
	if err != nil {
		return err
	}
	a, err := openArchive(s.path)
	if err != nil {
		return err
	}
	defer a.close()
	r := &reader{
		Mapper: slackwire.NewMapper(s.workspace), ctx: ctx, out: out, private: s.private,
		places: map[string]*slackwire.Place{}, total: a.total, doubles: map[string]bool{},
	}
	if err := r.begin(a, at); err != nil {
		return err
	}
	for i := range a.entries {
		e := &a.entries[i]
		skip := 0
		dir, base := path.Split(at.File)
		switch order := compareEntries(*e, entry{dir: strings.TrimSuffix(dir, "/"), base: base}); {
		case at.File == "":
		case order < 0:
			skip = math.MaxInt
		case order == 0:
			skip = at.Record
		}
		if err := r.file(e, skip); err != nil {
			return err
		}
		r.done += e.size
	}
	return nil
}

// begin looks at what is there before anything is told: the home team, files that are not the export's, missing lists.
func (r *reader) begin(a *archive, at jsonfile.Place) error {
	haveUsers, haveChannels := false, false
	for i := range a.entries {
		switch e := &a.entries[i]; {
		case e.dir == "" && e.base == fileUsers:
			haveUsers = true
			if err := r.findHome(e); err != nil {
				return err
			}
		case e.dir == "" && e.base == fileChannels:
			haveChannels = true
		}
	}
	if at.File != "" {
		return nil
	}
	if !haveUsers {
		r.out.Reject(greenroom.Reject{File: fileUsers, Reason: "the export has no users.json", Expected: "the list of members; without it people have no names. Make the export anew, or unpack the whole zip file"})
	}
	if !haveChannels {
		r.out.Reject(greenroom.Reject{File: fileChannels, Reason: "the export has no channels.json", Expected: "the list of channels; without it channels are told apart by the names of their folders"})
	}
	if a.other > 0 {
		r.out.Read(a.other)
		r.out.LeftOut(leftFiles, a.other)
	}
	return nil
}

// findHome finds the team that most people belong to; the others are guests from other workspaces.
func (r *reader) findHome(e *entry) error {
	f, err := jsonfile.Open(e.open)
	if err != nil {
		return nil // reported when the file is read
	}
	defer func() { _ = f.Close() }()
	teams := map[string]int{}
	for {
		raw, err := f.Next()
		if err != nil {
			break // the end, or reported when the file is read
		}
		var u struct {
			TeamID string `json:"team_id"`
		}
		if jsonfile.Unmarshal(raw, &u) == nil && u.TeamID != "" {
			teams[u.TeamID]++
		}
		if err := r.ctx.Err(); err != nil {
			return fmt.Errorf("reading %s was stopped: %w", fileUsers, err)
		}
	}
	for _, id := range sortedKeys(teams) {
		if teams[id] > teams[r.Home] {
			r.Home = id
		}
	}
	return nil
}

// handling is how the records of a file are treated.
type handling struct {
	record   func(raw []byte) error // fills r.facts, or tells right away
	leave    string                 // where set, records are only counted under this reason
	expected string                 // of a record, for rejects
	phase    string
}

func (r *reader) handle(e *entry) handling {
	switch {
	case e.dir == "" && (e.base == fileUsers || e.base == fileOrgUsers):
		return handling{record: func(raw []byte) error { return r.User(raw, &r.facts) }, expected: "an object with id, name and profile", phase: "members"}
	case e.dir == "" && listed(e.base):
		return handling{expected: "an object with id and name", phase: "channels"}
	case !e.isDay():
		return handling{leave: leftLists, phase: e.path()}
	}
	p := r.place(e.dir)
	day := strings.TrimSuffix(e.base, ".json")
	if p.Private && !r.private {
		return handling{leave: leftPrivate, phase: "private channels " + day}
	}
	clear(r.doubles)
	return handling{
		record:   func(raw []byte) error { return r.Message(raw, p, &r.facts) },
		expected: `an object with type "message", ts and text`, phase: "#" + p.Name + " " + day,
	}
}

// file reads one file. The first skip records were told before: they only teach the mapper what it has to know.
func (r *reader) file(e *entry, skip int) error {
	h := r.handle(e)
	if h.leave != "" && skip == math.MaxInt {
		return nil
	}
	f, err := jsonfile.Open(e.open)
	if err != nil {
		return r.broken(e, 1, skip, greenroom.Reject{File: e.path(), Reason: err.Error(), Expected: "a readable file"}, h.phase)
	}
	defer func() { _ = f.Close() }()
	for n := 1; ; n++ {
		raw, err := f.Next()
		if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return nil
		}
		if err != nil {
			reject := f.Reject(e.path(), nil, err, "a list of records; what stands before this place was read, the rest of the file was not. Unpack the export anew")
			return r.broken(e, n, skip, reject, h.phase)
		}
		told := n <= skip
		if err := r.one(e, f, h, raw, told); err != nil {
			return err
		}
		if err := r.checkpoint(e, n, f.Offset(), told, h.phase); err != nil {
			return err
		}
	}
}

// one reads one record.
func (r *reader) one(e *entry, f *jsonfile.File, h handling, raw []byte, told bool) error {
	if !told {
		r.out.Read(1)
	}
	if h.leave != "" {
		if !told {
			r.out.LeftOut(h.leave, 1)
		}
		return nil
	}
	r.facts.Reset()
	var err error
	if h.record != nil {
		err = h.record(raw)
	} else {
		err = r.channelRecord(e, raw, told)
	}
	double := r.double()
	switch {
	case told:
	case err != nil:
		r.out.Reject(f.Reject(e.path(), raw, err, h.expected))
	case double:
		r.out.LeftOut(leftDouble, 1)
	default:
		r.facts.Push(raw, r.out)
	}
	return nil
}

// double reports whether the day file held the message before, in the same state: exports repeat one now and then.
func (r *reader) double() bool {
	if len(r.facts.Activities) == 0 {
		return false
	}
	a := &r.facts.Activities[0]
	key := a.ExternalID
	if a.Deleted || !a.EditedAt.IsZero() {
		key += fmt.Sprint(a.Deleted, a.EditedAt.UnixMicro())
	}
	if r.doubles[key] {
		return true
	}
	r.doubles[key] = true
	return false
}

func (r *reader) broken(e *entry, n, skip int, reject greenroom.Reject, phase string) error {
	if n > skip {
		r.out.Read(1)
		r.out.Reject(reject)
	}
	return r.checkpoint(e, n, e.size, n <= skip, phase)
}

func (r *reader) checkpoint(e *entry, n int, offset int64, told bool, phase string) error {
	if told {
		if n%1024 == 0 && r.ctx.Err() != nil {
			return fmt.Errorf("finding the place to go on from was stopped: %w", r.ctx.Err())
		}
		return nil
	}
	return r.out.Checkpoint(connector.Cursor(jsonfile.Place{File: e.path(), Record: n}.String()),
		connector.Progress{Done: r.done + min(offset, e.size), Total: r.total, Unit: "bytes", Phase: phase})
}

// channelRecord reads a record of one of the lists of channels.
func (r *reader) channelRecord(e *entry, raw []byte, told bool) error {
	var c channel
	if err := jsonfile.Unmarshal(raw, &c); err != nil {
		return err
	}
	if c.ID == "" {
		return slackwire.ErrNoID
	}
	p := &slackwire.Place{ID: jsonfile.Clean(c.ID), Name: jsonfile.Clean(c.Name), Private: e.base != fileChannels || c.IsPrivate, Linked: true}
	if c.Name == "" { // a direct message
		p.Name = r.among(c.Members, p.ID)
	}
	for _, folder := range []string{c.Name, c.ID} { // named by the one or the other
		if folder != "" && r.places[folder] == nil {
			r.places[folder] = p
		}
	}
	if p.Private && !r.private {
		if !told {
			r.out.LeftOut(leftPlaces, 1)
		}
		return nil
	}
	r.Channels[p.ID] = p.Name
	if !told {
		r.out.Channel(connector.Channel{ExternalID: p.ID, Name: p.Name, URL: r.PlaceURL(p), Threadless: true, Raw: r.out.Raw(raw)})
	}
	return nil
}

// among names a direct message by who takes part.
func (r *reader) among(members []string, id string) string {
	var names []string
	for _, u := range members {
		names = append(names, r.At(u, ""))
	}
	if len(names) == 0 {
		return id
	}
	return strings.Join(names, ", ")
}

// place is the channel of a folder. A folder that no list knows, as those of archived channels sometimes, is a channel
// of that name, unless the name is of the form that only direct messages have.
func (r *reader) place(dir string) *slackwire.Place {
	if p := r.places[dir]; p != nil {
		return p
	}
	p := &slackwire.Place{ID: jsonfile.Clean(dir), Name: jsonfile.Clean(dir), Private: strings.HasPrefix(dir, "mpdm-") || isDirect(dir)}
	r.places[dir] = p
	if !p.Private || r.private {
		r.out.Channel(connector.Channel{ExternalID: p.ID, Name: p.Name, Threadless: true})
	}
	return p
}

// isDirect reports whether a folder's name is the id of a direct message, "D024BE91L".
func isDirect(dir string) bool {
	if len(dir) < 9 || dir[0] != 'D' {
		return false
	}
	for _, c := range []byte(dir[1:]) {
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return true
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
