// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package salesforce

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/internal/rest"
	"greenroom/connector/internal/walk"
)

const (
	pageSize = 2000 // records that a page holds at most
	chunk    = 300  // ids that fit into an address
)

// binDays is how long the recycle bin keeps what was deleted.
const binDays = 15

// Read goes through the objects.
func (s *source) Read(ctx context.Context, from connector.Cursor, out *connector.Sink) error {
	var sections []walk.Section
	for _, k := range s.kinds {
		if err := s.describe(ctx, k); err != nil {
			return err
		}
		if k.there {
			sections = append(sections, s.section(k, out))
		}
	}
	return walk.Sections(ctx, sections, from, s.env.Now(), out)
}

// reads reports whether an object comes in, so that others may name its records.
func (s *source) reads(name string) bool {
	return slices.ContainsFunc(s.kinds, func(k *sobject) bool { return k.name == name && k.there })
}

func (s *source) section(k *sobject, out *connector.Sink) walk.Section {
	return walk.Section{Name: k.plural, Title: k.plural, Read: func(ctx context.Context, at *walk.At) (string, error) {
		since := at.Since
		// What was never read need not be taken back.
		path := api + "/query"
		if !since.IsZero() {
			path = api + "/queryAll"
			if s.env.Now().Sub(since) > binDays*24*time.Hour {
				s.env.Meter.Warn("The last read of " + k.plural + " is more than 15 days ago; what was deleted before has left the recycle bin and is still here.")
			}
		} else if k.history {
			since = s.set.Since(optSince)
		}
		rows, done, err := s.page(ctx, path, s.soql(k, since, at.Page))
		if err != nil {
			return "", err
		}
		last, err := s.rows(ctx, k, rows, out)
		if err != nil || done && len(rows) < pageSize || last == "" || last == at.Page {
			return "", err
		}
		return last, nil
	}}
}

// soql asks for the records of an object that were modified since, behind an id.
func (s *source) soql(k *sobject, since time.Time, behind string) string {
	var where []string
	if k.where != "" {
		where = append(where, k.where)
	}
	if !since.IsZero() {
		where = append(where, "SystemModstamp >= "+since.UTC().Format("2006-01-02T15:04:05Z"))
	}
	if behind != "" {
		where = append(where, "Id > "+quoted(behind))
	}
	q := "SELECT " + s.columns(k) + " FROM " + k.name
	if len(where) > 0 {
		q += " WHERE " + strings.Join(where, " AND ")
	}
	return fmt.Sprintf("%s ORDER BY Id LIMIT %d", q, pageSize)
}

// quoted writes a text into a query.
func quoted(text string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(text) + "'"
}

// rows pushes a page of records and returns the id of the last one.
func (s *source) rows(ctx context.Context, k *sobject, items []jsontext.Value, out *connector.Sink) (last string, err error) {
	all := make([]row, len(items))
	var ids []string
	for i, item := range items {
		err := rest.Unmarshal(item, &all[i])
		if err == nil && (all[i].ID == "" || all[i].Modified.IsZero()) {
			err = errRecord
		}
		if all[i].ID != "" {
			last = all[i].ID
		}
		if err != nil {
			out.Reject(greenroom.Reject{File: k.plural, Line: int64(i) + 1, Reason: err.Error(), Expected: "a record of " + k.name, Excerpt: string(item)})
			all[i] = row{}
			continue
		}
		if !all[i].Deleted {
			ids = append(ids, all[i].ID)
		}
	}
	ex := &extras{}
	if k.history {
		if err := s.extras(ctx, k, ids, ex); err != nil {
			return "", err
		}
	}
	for i := range all {
		out.Read(1)
		if all[i].ID != "" {
			s.record(k, &all[i], items[i], ex, out)
		}
	}
	return last, nil
}

// errRecord is a record without what every record has.
var errRecord = greenroom.Errorf(greenroom.CodeInvalid, "the id or the time of the last change is missing")

// extras asks for the stages of opportunities and cases, and for the contacts of opportunities.
func (s *source) extras(ctx context.Context, k *sobject, ids []string, ex *extras) error {
	var history, people []step
	for some := range slices.Chunk(ids, chunk) {
		list := make([]string, len(some))
		for i, id := range some {
			list[i] = quoted(id)
		}
		in := " IN (" + strings.Join(list, ",") + ")"
		if k.name == "Case" {
			if err := s.extra(ctx, "CaseHistory", "SELECT CaseId, OldValue, NewValue, CreatedDate FROM CaseHistory WHERE Field = 'Status' AND CaseId"+in, &history); err != nil {
				return err
			}
			continue
		}
		if err := s.extra(ctx, "OpportunityHistory", "SELECT OpportunityId, StageName, CreatedDate FROM OpportunityHistory WHERE OpportunityId"+in, &history); err != nil {
			return err
		}
		if s.reads("Contact") {
			if err := s.extra(ctx, "OpportunityContactRole", "SELECT OpportunityId, ContactId, IsPrimary FROM OpportunityContactRole WHERE OpportunityId"+in, &people); err != nil {
				return err
			}
		}
	}
	ex.stages, ex.people = steps(history), roles(people)
	return nil
}

// extra asks for something that an organization may not have or show.
func (s *source) extra(ctx context.Context, object, soql string, into *[]step) error {
	s.mu.Lock()
	missing := s.missing[object]
	s.mu.Unlock()
	if missing {
		return nil
	}
	var some []step
	err := s.query(ctx, soql, &some)
	if without(err) {
		s.mu.Lock()
		s.missing[object] = true
		s.mu.Unlock()
		s.env.Meter.Warn("Salesforce does not tell " + object + " to this app; the steps or people that stand there do not come in.")
		return nil
	}
	*into = append(*into, some...)
	return err
}

// answer is a page of a query's result.
type answer struct {
	Total   int64            `json:"totalSize"`
	Done    bool             `json:"done"`
	Next    string           `json:"nextRecordsUrl"`
	Records []jsontext.Value `json:"records"`
}

// page asks for the first page of a query.
func (s *source) page(ctx context.Context, path, soql string) (rows []jsontext.Value, done bool, err error) {
	var a answer
	_, err = s.client.Into(ctx, path, url.Values{"q": {soql}}, &a)
	return a.Records, a.Done || a.Next == "", err
}

// query asks for all pages of a short query's result.
func (s *source) query(ctx context.Context, soql string, into any) error {
	path, q := api+"/query", url.Values{"q": {soql}}
	var all []jsontext.Value
	for {
		var a answer
		if _, err := s.client.Into(ctx, path, q, &a); err != nil {
			return err
		}
		all = append(all, a.Records...)
		if a.Done || a.Next == "" {
			break
		}
		path, q = a.Next, nil
	}
	list := []byte{'['}
	for i, item := range all {
		if i > 0 {
			list = append(list, ',')
		}
		list = append(list, item...)
	}
	if err := rest.Unmarshal(append(list, ']'), into); err != nil {
		return &greenroom.Error{Code: greenroom.CodeInvalid, Message: "Salesforce's answer to a query is not what was asked for", Err: err}
	}
	return nil
}

// count asks how many records there are.
func (s *source) count(ctx context.Context, k *sobject) (int64, error) {
	soql := "SELECT COUNT() FROM " + k.name
	if k.where != "" {
		soql += " WHERE " + k.where
	}
	var a answer
	_, err := s.client.Into(ctx, api+"/query", url.Values{"q": {soql}}, &a)
	return a.Total, err
}

// without reports whether a refusal means only that something has to be done without: an object or field that there is
// not, or not for this user.
func without(err error) bool {
	if greenroom.ErrorCode(err) == greenroom.CodeUnauthorized { // the app itself is refused
		return false
	}
	return rest.Status(err) == http.StatusBadRequest || rest.Refused(err) || rest.Gone(err)
}
