// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"greenroom"
	"greenroom/internal/auth"
	"greenroom/internal/segment"
)

// club is a fake of segments with one in it.
type club struct{ *fake }

func (c club) one() segment.Segment {
	return segment.Segment{ID: 3, Key: "helpers", Name: "Helpers", Query: "is:new", Owner: "ana", Version: 1, Size: 1, CreatedAt: now, ChangedAt: now, HistoryFrom: now.AddDate(0, -1, 0)}
}

func (c club) List(context.Context, bool) ([]segment.Segment, error) {
	return []segment.Segment{c.one()}, c.err
}

func (c club) Get(_ context.Context, ref string) (segment.Segment, error) {
	if ref != "helpers" && c.err == nil {
		return segment.Segment{}, greenroom.Errorf(greenroom.CodeNotFound, "there is no segment %q", ref)
	}
	return c.one(), c.err
}

func (c club) Add(_ context.Context, d segment.Draft, by string) (segment.Segment, error) {
	c.did = append(c.did, fmt.Sprintf("add %s by %s", d.Name, by))
	return c.one(), c.err
}

func (c club) Edit(_ context.Context, _ string, _ segment.Change, _ string) (segment.Segment, error) {
	return c.one(), c.err
}

func (c club) Archive(context.Context, string, string) (segment.Segment, error) {
	return c.one(), c.err
}

func (c club) Restore(context.Context, string, string) (segment.Segment, error) {
	return c.one(), c.err
}

func (c club) Queries(context.Context, string) ([]segment.Version, error) {
	return []segment.Version{{Version: 1, Query: "is:new", By: "ana", At: now}}, c.err
}

func (c club) UsedBy(context.Context, string) ([]segment.Segment, error) { return nil, c.err }

func (c club) Events(context.Context, string, segment.Filter) ([]segment.Event, error) {
	return []segment.Event{{ID: 1, SegmentID: 3, Segment: "helpers", MemberID: 42, Member: "Ana", At: now, Entered: true, Cause: segment.CauseTime, Version: 1}}, c.err
}

func (c club) Feed(ctx context.Context, _ int64, _ int) ([]segment.Event, error) {
	return c.Events(ctx, "", segment.Filter{})
}

func (c club) Sizes(context.Context, []segment.Segment, int) (map[int64][]segment.Size, error) {
	return map[int64][]segment.Size{3: {{Day: now, Size: 1}}}, c.err
}

func (c club) AsOf(context.Context, string, time.Time) ([]int64, error) { return []int64{42}, c.err }

func (c club) Compare(context.Context, string, string) (segment.Overlap, error) {
	return segment.Overlap{A: c.one(), B: c.one(), Both: segment.Part{Members: 1, Query: "segment:helpers"}}, c.err
}

// What cannot be answered is said with its status; TestEveryOperation asks for the rest.
func TestSegments(t *testing.T) {
	c := newClient(t, newFake(t).handler(t), user(auth.RoleOwner))
	for _, ask := range []struct {
		method, path, body string
		want               int
	}{
		{"GET", "/segments/nobody", "", 404},
		{"PATCH", "/segments/helpers", `{}`, 400},
		{"GET", "/segments/helpers/members?as_of=2020-01-01", "", 400},
		{"GET", "/segments/helpers/members?as_of=yesterday", "", 400},
		{"GET", "/segments/helpers/overlap", "", 400},
	} {
		res := c.do(t, ask.method, base+ask.path, ask.body)
		if res.Code != ask.want {
			t.Errorf("%s %s answers %d, want %d: %s", ask.method, ask.path, res.Code, ask.want, strings.TrimSpace(res.Body.String()))
		}
	}
}
