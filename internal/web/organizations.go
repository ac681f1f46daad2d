// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/http"
	"net/url"
	"slices"
	"sort"
	"strings"

	"greenroom"
	"greenroom/internal/list"
	"greenroom/internal/query"
	"greenroom/internal/web/ui"
)

// organizationsBody is what organizations.html shows.
type organizationsBody struct {
	Head  ui.Head
	Query ui.QueryBox
	Table ui.Table
}

// organizationBody is what organization.html shows.
type organizationBody struct {
	Head         ui.Head
	Facts        []ui.Fact
	Members      ui.Table
	MoreMembers  *ui.Action
	Former       []ui.Row // who was here before
	Recent       ui.Rows
	Records      *ui.Table
	Fields       []ui.Fact
	Parents      []ui.Row     // who says what it is below
	Subsidiaries []ui.Row     // what is below it
	Merges       []ui.Row     // by which others became part of it
	Origins      *originsCard // nil = no source tells of it by a record of its own
	Dialogs      []ui.Dialog
}

type organizationPages struct {
	*Site
	list *ui.View[organizationsBody]
	one  *ui.View[organizationBody]
}

func (s *Site) addOrganizations() error {
	p := &organizationPages{Site: s}
	var err error
	if p.list, err = ui.Parse[organizationsBody](s.kit, templates, "templates/organizations.html"); err != nil {
		return err
	}
	if p.one, err = ui.Parse[organizationBody](s.kit, templates, "templates/organization.html"); err != nil {
		return err
	}
	s.handle("GET /organizations", p.showList)
	s.handle("GET /organizations/{id}", p.show)
	p.addMerging()
	if s.cfg.Origins != nil {
		s.change("POST /organizations/{id}/origins", mayWrite, p.choose)
	}
	return nil
}

func (p *organizationPages) showList(w http.ResponseWriter, r *http.Request) error {
	v := p.listView(r, query.Organizations, "Filter organizations", "lifecycle:trial,customer members:>=3",
		[2]string{"Customers", "lifecycle:customer"}, [2]string{"On trial", "lifecycle:trial"},
		[2]string{"Gone quiet", "last_active:>60d activities:>=20"}, [2]string{"Largest here", "sort:-members"}, [2]string{"Schools", "is:education"})
	body := organizationsBody{Head: ui.Head{Title: "Organizations", Find: true}, Query: v.box}
	if v.parsed != nil {
		page, err := p.cfg.Lists.ListOrganizations(r.Context(), v.request(r))
		if err != nil {
			return err
		}
		body.Head.Subtitle = countText(page.Total, "organization", "organizations")
		body.Table = p.table(v, &page)
	}
	if p.cfg.OrganizationMatches != nil && p.cfg.Organizations != nil {
		body.Head.Actions = append(body.Head.Actions, ui.Action{Label: "One organization?", Href: organizationMatchesHref})
	}
	return render(p.Site, w, r, p.list, "Organizations", body)
}

func (p *organizationPages) table(v *listView, page *list.Page[greenroom.Organization]) ui.Table {
	t := ui.Table{Caption: "Organizations", Foot: v.pager(page.Next, page.Prev, len(page.Items), page.Total)}
	for _, c := range []struct {
		label, sort string
		number      bool
	}{{"Name", "name", false}, {"Lifecycle", "lifecycle", false}, {"Members", "members", true}, {"Activities", "activities", true}, {"Last active", "last_active", false}} {
		href, sorted := v.sortBy(c.sort, c.number || c.sort == "last_active")
		t.Columns = append(t.Columns, ui.Column{Label: c.label, Number: c.number, SortHref: href, Sorted: sorted})
	}
	for i := range page.Items {
		o := &page.Items[i]
		life := ui.Cell{}
		if o.Lifecycle != "" {
			life.Pills = []ui.Pill{lifecyclePill(o.Lifecycle)}
		}
		if o.Kind == greenroom.KindEducation {
			life.Pills = append(life.Pills, educationPill())
		}
		t.Rows = append(t.Rows, ui.TableRow{ID: idText(o.ID), Cells: []ui.Cell{
			{Text: o.Name, Href: "/organizations/" + idText(o.ID), Sub: otherDomains(o)},
			life,
			{Text: ui.Number(int(o.Members)), Href: "/members?q=" + url.QueryEscape("org.id:"+idText(o.ID)+" -is:bot")},
			{Text: ui.Number(int(o.Activities)), Href: "/activities?q=" + url.QueryEscape("org.id:"+idText(o.ID))},
			{Time: o.LastActive},
		}})
	}
	if len(page.Items) == 0 {
		t.Empty = &ui.Empty{Title: "No organization fits", Text: "Organizations come from members' e-mail domains and from business records such as a CRM export."}
		if v.text != "" {
			t.Empty.Actions = []ui.Action{{Label: "All organizations", Href: v.path}}
		} else {
			t.Empty.Actions = []ui.Action{{Label: "Import your data", Href: "/start", Style: ui.StylePrimary}}
		}
	}
	return t
}

func lifecyclePill(lifecycle string) ui.Pill {
	tone := map[string]ui.Tone{"customer": ui.ToneGood, "trial": ui.ToneInfo, "churned": ui.ToneBad, "prospect": ui.ToneIdea}[lifecycle]
	return ui.Pill{Text: title(lifecycle), Tone: tone}
}

// educationPill marks a school or university.
func educationPill() ui.Pill { return ui.Pill{Text: "Education"} }

func organizationFacts(o *greenroom.Organization) []ui.Fact {
	var facts []ui.Fact
	add := func(label, value, href string) {
		if value != "" {
			facts = append(facts, ui.Fact{Label: label, Value: value, Href: href})
		}
	}
	if o.Lifecycle != "" {
		add("Lifecycle", lifecyclePill(o.Lifecycle).Text, "")
	}
	add("People here", ui.Number(int(o.Members)), "/members?q="+url.QueryEscape("org.id:"+idText(o.ID)+" -is:bot"))
	add("Activities", ui.Number(int(o.Activities)), "/activities?q="+url.QueryEscape("org.id:"+idText(o.ID)))
	if o.Size > 0 {
		add("Employees", ui.Number(int(o.Size)), "")
	}
	add("Country", o.Country, "")
	if !o.LastActive.IsZero() {
		add("Last active", ui.Date(o.LastActive), "")
	}
	return facts
}

// otherDomains names an organization's domains but for the one that it is called by.
func otherDomains(o *greenroom.Organization) string {
	return strings.Join(slices.DeleteFunc(slices.Clone(o.Domains), func(d string) bool { return d == o.Name }), ", ")
}

// domainsText names an organization's domains, unless that says no more than its name.
func domainsText(o *greenroom.Organization) string {
	if text := otherDomains(o); text != "" || len(o.Domains) == 0 {
		return text
	}
	return "known by its e-mail domain"
}

func sortedFields(fields map[string]string) [][2]string {
	names := make([]string, 0, len(fields))
	for n := range fields {
		names = append(names, n)
	}
	sort.Strings(names)
	out := make([][2]string, len(names))
	for i, n := range names {
		out[i] = [2]string{strings.ReplaceAll(n, "_", " "), fields[n]}
	}
	return out
}

const organizationMembers = 25

func (p *organizationPages) show(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	o, err := p.cfg.Objects.Organization(r.Context(), id)
	if err != nil {
		return err
	}
	if o.ID != id {
		http.Redirect(w, r, organizationHref(o.ID), http.StatusFound) // undoing the merge has it back under its own address
		return nil
	}
	body := organizationBody{
		Head:  ui.Head{Title: o.Name, Subtitle: domainsText(&o), Back: &ui.Action{Label: "Organizations", Href: "/organizations"}},
		Facts: organizationFacts(&o),
	}
	if o.Lifecycle != "" {
		body.Head.Pills = []ui.Pill{lifecyclePill(o.Lifecycle)}
	}
	if o.Kind == greenroom.KindEducation {
		body.Head.Pills = append(body.Head.Pills, educationPill())
	}
	for _, f := range sortedFields(o.Fields) {
		body.Fields = append(body.Fields, ui.Fact{Label: f[0], Value: f[1]})
	}
	of, err := query.Parse(p.schemas[query.Members], "org.id:"+idText(id)+" sort:-activities")
	if err != nil {
		return err
	}
	members, err := p.cfg.Lists.ListMembers(r.Context(), list.Request{Query: of, Limit: organizationMembers})
	if err != nil {
		return err
	}
	body.Members = ui.Table{Caption: "People of " + o.Name, Columns: []ui.Column{
		{Label: "Name"}, {Label: "Accounts"}, {Label: "Activities", Number: true}, {Label: "Last active"},
	}, Empty: &ui.Empty{Title: "Nobody yet", Text: "No member has an e-mail address of this organization, and no business record names one."}}
	for i := range members.Items {
		row := memberRow(&members.Items[i])
		row.Cells = []ui.Cell{row.Cells[0], row.Cells[2], row.Cells[3], row.Cells[5]}
		body.Members.Rows = append(body.Members.Rows, row)
	}
	if len(members.Items) > 0 {
		body.Members.Empty = nil
	}
	if members.Next != "" {
		body.MoreMembers = &ui.Action{Label: "All " + countText(o.Members, "person", "people"), Href: "/members?q=" + url.QueryEscape("org.id:"+idText(id)+" sort:-activities"), Small: true, Style: ui.StyleQuiet}
	}
	if err := p.former(r, &o, &body); err != nil {
		return err
	}
	if err := p.activity(r, &o, &body); err != nil {
		return err
	}
	if err := p.origins(r, &o, &body); err != nil {
		return err
	}
	if err := p.merges(r, &o, &body); err != nil {
		return err
	}
	if err := p.group(r, &o, &body); err != nil {
		return err
	}
	return render(p.Site, w, r, p.one, o.Name, body)
}

func (p *organizationPages) activity(r *http.Request, o *greenroom.Organization, body *organizationBody) error {
	of, err := query.Parse(p.schemas[query.Activities], "org.id:"+idText(o.ID))
	if err != nil {
		return err
	}
	recent, err := p.cfg.Lists.ListActivities(r.Context(), list.Request{Query: of, Limit: 10})
	if err != nil {
		return err
	}
	body.Recent = ui.Rows{Label: "Latest activities"}
	for i := range recent.Items {
		body.Recent.Items = append(body.Recent.Items, activityRow(&recent.Items[i], true))
	}
	records, err := p.cfg.Objects.OrganizationRecords(r.Context(), o.ID)
	if err != nil || len(records) == 0 {
		return err
	}
	t := ui.Table{Caption: "Business records", Columns: []ui.Column{{Label: "Name"}, {Label: "Type"}, {Label: "Stage"}, {Label: "Amount", Number: true}, {Label: "Opened"}, {Label: "Closed"}}}
	for i := range records {
		b := &records[i]
		amount := ""
		if b.Amount != 0 {
			amount = ui.Decimal(b.Amount, 0) + " " + b.Currency
		}
		t.Rows = append(t.Rows, ui.TableRow{ID: idText(b.ID), Cells: []ui.Cell{
			{Text: firstText(b.Name, b.ExternalID), Sub: b.Source}, {Text: b.Type}, {Text: b.Stage, Sub: stagesText(b.Stages)}, {Text: amount}, {Text: dateText(b.OpenedAt)}, {Text: dateText(b.ClosedAt)},
		}})
	}
	body.Records = &t
	return nil
}

// stagesText is the way that a record went: "open 3 May → offer 9 May → won 2 Jun".
func stagesText(stages []greenroom.Stage) string {
	if len(stages) < 2 {
		return ""
	}
	parts := make([]string, len(stages))
	for i, s := range stages {
		parts[i] = s.Name + " " + s.At.Format("2 Jan")
	}
	return strings.Join(parts, " → ")
}
