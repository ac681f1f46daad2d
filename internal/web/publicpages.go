// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"errors"
	"io"
	"net/http"

	"greenroom"
	"greenroom/internal/brand"
	"greenroom/internal/web/ui"
)

const publicSettings = "/settings/public-pages"

// PublicPages are how the pages that members see look; brand.Service keeps that.
type PublicPages interface {
	Brand(ctx context.Context) (brand.Brand, error)
	SetBrand(ctx context.Context, b brand.Brand, by string) error
}

// publicPages shows how the pages that members see look.
func (p *settingsPages) publicPages(w http.ResponseWriter, r *http.Request) error {
	b, err := p.cfg.Public.Brand(r.Context())
	if err != nil {
		return err
	}
	card := settingsCard{Title: "Public pages", Text: "What members see without signing in: surveys, and the page on which they choose what they are sent, see what is known of them and ask to be erased. " + accentText(&b)}
	if !person(r).MayAdminister {
		return p.show(w, r, settingsBody{Cards: []settingsCard{card}})
	}
	logo := "A PNG, JPEG or GIF of at most 24 kB, shown 44 pixels high."
	if len(b.Logo) > 0 {
		logo += " One is set; it stays unless you choose another."
	}
	fields := []ui.Field{
		{Name: "name", Label: "Name", Value: b.Name, Placeholder: firstText(p.cfg.Community, "Acme community")},
		{Name: "accent", Label: "Color", Value: b.Accent, Placeholder: brand.DefaultAccent, Help: "Of buttons. It is shaded where it would not stand out, and text on it is black or white, whichever can be read better."},
		{Name: "logo", Label: "Logo", Type: "file", MaxBytes: 24 << 10, TooLarge: "The logo is larger than 24 kB. Make it smaller, such as 400 pixels wide.", Help: logo},
	}
	if len(b.Logo) > 0 {
		fields = append(fields, ui.Field{Name: "nologo", Label: "Take the logo away", Type: "checkbox"})
	}
	address := "Where members reach these pages, if not where you reach Greenroom."
	if p.cfg.PublicURL == nil && b.Address == "" {
		address = "Where members reach these pages. Without it, messages can have no links to them."
	}
	card.Form = &ui.Form{
		Post: publicSettings, Upload: true,
		Fields: append(fields,
			ui.Field{Name: "address", Label: "Address", Type: "url", Value: b.Address, Placeholder: "https://community.example.org", Help: address},
			ui.Field{Name: "privacy", Label: "Privacy notice", Type: "url", Value: b.Privacy, Placeholder: "https://example.org/privacy"},
			ui.Field{Name: "imprint", Label: "Imprint", Type: "url", Value: b.Imprint, Placeholder: "https://example.org/imprint"},
			ui.Field{Name: "erase", Label: "Erase members at once who ask for it", Type: "checkbox", Checked: b.Erase, Help: "Otherwise the team gets a task. Whoever has the link of somebody's preferences could use it."},
		),
		Actions: []ui.Action{{Label: "Save", Submit: true, Style: ui.StylePrimary}},
	}
	return p.show(w, r, settingsBody{Cards: []settingsCard{card}})
}

// accentText says what becomes of the color.
func accentText(b *brand.Brand) string {
	light, dark := b.Colors()
	switch {
	case light.Shifted:
		return b.Accent + " is too light for a white page; buttons are " + light.Accent + " there."
	case dark.Shifted:
		return b.Accent + " is too dark for a dark page; buttons are " + dark.Accent + " there."
	}
	return "Buttons are " + b.Accent + "."
}

// maxBrandForm is the size of the form with a logo in bytes.
const maxBrandForm = 256 << 10

func (p *settingsPages) setPublicPages(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxBrandForm)
	b := brand.Brand{Name: r.FormValue("name"), Accent: r.FormValue("accent"), Address: r.FormValue("address"), Privacy: r.FormValue("privacy"), Imprint: r.FormValue("imprint"), Erase: r.FormValue("erase") != ""}
	before, err := p.cfg.Public.Brand(r.Context())
	if err != nil {
		return err
	}
	if r.FormValue("nologo") == "" {
		b.Logo = before.Logo
	}
	file, _, err := r.FormFile("logo")
	switch {
	case err == nil:
		data, rerr := io.ReadAll(file)
		if rerr != nil {
			return &greenroom.Error{Code: greenroom.CodeInvalid, Message: "the logo could not be read; choose it again", Err: rerr}
		}
		if len(data) > 0 {
			b.Logo = data
		}
	case !errors.Is(err, http.ErrMissingFile) && !errors.Is(err, http.ErrNotMultipart):
		return &greenroom.Error{Code: greenroom.CodeInvalid, Message: "the form could not be read; a logo has at most 24 kB", Err: err}
	}
	if err := p.cfg.Public.SetBrand(r.Context(), b, person(r).Actor); err != nil {
		return err
	}
	return p.back(w, r, publicSettings, "Saved. Members see it at once.", "")
}
