// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package reply

import "greenroom/internal/text/filler"

// openings sort the first words of a message: w asks, g greets, t thanks, r reacts, y agrees or does not, c goes on, n is
// news, a advises.
var openings = map[string]byte{
	"what": 'w', "what's": 'w', "whats": 'w', "how": 'w', "how's": 'w', "why": 'w', "where": 'w', "when": 'w',
	"who": 'w', "which": 'w', "does": 'w', "do": 'w', "did": 'w', "is": 'w', "are": 'w', "can": 'w', "could": 'w',
	"would": 'w', "should": 'w', "has": 'w', "have": 'w', "any": 'w', "anyone": 'w', "anybody": 'w', "am": 'w',
	"will": 'w', "whose": 'w',
	"hi": 'g', "hello": 'g', "hey": 'g', "hiya": 'g', "howdy": 'g', "greetings": 'g', "morning": 'g', "yo": 'g',
	"heya": 'g', "evening": 'g', "hallo": 'g', "hola": 'g',
	"thanks": 't', "thank": 't', "thx": 't', "ty": 't', "cheers": 't', "tnx": 't', "thankyou": 't', "danke": 't',
	"gracias": 't', "merci": 't',
	"ah": 'r', "aha": 'r', "ahh": 'r', "oh": 'r', "ooh": 'r', "hmm": 'r', "hmmm": 'r', "hm": 'r', "lol": 'r',
	"haha": 'r', "heh": 'r', "hehe": 'r', "rofl": 'r', "lmao": 'r', "wow": 'r', "cool": 'r', "nice": 'r', "great": 'r',
	"awesome": 'r', "sweet": 'r', "interesting": 'r', "weird": 'r', "strange": 'r', "wtf": 'r', "ouch": 'r', "eh": 'r',
	"huh": 'r', "ugh": 'r', "bah": 'r', "argh": 'r', "oops": 'r', "doh": 'r', "neat": 'r', "perfect": 'r', "ha": 'r',
	"hah": 'r',
	"yes": 'y', "yeah": 'y', "yep": 'y', "yup": 'y', "no": 'y', "nope": 'y', "nah": 'y', "ok": 'y', "okay": 'y',
	"k": 'y', "right": 'y', "sure": 'y', "true": 'y', "exactly": 'y', "indeed": 'y', "correct": 'y', "agreed": 'y',
	"same": 'y', "maybe": 'y', "probably": 'y', "nvm": 'y', "alright": 'y', "fine": 'y',
	"and": 'c', "but": 'c', "or": 'c', "so": 'c', "because": 'c', "cause": 'c', "then": 'c', "also": 'c', "well": 'c',
	"though": 'c', "although": 'c', "unless": 'c', "except": 'c', "like": 'c', "i.e": 'c', "e.g": 'c', "plus": 'c',
	"otherwise": 'c', "still": 'c',
	"announcing": 'n', "introducing": 'n', "reminder": 'n', "released": 'n', "update": 'n', "psa": 'n', "fyi": 'n',
	"heads-up": 'n',
	"try":      'a', "use": 'a', "you": 'a', "just": 'a', "type": 'a', "run": 'a', "check": 'a', "see": 'a', "look": 'a',
	"install": 'a', "open": 'a', "click": 'a', "go": 'a', "make": 'a', "read": 'a', "put": 'a', "add": 'a', "edit": 'a',
	"that's": 'a', "it's": 'a', "there's": 'a', "it": 'a', "that": 'a', "you'll": 'a', "you're": 'a', "you'd": 'a',
}

// common says whether a word tells nothing of what a message is about.
func common(word string) bool { return filler.Is(word) || shorter[word] }

// shorter are such words beside those of filler: short ones, contractions, and what people write in chats.
var shorter = map[string]bool{
	"the": true, "and": true, "for": true, "are": true, "was": true, "not": true, "but": true, "had": true, "has": true,
	"his": true, "her": true, "him": true, "its": true, "our": true, "out": true, "off": true, "own": true, "too": true,
	"she": true, "yes": true, "all": true, "any": true, "can": true, "did": true, "get": true, "got": true, "how": true,
	"let": true, "may": true, "new": true, "now": true, "old": true, "one": true, "see": true, "two": true, "way": true,
	"who": true, "why": true, "you": true, "i'm": true, "i've": true, "can't": true, "won't": true, "isn't": true,
	"im": true, "ive": true, "dont": true, "cant": true, "doesnt": true, "wont": true, "isnt": true, "didnt": true,
	"thats": true, "lol": true, "yep": true, "ok": true, "hmm": true, "hey": true, "hello": true, "hi": true,
	"use": true, "try": true, "tried": true, "run": true, "running": true, "set": true, "put": true, "say": true,
	"lot": true, "bit": true, "etc": true, "per": true, "via": true,
}
