// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"testing"

	"greenroom/connector/all"
	"greenroom/internal/browsertest"
	"greenroom/internal/server"
)

// TestConnectFlow connects a code host with the keyboard alone, on a desk and on a phone: find it in the gallery, fill in
// the form, test, leave a repository out, connect, and read the address and the secret for its pushes.
func TestConnectFlow(t *testing.T) {
	browser := browsertest.Start(t)
	address := acme(t)
	for name, v := range map[string]browsertest.Viewport{"1440": browsertest.Desktop(false), "390": browsertest.Phone(false)} {
		t.Run(name, func(t *testing.T) {
			l := start(t, server.ServeOptions{Community: "Lumen", Allowed: local()})
			k := keyboard{t, browsertest.Open(t, browser, v, l.link)}
			comeIn(k)
			browsertest.Visit(t, k.tab, l.url+"/start")
			k.press("/")
			k.write("nothing like it")
			browsertest.WaitFor(t, k.tab, "!document.querySelector('[data-gallery-none]').hidden && document.querySelectorAll('[data-words]:not([hidden])').length === 0")
			k.look(v.Width)
			shot(t, k.tab, "nothing found-"+name)
			browsertest.Visit(t, k.tab, l.url+"/start")
			k.press("/")
			k.write("code FORGEJO")
			browsertest.WaitFor(t, k.tab, "document.querySelectorAll('[data-words]:not([hidden])').length === 1 && document.querySelector('[data-gallery-found]').textContent === '1 connector'")
			k.press("Enter")
			k.arrive("location.pathname === '/start/gitea'")
			for _, f := range [][2]string{{"address", address}, {"repositories", "acme"}, {"token", "good"}} {
				k.reach("Tab", "[name="+f[0]+"]")
				k.write(f[1])
			}
			k.reach("Tab", "button[value=test]")
			k.press("Enter")
			k.arrive("document.activeElement.id === 'found'")
			if got := k.say("document.getElementById('found').innerText"); !k.is("document.querySelectorAll('.place-list input:checked').length === 3") {
				t.Errorf("the test says %q", got)
			}
			k.look(v.Width)
			shot(t, k.tab, "tested-"+name)
			if v.Width > 1000 {
				dark(k)
				shot(t, k.tab, "tested-dark")
			}
			k.reach("Tab", ".place-list input")
			k.press(" ")
			k.reach("Tab", ".form-actions .btn-primary")
			k.press("Enter")
			k.arrive("document.querySelectorAll('.copy code').length === 2")
			k.look(v.Width)
			shot(t, k.tab, "connected-"+name)
			src, err := l.app.Store.Source(t.Context(), "gitea")
			if err != nil || src.Config["repositories"] != "acme/docs\nacme/site" {
				t.Errorf("stored is %v, %v", src.Config, err)
			}
			browsertest.Visit(t, k.tab, l.url+"/sources/gitea/settings")
			k.reach("Tab", "[data-dialog=disconnect]")
			k.press("Enter")
			browsertest.WaitFor(t, k.tab, "document.getElementById('disconnect').open")
			browsertest.Axe(t, k.tab)
			k.reach("Tab", "#disconnect .btn-danger")
			k.press("Enter")
			k.arrive("location.pathname === '/sources/gitea'")
			browsertest.Visit(t, k.tab, l.url+"/sources/gitea/settings")
			k.look(v.Width)
		})
	}
}

// TestForms looks at the form of every connector on a phone, where steps, permissions and manifests have the least room.
func TestForms(t *testing.T) {
	browser := browsertest.Start(t)
	l := start(t, server.ServeOptions{Community: "Lumen"})
	phone := browsertest.Phone(false)
	comeIn(keyboard{t, browsertest.Open(t, browser, phone, l.link)})
	const formsPerTab = 6 // a tab has its time
	for specs := all.Specs(); len(specs) > 0; specs = specs[min(formsPerTab, len(specs)):] {
		k := keyboard{t, browsertest.Open(t, browser, phone, l.url+"/start")}
		for _, spec := range specs[:min(formsPerTab, len(specs))] {
			browsertest.Visit(t, k.tab, l.url+"/start/"+spec.Kind)
			k.look(phone.Width)
			shot(t, k.tab, "form of "+spec.Kind+"-phone")
		}
	}
}
