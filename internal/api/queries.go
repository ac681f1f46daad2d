// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"net/http"
	"strings"

	"greenroom"
	"greenroom/internal/auth"
	"greenroom/internal/query"
)

// Found is what a search over everything finds.
type Found struct {
	Members       []greenroom.Member       `json:"members" doc:"Members whose names, handles or notes fit, the best first."`
	Organizations []greenroom.Organization `json:"organizations" doc:"Organizations whose names or domains fit."`
	Conversations []greenroom.Conversation `json:"conversations" doc:"Conversations in which the words occur."`
}

// Suggestion is one way to go on with a query.
type Suggestion struct {
	Insert string               `json:"insert" doc:"What to put in place of the characters from up to, but not including, to."`
	Text   string               `json:"text" doc:"What it means; empty where it speaks for itself."`
	Kind   query.SuggestionKind `json:"kind" doc:"What it is."`
	From   int                  `json:"from" doc:"The first character to replace, counted from 0."`
	To     int                  `json:"to" doc:"The character after the last one to replace."`
}

// Check is what there is to say of a query.
type Check struct {
	OK        bool     `json:"ok" doc:"The query can be used."`
	Canonical string   `json:"canonical" doc:"The query as Greenroom writes it; empty when it is not ok."`
	Problem   *Problem `json:"problem,omitempty" doc:"What is wrong and where, as a list would answer it."`
}

// suggestionsEach is how many values of a field the store is asked for.
const suggestionsEach = 20

func (a *api) queryOps() []op {
	entity := param{name: "entity", form: formText, required: true, choices: words(query.Entities()), text: "What the query is about.", example: "members"}
	text := param{name: "q", form: formText, text: "The query, which may be half written.", example: "channel:#he"}
	return []op{
		{
			method: http.MethodGet, path: "/search", id: "search", tag: "Queries", need: auth.Read,
			summary: "Search over everything",
			text:    "Finds members, organizations and conversations by words. The last word may be half written.",
			params: []param{
				{name: "q", form: formText, required: true, text: "The words.", example: "token refr"},
				{name: "limit", form: formInteger, min: 1, max: 50, initial: "8", text: "How many of each at most.", example: "5"},
			},
			reply: content{of: Found{}, example: exampleFound()},
			do:    a.search,
		},
		{
			method: http.MethodGet, path: "/query/suggest", id: "suggest", tag: "Queries", need: auth.Read,
			summary: "How a query can go on",
			text:    "Lists fields, values and operators that fit where the cursor is, the best first.",
			params: []param{
				entity, text,
				{name: "cursor", form: formInteger, text: "Where the cursor is: the number of characters before it. Without it, at the end.", example: "11"},
			},
			reply: content{of: Items[Suggestion]{}, example: Items[Suggestion]{Items: []Suggestion{{Insert: "#help", Kind: query.SuggestValue, From: 8, To: 11}}}},
			do:    a.suggest,
		},
		{
			method: http.MethodGet, path: "/query/check", id: "checkQuery", tag: "Queries", need: auth.Read,
			summary: "Whether a query can be used",
			text:    "Reads a query without running it. The answer is 200 also when the query is wrong; it then says where and what was expected.",
			params:  []param{entity, text},
			reply:   content{of: Check{}, example: Check{OK: true, Canonical: "channel:#help is:question"}},
			do: func(c *call) (answer, error) {
				q, err := a.parse(c, "q", query.Entity(c.text("entity")))
				if err != nil {
					p := problemOf(err)
					return ok(Check{Problem: &p})
				}
				return ok(Check{OK: true, Canonical: q.String()})
			},
		},
	}
}

func (a *api) search(c *call) (answer, error) {
	f, err := a.Search(c.ctx(), c.text("q"), int(c.integer("limit")))
	if err != nil {
		return answer{}, err
	}
	if f.Members == nil {
		f.Members = []greenroom.Member{}
	}
	if f.Organizations == nil {
		f.Organizations = []greenroom.Organization{}
	}
	if f.Conversations == nil {
		f.Conversations = []greenroom.Conversation{}
	}
	return ok(f)
}

func (a *api) suggest(c *call) (answer, error) {
	text := strings.ToValidUTF8(c.text("q"), "\uFFFD")
	cursor := len(text)
	if c.given("cursor") {
		cursor = bytesOf(text, int(min(c.integer("cursor"), query.MaxLength)))
	}
	var failed error
	found := query.Suggest(a.schemas[query.Entity(c.text("entity"))], text, cursor, func(f *query.Field, prefix string) []string {
		values, err := a.Lookup(c.ctx(), f, prefix, suggestionsEach)
		if err != nil {
			failed = err
		}
		return values
	})
	if failed != nil {
		return answer{}, failed
	}
	all := make([]Suggestion, len(found))
	for i, s := range found {
		all[i] = Suggestion{Insert: s.Insert, Text: s.Doc, Kind: s.Kind, From: characters(text, s.From), To: characters(text, s.To)}
	}
	return itemsOf(all)
}
