// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/http"
	"strings"

	"greenroom"
	"greenroom/internal/health"
	"greenroom/internal/web/ui"
)

// network shows who answers whom, and finds the way from one member to another.
func (p *healthPages) network(w http.ResponseWriter, r *http.Request) error {
	const about = "Who answered whom in the last year, from replies in conversations that somebody else began."
	return p.page(w, r, "/health/network", "Network", about, func(body *healthBody) error {
		n, err := p.cfg.Health.Network(r.Context())
		if err != nil {
			return err
		}
		body.Groups = []healthGroup{{Title: "As a whole", KPIs: []ui.KPI{
			{Label: "Members who are connected", Value: ui.Number(n.Members), Note: "They answered somebody, or were answered."},
			{Label: "Connections", Value: ui.Number(n.Connections), Note: "Pairs of members; " + ui.Decimal(avgDegree(n), 1) + " for each."},
			{Label: "Density", Value: ui.Percent(n.Density), Note: "Of all pairs that there could be.", Definition: &ui.Definition{Term: "Density", Text: "Connections / (n (n − 1) / 2), n being the members who are connected. Large communities are never dense; watch how it moves."}},
			{Label: "Reciprocity", Value: ui.Percent(n.Reciprocity), Note: "Of the connections go both ways."},
		}}}
		introduce, err := p.introduce(r)
		if err != nil {
			return err
		}
		body.Sections = []healthSection{newcomersSection(n), helpersSection(n), bridgesSection(n), betweenSection(n), introduce}
		return nil
	})
}

func avgDegree(n *health.Network) float64 {
	if n.Members == 0 {
		return 0
	}
	return 2 * float64(n.Connections) / float64(n.Members)
}

func newcomersSection(n *health.Network) healthSection {
	t := &ui.Table{Caption: "Newcomers nobody answered", Columns: []ui.Column{{Label: "Conversation"}, {Label: "Newcomer"}, {Label: "Waits since"}}}
	for i := range n.Unanswered {
		c := &n.Unanswered[i]
		t.Rows = append(t.Rows, ui.TableRow{ID: idText(c.ID), Cells: []ui.Cell{
			{Text: firstText(c.Title, "conversation "+idText(c.ID)), Href: "/conversations/" + idText(c.ID), Sub: c.Channel}, {Text: c.Author, Href: memberHref(c.AuthorMemberID)}, {Time: c.OpenedAt},
		}})
	}
	if len(n.Unanswered) == 0 {
		t.Empty = &ui.Empty{Title: "Every newcomer was answered", Text: "Whoever came in the last 30 days and wrote something has had a reply."}
	}
	return healthSection{Head: ui.CardHead{Title: "Newcomers nobody answered", Note: countText(n.Waiting, "conversation", "conversations"), Actions: []ui.Action{
		{Label: "As a list", Href: openList("conversations", n.Query), Small: true, Style: ui.StyleQuiet},
	}}, Table: t}
}

func helpersSection(n *health.Network) healthSection {
	t := &ui.Table{Caption: "Helpers", Columns: []ui.Column{{Label: "Member"}, {Label: "Answers", Number: true}, {Label: "People helped", Number: true}, {Label: "First responses", Number: true}, {Label: "Reach", Number: true}, {Label: "Last answer"}}}
	for i := range n.Helpers {
		h := &n.Helpers[i]
		cell := ui.Cell{Text: firstText(h.Name, "member "+idText(h.Member)), Href: memberHref(h.Member), Avatar: memberAvatar(h.Member, h.Name)}
		if h.Staff {
			cell.Pills = []ui.Pill{{Text: "staff"}}
		}
		t.Rows = append(t.Rows, ui.TableRow{ID: idText(h.Member), Cells: []ui.Cell{
			cell, {Text: ui.Number(int(h.Answers)), Href: openList("activities", "member.id:"+idText(h.Member)+" is:reply since:365d")}, {Text: ui.Number(h.Helped)}, {Text: ui.Number(int(h.First))}, {Text: ui.Decimal(h.Reach, 0)}, {Time: h.Last},
		}})
	}
	if len(n.Helpers) == 0 {
		t.Empty = &ui.Empty{Title: "Nobody has answered anybody yet", Text: "Replies in conversations that others began make the network."}
	}
	return healthSection{Head: ui.CardHead{Title: "Helpers", Note: "who answers most", Definition: &ui.Definition{
		Term: "Reach", Text: "As in version 2 of the Orbit model: the strengths of a member's connections together. Each answer, given or received, adds 10, and a connection loses a tenth for each month without one.",
	}}, Table: t}
}

func bridgesSection(n *health.Network) healthSection {
	t := &ui.Table{Caption: "Bridges", Columns: []ui.Column{{Label: "Member"}, {Label: "Bridges", Number: true}, {Label: "Active in"}, {Label: "The only link between"}}}
	for i := range n.Bridges {
		b := &n.Bridges[i]
		t.Rows = append(t.Rows, ui.TableRow{ID: idText(b.Member), Cells: []ui.Cell{
			{Text: firstText(b.Name, "member "+idText(b.Member)), Href: memberHref(b.Member), Avatar: memberAvatar(b.Member, b.Name)}, {Text: ui.Decimal(b.Value, 1)}, {Text: few(b.Channels, 6)}, {Text: few(b.Alone, 3)},
		}})
	}
	if len(n.Bridges) == 0 {
		t.Empty = &ui.Empty{Title: "No bridges", Text: "Nobody has written three times or more in two channels in the last year."}
	}
	return healthSection{Head: ui.CardHead{Title: "Bridges between channels", Definition: &ui.Definition{
		Term: "Bridge", Text: "For each pair of channels in which a member wrote three times or more in the last year: 1 / how many members did so in both. Somebody who alone connects two channels has 1 for them. The team is left out.",
	}}, Table: t}
}

// betweenSection lists who stands between others.
func betweenSection(n *health.Network) healthSection {
	t := &ui.Table{Caption: "Who holds the network together", Columns: []ui.Column{{Label: "Member"}, {Label: "Of all pairs", Number: true}, {Label: "Pairs of others", Number: true}, {Label: "Connected to", Number: true}}}
	for i := range n.Between {
		b := &n.Between[i]
		cell := ui.Cell{Text: firstText(b.Name, "member "+idText(b.Member)), Href: memberHref(b.Member), Avatar: memberAvatar(b.Member, b.Name)}
		if b.Staff {
			cell.Pills = []ui.Pill{{Text: "staff"}}
		}
		t.Rows = append(t.Rows, ui.TableRow{ID: "between-" + idText(b.Member), Cells: []ui.Cell{
			cell, {Text: ui.Decimal(b.Share*100, 1) + "\u202f%"}, {Text: ui.Decimal(b.Pairs, 0)}, {Text: countText(int64(b.Degree), "member", "members")},
		}})
	}
	if len(n.Between) == 0 {
		t.Empty = &ui.Empty{Title: "Nobody stands between others", Text: "Everybody who answers, or is answered, knows the others directly."}
	}
	note := "over whom the shortest ways between others lead"
	foot := ""
	if n.Sampled > 0 {
		foot = "Estimated from the ways of " + ui.Number(n.Sampled) + " of the " + ui.Number(n.Members) + " connected members: all of them would take too long."
	}
	return healthSection{Head: ui.CardHead{Title: "Who holds the network together", Note: note, Definition: &ui.Definition{
		Term: "Betweenness", Text: "Of all pairs of other members, the share whose shortest way over who answered whom leads over this member; where several ways are as short, in parts. If one of these leaves, others lose each other.",
		Rows: []ui.Fact{{Label: "Source", Value: "Freeman 1977, by Brandes’ algorithm (2001)", Href: "https://doi.org/10.1080/0022250X.2001.9990249"}},
	}}, Table: t, Foot: foot}
}

// few names the first of many.
func few(names []string, most int) string {
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:most], ", ") + " and " + ui.Number(len(names)-most) + " more"
}

// introduce finds who can introduce one member to another.
func (p *healthPages) introduce(r *http.Request) (healthSection, error) {
	v := r.URL.Query()
	member := func(name, label string) ui.Field {
		return ui.Field{Name: name, Label: label, Value: v.Get(name), Required: true, Placeholder: "Name, e-mail address, handle or number", Autocomplete: "off", Choose: "/members/choose"}
	}
	s := healthSection{
		Head: ui.CardHead{Title: "Who can introduce them?", Note: "the way over the strongest connections"},
		Form: &ui.Form{Get: "/health/network", Fields: []ui.Field{member("from", "From member"), member("to", "To member")}, Actions: []ui.Action{{Label: "Find the way", Submit: true}}},
	}
	if v.Get("from") == "" || v.Get("to") == "" {
		return s, nil
	}
	who := &memberPage{Site: p.Site}
	from, err := who.findOne(r, strings.TrimSpace(v.Get("from")), 0)
	if err == nil {
		var to greenroom.Member
		if to, err = who.findOne(r, strings.TrimSpace(v.Get("to")), from.ID); err == nil {
			return p.way(r, s, from.ID, to.ID)
		}
	}
	if code := greenroom.ErrorCode(err); code == greenroom.CodeInvalid || code == greenroom.CodeNotFound {
		s.Form.Error, err = sentence(greenroom.ErrorMessage(err)), nil
	}
	return s, err
}

// way shows who stands between two members.
func (p *healthPages) way(r *http.Request, s healthSection, from, to int64) (healthSection, error) {
	steps, err := p.cfg.Health.Introduce(r.Context(), from, to)
	if text, ok := invalid(err); ok {
		s.Form.Error = text
		return s, nil
	}
	if err != nil {
		return s, err
	}
	t := &ui.Table{Caption: "The way", Columns: []ui.Column{{Label: "Member"}, {Label: "Answered each other", Number: true}, {Label: "Strength", Number: true}, {Label: "Last"}}}
	for i := range steps {
		st := &steps[i]
		row := []ui.Cell{{Text: firstText(st.Name, "member "+idText(st.Member)), Href: memberHref(st.Member)}, {}, {}, {}}
		if i > 0 {
			row[1], row[2], row[3] = ui.Cell{Text: ui.Number(int(st.Times)) + " times"}, ui.Cell{Text: ui.Decimal(st.Strength, 0)}, ui.Cell{Time: st.Last}
		}
		t.Rows = append(t.Rows, ui.TableRow{ID: "way-" + idText(st.Member), Cells: row})
	}
	if len(steps) == 0 {
		t.Empty = &ui.Empty{Title: "Nobody can", Text: "No way of at most five connections leads from one to the other."}
	}
	s.Table = t
	return s, nil
}
