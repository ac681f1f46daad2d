// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"greenroom/internal/auth"
	"greenroom/internal/browsertest"
	"greenroom/internal/inbox"
	"greenroom/internal/server"
	"greenroom/internal/task"
)

// TestInboxFlow works the inbox with the keyboard alone, on a desk and on a phone: open what is most past its target, take
// it, keep a note that names somebody, put it to sleep, and take that back. It ends with the notice that a colleague gets,
// with a warning where two look at the same conversation, and with a task.
func TestInboxFlow(t *testing.T) {
	browser := browsertest.Start(t)
	dir := community(t)
	for name, v := range map[string]browsertest.Viewport{"1440": browsertest.Desktop(false), "390": browsertest.Phone(false)} {
		t.Run(name, func(t *testing.T) {
			l := start(t, server.ServeOptions{Community: "Lumen"}, func(app *server.App) {
				imported(t, app, dir, [3]string{"slack-export", "slack", "slack"})
			})
			k := keyboard{t, browsertest.Open(t, browser, v, l.link)}
			comeIn(k)
			colleague := l.as(t, auth.RoleManager)
			k.reach("Tab", "a[href='/inbox'], button[popovertarget=rail]")
			k.press("Enter")
			if v.Width < 900 {
				k.reach("Tab", "#rail a[href='/inbox']")
				k.press("Enter")
			}
			k.arrive("location.pathname === '/inbox'")
			k.look(v.Width)
			first := k.say("document.querySelector('.pick .row-link').textContent")
			k.reach("j", ".pick [data-row]")
			k.press("Enter")
			k.arrive("/^\\/inbox\\/\\d+$/.test(location.pathname)")
			if got := k.say("document.querySelector('.panes-main h1').textContent"); !strings.HasPrefix(got, strings.TrimSuffix(first, "…")) {
				t.Errorf("%q opens %q", first, got)
			}
			k.look(v.Width)
			workItem(k)
			k.look(v.Width)
			shot(t, k.tab, "inbox-flow-"+name)
			path := k.say("location.pathname")

			// What the colleague is told, and that two look at the same conversation.
			told := l.send(t, colleague, "GET", "/notices", nil).body
			if !strings.Contains(told, "mentioned you in a note") || !strings.Contains(told, "can you look at this?") || !strings.Contains(told, `class="count count-hot">1<`) {
				t.Error("the colleague is not told of the note")
			}
			id := strings.TrimPrefix(path, "/inbox/")
			l.send(t, colleague, "GET", "/inbox/events?item="+id, nil, func(r *http.Request) { r.Header.Set("Accept", "application/json") })
			browsertest.WaitFor(t, k.tab, "document.getElementById('inbox-lookers').checkVisibility() && document.getElementById('inbox-lookers').textContent.includes('is looking at this, too')")
			browsertest.Axe(t, k.tab)

			// What somebody else does shows by itself.
			l.send(t, colleague, "POST", path+"/assign", map[string][]string{"to": {"manager@example.org"}}, func(r *http.Request) { r.Header.Set("Origin", l.url) })
			browsertest.WaitFor(t, k.tab, "document.getElementById('inbox-state').textContent.includes('manager')")

			// j goes on from the conversation that is open.
			if v.Width > 1000 {
				k.press("j", "Enter")
				k.arrive("/^\\/inbox\\/\\d+$/.test(location.pathname) && location.pathname !== " + quote(path))
			}
			k.press("?")
			browsertest.WaitFor(t, k.tab, "document.getElementById('keys').open")
			help := k.say("document.querySelector('#keys .keys').textContent")
			for _, want := range []string{"aAssign", "sSnooze", "nNote", "eAnswered elsewhere", "dDone"} {
				if !strings.Contains(help, want) {
					t.Errorf("the help does not say %q: %s", want, help)
				}
			}
			k.press("Escape")
			severalAtOnce(k)
			newTask(t, k, v.Width)
		})
	}
}

// workItem takes the item, notes, puts it to sleep and takes that back.
func workItem(k keyboard) {
	k.t.Helper()
	k.press("a")
	browsertest.WaitFor(k.t, k.tab, "document.getElementById('assign').open && document.activeElement.name === 'to'")
	browsertest.Axe(k.t, k.tab)
	k.reach("Tab", "#assign .btn-primary")
	k.press("Enter")
	k.arrive("document.querySelector('main > .flash')?.textContent.includes('Given to Ana')")
	k.press("n")
	browsertest.WaitFor(k.t, k.tab, "document.getElementById('note').open && document.activeElement.name === 'text'")
	k.write("@manager can you look at this?")
	k.reach("Tab", "#note .btn-primary")
	k.press("Enter")
	k.arrive("document.querySelector('main > .flash')?.textContent.includes('for manager@example.org')")
	if !k.is("document.getElementById('inbox-notes').textContent.includes('can you look at this?')") {
		k.t.Error("the note is not there")
	}
	k.press("s")
	browsertest.WaitFor(k.t, k.tab, "document.getElementById('snooze').open && document.activeElement.name === 'for'")
	k.reach("Tab", "#snooze .btn-primary")
	k.press("Enter")
	k.arrive("document.querySelector('main > .flash')?.textContent.includes('It sleeps until') && document.getElementById('inbox-state').textContent.includes('sleeps until')")
	k.press("u")
	k.arrive("document.querySelector('main > .flash')?.textContent.includes('Taken back')")
	if !k.is("!document.getElementById('inbox-state').textContent.includes('sleeps') && document.getElementById('inbox-state').textContent.includes('Ana')") {
		k.t.Errorf("after the undoing, it is %s", k.say("document.getElementById('inbox-state').textContent"))
	}
}

// severalAtOnce selects two conversations in the list, says that they are done, and takes that back.
func severalAtOnce(k keyboard) {
	k.t.Helper()
	browsertest.Visit(k.t, k.tab, strings.SplitN(k.say("location.href"), "/inbox", 2)[0]+"/inbox?view=unassigned")
	waiting := k.say("document.querySelectorAll('.pick [data-row]').length")
	k.reach("j", ".pick [data-row]")
	k.press("x", "j", "x")
	browsertest.WaitFor(k.t, k.tab, "document.querySelector('[data-selected]').checkVisibility() && document.querySelector('[data-selected]').textContent === '2 selected'")
	browsertest.Axe(k.t, k.tab)
	shot(k.t, k.tab, "inbox-several")
	k.reach("Shift+Tab", ".inbox-bulk button[value=done]")
	k.press("Enter")
	k.arrive("document.querySelector('main > .flash')?.textContent.includes('2 conversations done')")
	if got := k.say("document.querySelectorAll('.pick [data-row]').length"); got == waiting {
		k.t.Errorf("%s are still in the list of %s", got, waiting)
	}
	k.press("u")
	k.arrive("document.querySelector('main > .flash')?.textContent.includes('2 conversations as before')")
	if got := k.say("document.querySelectorAll('.pick [data-row]').length"); got != waiting {
		k.t.Errorf("%s are in the list again, not %s", got, waiting)
	}
}

func newTask(t *testing.T, k keyboard, width int64) {
	t.Helper()
	browsertest.Visit(t, k.tab, strings.SplitN(k.say("location.href"), "/inbox", 2)[0]+"/tasks")
	k.press("n")
	browsertest.WaitFor(t, k.tab, "document.getElementById('new').open && document.activeElement.name === 'title'")
	k.write("Thank the helpers")
	browsertest.Axe(t, k.tab)
	k.press("Enter")
	k.arrive("document.querySelector('main > .flash')?.textContent.includes('The task is made')")
	k.look(width)
	k.reach("Tab", "form[action$='/done'] button")
	k.press("Enter")
	k.arrive("document.querySelector('main > .flash')?.textContent.includes('Done: Thank the helpers')")
	k.press("u")
	k.arrive("document.querySelector('main > .flash')?.textContent.includes('To be done again')")
	shot(t, k.tab, "tasks-flow")
}

// TestInboxLooks looks at the pages of the inbox where there is something to see on each of them.
func TestInboxLooks(t *testing.T) {
	browser := browsertest.Start(t)
	dir := community(t)
	l := start(t, server.ServeOptions{Community: "Lumen", Sample: true}, func(app *server.App) {
		imported(t, app, dir, [3]string{"slack-export", "slack", "slack"}, [3]string{"discourse", "forum", "discourse"}, [3]string{"csv", "crm", "business/members.csv"})
	})
	desk := keyboard{t, browsertest.Open(t, browser, browsertest.Desktop(false), l.link)}
	desk.arrive("location.pathname === '/'")
	box, ctx := l.app.Inbox, t.Context()
	team, err := box.Team(ctx)
	if err != nil || len(team) == 0 {
		t.Fatalf("nobody is in the team: %v", err)
	}
	me := team[0].Email
	set := inbox.Usual()
	set.Rules = []inbox.Rule{{Query: "channel:help", Hours: 4, Business: true}, {Query: "source:forum", Hours: 48}}
	set.Rotation, set.Escalations = []string{me}, []inbox.Escalation{{After: 8, Query: "channel:help", Notify: []string{me}, Assign: inbox.ByTurn}}
	if _, err := box.SetSettings(ctx, set, me); err != nil {
		t.Fatal(err)
	}
	page, err := box.Queue(ctx, inbox.Filter{})
	if err != nil || len(page.Items) < 4 {
		t.Fatalf("%d items wait: %v", len(page.Items), err)
	}
	ids := make([]int64, 0, len(page.Items))
	for i := range page.Items {
		ids = append(ids, page.Items[i].Conversation.ID)
	}
	for _, do := range []func() (inbox.Event, error){
		func() (inbox.Event, error) { return box.Assign(ctx, ids[0], me, "ben@example.org") },
		func() (inbox.Event, error) {
			return box.Note(ctx, ids[0], "Asked the platform team.\nThey answer on Monday, @"+strings.SplitN(me, "@", 2)[0], "ben@example.org")
		},
		func() (inbox.Event, error) { return box.Merge(ctx, ids[1], ids[0], me) },
		func() (inbox.Event, error) { return box.Snooze(ctx, ids[2], time.Now().Add(30*time.Hour), true, me) },
		func() (inbox.Event, error) { return box.Finish(ctx, ids[3], "https://docs.example.org/keys", me) },
	} {
		if _, err := do(); err != nil {
			t.Fatal(err)
		}
	}
	for _, d := range []task.Draft{{Title: "Send speaker agreements", Owner: me, DueAt: time.Now().AddDate(0, 0, -3)}, {Title: "Review champion applications", Owner: me, DueAt: time.Now().AddDate(0, 0, 3), Note: "Seven came in."}, {Title: "Re-verify the upgrade guide", Owner: me, Link: "/conversations"}} {
		if _, err := l.app.Tasks.Add(ctx, d, "ben@example.org"); err != nil {
			t.Fatal(err)
		}
	}
	phone := keyboard{t, browsertest.Open(t, browser, browsertest.Phone(false), l.url+"/inbox")}
	used := 0
	for name, path := range map[string]string{"inbox": "/inbox", "inbox-item": inbox.Path(ids[0]), "inbox-snoozed": inbox.Path(ids[2]) + "?view=snoozed", "inbox-done": inbox.Path(ids[3]) + "?view=done", "inbox-settings": "/inbox/settings", "inbox-waits": "/inbox/waits?weeks=26&show=median&day=1&hour=14", "tasks": "/tasks", "notices": "/notices", "today": "/"} {
		if used++; used%2 == 0 { // a tab has its time
			desk = keyboard{t, browsertest.Open(t, browser, browsertest.Desktop(false), l.url+path)}
			phone = keyboard{t, browsertest.Open(t, browser, browsertest.Phone(false), l.url+path)}
		}
		browsertest.Visit(t, desk.tab, l.url+path)
		desk.look(1440)
		shot(t, desk.tab, name+"-desk")
		dark(desk)
		shot(t, desk.tab, name+"-dark")
		browsertest.Visit(t, phone.tab, l.url+path)
		phone.look(390)
		shot(t, phone.tab, name+"-phone")
	}
}
