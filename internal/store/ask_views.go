// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"fmt"
	"regexp"
	"strings"

	"greenroom"
	"greenroom/internal/ask"
	"greenroom/internal/text"
)

// askVisible joins an activity with what may hide it.
const askVisible = `{activity} a LEFT JOIN {identity} ai ON ai.id = a.identity_id LEFT JOIN {member} am ON am.id = ai.member_id
	LEFT JOIN {channel} ac ON ac.id = a.channel_id`

const askShown = `a.deleted = 0 AND coalesce(am.hidden, 0) = 0 AND coalesce(ac.hidden, 0) = 0`

// askRecords is the body of the views of business records of a type.
func askRecords(kind string) string {
	return `SELECT r.id, r.source_id, r.external_id, @null(o.id), CASE WHEN m.hidden = 0 THEN m.id END, r.name, r.stage, r.amount, r.currency, @time(r.opened_at), @time(r.closed_at)
		FROM {business_record} r LEFT JOIN {organization} o ON o.id = r.organization_id AND o.hidden = 0
		LEFT JOIN {identity} i ON i.id = r.identity_id LEFT JOIN {member} m ON m.id = i.member_id
		WHERE r.type = '` + kind + `' AND r.deleted = 0`
}

// askBodies says what the views of ask.Views select, in the order of their columns. {table} is a table of the record
// store, @name(column) one of the words of askWords.
func askBodies() map[string]string {
	return map[string]string{
		"members": `SELECT m.id, m.name, (SELECT o.id FROM {organization} o WHERE o.id = m.organization_id AND o.hidden = 0), m.title, m.location, m.country,
			m.staff, m.bot, m.contact, m.identities, m.activities, @time(m.joined_at), @time(m.first_active), @time(m.last_active)
			FROM {member} m WHERE m.merged_into = 0 AND m.hidden = 0`,
		"identities": `SELECT i.id, i.member_id, i.source_id, @null(i.organization_id), i.handle, i.name, @time(i.joined_at), i.activities, @time(i.last_active)
			FROM {identity} i JOIN {member} m ON m.id = i.member_id WHERE m.hidden = 0 AND i.deleted = 0`,
		"member_tags":   `SELECT m.id, t.tag FROM {member_tag} t JOIN {member} m ON m.id = t.member_id WHERE m.merged_into = 0 AND m.hidden = 0`,
		"member_fields": `SELECT m.id, f.name, f.value FROM {member_field} f JOIN {member} m ON m.id = f.member_id WHERE m.merged_into = 0 AND m.hidden = 0`,
		"member_scores": `SELECT m.id, c.model, c.value, c.level, @time(c.due) FROM {member_score} c JOIN {member} m ON m.id = c.member_id WHERE m.merged_into = 0 AND m.hidden = 0`,
		"organizations": `SELECT o.id, o.name, o.lifecycle, o.size, o.country, o.members, o.activities, @time(o.first_active), @time(o.last_active)
			FROM {organization} o WHERE o.hidden = 0 AND o.merged_into = 0`,
		"organization_domains": `SELECT o.id, d.domain FROM {organization_domain} d JOIN {organization} o ON o.id = d.organization_id WHERE o.hidden = 0`,
		"segments":             `SELECT s.id, s.key, s.name, s.query, s.size, s.owner, @time(s.created_at) FROM {segment} s WHERE s.archived_at = 0`,
		"segment_members": `SELECT s.segment_id, m.id, @time(s.since) FROM {segment_member} s JOIN {member} m ON m.id = s.member_id
			WHERE m.merged_into = 0 AND m.hidden = 0`,

		"sources":  `SELECT s.id, s.name, s.platform, @time(s.created_at) FROM {source} s`,
		"channels": `SELECT c.id, c.source_id, c.name, c.url FROM {channel} c WHERE c.hidden = 0`,
		"activities": `SELECT a.id, a.source_id, @null(a.channel_id), am.id, @null(a.conversation_id), @kind(a.kind), @time(a.occurred_at), @time(a.edited_at),
			a.question, a.title, a.body, a.url FROM ` + askVisible + ` WHERE ` + askShown,
		"conversations": `SELECT c.id, c.source_id, @null(c.channel_id), m.id, @kind(c.kind), c.title, CASE WHEN c.ignored = 1 THEN 'ignored' ELSE c.state END, c.question, c.replies, c.participants,
			@time(c.opened_at), @time(c.last_activity), @time(c.first_response), @time(c.first_staff), @time(c.first_member), @time(c.resolved_at),
			CASE WHEN c.first_response > 0 THEN round((c.first_response - c.opened_at) / 36000000) / 100.0 END, c.url
			FROM {conversation} c LEFT JOIN {identity} i ON i.id = c.author_id LEFT JOIN {member} m ON m.id = i.member_id LEFT JOIN {channel} h ON h.id = c.channel_id
			WHERE coalesce(m.hidden, 0) = 0 AND coalesce(h.hidden, 0) = 0`,
		"readings": `SELECT rd.activity_id, @category(rd.category), @sentiment(rd.sentiment), rd.language, @urgency(rd.urgency)
			FROM ` + askVisible + ` JOIN {reading} rd ON rd.activity_id = a.id WHERE ` + askShown,
		"topics": `SELECT t.id, CASE WHEN t.name_set <> '' THEN t.name_set ELSE t.name END, @time(t.created_at) FROM {topic} t
			WHERE t.hidden = 0 AND t.gone = 0 AND t.merged_into = 0`,
		"topic_activities": `SELECT t.id, ta.activity_id, max(ta.weight) FROM ` + askVisible + ` JOIN {topic_activity} ta ON ta.activity_id = a.id
			JOIN {topic} f ON f.id = ta.topic_id JOIN {topic} t ON t.id = CASE WHEN f.merged_into > 0 THEN f.merged_into ELSE f.id END
			WHERE t.hidden = 0 AND t.gone = 0 AND ` + askShown + ` GROUP BY t.id, ta.activity_id`,
		"annotations": `SELECT n.id, @time(n.at), n.title, n.kind FROM {annotation} n WHERE n.removed_at = 0`,

		"programs": `SELECT p.id, p.key, p.name, p.kind, p.state, p.owner, @time(p.started_at), @time(p.closed_at) FROM {program} p`,
		"enrollments": `SELECT * FROM (SELECT e.id, e.program_id, @member(e.member_id) AS who, e.stage, e.cohort, @time(e.since), @time(e.until)
			FROM {program_enrollment} e) q WHERE who IS NOT NULL`,
		"events": `SELECT e.id, e.title, e.kind, e.state, @time(e.starts_at), @time(e.ends_at), e.place, e.owner, e.program FROM {event} e`,
		"registrations": `SELECT r.id, r.event_id, @member(r.member_id), r.state, @time(r.at), CASE WHEN r.came > 0 THEN 1 ELSE 0 END
			FROM {event_registration} r`,
		"surveys":   `SELECT s.id, s.key, s.name, s.state, @time(s.opened_at), @time(s.closed_at) FROM {survey} s`,
		"answers":   `SELECT a.response_id, @member(a.member_id), a.survey_key, a.value, a.scale, a.number, @time(a.at) FROM {survey_answer} a`,
		"workflows": `SELECT w.id, w.key, w.name, w.state, @time(w.created_at) FROM {workflow} w`,
		"workflow_runs": `SELECT * FROM (SELECT r.id, r.workflow_id, @member(r.member_id) AS who, r.state, r.outcome, @time(r.entered_at), @time(r.ended_at)
			FROM {workflow_run} r) q WHERE who IS NOT NULL`,
		"messages": `SELECT o.id, o.channel, o.purpose, o.origin, @member(o.member_id), o.state, @time(o.created_at), @time(o.sent_at) FROM {outbox} o`,
		"requests": `SELECT r.id, r.title, r.state, (SELECT count(*) FROM {request_vote} v WHERE v.request_id = r.id),
			(SELECT count(*) FROM {request_activity} ra WHERE ra.request_id = r.id), @time(r.created_at) FROM {request} r WHERE r.merged_into = 0 AND r.review = 0`,
		"testimonials": `SELECT * FROM (SELECT t.id, @member(t.member_id) AS who, t.quote, t.naming, t.url, @time(t.written_at) FROM {testimonial} t
			WHERE t.state = 'granted') q WHERE who IS NOT NULL`,
		"study_asks": `SELECT * FROM (SELECT k.id, k.study_id, @json(st.body title), @member(k.member_id) AS who, k.state, @time(k.at), @time(k.changed_at)
			FROM {study_ask} k JOIN {study} st ON st.id = k.study_id) q WHERE who IS NOT NULL`,
		"tasks": `SELECT t.id, t.title, t.origin, @member(t.member_id), t.owner, @time(t.due_at), @time(t.created_at), @time(t.done_at) FROM {task} t`,

		"goals":          `SELECT g.id, @null(g.parent_id), @json(g.body title), @json(g.body kind), g.state, @json(g.body owner), @json(g.body from), @json(g.body to), @time(g.created_at) FROM {goal} g`,
		"goal_check_ins": `SELECT c.id, c.goal_id, @time(c.at), c.confidence, c.status, c.value, c.note FROM {goal_check_in} c`,
		"plans":          `SELECT p.id, @number(p.body goal), @json(p.body title), @json(p.body state), @json(p.body owner) FROM {plan} p`,
		"plan_tasks": `SELECT t.id, t.plan_id, @json(t.body title), @json(t.body owner), @json(t.body began), @json(t.body ended), @json(t.body due)
			FROM {plan_task} t WHERE @json(t.body removed) IS NULL`,
		"metrics": `SELECT f.metric, f.version, f.by, @time(f.from_at), @time(f.to_at), f.value, f.n, @time(f.at) FROM {reported_figure} f`,

		"documents": `SELECT d.id, @null(d.conversation_id), @json(d.body title), @json(d.body address), @json(d.body kind), @json(d.body audience), @json(d.body state), @json(d.body owner), @time(d.created_at)
			FROM {document} d`,
		"document_uses":   `SELECT u.document_id, u.day, u.origin, u.views, u.helpful, u.unhelpful FROM {document_use} u`,
		"processes":       `SELECT p.id, @json(p.body name), @json(p.body owner), @json(p.body role), p.archived, @time(p.created_at) FROM {process} p`,
		"tools":           `SELECT t.id, @json(t.body name), @json(t.body category), @json(t.body state), @json(t.body owner), @real(t.body cost), @json(t.body currency), @json(t.body every), @json(t.body renewal) FROM {tool} t`,
		"reports":         `SELECT r.id, @json(r.body title), @json(r.body for), @json(r.body rhythm), @json(r.body owner) FROM {report} r`,
		"report_editions": `SELECT e.id, e.report_id, e.period, e.state FROM {report_edition} e`,

		"deals": askRecords("deal"), "tickets": askRecords("case"), "subscriptions": askRecords("subscription"),
		"record_stages": `SELECT s.record_id, @time(s.at), s.stage FROM {record_stage} s JOIN {business_record} r ON r.id = s.record_id WHERE r.deleted = 0`,
	}
}

var (
	askTable = regexp.MustCompile(`\{([a-z_]+)\}`)
	askWord  = regexp.MustCompile(`@([a-z]+)\(([a-z_.]+)(?: ([a-z_]+))?\)`)
)

// askView is the statement that makes a view. schema is where the tables are, name how the view is called.
func (d *dialect) askView(v *ask.View, name, schema string) (string, error) {
	body, there := askBodies()[v.Name]
	if !there {
		return "", fmt.Errorf("nothing says what the view %s selects", v.Name)
	}
	var columns []string
	for _, c := range v.Columns {
		columns = append(columns, `"`+c.Name+`"`)
	}
	body = askWord.ReplaceAllStringFunc(body, func(m string) string {
		part := askWord.FindStringSubmatch(m)
		return d.askWord(part[1], part[2], part[3])
	})
	body = askTable.ReplaceAllString(body, schema+".${1}")
	kind, with := "TEMP VIEW", ""
	if d.postgres {
		// What hides rows comes before what a question asks: an error that a condition raises would show them otherwise.
		kind, with = "VIEW", " WITH (security_barrier)"
	}
	return "CREATE " + kind + " " + name + " (" + strings.Join(columns, ", ") + ")" + with + " AS " + body, nil
}

// askWord writes what bodies of views say by a word.
func (d *dialect) askWord(word, column, key string) string {
	switch word {
	case "null":
		return "nullif(" + column + ", 0)"
	case "time":
		if d.postgres {
			return "CASE WHEN " + column + " > 0 THEN to_char(to_timestamp(" + column + " / 1000000) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') END"
		}
		return "CASE WHEN " + column + " > 0 THEN datetime(" + column + " / 1000000, 'unixepoch') END"
	case "member":
		return "(SELECT hm.id FROM {member} ho JOIN {member} hm ON hm.id = CASE WHEN ho.merged_into > 0 THEN ho.merged_into ELSE ho.id END WHERE ho.id = " + column + " AND hm.hidden = 0)"
	case "json":
		if d.postgres {
			return "(CAST(" + column + " AS jsonb) ->> '" + key + "')"
		}
		return "json_extract(" + column + ", '$." + key + "')"
	case "number":
		return "CAST(" + d.askWord("json", column, key) + " AS BIGINT)"
	case "real":
		return "CAST(" + d.askWord("json", column, key) + " AS DOUBLE PRECISION)"
	case "kind":
		return askNames(column, greenroom.Kinds())
	case "category":
		return askNames(column, append(text.Categories(), text.CategoryUnsure))
	case "sentiment":
		return askNames(column, append(text.Sentiments(), text.SentimentUnsure))
	default: // urgency
		return askNames(column, []text.Urgency{text.UrgencyNone, text.UrgencySoon, text.UrgencyNow})
	}
}

// askNames turns a stored number into what it stands for.
func askNames[T interface {
	~uint8 | ~uint16 | ~int
	String() string
}](column string, all []T) string {
	var sb strings.Builder
	sb.WriteString("CASE " + column)
	for _, v := range all {
		fmt.Fprintf(&sb, " WHEN %d THEN '%s'", int(v), v.String())
	}
	return sb.String() + " END"
}
