// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package reply

import (
	"fmt"
	"strings"
)

// Said is a message of a conversation, with what its source tells of it.
type Said struct {
	Message
	Accepted bool // marked as the answer
	Bot      bool
	// Thumbs are the reactions that agree or thank, such as thumbs up, hearts and check marks.
	Thumbs int
}

// Evidence is the message of a conversation that answers its question, and why it is taken to.
type Evidence struct {
	Index  int    // of the message; -1 = nothing answers
	Reason string // in words, for people
	// Sure is how much the evidence weighs: 1 for a mark that somebody set, else below it.
	Sure float64
}

// Explain finds in a conversation, given in order and beginning with the question, the message that answers it: the one
// that was accepted, else the one for which most speaks. It is by somebody else than the asker and not by a bot. What
// speaks for a message are thanks of the asker after it, reactions, what it has in common with the question, that it is
// the first or addresses the asker; against it, that it asks back or only reacts.
func Explain(conversation []Said) Evidence {
	none := Evidence{Index: -1, Reason: "nobody else has answered yet"}
	if len(conversation) == 0 {
		return none
	}
	turns := make([]turn, len(conversation))
	for i := range conversation {
		if conversation[i].Accepted && i > 0 {
			return Evidence{Index: i, Reason: "it was accepted as the answer", Sure: 1}
		}
		turns[i] = look(&conversation[i].Message)
	}
	best := none
	first := true
	for i := 1; i < len(turns); i++ {
		if turns[i].author == turns[0].author || conversation[i].Bot {
			continue
		}
		if e := weigh(conversation, turns, i, first); e.Sure > best.Sure {
			best = e
		}
		first = false
	}
	return best
}

// weigh says how much speaks for a message, and what.
func weigh(conversation []Said, turns []turn, i int, first bool) Evidence {
	t, question := &turns[i], &turns[0]
	sure := 0.3
	reasons := []string{"it is a reply by somebody else"}
	if first {
		sure += 0.1
		reasons[0] = "it is the first reply by somebody else"
	}
	if who := thanked(turns, i); who > 0 {
		sure += 0.3
		reasons = append(reasons, "the asker said thanks after it")
	}
	if n := conversation[i].Thumbs; n > 0 {
		sure += min(0.2, 0.08*float64(n))
		reasons = append(reasons, count(n, "reaction"))
	}
	if sum, _, _ := t.alike(question); sum >= 1 {
		sure += min(0.15, 0.05*float64(sum))
		reasons = append(reasons, "it speaks of the same things")
	}
	if t.addresses(question) > 0 {
		sure += 0.05
		reasons = append(reasons, "it addresses the asker")
	}
	if t.signs[asks] > 0 || t.signs[marks] > 0 {
		sure -= 0.2
		reasons = append(reasons, "though it asks back")
	}
	if t.signs[short] > 0 || t.signs[greets] > 0 || t.signs[thanks] > 0 && t.signs[brief] > 0 {
		sure -= 0.15
		reasons = append(reasons, "though it says little")
	}
	return Evidence{Index: i, Reason: strings.Join(reasons, "; "), Sure: max(0.01, min(0.99, sure))}
}

// thanked is the place of the message in which the asker thanks for another: the next of theirs that does, if nobody
// else said anything between the two, or if it addresses its author; 0 for none.
func thanked(turns []turn, i int) int {
	others := false
	for j := i + 1; j < len(turns); j++ {
		switch t := &turns[j]; {
		case t.author == turns[i].author:
			return 0 // then it is for that one
		case t.author != turns[0].author:
			others = true
		case t.signs[thanks] > 0:
			if !others || t.addresses(&turns[i]) > 0 {
				return j
			}
			return 0
		}
	}
	return 0
}

func count(n int, of string) string {
	if n == 1 {
		return "1 " + of
	}
	return fmt.Sprintf("%d %ss", n, of)
}
