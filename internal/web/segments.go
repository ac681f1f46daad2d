// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/list"
	"greenroom/internal/query"
	"greenroom/internal/segment"
	"greenroom/internal/web/ui"
)

// Segments are saved queries over members that remember who was in them.
type Segments interface {
	List(ctx context.Context, archived bool) ([]segment.Segment, error)
	Get(ctx context.Context, ref string) (segment.Segment, error)
	Add(ctx context.Context, d segment.Draft, by string) (segment.Segment, error)
	Edit(ctx context.Context, ref string, c segment.Change, by string) (segment.Segment, error)
	Archive(ctx context.Context, ref, by string) (segment.Segment, error)
	Restore(ctx context.Context, ref, by string) (segment.Segment, error)
	SegmentHistory
}

// SegmentHistory tells who was in segments.
type SegmentHistory interface {
	Queries(ctx context.Context, ref string) ([]segment.Version, error)
	UsedBy(ctx context.Context, ref string) ([]segment.Segment, error)
	Events(ctx context.Context, ref string, f segment.Filter) ([]segment.Event, error)
	Sizes(ctx context.Context, of []segment.Segment, days int) (map[int64][]segment.Size, error)
	Compare(ctx context.Context, a, b string) (segment.Overlap, error)
}

// segmentsBody is what segments.html shows.
type segmentsBody struct {
	Head     ui.Head
	List     []segmentRow
	Empty    *ui.Empty
	Offers   []segmentOffer // one click makes them
	Archived ui.Rows
}

// segmentRow is a line of the list.
type segmentRow struct {
	Name, Href, Color, Sub string
	Problem                string
	Size, SizeHref         string
	Change                 *ui.Delta
	Moves                  string // how many entered and left
	Spark                  *ui.Spark
	Owner                  string
}

// segmentOffer is a template.
type segmentOffer struct {
	Name, Text, Query string
	Make, Look        ui.Action
}

type segmentPages struct {
	*Site
	list    *ui.View[segmentsBody]
	one     *ui.View[segmentBody]
	edit    *ui.View[segmentEditBody]
	members *membersPage // draws members
}

func (s *Site) addSegments() error {
	if s.cfg.Segments == nil {
		return nil
	}
	p := &segmentPages{Site: s, members: &membersPage{Site: s}}
	var err error
	if p.list, err = ui.Parse[segmentsBody](s.kit, templates, "templates/segments.html"); err != nil {
		return err
	}
	if p.one, err = ui.Parse[segmentBody](s.kit, templates, "templates/segment.html"); err != nil {
		return err
	}
	if p.edit, err = ui.Parse[segmentEditBody](s.kit, templates, "templates/segmentedit.html"); err != nil {
		return err
	}
	s.handle("GET /segments", p.showList)
	s.change("GET /segments/new", mayWrite, p.build)
	s.change("POST /segments/new", mayWrite, p.save)
	s.handle("GET /segments/{key}", p.show)
	s.handle("GET /segments/{key}/members.csv", p.download)
	s.change("GET /segments/{key}/edit", mayWrite, p.build)
	s.change("POST /segments/{key}/edit", mayWrite, p.save)
	s.change("POST /segments/{key}/archive", mayWrite, p.archive)
	s.change("POST /segments/{key}/restore", mayWrite, p.restore)
	return nil
}

func segmentHref(key string) string { return "/segments/" + url.PathEscape(key) }

// segmentMembers is the list of a segment's members, at the end of a day unless that is "".
func segmentMembers(key, day string) string {
	q := segment.Named(key)
	if day != "" {
		q += "@" + day
	}
	return "/members?q=" + url.QueryEscape(q)
}

// recentDays is over how many days a change is told.
const recentDays = 30

func (p *segmentPages) showList(w http.ResponseWriter, r *http.Request) error {
	all, err := p.cfg.Segments.List(r.Context(), false)
	if err != nil {
		return err
	}
	sizes, err := p.cfg.Segments.Sizes(r.Context(), all, shownDays)
	if err != nil {
		return err
	}
	body := segmentsBody{Head: ui.Head{Title: "Segments", Subtitle: "Saved queries over members that remember who entered, who left, and why", Find: true}}
	may := person(r).MayWrite
	if may {
		body.Head.Actions = []ui.Action{{Label: "New segment", Href: "/segments/new", Style: ui.StylePrimary}}
	}
	for i := range all {
		g := &all[i]
		body.List = append(body.List, rowOfSegment(g, sizes[g.ID]))
	}
	if len(all) == 0 {
		body.Empty = &ui.Empty{Title: "No segments yet", Text: "A segment is a group of members that you describe once and can then name everywhere: in lists, in figures, in what is written to a CRM. Begin with one of these, or describe your own."}
		if may {
			body.Empty.Actions = []ui.Action{{Label: "New segment", Href: "/segments/new", Style: ui.StylePrimary}}
		}
	}
	if may {
		for _, d := range segment.Templates() {
			if slices.ContainsFunc(all, func(g segment.Segment) bool { return strings.EqualFold(g.Name, d.Name) }) {
				continue
			}
			body.Offers = append(body.Offers, offerOf(&d))
		}
	}
	archived, err := p.cfg.Segments.List(r.Context(), true)
	if err != nil {
		return err
	}
	body.Archived.Label = "Archived segments"
	for i := range archived {
		g := &archived[i]
		row := ui.Row{Title: g.Name, Meta: []ui.Meta{{Text: g.Query}, {Text: "archived", Time: g.ArchivedAt}}}
		if may {
			row.Actions = []ui.Action{{Label: "Restore", Label2: "Restore " + g.Name, Post: segmentHref(g.Key) + "/restore", Small: true}}
		}
		body.Archived.Items = append(body.Archived.Items, row)
	}
	return render(p.Site, w, r, p.list, "Segments", body)
}

func offerOf(d *segment.Draft) segmentOffer {
	return segmentOffer{
		Name: d.Name, Text: d.Description, Query: d.Query,
		Make: ui.Action{Label: "Make it", Label2: "Make the segment " + d.Name, Post: "/segments/new", Small: true, Hidden: []ui.Hidden{{Name: "name", Value: d.Name}, {Name: "q", Value: d.Query}, {Name: "was", Value: d.Query}, {Name: "description", Value: d.Description}, {Name: "color", Value: d.Color}}},
		Look: ui.Action{Label: "Look first", Label2: "Look who would be in " + d.Name, Href: "/segments/new?" + url.Values{"q": {d.Query}, "name": {d.Name}, "description": {d.Description}, "color": {d.Color}}.Encode(), Small: true, Style: ui.StyleQuiet},
	}
}

func rowOfSegment(g *segment.Segment, sizes []segment.Size) segmentRow {
	row := segmentRow{
		Name: g.Name, Href: segmentHref(g.Key), Color: g.Color, Sub: firstText(g.Description, g.Query), Problem: g.Problem,
		Size: ui.Number(int(g.Size)), SizeHref: segmentMembers(g.Key, ""), Owner: g.Owner,
	}
	row.Change, row.Moves = sizeChange(g, sizes)
	values := make([]float64, len(sizes))
	for i := range sizes {
		values[i] = float64(sizes[i].Size)
	}
	if len(values) > 1 {
		row.Spark = &ui.Spark{Values: values, Label: fmt.Sprintf("%d days, from %s to %s", len(values), ui.Number(int(sizes[0].Size)), ui.Number(int(g.Size)))}
	}
	return row
}

// sizeChange says how the size changed in the last days, and how many people came and went. Nil where the history does
// not go back so far.
func sizeChange(g *segment.Segment, sizes []segment.Size) (*ui.Delta, string) {
	var entered, left int64
	for i := max(0, len(sizes)-recentDays); i < len(sizes); i++ {
		entered, left = entered+sizes[i].Entered, left+sizes[i].Left
	}
	moves := fmt.Sprintf("%s entered, %s left", ui.Number(int(entered)), ui.Number(int(left)))
	if len(sizes) <= recentDays {
		return nil, moves
	}
	before := sizes[len(sizes)-1-recentDays].Size
	d := &ui.Delta{Up: g.Size > before, Flat: g.Size == before, Text: ui.Number(int(max(g.Size-before, before-g.Size))), Than: "than 30 days ago"}
	if d.Flat {
		d.Text = "no change"
	}
	return d, moves
}

func (p *segmentPages) archive(w http.ResponseWriter, r *http.Request) error {
	g, err := p.cfg.Segments.Archive(r.Context(), r.PathValue("key"), person(r).Actor)
	if err != nil {
		return err
	}
	return p.back(w, r, "/segments", g.Name+" is archived. Its history stays.", segmentHref(g.Key)+"/restore")
}

func (p *segmentPages) restore(w http.ResponseWriter, r *http.Request) error {
	g, err := p.cfg.Segments.Restore(r.Context(), r.PathValue("key"), person(r).Actor)
	if err != nil {
		return err
	}
	return p.back(w, r, segmentHref(g.Key), g.Name+" is back. Its members were found anew.", "")
}

// download writes the members of a segment as CSV, a page of the list at a time.
func (p *segmentPages) download(w http.ResponseWriter, r *http.Request) error {
	g, err := p.cfg.Segments.Get(r.Context(), r.PathValue("key"))
	if err != nil {
		return err
	}
	text := segment.Named(g.Key)
	if day := r.URL.Query().Get("as_of"); day != "" {
		text += "@" + day
	}
	q, err := query.Parse(p.schemas[query.Members], text)
	if err != nil {
		return greenroom.Errorf(greenroom.CodeInvalid, "this day cannot be read; write it as 2026-01-31")
	}
	out := csv.NewWriter(w)
	for req := (list.Request{Query: q, Limit: list.MaxLimit}); ; {
		page, err := p.cfg.Lists.ListMembers(r.Context(), req)
		if err != nil {
			return err
		}
		if req.Cursor == "" {
			w.Header().Set("Content-Type", "text/csv; charset=utf-8")
			w.Header().Set("Content-Disposition", `attachment; filename="`+g.Key+`.csv"`)
			if err := out.Write([]string{"id", "name", "organization", "emails", "accounts", "tags", "country", "activities", "first_active", "last_active"}); err != nil {
				return fmt.Errorf("writing CSV: %w", err)
			}
		}
		for i := range page.Items {
			if err := out.Write(csvLine(&page.Items[i])); err != nil {
				return fmt.Errorf("writing CSV: %w", err)
			}
		}
		if page.Next == "" {
			break
		}
		req.Cursor = page.Next
	}
	out.Flush()
	return nil
}

// csvLine is a member as a line. What a spreadsheet would take for a formula is marked as text.
func csvLine(m *greenroom.Member) []string {
	var accounts []string
	for i := range m.Identities {
		accounts = append(accounts, m.Identities[i].Source+"/"+firstText(m.Identities[i].Handle, m.Identities[i].ExternalID))
	}
	day := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.UTC().Format(time.RFC3339)
	}
	line := []string{idText(m.ID), m.Name, m.Organization, strings.Join(m.Emails, " "), strings.Join(accounts, " "), strings.Join(m.Tags, ", "), m.Country, idText(m.Activities), day(m.FirstActive), day(m.LastActive)}
	for i, v := range line {
		if v != "" && strings.ContainsRune("=+-@\t\r", rune(v[0])) {
			line[i] = "'" + v
		}
	}
	return line
}
