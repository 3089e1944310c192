#!/bin/sh
# Generates the Go code of things/v1 with pinned tools, which are Go modules.
#
#   generate.sh         writes the code
#   generate.sh check   fails if the existing code differs from the generated code
set -eu
cd "$(dirname "$0")"
buf() { go run github.com/bufbuild/buf/cmd/buf@v1.75.0 "$@"; }

case "${1-}" in
'') buf generate ;;
check)
	fresh=$(mktemp -d)
	trap 'rm -rf "$fresh"' EXIT
	buf lint
	buf generate --output "$fresh"
	diff -ru -x '*.proto' things "$fresh/things"
	;;
*)
	echo "usage: generate.sh [check]" >&2
	exit 2
	;;
esac
