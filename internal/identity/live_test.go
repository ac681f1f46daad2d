// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

import (
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
