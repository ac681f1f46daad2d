// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"context"
	"fmt"

	"greenroom"
	"greenroom/internal/organization"
)

type fakeOrganizations struct{ *fake }

func (f fakeOrganizations) Merge(_ context.Context, kept, gone int64, reason, by string) (greenroom.OrganizationMerge, error) {
	f.did = append(f.did, fmt.Sprintf("%s merges organization %d into %d: %s", by, gone, kept, reason))
	return greenroom.OrganizationMerge{ID: 3, Gone: gone, Kept: kept, Reason: reason, By: by, At: now}, f.err
}

func (f fakeOrganizations) Undo(_ context.Context, merge int64, by string) (greenroom.OrganizationMerge, error) {
	f.did = append(f.did, fmt.Sprintf("%s undoes merge %d of organizations", by, merge))
	return greenroom.OrganizationMerge{ID: merge, UndoneAt: now}, f.err
}

func (f fakeOrganizations) Split(_ context.Context, part int64, by string) (greenroom.OrganizationMerge, error) {
	f.did = append(f.did, fmt.Sprintf("%s takes organization %d out", by, part))
	return greenroom.OrganizationMerge{ID: 3, Gone: part, UndoneAt: now}, f.err
}

func (f fakeOrganizations) History(context.Context, int64) ([]greenroom.OrganizationMerge, error) {
	return []greenroom.OrganizationMerge{{ID: 3, Gone: 17, Kept: 7, At: now}}, f.err
}

func (f fakeOrganizations) SetParent(_ context.Context, organization, parent int64, by string) (greenroom.Organization, error) {
	f.did = append(f.did, fmt.Sprintf("%s puts organization %d below %d", by, organization, parent))
	return greenroom.Organization{ID: organization, ParentID: parent, Parent: "Acme", Domains: []string{}, Tags: []string{}}, f.err
}

func (f fakeOrganizations) UndoParent(_ context.Context, organization int64, by string) (greenroom.Organization, error) {
	f.did = append(f.did, fmt.Sprintf("%s takes back what organization %d is below", by, organization))
	return greenroom.Organization{ID: organization, Domains: []string{}, Tags: []string{}}, f.err
}

func (f fakeOrganizations) Parents(context.Context, int64) ([]greenroom.OrganizationParent, error) {
	return []greenroom.OrganizationParent{{ParentID: 7, Parent: "Acme", Source: "crm", ExternalID: "9", At: now, Counts: true}}, f.err
}

func (f fakeOrganizations) Subsidiaries(context.Context, int64) ([]greenroom.Organization, error) {
	return []greenroom.Organization{}, f.err
}

func (f fakeOrganizations) Matches(_ context.Context, limit int) (organization.PairList, error) {
	f.did = append(f.did, fmt.Sprintf("%d organization matches", limit))
	return organization.PairList{Items: []organization.Pair{}}, f.err
}

func (f fakeOrganizations) Apart(_ context.Context, a, b int64, by string) (greenroom.OrganizationApart, error) {
	f.did = append(f.did, fmt.Sprintf("%s keeps organizations %d and %d apart", by, a, b))
	return greenroom.OrganizationApart{ID: 4, A: a, B: b, By: by, At: now}, f.err
}

func (f fakeOrganizations) UndoApart(_ context.Context, id int64, by string) (greenroom.OrganizationApart, error) {
	f.did = append(f.did, fmt.Sprintf("%s takes back that organizations are apart, %d", by, id))
	return greenroom.OrganizationApart{ID: id, UndoneAt: now}, f.err
}

func (f fakeOrganizations) ListApart(context.Context) ([]greenroom.OrganizationApart, error) {
	return []greenroom.OrganizationApart{{ID: 4, A: 7, B: 19, At: now}}, f.err
}
