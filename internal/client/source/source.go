package source

import (
	"slices"
	"time"
)

// SessionTotal is the quality of a source whose tool adds a session up to one counter.
const SessionTotal = "session-total"

// Source describes one AI coding tool: where it leaves usage, and how that is read.
type Source struct {
	ID, Name string
	Places   []Place
	// Settings are where the user may have named one more root of the first place.
	Settings []Setting
	// Read turns one file into what it says. Nil: the tool is looked for, but not read, and Reason says why.
	Read func(File) Part
	// Settle keeps one entry for every response that the parts of all files speak of. It depends neither on the order of
	// the parts nor on where they lay. Nil stands for Distinct.
	Settle func([]Part) []Entry
	// Joins is by what Settle ties files together: it drops or completes nothing because of a file that shares none of these
	// names. Without any, all files of a source with a Settle are settled together, which costs time and nothing else.
	Joins Joins
	// Apart says of a Settle that it keeps every entry of a part that stands alone and gives no ID twice, as Distinct does.
	Apart bool
	// Resume goes on where Read ended: the file begins behind the last whole line that was read, and the part, which is its own to
	// change, is what Read, or Resume, returned. What it returns is what Read would of the whole file; false if it cannot be told
	// without it, before a line was read. Nil: every change means another Read.
	Resume func(File, Part) (Part, bool)
	// Retold says that several lines may tell a response, the last of them most often best.
	Retold bool
	// Own says that the IDs of entries are the responses' own, wherever their file lies and whatever it is called.
	Own bool
	// Reason says why a tool is not counted, as an end of the sentence "detected, but …": one without Read, or one of which there
	// are no files or whose files are sound and hold no counters.
	Reason string
	// Hosts is where this tool keeps the files of another one that it drives, by that one's ID. They are that one's.
	Hosts map[string]Place
	// Beside is the ID of another source whose responses this one's files may repeat, under the same ID and request.
	Beside string
	// Block is how long a block is that the tool's limits are counted by, from the full hour of its first use; 0: there are none.
	Block time.Duration
	// Hint is the command that helps where Reason holds, if there is one.
	Hint string
	// Quality is how much the counters say: exact, coarse or session-total. Empty without Read.
	Quality string
	// Retention is after how long the tool deletes what it left.
	Retention Retention
	// Server is what a server is told of the tool: what one person may honestly use of it, whose models it is made for, its colour.
	Server Server
	// Revision grows whenever Read or Settle would count the same files differently. It is sent with every sync.
	Revision int
}

// Server is what a server knows of a tool besides its ID; of most it need know nothing. See the catalogue, which is written from it.
type Server struct {
	Aliases []string // IDs that other clients send
	Volume  string   // heavy or middle; empty: not known
	Maker   string   // a family of models
	Hue     int      // 1 to 8
}

// Place is a set of folders that hold the same files.
type Place struct {
	// Env lists variables that replace Roots when any of them is set.
	Env []Env
	// Roots are folders or files with slashes. They may begin with "~", with $XDG_CONFIG_HOME, $XDG_DATA_HOME or $XDG_STATE_HOME,
	// which default as the XDG specification says on every system, with $APPDATA or $LOCALAPPDATA, which exist on
	// Windows only, or with $APPCONFIG, which is where the system keeps its users' applications' settings:
	// $XDG_CONFIG_HOME, ~/Library/Application Support or $APPDATA. What is below ~/Library is for macOS only, and what is
	// below any other variable is looked for where that is set.
	Roots []string
	// Shared says that the roots are another program's too: that they exist does not show that the tool is there.
	Shared bool
	// Asked says why the roots are only looked for, as Reason does: what lies there is read where the user names its folder.
	Asked string
	// Files are patterns below a root, with slashes: "*" is anything in one name, "**" any number of folders.
	Files []string
	// Named are the patterns for a root that the user named and in which there is none of the folders that Files begin with.
	Named []string
}

// Setting is a key whose value is a folder, in files of settings: JSON, in which there may be comments.
type Setting struct {
	Files []string // as roots are written
	Key   string
}

// Env is an environment variable that names folders, split at commas.
type Env struct {
	Name     string
	PathList bool   // split at the system's path list separator too
	Below    string // what the tool appends to the value, with slashes
	Home     bool   // the value is the name of a folder in the user's home
}

// All lists every source, in the order in which they are shown.
func All() []Source {
	return hosted(append([]Source{
		claudeCode,
		codex,
		geminiCLI,
		openCode,
		cursor,
		copilot,
		cline,
		rooCode,
		zooCode,
		ibmBob,
		kiloCode,
		droid,
		amp,
		qwenCode,
		kimiCLI,
		kimiCode,
		codebuff,
		grok,
		junie,
		augment,
		devin,
		jcode,
		codeBuddy,
		workBuddy,
		pi,
		omp,
		senpi,
		gajae,
		kimchi,
		prime,
		openclaw,
		mux,
		mistralVibe,
		forge,
		dsh,
		reasonix,
		fx,
		openCodeReview,
		cherryStudio,
		openClaude,
		ccMirror,
		iflow,
		lingtai,
		zerostack,
		codewhale,
		unsloth,
		continueDev,
		aider,
		goose,
		hermes,
		zed,
		zcode,
		antigravity,
		piebald,
		mimo,
		lmStudio,
		quickDesktop,
		kiro,
		openHands,
		gptme,
	}, detected()...))
}

// hosted gives every source the places that others keep its files in.
func hosted(all []Source) []Source {
	for _, host := range all {
		for i := range all {
			if p, ok := host.Hosts[all[i].ID]; ok {
				p.Shared = true
				all[i].Places = append(slices.Clone(all[i].Places), p)
			}
		}
	}
	return all
}
