// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package front

import (
	"context"
	"net/http"
	"strings"
)

// Where documents are counted, and readers are asked.
const (
	HitPath    = "/c/hit/"
	HelpedPath = "/c/helped/"
)

// Documents counts how documents are used; knowledge.Service does. It is told nothing of who reads.
type Documents interface {
	Hit(ctx context.Context, key, address string) error
	ByKey(ctx context.Context, key string) (id int64, title string, err error)
	Helped(ctx context.Context, key string, yes bool) error
}

// pixel is a picture of one clear dot (GIF).
const pixel = "GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\x00\x00\x00\x21\xf9\x04\x01\x00\x00\x00\x00\x2c\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02\x44\x01\x00\x3b"

// helpedBody is what helped.html shows.
type helpedBody struct {
	Title string
	Yes   bool
	Done  bool
}

type documentPages struct {
	*Site
	view *view[helpedBody]
}

func (s *Site) addDocuments() error {
	if s.cfg.Documents == nil {
		return nil
	}
	v, err := parse[helpedBody]("helped")
	if err != nil {
		return err
	}
	p := &documentPages{s, v}
	s.mux.HandleFunc("GET "+HitPath+"{key}", p.hit)
	s.handle("GET "+HelpedPath+"{key}", p.ask)
	s.handle("POST "+HelpedPath+"{key}", p.take)
	return nil
}

// hit counts a view and sends the dot. No cookie is set, and the reader's address is used for nothing but the limit, in memory.
// Whatever comes of it the dot is sent: a page of somebody else must not look broken because of us.
func (p *documentPages) hit(w http.ResponseWriter, r *http.Request) {
	key, _ := strings.CutSuffix(r.PathValue("key"), ".gif")
	if p.limit.take(p.cfg.Address(r), costLook) == 0 {
		if err := p.cfg.Documents.Hit(r.Context(), key, r.URL.Query().Get("u")); err != nil {
			p.cfg.Log.WarnContext(r.Context(), "counting a view", "error", err)
		}
	}
	h := w.Header()
	h.Set("Content-Type", "image/gif")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin") // it stands on pages of others
	_, _ = w.Write([]byte(pixel))
}

func (p *documentPages) ask(w http.ResponseWriter, r *http.Request) error {
	_, title, err := p.cfg.Documents.ByKey(r.Context(), r.PathValue("key"))
	if err != nil {
		return err
	}
	return render(p.Site, w, r, p.view, http.StatusOK, english, "Was this helpful?", helpedBody{Title: title, Yes: r.URL.Query().Get("v") != "no"})
}

func (p *documentPages) take(w http.ResponseWriter, r *http.Request) error {
	_, title, err := p.cfg.Documents.ByKey(r.Context(), r.PathValue("key"))
	if err != nil {
		return err
	}
	yes := r.PostFormValue("v") != "no"
	if err := p.cfg.Documents.Helped(r.Context(), r.PathValue("key"), yes); err != nil {
		return err
	}
	return render(p.Site, w, r, p.view, http.StatusOK, english, "Thank you", helpedBody{Title: title, Yes: yes, Done: true})
}
