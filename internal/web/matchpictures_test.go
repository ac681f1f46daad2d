// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"github.com/andybalholm/cascadia"

	"greenroom/internal/auth"
	"greenroom/internal/pictures"
)

// booth is a fake of what looks at pictures.
type booth struct{ *house }

func (b booth) Status(context.Context) (pictures.Status, error) {
	return pictures.Status{Settings: pictures.Settings{On: true}, Accounts: pictures.MostCounted, Told: 1204, Plain: 61, None: 18, Failed: 2}, nil
}

func (b booth) Save(_ context.Context, set pictures.Settings) error {
	b.note("on %v", set.On)
	return nil
}

func (b booth) Pictures(_ context.Context, state pictures.State, after int64, limit int) ([]pictures.Listed, error) {
	b.note("%s after %d", state, after)
	all := make([]pictures.Listed, limit)
	for i := range all {
		all[i] = pictures.Listed{Seen: pictures.Seen{Account: after + int64(i) + 1, Address: script, At: now, State: pictures.Failed, Problem: payload, Again: now}, Source: payload, Member: 7, Name: payload}
	}
	return all, nil
}

func (b booth) Forget(context.Context) (int, error) {
	b.note("forget")
	return 1285, nil
}

// TestPicturesPage lets everybody see what pictures say, a page at a time, and owners turn it on and off; forgetting turns it off
// first.
func TestPicturesPage(t *testing.T) {
	h := full(t)
	s := h.site()
	for role, want := range map[auth.Role][2]int{auth.RoleViewer: {0, 0}, auth.RoleManager: {0, 0}, auth.RoleOwner: {1, 1}} {
		page := parse(t, visit(t, s, role, "GET", picturesPath+"?state=failed&after=50", nil))
		for i, selector := range []string{"form[action='" + picturesPath + "']", "form[action='" + picturesPath + "/forget']"} {
			if got := len(cascadia.QueryAll(page, cascadia.MustCompile(selector))); got != want[i] {
				t.Errorf("%s sees %d of %s, want %d", role, got, selector, want[i])
			}
		}
		if got := len(cascadia.QueryAll(page, cascadia.MustCompile("tbody a[href='/members/7']"))); got != picturesShown {
			t.Errorf("%s sees %d members, want %d", role, got, picturesShown)
		}
		if got := len(cascadia.QueryAll(page, cascadia.MustCompile("a[href='"+picturesPath+"?after=100&state=failed']"))); got != 1 {
			t.Errorf("%s sees %d links to the next page, want 1", role, got)
		}
	}
	for _, step := range []struct {
		role   auth.Role
		path   string
		form   url.Values
		code   int
		change string
	}{
		{auth.RoleManager, "", url.Values{"on": {"on"}}, 403, ""},
		{auth.RoleOwner, "", url.Values{"on": {"on"}}, 303, "on true"},
		{auth.RoleOwner, "", url.Values{}, 303, "on false"},
		{auth.RoleManager, "/forget", nil, 403, ""},
		{auth.RoleOwner, "/forget", nil, 303, "on false|forget"},
	} {
		h.did = nil
		w := visit(t, s, step.role, "POST", picturesPath+step.path, step.form)
		if got := strings.Join(h.did, "|"); w.Code != step.code || got != step.change {
			t.Errorf("%s posts %v to %s: %d and %q, want %d and %q", step.role, step.form, step.path, w.Code, got, step.code, step.change)
		}
	}
	if w := visit(t, s, auth.RoleViewer, "GET", picturesPath+"?state=none-such", nil); w.Code != 422 {
		t.Errorf("a state that is none: %d, want 422", w.Code)
	}
}
