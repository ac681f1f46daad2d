// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package csv

import (
	"encoding/json"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/connectortest"
	"greenroom/connector/internal/rowmap"
)

// update is the flag of golden files.
var update = flag.Bool("update", false, "write the golden files anew")

// samples are the files of testdata.
func samples() []string {
	return []string{"members.csv", "activities.csv", "records.tsv", "organizations.csv", "utf16.csv"}
}

func TestConformance(t *testing.T) {
	for _, name := range samples() {
		t.Run(name, func(t *testing.T) {
			connectortest.Run(t, Spec(), connector.Values{optPath: filepath.Join("testdata", name)}, nil)
		})
	}
}

func TestGolden(t *testing.T) {
	all := make(map[string]any)
	for _, name := range samples() {
		path := filepath.Join("testdata", name)
		f := connectortest.Collect(t, Spec(), connector.Values{optPath: path}, nil, "", 0)
		file, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		preview, err := Preview(file, nil, 3)
		if err != nil {
			t.Fatal(err)
		}
		if err := file.Close(); err != nil {
			t.Fatal(err)
		}
		all[name] = map[string]any{"facts": f, "preview": preview}
	}
	got, err := json.MarshalIndent(all, "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	if *update {
		if err := os.WriteFile("testdata/golden.json", got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("the facts differ from testdata/golden.json (-want +got):\n%s", diff)
	}
}

func TestMapping(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.csv")
	if err := os.WriteFile(path, []byte("Who?,\"Mail, private\",Note\nAda,ada@example.com,likes tea\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	f := connectortest.Collect(t, Spec(), connector.Values{
		optPath: path, rowmap.OptType: TypeMembers, rowmap.OptMapping: `name=#1, email="Mail, private"`, rowmap.OptVerified: "true",
	}, nil, "", 0)
	want := map[string]connector.Identity{"ada@example.com": {
		ExternalID: "ada@example.com", Name: "Ada", Emails: []greenroom.Email{{Address: "ada@example.com", Verified: true}}, Fields: map[string]string{"Note": "likes tea"},
	}}
	if diff := cmp.Diff(want, f.Identities); diff != "" {
		t.Errorf("identities (-want +got):\n%s", diff)
	}
	for _, v := range []connector.Values{
		{rowmap.OptMapping: "name=Nobody"},
		{rowmap.OptMapping: "shoes=Note"},
		{rowmap.OptMapping: "name"},
		{rowmap.OptMapping: `name="x`},
		{rowmap.OptMapping: `name="Note"x`},
		{rowmap.OptType: TypeActivities},
		{rowmap.OptType: "things"},
		{rowmap.OptDateOrder: "both"},
		{rowmap.OptTimeZone: "Mars"},
		{rowmap.OptCurrency: "Euro"},
		{rowmap.OptKind: "dance"},
		{rowmap.OptVerified: "maybe"},
		{optPath: dir},
		{optPath: filepath.Join(dir, "gone.csv")},
	} {
		if v[optPath] == "" {
			v[optPath] = path
		}
		src, err := Spec().New(connectortest.Env(t, nil), v)
		if err == nil {
			err = src.Read(t.Context(), "", connector.NewSink(t.Context(), 0, nil))
		}
		if greenroom.ErrorCode(err) != greenroom.CodeInvalid {
			t.Errorf("%v: got %v, want an invalid error", v, err)
		}
	}
}

// TestQuotes puts a quotation mark without a partner in front of a long file: it costs one line.
func TestQuotes(t *testing.T) {
	var b strings.Builder
	b.WriteString("name,email\n\"Ada,ada@example.com\n")
	for range 100_000 {
		b.WriteString("Ben,ben@example.org\n")
	}
	s := newScanner(strings.NewReader(b.String()), ',')
	s.want = 2
	good, bad := 0, 0
	for {
		r, err := s.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if r.bad != "" {
			bad++
			if r.line != 2 {
				t.Errorf("line %d is bad: %s", r.line, r.raw)
			}
			continue
		}
		good++
	}
	if good != 100_001 || bad != 1 || cap(s.buf) > 4*maxRow {
		t.Errorf("got %d rows and %d bad ones with a buffer of %d bytes", good, bad, cap(s.buf))
	}
}

// TestTrailingDelimiter reads what ends every line with a delimiter, with texts of several lines, rows without ids that
// agree in all known columns, and dates of two-digit years.
func TestTrailingDelimiter(t *testing.T) {
	path := filepath.Join(t.TempDir(), "chat.csv")
	text := "AuthorID;Author;Date;Content;Attachments;\n\"1\";\"ada#1\";\"24-Dec-18 08:36 AM\";\"one\n\n\"\"two\"\"\n;three\";\"\";\n" +
		"\"1\";\"ada#1\";\"05-Oct-18 09:18 PM\";\"\";\"a.png\";\n\"1\";\"ada#1\";\"05-Oct-18 09:18 PM\";\"\";\"b.png\";\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	f := connectortest.Collect(t, Spec(), connector.Values{optPath: path}, nil, "", 0)
	if len(f.Activities) != 3 || len(f.Rejects) != 0 {
		t.Fatalf("got %d activities, rejected %+v", len(f.Activities), f.Rejects)
	}
	if a := f.Activities[0]; a.Body != "one\n\n\"two\"\n;three" || a.OccurredAt.Format(time.RFC3339) != "2018-12-24T08:36:00Z" {
		t.Errorf("got %+v", a)
	}
	if a, b := f.Activities[1].ExternalID, f.Activities[2].ExternalID; b != a+":2" {
		t.Errorf("the ids of rows alike are %q and %q", a, b)
	}
}

// TestDocs holds the options table of the documentation against the spec.
func TestDocs(t *testing.T) {
	doc, err := os.ReadFile("../../docs/connectors/csv.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range Spec().Options {
		if row := "| `" + o.Name + "` | " + o.Help + " | " + o.Default + " |"; !strings.Contains(string(doc), row) {
			t.Errorf("docs/connectors/csv.md lacks the row\n%s", row)
		}
	}
	for _, typ := range []string{TypeMembers, TypeOrganizations, TypeActivities, TypeRecords} {
		if row := "| " + typ + " | `" + strings.Join(rowmap.FieldNames(typ), "` `") + "` |"; !strings.Contains(string(doc), row) {
			t.Errorf("docs/connectors/csv.md lacks the row\n%s", row)
		}
	}
}

// TestPreviewOfUnmapped has the columns also where how they are taken does not do, so that somebody can choose others.
func TestPreviewOfUnmapped(t *testing.T) {
	for name, c := range map[string]struct {
		values connector.Values
		typ    string
		fields []string
	}{
		"nothing tells the type": {nil, TypeAuto, []string{"", ""}},
		"no date":                {connector.Values{rowmap.OptType: TypeActivities, rowmap.OptMapping: "title=#1,when="}, TypeActivities, []string{"title", ""}},
		"no such field":          {connector.Values{rowmap.OptType: TypeMembers, rowmap.OptMapping: "mood=#1"}, TypeMembers, []string{"", ""}},
	} {
		table, err := Preview(strings.NewReader("zig,zag\n1,2\n"), c.values, 5)
		if err == nil || table == nil || table.Type != c.typ || len(table.Columns) != 2 || table.Columns[0].Field != c.fields[0] || table.Columns[1].Field != c.fields[1] || len(table.Rows) != 0 {
			t.Errorf("%s: %+v, %v", name, table, err)
		}
	}
	if table, err := Preview(strings.NewReader(""), nil, 5); table != nil || err == nil {
		t.Errorf("of an empty file: %+v, %v", table, err)
	}
}
