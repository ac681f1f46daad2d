// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"strconv"

	"greenroom"
	"greenroom/internal/business"
)

// organizationOrigins says what sources say of organizations, and has one count where they differ.
type organizationOrigins struct {
	*App
}

// OrganizationStanding says what sources say of an organization. CodeNotFound.
func (o organizationOrigins) OrganizationStanding(ctx context.Context, organization int64) (business.OrganizationOrigins, error) {
	if _, err := o.Store.Organization(ctx, organization); err != nil {
		return business.OrganizationOrigins{}, err
	}
	profiles, chosen, err := o.Store.OrganizationProfiles(ctx, organization)
	if err != nil {
		return business.OrganizationOrigins{}, err
	}
	return business.OrganizationOrigins{Profiles: profiles, Origins: business.Origins(profiles, chosen)}, nil
}

// ChooseOrigin has a source count for a field of an organization; without a source the newest telling does. CodeNotFound,
// and CodeInvalid where the source says nothing of it.
func (o organizationOrigins) ChooseOrigin(ctx context.Context, organization int64, field, source, by string) error {
	found, err := o.Store.Organization(ctx, organization)
	if err != nil {
		return err
	}
	c := business.OriginChoice{Field: field, By: by, At: o.Now()}
	if source != "" {
		src, err := o.Store.Source(ctx, source)
		if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
			return greenroom.Errorf(greenroom.CodeInvalid, "there is no source %q", source)
		}
		if err != nil {
			return err
		}
		c.SourceID = src.ID
	}
	if err := o.Store.SetOrganizationOrigin(ctx, found.ID, c); err != nil {
		return err
	}
	what := "the newest telling of " + field + " counts"
	if source != "" {
		what = source + " counts for " + field
	}
	o.Projector.Wake()
	return auditor{o.Auth}.Audit(ctx, by, "organization.origin", "organization "+strconv.FormatInt(found.ID, 10), what)
}
