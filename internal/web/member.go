// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/enrich"
	"greenroom/internal/enrichment"
	"greenroom/internal/list"
	"greenroom/internal/member"
	"greenroom/internal/query"
	"greenroom/internal/web/ui"
)

// memberBody is what member.html shows.
type memberBody struct {
	origin map[string]string // off which profile a field was read

	Head         ui.Head
	Year         *ui.Year
	YearNote     string
	Query        ui.QueryBox
	Timeline     ui.Rows
	Pager        *ui.Pager
	Empty        *ui.Empty
	Accounts     ui.CardHead
	Identities   []identityView
	Next         []ui.Row // what could be done now
	Organization *organizationCard
	Standing     *standingCard
	Facts        []ui.Fact
	Contact      *contactCard
	History      []ui.Row
	Privacy      []ui.Action // what the member can ask for
	Dialogs      []ui.Dialog
}

type identityView struct {
	Platform string
	Name     string
	Href     string
	Reason   string
	Facts    []string
	Split    *ui.Action
}

type organizationCard struct {
	Head  ui.CardHead
	Facts []ui.Fact
	Note  string

	Since  string   // where they are and were, of somebody who has moved
	Stints []ui.Row // the same one by one
	Said   []ui.Row // by the team
}

type memberPage struct {
	*Site
	view *ui.View[memberBody]
}

func (s *Site) addMember() error {
	view, err := ui.Parse[memberBody](s.kit, templates, "templates/member.html")
	if err != nil {
		return err
	}
	p := &memberPage{Site: s, view: view}
	s.handle("GET /members/{id}", p.show)
	s.change("POST /members/{id}/merge", mayWrite, p.merge)
	s.change("POST /members/{id}/split", mayWrite, p.split)
	s.change("POST /members/{id}/edit", mayWrite, p.edit)
	if s.cfg.Employers != nil {
		s.change("POST /members/{id}/organization", mayWrite, p.place)
		s.change("POST /placements/{id}/undo", mayWrite, p.displace)
	}
	s.change("POST /members/{id}/contact", mayWrite, p.choose)
	s.change("POST /members/{id}/write", mayWrite, p.write)
	s.change("POST /decisions/{id}/undo", mayWrite, p.undo)
	s.change("POST /members/{id}/data", mayAdminister, p.export)
	s.change("POST /members/{id}/erase", mayAdminister, p.erase)
	return nil
}

func (p *memberPage) show(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	m, err := p.cfg.Objects.Member(r.Context(), id)
	if err != nil {
		return err
	}
	if m.ID != id {
		http.Redirect(w, r, memberHref(m.ID), http.StatusMovedPermanently)
		return nil
	}
	body := memberBody{Head: p.head(r, &m), Dialogs: p.dialogs(r, &m)}
	for _, part := range []func(*http.Request, *greenroom.Member, *memberBody) error{p.year, p.timeline, p.next, p.identities, p.organization, p.employers, p.standing, p.contact, p.history} {
		if err := part(r, &m, &body); err != nil {
			return err
		}
	}
	if mayAdminister(person(r)) {
		body.Privacy = privacyActions(&m)
		body.Dialogs = append(body.Dialogs, eraseDialog(&m))
	}
	for _, f := range sortedFields(m.Fields) {
		body.Facts = append(body.Facts, ui.Fact{Label: f[0], Value: f[1] + body.origin[f[0]+"="+f[1]]})
	}
	if o := body.origin[enrich.Country+"="+m.Country]; o != "" {
		body.Facts = append(body.Facts, ui.Fact{Label: enrich.Country, Value: m.Country + o})
	}
	return render(p.Site, w, r, p.view, m.Name, body)
}

func (p *memberPage) head(r *http.Request, m *greenroom.Member) ui.Head {
	var about []string
	if m.Title != "" && m.Organization != "" {
		about = append(about, m.Title+" at "+m.Organization)
	} else if t := m.Title + m.Organization; t != "" {
		about = append(about, t)
	}
	if m.Location != "" {
		about = append(about, m.Location)
	}
	since := m.FirstActive
	if !m.JoinedAt.IsZero() && (since.IsZero() || m.JoinedAt.Before(since)) {
		since = m.JoinedAt
	}
	if !since.IsZero() {
		about = append(about, "member since "+since.In(p.cfg.Zones.Zone()).Format("January 2006"))
	}
	avatar := memberAvatar(m.ID, m.Name)
	avatar.Size = "lg"
	h := ui.Head{Title: m.Name, Subtitle: strings.Join(about, " · "), Avatar: avatar, Pills: memberPills(m), Back: &ui.Action{Label: "Members", Href: "/members"}}
	if person(r).MayWrite {
		h.Actions = []ui.Action{{Label: "Edit", Dialog: "edit", Key: "e"}, {Label: "Merge…", Dialog: "merge", Key: "m"}}
	}
	return h
}

// dialogs hold the forms to edit the member and to merge another into it.
func (p *memberPage) dialogs(r *http.Request, m *greenroom.Member) []ui.Dialog {
	if !person(r).MayWrite {
		return nil
	}
	base := memberHref(m.ID)
	return []ui.Dialog{
		{ID: "edit", Title: "Edit " + m.Name, Form: ui.Form{Post: base + "/edit", Fields: []ui.Field{
			{Name: "name", Label: "Name", Value: m.Name, Required: true, Prefix: "edit-"},
			{Name: "tags", Label: "Tags", Value: strings.Join(m.Tags, ", "), Help: "Separated by commas", Prefix: "edit-"},
			{Name: "country", Label: "Country", Value: m.Country, Help: "Two-letter code, such as PT", Prefix: "edit-"},
			{Name: "staff", Label: "One of the team", Type: "checkbox", Checked: m.Staff, Help: "Left out of community figures", Prefix: "edit-"},
			{Name: "bot", Label: "A bot", Type: "checkbox", Checked: m.Bot, Help: "Left out of community figures", Prefix: "edit-"},
			{Name: "hidden", Label: "Hidden", Type: "checkbox", Checked: m.Hidden, Help: "Left out of lists and figures", Prefix: "edit-"},
		}, Actions: []ui.Action{{Label: "Save", Submit: true, Style: ui.StylePrimary}}}},
		{ID: "merge", Title: "Merge another member into " + m.Name, Text: "Both become one person. Nothing is lost, and it can be undone.", Form: ui.Form{
			Post: base + "/merge", Fields: []ui.Field{
				{Name: "other", Label: "The other member", Required: true, Placeholder: "Name, e-mail address, handle or number", Help: "What is written has to fit exactly one member; its number always does.", Autocomplete: "off", Choose: "/members/choose?not=" + idText(m.ID), Prefix: "merge-"},
				{Name: "reason", Label: "Why", Help: "Kept with the decision, for whoever asks later", Prefix: "merge-"},
			}, Actions: []ui.Action{{Label: "Merge", Submit: true, Style: ui.StylePrimary}},
		}},
	}
}

func (p *memberPage) year(r *http.Request, m *greenroom.Member, body *memberBody) error {
	if p.cfg.Calendar == nil || m.Activities == 0 {
		return nil
	}
	zone := p.cfg.Zones.Zone()
	now := p.cfg.Now().In(zone)
	end := now
	if last := m.LastActive.In(zone); now.Sub(last) > 365*24*time.Hour {
		end = last // somebody who left is shown in their last year
	}
	from := end.AddDate(-1, 0, 1)
	days, err := p.cfg.Calendar.MemberDays(r.Context(), m.ID, from, zone)
	if err != nil {
		return err
	}
	open := func(q string) string { return memberHref(m.ID) + "?q=" + url.QueryEscape(q) + "#timeline" }
	y := ui.Year{From: from, To: end, Unit: "activities"}
	total := 0
	for day, n := range days {
		at, err := time.ParseInLocation(time.DateOnly, day, zone)
		if err != nil {
			return fmt.Errorf("reading a day: %w", err)
		}
		total += n
		y.Days = append(y.Days, ui.Day{Date: at, Count: n, Href: open("occurred:" + day)})
	}
	body.YearNote = countText(int64(total), "activity", "activities") + " · " + countText(int64(len(days)), "active day", "active days") + " · last active " + ui.Ago(now, m.LastActive) + " · " + p.zoneText()
	y.Label = body.YearNote
	y.MonthOf = func(month time.Time) string {
		return open("occurred:" + month.Format("2006-01"))
	}
	body.Year = &y
	return nil
}

func (p *memberPage) timeline(r *http.Request, m *greenroom.Member, body *memberBody) error {
	v := p.listView(r, query.Activities, "Filter the timeline", "is:question kind:answer since:90d")
	v.box.Action, v.path = memberHref(m.ID), memberHref(m.ID)
	v.box.Examples = nil
	body.Query = v.box
	if v.parsed == nil {
		return nil
	}
	own, err := query.Parse(p.schemas[query.Activities], "member.id:"+idText(m.ID))
	if err != nil {
		return fmt.Errorf("asking for the member's activities: %w", err)
	}
	req := list.Request{Query: &query.Query{Root: query.AllOf(own.Root, v.parsed.Root), Sort: v.parsed.Sort}, Cursor: r.URL.Query().Get("at"), Limit: 25, Count: true}
	page, err := p.cfg.Lists.ListActivities(r.Context(), req)
	if err != nil {
		return err
	}
	body.Timeline = ui.Rows{Label: "Timeline of " + m.Name}
	for i := range page.Items {
		body.Timeline.Items = append(body.Timeline.Items, activityRow(&page.Items[i], false))
	}
	body.Pager = v.pager(page.Next, page.Prev, len(page.Items), page.Total)
	if len(page.Items) == 0 {
		body.Empty = &ui.Empty{Title: "Nothing fits", Text: "No activity of this member fits the filter.", Actions: []ui.Action{{Label: "The whole timeline", Href: memberHref(m.ID) + "#timeline"}}}
	}
	if len(page.Items) == 0 && v.text == "" {
		body.Empty = &ui.Empty{Title: "No activity yet", Text: "This account is known, but has not done anything in what was read. It may belong to somebody who is here under another name: merge the two, and both histories stand together."}
	}
	return nil
}

func (p *memberPage) identities(r *http.Request, m *greenroom.Member, body *memberBody) error {
	ids, err := p.cfg.Objects.MemberIdentities(r.Context(), m.ID)
	if err != nil {
		return err
	}
	platforms := make(map[string]string)
	for i := range m.Identities {
		platforms[m.Identities[i].Source] = m.Identities[i].Platform
	}
	title := "One person, " + ui.Number(len(ids)) + " identities"
	if len(ids) == 1 {
		title = "One identity"
	}
	body.Accounts = ui.CardHead{Title: title}
	said, err := p.cfg.Objects.OutsideOf(r.Context(), m.ID)
	if err != nil {
		return err
	}
	body.origin = p.origins(ids, said)
	for i := range ids {
		id := &ids[i]
		v := identityView{Platform: platformName(platforms[id.Source]), Name: firstText(id.Handle, id.Name, id.ExternalID), Href: outside(id.ProfileURL), Reason: id.MatchReason}
		for _, e := range id.Emails {
			v.Facts = append(v.Facts, e.Address)
		}
		v.Facts = append(v.Facts, ui.Number(int(id.Activities))+" activities in "+id.Source)
		if len(ids) > 1 && person(r).MayWrite {
			v.Split = &ui.Action{
				Label: "Not the same", Label2: "Not the same: split off " + v.Name, Post: memberHref(m.ID) + "/split", Style: ui.StyleQuiet, Small: true,
				Hidden: []ui.Hidden{{Name: "identity", Value: idText(id.ID)}},
			}
		}
		body.Identities = append(body.Identities, v)
	}
	return nil
}

// origins says, by field and value, off which profile a value was read, and when the source told it; or which outside
// service said it, and when it learned it.
func (p *memberPage) origins(ids []greenroom.Identity, outside []enrichment.Outside) map[string]string {
	said := make(map[string]string)
	for i := range ids {
		id := &ids[i]
		for _, f := range enrich.Read(enrich.Profile{Location: id.Location, Bio: id.Bio, JobTitle: id.JobTitle, TimeZone: id.TimeZone}) {
			key := f.Field + "=" + f.Value
			if said[key] != "" || id.Bot {
				continue
			}
			said[key] = ", by the " + f.From + " in " + id.Source
			if !id.ToldAt.IsZero() {
				said[key] += " on " + id.ToldAt.In(p.cfg.Zones.Zone()).Format("2 January 2006")
			}
		}
	}
	for _, o := range outside {
		for _, f := range o.Findings {
			if key := f.Field + "=" + f.Value; said[key] == "" {
				said[key] = ", by " + o.Provider + " on " + o.At.In(p.cfg.Zones.Zone()).Format("2 January 2006")
			}
		}
	}
	return said
}

func (p *memberPage) organization(r *http.Request, m *greenroom.Member, body *memberBody) error {
	if m.OrganizationID == 0 {
		body.Organization = &organizationCard{Head: ui.CardHead{Title: "Organization"}, Note: "Not known. It comes from an e-mail domain that is a company's, from business records, or from the company that a profile names."}
		return nil
	}
	o, err := p.cfg.Objects.Organization(r.Context(), m.OrganizationID)
	if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
		return nil
	}
	if err != nil {
		return err
	}
	body.Organization = &organizationCard{
		Head:  ui.CardHead{Title: o.Name, Actions: []ui.Action{{Label: "Open", Label2: "Open " + o.Name, Href: "/organizations/" + idText(o.ID), Small: true, Style: ui.StyleQuiet}}},
		Facts: organizationFacts(&o),
	}
	if m.OrganizationFrom == string(greenroom.StintProfile) {
		body.Organization.Note = "Read off the company that a profile names. An e-mail address, a business record, or what you say below counts before it."
	}
	return nil
}

func (p *memberPage) history(r *http.Request, m *greenroom.Member, body *memberBody) error {
	all, err := p.cfg.Members.History(r.Context(), m.ID)
	if err != nil {
		return err
	}
	for i := range all {
		d := &all[i]
		row := ui.Row{Title: decisionText(d, m.ID), Meta: []ui.Meta{{Text: "by " + d.By}, {Text: d.Reason}}}
		if !d.At.IsZero() {
			row.Meta = append(row.Meta, ui.Meta{Time: d.At})
		}
		switch {
		case !d.UndoneAt.IsZero():
			row.Badge = &ui.Pill{Text: "undone"}
		case person(r).MayWrite:
			row.Actions = []ui.Action{{Label: "Undo", Label2: "Undo: " + row.Title, Post: "/decisions/" + idText(d.ID) + "/undo", Small: true}}
		}
		body.History = append(body.History, row)
	}
	return nil
}

func decisionText(d *greenroom.Decision, member int64) string {
	n := ui.Number(len(d.Identities)) + " identities"
	if len(d.Identities) == 1 {
		n = "1 identity"
	}
	switch {
	case d.Action == "merge" && d.MemberID == member:
		return "Member " + idText(d.OtherID) + " with " + n + " was merged into this one"
	case d.Action == "merge":
		return "Merged into member " + idText(d.MemberID)
	case d.MemberID == member:
		return "Member " + idText(d.OtherID) + " with " + n + " was split off"
	default:
		return "Split off from member " + idText(d.MemberID)
	}
}

// merge merges another member, found by number, e-mail or name, into this one.
func (p *memberPage) merge(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	text := strings.TrimSpace(r.FormValue("other"))
	if text == "" {
		return greenroom.Errorf(greenroom.CodeInvalid, "write whom to merge: a name, an e-mail address or a member's number. Nothing was merged")
	}
	other, err := p.findOne(r, text, id)
	if err != nil {
		return err
	}
	decision, err := p.cfg.Members.Merge(r.Context(), id, other.ID, r.FormValue("reason"), person(r).Actor)
	if err != nil {
		return err
	}
	return p.back(w, r, memberHref(id), other.Name+" is now part of this member.", idText(decision))
}

// findOne finds the one member that a text means.
func (p *memberPage) findOne(r *http.Request, text string, not int64) (greenroom.Member, error) {
	if id, err := strconv.ParseInt(strings.TrimPrefix(text, "#"), 10, 64); err == nil {
		return p.cfg.Objects.Member(r.Context(), id)
	}
	parsed, err := query.Parse(p.schemas[query.Members], whoIs(text)+" -id:"+idText(not))
	if err != nil {
		return greenroom.Member{}, greenroom.Errorf(greenroom.CodeInvalid, "%q cannot be looked for; write a name, an e-mail address or a member's number", text)
	}
	page, err := p.cfg.Lists.ListMembers(r.Context(), list.Request{Query: parsed, Limit: 3})
	if err != nil {
		return greenroom.Member{}, err
	}
	switch len(page.Items) {
	case 1:
		return page.Items[0], nil
	case 0:
		return greenroom.Member{}, greenroom.Errorf(greenroom.CodeNotFound, "no other member fits %q; nothing was changed", text)
	default:
		return greenroom.Member{}, greenroom.Errorf(greenroom.CodeConflict,
			"several members fit %q (%s, %s …); write the number from the address of the one you mean. Nothing was changed", text, page.Items[0].Name, page.Items[1].Name)
	}
}

func (p *memberPage) split(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	identity, err := strconv.ParseInt(r.FormValue("identity"), 10, 64)
	if err != nil {
		return greenroom.Errorf(greenroom.CodeInvalid, "name the identity to split off")
	}
	decision, created, err := p.cfg.Members.Split(r.Context(), id, []int64{identity}, r.FormValue("reason"), person(r).Actor)
	if err != nil {
		return err
	}
	return p.back(w, r, memberHref(id), "Split off as member "+idText(created)+"; no rule joins them again.", idText(decision))
}

func (p *memberPage) undo(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	d, err := p.cfg.Members.Undo(r.Context(), id, person(r).Actor)
	if err != nil {
		return err
	}
	return p.back(w, r, memberHref(d.MemberID), "The "+d.Action+" was undone.", "")
}

func (p *memberPage) edit(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	m, err := p.cfg.Objects.Member(r.Context(), id)
	if err != nil {
		return err
	}
	var e member.Edit
	if name := strings.TrimSpace(r.FormValue("name")); name != m.Name {
		e.Name = &name
	}
	if country := strings.TrimSpace(r.FormValue("country")); !strings.EqualFold(country, m.Country) {
		e.Country = &country
	}
	for _, f := range []struct {
		field string
		was   bool
		to    **bool
	}{{"staff", m.Staff, &e.Staff}, {"bot", m.Bot, &e.Bot}, {"hidden", m.Hidden, &e.Hidden}} {
		if is := r.FormValue(f.field) != ""; is != f.was {
			*f.to = &is
		}
	}
	want := make(map[string]bool)
	for tag := range strings.SplitSeq(r.FormValue("tags"), ",") {
		if tag = strings.ToLower(strings.TrimSpace(tag)); tag != "" {
			want[tag] = true
			e.AddTags = append(e.AddTags, tag)
		}
	}
	for _, tag := range m.Tags {
		if !want[tag] {
			e.RemoveTags = append(e.RemoveTags, tag)
		}
	}
	if err := p.cfg.Members.Edit(r.Context(), id, e, person(r).Actor); err != nil {
		return err
	}
	return p.back(w, r, memberHref(id), "Saved.", "")
}

func firstText(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
