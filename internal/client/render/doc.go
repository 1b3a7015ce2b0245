// Package render writes reports as tables for the terminal, JSON, CSV and Markdown, and the sentences of the other commands.
// It alone knows widths, colours and glyphs; it looks nothing up and changes no figure. What comes from disk is made
// harmless before it is drawn.
package render
