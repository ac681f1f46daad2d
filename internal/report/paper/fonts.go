// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package paper

import (
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goitalic"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
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

// clean replaces what the fonts do not know: letters by a question mark, signs by nothing.
func (f *fonts) clean(text string) string {
	var buf sfnt.Buffer
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == '\u202f' || r == '\u00a0':
			return '\u00a0'
		case unicode.IsControl(r):
			return -1
		}
		if i, err := f.regular.GlyphIndex(&buf, r); err == nil && i != 0 && r <= 0xffff {
			return r
		}
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return '?'
		}
		return -1
	}, text)
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
