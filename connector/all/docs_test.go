// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package all_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"greenroom/connector/all"
	"greenroom/internal/connect"
)

var update = flag.Bool("update", false, "write the pages of docs/connectors anew")

const docs = "../../docs/connectors"

// TestPages holds that every connector has a page of documentation that says what its Spec says, and that the table of all
// is complete. With -update it writes them. A page that was written by hand becomes the notes of its connector then,
// without what is generated.
func TestPages(t *testing.T) {
	pages := map[string]string{"README.md": connect.Index(all.Specs())}
	for _, spec := range all.Specs() {
		pages[spec.Kind+".md"] = connect.Page(&spec, notes(t, spec.Kind))
	}
	for name, want := range pages {
		path := filepath.Join(docs, name)
		have, err := os.ReadFile(path)
		if *update {
			if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%v; write it with: go test ./connector/all -update", err)
			continue
		}
		if diff := cmp.Diff(want, string(have)); diff != "" {
			t.Errorf("%s is not what the Spec says; write it with: go test ./connector/all -update (-want +have)\n%s", path, diff)
		}
	}
	files, err := filepath.Glob(filepath.Join(docs, "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if _, ok := pages[filepath.Base(f)]; !ok {
			t.Errorf("%s is about no connector", f)
		}
	}
}

// notes are what is written by hand about a connector.
func notes(t *testing.T, kind string) string {
	t.Helper()
	path := filepath.Join(docs, "notes", kind+".md")
	if text, err := os.ReadFile(path); err == nil {
		return string(text)
	}
	page, err := os.ReadFile(filepath.Join(docs, kind+".md"))
	if err != nil || strings.Contains(string(page), connect.Generated) {
		return ""
	}
	text := byHand(string(page))
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return text
}

// byHand is what of a whole page is not made from a Spec: all but the title and the table of options.
func byHand(page string) string {
	_, body, _ := strings.Cut(page, "\n")
	var kept []string
	skip := false
	for line := range strings.Lines(body) {
		if strings.HasPrefix(line, "## ") {
			skip = strings.TrimSpace(line) == "## Options"
		}
		if !skip {
			kept = append(kept, line)
		}
	}
	return strings.TrimSpace(strings.Join(kept, "")) + "\n"
}
