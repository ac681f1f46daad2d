// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package gharchive

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/connectortest"
)

var update = flag.Bool("update", false, "write the golden files")

var sample = connector.Values{optionPath: "testdata/archive"}

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestConformance(t *testing.T) { connectortest.Run(t, Spec(), sample, nil) }

func TestGolden(t *testing.T) {
	facts := connectortest.Collect(t, Spec(), sample, nil, "", 0)
	facts.Payloads, facts.Cursors = nil, nil
	got, err := json.MarshalIndent(facts, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	const path = "testdata/golden.json"
	if *update {
		if err := os.WriteFile(path, append(got, '\n'), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.TrimSpace(string(want)), string(got)); diff != "" {
		t.Errorf("the facts differ from %s (run with -update if they should):\n%s", path, diff)
	}
}

// TestRecording holds the counts of ../shared/data/README.md: 100 events by 96 actors in 96 repositories.
func TestRecording(t *testing.T) {
	path := filepath.Join(connectortest.Recordings(t), "github", "gharchive-2015-02-01-sample.jsonl")
	f := connectortest.Collect(t, Spec(), connector.Values{optionPath: path}, nil, "", 0)
	repos := map[string]bool{}
	for _, c := range f.Channels {
		repos[c.ExternalID] = true
	}
	got := fmt.Sprintf("%d read, %d events by %d actors in %d repositories, %d rejected", f.Read, len(f.Activities), len(f.Identities), len(repos), len(f.Rejects))
	if want := "100 read, 100 events by 96 actors in 96 repositories, 0 rejected"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	want := map[string]int{
		"push": 60, "branch": 13, "comment": 9, "star": 6, "fork": 4, "pull_request": 4, "merge": 1, "issue": 2, "close": 1,
	}
	if diff := cmp.Diff(want, f.Kinds()); diff != "" {
		t.Errorf("kinds (-want +got):\n%s", diff)
	}
	connectortest.Run(t, Spec(), connector.Values{optionPath: path}, nil)
}

func TestFilter(t *testing.T) {
	const reason = "events of other repositories"
	whole := connectortest.Collect(t, Spec(), sample, nil, "", 0)
	// Of the sample, one star is of other/thing, and a follow, a gist and two broken events are of no repository that is named.
	for list, acme := range map[string]bool{"acme/website": true, "ACME/*": true, "https://github.com/acme/website/, none/none": true, "other/*": false} {
		f := connectortest.Collect(t, Spec(), connector.Values{optionPath: "testdata/archive", optionRepos: list}, nil, "", 0)
		for _, c := range f.Channels {
			if strings.HasPrefix(c.Name, "acme/") != acme {
				t.Errorf("%q: the repository %s came in", list, c.Name)
			}
		}
		if f.Read != whole.Read || f.LeftOut[reason] == 0 || len(f.Activities) == 0 || len(f.Activities) >= len(whole.Activities) {
			t.Errorf("%q: %d of %d read, %d left out, %d activities", list, f.Read, whole.Read, f.LeftOut[reason], len(f.Activities))
		}
	}
	for _, bad := range []string{"acme", "acme/a/b", "/x"} {
		if _, err := New(connectortest.Env(t, nil), connector.Values{optionPath: "testdata/archive", optionRepos: bad}); greenroom.ErrorCode(err) != greenroom.CodeInvalid {
			t.Errorf("%q: got %v, want an error that says the form", bad, err)
		}
	}
}

// TestManyBlocks holds that the lines come out in their order, whichever goroutine decoded them, and that going on in
// the middle of a file gives what follows, duplicates of earlier lines left out as before.
func TestManyBlocks(t *testing.T) {
	const n = 3000 // some 7 MB
	events := generate(n)
	first := events[:bytes.IndexByte(events, '\n')+1]
	path := filepath.Join(t.TempDir(), "a.json.gz")
	pack(t, path, append(append([]byte(nil), events...), first...))
	values := connector.Values{optionPath: path}
	whole := connectortest.Collect(t, Spec(), values, nil, "", 0)
	if len(whole.Activities) != n || whole.LeftOut["events that stand twice in a file"] != 1 {
		t.Fatalf("got %d activities, left out %v", len(whole.Activities), whole.LeftOut)
	}
	for i, a := range whole.Activities {
		if want := fmt.Sprintf(`"id":"%d"`, 40000000000+i); !strings.HasPrefix(whole.Payloads[a.ExternalID], "{"+want) {
			t.Fatalf("activity %d is %.60s, want the event %s", i, whole.Payloads[a.ExternalID], want)
		}
	}
	rest := connectortest.Collect(t, Spec(), values, nil, `{"file":"a.json.gz","line":2000}`, 0)
	if diff := cmp.Diff(whole.Activities[2000:], rest.Activities); diff != "" || rest.LeftOut["events that stand twice in a file"] != 1 {
		t.Errorf("after going on, left out %v, activities (-want +got):\n%s", rest.LeftOut, diff)
	}
}

func TestUnreadable(t *testing.T) {
	empty := t.TempDir()
	for _, path := range []string{"testdata/none", empty} {
		_, err := New(connectortest.Env(t, nil), connector.Values{optionPath: path})
		if greenroom.ErrorCode(err) != greenroom.CodeInvalid || !strings.Contains(err.Error(), "expected") {
			t.Errorf("%s: got %v, want an error that says what was expected", path, err)
		}
	}
}

// TestDamagedFiles reads a folder in which one file is cut off, one is no gzip at all and one is whole.
func TestDamagedFiles(t *testing.T) {
	dir := t.TempDir()
	events, err := os.ReadFile("testdata/archive/2024-05-01-9.json")
	if err != nil {
		t.Fatal(err)
	}
	cut := filepath.Join(dir, "2024-05-01-1.json.gz")
	pack(t, cut, bytes.Repeat(events, 20))
	packed, err := os.ReadFile(cut)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name string, data []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("2024-05-01-1.json.gz", packed[:len(packed)-30])
	write("2024-05-01-2.json.gz", []byte("\x1f\x8bnot gzip"))
	write("2024-05-01-3.json", []byte(strings.ReplaceAll(string(events[:bytes.IndexByte(events, '\n')]), `"id":"1001"`, `"id":"9001"`)+"\r\n"))
	write("notes.txt", []byte("not read"))
	f := connectortest.Collect(t, Spec(), connector.Values{optionPath: dir}, nil, "", 0)
	reasons := map[string]int{}
	for _, r := range f.Rejects {
		if strings.HasPrefix(r.Reason, "the file") {
			reasons[r.File]++
		}
	}
	if diff := cmp.Diff(map[string]int{"2024-05-01-1.json.gz": 1, "2024-05-01-2.json.gz": 1}, reasons); diff != "" {
		t.Errorf("files that cannot be read whole (-want +got):\n%s", diff)
	}
	if last := f.Activities[len(f.Activities)-1]; last.ExternalID != "issue:3:12" {
		t.Errorf("the whole file after the damaged ones was not read: the last activity is %s", last.ExternalID)
	}
}

func TestLongLine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.json")
	event := `{"id":"%d","type":"WatchEvent","actor":{"id":1,"login":"a"},"repo":{"id":2,"name":"o/r"},"payload":{},"created_at":"2020-01-01T00:00:00Z"}` + "\n"
	data := fmt.Sprintf(event, 1) + `{"id":"` + strings.Repeat("x", maxLineBytes+blockBytes) + "\"}\n" + fmt.Sprintf(event, 3)
	if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
		t.Fatal(err)
	}
	f := connectortest.Collect(t, Spec(), connector.Values{optionPath: path}, nil, "", 0)
	if len(f.Activities) != 2 || len(f.Rejects) != 1 || f.Rejects[0].Line != 2 || f.Activities[1].ExternalID != "event:3" {
		t.Errorf("got %d activities and rejects %+v, want the two events around a reject on line 2", len(f.Activities), f.Rejects)
	}
}

func TestStops(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.json")
	if err := os.WriteFile(path, generate(5000), 0o600); err != nil {
		t.Fatal(err)
	}
	src, err := New(connectortest.Env(t, nil), connector.Values{optionPath: path})
	if err != nil {
		t.Fatal(err)
	}
	full := errors.New("disk full")
	sink := connector.NewSink(t.Context(), 10, func(context.Context, *connector.Batch) error { return full })
	if err := src.Read(t.Context(), "", sink); !errors.Is(err, full) {
		t.Errorf("got %v, want the error of the store", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	sink = connector.NewSink(ctx, 10, func(context.Context, *connector.Batch) error { cancel(); return nil })
	if err := src.Read(ctx, "", sink); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want that it was canceled", err)
	}
}

func TestWindow(t *testing.T) {
	w := newWindow(4)
	steps := []struct {
		line            int64
		event, object   string
		wantEv, wantObj bool
	}{
		{1, "e1", "o1", false, false},
		{2, "e1", "o1", true, true},
		{3, "e2", "o1", false, true},
		{6, "e1", "", false, false}, // four lines back is too far
		{7, "e9", "o1", false, false},
		{8, "e1", "o9", true, false},
	}
	for _, s := range steps {
		if ev, obj := w.add(s.line, s.event, s.object); ev != s.wantEv || obj != s.wantObj {
			t.Errorf("line %d: got %v, %v, want %v, %v", s.line, ev, obj, s.wantEv, s.wantObj)
		}
	}
}

func TestOrderOfFiles(t *testing.T) {
	for _, pair := range [][2]string{{"2015-01-01-9.json.gz", "2015-01-01-10.json.gz"}, {"a/2.json", "a/10.json"}, {"a1.json", "a01.json"}, {"a", "ab"}} {
		x, y := pair[0], pair[1]
		if x == "a1.json" {
			x, y = y, x
		}
		if compareNames(x, y) >= 0 || compareNames(y, x) <= 0 || compareNames(x, x) != 0 {
			t.Errorf("%s should come before %s", x, y)
		}
	}
}

// FuzzFile holds that no content of a file stops the reading or is lost without a word.
func FuzzFile(f *testing.F) {
	for _, name := range []string{"2024-05-01-9.json", "2012-03-10-22.json"} {
		data, err := os.ReadFile("testdata/archive/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data[:min(len(data), 4000)])
	}
	f.Add([]byte("\x1f\x8b\x08"))
	f.Add([]byte("\n\n{}\r\n\xef\xbb\xbf{}"))
	path := filepath.Join(f.TempDir(), "events.json")
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		facts := connectortest.Collect(t, Spec(), connector.Values{optionPath: path}, nil, "", 0)
		leftOut := int64(0)
		for _, n := range facts.LeftOut {
			leftOut += n
		}
		rejects := int64(0)
		for _, r := range facts.Rejects {
			if !strings.HasPrefix(r.Reason, "the file") {
				rejects++
			}
		}
		if got := int64(len(facts.Activities)) + leftOut + rejects; got != facts.Read {
			t.Errorf("%d records were read, %d are accounted for", facts.Read, got)
		}
	})
}

// TestDocumentation holds that the page for users lists the options as they are.
func TestDocumentation(t *testing.T) {
	doc, err := os.ReadFile("../../docs/connectors/gharchive.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(doc), "|---|---|---|\n")
	var want strings.Builder
	for _, o := range Spec().Options {
		want.WriteString("| `" + o.Name + "` | " + o.Help + " | " + o.Default + " |\n")
	}
	if diff := cmp.Diff(want.String(), table); diff != "" {
		t.Errorf("the options in docs/connectors/gharchive.md (-spec +page):\n%s", diff)
	}
}
