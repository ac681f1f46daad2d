// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package sample

// Rivals are the tools of others that people of the sample speak of. Nobody makes them.
func Rivals() []string { return []string{"Pipewren", "Flowmarten"} }

// compare adds, to some openings, what else somebody uses or used. It has a stream of its own, so that all other words stay as they are.
func (d *director) compare(body []block) []block {
	c := d.w.origin.stream("rival "+d.at.String()+" "+d.t.channel.key+" "+d.t.source, d.t.n)
	if d.t.lang != "en" || !c.chance(0.12) {
		return body
	}
	rival := one(c, Rivals())
	return append(body, block{text: one(c, []string{
		"We used " + rival + " for this before.",
		"So far another team here runs the same on " + rival + ".",
		"For what it is worth, " + rival + " has a page about this.",
		"We look at Lumen and " + rival + " side by side at the moment.",
		"I know how this is done in " + rival + ", and not here.",
	})})
}
