// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package corpus

import (
	"strings"
	"testing"

	"greenroom/internal/text"
)

func TestRows(t *testing.T) {
	rows, err := Rows()
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for i := range rows {
		r := &rows[i]
		if len(strings.Fields(r.Text)) == 0 || r.Text != strings.TrimSpace(r.Text) {
			t.Errorf("%s: the text %q is empty or has blanks around it", r.File, r.Text)
		}
		if (r.Category == "") == (r.Issue == "") {
			t.Errorf("%s: %q has to have either a category or a kind of issue", r.File, r.Text)
		}
		for _, c := range []struct {
			value string
			parse func(string) error
		}{
			{r.Category, func(s string) error { _, err := text.ParseCategory(s); return err }},
			{r.Sentiment, func(s string) error { _, err := text.ParseSentiment(s); return err }},
			{r.Urgency, func(s string) error { _, err := text.ParseUrgency(s); return err }},
		} {
			if c.value != "" {
				if err := c.parse(c.value); err != nil || c.value == "unsure" {
					t.Errorf("%s: %q: %q, %v", r.File, r.Text, c.value, err)
				}
			}
		}
		count["category "+r.Category]++
		count["sentiment "+r.Sentiment]++
		count["issue "+r.Issue]++
	}
	for _, c := range text.Categories() {
		if n := count["category "+c.String()]; n < 80 {
			t.Errorf("%s has %d messages", c, n)
		}
	}
	for _, issue := range []string{"bug", "feature", "question"} {
		if n := count["issue "+issue]; n < 90 {
			t.Errorf("%d tickets are of kind %s", n, issue)
		}
	}
}

// TestVariety: no two messages are alike, as they would be if a template had made them.
func TestVariety(t *testing.T) {
	rows, err := Rows()
	if err != nil {
		t.Fatal(err)
	}
	sets := make([]map[string]bool, len(rows))
	for i := range rows {
		sets[i] = map[string]bool{}
		words := strings.Fields(strings.ToLower(rows[i].Text))
		for j := range words {
			sets[i][strings.Join(words[j:min(j+2, len(words))], " ")] = true
		}
		for j := range i {
			if rows[i].Text == rows[j].Text {
				t.Errorf("%s and %s both have %q", rows[j].File, rows[i].File, rows[i].Text)
				continue
			}
			shared := 0
			for p := range sets[j] {
				if sets[i][p] {
					shared++
				}
			}
			if all := len(sets[i]) + len(sets[j]) - shared; len(words) > 3 && 10*shared > 6*all {
				t.Errorf("%q is much like %q", rows[i].Text, rows[j].Text)
			}
		}
	}
}
