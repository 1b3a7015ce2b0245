package source

import "path"

// extension returns where an editor's extension keeps its own files, in all editors that take the extensions of VS Code:
// on the desktop, in portable mode and on a server that such an editor works on. What is in more comes first.
func extension(id string, more ...string) []string {
	roots := more
	for _, editor := range []string{"Code", "Code - Insiders", "VSCodium", "Cursor", "Windsurf", "Positron", "Trae", "Kiro", "Antigravity"} {
		roots = append(roots, path.Join("$APPCONFIG", editor, "User/globalStorage", id))
	}
	for _, server := range []string{"vscode-server", "vscode-server-insiders", "vscodium-server", "cursor-server", "windsurf-server", "kiro-server"} {
		roots = append(roots, path.Join("~", "."+server, "data/User/globalStorage", id))
	}
	return append(roots, path.Join("$VSCODE_PORTABLE", "user-data/User/globalStorage", id))
}
