// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package ui

import (
	"regexp"
	"strings"
)

// Part is a piece of a text: a day or a moment, which stays in one line, or what stands between them.
type Part struct {
	Text  string
	Whole bool
}

// day finds days and moments as pages write them: "18 Nov 2026", "18 November", "18 Nov 2026, 09:12 CET", "2026-11-18 09:12",
// "Monday 09:12".
const day = `\b\d{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)(?:uary|ruary|ch|il|e|y|ust|tember|ober|ember)?\b(?: \d{4}\b)?(?:,? \d{2}:\d{2}\b(?: [A-Z]{3,4}\b)?)?` +
	`|\b\d{4}-\d{2}-\d{2}\b(?:[ T]\d{2}:\d{2}(?::\d{2})?\b)?` +
	`|\b(?:[Yy]esterday|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day) \d{2}:\d{2}\b`

// dated divides a text into its days and the rest.
func dated(days *regexp.Regexp) func(text string) []Part {
	return func(text string) []Part {
		if !strings.ContainsAny(text, "0123456789") {
			return []Part{{Text: text}}
		}
		var parts []Part
		at := 0
		for _, span := range days.FindAllStringIndex(text, -1) {
			if span[0] > at {
				parts = append(parts, Part{Text: text[at:span[0]]})
			}
			parts = append(parts, Part{Text: text[span[0]:span[1]], Whole: true})
			at = span[1]
		}
		if at < len(text) || at == 0 {
			parts = append(parts, Part{Text: text[at:]})
		}
		return parts
	}
}
