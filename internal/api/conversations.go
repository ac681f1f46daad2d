// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"net/http"

	"greenroom"
	"greenroom/internal/auth"
)

// ConversationPatch is what to change of a conversation.
type ConversationPatch struct {
	Ignored *bool `json:"ignored" doc:"true: it needs no response and waits no longer. false: it does after all."`
}

// maxReplies is how many activities of a conversation are given.
const maxReplies = 1000

func (a *api) conversationOps() []op {
	return []op{
		getOp("conversation", "Conversations", "A conversation", a.Objects.Conversation, exampleConversation()),
		{
			method: http.MethodGet, path: "/conversations/{id}/activities", id: "listConversationActivities", tag: "Conversations", need: auth.Read,
			summary: "What was said in a conversation",
			text:    "The opening activity and everything that belongs to it, in order of time.",
			params: []param{
				idParam("The conversation's id."),
				{name: "limit", form: formInteger, min: 1, max: maxReplies, initial: "200", text: "How many at most, from the beginning on.", example: "50"},
			},
			reply: content{of: Items[greenroom.Activity]{}, example: Items[greenroom.Activity]{Items: []greenroom.Activity{exampleActivity()}}},
			do: func(c *call) (answer, error) {
				if _, err := a.Objects.Conversation(c.ctx(), c.id()); err != nil {
					return answer{}, err
				}
				all, err := a.Objects.ConversationActivities(c.ctx(), c.id(), int(c.integer("limit")))
				if err != nil {
					return answer{}, err
				}
				return itemsOf(all)
			},
		},
		{
			method: http.MethodPatch, path: "/conversations/{id}", id: "changeConversation", tag: "Conversations", need: auth.Write,
			summary: "Ignore a conversation, or take it up again",
			text:    "Says that a conversation needs no response, or that it does after all. Figures follow within a second.",
			params:  []param{idParam("The conversation's id.")}, conditional: true,
			body:  &content{of: ConversationPatch{}, text: "What to change.", example: object{"ignored": true}},
			reply: content{of: greenroom.Conversation{}, text: "The conversation as it is now.", example: exampleConversation()},
			do:    a.changeConversation,
		},
	}
}

func (a *api) changeConversation(c *call) (answer, error) {
	patch, err := decode[ConversationPatch](c)
	if err != nil {
		return answer{}, err
	}
	if patch.Ignored == nil {
		return answer{}, wrong("ignored", "say in ignored whether the conversation needs no response: true or false")
	}
	written := false
	read := func(ctx context.Context, id int64) (greenroom.Conversation, error) {
		v, err := a.Objects.Conversation(ctx, id)
		if written {
			v.State = stateOf(&v, *patch.Ignored)
		}
		return v, err
	}
	return change(a, c, read, func() error {
		if err := a.Conversations.IgnoreConversation(c.ctx(), c.id(), *patch.Ignored); err != nil {
			return err
		}
		written = true
		return a.Audit.Audit(c.ctx(), c.caller, "conversation.ignore", c.r.URL.Path, ignoring(*patch.Ignored))
	})
}

func ignoring(yes bool) string {
	if yes {
		return "needs no response"
	}
	return "needs a response after all"
}

// stateOf is the state that a conversation is about to have: the stored one follows a moment later.
func stateOf(v *greenroom.Conversation, ignored bool) greenroom.State {
	switch {
	case ignored:
		return greenroom.StateIgnored
	case v.State != greenroom.StateIgnored:
		return v.State
	case !v.ResolvedAt.IsZero():
		return greenroom.StateResolved
	case !v.FirstResponseAt.IsZero():
		return greenroom.StateAnswered
	default:
		return greenroom.StateOpen
	}
}
