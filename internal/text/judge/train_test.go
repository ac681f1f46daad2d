// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package judge

import (
	"bufio"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"greenroom/internal/text"
)

// sharedRows reads the rows of a task from ../shared/data beside the module, and skips the test where they are not.
func sharedRows(t *testing.T, task Task) []Row {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
	path := filepath.Join(dir, "..", "shared", "data", "text", task.String()+".jsonl")
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("%s is not there", path)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	var rows []Row
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var r struct{ Text, Label, Source, License string }
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		rows = append(rows, Row{Task: task, Text: r.Text, Label: r.Label, Source: r.Source, License: r.License})
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return rows
}

// floors are what the artifact that ships has to reach on sources that it was not trained on.
var floors = map[Task]float64{TaskCategory: 0.60, TaskSentiment: 0.70, TaskIssue: 0.63, TaskQuestion: 0.95}

func TestShippedScores(t *testing.T) {
	m := model(t)
	for _, task := range Tasks() {
		trained := map[string]bool{}
		for _, s := range m.Manifest().Data {
			if s.Task == task.String() {
				trained[s.Name] = true
			}
		}
		var aside []Row
		for _, r := range sharedRows(t, task) {
			if !trained[r.Source] {
				aside = append(aside, r)
			}
		}
		scores := m.Measure(task, aside)
		for i := range scores {
			t.Logf("%s %s: accuracy %.3f, macro-F1 %.3f", task, scores[i].Source, scores[i].Figures.Accuracy, scores[i].Figures.MacroF1)
		}
		if all := scores[len(scores)-1]; all.Figures.MacroF1 < floors[task] {
			t.Errorf("%s: macro-F1 %.3f on sources kept aside, want at least %.2f", task, all.Figures.MacroF1, floors[task])
		}
	}
}

// TestManifest: what ships was trained on permissively licensed rows only, and keeps to its size.
func TestManifest(t *testing.T) {
	m, _, err := ReadManifest(Shipped())
	if err != nil {
		t.Fatal(err)
	}
	tasks := map[string]int{}
	for _, s := range m.Data {
		if !Permissive(s.License) {
			t.Errorf("%s %s has the license %q", s.Task, s.Name, s.License)
		}
		tasks[s.Task] += s.Rows
	}
	for _, task := range Tasks() {
		if tasks[task.String()] < 300 {
			t.Errorf("%s was trained on %d rows", task, tasks[task.String()])
		}
	}
	if n := len(Shipped()); n > 4_500_000 {
		t.Errorf("the artifact has %d bytes", n)
	}
	if n := model(t).Bytes(); n > 32<<20 {
		t.Errorf("the model takes %d bytes of memory", n)
	}
}

// TestTrain: the corpus alone gives a model that reads, and the same bytes each time.
func TestTrain(t *testing.T) {
	rows, err := Seed()
	if err != nil {
		t.Fatal(err)
	}
	train := func() []byte {
		trainer := NewTrainer(map[string]float64{"good": 1.9, "great": 3.1, "love": 3.2, "thanks": 1.9, "bad": -2.5, "hate": -2.7, ":)": 2.0})
		var kept []Row
		for i, r := range rows {
			if i%4 != 3 {
				kept = append(kept, r)
			}
		}
		if err := trainer.Add(kept); err != nil {
			t.Fatal(err)
		}
		data, err := trainer.Artifact()
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	data := train()
	if string(data) != string(train()) {
		t.Error("the same rows give other bytes")
	}
	m, err := Open(data)
	if err != nil {
		t.Fatal(err)
	}
	for task, least := range map[Task]float64{TaskCategory: 0.70, TaskIssue: 0.70, TaskQuestion: 0.9} {
		hits, n := 0, 0
		for i, r := range rows {
			if i%4 == 3 && r.Task == task {
				n++
				if got, _ := m.Classify(task, text.Message{Body: r.Text}); got == r.Label {
					hits++
				}
			}
		}
		if share := float64(hits) / float64(n); share < least {
			t.Errorf("%s: %.2f of %d messages kept aside are right, want %.2f", task, share, n, least)
		}
	}
}

func TestAddRefuses(t *testing.T) {
	trainer := NewTrainer(nil)
	if err := trainer.Add([]Row{{Task: TaskSentiment, Label: "angry", Source: "x"}}); err == nil {
		t.Error("an unknown label is taken")
	}
	if _, err := trainer.Artifact(); err == nil {
		t.Error("no rows give a model")
	}
}
