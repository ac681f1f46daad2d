// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package intercom

import (
	"encoding/json"
	"strings"

	"greenroom/connector/internal/rest"
)

// This file keeps internal notes out of raw payloads: what teammates write of a customer among themselves is nobody else's,
// and a conversation holds it among its parts.

// internal reports whether parts of a type are written for teammates: notes, those that open the conversation or take it
// out of its sleep among them, and what Fin sums up of a call.
func internal(kind string) bool { return strings.HasPrefix(kind, "note") || kind == "call_summary" }

// conversationPayload is a conversation without the parts that are internal, and without any where messages are not wanted.
// Nothing is kept of one that cannot be taken apart.
func conversationPayload(raw []byte, messages bool) []byte {
	fields, list := make(map[string]json.RawMessage), make(map[string]json.RawMessage)
	if json.Unmarshal(raw, &fields) != nil {
		return nil
	}
	if !messages {
		if source := make(map[string]json.RawMessage); json.Unmarshal(fields["source"], &source) == nil && source != nil {
			delete(source, "body")
			fields["source"] = encoded(source)
		}
	}
	if len(fields["conversation_parts"]) == 0 {
		return encoded(fields)
	}
	var parts []json.RawMessage
	if !messages || json.Unmarshal(fields["conversation_parts"], &list) != nil || json.Unmarshal(list["conversation_parts"], &parts) != nil {
		delete(fields, "conversation_parts")
		return encoded(fields)
	}
	kept := make([]json.RawMessage, 0, len(parts))
	for _, part := range parts {
		var p wirePart
		if rest.Unmarshal(part, &p) == nil && !internal(p.Type) {
			kept = append(kept, part)
		}
	}
	list["conversation_parts"] = encoded(kept)
	fields["conversation_parts"] = encoded(list)
	return encoded(fields)
}

func encoded(v any) json.RawMessage {
	text, err := json.Marshal(v)
	if err != nil { // what was decoded can be encoded
		return nil
	}
	return text
}

// deliveryPayload is what is kept of a delivery: what it is about. The rest is asked for, and what it holds of a
// conversation may be an internal note.
func deliveryPayload(body []byte) []byte {
	var n notification
	if rest.Unmarshal(body, &n) != nil {
		return body // it is rejected when it is received, with its reason
	}
	return encoded(n)
}
