package source

import "path"

// editors are those that take the extensions of VS Code, and the servers that they work on from afar.
var (
	editors = []string{"Code", "Code - Insiders", "VSCodium", "Cursor", "Windsurf", "Positron", "Trae", "Kiro", "Antigravity"}
	servers = []string{"vscode-server", "vscode-server-insiders", "vscodium-server", "cursor-server", "windsurf-server", "kiro-server"}
)

// extension returns where an editor's extension keeps its own files. What is in more comes first.
func extension(id string, more ...string) []string {
	return editorFolders(path.Join("User/globalStorage", id), more...)
}

// editorFolders returns a folder of all editors that take the extensions of VS Code: on the desktop, in portable mode and on a
// server that such an editor works on. What is in more comes first.
func editorFolders(folder string, more ...string) []string {
	roots := more
	for _, editor := range editors {
		roots = append(roots, path.Join("$APPCONFIG", editor, folder))
	}
	for _, server := range servers {
		roots = append(roots, path.Join("~", "."+server, "data", folder))
	}
	return append(roots, path.Join("$VSCODE_PORTABLE", "user-data", folder))
}

// editorSetting returns where the editors keep what the user set of an extension.
func editorSetting(key string) []Setting {
	files := []string{"$VSCODE_PORTABLE/user-data/User/settings.json"}
	for _, editor := range editors {
		files = append(files, path.Join("$APPCONFIG", editor, "User/settings.json"))
	}
	for _, server := range servers {
		files = append(files, path.Join("~", "."+server, "data/Machine/settings.json"))
	}
	return []Setting{{Files: files, Key: key}}
}
