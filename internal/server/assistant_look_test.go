// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server_test

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
	browser := browsertest.Start(t)
	dir := community(t)
	model := llmtest.Start(t, "ready")
	var talk, topic int64
	l := start(t, server.ServeOptions{Community: "Lumen", Sample: true, Allowed: local()}, func(app *server.App) {
		imported(t, app, dir, [3]string{"slack-export", "slack", "slack"}, [3]string{"discourse", "forum", "discourse"})
		if err := app.Projector.CatchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		talk, topic = longest(t, app), talkedAbout(t, app).ID
	})
	k := keyboard{t, browsertest.Open(t, browser, browsertest.Desktop(false), l.link)}
	k.arrive("location.pathname === '/'")
	here := l.url + "/conversations/" + strconv.FormatInt(talk, 10)
	browsertest.Visit(t, k.tab, here)
	if k.is("!!document.querySelector('a[href$=\"/summary\"]')") {
		t.Error("a summary is offered although no model is on")
	}

	browsertest.Visit(t, k.tab, l.url+"/settings/assistant")
	k.look(1440)
	shot(t, k.tab, "assistant-settings")
	fill := `(() => { const f = document.querySelector('form[action="/settings/assistant"]'); f.on.checked = true; f.address.value = ` + strconv.Quote(model.Address()) + `; f.model.value = 'small';
		for (const p of ['summary', 'question', 'draft', 'name']) f['may-' + p].checked = true; f.input.value = '0.15'; f.output.value = '0.6'; f.cost.value = '5'; f.requestSubmit(); return true })()`
	browsertest.Eval[bool](t, k.tab, fill)
	k.arrive("document.body.textContent.includes('The language model is on')")
	browsertest.Eval[bool](t, k.tab, `(setTimeout(() => document.querySelector('form[action$="/test"] button').click()), true)`)
	k.arrive("document.body.textContent.includes('The model answers: ready')")
	k.look(1440)
	dark(k)
	shot(t, k.tab, "assistant-on")

	asked := len(model.Bodies())
	browsertest.Visit(t, k.tab, here+"/summary")
	k.look(1440)
	shot(t, k.tab, "assistant-summary-before")
	if got := len(model.Bodies()); got != asked {
		t.Errorf("looking at the page asked the model %d times", got-asked)
	}
	model.Say("Person 1 reports a problem and says what was tried [1]\nOthers have the same and wait for a fix [2, 3] <b>now</b>")
	browsertest.Eval[bool](t, k.tab, `(setTimeout(() => document.querySelector('main form[action$="/summary"] button').click()), true)`)
	k.arrive("document.body.textContent.includes('Others have the same')")
	k.look(1440)
	shot(t, k.tab, "assistant-summary")
	if k.is("!!document.querySelector('main li b')") {
		t.Error("an answer was taken for HTML")
	}

	model.Say("Hello Person 1,\n\nthanks for the report. Which version is it?\n\nBest")
	browsertest.Visit(t, k.tab, here+"/draft")
	browsertest.Eval[bool](t, k.tab, `(setTimeout(() => document.querySelector('main form[action$="/draft"] button').click()), true)`)
	k.arrive("document.body.textContent.includes('thanks for the report')")
	k.look(1440)
	shot(t, k.tab, "assistant-draft")

	model.Say("Old cron jobs")
	browsertest.Visit(t, k.tab, l.url+"/topics/"+strconv.FormatInt(topic, 10)+"/name")
	browsertest.Eval[bool](t, k.tab, `(setTimeout(() => document.querySelector('main form[action$="/name"] button').click()), true)`)
	k.arrive("!!document.querySelector('main [name=name]')")
	k.look(1440)
	shot(t, k.tab, "assistant-name")
	browsertest.Eval[bool](t, k.tab, `(document.querySelector('main [name=name]').form.requestSubmit(), true)`)
	k.arrive("document.querySelector('h1').textContent.includes('Old cron jobs')")

	model.Say(`{"list": "members", "query": "did:question last_active:>30d"}`)
	browsertest.Visit(t, k.tab, l.url+"/ask")
	browsertest.Eval[bool](t, k.tab, `(document.querySelector('[name=question]').value = 'who asked and left?', setTimeout(() => document.querySelector('form[action="/ask"] button').click()), true)`)
	k.arrive("document.body.textContent.includes('did:question')")
	k.look(1440)
	dark(k)
	shot(t, k.tab, "assistant-ask")
	if got := k.say("document.querySelector('main a.btn-primary').getAttribute('href')"); got != "/members?"+(url.Values{"q": {"did:question last_active:>30d"}}).Encode() {
		t.Errorf("the query leads to %s", got)
	}
	phone := keyboard{t, browsertest.Open(t, browser, browsertest.Phone(false), l.url+"/ask?question=who+asked+and+left%3F")}
	phone.look(390)
	shot(t, phone.tab, "assistant-phone")
	for _, path := range []string{l.url + "/settings/assistant", here + "/summary", here + "/draft"} {
		browsertest.Visit(t, phone.tab, path)
		phone.look(390)
	}

	uses, err := l.app.Store.Uses(t.Context(), 10)
	if err != nil || len(uses) != 5 || uses[0].Purpose != assistant.Question || uses[0].By == "" {
		t.Errorf("noted %+v, %v", uses, err)
	}
	browsertest.Visit(t, k.tab, l.url+"/settings/audit")
	if !k.is("document.body.textContent.includes('assistant.settings')") {
		t.Error("the audit log does not tell of the settings")
	}
}
