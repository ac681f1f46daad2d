// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package business

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"greenroom"
)

// Problem is a line of a file that could not be read.
type Problem struct {
	Line int    `json:"line"` // from 1; the header is line 1
	Text string `json:"text"` // what is wrong and what was expected
}

// maxRates is how many rates one file can have: the ECB's whole history has about 300,000.
const maxRates = 1_000_000

// maxProblems is how many lines that cannot be read are named before a file is refused.
const maxProblems = 1000

// ReadRates reads rates of a CSV file in one of two forms, told apart by the header:
//
//   - base,currency,day,rate in any order, one rate a line: 1 base = rate currency;
//   - the ECB's eurofxref-hist.csv: Date,USD,JPY,..., one day a line, 1 EUR = so much of each; "N/A" = none that day.
//
// Lines that cannot be read are problems; the others are read. A file without a header that is understood is CodeInvalid.
func ReadRates(in io.Reader, origin string) (rates []greenroom.Rate, problems []Problem, err error) {
	r := csv.NewReader(in)
	r.FieldsPerRecord, r.TrimLeadingSpace = -1, true
	head, err := r.Read()
	if err != nil {
		return nil, nil, greenroom.Errorf(greenroom.CodeInvalid, "the file has no header; expected base,currency,day,rate or the ECB's Date,USD,JPY,…")
	}
	for i := range head {
		head[i] = strings.ToLower(strings.TrimSpace(strings.TrimPrefix(head[i], "\ufeff")))
	}
	at := func(names ...string) int {
		return slices.IndexFunc(head, func(h string) bool { return slices.Contains(names, h) })
	}
	day, base, currency, value := at("date", "day"), at("base", "from"), at("currency", "to"), at("rate", "value")
	long := base >= 0 && currency >= 0 && value >= 0
	if day < 0 || !long && day != 0 {
		return nil, nil, greenroom.Errorf(greenroom.CodeInvalid, "line 1: the header is %q; expected base,currency,day,rate or the ECB's Date,USD,JPY,…", cut(strings.Join(head, ","), 80))
	}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rates, problems, nil
		}
		if err != nil {
			var wrong *csv.ParseError
			if !errors.As(err, &wrong) {
				return rates, problems, fmt.Errorf("reading rates: %w", err)
			}
			if problems = append(problems, Problem{wrong.Line, "it is no CSV: " + wrong.Err.Error()}); len(problems) > maxProblems {
				return rates, problems, greenroom.Errorf(greenroom.CodeInvalid, "line %d: too many lines cannot be read", wrong.Line)
			}
			continue
		}
		line, _ := r.FieldPos(0)
		if len(rates) > maxRates || len(problems) > maxProblems {
			return rates, problems, greenroom.Errorf(greenroom.CodeInvalid, "line %d: the file has too many rates or too many lines that cannot be read", line)
		}
		cell := func(i int) string {
			if i < 0 || i >= len(row) {
				return ""
			}
			return strings.TrimSpace(row[i])
		}
		if long {
			rates, problems = addRate(rates, problems, line, greenroom.Rate{Base: strings.ToUpper(cell(base)), Currency: strings.ToUpper(cell(currency)), Day: cell(day), Origin: origin}, cell(value))
			continue
		}
		for i, h := range head {
			if v := cell(i); i != day && h != "" && v != "" && v != "N/A" {
				rates, problems = addRate(rates, problems, line, greenroom.Rate{Base: "EUR", Currency: strings.ToUpper(h), Day: cell(day), Origin: origin}, v)
			}
		}
	}
}

func addRate(rates []greenroom.Rate, problems []Problem, line int, r greenroom.Rate, value string) ([]greenroom.Rate, []Problem) {
	v, err := strconv.ParseFloat(value, 64)
	if err != nil {
		return rates, append(problems, Problem{line, fmt.Sprintf("%q is no rate; expected a number such as 1.0842", cut(value, 40))})
	}
	if t := ParseDay(r.Day); !t.IsZero() {
		r.Day = t.Format(time.DateOnly)
	}
	r.Value = v
	if err := r.Validate(); err != nil {
		return rates, append(problems, Problem{line, cut(greenroom.ErrorMessage(err), 200)})
	}
	return append(rates, r), problems
}

func cut(text string, limit int) string {
	if runes := []rune(text); len(runes) > limit {
		return string(runes[:limit]) + "…"
	}
	return text
}
