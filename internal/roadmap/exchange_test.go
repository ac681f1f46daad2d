// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package roadmap_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/internal/roadmap"
	"greenroom/internal/schedule"
)

var update = flag.Bool("update", false, "write golden files anew")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

func sample() *roadmap.View {
	return &roadmap.View{
		Plan: roadmap.Plan{
			ID: 4, Title: "Keep trials", Intent: "They leave.", State: roadmap.Active, Owner: "ana", Consulted: []string{"Support"}, Currency: "EUR", Planned: 6000, Spent: 2140,
			Checkpoints: []roadmap.Checkpoint{{Day: "2026-12-01", Title: "First look, with product", Outcome: "on track"}}, Risks: []roadmap.Risk{{What: "Nobody answers", Answer: "ask in person"}},
			Decisions: []roadmap.Decision{{Day: "2026-11-02", What: "A control group", By: "ana", Objections: "it costs time"}}, Documents: []roadmap.Document{{Title: "Brief", URL: "https://example.org/brief"}},
		},
		Begin: "2026-11-02", End: "2026-12-15", BaseEnd: "2026-12-10", Slipped: 3,
		Tasks: []roadmap.Row{
			{Task: roadmap.Task{ID: 1, Title: "Brief | scope", Days: 2, Began: "2026-11-02", Ended: "2026-11-03"}, Start: "2026-11-02", End: "2026-11-03", Column: roadmap.Ended},
			{Task: roadmap.Task{ID: 2, Title: "Wörkflow, with a name that is long enough to have to be folded; twice, perhaps: ö ö ö ö ö ö ö ö", Days: 20, Owner: "ben", Note: "a\nb", After: []schedule.Dependency{{On: 1}, {On: 1, Kind: schedule.StartStart, Lag: 2}}}, Start: "2026-11-04", End: "2026-12-01", Slack: 2, Slipped: 3, Inherited: 1, Own: 2, Column: roadmap.Todo},
			{Task: roadmap.Task{ID: 3, Title: "=Open", Due: "2026-12-15"}, Start: "2026-12-15", End: "2026-12-15", Critical: true, Column: roadmap.Todo},
		},
	}
}

func TestExports(t *testing.T) {
	v := sample()
	for name, write := range map[string]func(*bytes.Buffer) error{
		"plan.md": func(b *bytes.Buffer) error { return v.WriteMarkdown(b) }, "plan.csv": func(b *bytes.Buffer) error { return v.WriteCSV(b) },
		"plan.ics": func(b *bytes.Buffer) error {
			return roadmap.WriteICal(b, []*roadmap.View{v}, time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC))
		},
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		golden(t, name, b.Bytes())
		for line := range strings.SplitSeq(b.String(), "\r\n") {
			if name == "plan.ics" && len(line) > 75 {
				t.Errorf("a line of %d bytes: %q", len(line), line)
			}
		}
	}
	var b bytes.Buffer
	if err := v.WriteCSV(&b); err != nil {
		t.Fatal(err)
	}
	back, err := roadmap.ReadCSV(&b)
	if err != nil || len(back) != 3 || back[2].Title != "=Open" || back[1].Note != "a\nb" || back[1].After[1] != (schedule.Dependency{On: -1, Kind: schedule.StartStart, Lag: 2}) {
		t.Errorf("read back: %+v, %v", back, err)
	}
}

func TestReadCSVRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                        "no first line",
		"name\nx":                 "no column title",
		"title,days\na,1\n0\"0":   "line 3 cannot be read",
		"title,days\na,many":      "line 2: \"many\" is no number of days",
		"title,after\na,7":        "waits for task 7",
		"title,due\na,\nb,soon":   "line 3: ",
		"id,title\n1,a\n1,b":      "line 3: there are two tasks",
		"title,after\na,1 sooner": "no kind of dependency",
	} {
		_, err := roadmap.ReadCSV(strings.NewReader(text))
		if greenroom.ErrorCode(err) != greenroom.CodeInvalid || !strings.Contains(greenroom.ErrorMessage(err), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func FuzzReadCSV(f *testing.F) {
	f.Add("title,days,after\nA,2,\nB,3,1 start-start +2\n")
	f.Fuzz(func(t *testing.T, text string) {
		all, err := roadmap.ReadCSV(strings.NewReader(text))
		if err == nil {
			for i := range all {
				if all[i].Title == "" {
					t.Error("a task without a title")
				}
			}
		}
	})
}

// Every template can be scheduled.
func TestTemplates(t *testing.T) {
	for _, x := range roadmap.Templates() {
		tasks := x.Tasks()
		if len(tasks) < 6 && x.Key != "empty" {
			t.Errorf("%s has %d tasks", x.Key, len(tasks))
		}
		var in []schedule.Task
		for i := range tasks {
			if err := tasks[i].Validate(); err != nil {
				t.Errorf("%s: %v", x.Key, err)
			}
			in = append(in, schedule.Task{ID: tasks[i].ID, Name: tasks[i].Title, Days: tasks[i].Days, After: tasks[i].After, NotBefore: schedule.NoDate, Began: schedule.NoDate, Ended: schedule.NoDate, Due: schedule.NoDate})
		}
		if _, err := schedule.Make(in, schedule.Usual(), schedule.NoDate, schedule.MakeDate(2026, 11, 22)); err != nil {
			t.Errorf("%s: %v", x.Key, err)
		}
	}
}
