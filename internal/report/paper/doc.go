// Copyright The Greenroom Authors.
// SPDX-License-Identifier: Apache-2.0

// Package paper writes an edition of a report for readers: as HTML, as slides, as a mail, as PDF, as CSV and as pictures.
//
// A chart is drawn by one piece of code ([drawChart]) on a canvas, of which there are three: SVG for pages and slides, PDF, where it
// stays a vector, and PNG for mail and documents. So every form shows the same.
//
// Texts are Markdown of people. HTML in it, pictures and dangerous links are left out. PDF and PNG embed the Go fonts, which
// know the Latin letters of Europe, Greek and Cyrillic; each other letter or sign becomes a box there, which the PDF explains, while HTML has
// them all. Fonts for Chinese, Japanese and Korean would make the program larger by tens of megabytes.
package paper
