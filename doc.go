// Package tokenflexing is the map of the repository; it holds no code.
//
// Two binaries, one module. The client reads what AI coding tools left on disk and reports it; the server keeps day totals
// of people who chose to send them.
//
//	cmd/tokenflexing           the client: os.Exit(cli.Main(...)) and nothing else
//	cmd/tokenflexd             the server, the same
//	internal/usage             the vocabulary: Tokens, Record, Cell, Key, Day, Band, Tier, Money
//	internal/pricing           the dated price book; both binaries, same numbers to the micro-dollar
//	internal/wire              the HTTP contract: requests, answers, problem codes, limits
//	internal/catalogue         what a server knows of tools, written from the client's own files of them
//	internal/client/source     one file per AI tool: where it leaves usage, and how one file of it becomes records
//	internal/client/jsonwalk   walks raw JSON to the wanted keys and skips the rest without decoding it
//	internal/client/scan       finds the files, reads them in parallel, drops duplicates, counts what it skipped
//	internal/client/ledger     what was read before: the parts of files, what groups of them add up to, what was forgotten
//	internal/client/lockfile   one process at a time writes the client's own files
//	internal/client/report     cells -> rows: overview, daily, models, sessions, …
//	internal/client/render     rows -> table, JSON, CSV, Markdown; the only code that knows widths and colours
//	internal/client/payload    days -> request: the one place that decides what leaves
//	internal/client/remote     the one place that dials out
//	internal/client/config     the client's own files: config, device tokens, what was synced
//	internal/client/cli        one file per command; root.go lists them
//	internal/server            routes, handlers, middleware, limits
//	internal/server/accept     request -> days: validate, clamp, hold
//	internal/server/auth       device grants, tokens, sign-in links, sessions
//	internal/server/board      periods and ranks
//	internal/server/page       embedded templates, styles and charts
//	internal/server/store      the Store interface; sqlite below it; storetest, which every store must pass
//	internal/samplehome        homes with known totals, for trying and testing
//	docs                       privacy.md field by field, decisions in adr/
//
// # Follow one line of a transcript
//
// To a row of "tokenflexing daily": cli.runReport -> scan.Run (roots, files, workers) -> source/claudecode.go (walks the
// line, emits an entry) -> back in scan: duplicates settled -> usage.Cells -> report.Build (usage.ByDay, pricing.Price)
// -> render -> stdout.
//
// To a line of the board: cli.runSync -> the same scan -> payload.Rows and payload.Build -> remote.PutUsage ->
// server/routes.go -> the token's hash names the user -> accept (limits, clamps, holds) -> pricing.Price -> one store
// transaction -> the receipt. Later GET / reads the store and renders a page. A sync sends state, not changes.
package tokenflexing
