// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"fmt"
	"time"

	"greenroom"
	"greenroom/internal/list"
	"greenroom/internal/query"
)

// movedMonths is how long ago those of the sample moved.
const movedMonths = 5

// SampleMoves has some members move on to another customer, unless somebody has moved already.
func (a *App) SampleMoves(ctx context.Context) error {
	parse := func(e query.Entity, text string) (*query.Query, error) {
		return query.Parse(query.NewSchema(e, nil), text)
	}
	moved, err := parse(query.Members, "has:past_org")
	if err != nil {
		return fmt.Errorf("asking who has moved: %w", err)
	}
	if have, err := a.Store.ListMembers(ctx, list.Request{Query: moved, Limit: 1}); err != nil || len(have.Items) > 0 {
		return err
	}
	who, err := parse(query.Members, "org.lifecycle:customer -is:staff -is:bot is:active sort:-activities")
	if err != nil {
		return fmt.Errorf("asking who could move: %w", err)
	}
	where, err := parse(query.Organizations, "lifecycle:customer sort:-members")
	if err != nil {
		return fmt.Errorf("asking where to: %w", err)
	}
	members, err := a.Store.ListMembers(ctx, list.Request{Query: who, Limit: 3})
	if err != nil {
		return err
	}
	organizations, err := a.Store.ListOrganizations(ctx, list.Request{Query: where, Limit: 8})
	if err != nil {
		return err
	}
	y, m, _ := a.Now().UTC().Date()
	for i := range members.Items {
		p := greenroom.Placement{MemberID: members.Items[i].ID, Kind: greenroom.PlacedMoved, Since: time.Date(y, m-movedMonths, 1, 0, 0, 0, 0, time.UTC)}
		for k := range organizations.Items {
			if o := &organizations.Items[(i+k+1)%len(organizations.Items)]; o.ID != members.Items[i].OrganizationID {
				p.OrganizationID = o.ID
				break
			}
		}
		if p.OrganizationID == 0 {
			continue
		}
		if _, err := a.Employers.Place(ctx, p, "sample"); err != nil {
			return fmt.Errorf("moving member %d: %w", p.MemberID, err)
		}
	}
	return nil
}
