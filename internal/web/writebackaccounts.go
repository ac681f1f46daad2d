// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/action"
	"greenroom/internal/business"
	"greenroom/internal/web/ui"
	"greenroom/internal/writeback"
)

// AccountWriteBack writes accounts to CRMs.
type AccountWriteBack interface {
	AccountProperties(ctx context.Context, source string) ([]connector.Property, error)
	PreviewAccounts(ctx context.Context, r *writeback.AccountRequest) (*writeback.AccountPreview, error)
	SendAccounts(ctx context.Context, r *writeback.AccountRequest, key, by string, approved bool) (action.Action, error)
	AccountTasks
}

const writeAccounts = "/accounts"

// writeBackKinds leads from one page of what is written back to the others.
func writeBackKinds(source, here string) ui.Segments {
	s := ui.Segments{Label: "What is written"}
	for _, k := range []ui.Option{{Label: "Contacts"}, {Value: writeAccounts, Label: "Accounts"}, {Value: writeTasks, Label: "Tasks"}} {
		s.Items = append(s.Items, ui.Segment{Label: k.Label, Href: writeBackHref(source) + k.Value, Active: k.Value == here})
	}
	return s
}

// greenroomAddress is where this Greenroom is, for links to it.
func (p *actionPages) greenroomAddress(r *http.Request) string {
	if u := p.cfg.PublicURL; u != nil {
		return strings.TrimSuffix(u.String(), "/")
	}
	return p.cfg.Guard.Origin(r).String()
}

// sentValues reads a form.
func sentValues(r *http.Request) (map[string]string, error) {
	if err := r.ParseForm(); err != nil {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "the form did not arrive whole; send it again")
	}
	values := make(map[string]string)
	for name := range r.PostForm {
		values[name] = strings.TrimSpace(r.PostForm.Get(name))
	}
	return values, nil
}

func (p *actionPages) writeBackAccounts(w http.ResponseWriter, r *http.Request) error {
	return p.showWriteAccounts(w, r, map[string]string{}, nil, nil)
}

// accountRequest reads the form.
func (p *actionPages) accountRequest(r *http.Request) (*writeback.AccountRequest, map[string]string, error) {
	values, err := sentValues(r)
	if err != nil {
		return nil, nil, err
	}
	req := &writeback.AccountRequest{
		AccountFilter: writeback.AccountFilter{List: values["list"], Lifecycle: values["lifecycle"]}, Source: r.PathValue("name"), Set: make(map[string]string), Link: p.greenroomAddress(r),
	}
	for _, f := range writeback.AccountFields() {
		if err := take(req.Set, values[mapField+f.Name], f.Name); err != nil {
			return req, values, err
		}
	}
	return req, values, nil
}

func (p *actionPages) previewOrSendAccounts(w http.ResponseWriter, r *http.Request) error {
	req, values, err := p.accountRequest(r)
	if err == nil && values[thenField] == thenSend {
		return p.onceOrRepeated(w, r, values, writeback.Repeated{Accounts: req}, func(ctx context.Context) (action.Action, error) {
			return p.cfg.WriteBack.SendAccounts(ctx, req, values[sendKey], person(r).Actor, true)
		}, func(err error) error { return p.showWriteAccounts(w, r, values, nil, err) })
	}
	var preview *writeback.AccountPreview
	if err == nil {
		preview, err = p.cfg.WriteBack.PreviewAccounts(r.Context(), req)
	}
	if err != nil && !forPeople(err) {
		return err
	}
	return p.showWriteAccounts(w, r, values, preview, err)
}

func (p *actionPages) showWriteAccounts(w http.ResponseWriter, r *http.Request, values map[string]string, preview *writeback.AccountPreview, problem error) error {
	src, err := p.cfg.Sources.Source(r.Context(), r.PathValue("name"))
	if err != nil {
		return err
	}
	if !p.cfg.WriteBack.Writable(&src) {
		return greenroom.Errorf(greenroom.CodeNotFound, "nothing can be written to %s", src.Name)
	}
	here := writeBackHref(src.Name) + writeAccounts
	body := writeBackBody{
		Head: ui.Head{
			Title: "Write back to " + src.Name, Back: &ui.Action{Label: src.Name, Href: sourceHref(src.Name)}, Subtitle: "How accounts do in the community, written to their companies. You see what would change before anything is sent.",
			Actions: []ui.Action{{Label: "Earlier actions", Href: "/actions?source=" + url.QueryEscape(src.Name)}},
		},
		What: writeBackKinds(src.Name, writeAccounts), Action: here, Title: "Which accounts, and which fields", Caption: "Fields of accounts, and the property of the company that each is written to",
		Asked: accountsAsked(src.Name, values),
	}
	properties, err := p.cfg.WriteBack.AccountProperties(r.Context(), src.Name)
	if err != nil {
		if !forPeople(err) {
			return err
		}
		problem, body.Blocked = err, true
	}
	for _, f := range writeback.AccountFields() {
		body.Fields = append(body.Fields, companyChoice(&f, properties, values[mapField+f.Name]))
	}
	if body.Repeated, body.Dialogs, err = p.repeated(r.Context(), src.Name, writeBackHref(src.Name)); err != nil {
		return err
	}
	code := http.StatusOK
	if problem != nil {
		body.Problem, code = sentence(greenroom.ErrorMessage(problem)), http.StatusUnprocessableEntity
	}
	if preview != nil && problem == nil {
		body.Preview = accountPreviewCard(preview, values)
	}
	return send(w, code, func(to io.Writer) error { return p.write.Render(to, p.shell(r, body.Head.Title), body) })
}

// accountsAsked are the fields that say which accounts are written, and how often.
func accountsAsked(source string, values map[string]string) []ui.Field {
	return append(whichAccounts(values, "Those of them that are a company in "+source+" are written. Companies are never made."), repeatField(values[everyField], ""))
}

// whichAccounts are the fields that say which accounts are meant.
func whichAccounts(values map[string]string, help string) []ui.Field {
	return []ui.Field{
		{Name: "list", Label: "Accounts", Type: "select", Value: values["list"], Options: []ui.Option{{Label: "All"}, {Value: business.ListRisk, Label: "At risk"}, {Value: business.ListChances, Label: "Opportunities"}, {Value: business.ListDue, Label: "Due"}}, Help: help},
		{Name: "lifecycle", Label: "Lifecycle", Type: "select", Value: values["lifecycle"], Options: []ui.Option{{Label: "Any"}, {Value: "prospect", Label: "Prospects"}, {Value: "trial", Label: "On trial"}, {Value: "customer", Label: "Customers"}, {Value: "churned", Label: "Churned"}}},
	}
}

// companyChoice is a field and the properties of companies that it can be written to. Of those that would be made it offers its own.
func companyChoice(f *writeback.Field, properties []connector.Property, value string) columnChoice {
	var fit []connector.Property
	for i := range properties {
		if x := properties[i]; !x.New {
			fit = append(fit, x)
		} else if x.Name == writeback.MadeFor(f.Name) {
			x.Label = "New property: " + x.Label
			fit = append(fit, x)
		}
	}
	return propertyChoice(f, fit, value)
}

// accountPreviewCard shows a preview, with a form that sends exactly what was previewed.
func accountPreviewCard(v *writeback.AccountPreview, values map[string]string) *previewCard {
	kpi := func(label string, n int64, note string) ui.KPI {
		return ui.KPI{Label: label, Value: ui.Number(int(n)), Note: note}
	}
	c := &previewCard{Title: "What would change", KPIs: []ui.KPI{kpi("Will change", v.Change, "companies"), kpi("Unchanged", v.Unchanged, "have the values already"), kpi("No company", v.NoCompany, "of "+countText(v.Accounts, "account", "accounts"))}}
	if v.Gone > 0 {
		c.KPIs = append(c.KPIs, kpi("Gone", v.Gone, "companies that the platform has no more"))
	}
	c.Rows = ui.Table{Caption: "The first companies that change", Columns: []ui.Column{{Label: "Account"}, {Label: "Property"}, {Label: "Has"}, {Label: "Gets"}}, Empty: &ui.Empty{Title: "Nothing would change", Text: "All companies that were compared have these values already."}}
	if v.Companies == 0 {
		c.Rows.Empty = &ui.Empty{Title: "No company to write", Text: "None of these accounts is a company here. Companies become accounts when they are taken in from this source."}
	}
	for i := range v.Rows {
		row := &v.Rows[i]
		for n := range v.Mapping {
			property := &v.Mapping[n].Property
			after, ok := row.After[property.Name]
			if !ok {
				continue
			}
			c.Rows.Rows = append(c.Rows.Rows, ui.TableRow{ID: row.Company + "-" + property.Name, Cells: []ui.Cell{
				{Text: row.Name, Href: accountHref(row.Organization)}, {Text: property.Label}, {Text: firstText(excerpt(row.Before[property.Name], 80), ui.None)}, {Text: firstText(excerpt(after, 80), ui.None)},
			}})
		}
	}
	if v.More {
		c.More = "The first " + countText(v.Companies, "company was", "companies were") + " compared; the others are compared when they are sent."
	}
	c.offer(v.Change, values)
	return c
}
