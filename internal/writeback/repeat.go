// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package writeback

import (
	"context"
	"encoding/json"
	"fmt"

	"greenroom"
	"greenroom/internal/action"
)

// Repeated is what can be repeated: exactly one of these is set.
type Repeated struct {
	WriteBack *Request        `json:"write_back,omitempty"`
	Accounts  *AccountRequest `json:"accounts,omitempty"`
	Tasks     *TaskRequest    `json:"account_tasks,omitempty"`
	Members   *PushRequest    `json:"members,omitempty"`
	Metrics   *MetricsRequest `json:"metrics,omitempty"`
}

// AsSchedule words what is to be repeated as a schedule, which has neither been stored nor tried.
func (s *Service) AsSchedule(what Repeated) (action.Schedule, error) {
	var all []action.Schedule
	var plan any
	if r := what.WriteBack; r != nil {
		plan = r
		all = append(all, action.Schedule{Kind: Kind, Source: r.Source, Title: fmt.Sprintf("Write %s to contacts of %s", plural(len(r.Set), "field", "fields"), r.Source)})
	}
	if r := what.Accounts; r != nil {
		plan = r
		all = append(all, action.Schedule{Kind: AccountsKind, Source: r.Source, Title: fmt.Sprintf("Write %s to companies of %s", plural(len(r.Set), "field", "fields"), r.Source)})
	}
	if r := what.Tasks; r != nil {
		plan = r
		all = append(all, action.Schedule{Kind: TasksKind, Source: r.Source, Title: tasksTitle + r.Source})
	}
	if r := what.Members; r != nil {
		plan = r
		all = append(all, action.Schedule{Kind: PushKind, Source: r.Source, Title: "Push members into " + r.Source})
	}
	if r := what.Metrics; r != nil {
		names, err := metricNames(r)
		if err != nil {
			return action.Schedule{}, err
		}
		x := action.Schedule{Kind: PushMetricsKind, Source: r.Source, Title: fmt.Sprintf("Push %s into %s", plural(len(names), "metric", "metrics"), r.Source)}
		if len(names) == 1 {
			x.Title = fmt.Sprintf("Push %s into %s", names[0], r.Source)
		}
		plan = r
		all = append(all, x)
	}
	if len(all) != 1 {
		return action.Schedule{}, greenroom.Errorf(greenroom.CodeInvalid, "say what is to be repeated: one of write_back, accounts, account_tasks, members and metrics")
	}
	text, err := json.Marshal(plan)
	if err != nil {
		return action.Schedule{}, fmt.Errorf("encoding a plan: %w", err)
	}
	all[0].Plan = text
	return all[0], nil
}

// MakeAction makes an action of a schedule that writes back. Whoever made the schedule has approved it.
func (s *Service) MakeAction(ctx context.Context, plan json.RawMessage, key, by string) (action.Action, error) {
	var r Request
	if err := json.Unmarshal(plan, &r); err != nil {
		return action.Action{}, fmt.Errorf("decoding a plan: %w", err)
	}
	return s.Send(ctx, &r, key, by, true)
}

// MakeAction makes an action of a schedule that pushes members.
func (p Pusher) MakeAction(ctx context.Context, plan json.RawMessage, key, by string) (action.Action, error) {
	var r PushRequest
	if err := json.Unmarshal(plan, &r); err != nil {
		return action.Action{}, fmt.Errorf("decoding a plan: %w", err)
	}
	return p.Push(ctx, &r, key, by)
}

// MakeAction makes an action of a schedule that pushes metrics.
func (p MetricsPusher) MakeAction(ctx context.Context, plan json.RawMessage, key, by string) (action.Action, error) {
	var r MetricsRequest
	if err := json.Unmarshal(plan, &r); err != nil {
		return action.Action{}, fmt.Errorf("decoding a plan: %w", err)
	}
	return p.PushMetrics(ctx, &r, key, by)
}
