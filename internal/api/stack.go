// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"net/http"
	"time"

	"greenroom"
	"greenroom/internal/auth"
	"greenroom/internal/stack"
)

// Retried says how many deliveries are tried again.
type Retried struct {
	Retried int64 `json:"retried" doc:"How many deliveries that had failed are tried again."`
}

// MappingRequest is a mapping to try.
type MappingRequest struct {
	Mapping string `json:"mapping" doc:"The mapping's text, a line for each field."`
}

// MappingTried is what would come of the last deliveries by a mapping.
type MappingTried struct {
	Problems   []string `json:"problems" doc:"What is wrong with the mapping itself; then nothing else can be said."`
	Deliveries []Tried  `json:"deliveries" doc:"The last 10 deliveries, the newest first, each with what would come of it."`
}

// Tried is what would come of one delivery.
type Tried struct {
	ID       int64       `json:"id" doc:"The delivery."`
	Payload  string      `json:"payload,omitempty" doc:"The payload as it was understood, indented JSON."`
	Facts    []TriedFact `json:"facts" doc:"What would be stored."`
	LeftOut  string      `json:"left_out,omitempty" doc:"Why nothing comes of it, where that is meant."`
	Problems []string    `json:"problems" doc:"What is wrong."`
}

// TriedFact is one thing that would be stored.
type TriedFact struct {
	What   string            `json:"what" doc:"Such as message, deal or person."`
	Values map[string]string `json:"values" doc:"Its fields."`
}

const (
	shownDeliveries = 20
	triedDeliveries = 10
)

func (a *api) stackOps() []op {
	if a.Stack == nil {
		return nil
	}
	source := nameParam("name", "The source's name.", "slack-acme")
	return []op{
		{
			method: http.MethodGet, path: "/stack", id: "listReports", tag: "Sources", need: auth.Read,
			summary: "How the sources are",
			text: "Of every source: is it fresh for its rhythm, what went wrong last and what to do, what is left of the platform's budgets, " +
				"and its volume by day with gaps. Alerts are what a person should look at.",
			reply: content{of: Items[stack.Report]{}, example: Items[stack.Report]{Items: []stack.Report{exampleReport()}}},
			do: func(c *call) (answer, error) {
				all, err := a.Stack.Reports(c.ctx())
				if err != nil {
					return answer{}, err
				}
				for i := range all {
					all[i].Source = a.shown(c, all[i].Source)
				}
				return itemsOf(all)
			},
		},
		{
			method: http.MethodGet, path: "/sources/{name}/report", id: "getReport", tag: "Sources", need: auth.Read,
			summary: "How a source is",
			text:    "As in GET /stack, and beside: which places of the platform come in, and the platform's own counts against ours with every difference explained.",
			params:  []param{source},
			reply:   content{of: stack.Report{}, example: exampleReport()},
			do: func(c *call) (answer, error) {
				r, err := a.Stack.Report(c.ctx(), c.text("name"))
				if err != nil {
					return answer{}, err
				}
				r.Source = a.shown(c, r.Source)
				return ok(r)
			},
		},
		{
			method: http.MethodGet, path: "/sources/{name}/deliveries", id: "listDeliveries", tag: "Sources", need: auth.Connect,
			summary: "What the platform pushed",
			text:    "The last 20 deliveries of a source's platform, the newest first, without their bodies.",
			params:  []param{source},
			reply: content{of: Items[greenroom.Delivery]{}, example: Items[greenroom.Delivery]{Items: []greenroom.Delivery{{
				ID: 12, State: greenroom.DeliveryDone, ReceivedAt: time.Date(2026, 11, 20, 9, 12, 0, 0, time.UTC), Method: http.MethodPost,
			}}}},
			do: func(c *call) (answer, error) {
				src, err := a.Sources.Source(c.ctx(), c.text("name"))
				if err != nil {
					return answer{}, err
				}
				all, err := a.Deliveries.LastDeliveries(c.ctx(), src.ID, shownDeliveries)
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
		{
			method: http.MethodPost, path: "/sources/{name}/deliveries/retry", id: "retryDeliveries", tag: "Sources", need: auth.Connect,
			summary: "Try failed deliveries again",
			text:    "Deliveries that could not be taken in after several tries are kept; this takes them up again.",
			params:  []param{source}, repeatable: true,
			reply: content{of: Retried{}, example: Retried{Retried: 3}},
			do: func(c *call) (answer, error) {
				src, err := a.Sources.Source(c.ctx(), c.text("name"))
				if err != nil {
					return answer{}, err
				}
				n, err := a.Deliveries.RetryDeliveries(c.ctx(), src.ID)
				if err != nil {
					return answer{}, err
				}
				return ok(Retried{Retried: n})
			},
		},
		{
			method: http.MethodPost, path: "/sources/{name}/mapping/try", id: "tryMapping", tag: "Sources", need: auth.Connect,
			summary: "Try a mapping",
			text:    "What would come of the last 10 deliveries of a generic webhook by a mapping. Nothing is stored; PATCH /sources/{name} saves a mapping.",
			params:  []param{source}, repeatable: true,
			body:  &content{of: MappingRequest{}, text: "The mapping.", example: MappingRequest{Mapping: "kind = message\ntitle = $.subject"}},
			reply: content{of: MappingTried{}, example: MappingTried{Problems: []string{}, Deliveries: []Tried{}}},
			do:    a.tryMapping,
		},
	}
}

func (a *api) tryMapping(c *call) (answer, error) {
	req, err := decode[MappingRequest](c)
	if err != nil {
		return answer{}, err
	}
	src, err := a.Sources.Source(c.ctx(), c.text("name"))
	if err != nil {
		return answer{}, err
	}
	last, err := a.Deliveries.LastDeliveries(c.ctx(), src.ID, triedDeliveries)
	if err != nil {
		return answer{}, err
	}
	tried, problems, err := a.TryMapping(src.Kind, req.Mapping, last)
	if err != nil {
		return answer{}, err
	}
	if problems == nil {
		problems = []string{}
	}
	return ok(MappingTried{Problems: problems, Deliveries: tried})
}

func exampleReport() stack.Report {
	return stack.Report{
		Source: exampleSource(), State: stack.StateGood, Says: "It is read every 15 minutes. The next time is in 4 minutes.", Live: true, Rhythm: 900,
		Budgets: []greenroom.Budget{}, Volume: []stack.Day{{From: time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC), Count: 48, Usual: 51}}, Alerts: []stack.Alert{}, Changes: []stack.Change{},
	}
}
