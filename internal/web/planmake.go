// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/http"
	"strings"

	"greenroom/internal/roadmap"
)

// makeFor makes what a task names, and goes back to the plan, where the way to it stands.
func (p *roadmapPages) makeFor(w http.ResponseWriter, r *http.Request) error {
	t, err := p.taskOf(r)
	if err != nil {
		return err
	}
	if t, err = p.cfg.Plans.Make(r.Context(), t.Plan, t.ID, person(r).Actor); err != nil {
		return err
	}
	said := t.Made[0].Title + " is there, and linked with the task."
	if kind, _, _ := strings.Cut(t.Makes, ":"); kind != roadmap.MakesTopics && kind != roadmap.MakesAlert {
		said += " It does nothing before you turn it on."
	}
	return p.back(w, r, planHref(t.Plan), said, "")
}
