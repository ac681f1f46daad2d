// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package publictest_test

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"greenroom/internal/auth"
	"greenroom/internal/server/servertest"
	"greenroom/internal/survey"
)

// TestSurveyLanguages translates a survey on the page, by its table and by the API, and follows what members then read:
// their language, what falls back, and a word about it.
func TestSurveyLanguages(t *testing.T) {
	l, _ := house.Lumen(t)
	s, v := newSurvey(t, l, func(n *survey.New) { n.Settings.Who, n.Settings.Open = survey.Ask, true })
	team, nobody := l.As(t, auth.RoleManager), servertest.Visitor(t)
	page := func(path string) string {
		t.Helper()
		res := l.Send(t, team, "GET", path, nil)
		if res.Code != http.StatusOK {
			t.Fatalf("%s: %d %s", path, res.Code, res.Body)
		}
		return res.Body
	}
	missing := func(lang string) int {
		t.Helper()
		now, err := s.Get(t.Context(), v.Key)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range now.Definition.Coverage() {
			if c.Language == lang {
				return c.Missing
			}
		}
		return -1
	}
	all := len(v.Definition.Pieces("fr"))
	if got := page("/surveys/pulse/languages"); !strings.Contains(got, "Deutsch") || !strings.Contains(got, fmt.Sprintf("%d missing", missing("de"))) {
		t.Errorf("the languages: %s", got)
	}
	if got := page("/surveys/pulse/languages?lang=fr"); !strings.Contains(got, fmt.Sprintf("%d of %d missing", all, all)) || !strings.Contains(got, `name="at.question.recommend.text"`) {
		t.Errorf("a new one: %s", got)
	}
	if got := page("/surveys/pulse/languages?lang=q!"); !strings.Contains(got, "no language tag") {
		t.Errorf("none: %s", got)
	}
	if res := l.Send(t, team, "POST", "/surveys/pulse/languages", url.Values{"lang": {"fr"}, "at.question.recommend.text": {"Nous recommanderiez-vous ?"}, "at.title": {""}}); res.Code != http.StatusSeeOther || missing("fr") != all-1 {
		t.Fatalf("saving: %d, %d missing %s", res.Code, missing("fr"), res.Body)
	}

	table := l.Send(t, team, "GET", "/surveys/pulse/translations.csv?lang=fr", nil).Body
	line := "question.recommend.text,"
	i := strings.Index(table, line)
	if !strings.HasPrefix(table, "place,en,de,fr\n") || i < 0 {
		t.Fatalf("the table: %s", table)
	}
	own, rest, _ := strings.Cut(table[i+len(line):], ",")
	if !strings.HasPrefix(rest, "Würdest du uns empfehlen?,Nous recommanderiez-vous ?\n") {
		t.Errorf("its line: %s", rest)
	}
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	file, err := form.CreateFormFile("file", "texts.csv")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Fprintf(file, "place,en,fr\nquestion.recommend.text,%s,Et vous ?\nquestion.gone.text,x,y\n", own); err != nil {
		t.Fatal(err)
	}
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	res := l.Send(t, team, "POST", "/surveys/pulse/translations", url.Values{}, func(r *http.Request) {
		r.Body, r.ContentLength = io.NopCloser(&body), int64(body.Len())
		r.Header.Set("Content-Type", form.FormDataContentType())
	})
	if res.Code != http.StatusSeeOther {
		t.Fatalf("the upload: %d %s", res.Code, res.Body)
	}
	if res = l.Send(t, team, "PATCH", "/api/v1/surveys/pulse/translations", nil, func(r *http.Request) {
		r.Body = io.NopCloser(strings.NewReader(`{"language":"fr","texts":{"title":"Comment ça va ?"}}`))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Origin", l.URL)
	}); res.Code != http.StatusOK || !strings.Contains(res.Body, `"changed":1`) || missing("fr") != all-2 {
		t.Errorf("the API: %d %s", res.Code, res.Body)
	}

	for path, want := range map[string][]string{
		"/c/survey/pulse?lang=fr": {"Et vous ?", `<html lang="fr">`, "Ce qui n’est pas encore traduit est dans cette langue : English.", "Deutsch"},
		"/c/survey/pulse?lang=ja": {"You see it in this one: English."},
		"/c/survey/pulse":         {"Comment ça va ?", `<span aria-current="true" lang="fr">français`},
	} {
		res := l.Send(t, nobody, "GET", path, nil, func(r *http.Request) {
			if !strings.Contains(path, "lang=ja") {
				r.Header.Set("Accept-Language", "fr-CA,en;q=0.5")
			}
		})
		for _, say := range want {
			if !strings.Contains(res.Body, say) {
				t.Errorf("%s does not say %q:\n%s", path, say, res.Body)
			}
		}
	}
}
