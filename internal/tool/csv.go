// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package tool

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"greenroom"
)

// columns are those of a table of tools, in the order in which they are written.
func tableColumns() []string {
	return []string{"name", "purpose", "category", "state", "suits", "owner", "users", "cost", "currency", "every", "renewal", "notice_days", "contract", "data", "personal", "region", "sources", "receives", "feeds", "note"}
}

// Named is a tool of a table, with the names of what it feeds.
type Named struct {
	Draft
	Line  int
	Feeds []string // names, each perhaps with a colon and what goes there; nil = the column is missing
	Has   map[string]bool
}

// WriteCSV writes tools as a table that ReadCSV reads again.
func WriteCSV(to io.Writer, all []Tool) error {
	names := make(map[int64]string, len(all))
	for i := range all {
		names[all[i].ID] = all[i].Name
	}
	w := csv.NewWriter(to)
	rows := [][]string{tableColumns()}
	for i := range all {
		t := &all[i]
		var suits, feeds []string
		for _, s := range t.Suits {
			suits = append(suits, string(s))
		}
		for _, f := range t.Feeds {
			text := names[f.To]
			if f.What != "" {
				text += ": " + f.What
			}
			feeds = append(feeds, text)
		}
		rows = append(rows, []string{
			t.Name, t.Purpose, t.Category, string(t.State), strings.Join(suits, "; "), t.Owner, count(t.Users), amount(t.Cost), t.Currency, string(t.Every), t.Renewal, count(t.Notice), t.Contract,
			strings.Join(t.Data, "; "), yes(t.Personal), t.Region, strings.Join(t.Sources, "; "), yes(t.FromGR), strings.Join(feeds, "; "), t.Note,
		})
	}
	for i := range rows {
		for j := range rows[i] {
			rows[i][j] = plain(rows[i][j])
		}
	}
	if err := w.WriteAll(rows); err != nil {
		return fmt.Errorf("writing tools: %w", err)
	}
	return nil
}

// plain keeps a spreadsheet from taking a text for a formula.
func plain(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}

func count(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func amount(v float64) string {
	if v == 0 {
		return ""
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

func yes(is bool) string {
	if is {
		return "yes"
	}
	return ""
}

// ReadCSV reads a table of tools. The column name is needed; others are read where they are there. An error names the line.
func ReadCSV(from io.Reader) ([]Named, error) {
	r := csv.NewReader(from)
	r.FieldsPerRecord = -1
	head, err := r.Read()
	if err != nil {
		return nil, bad("a table of tools begins with a line that names its columns, such as name,category,owner,cost,currency,every")
	}
	at := make(map[string]int, len(head))
	for i, column := range head {
		key := strings.ReplaceAll(strings.ToLower(strings.TrimSpace(strings.TrimPrefix(column, "\ufeff"))), " ", "_")
		if !slices.Contains(tableColumns(), key) {
			return nil, bad("line 1: %q is no column of tools; they are %s", column, strings.Join(tableColumns(), ", "))
		}
		at[key] = i
	}
	if _, is := at["name"]; !is {
		return nil, bad("line 1: a table of tools needs the column name")
	}
	var all []Named
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, bad("the table cannot be read: %v", err)
		}
		line, _ := r.FieldPos(0)
		if len(all) >= maxTools {
			return nil, bad("line %d: a table has at most %d tools", line, maxTools)
		}
		n, err := readRow(row, at)
		if err != nil {
			return nil, bad("line %d: %s", line, greenroom.ErrorMessage(err))
		}
		n.Line = line
		all = append(all, n)
	}
}

// cells is a row whose cells are found by the keys of their columns.
type cells struct {
	row []string
	at  map[string]int
	has map[string]bool // the columns that were asked for and are there
}

// text is a cell without what keeps spreadsheets from taking it for a formula.
func (c *cells) text(key string) string {
	i, is := c.at[key]
	if !is {
		return ""
	}
	c.has[key] = true
	if i >= len(c.row) {
		return ""
	}
	text := strings.TrimSpace(c.row[i])
	if len(text) > 1 && text[0] == '\'' && plain(text[1:]) != text[1:] {
		return text[1:]
	}
	return text
}

func readRow(row []string, at map[string]int) (Named, error) {
	n := Named{Has: make(map[string]bool)}
	get := (&cells{row, at, n.Has}).text
	n.Name, n.Purpose, n.Category, n.Owner = get("name"), get("purpose"), strings.ToLower(get("category")), get("owner")
	for _, c := range Categories() {
		if strings.EqualFold(c.Label, n.Category) {
			n.Category = c.Key
		}
	}
	n.State, n.Every = State(strings.ReplaceAll(strings.ToLower(get("state")), " ", "_")), Rhythm(strings.ToLower(get("every")))
	n.Currency, n.Renewal, n.Contract, n.Region, n.Note = get("currency"), get("renewal"), get("contract"), get("region"), get("note")
	n.Data, n.Sources, n.Feeds = list(get("data")), list(get("sources")), list(get("feeds"))
	for _, s := range list(get("suits")) {
		n.Suits = append(n.Suits, Stage(strings.ToLower(s)))
	}
	for _, x := range []struct {
		key  string
		into *int
	}{{"users", &n.Users}, {"notice_days", &n.Notice}} {
		text := get(x.key)
		if text == "" {
			continue
		}
		v, err := strconv.Atoi(text)
		if err != nil {
			return n, bad("%q is no whole number of %s", text, strings.ReplaceAll(x.key, "_", " "))
		}
		*x.into = v
	}
	if text := get("cost"); text != "" {
		v, err := number(text)
		if err != nil {
			return n, bad("%q is no amount; write it as 1200.50", text)
		}
		n.Cost = v
	}
	for _, x := range []struct {
		key  string
		into *bool
	}{{"personal", &n.Personal}, {"receives", &n.FromGR}} {
		switch text := strings.ToLower(get(x.key)); text {
		case "yes", "true", "1", "y":
			*x.into = true
		case "", "no", "false", "0", "n":
		default:
			return n, bad("%s is yes or no, not %q", x.key, text)
		}
	}
	d := n.Draft
	err := d.Validate()
	return n, err
}

// list reads things that are parted by semicolons.
func list(text string) []string {
	var all []string
	for part := range strings.SplitSeq(text, ";") {
		if part = strings.TrimSpace(part); part != "" {
			all = append(all, part)
		}
	}
	return all
}

func number(text string) (float64, error) {
	v, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil {
		return 0, bad("%q is no number", text)
	}
	return v, nil
}

// onto puts what the table has into a draft, and leaves the rest.
func (n *Named) onto(d *Draft) {
	for key, set := range map[string]func(){
		"purpose": func() { d.Purpose = n.Purpose }, "category": func() { d.Category = n.Category }, "state": func() { d.State = n.State }, "suits": func() { d.Suits = n.Suits }, "owner": func() { d.Owner = n.Owner },
		"users": func() { d.Users = n.Users }, "cost": func() { d.Cost = n.Cost }, "currency": func() { d.Currency = n.Currency }, "every": func() { d.Every = n.Every }, "renewal": func() { d.Renewal = n.Renewal },
		"notice_days": func() { d.Notice = n.Notice }, "contract": func() { d.Contract = n.Contract }, "data": func() { d.Data = n.Data }, "personal": func() { d.Personal = n.Personal }, "region": func() { d.Region = n.Region },
		"sources": func() { d.Sources = n.Sources }, "receives": func() { d.FromGR = n.FromGR }, "note": func() { d.Note = n.Note },
	} {
		if n.Has[key] {
			set()
		}
	}
	d.Name = n.Name
}
