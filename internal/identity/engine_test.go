// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// record is a Record in short: a name, an address, and what else is said.
func record(id, name, addr string, more ...func(*Record)) Record {
	r := Record{ID: id}
	if name != "" {
		r.Names = []string{name}
	}
	if addr != "" {
		r.Emails = []Email{{Address: addr}}
	}
	for _, f := range more {
		f(&r)
	}
	return r
}

func handles(h ...string) func(*Record)  { return func(r *Record) { r.Handles = h } }
func source(s string) func(*Record)      { return func(r *Record) { r.Source = s } }
func accounts(a ...string) func(*Record) { return func(r *Record) { r.Accounts = a } }
func links(l ...string) func(*Record)    { return func(r *Record) { r.Links = l } }
func page(u string) func(*Record)        { return func(r *Record) { r.URL = u } }
func avatar(a uint64) func(*Record)      { return func(r *Record) { r.Avatar = a } }
func hashes(h ...string) func(*Record)   { return func(r *Record) { r.AddressHashes = h } }
func bot(r *Record)                      { r.Bot = true }

// crowd is the town in which small scenes are played: frequencies need people.
var crowd = func() []Record {
	records := invented(1500, 5)
	families := strings.Fields(commonFamilyText)
	for i := range records {
		if i%10 == 0 { // some have names that many have
			records[i].Names = []string{strings.Fields(commonGivenText)[i%37] + " " + families[(i/10)%11]}
		}
	}
	return records
}()

// play resolves a scene in the crowd and returns the probability that a and b
// are one person by their own evidence, and whether they were merged.
func play(t *testing.T, scene []Record, decisions ...Decision) *Result {
	t.Helper()
	return newEngine(t, Config{}).Resolve(append(scene, crowd...), decisions)
}

func together(r *Result, a, b string) bool {
	x, ok := r.Explain(a, b)
	return ok && x.Together
}

func TestScenes(t *testing.T) {
	const merged, suggested, apart = "merged", "suggested", "apart"
	for _, c := range []struct {
		about string
		a, b  Record
		want  string
	}{
		{"one address, two names of one handle", record("a", "Jane Roebuckle", "jr@roebuckle.org"), record("b", "jayro", "JR@roebuckle.org"), merged},
		{"a tag in the address", record("a", "", "jroebuckle+x@corp.com"), record("b", "", "jroebuckle@corp.com"), merged},
		{"one rare name at two companies", record("a", "Jane Roebuckle", "jane@alpha.com"), record("b", "Jane Roebuckle", "jroe@beta.com"), merged},
		{"a rare name turned round", record("a", "Jane Roebuckle", "x1@alpha.com"), record("b", "ROEBUCKLE, Jane", "x2@beta.com"), merged},
		{"a short form and the same handle", record("a", "Robert Roebuckle", "kiwibird@gmail.com"), record("b", "Bob Roebuckle", "kiwibird@web.de"), merged},
		{"a rare handle and nothing else", record("a", "", "zweistein@gmail.com"), record("b", "zweistein", "hello@somewhere.net"), merged},
		{"a login made of a rare name", record("a", "Jane Roebuckle", "jane@alpha.com"), record("b", "jroebuckle", "44+jroebuckle@users.noreply.github.com"), merged},
		{"one account number, login renamed", record("a", "old", "77+oldlogin@users.noreply.github.com"), record("b", "new", "77+newlogin@users.noreply.github.com"), merged},
		{"an account number of a business system", record("a", "", "", accounts("crm:0031")), record("b", "J R", "", accounts("crm:0031")), merged},
		{"profiles that link to each other", record("a", "jr", "", page("https://forum.org/u/jr"), links("github.com/jayro")), record("b", "", "", page("https://github.com/jayro"), links("https://forum.org/u/jr/"), handles("jayro")), merged},
		{"a rare handle on two sources", record("a", "", "", source("slack:1"), handles("zweistein")), record("b", "", "", source("github"), handles("zweistein")), merged},
		{"pictures named after one address", record("a", "Jane Roebuckle", "", source("slack:1"), hashes("0bc8")), record("b", "jayro77", "", source("stackoverflow"), hashes("0bc8", "84059")), merged},
		{"pictures named after one address, names that conflict", record("a", "Jane Roebuckle", "", hashes("0bc8")), record("b", "Tomasz Wielgosz", "", hashes("0bc8")), suggested},
		{"one picture, four bits apart", record("a", "Jane Roebuckle", "", source("slack:1"), avatar(0x3c96a5f00f5a69c3)), record("b", "waterbird", "", source("github"), avatar(0x3c96a5f00f5a69c3^(3<<60|1<<16|1<<2))), suggested},
		{"one picture, six bits apart", record("a", "Jane Roebuckle", "", source("slack:1"), avatar(0x3c96a5f00f5a69c3)), record("b", "waterbird", "", source("github"), avatar(0x3c96a5f00f5a69c3^0x3f)), apart},
		{"one picture and a handle in the name", record("a", "Jane Roebuckle", "jane@alpha.com", avatar(0xf0f0a5a5)), record("b", "roebuckle", "", avatar(0xf0f0a5a4)), merged},
		{"colleagues of one family name", record("a", "Jane Roebuckle", "jroebuckle@corp.com"), record("b", "Peter Roebuckle", "proebuckle@corp.com"), apart},
		{"a common given name as address", record("a", "", "john@alpha.com"), record("b", "John Roebuckle", "jr@beta.com"), apart},
		{"two people of a common name", record("a", "John Smith", "jsmith@alpha.com"), record("b", "John Smith", "john.s@beta.com"), suggested},
		{"different numbers of one system", record("a", "Wei Li", "11+weili@users.noreply.github.com"), record("b", "Wei Li", "22+liwei@users.noreply.github.com"), apart},
		{"a placeholder for an address", record("a", "Jane Roebuckle", "unknown"), record("b", "Peter Smithson", "unknown"), apart},
		{"an automaton", record("a", "Jane Roebuckle", "jr@roebuckle.org", bot), record("b", "Jane Roebuckle", "jr@roebuckle.org"), apart},
		{"two accounts on one source", record("a", "Maria Garcia", "", source("forum"), handles("mg1")), record("b", "Maria Garcia", "", source("forum"), handles("mariag")), suggested},
		{"root on two machines", record("a", "root", "root@alpha.com"), record("b", "root", "root@beta.com"), apart},
	} {
		r := play(t, []Record{c.a, c.b})
		got := apart
		if together(r, "a", "b") {
			got = merged
		}
		for _, s := range r.Suggestions {
			if min(s.A, s.B) == "a" && max(s.A, s.B) == "b" {
				got = suggested
			}
		}
		if got != c.want {
			x, _ := r.Explain("a", "b")
			t.Errorf("%s: %s, want %s (%.3f: %s)", c.about, got, c.want, x.Probability, x.Summary())
		}
	}
}

// TestMailbox plays the trap that breaks matching by address: one address
// that stands for many people.
func TestMailbox(t *testing.T) {
	names := []string{"Jane Roebuckle", "Peter Quillfeather", "Ann Ostrander", "Tom Vandersloot", "Mia Kirkegaard"}
	for about, addr := range map[string]string{
		"a tracker":             "tickets-followup@tracker.org",
		"a placeholder":         "unknown",
		"a word of its own":     "nobody-knows",
		"an office of the firm": "office@corp.com",
	} {
		var scene []Record
		for i, n := range names {
			scene = append(scene,
				record(fmt.Sprintf("m%d", i), n, addr),
				record(fmt.Sprintf("p%d", i), n, strings.ToLower(strings.Fields(n)[1])+"@gmail.com"))
		}
		r := play(t, scene)
		for i := range names {
			if !together(r, fmt.Sprintf("m%d", i), fmt.Sprintf("p%d", i)) {
				t.Errorf("%s: %s is not merged with their own address", about, names[i])
			}
			for j := range i {
				if together(r, fmt.Sprintf("m%d", i), fmt.Sprintf("m%d", j)) {
					t.Errorf("%s: %s and %s are merged", about, names[i], names[j])
				}
			}
		}
	}
}

// TestNoChain checks that a weak link does not join what names keep apart.
func TestNoChain(t *testing.T) {
	r := play(t, []Record{
		record("a1", "Jane Roebuckle", "kiwibird@alpha.com"), record("a2", "Jane Roebuckle", "jane@roebuckle.org"),
		record("b1", "Peter Quillfeather", "pq@beta.com"), record("b2", "Peter Quillfeather", "kiwibird@beta.com"),
		record("c", "", "kiwibird@gamma.com"),
	})
	if together(r, "a1", "b1") || together(r, "a2", "b2") {
		t.Error("a handle joined two people of different names")
	}
	if !together(r, "a1", "a2") || !together(r, "b1", "b2") {
		t.Error("people were not merged with themselves")
	}
}

func TestDecisions(t *testing.T) {
	at := func(day int) time.Time { return time.Date(2026, 1, day, 0, 0, 0, 0, time.UTC) }
	a, b := record("a", "Jane Roebuckle", "jr@roebuckle.org"), record("b", "Jane Roebuckle", "jr@roebuckle.org")
	c := record("c", "Peter Quillfeather", "pq@beta.com")
	same := func(x, y string, day int) Decision { return Decision{A: x, B: y, Same: true, Time: at(day)} }
	apart := func(x, y string, day int) Decision { return Decision{A: x, B: y, Time: at(day)} }
	for _, tc := range []struct {
		about     string
		decisions []Decision
		want      string
	}{
		{"none", nil, "ab|c"},
		{"not the same", []Decision{apart("a", "b", 1)}, "a|b|c"},
		{"the same", []Decision{same("b", "c", 1)}, "abc"},
		{"kept apart through a third", []Decision{apart("a", "c", 1), same("b", "c", 2)}, "a|bc"},
		{"the later one holds", []Decision{apart("a", "b", 1), same("a", "b", 2)}, "ab|c"},
		{"the later one holds, told in reverse", []Decision{same("a", "b", 2), apart("b", "a", 1)}, "ab|c"},
		{"taken back later", []Decision{same("a", "c", 1), apart("c", "a", 2)}, "ab|c"},
		{"at one time, apart holds", []Decision{same("a", "c", 1), apart("c", "a", 1)}, "ab|c"},
		{"about somebody unknown", []Decision{same("a", "ghost", 1)}, "ab|c"},
		{"about oneself", []Decision{apart("a", "a", 1)}, "ab|c"},
	} {
		r := play(t, []Record{a, b, c}, tc.decisions...)
		var parts []string
		for _, cl := range r.Clusters {
			if len(cl[0]) == 1 {
				parts = append(parts, strings.Join(cl, ""))
			}
		}
		if got := strings.Join(parts, "|"); got != tc.want {
			t.Errorf("%s: %s, want %s", tc.about, got, tc.want)
		}
	}
}

// TestLearnFromDecisions checks that refusals make the engine more careful
// and acceptances bolder, about pairs nobody judged.
func TestLearnFromDecisions(t *testing.T) {
	var scene []Record
	var yes, no []Decision
	for i := range 30 {
		given := strings.Fields(commonGivenText)[i]
		family := fmt.Sprintf("%cestwick", 'a'+i%26)
		scene = append(scene, record(fmt.Sprintf("x%d", i), given+" "+family, fmt.Sprintf("u%d@one.com", i)),
			record(fmt.Sprintf("y%d", i), given[:1]+". "+family, fmt.Sprintf("v%d@two.com", i)))
		if i > 0 {
			d := Decision{A: fmt.Sprintf("x%d", i), B: fmt.Sprintf("y%d", i)}
			no = append(no, d)
			d.Same = true
			yes = append(yes, d)
		}
	}
	probability := func(d []Decision) float64 {
		x, _ := play(t, scene, d...).Explain("x0", "y0")
		return x.Probability
	}
	if n, none, y := probability(no), probability(nil), probability(yes); !(n < none && none < y) {
		t.Errorf("probabilities after refusals, nothing, acceptances: %.3f, %.3f, %.3f; want them rising", n, none, y)
	}
}

func TestExplain(t *testing.T) {
	r := play(t, []Record{
		record("a", "Jane Roebuckle", "kiwibird@alpha.com", func(r *Record) { r.TimeZone = "+0530" }),
		record("b", "Jane Q. Roebuckle", "kiwibird@beta.com", func(r *Record) { r.TimeZone = "+0530" }),
		record("c", "Peter Quillfeather", "kiwibird@beta.com"),
	})
	x, ok := r.Explain("a", "b")
	if !ok {
		t.Fatal("no explanation")
	}
	var kinds []Kind
	var texts []string
	sum := x.Prior
	for _, e := range x.Evidence {
		kinds = append(kinds, e.Kind)
		texts = append(texts, e.Text)
		sum += e.Weight
	}
	if diff := cmp.Diff([]Kind{KindName, KindHandle, KindZone}, kinds); diff != "" {
		t.Errorf("kinds (-want +got):\n%s", diff)
	}
	want := []string{"same name but for a middle name (jane roebuckle), a rare one", `same handle "kiwibird"`, "same time zone"}
	if diff := cmp.Diff(want, texts); diff != "" {
		t.Errorf("texts (-want +got):\n%s", diff)
	}
	if p := r.model.probability(sum * math.Ln2); math.Abs(p-x.Probability) > 1e-9 {
		t.Errorf("weights add up to probability %v, stated %v", p, x.Probability)
	}
	if _, ok := r.Explain("a", "ghost"); ok {
		t.Error("an explanation of somebody unknown")
	}
	if y, _ := r.Explain("a", "c"); !strings.Contains(y.Summary(), "different full names") {
		t.Errorf("explanation of strangers: %s", y.Summary())
	}
}

func TestConfig(t *testing.T) {
	for _, cfg := range []Config{{Auto: 1}, {Auto: -0.1}, {Auto: 0.5, Suggest: 0.6}, {Suggest: -1}, {Workers: -1}, {Auto: math.NaN()}} {
		if _, err := New(cfg); err == nil {
			t.Errorf("New(%+v) gave no error", cfg)
		}
	}
}

// TestManyAlike checks that thousands of identities that cannot be told apart
// come out as one cluster, and that they do not cost their square.
func TestManyAlike(t *testing.T) {
	const n = 10_000
	records := make([]Record, n)
	for i := range records {
		records[i] = record(fmt.Sprintf("i%05d", i), "Jane Roebuckle", "jane@roebuckle.org")
	}
	r := newEngine(t, Config{}).Resolve(records, nil)
	if len(r.Clusters) != 1 {
		t.Errorf("%d clusters, want 1", len(r.Clusters))
	}
}

// TestStated checks what is stated of pairs that are left over: less than what it takes to join, the likeliest first, and
// less than their weight alone says.
func TestStated(t *testing.T) {
	engine := newEngine(t, Config{})
	res := engine.Resolve(crowd, nil)
	if len(res.Suggestions) < 10 {
		t.Fatalf("%d suggestions, want some", len(res.Suggestions))
	}
	last := DefaultAuto
	for _, s := range res.Suggestions {
		if s.Probability >= DefaultAuto || s.Probability < DefaultSuggest || s.Probability > last {
			t.Fatalf("%s and %s at %.4f after %.4f, want them falling from below %.2f to %.2f", s.A, s.B, s.Probability, last, DefaultAuto, DefaultSuggest)
		}
		last = s.Probability
	}
	if p := res.stated(edge{a: 0, b: 3, weight: float32(res.model.weightOf(0.6))}); p >= 0.6 || p < 0.3 {
		t.Errorf("a weight that makes .6 is stated at %.3f, want less, but not less than half of it", p)
	}
}
