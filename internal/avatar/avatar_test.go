// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package avatar_test

import (
	"bytes"
	"image"
	"image/color"
	"image/gif"
	"math/bits"
	"testing"

	"golang.org/x/image/draw"
	"pgregory.net/rapid"

	"greenroom"
	"greenroom/internal/avatar"
	"greenroom/internal/avatar/avatartest"
)

func hashed(tb testing.TB, file []byte) uint64 {
	tb.Helper()
	h, err := avatar.Hash(file)
	if err != nil {
		tb.Fatal(err)
	}
	return h
}

// TestHash finds one picture again in sizes and formats of other platforms, and tells others from it.
func TestHash(t *testing.T) {
	var all []uint64
	for seed := range uint64(40) {
		img := avatartest.Scene(seed)
		one := hashed(t, avatartest.Stored(t, img, 460, 90))
		if one == 0 {
			t.Fatalf("scene %d counts as drawn by a program", seed)
		}
		for _, form := range [][2]int{{256, 0}, {192, 85}, {128, 80}, {48, 80}} {
			if d := bits.OnesCount64(one ^ hashed(t, avatartest.Stored(t, img, form[0], form[1]))); d > avatar.Near {
				t.Errorf("scene %d at %d pixels in quality %d differs in %d bits, want at most %d", seed, form[0], form[1], d, avatar.Near)
			}
		}
		for other, h := range all {
			if d := bits.OnesCount64(one ^ h); d <= 2*avatar.Near {
				t.Errorf("scenes %d and %d differ in %d bits", seed, other, d)
			}
		}
		all = append(all, one)
	}
}

// TestPlain gives no hash to what a platform draws for whoever has no picture.
func TestPlain(t *testing.T) {
	canvas := func(ground color.Color) *image.RGBA {
		img := image.NewRGBA(image.Rect(0, 0, 120, 120))
		draw.Draw(img, img.Bounds(), image.NewUniform(ground), image.Point{}, draw.Src)
		return img
	}
	letter := canvas(color.RGBA{40, 120, 90, 255})
	draw.Draw(letter, image.Rect(40, 30, 52, 90), image.White, image.Point{}, draw.Src)
	draw.Draw(letter, image.Rect(40, 78, 84, 90), image.White, image.Point{}, draw.Src)
	pattern := canvas(color.White)
	for _, at := range []image.Point{{0, 0}, {48, 0}, {96, 0}, {24, 24}, {72, 24}, {0, 48}, {96, 48}, {48, 72}, {24, 96}, {72, 96}} {
		draw.Draw(pattern, image.Rect(at.X, at.Y, at.X+24, at.Y+24), image.NewUniform(color.RGBA{200, 80, 130, 255}), image.Point{}, draw.Src)
	}
	clear := image.NewRGBA(image.Rect(0, 0, 80, 80)) // nothing at all
	for name, img := range map[string]image.Image{"letter": letter, "pattern": pattern, "transparent": clear} {
		for _, form := range [][2]int{{240, 0}, {96, 80}} {
			if h := hashed(t, avatartest.Stored(t, img, form[0], form[1])); h != 0 {
				t.Errorf("%s at %d pixels has the hash %x, want none", name, form[0], h)
			}
		}
	}
}

// TestNoPicture says of what is no picture what is wrong with it.
func TestNoPicture(t *testing.T) {
	whole := avatartest.Stored(t, avatartest.Scene(1), 100, 0)
	var moving bytes.Buffer
	frame := image.NewPaletted(image.Rect(0, 0, 2, 2), color.Palette{color.White})
	if err := gif.EncodeAll(&moving, &gif.GIF{Image: []*image.Paletted{frame}, Delay: []int{0}, Config: image.Config{Width: 5000, Height: 5000, ColorModel: frame.Palette}}); err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string][]byte{"empty": nil, "page": []byte("<!doctype html><title>Not found</title>"), "cut": whole[:len(whole)/2], "huge": moving.Bytes()} {
		if h, err := avatar.Hash(file); h != 0 || greenroom.ErrorCode(err) != greenroom.CodeInvalid {
			t.Errorf("%s: hash %x, error %v, want an error with code %q", name, h, err, greenroom.CodeInvalid)
		}
	}
}

// TestOfAddress reads the hash of an address out of what Slack, Stack Overflow, GitLab and others give as a picture.
func TestOfAddress(t *testing.T) {
	const old, now = "0bc83cb571cd1c50ba6f3e8a78ef1346", "84059b07d4be67b806386c0aad8070a23f18836bbaae342275dc0a83414c32ee" // docs.gravatar.com
	if got := avatar.Names(" MyEmailAddress@example.com "); got != [2]string{old, now} {
		t.Errorf("names of the address in Gravatar's documentation: %v", got)
	}
	for picture, want := range map[string]string{
		"https://secure.gravatar.com/avatar/" + old + ".jpg?s=192&d=https%3A%2F%2Fa.slack-edge.com%2Fava.png": old,
		"https://www.gravatar.com/avatar/" + old + "?s=256&d=identicon&r=PG":                                  old,
		"http://gravatar.com/avatar/0BC83CB571CD1C50BA6F3E8A78EF1346":                                         old,
		"https://seccdn.libravatar.org/avatar/" + now + "?s=80":                                               now,
		"https://avatars.githubusercontent.com/u/583231?v=4":                                                  "",
		"https://example.com/avatar/" + old:                                                                   "",
		"https://notgravatar.com/avatar/" + old:                                                               "",
		"https://gravatar.com/avatar/" + old[:31] + "g":                                                       "",
		"https://gravatar.com/userimage/1/" + old:                                                             "",
		"https://gravatar.com/avatar/%zz":                                                                     "",
		"":                                                                                                    "",
	} {
		if got := avatar.OfAddress(picture); got != want {
			t.Errorf("OfAddress(%q) = %q, want %q", picture, got, want)
		}
	}
	rapid.Check(t, func(r *rapid.T) {
		address := rapid.StringMatching(`[a-z0-9.+]{1,20}@[a-z]{2,10}\.example`).Draw(r, "address")
		for _, name := range avatar.Names(address) {
			if got := avatar.OfAddress("https://www.gravatar.com/avatar/" + name + "?d=mp"); got != name {
				r.Errorf("the picture of %s is read as %q, want %q", address, got, name)
			}
		}
	})
}

// FuzzHash reads pictures that anybody may have made.
func FuzzHash(f *testing.F) {
	f.Add(avatartest.Stored(f, avatartest.Scene(3), 40, 0))
	f.Add(avatartest.Stored(f, avatartest.Scene(4), 40, 70))
	f.Add([]byte("GIF89a"))
	f.Add([]byte("RIFF\x1a\x00\x00\x00WEBPVP8L"))
	f.Fuzz(func(t *testing.T, file []byte) {
		h, err := avatar.Hash(file)
		again, _ := avatar.Hash(file)
		if h != again || err != nil && h != 0 {
			t.Errorf("hash %x, then %x, error %v", h, again, err)
		}
	})
}
