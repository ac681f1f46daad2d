// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"net/http"
	"time"

	"greenroom/internal/assistant"
	"greenroom/internal/auth"
	"greenroom/internal/query"
)

// Assistant asks the team's language model; assistant.Service does. Without ask it only says what would be sent.
type Assistant interface {
	Settings(ctx context.Context) (set assistant.Settings, hasKey bool, err error)
	Save(ctx context.Context, set assistant.Settings, key *string) error
	Budget(ctx context.Context) (assistant.Budget, error)
	Uses(ctx context.Context, limit int) ([]assistant.Use, error)
	Summarize(ctx context.Context, conversation int64, by string, ask bool) (*assistant.Digest, error)
	DraftReply(ctx context.Context, conversation int64, by string, ask bool) (*assistant.Digest, error)
	Ask(ctx context.Context, question, by string, ask bool) (*assistant.Found, error)
}

// AssistantStatus is how the language model stands.
type AssistantStatus struct {
	Settings assistant.Settings `json:"settings"`
	HasKey   bool               `json:"has_key"`
	Budget   assistant.Budget   `json:"budget"`
}

// AssistantQuestion is a question in plain words.
type AssistantQuestion struct {
	Question string `json:"question" doc:"In plain words."`
	Preview  bool   `json:"preview,omitempty" doc:"Only say what would be sent; nothing is."`
}

// AssistantRequest asks for a summary or a draft.
type AssistantRequest struct {
	Preview bool `json:"preview,omitempty" doc:"Only say what would be sent; nothing is."`
}

func (a *api) assistantOps() []op {
	if a.Assistant == nil {
		return nil
	}
	status := AssistantStatus{
		Settings: assistant.Settings{On: true, Address: "https://llm.acme.example/v1", Model: "llama3.2", Allowed: []assistant.Purpose{assistant.Question}, MonthTokens: 1_000_000},
		Budget:   assistant.Budget{Since: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), Used: assistant.Total{Requests: 3, Tokens: 4200}, Forecast: assistant.Total{Requests: 5, Tokens: 7000}},
	}
	found := assistant.Found{Question: "Who is new?", Entity: query.Members, Query: "is:new", Preview: "{}"}
	use := assistant.Use{ID: 3, At: status.Budget.Since, Purpose: assistant.Question, Model: "llama3.2", Input: 1800, Output: 20, By: "ana@acme.example", Outcome: assistant.Answered}
	return []op{
		{
			method: http.MethodGet, path: "/assistant", id: "getAssistant", tag: "Assistant", need: auth.Read,
			summary: "How the language model stands", text: "Its settings, without its key, and what this month has used.", reply: content{of: AssistantStatus{}, example: status},
			do: a.assistantStatus,
		},
		{
			method: http.MethodPut, path: "/assistant/settings", id: "setAssistant", tag: "Assistant", need: auth.Administer,
			summary: "Set the language model", text: "All settings at once. key is a new key; left out, the one that is there stays, unless the address leads to another host.",
			body:  &content{of: AssistantChange{}, text: "The settings.", example: AssistantChange{Settings: status.Settings}},
			reply: content{of: AssistantStatus{}, example: status},
			do: func(c *call) (answer, error) {
				ch, err := decode[AssistantChange](c)
				if err != nil {
					return answer{}, err
				}
				if err := a.Assistant.Save(c.ctx(), ch.Settings, ch.Key); err != nil {
					return answer{}, err
				}
				return a.assistantStatus(c)
			},
		},
		{
			method: http.MethodGet, path: "/assistant/uses", id: "listAssistantUses", tag: "Assistant", need: auth.Administer,
			summary: "What the language model was asked for", text: "The last 200 requests, the newest first.", reply: content{of: Items[assistant.Use]{}, example: Items[assistant.Use]{Items: []assistant.Use{use}}},
			do: func(c *call) (answer, error) {
				all, err := a.Assistant.Uses(c.ctx(), 200)
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
		{
			method: http.MethodPost, path: "/assistant/questions", id: "askAssistant", tag: "Assistant", need: auth.Write, repeatable: true,
			summary: "Turn a question into a query", text: "The query is not run: pass it to its list.", body: &content{of: AssistantQuestion{}, text: "The question.", example: AssistantQuestion{Question: "Who is new?"}}, reply: content{of: assistant.Found{}, example: found},
			do: func(c *call) (answer, error) {
				q, err := decode[AssistantQuestion](c)
				if err != nil {
					return answer{}, err
				}
				f, err := a.Assistant.Ask(c.ctx(), q.Question, c.by(), !q.Preview)
				if err != nil {
					return answer{}, err
				}
				return ok(f)
			},
		},
		a.digestOp("summary", "summarizeConversation", "Summarize a conversation", "Every line names the messages that it rests on.", a.Assistant.Summarize),
		a.digestOp("draft", "draftReply", "Draft a reply", "Nothing is sent to the conversation.", a.Assistant.DraftReply),
	}
}

// AssistantChange is what to set.
type AssistantChange struct {
	Settings assistant.Settings `json:"settings"`
	Key      *string            `json:"key,omitempty"`
}

func (a *api) digestOp(name, id, summary, text string, do func(context.Context, int64, string, bool) (*assistant.Digest, error)) op {
	return op{
		method: http.MethodPost, path: "/conversations/{id}/" + name, id: id, tag: "Assistant", need: auth.Write, repeatable: true,
		summary: summary, text: text + " Asking the same again within a month is free.",
		params: []param{idParam("The conversation's id.")}, body: &content{of: AssistantRequest{}, text: "How to ask.", example: AssistantRequest{}},
		reply: content{of: assistant.Digest{}, example: assistant.Digest{Conversation: 30, Lines: []assistant.Line{{Text: "Ana asks how to rotate keys.", Messages: []int64{30}, Numbers: []int{1}}}, Sent: 2, Of: 2, Preview: "{}"}},
		do: func(c *call) (answer, error) {
			req, err := decode[AssistantRequest](c)
			if err != nil {
				return answer{}, err
			}
			d, err := do(c.ctx(), c.id(), c.by(), !req.Preview)
			if err != nil {
				return answer{}, err
			}
			return ok(d)
		},
	}
}

func (a *api) assistantStatus(c *call) (answer, error) {
	var st AssistantStatus
	var err error
	if st.Settings, st.HasKey, err = a.Assistant.Settings(c.ctx()); err != nil {
		return answer{}, err
	}
	if st.Budget, err = a.Assistant.Budget(c.ctx()); err != nil {
		return answer{}, err
	}
	return ok(st)
}

// assistantDocs says what the fields of the language model's types are.
func assistantDocs() map[string]string {
	return map[string]string{
		"AssistantStatus": "How the language model stands.", "AssistantStatus.settings": "As they are set; the key is never shown.", "AssistantStatus.has_key": "A key is stored.", "AssistantStatus.budget": "How this month stands.",
		"AssistantChange": "What to set.", "AssistantChange.settings": "All settings.", "AssistantChange.key": "A new key; empty forgets the one that is stored.", "AssistantQuestion": "A question in plain words.", "AssistantRequest": "How to ask.",
		"AssistantSettings": "Which model is asked, for what, and for how much.", "AssistantSettings.on": "Off, nothing is ever sent.", "AssistantSettings.address": "Of an OpenAI-compatible API.", "AssistantSettings.model": "By the name that its server gives it.", "AssistantSettings.key": "Never given; send it beside the settings.", "AssistantSettings.allowed": "What it may be asked for.",
		"AssistantSettings.month_tokens": "That may be used in a calendar month.", "AssistantSettings.month_cost": "That they may cost, in the currency of the prices; 0 = only tokens count.", "AssistantSettings.input_price": "Of a million tokens that are sent.", "AssistantSettings.output_price": "Of a million tokens that are answered.",
		"AssistantBudget": "How a month stands.", "AssistantBudget.since": "When the month began.", "AssistantBudget.used": "So far.", "AssistantBudget.forecast": "By its end, if it goes on like that.",
		"AssistantTotal": "What requests used together.", "AssistantTotal.requests": "Without those whose answer was kept from before.", "AssistantTotal.tokens": "Sent and answered.", "AssistantTotal.cost_micros": "In millionths of the currency.",
		"AssistantUse": "A request to the language model.", "AssistantUse.at": "When.", "AssistantUse.purpose": "What for.", "AssistantUse.model": "Which one was asked.", "AssistantUse.input_tokens": "Sent.", "AssistantUse.output_tokens": "Answered.", "AssistantUse.cost_micros": "In millionths of the currency.", "AssistantUse.by": "Who asked.", "AssistantUse.outcome": "What became of it.", "AssistantUse.id": "Its number.",
		"AssistantDigest": "What the language model says of a conversation.", "AssistantDigest.conversation": "Its id.", "AssistantDigest.lines": "The summary.", "AssistantDigest.draft": "The draft, for a person to read and send.", "AssistantDigest.messages_sent": "How many messages it was given.", "AssistantDigest.messages": "How many there are.", "AssistantDigest.request": "What is sent, to the letter.",
		"AssistantLine": "A line of a summary.", "AssistantLine.text": "What it says.", "AssistantLine.messages": "Ids of the activities that it rests on.", "AssistantLine.numbers": "Their places in the conversation, from 1.",
		"AssistantFound": "A query for a question.", "AssistantFound.question": "As it was asked.", "AssistantFound.list": "The list to ask.", "AssistantFound.query": "Not run yet.", "AssistantFound.request": "What is sent, to the letter.",
	}
}
