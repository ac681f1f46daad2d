// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"context"
	"fmt"

	"greenroom/internal/business"
)

type fakeOrigins struct{ *fake }

func (f fakeOrigins) OrganizationStanding(context.Context, int64) (business.OrganizationOrigins, error) {
	profiles := []business.OrganizationProfile{{SourceID: 1, Source: "hubspot", ExternalID: "9", At: now, Lifecycle: "customer"}}
	return business.OrganizationOrigins{Profiles: profiles, Origins: business.Origins(profiles, nil)}, f.err
}

func (f fakeOrigins) ChooseOrigin(_ context.Context, organization int64, field, source, by string) error {
	f.did = append(f.did, fmt.Sprintf("%s has %s count for %s of %d", by, source, field, organization))
	return f.err
}
