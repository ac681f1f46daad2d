// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package ui_test

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/andybalholm/cascadia"
	"github.com/google/go-cmp/cmp"
	"github.com/jba/templatecheck"
	"golang.org/x/net/html"

	"greenroom/internal/web/static"
	"greenroom/internal/web/ui"
	"greenroom/internal/web/ui/gallery"
)

var now = time.Date(2026, 11, 21, 16, 12, 0, 0, time.UTC)

func kit(tb testing.TB) *ui.Kit {
	tb.Helper()
	assets, err := static.New()
	if err != nil {
		tb.Fatal(err)
	}
	k, err := ui.New(assets, func() time.Time { return now })
	if err != nil {
		tb.Fatal(err)
	}
	return k
}

// show renders one component by itself.
func show(tb testing.TB, name string, data any) *html.Node {
	tb.Helper()
	view, err := ui.Parse[any](kit(tb), fstest.MapFS{"main.html": {Data: []byte(`{{define "main"}}{{end}}`)}}, "main.html")
	if err != nil {
		tb.Fatal(err)
	}
	var out bytes.Buffer
	if err := view.Part(&out, name, data); err != nil {
		tb.Fatal(err)
	}
	return parse(tb, out.String())
}

func parse(tb testing.TB, text string) *html.Node {
	tb.Helper()
	node, err := html.Parse(strings.NewReader(text))
	if err != nil {
		tb.Fatal(err)
	}
	return node
}

func text(node *html.Node) string {
	var out strings.Builder
	for inner := range node.Descendants() {
		if inner.Type == html.TextNode {
			out.WriteString(inner.Data)
		}
	}
	return strings.Join(strings.Fields(out.String()), " ")
}

// expect checks the texts of all elements that match a selector.
func expect(t *testing.T, node *html.Node, selector string, want ...string) {
	t.Helper()
	got := []string{}
	for _, found := range cascadia.QueryAll(node, cascadia.MustCompile(selector)) {
		got = append(got, text(found))
	}
	if diff := cmp.Diff(append([]string{}, want...), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", selector, diff)
	}
}

func TestTemplatesAreTyped(t *testing.T) {
	g, err := gallery.New(now)
	if err != nil {
		t.Fatal(err)
	}
	if err := templatecheck.CheckHTML(g.View().Template(), ui.Page[gallery.Body]{}); err != nil {
		t.Error(err)
	}
}

func TestPage(t *testing.T) {
	g, err := gallery.New(now)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := g.View().Render(&out, g.Shell(), g.Body()); err != nil {
		t.Fatal(err)
	}
	page := parse(t, out.String())
	expect(t, page, "head title", "Good morning · Northwind developers · Greenroom")
	expect(t, page, ".skip[href='#main']", "Skip to content")
	expect(t, page, "#rail a[aria-current=page]", "Today")
	expect(t, page, "#rail .count-hot", "12 past target", "3")
	expect(t, page, ".banner", "This is a sample community; its people and numbers are made up.Start with your own data")
	expect(t, page, "main > .flash button", "Undo", "×")
	expect(t, page, "[style], style, script:not([src])") // the content security policy refuses them
	ids := map[string]bool{}
	for _, node := range cascadia.QueryAll(page, cascadia.MustCompile("[id]")) {
		for _, a := range node.Attr {
			if a.Key == "id" && ids[a.Val] {
				t.Errorf("id %q is there twice", a.Val)
			} else if a.Key == "id" {
				ids[a.Val] = true
			}
		}
	}
}

func TestBarePage(t *testing.T) {
	view, err := ui.Parse[string](kit(t), fstest.MapFS{"main.html": {Data: []byte(`{{define "main"}}<h1>{{.}}</h1>{{end}}`)}}, "main.html")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := view.Render(&out, ui.Shell{Title: "Sign in", Bare: true}, "<Welcome>"); err != nil {
		t.Fatal(err)
	}
	page := parse(t, out.String())
	expect(t, page, "main h1", "<Welcome>")
	expect(t, page, "#rail, .topbar, #palette")
}

func TestParseNeedsMain(t *testing.T) {
	if _, err := ui.Parse[string](kit(t), fstest.MapFS{"x.html": {Data: []byte("{{define \"other\"}}{{end}}")}}, "x.html"); err == nil || !strings.Contains(err.Error(), "main") {
		t.Errorf("error %v, want one that names the missing template", err)
	}
}

func TestActions(t *testing.T) {
	link := show(t, "ui/action", ui.Action{Label: "Open", Href: "/members?q=a&b", Key: "o", Style: ui.StylePrimary})
	expect(t, link, "a.btn.btn-primary[href='/members?q=a&b'][data-key=o]", "Openo")
	post := show(t, "ui/action", ui.Action{Label: "Undo", Post: "/undo/1", Hidden: []ui.Hidden{{Name: "why", Value: "x"}}})
	expect(t, post, "form[method=post][action='/undo/1'] input[type=hidden][name=why][value=x] ~ button", "Undo")
	expect(t, show(t, "ui/action", ui.Action{Label: "Send", Post: "/send", Disabled: "Only managers may send"}), "form")
	expect(t, show(t, "ui/action", ui.Action{Label: "Assign", Label2: "Assign: a question", Href: "/"}), ".sr-only", "Assign: a question")
	bad := show(t, "ui/action", ui.Action{Label: "x", Href: "javascript:alert(1)"})
	expect(t, bad, "a[href^='javascript']")
}

func TestTable(t *testing.T) {
	table := ui.Table{
		Caption: "Members", Select: "id", Columns: []ui.Column{{Label: "Name", SortHref: "/?sort=name"}, {Label: "Activities", Number: true, Sorted: ui.Descending, SortHref: "/?sort=-n"}},
		Rows: []ui.TableRow{{ID: "7", Cells: []ui.Cell{{Text: "Mina", Href: "/members/7"}, {Text: "312"}}}, {ID: "8", Cells: []ui.Cell{{Text: "Rui"}, {}}}},
		Foot: &ui.Pager{Older: "/?after=8"},
	}
	node := show(t, "ui/table", table)
	expect(t, node, "th[aria-sort=descending] a[href='/?sort=-n']", "Activities")
	expect(t, node, "tr[data-row='7'] td.num[data-label=Activities]", "312")
	expect(t, node, "tr[data-row='8'] td.blank", "")
	expect(t, node, "input[name=id][value='7'][aria-label='Select Mina']", "")
	expect(t, node, ".pager a", "Next ›")
	table.Rows, table.Empty = nil, &ui.Empty{Title: "No members yet", Text: "Connect a source."}
	expect(t, show(t, "ui/table", table), "table, .vacant-title", "No members yet")
}

func TestFields(t *testing.T) {
	node := show(t, "ui/field", ui.Field{Name: "email", Label: "E-mail", Type: "email", Required: true, Error: "has no @", Help: "Yours", Value: "x"})
	expect(t, node, "label[for=f-email]", "E-mail")
	expect(t, node, "input#f-email[type=email][required][aria-invalid=true][aria-describedby='f-email-error f-email-help'][value=x]", "")
	expect(t, node, "#f-email-error", "has no @")
	choice := show(t, "ui/field", ui.Field{Name: "role", Label: "Role", Type: "select", Value: "b", Options: []ui.Option{{"a", "A"}, {"b", "B"}}})
	expect(t, choice, "option[selected]", "B")
	expect(t, choice, "label", "Role")
}

func TestQueryError(t *testing.T) {
	node := show(t, "ui/query", ui.QueryBox{Label: "Filter", Value: "ü:x", Action: "/members", Suggest: "/suggest", Error: &ui.QueryError{Query: "ü:x", Offset: 2, Message: "no field"}})
	expect(t, node, "input[role=combobox][aria-invalid=true][aria-describedby=query-error][data-suggest='/suggest']", "")
	pre := cascadia.Query(node, cascadia.MustCompile("pre"))
	if got := pre.FirstChild.Data; got != "ü:x\n " {
		t.Errorf("before the caret stands %q, want one space below a letter of two bytes", got)
	}
	for _, offset := range []int{-1, 99} {
		_ = ui.QueryError{Query: "abc", Offset: offset}.Caret() // out of range is no panic
	}
}

func TestChart(t *testing.T) {
	c := ui.Chart{
		Title: "Response", Kind: ui.Lines, Unit: ui.UnitSpan, Labels: []string{"Oct", "Nov"}, Open: true,
		Series: []ui.Series{{Name: "Median", Values: []float64{3600, math.NaN()}, Low: []float64{1800, math.NaN()}, High: []float64{7200, math.NaN()}, Hrefs: []string{"/a", "/b"}}},
	}
	data, err := c.Data()
	if err != nil {
		t.Fatal(err)
	}
	want := `{"title":"Response","kind":"line","unit":"span","labels":["Oct","Nov"],"series":[{"name":"Median","values":[3600,null],"text":["1 h [30 m, 2 h]","–"],"low":[1800,null],"high":[7200,null],"hrefs":["/a","/b"],"color":1}],"open":true}`
	if diff := cmp.Diff(want, strings.ReplaceAll(data, "\u202f", " ")); diff != "" {
		t.Errorf("data (-want +got):\n%s", diff)
	}
	node := show(t, "ui/chart", c)
	expect(t, node, "details tbody a[href='/a']", "1 h [30 m, 2 h]")
	expect(t, node, "details tbody th .cell-sub", "not ended")
}

func TestYear(t *testing.T) {
	y := ui.Year{
		Label: "a year", From: time.Date(2025, 11, 22, 0, 0, 0, 0, time.UTC), To: now, Unit: "activities",
		Days:    []ui.Day{{Date: time.Date(2026, 2, 28, 23, 0, 0, 0, time.UTC), Count: 4, Href: "/d"}, {Date: time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC), Count: 1, Href: "javascript:x"}},
		MonthOf: func(m time.Time) string { return m.Format("/2006-01") },
	}
	node := show(t, "ui/year", y)
	if got := len(cascadia.QueryAll(node, cascadia.MustCompile("rect"))); got != 365 {
		t.Errorf("%d squares, want 365", got)
	}
	expect(t, node, "rect[data-href^=javascript]")
	expect(t, node, "rect[data-href='/d'].lv4 title", "Sat 28 Feb 2026: 4 activities")
	expect(t, node, "tr:has(a[href='/2026-02']) td", "5", "2")
}

func TestSpark(t *testing.T) {
	s := ui.Spark{Values: []float64{1, math.NaN(), 3}}
	if got := s.Line(); got != "0,27 200,3" {
		t.Errorf("line %q", got)
	}
	if got := s.Area(); got != "0,30 0,27 200,3 200,30" {
		t.Errorf("area %q", got)
	}
	if got := (ui.Spark{}).Area(); got != "" {
		t.Errorf("area of nothing is %q", got)
	}
}

func TestToastHeader(t *testing.T) {
	got, err := ui.ToastHeader(ui.Toast{Text: "Mina Kovač 🎉", UndoPost: "/undo"})
	if err != nil {
		t.Fatal(err)
	}
	var back map[string]ui.Toast
	if err := json.Unmarshal([]byte(got), &back); err != nil || back["toast"].Text != "Mina Kovač 🎉" {
		t.Errorf("%s reads back as %v (%v)", got, back, err)
	}
	if strings.IndexFunc(got, func(r rune) bool { return r > 0x7e }) >= 0 {
		t.Errorf("header %q is not ASCII", got)
	}
}

func BenchmarkPage(b *testing.B) {
	g, err := gallery.New(now)
	if err != nil {
		b.Fatal(err)
	}
	shell, body := g.Shell(), g.Body()
	var out bytes.Buffer
	b.ReportAllocs()
	for b.Loop() {
		out.Reset()
		if err := g.View().Render(&out, shell, body); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(int64(out.Len()))
}

// TestMoreOpen unfolds the fields that few need where one of them may be what is wrong.
func TestMoreOpen(t *testing.T) {
	t.Parallel()
	folded := []ui.Field{{Name: "app-id"}}
	for what, c := range map[string]struct {
		form ui.Form
		want bool
	}{
		"nothing wrong":            {ui.Form{More: folded}, false},
		"the form as a whole":      {ui.Form{More: folded, Error: "the app's id is a number"}, true},
		"one of the folded fields": {ui.Form{More: []ui.Field{{Name: "app-id", Error: "a number"}}}, true},
		"a field that is seen":     {ui.Form{More: folded, Fields: []ui.Field{{Name: "token", Error: "missing"}}}, false},
	} {
		if got := c.form.MoreOpen(); got != c.want {
			t.Errorf("%s: open is %t, want %t", what, got, c.want)
		}
	}
}
