// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"greenroom"
	"greenroom/internal/roadmap"
	"greenroom/internal/schedule"
	"greenroom/internal/web/ui"
)

// timelineIsland is the place that the timeline's script draws in. Without script the list says the same.
type timelineIsland struct {
	Data  string // address of its data
	Label string
	List  ui.Action
	Note  string
}

// timelineTask is a bar, with days as they are written.
type timelineTask struct {
	ID        int64                 `json:"id"`
	Version   int64                 `json:"version"`
	Title     string                `json:"title"`
	Owner     string                `json:"owner,omitempty"`
	Who       string                `json:"who,omitempty"` // the owner's name
	Start     string                `json:"start,omitempty"`
	End       string                `json:"end,omitempty"`
	BaseStart string                `json:"base_start,omitempty"`
	BaseEnd   string                `json:"base_end,omitempty"`
	Days      int                   `json:"days"`
	Column    roadmap.Column        `json:"column"`
	Critical  bool                  `json:"critical,omitempty"`
	Late      bool                  `json:"late,omitempty"`
	Slack     int                   `json:"slack,omitempty"`
	Slipped   int                   `json:"slipped,omitempty"`
	After     []schedule.Dependency `json:"after,omitempty"`
}

// timelineSum is what is told of a plan beside its tasks. Step is the last step of its history.
type timelineSum struct {
	Step    int64  `json:"step"`
	Begin   string `json:"begin,omitempty"`
	End     string `json:"end,omitempty"`
	BaseEnd string `json:"base_end,omitempty"`
	Slipped int    `json:"slipped,omitempty"`
	Done    int    `json:"done"`
}

// timelinePlan is a plan with its tasks.
type timelinePlan struct {
	timelineSum

	ID          int64                `json:"id"`
	Title       string               `json:"title"`
	Href        string               `json:"href"`
	Goal        int64                `json:"goal,omitempty"`
	GoalTitle   string               `json:"goal_title,omitempty"`
	Internal    bool                 `json:"internal,omitempty"`
	Checkpoints []roadmap.Checkpoint `json:"checkpoints,omitempty"`
	Tasks       []timelineTask       `json:"tasks"`
}

// timelineData is all that the script draws.
type timelineData struct {
	May      bool           `json:"may"` // the reader may change plans
	One      bool           `json:"one"` // it is about one plan
	Today    string         `json:"today"`
	Weekdays []int          `json:"weekdays"`
	Holidays []string       `json:"holidays"`
	Plans    []timelinePlan `json:"plans"`
}

// timelineAnswer is what has become of a plan by a change.
type timelineAnswer struct {
	Plan   timelineSum    `json:"plan"`
	Tasks  []timelineTask `json:"tasks"`
	Whole  bool           `json:"whole,omitempty"` // these are all tasks, not only those that differ
	Undone string         `json:"undone,omitempty"`
}

// timelineRefusal is why a change was not made; with clashes where somebody else changed the same.
type timelineRefusal struct {
	Message string          `json:"message"`
	By      string          `json:"by,omitempty"`
	Version int64           `json:"version,omitempty"`
	Clashes []roadmap.Clash `json:"clashes,omitempty"`
}

func (s *Site) addTimeline() error {
	if s.cfg.Plans == nil {
		return nil
	}
	month, err := ui.Parse[monthBody](s.kit, templates, "templates/month.html")
	if err != nil {
		return err
	}
	p := &roadmapPages{Site: s}
	s.handle("GET /roadmap/calendar", func(w http.ResponseWriter, r *http.Request) error { return p.planMonth(w, r, month) })
	s.handle("GET /roadmap/timeline.json", p.timelineAll)
	s.handle("GET /roadmap/{id}/timeline.json", p.timelineOne)
	s.change("POST /roadmap/{id}/tasks/{task}/timeline", mayWrite, p.timelineChange)
	s.change("POST /roadmap/{id}/timeline/undo", mayWrite, p.timelineUndo)
	return nil
}

// timelineOf is the place for the timeline of a plan, or with 0 of all.
func timelineOf(plan int64, title string) *timelineIsland {
	t := &timelineIsland{
		Data: "/roadmap/timeline.json", Label: "Timeline of all plans", List: ui.Action{Label: "The same as a list", Href: "/roadmap?view=list"},
		Note: "Drag a bar to move it, its end to make it longer, its dot to what waits for it. By keyboard: arrow keys choose, Shift and arrows move by a day, Alt and arrows change the length; ? has all keys.",
	}
	if plan > 0 {
		t.Data, t.Label, t.List.Href = planHref(plan)+"/timeline.json", "Timeline of "+title, planHref(plan)
	}
	return t
}

func timelineJSON(w http.ResponseWriter, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return greenroom.Errorf(greenroom.CodeInternal, "writing the timeline: %v", err)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(text) // who has left needs no answer
	return nil
}

func (p *roadmapPages) timelineAll(w http.ResponseWriter, r *http.Request) error {
	all, err := p.cfg.Plans.Views(r.Context())
	if err != nil {
		return err
	}
	return p.timelineSend(w, r, all, false)
}

func (p *roadmapPages) timelineOne(w http.ResponseWriter, r *http.Request) error {
	v, err := p.view(r)
	if err != nil {
		return err
	}
	return p.timelineSend(w, r, []*roadmap.View{v}, true)
}

func (p *roadmapPages) timelineSend(w http.ResponseWriter, r *http.Request, all []*roadmap.View, one bool) error {
	names, err := p.goalNames(r)
	if err != nil {
		return err
	}
	team, err := p.teamNames(r)
	if err != nil {
		return err
	}
	days, err := p.cfg.Plans.Days(r.Context())
	if err != nil {
		return err
	}
	d := timelineData{May: person(r).MayWrite, One: one, Today: schedule.DateOf(p.cfg.Now().In(p.cfg.Zones.Zone())).String(), Weekdays: days.Weekdays, Holidays: days.Holidays, Plans: []timelinePlan{}}
	for _, v := range all {
		step, err := p.lastStep(r, v.ID)
		if err != nil {
			return err
		}
		x := timelinePlan{timelineSum: sumOf(v, step), ID: v.ID, Title: v.Title, Href: planHref(v.ID), Internal: v.Internal, Checkpoints: v.Checkpoints, Tasks: barsOf(v, team)}
		if name, ok := names[v.Goal]; ok {
			x.Goal, x.GoalTitle = v.Goal, name
		}
		d.Plans = append(d.Plans, x)
	}
	slices.SortStableFunc(d.Plans, func(a, b timelinePlan) int { // plans without a goal last
		return cmp.Or(cmp.Compare(uint64(a.Goal-1), uint64(b.Goal-1)), strings.Compare(a.Begin, b.Begin), cmp.Compare(a.ID, b.ID)) //nolint:gosec // 0 becomes the largest
	})
	return timelineJSON(w, d)
}

// lastStep is the last step of a plan's history.
func (p *roadmapPages) lastStep(r *http.Request, plan int64) (int64, error) {
	changes, err := p.cfg.Plans.Changes(r.Context(), plan)
	if err != nil || len(changes) == 0 {
		return 0, err
	}
	return changes[0].Step, nil
}

func sumOf(v *roadmap.View, step int64) timelineSum {
	return timelineSum{Step: step, Begin: v.Begin, End: v.End, BaseEnd: v.BaseEnd, Slipped: v.Slipped, Done: v.Done}
}

func barsOf(v *roadmap.View, team teamNames) []timelineTask {
	all := make([]timelineTask, len(v.Tasks))
	for i := range v.Tasks {
		t := &v.Tasks[i]
		all[i] = timelineTask{ID: t.ID, Version: t.Version, Title: t.Title, Owner: t.Owner, Who: named(team, t.Owner), Start: t.Start, End: t.End, BaseStart: t.BaseStart, BaseEnd: t.BaseEnd, Days: t.Days, Column: t.Column, Critical: t.Critical, Late: t.Late, Slack: t.Slack, Slipped: t.Slipped, After: t.After}
	}
	return all
}

// timelineWas is a plan before a change: what differs from it afterwards is all that is sent, if the reader has seen it so.
type timelineWas struct {
	bars map[int64]timelineTask
	step int64
	team teamNames
}

func (p *roadmapPages) timelineBefore(r *http.Request, plan int64) (timelineWas, error) {
	v, err := p.cfg.Plans.View(r.Context(), plan)
	if err != nil {
		return timelineWas{}, err
	}
	team, err := p.teamNames(r)
	if err != nil {
		return timelineWas{}, err
	}
	was := timelineWas{bars: make(map[int64]timelineTask, len(v.Tasks)), team: team}
	for _, t := range barsOf(v, team) {
		was.bars[t.ID] = t
	}
	was.step, err = p.lastStep(r, plan)
	return was, err
}

// timelineAfter answers with what has become of a plan; has is the last step that the reader knows.
func (p *roadmapPages) timelineAfter(w http.ResponseWriter, r *http.Request, plan, has int64, was timelineWas, undone string) error {
	v, err := p.cfg.Plans.View(r.Context(), plan)
	if err != nil {
		return err
	}
	step, err := p.lastStep(r, plan)
	if err != nil {
		return err
	}
	bars := barsOf(v, was.team)
	a := timelineAnswer{Plan: sumOf(v, step), Tasks: bars, Undone: undone, Whole: has != was.step || len(bars) != len(was.bars)}
	if !a.Whole {
		a.Tasks = slices.DeleteFunc(bars, func(t timelineTask) bool { return reflect.DeepEqual(t, was.bars[t.ID]) })
	}
	return timelineJSON(w, a)
}

// timelineFail answers a change that was not made, in words. That is an answer like any other, of status 200: to a browser's
// console others are errors of the page, and here somebody only has to choose.
func timelineFail(w http.ResponseWriter, err error) error {
	if !forPeople(err) {
		return err
	}
	f := timelineRefusal{Message: sentence(greenroom.ErrorMessage(err))}
	var c *roadmap.ConflictError
	if errors.As(err, &c) {
		f.By, f.Version, f.Clashes = c.By, c.Version, c.Clashes
	}
	return timelineJSON(w, f)
}

func timelineRead(r *http.Request, into any) error {
	if err := json.NewDecoder(http.MaxBytesReader(nil, r.Body, 1<<20)).Decode(into); err != nil {
		return &greenroom.Error{Code: greenroom.CodeInvalid, Message: "the change did not arrive whole; do it again", Err: err}
	}
	return nil
}

// timelineChange changes what is dragged of a task: not_before, days or after.
func (p *roadmapPages) timelineChange(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Version int64 `json:"version"`
		Step    int64 `json:"step"`
		Set     struct {
			NotBefore *string                `json:"not_before"`
			Days      *int                   `json:"days"`
			After     *[]schedule.Dependency `json:"after"`
		} `json:"set"`
	}
	if err := timelineRead(r, &in); err != nil {
		return timelineFail(w, err)
	}
	t, err := p.taskOf(r)
	if err != nil {
		return timelineFail(w, err)
	}
	was, err := p.timelineBefore(r, t.Plan)
	if err != nil {
		return timelineFail(w, err)
	}
	t.Version = in.Version // what is not set is as it is now, and so clashes with nothing
	if in.Set.NotBefore != nil {
		t.NotBefore = *in.Set.NotBefore
	}
	if in.Set.Days != nil {
		t.Days = *in.Set.Days
	}
	if in.Set.After != nil {
		t.After = *in.Set.After
	}
	if _, err := p.cfg.Plans.EditTask(r.Context(), t, person(r).Actor); err != nil {
		return timelineFail(w, err)
	}
	return p.timelineAfter(w, r, t.Plan, in.Step, was, "")
}

// timelineUndo takes back what the reader did last, if nobody changed the plan since.
func (p *roadmapPages) timelineUndo(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Step int64 `json:"step"` // to be undone
		Has  int64 `json:"has"`  // the last one that the reader knows
	}
	if err := timelineRead(r, &in); err != nil {
		return timelineFail(w, err)
	}
	id, err := pathID(r)
	if err != nil {
		return timelineFail(w, err)
	}
	was, err := p.timelineBefore(r, id)
	if err != nil {
		return timelineFail(w, err)
	}
	undone, err := p.cfg.Plans.UndoStep(r.Context(), id, in.Step, person(r).Actor)
	if err != nil {
		return timelineFail(w, err)
	}
	return p.timelineAfter(w, r, id, in.Has, was, undone)
}
