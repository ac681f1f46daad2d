// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package employer

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/publicsuffix"
	"golang.org/x/text/unicode/norm"
)

// forms lists legal forms as Core writes them: in small letters, without marks and dots. A form of several words stands before
// the shorter ones that it ends in.
func forms() []string {
	return []string{
		"sa de cv", "sab de cv", "s de rl de cv", "sociedad anonima", "sp z o o", "sp zoo", "sp z oo", "pty ltd", "pte ltd", "co ltd", "private limited", "pvt ltd", "sdn bhd", "société anonyme", "kabushiki kaisha",
		"inc", "incorporated", "llc", "lllp", "llp", "lp", "pbc", "ltd", "limited", "plc", "corp", "corporation", "co", "company", "pc", "cic",
		"gmbh", "ggmbh", "mbh", "ag", "kg", "kgaa", "ug", "haftungsbeschrankt", "ohg", "gbr", "eg", "ev", "se",
		"sa", "sas", "sasu", "sarl", "eurl", "snc", "scop", "srl", "spa", "sl", "slu", "sau", "lda", "ltda", "eireli", "bv", "nv", "vof", "cv", "bvba", "cvba", "asbl", "vzw",
		"ab", "asa", "as", "aps", "oy", "oyj", "ehf", "hf", "sro", "doo", "dd", "kft", "zrt", "nyrt", "bt", "ooo", "oao", "zao", "pao", "sia", "uab", "ou", "ead", "eood", "ood", "tov",
		"pty", "pte", "pvt", "bhd", "kk", "gk", "pt", "tbk", "jsc", "psc", "fze", "fzco", "fz", "wll", "saoc", "株式会社", "有限会社", "有限公司", "股份有限公司", "주식회사", "ооо", "оао", "зао", "пао",
	}
}

// Namer folds names of organizations.
type Namer struct {
	single   map[string]bool
	multiple [][]string
}

// NewNamer reads the list of legal forms.
func NewNamer() *Namer {
	n := &Namer{single: make(map[string]bool)}
	for _, f := range forms() {
		if words := strings.Fields(f); len(words) > 1 {
			n.multiple = append(n.multiple, words)
		} else {
			n.single[f] = true
		}
	}
	return n
}

// Fold writes a name in small letters without marks and punctuation: "Acme, Inc." is "acme inc".
func Fold(name string) string {
	var sb strings.Builder
	for _, r := range norm.NFKD.String(strings.ToLower(strings.ReplaceAll(name, "ß", "ss"))) {
		switch {
		case unicode.Is(unicode.Mn, r), r == '.', r == '\'', r == '’':
		case r == '+':
			sb.WriteString(" plus ")
		case unicode.IsLetter(r), unicode.IsDigit(r):
			sb.WriteRune(r)
		case r == 'ø':
			sb.WriteRune('o')
		default:
			sb.WriteByte(' ')
		}
	}
	folded := strings.NewReplacer(" a s ", " as ", "ø", "o", "æ", "ae", "ł", "l").Replace(sb.String() + " ")
	return norm.NFC.String(strings.Join(strings.Fields(folded), " "))
}

// Core is the name without legal forms and without spaces: "ACME Holding GmbH & Co. KG" is "acmeholding". A name that is nothing
// but forms stays as it is.
func (n *Namer) Core(name string) string {
	words := strings.Fields(Fold(name))
	if len(words) > 1 && words[0] == "the" {
		words = words[1:]
	}
	for cut := true; cut; {
		cut = false
		for _, f := range n.multiple {
			if len(words) > len(f) && slices.Equal(words[len(words)-len(f):], f) {
				words, cut = words[:len(words)-len(f)], true
			}
		}
		if last := len(words) - 1; last > 0 && n.single[words[last]] {
			words, cut = words[:last], true
		}
		if len(words) > 1 && n.single[words[0]] && len(words[0]) > 2 && strings.ContainsFunc(words[0], func(r rune) bool { return r > 127 }) || len(words) > 1 && (words[0] == "pt" || words[0] == "ooo") {
			words, cut = words[1:], true
		}
	}
	return strings.Join(words, "")
}

// Label is the part of a domain that its owner chose, without hyphens: of mail.acme-labs.co.uk it is "acmelabs"; "" where there is
// none.
func Label(domain string) string {
	own, err := publicsuffix.EffectiveTLDPlusOne(strings.ToLower(strings.TrimSuffix(domain, ".")))
	if err != nil {
		return ""
	}
	label, _, _ := strings.Cut(own, ".")
	return strings.ReplaceAll(Fold(label), " ", "")
}
