// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package survival_test

import (
	"strconv"
	"strings"

	"greenroom/internal/impact/survival"
)

// cases reads times as textbooks print them, + behind those that were censored.
func cases(text string) []survival.Case {
	var out []survival.Case
	for _, word := range strings.Fields(text) {
		number, censored := strings.CutSuffix(word, "+")
		out = append(out, survival.Case{Time: numbers(number)[0], Event: !censored})
	}
	return out
}

func rows(text string) [][]float64 {
	var out [][]float64
	for line := range strings.SplitSeq(text, ";") {
		out = append(out, numbers(line))
	}
	return out
}

func numbers(text string) []float64 {
	var out []float64
	for _, word := range strings.Fields(text) {
		v, err := strconv.ParseFloat(word, 64)
		if err != nil {
			panic(err)
		}
		out = append(out, v)
	}
	return out
}
