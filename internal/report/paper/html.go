// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package paper

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"net/url"
	"strings"
	"time"

	"greenroom/internal/outbox"
	"greenroom/internal/report"
)

//go:embed templates style.css slides.css slides.js
var files embed.FS

// part is what stands together: figures in a row, or one block.
type part struct {
	Figures []*report.Filled
	Block   *report.Filled
}

// partsOf puts figures that follow each other into one part. Outside of Greenroom, blocks that have nothing to show are left
// out: why that is so is for who makes the report.
func partsOf(c *report.Content, outside bool) []part {
	var all []part
	for i := range c.Blocks {
		b := &c.Blocks[i]
		if outside && b.Problem != "" && !b.Comment.Edited {
			continue
		}
		if (b.Block.Kind == report.Metric || b.Block.Kind == report.Proof && b.Problem == "") && b.Figure != nil {
			if n := len(all); n > 0 && all[n-1].Figures != nil {
				all[n-1].Figures = append(all[n-1].Figures, b)
			} else {
				all = append(all, part{Figures: []*report.Filled{b}})
			}
			continue
		}
		all = append(all, part{Block: b})
	}
	return all
}

func asOfText(c *report.Content) string {
	text := "Figures of whole periods, time zone " + c.Zone + ". Computed on " + in(c.MadeAt, c.Zone).Format("2 January 2006, 15:04") + "."
	return text
}

func in(t time.Time, zone string) time.Time {
	if z, err := time.LoadLocation(zone); err == nil {
		return t.In(z)
	}
	return t
}

// changeLine says how a figure stands to the period before.
func changeLine(f *report.Figure) string {
	if f == nil || f.Previous == nil || f.Value == nil {
		if f != nil && f.Verdict != "" {
			return f.Verdict
		}
		return ""
	}
	text := report.ChangeText(f.Unit, f.Value, f.Previous) + " after " + report.ValueText(f.Unit, f.Previous)
	if !f.Real && *f.Value != *f.Previous {
		text += ", within noise"
	}
	return text
}

// intervalLine says how sure a figure is, and what it was a year ago.
func intervalLine(f *report.Figure) string {
	if f == nil {
		return ""
	}
	var parts []string
	if f.Low != nil && f.High != nil {
		what := "95 %: "
		if f.Range {
			what = "range: "
		}
		parts = append(parts, what+report.ValueText(f.Unit, f.Low)+" to "+report.ValueText(f.Unit, f.High))
	}
	if f.YearAgo != nil {
		parts = append(parts, "a year ago "+report.ValueText(f.Unit, f.YearAgo))
	}
	return strings.Join(parts, " · ")
}

// tone is good or bad where a change is more than noise and one of them is better.
func tone(f *report.Figure) string {
	if f.Previous == nil || f.Value == nil || !f.Real || *f.Value == *f.Previous {
		return ""
	}
	if (*f.Value > *f.Previous) != f.Lower {
		return "good"
	}
	return "bad"
}

// Linker gives the address of the records behind something; nil or "" = there is no link.
type Linker func(entity, query, path string) string

// Inside links into Greenroom, for who is signed in.
func Inside(entity, query, path string) string {
	switch {
	case path != "":
		return path
	case entity != "":
		return "/" + entity + "?q=" + url.QueryEscape(query)
	}
	return ""
}

func page(name string, link Linker) (*template.Template, error) {
	if link == nil {
		link = func(string, string, string) string { return "" }
	}
	t, err := template.New(name).Funcs(template.FuncMap{
		"markdown": Markdown, "value": report.ValueText, "change": changeLine, "interval": intervalLine, "tone": tone, "link": link, "chart": SVG,
		"number": isNumber, "short": isShort,
		"plots": func(b *report.Filled) bool { return b.Block.Kind == report.Chart && b.Plot != nil },
		"lines": func(b *report.Filled) bool { return b.Block.Kind != report.Chart && b.Block.Kind != report.Metric },
		"label": func(b *report.Filled) string { return b.Title + ", " + strings.Join(ends(b.Plot), " to ") },
	}).ParseFS(files, "templates/blocks.html", "templates/"+name)
	if err != nil {
		return nil, fmt.Errorf("reading the template of reports: %w", err)
	}
	return t, nil
}

// isShort reports whether a column after the first holds words that are better not broken, such as a status.
func isShort(t *report.Table, j int) bool {
	for i := range t.Rows {
		if j >= len(t.Rows[i].Cells) || len(t.Rows[i].Cells[j]) > 12 {
			return false
		}
	}
	return j > 0
}

func ends(p *report.Plot) []string {
	if p == nil || len(p.Labels) == 0 {
		return nil
	}
	return []string{p.Labels[0], p.Labels[len(p.Labels)-1]}
}

// sheetData is what templates are given.
type sheetData struct {
	*report.Content
	Parts  []part
	AsOf   string
	Style  template.CSS
	Script template.JS
	Link   string // of a mail
}

func execute(name, block string, c *report.Content, link Linker, d sheetData) (template.HTML, error) {
	t, err := page(name, link)
	if err != nil {
		return "", err
	}
	d.Content, d.Parts, d.AsOf = c, partsOf(c, link == nil), asOfText(c)
	var out bytes.Buffer
	if err := t.ExecuteTemplate(&out, block, d); err != nil {
		return "", fmt.Errorf("writing %s as HTML: %w", c.Title, err)
	}
	return template.HTML(out.String()), nil //nolint:gosec // html/template wrote it
}

// Fragment writes what stands inside of a page that has [Style].
func Fragment(c *report.Content, link Linker) (template.HTML, error) {
	return execute("document.html", "fragment", c, link, sheetData{})
}

// Style is the style sheet of fragments.
func Style() []byte { return must("style.css") }

func must(name string) []byte {
	data, err := files.ReadFile(name)
	if err != nil {
		panic(err) // it is part of the program
	}
	return data
}

// HTML writes an edition as one file that needs nothing else.
func HTML(c *report.Content) ([]byte, error) {
	text, err := execute("document.html", "document.html", c, nil, sheetData{Style: template.CSS(must("style.css"))}) //nolint:gosec // our own
	return []byte(text), err
}

// Slides writes an edition as slides for the whole screen, in one file that needs nothing else: arrow keys, space, Home and
// End go through them, F fills the screen. policy is the Content-Security-Policy that lets its own script run and nothing else.
func Slides(c *report.Content) (data []byte, policy string, err error) {
	style, script := append(must("style.css"), must("slides.css")...), must("slides.js")
	text, err := execute("slides.html", "slides.html", c, nil, sheetData{Style: template.CSS(style), Script: template.JS(script)}) //nolint:gosec // our own
	// html/template writes both as they are.
	return []byte(text), "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; style-src " + source(style) + "; script-src " + source(script), err
}

func source(data []byte) string {
	sum := sha256.Sum256(data)
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// Mail writes an edition as a mail. Its charts are pictures that it carries: nothing is loaded from elsewhere, so nobody is told
// that it is read.
func (p *Press) Mail(c *report.Content, link string) (text, html string, pictures []outbox.File, err error) {
	for i := range c.Blocks {
		b := &c.Blocks[i]
		if b.Block.Kind != report.Chart || b.Plot == nil {
			continue
		}
		data, err := p.PNG(b)
		if err != nil {
			return "", "", nil, err
		}
		pictures = append(pictures, outbox.File{Name: b.Block.ID + ".png", Type: "image/png", Inline: "chart-" + b.Block.ID, Data: data})
	}
	h, err := execute("mail.html", "mail.html", c, nil, sheetData{Link: link})
	return plainMail(c, link), string(h), pictures, err
}

// plainMail is an edition as text.
func plainMail(c *report.Content, link string) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("%s\n%s\n%s · for %s\n", c.Title, c.Period, c.Community, c.For)
	if link != "" {
		line("Read it in the browser: %s\n", link)
	}
	for i := range c.Blocks {
		x := &c.Blocks[i]
		if x.Problem != "" && !x.Comment.Edited {
			continue
		}
		if x.Title != "" {
			line("## %s\n", x.Title)
		}
		if f := x.Figure; f != nil {
			line("%s  %s\n", report.ValueText(f.Unit, f.Value), changeLine(f))
		}
		if x.Comment.Text != "" {
			line("%s\n", x.Comment.Text)
		}
		if x.Table != nil {
			for _, r := range x.Table.Rows {
				line("- %s", strings.Join(r.Cells, " | "))
			}
			line("")
		}
		for _, q := range x.Quotes {
			if !q.Withdrawn {
				line("> %s\n> – %s\n", strings.ReplaceAll(q.Text, "\n", "\n> "), q.Naming)
			}
		}
		if x.Block.Kind != report.Chart && x.Block.Kind != report.Metric {
			for _, l := range x.Lines {
				line("- %s", l.Text)
			}
		}
		line("")
	}
	line("%s", asOfText(c))
	return b.String()
}
