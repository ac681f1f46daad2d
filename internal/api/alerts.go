// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"net/http"
	"reflect"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/alert"
	"greenroom/internal/auth"
)

// Alerts tell the team of what happens; alert.Service does.
type Alerts interface {
	List(ctx context.Context) ([]alert.Alert, error)
	Get(ctx context.Context, id int64) (alert.Alert, error)
	Add(ctx context.Context, d alert.Draft, by string) (alert.Alert, error)
	Edit(ctx context.Context, id int64, d alert.Draft, by string) (alert.Alert, error)
	Mute(ctx context.Context, id int64, d time.Duration, by string) (alert.Alert, error)
	Remove(ctx context.Context, id int64, by string) error
	AlertFirings
}

// AlertFirings tells what alerts did.
type AlertFirings interface {
	Firings(ctx context.Context, f alert.Filter) ([]alert.Firing, error)
	Tallies(ctx context.Context) (map[int64]alert.Tally, error)
	Judge(ctx context.Context, id int64, useful *bool, by string) (alert.Firing, error)
	Suggest(ctx context.Context, id int64) (*alert.Suggestion, error)
	Preview(ctx context.Context, d alert.Draft) (*alert.Preview, error)
	Test(ctx context.Context, id int64, by string) (sent int, err error)
}

// AlertStatus is an alert with how it does.
type AlertStatus struct {
	alert.Alert

	Tally     alert.Tally     `json:"tally" doc:"What it did."`
	Precision alert.Precision `json:"precision" doc:"The share of the judged firings that were useful."`
}

// AlertMute says for how long an alert fires nothing.
type AlertMute struct {
	Hours int64 `json:"hours" doc:"For how many hours from now on; 0 ends it."`
}

// AlertTest says where a test went.
type AlertTest struct {
	Messages int `json:"messages" doc:"How many messages are on their way."`
}

// AlertVerdict says whether a firing was useful.
type AlertVerdict struct {
	Useful *bool `json:"useful" doc:"Whether it was useful; null takes an answer back."`
}

const maxFirings = 500

func (a *api) alertOps() []op {
	if a.Alerts == nil {
		return nil
	}
	id := idParam("The alert's id.")
	one := content{of: AlertStatus{}, example: exampleAlert()}
	draft := &content{of: alert.Draft{}, text: "What the alert is.", example: exampleAlert().Draft}
	conflict := []greenroom.Code{greenroom.CodeConflict}
	status := func(c *call, one alert.Alert, err error) (answer, error) {
		if err != nil {
			return answer{}, err
		}
		all, err := a.alertStatus(c.ctx(), []alert.Alert{one})
		if err != nil {
			return answer{}, err
		}
		return ok(all[0])
	}
	return append([]op{
		{
			method: http.MethodGet, path: "/alerts", id: "listAlerts", tag: "Alerts", need: auth.Read,
			summary: "List alerts", text: "All alerts by name, with how often they fired and how useful that was.",
			reply: content{of: Items[AlertStatus]{}, example: Items[AlertStatus]{Items: []AlertStatus{exampleAlert()}}},
			do: func(c *call) (answer, error) {
				all, err := a.Alerts.List(c.ctx())
				if err != nil {
					return answer{}, err
				}
				with, err := a.alertStatus(c.ctx(), all)
				if err != nil {
					return answer{}, err
				}
				return itemsOf(with)
			},
		},
		{
			method: http.MethodPost, path: "/alerts", id: "createAlert", tag: "Alerts", need: auth.Write, status: http.StatusCreated, repeatable: true, codes: conflict,
			summary: "Make an alert", text: "It fires on what happens from now on. What fits already is no news.", body: draft, reply: one,
			do: func(c *call) (answer, error) {
				d, err := decode[alert.Draft](c)
				if err != nil {
					return answer{}, err
				}
				made, err := a.Alerts.Add(c.ctx(), d, c.by())
				return status(c, made, err)
			},
		},
		{
			method: http.MethodPost, path: "/alert-previews", id: "previewAlert", tag: "Alerts", need: auth.Read, timeout: actionTimeout,
			summary: "What an alert would have done", text: "How often an alert would have fired in the last 30 days, and on what. Nothing is made or sent.", body: draft,
			reply: content{of: alert.Preview{}, example: alert.Preview{Days: 30, Times: 1, Matches: 3, Exact: true, Basis: alert.BasisPast, Says: "It would have fired once in the last 30 days.", Firings: []alert.Firing{exampleFiring()}}},
			do: func(c *call) (answer, error) {
				d, err := decode[alert.Draft](c)
				if err != nil {
					return answer{}, err
				}
				return given(a.Alerts.Preview(c.ctx(), d))
			},
		},
		{
			method: http.MethodGet, path: "/alerts/{id}", id: "getAlert", tag: "Alerts", need: auth.Read, params: []param{id}, reply: one, summary: "An alert", text: "What it is and how it does.",
			do: func(c *call) (answer, error) {
				found, err := a.Alerts.Get(c.ctx(), c.integer("id"))
				return status(c, found, err)
			},
		},
		{
			method: http.MethodPut, path: "/alerts/{id}", id: "changeAlert", tag: "Alerts", need: auth.Write, params: []param{id}, reply: one, codes: conflict, body: draft,
			summary: "Change an alert", text: "Replaces what the alert is. With another query, condition or source it begins anew: what fits already is no news.",
			do: func(c *call) (answer, error) {
				d, err := decode[alert.Draft](c)
				if err != nil {
					return answer{}, err
				}
				changed, err := a.Alerts.Edit(c.ctx(), c.integer("id"), d, c.by())
				return status(c, changed, err)
			},
		},
		{
			method: http.MethodDelete, path: "/alerts/{id}", id: "removeAlert", tag: "Alerts", need: auth.Write, params: []param{id}, status: http.StatusNoContent,
			summary: "Remove an alert", text: "It fires no more; what it would have told later is not told.",
			do: func(c *call) (answer, error) { return answer{}, a.Alerts.Remove(c.ctx(), c.integer("id"), c.by()) },
		},
		{
			method: http.MethodPost, path: "/alerts/{id}/mute", id: "muteAlert", tag: "Alerts", need: auth.Write, params: []param{id}, reply: one,
			summary: "Mute an alert", text: "It fires nothing for some hours. What happens until then is not told later.", body: &content{of: AlertMute{}, text: "For how long.", example: AlertMute{24}},
			do: func(c *call) (answer, error) {
				m, err := decode[AlertMute](c)
				if err != nil {
					return answer{}, err
				}
				muted, err := a.Alerts.Mute(c.ctx(), c.integer("id"), time.Duration(min(max(m.Hours, -1), 1<<20))*time.Hour, c.by())
				return status(c, muted, err)
			},
		},
		{
			method: http.MethodPost, path: "/alerts/{id}/test", id: "testAlert", tag: "Alerts", need: auth.Write, params: []param{id}, status: http.StatusAccepted,
			summary: "Send a test of an alert", text: "Sends what the alert would say of something that fits now to its destinations.", reply: content{of: AlertTest{}, example: AlertTest{1}},
			do: func(c *call) (answer, error) {
				n, err := a.Alerts.Test(c.ctx(), c.integer("id"), c.by())
				if err != nil {
					return answer{}, err
				}
				return ok(AlertTest{n})
			},
		},
	}, a.firingOps(id)...)
}

func (a *api) firingOps(id param) []op {
	firings := content{of: Items[alert.Firing]{}, example: Items[alert.Firing]{Items: []alert.Firing{exampleFiring()}}}
	return []op{
		{
			method: http.MethodGet, path: "/alerts/{id}/firings", id: "listFirings", tag: "Alerts", need: auth.Read, reply: firings,
			summary: "What an alert fired on", text: "The newest first. For the next page give the last id as `below`.",
			params: []param{
				id,
				{name: "judged", form: formFlag, initial: "false", text: "Only those that somebody judged."},
				{name: "below", form: formInteger, min: 1, text: "Only firings with a lower id.", example: "310"},
				{name: "limit", form: formInteger, min: 1, max: maxFirings, initial: "100", text: "How many at most.", example: "100"},
			},
			do: func(c *call) (answer, error) {
				if _, err := a.Alerts.Get(c.ctx(), c.integer("id")); err != nil {
					return answer{}, err
				}
				all, err := a.Alerts.Firings(c.ctx(), alert.Filter{Alert: c.integer("id"), Judged: c.flag("judged"), Below: c.integer("below"), Limit: int(c.integer("limit"))})
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
		{
			method: http.MethodPost, path: "/alert-firings/{id}/verdict", id: "judgeFiring", tag: "Alerts", need: auth.Write, params: []param{idParam("The firing's id.")},
			summary: "Say whether a firing was useful", text: "Counts for the alert's precision. The last answer holds.", body: &content{of: AlertVerdict{}, text: "The answer.", example: AlertVerdict{new(true)}},
			reply: content{of: alert.Firing{}, example: exampleFiring()},
			do: func(c *call) (answer, error) {
				v, err := decode[AlertVerdict](c)
				if err != nil {
					return answer{}, err
				}
				return given(a.Alerts.Judge(c.ctx(), c.integer("id"), v.Useful, c.by()))
			},
		},
		{
			method: http.MethodGet, path: "/alerts/{id}/suggestions", id: "suggestForAlert", tag: "Alerts", need: auth.Read, params: []param{id},
			summary: "How an alert could be more precise", text: "One term that would have kept most of the useful firings and dropped most of the others, by what was judged. Empty where too little was judged, or where no single term does it.",
			reply: content{of: Items[alert.Suggestion]{}, example: Items[alert.Suggestion]{Items: []alert.Suggestion{{Term: "channel:help", Query: "is:question channel:help", Kept: 9, Useful: 10, Dropped: 8, Useless: 9, Says: "With channel:help it would have kept 9 of the 10 useful ones and dropped 8 of the 9 others."}}}},
			do: func(c *call) (answer, error) {
				v, err := a.Alerts.Suggest(c.ctx(), c.integer("id"))
				if err != nil {
					return answer{}, err
				}
				var all []alert.Suggestion
				if v != nil {
					all = append(all, *v)
				}
				return itemsOf(all)
			},
		},
	}
}

// alertStatus adds how alerts do.
func (a *api) alertStatus(ctx context.Context, all []alert.Alert) ([]AlertStatus, error) {
	tallies, err := a.Alerts.Tallies(ctx)
	if err != nil {
		return nil, err
	}
	with := make([]AlertStatus, len(all))
	for i := range all {
		t := tallies[all[i].ID]
		with[i] = AlertStatus{all[i], t, t.Precision()}
	}
	return with, nil
}

func exampleAlert() AlertStatus {
	t := alert.Tally{Week: 4, Month: 19, Useful: 9, Useless: 1, Arrived: 19, LastAt: exampleTime(20)}
	return AlertStatus{alert.Alert{ID: 3, CreatedAt: exampleTime(2), ChangedAt: exampleTime(2), Draft: alert.Draft{
		Name: "A trial customer asks", Watch: alert.Activities, Query: "is:question org.lifecycle:trial", Destinations: []int64{1}, People: []string{"*"}, Group: alert.GroupConversation, GroupMinutes: 240,
		Rhythm: alert.AtOnce, PerHour: 30, Severity: alert.Warning, Do: "Answer today.", Owner: "ana@acme.example", Quiet: alert.Quiet{From: 20, To: 8, Zone: "Europe/Lisbon"},
	}}, t, t.Precision()}
}

func exampleFiring() alert.Firing {
	return alert.Firing{
		ID: 310, AlertID: 3, Object: alert.Object{Kind: "activity", ID: 812}, At: exampleTime(20), LastAt: exampleTime(20), Count: 1, ActivityID: 812, ConversationID: 800, MemberID: 42, Member: "Ana Torres",
		OrganizationID: 5, Organization: "Blue Harbor", Title: "Ana Torres (Blue Harbor) asks in #help", State: alert.Sent, Useful: new(true), JudgedAt: exampleTime(20), JudgedBy: "link in a message",
	}
}

// alertTypeName names the types of package alert, several of which are called like others.
func alertTypeName(t reflect.Type) (string, bool) {
	pkg := reflect.TypeFor[alert.Alert]().PkgPath()
	switch {
	case t == reflect.TypeFor[alert.Alert]():
		return "AlertRule", true
	case t.PkgPath() == pkg:
		return "Alert" + t.Name(), true
	case strings.Contains(t.Name(), "["+pkg+"."):
		outer, inner, _ := strings.Cut(strings.TrimSuffix(t.Name(), "]"), "[")
		return "Alert" + strings.TrimPrefix(inner, pkg+".") + outer, true
	}
	return "", false
}
