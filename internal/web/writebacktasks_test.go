// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestAccountActionRows lists of an account its tasks in CRMs, and writes that are open or have failed; the action is linked for those
// who may see it.
func TestAccountActionRows(t *testing.T) {
	all, err := new(office).AccountActions(t.Context(), 7, 50)
	if err != nil {
		t.Fatal(err)
	}
	rows := func(may bool) (told []string) {
		for i := range all {
			if r, ok := accountActionRow(&all[i], may); ok {
				links := 0
				for _, m := range r.Meta {
					if m.Href != "" {
						links++
					}
				}
				told = append(told, fmt.Sprintf("%s: %s [%s] %s, %d", r.Foot[0].Text, r.Title, r.Foot[1].Text, r.Href, links))
			}
		}
		return told
	}
	want := []string{"in forum: Talk to them" + payload + " [waits] , 1", "in forum: They renew [made] https://crm.example/t/1, 1", "in forum: Write 2 fields [failed] , 1"}
	if diff := cmp.Diff(want, rows(true)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := rows(false); len(got) != 3 || got[1] != "in forum: They renew [made] https://crm.example/t/1, 0" {
		t.Errorf("who may not see actions is shown %q", got)
	}
}
