// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package community_test

import (
	"net/url"
	"testing"

	"greenroom/internal/ask"
	"greenroom/internal/browsertest"
	"greenroom/internal/finder"
	"greenroom/internal/server"
	"greenroom/internal/server/servertest"
)

// TestAskLooks looks at the pages of questions in SQL and of the finder, at a desk in light and dark and on a phone.
func TestAskLooks(t *testing.T) {
	browser := house.Browser(t)
	l := house.Start(t, server.ServeOptions{Community: "Lumen", Sample: true}, servertest.Whole(), func(app *server.App) {
		if err := app.SampleQuestions(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := app.SampleStudies(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, e := range ask.Examples() { // all of them are answered
			values := map[string]string{}
			if st, err := ask.Parse(e.SQL); err == nil && len(st.Params) > 0 {
				values["country"] = "DE"
			}
			if _, err := app.Questions().Ask(t.Context(), ask.Query{SQL: e.SQL, Values: values, By: "sample"}); err != nil {
				t.Errorf("%s: %v", e.Title, err)
			}
		}
		st, err := app.Studies().Get(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		found, err := app.Studies().Find(t.Context(), &st.Draft, st.ID)
		if err != nil || len(found.Candidates) == 0 {
			t.Fatal(found, err)
		}
		if _, err := app.Studies().Outcome(t.Context(), 1, 1, finder.Agreed, "Tuesday at ten.", "", "sample"); err != nil {
			t.Error(err)
		}
	})
	come := servertest.Keyboard{T: t, Tab: browsertest.Open(t, browser, browsertest.Desktop(false), l.Link)}
	come.Arrive("location.pathname === '/'")
	asked := func(i int) string {
		e := ask.Examples()[i]
		return "/ask/sql?" + url.Values{"sql": {e.SQL}, "as": {string(e.Shape)}}.Encode()
	}
	pages := [][2]string{
		{"ask-sql", "/ask/sql"},
		{"ask-sql-line", asked(0)},
		{"ask-sql-bars", asked(1)},
		{"ask-sql-table", asked(2)},
		{"ask-sql-parameter", asked(5)},
		{"ask-sql-kept", "/ask/sql?q=1"},
		{"ask-sql-wrong", "/ask/sql?sql=SELECT+nothing+FROM+nowhere"},
		{"finder", "/finder"},
		{"finder-new", "/finder/new"},
		{"finder-study", "/finder/1"},
		{"finder-edit", "/finder/1/edit"},
	}
	for mode, v := range map[string]browsertest.Viewport{"desk": browsertest.Desktop(false), "phone": browsertest.Phone(false)} {
		var tab browsertest.Tab
		for i, page := range pages {
			if i%6 == 0 {
				tab = browsertest.Open(t, browser, v, l.URL+page[1])
			} else {
				browsertest.Visit(t, tab, l.URL+page[1])
			}
			t.Run(page[0]+"/"+mode, func(t *testing.T) {
				k := servertest.Keyboard{T: t, Tab: tab}
				k.Look(v.Width)
				servertest.Shot(t, tab, page[0]+"-"+mode)
				if mode == "desk" {
					servertest.Dark(k)
				}
			})
		}
	}
}
