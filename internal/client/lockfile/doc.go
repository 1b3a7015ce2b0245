// Package lockfile lets one process at a time write the client's own files. The lock is the system's, so that it ends with the
// process that holds it, however that ends.
package lockfile
