// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"greenroom/internal/auth"
	"greenroom/internal/brand"
	"greenroom/internal/consent"
	"greenroom/internal/front"
	"greenroom/internal/outbox"
	"greenroom/internal/store"
)

// Brand is how the pages that members see look.
func (a *App) Brand() *brand.Service { return brand.New(a.Store, auditor{a.Auth}, a.public) }

// Links makes links to the pages that members see.
func (a *App) Links() *front.Links { return front.NewLinks(a.keys, a.Brand().Base, a.Now) }

// reachedAt notes where people reach Greenroom, before anything else is made.
func (a *App) reachedAt(public *url.URL) {
	if public != nil {
		a.public = strings.TrimSuffix(public.Scheme+"://"+public.Host, "/")
	}
}

// leaving gives mail to members the link by which they end messages of its kind. Answers to what they asked have none, and
// nor has mail from a server of which it is not known how members reach it.
func leaving(links *front.Links) func(ctx context.Context, m *outbox.Message) string {
	return func(ctx context.Context, m *outbox.Message) string {
		if m.Unsubscribe != "" || m.MemberID == 0 || m.Purpose == consent.Answer {
			return m.Unsubscribe
		}
		link, err := links.Unsubscribe(ctx, m.MemberID, m.Purpose)
		if err != nil {
			return ""
		}
		return link
	}
}

// front serves the pages that members see. What is done on them is nobody's who is signed in.
func (a *App) front(cfg front.Config) (http.Handler, error) {
	cfg.Log, cfg.Now, cfg.Brand, cfg.Links, cfg.Members, cfg.Tasks = a.Log, a.Now, a.Brand(), a.Links(), a.Store, a.Store
	cfg.Programs, cfg.Events = a.Programs, a.Events
	site, err := front.New(cfg)
	if err != nil {
		return nil, err
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		site.ServeHTTP(w, r.WithContext(auth.With(r.Context(), auth.Caller{})))
	}), nil
}

// mailbox sends members mail that they ask for on their pages.
type mailbox struct {
	*outbox.Service

	store *store.Store
}

// MemberByAddress finds the one member with a mail address.
func (m mailbox) MemberByAddress(ctx context.Context, address string) (int64, error) {
	return m.store.MemberByAddress(ctx, address)
}
