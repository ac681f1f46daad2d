// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/url"
	"strconv"
)

// mix draws requests as a team at work sends them.
type mix struct {
	kinds []kind
	total int
}

// kind is a kind of requests: how often it comes, in comparison with the others, and how one is made.
type kind struct {
	name   string
	weight int
	path   func(*rand.Rand) string
}

func (m *mix) draw(r *rand.Rand) request {
	n := r.IntN(m.total)
	for i := range m.kinds {
		if n -= m.kinds[i].weight; n < 0 {
			return request{m.kinds[i].name, m.kinds[i].path(r)}
		}
	}
	return request{} // not reached
}

// named is an item of a list.
type named struct {
	ID         int64
	Name       string
	Channel    string
	Identities []struct{ Handle string }
}

// known is what the requests ask about, from the server itself.
type known struct {
	members, busy, organizations, waiting, talks []named
	sources                                      []named
}

func (c *client) learn(ctx context.Context) (*known, error) {
	k := &known{}
	for _, each := range []struct {
		path string
		to   *[]named
	}{
		{"/api/v1/members?limit=500&q=" + url.QueryEscape("activities:1..50"), &k.members},
		{"/api/v1/members?limit=50&q=sort:-activities", &k.busy},
		{"/api/v1/organizations?limit=500", &k.organizations},
		{"/api/v1/conversations?limit=500&q=" + url.QueryEscape("is:waiting sort:opened"), &k.waiting},
		{"/api/v1/conversations?limit=500", &k.talks},
		{"/api/v1/sources", &k.sources},
	} {
		var list struct{ Items []named }
		if err := c.get(ctx, each.path, &list); err != nil {
			return nil, err
		}
		*each.to = list.Items
	}
	if len(k.members) == 0 || len(k.busy) == 0 || len(k.organizations) == 0 || len(k.waiting) == 0 || len(k.sources) == 0 {
		return nil, errors.New("the server has too few data to be measured: it takes members, organizations, conversations that wait and a source")
	}
	return k, nil
}

func one(r *rand.Rand, of []named) *named { return &of[r.IntN(len(of))] }

// page is an address with a query of the query language.
func page(path string, queries ...string) func(*rand.Rand) string {
	return func(r *rand.Rand) string {
		q := queries[r.IntN(len(queries))]
		if q == "" {
			return path
		}
		return path + "?q=" + url.QueryEscape(q)
	}
}

// mix is what a team at work asks for. The weights add up to about a hundred.
func (c *client) mix(ctx context.Context) (*mix, error) {
	k, err := c.learn(ctx)
	if err != nil {
		return nil, err
	}
	m := &mix{}
	add := func(name string, weight int, path func(*rand.Rand) string) {
		m.kinds = append(m.kinds, kind{name, weight, path})
		m.total += weight
	}
	object := func(path string, of []named) func(*rand.Rand) string {
		return func(r *rand.Rand) string { return path + strconv.FormatInt(one(r, of).ID, 10) }
	}
	// Anybody's, not only the busiest: their handles, person-5 and the like, are parts of one in ten.
	handle := func(r *rand.Rand) string {
		if ids := one(r, k.members).Identities; len(ids) > 0 {
			return ids[0].Handle
		}
		return "nobody"
	}
	channel := func(r *rand.Rand) string { return strconv.Quote(one(r, k.talks).Channel) }
	asking := func(path string, q func(*rand.Rand) string) func(*rand.Rand) string {
		return func(r *rand.Rand) string { return path + "?q=" + url.QueryEscape(q(r)) }
	}

	add("today", 7, page("/", ""))
	add("members", 5, page("/members", "", "sort:name", "sort:-activities"))
	add("members: queries", 7, page("/members", "is:new", "is:quiet activities:>=10", "last_active:<30d org:*", "tag:champion",
		"org.lifecycle:customer last_active:<90d", "did:comment since:90d count:>=3", "did:issue since:30d"))
	add("members: by a name", 2, asking("/members", func(r *rand.Rand) string { return "name:" + handle(r) }))
	add("members: of a channel", 1, asking("/members", func(r *rand.Rand) string { return "channel:" + channel(r) }))
	add("member", 9, object("/members/", k.members))
	add("member: one of the busiest", 2, object("/members/", k.busy))
	add("organizations", 3, page("/organizations", "", "lifecycle:customer members:>=2", "sort:-members"))
	add("organization", 3, object("/organizations/", k.organizations))
	add("conversations that wait", 7, page("/conversations", ""))
	add("conversations: queries", 5, page("/conversations", "is:open sort:-opened", "is:answered", "is:resolved", "waiting:>30d", "replies:>=10", "is:waiting org.lifecycle:customer"))
	add("conversations: of a channel", 2, asking("/conversations", func(r *rand.Rand) string { return "is:waiting channel:" + channel(r) }))
	add("conversations: words", 2, page("/conversations", "error", "the deploy", "timeout"))
	add("conversation", 8, func(r *rand.Rand) string {
		return "/conversations/" + strconv.FormatInt(one(r, k.waiting).ID, 10) + "?q=" + url.QueryEscape("is:waiting sort:opened")
	})
	add("activities", 3, page("/activities", ""))
	add("activities: queries", 4, page("/activities", "is:question since:7d", "kind:issue", "occurred:30d.. kind:comment", "member.is:new kind:issue", "org.lifecycle:customer kind:comment"))
	add("activities: of a channel", 2, asking("/activities", func(r *rand.Rand) string { return "channel:" + channel(r) }))
	add("activities: by somebody", 2, asking("/activities", func(r *rand.Rand) string { return "by:" + handle(r) }))
	add("activities: words", 2, page("/activities", "error", "the crash", `"to the"`))
	add("insights", 2, page("/insights", ""))
	add("insight", 5, func(r *rand.Rand) string {
		all := []string{
			"active_members", "new_members", "stickiness", "activities", "answered_share", "time_to_first_response", "retention",
			"active_members?breakdown=source", "activities?breakdown=kind", "active_members?by=day", "active_members?q=" + url.QueryEscape("org.lifecycle:customer"),
		}
		return "/insights/" + all[r.IntN(len(all))]
	})
	add("sources", 2, page("/sources", ""))
	add("source", 1, func(r *rand.Rand) string { return "/sources/" + url.PathEscape(one(r, k.sources).Name) })
	add("search", 6, func(r *rand.Rand) string {
		all := []string{"err", "timeout", handle(r), one(r, k.organizations).Name, "the crash"}
		return "/search?q=" + url.QueryEscape(all[r.IntN(len(all))])
	})
	add("suggestions", 3, func(r *rand.Rand) string {
		q := "channel:" + channel(r)[1:4]
		return "/suggest/activities?q=" + url.QueryEscape(q) + "&at=" + strconv.Itoa(len(q))
	})
	add("api: lists", 4, func(r *rand.Rand) string {
		all := []string{"members?q=last_active:%3C30d", "activities?limit=100", "conversations?q=is:waiting", "organizations"}
		return "/api/v1/" + all[r.IntN(len(all))]
	})
	add("api: objects", 3, object("/api/v1/members/", k.members))
	add("api: metric", 2, page("/api/v1/metrics/active_members?from=2026-06-01&to=2026-11-01&by=week", ""))
	return m, nil
}
