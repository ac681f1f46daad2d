// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package paper

import (
	"bytes"
	"fmt"
	"strings"

	"codeberg.org/go-pdf/fpdf"

	"greenroom/internal/report"
)

// The page: A4 upright, in points.
const (
	pageWidth  = 595.28
	pageHeight = 841.89
	margin     = 48.0
	inner      = pageWidth - 2*margin
	footRoom   = 46.0
	bodySize   = 10.0
	lineHeight = 14.5
	fontName   = "go"
)

// sheet is a PDF that is being written; it is a canvas, too.
type sheet struct {
	*fpdf.Fpdf
	fonts *fonts
}

// PDF writes an edition for printing and for archives: A4, with the text and the charts as vectors.
func (p *Press) PDF(c *report.Content) ([]byte, error) {
	doc := fpdf.New("P", "pt", "A4", "")
	s := &sheet{doc, p.fonts}
	for style, data := range p.fonts.raw {
		doc.AddUTF8FontFromBytes(fontName, style, data)
	}
	doc.SetMargins(margin, margin, margin)
	doc.SetCellMargin(0)
	doc.SetAutoPageBreak(false, footRoom)
	doc.SetCreationDate(c.MadeAt)
	doc.SetModificationDate(c.MadeAt)
	doc.SetCatalogSort(true)
	doc.SetTitle(s.fonts.clean(c.Title+": "+c.Period), true)
	doc.SetAuthor(s.fonts.clean(c.Community), true)
	doc.SetCreator("Greenroom", true)
	doc.SetLang("en")
	doc.AliasNbPages("{pages}")
	doc.SetFooterFunc(func() {
		s.font("", 8, inkMuted)
		doc.SetXY(margin, pageHeight-30)
		doc.CellFormat(inner/2, 10, s.fonts.clean(c.Community+" · "+c.Title+" · "+c.Period), "", 0, "L", false, 0, "")
		longer := doc.GetStringWidth("{pages}") - doc.GetStringWidth("9") // than the number that comes to stand there
		doc.CellFormat(inner/2+longer, 10, fmt.Sprintf("%d / {pages}", doc.PageNo()), "", 0, "R", false, 0, "")
	})
	doc.AddPage()
	s.head(c)
	for _, part := range partsOf(c, true) {
		if len(part.Figures) > 0 {
			s.figures(part.Figures)
		} else {
			s.block(part.Block)
		}
	}
	if missing := p.Missing(c); len(missing) > 0 {
		s.small(fmt.Sprintf("Each %c stands for a letter or sign that this PDF has no picture of. The report's page and its HTML show it.", box))
	}
	var out bytes.Buffer
	if err := doc.Output(&out); err != nil {
		return nil, fmt.Errorf("writing the PDF of %s: %w", c.Title, err)
	}
	return out.Bytes(), nil
}

// font sets what texts are written with.
func (s *sheet) font(style string, size float64, c ink) {
	s.SetFont(fontName, style, size)
	v := c.rgb()
	s.SetTextColor(int(v[0]), int(v[1]), int(v[2]))
}

// need begins a new page where there is less room than that.
func (s *sheet) need(height float64) {
	if s.GetY()+height > pageHeight-footRoom && s.GetY() > margin+1 {
		s.AddPage()
		s.SetY(margin)
	}
}

func (s *sheet) head(c *report.Content) {
	v := inkStrong.rgb()
	s.SetFillColor(int(v[0]), int(v[1]), int(v[2]))
	s.Rect(margin, margin, 36, 4, "F")
	s.SetXY(margin, margin+14)
	s.font("", 9.5, inkMuted)
	s.MultiCell(inner, 13, s.fonts.clean(c.Community+" · for "+c.For), "", "L", false)
	s.font("B", 21, inkText)
	s.MultiCell(inner, 27, s.fonts.clean(c.Title), "", "L", false)
	s.font("", 13, inkText)
	s.MultiCell(inner, 18, s.fonts.clean(c.Period), "", "L", false)
	s.font("", 8.5, inkMuted)
	s.MultiCell(inner, 12, s.fonts.clean(asOfText(c)), "", "L", false)
	s.SetY(s.GetY() + 12)
}

// figures writes cards, three in a row, or two where that leaves none alone, and the comments below.
func (s *sheet) figures(all []*report.Filled) {
	const gap, height = 10.0, 76.0
	perRow := 3
	if len(all) == 2 || len(all) == 4 {
		perRow = 2
	}
	wide := (inner - gap*float64(perRow-1)) / float64(perRow)
	for i := 0; i < len(all); i += perRow {
		row := all[i:min(i+perRow, len(all))]
		s.need(height + 30)
		y := s.GetY()
		for j, b := range row {
			s.card(b, margin+float64(j)*(wide+gap), y, wide, height)
		}
		s.SetY(y + height + gap)
	}
	for _, b := range all {
		if b.Comment.Text != "" {
			s.markdown(b.Comment.Text, 0)
		}
		s.benchmarks(b)
		s.causes(b)
	}
	s.SetY(s.GetY() + 10)
}

func (s *sheet) causes(b *report.Filled) {
	if b.Block.Kind != report.Proof {
		return
	}
	for _, l := range b.Lines {
		s.bullet(l)
	}
	s.SetY(s.GetY() + 6)
}

func (s *sheet) card(b *report.Filled, x, y, w, h float64) {
	f := b.Figure
	grid := inkGrid.rgb()
	s.SetDrawColor(int(grid[0]), int(grid[1]), int(grid[2]))
	s.SetLineWidth(.8)
	s.RoundedRect(x, y, w, h, 4, "1234", "D")
	s.font("", 8.5, inkMuted)
	s.SetXY(x+9, y+8)
	s.CellFormat(w-18, 11, s.fit(b.Title, w-18), "", 0, "L", false, 0, "")
	s.font("B", 19, inkText)
	s.SetXY(x+9, y+23)
	value := report.None
	if f != nil {
		value = report.ValueText(f.Unit, f.Value)
	}
	s.CellFormat(w-18, 22, s.fonts.clean(value), "", 0, "L", false, 0, "")
	s.font("", 8, inkMuted)
	s.SetXY(x+9, y+47)
	s.CellFormat(w-18, 11, s.fit(changeLine(f), w-18), "", 0, "L", false, 0, "")
	s.SetXY(x+9, y+59)
	s.CellFormat(w-18, 11, s.fit(intervalLine(f), w-18), "", 0, "L", false, 0, "")
}

// fit cuts a text to a width.
func (s *sheet) fit(text string, wide float64) string {
	text = s.fonts.clean(text)
	if s.GetStringWidth(text) <= wide {
		return text
	}
	r := []rune(text)
	for len(r) > 1 && s.GetStringWidth(string(r)+"…") > wide {
		r = r[:len(r)-1]
	}
	return strings.TrimRight(string(r), " ") + "…"
}

func (s *sheet) block(b *report.Filled) {
	room := 70.0
	if b.Plot != nil && b.Block.Kind == report.Chart || b.Table != nil && len(b.Table.Rows) > 0 {
		room = 230 // a heading stays with its chart, and with the first rows of its table
	}
	s.need(room)
	if b.Title != "" {
		s.font("B", 13, inkText)
		s.MultiCell(inner, 19, s.fonts.clean(b.Title), "", "L", false)
		s.SetY(s.GetY() + 2)
	}
	if b.Comment.Text != "" {
		s.markdown(b.Comment.Text, 0)
	}
	if b.Plot != nil && b.Block.Kind == report.Chart {
		const height = 150.0
		s.need(height + 8)
		drawChart(s, b.Plot, point{margin, s.GetY()}, inner, height)
		s.SetY(s.GetY() + height + 8)
		s.benchmarks(b)
	}
	if b.Table != nil && len(b.Table.Rows) > 0 {
		s.table(b.Table)
	}
	for i := range b.Quotes {
		s.quote(&b.Quotes[i])
	}
	if b.Block.Kind != report.Chart && b.Block.Kind != report.Metric {
		for _, l := range b.Lines {
			s.bullet(l)
		}
	}
	if b.Problem != "" {
		s.small("Nothing to show: " + b.Problem + ".")
	}
	s.SetY(s.GetY() + 12)
}

func (s *sheet) benchmarks(b *report.Filled) {
	if b.Figure == nil || b.Block.Kind == report.Metric {
		return
	}
	for _, x := range b.Figure.Benchmarks {
		text := x.Text
		if x.Source != "" {
			text += " (" + x.Source + ", " + x.URL + ")"
		}
		s.small(text)
	}
}

func (s *sheet) small(text string) {
	s.need(14)
	s.font("", 8.5, inkMuted)
	s.MultiCell(inner, 12, s.fonts.clean(text), "", "L", false)
}

func (s *sheet) bullet(l report.Line) {
	s.paragraph(paragraph{runs: []run{{text: l.Text}}, bullet: "•", indent: 1})
	for _, sub := range l.Sub {
		s.font("", 8.5, inkMuted)
		s.SetLeftMargin(margin + 28)
		s.SetX(margin + 28)
		s.need(13)
		s.MultiCell(inner-28, 12, s.fonts.clean(sub), "", "L", false)
		s.SetLeftMargin(margin)
	}
}

func (s *sheet) quote(q *report.Quote) {
	text, naming := "“"+q.Text+"”", q.Naming
	if q.Withdrawn {
		text, naming = "This quote was withdrawn.", ""
	}
	s.need(40)
	top := s.GetY()
	s.SetLeftMargin(margin + 12)
	s.SetX(margin + 12)
	s.font("I", bodySize+.5, inkText)
	s.MultiCell(inner-12, lineHeight, s.fonts.clean(text), "", "L", false)
	if naming != "" {
		s.font("", 8.5, inkMuted)
		s.MultiCell(inner-12, 13, s.fonts.clean(naming), "", "L", false)
	}
	s.SetLeftMargin(margin)
	if s.GetY() > top {
		v := inkMark.rgb()
		s.SetFillColor(int(v[0]), int(v[1]), int(v[2]))
		s.Rect(margin, top+2, 2, s.GetY()-top-4, "F")
	}
	s.SetY(s.GetY() + 8)
}

// table writes rows whose columns share the width: each gets what it needs, the first column the rest.
func (s *sheet) table(t *report.Table) {
	wide := make([]float64, len(t.Columns))
	rest := inner
	for j := 1; j < len(t.Columns); j++ {
		s.font("B", 8.5, inkMuted)
		wide[j] = s.GetStringWidth(s.fonts.clean(t.Columns[j]))
		s.font("", 9.5, inkText)
		for i := range t.Rows {
			wide[j] = max(wide[j], s.GetStringWidth(s.fonts.clean(t.Rows[i].Cells[j])))
		}
		wide[j] = min(wide[j]+18, inner*.6/float64(len(t.Columns)-1))
		rest -= wide[j]
	}
	wide[0] = rest
	head := func() {
		s.font("B", 8.5, inkMuted)
		s.cells(t, t.Columns, wide, 16)
		s.rule(.9)
	}
	s.need(40)
	head()
	for i := range t.Rows {
		if s.GetY()+17 > pageHeight-footRoom {
			s.AddPage()
			s.SetY(margin)
			head()
		}
		s.font("", 9.5, inkText)
		s.cells(t, t.Rows[i].Cells, wide, 17)
		s.rule(.4)
	}
	s.SetY(s.GetY() + 6)
}

func isNumber(t *report.Table, j int) bool { return j < len(t.Numbers) && t.Numbers[j] }

func (s *sheet) rule(width float64) {
	s.line(point{margin, s.GetY()}, point{margin + inner, s.GetY()}, width, inkGrid)
}

func (s *sheet) cells(t *report.Table, cells []string, wide []float64, height float64) {
	s.SetX(margin)
	for j, cell := range cells {
		a, gap := "L", 0.0
		if isNumber(t, j) {
			if a = "R"; j+1 < len(cells) && !isNumber(t, j+1) {
				gap = 12 // before words that begin where the number ends
			}
		}
		s.CellFormat(wide[j]-gap, height, s.fit(cell, wide[j]-gap-3), "", 0, a, false, 0, "")
		s.SetX(s.GetX() + gap)
	}
	s.Ln(height)
}

func (s *sheet) markdown(source string, indent int) {
	for _, p := range paragraphs(source) {
		p.indent += indent
		s.paragraph(p)
	}
}

func (s *sheet) paragraph(p paragraph) {
	size := bodySize
	switch p.heading {
	case 0:
	case 1:
		size = 13
	default:
		size = 11.5
	}
	s.need(lineHeight * 1.5)
	left := margin + 14*float64(p.indent)
	if p.bullet != "" {
		s.font("", size, inkMuted)
		s.SetX(left - 12)
		s.CellFormat(12, lineHeight, s.fonts.clean(p.bullet), "", 0, "L", false, 0, "")
	}
	s.SetLeftMargin(left)
	s.SetX(left)
	c := inkText
	if p.quote {
		c = inkMuted
	}
	s.SetAutoPageBreak(true, footRoom)
	for _, r := range p.runs {
		s.font(r.style, size, c)
		if r.link != "" {
			s.font(r.style, size, inkStrong)
			s.WriteLinkString(lineHeight, s.fonts.clean(r.text), r.link)
			continue
		}
		s.Write(lineHeight, s.fonts.clean(r.text))
	}
	s.Ln(lineHeight + 3)
	s.SetAutoPageBreak(false, footRoom)
	s.SetLeftMargin(margin)
	s.SetX(margin)
}

// The canvas.

func (s *sheet) pen(width float64, c ink) {
	v := c.rgb()
	s.SetDrawColor(int(v[0]), int(v[1]), int(v[2]))
	s.SetLineWidth(width)
}

func (s *sheet) brush(c ink) {
	v := c.rgb()
	s.SetFillColor(int(v[0]), int(v[1]), int(v[2]))
}

func (s *sheet) line(from, to point, width float64, c ink) {
	s.pen(width, c)
	s.Line(from.x, from.y, to.x, to.y)
}

func (s *sheet) path(all []point, width float64, c ink) {
	s.pen(width, c)
	s.SetLineJoinStyle("round")
	for i, p := range all {
		if i == 0 {
			s.MoveTo(p.x, p.y)
		} else {
			s.LineTo(p.x, p.y)
		}
	}
	s.DrawPath("D")
}

func (s *sheet) fill(all []point, c ink) {
	s.brush(c)
	corners := make([]fpdf.PointType, len(all))
	for i, p := range all {
		corners[i] = fpdf.PointType{X: p.x, Y: p.y}
	}
	s.Polygon(corners, "F")
}

func (s *sheet) dot(at point, radius float64, c ink) {
	s.brush(c)
	s.Circle(at.x, at.y, radius, "F")
}

func (s *sheet) text(at point, text string, size float64, bold bool, a align, c ink) {
	style := ""
	if bold {
		style = "B"
	}
	s.font(style, size, c)
	text = s.fonts.clean(text)
	s.Text(at.x-[...]float64{0, .5, 1}[a]*s.GetStringWidth(text), at.y, text)
}

func (s *sheet) width(text string, size float64, bold bool) float64 {
	style := ""
	if bold {
		style = "B"
	}
	s.SetFont(fontName, style, size)
	return s.GetStringWidth(s.fonts.clean(text))
}
