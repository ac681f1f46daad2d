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

func TestDates(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		in    string
		order dateOrder
		want  string // a problem where it is no date
	}{
		{"2025-12-31", 0, "2025-12-30T23:00:00Z"},
		{"2025-12-31T14:05:06Z", 0, "2025-12-31T14:05:06Z"},
		{"2025-12-31 14:05:06.5 +0200", 0, "2025-12-31T12:05:06Z"},
		{"2025-12-31T14:05:06+02:00", 0, "2025-12-31T12:05:06Z"},
		{"31.12.2025", 0, "2025-12-30T23:00:00Z"},
		{"01.02.2025, 14:05 Uhr", 0, "2025-02-01T14:05:00Z"},
		{"1.2.25", 0, "2025-01-31T23:00:00Z"},
		{"12/31/2025", 0, "2025-12-30T23:00:00Z"},
		{"31/12/2025", 0, "2025-12-30T23:00:00Z"},
		{"01/02/2025", 0, dateAmbiguous},
		{"01/02/2025", orderDayFirst, "2025-01-31T23:00:00Z"},
		{"01/02/2025", orderMonthFirst, "2025-01-01T23:00:00Z"},
		{"12/31/2025", orderDayFirst, "2025-12-30T23:00:00Z"},
		{"03/03/2025", 0, "2025-03-02T23:00:00Z"},
		{"2025/12/31 2:05 PM UTC", 0, "2025-12-31T14:05:00Z"},
		{"31/Dec/25 12:05 am GMT+2", 0, "2025-12-30T22:05:00Z"},
		{"Wed, 31 Dec 2025 14:05:06 GMT", 0, "2025-12-31T14:05:06Z"},
		{"December 31st, 2025 at 14:05 UTC", 0, "2025-12-31T14:05:00Z"},
		{"31 de diciembre de 2025", 0, "2025-12-30T23:00:00Z"},
		{"1. März 2025", 0, "2025-02-28T23:00:00Z"},
		{"14:05 31.12.2025", 0, "2025-12-31T13:05:00Z"},
		{"20251231", 0, "2025-12-31T00:00:00Z"},
		{"1767189906", 0, "2025-12-31T14:05:06Z"},
		{"1767189906000", 0, "2025-12-31T14:05:06Z"},
		{"31.02.2025", 0, dateBad},
		{"tomorrow", 0, dateBad},
		{"45000", 0, dateBad},
		{"2025-12-31 25:00", 0, dateBad},
		{"2025-13-31", 0, dateBad},
	} {
		got, problem := dates{order: tt.order, zone: berlin}.parse(tt.in)
		if problem == "" {
			problem = got.Truncate(time.Second).Format(time.RFC3339)
		}
		if problem != tt.want {
			t.Errorf("%q: got %s, want %s", tt.in, problem, tt.want)
		}
	}
}

func TestAmounts(t *testing.T) {
	for _, tt := range []struct {
		in       string
		comma    bool
		amount   float64
		currency string
		bad      bool
	}{
		{"1234.56", false, 1234.56, "", false},
		{"€ 1.234,56", false, 1234.56, "EUR", false},
		{"$1,234.56", true, 1234.56, "USD", false},
		{"1'234.50 CHF", false, 1234.5, "CHF", false},
		{"1 234,5 EUR", false, 1234.5, "EUR", false},
		{"(12.50)", false, -12.5, "", false},
		{"-12", false, -12, "", false},
		{"1.234,- €", false, 1234, "EUR", false},
		{"1,234", false, 1234, "", false},
		{"1.234", false, 1.234, "", false},
		{"1.234", true, 1234, "", false},
		{"0,125", false, 0.125, "", false},
		{"1.234.567", false, 1234567, "", false},
		{"12-15", false, 0, "", true},
		{"many", false, 0, "", true},
		{"1e5", false, 0, "", true},
		{"", false, 0, "", true},
	} {
		amount, currency, ok := parseAmount(tt.in, tt.comma)
		if ok == tt.bad || amount != tt.amount || ok && currency != tt.currency {
			t.Errorf("%q: got %v %q %v, want %v %q", tt.in, amount, currency, ok, tt.amount, tt.currency)
		}
	}
}

func TestSizes(t *testing.T) {
	for in, want := range map[string]int64{"250": 250, "1,000+": 1000, "51-200": 51, "1.2k": 1200, "~ 10.000 employees": 10000, "?": -1, "many": -1} {
		got, ok := parseSize(in)
		if !ok {
			got = -1
		}
		if got != want {
			t.Errorf("%q: got %d, want %d", in, got, want)
		}
	}
}

func TestZones(t *testing.T) {
	c := cells{&mapper{plan: &plan{index: map[string]int{fTimeZone: 0}, zones: map[string]string{}}}, []string{""}}
	for in, want := range map[string]string{"Europe/Berlin": "Europe/Berlin", "-0300": "-03:00", "UTC+2": "+02:00", "Local": "", "Mars": "", "": "", "GMT": "+00:00"} {
		c.values[0] = in
		for range 2 {
			if got := c.zone(); got != want {
				t.Errorf("%q: got %q, want %q", in, got, want)
			}
		}
	}
}

func TestGuesses(t *testing.T) {
	for header, want := range map[string]string{
		"email,name,created at":                              TypeMembers,
		"First Name,Last Name,Title,Email,Registration Date": TypeMembers,
		"Nombre,Correo electrónico,Empresa,País":             TypeMembers,
		"name":                                                TypeMembers,
		"Company,Website,Employees":                           TypeOrganizations,
		"timestamp,user,channel,message":                      TypeActivities,
		"Event,Date,Attendee,Email":                           TypeActivities,
		"Deal Name,Stage,Amount,Close Date":                   TypeRecords,
		"Ticket ID,Subject,Status,Requester,Created,Resolved": TypeRecords,
		"a,b,c": "",
	} {
		if got := guessType(strings.Split(header, ",")); got != want {
			t.Errorf("%s: got %q, want %q", header, got, want)
		}
	}
}

func TestMapping(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.csv")
	if err := os.WriteFile(path, []byte("Who?,\"Mail, private\",Note\nAda,ada@example.com,likes tea\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	f := connectortest.Collect(t, Spec(), connector.Values{
		optPath: path, optType: TypeMembers, optMapping: `name=#1, email="Mail, private"`, optVerified: "true",
	}, nil, "", 0)
	want := map[string]connector.Identity{"ada@example.com": {
		ExternalID: "ada@example.com", Name: "Ada", Emails: []greenroom.Email{{Address: "ada@example.com", Verified: true}}, Fields: map[string]string{"Note": "likes tea"},
	}}
	if diff := cmp.Diff(want, f.Identities); diff != "" {
		t.Errorf("identities (-want +got):\n%s", diff)
	}
	for _, v := range []connector.Values{
		{optMapping: "name=Nobody"},
		{optMapping: "shoes=Note"},
		{optMapping: "name"},
		{optMapping: `name="x`},
		{optMapping: `name="Note"x`},
		{optType: TypeActivities},
		{optType: "things"},
		{optDateOrder: "both"},
		{optTimeZone: "Mars"},
		{optCurrency: "Euro"},
		{optKind: "dance"},
		{optVerified: "maybe"},
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
		if row := "| " + typ + " | `" + strings.Join(fieldNames(typ), "` `") + "` |"; !strings.Contains(string(doc), row) {
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
		"no date":                {connector.Values{optType: TypeActivities, optMapping: "title=#1,when="}, TypeActivities, []string{"title", ""}},
		"no such field":          {connector.Values{optType: TypeMembers, optMapping: "mood=#1"}, TypeMembers, []string{"", ""}},
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
