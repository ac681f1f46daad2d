// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package rowmap

import (
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// AppendObject appends a row as a JSON object, which holds the names of the columns too.
func AppendObject(b []byte, header, values []string) []byte {
	b = append(b, '{')
	for i, v := range values {
		if i > 0 {
			b = append(b, ',')
		}
		for j, s := range []string{header[i], v} {
			if q, err := jsontext.AppendQuote(b, strings.ToValidUTF8(s, "\uFFFD")); err == nil {
				b = q
			}
			if j == 0 {
				b = append(b, ':')
			}
		}
	}
	return append(b, '}')
}
