#!/bin/sh
# Generates the Go code of things/v1 by pinned tools, which come as Go modules.
#
#   generate.sh         writes it
#   generate.sh check   fails if what is there is not what would be written
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
