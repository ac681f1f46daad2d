// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package brand

import (
	"fmt"
	"math"
	"strconv"
)

// Colors are what a page is drawn with.
type Colors struct {
	Accent  string // fills buttons, "#rrggbb"
	Ink     string // text on it
	Shifted bool   // the brand's own color would not stand out from the page
}

// The pages behind everything, in light and dark. The style sheet has the same.
const (
	lightPage = "#ffffff"
	darkPage  = "#181b1a"
)

// stands is the least contrast between a button and the page behind it: WCAG 2.2, 1.4.11.
const stands = 3

// Colors gives the colors for light pages and for dark ones.
func (b *Brand) Colors() (light, dark Colors) {
	c, ok := parseColor(b.Accent)
	if !ok {
		c, _ = parseColor(DefaultAccent)
	}
	return shade(c, lightPage, rgb{}), shade(c, darkPage, rgb{255, 255, 255})
}

// shade moves a color toward another one until it stands out from the page, and chooses the text on it.
func shade(c rgb, page string, toward rgb) Colors {
	behind, _ := parseColor(page)
	at := c
	for step := 1; contrast(at, behind) < stands && step <= 20; step++ {
		at = mix(c, toward, float64(step)/20)
	}
	ink := rgb{255, 255, 255}
	if contrast(at, rgb{}) > contrast(at, ink) {
		ink = rgb{}
	}
	return Colors{Accent: at.String(), Ink: ink.String(), Shifted: at != c}
}

type rgb struct{ r, g, b uint8 }

func (c rgb) String() string { return fmt.Sprintf("#%02x%02x%02x", c.r, c.g, c.b) }

func parseColor(text string) (rgb, bool) {
	if len(text) != 7 || text[0] != '#' {
		return rgb{}, false
	}
	v, err := strconv.ParseUint(text[1:], 16, 32)
	if err != nil {
		return rgb{}, false
	}
	return rgb{uint8(v >> 16), uint8(v >> 8 & 255), uint8(v & 255)}, true //nolint:gosec // six hexadecimal digits
}

func mix(a, b rgb, share float64) rgb {
	one := func(x, y uint8) uint8 { return uint8(math.Round(float64(x) + (float64(y)-float64(x))*share)) }
	return rgb{one(a.r, b.r), one(a.g, b.g), one(a.b, b.b)}
}

// contrast is the ratio of WCAG 2.2: from 1 to 21.
func contrast(a, b rgb) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + .05) / (min(x, y) + .05)
}

func luminance(c rgb) float64 {
	part := func(v uint8) float64 {
		x := float64(v) / 255
		if x <= .04045 {
			return x / 12.92
		}
		return math.Pow((x+.055)/1.055, 2.4)
	}
	return .2126*part(c.r) + .7152*part(c.g) + .0722*part(c.b)
}
