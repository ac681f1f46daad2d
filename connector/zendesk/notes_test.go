// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package zendesk

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestNotesStayOut looks at every payload that is kept: none has the text of an internal note, and nothing else is lost.
func TestNotesStayOut(t *testing.T) {
	ticket := ticketPayload([]byte(`{"id":4,"subject":"Broken","description":"Strange person.","status":"open"}`))
	raw := []byte(`{"id":9,"ticket_id":4,"child_events":[{"id":1,"event_type":"Comment","public":true,"body":"Hello"},{"id":2,"event_type":"Comment","public":false,"body":"Strange person."},{"id":3,"event_type":"Change","status":"solved"}]}`)
	var e wireEvent
	if err := json.Unmarshal(raw, &e); err != nil {
		t.Fatal(err)
	}
	event := eventPayload(&e, raw)
	push := deliveryPayload([]byte(`{"id":"e1","type":"zen:event-type:ticket.comment_added","subject":"zen:ticket:4","time":"2026-11-20T10:00:00Z","event":{"comment":{"id":"2","is_public":false,"body":"Strange person."}}}`))
	for name, tt := range map[string]struct{ got, want string }{
		"ticket":   {string(ticket), `{"id":4,"status":"open","subject":"Broken"}`},
		"event":    {string(event), `{"child_events":[{"id":1,"event_type":"Comment","public":true,"body":"Hello"},{"id":3,"event_type":"Change","status":"solved"}],"id":9,"ticket_id":4}`},
		"delivery": {string(push), `{"type":"zen:event-type:ticket.comment_added","subject":"zen:ticket:4","time":"2026-11-20T10:00:00Z","event":{"comment":{"id":"2"}},"id":"e1"}`},
		"trigger":  {string(deliveryPayload([]byte(`{"ticket_id":"4","note":"Strange person."}`))), `{"ticket_id":"4","event":{"comment":{"id":""}}}`},
	} {
		if tt.got != tt.want || strings.Contains(tt.got, "Strange") {
			t.Errorf("%s: %s\nwant %s", name, tt.got, tt.want)
		}
	}
	if got := eventPayload(&wireEvent{}, raw); string(got) != string(raw) {
		t.Errorf("an event without a note is %s", got)
	}
}
