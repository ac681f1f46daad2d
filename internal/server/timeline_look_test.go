// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"greenroom/internal/browsertest"
	"greenroom/internal/roadmap"
	"greenroom/internal/schedule"
	"greenroom/internal/server"
)

// planned is a server with one plan of many tasks, in ten chains that hang together, and its page.
func planned(t *testing.T, tasks int) (*live, *roadmap.Service) {
	t.Helper()
	var plans *roadmap.Service
	l := start(t, server.ServeOptions{Community: "Lumen", Sample: true}, func(app *server.App) {
		plans = app.Plans()
		all := make([]roadmap.Task, tasks)
		for i := range all {
			all[i] = roadmap.Task{ID: -int64(i) - 1, Place: int64(i) + 1, Title: fmt.Sprintf("Task %d", i+1), Days: 1 + i%5, Owner: "ana@example.org"}
			if i >= 10 {
				all[i].After = []schedule.Dependency{{On: -int64(i-10) - 1}}
			}
		}
		if _, err := plans.Add(t.Context(), roadmap.Plan{Title: "Large", State: roadmap.Active, Checkpoints: []roadmap.Checkpoint{{Day: "2027-03-01", Title: "Look"}}}, all, "ana"); err != nil {
			t.Fatal(err)
		}
	})
	return l, plans
}

// timeline opens a plan's timeline and waits until it is drawn.
func timeline(t *testing.T, browser browsertest.Browser, l *live, v browsertest.Viewport, path string) keyboard {
	t.Helper()
	k := keyboard{t, browsertest.Open(t, browser, v, l.link)}
	k.arrive("!location.pathname.startsWith('/join')")
	browsertest.Visit(t, k.tab, l.url+path)
	k.arrive("document.querySelector('[data-timeline][data-drawn]')")
	return k
}

const status = "document.querySelector('#tl-say').textContent"

func (k keyboard) told(text string) {
	k.t.Helper()
	browsertest.WaitFor(k.t, k.tab, status+".includes("+quote(text)+") && !document.querySelector('[data-timeline]').dataset.busy")
}

// pointer moves, presses or lets go of the mouse at a place.
func (k keyboard) pointer(kind input.DispatchMouseEventType, x, y float64) {
	k.t.Helper()
	p := input.DispatchMouseEventParams{Type: kind, X: x, Y: y, Button: input.MouseButtonLeft, ClickCount: 1}
	if kind == input.DispatchMouseEventTypeMouseMoved {
		p.Buttons = 1
	}
	if _, err := chromedp.Call(k.tab, input.DispatchMouseEvent, p); err != nil {
		k.t.Fatal(err)
	}
}

// breathe waits until what was done is drawn.
func (k keyboard) breathe() {
	k.t.Helper()
	browsertest.Eval[bool](k.t, k.tab, "new Promise(r => requestAnimationFrame(() => requestAnimationFrame(() => r(true))))")
}

// middle is the middle of an element.
func (k keyboard) middle(selector string) (x, y float64) {
	k.t.Helper()
	var at [2]float64
	if err := json.Unmarshal([]byte(k.say("JSON.stringify((b => [b.left + b.width / 2, b.top + b.height / 2])(document.querySelector("+quote(selector)+").getBoundingClientRect()))")), &at); err != nil {
		k.t.Fatal(err)
	}
	return at[0], at[1]
}

// drag drags from the middle of an element by so many pixels.
func (k keyboard) drag(selector string, dx, dy float64) {
	k.t.Helper()
	x, y := k.middle(selector)
	k.pointer(input.DispatchMouseEventTypeMousePressed, x, y)
	for i := 1.0; i <= 8; i++ {
		k.pointer(input.DispatchMouseEventTypeMouseMoved, x+dx*i/8, y+dy*i/8)
	}
	k.breathe()
	k.pointer(input.DispatchMouseEventTypeMouseReleased, x+dx, y+dy)
}

func taskNow(t *testing.T, plans *roadmap.Service, id int64) roadmap.Row {
	t.Helper()
	v, err := plans.View(context.WithoutCancel(t.Context()), 1)
	if err != nil {
		t.Fatal(err)
	}
	for i := range v.Tasks {
		if v.Tasks[i].ID == id {
			return v.Tasks[i]
		}
	}
	t.Fatalf("there is no task %d", id)
	return roadmap.Row{}
}

// frames is what a page needs to measure how long frames take while something happens, in milliseconds.
const frames = `window.measure = async (n, step) => {
	const all = [];
	let last = await new Promise(requestAnimationFrame);
	for (let i = 0; i < n; i++) {
		step(i);
		const now = await new Promise(requestAnimationFrame);
		all.push(now - last);
		last = now;
	}
	all.sort((a, b) => a - b);
	return "median " + all[n >> 1].toFixed(1) + " ms, p95 " + all[Math.floor(n * .95)].toFixed(1) + " ms, longest " + all[n - 1].toFixed(1) + " ms over " + n + " frames";
}, 1`

// TestTimelineLarge scrolls and drags in a plan of 5,000 tasks: few rows are in the document wherever one looks, and dates
// follow what was dragged. How long frames took is told in the log, and not judged: it depends on the machine.
func TestTimelineLarge(t *testing.T) {
	browser := browsertest.Start(t)
	l, plans := planned(t, 5000)
	k := timeline(t, browser, l, browsertest.Desktop(false), "/roadmap/1?view=timeline")
	browsertest.Eval[int](t, k.tab, frames)
	few := func() {
		t.Helper()
		if n := browsertest.Eval[int](t, k.tab, "document.querySelectorAll('.tl-row').length"); n < 10 || n > 90 {
			t.Errorf("%d rows are in the document", n)
		}
	}
	if got := k.say("document.querySelector('.tl-box').getAttribute('aria-rowcount')"); got != "5001" {
		t.Errorf("there are %s rows, want 5001", got)
	}
	few()
	t.Log("nothing happens, which is what this machine can do now:", browsertest.Eval[string](t, k.tab, "measure(200, () => 0)"))
	t.Log("scrolling down, 60 pixels a frame:", browsertest.Eval[string](t, k.tab, "measure(300, () => document.querySelector('.tl-box').scrollTop += 60)"))
	few()
	t.Log("jumping 1,000 rows every 10th frame:", browsertest.Eval[string](t, k.tab, "measure(120, i => i % 10 || (document.querySelector('.tl-box').scrollTop = (i / 10 * 34000) % 160000))"))
	few()
	t.Log("jumping 30 rows a frame:", browsertest.Eval[string](t, k.tab, "measure(120, () => document.querySelector('.tl-box').scrollTop += 1020)"))
	few()
	t.Log("scrolling sideways, 40 pixels a frame:", browsertest.Eval[string](t, k.tab, "measure(200, () => document.querySelector('.tl-box').scrollLeft += 40)"))
	k.say("document.querySelector('[data-zoom=week]').click()")
	k.breathe()
	k.say("document.querySelector('.tl-box').scrollTo(0, 0)")
	k.breathe()
	shot(t, k.tab, "timeline-5000")

	before := taskNow(t, plans, 3)
	x, y := k.middle("#tl-task-3 .tl-bar")
	k.pointer(input.DispatchMouseEventTypeMousePressed, x, y)
	move := fmt.Sprintf("measure(200, i => document.querySelector('.tl-box').dispatchEvent(new PointerEvent('pointermove', {clientX: %f + i, clientY: %f, bubbles: true})))", x, y)
	t.Log("dragging, a pixel a frame:", browsertest.Eval[string](t, k.tab, move))
	k.pointer(input.DispatchMouseEventTypeMouseReleased, x+200, y)
	k.told("other tasks moved")
	after := taskNow(t, plans, 3)
	if after.NotBefore == "" || after.Start <= before.Start || after.Start != after.NotBefore {
		t.Errorf("dragged from %s, it begins on %s, not before %q", before.Start, after.Start, after.NotBefore)
	}
	if got := k.say("document.querySelector('#tl-task-3 .sr-only').textContent"); got == "" {
		t.Error("the row says nothing")
	}
	days := after.Days
	k.say(status + " = ''")
	x, y = k.middle("#tl-task-3 .tl-grip")
	k.pointer(input.DispatchMouseEventTypeMousePressed, x, y)
	k.pointer(input.DispatchMouseEventTypeMouseMoved, x+60, y)
	k.breathe()
	k.pointer(input.DispatchMouseEventTypeMouseReleased, x+60, y)
	k.told("saved")
	if after = taskNow(t, plans, 3); after.Days <= days {
		t.Errorf("its end dragged, it takes %d days as before", after.Days)
	}
	k.drag("#tl-task-3 .tl-dot", 4, 34*3)
	k.told("Task 6 waits for Task 3 now")
	if got := taskNow(t, plans, 6).After; len(got) != 1 || got[0].On != 3 {
		t.Errorf("task 6 waits for %v", got)
	}
}

// TestTimelineKeyboard does everything that can be done on the timeline without a mouse, and hears what happens.
func TestTimelineKeyboard(t *testing.T) {
	browser := browsertest.Start(t)
	l, plans := planned(t, 14)
	k := timeline(t, browser, l, browsertest.Desktop(false), "/roadmap/1?view=timeline")
	k.reach("Tab", ".tl-box")
	k.press("ArrowDown")
	k.told("Task 1: ")
	was := taskNow(t, plans, 1)
	k.press("Shift+ArrowRight", "Shift+ArrowRight")
	k.told("saved")
	if now := taskNow(t, plans, 1); schedule.Usual().Add(day(t, was.Start), 2).String() != now.Start {
		t.Errorf("moved by two days from %s, it begins on %s", was.Start, now.Start)
	}
	k.press("Alt+ArrowRight")
	k.told("saved")
	if now := taskNow(t, plans, 1); now.Days != was.Days+1 {
		t.Errorf("made longer, it takes %d days", now.Days)
	}
	k.press("u")
	k.told("Took back: changed Task 1")
	if now := taskNow(t, plans, 1); now.Days != was.Days {
		t.Errorf("undone, it takes %d days", now.Days)
	}
	k.press("l", "ArrowDown", "ArrowDown", "Enter")
	k.told("Task 3 waits for Task 1 now")
	k.press("Delete")
	k.told("Task 3 does not wait for Task 1 any more")
	if got := taskNow(t, plans, 3).After; len(got) != 0 {
		t.Errorf("task 3 waits for %v", got)
	}
	k.press("End")
	k.told("Task 14: ")
	k.press("l", "Home", "ArrowDown", "ArrowDown", "ArrowDown", "ArrowDown", "Enter") // task 4 waits for 14, which waits for 4
	k.told("circle")
	k.press("ArrowLeft")
	k.told("Large")
	k.press("ArrowLeft")
	k.told("Large, closed")
	k.press("ArrowRight")
	k.told("14 tasks")
	k.press("?")
	browsertest.WaitFor(t, k.tab, "document.querySelector('dialog[open] h2')?.textContent === 'Keys of the timeline'")
	browsertest.Axe(t, k.tab)
	k.press("Escape")
	k.press("-")
	k.told("Zoom: ")

	// somebody else changes what is changed here: both values are shown, and what is chosen holds
	theirs, err := plans.Task(t.Context(), 1, 2)
	if err != nil {
		t.Fatal(err)
	}
	theirs.Days = 9
	if _, err := plans.EditTask(t.Context(), theirs, "ben"); err != nil {
		t.Fatal(err)
	}
	k.press("ArrowDown", "ArrowDown", "Alt+ArrowRight")
	browsertest.WaitFor(t, k.tab, "document.querySelector('dialog[open] .tl-clash')")
	browsertest.Axe(t, k.tab)
	shot(t, k.tab, "timeline-conflict")
	if now := taskNow(t, plans, 2); now.Days != 9 {
		t.Errorf("before anything was chosen, it takes %d days", now.Days)
	}
	k.reach("Tab", "dialog[open] input[type=radio]")
	k.press("ArrowDown")
	k.reach("Tab", "dialog[open] .btn-primary")
	k.press("Enter")
	k.told("saved")
	if now := taskNow(t, plans, 2); now.Days != 3 {
		t.Errorf("my 3 days were chosen, it takes %d", now.Days)
	}
	k.press("Enter")
	k.arrive("location.pathname === '/roadmap/1/tasks/2'")
}

func day(t *testing.T, text string) schedule.Date {
	t.Helper()
	d, err := schedule.ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// whole checks that nothing of a timeline is cut, wherever one looks: the months that are named, and the last row.
func (k keyboard) whole() {
	k.t.Helper()
	const cut = `(async () => {
	const box = document.querySelector(".tl-box"), wrong = [];
	if (!box) return "";
	const settle = () => new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r)));
	const left = box.scrollLeft, end = box.scrollWidth - box.clientWidth;
	for (const at of [0, .2, .35, .5, .65, .8, 1].map((x) => x * end).concat(left)) {
		box.scrollTo(at, 0);
		await settle();
		const from = document.querySelector(".tl-corner").getBoundingClientRect().right, to = box.getBoundingClientRect().left + box.clientWidth;
		let named = 0;
		for (const label of document.querySelectorAll(".tl-scale b i")) {
			const at = label.getBoundingClientRect(), month = label.parentElement.getBoundingClientRect();
			if (!label.textContent || at.right <= from || at.left >= to) continue;
			named++;
			if (at.left < from - 1 || at.right > month.right + 1) wrong.push("of the month " + label.textContent + " a part is hidden");
		}
		if (!named) wrong.push("no month is named");
	}
	for (const down of [0, box.scrollHeight]) {
		box.scrollTo(left, down);
		await settle();
		const at = box.getBoundingClientRect().top, low = at + box.clientHeight;
		const rows = [...document.querySelectorAll(".tl-row:not([hidden])")].map((r) => r.getBoundingClientRect());
		if (rows.some((r) => r.top < low - 1 && r.bottom > low + 1)) wrong.push("the last row is cut when scrolled to " + down);
	}
	box.scrollTo(left, 0);
	await settle();
	return wrong.join("; ");
})()`
	if wrong := browsertest.Eval[string](k.t, k.tab, cut); wrong != "" {
		k.t.Error(wrong)
	}
}

// TestTimelineLooks looks at the timeline and the calendar of plans, at a desk in light and dark and on a phone.
func TestTimelineLooks(t *testing.T) {
	browser := browsertest.Start(t)
	dir := community(t)
	l := start(t, server.ServeOptions{Community: "Lumen", Sample: true}, func(app *server.App) {
		imported(t, app, dir, [3]string{"slack-export", "slack", "slack"}, [3]string{"csv", "crm", "business/members.csv"})
		engine, err := app.Analytics(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := app.SampleGoals(t.Context(), engine); err != nil {
			t.Fatal(err)
		}
	})
	come := keyboard{t, browsertest.Open(t, browser, browsertest.Desktop(false), l.link)}
	come.arrive("location.pathname === '/'")
	for mode, v := range map[string]browsertest.Viewport{"desk": browsertest.Desktop(false), "phone": browsertest.Phone(false)} {
		var tab browsertest.Tab
		for _, page := range [][2]string{{"roadmap-timeline", "/roadmap"}, {"plan-timeline", "/roadmap/1?view=timeline"}, {"roadmap-calendar", "/roadmap/calendar"}, {"roadmap-list", "/roadmap?view=list"}, {"plan-signoff", "/roadmap/1"}, {"my-work-plans", "/tasks"}} {
			if tab == nil {
				tab = browsertest.Open(t, browser, v, l.url+page[1])
			} else {
				browsertest.Visit(t, tab, l.url+page[1])
			}
			t.Run(page[0]+"/"+mode, func(t *testing.T) {
				k := keyboard{t, tab}
				k.arrive("!document.querySelector('[data-timeline]:not([data-drawn])')")
				time.Sleep(100 * time.Millisecond)
				k.look(v.Width)
				k.whole()
				shot(t, tab, page[0]+"-"+mode)
				if mode == "desk" {
					dark(k)
					shot(t, tab, page[0]+"-dark")
				}
			})
		}
	}
}
