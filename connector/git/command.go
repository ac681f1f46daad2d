// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package git

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"greenroom"
)

// errorBytes is how much of git's error output is kept for a message.
const errorBytes = 2000

// command prepares git so that neither the user's environment nor the repository's own configuration has a say in what
// it runs: no pager, hooks, file monitor, signature program or transport. Searching for a repository ends at the given
// folder, so that a wrong folder inside of some other clone is not taken for it.
func (s *source) command(ctx context.Context, args ...string) *exec.Cmd {
	fixed := []string{
		"-C", s.path, "--no-pager", "-c", "safe.directory=*", "-c", "safe.bareRepository=all",
		"-c", "core.hooksPath=" + os.DevNull, "-c", "core.fsmonitor=false", "-c", "log.showSignature=false",
		"-c", "i18n.logOutputEncoding=UTF-8", "-c", "protocol.allow=never", "-c", "core.quotePath=false",
	}
	cmd := exec.CommandContext(ctx, "git", append(fixed, args...)...)
	for _, kv := range os.Environ() {
		if !strings.HasPrefix(kv, "GIT_") && !strings.HasPrefix(kv, "LC_") && !strings.HasPrefix(kv, "LANG") {
			cmd.Env = append(cmd.Env, kv)
		}
	}
	cmd.Env = append(cmd.Env,
		"GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_TERMINAL_PROMPT=0", "GIT_OPTIONAL_LOCKS=0",
		"GIT_NO_LAZY_FETCH=1", "GIT_CEILING_DIRECTORIES="+filepath.Dir(s.path), "LC_ALL=C")
	return cmd
}

// output runs git to its end and returns what it printed; ok is false where it ended with an error status.
func (s *source) output(ctx context.Context, args ...string) (out []byte, ok bool, err error) {
	out, err = s.command(ctx, args...).Output()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return out, true, nil
	case ctx.Err() != nil:
		return nil, false, fmt.Errorf("running git was stopped: %w", ctx.Err())
	case errors.As(err, &exit):
		return out, false, nil
	case errors.Is(err, exec.ErrNotFound):
		return nil, false, &greenroom.Error{
			Code: greenroom.CodeInvalid, Err: err,
			Message: "the program git was not found on the server; install it (for example: apt-get install git) and try again",
		}
	default:
		return nil, false, fmt.Errorf("running git: %w", err)
	}
}

// stream runs git and hands its output to read as it comes. When read returns before the end, git is ended.
func (s *source) stream(ctx context.Context, read func(io.Reader) error, args ...string) error {
	running, cancel := context.WithCancel(ctx)
	defer cancel()
	cmd := s.command(running, args...)
	stderr := &tail{}
	cmd.Stderr = stderr
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		return fmt.Errorf("opening a pipe to git: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("starting git: %w", err)
	}
	readErr := read(pipe)
	if readErr != nil {
		cancel()
	}
	waitErr := cmd.Wait()
	switch {
	case ctx.Err() != nil:
		return ctx.Err() //nolint:wrapcheck // the contract of Source.Read asks for it as it is
	case readErr != nil:
		return readErr
	case waitErr != nil:
		return &greenroom.Error{
			Code: greenroom.CodeInvalid, Err: waitErr,
			Message: "git could not read the whole history of " + s.path + " (" + stderr.String() + "); check the clone with: git fsck",
		}
	}
	return nil
}

// tail keeps the first part of what is written to it.
type tail struct{ buf bytes.Buffer }

// Write takes p and keeps it as far as there is room.
func (t *tail) Write(p []byte) (int, error) {
	if room := errorBytes - t.buf.Len(); room > 0 {
		t.buf.Write(p[:min(room, len(p))])
	}
	return len(p), nil
}

// String is what was kept, on one line.
func (t *tail) String() string {
	return strings.Join(strings.Fields(clean(t.buf.Bytes())), " ")
}
