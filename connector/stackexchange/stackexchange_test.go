// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package stackexchange

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/connectortest"
)

var update = flag.Bool("update", false, "write the golden files")

var sample = connector.Values{optionPath: "testdata/coffee.example.org"}

func TestConformance(t *testing.T) { connectortest.Run(t, Spec(), sample, nil) }

func TestGolden(t *testing.T) {
	facts := connectortest.Collect(t, Spec(), sample, nil, "", 0)
	facts.Payloads, facts.Cursors = nil, nil
	got, err := json.MarshalIndent(facts, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	const path = "testdata/golden.json"
	if *update {
		if err := os.WriteFile(path, append(got, '\n'), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.TrimSpace(string(want)), string(got)); diff != "" {
		t.Errorf("the facts differ from %s (run with -update if they should):\n%s", path, diff)
	}
}

// TestRecording holds the counts of ../shared/data/README.md, from Posts.xml alone.
func TestRecording(t *testing.T) {
	values := connector.Values{optionPath: filepath.Join(connectortest.Recordings(t), "stackexchange", "coffee.stackexchange.com")}
	f := connectortest.Collect(t, Spec(), values, nil, "", 0)
	answered := map[string]bool{}
	for _, a := range f.Activities {
		if a.Kind == greenroom.KindAnswer || a.Kind == greenroom.KindAcceptedAnswer {
			answered[a.Thread] = true
		}
	}
	unanswered := 0
	for _, a := range f.Activities {
		if a.Kind == greenroom.KindQuestion && !answered[a.ExternalID] {
			unanswered++
		}
	}
	kinds := f.Kinds()
	got := fmt.Sprintf("%d posts: %d questions (%d without any answer, %d accepted), %d answers, %d authors, %d rejected", len(f.Activities),
		kinds["question"], unanswered, kinds["accepted_answer"], kinds["answer"]+kinds["accepted_answer"], len(f.Identities), len(f.Rejects))
	if want := "592 posts: 225 questions (13 without any answer, 105 accepted), 327 answers, 116 authors, 0 rejected"; got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	connectortest.Run(t, Spec(), values, nil)
}

func TestPaths(t *testing.T) {
	packed := t.TempDir()
	if err := os.WriteFile(filepath.Join(packed, "coffee.7z"), []byte("7z"), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, says := range map[string]string{
		"testdata/none": "cannot be read", "testdata": "no Posts.xml", packed: "unpack it first", filepath.Join(packed, "coffee.7z"): "unpack it first",
	} {
		_, err := New(connectortest.Env(t, nil), connector.Values{optionPath: path})
		if greenroom.ErrorCode(err) != greenroom.CodeInvalid || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: got %v, want an error that says %q", path, err, says)
		}
	}
	f := connectortest.Collect(t, Spec(), connector.Values{optionPath: "testdata/coffee.example.org/Posts.xml", optionSite: "https://Tea.example.org/tour"}, nil, "", 0)
	if f.Activities[0].URL != "https://tea.example.org/q/1" || len(f.Identities) != 3 {
		t.Errorf("a file in the folder and a site: got the address %q and %d identities", f.Activities[0].URL, len(f.Identities))
	}
	if _, err := New(connectortest.Env(t, nil), connector.Values{optionPath: "testdata/coffee.example.org", optionSite: "my site"}); greenroom.ErrorCode(err) != greenroom.CodeInvalid {
		t.Errorf("a site that is no address: got %v", err)
	}
}

func TestDamagedFile(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("Posts.xml", `<posts><row Id="1" PostTypeId="1" CreationDate="2015-01-01T00:00:00" Body="a"/><row Id="2" PostTy`)
	write("Users.xml", "\xff\xfe<\x00u\x00")
	f := connectortest.Collect(t, Spec(), connector.Values{optionPath: dir}, nil, "", 0)
	if len(f.Activities) != 1 || len(f.Rejects) != 2 {
		t.Errorf("got %d activities and the rejects %+v, want one and two", len(f.Activities), f.Rejects)
	}
}

// TestMadeUp leaves out the two posts that the company puts into every dump and that no site ever had.
func TestMadeUp(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"Posts.xml": `<posts><row Id="1" PostTypeId="1" CreationDate="2025-01-01T00:00:00.000" Title="A" Body="a" OwnerUserId="3"/>
<row Id="1000000001" PostTypeId="1" AcceptedAnswerId="1000000010" CreationDate="2025-01-01T00:00:00.000" Title="B" Body="b" OwnerUserId="-1"/>
<row Id="1000000010" PostTypeId="2" ParentId="1000000001" CreationDate="2025-01-01T00:00:00.000" Body="c" OwnerUserId="-1"/></posts>`,
		"Comments.xml": `<comments><row Id="1" PostId="1000000010" Text="d" CreationDate="2025-01-01T00:00:00.000" UserId="3"/></comments>`,
		"Votes.xml":    `<votes><row Id="1" PostId="1000000001" VoteTypeId="2" CreationDate="2025-01-01T00:00:00.000"/></votes>`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	f := connectortest.Collect(t, Spec(), connector.Values{optionPath: dir}, nil, "", 0)
	if len(f.Activities) != 1 || len(f.Conversations) != 0 || len(f.Rejects) != 0 || f.LeftOut["posts that the dump makes up"] != 4 {
		t.Errorf("got %+v, conversations %+v, left out %v", f.Activities, f.Conversations, f.LeftOut)
	}
}

func TestStops(t *testing.T) {
	src, err := New(connectortest.Env(t, nil), sample)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	sink := connector.NewSink(ctx, 1, func(context.Context, *connector.Batch) error { return nil })
	if err := src.Read(ctx, "", sink); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want that it was canceled", err)
	}
	if err := src.Read(t.Context(), "{", nil); greenroom.ErrorCode(err) != greenroom.CodeInvalid {
		t.Errorf("a cursor of another kind: got %v", err)
	}
}

// FuzzRows holds that a row which is well-formed XML is read as encoding/xml reads it, and that no input stops the
// scanner or makes it read beyond its end.
func FuzzRows(f *testing.F) {
	for _, name := range []string{"Posts.xml", "Users.xml"} {
		data, err := os.ReadFile("testdata/coffee.example.org/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	for _, seed := range []string{
		`<row a="1" b='2"' c = "&#x41;&#66;&lt;&apos;"/>`, `<row a="x"b="y">`, `<row a="`, `<row a=1/>`, `<rowa="1"/>`, `<!-- <row a="1"/> --><row/>`,
		`<row a="<row b="2"/>`, "<row\na=\"1\r\n2\t3\"\t/>", `<row a="&amp;amp;&#xD800;&#1114112;&;&#;&#x;"/>`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s := newRows(strings.NewReader(string(data)), 0, 1)
		n := 0
		for s.next() {
			n++
			if s.offset() > int64(len(data)) || n > len(data) {
				t.Fatalf("after row %d at %d of %d", n, s.offset(), len(data))
			}
			sameAsXML(t, s)
		}
	})
}

// sameAsXML compares a row that encoding/xml takes.
func sameAsXML(t *testing.T, s *rows) {
	t.Helper()
	if s.bad != "" {
		return
	}
	var want struct {
		Attrs []xml.Attr `xml:",any,attr"`
	}
	text := strings.TrimSuffix(strings.TrimSuffix(string(s.row), ">"), "/") + "/>"
	if xml.Unmarshal([]byte(text), &want) != nil || strings.ContainsAny(text, ":\r") { // name spaces, and line ends that XML unifies
		return
	}
	if len(want.Attrs) != len(s.attrs) {
		t.Fatalf("%q: %d attributes, want %d", text, len(s.attrs), len(want.Attrs))
	}
	for i, a := range want.Attrs {
		if got := unescape(s.attrs[i].value); string(s.attrs[i].name) != a.Name.Local || got != a.Value {
			t.Fatalf("%q: %s=%q, want %s=%q", text, s.attrs[i].name, got, a.Name.Local, a.Value)
		}
	}
}

// generate writes a Posts.xml of n posts of about 1 KB.
func generate(n int) string {
	var b strings.Builder
	b.WriteString("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<posts>\n")
	body := strings.Repeat("&lt;p&gt;Water of &lt;em&gt;ninety&lt;/em&gt; degrees, ground &amp;amp; brewed, tastes better than boiling water does.&lt;/p&gt;&#xA;&#xA;", 6)
	for i := range n {
		if i%3 == 0 {
			fmt.Fprintf(&b, `  <row Id="%d" PostTypeId="1" AcceptedAnswerId="%d" CreationDate="2015-01-27T20:09:32.720" Score="20" ViewCount="130" Body="%s" OwnerUserId="%d" LastActivityDate="2015-03-05T19:51:01.263" Title="How hot is hot?" Tags="&lt;storage&gt;&lt;whole-bean&gt;" AnswerCount="3" CommentCount="4" />`+"\n", i+1, i+2, body, i%997)
		} else {
			fmt.Fprintf(&b, `  <row Id="%d" PostTypeId="2" ParentId="%d" CreationDate="2015-01-27T20:09:32.720" Score="20" Body="%s" OwnerUserId="%d" LastActivityDate="2015-03-05T19:51:01.263" CommentCount="4" />`+"\n", i+1, i-i%3+1, body, i%997)
		}
	}
	b.WriteString("</posts>\n")
	return b.String()
}

// BenchmarkRead reads generated posts whole, both times that Posts.xml is read included.
func BenchmarkRead(b *testing.B) {
	const n = 20000
	dir := b.TempDir()
	text := generate(n)
	if err := os.WriteFile(filepath.Join(dir, "Posts.xml"), []byte(text), 0o600); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		src, err := New(connector.Env{}, connector.Values{optionPath: dir})
		if err != nil {
			b.Fatal(err)
		}
		facts := 0
		sink := connector.NewSink(b.Context(), 0, func(_ context.Context, batch *connector.Batch) error {
			facts += len(batch.Activities)
			return nil
		})
		if err := errors.Join(src.Read(b.Context(), "", sink), sink.Flush()); err != nil {
			b.Fatal(err)
		}
		if facts != n {
			b.Fatalf("got %d posts of %d", facts, n)
		}
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "facts/s")
}

// BenchmarkRows and BenchmarkEncodingXML read the same rows by the scanner and by encoding/xml.
func BenchmarkRows(b *testing.B) {
	text := generate(5000)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		s := newRows(strings.NewReader(text), 0, 1)
		n := 0
		for s.next() {
			n += len(s.text("Body"))
		}
		if n == 0 || s.err != nil {
			b.Fatal(s.err)
		}
	}
}

func BenchmarkEncodingXML(b *testing.B) {
	text := generate(5000)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		d := xml.NewDecoder(strings.NewReader(text))
		for {
			if _, err := d.Token(); err != nil {
				break
			}
		}
	}
}

// TestDocumentation holds that the page for users lists the options as they are.
func TestDocumentation(t *testing.T) {
	doc, err := os.ReadFile("../../docs/connectors/stackexchange.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(doc), "|---|---|---|\n")
	var want strings.Builder
	for _, o := range Spec().Options {
		want.WriteString("| `" + o.Name + "` | " + o.Help + " | " + o.Default + " |\n")
	}
	if diff := cmp.Diff(want.String(), table); diff != "" {
		t.Errorf("the options in docs/connectors/stackexchange.md (-spec +page):\n%s", diff)
	}
}
