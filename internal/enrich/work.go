// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package enrich

import (
	"strings"
	"unicode"
)

// rule gives a value where one of its phrases is said.
type rule struct{ value, phrases string }

// roles are looked for in this order: a founder who writes code is a founder, an engineering manager a manager.
var roles = []rule{
	{"founder", "founder|cofounder|co founder|founding partner|founding ceo"},
	{"student", "student|undergrad|undergraduate|phd candidate|doctoral candidate|master student"},
	{"data", "data scientist|data engineer|data analyst|analytics engineer|machine learning engineer|ml engineer|business analyst|bi developer"},
	{"researcher", "researcher|research scientist|postdoc|research fellow|scientist"},
	{"teacher", "professor|lecturer|teacher|instructor|assistant professor"},
	{"product", "product manager|product owner|head of product|vp product|chief product officer|product lead"},
	{"community", "community manager|developer advocate|developer relations|devrel|developer evangelist|head of community|community lead|community builder"},
	{"designer", "designer|ux researcher|head of design|design lead|ui ux|art director"},
	{"security", "security engineer|security analyst|security researcher|penetration tester|ciso|pentester"},
	{"operations", "sre|site reliability engineer|devops engineer|devops|system administrator|systems administrator|sysadmin|platform engineer|infrastructure engineer|cloud engineer|database administrator|dba"},
	{"support", "support engineer|customer success|customer support|technical support|solutions engineer|solution engineer"},
	{"sales", "sales|account executive|account manager|business development"},
	{"marketing", "marketing|growth manager|content strategist|copywriter"},
	{"manager", "engineering manager|cto|cio|ceo|coo|director|vp engineering|vp of engineering|head of engineering|project manager|program manager|manager|managing director|team lead|team leader|chief technology officer|chief executive officer"},
	{"engineer", "engineer|developer|programmer|software architect|architect|software development|software dev|full stack|fullstack|backend|front end|frontend|coder|hacker|consultant|tech lead|maintainer|swe"},
}

// ranks are looked for in this order, the highest first.
var ranks = []rule{
	{"founder", "founder|cofounder|co founder|founding partner"},
	{"executive", "cto|ceo|coo|cio|cfo|ciso|chief|president|managing director"},
	{"vp", "vp|vice president|svp|evp"},
	{"director", "director|head of"},
	{"principal", "principal|distinguished|fellow"},
	{"manager", "manager|team lead|team leader"},
	{"staff", "staff engineer|staff software engineer|staff developer|staff"},
	{"lead", "lead|tech lead"},
	{"senior", "senior|sr"},
	{"intern", "intern|internship|trainee|working student|apprentice"},
	{"junior", "junior|jr|graduate engineer|graduate developer"},
}

// until are words of a bio behind which it says no more what somebody is.
const until = " ex former formerly previously past was aspiring future wannabe hire hiring love not for of by to the our my your "

// occupation reads what somebody does and how senior they are off a job title, or off a bio, where only what a clause begins
// with counts: "engineer at Acme. I love designers" is an engineer.
func occupation(text string, bio bool) (role, seniority string) {
	if len(text) > 500 {
		text = text[:500]
	}
	for _, clause := range clauses(text) {
		words := strings.Fields(clause)
		if bio {
			words = opening(words)
		}
		if len(words) == 0 || strings.Contains(" ex former formerly previously aspiring ", " "+words[0]+" ") {
			continue
		}
		said := " " + strings.Join(words, " ") + " "
		if r := first(roles, said); r != "" && role == "" {
			role = r
			seniority = first(ranks, said)
		} else if role == "" && !bio && seniority == "" {
			seniority = first(ranks, said)
		}
	}
	return role, seniority
}

// abbreviations end in a full stop that ends nothing.
var abbreviations = strings.NewReplacer("sr.", "sr", "jr.", "jr", "dr.", "dr", "ph.d.", "phd")

// clauses splits a text where something else begins, in lower case words of letters only.
func clauses(text string) []string {
	var all []string
	var b strings.Builder
	cut := func() {
		if s := strings.TrimSpace(b.String()); s != "" {
			all = append(all, s)
		}
		b.Reset()
	}
	for _, r := range abbreviations.Replace(strings.ToLower(text)) {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(r)
		case strings.ContainsRune(".,;|•·!?\n@()", r):
			cut()
			if r == '@' {
				b.WriteString("at ") // the employer's name says nothing about the job
			}
		default:
			b.WriteByte(' ')
		}
	}
	cut()
	return all
}

// opening returns what a clause of a bio says its person is: its first words, without "I am a", up to where it says where or
// for whom.
func opening(words []string) []string {
	for len(words) > 0 && strings.Contains(" i im m am a an the working as currently hi hello hey and ", " "+words[0]+" ") {
		words = words[1:]
	}
	for i, w := range words {
		if i == 5 || w == "at" || w == "who" || w == "with" || (i > 0 && strings.Contains(until, " "+w+" ") && (w != "of" || words[0] != "head")) {
			return words[:i]
		}
	}
	return words
}

// first returns the value of the first rule of which a phrase is said.
func first(rules []rule, said string) string {
	for _, r := range rules {
		for phrase := range strings.SplitSeq(r.phrases, "|") {
			if strings.Contains(said, " "+phrase+" ") {
				return r.value
			}
		}
	}
	return ""
}
