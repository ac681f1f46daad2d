// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"cmp"
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/process"
	"greenroom/internal/web/ui"
)

const processesPath = "/processes"

// Processes are what the team does again and again; process.Service keeps them.
type Processes interface {
	Workload(ctx context.Context) (process.Sum, error)
	Capacity(ctx context.Context) (process.Capacity, error)
	Get(ctx context.Context, id int64) (process.Load, error)
	ProcessWork
	ProcessTimes
	ProcessDocs
}

// ProcessWork changes processes.
type ProcessWork interface {
	List(ctx context.Context, archived bool) ([]process.Process, error)
	Add(ctx context.Context, d process.Draft, by string) (process.Process, error)
	Edit(ctx context.Context, id, version int64, d process.Draft, by string) (process.Process, error)
	Archive(ctx context.Context, id int64, away bool, by string) (process.Process, error)
}

// ProcessTimes are the timer.
type ProcessTimes interface {
	Timings(ctx context.Context, id int64) ([]process.Timing, error)
	Start(ctx context.Context, id int64, person string) (process.Timing, error)
	Stop(ctx context.Context, id int64, person string, runs int) (process.Timing, error)
	Note(ctx context.Context, id int64, minutes float64, runs int, person string) (process.Timing, error)
	Forget(ctx context.Context, id int64, by string) error
}

// ProcessDocs are the documents made from processes.
type ProcessDocs interface {
	Documents(ctx context.Context) ([]process.Document, error)
	Document(ctx context.Context, id int64) (process.Document, error)
	Make(ctx context.Context, kind process.DocumentKind, h *process.Hiring, keep bool, by string) (process.Document, error)
}

// processesBody is what processes.html shows.
type processesBody struct {
	Head      ui.Head
	KPIs      []ui.KPI
	List      *ui.Table
	Notes     []string
	People    *ui.Table
	PeopleSay []string
	Docs      ui.Rows
	Archived  ui.Rows
	Empty     *ui.Empty
	Dialogs   []ui.Dialog
}

type processPages struct {
	*Site
	list *ui.View[processesBody]
	one  *ui.View[processBody]
	edit *ui.View[goalEditBody]
	doc  *ui.View[processDocBody]
}

func (s *Site) addProcesses() error {
	if s.cfg.Processes == nil {
		return nil
	}
	p := &processPages{Site: s}
	var err error
	if p.list, err = ui.Parse[processesBody](s.kit, templates, "templates/processes.html"); err != nil {
		return err
	}
	if p.one, err = ui.Parse[processBody](s.kit, templates, "templates/process.html"); err != nil {
		return err
	}
	if p.edit, err = ui.Parse[goalEditBody](s.kit, templates, "templates/goaledit.html"); err != nil {
		return err
	}
	if p.doc, err = ui.Parse[processDocBody](s.kit, templates, "templates/processdoc.html"); err != nil {
		return err
	}
	s.handle("GET /processes", p.showList)
	s.change("GET /processes/new", mayWrite, p.showNew)
	s.change("POST /processes/new", mayWrite, p.save)
	s.handle("GET /processes/{id}", p.show)
	s.change("GET /processes/{id}/edit", mayWrite, p.showEdit)
	s.change("POST /processes/{id}/edit", mayWrite, p.save)
	s.change("POST /processes/{id}/archive", mayWrite, p.archive)
	s.change("POST /processes/{id}/start", mayWrite, p.start)
	s.change("POST /processes/{id}/stop", mayWrite, p.stop)
	s.change("POST /processes/{id}/timings", mayWrite, p.noteTiming)
	s.change("POST /processes/{id}/timings/{timing}/remove", mayWrite, p.forget)
	s.handle("GET /process-documents/{id}", p.showDoc)
	s.handle("GET /process-documents/{id}/{file}", p.exportDoc)
	s.handle("GET /processes/division", p.preview)
	s.handle("GET /processes/hiring", p.preview)
	s.change("POST /process-documents", mayWrite, p.makeDoc)
	return nil
}

func processHref(id int64) string { return processesPath + "/" + idText(id) }

// originPill says where a number comes from.
func originPill(f process.Figure) ui.Pill {
	tone := ui.ToneWarn
	if f.Origin == process.Timed || f.Origin == process.Counted {
		tone = ui.ToneGood
	}
	return ui.Pill{Text: f.Origin.Label(), Tone: tone, Title: f.Says}
}

// amounts writes a range so that the likely value stands out; the rest goes below it.
func amounts(r process.Range, unit string) (text, sub string) {
	text = process.Amount(r.Likely) + unit
	if r.Low != r.High {
		sub = process.Amount(r.Low) + " to " + process.Amount(r.High)
	}
	return text, sub
}

func rangeKPI(label, note string, r process.Range) ui.KPI {
	text, sub := amounts(r, " h")
	if sub != "" {
		note = sub + " h, " + note
	}
	return ui.KPI{Label: label, Value: text, Note: note}
}

func (p *processPages) showList(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	sum, err := p.cfg.Processes.Workload(ctx)
	if err != nil {
		return err
	}
	body := processesBody{Head: ui.Head{Title: "Processes", Subtitle: "What the team does again and again, how much work that is, and who has the time for it", Find: true}, Docs: ui.Rows{Label: "Documents"}, Archived: ui.Rows{Label: "Archived processes"}}
	may := person(r).MayWrite
	if may {
		body.Head.Actions = []ui.Action{{Label: "From a template…", Dialog: "template"}, {Label: "New process", Href: "/processes/new", Key: "n", Style: ui.StylePrimary}}
		body.Dialogs = append(body.Dialogs, templateDialog())
	}
	if err := p.listArchived(r, &body); err != nil {
		return err
	}
	if len(sum.Loads) == 0 {
		body.Empty = &ui.Empty{Title: "No processes yet", Text: "Begin with one that everybody does, such as welcoming new members. Templates have the steps and typical minutes; the timer replaces these by yours, and runs are counted from your data."}
		if may {
			body.Empty.Actions = []ui.Action{{Label: "From a template…", Dialog: "template", Style: ui.StylePrimary}}
		}
		return render(p.Site, w, r, p.list, "Processes", body)
	}
	room, err := p.cfg.Processes.Capacity(ctx)
	if err != nil {
		return err
	}
	body.KPIs = []ui.KPI{
		rangeKPI("Work a month", "after workflows", sum.Net), rangeKPI("Saved by workflows", "of "+sum.Gross.String()+" h", sum.Saved),
		{Label: "The team has", Value: process.Amount(room.Hours) + " h", Note: "in the next 30 days; plans take " + process.Amount(room.Planned) + " h of it", Href: crewPath},
		rangeKPI("Missing", "beyond what there is", room.Missing),
	}
	body.List, body.Notes = p.loadTable(&sum, &room), sum.Notes
	body.People, body.PeopleSay = p.peopleTable(&room, &sum), room.Notes
	if err := p.docRows(r, &body); err != nil {
		return err
	}
	body.Head.Actions = append([]ui.Action{{Label: "Division of labor", Href: "/processes/division"}, {Label: "Hiring case…", Dialog: "hiring"}}, body.Head.Actions...)
	body.Dialogs = append(body.Dialogs, hiringDialog())
	return render(p.Site, w, r, p.list, "Processes", body)
}

func (p *processPages) listArchived(r *http.Request, body *processesBody) error {
	all, err := p.cfg.Processes.List(r.Context(), true)
	if err != nil {
		return err
	}
	for i := range all {
		if x := &all[i]; x.Archived {
			body.Archived.Items = append(body.Archived.Items, ui.Row{Title: x.Name, Href: processHref(x.ID), Meta: []ui.Meta{{Text: "counts nowhere"}}})
		}
	}
	return nil
}

func templateDialog() ui.Dialog {
	var all []ui.Option
	for _, t := range process.Templates() {
		all = append(all, ui.Option{Value: t.Key, Label: t.Draft.Name + ": " + t.Draft.Minutes.String() + " min, " + t.Draft.Runs.Per.Label()})
	}
	return ui.Dialog{ID: "template", Title: "From a template", Text: "Its minutes are typical for the field. They are marked as such until yours are known.", Form: ui.Form{
		Get: "/processes/new", Fields: []ui.Field{{Name: "template", Label: "Process", Type: "select", Options: all}}, Actions: []ui.Action{{Label: "Go on", Submit: true, Style: ui.StylePrimary}},
	}}
}

func hiringDialog() ui.Dialog {
	return ui.Dialog{ID: "hiring", Title: "Hiring case", Text: "Made from the processes, the team's hours and plans. You see it before it is frozen.", Form: ui.Form{Get: "/processes/hiring", Fields: []ui.Field{
		{Name: "role", Label: "Who is to be hired", Type: "select", Options: processRoleOptions(process.RoleOps, false)},
		{Name: "week", Label: "Hours a week", Type: "number", Value: "40"},
		{Name: "growth", Label: "Growth of the community a month, in percent", Value: "0", Help: "A number or a range, such as 1-3-5."},
		{Name: "cost", Label: "What the post costs a month, all included", Help: "A number or a range. Empty = not said."},
		{Name: "currency", Label: "Currency", Value: "EUR"},
		{Name: "why", Label: "In your own words", Type: "textarea"},
	}, Actions: []ui.Action{{Label: "Show it", Submit: true, Style: ui.StylePrimary}}}}
}

// processRoleOptions lists the field's roles, with another one where it is none of them.
func processRoleOptions(own string, none bool) []ui.Option {
	var all []ui.Option
	if none {
		all = append(all, ui.Option{Label: "Nobody's yet"})
	}
	known := own == ""
	for _, r := range process.Roles() {
		all, known = append(all, ui.Option{Value: r, Label: r}), known || r == own
	}
	if !known {
		all = append(all, ui.Option{Value: own, Label: own})
	}
	return all
}

func (p *processPages) loadTable(sum *process.Sum, room *process.Capacity) *ui.Table {
	names := make(teamNames, len(room.People))
	for i := range room.People {
		names[strings.ToLower(room.People[i].Email)] = firstText(room.People[i].Name, room.People[i].Email)
	}
	t := &ui.Table{Caption: "Processes with the hours that they take, the most first", Columns: []ui.Column{{Label: "Process"}, {Label: "Done by"}, {Label: "Minutes once", Number: true}, {Label: "From"}, {Label: "Runs a month", Number: true}, {Label: "From"}, {Label: "Saved", Number: true}, {Label: "Hours a month", Number: true}}}
	for i := range sum.Loads {
		l := &sum.Loads[i]
		who := names.cell(l.Doers...)
		if who.Sub = l.Role; len(l.Doers) == 0 {
			if who.Text, who.Title = names.who(l.Owner); who.Text == "" {
				who.Pills = []ui.Pill{{Text: "nobody", Tone: ui.ToneWarn}}
			}
		}
		once, onceSub := amounts(l.Once.Range, "")
		all := process.Range{}
		for j := range l.Parts {
			all = all.Plus(l.Parts[j].Runs.Range)
		}
		runs, runsSub := amounts(all, "")
		hours, hoursSub := amounts(l.Net, " h")
		name := ui.Cell{Text: l.Name, Href: processHref(l.ID), Sub: l.Runs.Per.Label()}
		if n := len(l.Surfaces); n > 1 {
			name.Sub += ", on " + strconv.Itoa(n) + " surfaces"
		}
		saved := ui.Cell{}
		if l.Saved.High > 0 {
			saved.Text, saved.Sub = amounts(l.Saved, " h")
		}
		t.Rows = append(t.Rows, ui.TableRow{ID: idText(l.ID), Cells: []ui.Cell{
			name, who, {Text: once, Sub: onceSub}, {Pills: []ui.Pill{originPill(l.Once)}}, {Text: runs, Sub: runsSub}, {Pills: []ui.Pill{originPill(l.Parts[0].Runs)}}, saved, {Text: hours, Sub: hoursSub},
		}})
	}
	return t
}

func (p *processPages) peopleTable(c *process.Capacity, sum *process.Sum) *ui.Table {
	names := make(map[int64]string)
	for i := range sum.Loads {
		names[sum.Loads[i].ID] = sum.Loads[i].Name
	}
	t := &ui.Table{Caption: "People with the time that they have and what is to be done", Columns: []ui.Column{{Label: "Who"}, {Label: "Does"}, {Label: "Hours in 30 days", Number: true}, {Label: "Plans", Number: true}, {Label: "Processes", Number: true}, {Label: "Left", Number: true}}}
	for i := range c.People {
		x := &c.People[i]
		var does []string
		for _, id := range x.Doing {
			does = append(does, names[id])
		}
		has := ui.Cell{Text: process.Amount(x.Hours) + " h"}
		if x.Away > 0 {
			has.Sub = process.Amount(x.Away) + " h away"
		} else if x.Unsaid {
			has.Sub = "not said: 40 h a week"
		}
		work, workSub := amounts(x.Processes, " h")
		left := ui.Cell{Text: process.Amount(x.Left) + " h", Sub: process.Amount(x.Least) + " to " + process.Amount(x.Most)}
		if x.Left < 0 {
			left.Tone = ui.ToneBad
		}
		t.Rows = append(t.Rows, ui.TableRow{Cells: []ui.Cell{
			{Text: cmp.Or(x.Name, x.Email), Href: crewHref(x.Email), Sub: x.Role}, {Text: strings.Join(does, ", ")}, has, {Text: process.Amount(x.Planned) + " h"}, {Text: work, Sub: workSub}, left,
		}})
	}
	if c.Nobody.High > 0 {
		work, sub := amounts(c.Nobody, " h")
		t.Rows = append(t.Rows, ui.TableRow{Cells: []ui.Cell{{Text: "Nobody", Pills: []ui.Pill{{Text: "to be given", Tone: ui.ToneWarn}}}, {}, {}, {}, {Text: work, Sub: sub}, {}}})
	}
	return t
}

func (p *processPages) docRows(r *http.Request, body *processesBody) error {
	all, err := p.cfg.Processes.Documents(r.Context())
	if err != nil {
		return err
	}
	team, err := p.teamNames(r)
	if err != nil {
		return err
	}
	for i := range all {
		d := &all[i]
		body.Docs.Items = append(body.Docs.Items, ui.Row{Title: d.Title, Href: "/process-documents/" + idText(d.ID), Meta: []ui.Meta{{Text: "frozen by " + named(team, d.By)}, {Time: d.At}}})
	}
	return nil
}

// processDocBody is what processdoc.html shows.
type processDocBody struct {
	Head     ui.Head
	Stamp    string
	Sections []processSection
}

type processSection struct {
	process.Section
	Table *ui.Table
}

func (p *processPages) docPage(w http.ResponseWriter, r *http.Request, d *process.Document, actions []ui.Action) error {
	body := processDocBody{Head: ui.Head{Title: d.Title, Back: &ui.Action{Label: "Processes", Href: processesPath}, Actions: actions}}
	d.At = d.At.In(p.cfg.Zones.Zone())
	if body.Stamp = d.Stamp(); d.ID == 0 {
		body.Stamp, body.Head.Pills = "Made from the data of now", []ui.Pill{{Text: "preview", Tone: ui.ToneInfo}}
	}
	for i := range d.Sections {
		s := processSection{Section: d.Sections[i]}
		if len(s.Rows) > 0 {
			s.Table = &ui.Table{Caption: s.Title}
			for _, h := range s.Head {
				s.Table.Columns = append(s.Table.Columns, ui.Column{Label: h})
			}
			for _, row := range s.Rows {
				var cells []ui.Cell
				for _, c := range row {
					cells = append(cells, ui.Cell{Text: c})
				}
				s.Table.Rows = append(s.Table.Rows, ui.TableRow{Cells: cells})
			}
		}
		body.Sections = append(body.Sections, s)
	}
	return render(p.Site, w, r, p.doc, d.Title, body)
}

func (p *processPages) showDoc(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	d, err := p.cfg.Processes.Document(r.Context(), id)
	if err != nil {
		return err
	}
	here := "/process-documents/" + idText(id)
	return p.docPage(w, r, &d, []ui.Action{{Label: "Markdown", Href: here + "/document.md"}, {Label: "HTML", Href: here + "/document.html"}})
}

func (p *processPages) exportDoc(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	d, err := p.cfg.Processes.Document(r.Context(), id)
	if err != nil {
		return err
	}
	d.At = d.At.In(p.cfg.Zones.Zone())
	var text string
	kind := "text/markdown"
	switch r.PathValue("file") {
	case "document.md":
		text = d.Markdown()
	case "document.html":
		if text, err = d.HTML(); err != nil {
			return err
		}
		kind = "text/html"
	default:
		return greenroom.Errorf(greenroom.CodeNotFound, "a document is there as document.md and document.html")
	}
	w.Header().Set("Content-Type", kind+"; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="`+string(d.Kind)+"-"+d.At.Format(time.DateOnly)+"-"+r.PathValue("file")+`"`)
	_, err = w.Write([]byte(text))
	return err
}

// hiringIn reads what a hiring case is asked with.
func hiringIn(get func(string) string) (*process.Hiring, error) {
	h := &process.Hiring{Role: get("role"), Currency: get("currency"), Why: get("why")}
	var err error
	if text := get("week"); text != "" {
		if h.Week, err = strconv.ParseFloat(text, 64); err != nil {
			return nil, greenroom.Errorf(greenroom.CodeInvalid, "%q is no number of hours a week", text)
		}
	}
	if text := get("growth"); text != "" {
		if h.Growth, err = process.ParseRange(text); err != nil {
			return nil, err
		}
		h.Growth = h.Growth.Scale(.01)
	}
	if text := get("cost"); text != "" {
		if h.Cost, err = process.ParseRange(text); err != nil {
			return nil, err
		}
	}
	return h, nil
}

// preview shows a document of now; a button freezes it.
func (p *processPages) preview(w http.ResponseWriter, r *http.Request) error {
	kind, q := process.DivisionOfLabour, r.URL.Query()
	var h *process.Hiring
	var err error
	if strings.HasSuffix(r.URL.Path, "/hiring") {
		kind = process.HiringCase
		if h, err = hiringIn(q.Get); err != nil {
			return err
		}
	}
	d, err := p.cfg.Processes.Make(r.Context(), kind, h, false, person(r).Actor)
	if err != nil {
		return err
	}
	var actions []ui.Action
	if person(r).MayWrite {
		hidden := []ui.Hidden{{Name: "kind", Value: string(kind)}}
		for _, name := range []string{"role", "week", "growth", "cost", "currency", "why"} {
			if v := q.Get(name); v != "" {
				hidden = append(hidden, ui.Hidden{Name: name, Value: v})
			}
		}
		actions = []ui.Action{{Label: "Freeze it", Post: "/process-documents", Hidden: hidden, Style: ui.StylePrimary}}
	}
	return p.docPage(w, r, &d, actions)
}

func (p *processPages) makeDoc(w http.ResponseWriter, r *http.Request) error {
	kind := process.DocumentKind(r.FormValue("kind"))
	var h *process.Hiring
	if kind == process.HiringCase {
		var err error
		if h, err = hiringIn(r.FormValue); err != nil {
			return err
		}
	}
	d, err := p.cfg.Processes.Make(r.Context(), kind, h, true, person(r).Actor)
	if err != nil {
		return err
	}
	return p.back(w, r, "/process-documents/"+idText(d.ID), d.Title+" is frozen with its data.", "")
}
