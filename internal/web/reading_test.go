// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/andybalholm/cascadia"

	"greenroom"
	"greenroom/internal/auth"
	"greenroom/internal/text"
	"greenroom/internal/understand"
)

// judge is a fake of who reads, with what it was told.
type judge struct {
	did    []string
	report understand.Report
	models []understand.Model
}

func (j *judge) note(format string, args ...any) { j.did = append(j.did, fmt.Sprintf(format, args...)) }

func (j *judge) Readings(_ context.Context, ids []int64) (map[int64]understand.Reading, error) {
	all := make(map[int64]understand.Reading)
	for _, id := range ids {
		if id != 41 { // the reaction says nothing
			all[id] = understand.Reading{ActivityID: id, Category: text.CategoryBug, Sentiment: text.SentimentNegative, Urgency: text.UrgencyNow, Correction: &understand.Correction{Category: text.CategoryBug, By: payload}}
		}
	}
	return all, nil
}

func (j *judge) Correct(_ context.Context, id int64, c text.Category, f text.Sentiment, by string) (int64, error) {
	if c == 0 && f == 0 {
		return 0, greenroom.Errorf(greenroom.CodeInvalid, "say what it is")
	}
	j.note("correct %d: %s %s by %s", id, c, f, by)
	return 5, nil
}

func (j *judge) UndoCorrection(_ context.Context, id int64, by string) (understand.Correction, error) {
	j.note("undo %d by %s", id, by)
	return understand.Correction{ID: id, ActivityID: 40}, nil
}

func (j *judge) Report(context.Context) (*understand.Report, error) { return &j.report, nil }

func (j *judge) Uncertain(context.Context, int) ([]int64, error) { return []int64{40, 999}, nil }

func (j *judge) Retrain(_ context.Context, by string) error {
	j.note("retrain by %s", by)
	return nil
}

func (j *judge) Models(context.Context) ([]understand.Model, error) { return j.models, nil }

func (j *judge) Activate(_ context.Context, model int64, by string) error {
	j.note("activate %d by %s", model, by)
	return nil
}

func readBy(j *judge) func(*Config) { return func(c *Config) { c.Reading = j } }

func figuresOf(right, wrong int) understand.Figures {
	var all []understand.Judged
	for range right {
		all = append(all, understand.Judged{Right: 1, Read: 1})
	}
	for range wrong {
		all = append(all, understand.Judged{Right: 1, Read: 2})
	}
	return understand.Measure(understand.CategoryLabels(), all)
}

func TestCorrectingAMessage(t *testing.T) {
	j := &judge{}
	s := full(t).site(readBy(j))
	for _, target := range []string{"/conversations/30", "/activities"} {
		page := parse(t, visit(t, s, auth.RoleContributor, "GET", target, nil))
		forms := cascadia.QueryAll(page, cascadia.MustCompile("form.label-form[method=post][action='/reading/40']"))
		if len(forms) != 1 {
			t.Fatalf("%s has %d forms to correct message 40, want 1", target, len(forms))
		}
		if n := len(cascadia.QueryAll(forms[0], cascadia.MustCompile("button"))); n != 11 {
			t.Errorf("%s offers %d choices, want 8 categories and 3 sentiments", target, n)
		}
		if cascadia.Query(page, cascadia.MustCompile("#said-41")) != nil {
			t.Errorf("%s labels a reaction", target)
		}
	}
	w := visit(t, s, auth.RoleContributor, "POST", "/reading/40", url.Values{"category": {"question"}, "to": {"/conversations/30#a40"}})
	if to := w.Header().Get("Location"); w.Code != http.StatusSeeOther || !strings.HasPrefix(to, "/conversations/30?") || !strings.HasSuffix(to, "#a40") {
		t.Fatalf("without a script it answers %d to %s", w.Code, to)
	}
	page := parse(t, visit(t, s, auth.RoleContributor, "GET", strings.TrimSuffix(w.Header().Get("Location"), "#a40"), nil))
	if cascadia.Query(page, cascadia.MustCompile("main > .flash form[action='/reading/corrections/5/undo'][method=post]")) == nil {
		t.Error("the page does not offer to undo the correction")
	}
	w = visit(t, s, auth.RoleContributor, "POST", "/reading/40", url.Values{"sentiment": {"positive"}, "flat": {"1"}}, func(r *http.Request) { r.Header.Set("Hx-Request", "true") })
	if w.Code != http.StatusOK || !strings.Contains(w.Header().Get("Hx-Trigger"), "/reading/corrections/5/undo") || !strings.Contains(w.Body.String(), `data-row-key="1"`) || strings.Contains(w.Body.String(), "<html") {
		t.Errorf("with a script it answers %d, %s: %s", w.Code, w.Header().Get("Hx-Trigger"), w.Body)
	}
	visit(t, s, auth.RoleContributor, "POST", "/reading/corrections/5/undo", nil)
	if w = visit(t, s, auth.RoleContributor, "POST", "/reading/40", url.Values{"category": {"nonsense"}}); w.Code != http.StatusUnprocessableEntity && w.Code != http.StatusBadRequest {
		t.Errorf("a category that there is not answers %d", w.Code)
	}
	want := "correct 40: question unsure by ana@example.org; correct 40: unsure positive by ana@example.org; undo 5 by ana@example.org"
	if got := strings.Join(j.did, "; "); got != want {
		t.Errorf("did %s, want %s", got, want)
	}
	page = parse(t, visit(t, s, auth.RoleViewer, "GET", "/conversations/30", nil))
	if cascadia.Query(page, cascadia.MustCompile("form.label-form")) != nil || cascadia.Query(page, cascadia.MustCompile("#said-40 .pill-bad")) == nil {
		t.Error("who may not write sees no chips, or a form")
	}
}

func TestReadingPage(t *testing.T) {
	j := &judge{}
	s := full(t).site(readBy(j))
	page := func(role auth.Role) string { return visit(t, s, role, "GET", "/reading", nil).Body.String() }
	if !strings.Contains(page(auth.RoleManager), "There is nothing to read yet") {
		t.Error("the first page does not say what to do")
	}
	j.report = understand.Report{Judge: payload, Left: 12_000, Coverage: understand.Coverage{Messages: 200, Unsure: 50, Languages: []understand.Language{{Code: "en", Messages: 150, Unsure: 10}, {Code: "", Messages: 50, Unsure: 40}}}}
	if got := page(auth.RoleManager); !strings.Contains(got, "12,000 activities to go") || !strings.Contains(got, "Figures appear with the first correction") || !strings.Contains(got, "correct some messages first") || strings.Contains(got, "<script>alert") {
		t.Errorf("before any correction the page is %s", got)
	}
	j.report.Corrections, j.report.Base.Category = 10, figuresOf(6, 4)
	if got := page(auth.RoleManager); !strings.Contains(got, "60.0\u202f%") && !strings.Contains(got, "60\u202f%") {
		t.Errorf("the base model's figure is missing: %s", got)
	}
	m := understand.Model{ID: 3, Version: "team-1", Base: "base", TrainedAt: now, By: payload, Corrections: 8, Active: true}
	m.Gain.Category = understand.Change{Before: figuresOf(6, 4), After: figuresOf(9, 1), Used: true}
	j.models, j.report.Model = []understand.Model{m}, &m
	got := page(auth.RoleManager)
	for _, want := range []string{"than the base model", "2 since the last training", "reads now", `action="/reading/models/0"`, "What was taken for what", `data-row-key="8"`} {
		if !strings.Contains(got, want) {
			t.Errorf("after a training the page does not have %s", want)
		}
	}
	if got := page(auth.RoleViewer); strings.Contains(got, `action="/reading/`) {
		t.Error("who may not write is offered to")
	}
	visit(t, s, auth.RoleContributor, "POST", "/reading/retrain", nil)
	visit(t, s, auth.RoleContributor, "POST", "/reading/models/0", nil)
	if w := visit(t, s, auth.RoleViewer, "POST", "/reading/retrain", nil); w.Code != http.StatusForbidden {
		t.Errorf("a viewer retrains: %d", w.Code)
	}
	if got := strings.Join(j.did, "; "); got != "retrain by ana@example.org; activate 0 by ana@example.org" {
		t.Errorf("did %s", got)
	}
}
