// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package paper

import (
	"fmt"
	"html"
	"html/template"
	"strconv"
	"strings"

	"greenroom/internal/report"
)

// svg is a canvas whose colors a style sheet can change, by class.
type svg struct{ b strings.Builder }

func (i ink) class() string {
	return [...]string{"rp-text", "rp-muted", "rp-grid", "rp-mark", "rp-strong", "rp-band"}[i]
}

func (i ink) hex() string {
	c := i.rgb()
	return fmt.Sprintf("#%02x%02x%02x", c[0], c[1], c[2])
}

func short(x float64) string {
	return strconv.FormatFloat(float64(int(x*100+.5))/100, 'f', -1, 64)
}

func points(all []point) string {
	parts := make([]string, len(all))
	for i, p := range all {
		parts[i] = short(p.x) + "," + short(p.y)
	}
	return strings.Join(parts, " ")
}

func (s *svg) line(from, to point, width float64, c ink) { s.path([]point{from, to}, width, c) }

func (s *svg) path(all []point, width float64, c ink) {
	fmt.Fprintf(&s.b, `<polyline points="%s" fill="none" class="%s-line" stroke="%s" stroke-width="%s" stroke-linejoin="round"/>`, points(all), c.class(), c.hex(), short(width))
}

func (s *svg) fill(all []point, c ink) {
	fmt.Fprintf(&s.b, `<polygon points="%s" class="%s" fill="%s"/>`, points(all), c.class(), c.hex())
}

func (s *svg) dot(at point, radius float64, c ink) {
	fmt.Fprintf(&s.b, `<circle cx="%s" cy="%s" r="%s" class="%s" fill="%s"/>`, short(at.x), short(at.y), short(radius), c.class(), c.hex())
}

func (s *svg) text(at point, text string, size float64, bold bool, a align, c ink) {
	weight := ""
	if bold {
		weight = ` font-weight="600"`
	}
	fmt.Fprintf(&s.b, `<text x="%s" y="%s" font-size="%s" text-anchor="%s"%s class="%s" fill="%s">%s</text>`, short(at.x), short(at.y), short(size), [...]string{"start", "middle", "end"}[a], weight, c.class(), c.hex(), html.EscapeString(text))
}

// width guesses, since which font draws it is the reader's business.
func (*svg) width(text string, size float64, _ bool) float64 {
	return float64(len([]rune(text))) * size * .56
}

// The size of charts on pages, in points.
const (
	svgWidth  = 640
	svgHeight = 190
)

// SVG draws a chart for a page. label says what it shows, for who cannot see it.
func SVG(p *report.Plot, label string) template.HTML {
	if len(p.Values) == 0 {
		return ""
	}
	s := &svg{}
	drawChart(s, p, point{0, 0}, svgWidth, svgHeight)
	return template.HTML(fmt.Sprintf(`<svg class="rp-chart" viewBox="0 0 %d %d" role="img" aria-label="%s" font-family="inherit">%s</svg>`, svgWidth, svgHeight, html.EscapeString(label), s.b.String())) //nolint:gosec // every text was escaped
}
