// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"fmt"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/csv"
	"greenroom/connector/hubspot"
	"greenroom/internal/browsertest"
	"greenroom/internal/business"
	"greenroom/internal/ingest"
	"greenroom/internal/server"
)

// TestAccountWriteBackLooks writes accounts back and makes tasks for them in a browser, at a desk and on a phone, by light and dark.
func TestAccountWriteBackLooks(t *testing.T) {
	browser := browsertest.Start(t)
	crm := &portal{
		values: map[string]map[string]string{"501": {"email": "ana@harbor.example", "firstname": "Ana"}},
		companies: map[string]map[string]string{
			"71": {"name": "Harbor", "domain": "harbor.example", "lifecyclestage": "customer", "score": "0"}, "72": {"name": "Wharf and Sons Shipping", "domain": "wharf.example", "lifecyclestage": "customer"},
		},
	}
	api := httptest.NewServer(crm)
	defer api.Close()
	file := filepath.Join(t.TempDir(), "talk.csv")
	if err := os.WriteFile(file, []byte("Id,Kind,Author,E-mail,Time,Channel,Text\n1,message,Ana,ana@harbor.example,2026-11-20T10:00:00Z,help,Hello\n2,message,Bo,bo@wharf.example,2026-11-20T10:00:00Z,help,Hi\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var harbor int64
	l := start(t, server.ServeOptions{Community: "Lumen", Sample: true, Allowed: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}, func(app *server.App) {
		for _, req := range []ingest.Request{
			{Spec: csv.Spec(), Name: "talk", Values: connector.Values{"path": file, "type": "activities"}},
			{Spec: hubspot.Spec(), Name: "crm", Values: connector.Values{"address": api.URL, "token": "pat-x", "objects": "companies, contacts"}},
		} {
			if _, run, err := app.Importer.Import(t.Context(), req); err != nil || run.Rejected > 0 {
				t.Fatal(req.Name, run, err)
			}
		}
		if err := app.Projector.CatchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		views, err := app.Business().List(t.Context(), business.Filter{Lifecycle: greenroom.Customer})
		if err != nil {
			t.Fatal(err)
		}
		for i := range views {
			step, owner, day := "Offer a training for new people", "maya@acme.example", "2026-12-04"
			if _, err := app.Business().Change(t.Context(), []int64{views[i].Organization}, -1, business.Patch{Owner: &owner, NextStep: &step, FollowUp: &day}, "ana@acme.example"); err != nil {
				t.Fatal(err)
			}
			if views[i].Name == "Harbor" {
				harbor = views[i].Organization
			}
		}
	})
	desk := keyboard{t, browsertest.Open(t, browser, browsertest.Desktop(false), l.link)}
	desk.arrive("location.pathname === '/'")
	modes := map[string]browsertest.Viewport{"desk": browsertest.Desktop(false), "desk-dark": browsertest.Desktop(true), "phone": browsertest.Phone(false), "phone-dark": browsertest.Phone(true)}
	accounts, tasks, account := l.url+"/sources/crm/write-back/accounts", l.url+"/sources/crm/write-back/tasks", l.url+fmt.Sprintf("/accounts/%d", harbor)
	const preview = `(%s, setTimeout(() => document.querySelector("main .card-foot button").click()), true)`
	look := func(name, page, fill string) {
		for mode, v := range modes {
			k := keyboard{t, browsertest.Open(t, browser, v, page)} // a tab has its time
			k.look(v.Width)
			shot(t, k.tab, name+"-"+mode)
			if fill == "" {
				continue
			}
			browsertest.Eval[bool](t, k.tab, fmt.Sprintf(preview, fill))
			k.arrive("document.querySelector('#preview')")
			k.look(v.Width)
			shot(t, k.tab, name+"-preview-"+mode)
		}
	}
	look("accounts", accounts, `document.querySelector("[name=to-health_points]").value = "score", document.querySelector("[name=to-health]").value = "greenroom_health"`)
	look("tasks", tasks, "true")
	desk = keyboard{t, browsertest.Open(t, browser, browsertest.Desktop(false), tasks)}
	browsertest.Eval[bool](t, desk.tab, fmt.Sprintf(preview, "true"))
	desk.arrive("document.querySelector('#preview')")
	browsertest.Eval[bool](t, desk.tab, `(setTimeout(() => document.querySelector("#preview button").click()), true)`)
	desk.arrive("location.pathname === '/actions/1'")
	browsertest.WaitFor(t, desk.tab, "document.querySelector('#items').textContent.includes('due 4 Dec')")
	look("action", l.url+"/actions/1", "")
	browsertest.Visit(t, desk.tab, account)
	browsertest.WaitFor(t, desk.tab, "document.querySelector('#todo a[href*=\"account="+strconv.FormatInt(harbor, 10)+"\"]') && document.querySelector('#todo').textContent.includes('made')")
	look("account", account, "")
	look("again", tasks+"?account="+strconv.FormatInt(harbor, 10), "true")
}
