// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"os"

	"github.com/spf13/cobra"

	"greenroom"
	"greenroom/internal/server"
	"greenroom/internal/survey"
)

func (c *command) surveyTranslations() *cobra.Command {
	language := ""
	cmd := &cobra.Command{
		Use: "translations SURVEY", Short: "Write the texts of a survey as a table to translate, with a column for each language; as JSON how many are missing", Args: cobra.ExactArgs(1),
		Example: "  greenroom survey translations pulse --language de >pulse.csv\n  greenroom survey translate pulse pulse.csv",
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.surveys(cmd.Context(), func(s *server.Surveys) error {
				v, err := s.Get(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				if c.format == "json" {
					return writeJSON(c.io.Out, v.Definition.Coverage())
				}
				var more []string
				if language != "" {
					tag, err := v.Definition.LanguageTag(language)
					if err != nil {
						return err //nolint:wrapcheck // it says what is wrong
					}
					more = append(more, tag)
				}
				return v.Definition.WriteTranslations(c.io.Out, more...)
			})
		},
	}
	cmd.Flags().StringVar(&language, "language", "", "add a column for a language, such as de or pt-br")
	return cmd
}

func (c *command) surveyTranslate() *cobra.Command {
	return &cobra.Command{
		Use: "translate SURVEY FILE", Short: "Take over a table of translations that was filled in", Args: cobra.ExactArgs(2),
		Long: "Translate reads the table that `greenroom survey translations` writes. Empty cells change nothing; lines whose text in the survey's own language was changed since are left out and named.",
		RunE: func(cmd *cobra.Command, args []string) error {
			file, err := os.Open(args[1])
			if err != nil {
				return &greenroom.Error{Code: greenroom.CodeInvalid, Message: args[1] + " cannot be read", Err: err}
			}
			defer func() { _ = file.Close() }() // it was only read
			return c.surveys(cmd.Context(), func(s *server.Surveys) error {
				v, err := s.Get(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				next, done, err := v.Definition.ReadTranslations(file)
				if err != nil {
					return &greenroom.Error{Code: greenroom.ErrorCode(err), Message: args[1] + ": " + greenroom.ErrorMessage(err), Err: err}
				}
				if done.Changed > 0 {
					if _, err := s.Edit(cmd.Context(), v.Key, survey.Change{Revision: v.Revision, Definition: next}, byCommandLine); err != nil {
						return err
					}
				}
				return writeJSON(c.io.Out, done)
			})
		},
	}
}
