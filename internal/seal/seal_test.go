// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

package seal_test

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"greenroom"
	"greenroom/internal/seal"
)

// key is a made-up key: 32 times the same byte, in base64.
func key(b byte) string { return base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{b}, 32)) }

func parse(t *testing.T, text string) *seal.Keys {
	t.Helper()
	k, err := seal.Parse(text, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func load(t *testing.T, path, env string) *seal.Keys {
	t.Helper()
	k, err := seal.Load(path, env, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func sealed(t *testing.T, k *seal.Keys, secret, place string) string {
	t.Helper()
	s, err := k.Seal([]byte(secret), place)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func wantOpen(t *testing.T, k *seal.Keys, s, place, want string) {
	t.Helper()
	got, err := k.Open(s, place)
	if err != nil || string(got) != want {
		t.Errorf("Open(%q, %q) = %q, %v; want %q", s, place, got, err, want)
	}
}

func wantCode(t *testing.T, what string, err error, want greenroom.Code) {
	t.Helper()
	if got := greenroom.ErrorCode(err); got != want {
		t.Errorf("%s: error %v of code %q, want %q", what, err, got, want)
	}
}

func TestSealAndOpen(t *testing.T) {
	k := parse(t, key(1))
	rapid.Check(t, func(rt *rapid.T) {
		secret := rapid.SliceOf(rapid.Byte()).Draw(rt, "secret")
		place := rapid.String().Draw(rt, "place")
		s, err := k.Seal(secret, place)
		if err != nil {
			rt.Fatal(err)
		}
		got, err := k.Open(s, place)
		if err != nil || !bytes.Equal(got, secret) || !seal.IsSealed(s) || k.Stale(s) {
			rt.Fatalf("Open(Seal(%q)) = %q, %v", secret, got, err)
		}
		if len(secret) > 3 && strings.Contains(s, base64.RawURLEncoding.EncodeToString(secret)) {
			rt.Fatalf("the secret shows in %s", s)
		}
		at := rapid.IntRange(0, len(s)-1).Draw(rt, "at")
		with := rapid.SampledFrom([]byte("AZaz09-_.")).Draw(rt, "with")
		if changed := s[:at] + string(with) + s[at+1:]; changed != s {
			if got, err := k.Open(changed, place); err == nil {
				rt.Fatalf("Open of the changed %q = %q", changed, got)
			}
		}
		if _, err := k.Open(s, place+"x"); err == nil {
			rt.Fatal("a sealed text opens in another place")
		}
	})
	if a, b := sealed(t, k, "x", "p"), sealed(t, k, "x", "p"); a == b {
		t.Error("the same secret is sealed the same way twice")
	}
}

// TestDerive holds that what is derived follows from key and place alone.
func TestDerive(t *testing.T) {
	one, both, other := parse(t, key(1)), parse(t, key(1)+","+key(2)), parse(t, key(2))
	if got := one.Derive("a"); len(got) != 64 || got != both.Derive("a") || got == one.Derive("b") || got == other.Derive("a") {
		t.Errorf("of one key comes %s for one place and %s for another, with an older key %s, of another key %s", got, one.Derive("b"), both.Derive("a"), other.Derive("a"))
	}
}

func TestRotation(t *testing.T) {
	old := parse(t, key(1))
	both := parse(t, key(2)+", "+key(1))
	fresh := parse(t, key(2))
	s := sealed(t, old, "secret", "place")
	wantOpen(t, both, s, "place", "secret")
	if !both.Stale(s) || old.Stale(s) {
		t.Error("Stale is true of what was sealed with an older key, and only of that")
	}
	again, err := both.Reseal(s, "place")
	if err != nil || both.Stale(again) {
		t.Errorf("Reseal = %q, %v", again, err)
	}
	wantOpen(t, fresh, again, "place", "secret")
	if same, err := both.Reseal(again, "place"); same != again || err != nil {
		t.Errorf("resealing what is fresh = %q, %v", same, err)
	}
	_, err = fresh.Open(s, "place")
	wantCode(t, "opening without the key", err, greenroom.CodeUnavailable)
	for _, text := range []string{"", "secret", "s1..", "s1.00000000.", "s2" + s[2:], s + "\n", s[:20]} {
		if _, err := old.Open(text, "place"); err == nil {
			t.Errorf("Open(%q) gives no error", text)
		}
	}
}

func TestParse(t *testing.T) {
	url := base64.RawURLEncoding.EncodeToString(bytes.Repeat([]byte{0xfb}, 32))
	k := parse(t, "\n"+url+"\r\n\t"+key(2)+"\n")
	wantOpen(t, parse(t, key(0xfb)), sealed(t, k, "x", "p"), "p", "x")
	for _, text := range []string{"", " ,\n", "password", key(1)[:40], key(1) + "," + key(1), key(1) + " nonsense", strings.Repeat("A", 100)} {
		_, err := seal.Parse(text, rand.Reader)
		wantCode(t, fmt.Sprintf("Parse(%q)", text), err, greenroom.CodeInvalid)
		if err != nil && len(text) > 8 && strings.Contains(err.Error(), strings.TrimSpace(text)) {
			t.Errorf("the error repeats the key: %v", err)
		}
	}
}

func TestKeysPrintNames(t *testing.T) {
	k := parse(t, key(1)+","+key(2))
	var out bytes.Buffer
	slog.New(slog.NewJSONHandler(&out, nil)).Info("starting", "keys", k)
	fmt.Fprintf(&out, "%v %+v %#v %s", k, k, k, k)
	want := "keys 72cd6e84, 75877bb4"
	if got := strings.Count(out.String(), want); got != 5 {
		t.Errorf("printed as %s, want %q five times", &out, want)
	}
}

func TestFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	first := load(t, path, "")
	s := sealed(t, first, "secret", "place")
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 && runtime.GOOS != "windows" {
		t.Errorf("the key file has mode %v, %v; want 0600", info.Mode(), err)
	}
	wantOpen(t, load(t, path, ""), s, "place", "secret")

	if err := seal.Rotate(path, rand.Reader); err != nil {
		t.Fatal(err)
	}
	both := load(t, path, "")
	wantOpen(t, both, s, "place", "secret")
	if !both.Stale(s) {
		t.Error("after a rotation what is sealed is not stale")
	}
	if err := seal.DropOld(path); err != nil {
		t.Fatal(err)
	}
	_, err := load(t, path, "").Open(s, "place")
	wantCode(t, "opening with the dropped key", err, greenroom.CodeUnavailable)
	wantOpen(t, load(t, path, ""), sealed(t, both, "more", "place"), "place", "more")

	files, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(files) != 1 {
		t.Errorf("beside the key there are %v, %v", files, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 && runtime.GOOS != "windows" {
		t.Errorf("after a rotation the key file has mode %v, %v", info.Mode(), err)
	}
}

func TestEnvironmentWins(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	k := load(t, path, key(3))
	wantOpen(t, parse(t, key(3)), sealed(t, k, "x", "p"), "p", "x")
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("a key file was made beside the environment's key: %v", err)
	}
	_, err := seal.Load(path, "nonsense", rand.Reader)
	wantCode(t, "nonsense in the environment", err, greenroom.CodeInvalid)
	if err == nil || !strings.Contains(err.Error(), seal.EnvVar) {
		t.Errorf("the error does not say where: %v", err)
	}
}

func TestUnusableFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "key")
	for text, want := range map[string]greenroom.Code{"": greenroom.CodeInvalid, "# nothing\n": greenroom.CodeInvalid, "cGFzc3dvcmQ=\n": greenroom.CodeInvalid} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := seal.Load(path, "", rand.Reader)
		wantCode(t, fmt.Sprintf("a key file with %q", text), err, want)
		if err == nil || !strings.Contains(err.Error(), path) || strings.Contains(err.Error(), "cGFz") {
			t.Errorf("the error does not name the file, or shows its text: %v", err)
		}
	}
	if runtime.GOOS != "windows" {
		if err := os.WriteFile(path, []byte(key(1)), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := seal.Load(path, "", rand.Reader)
		wantCode(t, "a key file that everybody can read", err, greenroom.CodeForbidden)
	}
	_, err := seal.Load(filepath.Join(dir, "nowhere", "key"), "", rand.Reader)
	wantCode(t, "a folder that is not there", err, greenroom.CodeUnavailable)
	if err := seal.Rotate(filepath.Join(dir, "other"), rand.Reader); err == nil {
		t.Error("a key that is not there was rotated")
	}
}

// TestFirstStartAtOnce holds that processes that start together agree on one key.
func TestFirstStartAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	names := make([]string, 16)
	var wg sync.WaitGroup
	for i := range names {
		wg.Go(func() {
			k, err := seal.Load(path, "", rand.Reader)
			if err != nil {
				t.Error(err)
				return
			}
			names[i] = k.String()
		})
	}
	wg.Wait()
	for _, name := range names {
		if name != names[0] {
			t.Fatalf("the keys are %v, want one", names)
		}
	}
}

func FuzzOpen(f *testing.F) {
	// The same nonce in every process, since the fuzzer runs several.
	k, err := seal.Parse(key(1), strings.NewReader(strings.Repeat("n", 24)))
	if err != nil {
		f.Fatal(err)
	}
	good, err := k.Seal([]byte("secret"), "place")
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range []string{good, "", "s1", "s1.72cd6e84.", "s1.72cd6e84.AAAA", good[:len(good)-1]} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := k.Open(s, "place")
		if err == nil && (s != good || string(got) != "secret") {
			t.Errorf("Open(%q) = %q", s, got)
		}
		if err == nil && !seal.IsSealed(s) {
			t.Errorf("IsSealed(%q) is false of what opens", s)
		}
	})
}
