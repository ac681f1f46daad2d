// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"greenroom/internal/browsertest"
	"greenroom/internal/sample"
	"greenroom/internal/server"
)

// TestStory is the story that Greenroom was made for, told in a browser on the sample community: "trials leave after 30 days"
// becomes goals with baselines from the data and a plan from the template; from the plan's tasks come the check-in workflow with a
// control group, the survey, the cohort program, the watch on questions that wait, the topic trends and the report. Then a
// quarter goes by in steps of two to three days: trials begin and end, check-ins go out once they are approved, and people
// answer. The retrospective has what came out with its interval, and what those did who were held out.
func TestStory(t *testing.T) {
	begin, quarter := time.Date(2026, 7, 2, 9, 0, 0, 0, time.UTC), time.Date(2026, 10, 3, 9, 0, 0, 0, time.UTC)
	dir := t.TempDir()
	if _, err := sample.Write(dir, sample.Options{Seed: 7, End: quarter, Months: 11, Scale: 2}); err != nil {
		t.Fatal(err)
	}
	var clock atomic.Int64
	clock.Store(begin.UnixNano())
	started := time.Now()
	now := func() time.Time { return time.Unix(0, clock.Load()).UTC().Add(time.Since(started)) }
	browser := browsertest.Start(t)
	box, port := listen(t)
	var quarterly *season
	l := startAt(t, now, server.ServeOptions{Community: "Lumen"}, func(app *server.App) {
		quarterly = newSeason(t, app, dir, box, time.Time{})
		quarterly.crm(begin)
		imported(t, app, dir, [3]string{"csv", "contacts", "business/members.csv"})
		quarterly.slack(begin)
	})
	s := story{keyboard{t, browsertest.Open(t, browser, browsertest.Desktop(false), l.link)}, l.url}
	comeIn(s.keyboard)
	s.mailServer(port)

	s.guide()
	plan := s.say("location.pathname")
	s.makeAll(plan)
	s.letIn(plan)

	s.approve(quarterly)
	at := begin
	for n := 0; at.Before(quarter); n++ { // by turns in the morning and in the afternoon, so that it is day everywhere at times
		at = at.Add([]time.Duration{55 * time.Hour, 65 * time.Hour}[n%2])
		if at.After(quarter) {
			at = quarter
		}
		clock.Store(at.UnixNano())
		quarterly.stop(at)
	}
	quarterly.told(begin)
	s.signIn()
	s.waitForTally()
	s.retrospective(plan)
	goal := s.say("location.pathname")
	s.see(plan, "story-plan-later")
	s.see(s.say("document.querySelector(\".task-made a[href^='/reports/']\").getAttribute('href')")+"/preview", "story-report")
	if !s.is("document.querySelector('main').textContent.includes('periods differ anyway')") {
		t.Error("the report has no interval of what changed")
	}
	phone := story{keyboard{t, browsertest.Open(t, browser, browsertest.Phone(false), l.url+goal)}, l.url}
	for name, path := range map[string]string{"story-goal": goal, "story-plan": plan, "story-guide": "/goals/guide?aim=trials"} {
		browsertest.Visit(t, phone.tab, l.url+path)
		phone.look(390)
		shot(t, phone.tab, name+"-phone")
	}
}

// until copies the days of a Slack export after one and up to another, with its lists.
func until(t *testing.T, from, to, after, last string) {
	t.Helper()
	err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		day := strings.TrimSuffix(d.Name(), ".json")
		if _, bad := time.Parse(time.DateOnly, day); err != nil || bad == nil && (day < after || day > last) {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.MkdirAll(filepath.Join(to, rel), 0o755)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rel), text, 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// story is a person at a desk, with a mouse.
type story struct {
	keyboard

	url string
}

// click clicks, and waits for the page that follows.
func (s story) click(selector, arrived string) {
	s.t.Helper()
	s.arrive("document.querySelector(" + quote(selector) + ")")
	browsertest.Eval[bool](s.t, s.tab, "(setTimeout(() => document.querySelector("+quote(selector)+").click()), true)")
	s.arrive(arrived)
}

// set fills a field in.
func (s story) set(selector, text string) {
	s.t.Helper()
	s.arrive("document.querySelector(" + quote(selector) + ")")
	browsertest.Eval[bool](s.t, s.tab, "(document.querySelector("+quote(selector)+").value = "+quote(text)+", true)")
}

// see visits a page, checks it and takes a picture.
func (s story) see(path, name string) {
	s.t.Helper()
	browsertest.Visit(s.t, s.tab, s.url+path)
	s.look(1440)
	shot(s.t, s.tab, name)
}

// flash waits for what the page says after something was done.
func flash(text string) string {
	return "document.querySelector('main > .flash')?.textContent.includes(" + quote(text) + ")"
}

// mailServer says where mail goes out.
func (s story) mailServer(port string) {
	s.t.Helper()
	browsertest.Visit(s.t, s.tab, s.url+"/settings/mail")
	s.set("form[action='/settings/mail'] [name=host]", "127.0.0.1")
	s.set("form[action='/settings/mail'] [name=port]", port)
	s.set("form[action='/settings/mail'] [name=security]", "none")
	s.set("form[action='/settings/mail'] [name=from]", "team@example.org")
	s.click("form[action='/settings/mail'] .btn-primary", "document.querySelector('main > .flash')")
}

// guide goes from the aim to goals and a draft of a plan.
func (s story) guide() {
	s.t.Helper()
	browsertest.Visit(s.t, s.tab, s.url+"/goals/guide")
	s.click("a[href='/goals/guide?aim=trials']", "document.querySelector('[name=who]')")
	if got := s.say("document.querySelector('[name=who]').value"); got != "org.lifecycle:trial" {
		s.t.Errorf("it is about %q", got)
	}
	s.set("[name=words]", "Many leave after the 30-day trial")
	s.set("[name=owner]", "ana@example.org")
	s.click("form[action='/goals/guide'] .btn-primary", "document.querySelector('[name=k0-baseline]')")
	for _, field := range []string{"k0-baseline", "k1-baseline"} {
		if got := s.say("document.querySelector('[name=" + field + "]').value"); got == "" {
			s.t.Errorf("%s is not computed from the data", field)
		}
	}
	s.look(1440)
	shot(s.t, s.tab, "story-guide")
	s.click("form[method=post][action='/goals/guide'] .btn-primary", "/^\\/roadmap\\/\\d+$/.test(location.pathname)")
}

// makeAll makes what the plan's tasks name, one click each.
func (s story) makeAll(plan string) {
	s.t.Helper()
	shot(s.t, s.tab, "story-plan-begin")
	const next = ".plan-tasks form[action$='/make'] button"
	for n := range 6 {
		s.click(next, flash("linked with the task")+" && document.querySelectorAll('.task-made').length === "+string(rune('1'+n)))
	}
	if s.is("document.querySelector(" + quote(next) + ")") {
		s.t.Error("more can be made than the six")
	}
	s.look(1440)
	shot(s.t, s.tab, "story-plan-made")
	links := strings.Fields(s.say("[...document.querySelectorAll('.task-made a')].map(a => a.getAttribute('href')).join(' ')"))
	for i, begins := range []string{"/workflows/", "/surveys/", "/programs/", "/alerts/", "/topics", "/insights/", "/reports/"} {
		if i >= len(links) || !strings.HasPrefix(links[i], begins) {
			s.t.Fatalf("the plan links to %v, want %s in place %d", links, begins, i)
		}
		s.see(links[i], "story-made-"+strings.Trim(begins, "/"))
	}
	browsertest.Visit(s.t, s.tab, s.url+plan)
}

// letIn turns the workflow on and lets those in who are on trial now.
func (s story) letIn(plan string) {
	s.t.Helper()
	browsertest.Visit(s.t, s.tab, s.url+plan)
	s.click(".task-made a[href^='/workflows/']", "location.pathname === '/workflows/trial-check-ins'")
	s.click("form[action$='/turn/on'] button", flash("is on"))
	s.enter()
	if got := s.say("document.querySelector('main > .flash').textContent"); strings.HasPrefix(strings.TrimSpace(got), "0 ") {
		s.t.Errorf("nobody entered: %s", got)
	}
	shot(s.t, s.tab, "story-workflow")
}

// approve has the first mails written, looks at them where they wait, and sends them.
func (s story) approve(first *season) {
	s.t.Helper()
	for range 3 {
		first.step()
	}
	browsertest.Visit(s.t, s.tab, s.url+"/outbox")
	s.look(1440)
	shot(s.t, s.tab, "story-outbox")
	s.click("form[action='/outbox/approve'] button", flash("approved"))
}

func (s story) enter() {
	s.t.Helper()
	s.set("form[action$='/enter'] [name=q]", "org.lifecycle:trial")
	s.click("form[action$='/enter'] button", flash("entered"))
}

// signIn comes back: a session that nobody used for a month has ended.
func (s story) signIn() {
	s.t.Helper()
	browsertest.Visit(s.t, s.tab, s.url+"/sign-in")
	s.set("[name=email]", "ana@example.org")
	s.set("[name=password]", password)
	s.click("form button:not([type]), form button[type=submit]", "location.pathname === '/'")
}

// waitForTally waits until it is known what came of those who entered and those who were held out.
func (s story) waitForTally() {
	s.t.Helper()
	for range 100 {
		browsertest.Visit(s.t, s.tab, s.url+"/workflows/trial-check-ins")
		if s.is("/[1-9]\\d* held out · 95/.test(document.body.textContent)") {
			s.look(1440)
			shot(s.t, s.tab, "story-workflow-later")
			return
		}
		s.enter() // nobody new; it wakes the engine
	}
	s.t.Error("the workflow never tells what came of it")
}

// retrospective closes the goal, and looks at what came out.
func (s story) retrospective(plan string) {
	s.t.Helper()
	browsertest.Visit(s.t, s.tab, s.url+plan)
	s.click(".facts-text a[href^='/goals/']", "/^\\/goals\\/\\d+$/.test(location.pathname)")
	s.look(1440)
	shot(s.t, s.tab, "story-goal-end")
	s.set("#close [name=outcome]", "The check-ins ran for a quarter.")
	s.set("#close [name=learned]", "People answer a person.")
	s.click("#close form .btn-primary", flash("is closed"))
	s.look(1440)
	shot(s.t, s.tab, "story-retrospective")
	retro := s.say("[...document.querySelectorAll('.card')].find(c => c.querySelector('h2')?.textContent === 'Retrospective').textContent")
	for _, want := range []string{"More people are active in the month in which their trial begins", "a period since the first day (3)", "95 %: ", "The check-ins ran", "held out", "more often than those who were held out"} {
		if !strings.Contains(retro, want) {
			s.t.Errorf("the retrospective does not say %q: %s", want, retro)
		}
	}
	s.t.Log(strings.Join(strings.Fields(retro), " "))
}
