// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/http"
	"net/url"
	"sort"
	"strconv"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/stack"
	"greenroom/internal/web/ui"
)

// sourcesBody is what sources.html shows.
type sourcesBody struct {
	Head   ui.Head
	Alerts *noticeCard
	Cards  []sourceCard
	Ledger *ledgerCard
	Empty  *ui.Empty
}

type sourceCard struct {
	Row      ui.Row
	Progress *ui.Progress
}

// ledgerCard explains a number of accounts, item by item.
type ledgerCard struct {
	Title string
	Lines []ledgerLine
	Note  string
}

type ledgerLine struct {
	Label string
	Value string
	Href  string
	Sum   bool
}

// sourceBody is what source.html shows.
type sourceBody struct {
	Head     ui.Head
	Progress *ui.Progress
	Facts    []ui.Fact
	Trust    trustParts
	Ledger   *ledgerCard
	Kinds    ui.Table
	Channels ui.Table
	Rejects  *ui.Table
	LeftOut  *ui.Table
	Runs     ui.Table
	Dialogs  []ui.Dialog
}

type sourcePages struct {
	*Site
	list *ui.View[sourcesBody]
	one  *ui.View[sourceBody]
}

func (s *Site) addSources() error {
	p := &sourcePages{Site: s}
	var err error
	if p.list, err = ui.Parse[sourcesBody](s.kit, templates, "templates/sources.html", "templates/notice.html"); err != nil {
		return err
	}
	if p.one, err = ui.Parse[sourceBody](s.kit, templates, "templates/source.html", "templates/notice.html"); err != nil {
		return err
	}
	s.handle("GET /sources", p.showList)
	s.handle("GET /sources/{name}", p.show)
	s.handle("GET /live", p.live)
	s.change("POST /sources/{name}/again", func(p Person) bool { return p.MayConnect }, p.again)
	s.change("POST /sources/{name}/stop", func(p Person) bool { return p.MayConnect }, p.stop)
	s.addStack(p)
	return s.addStart()
}

func sourceHref(name string) string { return "/sources/" + url.PathEscape(name) }

func (p *sourcePages) showList(w http.ResponseWriter, r *http.Request) error {
	sources, err := p.cfg.Sources.Sources(r.Context())
	if err != nil {
		return err
	}
	runs, err := p.cfg.Sources.LastRuns(r.Context())
	if err != nil {
		return err
	}
	body := sourcesBody{Head: ui.Head{Title: "Sources", Subtitle: "Where the community's data come from, how fresh they are, and what was left out", Find: true}}
	if person(r).MayConnect {
		body.Head.Actions = []ui.Action{{Label: "Add a source", Href: "/start", Style: ui.StylePrimary}}
	}
	if p.cfg.Tools != nil {
		body.Head.Actions = append([]ui.Action{{Label: "Stack", Href: "/tools"}}, body.Head.Actions...)
	}
	states := make(map[string]*stack.Report)
	if p.cfg.Stack != nil {
		reports, err := p.cfg.Stack.Reports(r.Context())
		if err != nil {
			return err
		}
		for i := range reports {
			states[reports[i].Source.Name] = &reports[i]
		}
		body.Alerts = alertCard(reports)
	}
	running := p.cfg.Imports.Running()
	for i := range sources {
		src := &sources[i]
		work, reads := running[src.Name]
		card, err := p.card(r, src, runs[src.ID], states[src.Name], &work, reads)
		if err != nil {
			return err
		}
		body.Cards = append(body.Cards, card)
	}
	if len(sources) == 0 {
		body.Empty = &ui.Empty{Title: "No source yet", Text: "Begin with an export that you have today; no account or key is needed.", Actions: []ui.Action{{Label: "Import your data", Href: "/start", Style: ui.StylePrimary}}}
		return render(p.Site, w, r, p.list, "Sources", body)
	}
	l, err := p.cfg.Sources.Ledger(r.Context(), 0)
	if err != nil {
		return err
	}
	body.Ledger = ledger("Every account, accounted for", &l, "")
	return render(p.Site, w, r, p.list, "Sources", body)
}

// card is a source in the list.
func (p *sourcePages) card(r *http.Request, src *greenroom.Source, run greenroom.Run, report *stack.Report, work *Work, reads bool) (sourceCard, error) {
	if reads {
		run = work.Run
	}
	row := ui.Row{ID: idText(src.ID), Title: src.Name, Strong: true, Href: sourceHref(src.Name), Lead: &ui.Pill{Text: platformName(src.Platform)}, Badge: p.runPill(&run, reads)}
	if report != nil && !reads && report.State != stack.StateReading {
		row.Badge = sourcePill(report)
	}
	gone, err := p.removal(r, src.Name)
	if err != nil {
		return sourceCard{}, err
	}
	if gone != nil {
		row.Badge = &ui.Pill{Text: "being removed", Tone: ui.ToneWarn}
		return sourceCard{Row: row, Progress: removing(gone)}, nil
	}
	if !reads {
		row.Meta = []ui.Meta{{Text: ui.Number(int(run.Read)) + " records read"}}
	}
	if run.Rejected > 0 {
		row.Meta = append(row.Meta, ui.Meta{Text: ui.Number(int(run.Rejected)) + " rejected", Href: sourceHref(src.Name) + "#rejects"})
	}
	if !run.UpdatedAt.IsZero() {
		row.Meta = append(row.Meta, ui.Meta{Time: run.UpdatedAt})
	}
	card := sourceCard{Row: row}
	if reads {
		card.Progress = reading(src.Name, work, person(r).MayConnect)
	}
	return card, nil
}

// elsewhere is how old the last word of a run may be that another process reads, such as the command line.
const elsewhere = 20 * time.Second

// runPill says how the last read of a source went.
func (p *sourcePages) runPill(run *greenroom.Run, running bool) *ui.Pill {
	switch {
	case running:
		return &ui.Pill{Text: "reading", Tone: ui.ToneInfo}
	case run.State == greenroom.RunRunning && p.cfg.Now().Sub(run.UpdatedAt) < elsewhere:
		return &ui.Pill{Text: "read elsewhere", Tone: ui.ToneInfo, Title: "Another process, such as the command line, reads it now"}
	case run.State == greenroom.RunDone:
		return &ui.Pill{Text: "complete", Tone: ui.ToneGood}
	case run.State == greenroom.RunFailed:
		return &ui.Pill{Text: "failed", Tone: ui.ToneBad, Title: run.Error}
	case run.State == "":
		return &ui.Pill{Text: "never read"}
	default:
		return &ui.Pill{Text: "interrupted", Tone: ui.ToneWarn, Title: "Read it again to go on where it was"}
	}
}

// ledger writes a number of accounts as a sum of which every item opens.
func ledger(title string, l *greenroom.Ledger, source string) *ledgerCard {
	open := func(q string) string {
		if source != "" {
			q = "source:" + quoted(source) + " " + q
		}
		return "/members?q=" + url.QueryEscape(q)
	}
	line := func(label string, n int64, q string) ledgerLine {
		return ledgerLine{Label: label, Value: ui.Number(int(n)), Href: open(q)}
	}
	c := &ledgerCard{Title: title, Lines: []ledgerLine{
		line("Members", l.Members, "-is:staff -is:bot"),
		line("Further accounts of the same people", l.Merged, "identities:>1"),
		line("Staff", l.Staff, "is:staff -is:bot"),
		line("Bots", l.Bots, "is:bot"),
		line("Hidden", l.Hidden, "is:hidden (is:contact or -is:contact)"),
		line("Contacts, known only from business systems", l.Contacts, "is:contact"),
		{Label: "Accounts in all", Value: ui.Number(int(l.Accounts)), Sum: true},
	}}
	c.Note = "Every account is in one of these lines. Figures count members only."
	return c
}

const (
	shownRejects  = 100
	shownChannels = 100
	shownRuns     = 10
)

func (p *sourcePages) show(w http.ResponseWriter, r *http.Request) error { return p.page(w, r, nil) }

// page shows a source, with a notice on top where something was asked.
func (p *sourcePages) page(w http.ResponseWriter, r *http.Request, notice *noticeCard) error {
	src, err := p.cfg.Sources.Source(r.Context(), r.PathValue("name"))
	if err != nil {
		return err
	}
	runs, err := p.cfg.Sources.Runs(r.Context(), src.ID, shownRuns)
	if err != nil {
		return err
	}
	body := sourceBody{Head: ui.Head{Title: src.Name, Subtitle: p.kindTitle(&src), Back: &ui.Action{Label: "Sources", Href: "/sources"}}}
	work, running := p.cfg.Imports.Running()[src.Name]
	if running && len(runs) > 0 && runs[0].ID == work.Run.ID {
		runs[0] = work.Run // which is later than what is stored
	}
	connected := p.specOf(&src) != nil // what Greenroom tells by itself is neither read nor set up
	if connected && person(r).MayConnect && !running && (len(runs) == 0 || runs[0].State == greenroom.RunDone) {
		body.Head.Actions = []ui.Action{{Label: "Read again", Post: sourceHref(src.Name) + "/again"}}
	}
	if connected && person(r).MayConnect {
		body.Head.Actions = append(body.Head.Actions, ui.Action{Label: "Settings", Label2: "Settings of this source", Href: sourceHref(src.Name) + "/settings"})
	}
	if !running && len(runs) > 0 {
		body.Head.Actions = append(body.Head.Actions,
			ui.Action{Label: "What waits", Label2: "Conversations of this source that wait", Href: "/conversations?q=" + url.QueryEscape(waitingQuery+" source:"+quoted(src.Name))},
			ui.Action{Label: "Its members", Href: "/members?q=" + url.QueryEscape("source:"+quoted(src.Name)), Style: ui.StylePrimary, Key: "m"})
	}
	if len(runs) > 0 {
		run := &runs[0]
		body.Head.Pills = []ui.Pill{*p.runPill(run, running)}
		if !running && run.State != greenroom.RunDone {
			body.Progress = stopped(&src, run, person(r).MayConnect)
		}
		body.Facts = runFacts(run)
		if err := p.leftOut(r, run, &body); err != nil {
			return err
		}
	}
	if running {
		body.Progress = reading(src.Name, &work, person(r).MayConnect)
	}
	gone, err := p.removal(r, src.Name)
	if err != nil {
		return err
	}
	if gone != nil {
		body.Head.Pills, body.Head.Actions, body.Progress = []ui.Pill{{Text: "being removed", Tone: ui.ToneWarn}}, nil, removing(gone)
		return render(p.Site, w, r, p.one, src.Name, body)
	}
	for _, part := range []func(*http.Request, *greenroom.Source, *sourceBody) error{p.ledger, p.kinds, p.channels, p.trust} {
		if err := part(r, &src, &body); err != nil {
			return err
		}
	}
	if notice != nil {
		body.Trust.Notices = append([]noticeCard{*notice}, body.Trust.Notices...)
	}
	if spec := p.specOf(&src); spec != nil && (spec.Rhythm > 0 || spec.Push != nil) && p.cfg.Stack != nil && person(r).MayConnect && !running {
		if p.cfg.Mappings != nil {
			if _, maps := p.cfg.Mappings.Maps(src.Kind); maps {
				body.Head.Actions = append([]ui.Action{{Label: "Mapping", Href: sourceHref(src.Name) + "/mapping"}}, body.Head.Actions...)
			}
		}
		body.Head.Actions = append([]ui.Action{{Label: "Test the connection", Post: sourceHref(src.Name) + "/test"}}, body.Head.Actions...)
	}
	if p.cfg.WriteBack != nil && src.Business && person(r).MayConnect && p.cfg.WriteBack.Writable(&src) {
		body.Head.Actions = append([]ui.Action{{Label: "Write back", Label2: "Write community fields back to " + src.Name, Href: writeBackHref(src.Name)}}, body.Head.Actions...)
	}
	if p.cfg.Pushes != nil && person(r).MayConnect {
		if can, _ := p.cfg.Pushes.Loadable(&src); can {
			body.Head.Actions = append([]ui.Action{{Label: "Push out", Label2: "Push members and figures out to " + src.Name, Href: pushOutHref(src.Name)}}, body.Head.Actions...)
		}
	}
	body.Runs = p.runsTable(runs, running)
	return render(p.Site, w, r, p.one, src.Name, body)
}

func (p *sourcePages) specOf(src *greenroom.Source) *connector.Spec {
	for _, spec := range p.cfg.Imports.Specs() {
		if spec.Kind == src.Kind {
			return &spec
		}
	}
	return nil
}

// kindTitle says what a source is, as the choice of connectors calls it.
func (p *sourcePages) kindTitle(src *greenroom.Source) string {
	if spec := p.specOf(src); spec != nil {
		return spec.Title
	}
	return platformName(src.Platform)
}

func runFacts(run *greenroom.Run) []ui.Fact {
	return []ui.Fact{
		{Label: "Records read", Value: ui.Number(int(run.Read))},
		{Label: "Stored", Value: ui.Number(int(run.Stored))},
		{Label: "Unchanged", Value: ui.Number(int(run.Unchanged))},
		{Label: "Rejected", Value: ui.Number(int(run.Rejected)), Href: anchor("#rejects", run.Rejected)},
		{Label: "Left out by design", Value: ui.Number(int(run.LeftOut)), Href: anchor("#left-out", run.LeftOut)},
		{Label: "Read at", Value: ui.DateTime(run.UpdatedAt)},
	}
}

// anchor leads to a part of the page that is there only when there is something in it.
func anchor(to string, n int64) string {
	if n == 0 {
		return ""
	}
	return to
}

func (p *sourcePages) leftOut(r *http.Request, run *greenroom.Run, body *sourceBody) error {
	rejects, err := p.cfg.Sources.Rejects(r.Context(), run.ID, 0, shownRejects)
	if err != nil {
		return err
	}
	if len(rejects) > 0 {
		t := ui.Table{Caption: "Records that could not be read", Columns: []ui.Column{{Label: "File"}, {Label: "Line", Number: true}, {Label: "Why"}, {Label: "Expected"}, {Label: "Begins with"}}}
		for i := range rejects {
			x := &rejects[i]
			t.Rows = append(t.Rows, ui.TableRow{ID: strconv.Itoa(i), Cells: []ui.Cell{{Text: x.File}, {Text: ui.Number(int(x.Line))}, {Text: x.Reason}, {Text: x.Expected}, {Text: excerpt(x.Excerpt, 80)}}})
		}
		if run.Rejected > shownRejects {
			t.Foot = &ui.Pager{Text: "The first " + ui.Number(shownRejects) + " of " + ui.Number(int(run.Rejected))}
		}
		body.Rejects = &t
	}
	reasons, err := p.cfg.Sources.LeftOut(r.Context(), run.ID)
	if err != nil || len(reasons) == 0 {
		return err
	}
	t := ui.Table{Caption: "Left out by design", Columns: []ui.Column{{Label: "What"}, {Label: "Records", Number: true}}}
	for reason, n := range reasons {
		t.Rows = append(t.Rows, ui.TableRow{ID: reason, Cells: []ui.Cell{{Text: reason}, {Text: ui.Number(int(n))}}})
	}
	sort.Slice(t.Rows, func(i, j int) bool { return t.Rows[i].ID < t.Rows[j].ID })
	body.LeftOut = &t
	return nil
}

func (p *sourcePages) ledger(r *http.Request, src *greenroom.Source, body *sourceBody) error {
	l, err := p.cfg.Sources.Ledger(r.Context(), src.ID)
	if err != nil {
		return err
	}
	body.Ledger = ledger("Accounts in "+src.Name, &l, src.Name)
	return nil
}

func (p *sourcePages) kinds(r *http.Request, src *greenroom.Source, body *sourceBody) error {
	counts, err := p.cfg.Sources.SourceKinds(r.Context(), src.ID)
	if err != nil {
		return err
	}
	body.Kinds = ui.Table{Caption: "Activities by kind", Columns: []ui.Column{{Label: "Kind"}, {Label: "Activities", Number: true}}, Empty: &ui.Empty{Title: "No activities", Text: "Messages, questions, replies and whatever else people did is counted here by kind. People and organizations alone are no activities."}}
	for _, k := range greenroom.Kinds() {
		if counts[k] == 0 {
			continue
		}
		body.Kinds.Empty = nil
		body.Kinds.Rows = append(body.Kinds.Rows, ui.TableRow{ID: k.String(), Cells: []ui.Cell{
			{Text: k.Info().Label, Sub: k.Info().Meaning},
			{Text: ui.Number(int(counts[k])), Href: "/activities?q=" + url.QueryEscape("source:"+quoted(src.Name)+" kind:"+k.String())},
		}})
	}
	return nil
}

func (p *sourcePages) channels(r *http.Request, src *greenroom.Source, body *sourceBody) error {
	channels, counts, err := p.cfg.Sources.SourceChannels(r.Context(), src.ID, shownChannels)
	if err != nil {
		return err
	}
	body.Channels = ui.Table{Caption: "Channels", Columns: []ui.Column{{Label: "Channel"}, {Label: "Activities", Number: true}}, Empty: &ui.Empty{Title: "No channels yet", Text: "The places inside this source appear here as they are read."}}
	for i := range channels {
		body.Channels.Empty = nil
		body.Channels.Rows = append(body.Channels.Rows, ui.TableRow{ID: idText(channels[i].ID), Cells: []ui.Cell{
			{Text: channels[i].Name},
			{Text: ui.Number(int(counts[i])), Href: "/activities?q=" + url.QueryEscape("source:"+quoted(src.Name)+" channel:"+quoted(channels[i].Name))},
		}})
	}
	return nil
}

func (p *sourcePages) runsTable(runs []greenroom.Run, running bool) ui.Table {
	t := ui.Table{Caption: "Reads of this source", Columns: []ui.Column{{Label: "Started"}, {Label: "State"}, {Label: "Took"}, {Label: "Read", Number: true}, {Label: "Stored", Number: true}, {Label: "Rejected", Number: true}}}
	for i := range runs {
		run := &runs[i]
		took := ""
		if !run.FinishedAt.IsZero() {
			took = ui.Duration(run.FinishedAt.Sub(run.StartedAt).Round(time.Second))
		}
		t.Rows = append(t.Rows, ui.TableRow{ID: idText(run.ID), Cells: []ui.Cell{
			{Text: ui.DateTime(run.StartedAt)},
			{Pills: []ui.Pill{*p.runPill(run, running && i == 0)}},
			{Text: took},
			{Text: ui.Number(int(run.Read))},
			{Text: ui.Number(int(run.Stored))},
			{Text: ui.Number(int(run.Rejected))},
		}})
	}
	return t
}

// again reads a source once more with the options it has.
func (p *sourcePages) again(w http.ResponseWriter, r *http.Request) error {
	src, err := p.cfg.Sources.Source(r.Context(), r.PathValue("name"))
	if err != nil {
		return err
	}
	if _, err := p.cfg.Imports.Start(r.Context(), src.Kind, src.Name, src.Config, person(r).Actor); err != nil {
		return err
	}
	return p.back(w, r, sourceHref(src.Name), "Reading has begun; you can leave this page.", "")
}

func (p *sourcePages) stop(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("name")
	if err := p.cfg.Imports.Stop(r.Context(), name, person(r).Actor); err != nil {
		return err
	}
	return p.back(w, r, sourceHref(name), "Stopped. What was stored is kept; reading again goes on from there.", "")
}
