// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package importtest holds the plan of the house: which package stands on which
// floor, and that a package imports only from the floors below its own.
//
// The plan is the table in table_test.go. The test reads the import clauses of
// every Go file in the module, which takes milliseconds and needs no build, so a
// wrong direction is found even in a tree that does not compile.
//
// Imports go down for two reasons. A reader can understand a package by
// knowing only what is below it; and a feature, which declares the few store
// methods it needs, can be tested without the adapters and the faces. Files named
// _test.go may therefore reach sideways and up to the adapters (they use real
// engines), but not to the faces and the wiring.
package importtest

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The floors that rules speak of by name.
const (
	adapters = 4
	faces    = 5
)

// edge is one import: who imports what, and where it says so.
type edge struct {
	importer string // path in the module, "." for the root package
	imported string // import path; in the module relative to it, see local
	local    bool   // imported belongs to the module
	test     bool   // the file is a _test.go file
	where    string // file:line, from the module's root
}

func TestImports(t *testing.T) {
	root, module := moduleRoot(t)
	packages, edges := readImports(t, root, module)
	if len(packages) < 2 {
		t.Fatalf("found %d packages under %s, expected the whole module", len(packages), root)
	}
	for _, p := range packages {
		if _, _, ok := floorOf(p); !ok {
			t.Errorf("package %s has no floor: add it to rooms in internal/importtest/table_test.go, "+
				"on the lowest floor that is above everything it imports (DESIGN: Rooms and floors)", p)
		}
	}
	for _, e := range edges {
		if problem := check(e); problem != "" {
			t.Errorf("%s: %s", e.where, problem)
		}
	}
}

func TestCheck(t *testing.T) {
	tests := []struct {
		name string
		e    edge
		want string // a part of the finding, "" for none
	}{
		{"down", edge{importer: "internal/ingest", imported: "connector", local: true}, ""},
		{"down to the root", edge{importer: "internal/query", imported: ".", local: true}, ""},
		{"up", edge{importer: "internal/ingest", imported: "internal/store", local: true}, "floor 3 imports internal/store of floor 4"},
		{"contract imports its adapter", edge{importer: "internal/analytics", imported: "internal/analytics/duckdb", local: true}, "floor 2 imports internal/analytics/duckdb of floor 4"},
		{"feature imports feature", edge{importer: "internal/ingest", imported: "internal/member", local: true}, "name the pair"},
		{"own subpackage", edge{importer: "internal/text", imported: "internal/text/topic", local: true}, ""},
		{"sibling in a room", edge{importer: "internal/text/topic", imported: "internal/text/language", local: true}, ""},
		{"twin imports twin", edge{importer: "connector/slack", imported: "connector/discord", local: true}, "name the pair"},
		{"suite imports contract", edge{importer: "connector/connectortest", imported: "connector", local: true}, ""},
		{"twin imports fetch", edge{importer: "connector/slack", imported: "internal/fetch", local: true}, ""},
		{"twin imports wire types of its platform", edge{importer: "connector/github", imported: "connector/internal/githubevent", local: true}, ""},
		{"wire types import a twin", edge{importer: "connector/internal/githubevent", imported: "connector/github", local: true}, "name the pair"},
		{"named pair", edge{importer: "cmd/greenroom", imported: "internal/cli", local: true}, ""},
		{"named pair turned round", edge{importer: "internal/server", imported: "internal/cli", local: true}, "name the pair"},
		{"face imports adapter", edge{importer: "internal/web/ui", imported: "internal/store", local: true}, "a face never imports an adapter"},
		{"face imports feature", edge{importer: "internal/web", imported: "internal/member", local: true}, ""},
		{"test uses a real engine", edge{importer: "internal/ingest", imported: "internal/store", local: true, test: true}, ""},
		{"test of a face uses a real engine", edge{importer: "internal/web", imported: "internal/store", local: true, test: true}, ""},
		{"test reaches for the wiring", edge{importer: "internal/ingest", imported: "internal/server", local: true, test: true}, "floor 6"},
		{"suite imports testing", edge{importer: "internal/store/storetest", imported: "testing"}, ""},
		{"shipped code imports testing", edge{importer: "internal/store", imported: "testing"}, "conformance suites"},
		{"list of connectors", edge{importer: "connector/all", imported: "connector/slack", local: true}, ""},
		{"SQL in the store", edge{importer: "internal/store", imported: "database/sql"}, ""},
		{"SQL in an engine", edge{importer: "internal/analytics/duckdb", imported: "database/sql/driver"}, ""},
		{"SQL in a feature", edge{importer: "internal/member", imported: "database/sql"}, "SQL lives in"},
		{"SQL in a test", edge{importer: "internal/member", imported: "database/sql", test: true}, ""},
		{"driver in wiring", edge{importer: "internal/server", imported: "github.com/jackc/pgx/v5/pgxpool"}, "SQL lives in"},
		{"x/text in knowledge", edge{importer: "internal/query", imported: "golang.org/x/text/unicode/norm"}, ""},
		{"third party in knowledge", edge{importer: "internal/text/topic", imported: "github.com/tidwall/gjson"}, "pure knowledge"},
		{"files in knowledge", edge{importer: "internal/identity", imported: "os"}, "pure knowledge"},
		{"addresses in knowledge", edge{importer: "internal/identity", imported: "net/url"}, ""},
		{"third party in the vocabulary", edge{importer: ".", imported: "golang.org/x/text/language"}, "standard library only"},
		{"unknown package", edge{importer: "internal/query", imported: "internal/util", local: true}, "has no floor"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := check(tt.e)
			if (got == "") != (tt.want == "") || !strings.Contains(got, tt.want) {
				t.Errorf("check(%+v) = %q, want a finding with %q", tt.e, got, tt.want)
			}
		})
	}
}

// TestTable finds entries that can never take effect.
func TestTable(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range rooms {
		if seen[r.pattern] {
			t.Errorf("rooms has %s twice", r.pattern)
		}
		seen[r.pattern] = true
	}
	for _, p := range pairs {
		from, _, _ := floorOf(strings.ReplaceAll(p.importer, "*", "x"))
		to, _, ok := floorOf(strings.ReplaceAll(p.imported, "*", "x"))
		if !ok || from != to {
			t.Errorf("pair %s → %s: floors %d and %d; a pair is about one floor", p.importer, p.imported, from, to)
		}
	}
}

// check returns what is wrong with an import, or "".
func check(e edge) string {
	if e.local {
		return checkFloors(e)
	}
	if e.test {
		return ""
	}
	return checkOutside(e)
}

// checkFloors judges an import of a package of the module.
func checkFloors(e edge) string {
	from, fromRoom, ok := floorOf(e.importer)
	if !ok {
		return "" // reported once for the package
	}
	to, toRoom, ok := floorOf(e.imported)
	switch {
	case !ok:
		return fmt.Sprintf("%s imports %s, which has no floor", e.importer, e.imported)
	case e.test && to <= max(from, adapters):
		return ""
	case from == faces && to == adapters:
		return fmt.Sprintf("%s imports %s: a face never imports an adapter; declare the methods it needs, and let the wiring hand over the adapter",
			e.importer, e.imported)
	case from > to:
		return ""
	case from < to:
		return fmt.Sprintf("%s of floor %d imports %s of floor %d: imports go down; declare an interface, or move what both need down",
			e.importer, from, e.imported, to)
	case within(fromRoom, toRoom), within(toRoom, fromRoom):
		return "" // a package and its own subpackages
	case paired(e):
		return ""
	}
	return fmt.Sprintf("%s imports %s of the same floor %d: declare an interface, or name the pair in internal/importtest/table_test.go",
		e.importer, e.imported, from)
}

// paired reports whether the table names the import.
func paired(e edge) bool {
	return slices.ContainsFunc(pairs, func(p pair) bool {
		return matches(p.importer+"/...", e.importer) && matches(p.imported+"/...", e.imported)
	})
}

// checkOutside judges an import from outside the module.
func checkOutside(e edge) string {
	for _, f := range fences {
		if within(e.imported, f.what) && !matchesAny(f.only, e.importer) {
			return fmt.Sprintf("%s imports %s: %s", e.importer, e.imported, f.why)
		}
	}
	for _, d := range diets {
		if !matches(d.room, e.importer) {
			continue
		}
		allowed := standard(e.imported) && (!withinAny(e.imported, d.not) || withinAny(e.imported, notIO))
		if !allowed && !withinAny(e.imported, d.third) {
			return fmt.Sprintf("%s imports %s: %s", e.importer, e.imported, d.why)
		}
	}
	return ""
}

// floorOf returns the floor of a package and the path of the room that it
// belongs to; ok is false where no pattern matches.
func floorOf(pkg string) (floor int, in string, ok bool) {
	best := -1
	for _, r := range rooms {
		if !matches(r.pattern, pkg) {
			continue
		}
		prefix, open := strings.CutSuffix(r.pattern, "/...")
		n := strings.Count(prefix, "/") + 1
		// The longer pattern wins; among equals an element that is spelled out
		// beats a star, and a single package beats a room.
		weight := 4*n - 2*strings.Count(prefix, "*")
		if open {
			weight--
		}
		if weight > best {
			best, floor, ok = weight, r.floor, true
			in = strings.Join(strings.Split(pkg, "/")[:n], "/")
		}
	}
	return floor, in, ok
}

// matches reports whether a package's path fits a pattern of the table.
func matches(pattern, pkg string) bool {
	prefix, open := strings.CutSuffix(pattern, "/...")
	want, have := strings.Split(prefix, "/"), strings.Split(pkg, "/")
	if len(have) < len(want) || len(have) > len(want) && !open {
		return false
	}
	for i, w := range want {
		if ok, err := path.Match(w, have[i]); err != nil || !ok {
			return false
		}
	}
	return true
}

func matchesAny(patterns []string, pkg string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return matches(p, pkg) })
}

// within reports whether pkg is the package parent or below it.
func within(pkg, parent string) bool {
	return pkg == parent || strings.HasPrefix(pkg, parent+"/")
}

func withinAny(pkg string, parents []string) bool {
	return slices.ContainsFunc(parents, func(p string) bool { return within(pkg, p) })
}

// standard reports whether an import path is of the standard library: its first
// element has no dot.
func standard(pkg string) bool {
	first, _, _ := strings.Cut(pkg, "/")
	return !strings.Contains(first, ".")
}

// moduleRoot returns the folder of go.mod and the module's path.
func moduleRoot(t *testing.T) (root, module string) {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		data, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil {
			line, _, _ := strings.Cut(string(data), "\n")
			return dir, strings.TrimSpace(strings.TrimPrefix(line, "module"))
		}
		up := filepath.Dir(dir)
		if up == dir {
			t.Fatal("no go.mod above the test")
		}
		dir = up
	}
}

// readImports returns the packages of the module, as paths relative to it, and
// what they import.
func readImports(t *testing.T, root, module string) (packages []string, edges []edge) {
	t.Helper()
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			return skip(root, file, d.Name())
		}
		if !strings.HasSuffix(file, ".go") || strings.HasPrefix(d.Name(), ".") || strings.HasPrefix(d.Name(), "_") {
			return nil
		}
		rel, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if pkg := path.Dir(rel); !slices.Contains(packages, pkg) {
			packages = append(packages, pkg)
		}
		found, err := fileImports(file, rel, module)
		edges = append(edges, found...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return packages, edges
}

// skip returns fs.SkipDir for the folders that go commands leave out too.
func skip(root, dir, name string) error {
	if dir == root {
		return nil
	}
	if name == "testdata" || name == "vendor" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") {
		return fs.SkipDir
	}
	if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
		return fs.SkipDir // a module of its own
	}
	return nil
}

// fileImports reads the import clauses of one file; rel is its path in the module.
func fileImports(file, rel, module string) ([]edge, error) {
	set := token.NewFileSet()
	parsed, err := parser.ParseFile(set, file, nil, parser.ImportsOnly)
	if err != nil {
		return nil, err
	}
	edges := make([]edge, 0, len(parsed.Imports))
	for _, spec := range parsed.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, err
		}
		e := edge{
			importer: path.Dir(rel),
			imported: imported,
			test:     strings.HasSuffix(rel, "_test.go"),
			where:    fmt.Sprintf("%s:%d", rel, set.Position(spec.Pos()).Line),
		}
		switch {
		case imported == module:
			e.imported, e.local = ".", true
		case strings.HasPrefix(imported, module+"/"):
			e.imported, e.local = strings.TrimPrefix(imported, module+"/"), true
		}
		edges = append(edges, e)
	}
	return edges, nil
}
