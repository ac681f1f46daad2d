// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"net/http"

	"greenroom"
	"greenroom/internal/auth"
	"greenroom/internal/task"
)

// Tasks are what people of the team are to do, and what they are told; task.Service keeps them.
type Tasks interface {
	List(ctx context.Context, f task.Filter) ([]task.Task, error)
	Get(ctx context.Context, id int64) (task.Task, error)
	Add(ctx context.Context, d task.Draft, by string) (task.Task, error)
	Edit(ctx context.Context, id int64, p task.Patch, by string) (task.Task, error)
	Finish(ctx context.Context, id int64, done bool, by string) (task.Task, error)
	Told(ctx context.Context, person string, unseen bool, below int64, limit int) ([]task.Notice, error)
	See(ctx context.Context, person string, upTo int64) error
}

func (a *api) taskOps() []op {
	if a.Tasks == nil {
		return nil
	}
	id := idParam("The task's id.")
	one := content{of: task.Task{}, example: exampleTask()}
	say := func(t task.Task, err error) (answer, error) {
		if err != nil {
			return answer{}, err
		}
		return ok(t)
	}
	title := "Send the speakers their agreements"
	return append([]op{
		{
			method: http.MethodGet, path: "/tasks", id: "listTasks", tag: "Inbox", need: auth.Read,
			summary: "What the team is to do", text: "What is due first, then what has no date; those that are done, the last first.",
			params: []param{
				{name: "owner", form: formText, text: "Of one person, by mail address.", example: "ana@acme.example"},
				{name: "unowned", form: formFlag, initial: "false", text: "Those of nobody."},
				{name: "done", form: formFlag, initial: "false", text: "Those that are done instead."},
				{name: "member", form: formInteger, min: 1, text: "About one member, by id.", example: "42"},
				{name: "limit", form: formInteger, min: 1, max: 1000, initial: "200", text: "How many at most."},
			},
			reply: content{of: Items[task.Task]{}, example: Items[task.Task]{Items: []task.Task{exampleTask()}}},
			do: func(c *call) (answer, error) {
				all, err := a.Tasks.List(c.ctx(), task.Filter{Owner: c.text("owner"), Unowned: c.flag("unowned"), Done: c.flag("done"), Member: c.integer("member"), Limit: int(c.integer("limit"))})
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
		{
			method: http.MethodPost, path: "/tasks", id: "createTask", tag: "Inbox", need: auth.Write, status: http.StatusCreated, repeatable: true, reply: one,
			summary: "Make a task", text: "Its owner is told.", body: &content{of: task.Draft{}, text: "The task.", example: task.Draft{Title: title, Owner: "ana@acme.example", DueAt: exampleTime(24)}},
			do: func(c *call) (answer, error) {
				return say(decoded(c, func(d task.Draft) (task.Task, error) { return a.Tasks.Add(c.ctx(), d, c.by()) }))
			},
		},
		{
			method: http.MethodGet, path: "/tasks/{id}", id: "getTask", tag: "Inbox", need: auth.Read, params: []param{id}, reply: one,
			summary: "A task", text: "One task, done or not.", do: func(c *call) (answer, error) { return say(a.Tasks.Get(c.ctx(), c.id())) },
		},
		{
			method: http.MethodPatch, path: "/tasks/{id}", id: "changeTask", tag: "Inbox", need: auth.Write, params: []param{id}, reply: one,
			summary: "Change a task", text: "What is not sent stays. A new owner is told.", body: &content{of: task.Patch{}, text: "What to change.", example: task.Patch{Title: &title}},
			do: func(c *call) (answer, error) {
				return say(decoded(c, func(p task.Patch) (task.Task, error) {
					if p == (task.Patch{}) {
						return task.Task{}, greenroom.Errorf(greenroom.CodeInvalid, "the body names nothing to change")
					}
					return a.Tasks.Edit(c.ctx(), c.id(), p, c.by())
				}))
			},
		},
		{
			method: http.MethodPost, path: "/tasks/{id}/done", id: "finishTask", tag: "Inbox", need: auth.Write, params: []param{id}, reply: one,
			summary: "Mark a task as done", text: "reopen takes that back.", do: func(c *call) (answer, error) { return say(a.Tasks.Finish(c.ctx(), c.id(), true, c.by())) },
		},
		{
			method: http.MethodPost, path: "/tasks/{id}/reopen", id: "reopenTask", tag: "Inbox", need: auth.Write, params: []param{id}, reply: one,
			summary: "Reopen a task", text: "Takes back that it was done.", do: func(c *call) (answer, error) { return say(a.Tasks.Finish(c.ctx(), c.id(), false, c.by())) },
		},
	}, a.noticeOps()...)
}

func (a *api) noticeOps() []op {
	notice := task.Notice{ID: 9, Key: "inbox 5", Person: "ana@acme.example", Kind: "mention", Title: "ben@acme.example mentioned you in a note", Text: "@ana you know this", Link: "/inbox/42", At: exampleTime(20)}
	notices := content{of: Items[task.Notice]{}, example: Items[task.Notice]{Items: []task.Notice{notice}}}
	return []op{
		{
			method: http.MethodGet, path: "/notices", id: "listNotices", tag: "Inbox", need: auth.Read, reply: notices,
			summary: "What the caller was told", text: "The newest first. For the next page give the last id as `below`.",
			params: []param{
				{name: "unseen", form: formFlag, initial: "false", text: "Only what is new."},
				{name: "below", form: formInteger, initial: "0", text: "Only notices with a smaller id."},
				{name: "limit", form: formInteger, min: 1, max: 500, initial: "100", text: "How many at most."},
			},
			do: func(c *call) (answer, error) {
				all, err := a.Tasks.Told(c.ctx(), c.caller.User.Email, c.flag("unseen"), c.integer("below"), int(c.integer("limit")))
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
		{
			method: http.MethodPost, path: "/notices/seen", id: "seeNotices", tag: "Inbox", need: auth.Read, status: http.StatusNoContent,
			summary: "Mark what the caller was told as seen", text: "Everything up to an id.",
			params: []param{{name: "up_to", form: formInteger, min: 1, required: true, text: "The id of the last notice that was seen.", example: "9"}},
			do: func(c *call) (answer, error) {
				return answer{}, a.Tasks.See(c.ctx(), c.caller.User.Email, c.integer("up_to"))
			},
		},
	}
}

func exampleTask() task.Task {
	return task.Task{ID: 3, Key: "person X", Title: "Send the speakers their agreements", Origin: "person", Owner: "ana@acme.example", DueAt: exampleTime(24), CreatedBy: "ben@acme.example", CreatedAt: exampleTime(20)}
}
