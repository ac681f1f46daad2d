// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package slackexport_test

import (
	"archive/zip"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/connectortest"
	"greenroom/connector/slackexport"
)

var update = flag.Bool("update", false, "write testdata/golden.json anew")

const sample = "testdata/export"

func TestConformance(t *testing.T) {
	connectortest.Run(t, slackexport.Spec(), connector.Values{"path": sample, "include-private": "true"}, nil)
}

func TestGolden(t *testing.T) {
	f := connectortest.Collect(t, slackexport.Spec(), connector.Values{"path": sample, "workspace-url": "acme.slack.com/"}, nil, "", 0)
	f.Cursors, f.Payloads = nil, nil
	got, err := json.MarshalIndent(f, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	const file = "testdata/golden.json"
	if *update {
		if err := os.WriteFile(file, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s differs (-want +got); run with -update and look at the change:\n%s", file, diff)
	}
}

// zipOf packs the folder into a zip file below the given name, as people do.
func zipOf(t *testing.T, dir, below string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "export.zip")
	out, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(out)
	err = filepath.WalkDir(dir, func(p string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, p)
		if err != nil {
			return err
		}
		w, err := z.Create(below + filepath.ToSlash(rel))
		if err != nil {
			return err
		}
		_, err = w.Write(data)
		return err
	})
	if err == nil {
		err = z.Close()
	}
	if err == nil {
		err = out.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return name
}

func TestZipIsReadLikeItsFolder(t *testing.T) {
	want := connectortest.Collect(t, slackexport.Spec(), connector.Values{"path": sample}, nil, "", 0)
	for _, below := range []string{"", "acme export/"} {
		got := connectortest.Collect(t, slackexport.Spec(), connector.Values{"path": zipOf(t, sample, below)}, nil, "", 0)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("packed below %q (-folder +zip):\n%s", below, diff)
		}
	}
}

func TestWhatIsNoExport(t *testing.T) {
	empty := t.TempDir()
	text := filepath.Join(empty, "notes.txt")
	if err := os.WriteFile(text, []byte("hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{filepath.Join(empty, "absent.zip"), empty, text} {
		src, err := slackexport.Spec().New(connectortest.Env(t, nil), connector.Values{"path": path})
		if err == nil {
			err = src.Read(t.Context(), "", connector.NewSink(t.Context(), 0, nil))
		}
		if greenroom.ErrorCode(err) != greenroom.CodeInvalid || !strings.Contains(greenroom.ErrorMessage(err), path) {
			t.Errorf("%s: got %v, want an error with code %q that names it", path, err, greenroom.CodeInvalid)
		}
	}
	for _, v := range []connector.Values{
		{"path": sample, "include-private": "perhaps"},
		{"path": sample, "workspace-url": "ftp://acme"},
	} {
		if _, err := slackexport.Spec().New(connectortest.Env(t, nil), v); greenroom.ErrorCode(err) != greenroom.CodeInvalid {
			t.Errorf("%v: got %v, want code %q", v, err, greenroom.CodeInvalid)
		}
	}
}

// A folder with nothing but days is still read.
func TestWithoutLists(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "general"), 0o700); err != nil {
		t.Fatal(err)
	}
	day := `[{"type":"message","user":"U1","ts":"1714550400.000100","text":"hi"}]`
	if err := os.WriteFile(filepath.Join(dir, "general", "2024-05-01.json"), []byte(day), 0o600); err != nil {
		t.Fatal(err)
	}
	f := connectortest.Collect(t, slackexport.Spec(), connector.Values{"path": dir}, nil, "", 0)
	if len(f.Activities) != 1 || f.Activities[0].ExternalID != "general:1714550400.000100" || len(f.Rejects) != 2 {
		t.Errorf("got %+v and %+v", f.Activities, f.Rejects)
	}
}

func TestRecording(t *testing.T) {
	dir := filepath.Join(connectortest.Recordings(t), "slack", "r-contributors-slice")
	f := connectortest.Collect(t, slackexport.Spec(), connector.Values{"path": dir}, nil, "", 0)
	got := map[string]int{}
	authors, threads := map[string]bool{}, map[string]bool{}
	for i := range f.Activities {
		a := &f.Activities[i]
		if a.Kind == greenroom.KindReaction {
			got["reactions"]++
			continue
		}
		got["messages"]++
		if a.ReplyTo != "" {
			got["replies"]++
			threads[a.Thread] = true
		}
		if said := a.Kind == greenroom.KindMessage || a.Kind == greenroom.KindReply; said && !f.Identities[a.Author].Bot && a.Author != "" {
			got["human"]++
			authors[a.Author] = true
		}
	}
	got["authors"], got["threads"], got["rejects"] = len(authors), len(threads), len(f.Rejects)
	users := 0
	for id := range f.Identities {
		if strings.HasPrefix(id, "U") && id != "USLACKBOT" {
			users++
		}
	}
	got["users"], got["channels"] = users, len(f.Channels)
	want := map[string]int{
		"users": 136, "messages": 1100, "human": 957, "authors": 79, "threads": 150, "replies": 592,
		"reactions": 872, "channels": 4, "rejects": 0,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("counts differ (-want +got):\n%s", diff)
	}
}

func TestDocumentation(t *testing.T) {
	doc, err := os.ReadFile("../../docs/connectors/slack-export.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range slackexport.Spec().Options {
		row := fmt.Sprintf("| `%s` | %s | %s |", o.Name, o.Help, o.Default)
		if !strings.Contains(string(doc), row) {
			t.Errorf("docs/connectors/slack-export.md lacks the row\n%s", row)
		}
	}
}
