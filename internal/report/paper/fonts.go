// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package paper

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goitalic"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/text/unicode/norm"

	"greenroom/internal/report"
)

// fonts are the Go fonts: by Bigelow & Holmes, under the license of Go itself.
type fonts struct {
	regular, bold *sfnt.Font
	raw           map[string][]byte // by style: "", "B" and "I"
}

func openFonts() (*fonts, error) {
	f := &fonts{raw: map[string][]byte{"": goregular.TTF, "B": gobold.TTF, "I": goitalic.TTF}}
	var err error
	if f.regular, err = sfnt.Parse(goregular.TTF); err != nil {
		return nil, fmt.Errorf("reading a font: %w", err)
	}
	if f.bold, err = sfnt.Parse(gobold.TTF); err != nil {
		return nil, fmt.Errorf("reading a font: %w", err)
	}
	return f, nil
}

// box stands for what the fonts have no picture of.
const box = '\u25a1'

// knows says whether there is a picture of a character.
func (f *fonts) knows(buf *sfnt.Buffer, r rune) bool {
	i, err := f.regular.GlyphIndex(buf, r)
	return err == nil && i != 0 && r <= 0xffff
}

// clean replaces each character that the fonts do not know by a box, so that nobody takes what is left for the whole text. What
// belongs to one that was replaced, such as an accent or the color of an emoji, goes with it.
func (f *fonts) clean(text string) string {
	text, _ = f.replace(text)
	return text
}

// replace is clean with the characters that it replaced.
func (f *fonts) replace(text string) (clean string, missing []rune) {
	var buf sfnt.Buffer
	var out strings.Builder
	boxed := false
	for _, r := range norm.NFC.String(text) {
		switch {
		case r == '\n' || r == '\t':
			out.WriteRune(r)
		case r == '\u202f' || r == '\u00a0':
			out.WriteRune('\u00a0')
		case unicode.IsControl(r), unicode.In(r, unicode.Cf, unicode.Variation_Selector), boxed && unicode.In(r, unicode.M, unicode.Sk):
			continue // it has no picture of its own
		case f.knows(&buf, r):
			out.WriteRune(r)
		default:
			out.WriteRune(box)
			missing = append(missing, r)
			boxed = true
			continue
		}
		boxed = false
	}
	return out.String(), missing
}

// Press prints. Make one at start; it may be used by many goroutines.
type Press struct{ fonts *fonts }

// New returns the press.
func New() (*Press, error) {
	f, err := openFonts()
	if err != nil {
		return nil, err
	}
	return &Press{f}, nil
}

// Missing lists the characters of an edition that PDF and PNG have no picture of, each once, in the order of their codes.
func (p *Press) Missing(c *report.Content) []string {
	found := make(map[rune]bool)
	for _, text := range textsOf(c) {
		_, missing := p.fonts.replace(text)
		for _, r := range missing {
			found[r] = true
		}
	}
	all := []string{}
	for _, r := range slices.Sorted(maps.Keys(found)) {
		all = append(all, string(r))
	}
	return all
}

// textsOf are the words of people and of sources that an edition shows.
func textsOf(c *report.Content) []string {
	all := []string{c.Title, c.Community, c.For, c.Period}
	for i := range c.Blocks {
		b := &c.Blocks[i]
		all = append(all, b.Title, b.Comment.Text, b.Problem)
		if b.Table != nil {
			all = append(all, b.Table.Columns...)
			for _, row := range b.Table.Rows {
				all = append(all, row.Cells...)
			}
		}
		if b.Plot != nil {
			all = append(all, b.Plot.Labels...)
		}
		for _, q := range b.Quotes {
			if !q.Withdrawn {
				all = append(all, q.Text, q.Naming)
			}
		}
		for _, l := range b.Lines {
			all = append(append(all, l.Text), l.Sub...)
		}
	}
	return all
}
