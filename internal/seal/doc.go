// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package seal keeps secrets at rest: what a source or a mail server needs to sign in with is sealed before it goes into
// the record store, so that a copy of the store, or of a backup, opens nothing.
//
// The key is not in the store. It is a file of its own beside it, made on first start and readable by its owner only, or
// the environment variable GREENROOM_KEY, for those who keep secrets in a vault. Back the key up apart from the data:
// without it the sealed secrets have to be typed in again, nothing else is lost.
//
// Sealing is XChaCha20-Poly1305, whose 192-bit nonces may be drawn at random for as long as one likes. A sealed text
// carries the name of its key, and it is bound to a place ("source/7/token"), so that whoever can write to the store but
// lacks the key cannot make one source use the secret of another.
//
// Keys are rotated by putting a new one in front: it seals from then on, and the older ones still open. When everything
// has been sealed anew (Stale says what has not), the older ones are dropped:
//
//	seal.Rotate(path, rand.Reader)   // a new key in front
//	keys.Reseal(sealed, place)       // for each sealed secret
//	seal.DropOld(path)               // only the new one stays
package seal
