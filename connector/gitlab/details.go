// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package gitlab

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"greenroom"
	"greenroom/connector"
)

// item pushes an issue or a merge request as the API has it, with what happened to it.
func (s *source) item(ctx context.Context, p *place, raw []byte, out *connector.Sink) error {
	it := p.item
	if p.hidden = it.Confidential && !s.set.On(optConfidential); p.hidden {
		out.LeftOut("confidential issues", 1)
	}
	ref := out.Raw(raw)
	s.opened(p, s.person(it.Author, out), ref, out)
	resolved := s.merged(p, ref, out)
	p.listed = &listed{}
	if !it.untouched() {
		last, err := s.history(ctx, p, out)
		if err != nil {
			return err
		}
		if it.State == "closed" {
			if resolved = last; resolved == "" {
				resolved = s.closed(p, ref, out)
			}
		}
	}
	switch s.set.Text(optReactions) {
	case reactionsNone:
	case reactionsAll:
		p.listed.kinds = append(p.listed.kinds, greenroom.KindReaction)
		fallthrough
	default:
		if err := s.awards(ctx, p, p.path(), "", out); err != nil {
			return err
		}
	}
	p.conversation(resolved, out)
	return nil
}

// history reads the discussions and the states of an issue or a merge request, and returns the id of what closed it last.
func (s *source) history(ctx context.Context, p *place, out *connector.Sink) (closedBy string, err error) {
	closedBy, err = s.discussions(ctx, p, out)
	if err != nil {
		return "", err
	}
	line := int64(0)
	_, err = s.under(ctx, p.path(), listStates, func(raw jsontext.Value) error { // servers before 13.2 have them among the comments alone
		line++
		out.Read(1)
		var e wireState
		if err := read(raw, &e, func() bool { return e.ID != 0 && !e.CreatedAt.IsZero() }); err != nil {
			reject(out, p.path()+"/"+listStates, line, raw, err)
			return nil
		}
		if external, closed := s.state(p, &e, out.Raw(raw), out); closed {
			closedBy = external
		}
		return nil
	})
	return closedBy, err
}

// discussions reads all comments of an issue or a merge request, with what GitLab notes itself among them.
func (s *source) discussions(ctx context.Context, p *place, out *connector.Sink) (closedBy string, err error) {
	n := notes{source: s, place: p, out: out, approvals: map[int64]approval{}}
	p.listed.kinds = append(p.listed.kinds, greenroom.KindComment)
	shown, err := s.under(ctx, p.path(), listDiscussions, func(raw jsontext.Value) error {
		if n.line++; n.line == 1 {
			p.listed.asOf(s.answered) // before other lists are asked for
		}
		var d wireDiscussion
		if err := read(raw, &d, func() bool { return len(d.Notes) > 0 }); err != nil {
			p.listed.part = true
			reject(out, p.path()+"/"+listDiscussions, n.line, raw, err)
			return nil
		}
		first := int64(0)
		for _, item := range d.Notes {
			number, err := n.one(ctx, item, first)
			switch {
			case errors.Is(err, errRecord):
				p.listed.part = true
				reject(out, p.path()+"/"+listDiscussions, n.line, item, err)
			case err != nil:
				return err
			case first == 0:
				first = number
			}
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	p.listed.end(n.line, shown, s.answered)
	return n.closedBy, s.approvals(ctx, &n)
}

// notes is the reading of one item's comments.
type notes struct {
	*source
	*place
	out       *connector.Sink
	line      int64
	closedBy  string
	approvals map[int64]approval // by person: the last word
}

// approval is that somebody approved a merge request, or took it back.
type approval struct {
	on  bool
	at  time.Time
	ref connector.RawRef
}

// one passes on a comment and returns its number.
func (n *notes) one(ctx context.Context, raw []byte, first int64) (int64, error) {
	n.out.Read(1)
	var v wireNote
	if err := read(raw, &v, func() bool { return v.ID != 0 && !v.CreatedAt.IsZero() }); err != nil {
		return 0, err
	}
	if v.System {
		n.system(&v, raw)
		return v.ID, nil
	}
	at := *n.place
	if v.hidden() && !n.set.On(optConfidential) {
		if !at.hidden {
			n.out.LeftOut("internal comments", 1)
		}
		at.hidden = true
	}
	n.listed.ids = append(n.listed.ids, noteID(v.ID))
	n.comment(&at, &v, first, n.person(v.Author, n.out), n.out.Raw(raw), n.out)
	if n.set.Text(optReactions) == reactionsAll {
		return v.ID, n.awards(ctx, &at, n.path()+"/notes/"+id(v.ID), noteID(v.ID), n.out)
	}
	return v.ID, nil
}

// system passes on what GitLab notes itself. It writes these texts in English whatever the language of the people; in old
// projects they begin with a capital letter.
func (n *notes) system(v *wireNote, raw []byte) {
	text := strings.TrimSpace(clean(v.Body))
	line, _, _ := strings.Cut(text, "\n")
	lower := strings.ToLower(line)
	starts := func(words ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(lower, w) })
	}
	a := connector.Activity{ExternalID: noteID(v.ID), OccurredAt: v.CreatedAt.Time, ReplyTo: n.root(), Title: line, URL: n.url()}
	switch {
	case n.pull && v.Author != nil && starts("approved this merge request", "unapproved this merge request"):
		n.person(v.Author, n.out)
		if last, known := n.approvals[v.Author.ID]; !known || !v.CreatedAt.Before(last.at) {
			n.approvals[v.Author.ID] = approval{on: starts("approved"), at: v.CreatedAt.Time, ref: n.out.Raw(raw)}
		}
		return
	case n.pull && starts("requested changes"):
		a.Kind = greenroom.KindReview
	case lower == "closed" || starts("closed via", "closed in", "status changed to closed"):
		a.Kind, a.Title = greenroom.KindClose, clean(n.place.item.Title)
		n.closedBy = a.ExternalID
	case lower == "reopened" || starts("reopened via", "status changed to reopened"):
		a.Kind, a.Title = greenroom.KindReopen, clean(n.place.item.Title)
	case lower == "merged" || starts("merged manually", "status changed to merged"):
		return // the merge request itself tells it
	case starts("mentioned in", "added ", "made mentions") && !starts("added label", "added ~", "added due"):
		n.out.LeftOut("notes of commits and mentions", 1)
		return
	default:
		a.Kind = greenroom.KindModeration
	}
	a.Author, a.Raw = n.person(v.Author, n.out), n.out.Raw(raw)
	n.tell(a, n.out)
}

// approvals pushes who has approved a merge request. What the notes say is checked against the list of approvals, which a
// push of commits may have emptied without a note.
func (s *source) approvals(ctx context.Context, n *notes) error {
	if len(n.approvals) == 0 {
		return nil
	}
	var now struct {
		By *[]struct {
			User *wireUser `json:"user"`
		} `json:"approved_by"`
	}
	switch _, err := s.client.Into(ctx, n.path()+"/approvals", nil, &now); {
	case s.unseen(err):
	case err != nil:
		return err
	case now.By != nil:
		holds := map[int64]bool{}
		for i := range *now.By {
			if u := (*now.By)[i].User; u != nil {
				holds[u.ID] = true
			}
		}
		for who, a := range n.approvals {
			if a.on && !holds[who] {
				n.approvals[who] = approval{at: later(a.at, n.place.item.UpdatedAt.Time), ref: a.ref}
			}
		}
	}
	for _, who := range slices.Sorted(maps.Keys(n.approvals)) {
		a, external := n.approvals[who], "approval/"+id(n.place.item.ID)+"/"+id(who)
		if !a.on {
			deleted(external, a.at, a.ref, n.out)
			continue
		}
		n.tell(connector.Activity{
			ExternalID: external, Kind: greenroom.KindReview, Author: id(who), OccurredAt: a.at, ReplyTo: n.root(), Title: "approved", URL: n.url(), Raw: a.ref,
		}, n.out)
	}
	return nil
}

// awards reads the emoji on an issue, a merge request or a comment.
func (s *source) awards(ctx context.Context, p *place, path, on string, out *connector.Sink) error {
	line := int64(0)
	shown, err := s.under(ctx, path, listEmoji, func(raw jsontext.Value) error {
		line++
		out.Read(1)
		var e wireAward
		if err := read(raw, &e, func() bool { return e.ID != 0 && !e.CreatedAt.IsZero() }); err != nil {
			p.listed.part = true
			reject(out, path+"/"+listEmoji, line, raw, err)
			return nil
		}
		p.listed.ids = append(p.listed.ids, awardID(e.ID))
		s.award(p, &e, on, s.person(e.User, out), out.Raw(raw), out)
		return nil
	})
	p.listed.end(line, shown, s.answered)
	return err
}
