// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"net"
	"net/url"
	"strings"
	"testing"
	"time"

	"greenroom/connector"
	"greenroom/connector/webhook"
	"greenroom/internal/alert"
	"greenroom/internal/browsertest"
	"greenroom/internal/ingest"
	"greenroom/internal/server"
)

// TestAlertLooks makes a destination and an alert in a browser, sees what it would have done, has it fire by a message that
// comes in, says by the link of the message that it was useful, and looks at every page on the way.
func TestAlertLooks(t *testing.T) {
	browser := browsertest.Start(t)
	to := receive(t)
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String() // links lead there, so it has to be known before
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	public, err := url.Parse("http://" + address)
	if err != nil {
		t.Fatal(err)
	}
	dir := community(t)
	l := start(t, server.ServeOptions{Community: "Lumen", Sample: true, Allowed: loopback(), Addr: address, PublicURL: public}, func(app *server.App) {
		imported(t, app, dir, [3]string{"slack-export", "slack", "slack"}, [3]string{"csv", "crm", "business/members.csv"})
		if _, _, err := app.Importer.Import(t.Context(), ingest.Request{Spec: webhook.Spec(), Name: "events", Values: connector.Values{"secret": eventSecret}}); err != nil {
			t.Fatal(err)
		}
	})
	desk := keyboard{t, browsertest.Open(t, browser, browsertest.Desktop(false), l.link)}
	desk.arrive("location.pathname === '/'")
	phone := keyboard{t, browsertest.Open(t, browser, browsertest.Phone(false), l.url+"/alerts")}
	see := func(name, path string) {
		t.Helper()
		desk = keyboard{t, browsertest.Open(t, browser, browsertest.Desktop(false), l.url+path)}
		desk.look(1440)
		shot(t, desk.tab, "alerts-"+name)
		dark(desk)
		shot(t, desk.tab, "alerts-"+name+"-dark")
		browsertest.Visit(t, phone.tab, l.url+path)
		phone.look(390)
		shot(t, phone.tab, "alerts-"+name+"-phone")
	}
	script := func(js string) { browsertest.Eval[bool](t, desk.tab, "("+js+", true)") }
	desk = keyboard{t, browsertest.Open(t, browser, browsertest.Desktop(false), l.url+"/settings/sending")} // TestLooks looks at it
	script(`document.querySelector("#f-name").value = "receiver", document.querySelector("#f-channel").value = "webhook", document.querySelector("#f-address").value = ` + quote(to.URL) + `, setTimeout(() => document.querySelector("form[action$=destinations] button").click())`)
	desk.arrive("document.querySelector('.flash')")
	desk.look(1440)

	see("template", "/alerts/new?template="+url.QueryEscape(alert.Templates()[0].Name))
	desk = keyboard{t, browsertest.Open(t, browser, browsertest.Desktop(false), l.url+"/alerts/new")}
	script(`document.querySelector("#f-name").value = "Somebody asks", document.querySelector("#query").value = "is:question", document.querySelector("#query").dispatchEvent(new Event("change", { bubbles: true }))`)
	browsertest.WaitFor(t, desk.tab, "/would have fired/.test(document.querySelector('#preview').textContent)")
	desk.look(1440)
	shot(t, desk.tab, "alerts-preview")
	script(`document.querySelector("input[name=to]").checked = true, setTimeout(() => document.querySelector("form .btn-primary").click())`)
	desk.arrive("/^.alerts.\\d+$/.test(location.pathname)")
	desk.look(1440)

	client := visitor(t)
	for i := range 3 {
		if err := post(t.Context(), client, l.url, happened(i, time.Now())); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "three alerts came", func() bool { return to.count() >= 3 })
	to.mu.Lock()
	link := to.events[0].Firings[0].Links.Useful
	to.mu.Unlock()
	judge := keyboard{t, browsertest.Open(t, browser, browsertest.Desktop(false), link)}
	judge.look(1440)
	shot(t, judge.tab, "alerts-answer")
	browsertest.Eval[bool](t, judge.tab, `(setTimeout(() => document.querySelector("form button").click()), true)`)
	judge.arrive("/Counted as useful/.test(document.body.textContent)")
	judge.look(1440)
	see("one", strings.TrimPrefix(desk.say("location.pathname"), l.url))
	browsertest.WaitFor(t, desk.tab, "/100 %/.test(document.querySelector('.kpis').textContent) && document.querySelectorAll('#firings .row-item').length === 3")
	see("edit", desk.say("location.pathname")+"/edit")
	for _, watch := range []alert.Watch{alert.Conversations, alert.Metric} {
		see("new-"+string(watch), "/alerts/new?watch="+string(watch))
	}
	see("list", "/alerts")
	see("sending", "/settings/sending")
}
