package e2e

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"go.yaml.in/yaml/v3"
)

const deployment = "../deploy"

// deployed are the files that operators copy from.
func deployed(t *testing.T, pattern string) map[string]string {
	t.Helper()
	files := make(map[string]string)
	err := filepath.WalkDir(deployment, func(name string, d fs.DirEntry, err error) error {
		if ok, _ := filepath.Match(pattern, d.Name()); err != nil || d.IsDir() || !ok {
			return err
		}
		b, err := os.ReadFile(name)
		files[name] = string(b)
		return err
	})
	if err != nil || len(files) == 0 {
		t.Fatalf("no files %s: %v", pattern, err)
	}
	return files
}

var (
	commandLine = regexp.MustCompile(`(?:^|[\s/"'(` + "`" + `])tokenflexd"?,?((?: +[a-z-]+)+)([^\n|` + "`" + `#]*)`)
	longFlag    = regexp.MustCompile(`--([a-z][a-z-]+)`)
	variable    = regexp.MustCompile(`TOKENFLEXD_([A-Z_]+)`)
)

// Every command, flag and variable of tokenflexd that a deployment file or the operators' pages name is one of the binary's.
func TestWhatOperatorsCopyExists(t *testing.T) {
	texts := deployed(t, "*")
	for _, page := range []string{"../docs/self-host.md", "../docs/operations.md", "../docs/sign-in.md", "../README.md"} {
		b, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		texts[page] = string(b)
	}
	help := make(map[string]string)
	of := func(command string) string {
		if _, known := help[command]; !known {
			out, _ := tokenflexd(t, 0, append(strings.Fields(command), "--help")...)
			help[command] = out
		}
		return help[command]
	}
	root := of("")
	serve := of("serve") + of("backup") + of("healthcheck") + of("migrate")
	commands := 0
	for name, text := range texts {
		for _, v := range variable.FindAllStringSubmatch(text, -1) {
			flag := strings.ToLower(strings.ReplaceAll(strings.TrimSuffix(strings.Trim(v[1], "_"), "_FILE"), "_", "-"))
			if flag != "config" && !strings.Contains(serve, "--"+flag+" ") {
				t.Errorf("%s names %s, and there is no --%s", name, v[0], flag)
			}
		}
		for _, c := range commandLine.FindAllStringSubmatch(text, -1) {
			words := strings.Fields(c[1])
			if !regexp.MustCompile(`(?m)^  ` + words[0] + ` `).MatchString(root) {
				continue // a sentence about tokenflexd
			}
			command := words[0]
			if len(words) > 1 && regexp.MustCompile(`(?m)^  `+words[1]+` `).MatchString(of(words[0])) {
				command += " " + words[1]
			}
			commands++
			for _, f := range longFlag.FindAllStringSubmatch(c[2], -1) {
				if !regexp.MustCompile(`--` + f[1] + `\b`).MatchString(of(command)) {
					t.Errorf("%s says tokenflexd %s --%s, which it does not have", name, command, f[1])
				}
			}
		}
	}
	if commands < 20 {
		t.Errorf("only %d commands were found", commands)
	}
	tokenflexd(t, 0, "config", "check", "--config", filepath.Join(deployment, "systemd/tokenflexd.toml"))
}

func TestManifestsAreYAML(t *testing.T) {
	for name, text := range deployed(t, "*.yaml") {
		d := yaml.NewDecoder(strings.NewReader(text))
		for n := 0; ; n++ {
			var v map[string]any
			if err := d.Decode(&v); errors.Is(err, io.EOF) && n > 0 {
				break
			} else if err != nil {
				t.Errorf("%s: %v", name, err)
				break
			}
		}
	}
}

// What kustomize takes is there, and a container mounts only what its pod has.
func TestKubernetesHangsTogether(t *testing.T) {
	type pod struct {
		Containers []struct {
			VolumeMounts []struct{ Name string } `yaml:"volumeMounts"`
		}
		Volumes []struct{ Name string }
	}
	var listed struct{ Resources []string }
	read := func(name string, into any) {
		b, err := os.ReadFile(filepath.Join(deployment, "kubernetes", name))
		if err == nil {
			err = yaml.Unmarshal(b, into)
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	read("kustomization.yaml", &listed)
	mounts := 0
	for _, name := range listed.Resources {
		var o struct {
			Spec struct {
				Template             struct{ Spec pod }
				VolumeClaimTemplates []struct{ Metadata struct{ Name string } } `yaml:"volumeClaimTemplates"`
			}
		}
		read(name, &o)
		has := make(map[string]bool)
		for _, v := range o.Spec.Template.Spec.Volumes {
			has[v.Name] = true
		}
		for _, v := range o.Spec.VolumeClaimTemplates {
			has[v.Metadata.Name] = true
		}
		for _, c := range o.Spec.Template.Spec.Containers {
			for _, m := range c.VolumeMounts {
				if mounts++; !has[m.Name] {
					t.Errorf("%s mounts %s, which its pod lacks", name, m.Name)
				}
			}
		}
	}
	if mounts < 3 {
		t.Errorf("%d mounts were found", mounts)
	}
}

// The scripts of the compose file make what its servers log in with, on a real PostgreSQL.
func TestComposeScripts(t *testing.T) {
	roles, _ := tokenflexd(t, 0, "migrate", "--roles")
	if b, err := os.ReadFile(filepath.Join(deployment, "compose/10-roles.sql")); err != nil || string(b) != roles {
		t.Errorf("deploy/compose/10-roles.sql is not what tokenflexd migrate --roles prints: %v", err)
	}
	dir := t.TempDir()
	script, err := filepath.Abs(filepath.Join(deployment, "compose/secrets.sh"))
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command("sh", script)
	c.Dir = dir
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("secrets.sh: %v\n%s", err, out)
	}
	if info, err := os.Stat(filepath.Join(dir, "secrets")); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder of secrets: %v, %v", info, err)
	}
	password, err := os.ReadFile(filepath.Join(dir, "secrets/app_password"))
	if err != nil || len(password) != 48 {
		t.Errorf("a password of %d characters, %v", len(password), err)
	}
	dsn, err := os.ReadFile(filepath.Join(dir, "secrets/app_dsn"))
	if want := "postgres://tf_app:" + string(password) + "@db/tokenflex?sslmode=disable"; err != nil || string(dsn) != want {
		t.Errorf("the address is %s, %v", dsn, err)
	}
	if cluster == nil {
		t.Skip("PostgreSQL is not installed")
	}
	_, _, admin := newDatabase(t)
	config, err := pgx.ParseConfig(admin)
	if err != nil {
		t.Fatal(err)
	}
	c = exec.Command("sh", filepath.Join(filepath.Dir(script), "20-passwords.sh"))
	c.Env = append(os.Environ(), "POSTGRES_USER=postgres", "POSTGRES_DB="+config.Database, "PGHOST="+config.Host, "SECRETS="+filepath.Join(dir, "secrets"))
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("20-passwords.sh: %v\n%s", err, out)
	}
	conn, err := pgx.ConnectConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	var n int
	if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM pg_authid WHERE rolname IN ('tf_owner', 'tf_app') AND rolpassword LIKE 'SCRAM-SHA-256$%'").Scan(&n); err != nil || n != 2 {
		t.Errorf("%d of two roles have a password, %v", n, err)
	}
}

// systemd takes the units as they are, where it is installed.
func TestUnitsAreTaken(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("systemd-analyze is not installed")
	}
	dir := t.TempDir()
	var units []string
	for _, pattern := range []string{"*.service", "*.socket", "*.timer"} {
		for name, text := range deployed(t, pattern) {
			unit := filepath.Join(dir, filepath.Base(name))
			text = strings.ReplaceAll(text, "/usr/local/bin/tokenflexd", filepath.Join(bin, "tokenflexd"))
			if err := os.WriteFile(unit, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			units = append(units, unit)
		}
	}
	out, err := exec.Command(analyze, append([]string{"verify", "--man=no"}, units...)...).CombinedOutput()
	for line := range strings.Lines(string(out)) {
		if strings.Contains(line, "tokenflexd") { // others' units are not ours to judge
			t.Error(line)
		}
	}
	if err != nil && strings.Contains(string(out), "tokenflexd") {
		t.Error(err)
	}
}

// nginx takes its sample, where it is installed.
func TestNginxTakesItsSample(t *testing.T) {
	nginx, err := exec.LookPath("nginx")
	if err != nil {
		nginx, err = exec.LookPath("/usr/sbin/nginx") // outside the path of who is not root
	}
	if err != nil {
		t.Skip("nginx is not installed")
	}
	dir := t.TempDir()
	key := filepath.Join(dir, "privkey.pem")
	if out, err := exec.Command("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", filepath.Join(dir, "fullchain.pem"), "-days", "1", "-subj", "/CN=x").CombinedOutput(); err != nil {
		t.Skipf("openssl: %s", out)
	}
	sample := filepath.Join(dir, "tokenflexd.conf")
	text := deployed(t, "tokenflexd.conf")[filepath.Join(deployment, "nginx/tokenflexd.conf")]
	if err := os.WriteFile(sample, []byte(strings.ReplaceAll(text, "/etc/ssl/board.example", dir)), 0o600); err != nil {
		t.Fatal(err)
	}
	var temporary strings.Builder
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		temporary.WriteString(kind + "_temp_path " + filepath.Join(dir, kind) + "; ")
	}
	whole := "pid " + dir + "/pid; error_log " + dir + "/error; events {} http { access_log off; " + temporary.String() + "include " + sample + "; }"
	main := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(main, []byte(whole), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(nginx, "-t", "-p", dir, "-c", main).CombinedOutput(); err != nil {
		t.Errorf("nginx -t: %v\n%s", err, out)
	}
}
