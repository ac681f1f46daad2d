// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package paper

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"

	"greenroom/internal/report"
)

// CSV writes an edition's data as a zip of tables: one of all figures, one for each chart and table, one of all words.
func CSV(c *report.Content) ([]byte, error) {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	figures := [][]string{{"block", "label", "unit", "value", "low", "high", "previous", "year_ago", "more_than_noise", "query"}}
	words := [][]string{{"block", "title", "comment"}}
	add := func(name string, rows [][]string) error {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: c.MadeAt})
		if err != nil {
			return fmt.Errorf("writing %s: %w", name, err)
		}
		for i := range rows {
			for j := range rows[i] {
				rows[i][j] = harmless(rows[i][j])
			}
		}
		if err := csv.NewWriter(w).WriteAll(rows); err != nil {
			return fmt.Errorf("writing %s: %w", name, err)
		}
		return nil
	}
	for i := range c.Blocks {
		b := &c.Blocks[i]
		if f := b.Figure; f != nil {
			figures = append(figures, []string{b.Block.ID, b.Title, string(f.Unit), number(f.Value), number(f.Low), number(f.High), number(f.Previous), number(f.YearAgo), strconv.FormatBool(f.Real), f.Records})
		}
		text := []string{b.Comment.Text}
		for _, q := range b.Quotes {
			if !q.Withdrawn {
				text = append(text, q.Text+" ("+q.Naming+")")
			}
		}
		for _, l := range b.Lines {
			text = append(text, l.Text)
		}
		words = append(words, []string{b.Block.ID, b.Title, strings.TrimSpace(strings.Join(text, "\n"))})
		if b.Block.Kind == report.Chart && b.Plot != nil {
			if err := add(b.Block.ID+"-chart.csv", plotRows(b.Plot)); err != nil {
				return nil, err
			}
		}
		if b.Table != nil {
			if err := add(b.Block.ID+"-table.csv", tableRows(b.Table)); err != nil {
				return nil, err
			}
		}
	}
	if err := add("figures.csv", figures); err != nil {
		return nil, err
	}
	if err := add("words.csv", words); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("writing CSV: %w", err)
	}
	return out.Bytes(), nil
}

func plotRows(p *report.Plot) [][]string {
	rows := [][]string{{"period", "value", "low", "high"}}
	for i := range p.Values {
		row := []string{p.Labels[i], number(p.Values[i]), "", ""}
		if p.Low != nil {
			row[2], row[3] = number(p.Low[i]), number(p.High[i])
		}
		rows = append(rows, row)
	}
	return rows
}

// tableRows writes numbers as they are, and all else as people read it.
func tableRows(t *report.Table) [][]string {
	rows := [][]string{append([]string(nil), t.Columns...)}
	for i := range t.Rows {
		var row []string
		for j, cell := range t.Rows[i].Cells {
			if j < len(t.Rows[i].Values) && t.Rows[i].Values[j] != nil {
				cell = number(t.Rows[i].Values[j])
			}
			row = append(row, cell)
		}
		rows = append(rows, row)
	}
	return rows
}

func number(v *float64) string {
	if v == nil {
		return ""
	}
	return strconv.FormatFloat(*v, 'g', -1, 64)
}

// harmless keeps spreadsheets from taking a text for a formula.
func harmless(cell string) string {
	if cell == "" || !strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return cell
	}
	if _, err := strconv.ParseFloat(cell, 64); err == nil {
		return cell
	}
	return "'" + cell
}

// pictures writes all charts as a zip of PNG.
func (p *Press) pictures(c *report.Content) ([]byte, error) {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for i := range c.Blocks {
		b := &c.Blocks[i]
		if b.Plot == nil {
			continue
		}
		data, err := p.PNG(b)
		if err != nil {
			return nil, err
		}
		w, err := z.CreateHeader(&zip.FileHeader{Name: b.Block.ID + ".png", Method: zip.Store, Modified: c.MadeAt})
		if err == nil {
			_, err = w.Write(data)
		}
		if err != nil {
			return nil, fmt.Errorf("writing pictures: %w", err)
		}
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("writing pictures: %w", err)
	}
	return out.Bytes(), nil
}
