// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package avatartest paints pictures for tests that look at profile pictures.
package avatartest

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"math/rand/v2"
	"testing"

	"golang.org/x/image/draw"
)

// Scene paints a picture such as a camera would take: soft shapes of many shades, another one for each seed.
func Scene(seed uint64) image.Image {
	r := rand.New(rand.NewPCG(seed, 7))
	type blob struct {
		x, y, wide float64
		color      [3]float64
	}
	blobs := make([]blob, 14)
	for i := range blobs {
		blobs[i] = blob{r.Float64(), r.Float64(), .05 + .25*r.Float64(), [3]float64{r.NormFloat64() * 90, r.NormFloat64() * 90, r.NormFloat64() * 90}}
	}
	const size = 320
	img := image.NewRGBA(image.Rect(0, 0, size, size))
	for y := range size {
		for x := range size {
			c := [3]float64{128, 128, 128}
			for _, b := range blobs {
				dx, dy := float64(x)/size-b.x, float64(y)/size-b.y
				near := math.Exp(-(dx*dx + dy*dy) / (2 * b.wide * b.wide))
				for i := range c {
					c[i] += near * b.color[i]
				}
			}
			of := func(v float64) uint8 { return uint8(min(max(v, 0), 255)) }
			img.SetRGBA(x, y, color.RGBA{of(c[0]), of(c[1]), of(c[2]), 255})
		}
	}
	return img
}

// Stored is a picture as a platform keeps it: in a size and a format of its own. Quality 0 is PNG.
func Stored(tb testing.TB, img image.Image, size, quality int) []byte {
	tb.Helper()
	out := image.NewRGBA(image.Rect(0, 0, size, size))
	draw.ApproxBiLinear.Scale(out, out.Bounds(), img, img.Bounds(), draw.Src, nil)
	var file bytes.Buffer
	var err error
	switch quality {
	case 0:
		err = png.Encode(&file, out)
	default:
		err = jpeg.Encode(&file, out, &jpeg.Options{Quality: quality})
	}
	if err != nil {
		tb.Fatal(err)
	}
	return file.Bytes()
}
