// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package business

import (
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"greenroom"
)

// Told is a deal as the source's own export tells it.
type Told struct {
	ID       string
	Stage    string
	Amount   float64
	Currency string // "" = the export does not say
	Month    string // in which it was opened, YYYY-MM; "" = not told
}

// Group is how many deals of one stage were opened in one month, and what they are worth in one currency: here, and by the source.
type Group struct {
	Stage     string  `json:"stage"`
	Month     string  `json:"month"`
	Currency  string  `json:"currency"`
	Count     int     `json:"count"`
	Sum       float64 `json:"sum"`
	Theirs    int     `json:"theirs"`     // -1 = no export was given
	TheirsSum float64 `json:"theirs_sum"` // in the same currency
	IDs       []int64 `json:"ids"`        // of the deals here
}

// Agrees reports whether both sides tell the same.
func (g *Group) Agrees() bool {
	return g.Theirs < 0 || g.Theirs == g.Count && math.Abs(g.Sum-g.TheirsSum) < 0.005*float64(max(1, g.Count))
}

// Difference is a deal that is not the same on both sides.
type Difference struct {
	ExternalID string `json:"external_id"`
	Deal       int64  `json:"deal,omitempty"` // 0 = it is not here
	Says       string `json:"says"`
}

// Reconciliation sets what is stored here against what the source's own export says.
type Reconciliation struct {
	Source      string       `json:"source"`
	Deals       int          `json:"deals"`  // here
	Theirs      int          `json:"theirs"` // -1 = no export was given
	Groups      []Group      `json:"groups"`
	Differences []Difference `json:"differences"`
	Problems    []Problem    `json:"problems,omitempty"`
}

// Agrees reports whether nothing differs.
func (r *Reconciliation) Agrees() bool { return len(r.Differences) == 0 && len(r.Problems) == 0 }

// ReadExport reads the export of a CRM's deals: a CSV file with an id, and with stage, amount, currency and the day of creation as
// far as they are to be compared, by the names that HubSpot, Salesforce and others give to these columns.
func ReadExport(in io.Reader) (all []Told, problems []Problem, err error) {
	r := csv.NewReader(in)
	r.FieldsPerRecord, r.TrimLeadingSpace, r.LazyQuotes = -1, true, true
	head, err := r.Read()
	if err != nil {
		return nil, nil, greenroom.Errorf(greenroom.CodeInvalid, "the export has no header")
	}
	column := func(names ...string) int {
		return slices.IndexFunc(head, func(h string) bool {
			return slices.Contains(names, strings.TrimSpace(strings.ToLower(strings.NewReplacer("_", " ", "\ufeff", "").Replace(h))))
		})
	}
	id, stage, amount := column("id", "record id", "deal id", "opportunity id", "hs object id"), column("stage", "deal stage", "stage name", "stagename"), column("amount", "deal amount")
	currency, opened := column("currency", "amount currency", "currencyisocode", "currency code"), column("created", "create date", "created date", "createddate", "createdate", "opened", "created at")
	if id < 0 {
		return nil, nil, greenroom.Errorf(greenroom.CodeInvalid, "line 1: the export has no column with the id of the deal; expected one such as “Record ID” or “Opportunity ID”")
	}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return all, problems, nil
		}
		if err != nil {
			var wrong *csv.ParseError
			if !errors.As(err, &wrong) {
				return all, problems, fmt.Errorf("reading the export: %w", err)
			}
			if problems = append(problems, Problem{wrong.Line, "it is no CSV: " + wrong.Err.Error()}); len(problems) > maxProblems {
				return all, problems, greenroom.Errorf(greenroom.CodeInvalid, "line %d: too many lines cannot be read", wrong.Line)
			}
			continue
		}
		line, _ := r.FieldPos(0)
		if len(all) > maxRates || len(problems) > maxProblems {
			return all, problems, greenroom.Errorf(greenroom.CodeInvalid, "line %d: the export has too many lines, or too many that cannot be read", line)
		}
		cell := func(i int) string {
			if i < 0 || i >= len(row) {
				return ""
			}
			return strings.TrimSpace(row[i])
		}
		t := Told{ID: cell(id), Stage: cell(stage), Currency: greenroom.CurrencyCode(cell(currency))}
		if v := strings.ReplaceAll(cell(amount), ",", ""); v != "" {
			if t.Amount, err = strconv.ParseFloat(v, 64); err != nil {
				problems = append(problems, Problem{line, fmt.Sprintf("%q is no amount; expected a number such as 1234.56", cut(v, 40))})
				continue
			}
		}
		if at := ParseDay(cell(opened)); !at.IsZero() {
			t.Month = at.Format("2006-01")
		}
		if t.ID == "" {
			problems = append(problems, Problem{line, "the line has no id"})
			continue
		}
		all = append(all, t)
	}
}

// Compare sets deals against an export of their source; a nil export only counts what is here.
func Compare(source string, deals []greenroom.Deal, export []Told) *Reconciliation {
	r := &Reconciliation{Source: source, Deals: len(deals), Theirs: -1, Differences: []Difference{}}
	type key struct{ stage, month, currency string }
	groups := make(map[key]*Group)
	group := func(k key) *Group {
		g := groups[key{strings.ToLower(k.stage), k.month, k.currency}]
		if g == nil {
			g = &Group{Stage: k.stage, Month: k.month, Currency: k.currency, Theirs: -1}
			if export != nil {
				g.Theirs = 0
			}
			groups[key{strings.ToLower(k.stage), k.month, k.currency}] = g
		}
		return g
	}
	here := make(map[string]*greenroom.Deal, len(deals))
	month := func(d *greenroom.Deal) string {
		if d.Opened.IsZero() {
			return ""
		}
		return d.Opened.Format("2006-01")
	}
	for i := range deals {
		d := &deals[i]
		g := group(key{d.Stage, month(d), d.Currency})
		g.Count, g.Sum, g.IDs = g.Count+1, g.Sum+d.Amount, append(g.IDs, d.ID)
		here[d.ExternalID] = d
	}
	if export != nil {
		r.Theirs = len(export)
		seen := make(map[string]bool, len(export))
		for _, t := range export {
			d := here[t.ID]
			if d != nil {
				t.Currency, t.Month = cmp.Or(t.Currency, d.Currency), cmp.Or(t.Month, month(d))
			}
			g := group(key{t.Stage, t.Month, t.Currency})
			g.Theirs, g.TheirsSum = g.Theirs+1, g.TheirsSum+t.Amount
			r.differ(d, &t, seen[t.ID], month)
			seen[t.ID] = true
		}
		for i := range deals {
			if d := &deals[i]; !seen[d.ExternalID] {
				r.Differences = append(r.Differences, Difference{d.ExternalID, d.ID, "is here and not in the export"})
			}
		}
	}
	for _, g := range groups {
		r.Groups = append(r.Groups, *g)
	}
	slices.SortFunc(r.Groups, func(a, b Group) int {
		return cmp.Or(cmp.Compare(b.Month, a.Month), cmp.Compare(a.Stage, b.Stage), cmp.Compare(a.Currency, b.Currency))
	})
	return r
}

// differ notes what an export says otherwise of a deal.
func (r *Reconciliation) differ(d *greenroom.Deal, t *Told, again bool, month func(*greenroom.Deal) string) {
	add := func(format string, args ...any) {
		diff := Difference{ExternalID: t.ID, Says: fmt.Sprintf(format, args...)}
		if d != nil {
			diff.Deal = d.ID
		}
		r.Differences = append(r.Differences, diff)
	}
	switch {
	case again:
		add("stands in the export more than once")
	case d == nil:
		add("is in the export and not here")
	default:
		if t.Stage != "" && !strings.EqualFold(t.Stage, d.Stage) {
			add("is in stage %q there and %q here", t.Stage, d.Stage)
		}
		if math.Abs(t.Amount-d.Amount) >= 0.005 {
			add("is worth %v there and %v here", t.Amount, d.Amount)
		}
		if t.Currency != d.Currency {
			add("is in %s there and in %s here", cmp.Or(t.Currency, "no currency"), cmp.Or(d.Currency, "no currency"))
		}
		if t.Month != month(d) {
			add("was made in %s there and in %s here", t.Month, cmp.Or(month(d), "no month that is known"))
		}
	}
}
