// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package ui has the parts that Greenroom's pages are made of: the frame around every page, and components such as cards,
// rows, tables, forms and charts.
//
// A component is a struct and a template of the same name: struct Row goes with {{template "ui/row" .}}. The struct holds
// finished texts and addresses; the template decides nothing but markup. So a page's code says what is shown, package ui
// says how, and the style sheet (package static) how it looks. Templates are checked against the structs by
// templatecheck, so a misspelled field fails a test instead of a page.
//
// Everything works under the content security policy "default-src 'self'": there are no inline scripts, styles or
// style attributes, and no page may add any. HTML is whole without JavaScript; scripts add keys, suggestions,
// live progress and drawn charts by looking for data- attributes, also in parts that htmx swaps in.
//
// # A page in ten minutes
//
// A page is a file, a struct and a template. Here is all of a page that lists members:
//
//	//go:embed *.html
//	var files embed.FS
//
//	// membersBody is what members.html shows.
//	type membersBody struct {
//		Head  ui.Head
//		Query ui.QueryBox
//		Table ui.Table
//	}
//
//	type Members struct {
//		view  *ui.View[membersBody]
//		shell func(*http.Request, string) ui.Shell // navigation, user, banner: the same for all pages
//		store memberLister
//	}
//
//	func NewMembers(kit *ui.Kit, ...) (*Members, error) {
//		view, err := ui.Parse[membersBody](kit, files, "members.html")
//		...
//	}
//
//	func (m *Members) ServeHTTP(w http.ResponseWriter, r *http.Request) {
//		found, err := m.store.List(r.Context(), r.FormValue("q"))
//		...
//		body := membersBody{
//			Head:  ui.Head{Title: "Members", Subtitle: ui.Number(total) + " people"},
//			Query: ui.QueryBox{Label: "Filter members", Value: r.FormValue("q"), Action: "/members", Suggest: "/members/suggest"},
//			Table: ui.Table{
//				Caption: "Members",
//				Columns: []ui.Column{{Label: "Name"}, {Label: "Activities", Number: true, SortHref: "/members?sort=activities"}},
//				Empty:   &ui.Empty{Title: "No members yet", Text: "Connect a source first."},
//			},
//		}
//		for _, f := range found {
//			body.Table.Rows = append(body.Table.Rows, ui.TableRow{ID: f.ID, Cells: []ui.Cell{
//				{Text: f.Name, Href: "/members/" + f.ID, Avatar: &ui.Avatar{Name: f.Name, Seed: f.ID}},
//				{Text: ui.Number(f.Activities), Href: "/activities?q=member:" + f.ID},
//			}})
//		}
//		if err := m.view.Render(w, m.shell(r, "Members"), body); err != nil { ... }
//	}
//
// and members.html, which has to define "main":
//
//	{{define "main"}}
//	{{template "ui/head" .Head}}
//	<section class="card">
//	  <div class="card-head"><h2>Members</h2>{{template "ui/query" .Query}}</div>
//	  {{template "ui/table" .Table}}
//	</section>
//	{{end}}
//
// Its test is one line: templatecheck.CheckHTML(members.view.Template(), ui.Page[membersBody]{}).
//
// Wiring makes the kit once: assets, err := static.New(); kit, err := ui.New(assets, clock); and routes
// "GET "+static.Prefix to assets.
//
// # Components
//
// Whole: ui/head (Head), ui/banner (Banner), ui/flash (Flash), ui/empty (Empty), ui/dialog (Dialog), ui/form (Form),
// ui/query (QueryBox), ui/table (Table, with ui/pager), ui/rows (Rows), ui/kpi (KPI), ui/chart (Chart), ui/year (Year), ui/heat
// (Heat), ui/interval (Interval), ui/progress (Progress), ui/steps ([]Step), ui/facts ([]Fact).
// Small: ui/action (Action: link, post, dialog or submit), ui/pill (Pill), ui/avatar (Avatar), ui/delta (Delta), ui/spark (Spark),
// ui/definition (Definition), ui/field (Field), ui/cardhead (CardHead), ui/row (Row), ui/copy (Copy), ui/time (time.Time),
// ui/switch, ui/tabs and ui/chips (Segments), ui/plaintable (Table without phone form).
//
// Functions for templates: asset, ago, date, datetime, num, dur, pct, bytes, and pill, avatar, link, cardhead, which make
// the struct of that name from one or two values: {{template "ui/pill" (pill "Question" "info")}}.
//
// # Markup without a component
//
// Cards and columns hold anything, so they are classes:
//
//	<section class="card">
//	  {{template "ui/cardhead" .Head}}
//	  <div class="card-body">…</div>       or card-rows around ui/rows, or ui/table directly
//	  <div class="card-foot">…</div>
//	</section>
//
// cols with cols-2, cols-3, cols-side (58 : 42) or cols-main (2 : 1) puts cards side by side on wide screens and
// stacks them in written order on narrow ones; stack is one column of them; kpis a row of KPI cards; panes with panes-list,
// panes-main and panes-side is the three-column layout (set Shell.Panes; on narrow screens panes-open hides the list). Small texts: muted, small, overline, num, clip,
// sr-only. Anything of Tabler's CSS may be used too; it lies in a cascade layer below Greenroom's own rules.
//
// # What scripts look for
//
// data-list around elements with data-row="id": j and k move, x selects the .row-check box, Enter follows .row-link.
// data-key="a" on a link or button: that key triggers it. data-query: "/" goes there. data-dialog="id" opens a dialog, data-close
// closes it. data-choose="address" on an input offers what fits while one types (Field.Choose). data-copy="text" copies. data-palette opens the search. A response header HX-Trigger from ToastHeader
// shows a toast. Shell.Search names the endpoint of the search, which answers SearchResults; QueryBox.Suggest the one
// that answers Suggestions, Field.Choose the one that answers Choices.
//
// Package gallery shows everything; with GREENROOM_SHOTS=folder its browser test leaves pictures of it:
//
//	GREENROOM_SHOTS=/tmp/shots go test ./internal/browsertest
package ui
