// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/cascadia"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"greenroom"
	"greenroom/internal/auth"
)

// sendForm sends fields in parts, as the forms of options do.
func sendForm(t *testing.T, s *Site, target string, fields ...string) *httptest.ResponseRecorder {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for i := 0; i < len(fields); i += 2 {
		if err := form.WriteField(fields[i], fields[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(t.Context(), "POST", target, &body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	r = r.WithContext(auth.With(r.Context(), auth.Caller{User: auth.User{ID: 1, Email: "ana@example.org", Role: auth.RoleManager}, Session: "own"}))
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// attrs reads an attribute of everything that a selector finds.
func attrs(page *html.Node, selector, name string) []string {
	var all []string
	for _, n := range cascadia.QueryAll(page, cascadia.MustCompile(selector)) {
		for _, a := range n.Attr {
			if a.Key == name {
				all = append(all, a.Val)
			}
		}
	}
	return all
}

// TestGallery searches without scripts, and says what to do where nothing fits.
func TestGallery(t *testing.T) {
	s := full(t).site()
	for q, want := range map[string]string{"": "wire box register", "Morse": "wire", "table+LETTERS": "register", "letters+morse": ""} {
		page := parse(t, visit(t, s, auth.RoleViewer, "GET", "/start?q="+q, nil))
		if got := strings.Join(attrs(page, "[data-words]", "data-row"), " "); got != want {
			t.Errorf("%q finds %q, want %q", q, got, want)
		}
		if hidden := len(attrs(page, "[data-gallery-none]", "hidden")) == 1; hidden != (want != "") {
			t.Errorf("%q: what to do is hidden: %v", q, hidden)
		}
	}
}

// TestConnectForm tests a connection and connects: secrets are kept sealed and for a while, chosen places become the
// option, and the secret for pushes is made.
func TestConnectForm(t *testing.T) {
	h := full(t)
	s := h.site()
	typed := []string{"address", "https://office.example", "source-name", "desk", "since", "1y"}
	w := sendForm(t, s, "/start/wire", append(typed, "token", "bad", "then", "test")...)
	sound(t, "a refused token", w)
	if page := parse(t, w); w.Code != 422 || !strings.Contains(w.Body.String(), "enter it below; check what you entered") || strings.Contains(w.Body.String(), "settings of the source") || attrs(page, "[name=address]", "value")[0] != "https://office.example" || len(attrs(page, "[name='kept:token']", "value")) != 1 || strings.Contains(w.Body.String(), `"bad"`) {
		t.Errorf("a refused token answers %d:\n%s", w.Code, w.Body)
	}
	w = sendForm(t, s, "/start/wire", append(typed, "token", "good", "then", "test")...)
	sound(t, "a test", w)
	page := parse(t, w)
	if diff := cmp.Diff([]string{payload, "line/east", "west"}, attrs(page, "[name='place:lines']", "value")); diff != "" || len(attrs(page, "[name='place:lines'][checked]", "value")) != 2 {
		t.Errorf("%d; places (-want +got):\n%s", w.Code, diff)
	}
	kept := attrs(page, "[name='kept:token']", "value")
	s.cfg.Now = func() time.Time { return now.Add(2 * keptFor) }
	if w := sendForm(t, s, "/start/wire", append(typed, "kept:token", kept[0], "then", "test")...); w.Code != 422 || !strings.Contains(w.Body.String(), "Type Token again") {
		t.Errorf("a secret that was kept for too long answers %d", w.Code)
	}
	s.cfg.Now = func() time.Time { return now }
	if w := sendForm(t, s, "/start/wire", append(typed, "kept:token", kept[0][:len(kept[0])-2]+"xx", "then", "test")...); w.Code != 422 {
		t.Errorf("a secret that was changed on the way answers %d", w.Code)
	}
	h.did = nil
	if w := sendForm(t, s, "/start/wire", append(typed, "kept:token", kept[0], "day:since", "2026-01-31", "then", "test")...); w.Code != 200 || len(h.did) != 1 || h.did[0] != "test wire: map[address:https://office.example since:2026-01-31 token:good]" {
		t.Errorf("a day answers %d, did %q", w.Code, h.did)
	}
	if w := sendForm(t, s, "/start/wire", "address", "https://office.example", "source-name", "office", "token", "good"); w.Code != 422 || !strings.Contains(w.Body.String(), "choose another name") {
		t.Errorf("a name that is taken answers %d", w.Code)
	}
}

// TestSourceSettings changes what differs, and nothing else.
func TestSourceSettings(t *testing.T) {
	h := full(t)
	s := h.site()
	h.sources[2].Config = map[string]string{"address": "https://office.example", "token": "sealed:x", "since": "1y"}
	for name, tt := range map[string]struct {
		fields []string
		want   string
	}{
		"nothing": {[]string{"rhythm", "0"}, "change office: map[], rhythm 0, from the start false"},
		"a token": {[]string{"rhythm", "300", "token", "new"}, "change office: map[token:new], rhythm 300, from the start false"},
		"places":  {[]string{"rhythm", "-1", "places", "3", "place:lines", "east", "place:lines", "west", "from-start", "true"}, "change office: map[lines:east\nwest], rhythm -1, from the start true"},
		"a test":  {[]string{"then", "test", "note", "x"}, "test source office: map[note:x]"},
	} {
		h.did = nil
		w := sendForm(t, s, "/sources/office/settings", append([]string{"address", "https://office.example", "since", "1y"}, tt.fields...)...)
		sound(t, name, w)
		if w.Code >= 400 || len(h.did) != 1 || h.did[0] != tt.want {
			t.Errorf("%s: %d, did %q, want %q", name, w.Code, h.did, tt.want)
		}
	}
	h.sources[2].DisconnectedAt = now
	w := visit(t, s, auth.RoleManager, "GET", "/sources/office/settings", nil)
	if w.Code != 200 || len(attrs(parse(t, w), "[data-dialog=disconnect]", "type")) != 0 {
		t.Errorf("a disconnected source answers %d and can be disconnected", w.Code)
	}
}

// TestRemoveAndRenamePages removes a source only when its name was typed, and shows how far that is.
func TestRemoveAndRenamePages(t *testing.T) {
	h := full(t)
	s := h.site()
	h.did = nil
	for _, step := range []struct{ path, field, value, to string }{
		{"/sources/office/remove", "confirm", "Office", "/sources/office/settings?"},
		{"/sources/office/remove", "confirm", "office", "/sources/office?"},
		{"/sources/office/rename", "to", "", "/sources/office/settings?"},
		{"/sources/office/rename", "to", "a b", "/sources/a%20b?"},
	} {
		if w := sendForm(t, s, step.path, step.field, step.value); w.Code != http.StatusSeeOther || !strings.HasPrefix(w.Header().Get("Location"), step.to) {
			t.Errorf("%s with %q: %d to %s; want %s", step.path, step.value, w.Code, w.Header().Get("Location"), step.to)
		}
		if w := visit(t, s, auth.RoleContributor, "POST", step.path, url.Values{step.field: {step.value}}); w.Code != http.StatusForbidden {
			t.Errorf("%s as a contributor: %d", step.path, w.Code)
		}
	}
	if got := strings.Join(h.did, "|"); got != "remove office by ana@example.org|rename office to a b" {
		t.Errorf("was done: %s", got)
	}
	h.removals = []greenroom.Removal{{Source: "office", Total: 100, Done: 25}}
	for _, path := range []string{"/sources", "/sources/office"} {
		if w := visit(t, s, auth.RoleManager, "GET", path, nil); w.Code != 200 || !strings.Contains(w.Body.String(), "being removed") || !strings.Contains(w.Body.String(), "25 of 100 rows") {
			t.Errorf("%s: %d does not say how far the removal is", path, w.Code)
		}
	}
	if w := visit(t, s, auth.RoleManager, "GET", "/sources/office/settings", nil); w.Code != 200 || strings.Contains(w.Body.String(), `data-dialog="remove"`) {
		t.Errorf("the settings of what is being removed: %d", w.Code)
	}
}

// TestConsent goes to a platform for its consent and comes back: with the form of a new source tested, or to the settings
// of one that is stored; where it was refused, the form says so and keeps what was typed.
func TestConsent(t *testing.T) {
	h := full(t)
	s := h.site()
	s.cfg.PublicURL = &url.URL{Scheme: "https", Host: "greenroom.example"}
	typed := []string{"address", "https://office.example", "source-name", "desk", "client", "id", "then", "consent"}
	w := sendForm(t, s, "/start/wire", typed...)
	sound(t, "on the way to consent", w)
	if page := parse(t, w); w.Code != 200 || !slices.Contains(attrs(page, "#found a", "href"), "https://office.example/consent?state=s") || attrs(page, "[name=address]", "value")[0] != "https://office.example" {
		t.Errorf("the form answers %d without the way to the platform", w.Code)
	}
	if len(h.did) != 1 || !strings.HasSuffix(h.did[0], "back to https://greenroom.example/oauth/callback") {
		t.Errorf("was asked: %q", h.did)
	}
	if w := sendForm(t, s, "/start/wire", "address", "https://office.example", "then", "consent"); w.Code != 422 {
		t.Errorf("without an app the form answers %d", w.Code)
	}
	w = visit(t, s, auth.RoleManager, "GET", "/oauth/callback?code=c&state=new", nil)
	sound(t, "back from a consent", w)
	if page := parse(t, w); w.Code != 200 || len(attrs(page, "[name='kept:token']", "value")) != 1 || strings.Contains(w.Body.String(), "granted\"") {
		t.Errorf("back from a consent: %d, without the token sealed in the form", w.Code)
	}
	if w := visit(t, s, auth.RoleManager, "GET", "/oauth/callback?error=access_denied&state=refused", nil); w.Code != 422 || !strings.Contains(w.Body.String(), "not granted access") {
		t.Errorf("a refused consent answers %d", w.Code)
	}
	if w := visit(t, s, auth.RoleManager, "GET", "/oauth/callback?code=c&state=x", nil); w.Code < 400 {
		t.Errorf("an unknown state answers %d", w.Code)
	}
	h.did = nil
	if w := visit(t, s, auth.RoleManager, "GET", "/oauth/callback?code=c&state=stored", nil); w.Code != 303 || len(h.did) != 2 || h.did[1] != "change office: map[token:granted]" {
		t.Errorf("back to a stored source: %d, did %q", w.Code, h.did)
	}
	if w := visit(t, s, auth.RoleContributor, "GET", "/oauth/callback?code=c&state=stored", nil); w.Code != 403 {
		t.Errorf("a contributor comes back with %d", w.Code)
	}
	if w := sendForm(t, s, "/sources/office/settings", "address", "https://office.example", "client", "id", "then", "consent"); w.Code != 200 || !strings.Contains(w.Body.String(), "https://office.example/consent") {
		t.Errorf("the settings answer %d without the way to the platform", w.Code)
	}
	if w := visit(t, h.site(), auth.RoleManager, "GET", "/start/wire", nil); strings.Contains(w.Body.String(), "Connect with A wire") || !strings.Contains(w.Body.String(), "--public-url") {
		t.Error("without a public address the form offers a consent")
	}
}
