// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package githubevent

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"greenroom/connector/connectortest"
)

// TestWebhookExamples maps GitHub's own example of every delivery.
func TestWebhookExamples(t *testing.T) {
	path := filepath.Join(connectortest.Recordings(t), "..", "contracts", "github", "webhooks-examples.json")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Skip("the webhook examples are not here: ", err)
	}
	var examples []struct {
		Name     string            `json:"name"`
		Examples []json.RawMessage `json:"examples"`
	}
	if err := json.Unmarshal(data, &examples); err != nil {
		t.Fatal(err)
	}
	mapped := 0
	for _, kind := range examples {
		for i, body := range kind.Examples {
			var e Event
			ok, err := ReadWebhook(kind.Name, "d-1", connectortest.Now(), body, &e)
			if err != nil {
				t.Errorf("example %d: %v", i, err)
			}
			if !ok {
				continue
			}
			var f Facts
			Map(&e, &f)
			if f.Problem != "" || f.LeftOut != "" || f.Activity.ExternalID == "" || f.Activity.Kind == 0 || f.Activity.Author == "" {
				t.Errorf("%s example %d (%s): %s%s %+v", kind.Name, i, e.Payload.Action, f.Problem, f.LeftOut, f.Activity)
			}
			mapped++
		}
	}
	if mapped < 100 {
		t.Errorf("only %d examples were mapped", mapped)
	}
}

func TestWebhookEqualsEvent(t *testing.T) {
	issue := `"action":"opened","issue":{"id":1,"number":5,"title":"T","body":"B","html_url":"https://github.com/o/r/issues/5","user":{"id":7,"login":"a"},"created_at":"2024-01-01T00:00:00Z"}`
	var hook, event Event
	if ok, err := ReadWebhook("issues", "d", connectortest.Now(), []byte(`{`+issue+`,"repository":{"id":3,"full_name":"o/r","created_at":1},"sender":{"id":7,"login":"a"}}`), &hook); err != nil || !ok {
		t.Fatal(ok, err)
	}
	if err := ReadEvent([]byte(`{"id":"1","type":"IssuesEvent","actor":{"id":7,"login":"a"},"repo":{"id":3,"name":"o/r"},"payload":{`+issue+`},"created_at":"2024-01-01T00:00:01Z"}`), &event); err != nil {
		t.Fatal(err)
	}
	var a, b Facts
	Map(&hook, &a)
	Map(&event, &b)
	var it Item
	if err := Decode([]byte(`{"number":5,"title":"T","body":"B","html_url":"https://github.com/o/r/issues/5","state":"open","user":{"id":7,"login":"a"},"created_at":"2024-01-01T00:00:00Z"}`), &it); err != nil {
		t.Fatal(err)
	}
	rest := Opened("3", &it)
	for _, other := range []Facts{b, rest} {
		if x, y := a.Activity, other.Activity; x.ExternalID != y.ExternalID || x.Author != y.Author || !x.OccurredAt.Equal(y.OccurredAt) || x.URL != y.URL || x.Title != y.Title || x.Body != y.Body || x.Thread != y.Thread {
			t.Errorf("the same issue came in differently:\n%+v\n%+v", x, y)
		}
	}
}
