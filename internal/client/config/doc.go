// Package config knows where the client keeps its own files: the config, the device tokens and its state.
// It writes nowhere else, and never beside the data of the tools it counts.
package config
