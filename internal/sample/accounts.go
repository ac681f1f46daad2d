// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package sample

import (
	"strconv"
	"strings"
	"time"
)

// platform is one of the places where the community meets.
type platform int

const (
	slack platform = iota
	discourse
	github
	stackExchange
	discord
	mail
	platforms // their number
)

func (p platform) String() string {
	return [...]string{"slack", "discourse", "github", "stackexchange", "discord", "mail"}[p]
}

// account is a person on a platform.
type account struct {
	platform platform
	owner    *person
	id       string // as the platform writes it in its files
	handle   string
	display  string // the name that is shown
	email    string // "" where the platform does not tell
	website  string // profile link
	since    time.Time
	lost     bool // resembles none of the person's other accounts, on purpose
	listed   bool // occurs in the files; set by the platform's writer
}

// invite gives a member accounts: one platform to begin with, and for about a third of them others later.
func (p *person) invite(w *world, d dice) {
	p.handle = p.inventHandle(w, d)
	home := platform(d.index([]float64{36, 22, 21, 11, 6, 4}))
	if p.temper == lurker && (home == mail || home == stackExchange) {
		home = slack // nobody would know of them
	}
	places := []platform{home}
	more := []float64{64, 22, 10, 4}
	switch p.temper {
	case champion:
		more = []float64{0, 15, 50, 35}
	case regular:
		more = []float64{40, 35, 18, 7}
	case oneShot:
		more = []float64{80, 17, 3, 0}
	default:
	}
	for range d.index(more) {
		weights := []float64{30, 24, 28, 12, 8, 6}
		if p.temper == lurker {
			weights[mail], weights[stackExchange] = 0, 0
		}
		for _, taken := range places {
			weights[taken] = 0
		}
		places = append(places, platform(d.index(weights)))
	}
	lost := -1 // which account cannot be told to be the same person's
	if len(places) > 1 && d.chance(0.15) {
		lost = d.between(1, len(places)-1)
	}
	for i, at := range places {
		since := p.joined
		if i > 0 {
			since = since.Add(d.wait(60 * day))
		}
		if !p.left.IsZero() && since.After(p.left) {
			since = p.left.Add(-d.span(day, 20*day))
		}
		if since.After(w.end.Add(-day)) {
			if i > 0 {
				continue
			}
			since = w.end.Add(-d.span(day, 3*day))
		}
		p.open(w, d, at, since, i == lost)
	}
	p.profileLinks(d)
}

func (p *person) inventHandle(w *world, d dice) string {
	year := strconv.Itoa(d.between(71, 99))
	switch d.index([]float64{4, 3, 3, 2, 2, 2, 1}) {
	case 0:
		return p.given + "." + p.family
	case 1:
		return p.given[:1] + p.family
	case 2:
		return p.given + p.family
	case 3:
		return p.given + "-" + p.family
	case 4:
		return p.given + year
	case 5:
		return p.family + p.given[:1]
	default:
		return p.nickname(w, d)
	}
}

// nickname is a handle that tells nothing about the name, and that nobody else came upon.
func (p *person) nickname(w *world, d dice) string {
	for {
		a := one(d, []string{
			"row", "null", "pipe", "lazy", "batch", "late", "tiny", "quiet", "night", "cron", "delta", "stream", "moss", "paper", "copper", "north",
			"amber", "brisk", "cedar", "dusty", "early", "fuzzy", "grey", "hazel", "inky", "jolly", "knotty", "lunar", "mellow", "noisy", "opal", "plain", "rusty", "sunny", "tidal", "velvet",
		})
		b := one(d, []string{
			"wrench", "wise", "owl", "fox", "harbor", "sloth", "kettle", "badger", "lantern", "comet", "gardener", "smith", "otter", "turtle",
			"anchor", "bramble", "cactus", "drum", "engine", "falcon", "gecko", "heron", "island", "jigsaw", "koala", "ladder", "magnet", "noodle", "orchard", "pickle", "quill", "rocket", "saddle", "teapot", "urchin", "walrus",
		})
		if nick := "nick:" + a + b; !w.taken[nick] {
			w.taken[nick] = true
			return a + one(d, []string{"", "-", "_"}) + b + one(d, []string{"", "", strconv.Itoa(d.between(1, 99))})
		}
	}
}

// open adds an account, with the handle as the platform allows it and as people vary it.
func (p *person) open(w *world, d dice, at platform, since time.Time, lost bool) {
	a := &account{platform: at, owner: p, since: since.Truncate(time.Second), lost: lost}
	handle := p.handle
	switch {
	case lost:
		handle = p.nickname(w, d)
	case d.chance(0.25):
		handle += one(d, []string{"-dev", "_", "1", "x", "-data", "42"})
	case d.chance(0.1):
		handle = p.inventHandle(w, d)
	}
	a.handle = allowed(at, handle)
	a.display = p.displayName(d, a)
	a.email = p.emailFor(d, at)
	if lost {
		a.email = ""
		if at == mail {
			a.email = w.unique(strings.ReplaceAll(a.handle, "-", ".") + "@" + one(d, FreeMailDomains()))
		}
	}
	a.handle = strings.TrimPrefix(w.unique(at.String()+":"+a.handle), at.String()+":")
	a.id = w.externalID(at, a)
	p.accounts[at] = a
}

// allowed removes what a platform does not take in a handle.
func allowed(at platform, handle string) string {
	switch at {
	case github:
		return strings.Trim(strings.NewReplacer(".", "-", "_", "-").Replace(handle), "-")
	case discord:
		return strings.ReplaceAll(handle, "-", "_")
	case discourse:
		return strings.Trim(handle, "_-.")
	default:
		return handle
	}
}

func (p *person) displayName(d dice, a *account) string {
	if a.lost {
		return a.handle
	}
	if p.native != "" && d.chance(0.3) {
		return p.native
	}
	weights := [platforms][]float64{
		slack:         {8, 1, 1},
		discourse:     {6, 1, 3},
		github:        {6, 1, 3},
		stackExchange: {5, 2, 3},
		discord:       {2, 4, 4},
		mail:          {9, 1, 0},
	}
	switch d.index(weights[a.platform]) {
	case 0:
		return p.name
	case 1:
		return p.called
	default:
		return a.handle
	}
}

// emailFor is the address that the platform's files show: Slack's users, a list's senders and commits have one.
func (p *person) emailFor(d dice, at platform) string {
	shown := p.emails[0]
	if len(p.emails) > 1 && d.chance(0.3) {
		shown = p.emails[1]
	}
	switch {
	case at == slack && d.chance(0.92), at == mail:
		return shown
	case at == github && d.chance(0.7):
		return shown
	}
	return ""
}

// profileLinks lets some accounts point at the person's GitHub account, others at a site of their own.
func (p *person) profileLinks(d dice) {
	for _, at := range []platform{slack, discourse, stackExchange} {
		a := p.accounts[at]
		if a == nil || a.lost {
			continue
		}
		hub := p.accounts[github]
		likely := [platforms]float64{slack: 0.2, discourse: 0.4, stackExchange: 0.35}[at]
		switch {
		case hub != nil && !hub.lost && d.chance(likely):
			a.website = "https://github.com/" + hub.handle
		case at != slack && d.chance(0.15):
			a.website = "https://" + strings.NewReplacer(".", "", "_", "").Replace(p.handle) + ".example/"
		}
	}
}

// staffAccounts opens accounts for one of the staff nearly everywhere, under the full name.
func (p *person) staffAccounts(w *world, d dice) {
	p.handle = p.given + "." + p.family
	for at := range platforms {
		if at == slack || at == discourse || at == github || d.chance(0.55) {
			p.open(w, d, at, p.joined, false)
			p.accounts[at].display = p.name
			if at == slack || at == mail {
				p.accounts[at].email = p.emails[0]
			}
		}
	}
}

// botAccounts opens the accounts of a bot: a helper for newcomers, one that announces releases, and the build server.
func (p *person) botAccounts(w *world, i int) {
	for _, at := range [][]platform{{slack, discord, discourse}, {slack}, {github}}[i] {
		a := &account{platform: at, owner: p, handle: p.handle, display: p.name, since: p.joined}
		switch at {
		case discourse:
			a.handle, a.display, a.id = "system", "system", "-1"
		case github:
			a.handle = "lumen-ci[bot]"
		default:
		}
		if a.id == "" {
			a.id = w.externalID(at, a)
		}
		p.accounts[at] = a
	}
}

// externalID makes an account number in the platform's style. Numbers grow with the person's number where the platform's are
// sequences, and lie above those in use where they are public.
func (w *world) externalID(at platform, a *account) string {
	n := a.owner.id
	switch at {
	case slack:
		return "U0" + base36(scramble(uint64(w.origin)^uint64(n)<<20), 5) + base36(uint64(n), 4)
	case discord:
		return snowflake(a.since.Add(-300*day), n)
	case github:
		return strconv.Itoa(900_000_000 + n*7 + 11)
	case discourse, stackExchange:
		return strconv.Itoa(n + 1)
	default:
		return a.email
	}
}

// base36 writes the low part of n with width capital letters and digits.
func base36(n uint64, width int) string {
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	b := make([]byte, width)
	for i := width - 1; i >= 0; i-- {
		b[i] = digits[n%36]
		n /= 36
	}
	return string(b)
}

// snowflake makes a Discord id for a moment; n tells apart what happens in the same millisecond.
func snowflake(at time.Time, n int) string {
	const discordEpoch = 1420070400000
	return strconv.FormatInt((at.UnixMilli()-discordEpoch)<<22|int64(n&0x3fffff), 10)
}
