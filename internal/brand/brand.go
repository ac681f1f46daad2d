// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package brand has how the pages that members see look and what they allow: the community's name, logo and color, the
// address at which members reach them, and whether members may erase themselves.
//
// A brand's color is rarely made for text. It is therefore never used as one: buttons are filled with it, and their text
// is black or white, whichever can be read better. Where the color is too close to the page behind it, it is shaded until
// it stands out, in light and in dark each by itself (Colors).
package brand

import (
	"bytes"
	"context"
	"fmt"
	"image"
	_ "image/gif"  // logos of this kind
	_ "image/jpeg" // logos of this kind
	_ "image/png"  // logos of this kind
	"net/url"
	"strings"
	"unicode/utf8"

	"greenroom"
)

// Brand is what is set for the pages that members see.
type Brand struct {
	Name    string `json:"name,omitempty"`    // of the community; "" = as the server is called
	Accent  string `json:"accent"`            // "#rrggbb"
	Logo    []byte `json:"logo,omitempty"`    // a PNG, JPEG or GIF; none = the name alone
	Address string `json:"address,omitempty"` // where members reach the pages, scheme://host; "" = where people reach Greenroom
	Privacy string `json:"privacy,omitempty"` // address of the privacy notice
	Imprint string `json:"imprint,omitempty"` // address of who is responsible
	Erase   bool   `json:"erase"`             // members who ask to be erased are, at once; otherwise the team gets a task
}

// DefaultAccent is the color while none is set.
const DefaultAccent = "#1f7a5c"

// The most that a brand holds. A page with its logo has to stay below 60 kB.
const (
	maxName = 80
	maxLogo = 24 << 10
	maxSide = 2000
)

// Usual is the brand while none is set.
func Usual() Brand { return Brand{Accent: DefaultAccent} }

// Validate makes addresses and color uniform and says what is wrong, as an error of CodeInvalid.
func (b *Brand) Validate() error {
	b.Name = strings.TrimSpace(b.Name)
	if utf8.RuneCountInString(b.Name) > maxName {
		return greenroom.Errorf(greenroom.CodeInvalid, "a name has at most %d characters", maxName)
	}
	if b.Accent = strings.ToLower(strings.TrimSpace(b.Accent)); b.Accent == "" {
		b.Accent = DefaultAccent
	}
	if _, ok := parseColor(b.Accent); !ok {
		return greenroom.Errorf(greenroom.CodeInvalid, "%q is not a color; one looks like %s", b.Accent, DefaultAccent)
	}
	if err := checkLogo(b.Logo); err != nil {
		return err
	}
	for _, a := range []struct {
		what string
		at   *string
	}{{"address of the privacy notice", &b.Privacy}, {"address of the imprint", &b.Imprint}, {"address of the pages", &b.Address}} {
		if *a.at = strings.TrimSpace(*a.at); *a.at == "" {
			continue
		}
		u, err := url.Parse(*a.at)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil {
			return greenroom.Errorf(greenroom.CodeInvalid, "%q is no %s; one begins with https://", *a.at, a.what)
		}
		if a.at == &b.Address {
			*a.at = u.Scheme + "://" + u.Host
		}
	}
	return nil
}

func checkLogo(logo []byte) error {
	if len(logo) == 0 {
		return nil
	}
	if len(logo) > maxLogo {
		return greenroom.Errorf(greenroom.CodeInvalid, "the logo has %d kB; at most %d kB load quickly everywhere. Make it smaller, such as 400 pixels wide", len(logo)>>10, maxLogo>>10)
	}
	c, kind, err := image.DecodeConfig(bytes.NewReader(logo))
	if err != nil {
		return &greenroom.Error{Code: greenroom.CodeInvalid, Message: "the logo is no PNG, JPEG or GIF", Err: err}
	}
	if c.Width > maxSide || c.Height > maxSide || c.Width == 0 || c.Height == 0 {
		return greenroom.Errorf(greenroom.CodeInvalid, "the logo is a %s of %d by %d pixels; expected at most %d on each side", kind, c.Width, c.Height, maxSide)
	}
	return nil
}

// LogoType is the media type of the logo; "" where there is none.
func (b *Brand) LogoType() string {
	_, kind, err := image.DecodeConfig(bytes.NewReader(b.Logo))
	if len(b.Logo) == 0 || err != nil {
		return ""
	}
	return "image/" + kind
}

// Store keeps the brand.
type Store interface {
	Brand(ctx context.Context) (Brand, error)
	SetBrand(ctx context.Context, b Brand) error
}

// Auditor keeps the log of who did what.
type Auditor interface {
	Audit(ctx context.Context, actor, action, target, detail string) error
}

// Service reads and sets the brand.
type Service struct {
	store  Store
	audit  Auditor
	public string // where people reach Greenroom; "" = not known
}

// New returns the service. public is where people reach Greenroom, as scheme://host; "" where that is not known.
func New(store Store, audit Auditor, public string) *Service {
	return &Service{store: store, audit: audit, public: strings.TrimSuffix(public, "/")}
}

// Brand reads what is set.
func (s *Service) Brand(ctx context.Context) (Brand, error) { return s.store.Brand(ctx) }

// SetBrand sets it.
func (s *Service) SetBrand(ctx context.Context, b Brand, by string) error {
	if err := b.Validate(); err != nil {
		return err
	}
	if err := s.store.SetBrand(ctx, b); err != nil {
		return fmt.Errorf("storing how public pages look: %w", err)
	}
	return s.audit.Audit(ctx, by, "public-pages.set", "public pages", "")
}

// Base is where members reach the pages, as scheme://host; "" where neither the team nor the server's start says so.
func (s *Service) Base(ctx context.Context) (string, error) {
	b, err := s.store.Brand(ctx)
	if err != nil {
		return "", fmt.Errorf("reading the address of public pages: %w", err)
	}
	if b.Address != "" {
		return b.Address, nil
	}
	return s.public, nil
}
