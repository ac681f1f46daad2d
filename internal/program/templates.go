// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package program

// Templates are programs as many communities run them, one for each kind, to be changed to one's own.
func Templates() []Draft {
	apply := []Question{{Label: "Why do you want to join?", Type: Text, Required: true}, {Label: "Your profile or blog", Type: Link}}
	return []Draft{
		{Name: "Champions", Kind: Champions, Plan: Plan{
			Purpose: "Thank and equip the members who help others most, so that help does not depend on the team.",
			Goal:    "Members answer members.", Targets: []Target{{Metric: "helpers", Value: 10, Per: PerMonth}, {Metric: Enrolled, Value: 15, Per: PerQuarter}},
			Qualifies: "did:answer,accepted_answer,reply since:90d count:>=10 -is:staff -is:bot", Form: apply,
			Stages: []Stage{
				{Name: "Welcome", Text: "They get to know each other and the team", Steps: []Step{{Title: "Say hello in the champions' channel"}, {Title: "Read how champions help"}}},
				{Name: "Active", Text: "They help, and are thanked", Steps: []Step{{Title: "Answer three questions"}}},
				{Name: "Alumni", Text: "They step back, with thanks"},
			},
			Perks:   []Perk{{Name: "Welcome parcel", Cost: 3500}, {Name: "Early access to releases"}},
			Runbook: []RunStep{{Title: "Look at who is proposed, and invite five"}, {Title: "Welcome call with the new champions", Days: 7}, {Title: "Thank each of them for something that they did", Days: 30}, {Title: "Look at what came of it, and decide", Days: 90}},
		}},
		{Name: "Nurture", Kind: Nurture, Plan: Plan{
			Purpose: "Accompany newcomers until they have found their place.", Goal: "Newcomers stay.", Targets: []Target{{Metric: "active_members", Value: 20, Per: PerMonth}},
			Qualifies: "is:new did:message,question,reply -is:staff -is:bot",
			Stages:    []Stage{{Name: "Welcome", Steps: []Step{{Title: "Introduce yourself"}}}, {Name: "First answer", Text: "They were answered, or answered somebody"}, {Name: "At home"}},
			Runbook:   []RunStep{{Title: "Greet this week's newcomers by name"}, {Title: "Ask those who went silent what they miss", Days: 14}},
		}},
		{Name: "Beta testers", Kind: Beta, Plan: Plan{
			Purpose: "Hear from people who use it before everybody does.", Goal: "Problems are found before the release.", Targets: []Target{{Metric: "active_members", Value: 8, Per: PerMonth, Query: "kind:issue"}},
			Qualifies: "did:issue,pull_request since:180d -is:staff -is:bot", Form: []Question{{Label: "What do you use it for?", Type: Text, Required: true}, {Label: "How often can you test?", Type: Choice, Options: []string{"Every week", "Every month"}}},
			Stages:  []Stage{{Name: "Invited", Steps: []Step{{Title: "Agree to the terms of the beta"}}}, {Name: "Testing", Steps: []Step{{Title: "Report what you found"}}}, {Name: "Done"}},
			Runbook: []RunStep{{Title: "Send the build and what to look at"}, {Title: "Collect what was found", Days: 14}, {Title: "Tell testers what was changed because of them", Days: 28}},
		}},
		{Name: "Speakers", Kind: Speakers, Plan: Plan{
			Purpose: "Find and prepare members who speak at events.", Goal: "Two of three talks are by members.", Targets: []Target{{Metric: Enrolled, Value: 6, Per: PerQuarter}},
			Qualifies: "level:1..2 -is:staff -is:bot", Form: []Question{{Label: "What would you talk about?", Type: Text, Required: true}, {Label: "A talk or text of yours", Type: Link}},
			Stages:  []Stage{{Name: "Interested"}, {Name: "Preparing", Steps: []Step{{Title: "Agree on title and date"}, {Title: "Rehearse"}}}, {Name: "Has spoken"}},
			Perks:   []Perk{{Name: "Travel", Cost: 30000, Stage: "preparing"}},
			Runbook: []RunStep{{Title: "Ask three members for a talk"}, {Title: "Rehearsals", Days: 21}, {Title: "Thank the speakers and share the recordings", Days: 35}},
		}},
		{Name: "Meetups and chapters", Kind: Chapters, Plan: Plan{
			Purpose: "Help members meet where they live.", Goal: "Chapters that meet without us.", Targets: []Target{{Metric: "active_members", Value: 5, Per: PerQuarter, Query: "kind:attendance"}},
			Qualifies: "did:attendance since:365d count:>=2 -is:staff -is:bot", Form: []Question{{Label: "Where?", Type: Text, Required: true}, {Label: "A page for your group", Type: Link}},
			Stages:  []Stage{{Name: "Founding", Steps: []Step{{Title: "Find a place and a second organizer"}}}, {Name: "Meeting", Steps: []Step{{Title: "Hold a first meeting"}}}, {Name: "Resting"}},
			Perks:   []Perk{{Name: "Drinks and pizza", Cost: 15000, Stage: "meeting"}},
			Runbook: []RunStep{{Title: "Talk with the organizers about their next date"}, {Title: "Send stickers and slides", Days: 7}, {Title: "Ask how it was", Days: 30}},
		}},
		{Name: "Subject experts", Kind: Experts, Plan: Plan{
			Purpose: "Know who can answer what, and ask them rarely.", Goal: "Hard questions find somebody who knows.", Targets: []Target{{Metric: "helpers", Value: 5, Per: PerMonth}},
			Qualifies: "did:accepted_answer,answer since:365d count:>=3 -is:staff -is:bot", Form: []Question{{Label: "What can you be asked about?", Type: Text, Required: true}},
			Stages:  []Stage{{Name: "Available"}, {Name: "On leave"}},
			Runbook: []RunStep{{Title: "Ask each expert whether it is too much"}},
		}},
		{Name: "Content collaborators", Kind: Content, Plan: Plan{
			Purpose: "Write, record and translate together with members.", Goal: "A text by a member each month.", Targets: []Target{{Metric: Enrolled, Value: 4, Per: PerQuarter}},
			Qualifies: "level:1..3 did:announcement,answer,message since:180d count:>=5 -is:staff -is:bot", Form: []Question{{Label: "What would you make?", Type: Text, Required: true}, {Label: "Something that you made", Type: Link}},
			Stages:  []Stage{{Name: "Idea"}, {Name: "Draft", Steps: []Step{{Title: "Send a first version"}}}, {Name: "Published"}},
			Perks:   []Perk{{Name: "Fee for a text", Cost: 20000, Stage: "published"}},
			Runbook: []RunStep{{Title: "Agree on subject and date"}, {Title: "Edit together", Days: 14}, {Title: "Publish and thank", Days: 21}},
		}},
	}
}
