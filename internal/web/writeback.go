// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"crypto/rand"
	"io"
	"net/http"
	"net/url"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/action"
	"greenroom/internal/web/ui"
	"greenroom/internal/writeback"
)

// WriteBack writes members to CRMs.
type WriteBack interface {
	Writable(src *greenroom.Source) bool
	Properties(ctx context.Context, source string) ([]connector.Property, error)
	Preview(ctx context.Context, r *writeback.Request) (*writeback.Preview, error)
	Send(ctx context.Context, r *writeback.Request, key, by string, approved bool) (action.Action, error)
	AccountWriteBack
}

// writeBackBody is what writeback.html shows: which fields go where, and what would change.
type writeBackBody struct {
	Head     ui.Head
	What     ui.Segments
	Action   string
	Problem  string
	Title    string
	Caption  string
	Asked    []ui.Field // whose fields, and how often
	Custom   *ui.Field  // nil = there are none
	Hidden   []ui.Hidden
	Fields   []columnChoice // a field, and the property that it is written to; none = it is not about fields
	Preview  *previewCard
	Repeated ui.Rows
	Dialogs  []ui.Dialog
	Blocked  bool // the platform does not say what can be written
}

// previewCard says what would change.
type previewCard struct {
	Title  string
	KPIs   []ui.KPI
	Rows   ui.Table
	More   string
	Hidden []ui.Hidden
	Send   *ui.Action
}

// Fields of the form.
const (
	mapField    = "to-" // and a field's name: the property that it is written to
	customField = "custom-field"
	customTo    = "custom"
	sendKey     = "key"
	thenSend    = "send"
)

func writeBackHref(source string) string { return sourceHref(source) + "/write-back" }

// usualQuery is what the form begins with: the community, without the team.
const usualQuery = "-is:staff -is:bot"

func (p *actionPages) writeBack(w http.ResponseWriter, r *http.Request) error {
	return p.showWriteBack(w, r, map[string]string{"q": firstText(r.URL.Query().Get("q"), usualQuery)}, nil, nil)
}

// request reads the form.
func (p *actionPages) request(r *http.Request) (*writeback.Request, map[string]string, error) {
	values, err := sentValues(r)
	if err != nil {
		return nil, nil, err
	}
	req := &writeback.Request{Source: r.PathValue("name"), Query: values["q"], Note: values["note"] != "", Set: make(map[string]string), Link: p.greenroomAddress(r)}
	for _, f := range writeback.Fields() {
		if err := take(req.Set, values[mapField+f.Name], f.Name); err != nil {
			return req, values, err
		}
	}
	if values[customField] == "" {
		return req, values, nil
	}
	return req, values, take(req.Set, values[mapField+customTo], "field:"+values[customField])
}

// take adds a field to what is written.
func take(set map[string]string, property, field string) error {
	if property == "" {
		return nil
	}
	if other, ok := set[property]; ok {
		return greenroom.Errorf(greenroom.CodeInvalid, "%s and %s cannot both be written to %s; choose another property for one of them", other, field, property)
	}
	set[property] = field
	return nil
}

func (p *actionPages) previewOrSend(w http.ResponseWriter, r *http.Request) error {
	req, values, err := p.request(r)
	if err == nil && values[thenField] == thenSend {
		return p.onceOrRepeated(w, r, values, writeback.Repeated{WriteBack: req}, func(ctx context.Context) (action.Action, error) {
			return p.cfg.WriteBack.Send(ctx, req, values[sendKey], person(r).Actor, true)
		}, func(err error) error { return p.showWriteBack(w, r, values, nil, err) })
	}
	var preview *writeback.Preview
	if err == nil {
		preview, err = p.cfg.WriteBack.Preview(r.Context(), req)
	}
	if err != nil && !forPeople(err) {
		return err
	}
	return p.showWriteBack(w, r, values, preview, err)
}

func (p *actionPages) showWriteBack(w http.ResponseWriter, r *http.Request, values map[string]string, preview *writeback.Preview, problem error) error {
	src, err := p.cfg.Sources.Source(r.Context(), r.PathValue("name"))
	if err != nil {
		return err
	}
	if !p.cfg.WriteBack.Writable(&src) {
		return greenroom.Errorf(greenroom.CodeNotFound, "nothing can be written to %s", src.Name)
	}
	body := writeBackBody{
		Head: ui.Head{
			Title: "Write back to " + src.Name, Back: &ui.Action{Label: src.Name, Href: sourceHref(src.Name)}, Subtitle: "What the community knows of members, written to their contacts. You see what would change before anything is sent.",
			Actions: []ui.Action{{Label: "Earlier actions", Href: "/actions?source=" + url.QueryEscape(src.Name)}},
		},
		What: writeBackKinds(src.Name, ""), Action: writeBackHref(src.Name), Title: "Whose contacts, and which fields", Caption: "Fields of members, and the property of the contact that each is written to",
		Asked: []ui.Field{
			{Name: "q", Label: "Members", Value: values["q"], Help: "A query; those of its members who have a contact in " + src.Name + " are written. Contacts are never made.", Placeholder: "last_active:<30d -is:staff"},
			{Name: "note", Label: "Put a note beside each contact that changes", Type: "checkbox", Value: "true", Checked: values["note"] != "", Help: "A sentence on what they did of late, with a link to the member."},
			repeatField(values[everyField], ""),
		},
		Custom: &ui.Field{Name: customField, Label: "Custom field of members", Value: values[customField]},
	}
	properties, err := p.cfg.WriteBack.Properties(r.Context(), src.Name)
	if err != nil {
		if !forPeople(err) {
			return err
		}
		problem, body.Blocked = err, true
	}
	for _, f := range writeback.Fields() {
		body.Fields = append(body.Fields, propertyChoice(&f, properties, values[mapField+f.Name]))
	}
	custom := propertyChoice(&writeback.Field{Name: customTo, Label: "The custom field named below", Type: connector.PropertyText}, properties, values[mapField+customTo])
	body.Fields = append(body.Fields, custom)
	if body.Repeated, body.Dialogs, err = p.repeated(r.Context(), src.Name, writeBackHref(src.Name)); err != nil {
		return err
	}
	code := http.StatusOK
	if problem != nil {
		body.Problem, code = sentence(greenroom.ErrorMessage(problem)), http.StatusUnprocessableEntity
	}
	if preview != nil && problem == nil {
		body.Preview = previewCardOf(preview, values)
	}
	return send(w, code, func(to io.Writer) error { return p.write.Render(to, p.shell(r, body.Head.Title), body) })
}

// propertyChoice is a field and the properties that it can be written to.
func propertyChoice(f *writeback.Field, properties []connector.Property, value string) columnChoice {
	c := columnChoice{Name: f.Label, Samples: kindWords(f.Type), Field: ui.Field{Name: mapField + f.Name, Label: "Write " + f.Label + " to", Type: "select", Value: value, Options: []ui.Option{{Label: "— not written —"}}}}
	for i := range properties {
		if f.Fits(&properties[i]) {
			c.Field.Options = append(c.Field.Options, ui.Option{Value: properties[i].Name, Label: properties[i].Label + " (" + properties[i].Name + ")"})
		}
	}
	return c
}

func kindWords(t connector.PropertyType) string {
	switch t {
	case connector.PropertyNumber:
		return "a number"
	case connector.PropertyDay, connector.PropertyTime:
		return "a time"
	case connector.PropertyText:
	}
	return "text"
}

// previewCardOf shows a preview, with a form that sends exactly what was previewed.
func previewCardOf(v *writeback.Preview, values map[string]string) *previewCard {
	kpi := func(label string, n int64, note string) ui.KPI {
		return ui.KPI{Label: label, Value: ui.Number(int(n)), Note: note}
	}
	c := &previewCard{Title: "What would change", KPIs: []ui.KPI{kpi("Will change", v.Change, "contacts"), kpi("Unchanged", v.Unchanged, "have the values already"), kpi("No contact", v.NoContact, "of "+countText(v.Members, "member", "members"))}}
	if v.Gone > 0 {
		c.KPIs = append(c.KPIs, kpi("Gone", v.Gone, "contacts that the platform has no more"))
	}
	if v.More {
		c.More = "The first " + countText(v.Contacts, "contact was", "contacts were") + " compared; the others are compared when they are sent."
	}
	c.offer(v.Change, values)
	c.Rows = ui.Table{Caption: "The first contacts that change", Columns: []ui.Column{{Label: "Member"}, {Label: "Property"}, {Label: "Has"}, {Label: "Gets"}}, Empty: &ui.Empty{Title: "Nothing would change", Text: "All contacts that were compared have these values already."}}
	if v.Contacts == 0 {
		c.Rows.Empty = &ui.Empty{Title: "No contact to write", Text: "None of the members that the query gives has a contact here. Contacts are joined to members by e-mail address, or by hand on the member’s page."}
	}
	for i := range v.Rows {
		row := &v.Rows[i]
		for n := range v.Mapping {
			property := &v.Mapping[n].Property
			after, ok := row.After[property.Name]
			if !ok {
				continue
			}
			c.Rows.Rows = append(c.Rows.Rows, ui.TableRow{ID: row.Contact + "-" + property.Name, Cells: []ui.Cell{
				{Text: row.Name, Href: "/members/" + idText(row.MemberID), Sub: row.Note}, {Text: property.Label}, {Text: firstText(excerpt(row.Before[property.Name], 80), ui.None)}, {Text: firstText(excerpt(after, 80), ui.None)},
			}})
		}
	}
	return c
}

// offer adds the form that sends exactly what was previewed.
func (c *previewCard) offer(change int64, values map[string]string) {
	if change == 0 && c.More == "" && values[everyField] == "" {
		return
	}
	label := "Send " + countText(change, "change", "changes")
	if c.More != "" {
		label = "Send all changes"
	}
	if values[everyField] != "" {
		label += " and repeat"
	}
	c.Send = &ui.Action{Label: label, Submit: true, Style: ui.StylePrimary, Name: thenField, Value: thenSend}
	for name, value := range values {
		if name != thenField && name != sendKey && value != "" {
			c.Hidden = append(c.Hidden, ui.Hidden{Name: name, Value: value})
		}
	}
	// One key a preview: a second click gives the action of the first.
	c.Hidden = append(c.Hidden, ui.Hidden{Name: sendKey, Value: rand.Text()})
}
