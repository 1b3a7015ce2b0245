// Package payload turns priced days into the request that is sent. It is the one place that decides what leaves the machine:
// it copies field by field, and it is built before anything that can send it is reached.
package payload
