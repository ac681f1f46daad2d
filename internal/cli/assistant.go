// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"greenroom"
	"greenroom/internal/assistant"
	"greenroom/internal/server"
)

// terminal is who asks, in the log of the language model.
const terminal = "command line"

func (c *command) assistantCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "assistant", Short: "Ask the language model that the team has set",
		Long: "Off unless it is switched on, each purpose by itself. With --preview nothing is sent: the request is printed to the letter.",
	}
	cmd.AddCommand(c.assistantStatus(), c.assistantSet(), c.assistantAsk(),
		c.assistantDigest("summary", "Summarize a conversation", server.Assistant.Summarize), c.assistantDigest("draft", "Write a draft of a reply; nothing is sent to the conversation", server.Assistant.DraftReply))
	return cmd
}

func (c *command) assistantStatus() *cobra.Command {
	return &cobra.Command{
		Use: "status", Short: "Say which model is set, for what, and what this month has used", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.with(cmd.Context(), func(app *server.App) error { return c.printAssistant(cmd.Context(), app.LocalAssistant()) })
		},
	}
}

func (c *command) printAssistant(ctx context.Context, a server.Assistant) error {
	set, hasKey, err := a.Settings(ctx)
	if err != nil {
		return err
	}
	b, err := a.Budget(ctx)
	if err != nil {
		return err
	}
	allowed := make([]string, len(set.Allowed))
	for i, p := range set.Allowed {
		allowed[i] = string(p)
	}
	count := func(n int64) string { return strconv.FormatInt(n, 10) }
	rows := [][2]string{
		{"on", strconv.FormatBool(set.On)},
		{"address", set.Address},
		{"model", set.Model},
		{"key", strconv.FormatBool(hasKey)},
		{"allowed", strings.Join(allowed, ",")},
		{"tokens used", count(b.Used.Tokens)},
		{"tokens forecast", count(b.Forecast.Tokens)},
		{"tokens a month", count(set.MonthTokens)},
		{"cost used", assistant.Money(b.Used.Micros)},
		{"cost forecast", assistant.Money(b.Forecast.Micros)},
		{"cost a month", assistant.Money(int64(set.MonthCost * 1e6))},
	}
	return printRows(c, map[string]any{"settings": set, "has_key": hasKey, "budget": b}, []string{"what", "value"}, rows, func(r *[2]string) []string { return r[:] })
}

func (c *command) assistantSet() *cobra.Command {
	var next assistant.Settings
	var keyFile string
	var allow []string
	var off bool
	cmd := &cobra.Command{
		Use: "set", Short: "Set the language model and switch it on; what is not given stays", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.with(cmd.Context(), func(app *server.App) error {
				a := app.LocalAssistant()
				set, _, err := a.Settings(cmd.Context())
				if err != nil {
					return err
				}
				changed := cmd.Flags().Changed
				for flag, take := range map[string]func(){
					"address": func() { set.Address = next.Address }, "model": func() { set.Model = next.Model }, "month-tokens": func() { set.MonthTokens = next.MonthTokens },
					"month-cost": func() { set.MonthCost = next.MonthCost }, "input-price": func() { set.InputPrice = next.InputPrice }, "output-price": func() { set.OutputPrice = next.OutputPrice },
				} {
					if changed(flag) {
						take()
					}
				}
				if changed("allow") {
					set.Allowed = nil
					for _, p := range allow {
						set.Allowed = append(set.Allowed, assistant.Purpose(p))
					}
				}
				if set.MonthTokens == 0 {
					set.MonthTokens = next.MonthTokens
				}
				set.On = !off
				key, err := c.assistantKey(keyFile)
				if err != nil {
					return err
				}
				if err := a.Save(cmd.Context(), set, key); err != nil {
					return err
				}
				return c.printAssistant(cmd.Context(), a)
			})
		},
	}
	f := cmd.Flags()
	f.BoolVar(&off, "off", false, "switch it off")
	f.StringVar(&next.Address, "address", "", "of an OpenAI-compatible API, such as http://localhost:11434/v1")
	f.StringVar(&next.Model, "model", "", "by the name that its server gives it")
	f.StringVar(&keyFile, "key-file", "", "file that holds the key; - = standard input")
	f.StringSliceVar(&allow, "allow", nil, "what it may be asked for: summary, question, draft, name")
	f.Int64Var(&next.MonthTokens, "month-tokens", 1_000_000, "tokens that may be used in a month")
	f.Float64Var(&next.MonthCost, "month-cost", 0, "what they may cost; 0 = only tokens count")
	f.Float64Var(&next.InputPrice, "input-price", 0, "of a million tokens that are sent")
	f.Float64Var(&next.OutputPrice, "output-price", 0, "of a million tokens that are answered")
	return cmd
}

// assistantKey reads a key from a file; nil where none is named.
func (c *command) assistantKey(name string) (*string, error) {
	if name == "" {
		return nil, nil
	}
	var text []byte
	var err error
	if name == "-" {
		text, err = io.ReadAll(c.io.In)
	} else {
		text, err = os.ReadFile(name)
	}
	if err != nil {
		return nil, &greenroom.Error{Code: greenroom.CodeInvalid, Message: "the key cannot be read from " + name, Err: err}
	}
	key := strings.TrimSpace(string(text))
	return &key, nil
}

func (c *command) assistantAsk() *cobra.Command {
	var preview bool
	cmd := &cobra.Command{
		Use: "ask QUESTION", Short: "Turn a question in plain words into a query; pass it on to `greenroom list`", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd.Context(), func(app *server.App) error {
				f, err := app.LocalAssistant().Ask(cmd.Context(), args[0], terminal, !preview)
				if err != nil {
					return err
				}
				if preview {
					return c.write(f.Preview + "\n")
				}
				return printRows(c, f, []string{"list", "query"}, []assistant.Found{*f}, func(f *assistant.Found) []string { return []string{string(f.Entity), f.Query} })
			})
		},
	}
	cmd.Flags().BoolVar(&preview, "preview", false, "print what would be sent, and send nothing")
	return cmd
}

func (c *command) assistantDigest(name, short string, do func(server.Assistant, context.Context, int64, string, bool) (*assistant.Digest, error)) *cobra.Command {
	var preview bool
	cmd := &cobra.Command{
		Use: name + " CONVERSATION", Short: short, Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := strconv.ParseInt(args[0], 10, 64)
			if err != nil {
				return greenroom.Errorf(greenroom.CodeInvalid, "%q is not the id of a conversation", args[0])
			}
			return c.with(cmd.Context(), func(app *server.App) error {
				d, err := do(app.LocalAssistant(), cmd.Context(), id, terminal, !preview)
				if err != nil {
					return err
				}
				if preview {
					return c.write(d.Preview + "\n")
				}
				if c.format != "json" && d.Draft != "" {
					return c.write(d.Draft + "\n")
				}
				return printRows(c, d, []string{"line", "messages"}, d.Lines, func(l *assistant.Line) []string {
					ids := make([]string, len(l.Messages))
					for i, m := range l.Messages {
						ids[i] = strconv.FormatInt(m, 10)
					}
					return []string{l.Text, strings.Join(ids, " ")}
				})
			})
		},
	}
	cmd.Flags().BoolVar(&preview, "preview", false, "print what would be sent, and send nothing")
	return cmd
}

// write prints a text as it is.
func (c *command) write(text string) error {
	_, err := io.WriteString(c.io.Out, text)
	return err
}
