// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package slackwire

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"

	"greenroom/connector/connectortest"
	"greenroom/connector/internal/jsonfile"
)

// TestRecording maps recorded answers of the Web API: each message gives one activity and what reactions it has.
func TestRecording(t *testing.T) {
	dir := filepath.Join(connectortest.Recordings(t), "perceval", "slack")
	m := NewMapper("")
	var f Facts
	kinds, records := map[string]int{}, 0
	for _, name := range []string{"slack_history.json", "slack_history_next.json"} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Skip("the recorded answers are not here: ", err)
		}
		var page struct {
			Messages []jsontext.Value `json:"messages"`
		}
		if err := jsonfile.Unmarshal(data, &page); err != nil {
			t.Fatal(err)
		}
		for _, raw := range page.Messages {
			records++
			if err := m.Message(raw, &Place{ID: "C1", Name: "general", Linked: true}, &f); err != nil {
				t.Errorf("%s: %v in %s", name, err, raw)
			}
		}
	}
	for i := range f.Activities {
		kinds[f.Activities[i].Kind.String()]++
	}
	want := map[string]int{"message": 8, "join": 1}
	if diff := cmp.Diff(want, kinds); diff != "" || records != 9 || len(f.LeftOut) != 0 {
		t.Errorf("%d records, left out %v; kinds (-want +got):\n%s", records, f.LeftOut, diff)
	}
}
