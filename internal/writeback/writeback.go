// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package writeback

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/connector"
	"greenroom/internal/action"
	"greenroom/internal/list"
	"greenroom/internal/query"
)

// Kind is what its actions are called.
const Kind = "write-back"

// Store is what the package needs of the record store.
type Store interface {
	Source(ctx context.Context, name string) (greenroom.Source, error)
	CountAll(ctx context.Context, e query.Entity, q *query.Query) (int64, error)
	// AddAction stores an action with its items, or returns the one that has its key.
	AddAction(ctx context.Context, a action.Action, items []action.Item) (stored action.Action, added bool, err error)
	Members
	Pushed
	AccountStore
}

// Members knows members, and what is told about them.
type Members interface {
	ListMembers(ctx context.Context, req list.Request) (list.Page[greenroom.Member], error)
	// MemberTallies counts what members did since a time, and names the channels that they used most.
	MemberTallies(ctx context.Context, members []int64, since time.Time, channels int) (map[int64]Tally, error)
	// SegmentsOf names the segments that members are in.
	SegmentsOf(ctx context.Context, members []int64) (map[int64][]string, error)
	Member(ctx context.Context, id int64) (greenroom.Member, error)
	MemberIdentities(ctx context.Context, member int64) ([]greenroom.Identity, error)
}

// Opener opens a source as it is configured.
type Opener interface {
	Open(src *greenroom.Source) (connector.Source, error)
}

// Service writes members and accounts back.
type Service struct {
	store   Store
	opener  Opener
	books   Books
	now     func() time.Time
	zone    func() *time.Location
	figures Figures
	schema  *query.Schema
	kinds   []string
	known   properties
	wake    func()
}

// New returns a service. zone is the community's time zone; figures may be nil where no metrics are pushed, and books where no
// accounts are written; wake tells who carries out actions that there is one.
func New(store Store, opener Opener, books Books, figures Figures, now func() time.Time, zone func() *time.Location, wake func()) *Service {
	kinds := make([]string, 0, len(greenroom.Kinds()))
	for _, k := range greenroom.Kinds() {
		kinds = append(kinds, k.String())
	}
	return &Service{store: store, opener: opener, books: books, figures: figures, now: now, zone: zone, schema: query.NewSchema(query.Members, kinds), kinds: kinds, wake: wake}
}

// Request is what somebody wants to be written.
type Request struct {
	Source string            `json:"source"`
	Query  string            `json:"query"` // over members; "" = all
	Set    map[string]string `json:"set"`   // field by the name of the property that it is written to
	Note   bool              `json:"note"`  // put a note beside each contact that changes
	Link   string            `json:"link"`  // address of this Greenroom, for links to members; "" = none
}

// Plan is a request that was checked, as an action keeps it.
type Plan struct {
	Request

	Platform string    `json:"platform"`
	Set      []Mapping `json:"mapping"`
}

// Mapping is a field and the property that it is written to.
type Mapping struct {
	Field    string             `json:"field"`
	Property connector.Property `json:"property"`
}

func (p *Plan) properties() []connector.Property { return propertiesOf(p.Set) }

func propertiesOf(set []Mapping) []connector.Property {
	all := make([]connector.Property, len(set))
	for i := range set {
		all[i] = set[i].Property
	}
	return all
}

func (p *Plan) link(m *greenroom.Member) string {
	if p.Link == "" {
		return ""
	}
	return strings.TrimSuffix(p.Link, "/") + "/members/" + strconv.FormatInt(m.ID, 10)
}

// Writable reports whether a source's platform can be written to; it asks nothing of the platform.
func (s *Service) Writable(src *greenroom.Source) bool {
	opened, err := s.opener.Open(src)
	if err != nil {
		return false
	}
	_, ok := opened.(connector.Writer)
	return ok && src.DisconnectedAt.IsZero()
}

// Properties asks the platform of a source what can be written.
func (s *Service) Properties(ctx context.Context, source string) ([]connector.Property, error) {
	_, w, err := s.writer(ctx, source)
	if err != nil {
		return nil, err
	}
	all, err := w.Properties(ctx)
	if err != nil {
		return nil, fmt.Errorf("asking %s what can be written: %w", source, err)
	}
	return all, nil
}

func (s *Service) writer(ctx context.Context, source string) (greenroom.Source, connector.Writer, error) {
	src, err := s.store.Source(ctx, source)
	if err != nil {
		return src, nil, err //nolint:wrapcheck // the store says which source
	}
	if !src.DisconnectedAt.IsZero() {
		return src, nil, greenroom.Errorf(greenroom.CodeConflict, "%s is disconnected; connect it again in its settings first", source)
	}
	opened, err := s.opener.Open(&src)
	if err != nil {
		return src, nil, fmt.Errorf("opening %s: %w", source, err)
	}
	w, ok := opened.(connector.Writer)
	if !ok {
		return src, nil, greenroom.Errorf(greenroom.CodeInvalid, "nothing can be written to %s; sources that take fields are CRMs such as HubSpot and Salesforce", source)
	}
	return src, w, nil
}

// check turns a request into a plan, and returns its query with and without the condition of having a contact.
func (s *Service) check(ctx context.Context, r *Request) (_ *Plan, w connector.Writer, all, joined *query.Query, err error) {
	src, w, err := s.writer(ctx, r.Source)
	if err != nil {
		return nil, nil, nil, nil, err
	}
	if all, joined, err = s.queries(r.Query, src.Name); err != nil {
		return nil, nil, nil, nil, err
	}
	if err := checkLink(r.Link); err != nil {
		return nil, nil, nil, nil, err
	}
	have, err := w.Properties(ctx)
	if err != nil {
		return nil, nil, nil, nil, fmt.Errorf("asking %s what can be written: %w", r.Source, err)
	}
	plan := &Plan{Request: *r, Platform: src.Platform}
	plan.Request.Set = nil
	if plan.Set, err = mappingOf(r.Source, "contacts", r.Set, have, fieldOf); err != nil {
		return nil, nil, nil, nil, err
	}
	return plan, w, all, joined, linked(plan.Set, fieldLink, r.Link)
}

// checkLink says what is wrong with the address of a Greenroom.
func checkLink(link string) error {
	if link == "" {
		return nil
	}
	if u, err := url.Parse(link); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return greenroom.Errorf(greenroom.CodeInvalid, "%q is not the address of a Greenroom; expected something like %s", link, addressExpected)
	}
	return nil
}

// linked says that a field with a link needs to know where to.
func linked(set []Mapping, field, link string) error {
	if link == "" && slices.ContainsFunc(set, func(m Mapping) bool { return m.Field == field }) {
		return greenroom.Errorf(greenroom.CodeInvalid, "links need the address of this Greenroom, such as %s", addressExpected)
	}
	return nil
}

// mappingOf checks which fields go to which properties of a source's contacts or companies, in the order of the properties.
func mappingOf(source, of string, set map[string]string, have []connector.Property, field func(string) (Field, error)) ([]Mapping, error) {
	var all []Mapping
	for i := range have {
		p := &have[i]
		name, ok := set[p.Name]
		if !ok {
			continue
		}
		f, err := field(name)
		if err != nil {
			return nil, err
		}
		if !f.Fits(p) {
			return nil, greenroom.Errorf(greenroom.CodeInvalid, "%s is a %s and cannot be written to %q, which takes a %s", f.Label, f.Type, p.Label, p.Type)
		}
		all = append(all, Mapping{Field: name, Property: *p})
	}
	for name := range set {
		if !slices.ContainsFunc(all, func(m Mapping) bool { return m.Property.Name == name }) {
			return nil, greenroom.Errorf(greenroom.CodeInvalid, "%s has no property %q of %s that can be written", source, name, of)
		}
	}
	if len(all) == 0 {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "choose at least one field and the property that it is written to")
	}
	return all, nil
}

// queries parses a query and joins it with having an account on a source.
func (s *Service) queries(text, source string) (all, joined *query.Query, err error) {
	if all, err = query.Parse(s.schema, text); err != nil {
		return nil, nil, greenroom.Errorf(greenroom.CodeInvalid, "the query cannot be used: %s", err)
	}
	on, err := query.Parse(s.schema, `source:"`+strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(source)+`"`)
	if err != nil {
		return nil, nil, fmt.Errorf("asking for accounts on %s: %w", source, err)
	}
	nodes := []query.Node{on.Root}
	switch root := all.Root.(type) {
	case nil:
	case *query.And:
		nodes = append(slices.Clone(root.Nodes), nodes...)
	default:
		nodes = []query.Node{root, on.Root}
	}
	joined = &query.Query{Root: on.Root, Sort: []query.Order{{Field: &query.Field{Name: list.ByID, Attr: list.ByID}}}}
	if len(nodes) > 1 {
		joined.Root = &query.And{Nodes: nodes}
	}
	return all, joined, nil
}

// entry is one contact or company and what it is to have.
type entry struct {
	contact    string
	member     int64 // or organization
	name       string
	set        map[string]string
	note, link string
}

// each calls do with the contacts of a plan, a page of members at a time, until that returns false.
func (s *Service) each(ctx context.Context, plan *Plan, w connector.Writer, q *query.Query, do func([]entry) (bool, error)) error {
	req := list.Request{Query: q, Limit: list.MaxLimit}
	for {
		page, err := s.store.ListMembers(ctx, req)
		if err != nil {
			return fmt.Errorf("listing the members to write: %w", err)
		}
		v, err := s.prepare(ctx, plan, page.Items)
		if err != nil {
			return err
		}
		var some []entry
		for i := range page.Items {
			m := &page.Items[i]
			for n := range m.Identities {
				if id := &m.Identities[n]; id.Source == plan.Source && w.Writes(id.ExternalID) {
					some = append(some, entry{contact: id.ExternalID, member: m.ID, name: m.Name, set: v.of(m), note: v.note(m), link: plan.link(m)})
				}
			}
		}
		if more, err := do(some); err != nil || !more || page.Next == "" {
			return err
		}
		req.Cursor = page.Next
	}
}

// maxItems is how many contacts one action can have.
const maxItems = 200_000

// Send makes an action of a request. It has CodeInvalid where there is nothing to write. The key makes asking again
// harmless; by is who asks. Unless approved, it waits for somebody to approve it.
func (s *Service) Send(ctx context.Context, r *Request, key, by string, approved bool) (action.Action, error) {
	plan, w, _, joined, err := s.check(ctx, r)
	if err != nil {
		return action.Action{}, err
	}
	var items []action.Item
	if err := s.each(ctx, plan, w, joined, func(some []entry) (bool, error) {
		for i := range some {
			e := &some[i]
			it := action.Item{Target: e.contact, MemberID: e.member, Name: e.name, After: e.set, Note: e.note}
			if e.note != "" {
				it.Link = e.link
			}
			items = append(items, it)
		}
		if len(items) > maxItems {
			return false, greenroom.Errorf(greenroom.CodeInvalid, "the query gives more than %d contacts; narrow it down", maxItems)
		}
		return true, nil
	}); err != nil {
		return action.Action{}, err
	}
	if len(items) == 0 {
		return action.Action{}, greenroom.Errorf(greenroom.CodeInvalid, "none of the members that the query gives has a contact in %s", r.Source)
	}
	text, err := json.Marshal(plan)
	if err != nil {
		return action.Action{}, fmt.Errorf("encoding a plan: %w", err)
	}
	a := action.Action{
		Key: key, Kind: Kind, Source: r.Source, Plan: text, State: action.Proposed, CreatedBy: by,
		Title: fmt.Sprintf("Write %s to %s of %s", plural(len(plan.Set), "field", "fields"), plural(len(items), "contact", "contacts"), r.Source),
	}
	if approved {
		a.State, a.ApprovedBy, a.ApprovedAt = action.Approved, by, s.now()
	}
	stored, added, err := s.store.AddAction(ctx, a, items)
	if err != nil {
		return stored, err //nolint:wrapcheck // the store says what it did
	}
	if added && approved {
		s.wake()
	}
	return stored, nil
}

func plural(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + more
}
