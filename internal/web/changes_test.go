// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"bytes"
	"encoding/json"
	"maps"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/andybalholm/cascadia"
	"github.com/google/go-cmp/cmp"

	"greenroom/internal/auth"
	"greenroom/internal/web/ui"
)

// changes are all requests that change something, with who may make them.
func changes() map[string][]auth.Role {
	write := []auth.Role{auth.RoleOwner, auth.RoleManager, auth.RoleContributor}
	connect := []auth.Role{auth.RoleOwner, auth.RoleManager}
	owner := []auth.Role{auth.RoleOwner}
	return map[string][]auth.Role{
		"/members/7/merge": write, "/members/7/split": write, "/members/7/edit": write, "/decisions/77/undo": write, "/members/7/data": owner, "/members/7/erase": owner, "/settings/retention": owner, "/settings/retention/alerts": owner, "/settings/zone": owner, "/conversations/30/ignore": write,
		"/sources/forum/again": connect, "/sources/forum/stop": connect, "/start/box": connect, "/sources/forum/settings": connect, "/sources/forum/disconnect": connect, "/sources/forum/push": connect,
		"/settings/team": owner, "/settings/people/invite": owner, "/settings/people/2/role": owner, "/settings/people/2/disable": owner, "/settings/people/2/link": owner, "/settings/invitations/revoke": owner,
	}
}

func TestChangesNeedARole(t *testing.T) {
	h := full(t)
	s := h.site()
	for target, roles := range changes() {
		for _, role := range auth.Roles() {
			h.did = nil
			w := visit(t, s, role, "POST", target, url.Values{"other": {"8"}, "identity": {"2"}, "role": {"viewer"}, "email": {"x@example.org"}})
			may := false
			for _, r := range roles {
				may = may || r == role
			}
			if (w.Code != http.StatusForbidden) != may {
				t.Errorf("%s as %s answers %d", target, role, w.Code)
			}
			if !may && len(h.did) > 0 {
				t.Errorf("%s as %s did %q", target, role, h.did)
			}
		}
	}
	// what one may not do is not offered
	for _, target := range []string{"/members/7", "/conversations/30", "/sources/forum", "/settings/people", "/settings"} {
		page := parse(t, visit(t, s, auth.RoleViewer, "GET", target, nil))
		for _, form := range cascadia.QueryAll(page, cascadia.MustCompile("main form[method=post]")) {
			t.Errorf("%s offers a viewer a form: %v", target, form.Attr)
		}
	}
}

// TestMergeAndUndo follows a merge through its message to its undoing.
func TestMergeAndUndo(t *testing.T) {
	h := full(t)
	s := h.site()
	for _, other := range []string{"8", "#8"} {
		h.did = nil
		w := visit(t, s, auth.RoleContributor, "POST", "/members/7/merge", url.Values{"other": {other}, "reason": {"met them"}})
		if diff := cmp.Diff([]string{`merge 8 into 7 because "met them" by ana@example.org`}, h.did); diff != "" || w.Code != http.StatusSeeOther {
			t.Fatalf("merging: %d (-want +got):\n%s", w.Code, diff)
		}
		to := w.Header().Get("Location")
		page := parse(t, visit(t, s, auth.RoleContributor, "GET", to, nil))
		if got := textOf(page, "main > .flash .flash-text"); !strings.Contains(got, "is now part of this member") {
			t.Errorf("the message is %q", got)
		}
		form := cascadia.Query(page, cascadia.MustCompile("main > .flash form[action='/decisions/77/undo'][method=post]"))
		if form == nil {
			t.Fatal("there is no way back")
		}
		forged := strings.Replace(to, "undo=77", "undo=78", 1)
		for _, target := range []string{forged, "/members/7?done=Your+account+is+locked", "/members/7?done=x&seal=AAAA", to + "&undo=3&done=y&undo=4"} {
			if target == to+"&undo=3&done=y&undo=4" {
				continue // the first value of each counts, and that is the sealed one
			}
			if got := textOf(parse(t, visit(t, s, auth.RoleContributor, "GET", target, nil)), "main > .flash"); got != "" {
				t.Errorf("%s makes Greenroom say %q", target, got)
			}
		}
	}
	w := visit(t, s, auth.RoleContributor, "POST", "/decisions/77/undo", nil)
	if got := w.Header().Get("Location"); !strings.HasPrefix(got, "/members/7?done=") {
		t.Errorf("undoing leads to %q", got)
	}
	for form, want := range map[string]int{"": 422, "nobody in sight": 409, "55": 404} {
		h.did = nil
		w := visit(t, s, auth.RoleContributor, "POST", "/members/7/merge", url.Values{"other": {form}}, func(r *http.Request) { r.Header.Set("Referer", "http://example.com/members/7") })
		if w.Code != want || len(h.did) > 0 {
			t.Errorf("merging %q: %d, did %q, want %d", form, w.Code, h.did, want)
		}
		if got := cascadia.Query(parse(t, w), cascadia.MustCompile("main a[href='/members/7']")); got == nil {
			t.Errorf("merging %q: no way back to the form", form)
		}
	}
	w = visit(t, s, auth.RoleContributor, "POST", "/members/x/merge", nil, func(r *http.Request) { r.Header.Set("Referer", "http://evil.example/phish") })
	if strings.Contains(w.Body.String(), "phish") {
		t.Error("an error page leads back to another site")
	}
}

func TestChoose(t *testing.T) {
	h := full(t)
	s := h.site()
	ask := func(q string) (out ui.Choices) {
		t.Helper()
		h.asked = nil
		w := visit(t, s, auth.RoleViewer, "GET", "/members/choose?not=7&q="+url.QueryEscape(q), nil)
		if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil || w.Code != 200 || w.Header().Get("Content-Type") != "application/json" {
			t.Fatalf("%d %s: %v", w.Code, w.Header().Get("Content-Type"), err)
		}
		return out
	}
	if got := ask("No"); len(got.Items) != 3 || got.Items[2].Value != "9" || got.Items[2].Label != "Nobody" {
		t.Errorf("answers %+v", got)
	}
	for q, want := range map[string]string{
		"Ana Lopes": `(name:"Ana Lopes" or handle:"Ana Lopes") -id:7`, "ana@x.org": `(email:ana@x.org or handle:ana@x.org) -id:7`,
		`") or (is:staff`: `(name:"\") or (is:staff" or handle:"\") or (is:staff") -id:7`,
	} {
		ask(q)
		if len(h.asked) != 1 || h.asked[0] != want {
			t.Errorf("%q asks for %q, want %q", q, h.asked, want)
		}
	}
	for _, q := range []string{"", "a", strings.Repeat("x", 300)} {
		if got := ask(q); len(got.Items) != 0 || len(h.asked) != 0 {
			t.Errorf("%q answers %+v", q, got)
		}
	}
}

// TestUpload sends a file as a browser does and finds it read, and the rest of the form kept when something is amiss.
func TestUpload(t *testing.T) {
	h := full(t)
	s := h.site()
	send := func(file bool) *httptest.ResponseRecorder {
		var body bytes.Buffer
		form := multipart.NewWriter(&body)
		if file {
			part, err := form.CreateFormFile("file:path", "../../box.txt")
			if err != nil {
				t.Fatal(err)
			}
			_, _ = part.Write([]byte("letters"))
		}
		for name, value := range map[string]string{"path": "", "lang": "de", "source-name": "post", "other": "x"} {
			_ = form.WriteField(name, value)
		}
		_ = form.Close()
		return visit(t, s, auth.RoleManager, "POST", "/start/box", nil, func(r *http.Request) {
			r.Body = http.NoBody
			*r = *httptest.NewRequestWithContext(t.Context(), "POST", "/start/box", &body)
			r.Header.Set("Content-Type", form.FormDataContentType())
		})
	}
	w := send(true)
	if diff := cmp.Diff([]string{"import box as post by ana@example.org: letters, lang=de"}, h.did); diff != "" || w.Code != 303 || !strings.HasPrefix(w.Header().Get("Location"), "/sources/post?") {
		t.Errorf("%d to %q (-want +got):\n%s", w.Code, w.Header().Get("Location"), diff)
	}
	h.did = nil
	s.cfg.MaxUpload = 6
	w = send(true)
	left, err := filepath.Glob(filepath.Join(h.dir, "*"))
	if w.Code != 422 || len(h.did) > 0 || err != nil || len(left) > 1 {
		t.Errorf("a file of 7 bytes where 6 may be sent: %d, did %q, kept %q", w.Code, h.did, left)
	}
	if got := textOf(parse(t, w), "main [role=alert]"); !strings.Contains(got, `"box.txt" is too large`) || !strings.Contains(got, "greenroom import box FILE") {
		t.Errorf("of a file that is too large it says %q", got)
	}
	s.cfg.MaxUpload = 0
	w = send(false)
	page := parse(t, w)
	if got := textOf(page, "main [role=alert]"); w.Code != 422 || got != "Name the box." {
		t.Errorf("without a file: %d %q", w.Code, got)
	}
	if cascadia.Query(page, cascadia.MustCompile("input[name=lang][value=de]")) == nil {
		t.Error("what was written is lost")
	}
	if got := textOf(page, ".prose li strong"); got != "Open" {
		t.Errorf("the help says %q", got)
	}
}

// TestSheet chooses columns without a script: what is chosen stands in the address, and is imported as it was seen.
func TestSheet(t *testing.T) {
	h := full(t)
	s := h.site()
	book := filepath.Join(h.dir, "book.txt")
	if err := os.WriteFile(book, []byte("letters"), 0o600); err != nil {
		t.Fatal(err)
	}
	send := func(fields map[string]string) *httptest.ResponseRecorder {
		var body bytes.Buffer
		form := multipart.NewWriter(&body)
		for name, value := range fields {
			_ = form.WriteField(name, value)
		}
		_ = form.Close()
		h.did = nil
		return visit(t, s, auth.RoleManager, "POST", "/start/register", nil, func(r *http.Request) {
			*r = *httptest.NewRequestWithContext(t.Context(), "POST", "/start/register", &body)
			r.Header.Set("Content-Type", form.FormDataContentType())
		})
	}
	w := send(map[string]string{"path": book, "then": "preview", "deep": "true"})
	to := w.Header().Get("Location")
	if want := "/start/register/preview?deep=true&path=" + url.QueryEscape(book) + "&source-name=book"; w.Code != 303 || to != want {
		t.Fatalf("%d to %q, want %q", w.Code, to, want)
	}
	page := parse(t, visit(t, s, auth.RoleManager, "GET", to, nil))
	for _, selector := range []string{
		"select[name=column-1] option[value=to][selected]", "select[name=column-2] option[value='-'][selected]", "input[name=mapped-as][value=letters]", "input[name=deep][checked]",
		"button[formmethod=post][formaction='/start/register'][formenctype='multipart/form-data']",
	} {
		if cascadia.Query(page, cascadia.MustCompile(selector)) == nil {
			t.Errorf("the preview has no %s", selector)
		}
	}
	chosen := map[string]string{"path": book, "type": "letters", "mapped-as": "letters", "column-1": "from", "column-2": "to", "source-name": "post"}
	w = send(chosen)
	if diff := cmp.Diff("import register as post by ana@example.org: letters, lang=, columns=to=#2,from=#1", h.did[len(h.did)-1]); diff != "" || w.Code != 303 {
		t.Errorf("%d (-want +got):\n%s", w.Code, diff)
	}
	for name, c := range map[string]struct {
		edit  map[string]string
		alert string
	}{
		"two columns for one field": {map[string]string{"column-1": "from", "column-2": "from"}, `Columns 1 and 2 are both read as "From"; choose one of them.`},
		"nobody to get it":          {map[string]string{"column-1": "from", "column-2": "-"}, "A letter needs somebody to get it."},
	} {
		maps.Copy(chosen, c.edit)
		w = send(chosen)
		page = parse(t, w)
		if got := textOf(page, "main [role=alert]"); got != c.alert || w.Code != 422 || strings.HasPrefix(h.did[len(h.did)-1], "import") {
			t.Errorf("%s: %d %q, did %q", name, w.Code, got, h.did)
		}
		if cascadia.Query(page, cascadia.MustCompile("select[name=column-1] option[value=from][selected]")) == nil {
			t.Errorf("%s: what was chosen is lost", name)
		}
	}
	if w := visit(t, s, auth.RoleContributor, "GET", to, nil); w.Code != 403 {
		t.Errorf("a contributor sees the preview: %d", w.Code)
	}
}

// TestPrivacy exports a member and erases them, which needs their name.
func TestPrivacy(t *testing.T) {
	h := full(t)
	s := h.site()
	w := visit(t, s, auth.RoleOwner, "POST", "/members/7/data", nil)
	if w.Code != 200 || w.Body.String() != `{"member":7}` || w.Header().Get("Content-Disposition") != `attachment; filename="member-7.json"` {
		t.Errorf("exporting: %d %q %q", w.Code, w.Body, w.Header())
	}
	if w := visit(t, s, auth.RoleOwner, "POST", "/members/8/data", nil); w.Code != 404 || w.Header().Get("Content-Disposition") != "" {
		t.Errorf("exporting what cannot be exported: %d %q", w.Code, w.Header())
	}
	for name, want := range map[string]int{"": 422, "nobody": 422, "Somebody else": 422, " Nobody ": 303, "Nobody": 303} {
		h.did = nil
		w := visit(t, s, auth.RoleOwner, "POST", "/members/9/erase", url.Values{"name": {name}})
		if w.Code != want || (len(h.did) > 0) != (want == 303) {
			t.Errorf("erasing with the name %q: %d, did %q", name, w.Code, h.did)
		}
	}
	for days, want := range map[string]int{"30": 303, "0": 303, "": 422, "-1": 422, "99999": 422, "x": 422} {
		for _, path := range []string{"/settings/retention", "/settings/retention/alerts"} {
			h.did = nil
			if w := visit(t, s, auth.RoleOwner, "POST", path, url.Values{"days": {days}}); w.Code != want || (len(h.did) > 0) != (want == 303) {
				t.Errorf("%s for %q days: %d, did %q", path, days, w.Code, h.did)
			}
		}
	}
}

// TestLinksLeadHere makes links below the address that people are told, else below that of the request, whatever its
// headers claim.
func TestLinksLeadHere(t *testing.T) {
	h := full(t)
	s := h.site()
	link := func() string {
		w := visit(t, s, auth.RoleOwner, "POST", "/settings/people/2/link", nil, func(r *http.Request) {
			r.Host = "here.example"
			r.Header.Set("X-Forwarded-Proto", "https")
			r.Header.Set("X-Forwarded-Host", "evil.example")
		})
		return textOf(parse(t, w), ".copy code")
	}
	if got := link(); !strings.HasPrefix(got, "http://here.example/join/") {
		t.Errorf("the link is %q", got)
	}
	s.cfg.PublicURL = &url.URL{Scheme: "https", Host: "community.example.org"}
	if got := link(); !strings.HasPrefix(got, "https://community.example.org/join/") {
		t.Errorf("the link is %q", got)
	}
}
