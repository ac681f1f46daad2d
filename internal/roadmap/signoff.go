// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package roadmap

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// SignOff is somebody's word that a plan holds as it is.
type SignOff struct {
	As      string    `json:"as" doc:"approval, of who decides, or sponsor, of who pays or stands behind it."`
	By      string    `json:"by" doc:"Who."`
	At      time.Time `json:"at" doc:"When."`
	Comment string    `json:"comment,omitempty" doc:"What they said."`
}

// What plans are signed off as.
const (
	Approval = "approval"
	Sponsor  = "sponsor"
)

const signedOff = "signed off: "

// SignOff stores that somebody signs a plan off as it is now. What is changed later is told by Since.
func (s *Service) SignOff(ctx context.Context, plan int64, as, comment, by string) (Plan, error) {
	p, err := s.store.Plan(ctx, plan)
	if err != nil {
		return p, err
	}
	comment = strings.TrimSpace(comment)
	switch {
	case as != Approval && as != Sponsor:
		return p, bad("a plan is signed off as approval or as sponsor, not as %q", as)
	case utf8.RuneCountInString(comment) > maxText:
		return p, bad("a comment has at most %d characters", maxText)
	case len(p.SignOffs) == maxList:
		return p, bad("a plan is signed off at most %d times", maxList)
	}
	p.SignOffs = append(p.SignOffs, SignOff{As: as, By: by, At: s.now(), Comment: comment})
	if _, err := s.store.KeepStep(ctx, Step{Plan: plan, What: signedOff + as, By: by, Plans: []Plan{p}}); err != nil {
		return p, fmt.Errorf("signing a plan off: %w", err)
	}
	return s.store.Plan(ctx, plan)
}

// Since gives what was changed of a plan, of changes with the newest first, after it was last signed off; none where it never
// was. What was taken back again is left out.
func Since(p *Plan, changes []Change) []Change {
	if len(p.SignOffs) == 0 {
		return nil
	}
	var after []Change
	for _, c := range changes {
		if strings.HasPrefix(c.What, signedOff) && !c.Undone {
			break
		}
		if !c.Undone {
			after = append(after, c)
		}
	}
	return after
}
