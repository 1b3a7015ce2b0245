package store

import "context"

// Dump is everything that a store keeps, table by table, for another engine to take in.
type Dump interface {
	// Tables lists the tables that hold something of the server's, in no order.
	Tables(ctx context.Context) ([]string, error)
	// Columns lists a table's columns.
	Columns(ctx context.Context, table string) ([]string, error)
	// Rows hands over each row of a table in the order of its first columns: integers, texts, bytes and nil.
	Rows(ctx context.Context, table string, columns []string, row func([]any) error) error
	Close() error
}
