// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import "github.com/spf13/cobra"

func (c *command) textCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "text", Short: "Try what reads messages on files",
		Long: "These commands read messages from a file and write what is made of each, with the same code that reads the community's messages. They need no data folder.",
	}
	cmd.AddCommand(c.textTopics(), c.textTrends())
	return cmd
}
