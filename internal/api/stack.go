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

const shownDeliveries = 20

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
	}
}

func exampleReport() stack.Report {
	return stack.Report{
		Source: exampleSource(), State: stack.StateGood, Says: "It is read every 15 minutes. The next time is in 4 minutes.", Live: true, Rhythm: 900,
		Budgets: []greenroom.Budget{}, Volume: []stack.Day{{From: time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC), Count: 48, Usual: 51}}, Alerts: []stack.Alert{}, Changes: []stack.Change{},
	}
}
