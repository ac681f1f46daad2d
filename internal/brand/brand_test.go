// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package brand

import (
	"bytes"
	"image"
	"image/png"
	"testing"

	"pgregory.net/rapid"

	"greenroom"
)

// TestColors holds that whatever color a team has, its buttons stand out from the page, and their text can be read.
func TestColors(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := rgb{rapid.Uint8().Draw(t, "r"), rapid.Uint8().Draw(t, "g"), rapid.Uint8().Draw(t, "b")}
		b := Brand{Accent: c.String()}
		light, dark := b.Colors()
		for page, got := range map[string]Colors{lightPage: light, darkPage: dark} {
			behind, _ := parseColor(page)
			accent, ok := parseColor(got.Accent)
			ink, inked := parseColor(got.Ink)
			if !ok || !inked || contrast(accent, behind) < stands || contrast(accent, ink) < 4.5 {
				t.Errorf("%s on %s became %+v: %.2f to the page, %.2f to its text", c, page, got, contrast(accent, behind), contrast(accent, ink))
			}
		}
	})
	if light, dark := (&Brand{Accent: "#1F7A5C"}).Colors(); light.Accent != "#1f7a5c" || light.Shifted || dark.Shifted {
		t.Errorf("Greenroom's own color became %+v and %+v", light, dark)
	}
}

func TestValidate(t *testing.T) {
	var logo bytes.Buffer
	if err := png.Encode(&logo, image.NewGray(image.Rect(0, 0, 40, 20))); err != nil {
		t.Fatal(err)
	}
	b := Brand{Name: "  Lumen ", Logo: logo.Bytes(), Address: "https://pages.example.org/c/"}
	if err := b.Validate(); err != nil || b.Name != "Lumen" || b.Accent != DefaultAccent || b.Address != "https://pages.example.org" || b.LogoType() != "image/png" {
		t.Errorf("became %+v, %v", b, err)
	}
	for what, b := range map[string]Brand{
		"a color": {Accent: "green"}, "an address": {Address: "javascript:alert(1)"}, "a notice": {Privacy: "/privacy"}, "a logo": {Logo: []byte("<svg onload=alert(1)>")}, "a size": {Logo: make([]byte, maxLogo+1)},
	} {
		if err := b.Validate(); greenroom.ErrorCode(err) != greenroom.CodeInvalid {
			t.Errorf("%s: %v, want invalid", what, err)
		}
	}
}
