// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package roadmap

import (
	"context"
	"fmt"
	"strings"

	"greenroom"
)

// What tasks can make: the kind before the colon of [Task.Makes]. After it stands which template, by its key or name.
const (
	MakesWorkflow = "workflow"
	MakesSurvey   = "survey"
	MakesProgram  = "program"
	MakesAlert    = "alert"
	MakesTopics   = "topics" // looks at what is there; nothing is made
	MakesReport   = "report"
)

// Made is something that was made for a task.
type Made struct {
	Title string `json:"title" doc:"Its name."`
	Path  string `json:"path" doc:"Its page, from the first slash on."`
}

// makings says of each kind what the team does by it; the order is that of the constants.
func makings() [][2]string {
	return [][2]string{{MakesWorkflow, "Make the workflow"}, {MakesSurvey, "Make the survey"}, {MakesProgram, "Make the program"}, {MakesAlert, "Make the watch"}, {MakesTopics, "Open the trends"}, {MakesReport, "Make the report"}}
}

// MakesWhat says in words what a task makes with one click; "" = nothing, or it is there already.
func (t *Task) MakesWhat() string {
	kind, _, _ := strings.Cut(t.Makes, ":")
	for _, m := range makings() {
		if m[0] == kind && len(t.Made) == 0 {
			return m[1]
		}
	}
	return ""
}

// validMakes says what is wrong with what a task makes.
func (t *Task) validMakes() error {
	t.Makes = strings.TrimSpace(t.Makes)
	if t.Makes == "" {
		return nil
	}
	kind, of, _ := strings.Cut(t.Makes, ":")
	kinds := make([]string, 0, len(makings()))
	for _, m := range makings() {
		if m[0] == kind && (of != "" || kind == MakesTopics) {
			return nil
		}
		kinds = append(kinds, m[0])
	}
	return bad("a task makes one of %s, with the template after a colon, such as workflow:trial; not %q", strings.Join(kinds, ", "), t.Makes)
}

// Maker makes what a task names, for what its plan is about.
type Maker interface {
	// Make gives what was made, or opened. Kind and template are those of Task.Makes.
	Make(ctx context.Context, kind, template string, p Plan, by string) ([]Made, error)
}

// Making is the service whose tasks can be made.
func (s *Service) Making(m Maker) *Service {
	with := *s
	with.maker = m
	return &with
}

// Make makes what a task names, as a draft that does nothing before somebody turns it on, and keeps the way to it with the task.
// Whether the task has begun is for people to say. CodeConflict where it was made already.
func (s *Service) Make(ctx context.Context, plan, task int64, by string) (Task, error) {
	p, all, at, err := s.find(ctx, plan, task)
	if err != nil {
		return Task{}, err
	}
	t := all[at]
	kind, template, _ := strings.Cut(t.Makes, ":")
	switch {
	case t.Makes == "":
		return t, bad("%q makes nothing; say first what, such as workflow:trial", t.Title)
	case len(t.Made) > 0:
		return t, greenroom.Errorf(greenroom.CodeConflict, "it was made already: %s", t.Made[0].Title)
	case s.maker == nil:
		return t, greenroom.Errorf(greenroom.CodeUnavailable, "nothing can be made from here; open the plan in the browser")
	}
	made, err := s.maker.Make(ctx, kind, template, p, by)
	if err != nil {
		return t, err //nolint:wrapcheck // its words are for people
	}
	t.Made = made
	if _, err := s.store.KeepStep(ctx, Step{Plan: plan, What: "made " + made[0].Title, By: by, Tasks: []Task{t}}); err != nil {
		return t, fmt.Errorf("keeping what was made: %w", err)
	}
	return s.Task(ctx, plan, task)
}
