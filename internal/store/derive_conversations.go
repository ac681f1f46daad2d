// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"strings"

	"greenroom"
	"greenroom/internal/conversation"
)

// cutChat decides for the window's messages in channels without threads which conversation they belong to.
func (d *deriver) cutChat() error {
	type message struct {
		conversation.ChatMessage
		channel, source int64
	}
	rows, err := d.query(`SELECT a.id, a.source_id, a.channel_id, a.external_id, a.reply_to, a.mentions, a.occurred_at, a.question,
			coalesce(i.external_id, ''), CASE WHEN i.handle <> '' THEN i.handle ELSE coalesce(i.name, '') END, substr(a.body, 1, 400)
		FROM activity a JOIN channel c ON c.id = a.channel_id AND c.threadless = 1 LEFT JOIN identity i ON i.id = a.identity_id
		WHERE a.id > ? AND a.id <= ? AND a.conversation_id = 0 AND a.deleted = 0 AND a.kind IN (1, 2, 32) ORDER BY a.id`, d.from, d.to)
	if err != nil {
		return err
	}
	var messages []message
	if err := scan(rows, func() error {
		var m message
		var at, question int64
		var mentions string
		err := rows.Scan(&m.ID, &m.source, &m.channel, &m.ExternalID, &m.ReplyTo, &mentions, &at, &question, &m.Author, &m.Handle, &m.Text)
		m.At, m.Question, m.Mentions = fromMicros(at), question != 0, strings.Fields(mentions)
		messages = append(messages, m)
		return err
	}); err != nil {
		return err
	}
	cutters := make(map[int64]*conversation.Cutter)
	for i := range messages {
		m := &messages[i]
		if cutters[m.channel] == nil {
			first := m.At
			for j := range messages[i:] {
				if o := &messages[i+j]; o.channel == m.channel && o.At.Before(first) {
					first = o.At
				}
			}
			decided, err := d.decidedChat(m.channel, micros(first.Add(-conversation.Reach)))
			if err != nil {
				return err
			}
			if cutters[m.channel], err = conversation.NewCutter(decided); err != nil {
				return err
			}
		}
		if m.RepliesTo, err = d.repliedTo(m.source, &m.ChatMessage); err != nil {
			return err
		}
		id := cutters[m.channel].Next(m.ChatMessage)
		if id == m.ID {
			if _, err := d.exec("INSERT INTO conversation (id, source_id, channel_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", id, m.source, m.channel); err != nil {
				return err
			}
		}
		if _, err := d.exec("UPDATE activity SET conversation_id = ? WHERE id = ?", id, m.ID); err != nil {
			return err
		}
	}
	return nil
}

// repliedTo is the conversation of the message that another answers by a reply link, if that was stored before; 0 for
// none.
func (d *deriver) repliedTo(source int64, m *conversation.ChatMessage) (int64, error) {
	if m.ReplyTo == "" {
		return 0, nil
	}
	var id int64
	err := d.row(`SELECT a.conversation_id FROM activity a JOIN conversation c ON c.id = a.conversation_id AND c.thread IS NULL
		WHERE a.source_id = ? AND a.external_id = ? AND a.id < ?`, []any{source, m.ReplyTo, m.ID}, &id)
	if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
		return 0, nil
	}
	return id, err
}

// decidedChat reads the messages of a channel since a time that were cut in earlier windows.
func (d *deriver) decidedChat(channel, since int64) ([]conversation.ChatMessage, error) {
	rows, err := d.query(`SELECT a.id, a.external_id, a.mentions, a.occurred_at, a.question, a.conversation_id,
			coalesce(i.external_id, ''), CASE WHEN i.handle <> '' THEN i.handle ELSE coalesce(i.name, '') END, substr(a.body, 1, 400)
		FROM activity a JOIN conversation c ON c.id = a.conversation_id AND c.thread IS NULL LEFT JOIN identity i ON i.id = a.identity_id
		WHERE a.channel_id = ? AND a.occurred_at >= ? AND a.id <= ? AND a.kind IN (1, 2, 32) ORDER BY a.id`, channel, since, d.from)
	if err != nil {
		return nil, err
	}
	var decided []conversation.ChatMessage
	err = scan(rows, func() error {
		var m conversation.ChatMessage
		var at, question int64
		var mentions string
		err := rows.Scan(&m.ID, &m.ExternalID, &mentions, &at, &question, &m.Conversation, &m.Author, &m.Handle, &m.Text)
		m.At, m.Question, m.Mentions = fromMicros(at), question != 0, strings.Fields(mentions)
		decided = append(decided, m)
		return err
	})
	return decided, err
}

// conversationState is a conversation while it is being summarized.
type conversationState struct {
	id       int64
	told     conversation.Told
	messages []conversation.Message
}

// refreshConversations computes the state of every conversation that the window or a change touched.
func (d *deriver) refreshConversations() error {
	ids, err := d.ints(`SELECT conversation_id FROM conversation_dirty UNION
		SELECT conversation_id FROM activity WHERE id > ? AND id <= ? AND conversation_id > 0 ORDER BY 1`, d.from, d.to)
	if err != nil {
		return err
	}
	for start := 0; start < len(ids); start += inChunk {
		if err := d.refreshSome(ids[start:min(len(ids), start+inChunk)]); err != nil {
			return err
		}
	}
	_, err = d.exec("DELETE FROM conversation_dirty")
	return err
}

func (d *deriver) refreshSome(ids []int64) error {
	values := make([]any, len(ids))
	states := make(map[int64]*conversationState, len(ids))
	order := make([]*conversationState, 0, len(ids))
	for i, id := range ids {
		values[i] = id
	}
	if err := d.eachIn(`SELECT c.id, coalesce(c.thread, ''), c.ignored, coalesce(t.state, ''), coalesce(t.title, ''), coalesce(t.url, ''), coalesce(t.resolved_at, 0)
		FROM conversation c LEFT JOIN thread t ON t.source_id = c.source_id AND t.thread = c.thread WHERE c.id IN (%IN%)`, nil, values, func(rows rowScanner) error {
		st := &conversationState{}
		var ignored, resolved int64
		var state string
		err := rows.Scan(&st.id, &st.told.Thread, &ignored, &state, &st.told.Title, &st.told.URL, &resolved)
		st.told.Ignored, st.told.State, st.told.ResolvedAt = ignored != 0, greenroom.State(state), fromMicros(resolved)
		if states[st.id] == nil {
			states[st.id] = st
			order = append(order, st)
		}
		return err
	}); err != nil {
		return err
	}
	if err := d.eachIn(`SELECT a.conversation_id, a.id, a.external_id, a.kind, a.occurred_at, a.identity_id, coalesce(i.member_id, 0), coalesce(m.staff, 0),
			coalesce(m.bot, 0), a.question, a.channel_id, a.title, a.url, substr(a.body, 1, 400)
		FROM activity a LEFT JOIN identity i ON i.id = a.identity_id LEFT JOIN member m ON m.id = i.member_id
		WHERE a.id <= ? AND a.deleted = 0 AND a.conversation_id > 0 AND a.conversation_id IN (%IN%) ORDER BY a.conversation_id, a.occurred_at, a.id`, []any{d.to}, values, func(rows rowScanner) error {
		var conv, at, staff, bot, question, kind int64
		var m conversation.Message
		err := rows.Scan(&conv, &m.ID, &m.ExternalID, &kind, &at, &m.Identity, &m.Member, &staff, &bot, &question, &m.Channel, &m.Title, &m.URL, &m.Body)
		m.Kind, m.At, m.Staff, m.Bot, m.Question = greenroom.Kind(kind), fromMicros(at), staff != 0, bot != 0, question != 0
		if st := states[conv]; st != nil {
			st.messages = append(st.messages, m)
		}
		return err
	}); err != nil {
		return err
	}
	return d.writeStates(order)
}

func (d *deriver) writeStates(order []*conversationState) error {
	return d.bulk(`UPDATE conversation SET channel_id = ?, title = ?, url = ?, kind = ?, state = ?, question = ?, opened_at = ?, last_activity = ?,
		first_response = ?, first_staff = ?, first_member = ?, resolved_at = ?, author_id = ?, responder_id = ?, replies = ?, participants = ?, opening_id = ?, version = ?
		WHERE id = ?`, len(order), func(i int) []any {
		c := order[i]
		s := conversation.Summarize(c.told, c.messages)
		return []any{
			s.Channel, s.Title, s.URL, int64(s.Kind), string(s.State), flag(s.Question), micros(s.OpenedAt), micros(s.LastActivityAt),
			micros(s.FirstResponseAt), micros(s.FirstStaffAt), micros(s.FirstMemberAt), micros(s.ResolvedAt), s.AuthorIdentity, s.ResponderID,
			s.Replies, s.Participants, s.Opening, d.version, c.id,
		}
	})
}
