// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"github.com/andybalholm/cascadia"

	"greenroom"
	"greenroom/internal/auth"
	"greenroom/internal/organization"
)

// firm is a fake of organizations that may be one.
type firm struct{ *house }

func (f firm) Merge(_ context.Context, kept, gone int64, reason, by string) (greenroom.OrganizationMerge, error) {
	f.note("merge %d into %d by %s: %s", gone, kept, by, reason)
	return greenroom.OrganizationMerge{ID: 3, Gone: gone, GoneName: payload, Kept: kept, KeptName: payload}, nil
}

func (f firm) Undo(_ context.Context, merge int64, by string) (greenroom.OrganizationMerge, error) {
	f.note("undo merge %d by %s", merge, by)
	return greenroom.OrganizationMerge{ID: merge, Gone: 17, GoneName: payload, Kept: 5}, nil
}

func (f firm) History(context.Context, int64) ([]greenroom.OrganizationMerge, error) {
	return []greenroom.OrganizationMerge{
		{ID: 3, Gone: 17, GoneName: payload, Kept: 5, KeptName: payload, Reason: payload, By: payload, At: now},
		{ID: 2, Gone: 18, GoneName: "Acme", Kept: 5, KeptName: payload, By: payload, At: now, UndoneAt: now},
	}, nil
}

func (f firm) SetParent(_ context.Context, organization, parent int64, by string) (greenroom.Organization, error) {
	f.note("%d is below %d, says %s", organization, parent, by)
	return greenroom.Organization{ID: organization, Name: payload, ParentID: parent, Parent: payload}, nil
}

func (f firm) UndoParent(_ context.Context, organization int64, by string) (greenroom.Organization, error) {
	f.note("%d is below what sources tell, says %s", organization, by)
	return greenroom.Organization{ID: organization, Name: payload}, nil
}

func (f firm) Parents(context.Context, int64) ([]greenroom.OrganizationParent, error) {
	return []greenroom.OrganizationParent{
		{ParentID: 19, Parent: payload, By: payload, At: now, Counts: true}, {ParentID: 18, Parent: payload, Source: payload, ExternalID: payload, At: now}, {Source: payload, ExternalID: payload},
	}, nil
}

func (f firm) Subsidiaries(context.Context, int64) ([]greenroom.Organization, error) {
	return []greenroom.Organization{{ID: 19, Name: payload, Members: 2}}, nil
}

func (f firm) Matches(context.Context, int) (organization.PairList, error) {
	side := func(id int64) organization.PairSide {
		return organization.PairSide{ID: id, Name: payload, Domains: []string{payload}, Country: payload, Size: 7, Sources: []string{payload}}
	}
	pair := organization.Pair{A: side(5), B: side(17), Probability: .77, Evidence: []organization.PairReason{{Text: payload, Weight: 2.2}, {Text: "one source has a record for each", Weight: -1.5}}}
	other := pair
	other.B = side(18)
	return organization.PairList{Items: []organization.Pair{pair, other}, Total: 2, Passed: 1}, nil
}

func (f firm) Apart(_ context.Context, a, b int64, by string) (greenroom.OrganizationApart, error) {
	f.note("%d is not %d, says %s", a, b, by)
	return greenroom.OrganizationApart{ID: 4, A: a, B: b}, nil
}

func (f firm) UndoApart(_ context.Context, id int64, by string) (greenroom.OrganizationApart, error) {
	f.note("undo apart %d by %s", id, by)
	return greenroom.OrganizationApart{ID: id}, nil
}

func (f firm) ListApart(context.Context) ([]greenroom.OrganizationApart, error) {
	return []greenroom.OrganizationApart{{ID: 4, A: 5, AName: payload, B: 19, BName: payload, Reason: payload, By: payload, At: now}}, nil
}

// TestMergingOrganizations has those who may write merge organizations, judge pairs, and take all of it back; others see what was said.
func TestMergingOrganizations(t *testing.T) {
	h := full(t)
	s := h.site()
	for role, want := range map[auth.Role][]int{auth.RoleViewer: {0, 0, 0, 3, 2, 0, 0}, auth.RoleContributor: {1, 1, 1, 3, 2, 2, 1}} {
		page := parse(t, visit(t, s, role, "GET", "/organizations/5", nil))
		queue := parse(t, visit(t, s, role, "GET", organizationMatchesHref+"?pair=5-18", nil))
		for i, x := range []string{"form[action='/organizations/5/merge']", "#merges form[action='/organization-merges/3/undo']", "#parents form[action='/organizations/5/parent/undo']", "#parents .row-item"} {
			if got := len(cascadia.QueryAll(page, cascadia.MustCompile(x))); got != want[i] {
				t.Errorf("%s sees %d of %s, want %d", role, got, x, want[i])
			}
		}
		for i, x := range []string{".match-evidence li", "form[action='" + organizationMatchesHref + "/judge'] input[name=b][value='18']", "#apart form[action='" + apartUndoHref(4) + "']"} {
			if got := len(cascadia.QueryAll(queue, cascadia.MustCompile(x))); got != want[4+i] {
				t.Errorf("%s sees %d of %s, want %d", role, got, x, want[4+i])
			}
		}
	}
	for _, step := range []struct {
		role auth.Role
		path string
		form url.Values
		code int
		did  string
	}{
		{auth.RoleViewer, "/organizations/5/merge", url.Values{"other": {"5"}}, 403, ""},
		{auth.RoleContributor, "/organizations/5/merge", url.Values{"other": {" "}}, 422, ""},
		{auth.RoleContributor, "/organizations/5/merge", url.Values{"other": {"#5"}, "reason": {"same"}}, 303, "merge 5 into 5 by ana@example.org: same"},
		{auth.RoleContributor, "/organizations/5/parent", url.Values{"parent": {""}}, 303, "5 is below 0, says ana@example.org"},
		{auth.RoleViewer, "/organizations/5/parent", url.Values{"parent": {""}}, 403, ""},
		{auth.RoleContributor, "/organizations/5/parent/undo", nil, 303, "5 is below what sources tell, says ana@example.org"},
		{auth.RoleViewer, "/organizations/5/parent/undo", nil, 403, ""},
		{auth.RoleContributor, "/organization-merges/3/undo", nil, 303, "undo merge 3 by ana@example.org"},
		{auth.RoleContributor, organizationMatchesHref + "/judge", url.Values{"a": {"5"}, "b": {"18"}, "verdict": {"same"}}, 303, "merge 18 into 5 by ana@example.org: judged to be one"},
		{auth.RoleContributor, organizationMatchesHref + "/judge", url.Values{"a": {"5"}, "b": {"18"}, "verdict": {"other"}}, 303, "5 is not 18, says ana@example.org"},
		{auth.RoleContributor, organizationMatchesHref + "/judge", url.Values{"a": {"5"}, "b": {"18"}}, 422, ""},
		{auth.RoleContributor, organizationMatchesHref + "/judge", url.Values{"a": {"x"}, "verdict": {"same"}}, 422, ""},
		{auth.RoleViewer, organizationMatchesHref + "/judge", url.Values{"a": {"5"}, "b": {"18"}, "verdict": {"same"}}, 403, ""},
		{auth.RoleContributor, apartUndoHref(4), nil, 303, "undo apart 4 by ana@example.org"},
	} {
		h.did = nil
		w := visit(t, s, step.role, "POST", step.path, step.form)
		if got := strings.Join(h.did, "|"); w.Code != step.code || got != step.did {
			t.Errorf("%s posts %v to %s: %d and %q, want %d and %q", step.role, step.form, step.path, w.Code, got, step.code, step.did)
		}
	}
}
