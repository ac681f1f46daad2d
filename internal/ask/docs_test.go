// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package ask_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"greenroom/internal/ask"
)

var update = flag.Bool("update", false, "write the list of views into docs/sql.md")

const (
	docsBegin = "<!-- views: go test ./internal/ask -update -->\n"
	docsEnd   = "<!-- end of views -->\n"
)

// TestDocs sees that docs/sql.md has every view and column.
func TestDocs(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "sql.md")
	have, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(have), docsBegin)
	_, after, ended := strings.Cut(rest, docsEnd)
	if !found || !ended {
		t.Fatalf("%s lacks the marks around the list of views", path)
	}
	var sb strings.Builder
	for _, v := range ask.Views() {
		fmt.Fprintf(&sb, "\n### %s\n\n%s\n\n| column | type | what it holds |\n|---|---|---|\n", v.Name, v.Text)
		for _, c := range v.Columns {
			fmt.Fprintf(&sb, "| %s | %s | %s |\n", c.Name, c.Type, c.Text)
		}
	}
	want := before + docsBegin + sb.String() + "\n" + docsEnd + after
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, string(have)); diff != "" {
		t.Errorf("docs/sql.md is not what the views say (-want +have); run go test ./internal/ask -update\n%s", diff)
	}
}

// TestParse takes questions apart.
func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		"SELECT 1":                                    "SELECT 1 []",
		" select :a, ':b', x::text, :a ; ":            "select :a, ':b', x::text, :a [a]",
		"WITH x AS (SELECT ';') SELECT * FROM x -- ;": "WITH x AS (SELECT ';') SELECT * FROM x -- ; []",
		"SELECT 1; SELECT 2":                          "",
		"DELETE FROM members":                         "",
		"PRAGMA query_only = 0":                       "",
		"SELECT 'open":                                "",
		"":                                            "",
		"/* SELECT */ DROP TABLE members":             "",
	} {
		st, err := ask.Parse(text)
		got := ""
		if err == nil {
			got = fmt.Sprint(st.SQL, " ", st.Params)
		}
		if got != want {
			t.Errorf("%q is %q, want %q (%v)", text, got, want, err)
		}
	}
}

// FuzzParse takes anything apart without harm, and puts it together again.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"SELECT :a", "WITH x AS (SELECT 1) SELECT * FROM x;", "SELECT '", "--", "/*", "SELECT :a::text"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		st, err := ask.Parse(text)
		if err != nil {
			return
		}
		i := 0
		bound := st.Bound(func(n int) string { i++; return ":" + st.Params[n-1] })
		if bound != st.SQL {
			t.Errorf("%q becomes %q", st.SQL, bound)
		}
	})
}
