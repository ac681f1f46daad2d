// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"greenroom"
)

// table says how items are shown in columns.
type table[T any] struct {
	head []string
	row  func(*T) []string
}

// writer writes items one by one in the format that was asked for.
type writer[T any] struct {
	out    io.Writer
	format string
	table  table[T]
	tabs   *tabwriter.Writer
	csv    *csv.Writer
	n      int
}

const maxCell = 60

func newWriter[T any](out io.Writer, format string, t table[T]) (*writer[T], error) {
	w := &writer[T]{out: out, format: format, table: t}
	switch format {
	case "json", "jsonl":
		return w, nil
	case "csv":
		w.csv = csv.NewWriter(out)
		return w, w.csv.Write(t.head)
	case "table":
		w.tabs = tabwriter.NewWriter(out, 2, 4, 2, ' ', 0)
		_, err := fmt.Fprintln(w.tabs, strings.ToUpper(strings.Join(t.head, "\t")))
		return w, err
	default:
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "there is no format %q; use table, json, jsonl or csv", format)
	}
}

func (w *writer[T]) item(v *T) error {
	w.n++
	switch w.format {
	case "json":
		lead := ",\n"
		if w.n == 1 {
			lead = "[\n"
		}
		if _, err := io.WriteString(w.out, lead); err != nil {
			return err
		}
		text, err := json.Marshal(v)
		if err != nil {
			return err
		}
		_, err = w.out.Write(text)
		return err
	case "jsonl":
		return writeJSON(w.out, v)
	case "csv":
		return w.csv.Write(w.table.row(v))
	default:
		cells := w.table.row(v)
		for i, c := range cells {
			cells[i] = cell(c)
		}
		_, err := fmt.Fprintln(w.tabs, strings.Join(cells, "\t"))
		return err
	}
}

// cell is a text on one line, shortened.
func cell(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > maxCell {
		return string(r[:maxCell-1]) + "…"
	}
	return s
}

func (w *writer[T]) end() error {
	switch w.format {
	case "json":
		text := "\n]\n"
		if w.n == 0 {
			text = "[]\n"
		}
		_, err := io.WriteString(w.out, text)
		return err
	case "csv":
		w.csv.Flush()
		return w.csv.Error()
	case "table":
		return w.tabs.Flush()
	default:
		return nil
	}
}

func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("writing JSON: %w", err)
	}
	return nil
}

// printAll writes items in the format that was asked for.
func printAll[T any](c *command, t table[T], items []T) error {
	w, err := newWriter(c.io.Out, c.format, t)
	if err != nil {
		return err
	}
	for i := range items {
		if err := w.item(&items[i]); err != nil {
			return err
		}
	}
	return w.end()
}
