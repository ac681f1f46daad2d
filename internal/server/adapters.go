// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"io"
	"os"
	"strconv"

	"greenroom"
	"greenroom/connector"
	"greenroom/connector/all"
	"greenroom/connector/csv"
	"greenroom/internal/api"
	"greenroom/internal/auth"
	"greenroom/internal/store"
	"greenroom/internal/web"
)

// The faces declare what they need in their own words; here is what turns one into the other.

// auditor writes the audit log in the name of whoever the context says acts.
type auditor struct{ auth *auth.Service }

// Audit writes a line. Who acts is known from the context, where a request brought somebody; else the command line does.
func (a auditor) Audit(ctx context.Context, _, action, target, detail string) error {
	c, ok := auth.From(ctx)
	if !ok {
		c = auth.CommandLine()
	}
	return a.auth.Audit(ctx, c, action, target, detail)
}

// finder is the search as the pages ask for it.
type finder struct{ *store.Store }

func (f finder) Find(ctx context.Context, text string, limit int) ([]greenroom.Member, []greenroom.Organization, []greenroom.Conversation, error) {
	found, err := f.Search(ctx, text, limit)
	return found.Members, found.Organizations, found.Conversations, err
}

// pageImports is the runner as the pages ask for it.
type pageImports struct {
	*Imports
	audit auditor
}

func (i pageImports) Running() map[string]web.Work { return i.Works() }

func (i pageImports) Start(ctx context.Context, kind, source string, values connector.Values, by string) (greenroom.Source, error) {
	spec, err := all.Find(kind)
	if err != nil {
		return greenroom.Source{}, err
	}
	src, _, err := i.Imports.Start(ctx, spec, source, values)
	if err != nil {
		return src, err
	}
	return src, i.audit.Audit(ctx, by, "import.start", source, kind)
}

func (i pageImports) Stop(ctx context.Context, source, by string) error {
	if err := i.Imports.Stop(ctx, source); err != nil {
		return err
	}
	return i.audit.Audit(ctx, by, "import.stop", source, "")
}

// Preview reads the first rows of a CSV file, of those that its caller may have read.
func (i pageImports) Preview(ctx context.Context, kind string, values connector.Values, rows int) (web.Sheet, error) {
	spec, err := all.Find(kind)
	if err != nil {
		return web.Sheet{}, err
	}
	if err := i.mayRead(ctx, &spec, values); err != nil {
		return web.Sheet{}, err
	}
	file, err := os.Open(values[spec.Primary])
	if err != nil {
		return web.Sheet{}, &greenroom.Error{Code: greenroom.CodeInvalid, Message: "choose a CSV file; there is none to be read at " + strconv.Quote(values[spec.Primary]), Err: err}
	}
	defer func() { _ = file.Close() }() // it was only read
	t, err := csv.Preview(file, values, rows)
	if t == nil {
		return web.Sheet{}, err
	}
	s := web.Sheet{Type: t.Type, Problems: t.Problems}
	for _, f := range csv.Fields(t.Type) {
		s.Fields = append(s.Fields, web.SheetField{Name: f.Name, Label: f.Label})
	}
	for _, c := range t.Columns {
		s.Columns = append(s.Columns, web.SheetColumn(c))
	}
	for _, r := range t.Rows {
		s.Rows = append(s.Rows, web.SheetRow(r))
	}
	return s, err
}

func (i pageImports) Upload(name string) (web.Upload, error) { return i.Imports.Upload(name) }

// apiImports is the runner as the API asks for it.
type apiImports struct{ *Imports }

func (i apiImports) StartImport(ctx context.Context, r api.Import) (greenroom.Source, greenroom.Run, error) {
	return i.Start(ctx, r.Spec, r.Source, r.Values)
}

func (i apiImports) RunningImport(source string) (greenroom.Run, bool) { return i.Running(source) }

func (i apiImports) StopImport(ctx context.Context, source string) error { return i.Stop(ctx, source) }

// talks wakes the projector after a change of a conversation, so that lists follow at once.
type talks struct {
	store *store.Store
	wake  func()
}

func (t talks) IgnoreConversation(ctx context.Context, id int64, ignored bool) error {
	if err := t.store.IgnoreConversation(ctx, id, ignored); err != nil {
		return err
	}
	t.wake()
	return nil
}

// team wakes the projector after a change of the team's domains.
type team struct {
	*store.Store
	wake func()
}

func (t team) SetTeamDomains(ctx context.Context, domains []string) error {
	if err := t.Store.SetTeamDomains(ctx, domains); err != nil {
		return err
	}
	t.wake()
	return nil
}

// privacy erases in the name of somebody and notes it.
type privacy struct {
	*store.Store
	audit auditor
	wake  func()
}

func (p privacy) EraseMember(ctx context.Context, member int64, by string) error {
	if err := p.Store.EraseMember(ctx, member); err != nil {
		return err
	}
	p.wake()
	return p.audit.Audit(ctx, by, "member.erase", "member "+strconv.FormatInt(member, 10), "")
}

// pagePrivacy is the same for the pages, which do not write the audit log themselves.
type pagePrivacy struct{ privacy }

func (p pagePrivacy) ExportMember(ctx context.Context, id int64, w io.Writer) error {
	if err := p.audit.Audit(ctx, "", "member.export", "member "+strconv.FormatInt(id, 10), ""); err != nil {
		return err
	}
	return p.Store.ExportMember(ctx, id, w)
}

// SetRawRetention sets for how long raw payloads are kept, and removes at once those that are older.
func (p pagePrivacy) SetRawRetention(ctx context.Context, days int, by string) error {
	if err := p.Store.SetRawRetention(ctx, days); err != nil {
		return err
	}
	if err := p.audit.Audit(ctx, by, "retention.set", strconv.Itoa(days)+" days", ""); err != nil {
		return err
	}
	_, err := p.ForgetOldPayloads(ctx)
	return err
}

// SetAlertRetention sets for how long is kept what alerts told. Older ones are removed within the hour.
func (p pagePrivacy) SetAlertRetention(ctx context.Context, days int, by string) error {
	if err := p.Store.SetAlertRetention(ctx, days); err != nil {
		return err
	}
	return p.audit.Audit(ctx, by, "retention.alerts", strconv.Itoa(days)+" days", "")
}

// settings are for everybody, as the API sets them.
type settings struct {
	zones
	pagePrivacy
}
