// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package judge

import (
	"math"
	"strings"

	"greenroom/internal/text"
	"greenroom/internal/text/prose"
)

// A ticket says what it is by its form, too: how its title begins, which headings its form has, and whether somebody
// speaks of their own work or of what the project should do. That is the same in every project, while words are not, so
// the few tickets that may be trained on teach more by it. Only [TaskIssue] looks at it.

// Forms of a ticket, by number; never renumber, add at the end, since trained models know them.
const (
	formTitle  uint64 = iota // one of the kinds of titles below
	formWish                 // the title tells to add or change something: 2 = from its first word on
	formAsks                 // the title asks: 1 = somewhere, 2 = by its first word, 3 = to its end
	formFault                // the title has words of faults, how many
	formArea                 // the title begins with an area, "rpc: ...": somebody is at home in the project
	formError                // the title is an error as a program prints it
	formTag                  // the title begins with a tag in brackets
	formShort                // a title of at most three words
	formPhrase               // phrases of forms, by their number in formPhrases
	formMine                 // how often somebody speaks of themselves
	formOurs                 // how often somebody speaks of us and of users
	formBare                 // hardly anything below the title
)

// Kinds of titles.
const (
	titlePlain uint64 = iota
	titleAsks
	titleError
	titleFault
	titleWish
	titleWishLater
)

// formPhrases are what stands in the forms of trackers and what people write into them, one kind a row; never reorder.
var formPhrases = [...]string{
	`is your feature request|describe the solution|solution you'd like|describe alternatives|alternatives you've considered|describe the feature|
		the feature you'd like|who will benefit|proposed solution|motivation|proposal|rationale|use case|use cases|feature request`,
	`steps to reproduce|expected behavior|actual behavior|current behavior|current behaviour|expected behaviour|describe the bug|repro steps|how often does this bug happen|standalone code|relevant log output|error message|call stack|component stack|minimal reproducible`, //nolint:misspell // people write both
	`no response`,
	`fixes|closes|ref|refs|see also|follow up to|follow up|since #|introduced in|regression|bisected`,
	`testing|to verify|verify that|verification|test plan`,
	`please help|help me|thanks in advance|thank you in advance|kindly|please tell me|please advise|any help|can someone|can anyone|does anyone|
		i'm new|i am new|beginner|urgent|stuck`,
	`my code|my project|my app|my program|my machine|my computer|my laptop|my model|my wallet|my node|my file|my component|my application|
		i am trying|i'm trying|i tried|i have tried|i've tried|i want to|i need to|i followed|i downloaded|i installed|i wrote|i built`,
	`we should|we could|i think we|should be|it would|would be|would allow|could be|it might|instead of|rather than|makes sense|make sense|
		in order to|so that|the idea|currently there is|at the moment|currently`,
}

// titleWords are the words that titles begin with or have, by what they say; mine and ours are looked for everywhere.
const (
	wordsWish = `add adding added allow allows allowing support supporting implement implementing improve improved improving improvement make making
		enable provide introduce expose consider remove replace use show include let option ability feature features proposal rfc request enhance
		enhancement move rename refactor deprecate optimize extend better more new suggest suggestion setting settings api command create
		export optional reduce speed port switch convert accept define configurable custom simplify document integrate bring give idea upgrade bump
		drop adopt separate split`
	wordsAsk = `how what why can is does where which when who should could do are will any has need help question would did am may whats anyone
		please cannot unable`
	wordsFault = `fail fails failed failing failure crash crashes crashed crashing error errors broken break breaks wrong incorrect incorrectly missing
		segfault leak leaks bug hang hangs freeze freezes flaky intermittent intermittently doesn't doesnt don't not never cannot can't unable invalid
		undefined null nan exception panic assertion deadlock race regression flicker flickers flickering disappears lost loses stuck slow ignored
		ignores unexpected unexpectedly corrupt overflow inconsistent unreadable misaligned truncated timeout warning abort aborted stale duplicate`
	wordsMine = `i i'm im i've my me mine`
	wordsOurs = `we our us users user people developers`
)

// formWords is how many words of a ticket are looked at for whom it speaks of, and bareWords how many make a body.
const (
	formWords = 300
	bareWords = 25
)

// forms finds the forms of tickets.
type forms struct {
	phrases                      *cues
	wish, ask, fault, mine, ours map[string]bool
}

func newForms() *forms {
	set := func(list string) map[string]bool {
		m := map[string]bool{}
		for w := range strings.FieldsSeq(list) {
			m[w] = true
		}
		return m
	}
	return &forms{
		phrases: newCues(formPhrases[:]), wish: set(wordsWish), ask: set(wordsAsk), fault: set(wordsFault),
		mine: set(wordsMine), ours: set(wordsOurs),
	}
}

// readTicket reads a message as a ticket: what read finds, and its form.
func (r *reader) readTicket(msg text.Message) {
	r.read(msg)
	title, body := msg.Title, msg.Body
	if title == "" {
		title, body, _ = strings.Cut(body, "\n")
	}
	r.titleForms(title)
	mine, ours, n := 0, 0, 0
	for _, part := range [...]string{title, body} {
		for w := range strings.FieldsSeq(part) {
			if n++; n > formWords {
				break
			}
			w = strings.ToLower(w)
			if r.forms.mine[w] {
				mine++
			}
			if r.forms.ours[w] {
				ours++
			}
		}
	}
	r.form(formMine, uint64(min(mine, 4)))
	r.form(formOurs, uint64(min(ours, 3)))
	if shorter(body, bareWords) {
		r.form(formBare, 0)
	}
	for i := range r.hashes {
		r.forms.phrases.match(r.hashes[i:], func(c cue) { r.form(formPhrase, uint64(c)) })
	}
	r.bodyWords(body)
}

// A ticket's body is also read as it stands, with what prose leaves out: forms are told by their headings, logs and code
// by how they are written, and a project by its own names. Words and pairs, and pieces of words of three to five letters;
// each of the two weighs as much in a short ticket as in a long one.
const (
	bodyBytes  = 64 << 10 // how much of a body is read so; trackers take no longer ones
	bodyWeight = 3
	longWord   = 22 // of longer ones, hashes and addresses, no pieces are taken
	shortPiece = 3
	longPiece  = 5
)

// bodyWords adds the words, pairs of words and pieces of words of a ticket's body.
func (r *reader) bodyWords(body string) {
	low := strings.ToLower(body[:min(len(body), bodyBytes)])
	r.counts.reset()
	var prev uint64
	for w := range strings.FieldsFuncSeq(low, func(c rune) bool { return (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' }) {
		h := hashText(prose.Word, w)
		r.counts.add(saltBody, h, 0)
		r.counts.add(saltBodyPair, prev, h)
		prev = h
	}
	r.counts.put(r, bodyWeight)
	r.counts.reset()
	var padded []byte
	for w := range strings.FieldsSeq(low) {
		if len(w) > longWord {
			continue
		}
		padded = append(append(append(padded[:0], ' '), w...), ' ')
		for n := shortPiece; n <= longPiece; n++ {
			for at := 0; at+n <= len(padded); at++ {
				r.counts.add(saltPiece, hashText(prose.Word, string(padded[at:at+n])), uint64(n))
			}
		}
	}
	r.counts.put(r, bodyWeight)
}

// counted counts features of one kind, in the order in which they come.
type counted struct {
	number map[uint64]int
	list   []countedFeature
}

type countedFeature struct {
	is [3]uint64
	n  int
}

func (c *counted) reset() {
	if c.number == nil {
		c.number = map[uint64]int{}
	}
	clear(c.number)
	c.list = c.list[:0]
}

func (c *counted) add(salt, a, b uint64) {
	h := join(salt, a, b)
	at, ok := c.number[h]
	if !ok {
		at = len(c.list)
		c.number[h] = at
		c.list = append(c.list, countedFeature{is: [3]uint64{salt, a, b}})
	}
	c.list[at].n++
}

// put gives the features to a reader, by the logarithm of how often each came, together as long as a vector of a length.
func (c *counted) put(r *reader, length float64) {
	var sum float64
	for i := range c.list {
		v := 1 + math.Log(float64(c.list[i].n))
		sum += v * v
	}
	for i := range c.list {
		f := &c.list[i]
		r.put(f.is[0], f.is[1], f.is[2], float32((1+math.Log(float64(f.n)))*length/math.Sqrt(sum)))
	}
}

func (r *reader) form(kind, value uint64) { r.put(saltForm, kind, value, 1) }

// shorter reports whether a text has fewer than n words.
func shorter(s string, n int) bool {
	for range strings.FieldsSeq(s) {
		if n--; n <= 0 {
			return false
		}
	}
	return true
}

// titleForms adds what the title of a ticket looks like.
func (r *reader) titleForms(title string) {
	low := strings.ReplaceAll(strings.ToLower(strings.TrimSpace(title)), "’", "'")
	if strings.HasPrefix(low, "[") {
		if i := strings.IndexByte(low, ']'); i > 0 {
			r.form(formTag, 0)
			low = strings.TrimLeft(low[i+1:], " :-")
		}
	}
	failed := strings.Contains(title, "Error ") || strings.Contains(low, "error:") || strings.Contains(low, "exception:")
	if head, rest, ok := strings.Cut(low, ": "); ok && !strings.Contains(head, "error") && shorter(head, 3) {
		r.form(formArea, 0)
		low = rest
	}
	var wish, asks, fault uint64
	n := 0
	for w := range strings.FieldsSeq(low) {
		w = strings.Trim(w, ".,:;!?()\"'`")
		switch {
		case n == 0 && r.forms.wish[w]:
			wish = 2
		case n < 4 && r.forms.wish[w] && wish == 0:
			wish = 1
		}
		if n == 0 && r.forms.ask[w] {
			asks = 2
		}
		if r.forms.fault[w] {
			fault++
		}
		n++
	}
	switch {
	case strings.HasSuffix(low, "?"):
		asks = 3
	case asks == 0 && strings.Contains(low, "?"):
		asks = 1
	}
	kind := titlePlain
	switch {
	case asks > 0:
		kind = titleAsks
	case failed:
		kind = titleError
	case fault > 0:
		kind = titleFault
	case wish == 2:
		kind = titleWish
	case wish == 1:
		kind = titleWishLater
	}
	r.form(formTitle, kind)
	r.form(formWish, wish)
	r.form(formAsks, asks)
	r.form(formFault, min(fault, 2))
	if failed {
		r.form(formError, 0)
	}
	if n <= 3 {
		r.form(formShort, 0)
	}
}

// readFor reads a message for a task.
func (r *reader) readFor(task Task, msg text.Message) {
	if task == TaskIssue {
		r.readTicket(msg)
		return
	}
	r.read(msg)
}
