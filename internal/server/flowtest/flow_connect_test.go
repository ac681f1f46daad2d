// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package flowtest_test

import (
	"testing"

	"greenroom/connector/all"
	"greenroom/internal/browsertest"
	"greenroom/internal/server"
	"greenroom/internal/server/servertest"
)

// TestConnectFlow connects a code host with the keyboard alone, on a desk and on a phone: find it in the gallery, fill in
// the form, test, leave a repository out, connect, and read the address and the secret for its pushes.
func TestConnectFlow(t *testing.T) {
	browser := house.Browser(t)
	address := servertest.Acme(t)
	for name, v := range map[string]browsertest.Viewport{"1440": browsertest.Desktop(false), "390": browsertest.Phone(false)} {
		t.Run(name, func(t *testing.T) {
			l := servertest.Start(t, server.ServeOptions{Community: "Lumen", Allowed: servertest.Local()})
			k := servertest.Keyboard{T: t, Tab: browsertest.Open(t, browser, v, l.Link)}
			servertest.ComeIn(k)
			browsertest.Visit(t, k.Tab, l.URL+"/start")
			k.Press("/")
			k.Write("nothing like it")
			browsertest.WaitFor(t, k.Tab, "!document.querySelector('[data-gallery-none]').hidden && document.querySelectorAll('[data-words]:not([hidden])').length === 0")
			k.Look(v.Width)
			servertest.Shot(t, k.Tab, "nothing found-"+name)
			browsertest.Visit(t, k.Tab, l.URL+"/start")
			k.Press("/")
			k.Write("code FORGEJO")
			browsertest.WaitFor(t, k.Tab, "document.querySelectorAll('[data-words]:not([hidden])').length === 1 && document.querySelector('[data-gallery-found]').textContent === '1 connector'")
			k.Press("Enter")
			k.Arrive("location.pathname === '/start/gitea'")
			for _, f := range [][2]string{{"address", address}, {"repositories", "acme"}, {"token", "good"}} {
				k.Reach("Tab", "[name="+f[0]+"]")
				k.Write(f[1])
			}
			k.Reach("Tab", "button[value=test]")
			k.Press("Enter")
			k.Arrive("document.activeElement.id === 'found'")
			if got := k.Say("document.getElementById('found').innerText"); !k.Is("document.querySelectorAll('.place-list input:checked').length === 3") {
				t.Errorf("the test says %q", got)
			}
			k.Look(v.Width)
			servertest.Shot(t, k.Tab, "tested-"+name)
			if v.Width > 1000 {
				servertest.Dark(k)
				servertest.Shot(t, k.Tab, "tested-dark")
			}
			k.Reach("Tab", ".place-list input")
			k.Press(" ")
			k.Reach("Tab", ".form-actions .btn-primary")
			k.Press("Enter")
			k.Arrive("document.querySelectorAll('.copy code').length === 2")
			k.Look(v.Width)
			servertest.Shot(t, k.Tab, "connected-"+name)
			src, err := l.App.Store.Source(t.Context(), "gitea")
			if err != nil || src.Config["repositories"] != "acme/docs\nacme/site" {
				t.Errorf("stored is %v, %v", src.Config, err)
			}
			browsertest.Visit(t, k.Tab, l.URL+"/sources/gitea/settings")
			k.Reach("Tab", "[data-dialog=disconnect]")
			k.Press("Enter")
			browsertest.WaitFor(t, k.Tab, "document.getElementById('disconnect').open")
			browsertest.Axe(t, k.Tab)
			k.Reach("Tab", "#disconnect .btn-danger")
			k.Press("Enter")
			k.Arrive("location.pathname === '/sources/gitea'")
			browsertest.Visit(t, k.Tab, l.URL+"/sources/gitea/settings")
			k.Look(v.Width)
		})
	}
}

// TestForms looks at the form of every connector on a phone, where steps, permissions and manifests have the least room.
func TestForms(t *testing.T) {
	browser := house.Browser(t)
	l := servertest.Start(t, server.ServeOptions{Community: "Lumen"})
	phone := browsertest.Phone(false)
	servertest.ComeIn(servertest.Keyboard{T: t, Tab: browsertest.Open(t, browser, phone, l.Link)})
	const formsPerTab = 6 // a tab has its time
	for specs := all.Specs(); len(specs) > 0; specs = specs[min(formsPerTab, len(specs)):] {
		k := servertest.Keyboard{T: t, Tab: browsertest.Open(t, browser, phone, l.URL+"/start")}
		for _, spec := range specs[:min(formsPerTab, len(specs))] {
			browsertest.Visit(t, k.Tab, l.URL+"/start/"+spec.Kind)
			k.Look(phone.Width)
			servertest.Shot(t, k.Tab, "form of "+spec.Kind+"-phone")
		}
	}
}
