// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"mime"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// fold brings text to a form in which case, diacritics, width and the script
// of Cyrillic and Greek names make no difference. Separators stay.
func fold(s string) string {
	ascii := true
	lower := true
	for i := range len(s) {
		c := s[i]
		if c >= 0x80 {
			ascii = false
			break
		}
		if c >= 'A' && c <= 'Z' {
			lower = false
		}
	}
	if ascii {
		if lower {
			return s
		}
		return strings.ToLower(s)
	}
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range norm.NFKD.String(s) {
		if unicode.Is(unicode.Mn, r) {
			continue
		}
		r = unicode.ToLower(r)
		if r < 0x80 {
			b.WriteByte(byte(r))
			continue
		}
		if t := latin(r); t != "" {
			b.WriteString(t)
		} else if r != 'ь' && r != 'ъ' {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// latin spells a lower-case letter that decomposition leaves alone in plain
// Latin letters, or returns "" when it has no such spelling.
func latin(r rune) string {
	switch {
	case r >= 'а' && r <= 'я':
		return strings.TrimRight(cyrillic[4*(r-'а'):4*(r-'а')+4], " ")
	case r >= 'α' && r <= 'ω':
		return strings.TrimRight(greek[2*(r-'α'):2*(r-'α')+2], " ")
	}
	switch r {
	case 'ø':
		return "o"
	case 'ł':
		return "l"
	case 'đ', 'ð':
		return "d"
	case 'ß':
		return "ss"
	case 'æ':
		return "ae"
	case 'œ':
		return "oe"
	case 'þ':
		return "th"
	case 'ı':
		return "i"
	case 'ħ':
		return "h"
	case 'ŋ':
		return "n"
	case 'є':
		return "ye"
	case 'і':
		return "i"
	case 'ј':
		return "j"
	case 'ђ':
		return "dj"
	case 'љ':
		return "lj"
	case 'њ':
		return "nj"
	case 'ћ':
		return "c"
	case 'џ':
		return "dz"
	case 'ґ':
		return "g"
	}
	return ""
}

// Latin spellings of the letters from а and α on, four and two bytes each.
const (
	cyrillic = "a   b   v   g   d   e   zh  z   i   i   k   l   m   n   o   p   r   s   t   u   f   kh  ts  ch  sh  shch    y       e   yu  ya  "
	greek    = "a v g d e z i thi k l m n x o p r s s t y f chpso "
)

// skeleton reduces a folded word so that spellings of one sound with and
// without a diacritic meet: "mueller" and "muller" (from Müller), doubled
// letters, and a trailing h. Only equality of skeletons has a meaning.
func skeleton(w string) string {
	if len(w) < 3 {
		return w
	}
	for i := range len(w) {
		if w[i] >= 0x80 {
			return w
		}
	}
	var buf [64]byte
	b := buf[:0]
	for i := range len(w) {
		c := w[i]
		if i > 0 && c == w[i-1] && c != 'e' {
			continue
		}
		if c == 'e' && i > 0 && i < len(w)-1 && strings.IndexByte("aiou", w[i-1]) >= 0 {
			continue
		}
		b = append(b, c)
	}
	return string(b)
}

// decodeWords undoes the quoting that mail programs put around names that
// are not ASCII; what cannot be decoded stays as it was.
func decodeWords(s string) string {
	if !strings.Contains(s, "=?") {
		return s
	}
	var d mime.WordDecoder
	if t, err := d.DecodeHeader(s); err == nil {
		return t
	}
	return s
}

// repair undoes UTF-8 that was taken for Latin-1 and encoded again, as in
// "JosÃ©"; other text stays as it was.
func repair(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return r >= 0x80 }) < 0 {
		return s
	}
	raw := make([]byte, 0, len(s))
	for _, r := range s {
		if r > 0xff {
			return s
		}
		raw = append(raw, byte(r))
	}
	if !utf8.Valid(raw) {
		return s
	}
	return string(raw)
}

func isHan(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana)
}

// squash keeps letters and digits only.
func squash(s string) string {
	clean := true
	for i := range len(s) {
		c := s[i]
		if c < 0x80 && (c < '0' || c > '9') && (c < 'a' || c > 'z') {
			clean = false
			break
		}
	}
	if clean {
		return s
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, s)
}

// dropDigits removes leading and trailing digits of a squashed handle.
func dropDigits(s string) string {
	return strings.Trim(s, "0123456789")
}
