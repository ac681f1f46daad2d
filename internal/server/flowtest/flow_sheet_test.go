// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package flowtest_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	"greenroom/internal/browsertest"
	"greenroom/internal/server"
	"greenroom/internal/server/servertest"
)

const sheet = `Who;Post;Firma;Color
Ana Lopes;ana@acme.example;Acme;green
Bo Chen;nowhere;Acme;blue
Mina Kovač;mina@initech.example;Initech;
`

// TestSheetFlow imports a CSV file with the keyboard alone: look at the preview, say what two columns are, see a row that
// would not come in, import, and find the people.
func TestSheetFlow(t *testing.T) {
	browser := house.Browser(t)
	file := filepath.Join(t.TempDir(), "Champions.csv")
	if err := os.WriteFile(file, []byte(sheet), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, v := range map[string]browsertest.Viewport{"1440": browsertest.Desktop(false), "390": browsertest.Phone(true)} {
		t.Run(name, func(t *testing.T) {
			l := servertest.Start(t, server.ServeOptions{Community: "Lumen"})
			k := servertest.Keyboard{T: t, Tab: browsertest.Open(t, browser, v, l.Link)}
			servertest.ComeIn(k)
			browsertest.Visit(t, k.Tab, l.URL+"/start/csv")
			browsertest.Run(t, k.Tab, chromedp.SetUploadFiles("input[type=file]", []string{file}))
			k.Reach("Tab", "button[value=preview]")
			k.Press("Enter")
			k.Arrive("location.pathname === '/start/csv/preview'")
			k.Look(v.Width)
			servertest.Shot(t, k.Tab, "preview unknown "+name)
			browsertest.Eval[int](t, k.Tab, "htmx.config.defaultSettleDelay = 800") // on a slow machine new parts are there before htmx is done with them
			k.Reach("Tab", "select[name=type]")
			k.Write("m")
			browsertest.WaitFor(t, k.Tab, "document.querySelector('input[name=mapped-as][value=members]')")
			if !k.Is("document.activeElement.name === 'type'") {
				t.Errorf("the focus is at %s", k.Say("document.activeElement.outerHTML.slice(0, 200)"))
			}
			k.Reach("Tab", "select[name=column-1]")
			k.Write("n")
			browsertest.WaitFor(t, k.Tab, "[...document.querySelectorAll('main thead th')].some(h => h.textContent === 'Name')")
			k.Reach("Tab", "select[name=column-2]")
			k.Write("e")
			browsertest.WaitFor(t, k.Tab, "document.querySelector('main')?.textContent.includes('is not an e-mail address') && !document.querySelector('.htmx-request')")
			if n := browsertest.Eval[int](t, k.Tab, "performance.getEntriesByType('resource').filter(e => e.name.includes('/preview?')).length"); n != 3 {
				t.Errorf("three choices ask for %d previews", n)
			}
			k.Look(v.Width)
			servertest.Shot(t, k.Tab, "preview "+name)
			k.Reach("Tab", "button[formmethod=post]")
			k.Press("Enter")
			k.Arrive("location.pathname === '/sources/Champions' && document.querySelector('.head .pill')?.textContent === 'complete'")
			k.Look(v.Width)
			if got := k.Say("document.querySelector('#rejects td[data-label=Line]').textContent.trim()"); got != "3" {
				t.Errorf("line %s is rejected, want 3", got)
			}
			eraseAna(k, l)
		})
	}
}

// eraseAna erases one of the two who came in, which needs her name to be written.
func eraseAna(k servertest.Keyboard, l *servertest.Live) {
	k.T.Helper()
	for range 100 { // who is who follows in a moment
		browsertest.Visit(k.T, k.Tab, l.URL+"/members?q=email:ana@acme.example")
		if k.Is("document.querySelector('main tbody a.row-link')") {
			break
		}
	}
	k.Reach("j", "main [data-row]")
	k.Press("Enter")
	k.Arrive("document.querySelector('h1').textContent === 'Ana Lopes'")
	k.Reach("Tab", "[data-dialog=erase]")
	k.Press("Enter")
	browsertest.WaitFor(k.T, k.Tab, "document.getElementById('erase').open")
	k.Look(browsertest.Eval[int64](k.T, k.Tab, "innerWidth"))
	servertest.Shot(k.T, k.Tab, "erase "+k.Say("innerWidth"))
	k.Reach("Tab", "#erase input[name=name]")
	k.Write("Ana Lopes")
	k.Press("Enter")
	k.Arrive("location.pathname === '/members' && document.querySelector('main > .flash')?.textContent.includes('is erased')")
	if !k.Is("document.querySelector('main').textContent.includes('Mina') && !document.querySelector('main').textContent.includes('Ana Lopes')") {
		k.T.Errorf("afterwards the list says %s", k.Say("document.querySelector('main').innerText"))
	}
}
