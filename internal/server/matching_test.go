// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"greenroom/internal/identity"
	"greenroom/internal/sample"
	"greenroom/internal/server"
)

// TestSampleIsMatched imports the sample community, whose people are known, and wants nearly all of what the model joins
// to be right, and most of those to be found who go by one name in several places.
func TestSampleIsMatched(t *testing.T) {
	dir := t.TempDir()
	if _, err := sample.Write(dir, sample.Options{Seed: 7, End: time.Now().UTC().Truncate(time.Hour), Months: 10, Scale: 1}); err != nil {
		t.Fatal(err)
	}
	app, err := server.Open(t.Context(), server.Options{Data: t.TempDir(), Log: slog.New(slog.DiscardHandler), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := app.Close(); err != nil {
			t.Error(err)
		}
	}()
	imported(t, app, dir, [3]string{"slack-export", "slack", "slack"}, [3]string{"discourse", "discourse", "discourse"}, [3]string{"discord-export", "discord", "discord"})
	text, err := os.ReadFile(filepath.Join(dir, "truth.json"))
	if err != nil {
		t.Fatal(err)
	}
	var truth struct {
		Persons []struct {
			ID       string `json:"id"`
			Accounts []struct{ Platform, ID string }
		}
	}
	if err := json.Unmarshal(text, &truth); err != nil {
		t.Fatal(err)
	}
	person := make(map[string]string)
	for _, p := range truth.Persons {
		for _, a := range p.Accounts {
			person[a.Platform+"/"+a.ID] = p.ID
			person[a.Platform+"/user:"+a.ID] = p.ID // as the forum's users are called
		}
	}
	names := make(map[int64]string)
	if err := app.Store.MatchRecords(t.Context(), func(id int64, r identity.Record) error {
		names[id] = r.ID
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	links, err := app.Store.Links(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	right, wrong := 0, 0
	for _, l := range links {
		a, b := person[names[l.A]], person[names[l.B]]
		switch {
		case a == "" || b == "":
		case a == b:
			right++
		default:
			wrong++
			t.Logf("%s and %s are two people (%.3f)", names[l.A], names[l.B], l.Probability)
		}
	}
	t.Logf("of the model's joins %d are right and %d are wrong", right, wrong)
	if right < 40 || wrong*8 > right {
		t.Errorf("of the model's joins %d are right and %d are wrong; want 40 or more, and at most one in nine wrong", right, wrong)
	}
}
