// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"net/http"
	"time"

	"greenroom"
	"greenroom/internal/action"
	"greenroom/internal/analytics"
	"greenroom/internal/auth"
	"greenroom/internal/writeback"
)

// Pushes pushes into warehouses, and repeats actions.
type Pushes interface {
	Push(ctx context.Context, r *writeback.PushRequest, key, by string) (action.Action, error)
	PushMetrics(ctx context.Context, r *writeback.MetricsRequest, key, by string) (action.Action, error)
	Schedules(ctx context.Context, source string) ([]action.Schedule, error)
	ActionSchedule(ctx context.Context, id int64) (action.Schedule, error)
	Repeat(ctx context.Context, what writeback.Repeated, every time.Duration, by string) (action.Schedule, error)
	StopSchedule(ctx context.Context, id int64, stopped bool) error
	DropSchedule(ctx context.Context, id int64) error
}

// MembersPush is which members are pushed where.
type MembersPush struct {
	Source string `json:"source" doc:"The source whose database is written to, by its name."`
	Query  string `json:"query,omitempty" doc:"Over members; left out = all."`
}

func (r *MembersPush) request() *writeback.PushRequest {
	return &writeback.PushRequest{Source: r.Source, Query: r.Query}
}

// MetricsPush is which figures are pushed where.
type MetricsPush struct {
	Source    string                `json:"source" doc:"The source whose database is written to, by its name."`
	Metrics   []string              `json:"metrics,omitempty" doc:"Which metrics, by name; left out = all that the breakdown can be asked of."`
	By        analytics.Granularity `json:"by,omitempty" doc:"The length of the periods: day, week, month or quarter; left out = week."`
	Periods   int                   `json:"periods,omitempty" doc:"How many periods, up to the one that is running; left out = 30 days, 12 weeks, 12 months or 8 quarters."`
	Query     string                `json:"query,omitempty" doc:"What counts, in the query language."`
	Segment   string                `json:"segment,omitempty" doc:"Whose activities count: a query over members."`
	Breakdown analytics.Dimension   `json:"breakdown,omitempty" doc:"A row for each value of this."`
	Groups    int                   `json:"groups,omitempty" doc:"With a breakdown: how many groups at most; left out = 100."`
	Staff     bool                  `json:"staff,omitempty" doc:"Count the team too."`
	Bots      bool                  `json:"bots,omitempty" doc:"Count bots too."`
}

func (r *MetricsPush) request() *writeback.MetricsRequest {
	return &writeback.MetricsRequest{
		Source: r.Source, Metrics: r.Metrics, By: r.By, Periods: r.Periods, Query: r.Query, Segment: r.Segment, Breakdown: r.Breakdown, Groups: r.Groups, Staff: r.Staff, Bots: r.Bots,
	}
}

// NewMembersPush is a request to push members.
type NewMembersPush struct {
	MembersPush

	Key string `json:"key,omitempty" doc:"A text of your own that stands for this intent. Asking again with it gives the action that is there."`
}

// NewMetricsPush is a request to push figures.
type NewMetricsPush struct {
	MetricsPush

	Key string `json:"key,omitempty" doc:"A text of your own that stands for this intent. Asking again with it gives the action that is there."`
}

// NewRepeated is what is to be repeated: one of these, and how often.
type NewRepeated struct {
	Every     string               `json:"every" doc:"How often: hour, day, week, or a length of time from 1h to 744h."`
	WriteBack *WriteBackRequest    `json:"write_back,omitempty" doc:"Write fields of members to their contacts in a CRM."`
	Accounts  *AccountWriteRequest `json:"accounts,omitempty" doc:"Write fields of accounts to their companies in a CRM."`
	Tasks     *AccountTaskRequest  `json:"account_tasks,omitempty" doc:"Make tasks in a CRM for the owners of accounts."`
	Members   *MembersPush         `json:"members,omitempty" doc:"Push members into a database."`
	Metrics   *MetricsPush         `json:"metrics,omitempty" doc:"Push figures into a database."`
}

func (r *NewRepeated) repeated() writeback.Repeated {
	var what writeback.Repeated
	if r.WriteBack != nil {
		what.WriteBack = r.WriteBack.request()
	}
	if r.Accounts != nil {
		what.Accounts = r.Accounts.request()
	}
	if r.Tasks != nil {
		what.Tasks = r.Tasks.request()
	}
	if r.Members != nil {
		what.Members = r.Members.request()
	}
	if r.Metrics != nil {
		what.Metrics = r.Metrics.request()
	}
	return what
}

// DroppedRepeated says that something is repeated no longer.
type DroppedRepeated struct {
	Dropped int64 `json:"dropped" doc:"The id of what was repeated."`
}

func (a *api) pushOps() []op {
	if a.Pushes == nil {
		return nil
	}
	act := content{of: action.Action{}, example: exampleAction()}
	members, metrics := MembersPush{Source: "warehouse", Query: "-is:staff"}, MetricsPush{Source: "warehouse", Metrics: []string{"active_members"}, By: analytics.Week, Breakdown: analytics.BySource}
	return append([]op{
		{
			method: http.MethodPost, path: "/pushes/members", id: "pushMembers", tag: "Actions", need: auth.Connect, timeout: actionTimeout, repeatable: true, status: http.StatusCreated, codes: []greenroom.Code{greenroom.CodeConflict},
			summary: "Push members into a database",
			text:    "Makes an action that writes the members of a query into the table `members` of a database such as Snowflake or PostgreSQL, by id. Rows of members who were pushed earlier and are no more, because they were erased or merged, are deleted.",
			body:    &content{of: NewMembersPush{}, text: "What is to be pushed.", example: NewMembersPush{MembersPush: members, Key: "members-2026-47"}},
			reply:   act,
			do: func(c *call) (answer, error) {
				r, err := decode[NewMembersPush](c)
				if err != nil {
					return answer{}, err
				}
				made, err := a.Pushes.Push(c.ctx(), r.request(), r.Key, c.by())
				if err != nil {
					return answer{}, err
				}
				return ok(made)
			},
		},
		{
			method: http.MethodPost, path: "/pushes/metrics", id: "pushMetrics", tag: "Actions", need: auth.Connect, timeout: actionTimeout, repeatable: true, status: http.StatusCreated, codes: []greenroom.Code{greenroom.CodeConflict},
			summary: "Push figures into a database",
			text:    "Makes an action that writes figures into the table `metrics` of a database: one row for each metric, version, period and group, with its value, its interval, on how many cases it rests and as of when it holds. Rows are merged by what was measured.",
			body:    &content{of: NewMetricsPush{}, text: "What is to be pushed.", example: NewMetricsPush{MetricsPush: metrics, Key: "metrics-2026-47"}},
			reply:   act,
			do: func(c *call) (answer, error) {
				r, err := decode[NewMetricsPush](c)
				if err != nil {
					return answer{}, err
				}
				made, err := a.Pushes.PushMetrics(c.ctx(), r.request(), r.Key, c.by())
				if err != nil {
					return answer{}, err
				}
				return ok(made)
			},
		},
	}, a.repeatedOps(&members)...)
}

func (a *api) repeatedOps(members *MembersPush) []op {
	id := idParam("The id of what is repeated.")
	one := content{of: action.Schedule{}, example: exampleSchedule()}
	return []op{
		{
			method: http.MethodGet, path: "/repeated-actions", id: "listRepeatedActions", tag: "Actions", need: auth.Connect,
			summary: "What is repeated", text: "Actions that are made again and again, with when they are next and how the last time went.",
			params: []param{{name: "source", form: formText, text: "Only those of a source, by its name.", example: "warehouse"}},
			reply:  content{of: Items[action.Schedule]{}, example: Items[action.Schedule]{Items: []action.Schedule{exampleSchedule()}}},
			do: func(c *call) (answer, error) {
				all, err := a.Pushes.Schedules(c.ctx(), c.text("source"))
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
		{
			method: http.MethodPost, path: "/repeated-actions", id: "repeatAction", tag: "Actions", need: auth.Connect, timeout: actionTimeout, status: http.StatusCreated, codes: []greenroom.Code{greenroom.CodeConflict},
			summary: "Repeat an action", text: "Does something now and again and again, each time from what is known then. Where it cannot be done now, nothing is repeated.",
			body:  &content{of: NewRepeated{}, text: "What, and how often.", example: NewRepeated{Every: "day", Members: members}},
			reply: one,
			do: func(c *call) (answer, error) {
				r, err := decode[NewRepeated](c)
				if err != nil {
					return answer{}, err
				}
				every, err := action.Rhythm(r.Every)
				if err != nil {
					return answer{}, err
				}
				s, err := a.Pushes.Repeat(c.ctx(), r.repeated(), every, c.by())
				if err != nil {
					return answer{}, err
				}
				return ok(s)
			},
		},
		{
			method: http.MethodPost, path: "/repeated-actions/{id}/stop", id: "stopRepeatedAction", tag: "Actions", need: auth.Connect,
			summary: "Stop repeating", text: "Nothing is done any more until it is resumed.", params: []param{id}, reply: one,
			do: func(c *call) (answer, error) { return a.stopRepeated(c, true) },
		},
		{
			method: http.MethodPost, path: "/repeated-actions/{id}/resume", id: "resumeRepeatedAction", tag: "Actions", need: auth.Connect,
			summary: "Repeat again", text: "Goes on with what was stopped; it is due at once.", params: []param{id}, reply: one,
			do: func(c *call) (answer, error) { return a.stopRepeated(c, false) },
		},
		{
			method: http.MethodDelete, path: "/repeated-actions/{id}", id: "dropRepeatedAction", tag: "Actions", need: auth.Connect,
			summary: "End repeating for good", text: "What it did stays, in the log of actions and on the other system.", params: []param{id},
			reply: content{of: DroppedRepeated{}, example: DroppedRepeated{Dropped: 3}},
			do: func(c *call) (answer, error) {
				if err := a.Pushes.DropSchedule(c.ctx(), c.id()); err != nil {
					return answer{}, err
				}
				return ok(DroppedRepeated{Dropped: c.id()})
			},
		},
	}
}

func (a *api) stopRepeated(c *call, stopped bool) (answer, error) {
	if err := a.Pushes.StopSchedule(c.ctx(), c.id(), stopped); err != nil {
		return answer{}, err
	}
	s, err := a.Pushes.ActionSchedule(c.ctx(), c.id())
	if err != nil {
		return answer{}, err
	}
	return ok(s)
}

func exampleSchedule() action.Schedule {
	at := time.Date(2026, 11, 20, 9, 12, 0, 0, time.UTC)
	return action.Schedule{
		ID: 3, Kind: writeback.PushKind, Source: "warehouse", Title: "Push members into warehouse", Plan: []byte(`{"source":"warehouse"}`), Every: 86400, CreatedBy: "ana@acme.example",
		CreatedAt: at, NextAt: at.AddDate(0, 0, 2), Times: 2, LastAction: 12, LastAt: at.AddDate(0, 0, 1),
	}
}

// pushDocs says what the fields of pushes are.
func pushDocs() map[string]string {
	return map[string]string{
		"MembersPush": "Which members are pushed where.", "MetricsPush": "Which figures are pushed where.", "NewMembersPush": "What is to be pushed.", "NewMetricsPush": "What is to be pushed.",
		"NewRepeated": "What is to be repeated: one of these, and how often.", "DroppedRepeated": "What is repeated no longer.", "Schedule": "An action that is made again and again.",

		"Removal": "A source that is being removed with all that came in from it.", "Removal.source": "Its name.", "Removal.asked_at": "When it was asked for.", "Removal.asked_by": "Who asked for it.",
		"Removal.total": "How many rows there are of it, as far as they are counted.", "Removal.done": "How many of them are removed.", "RemovalRequest": "Confirms that a source is removed.", "RenameRequest": "The new name of a source.",

		"Schedule.kind": "What is done: write-back, write-accounts, account-tasks, push-members or push-metrics.", "Schedule.source": "The source whose platform it changes.", "Schedule.title": "What is done, for people.", "Schedule.plan": "What is asked for each time.",
		"Schedule.every_seconds": "How often.", "Schedule.created_by": "Who wanted it.", "Schedule.created_at": "When it was first asked for.", "Schedule.next_at": "When it is done next; left out while it is stopped.", "Schedule.stopped_at": "When it was stopped; left out while it goes on.",
		"Schedule.times": "How often it was done, also where there was nothing to do.", "Schedule.last_action": "The id of the last action that it made.", "Schedule.last_at": "When it was last tried.", "Schedule.error": "Why the last try made no action.", "Schedule.failures": "Tries in a row that made none.",
	}
}
