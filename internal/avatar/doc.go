// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package avatar tells which profile pictures look alike, and which were made of one mail address.
//
// A picture becomes 64 bits by the perceptual hash of Zauner, Implementation and Benchmarking of Perceptual Image Hash
// Functions, 2010, known as pHash: the picture in gray at 32 by 32 pixels, its discrete cosine transform, and of the 8 by 8
// lowest frequencies whether each is above their median. The same picture at another size, quality or format differs in a
// few bits, another picture in about 32. Pictures that a platform draws itself, a letter or a pattern on a plain ground, are
// given to strangers as well and have no hash.
//
// Gravatar and Libravatar name a picture by a hash of a mail address, so that two accounts whose pictures have one name were
// made with one address, and an account whose address is known can be told from its name alone.
package avatar
