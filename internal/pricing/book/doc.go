// Package book is the format of the price book: a text file that says what each model cost from which day on, under which
// names tools write it, and where the figure was read. It decodes, checks and encodes; it looks nothing up.
//
// A line holds one fact, so that a change is a line in a diff. The first word says which; # begins a comment.
//
//	prices 1                                the format's version, first of all
//	date DAY                                when the book was put together
//	form FORM [of=PROVIDER,...] [tier=TIER] a Spelling
//	moved NAME DAY MODEL                    a Moved
//	unpriced NAME REASON                    an Unpriced
//	model ID PROVIDER FAMILY                begins a Model
//	also NAME ...                           its Aliases
//	from DAY checked DAY SOURCE             begins a Price of it
//	rate BAND TIER INPUT READ 5M 1H OUTPUT  Rates of that, "-" for a kind without a rate
package book
