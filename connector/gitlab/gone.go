// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package gitlab

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/binary"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"greenroom/connector"
	"greenroom/connector/internal/rest"
	"greenroom/connector/internal/walk"
)

// GitLab pushes nothing when an issue, a merge request or a comment is deleted, and no list says it. So the newest of each
// project are looked at again in each read: what was there the last time and is not any more was deleted, or is not for the
// token now, and where there are fewer comments than before, they are listed anew. What a webhook told of and was deleted
// before a read saw it leaves a gap in the row of numbers, of which none is left out.

const (
	maxAsked = 50   // numbers that are asked for in a read
	maxRow   = 1000 // numbers that are looked through for gaps; a page spans far fewer
)

// kept is what is remembered of one of the newest issues or merge requests for the next read; of a known gap the number.
type kept struct{ number, id, notes int64 }

// gone is the section of what was deleted among the newest issues or merge requests of a project.
func (s *source) gone(p *wireProject, pull bool, out *connector.Sink) walk.Section {
	list, path := "issues", "/issues"
	if pull {
		list, path = "merge requests", "/merge_requests"
	}
	return walk.Section{Name: "deleted " + list + "/" + p.key(), Title: p.PathWithNamespace + ": deleted " + list, Read: func(ctx context.Context, at *walk.At) (string, error) {
		base := "/projects/" + p.key() + path
		items, next, err := s.list(ctx, base, query("scope", "all", "state", "all", "order_by", "created_at", "sort", "desc"), "")
		if s.unseen(err) { // said with the list itself
			at.Leave(at.Mark)
			return "", nil
		}
		if err != nil {
			return "", err
		}
		n := &newest{project: p, pull: pull, base: base, all: next == "", before: parseKept(at.Mark)}
		if err := s.compare(ctx, n, items, out); err != nil {
			return "", err
		}
		if err := s.missing(ctx, n, out); err != nil {
			return "", err
		}
		at.Leave(formatKept(n.now))
		return "", s.profiles(ctx, out)
	}}
}

// newest is a page of the newest issues or merge requests, beside what was kept of the one before.
type newest struct {
	project *wireProject
	pull    bool
	base    string
	all     bool // there are no older ones
	before  []kept
	now     []kept
	url     string // of one of them, without its number
}

// compare looks through the page, and lists the comments anew where there are fewer than before.
func (s *source) compare(ctx context.Context, n *newest, items []jsontext.Value, out *connector.Sink) error {
	notes := make(map[int64]int64, len(n.before))
	for _, k := range n.before {
		notes[k.number] = k.notes
	}
	for _, raw := range items {
		var it wireItem
		if read(raw, &it, it.good) != nil { // rejected where it was read for itself
			continue
		}
		if it.Notes < notes[it.IID] {
			if err := s.item(ctx, &place{project: n.project, pull: n.pull, item: &it}, raw, out); err != nil {
				return err
			}
		}
		n.now = append(n.now, kept{it.IID, it.ID, it.Notes})
		n.url = strings.TrimSuffix(it.WebURL, id(it.IID))
	}
	return nil
}

// missing passes on what is not there any more. What is kept for the next read stands by number then.
func (s *source) missing(ctx context.Context, n *newest, out *connector.Sink) error {
	if len(n.now) == 0 && (!n.all || len(n.before) == 0) {
		n.now = n.before
		return nil
	}
	there, had := make(map[int64]bool, len(n.now)), make(map[int64]kept, len(n.before))
	from, to := int64(1), int64(0)
	for _, k := range n.before {
		had[k.number] = k
		to = max(to, k.number)
	}
	for _, k := range n.now {
		there[k.number] = true
		to = max(to, k.number)
	}
	if !n.all {
		from = slices.MinFunc(n.now, func(a, b kept) int { return cmp.Compare(a.number, b.number) }).number
	}
	asked := 0
	for number := max(from, to-maxRow); number <= to; number++ {
		k, known := had[number]
		switch {
		case there[number]:
			continue
		case len(n.before) == 0, known && k.id == 0: // it was missing when this was looked at for the first time
		case asked >= maxAsked: // in the next read
			if !known {
				continue
			}
			n.now = append(n.now, k)
			continue
		default:
			asked++
			if err := s.absent(ctx, n, number, k.id, out); err != nil {
				return err
			}
		}
		n.now = append(n.now, kept{number: number})
	}
	slices.SortFunc(n.now, func(a, b kept) int { return cmp.Compare(a.number, b.number) })
	return nil
}

// absent asks for a number that is not on the page, and says that it is deleted where it is not there; which is 0 for what
// no read has seen.
func (s *source) absent(ctx context.Context, n *newest, number, which int64, out *connector.Sink) error {
	_, err := s.client.Get(ctx, n.base+"/"+id(number), nil)
	if !rest.Gone(err) {
		if err != nil && !s.unseen(err) {
			return err
		}
		return nil
	}
	c := connector.Conversation{Thread: rootID(n.pull, which), Deleted: true, UpdatedAt: s.env.Now().UTC()}
	if which == 0 {
		if c.Thread, c.URL = "", n.url+id(number); n.url == "" {
			return nil
		}
	}
	out.Conversation(c)
	return nil
}

// formatKept writes what is kept as a short text: a cursor holds one of each project.
func formatKept(all []kept) string {
	var b []byte
	var last kept
	for _, k := range all {
		b = binary.AppendVarint(b, k.number-last.number)
		b = binary.AppendVarint(b, k.id-last.id)
		b = binary.AppendUvarint(b, uint64(max(0, k.notes))) //nolint:gosec // not below zero
		last = k
	}
	return base64.RawStdEncoding.EncodeToString(b)
}

// parseKept reads what formatKept has written; nil where it is something else, such as the time of a first read.
func parseKept(text string) []kept {
	b, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil {
		return nil
	}
	var all []kept
	var last kept
	for len(b) > 0 {
		number, n := binary.Varint(b)
		id, m := binary.Varint(b[max(0, n):])
		notes, o := binary.Uvarint(b[max(0, n)+max(0, m):])
		if n <= 0 || m <= 0 || o <= 0 {
			return nil
		}
		b = b[n+m+o:]
		last = kept{last.number + number, last.id + id, int64(notes)} //nolint:gosec // as it was written
		all = append(all, last)
	}
	return all
}
