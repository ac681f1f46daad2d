// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"io"
	"net/http"
	"strconv"
)

// A script sends the forms of pages itself, so that what was typed stays where it is refused (js/app/refused.js). It asks
// for two things: where to go is told rather than gone to, since a script cannot see where it was led, and an error is a
// sentence rather than a page.
const (
	placeAsked = "Greenroom-Form"
	placeTold  = "Greenroom-Location"
	placeNo    = "Greenroom-Refused"
	placeFrom  = "Greenroom-Revision" // what the form is to be made from now, where it was refused since somebody else changed it
)

// inPlace reports whether a form was sent by the script.
func inPlace(r *http.Request) bool {
	return r.Method == http.MethodPost && r.Header.Get(placeAsked) != ""
}

// placeWriter tells where a redirect would lead.
type placeWriter struct{ http.ResponseWriter }

// Unwrap is for [http.ResponseController].
func (w *placeWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// WriteHeader implements [http.ResponseWriter].
func (w *placeWriter) WriteHeader(code int) {
	if to := w.Header().Get("Location"); to != "" && code >= 300 && code < 400 {
		w.Header().Del("Location")
		w.Header().Set(placeTold, to)
		code = http.StatusNoContent
	}
	w.ResponseWriter.WriteHeader(code)
}

// refuse answers a form that was sent by the script: with the sentence, and the status beside it. The answer's own status is
// 200, since browsers list every other one among the faults of a page.
func refuse(w http.ResponseWriter, status int, sentence string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set(placeNo, strconv.Itoa(status))
	_, _ = io.WriteString(w, sentence) // whoever asked may have left
}
