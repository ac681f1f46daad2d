// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package paper writes an edition of a report for readers: as HTML, as slides, as a mail, as PDF, as CSV and as pictures.
//
// A chart is drawn by one piece of code ([drawChart]) on a canvas, of which there are three: SVG for pages and slides, PDF, where it
// stays a vector, and PNG for mail and documents. So every form shows the same.
//
// Texts are Markdown of people. HTML in it, pictures and dangerous links are left out. PDF and PNG embed the Go fonts, which
// know Latin, Greek and Cyrillic letters; other letters become a question mark there, while HTML has them all.
package paper
