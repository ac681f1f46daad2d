// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package process

import (
	"slices"

	"greenroom"
)

// Template is a common process of the field, to begin with.
type Template struct {
	Key   string `json:"key" doc:"What it is called by."`
	Draft Draft  `json:"draft" doc:"The process. Its minutes are typical, and to be replaced by timings."`
}

// Roles of the field, as teams name them. Anything else can be written, too.
const (
	RoleManager   = "Community manager"
	RoleOps       = "Community operations"
	RoleAdvocate  = "Developer advocate"
	RoleSuccess   = "Customer success"
	RoleSupport   = "Support"
	RoleMarketing = "Marketing"
	RoleProduct   = "Product"
	RoleChampions = "Champions"
	RoleLead      = "Head of community"
)

// Roles lists them, in the order in which the division of labor shows them.
func Roles() []string {
	return []string{RoleLead, RoleManager, RoleOps, RoleAdvocate, RoleSuccess, RoleSupport, RoleMarketing, RoleProduct, RoleChampions}
}

// Templates lists the common processes.
func Templates() []Template {
	step := func(what, role string, minutes float64, link string) Step { return Step{what, role, minutes, link} }
	r := func(low, likely, high float64) Range { return Range{low, likely, high} }
	all := []Template{
		{"welcoming", Draft{
			Name: "Welcome new members", Purpose: "Who is greeted by a person and shown where to begin comes back more often.", Role: RoleManager, Minutes: r(3, 5, 10), Runs: Runs{Per: PerNew, Each: Exactly(1)},
			Steps: []Step{step("Look at who came and what for", "", 1, "/members?q=first_seen%3A%3C7d"), step("Greet by name, point to where to begin", "", 3, ""), step("Introduce to somebody with the same interest", RoleChampions, 1, "")},
		}},
		{"moderation", Draft{
			Name: "Moderate", Purpose: "The place stays safe and on topic.", Role: RoleManager, Minutes: r(.1, .2, .5), Runs: Runs{Per: PerPost, Each: Exactly(1)},
			Steps: []Step{step("Skim what is new", "", 0, "/activities"), step("Act on what breaks the rules, and say why", "", 0, ""), step("Note what happens again", RoleOps, 0, "")},
		}},
		{"answering", Draft{
			Name: "Answer questions", Purpose: "Nobody is left alone with a question.", Role: RoleManager, Minutes: r(8, 15, 30), Runs: Runs{Per: PerQuestion, Each: r(.3, .5, .7)},
			Steps: []Step{step("Find what waits", "", 1, "/inbox"), step("Ask whoever knows, or answer", "", 10, ""), step("Bring what is a bug or a wish to product", RoleProduct, 4, "/requests")},
		}},
		{"digest", Draft{
			Name: "Write the digest", Purpose: "Members and colleagues hear what happened.", Role: RoleManager, Minutes: r(45, 90, 150), Runs: Runs{Per: PerMonth, Each: Exactly(4)},
			Steps: []Step{step("Collect what is worth telling", "", 30, "/topics"), step("Write it", "", 45, ""), step("Review and send", RoleMarketing, 15, "")},
		}},
		{"event", Draft{
			Name: "Hold an event", Purpose: "People meet, learn and show what they do.", Role: RoleManager, Minutes: r(360, 600, 1200), Runs: Runs{Per: PerEvent, Each: Exactly(1)},
			Steps: []Step{step("Find topic and speakers", "", 180, ""), step("Announce and remind", RoleMarketing, 120, "/events"), step("Hold it", "", 120, ""), step("Follow up: recording, thanks, questions", RoleOps, 180, "")},
		}},
		{"reporting", Draft{
			Name: "Report to stakeholders", Purpose: "Those who pay know what it brings.", Role: RoleOps, Minutes: r(120, 240, 480), Runs: Runs{Per: PerMonth, Each: Exactly(1)},
			Steps: []Step{step("Check that sources are whole", RoleOps, 30, "/stack"), step("Read the figures and find why", RoleOps, 120, "/insights"), step("Write what it means, and what is not known", RoleManager, 60, ""), step("Show it and take questions", RoleLead, 30, "")},
		}},
		{"content", Draft{
			Name: "Make content from the community", Purpose: "What was explained once is found by all.", Role: RoleAdvocate, Minutes: r(120, 240, 480), Runs: Runs{Per: PerMonth, Each: r(2, 4, 6)},
			Steps: []Step{step("Choose what is asked often", "", 30, "/topics"), step("Write it with who knew", "", 150, ""), step("Edit and publish", RoleMarketing, 60, "/calendar")},
		}},
		{"champions", Draft{
			Name: "Care for champions", Purpose: "Those who help most know that it is seen.", Role: RoleManager, Minutes: r(10, 20, 40), Runs: Runs{Per: PerMonth, Each: r(10, 20, 30)},
			Steps: []Step{step("See who helped", "", 5, "/recognition"), step("Thank them, ask how they are", "", 10, ""), step("Keep the program's list", RoleOps, 5, "/programs")},
		}},
		{"feedback", Draft{
			Name: "Close the feedback loop", Purpose: "Product hears members, and members hear back.", Role: RoleOps, Minutes: r(60, 90, 180), Runs: Runs{Per: PerMonth, Each: Exactly(4)},
			Steps: []Step{step("Collect and weigh requests", RoleOps, 45, "/requests"), step("Go through them with product", RoleProduct, 30, ""), step("Tell those who asked", RoleManager, 15, "")},
		}},
	}
	for i := range all {
		all[i].Draft.Origin, all[i].Draft.Template = Typical, all[i].Key
	}
	return all
}

// FindTemplate finds a template by its key.
func FindTemplate(key string) (Template, error) {
	all := Templates()
	if i := slices.IndexFunc(all, func(t Template) bool { return t.Key == key }); i >= 0 {
		return all[i], nil
	}
	keys := make([]string, len(all))
	for i := range all {
		keys[i] = all[i].Key
	}
	return Template{}, greenroom.Errorf(greenroom.CodeNotFound, "there is no template %q; choose %s", key, greenroom.AnyOf(keys))
}
