// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package team_test

import (
	"os"
	"path/filepath"
	"testing"

	"greenroom/internal/brand"
	"greenroom/internal/browsertest"
	"greenroom/internal/report"
	"greenroom/internal/report/paper"
	"greenroom/internal/server"
	"greenroom/internal/server/servertest"
)

// TestReportLooks looks at every page of reports, at a desk in light and dark and on a phone, and at what is shared. With
// GREENROOM_SHOTS=folder it leaves pictures there, and the PDF.
func TestReportLooks(t *testing.T) {
	browser := house.Browser(t)
	var link, locked, slides string
	l := house.Start(t, server.ServeOptions{Community: "Lumen", Sample: true}, servertest.Whole(), func(app *server.App) {
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
		words := report.Comments{"b1": "Members answer **more of the questions themselves** than ever: zwölf neue Helfer, déjà vu, Ελλάδα, Київ, 東京 👍.\n\n- We ask for *two days a month* of an engineer\n- and for [a place in the release notes](https://example.org)"}
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
	s := l.App.Reporting
	sh, err := s.Share(t.Context(), 1, report.NewShare{Label: "the board"}, "ida")
	if err == nil {
		link = l.URL + sh.URL[indexOfPath(sh.URL):]
		sh, err = s.Share(t.Context(), 1, report.NewShare{Label: "a locked one", Password: "correct horse"}, "ida")
	}
	if err != nil {
		t.Fatal(err)
	}
	locked = l.URL + sh.URL[indexOfPath(sh.URL):]
	come := servertest.Keyboard{T: t, Tab: browsertest.Open(t, browser, browsertest.Desktop(false), l.Link)}
	come.Arrive("location.pathname === '/'")
	if _, err := s.Make(t.Context(), 1, report.Monthly.PeriodOf(report.Monthly.Last(l.App.Now()).From.AddDate(0, 0, -1)).Key, "ida"); err != nil {
		t.Fatal(err)
	}
	slides = l.URL + "/reports/1/editions/1/files/slides"
	pages := [][2]string{
		{"reports", l.URL + "/reports"},
		{"report", l.URL + "/reports/1"},
		{"report-new", l.URL + "/reports/new?template=support"},
		{"report-edit", l.URL + "/reports/1/edit"},
		{"report-preview", l.URL + "/reports/1/preview"},
		{"report-edition", l.URL + "/reports/1/editions/1"},
		{"report-draft", l.URL + "/reports/1/editions/2"},
		{"report-words", l.URL + "/reports/1/editions/2/words"},
		{"report-restated", l.URL + "/reports/1/editions/1/restate"},
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
				k := servertest.Keyboard{T: t, Tab: tab}
				k.Look(v.Width)
				servertest.Shot(t, tab, page[0]+"-"+mode)
				if mode == "desk" && i < 9 {
					servertest.Dark(k)
					servertest.Shot(t, tab, page[0]+"-dark")
				}
			})
		}
	}
	t.Run("slides by keyboard", func(t *testing.T) {
		k := servertest.Keyboard{T: t, Tab: browsertest.Open(t, browser, browsertest.Desktop(false), slides)}
		k.Press("ArrowRight")
		browsertest.WaitFor(t, k.Tab, "location.hash === '#2'")
		k.Press("End")
		browsertest.WaitFor(t, k.Tab, "document.querySelector('.slide:last-of-type.now')")
	})
	t.Run("blocks by keyboard", func(t *testing.T) {
		k := servertest.Keyboard{T: t, Tab: browsertest.Open(t, browser, browsertest.Desktop(false), l.URL+"/reports/1/edit")}
		k.Reach("Tab", "button[value=up-1]")
		k.Press("Enter")
		browsertest.WaitFor(t, k.Tab, "document.querySelector('[data-item] summary')?.textContent.includes('Active members')")
		if !k.Is("document.activeElement.value === 'down-0'") {
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
