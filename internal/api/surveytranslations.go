// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"encoding/json"
	"net/http"
	"strings"

	"greenroom"
	"greenroom/internal/auth"
	"greenroom/internal/survey"
)

// SurveyTexts are texts of a survey in another language, either of one language or as a table.
type SurveyTexts struct {
	Language string            `json:"language,omitempty" doc:"Of the texts, such as de or pt-br; not the survey's own."`
	Texts    map[string]string `json:"texts,omitempty" doc:"Texts by where they stand, such as title or question.recommend.text; an empty one takes a translation away. What is not named stays."`
	CSV      string            `json:"csv,omitempty" doc:"Instead: the table of translations, filled in. Empty cells change nothing, and lines whose own text was changed since are left out."`
}

// surveyLanguages is what there is of a survey in other languages.
type surveyLanguages struct {
	Languages []survey.Coverage `json:"languages"`
	Texts     []survey.Piece    `json:"texts,omitempty"`
	CSV       string            `json:"csv"`
}

func (a *api) surveyTranslationOps(ref param) []op {
	data := func(text string) content {
		return content{of: SurveyOutcome{}, example: SurveyOutcome{"community-nps", json.RawMessage(text)}}
	}
	return []op{
		{
			method: http.MethodGet, path: "/surveys/{survey}/translations", id: "getSurveyTranslations", tag: surveyTag, need: auth.Read, summary: "A survey's languages", text: "`languages` with how many `texts` there are and how many are `missing`, the survey's own first; `csv`, the table to fill in, with a column for each; and, where `language` is given, the `texts` one by one.",
			params: []param{ref, {name: "language", form: formText, text: "A language to translate into; it may be a new one.", example: "de"}},
			reply:  data(`{"languages":[{"language":"en","name":"English","texts":2,"missing":0},{"language":"de","name":"Deutsch","texts":2,"missing":1}],"texts":[{"at":"title","own":"Pulse","said":"Puls"},{"at":"question.recommend.text","own":"Would you recommend us?","said":""}],"csv":"place,en,de\n"}`),
			do: func(c *call) (answer, error) {
				v, err := a.Surveys.Get(c.ctx(), c.text("survey"))
				if err != nil {
					return answer{}, err
				}
				told := surveyLanguages{Languages: v.Definition.Coverage()}
				var table strings.Builder
				var more []string
				if want := c.text("language"); want != "" {
					tag, err := v.Definition.LanguageTag(want)
					if err != nil {
						return answer{}, err //nolint:wrapcheck // it says what is wrong
					}
					more, told.Texts = append(more, tag), v.Definition.Pieces(tag)
				}
				err = v.Definition.WriteTranslations(&table, more...)
				told.CSV = table.String()
				return outcomeOf(v.Key, told, err)
			},
		},
		{
			method: http.MethodPatch, path: "/surveys/{survey}/translations", id: "translateSurvey", tag: surveyTag, need: auth.Write, params: []param{ref}, codes: []greenroom.Code{greenroom.CodeConflict}, summary: "Translate a survey", text: "Takes texts in a language, or a table of translations. `changed` says how many are other than before, which is a new version of the survey; `rejected` which lines of the table were left out, and why.",
			body:  &content{of: SurveyTexts{}, text: "The texts.", example: SurveyTexts{Language: "de", Texts: map[string]string{"question.recommend.text": "Würdest du uns weiterempfehlen?"}}},
			reply: data(`{"changed":1,"rejected":[]}`),
			do:    a.translateSurvey,
		},
	}
}

func (a *api) translateSurvey(c *call) (answer, error) {
	in, err := decode[SurveyTexts](c)
	if err != nil {
		return answer{}, err
	}
	if (in.CSV == "") == (in.Language == "" && len(in.Texts) == 0) {
		return answer{}, greenroom.Errorf(greenroom.CodeInvalid, "give either language and texts, or csv")
	}
	v, err := a.Surveys.Get(c.ctx(), c.text("survey"))
	if err != nil {
		return answer{}, err
	}
	done := &survey.Translations{Rejected: []string{}}
	var next *survey.Definition
	if in.CSV != "" {
		next, done, err = v.Definition.ReadTranslations(strings.NewReader(in.CSV))
	} else {
		next, done.Changed, err = v.Definition.Translated(in.Language, in.Texts)
	}
	if err != nil {
		return answer{}, err //nolint:wrapcheck // it names the place
	}
	if done.Changed > 0 {
		if _, err := a.Surveys.Edit(c.ctx(), v.Key, survey.Change{Revision: v.Revision, Definition: next}, c.by()); err != nil {
			return answer{}, err
		}
	}
	return outcomeOf(v.Key, done, nil)
}
