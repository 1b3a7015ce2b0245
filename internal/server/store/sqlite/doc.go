// Package sqlite keeps the server's rows in one SQLite file.
//
// SQLite has no roles, so four walls stand in for them. Reads go through handles that are opened read-only, query-only and
// behind an authorizer: one that cannot read a credential, one that can read little else. Writes go through a single
// connection that cannot change the schema. Every row with a user_id is guarded by triggers that refuse a write unless
// the transaction has said whose it is. The file is its owner's alone. A second process, the sqlite3 shell too,
// finds the triggers in place and nobody's identity set.
package sqlite
