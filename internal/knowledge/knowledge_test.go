// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package knowledge

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
)

var now = time.Date(2026, 11, 22, 18, 0, 0, 0, time.UTC)

// TestStaleness computes the parts of the documented formula by hand.
func TestStaleness(t *testing.T) {
	d := Document{Fields: Fields{ReviewDays: 100}, ChangedAt: now.AddDate(0, 0, -50)}
	points := func(e Evidence) (all []int) {
		for _, p := range e.Parts(&d, now) {
			all = append(all, p.Points)
		}
		return all
	}
	for _, c := range []struct {
		name string
		e    Evidence
		days int // since it was verified; 0 = never
		want []int
	}{
		{"half of its rhythm", Evidence{}, 0, []int{20, 0, 0, 0, 0}},
		{"verified after it was changed", Evidence{}, 10, []int{4, 0, 0, 0, 0}},
		{"links", Evidence{Broken: 1, Missing: 2}, 0, []int{20, 16, 0, 0, 0}},
		{"many links", Evidence{Broken: 9}, 0, []int{20, 30, 0, 0, 0}},
		{"its own address", Evidence{Unreached: true, Broken: 1}, 0, []int{20, 40, 0, 0, 0}},
		{"questions", Evidence{Questions: 3, Unanswered: 1}, 0, []int{20, 0, 11, 0, 0}},
		{"releases", Evidence{Releases: 2}, 0, []int{20, 0, 0, 15, 0}},
		{"few readers", Evidence{Unhelpful: 4}, 0, []int{20, 0, 0, 0, 0}},
		{"readers", Evidence{Unhelpful: 8, Helpful: 2}, 0, []int{20, 0, 0, 0, 11}}, // 20 × 0.540
	} {
		d.VerifiedAt = time.Time{}
		if c.days > 0 {
			d.VerifiedAt = now.AddDate(0, 0, -c.days)
		}
		if diff := cmp.Diff(c.want, points(c.e)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
	d.VerifiedAt = time.Time{}
	st := Stand(&d, &Evidence{Views: 90, Broken: 3, Releases: 1}, now)
	if st.Staleness != 60 || st.Level() != "due" || st.Use != 2 || st.Priority != 120 {
		t.Errorf("staleness %d (%s), use %g, priority %g", st.Staleness, st.Level(), st.Use, st.Priority)
	}
	if st := Stand(&Document{}, &Evidence{}, now); st.Staleness != DueFrom || !st.Due.IsZero() {
		t.Errorf("of what nothing is known: %d", st.Staleness)
	}
}

func TestAddressKey(t *testing.T) {
	for address, want := range map[string]string{
		"https://Docs.Example.org/a/": "docs.example.org/a", "http://www.docs.example.org/a/index.html#x": "docs.example.org/a", "https://docs.example.org/a?utm_source=x&b=1": "docs.example.org/a?b=1", " handbook/a.md ": "handbook/a.md",
	} {
		if got := AddressKey(address); got != want {
			t.Errorf("%q is known as %q, want %q", address, got, want)
		}
	}
}

// TestTaking reads each kind of collection, with entries that cannot be taken.
func TestTaking(t *testing.T) {
	names := func(tk *taking) (all []string) {
		for _, it := range tk.items {
			all = append(all, it.Title+" "+it.Address)
		}
		return all
	}
	check := func(name string, tk *taking, err error, want []string, rejects ...string) {
		t.Helper()
		if diff := cmp.Diff(want, names(tk)); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
		var got []string
		for _, r := range tk.Rejects {
			got = append(got, r.Place+": "+r.Reason)
		}
		if diff := cmp.Diff(rejects, got); diff != "" || tk.Rejected != len(rejects) {
			t.Errorf("%s, %d left out (-want +got):\n%s", name, tk.Rejected, diff)
		}
	}
	tk := newTaking(&Collection{Way: Table, Place: "x"})
	err := tk.table(strings.NewReader("Title,URL,Kind,Review days,Last changed\nKeys,https://d.example/keys,How-to,90,2026-01-02\nNo,,faq,,\n,https://d.example/some-page,,,\nOdd,https://d.example/odd,song,,\nLate,https://d.example/late,,soon,\nTwice,https://d.example/keys/,,,\n"))
	check("table", tk, err, []string{"Keys https://d.example/keys", "Some page https://d.example/some-page"},
		"line 3: it has no address", `line 5: "song" is no kind of document; there are how-to, reference, tutorial, explanation, faq, policy, guideline, terms, runbook, release-notes, other`, `line 6: "soon" is no number of days`, "line 7: the same address stands at line 2 already")

	tk = newTaking(&Collection{Way: List})
	err = tk.lines(strings.NewReader("# pages\nhttps://d.example/a\n\nftp://d.example\n"))
	check("list", tk, err, []string{"A https://d.example/a"}, `line 4: "ftp://d.example" is not an address of the web; it begins with https://`)

	maps := map[string]string{
		"https://d.example/s.xml":  `<sitemapindex><sitemap><loc>https://d.example/s1.xml</loc></sitemap><sitemap><loc>https://d.example/none.xml</loc></sitemap></sitemapindex>`,
		"https://d.example/s1.xml": `<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc> https://d.example/how-to-x </loc><lastmod>2026-03-01T10:00:00+00:00</lastmod></url><url><loc>nowhere</loc></url></urlset>`,
	}
	tk = newTaking(&Collection{Way: Sitemap})
	err = tk.sitemap(t.Context(), func(_ context.Context, a string) (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(maps[a])), nil
	}, "https://d.example/s.xml")
	check("sitemap", tk, err, []string{"How to x https://d.example/how-to-x"}, `https://d.example/s1.xml, entry 2: "nowhere" is not an address of the web`, "https://d.example/none.xml: https://d.example/none.xml is not a sitemap: it names no page")

	id := strings.Repeat("0a", 16)
	files := fstest.MapFS{
		"guide/keys.md":            {Data: []byte("---\ntitle: \"Rotate keys\"\nkind: how-to\ntags:\n  - keys\n  - security\nlast_updated: 2026-02-03\nowner: ana@d.example\n---\n# Other\nSee [this](../more#x).\n")},
		"index.md":                 {Data: []byte("# Start\nHello.\n")},
		"Runbook " + id + ".md":    {Data: []byte("# Runbook\nDo it.\n")},
		"conf.html":                {Data: []byte("<title>Space : Page</title><p>Text")},
		"empty.md":                 {Data: []byte("\n")},
		".git/x.md":                {Data: []byte("# no\n")},
		"picture.png":              {Data: []byte("x")},
		"node_modules/pkg/read.md": {Data: []byte("# no\n")},
	}
	tk = newTaking(&Collection{Way: Folder, Place: "docs", Base: "https://d.example/docs"})
	err = tk.files(t.Context(), files)
	check("folder", tk, err, []string{"Runbook https://d.example/docs/Runbook%20" + id, "Page https://d.example/docs/conf", "Rotate keys https://d.example/docs/guide/keys", "Start https://d.example/docs"}, "empty.md: there is no text in it")
	if it := tk.items[2]; it.Kind != HowTo || !cmp.Equal(it.Tags, []string{"keys", "security"}) || it.Owner != "ana@d.example" || it.ChangedAt.Month() != time.February || len(it.Page.Links) != 1 || it.Page.Links[0] != (Ref{"https://d.example/docs/more", "x"}) {
		t.Errorf("%+v %+v", it, it.Page)
	}
}

func TestSearch(t *testing.T) {
	d := Document{Fields: Fields{Title: "Rotate Keys", Kind: HowTo, Audience: External, ReviewDays: 10, State: Active, Tags: []string{"Ops"}}}
	st := Stand(&d, &Evidence{Broken: 4, Releases: 3}, now)
	for text, want := range map[string]bool{"": true, "keys": true, "kind:how-to is:stale": true, "-keys": false, "is:fresh": false, "tag:ops -is:gone is:unowned": true, `"rotate keys"`: true, "owner:ana": false, "is:broken audience:external": true} {
		s, err := ParseSearch(text)
		if err != nil || s.Fits(&st) != want {
			t.Errorf("%q: %v, want %t", text, err, want)
		}
	}
	for _, text := range []string{"kind:song", "is:new", "color:red", "owner:"} {
		if _, err := ParseSearch(text); err == nil {
			t.Errorf("%q has to be refused", text)
		}
	}
}

func TestReadLog(t *testing.T) {
	const at = "[22/Nov/2026:23:30:00 +0000]"
	log := strings.Join([]string{
		`1.2.3.4 - - ` + at + ` "GET /keys/?utm_source=x HTTP/1.1" 200 512 "-" "Mozilla/5.0"`,
		`1.2.3.4 - - ` + at + ` "GET /keys HTTP/1.1" 200 512`,
		`1.2.3.4 - - ` + at + ` "GET /keys HTTP/1.1" 200 512 "-" "Googlebot/2.1"`,
		`1.2.3.4 - - ` + at + ` "GET /a.png HTTP/1.1" 200 512 "-" "Mozilla/5.0"`,
		`1.2.3.4 - - ` + at + ` "POST /keys HTTP/1.1" 200 512 "-" "Mozilla/5.0"`,
		`1.2.3.4 - - ` + at + ` "GET /other HTTP/1.1" 200 512 "-" "Mozilla \"5\""`,
		`nonsense`,
	}, "\n")
	lisbon := time.FixedZone("x", 3600)
	views, read, err := ReadLog(t.Context(), strings.NewReader(log), "d.example", lisbon, func(key string) int64 {
		if key == "d.example/keys" {
			return 7
		}
		return 0
	})
	if diff := cmp.Diff(map[int64]map[string]int64{7: {"2026-11-23": 2}}, views); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if diff := cmp.Diff(LogRead{Lines: 7, Views: 2, Elsewhere: 1, Left: 3, Rejected: 1, Rejects: []Reject{{"line 7", "there is no [time] in it"}}}, read); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// FuzzParseEntry feeds lines of logs: whatever they are, they are read or refused, and never kept for anything else.
func FuzzParseEntry(f *testing.F) {
	for _, line := range []string{`h - u [22/Nov/2026:18:00:00 +0000] "GET /a HTTP/1.1" 200 5 "r" "Mozilla \"x\""`, `[`, `[] "`, `[22/Nov/2026:18:00:00 +0000] "GET" x`, "\x00[22/Nov/2026:18:00:00 +0000]\"\\"} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		e, err := ParseEntry(line)
		if err == nil && (e.Method == "" || e.Target == "" || e.Status < 100 || e.At.IsZero()) {
			t.Errorf("%q was read as %+v", line, e)
		}
	})
}

// FuzzReadMarkdown feeds documents: none may crash, and links are always those of the web.
func FuzzReadMarkdown(f *testing.F) {
	for _, text := range []string{"---\ntitle: x\n---\n# a\n[b](c#d)", "---\n", "<a href='//x'><base href=':'>", "<script><a href=/x>", "# \xff"} {
		f.Add(text)
	}
	base := &url.URL{Scheme: "https", Host: "d.example", Path: "/a/"}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ReadMarkdown([]byte(text), base)
		if err != nil {
			return
		}
		for _, l := range p.Links {
			if !webAddress(l.Address) {
				t.Errorf("%q leads to %q", text, l.Address)
			}
		}
		if len(p.Text) > MaxText {
			t.Errorf("%d bytes of text", len(p.Text))
		}
	})
}

func TestGapsAndOutline(t *testing.T) {
	var asked []Question
	var replies []Reply
	for i := range int64(4) {
		asked = append(asked, Question{Conversation: i + 1, Title: "How do I rotate the signing keys?", Body: fmt.Sprint("Number ", i), At: now, Open: i == 3, Topics: []int64{7}})
	}
	asked = append(asked, Question{Conversation: 9, Title: "Where is the changelog?", At: now, Topics: []int64{8}})
	got := gaps([]Subject{{7, "Keys", nil}, {8, "Changes", nil}}, asked, map[int64]int64{2: 5})
	if diff := cmp.Diff([]Gap{{Topic: 7, Name: "Keys", Questions: 4, Open: 1, Covered: 1, Nearest: 5}}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if g := gaps([]Subject{{7, "Keys", nil}}, asked, map[int64]int64{1: 5, 2: 5}); len(g) > 0 {
		t.Errorf("half of it is documented: %+v", g)
	}
	replies = append(replies, Reply{Activity: 1, Conversation: 1, Body: "Did you try to turn it off? Keep both keys for a day, see v2.1 of the guide. Then drop the old one.\n```\nrm -rf key\n```\n> quoted words that are long"}, Reply{Activity: 2, Conversation: 2, Body: "Publish the new key before you sign with it.", Accepted: true})
	o := MakeOutline("Keys", asked[:4], replies)
	want := []Section{{Question: "How do I rotate the signing keys?", Asked: 4, Lines: []Quoted{{"Publish the new key before you sign with it.", 2, "accepted"}, {"Keep both keys for a day, see v2.1 of the guide.", 1, "answered"}, {"Then drop the old one.", 1, "answered"}}}}
	if diff := cmp.Diff(want, o.Sections); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// FuzzTable feeds tables: each line is taken or rejected with its place.
func FuzzTable(f *testing.F) {
	for _, text := range []string{"title,address\nA,https://d.example/a\n", "url,name\n0\"0,1\n", "address\n\"", "\ufeffLink\n\n,\n"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		tk := newTaking(&Collection{})
		if err := tk.table(strings.NewReader(text)); err != nil {
			return
		}
		for _, r := range tk.Rejects {
			if !strings.HasPrefix(r.Place, "line ") {
				t.Errorf("%q was rejected at %q", text, r.Place)
			}
		}
	})
}
