// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	"greenroom/internal/browsertest"
	"greenroom/internal/server"
)

const sheet = `Who;Post;Firma;Color
Ana Lopes;ana@acme.example;Acme;green
Bo Chen;nowhere;Acme;blue
Mina Kovač;mina@initech.example;Initech;
`

// TestSheetFlow imports a CSV file with the keyboard alone: look at the preview, say what two columns are, see a row that
// would not come in, import, and find the people.
func TestSheetFlow(t *testing.T) {
	browser := browsertest.Start(t)
	file := filepath.Join(t.TempDir(), "Champions.csv")
	if err := os.WriteFile(file, []byte(sheet), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, v := range map[string]browsertest.Viewport{"1440": browsertest.Desktop(false), "390": browsertest.Phone(true)} {
		t.Run(name, func(t *testing.T) {
			l := start(t, server.ServeOptions{Community: "Lumen"})
			k := keyboard{t, browsertest.Open(t, browser, v, l.link)}
			comeIn(k)
			browsertest.Visit(t, k.tab, l.url+"/start/csv")
			browsertest.Run(t, k.tab, chromedp.SetUploadFiles("input[type=file]", []string{file}))
			k.reach("Tab", "button[value=preview]")
			k.press("Enter")
			k.arrive("location.pathname === '/start/csv/preview'")
			k.look(v.Width)
			shot(t, k.tab, "preview unknown "+name)
			browsertest.Eval[int](t, k.tab, "htmx.config.defaultSettleDelay = 800") // on a slow machine new parts are there before htmx is done with them
			k.reach("Tab", "select[name=type]")
			k.write("m")
			browsertest.WaitFor(t, k.tab, "document.querySelector('input[name=mapped-as][value=members]')")
			if !k.is("document.activeElement.name === 'type'") {
				t.Errorf("the focus is at %s", k.say("document.activeElement.outerHTML.slice(0, 200)"))
			}
			k.reach("Tab", "select[name=column-1]")
			k.write("n")
			browsertest.WaitFor(t, k.tab, "[...document.querySelectorAll('main thead th')].some(h => h.textContent === 'Name')")
			k.reach("Tab", "select[name=column-2]")
			k.write("e")
			browsertest.WaitFor(t, k.tab, "document.querySelector('main')?.textContent.includes('is not an e-mail address') && !document.querySelector('.htmx-request')")
			if n := browsertest.Eval[int](t, k.tab, "performance.getEntriesByType('resource').filter(e => e.name.includes('/preview?')).length"); n != 3 {
				t.Errorf("three choices ask for %d previews", n)
			}
			k.look(v.Width)
			shot(t, k.tab, "preview "+name)
			k.reach("Tab", "button[formmethod=post]")
			k.press("Enter")
			k.arrive("location.pathname === '/sources/Champions' && document.querySelector('.head .pill')?.textContent === 'complete'")
			k.look(v.Width)
			if got := k.say("document.querySelector('#rejects td[data-label=Line]').textContent.trim()"); got != "3" {
				t.Errorf("line %s is rejected, want 3", got)
			}
			eraseAna(k, l)
		})
	}
}

// eraseAna erases one of the two who came in, which needs her name to be written.
func eraseAna(k keyboard, l *live) {
	k.t.Helper()
	for range 100 { // who is who follows in a moment
		browsertest.Visit(k.t, k.tab, l.url+"/members?q=email:ana@acme.example")
		if k.is("document.querySelector('main tbody a.row-link')") {
			break
		}
	}
	k.reach("j", "main [data-row]")
	k.press("Enter")
	k.arrive("document.querySelector('h1').textContent === 'Ana Lopes'")
	k.reach("Tab", "[data-dialog=erase]")
	k.press("Enter")
	browsertest.WaitFor(k.t, k.tab, "document.getElementById('erase').open")
	k.look(browsertest.Eval[int64](k.t, k.tab, "innerWidth"))
	shot(k.t, k.tab, "erase "+k.say("innerWidth"))
	k.reach("Tab", "#erase input[name=name]")
	k.write("Ana Lopes")
	k.press("Enter")
	k.arrive("location.pathname === '/members' && document.querySelector('main > .flash')?.textContent.includes('is erased')")
	if !k.is("document.querySelector('main').textContent.includes('Mina') && !document.querySelector('main').textContent.includes('Ana Lopes')") {
		k.t.Errorf("afterwards the list says %s", k.say("document.querySelector('main').innerText"))
	}
}
