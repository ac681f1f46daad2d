// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"greenroom/internal/web/ui"
)

// flash parameters travel in the address that a change redirects to: no state on the server. They carry a seal, so that
// nobody can make Greenroom say something, or offer an undo, by a link; a script takes them out of the address bar.
const (
	flashText = "done"
	flashUndo = "undo"
	flashSeal = "seal"
)

// sealOf is the mark of a message to one person.
func (s *Site) sealOf(r *http.Request, text, undo string) string {
	mac := hmac.New(sha256.New, s.seal)
	for _, part := range []string{person(r).Actor, text, undo} {
		_, _ = fmt.Fprintf(mac, "%d:%s", len(part), part) // a hash takes everything
	}
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:16])
}

// back redirects to a page with a message, and what undoes what was done where it can be: the id of a decision, or the
// address of this server to post to.
func (s *Site) back(w http.ResponseWriter, r *http.Request, to, message, undo string) error {
	u := inside(to)
	q := u.Query()
	q.Set(flashText, message)
	if undo != "" {
		q.Set(flashUndo, undo)
	}
	q.Set(flashSeal, s.sealOf(r, message, undo))
	u.RawQuery = q.Encode()
	http.Redirect(w, r, u.String(), http.StatusSeeOther)
	return nil
}

// inside is an address of this server, or its first page for any other.
func inside(to string) *url.URL {
	u, err := url.Parse(to)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\x00\r\n\t") {
		return &url.URL{Path: "/"}
	}
	return u
}

// outside is an address that a platform gave, or nothing where it is not one of the web: whatever an import brings, a
// page never links to a script or a file.
func outside(to string) string {
	u, err := url.Parse(to)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return ""
	}
	return u.String()
}

func (s *Site) flashOf(r *http.Request) *ui.Flash {
	q := r.URL.Query()
	text, undo := q.Get(flashText), q.Get(flashUndo)
	if text == "" || !hmac.Equal([]byte(q.Get(flashSeal)), []byte(s.sealOf(r, text, undo))) {
		return nil
	}
	f := &ui.Flash{Level: ui.LevelDone, Text: text}
	if id, ok := strings.CutPrefix(undo, undoReading); ok {
		f.Undo = &ui.Action{Label: "Undo", Post: correctionHref(id)}
	} else if id, err := strconv.ParseInt(undo, 10, 64); err == nil && id > 0 {
		f.Undo = &ui.Action{Label: "Undo", Post: "/decisions/" + strconv.FormatInt(id, 10) + "/undo", Key: "u"}
	} else if strings.HasPrefix(undo, "/") { // sealed, so it is an address that a page of ours gave
		f.Undo = &ui.Action{Label: "Undo", Post: inside(undo).String(), Key: "u"}
	}
	return f
}
