// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package goal

// Gap is something in the tree that serves nothing, or that nothing serves.
type Gap struct {
	Goal int64  `json:"goal,omitempty" doc:"The goal, where it is one."`
	Plan int64  `json:"plan,omitempty" doc:"The plan, where it is one."`
	Name string `json:"name" doc:"What it is called."`
	Says string `json:"says" doc:"What is missing."`
}

// PlanRef names a plan, for what it serves.
type PlanRef struct {
	ID, Goal int64
	Name     string
}

// Gaps finds, in a tree, key results and community goals that serve nothing, goals that are not measured or for which
// nothing is planned, and plans that serve no goal. Plans may be nil where there are none to be known of; then nothing is
// said about them.
func Gaps(tree []Standing, plans []PlanRef) []Gap {
	gaps := []Gap{}
	planned, known := make(map[int64]bool), make(map[int64]bool)
	for _, p := range plans {
		planned[p.Goal] = true
	}
	var walk func(st *Standing) (served bool)
	walk = func(st *Standing) bool {
		known[st.ID] = true
		measured, covered := st.Kind == KeyResult, planned[st.ID]
		for i := range st.Serving {
			if walk(&st.Serving[i]) {
				covered = true
			}
			measured = measured || hasKeyResult(&st.Serving[i])
		}
		switch {
		case st.Kind != Company && st.Parent == 0:
			gaps = append(gaps, Gap{Goal: st.ID, Name: st.Title, Says: "serves no goal"})
		case !measured:
			gaps = append(gaps, Gap{Goal: st.ID, Name: st.Title, Says: "has no key result, so nobody can tell whether it is reached"})
		}
		if plans != nil && !covered && st.Kind == Community {
			gaps = append(gaps, Gap{Goal: st.ID, Name: st.Title, Says: "has no plan"})
		}
		return covered
	}
	for i := range tree {
		walk(&tree[i])
	}
	for _, p := range plans {
		if !known[p.Goal] {
			gaps = append(gaps, Gap{Plan: p.ID, Name: p.Name, Says: "serves no goal"})
		}
	}
	return gaps
}

func hasKeyResult(st *Standing) bool {
	if st.Kind == KeyResult {
		return true
	}
	for i := range st.Serving {
		if hasKeyResult(&st.Serving[i]) {
			return true
		}
	}
	return false
}
