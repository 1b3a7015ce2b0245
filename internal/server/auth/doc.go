// Package auth makes and checks the secrets of the server: device tokens, the codes of the device flow, one-time sign-in
// links and browser sessions. It keeps nothing; what is stored of a secret is its hash.
package auth
