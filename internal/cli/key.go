// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"greenroom/internal/seal"
	"greenroom/internal/server"
)

func (c *command) keyCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "key", Short: "Manage the key that seals the secrets of sources"}
	cmd.AddCommand(&cobra.Command{
		Use:   "rotate",
		Short: "Make a new key, seal every secret with it, and drop the older ones",
		Long: "Rotate makes a new key in the file `key` of the data folder, seals every stored secret with it, and drops the older keys. " +
			"A running server goes on with the new one. Keep a copy of the file apart from the data.\n\n" +
			"Where the keys are in the environment variable " + seal.EnvVar + ", put the new one in front of the others first; rotate then seals with it, and the others can be dropped.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.with(cmd.Context(), func(app *server.App) error {
				n, err := app.RotateKey(cmd.Context())
				if err != nil {
					return err
				}
				text := "a new key seals %d secrets; the older keys are dropped\n"
				if os.Getenv(seal.EnvVar) != "" {
					text = "the first key of " + seal.EnvVar + " has sealed %d secrets anew; the other keys can be dropped\n"
				}
				_, err = fmt.Fprintf(c.io.Out, text, n)
				return err
			})
		},
	})
	return cmd
}
