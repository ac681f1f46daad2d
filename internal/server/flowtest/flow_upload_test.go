// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package flowtest_test

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"greenroom/internal/browsertest"
	"greenroom/internal/server"
	"greenroom/internal/server/servertest"
)

// slow is a server before another one that takes only the first bytes of a body until it is told to go on.
func slow(t *testing.T, to string, first int64, goOn <-chan struct{}) string {
	t.Helper()
	target, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength > first {
			begun, in := io.Pipe()
			body := r.Body
			go func() {
				_, err := io.CopyN(in, body, first)
				if err == nil {
					select {
					case <-goOn:
					case <-r.Context().Done():
					}
					_, err = io.Copy(in, body)
				}
				_ = in.CloseWithError(err)
			}()
			r.Body = begun
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// TestUploadFlow sends a large file over a line that stalls: the page says how far it is, lets one stop, and sent again
// it leads to what the form leads to without a script. A refusal is shown where the form was.
func TestUploadFlow(t *testing.T) {
	browser := house.Browser(t)
	var text strings.Builder
	text.WriteString("name,email,notes\n")
	for n := range 20_000 {
		fmt.Fprintf(&text, "Ana %d,ana%d@example.org,%s\n", n, n, strings.Repeat("plum tart ", 60))
	}
	file := filepath.Join(t.TempDir(), "people.csv")
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, v := range map[string]browsertest.Viewport{"1440": browsertest.Desktop(false), "390": browsertest.Phone(true)} {
		t.Run(name, func(t *testing.T) {
			l := servertest.Start(t, server.ServeOptions{Community: "Lumen"})
			goOn := make(chan struct{})
			through := slow(t, l.URL, 2<<20, goOn)
			k := servertest.Keyboard{T: t, Tab: browsertest.Open(t, browser, v, strings.Replace(l.Link, l.URL, through, 1))}
			servertest.ComeIn(k)
			browsertest.Visit(t, k.Tab, through+"/start/csv")
			browsertest.Run(t, k.Tab, chromedp.SetUploadFiles("input[type=file]", []string{file}))
			send := func() {
				t.Helper()
				k.Reach("Tab", "button[value=preview]")
				k.Press("Enter")
				browsertest.WaitFor(t, k.Tab, "(m => m && m.value > 0)(document.querySelector('[data-sending] progress'))")
			}
			send()
			if !k.Is("(m => m.value > 1e6 && m.value < m.max)(document.querySelector('[data-sending] progress'))") {
				t.Errorf("the bar is at %s", k.Say("document.querySelector('[data-sending]').innerText"))
			}
			k.Look(v.Width)
			servertest.Shot(t, k.Tab, "sending "+name)
			if !k.Is("document.activeElement.textContent === 'Stop sending'") {
				t.Errorf("the focus is at %s", k.Say("document.activeElement.outerHTML.slice(0, 200)"))
			}
			k.Press("Enter")
			browsertest.WaitFor(t, k.Tab, "!document.querySelector('[data-sending]') && document.activeElement.value === 'preview'")
			send()
			close(goOn)
			k.Arrive("location.pathname === '/start/csv/preview'")
			if got := k.Say("document.querySelector('h1').textContent"); got != "people.csv" {
				t.Errorf("the preview is of %q", got)
			}
			if left := uploads(t, l); left != 1 {
				t.Errorf("%d files are kept, want the one that arrived", left)
			}
		})
	}
}

// uploads counts the files that browsers have sent.
func uploads(t *testing.T, l *servertest.Live) int {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(l.App.Data, "uploads", "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	return len(found)
}

// TestUploadRefused sends a file that the server does not take, from a page that did not look at its size: what is wrong is
// said on the form, as without a script.
func TestUploadRefused(t *testing.T) {
	browser := house.Browser(t)
	file := filepath.Join(t.TempDir(), "people.csv")
	if err := os.WriteFile(file, []byte("name,email\n"+strings.Repeat("Ana,ana@example.org\n", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	l := servertest.Start(t, server.ServeOptions{Community: "Lumen", MaxUpload: 1000})
	k := servertest.Keyboard{T: t, Tab: browsertest.Open(t, browser, browsertest.Desktop(false), strings.Replace(l.Link, l.URL, servertest.Mild(t, l), 1))}
	servertest.ComeIn(k)
	browsertest.Visit(t, k.Tab, k.Say("location.origin")+"/start/csv")
	browsertest.Eval[bool](t, k.Tab, "document.querySelector('input[type=file]').removeAttribute('data-max') === undefined")
	browsertest.Run(t, k.Tab, chromedp.SetUploadFiles("input[type=file]", []string{file}))
	k.Reach("Tab", "button[value=preview]")
	k.Press("Enter")
	k.Arrive("document.querySelector('main [role=alert]')?.textContent.includes('is too large')")
	k.Look(1440)
	servertest.Shot(t, k.Tab, "refused")
	browsertest.Run(t, k.Tab, chromedp.SetUploadFiles("input[type=file]", []string{file}))
	if !k.Is("document.querySelector('input[type=file]').validity.customError") {
		t.Error("the form that came back does not look at the size of files")
	}
	if left := uploads(t, l); left != 0 {
		t.Errorf("%d files are kept", left)
	}
}
