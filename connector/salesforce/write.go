// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package salesforce

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/rest"
)

// How writing goes.
const (
	writeSize     = 200   // records of one request
	contactPrefix = "003" // of the ids of contacts
	accountPrefix = "001" // of the ids of accounts
	subject       = "Active in the community "
)

// written is an object whose records are written.
type written struct {
	*source

	name, one, many string // as Salesforce and people call it
	prefix          string // of its ids
}

func (s *source) contacts() *written {
	return &written{s, "Contact", "contact", "contacts", contactPrefix}
}

// Accounts are the organization's accounts.
func (s *source) Accounts() connector.Fields {
	return &written{s, "Account", "account", "accounts", accountPrefix}
}

// Writes reports whether an identity is a contact, which its id tells; leads and users are not written.
func (s *source) Writes(externalID string) bool { return s.contacts().Writes(externalID) }

// Properties lists the fields of contacts that the app's user may edit and that take a text, a number or a time; custom
// ones come first.
func (s *source) Properties(ctx context.Context) ([]connector.Property, error) {
	return s.contacts().Properties(ctx)
}

// Present reads fields of contacts, 200 at a time.
func (s *source) Present(ctx context.Context, contacts []string, properties []connector.Property) (map[string]map[string]string, error) {
	return s.contacts().Present(ctx, contacts, properties)
}

// Write sends what differs, 200 contacts at a time. A contact's note goes first: once its values are written nothing shows
// that the note is missing.
func (s *source) Write(ctx context.Context, changes []connector.ContactChange, properties []connector.Property) ([]connector.Written, error) {
	return s.contacts().Write(ctx, changes, properties)
}

// Writes reports whether an id is one of the object's.
func (s *written) Writes(externalID string) bool {
	return strings.HasPrefix(externalID, s.prefix) && (len(externalID) == 15 || len(externalID) == 18) && !strings.ContainsFunc(externalID, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	})
}

// Properties lists the fields that the app's user may edit and that take a text, a number or a time; custom ones come first.
func (s *written) Properties(ctx context.Context) ([]connector.Property, error) {
	var d struct {
		Updateable bool `json:"updateable"`
		Fields     []struct {
			Name       string `json:"name"`
			Label      string `json:"label"`
			Type       string `json:"type"`
			Length     int    `json:"length"`
			Updateable bool   `json:"updateable"`
			Calculated bool   `json:"calculated"`
			Custom     bool   `json:"custom"`
		} `json:"fields"`
	}
	if _, err := s.client.Into(ctx, api+"/sobjects/"+s.name+"/describe", nil, &d); err != nil {
		return nil, err
	}
	kinds := map[string]connector.PropertyType{
		"string": connector.PropertyText, "textarea": connector.PropertyText, "url": connector.PropertyText,
		"double": connector.PropertyNumber, "int": connector.PropertyNumber, "date": connector.PropertyDay, "datetime": connector.PropertyTime,
	}
	var list []connector.Property
	for _, f := range d.Fields {
		kind, ok := kinds[f.Type]
		if !ok || !f.Updateable || f.Calculated {
			continue
		}
		p := connector.Property{Name: f.Name, Label: cmp.Or(f.Label, f.Name), Type: kind, Custom: f.Custom}
		if kind == connector.PropertyText {
			p.Max = f.Length
		}
		list = append(list, p)
	}
	if !d.Updateable || len(list) == 0 {
		return nil, greenroom.Errorf(greenroom.CodeForbidden, "the user that the Salesforce app runs as may not edit %s; give it a permission set with Edit on %s and on the fields that are to be written", s.many, s.name)
	}
	connector.SortProperties(list)
	return list, nil
}

// Present reads fields, 200 records at a time.
func (s *written) Present(ctx context.Context, contacts []string, properties []connector.Property) (map[string]map[string]string, error) {
	fields := []string{"Id"}
	for i := range properties {
		fields = append(fields, properties[i].Name)
	}
	present := make(map[string]map[string]string, len(contacts))
	for some := range slices.Chunk(contacts, writeSize) {
		var rows []map[string]any // null for contacts that are gone
		if _, err := s.client.Post(ctx, api+"/composite/sobjects/"+s.name, map[string]any{"ids": some, "fields": fields}, &rows); err != nil {
			return nil, err
		}
		for _, row := range rows {
			id, ok := row["Id"].(string)
			if !ok {
				continue
			}
			values := make(map[string]string, len(properties))
			for i := range properties {
				values[properties[i].Name] = plain(row[properties[i].Name])
			}
			for _, contact := range some { // Salesforce answers with ids of 18 characters, also to those of 15
				if strings.HasPrefix(id, contact) {
					present[contact] = values
				}
			}
		}
	}
	return present, nil
}

// Write sends what differs, 200 records at a time.
func (s *written) Write(ctx context.Context, changes []connector.ContactChange, properties []connector.Property) ([]connector.Written, error) {
	return connector.InChunks(changes, writeSize, func(some []connector.ContactChange) ([]connector.Written, error) {
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
	results, differ := connector.Compare(changes, present, properties, "Salesforce has no such "+s.one+" any more")
	if len(differ) == 0 {
		return results, nil
	}
	var send []record
	var notes []*connector.ContactChange
	for _, c := range differ {
		send = append(send, s.changed(c.Contact, c.Set, properties))
		if c.Note != nil {
			notes = append(notes, c.ContactChange)
		}
	}
	refused, err := s.note(ctx, notes)
	if err != nil {
		return nil, err
	}
	saved, err := s.save(ctx, s.client, http.MethodPatch, send)
	if err != nil {
		return nil, err
	}
	for n := range differ {
		r := &results[differ[n].At]
		if !saved[n].Success {
			r.Fail(saved[n].why())
		} else if why, ok := refused[r.Contact]; ok {
			r.Fail("the values were written, the note was not: " + why)
		}
	}
	return results, nil
}

// record is an object as it is sent.
type record = map[string]any

// changed is a record with the values that it is to have; an empty one is null.
func (s *written) changed(id string, set map[string]string, properties []connector.Property) record {
	r := record{"attributes": map[string]string{"type": s.name}, "id": id}
	for i := range properties {
		p := &properties[i]
		v, ok := set[p.Name]
		if !ok {
			continue
		}
		r[p.Name] = v
		if v == "" {
			r[p.Name] = nil
		} else if n, err := strconv.ParseFloat(v, 64); p.Type == connector.PropertyNumber && err == nil {
			r[p.Name] = n
		}
	}
	return r
}

// saved is what became of a record.
type saved struct {
	ID      string `json:"id"`
	Success bool   `json:"success"`
	Errors  []struct {
		Code    string   `json:"statusCode"`
		Message string   `json:"message"`
		Fields  []string `json:"fields"`
	} `json:"errors"`
}

func (s *saved) why() string {
	if len(s.Errors) == 0 {
		return "Salesforce does not say why"
	}
	why := "Salesforce says: " + cmp.Or(s.Errors[0].Message, s.Errors[0].Code)
	if len(s.Errors[0].Fields) > 0 {
		why += " (" + strings.Join(s.Errors[0].Fields, ", ") + ")"
	}
	return why
}

// save sends records, each for itself.
func (s *source) save(ctx context.Context, client *rest.Client, method string, records []record) ([]saved, error) {
	body, err := json.Marshal(map[string]any{"allOrNone": false, "records": records})
	if err != nil {
		return nil, fmt.Errorf("encoding a request to Salesforce: %w", err)
	}
	ans, err := client.Do(ctx, rest.Request{Method: method, Path: api + "/composite/sobjects", Body: body, Header: http.Header{
		"Sforce-Auto-Assign":           {"FALSE"},          // else the organization's assignment rules move accounts
		"Sforce-Duplicate-Rule-Header": {"allowSave=true"}, // what is written is there already: an alert is none of ours
	}})
	if err != nil {
		return nil, err
	}
	var all []saved
	if err := client.Decode(ans, &all); err != nil {
		return nil, err
	}
	if len(all) != len(records) {
		return nil, greenroom.Errorf(greenroom.CodeUnavailable, "Salesforce told of %d records, not of the %d that were sent", len(all), len(records))
	}
	return all, nil
}

// note puts a completed task beside each contact, and says of those that were refused why. Those that may be there already
// are looked for first.
func (s *source) note(ctx context.Context, changes []*connector.ContactChange) (refused map[string]string, err error) {
	known, err := s.tasksOf(ctx, changes)
	if err != nil {
		return nil, err
	}
	refused = make(map[string]string)
	if !slices.ContainsFunc(changes, func(c *connector.ContactChange) bool { return !known[c.Note.Key] }) {
		return refused, nil
	}
	words, err := s.taskWords(ctx)
	if err != nil {
		return nil, err
	}
	var tasks []record
	var of []string // the contact of each
	for _, c := range changes {
		if known[c.Note.Key] {
			continue
		}
		text := c.Note.Text
		if c.Note.Link != "" {
			text += "\n\n" + c.Note.Link
		}
		of = append(of, c.Contact)
		tasks = append(tasks, record{
			"attributes": map[string]string{"type": "Task"}, "WhoId": c.Contact, "Subject": subject + c.Note.Key, "Description": text,
			"Status": words.done, "ActivityDate": c.Note.At.UTC().Format(time.DateOnly),
		})
	}
	all, err := s.save(ctx, s.once, http.MethodPost, tasks)
	if err != nil {
		return nil, fmt.Errorf("putting tasks beside contacts: %w", err)
	}
	for i := range all {
		if !all[i].Success {
			refused[of[i]] = all[i].why()
		}
	}
	return refused, nil
}

// tasksOf finds the keys of notes that are there, of contacts that were sent before.
func (s *source) tasksOf(ctx context.Context, changes []*connector.ContactChange) (map[string]bool, error) {
	known := make(map[string]bool)
	var ids []string
	for _, c := range changes {
		if c.Again {
			ids = append(ids, "'"+c.Contact+"'") // whose form Writes has checked
		}
	}
	if len(ids) == 0 {
		return known, nil
	}
	var rows []struct {
		Subject string `json:"Subject"`
	}
	if err := s.query(ctx, "SELECT Subject FROM Task WHERE WhoId IN ("+strings.Join(ids, ",")+") AND Subject LIKE '"+subject+"%'", &rows); err != nil {
		return nil, fmt.Errorf("looking for tasks: %w", err)
	}
	for _, row := range rows {
		known[strings.TrimPrefix(row.Subject, subject)] = true
	}
	return known, nil
}
