// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"net/http"
	"reflect"

	"greenroom"
	"greenroom/internal/auth"
	"greenroom/internal/process"
)

// Processes are what the team does again and again; process.Service keeps them.
type Processes interface {
	Workload(ctx context.Context) (process.Sum, error)
	Capacity(ctx context.Context) (process.Capacity, error)
	Get(ctx context.Context, id int64) (process.Load, error)
	ProcessWork
	ProcessTimes
	ProcessDocs
}

// ProcessWork changes processes.
type ProcessWork interface {
	Preview(ctx context.Context, d process.Draft) (process.Load, error)
	Add(ctx context.Context, d process.Draft, by string) (process.Process, error)
	Edit(ctx context.Context, id, version int64, d process.Draft, by string) (process.Process, error)
	Archive(ctx context.Context, id int64, away bool, by string) (process.Process, error)
}

// ProcessTimes are the timer.
type ProcessTimes interface {
	Timings(ctx context.Context, id int64) ([]process.Timing, error)
	Start(ctx context.Context, id int64, person string) (process.Timing, error)
	Stop(ctx context.Context, id int64, person string, runs int) (process.Timing, error)
	Note(ctx context.Context, id int64, minutes float64, runs int, person string) (process.Timing, error)
	Forget(ctx context.Context, id int64, by string) error
}

// ProcessDocs are the documents made from processes.
type ProcessDocs interface {
	Documents(ctx context.Context) ([]process.Document, error)
	Document(ctx context.Context, id int64) (process.Document, error)
	Make(ctx context.Context, kind process.DocumentKind, h *process.Hiring, keep bool, by string) (process.Document, error)
}

// ProcessChange is all that can be changed of a process, with the version that it was made from.
type ProcessChange struct {
	process.Draft
	Version int64 `json:"version" doc:"The version that was looked at. With another one nothing is changed."`
}

// ProcessArchive puts a process away or takes it back.
type ProcessArchive struct {
	Archived bool `json:"archived" doc:"False = it counts again."`
}

// ProcessStop stops a timer.
type ProcessStop struct {
	Runs int `json:"runs" doc:"How often it was done in this time."`
}

// ProcessTime is a timing that was taken by other means.
type ProcessTime struct {
	Minutes float64 `json:"minutes" doc:"Minutes in all."`
	Runs    int     `json:"runs" doc:"For how many runs."`
}

// NewProcessDocument is a document to be made.
type NewProcessDocument struct {
	Kind    process.DocumentKind `json:"kind" doc:"What it is for."`
	Hiring  *process.Hiring      `json:"hiring,omitempty" doc:"Of a hiring case: what it is asked with."`
	Preview bool                 `json:"preview,omitempty" doc:"True = it is made and not kept."`
}

// whoOf is the mail address of who calls; of the command line or a token, who that is.
func whoOf(c *call) string {
	if c.caller.User.Email != "" {
		return c.caller.User.Email
	}
	return c.by()
}

func (a *api) processOps() []op {
	if a.Processes == nil {
		return nil
	}
	id := idParam("The process's number.")
	conflict := []greenroom.Code{greenroom.CodeConflict}
	one := content{of: process.Process{}, example: exampleProcess()}
	load := content{of: process.Load{}, example: exampleLoad()}
	give := func(p process.Process, err error) (answer, error) {
		if err != nil {
			return answer{}, err
		}
		return ok(p)
	}
	return append([]op{
		{
			method: http.MethodGet, path: "/processes", id: "getWorkload", tag: "Processes", need: auth.Read, reply: content{of: process.Sum{}, example: process.Sum{Loads: []process.Load{exampleLoad()}, Gross: exampleLoad().Gross, Net: exampleLoad().Net, Notes: []string{}}},
			summary: "Processes and how much work they are", text: "The sum of minutes once / 60 × runs a month over processes and surfaces, with ranges. Each number says where it comes from. Archived processes are left out.",
			do: func(c *call) (answer, error) {
				s, err := a.Processes.Workload(c.ctx())
				if err != nil {
					return answer{}, err
				}
				return ok(s)
			},
		},
		{
			method: http.MethodGet, path: "/process-capacity", id: "getCapacity", tag: "Processes", need: auth.Read, reply: content{of: process.Capacity{}, example: process.Capacity{People: []process.PersonLoad{}, Hours: 160, Work: process.Exactly(90), Notes: []string{}}},
			summary: "The team's work against its time", text: "Hours of the next 30 days, absences taken off, against processes and the tasks of plans.",
			do: func(c *call) (answer, error) {
				s, err := a.Processes.Capacity(c.ctx())
				if err != nil {
					return answer{}, err
				}
				return ok(s)
			},
		},
		{
			method: http.MethodGet, path: "/process-templates", id: "listProcessTemplates", tag: "Processes", need: auth.Read, reply: content{of: Items[process.Template]{}, example: Items[process.Template]{Items: process.Templates()[:1]}},
			summary: "Common processes of the field", text: "To begin with. Their minutes are typical, and to be replaced.",
			do: func(*call) (answer, error) { return itemsOf(process.Templates()) },
		},
		{
			method: http.MethodPost, path: "/processes", id: "createProcess", tag: "Processes", need: auth.Write, status: http.StatusCreated, repeatable: true, reply: one,
			summary: "Make a process", text: "Its runs are counted from data where they depend on something that is counted.", body: &content{of: process.Draft{}, text: "The process.", example: exampleProcess().Draft},
			do: func(c *call) (answer, error) {
				d, err := decode[process.Draft](c)
				if err != nil {
					return answer{}, err
				}
				return give(a.Processes.Add(c.ctx(), d, c.by()))
			},
		},
		{
			method: http.MethodPost, path: "/process-previews", id: "previewProcess", tag: "Processes", need: auth.Read, reply: load,
			summary: "Compute the work of a draft", text: "Nothing is stored.", body: &content{of: process.Draft{}, text: "The process.", example: exampleProcess().Draft},
			do: func(c *call) (answer, error) {
				d, err := decode[process.Draft](c)
				if err != nil {
					return answer{}, err
				}
				l, err := a.Processes.Preview(c.ctx(), d)
				if err != nil {
					return answer{}, err
				}
				return ok(l)
			},
		},
		{
			method: http.MethodGet, path: "/processes/{id}", id: "getProcess", tag: "Processes", need: auth.Read, params: []param{id}, reply: load,
			summary: "A process", text: "With the work that it is, surface by surface.",
			do: func(c *call) (answer, error) {
				l, err := a.Processes.Get(c.ctx(), c.id())
				if err != nil {
					return answer{}, err
				}
				return ok(l)
			},
		},
		{
			method: http.MethodPut, path: "/processes/{id}", id: "changeProcess", tag: "Processes", need: auth.Write, params: []param{id}, reply: one, codes: conflict,
			summary: "Change a process", text: "Everything is set as it is sent. With another version than the process has, nothing is changed and the answer is a conflict.",
			body: &content{of: ProcessChange{}, text: "The process, and its version.", example: ProcessChange{Draft: exampleProcess().Draft, Version: 1}},
			do: func(c *call) (answer, error) {
				d, err := decode[ProcessChange](c)
				if err != nil {
					return answer{}, err
				}
				return give(a.Processes.Edit(c.ctx(), c.id(), d.Version, d.Draft, c.by()))
			},
		},
		{
			method: http.MethodPost, path: "/processes/{id}/archive", id: "archiveProcess", tag: "Processes", need: auth.Write, params: []param{id}, reply: one, codes: conflict,
			summary: "Put a process away, or take it back", text: "An archived process counts nowhere.", body: &content{of: ProcessArchive{}, text: "Which of both.", example: ProcessArchive{Archived: true}},
			do: func(c *call) (answer, error) {
				d, err := decode[ProcessArchive](c)
				if err != nil {
					return answer{}, err
				}
				return give(a.Processes.Archive(c.ctx(), c.id(), d.Archived, c.by()))
			},
		},
	}, append(a.timingOps(id), a.processDocOps()...)...)
}

func (a *api) timingOps(id param) []op {
	timing := content{of: process.Timing{}, example: exampleTiming()}
	give := func(t process.Timing, err error) (answer, error) {
		if err != nil {
			return answer{}, err
		}
		return ok(t)
	}
	return []op{
		{
			method: http.MethodGet, path: "/processes/{id}/timings", id: "listTimings", tag: "Processes", need: auth.Read, params: []param{id}, reply: content{of: Items[process.Timing]{}, example: Items[process.Timing]{Items: []process.Timing{exampleTiming()}}},
			summary: "What the timer measured", text: "The last 50, the newest first.",
			do: func(c *call) (answer, error) {
				all, err := a.Processes.Timings(c.ctx(), c.id())
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
		{
			method: http.MethodPost, path: "/processes/{id}/timer/start", id: "startTimer", tag: "Processes", need: auth.Write, params: []param{id}, reply: timing, codes: []greenroom.Code{greenroom.CodeConflict},
			summary: "Start your timer", text: "Everybody has one at a time.", do: func(c *call) (answer, error) { return give(a.Processes.Start(c.ctx(), c.id(), whoOf(c))) },
		},
		{
			method: http.MethodPost, path: "/processes/{id}/timer/stop", id: "stopTimer", tag: "Processes", need: auth.Write, params: []param{id}, reply: timing,
			summary: "Stop your timer", text: "The time is shared out among the runs.", body: &content{of: ProcessStop{}, text: "How often it was done.", example: ProcessStop{Runs: 1}},
			do: func(c *call) (answer, error) {
				d, err := decode[ProcessStop](c)
				if err != nil {
					return answer{}, err
				}
				return give(a.Processes.Stop(c.ctx(), c.id(), whoOf(c), d.Runs))
			},
		},
		{
			method: http.MethodPost, path: "/processes/{id}/timings", id: "addTiming", tag: "Processes", need: auth.Write, params: []param{id}, status: http.StatusCreated, reply: timing,
			summary: "Note a timing", text: "That was taken by other means.", body: &content{of: ProcessTime{}, text: "The timing.", example: ProcessTime{Minutes: 12, Runs: 3}},
			do: func(c *call) (answer, error) {
				d, err := decode[ProcessTime](c)
				if err != nil {
					return answer{}, err
				}
				return give(a.Processes.Note(c.ctx(), c.id(), d.Minutes, d.Runs, whoOf(c)))
			},
		},
		{
			method: http.MethodDelete, path: "/timings/{id}", id: "removeTiming", tag: "Processes", need: auth.Write, params: []param{idParam("The timing's number.")}, status: http.StatusNoContent,
			summary: "Remove a timing", text: "Such as one that was left running.", do: func(c *call) (answer, error) { return answer{}, a.Processes.Forget(c.ctx(), c.id(), c.by()) },
		},
	}
}

func (a *api) processDocOps() []op {
	id := idParam("The document's number.")
	doc := content{of: process.Document{}, example: exampleProcessDocument()}
	file := func(c *call, media string, write func(*process.Document) (string, error)) (answer, error) {
		d, err := a.Processes.Document(c.ctx(), c.id())
		if err != nil {
			return answer{}, err
		}
		text, err := write(&d)
		return answer{raw: []byte(text), media: media + "; charset=utf-8"}, err
	}
	return []op{
		{
			method: http.MethodGet, path: "/process-documents", id: "listProcessDocuments", tag: "Processes", need: auth.Read, reply: content{of: Items[process.Document]{}, example: Items[process.Document]{Items: []process.Document{exampleProcessDocument()}}},
			summary: "Hiring cases and divisions of labor", text: "Those that were frozen, without what stands in them, the newest first.",
			do: func(c *call) (answer, error) {
				all, err := a.Processes.Documents(c.ctx())
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
		{
			method: http.MethodPost, path: "/process-documents", id: "makeProcessDocument", tag: "Processes", need: auth.Write, reply: doc, codes: []greenroom.Code{greenroom.CodeConflict},
			summary: "Make a document", text: "From the data of now, with which it is frozen.", body: &content{of: NewProcessDocument{}, text: "Which.", example: NewProcessDocument{Kind: process.HiringCase, Hiring: &process.Hiring{Role: process.RoleOps, Week: 40, Growth: process.Exactly(.03), Currency: "EUR"}}},
			do: func(c *call) (answer, error) {
				d, err := decode[NewProcessDocument](c)
				if err != nil {
					return answer{}, err
				}
				made, err := a.Processes.Make(c.ctx(), d.Kind, d.Hiring, !d.Preview, c.by())
				if err != nil {
					return answer{}, err
				}
				return ok(made)
			},
		},
		{
			method: http.MethodGet, path: "/process-documents/{id}", id: "getProcessDocument", tag: "Processes", need: auth.Read, params: []param{id}, reply: doc,
			summary: "A document", text: "As it was frozen, with the data that it was made from.",
			do: func(c *call) (answer, error) {
				d, err := a.Processes.Document(c.ctx(), c.id())
				if err != nil {
					return answer{}, err
				}
				return ok(d)
			},
		},
		{
			method: http.MethodGet, path: "/process-documents/{id}/document.md", id: "exportProcessDocumentMarkdown", tag: "Processes", need: auth.Read, params: []param{id}, reply: content{media: "text/markdown", of: "", example: "# Division of labor\n"},
			summary: "A document as Markdown", text: "As it was frozen.", do: func(c *call) (answer, error) {
				return file(c, "text/markdown", func(d *process.Document) (string, error) { return d.Markdown(), nil })
			},
		},
		{
			method: http.MethodGet, path: "/process-documents/{id}/document.html", id: "exportProcessDocumentHTML", tag: "Processes", need: auth.Read, params: []param{id}, reply: content{media: "text/html", of: "", example: "<!doctype html>"},
			summary: "A document as a page", text: "As it was frozen. It needs nothing else, and prints well.", do: func(c *call) (answer, error) {
				return file(c, "text/html", func(d *process.Document) (string, error) { return d.HTML() })
			},
		},
	}
}

func exampleProcess() process.Process {
	return process.Process{ID: 3, Version: 1, CreatedBy: "ana@acme.example", CreatedAt: exampleTime(2), Draft: process.Draft{
		Name: "Welcome new members", Owner: "ana@acme.example", Role: process.RoleManager, Minutes: process.Range{Low: 3, Likely: 5, High: 10}, Origin: process.Estimate, Runs: process.Runs{Per: process.PerNew, Each: process.Exactly(1)},
		Steps: []process.Step{{What: "Greet by name", Minutes: 3}}, Surfaces: []process.Surface{{Name: "Slack", Query: "source:slack"}},
	}}
}

func exampleLoad() process.Load {
	hours := process.Range{Low: 4, Likely: 10, High: 30}
	return process.Load{
		Process: exampleProcess(), Once: process.Figure{Range: process.Range{Low: 3, Likely: 5, High: 10}, Origin: process.Estimate, Says: "not timed yet"}, Gross: hours, Net: hours,
		Parts: []process.Part{{Surface: "Slack", Minutes: process.Range{Low: 3, Likely: 5, High: 10}, Runs: process.Figure{Range: process.Range{Low: 80, Likely: 120, High: 180}, Origin: process.Counted, Says: "new members: 120 (80 to 180) in the last 6 whole months (median, least and most)", Entity: "members", Query: "first_active:2026-10"}, Hours: hours}},
	}
}

func exampleTiming() process.Timing {
	return process.Timing{ID: 7, ProcessID: 3, Person: "ana@acme.example", Runs: 3, StartedAt: exampleTime(3), StoppedAt: exampleTime(4)}
}

func exampleProcessDocument() process.Document {
	return process.Document{ID: 2, Kind: process.DivisionOfLabour, Title: "Division of labor", By: "ana@acme.example", At: exampleTime(20), Sections: []process.Section{{Title: "Who does what", Head: []string{"Role", "Hours a month"}, Rows: [][]string{{"Community manager", "40 (30 to 60)"}}}}}
}

// processEnums lists the values of the types of processes.
func processEnums(all map[reflect.Type][]string) {
	enum(all, process.Origins()...)
	enum(all, process.Bases()...)
	enum(all, process.DocumentKinds()...)
}

// processTypeName names the types of processes, which go by short names in their package.
func processTypeName(t reflect.Type) (string, bool) {
	if t.PkgPath() == reflect.TypeFor[process.Process]().PkgPath() && t != reflect.TypeFor[process.Process]() {
		return "Process" + t.Name(), true
	}
	switch t {
	case reflect.TypeFor[Items[process.Template]](), reflect.TypeFor[Items[process.Timing]](), reflect.TypeFor[Items[process.Document]]():
		return "Process" + t.Field(0).Type.Elem().Name() + "Items", true
	}
	return "", false
}
