// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/analytics"
	"greenroom/internal/list"
	"greenroom/internal/query"
	"greenroom/internal/segment"
	"greenroom/internal/web/ui"
)

// segmentBody is what segment.html shows.
type segmentBody struct {
	Head    ui.Head
	Problem string
	KPIs    []ui.KPI
	Chart   *ui.Chart
	Note    string
	Events  ui.Rows
	Kinds   ui.Segments // of events
	Older   *ui.Pager
	NoEvent *ui.Empty

	Members     ui.Table
	MembersHead ui.CardHead
	AsOf        ui.Form
	With        ui.Form
	Overlap     []overlapPart
	Exports     []ui.Action
	Pushes      []ui.Action
	Used        ui.Rows
	Facts       []ui.Fact
	Versions    []ui.Fact
}

// overlapPart is a part of two segments.
type overlapPart struct {
	Label, Count, Href string
	Share              int // of either, in percent
}

const (
	shownDays    = 90 // of a segment's history
	shownMembers = 20
	shownEvents  = 12
)

func (p *segmentPages) show(w http.ResponseWriter, r *http.Request) error {
	g, err := p.cfg.Segments.Get(r.Context(), r.PathValue("key"))
	if err != nil {
		return err
	}
	if g.Key != r.PathValue("key") {
		http.Redirect(w, r, segmentHref(g.Key), http.StatusSeeOther)
		return nil
	}
	body := segmentBody{Problem: g.Problem, Head: p.segmentHead(r, &g)}
	for _, fill := range []func(*http.Request, *segment.Segment, *segmentBody) error{p.history, p.figures, p.events, p.listed, p.compared, p.used} {
		if err := fill(r, &g, &body); err != nil {
			return err
		}
	}
	return render(p.Site, w, r, p.one, g.Name, body)
}

func (p *segmentPages) segmentHead(r *http.Request, g *segment.Segment) ui.Head {
	h := ui.Head{Title: g.Name, Subtitle: g.Description, Back: &ui.Action{Label: "Segments", Href: "/segments"}}
	switch {
	case !g.ArchivedAt.IsZero():
		h.Pills = []ui.Pill{{Text: "archived", Tone: ui.ToneWarn}}
		if person(r).MayWrite {
			h.Actions = []ui.Action{{Label: "Restore", Post: segmentHref(g.Key) + "/restore", Style: ui.StylePrimary}}
		}
	case person(r).MayWrite:
		h.Actions = []ui.Action{{Label: "Archive", Post: segmentHref(g.Key) + "/archive"}, {Label: "Edit", Href: segmentHref(g.Key) + "/edit", Style: ui.StylePrimary, Key: "e"}}
	}
	return h
}

// history shows the size over time, and what is to say of the segment itself.
func (p *segmentPages) history(r *http.Request, g *segment.Segment, body *segmentBody) error {
	sizes, err := p.cfg.Segments.Sizes(r.Context(), []segment.Segment{*g}, shownDays)
	if err != nil {
		return err
	}
	days := sizes[g.ID]
	delta, moves := sizeChange(g, days)
	body.KPIs = []ui.KPI{{Label: "Members", Value: ui.Number(int(g.Size)), Href: p.membersHref(g), Delta: delta, Note: moves + " in 30 days"}}
	s := ui.Series{Name: "Members", Values: make([]float64, len(days)), Hrefs: make([]string, len(days))}
	c := ui.Chart{Title: "Members of " + g.Name, Kind: ui.Lines, Axis: "Day"}
	for i := range days {
		s.Values[i] = float64(days[i].Size)
		if g.ArchivedAt.IsZero() {
			s.Hrefs[i] = segmentMembers(g.Key, days[i].Day.Format(time.DateOnly))
		}
		c.Labels = append(c.Labels, days[i].Day.Format("2 Jan 06"))
	}
	if c.Series = []ui.Series{s}; len(days) > 1 {
		body.Chart = &c
	}
	body.Note = "Its history begins today; the chart grows from here."
	if len(days) > 1 {
		body.Note = "A point opens who was in it at the end of that day."
	}
	if g.HistoryFrom.Before(g.CreatedAt) {
		body.Note += " What was before " + g.CreatedAt.In(p.cfg.Zones.Zone()).Format("2 January 2006") + " was worked out, week by week, from what members did; tags, organizations and marks are taken as they are known today."
	}
	body.Facts = []ui.Fact{
		{Label: "Query", Value: g.Query, Href: "/members?q=" + url.QueryEscape(g.Query)},
		{Label: "Named in queries", Value: segment.Named(g.Key)},
		{Label: "Owner", Value: g.Owner},
		{Label: "Made", Value: ui.Date(g.CreatedAt)},
		{Label: "Evaluated", Value: ui.DateTime(g.EvaluatedAt)},
	}
	versions, err := p.cfg.Segments.Queries(r.Context(), g.Key)
	if err != nil || len(versions) < 2 {
		return err
	}
	for i := range versions {
		v := &versions[i]
		body.Versions = append(body.Versions, ui.Fact{Label: "Version " + ui.Number(int(v.Version)) + ", " + ui.Date(v.At) + ", " + v.By, Value: v.Query})
	}
	return nil
}

func (p *segmentPages) membersHref(g *segment.Segment) string {
	if !g.ArchivedAt.IsZero() {
		return ""
	}
	return segmentMembers(g.Key, "")
}

// figures shows what its members did, by the same metrics as everywhere.
func (p *segmentPages) figures(r *http.Request, g *segment.Segment, body *segmentBody) error {
	if p.cfg.Figures == nil || !g.ArchivedAt.IsZero() {
		return nil
	}
	who, err := query.Parse(p.schemas[query.Members], segment.Named(g.Key))
	if err != nil {
		return err
	}
	now := p.cfg.Now().In(p.cfg.Zones.Zone())
	to := time.Date(now.Year(), now.Month(), now.Day()-(int(now.Weekday())+6)%7, 0, 0, 0, 0, now.Location())
	for _, name := range []string{"active_members", "activities", "questions"} {
		m, err := analytics.Lookup(name)
		if err != nil {
			return err
		}
		res, err := p.cfg.Figures.Compute(r.Context(), analytics.Request{Metric: name, From: to.AddDate(0, 0, -7*12), To: to, Granularity: analytics.Week, Zone: now.Location(), Segment: who})
		if err != nil {
			return err
		}
		k := weekKPI(m, res)
		k.Href = insightHref(name, url.Values{"segment": {segment.Named(g.Key)}})
		k.Note = firstText(k.Note, "last week, of who is in it now")
		body.KPIs = append(body.KPIs, k)
	}
	return nil
}

// events shows who entered and left of late.
func (p *segmentPages) events(r *http.Request, g *segment.Segment, body *segmentBody) error {
	params := r.URL.Query()
	everything := params.Get("events") == "all"
	body.Kinds = ui.Segments{Label: "Events", Items: []ui.Segment{
		{Label: "People", Href: segmentHref(g.Key) + "#events", Active: !everything}, {Label: "Everything", Href: segmentHref(g.Key) + "?events=all#events", Active: everything},
	}}
	below, err := strconv.ParseInt(params.Get("below"), 10, 64)
	if err != nil {
		below = 0 // the newest
	}
	all, err := p.cfg.Segments.Events(r.Context(), g.Key, segment.Filter{People: !everything, Past: true, Below: below, Limit: shownEvents + 1})
	if err != nil {
		return err
	}
	body.Events.Label = "Who entered and left"
	for i := range all[:min(len(all), shownEvents)] {
		body.Events.Items = append(body.Events.Items, eventRow(&all[i]))
	}
	if len(all) == 0 {
		body.NoEvent = &ui.Empty{Title: "Nobody came or went yet", Text: "Who enters or leaves the segment appears here, with the reason. It is looked at after new facts, and at least once an hour."}
		return nil
	}
	if len(all) > shownEvents || below > 0 {
		at := func(v url.Values) string {
			if everything {
				v.Set("events", "all")
			}
			return segmentHref(g.Key) + "?" + v.Encode() + "#events"
		}
		body.Older = &ui.Pager{Text: "The newest first"}
		if below > 0 {
			body.Older.Newer = at(url.Values{})
		}
		if len(all) > shownEvents {
			body.Older.Older = at(url.Values{"below": {idText(all[shownEvents-1].ID)}})
		}
	}
	return nil
}

// causeWords say what made it so, where there is no reason of its own.
func causeWords(c segment.Cause) string {
	switch c {
	case segment.CauseMade:
		return "was in it when the segment was made"
	case segment.CauseQuery:
		return "the query was changed"
	case segment.CausePast:
		return "worked out from what they did"
	case segment.CauseFacts, segment.CauseTime, segment.CauseSegment, segment.CauseMerged, segment.CauseSplit:
	}
	return "the query fits differently now"
}

func eventRow(e *segment.Event) ui.Row {
	row := ui.Row{
		Title: firstText(e.Member, "Member "+idText(e.MemberID)), Href: memberHref(e.MemberID), Avatar: memberAvatar(e.MemberID, e.Member),
		Meta: []ui.Meta{{Text: firstText(e.Reason, causeWords(e.Cause))}, {Time: e.At}}, Badge: &ui.Pill{Text: "left", Tone: ui.ToneWarn},
	}
	if e.Entered {
		row.Badge = &ui.Pill{Text: "entered", Tone: ui.ToneGood}
	}
	if !e.Cause.Person() {
		row.Badge.Tone = ui.ToneNone
	}
	return row
}

// listed shows members, of today or of a day.
func (p *segmentPages) listed(r *http.Request, g *segment.Segment, body *segmentBody) error {
	day := r.URL.Query().Get("as_of")
	today := p.cfg.Now().In(p.cfg.Zones.Zone())
	body.AsOf = ui.Form{Get: segmentHref(g.Key), Fields: []ui.Field{{Name: "as_of", Label: "Who was in it on", Type: "date", Value: firstText(day, today.Format(time.DateOnly)), Required: true}}, Actions: []ui.Action{{Label: "Show", Submit: true}}}
	if !g.ArchivedAt.IsZero() {
		body.Members = ui.Table{Caption: "Members", Empty: &ui.Empty{Title: "An archived segment is not listed", Text: "Restore it to see who is in it, and who was."}}
		body.MembersHead = ui.CardHead{Title: "Members"}
		return nil
	}
	text := segment.Named(g.Key)
	title := "Members now"
	if at, err := time.ParseInLocation(time.DateOnly, day, today.Location()); day != "" {
		switch {
		case err != nil:
			body.AsOf.Fields[0].Error = "Write the day as 2026-01-31."
		case at.After(today):
			body.AsOf.Fields[0].Error = "That day has not come yet."
		case at.AddDate(0, 0, 1).Before(g.HistoryFrom):
			body.AsOf.Fields[0].Error = "The history begins on " + g.HistoryFrom.In(today.Location()).Format("2 January 2006") + "."
		default:
			text, title = text+"@"+day, "Members on "+at.Format("2 January 2006")
		}
	}
	q, err := query.Parse(p.schemas[query.Members], text)
	if err != nil {
		return err
	}
	page, err := p.cfg.Lists.ListMembers(r.Context(), list.Request{Query: q, Limit: shownMembers, Count: true})
	if err != nil {
		return err
	}
	v := &listView{text: text, parsed: q, path: "/members", entity: query.Members}
	body.Members = p.members.table(v, &page)
	body.Members.Foot = nil
	if len(page.Items) == 0 {
		body.Members.Empty = &ui.Empty{Title: "Nobody is in it", Text: "No member fits the query. Edit it, or wait: whoever fits enters by themselves."}
		if title != "Members now" {
			body.Members.Empty = &ui.Empty{Title: "Nobody was in it", Text: "No member was in the segment on that day."}
		}
	}
	body.MembersHead = ui.CardHead{Title: title, Actions: []ui.Action{{Label: "All " + countText(page.Total, "member", "members"), Href: v.href(text), Small: true}}}
	csvHref, api := segmentHref(g.Key)+"/members.csv", "/api/v1/export/members.jsonl?q="+url.QueryEscape(text)
	if strings.Contains(text, "@") {
		csvHref += "?as_of=" + day
	}
	body.Exports = []ui.Action{{Label: "CSV", Label2: "Download as CSV", Href: csvHref, Small: true}, {Label: "JSON Lines", Label2: "Download as JSON Lines", Href: api, Small: true}}
	return nil
}

// compared shows the overlap with another segment.
func (p *segmentPages) compared(r *http.Request, g *segment.Segment, body *segmentBody) error {
	all, err := p.cfg.Segments.List(r.Context(), false)
	if err != nil || len(all) < 2 || !g.ArchivedAt.IsZero() {
		return err
	}
	with := r.URL.Query().Get("with")
	f := ui.Field{Name: "with", Label: "Compare with", Type: "select", Value: with}
	for i := range all {
		if all[i].ID != g.ID {
			f.Options = append(f.Options, ui.Option{Value: all[i].Key, Label: all[i].Name})
		}
	}
	body.With = ui.Form{Get: segmentHref(g.Key) + "#compare", Fields: []ui.Field{f}, Actions: []ui.Action{{Label: "Compare", Submit: true}}}
	if with == "" {
		return nil
	}
	o, err := p.cfg.Segments.Compare(r.Context(), g.Key, with)
	if err != nil {
		if !forPeople(err) {
			return err
		}
		body.With.Error = sentence(greenroom.ErrorMessage(err))
		return nil
	}
	for _, part := range []struct {
		label string
		segment.Part
	}{{"In both", o.Both}, {"Only in " + o.A.Name, o.OnlyA}, {"Only in " + o.B.Name, o.OnlyB}} {
		share := 0
		if o.Either.Members > 0 {
			share = int(100 * part.Members / o.Either.Members)
		}
		body.Overlap = append(body.Overlap, overlapPart{Label: part.label, Count: countText(part.Members, "member", "members"), Href: "/members?q=" + url.QueryEscape(part.Query), Share: share})
	}
	return nil
}

// used shows what names the segment, and where it can be written to.
func (p *segmentPages) used(r *http.Request, g *segment.Segment, body *segmentBody) error {
	body.Used.Label = "Used by"
	using, err := p.cfg.Segments.UsedBy(r.Context(), g.Key)
	if err != nil {
		return err
	}
	for i := range using {
		body.Used.Items = append(body.Used.Items, ui.Row{Title: using[i].Name, Href: segmentHref(using[i].Key), Meta: []ui.Meta{{Text: "segment"}, {Text: using[i].Query}}})
	}
	if p.cfg.Actions == nil || p.cfg.WriteBack == nil || !person(r).MayConnect || !g.ArchivedAt.IsZero() {
		return nil
	}
	actions, err := p.cfg.Actions.Actions(r.Context(), "", 0, shownActions)
	if err != nil {
		return err
	}
	for i := range actions {
		a := &actions[i]
		var plan struct {
			Query string `json:"query"`
		}
		if json.Unmarshal(a.Plan, &plan) == nil && strings.Contains(plan.Query+" ", segment.Named(g.Key)+" ") {
			pill := actionPill(a)
			body.Used.Items = append(body.Used.Items, ui.Row{Title: a.Title, Href: actionHref(a.ID), Meta: []ui.Meta{{Text: "action by " + a.CreatedBy, Time: a.CreatedAt}}, Badge: &pill})
		}
	}
	sources, err := p.cfg.Sources.Sources(r.Context())
	if err != nil {
		return err
	}
	for i := range sources {
		if p.cfg.WriteBack.Writable(&sources[i]) {
			body.Pushes = append(body.Pushes, ui.Action{Label: "Write to " + sources[i].Name, Href: writeBackHref(sources[i].Name) + "?q=" + url.QueryEscape(segment.Named(g.Key)), Small: true})
		}
	}
	return nil
}
