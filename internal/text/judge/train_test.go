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
	"strings"
	"testing"

	"greenroom/internal/text"
)

// toldLicenses are those of sources whose rows point at a README.
var toldLicenses = map[string]string{"silver_gitter_docker": "MIT", "silver_irc_ubuntu-meeting": "CC-BY-4.0"}

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
		license, _, _ := strings.Cut(r.License, " ")
		if told, ok := toldLicenses[r.Source]; ok {
			license = told
		}
		rows = append(rows, Row{Task: task, Text: r.Text, Label: r.Label, Source: r.Source, License: license})
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return rows
}

// TestScores: what a model that ships may be trained on is enough for messages of sources that it never saw, and, for the
// kind of a ticket, for tickets of projects that it did see.
func TestScores(t *testing.T) {
	t.Parallel()
	for task, floor := range map[Task]struct{ leave, folds float64 }{
		TaskCategory: {leave: 0.69}, TaskSentiment: {leave: 0.68}, TaskQuestion: {leave: 0.92}, TaskIssue: {leave: 0.66, folds: 0.78},
	} {
		t.Run(task.String(), func(t *testing.T) {
			t.Parallel()
			trainer := trainerOn(t, task, sharedRows(t, task))
			check := func(how string, scores []Score, floor float64) {
				for i := range scores {
					t.Logf("%s, %s: accuracy %.3f, macro-F1 %.3f", how, scores[i].Source, scores[i].Figures.Accuracy, scores[i].Figures.MacroF1)
				}
				if got := scores[len(scores)-1].Figures.MacroF1; got < floor {
					t.Errorf("%s: macro-F1 %.3f, want at least %.2f", how, got, floor)
				}
			}
			check("left out", trainer.Leave(task, Trainable), floor.leave)
			if floor.folds > 0 {
				check("eight folds", trainer.Folds(task, 8, Trainable), floor.folds)
			}
		})
	}
}

// trainerOn has rows of one task and what we wrote for it.
func trainerOn(t *testing.T, task Task, rows []Row) *Trainer {
	t.Helper()
	seed, err := Seed()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range seed {
		if r.Task == task {
			rows = append(rows, r)
		}
	}
	trainer := NewTrainer(nil)
	known := model(t).lexicon // the words themselves are not kept, only what they are found by
	trainer.lexicon = &lexiconData{prints: make([]uint64, len(known.valences)), valences: known.valences}
	for i, k := range known.table.keys {
		if k != 0 {
			trainer.lexicon.prints[known.table.rows[i]] = k - 1
		}
	}
	trainer.reader.moods = trainer.lexicon.lexicon()
	if err := trainer.Add(rows); err != nil {
		t.Fatal(err)
	}
	return trainer
}

// TestManifest: what ships was trained on nothing but what it may be trained on, and keeps to its size.
func TestManifest(t *testing.T) {
	m, _, err := ReadManifest(Shipped())
	if err != nil {
		t.Fatal(err)
	}
	tasks := map[string]int{}
	for _, s := range m.Data {
		if !Trainable(s.Name, s.License) {
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
