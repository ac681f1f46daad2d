// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package zendesk

import (
	"encoding/json"

	"greenroom/connector/internal/rest"
)

// This file keeps internal notes out of raw payloads: what agents write of a customer among themselves is nobody else's,
// and is told in more places than the comments themselves.

// ticketPayload is a ticket without its description. That is the text of its first comment, which can be an internal
// note; a public one comes in with the comments, where these are wanted.
func ticketPayload(raw []byte) []byte {
	fields := make(map[string]json.RawMessage)
	if json.Unmarshal(raw, &fields) != nil || fields["description"] == nil {
		return raw
	}
	delete(fields, "description")
	return encoded(fields, raw)
}

// eventPayload is a change of a ticket without the comments in it that are internal notes.
func eventPayload(e *wireEvent, raw []byte) []byte {
	private := false
	for i := range e.Children {
		private = private || e.Children[i].note()
	}
	if !private {
		return raw
	}
	fields := make(map[string]json.RawMessage)
	var children []json.RawMessage
	if json.Unmarshal(raw, &fields) != nil || json.Unmarshal(fields["child_events"], &children) != nil || len(children) != len(e.Children) {
		return nil
	}
	kept := make([]json.RawMessage, 0, len(children))
	for i := range children {
		if !e.Children[i].note() {
			kept = append(kept, children[i])
		}
	}
	text, err := json.Marshal(kept)
	if err != nil {
		return nil
	}
	fields["child_events"] = text
	return encoded(fields, nil)
}

// note reports whether the child of a change is an internal note.
func (c *wireComment) note() bool {
	return (c.Event == "Comment" || c.Event == "VoiceComment") && !c.Public
}

func encoded(fields map[string]json.RawMessage, otherwise []byte) []byte {
	text, err := json.Marshal(fields)
	if err != nil {
		return otherwise
	}
	return text
}

// deliveryPayload is what is kept of a delivery: what it is about. The rest is asked for, and a comment's text may be an
// internal note.
func deliveryPayload(body []byte) []byte {
	var e struct {
		delivery
		ID string `json:"id,omitempty"`
	}
	if rest.Unmarshal(body, &e) != nil {
		return body // it is rejected when it is received, with its reason
	}
	text, err := json.Marshal(e)
	if err != nil {
		return body
	}
	return text
}
