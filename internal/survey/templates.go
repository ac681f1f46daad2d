// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package survey

import "encoding/json"

// Template is a survey to begin with.
type Template struct {
	Name string `json:"name"`
	Text string `json:"text"` // what it is for
	New  New    `json:"-"`
}

// Templates lists surveys to begin with.
func Templates() []Template {
	seven := 7
	why := func(text Texts) Question { return Question{ID: "why", Type: Text, Text: text} }
	nps := Definition{
		Language: "en", Title: Texts{"en": "How likely are you to recommend us?", "de": "Wie wahrscheinlich empfiehlst du uns weiter?"},
		Thanks: Texts{"en": "Thank you! The team reads every answer.", "de": "Danke! Das Team liest jede Antwort."},
		Pages: []Page{
			{ID: "score", Questions: []Question{{
				ID: "recommend", Type: NPS, Required: true, Text: Texts{"en": "How likely are you to recommend this community to a friend or colleague?", "de": "Wie wahrscheinlich ist es, dass du diese Community weiterempfiehlst?"},
				Low: Texts{"en": "not at all likely", "de": "gar nicht"}, High: Texts{"en": "extremely likely", "de": "äußerst"},
			}}, Next: []Jump{{If: Condition{Question: "recommend", AtLeast: &seven}, To: "good"}}},
			{ID: "better", Questions: []Question{{ID: "better", Type: Text, Text: Texts{"en": "What would have to change?", "de": "Was müsste sich ändern?"}}}, Next: []Jump{{If: Condition{Question: "recommend", AtMost: ptr(6)}, To: End}}},
			{ID: "good", Questions: []Question{why(Texts{"en": "What do you value most?", "de": "Was ist dir am wichtigsten?"})}},
		},
	}
	csat := Definition{
		Language: "en", Title: Plain("How did we do?"), Thanks: Plain("Thank you!"),
		Pages: []Page{{ID: "one", Questions: []Question{
			{ID: "satisfied", Type: CSAT, Required: true, Text: Plain("How satisfied are you with the help that you got?"), Low: Plain("very dissatisfied"), High: Plain("very satisfied")},
			why(Plain("What would have made it better?")),
		}}},
	}
	ces := Definition{
		Language: "en", Title: Plain("Was it easy?"), Thanks: Plain("Thank you!"),
		Pages: []Page{{ID: "one", Questions: []Question{
			{ID: "easy", Type: CES, Required: true, Text: Plain("The community made it easy for me to solve my problem."), Low: Plain("strongly disagree"), High: Plain("strongly agree")},
			why(Plain("What was hard?")),
		}}},
	}
	days30 := Definition{
		Language: "en", Title: Plain("Your first 30 days"), Thanks: Plain("Thank you! A person reads every answer."),
		Pages: []Page{
			{ID: "stay", Questions: []Question{
				{ID: "stays", Type: Single, Required: true, Text: Plain("Will you go on?"), Choices: []Choice{{"yes", Plain("Yes")}, {"unsure", Plain("I do not know yet")}, {"no", Plain("No")}}},
				{ID: "help", Type: CES, Text: Plain("It was easy to find help when I needed it."), Low: Plain("strongly disagree"), High: Plain("strongly agree")},
			}},
			{ID: "why", Questions: []Question{{ID: "missing", Type: Text, Text: Plain("What was missing?"), ShowIf: &Condition{Question: "stays", Is: []string{"unsure", "no"}}}, why(Plain("What helped you most?"))}},
		},
	}
	interests := Definition{
		Language: "en", Title: Plain("What would you like to do with us?"), Thanks: Plain("Thank you! We will come back to you."),
		Pages: []Page{
			{ID: "what", Questions: []Question{
				{ID: "interests", Type: Multiple, Required: true, Text: Plain("What are you interested in?"), Choices: []Choice{{"speaking", Plain("Speaking at an event")}, {"writing", Plain("Writing")}, {"beta", Plain("Trying new features early")}, {"mentoring", Plain("Helping newcomers")}, {"none", Plain("Just reading along")}}},
				{ID: "often", Type: Single, Text: Plain("How much time do you have?"), Choices: []Choice{{"hour", Plain("An hour a month")}, {"day", Plain("A day a month")}, {"more", Plain("More")}}},
			}},
			{ID: "talk", Questions: []Question{{ID: "topic", Type: Text, Text: Plain("What would you speak about?"), ShowIf: &Condition{Question: "interests", Is: []string{"speaking"}}}}},
		},
	}
	from := func(name, text, key string, d *Definition, set Settings) Template {
		data, err := json.Marshal(d)
		if err != nil {
			data = nil // a constant definition
		}
		set.Recontact, set.Share = DefaultRecontact, 100
		return Template{name, text, New{Key: key, Name: name, Settings: set, Definition: data}}
	}
	return []Template{
		from("Community NPS", "Would members recommend the community, and why?", "community-nps", &nps, Settings{Who: Known, Query: "is:active -is:staff"}),
		from("After an answer", "Was the help good? A workflow sends it when a conversation is resolved.", "after-an-answer", &csat, Settings{Who: Known}),
		from("Effort", "Was it easy to get to a solution? (CES 2.0)", "effort", &ces, Settings{Who: Known}),
		from("First 30 days", "Do people go on after their first 30 days, and what was missing?", "after-30-days", &days30, Settings{Who: Known, Rolling: true, Query: "joined:>30d joined:<37d -is:staff"}),
		from("Interests", "Who wants to speak, write, test or help: cohorts for programs.", "interests", &interests, Settings{Who: Ask, Open: true, Query: "is:active -is:staff"}),
	}
}

func ptr(n int) *int { return &n }
