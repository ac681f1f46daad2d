// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"context"

	"greenroom/internal/roadmap"
	"greenroom/internal/schedule"
)

// worksFake is a fake of a roadmap with one plan in it.
type worksFake struct{ *fake }

func (w worksFake) task() roadmap.Task {
	return roadmap.Task{ID: 7, Plan: 4, Version: 1, Place: 1, Title: "Brief", Days: 2, After: []schedule.Dependency{{On: 6, Kind: schedule.FinishStart}}}
}

func (w worksFake) Views(ctx context.Context) ([]*roadmap.View, error) {
	v, err := w.View(ctx, 4)
	return []*roadmap.View{v}, err
}

func (w worksFake) View(context.Context, int64) (*roadmap.View, error) {
	return &roadmap.View{Plan: roadmap.Plan{ID: 4, Version: 1, Title: "Launch", State: roadmap.Draft, CreatedAt: now}, Tasks: []roadmap.Row{{Task: w.task(), Start: "2026-11-23", End: "2026-11-24", Column: roadmap.Todo}}, Today: "2026-11-22"}, w.err
}

func (w worksFake) Changes(context.Context, int64) ([]roadmap.Change, error) {
	return []roadmap.Change{{Step: 1, What: "made the plan", By: "ana", At: now}}, w.err
}

func (w worksFake) Mine(context.Context, string) ([]roadmap.Mine, error) {
	return []roadmap.Mine{{Row: roadmap.Row{Task: w.task(), Column: roadmap.Todo}, PlanTitle: "Launch"}}, w.err
}

func (w worksFake) Add(ctx context.Context, _ roadmap.Plan, _ []roadmap.Task, _ string) (*roadmap.View, error) {
	return w.View(ctx, 4)
}

func (w worksFake) EditPlan(_ context.Context, p roadmap.Plan, _ string) (roadmap.Plan, error) {
	return p, w.err
}
func (w worksFake) Promise(context.Context, int64, string) error { return w.err }
func (w worksFake) Undo(context.Context, int64, string) (string, error) {
	return "changed Brief", w.err
}

func (w worksFake) Days(context.Context) (roadmap.Days, error)  { return roadmap.UsualDays(), w.err }
func (w worksFake) SetDays(context.Context, roadmap.Days) error { return w.err }
func (w worksFake) AddTask(context.Context, roadmap.Task, string) (roadmap.Task, error) {
	return w.task(), w.err
}

func (w worksFake) EditTask(context.Context, roadmap.Task, string) (roadmap.Task, error) {
	return w.task(), w.err
}

func (w worksFake) Make(context.Context, int64, int64, string) (roadmap.Task, error) {
	return w.task(), w.err
}

func (w worksFake) Import(context.Context, int64, []roadmap.Task, string) (int, error) {
	return 1, w.err
}

func (w worksFake) SignOff(_ context.Context, id int64, as, comment, by string) (roadmap.Plan, error) {
	return roadmap.Plan{ID: id, Version: 2, Title: "Launch", State: roadmap.Draft, SignOffs: []roadmap.SignOff{{As: as, By: by, At: now, Comment: comment}}, CreatedAt: now}, w.err
}

func (w worksFake) Next(ctx context.Context, _ int64, _ string) (*roadmap.View, error) {
	return w.View(ctx, 4)
}
