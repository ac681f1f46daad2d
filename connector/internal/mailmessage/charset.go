// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package mailmessage

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
)

// decodeCharset turns text of a charset into UTF-8 without NUL. What the label says is a hint: mail says Latin 1 and
// means UTF-8, says nothing at all, or names sets that nobody knows. Text that is UTF-8 with characters beyond ASCII is
// never anything else by chance, and what is neither is read as Windows-1252, the set that can read every byte.
func decodeCharset(label string, b []byte) string {
	if len(b) == 0 {
		return ""
	}
	ascii := isASCII(b)
	label = strings.ToLower(strings.Trim(label, " \t\"'"))
	if ascii && !strings.HasPrefix(label, "iso-2022") && !strings.HasPrefix(label, "hz") && !strings.HasPrefix(label, "utf-16") {
		return ValidText(string(b))
	}
	enc := lookupCharset(label)
	if enc == nil || isWestern(enc) {
		if utf8.Valid(b) {
			return ValidText(string(b))
		}
		if enc == nil {
			enc = charmap.Windows1252
		}
	}
	out, err := enc.NewDecoder().Bytes(b)
	if err != nil {
		return ValidText(string(b))
	}
	return ValidText(string(out))
}

func isWestern(enc encoding.Encoding) bool {
	return enc == charmap.Windows1252 || enc == charmap.ISO8859_1
}

// lookupCharset finds the encoding of a label; nil stands for UTF-8, for none and for one that is not known.
func lookupCharset(label string) encoding.Encoding {
	switch label {
	case "", "utf-8", "utf8", "us-ascii", "ascii", "unknown", "x-unknown", "unknown-8bit", "8bit", "7bit", "binary", "default", "iso-10646":
		return nil
	case "latin-1", "latin1", "iso8859-1", "iso-8859-1-windows-3.1-latin-1", "cp-1252", "ansi":
		return charmap.Windows1252
	case "cp-850", "cp850", "ibm-850":
		return charmap.CodePage850
	case "cp-437", "cp437":
		return charmap.CodePage437
	}
	if enc, err := htmlindex.Get(label); err == nil {
		if name, err := htmlindex.Name(enc); err != nil || (name != "replacement" && name != "x-user-defined") {
			return utf8AsNil(name, enc)
		}
		return nil
	}
	if enc, err := ianaindex.MIME.Encoding(label); err == nil && enc != nil {
		return enc
	}
	return nil
}

func utf8AsNil(name string, enc encoding.Encoding) encoding.Encoding {
	if name == "utf-8" {
		return nil
	}
	return enc
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// ValidText makes s valid UTF-8 without control characters other than line breaks and tabs.
func ValidText(s string) string {
	clean := true
	for i := range len(s) {
		if c := s[i]; c >= 0x7f || c < ' ' && c != '\n' && c != '\t' {
			clean = false
			break
		}
	}
	if clean {
		return s
	}
	bad := func(r rune) bool {
		return r < ' ' && r != '\n' && r != '\t' || r == 0x7f || r == '\uFEFF'
	}
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	if strings.IndexFunc(s, bad) < 0 {
		return s
	}
	return strings.Map(func(r rune) rune {
		if bad(r) {
			return -1
		}
		return r
	}, s)
}

// oneLine brings white space to single blanks.
func oneLine(s string) string {
	spaced := true // as at the start, where a blank is one too many
	for i := range len(s) {
		c := s[i]
		if c < ' ' || c >= utf8.RuneSelf || c == ' ' && spaced {
			return strings.Join(strings.FieldsFunc(s, unicode.IsSpace), " ")
		}
		spaced = c == ' '
	}
	if spaced {
		return strings.TrimSuffix(s, " ")
	}
	return s
}
