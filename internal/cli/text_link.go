// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"greenroom"
	"greenroom/internal/text/question"
	"greenroom/internal/text/reply"
)

// chatLine is a line of a file of chat.
type chatLine struct {
	Stream string
	I      *int64
	Time   string // "15:04", or with its date as RFC 3339; "" = not known
	User   string
	Text   string
	System bool // nobody said it
}

// chat is a file of chat: streams in the order in which they begin.
type chat struct {
	names   []string
	streams map[string]*reply.Stream
}

const chatHelp = "The file has a JSON object a line: stream (a channel), i (the message's number in it), time (15:04, or RFC 3339; may be empty), user, text, system (true for what nobody said). "

// readChat reads a file of chat. A message's id is its number and one, because 0 is no message.
func (c *command) readChat(path string) (*chat, error) {
	all := &chat{streams: make(map[string]*reply.Stream)}
	clocks := make(map[string]time.Time)
	err := textObjects(c, path, func(l *chatLine) error {
		if l.Stream == "" || l.I == nil || *l.I < 0 {
			return errors.New("stream and i are expected, i from 0 on")
		}
		s := all.streams[l.Stream]
		if s == nil {
			s = &reply.Stream{Links: make(map[int64][]int64)}
			all.streams[l.Stream], all.names = s, append(all.names, l.Stream)
		}
		if n := len(s.Messages); n > 0 && s.Messages[n-1].ID >= *l.I+1 {
			return fmt.Errorf("message %d of %s comes after message %d", *l.I, l.Stream, s.Messages[n-1].ID-1)
		}
		if l.System {
			return nil
		}
		at, err := chatTime(clocks[l.Stream], l.Time)
		if err != nil {
			return err
		}
		clocks[l.Stream] = at
		s.Messages = append(s.Messages, reply.Message{ID: *l.I + 1, Author: l.User, Text: l.Text, At: at, Question: question.Is("", l.Text)})
		return nil
	})
	return all, err
}

// chatTime reads a time. One without a date is on the day of the message before it, or on the next.
func chatTime(before time.Time, text string) (time.Time, error) {
	if text == "" {
		return before, nil
	}
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at.UTC(), nil
	}
	clock, err := time.Parse("15:04", text)
	if err != nil {
		return before, fmt.Errorf("time %q is neither 15:04 nor RFC 3339", text)
	}
	day := before.Truncate(24 * time.Hour)
	if day.IsZero() {
		day = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	at := day.Add(time.Duration(clock.Hour())*time.Hour + time.Duration(clock.Minute())*time.Minute)
	if at.Before(before.Add(-12 * time.Hour)) {
		at = at.Add(24 * time.Hour)
	}
	return at, nil
}

// part is every n-th stream by name, from the k-th on, so that one part can be judged by what was trained on the others.
type part struct{ k, n int }

func parsePart(text string) (part, error) {
	var p part
	if text == "" {
		return p, nil
	}
	if n, err := fmt.Sscanf(text, "%d/%d", &p.k, &p.n); err != nil || n != 2 || p.k < 1 || p.k > p.n {
		return p, greenroom.Errorf(greenroom.CodeInvalid, "%q is no part; 2/4 is the second of four", text)
	}
	return p, nil
}

// of returns the streams that are in the part, or those that are not, in the order of the file.
func (p part) of(all *chat, in bool) []string {
	if p.n == 0 {
		return all.names
	}
	byName := slices.Sorted(slices.Values(all.names))
	return slices.DeleteFunc(slices.Clone(all.names), func(name string) bool {
		place, _ := slices.BinarySearch(byName, name)
		return (place%p.n == p.k-1) != in
	})
}

// chatRun is what the commands over chat are given.
type chatRun struct{ in, out, model, only string }

func (r *chatRun) flags(cmd *cobra.Command) {
	chatFlags(cmd, &r.in, &r.out)
	cmd.Flags().StringVar(&r.model, "model", "", "model that train-links made; empty = the one that Greenroom comes with")
	cmd.Flags().StringVar(&r.only, "only", "", "only a part of the streams, such as 2/4, the second of four")
}

// open reads what the flags name. The error of reading chat is kept: what could be read is used.
func (r *chatRun) open(c *command) (model *reply.Model, all *chat, names []string, readErr, err error) {
	p, err := parsePart(r.only)
	if err != nil {
		return nil, nil, nil, nil, err
	}
	if r.model == "" {
		model, err = reply.Default()
	} else {
		var data []byte
		if data, err = os.ReadFile(r.model); err == nil {
			model, err = reply.Load(data)
		}
	}
	if err != nil {
		return nil, nil, nil, nil, greenroom.Errorf(greenroom.CodeInvalid, "the model cannot be read: %v", err)
	}
	all, readErr = c.readChat(r.in)
	return model, all, p.of(all, true), readErr, nil
}

func (c *command) textLinkCommand() *cobra.Command {
	var run chatRun
	cmd := &cobra.Command{
		Use:   "link --in FILE.jsonl --out FILE.tsv",
		Short: "Find for each message of chat which earlier one it answers",
		Long:  "Link finds for each message of chat without threads which earlier one it answers. " + chatHelp + "It writes stream, i and the i of what is answered, between tabs; a message that starts a conversation has its own.",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			model, all, names, readErr, err := run.open(c)
			if err != nil {
				return err
			}
			return errors.Join(readErr, c.toFile(run.out, func(w io.Writer) error {
				for _, name := range names {
					l := reply.NewLinker(model)
					for _, m := range all.streams[name].Messages {
						if _, err := fmt.Fprintf(w, "%s\t%d\t%d\n", name, m.ID-1, l.Next(m)[0].ID-1); err != nil {
							return err
						}
					}
				}
				return nil
			}))
		},
	}
	run.flags(cmd)
	return cmd
}

func chatFlags(cmd *cobra.Command, in, out *string) {
	cmd.Flags().StringVar(in, "in", "", "file of chat to read")
	cmd.Flags().StringVar(out, "out", "-", "file to write; - = standard output")
	_ = cmd.MarkFlagRequired("in") // the flag was made above
}

func (c *command) textAnswersCommand() *cobra.Command {
	var run chatRun
	var questions string
	cmd := &cobra.Command{
		Use:   "answers --in FILE.jsonl --questions FILE.tsv --out FILE.tsv",
		Short: "Find for questions in chat which later message answers them",
		Long:  "Answers finds for some messages of chat without threads which later message answers them. " + chatHelp + "The questions are lines of stream and i between tabs; what follows on a line is not read. It writes stream, i and the i of the answer, -1 for none.",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			model, all, names, readErr, err := run.open(c)
			if err != nil {
				return err
			}
			asked, err := c.readQuestions(questions)
			return errors.Join(readErr, err, c.toFile(run.out, func(w io.Writer) error {
				for _, name := range names {
					found := reply.Answers(model, all.streams[name].Messages, asked[name])
					for _, id := range slices.Sorted(maps.Keys(asked[name])) {
						if _, err := fmt.Fprintf(w, "%s\t%d\t%d\n", name, id-1, found[id].ID-1); err != nil {
							return err
						}
					}
				}
				return nil
			}))
		},
	}
	run.flags(cmd)
	cmd.Flags().StringVar(&questions, "questions", "", "file of the questions")
	_ = cmd.MarkFlagRequired("questions") // the flag was made above
	return cmd
}

func (c *command) readQuestions(path string) (map[string]map[int64]bool, error) {
	asked := make(map[string]map[int64]bool)
	err := c.textLines(path, func(line []byte) error {
		stream, id, _, err := chatPlace(string(line))
		if err != nil {
			return err
		}
		if asked[stream] == nil {
			asked[stream] = make(map[int64]bool)
		}
		asked[stream][id] = true
		return nil
	})
	return asked, err
}

// chatPlace reads a line that begins with stream and i.
func chatPlace(line string) (stream string, id int64, rest string, err error) {
	stream, line, ok := strings.Cut(line, "\t")
	number, rest, _ := strings.Cut(line, "\t")
	i, err := strconv.ParseInt(strings.TrimSpace(number), 10, 64)
	if !ok || stream == "" || err != nil || i < 0 {
		return "", 0, "", errors.New("stream and i are expected, a tab between them")
	}
	return stream, i + 1, rest, nil
}

func (c *command) textTrainLinksCommand() *cobra.Command {
	var in, links, out, except string
	cmd := &cobra.Command{
		Use:   "train-links --in FILE.jsonl --links FILE.tsv --out FILE",
		Short: "Train what finds links, on chat in which people marked them",
		Long:  "Train-links trains what finds links. " + chatHelp + "The links are lines of stream, i and the i of what is answered, between tabs, several of these between commas. The same files make the same model.",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			p, err := parsePart(except)
			if err != nil {
				return err
			}
			all, err := c.readChat(in)
			if err != nil {
				return err
			}
			if err := c.textLines(links, func(line []byte) error { return all.link(string(line)) }); err != nil {
				return err
			}
			var streams []reply.Stream
			for _, name := range p.of(all, false) {
				streams = append(streams, *all.streams[name])
			}
			model, err := reply.Train(streams, func(s string) { c.say("%s\n", s) })
			if err != nil {
				return err
			}
			return c.toFile(out, func(w io.Writer) error {
				_, err := w.Write(model)
				return err
			})
		},
	}
	chatFlags(cmd, &in, &out)
	cmd.Flags().StringVar(&except, "except", "", "leave out a part of the streams, such as 2/4, the second of four")
	cmd.Flags().StringVar(&links, "links", "", "file of the links that people marked")
	_ = cmd.MarkFlagRequired("links") // the flag was made above
	return cmd
}

// link takes in a line of links.
func (a *chat) link(line string) error {
	stream, id, rest, err := chatPlace(line)
	if err != nil {
		return err
	}
	s := a.streams[stream]
	if s == nil {
		return fmt.Errorf("there is no stream %s in the chat", stream)
	}
	for text := range strings.SplitSeq(rest, ",") {
		to, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
		if err != nil || to < 0 {
			return fmt.Errorf("%q is not the number of a message", text)
		}
		s.Links[id] = append(s.Links[id], to+1)
	}
	return nil
}
