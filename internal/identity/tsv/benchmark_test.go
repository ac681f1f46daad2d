// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package tsv_test

import (
	"bufio"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"greenroom/internal/identity"
	"greenroom/internal/identity/tsv"
)

// truth is what maintainers wrote down about one set of identities.
type truth struct {
	person    map[string]string
	labeled   []string
	hardKey   map[string][2]string // folded address and normalised name
	ambiguous map[[2]string]bool
}

// score holds the counts of one set, by the benchmark's definitions.
type score struct {
	tp, pp, pos, hardHit, hard int
	persons, merged, worst     int
	b3p, b3r                   float64
	labeled                    int
}

func (s score) precision() float64 { return ratio(s.tp, s.pp) }
func (s score) recall() float64    { return ratio(s.tp, s.pos) }
func (s score) f1() float64        { return harmonic(s.precision(), s.recall()) }
func (s score) bcubed() float64 {
	return harmonic(s.b3p/float64(s.labeled), s.b3r/float64(s.labeled))
}

func ratio(a, b int) float64 {
	if b == 0 {
		return 1
	}
	return float64(a) / float64(b)
}

func harmonic(a, b float64) float64 {
	if a+b == 0 {
		return 0
	}
	return 2 * a * b / (a + b)
}

func (t *truth) unknown(p, q string) bool {
	return t.ambiguous[[2]string{min(p, q), max(p, q)}]
}

// score counts labeled pairs. Pairs of persons whose relation is not known
// are left out.
func (t *truth) score(clusters map[string]string) score {
	s := score{labeled: len(t.labeled), worst: 1}
	byPerson, byCluster := map[string][]string{}, map[string][]string{}
	for _, id := range t.labeled {
		byPerson[t.person[id]] = append(byPerson[t.person[id]], id)
		byCluster[clusters[id]] = append(byCluster[clusters[id]], id)
	}
	s.persons = len(byPerson)
	for _, ids := range byPerson {
		for i, a := range ids {
			for _, b := range ids[:i] {
				same := clusters[a] == clusters[b]
				s.pos++
				if same {
					s.tp++
				}
				if x, y := t.hardKey[a], t.hardKey[b]; x[0] != y[0] && x[1] != y[1] {
					s.hard++
					if same {
						s.hardHit++
					}
				}
			}
		}
	}
	for _, ids := range byCluster {
		t.scoreCluster(&s, ids, byPerson)
	}
	return s
}

func (t *truth) scoreCluster(s *score, ids []string, byPerson map[string][]string) {
	count := map[string]int{}
	for _, id := range ids {
		count[t.person[id]]++
	}
	s.worst = max(s.worst, len(count))
	for p, n := range count {
		s.pp += n * (n - 1) / 2
		wrong, ignored := 0, 0
		for q, k := range count {
			switch {
			case q == p:
			case t.unknown(p, q):
				ignored += k
			default:
				wrong++
				if q > p {
					s.pp += n * k
				}
			}
		}
		if wrong > 0 {
			s.merged++
		}
		s.b3p += float64(n*n) / float64(len(ids)-ignored)
		s.b3r += float64(n*n) / float64(len(byPerson[p]))
	}
}

// load reads a set's truth beside its identities.
func load(t *testing.T, dir, set string) ([]identity.Record, *truth) {
	t.Helper()
	path := filepath.Join(dir, set+".tsv")
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	records, problems, err := tsv.Read(f, false)
	if err != nil || len(problems) > 0 {
		t.Fatalf("read %s: %v %v", path, err, problems)
	}
	tr := &truth{person: map[string]string{}, hardKey: map[string][2]string{}, ambiguous: map[[2]string]bool{}}
	for _, row := range rows(t, path) {
		tr.person[row[0]] = row[8]
		tr.hardKey[row[0]] = [2]string{cases.Fold().String(strings.TrimSpace(row[2])), normalise(row[1])}
		if row[9] == "1" {
			tr.labeled = append(tr.labeled, row[0])
		}
	}
	for _, row := range rows(t, filepath.Join(dir, set+".ambiguous.tsv")) {
		tr.ambiguous[[2]string{min(row[0], row[1]), max(row[0], row[1])}] = true
	}
	return records, tr
}

func rows(t *testing.T, path string) [][]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	var out [][]string
	sc := bufio.NewScanner(f)
	for sc.Scan() {
		out = append(out, strings.Split(sc.Text(), "\t"))
	}
	return out[1:]
}

func normalise(s string) string {
	s = cases.Fold().String(norm.NFKD.String(s))
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r):
			return -1
		case unicode.IsLetter(r) || unicode.IsNumber(r):
			return r
		}
		return ' '
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// dataDir finds the shared recordings beside the module.
func dataDir(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if parent := filepath.Dir(dir); parent != dir {
			dir = parent
			continue
		}
		t.Skip("no go.mod above the test's folder")
	}
	data := filepath.Join(dir, "..", "shared", "data", "identity")
	if _, err := os.Stat(data); err != nil {
		t.Skip("the shared recordings are not here: ", data)
	}
	return data
}

func clusterMap(res *identity.Result) map[string]string {
	m := map[string]string{}
	for _, c := range res.Clusters {
		for _, id := range c {
			m[id] = c[0]
		}
	}
	return m
}

// accept joins the clusters of every suggestion that is right, as a reviewer
// would, and returns the clusters after that.
func accept(tr *truth, res *identity.Result) map[string]string {
	m := clusterMap(res)
	root := map[string]string{}
	var find func(string) string
	find = func(x string) string {
		if p, ok := root[x]; ok && p != x {
			return find(p)
		}
		return x
	}
	for _, s := range res.Suggestions {
		if tr.person[s.A] == tr.person[s.B] {
			if a, b := find(m[s.A]), find(m[s.B]); a != b {
				root[b] = a
			}
		}
	}
	for id, c := range m {
		m[id] = find(c)
	}
	return m
}

func TestRecordedHistories(t *testing.T) {
	dir := dataDir(t)
	engine, err := identity.New(identity.Config{})
	if err != nil {
		t.Fatal(err)
	}
	floor := map[string]float64{"perl5": 0.93, "dpdk": 0.97, "mne-python": 0.95, "openzfs": 0.91}
	var sums totals
	for _, set := range []string{"perl5", "dpdk", "mne-python", "openzfs"} {
		if s := sums.add(t, engine, dir, set); s.f1() < floor[set] {
			t.Errorf("%s: F1 is %.4f, want at least %.2f", set, s.f1(), floor[set])
		}
	}
	sums.log(t)
	all := sums.all
	for i, band := range bandNames() {
		b := sums.bands[i]
		if b.pairs >= 50 && math.Abs(b.stated-b.right) > 0.05*b.pairs {
			t.Errorf("probability %s: %.3f was stated and %.3f is right", band, b.stated/b.pairs, b.right/b.pairs)
		}
	}
	if all.precision() < 0.995 || all.recall() < 0.88 {
		t.Errorf("automatic tier: precision %.4f at recall %.4f, want 0.995 at 0.88", all.precision(), all.recall())
	}
	if sums.both.recall() < 0.96 {
		t.Errorf("automatic and suggested tiers: recall %.4f, want 0.96", sums.both.recall())
	}
	logOthers(t, engine)
}

// logOthers says how the engine does on the histories in the folder GREENROOM_HISTORIES, which tools/histories makes. They
// are nobody's target.
func logOthers(t *testing.T, engine *identity.Engine) {
	t.Helper()
	dir := os.Getenv("GREENROOM_HISTORIES")
	if dir == "" {
		return
	}
	paths, err := filepath.Glob(filepath.Join(dir, "*.ambiguous.tsv"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no histories in GREENROOM_HISTORIES=%s (%v), want NAME.tsv and NAME.ambiguous.tsv", dir, err)
	}
	var sums totals
	for _, path := range paths {
		sums.add(t, engine, dir, strings.TrimSuffix(filepath.Base(path), ".ambiguous.tsv"))
	}
	sums.log(t)
}

// totals adds up what the engine made of several histories.
type totals struct {
	sets      int
	f1s       float64
	all, both score
	bands     calibration
}

// add resolves one history and says how it went.
func (x *totals) add(t *testing.T, engine *identity.Engine, dir, set string) score {
	t.Helper()
	records, tr := load(t, dir, set)
	res := engine.Resolve(records, nil)
	var bands calibration
	bands.add(tr, res)
	s := tr.score(clusterMap(res))
	r := tr.score(accept(tr, res))
	right := 0
	for _, g := range res.Suggestions {
		if tr.person[g.A] == tr.person[g.B] {
			right++
		}
	}
	t.Logf("%-11s F1 %.4f  P %.4f  R %.4f  B3 %.4f  hard R %.3f  merged persons %.2f %% of %d  worst %d  with suggestions R %.4f (%d suggestions, %d of labeled right)%s",
		set, s.f1(), s.precision(), s.recall(), s.bcubed(), ratio(s.hardHit, s.hard), 100*ratio(s.merged, s.persons), s.persons, s.worst, r.recall(), len(res.Suggestions), right, bands)
	x.sets++
	x.f1s += s.f1()
	x.all = sum(x.all, s)
	x.both = sum(x.both, r)
	for i, b := range bands {
		x.bands[i].pairs += b.pairs
		x.bands[i].right += b.right
		x.bands[i].stated += b.stated
	}
	return s
}

func (x *totals) log(t *testing.T) {
	t.Helper()
	all := x.all
	t.Logf("all         F1 %.4f (mean of sets %.4f)  P %.4f  R %.4f  B3 %.4f hard R %.3f  merged %.2f %%, with suggestions R %.4f", all.f1(), x.f1s/float64(x.sets), all.precision(), all.recall(), all.bcubed(), ratio(all.hardHit, all.hard), 100*ratio(all.merged, all.persons), x.both.recall())
	for i, band := range bandNames() {
		b := x.bands[i]
		t.Logf("probability %s: %.0f pairs, stated %.3f, right %.3f", band, b.pairs, b.stated/b.pairs, b.right/b.pairs)
	}
}

func bandNames() [3]string { return [3]string{"0.5 to 0.7", "0.7 to 0.9", "0.9 to 1"} }

// calibration compares, band by band, what was stated with what is right.
type calibration [3]struct{ pairs, right, stated float64 }

// String gives the bands below 0.9, where a history has pairs in them.
func (c calibration) String() string {
	var out strings.Builder
	for i, b := range c[:2] {
		if b.pairs > 0 {
			fmt.Fprintf(&out, "  [%s: %.0f stated %.2f right %.2f]", bandNames()[i], b.pairs, b.stated/b.pairs, b.right/b.pairs)
		}
	}
	return out.String()
}

// add counts merges and suggestions between labeled identities.
func (c *calibration) add(tr *truth, res *identity.Result) {
	labeled := map[string]bool{}
	for _, id := range tr.labeled {
		labeled[id] = true
	}
	pairs := res.Suggestions
	for _, m := range res.Merges {
		pairs = append(pairs, identity.Suggestion{A: m.A, B: m.B, Probability: m.Probability})
	}
	for _, s := range pairs {
		p, q := tr.person[s.A], tr.person[s.B]
		if !labeled[s.A] || !labeled[s.B] || tr.unknown(p, q) || s.Probability < 0.5 {
			continue
		}
		b := &c[0]
		if s.Probability >= 0.9 {
			b = &c[2]
		} else if s.Probability >= 0.7 {
			b = &c[1]
		}
		b.pairs++
		b.stated += s.Probability
		if p == q {
			b.right++
		}
	}
}

func sum(a, b score) score {
	a.tp += b.tp
	a.pp += b.pp
	a.pos += b.pos
	a.hard += b.hard
	a.hardHit += b.hardHit
	a.persons += b.persons
	a.merged += b.merged
	a.worst = max(a.worst, b.worst)
	a.b3p += b.b3p
	a.b3r += b.b3r
	a.labeled += b.labeled
	return a
}
