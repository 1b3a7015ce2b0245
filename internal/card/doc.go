// Package card draws what is shown elsewhere: a badge for a README, and a card of 1200 by 630 that links unfold to. It gets figures
// in words and counts, and knows nothing of who may see them. Letters are outlines of the embedded typeface, so that an image looks
// the same wherever it is shown and needs no font; an SVG holds no script, no link and nothing that is loaded.
package card
