// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseName(t *testing.T) {
	d := newDictionary()
	type parsed struct {
		Kind  nameKind
		Words []string
		Nicks []string
		Local string
		Via   bool
	}
	for raw, want := range map[string]parsed{
		"Jane Roe":                     {Kind: nameFull, Words: []string{"jane", "roe"}},
		"Roe, Jane":                    {Kind: nameFull, Words: []string{"jane", "roe"}},
		"Roe, Jane (Acme)":             {Kind: nameFull, Words: []string{"jane", "roe"}, Nicks: []string{"acme"}},
		`Jane "jayro" Roe`:             {Kind: nameFull, Words: []string{"jane", "roe"}, Nicks: []string{"jayro"}},
		"Chris 'jayro' Roe":            {Kind: nameFull, Words: []string{"chris", "roe"}, Nicks: []string{"jayro"}},
		"(Jane Roe)":                   {Kind: nameFull, Words: []string{"jane", "roe"}},
		"Jane Roe (via Tracker)":       {Kind: nameFull, Words: []string{"jane", "roe"}, Via: true},
		"Jane Roe via Discuss":         {Kind: nameFull, Words: []string{"jane", "roe"}, Via: true},
		"Dr. Jane Roe Jr.":             {Kind: nameFull, Words: []string{"jane", "roe"}},
		"Jürgen Müßig":                 {Kind: nameFull, Words: []string{"jurgen", "mussig"}},
		"=?UTF-8?Q?J=C3=BCrgen?= Roe":  {Kind: nameFull, Words: []string{"jurgen", "roe"}},
		"JÃ¼rgen MÃ¼Ã\u009fig":         {Kind: nameFull, Words: []string{"jurgen", "mussig"}},
		"Иван Петров":                  {Kind: nameFull, Words: []string{"ivan", "petrov"}},
		"Conor O'Roe":                  {Kind: nameFull, Words: []string{"conor", "oroe"}},
		"J. Roe":                       {Kind: nameInitial, Words: []string{"j", "roe"}},
		"J.Roe":                        {Kind: nameInitial, Words: []string{"j", "roe"}},
		"jroe":                         {Kind: nameWord, Words: []string{"jroe"}},
		"JaneRoebuck":                  {Kind: nameSplit, Words: []string{"jane", "roebuck"}},
		"jane-roebuck":                 {Kind: nameSplit, Words: []string{"jane", "roebuck"}},
		"jroe@example.org":             {Kind: nameNone, Local: "jroe@example.org"},
		"root":                         {Kind: nameNone, Words: []string{"root"}},
		"Unknown Contributor":          {Kind: nameNone, Words: []string{"unknown", "contributor"}},
		"山田太郎":                         {Kind: nameFull, Words: []string{"山田太郎"}},
		"山田太郎 Taro Yamada":             {Kind: nameFull, Words: []string{"taro", "yamada"}, Nicks: []string{"山田太郎"}},
		"":                             {Kind: nameNone},
		"=":                            {Kind: nameNone},
		"Jane Roe <jroe@example.org>":  {Kind: nameFull, Words: []string{"jane", "roe"}, Local: "jroe@example.org"},
		`"Jane Roe" (via Bug Tracker)`: {Kind: nameFull, Words: []string{"jane", "roe"}, Via: true},
	} {
		p := d.parseName(raw)
		got := parsed{p.kind, p.words, p.nicks, p.local, p.via}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("parseName(%q): (-want +got)\n%s", raw, diff)
		}
	}
}

func TestParseMail(t *testing.T) {
	d := newDictionary()
	type parsed struct {
		Canonical, Local, System, Login, Number, Domain string
		Role                                            bool
	}
	for raw, want := range map[string]parsed{
		"Jane.Roe+lists@Gmail.com":             {Canonical: "janeroe@gmail.com", Local: "janeroe", Domain: "gmail.com"},
		"jane.roe@googlemail.com":              {Canonical: "janeroe@gmail.com", Local: "janeroe", Domain: "googlemail.com"},
		"j.roe@maths.example.ac.uk":            {Canonical: "j.roe@maths.example.ac.uk", Local: "jroe", Domain: "example.ac.uk"},
		"1234+jroe@users.noreply.github.com":   {Canonical: "1234+jroe@users.noreply.github.com", Local: "jroe", System: "github", Login: "jroe", Number: "1234"},
		"j-roe@users.noreply.github.com":       {Canonical: "j-roe@users.noreply.github.com", Local: "jroe", System: "github", Login: "j-roe"},
		"99-jroe@users.noreply.gitlab.com":     {Canonical: "99-jroe@users.noreply.gitlab.com", Local: "jroe", System: "gitlab", Login: "jroe", Number: "99"},
		"jroe@laptop.local":                    {Canonical: "jroe@laptop.local", Local: "jroe"},
		"jroe@laptop.(none)":                   {Canonical: "jroe@laptop.(none)", Local: "jroe"},
		"unknown":                              {},
		"none@none":                            {Role: true},
		"":                                     {},
		"root@localhost":                       {Role: true},
		"info@example.com":                     {Domain: "example.com", Role: true},
		"support@roe.org":                      {Canonical: "support@roe.org", Domain: "roe.org", Role: true},
		"some opaque text":                     {Canonical: "some opaque text"},
		"4a0f9e1c-0000-0000-0000-000000000001": {Canonical: "4a0f9e1c-0000-0000-0000-000000000001"},
		"<mailto:jroe@example.org>":            {Canonical: "jroe@example.org", Local: "jroe", Domain: "example.org"},
		"49699333+dependabot[bot]@users.noreply.github.com": {
			Canonical: "49699333+dependabot[bot]@users.noreply.github.com", Local: "dependabotbot", System: "github", Login: "dependabot[bot]", Number: "49699333",
		},
	} {
		m := d.parseMail(raw)
		got := parsed{m.canonical, m.local, m.system, m.login, m.number, m.domain, m.role}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("parseMail(%q): (-want +got)\n%s", raw, diff)
		}
	}
}

func TestDerive(t *testing.T) {
	name := []string{"alexander", "quincy", "sonderberg"}
	for handle, want := range map[string]form{
		"alexandersonderberg": formFull, "sonderbergalexander": formFull, "alexsonderberg": formFull, "alexanderqsonderberg": formFull,
		"asonderberg": formIniLast, "sonderberga": formIniLast, "aqsonderberg": formIniLast, "asonder": formIniLast,
		"alexanders": formFirstIni, "alexander": formFirst, "sonderberg": formLast, "aqs": formInitials,
		"drsonderberg": formPart, "quincy": formLast, "kiwi": formNone, "a": formNone, "": formNone,
	} {
		if got := derive(handle, name); got != want {
			t.Errorf("derive(%q) = %d, want %d", handle, got, want)
		}
	}
}

func TestCompareNames(t *testing.T) {
	d := newDictionary()
	v := newVocab(0)
	compiled := func(raw string) *name {
		var p profile
		parsed := d.parseName(raw)
		p.addName(&parsed, v, d)
		if len(p.names) == 0 {
			t.Fatalf("%q has no name", raw)
		}
		return &p.names[0]
	}
	for _, c := range []struct {
		a, b string
		want nameLevel
	}{
		{"Jane Roebuck", "jane ROEBUCK", nameExact},
		{"Jane Roebuck", "Roebuck Jane", nameExact},
		{"Xiao Ming Wu", "Xiaoming Wu", nameExact},
		{"Jürgen Müller", "Juergen Mueller", nameExact},
		{"Сергей Иванов", "Sergei Ivanov", nameExact},
		{"山田太郎", "山田太郎", nameExact},
		{"Jane Quincy Roebuck", "Jane Roebuck", nameSubset},
		{"Jane Roebuck", "Jane Roebukc", nameSpelled},
		{"Robert Roebuck", "Bob Roebuck", nameNickname},
		{"Alexander Roebuck", "Sasha Roebuck", nameNickname},
		{"J. Roebuck", "Jane Roebuck", nameInitials},
		{"Jane R", "Jane Roebuck", nameInitials},
		{"Jane Ann Roebuck", "Jane Mary Roebuck", nameMiddle},
		{"Jane Roebuck", "Jane Smith", nameGiven},
		{"Jane Roebuck", "Peter Roebuck", nameFamily},
		{"Jane Roebuck", "Peter Smith", nameOther},
		{"山田太郎", "鈴木一郎", nameOther},
		{"山田太郎", "Taro Yamada", nameUnknown},
	} {
		for _, p := range [][2]string{{c.a, c.b}, {c.b, c.a}} {
			if got := compareNames(compiled(p[0]), compiled(p[1]), v).level; got != c.want {
				t.Errorf("compareNames(%q, %q) = %d, want %d", p[0], p[1], got, c.want)
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"Roe, Jane (via X)", `"`, "((", "a@", "@b", "1+@users.noreply.github.com", "Ǆ İ ß", "=?utf-8?b?!!?=", "山", "x\x00y\xff", ",", "A.B.C.D.E.F.G"} {
		f.Add(s, s)
	}
	e, err := New(Config{Workers: 1})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, name, addr string) {
		records := []Record{
			{ID: "a", Names: []string{name}, Emails: []Email{{Address: addr}}, Handles: []string{addr}, TimeZone: name},
			{ID: "b", Names: []string{name}, Emails: []Email{{Address: addr}}, Links: []string{addr}, URL: name},
			{ID: "c", Names: []string{addr}, Emails: []Email{{Address: name}}, Accounts: []string{name}},
		}
		res := e.Resolve(records, nil)
		x, ok := res.Explain("a", "b")
		if !ok || x.Probability < 0 || x.Probability > 1 {
			t.Fatalf("explanation %v, %v", x, ok)
		}
		y, _ := res.Explain("b", "a")
		if x.Probability != y.Probability {
			t.Fatalf("probability depends on the order: %v and %v", x.Probability, y.Probability)
		}
	})
}
