// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"github.com/andybalholm/cascadia"

	"greenroom/internal/auth"
	"greenroom/internal/survey"
)

// edited is a survey that somebody else changes now and then.
type edited struct {
	Surveys
	v survey.Survey
}

func (e *edited) Get(context.Context, string) (survey.Survey, error) { return e.v, nil }

func (e *edited) Edit(_ context.Context, _ string, c survey.Change, _ string) (survey.Survey, error) {
	if c.Revision != e.v.Revision {
		return e.v, survey.Moved(e.v.Name)
	}
	e.v.Definition = c.Definition
	e.v.Version++
	return e.v, nil
}

// TestSurveyEditedTwice has two people edit a survey. Who comes second reads so, finds what they entered, and may save it over the
// other's, knowing that.
func TestSurveyEditedTwice(t *testing.T) {
	d, err := survey.Parse([]byte(`{"language":"en","title":"Mine","pages":[{"id":"a","questions":[{"id":"score","type":"nps","text":"How likely?"}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	e := &edited{v: survey.Survey{Key: "nps", Name: "NPS", State: survey.Draft, Version: 1, Revision: "one", Definition: d}}
	s := full(t).site()
	s.cfg.Surveys = e
	fresh, err := New(s.cfg)
	if err != nil {
		t.Fatal(err)
	}
	read := func(form url.Values) (revision, title, problem string) {
		t.Helper()
		method := "GET"
		if form != nil {
			method = "POST"
		}
		w := visit(t, fresh, auth.RoleManager, method, "/surveys/nps/edit", form)
		page := parse(t, w)
		value := func(selector string) string {
			node := cascadia.Query(page, cascadia.MustCompile(selector))
			if node == nil {
				return ""
			}
			for _, a := range node.Attr {
				if a.Key == "value" {
					return a.Val
				}
			}
			return ""
		}
		return value("input[name=revision]"), value("input[name=title]"), textOf(page, "main [role=alert]")
	}
	revision, _, _ := read(nil)
	form := url.Values{"revision": {revision}, "language": {"en"}, "title": {"What Ben typed"}, "q0-page": {"a"}, "q0-was": {"score"}, "q0-id": {"score"}, "q0-type": {"nps"}, "q0-text": {"How likely?"}, "do": {"save"}}
	e.v.Revision, e.v.Version = "two", 2 // Ana saves

	form.Set("do", "add")
	if revision, _, _ = read(form); revision != "one" {
		t.Errorf("adding a question takes the form to the revision %q", revision)
	}
	form.Set("do", "save")
	revision, title, problem := read(form)
	if revision != "two" || title != "What Ben typed" || !strings.Contains(problem, "it is version 2 now. Nothing was overwritten") || e.v.Version != 2 {
		t.Errorf("the second is shown %q with %q of %q", title, problem, revision)
	}
	form.Set("revision", revision)
	if _, _, problem = read(form); problem != "" || e.v.Version != 3 || e.v.Definition.Title.In("en", "") != "What Ben typed" {
		t.Errorf("saved again, %q: %+v", problem, e.v)
	}
}

// TestSurveyAskedTwice has two people change whom a survey asks. The form of who comes second is told what it is to be made from now.
func TestSurveyAskedTwice(t *testing.T) {
	e := &edited{v: survey.Survey{Key: "nps", Name: "NPS", State: survey.Draft, Version: 2, Revision: "two"}}
	s := full(t).site()
	s.cfg.Surveys = e
	fresh, err := New(s.cfg)
	if err != nil {
		t.Fatal(err)
	}
	form := url.Values{"revision": {"one"}, "name": {"Mine"}, "who": {"known"}, "channel": {"email"}, "share": {"100"}}
	w := visit(t, fresh, auth.RoleManager, "POST", "/surveys/nps/ask", form)
	if w.Code != 409 || w.Header().Get(placeFrom) != "two" || !strings.Contains(w.Body.String(), "it is version 2 now. Nothing was overwritten") {
		t.Errorf("the second is answered %d with %q", w.Code, w.Header().Get(placeFrom))
	}
	form.Set("revision", "two")
	if w = visit(t, fresh, auth.RoleManager, "POST", "/surveys/nps/ask", form); w.Code != 303 || w.Header().Get(placeFrom) != "" {
		t.Errorf("sent again it is answered %d", w.Code)
	}
}
