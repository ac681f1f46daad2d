// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package ui

import "time"

// Sort is the order a column is in.
type Sort string

// The orders. The values are those of the aria-sort attribute.
const (
	Unsorted   Sort = ""
	Ascending  Sort = "ascending"
	Descending Sort = "descending"
)

// Column is a table's column. With a SortHref its name is a link that sorts by it.
type Column struct {
	Label    string
	Number   bool // right-aligned, tabular figures
	SortHref string
	Sorted   Sort
}

// Cell is a value with what belongs to it.
type Cell struct {
	Text   string
	Href   string
	Sub    string // small second line
	Title  string // shown where one points at the text, such as the mail address of who is named
	Avatar *Avatar
	Pills  []Pill
	Time   time.Time // shown as relative time
	Tone   Tone
	Spark  *Spark
}

// Blank says that there is nothing to show, so that the stacked form on a phone can leave the line out.
func (c Cell) Blank() bool {
	return c.Text == "" && c.Sub == "" && c.Avatar == nil && len(c.Pills) == 0 && c.Time.IsZero() && c.Spark == nil
}

// TableRow is a record. Its first cell names it.
type TableRow struct {
	ID    string
	Cells []Cell
}

// Table is a list of records. On a phone every record becomes a small card. Cells and Columns are matched by position.
type Table struct {
	Caption  string // what the table lists, for screen readers
	Columns  []Column
	Rows     []TableRow
	Select   string   // name of the checkbox field; empty for no checkboxes
	Bulk     []Action // shown while rows are selected; Submit buttons of the form at BulkPost
	BulkPost string
	Foot     *Pager
	Empty    *Empty // shown instead when there are no rows
}

// Column gives the column at a position, and an unnamed one past the end.
func (t Table) Column(i int) Column {
	if i < len(t.Columns) {
		return t.Columns[i]
	}
	return Column{}
}

// Heat is a table of shares by color, such as retention by cohort.
type Heat struct {
	Caption string
	Corner  string // name of the first column
	Columns []string
	Rows    []HeatRow
}

// HeatRow is a line of a Heat.
type HeatRow struct {
	Label string
	Cells []HeatCell
}

// HeatCell is one share between 0 and 1. Open marks a period that has not ended.
type HeatCell struct {
	Share float64
	Text  string
	Href  string
	Open  bool
	Plain bool // no share but a figure beside them, without color
	Title string
}

// Level is the step of the color scale, 0 to 5.
func (c HeatCell) Level() int {
	switch {
	case c.Share <= 0:
		return 0
	case c.Share < .2:
		return 1
	case c.Share < .35:
		return 2
	case c.Share < .5:
		return 3
	case c.Share < .75:
		return 4
	default:
		return 5
	}
}
