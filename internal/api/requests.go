// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"net/http"

	"greenroom"
	"greenroom/internal/auth"
	"greenroom/internal/request"
)

// Requests keeps what members ask for; request.Service does.
type Requests interface {
	List(ctx context.Context, f request.Filter) ([]request.Request, error)
	Candidates(ctx context.Context) ([]request.Candidate, error)
	Behind
	RequestChanges
	Settings(ctx context.Context) (request.Settings, error)
	SetSettings(ctx context.Context, set request.Settings, by string) error
}

// Behind tells who is behind a request.
type Behind interface {
	Get(ctx context.Context, id int64) (request.Request, error)
	Supporters(ctx context.Context, id int64) ([]request.Supporter, error)
	Messages(ctx context.Context, id int64) ([]request.Message, error)
}

// RequestChanges changes requests.
type RequestChanges interface {
	Add(ctx context.Context, d request.Draft, by string) (request.Request, error)
	Edit(ctx context.Context, id int64, c request.Change, by string) (request.Request, error)
	Move(ctx context.Context, id int64, to request.State, answer string, tell bool, by string) (request.Request, request.Told, error)
	Link(ctx context.Context, activity, id int64, by string) error
	Unlink(ctx context.Context, activity int64, by string) error
	Merge(ctx context.Context, id, into int64, by string) (request.Request, error)
	Unmerge(ctx context.Context, id int64, by string) (request.Request, error)
}

// RequestDetail is a request with who is behind it.
type RequestDetail struct {
	request.Request

	Supporters    []request.Supporter `json:"supporters"`
	MessagesAbout []request.Message   `json:"messages_about"`
}

// StatusRequest says what becomes of a request.
type StatusRequest struct {
	State  request.State `json:"state"`
	Answer string        `json:"answer"`
	Tell   bool          `json:"tell"`
}

// StatusReply is a request whose state was set, and who hears of it.
type StatusReply struct {
	Request request.Request `json:"request"`
	Told    request.Told    `json:"told"`
}

// MergeInto names the request that another one is merged into.
type MergeInto struct {
	Into int64 `json:"into"`
}

func exampleRequest() request.Request {
	return request.Request{
		ID: 7, Title: "Dark mode for dashboards", State: request.Planned, Answer: "It comes in spring.", Shown: true, CreatedBy: "ana@acme.example", CreatedAt: exampleTime(2), ChangedAt: exampleTime(20), Votes: 12, Messages: 3,
		Weight: request.Weight{Organizations: 4, Lifecycles: map[string]int64{"customer": 3, "trial": 1}, Deals: []request.Amount{{Currency: "EUR", Amount: 24000}}},
	}
}

func (a *api) requestOps() []op {
	if a.Requests == nil {
		return nil
	}
	conflict := []greenroom.Code{greenroom.CodeConflict}
	id := idParam("The request. Ids are for good.")
	one := content{of: request.Request{}, example: exampleRequest()}
	title := "Dark mode"
	return append([]op{
		{
			method: http.MethodGet, path: "/requests", id: "listRequests", tag: "Requests", need: auth.Read,
			summary: "List requests", text: "What members ask for, those with most votes first, with what the organizations behind them are to the business. Those that were merged are left out.",
			params: []param{
				{name: "state", form: formText, choices: words(request.States()), text: "Only those in a state.", example: "open"},
				{name: "q", form: formText, text: "Words of title or text.", example: "dark"},
				{name: "review", form: formFlag, initial: "false", text: "Only proposals that the team has not looked at."},
				{name: "member", form: formInteger, min: 1, text: "Only those that a member wants, by id.", example: "42"},
			},
			reply: content{of: Items[request.Request]{}, example: Items[request.Request]{Items: []request.Request{exampleRequest()}}},
			do: func(c *call) (answer, error) {
				all, err := a.Requests.List(c.ctx(), request.Filter{State: request.State(c.text("state")), Text: c.text("q"), Review: c.flag("review"), Member: c.integer("member")})
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
		{
			method: http.MethodPost, path: "/requests", id: "createRequest", tag: "Requests", need: auth.Write, status: http.StatusCreated, repeatable: true, reply: one, codes: conflict,
			summary: "Make a request", text: "Of a message, whose first sentence becomes the title where there is none, or by itself.",
			body: &content{of: request.Draft{}, text: "What is asked for.", example: request.Draft{ActivityID: 512}},
			do: func(c *call) (answer, error) {
				d, err := decode[request.Draft](c)
				if err != nil {
					return answer{}, err
				}
				return given(a.Requests.Add(c.ctx(), d, c.by()))
			},
		},
		{
			method: http.MethodGet, path: "/requests/{id}", id: "getRequest", tag: "Requests", need: auth.Read, params: []param{id}, reply: content{of: RequestDetail{}, example: RequestDetail{Request: exampleRequest(), Supporters: []request.Supporter{}, MessagesAbout: []request.Message{}}},
			summary: "A request", text: "With everybody who wants it and the messages that ask for it. One that was merged says into which.",
			do: a.requestDetail,
		},
		{
			method: http.MethodPatch, path: "/requests/{id}", id: "changeRequest", tag: "Requests", need: auth.Write, params: []param{id}, reply: one,
			summary: "Change a request", text: "What is not sent stays. Saying whether it is shown ends the review of a proposal.",
			body: &content{of: request.Change{}, text: "What to change.", example: request.Change{Title: &title}},
			do: func(c *call) (answer, error) {
				change, err := decode[request.Change](c)
				if err != nil {
					return answer{}, err
				}
				if change == (request.Change{}) {
					return answer{}, greenroom.Errorf(greenroom.CodeInvalid, "the body names nothing to change")
				}
				return given(a.Requests.Edit(c.ctx(), c.id(), change, c.by()))
			},
		},
		{
			method: http.MethodPost, path: "/requests/{id}/status", id: "setRequestStatus", tag: "Requests", need: auth.Write, params: []param{id}, codes: conflict,
			summary: "Say what becomes of a request", text: "Sets state and answer. With `tell`, everybody who asked or voted gets a message; it waits for approval in the outbox unless the settings say otherwise.",
			body: &content{of: StatusRequest{}, text: "State and answer.", example: StatusRequest{request.Planned, "It comes in spring.", true}}, reply: content{of: StatusReply{}, example: StatusReply{exampleRequest(), request.Told{Messages: 11, Unreachable: 1}}},
			do: func(c *call) (answer, error) {
				b, err := decode[StatusRequest](c)
				if err != nil {
					return answer{}, err
				}
				q, told, err := a.Requests.Move(c.ctx(), c.id(), b.State, b.Answer, b.Tell, c.by())
				return given(StatusReply{q, told}, err)
			},
		},
		{
			method: http.MethodPost, path: "/requests/{id}/merge", id: "mergeRequest", tag: "Requests", need: auth.Write, params: []param{id}, reply: one, codes: conflict,
			summary: "Merge a duplicate", text: "Its votes and messages count at the other one, which is answered. Its id stays.",
			body: &content{of: MergeInto{}, text: "Into which.", example: MergeInto{7}},
			do: func(c *call) (answer, error) {
				b, err := decode[MergeInto](c)
				if err != nil {
					return answer{}, err
				}
				return given(a.Requests.Merge(c.ctx(), c.id(), b.Into, c.by()))
			},
		},
		{
			method: http.MethodPost, path: "/requests/{id}/unmerge", id: "unmergeRequest", tag: "Requests", need: auth.Write, params: []param{id}, reply: one, codes: conflict,
			summary: "Take a merge back", text: "The request stands for itself again.",
			do: func(c *call) (answer, error) { return given(a.Requests.Unmerge(c.ctx(), c.id(), c.by())) },
		},
	}, a.requestMessageOps(id)...)
}

func (a *api) requestDetail(c *call) (answer, error) {
	q, err := a.Requests.Get(c.ctx(), c.id())
	if err != nil {
		return answer{}, err
	}
	d := RequestDetail{Request: q}
	if d.Supporters, err = a.Requests.Supporters(c.ctx(), q.ID); err != nil {
		return answer{}, err
	}
	d.MessagesAbout, err = a.Requests.Messages(c.ctx(), q.ID)
	return given(d, err)
}

func (a *api) requestMessageOps(id param) []op {
	activity := param{name: "activity", path: true, form: formInteger, min: 1, text: "The message, an activity.", example: "512"}
	set := content{of: request.Settings{}, text: "What is public, and how people hear back.", example: request.Settings{Board: true, Intro: "Tell us what is missing."}}
	candidate := request.Candidate{Message: request.Message{ActivityID: 512, Member: "Ana Torres", MemberID: 42, Text: "I wish dashboards had a dark mode.", At: exampleTime(20)}, Like: []request.Alike{{ID: 7, Title: "Dark mode for dashboards", Score: .75}}}
	return []op{
		{
			method: http.MethodPut, path: "/requests/{id}/messages/{activity}", id: "linkRequestMessage", tag: "Requests", need: auth.Write, params: []param{id, activity}, status: http.StatusNoContent,
			summary: "Say that a message asks for a request", text: "Whatever was said of it before.",
			do: func(c *call) (answer, error) {
				return answer{}, a.Requests.Link(c.ctx(), c.integer("activity"), c.id(), c.by())
			},
		},
		{
			method: http.MethodPut, path: "/request-candidates/{activity}/none", id: "dismissRequestMessage", tag: "Requests", need: auth.Write, params: []param{activity}, status: http.StatusNoContent,
			summary: "Say that a message asks for nothing", text: "It is offered no more.",
			do: func(c *call) (answer, error) {
				return answer{}, a.Requests.Link(c.ctx(), c.integer("activity"), 0, c.by())
			},
		},
		{
			method: http.MethodDelete, path: "/request-candidates/{activity}", id: "unlinkRequestMessage", tag: "Requests", need: auth.Write, params: []param{activity}, status: http.StatusNoContent,
			summary: "Take back what was said of a message", text: "It is a candidate again where it was read as a wish.",
			do: func(c *call) (answer, error) {
				return answer{}, a.Requests.Unlink(c.ctx(), c.integer("activity"), c.by())
			},
		},
		{
			method: http.MethodGet, path: "/request-candidates", id: "listRequestCandidates", tag: "Requests", need: auth.Read, reply: content{of: Items[request.Candidate]{}, example: Items[request.Candidate]{Items: []request.Candidate{candidate}}},
			summary: "Messages that may ask for something", text: "Messages of the last half year that were read as the wish for something, with the requests whose words they share.",
			do: func(c *call) (answer, error) {
				all, err := a.Requests.Candidates(c.ctx())
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
		{
			method: http.MethodGet, path: "/request-settings", id: "getRequestSettings", tag: "Requests", need: auth.Read, reply: set,
			summary: "Settings of requests", text: "What is public, and how people hear back.",
			do: func(c *call) (answer, error) { return given(a.Requests.Settings(c.ctx())) },
		},
		{
			method: http.MethodPut, path: "/request-settings", id: "setRequestSettings", tag: "Requests", need: auth.Administer, reply: set, body: &set,
			summary: "Set the settings of requests", text: "Sets all of them; what is not sent is off or empty afterwards.",
			do: func(c *call) (answer, error) {
				s, err := decode[request.Settings](c)
				if err != nil {
					return answer{}, err
				}
				if err := a.Requests.SetSettings(c.ctx(), s, c.by()); err != nil {
					return answer{}, err
				}
				return given(a.Requests.Settings(c.ctx()))
			},
		},
	}
}

// requestDocs says what the fields of requests are.
func requestDocs() map[string]string {
	all := map[string]string{
		"Request": "Something that members ask for.", "RequestDraft": "The request to make.", "RequestChange": "What to change. What is not sent stays.", "RequestWeight": "What the organizations of those who ask are to the business.", "RequestAmount": "A sum of money.", "RequestSupporter": "Somebody who wants it.", "RequestMessage": "A message that asks for it.", "RequestCandidate": "A message that may ask for something.", "RequestAlike": "A request that shares words with a message.", "RequestSettings": "What is public, and how people hear back.", "RequestTold": "Who hears of a change.",
		"RequestDetail": "A request with who is behind it.", "StatusRequest": "What becomes of a request.", "StatusReply": "A request whose state was set.", "MergeInto": "The other request.",
		"RequestDraft.title": "Empty with an activity: made of its message.", "RequestDraft.text": "What members would do with it.", "RequestDraft.activity_id": "The message that asks for it.", "RequestDraft.hidden": "Kept off the public board.", "RequestChange.title": "What is missing.", "RequestChange.text": "What members would do with it.", "RequestChange.shown": "On the public board.",
		"RequestWeight.organizations": "How many.", "RequestWeight.lifecycles": "How many, by lifecycle.", "RequestWeight.deals": "Their open deals, by currency.", "RequestAmount.currency": "As the CRM writes it.", "RequestAmount.amount": "The sum.",
		"RequestSupporter.member_id": "Who; left out of an address by which no member is known.", "RequestSupporter.member": "By name.", "RequestSupporter.organization_id": "Their organization.", "RequestSupporter.organization": "By name.", "RequestSupporter.lifecycle": "Of the organization.", "RequestSupporter.deals": "Open ones of the organization.", "RequestSupporter.voted_at": "When they voted.", "RequestSupporter.activity_id": "The first message in which they ask for it.", "RequestSupporter.conversation_id": "Its conversation.", "RequestSupporter.proposed": "They proposed it.",
		"RequestAlike.id": "Its id.", "RequestAlike.title": "Its title.", "RequestAlike.score": "The share of its title's words that the message has, 0 to 1.", "RequestCandidate.like": "Requests that say something alike, the closest first.",
		"RequestSettings.board": "Members see the public board and vote.", "RequestSettings.intro": "Above the board.", "RequestSettings.at_once": "Messages about changes go out without approval.", "RequestSettings.closed": "Members vote only.",
		"RequestTold.messages": "Messages in the outbox.", "RequestTold.unreachable": "People of whom no mail address is known that takes mail.", "StatusRequest.state": "The state.", "StatusRequest.answer": "Everybody sees it on the public board.", "StatusRequest.tell": "Tell everybody who asked or voted.", "StatusReply.request": "As it is now.", "StatusReply.told": "Who hears of it.", "MergeInto.into": "Its id.",
	}
	for _, of := range []string{"Request.", "RequestDetail."} {
		for field, doc := range map[string]string{
			"id": "For good.", "title": "What is missing.", "text": "What members would do with it.", "state": "What the team does about it.", "answer": "Of the team; public where the request is.", "shown": "On the public board.", "review": "A member proposed it, and the team has not looked yet.", "merged_into": "The request that it is part of.", "member_id": "Who proposed it.", "member": "By name.", "created_by": "Who made it.", "created_at": "When.", "changed_at": "When its state changed last.", "votes": "Members and addresses that voted or asked, each once.", "messages": "That ask for it.", "weight": "What the organizations behind it are to the business.",
			"supporters": "Everybody who wants it.", "messages_about": "The messages that ask for it.",
		} {
			all[of+field] = doc
		}
	}
	for _, of := range []string{"RequestMessage.", "RequestCandidate."} {
		for field, doc := range map[string]string{
			"activity_id": "Its id.", "conversation_id": "Its conversation.", "member_id": "Who wrote it.", "member": "By name.", "organization": "Their organization.", "lifecycle": "Of the organization.", "title": "Its title.", "text": "Its text.", "url": "At the source.", "source": "Its source.", "channel": "Its channel.", "at": "When.",
		} {
			all[of+field] = doc
		}
	}
	return all
}
