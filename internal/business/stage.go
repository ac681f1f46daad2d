// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package business

import (
	"strings"

	"greenroom"
)

// StageRule says what a stage of a source's pipeline means.
type StageRule struct {
	SourceID  int64               `json:"source_id"`
	Pipeline  string              `json:"pipeline"` // "" = the source has only one, or does not say
	Stage     string              `json:"stage"`
	State     greenroom.DealState `json:"state"`
	Position  int                 `json:"position"`  // order within the pipeline, from 1; 0 = none
	Qualified bool                `json:"qualified"` // whether a deal in it counts as qualified
}

// Validate says what is wrong with a rule, as CodeInvalid.
func (r *StageRule) Validate() error {
	switch {
	case r.Stage == "":
		return greenroom.Errorf(greenroom.CodeInvalid, "a rule names the stage that it is for")
	case !r.State.Valid():
		return greenroom.Errorf(greenroom.CodeInvalid, "stage %q: %q is no state; expected open, won or lost", r.Stage, r.State)
	case r.Position < 0 || r.Position > 1000:
		return greenroom.Errorf(greenroom.CodeInvalid, "stage %q: the position is a number from 0 to 1000, not %d", r.Stage, r.Position)
	}
	return nil
}

// StageKey names a stage: two pipelines may call different things by the same name.
type StageKey struct {
	Source   int64
	Pipeline string
	Stage    string // lower case
}

// Stages are the rules that people made, by stage.
type Stages map[StageKey]StageRule

// NewStages makes a table of rules.
func NewStages(rules []StageRule) Stages {
	s := make(Stages, len(rules))
	for _, r := range rules {
		s[StageKey{r.SourceID, r.Pipeline, strings.ToLower(r.Stage)}] = r
	}
	return s
}

// words are what names of stages are known by, in the languages that CRMs of our users speak.
var (
	lostWords = []string{
		"closed lost", "closedlost", "lost", "disqualified", "unqualified", "abandoned", "rejected", "churned", "no decision", "dead", "canceled", "cancelled", //nolint:misspell // as some write it
		"verloren", "abgelehnt", "perdu", "perdido", "perdida", "perso",
	}
	wonWords = []string{
		"closed won", "closedwon", "won", "signed", "customer", "paid", "active contract", "gewonnen", "unterschrieben", "gagné", "ganado", "ganada", "vinto",
	}
	qualifiedWords = []string{
		"qualified", "sql", "sal", "opportunity", "proposal", "quote", "negotiation", "contract", "evaluation", "demo", "value proposition", "decision", "trial",
		"poc", "pilot", "commit", "procurement", "legal", "presentation", "buying", "bought-in", "angebot", "verhandlung", "qualifiziert", "devis", "négociation",
		"propuesta", "negociación",
	}
	earlyWords = []string{
		"lead", "new", "prospect", "discovery", "appointment", "contacted", "inbound", "mql", "unaware", "identified", "prospecting", "qualification", "to contact",
		"neu", "erstkontakt", "nouveau", "nuevo",
	}
)

// names reports whether a name has one of the words as words of its own: "won" is in "Closed - won", not in "wonder".
func names(stage string, words []string) bool {
	plain := plainWords(stage)
	for _, w := range words {
		if strings.Contains(plain, plainWords(w)) {
			return true
		}
	}
	return false
}

// plainWords writes words in lower case with one space around each.
func plainWords(text string) string {
	return " " + strings.Join(strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return strings.ContainsRune(" -_/().,:;&+?!\n\t\"'", r) }), " ") + " "
}

// Suggest says what a stage seems to mean by its name, else by the probability (0 to 1, nil = not told) that deals in it are
// given. sure is false where neither tells: then it is taken for open.
func Suggest(stage string, probability *float64) (state greenroom.DealState, qualified, sure bool) {
	switch {
	case names(stage, []string{"not lost", "not won"}):
		return greenroom.DealOpen, false, false
	case names(stage, lostWords):
		return greenroom.DealLost, false, true
	case names(stage, wonWords):
		return greenroom.DealWon, true, true
	case names(stage, earlyWords):
		return greenroom.DealOpen, false, true
	case names(stage, qualifiedWords):
		return greenroom.DealOpen, true, true
	case probability == nil:
		return greenroom.DealOpen, false, false
	case *probability >= 1:
		return greenroom.DealWon, true, true
	case *probability <= 0:
		return greenroom.DealLost, false, true
	}
	return greenroom.DealOpen, *probability >= 0.2, true
}

// place is the usual order of stages by what their names say, for pipelines that nobody has put in order.
func place(stage string, probability *float64) float64 {
	switch {
	case names(stage, lostWords):
		return 101
	case names(stage, wonWords):
		return 100
	case probability != nil:
		return *probability * 100
	case names(stage, []string{"new", "lead", "prospecting", "inbound", "prospect", "neu", "nouveau", "nuevo"}):
		return 5
	case names(stage, earlyWords):
		return 10
	case names(stage, []string{"qualified", "sql", "sal", "opportunity", "qualifiziert"}):
		return 25
	case names(stage, []string{"trial", "poc", "pilot", "demo", "evaluation", "presentation"}):
		return 40
	case names(stage, []string{"proposal", "quote", "value proposition", "angebot", "devis", "propuesta"}):
		return 60
	case names(stage, qualifiedWords):
		return 80
	}
	return 30
}
