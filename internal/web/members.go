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
	"greenroom/internal/list"
	"greenroom/internal/query"
	"greenroom/internal/segment"
	"greenroom/internal/web/ui"
)

// membersBody is what members.html shows.
type membersBody struct {
	Head  ui.Head
	Query ui.QueryBox
	Table ui.Table
	Note  string
}

// membersPage lists members.
type membersPage struct {
	*Site
	view *ui.View[membersBody]
}

func (s *Site) addMembers() error {
	view, err := ui.Parse[membersBody](s.kit, templates, "templates/members.html")
	if err != nil {
		return err
	}
	p := &membersPage{Site: s, view: view}
	s.handle("GET /members", p.show)
	s.handle("GET /members/choose", p.choose)
	s.handle("GET /suggest/{entity}", s.suggest)
	return nil
}

func (p *membersPage) show(w http.ResponseWriter, r *http.Request) error {
	v := p.listView(r, query.Members, "Filter members", "last_active:<30d org:* did:answer",
		[2]string{"New this month", "is:new"}, [2]string{"Helpers", "did:answer,reply since:90d count:>=10"},
		[2]string{"Gone quiet", "is:quiet activities:>=10"}, [2]string{"Staff", "is:staff"}, [2]string{"Contacts", "is:contact"})
	if err := p.savedChips(r, v); err != nil {
		return err
	}
	body := membersBody{Head: ui.Head{Title: "Members", Find: true}}
	if p.cfg.Segments != nil && person(r).MayWrite && v.parsed != nil && v.parsed.Root != nil {
		body.Head.Actions = []ui.Action{{Label: "Save as segment", Href: "/segments/new?q=" + url.QueryEscape(query.Format(v.parsed.Root))}}
	}
	var page list.Page[greenroom.Member]
	if p.cfg.Matches != nil {
		if _, state, err := p.cfg.Matches.MatchSettings(r.Context()); err == nil && state.Suggestions > 0 {
			body.Head.Actions = append(body.Head.Actions, ui.Action{Label: "One person? " + ui.Number(state.Suggestions) + " pairs", Href: matchesHref})
		}
	}
	if v.parsed != nil {
		var err error
		page, err = p.cfg.Lists.ListMembers(r.Context(), v.request(r))
		if v.text != "" && greenroom.ErrorCode(err) == greenroom.CodeInvalid { // such as a segment that is not there
			v.parsed, v.box.Error = nil, &ui.QueryError{Query: v.text, Message: sentence(greenroom.ErrorMessage(err))}
		} else if err != nil {
			return err
		}
	}
	body.Query = v.box
	if v.parsed != nil {
		body.Head.Subtitle = countText(page.Total, "member", "members")
		if v.text == "" {
			body.Note = "Staff and bots are listed and marked; figures leave them out, as -is:staff -is:bot does here. Hidden members (is:hidden) and contacts known only from business systems (is:contact) are not listed."
		}
		body.Table = p.table(v, &page)
	}
	return render(p.Site, w, r, p.view, "Members", body)
}

func (p *membersPage) table(v *listView, page *list.Page[greenroom.Member]) ui.Table {
	t := ui.Table{Caption: "Members", Foot: v.pager(page.Next, page.Prev, len(page.Items), page.Total)}
	for _, c := range []struct {
		label, sort string
		number      bool
	}{{"Name", "name", false}, {"Organization", "", false}, {"Accounts", "identities", false}, {"Activities", "activities", true}, {"First active", "first_active", false}, {"Last active", "last_active", false}} {
		col := ui.Column{Label: c.label, Number: c.number}
		if c.sort != "" {
			col.SortHref, col.Sorted = v.sortBy(c.sort, c.sort != "name")
		}
		t.Columns = append(t.Columns, col)
	}
	for i := range page.Items {
		t.Rows = append(t.Rows, memberRow(&page.Items[i]))
	}
	if len(page.Items) == 0 {
		t.Empty = p.empty(v)
	}
	return t
}

func (p *membersPage) empty(v *listView) *ui.Empty {
	if v.text != "" {
		return &ui.Empty{Title: "No member fits this query", Text: "Take a condition away, or look for a name.", Actions: []ui.Action{{Label: "All members", Href: "/members"}}}
	}
	return &ui.Empty{
		Title: "No members yet", Text: "Bring in an export of a place where your community meets, and its people appear here.",
		Actions: []ui.Action{{Label: "Import your data", Href: "/start", Style: ui.StylePrimary}},
	}
}

// shownChips is how many segments are offered above the list.
const shownChips = 8

// savedChips puts the team's segments before the examples, of which it leaves out those that are called the same.
func (p *membersPage) savedChips(r *http.Request, v *listView) error {
	if p.cfg.Segments == nil {
		return nil
	}
	all, err := p.cfg.Segments.List(r.Context(), false)
	if err != nil {
		return err
	}
	var chips []ui.Segment
	for i := range all[:min(len(all), shownChips)] {
		text := segment.Named(all[i].Key)
		chips = append(chips, ui.Segment{Label: all[i].Name, Href: v.href(text), Active: v.text == text, Count: ui.Number(int(all[i].Size))})
	}
	for _, e := range v.box.Examples {
		if !slices.ContainsFunc(all, func(g segment.Segment) bool { return g.Name == e.Label }) {
			chips = append(chips, e)
		}
	}
	v.box.Examples = chips
	return nil
}

// choose offers members by name, e-mail address or handle, for a field that takes a member's number.
func (p *membersPage) choose(w http.ResponseWriter, r *http.Request) error {
	const most = 8
	out := ui.Choices{Items: []ui.Choice{}}
	text := strings.TrimSpace(r.URL.Query().Get("q"))
	if len(text) < 2 || len(text) > 200 {
		return writeJSON(w, out)
	}
	filter := whoIs(text)
	if not, err := strconv.ParseInt(r.URL.Query().Get("not"), 10, 64); err == nil {
		filter += " -id:" + idText(not)
	}
	parsed, err := query.Parse(p.schemas[query.Members], filter)
	if err != nil {
		return writeJSON(w, out) // such as a lone quotation mark, on the way to a name
	}
	page, err := p.cfg.Lists.ListMembers(r.Context(), list.Request{Query: parsed, Limit: most})
	if err != nil {
		return err
	}
	for i := range page.Items {
		m := &page.Items[i]
		note := []string{"No. " + idText(m.ID)}
		for _, pill := range platformPills(m.Identities) {
			note = append(note, pill.Text)
		}
		if len(m.Emails) > 0 {
			note = append(note, m.Emails[0])
		}
		out.Items = append(out.Items, ui.Choice{Value: idText(m.ID), Label: m.Name, Note: strings.Join(append(note, countText(m.Activities, "activity", "activities")), " · ")})
	}
	return writeJSON(w, out)
}

// whoIs is the query for the members whom a text may mean: one with an @ inside is an address.
func whoIs(text string) string {
	field := "name:"
	if at := strings.Index(text, "@"); at > 0 {
		field = "email:"
	}
	return "(" + field + quoted(text) + " or handle:" + quoted(strings.TrimPrefix(text, "@")) + ")"
}

func memberRow(m *greenroom.Member) ui.TableRow {
	name := ui.Cell{Text: m.Name, Href: memberHref(m.ID), Avatar: memberAvatar(m.ID, m.Name), Pills: memberPills(m)}
	if len(m.Emails) > 0 {
		name.Sub = m.Emails[0]
	}
	org := ui.Cell{Text: m.Organization}
	if m.OrganizationID > 0 {
		org.Href = "/organizations/" + idText(m.OrganizationID)
	}
	return ui.TableRow{ID: idText(m.ID), Cells: []ui.Cell{
		name, org,
		{Pills: platformPills(m.Identities)},
		{Text: ui.Number(int(m.Activities)), Href: "/members/" + idText(m.ID) + "#timeline"},
		{Time: m.FirstActive},
		{Time: m.LastActive},
	}}
}

func memberHref(id int64) string { return "/members/" + idText(id) }

func memberAvatar(id int64, name string) *ui.Avatar { return &ui.Avatar{Name: name, Seed: idText(id)} }

// memberPills marks what is special about a member.
func memberPills(m *greenroom.Member) []ui.Pill {
	var pills []ui.Pill
	if m.Staff {
		pills = append(pills, ui.Pill{Text: "Staff", Tone: ui.ToneInfo, Title: "One of the team: left out of community figures"})
	}
	if m.Bot {
		pills = append(pills, ui.Pill{Text: "Bot", Tone: ui.ToneIdea, Title: "Not a person: left out of community figures"})
	}
	if m.Hidden {
		pills = append(pills, ui.Pill{Text: "Hidden", Tone: ui.ToneWarn})
	}
	if m.Contact {
		pills = append(pills, ui.Pill{Text: "Contact", Title: "Known only from business systems"})
	}
	for _, t := range m.Tags {
		pills = append(pills, ui.Pill{Text: t, Tone: ui.ToneGood, Href: "/members?q=" + url.QueryEscape("tag:"+quoted(t))})
	}
	return pills
}

// platformPills names the platforms that a member has accounts on, each once, with how many where it is several.
func platformPills(ids []greenroom.IdentityRef) []ui.Pill {
	var order []string
	count := make(map[string]int)
	for i := range ids {
		if count[ids[i].Platform] == 0 {
			order = append(order, ids[i].Platform)
		}
		count[ids[i].Platform]++
	}
	pills := make([]ui.Pill, 0, len(order))
	for _, platform := range order {
		text := platformName(platform)
		if count[platform] > 1 {
			text += " × " + ui.Number(count[platform])
		}
		pills = append(pills, ui.Pill{Text: text})
	}
	return pills
}

// platformName writes a platform as people do.
func platformName(platform string) string {
	names := map[string]string{
		"slack": "Slack", "discourse": "Discourse", "github": "GitHub", "stackexchange": "Stack Exchange", "discord": "Discord",
		"git": "Git", "mail": "Mail", "mbox": "Mail", "mailinglist": "Mail", "csv": "CSV",
	}
	if n, ok := names[platform]; ok {
		return n
	}
	if platform == "" {
		return "?"
	}
	return title(platform)
}

// quoted writes a value for a query, in quotes where it needs them.
func quoted(v string) string {
	if strings.ContainsAny(v, " \t\"(),:*") || v == "" {
		return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(v) + `"`
	}
	return v
}
