package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"modernc.org/sqlite"
)

// credentials are the tables that hold hashes of secrets, the server's key, and whose rows may be written.
var credentials = []string{"tokens", "sessions", "invites", "identities", "passkeys", "device_grants", "secret", "ctx"}

// pragmas of every connection. The busy timeout comes first, so that the others wait for a lock instead of failing.
var pragmas = []string{
	"busy_timeout(10000)", "foreign_keys(1)", "recursive_triggers(1)", "trusted_schema(0)", "cell_size_check(1)",
}

// connector opens connections with a driver of its own, so that nothing is registered globally.
type connector struct {
	driver *sqlite.Driver
	dsn    string
	wrap   func(driver.Conn) driver.Conn
}

func (c connector) Driver() driver.Driver { return c.driver }

func (c connector) Connect(context.Context) (driver.Conn, error) {
	conn, err := c.driver.Open(c.dsn)
	if err != nil || c.wrap == nil {
		return conn, err
	}
	return c.wrap(conn), nil
}

// open returns a handle whose connections ask may about each action of each statement; nil allows all. Each connection that it opens
// is told of.
func open(file string, query url.Values, more []string, may sqlite.AuthorizerFn, opened ...func()) *sql.DB {
	for _, p := range slices.Concat(pragmas, more) {
		query.Add("_pragma", p)
	}
	var d sqlite.Driver
	for _, tell := range opened {
		d.RegisterConnectionHook(func(sqlite.ExecQuerierContext, string) error {
			tell()
			return nil
		})
	}
	if may != nil {
		d.RegisterConnectionHook(func(c sqlite.ExecQuerierContext, _ string) error {
			r, ok := c.(sqlite.AuthorizerRegisterer)
			if !ok {
				return fmt.Errorf("%T takes no authorizer", c)
			}
			return r.RegisterAuthorizer(may)
		})
	}
	dsn := url.URL{Scheme: "file", Opaque: (&url.URL{Path: file}).EscapedPath(), RawQuery: query.Encode()}
	c := connector{driver: &d, dsn: dsn.String()}
	if may != nil { // the others do a few things once
		reads := query.Get("mode") == "ro"
		c.wrap = func(conn driver.Conn) driver.Conn { return newCompiling(conn, reads) }
	}
	return sql.OpenDB(c)
}

// openOwner returns the handle that may change the schema. It is closed before anything is served.
func openOwner(file string) *sql.DB {
	db := open(file, url.Values{"_txlock": {"immediate"}}, []string{"journal_mode(WAL)", "synchronous(NORMAL)"}, nil)
	db.SetMaxOpenConns(1)
	return db
}

// openWriter returns the one connection that writes rows and nothing but rows. opened is called when it is, also when it is opened again.
func openWriter(file string, opened func()) *sql.DB {
	more := []string{"synchronous(NORMAL)", "journal_size_limit(67108864)", "wal_autocheckpoint(1000)", "cache_size(-8192)", "secure_delete(1)"}
	may := allow(sqlite.AuthSelect, sqlite.AuthRead, sqlite.AuthFunction, sqlite.AuthRecursive, sqlite.AuthTransaction,
		sqlite.AuthSavepoint, sqlite.AuthInsert, sqlite.AuthUpdate, sqlite.AuthDelete)
	db := open(file, url.Values{"_txlock": {"immediate"}}, more, func(a sqlite.AuthorizerActionCode, one, two, db, view string) sqlite.AuthorizerReturnCode {
		if a == sqlite.AuthPragma && (one == "wal_checkpoint" || one == "data_version") {
			return sqlite.AuthorizerOK
		}
		return may(a, one, two, db, view)
	}, opened)
	db.SetMaxOpenConns(1)
	return db
}

// readerCache is what each connection of a pool of readers keeps of the file, in KiB: there are sixteen, and what they have not got is in the
// system's memory.
const readerCache = "cache_size(-768)"

// openReader returns the pool for figures: it can read no credential.
func openReader(file string) *sql.DB {
	db := open(file, url.Values{"mode": {"ro"}}, []string{"query_only(1)", readerCache}, reading(func(table, _ string) bool {
		return !slices.Contains(credentials, table)
	}))
	db.SetMaxOpenConns(8)
	db.SetMaxIdleConns(8)
	return db
}

// openPublic returns the pool that answers strangers: it reads no account's rows but through a view that leaves out
// whatever is not public, or one that only sums are made of.
func openPublic(file string) *sql.DB {
	db := open(file, url.Values{"mode": {"ro"}}, []string{"query_only(1)", readerCache}, reading(func(table, view string) bool {
		if strings.HasPrefix(view, "public_") || strings.HasPrefix(view, "counted_") {
			return !slices.Contains(credentials, table)
		}
		return table == "models" || strings.HasPrefix(table, "public_") || strings.HasPrefix(table, "counted_")
	}))
	db.SetMaxOpenConns(8)
	db.SetMaxIdleConns(8)
	return db
}

// openDoor returns the pool that looks credentials up: it can read them, and who they belong to, and no usage.
func openDoor(file string) *sql.DB {
	db := open(file, url.Values{"mode": {"ro"}}, []string{"query_only(1)"}, reading(func(table, _ string) bool {
		return table != "ctx" && (slices.Contains(credentials, table) || table == "users" || table == "devices")
	}))
	db.SetMaxOpenConns(4)
	db.SetMaxIdleConns(4)
	return db
}

// openExport returns the handle that hands accounts their own rows, whatever table they are in.
func openExport(file string) *sql.DB {
	may := reading(func(table, _ string) bool { return table != "ctx" && table != "secret" })
	db := open(file, url.Values{"mode": {"ro"}}, []string{"query_only(1)"}, func(a sqlite.AuthorizerActionCode, one, two, db, view string) sqlite.AuthorizerReturnCode {
		if a == sqlite.AuthPragma && one == "table_info" {
			return sqlite.AuthorizerOK
		}
		return may(a, one, two, db, view)
	})
	db.SetMaxOpenConns(2)
	db.SetMaxIdleConns(1)
	return db
}

func allow(actions ...sqlite.AuthorizerActionCode) sqlite.AuthorizerFn {
	return func(a sqlite.AuthorizerActionCode, _, _, _, _ string) sqlite.AuthorizerReturnCode {
		if slices.Contains(actions, a) {
			return sqlite.AuthorizerOK
		}
		return sqlite.AuthorizerDeny
	}
}

func reading(may func(table, view string) bool) sqlite.AuthorizerFn {
	base := allow(sqlite.AuthSelect, sqlite.AuthFunction, sqlite.AuthRecursive, sqlite.AuthTransaction)
	return func(a sqlite.AuthorizerActionCode, table, column, db, view string) sqlite.AuthorizerReturnCode {
		if a == sqlite.AuthRead && may(table, view) {
			return sqlite.AuthorizerOK
		}
		return base(a, table, column, db, view)
	}
}
