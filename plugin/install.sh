#!/bin/sh
# Adds the plugin to Claude Code, or takes it away. Without a flag it only says what it would do.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
settings=${CLAUDE_CONFIG_DIR:-$HOME/.claude}/settings.json
claude=${CLAUDE:-claude}
copy=$settings.before-mai-$(date +%Y%m%dT%H%M%S)

usage() {
  echo "Usage: sh install.sh [--apply | --uninstall]" >&2
  exit 4
}

[ $# -le 1 ] || usage
case ${1:-} in
  "")
    echo "A dry run; nothing is changed. With --apply:"
    if [ -e "$settings" ]; then echo "  copy  $settings"; echo "  to    $copy"; fi
    echo "  run   $claude plugin marketplace add $here"
    echo "  run   $claude plugin install mai@mai"
    echo "--uninstall takes both away again."
    ;;
  --apply)
    "$claude" plugin validate "$here" >/dev/null
    if [ -e "$settings" ]; then cp -p "$settings" "$copy"; echo "Your settings are kept in $copy"; fi
    "$claude" plugin marketplace add "$here"
    "$claude" plugin install mai@mai
    ;;
  --uninstall)
    "$claude" plugin uninstall mai@mai
    "$claude" plugin marketplace remove mai
    ;;
  *) usage ;;
esac
