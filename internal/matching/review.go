// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package matching

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"greenroom"
	"greenroom/internal/identity"
	"greenroom/internal/impact/noise"
)

// Verdict is what a person says of a pair.
type Verdict string

// The verdicts.
const (
	Same  Verdict = "same"  // one person
	Other Verdict = "other" // two people, for good
	Later Verdict = "later" // cannot be told now; not asked again
)

// Suggested is a suggestion as it is stored: identities, and the members that they belong to now.
type Suggested struct {
	Pair
	MemberA, MemberB int64
}

// Review is what somebody said of a pair.
type Review struct {
	ID, A, B    int64
	Probability float64
	Verdict     Verdict
	Checked     bool  // it was a merge of the model, drawn to see how well it does
	Decision    int64 // what was decided by it; 0 = nothing
	Batch       int64 // the first review of those that were given at once; 0 = given alone
	By          string
	At          time.Time
}

// Query narrows the queue.
type Query struct {
	AtLeast float64 // probability
	Kind    string  // of the evidence that speaks most for it; "" = any
	Limit   int     // 0 = 50
}

// Queue keeps what is to be judged, and what was.
type Queue interface {
	// Suggestions lists what waits for a person, what is worth most first, and counts the whole.
	Suggestions(ctx context.Context, q Query) (all []Suggested, total int64, err error)
	// Suggestion finds one pair of identities, in whatever order.
	Suggestion(ctx context.Context, a, b int64) (Suggested, error)
	// Separate says that two identities of one member are not one person.
	Separate(ctx context.Context, a, b int64, by string) (decision int64, err error)
	AddReview(ctx context.Context, r Review) (id int64, err error)
	UndoReview(ctx context.Context, id int64, by string) (decisions []int64, err error)
	Linked
}

// Linked tells of what the model joined, and how well it does.
type Linked interface {
	ReviewCounts(ctx context.Context) (Counts, error)
	// Links lists what the model joined.
	Links(ctx context.Context) ([]Suggested, error)
	// Unchecked draws links that nobody has checked yet, in an order that has nothing to do with what they are.
	Unchecked(ctx context.Context, limit int) ([]Suggested, error)
	MemberOf(ctx context.Context, identities []int64) (map[int64]int64, error)
}

// Counts is how many pairs were judged, and how.
type Counts struct {
	Same, Other, Later         int64 // of suggestions
	CheckedRight, CheckedWrong int64 // of the model's own merges
	Unchecked                  int64 // merges of the model that nobody has looked at
}

// Objects reads members.
type Objects interface {
	Member(ctx context.Context, id int64) (greenroom.Member, error)
	MemberIdentities(ctx context.Context, member int64) ([]greenroom.Identity, error)
	KeepApart(ctx context.Context, one, other int64, reason, by string) (decision int64, err error)
}

// Members merges, and takes decisions back.
type Members interface {
	Merge(ctx context.Context, into, from int64, reason, by string) (int64, error)
	Undo(ctx context.Context, decision int64, by string) (greenroom.Decision, error)
}

// Auditor keeps the log of who did what.
type Auditor interface {
	Audit(ctx context.Context, actor, action, target, detail string) error
}

// Side is one of two members of a suggestion.
type Side struct {
	Member     greenroom.Member     `json:"member"`
	Identities []greenroom.Identity `json:"identities"`
}

// Match is a pair for a person to judge, with all that helps to.
type Match struct {
	A           int64      `json:"a"` // identities
	B           int64      `json:"b"`
	Probability float64    `json:"probability"`
	Value       float64    `json:"value"`
	Evidence    []Evidence `json:"evidence"`
	Left        Side       `json:"left"`
	Right       Side       `json:"right"`
}

// Quality is how well the model does, as far as people have looked.
type Quality struct {
	Counts
	// Precision is the share of its merges that are right, by those that were checked; Low and High are its 95 % interval
	// (Wilson). Without any it is nil.
	Precision *float64
	Low, High float64
}

// Reviewer lets people judge.
type Reviewer struct {
	*Matcher

	queue   Queue
	objects Objects
	members Members
	audit   Auditor
	wake    func()
}

// NewReviewer returns a reviewer of what the matcher finds. Wake is called after each judgement, so that what follows from it is derived.
func NewReviewer(m *Matcher, queue Queue, objects Objects, members Members, audit Auditor, wake func()) *Reviewer {
	return &Reviewer{Matcher: m, queue: queue, objects: objects, members: members, audit: audit, wake: wake}
}

// Suggestions lists what waits for a person, with both members of each pair, and counts the whole.
func (r *Reviewer) Suggestions(ctx context.Context, q Query) ([]Match, int64, error) {
	pairs, total, err := r.queue.Suggestions(ctx, q)
	if err != nil {
		return nil, 0, fmt.Errorf("reading suggestions: %w", err)
	}
	all, err := r.whole(ctx, pairs)
	return all, total, err
}

// Unchecked draws merges of the model for a person to check. Both sides are the same member; Left has one identity of the
// pair and Right the other.
func (r *Reviewer) Unchecked(ctx context.Context, limit int) ([]Match, error) {
	pairs, err := r.queue.Unchecked(ctx, limit)
	if err != nil {
		return nil, fmt.Errorf("reading merges to be checked: %w", err)
	}
	return r.whole(ctx, pairs)
}

func (r *Reviewer) whole(ctx context.Context, pairs []Suggested) ([]Match, error) {
	all := make([]Match, 0, len(pairs))
	for _, p := range pairs {
		s := Match{A: p.A, B: p.B, Probability: p.Probability, Value: p.Value, Evidence: p.Evidence}
		var err error
		if s.Left, err = r.side(ctx, p.MemberA); err == nil {
			s.Right, err = r.side(ctx, p.MemberB)
		}
		if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
			continue // erased meanwhile
		}
		if err != nil {
			return nil, err
		}
		if p.MemberA == p.MemberB {
			s.Left.Identities, s.Right.Identities = only(s.Left.Identities, p.A), only(s.Right.Identities, p.B)
		}
		all = append(all, s)
	}
	return all, nil
}

func only(all []greenroom.Identity, id int64) []greenroom.Identity {
	for i := range all {
		if all[i].ID == id {
			return all[i : i+1]
		}
	}
	return nil
}

func (r *Reviewer) side(ctx context.Context, member int64) (Side, error) {
	m, err := r.objects.Member(ctx, member)
	if err != nil {
		return Side{}, fmt.Errorf("reading member %d: %w", member, err)
	}
	identities, err := r.objects.MemberIdentities(ctx, member)
	if err != nil {
		return Side{}, fmt.Errorf("reading the accounts of member %d: %w", member, err)
	}
	return Side{m, identities}, nil
}

// Judge does what a person says of a suggestion: one person, two people for good, or not to be told now. It returns the
// review by which that can be undone.
func (r *Reviewer) Judge(ctx context.Context, a, b int64, v Verdict, by string) (int64, error) {
	p, err := r.queue.Suggestion(ctx, a, b)
	if err != nil {
		return 0, err
	}
	return r.judge(ctx, p, v, 0, by)
}

func (r *Reviewer) judge(ctx context.Context, p Suggested, v Verdict, batch int64, by string) (int64, error) {
	var decision int64
	var err error
	switch v {
	case Same:
		into, from := p.MemberA, p.MemberB
		if into == from {
			return 0, greenroom.Errorf(greenroom.CodeConflict, "these accounts belong to one member already")
		}
		if into > from {
			into, from = from, into
		}
		decision, err = r.members.Merge(ctx, into, from, why(p), by)
	case Other:
		decision, err = r.objects.KeepApart(ctx, p.MemberA, p.MemberB, "judged not to be the same person", by)
		if err == nil {
			err = r.audit.Audit(ctx, by, "member.apart", fmt.Sprintf("member %d", p.MemberA), fmt.Sprintf("is not member %d", p.MemberB))
		}
	case Later:
	default:
		return 0, greenroom.Errorf(greenroom.CodeInvalid, "there is no verdict %q; say same, other or later", v)
	}
	if err != nil {
		return 0, fmt.Errorf("judging a pair: %w", err)
	}
	id, err := r.queue.AddReview(ctx, Review{A: p.A, B: p.B, Probability: p.Probability, Verdict: v, Decision: decision, Batch: batch, By: by})
	if err != nil {
		return 0, fmt.Errorf("keeping a judgement: %w", err)
	}
	r.wake()
	return id, nil
}

// why is what stands in the history of a member that was merged on a suggestion.
func why(p Suggested) string {
	s := fmt.Sprintf("accepted suggestion (%.0f %%)", 100*p.Probability)
	if text := reason(p.Evidence); text != "" {
		s += ": " + text
	}
	return s
}

// JudgeAll accepts every suggestion that a query finds. It returns how many it accepted, how many it could not, since the
// others had changed who is who, and the review by which all of them can be undone.
func (r *Reviewer) JudgeAll(ctx context.Context, q Query, by string) (accepted, passed int, batch int64, err error) {
	q.Limit = MaxSuggestions
	pairs, _, err := r.queue.Suggestions(ctx, q)
	if err != nil {
		return 0, 0, 0, fmt.Errorf("reading suggestions: %w", err)
	}
	for _, p := range pairs {
		// Each merge may move the members of those that follow.
		now, err := r.queue.Suggestion(ctx, p.A, p.B)
		if err == nil {
			var id int64
			if id, err = r.judge(ctx, now, Same, batch, by); err == nil {
				accepted++
				if batch == 0 {
					batch = id
				}
				continue
			}
		}
		var e *greenroom.Error
		if !errors.As(err, &e) {
			return accepted, passed, batch, err
		}
		passed++
	}
	return accepted, passed, batch, nil
}

// Check says of a merge of the model whether it was right. One that was not is taken apart, for good.
func (r *Reviewer) Check(ctx context.Context, a, b int64, right bool, by string) (int64, error) {
	v := Review{A: min(a, b), B: max(a, b), Verdict: Same, Checked: true, By: by}
	if !right {
		v.Verdict = Other
		var err error
		if v.Decision, err = r.queue.Separate(ctx, v.A, v.B, by); err != nil {
			return 0, fmt.Errorf("taking a merge apart: %w", err)
		}
	}
	id, err := r.queue.AddReview(ctx, v)
	if err != nil {
		return 0, fmt.Errorf("keeping a judgement: %w", err)
	}
	r.wake()
	return id, nil
}

// Undo takes a judgement back, with all that were given at once with it.
func (r *Reviewer) Undo(ctx context.Context, review int64, by string) error {
	decisions, err := r.queue.UndoReview(ctx, review, by)
	if err != nil {
		return err
	}
	var errs []error
	for _, d := range decisions {
		if _, err := r.members.Undo(ctx, d, by); err != nil && greenroom.ErrorCode(err) != greenroom.CodeConflict {
			errs = append(errs, err)
		}
	}
	r.wake()
	return errors.Join(errs...)
}

// Quality says how well the model does.
func (r *Reviewer) Quality(ctx context.Context) (Quality, error) {
	c, err := r.queue.ReviewCounts(ctx)
	if err != nil {
		return Quality{}, fmt.Errorf("counting judgements: %w", err)
	}
	q := Quality{Counts: c}
	if n := c.CheckedRight + c.CheckedWrong; n > 0 {
		p := float64(c.CheckedRight) / float64(n)
		q.Precision = &p
		q.Low, q.High = noise.Wilson(c.CheckedRight, n)
	}
	return q, nil
}

// Preview is what would be different with other thresholds, or with another model.
type Preview struct {
	Found          *Found
	Joined, Parted []Match // pairs that would be joined anew or no longer, the first of them
	Joins, Parts   int     // how many there are in all
}

// previewed is how many of the pairs that would change a preview shows.
const previewed = 20

// Preview looks at everybody with other thresholds and keeps nothing.
func (r *Reviewer) Preview(ctx context.Context, auto, suggest float64) (*Preview, error) {
	found, err := r.Try(ctx, auto, suggest)
	if err != nil {
		return nil, err
	}
	links, err := r.queue.Links(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading what is joined: %w", err)
	}
	have, want := make(map[[2]int64]bool), make(map[[2]int64]bool)
	for _, l := range links {
		have[[2]int64{l.A, l.B}] = true
	}
	p := &Preview{Found: found}
	var joined, parted []Suggested
	for _, l := range found.Links {
		want[[2]int64{l.A, l.B}] = true
		if !have[[2]int64{l.A, l.B}] {
			p.Joins++
			joined = append(joined, Suggested{Pair: l})
		}
	}
	for _, l := range links {
		if !want[[2]int64{l.A, l.B}] {
			p.Parts++
			parted = append(parted, l)
		}
	}
	joined, parted = joined[:min(len(joined), previewed)], parted[:min(len(parted), previewed)]
	if err := r.place(ctx, joined); err != nil {
		return nil, err
	}
	if p.Joined, err = r.whole(ctx, joined); err == nil {
		p.Parted, err = r.whole(ctx, parted)
	}
	return p, err
}

// place says of pairs which members they belong to.
func (r *Reviewer) place(ctx context.Context, pairs []Suggested) error {
	var ids []int64
	for _, p := range pairs {
		ids = append(ids, p.A, p.B)
	}
	of, err := r.queue.MemberOf(ctx, ids)
	if err != nil {
		return fmt.Errorf("reading whose accounts they are: %w", err)
	}
	for i := range pairs {
		pairs[i].MemberA, pairs[i].MemberB = of[pairs[i].A], of[pairs[i].B]
	}
	return nil
}

// Waiting tells of an upgrade whose model nobody has agreed to yet.
func (r *Reviewer) Waiting(ctx context.Context) (bool, error) {
	s, _, err := r.store.MatchSettings(ctx)
	return s.Model != 0 && s.Model != identity.ModelVersion, err
}

// MatchSettings is what the model may decide, and what it found last.
func (r *Reviewer) MatchSettings(ctx context.Context) (Settings, State, error) {
	return r.store.MatchSettings(ctx)
}

// ParsePercent reads a probability that is written in percent; "" is 0.
func ParsePercent(text string) (float64, error) {
	if text == "" {
		return 0, nil
	}
	p, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(text, "%")), 64)
	if err != nil || p < 0 || p > 100 {
		return 0, greenroom.Errorf(greenroom.CodeInvalid, "%q is no percentage; write a number from 0 to 100", text)
	}
	return p / 100, nil
}
