// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime/debug"

	"greenroom"
	"greenroom/internal/auth"
	"greenroom/internal/auth/authhttp"
	"greenroom/internal/web/ui"
)

// errorBody is what error.html shows.
type errorBody struct {
	Empty     ui.Empty
	Reference string // of what went wrong inside, to be found in the log; "" for everything else
}

// errorTitle is what happened, in a word or two.
func errorTitle(code greenroom.Code) string {
	switch code {
	case greenroom.CodeNotFound:
		return "Not here"
	case greenroom.CodeForbidden:
		return "Not allowed"
	case greenroom.CodeLimited:
		return "Too many tries"
	case greenroom.CodeUnavailable:
		return "Not available at the moment"
	case greenroom.CodeInternal:
		return "Something went wrong here"
	default:
		return "That did not work"
	}
}

// requestID names a request, so that what is shown of it leads to what the log has.
func requestID() string {
	var b [8]byte
	rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// survive answers after a panic with the page of an error inside. Where that page cannot be made either, a line says it.
func (s *Site) survive(w http.ResponseWriter, r *http.Request, fault any) {
	defer func() {
		if again := recover(); again != nil {
			s.cfg.Log.Error("error page panicked", "error", again, "stack", string(debug.Stack()))
			http.Error(w, sentence(greenroom.ErrorMessage(errors.New("a page panicked"))), http.StatusInternalServerError)
		}
	}()
	s.fail(w, r, fmt.Errorf("a page panicked: %v\n%s", fault, debug.Stack()))
}

// fail answers with a page that says what happened and what to do: for errors of pages, and for requests that the guard
// lets no further. A part of a page that htmx asks for gets the same; its status makes a script say that it failed. A form
// that a script sent gets the sentence alone.
func (s *Site) fail(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, context.Canceled) {
		return // the reader has left
	}
	code := greenroom.ErrorCode(err)
	var reference string
	if code == greenroom.CodeInternal {
		reference = requestID()
		w.Header().Set("X-Request-Id", reference)
		s.cfg.Log.Error("page failed", "request_id", reference, "path", authhttp.LogPath(r), "error", err)
	}
	c, _ := auth.From(r.Context())
	reads := c.Can(auth.Read)
	body := errorBody{Reference: reference, Empty: ui.Empty{Title: errorTitle(code), Text: sentence(greenroom.ErrorMessage(err))}}
	if code == greenroom.CodeInternal {
		body.Empty.Text += " Try it again; if it stays, whoever runs this server finds the reason in its log by the number below."
	}
	if inPlace(r) {
		text := body.Empty.Text
		if reference != "" {
			text += " Number of this request: " + reference
		}
		refuse(w, authhttp.Status(err), text)
		return
	}
	home := ui.Action{Label: "Go to Today", Href: "/", Style: ui.StylePrimary}
	if !reads {
		home.Label = "Open Greenroom" // or sign in, where nobody is
	}
	body.Empty.Actions = []ui.Action{home}
	if back := referer(r); back != "" {
		home.Style = ui.StylePlain
		body.Empty.Actions = []ui.Action{{Label: "Go back", Href: back, Style: ui.StylePrimary}, home}
	}
	shell := ui.Shell{Title: body.Empty.Title, Bare: true} // who may not read sees no counts and no names
	if reads {
		shell = s.shell(r, body.Empty.Title)
	}
	if rerr := send(w, authhttp.Status(err), func(to io.Writer) error { return s.errors.Render(to, shell, body) }); rerr != nil {
		s.cfg.Log.Error("error page failed", "error", rerr)
		http.Error(w, body.Empty.Text, authhttp.Status(err))
	}
}
