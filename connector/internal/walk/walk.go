// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package walk reads a platform section by section and page by page, keeping the place, so that every live connector can
// be interrupted after each page and goes on there, and the next read asks only for what is new.
//
// A section is a list that the platform gives in pages: the issues of a repository, the messages of a channel. The cursor
// is a small JSON text: the section and page that come next, and for each section that was read to its end a mark, which
// says from where the next read of it begins. By itself a mark is the time at which the read began; a section can leave
// one of its own instead, such as the id of the newest message. A section without a mark, such as a channel that is new,
// is read from the beginning.
package walk

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/go-json-experiment/json"

	"greenroom"
	"greenroom/connector"
)

// Overlap is how far a read reaches back behind the start of the one before, for clocks that differ and for platforms
// whose lists lag behind.
const Overlap = 10 * time.Minute

// Section is one list in pages.
type Section struct {
	Name  string // unique and the same in every read, e.g. "issues/acme/website"
	Title string // for the progress, e.g. "acme/website: issues"; Name where empty
	// Read reads the page that at.Page names ("" = the first), pushes its facts and returns the name of the page that
	// follows, "" at the end. What belongs to a page has to follow from its name alone: the read can go on here in another
	// process.
	Read func(ctx context.Context, at *At) (next string, err error)
	// Always says that the list is read whole in every read, because the platform cannot say what is new in it.
	Always bool
}

// At is where a section's reading stands.
type At struct {
	Page  string
	Mark  string    // that the last read of this section left; "" = it was never read to its end
	Since time.Time // the time in Mark, less Overlap; zero = all. Not set for marks that are no times

	leave string
}

// Leave sets the section's mark for the next read. It holds once the section has come to its end, over interruptions.
func (a *At) Leave(mark string) { a.leave = mark }

// Left is the mark that an earlier page of this read has left.
func (a *At) Left() string { return a.leave }

// place is the cursor.
type place struct {
	Started time.Time         `json:"started,omitzero"` // when this read began; zero = it came to its end
	Section string            `json:"section,omitzero"` // that is being read
	Page    string            `json:"page,omitzero"`
	Leave   string            `json:"leave,omitzero"` // the mark that the section will have
	Ended   bool              `json:"ended,omitzero"` // the section was read to its end
	Marks   map[string]string `json:"marks,omitzero"` // of sections that were read to their end, by name
	Note    string            `json:"note,omitzero"`  // the connector's own

	note *string // where the connector keeps Note; nil = it keeps none
}

// Sections reads all sections from the place that the cursor names, and passes a checkpoint after each page.
func Sections(ctx context.Context, sections []Section, from connector.Cursor, now time.Time, out *connector.Sink) error {
	p, err := parse(from)
	if err != nil {
		return err
	}
	return p.sections(ctx, sections, now, out)
}

// Noted is Sections for a connector that keeps a note of its own in the cursor, such as what it has spent this month. It
// gives open the note of the cursor, "" at first, and asks it for the sections; whatever note points at when a page has
// been read is kept with it.
func Noted(ctx context.Context, from connector.Cursor, now time.Time, out *connector.Sink, note *string, open func() ([]Section, error)) error {
	p, err := parse(from)
	if err != nil {
		return err
	}
	*note, p.note = p.Note, note
	sections, err := open()
	if err != nil {
		return err
	}
	return p.sections(ctx, sections, now, out)
}

func (p *place) sections(ctx context.Context, sections []Section, now time.Time, out *connector.Sink) error {
	if p.Started.IsZero() {
		p.Started = now.UTC().Truncate(time.Second)
	}
	start := max(0, slices.IndexFunc(sections, func(s Section) bool { return s.Name == p.Section }))
	if p.Ended && len(sections) > 0 && sections[start].Name == p.Section {
		start++
	}
	for i := start; i < len(sections); i++ {
		if err := p.section(ctx, &sections[i], out, connector.Progress{Done: int64(i), Total: int64(len(sections)), Unit: "sections"}); err != nil {
			return err
		}
	}
	end := place{Marks: p.Marks, note: p.note}
	return out.Checkpoint(end.cursor(), connector.Progress{Done: int64(len(sections)), Total: int64(len(sections)), Unit: "sections"})
}

func (p *place) section(ctx context.Context, s *Section, out *connector.Sink, progress connector.Progress) error {
	if p.Section != s.Name || p.Ended {
		p.Section, p.Page, p.Leave, p.Ended = s.Name, "", "", false
	}
	progress.Phase = s.Title
	if progress.Phase == "" {
		progress.Phase = s.Name
	}
	for {
		at := &At{Page: p.Page, leave: p.Leave}
		if !s.Always {
			at.Mark = p.Marks[s.Name]
			if t, err := time.Parse(time.RFC3339, at.Mark); err == nil {
				at.Since = t.Add(-Overlap)
			}
		}
		next, err := s.Read(ctx, at)
		if err != nil {
			return err
		}
		p.Page, p.Leave, p.Ended = next, at.leave, next == ""
		if p.Ended {
			p.mark(s.Name)
			progress.Done++
		}
		if err := out.Checkpoint(p.cursor(), progress); err != nil {
			return err //nolint:wrapcheck // the sink's own words
		}
		if p.Ended {
			return nil
		}
	}
}

func (p *place) mark(section string) {
	if p.Marks == nil {
		p.Marks = make(map[string]string)
	}
	p.Marks[section] = p.Leave
	if p.Leave == "" {
		p.Marks[section] = p.Started.Format(time.RFC3339)
	}
}

func parse(from connector.Cursor) (place, error) {
	var p place
	if from == "" {
		return p, nil
	}
	if err := json.Unmarshal([]byte(from), &p); err != nil {
		return p, &greenroom.Error{
			Code: greenroom.CodeInvalid, Err: err,
			Message: fmt.Sprintf("the place to go on from, %q, is not one of this connector's", string(from)),
		}
	}
	return p, nil
}

func (p *place) cursor() connector.Cursor {
	if p.note != nil {
		p.Note = *p.note
	}
	text, err := json.Marshal(p, json.Deterministic(true))
	if err != nil { // times and strings always marshal
		return ""
	}
	return connector.Cursor(text)
}
