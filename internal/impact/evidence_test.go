// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package impact_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the examples of docs/evidence.md anew")

// TestEvidenceDocument computes every worked example of docs/evidence.md: a block fenced as "text example=NAME" holds what the
// function of that name says.
func TestEvidenceDocument(t *testing.T) {
	const path = "../../docs/evidence.md"
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)```text example=([a-z0-9-]+)\n(.*?)```\n")
	computed := examples()
	seen := make(map[string]bool)
	got := block.ReplaceAllStringFunc(string(b), func(old string) string {
		name := block.FindStringSubmatch(old)[1]
		compute, known := computed[name]
		if !known {
			t.Errorf("nothing computes the example %q", name)
			return old
		}
		seen[name] = true
		return "```text example=" + name + "\n" + strings.TrimRight(compute(t), "\n") + "\n```\n"
	})
	for _, name := range slices.Sorted(maps.Keys(computed)) {
		if !seen[name] {
			t.Errorf("the example %q is in no document", name)
		}
	}
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(b), got); diff != "" {
		t.Errorf("docs/evidence.md is out of date; run go test ./internal/impact -update\n%s", diff)
	}
}

// lines puts rows of label and text below each other.
func lines(rows ...[2]string) string {
	width := 0
	for _, r := range rows {
		width = max(width, len([]rune(r[0])))
	}
	var b strings.Builder
	for _, r := range rows {
		line := r[0] + strings.Repeat(" ", width-len([]rune(r[0]))) + "  " + r[1]
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return b.String()
}

func row(label, format string, values ...any) [2]string {
	return [2]string{label, fmt.Sprintf(format, values...)}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
