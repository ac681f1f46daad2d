// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package community_test

import (
	"net/url"
	"strconv"
	"testing"

	"greenroom/internal/assistant"
	"greenroom/internal/browsertest"
	"greenroom/internal/list"
	"greenroom/internal/llm/llmtest"
	"greenroom/internal/query"
	"greenroom/internal/server"
	"greenroom/internal/server/servertest"
)

// longest is the conversation of the sample with the most replies.
func longest(t *testing.T, app *server.App) int64 {
	t.Helper()
	q, err := query.Parse(query.NewSchema(query.Conversations, nil), "sort:-replies")
	if err != nil {
		t.Fatal(err)
	}
	page, err := app.Store.ListConversations(t.Context(), list.Request{Query: q, Limit: 1})
	if err != nil || len(page.Items) == 0 {
		t.Fatalf("no conversation: %v", err)
	}
	return page.Items[0].ID
}

// An owner switches the model on, tests it, and a conversation is summarized; nothing is asked before a person asks.
func TestAssistantInBrowser(t *testing.T) {
	browser := house.Browser(t)
	model := llmtest.Start(t, "ready")
	var talk, topic int64
	l := house.Start(t, server.ServeOptions{Community: "Lumen", Sample: true, Allowed: servertest.Local()}, servertest.Whole()[:2], func(app *server.App) {
		if err := app.Projector.CatchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		talk, topic = longest(t, app), talkedAbout(t, app).ID
	})
	k := servertest.Keyboard{T: t, Tab: browsertest.Open(t, browser, browsertest.Desktop(false), l.Link)}
	k.Arrive("location.pathname === '/'")
	here := l.URL + "/conversations/" + strconv.FormatInt(talk, 10)
	browsertest.Visit(t, k.Tab, here)
	if k.Is("!!document.querySelector('a[href$=\"/summary\"]')") {
		t.Error("a summary is offered although no model is on")
	}

	browsertest.Visit(t, k.Tab, l.URL+"/settings/assistant")
	k.Look(1440)
	servertest.Shot(t, k.Tab, "assistant-settings")
	fill := `(() => { const f = document.querySelector('form[action="/settings/assistant"]'); f.on.checked = true; f.address.value = ` + strconv.Quote(model.Address()) + `; f.model.value = 'small';
		for (const p of ['summary', 'question', 'draft', 'name']) f['may-' + p].checked = true; f.input.value = '0.15'; f.output.value = '0.6'; f.cost.value = '5'; f.requestSubmit(); return true })()`
	browsertest.Eval[bool](t, k.Tab, fill)
	k.Arrive("document.body.textContent.includes('The language model is on')")
	browsertest.Eval[bool](t, k.Tab, `(setTimeout(() => document.querySelector('form[action$="/test"] button').click()), true)`)
	k.Arrive("document.body.textContent.includes('The model answers: ready')")
	k.Look(1440)
	servertest.Dark(k)
	servertest.Shot(t, k.Tab, "assistant-on")

	asked := len(model.Bodies())
	browsertest.Visit(t, k.Tab, here+"/summary")
	k.Look(1440)
	servertest.Shot(t, k.Tab, "assistant-summary-before")
	if got := len(model.Bodies()); got != asked {
		t.Errorf("looking at the page asked the model %d times", got-asked)
	}
	model.Say("Person 1 reports a problem and says what was tried [1]\nOthers have the same and wait for a fix [2, 3] <b>now</b>")
	browsertest.Eval[bool](t, k.Tab, `(setTimeout(() => document.querySelector('main form[action$="/summary"] button').click()), true)`)
	k.Arrive("document.body.textContent.includes('Others have the same')")
	k.Look(1440)
	servertest.Shot(t, k.Tab, "assistant-summary")
	if k.Is("!!document.querySelector('main li b')") {
		t.Error("an answer was taken for HTML")
	}

	model.Say("Hello Person 1,\n\nthanks for the report. Which version is it?\n\nBest")
	browsertest.Visit(t, k.Tab, here+"/draft")
	browsertest.Eval[bool](t, k.Tab, `(setTimeout(() => document.querySelector('main form[action$="/draft"] button').click()), true)`)
	k.Arrive("document.body.textContent.includes('thanks for the report')")
	k.Look(1440)
	servertest.Shot(t, k.Tab, "assistant-draft")

	model.Say("Old cron jobs")
	browsertest.Visit(t, k.Tab, l.URL+"/topics/"+strconv.FormatInt(topic, 10)+"/name")
	browsertest.Eval[bool](t, k.Tab, `(setTimeout(() => document.querySelector('main form[action$="/name"] button').click()), true)`)
	k.Arrive("!!document.querySelector('main [name=name]')")
	k.Look(1440)
	servertest.Shot(t, k.Tab, "assistant-name")
	browsertest.Eval[bool](t, k.Tab, `(document.querySelector('main [name=name]').form.requestSubmit(), true)`)
	k.Arrive("document.querySelector('h1').textContent.includes('Old cron jobs')")

	model.Say(`{"list": "members", "query": "did:question last_active:>30d"}`)
	browsertest.Visit(t, k.Tab, l.URL+"/ask")
	browsertest.Eval[bool](t, k.Tab, `(document.querySelector('[name=question]').value = 'who asked and left?', setTimeout(() => document.querySelector('form[action="/ask"] button').click()), true)`)
	k.Arrive("document.body.textContent.includes('did:question')")
	k.Look(1440)
	servertest.Dark(k)
	servertest.Shot(t, k.Tab, "assistant-ask")
	if got := k.Say("document.querySelector('main a.btn-primary').getAttribute('href')"); got != "/members?"+(url.Values{"q": {"did:question last_active:>30d"}}).Encode() {
		t.Errorf("the query leads to %s", got)
	}
	phone := servertest.Keyboard{T: t, Tab: browsertest.Open(t, browser, browsertest.Phone(false), l.URL+"/ask?question=who+asked+and+left%3F")}
	phone.Look(390)
	servertest.Shot(t, phone.Tab, "assistant-phone")
	for _, path := range []string{l.URL + "/settings/assistant", here + "/summary", here + "/draft"} {
		browsertest.Visit(t, phone.Tab, path)
		phone.Look(390)
	}

	uses, err := l.App.Store.Uses(t.Context(), 10)
	if err != nil || len(uses) != 5 || uses[0].Purpose != assistant.Question || uses[0].By == "" {
		t.Errorf("noted %+v, %v", uses, err)
	}
	browsertest.Visit(t, k.Tab, l.URL+"/settings/audit")
	if !k.Is("document.body.textContent.includes('assistant.settings')") {
		t.Error("the audit log does not tell of the settings")
	}
}
