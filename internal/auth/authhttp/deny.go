// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package authhttp

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"

	"greenroom"
	"greenroom/internal/auth"
)

// problem is the body of an error of the API, after RFC 9457.
type problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
	Code   string `json:"code"`
}

// Status is the HTTP status of an error's code, for pages too.
func Status(err error) int {
	switch greenroom.ErrorCode(err) {
	case greenroom.CodeInvalid:
		return http.StatusUnprocessableEntity
	case greenroom.CodeNotFound:
		return http.StatusNotFound
	case greenroom.CodeConflict:
		return http.StatusConflict
	case greenroom.CodeUnauthorized:
		return http.StatusUnauthorized
	case greenroom.CodeForbidden:
		return http.StatusForbidden
	case greenroom.CodeLimited:
		return http.StatusTooManyRequests
	case greenroom.CodeUnavailable:
		return http.StatusServiceUnavailable
	default:
		return http.StatusInternalServerError
	}
}

// deny answers a request that goes no further.
func (g *Guard) deny(w http.ResponseWriter, r *http.Request, err error) {
	code := greenroom.ErrorCode(err)
	if code == greenroom.CodeInternal || code == greenroom.CodeUnavailable {
		g.log.ErrorContext(r.Context(), "finding out who asks", "path", LogPath(r), "error", err)
	}
	w.Header().Set("Cache-Control", "no-store")
	switch {
	case g.api(r) && g.o.DenyAPI != nil:
		g.o.DenyAPI(w, r, err)
	case g.api(r):
		writeProblem(w, err)
	case code == greenroom.CodeUnauthorized:
		toSignIn(w, r)
	case g.o.Deny != nil:
		retryAfter(w.Header(), err)
		g.o.Deny(w, r, err)
	default:
		http.Error(w, greenroom.ErrorMessage(err), Status(err))
	}
}

func writeProblem(w http.ResponseWriter, err error) {
	p := problem{
		Type: "about:blank", Title: http.StatusText(Status(err)), Status: Status(err),
		Detail: greenroom.ErrorMessage(err), Code: string(greenroom.ErrorCode(err)),
	}
	body, merr := json.Marshal(p)
	if merr != nil {
		body = []byte("{}") // no field of it can fail
	}
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="greenroom"`)
	}
	retryAfter(h, err)
	w.WriteHeader(p.Status)
	w.Write(append(body, '\n'))
}

func retryAfter(h http.Header, err error) {
	if wait := auth.RetryAfter(err); wait > 0 {
		h.Set("Retry-After", strconv.Itoa(int(wait.Seconds())))
	}
}

// toSignIn sends somebody who is not signed in to the sign-in page, and from there back to where they were: the page
// itself, or for a part of a page that htmx asks for, the page around it. A form that was being sent is not sent again.
func toSignIn(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("HX-Request") == "true" {
		next := "/"
		if u, err := url.Parse(r.Header.Get("HX-Current-URL")); err == nil {
			next = u.RequestURI()
		}
		w.Header().Set("HX-Redirect", signInURL(next))
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	next := "/"
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		next = r.URL.RequestURI()
	}
	http.Redirect(w, r, signInURL(next), http.StatusSeeOther)
}
