// Package postgres keeps the server's rows in PostgreSQL.
//
// The server's role can only read, under row-level security: what is public, and what belongs to the identity of its
// transaction. It writes through security-definer functions, the doors, whose owner is under row-level security too. The
// identity is set by a door that was shown a token's or session's hash, and sealed, so that SET cannot forge it.
// A second role owns the schema: migrations and the host's own commands connect as it, the server refuses to.
package postgres
