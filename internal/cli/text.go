// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"greenroom"
	"greenroom/internal/text"
	"greenroom/internal/text/judge"
	"greenroom/internal/text/language"
)

// textCommand is about reading messages: classify them, train the model that does, and measure how well it reads.
func (c *command) textCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "text",
		Short: "Read messages from a file as Greenroom does, train what reads them, and measure it",
		Long:  "Text runs what reads messages over files, without any data of a community, and trains it anew; and it corrects and re-trains what reads a community's own. What it is and how well it reads stands in docs/text-models.md.",
	}
	cmd.AddCommand(c.textClassifyCommand(), c.textTrainCommand(), c.textEvaluateCommand(), c.textLinkCommand(), c.textAnswersCommand(), c.textTrainLanguageCommand(), c.textTrainLinksCommand(), c.textTopics(), c.textTrends(),
		c.textRead(), c.textCorrect(), c.textUndo(), c.textRetrain(), c.textUse(), c.textReport())
	return cmd
}

func (c *command) textClassifyCommand() *cobra.Command {
	var task, in, out string
	cmd := &cobra.Command{
		Use:   "classify --task TASK --in FILE.jsonl --out FILE.tsv",
		Short: "Classify the messages of a file: one answer for each, however unsure",
		Long: "Classify reads a file of JSON objects with id and text, one a line, and writes id and answer, separated by a tabulator. " +
			"The tasks are sentiment, category, issue_type, question and language.",
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			answer, err := answerer(task)
			if err != nil {
				return err
			}
			return c.classify(in, out, answer)
		},
	}
	f := cmd.Flags()
	f.StringVar(&task, "task", "", "what to answer")
	f.StringVar(&in, "in", "", "file of messages")
	f.StringVar(&out, "out", "", "file to write")
	for _, name := range []string{"task", "in", "out"} {
		if err := cmd.MarkFlagRequired(name); err != nil {
			panic(err) // the flag stands above
		}
	}
	return cmd
}

const taskLanguage = "language"

// answerer returns what answers a task.
func answerer(task string) (func(string) string, error) {
	if task == taskLanguage {
		return func(s string) string {
			code, _ := language.Detect(s)
			return code
		}, nil
	}
	t, ok := judge.ParseTask(task)
	if !ok {
		return nil, greenroom.Errorf(greenroom.CodeInvalid, "there is no task %q; there are sentiment, category, issue_type, question and language", task)
	}
	model, err := judge.Default()
	if err != nil {
		return nil, fmt.Errorf("opening the text model: %w", err)
	}
	return func(s string) string {
		label, _ := model.Classify(t, text.Message{Body: s})
		return label
	}, nil
}

// classify writes an answer for each message of a file. Lines that are none are told, and the rest is answered.
func (c *command) classify(in, out string, answer func(string) string) (err error) {
	file, err := os.Create(out) //nolint:gosec // the path is the user's own
	if err != nil {
		return &greenroom.Error{Code: greenroom.CodeInvalid, Message: "the answers cannot be written", Err: err}
	}
	w := bufio.NewWriter(file)
	defer func() { err = errors.Join(err, w.Flush(), file.Close()) }()
	return textObjects(c, in, func(r *textRow) error {
		if r.ID == "" || strings.ContainsAny(r.ID, "\t\n") {
			return greenroom.Errorf(greenroom.CodeInvalid, "the id is %q, expected some text without tabulators", r.ID)
		}
		fmt.Fprintf(w, "%s\t%s\n", r.ID, answer(r.Text))
		return nil
	})
}

// textData are the flags that say what to train on.
type textData struct {
	dir      string
	licenses []string
}

func (d *textData) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&d.dir, "data", "", "folder with sentiment.jsonl, category.jsonl, issue_type.jsonl and question.jsonl (objects with id, text, label, source and license)")
	f.StringSliceVar(&d.licenses, "license", nil, "SOURCE=SPDX: the license of a source whose rows do not name it")
}

// load reads the rows of the corpus and of the folder.
func (d *textData) load() (*judge.Trainer, map[judge.Task][]judge.Row, error) {
	told := map[string]string{}
	for _, l := range d.licenses {
		source, license, ok := strings.Cut(l, "=")
		if !ok {
			return nil, nil, greenroom.Errorf(greenroom.CodeInvalid, "--license is %q, expected SOURCE=SPDX", l)
		}
		told[source] = license
	}
	lexicon, err := valences()
	if err != nil {
		return nil, nil, err
	}
	rows := map[judge.Task][]judge.Row{}
	seed, err := judge.Seed()
	if err != nil {
		return nil, nil, err
	}
	for _, r := range seed {
		rows[r.Task] = append(rows[r.Task], r)
	}
	if d.dir != "" {
		for _, t := range judge.Tasks() {
			more, err := readTextRows(d.dir, t, told)
			if err != nil {
				return nil, nil, err
			}
			rows[t] = append(rows[t], more...)
		}
	}
	return judge.NewTrainer(lexicon), rows, nil
}

func (c *command) textTrainCommand() *cobra.Command {
	var d textData
	var out string
	cmd := &cobra.Command{
		Use:   "train [--data DIR] --out DIR",
		Short: "Train the model that reads messages, from the corpus in the program and from labeled messages in a folder",
		Long: "Train writes base.bin into a folder. It learns from the corpus that is part of the program and, with --data, from those rows of a folder " +
			"that have a permissive license or are of a source that is known to be meant for training; the others are left out. The same input gives the same " +
			"bytes.",
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			trainer, rows, err := d.load()
			if err != nil {
				return err
			}
			for _, t := range judge.Tasks() {
				open := slices.DeleteFunc(rows[t], func(r judge.Row) bool { return !judge.Trainable(r.Source, r.License) })
				if err := trainer.Add(open); err != nil {
					return fmt.Errorf("training: %w", err)
				}
			}
			data, err := trainer.Artifact()
			if err != nil {
				return fmt.Errorf("training: %w", err)
			}
			path := filepath.Join(out, "base.bin")
			if err := os.WriteFile(path, data, 0o644); err != nil { //nolint:gosec // it holds no secret
				return &greenroom.Error{Code: greenroom.CodeInvalid, Message: "the model cannot be written", Err: err}
			}
			m, _, err := judge.ReadManifest(data)
			if err != nil {
				return fmt.Errorf("reading what was written: %w", err)
			}
			var b strings.Builder
			for _, s := range m.Data {
				fmt.Fprintf(&b, "%-12s %-28s %-12s %6d rows\n", s.Task, s.Name, s.License, s.Rows)
			}
			fmt.Fprintf(&b, "%s: %d features, %d words with a valence, %d bytes in %s\n", m.Version, m.Features, m.Lexicon, len(data), path)
			_, err = io.WriteString(c.io.Out, b.String())
			return err
		},
	}
	d.flags(cmd)
	cmd.Flags().StringVar(&out, "out", ".", "folder to write base.bin to")
	return cmd
}

func (c *command) textEvaluateCommand() *cobra.Command {
	var d textData
	var tasks []string
	var gold string
	var folds int
	cmd := &cobra.Command{
		Use:   "evaluate [--data DIR] [--task TASK] [--folds N] [--gold DIR]",
		Short: "Measure how well messages are read, on sources that were not trained on",
		Long: "Evaluate leaves out one source after another, trains on the others and answers the one left out; rows that a model may not be trained on are " +
			"only measured. With --folds each source is cut into parts instead, and each part answered by what was trained on the others. With --gold it trains nothing and measures the model that ships on labeled rows in a folder of the same form as --data.",
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if folds < 0 || folds == 1 {
				return greenroom.Errorf(greenroom.CodeInvalid, "--folds %d: expected 2 or more parts, or none", folds)
			}
			for _, name := range tasks {
				t, ok := judge.ParseTask(name)
				if !ok {
					return greenroom.Errorf(greenroom.CodeInvalid, "there is no task %q; there are sentiment, category, issue_type, question and language", name)
				}
				scores, err := evaluateTask(t, &d, folds, gold)
				if err != nil {
					return err
				}
				if err := c.printScores(scores); err != nil {
					return err
				}
			}
			return nil
		},
	}
	d.flags(cmd)
	cmd.Flags().StringSliceVar(&tasks, "task", []string{"category", "sentiment", "issue_type", "question"}, "what to measure")
	cmd.Flags().IntVar(&folds, "folds", 0, "cut each source into so many parts instead of leaving whole sources out")
	cmd.Flags().StringVar(&gold, "gold", "", "folder with labeled rows to measure the model that ships on")
	return cmd
}

func evaluateTask(t judge.Task, d *textData, folds int, gold string) ([]judge.Score, error) {
	if gold != "" {
		rows, err := readTextRows(gold, t, nil)
		if err != nil {
			return nil, err
		}
		model, err := judge.Default()
		if err != nil {
			return nil, fmt.Errorf("opening the text model: %w", err)
		}
		return model.Measure(t, rows), nil
	}
	trainer, rows, err := d.load()
	if err != nil {
		return nil, err
	}
	if err := trainer.Add(rows[t]); err != nil {
		return nil, fmt.Errorf("reading rows: %w", err)
	}
	if folds > 0 {
		return trainer.Folds(t, folds, judge.Trainable), nil
	}
	return trainer.Leave(t, judge.Trainable), nil
}

// printScores writes a line for each source.
func (c *command) printScores(scores []judge.Score) error {
	var b strings.Builder
	for i := range scores {
		s := &scores[i]
		n := 0
		for _, class := range s.Figures.Classes {
			n += class.N
		}
		fmt.Fprintf(&b, "%-11s %-27s %6d  accuracy %.3f  macro-F1 %.3f ", s.Task, s.Source, n, s.Figures.Accuracy, s.Figures.MacroF1)
		for _, class := range s.Figures.Classes {
			fmt.Fprintf(&b, " %s %.2f", class.Label, class.F1)
		}
		b.WriteByte('\n')
	}
	_, err := io.WriteString(c.io.Out, b.String())
	return err
}
