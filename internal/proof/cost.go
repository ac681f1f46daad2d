// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package proof

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"greenroom"
)

// The rhythms of a cost.
const (
	Once      = "once"
	EachMonth = "monthly"
	EachYear  = "yearly"
)

// Rhythms lists them.
func Rhythms() []string { return []string{Once, EachMonth, EachYear} }

// Categories lists the categories of costs.
func Categories() []string {
	return []string{"people", "platform", "events", "content", "rewards", "agencies", "travel", "other"}
}

// Cost is a line of the ledger.
type Cost struct {
	ID       int64   `json:"id" doc:"The line's number."`
	Version  int64   `json:"version" doc:"Grows with each change."`
	Name     string  `json:"name" doc:"What is paid for."`
	Category string  `json:"category" doc:"people, platform, events, content, rewards, agencies, travel or other."`
	Rhythm   string  `json:"rhythm" doc:"once, monthly or yearly."`
	From     string  `json:"from" doc:"The day on which it is due, or from which on it is."`
	Until    string  `json:"until,omitempty" doc:"The last day; left out, it goes on."`
	Amount   float64 `json:"amount" doc:"What is due each time; of people's time left out: hours times rate."`
	Currency string  `json:"currency" doc:"ISO 4217."`
	Hours    float64 `json:"hours,omitempty" doc:"Of people's time: hours each time."`
	Rate     float64 `json:"rate,omitempty" doc:"Of people's time: the loaded cost of an hour."`
	Share    float64 `json:"share,omitempty" doc:"Of it that is the community's, 0 to 1; 0 or left out = all."`
	Note     string  `json:"note,omitempty" doc:"Where the figure comes from."`
}

// mostAmount keeps typing errors out.
const mostAmount = 1e12

// Validate says what is wrong with a line.
func (c *Cost) Validate() error {
	c.Name, c.Category, c.Note, c.Currency = strings.TrimSpace(c.Name), strings.ToLower(strings.TrimSpace(c.Category)), strings.TrimSpace(c.Note), strings.ToUpper(strings.TrimSpace(c.Currency))
	if n := utf8.RuneCountInString(c.Name); n == 0 || n > maxTitle || utf8.RuneCountInString(c.Note) > maxWords {
		return invalid("a cost has a name of at most %d characters and a note of at most %d", maxTitle, maxWords)
	}
	if !contains(Categories(), c.Category) {
		return invalid("%q is no category of costs; choose one of %s", c.Category, strings.Join(Categories(), ", "))
	}
	if !contains(Rhythms(), c.Rhythm) {
		return invalid("%q is no rhythm; choose one of %s", c.Rhythm, strings.Join(Rhythms(), ", "))
	}
	from, err := time.Parse(time.DateOnly, c.From)
	if err != nil {
		return invalid("%q is no day; write it as 2026-01-31", c.From)
	}
	if c.Until != "" {
		if until, err := time.Parse(time.DateOnly, c.Until); err != nil || until.Before(from) {
			return invalid("%q is no last day; write it as 2026-12-31, and not before the first", c.Until)
		}
	}
	if greenroom.CurrencyCode(c.Currency) == "" {
		return invalid("%q is no currency; write its three letters, such as EUR", c.Currency)
	}
	if c.Hours > 0 {
		if c.Rate <= 0 {
			return invalid("people's time has hours and the cost of an hour")
		}
		c.Amount = c.Hours * c.Rate
	}
	if !(c.Amount > 0) || c.Amount > mostAmount || c.Hours < 0 {
		return invalid("a cost has an amount above 0, or hours and the cost of an hour")
	}
	if c.Share < 0 || c.Share > 1 {
		return invalid("the community's share is from 0 to 1")
	}
	return nil
}

func contains(all []string, s string) bool {
	for _, a := range all {
		if a == s {
			return true
		}
	}
	return false
}

// In is what a line comes to in a time, in its currency, and when it first counts. What is due each month or year counts by days.
func (c *Cost) In(from, to time.Time) (float64, time.Time) {
	begin, err := time.ParseInLocation(time.DateOnly, c.From, from.Location())
	if err != nil {
		return 0, time.Time{}
	}
	share := c.Share
	if share == 0 {
		share = 1
	}
	if c.Rhythm == Once {
		if begin.Before(from) || !begin.Before(to) {
			return 0, time.Time{}
		}
		return c.Amount * share, begin
	}
	end := to
	if until, err := time.ParseInLocation(time.DateOnly, c.Until, from.Location()); err == nil && until.AddDate(0, 0, 1).Before(end) {
		end = until.AddDate(0, 0, 1)
	}
	if begin.Before(from) {
		begin = from
	}
	days := end.Sub(begin).Hours() / 24
	if days <= 0 {
		return 0, time.Time{}
	}
	per := 365.25 / 12
	if c.Rhythm == EachYear {
		per = 365.25
	}
	return c.Amount * share * days / per, begin
}

// words says how a line comes about.
func (c *Cost) words() string {
	text := decimal(c.Amount) + " " + c.Currency + " " + c.Rhythm
	if c.Hours > 0 {
		text = decimal(c.Hours) + " hours at " + decimal(c.Rate) + " " + c.Currency + ", " + c.Rhythm
	}
	if c.Share > 0 && c.Share < 1 {
		text += ", " + decimal(c.Share*100) + " % of it"
	}
	return text
}

// costHead are the columns of the file of costs.
func costHead() []string {
	return []string{"name", "category", "rhythm", "from", "until", "amount", "currency", "hours", "rate", "share", "note"}
}

// mostLines is how many lines a file of costs may have.
const mostLines = 10_000

// ReadCosts reads a CSV file with a heading. Each line that makes no sense is told, with its number; nothing is taken then.
func ReadCosts(r io.Reader) ([]Cost, error) {
	in := csv.NewReader(r)
	in.FieldsPerRecord = -1
	head, err := in.Read()
	if err != nil {
		return nil, invalid("the file has no heading; its first line is %s", strings.Join(costHead(), ","))
	}
	at := make(map[string]int)
	for i, h := range head {
		at[strings.ToLower(strings.TrimSpace(strings.TrimPrefix(h, "\ufeff")))] = i
	}
	for _, need := range []string{"name", "category", "from", "currency"} {
		if _, there := at[need]; !there {
			return nil, invalid("the heading has no column %q; the columns are %s", need, strings.Join(costHead(), ", "))
		}
	}
	var all []Cost
	var problems []string
	for {
		fields, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		var broken *csv.ParseError
		if errors.As(err, &broken) {
			return nil, invalid("line %d is not CSV: %v", broken.Line, broken.Err)
		}
		if err != nil {
			return nil, fmt.Errorf("reading costs: %w", err)
		}
		line, _ := in.FieldPos(0)
		if len(all) == mostLines {
			return nil, invalid("the file has more than %d lines", mostLines)
		}
		c, err := costOf(at, fields)
		if err == nil {
			err = c.Validate()
		}
		if err != nil {
			problems = append(problems, fmt.Sprintf("line %d: %s", line, greenroom.ErrorMessage(err)))
			if len(problems) == 10 {
				break
			}
			continue
		}
		all = append(all, c)
	}
	if len(problems) > 0 {
		return nil, invalid("nothing was taken: %s", strings.Join(problems, "; "))
	}
	return all, nil
}

func costOf(at map[string]int, fields []string) (Cost, error) {
	get := func(name string) string {
		i, there := at[name]
		if !there || i >= len(fields) {
			return ""
		}
		return strings.TrimSpace(fields[i])
	}
	c := Cost{Name: get("name"), Category: get("category"), Rhythm: strings.ToLower(get("rhythm")), From: get("from"), Until: get("until"), Currency: get("currency"), Note: get("note")}
	if c.Rhythm == "" {
		c.Rhythm = Once
	}
	for _, n := range []struct {
		name string
		to   *float64
	}{{"amount", &c.Amount}, {"hours", &c.Hours}, {"rate", &c.Rate}, {"share", &c.Share}} {
		text := get(n.name)
		if text == "" {
			continue
		}
		v, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return c, invalid("%s is %q; write a number, with a point for decimals", n.name, text)
		}
		*n.to = v
	}
	return c, nil
}
