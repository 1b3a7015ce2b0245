package source

// uncounted is said of tools in whose files no counter is known.
const uncounted = "no counters are known in what it leaves"

// detected lists the tools that are looked for but not read, by the folders and files that show they are there.
func detected() []Source {
	return []Source{
		seen("crush", "Crush", "it keeps costs, and of tokens only those of the last request", "$XDG_DATA_HOME/crush", "$LOCALAPPDATA/crush"),
		seen("warp", "Warp", "it keeps one sum for each conversation, without kinds of token", "$XDG_STATE_HOME/warp-terminal/warp.sqlite", "$LOCALAPPDATA/warp/Warp/data/warp.sqlite",
			"~/Library/Group Containers/2BBY89MBSN.dev.warp/Library/Application Support/dev.warp.Warp-*/warp.sqlite"),
		seen("windsurf", "Windsurf", "what it leaves on disk is encrypted", "~/.codeium/windsurf"),
		seen("command-code", "Command Code", "it leaves only the conversations' text, without counters", "~/.commandcode/projects"),
		seen("freebuff", "Freebuff", "it leaves only the conversations' text, without counters", "~/.config/manicode/freebuff", "~/.config/manicode/freebuff.exe"),
		seen("9router", "9router", "it passes on what other tools ask, and they count it", "~/.9router"),
		seen("octofriend", "Octofriend", "it keeps the conversations' text, without counters", "$XDG_DATA_HOME/octofriend"),
		seen("qoder", "Qoder", uncounted, "~/.qoder/projects"),
		seen("zencoder", "Zencoder", uncounted, "~/.zencoder/sessions"),
		seen("cortex", "Cortex Code", uncounted, "~/.snowflake/cortex/conversations"),
		seen("trae", "Trae", "it keeps usage on its servers only", "$APPCONFIG/Trae", "$APPCONFIG/Trae CN"),
	}
}

func seen(id, name, reason string, roots ...string) Source {
	return Source{ID: id, Name: name, Reason: reason, Places: []Place{{Roots: roots}}}
}
