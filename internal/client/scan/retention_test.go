package scan

import (
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tokenflex.ing/internal/client/source"
)

// What the user and whoever manages the machine say of a tool counts as the tool counts it, wherever its folder is.
func TestToolsKeepTheirHistoryAsTheirSettingsSay(t *testing.T) {
	const managed, dropIns = "/etc/claude-code/managed-settings.json", "/etc/claude-code/managed-settings.d"
	line := fmt.Sprintf(transcriptLine, 1, 1)
	chat := growing["gemini-cli"].head + growing["gemini-cli"].line(1)
	for _, tt := range []struct {
		name    string
		source  string
		files   map[string]string // below the home
		system  map[string]string // absolute, of the machine
		env     map[string]string // values are below the home
		brought bool
		days    int
		in      string // below the home, or absolute
		managed bool
	}{
		{name: "nothing is set", source: "claude-code", days: 30},
		{name: "the user's", source: "claude-code", files: map[string]string{".claude/settings.json": `{"cleanupPeriodDays": 99}`}, days: 99, in: ".claude/settings.json"},
		{name: "the user's for the home itself", source: "claude-code", days: 7, in: ".claude/settings.local.json",
			files: map[string]string{".claude/settings.json": `{"cleanupPeriodDays": 99}`, ".claude/settings.local.json": `{"cleanupPeriodDays": 7}`}},
		{name: "a file that says something else", source: "claude-code", days: 99, in: ".claude/settings.json",
			files: map[string]string{".claude/settings.json": `{"cleanupPeriodDays": 99}`, ".claude/settings.local.json": `{"model": "x"}`}},
		{name: "zero", source: "claude-code", files: map[string]string{".claude/settings.json": `{"cleanupPeriodDays": 0}`}, days: 30},
		{name: "broken", source: "claude-code", files: map[string]string{".claude/settings.json": `cleanupPeriodDays`}, days: 30},
		{name: "managed", source: "claude-code", days: 14, in: managed, managed: true,
			files: map[string]string{".claude/settings.json": `{"cleanupPeriodDays": 99}`}, system: map[string]string{managed: `{"cleanupPeriodDays": 14}`}},
		{name: "managed in pieces", source: "claude-code", days: 16, in: dropIns + "/20-b.json", managed: true, system: map[string]string{
			managed: `{"cleanupPeriodDays": 14}`, dropIns + "/10-a.json": `{"cleanupPeriodDays": 15}`, dropIns + "/20-b.json": `{"cleanupPeriodDays": 16}`, dropIns + "/30-c.json": `{}`}},
		{name: "managed, but the home is another machine's", source: "claude-code", brought: true, days: 99, in: ".claude/settings.json",
			files: map[string]string{".claude/settings.json": `{"cleanupPeriodDays": 99}`}, system: map[string]string{managed: `{"cleanupPeriodDays": 14}`}},
		{name: "a folder of another place", source: "claude-code", days: 60, in: "moved/settings.json", env: map[string]string{"CLAUDE_CONFIG_DIR": "moved"},
			files: map[string]string{"moved/projects/p/a.jsonl": line, "moved/settings.json": `{"cleanupPeriodDays": 60}`, ".claude/settings.json": `{"cleanupPeriodDays": 99}`}},
		{name: "two folders", source: "claude-code", days: 30,
			files: map[string]string{".claude/settings.json": `{"cleanupPeriodDays": 99}`, ".config/claude/projects/p/b.jsonl": line}},
		{name: "two folders of which one is empty", source: "claude-code", days: 99, in: ".claude/settings.json",
			files: map[string]string{".claude/settings.json": `{"cleanupPeriodDays": 99}`, ".config/claude/projects/p/notes.txt": ""}},
		{name: "nothing is set", source: "gemini-cli", days: 30},
		{name: "never", source: "gemini-cli", files: map[string]string{".gemini/settings.json": `{"general": {"sessionRetention": {"enabled": false, "maxAge": "7d"}}}`}, in: ".gemini/settings.json"},
		{name: "weeks", source: "gemini-cli", days: 14, files: map[string]string{".gemini/settings.json": `{"general": {"sessionRetention": {"enabled": true, "maxAge": "2w"}}}`}, in: ".gemini/settings.json"},
		{name: "hours", source: "gemini-cli", days: 2, files: map[string]string{".gemini/settings.json": `{"general": {"sessionRetention": {"maxAge": "36h"}}} // mine`}, in: ".gemini/settings.json"},
		{name: "a time that is none", source: "gemini-cli", files: map[string]string{".gemini/settings.json": `{"general": {"sessionRetention": {"maxAge": "soon"}}}`}, in: ".gemini/settings.json"},
		{name: "a folder of another place", source: "gemini-cli", days: 90, in: "g/.gemini/settings.json", env: map[string]string{"GEMINI_CLI_HOME": "g"},
			files: map[string]string{"g/.gemini/tmp/p/chats/session-1.jsonl": chat, "g/.gemini/settings.json": `{"general": {"sessionRetention": {"maxAge": "90d"}}}`}},
		{name: "managed", source: "gemini-cli", days: 3, in: "/etc/gemini-cli/settings.json", managed: true,
			system: map[string]string{"/etc/gemini-cli/settings.json": `{"general": {"sessionRetention": {"maxAge": "3d"}}}`}},
	} {
		t.Run(tt.source+" "+tt.name, func(t *testing.T) {
			files := map[string]string{".claude/projects/p/a.jsonl": line, growing["gemini-cli"].name: chat}
			maps.Copy(files, tt.files)
			dir := home(t, files)
			o := Options{Home: dir, GOOS: "linux", Sources: source.All(), Now: now, Zone: time.UTC, Brought: tt.brought}
			o.Getenv = func(name string) string {
				if below, ok := tt.env[name]; ok {
					return filepath.Join(dir, below)
				}
				return ""
			}
			r, err := run(t.Context(), o, managing(t, tt.system))
			if err != nil {
				t.Fatal(err)
			}
			got, in := state(t, r, tt.source), tt.in
			if in != "" && !strings.HasPrefix(in, "/") {
				in = filepath.Join(dir, in)
			}
			if got.DeletesAfterDays != tt.days || got.SaidIn != in || got.Managed != tt.managed {
				t.Errorf("%d days, said in %q, managed is %t", got.DeletesAfterDays, got.SaidIn, got.Managed)
			}
		})
	}
}

// Of a tool that deletes a part of what it leaves that part is named, if it is there.
func TestWhatAToolTrimsIsSaid(t *testing.T) {
	const traces = ".config/Code/User/globalStorage/github.copilot-chat/agent-traces.db"
	for file, want := range map[string]bool{traces: true, ".copilot/session-state/s/events.jsonl": false} {
		r := mustRun(t, Options{Home: home(t, map[string]string{file: ""}), GOOS: "linux"})
		if got := state(t, r, "copilot"); (got.Trimmed != "") != want || got.DeletesAfterDays != 0 {
			t.Errorf("%s: %q, %d days", file, got.Trimmed, got.DeletesAfterDays)
		}
	}
}

// What is older than a tool keeps anything goes when it is started the next time. Files elsewhere are not its to delete.
func TestWhatIsOverdueIsCounted(t *testing.T) {
	line := fmt.Sprintf(transcriptLine, 1, 1)
	dir := home(t, map[string]string{".claude/projects/p/a.jsonl": line, ".claude/projects/p/b.jsonl": line, "backup/projects/p/c.jsonl": line})
	for name, days := range map[string]int{".claude/projects/p/a.jsonl": 31, ".claude/projects/p/b.jsonl": 29, "backup/projects/p/c.jsonl": 99} {
		if err := os.Chtimes(filepath.Join(dir, name), now, now.AddDate(0, 0, -days)); err != nil {
			t.Fatal(err)
		}
	}
	r := mustRun(t, Options{Home: dir, GOOS: "linux", Extra: map[string][]string{"claude-code": {filepath.Join(dir, "backup")}}})
	if n := state(t, r, "claude-code").Overdue; n != 1 {
		t.Error(n)
	}
}

// managing is the access to a machine on which these files are managed.
func managing(t *testing.T, files map[string]string) access {
	root := t.TempDir()
	for name, text := range files {
		lay(t, root, name, text)
	}
	there := func(name string) string {
		if strings.HasPrefix(filepath.ToSlash(name), "/etc/") {
			return filepath.Join(root, name)
		}
		return name
	}
	a := osAccess
	a.stat = func(name string) (fs.FileInfo, error) { return os.Stat(there(name)) }
	a.readDir = func(name string) ([]fs.DirEntry, error) { return os.ReadDir(there(name)) }
	open := a.open
	a.open = func(name string) (io.ReadCloser, error) { return open(there(name)) }
	return a
}
