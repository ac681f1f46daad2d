// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package github

import (
	"context"
	"slices"
	"strings"

	"greenroom/connector/internal/githubevent"
)

const sectionSponsors = "sponsors"

const sponsorQuery = `query($owner:String!,$after:String){repositoryOwner(login:$owner){... on Sponsorable{sponsorshipsAsMaintainer(first:100,after:$after,activeOnly:false,orderBy:{field:CREATED_AT,direction:DESC}){pageInfo{hasNextPage endCursor} nodes{createdAt sponsorEntity{__typename ... on User{databaseId login avatarUrl} ... on Organization{databaseId login avatarUrl}}}}}}}`

// sponsors reads who began to sponsor the owners of the repositories, the last one first. Sponsorships that are private are
// not given. The cursor's Next is the owner and GraphQL's own place.
func (r *run) sponsors(ctx context.Context, repos []githubevent.Repo) error {
	if !r.set.On(optionSponsors) || !r.signedIn() {
		return nil
	}
	var owners []string
	for i := range repos {
		owner, _, _ := strings.Cut(repos[i].FullName, "/")
		owners = append(owners, strings.ToLower(owner))
	}
	slices.Sort(owners)
	r.repo, r.key, r.page, r.recent = githubevent.Repo{}, "", "", recent{}
	r.c.enter(sectionSponsors)
	for _, owner := range slices.Compact(owners) {
		at, after, _ := strings.Cut(r.c.Next, " ")
		if owner < at {
			continue
		}
		if owner != at {
			after = ""
		}
		if err := r.sponsorsOf(ctx, owner, after); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) sponsorsOf(ctx context.Context, owner, after string) error {
	r.since = r.set.Since(optionSince)
	if !r.c.Since.IsZero() {
		r.since = r.c.Since
	}
	for {
		variables := map[string]any{"owner": owner}
		if after != "" {
			variables["after"] = after
		}
		var ans gqlAnswer
		if _, err := r.query(ctx, sponsorQuery, variables, &ans); err != nil {
			return err
		}
		if ans.Data.Owner == nil {
			if reason := ans.reason(); reason != "" {
				r.env.Meter.Warn("GitHub does not give the sponsors of " + owner + ": " + reason)
			}
			return nil
		}
		list := ans.Data.Owner.Sponsors
		for i, data := range list.Nodes {
			r.line = int64(i) + 1
			old, err := r.sponsorship(ctx, owner, data)
			if err != nil {
				return err
			}
			if old {
				return nil
			}
		}
		if !list.PageInfo.HasNextPage || list.PageInfo.EndCursor == "" || list.PageInfo.EndCursor == after {
			return nil
		}
		after = list.PageInfo.EndCursor
		r.c.Next = owner + " " + after
		if err := r.checkpoint(sectionSponsors + " of " + owner); err != nil {
			return err
		}
	}
}

func (r *run) sponsorship(ctx context.Context, owner string, data []byte) (old bool, err error) {
	var s gqlSponsorship
	if !decoded(data, &s) || githubevent.Time(s.CreatedAt).IsZero() {
		r.count()
		r.reject(sectionSponsors, data, "not a sponsorship")
		return false, nil
	}
	if r.isOld(s.CreatedAt) {
		return true, nil
	}
	r.count()
	if s.Sponsor.user().Key() == "" {
		r.out.LeftOut("sponsors who do not show who they are", 1)
		return false, nil
	}
	return false, r.emit(ctx, sectionSponsors, data, githubevent.Sponsorship(s.Sponsor.user(), owner, s.CreatedAt))
}
