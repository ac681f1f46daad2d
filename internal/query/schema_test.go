// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package query_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"greenroom/internal/query"
)

var update = flag.Bool("update", false, "rewrite the tables of docs/query-language.md")

func TestSchema(t *testing.T) {
	for e, s := range schemas() {
		seen := map[string]string{}
		for _, f := range s.Fields() {
			for _, name := range append([]string{f.Name}, f.Aliases...) {
				if other, twice := seen[name]; twice {
					t.Errorf("%s: %s means both %s and %s", e, name, other, f.Name)
				}
				seen[name] = f.Name
				if got, ok := s.Field(strings.ToUpper(name)); f.Type != query.TypeCustom && (!ok || got != f) {
					t.Errorf("%s: %s does not lead to %s", e, name, f.Name)
				}
			}
			if f.Owner == "" || f.Attr == "" {
				t.Errorf("%s: %s has no owner or attribute", e, f.Name)
			}
			if strings.HasPrefix(f.Doc, " ") || !strings.HasSuffix(f.Doc, ".") || !unicode.IsUpper([]rune(f.Doc)[0]) {
				t.Errorf("%s: the doc of %s is no sentence: %q", e, f.Name, f.Doc)
			}
			if _, err := query.Parse(s, f.Example); err != nil {
				t.Errorf("%s: the example of %s: %v", e, f.Name, err)
			}
			if !exampleUses(f, f.Example) {
				t.Errorf("%s: the example of %s is about something else: %s", e, f.Name, f.Example)
			}
		}
	}
}

// exampleUses reports whether an example begins with one of the field's names.
func exampleUses(f *query.Field, example string) bool {
	name, _, _ := strings.Cut(example, ":")
	return name == f.Name || slices.Contains(f.Aliases, name) ||
		f.Type == query.TypeCustom && strings.HasPrefix(name, strings.TrimSuffix(f.Name, "NAME"))
}

// The same property has the same owner and name however it is reached.
func TestFieldOwner(t *testing.T) {
	all := schemas()
	for _, tt := range []struct {
		entity      query.Entity
		name, owner string
	}{
		{query.Members, "organization", "organizations.name"},
		{query.Members, "org.name", "organizations.name"},
		{query.Organizations, "name", "organizations.name"},
		{query.Activities, "company", "organizations.name"},
		{query.Activities, "member.country", "members.country"},
		{query.Conversations, "Country", "members.country"},
		{query.Conversations, "kind", "conversations.kind"},
		{query.Activities, "since", "activities.occurred"},
		{query.Members, "field.Team-Size", "members.team-size"},
		{query.Activities, "member.field.x", "members.x"},
		{query.Conversations, "org.field.é", "organizations.é"},
		{query.Members, "org.field.", ""},
		{query.Members, "member.name", ""},
		{query.Activities, "field.x", ""},
		{query.Activities, "member.did", ""},
		{query.Activities, "member.org.domain", ""},
		{query.Members, "org.has", ""},
	} {
		got := ""
		if f, ok := all[tt.entity].Field(tt.name); ok {
			got = string(f.Owner) + "." + f.Attr
		}
		if got != tt.owner {
			t.Errorf("%s: %s is %q, want %q", tt.entity, tt.name, got, tt.owner)
		}
	}
}

// fieldTable writes the fields of an entity for the documentation.
func fieldTable(e query.Entity) string {
	var b strings.Builder
	b.WriteString("| Field | Also | Takes | Meaning | Example |\n| --- | --- | --- | --- | --- |\n")
	related := map[string]bool{}
	for _, f := range query.NewSchema(e, kinds()).Fields() {
		if prefix, _, dotted := strings.Cut(f.Name, "."); dotted && f.Name != "field.NAME" {
			related[prefix] = true
			continue
		}
		var also []string
		for _, a := range f.Aliases {
			also = append(also, "`"+a+"`")
		}
		takes := string(f.Type)
		switch {
		case f.Type == query.TypeDid, f.Attr == "kind":
			takes = "kinds of activity"
		case len(f.Values) > 0:
			takes = "`" + strings.Join(f.Values, "` `") + "`"
		case f.Type == query.TypeCustom:
			takes = "text, number or date"
		}
		example := strings.ReplaceAll(f.Example, kinds()[0], "question")
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | `%s` |\n", f.Name, strings.Join(also, " "), takes, f.Doc, example)
	}
	sorts := query.NewSchema(e, kinds()).Sortable()
	fmt.Fprintf(&b, "\nSorted by: `%s`.\n", strings.Join(sorts, "` `"))
	if related["member"] {
		b.WriteString("\nEvery field of a member but `did` can be asked of the author: `member.` and its name.\n")
	}
	if related["org"] {
		b.WriteString("\nEvery field of an organization but `did` can be asked: `org.` and its name.\n")
	}
	return b.String()
}

// docs reads docs/query-language.md.
func docs(t *testing.T) (path string, text []byte) {
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
			t.Fatal("no go.mod above this folder")
		}
		dir = filepath.Dir(dir)
	}
	path = filepath.Join(dir, "docs", "query-language.md")
	text, err = os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return path, text
}

// The tables of fields in the documentation are those of the schemas. With
// -update they are written anew.
func TestDocsFields(t *testing.T) {
	path, text := docs(t)
	fresh := bytes.Clone(text)
	for _, e := range query.Entities() {
		begin, end := fmt.Sprintf("<!-- fields: %s -->\n", e), "<!-- end -->"
		before, rest, ok := bytes.Cut(fresh, []byte(begin))
		_, after, ended := bytes.Cut(rest, []byte(end))
		if !ok || !ended {
			t.Fatalf("%s has no place for the fields of %s", path, e)
		}
		fresh = slices.Concat(before, []byte(begin+"\n"+fieldTable(e)+"\n"+end), after)
	}
	if *update {
		if err := os.WriteFile(path, fresh, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(fresh), string(text)); diff != "" {
		t.Errorf("%s is out of date; run go test ./internal/query -run Docs -update (-want +got)\n%s", path, diff)
	}
}

// Every example of the documentation parses, and every error that it shows is
// the one that comes.
func TestDocsExamples(t *testing.T) {
	_, text := docs(t)
	row := regexp.MustCompile("(?m)^\\| `([^`]*)` \\|")
	parsed := 0
	for _, e := range query.Entities() {
		s := query.NewSchema(e, kinds())
		for _, section := range strings.Split(string(text), fmt.Sprintf("<!-- examples: %s -->\n", e))[1:] {
			section, _, _ = strings.Cut(section, "<!-- end -->")
			for _, m := range row.FindAllStringSubmatch(section, -1) {
				if _, err := query.Parse(s, m[1]); err != nil {
					t.Errorf("%s: %s: %v", e, m[1], err)
				}
				parsed++
			}
		}
	}
	if parsed < 40 {
		t.Errorf("only %d examples were found", parsed)
	}
	for _, m := range regexp.MustCompile("(?m)^    greenroom list members --query '(.*)'\n((?:    .*\n)+)").FindAllStringSubmatch(string(text), -1) {
		_, err := query.Parse(query.NewSchema(query.Members, kinds()), m[1])
		var e *query.Error
		if !errors.As(err, &e) {
			t.Errorf("%s: %v, want an *Error", m[1], err)
			continue
		}
		want := "    " + strings.ReplaceAll(e.Caret(), "\n", "\n    ") + "\n    " + e.Error() + "\n"
		if diff := cmp.Diff(want, m[2]); diff != "" {
			t.Errorf("%s (-want +got)\n%s", m[1], diff)
		}
	}
}
