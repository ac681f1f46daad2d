// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package flowtest_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"greenroom/internal/auth"
	"greenroom/internal/browsertest"
	"greenroom/internal/inbox"
	"greenroom/internal/server"
	"greenroom/internal/server/servertest"
	"greenroom/internal/task"
)

// TestInboxFlow works the inbox with the keyboard alone, on a desk and on a phone: open what is most past its target, take
// it, keep a note that names somebody, put it to sleep, and take that back. It ends with the notice that a colleague gets,
// with a warning where two look at the same conversation, and with a task.
func TestInboxFlow(t *testing.T) {
	browser := house.Browser(t)
	for name, v := range map[string]browsertest.Viewport{"1440": browsertest.Desktop(false), "390": browsertest.Phone(false)} {
		t.Run(name, func(t *testing.T) {
			l := house.Start(t, server.ServeOptions{Community: "Lumen"}, servertest.Whole()[:1])
			k := servertest.Keyboard{T: t, Tab: browsertest.Open(t, browser, v, l.Link)}
			servertest.ComeIn(k)
			colleague := l.As(t, auth.RoleManager)
			k.Reach("Tab", "a[href='/inbox'], button[popovertarget=rail]")
			k.Press("Enter")
			if v.Width < 900 {
				k.Reach("Tab", "#rail a[href='/inbox']")
				k.Press("Enter")
			}
			k.Arrive("location.pathname === '/inbox'")
			k.Look(v.Width)
			first := k.Say("document.querySelector('.pick .row-link').textContent")
			k.Reach("j", ".pick [data-row]")
			k.Press("Enter")
			k.Arrive("/^\\/inbox\\/\\d+$/.test(location.pathname)")
			if got := k.Say("document.querySelector('.panes-main h1').textContent"); !strings.HasPrefix(got, strings.TrimSuffix(first, "…")) {
				t.Errorf("%q opens %q", first, got)
			}
			k.Look(v.Width)
			workItem(k)
			k.Look(v.Width)
			servertest.Shot(t, k.Tab, "inbox-flow-"+name)
			path := k.Say("location.pathname")

			// What the colleague is told, and that two look at the same conversation.
			told := l.Send(t, colleague, "GET", "/notices", nil).Body
			if !strings.Contains(told, "mentioned you in a note") || !strings.Contains(told, "can you look at this?") || !strings.Contains(told, `class="count count-hot">1<`) {
				t.Error("the colleague is not told of the note")
			}
			id := strings.TrimPrefix(path, "/inbox/")
			l.Send(t, colleague, "GET", "/inbox/events?item="+id, nil, func(r *http.Request) { r.Header.Set("Accept", "application/json") })
			browsertest.WaitFor(t, k.Tab, "document.getElementById('inbox-lookers').checkVisibility() && document.getElementById('inbox-lookers').textContent.includes('is looking at this, too')")
			browsertest.Axe(t, k.Tab)

			// What somebody else does shows by itself.
			l.Send(t, colleague, "POST", path+"/assign", map[string][]string{"to": {"manager@example.org"}}, func(r *http.Request) { r.Header.Set("Origin", l.URL) })
			browsertest.WaitFor(t, k.Tab, "document.getElementById('inbox-state').textContent.includes('manager')")

			// j goes on from the conversation that is open.
			if v.Width > 1000 {
				k.Press("j", "Enter")
				k.Arrive("/^\\/inbox\\/\\d+$/.test(location.pathname) && location.pathname !== " + servertest.Quote(path))
			}
			k.Press("?")
			browsertest.WaitFor(t, k.Tab, "document.getElementById('keys').open")
			help := k.Say("document.querySelector('#keys .keys').textContent")
			for _, want := range []string{"aAssign", "sSnooze", "nNote", "eAnswered elsewhere", "dDone"} {
				if !strings.Contains(help, want) {
					t.Errorf("the help does not say %q: %s", want, help)
				}
			}
			k.Press("Escape")
			severalAtOnce(k)
			newTask(t, k, v.Width)
		})
	}
}

// workItem takes the item, notes, puts it to sleep and takes that back.
func workItem(k servertest.Keyboard) {
	k.T.Helper()
	k.Press("a")
	browsertest.WaitFor(k.T, k.Tab, "document.getElementById('assign').open && document.activeElement.name === 'to'")
	browsertest.Axe(k.T, k.Tab)
	k.Reach("Tab", "#assign .btn-primary")
	k.Press("Enter")
	k.Arrive("document.querySelector('main > .flash')?.textContent.includes('Given to Ana')")
	k.Press("n")
	browsertest.WaitFor(k.T, k.Tab, "document.getElementById('note').open && document.activeElement.name === 'text'")
	k.Write("@manager can you look at this?")
	k.Reach("Tab", "#note .btn-primary")
	k.Press("Enter")
	k.Arrive("document.querySelector('main > .flash')?.textContent.includes('for manager@example.org')")
	if !k.Is("document.getElementById('inbox-notes').textContent.includes('can you look at this?')") {
		k.T.Error("the note is not there")
	}
	k.Press("s")
	browsertest.WaitFor(k.T, k.Tab, "document.getElementById('snooze').open && document.activeElement.name === 'for'")
	k.Reach("Tab", "#snooze .btn-primary")
	k.Press("Enter")
	k.Arrive("document.querySelector('main > .flash')?.textContent.includes('It sleeps until') && document.getElementById('inbox-state').textContent.includes('sleeps until')")
	k.Press("u")
	k.Arrive("document.querySelector('main > .flash')?.textContent.includes('Taken back')")
	if !k.Is("!document.getElementById('inbox-state').textContent.includes('sleeps') && document.getElementById('inbox-state').textContent.includes('Ana')") {
		k.T.Errorf("after the undoing, it is %s", k.Say("document.getElementById('inbox-state').textContent"))
	}
}

// severalAtOnce selects two conversations in the list, says that they are done, and takes that back.
func severalAtOnce(k servertest.Keyboard) {
	k.T.Helper()
	browsertest.Visit(k.T, k.Tab, strings.SplitN(k.Say("location.href"), "/inbox", 2)[0]+"/inbox?view=unassigned")
	waiting := k.Say("document.querySelectorAll('.pick [data-row]').length")
	k.Reach("j", ".pick [data-row]")
	k.Press("x", "j", "x")
	browsertest.WaitFor(k.T, k.Tab, "document.querySelector('[data-selected]').checkVisibility() && document.querySelector('[data-selected]').textContent === '2 selected'")
	browsertest.Axe(k.T, k.Tab)
	servertest.Shot(k.T, k.Tab, "inbox-several")
	k.Reach("Shift+Tab", ".inbox-bulk button[value=done]")
	k.Press("Enter")
	k.Arrive("document.querySelector('main > .flash')?.textContent.includes('2 conversations done')")
	if got := k.Say("document.querySelectorAll('.pick [data-row]').length"); got == waiting {
		k.T.Errorf("%s are still in the list of %s", got, waiting)
	}
	k.Press("u")
	k.Arrive("document.querySelector('main > .flash')?.textContent.includes('2 conversations as before')")
	if got := k.Say("document.querySelectorAll('.pick [data-row]').length"); got != waiting {
		k.T.Errorf("%s are in the list again, not %s", got, waiting)
	}
}

func newTask(t *testing.T, k servertest.Keyboard, width int64) {
	t.Helper()
	browsertest.Visit(t, k.Tab, strings.SplitN(k.Say("location.href"), "/inbox", 2)[0]+"/tasks")
	k.Press("n")
	browsertest.WaitFor(t, k.Tab, "document.getElementById('new').open && document.activeElement.name === 'title'")
	k.Write("Thank the helpers")
	browsertest.Axe(t, k.Tab)
	k.Press("Enter")
	k.Arrive("document.querySelector('main > .flash')?.textContent.includes('The task is made')")
	k.Look(width)
	k.Reach("Tab", "form[action$='/done'] button")
	k.Press("Enter")
	k.Arrive("document.querySelector('main > .flash')?.textContent.includes('Done: Thank the helpers')")
	k.Press("u")
	k.Arrive("document.querySelector('main > .flash')?.textContent.includes('To be done again')")
	servertest.Shot(t, k.Tab, "tasks-flow")
}

// TestInboxLooks looks at the pages of the inbox where there is something to see on each of them.
func TestInboxLooks(t *testing.T) {
	browser := house.Browser(t)
	l := house.Start(t, server.ServeOptions{Community: "Lumen", Sample: true}, servertest.Whole())
	desk := servertest.Keyboard{T: t, Tab: browsertest.Open(t, browser, browsertest.Desktop(false), l.Link)}
	desk.Arrive("location.pathname === '/'")
	box, ctx := l.App.Inbox, t.Context()
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
		if _, err := l.App.Tasks.Add(ctx, d, "ben@example.org"); err != nil {
			t.Fatal(err)
		}
	}
	phone := servertest.Keyboard{T: t, Tab: browsertest.Open(t, browser, browsertest.Phone(false), l.URL+"/inbox")}
	used := 0
	for name, path := range map[string]string{"inbox": "/inbox", "inbox-item": inbox.Path(ids[0]), "inbox-snoozed": inbox.Path(ids[2]) + "?view=snoozed", "inbox-done": inbox.Path(ids[3]) + "?view=done", "inbox-settings": "/inbox/settings", "inbox-waits": "/inbox/waits?weeks=26&show=median&day=1&hour=14", "tasks": "/tasks", "notices": "/notices", "today": "/"} {
		if used++; used%2 == 0 { // a tab has its time
			desk = servertest.Keyboard{T: t, Tab: browsertest.Open(t, browser, browsertest.Desktop(false), l.URL+path)}
			phone = servertest.Keyboard{T: t, Tab: browsertest.Open(t, browser, browsertest.Phone(false), l.URL+path)}
		}
		browsertest.Visit(t, desk.Tab, l.URL+path)
		desk.Look(1440)
		servertest.Shot(t, desk.Tab, name+"-desk")
		servertest.Dark(desk)
		servertest.Shot(t, desk.Tab, name+"-dark")
		browsertest.Visit(t, phone.Tab, l.URL+path)
		phone.Look(390)
		servertest.Shot(t, phone.Tab, name+"-phone")
	}
}
