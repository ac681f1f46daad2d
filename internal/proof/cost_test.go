// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package proof_test

import (
	"strings"
	"testing"

	"greenroom/internal/proof"
)

// FuzzReadCosts feeds tables of costs: what is read holds.
func FuzzReadCosts(f *testing.F) {
	f.Add("name,category,rhythm,from,until,amount,currency,hours,rate,share,note\nTools,tools,month,2026-01-01,,100,EUR,,,1,x\n")
	f.Add("name,category,rhythm,from,until,amount,currency,hours,rate,share,note\n0\"0,x\n")
	f.Add("\"")
	f.Fuzz(func(t *testing.T, text string) {
		all, err := proof.ReadCosts(strings.NewReader(text))
		if err != nil {
			return
		}
		for i := range all {
			if err := all[i].Validate(); err != nil {
				t.Errorf("%+v was read: %v", all[i], err)
			}
		}
	})
}
