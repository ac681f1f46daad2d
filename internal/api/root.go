// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"net/http"

	"greenroom"
	"greenroom/internal/auth"
)

// Root is what the API says of itself.
type Root struct {
	Name    string            `json:"name" doc:"Always Greenroom."`
	Version string            `json:"version,omitempty" doc:"Version of the program; only for those who are signed in."`
	You     *You              `json:"you,omitempty" doc:"Who makes this request; left out where nobody is signed in."`
	Links   map[string]string `json:"links" doc:"Where things are, by name."`
}

// You is who makes a request.
type You struct {
	Name        string            `json:"name" doc:"Who it is, as the audit log calls them."`
	Role        auth.Role         `json:"role,omitempty" doc:"The user's role; left out for the command line, which may do everything."`
	Permissions []auth.Permission `json:"permissions" doc:"What this request may do: what the role permits, within the token's scope."`
}

// ProblemInfo explains a type of problem.
type ProblemInfo struct {
	Type    string         `json:"type" doc:"Its address, as problem documents give it."`
	Title   string         `json:"title" doc:"What it is in a few words."`
	Status  int            `json:"status" doc:"The HTTP status that comes with it."`
	Code    greenroom.Code `json:"code" doc:"The code that comes with it."`
	Meaning string         `json:"meaning" doc:"What it means, and what to do."`
}

func (a *api) rootOps() []op {
	return []op{
		{
			method: http.MethodGet, path: "", id: "root", tag: "Start", need: everybody,
			summary: "What there is",
			text:    "Lists where things are, and says who you are and what you may do. A good first request to see whether a token works.",
			reply:   content{of: Root{}, example: exampleRoot()},
			do:      a.root,
		},
		{
			method: http.MethodGet, path: "/openapi.json", id: "openapi", tag: "Start", need: everybody,
			summary: "This document",
			text:    "The description of the API in OpenAPI 3.1, for tools that make clients, tests or documentation from it.",
			reply:   content{of: map[string]any{}, text: "The OpenAPI document."},
			do:      func(*call) (answer, error) { return answer{raw: a.document, media: mediaJSON}, nil },
		},
		{
			method: http.MethodGet, path: "/docs", id: "docs", tag: "Start", need: everybody,
			summary: "This document, for people",
			text:    "The same description as a page that needs no scripts.",
			reply:   content{of: "", media: mediaHTML, text: "A page."},
			do:      func(*call) (answer, error) { return answer{raw: a.page, media: mediaHTML}, nil },
		},
		{
			method: http.MethodGet, path: "/problems/{name}", id: "problem", tag: "Start", need: everybody,
			summary: "What a type of problem means",
			text:    "Explains a type of problem. The `type` of each problem document is such an address.",
			params:  []param{nameParam("name", "The last part of the type.", string(typeQuery))},
			reply:   content{of: ProblemInfo{}, example: typeQuery.of().info()},
			do: func(c *call) (answer, error) {
				for _, t := range problemTypes() {
					if string(t.name) == c.text("name") {
						return ok(t.info())
					}
				}
				return answer{}, greenroom.Errorf(greenroom.CodeNotFound, "there is no type of problem %q", c.text("name"))
			},
		},
	}
}

const mediaHTML = "text/html; charset=utf-8"

func (t problemType) info() ProblemInfo {
	return ProblemInfo{Type: t.address(), Title: t.title, Status: t.status, Code: t.code, Meaning: t.meaning}
}

// links lists where things begin.
func links() map[string]string {
	all := make(map[string]string)
	for _, name := range []string{
		"members", "organizations", "activities", "conversations", "metrics", "overview", "search", "sources", "connectors", "people", "tokens", "audit",
	} {
		all[name] = address(name)
	}
	all["openapi"], all["documentation"] = address("openapi.json"), address("docs")
	return all
}

func (a *api) root(c *call) (answer, error) {
	r := Root{Name: "Greenroom", Links: links()}
	if may := permissionsOf(c.caller); len(may) > 0 {
		r.Version = a.Version
		r.You = &You{Name: c.by(), Role: c.caller.User.Role, Permissions: may}
	}
	return ok(r)
}
