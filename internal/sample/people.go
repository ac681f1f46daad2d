// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package sample

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

type personKind string

const (
	member personKind = "member"
	staff  personKind = "staff"
	bot    personKind = "bot"
)

// temper is how a member takes part.
type temper int

const (
	lurker   temper = iota // joins, stars, likes, says nothing
	oneShot                // asks once and is not seen again
	casual                 // stays for some weeks
	regular                // stays for a year or so
	champion               // answers a lot, for as long as they are there
	employed               // staff
)

func (t temper) String() string {
	return [...]string{"lurker", "one-shot", "casual", "regular", "champion", "staff"}[t]
}

// place is where a person lives. offset is from UTC; summer time is left out.
type place struct {
	city, country, zone string
	offset              time.Duration
}

// spelling is a name in Latin letters and, for some cultures, in its own script.
type spelling struct{ latin, native string }

// culture is a group of names that go together.
type culture struct {
	key, lang     string
	weight        float64
	places        []place
	given, family []spelling
}

// person is somebody in the community: a member, one of the staff or a bot.
type person struct {
	id            int // from 0, also in truth.json
	kind          personKind
	temper        temper
	name, native  string // full name; native is "" where it is the same
	given, family string // in ASCII letters, lower case
	called        string // given name as spoken to
	lang          string
	ownLang       bool // writes in the own language where others write English
	evening       bool // takes part after work
	place         *place
	org           *organization // nil without an employer that is known
	title         string
	emails        []string // the first is the one for work, if there is work
	joined, left  time.Time
	weight        float64 // how active compared to others of the same temper
	accounts      [platforms]*account
	handle        string // the one that most accounts resemble
}

func readCultures() ([]culture, error) {
	text, err := words.ReadFile("names.txt")
	if err != nil {
		return nil, fmt.Errorf("read names: %w", err)
	}
	var list []culture
	for n, line := range strings.Split(string(text), "\n") {
		field, rest, _ := strings.Cut(line, " ")
		switch {
		case line == "" || field == "#":
		case line[0] == '[':
			c := culture{key: strings.Trim(field, "[]")}
			for _, option := range strings.Fields(rest) {
				key, value, _ := strings.Cut(option, "=")
				switch key {
				case "lang":
					c.lang = value
				case "weight":
					c.weight, err = strconv.ParseFloat(value, 64)
				}
			}
			list = append(list, c)
		case len(list) == 0:
			err = fmt.Errorf("unexpected %q before the first group", field)
		default:
			err = list[len(list)-1].add(field, rest)
		}
		if err != nil {
			return nil, fmt.Errorf("read names: names.txt:%d: %w", n+1, err)
		}
	}
	return list, nil
}

func (c *culture) add(field, rest string) error {
	switch field {
	case "places:":
		for item := range strings.SplitSeq(rest, ", ") {
			parts := strings.Split(item, "/")
			if len(parts) < 4 {
				return fmt.Errorf("place %q is not city/country/zone/hours", item)
			}
			last := len(parts) - 1
			hours, err := strconv.ParseFloat(parts[last], 64)
			if err != nil {
				return fmt.Errorf("place %q: %w", item, err)
			}
			c.places = append(c.places, place{parts[0], parts[1], strings.Join(parts[2:last], "/"), time.Duration(hours * float64(time.Hour))})
		}
	case "given:", "family:":
		list := &c.given
		if field == "family:" {
			list = &c.family
		}
		for item := range strings.FieldsSeq(rest) {
			latin, native, _ := strings.Cut(item, "|")
			*list = append(*list, spelling{latin, native})
		}
	default:
		return fmt.Errorf("unknown field %q", field)
	}
	return nil
}

func cultureWeights(list []culture) []float64 {
	weights := make([]float64, len(list))
	for i := range list {
		weights[i] = list[i].weight
	}
	return weights
}

// ascii writes a Latin name with the letters of a handle.
func ascii(s string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(s) {
		switch {
		case r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			b.WriteRune(unicode.ToLower(r))
		case strings.ContainsRune("łŁ", r):
			b.WriteByte('l')
		case strings.ContainsRune("øØ", r):
			b.WriteByte('o')
		case strings.ContainsRune("æÆ", r):
			b.WriteString("ae")
		case r == 'œ':
			b.WriteString("oe")
		case r == 'ß':
			b.WriteString("ss")
		case r == 'ı':
			b.WriteByte('i')
		}
	}
	return b.String()
}

// namesakes is how often a person may have the name of another, as in life.
const namesakes = 0.01

// naming gives a person a name, a place and a language out of a culture.
func (p *person) naming(w *world, d dice, c *culture) {
	given, family := one(d, c.given), one(d, c.family)
	full := func() string { return given.latin + " " + family.latin }
	for tries := 0; w.taken["name:"+full()] && tries < 200 && !d.chance(namesakes); tries++ {
		given, family = one(d, c.given), one(d, c.family)
	}
	w.taken["name:"+full()] = true
	p.name = given.latin + " " + family.latin
	p.called = given.latin
	if given.native != "" && family.native != "" {
		p.native = family.native + given.native
		if c.key == "arab" || c.key == "ua" {
			p.native = given.native + " " + family.native
		}
	}
	p.given, p.family = ascii(given.latin), ascii(family.latin)
	p.place = &c.places[d.IntN(len(c.places))]
	p.lang = c.lang
}

// inventStaff makes the people of Lumen Labs and the bots.
func (w *world) inventStaff() {
	roles := []string{
		"Community Manager", "Developer Advocate", "Support Engineer", "Support Engineer", "Software Engineer",
		"Software Engineer", "Staff Engineer", "Product Manager", "Co-founder",
	}
	vendor := &organization{name: "Lumen Labs", domain: vendorDomain}
	for i, role := range roles {
		d := w.origin.stream("staff", i)
		p := &person{id: len(w.people), kind: staff, temper: employed, org: vendor, title: role, joined: w.start.Add(-400 * day)}
		p.naming(w, d, &w.cultures[d.index(cultureWeights(w.cultures))])
		p.emails = []string{vendor.address(p.given, p.family)}
		p.weight = []float64{1.6, 1.3, 1.5, 1.2, 0.7, 0.5, 0.6, 0.5, 0.2}[i]
		switch i {
		case 1: // joins in the first months
			p.joined = w.start.Add(w.end.Sub(w.start) / 6)
		case 5: // has left since
			p.left = w.start.Add(w.end.Sub(w.start) * 2 / 3)
		}
		p.staffAccounts(w, d)
		w.people = append(w.people, p)
	}
	for i, name := range []string{"Lumen Helper", "Release Bot", "lumen-ci"} {
		p := &person{id: len(w.people), kind: bot, temper: employed, name: name, called: name, joined: w.start.Add(-400 * day)}
		p.place = &place{city: "", country: "", zone: "Etc/UTC"}
		p.handle = ascii(name)
		p.botAccounts(w, i)
		w.people = append(w.people, p)
	}
}

// inventMembers makes n members. Those who joined are spread over the period with its growth; a few were there before.
func (w *world) inventMembers(n int) {
	perEmployer := make([]float64, len(w.organizations))
	for i, o := range w.organizations {
		perEmployer[i] = o.weight
	}
	joining := w.calendar(0.5)
	for i := range n {
		d := w.origin.stream("member", i)
		p := &person{id: len(w.people), kind: member}
		p.naming(w, d, &w.cultures[d.index(cultureWeights(w.cultures))])
		p.joined = joining.draw(d)
		if d.chance(0.12) {
			p.joined = w.start.Add(-d.span(0, 200*day))
		}
		p.temper = temper(d.index([]float64{29, 29, 24, 15.5, 2.5}))
		if i < 8 { // a community of any size has its champions
			p.temper, p.joined = champion, w.start.Add(time.Duration(i-4)*25*day)
		}
		p.weight = d.around(1000*time.Hour, 0.7).Hours() / 1000
		p.evening = d.chance(0.3)
		p.ownLang = p.lang != "en" && d.chance(0.25)
		p.title = w.jobTitle(d)
		if i >= 8 && (d.chance(0.62) || i < 24) {
			p.org = w.organizations[d.index(perEmployer)]
			if i < 16 { // the silent customer is missed only if it was there before
				p.org, p.temper, p.joined = w.organizations[0], regular, w.start.Add(d.span(0, w.end.Sub(w.start)/2))
			} else if i < 24 {
				p.org, p.temper = w.organizations[1], regular
			}
		}
		p.employment(w, d)
		if i == 2 || i == 5 { // champions who do not answer any more
			p.left = w.end.Add(-d.span(45*day, 60*day))
		}
		p.invite(w, d)
		w.people = append(w.people, p)
	}
}

func (w *world) jobTitle(d dice) string {
	title := one(d, w.book["slots"]["role"])
	if d.chance(0.2) {
		title = "senior " + title
	}
	return strings.ToUpper(title[:1]) + title[1:]
}

// employment sets addresses, and ends the activity of people whose employer has gone quiet.
func (p *person) employment(w *world, d dice) {
	private := p.given + one(d, []string{".", "", "_"}) + p.family
	if d.chance(0.3) {
		private += strconv.Itoa(d.between(2, 99))
	}
	private += "@" + one(d, FreeMailDomains())
	if p.org == nil {
		p.emails = []string{w.unique(private)}
		return
	}
	p.emails = []string{w.unique(p.org.address(p.given, p.family)), w.unique(private)}
	p.trying(w)
	if p.org.quiet.IsZero() {
		return
	}
	p.left = p.org.quiet.Add(-d.wait(12 * day))
	if p.joined.After(p.left) {
		p.joined = p.left.Add(-d.span(60*day, 300*day))
	}
}

// trying brings people of an organization that tries the product along with its trial. Of those whose organization did not buy
// most leave with the trial; some stay on their own account.
func (p *person) trying(w *world) {
	d := w.origin.stream("trying", p.id)
	if p.org.lifecycle != trial && !p.org.triedAndLeft() || !d.chance(0.8) {
		return
	}
	p.joined = p.org.tries.Add(d.span(-3*day, 9*day))
	if p.org.triedAndLeft() && d.chance(0.75) {
		p.left = p.org.tries.Add(trialDays + d.wait(5*day))
	}
}

// unique adds a number to an address or handle that is taken.
func (w *world) unique(name string) string {
	local, domain, isAddress := strings.Cut(name, "@")
	if isAddress {
		domain = "@" + domain
	}
	for n := 1; ; n++ {
		candidate := local + domain
		if n > 1 {
			candidate = local + strconv.Itoa(n) + domain
		}
		if !w.taken[candidate] {
			w.taken[candidate] = true
			return candidate
		}
	}
}
