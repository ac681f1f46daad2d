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
	Members   *PushRequest    `json:"members,omitempty"`
	Metrics   *MetricsRequest `json:"metrics,omitempty"`
}

// AsSchedule words what is to be repeated as a schedule, which has neither been stored nor tried.
func (s *Service) AsSchedule(what Repeated) (action.Schedule, error) {
	var x action.Schedule
	var plan any
	switch {
	case what.WriteBack != nil && what.Members == nil && what.Metrics == nil:
		r := what.WriteBack
		x = action.Schedule{Kind: Kind, Source: r.Source, Title: fmt.Sprintf("Write %s to contacts of %s", plural(len(r.Set), "field", "fields"), r.Source)}
		plan = r
	case what.Members != nil && what.WriteBack == nil && what.Metrics == nil:
		r := what.Members
		x = action.Schedule{Kind: PushKind, Source: r.Source, Title: "Push members into " + r.Source}
		plan = r
	case what.Metrics != nil && what.WriteBack == nil && what.Members == nil:
		r := what.Metrics
		names, err := metricNames(r)
		if err != nil {
			return x, err
		}
		x = action.Schedule{Kind: PushMetricsKind, Source: r.Source, Title: fmt.Sprintf("Push %s into %s", plural(len(names), "metric", "metrics"), r.Source)}
		if len(names) == 1 {
			x.Title = fmt.Sprintf("Push %s into %s", names[0], r.Source)
		}
		plan = r
	default:
		return x, greenroom.Errorf(greenroom.CodeInvalid, "say what is to be repeated: one of write_back, members and metrics")
	}
	text, err := json.Marshal(plan)
	if err != nil {
		return x, fmt.Errorf("encoding a plan: %w", err)
	}
	x.Plan = text
	return x, nil
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
