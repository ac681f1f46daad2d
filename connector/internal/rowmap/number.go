// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package rowmap

import (
	"math"
	"strconv"
	"strings"
	"unicode"
)

// ParseAmount reads an amount with its currency, if it names one: "€ 1.234,56", "$1,234.56", "(12.50)", "1'000 CHF".
// A single point or comma in front of three digits is a thousands separator, but a point is one only where decimals
// have a comma (comma is true), since programs write decimals with a point.
func ParseAmount(s string, comma bool) (amount float64, currency string, ok bool) {
	var digits, letters strings.Builder
	negative, ended := false, false // "1.234,-" ends in a dash
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9' && ended, r == '(' && digits.Len() > 0:
			return 0, "", false
		case r >= '0' && r <= '9' || r == '.' || r == ',':
			digits.WriteRune(r)
		case r == '-' || r == '−' || r == '(':
			ended = digits.Len() > 0
			negative = negative || !ended
		case unicode.IsSpace(r) || r == '\'' || r == '’' || r == ')' || r == '+':
		default:
			letters.WriteRune(unicode.ToUpper(r))
		}
	}
	currency, ok = currencyCode(letters.String())
	if !ok || len(s) > 60 {
		return 0, "", false
	}
	text := digits.String()
	comma = comma || strings.HasSuffix(text, ",") // "1.234,-"
	n, err := strconv.ParseFloat(plainNumber(strings.TrimRight(text, ".,"), comma), 64)
	if err != nil || math.IsInf(n, 0) || math.IsNaN(n) {
		return 0, "", false
	}
	if negative {
		n = -n
	}
	return n, currency, true
}

// plainNumber turns grouped digits into what Go reads.
func plainNumber(s string, comma bool) string {
	point, com := strings.LastIndexByte(s, '.'), strings.LastIndexByte(s, ',')
	switch {
	case point >= 0 && com >= 0 && com > point:
		return strings.ReplaceAll(strings.ReplaceAll(s, ".", ""), ",", ".")
	case point >= 0 && com >= 0:
		return strings.ReplaceAll(s, ",", "")
	case com >= 0 && (strings.Count(s, ",") > 1 || isThousands(s, com)):
		return strings.ReplaceAll(s, ",", "")
	case com >= 0:
		return strings.ReplaceAll(s, ",", ".")
	case strings.Count(s, ".") > 1 || point >= 0 && comma && isThousands(s, point):
		return strings.ReplaceAll(s, ".", "")
	}
	return s
}

// isThousands reports whether exactly three digits follow the separator at i and a number other than 0 stands before it.
func isThousands(s string, i int) bool {
	return len(s)-i-1 == 3 && i > 0 && i <= 3 && s[0] != '0'
}

// currencyCode finds the ISO 4217 code of what stands around a number; nothing there is no mistake.
func currencyCode(s string) (string, bool) {
	switch s {
	case "", "-", "–", "–-", ".-":
		return "", true
	case "€", "EURO", "EUROS":
		return "EUR", true
	case "$", "US$", "USD$", "$USD":
		return "USD", true
	case "£":
		return "GBP", true
	case "¥", "円":
		return "JPY", true
	case "R$":
		return "BRL", true
	case "₹", "RS":
		return "INR", true
	case "A$", "AU$":
		return "AUD", true
	case "C$", "CA$":
		return "CAD", true
	case "FR", "SFR":
		return "CHF", true
	case "ZŁ":
		return "PLN", true
	}
	s = strings.Trim(s, "€$£¥")
	if len(s) != 3 || strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return "", false
	}
	return s, true
}

// ParseSize reads a number of employees: "250", "1,000+", "51-200" (its lower end), "1.2k".
func ParseSize(s string) (int64, bool) {
	s = strings.TrimLeft(strings.ToLower(strings.TrimSpace(s)), "~<>≥≤ca. ")
	end := strings.IndexFunc(s, func(r rune) bool { return (r < '0' || r > '9') && r != ',' && r != '.' && r != '\'' && r != ' ' })
	unit := ""
	if end >= 0 {
		s, unit = s[:end], s[end:]
	}
	s = strings.TrimRight(strings.NewReplacer(" ", "", "'", "").Replace(s), ".,")
	if strings.HasPrefix(unit, "k") {
		n, err := strconv.ParseFloat(strings.ReplaceAll(s, ",", "."), 64)
		return int64(n * 1000), err == nil && n < 1e9
	}
	n, err := strconv.ParseInt(strings.NewReplacer(",", "", ".", "").Replace(s), 10, 64)
	return n, err == nil && n < 1e12
}
