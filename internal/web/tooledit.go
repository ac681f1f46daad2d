// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"greenroom"
	"greenroom/internal/tool"
	"greenroom/internal/web/ui"
)

func (p *toolPages) showNew(w http.ResponseWriter, r *http.Request) error {
	v := url.Values{"state": {"in_use"}, "category": {"other"}, "every": {"year"}}
	for key, value := range r.URL.Query() {
		v[key] = value
	}
	return p.showForm(w, r, v, nil)
}

func (p *toolPages) showEdit(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	t, err := p.cfg.Tools.Get(r.Context(), id)
	if err != nil {
		return err
	}
	all, err := p.toolNames(r)
	if err != nil {
		return err
	}
	number := func(n int) string { return zeroAsNone(strconv.Itoa(n)) }
	v := url.Values{
		"name": {t.Name}, "purpose": {t.Purpose}, "category": {t.Category}, "state": {string(t.State)}, "owner": {t.Owner}, "users": {number(t.Users)}, "currency": {t.Currency}, "every": {string(t.Every)},
		"renewal": {t.Renewal}, "notice": {number(t.Notice)}, "contract": {t.Contract}, "data": {strings.Join(t.Data, "; ")}, "region": {t.Region}, "sources": {strings.Join(t.Sources, "; ")}, "note": {t.Note}, "version": {idText(t.Version)},
	}
	if t.Cost > 0 {
		v.Set("cost", strconv.FormatFloat(t.Cost, 'f', -1, 64))
	}
	for _, s := range t.Suits {
		v.Set("suits-"+string(s), "on")
	}
	for name, is := range map[string]bool{"personal": t.Personal, "receives": t.FromGR} {
		if is {
			v.Set(name, "on")
		}
	}
	var feeds []string
	for _, f := range t.Feeds {
		feeds = append(feeds, strings.TrimSuffix(all[f.To]+": "+f.What, ": "))
	}
	v.Set("feeds", strings.Join(feeds, "\n"))
	return p.showForm(w, r, v, nil)
}

// toolNames are the names of all tools, by number.
func (p *toolPages) toolNames(r *http.Request) (map[int64]string, error) {
	names := make(map[int64]string)
	for _, state := range []tool.State{"", tool.Retired} {
		all, err := p.cfg.Tools.List(r.Context(), tool.Filter{State: state})
		if err != nil {
			return nil, err
		}
		for i := range all {
			names[all[i].ID] = all[i].Name
		}
	}
	return names, nil
}

func (p *toolPages) showForm(w http.ResponseWriter, r *http.Request, v url.Values, problem error) error {
	body := toolBody{Head: ui.Head{Title: "New tool", Back: &ui.Action{Label: "Stack", Href: "/tools"}}}
	form := &ui.Form{Post: r.URL.Path, Hidden: []ui.Hidden{{Name: "version", Value: v.Get("version")}}}
	save, back := "Enter it", "/tools"
	if r.PathValue("id") != "" {
		body.Head.Title, save, back = "Change: "+v.Get("name"), "Save", "/tools/"+url.PathEscape(r.PathValue("id"))
	}
	if problem != nil {
		form.Error = sentence(greenroom.ErrorMessage(problem))
	}
	var categories, states, rhythms []ui.Option
	for _, c := range tool.Categories() {
		categories = append(categories, ui.Option{Value: c.Key, Label: c.Label})
	}
	for _, s := range tool.States() {
		states = append(states, ui.Option{Value: string(s), Label: title(s.Label())})
	}
	for _, e := range tool.Rhythms() {
		label := "Each " + string(e)
		if e == tool.Once {
			label = "Once"
		}
		rhythms = append(rhythms, ui.Option{Value: string(e), Label: label})
	}
	on := func(name string) bool { return v.Get(name) != "" }
	form.Fields = []ui.Field{
		{Name: "name", Label: "Name", Value: v.Get("name"), Required: true},
		{Name: "purpose", Label: "What we have it for", Value: v.Get("purpose")},
		{Name: "category", Label: "Category", Type: "select", Value: v.Get("category"), Options: categories},
		{Name: "state", Label: "State", Type: "select", Value: v.Get("state"), Options: states},
		{Name: "owner", Label: "Owner", Value: v.Get("owner"), Placeholder: "ana@example.org", Help: "Their mail address: they are reminded of renewals."},
		{Name: "users", Label: "Users", Type: "number", Value: v.Get("users")},
		{Name: "cost", Label: "Cost", Value: v.Get("cost"), Placeholder: "1200", Help: "Each time."},
		{Name: "currency", Label: "Currency", Value: v.Get("currency"), Placeholder: "EUR"},
		{Name: "every", Label: "Paid", Type: "select", Value: firstText(v.Get("every"), "year"), Options: rhythms},
		{Name: "renewal", Label: "Renews on", Type: "date", Value: v.Get("renewal"), Help: "Later renewals follow from how often it is paid."},
		{Name: "notice", Label: "Days of notice before that", Type: "number", Value: v.Get("notice"), Help: "The reminder comes 30 days before notice runs out; 7 where it is paid each month."},
		{Name: "sources", Label: "Sources that are read from it", Value: v.Get("sources"), Placeholder: "slack; forum", Help: "As Greenroom calls them, parted by semicolons. How they are is shown with the tool."},
	}
	form.More = []ui.Field{
		{Name: "contract", Label: "Contract", Type: "url", Value: v.Get("contract"), Placeholder: "https://…"},
		{Name: "data", Label: "Data that it holds", Value: v.Get("data"), Placeholder: "names; messages"},
		{Name: "personal", Label: "It holds data about persons", Type: "checkbox", Checked: on("personal")},
		{Name: "region", Label: "Where the data lie", Value: v.Get("region"), Placeholder: "EU"},
		{Name: "receives", Label: "Greenroom writes to it", Type: "checkbox", Checked: on("receives")},
		{Name: "feeds", Label: "Other tools that it feeds", Type: "textarea", Value: v.Get("feeds"), Rows: 3, Placeholder: "CRM: contacts", Help: "One a line: name, a colon, and what goes there."},
	}
	for _, s := range tool.Stages() {
		form.More = append(form.More, ui.Field{Name: "suits-" + string(s), Label: "Suits the phase “" + s.Label() + "”", Type: "checkbox", Checked: on("suits-" + string(s))})
	}
	form.More = append(form.More, ui.Field{Name: "note", Label: "What else is to be known", Type: "textarea", Value: v.Get("note")})
	form.Actions = []ui.Action{{Label: save, Submit: true, Style: ui.StylePrimary}, {Label: "Back", Href: back}}
	body.Sections = []toolSection{{Form: form}}
	return render(p.Site, w, r, p.view, body.Head.Title, body)
}

// toolDraft reads a tool's form.
func (p *toolPages) toolDraft(r *http.Request) (tool.Draft, error) {
	v := r.PostForm
	get := func(name string) string { return strings.TrimSpace(v.Get(name)) }
	d := tool.Draft{
		Name: get("name"), Purpose: get("purpose"), Category: get("category"), State: tool.State(get("state")), Owner: get("owner"), Currency: get("currency"), Every: tool.Rhythm(get("every")), Renewal: get("renewal"),
		Contract: get("contract"), Data: toolWords(get("data")), Personal: get("personal") != "", Region: get("region"), Sources: toolWords(get("sources")), FromGR: get("receives") != "", Note: get("note"),
	}
	for _, s := range tool.Stages() {
		if get("suits-"+string(s)) != "" {
			d.Suits = append(d.Suits, s)
		}
	}
	var err error
	if text := get("cost"); text != "" {
		if d.Cost, err = strconv.ParseFloat(strings.ReplaceAll(text, ",", "."), 64); err != nil {
			return d, greenroom.Errorf(greenroom.CodeInvalid, "the cost: expected an amount such as 1200.50, not %q", text)
		}
	} else {
		d.Every = tool.Rhythm(get("every"))
	}
	for _, x := range []struct {
		name, label string
		into        *int
	}{{"users", "People who use it", &d.Users}, {"notice", "The days of notice", &d.Notice}} {
		if *x.into, err = wholeNumber(get(x.name), x.name, x.label); err != nil {
			return d, err
		}
	}
	d.Feeds, err = p.toolFeeds(r, get("feeds"))
	return d, err
}

// toolFeeds reads what a tool feeds, one a line.
func (p *toolPages) toolFeeds(r *http.Request, text string) ([]tool.Feed, error) {
	if text == "" {
		return nil, nil
	}
	names, err := p.toolNames(r)
	if err != nil {
		return nil, err
	}
	var all []tool.Feed
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		name, what, _ := strings.Cut(line, ":")
		found := int64(0)
		for id, known := range names {
			if strings.EqualFold(known, strings.TrimSpace(name)) {
				found = id
			}
		}
		if found == 0 {
			return nil, greenroom.Errorf(greenroom.CodeInvalid, "there is no tool %q that it could feed; enter that one first", strings.TrimSpace(name))
		}
		all = append(all, tool.Feed{To: found, What: strings.TrimSpace(what)})
	}
	return all, nil
}

func toolWords(text string) []string {
	all := strings.Split(text, ";")
	for i := range all {
		all[i] = strings.TrimSpace(all[i])
	}
	return slices.DeleteFunc(all, func(s string) bool { return s == "" })
}

func (p *toolPages) save(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return greenroom.Errorf(greenroom.CodeInvalid, "the form did not arrive whole; send it again")
	}
	d, err := p.toolDraft(r)
	var t tool.Tool
	said, undo := " is entered.", ""
	switch {
	case err != nil:
	case r.PathValue("id") == "":
		t, err = p.cfg.Tools.Add(r.Context(), d, person(r).Actor)
		undo = undoTool(&t)
	default:
		var id, version int64
		if id, err = pathID(r); err != nil {
			return err
		}
		if version, err = formID(r, "version"); err != nil {
			return err
		}
		t, err = p.cfg.Tools.Edit(r.Context(), id, version, d, person(r).Actor)
		if said = " is changed."; t.Before != nil {
			undo = undoTool(&t)
		}
	}
	if err != nil {
		if !forPeople(err) {
			return err
		}
		return p.showForm(w, r, r.PostForm, err)
	}
	return p.back(w, r, toolHref(t.ID), t.Name+said, undo)
}

// undoTool is the address that takes the last change of a tool back.
func undoTool(t *tool.Tool) string {
	return toolHref(t.ID) + "/undo?version=" + idText(t.Version)
}

func (p *toolPages) undo(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	version, err := formID(r, "version")
	if err != nil {
		return err
	}
	t, err := p.cfg.Tools.Undo(r.Context(), id, version, person(r).Actor)
	if err != nil {
		return err
	}
	if t.Version == 0 {
		return p.back(w, r, "/tools", t.Name+" is taken out again.", "")
	}
	return p.back(w, r, toolHref(t.ID), t.Name+" is again as it was before.", "")
}

func toolImportDialog(text string) ui.Dialog {
	return ui.Dialog{ID: "import", Title: "Import tools", Text: "A table with a column name; purpose, category, state, suits, owner, users, cost, currency, every, renewal, notice_days, contract, data, personal, region, sources, receives, feeds and note are read where they are there. A tool whose name is known is changed.", Form: ui.Form{
		Post: "/tools/import", Fields: []ui.Field{{Name: "table", Label: "The table, as CSV", Type: "textarea", Rows: 8, Required: true, Value: text, Placeholder: "name,category,owner,cost,currency,every\nForum,platform,ana@example.org,99,EUR,month"}},
		Actions: []ui.Action{{Label: "Import", Submit: true, Style: ui.StylePrimary}},
	}}
}

func (p *toolPages) importTools(w http.ResponseWriter, r *http.Request) error {
	table, err := tool.ReadCSV(strings.NewReader(r.FormValue("table")))
	var added, changed int
	if err == nil {
		added, changed, err = p.cfg.Tools.Import(r.Context(), table, person(r).Actor)
	}
	if err != nil {
		if !forPeople(err) {
			return err
		}
		form := toolImportDialog(r.FormValue("table")).Form
		form.Error = sentence(greenroom.ErrorMessage(err)) + " Nothing was imported."
		body := toolBody{Head: ui.Head{Title: "Import tools", Back: &ui.Action{Label: "Stack", Href: "/tools"}}, Sections: []toolSection{{Form: &form}}}
		return render(p.Site, w, r, p.view, "Import tools", body)
	}
	return p.back(w, r, "/tools", strconv.Itoa(added)+" tools entered, "+strconv.Itoa(changed)+" changed.", "")
}
