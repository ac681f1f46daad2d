// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"encoding/json"

	"greenroom/internal/roadmap"
)

// planTimeline is what the timeline's script draws. Without script the list says the same.
type planTimeline struct {
	Data string // JSON
	Open string // the list
	Note string
}

// timelineTask is a bar, with days as they are written.
type timelineTask struct {
	ID        int64   `json:"id"`
	Version   int64   `json:"version"`
	Title     string  `json:"title"`
	Owner     string  `json:"owner"`
	Start     string  `json:"start"`
	End       string  `json:"end"`
	BaseStart string  `json:"base_start,omitempty"`
	BaseEnd   string  `json:"base_end,omitempty"`
	Days      int     `json:"days"`
	Column    string  `json:"column"`
	Critical  bool    `json:"critical,omitempty"`
	After     []int64 `json:"after,omitempty"`
}

func timeline(v *roadmap.View, may bool) *planTimeline {
	type data struct {
		Post  string         `json:"post"` // where a task is posted to, before its id
		May   bool           `json:"may"`
		Today string         `json:"today"`
		Tasks []timelineTask `json:"tasks"`
	}
	d := data{Post: planHref(v.ID) + "/tasks/", May: may, Today: v.Today, Tasks: make([]timelineTask, 0, len(v.Tasks))}
	for i := range v.Tasks {
		t := &v.Tasks[i]
		if t.Start == "" {
			continue
		}
		x := timelineTask{ID: t.ID, Version: t.Version, Title: t.Title, Owner: t.Owner, Start: t.Start, End: t.End, BaseStart: t.BaseStart, BaseEnd: t.BaseEnd, Days: t.Days, Column: string(t.Column), Critical: t.Critical}
		for _, on := range t.After {
			x.After = append(x.After, on.On)
		}
		d.Tasks = append(d.Tasks, x)
	}
	text, err := json.Marshal(d)
	if err != nil {
		return nil // texts and numbers always can be written
	}
	return &planTimeline{Data: string(text), Open: planHref(v.ID), Note: "Arrow keys up and down choose a task; left and right move it by a day, with Shift they make it shorter or longer; Enter opens it. The list has the same for screen readers."}
}
