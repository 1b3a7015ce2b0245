// Package catalogue is what a server knows of tools besides their IDs. It is written from the client's own descriptions of them, which
// a server does not hold; a tool that is not in it is taken all the same.
package catalogue

import (
	_ "embed"
	"encoding/json"
)

//go:embed tools.json
var tools []byte

// Tool is one AI coding tool.
type Tool struct {
	ID      string   `json:"id"`
	Name    string   `json:"name"`
	Aliases []string `json:"aliases,omitempty"` // IDs that other clients send for it
	Volume  Volume   `json:"volume,omitempty"`
	Maker   string   `json:"maker,omitempty"` // the family of models that it is made for; empty: any
	Hue     int      `json:"hue,omitempty"`   // of its colour on pages, 1 to 8; 0: whichever is free
}

// Volume says how much of a tool one person may honestly use a day.
type Volume string

// The volumes. A tool without one is not known well enough, as is one that is not in the catalogue.
const (
	Heavy  Volume = "heavy"
	Middle Volume = "middle"
)

// Tools lists the tools that the client knew when this server was built, in the order in which clients show them.
func Tools() []Tool {
	var all []Tool
	if err := json.Unmarshal(tools, &all); err != nil {
		panic("catalogue: " + err.Error()) // it is a part of the program, and tested
	}
	return all
}

// IDs are the tool's ID and its aliases.
func (t Tool) IDs() []string { return append([]string{t.ID}, t.Aliases...) }
