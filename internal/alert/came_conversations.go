// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package alert

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"greenroom"
	"greenroom/internal/list"
	"greenroom/internal/query"
)

// BasisTimes is what a preview over conversations rests on where the query asks how long they wait, and otherwise for what
// does not change: when they were opened, answered and resolved says when they came to fit.
const BasisTimes = "times"

// waited is a query over conversations of which their times say when one came to fit.
type waited struct {
	waits bool          // it is a question that nobody has answered yet
	after time.Duration // since it was opened
	rest  []query.Node  // what does not depend on time
}

// timed takes the parts of a query apart. why says what in it depends on more than a conversation's times; "" = nothing.
func timed(root query.Node) (w waited, why string) {
	parts := []query.Node{root}
	if and, ok := root.(*query.And); ok {
		parts = and.Nodes
	}
	for _, n := range parts {
		if after, open, ok := opened(n); ok {
			w.waits = w.waits || !open
			w.after = max(w.after, after)
			continue
		}
		query.Walk(n, func(n query.Node) bool {
			switch n := n.(type) {
			case *query.Text:
				why = "words may have come in with a reply"
			case *query.Term:
				if n.Field.Owner == query.Conversations && !lasting(n) {
					why = "when " + query.Format(n) + " came to hold is not kept"
				}
			}
			return why == ""
		})
		w.rest = append(w.rest, n)
	}
	return w, why
}

// longest is for how long anything is asked to wait: longer than there have been communities.
const longest = 100 * 365 * 24 * time.Hour

// opened reads a condition that a conversation begins to fit a while after it was opened, until somebody answers. open
// says that it need not be a question.
func opened(n query.Node) (after time.Duration, open, ok bool) {
	t, is := n.(*query.Term)
	if !is || t.Field.Owner != query.Conversations {
		return 0, false, false
	}
	switch {
	case t.Field.Attr == "waiting" && t.Op == query.Has:
		return 0, false, true
	case t.Field.Attr == "waiting":
		limits := t.Bounds()
		if len(limits) != 1 || limits[0].Low == limits[0].High {
			return 0, false, false
		}
		if math.IsInf(limits[0].Low, 0) {
			return 0, false, true
		}
		return time.Duration(min(limits[0].Low, longest.Seconds())) * time.Second, false, true
	case (t.Field.Attr == "is" || t.Field.Attr == "state") && len(t.Values) == 1:
		open = t.Values[0].Text == string(greenroom.StateOpen)
		return 0, open, open || t.Values[0].Text == "waiting"
	}
	return 0, false, false
}

// lasting reports whether a condition on a conversation says nothing that changes with time.
func lasting(t *query.Term) bool {
	switch t.Field.Attr {
	case "is":
		return !slices.ContainsFunc(t.Values, func(v query.Value) bool {
			return v.Text != "question" && v.Text != "staff" && v.Text != "bot"
		})
	case "source", "channel", "author", "kind", "title", "id", "topic", "category", "sentiment", "urgency", "language":
		return true
	}
	return false
}

// pastConversations goes through the conversations that came to fit in the last days, each at its time. It says why where
// that is not known.
func (s *Service) pastConversations(ctx context.Context, d *Draft, q *query.Query, p *Preview) (why string, err error) {
	w, why := timed(q.Root)
	if why != "" {
		return why, nil
	}
	now := s.now()
	from := now.AddDate(0, 0, -previewDays)
	text := fmt.Sprintf("-is:ignored since:%dd", previewDays+1+int(w.after/(24*time.Hour)))
	if w.waits {
		text += " is:question"
	}
	more, err := query.Parse(s.schemas[query.Conversations], text)
	if err != nil {
		return "", err //nolint:wrapcheck // it parses
	}
	at := make(map[int64]time.Time)
	req := list.Request{Query: &query.Query{Root: query.AllOf(append(w.rest, more.Root)...)}, Limit: list.MaxLimit}
	for {
		page, err := s.lists.ListConversations(ctx, req)
		if err != nil {
			return "", err //nolint:wrapcheck // its words are for people
		}
		for i := range page.Items {
			if came, ok := w.came(&page.Items[i]); ok && !came.Before(from) && !came.After(now) {
				at[page.Items[i].ID] = came
			}
		}
		if p.AtLeast = len(at) >= previewMost && page.Next != ""; page.Next == "" || p.AtLeast {
			break
		}
		req.Cursor = page.Next
	}
	ids := make([]int64, 0, len(at))
	for id := range at {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	matches, err := s.store.AlertSubjects(ctx, kindOf(query.Conversations), ids)
	if err != nil {
		return "", fmt.Errorf("reading which conversations came to fit: %w", err)
	}
	for i := range matches {
		matches[i].At = at[matches[i].Object.ID]
	}
	slices.SortStableFunc(matches, func(a, b Match) int { return a.At.Compare(b.At) })
	p.Basis = BasisTimes
	s.replay(d, p, matches)
	p.Says = fmt.Sprintf("It would have fired %s in the last %d days", times(p.Times, p.AtLeast), previewDays)
	if p.Times == 0 {
		p.Says = fmt.Sprintf("It would not have fired in the last %d days", previewDays)
	}
	p.Says += ", going by when conversations were opened, answered and resolved; what else the query asks for is taken as it is today."
	return "", nil
}

// came says when a conversation came to fit, if it did: it was still open by then.
func (w *waited) came(c *greenroom.Conversation) (at time.Time, ok bool) {
	at = c.OpenedAt.Add(w.after)
	if !w.waits {
		return at, true
	}
	for _, end := range []time.Time{c.FirstResponseAt, c.ResolvedAt} {
		if !end.IsZero() && !end.After(at) {
			return at, false
		}
	}
	return at, true
}
