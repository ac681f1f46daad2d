// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package sample

import (
	"strconv"
	"strings"
)

// block is a paragraph or a piece of code. Paragraphs may have `code` in backticks; each platform marks both up in its own way.
type block struct {
	text string
	code bool
}

func (w *world) newScene(d dice, s seed) scene {
	lag := 0
	if d.chance(0.25) { // not everybody is up to date
		lag = 1
	}
	current, previous, next := w.versionsAt(s.at, lag)
	org, domain := "a small company", "customer.example"
	if s.author.org != nil {
		org, domain = s.author.org.name, s.author.org.domain
	}
	fixed := map[string]string{
		"version": current, "prev": previous, "next": next, "me": s.author.called, "org": org, "domain": domain,
		"city": s.author.place.city, "namecity": s.author.place.city, "name": s.author.called, "handle": s.author.handle,
		"github": "my repository",
	}
	if s.author.title != "" {
		fixed["role"] = strings.ToLower(s.author.title)
	}
	if hub := s.author.accounts[github]; hub != nil {
		fixed["github"], fixed["handle"] = "https://github.com/"+hub.handle, hub.handle
	}
	if s.intent == announcement {
		fixed["version"] = w.releases[s.n].version
	}
	return scene{dice: d, book: w.book, fixed: fixed}
}

// brief tells whether people write short messages here.
func (d *director) brief() bool { return d.at == slack || d.at == discord }

// maybe adds a paragraph with probability p.
func (d *director) maybe(body []block, p float64, file, section string) []block {
	if d.chance(p) {
		if text := d.sc.say(file, section); text != "" {
			return append(body, block{text: text})
		}
	}
	return body
}

// sentence joins fragments into one paragraph.
func sentence(parts ...string) block {
	kept := parts[:0]
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return block{text: strings.Join(kept, " ")}
}

// opening words the first post of the thread.
func (d *director) opening() (title string, body []block) {
	sc, name := d.sc, d.t.topic.name
	switch d.t.intent {
	case question, bug, complaint:
		return d.trouble()
	case idea:
		title = sc.say(name, "idea")
		return title, []block{sentence(title+".", sc.say("generic", "idea_body")), {text: sc.say("generic", "idea_body")}}
	case praise:
		if hero := other(d.dice, &d.cast.week(d.t.at).helpers, d.t.author); hero != nil {
			sc.fixed["name"] = hero.called
		}
		return sc.fill("Thank you for {version}"), []block{{text: sc.say("generic", "praise")}}
	case introduction:
		return d.introduce()
	case showcase:
		return sc.say("generic", "showcase_title"), []block{{text: sc.say("generic", "showcase")}, {text: sc.say("generic", "showcase")}}
	case announcement:
		return sc.say("generic", "release_title"), []block{{text: sc.say("generic", "release")}}
	case event:
		return sc.say("generic", "event_title"), []block{{text: sc.say("generic", "event")}}
	case pull:
		return sc.say("generic", "pull_title"), []block{{text: sc.say("generic", "pull_body")}}
	case notice:
		sc.fixed["name"] = "everyone"
		return "", []block{{text: sc.say("generic", "helper_bot")}}
	default:
		d.story = strings.Split(one(d.dice, sc.book["generic"]["chat"]), " | ")
		return "", []block{{text: sc.fill(d.story[0])}}
	}
}

func (d *director) introduce() (title string, body []block) {
	if d.t.lang != "en" {
		return d.sc.fill("{me}, {city}"), []block{{text: d.sc.say(d.t.lang, "intro")}}
	}
	first := sentence(d.sc.say("generic", "intro"), d.sc.say("generic", "intro_more"))
	body = []block{first}
	if hub := d.t.author.accounts[github]; hub != nil && !hub.lost && !d.t.author.accounts[d.at].lost {
		body = d.maybe(body, 0.35, "generic", "intro_link")
	}
	return d.sc.fill("Hello from {city}, {me} here"), body
}

// trouble words a question, a bug report or a complaint.
func (d *director) trouble() (title string, body []block) {
	sc, name := d.sc, d.t.topic.name
	if d.t.lang != "en" {
		d.story = strings.Split(one(d.dice, sc.book[d.t.lang]["q."+name]), " | ")
		return sc.fill(d.story[0]), []block{{text: sc.fill(d.story[1])}}
	}
	d.chooseStory()
	title = d.tell("title")
	if d.t.intent == bug {
		title = d.tell("bug")
		if d.at == github {
			return title, d.report()
		}
	}
	switch {
	case d.t.intent == complaint:
		body = append(body, sentence(sc.say("generic", "complaint"), d.tell("problem")))
		return title, d.maybe(body, 0.3, name, "ask")
	case d.brief():
		return title, d.compare(d.shortQuestion())
	default:
		return title, d.compare(d.longQuestion())
	}
}

// shortQuestion is how people ask in a chat.
func (d *director) shortQuestion() (body []block) {
	sc, opener, context := d.sc, "", ""
	if d.chance(0.45) {
		opener = sc.say("generic", "opener")
	}
	if d.chance(0.65) {
		context = sc.say("generic", "context")
	}
	tried := ""
	if context == "" || d.chance(0.15) {
		tried = sc.say("generic", "tried")
	}
	body = append(body, sentence(opener, d.tell("problem"), context, tried, d.tell("ask")))
	if d.chance(0.3) {
		body = d.code(body, d.tell("error"))
	}
	return d.maybe(body, 0.08, "generic", "urgent")
}

// longQuestion is how people ask in a forum, by mail or in an issue.
func (d *director) longQuestion() (body []block) {
	sc := d.sc
	polite := d.at != stackExchange
	if polite {
		body = d.maybe(body, 0.6, "generic", "opener")
	}
	body = append(body, sentence(sc.say("generic", "context"), d.tell("problem")))
	if d.chance(0.6) {
		body = d.code(body, d.tell("error"))
	}
	body = d.maybe(body, 0.5, "generic", "tried")
	if d.chance(0.25) {
		body = d.code(body, sc.say(d.t.topic.name, "config"))
	}
	body = append(body, block{text: d.tell("ask")})
	body = d.maybe(body, 0.1, "generic", "urgent")
	if polite {
		body = d.maybe(body, 0.5, "generic", "closing")
	}
	return body
}

// code adds a block of code unless it is empty.
func (d *director) code(body []block, text string) []block {
	if text == "" {
		return body
	}
	return append(body, block{text: text, code: true})
}

// chooseStory picks which title, problem, question, answer and error message belong together. The story section of a topic has
// their places in the lists, counted from 1; a bug's title is from the list of bugs, and - stands for no error message. Now and
// then the parts are drawn freely instead, as people do not always ask what they mean.
func (d *director) chooseStory() {
	if d.chance(0.12) {
		return
	}
	list := d.sc.book[d.t.topic.name]["story"]
	var fitting []string
	for _, s := range list {
		if strings.HasPrefix(s, "b") == (d.t.intent == bug) {
			fitting = append(fitting, s)
		}
	}
	d.story = strings.Fields(strings.TrimPrefix(one(d.dice, fitting), "b"))
}

// tell says a part of the story, or any fragment of that section if there is no story.
func (d *director) tell(section string) string {
	name := d.t.topic.name
	part := map[string]int{"title": 0, "bug": 0, "problem": 1, "ask": 2, "answer": 3, "error": 4}[section]
	if len(d.story) <= part {
		return d.sc.say(name, section)
	}
	n, err := strconv.Atoi(d.story[part])
	if list := d.sc.book[name][section]; err == nil && n <= len(list) {
		return d.sc.fill(list[n-1])
	}
	return ""
}

// report words a bug report the way an issue form asks for it.
func (d *director) report() []block {
	sc := d.sc
	body := []block{
		{text: d.tell("problem")},
		{text: "**Steps**\n" + sc.say("generic", "steps")},
		{text: "**Expected**\n" + sc.say("generic", "expected")},
		{text: "**Actual**\n" + sc.say("generic", "actual")},
	}
	body = d.code(body, d.tell("error"))
	return append(body, block{text: sc.fill("**Version** {version}, {env}")})
}

// reply words what somebody says to the post with index to.
func (d *director) reply(who *person, r role, to int) []block {
	sc, addressed := d.sc, d.t.posts[to].author
	sc.fixed["me"], sc.fixed["name"], sc.fixed["namecity"] = who.called, addressed.called, addressed.place.city
	sc.fixed["city"], sc.fixed["org"] = who.place.city, "our team"
	if who.org != nil {
		sc.fixed["org"] = who.org.name
	}
	local := d.t.lang != "en" && who.lang == d.t.lang
	var body []block
	switch r {
	case answer:
		return d.answer(who, local)
	case clarify:
		return append(body, block{text: sc.say("generic", "clarify")})
	case detail:
		body = append(body, block{text: sc.say("generic", "clarify_reply")})
		if d.chance(0.4) {
			body = append(body, block{text: sc.say(d.t.topic.name, "error"), code: true})
		}
		return body
	case thanks:
		return append(body, block{text: sc.say(d.language(local), "thanks")})
	case problem:
		return append(body, block{text: sc.say("generic", "still_broken")})
	case agree:
		if who.kind == staff {
			return append(body, block{text: sc.say("generic", "staff_ack")})
		}
		return append(body, block{text: sc.say("generic", "same_here")})
	case welcome:
		return append(body, block{text: sc.say(d.language(local), "welcome")})
	case approve:
		return append(body, block{text: sc.say("generic", "review_approve")})
	case change:
		return append(body, block{text: sc.say("generic", "review_change")})
	case robot:
		return append(body, block{text: sc.fill("All {n:40-400} checks have passed in {n:2-14} minutes.")})
	default:
		return append(body, block{text: d.remark(who)})
	}
}

// language names the phrases to use: those of the thread's language or the English ones.
func (d *director) language(local bool) string {
	if local {
		return d.t.lang
	}
	return "generic"
}

func (d *director) answer(who *person, local bool) []block {
	sc, name := d.sc, d.t.topic.name
	if d.t.lang != "en" {
		return []block{d.localAnswer(local)}
	}
	if len(d.t.posts) > 2 && d.chance(0.4) {
		return []block{{text: sc.say("generic", "second_answer")}}
	}
	if who.kind == staff && d.t.intent != question && d.chance(0.4) {
		return []block{{text: sc.say("generic", "staff_ack")}}
	}
	if d.t.intent == complaint && d.chance(0.6) {
		if who.kind == staff {
			return []block{{text: sc.say("generic", "complaint_staff")}}
		}
		return []block{{text: sc.say("generic", "complaint_reply")}}
	}
	opener, closer := "", ""
	if d.chance(0.45) {
		opener = sc.say("generic", "answer_open")
	}
	if d.chance(0.45) {
		closer = sc.say("generic", "answer_close")
	}
	solution := sc.say(name, "answer")
	if d.chance(0.8) && !d.solved {
		solution, d.solved = d.tell("answer"), true
	}
	if d.brief() {
		return []block{sentence(opener, solution, closer)}
	}
	body := []block{sentence(opener, solution)}
	if d.chance(0.25) {
		body = append(body, block{text: sc.say(name, "config"), code: true})
	}
	if more := sc.say(name, "answer"); d.chance(0.2) && more != solution {
		body = append(body, block{text: more})
	}
	if closer != "" {
		body = append(body, block{text: closer})
	}
	return body
}

// localAnswer answers a question that is not in English, in its language or, by others, in English.
func (d *director) localAnswer(local bool) block {
	switch {
	case d.solved:
		return block{text: d.sc.say("generic", "second_answer")}
	case local:
		d.solved = true
		return block{text: d.sc.fill(d.story[2])}
	default:
		d.solved = true
		return sentence(d.sc.say("generic", "answer_open"), d.sc.fill(d.story[3]))
	}
}

// remark words a reply that is no answer, by what the thread is.
func (d *director) remark(who *person) string {
	switch d.t.intent {
	case idea:
		if who.kind == staff {
			return d.sc.say("generic", "staff_idea")
		}
		return d.sc.say("generic", "idea_reply")
	case praise:
		return d.sc.say("generic", "praise_reply")
	case showcase:
		return d.sc.say("generic", "showcase_reply")
	case event, announcement:
		if d.t.intent == announcement && d.chance(0.6) {
			return d.sc.say("generic", "praise")
		}
		return d.sc.say("generic", "event_reply")
	case pull:
		return d.sc.fill("Done, thanks for looking at it, {name}. I changed {thing} as you said.")
	case introduction:
		return d.sc.say("generic", "intro_more")
	default:
		return d.sc.fill(one(d.dice, d.story[1:]))
	}
}
