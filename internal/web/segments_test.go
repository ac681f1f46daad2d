// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"

	"greenroom"
	"greenroom/internal/auth"
	"greenroom/internal/segment"
)

// club is a fake of segments with one in it.
type club struct{ *house }

func (c club) one() segment.Segment {
	return segment.Segment{ID: 3, Key: "helpers", Name: "Helpers " + payload, Query: "is:new", Description: payload, Owner: payload, Version: 2, Size: 4, CreatedAt: now, ChangedAt: now, EvaluatedAt: now, HistoryFrom: now.AddDate(0, -3, 0), Problem: payload}
}

func (c club) List(_ context.Context, archived bool) ([]segment.Segment, error) {
	other := c.one()
	other.ID, other.Key, other.Name = 4, "other", "Other"
	if archived {
		other.Key, other.ArchivedAt = "gone", now
		return []segment.Segment{other}, nil
	}
	return []segment.Segment{c.one(), other}, nil
}

func (c club) Get(_ context.Context, ref string) (segment.Segment, error) {
	if ref != "helpers" {
		return segment.Segment{}, greenroom.Errorf(greenroom.CodeNotFound, "there is no segment %q", ref)
	}
	return c.one(), nil
}

func (c club) Add(_ context.Context, d segment.Draft, by string) (segment.Segment, error) {
	if d.Name == "" {
		return segment.Segment{}, greenroom.Errorf(greenroom.CodeInvalid, "a segment needs a name")
	}
	c.note("segment %s of %s by %s", d.Name, d.Query, by)
	return c.one(), nil
}

func (c club) Edit(_ context.Context, ref string, change segment.Change, by string) (segment.Segment, error) {
	c.note("edit %s to %s by %s", ref, *change.Query, by)
	return c.one(), nil
}

func (c club) Archive(_ context.Context, ref, by string) (segment.Segment, error) {
	c.note("archive %s by %s", ref, by)
	return c.one(), nil
}

func (c club) Restore(_ context.Context, ref, by string) (segment.Segment, error) {
	c.note("restore %s by %s", ref, by)
	return c.one(), nil
}

func (c club) Queries(context.Context, string) ([]segment.Version, error) {
	return []segment.Version{{Version: 2, Query: "is:new", By: payload, At: now}, {Version: 1, Query: payload, By: payload, At: now}}, nil
}

func (c club) UsedBy(context.Context, string) ([]segment.Segment, error) {
	return []segment.Segment{c.one()}, nil
}

func (c club) Events(context.Context, string, segment.Filter) ([]segment.Event, error) {
	return []segment.Event{{ID: 1, SegmentID: 3, MemberID: 7, Member: payload, At: now, Entered: true, Cause: segment.CauseTime, Reason: payload}, {ID: 2, MemberID: 8, At: now, Cause: segment.CauseMade}}, nil
}

func (c club) Sizes(context.Context, []segment.Segment, int) (map[int64][]segment.Size, error) {
	var days []segment.Size
	for i := range 40 {
		days = append(days, segment.Size{Day: now.AddDate(0, 0, i-39), Size: int64(i), Entered: 1})
	}
	return map[int64][]segment.Size{3: days}, nil
}

func (c club) Compare(context.Context, string, string) (segment.Overlap, error) {
	return segment.Overlap{A: c.one(), B: c.one(), Both: segment.Part{Members: 1, Query: "segment:a segment:b"}, Either: segment.Part{Members: 3}}, nil
}

// TestBuildSegment: the lines and the text of the form say the same, whichever was changed.
func TestBuildSegment(t *testing.T) {
	h := full(t)
	s := h.site()
	form := func(target string) *html.Node {
		t.Helper()
		return parse(t, visit(t, s, auth.RoleManager, "GET", target, nil))
	}
	text := func(page *html.Node) string {
		return cascadia.Query(page, cascadia.MustCompile("textarea[name=q]")).FirstChild.Data
	}
	has := func(page *html.Node, selectors ...string) {
		t.Helper()
		for _, selector := range selectors {
			if cascadia.Query(page, cascadia.MustCompile(selector)) == nil {
				t.Errorf("the form lacks %s", selector)
			}
		}
	}
	page := form("/segments/new?q=" + url.QueryEscape("last_active:>30d (tag:vip or -has:org) did:answer in:#help since:90d count:>=3"))
	has(page, "select[name=o0] option[value=ago][selected]", "input[name=v0][value='30']", "input[name=g1][value='1']", "select[name=o2] option[value=none][selected]", "select[name=v3] option[value=answer][selected]", "input[name=in3][value=help]", "input[name=count3][value='3']", "button[value=into-1]")

	// Clicking: another value, a line more, another field.
	page = form("/segments/new?q=tag:vip&was=tag:vip&lines=1&join=all&g0=0&w0=tag&f0=tag&o0=is&v0=champion,+%22a,b%22&do=add")
	if got := text(page); got != `tag:champion,"a,b"` {
		t.Errorf("clicking gives %q", got)
	}
	has(page, "select[name=f1] option[value=tag][selected]", "input[name=was]")
	page = form("/segments/new?q=tag:vip&was=tag:vip&lines=1&join=all&g0=0&w0=tag&f0=is&o0=is&v0=vip")
	if got := text(page); got != "is:staff" {
		t.Errorf("another field gives %q", got)
	}
	page = form("/segments/new?q=tag:vip&was=tag:vip&lines=3&join=any&g0=0&w0=tag&f0=tag&o0=is&v0=vip&g1=1&w1=tag&f1=tag&o1=is&v1=a&g2=1&w2=activities&f2=activities&o2=least&v2=5&do=drop-0")
	if got := text(page); got != "tag:a activities:>=5" {
		t.Errorf("a group gives %q", got)
	}
	// Typing wins where the text was changed; a mistake is shown and loses nothing.
	page = form("/segments/new?q=is:new&was=tag:vip&lines=1&join=all&g0=0&w0=tag&f0=tag&o0=is&v0=vip")
	has(page, "select[name=f0] option[value=is][selected]", "select[name=v0] option[value=new][selected]")
	page = form("/segments/new?q=is:nwe&was=tag:vip&lines=1&join=all&g0=0&w0=tag&f0=tag&o0=is&v0=vip")
	has(page, ".query-error", "input[name=v0][value=vip]", "input[name=was][value='tag:vip']")

	w := visit(t, s, auth.RoleManager, "POST", "/segments/new", url.Values{"name": {"Mine"}, "q": {"tag:vip"}, "was": {"tag:vip"}, "lines": {"1"}, "f0": {"tag"}, "w0": {"tag"}, "o0": {"not"}, "v0": {"vip"}})
	if w.Code != 303 || !strings.HasPrefix(w.Header().Get("Location"), "/segments/helpers?") || !strings.Contains(strings.Join(h.did, "\n"), "segment Mine of -tag:vip by ") {
		t.Errorf("saving: %d to %s, did %v", w.Code, w.Header().Get("Location"), h.did)
	}
	w = visit(t, s, auth.RoleManager, "POST", "/segments/new", url.Values{"q": {"tag:vip"}})
	if w.Code != 422 || !strings.Contains(w.Body.String(), "A segment needs a name.") {
		t.Errorf("without a name: %d", w.Code)
	}
	w = visit(t, s, auth.RoleManager, "POST", "/segments/helpers/archive", url.Values{})
	page = parse(t, visit(t, s, auth.RoleManager, "GET", w.Header().Get("Location"), nil))
	has(page, "main > .flash form[action='/segments/helpers/restore'][method=post]")
	for _, target := range []string{"/segments/new", "/segments/helpers/edit"} {
		if w := visit(t, s, auth.RoleViewer, "GET", target, nil); w.Code != 403 {
			t.Errorf("%s as a viewer: %d", target, w.Code)
		}
	}
	w = visit(t, s, auth.RoleViewer, "GET", "/segments/helpers/members.csv", nil)
	if got := w.Header().Get("Content-Type"); w.Code != 200 || got != "text/csv; charset=utf-8" || !strings.HasPrefix(w.Body.String(), "id,name,") {
		t.Errorf("CSV: %d %s", w.Code, got)
	}
}
