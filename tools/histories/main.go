// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Histories makes sets of identities with a known answer out of git repositories with a mailmap, to see what the identity
// engine makes of people whom nobody had in mind when it was written:
//
//	go run -C tools ./histories -out /tmp/histories /path/of/clone …
//	GREENROOM_HISTORIES=/tmp/histories go test ./internal/identity/tsv -run Recorded -v
//
// For each clone it writes NAME.tsv, one line for each author name and address of its history with the person it belongs
// to, and NAME.ambiguous.tsv, the pairs of persons whom nobody can tell to be one or two. Columns and truth are those of
// shared/data/identity/README.md: two identities are one person where the mailmap gives them one canonical address, or
// touches both and gives them one canonical full name; only persons whom it touches are labeled. A mailmap that lists
// nearly everybody says what it says by addresses alone, as two of one name are then two on purpose.
//
// What it writes has people's names and addresses in it: it is for this machine only.
package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// listsAll is the share of persons touched from which on a mailmap is taken to list everybody.
const listsAll = 0.8

// identity is one author name and address of a history.
type identity struct {
	name, email string
	first, last time.Time
	commits     int
	zones       map[string]int

	canonical [2]string // name and address by the mailmap
	touched   bool
	person    int
}

func main() {
	out := flag.String("out", "", "folder to write to")
	flag.Parse()
	if *out == "" || flag.NArg() == 0 {
		fmt.Fprintln(os.Stderr, "usage: histories -out DIR CLONE…")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Stdout, *out, flag.Args())
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "histories:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, say io.Writer, out string, clones []string) error {
	if err := os.MkdirAll(out, 0o700); err != nil {
		return err
	}
	var failed error
	for _, clone := range clones {
		name := filepath.Base(clone)
		if name == "repo" || name == ".git" {
			name = filepath.Base(filepath.Dir(clone))
		}
		if err := write(ctx, say, filepath.Join(out, name), clone); err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s: %w", clone, err))
		}
	}
	return failed
}

// write makes the files of one clone and says what is in them.
func write(ctx context.Context, say io.Writer, path, clone string) error {
	canonical, err := addresses(ctx, clone)
	if err != nil {
		return err
	}
	ids, err := read(ctx, clone)
	if err != nil {
		return err
	}
	for _, i := range ids {
		i.touched = canonical[fold(i.canonical[1])] || i.name != i.canonical[0] || fold(i.email) != fold(i.canonical[1])
	}
	persons := people(ids)
	var set, unknown bytes.Buffer
	fmt.Fprintln(&set, "identity_id\tname\temail\tfirst_seen\tlast_seen\tcommits\ttz\tbot\ttrue_person_id\tlabelled") //nolint:misspell // as the benchmark writes it
	labeled := map[int]bool{}
	for _, i := range ids {
		labeled[i.person] = labeled[i.person] || i.touched
	}
	count := map[int]int{}
	for n, i := range ids {
		zones := slices.SortedFunc(maps.Keys(i.zones), func(a, b string) int { return cmp.Or(i.zones[b]-i.zones[a], cmp.Compare(a, b)) })
		mark := 0
		if labeled[i.person] {
			mark = 1
			count[i.person]++
		}
		fmt.Fprintf(&set, "i%05d\t%s\t%s\t%s\t%s\t%d\t%s\t0\tp%05d\t%d\n", n, i.name, i.email,
			i.first.Format(time.DateOnly), i.last.Format(time.DateOnly), i.commits, zones[0], i.person, mark)
	}
	fmt.Fprintln(&unknown, "person_a\tperson_b\treason")
	for _, same := range persons {
		for x, a := range same {
			for _, b := range same[:x] {
				fmt.Fprintf(&unknown, "p%05d\tp%05d\tequal canonical names\n", min(a, b), max(a, b))
			}
		}
	}
	pairs := 0
	for _, n := range count {
		pairs += n * (n - 1) / 2
	}
	_, _ = fmt.Fprintf(say, "%s: %d identities, %d persons labeled, %d pairs of one person\n", filepath.Base(path), len(ids), len(count), pairs)
	return errors.Join(os.WriteFile(path+".tsv", set.Bytes(), 0o600), os.WriteFile(path+".ambiguous.tsv", unknown.Bytes(), 0o600))
}

// addresses are the canonical addresses that the mailmap names, folded.
func addresses(ctx context.Context, clone string) (map[string]bool, error) {
	text, err := git(ctx, clone, "show", "HEAD:.mailmap")
	if err != nil {
		return nil, fmt.Errorf("no mailmap: %w", err)
	}
	canonical := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		line, _, _ = strings.Cut(line, "#")
		if _, rest, ok := strings.Cut(line, "<"); ok {
			address, _, _ := strings.Cut(rest, ">")
			canonical[fold(strings.TrimSpace(address))] = true
		}
	}
	return canonical, nil
}

// read counts what each author name and address did.
func read(ctx context.Context, clone string) ([]*identity, error) {
	text, err := git(ctx, clone, "-c", "log.showSignature=false", "log", "--date=raw", "--format=%an%x1f%ae%x1f%ad%x1f%aN%x1f%aE", "HEAD")
	if err != nil {
		return nil, err
	}
	known := map[[2]string]*identity{}
	var ids []*identity
	sc := bufio.NewScanner(bytes.NewReader(text))
	sc.Buffer(nil, 1<<20)
	for sc.Scan() {
		f := strings.Split(strings.ToValidUTF8(strings.ReplaceAll(sc.Text(), "\t", " "), "\ufffd"), "\x1f")
		if len(f) != 5 {
			continue
		}
		seconds, zone, _ := strings.Cut(f[2], " ")
		unix, err := strconv.ParseInt(seconds, 10, 64)
		if err != nil {
			continue
		}
		at := time.Unix(unix, 0).UTC()
		key := [2]string{f[0], f[1]}
		i := known[key]
		if i == nil {
			i = &identity{name: f[0], email: f[1], first: at, last: at, zones: map[string]int{}, canonical: [2]string{f[3], f[4]}}
			known[key] = i
			ids = append(ids, i)
		}
		i.commits++
		i.zones[zone]++
		if at.Before(i.first) {
			i.first = at
		}
		if at.After(i.last) {
			i.last = at
		}
	}
	return ids, sc.Err()
}

// people gives each identity its person and returns the persons of each name that several have.
func people(ids []*identity) [][]int {
	byAddress, touched := map[string]int{}, map[int]bool{}
	for _, i := range ids {
		key := fold(i.canonical[1])
		if !strings.Contains(key, "@") { // such as "unknown": what several people wrote is no person
			key = i.name + "\x00" + i.email
		}
		p, ok := byAddress[key]
		if !ok {
			p = len(byAddress)
			byAddress[key] = p
		}
		i.person = p
		touched[p] = touched[p] || i.touched
	}
	all := 0
	for _, ok := range touched {
		if ok {
			all++
		}
	}
	named := map[string][]int{}
	for _, i := range ids {
		if name := plain(i.canonical[0]); strings.Contains(name, " ") && !slices.Contains(named[name], i.person) {
			named[name] = append(named[name], i.person)
		}
	}
	if float64(all) < listsAll*float64(len(byAddress)) {
		join(ids, named, touched)
	}
	var out [][]int
	for _, name := range slices.Sorted(maps.Keys(named)) {
		same := slices.Compact(slices.Sorted(slices.Values(named[name])))
		if len(same) > 1 {
			out = append(out, same)
		}
	}
	return out
}

// join makes one person of those that the mailmap touches and gives one full name.
func join(ids []*identity, named map[string][]int, touched map[int]bool) {
	root := map[int]int{}
	find := func(p int) int {
		for {
			q, ok := root[p]
			if !ok {
				return p
			}
			p = q
		}
	}
	for _, name := range slices.Sorted(maps.Keys(named)) {
		first := -1
		for _, p := range named[name] {
			switch {
			case !touched[p]:
			case first < 0:
				first = p
			case find(p) != find(first):
				root[find(p)] = find(first)
			}
		}
	}
	for _, i := range ids {
		i.person = find(i.person)
	}
	for _, persons := range named {
		for x, p := range persons {
			persons[x] = find(p)
		}
	}
}

func git(ctx context.Context, clone string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "git", append([]string{"-C", clone, "-c", "mailmap.blob=HEAD:.mailmap"}, args...)...)
	cmd.Stderr = os.Stderr
	return cmd.Output()
}

func fold(s string) string { return cases.Fold().String(s) }

// plain is a name without case and accents.
func plain(s string) string {
	s = norm.NFKD.String(fold(s))
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == '.' || r == ',' }), " ")
}
