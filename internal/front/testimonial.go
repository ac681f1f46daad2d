// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package front

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"time"

	"greenroom"
	"greenroom/internal/recognition"
)

// TestimonialPath is where a member says whether they may be quoted.
const TestimonialPath = "/c/testimonial"

// testimonialLife is how long a link opens: what was granted can be withdrawn by it as long as anybody keeps the mail.
const testimonialLife = 20 * 365 * 24 * time.Hour

// Testimonial is the link by which a member says whether they may be quoted, and takes it back.
func (l *Links) Testimonial(ctx context.Context, id int64) (string, error) {
	return l.Make(ctx, KindTestimonial, TestimonialPath, Claim{Ref: id}, testimonialLife)
}

// Testimonials keeps what members say on being quoted; recognition.Service does.
type Testimonials interface {
	AskedOf(ctx context.Context, id int64) (recognition.Testimonial, error)
	Grant(ctx context.Context, id int64, g recognition.Grant) error
	Decline(ctx context.Context, id int64, link string) error
}

// testimonialBody is what testimonial.html shows.
type testimonialBody struct {
	Token      string
	Name       string // of the member
	Community  string
	Original   string
	Quote      string
	MaxQuote   int
	Naming     string // that is chosen
	Namings    []string
	Own        string // naming that is none of the offered ones
	Statement  string // what is agreed to
	Granted    bool
	AnsweredAt time.Time
	State      recognition.State
	Edit       bool // the form is shown
	Problem    string
}

type testimonialPage struct {
	*Site
	view *view[testimonialBody]
}

func (s *Site) addTestimonial() error {
	if s.cfg.Testimonials == nil {
		return nil
	}
	v, err := parse[testimonialBody]("testimonial")
	if err != nil {
		return err
	}
	p := &testimonialPage{s, v}
	s.handle("GET "+TestimonialPath, p.show)
	s.handle("POST "+TestimonialPath, p.decide)
	return nil
}

func (p *testimonialPage) asked(w http.ResponseWriter, r *http.Request) (recognition.Testimonial, error) {
	c, err := p.open(w, r, KindTestimonial)
	if err != nil {
		return recognition.Testimonial{}, err
	}
	return p.cfg.Testimonials.AskedOf(r.Context(), c.Ref)
}

func (p *testimonialPage) show(w http.ResponseWriter, r *http.Request) error {
	t, err := p.asked(w, r)
	if err != nil {
		return err
	}
	return p.draw(w, r, &t, http.StatusOK, testimonialBody{Quote: t.Quote, Naming: t.Naming, Edit: t.State == recognition.Asked || t.State == recognition.Expired || r.FormValue("edit") != ""})
}

// statement is what a member agrees to. It is kept with their yes.
func statement(community string) string {
	return community + " may quote these words of mine in public, such as on its website, named as I chose. I can take this back at any time by the link in the mail."
}

func (p *testimonialPage) draw(w http.ResponseWriter, r *http.Request, t *recognition.Testimonial, status int, body testimonialBody) error {
	b, err := p.cfg.Brand.Brand(r.Context())
	if err != nil {
		return err
	}
	body.Token, body.Name, body.Community, body.Original, body.MaxQuote = r.FormValue("t"), t.Member.First(), p.name(&b), t.Original, recognition.MaxQuote
	body.State, body.Granted, body.AnsweredAt, body.Namings = t.State, t.State == recognition.Granted, t.AnsweredAt, recognition.Namings(&t.Member)
	body.Statement = statement(body.Community)
	if body.Naming == "" {
		body.Naming = body.Namings[0]
	}
	if !slices.Contains(body.Namings, body.Naming) {
		body.Own = body.Naming
	}
	return render(p.Site, w, r, p.view, status, english, "May we quote you?", body)
}

// linkDigest stands for a link in the proof of consent, without opening it.
func linkDigest(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:16])
}

func (p *testimonialPage) decide(w http.ResponseWriter, r *http.Request) error {
	t, err := p.asked(w, r)
	if err != nil {
		return err
	}
	token := r.FormValue("t")
	switch r.FormValue("do") {
	case "yes":
		b, err := p.cfg.Brand.Brand(r.Context())
		if err != nil {
			return err
		}
		g := recognition.Grant{Quote: r.FormValue("quote"), Naming: r.FormValue("naming"), Statement: statement(p.name(&b)), Link: linkDigest(token)}
		if g.Naming == "own" || g.Naming == "" {
			g.Naming = r.FormValue("own")
		}
		err = p.cfg.Testimonials.Grant(r.Context(), t.ID, g)
		if greenroom.ErrorCode(err) == greenroom.CodeInvalid {
			return p.draw(w, r, &t, http.StatusUnprocessableEntity, testimonialBody{Quote: g.Quote, Naming: g.Naming, Edit: true, Problem: sentence(greenroom.ErrorMessage(err))})
		}
		if err != nil {
			return err
		}
	case "no":
		if err := p.cfg.Testimonials.Decline(r.Context(), t.ID, linkDigest(token)); err != nil {
			return err
		}
	default:
		return greenroom.Errorf(greenroom.CodeInvalid, "choose one of the buttons")
	}
	http.Redirect(w, r, TestimonialPath+"?"+values("t", token), http.StatusSeeOther)
	return nil
}
