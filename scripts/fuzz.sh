#!/bin/sh
# Runs every fuzz target of the module with the given number of inputs each (5000x), or for the given time (30s).
# A package is compiled once for all its targets.
set -eu
time=${1:-5000x}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for package in $(grep -rl --include='*_test.go' '^func Fuzz' . | xargs -n1 dirname | sort -u); do
	${GO:-go} test -c -fuzz Fuzz -o "$work/test" "$package"
	for target in $(grep -h '^func Fuzz' "$package"/*_test.go | sed 's/func \(Fuzz[A-Za-z0-9_]*\).*/\1/'); do
		echo "fuzz $package $target"
		(cd "$package" && "$work/test" -test.run '^$' -test.fuzz "^$target\$" -test.fuzztime "$time" -test.fuzzminimizetime 20x \
			-test.fuzzcachedir "$work/found") >"$work/out" 2>&1 || { cat "$work/out"; exit 1; }
	done
done
