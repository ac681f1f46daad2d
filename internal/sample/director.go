// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package sample

import (
	"math"
	"slices"
	"time"
)

// role is what a post does in its thread.
type role int

const (
	opening role = iota
	answer
	clarify // somebody asks back
	detail  // the author replies to that
	thanks  // the author is content
	problem // the author is not
	agree   // somebody has the same trouble or wish
	remark  // anything else
	welcome
	approve // a review of a pull request
	change  // a review that asks for changes
	robot   // by a bot
)

// post is one message of a thread.
type post struct {
	author    *person
	at        time.Time
	role      role
	body      []block
	parent    int // index of the post that it replies to, -1 for the opening
	mention   *person
	reactions []reaction
	edited    time.Time // zero if it was not
}

// reaction is an emoji, by its Slack name, and who chose it.
type reaction struct {
	emoji string
	by    []*person
}

// thread is a conversation from its opening to its end.
type thread struct {
	seed
	id       int // place in the platform's plan
	title    string
	posts    []post
	accepted int // index of the accepted answer, 0 for none
	closed   time.Time
	closedBy *person
	merged   bool
}

// answered tells whether somebody other than the author, and no bot, has said something.
func (t *thread) answered() (first time.Time, yes bool) {
	for i := range t.posts {
		if p := &t.posts[i]; p.author != t.author && p.author.kind != bot {
			return p.at, true
		}
	}
	return time.Time{}, false
}

// director plays the threads of one platform.
type director struct {
	w    *world
	cast *cast
	at   platform
	dice // of the thread that is being played
	t    *thread
	sc   scene
	// story is what belongs together: the places of a topic's fragments, the parts of a question in another language, or the
	// opening of a chat and what may be replied. solved says that the answer of the story has been given.
	story  []string
	solved bool
}

// pace is how long a first answer usually takes and how likely there is one.
type pace struct {
	median time.Duration
	share  float64
}

func (d *director) pace() pace {
	return [platforms]pace{
		slack:         {28 * time.Minute, 0.88},
		discourse:     {4 * time.Hour, 0.87},
		github:        {8 * time.Hour, 0.84},
		stackExchange: {13 * time.Hour, 0.76},
		discord:       {14 * time.Minute, 0.84},
		mail:          {6 * time.Hour, 0.83},
	}[d.at]
}

// play makes the thread of a seed. Everything after the end of the period has not happened yet and is left out.
func (d *director) play(s seed, id int) *thread {
	d.dice = d.w.origin.stream("thread "+d.at.String()+" "+s.channel.key+" "+s.source, s.n)
	d.t = &thread{seed: s, id: id}
	d.sc = d.w.newScene(d.dice, s)
	d.story, d.solved = nil, false
	d.open()
	if !s.silent {
		switch s.intent {
		case question, bug, complaint:
			d.solve()
		case idea:
			d.discuss()
		case introduction:
			d.greet()
		case pull:
			d.review()
		case notice:
		default:
			d.chatter()
		}
	}
	for i := range d.t.posts {
		d.react(&d.t.posts[i])
	}
	return d.t
}

func (d *director) open() {
	p := post{author: d.t.author, at: d.t.at, parent: -1}
	d.t.title, p.body = d.opening()
	if d.chance(0.06) {
		p.edited = p.at.Add(d.around(4*time.Minute, 1)).Truncate(time.Second)
	}
	d.t.posts = append(d.t.posts, p)
}

// add appends what somebody says a while after another post, when they are awake; it returns the index, or -1 if that would be
// after the end, or nobody is there to say it.
func (d *director) add(who *person, r role, after time.Duration, to int) int {
	if who == nil || to < 0 {
		return -1
	}
	earliest := d.t.posts[to].at
	at := who.awake(d.dice, earliest.Add(max(after, 20*time.Second))).Truncate(time.Millisecond)
	if last := d.t.posts[len(d.t.posts)-1].at; !at.After(last) {
		at = last.Add(d.span(30*time.Second, 9*time.Minute)).Truncate(time.Millisecond)
	}
	if !at.Before(d.w.end) || !who.left.IsZero() && at.After(who.left.Add(4*day)) {
		return -1
	}
	p := post{author: who, at: at, role: r, parent: to}
	if d.chance(0.3) && d.t.posts[to].author != who {
		p.mention = d.t.posts[to].author
	}
	p.body = d.reply(who, r, to)
	for range 3 { // nobody repeats what was just said
		if !d.said(p.body) {
			break
		}
		p.body = d.reply(who, r, to)
	}
	if d.chance(0.035) {
		p.edited = at.Add(d.around(3*time.Minute, 1)).Truncate(time.Second)
	}
	d.t.posts = append(d.t.posts, p)
	return len(d.t.posts) - 1
}

// said tells whether somebody has used the same words in the thread.
func (d *director) said(body []block) bool {
	return slices.ContainsFunc(d.t.posts, func(p post) bool { return p.body[0] == body[0] })
}

// responder draws who answers, somebody of the same language if the thread is not in English.
func (d *director) responder(at time.Time, not ...*person) *person {
	crowd := &d.cast.week(at).answer
	best := other(d.dice, crowd, not...)
	for range 20 {
		if d.t.lang == "en" || best == nil || best.lang == d.t.lang {
			break
		}
		if p := other(d.dice, crowd, not...); p != nil {
			best = p
		}
	}
	return best
}

// solve plays a question, bug or complaint: same here, asking back, answers, thanks, or silence.
func (d *director) solve() {
	asker, pace := d.t.author, d.pace()
	load := 1 + 1.2*d.w.spike(d.t.at)
	share := pace.share * (1.08 - 0.1*d.t.topic.hard) / (0.9 + 0.1*load)
	if d.chance(0.25 * load) {
		d.add(d.cast.week(d.t.at).ask.draw(d.dice), agree, d.around(5*pace.median, 1.3), 0)
	}
	if !d.chance(share) {
		return
	}
	delay := time.Duration(float64(d.around(pace.median, 1.35)) * d.t.topic.hard * load)
	helper := d.responder(d.t.at, asker)
	at := 0
	if d.chance(0.24) {
		back := d.add(helper, clarify, delay, 0)
		if !d.chance(0.75) {
			return
		}
		at = d.add(asker, detail, d.around(pace.median, 1.2), back)
		if d.chance(0.4) {
			helper = d.responder(d.t.at, asker)
		}
		delay /= 3
	}
	r := answer
	if d.t.intent != question && helper != nil && helper.kind == staff && d.chance(0.5) {
		r = agree // staff confirm a bug; compose words it as such
	}
	first := d.add(helper, r, delay, at)
	d.afterAnswer(first, pace)
}

func (d *director) afterAnswer(first int, pace pace) {
	asker := d.t.author
	if first < 0 {
		return
	}
	last := first
	if d.chance(0.3) {
		if i := d.add(d.responder(d.t.at, asker, d.t.posts[first].author), answer, d.around(2*pace.median, 1.3), first); i >= 0 {
			last = i
		}
	}
	if d.chance(0.14) {
		if i := d.add(asker, problem, d.around(pace.median, 1), last); i >= 0 {
			first = d.add(d.responder(d.t.at, asker), answer, d.around(2*pace.median, 1.2), i)
		}
	}
	if first < 0 || first >= len(d.t.posts) {
		return
	}
	happy := d.chance(0.5)
	if happy {
		happy = d.add(asker, thanks, d.around(2*pace.median, 1.2), first) > 0
	}
	solves := d.at == discourse || d.at == stackExchange // only these can mark the answer
	if (d.chance(0.3) || happy && d.chance(0.6)) && solves {
		d.t.accepted = first
	}
	d.close(happy)
}

// close ends issues, and a few forum topics.
func (d *director) close(happy bool) {
	last := d.t.posts[len(d.t.posts)-1]
	at := last.at.Add(d.around(5*day, 1.4))
	if happy {
		at = last.at.Add(d.around(3*time.Hour, 1.5))
	}
	if d.at != github && !d.chance(0.08) || d.at == github && !d.chance(0.72) || !at.Before(d.w.end) {
		return
	}
	d.t.closed, d.t.closedBy = at.Truncate(time.Second), d.t.author
	if !d.chance(0.35) {
		if by := d.cast.week(at).announce.draw(d.dice); by != nil {
			d.t.closedBy = by
		}
	}
}

// discuss plays an idea: some like it, staff say what may become of it.
func (d *director) discuss() {
	last := 0
	for range d.count(2.2) {
		if i := d.add(d.responder(d.t.at, d.t.author), remark, d.around(20*time.Hour, 1.2), d.IntN(last+1)); i > 0 {
			last = i
		}
	}
	if d.chance(0.55) {
		if i := d.add(d.cast.week(d.t.at).announce.draw(d.dice), remark, d.around(40*time.Hour, 1), 0); i > 0 && d.chance(0.3) {
			d.close(true)
		}
	}
}

func (d *director) greet() {
	for range 1 + d.count(0.9) {
		d.add(other(d.dice, &d.cast.week(d.t.at).helpers, d.t.author), welcome, d.around(3*time.Hour, 1.2), 0)
	}
	if len(d.t.posts) > 1 && d.chance(0.25) {
		d.add(d.t.author, remark, d.around(4*time.Hour, 1), 1)
	}
}

// chatter plays talk that wants no answer.
func (d *director) chatter() {
	mean := [intents]float64{chat: 2.6, praise: 1, showcase: 2.4, announcement: 1.4, event: 1.6}[d.t.intent]
	pace, last := d.pace(), 0
	for range d.count(mean) {
		crowd := &d.cast.week(d.t.at).answer
		if d.chance(0.5) {
			crowd = &d.cast.week(d.t.at).ask
		}
		if i := d.add(crowd.draw(d.dice), remark, d.around(pace.median, 1), d.IntN(last+1)); i > 0 {
			last = i
		}
	}
}

// review plays a pull request.
func (d *director) review() {
	if d.chance(0.35) {
		d.add(d.w.people[firstBot+2], robot, 3*time.Minute, 0)
	}
	if !d.chance(0.9) {
		return
	}
	maintainer := d.cast.week(d.t.at).announce.draw(d.dice)
	if maintainer == d.t.author {
		maintainer = d.responder(d.t.at, d.t.author)
	}
	at := 0
	for range d.count(0.6) {
		i := d.add(maintainer, change, d.around(day, 1.2), at)
		if i < 0 {
			return
		}
		if at = d.add(d.t.author, remark, d.around(30*time.Hour, 1.2), i); at < 0 {
			return
		}
	}
	if d.chance(0.85) {
		at = d.add(maintainer, approve, d.around(26*time.Hour, 1.2), at)
		if at < 0 {
			return
		}
		if merged := d.t.posts[at].at.Add(d.around(4*time.Hour, 1.3)).Truncate(time.Second); merged.Before(d.w.end) {
			d.t.closed, d.t.closedBy, d.t.merged = merged, maintainer, true
		}
	}
}

// react lets people react to a post: much to news and greetings, little to the rest.
func (d *director) react(p *post) {
	mean := 0.28
	switch p.role {
	case opening:
		mean = [intents]float64{question: 0.15, bug: 0.5, idea: 1.6, praise: 2.6, complaint: 0.8, introduction: 2.4, chat: 1.1, showcase: 3.5, announcement: 6, event: 2.4}[d.t.intent]
	case answer:
		mean = 0.55
	case thanks:
		mean = 0.35
	default:
	}
	if p.author.kind == bot {
		mean = 0.1
	}
	if p.role == opening && d.t.intent == announcement { // there is one for all, however many they are
		mean *= math.Sqrt(d.w.opts.Scale)
	}
	crowd := &d.cast.week(p.at).react
	choices := []string{"+1", "heart", "raised_hands", "100"}
	switch d.t.intent {
	case introduction:
		choices = []string{"wave", "wave", "heart"}
	case announcement, showcase, praise, event:
		choices = []string{"tada", "rocket", "heart", "+1", "clap"}
	case question, bug, complaint:
		choices = []string{"eyes", "+1", "pray", "white_check_mark"}
	default:
	}
	for range min(d.count(mean), len(crowd.people)/2) {
		by := other(d.dice, crowd, p.author)
		if by == nil || slices.ContainsFunc(p.reactions, func(r reaction) bool { return slices.Contains(r.by, by) }) {
			continue
		}
		emoji := one(d.dice, choices)
		i := slices.IndexFunc(p.reactions, func(r reaction) bool { return r.emoji == emoji })
		if i < 0 {
			p.reactions = append(p.reactions, reaction{emoji: emoji})
			i = len(p.reactions) - 1
		}
		p.reactions[i].by = append(p.reactions[i].by, by)
	}
}
