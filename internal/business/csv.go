// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package business

import (
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// WriteCSV writes accounts as a table; reasons are joined by "; ".
func WriteCSV(to *csv.Writer, all []View) error {
	rows := [][]string{{"id", "account", "lifecycle", "health", "points", "reasons", "opportunity", "signals", "people", "active_90d", "open_questions", "open_tickets", "mrr", "pipeline", "currency", "renewal", "owner", "next_step", "follow_up", "snoozed", "problems"}}
	number := func(v float64) string { return strconv.FormatFloat(v, 'f', 2, 64) }
	for i := range all {
		v := &all[i]
		renewal := ""
		if !v.Renewal.IsZero() {
			renewal = v.Renewal.Format(time.DateOnly)
		}
		row := []string{
			strconv.FormatInt(v.Organization, 10), v.Name, string(v.Lifecycle.State), string(v.Health.Level), strconv.Itoa(v.Health.Points), texts(v.Health.Reasons), strconv.Itoa(v.ChancePts), texts(v.Chances),
			strconv.FormatInt(v.People, 10), strconv.Itoa(v.Active), strconv.Itoa(v.Questions), strconv.Itoa(v.Open), number(v.MRR), number(v.Pipeline), v.Currency, renewal, v.Owner, v.NextStep, v.FollowUp, v.Snoozed, strings.Join(v.Problems, "; "),
		}
		for n := range row {
			row[n] = plainCell(row[n])
		}
		rows = append(rows, row)
	}
	if err := to.WriteAll(rows); err != nil {
		return fmt.Errorf("writing accounts: %w", err)
	}
	return nil
}

// plainCell keeps a text from being taken for a formula by a spreadsheet.
func plainCell(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}

func texts(reasons []Reason) string {
	all := make([]string, len(reasons))
	for i := range reasons {
		all[i] = reasons[i].Text
	}
	return strings.Join(all, "; ")
}
