// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLive(t *testing.T) {
	live := play(t, []Record{
		record("a1", "Jane Roebuckle", "jane@roebuckle.org"), record("a2", "Jane Roebuckle", "jroebuckle@corp.com"),
		record("b", "Peter Quillfeather", "peter@quillfeather.org"),
	}).Live()

	add := func(r Record) Placement {
		t.Helper()
		p, err := live.Add(r)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	if p := add(record("n1", "jroebuckle", "77+jroebuckle@users.noreply.github.com")); !cmp.Equal(p.Cluster, []string{"a1", "a2"}) || p.Probability < DefaultAuto {
		t.Errorf("a login made of a known name: %+v, want it with a1 and a2", p)
	}
	if p := add(record("n2", "", "77+renamed@users.noreply.github.com")); !cmp.Equal(p.Cluster, []string{"a1", "a2", "n1"}) {
		t.Errorf("the account number of a newcomer: %+v, want it with a1, a2 and n1", p)
	}
	if p := add(record("n3", "Zoltan Wintergreen", "zw@wintergreen.hu")); p.Joined != "" || len(p.Suggestions) > 0 {
		t.Errorf("a stranger: %+v, want nothing", p)
	}
	// An address of two people must not bridge them, however strong it is.
	if p := add(record("n4", "", "peter@quillfeather.org", handles("jroebuckle"))); len(p.Cluster) != 1 || p.Cluster[0] != "b" {
		t.Errorf("a bridge: %+v, want it with b alone", p)
	}
	if x, ok := live.Explain("n4", "a1"); !ok || x.Together {
		t.Errorf("a bridge: %+v, want it apart from a1", x)
	}
	if p := add(record("n5", "pquillfeather", "88+pquillfeather@users.noreply.github.com")); !cmp.Equal(p.Cluster, []string{"b", "n4"}) {
		t.Errorf("a login that nobody had: %+v, want it with b and n4", p)
	}
	if _, err := live.Add(record("a1", "", "")); err == nil {
		t.Error("an ID that is known was added again")
	}
	if _, err := live.Add(record("n3", "", "")); err == nil {
		t.Error("the ID of a newcomer was added again")
	}
}

// TestCandidates checks that one identity asked about alone gets the answers
// that it got among all: the same ones where it is counted already, and much
// the same where it is new and nobody rivals.
func TestCandidates(t *testing.T) {
	engine := newEngine(t, Config{})
	res := engine.Resolve(crowd, nil)
	known := engine.Resolve(crowd, nil).Live()
	for i := 0; i < len(crowd); i += 3 {
		for _, x := range known.Candidates(crowd[i]) {
			want, _ := res.Explain(x.A, x.B)
			if math.Abs(x.Probability-want.Probability) > 0.005 {
				t.Errorf("%v and %s: %.6f alone, %.6f among all: %s\n%s", crowd[i], x.A, x.Probability, want.Probability, x.Summary(), want.Summary())
			}
		}
		if i%60 > 0 {
			continue
		}
		live, err := engine.Index(slices.Concat(crowd[:i], crowd[i+1:]), nil, res.Weights())
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range live.Candidates(crowd[i]) {
			want, _ := res.Explain(x.A, x.B)
			if !outdone(x) && math.Abs(x.Probability-want.Probability) > 0.2 {
				t.Errorf("%v and %s: %.3f new, %.3f among all: %s\n%s", crowd[i], x.A, x.Probability, want.Probability, x.Summary(), want.Summary())
			}
		}
	}
}

func outdone(x Explanation) bool {
	return slices.ContainsFunc(x.Evidence, func(e Evidence) bool { return e.Kind == KindRivals })
}

// TestIndex checks that a Live made anew from decisions and weights goes on
// where one made of a result would.
func TestIndex(t *testing.T) {
	engine := newEngine(t, Config{})
	split := len(crowd) - 200
	res := engine.Resolve(crowd[:split], nil)
	var decided []Decision
	for _, m := range res.Merges {
		decided = append(decided, Decision{A: m.A, B: m.B, Same: true})
	}
	again, err := engine.Index(crowd[:split], decided, res.Weights())
	if err != nil {
		t.Fatal(err)
	}
	live := res.Live()
	for _, r := range crowd[split:] {
		if diff := cmp.Diff(live.Candidates(r), again.Candidates(r)); diff != "" {
			t.Fatalf("candidates for %+v (-result +index):\n%s", r, diff)
		}
		a, errA := live.Add(r)
		b, errB := again.Add(r)
		if diff := cmp.Diff(a, b); errA != nil || errB != nil || diff != "" {
			t.Fatalf("%+v (-result +index):\n%s%v %v", r, diff, errA, errB)
		}
	}
	if _, err := engine.Index(nil, nil, res.Weights()[1:]); err == nil {
		t.Error("weights of another version were taken")
	}
}
