// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package paper

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"

	"greenroom/internal/report"
)

// bitmap is a canvas of pixels.
type bitmap struct {
	img   *image.RGBA
	scale float64 // pixels a point
	fonts *fonts
	faces map[[2]float64]font.Face
}

func (b *bitmap) color(c ink) image.Image {
	v := c.rgb()
	return image.NewUniform(color.RGBA{v[0], v[1], v[2], 255})
}

func (b *bitmap) fill(all []point, c ink) {
	size := b.img.Bounds().Size()
	r := vector.NewRasterizer(size.X, size.Y)
	for i, p := range all {
		x, y := float32(p.x*b.scale), float32(p.y*b.scale)
		if i == 0 {
			r.MoveTo(x, y)
		} else {
			r.LineTo(x, y)
		}
	}
	r.ClosePath()
	r.Draw(b.img, b.img.Bounds(), b.color(c), image.Point{})
}

func (b *bitmap) line(from, to point, width float64, c ink) {
	dx, dy := to.x-from.x, to.y-from.y
	n := math.Hypot(dx, dy)
	if n == 0 {
		return
	}
	ox, oy := -dy/n*width/2, dx/n*width/2
	b.fill([]point{{from.x + ox, from.y + oy}, {to.x + ox, to.y + oy}, {to.x - ox, to.y - oy}, {from.x - ox, from.y - oy}}, c)
}

func (b *bitmap) path(all []point, width float64, c ink) {
	for i := 1; i < len(all); i++ {
		b.line(all[i-1], all[i], width, c)
		b.dot(all[i], width/2, c)
	}
}

func (b *bitmap) dot(at point, radius float64, c ink) {
	const corners = 24
	var all []point
	for i := range corners {
		a := 2 * math.Pi * float64(i) / corners
		all = append(all, point{at.x + radius*math.Cos(a), at.y + radius*math.Sin(a)})
	}
	b.fill(all, c)
}

func (b *bitmap) face(size float64, bold bool) font.Face {
	key := [2]float64{size, 0}
	f := b.fonts.regular
	if bold {
		key[1], f = 1, b.fonts.bold
	}
	if b.faces[key] == nil {
		face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: size * b.scale, DPI: 72, Hinting: font.HintingFull})
		if err != nil { // only for sizes that make no sense
			return nil
		}
		b.faces[key] = face
	}
	return b.faces[key]
}

func (b *bitmap) text(at point, text string, size float64, bold bool, a align, c ink) {
	face := b.face(size, bold)
	if face == nil {
		return
	}
	text = b.fonts.clean(text)
	wide := b.width(text, size, bold)
	x := at.x - [...]float64{0, wide / 2, wide}[a]
	d := font.Drawer{Dst: b.img, Src: b.color(c), Face: face, Dot: fixed.Point26_6{X: fixed.Int26_6(x * b.scale * 64), Y: fixed.Int26_6(at.y * b.scale * 64)}}
	d.DrawString(text)
}

func (b *bitmap) width(text string, size float64, bold bool) float64 {
	face := b.face(size, bold)
	if face == nil {
		return 0
	}
	return float64(font.MeasureString(face, b.fonts.clean(text))) / 64 / b.scale
}

// The size of pictures, in points, and how many pixels these have.
const (
	pngWidth  = 600
	pngHeight = 220
	pngScale  = 2
)

// PNG draws a block's chart with its title as a picture.
func (p *Press) PNG(b *report.Filled) ([]byte, error) {
	img := image.NewRGBA(image.Rect(0, 0, pngWidth*pngScale, pngHeight*pngScale))
	draw.Draw(img, img.Bounds(), image.White, image.Point{}, draw.Src)
	cv := &bitmap{img: img, scale: pngScale, fonts: p.fonts, faces: make(map[[2]float64]font.Face)}
	cv.text(point{10, 20}, b.Title, 12, true, atStart, inkText)
	drawChart(cv, b.Plot, point{10, 30}, pngWidth-20, pngHeight-38)
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		return nil, fmt.Errorf("writing the picture of %s: %w", b.Title, err)
	}
	return out.Bytes(), nil
}
