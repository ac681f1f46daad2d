// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package avatar

import (
	"bytes"
	"fmt"
	"image"
	_ "image/gif"  // profile pictures come in these
	_ "image/jpeg" // formats
	_ "image/png"
	"math"
	"slices"

	"golang.org/x/image/draw"
	_ "golang.org/x/image/webp"

	"greenroom"
)

const (
	mostSide = 2048 // pixels; decoding takes four bytes of memory for each

	side    = 32 // of the picture that is transformed
	low     = 8  // frequencies each way
	colors  = 64 // side of the picture whose colors are counted
	covered = 60 // percent of it by two colors, in steps of 16, from which on a program drew it
)

// Near is by how many bits two hashes may differ for their pictures to count as the same.
const Near = 4

// Hash is the perceptual hash of a picture in PNG, JPEG, GIF or WebP; of one that moves, of its first frame. It is 0 where the
// picture is too plain to tell people apart. CodeInvalid where it is no picture, or a very large one.
func Hash(picture []byte) (uint64, error) {
	config, _, err := image.DecodeConfig(bytes.NewReader(picture))
	if err != nil {
		return 0, &greenroom.Error{Code: greenroom.CodeInvalid, Message: "what came is no picture in PNG, JPEG, GIF or WebP", Err: err}
	}
	if config.Width < 1 || config.Height < 1 || config.Width > mostSide || config.Height > mostSide {
		return 0, greenroom.Errorf(greenroom.CodeInvalid, "the picture has %d by %d pixels; up to %d each way are looked at", config.Width, config.Height, mostSide)
	}
	img, format, err := image.Decode(bytes.NewReader(picture))
	if err != nil {
		return 0, &greenroom.Error{Code: greenroom.CodeInvalid, Message: fmt.Sprintf("the picture cannot be read: it is damaged, or a kind of %s that is not known", format), Err: err}
	}
	if plain(img) {
		return 0, nil
	}
	return perceptual(img), nil
}

// scaled is a picture on white at another size.
func scaled(img image.Image, size int) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, size, size))
	draw.Draw(out, out.Bounds(), image.White, image.Point{}, draw.Src)
	draw.CatmullRom.Scale(out, out.Bounds(), img, img.Bounds(), draw.Over, nil)
	return out
}

// plain says whether two colors cover most of a picture: letters, patterns and silhouettes that a program draws. Photographs
// in one hue have more shades than that.
func plain(img image.Image) bool {
	p := scaled(img, colors)
	counts := make(map[[3]byte]int)
	for i := 0; i < len(p.Pix); i += 4 {
		counts[[3]byte{p.Pix[i] >> 4, p.Pix[i+1] >> 4, p.Pix[i+2] >> 4}]++
	}
	most, second := 0, 0
	for _, n := range counts {
		if n > most {
			n, most = most, n
		}
		second = max(second, n)
	}
	return most+second > covered*colors*colors/100
}

// perceptual is pHash.
func perceptual(img image.Image) uint64 {
	var waves [low][side]float64 // DCT-II
	for u := range low {
		for x := range side {
			waves[u][x] = math.Cos(math.Pi / side * (float64(x) + .5) * float64(u))
		}
	}
	p := scaled(img, side)
	var rows [low][side]float64 // transformed along x
	for y := range side {
		for x := range side {
			c := p.Pix[p.PixOffset(x, y):]
			gray := .299*float64(c[0]) + .587*float64(c[1]) + .114*float64(c[2]) // luma of ITU-R BT.601
			for u := range low {
				rows[u][y] += gray * waves[u][x]
			}
		}
	}
	var frequencies [low * low]float64
	for v := range low {
		for u := range low {
			for y := range side {
				frequencies[v*low+u] += rows[u][y] * waves[v][y]
			}
		}
	}
	// The first is the mean of all, so large that it would say nothing of the rest.
	sorted := slices.Sorted(slices.Values(frequencies[1:]))
	middle := sorted[len(sorted)/2]
	var h uint64
	for i, f := range frequencies[1:] {
		if f > middle {
			h |= 1 << i
		}
	}
	return h
}
