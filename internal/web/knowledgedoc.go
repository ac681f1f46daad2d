// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"html"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/knowledge"
	"greenroom/internal/web/ui"
)

func (p *knowledgePages) show(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	d, err := p.cfg.Knowledge.Get(r.Context(), id)
	if err != nil {
		return err
	}
	body := knowledgeBody{cardsBody: cardsBody{Head: ui.Head{Title: d.Title, Subtitle: d.Address, Back: &ui.Action{Label: "Knowledge", Href: knowledgePath}, Pills: []ui.Pill{levelPill(&d.Standing)}}}}
	if d.State != knowledge.Active {
		body.Head.Pills = append(body.Head.Pills, ui.Pill{Text: string(d.State)})
	}
	if to := outside(d.Address); to != "" {
		body.Head.Actions = append(body.Head.Actions, ui.Action{Label: "Open", Href: to, Key: "o"})
	}
	if person(r).MayWrite {
		body.Head.Actions = append(body.Head.Actions, ui.Action{Label: "Change", Href: documentHref(id) + "/edit", Key: "e"}, ui.Action{Label: "It is right: verify", Post: documentHref(id) + "/verify", Style: ui.StylePrimary, Key: "v"})
	}
	team, err := p.teamNames(r)
	if err != nil {
		return err
	}
	body.Main = []cardOfPage{whyCard(&d), askedCard(&d), p.linkCard(d.Links, "Links that need somebody", "No link in it is known to need somebody.")}
	body.Side = []cardOfPage{p.factsCard(&d, team), p.historyCard(r, &d, team)}
	body.Chart = p.useChart(&d)
	if d.Audience == knowledge.External && person(r).MayConnect {
		body.Snippets = p.snippets(r, &d)
	}
	return render(p.Site, w, r, p.view, d.Title, body)
}

func whyCard(d *knowledge.Detail) cardOfPage {
	t := &ui.Table{Caption: "Staleness by its parts", Columns: []ui.Column{{Label: "Part"}, {Label: "Why"}, {Label: "Points", Number: true}}}
	for _, part := range d.Parts {
		at := map[string]string{knowledge.PartQuestions: "#asked", knowledge.PartLinks: "#links", knowledge.PartReleases: "/activities?q=" + url.QueryEscape("kind:release")}[part.Name]
		t.Rows = append(t.Rows, ui.TableRow{ID: part.Name, Cells: []ui.Cell{{Text: title(part.Name), Href: at}, {Text: part.Says}, {Text: strconv.Itoa(part.Points) + " of " + strconv.Itoa(part.Most)}}})
	}
	t.Rows = append(t.Rows, ui.TableRow{ID: "sum", Cells: []ui.Cell{{Text: "Staleness"}, {Text: "At most 100. With a use of " + ui.Decimal(d.Use, 2) + " its place in the queue is " + ui.Decimal(d.Priority, 1) + "."}, {Text: strconv.Itoa(d.Staleness)}}})
	return cardOfPage{ID: "why", Head: ui.CardHead{Title: "Why " + d.Level(), Definition: stalenessDefinition()}, Table: t}
}

func askedCard(d *knowledge.Detail) cardOfPage {
	c := cardOfPage{ID: "asked", Head: ui.CardHead{Title: "Questions about it", Note: "by their words, 90 days"}}
	for i := range d.Asked {
		if i == 20 {
			c.Foot = "The latest 20 of " + ui.Number(len(d.Asked)) + " are shown."
			break
		}
		q := &d.Asked[i]
		row := ui.Row{Title: firstText(excerpt(q.Title, 110), "(no text)"), Href: conversationHref(q.Conversation), Meta: []ui.Meta{{Time: q.At}, {Text: strconv.Itoa(int(100*q.Share)) + " % alike"}}}
		if q.Open {
			row.Pills = []ui.Pill{{Text: "waits", Tone: ui.ToneWarn}}
		}
		if !q.At.After(d.Base()) {
			row.Pills = append(row.Pills, ui.Pill{Text: "before it was verified", Title: "It does not count any more"})
		}
		c.Rows.Items = append(c.Rows.Items, row)
	}
	if c.Rows.Label = "Questions about it"; len(d.Asked) == 0 {
		c.Text = "Nobody has asked anything with its words."
	}
	return c
}

func verdictPill(l *knowledge.Link) ui.Pill {
	tone := map[knowledge.Verdict]ui.Tone{knowledge.Broken: ui.ToneBad, knowledge.Shaky: ui.ToneWarn, knowledge.Good: ui.ToneGood}[l.Verdict]
	return ui.Pill{Text: firstText(string(l.Verdict), "not checked"), Tone: tone, Title: l.Reason}
}

func (p *knowledgePages) linkCard(all []knowledge.Link, name, none string) cardOfPage {
	c := cardOfPage{ID: "links", Head: ui.CardHead{Title: name}, Rows: ui.Rows{Label: name}}
	for i := range all {
		l := &all[i]
		row := ui.Row{Title: l.Address, Href: outside(l.Address), Pills: []ui.Pill{verdictPill(l)}}
		if l.Reason != "" {
			row.Meta = append(row.Meta, ui.Meta{Text: l.Reason})
		}
		if l.Status > 0 && l.Verdict != knowledge.Good {
			row.Meta = append(row.Meta, ui.Meta{Text: "status " + strconv.Itoa(l.Status)})
		}
		if l.LeadsTo != "" {
			row.Meta = append(row.Meta, ui.Meta{Text: "leads to " + excerpt(l.LeadsTo, 120), Href: outside(l.LeadsTo)})
		}
		if l.Moved {
			row.Pills = append(row.Pills, ui.Pill{Text: "moved for good", Tone: ui.ToneWarn, Title: "Change the link to where it leads"})
		}
		if len(l.Missing) > 0 {
			row.Meta = append(row.Meta, ui.Meta{Text: "no place #" + strings.Join(l.Missing, ", #")})
		}
		if !l.CheckedAt.IsZero() {
			row.Meta = append(row.Meta, ui.Meta{Time: l.CheckedAt})
		}
		row.Meta = append(row.Meta, ui.Meta{Text: "in " + countText(l.Documents, "document", "documents"), Href: knowledgePath + "/links?link=" + idText(l.ID)})
		c.Rows.Items = append(c.Rows.Items, row)
	}
	if len(all) == 0 {
		c.Text = none
	}
	return c
}

func (p *knowledgePages) factsCard(d *knowledge.Detail, team teamNames) cardOfPage {
	day := func(t time.Time, none string) string {
		if t.IsZero() {
			return none
		}
		return t.In(p.cfg.Zones.Zone()).Format("2 Jan 2006")
	}
	facts := []ui.Fact{
		{Label: "Kind", Value: d.Kind.Label()},
		{Label: "For", Value: string(d.Audience)},
		team.fact("Owner", "nobody", d.Owner),
		{Label: "Changed", Value: day(d.ChangedAt, "not known")},
		{Label: "Verified", Value: strings.TrimSpace(day(d.VerifiedAt, "never") + " " + named(team, d.VerifiedBy))},
		{Label: "Rhythm", Value: "every " + countText(int64(d.ReviewDays), "day", "days")},
		{Label: "Due", Value: day(d.Due, "now")},
		{Label: "Readers", Value: countText(d.Evidence.Helpful, "was helped", "were helped") + ", " + ui.Number(int(d.Evidence.Unhelpful)) + " not"},
	}
	if len(d.Tags) > 0 {
		facts = append(facts, ui.Fact{Label: "Tags", Value: strings.Join(d.Tags, ", ")})
	}
	if d.Conversation > 0 {
		facts = append(facts, ui.Fact{Label: "It is", Value: "a topic of the forum", Href: conversationHref(d.Conversation)})
	}
	if !d.GoneAt.IsZero() {
		facts = append(facts, ui.Fact{Label: "Gone", Value: "its collection does not have it since " + day(d.GoneAt, "")})
	}
	return cardOfPage{Head: ui.CardHead{Title: "What it is"}, Text: d.Note, Facts: facts}
}

func (p *knowledgePages) historyCard(r *http.Request, d *knowledge.Detail, team teamNames) cardOfPage {
	c := cardOfPage{Head: ui.CardHead{Title: "History"}, Rows: ui.Rows{Label: "History"}}
	last := true // the latest that still holds can be taken back
	for i := range d.Events {
		e := &d.Events[i]
		name := map[string]string{knowledge.WhatAdd: "Added", knowledge.WhatChange: "Changed", knowledge.WhatVerify: "Verified", knowledge.WhatRead: "Read again"}[e.What]
		row := ui.Row{Title: firstText(name, e.What), Meta: []ui.Meta{team.meta("", e.By), {Time: e.At}}}
		if e.Detail != "" {
			row.Meta = append([]ui.Meta{{Text: e.Detail}}, row.Meta...)
		}
		if !e.UndoneAt.IsZero() {
			row.Pills = []ui.Pill{{Text: "taken back", Title: "by " + named(team, e.UndoneBy)}}
		} else {
			if last && e.Before != "" && person(r).MayWrite {
				row.Actions = []ui.Action{{Label: "Undo", Label2: "Undo: " + row.Title, Post: undoDocument(d.ID, e.ID), Small: true, Style: ui.StyleQuiet}}
			}
			last = false
		}
		c.Rows.Items = append(c.Rows.Items, row)
	}
	return c
}

func undoDocument(id, event int64) string {
	return documentHref(id) + "/undo?event=" + idText(event)
}

// useChart draws views a week; nothing where nobody counted.
func (p *knowledgePages) useChart(d *knowledge.Detail) *ui.Chart {
	if len(d.Days) == 0 {
		return nil
	}
	const weeks = 13
	now := p.cfg.Now().In(p.cfg.Zones.Zone())
	monday := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, time.UTC).AddDate(0, 0, -(int(now.Weekday())+6)%7)
	first := monday.AddDate(0, 0, -7*(weeks-1))
	c := &ui.Chart{Title: "Views a week", Kind: ui.Bars, Axis: "Week", Size: "sm", Open: true}
	values := map[string][]float64{}
	for i := range weeks {
		c.Labels = append(c.Labels, first.AddDate(0, 0, 7*i).Format("2 Jan"))
	}
	var names []string
	for _, x := range d.Days {
		day, err := parseDay(x.Day)
		if err != nil || day.Before(first) || x.Views == 0 {
			continue
		}
		name := "Counter on the page"
		if x.Origin != knowledge.Counter {
			name = "Log " + x.Origin
		}
		if values[name] == nil {
			values[name] = make([]float64, weeks)
			names = append(names, name)
		}
		values[name][min(weeks-1, int(day.Sub(first).Hours()/(24*7)))] += float64(x.Views)
	}
	for _, name := range names {
		c.Series = append(c.Series, ui.Series{Name: name, Values: values[name]})
	}
	if len(names) == 0 {
		return nil
	}
	return c
}

// snippets are what is put on a page to count its readers and to ask them.
func (p *knowledgePages) snippets(r *http.Request, d *knowledge.Detail) []ui.Copy {
	base := "https://" + r.Host
	if p.cfg.PublicURL != nil {
		base = p.cfg.PublicURL.Scheme + "://" + p.cfg.PublicURL.Host
	}
	esc := html.EscapeString
	return []ui.Copy{
		{Label: "A picture of one clear dot, which counts views of this page", Value: `<img src="` + esc(base+"/c/hit/"+d.Key+".gif") + `" width="1" height="1" alt="">`},
		{Label: "The same for a template of all pages: put the page's address behind u=", Value: `<img src="` + esc(base+"/c/hit/page.gif?u="+url.QueryEscape(d.Address)) + `" width="1" height="1" alt="">`},
		{Label: "Was this helpful? Two links; nothing is counted before the reader confirms", Value: `Was this helpful? <a href="` + esc(base+"/c/helped/"+d.Key+"?v=yes") + `">Yes</a> <a href="` + esc(base+"/c/helped/"+d.Key+"?v=no") + `">No</a>`},
	}
}

func (p *knowledgePages) verify(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	e, err := p.cfg.Knowledge.Verify(r.Context(), id, person(r).Actor)
	if err != nil {
		return err
	}
	to := documentHref(id)
	if r.FormValue("back") == "queue" {
		to = knowledgePath
	}
	return p.back(w, r, to, "Verified. Its rhythm begins anew.", undoDocument(id, e.ID))
}

func (p *knowledgePages) undo(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	event, err := formID(r, "event")
	if err != nil {
		return err
	}
	if _, err := p.cfg.Knowledge.Undo(r.Context(), event, person(r).Actor); err != nil {
		return err
	}
	return p.back(w, r, documentHref(id), "Taken back.", "")
}

func (p *knowledgePages) showNew(w http.ResponseWriter, r *http.Request) error {
	v := url.Values{"kind": {string(knowledge.HowTo)}, "audience": {"external"}, "review_days": {strconv.Itoa(knowledge.UsualReview)}, "state": {"active"}}
	for key, value := range r.URL.Query() {
		v[key] = value
	}
	return p.form(w, r, v, nil)
}

func (p *knowledgePages) showEdit(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	d, err := p.cfg.Knowledge.Get(r.Context(), id)
	if err != nil {
		return err
	}
	return p.form(w, r, url.Values{
		"title": {d.Title}, "address": {d.Address}, "kind": {string(d.Kind)}, "audience": {string(d.Audience)}, "owner": {d.Owner}, "review_days": {strconv.Itoa(d.ReviewDays)}, "tags": {strings.Join(d.Tags, ", ")}, "note": {d.Note}, "state": {string(d.State)}, "version": {idText(d.Version)},
	}, nil)
}

// documentKinds lists the kinds, perhaps with a first choice that says none.
func documentKinds(none string) []ui.Option {
	var all []ui.Option
	if none != "" {
		all = append(all, ui.Option{Label: none})
	}
	for _, k := range knowledge.Kinds() {
		all = append(all, ui.Option{Value: string(k), Label: k.Label()})
	}
	return all
}

func (p *knowledgePages) form(w http.ResponseWriter, r *http.Request, v url.Values, problem error) error {
	name, save, back := "New document", "Add it", knowledgePath+"/register"
	fresh := r.PathValue("id") == ""
	if !fresh {
		name, save, back = "Change: "+v.Get("title"), "Save", knowledgePath+"/"+url.PathEscape(r.PathValue("id"))
	}
	f := ui.Form{Post: r.URL.Path, Hidden: []ui.Hidden{{Name: "version", Value: v.Get("version")}}, Fields: []ui.Field{
		{Name: "title", Label: "Title", Value: v.Get("title"), Required: true},
		{Name: "address", Label: "Address", Value: v.Get("address"), Required: fresh, Disabled: !fresh, Placeholder: "https://docs.example.org/keys", Help: "Where it is. It cannot be changed later: another address is another document."},
		{Name: "kind", Label: "Kind", Type: "select", Value: v.Get("kind"), Options: documentKinds("")},
		{Name: "audience", Label: "Who reads it", Type: "select", Value: v.Get("audience"), Options: []ui.Option{{Value: "external", Label: "External: members and the public"}, {Value: "internal", Label: "Internal: the team"}}},
		{Name: "owner", Label: "Owner", Value: v.Get("owner"), Placeholder: "ana@example.org", Help: "Who keeps it right. They get a task when it is due."},
		{Name: "review_days", Label: "Verify every … days", Type: "number", Value: v.Get("review_days"), Required: true},
		{Name: "tags", Label: "Tags", Value: v.Get("tags"), Help: "With commas between them."},
		{Name: "note", Label: "Note for the team", Type: "textarea", Value: v.Get("note")},
		{Name: "state", Label: "State", Type: "select", Value: v.Get("state"), Options: []ui.Option{{Value: "active", Label: "Active"}, {Value: "draft", Label: "Draft: it is being written"}, {Value: "archived", Label: "Archived: out of the queue"}}},
	}, Actions: []ui.Action{{Label: "Cancel", Href: back}, {Label: save, Submit: true, Style: ui.StylePrimary}}}
	if problem != nil {
		f.Error = sentence(greenroom.ErrorMessage(problem))
	}
	body := knowledgeBody{cardsBody: cardsBody{Head: ui.Head{Title: name, Back: &ui.Action{Label: "Knowledge", Href: knowledgePath}}, Main: []cardOfPage{{Head: ui.CardHead{Title: "The document"}, Forms: []ui.Form{f}}}}}
	return render(p.Site, w, r, p.view, name, body)
}

func (p *knowledgePages) save(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return greenroom.Errorf(greenroom.CodeInvalid, "the form did not arrive whole; send it again")
	}
	v := r.PostForm
	days, err := strconv.Atoi(strings.TrimSpace(v.Get("review_days")))
	if err != nil {
		return p.form(w, r, v, greenroom.Errorf(greenroom.CodeInvalid, "say in days how often it is verified"))
	}
	f := knowledge.Fields{
		Title: v.Get("title"), Address: v.Get("address"), Kind: knowledge.Kind(v.Get("kind")), Audience: knowledge.Audience(v.Get("audience")), Owner: v.Get("owner"), ReviewDays: days, Tags: strings.Split(v.Get("tags"), ","), Note: v.Get("note"), State: knowledge.State(v.Get("state")),
	}
	var d knowledge.Document
	said := "is in the register."
	if r.PathValue("id") == "" {
		d, err = p.cfg.Knowledge.Add(r.Context(), f, person(r).Actor)
	} else {
		var id, version int64
		if id, err = pathID(r); err != nil {
			return err
		}
		if version, err = formID(r, "version"); err != nil {
			return err
		}
		d, err = p.cfg.Knowledge.Edit(r.Context(), id, version, f, person(r).Actor)
		said = "is changed."
	}
	if err != nil {
		if !forPeople(err) {
			return err
		}
		return p.form(w, r, v, err)
	}
	return p.back(w, r, documentHref(d.ID), d.Title+" "+said, "")
}
