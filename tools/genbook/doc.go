// Command genbook makes the price book: it takes the dated rates of the genai-prices data set from its npm package, lays the curated
// files of overlay/ over them, and writes internal/pricing/book.txt. Every change against the present book is printed for review.
//
//	go run ./tools/genbook            fetch the package, print the changes, write the book
//	go run ./tools/genbook -n         the same without writing
//	go run ./tools/genbook -data DIR  read an unpacked package instead of fetching it
package main
