// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package greenroom

import "strings"

// AnyOf writes what may be chosen as words of a sentence: "a", "a or b", "a, b or c"; "nothing" where there is nothing.
func AnyOf[T ~string](all []T) string { return inWords(all, "or") }

// AllOf writes things that belong together as words of a sentence: "a", "a and b", "a, b and c"; "nothing" where there is
// nothing.
func AllOf[T ~string](all []T) string { return inWords(all, "and") }

func inWords[T ~string](all []T, last string) string {
	var b strings.Builder
	for i, v := range all {
		switch {
		case i > 0 && i == len(all)-1:
			b.WriteString(" " + last + " ")
		case i > 0:
			b.WriteString(", ")
		}
		b.WriteString(string(v))
	}
	if b.Len() == 0 {
		return "nothing"
	}
	return b.String()
}
