// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"os"
	"path/filepath"
	"testing"

	"greenroom/internal/brand"
	"greenroom/internal/browsertest"
	"greenroom/internal/report"
	"greenroom/internal/report/paper"
	"greenroom/internal/server"
)

// TestReportLooks looks at every page of reports, at a desk in light and dark and on a phone, and at what is shared. With
// GREENROOM_SHOTS=folder it leaves pictures there, and the PDF.
func TestReportLooks(t *testing.T) {
	browser := browsertest.Start(t)
	dir := community(t)
	var link, locked, slides string
	l := start(t, server.ServeOptions{Community: "Lumen", Sample: true}, func(app *server.App) {
		imported(t, app, dir, [3]string{"slack-export", "slack", "slack"}, [3]string{"discourse", "forum", "discourse"}, [3]string{"csv", "crm", "business/members.csv"})
		engine, err := app.Analytics(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := app.Brand().SetBrand(t.Context(), brand.Brand{Accent: brand.DefaultAccent, Address: "https://members.example.test"}, "ida"); err != nil {
			t.Fatal(err)
		}
		if err := app.SampleGoals(t.Context(), engine); err != nil {
			t.Fatal(err)
		}
		s, err := app.Reports(engine, app.Health(engine), "Lumen", nil)
		if err != nil {
			t.Fatal(err)
		}
		tpl, err := report.TemplateFor(report.Executive)
		if err != nil {
			t.Fatal(err)
		}
		tpl.New.Blocks = append(tpl.New.Blocks, report.Block{Kind: report.Breakdown, Metric: "activities", By: "channel"})
		tpl.New.Blocks = append(tpl.New.Blocks, report.Block{Kind: report.Chart, Metric: "response_within_target"})
		r, err := s.Add(t.Context(), tpl.New, "ida")
		if err != nil {
			t.Fatal(err)
		}
		e, err := s.Make(t.Context(), r.ID, "", "ida")
		if err != nil {
			t.Fatal(err)
		}
		words := report.Comments{"b1": "Members answer **more of the questions themselves** than ever: zwölf neue Helfer, déjà vu, Ελλάδα, Київ.\n\n- We ask for *two days a month* of an engineer\n- and for [a place in the release notes](https://example.org)"}
		if e, err = s.Write(t.Context(), e.ID, e.Version, words, "ida"); err != nil {
			t.Fatal(err)
		}
		if folder := os.Getenv("GREENROOM_SHOTS"); folder != "" {
			press, err := paper.New()
			if err != nil {
				t.Fatal(err)
			}
			for form, name := range map[string]string{"pdf": "report.pdf", "png:b6": "report-chart.png"} {
				f, err := press.File(&e.Content, form)
				if err == nil {
					err = os.WriteFile(filepath.Join(folder, name), f.Data, 0o600)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
		}
		if e, err = s.Deliver(t.Context(), e.ID, e.Version, "ida"); err != nil {
			t.Fatal(err)
		}
	})
	s := l.app.Reporting
	sh, err := s.Share(t.Context(), 1, report.NewShare{Label: "the board"}, "ida")
	if err == nil {
		link = l.url + sh.URL[indexOfPath(sh.URL):]
		sh, err = s.Share(t.Context(), 1, report.NewShare{Label: "a locked one", Password: "correct horse"}, "ida")
	}
	if err != nil {
		t.Fatal(err)
	}
	locked = l.url + sh.URL[indexOfPath(sh.URL):]
	come := keyboard{t, browsertest.Open(t, browser, browsertest.Desktop(false), l.link)}
	come.arrive("location.pathname === '/'")
	if _, err := s.Make(t.Context(), 1, report.Monthly.PeriodOf(report.Monthly.Last(l.app.Now()).From.AddDate(0, 0, -1)).Key, "ida"); err != nil {
		t.Fatal(err)
	}
	slides = l.url + "/reports/1/editions/1/files/slides"
	pages := [][2]string{
		{"reports", l.url + "/reports"},
		{"report", l.url + "/reports/1"},
		{"report-new", l.url + "/reports/new?template=support"},
		{"report-edit", l.url + "/reports/1/edit"},
		{"report-preview", l.url + "/reports/1/preview"},
		{"report-edition", l.url + "/reports/1/editions/1"},
		{"report-draft", l.url + "/reports/1/editions/2"},
		{"report-words", l.url + "/reports/1/editions/2/words"},
		{"report-restated", l.url + "/reports/1/editions/1/restate"},
		{"report-shared", link},
		{"report-locked", locked},
		{"report-slides", slides},
		{"report-slides-2", slides + "#3"},
	}
	for mode, v := range map[string]browsertest.Viewport{"desk": browsertest.Desktop(false), "phone": browsertest.Phone(false)} {
		var tab browsertest.Tab
		for i, page := range pages {
			if i%5 == 0 || i >= 9 {
				tab = browsertest.Open(t, browser, v, page[1])
			} else {
				browsertest.Visit(t, tab, page[1])
			}
			t.Run(page[0]+"/"+mode, func(t *testing.T) {
				k := keyboard{t, tab}
				k.look(v.Width)
				shot(t, tab, page[0]+"-"+mode)
				if mode == "desk" && i < 9 {
					dark(k)
					shot(t, tab, page[0]+"-dark")
				}
			})
		}
	}
	t.Run("slides by keyboard", func(t *testing.T) {
		k := keyboard{t, browsertest.Open(t, browser, browsertest.Desktop(false), slides)}
		k.press("ArrowRight")
		browsertest.WaitFor(t, k.tab, "location.hash === '#2'")
		k.press("End")
		browsertest.WaitFor(t, k.tab, "document.querySelector('.slide:last-of-type.now')")
	})
	t.Run("blocks by keyboard", func(t *testing.T) {
		k := keyboard{t, browsertest.Open(t, browser, browsertest.Desktop(false), l.url+"/reports/1/edit")}
		k.reach("Tab", "button[value=up-1]")
		k.press("Enter")
		browsertest.WaitFor(t, k.tab, "document.querySelector('[data-item] summary')?.textContent.includes('Active members')")
		if !k.is("document.activeElement.value === 'down-0'") {
			t.Error("the focus was lost")
		}
	})
}

func indexOfPath(address string) int {
	for i := len("https://"); i < len(address); i++ {
		if address[i] == '/' {
			return i
		}
	}
	return 0
}
