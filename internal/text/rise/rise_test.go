// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package rise_test

import (
	"fmt"
	"strings"
	"testing"

	"greenroom/internal/text/rise"
	"greenroom/internal/text/topic"
)

// What rises is found with its days and its messages, once, though it has several words.
func TestFind(t *testing.T) {
	usual := []string{"invoice amount wrong", "refund of a payment", "SSO login loops", "Okta groups on login", "CSV import stops", "column mapping on import", "webhook signature fails", "webhook retries"}
	var messages []rise.Message
	for day := 100; day < 190; day++ {
		for i := range 12 {
			messages = append(messages, rise.Message{Day: day, Text: fmt.Sprintf("%s in project %d", usual[(day*5+i*i)%len(usual)], i)})
		}
		if day >= 150 && day < 154 {
			for i := range 6 {
				messages = append(messages, rise.Message{Day: day, Text: fmt.Sprintf("Kubernetes operator crashes on node %d", i)})
			}
		}
	}
	texts := make([]string, len(messages))
	for i := range messages {
		texts[i] = messages[i].Text
	}
	got := rise.Find(topic.Fit(texts, topic.Options{}), messages, rise.Options{})
	if len(got) != 1 {
		t.Fatalf("%d events, want 1: %+v", len(got), got)
	}
	e := got[0]
	if e.Start != 150 || e.End != 153 || len(e.Messages) != 24 {
		t.Errorf("days %d to %d with %d messages, want 150 to 153 with 24", e.Start, e.End, len(e.Messages))
	}
	for _, i := range e.Messages {
		if !strings.Contains(messages[i].Text, "Kubernetes") {
			t.Errorf("it holds %q", messages[i].Text)
		}
	}
	if rise.Find(nil, nil, rise.Options{}) != nil {
		t.Error("nothing rose, and something was found")
	}
}
