// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"greenroom"
	"greenroom/internal/auth"
	"greenroom/internal/list"
	"greenroom/internal/query"
)

// Page is one page of something.
type Page[T any] struct {
	Items []T    `json:"items" doc:"What is on this page, in the order that the query's sort: asks for."`
	Next  string `json:"next" doc:"The cursor of the next page; empty when this is the last."`
	Prev  string `json:"prev" doc:"The cursor of the page before; empty when this is the first."`
	Total *int64 `json:"total,omitempty" doc:"How many there are on all pages, where it was asked for with count. 10001 stands for more than 10,000."`
}

// queryParam is the query of a list or a figure.
func queryParam(e query.Entity, example string) param {
	return param{
		name: "q", form: formText, example: example,
		text: fmt.Sprintf("Which %s, in the query language; the same text as in the search field of the pages. Without it, all.", e),
	}
}

// listing is a list that takes a query.
type listing[T any] struct {
	entity  query.Entity
	tag     string
	of      string // what is left out by default, in a sentence
	example T
	query   string // an example
	read    func(ctx context.Context, req list.Request) (list.Page[T], error)
}

func (a *api) listOps() []op {
	return []op{
		listOp(a, a.memberListing()), listOp(a, a.organizationListing()), listOp(a, a.activityListing()), listOp(a, a.conversationListing()),
		getOp("organization", "Organizations", "An organization", a.Objects.Organization, exampleOrganization()),
	}
}

func (a *api) memberListing() listing[greenroom.Member] {
	return listing[greenroom.Member]{
		entity: query.Members, tag: "Members", example: exampleMember(), query: "did:answer since:30d count:>=3", read: a.Lists.ListMembers,
		of: "Hidden members and contacts are left out unless the query names them (`is:hidden`, `is:contact`).",
	}
}

func (a *api) organizationListing() listing[greenroom.Organization] {
	return listing[greenroom.Organization]{
		entity: query.Organizations, tag: "Organizations", example: exampleOrganization(), query: "lifecycle:trial members:>=2",
		read: a.Lists.ListOrganizations,
	}
}

func (a *api) activityListing() listing[greenroom.Activity] {
	return listing[greenroom.Activity]{
		entity: query.Activities, tag: "Activities", example: exampleActivity(), query: "kind:question channel:#help", read: a.Lists.ListActivities,
		of: "Newest first. Activities that were deleted at the source are left out unless the query names them (`is:deleted`).",
	}
}

func (a *api) conversationListing() listing[greenroom.Conversation] {
	return listing[greenroom.Conversation]{
		entity: query.Conversations, tag: "Conversations", example: exampleConversation(), query: "is:waiting sort:opened",
		read: a.Lists.ListConversations, of: "Newest first; `is:waiting sort:opened` gives what has waited longest for an answer.",
	}
}

// listOp is the operation of a list.
func listOp[T any](a *api, l listing[T]) op {
	plural := string(l.entity)
	return op{
		method: http.MethodGet, path: "/" + plural, id: "list" + upper(plural), tag: l.tag, need: auth.Read,
		summary: "List " + plural,
		text: strings.TrimSpace("A page of "+plural+" that fit a query. "+l.of) +
			"\n\nFollow `next` until it is empty to read all; pages stay right while new ones come in.",
		params: append([]param{
			queryParam(l.entity, l.query),
			{name: "count", form: formFlag, initial: "false", text: "Also count the whole list, up to 10,000. Takes time; ask for it once, not for each page."},
		}, pageParams(strconv.Itoa(list.DefaultLimit), list.MaxLimit)...),
		reply: content{of: Page[T]{}, example: Page[T]{Items: []T{l.example}, Next: "eyJuIjoxNzYzNjMyODAwMDAwMDAwLCJpIjo0Mn0"}},
		paged: true,
		do: func(c *call) (answer, error) {
			q, err := a.parse(c, "q", l.entity)
			if err != nil {
				return answer{}, err
			}
			p, err := l.read(c.ctx(), list.Request{Query: q, Cursor: c.text("cursor"), Limit: int(c.integer("limit")), Count: c.flag("count")})
			if err != nil {
				return answer{}, err
			}
			page := Page[T]{Items: p.Items, Next: p.Next, Prev: p.Prev}
			if p.Total >= 0 && c.flag("count") {
				page.Total = &p.Total
			}
			return pageOf(c, page)
		},
	}
}

// parse reads a query parameter.
func (a *api) parse(c *call, name string, e query.Entity) (*query.Query, error) {
	q, err := query.Parse(a.schemas[e], c.text(name))
	if err != nil {
		return nil, &fault{parameter: name, err: err}
	}
	return q, nil
}

// pageOf answers with a page and links to its neighbors.
func pageOf[T any](c *call, p Page[T]) (answer, error) {
	if p.Items == nil {
		p.Items = []T{}
	}
	ans := answer{body: p, header: make(http.Header)}
	for _, l := range []struct{ rel, cursor string }{{"next", p.Next}, {"prev", p.Prev}} {
		if l.cursor == "" {
			continue
		}
		values := url.Values{}
		for name, v := range c.r.URL.Query() {
			if name != "count" {
				values[name] = v
			}
		}
		values.Set("cursor", l.cursor)
		ans.header.Add("Link", "<"+c.r.URL.EscapedPath()+"?"+values.Encode()+`>; rel="`+l.rel+`"`)
	}
	return ans, nil
}

// getOp is the operation that gives one object by its id. Singular is its name, from which the path is made.
func getOp[T any](singular, tag, summary string, read func(context.Context, int64) (T, error), example T) op {
	return op{
		method: http.MethodGet, path: "/" + plural(singular) + "/{id}", id: "get" + upper(singular), tag: tag, need: auth.Read,
		summary: summary,
		text:    "One " + singular + " with everything that lists give of it.",
		params:  []param{idParam("The " + singular + "'s id.")},
		reply:   content{of: *new(T), example: example},
		do: func(c *call) (answer, error) {
			v, err := read(c.ctx(), c.id())
			if err != nil {
				return answer{}, err
			}
			return ok(v)
		},
	}
}

func plural(singular string) string {
	if stem, found := strings.CutSuffix(singular, "y"); found {
		return stem + "ies"
	}
	return singular + "s"
}
