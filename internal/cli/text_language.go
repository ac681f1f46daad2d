// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"greenroom"
	"greenroom/internal/text/language"
)

const trainLanguageHelp = "Train-language trains what tells languages. It learns from how letters follow each other in each language, as the Go module " +
	"github.com/pemistahl/lingua-go (Apache-2.0) publishes it in its folder language-models:\n\n" +
	"    go mod download -json github.com/pemistahl/lingua-go@v1.4.0    # \"Dir\" says where it is\n\n" +
	"--data is a folder with language.jsonl (text and label, the language's code) and English texts in sentiment.jsonl, category.jsonl and " +
	"question.jsonl. Only rows whose license is permissive are read. The same files make the same model."

func (c *command) textTrainLanguageCommand() *cobra.Command {
	var models, data, out string
	cmd := &cobra.Command{
		Use:   "train-language --models DIR --data DIR --out FILE",
		Short: "Train what tells the language of a message",
		Long:  trainLanguageHelp,
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			var rows []language.Row
			for _, name := range []string{"sentiment", "category", "question", "language"} {
				if data == "" {
					break
				}
				err := textObjects(c, filepath.Join(data, name+".jsonl"), func(r *languageRow) error {
					if row, ok := r.language(name == "language"); ok {
						rows = append(rows, row)
					}
					return nil
				})
				if err != nil {
					return err
				}
			}
			model, err := language.Train(grams(models), rows, func(s string) { c.say("%s\n", s) })
			if err != nil {
				return err
			}
			return c.toFile(out, func(w io.Writer) error {
				_, err := w.Write(model)
				return err
			})
		},
	}
	cmd.Flags().StringVar(&models, "models", "", "folder language-models of lingua-go")
	cmd.Flags().StringVar(&data, "data", "", "folder with language.jsonl and English texts; empty = none")
	cmd.Flags().StringVar(&out, "out", "-", "file to write; - = standard output")
	_ = cmd.MarkFlagRequired("models") // the flag was made above
	return cmd
}

// languageRow is a row of a set of texts.
type languageRow struct{ Text, Label, License string }

// language is what the row teaches of languages, if its license lets it be used.
func (r *languageRow) language(labeled bool) (row language.Row, usable bool) {
	row = language.Row{Text: r.Text, Language: "en", Chat: true}
	if labeled {
		row.Language, row.Chat = r.Label, false
	}
	return row, permissive(r.License)
}

// permissive reports whether a license lets a model be trained and shipped.
func permissive(license string) bool {
	for _, known := range []string{"MIT", "Apache-2.0", "CC0-1.0", "CC-BY-4.0", "BSD-2-Clause", "BSD-3-Clause"} {
		if strings.HasPrefix(license, known) {
			return true
		}
	}
	return false
}

// grams reads models of n-grams as lingua-go keeps them: a folder for each language, a zip for each length.
func grams(dir string) language.Source {
	return func(code string, n int) ([]byte, error) {
		if code == "no" {
			code = "nb"
		}
		path := filepath.Join(dir, code, []string{"uni", "bi", "tri", "quadri", "five"}[n-1]+"grams.pb.bin.zip")
		z, err := zip.OpenReader(path)
		if errors.Is(err, fs.ErrNotExist) && n > 1 {
			return nil, nil // languages of signs have single ones only
		}
		if err != nil {
			return nil, greenroom.Errorf(greenroom.CodeInvalid, "%s cannot be read: %v; --models names the folder language-models of lingua-go", path, err)
		}
		defer z.Close() //nolint:errcheck // only read
		if len(z.File) != 1 {
			return nil, fmt.Errorf("%s: one file is expected in it, there are %d", path, len(z.File))
		}
		f, err := z.File[0].Open()
		if err != nil {
			return nil, fmt.Errorf("open %s: %w", path, err)
		}
		defer f.Close()
		model, err := io.ReadAll(f)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", path, err)
		}
		return model, nil
	}
}
