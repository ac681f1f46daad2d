// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package tsv_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom/internal/identity"
	"greenroom/internal/identity/tsv"
)

const sample = "\ufeffidentity_id\tname\temail\tfirst_seen\tlast_seen\tcommits\ttz\tbot\tother\r\n" +
	"a\tJane Roebuckle\tjane@roebuckle.org\t2020-01-02\t2021-03-04\t12\t+0100\t0\tx\r\n" +
	"b\tRoebuckle, Jane\tjroebuckle@corp.com\t2020-05-01\t2021-03-04\t3\t+0100\t1\n" +
	"c\t\tpq@beta.com\n"

func TestRead(t *testing.T) {
	records, problems, err := tsv.Read(strings.NewReader(sample), false)
	if err != nil || len(problems) > 0 {
		t.Fatalf("error %v, problems %v", err, problems)
	}
	day := func(y, m, d int) time.Time { return time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC) }
	want := []identity.Record{
		{ID: "a", Names: []string{"Jane Roebuckle"}, Emails: []identity.Email{{Address: "jane@roebuckle.org"}}, TimeZone: "+0100", FirstSeen: day(2020, 1, 2), LastSeen: day(2021, 3, 4), Activities: 12},
		{ID: "b", Names: []string{"Roebuckle, Jane"}, Emails: []identity.Email{{Address: "jroebuckle@corp.com"}}, TimeZone: "+0100", FirstSeen: day(2020, 5, 1), LastSeen: day(2021, 3, 4), Activities: 3},
		{ID: "c", Emails: []identity.Email{{Address: "pq@beta.com"}}},
	}
	if diff := cmp.Diff(want, records); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	records, _, _ = tsv.Read(strings.NewReader(sample), true)
	if !records[1].Bot || records[0].Bot {
		t.Error("the bot column was not read")
	}
}

// TestReadProblems checks that a bad line or field costs no more than itself.
func TestReadProblems(t *testing.T) {
	in := "name\tidentity_id\tfirst_seen\tcommits\n" +
		"Jane\ta\tyesterday\t-3\n" +
		"\n" +
		"Peter\t\n" +
		"Ann\ta\n" +
		"Mia\tb\t2020-01-02\t4\n"
	records, problems, err := tsv.Read(strings.NewReader(in), false)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range problems {
		got = append(got, p.String())
	}
	want := []string{
		`line 2: first_seen is "yesterday", want YYYY-MM-DD`,
		`line 2: commits is "-3", want a whole number`,
		`line 4: identity_id is empty, want unique text`,
		`line 5: identity_id "a" is there already on line 2`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	if len(records) != 2 || records[0].ID != "a" || records[1].ID != "b" {
		t.Errorf("records %+v, want a and b", records)
	}
	for about, in := range map[string]string{
		"an empty file":   "",
		"no id column":    "name\temail\n",
		"a column twice":  "identity_id\tname\tname\n",
		"an endless line": "identity_id\n" + strings.Repeat("x", 2<<20),
	} {
		if _, _, err := tsv.Read(strings.NewReader(in), false); err == nil {
			t.Errorf("%s gave no error", about)
		}
	}
	if _, _, err := tsv.Read(broken{}, false); !errors.Is(err, errBroken) {
		t.Errorf("error %v, want the reader's own", err)
	}
}

var errBroken = errors.New("broken")

type broken struct{}

func (broken) Read([]byte) (int, error)  { return 0, errBroken }
func (broken) Write([]byte) (int, error) { return 0, errBroken }

func TestWrite(t *testing.T) {
	records, _, err := tsv.Read(strings.NewReader(sample), false)
	if err != nil {
		t.Fatal(err)
	}
	records = append(records, identity.Record{ID: "d", Names: []string{"Peter Quillfeather"}, Emails: []identity.Email{{Address: "peter@beta.com"}}})
	engine, err := identity.New(identity.Config{Auto: 0.999, Suggest: 0.01})
	if err != nil {
		t.Fatal(err)
	}
	res := engine.Resolve(records, []identity.Decision{{A: "a", B: "b", Same: true}})
	var clusters, pairs strings.Builder
	if err := tsv.WriteClusters(&clusters, res); err != nil {
		t.Fatal(err)
	}
	if want := "a\ta\nb\ta\nc\tc\nd\td\n"; clusters.String() != want {
		t.Errorf("clusters %q, want %q", clusters.String(), want)
	}
	if err := tsv.WriteSuggestions(&pairs, res); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(pairs.String()), "\n")
	if len(lines) != 2 || lines[0] != "identity_a\tidentity_b\tprobability\twhy" || !strings.HasPrefix(lines[1], "c\td\t0.") || !strings.Contains(lines[1], "same mail domain") {
		t.Errorf("suggestions %q, want c and d for their domain", lines)
	}
	if err := tsv.WriteClusters(broken{}, res); !errors.Is(err, errBroken) {
		t.Errorf("error %v, want the writer's own", err)
	}
	if err := tsv.WriteSuggestions(broken{}, res); !errors.Is(err, errBroken) {
		t.Errorf("error %v, want the writer's own", err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(sample)
	f.Add("identity_id\n\t\n\x00\tz\n")
	f.Fuzz(func(t *testing.T, in string) {
		records, problems, err := tsv.Read(strings.NewReader(in), true)
		if err != nil && (records != nil || problems != nil) {
			t.Fatal("an error and records")
		}
		seen := map[string]bool{}
		for _, r := range records {
			if r.ID == "" || seen[r.ID] {
				t.Fatalf("identity %q is empty or there twice", r.ID)
			}
			seen[r.ID] = true
		}
	})
}

// FuzzResolve checks that whatever can be read is resolved into a partition.
func FuzzResolve(f *testing.F) {
	f.Add(sample)
	f.Add("identity_id\tname\temail\na\tJane Roe\tjroe@x.org\nb\t\u7530\u4e2d\t7+jroe@users.noreply.github.com\nc\t\"\"\t@\n")
	engine, err := identity.New(identity.Config{Auto: 0.5, Suggest: 0.01})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, in string) {
		records, _, err := tsv.Read(strings.NewReader(in), true)
		if err != nil || len(records) > 40 {
			return
		}
		res := engine.Resolve(records, nil)
		seen := map[string]bool{}
		for _, c := range res.Clusters {
			for _, id := range c {
				if seen[id] {
					t.Fatalf("%q is in two clusters", id)
				}
				seen[id] = true
			}
		}
		if len(seen) != len(records) {
			t.Fatalf("%d of %d identities are in clusters", len(seen), len(records))
		}
		for _, s := range res.Suggestions {
			if x, ok := res.Explain(s.A, s.B); !ok || x.Together {
				t.Fatalf("%q and %q are suggested: %+v", s.A, s.B, x)
			}
		}
	})
}

func TestRun(t *testing.T) {
	var clusters, pairs strings.Builder
	report, err := tsv.Resolve(strings.NewReader(sample+"\tx\n"), &clusters, tsv.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if report.Identities != 3 || report.Clusters != 2 || report.Merges != 1 || len(report.Problems) != 1 || report.ExpectedWrong <= 0 {
		t.Errorf("report %+v, want 3 identities, 2 clusters, 1 merge, 1 problem", report)
	}
	if want := "a\ta\nb\ta\nc\tc\n"; clusters.String() != want {
		t.Errorf("clusters %q, want %q", clusters.String(), want)
	}
	if _, err := tsv.Suggest(strings.NewReader(sample), &pairs, tsv.Options{}); err != nil || !strings.HasPrefix(pairs.String(), "identity_a\t") {
		t.Errorf("suggestions %q, error %v", pairs.String(), err)
	}
	pairs.Reset()
	if _, err := tsv.Suggest(strings.NewReader(sample), &pairs, tsv.Options{Merged: true}); err != nil || !strings.Contains(pairs.String(), "\na\tb\t") {
		t.Errorf("pairs %q, error %v, want the merge of a and b", pairs.String(), err)
	}
	if _, err := tsv.Resolve(strings.NewReader(sample), &pairs, tsv.Options{Engine: identity.Config{Auto: 2}}); err == nil {
		t.Error("a threshold of 2 gave no error")
	}
	if _, err := tsv.Resolve(strings.NewReader(""), &pairs, tsv.Options{}); err == nil {
		t.Error("an empty file gave no error")
	}
}
