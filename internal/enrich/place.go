// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package enrich

import (
	_ "embed"
	"strings"
	"sync"
)

// placesText has a line for each country: its code, its time zone where it has but one, its names, and cities with their
// time zones where these are not the country's. Codes, English names, time zones and the cities that these are named
// after are those of the tz database (iso3166.tab and zone.tab, 2024 and later), which is in the public domain; other
// names and cities were added by hand.
//
//go:embed places.tsv
var placesText string

// place is where a name lies.
type place struct{ country, zone string }

// gazetteer is made at the first use.
var gazetteer = sync.OnceValue(func() *places { return readPlaces(placesText) }) //nolint:gochecknoglobals // a constant table, which Go cannot write as one

type places struct {
	countries map[string]place // by name in lower case
	cities    map[string]place
	codes     map[string]place
	zones     map[string]string // country by time zone
}

func readPlaces(text string) *places {
	g := &places{countries: map[string]place{}, cities: map[string]place{}, codes: map[string]place{}, zones: map[string]string{}}
	for line := range strings.Lines(text) {
		parts := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(parts) != 4 {
			continue
		}
		country := place{parts[0], parts[1]}
		g.codes[country.country] = country
		if country.zone != "" {
			g.zones[country.zone] = country.country
		}
		for name := range strings.SplitSeq(parts[2], "|") {
			g.countries[name] = country
		}
		for city := range strings.SplitSeq(parts[3], "|") {
			name, zone, own := strings.Cut(city, "=")
			if own {
				g.zones[zone] = country.country
			} else {
				zone = country.zone
			}
			if name != "" {
				g.cities[name] = place{country.country, zone}
			}
		}
	}
	return g
}

// states are codes that people in the United States and Canada write behind a city. Many are codes of countries, too.
const (
	statesUS = " AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY DC "
	statesCA = " AB BC MB NB NL NS ON PE QC SK YT NT NU "
)

// stateNames are those that are no countries.
const stateNames = "|california|texas|florida|new york|illinois|pennsylvania|ohio|michigan|washington|oregon|colorado|massachusetts|virginia|" +
	"north carolina|south carolina|arizona|minnesota|wisconsin|maryland|missouri|indiana|tennessee|utah|nevada|connecticut|iowa|kansas|oklahoma|kentucky|" +
	"louisiana|alabama|new jersey|new mexico|new hampshire|vermont|maine|idaho|montana|nebraska|hawaii|alaska|arkansas|mississippi|rhode island|delaware|"

// locate finds the country and the time zone of a place as people write it, and the words that say so.
func locate(text string) (country, zone, words string) {
	text = strings.TrimSpace(text)
	if text == "" || len(text) > 200 {
		return "", "", ""
	}
	g := gazetteer()
	if p, ok := g.whole(text); ok {
		return p.country, p.zone, text
	}
	if code := flagCode(text); code != "" {
		if p, ok := g.codes[code]; ok {
			return p.country, p.zone, text
		}
	}
	parts := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(",/|;·•()[]–→&+\n", r) })
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	found, met := place{}, false
	for i := len(parts) - 1; i >= 0; i-- {
		p, ok := g.part(parts, i)
		switch {
		case !ok:
		case !met:
			found, met = p, true
		case found.country != p.country:
			if i < len(parts)-2 || i == 0 && len(parts) > 2 {
				continue
			}
			return "", "", "" // two countries
		case found.zone == "":
			found.zone = p.zone
		}
	}
	return found.country, found.zone, text
}

// whole looks a text up as it is.
func (g *places) whole(text string) (place, bool) {
	name := strings.ToLower(text)
	if name == "georgia" || name == "jersey" { // states, too, or said of one
		return place{}, false
	}
	if p, ok := g.countries[name]; ok {
		return p, true
	}
	p, ok := g.cities[name]
	return p, ok
}

// part looks one of several parts up, with regard to its neighbor.
func (g *places) part(parts []string, i int) (place, bool) {
	text := parts[i]
	if len(text) == 2 && i > 0 && text == strings.ToUpper(text) {
		return g.code(text, parts[i-1])
	}
	if strings.Contains(stateNames, "|"+strings.ToLower(text)+"|") && (i > 0 || len(parts) == 1) {
		return place{country: "US"}, true
	}
	if i < len(parts)-1 {
		if next := parts[i+1]; len(next) == 2 && next == strings.ToUpper(next) {
			if p, ok := g.code(next, text); !ok || p.country != g.cities[strings.ToLower(text)].country {
				return place{}, false // the code says that it is another place of that name
			}
		}
	}
	if strings.EqualFold(text, "georgia") && i > 0 {
		p, ok := g.cities[strings.ToLower(parts[i-1])]
		return p, ok
	}
	return g.whole(text)
}

// code reads two letters behind a city: of a country, of a state, or of either, which the city has to tell.
func (g *places) code(code, city string) (place, bool) {
	near, known := g.cities[strings.ToLower(city)]
	country, is := g.codes[code]
	if code == "UK" {
		country, is = g.codes["GB"], true
	}
	var states []string
	if strings.Contains(statesUS, " "+code+" ") {
		states = append(states, "US")
	}
	if strings.Contains(statesCA, " "+code+" ") {
		states = append(states, "CA")
	}
	if known && (is && near.country == country.country || len(states) > 0 && near.country == states[0]) {
		return near, true
	}
	switch {
	case len(states) == 1 && !is:
		return place{country: states[0]}, true
	case len(states) == 0 && is:
		return country, true
	}
	return place{}, false
}

// flagCode reads the only flag in a text.
func flagCode(text string) string {
	var letters []byte
	for _, r := range text {
		if r >= 0x1F1E6 && r <= 0x1F1FF {
			letters = append(letters, byte('A'+r-0x1F1E6))
		}
	}
	if len(letters) != 2 {
		return ""
	}
	return string(letters)
}

// countryOfZone is the country that a time zone is named after.
func countryOfZone(zone string) string {
	if zone == "" {
		return ""
	}
	return gazetteer().zones[zone]
}
