# shellcheck shell=bash
# Sourced by ./run and ./test, which set `root`: Debian packages and build folders. What it says goes to stderr.

say() { printf '%s\n' "$*" >&2; }

# Of these packages, and those in these lists (files: a name a line, # comments), the ones that are not installed.
# Nothing where there is no dpkg.
missing_packages() {
  command -v dpkg-query >/dev/null || return 0
  local -A installed=()
  local -a wanted=()
  local list line name status
  for list in "$@"; do
    [[ -f $list ]] || { wanted+=("$list"); continue; }
    while read -r line; do
      line=${line%%#*}
      for name in $line; do wanted+=("$name"); done
    done <"$list"
  done
  while read -r name status; do
    [[ $status == installed ]] && installed[$name]=1
  done < <(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "${wanted[@]}" 2>/dev/null)
  for name in "${wanted[@]}"; do
    [[ -v installed[$name] ]] || printf '%s\n' "$name"
  done
}

as_root() {
  if [[ $(id -u) == 0 ]]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    say "Installing packages needs root or sudo. Run as root: apt-get install $missing_now"
    return 1
  fi
}

# Installs what is missing of these packages and lists; asks the package servers only then.
install_packages() {
  local -a missing
  mapfile -t missing < <(missing_packages "$@")
  [[ ${#missing[@]} -eq 0 ]] && return 0
  local missing_now="${missing[*]}"
  say "Installing: $missing_now"
  local -a quietly=(env DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0)
  as_root "${quietly[@]}" update >&2 </dev/null || say "apt-get update failed; trying with the lists that are here"
  as_root "${quietly[@]}" install --no-install-recommends "${missing[@]}" >&2 </dev/null ||
    { say "These packages could not be installed: $missing_now"; return 1; }
}

# source_package NAME FILE SHA256 [PART...]: the upstream part of a Debian source package in build/sources/NAME, unpacked once, or
# only those of its folders. It comes from where the binary packages come from; asking there for all sources that there are
# would take minutes.
source_package() {
  local name=$1 file=$2 sum=$3 folder=$root/build/sources pool letter=${1:0:1}
  shift 3
  [[ -d $folder/$name ]] && return 0
  [[ $name == lib* ]] && letter=${name:0:4}
  pool=$(apt-get indextargets --format '$(REPO_URI)' "Created-By: Packages" "Origin: Debian" | grep -v security | head -n 1)
  say "Fetching the source of $name"
  rm -rf "$folder/.$name" && mkdir -p "$folder/.$name/new" || return
  { /usr/lib/apt/apt-helper -qq -o APT::Sandbox::User=root download-file "${pool}pool/main/$letter/$name/$file" \
    "$folder/.$name/$file" "SHA256:$sum" >&2 </dev/null && tar -xf "$folder/.$name/$file" -C "$folder/.$name/new" --strip-components=1 --wildcards \
    --no-wildcards-match-slash "${@/#/*/}" &&
    mv "$folder/.$name/new" "$folder/$name"; } || { say "The source of $name could not be fetched"; return 1; }
  rm -rf "$folder/.$name"
}

# Whether build/PRESET is configured, and for this checkout: a copied folder still points to where it came from.
configured() {
  local folder=$root/build/$1
  [[ -f $folder/build.ninja ]] && grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$folder/CMakeCache.txt" 2>/dev/null
}

# configure PRESET [CMAKE-ARGUMENT...]
configure() {
  local preset=$1 fresh=()
  shift
  [[ -e $root/build/$preset/CMakeCache.txt ]] && ! configured "$preset" && fresh=(--fresh)
  (cd "$root" && cmake "${fresh[@]}" --preset "$preset" "$@")
}

# Runs a command while nobody else changes the build folders.
with_build_lock() {
  mkdir -p "$root/build" && [[ -w $root/build ]] || { say "$root/build cannot be written"; return 1; }
  { { flock -n 9 || { say "Waiting for a build that is under way in $root/build"; flock 9; }; } && "$@" 9>&-; } 9>"$root/build/.lock"
}
