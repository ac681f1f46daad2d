// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package segment

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"greenroom"
	"greenroom/internal/query"
)

// Store keeps segments, their members and their history.
type Store interface {
	Keeper
	Evaluator
	History
}

// Keeper keeps what people say about segments.
type Keeper interface {
	// Segments lists those that are not archived, or those that are, by name.
	Segments(ctx context.Context, archived bool) ([]Segment, error)
	// Segment finds one by its key, or by its name without regard to case, archived or not.
	Segment(ctx context.Context, ref string) (Segment, error)
	// AddSegment stores a new one. CodeConflict where its name or key is taken.
	AddSegment(ctx context.Context, g Segment, by string) (Segment, error)
	// ChangeSegment stores name, query, description, color, owner and version. A new version goes into SegmentQueries.
	ChangeSegment(ctx context.Context, g Segment, by string) error
	// ArchiveSegment archives one, or takes that back.
	ArchiveSegment(ctx context.Context, id int64, archived bool) error
	SegmentQueries(ctx context.Context, id int64) ([]Version, error)
}

// Auditor keeps the log of who did what.
type Auditor interface {
	Audit(ctx context.Context, actor, action, target, detail string) error
}

// Service keeps segments and their members current.
type Service struct {
	store  Store
	audit  Auditor
	log    *slog.Logger
	now    func() time.Time
	schema *query.Schema
	pace   time.Duration // how long after new facts segments are evaluated at the soonest

	evaluating sync.Mutex // one evaluation at a time
	seen       Signal     // of the store at the last evaluation of all
	last       time.Time  // when that began
	took       time.Duration
}

// New returns the service.
func New(store Store, audit Auditor, log *slog.Logger, now func() time.Time) *Service {
	kinds := make([]string, 0, len(greenroom.Kinds()))
	for _, k := range greenroom.Kinds() {
		kinds = append(kinds, k.String())
	}
	return &Service{store: store, audit: audit, log: log, now: now, schema: query.NewSchema(query.Members, kinds)}
}

// Pace sets how long after an evaluation new facts lead to the next one at the soonest. It is called before the service
// follows; without it, they do so at once.
func (s *Service) Pace(d time.Duration) { s.pace = d }

// List lists the segments that are not archived, or those that are, by name.
func (s *Service) List(ctx context.Context, archived bool) ([]Segment, error) {
	return s.store.Segments(ctx, archived)
}

// Get finds a segment by its key or name.
func (s *Service) Get(ctx context.Context, ref string) (Segment, error) {
	return s.store.Segment(ctx, ref)
}

// Queries lists the queries that a segment has had, the newest first.
func (s *Service) Queries(ctx context.Context, ref string) ([]Version, error) {
	g, err := s.store.Segment(ctx, ref)
	if err != nil {
		return nil, err
	}
	return s.store.SegmentQueries(ctx, g.ID)
}

// Add makes a segment, finds its members and works out its last weeks.
func (s *Service) Add(ctx context.Context, d Draft, by string) (Segment, error) {
	if err := d.Validate(); err != nil {
		return Segment{}, err
	}
	text, root, err := s.canonical(ctx, d.Query)
	if err != nil {
		return Segment{}, err
	}
	if err := s.noCircle(ctx, 0, d.Name, root); err != nil {
		return Segment{}, err
	}
	g := Segment{Name: d.Name, Query: text, Description: d.Description, Color: d.Color, Owner: firstOf(d.Owner, by), Key: d.Key}
	if g.Key == "" {
		if g.Key, err = s.freeKey(ctx, d.Name); err != nil {
			return Segment{}, err
		}
	}
	if g, err = s.store.AddSegment(ctx, g, by); err != nil {
		return g, fmt.Errorf("making a segment: %w", err)
	}
	if err := s.evaluateNow(ctx, &g, CauseMade); err != nil {
		return g, err
	}
	if err := s.audit.Audit(ctx, by, "segment.make", "segment "+g.Key, g.Query); err != nil {
		return g, fmt.Errorf("writing the audit log: %w", err)
	}
	return s.store.Segment(ctx, g.Key)
}

// freeKey makes a key that no segment has.
func (s *Service) freeKey(ctx context.Context, name string) (string, error) {
	base := keyOf(name)
	taken := make(map[string]bool)
	for _, archived := range []bool{false, true} {
		all, err := s.store.Segments(ctx, archived)
		if err != nil {
			return "", err
		}
		for i := range all {
			taken[all[i].Key] = true
		}
	}
	key := base
	for n := 2; taken[key]; n++ {
		key = fmt.Sprintf("%s-%d", base, n)
	}
	return key, nil
}

// Edit changes a segment. With another query its members are found again at once.
func (s *Service) Edit(ctx context.Context, ref string, c Change, by string) (Segment, error) {
	g, err := s.live(ctx, ref)
	if err != nil {
		return g, err
	}
	d := Draft{Name: pick(c.Name, g.Name), Description: pick(c.Description, g.Description), Color: pick(c.Color, g.Color), Owner: pick(c.Owner, g.Owner)}
	if err := d.Validate(); err != nil {
		return g, err
	}
	old := g.Query
	g.Name, g.Description, g.Color, g.Owner = d.Name, d.Description, d.Color, d.Owner
	if c.Query != nil {
		text, root, err := s.canonical(ctx, *c.Query)
		if err != nil {
			return g, err
		}
		if err := s.noCircle(ctx, g.ID, g.Name, root); err != nil {
			return g, err
		}
		if text != g.Query {
			g.Query = text
			g.Version++
		}
	}
	if err := s.store.ChangeSegment(ctx, g, by); err != nil {
		return g, fmt.Errorf("changing segment %s: %w", g.Key, err)
	}
	if g.Query != old {
		if err := s.evaluateNow(ctx, &g, CauseQuery); err != nil {
			return g, err
		}
	}
	if err := s.audit.Audit(ctx, by, "segment.edit", "segment "+g.Key, g.Query); err != nil {
		return g, fmt.Errorf("writing the audit log: %w", err)
	}
	return s.store.Segment(ctx, g.Key)
}

func pick(v *string, or string) string {
	if v == nil {
		return or
	}
	return *v
}

// live finds a segment that is not archived.
func (s *Service) live(ctx context.Context, ref string) (Segment, error) {
	g, err := s.store.Segment(ctx, ref)
	if err == nil && !g.ArchivedAt.IsZero() {
		err = greenroom.Errorf(greenroom.CodeConflict, "the segment %s is archived; restore it first", g.Name)
	}
	return g, err
}

// Archive puts a segment away: it is evaluated no more and cannot be named. Its history stays, and it can be restored.
func (s *Service) Archive(ctx context.Context, ref, by string) (Segment, error) {
	g, err := s.live(ctx, ref)
	if err != nil {
		return g, err
	}
	using, err := s.UsedBy(ctx, g.Key)
	if err != nil {
		return g, err
	}
	if len(using) > 0 {
		return g, greenroom.Errorf(greenroom.CodeConflict, "the query of %s names this segment; change or archive that one first", using[0].Name)
	}
	return s.archive(ctx, &g, true, "segment.archive", by)
}

// Restore takes back that a segment was archived. Who came and went meanwhile counts as of now.
func (s *Service) Restore(ctx context.Context, ref, by string) (Segment, error) {
	g, err := s.store.Segment(ctx, ref)
	if err != nil || g.ArchivedAt.IsZero() {
		return g, err
	}
	_, root, err := s.canonical(ctx, g.Query)
	if err != nil {
		return g, err
	}
	if err := s.noCircle(ctx, g.ID, g.Name, root); err != nil { // others may have changed meanwhile
		return g, err
	}
	if g, err = s.archive(ctx, &g, false, "segment.restore", by); err != nil {
		return g, err
	}
	if err := s.evaluateNow(ctx, &g, CauseMade); err != nil {
		return g, err
	}
	return s.store.Segment(ctx, g.Key)
}

func (s *Service) archive(ctx context.Context, g *Segment, archived bool, what, by string) (Segment, error) {
	if err := s.store.ArchiveSegment(ctx, g.ID, archived); err != nil {
		return *g, fmt.Errorf("archiving segment %s: %w", g.Key, err)
	}
	if err := s.audit.Audit(ctx, by, what, "segment "+g.Key, ""); err != nil {
		return *g, fmt.Errorf("writing the audit log: %w", err)
	}
	return s.store.Segment(ctx, g.Key)
}

// canonical parses a query and writes it as Greenroom does, with the segments that it names by their keys, which do not
// change when they are called something else. The order of a list is no part of a segment.
func (s *Service) canonical(ctx context.Context, text string) (string, query.Node, error) {
	q, err := query.Parse(s.schema, text)
	if err != nil {
		return "", nil, greenroom.Errorf(greenroom.CodeInvalid, "the query cannot be used: %s", err)
	}
	if q.Root == nil {
		return "", nil, greenroom.Errorf(greenroom.CodeInvalid, "a segment needs a query; one for everybody is the list of members itself")
	}
	if err := s.byKey(ctx, q.Root); err != nil {
		return "", nil, err
	}
	text = query.Format(q.Root)
	if len(text) > query.MaxLength {
		return "", nil, greenroom.Errorf(greenroom.CodeInvalid, "the query is too long")
	}
	return text, q.Root, nil
}

// byKey has a query name segments by their keys.
func (s *Service) byKey(ctx context.Context, root query.Node) error {
	if len(names(root)) == 0 {
		return nil
	}
	all, err := s.store.Segments(ctx, false)
	if err != nil {
		return err
	}
	query.Walk(root, func(n query.Node) bool {
		t, ok := n.(*query.Term)
		if !ok || t.Field.Attr != fieldSegment {
			return true
		}
		for i := range t.Values {
			name, day, dated := strings.Cut(t.Values[i].Text, "@")
			g := find(all, name)
			switch {
			case g == nil && err == nil:
				err = greenroom.Errorf(greenroom.CodeInvalid, "there is no segment %q", name)
			case g != nil && dated:
				t.Values[i].Text = g.Key + "@" + day
			case g != nil:
				t.Values[i].Text = g.Key
			}
		}
		return true
	})
	return err
}

// fieldSegment is the field of the query language that names segments.
const fieldSegment = "segment"

// names lists the segments that a query names, as it writes them, without days.
func names(root query.Node) []string {
	var all []string
	query.Walk(root, func(n query.Node) bool {
		if t, ok := n.(*query.Term); ok && t.Field.Attr == fieldSegment {
			for _, v := range t.Values {
				if name, _, _ := strings.Cut(v.Text, "@"); !slices.Contains(all, name) {
					all = append(all, name)
				}
			}
		}
		return true
	})
	return all
}

// find is the segment that a query means by a name; nil = there is none.
func find(all []Segment, name string) *Segment {
	for i := range all {
		if strings.EqualFold(all[i].Key, name) {
			return &all[i]
		}
	}
	for i := range all {
		if strings.EqualFold(all[i].Name, name) {
			return &all[i]
		}
	}
	return nil
}

// noCircle makes sure that the segments which a query names are there, and do not lead back to the segment itself.
func (s *Service) noCircle(ctx context.Context, id int64, name string, root query.Node) error {
	all, err := s.store.Segments(ctx, false)
	if err != nil {
		return err
	}
	var walk func(root query.Node, path []string) error
	walk = func(root query.Node, path []string) error {
		for _, named := range names(root) {
			g := find(all, named)
			if g == nil || len(path) > len(all)+1 {
				continue // a problem of that segment, which says so itself
			}
			next := append(slices.Clone(path), g.Name)
			if g.ID == id {
				return greenroom.Errorf(greenroom.CodeInvalid, "the segments would go round in a circle: %s", strings.Join(next, " → "))
			}
			q, err := query.Parse(s.schema, g.Query)
			if err != nil {
				continue // it is stored with its problem
			}
			if err := walk(q.Root, next); err != nil {
				return err
			}
		}
		return nil
	}
	return walk(root, []string{name})
}

// UsedBy lists the segments whose queries name one.
func (s *Service) UsedBy(ctx context.Context, ref string) ([]Segment, error) {
	g, err := s.store.Segment(ctx, ref)
	if err != nil {
		return nil, err
	}
	all, err := s.store.Segments(ctx, false)
	if err != nil {
		return nil, err
	}
	using := []Segment{}
	for i := range all {
		q, err := query.Parse(s.schema, all[i].Query)
		if err != nil {
			continue
		}
		if slices.ContainsFunc(names(q.Root), func(n string) bool { f := find(all, n); return f != nil && f.ID == g.ID }) {
			using = append(using, all[i])
		}
	}
	return using, nil
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
