// Package board answers questions about boards: which days a period has, who stands where, what everybody's sum is,
// which names may be shown. It knows nothing of HTTP; package store keeps the figures.
package board
