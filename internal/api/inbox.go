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
	"greenroom/internal/auth"
	"greenroom/internal/inbox"
)

// Inbox is what waits for the team; inbox.Service is.
type Inbox interface {
	Queue(ctx context.Context, f inbox.Filter) (inbox.Page, error)
	Item(ctx context.Context, id int64) (inbox.Detail, error)
	Help(ctx context.Context, id int64) (inbox.Help, error)
	Waits(ctx context.Context, weeks int) (inbox.Waits, error)
	Settings(ctx context.Context) (inbox.Settings, error)
	SetSettings(ctx context.Context, set inbox.Settings, by string) (inbox.Settings, error)
	InboxWork
}

// InboxWork changes items.
type InboxWork interface {
	Assign(ctx context.Context, id int64, to, by string) (inbox.Event, error)
	Snooze(ctx context.Context, id int64, until time.Time, untilReply bool, by string) (inbox.Event, error)
	Wake(ctx context.Context, id int64, by string) (inbox.Event, error)
	Finish(ctx context.Context, id int64, elsewhere, by string) (inbox.Event, error)
	Reopen(ctx context.Context, id int64, by string) (inbox.Event, error)
	Merge(ctx context.Context, id, into int64, by string) (inbox.Event, error)
	InboxWords
}

// InboxWords says something about items, or in them, and takes back what was done.
type InboxWords interface {
	Bulk(ctx context.Context, b inbox.Bulk, by string) (inbox.BulkResult, error)
	Undo(ctx context.Context, event int64, by string) (inbox.Event, error)
	Note(ctx context.Context, id int64, text, by string) (inbox.Event, error)
	Reply(ctx context.Context, id int64, text, by string) (inbox.Event, error)
	Ask(ctx context.Context, id, member int64, text, by string) (inbox.Event, error)
}

// InboxAssign is whose an item is to be.
type InboxAssign struct {
	To string `json:"to" doc:"Mail address of a person who can sign in; \"rotation\" for whoever's turn it is, \"expert\" for who of the team answered most of its kind; empty for nobody."`
}

// InboxSnooze is until when an item is to sleep.
type InboxSnooze struct {
	Until      time.Time `json:"until,omitzero" doc:"A time to come."`
	UntilReply bool      `json:"until_reply,omitempty" doc:"It wakes when somebody writes; with until, at the first of both."`
}

// InboxText is a text that somebody wrote.
type InboxText struct {
	Text string `json:"text" doc:"Markdown. In a note, @name tells that person."`
}

// InboxDone is how an item came to its end.
type InboxDone struct {
	Elsewhere string `json:"elsewhere,omitempty" doc:"The address of the answer, where it was answered elsewhere."`
}

// InboxMerge is what an item is merged into.
type InboxMerge struct {
	Into int64 `json:"into" doc:"The id of the conversation that is answered for both."`
}

// InboxAsk is who is asked to help, and how.
type InboxAsk struct {
	MemberID int64  `json:"member_id" doc:"One of those whom help gives."`
	Text     string `json:"text" doc:"The message to them."`
}

func (a *api) inboxOps() []op {
	if a.Inbox == nil {
		return nil
	}
	id := idParam("The conversation's id.")
	views := make([]string, 0, len(inbox.Views()))
	for _, v := range inbox.Views() {
		views = append(views, string(v))
	}
	return append([]op{
		{
			method: http.MethodGet, path: "/inbox", id: "listInbox", tag: "Inbox", need: auth.Read,
			summary: "What waits for the team", text: "Conversations that need an answer, what is most past its target first, then what is due soonest. Counts are of all views, for whoever asks.",
			params: []param{
				{name: "view", form: formText, choices: views, initial: string(inbox.ViewWaiting), text: "Which part."},
				{name: "q", form: formText, text: "A query over conversations.", example: "channel:#help"},
				{name: "offset", form: formInteger, initial: "0", text: "How many to leave out: `next` of the page before."},
				{name: "limit", form: formInteger, min: 1, max: 500, initial: "30", text: "How many at most."},
			},
			reply: content{of: inbox.Page{}, example: exampleInbox()},
			do: func(c *call) (answer, error) {
				p, err := a.Inbox.Queue(c.ctx(), inbox.Filter{View: inbox.View(c.text("view")), Query: c.text("q"), Person: c.caller.User.Email, Offset: int(c.integer("offset")), Limit: int(c.integer("limit"))})
				if err != nil {
					return answer{}, err
				}
				return ok(p)
			},
		},
		{
			method: http.MethodGet, path: "/inbox/{id}", id: "getInboxItem", tag: "Inbox", need: auth.Read, params: []param{id},
			summary: "One item", text: "Also of a conversation that does not wait, with everything that happened to it, the latest first.",
			reply: content{of: inbox.Detail{}, example: inbox.Detail{Item: exampleInbox().Items[0], Events: []inbox.Event{exampleInboxEvent()}}},
			do: func(c *call) (answer, error) {
				d, err := a.Inbox.Item(c.ctx(), c.id())
				if err != nil {
					return answer{}, err
				}
				return ok(d)
			},
		},
		{
			method: http.MethodGet, path: "/inbox/{id}/help", id: "getInboxHelp", tag: "Inbox", need: auth.Read, params: []param{id}, timeout: actionTimeout,
			summary: "Who could answer, and what was answered before", text: "People of the team and members who answered questions on the same topics or in the same channel in the last half year, with the reasons; members who gave many answers or were asked lately are marked as tired. And questions like it that were answered.",
			reply: content{of: inbox.Help{}, example: exampleHelp()},
			do: func(c *call) (answer, error) {
				h, err := a.Inbox.Help(c.ctx(), c.id())
				if err != nil {
					return answer{}, err
				}
				return ok(h)
			},
		},
	}, append(a.inboxActs(id), a.inboxRules()...)...)
}

// inboxActs are the operations that change an item.
func (a *api) inboxActs(id param) []op {
	event := content{of: inbox.Event{}, example: exampleInboxEvent()}
	act := func(name, opID, summary, text string, body *content, do func(c *call) (inbox.Event, error)) op {
		return op{
			method: http.MethodPost, path: "/inbox/{id}/" + name, id: opID, tag: "Inbox", need: auth.Write, params: []param{id}, repeatable: true, codes: []greenroom.Code{greenroom.CodeConflict},
			summary: summary, text: text, body: body, reply: event, do: func(c *call) (answer, error) {
				e, err := do(c)
				if err != nil {
					return answer{}, err
				}
				return ok(e)
			},
		}
	}
	words := func(of any, text string) *content { return &content{of: of, text: text, example: of} }
	return []op{
		act("assign", "assignInboxItem", "Say whose it is", "A person, whoever's turn it is, or whoever knows most. They are told.", words(InboxAssign{To: "ana@acme.example"}, "Whose it is."), func(c *call) (inbox.Event, error) {
			return decoded(c, func(b InboxAssign) (inbox.Event, error) { return a.Inbox.Assign(c.ctx(), c.id(), b.To, c.by()) })
		}),
		act("snooze", "snoozeInboxItem", "Let it sleep", "Until a time, until somebody writes, or until the first of both.", words(InboxSnooze{Until: exampleTime(24), UntilReply: true}, "Until when."), func(c *call) (inbox.Event, error) {
			return decoded(c, func(b InboxSnooze) (inbox.Event, error) {
				return a.Inbox.Snooze(c.ctx(), c.id(), b.Until, b.UntilReply, c.by())
			})
		}),
		act("wake", "wakeInboxItem", "Wake it", "Ends a snooze before its time.", nil, func(c *call) (inbox.Event, error) { return a.Inbox.Wake(c.ctx(), c.id(), c.by()) }),
		act("notes", "noteInboxItem", "Keep a note", "For the team only. Those whom it names with @ are told.", words(InboxText{Text: "@ben you know this"}, "The note."), func(c *call) (inbox.Event, error) {
			return decoded(c, func(b InboxText) (inbox.Event, error) { return a.Inbox.Note(c.ctx(), c.id(), b.Text, c.by()) })
		}),
		act("done", "finishInboxItem", "Mark it as done", "Or, with an address, as answered elsewhere.", words(InboxDone{Elsewhere: "https://docs.acme.example/keys"}, "How."), func(c *call) (inbox.Event, error) {
			return decoded(c, func(b InboxDone) (inbox.Event, error) { return a.Inbox.Finish(c.ctx(), c.id(), b.Elsewhere, c.by()) })
		}),
		act("reopen", "reopenInboxItem", "Reopen it", "Says that a conversation waits, also where it was done, merged or answered.", nil, func(c *call) (inbox.Event, error) { return a.Inbox.Reopen(c.ctx(), c.id(), c.by()) }),
		act("merge", "mergeInboxItem", "Merge it into another", "Says that it asks the same as another conversation, which is answered for both.", words(InboxMerge{Into: 1203}, "Into which."), func(c *call) (inbox.Event, error) {
			return decoded(c, func(b InboxMerge) (inbox.Event, error) { return a.Inbox.Merge(c.ctx(), c.id(), b.Into, c.by()) })
		}),
		act("reply", "replyInboxItem", "Reply in the conversation", "On its platform, in the name of whoever asks for it, where the platform allows it. It goes out after 15 seconds, until which it can be undone, and the item is done.", words(InboxText{Text: "Keep both keys for a day."}, "The reply."), func(c *call) (inbox.Event, error) {
			return decoded(c, func(b InboxText) (inbox.Event, error) { return a.Inbox.Reply(c.ctx(), c.id(), b.Text, c.by()) })
		}),
		act("ask", "askForInboxItem", "Ask a member to help", "By a direct message on the conversation's platform where that works; otherwise it is only noted. Who is tired is not asked.", words(InboxAsk{MemberID: 42, Text: "Could you have a look?"}, "Whom, and how."), func(c *call) (inbox.Event, error) {
			return decoded(c, func(b InboxAsk) (inbox.Event, error) { return a.Inbox.Ask(c.ctx(), c.id(), b.MemberID, b.Text, c.by()) })
		}),
		{
			method: http.MethodPost, path: "/inbox-bulk", id: "changeInboxItems", tag: "Inbox", need: auth.Write, codes: []greenroom.Code{greenroom.CodeConflict},
			summary: "Change several items", text: "Each for itself: an item that cannot be changed is told of in `refused`, and the others are. With `undo`, ids are those of events, as an answer lists them.",
			body:  &content{of: inbox.Bulk{}, text: "What, and which.", example: inbox.Bulk{Do: inbox.DoAssign, IDs: []int64{1203, 1207}, To: "ana@acme.example"}},
			reply: content{of: inbox.BulkResult{}, example: inbox.BulkResult{Events: []inbox.Event{exampleInboxEvent()}, Refused: []inbox.Refusal{{ID: 1207, Why: "there is no conversation 1207"}}}},
			do: func(c *call) (answer, error) {
				done, err := decoded(c, func(b inbox.Bulk) (inbox.BulkResult, error) { return a.Inbox.Bulk(c.ctx(), b, c.by()) })
				if err != nil {
					return answer{}, err
				}
				return ok(done)
			},
		},
		{
			method: http.MethodPost, path: "/inbox-events/{id}/undo", id: "undoInboxEvent", tag: "Inbox", need: auth.Write, params: []param{idParam("The event's id.")}, codes: []greenroom.Code{greenroom.CodeConflict},
			summary: "Take back what was done", text: "As long as nothing was changed after it, and a reply has not gone out.", reply: event,
			do: func(c *call) (answer, error) {
				e, err := a.Inbox.Undo(c.ctx(), c.id(), c.by())
				if err != nil {
					return answer{}, err
				}
				return ok(e)
			},
		},
	}
}

// decoded reads the body of a call for f.
func decoded[T, R any](c *call, f func(T) (R, error)) (R, error) {
	b, err := decode[T](c)
	if err != nil {
		var none R
		return none, err
	}
	return f(b)
}

func (a *api) inboxRules() []op {
	set := inbox.Usual()
	set.Rules = []inbox.Rule{{Query: "org.lifecycle:customer", Hours: 4, Business: true}}
	settings := content{of: inbox.Settings{}, example: set}
	return []op{
		{
			method: http.MethodGet, path: "/inbox-settings", id: "getInboxSettings", tag: "Inbox", need: auth.Read, reply: settings,
			summary: "Targets and rules", text: "What waits for the team, how soon it is to be answered, who takes turns, and what happens past a target.",
			do: func(c *call) (answer, error) {
				s, err := a.Inbox.Settings(c.ctx())
				if err != nil {
					return answer{}, err
				}
				return ok(s)
			},
		},
		{
			method: http.MethodPut, path: "/inbox-settings", id: "setInboxSettings", tag: "Inbox", need: auth.Write, reply: settings,
			summary: "Set targets and rules", text: "All of them together. Escalations that are new begin with what becomes late from now on.", body: &content{of: inbox.Settings{}, text: "All settings.", example: set},
			do: func(c *call) (answer, error) {
				s, err := decode[inbox.Settings](c)
				if err != nil {
					return answer{}, err
				}
				if s, err = a.Inbox.SetSettings(c.ctx(), s, c.by()); err != nil {
					return answer{}, err
				}
				return ok(s)
			},
		},
		{
			method: http.MethodGet, path: "/inbox-waits", id: "getInboxWaits", tag: "Inbox", need: auth.Read, timeout: actionTimeout,
			summary: "How long questions wait", text: "Now, and by hour of the week: medians by the Kaplan-Meier estimate, and the share answered within the usual target.",
			params: []param{{name: "weeks", form: formInteger, min: 1, max: 104, initial: "12", text: "How far back."}},
			reply:  content{of: inbox.Waits{}, example: inbox.Waits{Since: exampleTime(1), Zone: "Europe/Lisbon", Now: 3.2, Open: 12, Total: 214, Within: 24}},
			do: func(c *call) (answer, error) {
				w, err := a.Inbox.Waits(c.ctx(), int(c.integer("weeks")))
				if err != nil {
					return answer{}, err
				}
				return ok(w)
			},
		},
	}
}

func exampleInbox() inbox.Page {
	return inbox.Page{
		Items: []inbox.Item{{Conversation: exampleConversation(), State: inbox.State{Owner: "ana@acme.example"}, Status: inbox.Waiting, Target: inbox.Target{Hours: 24}, DueAt: exampleTime(20), LateHours: 7, OwnerName: "Ana Torres"}},
		Total: 1, Counts: inbox.Counts{Waiting: 1, Mine: 1, Overdue: 1, OnMe: 1}, WaitHours: 31,
	}
}

func exampleInboxEvent() inbox.Event {
	return inbox.Event{ID: 5, ConversationID: 42, What: inbox.WhatAssign, Actor: "ben@acme.example", Detail: "to Ana Torres", At: exampleTime(20), MayUndo: true}
}

func exampleHelp() inbox.Help {
	return inbox.Help{
		Team:    []inbox.Candidate{{MemberID: 7, Name: "Ana Torres", Person: "ana@acme.example", Score: 4.1, Why: "answered 9 on webhooks"}},
		Members: []inbox.Candidate{{MemberID: 42, Name: "Dakota Kim", Score: 5.2, Why: "answered 12 on webhooks, 9 accepted"}},
		Similar: []inbox.Similar{{Conversation: exampleConversation(), Share: .61}}, Topics: []string{"webhooks"},
	}
}

// inboxTypeName names the components of the inbox and of tasks; "" for others.
func inboxTypeName(t reflect.Type) string {
	switch name := t.Name(); {
	case strings.HasSuffix(t.PkgPath(), "/internal/inbox"):
		return "Inbox" + name
	case strings.HasSuffix(t.PkgPath(), "/internal/task") && (name == "Draft" || name == "Patch"):
		return "Task" + name
	}
	return ""
}

func inboxEnums(all map[reflect.Type][]string) {
	enum(all, inbox.Waiting, inbox.Snoozed, inbox.Done, inbox.Merged, inbox.Answered)
	enum(all, inbox.Views()...)
	enum(all, inbox.WhatAssign, inbox.WhatSnooze, inbox.WhatWake, inbox.WhatDone, inbox.WhatElsewhere, inbox.WhatReopen, inbox.WhatMerge, inbox.WhatReply, inbox.WhatFailed, inbox.WhatNote, inbox.WhatAsk, inbox.WhatEscalate, inbox.WhatBack)
}
