// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"bytes"
	"context"
	"net/http"
	"reflect"
	"strings"

	"greenroom"
	"greenroom/internal/auth"
	"greenroom/internal/maturity"
	"greenroom/internal/tool"
)

// Tools are the tech stack; tool.Service keeps it.
type Tools interface {
	List(ctx context.Context, f tool.Filter) ([]tool.View, error)
	Get(ctx context.Context, id int64) (tool.View, error)
	ToolWork
	ToolParts
	ToolReviews
}

// ToolWork changes the inventory.
type ToolWork interface {
	Add(ctx context.Context, d tool.Draft, by string) (tool.Tool, error)
	Edit(ctx context.Context, id, version int64, d tool.Draft, by string) (tool.Tool, error)
	Undo(ctx context.Context, id, version int64, by string) (tool.Tool, error)
	Import(ctx context.Context, table []tool.Named, by string) (added, changed int, err error)
}

// ToolParts are what belongs to the stack as a whole.
type ToolParts interface {
	Costs(ctx context.Context) (*tool.Costs, error)
	Map(ctx context.Context) (*tool.Map, error)
	Needs(ctx context.Context, stage tool.Stage) ([]tool.Need, error)
	Money(ctx context.Context) (tool.Money, error)
	SetMoney(ctx context.Context, m tool.Money, by string) error
	ToolIncidents
	ToolSuggestions
}

// ToolIncidents are what happened to tools.
type ToolIncidents interface {
	ToolIncidents(ctx context.Context, tool int64) ([]tool.Incident, error)
	AddIncident(ctx context.Context, i tool.Incident, by string) (tool.Incident, error)
	EndIncident(ctx context.Context, id int64, by string) error
}

// ToolSuggestions are tools that the sources speak of.
type ToolSuggestions interface {
	Suggestions(ctx context.Context) ([]tool.Suggestion, error)
	Accept(ctx context.Context, source, by string) (tool.Tool, error)
	Decline(ctx context.Context, source, by string) error
}

// ToolChange is all that can be said of a tool, with the version that it was made from.
type ToolChange struct {
	tool.Draft
	Version int64 `json:"version" doc:"The version that was looked at. With another one nothing is changed."`
}

// ToolUndo names what is taken back.
type ToolUndo struct {
	Version int64 `json:"version" doc:"The version that was looked at. With another one nothing is changed."`
}

// ToolTable is a table of tools.
type ToolTable struct {
	CSV string `json:"csv" doc:"The table, with a line of column names."`
}

// ToolImported says what an import did.
type ToolImported struct {
	Added   int `json:"added" doc:"Tools that are new."`
	Changed int `json:"changed" doc:"Tools that were known by their name."`
}

// ToolHappening is what happened to a tool.
type ToolHappening struct {
	Note string `json:"note" doc:"What happened."`
	From string `json:"from,omitempty" doc:"When it began, as 2026-11-22T09:00:00Z; now where it is left out."`
	To   string `json:"to,omitempty" doc:"When it was over; left out while it is not."`
}

// ToolAnswer says what to do with a suggestion.
type ToolAnswer struct {
	Source string `json:"source" doc:"The source of the suggestion."`
	Accept bool   `json:"accept" doc:"True enters it; false has it suggested no more."`
}

func (a *api) toolOps() []op {
	if a.Tools == nil {
		return nil
	}
	id := idParam("The tool's number.")
	one := content{of: tool.Tool{}, example: exampleTool().Tool}
	conflict := []greenroom.Code{greenroom.CodeConflict}
	draft := exampleTool().Draft
	give := func(t tool.Tool, err error) (answer, error) {
		if err != nil {
			return answer{}, err
		}
		return ok(t)
	}
	return append([]op{
		{
			method: http.MethodGet, path: "/tools", id: "listTools", tag: "Tools", need: auth.Read, reply: content{of: Items[tool.View]{}, example: Items[tool.View]{Items: []tool.View{exampleTool()}}},
			summary: "List tools", text: "By name, with cost a year, next renewal and the health of their sources. Without a state, those that are not retired.",
			params: []param{{name: "q", form: formText, text: "A text in name, purpose, owner, category or note.", example: "forum"}, {name: "state", form: formText, text: "in_use, trial, wanted or retired.", example: "in_use"}, {name: "category", form: formText, text: "What they are for.", example: "platform"}, {name: "owner", form: formText, text: "Whose.", example: "ana@acme.example"}},
			do: func(c *call) (answer, error) {
				all, err := a.Tools.List(c.ctx(), tool.Filter{Text: c.text("q"), State: tool.State(c.text("state")), Category: c.text("category"), Owner: c.text("owner")})
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
		{
			method: http.MethodPost, path: "/tools", id: "createTool", tag: "Tools", need: auth.Write, status: http.StatusCreated, repeatable: true, reply: one, codes: conflict,
			summary: "Enter a tool", text: "No two tools have the same name.", body: &content{of: tool.Draft{}, text: "The tool.", example: draft},
			do: func(c *call) (answer, error) {
				d, err := decode[tool.Draft](c)
				if err != nil {
					return answer{}, err
				}
				return give(a.Tools.Add(c.ctx(), d, c.by()))
			},
		},
		{
			method: http.MethodGet, path: "/tools/{id}", id: "getTool", tag: "Tools", need: auth.Read, params: []param{id}, reply: content{of: tool.View{}, example: exampleTool()},
			summary: "A tool", text: "With what is computed of it.",
			do: func(c *call) (answer, error) {
				v, err := a.Tools.Get(c.ctx(), c.id())
				if err != nil {
					return answer{}, err
				}
				return ok(v)
			},
		},
		{
			method: http.MethodPut, path: "/tools/{id}", id: "changeTool", tag: "Tools", need: auth.Write, params: []param{id}, reply: one, codes: conflict,
			summary: "Change a tool", text: "Everything is set as it is sent. With another version than the tool has, nothing is changed and the answer is a conflict.", body: &content{of: ToolChange{}, text: "The tool, and its version.", example: ToolChange{Draft: draft, Version: 2}},
			do: func(c *call) (answer, error) {
				d, err := decode[ToolChange](c)
				if err != nil {
					return answer{}, err
				}
				return give(a.Tools.Edit(c.ctx(), c.id(), d.Version, d.Draft, c.by()))
			},
		},
		{
			method: http.MethodPost, path: "/tools/{id}/undo", id: "undoTool", tag: "Tools", need: auth.Write, params: []param{id}, reply: one, codes: conflict,
			summary: "Take the last change of a tool back", text: "Its retirement and an import, too. A tool that was entered and not changed since goes, unless something builds on it, and the answer has version 0. With another version than the tool has, or where nothing is left to take back, nothing is changed and the answer is a conflict.",
			body: &content{of: ToolUndo{}, text: "The version that was looked at.", example: ToolUndo{Version: 2}},
			do: func(c *call) (answer, error) {
				d, err := decode[ToolUndo](c)
				if err != nil {
					return answer{}, err
				}
				return give(a.Tools.Undo(c.ctx(), c.id(), d.Version, c.by()))
			},
		},
		{
			method: http.MethodGet, path: "/tools.csv", id: "exportTools", tag: "Tools", need: auth.Read, reply: content{media: "text/csv", of: "", example: "name,purpose\nForum,Questions\n"},
			summary: "All tools as CSV", text: "Retired ones, too. The import reads it again.",
			do: func(c *call) (answer, error) {
				var all []tool.Tool
				for _, state := range []tool.State{"", tool.Retired} {
					views, err := a.Tools.List(c.ctx(), tool.Filter{State: state})
					if err != nil {
						return answer{}, err
					}
					for i := range views {
						all = append(all, views[i].Tool)
					}
				}
				var b bytes.Buffer
				if err := tool.WriteCSV(&b, all); err != nil {
					return answer{}, err
				}
				return answer{raw: b.Bytes(), media: "text/csv; charset=utf-8"}, nil
			},
		},
		{
			method: http.MethodPost, path: "/tool-imports", id: "importTools", tag: "Tools", need: auth.Write, reply: content{of: ToolImported{}, example: ToolImported{Added: 3, Changed: 1}},
			summary: "Import tools", text: "From a table, all or none. A tool whose name is known is changed; what the table has no column for stays. An error names the line.", body: &content{of: ToolTable{}, text: "The table.", example: ToolTable{CSV: "name,category,cost,currency,every\nForum,platform,99,EUR,month\n"}},
			do: func(c *call) (answer, error) {
				t, err := decode[ToolTable](c)
				if err != nil {
					return answer{}, err
				}
				table, err := tool.ReadCSV(strings.NewReader(t.CSV))
				if err != nil {
					return answer{}, err
				}
				added, changed, err := a.Tools.Import(c.ctx(), table, c.by())
				if err != nil {
					return answer{}, err
				}
				return ok(ToolImported{Added: added, Changed: changed})
			},
		},
	}, append(a.toolPartOps(), append(a.toolHappenedOps(id), a.reviewOps()...)...)...)
}

func (a *api) toolPartOps() []op {
	stage := param{name: "stage", form: formText, required: true, text: "seed, grow or impact.", example: "grow"}
	money := tool.Money{Currency: "EUR", Rates: []tool.Rate{{Currency: "USD", Day: "2026-01-01", Rate: .92}}}
	return []op{
		{
			method: http.MethodGet, path: "/tool-costs", id: "getToolCosts", tag: "Tools", need: auth.Read, reply: content{of: tool.Costs{}, example: tool.Costs{Currency: "EUR", Month: 99, Year: 1188, Paid: 1, ByCategory: []tool.Sum{{Key: "platform", Tools: 1, Month: 99, Year: 1188}}, ByOwner: []tool.Sum{{Key: "ana@acme.example", Tools: 1, Month: 99, Year: 1188}}}},
			summary: "What the stack costs", text: "Tools in use or on trial, in one currency by the rates of today, by category and by owner.",
			do: func(c *call) (answer, error) {
				v, err := a.Tools.Costs(c.ctx())
				if err != nil {
					return answer{}, err
				}
				return ok(v)
			},
		},
		{
			method: http.MethodGet, path: "/tool-map", id: "getToolMap", tag: "Tools", need: auth.Read, reply: content{of: tool.Map{}, example: tool.Map{Nodes: []tool.Node{{ID: 3, Name: "Forum", Column: -1, Health: tool.Good}, {Name: "Greenroom"}}, Edges: []tool.Edge{{From: 3, What: "forum", Health: tool.Good}}}},
			summary: "What feeds what", text: "The whole stack as boxes and lines; Greenroom is number 0.",
			do: func(c *call) (answer, error) {
				v, err := a.Tools.Map(c.ctx())
				if err != nil {
					return answer{}, err
				}
				return ok(v)
			},
		},
		{
			method: http.MethodGet, path: "/tool-needs", id: "listToolNeeds", tag: "Tools", need: auth.Read, params: []param{stage}, reply: content{of: Items[tool.Need]{}, example: Items[tool.Need]{Items: []tool.Need{{Stage: tool.Grow, Category: "analytics", What: "See who comes, stays and leaves", Why: "Nobody knows everybody any more.", Must: true, By: []int64{3}}}}},
			summary: "What a stage needs", text: "And by which tools of the inventory it is there. Rules of thumb.",
			do: func(c *call) (answer, error) {
				all, err := a.Tools.Needs(c.ctx(), tool.Stage(c.text("stage")))
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
		{
			method: http.MethodGet, path: "/tool-money", id: "getToolMoney", tag: "Tools", need: auth.Read, reply: content{of: tool.Money{}, example: money},
			summary: "The currency that costs are told in", text: "The reporting currency of business data, with the rates of business data that count for the tools today.",
			do: func(c *call) (answer, error) {
				v, err := a.Tools.Money(c.ctx())
				if err != nil {
					return answer{}, err
				}
				return ok(v)
			},
		},
		{
			method: http.MethodPut, path: "/tool-money", id: "setToolMoney", tag: "Tools", need: auth.Connect, reply: content{of: tool.Money{}, example: money}, body: &content{of: tool.Money{}, text: "Currency and rates.", example: money},
			summary: "Set the currency that costs are told in", text: "It is the reporting currency of business data, for everything that is told in money. The rates are added to those of business data; one of the same day is replaced.",
			do: func(c *call) (answer, error) {
				m, err := decode[tool.Money](c)
				if err != nil {
					return answer{}, err
				}
				if err := a.Tools.SetMoney(c.ctx(), m, c.by()); err != nil {
					return answer{}, err
				}
				if m, err = a.Tools.Money(c.ctx()); err != nil {
					return answer{}, err
				}
				return ok(m)
			},
		},
	}
}

func (a *api) toolHappenedOps(id param) []op {
	incident := tool.Incident{ID: 4, ToolID: 3, Note: "Nobody could sign in.", From: exampleTime(2), To: exampleTime(3), By: "ana@acme.example"}
	suggestion := tool.Suggestion{Source: tool.SourceHealth{Name: "forum", Platform: "Discourse", Kind: "discourse", Health: tool.Good, Says: "Read an hour ago."}, Draft: exampleTool().Draft}
	return []op{
		{
			method: http.MethodGet, path: "/tools/{id}/incidents", id: "listToolIncidents", tag: "Tools", need: auth.Read, params: []param{id}, reply: content{of: Items[tool.Incident]{}, example: Items[tool.Incident]{Items: []tool.Incident{incident}}},
			summary: "What happened to a tool", text: "The newest first. What its sources showed was written down by itself.",
			do: func(c *call) (answer, error) {
				all, err := a.Tools.ToolIncidents(c.ctx(), c.id())
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
		{
			method: http.MethodPost, path: "/tools/{id}/incidents", id: "addToolIncident", tag: "Tools", need: auth.Write, status: http.StatusCreated, params: []param{id}, reply: content{of: tool.Incident{}, example: incident}, body: &content{of: ToolHappening{}, text: "What happened.", example: ToolHappening{Note: "Nobody could sign in.", From: "2026-11-02T08:00:00Z"}},
			summary: "Write down what happened to a tool", text: "Without an end it goes on.",
			do: func(c *call) (answer, error) {
				d, err := decode[ToolHappening](c)
				if err != nil {
					return answer{}, err
				}
				i := tool.Incident{ToolID: c.id(), Note: d.Note}
				if i.From, err = momentOf("from", d.From); err != nil {
					return answer{}, err
				}
				if i.To, err = momentOf("to", d.To); err != nil {
					return answer{}, err
				}
				if i, err = a.Tools.AddIncident(c.ctx(), i, c.by()); err != nil {
					return answer{}, err
				}
				return ok(i)
			},
		},
		{
			method: http.MethodPost, path: "/tool-incidents/{id}/end", id: "endToolIncident", tag: "Tools", need: auth.Write, status: http.StatusNoContent, params: []param{idParam("The incident's number.")},
			summary: "Say that an incident is over", text: "As of now.",
			do: func(c *call) (answer, error) { return answer{}, a.Tools.EndIncident(c.ctx(), c.id(), c.by()) },
		},
		{
			method: http.MethodGet, path: "/tool-suggestions", id: "listToolSuggestions", tag: "Tools", need: auth.Read, reply: content{of: Items[tool.Suggestion]{}, example: Items[tool.Suggestion]{Items: []tool.Suggestion{suggestion}}},
			summary: "Tools that the sources speak of", text: "Sources that no tool of the inventory names, each with the tool as it would be entered.",
			do: func(c *call) (answer, error) {
				all, err := a.Tools.Suggestions(c.ctx())
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
		{
			method: http.MethodPost, path: "/tool-suggestions", id: "answerToolSuggestion", tag: "Tools", need: auth.Write, reply: content{of: Items[tool.Suggestion]{}, example: Items[tool.Suggestion]{Items: []tool.Suggestion{}}}, body: &content{of: ToolAnswer{}, text: "What to do.", example: ToolAnswer{Source: "forum", Accept: true}},
			summary: "Enter a suggested tool, or decline it", text: "The answer is what is left.",
			do: func(c *call) (answer, error) {
				d, err := decode[ToolAnswer](c)
				if err != nil {
					return answer{}, err
				}
				if d.Accept {
					_, err = a.Tools.Accept(c.ctx(), d.Source, c.by())
				} else {
					err = a.Tools.Decline(c.ctx(), d.Source, c.by())
				}
				if err != nil {
					return answer{}, err
				}
				all, err := a.Tools.Suggestions(c.ctx())
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
	}
}

func exampleTool() tool.View {
	year := 1188.0
	return tool.View{
		Tool: tool.Tool{ID: 3, Version: 2, Draft: tool.Draft{
			Name: "Forum", Purpose: "Questions and answers", Category: "platform", State: tool.InUse, Suits: []tool.Stage{tool.Grow}, Owner: "ana@acme.example", Users: 12, Cost: 99, Currency: "EUR", Every: tool.Monthly,
			Renewal: "2026-12-31", Notice: 30, Data: []string{"messages"}, Personal: true, Region: "EU", Sources: []string{"forum"}, Feeds: []tool.Feed{{To: 4, What: "contacts"}},
		}, CreatedBy: "ana@acme.example", CreatedAt: exampleTime(2)},
		Health: tool.Good, Watched: []tool.SourceHealth{{Name: "forum", Platform: "Discourse", Kind: "discourse", Health: tool.Good, Says: "Read an hour ago."}}, Year: &year, Next: &tool.Renewal{Day: "2026-12-31", Until: "2026-12-01", Left: 9},
	}
}

// toolEnums lists the values of the types of tools and maturity.
func toolEnums(all map[reflect.Type][]string) {
	enum(all, tool.States()...)
	enum(all, tool.Stages()...)
	enum(all, append([]tool.Rhythm{""}, tool.Rhythms()...)...)
	enum(all, "", tool.Good, tool.Trouble)
	enum(all, append([]maturity.Stage{""}, maturity.Stages()...)...)
}

// toolTypeName names types whose own name is not clear enough among all others.
func toolTypeName(t reflect.Type) (string, bool) {
	prefix := map[string]string{reflect.TypeFor[tool.Tool]().PkgPath(): "Tool", reflect.TypeFor[maturity.Result]().PkgPath(): "Maturity"}
	if p, is := prefix[t.PkgPath()]; is && !strings.HasPrefix(t.Name(), p) && !strings.Contains(t.Name(), "[") {
		return p + t.Name(), true
	}
	if t.Kind() == reflect.Struct && strings.HasPrefix(t.Name(), "Items[") {
		if p, is := prefix[t.Field(0).Type.Elem().PkgPath()]; is {
			return p + strings.TrimPrefix(t.Field(0).Type.Elem().Name(), p) + "Items", true
		}
	}
	return "", false
}
