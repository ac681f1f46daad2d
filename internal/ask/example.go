// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package ask

// Example is a question to begin with. It is answered by both record stores.
type Example struct {
	Title string
	Shape Shape
	SQL   string
}

// Examples lists questions to begin with.
func Examples() []Example {
	return []Example{
		{"How many members came in each month", Line, `SELECT substr(coalesce(joined_at, first_active), 1, 7) AS month, count(*) AS members
FROM members
WHERE staff = 0 AND bot = 0 AND contact = 0 AND coalesce(joined_at, first_active) IS NOT NULL
GROUP BY substr(coalesce(joined_at, first_active), 1, 7)
ORDER BY month`},
		{"Which channels have the most questions that nobody answered", Bar, `SELECT ch.name AS channel, count(*) AS waiting
FROM conversations c JOIN channels ch ON ch.id = c.channel_id
WHERE c.question = 1 AND c.first_response IS NULL
GROUP BY ch.name
ORDER BY waiting DESC
LIMIT 10`},
		{"Who helps most, and where they work", Table, `SELECT a.member_id, m.name, o.name AS organization, count(*) AS answers
FROM activities a
JOIN conversations c ON c.id = a.conversation_id AND c.member_id <> a.member_id
JOIN members m ON m.id = a.member_id AND m.staff = 0 AND m.bot = 0
LEFT JOIN organizations o ON o.id = m.organization_id
GROUP BY a.member_id, m.name, o.name
ORDER BY answers DESC
LIMIT 20`},
		{"Topics and how they sound", Table, `SELECT t.id AS topic_id, t.name, count(*) AS messages,
  sum(CASE WHEN r.sentiment = 'negative' THEN 1 ELSE 0 END) AS negative
FROM topics t
JOIN topic_activities ta ON ta.topic_id = t.id
JOIN readings r ON r.activity_id = ta.activity_id
GROUP BY t.id, t.name
ORDER BY negative DESC
LIMIT 20`},
		{"Deals of organizations by how many of their people are here", Table, `SELECT d.organization_id, o.name, o.members, count(*) AS deals, sum(d.amount) AS amount
FROM deals d JOIN organizations o ON o.id = d.organization_id
GROUP BY d.organization_id, o.name, o.members
ORDER BY o.members DESC
LIMIT 50`},
		{"Members of a country", Table, `SELECT id AS member_id, name, last_active
FROM members
WHERE country = :country
ORDER BY last_active DESC
LIMIT 50`},
	}
}
