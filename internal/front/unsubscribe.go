// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package front

import (
	"net/http"
	"net/url"
	"strings"

	"greenroom"
	"greenroom/internal/consent"
)

// unsubscribeBody is what unsubscribe.html shows.
type unsubscribeBody struct {
	Token string
	What  string // is ended, such as "surveys"
	All   bool   // only everything can be ended
	Done  bool
	Back  bool // it was taken back
}

type unsubscribePage struct {
	*Site
	view *view[unsubscribeBody]
}

// addUnsubscribe adds the page that mails lead to. Mail programs post to its address by themselves when their own button
// is pressed (RFC 8058), with nothing but the link; whoever opens it in a browser is asked.
func (s *Site) addUnsubscribe() error {
	v, err := parse[unsubscribeBody]("unsubscribe")
	if err != nil {
		return err
	}
	p := &unsubscribePage{s, v}
	s.handle("GET "+UnsubscribePath, p.show)
	s.handle("POST "+UnsubscribePath, p.leave)
	return nil
}

func (p *unsubscribePage) claim(w http.ResponseWriter, r *http.Request) (m greenroom.Member, c Claim, body unsubscribeBody, err error) {
	if c, err = p.open(w, r, KindUnsubscribe); err != nil {
		return m, c, body, err
	}
	if m, err = p.whom(r, c.Member); err != nil {
		return m, c, body, err
	}
	body = unsubscribeBody{Token: r.FormValue("t"), What: "messages", All: true}
	for _, i := range consent.Purposes() {
		if i.Purpose == c.Purpose {
			body.What, body.All = strings.ToLower(i.Label), false
		}
	}
	if body.All {
		c.Purpose = consent.All
	}
	return m, c, body, nil
}

func (p *unsubscribePage) show(w http.ResponseWriter, r *http.Request) error {
	_, _, body, err := p.claim(w, r)
	if err != nil {
		return err
	}
	return render(p.Site, w, r, p.view, http.StatusOK, english, "Unsubscribe", body)
}

func (p *unsubscribePage) leave(w http.ResponseWriter, r *http.Request) error {
	m, c, body, err := p.claim(w, r)
	if err != nil {
		return err
	}
	choice := consent.Choice{Purpose: c.Purpose, How: "link in a mail", Allowed: r.FormValue("back") != ""}
	if r.FormValue("all") != "" {
		choice.Purpose, body.What = consent.All, "messages"
	}
	if err := p.cfg.Choices.Choose(r.Context(), m.ID, choice, byLink); err != nil {
		return err
	}
	body.Done, body.Back = !choice.Allowed, choice.Allowed
	return render(p.Site, w, r, p.view, http.StatusOK, english, "Unsubscribe", body)
}

// values writes pairs of names and values as a query.
func values(pairs ...string) string {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v.Encode()
}
