// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package hubspot

import (
	"cmp"
	"context"
	"fmt"
	"html"
	"net/http"
	"slices"
	"strings"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/rest"
)

// The scopes that writing needs.
const (
	scopeWrite          = "crm.objects.contacts.write"
	scopeWriteCompanies = "crm.objects.companies.write"
	scopeMakeCompanies  = "crm.schemas.companies.write"
	noteTo              = 202 // HubSpot's type of the association of a note with a contact
)

// written is a kind of object as it is written.
type written struct {
	*source

	name, one string // as paths and people call it
	scope     string // without which it cannot be written
	making    string // the scope without which no property can be made
	group     string // of properties, that they are made in
}

func (s *source) contacts() *written {
	return &written{s, "contacts", "contact", scopeWrite, "crm.schemas.contacts.write", "contactinformation"}
}

// Accounts are the account's companies.
func (s *source) Accounts() connector.Fields {
	return &written{s, "companies", "company", scopeWriteCompanies, scopeMakeCompanies, "companyinformation"}
}

// Writes reports whether an identity is a contact; owners are not, nor are ids that HubSpot does not give.
func (s *source) Writes(externalID string) bool {
	return externalID != "" && strings.Trim(externalID, "0123456789") == ""
}

// Properties lists the contact properties that take a text, a number or a time; those of the account's own come first.
func (s *source) Properties(ctx context.Context) ([]connector.Property, error) {
	return s.contacts().Properties(ctx)
}

// Present reads properties of contacts by the hundred.
func (s *source) Present(ctx context.Context, contacts []string, properties []connector.Property) (map[string]map[string]string, error) {
	return s.contacts().Present(ctx, contacts, properties)
}

// Write sends what differs, by the hundred. A contact's note goes first: once its values are written nothing shows that
// the note is missing.
func (s *source) Write(ctx context.Context, changes []connector.ContactChange, properties []connector.Property) ([]connector.Written, error) {
	return s.contacts().Write(ctx, changes, properties)
}

// wireProperty is a property as HubSpot describes it.
type wireProperty struct {
	Name     string `json:"name"`
	Label    string `json:"label"`
	Type     string `json:"type"`
	Field    string `json:"fieldType"`
	Computed bool   `json:"calculated"`
	Hidden   bool   `json:"hidden"`
	Own      bool   `json:"hubspotDefined"`
	Archived bool   `json:"archived"`
	Change   struct {
		ReadOnly bool `json:"readOnlyValue"`
	} `json:"modificationMetadata"`
}

// propertyKinds are the types of properties that can be written.
func propertyKinds() map[string]connector.PropertyType {
	return map[string]connector.PropertyType{"string": connector.PropertyText, "number": connector.PropertyNumber, "date": connector.PropertyDay, "datetime": connector.PropertyTime}
}

// Properties lists the properties that take a text, a number or a time; those of the account's own come first.
func (s *written) Properties(ctx context.Context) ([]connector.Property, error) {
	var all struct {
		Results []wireProperty `json:"results"`
	}
	if _, err := s.client.Into(ctx, "/crm/v3/properties/"+s.name, nil, &all); err != nil {
		return nil, err
	}
	info, err := s.tokens.info(ctx, s.client)
	if err != nil {
		return nil, err
	}
	if len(info.Scopes) > 0 && !slices.Contains(info.Scopes, s.scope) {
		return nil, greenroom.Errorf(greenroom.CodeForbidden, "this HubSpot token may not write %s; add the scope %s to the service key or app", s.name, s.scope)
	}
	kinds := propertyKinds()
	var list []connector.Property
	for i := range all.Results {
		p := &all.Results[i]
		kind, ok := kinds[p.Type]
		if !ok || p.Change.ReadOnly || p.Computed || p.Hidden || p.Archived || p.Field == "html" || p.Field == "file" {
			continue
		}
		list = append(list, connector.Property{Name: p.Name, Label: cmp.Or(p.Label, p.Name), Type: kind, Max: maxText, Custom: !p.Own})
	}
	connector.SortProperties(list)
	return list, nil
}

// maxText is how many characters a text of HubSpot can have.
const maxText = 65_536

// MakeProperties makes properties, one after the other. HubSpot answers with a conflict where there is one already.
func (s *written) MakeProperties(ctx context.Context, properties []connector.Property) error {
	for i := range properties {
		p := &properties[i]
		field := "text"
		if p.Type == connector.PropertyNumber {
			field = "number"
		}
		body := map[string]any{"name": p.Name, "label": p.Label, "fieldType": field, "groupName": s.group}
		for kind, of := range propertyKinds() {
			if of == p.Type {
				body["type"] = kind
			}
		}
		if p.Type == connector.PropertyDay || p.Type == connector.PropertyTime {
			body["fieldType"] = "date"
		}
		_, err := s.client.Post(ctx, "/crm/v3/properties/"+s.name, body, nil)
		switch {
		case rest.Refused(err):
			return &greenroom.Error{Code: greenroom.CodeForbidden, Message: "HubSpot does not let this token make properties; add the scope " + s.making + " to the service key or app, or make the property " + p.Name + " in HubSpot", Err: err}
		case err != nil && rest.Status(err) != http.StatusConflict:
			return fmt.Errorf("making the property %s: %w", p.Name, err)
		}
	}
	return nil
}

// Present reads properties by the hundred.
func (s *written) Present(ctx context.Context, contacts []string, properties []connector.Property) (map[string]map[string]string, error) {
	names := make([]string, len(properties))
	for i := range properties {
		names[i] = properties[i].Name
	}
	present := make(map[string]map[string]string, len(contacts))
	for some := range slices.Chunk(contacts, pageSize) {
		var b struct {
			Results []struct {
				ID         string            `json:"id"`
				Properties map[string]string `json:"properties"`
			} `json:"results"`
		}
		q := batch{Inputs: inputs(some), Properties: names, History: []string{}}
		if _, err := s.client.Post(ctx, "/crm/v3/objects/"+s.name+"/batch/read", q, &b); err != nil && !rest.Gone(err) {
			return nil, err
		}
		for i := range b.Results {
			present[b.Results[i].ID] = b.Results[i].Properties
		}
	}
	return present, nil
}

// Write sends what differs, by the hundred.
func (s *written) Write(ctx context.Context, changes []connector.ContactChange, properties []connector.Property) ([]connector.Written, error) {
	return connector.InChunks(changes, pageSize, func(some []connector.ContactChange) ([]connector.Written, error) {
		return s.writeSome(ctx, some, properties)
	})
}

func (s *written) writeSome(ctx context.Context, changes []connector.ContactChange, properties []connector.Property) ([]connector.Written, error) {
	ids := make([]string, len(changes))
	for i := range changes {
		ids[i] = changes[i].Contact
	}
	present, err := s.Present(ctx, ids, properties)
	if err != nil {
		return nil, err
	}
	results, differ := connector.Compare(changes, present, properties, "HubSpot has no such "+s.one+" any more")
	var send []update
	var notes []*connector.ContactChange
	for _, c := range differ {
		send = append(send, update{ID: c.Contact, Properties: c.Set})
		if c.Note != nil {
			notes = append(notes, c.ContactChange)
		}
	}
	if err := s.note(ctx, notes); err != nil {
		return nil, err
	}
	failed := make(map[string]string)
	if err := s.update(ctx, send, failed); err != nil {
		return nil, err
	}
	for i := range results {
		if why, ok := failed[results[i].Contact]; ok {
			results[i].Fail(why)
		}
	}
	return results, nil
}

// update is what one object is to have.
type update struct {
	ID         string            `json:"id"`
	Properties map[string]string `json:"properties"`
}

// update writes objects. HubSpot refuses a whole batch for one bad value: it is then halved until the bad one stands
// alone, so that it does not hold up the others.
func (s *written) update(ctx context.Context, send []update, failed map[string]string) error {
	if len(send) == 0 {
		return nil
	}
	var b struct {
		Errors []struct {
			Message string              `json:"message"`
			Context map[string][]string `json:"context"`
		} `json:"errors"`
	}
	_, err := s.client.Post(ctx, "/crm/v3/objects/"+s.name+"/batch/update", map[string]any{"inputs": send}, &b)
	switch {
	case rest.Refused(err):
		return &greenroom.Error{Code: greenroom.CodeForbidden, Message: "HubSpot does not let this token write " + s.name + "; add the scope " + s.scope + " to the service key or app", Err: err}
	case rest.Status(err) == http.StatusBadRequest || rest.Gone(err) || rest.Status(err) == http.StatusConflict:
		if len(send) == 1 {
			failed[send[0].ID] = greenroom.ErrorMessage(err)
			return nil
		}
		half := len(send) / 2
		if err := s.update(ctx, send[:half], failed); err != nil {
			return err
		}
		return s.update(ctx, send[half:], failed)
	case err != nil:
		return err
	}
	for _, e := range b.Errors {
		for _, ids := range e.Context {
			for _, id := range ids {
				failed[id] = "HubSpot says: " + e.Message
			}
		}
	}
	return nil
}

type noteInput struct {
	Properties   map[string]string `json:"properties"`
	Associations []noteLink        `json:"associations"`
}

type noteLink struct {
	To    input      `json:"to"`
	Types []noteType `json:"types"`
}

type noteType struct {
	Category string `json:"associationCategory"`
	ID       int    `json:"associationTypeId"`
}

// note puts notes beside contacts. Those that may have been put there before are looked for first.
func (s *source) note(ctx context.Context, changes []*connector.ContactChange) error {
	var again []string
	for _, c := range changes {
		if c.Again {
			again = append(again, c.Contact)
		}
	}
	known, err := s.bodiesOf(ctx, "contacts", again, "notes", "hs_note_body")
	if err != nil {
		return err
	}
	var send []noteInput
	for _, c := range changes {
		if _, there := holding(known[c.Contact], c.Note.Key); there {
			continue
		}
		send = append(send, noteInput{
			Properties:   map[string]string{"hs_timestamp": c.Note.At.UTC().Format(stamp), "hs_note_body": noteBody(c.Note)},
			Associations: []noteLink{{To: input{ID: c.Contact}, Types: []noteType{{Category: "HUBSPOT_DEFINED", ID: noteTo}}}},
		})
	}
	if len(send) == 0 {
		return nil
	}
	if _, err := s.once.Post(ctx, "/crm/v3/objects/notes/batch/create", map[string]any{"inputs": send}, nil); err != nil {
		return fmt.Errorf("putting notes beside contacts: %w", err)
	}
	return nil
}

// noteBody is a note as HTML, which HubSpot's notes are.
func noteBody(n *connector.ContactNote) string {
	body := "<p>" + strings.ReplaceAll(html.EscapeString(n.Text), "\n", "<br>") + "</p>"
	if n.Link != "" {
		link := html.EscapeString(n.Link)
		body += `<p><a href="` + link + `">` + link + `</a></p>`
	}
	return body + "<p>" + html.EscapeString(n.Key) + "</p>"
}

// engagement is what stands beside an object, such as a note: its number and its text.
type engagement struct{ id, body string }

// holding finds the one whose text holds a key; false where none does.
func holding(all []engagement, key string) (engagement, bool) {
	i := slices.IndexFunc(all, func(e engagement) bool { return strings.Contains(e.body, key) })
	if i < 0 {
		return engagement{}, false
	}
	return all[i], true
}

// bodiesOf reads the texts of what stands beside objects of a kind, such as notes, by object.
func (s *source) bodiesOf(ctx context.Context, kind string, objects []string, beside, property string) (map[string][]engagement, error) {
	if len(objects) == 0 {
		return nil, nil //nolint:nilnil // nothing was asked for
	}
	var l links
	if _, err := s.client.Post(ctx, "/crm/v4/associations/"+kind+"/"+beside+"/batch/read", map[string]any{"inputs": inputs(objects)}, &l); err != nil && !rest.Gone(err) {
		return nil, fmt.Errorf("looking for %s: %w", beside, err)
	}
	of := make(map[string][]string)
	var ids []string
	for i := range l.Results {
		for j := range l.Results[i].To {
			id := string(l.Results[i].To[j].ID)
			ids, of[id] = append(ids, id), append(of[id], l.Results[i].From.ID)
		}
	}
	known := make(map[string][]engagement)
	for some := range slices.Chunk(ids, pageSize) {
		var b struct {
			Results []wireObject `json:"results"`
		}
		q := batch{Inputs: inputs(some), Properties: []string{property}, History: []string{}}
		if _, err := s.client.Post(ctx, "/crm/v3/objects/"+beside+"/batch/read", q, &b); err != nil && !rest.Gone(err) {
			return nil, fmt.Errorf("looking for %s: %w", beside, err)
		}
		for i := range b.Results {
			for _, object := range of[b.Results[i].ID] {
				known[object] = append(known[object], engagement{b.Results[i].ID, b.Results[i].Properties[property]})
			}
		}
	}
	return known, nil
}
