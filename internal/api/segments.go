// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"greenroom"
	"greenroom/internal/auth"
	"greenroom/internal/list"
	"greenroom/internal/query"
	"greenroom/internal/segment"
)

// Segments are saved queries over members; segment.Service keeps them.
type Segments interface {
	List(ctx context.Context, archived bool) ([]segment.Segment, error)
	Get(ctx context.Context, ref string) (segment.Segment, error)
	Add(ctx context.Context, d segment.Draft, by string) (segment.Segment, error)
	Edit(ctx context.Context, ref string, c segment.Change, by string) (segment.Segment, error)
	Archive(ctx context.Context, ref, by string) (segment.Segment, error)
	Restore(ctx context.Context, ref, by string) (segment.Segment, error)
	SegmentHistory
}

// SegmentHistory tells who was in segments.
type SegmentHistory interface {
	Queries(ctx context.Context, ref string) ([]segment.Version, error)
	UsedBy(ctx context.Context, ref string) ([]segment.Segment, error)
	Events(ctx context.Context, ref string, f segment.Filter) ([]segment.Event, error)
	Feed(ctx context.Context, after int64, limit int) ([]segment.Event, error)
	Sizes(ctx context.Context, of []segment.Segment, days int) (map[int64][]segment.Size, error)
	AsOf(ctx context.Context, ref string, at time.Time) ([]int64, error)
	Compare(ctx context.Context, a, b string) (segment.Overlap, error)
}

const (
	maxSegmentEvents = 500
	maxSegmentDays   = 3660
)

func (a *api) segmentOps() []op {
	if a.Segments == nil {
		return nil
	}
	ref := nameParam("segment", "The segment's key, or its name.", "helpers")
	one := content{of: segment.Segment{}, example: exampleSegment()}
	do := func(f func(c *call, ref string) (segment.Segment, error)) func(*call) (answer, error) {
		return func(c *call) (answer, error) {
			g, err := f(c, c.text("segment"))
			if err != nil {
				return answer{}, err
			}
			return ok(g)
		}
	}
	name := "Thank them"
	conflict := []greenroom.Code{greenroom.CodeConflict}
	return append([]op{
		{
			method: http.MethodGet, path: "/segments", id: "listSegments", tag: "Segments", need: auth.Read,
			summary: "List segments", text: "All segments by name, with how many members they have. In a query, `segment:KEY` stands for the members of one.",
			params: []param{{name: "archived", form: formFlag, initial: "false", text: "Those that were archived instead."}},
			reply:  content{of: Items[segment.Segment]{}, example: Items[segment.Segment]{Items: []segment.Segment{exampleSegment()}}},
			do: func(c *call) (answer, error) {
				all, err := a.Segments.List(c.ctx(), c.flag("archived"))
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
		{
			method: http.MethodPost, path: "/segments", id: "createSegment", tag: "Segments", need: auth.Write, status: http.StatusCreated, repeatable: true, codes: conflict, timeout: actionTimeout,
			summary: "Make a segment", text: "Saves a query over members, finds who is in it, and works out its last weeks where its query speaks of activity.",
			body:  &content{of: segment.Draft{}, text: "What the segment is.", example: segment.Draft{Name: "Helpers", Query: exampleSegment().Query}},
			reply: one,
			do: func(c *call) (answer, error) {
				d, err := decode[segment.Draft](c)
				if err != nil {
					return answer{}, err
				}
				g, err := a.Segments.Add(c.ctx(), d, c.by())
				if err != nil {
					return answer{}, err
				}
				return ok(g)
			},
		},
		{
			method: http.MethodGet, path: "/segments/{segment}", id: "getSegment", tag: "Segments", need: auth.Read, params: []param{ref}, reply: one,
			summary: "A segment", text: "What it is and how many members it has.",
			do: do(func(c *call, ref string) (segment.Segment, error) { return a.Segments.Get(c.ctx(), ref) }),
		},
		{
			method: http.MethodPatch, path: "/segments/{segment}", id: "changeSegment", tag: "Segments", need: auth.Write, params: []param{ref}, reply: one, codes: conflict, timeout: actionTimeout,
			summary: "Change a segment", text: "What is not sent stays. With another query, its members are found again; the queries it has had are kept. Its key never changes.",
			body: &content{of: segment.Change{}, text: "What to change.", example: segment.Change{Name: &name}},
			do: do(func(c *call, ref string) (segment.Segment, error) {
				change, err := decode[segment.Change](c)
				if err != nil {
					return segment.Segment{}, err
				}
				if change == (segment.Change{}) {
					return segment.Segment{}, greenroom.Errorf(greenroom.CodeInvalid, "the body names nothing to change")
				}
				return a.Segments.Edit(c.ctx(), ref, change, c.by())
			}),
		},
		{
			method: http.MethodPost, path: "/segments/{segment}/archive", id: "archiveSegment", tag: "Segments", need: auth.Write, params: []param{ref}, reply: one, codes: conflict,
			summary: "Archive a segment", text: "It is evaluated no more and cannot be named in queries. Its history stays. One that the query of another segment names cannot be archived.",
			do: do(func(c *call, ref string) (segment.Segment, error) { return a.Segments.Archive(c.ctx(), ref, c.by()) }),
		},
		{
			method: http.MethodPost, path: "/segments/{segment}/restore", id: "restoreSegment", tag: "Segments", need: auth.Write, params: []param{ref}, reply: one, codes: conflict, timeout: actionTimeout,
			summary: "Restore a segment", text: "Takes back that it was archived. Who came and went meanwhile counts as of now.",
			do: do(func(c *call, ref string) (segment.Segment, error) { return a.Segments.Restore(c.ctx(), ref, c.by()) }),
		},
	}, a.segmentHistoryOps(ref)...)
}

func (a *api) segmentHistoryOps(ref param) []op {
	limit := param{name: "limit", form: formInteger, min: 1, max: maxSegmentEvents, initial: "100", text: "How many at most.", example: "100"}
	at := exampleTime(20)
	event := segment.Event{ID: 310, SegmentID: 3, Segment: "helpers", MemberID: 42, Member: "Ana Torres", At: at, Entered: true, Cause: segment.CauseFacts, Reason: "did answer in the last 90 days at least 10 times", Version: 1}
	events := content{of: Items[segment.Event]{}, example: Items[segment.Event]{Items: []segment.Event{event}}}
	return []op{
		{
			method: http.MethodGet, path: "/segments/{segment}/members", id: "listSegmentMembers", tag: "Segments", need: auth.Read, paged: true,
			summary: "Who is in a segment, or was", text: "A page of members, the same as the list of members gives with `segment:KEY`. With `as_of`, those who were in it at the end of a day, as the members that they are now.",
			params: append([]param{
				ref,
				{name: "as_of", form: formText, text: "A day.", example: "2026-10-31"},
				{name: "count", form: formFlag, initial: "false", text: "Also count them all, up to 10,000."},
			}, pageParams(strconv.Itoa(list.DefaultLimit), list.MaxLimit)...),
			reply: content{of: Page[greenroom.Member]{}, example: Page[greenroom.Member]{Items: []greenroom.Member{exampleMember()}}},
			do:    a.segmentMembers,
		},
		{
			method: http.MethodGet, path: "/segments/{segment}/events", id: "listSegmentEvents", tag: "Segments", need: auth.Read, reply: events,
			summary: "Who entered and left, and why", text: "The newest first. For the next page give the last id as `below`. Events of a `cause` other than facts, time and segment are no coming or going of a person.",
			params: []param{
				ref,
				{name: "people", form: formFlag, initial: "false", text: "Only comings and goings of people."},
				{name: "member", form: formInteger, min: 1, text: "Only of one member, by id.", example: "42"},
				{name: "below", form: formInteger, min: 1, text: "Only events with a lower id.", example: "310"},
				limit,
			},
			do: func(c *call) (answer, error) {
				all, err := a.Segments.Events(c.ctx(), c.text("segment"), segment.Filter{People: c.flag("people"), Member: c.integer("member"), Below: c.integer("below"), Limit: int(c.integer("limit"))})
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
		{
			method: http.MethodGet, path: "/segment-events", id: "followSegments", tag: "Segments", need: auth.Read, reply: events,
			summary: "Follow who enters and leaves", text: "The events of all segments in the order in which they were stored. Whoever remembers the last id and gives it as `after` sees each event once.",
			params: []param{{name: "after", form: formInteger, initial: "0", text: "Only events with a higher id.", example: "310"}, limit},
			do: func(c *call) (answer, error) {
				all, err := a.Segments.Feed(c.ctx(), c.integer("after"), int(c.integer("limit")))
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
		{
			method: http.MethodGet, path: "/segments/{segment}/sizes", id: "listSegmentSizes", tag: "Segments", need: auth.Read,
			summary: "How large a segment was", text: "Its size at the end of each day, and how many people entered and left on it. The last day is today. Days before its history begins are left out.",
			params: []param{ref, {name: "days", form: formInteger, min: 1, max: maxSegmentDays, initial: "90", text: "How many days.", example: "30"}},
			reply:  content{of: Items[segment.Size]{}, example: Items[segment.Size]{Items: []segment.Size{{Day: at, Size: 18, Entered: 1}}}},
			do: func(c *call) (answer, error) {
				g, err := a.Segments.Get(c.ctx(), c.text("segment"))
				if err != nil {
					return answer{}, err
				}
				all, err := a.Segments.Sizes(c.ctx(), []segment.Segment{g}, int(c.integer("days")))
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all[g.ID])
			},
		},
		{
			method: http.MethodGet, path: "/segments/{segment}/queries", id: "listSegmentQueries", tag: "Segments", need: auth.Read, params: []param{ref},
			summary: "The queries that a segment has had", text: "The newest first.",
			reply: content{of: Items[segment.Version]{}, example: Items[segment.Version]{Items: []segment.Version{{Version: 1, Query: exampleSegment().Query, By: "ana@acme.example", At: at}}}},
			do: func(c *call) (answer, error) {
				all, err := a.Segments.Queries(c.ctx(), c.text("segment"))
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
		{
			method: http.MethodGet, path: "/segments/{segment}/overlap", id: "compareSegments", tag: "Segments", need: auth.Read,
			summary: "Compare two segments", text: "Counts who is in both, and who is in one of them only, each with the query that lists them.",
			params: []param{ref, {name: "with", form: formText, required: true, text: "The other segment, by key or name.", example: "gone-quiet"}},
			reply:  content{of: segment.Overlap{}, example: segment.Overlap{A: exampleSegment(), B: exampleSegment(), Both: segment.Part{Members: 2, Query: "segment:helpers segment:gone-quiet"}}},
			do: func(c *call) (answer, error) {
				o, err := a.Segments.Compare(c.ctx(), c.text("segment"), c.text("with"))
				if err != nil {
					return answer{}, err
				}
				return ok(o)
			},
		},
	}
}

func (a *api) segmentMembers(c *call) (answer, error) {
	g, err := a.Segments.Get(c.ctx(), c.text("segment"))
	if err != nil {
		return answer{}, err
	}
	text := segment.Named(g.Key)
	if day := c.text("as_of"); day != "" {
		at, err := time.ParseInLocation(time.DateOnly, day, a.Now().Location())
		if err != nil {
			return answer{}, wrong("as_of", "as_of is a day such as 2026-10-31, not %q", day)
		}
		if end := at.AddDate(0, 0, 1); end.Before(g.HistoryFrom) {
			return answer{}, wrong("as_of", "the history of %s begins on %s", g.Name, g.HistoryFrom.In(at.Location()).Format(time.DateOnly))
		}
		text += "@" + day
	}
	q, err := query.Parse(a.schemas[query.Members], text)
	if err != nil {
		return answer{}, err //nolint:wrapcheck // keys and days parse
	}
	p, err := a.Lists.ListMembers(c.ctx(), list.Request{Query: q, Cursor: c.text("cursor"), Limit: int(c.integer("limit")), Count: c.flag("count")})
	if err != nil {
		return answer{}, err
	}
	page := Page[greenroom.Member]{Items: p.Items, Next: p.Next, Prev: p.Prev}
	if p.Total >= 0 && c.flag("count") {
		page.Total = &p.Total
	}
	return pageOf(c, page)
}

func exampleSegment() segment.Segment {
	at := exampleTime(2)
	return segment.Segment{ID: 3, Key: "helpers", Name: "Helpers", Query: "did:answer since:90d count:>=10 -is:staff", Owner: "ana@acme.example", Version: 1, Size: 18, CreatedAt: at, ChangedAt: at, EvaluatedAt: exampleTime(20), HistoryFrom: at}
}

// segmentDocs says what the fields of segments are.
func segmentDocs() map[string]string {
	return map[string]string{
		"Segment": "A saved query over members that remembers who was in it.", "SegmentVersion": "A query that a segment has, or had.", "SegmentSize": "A day of a segment.", "SegmentEvent": "Somebody entered a segment, or left it.",
		"SegmentChange": "What to change of a segment. What is not sent stays.", "SegmentDraft": "The segment to make.", "SegmentOverlap": "How two segments compare.", "SegmentPart": "A number of members with the query that lists them.",
		"Segment.key": "How queries name it; never changes.", "Segment.name": "How people call it.", "Segment.query": "Over members, as Greenroom writes it.", "Segment.description": "What it is for.", "Segment.color": "A color for people's eyes.", "Segment.owner": "Who looks after it.",
		"Segment.version": "Of the query, from 1 on.", "Segment.size": "Members in it.", "Segment.created_at": "When it was made.", "Segment.changed_at": "When it was changed last.", "Segment.archived_at": "When it was archived; left out where it is not.",
		"Segment.evaluated_at": "As of when its members are known.", "Segment.history_from": "Since when its history says who was in it.", "Segment.problem": "Why it could not be evaluated; its members stay as they were.",
		"SegmentVersion.version": "Its number.", "SegmentVersion.query": "The query.", "SegmentVersion.by": "Who said so.", "SegmentVersion.at": "When.",
		"SegmentSize.day": "The day's first moment.", "SegmentSize.size": "Members at its end.", "SegmentSize.entered": "People who entered.", "SegmentSize.left": "People who left.",
		"SegmentEvent.segment_id": "The segment's id.", "SegmentEvent.segment": "The segment's key.", "SegmentEvent.member_id": "The member then; one that was merged since leads to the one it is part of.", "SegmentEvent.member": "By name.", "SegmentEvent.at": "When it was found.",
		"SegmentEvent.entered": "false: left.", "SegmentEvent.cause": "What made it so. Only facts, time and segment are a person's coming or going.", "SegmentEvent.reason": "In words: which conditions hold now, or no longer hold.", "SegmentEvent.version": "Of the query.",
		"SegmentDraft.name": "How people call it.", "SegmentDraft.query": "Over members.", "SegmentDraft.description": "What it is for.", "SegmentDraft.color": "blue, green, orange, purple, red or teal.", "SegmentDraft.key": "How queries name it; made from the name where it is left out.", "SegmentDraft.owner": "Who looks after it; whoever makes it where it is left out.",
		"SegmentChange.name": "How people call it.", "SegmentChange.query": "Over members.", "SegmentChange.description": "What it is for.", "SegmentChange.color": "A color; empty for none.", "SegmentChange.owner": "Who looks after it.",
		"SegmentOverlap.a": "The one.", "SegmentOverlap.b": "The other.", "SegmentOverlap.both": "Who is in both.", "SegmentOverlap.only_a": "Who is in the one only.", "SegmentOverlap.only_b": "Who is in the other only.", "SegmentOverlap.either": "Who is in one of them at least.",
		"SegmentPart.members": "How many.", "SegmentPart.query": "The query that lists them.",
	}
}
