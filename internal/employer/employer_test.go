// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package employer

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestCore(t *testing.T) {
	n := NewNamer()
	for name, want := range map[string]string{
		"Acme, Inc.": "acme", "ACME": "acme", "Acmé S.A.": "acme", "The Acme Company": "acme", "Acme GmbH & Co. KG": "acme", "Acme Sp. z o.o.": "acme",
		"Acme Pty Ltd": "acme", "Acme S.A. de C.V.": "acme", "Acme A/S": "acme", "株式会社アクメ": "株式会社アクメ", "株式会社 アクメ": "アクメ", "PT Acme Tbk": "acme", "Acme Holding AG": "acmeholding",
		"Limited": "limited", "Co": "co", "AB": "ab", "Procter & Gamble Co.": "proctergamble", "Straße 1 GmbH": "strasse1", "C++ Foundation": "cplusplusfoundation", "": "", "!!": "",
	} {
		if got := n.Core(name); got != want {
			t.Errorf("Core(%q) = %q, want %q", name, got, want)
		}
	}
	for domain, want := range map[string]string{"acme.com": "acme", "mail.acme-labs.co.uk": "acmelabs", "ACME.io.": "acme", "com": "", "": ""} {
		if got := Label(domain); got != want {
			t.Errorf("Label(%q) = %q, want %q", domain, got, want)
		}
	}
}

// words writes matches as "1+2 0.818: reasons".
func words(matches []Match) []string {
	all := make([]string, len(matches))
	for i, m := range matches {
		var why []string
		for _, e := range m.Evidence {
			why = append(why, fmt.Sprintf("%s (%+.1f)", e.Text, e.Weight))
		}
		all[i] = fmt.Sprintf("%d+%d %.3f: %s", m.A, m.B, m.Probability, strings.Join(why, "; "))
	}
	return all
}

// The probabilities are 1/(1+exp(-sum)) of the start and the weights that the reasons show.
func TestSuggest(t *testing.T) {
	crm := func(id string) []Record { return []Record{{"crm", id}} }
	for name, c := range map[string]struct {
		all    []Organization
		shared map[Pair]int
		want   []string
	}{
		"name and domain": {
			all:  []Organization{{ID: 1, Name: "acme.com", Domains: []string{"acme.com"}, Activities: 9}, {ID: 2, Name: "Acme Inc.", Named: true}},
			want: []string{"2+1 0.769: the domain acme.com is named like Acme Inc. (+2.2)"},
		},
		"two domains": {
			all:  []Organization{{ID: 1, Name: "acme.com", Domains: []string{"acme.com"}}, {ID: 2, Name: "acme.io", Domains: []string{"acme.io"}, Activities: 4}},
			want: []string{"2+1 0.646: the domains acme.com and acme.io differ in their endings only (+1.6)"},
		},
		"one CRM, two records": {
			all:  []Organization{{ID: 1, Name: "Acme", Named: true, Records: crm("1")}, {ID: 2, Name: "ACME Ltd", Named: true, Records: crm("2")}},
			want: []string{"1+2 0.500: Acme and ACME Ltd differ in writing or legal form only (+2.5); crm has a record for each (-1.5)"},
		},
		"elsewhere, and larger": {
			all: []Organization{{ID: 1, Name: "Acme", Named: true, Country: "DE", Size: 5}, {ID: 2, Name: "Acme", Named: true, Country: "US", Size: 500}},
			want: []string{
				"1+2 0.500: both are called Acme (+2.5); one is in DE, the other in US (-0.8); one has 5 employees, the other 500 (-0.7)",
			},
		},
		"a domain that sources tell of both": {
			all:  []Organization{{ID: 1, Name: "Northwind", Named: true, Sites: []string{"nw.example"}}, {ID: 2, Name: "nw.example", Domains: []string{"nw.example"}}},
			want: []string{"1+2 0.953: sources tell the domain nw.example of both (+4.0)"},
		},
		"people only": {
			all:    []Organization{{ID: 1, Name: "Acme", Named: true}, {ID: 2, Name: "Globex", Named: true}, {ID: 3, Name: "Initech", Named: true}},
			shared: map[Pair]int{{1, 2}: 4, {1, 3}: 2, {2, 3}: 1},
			want:   []string{"1+2 0.574: 4 members have accounts with both (+2.5)"},
		},
		"short, and of many": {
			all: []Organization{
				{ID: 1, Name: "ibm.com", Domains: []string{"ibm.com"}},
				{ID: 2, Name: "IBM", Named: true},
				{ID: 3, Name: "Nova", Named: true},
				{ID: 4, Name: "Nova AG", Named: true},
				{ID: 5, Name: "Nova Ltd", Named: true},
				{ID: 6, Name: "nova SL", Named: true},
			},
			want: []string{
				"3+4 0.690: Nova and Nova AG differ in writing or legal form only; 2 others are called so, too (+1.8)", "3+5 0.690: Nova and Nova Ltd differ in writing or legal form only; 2 others are called so, too (+1.8)", "3+6 0.690: Nova and nova SL differ in writing or legal form only; 2 others are called so, too (+1.8)",
				"4+5 0.690: Nova AG and Nova Ltd differ in writing or legal form only; 2 others are called so, too (+1.8)", "4+6 0.690: Nova AG and nova SL differ in writing or legal form only; 2 others are called so, too (+1.8)", "5+6 0.690: Nova Ltd and nova SL differ in writing or legal form only; 2 others are called so, too (+1.8)",
				"2+1 0.500: the domain ibm.com is named like IBM (+1.0)",
			},
		},
		"a family": {
			all: []Organization{{ID: 1, Name: "Acme", Named: true}, {ID: 2, Name: "Acme GmbH", Named: true, Family: 1}, {ID: 3, Name: "Acme SA", Named: true, Family: 1}},
		},
		"nothing in common": {all: []Organization{{ID: 1, Name: "Acme", Named: true}, {ID: 2, Name: "Globex", Named: true}}},
	} {
		t.Run(name, func(t *testing.T) {
			got, passed := Suggest(c.all, c.shared)
			if !slices.Equal(words(got), c.want) || passed > 0 {
				t.Errorf("%d passed over, and\n%s\nwant\n%s", passed, strings.Join(words(got), "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
	var many []Organization
	for id := range int64(most + 1) {
		many = append(many, Organization{ID: id + 1, Name: "Home", Named: true})
	}
	if got, passed := Suggest(many, nil); len(got) > 0 || passed != 1 {
		t.Errorf("of a name that %d have came %d pairs, and %d names were passed over", len(many), len(got), passed)
	}
}

// What is found does not depend on the order in which organizations come.
func TestOrderOfOrganizations(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var all []Organization
		for id := range int64(rapid.IntRange(0, 8).Draw(t, "n")) {
			o := Organization{ID: id + 1, Name: rapid.SampledFrom([]string{"Acme", "Acme Inc", "acme.io", "Globex"}).Draw(t, "name"), Named: rapid.Bool().Draw(t, "named"), Activities: rapid.Int64Range(0, 2).Draw(t, "activities")}
			o.Domains = rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"acme.io", "acme.com", "globex.de"}), 0, 2, rapid.ID[string]).Draw(t, "domains")
			all = append(all, o)
		}
		shared := map[Pair]int{{1, 2}: 3}
		one, _ := Suggest(all, shared)
		other, _ := Suggest(rapid.Permutation(all).Draw(t, "order"), shared)
		if !slices.Equal(words(one), words(other)) {
			t.Fatalf("%q, and in another order %q", words(one), words(other))
		}
	})
}
