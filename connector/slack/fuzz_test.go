// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package slack_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"greenroom/connector"
	"greenroom/connector/connectortest"
	"greenroom/connector/slack"
)

// FuzzReceive takes any bytes as an event.
func FuzzReceive(f *testing.F) {
	for _, d := range pushes(f) {
		f.Add(d.Body)
	}
	srv := httptest.NewServer(newFake(1))
	f.Cleanup(srv.Close)
	r := open(f, connectortest.LiveEnv(f), values(srv.URL))
	f.Fuzz(func(t *testing.T, body []byte) {
		d := connector.Delivery{Body: body, ReceivedAt: day0}
		sink := connector.NewSink(t.Context(), 0, func(_ context.Context, b *connector.Batch) error {
			for i := range b.Activities {
				if a := &b.Activities[i]; a.ExternalID == "" || !a.Deleted && (a.Kind == 0 || a.OccurredAt.IsZero()) {
					t.Errorf("not whole: %+v", a)
				}
			}
			return nil
		})
		if err := r.Receive(t.Context(), &d, sink); err != nil {
			t.Fatal(err)
		}
		if err := sink.Flush(); err != nil {
			t.Fatal(err)
		}
		_, _ = r.Verify(&d)
	})
}

// TestSamples walks Slack's own samples of events and answers, whose values are blank: each one maps, or is counted.
func TestSamples(t *testing.T) {
	dir := filepath.Join(connectortest.Recordings(t), "..", "contracts", "slack", "sdk-samples", "events")
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(files) == 0 {
		t.Skip("Slack's samples of events are not here")
	}
	srv := httptest.NewServer(newFake(1))
	defer srv.Close()
	src := open(t, connectortest.LiveEnv(t), values(srv.URL))
	fill := strings.NewReplacer( // blank values where an event has to say something
		`"channel": ""`, `"channel": "C1"`, `"ts": ""`, `"ts": "1793610000.000100"`, `"ts": "0000000000.000000"`, `"ts": "1793610000.000100"`,
		`"event_ts": ""`, `"event_ts": "1793610009.000100"`, `"event_ts": "0000000000.000000"`, `"event_ts": "1793610009.000100"`,
		`"deleted_ts": ""`, `"deleted_ts": "1793610000.000100"`, `"thread_ts": ""`, `"thread_ts": "1793610000.000000"`,
		`"user": ""`, `"user": "U1"`, `"id": ""`, `"id": "U1"`, `"reaction": ""`, `"reaction": "eyes"`, `"type": ""`, `"type": "event_callback"`,
	)
	kinds, facts := map[string]int{}, 0
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		told, rejected := 0, 0
		sink := connector.NewSink(t.Context(), 0, func(_ context.Context, b *connector.Batch) error {
			for i := range b.Activities {
				kinds[b.Activities[i].Kind.String()]++
			}
			told += b.Size() - len(b.Rejects)
			rejected += len(b.Rejects)
			for _, n := range b.LeftOut {
				told += int(n)
			}
			for _, r := range b.Rejects {
				t.Errorf("%s: %+v", filepath.Base(file), r)
			}
			return nil
		})
		d := connector.Delivery{Body: []byte(fill.Replace(string(data))), ReceivedAt: day0}
		if err := src.Receive(t.Context(), &d, sink); err != nil {
			t.Fatal(err)
		}
		if err := sink.Flush(); err != nil {
			t.Fatal(err)
		}
		if told+rejected == 0 {
			t.Errorf("%s gave nothing and was not counted", filepath.Base(file))
		}
		facts += told
	}
	t.Logf("%d samples gave %d facts and counts; activities %v", len(files), facts, kinds)
	if kinds["reply"]+kinds["message"] < 4 || kinds["join"] != 1 || kinds["leave"] != 1 || kinds["reaction"] < 1 || kinds["moderation"] < 5 {
		t.Errorf("activities of the samples: %v", kinds)
	}
}

// TestSampleAnswers lets Slack's own samples of answers stand for a workspace: a read, a test and a survey take them.
func TestSampleAnswers(t *testing.T) {
	dir := filepath.Join(connectortest.Recordings(t), "..", "contracts", "slack", "sdk-samples", "api")
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		data, err := os.ReadFile(filepath.Join(dir, filepath.Base(r.URL.Path)+".json"))
		if err != nil {
			t.Errorf("%s was asked for, of which there is no sample", r.URL.Path)
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(strings.NewReplacer(`"ok": false`, `"ok": true`, `"is_member": false`, `"is_member": true`, `"D00000000"`, `"C00000000"`).Replace(string(data))))
	}))
	defer srv.Close()
	if _, err := os.Stat(dir); err != nil {
		t.Skip("Slack's samples of answers are not here")
	}
	v := values(srv.URL)
	v["channels"] = "none" // there is no sample of messages
	got := connectortest.Collect(t, slack.Spec(), v, srv.Client(), "", 0)
	if len(got.Identities) != 1 || len(got.Rejects) != 0 {
		t.Errorf("of the sample of users came %v and %v", got.Identities, got.Rejects)
	}
	s := open(t, connectortest.LiveEnv(t), v)
	if _, err := s.Test(t.Context()); err != nil {
		t.Error(err)
	}
	if survey, err := s.Survey(t.Context()); err != nil || len(survey.Places) == 0 {
		t.Errorf("the survey of the samples: %+v, %v", survey, err)
	}
}
