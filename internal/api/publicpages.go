// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"encoding/base64"
	"net/http"

	"greenroom/internal/auth"
	"greenroom/internal/brand"
)

// PublicPages are how the pages that members see look; brand.Service keeps that.
type PublicPages interface {
	Brand(ctx context.Context) (brand.Brand, error)
	SetBrand(ctx context.Context, b brand.Brand, by string) error
}

// PublicPagesInfo is how the pages that members see look, and what they allow.
type PublicPagesInfo struct {
	Name    string `json:"name" doc:"Of the community; empty = as the server is called."`
	Accent  string `json:"accent" doc:"The color of buttons, as #rrggbb."`
	Logo    string `json:"logo,omitempty" doc:"A PNG, JPEG or GIF of at most 24 kB, in base64."`
	Address string `json:"address" doc:"Where members reach the pages; empty = where people reach Greenroom."`
	Privacy string `json:"privacy" doc:"The address of the privacy notice."`
	Imprint string `json:"imprint" doc:"The address of who is responsible."`
	Erase   bool   `json:"erase" doc:"Members who ask to be erased are, at once; otherwise the team gets a task."`
}

func (a *api) publicPageOps() []op {
	if a.PublicPages == nil {
		return nil
	}
	example := PublicPagesInfo{Name: "Acme community", Accent: brand.DefaultAccent, Privacy: "https://acme.example/privacy"}
	read := func(c *call) (answer, error) {
		b, err := a.PublicPages.Brand(c.ctx())
		return given(PublicPagesInfo{b.Name, b.Accent, base64.StdEncoding.EncodeToString(b.Logo), b.Address, b.Privacy, b.Imprint, b.Erase}, err)
	}
	return []op{
		{
			method: http.MethodGet, path: "/public-pages", id: "getPublicPages", tag: "Settings", need: auth.Read, do: read, reply: content{of: PublicPagesInfo{}, example: example},
			summary: "How public pages look", text: "Name, logo and color of the pages that members see without signing in, and what they allow.",
		},
		{
			method: http.MethodPut, path: "/public-pages", id: "setPublicPages", tag: "Settings", need: auth.Administer, reply: content{of: PublicPagesInfo{}, example: example},
			summary: "Set how public pages look", text: "Sets all of it; what is not sent is empty afterwards.",
			body: &content{of: PublicPagesInfo{}, text: "How they look.", example: example},
			do: func(c *call) (answer, error) {
				i, err := decode[PublicPagesInfo](c)
				if err != nil {
					return answer{}, err
				}
				logo, err := base64.StdEncoding.DecodeString(i.Logo)
				if err != nil {
					return answer{}, wrong("logo", "logo is not base64")
				}
				b := brand.Brand{Name: i.Name, Accent: i.Accent, Logo: logo, Address: i.Address, Privacy: i.Privacy, Imprint: i.Imprint, Erase: i.Erase}
				if err := a.PublicPages.SetBrand(c.ctx(), b, c.by()); err != nil {
					return answer{}, err
				}
				return read(c)
			},
		},
	}
}
