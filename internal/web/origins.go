// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"greenroom"
	"greenroom/internal/business"
	"greenroom/internal/web/ui"
)

// Origins says what sources say of organizations, and has one count where they differ.
type Origins interface {
	OrganizationStanding(ctx context.Context, organization int64) (business.OrganizationOrigins, error)
	ChooseOrigin(ctx context.Context, organization int64, field, source, by string) error
}

// originsCard is what sources say of an organization: which they are, and where they differ.
type originsCard struct {
	Sources ui.Rows
	Differ  *ui.Table
	Choose  *ui.Action
	Note    string
}

const originPrefix = "origin-"

// origins fills the card where some source tells of the organization by a record of its own.
func (p *organizationPages) origins(r *http.Request, o *greenroom.Organization, body *organizationBody) error {
	if p.cfg.Origins == nil {
		return nil
	}
	st, err := p.cfg.Origins.OrganizationStanding(r.Context(), o.ID)
	if err != nil || len(st.Profiles) == 0 {
		return err
	}
	card := &originsCard{Sources: ui.Rows{Label: "Where " + o.Name + " is known from"}}
	for i := range st.Profiles {
		card.Sources.Items = append(card.Sources.Items, profileRow(&st.Profiles[i]))
	}
	body.Origins = card
	differ := slices.DeleteFunc(slices.Clone(st.Origins), func(x business.Origin) bool { return !x.Differ })
	if len(st.Profiles) == 1 {
		return nil
	}
	if len(differ) == 0 {
		card.Note = "They agree in all that more than one of them says."
		return nil
	}
	card.Note = "Where they differ, what was told last counts, unless somebody chose a source."
	if slices.ContainsFunc(st.Profiles, func(p business.OrganizationProfile) bool { return p.Part }) {
		card.Note = "Where they differ, what was told last of this organization counts, then what was told of those merged into it, unless somebody chose a source."
	}
	card.Differ = differTable(st.Profiles, differ)
	if person(r).MayWrite {
		card.Choose = &ui.Action{Label: "Choose which counts…", Dialog: "choose-origin", Small: true}
		body.Dialogs = append(body.Dialogs, originsDialog(o.ID, differ))
	}
	return nil
}

func profileRow(v *business.OrganizationProfile) ui.Row {
	row := ui.Row{Title: firstText(v.Name, v.ExternalID), Href: outside(v.URL), Meta: []ui.Meta{{Text: v.Source, Href: sourceHref(v.Source)}, {Text: v.ExternalID}}}
	if v.Part {
		row.Meta = append(row.Meta, ui.Meta{Text: "of one that was merged into this"})
	}
	if !v.At.IsZero() {
		row.Meta = append(row.Meta, ui.Meta{Text: "changed"}, ui.Meta{Time: v.At})
	}
	return row
}

// originLabel is how people read a field's name.
func originLabel(field string) string {
	if field == business.OriginSize {
		return "Employees"
	}
	return title(strings.ReplaceAll(strings.TrimPrefix(field, business.OriginField("")), "_", " "))
}

// differTable has a line for each field, and a column for each record.
func differTable(profiles []business.OrganizationProfile, differ []business.Origin) *ui.Table {
	t := &ui.Table{Caption: "Where sources differ", Columns: []ui.Column{{Label: "Field"}}}
	for i := range profiles {
		label := profiles[i].Source
		if slices.ContainsFunc(profiles, func(o business.OrganizationProfile) bool {
			return o.Source == label && o.ExternalID != profiles[i].ExternalID
		}) {
			label += " " + profiles[i].ExternalID
		}
		t.Columns = append(t.Columns, ui.Column{Label: label})
	}
	t.Columns = append(t.Columns, ui.Column{Label: "Why it counts"})
	for i := range differ {
		d := &differ[i]
		row := ui.TableRow{ID: d.Field, Cells: []ui.Cell{{Text: originLabel(d.Field)}}}
		for j := range profiles {
			cell := ui.Cell{}
			for _, v := range d.Values {
				if v.SourceID != profiles[j].SourceID || v.ExternalID != profiles[j].ExternalID {
					continue
				}
				cell.Text = v.Value
				if v.Counts {
					cell.Pills = []ui.Pill{{Text: "counts", Tone: ui.ToneGood}}
				}
			}
			row.Cells = append(row.Cells, cell)
		}
		why := "told last"
		if d.Chosen != "" {
			why = "chosen by " + d.By + " on " + ui.Date(d.When)
		}
		row.Cells = append(row.Cells, ui.Cell{Text: why})
		t.Rows = append(t.Rows, row)
	}
	return t
}

// originsDialog asks for each field on which sources differ which of them counts.
func originsDialog(id int64, differ []business.Origin) ui.Dialog {
	d := ui.Dialog{ID: "choose-origin", Title: "Which source counts", Text: "It stays so when the sources are read again. Where the chosen source stops saying something, what was told last counts.", Form: ui.Form{
		Post: "/organizations/" + idText(id) + "/origins", Actions: []ui.Action{{Label: "Save", Submit: true, Style: ui.StylePrimary}},
	}}
	for i := range differ {
		o := &differ[i]
		f := ui.Field{Name: originPrefix + o.Field, Label: originLabel(o.Field), Type: "select", Value: o.Chosen, Options: []ui.Option{{Label: "What was told last"}}}
		for _, v := range o.Values {
			if !slices.ContainsFunc(f.Options, func(x ui.Option) bool { return x.Value == v.Source }) {
				f.Options = append(f.Options, ui.Option{Value: v.Source, Label: v.Source + ": " + v.Value})
			}
		}
		d.Form.Fields = append(d.Form.Fields, f)
	}
	return d
}

// choose takes what a person says of which source counts; what is as it was is left alone.
func (p *organizationPages) choose(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	st, err := p.cfg.Origins.OrganizationStanding(r.Context(), id)
	if err != nil {
		return err
	}
	changed := 0
	for i := range st.Origins {
		o := &st.Origins[i]
		name := originPrefix + o.Field
		if r.FormValue(name) == o.Chosen || !r.Form.Has(name) {
			continue
		}
		if err := p.cfg.Origins.ChooseOrigin(r.Context(), id, o.Field, r.FormValue(name), person(r).Actor); err != nil {
			return err
		}
		changed++
	}
	message := "Nothing was changed."
	if changed > 0 {
		message = "Saved: " + countText(int64(changed), "field", "fields") + "."
	}
	return p.back(w, r, "/organizations/"+idText(id)+"#origins", message, "")
}
