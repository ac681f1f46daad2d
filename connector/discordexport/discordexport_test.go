// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package discordexport_test

import (
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
	"greenroom/connector/discordexport"
)

var update = flag.Bool("update", false, "write testdata/golden.json anew")

const sample = "testdata/export"

func TestConformance(t *testing.T) {
	connectortest.Run(t, discordexport.Spec(), connector.Values{"path": sample}, nil)
}

func TestGolden(t *testing.T) {
	f := connectortest.Collect(t, discordexport.Spec(), connector.Values{"path": sample, "staff-roles": "Moderator, team"}, nil, "", 0)
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

func TestOneFile(t *testing.T) {
	f := connectortest.Collect(t, discordexport.Spec(), connector.Values{"path": filepath.Join(sample, "dm.json")}, nil, "", 0)
	if want := map[string]int{"join": 1, "leave": 1, "moderation": 1, "reply": 1}; !cmp.Equal(want, f.Kinds()) {
		t.Errorf("got %v, want %v", f.Kinds(), want)
	}
}

func TestWhatIsNoExport(t *testing.T) {
	dir := t.TempDir()
	for _, path := range []string{filepath.Join(dir, "absent.json"), dir} {
		src, err := discordexport.Spec().New(connectortest.Env(t, nil), connector.Values{"path": path})
		if err == nil {
			err = src.Read(t.Context(), "", connector.NewSink(t.Context(), 0, nil))
		}
		if greenroom.ErrorCode(err) != greenroom.CodeInvalid || !strings.Contains(greenroom.ErrorMessage(err), path) {
			t.Errorf("%s: got %v, want an error with code %q that names it", path, err, greenroom.CodeInvalid)
		}
	}
}

func TestRecordings(t *testing.T) {
	dir := filepath.Join(connectortest.Recordings(t), "discord", "discordchatexporter-json")
	for name, want := range map[string]map[string]int{
		"DM_2A_2M.json": {"message": 2, "moderation": 1, "reaction": 42, "authors": 2},
		"GC_3A_5M.json": {"message": 2, "reply": 1, "moderation": 3, "authors": 3},
		"SV_5A_5M.json": {"message": 4, "reaction": 5, "authors": 2, "twice": 1},
	} {
		f := connectortest.Collect(t, discordexport.Spec(), connector.Values{"path": filepath.Join(dir, name)}, nil, "", 0)
		got := f.Kinds()
		authors := map[string]bool{}
		for i := range f.Activities {
			if a := &f.Activities[i]; a.Author != "" && a.Kind != greenroom.KindReaction {
				authors[a.Author] = true
			}
		}
		got["authors"] = len(authors)
		for _, n := range f.LeftOut {
			got["twice"] = int(n)
		}
		if diff := cmp.Diff(want, got); diff != "" || len(f.Rejects) > 0 {
			t.Errorf("%s: %d rejects; counts (-want +got):\n%s", name, len(f.Rejects), diff)
		}
	}
}

func TestDocumentation(t *testing.T) {
	doc, err := os.ReadFile("../../docs/connectors/discord-export.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range discordexport.Spec().Options {
		row := fmt.Sprintf("| `%s` | %s | %s |", o.Name, o.Help, o.Default)
		if !strings.Contains(string(doc), row) {
			t.Errorf("docs/connectors/discord-export.md lacks the row\n%s", row)
		}
	}
}
