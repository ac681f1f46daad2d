// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package paper_test

import (
	"archive/zip"
	"bytes"
	"image/png"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"greenroom/internal/analytics"
	"greenroom/internal/report"
	"greenroom/internal/report/paper"
)

func ptr(v float64) *float64 { return &v }

// hostile is an edition whose texts try to break out of every form.
func hostile() *report.Content {
	plot := &report.Plot{Unit: analytics.UnitMembers, Bars: true}
	for i := range 12 {
		plot.Labels, plot.Values = append(plot.Labels, "Jan 26"), append(plot.Values, ptr(float64(i*7)))
	}
	plot.Values[4] = nil
	return &report.Content{Title: `<script>alert(1)</script> & "Ünïcode" 漢字 🎉`, Community: "Acme", For: "Executives", Period: "October 2026", Zone: "UTC", MadeAt: time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC), Blocks: []report.Filled{
		{Block: report.Block{ID: "b1", Kind: report.Text}, Title: "In short", Comment: report.Comment{Text: "**Good** <img src=x onerror=alert(1)> ![pixel](https://evil.example/p.png) [x](javascript:alert(1)) [ok](https://example.org)\n\n1. one\n2. two\n\n> said\n\n```\ncode\n```"}},
		{Block: report.Block{ID: "b2", Kind: report.Metric}, Title: "Active members", Figure: &report.Figure{Label: "Active members", Unit: analytics.UnitMembers, Value: ptr(120), Previous: ptr(98), Real: true, Low: ptr(100), High: ptr(140)}, Plot: plot},
		{Block: report.Block{ID: "b3", Kind: report.Chart}, Title: "Chart", Plot: plot, Figure: &report.Figure{Unit: analytics.UnitMembers, Value: ptr(77)}},
		{Block: report.Block{ID: "b4", Kind: report.Breakdown}, Title: "By channel", Table: &report.Table{Columns: []string{"Channel", "This period"}, Numbers: []bool{false, true}, Rows: []report.Row{{Cells: []string{`=HYPERLINK("http://evil")`, "−3"}, Values: []*float64{nil, ptr(-3)}}, {Cells: []string{"<b>x</b>", "4"}, Values: []*float64{nil, ptr(4)}}}}},
		{Block: report.Block{ID: "b5", Kind: report.Quotes}, Title: "Quotes", Quotes: []report.Quote{{Testimonial: 1, Text: "Great </blockquote><script>", Naming: "Ana"}, {Testimonial: 2, Text: "secret", Withdrawn: true}}},
	}}
}

// TestForms writes every form of an edition: nothing of a text becomes markup, nothing is loaded from elsewhere, and what was
// withdrawn is in none.
func TestForms(t *testing.T) {
	p, err := paper.New()
	if err != nil {
		t.Fatal(err)
	}
	c := hostile()
	for _, form := range paper.Forms() {
		f, err := p.File(c, form)
		if err != nil || len(f.Data) == 0 {
			t.Fatal(form, err)
		}
		if again, err := p.File(c, form); err != nil || !bytes.Equal(f.Data, again.Data) {
			t.Errorf("%s is another one the second time, %v", form, err)
		}
		if form != "html" && form != "slides" {
			continue
		}
		page := string(f.Data)
		for _, bad := range []string{"<script>alert", "onerror=alert(1)>", "javascript:", "evil.example/p.png", "<b>x</b>", "secret"} {
			if strings.Contains(page, bad) {
				t.Errorf("%s has %q", form, bad)
			}
		}
		if !strings.Contains(page, `href="https://example.org"`) || !strings.Contains(page, "<svg") {
			t.Errorf("%s lacks what it should have", form)
		}
	}
	_, html, pictures, err := p.Mail(c, "https://greenroom.example.org/c/report?t=x")
	if err != nil || len(pictures) != 1 || !strings.Contains(html, `src="cid:chart-b3"`) || strings.Contains(html, "<svg") || strings.Contains(html, "evil.example") {
		t.Errorf("%d pictures, %v:\n%s", len(pictures), err, html)
	}
	img, err := png.Decode(bytes.NewReader(pictures[0].Data))
	if err != nil || img.Bounds().Dx() < 1000 {
		t.Error(img.Bounds(), err)
	}
}

// TestCSV keeps numbers as they are, and texts from being formulas.
func TestCSV(t *testing.T) {
	data, err := paper.CSV(hostile())
	if err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	got := make(map[string]string)
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		got[f.Name] = string(text)
	}
	if diff := cmp.Diff("Channel,This period\n\"'=HYPERLINK(\"\"http://evil\"\")\",-3\n<b>x</b>,4\n", got["b4-table.csv"]); diff != "" {
		t.Error(diff)
	}
	if !strings.Contains(got["figures.csv"], "b2,Active members,members,120,100,140,98,,true,") || len(got) != 4 {
		t.Errorf("got %d files: %s", len(got), got["figures.csv"])
	}
}

// TestMissing holds that nothing is left out silently: what the fonts do not know is a box in the PDF, one for each letter or
// emoji, and is named to whoever makes the report. What was withdrawn is not.
func TestMissing(t *testing.T) {
	p, err := paper.New()
	if err != nil {
		t.Fatal(err)
	}
	c := hostile()
	c.Blocks[3].Table.Rows[0].Cells[0] = "山田 شركة"
	c.Blocks[4].Quotes[1].Text = "秘"
	c.Blocks[0].Comment.Text = "Zoë, Łukasz, Ελένη, Иван, Nguyễn – “fine” 👍🏽 e\u0301 ❤\ufe0f"
	want := []string{"ễ", "ش", "ر", "ك", "ة", "❤", "字", "山", "漢", "田", "🎉", "👍"}
	slices.Sort(want)
	if diff := cmp.Diff(want, p.Missing(c)); diff != "" {
		t.Error(diff)
	}
	for text, clean := range map[string]string{
		"山田さん": "□□□□", "شركة": "□□□□", "한글 Kim": "□□ Kim", "👍🏽 ok": "□ ok", "❤\ufe0f": "□", "e\u0301": "é", "नमस्ते": "□□□□", "Zoë 10\u202f%": "Zoë 10\u00a0%", "a\x00b\u200bc": "abc",
	} {
		if got := p.Clean(text); got != clean {
			t.Errorf("%q is %q, want %q", text, got, clean)
		}
	}
	if missing := p.Missing(&report.Content{Title: "Führung", Period: "October 2026"}); len(missing) != 0 {
		t.Errorf("%q has no picture", missing)
	}
}
