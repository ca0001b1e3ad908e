# Wine prefixes for winerun and run-script, which source this: each run has one of its own, a copy of a template that is made once.
# Its files are linked, but for the registry, which Wine writes in place. Sets root, prefixes, wine, wineserver; begin_run sets work.
root=$(dirname "$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")")
prefixes=${FSIMAGE_WINE_PREFIXES:-$root/build/wine}
wine=/usr/lib/wine/wine64
wineserver=/usr/lib/wine/wineserver64
[[ -x $wineserver ]] || wineserver=/usr/lib/wine/wineserver
export WINEDEBUG=${WINEDEBUG:--all} WINEDLLOVERRIDES="mscoree,mshtml,winedbg.exe,winemenubuilder.exe=d" LC_ALL=C.UTF-8
unset DISPLAY

copy_prefix() { cp -al "$1" "$2" && cp --remove-destination "$1"/*.reg "$2"; }

make_template() {
  [[ -d $prefixes/template ]] && return
  rm -rf "$prefixes/new"
  WINEPREFIX=$prefixes/new "$wine" wineboot --init >"$prefixes/template.log" 2>&1 </dev/null &&
    WINEPREFIX=$prefixes/new "$wineserver" -w && mv "$prefixes/new" "$prefixes/template"
}

# A folder `work` for this run, which goes when the script ends, with a copy of the prefix $1 in it.
begin_run() {
  find "$prefixes" -maxdepth 1 -name 'run-*' -mmin +600 -exec rm -rf {} +     # of runs that were killed
  work=$(mktemp -d "$prefixes/run-XXXXXX") || return
  export WINEPREFIX=$work/prefix
  trap end_run EXIT
  copy_prefix "$1" "$WINEPREFIX"
}
# The same in the folder $1, whose prefix stays for the next run there: whoever made the folder ends it.
join_session() {
  [[ -d $1/prefix ]] || copy_prefix "$prefixes/template" "$1/prefix" || return
  work=$(mktemp -d "$1/run-XXXXXX") || return
  export WINEPREFIX=$1/prefix
  trap 'rm -rf "$work"' EXIT
}
end_run() {
  "$wineserver" -k 2>/dev/null
  rm -rf "$work"
}

# Output goes through files, as Wine's services would hold a pipe open when the program has ended. Lines end as they do here.
show_output() {
  tr -d '\r' <"$work/out"
  tr -d '\r' <"$work/err" >&2
}
