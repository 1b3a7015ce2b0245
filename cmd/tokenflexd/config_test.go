package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// The command line wins over the environment, that over files it names, those over credentials, and those over the config file.
func TestWhereFlagsComeFrom(t *testing.T) {
	dir := t.TempDir()
	file := write(t, dir, "tokenflexd.toml", "# ours\nlisten = \"127.0.0.1:1\"\nlimit-scale = 7\ninsecure = true\ntrusted-proxy = [\"10.0.0.1\", \"10.1.0.0/16\"]\ndb = \"/data/x.db\"\nmetrics-token = \"0123456789abcdef\"\n")
	secret := write(t, dir, "dsn", "postgres://tf_app:hunter2@db/tokenflex?sslpassword=hunter3\n")
	write(t, dir, "site", "https://credential.example\n")
	write(t, dir, "listen", "127.0.0.1:9\n")
	env := environment("TOKENFLEXD_CONFIG", file, "TOKENFLEXD_DB_FILE", secret, "CREDENTIALS_DIRECTORY", dir, "TOKENFLEXD_REVIEW_SCALE", "3")
	code, out, errOut := command(t, env, "config", "dump", "--listen", "127.0.0.1:2")
	if code != 0 {
		t.Fatalf("exit %d: %s", code, errOut)
	}
	for _, line := range []string{
		`listen = "127.0.0.1:2" # the command line`,
		`review-scale = 3 # TOKENFLEXD_REVIEW_SCALE`,
		`db = "postgres://tf_app:xxxxx@db/tokenflex?sslpassword=xxxxx" # TOKENFLEXD_DB_FILE`,
		`site = "https://credential.example" # the credential site`,
		`limit-scale = 7 # ` + file + `, line 3`,
		`insecure = true # ` + file + `, line 4`,
		`trusted-proxy = ["10.0.0.1", "10.1.0.0/16"] # ` + file + `, line 5`,
		`metrics-token = "(set)" # ` + file + `, line 7`,
		`stop-delay = "0s" # default`,
	} {
		if !strings.Contains(out, line+"\n") {
			t.Errorf("no line %s in\n%s", line, out)
		}
	}
	for _, secret := range []string{"hunter2", "hunter3", "0123456789abcdef"} {
		if strings.Contains(out, secret) {
			t.Errorf("it prints %s", secret)
		}
	}
	// What it prints is a config file that says the same.
	again := write(t, dir, "again.toml", strings.NewReplacer("xxxxx", "hunter2", "(set)", "0123456789abcdef").Replace(out))
	if code, _, errOut := command(t, environment(), "config", "check", "--config", again); code != 0 {
		t.Errorf("its own dump is refused: %s", errOut)
	}
}

func TestConfigsThatAreRefused(t *testing.T) {
	for _, tt := range []struct{ name, text, says string }{
		{"a typo", "listen = \"127.0.0.1:1\"\n\nlimit-scael = 2\n", `line 3: no flag "limit-scael"`},
		{"a table", "[server]\nlisten = 1\n", `line 1: no flag "server"`},
		{"a flag that is a table", "\n[listen]\nx = 1\n", "line 2: listen takes"},
		{"not TOML", "listen = \n", "line 1"},
		{"a value that is none", "\nlimit-scale = \"many\"\n", "line 2"},
		{"a time of day", "site = 07:32:00\n", "line 1: site takes"},
		{"the config inside itself", "config = \"x\"\n", `no flag "config"`},
		{"half of a certificate", "tls-cert = \"x\"\n", "go together"},
		{"a site with a path", "site = \"https://x.example/a\"\n", "origin"},
		{"the network without https", "listen = \"0.0.0.0:80\"\n", "--trusted-proxy"},
		{"metrics for everybody", "metrics = \"0.0.0.0:9464\"\n", "--metrics-token"},
		{"a short token", "metrics = \"127.0.0.1:9464\"\nmetrics-token = \"short\"\n", "16 characters"},
		{"a log of another kind", "log-format = \"xml\"\n", "json or text"},
		{"a stop that never ends", "stop-delay = \"2h\"\n", "--stop-delay"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			file := write(t, t.TempDir(), "x.toml", tt.text)
			code, out, errOut := command(t, environment(), "config", "check", "--config", file)
			if code != exitUsage || !strings.Contains(errOut, tt.says) {
				t.Errorf("exit %d, %q %q; want %q", code, out, errOut, tt.says)
			}
		})
	}
	if code, _, errOut := command(t, environment(), "config", "check", "--config", "/no/such/file"); code != exitUsage || !strings.Contains(errOut, "no such file") {
		t.Errorf("a file that is not there: %d %q", code, errOut)
	}
	// systemd's folder may be empty.
	if code, _, errOut := command(t, environment("CONFIGURATION_DIRECTORY", t.TempDir()), "config", "check"); code != 0 {
		t.Errorf("an empty folder: %d %q", code, errOut)
	}
}

// Every command reads the same file, and takes of it what is its own.
func TestOneConfigForAllCommands(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, configName, "listen = \"127.0.0.1:0\"\ndb = \""+filepath.ToSlash(filepath.Join(dir, "x.db"))+"\"\nsite = \"https://board.example\"\n")
	env := environment("CONFIGURATION_DIRECTORY", dir)
	if code, _, errOut := command(t, env, "admin", "invite", "mira"); code != 0 {
		t.Fatalf("invite: %s", errOut)
	}
	if code, out, errOut := command(t, env, "admin", "list"); code != 0 || !strings.Contains(out, "mira\tprivate") {
		t.Errorf("list: %d %q %q", code, out, errOut)
	}
	if _, err := os.Stat(filepath.Join(dir, "x.db")); err != nil {
		t.Error(err)
	}
}

func FuzzConfigFile(f *testing.F) {
	f.Add("listen = \"127.0.0.1:1\"\ntrusted-proxy = [\"10.0.0.1\"]\n")
	f.Add("[listen]\n")
	f.Add("\"db\" = 'x'\n\xff")
	f.Fuzz(func(t *testing.T, text string) {
		known := []string{"listen", "trusted-proxy", "db"}
		c := configFile{name: "x", text: []byte(text)}
		if err := c.parse(known); err != nil {
			return
		}
		for key := range c.values {
			if !slices.Contains(known, key) {
				t.Errorf("%q is taken", key)
			}
		}
	})
}
