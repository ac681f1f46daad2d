// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package cli_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"greenroom"
	"greenroom/internal/store"
)

// kills is how often each import is killed before it may end.
const kills = 5

// importArgs are the imports of TestKilledImportsEndTheSame, in this order into one store: people of the second are
// known to the first, so members are merged while it is killed.
func importArgs(dir string) [][]string {
	return [][]string{
		{"import", "slack-export", filepath.Join(dir, "slack"), "--source", "slack", "--format", "json"},
		{"import", "gharchive", filepath.Join(dir, "gharchive"), "--source", "github", "--format", "json"},
	}
}

// TestKilledImportsEndTheSame imports with a process that is killed by SIGKILL at random moments and started again, and
// wants exports that are the same to the byte as those of a store whose imports were never interrupted.
func TestKilledImportsEndTheSame(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	dir := t.TempDir()
	dice := rand.New(rand.NewPCG(2026, 11)) //nolint:gosec // the same moments in every run
	writeSlack(t, filepath.Join(dir, "slack"), dice)
	writeArchive(t, filepath.Join(dir, "gharchive"), dice)

	t.Run("sqlite", func(t *testing.T) { killedEndsTheSame(t, dice, dir, sqliteData(t), sqliteData(t)) })
	t.Run("postgres", func(t *testing.T) { killedEndsTheSame(t, dice, dir, postgresData(t), postgresData(t)) })
}

func killedEndsTheSame(t *testing.T, dice *rand.Rand, dir string, whole, broken data) {
	t.Helper()
	var took []time.Duration
	var total []int64
	for _, args := range importArgs(dir) {
		start := time.Now()
		var sum summary
		decode(t, process(t, whole, args), &sum)
		took, total = append(took, time.Since(start)), append(total, sum.Read)
		t.Logf("%s: %+v in %v", args[1], sum, took[len(took)-1].Round(time.Millisecond))
		if sum.State != "done" || sum.Rejected != 0 {
			t.Fatalf("the import ended with %+v, want it done and nothing rejected", sum)
		}
	}
	want := exported(t, whole)
	if merged := run(t, whole, "list", "members", "--query", "identities:>1", "--format", "jsonl"); len(merged) == 0 {
		t.Error("no member has two accounts; the samples are meant to have some")
	}
	for i, args := range importArgs(dir) {
		killed(t, dice, broken, args, took[i], total[i])
		var sum summary
		decode(t, process(t, broken, args), &sum)
		if sum.State != "done" || sum.Rejected != 0 {
			t.Errorf("%s: after the kills the import ended with %+v, want it done and nothing rejected", args[1], sum)
		}
	}
	for name, got := range exported(t, broken) {
		sameLines(t, name, want[name], got)
		if len(got) == 0 {
			t.Errorf("%s is empty", name)
		}
	}
}

// killed starts an import again and again and kills it. Only a kill that leaves the import half done proves anything, so
// the first comes once the store says that some is stored; each of the others at a random moment of the time that the whole
// took.
func killed(t *testing.T, dice *rand.Rand, at data, args []string, took time.Duration, total int64) {
	t.Helper()
	half := 0
	for i := range kills {
		moment := func(stop <-chan struct{}) { somethingStored(t, at, args[4], stop) }
		if i > 0 {
			moment = func(stop <-chan struct{}) { pause(time.Duration(dice.Float64()*float64(took)), stop) }
		}
		start := time.Now()
		kill(t, at, args, moment)
		after := time.Since(start)
		run := lastRun(t, at, args[4])
		if run.State == greenroom.RunRunning && run.Read > 0 && run.Read < total {
			half++
		}
		t.Logf("%s: killed after %v, with %d of %d records stored", args[1], after.Round(time.Millisecond), run.Read, total)
	}
	if half == 0 {
		t.Errorf("%s: no kill left it half done", args[1])
	}
}

// somethingStored waits until the store says that some of a source is stored. It only reads: opening the store as Greenroom
// does would wait for the process that writes.
func somethingStored(t *testing.T, at data, source string, stop <-chan struct{}) {
	t.Helper()
	driver, dsn := "pgx", at.database
	if dsn == "" {
		driver, dsn = "sqlite3", "file:"+filepath.Join(at.folder, "greenroom.db")+"?mode=ro"
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for pause(5*time.Millisecond, stop) {
		var read int64
		// There is no store yet, or no such table, or no run.
		err := db.QueryRowContext(t.Context(), "SELECT coalesce(max(r.read), 0) FROM run r JOIN source s ON s.id = r.source_id WHERE s.name = $1", source).Scan(&read)
		if err == nil && read > 0 {
			return
		}
	}
}

// pause reports whether a time passed without its being stopped.
func pause(d time.Duration, stop <-chan struct{}) bool {
	select {
	case <-time.After(d):
		return true
	case <-stop:
		return false
	}
}

// kill starts a command and kills it at a moment: when the function returns, which it does once the command has ended by
// itself, too.
func kill(t *testing.T, at data, args []string, moment func(ended <-chan struct{})) {
	t.Helper()
	cmd := command(t.Context(), t, at, args)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	var werr error
	go func() {
		defer close(ended)
		werr = cmd.Wait()
	}()
	moment(ended)
	if err := cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Fatal(err)
	}
	<-ended
	var exit *exec.ExitError
	if werr != nil && (!errors.As(werr, &exit) || exit.ExitCode() != -1) {
		t.Fatalf("greenroom %v ended by itself: %v", args, werr)
	}
}

// lastRun is how far the store says that a source was read.
func lastRun(t *testing.T, at data, source string) greenroom.Run {
	t.Helper()
	dsn := at.database
	if dsn == "" {
		dsn = filepath.Join(at.folder, "greenroom.db")
		if _, err := os.Stat(dsn); err != nil {
			return greenroom.Run{} // killed before there was a store
		}
	}
	s, err := store.Open(t.Context(), dsn, slog.New(slog.DiscardHandler), time.Now)
	if err != nil {
		t.Fatalf("a killed process left a store that does not open: %v", err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	src, err := s.Source(t.Context(), source)
	if greenroom.ErrorCode(err) == greenroom.CodeNotFound {
		return greenroom.Run{}
	}
	if err != nil {
		t.Fatal(err)
	}
	runs, err := s.LastRuns(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return runs[src.ID]
}

// command is the command line as a process of its own: the test binary under the name greenroom.
func command(ctx context.Context, t *testing.T, at data, args []string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(ctx, exe, slices.Concat(args, at.flags())...)
	cmd.Args[0] = "greenroom"
	return cmd
}

// process runs a command to its end and returns its standard output.
func process(t *testing.T, at data, args []string) []byte {
	t.Helper()
	cmd := command(t.Context(), t, at, args)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("greenroom %v: %v\n%s", args, err, &errs)
	}
	return out
}

// The size of what is imported: some batches of each source, so that a kill leaves some stored and some not.
const (
	slackPeople   = 300
	slackDays     = 60
	slackMessages = 160 // a day and channel
	archiveHours  = 8
	archiveEvents = 4000 // an hour
)

var began = time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)

// writeSlack writes an export with threads, mentions, reactions and edits. A third of its people name their account on
// GitHub, so that they and whoever has it become one member.
func writeSlack(t *testing.T, dir string, dice *rand.Rand) {
	t.Helper()
	var users bytes.Buffer
	for i := range slackPeople {
		address, link := fmt.Sprintf("p%d@org%d.example", i, i%40), ""
		if i%3 == 0 {
			link = fmt.Sprintf(`,"fields":{"Xf1":{"value":"https://github.com/login%d","alt":""}}`, i)
		}
		fmt.Fprintf(&users, `%s{"id":"U%d","name":"p%d","real_name":"Person Number%d","is_email_confirmed":true,"profile":{"real_name":"Person Number%d","email":%q%s}}`,
			lead(i), i, i, i, i, address, link)
	}
	writeFile(t, filepath.Join(dir, "users.json"), "["+users.String()+"]")
	channels := []string{"general", "help"}
	writeFile(t, filepath.Join(dir, "channels.json"), `[{"id":"C1","name":"general"},{"id":"C2","name":"help"}]`)
	for _, channel := range channels {
		for day := range slackDays {
			at := began.AddDate(0, 0, day)
			var b bytes.Buffer
			var thread string
			for i := range slackMessages {
				ts := fmt.Sprintf("%d.%06d", at.Unix()+int64(i)*300+dice.Int64N(300), i)
				extra := ""
				switch {
				case i%10 == 0:
					thread = ts
					extra = fmt.Sprintf(`,"thread_ts":%q,"reply_count":3`, ts)
				case i%10 < 4:
					extra = fmt.Sprintf(`,"thread_ts":%q`, thread)
				case i%10 == 5:
					extra = fmt.Sprintf(`,"edited":{"user":"U1","ts":%q}`, ts)
				}
				if dice.IntN(4) == 0 {
					extra += fmt.Sprintf(`,"reactions":[{"name":"eyes","users":["U%d","U%d"],"count":2}]`, dice.IntN(100), 100+dice.IntN(100))
				}
				fmt.Fprintf(&b, `%s{"type":"message","user":"U%d","ts":%q,"text":%q%s}`, lead(i), dice.IntN(slackPeople), ts, sentence(dice), extra)
			}
			writeFile(t, filepath.Join(dir, channel, at.Format(time.DateOnly)+".json"), "["+b.String()+"]")
		}
	}
}

// writeArchive writes hours of GH Archive: issues, comments on them, and stars.
func writeArchive(t *testing.T, dir string, dice *rand.Rand) {
	t.Helper()
	id := 0
	for hour := range archiveHours {
		var b bytes.Buffer
		for i := range archiveEvents {
			id++
			at := began.Add(time.Duration(hour)*time.Hour + time.Duration(i)*900*time.Millisecond).Format(time.RFC3339)
			who, repo := dice.IntN(600), dice.IntN(20)
			head := fmt.Sprintf(`{"id":"%d","public":true,"created_at":%q,"actor":{"id":%d,"login":"login%d"},"repo":{"id":%d,"name":"acme/part%d"}`, id, at, 1000+who, who, repo+1, repo)
			// The repository and number of an issue that was opened earlier follow from its position.
			issue := func(n, opener int) string {
				return fmt.Sprintf(`"issue":{"id":%d,"number":%d,"title":"Part %d stops","body":%q,"html_url":"https://github.com/acme/part%d/issues/%d","state":"open","user":{"id":%d,"login":"login%d","type":"User"},"created_at":%q}`,
					n, n, n, sentence(dice), repo, n, 1000+opener, opener, at)
			}
			switch i % 4 {
			case 0:
				fmt.Fprintf(&b, `%s,"type":"IssuesEvent","payload":{"action":"opened",%s}}`+"\n", head, issue(id, who))
			case 1, 2:
				fmt.Fprintf(&b, `%s,"type":"IssueCommentEvent","payload":{"action":"created",%s,"comment":{"id":%d,"body":%q,"html_url":"https://github.com/acme/part%d/issues/%d#c","user":{"id":%d,"login":"login%d","type":"User"},"created_at":%q}}}`+"\n",
					head, issue(1+dice.IntN(id), dice.IntN(600)), id, sentence(dice), repo, id, 1000+who, who, at)
			default:
				fmt.Fprintf(&b, `%s,"type":"WatchEvent","payload":{"action":"started"}}`+"\n", head)
			}
		}
		writeFile(t, filepath.Join(dir, fmt.Sprintf("2026-01-05-%d.json", hour)), b.String())
	}
}

var words = []string{"the", "import", "stops", "after", "a", "minute", "when", "keys", "rotate", "how", "do", "I", "see", "<@U7>", "thanks", "it", "works", "now", "which", "port"}

// sentence is a text of some words; every third one asks.
func sentence(dice *rand.Rand) string {
	var b bytes.Buffer
	for range 4 + dice.IntN(20) {
		b.WriteString(words[dice.IntN(len(words))] + " ")
	}
	if dice.IntN(3) == 0 {
		b.WriteString("why?")
	}
	return b.String()
}

// lead is what stands before item i of a JSON array.
func lead(i int) string {
	if i == 0 {
		return ""
	}
	return ",\n"
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
