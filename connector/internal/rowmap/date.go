// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package rowmap

import (
	"strconv"
	"strings"
	"time"
	"unicode"
)

// dateOrder says how a date of three numbers is meant.
type dateOrder int

const (
	orderUnknown dateOrder = iota
	orderDayFirst
	orderMonthFirst
)

// dates reads dates in the ways people and programs write them.
type dates struct {
	order dateOrder
	zone  *time.Location // of times that do not say
}

// ParseTime reads a time in any of the ways in which people and programs write one, in UTC where it names no zone. problem
// says what is wrong with it.
func ParseTime(s string) (t time.Time, problem string) {
	return dates{zone: time.UTC}.parse(s)
}

// What may be wrong with a date.
const (
	dateBad       = "is not a date"
	dateAmbiguous = "may be two dates: the first number may be the day or the month"
)

// parse reads a date; problem says what is wrong with it.
func (d dates) parse(s string) (t time.Time, problem string) {
	s = strings.TrimSpace(s)
	if s == "" || len(s) > 100 {
		return time.Time{}, dateBad
	}
	if isDigits(s) {
		return parseDigits(s)
	}
	day, clock := splitClock(s)
	y, m, dd, problem := d.calendar(day)
	if problem != "" {
		return time.Time{}, problem
	}
	c, ok := parseClock(clock, d.zone)
	if !ok || m < 1 || m > 12 || dd < 1 {
		return time.Time{}, dateBad
	}
	t = time.Date(y, time.Month(m), dd, c.h, c.m, c.s, c.ns, c.zone)
	if t.Day() != dd || t.Month() != time.Month(m) {
		return time.Time{}, dateBad
	}
	if t = t.UTC(); t.Year() < 1900 || t.Year() > 9999 {
		return time.Time{}, dateBad
	}
	return t, ""
}

func isDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// parseDigits reads 20251231, and seconds or milliseconds since 1970.
func parseDigits(s string) (time.Time, string) {
	n, err := strconv.ParseInt(s, 10, 64)
	switch {
	case err != nil:
	case len(s) == 8:
		if t, err := time.Parse("20060102", s); err == nil && t.Year() >= 1900 {
			return t, ""
		}
	case len(s) == 10:
		return time.Unix(n, 0).UTC(), ""
	case len(s) == 13:
		return time.UnixMilli(n).UTC(), ""
	}
	return time.Time{}, dateBad
}

// splitClock cuts a text in front of its time of day.
func splitClock(s string) (day, clock string) {
	i := strings.IndexByte(s, ':')
	if i < 0 {
		return s, ""
	}
	for i > 0 && s[i-1] >= '0' && s[i-1] <= '9' {
		i--
	}
	day, clock = strings.TrimRight(s[:i], " ,T\t"), s[i:]
	// "14:05 on 31.12.2025" and "14:05:06 31 Dec 2025": the time stands in front.
	if day == "" {
		if j := strings.IndexAny(clock, " \t"); j > 0 {
			rest := strings.TrimSpace(clock[j:])
			if head := strings.ToLower(rest); strings.HasPrefix(head, "am ") || strings.HasPrefix(head, "pm ") {
				return rest[3:], clock[:j] + rest[:2]
			}
			return rest, clock[:j]
		}
	}
	return day, clock
}

// calendar reads year, month and day.
func (d dates) calendar(s string) (y, m, day int, problem string) {
	sep := byte(' ')
	parts := strings.FieldsFunc(s, func(r rune) bool {
		if r == '/' || r == '.' || r == '-' {
			sep = byte(r)
			return true
		}
		return r == ' ' || r == ',' || r == '\t'
	})
	var nums []string
	for _, p := range parts {
		if n := monthNumber(p); n > 0 && m == 0 {
			m = n
			continue
		}
		if p[0] >= '0' && p[0] <= '9' {
			p = strings.TrimRight(p, "stndrhº°") // 1st, 2nd, 3rd, 4th
		}
		if isDigits(p) {
			nums = append(nums, p)
		} else if !isDayWord(p) {
			return 0, 0, 0, dateBad
		}
	}
	switch {
	case m > 0 && len(nums) == 2 && len(nums[0]) == 4:
		return number(nums[0]), m, number(nums[1]), ""
	case m > 0 && len(nums) == 2:
		return year(nums[1]), m, number(nums[0]), ""
	case m > 0 || len(nums) != 3:
		return 0, 0, 0, dateBad
	case len(nums[0]) == 4:
		return number(nums[0]), number(nums[1]), number(nums[2]), ""
	}
	a, b, y := number(nums[0]), number(nums[1]), year(nums[2])
	order := d.order
	if sep == '.' && order == orderUnknown {
		order = orderDayFirst // nobody writes month.day.year
	}
	switch {
	case a > 12 || a == b || order == orderDayFirst && b <= 12:
		return y, b, a, ""
	case b > 12 || order == orderMonthFirst:
		return y, a, b, ""
	}
	return 0, 0, 0, dateAmbiguous
}

// evidence says which order a date proves.
func evidence(s string) dateOrder {
	day, _ := splitClock(strings.TrimSpace(s))
	parts := strings.FieldsFunc(day, func(r rune) bool { return r == '/' || r == '-' })
	if len(parts) != 3 || len(parts[0]) > 2 || !isDigits(parts[0]) || !isDigits(parts[1]) || !isDigits(strings.TrimSpace(parts[2])) {
		return orderUnknown
	}
	a, b := number(parts[0]), number(parts[1])
	switch {
	case a > 12 && a <= 31 && b <= 12:
		return orderDayFirst
	case b > 12 && b <= 31 && a <= 12:
		return orderMonthFirst
	}
	return orderUnknown
}

func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

func year(s string) int {
	n := number(s)
	switch {
	case len(s) > 2:
		return n
	case n < 70:
		return 2000 + n
	default:
		return 1900 + n
	}
}

// monthNumber knows the names of months in six languages by what tells them apart.
func monthNumber(s string) int {
	s = fold(s)
	if len(s) < 3 || !unicode.IsLetter(rune(s[0])) {
		return 0
	}
	for i, stems := range [...]string{
		"jan ene gen", "feb fev fevr", "mar maerz mrz mrt maart marz", "apr avr abr", "may mai mei mag", "jun juin giu", "jul juil lug",
		"aug aou ago", "sep sett set", "oct okt out ott", "nov", "dec dez dic",
	} {
		for stem := range strings.FieldsSeq(stems) {
			if strings.HasPrefix(s, stem) && isMonthWord(s) {
				return i + 1
			}
		}
	}
	return 0
}

// isMonthWord reports whether a folded word is the whole name of a month, or short enough to be cut from one.
//
//nolint:misspell // words of other languages
func isMonthWord(s string) bool {
	if len(s) <= 4 {
		return true
	}
	return strings.Contains(" january february march april june july august september october november december "+
		"januar februar maerz marz juni juli oktober dezember janvier fevrier avril juillet aout septembre octobre novembre decembre "+
		"enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre janeiro fevereiro marco maio junho julho "+
		"setembro outubro novembro dezembro gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre januari februari maart augustus ",
		" "+s+" ")
}

// isDayWord reports whether a word of a date says nothing of it: a day of the week, "de", "on".
func isDayWord(s string) bool {
	s = fold(s)
	switch s {
	case "", "de", "del", "of", "on", "the", "at", "um", "le", "den", "t":
		return true
	}
	for _, stem := range []string{
		"mon", "tue", "wed", "thu", "fri", "sat", "sun", "die", "mit", "don", "fre", "sam", "son", "lun", "mar", "mer", "jeu", "ven", "dim",
		"mie", "jue", "vie", "sab", "dom", "seg", "ter", "qua", "qui", "sex", "gio", "maa", "din", "woe", "vri", "zat", "zon",
	} {
		if strings.HasPrefix(s, stem) && len(s) <= 10 {
			return true
		}
	}
	return len(s) == 2 && strings.Contains("mo di mi do fr sa so", s)
}

// clock is a time of day.
type clock struct {
	h, m, s, ns int
	zone        *time.Location
}

// parseClock reads "14:05", "2:05:06.123 PM", "14:05:06+02:00", "14:05 UTC"; an empty text is midnight.
func parseClock(s string, zone *time.Location) (clock, bool) {
	c := clock{zone: zone}
	if zone == nil {
		c.zone = time.UTC
	}
	if s == "" {
		return c, true
	}
	digits := s
	if i := strings.IndexFunc(s, func(r rune) bool { return (r < '0' || r > '9') && r != ':' && r != '.' && r != ',' }); i >= 0 {
		digits = s[:i]
	}
	rest := strings.ToLower(strings.TrimSpace(s[len(digits):]))
	hms, frac, _ := strings.Cut(strings.ReplaceAll(digits, ",", "."), ".")
	parts := strings.Split(hms, ":")
	if len(parts) < 2 || len(parts) > 3 || len(frac) > 0 && !isDigits(frac) {
		return c, false
	}
	for i, dst := range []*int{&c.h, &c.m, &c.s}[:len(parts)] {
		if !isDigits(parts[i]) || len(parts[i]) > 2 {
			return c, false
		}
		*dst = number(parts[i])
	}
	if frac != "" {
		c.ns = number((frac + "000000000")[:9])
	}
	for _, half := range []string{"am", "pm", "a.m.", "p.m."} {
		if after, ok := strings.CutPrefix(rest, half); ok {
			if c.h < 1 || c.h > 12 {
				return c, false
			}
			c.h %= 12
			if half[0] == 'p' {
				c.h += 12
			}
			rest = strings.TrimSpace(after)
			break
		}
	}
	if rest != "" {
		var ok bool
		if c.zone, ok = parseZone(rest); !ok {
			return c, false
		}
	}
	return c, c.h < 24 && c.m < 60 && c.s < 60
}

// parseZone reads "z", "utc", "+02:00", "gmt+2", "(utc)".
func parseZone(s string) (*time.Location, bool) {
	s = strings.Trim(s, "() ")
	for _, prefix := range []string{"utc", "gmt", "z"} {
		if after, ok := strings.CutPrefix(s, prefix); ok {
			if s = strings.TrimSpace(after); s == "" {
				return time.UTC, true
			}
			break
		}
	}
	if s == "uhr" || s == "h" {
		return time.UTC, true
	}
	if len(s) < 2 || s[0] != '+' && s[0] != '-' {
		return nil, false
	}
	digits := strings.ReplaceAll(s[1:], ":", "")
	if len(digits) <= 2 {
		digits += "00"
	}
	if !isDigits(digits) || len(digits) > 4 {
		return nil, false
	}
	n := number(digits)
	seconds := n/100*3600 + n%100*60
	if seconds > 15*3600 || n%100 > 59 {
		return nil, false
	}
	if s[0] == '-' {
		seconds = -seconds
	}
	return time.FixedZone("", seconds), true
}
